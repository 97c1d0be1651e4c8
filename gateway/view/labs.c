/*
 * labs.c - what the registry has of each laboratory, a row for each of its scopes.
 */
#include "view/labs.h"

#define KEYS "key, ifnull(hs, ''), ifnull(method, ''), ifnull(valid_from, ?4)"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT key, name, status, ifnull(hs, ''), ifnull(method, ''), ifnull(valid_from, ?4),"
        " ifnull(valid_until, ?4), record, " KEYS " FROM labs LEFT JOIN lab_scopes ON lab = key"
        " WHERE (?1 = '' OR (status = 'ACCEPTED' AND hs = substr(?1, 1, length(hs)) AND valid_from <= ?2"
        " AND valid_until > ?2)) AND" PAGE_BEHIND(KEYS, ">", 4) "ORDER BY " KEYS PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "hs"));
    store_bind_int(query, 2, stamp_day(question->now));
    store_bind_int(query, 4, DAY_OPEN); /* it has no scope */
    return query;
}

static const struct row_column columns[] = {
    { .name = "laboratory", .zh = "机构", .en = "laboratory", .width = 14 },
    { .name = "name", .zh = "名称", .en = "name", .width = 30 },
    { .name = "status", .kind = ROW_CODE, .of = "lab_statuses", .zh = "状态", .en = "status", .width = 10 },
    { .name = "hs", .zh = "商品编号", .en = "HS", .width = 13 },
    { .name = "method", .zh = "方法", .en = "method", .width = 20 },
    { .name = "valid_from", .kind = ROW_DAY, .zh = "自", .en = "from", .width = 10 },
    { .name = "valid_until", .kind = ROW_DAY, .zh = "至（不含）", .en = "until" },
    ROW_OF_RECORD,
};

const struct rows labs_rows = {
    .name = "scopes",
    ROWS_COLUMNS(columns),
    .max = LABS_ROWS_MAX,
    .keys = "tttn",
    .ask = ask,
    .none_zh = "没有采信机构",
    .none_en = "no laboratory is registered for that",
};
