/*
 * backlog.c - open deliveries, oldest first for each party, and before them held causes and answers that
 * wait.
 */
#include "view/backlog.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/stamp.h"
#include "engine/delivery.h"
#include "engine/parts/held.h"
#include "view/columns.h"
#include "view/reason.h"

const char *const backlog_states[] = {
#define X(outcome, text, state, what) state,
    DELIVERY_LIST(X)
#undef X
        "kept", /* nothing is sent to a party without transport: it fetches for itself */
    NULL,
};

#define TOTALS "SELECT party, state, count(*) AS n, min(record) FROM deliveries WHERE state = "
#define ROWS                                                                                             \
    "SELECT record, party, subject, family, route, state, attempts, reason, next, words FROM deliveries" \
    " WHERE state = "
#define OF_PARTY " AND (?1 = '' OR party = ?1)"

/* Open deliveries stand in small indexes of their own (state.c), which only a literal state finds. */
static struct store_query *ask(struct state *state, struct text party, struct text delivery_state,
                               const char *open, const char *of_state) {
    struct store_query *query = store_query(state_store(state), delivery_state.length ? of_state : open);
    store_bind_text(query, 1, party.at ? party : TEXT(""));
    if (delivery_state.length) {
        store_bind_text(query, 2, delivery_state);
    }
    return query;
}

static struct store_query *ask_totals(struct state *state, struct text party, struct text delivery_state) {
    return ask(state, party, delivery_state,
               TOTALS "'waiting'" OF_PARTY " GROUP BY party UNION ALL " TOTALS "'parked'" OF_PARTY
                      " GROUP BY party ORDER BY party, state",
               TOTALS "?2" OF_PARTY " GROUP BY party ORDER BY party");
}

/* One row more than is shown, so that we know whether there are more. */
static struct store_query *ask_rows(struct state *state, struct text party, struct text delivery_state) {
    struct store_query *query = ask(state, party, delivery_state,
                                    ROWS "'waiting'" OF_PARTY " UNION ALL " ROWS "'parked'" OF_PARTY
                                         " ORDER BY party, record LIMIT ?3",
                                    ROWS "?2" OF_PARTY " ORDER BY party, record LIMIT ?3");
    store_bind_int(query, 3, BACKLOG_ROWS_MAX + 1);
    return query;
}

/* --- held causes ---------------------------------------------------------------------------------------- */

static struct store_query *ask_held(struct state *state, struct text party) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT record, kind, what, ifnull(party, ''), ifnull(family, ''), ifnull(own_id, ''), since, reason"
        " FROM held LEFT JOIN messages ON number = record"
        " WHERE state = 'held' AND (?1 = '' OR party = ?1) ORDER BY record LIMIT ?2");
    store_bind_text(query, 1, party.at ? party : TEXT(""));
    store_bind_int(query, 2, BACKLOG_ROWS_MAX);
    return query;
}

