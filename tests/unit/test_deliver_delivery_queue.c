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

#include "deliver/delivery_queue.h"
#include "deliver/port.h"

static const struct delivery_limits limits = {
    .window = 4, .attempts = 5, .retry_first_ms = 1000, .retry_max_ms = 6000
};

static struct pending *add(struct delivery_queue *queue, uint64_t record, const char *subject) {
    return delivery_queue_add(queue, record + 1, record, (const char *[]){ subject, "R01", "" }, 0, 0);
}

/* Sends all that may go now; returns their record numbers as text: "1 2 5". */
static const char *send_all(struct delivery_queue *queue, int64_t now_ms) {
    static char out[256];
    size_t from = 0, length = 0;
    out[0] = '\0';
    for (struct pending *pending; (pending = delivery_queue_next(queue, now_ms, &from));) {
        delivery_queue_sent(queue, pending, now_ms + 30000);
        length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%d", length ? " " : "",
                                   (int)pending->record);
    }
    return out;
}

static void tell(struct delivery_queue *queue, uint64_t record, enum status status, int64_t now_ms) {
    delivery_queue_settle(queue, delivery_queue_find(queue, record), status, now_ms);
}

/* When it is tried again: so much later, or up to a quarter less. */
static int64_t due_of(const struct delivery_queue *queue, uint64_t record, int64_t from_ms,
                      int64_t delay_ms) {
    int64_t due_ms = delivery_queue_find(queue, record)->due_ms;
    assert_in_range(due_ms - from_ms, delay_ms - delay_ms / 4, delay_ms);
    return due_ms;
}

/* That it failed is recorded, and the engine has applied it. */
static void again(struct delivery_queue *queue, uint64_t record) {
    struct pending *pending = delivery_queue_find(queue, record);
    assert_int_equal(pending->outcome, DELIVERY_DEFERRED);
    pending->result = record;
    delivery_queue_apply(queue, record);
    assert_int_equal(pending->state, PENDING_READY);
}

static void test_window_bounds_what_is_under_way(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    for (uint64_t record = 1; record <= 16; record++) {
        add(queue, record, "");
    }
    assert_int_equal(delivery_queue_places(queue), 0);
    assert_string_equal(send_all(queue, 0), "1 2 3 4");
    assert_string_equal(send_all(queue, 0), "");
    tell(queue, 2, STATUS_OK, 0);
    assert_string_equal(send_all(queue, 0), "5");
    delivery_queue_remove(queue, delivery_queue_find(queue, 2));
    assert_int_equal(delivery_queue_places(queue), 1);
    delivery_queue_free(queue);
}

static void test_one_of_a_subject_at_a_time_and_in_order(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    add(queue, 3, "A");
    add(queue, 1, "A");
    add(queue, 4, "B");
    add(queue, 2, "A");
    assert_string_equal(send_all(queue, 0), "1 4");
    tell(queue, 1, STATUS_BUSY, 0); /* deferred: its followers wait, the other subject does not */
    tell(queue, 4, STATUS_OK, 0);
    assert_int_equal(delivery_queue_find(queue, 1)->outcome, DELIVERY_DEFERRED);
    assert_string_equal(send_all(queue, 500), "");
    again(queue, 1);
    int64_t due_ms = due_of(queue, 1, 0, 1000);
    assert_string_equal(send_all(queue, due_ms - 1), "");
    assert_int_equal(delivery_queue_due_ms(queue, due_ms - 1), due_ms);
    assert_string_equal(send_all(queue, due_ms), "1");
    tell(queue, 1, STATUS_OK, 1001); /* the receiver has it: the next may go before the record is durable */
    assert_string_equal(send_all(queue, 1001), "2");
    delivery_queue_free(queue);
}

/* Case 553: what came behind a refused message of the same goods went on, and told of goods that the receiver
 * did not know. */
