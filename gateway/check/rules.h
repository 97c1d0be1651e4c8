/*
 * rules.h - what the business rules (edition/rules.h) find in a message.
 *
 * Before judging, the caller has made known (document_know) what rules may ask of the gateway itself: format,
 * family, sender, sender_role, channel, received in stage check; what the engine knows besides in stage
 * engine.
 */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include <stdint.h>

#include "base/arena.h"
#include "message/document.h"
#include "message/verdict.h"
#include "edition/rules.h"
#include "check/places.h"

/* Judges a document of this family as of `today`; adds findings, at the places that are asked of `places`. */
void rules_judge(const struct rules *rules, enum rule_stage stage, struct text family,
                 const struct document *doc, int32_t today, struct places *places, struct arena *arena,
                 struct verdict *verdict);

#endif
