/*
 * test_journal_verify.c - what is done to a journal behind its back: flipped bits, cut tails, records zeroed,
 * swapped and doubled, segments missing and exchanged. Everything is noticed, or harmless and reported;
 * nothing is ever read as something else than was written; and what was never acknowledged does not stand in
 * the way.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/journal_room.h"

#include "journal/mark.h"
#include "journal/segment.h"
#include "journal/recovery.h"
#include "journal/verify.h"

#define SIZE       SEGMENT_SIZE_MIN /* 8 KiB of records in a segment */
#define DATA       512              /* all records are of one size */
#define RECORD     (RECORD_SIZE_MIN + DATA)
#define IN_SEGMENT ((SIZE - 2 * SEGMENT_PAGE) / RECORD) /* 13 */
#define RECORDS    33                                   /* two sealed segments and an open one with 7 */
#define OPEN       3                                    /* the open segment's ordinal */

/* ---- a journal as bytes, to be spoilt and put back ---- */

struct image {
    uint8_t files[OPEN][SIZE];
};

static struct journal_room room;
static struct image closed, crashed; /* closed in good order; as it stood on the disk while it was open */
static struct folder folder;

static void fill_data(uint64_t number, char data[DATA]) {
    for (size_t i = 0; i < DATA; i++) {
        data[i] = (char)(number * 131 + i * 17 + 1);
    }
}

static bool is_intact(const struct record *rec) {
    char data[DATA];
    fill_data(rec->number, data);
    return rec->kind == RECORD_MESSAGE && rec->meta.length == 0 && rec->fields.length == 0
           && rec->data.length == DATA && memcmp(rec->data.at, data, DATA) == 0;
}

static void load(struct image *image) {
    for (uint64_t i = 0; i < OPEN; i++) {
        char path[128];
        int fd = open(room_path(&room, i + 1, "seg", path), O_RDONLY);
        assert_int_equal(read(fd, image->files[i], SIZE), SIZE);
        close(fd);
    }
}

static void store_file(uint64_t ordinal, const uint8_t *bytes, size_t length) {
    char path[128];
    int fd = open(room_path(&room, ordinal, "seg", path), O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, length), length);
    close(fd);
}

static void store(const struct image *image) {
    char path[128];
    for (uint64_t i = 0; i < OPEN; i++) {
        store_file(i + 1, image->files[i], SIZE);
    }
    unlink(room_path(&room, OPEN + 1, "seg", path));
}

static int set_up(void **state) {
    room_init(&room);
    struct journal_options options = room_options(&room);
    options.segment_size = SIZE;
    struct journal *journal;
    struct journal_report report;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    for (uint64_t number = 1; number <= RECORDS; number++) {
        char data[DATA];
        struct record rec = { .kind = RECORD_MESSAGE, .data = { data, DATA } };
        fill_data(number, data);
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
        assert_int_equal(rec.number, number);
    }
    assert_int_equal(journal_mark(journal).ordinal, OPEN);
    load(&crashed);
    journal_close(journal);
    load(&closed);
    store(&closed);
    assert_int_equal(folder_open(&folder, &disk_real, room.directory), STATUS_OK);
    return 0;
}

static int tear_down(void **state) {
    folder_close(&folder);
    room_release(&room);
    return 0;
}

static uint64_t records_before(uint64_t ordinal) {
    return (ordinal - 1) * IN_SEGMENT;
}
static uint64_t records_in(uint64_t ordinal) {
    return ordinal < OPEN ? IN_SEGMENT : RECORDS - 2 * IN_SEGMENT;
}
static uint64_t offset_of(uint64_t index) {
    return SEGMENT_PAGE + index * RECORD;
}
static uint64_t end_of(uint64_t ordinal) {
    return offset_of(records_in(ordinal));
}

/* Reads all it can; every record must be what was written. Returns how many were read before the end or
   damage. */
static uint64_t read_intact(enum status *end) {
    struct reader *reader;
    struct record rec;
    uint64_t count = 0;
    *end = reader_open(room.directory, &reader);
    assert_true(*end == STATUS_OK);
    while ((*end = reader_next(reader, &rec)) == STATUS_OK) {
        assert_int_equal(rec.number, ++count);
        assert_true(is_intact(&rec));
    }
    reader_free(reader);
    return count;
}

static void expect_fault(uint64_t ordinal, uint64_t offset) {
    char name[64];
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(room.directory, &verdict), STATUS_DAMAGED);
    snprintf(name, sizeof(name), "journal/%010llu.seg", (unsigned long long)ordinal);
    assert_string_equal(verdict.segment, name);
    assert_int_equal(verdict.offset, offset);
    assert_true(verdict.damage != DAMAGE_NONE);
}

