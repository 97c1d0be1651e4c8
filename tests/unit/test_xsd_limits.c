/* As much as a limit of the compiler allows is taken, and one more refused by name. What is beyond a limit of
 * the validator is not accepted. (Limits of one pattern's size: test_xsd_dfa.c, too.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "xsd/automaton.h"
#include "xsd/dfa.h"
#include "xsd/marks.h"
#include "xsd/model_inside.h"
#include "xsd/regex.h"
#include "xsd/tree.h"
#include "xsd/wellformed.h"
#include "grammar_kit.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define ROOM         ((size_t)64 << 20)

/* --- texts that repeat ---------------------------------------------------------------------------------- */

#define COUNTED      (-1) /* as often as is asked */

struct piece {
    int times; /* 0: the text ends */
    const char *what;
};

/* In what repeats a ^ is the number of the time from 0 on, a ~ the next one, and a @ a character of its own;
 * a % is how often is asked. */
static void add_pieces(struct buf *out, const struct piece *pieces, int count) {
    for (; pieces->times; pieces++) {
        int times = pieces->times == COUNTED ? count : pieces->times;
        for (int i = 0; i < times; i++) {
            for (const char *at = pieces->what; *at; at++) {
                switch (*at) {
                case '^': buf_printf(out, "%d", i); break;
                case '~': buf_printf(out, "%d", i + 1); break;
                case '%': buf_printf(out, "%d", count); break;
                case '@': buf_printf(out, "&#%d;", 0x4E00 + 2 * i); break;
                default: buf_add_char(out, *at);
                }
            }
        }
    }
}

/* --- of the compiler ------------------------------------------------------------------------------------ */

#define MODEL        "<xs:element name='e'><xs:complexType>"
#define MODEL_END    "</xs:complexType></xs:element>"
#define SIMPLE       "<xs:element name='e'><xs:simpleType>"
#define SIMPLE_END   "</xs:simpleType></xs:element>"
#define PATTERN      SIMPLE "<xs:restriction base='xs:string'><xs:pattern value='"
#define PATTERN_END  "'/></xs:restriction>" SIMPLE_END
#define STRING(name) "<xs:simpleType name='" name "'><xs:restriction base='xs:string'/></xs:simpleType>"
#define OWN_TYPE     "<xs:element name='a'><xs:complexType/></xs:element>"
#define EITHER       "<xs:choice><xs:element name='a'/><xs:element name='b'/></xs:choice>"

