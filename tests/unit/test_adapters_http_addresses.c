/*
 * Connections counted by address: IPv4 by host, also through an IPv6 socket, IPv6 by network.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "adapters/http/addresses.h"

static struct sockaddr_storage address(const char *text) {
    struct sockaddr_storage storage = { 0 };
    struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
    storage.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    void *bytes = storage.ss_family == AF_INET6 ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr;
    assert_int_equal(inet_pton(storage.ss_family, text, bytes), 1);
    return storage;
}

static void test_same_and_other(void **state) {
    /* clang-format off */
    static const struct { const char *a, *b; bool same; } cases[] = {
        { "192.0.2.1",    "192.0.2.1",              true  },
        { "192.0.2.1",    "192.0.2.2",              false },
        { "192.0.2.1",    "::ffff:192.0.2.1",       true  },
        { "2001:db8::1",  "2001:db8::2",            true  },
        { "2001:db8::1",  "2001:db8:0:0:ffff::1",   true  },
        { "2001:db8::1",  "2001:db8:0:1::1",        false },
        { "2001:db8::1",  "192.0.2.1",              false },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct addresses *addresses = addresses_new();
        struct sockaddr_storage a = address(cases[i].a), b = address(cases[i].b);
        assert_null(addresses_find(addresses, (struct sockaddr *)&a));
        struct address *first = addresses_take(addresses, (struct sockaddr *)&a);
        assert_ptr_equal(addresses_find(addresses, (struct sockaddr *)&a), first);
        struct address *second = addresses_take(addresses, (struct sockaddr *)&b);
        if ((first == second) != cases[i].same || addresses_count(first) != (cases[i].same ? 2 : 1)) {
            fail_msg("%s and %s", cases[i].a, cases[i].b);
        }
        addresses_give_back(addresses, first);
        addresses_give_back(addresses, second);
        addresses_free(addresses);
    }
}

static void test_many(void **state) {
    enum { HOSTS = 5000, EACH = 3 };
    static struct address *taken[HOSTS][EACH];
    struct addresses *addresses = addresses_new();
    struct sockaddr_in host = { .sin_family = AF_INET };
    for (uint32_t i = 0; i < HOSTS; i++) {
        host.sin_addr.s_addr = htonl(i * 7919);
        for (int j = 0; j < EACH; j++) {
            assert_non_null(taken[i][j] = addresses_take(addresses, (struct sockaddr *)&host));
        }
        assert_int_equal(addresses_count(addresses_find(addresses, (struct sockaddr *)&host)), EACH);
    }
    for (int j = 0; j < EACH; j++) {
        for (uint32_t i = 0; i < HOSTS; i++) {
            addresses_give_back(addresses, taken[i][j]);
        }
    }
    assert_int_equal(addresses_count(addresses_find(addresses, (struct sockaddr *)&host)), 0);
    addresses_give_back(addresses, NULL);
    addresses_free(addresses);
}

static void test_print(void **state) {
    static const struct {
        const char *address, *expected;
    } cases[] = {
        { "192.0.2.1", "192.0.2.1" },
        { "::ffff:192.0.2.1", "192.0.2.1" },
        { "2001:db8::1", "2001:db8::1" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[INET6_ADDRSTRLEN];
        struct sockaddr_storage a = address(cases[i].address);
        assert_string_equal(address_print((struct sockaddr *)&a, text), cases[i].expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_and_other),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
