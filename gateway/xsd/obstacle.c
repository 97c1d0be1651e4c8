/*
 * obstacle.c - the list as texts.
 */
#include "xsd/obstacle.h"

#include <stdio.h>

#include "base/status.h"

void obstacle_set(struct obstacle *obstacle, enum obstacle_kind kind, struct text name) {
    require(kind != OBSTACLE_NONE && kind < OBSTACLE_COUNT);
    if (obstacle->kind != OBSTACLE_NONE) {
        return;
    }
    struct text kept = text_cut(name, OBSTACLE_NAME_MAX - 1);
    obstacle->kind = kind;
    snprintf(obstacle->name, sizeof(obstacle->name), TEXT_FORMAT, TEXT_ARGS(kept));
}

const char *obstacle_text(enum obstacle_kind kind, enum language language) {
    require(kind < OBSTACLE_COUNT);
    static const struct {
        const char *zh, *en;
    } texts[] = {
#define X(id, zh, en) { zh, en },
        OBSTACLE_LIST(X)
#undef X
    };
    return language == LANGUAGE_ZH ? texts[kind].zh : texts[kind].en;
}
