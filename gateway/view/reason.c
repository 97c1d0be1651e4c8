/*
 * reason.c - a code of the list becomes its sentence; one that the list does not have is shown as it is.
 */
#include "view/reason.h"

#include <stdio.h>

#include "engine/delivery.h"
#include "view/columns.h"

#define CODE_MAX 64

static const char *code_of(struct text code, char out[CODE_MAX]) {
    snprintf(out, CODE_MAX, TEXT_FORMAT, TEXT_ARGS(code));
    return out;
}

void reason_put(struct text code, struct text words, struct json_out *out) {
    char reason[CODE_MAX];
    json_put_string(out, "reason", code_of(code, reason));
    json_put_text(out, "words", words);
    json_put_string(out, "zh", delivery_reason_sentence(reason, LANGUAGE_ZH));
    json_put_string(out, "en", delivery_reason_sentence(reason, LANGUAGE_EN));
}

void reason_print(struct text code, struct text words, enum language language, struct buf *out) {
    char reason[CODE_MAX];
    buf_add_string(out, delivery_reason_sentence(code_of(code, reason), language));
    if (words.length) {
        buf_add_string(out, language == LANGUAGE_ZH ? "：" : ": ");
        column_text(out, words);
    }
}
