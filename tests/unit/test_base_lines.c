/* test_base_lines.c - words, columns, quotes and comments; each case is one text and what is read of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/lines.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Each line as: NUMBER[+] then [word]@column (q when quoted), then =rest@column; bad lines as
   !what@column. */
static void describe(struct text source, struct buf *out) {
    struct arena *arena = arena_new();
    struct lines lines;
    struct line line;
    bool bad;
    lines_init(&lines, source, arena);
    while (lines_next(&lines, &line, &bad)) {
        buf_printf(out, "%u%s", line.number, line.indented ? "+" : "");
        for (size_t i = 0; i < line.count; i++) {
            buf_printf(out, bad ? "!" TEXT_FORMAT "@%u" : "[" TEXT_FORMAT "]@%u",
                       TEXT_ARGS(line.words[i].text), line.words[i].column);
            buf_add_string(out, line.words[i].quoted ? "q" : "");
        }
        if (line.rest.length) {
            buf_printf(out, "=" TEXT_FORMAT "@%u", TEXT_ARGS(line.rest), line.rest_column);
        }
        buf_add_char(out, '\n');
    }
    arena_free(arena);
}

static const struct {
    const char *source, *described;
} cases[] = {
    { "", "" },
    { "\n \n\t\n\r\n", "" },
    { "# only a comment\n  # another", "" },
    { "one", "1[one]@1\n" },
    { "one\r\ntwo\r\n", "1[one]@1\n2[two]@1\n" },
    { "\xEF\xBB\xBFone two", "1[one]@1[two]@5=two@5\n" },
    { "one\xEF\xBB\xBF", "1[one\xEF\xBB\xBF]@1\n" },
    { "a  b\tc  ", "1[a]@1[b]@4[c]@6=b\tc@4\n" },
    { "  in\nout", "1+[in]@3\n2[out]@1\n" },
    { "\n\nthird", "3[third]@1\n" },
    { "毛重 净重 x", "1[毛重]@1[净重]@4[x]@7=净重 x@4\n" },
    { "a b # c", "1[a]@1[b]@3=b@3\n" },
    { "a b#c #", "1[a]@1[b#c]@3=b#c@3\n" },
    { "a \"b # c\" # d", "1[a]@1[b # c]@3q=\"b # c\"@3\n" },
    { "a \"\" b", "1[a]@1[]@3q[b]@6=\"\" b@3\n" },
    { "a \"say \\\"hi\\\" \\\\ \\n\" b",
      "1[a]@1[say \"hi\" \\ \\n]@3q[b]@22=\"say \\\"hi\\\" \\\\ \\n\" b@3\n" },
    { "\"first\" b", "1[first]@1q[b]@9=b@9\n" },
    { "require f(\"a b\") == \"x\"", "1[require]@1[f(\"a b\")]@9[==]@18[x]@21q=f(\"a b\") == \"x\"@9\n" },
    { "a \"b\"c \"d\"\"e\"", "1[a]@1[\"b\"c]@3[\"d\"\"e\"]@8=\"b\"c \"d\"\"e\"@3\n" },
    { "a \"b\nc", "1!a quote is opened and not closed in this line@3\n2[c]@1\n" },
    { "a b\"c", "1!a quote is opened and not closed in this line@4\n" },
    { "  毛 x\"", "1+!a quote is opened and not closed in this line@6\n" },
    { "a \"b\\\"", "1!a quote is opened and not closed in this line@3\n" },
    { "a \"b\\", "1!a quote is opened and not closed in this line@3\n" },
    { "ok\na \xFF b\nok", "1[ok]@1\n2!not UTF-8@1\n3[ok]@1\n" },
};

static void lines_are_read_as_described(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, 4096);
        describe(text_of(cases[i].source), &out);
        if (!text_is(buf_text(&out), cases[i].described)) {
            fail_msg("[%s] is read as\n%snot as\n%s", cases[i].source, out.at, cases[i].described);
        }
        buf_release(&out);
    }
}

static void a_line_has_64_words_and_no_more(void **state) {
    struct buf source;
    buf_init(&source, 4096);
    for (int words = 63; words <= 65; words++) {
        buf_clear(&source);
        for (int i = 0; i < words; i++) {
            buf_add_string(&source, i ? " w" : "w");
        }
        buf_add_string(&source, "  # a comment is no word\nnext\n");
        struct arena *arena = arena_new();
        struct lines lines;
        struct line line;
        bool bad;
        lines_init(&lines, buf_text(&source), arena);
        assert_true(lines_next(&lines, &line, &bad));
        assert_int_equal(bad, words > 64);
        assert_int_equal(line.count, bad ? 1 : words);
        if (bad) {
            assert_true(text_is(line.words[0].text, "more than 64 words in one line"));
            assert_int_equal(line.words[0].column, 64 * 2 + 1);
            assert_int_equal(line.rest.length, 0);
        }
        assert_true(lines_next(&lines, &line, &bad));
        assert_false(bad);
        assert_true(text_is(line.words[0].text, "next"));
        assert_false(lines_next(&lines, &line, &bad));
        arena_free(arena);
    }
    buf_release(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_as_described),
        cmocka_unit_test(a_line_has_64_words_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
