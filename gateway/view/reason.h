/*
 * reason.h - why a delivery waits, was tried again or is parked, for people: the sentence of the code that
 * was recorded (engine/delivery.h), and behind it what the receiver or an operator said.
 */
#ifndef VIEW_REASON_H
#define VIEW_REASON_H

#include "base/buf.h"
#include "base/json.h"
#include "base/shape.h"
#include "base/text.h"

/* "reason": the code, "words", and the sentence as "zh" and "en". */
void reason_put(struct text code, struct text words, struct json_out *out);
/* clang-format off */
#define REASON_MEMBERS(may_be_absent)                                                        \
    { "reason", SHAPE_TEXT, .zh = "原因代码", .en = "why it stands so, by its code",                      \
      .is_optional = (may_be_absent) },                                                      \
    { "words", SHAPE_TEXT, .zh = "对方或运维所述", .en = "what the receiver or an operator said of it",    \
      .is_optional = (may_be_absent) },                                                      \
    { "", SHAPE_WORDS, .zh = "原因", .en = "the reason in a sentence", .is_optional = (may_be_absent) }
/* clang-format on */
/* SENTENCE, or SENTENCE: WORDS */
void reason_print(struct text code, struct text words, enum language language, struct buf *out);

#endif