/* Opening must succeed with so many records, which are intact, and go on from there. */
static void expect_recovery(uint64_t records, uint64_t torn_bytes) {
    struct journal_options options = room_options(&room);
    struct journal_report report;
    struct journal *journal;
    options.segment_size = SIZE;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    assert_int_equal(report.records, records);
    assert_int_equal(report.torn_bytes, torn_bytes);
    char data[DATA];
    struct record rec = { .kind = RECORD_MESSAGE, .data = { data, DATA } };
    fill_data(records + 1, data);
    assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
    assert_int_equal(rec.number, records + 1);
    journal_close(journal);
    enum status end;
    assert_int_equal(read_intact(&end), records + 1);
    assert_int_equal(end, STATUS_NOT_FOUND);
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
    assert_int_equal(verdict.records, records + 1);
}

static void expect_refusal(uint64_t ordinal, uint64_t offset) {
    struct journal_options options = room_options(&room);
    struct journal_report report;
    struct journal *journal;
    char name[64];
    options.segment_size = SIZE;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_DAMAGED);
    snprintf(name, sizeof(name), "journal/%010llu.seg", (unsigned long long)ordinal);
    assert_string_equal(report.segment, name);
    assert_int_equal(report.offset, offset);
    assert_true(report.damage != DAMAGE_NONE);
}

/* ---- nothing wrong ---- */

static void an_untouched_journal_is_good(void **state) {
    struct journal_verdict verdict;
    const struct image *images[] = { &closed, &crashed };
    for (int i = 0; i < 2; i++) {
        store(images[i]);
        assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
        assert_int_equal(verdict.segments, OPEN);
        assert_int_equal(verdict.records, RECORDS);
        assert_int_equal(verdict.bytes, RECORDS * RECORD);
        assert_int_equal(verdict.torn_bytes, 0);
        enum status end;
        assert_int_equal(read_intact(&end), RECORDS);
        expect_recovery(RECORDS, 0);
    }
    char nowhere[128];
    snprintf(nowhere, sizeof(nowhere), "%s/none", room.directory);
    assert_int_equal(journal_verify(nowhere, &verdict), STATUS_NOT_FOUND);
}

/* ---- flipped bits ---- */

/* The reason by the place of the flip in a sealed segment. */
static void check_sealed_flip(uint64_t ordinal, uint64_t at) {
    uint64_t end = end_of(ordinal), seal = segment_seal_offset(SIZE);
    uint64_t expected = at < SEGMENT_PAGE ? 0
                        : at < end        ? offset_of((at - SEGMENT_PAGE) / RECORD)
                        : at < seal       ? at
                                          : seal;
    expect_fault(ordinal, expected);
}

static void a_flip_in_a_closed_journal_is_noticed(void **state) {
    store(&closed);
    for (uint64_t ordinal = 1; ordinal <= OPEN; ordinal++) {
        char path[128];
        int fd = open(room_path(&room, ordinal, "seg", path), O_RDWR);
        for (uint64_t at = 0; at < SIZE; at++) {
            uint8_t flipped = closed.files[ordinal - 1][at] ^ (uint8_t)(1 << at % 8);
            assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
            uint64_t end = end_of(ordinal);
            if (ordinal < OPEN) {
                check_sealed_flip(ordinal, at);
            } else if (at < end) { /* the mark of the orderly close proves that it was durable */
                expect_fault(ordinal, at < SEGMENT_PAGE ? 0 : offset_of((at - SEGMENT_PAGE) / RECORD));
            } else {
                struct journal_verdict verdict;
                assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
                assert_int_equal(verdict.records, RECORDS);
                assert_true(verdict.torn_bytes > 0);
            }
            if (at % 7 == 0) {
                enum status how;
                uint64_t count = read_intact(&how);
                assert_true(count == RECORDS || how == STATUS_DAMAGED);
            }
            assert_int_equal(pwrite(fd, &closed.files[ordinal - 1][at], 1, (off_t)at), 1);
        }
        close(fd);
    }
}

