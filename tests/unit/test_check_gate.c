/* The gate: what it refuses and where, what it lets through, and the places it tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/gb18030.h"
#include "message/finding_code.h"
#include "check/gate.h"
#include "check/peek.h"
#include "check/places.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define BYTES(literal) \
    { "" literal, sizeof(literal) - 1 }

struct judged {
    struct arena *arena;
    struct gated gated;
    struct verdict verdict;
    bool passed;
};

static struct judged judge(struct text bytes, const struct gate_limits *limits) {
    struct judged judged = { .arena = arena_new() };
    verdict_init(&judged.verdict, judged.arena);
    judged.passed = gate_pass(bytes, limits, judged.arena, &judged.gated, &judged.verdict);
    assert_int_equal(judged.verdict.count, !judged.passed);
    return judged;
}

/* line 0: the place is not asked. */
/* clang-format off */
static const struct { struct text bytes; const char *code; uint32_t line, column; } refused[] = {
    { BYTES(""),                                                        "GATE-EMPTY",    0, 0 },
    { BYTES(" \r\n\t"),                                                 "GATE-EMPTY",    0, 0 },
    { BYTES("\xEF\xBB\xBF"),                                            "GATE-EMPTY",    0, 0 },
    /* encodings */
    { BYTES("\xFF\xFE<\0r\0/\0>\0"),                                    "GATE-ENCODING", 1, 1 },
    { BYTES("\xFE\xFF\0<\0r\0/\0>"),                                    "GATE-ENCODING", 1, 1 },
    { BYTES("<\0r\0/\0>\0"),                                            "GATE-ENCODING", 1, 1 },
    { BYTES("\0<\0r\0/\0>"),                                            "GATE-ENCODING", 1, 1 },
    { BYTES("\0\0\0<\0\0\0r\0\0\0/\0\0\0>"),                            "GATE-ENCODING", 1, 1 },
    { BYTES("<\0\0\0r\0\0\0/\0\0\0>\0\0\0"),                            "GATE-ENCODING", 1, 1 },
    { BYTES("\x4C\x6F\xA7\x94\x93"),                                    "GATE-ENCODING", 1, 1 },
    { BYTES("+ADw-r/+AD4-"),                                            "GATE-PROLOG",   1, 1 },   /* UTF-7 without a mark: plain text */
    { BYTES("+/v8-<r/>"),                                               "GATE-ENCODING", 1, 1 },
    { BYTES("<?xml version=\"1.0\" encoding=\"UTF-7\"?><r/>"),          "GATE-ENCODING", 1, 31 },
    { BYTES("<?xml version='1.0' encoding='ISO-8859-1'?><r/>"),         "GATE-ENCODING", 1, 31 },
    { BYTES("<?xml version='1.0' encoding='UTF-16'?><r/>"),             "GATE-ENCODING", 1, 31 },
    { BYTES("<?xml version='1.0' encoding='UCS-4'?><r/>"),              "GATE-ENCODING", 0, 0 },
    { BYTES("<?xml version='1.0' encoding='IBM037'?><r/>"),             "GATE-ENCODING", 0, 0 },
    { BYTES("<?xml version='1.0' encoding='HZ-GB-2312'?><r/>"),         "GATE-ENCODING", 0, 0 },
    { BYTES("<?xml version='1.0' encoding='ISO-2022-JP'?><r/>"),        "GATE-ENCODING", 0, 0 },
    { BYTES("<?xml version='1.0' encoding='Big5'?><r/>"),               "GATE-ENCODING", 0, 0 },
    { BYTES("<?xml version='1.0' encoding=''?><r/>"),                   "GATE-ENCODING", 0, 0 },
    { BYTES("\xEF\xBB\xBF<?xml version='1.0' encoding='ISO-8859-1'?><r/>"), "GATE-ENCODING", 1, 31 },
    { BYTES("\xEF\xBB\xBF<?xml version='1.0' encoding='GB18030'?><r/>"), "GATE-ENCODING", 0, 0 },
    { BYTES("\x84\x31\x95\x33<?xml version='1.0' encoding='UTF-8'?><r/>"), "GATE-ENCODING", 0, 0 },
    { BYTES("<?xml version='1.0' encoding='GB18030'?><r>青岛港口</r>"),  "GATE-ENCODING", 0, 0 },
    /* bytes */
    { BYTES("<r>\n \xC4\xE3</r>"),                                      "GATE-BYTES",    2, 2 },
    { BYTES("<r>\xC0\xAF</r>"),                                         "GATE-BYTES",    1, 4 },
    { BYTES("<r>\xED\xA0\x80</r>"),                                     "GATE-BYTES",    1, 4 },
    { BYTES("<r>\xF5\x80\x80\x80</r>"),                                 "GATE-BYTES",    1, 4 },
    { BYTES("<r>青\xE5\xB2</r>"),                                       "GATE-BYTES",    1, 5 },
    { BYTES("<r>caf\xE9</r>"),                                          "GATE-BYTES",    1, 7 },
    { BYTES("<?xml version='1.0' encoding='GBK'?>\n<r>\xC4\xE3\xFF</r>"), "GATE-BYTES",  2, 5 },
    { BYTES("<?xml version='1.0' encoding='GB2312'?>\n<r>\xC4</r>"),    "GATE-BYTES",    2, 4 },
    /* characters */
    { BYTES("<r>ab</r>\0<r>evil</r>"),                                  "GATE-NUL",      1, 10 },
    { BYTES("<r>a\0b</r>"),                                             "GATE-NUL",      1, 5 },
    { BYTES("<r>\x07</r>"),                                             "GATE-CONTROL",  1, 4 },
    { BYTES("<r>\x1B[2J</r>"),                                          "GATE-CONTROL",  1, 4 },
    { BYTES("<r>\xEF\xBF\xBE</r>"),                                     "GATE-CONTROL",  1, 4 },
    { BYTES("<r>\xEF\xBF\xBF</r>"),                                     "GATE-CONTROL",  1, 4 },
    /* versions, DTD, instructions */
    { BYTES("<?xml version=\"1.1\"?><r/>"),                             "GATE-VERSION",  1, 16 },
    { BYTES("<?xml version='9.9'?><r/>"),                               "GATE-VERSION",  1, 16 },
    { BYTES("<!DOCTYPE r><r/>"),                                        "GATE-DTD",      1, 1 },
    { BYTES("<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY a 'b'>]>\n<r>&a;</r>"), "GATE-DTD", 2, 1 },
    { BYTES("<!-- x -->\n  <!doctype r><r/>"),                          "GATE-DTD",      2, 3 },
    { BYTES("<r><!ENTITY a 'b'></r>"),                                  "GATE-DTD",      1, 4 },
    { BYTES("<r/><!DOCTYPE r>"),                                        "GATE-DTD",      1, 5 },
    { BYTES("<?xml-stylesheet href='a.xsl'?><r/>"),                     "GATE-PI",       1, 1 },
    { BYTES("<r><?php echo 1 ?></r>"),                                  "GATE-PI",       1, 4 },
    { BYTES("<r/><?x y?>"),                                             "GATE-PI",       1, 5 },
    /* before the XML declaration, or the root element; cases 06 and 07 */
    { BYTES(" <?xml version='1.0'?><r/>"),                              "GATE-PROLOG",   1, 1 },
    { BYTES("\n<?xml version='1.0'?><r/>"),                             "GATE-PROLOG",   1, 1 },
    { BYTES("<!-- x -->\n<?xml version='1.0'?><r/>"),                   "GATE-PROLOG",   1, 1 },
    { BYTES("\xEF\xBB\xBF\xEF\xBB\xBF<?xml version='1.0'?><r/>"),       "GATE-PROLOG",   1, 1 },
    { BYTES("\x84\x31\x95\x33\x84\x31\x95\x33<r/>"),                  "GATE-PROLOG",   1, 1 },
    { BYTES("text"),                                                    "GATE-PROLOG",   1, 1 },
    { BYTES("<?xml version='1.0'?>\n text <r/>"),                       "GATE-PROLOG",   2, 2 },
    /* other kinds of files */
    { BYTES("PK\x03\x04\x14\0"),                                        "GATE-NOT-XML",  1, 1 },
    { BYTES("\x1F\x8B\x08\0"),                                          "GATE-NOT-XML",  1, 1 },
    { BYTES("7z\xBC\xAF\x27\x1C"),                                      "GATE-NOT-XML",  1, 1 },
    { BYTES("%PDF-1.7"),                                                "GATE-NOT-XML",  1, 1 },
    { BYTES("\xD0\xCF\x11\xE0\xA1\xB1"),                                "GATE-NOT-XML",  1, 1 },
    { BYTES("{\"a\":1}"),                                               "GATE-NOT-XML",  1, 1 },
    { BYTES("<r><?xml version='1.0'?></r>"),                            "GATE-PI",       1, 4 },
    /* markup that does not end */
    { BYTES("<r"),                                                      "GATE-MARKUP",   1, 1 },
    { BYTES("<r a='1'"),                                                "GATE-MARKUP",   1, 1 },
    { BYTES("<r a='1"),                                                 "GATE-MARKUP",   1, 6 },
    { BYTES("<r>\n<b/"),                                                "GATE-MARKUP",   2, 1 },
    { BYTES("<r></r"),                                                  "GATE-MARKUP",   1, 4 },
    { BYTES("<r><!-- never"),                                           "GATE-MARKUP",   1, 4 },
    { BYTES("<r><![CDATA[ never"),                                      "GATE-MARKUP",   1, 4 },
    { BYTES("<r><"),                                                    "GATE-MARKUP",   1, 4 },
    /* behind the root */
    { BYTES("<r/><r/>"),                                                "GATE-TRAILING", 1, 5 },
    { BYTES("<r></r>\n text"),                                          "GATE-TRAILING", 2, 2 },
    { BYTES("<r/></r>"),                                                "GATE-TRAILING", 1, 5 },
    { BYTES("<r/><![CDATA[x]]>"),                                       "GATE-TRAILING", 1, 5 },
};
/* clang-format on */

