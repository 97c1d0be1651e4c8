/*
 * Schemas: what is refused when one is loaded, with file and line, and that nothing outside its folders is
 * opened. Expected mistakes are lines "FILE:line: sentence", of which the beginning must agree.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>
#include <libxml/xmlschemas.h>

#include "base/buf.h"
#include "check/schema.h"
#include "schema_room.h"

#define COUNT(table)      (sizeof(table) / sizeof((table)[0]))
#define ROOT              "<xs:element name='r' type='xs:string'/>"
#define INCLUDE(location) "<xs:include schemaLocation='" location "'/>\n"
#define PATTERN(pattern)                                                                     \
    "<xs:simpleType name='t'><xs:restriction base='xs:string'>\n<xs:pattern value='" pattern \
    "'/></xs:restriction></xs:simpleType>" ROOT

/* The main schema is s/main.xsd; beside it stand files of the case, and in the room these for all. */
static const struct {
    const char *main, *other_name, *other, *mistakes;
} cases[] = {
    { XSD_HEAD ROOT XSD_TAIL, NULL, NULL, "" },
    { XSD_HEAD INCLUDE("part.xsd") XSD_TAIL, "s/part.xsd", XSD_HEAD ROOT XSD_TAIL, "" },
    { XSD_HEAD INCLUDE("../types/part.xsd") XSD_TAIL, "types/part.xsd", XSD_HEAD ROOT XSD_TAIL, "" },
    { XSD_HEAD INCLUDE("sub/part.xsd") XSD_TAIL, "s/sub/part.xsd",
      XSD_HEAD INCLUDE("../main.xsd") ROOT XSD_TAIL, "" }, /* a circle */
    { XSD_HEAD INCLUDE("a%20b%E9%9D%92.xsd") XSD_TAIL, "s/a b青.xsd", XSD_HEAD ROOT XSD_TAIL, "" },
    { XSD_HEAD "<xs:import namespace='urn:not-needed'/>" ROOT XSD_TAIL, NULL, NULL, "" },
    /* locations */
    { XSD_HEAD INCLUDE("终端节点报文.xsd") ROOT XSD_TAIL, "s/终端节点报文.xsd", XSD_HEAD XSD_TAIL,
      "s/main.xsd:2: schemaLocation holds raw non-ASCII characters: 终端节点报文.xsd" },
    { XSD_HEAD INCLUDE("gone.xsd") ROOT XSD_TAIL, NULL, NULL,
      "s/main.xsd:2: the schema document does not exist: gone.xsd" },
    { XSD_HEAD INCLUDE("http://127.0.0.1:1/x.xsd") ROOT XSD_TAIL, NULL, NULL,
      "s/main.xsd:2: only files of the schema's own folders may be named, not http" },
    { XSD_HEAD "\n<xs:import namespace='urn:x' schemaLocation='https://example.com/x.xsd'/>" ROOT XSD_TAIL,
      NULL, NULL, "s/main.xsd:3: only files" },
    { XSD_HEAD INCLUDE("//host/x.xsd") ROOT XSD_TAIL, NULL, NULL, "s/main.xsd:2: only files" },
    { XSD_HEAD INCLUDE("file:///etc/passwd") ROOT XSD_TAIL, NULL, NULL, "s/main.xsd:2: only files" },
    { XSD_HEAD INCLUDE("/etc/passwd") ROOT XSD_TAIL, NULL, NULL, "s/main.xsd:2: only files" },
    { XSD_HEAD INCLUDE("../../../../etc/passwd") ROOT XSD_TAIL, NULL, NULL, "s/main.xsd:2: only files" },
    { XSD_HEAD INCLUDE("%2e%2e/%2e%2e/%2e%2e/etc/passwd") ROOT XSD_TAIL, NULL, NULL,
      "s/main.xsd:2: only files" },
    { XSD_HEAD INCLUDE("link.xsd") ROOT XSD_TAIL, NULL, NULL,
      "s/main.xsd:2: only files" }, /* a symbolic link out of the tree */
    { XSD_HEAD INCLUDE(".") ROOT XSD_TAIL, NULL, NULL, "s/main.xsd:2: cannot read the schema document" },
    /* what is no schema */
    { "<p/>", NULL, NULL, "s/main.xsd:1: not a schema document: its root element is p" },
    { "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>", NULL, NULL,
      "s/main.xsd:1: the schema document is not well-formed" },
    { "not even XML", NULL, NULL, "s/main.xsd:1: the schema document is not well-formed" },
    { "", NULL, NULL, "s/main.xsd:0: cannot read the schema document" },
    { XSD_HEAD INCLUDE("part.xsd") ROOT XSD_TAIL, "s/part.xsd", "<html/>",
      "s/part.xsd:1: not a schema document: its root element is html" },
    { "<!DOCTYPE x [<!ENTITY e 'x'>]>" XSD_HEAD ROOT XSD_TAIL, NULL, NULL,
      "s/main.xsd:0: a schema document may not have a DTD" },
    { "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" XSD_HEAD ROOT XSD_TAIL, NULL, NULL,
      "s/main.xsd:0: a schema document may not have a DTD" },
    { XSD_HEAD "<xs:element name='r' type='nope'/>" XSD_TAIL, NULL, NULL,
      "s/main.xsd:2: the schema does not compile: " },
    { XSD_HEAD INCLUDE("part.xsd") XSD_TAIL, "s/part.xsd",
      XSD_HEAD "\n\n<xs:element name='r' type='nope'/>" XSD_TAIL,
      "s/part.xsd:4: the schema does not compile: " },
    /* patterns, in included documents too */
    { XSD_HEAD PATTERN("[A-Z]{3}") XSD_TAIL, NULL, NULL, "" },
    { XSD_HEAD PATTERN(".*[^\\s].*") XSD_TAIL, NULL, NULL, "" },
    { XSD_HEAD PATTERN("(a|aa)+b") XSD_TAIL, NULL, NULL,
      "s/main.xsd:3: xs:pattern (a|aa)+b: nested or overlapping" },
    { XSD_HEAD PATTERN("(.*a){12}") XSD_TAIL, NULL, NULL,
      "s/main.xsd:3: xs:pattern (.*a){12}: nested or overlapping" },
    { XSD_HEAD PATTERN("(a{0,50}){0,50}b") XSD_TAIL, NULL, NULL,
      "s/main.xsd:3: xs:pattern (a{0,50}){0,50}b: a counted repeat" },
    { XSD_HEAD PATTERN("(x?){40}x{40}") XSD_TAIL, NULL, NULL,
      "s/main.xsd:3: xs:pattern (x?){40}x{40}: a counted repeat" },
    { XSD_HEAD INCLUDE("part.xsd") XSD_TAIL, "s/part.xsd", XSD_HEAD PATTERN("(a+)+") XSD_TAIL,
      "s/part.xsd:3: xs:pattern (a+)+: nested" },
    /* identity constraints */
    { XSD_HEAD
      "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='i' type='xs:string' maxOccurs='9'/></xs:sequence></xs:complexType>"
      "<xs:unique name='u'><xs:selector xpath='i'/><xs:field xpath='.'/></xs:unique></xs:element>" XSD_TAIL,
      NULL, NULL, "" },
    { XSD_HEAD
      "<xs:element name='r' type='T'>\n<xs:unique name='u'><xs:selector xpath='.//r'/><xs:field xpath='@a'/></xs:unique></xs:element>"
      "<xs:complexType name='T'><xs:sequence><xs:element ref='r' minOccurs='0'/></xs:sequence><xs:attribute name='a'/></xs:complexType>" XSD_TAIL,
      NULL, NULL, "s/main.xsd:3: identity constraints may not use // paths" },
};