static enum status put_held(struct state *state, struct text party, struct json_out *out) {
    enum status status = STATUS_OK;
    char since[STAMP_TEXT_MAX];
    struct arena *arena = arena_new();
    struct store_query *query = ask_held(state, party);
    json_open_array(out, "held");
    while (store_step(query, &status)) {
        const char *reason = arena_copy(arena, store_text(query, 7));
        json_open_object(out, NULL);
        json_put_int(out, "record", store_int(query, 0));
        json_put_text(out, "kind", store_text(query, 1));
        json_put_text(out, "what", store_text(query, 2));
        json_put_text(out, "party", store_text(query, 3));
        json_put_text(out, "family", store_text(query, 4));
        json_put_text(out, "id", store_text(query, 5));
        json_put_string(out, "since", stamp_print(store_int(query, 6), since));
        json_put_string(out, "reason", reason);
        json_put_string(out, "zh", held_reason_sentence(reason, LANGUAGE_ZH));
        json_put_string(out, "en", held_reason_sentence(reason, LANGUAGE_EN));
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    arena_free(arena);
    return status;
}

static void print_held_row(struct store_query *query, struct arena *arena, enum language language,
                           struct buf *out) {
    char since[STAMP_TEXT_MAX];
    stamp_print(store_int(query, 6), since);
    since[16] = '\0';
    bool message = store_text(query, 4).length != 0;
    column_left(out, arena_printf(arena, "%lld", (long long)store_int(query, 0)), 10);
    column_left(out, since, 17);
    column_left(out, arena_copy(arena, store_text(query, message ? 4 : 1)), 18);
    column_left(out, arena_copy(arena, store_text(query, 3)), 12);
    column_left(out, arena_copy(arena, store_text(query, message ? 5 : 2)), 28);
    buf_add_string(out, held_reason_sentence(arena_copy(arena, store_text(query, 7)), language));
    column_end(out);
}

static enum status print_held(struct state *state, struct text party, enum language language, size_t *rows,
                              struct buf *out) {
    bool zh = language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    struct arena *arena = arena_new();
    size_t count = 0;
    struct store_query *query = ask_held(state, party);
    while (store_step(query, &status)) {
        if (count++ == 0) {
            column_left(out, zh ? "暂挂" : "held", 10);
            column_left(out, zh ? "起于" : "since", 17);
            column_left(out, zh ? "种类" : "family", 18);
            column_left(out, zh ? "来自" : "party", 12);
            column_left(out, zh ? "编号" : "id", 28);
            buf_add_string(out, zh ? "原因" : "reason");
            column_end(out);
        }
        print_held_row(query, arena, language, out);
    }
    store_reset(query);
    arena_free(arena);
    *rows += count;
    return status;
}

/* "3 d", "5 h", "12 min" */
static const char *age_of(struct arena *arena, stamp span, bool zh) {
    long long minutes = span > 0 ? (long long)(span / (60 * STAMP_SECOND)) : 0;
    return minutes < 120       ? arena_printf(arena, zh ? "%lld 分" : "%lld min", minutes)
           : minutes < 48 * 60 ? arena_printf(arena, zh ? "%lld 小时" : "%lld h", minutes / 60)
                               : arena_printf(arena, zh ? "%lld 天" : "%lld d", minutes / (24 * 60));
}

/* --- messages in quarantine ----------------------------------------------------------------------------- */

static struct store_query *ask_quarantined(struct state *state, struct text party) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT record, party, family, own_id, since FROM quarantine JOIN messages ON number ="
        " record WHERE state = 'quarantined' AND (?1 = '' OR party = ?1) ORDER BY record LIMIT ?2");
    store_bind_text(query, 1, party.at ? party : TEXT(""));
    store_bind_int(query, 2, BACKLOG_ROWS_MAX);
    return query;
}

static enum status put_quarantined(struct state *state, struct text party, stamp now, struct json_out *out) {
    enum status status = STATUS_OK;
    char since[STAMP_TEXT_MAX];
    struct store_query *query = ask_quarantined(state, party);
    json_open_array(out, "quarantined");
    while (store_step(query, &status)) {
        json_open_object(out, NULL);
        json_put_int(out, "record", store_int(query, 0));
        json_put_text(out, "party", store_text(query, 1));
        json_put_text(out, "family", store_text(query, 2));
        json_put_text(out, "id", store_text(query, 3));
        json_put_string(out, "since", stamp_print(store_int(query, 4), since));
        json_put_int(out, "age_s", (now - store_int(query, 4)) / STAMP_SECOND);
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status print_quarantined(struct state *state, struct text party, enum language language,
                                     stamp now, bool apart, size_t *rows, struct buf *out) {
    bool zh = language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    char since[STAMP_TEXT_MAX];
    struct arena *arena = arena_new();
    size_t count = 0;
    struct store_query *query = ask_quarantined(state, party);
    while (store_step(query, &status)) {
        if (count++ == 0) {
            buf_add_string(out, apart ? "\n" : "");
            column_left(out, zh ? "隔离" : "unrouted", 10);
            column_left(out, zh ? "起于" : "since", 17);
            column_left(out, zh ? "已等" : "age", 8);
            column_left(out, zh ? "种类" : "family", 18);
            column_left(out, zh ? "来自" : "party", 12);
            buf_add_string(out, zh ? "编号" : "id");
            column_end(out);
        }
        stamp_print(store_int(query, 4), since);
        since[16] = '\0';
        column_left(out, arena_printf(arena, "%lld", (long long)store_int(query, 0)), 10);
        column_left(out, since, 17);
        column_left(out, age_of(arena, now - store_int(query, 4), zh), 8);
        column_left(out, arena_copy(arena, store_text(query, 2)), 18);
        column_left(out, arena_copy(arena, store_text(query, 1)), 12);
        buf_add_text(out, store_text(query, 3));
        column_end(out);
    }
    store_reset(query);
    arena_free(arena);
    *rows += count;
    return status;
}

/* --- answers of customs that wait ----------------------------------------------------------------------- */

static struct store_query *ask_answers(struct state *state) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT a.record, a.customs, a.answers_id, a.seq_no, a.entry_number, a.event, m.recorded FROM"
        " answers a"
        " JOIN messages m ON m.number = a.record WHERE a.party = '' ORDER BY a.record LIMIT ?");
    store_bind_int(query, 1, BACKLOG_ROWS_MAX);
    return query;
}

