/*
 * test_journal_name.c - a journal is called what it was made as, for ever, and by all of its segments.
 */
#include <fcntl.h>

#include "tests/unit/journal_room.h"

#include "base/digest.h"
#include "journal/segment.h"
#include "journal/verify.h"

static struct journal_room room;

static int set_up(void **state) {
    room_init(&room);
    return 0;
}

static int tear_down(void **state) {
    room_release(&room);
    return 0;
}

static enum status open_named(const char *name, struct journal **journal, struct journal_report *report) {
    struct journal_options options = room_options(&room);
    options.name = name;
    return journal_open(&options, journal, report);
}

static void what_can_be_a_name(void **state) {
    char longest[JOURNAL_NAME_MAX], longer[JOURNAL_NAME_MAX + 1];
    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    const struct {
        const char *name;
        bool possible;
    } rows[] = {
        { "a", true },      { "qd-gate-1", true }, { "7.Gate_of-QD", true }, { longest, true },
        { "", false },      { longer, false },     { "-gate", false },       { ".gate", false },
        { "_gate", false }, { "a gate", false },   { "a/gate", false },      { "青岛", false },
        { "a\n", false },   { "urn:gate", false }, { "a%20b", false },       { "a\"b", false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct journal *journal;
        struct journal_report report;
        assert_int_equal(journal_name_is_possible(rows[i].name), rows[i].possible);
        if (!rows[i].possible && *rows[i].name) {
            assert_int_equal(open_named(rows[i].name, &journal, &report), STATUS_BAD_CONFIG);
        }
    }
}

static void a_name_that_is_made_is_nobody_elses(void **state) {
    char names[20][JOURNAL_NAME_MAX];
    for (size_t i = 0; i < 20; i++) {
        journal_name_make(names[i]);
        assert_true(journal_name_is_possible(names[i]));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(names[i], names[j]);
        }
    }
}

static void check_reader(struct reader *reader, const char *name) {
    assert_string_equal(reader_journal_name(reader), name);
    reader_free(reader);
}

/* Case 274: a number alone says which record only as long as there is one journal. */
static void a_name_is_kept(void **state) {
    static const char *const given[] = { "qd-gate-1", NULL, "" };
    for (size_t i = 0; i < 3; i++) {
        struct journal *journal;
        struct journal_report report;
        char name[JOURNAL_NAME_MAX], found[JOURNAL_NAME_MAX];
        assert_int_equal(segment_journal_name(room.directory, found), STATUS_NOT_FOUND);
        assert_int_equal(open_named(given[i], &journal, &report), STATUS_OK);
        strcpy(name, journal_name(journal));
        assert_true(i > 0 || strcmp(name, given[0]) == 0);
        assert_string_equal(report.name, name);
        room_fill(journal, 1, 200); /* several segments */
        check_reader(reader_new(journal), name);
        journal_close(journal);

        assert_int_equal(segment_journal_name(room.directory, found), STATUS_OK);
        assert_string_equal(found, name);
        const char *const again[] = { NULL, "", name };
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(open_named(again[j], &journal, &report), STATUS_OK);
            assert_string_equal(journal_name(journal), name);
            journal_close(journal);
        }
        assert_int_equal(open_named("qd-gate-2", &journal, &report), STATUS_BAD_CONFIG);
        assert_string_equal(report.name, name);
        struct reader *offline;
        assert_int_equal(reader_open(room.directory, &offline), STATUS_OK);
        check_reader(offline, name);
        struct journal_verdict verdict;
        assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
        assert_string_equal(verdict.name, name);
        tear_down(state);
        set_up(state);
    }
}

/* All else of it continues the segment before. */
static void a_segment_of_another_name_is_damage(void **state) {
    struct journal *journal;
    struct journal_report report;
    assert_int_equal(open_named("qd-gate-1", &journal, &report), STATUS_OK);
    room_fill(journal, 1, 200);
    journal_close(journal);
    char path[128];
    uint8_t page[SEGMENT_PAGE];
    int fd = open(room_path(&room, 2, "seg", path), O_RDWR);
    assert_int_equal(pread(fd, page, sizeof(page), 0), sizeof(page));
    uint8_t *name = memmem(page, sizeof(page), "qd-gate-1", 9);
    assert_non_null(name);
    name[8] = '2';
    uint32_t crc = crc32c(0, page, sizeof(page) - 4);
    memcpy(page + sizeof(page) - 4, &crc, 4);
    assert_int_equal(pwrite(fd, page, sizeof(page), 0), sizeof(page));
    close(fd);
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(room.directory, &verdict), STATUS_DAMAGED);
    assert_int_equal(verdict.damage, DAMAGE_DISCONTINUED);
    assert_string_equal(verdict.segment, "journal/0000000002.seg");
    assert_int_equal(open_named(NULL, &journal, &report), STATUS_DAMAGED);
    assert_string_equal(report.segment, "journal/0000000002.seg");
    char found[JOURNAL_NAME_MAX];
    fd = open(room_path(&room, 1, "seg", path), O_RDWR);
    assert_int_equal(pwrite(fd, "X", 1, 20), 1);
    close(fd);
    assert_int_equal(segment_journal_name(room.directory, found), STATUS_DAMAGED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_can_be_a_name, set_up, tear_down),
        cmocka_unit_test(a_name_that_is_made_is_nobody_elses),
        cmocka_unit_test_setup_teardown(a_name_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_segment_of_another_name_is_damage, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