static void tell(const struct schema_room *room, const struct verdict *verdict, struct buf *out) {
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];
        size_t cut = strncmp(finding->file, room->path, strlen(room->path)) == 0 ? strlen(room->path) + 1 : 0;
        buf_printf(out, "%s:%u: %s\n", finding->file + cut, finding->place.line, finding->en);
        assert_string_equal(finding->code, "LINT-XSD");
        assert_true(*finding->zh);
    }
}

/* text NULL: the file. */
static void load_from(const struct schema_room *room, const char *path, const struct schema_text *text,
                      struct buf *out) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct content *content = content_new();
    struct schema_loaded loaded;
    if (text) {
        schema_load_texts(text, 1, &content, &loaded, &mistakes);
    } else {
        loaded = schema_load(path, content, &mistakes);
    }
    assert_int_equal(loaded.schema != NULL, mistakes.errors == 0);
    tell(room, &mistakes, out);
    xmlSchemaFree(loaded.schema);
    grammar_free(loaded.grammar);
    content_free(content);
    arena_free(arena);
}

static void load_in(const struct schema_room *room, const char *path, struct buf *out) {
    load_from(room, path, NULL, out);
}

/* Whose texts are the files below schemas/ and, as a drop-in, official/. Whatever else it lacks does not
 * matter here. */