/* clang-format off */
static const struct limit {
    const char *what;
    int count; /* as much as there may be */
    enum obstacle_kind why;
    const char *name; /* by which it is refused; its beginning */
    struct piece pieces[6];
} limits[] = {
    { "open tags", TREE_DEPTH_MAX - 3, OBSTACLE_DOCUMENT, "",
      { { 1, MODEL }, { COUNTED, "<xs:sequence>" }, { COUNTED, "</xs:sequence>" }, { 1, MODEL_END } } },
    { "tags", TREE_NODES_MAX - 2, OBSTACLE_DOCUMENT, "",
      { { 1, "<xs:annotation>" }, { COUNTED, "<a/>" }, { 1, "</xs:annotation>" } } },
    { "attributes of a tag", XML_ATTRIBUTES_MAX - 1, OBSTACLE_DOCUMENT, "",
      { { 1, "<xs:element name='e'" }, { COUNTED, " a^=''" }, { 1, "/>" } } },
    { "namespaces", GRAMMAR_NAMESPACES_MAX - 1, OBSTACLE_NAMES, "urn:63",
      { { 1, MODEL "<xs:sequence><xs:any namespace='" }, { COUNTED, "urn:^ " },
        { 1, "'/></xs:sequence>" MODEL_END } } },
    { "names", WORDSET_MAX, OBSTACLE_NAMES, "n20000", { { COUNTED, "<xs:element name='n^'/>" } } },
    { "components", COMPONENTS_MAX, OBSTACLE_NAMES, "n50000", { { COUNTED, "<xs:complexType name='n^'/>" } } },

    { "elements of five types", TYPES_MAX / 5, OBSTACLE_MODEL, "",
      { { COUNTED, "<xs:element name='e^'><xs:complexType><xs:sequence>" OWN_TYPE OWN_TYPE OWN_TYPE OWN_TYPE
                   "</xs:sequence></xs:complexType></xs:element>" } } },
    { "types that wait for each other", TYPE_DEPTH_MAX - 1, OBSTACLE_CIRCULAR, "simpleType",
      { { 1, "<xs:element name='e' type='t%'/>" STRING("t0") },
        { COUNTED, "<xs:simpleType name='t~'><xs:restriction base='t^'/></xs:simpleType>" } } },
    { "steps with patterns", SIMPLE_PATTERNS_MAX, OBSTACLE_PATTERN, "a",
      { { 1, "<xs:element name='e' type='t%'/>" STRING("t0") },
        { COUNTED, "<xs:simpleType name='t~'><xs:restriction base='t^'><xs:pattern value='a'/></xs:restriction>"
                   "</xs:simpleType>" } } },
    { "members of a union", SIMPLE_MEMBERS_MAX, OBSTACLE_MODEL, "union",
      { { 1, SIMPLE "<xs:union memberTypes='" }, { COUNTED, "xs:int " }, { 1, "'/>" SIMPLE_END } } },
    { "values of an enumeration", WORDSET_MAX, OBSTACLE_ENUMERATION, "e",
      { { 1, SIMPLE "<xs:restriction base='xs:string'>" }, { COUNTED, "<xs:enumeration value='^'/>" },
        { 1, "</xs:restriction>" SIMPLE_END } } },
    { "attributes of a type", USES_MAX, OBSTACLE_MODEL, "attribute",
      { { 1, MODEL }, { COUNTED, "<xs:attribute name='a^'/>" }, { 1, MODEL_END } } },

    { "members of an xs:all", GRAMMAR_ALL_MAX, OBSTACLE_ALL, "e",
      { { 1, MODEL "<xs:all>" }, { COUNTED, "<xs:element name='a^'/>" }, { 1, "</xs:all>" MODEL_END } } },
    { "particles of a model", AUTOMATON_POSITIONS_MAX, OBSTACLE_MODEL, "e",
      { { 1, MODEL "<xs:sequence>" }, { COUNTED, "<xs:element name='a^'/>" }, { 1, "</xs:sequence>" MODEL_END } } },
    { "groups within groups", AUTOMATON_DEPTH_MAX / 2 - 1, OBSTACLE_MODEL, "e",
      { { 1, MODEL "<xs:group ref='g0'/>" MODEL_END },
        { COUNTED, "<xs:group name='g^'><xs:sequence><xs:group ref='g~'/></xs:sequence></xs:group>" },
        { 1, "<xs:group name='g%'><xs:sequence/></xs:group>" } } },
    /* case 526: 723 elements of which each may follow each are 723 * 724 moves, and 724 too many */
    { "moves", 723, OBSTACLE_MODEL, "e",
      { { 1, MODEL "<xs:choice maxOccurs='unbounded'>" }, { COUNTED, "<xs:element name='a^'/>" },
        { 1, "</xs:choice>" MODEL_END } } },
    { "states for each particle", 3, OBSTACLE_MODEL, "e", /* 2^5 where 9 particles may have 20 */
      { { 1, MODEL "<xs:sequence><xs:choice minOccurs='0' maxOccurs='unbounded'><xs:element name='a'/>"
                   "<xs:element name='b'/></xs:choice><xs:element name='a'/>" },
        { COUNTED, EITHER }, { 1, "</xs:sequence>" MODEL_END } } },

    { "groups within a pattern", REGEX_DEPTH_MAX - 1, OBSTACLE_PATTERN, "((((",
      { { 1, PATTERN }, { COUNTED, "(" }, { 1, "a" }, { COUNTED, ")" }, { 1, PATTERN_END } } },
    { "nodes of a pattern", REGEX_NODES_MAX - 2, OBSTACLE_PATTERN, "||||",
      { { 1, PATTERN }, { COUNTED, "|" }, { 1, PATTERN_END } } },
    { "members of a class of characters", REGEX_RANGES_MAX, OBSTACLE_PATTERN, "[一",
      { { 1, PATTERN "[" }, { COUNTED, "@" }, { 1, "]" PATTERN_END } } },
    { "characters that a pattern tells apart", DFA_CLASSES_MAX - 1, OBSTACLE_PATTERN, "一",
      { { 1, PATTERN }, { COUNTED, "@|" }, { 1, PATTERN_END } } },
    /* 250 kinds of characters in 262 states */
    { "cells of a pattern's table", DFA_CELLS_MAX / DFA_CLASSES_MAX - 250, OBSTACLE_PATTERN, "一",
      { { 1, PATTERN }, { DFA_CLASSES_MAX - 2, "@" }, { COUNTED, "a" }, { 1, PATTERN_END } } },
};
/* clang-format on */

