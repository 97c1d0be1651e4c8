/*
 * archive_kit.h - ZIP archives made byte by byte (APPNOTE 4.3), with what can be wrong with one.
 */
#ifndef TESTS_UNIT_ARCHIVE_KIT_H
#define TESTS_UNIT_ARCHIVE_KIT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/text.h"

enum { ARCHIVE_MAX = 1 << 20 }; /* of what is in it */

static const char archive_sentence[] =
    "<DecMessage><DecHead><ClientSeqNo>20261031000000001</ClientSeqNo></DecHead></DecMessage>";

/* How it is made, and what is wrong with it. */
struct archive_making {
    const char *name;                /* NULL: a.xml */
    struct text content;             /* of length 0: the sentence */
    unsigned method, flags, version; /* 0: deflated, none, 20 */
    bool stored;
    int copies;                /* entries; 0: one */
    unsigned told_entries;     /* by the end record; 0: as many as there are */
    int32_t crc, size, offset; /* what is added to them wherever they are told */
    const char *before, *between, *behind, *comment;
    size_t cut;      /* bytes cut off its end */
    bool descriptor; /* sizes stand behind the data, too */
};

static void add_u16(struct buf *out, unsigned value) {
    buf_add_char(out, (char)value);
    buf_add_char(out, (char)(value >> 8));
}

static void add_string(struct buf *out, const char *string) {
    buf_add_string(out, string ? string : "");
}

static void deflate_raw(struct text content, struct buf *out) {
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)content.at, .avail_in = (uInt)content.length };
    static char bytes[2 * ARCHIVE_MAX];
    require(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_out = (Bytef *)bytes;
    stream.avail_out = sizeof(bytes);
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    buf_add(out, bytes, stream.total_out);
    deflateEnd(&stream);
}

/* What both headers say alike. */
static void add_common(const struct archive_making *making, struct text content, size_t packed, bool local,
                       struct buf *out) {
    bool later = local && making->descriptor;
    add_u16(out, making->version ? making->version : 20);
    add_u16(out, making->flags | (making->descriptor ? 8 : 0));
    add_u16(out, making->method ? making->method : making->stored ? 0 : 8);
    buf_add_u32(out, 0); /* time and date */
    uint32_t crc =
        (uint32_t)crc32(0, (const Bytef *)content.at, (uInt)content.length) + (uint32_t)making->crc;
    buf_add_u32(out, later ? 0 : crc);
    buf_add_u32(out, later ? 0 : (uint32_t)packed);
    buf_add_u32(out, later ? 0 : (uint32_t)content.length + (uint32_t)making->size);
}

static void archive_make(const struct archive_making *making, struct buf *out) {
    const char *name = making->name ? making->name : "a.xml";
    struct text content = making->content.length ? making->content : text_of(archive_sentence);
    struct buf packed, central;
    int copies = making->copies ? making->copies : 1;
    buf_init(&packed, 2 * ARCHIVE_MAX);
    buf_init(&central, 2 * ARCHIVE_MAX);
    if (making->stored) {
        buf_add_text(&packed, content);
    } else {
        deflate_raw(content, &packed);
    }
    add_string(out, making->before);
    for (int i = 0; i < copies; i++) {
        uint32_t at = (uint32_t)out->length + (uint32_t)making->offset;
        buf_add_string(out, "PK\x03\x04");
        add_common(making, content, packed.length, true, out);
        add_u16(out, (unsigned)strlen(name));
        add_u16(out, 0);
        buf_add_string(out, name);
        buf_add_text(out, buf_text(&packed));
        if (making->descriptor) {
            buf_add_string(out, "PK\x07\x08");
            buf_add_u32(out, (uint32_t)crc32(0, (const Bytef *)content.at, (uInt)content.length));
            buf_add_u32(out, (uint32_t)packed.length);
            buf_add_u32(out, (uint32_t)content.length);
        }
        buf_add_string(&central, "PK\x01\x02");
        add_u16(&central, 20);
        add_common(making, content, packed.length, false, &central);
        add_u16(&central, (unsigned)strlen(name));
        for (int k = 0; k < 4; k++) {
            add_u16(&central, 0); /* extra, comment, disk, attributes */
        }
        buf_add_u32(&central, 0);
        buf_add_u32(&central, at);
        buf_add_string(&central, name);
    }
    add_string(out, making->between);
    uint32_t at = (uint32_t)out->length;
    buf_add_text(out, buf_text(&central));
    buf_add_string(out, "PK\x05\x06");
    buf_add_u32(out, 0);
    add_u16(out, making->told_entries ? making->told_entries : (unsigned)copies);
    add_u16(out, making->told_entries ? making->told_entries : (unsigned)copies);
    buf_add_u32(out, (uint32_t)central.length);
    buf_add_u32(out, at);
    add_u16(out, making->comment ? (unsigned)strlen(making->comment) : 0);
    add_string(out, making->comment);
    add_string(out, making->behind);
    out->length -= making->cut;
    buf_release(&packed);
    buf_release(&central);
}

#endif
