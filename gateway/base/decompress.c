/*
 * decompress.c - one loop over pieces, which keeps the limits, around a step of zlib or of libzstd. A piece
 * is looked at before the next one is made, so what a bomb would have become never exists.
 */
#define ZLIB_CONST
#include "base/decompress.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/memory.h"
#include "base/status.h"

enum {
    PIECE = 32 * 1024,
    GZIP_ONLY = 16,      /* for inflateInit2(): a header of gzip, and no other */
    ZSTD_START_MAX = 18, /* a frame's head (RFC 8878, 3.1.1) */
};

struct decompressor {
    enum compression compression;
    bool in_member;
    unsigned members;
    uint64_t taken, made;
    size_t memory;
    z_stream gzip;
    ZSTD_DStream *zstd;
    uint64_t frame_size, frame_made; /* of the content of the frame, as its head says; as it came */
    size_t start_length;             /* of a frame's head, which may come in parts */
    char start[ZSTD_START_MAX];
    char piece[PIECE];
};

/* --- gzip ----------------------------------------------------------------------------------------------- */

static void *gzip_memory(void *context, unsigned count, unsigned size) {
    struct decompressor *decompressor = context;
    decompressor->memory += (size_t)count * size;
    return memory_array(count, size);
}

static void gzip_free(void *context, void *memory) {
    (void)context;
    free(memory);
}

static void gzip_open(struct decompressor *decompressor) {
    decompressor->gzip = (z_stream){ .zalloc = gzip_memory, .zfree = gzip_free, .opaque = decompressor };
    require(inflateInit2(&decompressor->gzip, MAX_WBITS + GZIP_ONLY) == Z_OK);
}

static size_t gzip_start(const char *start, size_t length) {
    (void)start;
    (void)length;
    return 0;
}

static bool gzip_begin(struct decompressor *decompressor) {
    require(inflateReset(&decompressor->gzip) == Z_OK);
    return true;
}

/* A step makes at most a piece, and moves bytes on behind what it has read. False: malformed. */
static bool gzip_step(struct decompressor *decompressor, struct text *bytes, size_t *made) {
    z_stream *gzip = &decompressor->gzip;
    size_t length = bytes->length < PIECE ? bytes->length : PIECE;
    gzip->next_in = (const Bytef *)bytes->at;
    gzip->avail_in = (uInt)length;
    gzip->next_out = (Bytef *)decompressor->piece;
    gzip->avail_out = PIECE;
    int result = inflate(gzip, Z_NO_FLUSH);
    size_t read = length - gzip->avail_in;
    *made = PIECE - gzip->avail_out;
    *bytes = (struct text){ bytes->at + read, bytes->length - read };
    decompressor->in_member = result != Z_STREAM_END;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR; /* the last: needs more */
}

/* --- Zstandard ------------------------------------------------------------------------------------------ */

static void zstd_open(struct decompressor *decompressor) {
    decompressor->zstd = ZSTD_createDStream();
    if (!decompressor->zstd) {
        memory_exhausted();
    }
    size_t result =
        ZSTD_DCtx_setParameter(decompressor->zstd, ZSTD_d_windowLogMax, DECOMPRESS_WINDOW_LOG_MAX);
    require(!ZSTD_isError(result));
}

static bool zstd_decompress(struct decompressor *decompressor, ZSTD_inBuffer *in, size_t *made) {
    ZSTD_outBuffer out = { decompressor->piece, PIECE, 0 };
    size_t result = ZSTD_decompressStream(decompressor->zstd, &out, in);
    if (ZSTD_isError(result) && ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) {
        memory_exhausted();
    }
    *made = out.pos;
    decompressor->in_member = result != 0;
    return !ZSTD_isError(result);
}

/* The library takes frames of its formats of old, too: so a frame begins only with today's magic number, or
 * with that of one to be skipped (RFC 8878, 3.1). */
