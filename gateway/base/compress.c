/*
 * compress.c - libzstd's stream, whose bytes go behind what the buffer holds.
 */
#include "base/compress.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/memory.h"
#include "base/status.h"

#define LEVEL 3 /* the library's own choice: tables come to a tenth, as fast as they are written */
#define ROOM  (64u << 10)

struct compressor {
    ZSTD_CCtx *context;
    bool has_ended;
    char room[ROOM];
};

struct compressor *compressor_new(void) {
    struct compressor *compressor = memory_new(sizeof(*compressor));
    compressor->context = ZSTD_createCCtx();
    require(compressor->context);
    require(!ZSTD_isError(ZSTD_CCtx_setParameter(compressor->context, ZSTD_c_compressionLevel, LEVEL)));
    require(!ZSTD_isError(ZSTD_CCtx_setParameter(compressor->context, ZSTD_c_checksumFlag, 1)));
    return compressor;
}

void compressor_free(struct compressor *compressor) {
    if (compressor) {
        ZSTD_freeCCtx(compressor->context);
        free(compressor);
    }
}

void compressor_add(struct compressor *compressor, struct text bytes, bool is_last, struct buf *out) {
    require(!compressor->has_ended);
    ZSTD_inBuffer in = { bytes.at ? bytes.at : "", bytes.length, 0 };
    size_t left;
    do {
        ZSTD_outBuffer room = { compressor->room, sizeof(compressor->room), 0 };
        left = ZSTD_compressStream2(compressor->context, &room, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
        require(!ZSTD_isError(left)); /* the parameters are of the library, and there is room each time */
        buf_add(out, compressor->room, room.pos);
    } while (in.pos < in.size || (is_last && left > 0));
    compressor->has_ended = is_last;
}
