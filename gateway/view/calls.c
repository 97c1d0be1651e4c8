/*
 * calls.c - rows of state.db that the viewer may see, the latest expected first.
 */
#include "view/calls.h"

#include "view/columns.h"
#include "view/names.h"

struct call {
    const char *port, *vessel, *imo, *voyage, *party, *mode, *state, *reason, *lacks;
    stamp eta, at;
    int64_t record, result;
};

/* Whose business the ships of a port are. */
static bool sees_all(const struct party *viewer) {
    static const char *const roles[] = { "office", "customs", "terminal" };
    return !viewer || party_first_role(viewer, roles, sizeof(roles) / sizeof(*roles));
}

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT port, vessel, imo, voyage, party, mode, state, reason, lacks, eta, at, record, result"
        " FROM vessel_calls WHERE (?1 = '' OR imo = ?1) AND (?2 = '' OR party = ?2)"
        " ORDER BY eta DESC, key LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "vessel"));
    store_bind_string(query, 2, sees_all(question->viewer) ? "" : question->viewer->code);
    store_bind_int(query, 3, CALLS_ROWS_MAX + 1);
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

enum status calls_json(const struct view_question *question, struct json_out *out) {
    enum status status = STATUS_OK;
    char eta[STAMP_TEXT_MAX], at[STAMP_TEXT_MAX];
    size_t rows = 0;
    struct store_query *query = ask(question);
    json_open_object(out, NULL);
    json_open_array(out, "calls");
    while (store_step(query, &status) && rows++ < CALLS_ROWS_MAX) {
        struct call call = read_row(query, question->arena);
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
    }
    store_reset(query);
    json_close_array(out);
    json_put_bool(out, "more", rows > CALLS_ROWS_MAX);
    json_close_object(out);
    return status;
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

enum status calls_print(const struct view_question *question, struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    char eta[STAMP_TEXT_MAX];
    size_t rows = 0;
    struct store_query *query = ask(question);
    while (store_step(query, &status) && rows++ < CALLS_ROWS_MAX) {
        struct call call = read_row(query, question->arena);
        if (rows == 1) {
            print_head(zh, out);
        }
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
    }
    store_reset(query);
    if (rows > CALLS_ROWS_MAX) {
        buf_add_string(out, zh ? "……还有更多\n" : "... and more\n");
    } else if (!rows) {
        buf_add_string(out, zh ? "没有船舶航次\n" : "no vessel calls\n");
    }
    return status;
}
