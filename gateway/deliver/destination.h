/*
 * destination.h - one party's deliveries in hand over one transport: which may go next, which must wait and
 * until when, what an attempt came to. Pure: no clock, no disk, no transport; dispatch.c tells it the time
 * and does what it says.
 *
 * A slot's way:
 *   READY (waits for its moment `due_ms`, for the one before it of its subject, for room)
 *     → SENT (with a transport, until `due_ms`)
 *     → TOLD (its outcome is known; its DELIVERY record is being written and applied)
 *     → gone, or READY again when the outcome was DEFERRED.
 * Slots stand in the order decided. They are more than may be under way, so that one consignment with many
 * messages does not hold up the others.
 */
#ifndef DELIVER_DESTINATION_H
#define DELIVER_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "edition/party.h"
#include "engine/delivery.h"

#define DESTINATION_NEVER INT64_MAX

struct port;
struct parcel;

struct destination_limits {
    uint32_t window;   /* under way at once */
    uint32_t attempts; /* then parked */
    int retry_first_ms, retry_max_ms;
};

#define SLOT_TEXTS 3

enum slot_state { SLOT_READY, SLOT_SENT, SLOT_TOLD };

struct slot {
    uint64_t decision, record;          /* the order */
    const char *subject, *route, *file; /* owned by the slot */
    struct slot *before, *after; /* neighbours of the same subject; NULL at the ends and without a subject */
    enum slot_state state;
    enum delivery_outcome outcome; /* TOLD: DELIVERED, DEFERRED or PARKED */
    uint32_t attempts;             /* made so far */
    int64_t due_ms;                /* READY: not before; SENT: counts as lost after */
    bool unreachable;              /* it waits because its destination could not be reached */
    bool dropped;                  /* by an operator, whose record is on its way */
    uint64_t result;               /* TOLD: number of its DELIVERY record, 0 until that is durable */
    struct parcel *parcel;         /* SENT: dispatch.c's */
};

struct destination {
    const char *name;          /* owned */
    const struct party *party; /* NULL: it has left the set-up */
    bool folder;             /* what answers files of its OutBox: by its folder, whatever its transport is */
    const struct port *port; /* NULL: no such transport here */
    const struct destination_limits *limits;
    struct slot **slots; /* in order */
    size_t count, sent, told;
    uint64_t cursor_decision, cursor_record; /* rows up to here have been read */
    bool more;                               /* rows may stand behind the cursor */
    size_t bytes;                            /* of what is under way */
    bool starved;                            /* it did not send more for want of memory */
    unsigned failures;                       /* in a row: it cannot be reached */
    int64_t rest_until_ms;
    int64_t wake_ms; /* dispatch.c looks at it again at this moment */
};

struct destination *destination_new(const char *name, const struct destination_limits *limits);
void destination_free(struct destination *dest);
size_t destination_places(const struct destination *dest); /* slots it may still take */
struct slot *destination_find(const struct destination *dest, uint64_t record);
/* A waiting row becomes a READY slot at its place in the order. There is a place, and no such slot. texts:
 * subject, route, file; copied. */
struct slot *destination_add(struct destination *dest, uint64_t decision, uint64_t record,
                             const char *const texts[SLOT_TEXTS], uint32_t attempts, int64_t due_ms);
void destination_remove(struct destination *dest, struct slot *slot);

/* The first slot behind `*from` (start with 0; it is moved on) that may go now; NULL: none, or the window is
   full. */
struct slot *destination_next(const struct destination *dest, int64_t now_ms, size_t *from);
void destination_sent(struct destination *dest, struct slot *slot, int64_t deadline_ms);
/* What an attempt came to. The slot is TOLD; its outcome, attempts and due_ms are set. */
void destination_told(struct destination *dest, struct slot *slot, enum status status, int64_t now_ms);
void destination_park(struct destination *dest, struct slot *slot);  /* without an attempt */
void destination_again(struct destination *dest, struct slot *slot); /* TOLD as DEFERRED: READY again */
void destination_opened(struct destination *dest, int64_t now_ms);   /* it can be reached again */
/* The earliest moment at which something of it is due; DESTINATION_NEVER when only an event can bring it
   on. */
int64_t destination_due_ms(const struct destination *dest, int64_t now_ms);

#endif
