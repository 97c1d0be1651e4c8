/*
 * The schema: messages against small schemas, all findings with their places; schemas that are refused when
 * loaded. Expected findings are lines "CODE line:column+length path: sentence".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "edition/dictionary.h"
#include "check/places.h"
#include "check/xsd.h"
#include "document_kit.h"
#include "schema_room.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char schema[] = XSD_HEAD
    "<xs:element name='D'><xs:complexType><xs:sequence>\n"
    "  <xs:element name='Head'><xs:complexType><xs:all>\n"
    "    <xs:element name='Bill'><xs:simpleType><xs:restriction base='xs:token'><xs:maxLength value='5'/></xs:restriction></xs:simpleType></xs:element>\n"
    "    <xs:element name='Flag' minOccurs='0'><xs:simpleType><xs:restriction base='xs:string'><xs:enumeration value='I'/><xs:enumeration value='E'/></xs:restriction></xs:simpleType></xs:element>\n"
    "    <xs:element name='Code' minOccurs='0'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='\\d{8,10}'/></xs:restriction></xs:simpleType></xs:element>\n"
    "    <xs:element name='Weight' type='xs:decimal' minOccurs='0'/>\n"
    "    <xs:element name='When' type='xs:dateTime' minOccurs='0'/>\n"
    "    <xs:element name='Day' type='Day' minOccurs='0'/>\n"
    "    <xs:element name='Empty' minOccurs='0'><xs:complexType/></xs:element>\n"
    "  </xs:all></xs:complexType></xs:element>\n"
    "  <xs:element name='Item' maxOccurs='unbounded'><xs:complexType>\n"
    "    <xs:sequence><xs:element name='N' type='xs:int'/><xs:element name='M' type='xs:int' minOccurs='0'/></xs:sequence>\n"
    "    <xs:attribute name='unit' use='required' type='Unit'/><xs:attribute name='on' type='xs:date'/>\n"
    "  </xs:complexType></xs:element>\n"
    "  <xs:element name='Note' type='xs:string' minOccurs='0'/>\n"
    "</xs:sequence></xs:complexType>\n"
    "<xs:unique name='n'><xs:selector xpath='Item'/><xs:field xpath='N'/></xs:unique></xs:element>\n"
    "<xs:simpleType name='Unit'><xs:restriction base='xs:string'><xs:length value='3'/></xs:restriction></xs:simpleType>\n"
    "<xs:simpleType name='Day'><xs:restriction base='xs:date'><xs:minInclusive value='2020-01-01'/></xs:restriction></xs:simpleType>\n" XSD_TAIL;

static void tell(const struct verdict *verdict, struct buf *out) {
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];
        buf_printf(out, "%s %u:%u+%u %s: %s\n", finding->code, finding->place.line, finding->place.column,
                   finding->place.length, finding->path, finding->en);
        assert_true(*finding->zh);
    }
}

struct judging {
    struct arena *arena;
    struct verdict verdict;
    struct gated gated;
    enum xsd_end end;
};

static struct judging judge(struct xsd_session *session, struct text bytes) {
    struct judging judging = { .arena = arena_new() };
    verdict_init(&judging.verdict, judging.arena);
    if (gate_pass(bytes, NULL, judging.arena, &judging.gated, &judging.verdict)) {
        judging.end = xsd_judge(session, &judging.gated, false, NULL, judging.arena, &judging.verdict);
    }
    verdict_sort(&judging.verdict);
    return judging;
}

static struct xsd *load(const struct schema_room *room, const char *text) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct xsd *xsd = xsd_load(room_text(room, "schemas/s.xsd", text), &mistakes);
    if (!xsd) {
        fail_msg("%s", mistakes.findings[0].en);
    }
    arena_free(arena);
    return xsd;
}

/* --- messages ------------------------------------------------------------------------------------------- */

#define HEAD "<D><Head><Bill>B</Bill>"
#define REST "</Head><Item unit='kgm'><N>1</N></Item></D>"

