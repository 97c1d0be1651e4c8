/*
 * dangerous.c - rows of state.db that the viewer may see, what awaits an answer first.
 */
#include "view/dangerous.h"

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const dangerous_states[] = { "declared", "selected", "returned", "permitted", "refused", NULL };

struct dangerous {
    const char *declaration, *applicant, *party, *port, *direction, *bill, *vessel, *voyage, *goods, *why_zh,
        *why_en, *audit, *state;
    stamp expected, at;
    int64_t lot, selected, record, answer;
};

#define TEXTS 13

/* Who answers for the ports that it serves, or handles goods there. */
static const char *ports_of(const struct view_question *question) {
    static const char *const roles[] = { "customs", "maritime", "terminal" };
    const char *ports = "";
    for (size_t i = 0; !*ports && i < sizeof(roles) / sizeof(*roles); i++) {
        ports = sight_served(question, roles[i]);
    }
    return ports;
}

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, applicant, party, port, direction, bill, vessel, voyage, goods, why_zh, why_en,"
        " audit, state, expected, at, drawn, selected, record, answer FROM dangerous_goods"
        " WHERE (?1 = '' OR bill = ?1) AND (?2 = '' OR state = ?2)"
        " AND (?3 = '' OR party = ?3 OR ?4 = '*' OR instr(?4, '|' || port || '|'))"
        " ORDER BY state NOT IN ('declared', 'selected'), record DESC LIMIT ?5");
    store_bind_text(query, 1, view_value(question, "bill"));
    store_bind_text(query, 2, view_value(question, "state"));
    store_bind_string(query, 3, sight_own(question->viewer));
    store_bind_string(query, 4, ports_of(question));
    store_bind_int(query, 5, DANGEROUS_ROWS_MAX + 1);
    return query;
}

static struct dangerous read_row(struct store_query *query, struct arena *arena) {
    const char *texts[TEXTS];
    for (int i = 0; i < TEXTS; i++) {
        texts[i] = arena_copy(arena, store_text(query, i));
    }
    return (struct dangerous){ .declaration = texts[0],
                               .applicant = texts[1],
                               .party = texts[2],
                               .port = texts[3],
                               .direction = texts[4],
                               .bill = texts[5],
                               .vessel = texts[6],
                               .voyage = texts[7],
                               .goods = texts[8],
                               .why_zh = texts[9],
                               .why_en = texts[10],
                               .audit = texts[11],
                               .state = texts[12],
                               .expected = store_int(query, 13),
                               .at = store_int(query, 14),
                               .lot = store_int(query, 15),
                               .selected = store_int(query, 16),
                               .record = store_int(query, 17),
                               .answer = store_int(query, 18) };
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    char expected[STAMP_TEXT_MAX], at[STAMP_TEXT_MAX];
    const struct dangerous row = read_row(query, question->arena);
    json_open_object(out, NULL);
    json_put_string(out, "declaration", row.declaration);
    json_put_string(out, "applicant", row.applicant);
    json_put_string(out, "party", row.party);
    json_put_string(out, "port", row.port);
    json_put_string(out, "direction", row.direction);
    json_put_string(out, "bill", row.bill);
    json_put_string(out, "vessel", row.vessel);
    json_put_string(out, "voyage", row.voyage);
    json_put_string(out, "expected", stamp_print(row.expected, expected));
    json_put_string(out, "goods", row.goods);
    json_put_int(out, "lot", row.lot);
    json_put_bool(out, "selected", row.selected != 0);
    json_put_string(out, "why_zh", row.why_zh);
    json_put_string(out, "why_en", row.why_en);
    json_put_string(out, "audit", row.audit);
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("dangerous_goods", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("dangerous_goods", row.state, LANGUAGE_EN));
    json_put_string(out, "at", stamp_print(row.at, at));
    json_put_int(out, "record", row.record);
    json_put_int(out, "answer", row.answer);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "申报" : "declaration", 16);
    column_left(out, zh ? "提单" : "bill", 16);
    column_left(out, zh ? "预计" : "expected", 16);
    column_left(out, zh ? "货物" : "goods", 24);
    column_right(out, zh ? "抽查号" : "lot", 6);
    column_left(out, zh ? "状态" : "state", 24);
    buf_add_string(out, zh ? "原因" : "why");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    char expected[STAMP_TEXT_MAX];
    const struct dangerous row = read_row(query, question->arena);
    stamp_print(row.expected, expected);
    expected[10] = ' ';
    expected[16] = '\0';
    column_left(out, row.declaration, 16);
    column_left(out, row.bill, 16);
    column_left(out, expected, 16);
    column_left(out, row.goods, 24);
    column_right(out, arena_printf(question->arena, "%lld", (long long)row.lot), 6);
    column_left(out, name_of_state("dangerous_goods", row.state, question->language), 24);
    buf_add_string(out, question->language == LANGUAGE_ZH ? row.why_zh : row.why_en);
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "dangerous_goods",
    .max = DANGEROUS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有危险货物申报",
    .none_en = "no dangerous goods",
};

enum status dangerous_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status dangerous_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
