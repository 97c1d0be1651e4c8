/* What the compiler does not take, it refuses by name; and what it takes of several documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "grammar_kit.h"

#define COUNT(table)    (sizeof(table) / sizeof(*(table)))
#define ELEMENT(inside) KIT_HEAD "<xs:element name='e'>" inside "</xs:element>" KIT_TAIL
#define SIMPLE(facets) \
    ELEMENT("<xs:simpleType><xs:restriction base='xs:" facets "</xs:restriction></xs:simpleType>")
#define MODEL(model) ELEMENT("<xs:complexType>" model "</xs:complexType>")

static const struct {
    const char *schema;
    enum obstacle_kind kind;
    const char *name;
} obstacles[] = {
    { KIT_HEAD, OBSTACLE_DOCUMENT, "" },
    { "<schema/>", OBSTACLE_DOCUMENT, "" },
    { "<!DOCTYPE a><xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>", OBSTACLE_DOCUMENT, "" },
    { KIT_HEAD "<xs:include schemaLocation='x'/>" KIT_TAIL, OBSTACLE_DOCUMENT, "x" },
    { KIT_HEAD "<xs:redefine schemaLocation='1'/>" KIT_TAIL, OBSTACLE_REDEFINE, "redefine" },
    { KIT_HEAD "<xs:odd/>" KIT_TAIL, OBSTACLE_UNKNOWN, "odd" },
    { ELEMENT("<xs:complexType/><xs:key name='k'/>"), OBSTACLE_IDENTITY, "e" },
    { ELEMENT("<xs:complexType/><xs:unique name='k'/>"), OBSTACLE_IDENTITY, "e" },
    { KIT_HEAD "<xs:element name='e' type='xs:QName'/>" KIT_TAIL, OBSTACLE_NOTATION, "QName" },
    { KIT_HEAD "<xs:element name='e' type='xs:odd'/>" KIT_TAIL, OBSTACLE_UNRESOLVED, "xs:odd" },
    { KIT_HEAD "<xs:element name='e' type='t'/>" KIT_TAIL, OBSTACLE_UNRESOLVED, "t" },
    { KIT_HEAD "<xs:element name='e' type='p:t'/>" KIT_TAIL, OBSTACLE_UNRESOLVED, "p:t" },
    { KIT_HEAD "<xs:element name='e'/><xs:element name='e'/>" KIT_TAIL, OBSTACLE_TWICE, "e" },
    { SIMPLE("gDay'><xs:minInclusive value='---01'/>"), OBSTACLE_RANGE, "minInclusive" },
    { SIMPLE("date'><xs:minInclusive value='2026-02-30'/>"), OBSTACLE_RANGE, "minInclusive" },
    { SIMPLE("int'><xs:maxInclusive value='x'/>"), OBSTACLE_RANGE, "maxInclusive" },
    { SIMPLE("string'><xs:maxLength value='-1'/>"), OBSTACLE_FACET, "maxLength" },
    { SIMPLE("string'><xs:pattern value='a{2000}'/>"), OBSTACLE_PATTERN, "a{2000}" },
    { SIMPLE("string'><xs:pattern value='('/>"), OBSTACLE_PATTERN, "(" },
    { SIMPLE("string'><xs:pattern value='\\p{IsGreek}'/>"), OBSTACLE_CLASS, "\\p{IsGreek}" },
    { ELEMENT("<xs:simpleType><xs:list itemType='xs:ID'/></xs:simpleType>"), OBSTACLE_ID_WITHIN, "" },
    { ELEMENT("<xs:simpleType><xs:union memberTypes='xs:ID xs:int'/></xs:simpleType>"), OBSTACLE_ID_WITHIN,
      "" },
    { MODEL("<xs:attribute name='a' type='xs:IDREFS' default='b'/>"), OBSTACLE_ID_WITHIN,
      "a" }, /* case 432 */
    { KIT_HEAD "<xs:element name='e' type='xs:IDREF' default='b'/>" KIT_TAIL, OBSTACLE_ID_WITHIN, "e" },
    { KIT_HEAD
      "<xs:simpleType name='a'><xs:restriction base='b'/></xs:simpleType>"
      "<xs:simpleType name='b'><xs:restriction base='a'/></xs:simpleType><xs:element name='e' type='a'/>" KIT_TAIL,
      OBSTACLE_CIRCULAR, "a" },
    { KIT_HEAD
      "<xs:group name='g'><xs:sequence><xs:group ref='g'/></xs:sequence></xs:group>"
      "<xs:element name='e'><xs:complexType><xs:group ref='g'/></xs:complexType></xs:element>" KIT_TAIL,
      OBSTACLE_CIRCULAR, "sequence" },
    { MODEL("<xs:choice/>"), OBSTACLE_AMBIGUOUS, "choice" },
    { MODEL(
          "<xs:sequence><xs:element name='a' type='xs:int' minOccurs='0'/><xs:element name='a' type='xs:date'/></xs:sequence>"),
      OBSTACLE_AMBIGUOUS, "e" },
    { MODEL("<xs:sequence maxOccurs='2'><xs:element name='a' maxOccurs='5'/></xs:sequence>"),
      OBSTACLE_COUNTED, "e" },
    { MODEL(
          "<xs:sequence><xs:element name='a' minOccurs='0' maxOccurs='5'/><xs:element name='a'/></xs:sequence>"),
      OBSTACLE_COUNTED, "e" },
    { MODEL("<xs:sequence maxOccurs='9000'><xs:element name='a'/></xs:sequence>"), OBSTACLE_MODEL, "e" },
    { MODEL("<xs:sequence><xs:all><xs:element name='a'/></xs:all></xs:sequence>"), OBSTACLE_ALL, "e" },
    { MODEL("<xs:anyAttribute/><xs:attributeGroup ref='g'/>") "", OBSTACLE_UNRESOLVED, "g" },
    { KIT_HEAD "<xs:element name='e' fixed='x'><xs:complexType mixed='true'/></xs:element>" KIT_TAIL,
      OBSTACLE_FIXED, "" },
    { KIT_HEAD "<xs:element name='e' type='xs:int' fixed='x'/>" KIT_TAIL, OBSTACLE_FIXED, "" },
};

