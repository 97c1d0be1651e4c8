/*
 * measures.h - follow-up measures of the monthly review 会商跟进措施 (inside the engine only).
 */
#ifndef ENGINE_MEASURES_H
#define ENGINE_MEASURES_H

#include "engine/part.h"

/* The party that carries out the measure of this subject (engine/subject.h); "" when it is of none. In the
 * arena of the cause. */
const char *measure_owner(const struct cause *cause, const char *subject);

#endif
