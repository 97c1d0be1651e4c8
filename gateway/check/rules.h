/*
 * rules.h - what the business rules (edition/rule_set.h) find in a message.
 *
 * Before judging, the caller has added (document_enrich) what rules may ask of the gateway itself: format,
 * family, sender, sender_role, channel, received in stage check; what the engine knows besides in stage
 * engine.
 */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include <stdint.h>

#include "base/arena.h"
#include "message/document.h"
#include "message/verdict.h"
#include "edition/rule_set.h"
#include "check/places.h"

/* Judges a document of this family as of `today`; adds findings, at the places that are asked of `places`. */
void rules_judge(const struct rule_set *rules, enum rule_stage stage, struct text family,
                 const struct document *doc, int32_t today, struct places *places, struct arena *arena,
                 struct verdict *verdict);

#endif
