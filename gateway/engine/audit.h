/*
 * audit.h - state.db is read through, table by table, against what its rows should add up to.
 *
 * SQLite notices pages that do not fit together; a flipped bit in a party's name, a row that is gone or
 * that changed places with another it does not. The store keeps sums over its rows for that
 * (store_check()): found is every change of a row, of the tables' own definitions, of an index against its
 * table. Found is it by accidents; who may write the file could write the sums as well.
 *
 * When      once at the start, as fast as it goes, before the engine believes any of it: some seconds for a
 *           million rows. Then, while the gateway runs, again and again by a thread that goes behind all
 *           others, so many rows a second. A table is read in one go, as of one moment, since SQLite's log
 *           cannot be emptied meanwhile; the pause comes behind it.
 * Not       what is read between the damage and the next look. So bytes leave, or are shown, only where the
 *           record or its decision says so (delivery.h, view/messages.h; what a timeline or a list says of
 *           them is not asked again), and a decision is made only from a
 *           row that says twice whose it is (state_compare_owner()); a row that hides something waits for
 *           the audit.
 * Fails     a failure to read is no damage: it is logged, and the table is read again in the next pass.
 * Thread    its own store, and from audit_start() to audit_stop() its own thread.
 */
#ifndef ENGINE_AUDIT_H
#define ENGINE_AUDIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* One pass over DIR/state.db. DAMAGED: logged and counted. CLOSED: *stop is true. */
enum status audit_pass(const char *directory, const _Atomic bool *stop);

struct audit_options {
    const char *directory;
    uint64_t rows_s;                  /* on average; 0: there is no audit while it runs */
    void (*on_damage)(void *context); /* on its thread, which then ends; logged and counted before */
    void *context;
};

struct audit;

struct audit *audit_start(const struct audit_options *options); /* NULL: none was wanted */
void audit_stop(struct audit *audit);

#endif
