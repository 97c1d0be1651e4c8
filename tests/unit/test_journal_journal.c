/* test_journal_journal.c - submitting, numbering, the mark, admit and done, limits, closing and opening again. */
#include "tests/unit/journal_room.h"

static struct room room;

static int set_up(void **state) {
    room_init(&room);
    return 0;
}

static int tear_down(void **state) {
    room_release(&room);
    return 0;
}

static void what_was_appended_is_there_after_opening_again(void **state) {
    struct journal *journal = room_open(&room);
    assert_int_equal(journal_durable(journal), 0);
    room_fill(journal, 1, 200);
    assert_int_equal(journal_durable(journal), 200);
    struct reader *reader = reader_new(journal);
    assert_int_equal(room_check(reader), 200);
    reader_free(reader);
    journal_close(journal);

    journal = room_open(&room);
    assert_int_equal(journal_durable(journal), 200);
    room_fill(journal, 201, 300);
    reader = reader_new(journal);
    assert_int_equal(room_check(reader), 300);
    reader_free(reader);
    journal_close(journal);

    assert_int_equal(reader_open(room.directory, &reader), STATUS_OK);
    assert_int_equal(reader_last(reader), 300);
    assert_int_equal(room_check(reader), 300);
    reader_free(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_appended_is_there_after_opening_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
