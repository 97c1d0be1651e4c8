/* test_journal_reader.c - reading in order and by number, live and offline, with and without index files, and
 * around damage. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "tests/unit/journal_room.h"

#include "journal/mark.h"
#include "journal/segment.h"
#include "journal/verify.h"

#define RECORDS 400

static struct journal_room room;
static struct arena *arena;

static int set_up(void **state) {
    room_init(&room);
    arena = arena_new();
    return 0;
}

static int tear_down(void **state) {
    room_release(&room);
    arena_free(arena);
    return 0;
}

static void expect_get(struct reader *reader, uint64_t number) {
    struct record rec;
    assert_int_equal(reader_get(reader, number, arena, &rec), STATUS_OK);
    assert_int_equal(rec.number, number);
    assert_true(content_is(&rec, number));
    arena_reset(arena);
}

static void expect_all_ways(struct reader *reader, uint64_t records) {
    struct record rec;
    assert_int_equal(reader_last(reader), records);
    for (uint64_t i = 0; i < records; i++) {
        expect_get(reader, 1 + i * 7919 % records);
    }
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t number = 1 + i * 104729 % records;
        assert_int_equal(reader_seek(reader, number), STATUS_OK);
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        assert_int_equal(rec.number, number);
        assert_true(content_is(&rec, number));
        expect_get(reader, 1 + i * 31 % records); /* picking does not disturb going on */
        if (number < records) {
            assert_int_equal(reader_next(reader, &rec), STATUS_OK);
            assert_int_equal(rec.number, number + 1);
        }
    }
    assert_int_equal(reader_seek(reader, 1), STATUS_OK);
    assert_int_equal(room_check(reader), records);
    assert_int_equal(reader_seek(reader, records + 1), STATUS_OK);
    assert_int_equal(reader_next(reader, &rec), STATUS_NOT_FOUND);
    assert_int_equal(reader_seek(reader, records + 2), STATUS_NOT_FOUND);
    assert_int_equal(reader_get(reader, records + 1, arena, &rec), STATUS_NOT_FOUND);
    assert_int_equal(reader_get(reader, 0, arena, &rec), STATUS_NOT_FOUND);
}

static void by_order_and_by_number(void **state) {
    struct journal *journal = room_open(&room);
    room_fill(journal, 1, RECORDS);
    struct reader *live = reader_new(journal), *offline;
    assert_int_equal(reader_open(room.directory, &offline), STATUS_OK); /* beside the running journal */
    expect_all_ways(live, RECORDS);
    expect_all_ways(offline, RECORDS);
    reader_free(live);
    reader_free(offline);
    journal_close(journal);
    assert_int_equal(reader_open(room.directory, &offline), STATUS_OK);
    expect_all_ways(offline, RECORDS);
    reader_free(offline);
    reader_free(NULL);
}

static void where_no_journal_is(void **state) {
    struct reader *reader;
    assert_int_equal(reader_open(room.directory, &reader), STATUS_NOT_FOUND);
    assert_null(reader);
    assert_int_equal(reader_open("/nowhere/at/all", &reader), STATUS_NOT_FOUND);
}

static void an_empty_journal_has_nothing_to_read(void **state) {
    struct journal *journal = room_open(&room);
    struct reader *live = reader_new(journal), *offline;
    struct record rec;
    assert_int_equal(reader_open(room.directory, &offline), STATUS_OK);
    struct reader *readers[] = { live, offline };
    for (int i = 0; i < 2; i++) {
        assert_int_equal(reader_last(readers[i]), 0);
        assert_int_equal(reader_next(readers[i], &rec), STATUS_NOT_FOUND);
        assert_int_equal(reader_get(readers[i], 1, arena, &rec), STATUS_NOT_FOUND);
        assert_int_equal(reader_seek(readers[i], 1), STATUS_OK);
        assert_int_equal(reader_seek(readers[i], 2), STATUS_NOT_FOUND);
    }
    room_fill(journal, 1, 1);
    assert_int_equal(room_check(live), 1); /* the live one sees it come */
    assert_int_equal(reader_next(offline, &rec), STATUS_NOT_FOUND);
    reader_free(live);
    reader_free(offline);
    journal_close(journal);
}

