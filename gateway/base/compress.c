/*
 * compress.c - one call of libzstd, whose frame goes behind what the buffer holds.
 */
#include "base/compress.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/memory.h"
#include "base/status.h"

#define LEVEL 3 /* the library's own choice: tables come to a tenth, as fast as they are written */

void compress_zstd(struct text bytes, struct buf *out) {
    size_t room = ZSTD_compressBound(bytes.length);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    require(context && !ZSTD_isError(room));
    require(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL)));
    require(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
    char *frame = memory_array(room, 1);
    size_t length = ZSTD_compress2(context, frame, room, bytes.at, bytes.length);
    require(!ZSTD_isError(length)); /* there is room for the worst, and the parameters are of the library */
    buf_add(out, frame, length);
    free(frame);
    ZSTD_freeCCtx(context);
}