static void test_refused(void **state) {
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct judged judged = judge(refused[i].bytes, NULL);
        const char *code = judged.passed ? "" : judged.verdict.findings[0].code;
        if (strcmp(code, refused[i].code ? refused[i].code : "") != 0) {
            fail_msg("case %zu " TEXT_FORMAT ": %s", i, TEXT_ARGS(refused[i].bytes), code);
        }
        if (refused[i].line) {
            struct place place = judged.verdict.findings[0].place;
            if (place.line != refused[i].line || place.column != refused[i].column) {
                fail_msg("case %zu " TEXT_FORMAT ": %u:%u", i, TEXT_ARGS(refused[i].bytes), place.line,
                         place.column);
            }
        }
        arena_free(judged.arena);
    }
}

/* suspect: let through for the parser to refuse. */
/* clang-format off */
static const struct { struct text bytes; const char *root, *namespace; bool suspect; } passed[] = {
    { BYTES("<r/>"),                                                    "r", "", false },
    { BYTES("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\r\n<r/>\n"), "r", "", false },
    { BYTES("<?xml version='1.0' encoding='utf-8'?><a:r xmlns:a='urn:a' xmlns='urn:b'/>"), "r", "urn:a", false },
    { BYTES("<r xmlns:a='urn:a' xmlns = \"urn:b\"></r>"),               "r", "urn:b", false },
    { BYTES("<r a=\"<?x > ]]> --> />\"><b c='>'/></r>"),                "r", "", false },
    { BYTES("<!-- <!DOCTYPE r> <?x?> --><r><![CDATA[<!DOCTYPE <?x]] > ]]></r><!-- </r> -->"), "r", "", false },
    { BYTES("<r\n\t a = 'x'\r\n/ >"),                                   "", "", true },
    { BYTES("<青岛 港='口'/>"),                                          "青岛", "", false },
    { BYTES("</r>"),                                                    "", "", true },
    { BYTES("<r a></r>"),                                               "", "", true },
    { BYTES("<r a=1></r>"),                                             "", "", true },
    { BYTES("<r a='1'b='2'></r>"),                                      "", "", true },
    { BYTES("<r>< a/></r>"),                                            "r", "", true },
    { BYTES("<![CDATA[x]]><r/>"),                                       "", "", true },
    { BYTES("<?xml encoding='UTF-8'?><r/>"),                            "r", "", true },
    { BYTES("<?xml version='1.0' color='red'?><r/>"),                   "r", "", true },
    { BYTES("<?xml version='1.0' encoding=UTF-8?><r/>"),                "r", "", true },
    { BYTES("<r><a></r>"),                                              "r", "", false },   /* crossing tags: the parser's too */
};
/* clang-format on */

