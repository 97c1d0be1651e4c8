/*
 * The order of the stages: which format a message is in, as of which day, who may send it in whose name,
 * which id it has, and that all faults are told. An edition of its own, made for this test.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/counters.h"
#include "check/check.h"
#include "check/xsd.h"
#include "document_kit.h"
#include "schema_room.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char fields[] = "message_id     text    \"编号\" \"message id\" form token\n"
                             "agent          text    \"申报单位\" \"declarant\" form capitals\n"
                             "gross          decimal \"毛重\" \"gross\"\n"
                             "net            decimal \"净重\" \"net\"\n"
                             "sender         text    \"发送方\" \"sender\"   known\n"
                             "sender_role    text    \"角色\"   \"role\"     known\n"
                             "family         text    \"种类\"   \"family\"   known\n"
                             "format         text    \"格式\"   \"format\"   known\n"
                             "channel        text    \"通道\"   \"channel\"  known\n";

static const char catalog[] =
    "format dec\n  family declaration\n  root Dec\n  namespace urn:dec optional\n  schema dec/Dec.xsd\n  binding dec/binding\n"
    "  id message_id\n  acts-for agent declares\n  senders declarant agency\n"
    "format old\n  family declaration\n  root Old\n  schema dec/Old.xsd\n  binding dec/binding\n  senders declarant\n  valid from 2020-01-01 until 2021-01-01\n"
    "format new\n  family declaration\n  root Old\n  schema dec/Old.xsd\n  binding dec/binding\n  senders declarant\n  valid from 2021-01-01\n"
    "format one\n  family answer\n  root Wrap\n  namespace urn:w\n  where Head/Kind = ONE\n  schema wrap/Wrap.xsd\n  binding wrap/binding\n  senders customs\n  tolerant yes\n"
    "format two\n  family answer\n  root Wrap\n  namespace urn:w\n  where Head/Kind = TWO\n  schema wrap/Wrap.xsd\n  binding wrap/binding\n  senders customs\n"
    "format off\n  family answer\n  root Official\n  schema official/Official.xsd\n  binding wrap/binding\n  senders customs\n  dropin them\n"
    "format both\n  family answer\n  root Both\n  schema dec/Both.xsd\n  official them both.xsd\n  binding dec/binding\n  senders customs\n"
    "format also\n  family answer\n  root Also\n  schema dec/Both.xsd\n  official them both.xsd\n  binding dec/binding\n  senders customs\n";

#define DEC_BODY                                                 \
    "<xs:element name='Dec'><xs:complexType><xs:sequence>"       \
    "<xs:element name='Id' type='xs:token' minOccurs='0'/>"      \
    "<xs:element name='Agent' type='xs:token' minOccurs='0'/>"   \
    "<xs:element name='Gross' type='xs:decimal' minOccurs='0'/>" \
    "<xs:element name='Net' type='xs:decimal' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>"

static const char rules[] =
    "rule D01 error declaration\n  require gross >= net\n  at gross\n  zh 毛重小于净重\n  en gross {gross} is less than net {net}\n"
    "rule A01 warning answer\n  require exists sender\n  at sender\n  zh 无发送方\n  en no sender\n";

struct office {
    struct schema_room room;
    struct arena *arena;
    struct edition *edition;
    struct judge *judge;
    struct checker *checker;
};

static void open_office(struct office *office, bool dropin) {
    *office = (struct office){ .room = room_open(), .arena = arena_new() };
    const struct schema_room *room = &office->room;
    room_text(room, "schemas/fields", fields);
    room_text(room, "schemas/catalog", catalog);
    room_text(room, "schemas/rules", rules);
    room_text(room, "schemas/dec/binding", "Id message_id\nAgent agent\nGross gross\nNet net\n");
    room_text(
        room, "schemas/dec/Dec.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:dec' elementFormDefault='qualified'>" DEC_BODY
            XSD_TAIL);
    room_text(room, "schemas/dec/Dec-nons.xsd", XSD_HEAD DEC_BODY XSD_TAIL);
    room_text(room, "schemas/dec/Old.xsd", XSD_HEAD "<xs:element name='Old'/>" XSD_TAIL);
    room_text(
        room, "schemas/dec/Both.xsd",
        XSD_HEAD
        "<xs:element name='Both' type='xs:integer'/><xs:element name='Also' type='xs:integer'/>" XSD_TAIL);
    room_text(room, "them/both.xsd",
              XSD_HEAD
              "<xs:element name='Both' type='xs:date'/><xs:element name='Also' type='xs:date'/>" XSD_TAIL);
    room_text(room, "schemas/wrap/binding", "Head/Id message_id\n");
    room_text(
        room, "schemas/wrap/Wrap.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:w'><xs:element name='Wrap'/>" XSD_TAIL);
    room_text(room, "schemas/official/Official.xsd",
              XSD_HEAD
              "<xs:include schemaLocation='types/t.xsd'/><xs:element name='Official' type='T'/>" XSD_TAIL);
    room_text(room, "them/types/t.xsd",
              XSD_HEAD "<xs:simpleType name='T'><xs:restriction base='xs:string'/></xs:simpleType>" XSD_TAIL);
    struct verdict mistakes;
    verdict_init(&mistakes, office->arena);
    struct edition_options options = { .schemas = file_join(office->arena, room->path, "schemas") };
    if (dropin) {
        options.dropins[0] = (struct edition_dropin){ "them", file_join(office->arena, room->path, "them") };
    }
    assert_int_equal(edition_load(&options, &office->edition, &mistakes), STATUS_OK);
    office->judge = judge_new(office->edition, &mistakes);
    for (size_t i = 0; i < mistakes.count; i++) {
        print_error("%s:%u %s\n", mistakes.findings[i].file, mistakes.findings[i].place.line,
                    mistakes.findings[i].en);
    }
    assert_int_equal(mistakes.count, 0);
    office->checker = checker_new(office->judge);
}

static void close_office(struct office *office) {
    checker_free(office->checker);
    judge_release(office->judge);
    edition_release(office->edition);
    arena_free(office->arena);
    room_close(&office->room);
}

static const char *const roles_declarant[] = { "declarant" }, *const roles_customs[] = { "customs" };
static const char *const codes[] = { "3702961234", "3702965678" }, *const any[] = { "*" };
static const struct party forwarder = { .code = "FWD",
                                        .roles = { roles_declarant, 1 },
                                        .declares = { codes, 2 } };
static const struct party free_hand = { .code = "ANY",
                                        .roles = { roles_declarant, 1 },
                                        .declares = { any, 1 } };
static const struct party customs = { .code = "CUS", .roles = { roles_customs, 1 }, .declares = { any, 1 } };

struct asked {
    const char *message, *format;
    const struct party *party;
    int year;
};

static struct judgement ask(struct office *office, const struct asked *asked) {
    struct judgement judgement;
    struct text bytes = text_of(asked->message);
    struct envelope env = { .party = asked->party ? asked->party->code : "",
                            .channel = asked->party ? "http" : NULL,
                            .received = stamp_of_day(day_of(asked->year ? asked->year : 2026, 1, 1)),
                            .format = asked->format ? asked->format : "",
                            .file = "",
                            .trace = "",
                            .digest = digest_of(bytes.at, bytes.length),
                            .size = bytes.length };
    check_message(office->checker, &env, asked->party, bytes, office->arena, &judgement);
    verdict_sort(&judgement.verdict);
    return judgement;
}

#define DEC(inside) "<Dec xmlns='urn:dec'>" inside "</Dec>"

static const struct {
    struct asked asked;
    const char *format, *codes;
} cases[] = {
    /* formats */
    { { .message = DEC("") }, "dec", "" },
    { { .message = "<Dec/>" }, "dec", "" }, /* the namespace is optional, its schema another */
    { { .message = "<d:Dec xmlns:d='urn:dec'><d:Gross>x</d:Gross></d:Dec>" }, "dec", "XSD-DATATYPE" },
    { { .message = "<Dec><Gross>x</Gross></Dec>" }, "dec", "XSD-DATATYPE" },
    { { .message = "<Dec xmlns='urn:other'/>" }, "", "FORMAT-NAMESPACE" },
    { { .message = "<Nothing/>" }, "", "FORMAT-UNKNOWN" },
    { { .message = "text" }, "", "GATE-PROLOG" },
    { { .message = "<Wrap xmlns='urn:w'><Head><Kind> ONE </Kind></Head></Wrap>" }, "one", "A01" },
    { { .message = "<w:Wrap xmlns:w='urn:w'><Head><Kind>TWO</Kind></Head></w:Wrap>" }, "two", "A01" },
    { { .message = "<Wrap xmlns='urn:w'><Head><Kind>THREE</Kind></Head></Wrap>" }, "", "FORMAT-UNKNOWN" },
    { { .message = "<Wrap xmlns='urn:w'><Kind>ONE</Kind></Wrap>" }, "", "FORMAT-UNKNOWN" },
    { { .message = "<Wrap/>" }, "", "FORMAT-NAMESPACE" },
    { { .message = "<Official>x</Official>" }, "off", "A01" },
    /* as of a day */
    { { .message = "<Old/>", .year = 2020 }, "old", "" },
    { { .message = "<Old/>", .year = 2021 }, "new", "" },
    { { .message = "<Old/>", .year = 2019 }, "", "FORMAT-CLOSED" },
    /* by name */
    { { .message = "<Old/>", .format = "old", .year = 2020 }, "old", "" },
    { { .message = "<Old/>", .format = "old", .year = 2021 }, "", "FORMAT-CLOSED" },
    { { .message = "<Old/>", .format = "nothing" }, "", "FORMAT-UNKNOWN" },
    { { .message = "<Old/>", .format = "dec" }, "dec", "XSD-ELEMENT" },
    /* a stage that cannot go on ends the way */
    { { .message = "<!DOCTYPE Dec><Dec/>" }, "", "GATE-DTD" },
    { { .message = "<Dec><Gross>1</Gross><Net>2</Net><Oops></Dec>", .party = &customs },
      "dec",
      "XML-ELEMENT-TYPE-MATCH" },
    /* else all is told: schema, standing and rules */
    { { .message = "<Dec><Agent>X</Agent><Gross>1</Gross><Net>2</Net><Oops/></Dec>", .party = &forwarder },
      "dec",
      "STAND-CODE D01 XSD-CONTENT" },
    { { .message = DEC("<Gross>1</Gross><Net>2</Net>") }, "dec", "D01" },
    /* standing */
    { { .message = DEC("<Agent>3702965678</Agent>"), .party = &forwarder }, "dec", "" },
    { { .message = DEC("<Agent>3702960000</Agent>"), .party = &forwarder }, "dec", "STAND-CODE" },
    { { .message = DEC(""), .party = &forwarder }, "dec", "STAND-CODE" },
    { { .message = DEC(""), .party = &free_hand }, "dec", "" },
    { { .message = DEC(""), .party = &customs }, "dec", "STAND-ROLE" },
    { { .message = "<Old/>", .party = &customs }, "new", "STAND-ROLE" },
    { { .message = "<Wrap xmlns='urn:w'><Head><Kind>ONE</Kind></Head></Wrap>", .party = &customs },
      "one",
      "" }, /* the rule knows its sender */
};