static struct edition *edition_of(const struct schema_room *room, struct arena *arena) {
    struct verdict mistakes;
    struct edition *edition;
    struct edition_options options = { .schemas = file_join(arena, room->path, "schemas") };
    options.dropins[0] = (struct edition_dropin){ "them", file_join(arena, room->path, "official") };
    verdict_init(&mistakes, arena);
    assert_int_equal(edition_load(&options, &edition, &mistakes), STATUS_OK);
    return edition;
}

static void test_cases(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct schema_room room = room_open();
        struct buf out;
        char link[128];
        buf_init(&out, 1u << 16);
        const char *path = room_text(&room, "s/main.xsd", cases[i].main);
        snprintf(link, sizeof(link), "%s/s/link.xsd", room.path);
        assert_int_equal(symlink("/etc/passwd", link), 0);
        if (cases[i].other) {
            room_text(&room, cases[i].other_name, cases[i].other);
        }
        load_in(&room, path, &out);
        bool right = *cases[i].mistakes ? text_starts(buf_text(&out), cases[i].mistakes) : out.length == 0;
        if (!right) {
            fail_msg("%s\n" TEXT_FORMAT "instead of %s", cases[i].main, TEXT_ARGS(buf_text(&out)),
                     cases[i].mistakes);
        }
        buf_release(&out);
        room_close(&room);
    }
}

static void test_a_driver_stands_elsewhere(void **state) {
    struct schema_room room = room_open();
    struct arena *arena = arena_new();
    struct buf out;
    buf_init(&out, 1u << 16);
    room_text(&room, "schemas/ours/driver.xsd", XSD_HEAD INCLUDE("deep/part.xsd") XSD_TAIL);
    room_text(&room, "official/deep/part.xsd", XSD_HEAD ROOT XSD_TAIL);
    struct edition *edition = edition_of(&room, arena);
    load_from(&room, NULL, &(struct schema_text){ edition, "ours/driver.xsd", "", "ours/driver.xsd" }, &out);
    assert_non_null(strstr(out.at, "does not exist: deep/part.xsd"));
    buf_clear(&out);
    load_from(&room, NULL, &(struct schema_text){ edition, "ours/driver.xsd", "dropin/them/", "driver.xsd" },
              &out);
    assert_int_equal(out.length, 0);
    edition_release(edition);
    buf_release(&out);
    arena_free(arena);
    room_close(&room);
}

/* Case 380: schemas were compiled from the disk, so what judged a message need not have been what the record
 * of the edition says. */
static void test_an_edition_judges_by_its_own_texts(void **state) {
    struct schema_room room = room_open();
    struct arena *arena = arena_new();
    struct buf out;
    buf_init(&out, 1u << 16);
    room_text(&room, "schemas/海关 模式/main.xsd", XSD_HEAD INCLUDE("../t/part.xsd") XSD_TAIL);
    room_text(&room, "schemas/t/part.xsd", XSD_HEAD ROOT XSD_TAIL);
    room_text(&room, "schemas/t/out.xsd", XSD_HEAD INCLUDE("../../official/main.xsd") XSD_TAIL);
    room_text(&room, "official/main.xsd", XSD_HEAD INCLUDE("../schemas/t/part.xsd") XSD_TAIL);
    struct edition *edition = edition_of(&room, arena);
    room_text(&room, "schemas/海关 模式/main.xsd", "<html/>");
    assert_int_equal(unlink(file_join(arena, room.path, "schemas/t/part.xsd")), 0);
    const char *name = "海关 模式/main.xsd";
    load_from(&room, NULL, &(struct schema_text){ edition, name, "", name }, &out);
    assert_int_equal(out.length, 0);
    static const struct {
        struct schema_text text;
        const char *mistake;
    } wrong[] = {
        { { NULL, "t/none.xsd", "", "t/none.xsd" }, "schemas/t/none.xsd:0: the schema does not exist" },
        { { NULL, "t/out.xsd", "", "t/out.xsd" },
          "schemas/t/out.xsd:2: only files of the schema's own folders" },
        { { NULL, "dropin/them/main.xsd", "dropin/them/", "main.xsd" },
          "official/main.xsd:2: only files of the schema's own folders" },
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct schema_text text = wrong[i].text;
        text.edition = edition;
        buf_clear(&out);
        load_from(&room, NULL, &text, &out);
        if (!text_starts(buf_text(&out), wrong[i].mistake)) {
            fail_msg(TEXT_FORMAT "instead of %s", TEXT_ARGS(buf_text(&out)), wrong[i].mistake);
        }
    }
    edition_release(edition);
    buf_release(&out);
    arena_free(arena);
    room_close(&room);
}

