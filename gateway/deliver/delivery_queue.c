/*
 * delivery_queue.c - an array of pending deliveries in the order decided, chains of those with one subject
 * through it, and the arithmetic of rest.
 */
#include "deliver/delivery_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "deliver/port.h"

#define PENDING_PER_WINDOW 4 /* how far it looks beyond what may be in flight */

struct delivery_queue *delivery_queue_new(const char *name, const char *way,
                                          const struct delivery_limits *limits) {
    require(name && limits && limits->window > 0);
    struct delivery_queue *queue = memory_new(sizeof(*queue));
    queue->name = memory_string(name);
    queue->way = memory_string(way);
    queue->limits = limits;
    queue->pending = memory_array((size_t)limits->window * PENDING_PER_WINDOW, sizeof(*queue->pending));
    queue->wake_ms = DELIVERY_NEVER;
    queue->more = queue->parked = true; /* until the rows were read */
    return queue;
}

static void pending_free(struct pending *pending) {
    free((char *)pending->subject); /* one piece for all its texts */
    free(pending);
}

void delivery_queue_free(struct delivery_queue *queue) {
    if (queue) {
        for (size_t i = 0; i < queue->count; i++) {
            pending_free(queue->pending[i]);
        }
        free(queue->pending);
        free((char *)queue->name);
        free((char *)queue->way);
        free(queue);
    }
}

/* What must hold whenever somebody calls. */
static void require_sound(const struct delivery_queue *queue) {
    require(queue->in_flight + queue->settled <= queue->count);
    require(queue->count <= (size_t)queue->limits->window * PENDING_PER_WINDOW);
}

size_t delivery_queue_places(const struct delivery_queue *queue) {
    require_sound(queue);
    return (size_t)queue->limits->window * PENDING_PER_WINDOW - queue->count;
}

/* --- deliveries come and go --------------------------------------------------------------------------- */

struct pending *delivery_queue_find(const struct delivery_queue *queue, uint64_t record) {
    for (size_t i = 0; i < queue->count; i++) {
        if (queue->pending[i]->record == record) {
            return queue->pending[i];
        }
    }
    return NULL;
}

static bool comes_later(const struct pending *pending, uint64_t decision, uint64_t record) {
    return pending->decision != decision ? pending->decision > decision : pending->record > record;
}

static bool same_subject(const struct pending *a, const struct pending *b) {
    return *a->subject && strcmp(a->subject, b->subject) == 0;
}

static void link_subject(struct delivery_queue *queue, size_t place) {
    struct pending *pending = queue->pending[place];
    for (size_t i = place; i-- > 0;) {
        if (same_subject(pending, queue->pending[i])) {
            pending->before = queue->pending[i];
            pending->after = pending->before->after;
            break;
        }
    }
    for (size_t i = place + 1; !pending->before && i < queue->count; i++) {
        if (same_subject(pending, queue->pending[i])) {
            pending->after = queue->pending[i];
            break;
        }
    }
    if (pending->before) {
        pending->before->after = pending;
    }
    if (pending->after) {
        pending->after->before = pending;
    }
}

static struct pending *pending_new(const char *const texts[PENDING_TEXTS]) {
    struct pending *pending = memory_new(sizeof(*pending));
    const char **kept[PENDING_TEXTS] = { &pending->subject, &pending->route, &pending->file };
    size_t size = 0;
    for (size_t i = 0; i < PENDING_TEXTS; i++) {
        size += strlen(texts[i]) + 1;
    }
    char *at = memory_new(size);
    for (size_t i = 0; i < PENDING_TEXTS; i++) {
        size_t length = strlen(texts[i]) + 1;
        *kept[i] = memcpy(at, texts[i], length);
        at += length;
    }
    return pending;
}

