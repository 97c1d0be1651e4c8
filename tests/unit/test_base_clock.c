/* test_base_clock.c - what is believed of a wall clock, told as readings of two clocks in a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/counters.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define S            STAMP_SECOND
#define DAY          (86400 * S)
#define NOW          (INT64_C(1790000000) * S) /* 2026-09-21 */

static stamp wall;
static int64_t elapsed;
static stamp read_wall(void) {
    return wall;
}
static int64_t read_elapsed(void) {
    return elapsed;
}
static const struct clock_sources sources = { read_wall, read_elapsed };

struct step {
    int64_t passes, jumps; /* both clocks; the wall clock alone */
    bool accept;
    enum clock_doubt doubt;
    stamp now; /* the house's time, from NOW */
};

struct story {
    const char *what;
    stamp last, at_start;
    int64_t gap;
    struct step steps[6];
};

/* `last` and `at_start` of the wall clock from NOW; last NEVER: an empty journal. */
#define NEVER INT64_MIN

static const struct story stories[] = {
    { "a clock that goes right",
      0,
      5 * S,
      0,
      { { 0, 0, 0, CLOCK_NONE, 5 * S }, { 10 * S, 0, 0, CLOCK_NONE, 15 * S } } },
    { "ten years ahead while it runs (case 111)",
      0,
      0,
      0,
      { { S, 0, 0, CLOCK_NONE, S },
        { S, 3650 * DAY, 0, CLOCK_JUMPED, 2 * S },
        { DAY, 0, 0, CLOCK_JUMPED, DAY + 2 * S },
        { S, -3650 * DAY, 0, CLOCK_NONE, DAY + 3 * S } } },
    { "ten years ahead at the start (case 112)",
      0,
      3650 * DAY,
      0,
      { { S, 0, 0, CLOCK_AHEAD, S },
        { DAY, 0, 0, CLOCK_AHEAD, DAY + S },
        { 0, -3650 * DAY, 0, CLOCK_NONE, DAY + S } } },
    { "behind the last record (case 113)",
      0,
      -DAY,
      0,
      { { S, 0, 0, CLOCK_BEHIND, S }, { S, 3 * DAY, 0, CLOCK_NONE, 2 * DAY + 2 * S } } },
    { "a minute behind is none", 0, -60 * S, 0, { { 0, 0, 0, CLOCK_NONE, -60 * S } } },
    { "a minute and a bit is", 0, -60 * S - 1, 0, { { 0, 0, 0, CLOCK_BEHIND, 0 } } },
    { "a month's stop",
      0,
      30 * DAY,
      0,
      { { 0, 0, 0, CLOCK_NONE, 30 * DAY }, { S, 0, 0, CLOCK_NONE, 30 * DAY + S } } },
    { "more than that (case 115)", 0, 30 * DAY + S, 0, { { 0, 0, 0, CLOCK_AHEAD, 0 } } },
    { "the gap is a setting",
      0,
      3 * DAY,
      2 * DAY,
      { { 0, 0, 0, CLOCK_AHEAD, 0 }, { 2 * DAY, 0, 0, CLOCK_AHEAD, 2 * DAY } } },
    { "the gap is for the start alone",
      0,
      DAY,
      0,
      { { 0, 0, 0, CLOCK_NONE, DAY }, { 0, 61 * S, 0, CLOCK_JUMPED, DAY } } },
    { "corrections, bit by bit (case 114)",
      0,
      0,
      0,
      { { DAY, 50 * S, 0, CLOCK_NONE, DAY + 50 * S },
        { DAY, 50 * S, 0, CLOCK_NONE, 2 * DAY + 100 * S },
        { 0, -60 * S, 0, CLOCK_NONE, 2 * DAY + 40 * S },
        { 0, -61 * S, 0, CLOCK_JUMPED, 2 * DAY + 40 * S } } },
    { "a suspend: both go on",
      0,
      0,
      0,
      { { 0, 0, 0, CLOCK_NONE, 0 }, { 7 * DAY, 0, 0, CLOCK_NONE, 7 * DAY } } },
    { "somebody knows better",
      0,
      3650 * DAY,
      0,
      { { S, 0, 1, CLOCK_NONE, 3650 * DAY + S },
        { S, 0, 0, CLOCK_NONE, 3650 * DAY + 2 * S },
        { 0, -3650 * DAY, 0, CLOCK_JUMPED, 3650 * DAY + 2 * S },
        { S, 0, 1, CLOCK_NONE, 3 * S } } },
    { "nothing was recorded", NEVER, -20000 * DAY, 0, { { S, 0, 0, CLOCK_NONE, -20000 * DAY + S } } },
    { "at the end of all stamps", 0, INT64_MAX - NOW, 0, { { S, 0, 0, CLOCK_AHEAD, S } } },
};

static void tell(const struct story *story) {
    wall = NOW + story->at_start;
    elapsed = 12345;
    struct clock *clock = clock_new(&sources, story->last == NEVER ? 0 : NOW + story->last, story->gap);
    for (size_t i = 0; i < COUNT(story->steps); i++) {
        const struct step *step = &story->steps[i];
        if (i > 0 && !step->passes && !step->jumps && !step->accept) {
            break; /* no more of them */
        }
        elapsed += step->passes;
        wall = wall > INT64_MAX - step->passes ? INT64_MAX : wall + step->passes;
        wall += step->jumps;
        if (step->accept && !clock_accept(clock)) {
            fail_msg("%s: step %zu: there was nothing to accept", story->what, i);
        }
        struct clock_reading reading = clock_read(clock);
        if (reading.doubt != step->doubt || reading.now != NOW + step->now || reading.wall != wall) {
            fail_msg("%s: step %zu: %s, %lld s from NOW", story->what, i, clock_doubt_text(reading.doubt),
                     (long long)((reading.now - NOW) / S));
        }
        assert_int_equal(counter_get(COUNTER_CLOCK_DOUBTED), step->doubt != CLOCK_NONE);
        assert_true(step->doubt != CLOCK_NONE || !clock_accept(clock));
    }
    clock_free(clock);
}

static void every_story(void **state) {
    for (size_t i = 0; i < COUNT(stories); i++) {
        tell(&stories[i]);
    }
}

static void the_systems_own_clocks_agree(void **state) {
    struct clock *clock = clock_new(&(struct clock_sources){ NULL, NULL }, stamp_now() - DAY, 0);
    stamp before = stamp_now();
    struct clock_reading reading = clock_read(clock);
    assert_int_equal(reading.doubt, CLOCK_NONE);
    assert_true(reading.now >= before && reading.now <= stamp_now());
    clock_free(clock);
    clock_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_story),
        cmocka_unit_test(the_systems_own_clocks_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