static void test_passed(void **state) {
    for (size_t i = 0; i < COUNT(passed); i++) {
        struct judged judged = judge(passed[i].bytes, NULL);
        if (!judged.passed || !text_is(judged.gated.root, passed[i].root)
            || judged.gated.suspect != passed[i].suspect
            || !text_is(judged.gated.root_namespace, passed[i].namespace)) {
            fail_msg("case %zu " TEXT_FORMAT ": %s root " TEXT_FORMAT " {" TEXT_FORMAT "} %d", i,
                     TEXT_ARGS(passed[i].bytes), judged.passed ? "passed" : judged.verdict.findings[0].code,
                     TEXT_ARGS(judged.gated.root), TEXT_ARGS(judged.gated.root_namespace),
                     judged.gated.suspect);
        }
        arena_free(judged.arena);
    }
}

/* --- limits: each at the limit passes, one more is refused ---------------------------------------------- */

static void repeat(struct buf *out, const char *piece, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_string(out, piece);
    }
}

static void build_depth(struct buf *out, size_t n) {
    repeat(out, "<a>", n - 1);
    buf_add_string(out, "<a/>");
    repeat(out, "</a>", n - 1);
}
static void build_tags(struct buf *out, size_t n) {
    buf_add_string(out, "<a>");
    repeat(out, "<b/>", n - 1);
    buf_add_string(out, "</a>");
}
static void build_value(struct buf *out, size_t n) {
    buf_add_string(out, "<a b='");
    repeat(out, "x", n);
    buf_add_string(out, "'/>");
}
static void build_comment(struct buf *out, size_t n) {
    buf_add_string(out, "<a><!--");
    repeat(out, "x", n);
    buf_add_string(out, "--></a>");
}
static void build_name(struct buf *out, size_t n) {
    buf_add_string(out, "<");
    repeat(out, "x", n);
    buf_add_string(out, "/>");
}
static void build_bytes(struct buf *out, size_t n) {
    buf_add_string(out, "<a>");
    repeat(out, "x", n - 7);
    buf_add_string(out, "</a>");
}