struct pending *delivery_queue_add(struct delivery_queue *queue, uint64_t decision, uint64_t record,
                                   const char *const texts[PENDING_TEXTS], uint32_t attempts,
                                   int64_t due_ms) {
    require(delivery_queue_places(queue) > 0);
    struct pending *pending = pending_new(texts);
    pending->decision = decision;
    pending->record = record;
    pending->attempts = attempts;
    pending->due_ms = due_ms;
    size_t place = queue->count;
    while (place > 0 && comes_later(queue->pending[place - 1], decision, record)) {
        queue->pending[place] = queue->pending[place - 1];
        place--;
    }
    pending->since_ms = due_ms;
    queue->pending[place] = pending;
    queue->count++;
    link_subject(queue, place);
    return pending;
}

static bool was_read(const struct delivery_queue *queue, uint64_t decision) {
    return queue->cursor_decision >= decision && queue->handed != decision;
}

/* A decision's rows come in any order, and some may find no place: the cursor never passes those. */
static void leave_to_be_read(struct delivery_queue *queue, uint64_t decision, uint64_t record) {
    queue->more = true;
    if (queue->cursor_decision == decision && queue->cursor_record >= record) {
        queue->cursor_record = record - 1;
    }
}

void delivery_queue_follow(struct delivery_queue *queue, uint64_t decision, uint64_t record,
                           const char *const texts[PENDING_TEXTS], int64_t now_ms) {
    require(decision > 0 && record > 0);
    if (was_read(queue, decision)) {
        return;
    }
    if (queue->more || queue->parked || queue->returning || delivery_queue_places(queue) == 0) {
        leave_to_be_read(queue, decision, record);
        return;
    }
    delivery_queue_add(queue, decision, record, texts, 0, now_ms);
    if (queue->cursor_decision < decision || queue->cursor_record < record) {
        queue->cursor_record = record;
    }
    queue->cursor_decision = queue->handed = decision;
}

void delivery_queue_read_again(struct delivery_queue *queue) {
    queue->cursor_decision = queue->cursor_record = 0;
    queue->more = true;
}

void delivery_queue_remove(struct delivery_queue *queue, struct pending *pending) {
    require_sound(queue);
    require(pending->state != PENDING_IN_FLIGHT);
    size_t place = 0;
    while (queue->pending[place] != pending) {
        place++;
        require(place < queue->count);
    }
    memmove(&queue->pending[place], &queue->pending[place + 1],
            (queue->count - place - 1) * sizeof(*queue->pending));
    queue->count--;
    queue->settled -= pending->state == PENDING_SETTLED;
    if (pending->before) {
        pending->before->after = pending->after;
    }
    if (pending->after) {
        pending->after->before = pending->before;
    }
    pending_free(pending);
}

/* --- which may go ------------------------------------------------------------------------------------ */

/* What the receiver has, or will not get, is out of the way, though its record may still be on its way to the
 * disk: should that be lost, both are sent again, in order. What was parked for its own fault is not: the
 * receiver must not hear of goods what comes later before what it has not taken. */
static bool out_of_the_way(const struct pending *pending) {
    return pending->dropped
           || (pending->state == PENDING_SETTLED && pending->outcome != DELIVERY_DEFERRED
               && !pending->blocks);
}

static bool may_go(const struct pending *pending, int64_t now_ms) {
    return pending->state == PENDING_READY && !pending->dropped && pending->due_ms <= now_ms
           && (!pending->before || out_of_the_way(pending->before));
}

/* A destination that failed last time gets one probe; the others wait for its outcome. */
static size_t may_be_under_way(const struct delivery_queue *queue) {
    return queue->failures ? 1 : queue->limits->window;
}

struct pending *delivery_queue_next(const struct delivery_queue *queue, int64_t now_ms, size_t *from) {
    require(*from <= queue->count);
    require_sound(queue);
    if (now_ms < queue->rest_until_ms || queue->in_flight >= may_be_under_way(queue)) {
        return NULL;
    }
    while (*from < queue->count) {
        struct pending *pending = queue->pending[(*from)++];
        if (may_go(pending, now_ms)) {
            return pending;
        }
    }
    return NULL;
}

