/*
 * delivery_queue.h - what waits for one destination: the deliveries to one party over one transport. Which
 * may go next, which must wait and until when, what an attempt came to. Pure: no clock, no disk, no
 * transport; dispatch.c and transfers.c tell it the time and do what it says.
 *
 * The way of a pending delivery:
 *   READY (waits for its moment `due_ms`, for the one before it of its subject, for room)
 *     → IN_FLIGHT (with a transport, until `due_ms`)
 *     → SETTLED (its outcome is known; its DELIVERY record is being written and applied)
 *     → gone, or READY again when the outcome was DEFERRED.
 * They stand in the order decided. They are more than may be in flight, so that one consignment with many
 * messages does not hold up the others.
 */
#ifndef DELIVER_DELIVERY_QUEUE_H
#define DELIVER_DELIVERY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"
#include "edition/party.h"
#include "engine/delivery.h"

#define DELIVERY_NEVER INT64_MAX

struct port;
struct transfer;

struct delivery_limits {
    uint32_t window;   /* in flight at once */
    uint32_t attempts; /* that fail, then parked */
    int retry_first_ms, retry_max_ms;
    int64_t give_up_ms; /* of a port that gives up, instead of attempts: what waits for so long is parked */
};

#define PENDING_TEXTS     3
#define PENDING_NO_RESULT UINT64_MAX /* of a dropped one: only the operator's word is recorded */

enum pending_state { PENDING_READY, PENDING_IN_FLIGHT, PENDING_SETTLED };

struct pending {
    uint64_t decision, record;          /* the order */
    const char *subject, *route, *file; /* owned by it */
    struct pending *before,
        *after; /* neighbours of the same subject; NULL at the ends and without a subject */
    enum pending_state state;
    enum delivery_outcome outcome; /* SETTLED: DELIVERED, DEFERRED or PARKED */
    uint32_t attempts;             /* made so far */
    uint32_t faults;               /* of those, since it was read, the ones that are about it alone */
    uint64_t acknowledged;         /* what the queue had, at its last fault */
    int64_t since_ms;              /* since when it waits; whoever adds it says so */
    bool blocks;               /* PARKED, and what comes behind it of its subject waits for a word about it */
    int64_t due_ms;            /* READY: not before; IN_FLIGHT: counts as lost after */
    bool unreachable;          /* it waits because its destination could not be reached */
    bool dropped;              /* by an operator, whose record is on its way */
    bool redelivered;          /* by an operator's word: it was acknowledged once */
    uint64_t result;           /* SETTLED: number of its DELIVERY record, 0 until that is durable */
    struct transfer *transfer; /* IN_FLIGHT: of transfers.h */
    struct digest edition;     /* SETTLED: of the edition by which it went, or was parked */
};

struct delivery_queue {
    const char *name;          /* owned */
    const struct party *party; /* NULL: it has left the edition */
    const char *way; /* owned: refusals of what came by this transport; "": all else, by the party's own */
    const struct port *port; /* NULL: no such transport here */
    const struct delivery_limits *limits;
    struct pending **pending; /* in order */
    size_t count, in_flight, settled;
    uint64_t cursor_decision, cursor_record; /* rows up to here have been read */
    uint64_t handed;                         /* the decision that moved the cursor, its rows being at hand */
    bool more;                               /* rows may stand behind the cursor */
    bool parked;       /* some row may be parked and hold up what comes behind it: only state.db can say */
    bool returning;    /* it can be served again: what was parked is read again, once that is applied */
    size_t bytes;      /* of what is in flight */
    bool starved;      /* it did not send more for want of memory */
    unsigned failures; /* in a row: it cannot be reached */
    enum delivery_reason reason; /* of the last of them */
    uint64_t acknowledged;       /* deliveries, so far */
    int64_t rest_until_ms;
    int64_t wake_ms; /* dispatch.c looks at it again at this moment */
};

struct delivery_queue *delivery_queue_new(const char *name, const char *way,
                                          const struct delivery_limits *limits);
void delivery_queue_free(struct delivery_queue *queue);
size_t delivery_queue_places(const struct delivery_queue *queue); /* how many it may still take */
struct pending *delivery_queue_find(const struct delivery_queue *queue, uint64_t record);
/* A waiting row becomes a READY delivery at its place in the order. There is a place, and it is not here
 * yet. texts: subject, route, file; copied. */
struct pending *delivery_queue_add(struct delivery_queue *queue, uint64_t decision, uint64_t record,
                                   const char *const texts[PENDING_TEXTS], uint32_t attempts, int64_t due_ms);
/* The next row, which was committed just now, and all before it were told. It becomes a delivery at once,
 * unless rows that were not read stand before it, or may hold it up, or there is no place: then it is left to
 * be read. */
void delivery_queue_follow(struct delivery_queue *queue, uint64_t decision, uint64_t record,
                           const char *const texts[PENDING_TEXTS], int64_t now_ms);
/* All rows are read again from the first; what is in hand stays. */
void delivery_queue_read_again(struct delivery_queue *queue);
void delivery_queue_remove(struct delivery_queue *queue, struct pending *pending);

/* The first behind `*from` (start with 0; it is moved on) that may go now; NULL: none, or the window is
   full. */
struct pending *delivery_queue_next(const struct delivery_queue *queue, int64_t now_ms, size_t *from);
void delivery_queue_sent(struct delivery_queue *queue, struct pending *pending, int64_t deadline_ms);
/* What an attempt came to. It is SETTLED; its outcome, attempts and due_ms are set. */
void delivery_queue_settle(struct delivery_queue *queue, struct pending *pending, enum status status,
                           int64_t now_ms);
void delivery_queue_park(struct delivery_queue *queue, struct pending *pending); /* without an attempt */
/* The destination fails, its port gives up, and this one, which could go but for that, waits for too long: it
 * is to be parked like the one that was tried, and blocks what is behind it. */
bool delivery_queue_gives_up(const struct delivery_queue *queue, const struct pending *pending,
                             int64_t now_ms);
void delivery_queue_opened(struct delivery_queue *queue, int64_t now_ms); /* it can be reached again */
/* The engine has applied all records up to this one: what is settled by them is gone, or READY again. */
void delivery_queue_apply(struct delivery_queue *queue, uint64_t position);
/* The earliest moment at which something of it is due; DELIVERY_NEVER when only an event can bring it
   on. */
int64_t delivery_queue_due_ms(const struct delivery_queue *queue, int64_t now_ms);

#endif
