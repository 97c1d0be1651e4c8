/*
 * dispatch.c - one delivery's way:
 *
 *   row `waiting` in state.db → slot in its destination's window → parcel: the record's bytes, handed to
 *   the port → done() → DELIVERY record, submitted → durable → applied by the engine (position) → the slot is
 *   free
 *
 * Everything happens in turns: an event (done, a record durable, the engine's advance, a port's word, a
 * timer) marks its destination and asks for a turn; the turn looks at marked destinations and at those whose
 * moment has come.
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
#include "journal/reader.h"
#include "engine/recipients.h"
#include "deliver/destination.h"
#include "deliver/letters.h"

#define PORTS_MAX       8
#define ORDERS_MAX      256 /* operators' words recorded and not yet applied */
#define REASON_MAX      500
#define ROW_TEXT_MAX    4096               /* of a row: subject, route, file */
#define BYTES_MAX       ((size_t)64 << 20) /* of all deliveries under way */
#define BYTES_SHARE     ((size_t)4 << 20)  /* of one destination, beyond its first */
#define TURN_MAX        64   /* sent to one destination in a turn: the next finds its letters there */
#define RECORD_AGAIN_MS 1000 /* a result that could not be submitted is tried again */
#define STOP_MS         5000
#define SLEEP_MAX_MS    60000
#define MILLISECOND     INT64_C(1000000) /* in a stamp */

/* An operator's word, recorded under `number` and not yet applied. */
struct delivery_order {
    uint64_t number, record;
    struct destination *dest;
    enum delivery_outcome outcome;
};

struct dispatch {
    struct dispatch_options options;
    struct destination_limits limits;
    struct state *state;
    struct store *store;
    struct reader *reader;
    struct letters *letters;
    struct recipients *recipients;
    const struct port *ports[PORTS_MAX];
    size_t ports_count;
    struct destination **destinations; /* by name, the party's transport before its folder */
    size_t count, capacity;
    struct delivery_order orders[ORDERS_MAX];
    size_t orders_count;
    size_t bytes, under_way;
    size_t results;             /* not durable yet */
    struct result *unsubmitted; /* of them: not taken by the journal, tried again at again_ms */
    int64_t again_ms;
    struct loop_timer *timer;
    bool turn_asked, started, stopping;
    bool halted;     /* a row was wrong: state.db is not to be relied on */
    int64_t stop_ms; /* stopping: then what is under way is cancelled */
    uint64_t looked; /* the position at which new rows were looked for */
    atomic_uint_fast64_t position;
    atomic_bool advance_posted;
};

/* One delivery in a transport's hands. */
struct parcel {
    struct delivery delivery; /* first: done() finds its parcel */
    struct dispatch *dispatch;
    struct destination *dest;
    struct slot *slot;
    const struct letter *letter; /* NULL: the record cannot be read */
    char id[];
};

/* One DELIVERY record on its way into the journal. */
struct result {
    struct entry entry;
    struct buf meta;
    struct dispatch *dispatch;
    struct destination *dest;
    struct slot *slot;
    enum status status;
    struct result *next; /* unsubmitted */
};

static void turn(void *context);

/* An event has marked its destination; several events share one turn. */
static void ask_for_turn(struct dispatch *dispatch, struct destination *dest) {
    if (dest) {
        dest->wake_ms = 0;
    }
    if (!dispatch->turn_asked) {
        dispatch->turn_asked = true;
        loop_timer_start(dispatch->timer, 0);
    }
}

/* --- destinations ------------------------------------------------------------------------------------ */

static int compare(const struct destination *dest, const char *name, bool folder) {
    int order = strcmp(dest->name, name);
    return order ? order : (int)dest->folder - (int)folder;
}

