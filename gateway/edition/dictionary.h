/*
 * dictionary.h - reads the dictionary of the house (schemas/fields) into message/fields.h.
 *
 * One line per field: NAME TYPE "zh" "en" [form FORM] [wco ID] [list LIST] [open] [known]. A group stands
 * before its fields. Names are lower-case letters, digits and _.
 */
#ifndef EDITION_DICTIONARY_H
#define EDITION_DICTIONARY_H

#include "base/arena.h"
#include "base/text.h"
#include "message/fields.h"
#include "message/verdict.h"

/* Mistakes: LINT-FIELDS; a dictionary is returned even so. Lives in the arena. */
struct fields *dictionary_load(struct text source, const char *file, struct arena *arena,
                               struct verdict *mistakes);

#endif
