/*
 * waivers.c - rows of state.db, the newest first.
 */
#include "view/waivers.h"

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const waiver_states[] = { "asked", "granted", "denied", "settled", NULL };

struct waiver {
    const char *id, *party, *operator, * respondent, *note, *booking, *state;
    stamp received;
    int64_t record, last;
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, party, operator, respondent, note_id, booking_id, state, received, record,"
        " last FROM waivers WHERE iif(?1 = '', state IN ('asked', 'granted'), state = ?1)"
        " AND (?2 = '' OR party = ?2 OR respondent = ?2) ORDER BY received DESC, record DESC"
        " LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_string(query, 2, sight_own(question->viewer));
    store_bind_int(query, 3, WAIVERS_ROWS_MAX + 1);
    return query;
}

static struct waiver read_row(struct store_query *query, struct arena *arena) {
    return (struct waiver){ arena_copy(arena, store_text(query, 0)),
                            arena_copy(arena, store_text(query, 1)),
                            arena_copy(arena, store_text(query, 2)),
                            arena_copy(arena, store_text(query, 3)),
                            arena_copy(arena, store_text(query, 4)),
                            arena_copy(arena, store_text(query, 5)),
                            arena_copy(arena, store_text(query, 6)),
                            store_int(query, 7),
                            store_int(query, 8),
                            store_int(query, 9) };
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct waiver row = read_row(query, question->arena);
    char received[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "id", row.id);
    json_put_string(out, "party", row.party);
    json_put_string(out, "operator", row.operator);
    json_put_string(out, "respondent", row.respondent);
    json_put_string(out, "note", row.note);
    json_put_string(out, "booking", row.booking);
    json_put_string(out, "received", stamp_print(row.received, received));
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("waivers", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("waivers", row.state, LANGUAGE_EN));
    json_put_int(out, "record", row.record);
    json_put_int(out, "last", row.last);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "免单申请" : "waiver", 22);
    column_left(out, zh ? "来自" : "party", 12);
    column_left(out, zh ? "收费方" : "operator", 14);
    column_left(out, zh ? "收费单" : "note", 24);
    column_left(out, zh ? "查验预约" : "booking", 22);
    column_left(out, zh ? "收到" : "received", 16);
    buf_add_string(out, zh ? "状态" : "state");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct waiver row = read_row(query, question->arena);
    char received[STAMP_TEXT_MAX];
    stamp_print(row.received, received);
    received[16] = '\0';
    column_left(out, row.id, 22);
    column_left(out, row.party, 12);
    column_left(out, row.operator, 14);
    column_left(out, row.note, 24);
    column_left(out, row.booking, 22);
    column_left(out, received, 16);
    buf_add_string(out, name_of_state("waivers", row.state, question->language));
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "waivers",
    .max = WAIVERS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有免单申请",
    .none_en = "no such waivers",
};

enum status waivers_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status waivers_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