static void test_cases(void **state) {
    struct office office;
    open_office(&office, true);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct judgement judgement = ask(&office, &cases[i].asked);
        const char *found = "";
        for (size_t k = 0; k < judgement.verdict.count; k++) {
            const struct finding *finding = &judgement.verdict.findings[k];
            found = arena_printf(office.arena, "%s%s%s", found, *found ? " " : "", finding->code);
            assert_true(*finding->zh && *finding->en);
        }
        const char *format = judgement.format ? judgement.format->name : "";
        if (strcmp(found, cases[i].codes) != 0 || strcmp(format, cases[i].format) != 0) {
            fail_msg("%s: format %s, %s", cases[i].asked.message, format, found);
        }
    }
    close_office(&office);
}

/* Case 170: an identifier holds a character that nobody sees. Told at the character, wherever it stands in
   the bytes. */
static const struct {
    const char *message;
    uint32_t line, column, length;
    const char *en;
} unseen[] = {
    { "<Dec><Agent>37\xE2\x80\x8B"
      "02</Agent></Dec>",
      1, 15, 3, "declarant: it holds U+200B (zero width space)" },
    { "<Dec><Agent>3702\xC2\xA0</Agent></Dec>", 1, 17, 2, "declarant: it holds U+00A0 (no-break space)" },
    { "<Dec>\n <Agent>\n\n  \xEF\xBC\xA1"
      "B</Agent></Dec>",
      4, 3, 3, "declarant: it holds U+FF21 (a full-width form)" },
    { "<Dec><Agent>A&#x200B;B</Agent></Dec>", 1, 14, 8, "declarant: it holds U+200B (zero width space)" },
    { "<Dec><Agent>A&#65279;B</Agent></Dec>", 1, 14, 8, "declarant: it holds U+FEFF (byte order mark)" },
    { "<Dec><Agent>A&amp;\xE2\x80\xAE</Agent></Dec>", 1, 19, 3,
      "declarant: it holds U+202E (direction mark)" },
    { "<Dec><Agent>A<!--\xE2\x80\x8B-->\xE2\x80\x8B</Agent></Dec>", 1, 22, 3,
      "declarant: it holds U+200B (zero width space)" },
    { "<Dec><Agent><![CDATA[A\xC2\xAD]]></Agent></Dec>", 1, 23, 2,
      "declarant: it holds U+00AD (soft hyphen)" },
    { "<Dec><Id>\xE3\x80\x80"
      "1</Id></Dec>",
      1, 10, 3, "message id: it holds U+3000 (ideographic space)" },
    { "<?xml version='1.0' encoding='GBK'?><Dec><Id>\xA3\xC1"
      "1</Id></Dec>",
      1, 46, 2, "message id: it holds U+FF21 (a full-width form)" },
    { "<?xml version='1.0' encoding='GB18030'?><Dec><!-- \xC7\xE0 --><Id>A\x81\x36\xA4\x37</Id></Dec>", 1, 61,
      4, "message id: it holds U+200B (zero width space)" },
};

