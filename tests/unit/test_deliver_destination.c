/*
 * A destination's window: order, rest, retry and parking, by a clock that the test moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "deliver/destination.h"

static const struct destination_limits limits = {
    .window = 4, .attempts = 5, .retry_first_ms = 1000, .retry_max_ms = 6000
};

static struct slot *add(struct destination *dest, uint64_t record, const char *subject) {
    return destination_add(dest, record + 1, record, (const char *[]){ subject, "R01", "" }, 0, 0);
}

/* Sends all that may go now; returns their record numbers as text: "1 2 5". */
static const char *send_all(struct destination *dest, int64_t now_ms) {
    static char out[256];
    size_t from = 0, length = 0;
    out[0] = '\0';
    for (struct slot *slot; (slot = destination_next(dest, now_ms, &from));) {
        destination_sent(dest, slot, now_ms + 30000);
        length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%d", length ? " " : "",
                                   (int)slot->record);
    }
    return out;
}

static void tell(struct destination *dest, uint64_t record, enum status status, int64_t now_ms) {
    destination_told(dest, destination_find(dest, record), status, now_ms);
}

static void again(struct destination *dest, uint64_t record) {
    destination_again(dest, destination_find(dest, record));
}

static void test_window_bounds_what_is_under_way(void **state) {
    struct destination *dest = destination_new("CUS-QD", &limits);
    for (uint64_t record = 1; record <= 16; record++) {
        add(dest, record, "");
    }
    assert_int_equal(destination_places(dest), 0);
    assert_string_equal(send_all(dest, 0), "1 2 3 4");
    assert_string_equal(send_all(dest, 0), "");
    tell(dest, 2, STATUS_OK, 0);
    assert_string_equal(send_all(dest, 0), "5");
    destination_remove(dest, destination_find(dest, 2));
    assert_int_equal(destination_places(dest), 1);
    destination_free(dest);
}

static void test_one_of_a_subject_at_a_time_and_in_order(void **state) {
    struct destination *dest = destination_new("CUS-QD", &limits);
    add(dest, 3, "A");
    add(dest, 1, "A");
    add(dest, 4, "B");
    add(dest, 2, "A");
    assert_string_equal(send_all(dest, 0), "1 4");
    tell(dest, 1, STATUS_BUSY, 0); /* deferred: its followers wait, the other subject does not */
    tell(dest, 4, STATUS_OK, 0);
    assert_int_equal(destination_find(dest, 1)->outcome, DELIVERY_DEFERRED);
    assert_string_equal(send_all(dest, 500), "");
    again(dest, 1);
    assert_string_equal(send_all(dest, 999), "");
    assert_int_equal(destination_due_ms(dest, 999), 1000);
    assert_string_equal(send_all(dest, 1000), "1");
    tell(dest, 1, STATUS_OK, 1001); /* the receiver has it: the next may go before the record is durable */
    assert_string_equal(send_all(dest, 1001), "2");
    tell(dest, 2, STATUS_REFUSED, 1002); /* parked: what comes behind it goes on */
    assert_int_equal(destination_find(dest, 2)->outcome, DELIVERY_PARKED);
    assert_string_equal(send_all(dest, 1002), "3");
    destination_remove(dest, destination_find(dest, 2));
    assert_string_equal(send_all(dest, 1002), "");
    destination_free(dest);
}

static void test_an_earlier_one_redriven_goes_before(void **state) {
    struct destination *dest = destination_new("CUS-QD", &limits);
    add(dest, 2, "A");
    add(dest, 3, "A");
    assert_string_equal(send_all(dest, 0), "2");
    add(dest, 1, "A");
    assert_string_equal(send_all(dest, 0), "1"); /* 2 is gone out already */
    tell(dest, 2, STATUS_OK, 0);
    destination_remove(dest, destination_find(dest, 2));
    assert_string_equal(send_all(dest, 0), "");
    tell(dest, 1, STATUS_OK, 0);
    assert_string_equal(send_all(dest, 0), "3");
    destination_free(dest);
}

static void test_the_schedule_of_one_delivery(void **state) {
    static const int64_t delays[] = { 1000, 2000, 4000, 6000 };
    struct destination *dest = destination_new("CUS-QD", &limits);
    add(dest, 1, "A");
    int64_t now_ms = 0;
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(send_all(dest, now_ms), "1");
        tell(dest, 1, STATUS_TIMEOUT, now_ms);
        assert_int_equal(destination_find(dest, 1)->outcome, DELIVERY_DEFERRED);
        assert_int_equal(destination_find(dest, 1)->due_ms, now_ms + delays[i]);
        again(dest, 1);
        now_ms += delays[i];
    }
    assert_string_equal(send_all(dest, now_ms), "1");
    tell(dest, 1, STATUS_TIMEOUT, now_ms);
    assert_int_equal(destination_find(dest, 1)->outcome, DELIVERY_PARKED);
    assert_int_equal(destination_find(dest, 1)->attempts, 5);
    destination_free(dest);
}