static void expect_compiled(const struct limit *limit, int count, bool compiled) {
    struct buf schema;
    struct obstacle obstacle;
    buf_init(&schema, ROOM);
    buf_add_string(&schema, KIT_HEAD);
    add_pieces(&schema, limit->pieces, count);
    buf_add_string(&schema, KIT_TAIL);
    struct grammar *grammar = kit_compile_one(schema.at, &obstacle);
    bool named =
        *limit->name ? strncmp(obstacle.name, limit->name, strlen(limit->name)) == 0 : *obstacle.name == '\0';
    if ((grammar != NULL) != compiled || (!compiled && (obstacle.kind != limit->why || !named))) {
        fail_msg("%d %s are %s: %s '%s'", count, limit->what, grammar ? "taken" : "refused",
                 obstacle_text(obstacle.kind, LANGUAGE_EN), obstacle.name);
    }
    grammar_free(grammar);
    buf_release(&schema);
}

static void test_compiler(void **state) {
    for (size_t i = 0; i < COUNT(limits); i++) {
        expect_compiled(&limits[i], limits[i].count, true);
        expect_compiled(&limits[i], limits[i].count + 1, false);
    }
}

/* Where what a class takes begins and ends: four of 512 characters have 4096 such places, and there is the
 * first one. */
static void test_bounds_of_a_pattern(void **state) {
    for (int classes = 3; classes <= 4; classes++) {
        struct arena *arena = arena_new();
        struct buf pattern;
        enum obstacle_kind why = OBSTACLE_NONE;
        buf_init(&pattern, ROOM);
        for (int i = 0; i < classes * REGEX_RANGES_MAX; i++) {
            uint32_t c = 0x4E00 + 2 * (uint32_t)i; /* three bytes of UTF-8 */
            char bytes[] = { (char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)),
                             (char)(0x80 | (c & 0x3F)) };
            buf_add_string(&pattern, i % REGEX_RANGES_MAX == 0 ? "[" : "");
            buf_add(&pattern, bytes, sizeof(bytes));
            buf_add_string(&pattern, i % REGEX_RANGES_MAX == REGEX_RANGES_MAX - 1 ? "]" : "");
        }
        struct regex_node *tree = regex_read(buf_text(&pattern), arena);
        assert_non_null(tree);
        assert_int_equal(dfa_of(tree, arena, &why) != NULL, classes == 3);
        assert_int_equal(why, classes == 3 ? OBSTACLE_NONE : OBSTACLE_PATTERN);
        buf_release(&pattern);
        arena_free(arena);
    }
}

/* --- of documents: each includes the next --------------------------------------------------------------- */

struct chain {
    int count;
    char room[256];
};

static struct text chain_bytes(void *context, int document) {
    struct chain *chain = context;
    bool last = document == chain->count - 1;
    snprintf(chain->room, sizeof(chain->room), KIT_HEAD "%s<xs:element name='e%d'/>" KIT_TAIL,
             last ? "" : "<xs:include schemaLocation='next'/>", document);
    return text_of(chain->room);
}

static int chain_locate(void *context, int base, struct text location) {
    return base + 1;
}

