/*
 * gateway.h - one running gateway: the rooms put together, and the order in which they open and close.
 *
 *   journal → set-up → engine (catches up, records the set-up) → dispatch and its ports → intake → listeners
 *
 * It closes the other way round: first nothing new comes in, what is under way is answered, the engine finishes its
 * batch, deliveries in hand get their outcome, and the journal is the last to close.
 * SIGTERM and SIGINT drain; what cannot be drained in 15 s is cut. When the journal or state.db can no longer be written
 * the process ends at once with exit code 74: nothing is acknowledged that is not durable.
 * DIR/ready is written when the listeners stand: {"pid":…,"machines":port,"people":port}.
 */
#ifndef DAEMON_GATEWAY_H
#define DAEMON_GATEWAY_H

#include "message/verdict.h"
#include "daemon/settings.h"

/* Runs until a signal. Mistakes of the set-up are added; then BAD_CONFIG. why (of why_max bytes) names what failed. */
enum status gateway_run(const struct settings *settings, struct verdict *mistakes, char *why, size_t why_max);

#endif