static const struct {
    const char *message, *found;
} messages[] = {
    { HEAD REST, "" },
    { HEAD "<Flag>I</Flag><Code>12345678</Code><Weight> 1.5 </Weight><Empty/>" REST, "" },
    { "<D><Head><Bill><![CDATA[ B ]]>&#x41;&amp;<!-- x -->C</Bill>" REST, "" },
    /* white space around dates collapses */
    { HEAD "<When>\n2024-01-02T03:04:05 </When><Day> 2024-01-02\t</Day>" REST, "" },
    { HEAD "<When>\n2024-13-02T03:04:05 </When>" REST,
      "XSD-DATATYPE 2:1+19 /D/Head/When: '2024-13-02T03:04:05' is not a valid value of When\n" },
    { HEAD "<Day> 2019-01-02 </Day>" REST,
      "XSD-MIN-INCLUSIVE 1:30+10 /D/Head/Day: 2019-01-02 is less than the minimum 2020-01-01\n" },
    { "<D><Head><Bill>B</Bill></Head><Item on=' 2024-01-02 ' unit='kgm'><N>1</N></Item></D>", "" },
    /* case 340: the parser had to make room for the value, because of the line in it */
    { HEAD "<Weight>1,5</Weight></Head><Item on='\n2024-01-02 ' unit='kgm'><N>1</N></Item></D>",
      "XSD-DATATYPE 1:32+3 /D/Head/Weight: '1,5' is not a valid value of Weight\n" },
    { "<D><Head><Bill>B</Bill></Head><Item on=' 2024-1-2 ' unit='kgm'><N>1</N></Item></D>",
      "XSD-DATATYPE 1:41+10 /D/Item/@on: '2024-1-2' is not a valid value of on\n" },
    /* values and facets, each once */
    { "<D><Head><Bill>BILLNO</Bill>" REST,
      "XSD-MAX-LENGTH 1:16+6 /D/Head/Bill: Bill has length 6, at most 5 is allowed\n" },
    { "<D><Head><Bill>\n  BILLNO  </Bill>" REST,
      "XSD-MAX-LENGTH 2:3+6 /D/Head/Bill: Bill has length 6, at most 5 is allowed\n" },
    { HEAD "<Flag>X</Flag>" REST,
      "XSD-ENUMERATION 1:30+1 /D/Head/Flag: 'X' is not one of the allowed values\n" },
    { HEAD "<Code>8703</Code>" REST, "XSD-PATTERN 1:30+4 /D/Head/Code: '8703' does not match \\d{8,10}\n" },
    { HEAD "<Weight>1,5</Weight>" REST,
      "XSD-DATATYPE 1:32+3 /D/Head/Weight: '1,5' is not a valid value of Weight\n" },
    { HEAD "<Weight></Weight>" REST,
      "XSD-DATATYPE 1:24+8 /D/Head/Weight: '' is not a valid value of Weight\n" },
    { HEAD "<Weight/>" REST, "XSD-DATATYPE 1:24+9 /D/Head/Weight: '' is not a valid value of Weight\n" },
    { HEAD "<Code>青岛</Code><Weight>岛</Weight>" REST,
      "XSD-PATTERN 1:30+6 /D/Head/Code: '青岛' does not match \\d{8,10}\nXSD-DATATYPE 1:47+3 /D/Head/Weight: '岛' is not a valid value of Weight\n" },
    /* attributes */
    { HEAD "</Head><Item><N>1</N></Item></D>",
      "XSD-ATTRIBUTE-REQUIRED 1:31+5 /D/Item: Item lacks the required attribute unit\n" },
    { HEAD "</Head><Item x='>' unit=\"kg\"><N>1</N></Item></D>",
      "XSD-ATTRIBUTE 1:37+1 /D/Item/@x: the attribute x is not allowed here\nXSD-LENGTH 1:49+2 /D/Item/@unit: unit has length 2, it must be 3\n" },
    { HEAD "</Head><Item unit=\"&amp;g\"><N>1</N></Item></D>",
      "XSD-LENGTH 1:43+6 /D/Item/@unit: unit has length 2, it must be 3\n" },
    /* content */
    { HEAD "<Empty>x</Empty>" REST, "XSD-EMPTY 1:31+1 /D/Head/Empty: Empty must be empty\n" },
    { HEAD " text " REST,
      "XSD-ELEMENT-ONLY 1:25+4 /D/Head: Head holds elements, text is not allowed in it\n" },
    { HEAD "<Weight><x/></Weight>" REST,
      "XSD-DATATYPE 1:32+4 /D/Head/Weight: '' is not a valid value of Weight\n"
      "XSD-SIMPLE-CONTENT 1:32+2 /D/Head/Weight/x: Weight holds text, elements are not allowed in it\n" },
    { "<D><Head/><Item unit='kgm'><N>1</N></Item></D>", "XSD-CONTENT 1:4+5 /D/Head: Head lacks Bill\n" },
    { "<D><Head><Bill>a</Bill><Nil/></Head><Item unit='kgm'><M>1</M></Item></D>",
      "XSD-CONTENT 1:24+4 /D/Head/Nil: the element Nil is not expected here\nXSD-CONTENT 1:54+2 /D/Item/M: the element M is not expected here\n" },
    { "<D><Head/><Item unit='kgm'><N>1</N>&nbsp;</Item></D>",
      "XML-ENTITY-DECLARED 1:36+6 /D/Item: not well-formed XML: the entity &nbsp; is not defined\n" },
    { "<D><Head><Bill>a&#x1;b</Bill></Head></D>",
      "XML-LEGAL-CHARACTER 1:17+5 /D/Head/Bill: not well-formed XML: &#x1; refers to a character that XML does not allow\n" },
    { "<D><Head><Bill>a & b</Bill></Head></D>",
      "XML-REFERENCE 1:18+1 /D/Head/Bill: not well-formed XML: no name follows the &\n" },
    { "<D><Head><Bill>a < b</Bill></Head></D>",
      "XML-NAME 1:18+1 /D/Head/Bill: not well-formed XML: no name follows the <\n" },
    { "<D><Head><Bill>AT&T</Bill></Head></D>",
      "XML-REFERENCE 1:18+2 /D/Head/Bill: not well-formed XML: an entity without its semicolon\n" },
    { "<D><Head>\n</Head><Item unit='kgm'><N>1</N></Item></D>",
      "XSD-CONTENT 2:1+7 /D/Head: Head lacks Bill\n" },
    { "<E/>", "XSD-ELEMENT 1:1+2 /E: the schema has no root element E\n" },
    { "<D xmlns='urn:x'/>", "XSD-ELEMENT 1:1+2 /D: the schema has no root element D\n" },
    /* all at once: what comes behind an unexpected element is judged too */
    { HEAD "<Nope><Weight>z</Weight></Nope><Weight>x</Weight><No2/><Code>y</Code></Head>"
           "<Item unit='k'><N>a</N></Item><Item unit='kgm'><N>1</N><O/><M>b</M></Item></D>",
      "XSD-CONTENT 1:24+5 /D/Head/Nope: the element Nope is not expected here\n"
      "XSD-DATATYPE 1:63+1 /D/Head/Weight: 'x' is not a valid value of Weight\n"
      "XSD-CONTENT 1:73+4 /D/Head/No2: the element No2 is not expected here\n"
      "XSD-PATTERN 1:85+1 /D/Head/Code: 'y' does not match \\d{8,10}\n"
      "XSD-LENGTH 1:112+1 /D/Item/@unit: unit has length 1, it must be 3\n"
      "XSD-DATATYPE 1:118+1 /D/Item/N: 'a' is not a valid value of N\n"
      "XSD-CONTENT 1:155+2 /D/Item[2]/O: the element O is not expected here\n"
      "XSD-DATATYPE 1:162+1 /D/Item[2]/M: 'b' is not a valid value of M\n" },
    { HEAD "<Bill>again</Bill><Weight>x</Weight>" REST,
      "XSD-CONTENT 1:24+5 /D/Head/Bill[2]: the element Bill is not expected here\nXSD-DATATYPE 1:50+1 /D/Head/Weight: 'x' is not a valid value of Weight\n" },
    /* an element missing is one fault, however many stand behind it */
    { "<D><Item unit='kgm'><N>1</N></Item><Item unit='kgm'><N>2</N></Item><Note/></D>",
      "XSD-CONTENT 1:4+5 /D/Item: the element Item is not expected here\n" },
    { HEAD "</Head><Item unit='kgm'><N>1</N></Item><Item unit='kgm'><N>01</N></Item></D>",
      "XSD-IDENTITY-CONSTRAINT 1:80+9 /D/Item[2]: '1' occurs twice, it must be unique\n" },
    /* not well-formed */
    { HEAD "<Weight>x</Weight></D>",
      "XML-ELEMENT-TYPE-MATCH 1:42+4 /D/Head: not well-formed XML: the end tag is not that of the open element Head\n" },
    { HEAD "&nbsp;" REST,
      "XML-ENTITY-DECLARED 1:24+6 /D/Head: not well-formed XML: the entity &nbsp; is not defined\n" },
    { HEAD "<p:x/>" REST,
      "XML-PREFIX-DECLARED 1:25+3 /D/Head: not well-formed XML: the namespace prefix of p:x is not declared\n" },
    { "text", "GATE-PROLOG 1:1+4 : something stands before the XML declaration or the root element\n" },
};

