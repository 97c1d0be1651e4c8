/*
 * alerts.h - early warnings 预警 on the age and the contradiction of states (schemas/alerts).
 *
 *   alert A01 "进口货物到港后未放行" "import not released after its arrival"
 *     of     import                       # or export; absent: both
 *     from   ARRIVED                      # a milestone of schemas/segments: from then on it is watched
 *     until  RELEASED                     # milestones that end it, and what ends the goods' declaration
 *     after  7 days                       # warned then; hours, too
 *     after  90 days alarm                # ... and again, as an alarm
 *     to     holder customs office        # who is told: who holds the goods, and roles at their port
 *
 * `from MILESTONE when CONDITION` watches only what the message that tells it says so of (expr/expr.h).
 * `from MILESTONE each container when CONDITION` asks of each container by itself, and watches those of which
 * it holds; of a message that names none it watches nothing.
 * `after 0 hours` is a contradiction: what is told by `from` should not be before what `until` tells.
 */
#ifndef EDITION_ALERTS_H
#define EDITION_ALERTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/stamp.h"
#include "message/verdict.h"
#include "expr/expr.h"

#define ALERTS_MAX      256
#define ALERT_STEPS_MAX 8
#define ALERT_ENDS_MAX  8
#define ALERT_ROLES_MAX 8
#define ALERT_HOURS_MAX (24 * 3650)
#define ALERT_HOLDER    "holder"

struct edition;

struct alert_step {
    stamp after;
    bool alarm;
};

struct alert {
    const char *code, *zh, *en;
    const char *direction;    /* "import", "export", "" */
    const char *from;         /* a milestone */
    const struct expr *when;  /* NULL: always */
    const struct field *each; /* the group of whose rows `when` is asked; NULL: of the message */
    const char *until[ALERT_ENDS_MAX];
    size_t until_count;
    struct alert_step steps[ALERT_STEPS_MAX]; /* the earliest first */
    size_t steps_count;
    const char *to[ALERT_ROLES_MAX]; /* roles, or ALERT_HOLDER */
    size_t to_count;
};

struct alerts {
    struct alert list[ALERTS_MAX];
    size_t count;
};

/* Mistakes: LINT-ALERT. */
struct alerts *alerts_load(const struct edition *edition, struct verdict *mistakes);
const struct alert *alerts_find(const struct alerts *alerts, const char *code); /* NULL: there is none */
bool alert_is_ended_by(const struct alert *alert, const char *milestone);

#endif
