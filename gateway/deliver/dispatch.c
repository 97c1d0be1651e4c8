/*
 * dispatch.c - one delivery's way:
 *
 *   row `waiting` in state.db → pending in its destination's queue → in flight: the record's bytes, handed
 *   to the port → done() → DELIVERY record (results.h) → durable → applied by the engine (position) → gone
 *   from the queue
 *
 * Everything happens in turns: an event (done, a record durable, the engine's advance, a port's word, a
 * timer) marks its queue and asks for a turn; the turn looks at marked queues and at those whose moment has
 * come.
 */
#include "deliver/dispatch.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "journal/reader.h"
#include "engine/recipients.h"
#include "deliver/delivery_queue.h"
#include "deliver/handover.h"
#include "deliver/orders.h"
#include "deliver/payloads.h"
#include "deliver/results.h"

#define PORTS_MAX    8
#define WORDS_MAX    500
#define WAY_MAX      64                 /* of a transport's name, in a row */
#define ROW_TEXT_MAX 4096               /* of a row: subject, route, file */
#define BYTES_MAX    ((size_t)64 << 20) /* of all deliveries in flight */
#define BYTES_SHARE  ((size_t)4 << 20)  /* of one destination, beyond its first */
#define TURN_MAX     64 /* sent to one destination in a turn: the next finds its payloads there */
#define STOP_MS      5000
#define SLEEP_MAX_MS 60000
#define MILLISECOND  INT64_C(1000000) /* in a stamp */

#define LOOKED_NEVER UINT64_MAX /* no position: the first advance looks, even at 0 */

/* Whom a port tells that a party can be reached again. */
struct listener {
    struct dispatch *dispatch;
    const struct port *port;
};

struct dispatch {
    struct dispatch_options options;
    struct delivery_limits limits;
    struct state *state;
    struct store *store;
    struct reader *reader;
    struct payloads *payloads;
    struct recipients *recipients;
    struct listener listeners[PORTS_MAX]; /* one for each port */
    size_t ports_count;
    struct delivery_queue **queues; /* by name, the party's own transport before ways back */
    size_t count, capacity;
    struct orders *orders;
    struct results *results;
    size_t bytes, in_flight;
    struct loop_timer *timer;
    bool turn_asked, started, stopping;
    bool returns_unknown; /* who can be served again is to be looked for */
    bool halted;          /* a row was wrong: state.db is not to be relied on */
    int64_t stop_ms;      /* stopping: then what is in flight is cancelled */
    uint64_t looked;      /* the position up to which new rows are known */
    struct handover handover;
    atomic_uint_fast64_t position;
    atomic_bool untold; /* what was decided up to there was not all handed over */
    atomic_bool advance_posted;
};

/* One delivery in a transport's hands. */
struct in_flight {
    struct delivery delivery; /* first: done() finds its in_flight */
    struct dispatch *dispatch;
    const struct edition *edition; /* held: of its party */
    const struct port *port;       /* that has it */
    struct delivery_queue *queue;
    struct pending *pending;
    const struct payload *payload; /* NULL: the record cannot be read */
    char id[];
};

static void turn(void *context);

/* An event has marked its destination; several events share one turn. */
static void ask_for_turn(struct dispatch *dispatch, struct delivery_queue *queue) {
    if (queue) {
        queue->wake_ms = 0;
    }
    if (!dispatch->turn_asked) {
        dispatch->turn_asked = true;
        loop_timer_start(dispatch->timer, 0);
    }
}

/* --- the queue of each destination, by name ------------------------------------------------------------- */

static int compare(const struct delivery_queue *queue, const char *name, const char *way) {
    int order = strcmp(queue->name, name);
    return order ? order : strcmp(queue->way, way);
}