static void build_attributes(struct buf *out, size_t n) {
    buf_add_string(out, "<a");
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, " b%zu='1'", i);
    }
    buf_add_string(out, "/>");
}

static void build_names(struct buf *out, size_t n) {
    buf_add_string(out, "<a>");
    for (size_t i = 1; i < n; i++) {
        buf_printf(out, "<b%zu/>", i);
    }
    buf_add_string(out, "</a>");
}

/* As many in scope: eight on each of the open elements. */
static void build_namespaces(struct buf *out, size_t n) {
    size_t declared = 0, depth = 0;
    for (; declared < n; depth++) {
        buf_add_string(out, "<a");
        for (size_t i = 0; i < 8 && declared < n; i++) {
            buf_printf(out, " xmlns:n%zu='u%zu'", declared, declared);
            declared++;
        }
        buf_add_string(out, ">");
    }
    repeat(out, "</a>", depth);
}

/* Out of scope they do not add up. */
static void build_siblings(struct buf *out, size_t n) {
    buf_add_string(out, "<a>");
    repeat(out, "<b xmlns:n='u'/>", n);
    buf_add_string(out, "</a>");
}

static void build_uris(struct buf *out, size_t n) {
    buf_add_string(out, "<a>");
    for (size_t i = 3; i < n; i++) { /* a, b, xmlns and the URIs */
        buf_printf(out, "<b xmlns='u%zu'/>", i);
    }
    buf_add_string(out, "</a>");
}

/* clang-format off */
static const struct { void (*build)(struct buf *out, size_t n); size_t limit; const char *code; } limits[] = {
    { build_depth, 64, "GATE-DEPTH" },             { build_attributes, 64, "GATE-ATTRIBUTES" },
    { build_tags, 200000, "GATE-TAGS" },           { build_names, 2000, "GATE-NAMES" },
    { build_name, 256, "GATE-NAMES" },             { build_value, 65536, "GATE-VALUE" },
    { build_comment, 65536, "GATE-VALUE" },        { build_bytes, 10u << 20, "GATE-SIZE" },
    { build_namespaces, 256, "GATE-NAMESPACES" },  { build_uris, 2000, "GATE-NAMES" },
};
/* clang-format on */

static void test_limits(void **state) {
    for (size_t i = 0; i < COUNT(limits); i++) {
        for (size_t more = 0; more < 2; more++) {
            struct buf bytes;
            buf_init(&bytes, 16u << 20);
            limits[i].build(&bytes, limits[i].limit + more);
            struct judged judged = judge(buf_text(&bytes), NULL);
            const char *code = judged.passed ? "" : judged.verdict.findings[0].code;
            if (strcmp(code, more ? limits[i].code : "") != 0) {
                fail_msg("limit %s + %zu: %s", limits[i].code, more, code);
            }
            arena_free(judged.arena);
            buf_release(&bytes);
        }
    }
}