static void test_a_destination_out_of_reach_rests_and_probes(void **state) {
    struct destination *dest = destination_new("CUS-QD", &limits);
    for (uint64_t record = 1; record <= 6; record++) {
        add(dest, record, "");
    }
    send_all(dest, 0);
    for (uint64_t record = 1; record <= 4; record++) {
        tell(dest, record, STATUS_UNAVAILABLE, 10); /* four fall together: one failure */
        again(dest, record);
    }
    assert_int_equal(dest->failures, 1);
    assert_string_equal(send_all(dest, 1009), "");
    assert_int_equal(destination_due_ms(dest, 1009), 1010);
    assert_string_equal(send_all(dest, 1010), "1"); /* one probe, not four */
    tell(dest, 1, STATUS_UNAVAILABLE, 1020);
    again(dest, 1);
    assert_int_equal(dest->rest_until_ms, 3020);
    assert_string_equal(send_all(dest, 3020), "1");
    tell(dest, 1, STATUS_OK, 3030);
    assert_string_equal(send_all(dest, 3030), "2 3 4 5");
    destination_free(dest);
}

static void test_opened_ends_the_rest(void **state) {
    struct destination *dest = destination_new("CUS-QD", &limits);
    add(dest, 1, "A");
    add(dest, 2, "B");
    send_all(dest, 0);
    tell(dest, 1, STATUS_UNAVAILABLE, 0);
    tell(dest, 2, STATUS_BUSY, 0); /* the receiver's own wish is kept */
    again(dest, 1);
    again(dest, 2);
    destination_opened(dest, 100);
    assert_string_equal(send_all(dest, 100), "1");
    tell(dest, 1, STATUS_OK, 100);
    assert_string_equal(send_all(dest, 999), "");
    assert_string_equal(send_all(dest, 1000), "2");
    destination_free(dest);
}

static void test_what_an_answer_means(void **state) {
    /* clang-format off */
    static const struct { enum status status; enum delivery_outcome outcome; bool rests; } cases[] = {
        { STATUS_OK,          DELIVERY_DELIVERED, false }, { STATUS_UNAVAILABLE, DELIVERY_DEFERRED, true },
        { STATUS_TIMEOUT,     DELIVERY_DEFERRED,  false }, { STATUS_BUSY,        DELIVERY_DEFERRED, false },
        { STATUS_IO,          DELIVERY_DEFERRED,  true },  { STATUS_FULL,        DELIVERY_DEFERRED, true },
        { STATUS_CLOSED,      DELIVERY_DEFERRED,  true },  { STATUS_REFUSED,     DELIVERY_PARKED,   false },
        { STATUS_TOO_LARGE,   DELIVERY_PARKED,    false }, { STATUS_DENIED,      DELIVERY_PARKED,   false },
        { STATUS_DAMAGED,     DELIVERY_PARKED,    false }, { STATUS_NOT_FOUND,   DELIVERY_PARKED,   false },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct destination *dest = destination_new("CUS-QD", &limits);
        struct slot *slot = add(dest, 1, "A");
        send_all(dest, 0);
        tell(dest, 1, cases[i].status, 0);
        assert_int_equal(slot->outcome, cases[i].outcome);
        assert_int_equal(dest->failures, cases[i].rests);
        assert_int_equal(slot->attempts, 1);
        destination_free(dest);
    }
}

static void test_what_is_dropped_does_not_go_and_holds_up_nobody(void **state) {
    struct destination *dest = destination_new("CUS-QD", &limits);
    add(dest, 1, "A")->dropped = true;
    add(dest, 2, "A");
    assert_string_equal(send_all(dest, 0), "2");
    assert_int_equal(destination_due_ms(dest, 0), 30000);
    destination_free(dest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_bounds_what_is_under_way),
        cmocka_unit_test(test_one_of_a_subject_at_a_time_and_in_order),
        cmocka_unit_test(test_an_earlier_one_redriven_goes_before),
        cmocka_unit_test(test_the_schedule_of_one_delivery),
        cmocka_unit_test(test_a_destination_out_of_reach_rests_and_probes),
        cmocka_unit_test(test_opened_ends_the_rest),
        cmocka_unit_test(test_what_an_answer_means),
        cmocka_unit_test(test_what_is_dropped_does_not_go_and_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
