/*
 * payloads.c - a payload is one piece of memory with a count of its holders, of which the place where it
 * stays is one.
 */
#include "deliver/payloads.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "message/decided.h"
#include "message/metadata.h"

#define ONE_MAX ((size_t)64 << 10) /* bytes of data of a payload that stays */
#define ALL_MAX ((size_t)8 << 20)  /* of all of them */

struct payloads {
    struct reader *reader;
    struct arena *scratch;
    uint64_t records[PAYLOADS_STAY]; /* of the payloads at the places; 0: nothing stands there */
    struct payload *places[PAYLOADS_STAY];
    size_t oldest; /* the place that is given away next */
    size_t bytes;
};

struct payloads *payloads_new(struct reader *reader) {
    struct payloads *payloads = memory_new(sizeof(*payloads));
    payloads->reader = reader;
    payloads->scratch = arena_new();
    return payloads;
}

void payloads_free(struct payloads *payloads) {
    if (payloads) {
        for (size_t i = 0; i < PAYLOADS_STAY; i++) {
            payloads_give_back(payloads->places[i]);
        }
        arena_free(payloads->scratch);
        free(payloads);
    }
}

void payloads_give_back(const struct payload *payload) {
    struct payload *ours = (struct payload *)payload; /* const is for its holders */
    if (ours && --ours->holders == 0) {
        free(ours);
    }
}

/* Copies a string to `*at` and moves on behind it. */
static const char *put_string(char **at, const char *string) {
    size_t size = strlen(string) + 1;
    const char *copy = memcpy(*at, string, size);
    *at += size;
    return copy;
}

static struct payload *payload_new(const struct record *rec, const struct metadata *metadata) {
    size_t strings = strlen(metadata->env.party) + strlen(metadata->env.trace) + strlen(metadata->family)
                     + strlen(metadata->format) + 4;
    struct payload *payload = memory_grow(NULL, 1, sizeof(*payload) + rec->data.length + strings);
    char *at = (char *)(payload + 1);
    *payload = (struct payload){ .record = rec->number,
                                 .recorded = rec->stamp,
                                 .digest = metadata->env.digest,
                                 .data = { at, rec->data.length } };
    if (rec->data.length) {
        memcpy(at, rec->data.at, rec->data.length);
        at += rec->data.length;
    }
    payload->sender = put_string(&at, metadata->env.party);
    payload->trace = put_string(&at, metadata->env.trace);
    payload->family = put_string(&at, metadata->family);
    payload->format = rec->kind == RECORD_MESSAGE ? put_string(&at, metadata->format) : NULL;
    payload->result = "";
    return payload;
}

static enum status read_payload(struct payloads *payloads, uint64_t record, struct payload **out) {
    struct metadata metadata = { .env = { .party = "", .trace = "" }, .family = "decision", .format = "" };
    struct record rec;
    enum status status = reader_pick(payloads->reader, record, &rec);
    if (status != STATUS_OK) {
        return status;
    }
    struct digest digest = digest_of(rec.data.at, rec.data.length);
    struct decided decided;
    if (rec.kind == RECORD_MESSAGE) {
        arena_reset(payloads->scratch);
        if (!metadata_read(rec.meta, payloads->scratch, &metadata)
            || !digest_equal(&digest, &metadata.env.digest)) {
            return STATUS_DAMAGED;
        }
    } else if (rec.kind != RECORD_DECISION || !decided_read(rec.meta, &decided)) {
        return STATUS_DAMAGED;
    }
    metadata.env.digest = digest;
    *out = payload_new(&rec, &metadata);
    if (rec.kind == RECORD_DECISION) {
        (*out)->about = decided_about(&decided);
        (*out)->result = result_text(decided.result);
    }
    return STATUS_OK;
}

static struct payload *find(const struct payloads *payloads, uint64_t record) {
    for (size_t i = 0; i < PAYLOADS_STAY; i++) {
        if (payloads->records[i] == record) {
            return payloads->places[i];
        }
    }
    return NULL;
}

static void vacate(struct payloads *payloads, size_t place) {
    struct payload *payload = payloads->places[place];
    payloads->bytes -= payload ? payload->data.length : 0;
    payloads->places[place] = NULL;
    payloads->records[place] = 0;
    payloads_give_back(payload);
}

static void let_stay(struct payloads *payloads, struct payload *payload) {
    size_t place = payloads->oldest;
    vacate(payloads, place);
    for (size_t i = 1; payloads->bytes + payload->data.length > ALL_MAX; i++) {
        vacate(payloads, (place + i) % PAYLOADS_STAY);
    }
    payloads->places[place] = payload;
    payloads->records[place] = payload->record;
    payloads->bytes += payload->data.length;
    payloads->oldest = (place + 1) % PAYLOADS_STAY;
    payload->holders++;
}

enum status payloads_take(struct payloads *payloads, uint64_t record, const struct payload **out) {
    struct payload *payload = find(payloads, record);
    *out = NULL;
    if (!payload) {
        enum status status = read_payload(payloads, record, &payload);
        if (status != STATUS_OK) {
            return status;
        }
        if (payload->data.length <= ONE_MAX) {
            let_stay(payloads, payload);
        }
    }
    payload->holders++;
    *out = payload;
    return STATUS_OK;
}
