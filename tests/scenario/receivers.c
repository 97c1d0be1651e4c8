/*
 * receivers.c - who receives deliveries in a scenario, and does with them as it is told. What each was handed
 * is held against the record it should be at once, so that a wrong delivery shows wherever it happens.
 */
#include "receivers.h"

#include <inttypes.h>
#include <string.h>

static struct receiver *receiver_of(struct house *house, const char *party) {
    for (size_t i = 0; i < house->receivers_count; i++) {
        if (strcmp(house->receivers[i].party, party) == 0) {
            return &house->receivers[i];
        }
    }
    require(house->receivers_count < HOUSE_RECEIVERS_MAX);
    struct receiver *receiver = &house->receivers[house->receivers_count++];
    *receiver = (struct receiver){ .party = arena_string(house->arena, party), .manner = MANNER_WORKS };
    return receiver;
}

static struct house_delivery *find_handed(const struct house *house, const char *party, uint64_t record) {
    for (size_t i = house->handed_count; i-- > 0;) {
        const struct house_delivery *handed = &house->handed[i];
        if (handed->record == record && strcmp(handed->party, party) == 0) {
            return (struct house_delivery *)handed;
        }
    }
    return NULL;
}

const struct house_delivery *house_handed(const struct house *house, const char *party, uint64_t record) {
    return find_handed(house, party, record);
}

size_t house_handed_to(const struct house *house, const char *party) {
    size_t count = 0;
    for (size_t i = 0; i < house->handed_count; i++) {
        count += strcmp(house->handed[i].party, party) == 0;
    }
    return count;
}

/* The id names record and receiver; the bytes are the record's: under one id they can only be the same. */
static void inspect(struct house *house, const struct delivery *delivery) {
    struct record rec;
    struct arena *arena = arena_new();
    const char *id = arena_printf(arena, "%" PRIu64 "/%s", delivery->record, delivery->party->code);
    if (strcmp(id, delivery->id) != 0) {
        give_up("the delivery of record %" PRIu64 " to %s has the id %s", delivery->record,
                delivery->party->code, delivery->id);
    }
    if (house_record(house, delivery->record, arena, &rec) != STATUS_OK
        || !text_equal(rec.data, delivery->data)) {
        give_up("what %s is handed under %s are not the bytes of that record", delivery->party->code, id);
    }
    arena_free(arena);
}

static void answer(struct house_delivery *handed, struct delivery *delivery, enum status status,
                   const char *words) {
    handed->held = NULL;
    handed->acknowledged += status == STATUS_OK;
    delivery->done(delivery, status, DELIVERY_REASON_NONE, words);
}

void receivers_take(void *context, struct delivery *delivery) {
    struct house *house = context;
    struct receiver *receiver = receiver_of(house, delivery->party->code);
    struct house_delivery *handed = find_handed(house, receiver->party, delivery->record);
    inspect(house, delivery);
    if (!handed) {
        require(house->handed_count < HOUSE_DELIVERIES_MAX);
        handed = &house->handed[house->handed_count++];
        *handed = (struct house_delivery){ .party = receiver->party, .record = delivery->record };
    }
    handed->times++;
    handed->redelivered = delivery->redelivered;
    switch (receiver->manner) {
    case MANNER_WORKS: answer(handed, delivery, STATUS_OK, ""); return;
    case MANNER_REFUSES: answer(handed, delivery, STATUS_REFUSED, "we do not take this"); return;
    case MANNER_FAILS: answer(handed, delivery, STATUS_UNAVAILABLE, "nobody is there"); return;
    case MANNER_SLOW: handed->held = delivery; return;
    }
}

void receivers_cancel(void *context, struct delivery *delivery) {
    struct house *house = context;
    struct house_delivery *handed = find_handed(house, delivery->party->code, delivery->record);
    require(handed && handed->held == delivery);
    handed->held = NULL;
}

void receivers_answer_held(struct house *house, const char *party, enum status status) {
    for (size_t i = 0; i < house->handed_count; i++) {
        struct house_delivery *handed = &house->handed[i];
        if (handed->held && (!party || strcmp(handed->party, party) == 0)) {
            answer(handed, handed->held, status, status == STATUS_OK ? "" : "the line was cut");
        }
    }
}

size_t receivers_held(const struct house *house) {
    size_t count = 0;
    for (size_t i = 0; i < house->handed_count; i++) {
        count += house->handed[i].held != NULL;
    }
    return count;
}

void house_treat(struct house *house, const char *party, enum manner manner) {
    receiver_of(house, party)->manner = manner;
    if (manner == MANNER_WORKS) {
        receivers_answer_held(house, party, STATUS_OK);
    }
}
