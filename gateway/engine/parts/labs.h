/*
 * labs.h - what others may ask of the registry of laboratories 采信机构名录 (inside the engine only).
 */
#ifndef ENGINE_LABS_H
#define ENGINE_LABS_H

#include "engine/part.h"

bool lab_is_accepted(const struct cause *cause, const char *lab); /* as the registry stands now */
/* For these goods by this method on that day. */
bool lab_is_in_scope(const struct cause *cause, const char *lab, const char *hs_code, const char *method,
                     int32_t day);

#endif
