/*
 * notices.c - rows of state.db that the viewer may see, what is not acknowledged first.
 */
#include "view/notices.h"

#include <string.h>

#include "view/sight.h"

const char *const notice_states[] = { "sent", "queried", "received", "replaced", NULL };

enum { KIND = 1, TRADER = 5, TRADER_NAME };

/* What waits comes first, the oldest before the others. */
#define ENDED "p.state IN ('received', 'replaced')"
#define KEYS  ENDED ", iif(" ENDED ", -p.number, p.number), p.party"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT CAST(p.number AS TEXT), p.kind, n.own_id, n.party, p.entry, n.trader, n.name, n.bill,"
        " p.amount, p.party, p.role, p.at, p.state, p.replied, p.reply, p.reason,"
        " iif(p.replaces > 0, CAST(p.replaces AS TEXT), ''), iif(p.by > 0, CAST(p.by AS TEXT), ''), " KEYS
        " FROM export_notice_parties p JOIN export_notices n ON n.key = p.key WHERE (?1 = '' OR p.state = ?1)"
        " AND (?2 = '' OR p.party = ?2) AND (?3 = '' OR n.party = ?3 OR p.party = ?3)"
        " AND" PAGE_BEHIND(KEYS, ">", 3) "ORDER BY " KEYS PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_text(query, 2, view_value(question, "party"));
    store_bind_string(query, 3, sight_own(question->viewer));
    return query;
}

static const char *exporter_of(const struct view_question *question, const union row_cell *cells,
                               enum language language) {
    (void)question, (void)language;
    return *cells[TRADER_NAME].text ? cells[TRADER_NAME].text : cells[TRADER].text;
}

/* What is told; the last stands for any that has no other word. */
static const struct {
    const char *kind, *zh, *en;
} kinds[] = {
    { "amendment", "更正", "amended" },
    { "withdrawal", "撤回", "withdrawn" },
    { "notice", "出口", "left" },
};

static const char *kind_of(const struct view_question *question, const union row_cell *cells,
                           enum language language) {
    size_t i = 0;
    (void)question;
    while (i + 1 < sizeof(kinds) / sizeof(*kinds) && strcmp(kinds[i].kind, cells[KIND].text) != 0) {
        i++;
    }
    return language == LANGUAGE_ZH ? kinds[i].zh : kinds[i].en;
}

static const struct row_column columns[] = {
    { .name = "notice", .zh = "编号", .en = "notice", .width = 8 },
    [KIND] = { .name = "kind", .about_zh = "内容代码", .about_en = "what was told, by a code" },
    { .name = "declaration", .about_zh = "报关单", .about_en = "the declaration" },
    { .name = "declarant", .about_zh = "申报人", .about_en = "who declared it" },
    { .name = "entry", .zh = "海关编号", .en = "entry", .width = 18 },
    [TRADER] = { .name = "trader", .about_zh = "出口企业代码", .about_en = "the exporter, by its code" },
    [TRADER_NAME] = { .name = "trader_name",
                      .about_zh = "出口企业名称",
                      .about_en = "what the exporter is called" },
    { .kind = ROW_MADE, .words = kind_of, .zh = "内容", .en = "what", .width = 10 },
    { .kind = ROW_MADE, .words = exporter_of, .zh = "出口企业", .en = "exporter", .width = 20 },
    { .name = "bill", .about_zh = "提单", .about_en = "the bill of lading" },
    { .name = "amount", .zh = "金额", .en = "amount", .width = 16 },
    { .name = "told", .zh = "告知", .en = "told", .width = 12 },
    { .name = "role",
      .about_zh = "所告知者为谁：税务、信保或银行",
      .about_en = "who was told: tax office, insurer or bank" },
    { .name = "sent", .kind = ROW_TIME, .zh = "时间", .en = "at", .width = 16 },
    { .name = "state", .kind = ROW_STATE, .of = "export_notices", .zh = "状态", .en = "state", .width = 16 },
    { .name = "replied", .kind = ROW_TIME, .about_zh = "何时确认", .about_en = "when it was acknowledged" },
    { .name = "reply",
      .kind = ROW_NUMBER,
      .about_zh = "确认的记录，或 0",
      .about_en = "the record of the acknowledgement, or 0" },
    { .name = "reason", .zh = "原因", .en = "reason" },
    { .name = "replaces", .about_zh = "所替代的信息", .about_en = "the notice that it replaces" },
    { .name = "replaced_by", .about_zh = "替代它的信息", .about_en = "the notice that replaces it" },
};

const struct rows notices_rows = {
    .name = "notices",
    ROWS_COLUMNS(columns),
    .max = NOTICES_ROWS_MAX,
    .keys = "nnt",
    .ask = ask,
    .none_zh = "没有出口信息",
    .none_en = "no notices of exports",
};
