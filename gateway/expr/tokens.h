/*
 * tokens.h - the words and signs of an expression, with their places. For compile*.c only.
 *
 * Blanks, line ends, the `...` that begins a continued line of a rule and comments (# behind a blank) are
 * skipped, so an expression is read where it stands in its file and every place is the file's own.
 */
#ifndef EXPR_TOKENS_H
#define EXPR_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "expr/expr.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_DATE,
    TOKEN_TEXT,
    TOKEN_SIGN,
    TOKEN_OPEN_QUOTE,
    TOKEN_STRANGE,
};

struct token {
    enum token_kind kind;
    struct text text; /* as written, a TEXT without its quotes but with its escapes */
    uint32_t line, column;
};

struct tokens {
    const char *at, *end, *begin, *counted;
    uint32_t line, column;
};

void tokens_init(struct tokens *tokens, const struct expr_source *source);
struct token tokens_next(struct tokens *tokens);

#endif