static bool is_skipped(const char *start) {
    const unsigned char *at = (const unsigned char *)start;
    uint32_t magic = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static bool is_frame(const char *start) {
    return memcmp(start, "\x28\xb5\x2f\xfd", 4) == 0;
}

/* Bytes of a frame's head, as far as they are known from its first ones (RFC 8878, 3.1.1.1 and 3.1.2). */
static size_t zstd_start(const char *start, size_t length) {
    static const size_t dictionary[] = { 0, 1, 2, 4 }, content[] = { 0, 2, 4, 8 };
    enum { MAGIC = 4, DESCRIPTOR = 1, SKIPPED_SIZE = 4 };
    if (length < MAGIC + DESCRIPTOR || is_skipped(start)) {
        return length < MAGIC + DESCRIPTOR ? MAGIC + DESCRIPTOR : MAGIC + SKIPPED_SIZE;
    }
    unsigned descriptor = (unsigned char)start[MAGIC];
    bool single_segment = descriptor >> 5 & 1;
    size_t window = single_segment ? 0 : 1, size = content[descriptor >> 6];
    return MAGIC + DESCRIPTOR + window + dictionary[descriptor & 3] + (single_segment && !size ? 1 : size);
}

/* The head in one piece: given a part of it first, the library would look for a frame that it can read in one
 * go behind that part, and find one that the sender hid in the rest of the head. */
static bool zstd_begin(struct decompressor *decompressor) {
    size_t length = decompressor->start_length, made;
    ZSTD_inBuffer in = { decompressor->start, length, 0 };
    decompressor->start_length = 0;
    bool known = is_frame(decompressor->start) || is_skipped(decompressor->start);
    decompressor->frame_size = known ? ZSTD_getFrameContentSize(decompressor->start, length) : 0;
    decompressor->frame_made = 0;
    return known && zstd_decompress(decompressor, &in, &made) && made == 0 && in.pos == length;
}

static bool zstd_step(struct decompressor *decompressor, struct text *bytes, size_t *made) {
    ZSTD_inBuffer in = { bytes->at, bytes->length, 0 };
    bool good = zstd_decompress(decompressor, &in, made);
    *bytes = (struct text){ bytes->at + in.pos, bytes->length - in.pos };
    decompressor->frame_made += *made;
    /* which the library does not ask behind an empty last block */
    bool differs = decompressor->frame_size != ZSTD_CONTENTSIZE_UNKNOWN
                   && decompressor->frame_made != decompressor->frame_size;
    return good && (decompressor->in_member || !differs);
}

/* --- both ----------------------------------------------------------------------------------------------- */

static const struct {
    void (*open)(struct decompressor *decompressor);
    size_t (*start)(const char *start, size_t length); /* bytes that begin() wants, as far as is known */
    bool (*begin)(struct decompressor *decompressor);
    bool (*step)(struct decompressor *decompressor, struct text *bytes, size_t *made);
} kinds[] = {
    [COMPRESSION_GZIP] = { gzip_open, gzip_start, gzip_begin, gzip_step },
    [COMPRESSION_ZSTD] = { zstd_open, zstd_start, zstd_begin, zstd_step },
};

struct decompressor *decompressor_new(enum compression compression) {
    require(compression < COMPRESSION_COUNT);
    struct decompressor *decompressor = memory_new(sizeof(*decompressor));
    decompressor->compression = compression;
    kinds[compression].open(decompressor);
    return decompressor;
}

void decompressor_free(struct decompressor *decompressor) {
    if (!decompressor) {
        return;
    }
    if (decompressor->compression == COMPRESSION_GZIP) {
        inflateEnd(&decompressor->gzip);
    }
    ZSTD_freeDStream(decompressor->zstd);
    free(decompressor);
}

size_t decompressor_memory(const struct decompressor *decompressor) {
    size_t zstd = decompressor->zstd ? ZSTD_sizeof_DStream(decompressor->zstd) : 0;
    return sizeof(*decompressor) + decompressor->memory + zstd;
}

static size_t start_wanted(const struct decompressor *decompressor) {
    size_t start = kinds[decompressor->compression].start(decompressor->start, decompressor->start_length);
    return start - decompressor->start_length;
}

/* The next byte belongs to a new member. */
static enum decompress_result begin_member(struct decompressor *decompressor, struct text *bytes) {
    while (start_wanted(decompressor) > 0 && bytes->length > 0) {
        decompressor->start[decompressor->start_length++] = bytes->at[0];
        *bytes = (struct text){ bytes->at + 1, bytes->length - 1 };
    }
    if (start_wanted(decompressor) > 0) {
        return DECOMPRESS_GOOD;
    }
    if (decompressor->members == DECOMPRESS_MEMBERS_MAX) {
        return DECOMPRESS_TOO_FAR;
    }
    decompressor->members++;
    decompressor->in_member = true;
    return kinds[decompressor->compression].begin(decompressor) ? DECOMPRESS_GOOD : DECOMPRESS_MALFORMED;
}

static enum decompress_result add_piece(struct decompressor *decompressor, size_t made, struct buf *out) {
    decompressor->made += made;
    buf_add(out, decompressor->piece, made);
    if (buf_failed(out)) {
        return DECOMPRESS_TOO_LARGE;
    }
    bool is_far = decompressor->made > DECOMPRESS_FREE
                  && decompressor->made / DECOMPRESS_RATIO_MAX > decompressor->taken;
    return is_far ? DECOMPRESS_TOO_FAR : DECOMPRESS_GOOD;
}

enum decompress_result decompressor_add(struct decompressor *decompressor, struct text bytes,
                                        struct buf *out) {
    require(decompressor->compression < COMPRESSION_COUNT);
    enum decompress_result result = DECOMPRESS_GOOD;
    bool is_full = false; /* the last piece was: there may be more without another byte */
    while (result == DECOMPRESS_GOOD && (bytes.length > 0 || is_full)) {
        size_t before = bytes.length, made = 0;
        if (!decompressor->in_member) {
            result = begin_member(decompressor, &bytes);
        } else if (!kinds[decompressor->compression].step(decompressor, &bytes, &made)) {
            result = DECOMPRESS_MALFORMED;
        }
        decompressor->taken += before - bytes.length;
        is_full = made == PIECE && decompressor->in_member;
        if (result == DECOMPRESS_GOOD) {
            result = add_piece(decompressor, made, out);
        }
    }
    return result;
}

enum decompress_result decompressor_end(const struct decompressor *decompressor) {
    require(decompressor->compression < COMPRESSION_COUNT);
    bool whole = !decompressor->in_member && decompressor->start_length == 0 && decompressor->members > 0;
    return whole ? DECOMPRESS_GOOD : DECOMPRESS_MALFORMED;
}