static size_t place_of(const struct dispatch *dispatch, const char *name, const char *way) {
    size_t low = 0, high = dispatch->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(dispatch->queues[middle], name, way) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct delivery_queue *find_queue(const struct dispatch *dispatch, const char *name, const char *way) {
    size_t place = place_of(dispatch, name, way);
    bool found = place < dispatch->count && compare(dispatch->queues[place], name, way) == 0;
    return found ? dispatch->queues[place] : NULL;
}

static const struct port *find_port(const struct dispatch *dispatch, const struct party *party,
                                    const char *way) {
    for (size_t i = 0; party && i < dispatch->ports_count; i++) {
        const struct port *port = dispatch->listeners[i].port;
        if (strcmp(port->transport, *way ? way : party->transport) == 0) {
            return port;
        }
    }
    return NULL;
}

static struct delivery_queue *add_queue(struct dispatch *dispatch, const char *name, const char *way) {
    struct delivery_queue *queue = delivery_queue_new(name, way, &dispatch->limits);
    queue->party = parties_find(dispatch->options.edition->parties, text_of(name));
    queue->port = find_port(dispatch, queue->party, way);
    if (dispatch->count == dispatch->capacity) {
        dispatch->capacity = dispatch->capacity ? 2 * dispatch->capacity : 64;
        dispatch->queues = memory_grow(dispatch->queues, dispatch->capacity, sizeof(queue));
    }
    size_t place = place_of(dispatch, name, way);
    memmove(&dispatch->queues[place + 1], &dispatch->queues[place],
            (dispatch->count - place) * sizeof(queue));
    dispatch->queues[place] = queue;
    dispatch->count++;
    return queue;
}

/* Why nothing can be sent to it; NONE when it can. */
static enum delivery_reason unservable(const struct delivery_queue *queue) {
    if (!queue->party) {
        return DELIVERY_REASON_PARTY_LEFT;
    }
    if (queue->party->blocked) {
        return DELIVERY_REASON_PARTY_BLOCKED;
    }
    if (!*queue->way && !*queue->party->transport) {
        return DELIVERY_REASON_NO_TRANSPORT;
    }
    return queue->port ? DELIVERY_REASON_NONE : DELIVERY_REASON_NOT_RUNNING;
}

/* --- from state.db into the windows ------------------------------------------------------------------ */

static void state_failed(enum status status) {
    if (status != STATUS_OK) { /* the engine meets the same; rows are read again later */
        log_event_bounded(LOG_ERROR, EVENT_DISPATCH_STATE_UNREADABLE,
                          LOG_STRING("status", status_name(status)), LOG_END);
    }
}

#define NEXT_WAY(of_state)                                                           \
    "SELECT party, way FROM deliveries WHERE " of_state " AND (party, way) > (?, ?)" \
    " ORDER BY party, way LIMIT 1"
#define WAITS   "state = 'waiting'"
#define RETURNS "state = 'parked' AND returns = 1"

static void note_rows(struct dispatch *dispatch, const char *name, const char *way) {
    struct delivery_queue *queue = find_queue(dispatch, name, way);
    queue = queue ? queue : add_queue(dispatch, name, way);
    queue->more = true;
    queue->wake_ms = 0;
}

/* One seek for each of a party's ways, however many rows stand there. */
static void look_for_parties(struct dispatch *dispatch, const char *next_way) {
    char name[256] = "", way[WAY_MAX] = "";
    enum status status;
    for (bool found = true; found;) {
        struct store_query *query = store_query(dispatch->store, next_way);
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
            note_rows(dispatch, name, way);
        }
    }
    state_failed(status);
}

/* Their rows are committed: the queues know that there are some, and what to send is at hand. False: there
 * was more than could be handed over. */
static bool take_handover(struct dispatch *dispatch) {
    bool missed;
    for (struct handed *handed = handover_take(&dispatch->handover, &missed), *next; handed; handed = next) {
        next = handed->next;
        const struct decision *decision = &handed->told->decision;
        for (size_t i = 0; i < decision->destinations_count; i++) {
            const struct destination *destination = &decision->destinations[i];
            if (!destination->kept) {
                note_rows(dispatch, destination->party, destination->way);
            }
        }
        for (size_t i = 0; i < 2; i++) {
            if (handed->payloads[i]) {
                payloads_put(dispatch->payloads, handed->payloads[i]);
            }
        }
        recipients_tell(dispatch->recipients, handed->told);
        handed_free(handed);
    }
    return !missed;
}

/* What is parked because its party could not be served is looked for once in the life of an edition: nobody
 * is unblocked by anything else. */
