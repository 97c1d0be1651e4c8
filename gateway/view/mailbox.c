/*
 * mailbox.c - rows of deliveries that are kept, behind the one where the party has put its bookmark.
 */
#include "view/mailbox.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/stamp.h"
#include "engine/recipients.h"
#include "view/page.h"

#define BOOKMARK_TEXT_MAX 48
#define SUBJECT_MAX       4096

/* Decision and record of a row: where somebody has read to. */
struct bookmark {
    uint64_t decision, record;
};

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
static struct store_query *ask(struct state *state, const char *party, struct bookmark after, size_t limit) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT decision, record, family, subject, updated FROM deliveries WHERE party = ?1 AND state ="
        " 'kept' "
        "AND decision >= ?2 AND (decision > ?2 OR record > ?3) ORDER BY decision, record LIMIT ?4");
    store_bind_string(query, 1, party);
    store_bind_int(query, 2, (int64_t)after.decision);
    store_bind_int(query, 3, (int64_t)after.record);
    store_bind_int(query, 4, (int64_t)limit + 1);
    return query;
}

static void put_row(struct store_query *query, const char *party, struct bookmark mark,
                    struct json_out *out) {
    char text[STAMP_TEXT_MAX + 256];
    json_open_object(out, NULL);
    snprintf(text, sizeof(text), "%" PRIu64 "/%s", mark.record, party);
    json_put_string(out, "id", text);
    json_put_int(out, "record", (int64_t)mark.record);
    json_put_text(out, "family", store_text(query, 2));
    json_put_text(out, "subject", store_text(query, 3));
    json_put_string(out, "decided", stamp_print(store_int(query, 4), text));
    json_close_object(out);
}

/* The decision must say so, too. */
static enum status is_kept(struct state *state, struct recipients *recipients, struct store_query *query,
                           const char *party, struct bookmark mark, bool *kept) {
    char subject[SUBJECT_MAX];
    snprintf(subject, sizeof(subject), TEXT_FORMAT, TEXT_ARGS(store_text(query, 3)));
    struct recipient row = {
        .decision = mark.decision, .record = mark.record, .party = party, .subject = subject
    };
    enum status status = recipients_confirm(recipients, &row);
    *kept = status == STATUS_OK;
    if (status == STATUS_CONFLICT) {
        state_doubt(state, "deliveries", mark.record);
        return STATUS_OK;
    }
    return status;
}

static const struct shape_member delivery_members[] = {
    { "id", SHAPE_TEXT, .zh = "投递编号 RECORD/PARTY", .en = "its id, RECORD/PARTY" },
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the record that is kept" },
    { "family", SHAPE_TEXT, .zh = "报文种类", .en = "its family" },
    { "subject", SHAPE_TEXT, .zh = "货物", .en = "the goods" },
    { "decided", SHAPE_TIME, .zh = "何时留存", .en = "when it was decided to be kept for the party" },
    SHAPE_END,
};

static const struct shape_member mailbox_members[] = {
    { "deliveries", SHAPE_LIST, .zh = "留存待取的投递", .en = "what is kept for the asking party",
      .of = SHAPE_OF(delivery_members) },
    { "next", SHAPE_TEXT, .zh = "下次提问的 after",
      .en = "the `after` of the next question, whether there is more or not" },
    { "more", SHAPE_FLAG, .zh = "还有更多", .en = "whether there is more" },
    SHAPE_END,
};

const struct shape mailbox_shape = { .members = mailbox_members };

enum status mailbox_json(const struct view_question *question, struct json_out *out) {
    char text[BOOKMARK_TEXT_MAX];
    struct bookmark mark = { 0 };
    struct text after = view_value(question, "after");
    if (!question->viewer) {
        return STATUS_NOT_FOUND;
    }
    if (after.length && !bookmark_parse(after, &mark)) {
        return STATUS_BAD_INPUT;
    }
    struct state *state = question->source->state;
    const char *party = question->viewer->code;
    enum status status = STATUS_OK;
    size_t rows = 0, limit = page_limit(question, MAILBOX_ROWS_MAX);
    struct recipients *recipients = recipients_new(question->source->reader);
    struct store_query *query = ask(state, party, mark, limit);
    json_open_object(out, NULL);
    json_open_array(out, "deliveries");
    while (status == STATUS_OK && store_step(query, &status) && rows++ < limit) {
        bool kept;
        mark = (struct bookmark){ (uint64_t)store_int(query, 0), (uint64_t)store_int(query, 1) };
        status = is_kept(state, recipients, query, party, mark, &kept);
        if (kept) {
            put_row(query, party, mark, out);
        }
    }
    store_reset(query);
    recipients_free(recipients);
    json_close_array(out);
    json_put_string(out, "next", bookmark_print(mark, text));
    json_put_bool(out, "more", rows > limit);
    page_tell(question, rows > limit ? arena_string(question->arena, text) : NULL);
    json_close_object(out);
    return status;
}
