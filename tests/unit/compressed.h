/* compressed.h - for tests: bytes as a sender's library compresses them, and as no honest one would. */
#ifndef TESTS_COMPRESSED_H
#define TESTS_COMPRESSED_H

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/status.h"

static inline void add_gzip(struct buf *out, struct text content) {
    z_stream stream = { 0 };
    require(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY)
            == Z_OK);
    size_t room = deflateBound(&stream, content.length) + 64;
    char *bytes = malloc(room);
    require(bytes);
    stream.next_in = (Bytef *)(uintptr_t)content.at;
    stream.avail_in = (uInt)content.length;
    stream.next_out = (Bytef *)bytes;
    stream.avail_out = (uInt)room;
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    buf_add(out, bytes, room - stream.avail_out);
    deflateEnd(&stream);
    free(bytes);
}

/* window_log 0: as the level has it. The size is not told beforehand, as of a stream. */
static inline void add_zstd(struct buf *out, struct text content, int level, int window_log) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(content.length) + 64;
    char *bytes = malloc(room);
    ZSTD_outBuffer to = { bytes, room, 0 };
    ZSTD_inBuffer from = { content.at, content.length, 0 };
    require(context && bytes);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    if (window_log) {
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    }
    require(!ZSTD_isError(ZSTD_compressStream2(context, &to, &from, ZSTD_e_flush)));
    require(ZSTD_compressStream2(context, &to, &from, ZSTD_e_end) == 0);
    buf_add(out, bytes, to.pos);
    ZSTD_freeCCtx(context);
    free(bytes);
}

/* A frame that is to be skipped (RFC 8878, 3.1.2). */
static inline void add_skipped(struct buf *out, size_t length) {
    buf_add_u32(out, 0x184D2A53);
    buf_add_u32(out, (uint32_t)length);
    for (size_t i = 0; i < length; i++) {
        buf_add_char(out, 'x');
    }
}

#endif
