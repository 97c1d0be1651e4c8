/* Findings on a screen: golden pairs, in both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/excerpt.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *source;
    struct finding finding;
    enum language language;
    const char *shown;
} cases[] = {
    { "<a>\n  <Grоss>10</Grоss>\n</a>\n",
      { "D01",
        SEVERITY_ERROR,
        { 14, 2, 2, 10 },
        "/a/Gross",
        "毛重",
        "gross weight 10 is too small",
        "改",
        "weigh again",
        "",
        false },
      LANGUAGE_EN,
      "error[D01]: gross weight 10 is too small\n"
      "  --> f.xml:2:10\n"
      "   |\n"
      " 2 |   <Grоss>10</Grоss>\n"
      "   |          ^^\n"
      "   = path: /a/Gross\n"
      "   = help: weigh again\n"
      "\n" },
    { "<Id>青岛港前湾</Id><Hs>8703</Hs>",
      { "X", SEVERITY_WARNING, { 28, 4, 1, 19 }, "", "不对", "wrong", "", "", "", false },
      LANGUAGE_ZH,
      "warning[X]: 不对\n"
      "  --> f.xml:1:19\n"
      "   |\n"
      " 1 | <Id>青岛港前湾</Id><Hs>8703</Hs>\n"
      "   |                        ^^^^\n"
      "\n" },
    { "<a>\xC7\xE0\xB5\xBA</a>", /* GB18030 is shown as what it says */
      { "X", SEVERITY_OBSERVE, { 3, 4, 1, 4 }, "", "z", "e", "", "", "", false },
      LANGUAGE_EN,
      "observe[X]: e\n"
      "  --> f.xml:1:4\n"
      "   |\n"
      " 1 | <a>青岛</a>\n"
      "   |    ^^^^\n"
      "\n" },
    { "<a>1\xE2\x80\xAE"
      "fdp.x</a>", /* case 867: nor does it turn its line around, or hide in it */
      { "X",
        SEVERITY_ERROR,
        { 3, 10, 1, 4 },
        "",
        "z",
        "1\xE2\x81\xA6"
        "x\xE2\x80\x8B",
        "",
        "",
        "",
        false },
      LANGUAGE_EN,
      "error[X]: 1<2066>x<200B>\n"
      "  --> f.xml:1:4\n"
      "   |\n"
      " 1 | <a>1<202E>fdp.x</a>\n"
      "   |    ^^^^^^^^^^^^^\n"
      "\n" },
    { "<a>\xFF\t\x1B[2J</a>\r\nb", /* and what is nothing as that */
      { "X", SEVERITY_ERROR, { 5, 1, 1, 6 }, "", "z", "bell\a\nand\xC2\x9B", "", "", "", false },
      LANGUAGE_EN,
      "error[X]: bell<07> and<9B>\n"
      "  --> f.xml:1:6\n"
      "   |\n"
      " 1 | <a>\xEF\xBF\xBD    <1B>[2J</a>\n"
      "   |         ^^^^\n"
      "\n" },
    { "rule D01\n  require groß weight\n", /* an expert's text: line and column only */
      { "LINT-EXPR", SEVERITY_ERROR, { 0, 0, 2, 16 }, "", "z", "what is weight", "", "", "rules", false },
      LANGUAGE_EN,
      "error[LINT-EXPR]: what is weight\n"
      "  --> rules:2:16\n"
      "   |\n"
      " 2 |   require groß weight\n"
      "   |                ^\n"
      "\n" },
    { "password x\n",
      { "X", SEVERITY_ERROR, { 0, 0, 1, 10 }, "", "z", "no =", "", "", "secrets", true },
      LANGUAGE_EN,
      "error[X]: no =\n"
      "  --> secrets:1:10\n"
      "\n" },
    { "short",
      { "X", SEVERITY_ERROR, { 0, 0, 0, 0 }, "/p", "z", "nowhere in particular", "", "", "", false },
      LANGUAGE_EN,
      "error[X]: nowhere in particular\n"
      "  --> f.xml\n"
      "   = path: /p\n"
      "\n" },
    { "short",
      { "X", SEVERITY_ERROR, { 99, 1, 3, 1 }, "", "z", "beyond the end", "", "", "", false },
      LANGUAGE_EN,
      "error[X]: beyond the end\n"
      "  --> f.xml:3:1\n"
      "\n" },
    { "",
      { "X", SEVERITY_ERROR, { 0, 0, 1, 1 }, "", "z", "empty", "", "", "", false },
      LANGUAGE_EN,
      "error[X]: empty\n"
      "  --> f.xml:1:1\n"
      "\n" },
    { "a\n",
      { "X", SEVERITY_ERROR, { 2, 0, 2, 1 }, "", "z", "at the very end", "", "", "", false },
      LANGUAGE_EN,
      "error[X]: at the very end\n"
      "  --> f.xml:2:1\n"
      "   |\n"
      " 2 | \n"
      "   | ^\n"
      "\n" },
};

