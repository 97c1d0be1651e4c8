/*
 * test_adapters_expiry.c - one gauge of all certificates: rows come, change and go; when there are too many,
 * those that are over first are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/expiry.h"
#include "told.h"
#include "transports_kit.h"

#define METRIC "clearway_certificate_expires_timestamp_seconds"

static const char *print(void) {
    static char out[1u << 16];
    struct buf buf;
    struct room_counter *rooms[] = { expiry_rows() };
    buf_init(&buf, sizeof(out));
    counters_print(rooms, 1, &buf);
    const char *from = strstr(buf.at, "# HELP " METRIC);
    const char *rest = from ? strchr(strchr(from, '\n') + 1, '\n') + 1 : "";
    snprintf(out, sizeof(out), "%s", rest);
    buf_release(&buf);
    return out;
}

static void rows_come_change_and_go(void **state) {
    assert_string_equal(print(), "");
    expiry_tell("machines", "", 100);
    expiry_tell("party", "FWD-1", 300);
    expiry_tell("party", "FWD-2", 200);
    expiry_tell("party", "FWD-1", 400);
    assert_string_equal(print(), METRIC "{use=\"machines\"} 100\n" METRIC
                                        "{use=\"party\",party=\"FWD-1\"} 400\n" METRIC
                                        "{use=\"party\",party=\"FWD-2\"} 200\n");
    expiry_tell("party", "FWD-1", 0);
    expiry_tell("party", "nobody", 0);
    assert_string_equal(print(),
                        METRIC "{use=\"machines\"} 100\n" METRIC "{use=\"party\",party=\"FWD-2\"} 200\n");
}

/* case 630: a party that has left is not told of for ever. */
static void who_has_left_is_not_told(void **state) {
    static const char source[] = "parties:\n"
                                 "  - code: FWD-3\n"
                                 "    name: { zh: 青岛, en: Qingdao }\n"
                                 "    roles: [declarant]\n";
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct parties *parties = parties_load(text_of(source), "parties", kit_transports, arena, &mistakes);
    assert_non_null(parties);
    expiry_tell("party", "FWD-3", 500);
    expiry_keep(parties);
    assert_string_equal(print(),
                        METRIC "{use=\"machines\"} 100\n" METRIC "{use=\"party\",party=\"FWD-3\"} 500\n");
    arena_free(arena);
}

static void the_first_to_expire_are_kept(void **state) {
    char code[32];
    for (int i = 0; i < 2 * EXPIRY_ROWS_MAX; i++) {
        snprintf(code, sizeof(code), "P-%d", i);
        expiry_tell("party", code, 10000 - i);
    }
    assert_non_null(strstr(print(), "{use=\"machines\"} 100\n"));
    assert_non_null(strstr(print(), "{use=\"party\",party=\"P-511\"} 9489\n"));
    assert_null(strstr(print(), "\"P-0\""));
    expiry_tell("party", "P-0", 20000);
    assert_null(strstr(print(), "\"P-0\""));
    struct room_counter *rows = expiry_rows();
    size_t count = 0;
    while (rows[count].metric) {
        count++;
    }
    assert_int_equal(count, EXPIRY_ROWS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_change_and_go),
        cmocka_unit_test(who_has_left_is_not_told),
        cmocka_unit_test(the_first_to_expire_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
