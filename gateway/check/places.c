/*
 * places.c - lines counted from the last place that was asked for; the offset in the original by the notes
 * of the conversion, from the nearest of which both texts are walked together.
 */
#include "check/places.h"

#include <string.h>

#include "base/gb18030.h"
#include "base/status.h"

/* Bytes that begin a character. */
static uint32_t characters(const char *at, const char *end) {
    uint32_t count = 0;
    uint64_t eight;
    for (; end - at >= 8; at += 8) {
        memcpy(&eight, at, 8);
        uint64_t tails = (eight >> 7) & (~eight >> 6) & UINT64_C(0x0101010101010101);
        count += 8 - (uint32_t)(tails * UINT64_C(0x0101010101010101) >> 56); /* the sum of its bytes */
    }
    for (; at < end; at++) {
        count += ((unsigned char)*at & 0xC0) != 0x80;
    }
    return count;
}

struct places places_of(const struct decoded *text) {
    require(text);
    return (struct places){ .text = text, .line = 1, .column = 1 };
}

static void move_on(struct places *places, uint64_t offset) {
    const char *from = places->text->utf8.at + places->offset, *to = places->text->utf8.at + offset, *newline;
    while (from < to && (newline = memchr(from, '\n', (size_t)(to - from)))) {
        places->line++;
        places->column = 1;
        from = newline + 1;
    }
    places->column += characters(from, to);
}

static void move_back(struct places *places, uint64_t offset) {
    const char *start = places->text->utf8.at, *from = start + places->offset, *to = start + offset, *newline;
    bool other_line = false;
    uint32_t passed = characters(to, from);
    while (from > to && (newline = memrchr(to, '\n', (size_t)(from - to)))) {
        places->line--;
        other_line = true;
        from = newline;
    }
    if (!other_line) {
        places->column -= passed;
        return;
    }
    newline = memrchr(start, '\n', offset);
    places->column = 1 + characters(newline ? newline + 1 : start, to);
}

/* Both texts walked together, character by character, until `to` in the UTF-8. */
static const char *walk_original(const char *at, const char *to, const char *original, const char *end) {
    while (at < to && original < end) {
        if ((unsigned char)*at < 0x80) {
            at++;
            original++;
            continue;
        }
        gb18030_next(&original, end);
        do {
            at++;
        } while (at < to && ((unsigned char)*at & 0xC0) == 0x80);
    }
    return original;
}

/* Of a converted text: the last one at or before this offset of utf8. */
static struct encoding_note note_before(const struct decoded *text, uint64_t offset) {
    const struct encoding_note *note = text->notes + offset / ENCODING_NOTE_STEP;
    return note->utf8 > offset ? note[-1] : *note;
}

/* In the original bytes: straight for UTF-8,
 * else from what was found last or the note before it, whichever is nearer. */
static uint64_t original_of(struct places *places, uint64_t offset) {
    const struct decoded *text = places->text;
    if (!text->converted) {
        return offset + (uint64_t)(text->utf8.at - text->original.at);
    }
    struct encoding_note from = note_before(text, offset);
    if (places->known_utf8 <= offset && places->known_utf8 > from.utf8) {
        from = (struct encoding_note){ (uint32_t)places->known_utf8, (uint32_t)places->known_original };
    }
    const char *base = text->original.at;
    const char *found = walk_original(text->utf8.at + from.utf8, text->utf8.at + offset, base + from.original,
                                      base + text->original.length);
    uint64_t original = (uint64_t)(found - base);
    places->known_utf8 = offset;
    places->known_original = original;
    return original;
}

struct place places_at(struct places *places, uint64_t offset, uint64_t length) {
    require(places->text && places->line > 0);
    uint64_t size = places->text->utf8.length;
    offset = offset < size ? offset : size;
    length = length < size - offset ? length : size - offset;
    if (offset >= places->offset) {
        move_on(places, offset);
    } else {
        move_back(places, offset);
    }
    places->offset = offset;
    uint64_t original = original_of(places, offset);
    uint64_t original_end = length ? original_of(places, offset + length) : original;
    return (struct place){ original, (uint32_t)(original_end - original), places->line, places->column };
}

struct place place_in(const struct decoded *text, uint64_t offset, uint64_t length) {
    struct places places = places_of(text);
    return places_at(&places, offset, length);
}
