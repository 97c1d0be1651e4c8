/* test_base_endpoint.c - what is an address to listen at or to connect to, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/endpoint.h"

static void endpoints_are_read(void **state) {
    static const struct {
        const char *text, *host;
        int port;
        enum endpoint_fault fault;
    } cases[] = {
        { "127.0.0.1:8443", "127.0.0.1", 8443, ENDPOINT_GOOD },
        { "gate.example:1", "gate.example", 1, ENDPOINT_GOOD },
        { "[::1]:65535", "::1", 65535, ENDPOINT_GOOD },
        { "*:0", "*", 0, ENDPOINT_GOOD },
        { "127.0.0.1:65536", "", 0, ENDPOINT_NO_PORT },
        { "127.0.0.1:99999", "", 0, ENDPOINT_NO_PORT }, /* case 35 */
        { "127.0.0.1:18446744073709551617", "", 0, ENDPOINT_NO_PORT },
        { "127.0.0.1:", "", 0, ENDPOINT_NO_PORT },
        { "127.0.0.1:-1", "", 0, ENDPOINT_NO_PORT },
        { "127.0.0.1:http", "", 0, ENDPOINT_NO_PORT },
        { "127.0.0.1", "", 0, ENDPOINT_NO_FORM },
        { "::1:80", "", 0, ENDPOINT_NO_FORM },
        { "[host]:80", "", 0, ENDPOINT_NO_FORM },
        { "[::1]", "", 0, ENDPOINT_NO_FORM },
        { ":80", "", 0, ENDPOINT_NO_FORM },
        { "http://gate:80", "", 0, ENDPOINT_NO_FORM },
        { "two words:80", "", 0, ENDPOINT_NO_FORM },
        { "", "", 0, ENDPOINT_NO_FORM },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct endpoint endpoint = { TEXT(""), 0 };
        enum endpoint_fault fault = endpoint_read(text_of(cases[i].text), &endpoint);
        if (fault != cases[i].fault || !text_is(endpoint.host, cases[i].host)
            || endpoint.port != cases[i].port) {
            fail_msg("%s: fault %d, port %d", cases[i].text, (int)fault, endpoint.port);
        }
        assert_int_equal(*endpoint_fault_en(fault) != '\0', fault != ENDPOINT_GOOD);
        assert_int_equal(*endpoint_fault_zh(fault) != '\0', fault != ENDPOINT_GOOD);
    }
}

static void a_host_has_a_length(void **state) {
    char text[ENDPOINT_HOST_MAX + 8];
    struct endpoint endpoint;
    memset(text, 'a', sizeof(text));
    strcpy(text + ENDPOINT_HOST_MAX, ":80");
    assert_int_equal(endpoint_read(text_of(text), &endpoint), ENDPOINT_GOOD);
    strcpy(text + ENDPOINT_HOST_MAX, "a:80");
    assert_int_equal(endpoint_read(text_of(text), &endpoint), ENDPOINT_NO_FORM);
}

static void loopback_is_told_from_the_rest(void **state) {
    static const char *const inside[] = { "127.0.0.1", "127.255.0.9", "::1", "localhost" };
    static const char *const outside[] = {
        "0.0.0.0",           "::",
        "128.0.0.1",         "126.255.255.255",
        "localhost.example", "127.0.0",
        "127.0.0.1x",        "",
        "::ffff:127.0.0.1",  "127.0.0.1.a-name-that-is-longer-than-any-address-is.example"
    };
    for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++) {
        assert_true(endpoint_is_loopback(text_of(inside[i])));
    }
    for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++) {
        assert_false(endpoint_is_loopback(text_of(outside[i])));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_are_read),
        cmocka_unit_test(a_host_has_a_length),
        cmocka_unit_test(loopback_is_told_from_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
