/*
 * block.h - the one reader of the texts in schemas/: lines of words (base/lines.h), held against a table.
 *
 *   route R01 declaration            a line at column 1: a row of the text's own table
 *     to customs at customs_office   an indented line: a row of the table below the line that opens the block
 *
 * A row says with which word its line begins, whether it may stand again and must stand there, who reads it,
 * and what was expected when that cannot be read. The mistakes that every text can have are told here, with
 * line and column: a line that cannot be read at all, a key that there is none of and the one that was meant,
 * what stands twice, is missing, is too many, or belongs to no block. What only one text knows of is told by
 * its readers, in the same form.
 *
 * A reader of a line at column 1 puts into block->open what the lines below it fill. As long as that is NULL
 * (its line was no good) they are passed over: one mistake is told once.
 */
#ifndef EDITION_BLOCK_H
#define EDITION_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/lines.h"
#include "base/text.h"
#include "message/codelist.h"
#include "message/fields.h"
#include "message/mistakes.h"
#include "expr/expr.h"
#include "edition/edition.h"

#define BLOCK_KEYS_MAX 32 /* rows of one table */

struct block;
struct catalog;

enum block_times {
    BLOCK_MANY,
    BLOCK_ONCE,
    BLOCK_NEEDED, /* once, and it must stand there */
};

struct block_key {
    const char *name; /* the first word of its lines; "": whatever stands there, indented or not */
    enum block_times times;
    bool (*read)(struct block *block); /* false: not what was expected, which is then told at block->wrong */
    const char *zh, *en;               /* what is expected behind the name */
    const struct block_key *below;     /* of the indented lines; NULL: there are none */
    void (*end)(struct block *block);  /* the block has ended and block->open is there; NULL: nothing to do */
};

#define BLOCK_KEYS_END \
    { .read = NULL } /* the last row of a table */

struct block {
    /* Given by who has a text read; what may be named in it, as far as its readers need that. */
    struct mistakes mistakes;
    struct arena *arena;
    const struct fields *fields;
    const struct codelists *lists;
    const struct catalog *catalog;
    void *whole;   /* what is made of the text */
    void *scratch; /* the readers' own */

    /* For the readers. */
    const struct line *line;
    void *open;   /* what the block that is open fills */
    bool spoilt;  /* a mistake was told in its lines */
    bool lacks;   /* what it needs is not there: told when it ends */
    size_t wrong; /* the word at which `expected ...` is told: 1 unless a reader says */
    const struct block_key
        *before; /* of the line before this one and any `...` lines; NULL: the block begins */

    /* Of block.c. */
    bool begun; /* a line at column 1 stands above */
    const struct block_key *head;
    struct text name; /* the second word of its line */
    uint32_t head_line;
    unsigned seen; /* one bit for each row of head->below */
    bool unread;   /* a line of the block could not be read: what is missing may stand in it */
};

/* Reads a whole text by its table. */
void block_read(struct block *block, struct text source, const struct block_key *keys);
/* The edition's text of this name, which may name whatever the edition knows; none there: nothing is read.
 * Of the block the verdict and code of its mistakes, arena, whole and scratch are given. */
void block_read_text(struct block *block, const struct edition *edition, const char *name,
                     const struct block_key *keys);

#define BLOCK_MISTAKE(block, place, meant, ...) \
    ((block)->spoilt = true, mistakes_at(&(block)->mistakes, place, meant, __VA_ARGS__))

/* --- for readers: a word is told by its index in the line, from 0 --------------------------------------- */

bool block_is(const struct block *block, size_t word, const char *expected);
const char *block_word(const struct block *block, size_t word); /* copied into the arena */
bool block_wrong(struct block *block, size_t word);             /* false, and where */
/* These tell a mistake: of a name that is taken, of one more than there may be. */
void block_twice(struct block *block, size_t word);
bool block_full(struct block *block, size_t count, size_t max);

/* The index of the word among these names; -1 after a mistake: "there is no NOUN such-and-such". */
int block_choose(struct block *block, size_t word, const char *const *names, size_t count,
                 const char *noun_zh, const char *noun_en);
const char *block_role(struct block *block, size_t word);          /* NULL after a mistake */
const struct field *block_field(struct block *block, size_t word); /* NULL after a mistake */
/* `from DAY` and `until DAY` in any order, from this word to the end of the line; false: not so. */
bool block_days(struct block *block, size_t word, int32_t *from, int32_t *until);
/* The words first to last as they stand there, quotes and all, as an expression. NULL after a mistake. */
const struct expr *block_expr(struct block *block, size_t first, size_t last);
const struct expr *block_condition(struct block *block, size_t first,
                                   size_t last); /* one that is true or false */
/* ... of each row of a group, by itself. */
const struct expr *block_condition_of(struct block *block, size_t first, size_t last,
                                      const struct field *each);

#endif