static void test_obstacles(void **state) {
    for (size_t i = 0; i < COUNT(obstacles); i++) {
        struct obstacle obstacle;
        struct grammar *grammar = kit_compile_one(obstacles[i].schema, &obstacle);
        if (grammar || obstacle.kind != obstacles[i].kind || strcmp(obstacle.name, obstacles[i].name) != 0) {
            fail_msg("%s\nis refused as: %s '%s'", obstacles[i].schema,
                     obstacle_text(obstacle.kind, LANGUAGE_EN), obstacle.name);
        }
    }
}

static bool accepts(struct grammar_kit *kit, const char *message) {
    struct obstacle obstacle;
    struct grammar *grammar = kit_compile(kit, &obstacle);
    if (!grammar) {
        fail_msg("refused: %s '%s'", obstacle_text(obstacle.kind, LANGUAGE_EN), obstacle.name);
    }
    struct validator *validator = validator_new(grammar);
    bool accepted = validator_accepts(validator, text_of(message), NULL);
    validator_free(validator);
    grammar_free(grammar);
    return accepted;
}

/* Two documents that include each other, one without a namespace, one imported. */
static void test_documents(void **state) {
    struct grammar_kit kit = { {
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:a' xmlns:b='urn:b' targetNamespace='urn:a' elementFormDefault='qualified'>"
        "<xs:include schemaLocation='1'/><xs:import namespace='urn:b' schemaLocation='2'/><xs:include schemaLocation='3'/>"
        "<xs:element name='e'><xs:complexType><xs:sequence><xs:element name='x' type='T'/><xs:element ref='b:y'/><xs:element name='z' type='U'/>"
        "</xs:sequence></xs:complexType></xs:element></xs:schema>",
        KIT_HEAD "<xs:simpleType name='S'><xs:restriction base='xs:int'/></xs:simpleType>"
                 "<xs:simpleType name='T'><xs:restriction base='S'/></xs:simpleType>" KIT_TAIL,
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:b'><xs:element name='y' type='xs:date'/></xs:schema>",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:a' xmlns='urn:a'><xs:include schemaLocation='1'/>"
        "<xs:include schemaLocation='3'/><xs:simpleType name='U'><xs:list itemType='T'/></xs:simpleType></xs:schema>",
    } };
    assert_true(accepts(&kit, "<e xmlns='urn:a'><x>1</x><y xmlns='urn:b'>2026-11-29</y><z>1 2</z></e>"));
    assert_true(
        accepts(&kit, "<a:e xmlns:a='urn:a' xmlns:b='urn:b'><a:x>1</a:x><b:y>2026-11-29</b:y><a:z/></a:e>"));
    assert_false(accepts(&kit, "<e xmlns='urn:a'><x>1</x><y>2026-11-29</y><z>1 2</z></e>"));
    assert_false(accepts(&kit, "<e xmlns='urn:a'><x>a</x><y xmlns='urn:b'>2026-11-29</y><z>1 2</z></e>"));
}

