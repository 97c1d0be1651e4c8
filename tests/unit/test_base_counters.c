/* test_base_counters.c - counting from many threads, and the print as Prometheus' text format wants it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/counters.h"

static void *count_up(void *context) {
    for (int i = 0; i < 10000; i++) {
        counter_add(COUNTER_ACCEPTED, 2);
    }
    return NULL;
}

static void nothing_counted_is_lost(void **state) {
    pthread_t threads[4];
    counter_set(COUNTER_ACCEPTED, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(counter_get(COUNTER_ACCEPTED), 80000);
    counter_set(COUNTER_ANSWERS_WAITING, 5);
    counter_add(COUNTER_ANSWERS_WAITING, -2);
    assert_int_equal(counter_get(COUNTER_ANSWERS_WAITING), 3);
}

static size_t occurrences(const char *text, const char *what) {
    size_t count = 0;
    for (; (text = strstr(text, what)); text++) {
        count++;
    }
    return count;
}

static void the_print_has_each_metric_once_and_each_row(void **state) {
    struct buf buf;
    buf_init(&buf, 1 << 20);
    counter_set(COUNTER_ACCEPTED, 7);
    counter_set(COUNTER_JOURNAL_DURABLE, INT64_C(9000000000));
    static struct room_counter room[] = { { "counter", "clearway_messages_judged_total", "verdict=\"ours\"",
                                            "", 0 },
                                          { "gauge", "clearway_ours", "", "Ours", 0 },
                                          { .metric = NULL } };
    struct room_counter *const rooms[] = { NULL, room };
    room_counter_add(&room[0], 2);
    room_counter_add(&room[0], 1);
    counters_print(rooms, 2, &buf);
    assert_false(buf_failed(&buf));
    assert_non_null(strstr(buf.at, "# HELP clearway_messages_judged_total Messages recorded, by verdict\n"
                                   "# TYPE clearway_messages_judged_total counter\n"
                                   "clearway_messages_judged_total{verdict=\"accepted\"} 7\n"
                                   "clearway_messages_judged_total{verdict=\"refused\"} 0\n"
                                   "clearway_messages_judged_total{verdict=\"conflict\"} 0\n"
                                   "clearway_messages_judged_total{verdict=\"ours\"} 3\n"));
    assert_non_null(strstr(buf.at, "# TYPE clearway_journal_durable_number gauge\n"
                                   "clearway_journal_durable_number 9000000000\n"));
    /* rows of one metric stand together, or the format forbids it */
    size_t metrics = occurrences(buf.at, "# TYPE ");
    assert_int_equal(metrics, occurrences(buf.at, "# HELP "));
    assert_int_equal(occurrences(buf.at, "\n"), 2 * metrics + COUNTER_COUNT + 2);
    for (const char *at = buf.at; (at = strstr(at, "# TYPE ")); at++) {
        char head[128] = "";
        strncpy(head, at, strcspn(at + 7, " ") + 8);
        assert_int_equal(occurrences(buf.at, head), 1);
    }
    buf_release(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_counted_is_lost),
        cmocka_unit_test(the_print_has_each_metric_once_and_each_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
