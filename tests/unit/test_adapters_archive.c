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
#include "archive_kit.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- the table ------------------------------------------------------------------------------------------ */

static char letters[ARCHIVE_MAX + 1];
static char inner_archive[512];
static size_t inner_length;

/* clang-format off */
static const struct example {
    const char *what;
    struct archive_making making;
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
    { "by bzip2, and said so",    { .method = 12, .version = 46 },          FILE_FAULT_ZIP_METHOD }, /* case 599 */
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
    { "cut by a signature's length",{ .descriptor = true, .cut = 4 },         FILE_FAULT_ZIP_DAMAGED }, /* case 559 */
    { "cut to its first half",    { .cut = 100 },                           FILE_FAULT_ZIP_DAMAGED },
    { "it lies elsewhere",        { .offset = 4 },                          FILE_FAULT_ZIP_DAMAGED },
    { "it lies far away",         { .offset = 1 << 30 },                    FILE_FAULT_ZIP_DAMAGED },
    /* case 613 */
    { "bytes in between",         { .between = "<DecMessage/>" },           FILE_FAULT_ZIP_DAMAGED },
    { "bytes behind",             { .behind = "<DecMessage/>" },            FILE_FAULT_ZIP_DAMAGED },
    /* case 614 */
    { "a bomb",                   { .content = { letters, ARCHIVE_MAX } },          FILE_FAULT_ZIP_RATIO },
    { "a bomb that says less",    { .content = { letters, ARCHIVE_MAX }, .size = 1 - ARCHIVE_MAX }, FILE_FAULT_ZIP_DAMAGED },
    { "at the limit",             { .content = { letters, ARCHIVE_MAX }, .stored = true }, FILE_FAULT_GOOD },
    { "over the limit",           { .content = { letters, ARCHIVE_MAX + 1 }, .stored = true }, FILE_FAULT_ZIP_SIZE },
};
/* clang-format on */

static void examples_come_out(void **state) {
    memset(letters, 'a', sizeof(letters));
    for (size_t i = 0; i < COUNT(examples); i++) {
        struct buf archive, out;
        buf_init(&archive, 4 * ARCHIVE_MAX);
        buf_init(&out, ARCHIVE_MAX);
        archive_make(&examples[i].making, &archive);
        assert_true(archive_is_one("a", buf_text(&archive)));
        enum file_fault fault = archive_read(buf_text(&archive), &out);
        if (fault != examples[i].fault) {
            fail_msg("%s: %s, not %s", examples[i].what, file_fault_code(fault),
                     file_fault_code(examples[i].fault));
        }
        if (fault == FILE_FAULT_GOOD && !examples[i].making.content.length) {
            assert_string_equal(out.at, archive_sentence);
        }
        buf_release(&out);
        buf_release(&archive);
    }
}

/* Case 599: it was said to be damaged. */
static void an_archive_of_nothing_is_told(void **state) {
    static const char nothing[22] = "PK\x05\x06", behind[23] = "PK\x05\x06";
    struct buf out;
    buf_init(&out, ARCHIVE_MAX);
    assert_int_equal(archive_read((struct text){ nothing, sizeof(nothing) }, &out), FILE_FAULT_ZIP_ENTRIES);
    assert_int_equal(archive_read((struct text){ behind, sizeof(behind) }, &out), FILE_FAULT_ZIP_DAMAGED);
    assert_int_equal(archive_read((struct text){ nothing, sizeof(nothing) - 1 }, &out),
                     FILE_FAULT_ZIP_DAMAGED);
    buf_release(&out);
}

static void an_archive_in_an_archive_is_told(void **state) {
    struct buf inner, archive, out;
    buf_init(&inner, sizeof(inner_archive));
    buf_init(&archive, ARCHIVE_MAX);
    buf_init(&out, ARCHIVE_MAX);
    archive_make(&(struct archive_making){ 0 }, &inner);
    memcpy(inner_archive, inner.at, inner.length);
    inner_length = inner.length;
    archive_make(&(struct archive_making){ .name = "a.zip", .content = { inner_archive, inner_length } },
                 &archive);
    assert_int_equal(archive_read(buf_text(&archive), &out), FILE_FAULT_ZIP_NESTED);
    buf_release(&inner);
    buf_release(&archive);
    buf_release(&out);
}

static void what_is_called_an_archive_must_be_one(void **state) {
    struct buf out;
    buf_init(&out, ARCHIVE_MAX);
    assert_true(archive_is_one("a.ZIP", TEXT("<DecMessage/>")));
    assert_false(archive_is_one("a.xml", TEXT("<DecMessage/>")));
    assert_int_equal(archive_read(TEXT("<DecMessage/>"), &out), FILE_FAULT_ZIP_DAMAGED);
    assert_int_equal(archive_read(text_of(archive_sentence), &out), FILE_FAULT_ZIP_DAMAGED);
    assert_int_equal(archive_read(TEXT(""), &out), FILE_FAULT_ZIP_DAMAGED);
    assert_int_equal(archive_read(TEXT("PK\x05\x06"), &out), FILE_FAULT_ZIP_DAMAGED);
    buf_release(&out);
}

/* Case 558: told is one letter less than there is, with the sum of those told: who reads to the told size
 * sees another message than who reads to the end. */
static void what_goes_on_behind_its_told_size_is_none(void **state) {
    struct buf archive, out;
    char all[100];
    memset(all, 'a', sizeof(all));
    uLong whole = crc32(0, (const Bytef *)all, sizeof(all)),
          told = crc32(0, (const Bytef *)all, sizeof(all) - 1);
    buf_init(&archive, ARCHIVE_MAX);
    buf_init(&out, ARCHIVE_MAX);
    archive_make(&(struct archive_making){ .content = { all, sizeof(all) },
                                           .size = -1,
                                           .crc = (int32_t)(uint32_t)(told - whole) },
                 &archive);
    assert_int_equal(archive_read(buf_text(&archive), &out), FILE_FAULT_ZIP_DAMAGED);
    buf_release(&archive);
    buf_release(&out);
}

/* Each byte of a small one changed, and cut behind each: never read as something else, never a crash. */
static void any_byte_may_be_wrong(void **state) {
    static const unsigned changes[] = { 1, 0x80, 0xff };
    struct buf archive, out;
    buf_init(&archive, ARCHIVE_MAX);
    buf_init(&out, ARCHIVE_MAX);
    archive_make(&(struct archive_making){ 0 }, &archive);
    for (size_t i = 0; i < archive.length; i++) {
        for (size_t k = 0; k < COUNT(changes); k++) {
            archive.at[i] ^= (char)changes[k];
            buf_clear(&out);
            if (archive_read(buf_text(&archive), &out) == FILE_FAULT_GOOD) {
                assert_string_equal(out.at, archive_sentence);
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
        cmocka_unit_test(an_archive_of_nothing_is_told),
        cmocka_unit_test(an_archive_in_an_archive_is_told),
        cmocka_unit_test(what_is_called_an_archive_must_be_one),
        cmocka_unit_test(what_goes_on_behind_its_told_size_is_none),
        cmocka_unit_test(any_byte_may_be_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
