/*
 * gzip and zstd from a sender: whatever comes, cut in whatever way, it is read the same way, what is made
 * keeps within its limits, and what zlib or libzstd make of it in one go is what we made of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/decompress.h"
#include "base/status.h"
#include "fuzz/driver.h"
#include "unit/compressed.h"

enum { MAX = 32 * 1024, SEEDS = 10 };

const long fuzz_runs = 60000;

static struct text seeds[SEEDS];

static void make_seed(size_t index, struct buf *out) {
    static char many[MAX];
    struct text message =
        TEXT("<DecMessage><DecHead><ClientSeqNo>20261031000000001</ClientSeqNo></DecHead></DecMessage>");
    memset(many, 'a', sizeof(many));
    struct text letters = { many, sizeof(many) };
    switch (index) {
    case 0: add_gzip(out, message); break;
    case 1: add_zstd(out, message, 3, 0); break;
    case 2: add_gzip(out, letters); break;
    case 3: add_zstd(out, letters, 19, 0); break;
    case 4:
        add_gzip(out, TEXT(""));
        add_gzip(out, message);
        break;
    case 5:
        add_zstd(out, message, 1, 10);
        add_skipped(out, 9);
        add_zstd(out, message, 1, 10);
        break;
    case 6: add_zstd(out, message, -5, 23); break;
    case 7: add_skipped(out, 3); break;
    case 8: buf_add(out, "\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00", 9); break;
    default:
        buf_add(out,
                "\x1f\x8b\x08\x1f\0\0\0\0\0\xff\x02\0hi"
                "name\0comment\0",
                27);
        break;
    }
}

/* The first byte says in which compression it is read. */
struct text fuzz_seed(size_t index) {
    if (index >= SEEDS) {
        return (struct text){ NULL, 0 };
    }
    if (!seeds[index].at) {
        struct buf bytes;
        buf_init(&bytes, 1 << 20);
        buf_add_char(&bytes, index == 0 || index == 2 || index == 4 || index == 9 ? 0 : 1);
        make_seed(index, &bytes);
        seeds[index] = buf_text(&bytes); /* for good */
    }
    return seeds[index];
}

struct text fuzz_word(size_t index) {
    static const struct text words[] = {
        { "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10 },
        { "\x28\xb5\x2f\xfd", 4 },
        { "\x50\x2a\x4d\x18", 4 },
        { "\x01\0\0", 3 },
        { "\0\0\0\0", 4 },
        { "\xff\xff\xff\xff", 4 },
    };
    return index < sizeof(words) / sizeof(*words) ? words[index] : (struct text){ NULL, 0 };
}

static enum decompress_result decompress(enum compression compression, struct text bytes, uint64_t *cuts,
                                         struct buf *out) {
    struct decompressor *decompressor = decompressor_new(compression);
    enum decompress_result result = DECOMPRESS_GOOD;
    buf_clear(out);
    while (bytes.length && result == DECOMPRESS_GOOD) {
        size_t step = cuts ? 1 + fuzz_below(cuts, 9) : bytes.length;
        step = step < bytes.length ? step : bytes.length;
        result = decompressor_add(decompressor, (struct text){ bytes.at, step }, out);
        bytes = (struct text){ bytes.at + step, bytes.length - step };
    }
    require(decompressor_memory(decompressor) < 10 << 20);
    if (result == DECOMPRESS_GOOD) {
        result = decompressor_end(decompressor);
    }
    decompressor_free(decompressor);
    return result;
}

/* The library's own reading of as many frames as there are. A compressed block of no bytes it takes from a
 * stream, and not in one go: then there is nothing to compare. */
static void compare_zstd(struct text bytes, const struct buf *out) {
    static char whole[MAX + 1];
    size_t made = ZSTD_decompress(whole, sizeof(whole), bytes.at, bytes.length);
    bool empty_block = ZSTD_isError(made) && memmem(bytes.at, bytes.length, "\x05\0\0", 3);
    require(empty_block || (made == out->length && memcmp(whole, out->at, made) == 0));
}

static void compare_gzip(struct text bytes, const struct buf *out) {
    static char whole[MAX + 1];
    size_t made = 0;
    while (bytes.length) {
        z_stream stream = { .next_in = (Bytef *)(uintptr_t)bytes.at, .avail_in = (uInt)bytes.length };
        require(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
        stream.next_out = (Bytef *)whole + made;
        stream.avail_out = (uInt)(sizeof(whole) - made);
        require(inflate(&stream, Z_FINISH) == Z_STREAM_END);
        made += stream.total_out;
        bytes = (struct text){ bytes.at + stream.total_in, bytes.length - stream.total_in };
        inflateEnd(&stream);
    }
    require(made == out->length && memcmp(whole, out->at, made) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static struct buf whole, cut;
    if (!whole.max) {
        buf_init(&whole, MAX);
        buf_init(&cut, MAX);
    }
    if (length == 0) {
        return 0;
    }
    enum compression compression = bytes[0] & 1 ? COMPRESSION_ZSTD : COMPRESSION_GZIP;
    struct text rest = { (const char *)bytes + 1, length - 1 };
    uint64_t cuts = length + bytes[length / 2];
    enum decompress_result result = decompress(compression, rest, NULL, &whole);
    enum decompress_result other = decompress(compression, rest, &cuts, &cut);
    require((other == DECOMPRESS_GOOD) == (result == DECOMPRESS_GOOD)); /* of two mistakes either is told */
    require(whole.length <= MAX);
    if (result == DECOMPRESS_GOOD) {
        require(text_equal(buf_text(&whole), buf_text(&cut)));
        (compression == COMPRESSION_GZIP ? compare_gzip : compare_zstd)(rest, &whole);
    }
    return 0;
}
