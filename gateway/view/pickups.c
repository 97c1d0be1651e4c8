/*
 * pickups.c - rows of state.db, the newest first. The token is made for its holder, and is shown where it
 * has the digest that was granted.
 */
#include "view/pickups.h"

#include <string.h>

#include "engine/pick_up_token.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const pickup_states[] = { "open", "replaced", "used", NULL };

struct pickup {
    const char *id, *party, *subject, *container, *truck, *digest, *gate, *state;
    stamp released, until, used_at;
    int64_t record, used;
    const char *token;
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT own_id, party, subject, container, truck, digest, gate, state, released, until,"
                    " used_at, record, used FROM pickups WHERE state = iif(?1 = '', 'open', ?1)"
                    " AND (?2 = '' OR party = ?2 OR gate = ?2) ORDER BY record DESC LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_string(query, 2, sight_own(question->viewer));
    store_bind_int(query, 3, PICKUPS_ROWS_MAX + 1);
    return query;
}

static const char *token_of(const struct view_question *question, const struct pickup *row) {
    const struct edition *edition = question->source->edition;
    const struct pick_up pick_up = { row->subject,  row->container, row->truck,
                                     row->released, row->until,     (uint64_t)row->record };
    if (!question->viewer || strcmp(question->viewer->code, row->party) != 0
        || strcmp(row->state, "open") != 0 || question->now >= row->until || !edition
        || !edition->pick_up_key) {
        return "";
    }
    const char *token = pick_up_token(edition, &pick_up, question->arena);
    return strcmp(pick_up_digest(token, question->arena), row->digest) == 0 ? token : "";
}

static struct pickup read_row(const struct view_question *question, struct store_query *query) {
    const char *texts[8];
    for (int i = 0; i < 8; i++) {
        texts[i] = arena_copy(question->arena, store_text(query, i));
    }
    struct pickup row = { texts[0],
                          texts[1],
                          texts[2],
                          texts[3],
                          texts[4],
                          texts[5],
                          texts[6],
                          texts[7],
                          store_int(query, 8),
                          store_int(query, 9),
                          store_int(query, 10),
                          store_int(query, 11),
                          store_int(query, 12),
                          "" };
    row.token = token_of(question, &row);
    return row;
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct pickup row = read_row(question, query);
    char until[STAMP_TEXT_MAX], used_at[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "id", row.id);
    json_put_string(out, "party", row.party);
    json_put_string(out, "subject", row.subject);
    json_put_string(out, "container", row.container);
    json_put_string(out, "truck", row.truck);
    json_put_string(out, "until", stamp_print(row.until, until));
    json_put_string(out, "gate", row.gate);
    json_put_string(out, "used_at", row.used_at ? stamp_print(row.used_at, used_at) : "");
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("pickups", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("pickups", row.state, LANGUAGE_EN));
    json_put_string(out, "token", row.token);
    json_put_int(out, "record", row.record);
    json_put_int(out, "used", row.used);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "提箱申请" : "pick-up", 18);
    column_left(out, zh ? "来自" : "party", 12);
    column_left(out, zh ? "箱号" : "container", 11);
    column_left(out, zh ? "车牌" : "truck", 10);
    column_left(out, zh ? "有效至" : "until", 16);
    column_left(out, zh ? "闸口" : "gate", 12);
    column_left(out, zh ? "状态" : "state", 12);
    buf_add_string(out, zh ? "凭证" : "token");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct pickup row = read_row(question, query);
    char until[STAMP_TEXT_MAX];
    stamp_print(row.until, until);
    until[16] = '\0';
    column_left(out, row.id, 18);
    column_left(out, row.party, 12);
    column_left(out, row.container, 11);
    column_left(out, row.truck, 10);
    column_left(out, until, 16);
    column_left(out, row.gate, 12);
    column_left(out, name_of_state("pickups", row.state, question->language), 12);
    buf_add_string(out, row.token);
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "pickups",
    .max = PICKUPS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有电子提箱凭证",
    .none_en = "no such pick-ups",
};

enum status pickups_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status pickups_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