static enum status put_answers(struct state *state, stamp now, struct json_out *out) {
    static const char *const names[] = { "customs", "id", "seq_no", "entry_number", "event" };
    enum status status = STATUS_OK;
    char since[STAMP_TEXT_MAX];
    struct store_query *query = ask_answers(state);
    json_open_array(out, "answers");
    while (store_step(query, &status)) {
        json_open_object(out, NULL);
        json_put_int(out, "record", store_int(query, 0));
        for (int i = 0; i < 5; i++) {
            json_put_text(out, names[i], store_text(query, i + 1));
        }
        json_put_string(out, "since", stamp_print(store_int(query, 6), since));
        json_put_int(out, "age_s", (now - store_int(query, 6)) / STAMP_SECOND);
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static void print_answer(struct store_query *query, struct arena *arena, bool zh, stamp now,
                         struct buf *out) {
    static const int widths[] = { 12, 22, 20, 20 };
    char since[STAMP_TEXT_MAX];
    stamp_print(store_int(query, 6), since);
    since[16] = '\0';
    column_left(out, arena_printf(arena, "%lld", (long long)store_int(query, 0)), 10);
    column_left(out, since, 17);
    column_left(out, age_of(arena, now - store_int(query, 6), zh), 8);
    for (int i = 0; i < 4; i++) {
        column_left(out, arena_copy(arena, store_text(query, i + 1)), widths[i]);
    }
    buf_add_text(out, store_text(query, 5));
    column_end(out);
}

static enum status print_answers(struct state *state, enum language language, stamp now, bool apart,
                                 size_t *rows, struct buf *out) {
    bool zh = language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    struct arena *arena = arena_new();
    size_t count = 0;
    struct store_query *query = ask_answers(state);
    while (store_step(query, &status)) {
        if (count++ == 0) {
            buf_add_string(out, apart ? "\n" : "");
            column_left(out, zh ? "待关联" : "answer", 10);
            column_left(out, zh ? "起于" : "since", 17);
            column_left(out, zh ? "已等" : "age", 8);
            column_left(out, zh ? "海关" : "customs", 12);
            column_left(out, zh ? "所答编号" : "answers id", 22);
            column_left(out, zh ? "统一编号" : "SeqNo", 20);
            column_left(out, zh ? "海关编号" : "entry number", 20);
            buf_add_string(out, zh ? "状态" : "what");
            column_end(out);
        }
        print_answer(query, arena, zh, now, out);
    }
    store_reset(query);
    arena_free(arena);
    *rows += count;
    return status;
}

/* --- deliveries ----------------------------------------------------------------------------------------- */

static void put_row(struct store_query *query, struct json_out *out) {
    char id[200], next[STAMP_TEXT_MAX];
    struct text party = store_text(query, 1);
    snprintf(id, sizeof(id), "%lld/" TEXT_FORMAT, (long long)store_int(query, 0), TEXT_ARGS(party));
    json_open_object(out, NULL);
    json_put_string(out, "id", id);
    json_put_int(out, "record", store_int(query, 0));
    json_put_text(out, "party", party);
    json_put_text(out, "subject", store_text(query, 2));
    json_put_text(out, "family", store_text(query, 3));
    json_put_text(out, "route", store_text(query, 4));
    json_put_text(out, "state", store_text(query, 5));
    json_put_int(out, "attempts", store_int(query, 6));
    reason_put(store_text(query, 7), store_text(query, 9), out);
    json_put_string(out, "next", store_int(query, 8) ? stamp_print(store_int(query, 8), next) : NULL);
    json_close_object(out);
}

enum status backlog_json(const struct view_question *question, struct json_out *out) {
    struct state *state = question->source->state;
    struct text party = view_value(question, "party"), delivery_state = view_value(question, "state");
    enum status status = STATUS_OK;
    struct store_query *query = ask_totals(state, party, delivery_state);
    json_open_object(out, NULL);
    json_open_array(out, "totals");
    while (store_step(query, &status)) {
        json_open_object(out, NULL);
        json_put_text(out, "party", store_text(query, 0));
        json_put_text(out, "state", store_text(query, 1));
        json_put_int(out, "n", store_int(query, 2));
        json_put_int(out, "oldest", store_int(query, 3));
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    if (status != STATUS_OK) {
        return status;
    }

    size_t rows = 0;
    query = ask_rows(state, party, delivery_state);
    json_open_array(out, "deliveries");
    while (store_step(query, &status) && rows++ < BACKLOG_ROWS_MAX) {
        put_row(query, out);
    }
    store_reset(query);
    json_close_array(out);
    json_put_bool(out, "more", rows > BACKLOG_ROWS_MAX);
    if (status == STATUS_OK && !delivery_state.length) {
        status = put_held(state, party, out);
    }
    if (status == STATUS_OK && !delivery_state.length) {
        status = put_quarantined(state, party, question->now, out);
    }
    if (status == STATUS_OK && !delivery_state.length && !party.length) {
        status = put_answers(state, question->now, out);
    }
    json_close_object(out);
    return status;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "投递" : "delivery", 24);
    column_left(out, zh ? "状态" : "state", 9);
    column_right(out, zh ? "次数" : "tries", 5);
    column_left(out, zh ? "种类" : "family", 18);
    column_left(out, zh ? "货物" : "subject", 28);
    column_left(out, zh ? "下次" : "next", 16);
    buf_add_string(out, zh ? "原因" : "reason");
    column_end(out);
}

static void print_row(struct store_query *query, struct arena *arena, enum language language,
                      struct buf *out) {
    char next[STAMP_TEXT_MAX];
    bool due = store_int(query, 8) != 0;
    stamp_print(store_int(query, 8), next);
    next[16] = '\0';
    struct text party = store_text(query, 1);
    const char *id =
        arena_printf(arena, "%lld/" TEXT_FORMAT, (long long)store_int(query, 0), TEXT_ARGS(party));
    column_left(out, id, 24);
    column_left(out, arena_copy(arena, store_text(query, 5)), 9);
    column_right(out, arena_printf(arena, "%lld", (long long)store_int(query, 6)), 5);
    column_left(out, arena_copy(arena, store_text(query, 3)), 18);
    column_left(out, arena_copy(arena, store_text(query, 2)), 28);
    column_left(out, due ? next : "", 16);
    reason_print(store_text(query, 7), store_text(query, 9), language, out);
    column_end(out);
}

enum status backlog_print(const struct view_question *question, struct buf *out) {
    struct state *state = question->source->state;
    struct text party = view_value(question, "party"), delivery_state = view_value(question, "state");
    enum language language = question->language;
    bool zh = language == LANGUAGE_ZH;
    size_t above = 0, rows = 0; /* rows that are no deliveries */
    enum status status = delivery_state.length ? STATUS_OK : print_held(state, party, language, &above, out);
    if (status == STATUS_OK && !delivery_state.length) {
        status = print_quarantined(state, party, language, question->now, above > 0, &above, out);
    }
    if (status == STATUS_OK && !delivery_state.length && !party.length) {
        status = print_answers(state, language, question->now, above > 0, &above, out);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct store_query *query = ask_rows(state, party, delivery_state);
    struct arena *arena = arena_new();
    while (store_step(query, &status) && rows++ < BACKLOG_ROWS_MAX) {
        if (rows == 1) {
            buf_add_string(out, above ? "\n" : "");
            print_head(zh, out);
        }
        print_row(query, arena, language, out);
    }
    store_reset(query);
    arena_free(arena);
    if (rows > BACKLOG_ROWS_MAX) {
        buf_add_string(out, zh ? "……还有更多\n" : "... and more\n");
    } else if (!rows && !above) {
        buf_add_string(out, zh ? "没有等待或搁置的投递\n" : "nothing waits and nothing is parked\n");
    }
    return status;
}