static size_t place_of(const struct dispatch *dispatch, const char *name, bool folder) {
    size_t low = 0, high = dispatch->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(dispatch->destinations[middle], name, folder) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct destination *find_destination(const struct dispatch *dispatch, const char *name, bool folder) {
    size_t place = place_of(dispatch, name, folder);
    bool found = place < dispatch->count && compare(dispatch->destinations[place], name, folder) == 0;
    return found ? dispatch->destinations[place] : NULL;
}

static const char *transport_of(const struct destination *dest) {
    return !dest->party ? "" : dest->folder ? "files" : dest->party->transport;
}

static const struct port *find_port(const struct dispatch *dispatch, const char *transport) {
    for (size_t i = 0; i < dispatch->ports_count; i++) {
        if (strcmp(dispatch->ports[i]->transport, transport) == 0) {
            return dispatch->ports[i];
        }
    }
    return NULL;
}

static struct destination *add_destination(struct dispatch *dispatch, const char *name, bool folder) {
    struct destination *dest = destination_new(name, &dispatch->limits);
    dest->party = parties_find(dispatch->options.setup->parties, text_of(name));
    dest->folder = folder;
    dest->port = find_port(dispatch, transport_of(dest));
    if (dispatch->count == dispatch->capacity) {
        dispatch->capacity = dispatch->capacity ? 2 * dispatch->capacity : 64;
        dispatch->destinations = memory_grow(dispatch->destinations, dispatch->capacity, sizeof(dest));
    }
    size_t place = place_of(dispatch, name, folder);
    memmove(&dispatch->destinations[place + 1], &dispatch->destinations[place],
            (dispatch->count - place) * sizeof(dest));
    dispatch->destinations[place] = dest;
    dispatch->count++;
    return dest;
}

/* Why nothing can be sent to it; NULL when it can. */
static const char *unservable(const struct destination *dest) {
    if (!dest->party) {
        return "the party is not in the set-up any more";
    }
    if (dest->party->blocked) {
        return "the party is blocked";
    }
    if (!*transport_of(dest)) {
        return "nothing is delivered to this party: its row has no transport";
    }
    return dest->port ? NULL : "the party's transport does not run on this gateway";
}

/* --- from state.db into the windows ------------------------------------------------------------------ */

static void state_failed(enum status status) {
    if (status != STATUS_OK) { /* the engine meets the same; rows are read again later */
        log_event_bounded(LOG_ERROR, "dispatch", "state_unreadable",
                          LOG_STRING("status", status_name(status)), LOG_END);
    }
}

/* One seek for each of a party's ways, however many rows wait there. */
static void look_for_parties(struct dispatch *dispatch) {
    char name[256] = "";
    bool folder = false;
    enum status status;
    for (bool found = true; found;) {
        struct store_query *query = store_query(
            dispatch->store,
            "SELECT party, folder FROM deliveries WHERE state = 'waiting' AND (party, folder) > (?, ?) "
            "ORDER BY party, folder LIMIT 1");
        store_bind_string(query, 1, name);
        store_bind_int(query, 2, folder);
        found = store_step(query, &status);
        if (found) {
            struct text party = store_text(query, 0);
            snprintf(name, sizeof(name), TEXT_FORMAT, TEXT_ARGS(party));
            folder = store_int(query, 1) != 0;
            found = party.length
                    < sizeof(name); /* no party has such a name; it must not turn the loop for ever */
            store_reset(query);
        }
        if (found) {
            struct destination *dest = find_destination(dispatch, name, folder);
            dest = dest ? dest : add_destination(dispatch, name, folder);
            dest->more = true;
            dest->wake_ms = 0;
        }
    }
    state_failed(status);
}

/* When a row may be tried, on our monotonic clock; a wall clock that jumped delays nothing beyond the longest
   rest. */
static int64_t due_of(const struct dispatch *dispatch, stamp next, int64_t now_ms) {
    stamp now = clock_now(journal_clock(dispatch->options.journal));
    uint64_t delay_ms = next > now ? ((uint64_t)next - (uint64_t)now) / MILLISECOND : 0;
    uint64_t longest_ms = (uint64_t)dispatch->limits.retry_max_ms;
    return now_ms + (int64_t)(delay_ms < longest_ms ? delay_ms : longest_ms);
}

static void take_row(struct dispatch *dispatch, struct destination *dest, struct store_query *row,
                     int64_t now_ms) {
    char texts[SLOT_TEXTS][ROW_TEXT_MAX]; /* what is cut will not agree with the decision, and goes nowhere */
    const char *starts[SLOT_TEXTS];
    for (int i = 0; i < SLOT_TEXTS; i++) {
        snprintf(texts[i], sizeof(texts[i]), TEXT_FORMAT, TEXT_ARGS(store_text(row, 2 + i)));
        starts[i] = texts[i];
    }
    destination_add(dest, dest->cursor_decision, dest->cursor_record, starts, (uint32_t)store_int(row, 5),
                    due_of(dispatch, store_int(row, 6), now_ms));
}

/* Reads the next waiting rows behind the cursor, as many as there are places. */
static void refill(struct dispatch *dispatch, struct destination *dest, int64_t now_ms) {
    size_t places = destination_places(dest), wanted = places + dest->count, seen = 0;
    struct store_query *query = store_query(
        dispatch->store,
        "SELECT decision, record, subject, route, file, attempts, next FROM deliveries "
        "WHERE party = ?1 AND folder = ?5 AND state = 'waiting' AND decision >= ?2 AND (decision > ?2 OR"
        " record > ?3) "
        "ORDER BY decision, record LIMIT ?4");
    store_bind_string(query, 1, dest->name);
    store_bind_int(query, 2, (int64_t)dest->cursor_decision);
    store_bind_int(query, 3, (int64_t)dest->cursor_record);
    store_bind_int(query, 4, (int64_t)wanted); /* behind a cursor set back stand rows that are in hand */
    store_bind_int(query, 5, dest->folder);
    enum status status = STATUS_OK;
    while (places > 0 && store_step(query, &status)) {
        seen++;
        dest->cursor_decision = (uint64_t)store_int(query, 0);
        dest->cursor_record = (uint64_t)store_int(query, 1);
        if (!destination_find(dest, dest->cursor_record)) {
            take_row(dispatch, dest, query, now_ms);
            places--;
        }
    }
    store_reset(query);
    dest->more = status != STATUS_OK || seen == wanted || places == 0;
    state_failed(status);
}

static bool is_worth_refilling(const struct destination *dest) {
    return dest->more
           && (dest->count < dest->limits->window || destination_places(dest) >= dest->limits->window);
}

/* --- rows are not believed --------------------------------------------------------------------------- */

/* False: the decision that the row names does not say so. Then no row is relied on any more, nor is anything
 * recorded about this one, which may be true of another delivery. *status: why the journal does not tell. */
static bool is_decided(struct dispatch *dispatch, const struct destination *dest, const struct slot *slot,
                       enum status *status) {
    struct recipient row = { .decision = slot->decision,
                             .record = slot->record,
                             .party = dest->name,
                             .route = slot->route,
                             .subject = slot->subject,
                             .file = slot->file };
    *status = recipients_confirm(dispatch->recipients, &row);
    if (*status != STATUS_CONFLICT) {
        return true;
    }
    dispatch->halted = true;
    state_doubt(dispatch->state, "deliveries", slot->record);
    return false;
}

/* --- outcomes become records ------------------------------------------------------------------------- */

static void result_free(struct result *result) {
    buf_release(&result->meta);
    free(result);
}

/* Loop thread: the record is durable, or the journal did not take it. */
static void result_back(void *context) {
    struct result *result = context;
    struct dispatch *dispatch = result->dispatch;
    if (result->status == STATUS_BUSY || result->status == STATUS_FULL) {
        dispatch->again_ms = stamp_monotonic_ms() + RECORD_AGAIN_MS;
        result->next = dispatch->unsubmitted;
        dispatch->unsubmitted = result;
        ask_for_turn(dispatch, NULL);
        return;
    }
    if (result->status == STATUS_OK) {
        result->slot->result = result->entry.rec.number;
    } else { /* the journal has failed, the process ends: the slot stays as it is */
        log_event(LOG_ERROR, "dispatch", "result_not_recorded",
                  LOG_STRING("status", status_name(result->status)), LOG_END);
    }
    dispatch->results--;
    ask_for_turn(dispatch, result->dest);
    result_free(result);
}

/* Sequencer thread. */
static void result_durable(struct entry *entry, enum status status, void *context) {
    struct result *result = context;
    result->status = status;
    loop_post(result->dispatch->options.loop, result_back, result);
}

static void submit_result(struct result *result) {
    enum status status = journal_submit(result->dispatch->options.journal, &result->entry);
    if (status != STATUS_OK) { /* else it is the sequencer's until it comes back */
        result->status = status;
        result_back(result);
    }
}

static void submit_again(struct dispatch *dispatch, int64_t now_ms) {
    if (dispatch->unsubmitted && now_ms >= dispatch->again_ms) {
        struct result *result = dispatch->unsubmitted;
        dispatch->unsubmitted = NULL;
        while (result) {
            struct result *next = result->next;
            submit_result(result);
            result = next;
        }
    }
}

static const enum counter counter_of_outcome[] = {
    [DELIVERY_DELIVERED] = COUNTER_DELIVERED,
    [DELIVERY_DEFERRED] = COUNTER_DEFERRED,
    [DELIVERY_PARKED] = COUNTER_PARKED,
};

/* The slot knows its outcome; say it to the journal. */
static void record_outcome(struct dispatch *dispatch, struct destination *dest, struct slot *slot,
                           const char *reason, int64_t now_ms) {
    struct result *result = memory_new(sizeof(*result));
    struct delivery_result told = { .record = slot->record,
                                    .party = dest->name,
                                    .outcome = slot->outcome,
                                    .attempt = slot->attempts,
                                    .reason = reason };
    if (slot->outcome == DELIVERY_DEFERRED) {
        told.next =
            clock_now(journal_clock(dispatch->options.journal)) + (slot->due_ms - now_ms) * MILLISECOND;
    }
    buf_init(&result->meta, 16 * 1024);
    delivery_write(&told, &result->meta);
    require(!buf_failed(&result->meta));
    result->dispatch = dispatch;
    result->dest = dest;
    result->slot = slot;
    result->entry = (struct entry){ .rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&result->meta) },
                                    .reserve = true,
                                    .done = result_durable,
                                    .context = result };
    counter_add(counter_of_outcome[slot->outcome], 1);
    if (slot->outcome != DELIVERY_DELIVERED) {
        enum log_level level = slot->outcome == DELIVERY_PARKED ? LOG_WARN : LOG_INFO;
        log_event(level, "dispatch", delivery_outcome_text(slot->outcome), LOG_INT("record", slot->record),
                  LOG_STRING("party", dest->name), LOG_INT("attempt", slot->attempts),
                  LOG_STRING("reason", reason), LOG_END);
    }
    dispatch->results++;
    submit_result(result);
}