/* case 431: an xs:ID that a wildcard lets in beside another. */
static void test_wild_identities(void **state) {
    struct grammar_kit kit = { {
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:a' targetNamespace='urn:a'>"
        "<xs:attribute name='i' type='xs:ID'/><xs:attribute name='k' type='xs:ID'/><xs:attribute name='n' type='xs:int'/>"
        "<xs:element name='e'><xs:complexType><xs:attribute name='own' type='xs:ID'/><xs:anyAttribute/></xs:complexType></xs:element></xs:schema>",
    } };
    assert_true(accepts(&kit, "<a:e xmlns:a='urn:a' own='x' a:n='1'/>"));
    assert_false(accepts(&kit, "<a:e xmlns:a='urn:a' own='x' a:i='y'/>"));
    assert_false(accepts(&kit, "<a:e xmlns:a='urn:a' a:i='x' a:k='y'/>"));
}

/* As many as the limit, and one more. */
static void expect_namespaces(int count, bool compiled) {
    struct buf schema;
    struct obstacle obstacle;
    buf_init(&schema, 1u << 20);
    buf_add_string(&schema, KIT_HEAD "<xs:element name='e'><xs:complexType><xs:sequence><xs:any namespace='");
    for (int i = 1; i < count; i++) {
        buf_printf(&schema, "urn:%d ", i);
    }
    buf_add_string(&schema, "'/></xs:sequence></xs:complexType></xs:element>" KIT_TAIL);
    struct grammar *grammar = kit_compile_one(schema.at, &obstacle);
    assert_int_equal(grammar != NULL, compiled);
    assert_int_equal(obstacle.kind, compiled ? OBSTACLE_NONE : OBSTACLE_NAMES);
    grammar_free(grammar);
    buf_release(&schema);
}

static void expect_all(int members, bool compiled) {
    struct buf schema;
    struct obstacle obstacle;
    buf_init(&schema, 1u << 20);
    buf_add_string(&schema, KIT_HEAD "<xs:element name='e'><xs:complexType><xs:all>");
    for (int i = 0; i < members; i++) {
        buf_printf(&schema, "<xs:element name='e%d'/>", i);
    }
    buf_add_string(&schema, "</xs:all></xs:complexType></xs:element>" KIT_TAIL);
    struct grammar *grammar = kit_compile_one(schema.at, &obstacle);
    assert_int_equal(grammar != NULL, compiled);
    assert_int_equal(obstacle.kind, compiled ? OBSTACLE_NONE : OBSTACLE_ALL);
    grammar_free(grammar);
    buf_release(&schema);
}

static void test_limits(void **state) {
    expect_namespaces(GRAMMAR_NAMESPACES_MAX, true);
    expect_namespaces(GRAMMAR_NAMESPACES_MAX + 1, false);
    expect_all(GRAMMAR_ALL_MAX, true);
    expect_all(GRAMMAR_ALL_MAX + 1, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_obstacles),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_wild_identities),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
