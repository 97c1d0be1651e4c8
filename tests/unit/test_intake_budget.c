/* test_intake_budget.c - each limit, just below and at it; shares of several parties; days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/counters.h"
#include "intake/budget.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const stamp morning = INT64_C(1796000000) * STAMP_SECOND;

/* How many messages of so many bytes this party may have under way now. */
static size_t fill(struct budget *budget, const char *party, size_t bytes) {
    struct account *account = budget_account(budget, party);
    size_t count = 0;
    for (; budget_admits(budget, account, 0, morning) == STATUS_OK; count++) {
        budget_take(budget, account, bytes);
    }
    return count;
}

static void one_party_has_its_limit(void **state) {
    /* clang-format off */
    static const struct { struct budget_limits limits; size_t bytes, fits; enum counter counter; } cases[] = {
        { { .messages_max = 100, .party_messages = 1 },   1,  1,  COUNTER_THROTTLED_MESSAGES },
        { { .messages_max = 100, .party_messages = 10 },  1,  10, COUNTER_THROTTLED_MESSAGES },
        { { .messages_max = 100 },                        1,  51, COUNTER_THROTTLED_MESSAGES },   /* its share */
        { { .bytes_max = 1000, .party_bytes = 100 },      50, 2,  COUNTER_THROTTLED_BYTES },
        { { .bytes_max = 1000, .party_bytes = 101 },      50, 3,  COUNTER_THROTTLED_BYTES },
        { { .bytes_max = 1000 },                          50, 11, COUNTER_THROTTLED_BYTES },
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct budget *budget = budget_new(&cases[i].limits);
        int64_t before = counter_get(cases[i].counter);
        assert_int_equal(fill(budget, "A", cases[i].bytes), cases[i].fits);
        assert_int_equal(budget_admits(budget, budget_account(budget, "A"), 0, morning), STATUS_THROTTLED);
        assert_int_equal(counter_get(cases[i].counter), before + 2);
        assert_int_equal(budget_admits(budget, budget_account(budget, "B"), 0, morning), STATUS_OK);
        budget_give_back(budget, budget_account(budget, "A"), cases[i].bytes);
        assert_int_equal(budget_admits(budget, budget_account(budget, "A"), 0, morning), STATUS_OK);
        budget_free(budget);
    }
}

/* However many flood, whoever comes next finds a place. */
static void many_floods_leave_room(void **state) {
    static const char *const parties[] = { "A", "B", "C", "D", "E", "F", "G", "H" };
    struct budget *budget = budget_new(&(struct budget_limits){ .messages_max = 1024 });
    for (size_t i = 0; i < COUNT(parties); i++) {
        assert_true(fill(budget, parties[i], 1) > 1);
    }
    assert_int_equal(budget_room(budget, 0), STATUS_OK);
    assert_int_equal(budget_admits(budget, budget_account(budget, "Z"), 0, morning), STATUS_OK);
    assert_true(budget_messages(budget) < 1024);
    budget_free(budget);
}

static void no_room_for_anybody(void **state) {
    struct budget *budget = budget_new(&(struct budget_limits){ .messages_max = 2, .lag_max = 10 });
    assert_int_equal(budget_room(budget, 10), STATUS_OK);
    assert_int_equal(budget_room(budget, 11), STATUS_BUSY);
    budget_take(budget, budget_account(budget, "A"), 1);
    budget_take(budget, budget_account(budget, "B"), 1);
    assert_int_equal(budget_admits(budget, budget_account(budget, "C"), 0, morning), STATUS_BUSY);
    budget_give_back(budget, budget_account(budget, "A"), 1);
    assert_int_equal(budget_admits(budget, budget_account(budget, "C"), 0, morning), STATUS_OK);
    budget_free(budget);
}

/* Whose records the engine has before it is slowed; who has none of them is not. */
static void a_lag_belongs_to_who_made_it(void **state) {
    struct budget *budget = budget_new(&(struct budget_limits){ .lag_max = 10, .party_bytes = 100 });
    struct account *flooding = budget_account(budget, "A"), *other = budget_account(budget, "B");
    for (uint64_t number = 1; number <= 6; number++) {
        assert_int_equal(budget_admits(budget, flooding, number - 1, morning), STATUS_OK);
        budget_recorded(budget, flooding, number, 10);
    }
    assert_int_equal(budget_admits(budget, flooding, 6, morning), STATUS_THROTTLED);
    assert_int_equal(budget_admits(budget, other, 6, morning), STATUS_OK);
    budget_applied(budget, 2);
    assert_int_equal(budget_admits(budget, flooding, 4, morning), STATUS_OK);
    budget_applied(budget, 6);
    budget_recorded(budget, flooding, 7, 99);
    assert_int_equal(budget_admits(budget, flooding, 1, morning), STATUS_OK);
    budget_recorded(budget, flooding, 8, 1);
    assert_int_equal(budget_admits(budget, flooding, 2, morning), STATUS_THROTTLED);
    assert_int_equal(budget_admits(budget, other, 2, morning), STATUS_OK);
    budget_applied(budget, 7);
    assert_int_equal(budget_admits(budget, flooding, 1, morning), STATUS_OK);
    budget_free(budget);
}

static void a_day_has_its_bytes(void **state) {
    struct budget *budget = budget_new(&(struct budget_limits){ .day_bytes = 100, .day_refused_bytes = 40 });
    struct account *account = budget_account(budget, "A");
    stamp midnight = stamp_of_day(stamp_day(morning) + 1);
    assert_true(budget_keeps_content(budget, account, morning, 40));
    assert_false(budget_keeps_content(budget, account, morning, 41));
    budget_spend(account, morning, 30, false);
    assert_true(budget_keeps_content(budget, account, morning, 10));
    assert_false(budget_keeps_content(budget, account, morning, 11));
    budget_spend(account, morning, 69, true); /* accepted: counts for the day, not among the refused */
    assert_true(budget_keeps_content(budget, account, morning, 10));
    assert_int_equal(budget_admits(budget, account, 0, morning), STATUS_OK);
    budget_spend(account, morning, 1, true);
    assert_int_equal(budget_admits(budget, account, 0, morning), STATUS_QUOTA);
    assert_int_equal(budget_admits(budget, account, 0, midnight - 1), STATUS_QUOTA);
    assert_int_equal(budget_admits(budget, account, 0, midnight), STATUS_OK);
    assert_true(budget_keeps_content(budget, account, midnight, 40));
    budget_spend(account, midnight, 100, true); /* a stamp may be ahead of the clock */
    assert_int_equal(budget_admits(budget, account, 0, midnight - 1), STATUS_QUOTA);
    budget_free(budget);
}

static void when_to_come_back(void **state) {
    stamp midnight = stamp_of_day(stamp_day(morning) + 1);
    assert_int_equal(budget_retry_after_s(STATUS_THROTTLED, morning), 2);
    assert_int_equal(budget_retry_after_s(STATUS_BUSY, morning), 2);
    assert_int_equal(budget_retry_after_s(STATUS_QUOTA, midnight - 10 * STAMP_SECOND), 11);
    assert_int_equal(budget_retry_after_s(STATUS_QUOTA, midnight - 1), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_party_has_its_limit), cmocka_unit_test(many_floods_leave_room),
        cmocka_unit_test(no_room_for_anybody),     cmocka_unit_test(a_lag_belongs_to_who_made_it),
        cmocka_unit_test(a_day_has_its_bytes),     cmocka_unit_test(when_to_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
