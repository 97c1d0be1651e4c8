/*
 * ZIP archives as the single window's client drops them, and as somebody would who means harm: each is read,
 * or refused with the fault that tells its sender what is wrong. Cases 610 to 614.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/decompress.h"
#include "base/status.h"
#include "adapters/files/archive.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { MAX = 1 << 20 };

static const char sentence[] =
    "<DecMessage><DecHead><ClientSeqNo>20261031000000001</ClientSeqNo></DecHead></DecMessage>";

/* --- an archive, byte by byte (APPNOTE 4.3) ------------------------------------------------------------- */

struct making {
    const char *name;                /* NULL: a.xml */
    struct text content;             /* of length 0: the sentence */
    unsigned method, flags, version; /* 0: deflated, none, 20 */
    bool stored;
    int copies;                /* entries; 0: one */
    unsigned told_entries;     /* by the end record; 0: as many as there are */
    int32_t crc, size, offset; /* what is added to them wherever they are told */
    const char *before, *between, *behind, *comment;
    size_t cut;      /* bytes cut off its end */
    bool descriptor; /* sizes stand behind the data, too */
};

static void add_u16(struct buf *out, unsigned value) {
    buf_add_char(out, (char)value);
    buf_add_char(out, (char)(value >> 8));
}

static void add_string(struct buf *out, const char *string) {
    buf_add_string(out, string ? string : "");
}

static void deflate_raw(struct text content, struct buf *out) {
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)content.at, .avail_in = (uInt)content.length };
    static char bytes[2 * MAX];
    require(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_out = (Bytef *)bytes;
    stream.avail_out = sizeof(bytes);
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    buf_add(out, bytes, stream.total_out);
    deflateEnd(&stream);
}

/* What both headers say alike. */
static void add_common(const struct making *making, struct text content, size_t packed, bool local,
                       struct buf *out) {
    bool later = local && making->descriptor;
    add_u16(out, making->version ? making->version : 20);
    add_u16(out, making->flags | (making->descriptor ? 8 : 0));
    add_u16(out, making->method ? making->method : making->stored ? 0 : 8);
    buf_add_u32(out, 0); /* time and date */
    uint32_t crc =
        (uint32_t)crc32(0, (const Bytef *)content.at, (uInt)content.length) + (uint32_t)making->crc;
    buf_add_u32(out, later ? 0 : crc);
    buf_add_u32(out, later ? 0 : (uint32_t)packed);
    buf_add_u32(out, later ? 0 : (uint32_t)content.length + (uint32_t)making->size);
}

static void make(const struct making *making, struct buf *out) {
    const char *name = making->name ? making->name : "a.xml";
    struct text content = making->content.length ? making->content : text_of(sentence);
    struct buf packed, central;
    int copies = making->copies ? making->copies : 1;
    buf_init(&packed, 2 * MAX);
    buf_init(&central, 2 * MAX);
    if (making->stored) {
        buf_add_text(&packed, content);
    } else {
        deflate_raw(content, &packed);
    }
    add_string(out, making->before);
    for (int i = 0; i < copies; i++) {
        uint32_t at = (uint32_t)out->length + (uint32_t)making->offset;
        buf_add_string(out, "PK\x03\x04");
        add_common(making, content, packed.length, true, out);
        add_u16(out, (unsigned)strlen(name));
        add_u16(out, 0);
        buf_add_string(out, name);
        buf_add_text(out, buf_text(&packed));
        if (making->descriptor) {
            buf_add_string(out, "PK\x07\x08");
            buf_add_u32(out, (uint32_t)crc32(0, (const Bytef *)content.at, (uInt)content.length));
            buf_add_u32(out, (uint32_t)packed.length);
            buf_add_u32(out, (uint32_t)content.length);
        }
        buf_add_string(&central, "PK\x01\x02");
        add_u16(&central, 20);
        add_common(making, content, packed.length, false, &central);
        add_u16(&central, (unsigned)strlen(name));
        for (int k = 0; k < 4; k++) {
            add_u16(&central, 0); /* extra, comment, disk, attributes */
        }
        buf_add_u32(&central, 0);
        buf_add_u32(&central, at);
        buf_add_string(&central, name);
    }
    add_string(out, making->between);
    uint32_t at = (uint32_t)out->length;
    buf_add_text(out, buf_text(&central));
    buf_add_string(out, "PK\x05\x06");
    buf_add_u32(out, 0);
    add_u16(out, making->told_entries ? making->told_entries : (unsigned)copies);
    add_u16(out, making->told_entries ? making->told_entries : (unsigned)copies);
    buf_add_u32(out, (uint32_t)central.length);
    buf_add_u32(out, at);
    add_u16(out, making->comment ? (unsigned)strlen(making->comment) : 0);
    add_string(out, making->comment);
    add_string(out, making->behind);
    out->length -= making->cut;
    buf_release(&packed);
    buf_release(&central);
}

