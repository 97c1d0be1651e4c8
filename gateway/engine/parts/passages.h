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
 */
#ifndef ENGINE_PASSAGES_H
#define ENGINE_PASSAGES_H

#include "engine/parts/declarations.h"
#include "engine/parts/milestones.h"
#include "engine/part.h"

#define PASSAGES_MAX      128 /* of one container in one time */
#define KEPT_SUBJECT_MARK '#' /* PORT/#CONTAINER: the subject of what is kept */

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
bool passages_find(const struct cause *cause, struct state *state, const struct container_event *event,
                   const char *const *containers, size_t count,
                   void (*found)(size_t container, const char *subject, void *to), void *to);
bool passages_ahead(const struct cause *cause, stamp at);
/* The event named only containers ("A B"), and of these `kept` ("B") fitted none. */
void passages_event(struct decision *decision, const struct container_event *event, const char *containers,
                    const char *kept);
/* These of its containers belong to the subject. */
void passages_assign(struct decision *decision, const struct container_event *event, const char *subject,
                     const char *containers);
/* The port named the consignment as well: its containers ("": none named) have a passage with it. */
void passages_seen(const struct cause *cause, struct state *state, struct decision *decision,
                   const struct container_event *event, const char *subject, const char *containers);
/* A declaration names containers: nothing is proven by that. */
void passages_declared(struct decision *decision, const struct declaration *declaration,
                       const char *containers);
/* Customs accepted it: they are passages, and claim what is kept of them. first: not accepted until now. */
void passages_accepted(const struct cause *cause, struct state *state, struct decision *decision,
                       const struct declaration *declaration, bool first);
void passages_refused(struct decision *decision, const struct declaration *declaration);
/* Another consignment has the container by now, and this one has not. */
bool passages_elsewhere(struct state *state, const char *port, const char *direction, const char *container,
                        const char *subject, stamp now);
/* Every container of that event belongs to some consignment; their subjects. 0: it names consignments
   itself. */
size_t passages_of_record(const struct cause *cause, struct state *state, uint64_t record,
                          const char **subjects, size_t max);

#endif
