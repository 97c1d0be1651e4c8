/*
 * shape.c - the list of kinds, and how members are called beside a code.
 */
#include "base/shape.h"

#include <stdio.h>

#include "base/status.h"

const char *shape_kind_json(enum shape_kind kind) {
    static const char *const types[] = {
#define X(kind, json) json,
        SHAPE_KIND_LIST(X)
#undef X
    };
    require(kind < SHAPE_KINDS_COUNT);
    return types[kind];
}

bool shape_kind_has_names(enum shape_kind kind) {
    return kind == SHAPE_NAMED || kind == SHAPE_WORDS;
}

const char *shape_name_in(const struct shape_member *member, enum language language,
                          char out[SHAPE_NAME_MAX]) {
    require(shape_kind_has_names(member->kind));
    const char *between = *member->name ? "_" : "";
    snprintf(out, SHAPE_NAME_MAX, "%s%s%s", member->name, between, language_pick(language, "zh", "en"));
    return out;
}
