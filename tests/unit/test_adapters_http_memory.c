/*
 * An idle mTLS connection costs at most 30 KiB of the server's memory. Skipped where a sanitizer pads
 * allocations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "http_idle.h"

enum { CONNECTIONS = 500, LIMIT = 30 * 1024 };

static void test_idle_connections(void **state) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("skipped: memory cannot be measured under a sanitizer\n");
    skip();
#endif
    double cost = idle_cost(CONNECTIONS);
    print_message("%.1f KiB for each idle connection\n", cost / 1024);
    assert_true(cost <= LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_idle_connections) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
