/*
 * reload.h - another edition, while the gateway runs: rules, routes, segments, lists, schemas, parties, the
 * files of certificates, and those values of clearway.yaml that may change (SETTING_RELOAD).
 *
 *   a thread  reads, compiles, looks as `config lint` does; mistakes are told to who asked, in the log and by
 *             metrics, and the old edition stays in force
 *   loop      the adapters open what they will need
 *   a thread  records the edition; intake judges by it from that record on
 *   loop      once it is durable the adapters change, and close the connections of whom it does not know
 *   engine    has decided all that stands before that record
 *   loop      dispatch changes, and the engine goes on by the new edition
 *
 * So each record is judged and decided by the edition that was in force where it stands, and a delivery goes
 * by the one in force when it is sent. What only a restart can change (SETTING_RESTART, and what an adapter
 * names) is a mistake, and nothing of the rest is applied either.
 *
 * Owns      its threads, and what is not in force yet. One reload at a time; who asks meanwhile is heard by
 *           the next one, which begins behind it and reads everything anew.
 * Thread    the loop thread; reload_before_change() the engine's.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "base/loop.h"
#include "check/judge.h"
#include "journal/journal.h"
#include "intake/intake.h"
#include "engine/engine.h"
#include "deliver/dispatch.h"
#include "adapters/reload.h"
#include "daemon/settings.h"

#define RELOAD_ASKERS_MAX 64

struct reload;

struct reload_options {
    struct loop *loop;
    const struct settings *settings; /* those of the start */
    struct journal *journal;
    struct engine *engine;
    struct intake *intake;
    struct dispatch *dispatch;
    void *const *running;          /* of each adapter; NULL: it does not run */
    const struct edition *edition; /* in force at the start: held as long as it is */
    const struct judge *judge;
};

struct reload *reload_new(const struct reload_options *options);
/* told (may be NULL) comes once; not at all when this says BUSY (too many ask already) or CLOSED. dry: only
 * to be told what a reload would come to: everything is read, looked at and prepared, and then left. */
enum status reload_ask(struct reload *reload, bool dry, reload_told *told, void *asker);
/* What the one that runs waits for just now, in words; empty: none runs. */
void reload_waits(const struct reload *reload, struct explanation *out);
/* The engine halts before the record of the edition that was announced. */
void reload_before_change(struct reload *reload);
const struct edition *reload_edition(const struct reload *reload); /* in force */
/* Before the rooms close: waits for its thread; whoever asked is told CLOSED. */
void reload_stop(struct reload *reload);
void reload_free(struct reload *reload); /* stopped, and the loop does not run; NULL is fine */

#endif
