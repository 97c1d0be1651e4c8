/*
 * passages.h - to which consignments a container belonged when something happened to it (inside the engine
 * only).
 *
 * Containers travel again and again, for one party after another, in and out. A passage 箱次 is one way of a
 * container through one port in one direction, with the bills of lading it carried: one, or several (LCL
 * 拼箱). That a consignment has a container is told by a declaration that customs accepted, or by the port
 * when it names both. An event that names only a container belongs to the passage that its port, direction
 * and time fit. Fits none: it is kept, shown by the container's number to who told it and to operators, and
 * claimed when it comes to fit.
 *
 * Moves that others hear: "claim", an event kept before belongs to a consignment now (passage_is_claimed()).
 */
#ifndef ENGINE_PASSAGES_H
#define ENGINE_PASSAGES_H

#include "engine/part.h"
#include "engine/parts/milestones.h"

/* name: as in the consignment's life cycle, "I:DISC" or "I:ARRI EST". direction: "import" or "export". */
struct container_event {
    const char *port, *direction, *name, *route;
    stamp at;
    bool ahead; /* a day or more later than it was told: mistyped, and no passage grows by it */
    uint64_t record;
    const struct milestone_told *told;
    size_t told_count;
};

/* Calls found() for each consignment whose passage of one of these containers the event fits, in the order of
 * the containers. "": no container. False: there may be more of them. */
bool passages_find(const struct cause *cause, const struct container_event *event,
                   const char *const *containers, size_t count,
                   void (*found)(size_t container, const char *subject, void *to), void *to);
bool passages_ahead(const struct cause *cause, stamp at);
/* Another consignment has the container by now, and this one has not. Asked of what was before. */
bool passages_elsewhere(const struct cause *cause, const char *port, const char *direction,
                        const char *container, const char *subject, stamp now);

/* The event named only containers ("A B"), and of these `kept` ("B") fitted none. */
void passages_event(struct cause *cause, const struct container_event *event, const char *containers,
                    const char *kept);
/* These of its containers belong to the subject. */
void passages_assign(struct cause *cause, const struct container_event *event, const char *subject,
                     const char *containers);
/* The port named the consignment as well: its containers ("": none named) have a passage with it. */
void passages_seen(struct cause *cause, const struct container_event *event, const char *subject,
                   const char *containers);
/* What the record told of these containers of the subject ("": and of those it kept alone), as of `at`, does
 * not count any more: nothing of it is claimed, and it neither begins nor ends a passage. */
void passages_take_back(struct cause *cause, const char *subject, const char *containers, uint64_t told,
                        stamp at);

/* Of an event recorded before: the consignments that its containers belong to, which may be more than `max`.
 * 0: it names consignments itself, or is kept. */
size_t passages_of_record(const struct cause *cause, uint64_t record, const char **subjects, size_t max);
/* Its route to who holds them; "": it has none, or one of its containers is nobody's yet. */
const char *passages_route(const struct cause *cause, uint64_t record);
/* Whether a move that is heard is such a claim, the last of that record in this decision; of which record and
 * direction. */
bool passage_is_claimed(const struct cause *cause, const struct move *move, uint64_t *record,
                        const char **direction);

#endif