static void test_messages(void **state) {
    struct schema_room room = room_open();
    struct xsd *xsd = load(&room, schema);
    struct xsd_session *session = xsd_session_new(xsd);
    for (size_t i = 0; i < COUNT(messages); i++) {
        struct buf out;
        buf_init(&out, 1u << 16);
        struct judging judging = judge(session, text_of(messages[i].message));
        tell(&judging.verdict, &out);
        if (!text_is(buf_text(&out), messages[i].found)) {
            fail_msg("%s\n" TEXT_FORMAT, messages[i].message, TEXT_ARGS(buf_text(&out)));
        }
        buf_release(&out);
        arena_free(judging.arena);
    }
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

/* The same message as above in one session after another, broken ones between: nothing is carried over. */
static void test_a_session_forgets(void **state) {
    struct schema_room room = room_open();
    struct xsd *xsd = load(&room, schema);
    struct xsd_session *session = xsd_session_new(xsd);
    for (size_t i = 0; i < 3 * COUNT(messages); i++) {
        struct judging broken = judge(session, text_of(messages[i * 7 % COUNT(messages)].message));
        struct judging whole = judge(session, TEXT(HEAD REST));
        assert_int_equal(whole.end, XSD_READ_WHOLE);
        assert_int_equal(whole.verdict.count, 0);
        arena_free(broken.arena);
        arena_free(whole.arena);
    }
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

/* Case 520: libxml2, asked directly, tells of an element whose tag the message ends in. */
static void test_a_tag_that_is_cut_off(void **state) {
    struct schema_room room = room_open();
    struct xsd *xsd = load(&room, schema);
    struct xsd_session *session = xsd_session_new(xsd);
    struct gated gated = { .text = { .original = TEXT("<D><Head><Bil"), .utf8 = TEXT("<D><Head><Bil") } };
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    assert_int_equal(xsd_examine(session, &gated, false, NULL, arena, &verdict), XSD_CUT_SHORT);
    assert_true(verdict.errors > 0);
    arena_free(arena);
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

/* Every place is exact wherever the 4 KB pieces cut the message, in both encodings and with both line
   ends. */
static void test_places_across_pieces(void **state) {
    static const struct {
        const char *head, *note, *newline;
    } kinds[] = {
        { "", "青岛港", "\n" },
        { "<?xml version='1.0' encoding='GBK'?>\r\n", "\xC7\xE0\xB5\xBA\xB8\xDB", "\r\n" },
        { "\xEF\xBB\xBF", "x &amp; y", "" },
    };
    struct schema_room room = room_open();
    struct xsd *xsd = load(&room, schema);
    struct xsd_session *session = xsd_session_new(xsd);
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        struct buf bytes;
        uint32_t at[180];
        buf_init(&bytes, 1u << 20);
        buf_printf(&bytes, "%s<D>%s<Head><Bill>B</Bill></Head>", kinds[kind].head, kinds[kind].newline);
        for (size_t i = 0; i < COUNT(at); i++) {
            buf_printf(&bytes, "%s<Item unit='kgm'><!-- %s%*s --><N>", kinds[kind].newline, kinds[kind].note,
                       (int)(i * 7 % 301), "");
            at[i] = (uint32_t)bytes.length;
            buf_printf(&bytes, "bad%zu</N></Item>", i);
        }
        buf_printf(&bytes, "%s<Note>%s</Note></D>", kinds[kind].newline, kinds[kind].note);
        struct judging judging = judge(session, buf_text(&bytes));
        assert_int_equal(judging.verdict.count, COUNT(at));
        for (size_t i = 0; i < COUNT(at); i++) {
            struct place place = judging.verdict.findings[i].place;
            char path[40];
            snprintf(path, sizeof(path), i ? "/D/Item[%zu]/N" : "/D/Item/N", i + 1);
            assert_string_equal(judging.verdict.findings[i].path, path);
            assert_int_equal(place.offset, at[i]);
            assert_true(text_starts((struct text){ bytes.at + place.offset + place.length, 4 }, "</N>"));
            assert_int_equal(place.line, kinds[kind].newline[0] ? i + 3 + (kind == 1) : 1);
        }
        arena_free(judging.arena);
        buf_release(&bytes);
    }
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

static void test_too_many_faults_end_the_look(void **state) {
    struct schema_room room = room_open();
    struct xsd *xsd = load(&room, schema);
    struct xsd_session *session = xsd_session_new(xsd);
    struct buf bytes;
    buf_init(&bytes, 8u << 20);
    buf_add_string(&bytes, "<D><Head><Bill>B</Bill></Head>");
    for (int i = 0; i < 60000; i++) {
        buf_add_string(&bytes, "<Item unit='kgm'><N>x</N></Item>");
    }
    buf_add_string(&bytes, "</D>");
    struct judging judging = judge(session, buf_text(&bytes));
    assert_int_equal(judging.end, XSD_CUT_SHORT);
    assert_int_equal(judging.verdict.count, VERDICT_FINDINGS_MAX);
    assert_int_equal(judging.verdict.errors, XSD_FAULTS_MAX + 1);
    assert_true(arena_used(judging.arena) < (16u << 20));
    arena_free(judging.arena);
    buf_release(&bytes);
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

/* Case 241: children of one name, however many, hide none of the others. */
static void test_many_children_hide_none(void **state) {
    struct schema_room room = room_open();
    struct xsd *xsd = load(
        &room, XSD_HEAD
        "<xs:element name='L'><xs:complexType><xs:sequence><xs:element name='A' maxOccurs='unbounded'/>"
        "<xs:element name='B'/><xs:element name='C'/></xs:sequence></xs:complexType></xs:element>" XSD_TAIL);
    struct xsd_session *session = xsd_session_new(xsd);
    struct buf bytes;
    buf_init(&bytes, 1u << 20);
    buf_add_string(&bytes, "<L>");
    for (int i = 0; i < 600; i++) {
        buf_add_string(&bytes, "<A/>");
    }
    buf_add_string(&bytes, "<B/></L>");
    struct judging judging = judge(session, buf_text(&bytes));
    assert_string_equal(judging.verdict.findings[0].en, "L lacks C");
    arena_free(judging.arena);
    buf_release(&bytes);
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

/* Text comes from the parser in pieces of a reference each; the validator gets it in one. */
static void test_text_of_many_pieces(void **state) {
    struct schema_room room = room_open();
    struct xsd *xsd = load(&room, schema);
    struct xsd_session *session = xsd_session_new(xsd);
    struct buf bytes;
    buf_init(&bytes, 8u << 20);
    buf_add_string(&bytes, HEAD "</Head><Item unit='kgm'><N>1</N></Item><Note>");
    for (int i = 0; i < 200000; i++) {
        buf_add_string(&bytes, "&#65;<!---->");
    }
    buf_add_string(&bytes, "</Note></D>");
    struct judging judging = judge(session, buf_text(&bytes));
    assert_int_equal(judging.end, XSD_READ_WHOLE);
    assert_int_equal(judging.verdict.count, 0);
    arena_free(judging.arena);
    buf_release(&bytes);
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

/* The pattern official schemas are full of: with libxml2's own reading of it this value costs 15 seconds. */
static void test_a_replaced_pattern_is_fast(void **state) {
    struct schema_room room = room_open();
    struct xsd *xsd = load(
        &room, XSD_HEAD
        "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='.*[^\\s].*'/>"
        "</xs:restriction></xs:simpleType></xs:element>" XSD_TAIL);
    struct xsd_session *session = xsd_session_new(xsd);
    struct buf bytes;
    buf_init(&bytes, 1u << 20);
    buf_add_string(&bytes, "<r>");
    for (int i = 0; i < 65536; i++) {
        buf_add_char(&bytes, 'x');
    }
    buf_add_string(&bytes, "\n</r>");
    clock_t start = clock();
    struct judging judging = judge(session, buf_text(&bytes));
    assert_string_equal(judging.verdict.findings[0].code, "XSD-PATTERN");
    assert_true((clock() - start) * 1000 / CLOCKS_PER_SEC < 1000);
    arena_free(judging.arena);
    buf_release(&bytes);
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

/* --- a binding on the way ------------------------------------------------------------------------------- */

static void test_the_binding_is_walked(void **state) {
    static const char dictionary[] =
        "bill text \"提单\" \"bill\"\nitem group \"商品\" \"item\"\nitem.number decimal \"序号\" \"number\"\n"
        "item.unit text \"单位\" \"unit\"\n";
    struct schema_room room = room_open();
    struct xsd *xsd = load(&room, schema);
    struct xsd_session *session = xsd_session_new(xsd);
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct gated gated;
    verdict_init(&verdict, arena);
    struct fields *fields = dictionary_load(text_of(dictionary), "fields", arena, &verdict);
    struct binding *binding =
        binding_load(TEXT("Head/Bill bill\nItem item\nItem/N item.number\nItem/@unit item.unit\n"), "b",
                     fields, arena, &verdict);
    struct document *doc = document_new(fields, arena);
    struct text bytes = TEXT(
        "<D><Head><!-- <Bill>no</Bill> --><Bill> a<![CDATA[<b>]]>&#99;\n</Bill><Nope><Bill>no</Bill></Nope></Head>\n"
        "<Item unit = \"a&amp;b\"><N>1</N></Item><Item unit='k&lt;g'><N> 2 </N></Item></D>");
    assert_true(gate_pass(bytes, NULL, arena, &gated, &verdict));
    struct places places = places_of(&gated.text);
    places.walk = binding_walk_new(binding, doc, arena);
    assert_int_equal(xsd_judge(session, &gated, false, places.walk, arena, &verdict), XSD_READ_WHOLE);
    assert_int_equal(verdict.errors, 1); /* Nope is unexpected; the pass without it binds nothing again */
    assert_int_equal(document_count(doc), 5);
    assert_true(text_is(document_text(doc, "bill"), "a<b>c"));
    assert_true(text_is(document_row_text(doc, "item.unit", 0), "a&b"));
    assert_true(text_is(document_row_text(doc, "item.unit", 1), "k<g"));
    assert_true(text_is(document_row_text(doc, "item.number", 1), "2"));
    struct finding unit = { .path = "" };
    places_tell(&places, document_value(doc, field_named(doc, "item.unit")->id, 0), &unit);
    assert_memory_equal(bytes.at + unit.place.offset, "a&amp;b\"", unit.place.length + 1);
    assert_int_equal(unit.place.line, 3);
    assert_string_equal(unit.path, "/D/Item[1]/@unit");
    arena_free(arena);
    xsd_session_free(session);
    xsd_free(xsd);
    room_close(&room);
}

int main(void) {
    xsd_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_a_session_forgets),
        cmocka_unit_test(test_a_tag_that_is_cut_off),
        cmocka_unit_test(test_places_across_pieces),
        cmocka_unit_test(test_too_many_faults_end_the_look),
        cmocka_unit_test(test_many_children_hide_none),
        cmocka_unit_test(test_text_of_many_pieces),
        cmocka_unit_test(test_a_replaced_pattern_is_fast),
        cmocka_unit_test(test_the_binding_is_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
