/*
 * recheck.h - an old journal judged by today's texts: where they would say otherwise than was said then.
 *
 * Nothing is changed: what was decided stays a fact. Each message is judged anew by today's
 * schemas and rules, as of the day it was received; each cause is decided anew by today's engine
 * rules and routes, against the state that the decisions recorded before it had made. A message
 * whose verdict differs is not decided anew.
 * May run beside the gateway: it takes no lock and works in a folder of its own, DIR/recheck, which it
 * removes.
 */
#ifndef REPLAY_RECHECK_H
#define REPLAY_RECHECK_H

#include "base/stamp.h"
#include "base/status.h"
#include "check/check.h"
#include "engine/engine.h"

struct recheck_difference {
    uint64_t record;
    stamp recorded;
    const char *kind;                /* of the record: "message", "tick", ... */
    const char *party, *family, *id; /* of a message, else "" */
    const char *what;                /* "verdict" or "decision" */
    const char *then, *now;          /* "refused D01 D03"; "done FORWARDED CUS-QD:R01 TML:R02" */
};

struct recheck_totals {
    uint64_t messages, decisions, verdict_differences, decision_differences;
    uint64_t digest_only; /* messages whose content was not kept: they cannot be judged anew */
};

/* since: what was recorded before is neither judged nor decided anew; the state that it made is there all the
 * same. differs: once for each difference, verdicts first, in the order of the records; its texts are
 * borrowed. *why: what is known of a failure beside its status; "": nothing. */
enum status recheck(const char *directory, const struct judge *judge, stamp since,
                    void (*differs)(const struct recheck_difference *difference, void *context),
                    void *context, struct recheck_totals *out, struct explanation *why);

#endif
