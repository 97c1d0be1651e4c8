/*
 * handover.h - what the engine decided a moment ago, on its way to the deliveries: who is to have it, and the
 * bytes. It spares the reading of what was just in hand; what is not handed over, because too much waits
 * already, is found in state.db and in the journal.
 *
 * Memory    at most HANDOVER_MAX decisions with 8 MiB of payloads.
 * Thread    handover_add() any, the rest one.
 */
#ifndef DELIVER_HANDOVER_H
#define DELIVER_HANDOVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"
#include "engine/payload.h"
#include "engine/recipients.h"

#define HANDOVER_MAX 1024

struct handed { /* one decision that sends something */
    struct recipient_list *recipients;
    const struct payload *payloads[2]; /* of the message, of the decision itself; NULL: not at hand */
    struct handed *next;
};

struct handover {
    pthread_mutex_t lock; /* guards what follows */
    struct handed *first, **last;
    size_t count, bytes;
    bool missed; /* something was not taken since the last look */
};

void handover_init(struct handover *handover);
void handover_release(struct handover *handover);
void handover_add(struct handover *handover, const struct engine_decided *decided);
/* All that waits, in order, the caller's; NULL: nothing. *missed: there was more, to be looked for. */
struct handed *handover_take(struct handover *handover, bool *missed);
void handed_free(struct handed *handed); /* without its recipients, which somebody has taken */

#endif
