/*
 * gateway.h - one running gateway: the rooms put together, and the order in which they open and close.
 *
 *   journal → set-up → engine (records the set-up, catches up) → dispatch and its ports → intake → listeners
 *
 * Messages are taken from there on. Deliveries, views and readiness begin when the engine has caught up with
 * what was recorded before the start: before that state.db does not know what has been delivered, and to
 * whom. DIR/ready is written then: {"pid":…,"machines":port,"people":port}; the log's events `listening` name
 * the ports before.
 *
 * SIGTERM and SIGINT drain: nothing new comes in, requests under way are answered; what cannot be drained in
 * 15 s is cut. Then the engine finishes its batch, deliveries in hand get their outcome, intake answers what
 * it took, the transports close, and the journal is the last. A close that takes over 20 s (a full disk) ends
 * with exit code 74. When the journal or state.db can no longer be written the process ends at once with exit
 * code 74: nothing is acknowledged that is not durable. A full disk is not that: a start waits for room, and
 * a running gateway answers 503 and goes on by itself. SIGHUP is logged and ignored: the set-up is read at a
 * start only.
 *
 * When state.db is found damaged nothing is decided, sent or shown by it any more: all rooms close as for a
 * signal, and open again over a state.db that is made from the journal. Twice within an hour it ends, with
 * exit code 74.
 */
#ifndef DAEMON_GATEWAY_H
#define DAEMON_GATEWAY_H

#include "message/verdict.h"
#include "daemon/settings.h"

/* Runs until a signal. Mistakes of the set-up are added; then BAD_CONFIG.
 * why: empty at first; it names what failed. */
enum status gateway_run(const struct settings *settings, struct verdict *mistakes, struct explanation *why);

#endif
