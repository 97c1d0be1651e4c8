/*
 * marks.h - which elements of a message somebody wants to hear of: paths of local names, held against the
 * names of a grammar once, so that the validator finds the mark of an element by its number and looks up no
 * path.
 *
 * Mark 0 is none, the root element has MARK_ROOT; below an element without a mark nothing has one.
 * Immutable, and shared by all threads.
 */
#ifndef XSD_MARKS_H
#define XSD_MARKS_H

#include "xsd/grammar.h"

#define MARK_ROOT 1
#define MARKS_MAX 65535

struct marks_row { /* of one mark: those of its children by the number of their local name, from `low` on */
    uint32_t low, count;
    const uint16_t *marks;
};

/* Who knows the paths. */
struct marks_source {
    const void *context;
    uint32_t count; /* marks in use are 1 ... count */
    uint32_t (*child)(const void *context, uint32_t mark, struct text local); /* 0: none */
    bool (*attributes)(const void *context, uint32_t mark); /* those of this element are wanted, too */
};

struct marks {
    struct arena *arena;
    struct marks_source source;
    const struct marks_row *rows; /* by mark */
    const bool *attributes;       /* by mark */
};

/* The source's context must live as long. NULL: more than MARKS_MAX. */
struct marks *marks_new(const struct grammar *grammar, const struct marks_source *source);
void marks_free(struct marks *marks); /* NULL is fine */

/* Of the child that has this local name; `number` is the grammar's for it. */
static inline uint32_t marks_child(const struct marks *marks, uint32_t parent, uint32_t number,
                                   struct text local) {
    const struct marks_row *row = &marks->rows[parent];
    uint32_t at = number - row->low;
    if (at < row->count) {
        return row->marks[at];
    }
    return number == GRAMMAR_UNKNOWN_LOCAL && parent
               ? marks->source.child(marks->source.context, parent, local)
               : 0;
}

#endif
