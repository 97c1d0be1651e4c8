/*
 * tags.h - what stands where in the bytes of a message that a parser has read: it is well-formed so far,
 * and every place asked about lies within it. Pure functions; spans are offsets in the message.
 */
#ifndef CHECK_TAGS_H
#define CHECK_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct tag_span {
    uint64_t from, to;
};

struct attribute_spans {
    struct tag_span name, value; /* the value without its quotes */
};

/* "<ns:Name" of the start tag that begins at `tag`. */
struct tag_span tags_name_span(struct text message, uint64_t tag);
/* The same tag's name alone, without its prefix. */
struct text tags_name(struct text message, uint64_t tag);
/* Finds an attribute in the start tag [tag, content). */
bool tags_attribute(struct text message, uint64_t tag, uint64_t content, struct text local_name,
                    struct attribute_spans *out);
/* What stands between the tags of the element whose content begins at `content` and whose end tag ends at
 * `behind`; of an empty one: nothing, at `content`. */
struct tag_span tags_content(struct text message, uint64_t content, uint64_t behind);
struct tag_span tags_trim(struct text message, struct tag_span span); /* without the blanks around it */
/* The different names of the children in `content`, without prefixes; at most `max` are told. */
size_t tags_children(struct text message, struct tag_span content, struct text *names, size_t max);

#endif