/* A receiver's reason in bounded length, cut between characters. */
static void shorten(const char *reason, char out[REASON_MAX]) {
    size_t length = strnlen(reason, REASON_MAX - 1);
    while (length > 0 && ((unsigned char)reason[length] & 0xC0) == 0x80) {
        length--;
    }
    snprintf(out, REASON_MAX, "%.*s", (int)length, reason);
}

static void told(struct dispatch *dispatch, struct destination *dest, struct slot *slot, enum status status,
                 const char *reason) {
    int64_t now_ms = stamp_monotonic_ms();
    char kept[REASON_MAX] = "";
    if (status != STATUS_OK) {
        shorten(reason && *reason ? reason : status_sentence(status, LANGUAGE_EN), kept);
    }
    slot->parcel = NULL;
    destination_told(dest, slot, status, now_ms);
    if (slot->dropped && slot->outcome != DELIVERY_DELIVERED) {
        slot->result = UINT64_MAX; /* the operator's word stands; it goes when that is applied */
    } else {
        record_outcome(dispatch, dest, slot, kept, now_ms);
    }
    ask_for_turn(dispatch, dest);
}

/* --- parcels ----------------------------------------------------------------------------------------- */

static void parcel_free(struct parcel *parcel) {
    parcel->dispatch->bytes -= parcel->delivery.data.length;
    parcel->dest->bytes -= parcel->delivery.data.length;
    parcel->dispatch->under_way--;
    letters_give_back(parcel->letter);
    free(parcel);
}

