/*
 * trouble.c - the list as a table.
 */
#include "adapters/kafka/trouble.h"

#include "base/status.h"

static const struct {
    const char *code, *zh, *en;
    bool stops;
} troubles[] = {
#define X(name, code, stops, zh, en) { code, zh, en, stops },
    TROUBLE_LIST(X)
#undef X
};

const char *trouble_code(enum trouble trouble) {
    require((size_t)trouble < sizeof(troubles) / sizeof(*troubles));
    return troubles[trouble].code;
}

bool trouble_stops(enum trouble trouble) {
    require((size_t)trouble < sizeof(troubles) / sizeof(*troubles));
    return troubles[trouble].stops;
}

const char *trouble_sentence(enum trouble trouble, enum language language) {
    require((size_t)trouble < sizeof(troubles) / sizeof(*troubles));
    return language == LANGUAGE_ZH ? troubles[trouble].zh : troubles[trouble].en;
}
