/*
 * refusal.h - the one finding that ends a message at the gate.
 */
#ifndef CHECK_REFUSAL_H
#define CHECK_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "message/verdict.h"
#include "check/encoding.h"

/* What is said where the code alone does not tell the reason; NULL: what the code stands for, and no hint. */
struct refusal_words {
    const char *zh, *en, *hint_zh, *hint_en;
};

/* At [offset, offset + length) of text->utf8. words may be NULL. False, always: what callers return then. */
bool refusal_add(const char *code, const struct decoded *text, uint64_t offset, uint64_t length,
                 const struct refusal_words *words, struct verdict *verdict);

#endif
