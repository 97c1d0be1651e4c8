/*
 * apply.c - records become rows.
 */
#include "engine/apply.h"

#include <string.h>

#include "base/log.h"
#include "base/status.h"
#include "engine/part.h"
#include "engine/parts/held.h"
#include "engine/setups.h"

struct message_row message_row_of(const struct record *rec, const struct metadata *metadata) {
    return (struct message_row){ .number = rec->number,
                                 .party = metadata->env.party,
                                 .family = metadata->family,
                                 .format = metadata->format,
                                 .own_id = metadata->id,
                                 .account = metadata->env.account ? metadata->env.account : "",
                                 .outcome = metadata->outcome,
                                 .recorded = rec->stamp,
                                 .bytes = record_size(rec) };
}

/* decision: NULL: nothing is decided of it. */
static void apply_message(struct state *state, const struct message_row *row, const struct decision *decision,
                          uint64_t number) {
    struct store_query *query = store_query(
        state_store(state),
        "INSERT OR REPLACE INTO messages(number, party, family, format, own_id, outcome, recorded, bytes,"
        " decision, subject, result, answer_code, account) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    store_bind_int(query, 1, (int64_t)row->number);
    store_lend_string(query, 2, row->party);
    store_lend_string(query, 3, row->family);
    store_lend_string(query, 4, row->format);
    store_lend_string(query, 5, row->own_id);
    store_lend_string(query, 6, outcome_text(row->outcome));
    store_bind_int(query, 7, row->recorded);
    store_bind_int(query, 8, (int64_t)row->bytes);
    if (decision) {
        store_bind_int(query, 9, (int64_t)number);
    }
    store_lend_string(query, 10, decision ? decision->subject : "");
    store_lend_string(query, 11, decision ? result_text(decision->result) : "");
    store_lend_string(query, 12, decision ? decision->answer_code : "");
    store_lend_string(query, 13, row->account);
    state_run(state, query);
}

/* --- a decision ----------------------------------------------------------------------------------------- */

static void apply_order(struct state *state, const struct record *rec, const struct order *order) {
    struct store_query *query = store_query(
        state_store(state),
        "INSERT OR REPLACE INTO orders(number, kind, record, other, reason, recorded) VALUES(?, ?, ?, ?, ?,"
        " ?)");
    store_bind_int(query, 1, (int64_t)rec->number);
    store_lend_string(query, 2, order_text(order->kind));
    store_bind_int(query, 3, (int64_t)order->record);
    store_bind_int(query, 4, (int64_t)order->to);
    store_lend_string(query, 5, order->reason);
    store_bind_int(query, 6, rec->stamp);
    state_run(state, query);
}

void apply_moves(struct state *state, const struct decision *decision) {
    require(decision->cause > 0);
    if (decision->released) {
        held_apply_release(state, decision->released);
    }
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct part *part = part_find(decision->moves[i].part);
        if (!part || !part_apply(part, state, &decision->moves[i], decision_about(decision))) {
            log_event(LOG_ERROR, EVENT_ENGINE_UNKNOWN_PART, LOG_INT("cause", decision->cause),
                      LOG_STRING("part", decision->moves[i].part), LOG_END);
        }
    }
}

/* family: of the record that is sent; NULL: of another message, whose row says it. */
static void apply_destination(struct state *state, const struct decision *decision,
                              const struct destination *destination, const char *family, uint64_t number,
                              stamp at) {
    struct store_query *query = store_query(
        state_store(state),
        "INSERT OR IGNORE INTO deliveries(record, party, decision, route, subject, family, state, updated,"
        " since, way, file)"
        " VALUES(?1, ?2, ?3, ?4, ?5, coalesce(?10, (SELECT family FROM messages WHERE number = ?1),"
        " 'decision'), ?6, ?7, ?7, ?8, ?9)");
    store_bind_int(query, 1, (int64_t)(destination->record ? destination->record : number));
    store_lend_string(query, 2, destination->party);
    store_bind_int(query, 3, (int64_t)number);
    store_lend_string(query, 4, destination->route);
    store_lend_string(query, 5, decision->subject);
    store_lend_string(query, 6, destination->kept ? "kept" : "waiting");
    store_bind_int(query, 7, at);
    store_lend_string(query, 8, destination->way);
    store_lend_string(query, 9, destination->file);
    store_lend_string(query, 10, family);
    state_run(state, query);
}

static void apply_to_released(struct state *state, const struct decision *decision, uint64_t number) {
    struct store_query *query = store_query(
        state_store(state),
        "UPDATE messages SET decision = ?, subject = ?, result = ?, answer_code = ? WHERE number = ?");
    store_bind_int(query, 1, (int64_t)number);
    store_lend_string(query, 2, decision->subject);
    store_lend_string(query, 3, result_text(decision->result));
    store_lend_string(query, 4, decision->answer_code);
    store_bind_int(query, 5, (int64_t)decision->released);
    state_run(state, query);
}

static void apply_to_order(struct state *state, const struct decision *decision, uint64_t number) {
    struct store_query *query = store_query(
        state_store(state), "UPDATE orders SET decision = ?, result = ?, answer_code = ? WHERE number = ?");
    store_bind_int(query, 1, (int64_t)number);
    store_lend_string(query, 2, result_text(decision->result));
    store_lend_string(query, 3, decision->answer_code);
    store_bind_int(query, 4, (int64_t)decision->cause);
    state_run(state, query);
}

/* --- of which goods it says something ------------------------------------------------------------------- */

static void touch(struct state *state, uint64_t cause, struct text subject) {
    struct store_query *query =
        store_query(state_store(state), "INSERT OR IGNORE INTO touched(record, subject) VALUES(?, ?)");
    store_bind_int(query, 1, (int64_t)cause);
    store_lend_text(query, 2, subject);
    state_run(state, query);
}