static void parcel_done(struct delivery *delivery, enum status status, const char *reason) {
    struct parcel *parcel = (struct parcel *)delivery;
    require(parcel->slot->parcel == parcel);
    told(parcel->dispatch, parcel->dest, parcel->slot, status, reason);
    parcel_free(parcel); /* after told(): the reason may be a text of the delivery */
}

static struct parcel *parcel_new(struct dispatch *dispatch, struct destination *dest, struct slot *slot) {
    size_t id_size = sizeof("18446744073709551615/") + strlen(dest->name);
    struct parcel *parcel = memory_new(sizeof(*parcel) + id_size);
    snprintf(parcel->id, id_size, "%" PRIu64 "/%s", slot->record, dest->name);
    parcel->dispatch = dispatch;
    parcel->dest = dest;
    parcel->slot = slot;
    parcel->delivery = (struct delivery){
        .id = parcel->id,
        .record = slot->record,
        .party = dest->party,
        .subject = slot->subject,
        .route = slot->route,
        .file = slot->file,
        .attempt = slot->attempts,
        .done = parcel_done,
    };
    dispatch->under_way++;
    slot->parcel = parcel;
    return parcel;
}

static enum status put_letter_in(struct parcel *parcel) {
    struct dispatch *dispatch = parcel->dispatch;
    struct delivery *delivery = &parcel->delivery;
    enum status status = letters_take(dispatch->letters, delivery->record, &parcel->letter);
    if (status != STATUS_OK) {
        return status;
    }
    const struct letter *letter = parcel->letter;
    delivery->data = letter->data;
    delivery->digest = letter->digest;
    delivery->recorded = letter->recorded;
    delivery->sender = letter->sender;
    delivery->trace = letter->trace;
    delivery->family = letter->family;
    delivery->format = letter->format ? letter->format : letter->family;
    dispatch->bytes += letter->data.length;
    parcel->dest->bytes += letter->data.length;
    return STATUS_OK;
}

