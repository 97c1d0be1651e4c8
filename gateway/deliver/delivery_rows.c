/*
 * delivery_rows.c - the questions to the table `deliveries`: which parties have open rows, what stands behind
 * a queue's cursor, whether anything parked may hold up what comes, how one delivery stands.
 */
#include "deliver/delivery_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/store.h"
#include "engine/state.h"

#define PARTY_MAX    256
#define WAY_MAX      64               /* of a transport's name, in a row */
#define ROW_TEXT_MAX 4096             /* of a row: subject, route, file */
#define MILLISECOND  INT64_C(1000000) /* in a stamp */

struct delivery_rows {
    struct delivery_rows_options options;
    struct state *state;
    struct store *store;
};

enum status delivery_rows_open(const struct delivery_rows_options *options, struct delivery_rows **out) {
    require(options->directory && options->clock && options->queues);
    struct state *state;
    *out = NULL;
    enum status status = state_open(options->directory, STORE_READ, &state);
    if (status != STATUS_OK) {
        return status;
    }
    struct delivery_rows *rows = memory_new(sizeof(*rows));
    *rows = (struct delivery_rows){ .options = *options, .state = state, .store = state_store(state) };
    state_on_damage(state, options->on_damage, options->context);
    *out = rows;
    return STATUS_OK;
}

void delivery_rows_close(struct delivery_rows *rows) {
    if (rows) {
        state_close(rows->state);
        free(rows);
    }
}

static void state_failed(enum status status) {
    if (status != STATUS_OK) { /* the engine meets the same; rows are read again later */
        log_event_bounded(LOG_ERROR, EVENT_DISPATCH_STATE_UNREADABLE,
                          LOG_STRING("status", status_name(status)), LOG_END);
    }
}

#define WAITS   "state = 'waiting'"
#define RETURNS "state = 'parked' AND returns = 1"

/* --- which parties have some ------------------------------------------------------------------------- */

#define NEXT_WAY(of_state)                                                           \
    "SELECT party, way FROM deliveries WHERE " of_state " AND (party, way) > (?, ?)" \
    " ORDER BY party, way LIMIT 1"

void delivery_rows_look(struct delivery_rows *rows, enum delivery_rows_kind kind) {
    static const char *const next_way[] = {
        [DELIVERY_ROWS_WAITING] = NEXT_WAY(WAITS), [DELIVERY_ROWS_RETURNING] = NEXT_WAY(RETURNS)
    };
    require(kind <= DELIVERY_ROWS_RETURNING);
    char name[PARTY_MAX] = "", way[WAY_MAX] = "";
    enum status status;
    for (bool found = true; found;) {
        struct store_query *query = store_query(rows->store, next_way[kind]);
        store_bind_string(query, 1, name);
        store_bind_string(query, 2, way);
        found = store_step(query, &status);
        if (found) {
            struct text party = store_text(query, 0), by = store_text(query, 1);
            snprintf(name, sizeof(name), TEXT_FORMAT, TEXT_ARGS(party));
            snprintf(way, sizeof(way), TEXT_FORMAT, TEXT_ARGS(by));
            /* Nobody has such a name; it must not turn the loop for ever. */
            found = party.length < sizeof(name) && by.length < sizeof(way);
            store_reset(query);
        }
        if (found) {
            delivery_queues_note_rows(rows->options.queues, name, way);
        }
    }
    state_failed(status);
}

/* --- what stands behind a queue's cursor ------------------------------------------------------------- */

/* When a row may be tried, on our monotonic clock; a wall clock that jumped delays nothing beyond the longest
   rest. */
static int64_t due_of(const struct delivery_rows *rows, const struct delivery_queue *queue, stamp next,
                      int64_t now_ms) {
    stamp now = clock_now(rows->options.clock);
    uint64_t delay_ms = next > now ? ((uint64_t)next - (uint64_t)now) / MILLISECOND : 0;
    uint64_t longest_ms = (uint64_t)queue->limits->retry_max_ms;
    return now_ms + (int64_t)(delay_ms < longest_ms ? delay_ms : longest_ms);
}

/* On the same clock. A clock that was set back makes nothing younger than now. */
static int64_t since_of(const struct delivery_rows *rows, stamp since, int64_t now_ms) {
    stamp now = clock_now(rows->options.clock);
    return now > since ? now_ms - (int64_t)(((uint64_t)now - (uint64_t)since) / MILLISECOND) : now_ms;
}

