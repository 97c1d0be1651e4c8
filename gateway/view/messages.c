/*
 * messages.c - what its record, its decision and its deliveries tell of a message, as far as the viewer may
 * know.
 */
#include "view/messages.h"

#include <string.h>

#include "message/metadata.h"
#include "message/identifiers.h"
#include "message/receipt.h"
#include "engine/decision.h"
#include "engine/recipients.h"
#include "view/reason.h"
#include "view/sight.h"

#define RECEIPT_MAX (8u << 20)

enum status messages_find(struct state *state, struct text party, struct text family, struct text own_id,
                          uint64_t *number) {
    require(party.length > 0);
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT number FROM messages WHERE party = ? AND own_id = ? AND (? = '' OR family = ?)"
                    " ORDER BY outcome = 'accepted' AND result <> 'refused' DESC, number DESC LIMIT 1");
    store_bind_text(query, 1, party);
    store_bind_text(query, 2, own_id);
    store_bind_text(query, 3, family.at ? family : TEXT(""));
    store_bind_text(query, 4, family.at ? family : TEXT(""));
    bool found = store_step(query, &status);
    if (found) {
        *number = (uint64_t)store_int(query, 0);
    }
    store_reset(query);
    return status != STATUS_OK ? status : found ? STATUS_OK : STATUS_NOT_FOUND;
}

static bool has_row(struct store_query *query, uint64_t number, const char *party) {
    enum status status = STATUS_OK;
    store_bind_int(query, 1, (int64_t)number);
    store_bind_string(query, 2, party);
    bool found = store_step(query, &status);
    store_reset(query);
    return found;
}

static bool was_sent_by(struct state *state, uint64_t number, const char *party) {
    return has_row(store_query(state_store(state), "SELECT 1 FROM messages WHERE number = ? AND party = ?"),
                   number, party);
}

/* What an operator dropped was not to be sent: it shows nothing. */
static bool was_sent_to(struct state *state, uint64_t number, const char *party) {
    return has_row(
        store_query(state_store(state),
                    "SELECT 1 FROM deliveries WHERE record = ? AND party = ? AND state <> 'dropped'"),
        number, party);
}

static bool is_applied(struct state *state, uint64_t number) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state), "SELECT 1 FROM position WHERE id = 1 AND number >= ?");
    store_bind_int(query, 1, (int64_t)number);
    bool applied = store_step(query, &status);
    store_reset(query);
    return applied;
}

/* Asked before the record is read: how long an answer takes must not tell what is not the viewer's from what
 * is not there. Only what the engine has not come to yet, a moment after it was recorded, must be asked of
 * the record. */
static bool may_be_seen(struct state *state, uint64_t number, const char *party) {
    bool applied = is_applied(state, number); /* first: its rows may be committed between two questions */
    return !applied || was_sent_by(state, number, party) || was_sent_to(state, number, party);
}

/* The record is not the party's own. By a row, and by the decision that it names: a row alone shows
   nothing. */
static enum status is_decided_for(struct state *state, struct reader *reader, uint64_t number,
                                  const char *party, bool *decided) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT decision FROM deliveries WHERE record = ? AND party = ? AND state <> 'dropped'");
    store_bind_int(query, 1, (int64_t)number);
    store_bind_string(query, 2, party);
    *decided = store_step(query, &status);
    struct recipient row = { .record = number, .party = party };
    row.decision = *decided ? (uint64_t)store_int(query, 0) : 0;
    store_reset(query);
    if (was_sent_by(state, number, party)) {
        state_doubt(state, "messages", number);
    }
    if (!*decided) {
        return status;
    }
    struct recipients *recipients = recipients_new(reader);
    status = recipients_confirm(recipients, &row);
    recipients_free(recipients);
    *decided = status == STATUS_OK;
    if (status == STATUS_CONFLICT) {
        state_doubt(state, "deliveries", number);
        return STATUS_OK;
    }
    return status;
}

