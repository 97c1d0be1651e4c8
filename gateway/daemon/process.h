/*
 * process.h - the gateway as a process of its own: signals, exit codes, the heap, and a new beginning when
 * state.db was found damaged.
 *
 * SIGTERM and SIGINT drain (gateway.h), a second one at once. SIGHUP reads the edition anew (reload.h); one
 * that comes before the rooms stand does so once they do. While there is no loop that hears them, all three
 * wait: none of them is lost, and none ends the process by itself. (Before main() nothing of ours can hold
 * them: who signals by the unit of systemd waits for READY=1.) A close that takes over 20 s (a full disk)
 * ends with exit code 74. When the journal or state.db can no longer be written the process ends at once with
 * exit code 74: nothing is acknowledged that is not durable.
 *
 * When state.db was found damaged all rooms have closed as for a signal, and open again over a state.db that
 * is made from the journal. Twice within an hour it ends, with exit code 74.
 */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include "base/status.h"
#include "message/verdict.h"
#include "daemon/settings.h"

/* Before anything is read and any thread started: signals wait from here on, until process_run() hears
 * them. */
void process_hold_signals(void);
/* Runs until a signal. Mistakes of the configuration are added; then BAD_CONFIG.
 * why: empty at first; it names what failed. */
enum status process_run(const struct settings *settings, struct verdict *mistakes, struct explanation *why);

#endif