static void look_for_rows(struct dispatch *dispatch) {
    bool first = dispatch->looked == LOOKED_NEVER;
    bool untold = atomic_exchange(&dispatch->untold, false); /* before what was told is taken */
    bool all = take_handover(dispatch);
    if (dispatch->returns_unknown) {
        look_for_parties(dispatch, NEXT_WAY(RETURNS));
        dispatch->returns_unknown = false;
    }
    if (first || untold || !all) {
        look_for_parties(dispatch, NEXT_WAY(WAITS));
    }
}

/* When a row may be tried, on our monotonic clock; a wall clock that jumped delays nothing beyond the longest
   rest. */
static int64_t due_of(const struct dispatch *dispatch, stamp next, int64_t now_ms) {
    stamp now = clock_now(journal_clock(dispatch->options.journal));
    uint64_t delay_ms = next > now ? ((uint64_t)next - (uint64_t)now) / MILLISECOND : 0;
    uint64_t longest_ms = (uint64_t)dispatch->limits.retry_max_ms;
    return now_ms + (int64_t)(delay_ms < longest_ms ? delay_ms : longest_ms);
}

static void take_row(struct dispatch *dispatch, struct delivery_queue *queue, struct store_query *row,
                     int64_t now_ms) {
    char texts[PENDING_TEXTS]
              [ROW_TEXT_MAX]; /* what is cut will not agree with the decision, and goes nowhere */
    const char *starts[PENDING_TEXTS];
    for (int i = 0; i < PENDING_TEXTS; i++) {
        snprintf(texts[i], sizeof(texts[i]), TEXT_FORMAT, TEXT_ARGS(store_text(row, 2 + i)));
        starts[i] = texts[i];
    }
    delivery_queue_add(queue, queue->cursor_decision, queue->cursor_record, starts,
                       (uint32_t)store_int(row, 5), due_of(dispatch, store_int(row, 6), now_ms));
}

#define ROWS_BEHIND(of_state)                                                       \
    "SELECT decision, record, subject, route, file, attempts, next FROM deliveries" \
    " WHERE party = ?1 AND way = ?5    AND " of_state                               \
    " AND decision >= ?2 AND (decision > ?2 OR record > ?3)"
#define IN_ORDER " ORDER BY decision, record LIMIT ?4"

/* Reads the next rows behind the cursor, as many as there are places: those that wait, and, where the party
 * can be served again, at their place among them those that were parked while it could not. */
static void refill(struct dispatch *dispatch, struct delivery_queue *queue, int64_t now_ms) {
    size_t places = delivery_queue_places(queue), wanted = places + queue->count, seen = 0;
    bool servable = unservable(queue) == DELIVERY_REASON_NONE;
    struct store_query *query =
        servable
            ? store_query(dispatch->store, ROWS_BEHIND(WAITS) " UNION ALL " ROWS_BEHIND(RETURNS) IN_ORDER)
            : store_query(dispatch->store, ROWS_BEHIND(WAITS) IN_ORDER);
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
            take_row(dispatch, queue, query, now_ms);
            places--;
        }
    }
    store_reset(query);
    queue->more = status != STATUS_OK || seen == wanted || places == 0;
    state_failed(status);
}

static bool is_worth_refilling(const struct delivery_queue *queue) {
    return queue->more
           && (queue->count < queue->limits->window || delivery_queue_places(queue) >= queue->limits->window);
}

/* --- rows are not believed --------------------------------------------------------------------------- */

/* False: the decision that the row names does not say so. Then no row is relied on any more, nor is anything
 * recorded about this one, which may be true of another delivery. *status: why the journal does not tell. */
static bool is_decided(struct dispatch *dispatch, const struct delivery_queue *queue,
                       const struct pending *pending, enum status *status) {
    struct recipient row = { .decision = pending->decision,
                             .record = pending->record,
                             .party = queue->name,
                             .route = pending->route,
                             .subject = pending->subject,
                             .way = queue->way,
                             .file = pending->file };
    *status = recipients_confirm(dispatch->recipients, &row);
    if (*status != STATUS_CONFLICT) {
        return true;
    }
    dispatch->halted = true;
    state_doubt(dispatch->state, "deliveries", pending->record);
    return false;
}

/* --- outcomes ------------------------------------------------------------------------- */

