/*
 * process.h - the gateway as a process of its own: signals, exit codes, the heap, and a new beginning when
 * state.db was found damaged.
 *
 * SIGTERM and SIGINT drain (gateway.h), a second one at once. SIGHUP reads the edition anew (reload.h). A
 * close that takes over 20 s (a full disk) ends with exit code 74. When the journal or state.db can no
 * longer be written the process ends at once with exit code 74: nothing is acknowledged that is not durable.
 *
 * When state.db was found damaged all rooms have closed as for a signal, and open again over a state.db that
 * is made from the journal. Twice within an hour it ends, with exit code 74.
 */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include "base/status.h"
#include "message/verdict.h"
#include "daemon/settings.h"

/* Runs until a signal. Mistakes of the configuration are added; then BAD_CONFIG.
 * why: empty at first; it names what failed. */
enum status process_run(const struct settings *settings, struct verdict *mistakes, struct explanation *why);

#endif
