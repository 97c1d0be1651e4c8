/*
 * markup.h - XML as we write it: elements with escaped texts, nothing more.
 * A character that XML 1.0 does not allow, or a malformed byte, is written as U+FFFD.
 */
#ifndef MESSAGE_MARKUP_H
#define MESSAGE_MARKUP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

void markup_text(struct buf *out, struct text text);                         /* escaped; in attributes too */
void markup_attribute(struct buf *out, const char *name, struct text value); /* ` name="value"` */
void markup_element(struct buf *out, const char *name, struct text text);    /* <name>text</name> */
void markup_number(struct buf *out, const char *name, uint64_t number);

#endif