/* A folder with a Chinese name and blanks in it is a folder like any other. */
static void test_folders_of_any_name(void **state) {
    struct schema_room room = room_open();
    struct buf out;
    buf_init(&out, 1u << 16);
    room_text(&room, "海关 模式/t/part.xsd", XSD_HEAD ROOT XSD_TAIL);
    load_in(&room, room_text(&room, "海关 模式/s/main.xsd", XSD_HEAD INCLUDE("../t/part.xsd") XSD_TAIL),
            &out);
    assert_int_equal(out.length, 0);
    load_in(&room, "/nowhere/main.xsd", &out);
    assert_non_null(strstr(out.at, "the schema does not exist"));
    buf_release(&out);
    room_close(&room);
}

/* Content models whose determinism libxml2 checks for ever: W3C particlesZ012 and Z015 in kind. */
static void add_endless(struct buf *schema) {
    buf_add_string(schema, XSD_HEAD "<xs:element name='r'><xs:complexType><xs:sequence>\n");
    for (int i = 0; i < 40; i++) {
        buf_add_string(schema, "<xs:choice minOccurs='0' maxOccurs='9'>");
        for (int k = 0; k < 60; k++) {
            buf_printf(
                schema,
                "<xs:sequence minOccurs='0' maxOccurs='7'><xs:element name='e%d_%d' minOccurs='0' maxOccurs='5'/></xs:sequence>",
                i, k);
        }
        buf_add_string(schema, "</xs:choice>\n");
    }
    buf_add_string(schema, "</xs:sequence></xs:complexType></xs:element>" XSD_TAIL);
}

/* Of an edition's schemas: s0.xsd, s1.xsd ... out gets their mistakes, and in the end which of them are
 * loaded: "+-+". */
static void load_several(const struct schema_room *room, size_t count, struct buf *out) {
    struct arena *arena = arena_new();
    struct edition *edition = edition_of(room, arena);
    struct schema_text texts[9];
    struct content *contents[9];
    struct schema_loaded loaded[9];
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    for (size_t i = 0; i < count; i++) {
        const char *name = arena_printf(arena, "s%zu.xsd", i);
        texts[i] = (struct schema_text){ edition, name, "", name };
        contents[i] = content_new();
    }
    schema_load_texts(texts, count, contents, loaded, &mistakes);
    tell(room, &mistakes, out);
    for (size_t i = 0; i < count; i++) {
        buf_add_string(out, loaded[i].schema ? "+" : "-");
        assert_int_equal(loaded[i].grammar != NULL, loaded[i].schema != NULL);
        xmlSchemaFree(loaded[i].schema);
        grammar_free(loaded[i].grammar);
        content_free(contents[i]);
    }
    edition_release(edition);
    arena_free(arena);
}

/* Case 740: the schemas of a start are tried by one child: what is wrong with one of them is said of that
 * one, in the same words as if it were alone, and the others are loaded. */
static void test_what_compiles_for_ever_is_refused(void **state) {
    struct schema_room room = room_open();
    struct buf schema, out;
    buf_init(&schema, 4u << 20);
    buf_init(&out, 1u << 16);
    add_endless(&schema);
    room_text(&room, "schemas/s0.xsd", XSD_HEAD ROOT XSD_TAIL);
    room_text(&room, "schemas/s1.xsd", XSD_HEAD "<xs:element name='r' type='nope'/>" XSD_TAIL);
    room_write(&room, "schemas/s2.xsd", buf_text(&schema));
    room_text(&room, "schemas/s3.xsd", XSD_HEAD PATTERN("(a+)+") XSD_TAIL);
    room_text(&room, "schemas/s4.xsd", XSD_HEAD "<!-- another -->" ROOT XSD_TAIL);
    load_several(&room, 5, &out);
    assert_non_null(strstr(out.at, "schemas/s1.xsd:2: the schema does not compile: "));
    assert_non_null(strstr(out.at, "schemas/s2.xsd:0: the schema does not compile within 5 s of CPU time"));
    assert_non_null(strstr(out.at, "schemas/s3.xsd:3: xs:pattern (a+)+: nested"));
    assert_non_null(strstr(out.at, "\n+---+"));
    buf_release(&schema);
    buf_release(&out);
    room_close(&room);
}

/* --- the trial in a child process ---------------------------------------------------------------------- */

/* What the children of a case do instead of compiling. */
static struct {
    int forks;      /* so many there were */
    int bad;        /* so many of them, from the first on ... */
    int signal;     /* ... are ended by this one */
    const char *at; /* when it comes to this document; NULL: the first */
    bool is_bad_child;
    xmlExternalEntityLoader loads;
} trial;

static void count_fork(void) {
    trial.forks++;
}

