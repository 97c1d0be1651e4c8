/*
 * payloads.c - a ring of places, one for each of the last records by its number. Numbers go up, so the places
 * behind that of a newcomer hold the oldest.
 */
#include "deliver/payloads.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/status.h"
#include "message/decided.h"
#include "message/metadata.h"

#define ALL_MAX ((size_t)16 << 20) /* bytes of data of all that stay */

struct payloads {
    struct reader *reader;
    struct arena *scratch;
    const struct payload *places[PAYLOADS_STAY]; /* NULL: nothing stands there */
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
            payload_give_back(payloads->places[i]);
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
    } else if (rec.kind != RECORD_DECISION || !decided_read(rec.meta, &decided)) {
        return STATUS_DAMAGED;
    }
    *out = payload_new(&rec, is_message ? &metadata : NULL, is_message ? NULL : &decided, &digest);
    return STATUS_OK;
}

static const struct payload *find(const struct payloads *payloads, uint64_t record) {
    const struct payload *payload = payloads->places[record % PAYLOADS_STAY];
    return payload && payload->record == record ? payload : NULL;
}

static void vacate(struct payloads *payloads, size_t place) {
    const struct payload *payload = payloads->places[place];
    payloads->bytes -= payload ? payload->data.length : 0;
    payloads->places[place] = NULL;
    payload_give_back(payload);
}

static void let_stay(struct payloads *payloads, const struct payload *payload) {
    size_t place = payload->record % PAYLOADS_STAY;
    vacate(payloads, place);
    for (size_t i = 1; payloads->bytes + payload->data.length > ALL_MAX; i++) {
        vacate(payloads, (place + i) % PAYLOADS_STAY);
    }
    payloads->places[place] = payload_hold(payload);
    payloads->bytes += payload->data.length;
}

void payloads_put(struct payloads *payloads, const struct payload *payload) {
    if (payload->data.length <= PAYLOAD_STAYS_MAX && !find(payloads, payload->record)) {
        let_stay(payloads, payload);
    }
}

enum status payloads_take(struct payloads *payloads, uint64_t record, const struct payload **out) {
    const struct payload *payload = find(payloads, record);
    *out = NULL;
    if (payload) {
        *out = payload_hold(payload);
        return STATUS_OK;
    }
    enum status status = read_payload(payloads, record, out);
    if (status == STATUS_OK && (*out)->data.length <= PAYLOAD_STAYS_MAX) {
        let_stay(payloads, *out);
    }
    return status;
}
