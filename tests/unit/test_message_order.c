/* Operators' orders: written and read alike; what names too much, too little or nothing is no order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/order.h"

static void survives_being_written(void **state) {
    struct arena *arena = arena_new();
    struct order order = { .kind = ORDER_RELEASE, .record = 42, .reason = "第二版已修正 \"1.4\"" }, back;
    struct buf meta;
    buf_init(&meta, 4096);
    order_write(&order, &meta);
    assert_true(order_read(buf_text(&meta), arena, &back));
    assert_int_equal(back.kind, ORDER_RELEASE);
    assert_int_equal(back.record, 42);
    assert_int_equal(back.to, 0);
    assert_string_equal(back.reason, order.reason);
    buf_release(&meta);
    arena_free(arena);
}

static void what_is_not_whole_is_no_order(void **state) {
    struct arena *arena = arena_new();
    struct order order;
    static const char *const cases[] = {
        "",
        "[]",
        "{}",
        "{\"order\":\"release\"}",
        "{\"order\":\"release\",\"record\":42}",
        "{\"order\":\"release\",\"record\":0,\"reason\":\"r\"}",
        "{\"order\":\"release\",\"record\":-1,\"reason\":\"r\"}",
        "{\"order\":\"release\",\"record\":42,\"to\":3,\"reason\":\"r\"}",
        "{\"order\":\"release\",\"record\":42,\"reason\":\"\"}",
        "{\"order\":\"release\",\"record\":\"42\",\"reason\":\"r\"}",
        "{\"order\":\"sink\",\"record\":42,\"reason\":\"r\"}",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_false(order_read(text_of(cases[i]), arena, &order));
    }
    char reason[ORDER_REASON_MAX + 2];
    memset(reason, 'r', sizeof(reason));
    reason[ORDER_REASON_MAX + 1] = '\0';
    order = (struct order){ .kind = ORDER_RELEASE, .record = 1, .reason = reason };
    assert_false(order_is_whole(&order));
    reason[ORDER_REASON_MAX] = '\0';
    assert_true(order_is_whole(&order));
    reason[0] = '\xff';
    assert_false(order_is_whole(&order));
    order.reason = "r";
    order.record = UINT64_MAX;
    assert_false(order_is_whole(&order));
    arena_free(arena);
}

static void each_kind_is_found_by_its_text(void **state) {
    enum order_kind kind;
#define X(name, text, records, what)             \
    assert_true(order_find(TEXT(text), &kind));  \
    assert_int_equal(kind, ORDER_##name);        \
    assert_string_equal(order_text(kind), text); \
    assert_int_equal(order_records(kind), records);
    ORDER_LIST(X)
#undef X
    assert_false(order_find(TEXT(""), &kind));
    assert_false(order_find(TEXT("RELEASE"), &kind));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_being_written),
        cmocka_unit_test(what_is_not_whole_is_no_order),
        cmocka_unit_test(each_kind_is_found_by_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
