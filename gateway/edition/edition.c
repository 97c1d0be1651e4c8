/*
 * edition.c - an edition is held, let go, and asked for its texts. How it is made: edition_load.c.
 */
#include "edition/edition.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/* The count is all of an edition that changes, and it stands in the edition's own arena. */
static _Atomic unsigned *holds_of(const struct edition *edition) {
    return &((struct edition *)edition)->holds;
}

const struct edition *edition_take(const struct edition *edition) {
    unsigned before = atomic_fetch_add(holds_of(edition), 1);
    require(before > 0); /* who gives it away still holds it */
    return edition;
}

void edition_release(const struct edition *edition) {
    if (edition) {
        unsigned before = atomic_fetch_sub(holds_of(edition), 1);
        require(before > 0);
        if (before == 1) {
            arena_free(edition->arena);
        }
    }
}

static int order_of(const void *name, const void *text) {
    return strcmp(name, ((const struct edition_text *)text)->name);
}

const struct edition_text *edition_text(const struct edition *edition, const char *name) {
    return edition->count ? bsearch(name, edition->texts, edition->count, sizeof(*edition->texts), order_of)
                          : NULL;
}