/* Of results: an outcome is durable (or never will be), or some are to be offered again. */
static void result_recorded(void *context, struct delivery_queue *queue) {
    ask_for_turn(context, queue);
}

/* Of orders. What the engine has looked at already is followed now: no advance need come. */
static void order_recorded(void *context, struct delivery_queue *queue) {
    struct dispatch *dispatch = context;
    orders_apply(dispatch->orders, dispatch_position(dispatch));
    ask_for_turn(dispatch, queue);
}

/* What a receiver or an operator said in bounded length, cut between characters. */
static void shorten(const char *words, char out[WORDS_MAX]) {
    size_t length = strnlen(words, WORDS_MAX - 1);
    while (length > 0 && ((unsigned char)words[length] & 0xC0) == 0x80) {
        length--;
    }
    snprintf(out, WORDS_MAX, "%.*s", (int)length, words);
}

static void settle(struct dispatch *dispatch, struct delivery_queue *queue, struct pending *pending,
                   enum status status, enum delivery_reason reason, const char *words) {
    int64_t now_ms = loop_now_ms(dispatch->options.loop);
    char kept[WORDS_MAX] = "";
    if (status != STATUS_OK) {
        shorten(words ? words : "", kept);
    }
    if (status == STATUS_OK || reason == DELIVERY_REASON_NONE) {
        reason = delivery_reason_of(status);
    }
    const struct in_flight *in_flight = pending->in_flight;
    pending->in_flight = NULL;
    delivery_queue_settle(queue, pending, status, now_ms);
    if (pending->outcome == DELIVERY_PARKED && !pending->dropped && in_flight->payload
        && queue->port->parked) {
        queue->port->parked(queue->port->context, &in_flight->delivery, reason, kept);
    }
    if (pending->dropped && pending->outcome != DELIVERY_DELIVERED) {
        pending->result = PENDING_NO_RESULT; /* the operator's word stands; it goes when that is applied */
    } else {
        results_record(dispatch->results, queue, pending, reason, kept, now_ms);
    }
    ask_for_turn(dispatch, queue);
}

/* --- in flight ----------------------------------------------------------------------------------------- */

static void in_flight_free(struct in_flight *in_flight) {
    in_flight->dispatch->bytes -= in_flight->delivery.data.length;
    in_flight->queue->bytes -= in_flight->delivery.data.length;
    in_flight->dispatch->in_flight--;
    payload_give_back(in_flight->payload);
    edition_release(in_flight->edition);
    free(in_flight);
}

static void in_flight_done(struct delivery *delivery, enum status status, enum delivery_reason reason,
                           const char *words) {
    struct in_flight *in_flight = (struct in_flight *)delivery;
    require(in_flight->pending->in_flight == in_flight);
    settle(in_flight->dispatch, in_flight->queue, in_flight->pending, status, reason, words);
    in_flight_free(in_flight); /* after settle(): the words may be a text of the delivery */
}

static struct in_flight *in_flight_new(struct dispatch *dispatch, struct delivery_queue *queue,
                                       struct pending *pending) {
    size_t id_size = sizeof("18446744073709551615/") + strlen(queue->name);
    struct in_flight *in_flight = memory_new(sizeof(*in_flight) + id_size);
    snprintf(in_flight->id, id_size, "%" PRIu64 "/%s", pending->record, queue->name);
    in_flight->dispatch = dispatch;
    in_flight->edition = edition_take(dispatch->options.edition);
    in_flight->port = queue->port;
    in_flight->queue = queue;
    in_flight->pending = pending;
    in_flight->delivery = (struct delivery){
        .id = in_flight->id,
        .record = pending->record,
        .party = queue->party,
        .subject = pending->subject,
        .route = pending->route,
        .way = queue->way,
        .file = pending->file,
        .attempt = pending->attempts,
        .done = in_flight_done,
    };
    dispatch->in_flight++;
    pending->in_flight = in_flight;
    pending->edition = in_flight->edition->digest;
    return in_flight;
}