/* Opening does not read sealed segments, but their headers and seals; and the whole open one. */
static void opening_after_a_flip(void **state) {
    for (uint64_t ordinal = 1; ordinal <= OPEN; ordinal++) {
        for (uint64_t at = ordinal; at < SIZE; at += 151) {
            store(&closed);
            struct image spoilt = closed;
            spoilt.files[ordinal - 1][at] ^= (uint8_t)(1 << at % 8);
            store_file(ordinal, spoilt.files[ordinal - 1], SIZE);
            uint64_t end = end_of(ordinal), seal = segment_seal_offset(SIZE);
            if (at < SEGMENT_PAGE) {
                expect_refusal(ordinal, 0);
            } else if (ordinal < OPEN && at >= seal) {
                expect_refusal(ordinal, seal);
            } else if (ordinal == OPEN && at < end) {
                expect_refusal(ordinal, offset_of((at - SEGMENT_PAGE) / RECORD));
            } else if (ordinal == OPEN) {
                expect_recovery(RECORDS, at < seal ? at + 1 - end : SEGMENT_PAGE);
            }
        }
    }
}

/* Without the mark of a close the last batch's damage is a torn tail; nothing else is. */
static void a_flip_in_a_crashed_journal(void **state) {
    store(&crashed);
    char path[128];
    int fd = open(room_path(&room, OPEN, "seg", path), O_RDWR);
    for (uint64_t at = SEGMENT_PAGE; at < SIZE; at++) {
        uint8_t flipped = crashed.files[OPEN - 1][at] ^ (uint8_t)(1 << at % 8);
        assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
        struct journal_verdict verdict;
        enum status status = journal_verify(room.directory, &verdict);
        uint64_t last = offset_of(records_in(OPEN) - 1);
        if (at < last) {
            assert_int_equal(status, STATUS_DAMAGED);
            assert_int_equal(verdict.offset, offset_of((at - SEGMENT_PAGE) / RECORD));
        } else {
            assert_int_equal(status, STATUS_OK);
            assert_int_equal(verdict.records, at < end_of(OPEN) ? RECORDS - 1 : RECORDS);
            assert_true(verdict.torn_bytes > 0);
        }
        if (at % 11 == 0) {
            enum status end;
            read_intact(&end);
        }
        assert_int_equal(pwrite(fd, &crashed.files[OPEN - 1][at], 1, (off_t)at), 1);
    }
    close(fd);
}

/* ---- cut tails ---- */

/* A write that stopped anywhere: the whole records before it count, the rest is cut and told. */
static void a_tail_torn_at_any_byte_is_cut(void **state) {
    for (uint64_t cut = SEGMENT_PAGE; cut <= end_of(OPEN); cut++) {
        struct image torn = crashed;
        memset(torn.files[OPEN - 1] + cut, 0, SIZE - cut);
        uint64_t whole = (cut - SEGMENT_PAGE) / RECORD, last = cut;
        while (last > offset_of(whole) && torn.files[OPEN - 1][last - 1] == 0) {
            last--;
        }
        store_file(OPEN, torn.files[OPEN - 1], SIZE);
        struct recovery recovery;
        assert_int_equal(recovery_scan(&folder, &recovery), STATUS_OK);
        assert_int_equal(recovery.after.next - 1, records_before(OPEN) + whole);
        assert_int_equal(recovery.end, offset_of(whole));
        assert_int_equal(recovery.torn_bytes, last - offset_of(whole));
        if (cut % 97 == 0) {
            store(&torn);
            expect_recovery(records_before(OPEN) + whole, last - offset_of(whole));
            store(&torn);
        }
    }
}

/* A segment gets its name whole: a shorter file was shortened by somebody. */
static void a_shortened_file_is_damage(void **state) {
    for (uint64_t ordinal = 1; ordinal <= OPEN; ordinal++) {
        for (uint64_t length = 0; length < SIZE; length += ordinal == OPEN ? 1 : 13) {
            store_file(ordinal, closed.files[ordinal - 1], length);
            struct recovery recovery;
            assert_int_equal(recovery_scan(&folder, &recovery), STATUS_DAMAGED);
            assert_int_equal(recovery.damaged_ordinal, ordinal);
            if (length % 509 == 0) {
                expect_fault(ordinal, 0);
                expect_refusal(ordinal, 0);
            }
        }
        store(&closed);
    }
}

/* ---- records ---- */

enum spoil { ZEROED, SWAPPED, DOUBLED, DROPPED, FOREIGN, SPOILS };