/* A number of customs may join a declaration of which nothing else is said. */
static void touch_linked(struct state *state, uint64_t cause, const char *declaration, struct text own) {
    struct store_query *query = store_query(
        state_store(state), "INSERT OR IGNORE INTO touched(record, subject)"
                            " SELECT ?, subject FROM declarations WHERE key = ? AND subject <> ?");
    store_bind_int(query, 1, (int64_t)cause);
    store_lend_string(query, 2, declaration);
    store_lend_text(query, 3, own);
    state_run(state, query);
}

/* The goods of which a move says something that figures are made of; "": of none. */
static struct text goods_of(const struct move *move) {
    return strcmp(move->part, "declarations") == 0 ? move_text(move, "subject")
           : strcmp(move->part, "milestones") == 0 || strcmp(move->part, "consignments") == 0
               ? text_of(move->key)
               : TEXT("");
}

/* own: the goods that the row of its message names already. */
static void apply_touched(struct state *state, const struct decision *decision, struct text own) {
    struct text last = own;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        struct text goods = goods_of(move);
        if (goods.length && !text_equal(goods, own) && !text_equal(goods, last)) {
            touch(state, decision->cause, goods);
            last = goods;
        }
        if (move_is(move, "links", "link")) {
            touch_linked(state, decision->cause, move->key, own);
        }
    }
}

void apply_recorded(struct state *state, const struct decision *decision, enum record_kind cause,
                    uint64_t number, stamp at, const struct message_row *message) {
    require((cause == RECORD_MESSAGE) == (message != NULL));
    require(number > 0 && cause != RECORD_DECISION && cause != RECORD_DELIVERY && cause != RECORD_READING
            && cause != RECORD_NONE);
    apply_touched(state, decision, text_of(cause == RECORD_MESSAGE ? decision->subject : ""));
    if (message) {
        apply_message(state, message, decision, number);
    } else if (decision->released) {
        apply_to_released(state, decision, number);
    }
    if (cause == RECORD_ORDER) {
        apply_to_order(state, decision, number);
    }
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        const char *family = !destination->record                                ? "decision"
                             : message && message->number == destination->record ? message->family
                                                                                 : NULL;
        apply_destination(state, decision, destination, family, number, at);
    }
}

/* --- the result of a delivery --------------------------------------------------------------------------- */

static void apply_delivery(struct state *state, const struct record *rec,
                           const struct delivery_result *result) {
    struct store_query *query =
        store_query(state_store(state),
                    "UPDATE deliveries SET state = ?1, attempts = ?2, reason = ?3, words = ?4,"
                    " returns = ?5, next = ?6, updated = ?7,"
                    " redelivered = redelivered OR (?10 AND state = 'delivered'),"
                    " since = CASE WHEN ?1 = 'waiting' AND (state <> 'waiting' OR ?10) THEN ?7 ELSE since END"
                    " WHERE record = ?8 AND party = ?9");
    store_lend_string(query, 1, delivery_outcome_state(result->outcome));
    store_bind_int(query, 2, result->attempt);
    store_lend_string(query, 3, delivery_reason_code(result->reason));
    store_lend_string(query, 4, result->words);
    store_bind_int(query, 5, delivery_reason_returns(result->reason));
    store_bind_int(query, 6, result->next);
    store_bind_int(query, 7, rec->stamp);
    store_bind_int(query, 8, (int64_t)result->record);
    store_lend_string(query, 9, result->party);
    store_bind_int(query, 10, result->outcome == DELIVERY_REDRIVEN);
    state_run(state, query);
}

/* --- any record ----------------------------------------------------------------------------------------- */

enum status apply_read(const struct record *rec, struct arena *arena, struct content *out) {
    bool readable = true;
    out->is_cause = rec->kind == RECORD_TICK || rec->kind == RECORD_SETUP || rec->kind == RECORD_ORDER;
    switch (rec->kind) {
    case RECORD_MESSAGE:
        readable = metadata_read(rec->meta, arena, &out->metadata);
        out->is_cause = readable && out->metadata.outcome == OUTCOME_ACCEPTED; /* others end with a receipt */
        break;
    case RECORD_DELIVERY: readable = delivery_read(rec->meta, arena, &out->deliveries); break;
    case RECORD_ORDER: readable = order_read(rec->meta, arena, &out->order); break;
    case RECORD_SETUP:
    case RECORD_TICK:
    case RECORD_READING:  /* of what people looked at no state is made */
    case RECORD_DECISION: /* decision_reader.h */
    case RECORD_NONE: break;
    }
    return readable ? STATUS_OK : STATUS_DAMAGED;
}

enum status apply_record(struct state *state, const struct record *rec, const struct content *content) {
    require(rec->number > 0);
    bool readable = true;
    switch (rec->kind) {
    case RECORD_MESSAGE:
        if (!content->is_cause) { /* else it comes with its decision */
            struct message_row row = message_row_of(rec, &content->metadata);
            apply_message(state, &row, NULL, 0);
        }
        break;
    case RECORD_SETUP: readable = setups_apply(state, rec); break;
    case RECORD_DELIVERY:
        for (size_t i = 0; i < content->deliveries.count; i++) {
            apply_delivery(state, rec, &content->deliveries.list[i]);
        }
        break;
    case RECORD_ORDER: apply_order(state, rec, &content->order); break;
    case RECORD_TICK:
    case RECORD_READING:
    case RECORD_DECISION: /* comes with its cause */
    case RECORD_NONE: break;
    }
    return readable ? state_status(state) : STATUS_DAMAGED;
}