static void send_slot(struct dispatch *dispatch, struct destination *dest, struct slot *slot,
                      int64_t now_ms) {
    enum status status;
    if (!is_decided(dispatch, dest, slot, &status)) {
        return;
    }
    destination_sent(dest, slot, now_ms + dispatch->options.timeout_ms);
    struct parcel *parcel = parcel_new(dispatch, dest, slot);
    if (status == STATUS_OK) {
        status = put_letter_in(parcel);
    }
    if (status == STATUS_OK) {
        dest->port->send(dest->port->context, &parcel->delivery);
    } else {
        log_event_bounded(LOG_ERROR, "dispatch", "record_unreadable", LOG_INT("record", slot->record),
                          LOG_STRING("status", status_name(status)), LOG_END);
        parcel_done(&parcel->delivery, status, "the record cannot be read from the journal");
    }
}

/* Half of the memory is kept for destinations that have nothing under way, so that big and slow ones leave
   room. */
static bool has_memory(const struct dispatch *dispatch, const struct destination *dest) {
    return dest->sent == 0 ? dispatch->bytes < BYTES_MAX
                           : dispatch->bytes < BYTES_MAX / 2 && dest->bytes < BYTES_SHARE;
}

static size_t room_of(const struct destination *dest) {
    return dest->port->room ? dest->port->room(dest->port->context, dest->party) : SIZE_MAX;
}

/* False: not all, the rest in the next turn. */
static bool send_what_may_go(struct dispatch *dispatch, struct destination *dest, int64_t now_ms) {
    size_t from = 0, count = 0;
    struct slot *slot;
    while ((dest->starved = !has_memory(dispatch, dest)) == false && room_of(dest) > 0 && !dispatch->halted
           && (slot = destination_next(dest, now_ms, &from))) {
        if (count++ == TURN_MAX) {
            return false;
        }
        send_slot(dispatch, dest, slot, now_ms);
    }
    return true;
}

static void park_all(struct dispatch *dispatch, struct destination *dest, const char *reason,
                     int64_t now_ms) {
    enum status status;
    for (size_t i = 0; i < dest->count && !dispatch->halted; i++) {
        struct slot *slot = dest->slots[i];
        if (slot->state == SLOT_READY && !slot->dropped && is_decided(dispatch, dest, slot, &status)) {
            destination_park(dest, slot);
            record_outcome(dispatch, dest, slot, reason, now_ms);
        }
    }
}

