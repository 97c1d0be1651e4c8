/*
 * compress.h - bytes made smaller for who asks for them so: one frame of Zstandard (RFC 8878), with a
 * checksum of its content, as `zstd`, DuckDB and ClickHouse read it. They come piece by piece, and so does
 * the frame; decompress.h is the way back.
 *
 * Thread    one at a time.
 */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

struct compressor;

struct compressor *compressor_new(void);
void compressor_free(struct compressor *compressor); /* NULL is fine */
/* Adds to out, whose limit is the caller's, what these bytes make of the frame so far, which may be nothing.
 * is_last: and its end; nothing is added behind it. The same bytes in the same pieces make the same frame, by
 * one version of the library. */
void compressor_add(struct compressor *compressor, struct text bytes, bool is_last, struct buf *out);

#endif
