/*
 * backlog.c - open deliveries, oldest first for each party, and before them held causes and answers that
 * wait.
 */
#include "view/backlog.h"

#include "base/arena.h"
#include "base/stamp.h"
#include "engine/delivery.h"
#include "engine/parts/held.h"
#include "view/choice.h"
#include "view/columns.h"
#include "view/page.h"
#include "view/reason.h"
#include "view/set_aside.h"

const char *const backlog_states[] = {
#define X(outcome, text, state, what) state,
    DELIVERY_LIST(X)
#undef X
        "kept", /* nothing is sent to a party without transport: it fetches for itself */
    SET_ASIDE_HELD,
    SET_ASIDE_QUARANTINED,
    NULL,
};

/* --- a page --------------------------------------------------------------------------------------------- */

/* Rows of it that were shown. */
struct page {
    const struct view_question *question;
    size_t shown, limit;
    struct page_keys keys; /* of the last one */
    bool more;
};

static struct page page_of(const struct view_question *question) {
    return (struct page){ .question = question, .limit = page_limit(question, BACKLOG_ROWS_MAX) };
}

/* One row more is asked for than is shown, so that we know whether there are more. */
static bool next_row(struct page *page, struct store_query *query, enum status *status) {
    if (!store_step(query, status)) {
        return false;
    }
    page->more = page->shown == page->limit;
    page->shown += !page->more;
    return !page->more;
}

static void at_row(struct page *page, const char *party, int64_t record) {
    page->keys = (struct page_keys){ { { .text = party }, { .number = record } } };
}

static const char *next_of(const struct page *page) {
    return page->more ? page_cursor(page->question, &page->keys) : NULL;
}

/* Of a record that waits, on a terminal. */
static void print_number_and_since(struct store_query *query, struct arena *arena, struct buf *out) {
    char since[STAMP_TEXT_MAX];
    column_left(out, arena_printf(arena, "%lld", (long long)store_int(query, 0)), 10);
    column_left(out, column_moment(store_int(query, 6), since), 17);
}

/* --- held causes ---------------------------------------------------------------------------------------- */

