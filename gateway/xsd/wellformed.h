/*
 * wellformed.h - is it XML at all? What the validator (validator.h) does not accept is read once more by the
 * letter of XML 1.0 (fifth edition) and Namespaces in XML 1.0, for the earliest place that is wrong and why.
 *
 * The characters are known to be UTF-8 that XML allows. Document type declarations, processing instructions
 * and what is beyond the limits are not looked into: of these nothing is said.
 */
#ifndef XSD_WELLFORMED_H
#define XSD_WELLFORMED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define WELLFORMED_DEPTH_MAX    256 /* open elements */
#define WELLFORMED_PREFIXES_MAX 512 /* prefixes in scope */

/* What can be wrong, by the production or constraint that is broken. */
enum wellformed {
    WELLFORMED_NO_FAULT,
    WELLFORMED_DECLARATION,         /* [23] */
    WELLFORMED_NO_ROOT,             /* [1] */
    WELLFORMED_BEHIND_ROOT,         /* [1] */
    WELLFORMED_MARKUP,              /* [43] a < that begins nothing which may stand there */
    WELLFORMED_CUT_OFF,             /* [39] the message ends within an element */
    WELLFORMED_TAG_CUT_OFF,         /* [40] [42] ... or within a tag */
    WELLFORMED_END_TAG,             /* [42] neither name nor > */
    WELLFORMED_OTHER_END_TAG,       /* Element Type Match */
    WELLFORMED_NO_NAME,             /* [5] behind a < */
    WELLFORMED_QNAME,               /* Namespaces [7] */
    WELLFORMED_NO_BLANK,            /* [40] between attributes */
    WELLFORMED_ATTRIBUTE_NAME,      /* [41] */
    WELLFORMED_NO_EQUALS,           /* [41] */
    WELLFORMED_NO_QUOTE,            /* [10] */
    WELLFORMED_OPEN_QUOTE,          /* [10] */
    WELLFORMED_LESS_IN_VALUE,       /* [10] */
    WELLFORMED_ATTRIBUTE_TWICE,     /* Unique Att Spec; Namespaces 6.3 */
    WELLFORMED_PREFIX,              /* Namespaces, Prefix Declared */
    WELLFORMED_NAMESPACE,           /* Namespaces 3 */
    WELLFORMED_REFERENCE_NAME,      /* [68] no name behind the & */
    WELLFORMED_REFERENCE_END,       /* [68] no semicolon */
    WELLFORMED_ENTITY,              /* Entity Declared */
    WELLFORMED_CHARACTER_REFERENCE, /* [66] */
    WELLFORMED_CHARACTER,           /* Legal Character */
    WELLFORMED_SECTION_END,         /* [14] ]]> in text */
    WELLFORMED_COMMENT,             /* [15] -- within */
    WELLFORMED_OPEN_SECTION,        /* [15] [18] it does not end */
};

/* Who wants to hear what stands before the fault. `content` is as written. */
struct wellformed_listener {
    void *context;
    void (*enter)(void *context, struct text local_name);
    void (*attribute)(void *context, struct text local_name, struct text value);
    void (*leave)(void *context, uint32_t tag, struct text content);
};

struct wellformed_fault {
    enum wellformed what; /* NO_FAULT: none was found */
    uint32_t offset, length;
    struct text element; /* the innermost one that is open there, as written; empty: none */
};

/* listener NULL: nobody. */
struct wellformed_fault wellformed_check(struct text message, const struct wellformed_listener *listener);

#endif
