/*
 * The filter before the table of seen ids: what was put in it always may have, however full it is; what was
 * not it mostly has not; its room grows with what it is made for, up to its limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "intake/seen_filter.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* As all keys are: cut from a digest. */
static struct seen_key key_of(uint64_t n) {
    struct digest digest = digest_of(&n, sizeof(n));
    struct seen_key key;
    memcpy(key.bytes, digest.bytes, sizeof(key.bytes));
    return key;
}

static void put(struct seen_filter *filter, uint64_t from, uint64_t to) {
    for (uint64_t n = from; n < to; n++) {
        struct seen_key key = key_of(n);
        seen_filter_put(filter, &key);
    }
}

static uint64_t found(const struct seen_filter *filter, uint64_t from, uint64_t to) {
    uint64_t count = 0;
    for (uint64_t n = from; n < to; n++) {
        struct seen_key key = key_of(n);
        count += seen_filter_may_have(filter, &key);
    }
    return count;
}

static void what_was_put_in_is_never_denied(void **state) {
    static const uint64_t made_for[] = { 0, 1, 42, 1000, 43008, 60000 };
    for (size_t i = 0; i < COUNT(made_for); i++) {
        for (uint64_t fill = 1; fill <= 16; fill *= 4) { /* of what it was made for, and far beyond */
            struct seen_filter *filter = seen_filter_new(made_for[i]);
            uint64_t keys = made_for[i] * fill + 1;
            put(filter, 0, keys);
            assert_int_equal(found(filter, 0, keys), keys);
            seen_filter_free(filter);
        }
    }
}

static void what_was_not_is_mostly_denied(void **state) {
    enum { KEYS = 43008, OTHERS = 100000 }; /* 1024 lines, filled to the last */
    struct seen_filter *filter = seen_filter_new(KEYS);
    assert_int_equal(found(filter, 0, OTHERS), 0);
    put(filter, 0, KEYS);
    assert_in_range(found(filter, KEYS, KEYS + OTHERS), 1, OTHERS / 50);
    seen_filter_free(filter);
}

static void it_tells_when_it_is_full(void **state) {
    enum { KEYS = 43008 };
    struct seen_filter *filter = seen_filter_new(KEYS);
    put(filter, 0, KEYS);
    assert_false(seen_filter_is_full(filter));
    put(filter, KEYS, KEYS + 1);
    assert_true(seen_filter_is_full(filter));
    seen_filter_free(filter);
}

/* Where no larger one may be made, it is never full. */
static void its_memory_has_a_limit(void **state) {
    enum { KEYS = 10000 };
    struct seen_filter *filter = seen_filter_new(UINT64_MAX);
    put(filter, 0, KEYS);
    assert_int_equal(found(filter, 0, KEYS), KEYS);
    assert_int_equal(found(filter, KEYS, 2 * KEYS), 0);
    assert_false(seen_filter_is_full(filter));
    seen_filter_free(filter);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_in_is_never_denied),
        cmocka_unit_test(what_was_not_is_mostly_denied),
        cmocka_unit_test(it_tells_when_it_is_full),
        cmocka_unit_test(its_memory_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