static void test_unseen_characters_are_refused_where_they_stand(void **state) {
    struct office office;
    open_office(&office, true);
    for (size_t i = 0; i < COUNT(unseen); i++) {
        struct judgement judgement = ask(&office, &(struct asked){ .message = unseen[i].message });
        const struct finding *finding = judgement.verdict.findings;
        assert_true(judgement.verdict.count >= 1);
        assert_string_equal(finding->code, "FORMAT-CHARACTER");
        assert_int_equal(finding->severity, SEVERITY_ERROR);
        assert_string_equal(finding->en, unseen[i].en);
        assert_true(*finding->zh && *finding->hint_zh && *finding->hint_en);
        if (finding->place.line != unseen[i].line || finding->place.column != unseen[i].column
            || finding->place.length != unseen[i].length) {
            fail_msg("%zu: %u:%u+%u", i, finding->place.line, finding->place.column, finding->place.length);
        }
    }
    /* where the sender cannot send again it is told, and the value is left out */
    struct judgement judgement =
        ask(&office,
            &(struct asked){
                .message = "<Wrap xmlns='urn:w'><Head><Kind>ONE</Kind><Id>A\xE2\x80\x8B</Id></Head></Wrap>",
                .party = &customs });
    assert_int_equal(judgement.verdict.count, 1);
    assert_int_equal(judgement.verdict.findings[0].severity, SEVERITY_WARNING);
    assert_true(document_value(judgement.doc, field_named(judgement.doc, "message_id")->id, 0)->ill);
    close_office(&office);
}