/* --- the table ------------------------------------------------------------------------------------------ */

static char letters[MAX + 1];
static char inner_archive[512];
static size_t inner_length;

/* clang-format off */
static const struct example {
    const char *what;
    struct making making;
    enum file_fault fault;
} examples[] = {
    { "as the client makes it",   { 0 },                                    FILE_FAULT_GOOD },
    { "stored",                   { .stored = true },                       FILE_FAULT_GOOD },
    { "sizes behind the data",    { .descriptor = true },                   FILE_FAULT_GOOD },
    { "with a comment",           { .comment = "single window" },           FILE_FAULT_GOOD },
    { "a Chinese name",           { .name = "报关单.xml", .flags = 1 << 11 }, FILE_FAULT_GOOD },
    /* case 610 */
    { "two files",                { .copies = 2 },                          FILE_FAULT_ZIP_ENTRIES },
    { "many files",               { .copies = 1000 },                       FILE_FAULT_ZIP_ENTRIES },
    { "two, of which one is told", { .copies = 2, .told_entries = 1 },      FILE_FAULT_ZIP_DAMAGED },
    { "encrypted",                { .flags = 1 },                           FILE_FAULT_ZIP_ENCRYPTED },
    { "strongly encrypted",       { .flags = 1 | 1 << 6 },                  FILE_FAULT_ZIP_ENCRYPTED },
    { "by AES",                   { .flags = 1, .method = 99, .version = 51 }, FILE_FAULT_ZIP_ENCRYPTED },
    { "of ZIP64",                 { .version = 45 },                        FILE_FAULT_ZIP64 },
    { "by bzip2",                 { .method = 12 },                         FILE_FAULT_ZIP_METHOD },
    { "by bzip2, and said so",    { .method = 12, .version = 46 },          FILE_FAULT_ZIP64 },
    { "imploded",                 { .method = 6 },                          FILE_FAULT_ZIP_METHOD },
    /* case 611 */
    { "out of the folder",        { .name = "../../etc/passwd" },           FILE_FAULT_ZIP_NAME },
    { "in a folder",              { .name = "OutBox/a.xml" },               FILE_FAULT_ZIP_NAME },
    { "absolute",                 { .name = "/etc/passwd" },                FILE_FAULT_ZIP_NAME },
    { "as Windows writes it",     { .name = "C:\\a.xml" },                  FILE_FAULT_ZIP_NAME },
    { "backwards",                { .name = "..\\a.xml" },                  FILE_FAULT_ZIP_NAME },
    { "the folder above",         { .name = ".." },                         FILE_FAULT_ZIP_NAME },
    { "a folder",                 { .name = "OutBox/" },                    FILE_FAULT_ZIP_NAME },
    /* case 612 */
    { "a wrong checksum",         { .crc = 1 },                             FILE_FAULT_ZIP_DAMAGED },
    { "a wrong checksum, stored", { .crc = 1, .stored = true },             FILE_FAULT_ZIP_DAMAGED },
    { "larger than it is",        { .size = 1 },                            FILE_FAULT_ZIP_DAMAGED },
    { "smaller than it is",       { .size = -1 },                           FILE_FAULT_ZIP_DAMAGED },
    { "negative",                 { .size = -1000 },                        FILE_FAULT_ZIP_DAMAGED },
    { "cut by a byte",            { .cut = 1 },                             FILE_FAULT_ZIP_DAMAGED },
    { "cut to its first half",    { .cut = 100 },                           FILE_FAULT_ZIP_DAMAGED },
    { "it lies elsewhere",        { .offset = 4 },                          FILE_FAULT_ZIP_DAMAGED },
    { "it lies far away",         { .offset = 1 << 30 },                    FILE_FAULT_ZIP_DAMAGED },
    /* case 613 */
    { "bytes in between",         { .between = "<DecMessage/>" },           FILE_FAULT_ZIP_DAMAGED },
    { "bytes behind",             { .behind = "<DecMessage/>" },            FILE_FAULT_ZIP_DAMAGED },
    /* case 614 */
    { "a bomb",                   { .content = { letters, MAX } },          FILE_FAULT_ZIP_RATIO },
    { "a bomb that says less",    { .content = { letters, MAX }, .size = 1 - MAX }, FILE_FAULT_ZIP_DAMAGED },
    { "at the limit",             { .content = { letters, MAX }, .stored = true }, FILE_FAULT_GOOD },
    { "over the limit",           { .content = { letters, MAX + 1 }, .stored = true }, FILE_FAULT_ZIP_SIZE },
};
/* clang-format on */

