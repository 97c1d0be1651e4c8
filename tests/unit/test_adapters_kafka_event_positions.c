/*
 * What DATA/kafka.events remembers, as text, and what is no such text; how an array of events is taken apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "deliver/events.h"
#include "adapters/kafka/event_positions.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void printed_and_read_again(void **state) {
    static const char text[] = "clearway-kafka-events 1 J\nta A 7\nta B 0\ntb B 18446744073709551615\n";
    struct event_positions positions = { .count = 0 };
    struct buf out;
    buf_init(&out, 4096);
    assert_true(event_positions_read(&positions, "J", text_of(text)));
    assert_int_equal(positions.count, 3);
    assert_int_equal(event_positions_place(&positions, "ta", "B"), 1);
    assert_int_equal(event_positions_place(&positions, "tb", "A"), 3); /* another party's is another */
    positions.count--;
    free(positions.list[3].topic);
    free(positions.list[3].party);
    event_positions_print(&positions, "J", &out);
    assert_int_equal(out.length, sizeof(text) - 1);
    assert_memory_equal(out.at, text, out.length);
    buf_release(&out);
    event_positions_release(&positions);
}

static void what_is_no_such_text(void **state) {
    static const char *const texts[] = {
        "",
        "clearway-kafka-events 1 K\nta A 7\n",
        "clearway-kafka-events 2 J\nta A 7\n",
        "clearway-kafka-positions 1 J\n",
        "clearway-kafka-events 1 J\nta A\n",
        "clearway-kafka-events 1 J\nta A 7\nta B -1\n",
        "clearway-kafka-events 1 J\nta A 18446744073709551616\n",
        "clearway-kafka-events 1 J\nta A 7 8\n",
        "clearway-kafka-events 1 J\n\n",
        "clearway-kafka-events 1 J\n A 7\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct event_positions positions = { .count = 0 };
        assert_false(event_positions_read(&positions, "J", text_of(texts[i])));
        assert_int_equal(positions.count, 0);
    }
}

static void an_array_of_events(void **state) {
    static const struct {
        const char *array, *events[4];
    } cases[] = {
        { "[]", { NULL } },
        { "", { NULL } },
        { "[{\"a\":1},{\"b\":{\"c\":[{}]}}]", { "{\"a\":1}", "{\"b\":{\"c\":[{}]}}", NULL } },
        { "[{\"a\":\"}{\\\"}\\\\\"},{\"\\\\\\\"{\":\"\"}]",
          { "{\"a\":\"}{\\\"}\\\\\"}", "{\"\\\\\\\"{\":\"\"}", NULL } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text rest = text_of(cases[i].array), event;
        size_t count = 0;
        while (events_next(&rest, &event)) {
            assert_non_null(cases[i].events[count]);
            assert_true(text_is(event, cases[i].events[count++]));
        }
        assert_null(cases[i].events[count]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_and_read_again),
        cmocka_unit_test(what_is_no_such_text),
        cmocka_unit_test(an_array_of_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
