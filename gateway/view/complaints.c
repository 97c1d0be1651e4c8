/*
 * complaints.c - rows of state.db, the earliest due first.
 */
#include "view/complaints.h"

const char *const complaint_states[] = { "open", "overdue", "answered", NULL };

#define KEYS "due, key"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, party, operator, respondent, note, line, version, reason, received, due, state,"
        " outcome, record, reply, " KEYS
        " FROM complaints WHERE iif(?1 = '', state <> 'answered', state = ?1)"
        " AND (?2 = '' OR operator = ?2) AND" PAGE_BEHIND(KEYS, ">", 2) "ORDER BY due, key" PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_text(query, 2, view_value(question, "operator"));
    return query;
}

static const struct row_column columns[] = {
    { .name = "id", .zh = "投诉", .en = "complaint", .width = 22 },
    { .name = "party", .zh = "来自", .en = "party", .width = 12 },
    { .name = "operator", .zh = "收费方", .en = "operator", .width = 14 },
    { .name = "respondent", .about_zh = "由谁答复", .about_en = "who is to answer" },
    { .name = "note", .zh = "收费单", .en = "note", .width = 24 },
    { .name = "line", .zh = "行", .en = "line", .width = 4 },
    { .name = "list_version", .zh = "清单", .en = "list", .width = 12 },
    { .name = "reason",
      .kind = ROW_CODE,
      .of = "complaint_reasons",
      .zh = "事由",
      .en = "reason",
      .width = 16 },
    { .name = "received", .kind = ROW_TIME, .about_zh = "收到时间", .about_en = "when it was received" },
    { .name = "due", .kind = ROW_TIME, .zh = "答复期限", .en = "due", .width = 16 },
    { .name = "state", .kind = ROW_STATE, .of = "complaints", .zh = "状态", .en = "state" },
    { .name = "outcome", .about_zh = "答复的结果代码", .about_en = "how it was answered, by a code" },
    ROW_OF_RECORD,
    { .name = "reply",
      .kind = ROW_NUMBER,
      .about_zh = "答复的记录，或 0",
      .about_en = "the record of the answer, or 0" },
};

const struct rows complaints_rows = {
    .name = "complaints",
    ROWS_COLUMNS(columns),
    .max = COMPLAINTS_ROWS_MAX,
    .keys = "nt",
    .ask = ask,
    .none_zh = "没有待答复的投诉",
    .none_en = "no complaint awaits an answer",
    .no_such_zh = "没有这样的投诉",
    .no_such_en = "no such complaints",
};
