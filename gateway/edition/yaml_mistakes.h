/*
 * yaml_mistakes.h - what libcyaml says about a YAML text, turned into findings with line and column.
 *
 * libcyaml tells through a log callback: first what is wrong, then a backtrace whose first line with a
 * position is the nearest known place. For an unknown key that place is the field before it, so the key
 * itself is searched from there. Of what is no YAML at all it tells no place: there libyaml's own parser
 * does. libcyaml is included here and nowhere else: who describes the shape of
 * a YAML text comes through this header.
 */
#ifndef EDITION_YAML_MISTAKES_H
#define EDITION_YAML_MISTAKES_H

#include <cyaml/cyaml.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"

/* A configuration to load `source` with; mistakes get `code` and `file`. Of the keys that `shape` knows the
 * nearest one is named beside an unknown one. source and shape must live until yaml_mistakes_done(). */
cyaml_config_t yaml_mistakes_config(struct text source, const cyaml_schema_value_t *shape, const char *file,
                                    const char *code, struct arena *arena, struct verdict *mistakes);
/* After loading, whether it failed or not: adds the finding that was gathered. */
void yaml_mistakes_done(cyaml_config_t *config);

#endif
