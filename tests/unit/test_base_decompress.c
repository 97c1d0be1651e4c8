/*
 * What comes compressed: whole and byte by byte it is the same, and each thing that is wrong with it is told
 * for what it is, before it costs anything. The hostile ones are cases 601 to 604.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/decompress.h"
#include "base/memory.h"
#include "compressed.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { MAX = 512 << 10 };

static const char sentence[] =
    "<DecMessage><DecHead><ClientSeqNo>20261031000000001</ClientSeqNo></DecHead></DecMessage>";

/* --- what is made -------------------------------------------------------------------------------------- */

static void add(struct buf *out, enum compression compression, struct text content) {
    if (compression == COMPRESSION_GZIP) {
        add_gzip(out, content);
    } else {
        add_zstd(out, content, 3, 0);
    }
}

/* One letter over and over: a thousandth of it in gzip, less in Zstandard. */
static void add_letters(struct buf *out, enum compression compression, size_t length) {
    char *letters = memory_array(length + 1, 1);
    memset(letters, 'a', length);
    add(out, compression, (struct text){ letters, length });
    free(letters);
}

/* Bytes that do not compress. */
static void add_noise(struct buf *out, size_t length) {
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < length; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        buf_add_char(out, (char)random);
    }
}

static enum decompress_result decompress(enum compression compression, struct text bytes, size_t step,
                                         struct buf *out) {
    struct decompressor *decompressor = decompressor_new(compression);
    enum decompress_result result = DECOMPRESS_GOOD;
    buf_clear(out);
    for (size_t at = 0; result == DECOMPRESS_GOOD && at < bytes.length; at += step) {
        size_t length = bytes.length - at < step ? bytes.length - at : step;
        result = decompressor_add(decompressor, (struct text){ bytes.at + at, length }, out);
    }
    if (result == DECOMPRESS_GOOD) {
        result = decompressor_end(decompressor);
    }
    decompressor_free(decompressor);
    return result;
}

/* In any cut the same. */
static enum decompress_result of_all_cuts(enum compression compression, const struct buf *bytes,
                                          struct buf *out) {
    static const size_t steps[] = { 1, 3, 4096, SIZE_MAX / 2 };
    enum decompress_result first = DECOMPRESS_GOOD;
    for (size_t i = 0; i < COUNT(steps); i++) {
        enum decompress_result result = decompress(compression, buf_text(bytes), steps[i], out);
        assert_true(i == 0 || result == first);
        first = result;
    }
    return first;
}

/* --- the tables ---------------------------------------------------------------------------------------- */

static void whole(struct buf *out, enum compression compression) {
    add(out, compression, text_of(sentence));
}

static void nothing(struct buf *out, enum compression compression) {}

static void of_no_bytes(struct buf *out, enum compression compression) {
    add(out, compression, TEXT(""));
}

static void two_members(struct buf *out, enum compression compression) {
    add(out, compression, (struct text){ sentence, 10 });
    add(out, compression, TEXT(""));
    add(out, compression, text_of(sentence + 10));
}

static void cut_short(struct buf *out, enum compression compression) {
    whole(out, compression);
    out->length--;
}

static void cut_in_head(struct buf *out, enum compression compression) {
    whole(out, compression);
    out->length = 3;
}

static void second_cut(struct buf *out, enum compression compression) {
    two_members(out, compression);
    out->length -= 2;
}

static void trailing_bytes(struct buf *out, enum compression compression) {
    whole(out, compression);
    buf_add_string(out, "\n\n\n\n");
}

static void trailing_byte(struct buf *out, enum compression compression) {
    whole(out, compression);
    buf_add_char(out, '\0');
}

static void bad_checksum(struct buf *out, enum compression compression) {
    whole(out, compression);
    out->at[out->length - (compression == COMPRESSION_GZIP ? 6 : 2)] ^= 1;
}

static void bad_length(struct buf *out, enum compression compression) {
    whole(out, compression);
    out->at[out->length - 1] ^= 1;
}

