/*
 * compress.h - bytes made smaller for who asks for them so: one frame of Zstandard (RFC 8878), with checksum
 * and length of its content, as `zstd`, DuckDB and ClickHouse read it. decompress.h is the way back.
 */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include "base/buf.h"
#include "base/text.h"

/* Adds the frame to out, whose limit is the caller's: buf_failed() tells when it is longer. The same bytes
 * make the same frame, by one version of the library. Any thread. */
void compress_zstd(struct text bytes, struct buf *out);

#endif
