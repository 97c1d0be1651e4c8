/*
 * passages_fit.h - which passage of a container an event belongs to, by its kind and time alone (of the part
 * passages).
 *
 * What is known of a passage: the span of moments told of it; when it began (an import is discharged, an
 * export comes through the gate) and ended (an import leaves, an export is loaded). An event does not fit a
 * passage that it would begin again, follow its end, or lie further from than goods stay in a port. Of the
 * passages it fits the nearest in time is meant, and what travels in one container with it.
 *
 *   bills of one container, by the time of what was told:
 *     A  declared--DISC-----GTOT                              a late GTOT of A's time lies within A
 *     B                              declared---DISC          a DISC that A has had already is B's, or waits
 *                                                             for it
 */
#ifndef ENGINE_PASSAGES_FIT_H
#define ENGINE_PASSAGES_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/stamp.h"

#define PASSAGES_MAX  128 /* of one container in one time */

#define PASSAGE_DAY   (86400 * STAMP_SECOND)
#define PASSAGE_SLACK PASSAGE_DAY /* clocks of different houses, and what is told in the evening */

enum phase {
    PHASE_BEFORE, /* of the ship that brings it */
    PHASE_BEGINS,
    PHASE_WITHIN,
    PHASE_ENDS,
};

struct passage {
    const char *subject;
    stamp first, last, begun, ended;
};

/* By which they are told apart, from schemas/terms. */
struct passage_terms {
    stamp reach; /* goods that nobody declares within it are sold: no event is further from its passage */
    stamp in_advance; /* who declares in advance does so once the ship has left its last port */
    stamp together;   /* the goods of one container are declared within it */
};

struct passages {
    struct passage list[PASSAGES_MAX];
    size_t count;
    bool more;
    struct passage_terms terms;
};

enum phase passage_phase(const char *event); /* "I:ARRI EST" is of the phase of I:ARRI */
bool passage_has_happened(const char *event);
/* Marks those that are meant; the nearest is always among them. */
void passages_choose(const struct passages *passages, enum phase phase, stamp at, bool chosen[PASSAGES_MAX]);
/* The event is one of it. */
void passage_extend(struct passage *passage, const char *name, stamp at);

#endif
