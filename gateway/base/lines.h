/*
 * lines.h - the shape shared by every text an expert edits: lines of words, '#' comments, blocks that a
 * line at column 1 opens and indented lines continue. Words are separated by blanks; "..." makes one word
 * of several and allows \" and \\ inside. Text is UTF-8; a BOM is skipped; a line has at most 64 words.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

#define LINES_WORDS_MAX 64

struct word {
    struct text text;
    uint32_t column;
    bool quoted;
}; /* column counts characters, from 1 */

struct line {
    uint32_t number; /* from 1 */
    bool indented;
    size_t count; /* words; at least 1 */
    struct word words[LINES_WORDS_MAX];
    struct text rest; /* from the second word to the end of line, comment cut, trimmed */
    uint32_t rest_column;
};

struct lines {
    struct text source;
    size_t offset;
    uint32_t number;
    struct arena *arena;
};

void lines_init(struct lines *lines, struct text source, struct arena *arena);
/* The next line that has words. False at the end. A line that cannot be read (open quote, too many words)
 * comes with count 1 and its word's text = what is wrong, and *bad set. */
bool lines_next(struct lines *lines, struct line *line, bool *bad);

#endif
