/*
 * waivers.c - rows of state.db, the newest first.
 */
#include "view/waivers.h"

#include "view/sight.h"

const char *const waiver_states[] = { "asked", "granted", "denied", "settled", NULL };

#define KEYS "received, key"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, party, operator, respondent, note_id, booking_id, received, state, record,"
        " last, " KEYS " FROM waivers WHERE iif(?1 = '', state IN ('asked', 'granted'), state = ?1)"
        " AND (?2 = '' OR party = ?2 OR respondent = ?2) AND" PAGE_BEHIND(
            KEYS, "<", 2) "ORDER BY received DESC, key DESC" PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_string(query, 2, sight_own(question->viewer));
    return query;
}

static const struct row_column columns[] = {
    { .name = "id", .zh = "免单申请", .en = "waiver", .width = 22 },
    { .name = "party", .zh = "来自", .en = "party", .width = 12 },
    { .name = "operator", .zh = "收费方", .en = "operator", .width = 14 },
    { .name = "respondent", .about_zh = "由谁答复", .about_en = "who is to answer" },
    { .name = "note", .zh = "收费单", .en = "note", .width = 24 },
    { .name = "booking", .zh = "查验预约", .en = "booking", .width = 22 },
    { .name = "received", .kind = ROW_TIME, .zh = "收到", .en = "received", .width = 16 },
    { .name = "state", .kind = ROW_STATE, .of = "waivers", .zh = "状态", .en = "state" },
    ROW_OF_RECORD,
    ROW_OF_LAST,
};

const struct rows waivers_rows = {
    .name = "waivers",
    ROWS_COLUMNS(columns),
    .max = WAIVERS_ROWS_MAX,
    .keys = "nt",
    .ask = ask,
    .none_zh = "没有免单申请",
    .none_en = "no such waivers",
};