static enum status fill(struct in_flight *in_flight) {
    struct dispatch *dispatch = in_flight->dispatch;
    struct delivery *delivery = &in_flight->delivery;
    enum status status = payloads_take(dispatch->payloads, delivery->record, &in_flight->payload);
    if (status != STATUS_OK) {
        return status;
    }
    const struct payload *payload = in_flight->payload;
    delivery->data = payload->data;
    delivery->digest = payload->digest;
    delivery->recorded = payload->recorded;
    delivery->sender = payload->sender;
    delivery->trace = payload->trace;
    delivery->about = payload->about;
    delivery->result = payload->result;
    delivery->family = payload->family;
    delivery->format = payload->format ? payload->format : payload->family;
    dispatch->bytes += payload->data.length;
    in_flight->queue->bytes += payload->data.length;
    return STATUS_OK;
}

static void send_slot(struct dispatch *dispatch, struct delivery_queue *queue, struct pending *pending,
                      int64_t now_ms) {
    enum status status;
    if (!is_decided(dispatch, queue, pending, &status)) {
        return;
    }
    delivery_queue_sent(queue, pending, now_ms + dispatch->options.timeout_ms);
    struct in_flight *in_flight = in_flight_new(dispatch, queue, pending);
    if (status == STATUS_OK) {
        status = fill(in_flight);
    }
    if (status == STATUS_OK) {
        queue->port->send(queue->port->context, &in_flight->delivery);
    } else {
        log_event_bounded(LOG_ERROR, EVENT_DISPATCH_RECORD_UNREADABLE, LOG_INT("record", pending->record),
                          LOG_STRING("status", status_name(status)), LOG_END);
        in_flight_done(&in_flight->delivery, status, DELIVERY_REASON_UNREADABLE, "");
    }
}

/* Half of the memory is kept for destinations that have nothing in flight, so that big and slow ones leave
   room. */
static bool has_memory(const struct dispatch *dispatch, const struct delivery_queue *queue) {
    return queue->in_flight == 0 ? dispatch->bytes < BYTES_MAX
                                 : dispatch->bytes < BYTES_MAX / 2 && queue->bytes < BYTES_SHARE;
}

static size_t room_of(const struct delivery_queue *queue) {
    return queue->port->room ? queue->port->room(queue->port->context, queue->party) : SIZE_MAX;
}

/* False: not all, the rest in the next turn. */
static bool send_what_may_go(struct dispatch *dispatch, struct delivery_queue *queue, int64_t now_ms) {
    size_t from = 0, count = 0;
    struct pending *pending;
    while ((queue->starved = !has_memory(dispatch, queue)) == false && room_of(queue) > 0 && !dispatch->halted
           && (pending = delivery_queue_next(queue, now_ms, &from))) {
        if (count++ == TURN_MAX) {
            return false;
        }
        send_slot(dispatch, queue, pending, now_ms);
    }
    return true;
}

static void park_all(struct dispatch *dispatch, struct delivery_queue *queue, enum delivery_reason reason,
                     int64_t now_ms) {
    enum status status;
    for (size_t i = 0; i < queue->count && !dispatch->halted; i++) {
        struct pending *pending = queue->pending[i];
        if (pending->state == PENDING_READY && !pending->dropped
            && is_decided(dispatch, queue, pending, &status)) {
            delivery_queue_park(queue, pending);
            pending->edition = dispatch->options.edition->digest;
            results_record(dispatch->results, queue, pending, reason, "", now_ms);
        }
    }
}

/* --- turns ------------------------------------------------------------------------------------------- */

static void expire(struct dispatch *dispatch, struct delivery_queue *queue, int64_t now_ms) {
    for (size_t i = 0; queue->in_flight > 0 && i < queue->count; i++) {
        struct pending *pending = queue->pending[i];
        if (pending->state == PENDING_IN_FLIGHT && pending->due_ms <= now_ms) {
            struct in_flight *in_flight = pending->in_flight;
            in_flight->port->cancel(in_flight->port->context, &in_flight->delivery);
            settle(dispatch, queue, pending, STATUS_TIMEOUT, DELIVERY_REASON_UNACKNOWLEDGED, "");
            in_flight_free(in_flight);
        }
    }
}

/* It can be served again. What was parked stands in the rows once the engine has applied it: only then they
 * are read again, from the first, so that nothing overtakes it. True: not yet. */
