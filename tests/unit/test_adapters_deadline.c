/*
 * A deadline that moves on with what is transferred: whole transfers played by a table, time being a number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/deadline.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { GRACE = 30000, RATE = 8, MB = 1000 * 1000 };

/* Of `size` bytes `first` come at once, then `step` every `pause_ms`. At which millisecond it is cut, or -1:
 * it came whole. */
static const struct transfer {
    const char *what;
    int64_t size, first, step, pause_ms, cut_ms;
} transfers[] = {
    /* case 32: an honest 9 MB at 250 kB/s was cut after 30 s */
    { "9.3 MB at 250 kB/s", 93 * MB / 10, 0, 2500, 10, -1 },
    { "10 MiB at just the rate, in small packets", 10 << 20, 0, 8, 1, -1 },
    { "10 MiB at just the rate, in large pieces", 10 << 20, 0, 64000, 8000, -1 },
    { "a byte at a time, at 10 kB/s", 100000, 0, 10, 1, -1 },
    /* case 600: whoever only holds a place */
    { "nothing at all", 9000, 0, 0, 100, GRACE },
    { "a byte a second", 9000, 0, 1, 1000, GRACE + 3 },
    { "4 MB at once, then nothing", 9 * MB, 4 * MB, 0, 1000, GRACE },
    { "4 MB at once, then a byte a second", 9 * MB, 4 * MB, 1, 1000, GRACE + 3 },
    { "half of the rate: twice the grace", 9 * MB, 0, 4, 1, 2 * GRACE - 2 },
    { "three quarters of the rate: four times", 9 * MB, 0, 6, 1, 4 * GRACE - 6 },
    { "a pause just shorter than the grace", 3 * MB, 0, MB, GRACE - 1, -1 },
    { "a pause just longer", 3 * MB, 0, MB, GRACE + 1, GRACE },
    { "small, over a poor line, within the grace", 100000, 0, 4, 1, -1 },
};

static int64_t play(const struct transfer *transfer) {
    struct deadline deadline = deadline_in(0, GRACE);
    int64_t came = transfer->first;
    deadline_earn(&deadline, 0, (size_t)came, GRACE, RATE);
    for (int64_t now_ms = transfer->pause_ms; came < transfer->size; now_ms += transfer->pause_ms) {
        if (deadline.at_ms <= now_ms) {
            return deadline.at_ms;
        }
        came += transfer->step;
        deadline_earn(&deadline, now_ms, (size_t)transfer->step, GRACE, RATE);
    }
    return -1;
}

static void transfers_end_as_they_should(void **state) {
    for (size_t i = 0; i < COUNT(transfers); i++) {
        int64_t cut_ms = play(&transfers[i]);
        if (cut_ms != transfers[i].cut_ms) {
            fail_msg("%s: cut at %lld, not at %lld", transfers[i].what, (long long)cut_ms,
                     (long long)transfers[i].cut_ms);
        }
    }
}

static void it_never_lies_farther_than_the_grace(void **state) {
    struct deadline deadline = deadline_in(1000, GRACE);
    deadline_earn(&deadline, 1500, SIZE_MAX, GRACE, RATE);
    assert_int_equal(deadline.at_ms, 1500 + GRACE);
    deadline_earn(&deadline, 1500, RATE, GRACE, RATE);
    assert_int_equal(deadline.at_ms, 1500 + GRACE);
}

static void bytes_that_earn_no_millisecond_are_kept(void **state) {
    struct deadline deadline = deadline_in(0, GRACE);
    for (int i = 1; i < RATE; i++) {
        deadline_earn(&deadline, 10, 1, GRACE, RATE);
        assert_int_equal(deadline.at_ms, GRACE);
    }
    deadline_earn(&deadline, 10, 1, GRACE, RATE);
    assert_int_equal(deadline.at_ms, GRACE + 1);
}

static void no_grace_is_no_deadline(void **state) {
    assert_int_equal(deadline_in(5, 0).at_ms, INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transfers_end_as_they_should),
        cmocka_unit_test(it_never_lies_farther_than_the_grace),
        cmocka_unit_test(bytes_that_earn_no_millisecond_are_kept),
        cmocka_unit_test(no_grace_is_no_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
