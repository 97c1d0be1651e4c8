/*
 * definitions.h - by which definition 统计口径 the figures of a question are made: what schemas/segments said
 * when they were known, or another that is asked for by its number (engine/setups.h).
 *
 * The moments themselves are kept as they were told: a definition says which of them make segments, chains
 * and months, and what is excluded. A journal that is judged anew by an old one is the matter of `replay`.
 */
#ifndef VIEW_STATISTICS_DEFINITIONS_H
#define VIEW_STATISTICS_DEFINITIONS_H

#include "edition/segments.h"
#include "engine/setups.h"
#include "view/view.h"

struct definition_used {
    struct definition recorded; /* number 0: none was recorded yet, it is the edition's own */
    const struct segments *segments;
};

/* What that definition said, in the arena, read by what the edition knows today; the edition's own where
 * it is the same text. What a `from` line of it names and the edition does not know any more is told in
 * mistakes, and left out: that is no matter of figures, whose moments were told long ago. Fails as
 * setups_text(). */
enum status definition_read(const struct view_source *source, const struct definition *definition,
                            struct arena *arena, struct verdict *mistakes, const struct segments **out);
/* That which `definition` numbers, else that in force at the record by which the question is answered;
 * as_of 0: the edition's own. NOT_FOUND: there is none of that number; and as definition_read(). */
enum status definition_find(const struct view_question *question, uint64_t as_of,
                            struct definition_used *out);

#endif
