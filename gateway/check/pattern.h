/*
 * pattern.h - may a regular expression of a schema (xs:pattern) be given to libxml2?
 *
 * libxml2 2.9.14 tries a pattern by going back and forth over the value without remembering anything. Where a
 * character can be taken in two ways inside a repeat, a value of some thousand characters costs seconds, or
 * the library gives up; a counted repeat of what may be empty is even judged wrongly. Such patterns are
 * refused when the schema is loaded. The kind official schemas are full of, A*BA* (as .*[^\s].*: not only
 * white space), is not refused but replaced by its equal that has one way only: [A-[B]]*BA*.
 */
#ifndef CHECK_PATTERN_H
#define CHECK_PATTERN_H

#include "base/arena.h"
#include "base/text.h"

struct pattern_opinion {
    const char *zh, *en; /* why it is refused; NULL when it may be used */
    struct text use;     /* what to use: the pattern itself or its equal; in the arena */
};

struct pattern_opinion pattern_judge(struct text pattern, struct arena *arena);

#endif