static bool is_still_returning(struct delivery_queue *queue) {
    if (queue->returning && queue->settled == 0) {
        queue->returning = false;
        queue->cursor_decision = queue->cursor_record = 0;
        queue->more = true;
    }
    return queue->returning;
}

static void serve(struct dispatch *dispatch, struct delivery_queue *queue, uint64_t position,
                  int64_t now_ms) {
    bool all = true;
    delivery_queue_apply(queue, position);
    expire(dispatch, queue, now_ms);
    if (!dispatch->stopping && !dispatch->halted && !is_still_returning(queue)) {
        if (is_worth_refilling(queue)) {
            refill(dispatch, queue, now_ms);
        }
        enum delivery_reason reason = unservable(queue);
        if (reason != DELIVERY_REASON_NONE) {
            park_all(dispatch, queue, reason, now_ms);
        } else {
            all = send_what_may_go(dispatch, queue, now_ms);
        }
    }
    queue->wake_ms = delivery_queue_due_ms(queue, now_ms);
    if (!all) {
        ask_for_turn(dispatch, queue);
    }
}

static void sleep_until(struct dispatch *dispatch, int64_t wake_ms, int64_t now_ms) {
    int64_t offer_ms = results_due_ms(dispatch->results);
    wake_ms = offer_ms < wake_ms ? offer_ms : wake_ms;
    if (dispatch->stopping && dispatch->stop_ms < wake_ms) {
        wake_ms = dispatch->stop_ms;
    }
    if (!dispatch->turn_asked && wake_ms != DELIVERY_NEVER) {
        int64_t delay_ms = wake_ms > now_ms ? wake_ms - now_ms : 0;
        loop_timer_start(dispatch->timer, (int)(delay_ms < SLEEP_MAX_MS ? delay_ms : SLEEP_MAX_MS));
    }
}

static void wind_up(struct dispatch *dispatch, int64_t now_ms);

static void turn(void *context) {
    struct dispatch *dispatch = context;
    dispatch->turn_asked = false;
    int64_t now_ms = loop_now_ms(dispatch->options.loop), wake_ms = DELIVERY_NEVER;
    uint64_t position = atomic_load(&dispatch->position);
    bool advanced = dispatch->started && (position != dispatch->looked || dispatch->returns_unknown);
    results_offer(dispatch->results, now_ms);
    if (advanced) {
        orders_apply(dispatch->orders, position);
        look_for_rows(dispatch);
        dispatch->looked = position;
    }
    for (size_t i = 0; i < dispatch->count; i++) {
        struct delivery_queue *queue = dispatch->queues[i];
        if (queue->wake_ms <= now_ms || queue->starved || (advanced && queue->settled > 0)) {
            serve(dispatch, queue, position, now_ms);
        }
        wake_ms = queue->wake_ms < wake_ms ? queue->wake_ms : wake_ms;
    }
    if (dispatch->stopping) {
        wind_up(dispatch, now_ms);
    }
    sleep_until(dispatch, wake_ms, now_ms);
}

/* --- the owner's calls ------------------------------------------------------------------------------- */

enum status dispatch_start(const struct dispatch_options *options, struct dispatch **out) {
    require(options->loop && options->journal && options->directory);
    *out = NULL;
    struct dispatch *dispatch = memory_new(sizeof(*dispatch));
    dispatch->options = *options;
    dispatch->options.timeout_ms = options->timeout_ms ? options->timeout_ms : 30000;
    dispatch->limits = (struct delivery_limits){
        .window = options->window ? options->window : 64,
        .attempts = options->attempts ? options->attempts : 12,
        .retry_first_ms = options->retry_first_ms ? options->retry_first_ms : 1000,
        .retry_max_ms = options->retry_max_ms ? options->retry_max_ms : 300000,
    };
    enum status status = state_open(options->directory, STORE_READ, &dispatch->state);
    if (status != STATUS_OK) {
        free(dispatch);
        return status;
    }
    edition_take(options->edition);
    dispatch->store = state_store(dispatch->state);
    dispatch->reader = reader_new(options->journal);
    dispatch->payloads = payloads_new(dispatch->reader);
    dispatch->recipients = recipients_new(dispatch->reader);
    dispatch->results = results_new(&(struct results_options){ .loop = options->loop,
                                                               .journal = options->journal,
                                                               .recorded = result_recorded,
                                                               .context = dispatch });
    dispatch->orders = orders_new(&(struct orders_options){ .loop = options->loop,
                                                            .journal = options->journal,
                                                            .recorded = order_recorded,
                                                            .context = dispatch });
    state_on_damage(dispatch->state, options->on_damage, options->context);
    dispatch->timer = loop_timer_new(options->loop, turn, dispatch);
    dispatch->looked = LOOKED_NEVER;
    dispatch->returns_unknown = true;
    handover_init(&dispatch->handover);
    *out = dispatch;
    return STATUS_OK;
}

