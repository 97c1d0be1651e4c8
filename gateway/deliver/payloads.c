/*
 * payloads.c - a place for each of the last records, by its number, and a queue of those that somebody has
 * had: these make room for others, the oldest first. What nobody has had yet stays, though others come: its
 * turn comes before theirs.
 */
#include "deliver/payloads.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/status.h"
#include "message/decided.h"
#include "message/metadata.h"

#define ALL_MAX ((size_t)32 << 20) /* bytes of data of all that stay */

struct payloads {
    struct reader *reader;
    struct arena *scratch;
    struct cached {
        const struct payload *payload; /* NULL: nothing stands there */
        bool had;                      /* by somebody: it stands in the queue */
    } places[PAYLOADS_STAY];
    uint64_t had[PAYLOADS_STAY]; /* the queue, a ring; what has left its place meanwhile is passed over */
    size_t had_first, had_count;
    size_t bytes;
};

struct payloads *payloads_new(struct reader *reader) {
    require(reader);
    struct payloads *payloads = memory_new(sizeof(*payloads));
    payloads->reader = reader;
    payloads->scratch = arena_new();
    return payloads;
}

void payloads_free(struct payloads *payloads) {
    if (payloads) {
        for (size_t i = 0; i < PAYLOADS_STAY; i++) {
            payload_give_back(payloads->places[i].payload);
        }
        arena_free(payloads->scratch);
        free(payloads);
    }
}

static enum status read_payload(struct payloads *payloads, uint64_t record, const struct payload **out) {
    struct metadata metadata;
    struct record rec;
    enum status status = reader_pick(payloads->reader, record, &rec);
    if (status != STATUS_OK) {
        return status;
    }
    bool is_message = rec.kind == RECORD_MESSAGE;
    struct digest digest = digest_of(rec.data.at, rec.data.length);
    struct decided decided;
    if (is_message) {
        arena_reset(payloads->scratch);
        if (!metadata_read(rec.meta, payloads->scratch, &metadata)
            || !digest_equal(&digest, &metadata.env.digest)) {
            return STATUS_DAMAGED;
        }
    } else if (rec.kind != RECORD_DECISION || !decided_read(rec.meta, &decided, NULL)) {
        return STATUS_DAMAGED;
    }
    *out = payload_new(&rec, is_message ? &metadata : NULL, is_message ? NULL : &decided, &digest);
    return STATUS_OK;
}

/* NULL: it is not here. */
static struct cached *find(struct payloads *payloads, uint64_t record) {
    struct cached *cached = &payloads->places[record % PAYLOADS_STAY];
    return cached->payload && cached->payload->record == record ? cached : NULL;
}

static void vacate(struct payloads *payloads, struct cached *cached) {
    const struct payload *payload = cached->payload;
    payloads->bytes -= payload ? payload->data.length : 0;
    *cached = (struct cached){ .payload = NULL };
    payload_give_back(payload);
}

/* False: nobody has had any that is here. */
static bool make_room(struct payloads *payloads) {
    while (payloads->had_count > 0) {
        struct cached *cached = find(payloads, payloads->had[payloads->had_first]);
        payloads->had_first = (payloads->had_first + 1) % PAYLOADS_STAY;
        payloads->had_count--;
        if (cached && cached->had) {
            vacate(payloads, cached);
            return true;
        }
    }
    return false;
}

static void note_had(struct payloads *payloads, struct cached *cached) {
    if (!cached->had && (payloads->had_count < PAYLOADS_STAY || make_room(payloads))) {
        payloads->had[(payloads->had_first + payloads->had_count++) % PAYLOADS_STAY] =
            cached->payload->record;
        cached->had = true;
    }
}

/* NULL: there is no room. */
static struct cached *let_stay(struct payloads *payloads, const struct payload *payload) {
    struct cached *cached = &payloads->places[payload->record % PAYLOADS_STAY];
    vacate(payloads, cached);
    while (payloads->bytes + payload->data.length > ALL_MAX) {
        if (!make_room(payloads)) {
            return NULL;
        }
    }
    cached->payload = payload_hold(payload);
    payloads->bytes += payload->data.length;
    return cached;
}

void payloads_put(struct payloads *payloads, const struct payload *payload) {
    if (payload->data.length <= PAYLOAD_STAYS_MAX && !find(payloads, payload->record)) {
        (void)let_stay(payloads, payload);
    }
}

enum status payloads_take(struct payloads *payloads, uint64_t record, const struct payload **out) {
    struct cached *cached = find(payloads, record);
    enum status status = STATUS_OK;
    *out = NULL;
    if (cached) {
        *out = payload_hold(cached->payload);
    } else {
        status = read_payload(payloads, record, out);
        bool stays = status == STATUS_OK && (*out)->data.length <= PAYLOAD_STAYS_MAX;
        cached = stays ? let_stay(payloads, *out) : NULL;
    }
    if (cached) {
        note_had(payloads, cached);
    }
    return status;
}