static void begin_child(void) {
    trial.is_bad_child = trial.forks < trial.bad;
}

/* Compiling begins with the loading of the first document. A hang is one: the alarm that ends it comes early,
 * so that nobody waits for it. */
static xmlParserInput *load_or_end(const char *url, const char *id, xmlParserCtxt *parser) {
    if (trial.is_bad_child && (!trial.at || strstr(url, trial.at))) {
        if (trial.signal != SIGALRM) {
            raise(trial.signal);
        }
        ualarm(1000, 0);
        for (;;) {
            pause();
        }
    }
    return trial.loads(url, id, parser);
}

/* Case 502: a child met a lock that another thread had held at the fork, and hangs: the schema is tried again
 * in another, three times in all. One that uses up its CPU time or memory is not. */
static void test_a_trial_that_hangs_is_tried_again(void **state) {
    static const struct {
        int bad, signal, forks;
        bool loaded;
    } trials[] = {
        { 0, 0, 1, true },        { 1, SIGALRM, 2, true },  { 2, SIGALRM, 3, true },
        { 3, SIGALRM, 3, false }, { 1, SIGXCPU, 1, false }, { 1, SIGKILL, 1, false },
    };
    pthread_atfork(NULL, count_fork, begin_child);
    trial.loads = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(load_or_end);
    for (size_t i = 0; i < COUNT(trials); i++) {
        struct schema_room room = room_open();
        struct buf out;
        buf_init(&out, 1u << 16);
        trial.forks = 0;
        trial.bad = trials[i].bad;
        trial.signal = trials[i].signal;
        char schema[4096]; /* each another: what compiled once is not tried again */
        snprintf(schema, sizeof(schema), "%s<!-- %zu -->%s", XSD_HEAD ROOT, i, XSD_TAIL);
        const char *path = room_text(&room, "s/main.xsd", schema);
        load_in(&room, path, &out);
        assert_int_equal(trial.forks, trials[i].forks);
        if (trials[i].loaded) {
            load_in(&room, path, &out);
            assert_int_equal(trial.forks, trials[i].forks);
        }
        if (trials[i].loaded) {
            assert_int_equal(out.length, 0);
        } else {
            assert_true(text_starts(buf_text(&out), "s/main.xsd:0: the schema does not compile within 5 s"));
        }
        buf_release(&out);
        room_close(&room);
    }
    xmlSetExternalEntityLoader(trial.loads);
}

/* Case 740: another child goes on behind the schema that one of them did not come through. */
static void test_several_are_tried_in_one_child(void **state) {
    static const struct {
        int bad, signal, forks;
        const char *loaded;
    } trials[] = {
        { 0, 0, 1, "++++" },       { 1, SIGALRM, 2, "++++" }, { 2, SIGALRM, 3, "++++" },
        { 3, SIGALRM, 4, "++-+" }, { 1, SIGXCPU, 2, "++-+" }, { 1, SIGKILL, 2, "++-+" },
    };
    trial.loads = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(load_or_end);
    for (size_t i = 0; i < COUNT(trials); i++) {
        struct schema_room room = room_open();
        struct buf out;
        buf_init(&out, 1u << 16);
        trial.forks = 0;
        trial.bad = trials[i].bad;
        trial.signal = trials[i].signal;
        trial.at = "s2.xsd";
        for (size_t k = 0; k < 4; k++) {
            char name[32], schema[4096]; /* each another */
            snprintf(name, sizeof(name), "schemas/s%zu.xsd", k);
            snprintf(schema, sizeof(schema), "%s<!-- %zu of several in %zu -->%s", XSD_HEAD ROOT, k, i,
                     XSD_TAIL);
            room_text(&room, name, schema);
        }
        load_several(&room, 4, &out);
        assert_int_equal(trial.forks, trials[i].forks);
        if (strchr(trials[i].loaded, '-')) {
            assert_true(
                text_starts(buf_text(&out), "schemas/s2.xsd:0: the schema does not compile within 5 s"));
        }
        assert_string_equal(out.at + out.length - 4, trials[i].loaded);
        buf_release(&out);
        room_close(&room);
    }
    trial.at = NULL;
    xmlSetExternalEntityLoader(trial.loads);
}

int main(void) {
    schema_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_trial_that_hangs_is_tried_again),
        cmocka_unit_test(test_several_are_tried_in_one_child),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_a_driver_stands_elsewhere),
        cmocka_unit_test(test_an_edition_judges_by_its_own_texts),
        cmocka_unit_test(test_folders_of_any_name),
        cmocka_unit_test(test_what_compiles_for_ever_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
