#include "view/backlog.h"

#include <stdio.h>

#include "base/stamp.h"

#define OPEN_STATES "(? = '' AND state IN ('waiting', 'parked') OR state = ?)"

static void bind(struct store_query *query, struct text party, struct text delivery_state) {
    party = party.at ? party : TEXT("");
    delivery_state = delivery_state.at ? delivery_state : TEXT("");
    store_bind_text(query, 1, delivery_state);
    store_bind_text(query, 2, delivery_state);
    store_bind_text(query, 3, party);
    store_bind_text(query, 4, party);
}

static struct store_query *ask_totals(struct state *state, struct text party, struct text delivery_state) {
    struct store_query *query = store_query(state_store(state),
        "SELECT party, state, count(*), min(record) FROM deliveries WHERE " OPEN_STATES " AND (? = '' OR party = ?)"
        " GROUP BY party, state ORDER BY party, state");
    bind(query, party, delivery_state);
    return query;
}

/* One row more than is shown, so that we know whether there are more. */
static struct store_query *ask_rows(struct state *state, struct text party, struct text delivery_state) {
    struct store_query *query = store_query(state_store(state),
        "SELECT record, party, subject, family, route, state, attempts, reason, next FROM deliveries WHERE " OPEN_STATES
        " AND (? = '' OR party = ?) ORDER BY party, record LIMIT ?");
    bind(query, party, delivery_state);
    store_bind_int(query, 5, BACKLOG_ROWS_MAX + 1);
    return query;
}

static void put_row(struct store_query *query, struct json_out *out) {
    char id[200], next[STAMP_TEXT_MAX];
    struct text party = store_text(query, 1);
    snprintf(id, sizeof id, "%lld/" TEXT_FORMAT, (long long)store_int(query, 0), TEXT_ARGS(party));
    json_open_object(out, NULL);
    json_put_string(out, "id", id);
    json_put_int(out, "record", store_int(query, 0));
    json_put_text(out, "party", party);
    json_put_text(out, "subject", store_text(query, 2));
    json_put_text(out, "family", store_text(query, 3));
    json_put_text(out, "route", store_text(query, 4));
    json_put_text(out, "state", store_text(query, 5));
    json_put_int(out, "attempts", store_int(query, 6));
    json_put_text(out, "reason", store_text(query, 7));
    json_put_string(out, "next", store_int(query, 8) ? stamp_print(store_int(query, 8), next) : NULL);
    json_close_object(out);
}

enum status backlog_json(struct state *state, struct text party, struct text delivery_state, struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query = ask_totals(state, party, delivery_state);
    json_open_object(out, NULL);
    json_open_array(out, "totals");
    while (store_step(query, &status)) {
        json_open_object(out, NULL);
        json_put_text(out, "party", store_text(query, 0));
        json_put_text(out, "state", store_text(query, 1));
        json_put_int(out, "n", store_int(query, 2));
        json_put_int(out, "oldest", store_int(query, 3));
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    if (status) return status;

    size_t rows = 0;
    query = ask_rows(state, party, delivery_state);
    json_open_array(out, "deliveries");
    while (store_step(query, &status) && rows++ < BACKLOG_ROWS_MAX) put_row(query, out);
    store_reset(query);
    json_close_array(out);
    json_put_bool(out, "more", rows > BACKLOG_ROWS_MAX);
    json_close_object(out);
    return status;
}

enum status backlog_print(struct state *state, struct text party, struct text delivery_state, enum language language, struct buf *out) {
    bool zh = language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    struct store_query *query = ask_rows(state, party, delivery_state);
    size_t rows = 0;
    while (store_step(query, &status) && rows++ < BACKLOG_ROWS_MAX) {
        char id[200], next[STAMP_TEXT_MAX];
        snprintf(id, sizeof id, "%lld/" TEXT_FORMAT, (long long)store_int(query, 0), TEXT_ARGS(store_text(query, 1)));
        buf_printf(out, "%-24s %-9s %3lld  " TEXT_FORMAT "  " TEXT_FORMAT, id, store_text(query, 5).at, (long long)store_int(query, 6),
                   TEXT_ARGS(store_text(query, 3)), TEXT_ARGS(store_text(query, 2)));
        if (store_text(query, 7).length) buf_printf(out, "  " TEXT_FORMAT, TEXT_ARGS(store_text(query, 7)));
        if (store_int(query, 8)) buf_printf(out, zh ? "  下次 %s" : "  next %s", stamp_print(store_int(query, 8), next));
        buf_add_char(out, '\n');
    }
    store_reset(query);
    if (rows > BACKLOG_ROWS_MAX) buf_add_string(out, zh ? "……还有更多\n" : "... and more\n");
    if (!rows) buf_add_string(out, zh ? "没有等待或搁置的投递\n" : "nothing waits and nothing is parked\n");
    return status;
}