static void test_without_its_folder_an_official_format_is_unavailable(void **state) {
    struct office office;
    open_office(&office, false);
    struct judgement judgement = ask(&office, &(struct asked){ .message = "<Official>x</Official>" });
    assert_string_equal(judgement.format->name, "off");
    assert_string_equal(judgement.verdict.findings[0].code, "FORMAT-UNAVAILABLE");
    assert_true(*judgement.verdict.findings[0].hint_en && *judgement.verdict.findings[0].hint_zh);
    assert_string_equal(judgement.id, "");
    close_office(&office);
}

/* Both formats are judged by one schema. */
static void test_an_official_schema_judges_instead_of_ours(void **state) {
    static const char *const of_ours[] = { "<Both>1</Both>", "<Also>1</Also>" };
    static const char *const of_theirs[] = { "<Both>2026-10-12</Both>", "<Also>2026-10-12</Also>" };
    for (int official = 0; official < 2; official++) {
        struct office office;
        open_office(&office, official);
        for (size_t i = 0; i < COUNT(of_ours); i++) {
            struct judgement ours = ask(&office, &(struct asked){ .message = of_ours[i] });
            struct judgement theirs = ask(&office, &(struct asked){ .message = of_theirs[i] });
            assert_int_equal(verdict_passes(&ours.verdict), !official);
            assert_int_equal(verdict_passes(&theirs.verdict), official);
        }
        close_office(&office);
    }
}

