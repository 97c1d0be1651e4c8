/*
 * destination.c - an array of slots in order, chains of those with one subject through it, and the arithmetic
 * of rest.
 */
#include "deliver/destination.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define SLOTS_PER_WINDOW 4 /* how far it looks beyond what may be under way */

struct destination *destination_new(const char *name, const struct destination_limits *limits) {
    struct destination *dest = memory_new(sizeof(*dest));
    dest->name = memory_string(name);
    dest->limits = limits;
    dest->slots = memory_array((size_t)limits->window * SLOTS_PER_WINDOW, sizeof(*dest->slots));
    dest->wake_ms = DESTINATION_NEVER;
    return dest;
}

static void slot_free(struct slot *slot) {
    free((char *)slot->subject); /* one piece for all its texts */
    free(slot);
}

void destination_free(struct destination *dest) {
    if (dest) {
        for (size_t i = 0; i < dest->count; i++) {
            slot_free(dest->slots[i]);
        }
        free(dest->slots);
        free((char *)dest->name);
        free(dest);
    }
}

size_t destination_places(const struct destination *dest) {
    return (size_t)dest->limits->window * SLOTS_PER_WINDOW - dest->count;
}

/* --- slots come and go ------------------------------------------------------------------------------- */

struct slot *destination_find(const struct destination *dest, uint64_t record) {
    for (size_t i = 0; i < dest->count; i++) {
        if (dest->slots[i]->record == record) {
            return dest->slots[i];
        }
    }
    return NULL;
}

static bool comes_later(const struct slot *slot, uint64_t decision, uint64_t record) {
    return slot->decision != decision ? slot->decision > decision : slot->record > record;
}

static bool same_subject(const struct slot *a, const struct slot *b) {
    return *a->subject && strcmp(a->subject, b->subject) == 0;
}

static void link_subject(struct destination *dest, size_t place) {
    struct slot *slot = dest->slots[place];
    for (size_t i = place; i-- > 0;) {
        if (same_subject(slot, dest->slots[i])) {
            slot->before = dest->slots[i];
            slot->after = slot->before->after;
            break;
        }
    }
    for (size_t i = place + 1; !slot->before && i < dest->count; i++) {
        if (same_subject(slot, dest->slots[i])) {
            slot->after = dest->slots[i];
            break;
        }
    }
    if (slot->before) {
        slot->before->after = slot;
    }
    if (slot->after) {
        slot->after->before = slot;
    }
}

static struct slot *slot_new(const char *const texts[SLOT_TEXTS]) {
    struct slot *slot = memory_new(sizeof(*slot));
    const char **kept[SLOT_TEXTS] = { &slot->subject, &slot->route, &slot->file };
    size_t size = 0;
    for (size_t i = 0; i < SLOT_TEXTS; i++) {
        size += strlen(texts[i]) + 1;
    }
    char *at = memory_new(size);
    for (size_t i = 0; i < SLOT_TEXTS; i++) {
        size_t length = strlen(texts[i]) + 1;
        *kept[i] = memcpy(at, texts[i], length);
        at += length;
    }
    return slot;
}

struct slot *destination_add(struct destination *dest, uint64_t decision, uint64_t record,
                             const char *const texts[SLOT_TEXTS], uint32_t attempts, int64_t due_ms) {
    require(destination_places(dest) > 0);
    struct slot *slot = slot_new(texts);
    slot->decision = decision;
    slot->record = record;
    slot->attempts = attempts;
    slot->due_ms = due_ms;
    size_t place = dest->count;
    while (place > 0 && comes_later(dest->slots[place - 1], decision, record)) {
        dest->slots[place] = dest->slots[place - 1];
        place--;
    }
    dest->slots[place] = slot;
    dest->count++;
    link_subject(dest, place);
    return slot;
}

void destination_remove(struct destination *dest, struct slot *slot) {
    require(slot->state != SLOT_SENT);
    size_t place = 0;
    while (dest->slots[place] != slot) {
        place++;
        require(place < dest->count);
    }
    memmove(&dest->slots[place], &dest->slots[place + 1], (dest->count - place - 1) * sizeof(*dest->slots));
    dest->count--;
    dest->told -= slot->state == SLOT_TOLD;
    if (slot->before) {
        slot->before->after = slot->after;
    }
    if (slot->after) {
        slot->after->before = slot->before;
    }
    slot_free(slot);
}

/* --- which may go ------------------------------------------------------------------------------------ */

/* What the receiver has, or will not get, is out of the way, though its record may still be on its way to the
 * disk: should that be lost, both are sent again, in order. */
static bool out_of_the_way(const struct slot *slot) {
    return slot->dropped || (slot->state == SLOT_TOLD && slot->outcome != DELIVERY_DEFERRED);
}

