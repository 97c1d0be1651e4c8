/*
 * damage.c - the list as a table.
 */
#include "journal/damage.h"

#include "base/status.h"

static const struct {
    const char *zh, *en;
} sentences[DAMAGE_COUNT] = {
#define X(name, zh, en) { zh, en },
    DAMAGE_LIST(X)
#undef X
};

const char *damage_sentence(enum damage damage, enum language language) {
    require(damage < DAMAGE_COUNT);
    return language_pick(language, sentences[damage].zh, sentences[damage].en);
}