static void test_ids(void **state) {
    struct office office;
    char hex[DIGEST_HEX_MAX], message[1000];
    open_office(&office, true);
    struct judgement judgement = ask(&office, &(struct asked){ .message = DEC("<Id> M-1 </Id>") });
    assert_string_equal(judgement.id, "M-1");
    judgement = ask(&office, &(struct asked){ .message = DEC("<Id>M-2</Id><Gross>x</Gross>") });
    assert_string_equal(judgement.id, "M-2");
    static const char *const without[] = { DEC(""), "<Old/>" };
    for (size_t i = 0; i < COUNT(without); i++) {
        struct digest digest = digest_of(without[i], strlen(without[i]));
        judgement = ask(&office, &(struct asked){ .message = without[i] });
        assert_string_equal(judgement.id, digest_hex(&digest, hex));
    }
    judgement = ask(&office, &(struct asked){ .message = "<Nothing/>" });
    assert_string_equal(judgement.id, "");
    snprintf(message, sizeof(message), "<Dec><Id>%0300d</Id></Dec>", 1);
    judgement = ask(&office, &(struct asked){ .message = message });
    assert_string_equal(judgement.verdict.findings[0].code, "FORMAT-ID");
    assert_int_equal(strlen(judgement.id), 2 * DIGEST_SIZE);
    close_office(&office);
}

static void test_what_the_gateway_knows_stands_in_the_document(void **state) {
    struct office office;
    open_office(&office, true);
    struct judgement judgement =
        ask(&office, &(struct asked){ .message = DEC("<Agent>3702961234</Agent>"), .party = &forwarder });
    static const struct {
        const char *field, *text;
    } known[] = {
        { "sender", "FWD" }, { "sender_role", "declarant" }, { "family", "declaration" },
        { "format", "dec" }, { "channel", "http" },          { "agent", "3702961234" },
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        assert_true(text_is(document_text(judgement.doc, known[i].field), known[i].text));
    }
    judgement = ask(&office, &(struct asked){ .message = DEC("") });
    assert_int_equal(document_text(judgement.doc, "sender").length, 0);
    close_office(&office);
}

/* One check, a checker for each thread: the same answers as alone. */
static void *ask_all(void *context) {
    struct office mine = *(struct office *)context;
    mine.arena = arena_new();
    mine.checker = checker_new(mine.judge);
    uintptr_t wrong = 0;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < COUNT(cases); i++) {
            struct judgement judgement = ask(&mine, &cases[i].asked);
            const char *code = judgement.verdict.count ? judgement.verdict.findings[0].code : "";
            wrong += strncmp(cases[i].codes, code, strlen(code)) != 0 || (!*code && *cases[i].codes);
        }
    }
    checker_free(mine.checker);
    arena_free(mine.arena);
    return (void *)wrong;
}

static void test_threads_share_a_check(void **state) {
    struct office office;
    pthread_t threads[4];
    open_office(&office, true);
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_all, &office), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    close_office(&office);
}

