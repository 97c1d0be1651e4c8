/* test_journal_record.c - the bytes of a record: there and back, and everything that is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "journal/record.h"

#define SEED 0x1234567u

static struct digester *digester;
static struct digest before;

static int set_up(void **state) {
    digester = digester_new();
    before = digest_of("before", 6);
    return 0;
}

static int tear_down(void **state) {
    digester_free(digester);
    return 0;
}

static struct record example(struct text meta, struct text fields, struct text data) {
    return (struct record){ .number = 7,
                            .stamp = 1700000000123456789,
                            .kind = RECORD_DECISION,
                            .durable = 5,
                            .meta = meta,
                            .fields = fields,
                            .data = data };
}

static struct record_digests digests_of(const struct record *rec) {
    return (struct record_digests){ digest_of(rec->meta.at, rec->meta.length),
                                    digest_of(rec->fields.at, rec->fields.length),
                                    digest_of(rec->data.at, rec->data.length) };
}

static struct buf encoded(struct record *rec) {
    struct buf buf;
    buf_init(&buf, 1 << 20);
    struct record_digests digests = digests_of(rec);
    record_encode(rec, &digests, &before, SEED, digester, &buf);
    assert_int_equal(buf.length, record_size(rec));
    return buf;
}

static enum record_fault decode(const struct buf *buf, size_t limit, struct record *rec) {
    return record_decode((const uint8_t *)buf->at, limit, SEED, &before, digester, rec);
}

static void there_and_back(void **state) {
    /* clang-format off */
    static const struct { size_t meta, fields, data, size; } cases[] = {
        { 0, 0, 0, 88 },   { 1, 0, 0, 96 },   { 0, 8, 0, 96 },    { 3, 2, 3, 96 },
        { 3, 2, 4, 104 },  { 0, 0, 7, 96 },   { 20, 300, 5000, 5408 },
    };
    /* clang-format on */
    char bytes[6000];
    memset(bytes, 'b', sizeof(bytes));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct record rec =
            example((struct text){ bytes, cases[i].meta }, (struct text){ bytes, cases[i].fields },
                    (struct text){ bytes, cases[i].data });
        struct buf buf = encoded(&rec);
        assert_int_equal(buf.length, cases[i].size);
        assert_int_equal(record_peek((const uint8_t *)buf.at), cases[i].size);
        assert_memory_equal(buf.at, "CWR1", 4);
        assert_memory_equal(buf.at + buf.length - 4, "1RWC", 4);
        struct record back;
        assert_int_equal(decode(&buf, buf.length, &back), RECORD_GOOD);
        assert_int_equal(back.number, 7);
        assert_int_equal(back.stamp, 1700000000123456789);
        assert_int_equal(back.kind, RECORD_DECISION);
        assert_int_equal(back.durable, 5);
        assert_true(digest_equal(&back.chain, &rec.chain));
        assert_true(text_equal(back.meta, rec.meta));
        assert_true(text_equal(back.fields, rec.fields));
        assert_true(text_equal(back.data, rec.data));
        buf_release(&buf);
    }
}

/* The layout of record.h, byte by byte: a journal of today must be readable in ten years. */
static void the_bytes_are_these(void **state) {
    struct record rec = { .number = 0x0102030405060708,
                          .stamp = 0x1112131415161718,
                          .kind = RECORD_TICK,
                          .durable = 0x2122232425262728,
                          .meta = TEXT("me"),
                          .fields = TEXT("fie"),
                          .data = TEXT("data") };
    struct buf buf = encoded(&rec);
    static const uint8_t header[] = {
        'C',  'W',  'R',  '1',  104,  0,    0,    0,    8,    7,    6,    5,    4,    3,    2,    1,
        0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 4,    0,    0,    0,    2,    0,    0,    0,
        3,    0,    0,    0,    4,    0,    0,    0,    0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21,
    };
    assert_memory_equal(buf.at, header, sizeof(header));
    assert_memory_equal(buf.at + 80, "mefiedata\0\0\0\0\0\0", 16);
    struct digest meta = digest_of("me", 2), fields = digest_of("fie", 3), data = digest_of("data", 4);
    struct text leaf[] = {
        { "\0", 1 },
        { (const char *)before.bytes, DIGEST_SIZE },
        { buf.at, 48 },
        { (const char *)meta.bytes, DIGEST_SIZE },
        { (const char *)fields.bytes, DIGEST_SIZE },
        { (const char *)data.bytes, DIGEST_SIZE },
    };
    struct digest chain = digest_of_parts(leaf, sizeof(leaf) / sizeof(*leaf));
    assert_memory_equal(buf.at + 48, chain.bytes, DIGEST_SIZE);
    uint32_t crc = crc32c(SEED, buf.at, 96);
    uint8_t end[] = {
        (uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16), (uint8_t)(crc >> 24), '1', 'R', 'W', 'C'
    };
    assert_memory_equal(buf.at + 96, end, sizeof(end));
    buf_release(&buf);
}

static void every_shorter_piece_is_torn(void **state) {
    struct record rec = example(TEXT("meta"), TEXT("fields"), TEXT("some data")), back;
    struct buf buf = encoded(&rec);
    for (size_t limit = 0; limit < buf.length; limit++) {
        assert_int_equal(decode(&buf, limit, &back), limit < 8 ? RECORD_END : RECORD_TORN);
    }
    for (size_t kept = 0; kept < buf.length; kept++) { /* the rest is zeros, as in a pre-written segment */
        struct buf torn = encoded(&rec);
        memset(torn.at + kept, 0, torn.length - kept);
        assert_int_not_equal(decode(&torn, torn.length, &back), RECORD_GOOD);
        buf_release(&torn);
    }
    buf_release(&buf);
}

