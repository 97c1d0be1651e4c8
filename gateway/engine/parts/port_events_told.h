/*
 * port_events_told.h - port events that are told again 更正 or taken back 撤回 (inside the engine only).
 *
 * An event keeps its EventID for good; each telling of it is a message of its own. Of the tellings by one
 * sender the one sent last (SentTime; of equal ones the one recorded last) holds, in whatever order they
 * arrive, and what the others told counts nowhere: not in the state of a consignment, not in its milestones.
 * All of them stay in the timeline. The event model is that of DCSA Track and Trace 3, where a corrected
 * event is sent again too.
 */
#ifndef ENGINE_PORT_EVENTS_TOLD_H
#define ENGINE_PORT_EVENTS_TOLD_H

#include "engine/part.h"

enum retelling {
    RETELLING_NONE,    /* it is told for the first time */
    RETELLING_HOLDS,   /* it was told before, and this telling replaces that one */
    RETELLING_OUTDATED /* a telling that was sent later came first */
};

/* The telling that holds before this one. */
struct event_told {
    uint64_t record;
    stamp at;             /* when it says that it happened */
    const char *subjects; /* it was applied to these consignments, as JSON */
};

/* This telling takes the event back. */
bool event_is_withdrawn(const struct cause *cause);
/* Asked of what was before. */
enum retelling event_told_before(const struct cause *cause, struct event_told *before);
/* This telling holds from now on. */
void event_told_remember(struct cause *cause, stamp at, const char *subjects);
/* What it told does not count any more; event: as for consignment_take_back(). */
void event_told_take_back(struct cause *cause, const struct event_told *before, const char *event);

extern const char event_told_tables[];
extern const struct part_move event_told_moves[];

#endif
