/* test_journal_appender.c - records appended by a loop: told there, in order, and where nobody runs it any
   more. */
#include "tests/unit/journal_room.h"

#include "base/loop.h"
#include "journal/appender.h"

struct told {
    struct loop *loop;
    enum status status[8];
    uint64_t number[8];
    size_t count, enough;
};

static void tell(void *context, enum status status, uint64_t number) {
    struct told *told = context;
    assert_true(told->count < 8);
    told->status[told->count] = status;
    told->number[told->count++] = number;
    if (told->count == told->enough) {
        loop_stop(told->loop);
    }
}

static enum status append(struct appender *appender, const char *meta, struct told *told) {
    struct record rec = { .kind = RECORD_ORDER, .meta = text_of(meta) };
    return appender_append(appender, &rec, false, tell, told);
}

static void what_is_appended_is_told_in_order_on_the_loop(void **state) {
    struct journal_room room;
    room_init(&room);
    struct journal *journal = room_open(&room);
    struct told told = { .loop = loop_new(), .enough = 2 };
    struct appender *appender = appender_new(journal, told.loop);
    char meta[] = "{\"order\":1}";
    assert_int_equal(append(appender, meta, &told), STATUS_OK);
    memset(meta, ' ', sizeof(meta) - 1); /* it was copied */
    assert_int_equal(append(appender, "{\"order\":2}", &told), STATUS_OK);
    assert_int_equal(appender_count(appender), 2);
    assert_int_equal(told.count, 0); /* never before the call returned */
    loop_run(told.loop);
    assert_int_equal(appender_count(appender), 0);
    assert_int_equal(told.status[0], STATUS_OK);
    assert_int_equal(told.number[0], 1);
    assert_int_equal(told.number[1], 2);
    struct reader *reader = reader_new(journal);
    struct record rec;
    assert_int_equal(reader_next(reader, &rec), STATUS_OK);
    assert_true(text_is(rec.meta, "{\"order\":1}"));
    reader_free(reader);
    appender_free(appender);
    loop_free(told.loop);
    journal_close(journal);
    room_release(&room);
}

static void brake_done(struct entry *entry, enum status status, void *context) {
    (void)entry;
}

/* case 400: the sequencer has it and takes its time. The loop thread is not held up; only the end waits. */
static void who_frees_it_waits_for_what_is_under_way(void **state) {
    struct journal_room room;
    room_init(&room);
    struct journal *journal = room_open(&room);
    struct told told = { .loop = loop_new() };
    struct appender *appender = appender_new(journal, told.loop);
    struct brake brake;
    brake_on(&brake, journal, brake_done);
    assert_int_equal(append(appender, "{}", &told), STATUS_OK);
    assert_int_equal(appender_count(appender), 1);
    brake_off(&brake);
    appender_free(appender);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.status[0], STATUS_OK);
    loop_free(told.loop);
    journal_close(journal);
    room_release(&room);
}

static void what_is_not_taken_is_said_at_once(void **state) {
    struct journal_room room;
    room_init(&room);
    struct journal_options options = room_options(&room);
    options.queue_length = 2;
    struct journal *journal;
    struct journal_report report;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    struct told told = { .loop = loop_new(), .enough = 2 };
    struct appender *appender = appender_new(journal, told.loop);
    struct brake brake;
    brake_on(&brake, journal, brake_done);
    assert_int_equal(append(appender, "{}", &told), STATUS_OK);
    assert_int_equal(append(appender, "{}", &told), STATUS_OK);
    assert_int_equal(append(appender, "{}", &told), STATUS_BUSY);
    brake_off(&brake);
    loop_run(told.loop);
    assert_int_equal(told.count, 2);
    appender_free(appender);
    loop_free(told.loop);
    journal_close(journal);
    room_release(&room);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_is_told_in_order_on_the_loop),
        cmocka_unit_test(who_frees_it_waits_for_what_is_under_way),
        cmocka_unit_test(what_is_not_taken_is_said_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