static void test_what_is_parked_holds_up_its_own_goods_alone(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    add(queue, 1, "A");
    add(queue, 2, "A");
    add(queue, 3, "B");
    add(queue, 4, "A");
    queue->cursor_decision = queue->cursor_record = 5;
    assert_string_equal(send_all(queue, 0), "1 3");
    tell(queue, 1, STATUS_REFUSED, 1);
    tell(queue, 3, STATUS_OK, 1);
    assert_int_equal(delivery_queue_find(queue, 1)->outcome, DELIVERY_PARKED);
    assert_string_equal(send_all(queue, 1), "");
    add(queue, 5, "B");
    assert_string_equal(send_all(queue, 1), "5");
    delivery_queue_find(queue, 1)->result =
        9; /* once that is a fact, they are rows again that wait behind it */
    delivery_queue_apply(queue, 9);
    assert_null(delivery_queue_find(queue, 2));
    assert_null(delivery_queue_find(queue, 4));
    assert_non_null(delivery_queue_find(queue, 5));
    assert_true(queue->more && queue->cursor_decision == 0 && queue->cursor_record == 0);
    /* what is parked because its party cannot be served holds up nothing: it goes on by itself, in order */
    add(queue, 6, "C");
    add(queue, 7, "C");
    delivery_queue_park(queue, delivery_queue_find(queue, 6));
    assert_string_equal(send_all(queue, 2), "7");
    delivery_queue_free(queue);
}

static void follow(struct delivery_queue *queue, uint64_t decision, uint64_t record, const char *subject) {
    delivery_queue_follow(queue, decision, record, (const char *[]){ subject, "R01", "" }, 0);
}

/* As delivery_rows.c leaves it once nothing stands behind the cursor, and nothing is parked. */
static struct delivery_queue *queue_that_was_read(void) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    assert_true(queue->more && queue->parked);
    queue->more = queue->parked = false;
    queue->cursor_decision = queue->cursor_record = 10;
    return queue;
}

/* Case 873: what the engine had in hand was read again from state.db, for each destination. */
static void test_what_was_just_decided_follows(void **state) {
    struct delivery_queue *queue = queue_that_was_read();
    follow(queue, 10, 9, "A"); /* it was read before it was handed over */
    assert_int_equal(queue->count, 0);
    follow(queue, 12, 12, "A"); /* the records of a decision come in any order */
    follow(queue, 12, 11, "B");
    assert_int_equal(queue->cursor_record, 12);
    follow(queue, 14, 13, "A");
    assert_string_equal(send_all(queue, 0), "11 12");
    assert_true(queue->cursor_decision == 14 && queue->cursor_record == 13 && !queue->more);
    delivery_queue_free(queue);
}

/* What may not follow is left to be read, and the cursor passes none of it. */
static void test_what_may_not_follow_is_left_to_be_read(void **state) {
    struct delivery_queue *queue = queue_that_was_read();
    queue->parked = true; /* it may hold this one up */
    follow(queue, 12, 11, "A");
    assert_true(queue->count == 0 && queue->more && queue->cursor_decision == 10);
    queue->parked = false;
    follow(queue, 14, 13, "A"); /* behind one that was not read */
    assert_true(queue->count == 0 && queue->more && queue->cursor_decision == 10);
    queue->more = false;
    queue->returning = true; /* what was parked comes before it */
    follow(queue, 16, 15, "A");
    assert_true(queue->count == 0 && queue->more);
    delivery_queue_free(queue);

    queue = queue_that_was_read();
    for (uint64_t record = 11; record <= 25; record++) {
        follow(queue, record + 20, record, "");
    }
    assert_int_equal(delivery_queue_places(queue), 1);
    follow(queue, 50, 49, ""); /* takes the last place; the other of its decision stands before it */
    follow(queue, 50, 48, "");
    assert_true(queue->count == 16 && queue->more);
    assert_true(queue->cursor_decision == 50 && queue->cursor_record == 47);
    delivery_queue_read_again(queue);
    assert_true(queue->cursor_decision == 0 && queue->cursor_record == 0 && queue->count == 16);
    delivery_queue_free(queue);
}

/* Case 554: a receiver that was away, or silent, for longer than its deliveries were tried found them
 * parked. */
