/*
 * places.h - where something stands, for people: line and column, counted only for what is reported.
 *
 * All rooms of the check speak of offsets in the UTF-8 that the parser sees; a place is told in the bytes
 * as they were sent. Lines and columns count from 1; a column is a character.
 */
#ifndef CHECK_PLACES_H
#define CHECK_PLACES_H

#include <stdint.h>

#include "message/verdict.h"
#include "check/encoding.h"

/* Many places that follow each other are counted from the last one on, forwards or back. */
struct places {
    const struct decoded *text;
    uint64_t offset;
    uint32_t line, column;               /* of the last place */
    uint64_t known_utf8, known_original; /* the same spot in both texts, when they differ */
};

struct places places_of(const struct decoded *text);
/* Of [offset, offset + length) of text->utf8; what reaches beyond its end is cut. */
struct place places_at(struct places *places, uint64_t offset, uint64_t length);
/* One alone, counted from the beginning. */
struct place place_in(const struct decoded *text, uint64_t offset, uint64_t length);

#endif