/* ---- following ---- */

static _Atomic bool follower_bad;

static void *follow(void *context) {
    struct journal *journal = context;
    struct reader *reader = reader_new(journal);
    uint64_t next = 1;
    while (next <= RECORDS) {
        uint64_t mark = journal_wait(journal, next - 1, 10000);
        struct record rec;
        enum status status;
        while ((status = reader_next(reader, &rec)) == STATUS_OK) {
            if (rec.number != next || rec.number > journal_durable(journal)
                || !content_is(&rec, rec.number)) {
                atomic_store(&follower_bad, true);
            }
            next++;
        }
        if (status != STATUS_NOT_FOUND || next <= mark) {
            atomic_store(&follower_bad, true);
            break;
        }
    }
    reader_free(reader);
    return NULL;
}

static void readers_follow_the_mark(void **state) {
    struct journal *journal = room_open(&room);
    pthread_t threads[3];
    atomic_store(&follower_bad, false);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, follow, journal), 0);
    }
    room_fill(journal, 1, RECORDS);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_false(atomic_load(&follower_bad));
    journal_close(journal);
}

static void *fill(void *context) {
    for (uint64_t key = 1; key <= 4 * RECORDS; key++) {
        if (room_append(context, key, NULL) != STATUS_OK) {
            atomic_store(&follower_bad, true);
        }
    }
    return NULL;
}

/* Looking from outside while records are being written must never seem to find damage. */
static void an_offline_look_at_a_running_journal_raises_no_alarm(void **state) {
    struct journal *journal = room_open(&room);
    pthread_t thread;
    atomic_store(&follower_bad, false);
    assert_int_equal(pthread_create(&thread, NULL, fill, journal), 0);
    while (journal_durable(journal) < 4 * RECORDS) {
        uint64_t durable = journal_durable(journal);
        struct reader *reader;
        struct journal_verdict verdict;
        assert_int_equal(reader_open(room.directory, &reader), STATUS_OK);
        assert_true(reader_last(reader) >= durable);
        assert_int_equal(room_check(reader), reader_last(reader));
        reader_free(reader);
        assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
        assert_true(verdict.records >= durable);
    }
    pthread_join(thread, NULL);
    assert_false(atomic_load(&follower_bad));
    journal_close(journal);
}

/* Bug 1: between a full segment and the first record of the next one, an offline reader took the blank one
   for damage. */
static void a_full_segment_with_nothing_behind_it_is_read(void **state) {
    struct journal *journal = room_open(&room);
    char path[128];
    uint64_t full = 0;
    for (uint64_t key = 1; journal_mark(journal).ordinal < 3; key++) {
        struct record rec;
        assert_int_equal(room_append(journal, key, &rec), STATUS_OK);
        full = journal_mark(journal).ordinal < 3 ? key : full;
    }
    journal_close(journal);
    struct stat metadata;
    room_path(&room, 3, "seg", path);
    assert_int_equal(stat(path, &metadata), 0);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(truncate(path, metadata.st_size), 0);
    unlink(room_path(&room, 4, "seg", path)); /* made ahead, once the third was in use */

    struct reader *reader;
    assert_int_equal(reader_open(room.directory, &reader), STATUS_OK);
    assert_int_equal(reader_last(reader), full);
    assert_int_equal(reader_seek(reader, full), STATUS_OK);
    assert_int_equal(room_check(reader), 1);
    reader_free(reader);
}

/* ---- index files ---- */

static void change_index(uint64_t ordinal, off_t size, off_t at, uint32_t value) {
    char path[128];
    int fd = open(room_path(&room, ordinal, "idx", path), O_RDWR);
    assert_true(fd >= 0);
    if (size >= 0) {
        assert_int_equal(ftruncate(fd, size), 0);
    }
    if (at >= 0) {
        assert_int_equal(pwrite(fd, &value, sizeof(value), at), sizeof(value));
    }
    close(fd);
}