static void plain(struct buf *out, enum compression compression) {
    buf_add_string(out, sentence);
}

static void of_the_other(struct buf *out, enum compression compression) {
    add(out, compression == COMPRESSION_GZIP ? COMPRESSION_ZSTD : COMPRESSION_GZIP, text_of(sentence));
}

static void bomb(struct buf *out, enum compression compression) {
    add_letters(out, compression, MAX - 1);
}

static void small_bomb(struct buf *out, enum compression compression) {
    add_letters(out, compression, DECOMPRESS_FREE);
}

static void bomb_behind_much(struct buf *out, enum compression compression) {
    struct buf noise;
    buf_init(&noise, MAX);
    add_noise(&noise, 1000);
    add(out, compression, buf_text(&noise));
    add_letters(out, compression, MAX - 2000);
    buf_release(&noise);
}

static void over_the_limit(struct buf *out, enum compression compression) {
    struct buf noise;
    buf_init(&noise, MAX + 1);
    add_noise(&noise, MAX + 1);
    add(out, compression, buf_text(&noise));
    buf_release(&noise);
}

static void at_the_limit(struct buf *out, enum compression compression) {
    struct buf noise;
    buf_init(&noise, MAX);
    add_noise(&noise, MAX);
    add(out, compression, buf_text(&noise));
    buf_release(&noise);
}

static void members_at_limit(struct buf *out, enum compression compression) {
    for (int i = 0; i < DECOMPRESS_MEMBERS_MAX; i++) {
        add(out, compression, TEXT("a"));
    }
}

static void members_over_limit(struct buf *out, enum compression compression) {
    members_at_limit(out, compression);
    add(out, compression, TEXT("a"));
}

static void bad_method(struct buf *out, enum compression compression) {
    whole(out, compression);
    out->at[2] = 7; /* RFC 1952, 2.3.1: reserved */
}

static void zlib_head(struct buf *out, enum compression compression) {
    static const char bytes[] = "\x78\x9c\x4b\x04\x00\x00\x62\x00\x62"; /* "a" in RFC 1950 */
    buf_add(out, bytes, sizeof(bytes) - 1);
}

static void skipped_frames(struct buf *out, enum compression compression) {
    add_skipped(out, 0);
    add_skipped(out, 100000);
    whole(out, compression);
    add_skipped(out, 7);
}

static void skipped_alone(struct buf *out, enum compression compression) {
    add_skipped(out, 5);
}

static void skipped_too_far(struct buf *out, enum compression compression) {
    whole(out, compression);
    add_skipped(out, 9);
    out->length--;
}

static void many_skipped(struct buf *out, enum compression compression) {
    for (int i = 0; i <= DECOMPRESS_MEMBERS_MAX; i++) {
        add_skipped(out, 0);
    }
}

static void window_at_limit(struct buf *out, enum compression compression) {
    add_zstd(out, text_of(sentence), 3, DECOMPRESS_WINDOW_LOG_MAX);
}

static void huge_window(struct buf *out, enum compression compression) {
    add_zstd(out, text_of(sentence), 3, DECOMPRESS_WINDOW_LOG_MAX + 1);
}

/* A frame's head alone says so much: 1 GiB, 3.75 TiB. */
static void window_of_head(struct buf *out, enum compression compression) {
    buf_add(out, "\x28\xb5\x2f\xfd\x00\xa0", 6);
    buf_add(out, "\x01\x00\x00", 3); /* a last block, raw, of nothing */
}

static void largest_window(struct buf *out, enum compression compression) {
    buf_add(out, "\x28\xb5\x2f\xfd\x00\xff", 6);
    buf_add(out, "\x01\x00\x00", 3);
}

static void needs_dictionary(struct buf *out, enum compression compression) {
    buf_add(out, "\x28\xb5\x2f\xfd\x01\x58\x2a", 7); /* Dictionary_ID 42 */
    buf_add(out, "\x01\x00\x00", 3);
}