void delivery_queue_sent(struct delivery_queue *queue, struct pending *pending, int64_t deadline_ms) {
    require_sound(queue);
    require(pending->state == PENDING_READY);
    pending->state = PENDING_IN_FLIGHT;
    pending->attempts++;
    pending->due_ms = deadline_ms;
    pending->unreachable = false;
    queue->in_flight++;
}

/* --- what came of it --------------------------------------------------------------------------------- */

/* Up to a quarter less: what failed together is not tried again together. By chance, and yet a function of
 * what it is about. */
static int64_t with_jitter(int64_t delay, const struct delivery_queue *queue, uint64_t record,
                           unsigned failures) {
    struct hash128 hash = hash128_begin(failures);
    hash128_add(&hash, record, text_hash(text_of(queue->name)));
    hash128_end(&hash, 2 * sizeof(uint64_t));
    return delay - delay * (int64_t)(hash.low % 256) / 1024;
}

static int64_t pause_after(const struct delivery_queue *queue, unsigned failures) {
    const struct delivery_limits *limits = queue->limits;
    int64_t delay = limits->retry_first_ms;
    for (unsigned i = 1; i < failures && delay < limits->retry_max_ms; i++) {
        delay *= 2;
    }
    return delay < limits->retry_max_ms ? delay : limits->retry_max_ms;
}

/* record: 0 when it is about the destination. */
static int64_t delay_after(const struct delivery_queue *queue, uint64_t record, unsigned failures) {
    return with_jitter(pause_after(queue, failures), queue, record, failures);
}

/* BUSY and TIMEOUT may be about this one delivery; the rest of the world's answers are about its
   destination. */
static bool says_unreachable(enum status status) {
    return status_retry(status) == RETRY_LATER && status != STATUS_BUSY && status != STATUS_TIMEOUT;
}

/* All that was in flight fails together when a destination goes: that is one failure, not many. */
static void note_reach(struct delivery_queue *queue, enum status status, int64_t now_ms) {
    if (!says_unreachable(status)) {
        if (status != STATUS_TIMEOUT) {
            queue->failures = 0;
            queue->rest_until_ms = 0;
        }
    } else if (now_ms >= queue->rest_until_ms) {
        queue->failures++;
        queue->rest_until_ms = now_ms + delay_after(queue, 0, queue->failures);
    }
}

static void tell(struct delivery_queue *queue, struct pending *pending, enum delivery_outcome outcome) {
    queue->in_flight -= pending->state == PENDING_IN_FLIGHT;
    queue->settled++;
    pending->state = PENDING_SETTLED;
    pending->outcome = outcome;
    pending->result = 0;
}

/* A destination that cannot be reached says nothing of the delivery; nor does one that is silent, as long as
 * it acknowledges nothing else either. */
static bool is_own_fault(const struct delivery_queue *queue, const struct pending *pending,
                         enum status status) {
    return !says_unreachable(status)
           && (status != STATUS_TIMEOUT || queue->acknowledged != pending->acknowledged);
}

static bool gives_up(const struct delivery_queue *queue) {
    return queue->port && queue->port->gives_up;
}

/* Not before it was tried until the pauses grow no longer: what has waited behind something else, or over a
 * stop of days, has its tries too. */
static bool waits_too_long(const struct delivery_queue *queue, const struct pending *pending,
                           unsigned failures, int64_t now_ms) {
    const struct delivery_limits *limits = queue->limits;
    return gives_up(queue) && now_ms - pending->since_ms >= limits->give_up_ms
           && pause_after(queue, failures) >= limits->retry_max_ms;
}

/* After so many tries, or after days. */
static bool is_given_up(const struct delivery_queue *queue, const struct pending *pending, int64_t now_ms) {
    unsigned failures = queue->failures > pending->attempts ? queue->failures : pending->attempts;
    return gives_up(queue) ? waits_too_long(queue, pending, failures, now_ms)
                           : pending->faults >= queue->limits->attempts;
}