static void test_by_one_schema_alone(void **state) {
    struct schema_room room = room_open();
    struct arena *arena = arena_new();
    struct verdict verdict;
    const char *path = room_text(&room, "s/r.xsd", XSD_HEAD "<xs:element name='r' type='xs:int'/>" XSD_TAIL);
    verdict_init(&verdict, arena);
    struct xsd *schema = xsd_load(path, &verdict);
    assert_non_null(schema);
    static const struct {
        const char *message, *code;
    } messages[] = {
        { "<r>1</r>", "" },
        { "<r>x</r>", "XSD-DATATYPE" },
        { "<r>", "XML-ELEMENT" },
        { "<!DOCTYPE r><r>1</r>", "GATE-DTD" },
    };
    for (size_t i = 0; i < COUNT(messages); i++) {
        verdict_init(&verdict, arena);
        check_by_schema(schema, text_of(messages[i].message), arena, &verdict);
        assert_string_equal(verdict.count ? verdict.findings[0].code : "", messages[i].code);
    }
    xsd_free(schema);
    arena_free(arena);
    room_close(&room);
}

/* Case 420: libxml2 does not look at xs:ID and xs:IDREF while it streams, so a second one passed, and a
 * reference to nothing. */
static void test_ids_of_a_message(void **state) {
    struct schema_room room = room_open();
    struct arena *arena = arena_new();
    struct verdict verdict;
    const char *path = room_text(
        &room, "s/r.xsd",
        XSD_HEAD "<xs:element name='r'><xs:complexType><xs:sequence>"
                 "<xs:element name='id' type='xs:ID' maxOccurs='9'/>"
                 "<xs:element name='ref' type='xs:IDREF' minOccurs='0'/></xs:sequence></xs:complexType>"
                 "</xs:element>" XSD_TAIL);
    verdict_init(&verdict, arena);
    struct xsd *schema = xsd_load(path, &verdict);
    if (!schema) {
        fail_msg("%s", verdict.findings[0].en);
    }
    static const struct {
        const char *message;
        uint64_t offset; /* of the one finding; 0: none */
    } messages[] = {
        { "<r><id>a</id><id>b</id><ref>a</ref></r>", 0 },
        { "<r><id>a</id><id>b</id><id>a</id></r>", 27 },
        { "<r><id>a</id><ref>b</ref></r>", 18 },
    };
    for (size_t i = 0; i < COUNT(messages); i++) {
        verdict_init(&verdict, arena);
        check_by_schema(schema, text_of(messages[i].message), arena, &verdict);
        assert_int_equal(verdict.count, messages[i].offset > 0);
        if (messages[i].offset) {
            assert_string_equal(verdict.findings[0].code, "XSD-ID-IDREF");
            assert_int_equal(verdict.findings[0].place.offset, messages[i].offset);
            assert_int_equal(verdict.findings[0].place.length, 1);
        }
    }
    xsd_free(schema);
    arena_free(arena);
    room_close(&room);
}

/* Case 771: an ID that stands twice, or a reference to none, was told only where nothing else was wrong. Now
 * beside what libxml2 finds; a reference only where all of the message has a type, for what it leads to may
 * stand in what has none. */