static void an_index_that_is_missing_short_or_wrong_does_no_harm(void **state) {
    struct journal *journal = room_open(&room);
    char path[128];
    struct stat metadata;
    room_fill(journal, 1, RECORDS);
    struct reader *reader = reader_new(journal);
    for (int round = 0; round < 6; round++) {
        for (uint64_t ordinal = 1; ordinal <= journal_mark(journal).ordinal; ordinal++) {
            switch (round) {
            case 0: assert_int_equal(unlink(room_path(&room, ordinal, "idx", path)), 0); break;
            case 1: change_index(ordinal, 8, -1, 0); break;
            case 2: change_index(ordinal, 6, -1, 0); break;
            case 3: change_index(ordinal, -1, 12, 4104); break;       /* no record begins there */
            case 4: change_index(ordinal, -1, 12, 4096); break;       /* another record begins there */
            case 5: change_index(ordinal, -1, 12, 0xfffffff8); break; /* behind the file */
            }
        }
        expect_all_ways(reader, RECORDS);
        reader_free(reader);
        reader = reader_new(journal);
        expect_all_ways(reader, RECORDS);
        assert_int_equal(stat(room_path(&room, 1, "idx", path), &metadata), 0); /* remade */
        assert_true(metadata.st_size > 8);
        if (round == 0) { /* the open segment's index is the sequencer's to write */
            reader_free(reader);
            journal_close(journal);
            journal = room_open(&room);
            reader = reader_new(journal);
        }
    }
    reader_free(reader);
    journal_close(journal);
}

static void an_offline_reader_changes_nothing(void **state) {
    struct journal *journal = room_open(&room);
    char path[128];
    room_fill(journal, 1, RECORDS);
    journal_close(journal);
    for (uint64_t ordinal = 1; access(room_path(&room, ordinal, "idx", path), F_OK) == 0; ordinal++) {
        assert_int_equal(unlink(path), 0);
    }
    struct reader *reader;
    assert_int_equal(reader_open(room.directory, &reader), STATUS_OK);
    expect_all_ways(reader, RECORDS);
    reader_free(reader);
    assert_int_not_equal(access(room_path(&room, 1, "idx", path), F_OK), 0);
}

/* ---- damage ---- */

