/*
 * running.h - the adapters of a running gateway: started in the order of their list, told, drained and
 * stopped.
 *
 * Thread    the loop thread; running_advanced() any.
 */
#ifndef DAEMON_RUNNING_H
#define DAEMON_RUNNING_H

#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"
#include "edition/edition.h"
#include "adapters/adapters.h"
#include "daemon/settings.h"

struct running {
    void *of[ADAPTERS_COUNT]; /* each of the list of adapters; NULL: it does not run */
    size_t started;           /* of the list */
    size_t draining;          /* that have not said yet that they are drained, and one while they are told */
    void (*drained)(void *context);
    void *context;
};

/* Starts those that have not started yet, and gives their ports to dispatch. FULL: one found no room; the
 * next call begins with it. Else rooms->why (empty at first) says what failed, where no mistake in
 * rooms->mistakes does. */
enum status running_start(struct running *running, struct adapter_rooms rooms,
                          const struct settings *settings);
/* What runs of one of them; NULL: nothing. */
void *running_find(const struct running *running, const struct adapter *adapter);
/* How many descriptors they may need besides connections, by this edition, whether they run or not. */
size_t running_descriptors(const struct edition *edition);
void running_advanced(const struct running *running); /* state.db shows more decisions */
void running_write_ports(const struct running *running,
                         struct buf *out); /* ,"machines":8443 for DATA/ready */
/* Nothing new comes in any more; drained() once all that was under way is answered. Once. */
void running_drain(struct running *running, void (*drained)(void *context), void *context);
void running_stop(struct running *running); /* the last that was started first */

#endif
