/*
 * places.h - where something stands, for people: line, column and path, computed only for what is reported.
 *
 * All rooms of the check speak of offsets in the UTF-8 that the parser sees; a place is told in the bytes
 * as they were sent. Lines and columns count from 1; a column is a character.
 */
#ifndef CHECK_PLACES_H
#define CHECK_PLACES_H

#include <stdint.h>

#include "base/arena.h"
#include "message/document.h"
#include "message/verdict.h"
#include "edition/binding.h"
#include "check/encoding.h"

/* Of one message. Many places that follow each other are counted from the last one on, forwards or back. */
struct places {
    const struct decoded *text; /* NULL: not decoded yet, or it cannot be */
    struct binding_walk *walk;  /* which read the values; NULL: they have no paths */
    struct text original;       /* to be decoded into the arena when first asked */
    struct arena *arena;
    uint64_t offset;
    uint32_t line, column;               /* of the last place */
    uint64_t known_utf8, known_original; /* the same spot in both texts, when they differ */
};

struct places places_of(const struct decoded *text);
/* Of a message out of the journal, which was decoded when it came: only if something of it is reported is
 * it again. */
struct places places_of_message(struct text original, struct arena *arena);
/* Of [offset, offset + length) of text->utf8; what reaches beyond its end is cut. */
struct place places_at(struct places *places, uint64_t offset, uint64_t length);
/* Fills place and path; a value that stands nowhere, or NULL, has none. */
void places_tell(struct places *places, const struct value *value, struct finding *finding);
/* One alone, counted from the beginning. */
struct place place_in(const struct decoded *text, uint64_t offset, uint64_t length);

#endif