static void every_flipped_bit_is_seen(void **state) {
    struct record rec = example(TEXT("meta"), TEXT("fields"), TEXT("some data")), back;
    struct buf buf = encoded(&rec);
    for (size_t bit = 0; bit < buf.length * 8; bit++) {
        buf.at[bit / 8] ^= (char)(1 << bit % 8);
        assert_int_not_equal(decode(&buf, buf.length, &back), RECORD_GOOD);
        buf.at[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_int_equal(decode(&buf, buf.length, &back), RECORD_GOOD);
    buf_release(&buf);
}

static void put_u32(struct buf *buf, size_t at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        buf->at[at + (size_t)i] = (char)(value >> 8 * i);
    }
}

/* Wrong although the checksum is right: written by a mistake of ours or by somebody else. */
static void what_contradicts_itself_is_broken(void **state) {
    static const struct {
        size_t at;
        uint32_t value;
    } cases[] = {
        { 24, 0 }, { 24, RECORD_READING + 1 }, { 24, 0x00010001 }, { 28, 5 }, { 28, 0xffffffff }, { 36, 100 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct record rec = example(TEXT("meta"), TEXT(""), TEXT("data")), back;
        struct buf buf = encoded(&rec);
        put_u32(&buf, cases[i].at, cases[i].value);
        put_u32(&buf, buf.length - 8, crc32c(SEED, buf.at, buf.length - 8));
        enum record_fault fault = record_decode((const uint8_t *)buf.at, buf.length, SEED, NULL, NULL, &back);
        assert_int_equal(fault, RECORD_BROKEN);
        buf_release(&buf);
    }
}

/* The digests are believed when it is written, and made of every byte when it is read: one that was not of
 * these bytes is found, with a checksum that is right. */
static void each_part_is_held_against_the_chain(void **state) {
    for (int part = 0; part < 3; part++) {
        struct record rec = example(TEXT("meta"), TEXT("fields"), TEXT("data")), back;
        struct record_digests digests = digests_of(&rec);
        struct digest *parts[] = { &digests.meta, &digests.fields, &digests.data };
        *parts[part] = digest_of("others", 6);
        struct buf buf;
        buf_init(&buf, 1000);
        record_encode(&rec, &digests, &before, SEED, digester, &buf);
        assert_int_equal(decode(&buf, buf.length, &back), RECORD_BROKEN);
        assert_int_equal(record_decode((const uint8_t *)buf.at, buf.length, SEED, NULL, NULL, &back),
                         RECORD_GOOD);
        buf_release(&buf);
    }
}

static void no_bytes_have_a_digest_too(void **state) {
    struct digest nothing = digest_of("", 0), made = record_digest((struct text){ NULL, 0 });
    assert_true(digest_equal(&made, &nothing));
}

static void the_chain_and_the_seed_must_fit(void **state) {
    struct record rec = example(TEXT("meta"), TEXT(""), TEXT("data")), back;
    struct buf buf = encoded(&rec);
    const uint8_t *bytes = (const uint8_t *)buf.at;
    struct digest other = digest_of("other", 5);
    assert_int_equal(record_decode(bytes, buf.length, SEED, &other, digester, &back), RECORD_BROKEN);
    assert_int_equal(record_decode(bytes, buf.length, SEED, NULL, NULL, &back), RECORD_GOOD);
    assert_int_equal(record_decode(bytes, buf.length, SEED + 1, &before, digester, &back), RECORD_BROKEN);
    buf_release(&buf);
}

static void lengths_that_cannot_be(void **state) {
    static const struct {
        uint32_t length;
        bool possible;
    } cases[] = {
        { 0, false },
        { 80, false },
        { 88, true },
        { 89, false },
        { 96, true },
        { RECORD_SIZE_MAX, true },
        { RECORD_SIZE_MAX + 8, false },
        { 0xfffffff8, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t head[8] = { 'C',
                            'W',
                            'R',
                            '1',
                            (uint8_t)cases[i].length,
                            (uint8_t)(cases[i].length >> 8),
                            (uint8_t)(cases[i].length >> 16),
                            (uint8_t)(cases[i].length >> 24) };
        assert_int_equal(record_peek(head), cases[i].possible ? cases[i].length : 0);
    }
    assert_int_equal(record_peek((const uint8_t *)"CWR2\x58\0\0"), 0);
}

static void zeros_are_the_end(void **state) {
    uint8_t zeros[96] = { 0 };
    struct record rec;
    assert_int_equal(record_decode(zeros, sizeof(zeros), SEED, NULL, NULL, &rec), RECORD_END);
    zeros[7] = 1;
    assert_int_equal(record_decode(zeros, sizeof(zeros), SEED, NULL, NULL, &rec), RECORD_BROKEN);
}

static void kinds_have_names(void **state) {
    assert_string_equal(record_kind_text(RECORD_NONE), "none");
    assert_string_equal(record_kind_text(RECORD_MESSAGE), "message");
    assert_string_equal(record_kind_text(RECORD_SETUP), "setup");
    assert_string_equal(record_kind_text((enum record_kind)99), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(the_bytes_are_these),
        cmocka_unit_test(every_shorter_piece_is_torn),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(what_contradicts_itself_is_broken),
        cmocka_unit_test(each_part_is_held_against_the_chain),
        cmocka_unit_test(no_bytes_have_a_digest_too),
        cmocka_unit_test(the_chain_and_the_seed_must_fit),
        cmocka_unit_test(lengths_that_cannot_be),
        cmocka_unit_test(zeros_are_the_end),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