static void test_golden(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, 1u << 16);
        excerpt_print(&out, &cases[i].finding, "f.xml", text_of(cases[i].source), cases[i].language, false);
        if (!text_is(buf_text(&out), cases[i].shown)) {
            fail_msg("case %zu:\n" TEXT_FORMAT "instead of\n%s", i, TEXT_ARGS(buf_text(&out)),
                     cases[i].shown);
        }
        buf_release(&out);
    }
}

/* A line of a megabyte: a window around the caret, and the caret under its character. */
static void test_long_lines_are_windowed(void **state) {
    struct buf source, out;
    buf_init(&source, 4u << 20);
    buf_init(&out, 1u << 16);
    for (int i = 0; i < 100000; i++) {
        buf_add_string(&source, "港x");
    }
    size_t at = source.length;
    buf_add_string(&source, "HERE");
    for (int i = 0; i < 100000; i++) {
        buf_add_string(&source, "y港");
    }
    struct finding finding = { "X", SEVERITY_ERROR, { at, 4, 1, 200001 }, "", "z", "e", "", "", "", false };
    excerpt_print(&out, &finding, "f", buf_text(&source), LANGUAGE_EN, false);
    struct text rest = buf_text(&out);
    for (int i = 0; i < 3; i++) {
        text_until(&rest, '\n');
    }
    struct text line = text_until(&rest, '\n'), carets = text_until(&rest, '\n');
    const char *here = strstr(line.at, "HERE"), *caret = memchr(carets.at, '^', carets.length);
    assert_true(here && caret && here < line.at + line.length);
    size_t before_here = text_width((struct text){ line.at, (size_t)(here - line.at) });
    assert_int_equal(before_here, caret - carets.at);
    assert_int_equal(carets.at + carets.length - caret, 4);
    assert_true(text_width(line) < 120 && text_starts((struct text){ line.at + 5, 3 }, "..."));
    buf_release(&source);
    buf_release(&out);
}

static void test_colour_only_when_asked(void **state) {
    struct buf out;
    buf_init(&out, 1u << 16);
    excerpt_print(&out, &cases[0].finding, "f.xml", text_of(cases[0].source), LANGUAGE_EN, true);
    assert_non_null(strstr(out.at, "\033[1;31m^^\033[0m"));
    buf_release(&out);
}

static void test_json(void **state) {
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 1u << 16);
    json_start(&out, &buf);
    json_open_array(&out, NULL);
    excerpt_json(&out, &cases[0].finding, LANGUAGE_EN);
    excerpt_json(&out, &cases[1].finding, LANGUAGE_ZH);
    json_close_array(&out);
    assert_string_equal(
        buf.at,
        "[{\"code\":\"D01\",\"severity\":\"error\",\"line\":2,\"column\":10,\"path\":\"/a/Gross\",\"text\":\"gross weight 10 is too small\","
        "\"hint\":\"weigh again\"},{\"code\":\"X\",\"severity\":\"warning\",\"line\":1,\"column\":19,\"path\":\"\",\"text\":\"不对\",\"hint\":\"\"}]");
    buf_release(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_long_lines_are_windowed),
        cmocka_unit_test(test_colour_only_when_asked),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