/* --- what has been applied --------------------------------------------------------------------------- */

static void settle_results(struct destination *dest, uint64_t position) {
    for (size_t i = dest->count; dest->told > 0 && i-- > 0;) {
        struct slot *slot = dest->slots[i];
        if (slot->state != SLOT_TOLD || slot->result == 0 || slot->result > position) {
            continue;
        }
        if (slot->outcome == DELIVERY_DEFERRED) {
            destination_again(dest, slot);
        } else {
            destination_remove(dest, slot);
        }
    }
}

static void settle_order(const struct delivery_order *order, uint64_t position) {
    struct destination *dest = order->dest;
    settle_results(dest, position); /* an outcome recorded before the order comes before it */
    struct slot *slot = destination_find(dest, order->record);
    bool idle =
        slot && (slot->state == SLOT_READY || (slot->state == SLOT_TOLD && slot->result == UINT64_MAX));
    if (idle) { /* what the row says now is read anew, if it still waits */
        destination_remove(dest, slot);
    }
    if (order->outcome == DELIVERY_REDRIVEN) { /* the row waits again, perhaps far behind the cursor */
        dest->cursor_decision = dest->cursor_record = 0;
        dest->more = true;
    }
    dest->wake_ms = 0;
}

static void settle_orders(struct dispatch *dispatch, uint64_t position) {
    size_t kept = 0;
    for (size_t i = 0; i < dispatch->orders_count; i++) {
        if (dispatch->orders[i].number <= position) {
            settle_order(&dispatch->orders[i], position);
        } else {
            dispatch->orders[kept++] = dispatch->orders[i];
        }
    }
    dispatch->orders_count = kept;
}

/* --- turns ------------------------------------------------------------------------------------------- */

static void expire(struct dispatch *dispatch, struct destination *dest, int64_t now_ms) {
    for (size_t i = 0; dest->sent > 0 && i < dest->count; i++) {
        struct slot *slot = dest->slots[i];
        if (slot->state == SLOT_SENT && slot->due_ms <= now_ms) {
            struct parcel *parcel = slot->parcel;
            dest->port->cancel(dest->port->context, &parcel->delivery);
            told(dispatch, dest, slot, STATUS_TIMEOUT, "no acknowledgement in time");
            parcel_free(parcel);
        }
    }
}

static void serve(struct dispatch *dispatch, struct destination *dest, uint64_t position, int64_t now_ms) {
    bool all = true;
    settle_results(dest, position);
    expire(dispatch, dest, now_ms);
    if (!dispatch->stopping && !dispatch->halted) {
        if (is_worth_refilling(dest)) {
            refill(dispatch, dest, now_ms);
        }
        const char *reason = unservable(dest);
        if (reason) {
            park_all(dispatch, dest, reason, now_ms);
        } else {
            all = send_what_may_go(dispatch, dest, now_ms);
        }
    }
    dest->wake_ms = destination_due_ms(dest, now_ms);
    if (!all) {
        ask_for_turn(dispatch, dest);
    }
}

static void sleep_until(struct dispatch *dispatch, int64_t wake_ms, int64_t now_ms) {
    if (dispatch->unsubmitted && dispatch->again_ms < wake_ms) {
        wake_ms = dispatch->again_ms;
    }
    if (dispatch->stopping && dispatch->stop_ms < wake_ms) {
        wake_ms = dispatch->stop_ms;
    }
    if (!dispatch->turn_asked && wake_ms != DESTINATION_NEVER) {
        int64_t delay_ms = wake_ms > now_ms ? wake_ms - now_ms : 0;
        loop_timer_start(dispatch->timer, (int)(delay_ms < SLEEP_MAX_MS ? delay_ms : SLEEP_MAX_MS));
    }
}

static void wind_up(struct dispatch *dispatch, int64_t now_ms);