/* A transport can reach a party again, or the party takes more. */
static void opened(void *context, const struct party *party) {
    const struct listener *listener = context;
    struct dispatch *dispatch = listener->dispatch;
    for (size_t i = place_of(dispatch, party->code, "");
         i < dispatch->count && strcmp(dispatch->queues[i]->name, party->code) == 0; i++) {
        struct delivery_queue *queue = dispatch->queues[i];
        if (queue->port == listener->port) {
            delivery_queue_opened(queue, loop_now_ms(dispatch->options.loop));
            ask_for_turn(dispatch, queue);
        }
    }
}

void dispatch_add_port(struct dispatch *dispatch, const struct port *port) {
    require(!dispatch->started && dispatch->ports_count < PORTS_MAX && port->send && port->cancel);
    struct listener *listener = &dispatch->listeners[dispatch->ports_count++];
    *listener = (struct listener){ dispatch, port };
    if (port->listen) {
        port->listen(port->context, opened, listener);
    }
}

/* --- another edition --------------------------------------------------------------------------------- */

static void change_queue(struct dispatch *dispatch, struct delivery_queue *queue) {
    bool was_servable = unservable(queue) == DELIVERY_REASON_NONE;
    queue->party = parties_find(dispatch->options.edition->parties, text_of(queue->name));
    queue->port = find_port(dispatch, queue->party, queue->way);
    bool is_servable = unservable(queue) == DELIVERY_REASON_NONE;
    queue->returning = is_servable && (queue->returning || !was_servable);
    delivery_queue_opened(queue, loop_now_ms(dispatch->options.loop)); /* by another address, perhaps */
    ask_for_turn(dispatch, queue);
}

void dispatch_change(struct dispatch *dispatch, const struct edition *edition) {
    require(edition);
    const struct edition *before = dispatch->options.edition;
    dispatch->options.edition = edition_take(edition);
    for (size_t i = 0; i < dispatch->count; i++) {
        change_queue(dispatch, dispatch->queues[i]);
    }
    dispatch->returns_unknown = true;
    ask_for_turn(dispatch, NULL);
    edition_release(before);
}

static void advanced(void *context) {
    struct dispatch *dispatch = context;
    atomic_store(&dispatch->advance_posted, false); /* before the turn reads the position: none is missed */
    dispatch->started = true;
    ask_for_turn(dispatch, NULL);
}

void dispatch_decided(struct dispatch *dispatch, const struct engine_decided *decided) {
    handover_add(&dispatch->handover, decided);
}

void dispatch_advance(struct dispatch *dispatch, uint64_t position, bool all_told) {
    if (!all_told) {
        atomic_store(&dispatch->untold, true);
    }
    atomic_store(&dispatch->position, position);
    if (!atomic_exchange(&dispatch->advance_posted, true)) {
        loop_post(dispatch->options.loop, advanced, dispatch);
    }
}

uint64_t dispatch_position(const struct dispatch *dispatch) {
    return dispatch->looked == LOOKED_NEVER ? 0 : dispatch->looked;
}

size_t dispatch_under_way(const struct dispatch *dispatch) {
    return dispatch->in_flight + results_count(dispatch->results) + orders_count(dispatch->orders);
}

void dispatch_halt(struct dispatch *dispatch) {
    dispatch->halted = true;
}

/* --- orders ------------------------------------------------------------------------------------------ */

