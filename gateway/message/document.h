/*
 * document.h - a message as rules, routes and statistics see it: fields, each with its value and where that
 * stands. No dialect, no XML tree. Line, column and path are not kept: they are computed for what is
 * reported (check/places.h).
 *
 * A value belongs to a field and, when the field is in a group, to a row (0 for the first <DecList>).
 * A field may have several values in one row: if the binding gives several paths, the path it names first
 * counts; if an element repeats, its first.
 * Values are in the canonical form of the field's type; what could not be brought there is kept as text
 * with `ill` set: it makes every comparison unknown, and the schema or a rule has said what is wrong.
 */
#ifndef MESSAGE_DOCUMENT_H
#define MESSAGE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "message/fields.h"
#include "message/verdict.h"

#define DOCUMENT_VALUES_MAX 200000 /* a message with more is refused (check/) */

/* Bytes of the message in UTF-8; length 0: nowhere, for a value that the gateway knows itself. */
struct extent {
    uint32_t offset, length;
};

#define ORIGIN_NO_ELEMENT UINT32_MAX

struct origin {
    struct extent extent;
    uint32_t
        element; /* its number in the walk that read it (edition/binding.h); NO_ELEMENT behind unpacking */
    const char *attribute; /* of that element; NULL: its text. Borrowed from the binding */
};

struct value {
    int field;
    uint32_t row; /* 0 when the field is in no group */
    bool ill;
    unsigned rank; /* of several values in one row the lowest counts, then the first */
    struct text text;
    struct origin origin;
};

struct document;

struct document *document_new(const struct fields *fields, struct arena *arena); /* lives in the arena */
const struct fields *document_fields(const struct document *doc);
/* Borrows text, which must live as long as the document. False at DOCUMENT_VALUES_MAX. */
bool document_add(struct document *doc, const struct field *field, uint32_t row, struct text text, bool ill,
                  struct origin origin);
bool document_add_ranked(struct document *doc, const struct field *field, uint32_t row, struct text text,
                         bool ill, struct origin origin, unsigned rank);
/* A value the gateway knows itself (no place): by name, which must be in the dictionary (panic). Copies
   text. */
void document_enrich(struct document *doc, const char *field, uint32_t row, struct text text);
void document_set_rows(struct document *doc, int group, uint32_t rows); /* at least so many rows */
uint32_t document_rows(const struct document *doc, int group);
bool document_has(const struct document *doc, int field); /* a value of it, in any row */
uint32_t document_filled(const struct document *doc,
                         int field);                            /* rows that have one, and not an empty one */
size_t document_longest(const struct document *doc, int field); /* bytes; no value of it has more */
const struct value *document_value(const struct document *doc, int field, uint32_t row); /* NULL: absent */
#define DOCUMENT_BLOCK 64
/* The texts of up to so many rows from `first` on that are there and not empty, by row; what else stands in
 * texts stays. Gives a bit for each of them, the lowest for the first row; *ill: which of them are ill. */
uint64_t document_column(const struct document *doc, int field, uint32_t first, struct text texts[],
                         uint64_t *ill);
size_t document_count(const struct document *doc);
const struct value *document_at(const struct document *doc, size_t index); /* in the order added */
void document_set_ill(struct document *doc, size_t index); /* its text cannot be what the field means */

/* Packed form for the journal: the values that count, by the names of their fields, and where they stand.
 * What the gateway knows itself (`known`) is left out: who judges by it tells it anew. Unknown names are
 * dropped. */
void document_pack(const struct document *doc, struct buf *out);
/* NULL: malformed. */
struct document *document_unpack(struct text packed, const struct fields *fields, struct arena *arena);

#endif
