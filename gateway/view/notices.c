/*
 * notices.c - rows of state.db that the viewer may see, what is not acknowledged first.
 */
#include "view/notices.h"

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const notice_states[] = { "sent", "queried", "received", NULL };

struct notice {
    const char *declaration, *declarant, *entry, *trader, *trader_name, *bill, *amount, *told, *role, *state,
        *reason;
    int64_t number, reply;
    stamp sent, replied;
};

#define TEXTS 11

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT n.own_id, n.party, n.entry, n.trader, n.name, n.bill, n.amount, p.party, p.role, p.state,"
        " p.reason, n.number, p.reply, n.at, p.replied FROM export_notice_parties p JOIN export_notices n"
        " ON n.number = p.number WHERE n.number > 0 AND (?1 = '' OR p.state = ?1)"
        " AND (?2 = '' OR p.party = ?2) AND (?3 = '' OR n.party = ?3 OR p.party = ?3)"
        " ORDER BY p.state = 'received', iif(p.state = 'received', -n.number, n.number), p.party LIMIT ?4");
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_text(query, 2, view_value(question, "party"));
    store_bind_string(query, 3, sight_own(question->viewer));
    store_bind_int(query, 4, NOTICES_ROWS_MAX + 1);
    return query;
}

static struct notice read_row(struct store_query *query, struct arena *arena) {
    const char *texts[TEXTS];
    for (int i = 0; i < TEXTS; i++) {
        texts[i] = arena_copy(arena, store_text(query, i));
    }
    return (struct notice){ .declaration = texts[0],
                            .declarant = texts[1],
                            .entry = texts[2],
                            .trader = texts[3],
                            .trader_name = texts[4],
                            .bill = texts[5],
                            .amount = texts[6],
                            .told = texts[7],
                            .role = texts[8],
                            .state = texts[9],
                            .reason = texts[10],
                            .number = store_int(query, 11),
                            .reply = store_int(query, 12),
                            .sent = store_int(query, 13),
                            .replied = store_int(query, 14) };
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    char sent[STAMP_TEXT_MAX], replied[STAMP_TEXT_MAX];
    const struct notice row = read_row(query, question->arena);
    json_open_object(out, NULL);
    json_put_string(out, "notice", arena_printf(question->arena, "%lld", (long long)row.number));
    json_put_string(out, "declaration", row.declaration);
    json_put_string(out, "declarant", row.declarant);
    json_put_string(out, "entry", row.entry);
    json_put_string(out, "trader", row.trader);
    json_put_string(out, "trader_name", row.trader_name);
    json_put_string(out, "bill", row.bill);
    json_put_string(out, "amount", row.amount);
    json_put_string(out, "told", row.told);
    json_put_string(out, "role", row.role);
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("export_notices", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("export_notices", row.state, LANGUAGE_EN));
    json_put_string(out, "sent", stamp_print(row.sent, sent));
    json_put_string(out, "replied", row.replied ? stamp_print(row.replied, replied) : "");
    json_put_int(out, "reply", row.reply);
    json_put_string(out, "reason", row.reason);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "编号" : "notice", 8);
    column_left(out, zh ? "海关编号" : "entry", 18);
    column_left(out, zh ? "出口企业" : "exporter", 20);
    column_left(out, zh ? "金额" : "amount", 16);
    column_left(out, zh ? "告知" : "told", 12);
    column_left(out, zh ? "时间" : "at", 16);
    column_left(out, zh ? "状态" : "state", 16);
    buf_add_string(out, zh ? "原因" : "reason");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    char sent[STAMP_TEXT_MAX];
    const struct notice row = read_row(query, question->arena);
    stamp_print(row.sent, sent);
    sent[10] = ' ';
    sent[16] = '\0';
    column_left(out, arena_printf(question->arena, "%lld", (long long)row.number), 8);
    column_left(out, row.entry, 18);
    column_left(out, *row.trader_name ? row.trader_name : row.trader, 20);
    column_left(out, row.amount, 16);
    column_left(out, row.told, 12);
    column_left(out, sent, 16);
    column_left(out, name_of_state("export_notices", row.state, question->language), 16);
    buf_add_string(out, row.reason);
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "notices",
    .max = NOTICES_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有出口信息",
    .none_en = "no notices of exports",
};

enum status notices_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status notices_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