static void flip(uint64_t ordinal, uint64_t offset) {
    char path[128], byte;
    int fd = open(room_path(&room, ordinal, "seg", path), O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
    byte ^= 16;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
    close(fd);
}

/* Every record but `bad` can be read in every way; `bad` is told with its place. */
static void expect_damage_at(struct reader *reader, uint64_t bad, uint64_t last, uint64_t ordinal,
                             uint64_t offset) {
    struct record rec;
    char name[128];
    uint64_t where;
    snprintf(name, sizeof(name), "journal/%010llu.seg", (unsigned long long)ordinal);
    assert_int_equal(reader_seek(reader, 1), STATUS_OK);
    for (uint64_t number = 1; number < bad; number++) {
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
    }
    for (int i = 0; i < 2; i++) { /* asking again changes nothing */
        assert_int_equal(reader_next(reader, &rec), STATUS_DAMAGED);
        assert_string_equal(reader_where(reader, &where), name);
        assert_int_equal(where, offset);
    }
    assert_int_equal(reader_seek(reader, 1), STATUS_OK);
    assert_int_equal(reader_seek(reader, bad), STATUS_DAMAGED);
    assert_int_equal(reader_next(reader, &rec), STATUS_DAMAGED);
    reader_where(reader, &where);
    assert_int_equal(where, offset);
    assert_int_equal(reader_get(reader, bad, arena, &rec), STATUS_DAMAGED);
    assert_string_equal(reader_where(reader, &where), name);
    assert_int_equal(where, offset);
    for (uint64_t number = 1; number <= last; number++) {
        if (number != bad) {
            expect_get(reader, number);
        }
    }
    assert_int_equal(reader_seek(reader, bad + 1), STATUS_OK);
    for (uint64_t number = bad + 1; number <= last; number++) {
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        assert_int_equal(rec.number, number);
        assert_true(content_is(&rec, number));
    }
    assert_int_equal(reader_next(reader, &rec), STATUS_NOT_FOUND);
}

static uint64_t offset_of(struct reader *reader, uint64_t number, uint64_t *ordinal) {
    struct record rec;
    uint64_t offset;
    assert_int_equal(reader_get(reader, number, arena, &rec), STATUS_OK);
    *ordinal = strtoull(reader_where(reader, &offset) + strlen("journal/"), NULL, 10);
    return offset;
}

static void damage_hides_nothing_behind_it(void **state) {
    struct journal *journal = room_open(&room);
    char path[128];
    room_fill(journal, 1, RECORDS);
    struct reader *reader = reader_new(journal);
    uint64_t open_ordinal = journal_mark(journal).ordinal, ordinal;
    static const uint64_t bad[] = { 60, RECORDS - 1 }; /* in a sealed segment; in the open one */
    for (int i = 0; i < 2; i++) {
        uint64_t offset = offset_of(reader, bad[i], &ordinal);
        assert_true((ordinal == open_ordinal) == (i == 1));
        static const uint64_t in_record[] = { 0, 5, 9, 50, 90 }; /* magic, length, number, chain, text */
        for (size_t j = 0; j < sizeof(in_record) / sizeof(*in_record); j++) {
            flip(ordinal, offset + in_record[j]);
            struct reader *live = reader_new(journal), *offline;
            expect_damage_at(live, bad[i], RECORDS, ordinal, offset);
            reader_free(live);
            assert_int_equal(reader_open(room.directory, &offline), STATUS_OK);
            expect_damage_at(offline, bad[i], RECORDS, ordinal, offset);
            reader_free(offline);
            if (i == 0) { /* and without the index to step over it */
                assert_int_equal(unlink(room_path(&room, ordinal, "idx", path)), 0);
                live = reader_new(journal);
                expect_damage_at(live, bad[i], RECORDS, ordinal, offset);
                reader_free(live);
            }
            flip(ordinal, offset + in_record[j]);
        }
    }
    reader_free(reader);
    journal_close(journal);
}

/* Closed in good order the mark is known, also when the last record is the damaged one. */
static void damage_of_the_last_record_is_told_offline(void **state) {
    struct journal *journal = room_open(&room);
    room_fill(journal, 1, RECORDS);
    struct reader *reader = reader_new(journal);
    uint64_t ordinal, offset = offset_of(reader, RECORDS, &ordinal), where;
    reader_free(reader);
    journal_close(journal);
    flip(ordinal, offset + 90);
    struct record rec;
    assert_int_equal(reader_open(room.directory, &reader), STATUS_OK);
    for (uint64_t number = 1; number < RECORDS; number++) {
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
    }
    assert_int_equal(reader_next(reader, &rec), STATUS_DAMAGED);
    reader_where(reader, &where);
    assert_int_equal(where, offset);
    reader_free(reader);
}

static void a_segment_that_cannot_be_read_is_named(void **state) {
    struct journal *journal = room_open(&room);
    char path[128], aside[128];
    room_fill(journal, 1, RECORDS);
    struct reader *reader = reader_new(journal);
    uint64_t where, ordinal;
    struct record rec;
    offset_of(reader, 150, &ordinal);
    snprintf(aside, sizeof(aside), "%s/aside", room.directory);
    assert_int_equal(rename(room_path(&room, ordinal, "seg", path), aside), 0);
    reader_free(reader);
    reader = reader_new(journal);
    assert_int_equal(reader_get(reader, 150, arena, &rec), STATUS_DAMAGED);
    assert_string_equal(strrchr(reader_where(reader, &where), '/'), strrchr(path, '/'));
    assert_int_equal(rename(aside, path), 0);
    expect_get(reader, 150);
    flip(ordinal, segment_seal_offset(ROOM_SEGMENT) + 9);
    reader_free(reader);
    reader = reader_new(journal);
    assert_int_equal(reader_get(reader, 150, arena, &rec), STATUS_DAMAGED);
    reader_where(reader, &where);
    assert_int_equal(where, segment_seal_offset(ROOM_SEGMENT));
    reader_free(reader);
    journal_close(journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_order_and_by_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_no_journal_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_journal_has_nothing_to_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readers_follow_the_mark, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_offline_look_at_a_running_journal_raises_no_alarm, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_full_segment_with_nothing_behind_it_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_index_that_is_missing_short_or_wrong_does_no_harm, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_offline_reader_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_hides_nothing_behind_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_of_the_last_record_is_told_offline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_segment_that_cannot_be_read_is_named, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
