/*
 * house.h - for scenarios: the whole gateway in this process, in a folder of its own.
 *
 *   DIR/data         the gateway's         DIR/parties.yaml        who takes part
 *   DIR/folders/..   the parties' boxes
 *
 * Its loop and its clock stand still until somebody turns them, so that what happens when is the test's to
 * say: a receipt leaves, a delivery is tried again, a deadline passes in no time, and never by chance.
 * Messages come by the loopback transport or as files; deliveries go to receivers that stand here and do as
 * they are told. What each got is held against the record it should be, byte for byte, whenever it comes.
 *
 * Fails     what must not happen at all (a delivery of other bytes, a gateway that does not start) ends the
 *           process with a word about it. What is waited for comes within HOUSE_PATIENCE_S, or false.
 */
#ifndef SCENARIO_HOUSE_H
#define SCENARIO_HOUSE_H

#include "base/stamp.h"
#include "message/metadata.h"
#include "engine/decision.h"
#include "daemon/gateway.h"

#define HOUSE_PATIENCE_S     60
#define HOUSE_DECISIONS_MAX  4096
#define HOUSE_DELIVERIES_MAX 65536
#define HOUSE_RECEIVERS_MAX  32

/* What a receiver does with what it is handed. */
enum manner { MANNER_WORKS, MANNER_REFUSES, MANNER_FAILS, MANNER_SLOW };

struct receiver {
    const char *party;
    enum manner manner;
};

/* What a receiver was handed under one delivery id. */
struct house_delivery {
    const char *party;
    uint64_t record;
    unsigned times, acknowledged;
    bool redelivered;      /* the last time it said so */
    struct delivery *held; /* by a slow receiver: not answered yet */
};

struct house_decision {
    uint64_t cause, number;
    struct decision decision;
};

struct house {
    char directory[64];
    const char *data;
    struct arena *arena; /* of what is kept as long as the house */
    struct settings *settings;
    struct loop *loop;
    struct gateway *gateway;
    struct adapter_rooms rooms; /* of the gateway, while it runs */
    struct reader *reader;      /* follows the journal ... */
    uint64_t followed;          /* ... and came so far */
    struct reader *picker;      /* reads records by number */
    struct house_decision decisions[HOUSE_DECISIONS_MAX];
    size_t decisions_count;
    struct port port; /* of the receivers */
    struct receiver receivers[HOUSE_RECEIVERS_MAX];
    size_t receivers_count;
    struct house_delivery handed[HOUSE_DELIVERIES_MAX];
    size_t handed_count;
};

/* What came of a message that was handed in. */
struct house_answer {
    bool answered;      /* false: the gateway went before */
    enum status status; /* OK: recorded */
    bool repeated;
    uint64_t record;
    struct text receipt; /* as the sender got it */
};

/* --- its life ------------------------------------------------------------------------------------------- */

/* parties: a YAML text in which /srv/ stands for DIR/folders/. The gateway does not run yet. */
struct house *house_new(struct text parties);
void house_free(struct house *house);
void house_set_parties(struct house *house, struct text parties); /* from the next start or reload on */
void house_set(struct house *house, const char *name, const char *value); /* "delivery.attempts", likewise */
void house_start(struct house *house);
void house_stop(struct house *house); /* in order; what slow receivers hold comes back as not delivered */
/* The parties as they are set now, and all else, come into force while it runs. False: they do not. */
bool house_reload(struct house *house);
/* The next three make a crash of what follows: what is on the disk at a moment, with nothing in memory. */
void house_keep_state(struct house *house); /* state.db as it is, for a crash before its next commit */
/* Dies now and starts again. back: state.db is as it was kept. */
void house_crash(struct house *house, bool back);

/* --- time ----------------------------------------------------------------------------------------------- */

stamp house_now(void);
void house_advance(int64_t seconds);
void house_set_wall(stamp at); /* the wall clock alone */

/* --- what happens --------------------------------------------------------------------------------------- */

/* Turns the loop until it is so. */
bool house_wait(struct house *house, bool (*is_so)(struct house *house, void *context), void *context);
/* Until all that is recorded has been decided and applied, and all that can be delivered now is. */
bool house_settle(struct house *house);
/* Until the engine has looked at the clock as it stands now. */
bool house_await_timers(struct house *house);

/* Hands a message in over the loopback transport and waits for its receipt. dies: not for that, but until it
 * is recorded; the receipt never leaves, and a crash is to follow. */
bool house_submit(struct house *house, const struct envelope *env, struct text bytes, bool dies,
                  struct house_answer *answer);
/* The same by the party's OutBox, under that name: until the file is put away. */
bool house_drop(struct house *house, const struct party *party, const char *name, struct text bytes,
                struct house_answer *answer);

/* The decision about that cause (0: any) among those from index `from` on; waits for it. NULL: none comes. */
const struct house_decision *house_decision(struct house *house, uint64_t cause, size_t from);
size_t house_decisions(struct house *house); /* how many there are now */
enum status house_record(struct house *house, uint64_t number, struct arena *arena, struct record *rec);

/* --- receivers ------------------------------------------------------------------------------------------ */

/* A slow receiver that works again acknowledges what it holds. */
void house_treat(struct house *house, const char *party, enum manner manner);
const struct house_delivery *house_handed(const struct house *house, const char *party,
                                          uint64_t record);           /* or NULL */
size_t house_handed_to(const struct house *house, const char *party); /* how many different ones */
/* The one file of the party's box whose name is like this (fnmatch), appended; its whole name in `name`.
 * NOT_FOUND. */
enum status house_file(const struct house *house, const struct party *party, const char *box,
                       const char *pattern, struct buf *bytes, char name[256]);

#endif
