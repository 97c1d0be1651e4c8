/*
 * ZIP archives from a sender: whatever comes is read the same way each time and keeps within its limits, and
 * what is read out of one is what zlib makes of the only data in it, by the only two headers that it has.
 */
#include <string.h>
#include <zlib.h>

#include "base/decompress.h"
#include "base/status.h"
#include "adapters/files/archive.h"
#include "fuzz/driver.h"
#include "unit/archive_kit.h"

enum { MAX = 64 * 1024, LOCAL_HEADER = 30, CENTRAL_HEADER = 46, END_RECORD = 22 };

const long fuzz_runs = 150000;

static char letters[MAX];

/* Archives as clients make them, and some with one thing wrong. */
static const struct archive_making seeds[] = {
    { 0 },
    { .stored = true },
    { .descriptor = true },
    { .comment = "single window" },
    { .name = "\xE6\x8A\xA5.xml", .flags = 1 << 11 },
    { .content = { letters, 5000 } },
    { .content = { letters, MAX }, .stored = true },
    { .copies = 2 },
    { .flags = 1 },
    { .version = 45 },
    { .name = "../a.xml" },
    { .content = { "PK\x03\x04 nested", 11 }, .stored = true },
    { .crc = 1 },
    { .between = "PK\x01\x02" },
};

enum { SEEDS = sizeof(seeds) / sizeof(*seeds) };

struct text fuzz_seed(size_t index) {
    static struct text made[SEEDS];
    if (index >= SEEDS) {
        return (struct text){ NULL, 0 };
    }
    if (!made[index].at) {
        struct buf bytes;
        memset(letters, 'a', sizeof(letters));
        buf_init(&bytes, 4 * MAX);
        archive_make(&seeds[index], &bytes);
        made[index] = buf_text(&bytes); /* for good */
    }
    return made[index];
}

struct text fuzz_word(size_t index) {
    static const struct text words[] = {
        { "PK\x03\x04", 4 },       { "PK\x01\x02", 4 }, { "PK\x05\x06", 4 }, { "PK\x07\x08", 4 },
        { "PK\x06\x06", 4 },       { "PK\x06\x07", 4 }, /* of ZIP64 */
        { "\x01\0\x10\0", 4 },                          /* its extra field */
        { "\0\0\0\0", 4 },         { "\x01\0", 2 },     { "\x08\0", 2 },     { "\xff\xff", 2 },
        { "\xff\xff\xff\xff", 4 }, { "../", 3 },        { "\0", 1 },
    };
    return index < sizeof(words) / sizeof(*words) ? words[index] : (struct text){ NULL, 0 };
}

/* --- the oracle ----------------------------------------------------------------------------------------- */

static unsigned number_at(const char *at, int bytes) {
    unsigned number = 0;
    while (bytes > 0) {
        number = number << 8 | (unsigned char)at[--bytes];
    }
    return number;
}

/* The only central header, by its own length before the end record: there is no other place for it. */
static const char *find_central(struct text bytes) {
    for (const char *at = bytes.at + bytes.length - END_RECORD; at > bytes.at; at--) {
        size_t comment = number_at(at + 20, 2);
        if (memcmp(at, "PK\x05\x06", 4) == 0 && at + END_RECORD + comment == bytes.at + bytes.length) {
            const char *central = bytes.at + number_at(at + 16, 4);
            require(number_at(at + 10, 2) == 1);
            return central;
        }
    }
    panic("an archive without an end was read");
}

static void compare(struct text bytes, const struct buf *out) {
    static char whole[MAX + 1];
    const char *local = bytes.at, *central = find_central(bytes);
    require(memcmp(local, "PK\x03\x04", 4) == 0 && memcmp(central, "PK\x01\x02", 4) == 0);
    require(number_at(central + 42, 4) == 0); /* the data begin at the beginning */
    size_t packed = number_at(central + 20, 4), made = number_at(central + 24, 4);
    const char *data = local + LOCAL_HEADER + number_at(local + 26, 2) + number_at(local + 28, 2);
    require(made == out->length && data + packed <= central);
    if (number_at(central + 10, 2) == 0) {
        require(packed == made && memcmp(data, out->at, made) == 0);
    } else {
        z_stream stream = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)packed };
        require(inflateInit2(&stream, -MAX_WBITS) == Z_OK);
        stream.next_out = (Bytef *)whole;
        stream.avail_out = sizeof(whole);
        require(inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == made);
        require(memcmp(whole, out->at, made) == 0);
        inflateEnd(&stream);
    }
    require(crc32(0, (const Bytef *)out->at, (uInt)made) == number_at(central + 16, 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static struct buf once, again;
    struct text archive = { (const char *)bytes, length };
    if (!once.max) {
        buf_init(&once, MAX);
        buf_init(&again, MAX);
    }
    buf_clear(&once);
    buf_clear(&again);
    enum file_fault fault = archive_read(archive, &once);
    require(archive_read(archive, &again) == fault);
    require(once.length <= MAX && once.length <= DECOMPRESS_FREE + DECOMPRESS_RATIO_MAX * length);
    if (fault == FILE_FAULT_GOOD) {
        require(archive_is_one("a.xml", archive) && text_equal(buf_text(&once), buf_text(&again)));
        compare(archive, &once);
    } else {
        require(*file_fault_code(fault)); /* its sender is told */
    }
    return 0;
}
