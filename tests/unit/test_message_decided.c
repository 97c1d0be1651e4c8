/* The head of a decision: read back as written, and nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message/decided.h"

#define HEX          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void every_result_comes_back(void **state) {
    static const uint64_t causes[] = { 1, 42, 10000000000, INT64_MAX };
    struct buf meta;
    buf_init(&meta, 4096);
    for (size_t i = 0; i < COUNT(causes); i++) {
        for (enum result result = RESULT_DONE; result <= RESULT_HELD; result++) {
            struct decided in, out = { causes[i], digest_of("x", 1), result, causes[i] % 2 ? 0 : 17 };
            struct json_out json;
            buf_clear(&meta);
            json_start(&json, &meta);
            json_open_object(&json, NULL);
            decided_write(&out, &json);
            json_put_string(&json, "subject", "a \"quoted\" one, with commas");
            json_close_object(&json);
            assert_true(decided_read(buf_text(&meta), &in, NULL));
            assert_int_equal(in.cause, out.cause);
            assert_true(digest_equal(&in.edition, &out.edition));
            assert_int_equal(in.result, out.result);
            assert_int_equal(in.released, out.released);
            assert_int_equal(decided_about(&in), causes[i] % 2 ? causes[i] : 17);
        }
    }
    buf_release(&meta);
}

static void nothing_else_is_taken_for_one(void **state) {
    static const struct {
        const char *meta;
        bool taken;
    } cases[] = {
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refused\",\"subject\":\"\"}", true },
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refused\"}", true },
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refused\",\"released\":7,\"subject\":\"\"}",
          true },
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refused\",\"released\":0,\"subject\":\"\"}",
          false },
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refused\",\"released\":-7,\"subject\":\"\"}",
          false },
        { "", false },
        { "{", false },
        { "{}", false },
        { "{\"cause\":", false },
        { "{\"cause\":1", false },
        { "{\"cause\":1,", false },
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"", false },
        { "{\"cause\":0,\"edition\":\"" HEX "\",\"result\":\"refused\"}", false },
        { "{\"cause\":-1,\"edition\":\"" HEX "\",\"result\":\"refused\"}", false },
        { "{\"cause\":99999999999999999999,\"edition\":\"" HEX "\",\"result\":\"refused\"}", false },
        { "{\"cause\":\"1\",\"edition\":\"" HEX "\",\"result\":\"refused\"}", false },
        { "{\"cause\":1,\"edition\":\"0\",\"result\":\"refused\"}", false },
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refuse\"}", false },
        { "{\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refused by all\"}", false },
        { "{\"cause\":1,\"result\":\"refused\",\"edition\":\"" HEX "\"}", false },
        { "{\"party\":\"FWD\",\"cause\":1,\"edition\":\"" HEX "\",\"result\":\"refused\"}", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decided in;
        if (decided_read(text_of(cases[i].meta), &in, NULL) != cases[i].taken) {
            fail_msg("%s", cases[i].meta);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_result_comes_back),
        cmocka_unit_test(nothing_else_is_taken_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