static void test_only_what_fails_by_itself_is_parked(void **state) {
    static const struct {
        enum status status;
        bool others; /* are acknowledged meanwhile */
        enum delivery_outcome outcome;
    } cases[] = {
        { STATUS_UNAVAILABLE, false, DELIVERY_DEFERRED }, { STATUS_IO, true, DELIVERY_DEFERRED },
        { STATUS_CLOSED, true, DELIVERY_DEFERRED },       { STATUS_TIMEOUT, false, DELIVERY_DEFERRED },
        { STATUS_TIMEOUT, true, DELIVERY_PARKED },        { STATUS_BUSY, false, DELIVERY_PARKED },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
        struct pending *pending = add(queue, 1, "A");
        int64_t now_ms = 0;
        for (uint64_t attempt = 1; attempt <= 20; attempt++, now_ms += 6000) {
            if (cases[i].others) {
                add(queue, 100 + attempt, "B");
            }
            send_all(queue, now_ms);
            tell(queue, 1, cases[i].status, now_ms);
            if (cases[i].others && delivery_queue_find(queue, 100 + attempt)->state == PENDING_IN_FLIGHT) {
                tell(queue, 100 + attempt, STATUS_OK, now_ms);
                delivery_queue_remove(queue, delivery_queue_find(queue, 100 + attempt));
            }
            if (pending->outcome == DELIVERY_PARKED) {
                break;
            }
            again(queue, 1);
        }
        assert_int_equal(pending->outcome, cases[i].outcome);
        delivery_queue_free(queue);
    }
}

/* --- three days ---------------------------------------------------------------------------------------- */

#define DAY_MS INT64_C(86400000)

static const struct delivery_limits days = {
    .window = 64, .attempts = 1000, .retry_first_ms = 1000, .retry_max_ms = 300000, .give_up_ms = 3 * DAY_MS
};
static const struct port webhook = { .transport = "webhook", .gives_up = true };

/* What dispatch does at this moment with a destination that answers so: all go that may, what it gives up is
 * parked, and what is settled is applied. Returns how many were handed over. */
static size_t turn(struct delivery_queue *queue, enum status status, int64_t now_ms) {
    size_t from = 0, sent = 0;
    for (struct pending *pending; (pending = delivery_queue_next(queue, now_ms, &from)); sent++) {
        delivery_queue_sent(queue, pending, DELIVERY_NEVER);
        delivery_queue_settle(queue, pending, status, now_ms);
        pending->result = 1;
    }
    for (size_t i = 0; i < queue->count; i++) {
        struct pending *pending = queue->pending[i];
        if (delivery_queue_gives_up(queue, pending, now_ms)) {
            delivery_queue_park(queue, pending);
            pending->blocks = true;
            pending->result = 1;
        }
    }
    delivery_queue_apply(queue, 1);
    return sent;
}

static struct pending *add_waiting(struct delivery_queue *queue, uint64_t record, const char *subject,
                                   int64_t since_ms) {
    struct pending *pending = add(queue, record, subject);
    pending->since_ms = since_ms;
    return pending;
}

/* Case 560: a webhook that nobody answers for three days: however many wait for it, each has had the tries of
 * three days when it is parked, and none waits a day longer. It was so many tries, which all shared: the
 * hundredth would have waited for months, and none was ever parked where the gateway stopped once a day. */
static void test_what_waits_for_three_days_is_parked(void **state) {
    static const enum status answers[] = { STATUS_UNAVAILABLE, STATUS_BUSY, STATUS_TIMEOUT };
    for (size_t k = 0; k < sizeof(answers) / sizeof(*answers); k++) {
        struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &days);
        queue->port = &webhook;
        for (uint64_t record = 1; record <= 100; record++) {
            char subject[16];
            snprintf(subject, sizeof(subject), "B%d", (int)record);
            add_waiting(queue, record, subject, 0);
        }
        add_waiting(queue, 101, "B7", 0); /* behind what is parked before it */
        size_t tries = 0;
        int64_t now_ms = 0;
        for (; now_ms < 3 * DAY_MS; now_ms += 1000) {
            tries += turn(queue, answers[k], now_ms);
            assert_int_equal(queue->count, 101);
            if (now_ms == DAY_MS) { /* another one comes, and has three days of its own */
                add_waiting(queue, 102, "C", now_ms);
                delivery_queue_remove(queue, delivery_queue_find(queue, 100));
            }
        }
        assert_true(tries > 3 * 24 * 12 && tries < 101 * 3 * 24 * 20);
        for (; now_ms < 3 * DAY_MS + 2 * days.retry_max_ms; now_ms += 1000) {
            turn(queue, answers[k], now_ms);
        }
        assert_int_equal(queue->count, 1); /* the one behind B7 is left to its row */
        assert_non_null(delivery_queue_find(queue, 102));
        for (; now_ms < 4 * DAY_MS; now_ms += 1000) {
            turn(queue, answers[k], now_ms);
            assert_int_equal(queue->count, 1);
        }
        turn(queue, STATUS_OK, now_ms + days.retry_max_ms);
        assert_int_equal(queue->count, 0);
        delivery_queue_free(queue);
    }
}

