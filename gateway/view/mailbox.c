/*
 * mailbox.c - rows of deliveries that are kept, behind the one where the party has put its bookmark.
 */
#include "view/mailbox.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/stamp.h"

#define BOOKMARK_TEXT_MAX 48

/* Decision and record of a row: where somebody has read to. */
struct bookmark { uint64_t decision, record; };

static bool bookmark_parse(struct text text, struct bookmark *out) {
    struct text decision = text_until(&text, '-');
    *out = (struct bookmark){ 0 };
    return text_to_uint(decision, &out->decision) && text_to_uint(text, &out->record)
        && out->decision <= INT64_MAX && out->record <= INT64_MAX;
}

static const char *bookmark_print(struct bookmark mark, char out[BOOKMARK_TEXT_MAX]) {
    snprintf(out, BOOKMARK_TEXT_MAX, "%" PRIu64 "-%" PRIu64, mark.decision, mark.record);
    return out;
}

/* One row more than is shown, so that we know whether there are more. */
static struct store_query *ask(struct state *state, struct text party, struct bookmark after) {
    struct store_query *query = store_query(state_store(state),
        "SELECT decision, record, family, subject, updated FROM deliveries WHERE party = ?1 AND state = 'kept' "
        "AND decision >= ?2 AND (decision > ?2 OR record > ?3) ORDER BY decision, record LIMIT ?4");
    store_bind_text(query, 1, party);
    store_bind_int(query, 2, (int64_t)after.decision);
    store_bind_int(query, 3, (int64_t)after.record);
    store_bind_int(query, 4, MAILBOX_ROWS_MAX + 1);
    return query;
}

static void put_row(struct store_query *query, struct text party, struct bookmark mark, struct json_out *out) {
    char text[STAMP_TEXT_MAX + 256];
    json_open_object(out, NULL);
    snprintf(text, sizeof(text), "%" PRIu64 "/" TEXT_FORMAT, mark.record, TEXT_ARGS(party));
    json_put_string(out, "id", text);
    json_put_int(out, "record", (int64_t)mark.record);
    json_put_text(out, "family", store_text(query, 2));
    json_put_text(out, "subject", store_text(query, 3));
    json_put_string(out, "decided", stamp_print(store_int(query, 4), text));
    json_close_object(out);
}

enum status mailbox_json(struct state *state, struct text party, struct text after, struct json_out *out) {
    char text[BOOKMARK_TEXT_MAX];
    struct bookmark mark = { 0 };
    if (after.length && !bookmark_parse(after, &mark)) {
        return STATUS_BAD_INPUT;
    }
    enum status status;
    size_t rows = 0;
    struct store_query *query = ask(state, party, mark);
    json_open_object(out, NULL);
    json_open_array(out, "deliveries");
    while (store_step(query, &status) && rows++ < MAILBOX_ROWS_MAX) {
        mark = (struct bookmark){ (uint64_t)store_int(query, 0), (uint64_t)store_int(query, 1) };
        put_row(query, party, mark, out);
    }
    store_reset(query);
    json_close_array(out);
    json_put_string(out, "next", bookmark_print(mark, text));
    json_put_bool(out, "more", rows > MAILBOX_ROWS_MAX);
    json_close_object(out);
    return status;
}