static bool spoil(struct image *image, enum spoil how, uint64_t ordinal, uint64_t index) {
    uint8_t *file = image->files[ordinal - 1], *at = file + offset_of(index), spare[RECORD];
    bool is_last = index + 1 >= records_in(ordinal);
    switch (how) {
    case ZEROED: memset(at, 0, RECORD); return true;
    case SWAPPED:
        memcpy(spare, at, RECORD);
        memcpy(at, at + RECORD, RECORD);
        memcpy(at + RECORD, spare, RECORD);
        return !is_last;
    case DOUBLED: memcpy(at + RECORD, at, RECORD); return !is_last;
    case DROPPED:
        memmove(at, at + RECORD, (size_t)(end_of(ordinal) - offset_of(index) - RECORD));
        memset(file + end_of(ordinal) - RECORD, 0, RECORD);
        return !is_last;
    case FOREIGN: memcpy(at, image->files[ordinal == 1 ? 1 : 0] + offset_of(index), RECORD); return true;
    case SPOILS: break;
    }
    return false;
}

static void spoilt_records_are_damage(void **state) {
    for (uint64_t ordinal = 1; ordinal <= OPEN; ordinal++) {
        for (uint64_t index = 0; index < records_in(ordinal); index++) {
            for (enum spoil how = 0; how < SPOILS; how++) {
                struct image spoilt = closed;
                if (!spoil(&spoilt, how, ordinal, index)) {
                    continue;
                }
                store(&spoilt);
                uint64_t first = offset_of(how == DOUBLED ? index + 1 : index);
                expect_fault(ordinal, first);
                if (ordinal == OPEN) {
                    expect_refusal(ordinal, first);
                }
                enum status end;
                uint64_t count = read_intact(&end);
                assert_int_equal(count, records_before(ordinal) + (first - SEGMENT_PAGE) / RECORD);
                assert_int_equal(end, STATUS_DAMAGED);
            }
        }
    }
}

/* Whole and chained, but older than the record before it. */
static void a_record_that_goes_back_in_time_does_not_count(void **state) {
    struct digester *digester = digester_new();
    for (stamp earlier = 0; earlier <= 1; earlier++) {
        store(&crashed);
        struct recovery recovery;
        assert_int_equal(recovery_scan(&folder, &recovery), STATUS_OK);
        struct record rec = { .number = recovery.after.next,
                              .stamp = recovery.after.stamp - earlier,
                              .kind = RECORD_TICK };
        struct buf buf;
        buf_init(&buf, RECORD);
        struct record_digests digests = record_digests_of(&rec);
        record_encode(&rec, &digests, &recovery.after.chain, recovery.header.seed, digester, &buf);
        struct image image = crashed;
        memcpy(image.files[OPEN - 1] + recovery.end, buf.at, buf.length);
        store(&image);
        assert_int_equal(recovery_scan(&folder, &recovery), STATUS_OK);
        assert_int_equal(recovery.after.next - 1, RECORDS + (earlier == 0));
        assert_int_equal(recovery.torn_bytes, earlier == 0 ? 0 : buf.length);
        buf_release(&buf);
    }
    digester_free(digester);
}

/* ---- segments ---- */

static void exchanged_and_missing_segments_are_damage(void **state) {
    char path[128];
    for (uint64_t ordinal = 1; ordinal < OPEN; ordinal++) {
        store(&closed);
        assert_int_equal(unlink(room_path(&room, ordinal, "seg", path)), 0);
        expect_refusal(ordinal, 0);
        expect_fault(ordinal, 0);

        store(&closed); /* all zeros, as if it had never been used */
        uint8_t zeros[SIZE] = { 0 };
        store_file(ordinal, zeros, SIZE);
        expect_refusal(ordinal, 0);
        expect_fault(ordinal, 0);

        store(&closed); /* another one under its name */
        store_file(ordinal, closed.files[ordinal], SIZE);
        expect_refusal(ordinal, 0);
        expect_fault(ordinal, 0);

        store(&closed); /* its seal gone */
        memcpy(zeros, closed.files[ordinal - 1], SIZE);
        memset(zeros + segment_seal_offset(SIZE), 0, SEGMENT_PAGE);
        store_file(ordinal, zeros, SIZE);
        expect_refusal(ordinal, segment_seal_offset(SIZE));
        expect_fault(ordinal, segment_seal_offset(SIZE));
    }
}

/* An older, whole version of a segment does not fit between its neighbours. */
static void a_segment_of_another_history_is_damage(void **state) {
    struct journal_room other;
    struct journal *journal;
    struct journal_report report;
    room_init(&other);
    struct journal_options options = room_options(&other);
    options.segment_size = SIZE;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    for (uint64_t number = 1; number <= RECORDS; number++) {
        char data[DATA] = { 0 };
        struct record rec = { .kind = RECORD_MESSAGE, .data = { data, DATA } };
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
    }
    journal_close(journal);
    struct journal_room ours = room;
    struct image foreign;
    room = other;
    load(&foreign);
    room = ours;
    for (uint64_t ordinal = 1; ordinal <= OPEN; ordinal++) {
        store(&closed);
        store_file(ordinal, foreign.files[ordinal - 1], SIZE);
        uint64_t noticed =
            ordinal == 1 ? 2 : ordinal; /* the first continues nothing; the second does not fit it */
        expect_refusal(noticed, 0);
        expect_fault(noticed, 0);
    }
    room_release(&other);
}