static enum status find_row(struct dispatch *dispatch, uint64_t record, const char *party, bool *delivered,
                            char way[WAY_MAX]) {
    enum status status;
    struct store_query *query =
        store_query(dispatch->store, "SELECT state, way FROM deliveries WHERE record = ? AND party = ?");
    store_bind_int(query, 1, (int64_t)record);
    store_bind_string(query, 2, party);
    bool found = store_step(query, &status);
    *delivered = found && text_is(store_text(query, 0), delivery_outcome_state(DELIVERY_DELIVERED));
    snprintf(way, WAY_MAX, TEXT_FORMAT, TEXT_ARGS(found ? store_text(query, 1) : TEXT("")));
    store_reset(query);
    return found || status != STATUS_OK ? status : STATUS_NOT_FOUND;
}

/* Acknowledged, though the row may not say so yet. */
static bool is_delivered(const struct pending *pending) {
    return pending && pending->state == PENDING_SETTLED && pending->outcome == DELIVERY_DELIVERED;
}

enum status dispatch_order(struct dispatch *dispatch, uint64_t record, const char *party,
                           enum delivery_outcome outcome, const char *words,
                           void (*done)(void *context, enum status status), void *context) {
    require(party && done);
    require(outcome == DELIVERY_REDRIVEN || outcome == DELIVERY_DROPPED);
    char way[WAY_MAX];
    bool delivered;
    enum status status = find_row(dispatch, record, party, &delivered, way);
    if (status != STATUS_OK) {
        return status;
    }
    struct delivery_queue *queue = find_queue(dispatch, party, way);
    const struct pending *pending = queue ? delivery_queue_find(queue, record) : NULL;
    if (outcome == DELIVERY_DROPPED && (delivered || is_delivered(pending))) {
        return STATUS_CONFLICT;
    }
    char kept[WORDS_MAX];
    shorten(words ? words : "", kept);
    struct delivery_result order = { .record = record,
                                     .party = party,
                                     .outcome = outcome,
                                     .reason = DELIVERY_REASON_OPERATOR,
                                     .words = kept,
                                     .edition = dispatch->options.edition->digest };
    queue = queue ? queue : add_queue(dispatch, party, way);
    return orders_record(dispatch->orders, &order, queue, done, context);
}

/* --- stopping ---------------------------------------------------------------------------------------- */

static void cancel_all(struct dispatch *dispatch) {
    for (size_t i = 0; i < dispatch->count; i++) {
        struct delivery_queue *queue = dispatch->queues[i];
        for (size_t j = 0; j < queue->count; j++) {
            struct in_flight *in_flight = queue->pending[j]->in_flight;
            if (in_flight) {
                in_flight->port->cancel(in_flight->port->context, &in_flight->delivery);
                queue->pending[j]->in_flight = NULL;
                queue->pending[j]->due_ms = DELIVERY_NEVER;
                in_flight_free(in_flight);
            }
        }
    }
}

static bool is_idle(const struct dispatch *dispatch) {
    return dispatch_under_way(dispatch) == 0 && !atomic_load(&dispatch->advance_posted);
}

static void wind_up(struct dispatch *dispatch, int64_t now_ms) {
    if (now_ms >= dispatch->stop_ms) {
        cancel_all(dispatch);
        results_forget(dispatch->results);
        dispatch->stop_ms = DELIVERY_NEVER; /* what the sequencer has is waited for: it always answers */
    }
    if (is_idle(dispatch)) {
        loop_stop(dispatch->options.loop);
    }
}

void dispatch_stop(struct dispatch *dispatch) {
    if (!dispatch) {
        return;
    }
    dispatch->stopping = true;
    dispatch->stop_ms = loop_now_ms(dispatch->options.loop) + STOP_MS;
    while (!is_idle(dispatch)) {
        ask_for_turn(dispatch, NULL);
        loop_run(dispatch->options.loop);
    }
    for (size_t i = 0; i < dispatch->count; i++) {
        delivery_queue_free(dispatch->queues[i]);
    }
    free(dispatch->queues);
    loop_timer_free(dispatch->timer);
    handover_release(&dispatch->handover);
    payloads_free(dispatch->payloads);
    results_free(dispatch->results);
    orders_free(dispatch->orders);
    recipients_free(dispatch->recipients);
    reader_free(dispatch->reader);
    state_close(dispatch->state);
    edition_release(dispatch->options.edition);
    free(dispatch);
}
