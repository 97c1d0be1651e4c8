/*
 * gateway.h - one running gateway: the rooms put together, and the order in which they open and close.
 *
 *   journal → edition → engine (records it, catches up) → dispatch and its ports → intake → listeners
 *
 * Messages are taken from there on. Deliveries, views and readiness begin when the engine has caught up with
 * what was recorded before the start: before that state.db does not know what has been delivered, and to
 * whom. DIR/ready is written then: {"pid":…,"machines":port,"people":port,"monitors":port}; the log's
 * events `listening` name the ports before.
 *
 * Draining: nothing new comes in, requests under way are answered; what cannot be drained in 15 s is cut.
 * Then the engine finishes its batch, deliveries in hand get their outcome, intake answers what it took, the
 * transports close, and the journal is the last. A full disk ends nothing: a start waits for room, and a
 * running gateway answers 503 and goes on by itself.
 *
 * When state.db is found damaged nothing is decided, sent or shown by it any more: it drains by itself, and a
 * gateway opened after its close makes state.db from the journal.
 *
 * It runs on a loop that its caller turns, with a clock that its caller turns; it installs no signal and
 * ends no process: what a process of its own has besides stands in process.h.
 */
#ifndef DAEMON_GATEWAY_H
#define DAEMON_GATEWAY_H

#include "base/clock.h"
#include "base/loop.h"
#include "message/verdict.h"
#include "adapters/adapter.h"
#include "daemon/settings.h"

struct gateway;

struct gateway_options {
    const struct settings *settings; /* borrowed until the close, as what follows is */
    struct loop *loop;               /* of this gateway alone: to be freed after the close */
    struct clock_sources clock;      /* of the house's time; NULLs: the system's */
    /* Journal or state.db cannot be written any more, and nothing is acknowledged from now on. A thread of
     * theirs. */
    void (*on_failure)(enum status status, void *context);
    void *context;
};

/* *out is set before the first room opens, so that gateway_drain() can end a start that waits for room
 * (CLOSED); it is to be closed in any case. Mistakes of the configuration are added; then BAD_CONFIG. why:
 * empty at first; it names what failed. With OK the loop is to be turned. */
enum status gateway_open(const struct gateway_options *options, struct verdict *mistakes,
                         struct explanation *why, struct gateway **out);
/* Nothing new comes in; when what is under way is answered, or takes too long, the loop is stopped. A second
 * call stops it at once. Loop thread. */
void gateway_drain(struct gateway *gateway);
/* Reads the edition anew (reload.h). BUSY: it opens still, or too many ask; CLOSED: it drains. Loop
 * thread. */
enum status gateway_reload(struct gateway *gateway, bool dry, reload_told *told, void *asker);
/* While the loop does not run: finishes what is in hand and closes all rooms. True: state.db was found
 * damaged and is put aside, so a gateway opened now makes it again. */
bool gateway_close(struct gateway *gateway);
/* The rooms of an open gateway, as its adapters have them; and what runs of one of these (NULL: nothing). For
 * tests, which look into the rooms while the gateway runs. */
struct adapter_rooms gateway_rooms(const struct gateway *gateway);
void *gateway_adapter(const struct gateway *gateway, const struct adapter *adapter);

#endif