static enum status put_held(const struct choice *choice, struct page *page, struct json_out *out) {
    enum status status = STATUS_OK;
    char since[STAMP_TEXT_MAX];
    struct arena *arena = arena_new();
    struct store_query *query = set_aside_rows(page->question, SET_ASIDE_HELD, choice);
    json_open_array(out, "held");
    while (next_row(page, query, &status)) {
        at_row(page, "", store_int(query, 0));
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
    print_number_and_since(query, arena, out);
    bool message = store_text(query, 4).length != 0;
    column_left(out, arena_copy(arena, store_text(query, message ? 4 : 1)), 18);
    column_left(out, arena_copy(arena, store_text(query, 3)), 12);
    column_left(out, arena_copy(arena, store_text(query, message ? 5 : 2)), 28);
    buf_add_string(out, held_reason_sentence(arena_copy(arena, store_text(query, 7)), language));
    column_end(out);
}

static enum status print_held(const struct choice *choice, struct page *page, struct buf *out) {
    enum language language = page->question->language;
    bool zh = language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    struct arena *arena = arena_new();
    struct store_query *query = set_aside_rows(page->question, SET_ASIDE_HELD, choice);
    while (next_row(page, query, &status)) {
        at_row(page, "", store_int(query, 0));
        if (page->shown == 1) {
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

static enum status put_quarantined(const struct choice *choice, struct page *page, struct json_out *out) {
    enum status status = STATUS_OK;
    char since[STAMP_TEXT_MAX];
    stamp now = page->question->now;
    struct store_query *query = set_aside_rows(page->question, SET_ASIDE_QUARANTINED, choice);
    json_open_array(out, "quarantined");
    while (next_row(page, query, &status)) {
        at_row(page, "", store_int(query, 0));
        json_open_object(out, NULL);
        json_put_int(out, "record", store_int(query, 0));
        json_put_text(out, "party", store_text(query, 3));
        json_put_text(out, "family", store_text(query, 4));
        json_put_text(out, "id", store_text(query, 5));
        json_put_string(out, "since", stamp_print(store_int(query, 6), since));
        json_put_int(out, "age_s", (now - store_int(query, 6)) / STAMP_SECOND);
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status print_quarantined(const struct choice *choice, struct page *page, bool apart,
                                     struct buf *out) {
    bool zh = page->question->language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    stamp now = page->question->now;
    struct arena *arena = arena_new();
    struct store_query *query = set_aside_rows(page->question, SET_ASIDE_QUARANTINED, choice);
    while (next_row(page, query, &status)) {
        at_row(page, "", store_int(query, 0));
        if (page->shown == 1) {
            buf_add_string(out, apart ? "\n" : "");
            column_left(out, zh ? "隔离" : "unrouted", 10);
            column_left(out, zh ? "起于" : "since", 17);
            column_left(out, zh ? "已等" : "age", 8);
            column_left(out, zh ? "种类" : "family", 18);
            column_left(out, zh ? "来自" : "party", 12);
            buf_add_string(out, zh ? "编号" : "id");
            column_end(out);
        }
        print_number_and_since(query, arena, out);
        column_left(out, age_of(arena, now - store_int(query, 6), zh), 8);
        column_left(out, arena_copy(arena, store_text(query, 4)), 18);
        column_left(out, arena_copy(arena, store_text(query, 3)), 12);
        column_text(out, store_text(query, 5));
        column_end(out);
    }
    store_reset(query);
    arena_free(arena);
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
    print_number_and_since(query, arena, out);
    column_left(out, age_of(arena, now - store_int(query, 6), zh), 8);
    for (int i = 0; i < 4; i++) {
        column_left(out, arena_copy(arena, store_text(query, i + 1)), widths[i]);
    }
    column_text(out, store_text(query, 5));
    column_end(out);
}

static enum status print_answers(struct state *state, enum language language, stamp now, bool apart,
                                 struct buf *out) {
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
    return status;
}

/* --- deliveries ----------------------------------------------------------------------------------------- */

static const char *id_of(struct store_query *row, struct arena *arena) {
    return arena_printf(arena, "%lld/" TEXT_FORMAT, (long long)store_int(row, 0),
                        TEXT_ARGS(store_text(row, 1)));
}

/* "" when it waits behind nothing. */
static const char *behind_of(struct store_query *row, struct arena *arena) {
    long long record = (long long)store_int(row, 11);
    return record ? arena_printf(arena, "%lld/" TEXT_FORMAT, record, TEXT_ARGS(store_text(row, 1))) : "";
}

static void put_row(struct store_query *query, struct arena *arena, struct json_out *out) {
    char moment[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "id", id_of(query, arena));
    json_put_int(out, "record", store_int(query, 0));
    json_put_text(out, "party", store_text(query, 1));
    json_put_text(out, "subject", store_text(query, 2));
    json_put_text(out, "family", store_text(query, 3));
    json_put_text(out, "route", store_text(query, 4));
    json_put_text(out, "state", store_text(query, 5));
    json_put_int(out, "attempts", store_int(query, 6));
    reason_put(store_text(query, 7), store_text(query, 9), out);
    json_put_string(out, "next", store_int(query, 8) ? stamp_print(store_int(query, 8), moment) : NULL);
    json_put_string(out, "updated", stamp_print(store_int(query, 10), moment));
    json_put_string(out, "behind", store_int(query, 11) ? behind_of(query, arena) : NULL);
    json_close_object(out);
}

static enum status put_totals(struct state *state, const struct choice *choice, struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query = choice_groups(state, choice, false);
    json_open_array(out, "totals");
    while (store_step(query, &status)) {
        json_open_object(out, NULL);
        json_put_text(out, "party", store_text(query, 0));
        json_put_text(out, "state", store_text(query, 1));
        json_put_int(out, "n", store_int(query, 4));
        json_put_int(out, "oldest", store_int(query, 5));
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status put_deliveries(const struct choice *choice, struct page *page, struct json_out *out) {
    enum status status = STATUS_OK;
    struct arena *arena = arena_new();
    struct store_query *query = choice_rows(page->question, choice);
    json_open_array(out, "deliveries");
    while (next_row(page, query, &status)) {
        at_row(page, arena_copy(page->question->arena, store_text(query, 1)), store_int(query, 0));
        put_row(query, arena, out);
    }
    store_reset(query);
    json_close_array(out);
    arena_free(arena);
    return status;
}

static bool is_first(const struct view_question *question) {
    return view_value(question, "after").length == 0;
}

/* Records of this state are chosen; or nothing is, and they are told beside the deliveries. */
static bool are_shown(const struct view_question *question, const struct choice *choice,
                      const char *of_state) {
    return text_is(choice->state, of_state) || (choice_is_open(choice) && is_first(question));
}

/* What has its pages is of this state, or is the deliveries: the others tell as much as they may at once. */
static struct page *its_page(const struct choice *choice, const char *of_state, struct page *page,
                             struct page *beside) {
    beside->limit = BACKLOG_ROWS_MAX;
    return text_is(choice->state, of_state) ? page : beside;
}

static const struct shape_member total_members[] = {
    { "party", SHAPE_TEXT, .zh = "目的方", .en = "the destination" },
    { "state", SHAPE_TEXT, .zh = "状态", .en = "the state" },
    { "n", SHAPE_NUMBER, .zh = "多少", .en = "how many" },
    { "oldest", SHAPE_NUMBER, .zh = "其中最早的记录", .en = "the record of the oldest of them" },
    SHAPE_END,
};

static const struct shape_member delivery_members[] = {
    { "id", SHAPE_TEXT, .zh = "投递编号 RECORD/PARTY", .en = "its id, RECORD/PARTY" },
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the record that is delivered" },
    { "party", SHAPE_TEXT, .zh = "目的方", .en = "the destination" },
    { "subject", SHAPE_TEXT, .zh = "货物", .en = "the goods" },
    { "family", SHAPE_TEXT, .zh = "报文种类", .en = "its family" },
    { "route", SHAPE_TEXT, .zh = "所依路由", .en = "the route that sends it" },
    { "state", SHAPE_TEXT, .zh = "waiting、parked、delivered、dropped 或 kept",
      .en = "waiting, parked, delivered, dropped or kept" },
    { "attempts", SHAPE_NUMBER, .zh = "已试次数", .en = "how often it was tried" },
    REASON_MEMBERS(false),
    { "next", SHAPE_TIME, .zh = "下次何时再试", .en = "when it is tried again", .is_optional = true },
    { "updated", SHAPE_TIME, .zh = "状态何时变化", .en = "when it changed last" },
    { "behind", SHAPE_TEXT, .zh = "同一货物中搁置在前的投递",
      .en = "the delivery of the same goods that is parked before it", .is_optional = true },
    SHAPE_END,
};

/* clang-format off */
#define SET_ASIDE_MEMBERS                                                                              \
    { "party", SHAPE_TEXT, .zh = "提交方", .en = "who sent it, or \"\"" },                                         \
    { "family", SHAPE_TEXT, .zh = "报文种类", .en = "its family, or \"\"" },                                       \
    { "id", SHAPE_TEXT, .zh = "报文编号", .en = "its own id, or \"\"" },                                           \
    { "since", SHAPE_TIME, .zh = "起于", .en = "since when it waits" }
/* clang-format on */

static const struct shape_member held_members[] = {
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the record" },
    { "kind", SHAPE_TEXT, .zh = "记录的种类", .en = "its kind" },
    { "what", SHAPE_TEXT, .zh = "定时事件的定时器", .en = "of a tick: its timer" },
    SET_ASIDE_MEMBERS,
    { "reason", SHAPE_TEXT, .zh = "原因代码", .en = "why, by its code" },
    { "", SHAPE_WORDS, .zh = "原因", .en = "the reason in a sentence" },
    SHAPE_END,
};

static const struct shape_member quarantined_members[] = {
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the record" },
    SET_ASIDE_MEMBERS,
    { "age_s", SHAPE_NUMBER, .zh = "已等秒数", .en = "the same in seconds" },
    SHAPE_END,
};

static const struct shape_member answer_members[] = {
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the record" },
    { "customs", SHAPE_TEXT, .zh = "海关", .en = "who answered" },
    { "id", SHAPE_TEXT, .zh = "所答编号", .en = "the id that it answers" },
    { "seq_no", SHAPE_TEXT, .zh = "统一编号", .en = "the number of the single window" },
    { "entry_number", SHAPE_TEXT, .zh = "海关编号", .en = "the number of customs" },
    { "event", SHAPE_TEXT, .zh = "所答内容", .en = "what it tells" },
    { "since", SHAPE_TIME, .zh = "起于", .en = "since when it waits" },
    { "age_s", SHAPE_NUMBER, .zh = "已等秒数", .en = "the same in seconds" },
    SHAPE_END,
};

static const struct shape_member backlog_members[] = {
    { "totals", SHAPE_LIST, .zh = "按目的方与状态合计", .en = "how many of each destination and state",
      .of = SHAPE_OF(total_members), .is_optional = true },
    { "deliveries", SHAPE_LIST, .zh = "投递", .en = "the deliveries", .of = SHAPE_OF(delivery_members),
      .is_optional = true },
    { "held", SHAPE_LIST, .zh = "暂挂的记录", .en = "records that are held", .of = SHAPE_OF(held_members),
      .is_optional = true },
    { "quarantined", SHAPE_LIST, .zh = "隔离的报文", .en = "messages in quarantine",
      .of = SHAPE_OF(quarantined_members), .is_optional = true },
    { "answers", SHAPE_LIST, .zh = "待关联的海关回执",
      .en = "answers of customs of which it is not known whose they are", .of = SHAPE_OF(answer_members),
      .is_optional = true },
    PAGE_MEMBERS,
    SHAPE_END,
};

const struct shape backlog_shape = { .members = backlog_members };

enum status backlog_json(const struct view_question *question, struct json_out *out) {
    struct state *state = question->source->state;
    struct choice choice = choice_of(question);
    struct page page = page_of(question), held = page_of(question), quarantined = page_of(question);
    bool of_deliveries = !set_aside_is_meant(&choice);
    enum status status = STATUS_OK;
    json_open_object(out, NULL);
    if (of_deliveries) {
        status = put_totals(state, &choice, out);
    }
    if (status == STATUS_OK && of_deliveries) {
        status = put_deliveries(&choice, &page, out);
    }
    if (status == STATUS_OK && are_shown(question, &choice, SET_ASIDE_HELD)) {
        status = put_held(&choice, its_page(&choice, SET_ASIDE_HELD, &page, &held), out);
    }
    if (status == STATUS_OK && are_shown(question, &choice, SET_ASIDE_QUARANTINED)) {
        status = put_quarantined(&choice, its_page(&choice, SET_ASIDE_QUARANTINED, &page, &quarantined), out);
    }
    if (status == STATUS_OK && choice_is_open(&choice) && is_first(question)) {
        status = put_answers(state, question->now, out);
    }
    page_put(question, next_of(&page), out);
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
    bool zh = language == LANGUAGE_ZH;
    column_left(out, id_of(query, arena), 24);
    column_left(out, arena_copy(arena, store_text(query, 5)), 9);
    column_right(out, arena_printf(arena, "%lld", (long long)store_int(query, 6)), 5);
    column_left(out, arena_copy(arena, store_text(query, 3)), 18);
    column_left(out, arena_copy(arena, store_text(query, 2)), 28);
    column_left(out, column_moment(store_int(query, 8), next), 16);
    if (store_int(query, 11)) {
        buf_printf(out, zh ? "同一货物的 %s 搁置在前" : "%s of the same goods is parked before it",
                   behind_of(query, arena));
    } else {
        reason_print(store_text(query, 7), store_text(query, 9), language, out);
    }
    column_end(out);
}

static enum status print_deliveries(const struct choice *choice, struct page *page, bool apart,
                                    struct buf *out) {
    enum language language = page->question->language;
    enum status status = STATUS_OK;
    struct arena *arena = arena_new();
    struct store_query *query = choice_rows(page->question, choice);
    while (next_row(page, query, &status)) {
        at_row(page, arena_copy(page->question->arena, store_text(query, 1)), store_int(query, 0));
        if (page->shown == 1) {
            buf_add_string(out, apart ? "\n" : "");
            print_head(language == LANGUAGE_ZH, out);
        }
        print_row(query, arena, language, out);
    }
    store_reset(query);
    arena_free(arena);
    return status;
}

enum status backlog_print(const struct view_question *question, struct buf *out) {
    struct state *state = question->source->state;
    struct choice choice = choice_of(question);
    struct page page = page_of(question), held = page_of(question), quarantined = page_of(question);
    enum language language = question->language;
    size_t above = out->length; /* rows that are no deliveries */
    enum status status = STATUS_OK;
    if (are_shown(question, &choice, SET_ASIDE_HELD)) {
        status = print_held(&choice, its_page(&choice, SET_ASIDE_HELD, &page, &held), out);
    }
    if (status == STATUS_OK && are_shown(question, &choice, SET_ASIDE_QUARANTINED)) {
        status = print_quarantined(&choice, its_page(&choice, SET_ASIDE_QUARANTINED, &page, &quarantined),
                                   out->length > above, out);
    }
    if (status == STATUS_OK && choice_is_open(&choice) && is_first(question)) {
        status = print_answers(state, language, question->now, out->length > above, out);
    }
    if (status == STATUS_OK && !set_aside_is_meant(&choice)) {
        status = print_deliveries(&choice, &page, out->length > above, out);
    }
    if (status == STATUS_OK && out->length == above) {
        buf_add_string(out, language == LANGUAGE_ZH ? "没有等待或搁置的投递\n"
                                                    : "nothing waits and nothing is parked\n");
    }
    page_print(question, next_of(&page), out);
    return status;
}
