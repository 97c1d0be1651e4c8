/* test_edition_catalog.c - formats, and what is told of a block that cannot be one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/stamp.h"
#include "edition/catalog.h"
#include "edition/dictionary.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char dictionary[] = "message_id      text   \"编号\" \"id\"\n"
                                 "declarant_code  text   \"申报\" \"declarant\"\n"
                                 "sender          text   \"发送\" \"sender\" known\n"
                                 "item            group  \"项\"   \"item\"\n"
                                 "item.number     text   \"序号\" \"number\"\n";

#define NEEDED            " family declaration\n root R\n schema s.xsd\n binding b\n"
#define BLOCK(name, more) "format " name "\n" NEEDED more

static const struct {
    const char *source, *told;
} cases[] = {
    { BLOCK("a", ""), "" },
    { BLOCK("a", " valid until 2020-01-01\n") BLOCK("b", " valid from 2020-01-01\n"), "" },
    { BLOCK("a", " where T = IM\n") BLOCK("b", " where T = EX\n"), "" },
    { BLOCK("a", " namespace urn:a\n") BLOCK("b", " namespace urn:b\n") BLOCK("c", ""), "" },
    { "fromat a\n", "1:1 unknown key fromat (did you mean format?)\n" },
    { "format\n", "1:1 expected format NAME\n" },
    { "format a\n family f\n",
      "1:1 the format a lacks root\n1:1 the format a lacks schema\n1:1 the format a lacks binding\n" },
    { BLOCK("a", " famly x\n"), "6:2 unknown key famly (did you mean family?)\n" },
    { BLOCK("a", " family x\n"), "6:2 family stands twice\n" },
    { BLOCK("a", " id mesage_id\n"), "6:5 there is no field mesage_id (did you mean message_id?)\n" },
    { BLOCK("a", " id item.number\n"),
      "6:5 the field item.number must come from the message and stand once in it\n" },
    { BLOCK("a", " id item\n"), "6:5 the field item must come from the message and stand once in it\n" },
    { BLOCK("a", " id sender\n"), "6:5 the field sender must come from the message and stand once in it\n" },
    { BLOCK("a", " id\n"), "6:4 expected id FIELD\n" },
    { BLOCK("a", " acts-for declarant_code\n"), "6:11 expected acts-for FIELD declares|reports\n" },
    { BLOCK("a", " official ceb\n"), "6:11 expected official NAME FILE\n" },
    { BLOCK("a", " signature detached\n"), "6:12 expected signature enveloped\n" },
    { BLOCK("a", " acts-for declarant_code serves\n"), "6:11 expected acts-for FIELD declares|reports\n" },
    { BLOCK("a", " senders declarnt customs\n"),
      "6:10 there is no role declarnt (did you mean declarant?)\n" },
    { BLOCK("a", " senders\n"), "6:9 expected senders ROLE ...\n" },
    { BLOCK("a", " senders office office office office office office office office office\n"),
      "6:10 expected senders ROLE ...\n" },
    { BLOCK("a", " receipt DecImportReply\n"), "6:10 there is no receipt form DecImportReply\n" },
    { BLOCK("a", " valid from 2020-13-01\n"), "6:8 expected valid from YYYY-MM-DD until YYYY-MM-DD\n" },
    { BLOCK("a", " valid from 2020-01-01 until 2020-01-01\n"),
      "6:8 expected valid from YYYY-MM-DD until YYYY-MM-DD\n" },
    { BLOCK("a", " valid\n"), "6:7 expected valid from YYYY-MM-DD until YYYY-MM-DD\n" },
    { BLOCK("a", " where T IM\n"), "6:8 expected where PATH = TEXT\n" },
    { BLOCK("a", " namespace urn:a often\n"), "6:12 expected namespace URI [optional]\n" },
    { BLOCK("a", "") BLOCK("a", ""), "6:8 the format a is defined twice\n" },
    { BLOCK("a", "") BLOCK("b", ""),
      "6:1 the formats b and a have the same root, namespace and days: nothing tells them apart\n" },
    { BLOCK("a", " namespace urn:a optional\n") BLOCK("b", ""),
      "7:1 the formats b and a have the same root, namespace and days: nothing tells them apart\n" },
    { BLOCK("a", " where T = IM\n") BLOCK("b", " where U = EX\n"),
      "7:1 the formats b and a have the same root, namespace and days: nothing tells them apart\n" },
};

static struct catalog *load(struct text source, struct arena *arena, struct verdict *verdict) {
    verdict_init(verdict, arena);
    const struct fields *fields = dictionary_load(text_of(dictionary), "fields", arena, verdict);
    assert_int_equal(verdict->count, 0);
    return catalog_load(source, "catalog", fields, arena, verdict);
}

static void mistakes_are_told(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        struct buf told;
        buf_init(&told, 4096);
        load(text_of(cases[i].source), arena, &verdict);
        tell_mistakes(&verdict, &told);
        assert_string_equal(told.at, cases[i].told);
        assert_mistakes_complete(&verdict, "LINT-CATALOG", "catalog");
        buf_release(&told);
        arena_free(arena);
    }
}

static void a_format_is_read(void **state) {
    static const char source[] = "format cn-dec\n"
                                 "  family     declaration\n"
                                 "  root       DecMessage\n"
                                 "  namespace  http://www.chinaport.gov.cn/dec  optional   # comment\n"
                                 "  schema     cn-dec/DecMessage.xsd\n"
                                 "  binding    cn-dec/binding\n"
                                 "  id         message_id\n"
                                 "  acts-for   declarant_code  declares\n"
                                 "  senders    declarant customs\n"
                                 "  receipt    DecImportResponse\n"
                                 "  valid      from 2018-08-01 until 2030-01-01\n"
                                 "  dropin     wco\n"
                                 "  official   ceb  all.xsd\n"
                                 "  signature  enveloped\n"
                                 "  where      A/B = \"C D\"\n"
                                 "format other\n" NEEDED;
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct catalog *catalog = load(text_of(source), arena, &verdict);
    assert_int_equal(verdict.count, 0);
    assert_int_equal(catalog->count, 2);
    const struct format *format = catalog_find(catalog, TEXT("cn-dec"));
    assert_ptr_equal(format, &catalog->formats[0]);
    assert_string_equal(format->family, "declaration");
    assert_string_equal(format->root, "DecMessage");
    assert_string_equal(format->namespace, "http://www.chinaport.gov.cn/dec");
    assert_true(format->namespace_optional);
    assert_string_equal(format->schema, "cn-dec/DecMessage.xsd");
    assert_string_equal(format->binding, "cn-dec/binding");
    assert_string_equal(format->id->name, "message_id");
    assert_string_equal(format->acts_for->name, "declarant_code");
    assert_string_equal(format->acts_for_list, "declares");
    assert_int_equal(format->senders_count, 2);
    assert_string_equal(format->senders[0], "declarant");
    assert_string_equal(format->senders[1], "customs");
    assert_string_equal(format->receipt, "DecImportResponse");
    assert_int_equal(format->from_day, day_of(2018, 8, 1));
    assert_int_equal(format->until_day, day_of(2030, 1, 1));
    assert_string_equal(format->dropin, "wco");
    assert_string_equal(format->official_folder, "ceb");
    assert_string_equal(format->official, "all.xsd");
    assert_true(format->is_signed);
    assert_string_equal(format->marker_path, "A/B");
    assert_string_equal(format->marker_text, "C D");
    assert_int_equal(format->line, 1);
    const struct format *other = catalog_find(catalog, TEXT("other"));
    assert_null(other->id);
    assert_null(other->acts_for);
    assert_string_equal(other->namespace, "");
    assert_string_equal(other->receipt, "");
    assert_int_equal(other->from_day, INT32_MIN);
    assert_int_equal(other->until_day, INT32_MAX);
    assert_null(catalog_find(catalog, TEXT("cn")));
    assert_true(catalog_has_family(catalog, TEXT("declaration")));
    assert_false(catalog_has_family(catalog, TEXT("declarations")));
    arena_free(arena);
}

static void the_catalog_has_a_limit(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct buf source;
    buf_init(&source, 1 << 20);
    for (int i = 0; i < CATALOG_FORMATS_MAX; i++) {
        buf_printf(&source, BLOCK("f%d", " namespace urn:%d\n"), i, i);
    }
    assert_int_equal(load(buf_text(&source), arena, &verdict)->count, CATALOG_FORMATS_MAX);
    assert_int_equal(verdict.count, 0);
    buf_add_string(&source, BLOCK("more", " namespace urn:more\n"));
    assert_int_equal(load(buf_text(&source), arena, &verdict)->count, CATALOG_FORMATS_MAX);
    assert_int_equal(verdict.count, 1);
    buf_release(&source);
    arena_free(arena);
}

static void our_catalog_has_no_mistakes(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct buf fields, source, told;
    buf_init(&fields, 1 << 20);
    buf_init(&source, 1 << 20);
    buf_init(&told, 1 << 16);
    verdict_init(&verdict, arena);
    assert_int_equal(file_read(SOURCE_DIR "/schemas/fields", &fields), STATUS_OK);
    assert_int_equal(file_read(SOURCE_DIR "/schemas/catalog", &source), STATUS_OK);
    const struct fields *dictionary_of_ours = dictionary_load(buf_text(&fields), "fields", arena, &verdict);
    assert_true(catalog_load(buf_text(&source), "catalog", dictionary_of_ours, arena, &verdict)->count >= 9);
    tell_mistakes(&verdict, &told);
    assert_string_equal(told.at, "");
    buf_release(&told);
    buf_release(&source);
    buf_release(&fields);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_format_is_read),
        cmocka_unit_test(the_catalog_has_a_limit),
        cmocka_unit_test(our_catalog_has_no_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
