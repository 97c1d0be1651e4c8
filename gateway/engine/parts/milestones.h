/*
 * milestones.h - the named moments of a consignment 票货 (inside the engine only). Which there are, and what
 * tells them, is said by schemas/segments.
 *
 * A moment belongs to one declaration, or to the consignment as a whole; one of the whole that was told of
 * containers counts for the declarations that name one of them, and for those that name none. So two
 * declarations of one bill of lading, each with its own container, have each its own gate-out.
 */
#ifndef ENGINE_MILESTONES_H
#define ENGINE_MILESTONES_H

#include "engine/part.h"

#define MILESTONES_TOLD_MAX 16 /* milestones one message may tell */

struct milestone_told {
    const char *code;
    stamp at;
};

/* The milestones the cause's own message tells, and the marks, whose moment is that of the record. */
size_t milestones_told(const struct cause *cause, struct milestone_told told[MILESTONES_TOLD_MAX]);
/* "ACCEPTED@1790000000000000000 RELEASED@...": to be kept until it is known what they belong to. */
const char *milestones_write(struct arena *arena, const struct milestone_told *told, size_t count);
size_t milestones_read(struct arena *arena, struct text text,
                       struct milestone_told told[MILESTONES_TOLD_MAX]);

/* declaration: key of the one it belongs to, or "" for the consignment. containers: "A B", of which it was
 * told; "" of none. record: what told it. */
void milestone_add(struct decision *decision, const char *subject, const char *declaration,
                   const char *containers, const char *code, stamp at, uint64_t record);
/* What the record told of the subject does not count any more. */
void milestones_take_back(struct decision *decision, const char *subject, uint64_t told);
/* One telling of a milestone: of a declaration, of a container, or of the consignment as a whole. */
struct milestone_of {
    const char *declaration, *container; /* "" */
};

/* All that were told of this milestone of the consignment, by this decision too, but for what it takes
 * back; at most `max`. In the cause's arena. */
const struct milestone_of *milestones_of(const struct cause *cause, const char *subject, const char *code,
                                         size_t max, size_t *count);
/* When it was first told of this declaration, or else of exactly this container, or of the consignment as a
 * whole (both ""), and by which record; by this decision too, but for what it takes back. 0: never. */
stamp milestone_since(const struct cause *cause, const char *subject, struct milestone_of of,
                      const char *code, uint64_t *record);
/* When it was reached, of all declarations of the consignment, as of before this decision; at most `max`. */
size_t milestone_moments(const struct cause *cause, const char *subject, const char *code, stamp *out,
                         size_t max);
/* The first told before of the consignment as a whole or of this container; container "": of any. 0: none. */
stamp milestone_first(const struct cause *cause, const char *subject, const char *container,
                      const char *code);

/* containers "A B": of one of these; not before `since`. */
stamp milestone_first_since(const struct cause *cause, const char *subject, const char *containers,
                            const char *code, stamp since);

#define MILESTONES_ASKED 6

/* The same of several, in one look. */
void milestones_first_since(const struct cause *cause, const char *subject, const char *containers,
                            const char *const codes[MILESTONES_ASKED], stamp since,
                            stamp first[MILESTONES_ASKED]);

#endif