/* 0: not decided yet, or nothing to decide. */
static uint64_t decision_of(struct state *state, uint64_t number) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state), "SELECT decision FROM messages WHERE number = ?");
    store_bind_int(query, 1, (int64_t)number);
    uint64_t decision = store_step(query, &status) ? (uint64_t)store_int(query, 0) : 0;
    store_reset(query);
    return decision;
}

static enum status put_receipt(const char *journal, const struct record *rec, const struct metadata *metadata,
                               struct json_out *out) {
    struct buf receipt;
    buf_init(&receipt, RECEIPT_MAX);
    receipt_json(&(struct receipt_of){ journal, rec->number, rec->stamp, rec->chain }, metadata, &receipt);
    bool failed = buf_failed(&receipt);
    if (!failed) {
        json_put_raw(out, "receipt", buf_text(&receipt));
    }
    buf_release(&receipt);
    return failed ? STATUS_TOO_LARGE : STATUS_OK;
}

/* Without moves and destinations: they tell of other parties. */
static void put_decision(uint64_t number, const struct decision *decision, struct json_out *out) {
    json_open_object(out, "decision");
    json_put_int(out, "record", (int64_t)number);
    json_put_string(out, "result", result_text(decision->result));
    json_put_string(out, "subject", decision->subject);
    json_open_object(out, "answer");
    decision_tell_answer(decision, out);
    findings_write(out, "findings", decision->findings.findings, decision->findings.count);
    json_close_object(out);
    json_close_object(out);
}

