/*
 * test_view_columns.c - what a line on a terminal is made of: each text in its place, whoever wrote it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/columns.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define UNSEEN       "\xEF\xBF\xBD"

/* Case 887. */
static const struct {
    const char *text, *left, *right;
} texts[] = {
    { "", "        ", "        " },
    { "box", "box     ", "   box  " },
    { "港口", "港口    ", "  港口  " },
    { "longer than it", "longer than it  ", "longer than it  " },
    { "a\nb\tc", "a b c   ", " a b c  " },
    { "\x1b[31m", UNSEEN "[31m   ", " " UNSEEN "[31m  " },
    { "a\xC2\x9B", "a" UNSEEN "      ", "    a" UNSEEN "  " },
    { "a\x7F", "a" UNSEEN "      ", "    a" UNSEEN "  " },
    { "\xE2\x80\xAEok", UNSEEN "ok     ", "   " UNSEEN "ok  " },
    { "a\xE2\x80\xA8"
      "b\xE2\x80\xA9"
      "c",
      "a b c   ", " a b c  " }, /* case 876 */
    { "\xFF", UNSEEN "       ", "     " UNSEEN "  " },
};

static void what_others_wrote_is_no_command_and_ends_no_row(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf left, right;
        buf_init(&left, 1024);
        buf_init(&right, 1024);
        column_left(&left, texts[i].text, 6);
        column_right(&right, texts[i].text, 6);
        assert_memory_equal(left.at, texts[i].left, strlen(texts[i].left));
        assert_int_equal(left.length, strlen(texts[i].left));
        assert_memory_equal(right.at, texts[i].right, strlen(texts[i].right));
        assert_int_equal(right.length, strlen(texts[i].right));
        buf_release(&left);
        buf_release(&right);
    }
}

static void a_line_ends_with_its_last_text(void **state) {
    struct buf line;
    (void)state;
    buf_init(&line, 1024);
    column_left(&line, "one", 6);
    column_text(&line, TEXT("two\nthree"));
    column_left(&line, "", 9);
    column_end(&line);
    assert_memory_equal(line.at, "one     two three\n", line.length);
    buf_release(&line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_others_wrote_is_no_command_and_ends_no_row),
        cmocka_unit_test(a_line_ends_with_its_last_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