/* ---- what was never acknowledged ---- */

static void ignore(struct entry *entry, enum status status, void *context) {}

/* A batch of four, the first of its records lost, the others whole: nobody was told of any of them. */
static void a_hole_in_the_last_batch_is_a_torn_tail(void **state) {
    struct journal_room fresh;
    struct journal_room ours = room;
    room_init(&fresh);
    room = fresh;
    struct journal_options options = room_options(&room);
    options.segment_size = SIZE;
    struct journal *journal;
    struct journal_report report;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    char data[5][DATA];
    struct brake brake;
    brake_on(&brake, journal, ignore); /* a batch of its own: record 1, 88 bytes */
    struct entry entries[4];
    for (uint64_t i = 0; i < 4; i++) {
        fill_data(i + 2, data[i]);
        entries[i] =
            (struct entry){ .rec = { .kind = RECORD_MESSAGE, .data = { data[i], DATA } }, .done = ignore };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    brake_off(&brake);
    while (journal_durable(journal) < 5) {
        usleep(200);
    }
    char path[128];
    uint8_t bytes[SIZE];
    int fd = open(room_path(&room, 1, "seg", path), O_RDONLY);
    assert_int_equal(read(fd, bytes, SIZE), SIZE);
    close(fd);
    journal_close(journal);

    memset(bytes + SEGMENT_PAGE + 88, 0, 200); /* a piece of record 2 never reached the disk */
    store_file(1, bytes, SIZE);
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    assert_int_equal(report.records, 1);
    assert_int_equal(report.torn_bytes, 4 * RECORD);
    journal_close(journal);
    room_release(&room);
    room = ours;
}

/* A partner may write what looks like a record; torn, it must not pass for the proof that something was
   durable. */
static void a_record_inside_a_message_proves_nothing(void **state) {
    struct journal_room ours = room;
    struct digester *digester = digester_new();
    struct digest before = { { 0 } };
    for (uint32_t seed = 0; seed < 3; seed++) {
        room_init(&room);
        struct buf forged;
        buf_init(&forged, 1000);
        struct record inner = { .number = 1000, .durable = 999, .kind = RECORD_DECISION, .meta = TEXT("{}") };
        struct record_digests digests = record_digests_of(&inner);
        record_encode(&inner, &digests, &before, seed, digester, &forged);
        struct journal *journal = room_open(&room);
        struct record rec = { .kind = RECORD_MESSAGE, .data = buf_text(&forged) };
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
        journal_close(journal);
        char path[128];
        int fd = open(room_path(&room, 1, "seg", path), O_RDWR);
        static const uint8_t zeros[SEGMENT_PAGE];
        assert_int_equal(pwrite(fd, zeros, 80, SEGMENT_PAGE), 80);
        assert_int_equal(pwrite(fd, zeros, SEGMENT_PAGE, ROOM_SEGMENT - SEGMENT_PAGE), SEGMENT_PAGE);
        close(fd);
        struct journal_options options = room_options(&room);
        struct journal_report report;
        assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
        assert_int_equal(report.records, 0);
        assert_true(report.torn_bytes > 0);
        journal_close(journal);
        buf_release(&forged);
        room_release(&room);
    }
    digester_free(digester);
    room = ours;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untouched_journal_is_good),
        cmocka_unit_test(a_flip_in_a_closed_journal_is_noticed),
        cmocka_unit_test(opening_after_a_flip),
        cmocka_unit_test(a_flip_in_a_crashed_journal),
        cmocka_unit_test(a_tail_torn_at_any_byte_is_cut),
        cmocka_unit_test(a_shortened_file_is_damage),
        cmocka_unit_test(spoilt_records_are_damage),
        cmocka_unit_test(a_record_that_goes_back_in_time_does_not_count),
        cmocka_unit_test(exchanged_and_missing_segments_are_damage),
        cmocka_unit_test(a_segment_of_another_history_is_damage),
        cmocka_unit_test(a_hole_in_the_last_batch_is_a_torn_tail),
        cmocka_unit_test(a_record_inside_a_message_proves_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
