/*
 * The order in which inspections are done: that it is an order, that each step of it can be named, and that
 * nobody waits longer than the working days of the text allow (random days of a busy site).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/inspection_queue.h"

#define HISTORIES 2000
#define WAITING   200 /* bookings of one history */
#define HOUR      (3600 * STAMP_SECOND)
#define DAY       (24 * HOUR)

static uint64_t seed;

static unsigned chance(unsigned below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

/* --- one step after the other --------------------------------------------------------------------------- */

static void each_step_of_the_order_has_a_name(void **state) {
    static const stamp now = 100 * DAY;
    static const struct {
        struct queue_place ahead, behind;
        enum queue_reason reason;
    } cases[] = {
        /* waited three days without any priority, before what has the highest */
        { { now - 3 * DAY, now, 9, 0, 7 }, { now - DAY, now + DAY, 0, now + HOUR, 1 }, QUEUE_WAITED },
        /* both have waited: by booking, whatever else they have */
        { { now - 4 * DAY, now - DAY, 9, 0, 1 }, { now - 5 * DAY, now - DAY, 0, now, 2 }, QUEUE_BOOKED },
        /* a slot that has begun, before one to come */
        { { now, now + DAY, 9, 0, 7 }, { now + 1, now + DAY, 0, now, 1 }, QUEUE_SLOT },
        { { now + 1, now + DAY, 9, 0, 7 }, { now + 2, now + DAY, 0, now, 1 }, QUEUE_SLOT },
        /* all that have begun are one */
        { { now, now + DAY, 0, 0, 7 }, { now - HOUR, now + DAY, 1, now, 1 }, QUEUE_PRIORITY },
        { { now, now + DAY, 1, now + DAY, 7 }, { now, now + DAY, 1, now + DAY + 1, 1 }, QUEUE_CUT_OFF },
        { { now, now + DAY, 1, now + DAY, 7 }, { now, now + DAY, 1, 0, 1 }, QUEUE_CUT_OFF },
        { { now, now + DAY, 1, 0, 1 }, { now, now + DAY, 1, 0, 2 }, QUEUE_BOOKED },
        /* where nobody comes first for having waited */
        { { now - 9 * DAY, INT64_MAX, 0, 0, 2 }, { now - 10 * DAY, INT64_MAX, 1, 0, 1 }, QUEUE_PRIORITY },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        enum queue_reason forth, back;
        assert_true(queue_compare(&cases[i].ahead, &cases[i].behind, now, &forth) < 0);
        assert_true(queue_compare(&cases[i].behind, &cases[i].ahead, now, &back) > 0);
        assert_int_equal(forth, cases[i].reason);
        assert_int_equal(back, cases[i].reason);
        assert_int_equal(queue_compare(&cases[i].ahead, &cases[i].ahead, now, NULL), 0);
    }
}

/* --- a busy site ---------------------------------------------------------------------------------------- */

struct guest {
    struct queue_place place;
    bool waits;
    bool waited;     /* for as long as is allowed */
    size_t may_pass; /* booked before it and still there when it had waited so long */
    size_t passed;   /* were inspected since */
};

struct site {
    struct guest guests[WAITING];
    size_t count;
    stamp now;
};

static struct guest *arrive(struct site *site) {
    struct guest *guest = &site->guests[site->count++];
    stamp start = site->now + chance(4) * HOUR;
    *guest = (struct guest){ .waits = true };
    guest->place = (struct queue_place){ start, start + 3 * DAY, (int)chance(3),
                                         chance(2) ? start + chance(48) * HOUR : 0, site->count };
    return guest;
}

/* Who has waited long enough now, and how many may come before him from here on. */
static void see_who_waited(struct site *site) {
    for (size_t i = 0; i < site->count; i++) {
        struct guest *guest = &site->guests[i];
        if (!guest->waits || guest->waited || guest->place.waited_at > site->now) {
            continue;
        }
        guest->waited = true;
        for (size_t other = 0; other < i; other++) { /* they stand by their booking */
            guest->may_pass += site->guests[other].waits;
        }
    }
}

static struct guest *next_of(struct site *site) {
    struct guest *first = NULL;
    for (size_t i = 0; i < site->count; i++) {
        struct guest *guest = &site->guests[i];
        if (guest->waits && guest->place.slot_start <= site->now
            && (!first || queue_compare(&guest->place, &first->place, site->now, NULL) < 0)) {
            first = guest;
        }
    }
    return first;
}

static void inspect(struct site *site) {
    struct guest *next = next_of(site);
    if (!next) {
        return;
    }
    next->waits = false;
    assert_true(next->passed <= next->may_pass);
    for (size_t i = 0; i < site->count; i++) {
        struct guest *guest = &site->guests[i];
        if (guest->waits && guest->waited) {
            assert_true(next->waited); /* nobody else comes before one who has waited so long */
            guest->passed++;
            assert_true(guest->passed <= guest->may_pass);
        }
    }
}

/* Twice as many come as can be inspected, most with a priority, for half of the time; then the rest is done.
 * Once a booking has waited for the days of the text, only those that were booked before it and are still
 * there come first: at so many an hour its wait has an end, whatever else is booked. */
static void nobody_waits_longer_than_the_bound_allows(void **state) {
    static struct site site;
    (void)state;
    for (seed = 1; seed <= HISTORIES; seed++) {
        uint64_t history = seed;
        size_t left;
        memset(&site, 0, sizeof(site));
        do {
            site.now += HOUR;
            unsigned pace = 1 + chance(2);
            for (unsigned i = 0; i < 2 * pace && site.count < WAITING; i++) {
                arrive(&site);
            }
            see_who_waited(&site);
            for (unsigned i = 0; i < pace; i++) {
                inspect(&site);
            }
            left = 0;
            for (size_t i = 0; i < site.count; i++) {
                left += site.guests[i].waits;
            }
            assert_true(site.now < 100 * DAY);
        } while (left || site.count < WAITING);
        seed = history;
    }
}

/* Sorting needs it: of any three, who stands before the second stands before all that do behind it. */
static void the_order_is_total(void **state) {
    struct queue_place some[24];
    (void)state;
    for (seed = 1; seed <= 200; seed++) {
        uint64_t history = seed;
        for (size_t i = 0; i < 24; i++) {
            some[i] = (struct queue_place){ chance(4) * DAY, chance(6) * DAY, (int)chance(3), chance(3) * DAY,
                                            i + 1 };
        }
        for (size_t i = 0; i < 24 * 24 * 24; i++) {
            const struct queue_place *a = &some[i % 24], *b = &some[i / 24 % 24], *c = &some[i / 576];
            int ab = queue_compare(a, b, 3 * DAY, NULL), bc = queue_compare(b, c, 3 * DAY, NULL);
            assert_int_equal(ab == 0, a == b);
            assert_true(ab >= 0 || bc >= 0 || queue_compare(a, c, 3 * DAY, NULL) < 0);
        }
        seed = history;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_of_the_order_has_a_name),
        cmocka_unit_test(the_order_is_total),
        cmocka_unit_test(nobody_waits_longer_than_the_bound_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