static void turn(void *context) {
    struct dispatch *dispatch = context;
    dispatch->turn_asked = false;
    int64_t now_ms = stamp_monotonic_ms(), wake_ms = DESTINATION_NEVER;
    uint64_t position = atomic_load(&dispatch->position);
    bool advanced = dispatch->started && position != dispatch->looked;
    submit_again(dispatch, now_ms);
    if (advanced) {
        settle_orders(dispatch, position);
        look_for_parties(dispatch);
        dispatch->looked = position;
    }
    for (size_t i = 0; i < dispatch->count; i++) {
        struct destination *dest = dispatch->destinations[i];
        if (dest->wake_ms <= now_ms || dest->starved || (advanced && dest->told > 0)) {
            serve(dispatch, dest, position, now_ms);
        }
        wake_ms = dest->wake_ms < wake_ms ? dest->wake_ms : wake_ms;
    }
    if (dispatch->stopping) {
        wind_up(dispatch, now_ms);
    }
    sleep_until(dispatch, wake_ms, now_ms);
}

/* --- the owner's calls ------------------------------------------------------------------------------- */

enum status dispatch_start(const struct dispatch_options *options, struct dispatch **out) {
    *out = NULL;
    struct dispatch *dispatch = memory_new(sizeof(*dispatch));
    dispatch->options = *options;
    dispatch->options.timeout_ms = options->timeout_ms ? options->timeout_ms : 30000;
    dispatch->limits = (struct destination_limits){
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
    dispatch->store = state_store(dispatch->state);
    dispatch->reader = reader_new(options->journal);
    dispatch->letters = letters_new(dispatch->reader);
    dispatch->recipients = recipients_new(dispatch->reader);
    state_on_damage(dispatch->state, options->on_damage, options->context);
    dispatch->timer = loop_timer_new(options->loop, turn, dispatch);
    dispatch->looked = UINT64_MAX; /* no position: the first advance looks, even at 0 */
    *out = dispatch;
    return STATUS_OK;
}

/* A transport can reach a party again, or the party takes more. */
static void opened(void *listener, const struct party *party) {
    struct dispatch *dispatch = listener;
    struct destination *dest = find_destination(dispatch, party->code, false); /* folders tell of nothing */
    if (dest) {
        destination_opened(dest, stamp_monotonic_ms());
        ask_for_turn(dispatch, dest);
    }
}

void dispatch_add_port(struct dispatch *dispatch, const struct port *port) {
    require(!dispatch->started && dispatch->ports_count < PORTS_MAX && port->send && port->cancel);
    dispatch->ports[dispatch->ports_count++] = port;
    if (port->listen) {
        port->listen(port->context, opened, dispatch);
    }
}

static void advanced(void *context) {
    struct dispatch *dispatch = context;
    atomic_store(&dispatch->advance_posted, false); /* before the turn reads the position: none is missed */
    dispatch->started = true;
    ask_for_turn(dispatch, NULL);
}

void dispatch_advance(struct dispatch *dispatch, uint64_t position) {
    atomic_store(&dispatch->position, position);
    if (!atomic_exchange(&dispatch->advance_posted, true)) {
        loop_post(dispatch->options.loop, advanced, dispatch);
    }
}

size_t dispatch_under_way(const struct dispatch *dispatch) {
    return dispatch->under_way + dispatch->results;
}

void dispatch_halt(struct dispatch *dispatch) {
    dispatch->halted = true;
}

/* --- orders ------------------------------------------------------------------------------------------ */

static enum status find_row(struct dispatch *dispatch, uint64_t record, const char *party, bool *delivered,
                            bool *folder) {
    enum status status;
    struct store_query *query =
        store_query(dispatch->store, "SELECT state, folder FROM deliveries WHERE record = ? AND party = ?");
    store_bind_int(query, 1, (int64_t)record);
    store_bind_string(query, 2, party);
    bool found = store_step(query, &status);
    *delivered = found && text_is(store_text(query, 0), delivery_outcome_state(DELIVERY_DELIVERED));
    *folder = found && store_int(query, 1) != 0;
    store_reset(query);
    return found || status != STATUS_OK ? status : STATUS_NOT_FOUND;
}

/* Acknowledged, though the row may not say so yet. */
static bool is_delivered(const struct slot *slot) {
    return slot && slot->state == SLOT_TOLD && slot->outcome == DELIVERY_DELIVERED;
}

static enum status record_order(struct dispatch *dispatch, const struct delivery_result *told,
                                uint64_t *number) {
    struct buf meta;
    buf_init(&meta, 16 * 1024);
    delivery_write(told, &meta);
    struct record rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&meta) };
    enum status status =
        buf_failed(&meta) ? STATUS_TOO_LARGE : journal_append(dispatch->options.journal, &rec, true);
    *number = rec.number;
    buf_release(&meta);
    return status;
}

