/* test_base_texts.c - each text has one number, whatever is chosen and however many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/texts.h"

static void each_has_one_number(void **state) {
    struct texts *texts = texts_new();
    (void)state;
    assert_int_equal(texts_number(texts, TEXT("")), 0);
    assert_int_equal(texts_number(texts, TEXT("a")), 1);
    assert_int_equal(texts_number(texts, TEXT("ab")), 2);
    assert_int_equal(texts_number(texts, TEXT("a")), 1);
    assert_int_equal(texts_number(texts, (struct text){ "abc", 2 }), 2);
    assert_int_equal(texts_number(texts, TEXT("")), 0);
    assert_int_equal(texts_count(texts), 3);
    assert_string_equal(texts_at(texts, 0), "");
    assert_string_equal(texts_at(texts, 2), "ab");
    texts_free(texts);
}

static void of_many(void **state) {
    enum { MANY = 20000 };
    struct texts *texts = texts_new();
    char text[32];
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < MANY; i++) {
            int length = snprintf(text, sizeof(text), "%u", i * 2654435761u);
            assert_int_equal(texts_number(texts, (struct text){ text, (size_t)length }), i);
            text[0] = '?'; /* it was copied */
        }
    }
    assert_int_equal(texts_count(texts), MANY);
    assert_string_equal(texts_at(texts, 1), "2654435761");
    texts_free(texts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_one_number),
        cmocka_unit_test(of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
