/*
 * seen_id.h - what is asked about whether it was here before: by its id, and by where it was handed over.
 */
#ifndef INTAKE_SEEN_ID_H
#define INTAKE_SEEN_ID_H

#include <stdbool.h>

#include "base/digest.h"
#include "message/metadata.h"

enum seen_answer { SEEN_NEW, SEEN_SAME, SEEN_OTHER, SEEN_CONFLICT_KNOWN };

/* Who says it, and whether the bytes are to be decided again if the engine refused them. */
struct seen_id {
    const char *party, *family, *id;
    struct digest digest;
    bool again;
};

/* Of a message that comes, or of one read from a record: the binding gave both ids the one form. */
struct seen_id seen_id_of(const struct metadata *metadata);
bool seen_id_equal(const struct seen_id *a, const struct seen_id *b); /* the digests aside */

/* Where a message was handed over; asked about where it has such a name. */
struct seen_origin {
    const char *party, *origin;
    struct digest digest;
};

struct seen_origin seen_origin_of(const struct metadata *metadata);

#endif