static void examples_come_out(void **state) {
    memset(letters, 'a', sizeof(letters));
    for (size_t i = 0; i < COUNT(examples); i++) {
        struct buf archive, out;
        buf_init(&archive, 4 * MAX);
        buf_init(&out, MAX);
        make(&examples[i].making, &archive);
        assert_true(archive_is_one("a", buf_text(&archive)));
        enum file_fault fault = archive_read(buf_text(&archive), &out);
        if (fault != examples[i].fault) {
            fail_msg("%s: %s, not %s", examples[i].what, file_fault_code(fault),
                     file_fault_code(examples[i].fault));
        }
        if (fault == FILE_FAULT_GOOD && !examples[i].making.content.length) {
            assert_string_equal(out.at, sentence);
        }
        buf_release(&out);
        buf_release(&archive);
    }
}

static void an_archive_in_an_archive_is_told(void **state) {
    struct buf inner, archive, out;
    buf_init(&inner, sizeof(inner_archive));
    buf_init(&archive, MAX);
    buf_init(&out, MAX);
    make(&(struct making){ 0 }, &inner);
    memcpy(inner_archive, inner.at, inner.length);
    inner_length = inner.length;
    make(&(struct making){ .name = "a.zip", .content = { inner_archive, inner_length } }, &archive);
    assert_int_equal(archive_read(buf_text(&archive), &out), FILE_FAULT_ZIP_NESTED);
    buf_release(&inner);
    buf_release(&archive);
    buf_release(&out);
}

static void what_is_called_an_archive_must_be_one(void **state) {
    struct buf out;
    buf_init(&out, MAX);
    assert_true(archive_is_one("a.ZIP", TEXT("<DecMessage/>")));
    assert_false(archive_is_one("a.xml", TEXT("<DecMessage/>")));
    assert_int_equal(archive_read(TEXT("<DecMessage/>"), &out), FILE_FAULT_ZIP_DAMAGED);
    assert_int_equal(archive_read(text_of(sentence), &out), FILE_FAULT_ZIP_DAMAGED);
    assert_int_equal(archive_read(TEXT(""), &out), FILE_FAULT_ZIP_DAMAGED);
    assert_int_equal(archive_read(TEXT("PK\x05\x06"), &out), FILE_FAULT_ZIP_DAMAGED);
    buf_release(&out);
}

/* Each byte of a small one changed, and cut behind each: never read as something else, never a crash. */
static void any_byte_may_be_wrong(void **state) {
    static const unsigned changes[] = { 1, 0x80, 0xff };
    struct buf archive, out;
    buf_init(&archive, MAX);
    buf_init(&out, MAX);
    make(&(struct making){ 0 }, &archive);
    for (size_t i = 0; i < archive.length; i++) {
        for (size_t k = 0; k < COUNT(changes); k++) {
            archive.at[i] ^= (char)changes[k];
            buf_clear(&out);
            if (archive_read(buf_text(&archive), &out) == FILE_FAULT_GOOD) {
                assert_string_equal(out.at, sentence);
            }
            archive.at[i] ^= (char)changes[k];
        }
        buf_clear(&out);
        assert_int_not_equal(archive_read((struct text){ archive.at, i }, &out), FILE_FAULT_GOOD);
    }
    buf_release(&archive);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_come_out),
        cmocka_unit_test(an_archive_in_an_archive_is_told),
        cmocka_unit_test(what_is_called_an_archive_must_be_one),
        cmocka_unit_test(any_byte_may_be_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