void delivery_queue_settle(struct delivery_queue *queue, struct pending *pending, enum status status,
                           int64_t now_ms) {
    require_sound(queue);
    require(pending->state == PENDING_IN_FLIGHT);
    note_reach(queue, status, now_ms);
    pending->faults += status != STATUS_OK && is_own_fault(queue, pending, status);
    if (status == STATUS_OK) {
        queue->acknowledged++;
        tell(queue, pending, DELIVERY_DELIVERED);
    } else if (status_retry(status) != RETRY_LATER || is_given_up(queue, pending, now_ms)) {
        pending->blocks = true;
        tell(queue, pending, DELIVERY_PARKED);
    } else {
        int64_t due_ms = now_ms + delay_after(queue, pending->record, pending->attempts);
        pending->acknowledged = queue->acknowledged;
        pending->unreachable = says_unreachable(status);
        pending->due_ms = due_ms > queue->rest_until_ms ? due_ms : queue->rest_until_ms;
        tell(queue, pending, DELIVERY_DEFERRED);
    }
}

void delivery_queue_park(struct delivery_queue *queue, struct pending *pending) {
    require_sound(queue);
    require(pending->state == PENDING_READY);
    tell(queue, pending, DELIVERY_PARKED);
}

bool delivery_queue_gives_up(const struct delivery_queue *queue, const struct pending *pending,
                             int64_t now_ms) {
    return queue->failures > 0 && pending->state == PENDING_READY && !pending->dropped
           && (!pending->before || out_of_the_way(pending->before))
           && waits_too_long(queue, pending, queue->failures, now_ms);
}

/* They stay rows that wait, and are read again when nothing parked stands before them any more. */
static void remove_followers(struct delivery_queue *queue, const struct pending *pending) {
    for (struct pending *follower = pending->after, *next; follower; follower = next) {
        next = follower->after;
        if (follower->state == PENDING_READY) {
            delivery_queue_remove(queue, follower);
        }
    }
    delivery_queue_read_again(queue);
}

void delivery_queue_apply(struct delivery_queue *queue, uint64_t position) {
    require_sound(queue);
    for (size_t i = queue->count; queue->settled > 0 && i-- > 0;) {
        struct pending *pending = queue->pending[i];
        if (pending->state != PENDING_SETTLED || pending->result == 0 || pending->result > position) {
            continue;
        }
        if (pending->outcome == DELIVERY_DEFERRED) {
            pending->state = PENDING_READY;
            queue->settled--;
            continue;
        }
        if (pending->blocks) {
            remove_followers(queue, pending); /* they stand behind it: the places before it stay */
        }
        delivery_queue_remove(queue, pending);
    }
}

void delivery_queue_opened(struct delivery_queue *queue, int64_t now_ms) {
    require_sound(queue);
    queue->failures = 0; /* the transport knows: no probe must prove it, whose answer may take its time */
    queue->rest_until_ms = 0;
    for (size_t i = 0; i < queue->count; i++) {
        struct pending *pending = queue->pending[i];
        if (pending->unreachable && pending->state != PENDING_IN_FLIGHT && pending->due_ms > now_ms) {
            pending->due_ms = now_ms;
        }
    }
}

int64_t delivery_queue_due_ms(const struct delivery_queue *queue, int64_t now_ms) {
    int64_t due_ms = DELIVERY_NEVER;
    for (size_t i = 0; i < queue->count; i++) {
        const struct pending *pending = queue->pending[i];
        int64_t at = pending->due_ms;
        if (pending->state
            == PENDING_READY) { /* what is due already waits for an event, or for the rest to end */
            at = at > queue->rest_until_ms ? at : queue->rest_until_ms;
        }
        bool by_the_clock =
            pending->state == PENDING_IN_FLIGHT || (pending->state == PENDING_READY && at > now_ms);
        if (by_the_clock && at < due_ms) {
            due_ms = at;
        }
    }
    return due_ms;
}
