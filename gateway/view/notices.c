/*
 * notices.c - rows of state.db that the viewer may see, what is not acknowledged first.
 */
#include "view/notices.h"

#include "view/sight.h"

const char *const notice_states[] = { "sent", "queried", "received", NULL };

enum { TRADER = 4, TRADER_NAME };

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT CAST(n.number AS TEXT), n.own_id, n.party, n.entry, n.trader, n.name, n.bill, n.amount,"
        " p.party, p.role, n.at, p.state, p.replied, p.reply, p.reason FROM export_notice_parties p"
        " JOIN export_notices n ON n.number = p.number WHERE n.number > 0 AND (?1 = '' OR p.state = ?1)"
        " AND (?2 = '' OR p.party = ?2) AND (?3 = '' OR n.party = ?3 OR p.party = ?3)"
        " ORDER BY p.state = 'received', iif(p.state = 'received', -n.number, n.number), p.party LIMIT ?4");
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_text(query, 2, view_value(question, "party"));
    store_bind_string(query, 3, sight_own(question->viewer));
    store_bind_int(query, 4, NOTICES_ROWS_MAX + 1);
    return query;
}

static const char *exporter_of(const struct view_question *question, const union row_cell *cells,
                               enum language language) {
    (void)question, (void)language;
    return *cells[TRADER_NAME].text ? cells[TRADER_NAME].text : cells[TRADER].text;
}

static const struct row_column columns[] = {
    { .name = "notice", .zh = "编号", .en = "notice", .width = 8 },
    { .name = "declaration" },
    { .name = "declarant" },
    { .name = "entry", .zh = "海关编号", .en = "entry", .width = 18 },
    [TRADER] = { .name = "trader" },
    [TRADER_NAME] = { .name = "trader_name" },
    { .kind = ROW_MADE, .words = exporter_of, .zh = "出口企业", .en = "exporter", .width = 20 },
    { .name = "bill" },
    { .name = "amount", .zh = "金额", .en = "amount", .width = 16 },
    { .name = "told", .zh = "告知", .en = "told", .width = 12 },
    { .name = "role" },
    { .name = "sent", .kind = ROW_TIME, .zh = "时间", .en = "at", .width = 16 },
    { .name = "state", .kind = ROW_STATE, .of = "export_notices", .zh = "状态", .en = "state", .width = 16 },
    { .name = "replied", .kind = ROW_TIME },
    { .name = "reply", .kind = ROW_NUMBER },
    { .name = "reason", .zh = "原因", .en = "reason" },
};

const struct rows notices_rows = {
    .name = "notices",
    ROWS_COLUMNS(columns),
    .max = NOTICES_ROWS_MAX,
    .ask = ask,
    .none_zh = "没有出口信息",
    .none_en = "no notices of exports",
};