static void take_row(const struct delivery_rows *rows, struct delivery_queue *queue, struct store_query *row,
                     int64_t now_ms) {
    char texts[PENDING_TEXTS]
              [ROW_TEXT_MAX]; /* what is cut will not agree with the decision, and goes nowhere */
    const char *starts[PENDING_TEXTS];
    for (int i = 0; i < PENDING_TEXTS; i++) {
        snprintf(texts[i], sizeof(texts[i]), TEXT_FORMAT, TEXT_ARGS(store_text(row, 2 + i)));
        starts[i] = texts[i];
    }
    struct pending *pending =
        delivery_queue_add(queue, queue->cursor_decision, queue->cursor_record, starts,
                           (uint32_t)store_int(row, 5), due_of(rows, queue, store_int(row, 6), now_ms));
    pending->redelivered = store_int(row, 7) != 0;
    pending->since_ms = store_int(row, 9) ? now_ms : since_of(rows, store_int(row, 8), now_ms);
}

/* What is parked for its own fault holds up what comes behind it of the same goods. */
#define ROWS_BEHIND(of_state)                                                                               \
    "SELECT decision, record, subject, route, file, attempts, next, redelivered, since,"                    \
    " state = 'parked' FROM deliveries d"                                                                   \
    " WHERE party = ?1 AND way = ?5 AND " of_state " AND decision >= ?2 AND (decision > ?2 OR record > ?3)" \
    " AND NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.party = ?1 AND p.way = ?5"                         \
    "  AND p.subject = d.subject AND p.subject <> '' AND p.state = 'parked' AND p.returns = 0"              \
    "  AND (p.decision, p.record) < (d.decision, d.record))"
#define IN_ORDER " ORDER BY decision, record LIMIT ?4"

/* Some may stand in the way of what is decided from here on. */
static bool has_parked(const struct delivery_rows *rows, const struct delivery_queue *queue) {
    struct store_query *query =
        store_query(rows->store, "SELECT 1 FROM deliveries WHERE party = ? AND way = ? AND state = 'parked'"
                                 " AND returns = 0 LIMIT 1");
    store_bind_string(query, 1, queue->name);
    store_bind_string(query, 2, queue->way);
    enum status status;
    bool found = store_step(query, &status);
    store_reset(query);
    return found || status != STATUS_OK;
}

static bool is_worth_refilling(const struct delivery_queue *queue) {
    return queue->more
           && (queue->count < queue->limits->window || delivery_queue_places(queue) >= queue->limits->window);
}

void delivery_rows_refill(struct delivery_rows *rows, struct delivery_queue *queue, int64_t now_ms) {
    if (!is_worth_refilling(queue)) {
        return;
    }
    size_t places = delivery_queue_places(queue), wanted = places + queue->count, seen = 0;
    bool servable = delivery_queue_unservable(queue) == DELIVERY_REASON_NONE;
    struct store_query *query =
        servable ? store_query(rows->store, ROWS_BEHIND(WAITS) " UNION ALL " ROWS_BEHIND(RETURNS) IN_ORDER)
                 : store_query(rows->store, ROWS_BEHIND(WAITS) IN_ORDER);
    store_bind_string(query, 1, queue->name);
    store_bind_int(query, 2, (int64_t)queue->cursor_decision);
    store_bind_int(query, 3, (int64_t)queue->cursor_record);
    store_bind_int(query, 4, (int64_t)wanted); /* behind a cursor set back stand rows that are in hand */
    store_bind_string(query, 5, queue->way);
    enum status status = STATUS_OK;
    while (places > 0 && store_step(query, &status)) {
        seen++;
        queue->cursor_decision = (uint64_t)store_int(query, 0);
        queue->cursor_record = (uint64_t)store_int(query, 1);
        if (!delivery_queue_find(queue, queue->cursor_record)) {
            take_row(rows, queue, query, now_ms);
            places--;
        }
    }
    store_reset(query);
    queue->more = status != STATUS_OK || seen == wanted || places == 0;
    queue->parked = has_parked(rows, queue);
    state_failed(status);
}

/* --- one delivery ------------------------------------------------------------------------------------ */

enum status delivery_rows_find(struct delivery_rows *rows, uint64_t record, const char *party,
                               struct delivery_queue **queue, bool *delivered) {
    enum status status;
    struct store_query *query =
        store_query(rows->store, "SELECT state, way FROM deliveries WHERE record = ? AND party = ?");
    store_bind_int(query, 1, (int64_t)record);
    store_bind_string(query, 2, party);
    bool found = store_step(query, &status);
    if (found) {
        char way[WAY_MAX];
        snprintf(way, sizeof(way), TEXT_FORMAT, TEXT_ARGS(store_text(query, 1)));
        *delivered = text_is(store_text(query, 0), delivery_outcome_state(DELIVERY_DELIVERED));
        *queue = delivery_queues_take(rows->options.queues, party, way);
    }
    store_reset(query);
    return found || status != STATUS_OK ? status : STATUS_NOT_FOUND;
}

void delivery_rows_doubt(struct delivery_rows *rows, uint64_t record) {
    state_doubt(rows->state, "deliveries", record);
}
