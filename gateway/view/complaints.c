/*
 * complaints.c - rows of state.db, the earliest due first.
 */
#include "view/complaints.h"

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"

const char *const complaint_states[] = { "open", "overdue", "answered", NULL };

struct complaint {
    const char *id, *party, *operator, * respondent, *note, *line, *version, *reason, *state, *outcome;
    stamp received, due;
    int64_t record, reply;
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, party, operator, respondent, note, line, version, reason, state, outcome, received,"
        " due, record, reply FROM complaints WHERE iif(?1 = '', state <> 'answered', state = ?1)"
        " AND (?2 = '' OR operator = ?2) ORDER BY due, record LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_text(query, 2, view_value(question, "operator"));
    store_bind_int(query, 3, COMPLAINTS_ROWS_MAX + 1);
    return query;
}

static struct complaint read_row(struct store_query *query, struct arena *arena) {
    const char *texts[10];
    for (int i = 0; i < 10; i++) {
        texts[i] = arena_copy(arena, store_text(query, i));
    }
    return (struct complaint){ texts[0],
                               texts[1],
                               texts[2],
                               texts[3],
                               texts[4],
                               texts[5],
                               texts[6],
                               texts[7],
                               texts[8],
                               texts[9],
                               store_int(query, 10),
                               store_int(query, 11),
                               store_int(query, 12),
                               store_int(query, 13) };
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct complaint row = read_row(query, question->arena);
    char received[STAMP_TEXT_MAX], due[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "id", row.id);
    json_put_string(out, "party", row.party);
    json_put_string(out, "operator", row.operator);
    json_put_string(out, "respondent", row.respondent);
    json_put_string(out, "note", row.note);
    json_put_string(out, "line", row.line);
    json_put_string(out, "list_version", row.version);
    json_put_string(out, "reason", row.reason);
    json_put_string(out, "reason_zh", name_of_code(question, "complaint_reasons", row.reason, LANGUAGE_ZH));
    json_put_string(out, "reason_en", name_of_code(question, "complaint_reasons", row.reason, LANGUAGE_EN));
    json_put_string(out, "received", stamp_print(row.received, received));
    json_put_string(out, "due", stamp_print(row.due, due));
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("complaints", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("complaints", row.state, LANGUAGE_EN));
    json_put_string(out, "outcome", row.outcome);
    json_put_int(out, "record", row.record);
    json_put_int(out, "reply", row.reply);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "投诉" : "complaint", 22);
    column_left(out, zh ? "来自" : "party", 12);
    column_left(out, zh ? "收费方" : "operator", 14);
    column_left(out, zh ? "收费单" : "note", 24);
    column_left(out, zh ? "行" : "line", 4);
    column_left(out, zh ? "清单" : "list", 12);
    column_left(out, zh ? "事由" : "reason", 16);
    column_left(out, zh ? "答复期限" : "due", 16);
    buf_add_string(out, zh ? "状态" : "state");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct complaint row = read_row(query, question->arena);
    char due[STAMP_TEXT_MAX];
    stamp_print(row.due, due);
    due[16] = '\0';
    column_left(out, row.id, 22);
    column_left(out, row.party, 12);
    column_left(out, row.operator, 14);
    column_left(out, row.note, 24);
    column_left(out, row.line, 4);
    column_left(out, row.version, 12);
    column_left(out, name_of_code(question, "complaint_reasons", row.reason, question->language), 16);
    column_left(out, due, 16);
    buf_add_string(out, name_of_state("complaints", row.state, question->language));
    column_end(out);
    return STATUS_OK;
}

static struct rows answer(const struct view_question *question) {
    bool asked = view_value(question, "state").length > 0;
    return (struct rows){
        .name = "complaints",
        .max = COMPLAINTS_ROWS_MAX,
        .put = put_row,
        .print = print_row,
        .head = print_head,
        .none_zh = asked ? "没有这样的投诉" : "没有待答复的投诉",
        .none_en = asked ? "no such complaints" : "no complaint awaits an answer",
    };
}

enum status complaints_json(const struct view_question *question, struct json_out *out) {
    const struct rows rows = answer(question);
    return rows_json(question, &rows, ask(question), NULL, out);
}

enum status complaints_print(const struct view_question *question, struct buf *out) {
    const struct rows rows = answer(question);
    return rows_text(question, &rows, ask(question), NULL, out);
}
