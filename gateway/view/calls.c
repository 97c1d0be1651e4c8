/*
 * calls.c - rows of state.db that the viewer may see, the latest expected first.
 */
#include "view/calls.h"

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

struct call {
    const char *port, *vessel, *imo, *voyage, *party, *mode, *state, *reason, *lacks;
    stamp eta, at;
    int64_t record, result;
};

/* Whose business the ships of a port are. */
static const char *ports_of(const struct view_question *question) {
    const char *as_customs = sight_served(question, "customs");
    return *as_customs ? as_customs : sight_served(question, "terminal");
}

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT port, vessel, imo, voyage, party, mode, state, reason, lacks, eta, at, record, result"
        " FROM vessel_calls WHERE (?1 = '' OR imo = ?1) AND (?2 = '' OR party = ?2 OR ?3 = '*'"
        " OR instr(?3, '|' || port || '|')) ORDER BY eta DESC, key LIMIT ?4");
    store_bind_text(query, 1, view_value(question, "vessel"));
    store_bind_string(query, 2, sight_own(question->viewer));
    store_bind_string(query, 3, ports_of(question));
    store_bind_int(query, 4, CALLS_ROWS_MAX + 1);
    return query;
}

static struct call read_row(struct store_query *query, struct arena *arena) {
    return (struct call){ arena_copy(arena, store_text(query, 0)),
                          arena_copy(arena, store_text(query, 1)),
                          arena_copy(arena, store_text(query, 2)),
                          arena_copy(arena, store_text(query, 3)),
                          arena_copy(arena, store_text(query, 4)),
                          arena_copy(arena, store_text(query, 5)),
                          arena_copy(arena, store_text(query, 6)),
                          arena_copy(arena, store_text(query, 7)),
                          arena_copy(arena, store_text(query, 8)),
                          store_int(query, 9),
                          store_int(query, 10),
                          store_int(query, 11),
                          store_int(query, 12) };
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    char eta[STAMP_TEXT_MAX], at[STAMP_TEXT_MAX];
    const struct call call = read_row(query, question->arena);
    json_open_object(out, NULL);
    json_put_string(out, "port", call.port);
    json_put_string(out, "vessel", call.vessel);
    json_put_string(out, "imo", call.imo);
    json_put_string(out, "voyage", call.voyage);
    json_put_string(out, "party", call.party);
    json_put_string(out, "mode", call.mode);
    json_put_string(out, "eta", stamp_print(call.eta, eta));
    json_put_string(out, "state", call.state);
    json_put_string(out, "state_zh", name_of_state("vessel_calls", call.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("vessel_calls", call.state, LANGUAGE_EN));
    json_put_string(out, "at", stamp_print(call.at, at));
    json_put_string(out, "reason", call.reason);
    json_put_string(out, "lacks", call.lacks);
    json_put_int(out, "record", call.record);
    json_put_int(out, "result", call.result);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "口岸" : "port", 6);
    column_left(out, "IMO", 8);
    column_left(out, zh ? "船名" : "vessel", 20);
    column_left(out, zh ? "航次" : "voyage", 10);
    column_left(out, zh ? "预计抵港" : "expected", 16);
    column_left(out, zh ? "方式" : "mode", 9);
    column_left(out, zh ? "状态" : "state", 24);
    buf_add_string(out, zh ? "须补正" : "to be mended");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    char eta[STAMP_TEXT_MAX];
    const struct call call = read_row(query, question->arena);
    stamp_print(call.eta, eta);
    eta[16] = '\0';
    column_left(out, call.port, 6);
    column_left(out, call.imo, 8);
    column_left(out, call.vessel, 20);
    column_left(out, call.voyage, 10);
    column_left(out, eta, 16);
    column_left(out, call.mode, 9);
    column_left(out, name_of_state("vessel_calls", call.state, question->language), 24);
    buf_add_string(out, call.lacks);
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "calls",
    .max = CALLS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有船舶航次",
    .none_en = "no vessel calls",
};

enum status calls_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status calls_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
