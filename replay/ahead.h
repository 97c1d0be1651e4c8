/*
 * ahead.h - the records of a journal with what they say, read ahead on a thread: to take their JSON apart is
 * a third of the work of applying again. Each cause comes with the decision that was recorded about it.
 *
 * Owns      the thread and two readers; what is read and not taken yet is bounded, in records and bytes.
 * Thread    taken by one.
 */
#ifndef REPLAY_AHEAD_H
#define REPLAY_AHEAD_H

#include "engine/apply.h"
#include "engine/decision.h"

struct replay_ahead;

struct replay_item {
    struct record rec;
    struct content content;
    bool decided; /* of a cause: its decision stands in the journal: */
    struct decision decision;
    uint64_t number; /* of the decision's record */
    stamp at;
};

/* From the first record of the journal in this directory on. whole: with the texts of all records; else those
 * of set-ups alone, and of the others only how long they are: what stands there nobody may read. */
enum status replay_ahead_start(const char *directory, bool whole, struct replay_ahead **out);
void replay_ahead_stop(struct replay_ahead *ahead); /* NULL is fine */
/* The next record, valid until the next call. NOT_FOUND: no more; DAMAGED, IO: it cannot be read. */
enum status replay_ahead_next(struct replay_ahead *ahead, const struct replay_item **out);

#endif