enum status dispatch_order(struct dispatch *dispatch, uint64_t record, const char *party,
                           enum delivery_outcome outcome, const char *reason) {
    require(outcome == DELIVERY_REDRIVEN || outcome == DELIVERY_DROPPED);
    if (dispatch->orders_count == ORDERS_MAX) {
        return STATUS_BUSY;
    }
    bool delivered, folder;
    enum status status = find_row(dispatch, record, party, &delivered, &folder);
    if (status != STATUS_OK) {
        return status;
    }
    struct destination *dest = find_destination(dispatch, party, folder);
    struct slot *slot = dest ? destination_find(dest, record) : NULL;
    if (outcome == DELIVERY_DROPPED && (delivered || is_delivered(slot))) {
        return STATUS_CONFLICT;
    }
    char kept[REASON_MAX];
    shorten(reason ? reason : "", kept);
    struct delivery_result told = { .record = record, .party = party, .outcome = outcome, .reason = kept };
    struct delivery_order order = { .record = record, .outcome = outcome };
    status = record_order(dispatch, &told, &order.number);
    if (status == STATUS_OK) {
        order.dest = dest ? dest : add_destination(dispatch, party, folder);
        if (slot) { /* from here on no failure of it may be recorded over the order */
            slot->dropped = outcome == DELIVERY_DROPPED;
        }
        dispatch->orders[dispatch->orders_count++] = order;
    }
    return status;
}

/* --- stopping ---------------------------------------------------------------------------------------- */

static void cancel_all(struct dispatch *dispatch) {
    for (size_t i = 0; i < dispatch->count; i++) {
        struct destination *dest = dispatch->destinations[i];
        for (size_t j = 0; j < dest->count; j++) {
            struct parcel *parcel = dest->slots[j]->parcel;
            if (parcel) {
                dest->port->cancel(dest->port->context, &parcel->delivery);
                dest->slots[j]->parcel = NULL;
                dest->slots[j]->due_ms = DESTINATION_NEVER;
                parcel_free(parcel);
            }
        }
    }
}

/* What the journal has not taken is forgotten: the rows still wait and are sent again after the restart. */
static void forget_unsubmitted(struct dispatch *dispatch) {
    while (dispatch->unsubmitted) {
        struct result *result = dispatch->unsubmitted;
        dispatch->unsubmitted = result->next;
        dispatch->results--;
        result_free(result);
    }
}

static bool is_idle(const struct dispatch *dispatch) {
    return dispatch_under_way(dispatch) == 0 && !atomic_load(&dispatch->advance_posted);
}

static void wind_up(struct dispatch *dispatch, int64_t now_ms) {
    if (now_ms >= dispatch->stop_ms) {
        cancel_all(dispatch);
        forget_unsubmitted(dispatch);
        dispatch->stop_ms = DESTINATION_NEVER; /* what the sequencer has is waited for: it always answers */
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
    dispatch->stop_ms = stamp_monotonic_ms() + STOP_MS;
    while (!is_idle(dispatch)) {
        ask_for_turn(dispatch, NULL);
        loop_run(dispatch->options.loop);
    }
    for (size_t i = 0; i < dispatch->count; i++) {
        destination_free(dispatch->destinations[i]);
    }
    free(dispatch->destinations);
    loop_timer_free(dispatch->timer);
    letters_free(dispatch->letters);
    recipients_free(dispatch->recipients);
    reader_free(dispatch->reader);
    state_close(dispatch->state);
    free(dispatch);
}
