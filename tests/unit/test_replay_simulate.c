/*
 * A simulated month of three ports: what is well-formed is accepted, what is broken is refused, and
 * the same seed makes the same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "month_kit.h"
#include "replay/simulate/goods.h"
#include "folder_kit.h"

static struct simulate_options month_of(uint64_t seed, unsigned ports) {
    return (struct simulate_options){ .seed = seed,
                                      .first = 1,
                                      .ports = ports,
                                      .consignments = 120,
                                      .from = stamp_of_day(day_of(2026, 10, 1)),
                                      .until = stamp_of_day(day_of(2026, 11, 1)) };
}

static void each_message_is_judged_as_it_was_meant(void **state) {
    char directory[] = "/tmp/clearway-simulate-XXXXXX";
    struct simulate_options options = month_of(3, 3);
    assert_non_null(mkdtemp(directory));
    struct month *month = month_open(directory, options.ports);
    month_feed(month, &options, MONTH_IN_TIME);
    assert_int_equal(month->surprises, 0);
    assert_true(month->accepted > 1000 && month->refused > 1 && month->repeated > 0);
    assert_true(month->declined * 50 < month->accepted);
    month_close(month);
    folder_remove(directory);
}

static struct digest digest_of_all(const struct simulate_options *options) {
    struct simulation *simulation = simulate_new(options);
    struct simulated told;
    struct buf all;
    stamp before = INT64_MIN;
    buf_init(&all, 64u << 20);
    while (simulate_next(simulation, &told)) {
        assert_true(told.at >= before);
        before = told.at;
        buf_add_string(&all, told.party);
        buf_add_string(&all, told.name);
        buf_add_text(&all, told.bytes);
    }
    assert_false(buf_failed(&all));
    struct digest digest = digest_of(all.at, all.length);
    buf_release(&all);
    simulate_free(simulation);
    return digest;
}

static void the_same_seed_makes_the_same_bytes(void **state) {
    struct simulate_options options = month_of(7, 2), other = month_of(8, 2);
    struct digest first = digest_of_all(&options), again = digest_of_all(&options),
                  another = digest_of_all(&other);
    assert_true(digest_equal(&first, &again));
    assert_false(digest_equal(&first, &another));
}

/* An hour of the port in a second, from a moment on; never back. */
static void live_it_goes_faster(void **state) {
    struct simulate_options options = month_of(7, SIMULATE_PORTS_MAX);
    struct simulated told;
    options.begin = stamp_of_day(day_of(2026, 12, 1));
    options.speed = 3600;
    struct simulation *simulation = simulate_new(&options);
    assert_true(simulate_next(simulation, &told));
    assert_int_equal(told.at, options.begin);
    while (simulate_next(simulation, &told)) {
        assert_true(told.at >= options.begin && told.at < options.begin + 3600 * STAMP_SECOND);
    }
    simulate_free(simulation);
}

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

/* Case 672: from the 71,430th consignment on containers were those of others of the same month, so that whose
 * an event was hung on the order in which it was told. */
static void no_two_consignments_share_a_container(void **state) {
    enum { CONSIGNMENTS = 200000 };
    struct simulate_options options = month_of(12, 2);
    struct goods goods;
    size_t count = 0;
    options.consignments = CONSIGNMENTS;
    char(*numbers)[16] = memory_array(2 * (size_t)CONSIGNMENTS, sizeof(*numbers));
    for (unsigned number = 1; number <= CONSIGNMENTS; number++) {
        goods_draw(&options, number, &goods);
        for (unsigned i = 0; i < goods.containers_count; i++) {
            strcpy(numbers[count++], goods.containers[i]);
        }
    }
    qsort(numbers, count, sizeof(*numbers), by_text);
    for (size_t i = 1; i < count; i++) {
        assert_string_not_equal(numbers[i - 1], numbers[i]);
    }
    free(numbers);
}

/* case 679: whatever was handed in once, another run had the same numbers, and was refused. */
static void another_run_begins_behind_one_that_was_handed_in(void **state) {
    char directory[] = "/tmp/clearway-simulate-XXXXXX";
    struct simulate_options options = month_of(3, 2), more = month_of(4, 2);
    (void)state;
    assert_non_null(mkdtemp(directory));
    struct month *month = month_open(directory, options.ports);
    options.consignments = more.consignments = 40;
    more.first = options.first + options.consignments;
    month_feed(month, &options, MONTH_IN_TIME);
    unsigned accepted = month->accepted;
    month_feed(month, &more, MONTH_IN_TIME);
    assert_int_equal(month->surprises, 0);
    assert_true(month->accepted > accepted + 300);
    month_close(month);
    folder_remove(directory);
}

struct call {
    char port[8], name[16], imo[8], voyage[8];
    stamp at; /* when imports arrived; when exports left */
    size_t count;
};

/* case 680: all were of one vessel, and those of one voyage had arrived at different times, and ports. case
 * 688: each export left by a ship of its own. */
static void what_comes_or_leaves_by_one_ship_does_so_with_it(void **state) {
    enum { CONSIGNMENTS = 4000, CALLS = 512 };
    struct simulate_options options = month_of(5, 3);
    struct call calls[CALLS];
    struct goods goods;
    size_t count = 0, all[2] = { 0, 0 }, ships[2] = { 0, 0 };
    (void)state;
    options.consignments = CONSIGNMENTS;
    for (unsigned number = 1; number <= CONSIGNMENTS; number++) {
        goods_draw(&options, number, &goods);
        stamp at = goods.is_import ? goods.arrived : goods.departed;
        size_t i = 0;
        while (i < count
               && (strcmp(calls[i].port, goods.port.code) != 0
                   || strcmp(calls[i].voyage, goods.vessel.voyage) != 0)) {
            i++;
        }
        if (i == count) {
            assert_true(count < CALLS);
            calls[count] = (struct call){ .at = at };
            snprintf(calls[count].port, sizeof(calls->port), "%.7s", goods.port.code);
            snprintf(calls[count].name, sizeof(calls->name), "%s", goods.vessel.name);
            snprintf(calls[count].imo, sizeof(calls->imo), "%s", goods.vessel.imo);
            snprintf(calls[count++].voyage, sizeof(calls->voyage), "%s", goods.vessel.voyage);
            ships[goods.is_import]++;
        }
        assert_string_equal(calls[i].name, goods.vessel.name);
        assert_string_equal(calls[i].imo, goods.vessel.imo);
        assert_true(calls[i].at == at);
        assert_true(!goods.is_import || (at >= options.from && at < options.until));
        assert_true(goods.is_import
                    || (goods.declared < goods.accepted && goods.accepted < goods.released
                        && goods.arrived < goods.released && goods.released < goods.left
                        && goods.left < goods.departed));
        all[goods.is_import]++;
    }
    assert_in_range(all[true] / ships[true], 10, 30); /* of one call */
    assert_in_range(all[false] / ships[false], 5, 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_judged_as_it_was_meant),
        cmocka_unit_test(the_same_seed_makes_the_same_bytes),
        cmocka_unit_test(live_it_goes_faster),
        cmocka_unit_test(no_two_consignments_share_a_container),
        cmocka_unit_test(another_run_begins_behind_one_that_was_handed_in),
        cmocka_unit_test(what_comes_or_leaves_by_one_ship_does_so_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
