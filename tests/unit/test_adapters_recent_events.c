/* What a party was told lately: in order, behind any place that is not before the floor, and the floor
   follows what makes room or was never told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "adapters/api/recent_events.h"

#define BEGIN 100
#define ALL   UINT64_MAX

static int setup(void **state) {
    *state = recent_events_new(BEGIN);
    return 0;
}

static int teardown(void **state) {
    recent_events_free(*state);
    return 0;
}

/* The events 1 to `count` of one decision, as the feed tells them. */
static void tell(struct recent_events *recent, uint64_t after, uint64_t record, int count) {
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_add_char(&body, '[');
    for (int i = 1; i <= count; i++) {
        buf_printf(&body,
                   "%s{\"id\":\"%d-%d\",\"type\":\"clearway.event.milestone.v1\",\"subject\":\"CNQDG/B%d\","
                   "\"data\":{\"family\":\"port-event\",\"code\":\"}{\\\"\"}}",
                   i > 1 ? "," : "", (int)record, i, (int)record);
    }
    buf_add_char(&body, ']');
    recent_events_add(
        recent, &(struct event_stretch){
                    .after = after, .position = record, .count = (size_t)count, .events = buf_text(&body) });
    buf_release(&body);
}

static void assert_next(const struct recent_events *recent, struct event_place after, uint64_t record,
                        uint64_t serial) {
    const struct recent_event *event = recent_events_after(recent, after);
    assert_non_null(event);
    assert_int_equal(event->place.record, record);
    assert_int_equal(event->place.serial, serial);
}

static void assert_floor(const struct recent_events *recent, uint64_t record, uint64_t serial) {
    assert_int_equal(recent_events_floor(recent).record, record);
    assert_int_equal(recent_events_floor(recent).serial, serial);
}

static void test_in_order_behind_any_place(void **state) {
    struct recent_events *recent = *state;
    assert_floor(recent, BEGIN, ALL);
    assert_null(recent_events_after(recent, (struct event_place){ BEGIN, ALL }));
    tell(recent, BEGIN, 103, 2);
    tell(recent, 103, 110, 1);
    assert_next(recent, (struct event_place){ BEGIN, ALL }, 103, 1);
    assert_next(recent, (struct event_place){ 102, ALL }, 103, 1);
    assert_next(recent, (struct event_place){ 103, 1 }, 103, 2);
    assert_next(recent, (struct event_place){ 103, 2 }, 110, 1);
    assert_next(recent, (struct event_place){ 103, ALL }, 110, 1);
    assert_null(recent_events_after(recent, (struct event_place){ 110, 1 }));
    assert_null(recent_events_after(recent, (struct event_place){ 200, ALL }));
    assert_int_equal(recent_events_position(recent), 110);
}

static void test_an_event_as_it_is_told(void **state) {
    struct recent_events *recent = *state;
    tell(recent, BEGIN, 103, 1);
    const struct recent_event *event = recent_events_after(recent, (struct event_place){ BEGIN, ALL });
    assert_string_equal(event->subject, "CNQDG/B103");
    assert_string_equal(event->type, "clearway.event.milestone.v1");
    assert_string_equal(event->family, "port-event");
    assert_null(event->sender);
    assert_string_equal(event->lines.at,
                        "id: 103-1\nevent: clearway.event.milestone.v1\ndata: "
                        "{\"id\":\"103-1\",\"type\":\"clearway.event.milestone.v1\",\"subject\":"
                        "\"CNQDG/B103\",\"data\":{\"family\":\"port-event\",\"code\":\"}{\\\"\"}}"
                        "\n\n");
    assert_int_equal(event->lines.length, strlen(event->lines.at));
}

static void test_the_oldest_make_room_by_bytes(void **state) {
    struct recent_events *recent = *state;
    for (uint64_t record = 101; record <= 200; record++) {
        tell(recent, record - 1, record, 1);
    }
    recent_events_limit(recent, 4096);
    struct event_place floor = recent_events_floor(recent);
    assert_in_range(floor.record, 180, 199);
    assert_next(recent, floor, floor.record + 1, 1);
    tell(recent, 200, 201, 1);
    assert_true(event_place_is_before(floor, recent_events_floor(recent)));
    recent_events_limit(recent, 0); /* not even one */
    assert_floor(recent, 201, 1);
    tell(recent, 201, 202, 3);
    assert_floor(recent, 202, 3);
    assert_null(recent_events_after(recent, (struct event_place){ 202, 3 }));
}

static void test_the_oldest_make_room_by_number(void **state) {
    struct recent_events *recent = *state;
    uint64_t record = BEGIN;
    for (int i = 0; i < RECENT_EVENTS_MAX / 64; i++, record++) {
        tell(recent, record, record + 1, 64);
    }
    assert_floor(recent, BEGIN, ALL);
    tell(recent, record, record + 1, 1);
    assert_floor(recent, BEGIN + 1, 1);
    assert_next(recent, recent_events_floor(recent), BEGIN + 1, 2);
}

/* What was too large for the feed shows as a gap; who stands before it has to ask. */
static void test_a_gap_moves_the_floor_behind_it(void **state) {
    struct recent_events *recent = *state;
    tell(recent, BEGIN, 103, 1);
    tell(recent, 107, 108, 1);
    assert_floor(recent, 107, ALL);
    assert_next(recent, (struct event_place){ 107, ALL }, 108, 1);
}

static void test_what_was_told_already_is_kept_once(void **state) {
    struct recent_events *recent = *state;
    tell(recent, BEGIN, 103, 1);
    tell(recent, BEGIN, 103, 1);
    assert_null(recent_events_after(recent, (struct event_place){ 103, 1 }));
    tell(recent, 90, 95, 1);
    assert_int_equal(recent_events_position(recent), 103);
}

static void test_places(void **state) {
    (void)state;
    struct event_place place;
    assert_true(event_place_read(TEXT("12"), &place) && place.record == 12 && place.serial == ALL);
    assert_true(event_place_read(TEXT("12-3"), &place) && place.record == 12 && place.serial == 3);
    const char *const none[] = { "", "x", "1-", "-1", "1-x", "1-2-3", " 1", "1;2", "99999999999999999999" };
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        assert_false(event_place_read(text_of(none[i]), &place));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_order_behind_any_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_event_as_it_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_oldest_make_room_by_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_oldest_make_room_by_number, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_gap_moves_the_floor_behind_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_told_already_is_kept_once, setup, teardown),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