/* The gateway stood still for a week, or it waited behind what an operator has had sent again: it has its
 * tries before it is parked. Of another port nothing is given up. */
static void test_what_is_old_has_its_tries_first(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &days);
    queue->port = &webhook;
    add_waiting(queue, 1, "A", -7 * DAY_MS);
    size_t tries = 0;
    for (int64_t now_ms = 0; queue->count > 0; now_ms += 1000) {
        tries += turn(queue, STATUS_UNAVAILABLE, now_ms);
        assert_true(now_ms < DAY_MS);
    }
    assert_int_equal(tries, 10); /* 1, 2, 4 ... 256, and then 300 s */
    static const struct port zmq = { .transport = "zmq" };
    queue->port = &zmq;
    queue->failures = 0;
    queue->rest_until_ms = 0;
    add_waiting(queue, 2, "B", 0);
    for (int64_t now_ms = 0; now_ms < 30 * DAY_MS; now_ms += 60000) {
        turn(queue, STATUS_UNAVAILABLE, now_ms);
        assert_int_equal(queue->count, 1);
    }
    delivery_queue_free(queue);
}

static void test_an_earlier_one_redriven_goes_before(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    add(queue, 2, "A");
    add(queue, 3, "A");
    assert_string_equal(send_all(queue, 0), "2");
    add(queue, 1, "A");
    assert_string_equal(send_all(queue, 0), "1"); /* 2 is gone out already */
    tell(queue, 2, STATUS_OK, 0);
    delivery_queue_remove(queue, delivery_queue_find(queue, 2));
    assert_string_equal(send_all(queue, 0), "");
    tell(queue, 1, STATUS_OK, 0);
    assert_string_equal(send_all(queue, 0), "3");
    delivery_queue_free(queue);
}

static void test_the_schedule_of_one_delivery(void **state) {
    static const int64_t delays[] = { 1000, 2000, 4000, 6000 };
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    add(queue, 1, "A");
    int64_t now_ms = 0;
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(send_all(queue, now_ms), "1");
        tell(queue, 1, STATUS_BUSY, now_ms);
        assert_int_equal(delivery_queue_find(queue, 1)->outcome, DELIVERY_DEFERRED);
        int64_t due_ms = due_of(queue, 1, now_ms, delays[i]);
        again(queue, 1);
        now_ms = due_ms;
    }
    assert_string_equal(send_all(queue, now_ms), "1");
    tell(queue, 1, STATUS_BUSY, now_ms);
    assert_int_equal(delivery_queue_find(queue, 1)->outcome, DELIVERY_PARKED);
    assert_int_equal(delivery_queue_find(queue, 1)->attempts, 5);
    delivery_queue_free(queue);
}

static void test_a_destination_out_of_reach_rests_and_probes(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    for (uint64_t record = 1; record <= 6; record++) {
        add(queue, record, "");
    }
    send_all(queue, 0);
    for (uint64_t record = 1; record <= 4; record++) {
        tell(queue, record, STATUS_UNAVAILABLE, 10); /* four fall together: one failure */
        again(queue, record);
    }
    assert_int_equal(queue->failures, 1);
    int64_t rest_ms = queue->rest_until_ms;
    assert_in_range(rest_ms - 10, 750, 1000);
    assert_string_equal(send_all(queue, rest_ms - 1), "");
    assert_string_equal(send_all(queue, 1010), "1"); /* one probe, not four */
    tell(queue, 1, STATUS_UNAVAILABLE, 1020);
    again(queue, 1);
    assert_in_range(queue->rest_until_ms - 1020, 1500, 2000);
    assert_string_equal(send_all(queue, 3020), "1");
    tell(queue, 1, STATUS_OK, 3030);
    assert_string_equal(send_all(queue, 3030), "2 3 4 5");
    delivery_queue_free(queue);
}

static void test_opened_ends_the_rest(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    add(queue, 1, "A");
    add(queue, 2, "B");
    send_all(queue, 0);
    tell(queue, 1, STATUS_UNAVAILABLE, 0);
    tell(queue, 2, STATUS_BUSY, 0); /* the receiver's own wish is kept */
    again(queue, 1);
    again(queue, 2);
    delivery_queue_opened(queue, 100);
    assert_string_equal(send_all(queue, 100), "1");
    tell(queue, 1, STATUS_OK, 100);
    int64_t due_ms = due_of(queue, 2, 0, 1000);
    assert_string_equal(send_all(queue, due_ms - 1), "");
    assert_string_equal(send_all(queue, due_ms), "2");
    delivery_queue_free(queue);
}

