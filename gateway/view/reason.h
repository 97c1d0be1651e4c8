/*
 * reason.h - why a delivery waits, was tried again or is parked, for people: the sentence of the code that
 * was recorded (engine/delivery.h), and behind it what the receiver or an operator said.
 */
#ifndef VIEW_REASON_H
#define VIEW_REASON_H

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

/* "reason": the code, "words", and the sentence as "zh" and "en". */
void reason_put(struct text code, struct text words, struct json_out *out);
/* SENTENCE, or SENTENCE: WORDS */
void reason_print(struct text code, struct text words, enum language language, struct buf *out);

#endif
