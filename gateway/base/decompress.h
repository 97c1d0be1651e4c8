/*
 * decompress.h - bytes that come compressed: gzip (RFC 1952) and Zstandard (RFC 8878), piece by piece, and
 * never more of what they stand for than the caller takes.
 *
 * Both may be several members (frames) one behind the other, which is their content in that order; frames
 * that are to be skipped are. What ends within a member, or goes on with bytes that begin none, is malformed;
 * so is a checksum that does not agree, a frame that needs a dictionary or a window of more than 8 MiB (RFC
 * 9659), and one of Zstandard's formats of before 2016, which the library would read.
 *
 * Limits    what is made: that of the buffer it is added to; DECOMPRESS_RATIO_MAX times what was taken, from
 *           the first DECOMPRESS_FREE bytes on; DECOMPRESS_MEMBERS_MAX members.
 * Thread    one at a time.
 */
#ifndef BASE_DECOMPRESS_H
#define BASE_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"

enum compression {
    COMPRESSION_GZIP,
    COMPRESSION_ZSTD,
    COMPRESSION_COUNT,
};

enum {
    DECOMPRESS_RATIO_MAX = 200,     /* XML of many like items comes to 50; a bomb to 1000 and more */
    DECOMPRESS_FREE = 256 * 1024,   /* so much costs nobody anything */
    DECOMPRESS_MEMBERS_MAX = 1000,  /* each costs, however little is in it */
    DECOMPRESS_WINDOW_LOG_MAX = 23, /* RFC 9659, 3 */
};

enum decompress_result {
    DECOMPRESS_GOOD,
    DECOMPRESS_MALFORMED,
    DECOMPRESS_TOO_LARGE, /* more than the buffer takes */
    DECOMPRESS_TOO_FAR,   /* over the ratio, or of too many members */
};

struct decompressor;

struct decompressor *decompressor_new(enum compression compression);
void decompressor_free(struct decompressor *decompressor);
/* What it holds; a window grows with the first bytes of a member. */
size_t decompressor_memory(const struct decompressor *decompressor);
/* Adds to out what these bytes stand for; after anything but GOOD nothing more may be added. */
enum decompress_result decompressor_add(struct decompressor *decompressor, struct text bytes,
                                        struct buf *out);
/* No bytes follow: GOOD when they ended where a member does, and there was one. */
enum decompress_result decompressor_end(const struct decompressor *decompressor);

#endif