/* Case 646: what failed together came again together, each time. */
static void test_what_failed_together_comes_apart(void **state) {
    static const struct delivery_limits wide = {
        .window = 64, .attempts = 5, .retry_first_ms = 100000, .retry_max_ms = 600000
    };
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &wide);
    struct delivery_queue *other = delivery_queue_new("TML-QQCT", "", &wide);
    int64_t first_ms = INT64_MAX, last_ms = 0;
    for (uint64_t record = 1; record <= 64; record++) {
        add(queue, record, "");
        add(other, record, "");
    }
    send_all(queue, 0);
    send_all(other, 0);
    for (uint64_t record = 1; record <= 64; record++) {
        tell(queue, record, STATUS_BUSY, 0);
        int64_t due_ms = due_of(queue, record, 0, 100000);
        first_ms = due_ms < first_ms ? due_ms : first_ms;
        last_ms = due_ms > last_ms ? due_ms : last_ms;
    }
    assert_true(last_ms - first_ms > 15000);
    again(queue, 1);
    int64_t again_ms = due_of(queue, 1, 0, 100000);
    assert_string_equal(send_all(queue, 74999), "");
    delivery_queue_sent(queue, delivery_queue_find(queue, 1), again_ms + 30000);
    tell(queue, 1, STATUS_UNAVAILABLE, 0);
    tell(other, 1, STATUS_UNAVAILABLE, 0);
    assert_int_not_equal(queue->rest_until_ms, other->rest_until_ms);
    delivery_queue_free(queue);
    delivery_queue_free(other);
}

/* Case 456: a receiver that has come back takes several before it acknowledges the first. It got one, and the
 * next when that was given up. */
static void test_opened_opens_the_whole_window(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    for (uint64_t i = 1; i <= 4; i++) {
        char subject[] = { (char)('A' + i), '\0' };
        add(queue, i, subject);
    }
    send_all(queue, 0);
    for (uint64_t i = 1; i <= 4; i++) {
        tell(queue, i, STATUS_UNAVAILABLE, 0);
        again(queue, i);
    }
    delivery_queue_opened(queue, 100);
    assert_string_equal(send_all(queue, 100), "1 2 3 4");
    delivery_queue_free(queue);
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
        struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
        struct pending *pending = add(queue, 1, "A");
        send_all(queue, 0);
        tell(queue, 1, cases[i].status, 0);
        assert_int_equal(pending->outcome, cases[i].outcome);
        assert_int_equal(queue->failures, cases[i].rests);
        assert_int_equal(pending->attempts, 1);
        delivery_queue_free(queue);
    }
}

static void test_what_is_dropped_does_not_go_and_holds_up_nobody(void **state) {
    struct delivery_queue *queue = delivery_queue_new("CUS-QD", "", &limits);
    add(queue, 1, "A")->dropped = true;
    add(queue, 2, "A");
    assert_string_equal(send_all(queue, 0), "2");
    assert_int_equal(delivery_queue_due_ms(queue, 0), 30000);
    delivery_queue_free(queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_bounds_what_is_under_way),
        cmocka_unit_test(test_one_of_a_subject_at_a_time_and_in_order),
        cmocka_unit_test(test_what_is_parked_holds_up_its_own_goods_alone),
        cmocka_unit_test(test_what_was_just_decided_follows),
        cmocka_unit_test(test_what_may_not_follow_is_left_to_be_read),
        cmocka_unit_test(test_only_what_fails_by_itself_is_parked),
        cmocka_unit_test(test_what_waits_for_three_days_is_parked),
        cmocka_unit_test(test_what_is_old_has_its_tries_first),
        cmocka_unit_test(test_an_earlier_one_redriven_goes_before),
        cmocka_unit_test(test_the_schedule_of_one_delivery),
        cmocka_unit_test(test_a_destination_out_of_reach_rests_and_probes),
        cmocka_unit_test(test_opened_ends_the_rest),
        cmocka_unit_test(test_what_failed_together_comes_apart),
        cmocka_unit_test(test_opened_opens_the_whole_window),
        cmocka_unit_test(test_what_an_answer_means),
        cmocka_unit_test(test_what_is_dropped_does_not_go_and_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