static void test_documents(void **state) {
    for (int count = MODEL_DOCUMENTS_MAX; count <= MODEL_DOCUMENTS_MAX + 1; count++) {
        struct chain chain = { .count = count };
        struct grammar_files files = { &chain, chain_bytes, chain_locate };
        struct obstacle obstacle;
        struct grammar *grammar = grammar_compile(&files, &obstacle);
        assert_int_equal(grammar != NULL, count == MODEL_DOCUMENTS_MAX);
        assert_int_equal(obstacle.kind, grammar ? OBSTACLE_NONE : OBSTACLE_DOCUMENTS);
        grammar_free(grammar);
    }
}

/* --- of words ------------------------------------------------------------------------------------------- */

/* case 527: as many as there may be are found, each by its number, and nothing else is. */
static void test_words(void **state) {
    static const size_t counts[] = { 0, 1, 7, 256, 257, 3000, WORDSET_MAX };
    struct text words[WORDSET_MAX + 1];
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(words); i++) {
        words[i] = text_of(arena_printf(arena, i % 3 ? "%zu" : "a word of more than sixteen bytes %zu", i));
    }
    for (size_t k = 0; k < COUNT(counts); k++) {
        const struct wordset *set = wordset_of(words, counts[k], arena);
        assert_non_null(set);
        assert_in_range(set->mask, 0, 16 * counts[k] + 3);
        for (size_t i = 0; i < COUNT(words); i++) {
            assert_int_equal(wordset_find(set, words[i]), i < counts[k] ? (int)i : -1);
        }
    }
    assert_null(wordset_of(words, WORDSET_MAX + 1, arena));
    /* Nothing tells these apart: beginning, end, middle and length are the same. */
    struct text alike[] = { TEXT("beginning a          middle          end"),
                            TEXT("beginning b          middle          end") };
    assert_int_equal(alike[0].length, alike[1].length);
    assert_null(wordset_of(alike, 2, arena));
    arena_free(arena);
}

/* --- of marks ------------------------------------------------------------------------------------------- */

static uint32_t no_child(const void *context, uint32_t mark, struct text local) {
    return 0;
}

static bool no_attributes(const void *context, uint32_t mark) {
    return false;
}

static void test_marks(void **state) {
    struct obstacle obstacle;
    struct grammar *grammar = kit_compile_one(KIT_HEAD "<xs:element name='e'/>" KIT_TAIL, &obstacle);
    struct marks_source source = { .count = MARKS_MAX, .child = no_child, .attributes = no_attributes };
    struct marks *marks = marks_new(grammar, &source);
    assert_non_null(marks);
    source.count++;
    assert_null(marks_new(grammar, &source));
    marks_free(marks);
    grammar_free(grammar);
}

/* --- of the validator ----------------------------------------------------------------------------------- */

#define MESSAGES                                                                                        \
    KIT_HEAD                                                                                            \
    "<xs:element name='e'><xs:complexType mixed='true'><xs:choice minOccurs='0' maxOccurs='unbounded'>" \
    "<xs:any processContents='lax'/></xs:choice></xs:complexType></xs:element>"                         \
    "<xs:element name='list'><xs:simpleType><xs:list itemType='xs:int'/></xs:simpleType></xs:element>"  \
    "<xs:element name='id' type='xs:ID'/>" KIT_TAIL

static const struct limit messages[] = {
    { "prefixes in scope",
      VALIDATOR_PREFIXES_MAX / 32,
      0,
      "",
      { { COUNTED, "<e xmlns:a^='urn:a' xmlns:b^='urn:b' xmlns:c^='urn:c' xmlns:d^='urn:d' xmlns:e^='urn:e' "
                   "xmlns:f^='urn:f' xmlns:g^='urn:g' xmlns:h^='urn:h' xmlns:i^='urn:i' xmlns:j^='urn:j' "
                   "xmlns:k^='urn:k' xmlns:l^='urn:l' xmlns:m^='urn:m' xmlns:n^='urn:n' xmlns:o^='urn:o' "
                   "xmlns:p^='urn:p' xmlns:q^='urn:q' xmlns:r^='urn:r' xmlns:s^='urn:s' xmlns:t^='urn:t' "
                   "xmlns:u^='urn:u' xmlns:v^='urn:v' xmlns:w^='urn:w' xmlns:x^='urn:x' xmlns:y^='urn:y' "
                   "xmlns:z^='urn:z' xmlns:A^='urn:A' xmlns:B^='urn:B' xmlns:C^='urn:C' xmlns:D^='urn:D' "
                   "xmlns:E^='urn:E' xmlns:F^='urn:F'>" },
        { COUNTED, "</e>" } } },
    { "items of a list", SIMPLE_ITEMS_MAX, 0, "", { { 1, "<list>" }, { COUNTED, "1 " }, { 1, "</list>" } } },
    { "open elements", VALIDATOR_DEPTH_MAX, 0, "", { { COUNTED, "<e>" }, { COUNTED, "</e>" } } },
    { "identities", VALIDATOR_IDS_MAX, 0, "", { { 1, "<e>" }, { COUNTED, "<id>a^</id>" }, { 1, "</e>" } } },
};

