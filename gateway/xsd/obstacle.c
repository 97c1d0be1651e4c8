/*
 * obstacle.c - the list as texts.
 */
#include "xsd/obstacle.h"

#include <string.h>

void obstacle_set(struct obstacle *obstacle, enum obstacle_kind kind, struct text name) {
    if (obstacle->kind != OBSTACLE_NONE) {
        return;
    }
    size_t length = name.length < OBSTACLE_NAME_MAX - 1 ? name.length : OBSTACLE_NAME_MAX - 1;
    while (length > 0 && length < name.length && ((unsigned char)name.at[length] & 0xC0) == 0x80) {
        length--;
    }
    obstacle->kind = kind;
    memcpy(obstacle->name, length ? name.at : "", length);
    obstacle->name[length] = '\0';
}

const char *obstacle_text(enum obstacle_kind kind, enum language language) {
    static const struct {
        const char *zh, *en;
    } texts[] = {
#define X(id, zh, en) { zh, en },
        OBSTACLE_LIST(X)
#undef X
    };
    return language == LANGUAGE_ZH ? texts[kind].zh : texts[kind].en;
}