static void old_format(struct buf *out, enum compression compression) {
    buf_add(out, "\x27\xb5\x2f\xfd\x24\x00\x00\x00\x00\x00\x00\x00\x00", 13); /* 0.7 */
}

/* Its window, its dictionary and what follows are a frame to be skipped, for who has forgotten what came
 * before: libzstd 1.5.4 has, where the magic number comes by itself. */
static void frame_in_head(struct buf *out, enum compression compression) {
    buf_add(out, "\x28\xb5\x2f\xfd\x53\x2a\x4d\x18\x03\x00\x00\x00xxx", 15);
}

static void false_size_of_nothing(struct buf *out, enum compression compression) {
    buf_add(out, "\x28\xb5\x2f\xfd\x20\xff", 6); /* content of 255 bytes */
    buf_add(out, "\x01\x00\x00", 3);             /* a last block, raw, of none */
}

static void false_size(struct buf *out, enum compression compression) {
    buf_add(out, "\x28\xb5\x2f\xfd\x20\x05", 6); /* single segment, content of 5 bytes */
    buf_add(out,
            "\x11\x00\x00"
            "ab",
            5); /* a last block, raw, of two */
}

/* clang-format off */
static const struct example {
    const char *what;
    void (*make)(struct buf *out, enum compression compression);
    int only; /* COMPRESSION_COUNT: of each */
    enum decompress_result result;
    const char *content; /* NULL: not looked at */
} examples[] = {
    { "whole",                     whole,              COMPRESSION_COUNT, DECOMPRESS_GOOD, sentence },
    { "of no bytes",               of_no_bytes,        COMPRESSION_COUNT, DECOMPRESS_GOOD, "" },
    { "three members",             two_members,        COMPRESSION_COUNT, DECOMPRESS_GOOD, sentence },
    { "at the limit",              at_the_limit,       COMPRESSION_COUNT, DECOMPRESS_GOOD, NULL },
    { "members at their limit",    members_at_limit,   COMPRESSION_COUNT, DECOMPRESS_GOOD, NULL },
    { "small enough to be free",   small_bomb,         COMPRESSION_COUNT, DECOMPRESS_GOOD, NULL },
    { "with skipped frames",       skipped_frames,     COMPRESSION_ZSTD,  DECOMPRESS_GOOD, sentence },
    { "a skipped frame alone",     skipped_alone,      COMPRESSION_ZSTD,  DECOMPRESS_GOOD, "" },
    { "the largest window",        window_at_limit,    COMPRESSION_ZSTD,  DECOMPRESS_GOOD, sentence },
    /* case 601 */
    { "nothing",                   nothing,            COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "cut short",                 cut_short,          COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "cut in its head",           cut_in_head,        COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "the second member cut",     second_cut,         COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "bytes behind it",           trailing_bytes,     COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "a byte behind it",          trailing_byte,      COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "a checksum wrong",          bad_checksum,       COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "the length wrong",          bad_length,         COMPRESSION_GZIP,  DECOMPRESS_MALFORMED, NULL },
    { "not compressed",            plain,              COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "compressed otherwise",      of_the_other,       COMPRESSION_COUNT, DECOMPRESS_MALFORMED, NULL },
    { "another method",            bad_method,         COMPRESSION_GZIP,  DECOMPRESS_MALFORMED, NULL },
    { "zlib",                      zlib_head,          COMPRESSION_GZIP,  DECOMPRESS_MALFORMED, NULL },
    { "a skipped frame cut",       skipped_too_far,    COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    { "content of a false size",   false_size,         COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    { "the same, of no content",   false_size_of_nothing, COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    /* case 602 */
    { "a bomb",                    bomb,               COMPRESSION_COUNT, DECOMPRESS_TOO_FAR, NULL },
    { "a bomb behind much",        bomb_behind_much,   COMPRESSION_COUNT, DECOMPRESS_TOO_FAR, NULL },
    { "over the limit",            over_the_limit,     COMPRESSION_COUNT, DECOMPRESS_TOO_LARGE, NULL },
    { "members over their limit",  members_over_limit, COMPRESSION_COUNT, DECOMPRESS_TOO_FAR, NULL },
    { "too many skipped frames",   many_skipped,       COMPRESSION_ZSTD,  DECOMPRESS_TOO_FAR, NULL },
    /* case 603 */
    { "a larger window",           huge_window,        COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    { "a window of 1 GiB",         window_of_head,     COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    { "the largest there can be",  largest_window,     COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    { "it needs a dictionary",     needs_dictionary,   COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    /* case 606 */
    { "a frame hidden in a head",  frame_in_head,      COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
    /* case 604 */
    { "a format of old",           old_format,         COMPRESSION_ZSTD,  DECOMPRESS_MALFORMED, NULL },
};
/* clang-format on */

static void check_example(const struct example *example, enum compression compression) {
    struct buf bytes, out;
    buf_init(&bytes, 2 * MAX);
    buf_init(&out, MAX);
    example->make(&bytes, compression);
    enum decompress_result result = of_all_cuts(compression, &bytes, &out);
    if (result != example->result) {
        fail_msg("%s, %s: %d, not %d", compression == COMPRESSION_GZIP ? "gzip" : "zstd", example->what,
                 (int)result, (int)example->result);
    }
    if (example->content) {
        assert_string_equal(out.at, example->content);
    }
    buf_release(&out);
    buf_release(&bytes);
}

static void examples_come_out(void **state) {
    for (size_t i = 0; i < COUNT(examples); i++) {
        for (int compression = 0; compression < COMPRESSION_COUNT; compression++) {
            if (examples[i].only == COMPRESSION_COUNT || examples[i].only == compression) {
                check_example(&examples[i], (enum compression)compression);
            }
        }
    }
}

/* Case 602: a bomb is stopped before it has grown, however it comes. */
static void a_bomb_makes_little(void **state) {
    for (int compression = 0; compression < COMPRESSION_COUNT; compression++) {
        struct buf bytes, out;
        buf_init(&bytes, MAX);
        buf_init(&out, 64 << 20);
        add_letters(&bytes, (enum compression)compression, 64 << 20);
        assert_int_equal(decompress((enum compression)compression, buf_text(&bytes), SIZE_MAX / 2, &out),
                         DECOMPRESS_TOO_FAR);
        assert_true(out.length <= DECOMPRESS_FREE + DECOMPRESS_RATIO_MAX * bytes.length);
        assert_true(out.length < 14 << 20);
        buf_release(&out);
        buf_release(&bytes);
    }
}

/* Case 603: what it holds is known, and bounded whatever comes. */
static void memory_is_counted(void **state) {
    struct buf bytes, out;
    buf_init(&bytes, MAX);
    buf_init(&out, MAX);
    window_at_limit(&bytes, COMPRESSION_ZSTD);
    struct decompressor *zstd = decompressor_new(COMPRESSION_ZSTD),
                        *gzip = decompressor_new(COMPRESSION_GZIP);
    assert_true(decompressor_memory(zstd) < 1 << 20);
    assert_int_equal(decompressor_add(zstd, (struct text){ bytes.at, bytes.length - 1 }, &out),
                     DECOMPRESS_GOOD);
    assert_true(decompressor_memory(zstd) > 8 << 20 && decompressor_memory(zstd) < 9 << 20);
    buf_clear(&bytes);
    whole(&bytes, COMPRESSION_GZIP);
    assert_int_equal(decompressor_add(gzip, (struct text){ bytes.at, bytes.length - 1 }, &out),
                     DECOMPRESS_GOOD);
    assert_true(decompressor_memory(gzip) > 32 << 10 && decompressor_memory(gzip) < 128 << 10);
    decompressor_free(zstd);
    decompressor_free(gzip);
    decompressor_free(NULL);
    buf_release(&out);
    buf_release(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_come_out),
        cmocka_unit_test(a_bomb_makes_little),
        cmocka_unit_test(memory_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
