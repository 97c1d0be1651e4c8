/*
 * labs.c - what the registry has of each laboratory, a row for each of its scopes.
 */
#include "view/labs.h"

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"

struct row {
    const char *lab, *name, *status, *hs, *method;
    int64_t valid_from, valid_until, record;
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT key, name, status, ifnull(hs, ''), ifnull(method, ''), ifnull(valid_from, 0),"
        " ifnull(valid_until, 0), record FROM labs LEFT JOIN lab_scopes ON lab = key"
        " WHERE ?1 = '' OR (status = 'ACCEPTED' AND hs = substr(?1, 1, length(hs)) AND valid_from <= ?2"
        " AND valid_until > ?2) ORDER BY key, hs, method, valid_from LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "hs"));
    store_bind_int(query, 2, stamp_day(question->now));
    store_bind_int(query, 3, LABS_ROWS_MAX + 1);
    return query;
}

static struct row read_row(struct store_query *query, struct arena *arena) {
    return (struct row){ arena_copy(arena, store_text(query, 0)),
                         arena_copy(arena, store_text(query, 1)),
                         arena_copy(arena, store_text(query, 2)),
                         arena_copy(arena, store_text(query, 3)),
                         arena_copy(arena, store_text(query, 4)),
                         store_int(query, 5),
                         store_int(query, 6),
                         store_int(query, 7) };
}

/* "": it has no scope, or no end. */
static const char *day_text(const struct row *row, int64_t day, char out[STAMP_TEXT_MAX]) {
    return !*row->hs || day == DAY_OPEN ? "" : day_print((int32_t)day, out);
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    char day[STAMP_TEXT_MAX];
    const struct row row = read_row(query, question->arena);
    json_open_object(out, NULL);
    json_put_string(out, "laboratory", row.lab);
    json_put_string(out, "name", row.name);
    json_put_string(out, "status", row.status);
    json_put_string(out, "status_zh", name_of_code(question, "lab_statuses", row.status, LANGUAGE_ZH));
    json_put_string(out, "status_en", name_of_code(question, "lab_statuses", row.status, LANGUAGE_EN));
    json_put_string(out, "hs", row.hs);
    json_put_string(out, "method", row.method);
    json_put_string(out, "valid_from", day_text(&row, row.valid_from, day));
    json_put_string(out, "valid_until", day_text(&row, row.valid_until, day));
    json_put_int(out, "record", row.record);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "机构" : "laboratory", 14);
    column_left(out, zh ? "名称" : "name", 30);
    column_left(out, zh ? "状态" : "status", 10);
    column_left(out, zh ? "商品编号" : "HS", 13);
    column_left(out, zh ? "方法" : "method", 20);
    column_left(out, zh ? "自" : "from", 10);
    buf_add_string(out, zh ? "至（不含）" : "until");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    char day[STAMP_TEXT_MAX];
    const struct row row = read_row(query, question->arena);
    column_left(out, row.lab, 14);
    column_left(out, row.name, 30);
    column_left(out, name_of_code(question, "lab_statuses", row.status, question->language), 10);
    column_left(out, row.hs, 13);
    column_left(out, row.method, 20);
    column_left(out, day_text(&row, row.valid_from, day), 10);
    buf_add_string(out, day_text(&row, row.valid_until, day));
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "scopes",
    .max = LABS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有采信机构",
    .none_en = "no laboratory is registered for that",
};

enum status labs_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status labs_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
