/*
 * seen_id.c - the ids of a message, out of its metadata.
 */
#include "intake/seen_id.h"

#include <string.h>

struct seen_id seen_id_of(const struct metadata *metadata) {
    const struct envelope *env = &metadata->env;
    return (struct seen_id){ env->party, metadata->family, metadata->id, env->digest, env->again };
}

bool seen_id_equal(const struct seen_id *a, const struct seen_id *b) {
    return strcmp(a->party, b->party) == 0 && strcmp(a->family, b->family) == 0 && strcmp(a->id, b->id) == 0;
}

struct seen_origin seen_origin_of(const struct metadata *metadata) {
    const struct envelope *env = &metadata->env;
    return (struct seen_origin){ env->party, env->origin, env->digest };
}