static void test_namespaces_end_with_their_element(void **state) {
    struct buf bytes;
    buf_init(&bytes, 1u << 20);
    build_siblings(&bytes, 5000);
    struct judged judged = judge(buf_text(&bytes), NULL);
    assert_true(judged.passed);
    arena_free(judged.arena);
    buf_release(&bytes);
}

/* --- GB18030 -------------------------------------------------------------------------------------------- */

static void test_gb18030_is_converted(void **state) {
    struct text bytes = BYTES(
        "<?xml version=\"1.0\" encoding=\"gb2312\"?>\n<r>\xC7\xE0\xB5\xBA \x81\x30\x81\x30 \x90\x30\x81\x30</r>");
    struct judged judged = judge(bytes, NULL);
    assert_true(judged.passed && judged.gated.text.converted);
    struct text want =
        TEXT("<?xml version=\"1.0\" encoding=\"gb2312\"?>\n<r>青岛 \xC2\x80 \xF0\x90\x80\x80</r>");
    assert_true(text_equal(judged.gated.text.utf8, want));
    arena_free(judged.arena);
}

static void test_gb18030_with_a_mark(void **state) {
    struct judged judged = judge((struct text)BYTES("\x84\x31\x95\x33<r>\xC7\xE0</r>"), NULL);
    assert_true(judged.passed);
    struct place place = place_in(&judged.gated.text, 3, 3);
    assert_int_equal(place.offset, 7);
    assert_int_equal(place.length, 2);
    assert_int_equal(place.column, 4);
    arena_free(judged.arena);
}

/* --- places: against a slow and simple count ------------------------------------------------------------ */

static uint64_t seed = 88172645463325252u;

static uint32_t dice(uint32_t sides) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed % sides);
}

struct both {
    struct buf original, utf8;
    uint32_t offsets[8192];
}; /* offsets: in the original, of each byte of utf8 */

static void make_both(struct both *both, bool gb) {
    static const struct {
        const char *utf8, *gb;
    } letters[] = {
        { "a", "a" },
        { "\n", "\n" },
        { " ", " " },
        { "青", "\xC7\xE0" },
        { "港", "\xB8\xDB" },
        { "\xC2\x80", "\x81\x30\x81\x30" },
        { "\xF0\x90\x80\x80", "\x90\x30\x81\x30" },
        { "é", "\xA8\xA6" },
    };
    const char *head = gb ? "<?xml version='1.0' encoding='GBK'?><r>" : "\xEF\xBB\xBF<r>";
    buf_add_string(&both->original, head);
    buf_add_string(&both->utf8, gb ? head : head + 3);
    for (size_t i = 0; i < both->utf8.length; i++) {
        both->offsets[i] = (uint32_t)(i + (gb ? 0 : 3));
    }
    while (both->utf8.length < 4000) {
        size_t letter = dice(COUNT(letters));
        letter = letter == 1 && dice(4) ? 0 : letter;
        for (size_t i = 0; i < strlen(letters[letter].utf8); i++) {
            both->offsets[both->utf8.length + i] = (uint32_t)both->original.length;
        }
        buf_add_string(&both->utf8, letters[letter].utf8);
        buf_add_string(&both->original, gb ? letters[letter].gb : letters[letter].utf8);
    }
    for (int i = 0; i < 4; i++) {
        both->offsets[both->utf8.length + (size_t)i] = (uint32_t)both->original.length + (uint32_t)i;
    }
    buf_add_string(&both->utf8, "</r>");
    buf_add_string(&both->original, "</r>");
}

static void check_place(const struct both *both, const struct gated *gated, struct place place, uint64_t from,
                        uint64_t to) {
    uint32_t line = 1, column = 1;
    for (uint64_t i = 0; i < from; i++) {
        bool newline = both->utf8.at[i] == '\n';
        line += newline;
        column = newline ? 1 : column + (((unsigned char)both->utf8.at[i] & 0xC0) != 0x80);
    }
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
    assert_int_equal(place.offset, both->offsets[from]);
    assert_int_equal(place.length, both->offsets[to] - both->offsets[from]);
}