static void test_ids_beside_another_fault(void **state) {
    struct schema_room room = room_open();
    struct arena *arena = arena_new();
    struct verdict verdict;
    const char *path = room_text(
        &room, "s/r.xsd",
        XSD_HEAD "<xs:element name='r'><xs:complexType><xs:sequence>"
                 "<xs:element name='n' type='xs:int' minOccurs='0'/>"
                 "<xs:element name='p' minOccurs='0' maxOccurs='9'><xs:complexType><xs:sequence>"
                 "<xs:element name='id' type='xs:ID'/></xs:sequence><xs:attribute name='i' type='xs:ID'/>"
                 "<xs:attribute name='to' type='xs:IDREFS'/></xs:complexType></xs:element>"
                 "<xs:element name='q' type='xs:string' minOccurs='0'/></xs:sequence></xs:complexType>"
                 "</xs:element>" XSD_TAIL);
    verdict_init(&verdict, arena);
    struct xsd *schema = xsd_load(path, &verdict);
    require(schema);
    static const struct {
        const char *message, *first;
        uint64_t offset; /* of the clash; 0: none */
    } messages[] = {
        { "<r><n>x</n><p i='a'><id>b</id></p><p i='a'><id>c</id></p></r>", "XSD-DATATYPE", 40 },
        { "<r><n>x</n><p i='a'><id>a</id></p></r>", "XSD-DATATYPE", 24 },
        { "<r><n>x</n><p i='a'><id>b</id></p></r>", "XSD-DATATYPE", 0 },
        { "<r><q/><p i='a'><id>b</id></p><p i='b'><id>c</id></p></r>", "XSD-CONTENT", 36 }, /* out of place */
        { "<r><u/><p i='a'><id>b</id></p><p i='b'><id>c</id></p></r>", "XSD-CONTENT", 36 },
        { "<r><u><id>b</id></u><p i='a'><id>b</id></p></r>", "XSD-CONTENT", 0 }, /* the first is no ID */
        { "<r><n>x</n><p i='a' to='c'><id>b</id></p></r>", "XSD-DATATYPE", 24 },
        { "<r><n>x</n><p to='b &#97;' i='a'><id>b</id></p></r>", "XSD-DATATYPE", 0 },
        { "<r><u/><p i='a' to='c'><id>b</id></p></r>", "XSD-CONTENT", 0 }, /* u may be a mistaken p */
    };
    for (size_t i = 0; i < COUNT(messages); i++) {
        uint64_t found = 0;
        verdict_init(&verdict, arena);
        check_by_schema(schema, text_of(messages[i].message), arena, &verdict);
        assert_true(verdict.count >= 1);
        if (*messages[i].first && strcmp(verdict.findings[0].code, messages[i].first) != 0) {
            fail_msg("%s: %s", messages[i].message, verdict.findings[0].code);
        }
        for (size_t k = 0; *messages[i].first && k < verdict.count; k++) {
            bool clash = strcmp(verdict.findings[k].code, "XSD-ID-IDREF") == 0;
            assert_false(clash && found);
            found = clash ? verdict.findings[k].place.offset : found;
        }
        if (found != messages[i].offset) {
            fail_msg("%s: %u", messages[i].message, (unsigned)found);
        }
    }
    xsd_free(schema);
    arena_free(arena);
    room_close(&room);
}

/* Case 422: whatever stands before the root element, our own validator is asked, and what it accepts libxml2
 * does not see. */
static void test_accepted_by_our_own(void **state) {
    static const char *const messages[] = {
        DEC(""),
        "<!-- c -->\n" DEC(""),
        "<?xml version='1.0'?><!-- c --><!-- d -->" DEC(""),
    };
    struct office office;
    open_office(&office, true);
    for (size_t i = 0; i < COUNT(messages); i++) {
        int64_t before = counter_get(COUNTER_VALIDATED_COMPILED);
        ask(&office, &(struct asked){ .message = messages[i], .party = &forwarder });
        assert_int_equal(counter_get(COUNTER_VALIDATED_COMPILED), before + 1);
    }
    close_office(&office);
}

/* The office goes on with this in Old.xsd; what is told of it. */
static void change_schema(struct office *office, const char *schema, struct verdict *mistakes) {
    verdict_init(mistakes, office->arena);
    checker_free(office->checker);
    judge_release(office->judge);
    edition_release(office->edition);
    room_text(&office->room, "schemas/dec/Old.xsd", schema);
    struct edition_options options = { .schemas = file_join(office->arena, office->room.path, "schemas") };
    assert_int_equal(edition_load(&options, &office->edition, mistakes), STATUS_OK);
    office->judge = judge_new(office->edition, mistakes);
    office->checker = checker_new(office->judge);
}

/* Case 524: what a message may use that our own validator leaves to libxml2 is told of a schema when it is
 * loaded, once for each file. */
