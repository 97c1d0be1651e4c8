/*
 * checks.h - the judgements of a diagnosis: each takes what is known of one thing, as figures, and adds a row
 * that says how it stands, why, and what to do. Pure: whoever knows the figures asks, the question of a
 * running gateway (diagnostics.h), its adapters, or the command without one.
 *
 * A thing has FAILED where goods or messages are held up now, or will be within the day, unless somebody
 * acts; a WARNING is for the next working day.
 */
#ifndef VIEW_CHECKS_H
#define VIEW_CHECKS_H

#include "base/clock.h"
#include "base/status.h"
#include "view/diagnosis.h"

#define CHECKS_COUNTED_MAX      10000 /* deliveries of one destination that are counted */
#define CHECKS_TRIES_FAILED     3     /* as many in a row, and a destination counts as failed */
#define CHECKS_UNTRIED_S        600
#define CHECKS_BEHIND_WARNING   1000 /* records */
#define CHECKS_BEHIND_FAILED    20000
#define CHECKS_DAYS_WARNING     7 /* until the disk is full */
#define CHECKS_CERTIFICATE_DAYS 30
#define CHECKS_MEMORY_WARNING   (UINT64_C(256) << 20)
#define CHECKS_MEMORY_FAILED    (UINT64_C(64) << 20)
#define CHECKS_SLOW_SYNC_S      600  /* so long one is told */
#define CHECKS_RATE_AFTER_S     600  /* before, a rate says nothing */
#define CHECKS_WAITED_S         3600 /* an answer of customs, a file */
#define CHECKS_ALERT_S          86400

/* ready: whether messages are taken (intake_ready()). behind: of the records of before the start. */
struct gateway_facts {
    enum status ready;
    uint64_t behind;
    stamp started;
};
void check_gateway(const struct gateway_facts *facts, struct diagnosis *out);

struct disk_facts {
    const char *folder;
    uint64_t free, reserve; /* below the reserve nothing is taken; 0: it is not known */
    bool is_full;           /* nothing is taken now */
    int64_t written, in_s;  /* bytes of the journal, within so many seconds; in_s 0: nothing is known */
};
void check_disk(const struct disk_facts *facts, struct diagnosis *out);

void check_memory(uint64_t available, struct diagnosis *out); /* 0: it cannot be told */

struct journal_facts {
    int64_t durable;            /* number of the last record that is */
    stamp synced, slow_at, now; /* 0: not since the start */
    int64_t slow;               /* syncs that took over a second, since the start */
};
void check_journal(const struct journal_facts *facts, struct diagnosis *out);

struct scrub_facts {
    int64_t damaged, unread; /* segments */
    stamp passed;            /* 0: not since the start */
};
void check_scrub(const struct scrub_facts *facts, struct diagnosis *out);

void check_engine(int64_t behind, struct diagnosis *out); /* records */

struct state_facts {
    int64_t findings, remade;
    stamp checked; /* 0: not since the start */
};
void check_state(const struct state_facts *facts, struct diagnosis *out);

void check_clock(const struct clock_reading *reading, struct diagnosis *out);

struct edition_facts {
    const char *digest; /* hex */
    int64_t record;     /* of its set-up; 0: not known */
    bool reload_failed; /* what was to follow it was refused */
};
void check_edition(const struct edition_facts *facts, struct diagnosis *out);

/* expires: its first certificate is over then. */
void check_certificate(const char *subject, stamp expires, stamp now, struct diagnosis *out);

struct destination_facts {
    const char *party, *transport; /* transport "": none */
    bool is_blocked;
    int64_t waiting, parked; /* as far as they are counted */
    stamp oldest, now;       /* since when the oldest of them all waits */
    int64_t attempts;        /* of the one last tried; 0: none was */
    stamp tried, next;
    const char *reason, *words; /* of the last try, or of the last that was parked; "": none */
};
void check_destination(const struct destination_facts *facts, struct diagnosis *out);

struct folder_facts {
    const char *party, *folder;
    int fault;       /* errno: why it cannot be used; 0: it can */
    int64_t waits_s; /* for so long files lie in its OutBox, and none was done with */
    stamp now;
};
void check_folder(const struct folder_facts *facts, struct diagnosis *out);

/* What waits for an operator. */
void check_held(int64_t count, stamp oldest, struct diagnosis *out);
void check_quarantine(int64_t count, stamp oldest, struct diagnosis *out);
void check_answers(int64_t count, stamp oldest, stamp now, struct diagnosis *out);
/* open: those not closed; unseen: of those that nobody has acknowledged, since the oldest. */
void check_alerts(int64_t open, int64_t unseen, stamp oldest, stamp now, struct diagnosis *out);

#endif
