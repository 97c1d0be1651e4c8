/*
 * adapter.h - a way into the gateway and out of it, as the gateway sees it: one row of the list of adapters.
 *
 * The gateway goes through the list and calls what a row has; a function that is NULL has nothing to do. An
 * adapter lives from start() to stop(), on the loop thread:
 *
 *   check()    anywhere, before anything runs: `config lint` and a start come through it, so that they never
 *              disagree
 *   start()    takes what it needs of the house, binds, begins to take messages in; port() is asked for
 *              behind it
 *   prepare(), reload()   another edition
 *   drain()    nothing new comes in any more, what is under way is answered
 *   stop()     after intake and dispatch have stopped: everything is closed
 */
#ifndef ADAPTERS_ADAPTER_H
#define ADAPTERS_ADAPTER_H

#include "base/counters.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/setting.h"
#include "base/status.h"
#include "message/verdict.h"
#include "edition/edition.h"
#include "edition/party.h"
#include "journal/journal.h"
#include "intake/intake.h"
#include "engine/engine.h"
#include "deliver/dispatch.h"
#include "deliver/port.h"
#include "view/diagnosis.h"
#include "adapters/probe.h"
#include "adapters/reload.h"

/* What an operator set for one adapter, and what of the house's own it must keep to. Those of a start stay
 * as long as the gateway; those that prepare() gets stay for the call: what is to stay longer is copied. */
struct adapter_settings {
    const struct setting_row *rows; /* the adapter's own */
    const char *const *values;      /* one for each of them */
    /* Adds a finding LINT-CONFIG about one of them, placed where it stands. */
    void (*say)(const struct adapter_settings *settings, size_t row, enum severity severity, const char *zh,
                const char *en, const char *hint_zh, const char *hint_en, struct verdict *mistakes);
    const char *parties;                /* the parties file, for findings about it */
    size_t party_messages, party_bytes; /* what one party may have under way; 0: what its share allows */
    int delivery_timeout_ms;            /* then dispatch gives an unanswered delivery up */
    const void *settings;               /* the daemon's */
    size_t first;
};

const char *adapter_text(const struct adapter_settings *settings, size_t row);
int64_t adapter_number(const struct adapter_settings *settings, size_t row);
bool adapter_flag(const struct adapter_settings *settings, size_t row);
/* A warning at the setting without which the transport does not run, when there are parties that it would
 * serve: what is for them is parked, and nobody hears those who would speak by it. */
void adapter_say_idle(const struct adapter_settings *settings, size_t row, const char *transport,
                      const struct edition *edition, struct verdict *mistakes);

struct adapter;

/* The rooms of the house, and what an adapter must keep to. All outlives it. */
struct adapter_rooms {
    struct adapter_settings settings;
    struct loop *loop;
    struct arena *arena; /* until it stops */
    struct journal *journal;
    const char *directory; /* the data directory */
    const struct edition *edition;
    struct intake *intake;
    struct dispatch *dispatch;
    const struct engine *engine;
    const struct adapter *const *adapters; /* the list of them; NULL ends it */
    void *const *running;                  /* what runs of each; NULL: it does not run */
    size_t descriptors;                    /* the limit of them */
    size_t connections_max;                /* descriptors that are left for connections */
    /* Reads the edition anew; dry: only to tell what would come of it. BUSY, CLOSED: told() does not come.
     * Loop thread. */
    enum status (*reload)(void *context, bool dry, reload_told *told, void *asker);
    /* What the reload that runs waits for; empty: none runs. Loop thread. */
    void (*reload_waits)(void *context, struct explanation *out);
    void (*on_damage)(void *context); /* state.db is not what the journal says; loop thread */
    void *context;
    struct verdict *mistakes; /* of settings that only a start can tell */
    struct explanation *why;  /* what failed, where no setting is to blame; empty at first */
};

/* Where it is heard, for DATA/ready: "machines": 8443. */
struct adapter_port {
    const char *name; /* NULL ends a list of them */
    int port;
};

struct adapter {
    const struct party_transport *transport; /* its name, and what the parties file may say of it */
    const char *zh, *en;                     /* what is said when it does not start, and knows no better */
    const struct setting_row *settings;
    size_t settings_count;
    struct room_counter *counters; /* for /metrics; a NULL metric ends them; NULL: none */
    /* What it needs of the world, looked at without changing it. Findings LINT-CONFIG, LINT-PARTY or its
     * own. */
    void (*check)(const struct adapter_settings *settings, const struct edition *edition,
                  struct verdict *mistakes);
    /* What it asks of the world for `config lint` beyond that (probe.h); NULL: nothing. */
    void (*probe)(const struct adapter_settings *settings, const struct edition *edition,
                  struct probe *probe);
    /* How many it may open besides connections of peers. */
    size_t (*descriptors)(const struct edition *edition);
    /* *out NULL with OK: it is not set to run. FULL: there is no room on the disk, and nothing was changed.
     * */
    enum status (*start)(const struct adapter_rooms *rooms, void **out);
    const struct port *(*port)(void *running);
    const struct adapter_port *(*ports)(void *running);
    /* For /readyz: members of an open object that say what it does not serve now, and why; none when it
     * serves everybody. */
    void (*health)(void *running, struct json_out *out);
    /* How each of whom it serves, and what it depends on, stands now: rows of view/diagnosis.h. */
    void (*diagnose)(void *running, stamp now, struct diagnosis *out);
    void (*advanced)(void *running); /* state.db shows more decisions; any thread */
    /* Another edition comes into force while it runs, in two steps, on the loop thread and without waiting.
     * prepare() reads and opens, beside what runs, whatever reload() will need of the world and of the
     * settings, of which those may differ that a reload changes: certificates, keys, addresses, limits. It
     * changes nothing that is in force. What cannot be had, and what only a restart can
     * change, is a finding that names it; then the old edition stays in force everywhere. *prepared: for
     * reload() or discard(), which take it; NULL is fine.
     * reload() when its record is durable: from here on `edition` is in force. It cannot fail.
     * Takes a hold of it, lets go of the old one, and closes the connections of parties, certificates and
     * keys that are gone or blocked, and no others. A delivery in flight keeps the party of the edition it
     * was handed over by, until it is done: compare parties by their code.
     * discard() when it does not come to that.
     * NULL: nothing of what runs depends on an edition, nor on files that may change meanwhile. */
    void (*prepare)(void *running, const struct adapter_settings *settings, const struct edition *edition,
                    struct verdict *mistakes, void **prepared);
    void (*reload)(void *running, const struct edition *edition, void *prepared);
    void (*discard)(void *running, void *prepared);
    void (*drain)(void *running, void (*done)(void *context), void *context);
    void (*stop)(void *running);
};

#endif
