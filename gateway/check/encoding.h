/*
 * encoding.h - the bytes of a message become UTF-8, or are refused: all later rooms see UTF-8 only.
 *
 * The encoding is decided here and not by libxml2, which would take UTF-7 and others that hide a DOCTYPE: a
 * byte order mark, the XML declaration and the bytes must agree. UTF-8 is taken as it is; GB18030, and its
 * subsets GBK and GB2312, which are read as it, are converted strictly. Every character must be one that
 * XML allows (encoding_check).
 */
#ifndef CHECK_ENCODING_H
#define CHECK_ENCODING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"

#define ENCODING_NOTE_STEP 256 /* bytes */

/* A spot in both texts. */
struct encoding_note {
    uint32_t utf8, original;
};

struct decoded {
    struct text original;              /* borrowed: as it was sent */
    struct text utf8;                  /* within the original, behind its mark; converted: in the arena */
    bool converted;                    /* it was GB18030 */
    const struct encoding_note *notes; /* converted: the first spot at or behind each step of utf8 */
};

/* False: one finding was added (GATE-NOT-XML, -ENCODING, -EMPTY, of a converted text -BYTES). */
bool encoding_decode(struct text original, struct arena *arena, struct decoded *out, struct verdict *verdict);
/* The characters of utf8, which are not looked at before. False: one finding was added (GATE-BYTES, -NUL,
 * -CONTROL). */
bool encoding_check(const struct decoded *text, struct verdict *verdict);

#endif