static uint64_t some_character(const struct both *both) {
    uint64_t at = dice((uint32_t)both->utf8.length);
    while (((unsigned char)both->utf8.at[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

static void test_places(void **state) {
    for (int gb = 0; gb < 2; gb++) {
        struct both *both = calloc(1, sizeof(*both));
        buf_init(&both->original, 1u << 20);
        buf_init(&both->utf8, 1u << 20);
        make_both(both, gb);
        struct judged judged = judge(buf_text(&both->original), NULL);
        assert_true(judged.passed);
        assert_true(text_equal(judged.gated.text.utf8, buf_text(&both->utf8)));
        struct places places = places_of(&judged.gated.text);
        for (int i = 0; i < 2000; i++) {
            uint64_t a = some_character(both), b = some_character(both), from = a < b ? a : b,
                     to = a < b ? b : a;
            check_place(both, &judged.gated, places_at(&places, from, to - from), from, to);
            check_place(both, &judged.gated, place_in(&judged.gated.text, from, to - from), from, to);
        }
        struct place end = place_in(&judged.gated.text, UINT64_MAX, 1);
        assert_int_equal(end.offset, both->original.length);
        assert_int_equal(end.length, 0);
        arena_free(judged.arena);
        buf_release(&both->original);
        buf_release(&both->utf8);
        free(both);
    }
}

/* --- a look inside -------------------------------------------------------------------------------------- */

static void test_peek(void **state) {
    struct judged judged = judge(
        (struct text)BYTES(
            "<?xml version='1.0'?><!-- <r><T>no</T></r> --><m:r a='>'><x><T>deep</T><A/></x><!-- <T>no</T> -->"
            "<A><B/><T> no </T></A><A><C><T>no</T></C><B q=\"/>\"> yes </B></A><E/><m:T> DEC\n</m:T><T>late</T></m:r>"),
        NULL);
    assert_true(judged.passed);
    static const struct {
        const char *path, *text;
    } cases[] = {
        { "T", "DEC" }, { "A/B", "" },     { "A/C/T", "no" },   { "x/T", "deep" },
        { "E", "" },    { "nothing", "" }, { "A/nothing", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text text = peek_in(judged.gated.text.utf8, cases[i].path, SIZE_MAX);
        if (!text_is(text, cases[i].text)) {
            fail_msg("%s: " TEXT_FORMAT, cases[i].path, TEXT_ARGS(text));
        }
    }
    assert_true(text_is(peek_in(judged.gated.text.utf8, "T", 60), ""));
    arena_free(judged.arena);
}

/* --- names made to collide do not make it slow ---------------------------------------------------------- */

static void test_many_names_stay_linear(void **state) {
    struct buf bytes;
    buf_init(&bytes, 16u << 20);
    build_names(&bytes, 1900);
    bytes.length -= 4;
    while (bytes.length < (9u << 20)) {
        buf_printf(&bytes, "<b%u/>", dice(1800) + 1);
        if (bytes.length > (1u << 20)) {
            break;
        }
    }
    buf_add_string(&bytes, "</a>");
    clock_t start = clock();
    struct judged judged = judge(buf_text(&bytes), NULL);
    assert_true(judged.passed);
    assert_true((clock() - start) * 1000 / CLOCKS_PER_SEC < 500);
    arena_free(judged.arena);
    buf_release(&bytes);
}

/* What `explain` says of limits. */
static void test_limits_are_told_as_they_are(void **state) {
    const struct gate_limits *gate = &gate_limits_default;
    const struct {
        const char *code;
        uint64_t limit;
    } rows[] = {
        { "GATE-SIZE", gate->bytes >> 20 },      { "GATE-DEPTH", gate->depth },
        { "GATE-ATTRIBUTES", gate->attributes }, { "GATE-TAGS", gate->tags },
        { "GATE-NAMES", gate->names },           { "GATE-NAMES", gate->name_length },
        { "GATE-NAMESPACES", gate->namespaces }, { "GATE-VALUE", gate->value_length >> 10 },
        { "FILES-SIZE", gate->bytes >> 20 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct finding_meaning *meaning = finding_meaning(rows[i].code);
        char digits[24];
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)rows[i].limit);
        assert_non_null(strstr(meaning->explanation_zh, digits));
        assert_non_null(strstr(meaning->explanation_en, digits));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_passed),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_namespaces_end_with_their_element),
        cmocka_unit_test(test_gb18030_is_converted),
        cmocka_unit_test(test_gb18030_with_a_mark),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_peek),
        cmocka_unit_test(test_many_names_stay_linear),
        cmocka_unit_test(test_limits_are_told_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