static bool may_go(const struct slot *slot, int64_t now_ms) {
    return slot->state == SLOT_READY && !slot->dropped && slot->due_ms <= now_ms
           && (!slot->before || out_of_the_way(slot->before));
}

/* A destination that failed last time gets one probe; the others wait for its outcome. */
static size_t may_be_under_way(const struct destination *dest) {
    return dest->failures ? 1 : dest->limits->window;
}

struct slot *destination_next(const struct destination *dest, int64_t now_ms, size_t *from) {
    if (now_ms < dest->rest_until_ms || dest->sent >= may_be_under_way(dest)) {
        return NULL;
    }
    while (*from < dest->count) {
        struct slot *slot = dest->slots[(*from)++];
        if (may_go(slot, now_ms)) {
            return slot;
        }
    }
    return NULL;
}

void destination_sent(struct destination *dest, struct slot *slot, int64_t deadline_ms) {
    require(slot->state == SLOT_READY);
    slot->state = SLOT_SENT;
    slot->attempts++;
    slot->due_ms = deadline_ms;
    slot->unreachable = false;
    dest->sent++;
}

/* --- what came of it --------------------------------------------------------------------------------- */

static int64_t delay_after(const struct destination_limits *limits, unsigned failures) {
    int64_t delay = limits->retry_first_ms;
    while (--failures > 0 && delay < limits->retry_max_ms) {
        delay *= 2;
    }
    return delay < limits->retry_max_ms ? delay : limits->retry_max_ms;
}

/* BUSY and TIMEOUT may be about this one delivery; the rest of the world's answers are about its
   destination. */
static bool says_unreachable(enum status status) {
    return status_retry(status) == RETRY_LATER && status != STATUS_BUSY && status != STATUS_TIMEOUT;
}

/* All that was under way fails together when a destination goes: that is one failure, not many. */
static void note_reach(struct destination *dest, enum status status, int64_t now_ms) {
    if (!says_unreachable(status)) {
        if (status != STATUS_TIMEOUT) {
            dest->failures = 0;
            dest->rest_until_ms = 0;
        }
    } else if (now_ms >= dest->rest_until_ms) {
        dest->failures++;
        dest->rest_until_ms = now_ms + delay_after(dest->limits, dest->failures);
    }
}

static void tell(struct destination *dest, struct slot *slot, enum delivery_outcome outcome) {
    dest->sent -= slot->state == SLOT_SENT;
    dest->told++;
    slot->state = SLOT_TOLD;
    slot->outcome = outcome;
    slot->result = 0;
}

void destination_told(struct destination *dest, struct slot *slot, enum status status, int64_t now_ms) {
    require(slot->state == SLOT_SENT);
    note_reach(dest, status, now_ms);
    if (status == STATUS_OK) {
        tell(dest, slot, DELIVERY_DELIVERED);
    } else if (status_retry(status) != RETRY_LATER || slot->attempts >= dest->limits->attempts) {
        tell(dest, slot, DELIVERY_PARKED);
    } else {
        int64_t due_ms = now_ms + delay_after(dest->limits, slot->attempts);
        slot->unreachable = says_unreachable(status);
        slot->due_ms = due_ms > dest->rest_until_ms ? due_ms : dest->rest_until_ms;
        tell(dest, slot, DELIVERY_DEFERRED);
    }
}

void destination_park(struct destination *dest, struct slot *slot) {
    require(slot->state == SLOT_READY);
    tell(dest, slot, DELIVERY_PARKED);
}

void destination_again(struct destination *dest, struct slot *slot) {
    require(slot->state == SLOT_TOLD && slot->outcome == DELIVERY_DEFERRED);
    slot->state = SLOT_READY;
    dest->told--;
}

void destination_opened(struct destination *dest, int64_t now_ms) {
    dest->rest_until_ms = 0;
    for (size_t i = 0; i < dest->count; i++) {
        struct slot *slot = dest->slots[i];
        if (slot->unreachable && slot->state != SLOT_SENT && slot->due_ms > now_ms) {
            slot->due_ms = now_ms;
        }
    }
}

int64_t destination_due_ms(const struct destination *dest, int64_t now_ms) {
    int64_t due_ms = DESTINATION_NEVER;
    for (size_t i = 0; i < dest->count; i++) {
        const struct slot *slot = dest->slots[i];
        int64_t at = slot->due_ms;
        if (slot->state == SLOT_READY) { /* what is due already waits for an event, or for the rest to end */
            at = at > dest->rest_until_ms ? at : dest->rest_until_ms;
        }
        bool by_the_clock = slot->state == SLOT_SENT || (slot->state == SLOT_READY && at > now_ms);
        if (by_the_clock && at < due_ms) {
            due_ms = at;
        }
    }
    return due_ms;
}