static void test_what_is_left_to_libxml2_is_told(void **state) {
    struct office office;
    struct verdict mistakes;
    open_office(&office, false);
    change_schema(
        &office,
        XSD_HEAD "<xs:element name='Old' type='xs:string'/><xs:element name='Older' substitutionGroup='Old'/>"
                 "<xs:complexType name='T' abstract='true'/><xs:element name='Any' type='T'/>" XSD_TAIL,
        &mistakes);
    assert_int_equal(mistakes.warnings, 2);
    assert_int_equal(mistakes.count, 2);
    assert_string_equal(mistakes.findings[0].en,
                        "messages with an element of a substitution group are judged by libxml2: Older");
    assert_string_equal(
        mistakes.findings[1].en,
        "messages with xsi:type, as of an element of an abstract type, are judged by libxml2: Any");
    assert_int_equal(office.judge->uncompiled, 0);
    close_office(&office);
}

#define WITH_ITEMS                                                                               \
    "<xs:element name='Old'><xs:complexType><xs:sequence><xs:element ref='Item'/></xs:sequence>" \
    "</xs:complexType></xs:element><xs:element name='Item' type='xs:string'/>"                   \
    "<xs:element name='Other' type='xs:string' substitutionGroup='Item'/>"
#define OF_TYPE \
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:xs='http://www.w3.org/2001/XMLSchema' xsi:type='xs:token'"

/* Case 528: who judged a message is counted, and why our own validator left it. */
static void test_who_judged_is_counted(void **state) {
    static const struct {
        const char *message;
        enum counter counts;
    } messages[] = {
        { "<Old><Item>a</Item></Old>", COUNTER_VALIDATED_COMPILED },
        { "<Old><Other>a</Other></Old>", COUNTER_LEFT_SUBSTITUTE },
        { "<Old><Item" OF_TYPE ">a</Item></Old>", COUNTER_LEFT_TYPE },
        { "<Old><Other>a</Other></Old>", COUNTER_VALIDATED_AGAIN },
        { "<Old><Item" OF_TYPE ">a</Item></Old>", COUNTER_VALIDATED_AGAIN },
    };
    struct office office;
    struct verdict mistakes;
    open_office(&office, false);
    change_schema(&office, XSD_HEAD WITH_ITEMS XSD_TAIL, &mistakes);
    for (size_t i = 0; i < COUNT(messages); i++) {
        int64_t before = counter_get(messages[i].counts);
        struct judgement judgement = ask(&office, &(struct asked){ .message = messages[i].message });
        assert_true(verdict_passes(&judgement.verdict));
        assert_int_equal(counter_get(messages[i].counts), before + 1);
    }
    close_office(&office);
}

/* ... and a schema that is not compiled is told of, by what it holds; libxml2 judges by it. */
static void test_a_schema_that_is_not_compiled_is_told(void **state) {
    struct office office;
    struct verdict mistakes;
    open_office(&office, false);
    change_schema(&office, XSD_HEAD "<xs:element name='Old' type='xs:QName'/>" XSD_TAIL, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    assert_int_equal(mistakes.count, 1);
    assert_string_equal(mistakes.findings[0].en, "judged by libxml2 alone, which is slower: "
                                                 "a type xs:NOTATION, xs:QName or xs:ENTITY QName");
    assert_int_equal(office.judge->uncompiled, 1);
    int64_t before = counter_get(COUNTER_VALIDATED_LIBXML2);
    struct judgement judgement = ask(&office, &(struct asked){ .message = "<Old>a</Old>" });
    assert_true(verdict_passes(&judgement.verdict));
    assert_int_equal(counter_get(COUNTER_VALIDATED_LIBXML2), before + 1);
    close_office(&office);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_without_its_folder_an_official_format_is_unavailable),
        cmocka_unit_test(test_an_official_schema_judges_instead_of_ours),
        cmocka_unit_test(test_unseen_characters_are_refused_where_they_stand),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_what_the_gateway_knows_stands_in_the_document),
        cmocka_unit_test(test_threads_share_a_check),
        cmocka_unit_test(test_by_one_schema_alone),
        cmocka_unit_test(test_ids_of_a_message),
        cmocka_unit_test(test_ids_beside_another_fault),
        cmocka_unit_test(test_accepted_by_our_own),
        cmocka_unit_test(test_what_is_left_to_libxml2_is_told),
        cmocka_unit_test(test_who_judged_is_counted),
        cmocka_unit_test(test_a_schema_that_is_not_compiled_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