static bool accepts(struct validator *validator, const struct limit *limit, int count) {
    struct buf message;
    buf_init(&message, ROOM);
    add_pieces(&message, limit->pieces, count);
    bool accepted = validator_accepts(validator, buf_text(&message), NULL);
    buf_release(&message);
    return accepted;
}

static void test_validator(void **state) {
    struct obstacle obstacle;
    struct grammar *grammar = kit_compile_one(MESSAGES, &obstacle);
    struct validator *validator = validator_new(grammar);
    for (size_t i = 0; i < COUNT(messages); i++) {
        if (!accepts(validator, &messages[i], messages[i].count)
            || accepts(validator, &messages[i], messages[i].count + 1)) {
            fail_msg("%s", messages[i].what);
        }
    }
    char byte = '<';
    assert_false(validator_accepts(validator, (struct text){ &byte, VALIDATOR_BYTES_MAX + 1 }, NULL));
    validator_free(validator);
    grammar_free(grammar);
}

/* What there are more is not told. */
static void test_clashes(void **state) {
    static const struct piece twice[] = {
        { 1, "<e>" }, { COUNTED, "<id>a^</id><id>a^</id>" }, { 1, "</e>" }, { 0 }
    };
    struct obstacle obstacle;
    struct grammar *grammar = kit_compile_one(MESSAGES, &obstacle);
    struct validator *validator = validator_new(grammar);
    for (int count = VALIDATOR_CLASHES_MAX - 1; count <= VALIDATOR_CLASHES_MAX + 1; count++) {
        const struct validator_clash *clashes;
        struct validator_events events;
        struct buf message;
        buf_init(&message, ROOM);
        add_pieces(&message, twice, count);
        assert_false(validator_accepts(validator, buf_text(&message), &events));
        assert_int_equal(validator_clashes(validator, &clashes),
                         count < VALIDATOR_CLASHES_MAX ? count : VALIDATOR_CLASHES_MAX);
        assert_true(clashes[0].twice && text_is(clashes[0].id, "a0"));
        buf_release(&message);
    }
    validator_free(validator);
    grammar_free(grammar);
}

/* Of the reader that says what is not well-formed: beyond its limits it says nothing. */
static void test_wellformed(void **state) {
    static const struct piece prefixes[] = {
        { COUNTED, "<e xmlns:a^='urn:a' xmlns:b^='urn:b' xmlns:c^='urn:c' xmlns:d^='urn:d'>" },
        { 1, "</f>" },
        { 0 }
    };
    for (int count = WELLFORMED_PREFIXES_MAX / 4; count <= WELLFORMED_PREFIXES_MAX / 4 + 1; count++) {
        struct buf message;
        buf_init(&message, ROOM);
        add_pieces(&message, prefixes, count);
        assert_int_equal(wellformed_check(buf_text(&message), NULL).what != WELLFORMED_NO_FAULT,
                         count == WELLFORMED_PREFIXES_MAX / 4);
        buf_release(&message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiler),  cmocka_unit_test(test_bounds_of_a_pattern),
        cmocka_unit_test(test_documents), cmocka_unit_test(test_words),
        cmocka_unit_test(test_marks),     cmocka_unit_test(test_validator),
        cmocka_unit_test(test_clashes),   cmocka_unit_test(test_wellformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