static enum status put_deliveries(struct state *state, uint64_t number, bool names, struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT party, state, attempts, reason, route, words FROM deliveries WHERE record = ?"
                    " ORDER BY party");
    store_bind_int(query, 1, (int64_t)number);
    json_open_array(out, "deliveries");
    while (store_step(query, &status)) {
        json_open_object(out, NULL);
        if (names) {
            json_put_text(out, "party", store_text(query, 0));
        }
        json_put_text(out, "state", store_text(query, 1));
        json_put_int(out, "attempts", store_int(query, 2));
        if (names) {
            reason_put(store_text(query, 3), store_text(query, 5), out);
            json_put_text(out, "route", store_text(query, 4));
        }
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static const char *status_of(const struct metadata *metadata, uint64_t decision) {
    return metadata->outcome != OUTCOME_ACCEPTED ? outcome_text(metadata->outcome)
           : decision                            ? "decided"
                                                 : "recorded";
}

/* What its sender, the office and the operator see; a receiver sees that it exists, and what it is. */
static enum status put_sender_view(struct state *state, struct reader *reader, const struct record *rec,
                                   const struct metadata *metadata, bool names, uint64_t decision_number,
                                   struct arena *arena, struct json_out *out) {
    struct decision decision;
    enum status status = put_receipt(reader_journal_name(reader), rec, metadata, out);
    if (status != STATUS_OK) {
        return status;
    }
    if (decision_number) {
        status = decision_get(reader, decision_number, rec->number, arena, &decision);
        if (status == STATUS_CONFLICT) {
            state_doubt(state, "messages", rec->number);
            return STATUS_DAMAGED;
        }
        if (status != STATUS_OK) {
            return status;
        }
        put_decision(decision_number, &decision, out);
    } else {
        json_put_raw(out, "decision", TEXT("null"));
    }
    return put_deliveries(state, rec->number, names, out);
}

static const struct shape_member answer_members[] = {
    { "code", SHAPE_TEXT, .zh = "答复代码", .en = "its code" },
    { "", SHAPE_WORDS, .zh = "答复", .en = "in a sentence" },
    { "hint", SHAPE_WORDS, .zh = "怎么办", .en = "what to do next", .is_optional = true },
    { "details", SHAPE_DETAILS, .zh = "答复所附各项", .en = "what belongs to it" },
    { "findings", SHAPE_LIST, .zh = "处理时所见", .en = "what was found when it was decided",
      .of = &finding_shape },
    SHAPE_END,
};

static const struct shape_member decision_members[] = {
    { "record", SHAPE_NUMBER, .zh = "处理结果的记录", .en = "the record of the decision" },
    { "result", SHAPE_TEXT, .zh = "done、refused、waiting 等", .en = "done, refused, waiting and so on" },
    { "subject", SHAPE_TEXT, .zh = "货物", .en = "the goods, or whatever else it is about" },
    { "answer", SHAPE_OBJECT, .zh = "给提交方的答复", .en = "what is answered to the sender",
      .of = SHAPE_OF(answer_members) },
    SHAPE_END,
};

static const struct shape_member delivery_members[] = {
    { "party", SHAPE_TEXT, .zh = "目的方（口岸办与运维可见）",
      .en = "the destination, for the office and the operator", .is_optional = true },
    { "state", SHAPE_TEXT, .zh = "投递状态", .en = "how the delivery stands" },
    { "attempts", SHAPE_NUMBER, .zh = "已试次数", .en = "how often it was tried" },
    REASON_MEMBERS(true),
    { "route", SHAPE_TEXT, .zh = "所依路由", .en = "the route that sends it", .is_optional = true },
    SHAPE_END,
};

static const struct shape_member message_members[] = {
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the number of its record" },
    { "recorded", SHAPE_TIME, .zh = "记录时间", .en = "when it was recorded" },
    { "party", SHAPE_TEXT, .zh = "提交方", .en = "who sent it" },
    { "account", SHAPE_TEXT, .zh = "提交人（本方与运维可见）",
      .en = "the person who did, for his party and the operator", .is_optional = true },
    { "family", SHAPE_TEXT, .zh = "报文种类", .en = "its family" },
    { "id", SHAPE_TEXT, .zh = "报文编号", .en = "its own id" },
    { "status", SHAPE_TEXT, .zh = "recorded、decided、refused 或 conflict",
      .en = "recorded (not decided yet), decided, refused or conflict" },
    { "receipt", SHAPE_OBJECT, .zh = "回执（收方不可见）", .en = "its receipt, but for who received it",
      .of = &receipt_shape, .is_optional = true },
    { "decision", SHAPE_OBJECT, .zh = "处理结果（收方不可见）",
      .en = "what was decided, but for who received it", .of = SHAPE_OF(decision_members),
      .is_optional = true, .is_nullable = true },
    { "deliveries", SHAPE_LIST, .zh = "由此产生的投递（收方不可见）",
      .en = "its deliveries, but for who received it", .of = SHAPE_OF(delivery_members),
      .is_optional = true },
    SHAPE_END,
};

const struct shape message_shape = { "Message", message_members };

enum status messages_json(struct state *state, struct reader *reader, const struct party *viewer,
                          uint64_t number, struct arena *arena, struct json_out *out) {
    struct record rec;
    struct metadata metadata;
    bool all = sight_is_whole(viewer);
    if (!all && !may_be_seen(state, number, viewer->code)) {
        return STATUS_NOT_FOUND;
    }
    enum status status = reader_get(reader, number, arena, &rec);
    if (status != STATUS_OK) {
        return status;
    }
    if (rec.kind != RECORD_MESSAGE) {
        return STATUS_NOT_FOUND;
    }
    if (!metadata_read(rec.meta, arena, &metadata)) {
        return STATUS_DAMAGED;
    }
    bool own = viewer && strcmp(metadata.env.party, viewer->code) == 0;
    bool shown = all || own;
    if (!shown) {
        status = is_decided_for(state, reader, number, viewer->code, &shown);
    }
    if (status != STATUS_OK || !shown) {
        return status != STATUS_OK ? status : STATUS_NOT_FOUND;
    }

    uint64_t decision = decision_of(state, number);
    char recorded[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_int(out, "record", (int64_t)number);
    json_put_string(out, "recorded", stamp_print(rec.stamp, recorded));
    json_put_string(out, "party", metadata.env.party);
    if (*metadata.env.account
        && (own || !viewer)) { /* its people are a party's own matter, and the operator's */
        json_put_string(out, "account", metadata.env.account);
    }
    json_put_string(out, "family", metadata.family);
    json_put_string(out, "id", metadata.id);
    json_put_string(out, "status", status_of(&metadata, decision));
    if (all || own) {
        status = put_sender_view(state, reader, &rec, &metadata, all, decision, arena, out);
    }
    json_close_object(out);
    return status;
}

enum status messages_refusal(struct state *state, struct reader *reader, uint64_t number,
                             const struct metadata *metadata, const char *form, struct arena *arena,
                             uint64_t *decision, struct buf *xml) {
    struct decision decided;
    *decision = decision_of(state, number);
    enum status status =
        *decision ? decision_get(reader, *decision, number, arena, &decided) : STATUS_NOT_FOUND;
    if (status == STATUS_CONFLICT) {
        state_doubt(state, "messages", number);
        return STATUS_DAMAGED;
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (decided.result != RESULT_REFUSED) {
        return STATUS_NOT_FOUND;
    }
    decision_write_refusal(&decided, metadata, form, xml);
    return buf_failed(xml) ? STATUS_TOO_LARGE : STATUS_OK;
}

static bool is_from(const struct record *rec, const struct metadata *metadata, const struct party *party) {
    return rec->kind == RECORD_MESSAGE && strcmp(metadata->env.party, party->code) == 0;
}

enum status messages_content(struct state *state, struct reader *reader, const struct party *viewer,
                             uint64_t number, struct arena *arena, struct text *out) {
    struct record rec;
    struct metadata metadata = { .digest_only = false };
    if (viewer && !may_be_seen(state, number, viewer->code)) {
        return STATUS_NOT_FOUND;
    }
    enum status status = reader_get(reader, number, arena, &rec);
    if (status != STATUS_OK) {
        return status;
    }
    if (rec.kind == RECORD_MESSAGE && !metadata_read(rec.meta, arena, &metadata)) {
        return STATUS_DAMAGED;
    }
    bool shown = viewer ? is_from(&rec, &metadata, viewer) : rec.kind == RECORD_MESSAGE;
    if (viewer && !shown) {
        status = is_decided_for(state, reader, number, viewer->code, &shown);
    }
    if (status != STATUS_OK || !shown) {
        return status != STATUS_OK ? status : STATUS_NOT_FOUND;
    }
    if (metadata.digest_only) {
        return STATUS_NOT_KEPT;
    }
    *out = rec.data;
    return STATUS_OK;
}

/* --- the questions -------------------------------------------------------------------------------------- */

static enum status show(const struct view_question *question, uint64_t number, struct json_out *out) {
    const struct view_source *source = question->source;
    return messages_json(source->state, source->reader, question->viewer, number, question->arena, out);
}

enum status messages_by_id(const struct view_question *question, struct json_out *out) {
    struct text id = identifier_canonical(IDENTIFIER_TOKEN, view_value(question, "id"), question->arena);
    uint64_t number;
    if (!question->viewer || !id.length) {
        return STATUS_NOT_FOUND;
    }
    enum status status = messages_find(question->source->state, text_of(question->viewer->code),
                                       view_value(question, "family"), id, &number);
    return status == STATUS_OK ? show(question, number, out) : status;
}

enum status messages_by_number(const struct view_question *question, struct json_out *out) {
    return show(question, view_number(question, "number"), out);
}

/* By its record alone: what its sender was told once must not depend on how far state.db has come. */
enum status messages_receipt(const struct view_question *question, struct json_out *out) {
    struct record rec;
    struct metadata metadata;
    bool shown = reader_get(question->source->reader, view_number(question, "number"), question->arena, &rec)
                     == STATUS_OK
                 && rec.kind == RECORD_MESSAGE && metadata_read(rec.meta, question->arena, &metadata)
                 && (!question->viewer || strcmp(metadata.env.party, question->viewer->code) == 0);
    if (!shown) {
        return STATUS_NOT_FOUND;
    }
    const char *journal = reader_journal_name(question->source->reader);
    receipt_json(&(struct receipt_of){ journal, rec.number, rec.stamp, rec.chain }, &metadata, out->buf);
    return STATUS_OK;
}

enum status messages_bytes(const struct view_question *question, struct buf *out) {
    const struct view_source *source = question->source;
    struct text bytes = { 0 };
    enum status status = messages_content(source->state, source->reader, question->viewer,
                                          view_number(question, "number"), question->arena, &bytes);
    buf_add_text(out, bytes);
    return status;
}
