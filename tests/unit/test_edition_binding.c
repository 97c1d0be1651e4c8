/*
 * Bindings. A walk is written as a line of steps:
 *   <Name    enter      @name=value    an attribute      >text    leave with that text
 * and what the document holds as lines "field@row=value", "~" before = for ill values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "edition/binding.h"
#include "edition/dictionary.h"
#include "document_kit.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char dictionary[] = "bill    text    \"提单\" \"bill\"\n"
                                 "number  text    \"号码\" \"number\" form capitals\n"
                                 "own_id  text    \"编号\" \"own id\" form token\n"
                                 "port    code    \"港口\" \"port\" form capitals list ports\n"
                                 "flag    flag    \"标志\" \"flag\"\n"
                                 "gross   decimal \"毛重\" \"gross\"\n"
                                 "day     date    \"日期\" \"day\"\n"
                                 "until   date    \"止\" \"until\" open\n"
                                 "moment  moment  \"时刻\" \"moment\"\n"
                                 "kind    code    \"种类\" \"kind\" list kinds\n"
                                 "sender  text    \"发送\" \"sender\" known\n"
                                 "item    group   \"商品\" \"item\"\n"
                                 "item.number decimal \"序号\" \"number\"\n"
                                 "item.name   text    \"名称\" \"name\"\n"
                                 "part    group   \"部分\" \"part\"\n";

static struct fields *load_fields(struct arena *arena) {
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct fields *fields = dictionary_load(text_of(dictionary), "fields", arena, &mistakes);
    assert_int_equal(mistakes.count, 0);
    return fields;
}

/* --- walks ---------------------------------------------------------------------------------------------- */

static void take_steps(struct binding_walk *walk, const char *steps) {
    uint32_t offset = 0;
    for (struct text rest = text_of(steps); rest.length; offset++) {
        struct text step = text_until(&rest, ' ');
        struct text word = { step.at + 1, step.length - 1 };
        struct extent extent = { offset, 1 };
        if (step.at[0] == '<') {
            binding_enter(walk, word);
        } else if (step.at[0] == '@') {
            struct text name = text_until(&word, '=');
            binding_attribute(walk, name, word, extent);
        } else {
            binding_leave(walk, word, extent);
        }
    }
}

static void print_document(const struct document *doc, struct buf *out) {
    for (size_t i = 0; i < document_count(doc); i++) {
        const struct value *value = document_at(doc, i);
        const struct field *field = fields_at(document_fields(doc), value->field);
        bool counts = document_value(doc, value->field, value->row) == value;
        buf_printf(out, "%s%s@%u%s=" TEXT_FORMAT "\n", counts ? "" : "-", field->name, value->row,
                   value->ill ? "~" : "", TEXT_ARGS(value->text));
    }
}

static const struct {
    const char *binding, *steps, *document;
} walks[] = {
    { "A/Bill bill\n", "<r <A <Bill >X >", "bill@0=X\n" },
    { "A/Bill bill\n", "<r <A <Other >no <Bill >X <Bill >Y > >", "bill@0=X\n-bill@0=Y\n" },
    { "A/Bill bill\n", "<r <Bill >no <B <Bill >no > <A <A <Bill >no > > >", "" },
    { "A/Bill bill\n", "<r <A <Bill > <Bill >\t\n > >", "" }, /* empty is no value */
    { "@v bill\nA/@v kind\n", "<r @v=1 @w=no <A @v=2 @x=no > >", "bill@0=1\nkind@0=2\n" },
    { "B bill\nA bill\n", "<r <A >second <B >first >", "-bill@0=second\nbill@0=first\n" },
    { "A bill\nA kind\n", "<r <A >X >", "bill@0=X\nkind@0=X\n" },
    /* forms: made here, once, behind map */
    { "A number\n", "<r <A >cosu77 >", "number@0=COSU77\n" },
    { "@v own_id\n", "<r @v=aB >", "own_id@0=aB\n" },
    { "A port map qd cnqdg\n", "<r <A >qd >", "port@0=CNQDG\n" },
    /* groups */
    { "L/I item\nL/I/N item.number\nL/I/@n item.name\n", "<r <L <I @n=a <N >1 > <I <N >2 > <I @n=c > > >",
      "item.name@0=a\nitem.number@0=1\nitem.number@1=2\nitem.name@2=c\n" },
    { "L/I/N item.number\nL/I item\n", "<r <L <I <N >1 > > <L <I <N >2 > > >",
      "item.number@0=1\nitem.number@1=2\n" },
    /* in which row of another group an element stands */
    { "P part\nP/I item\nP/I item.number row part\nP/I/N item.name\n",
      "<r <P <I <N >a > <I > > <P > <P <I <N >b > > >",
      "item.number@0=1\nitem.name@0=a\nitem.number@1=1\nitem.number@2=3\nitem.name@2=b\n" },
    { "P part\nP/I gross row part\n", "<r <P > <P <I > > >", "gross@0=2\n" },
    /* map comes before the conversion */
    { "A flag map yes Y no N\n", "<r <A >yes >", "flag@0=true\n" },
    { "A kind map IM I EX E\n", "<r <A >EX <A >CO >", "kind@0=E\n-kind@0=CO\n" },
    /* conditions, whatever comes first */
    { "Id bill when @s = BM\nId kind when @s = EQ\n", "<r <Id @s=EQ >box <Id @s=BM >bl <Id >none >",
      "kind@0=box\nbill@0=bl\n" },
    { "D/Id bill when T = 705\n",
      "<r <D <Id >yes <T >705 > <D <T >705 <Id >also > <D <Id >no <T >380 > <D <Id >no > >",
      "bill@0=yes\n-bill@0=also\n" },
    { "D/@id bill when T = 705\n", "<r <D @id=no <T >1 > <D @id=yes <T >705 > >", "bill@0=yes\n" },
    { "D/@id bill when @t = 1\n", "<r <D @id=yes @t=1 > <D @t=2 @id=no > >", "bill@0=yes\n" },
    { "L/I item\nL/I/Id item.name when T = x\n", "<r <L <I <Id >no > <I <Id >yes <T >x > <I > > >",
      "item.name@1=yes\n" },
    { "Id bill when T = x\n", "<r <T >y <T >x <Id >last-counts >", "bill@0=last-counts\n" },
};

static void test_walks(void **state) {
    for (size_t i = 0; i < COUNT(walks); i++) {
        struct arena *arena = arena_new();
        struct verdict mistakes;
        struct buf out;
        verdict_init(&mistakes, arena);
        buf_init(&out, 1u << 16);
        struct fields *fields = load_fields(arena);
        struct binding *binding =
            binding_load(text_of(walks[i].binding), "binding", fields, arena, &mistakes);
        tell_mistakes(&mistakes, &out);
        struct document *doc = document_new(fields, arena);
        take_steps(binding_walk_new(binding, doc, arena), walks[i].steps);
        print_document(doc, &out);
        if (!text_is(buf_text(&out), walks[i].document)) {
            fail_msg("%s%s:\n" TEXT_FORMAT, walks[i].binding, walks[i].steps, TEXT_ARGS(buf_text(&out)));
        }
        buf_release(&out);
        arena_free(arena);
    }
}

static void test_rows_are_counted_even_when_empty(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct fields *fields = load_fields(arena);
    struct document *doc = document_new(fields, arena);
    struct binding *binding = binding_load(TEXT("L/I item\nP part\n"), "binding", fields, arena, &mistakes);
    take_steps(binding_walk_new(binding, doc, arena), "<r <L <I > <I > <J > > <L <I > > <P > >");
    assert_int_equal(document_rows_of(doc, "item"), 3);
    assert_int_equal(document_rows_of(doc, "part"), 1);
    arena_free(arena);
}

/* Case 108: rows cost something even where they hold nothing, and so many could not be read back. */
static void rows_without_values_are_counted(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct fields *fields = load_fields(arena);
    struct binding *binding =
        binding_load(TEXT("A item\nA/N item.name\n"), "binding", fields, arena, &mistakes);
    struct document *doc = document_new(fields, arena);
    struct binding_walk *walk = binding_walk_new(binding, doc, arena);
    assert_int_equal(mistakes.count, 0);
    binding_enter(walk, TEXT("Root"));
    bool fits = true;
    uint32_t rows = 0;
    for (; fits && rows <= DOCUMENT_VALUES_MAX; rows++) {
        binding_enter(walk, TEXT("A"));
        fits = binding_leave(walk, TEXT(""), (struct extent){ 0, 0 });
    }
    assert_false(fits);
    assert_int_equal(rows, DOCUMENT_VALUES_MAX + 1);
    arena_free(arena);
}

/* --- conversions ---------------------------------------------------------------------------------------- */

static const struct {
    const char *line, *text, *value;
} conversions[] = {
    { "A bill", " a  b ", "bill@0=a  b" },
    { "A gross", " +12.50 ", "gross@0=+12.50" },
    { "A gross", "1,200", "gross@0~=1,200" },
    { "A gross", "1e3", "gross@0~=1e3" },
    { "A day as yyyymmdd", "20240229", "day@0=2024-02-29" },
    { "A day as yyyymmdd", "20230229", "day@0~=20230229" },
    { "A day as yyyymmdd", "2024022", "day@0~=2024022" },
    { "A day as yyyymmdd", "2024-2-9", "day@0~=2024-2-9" },
    { "A day", "2024-02-29", "day@0=2024-02-29" },
    { "A day", "2024-02-29Z", "day@0=2024-02-29" },
    { "A day", "2024-02-29+08:00", "day@0=2024-02-29" },
    { "A day", "2023-02-29", "day@0~=2023-02-29" },
    { "A day", "2024-02-28T20:00:00Z", "day@0=2024-02-29" },
    { "A day", "2024", "day@0~=2024" },
    /* the calendar, and an open end (cases 101 to 104) */
    { "A day", "1900-01-01", "day@0=1900-01-01" },
    { "A day", "1899-12-31", "day@0~=1899-12-31" },
    { "A day", "2199-12-31", "day@0=2199-12-31" },
    { "A day", "2200-01-01", "day@0~=2200-01-01" },
    { "A day", "9999-12-31", "day@0~=9999-12-31" },
    { "A day as yyyymmdd", "99991231", "day@0~=99991231" },
    { "A until", "9999-12-31", "until@0=9999-12-31" },
    { "A until as yyyymmdd", "99991231", "until@0=9999-12-31" },
    { "A until", "9999-12-30", "until@0~=9999-12-30" },
    { "A until", "0001-01-01", "until@0~=0001-01-01" },
    { "A moment", "9999-12-31T23:59:59", "moment@0~=9999-12-31T23:59:59" },
    { "A moment", "1677-09-21T00:00:00", "moment@0~=1677-09-21T00:00:00" },
    { "A moment as yyyymmddhhmmss", "16770921000000", "moment@0~=16770921000000" },
    { "A moment", "2018-12-12T14:40:43", "moment@0=2018-12-12T14:40:43.000+08:00" },
    { "A moment", "2018-12-12T14:40:43Z", "moment@0=2018-12-12T22:40:43.000+08:00" },
    { "A moment", "2018-12-12", "moment@0~=2018-12-12" },
    { "A moment as yyyymmddhhmmss", "20181212144043", "moment@0=2018-12-12T14:40:43.000+08:00" },
    { "A moment as yyyymmddhhmmss", "2018121214404350", "moment@0=2018-12-12T14:40:43.500+08:00" },
    { "A moment as yyyymmddhhmmss", "20181212", "moment@0=2018-12-12T00:00:00.000+08:00" },
    { "A moment as yyyymmddhhmmss", "20181212254043", "moment@0~=20181212254043" },
    { "A moment as zoned-moment", "20210719153249Z", "moment@0=2021-07-19T23:32:49.000+08:00" },
    { "A moment as zoned-moment", "20210719153249+01", "moment@0=2021-07-19T22:32:49.000+08:00" },
    { "A moment as zoned-moment", "20210719153249-0330", "moment@0=2021-07-20T03:02:49.000+08:00" },
    { "A moment as zoned-moment", "20210719", "moment@0=2021-07-19T00:00:00.000+08:00" },
    { "A moment as zoned-moment", "20210719153249", "moment@0~=20210719153249" },
    { "A moment as zoned-moment", "Z", "moment@0~=Z" },
    { "A flag", "1", "flag@0=true" },
    { "A flag", "N", "flag@0=false" },
    { "A flag", "TRUE", "flag@0~=TRUE" },
};

static void test_conversions(void **state) {
    for (size_t i = 0; i < COUNT(conversions); i++) {
        struct arena *arena = arena_new();
        struct verdict mistakes;
        struct buf out;
        verdict_init(&mistakes, arena);
        buf_init(&out, 4096);
        struct fields *fields = load_fields(arena);
        struct binding *binding =
            binding_load(text_of(conversions[i].line), "binding", fields, arena, &mistakes);
        assert_int_equal(mistakes.count, 0);
        struct document *doc = document_new(fields, arena);
        struct binding_walk *walk = binding_walk_new(binding, doc, arena);
        binding_enter(walk, TEXT("r"));
        binding_enter(walk, TEXT("A"));
        assert_true(binding_wants_text(walk) && !binding_wants_attributes(walk));
        binding_leave(walk, text_of(conversions[i].text), (struct extent){ 0, 0 });
        print_document(doc, &out);
        if (!text_is(text_trim(buf_text(&out)), conversions[i].value)) {
            fail_msg("%s '%s': " TEXT_FORMAT, conversions[i].line, conversions[i].text,
                     TEXT_ARGS(buf_text(&out)));
        }
        buf_release(&out);
        arena_free(arena);
    }
}

/* --- paths ---------------------------------------------------------------------------------------------- */

static void test_paths(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct fields *fields = load_fields(arena);
    struct document *doc = document_new(fields, arena);
    struct binding *binding =
        binding_load(TEXT("L/I item\nL/I/N item.number\nL/I/@n item.name\nP part\nB bill\n"), "b", fields,
                     arena, &mistakes);
    struct binding_walk *walk = binding_walk_new(binding, doc, arena);
    static const struct {
        const char *steps, *path;
    } stages[] = {
        { "<r", "/r" },
        { "<P", "/r/P" },
        { ">", "/r" },
        { "<L <I @n=x", "/r/L/I[1]" },
        { "<N", "/r/L/I[1]/N" },
        { ">1", "/r/L/I[1]" },
        { "> <I <N", "/r/L/I[2]/N" },
        { ">2 > <J <x > <y > <x", "/r/L/J/x[2]" },
        { "> <x <z", "/r/L/J/x[3]/z" },
        { "> > <y", "/r/L/J/y[2]" },
        { ">", "/r/L/J" },
        { "> > <B >b <B", "/r/B[2]" },
        { "> <P", "/r/P[2]" },
        { "> >", "" },
    };
    for (size_t i = 0; i < COUNT(stages); i++) {
        take_steps(walk, stages[i].steps);
        assert_string_equal(binding_path(walk), stages[i].path);
    }
    /* ... and of values, when all is over */
    const struct value *name = document_value(doc, field_named(doc, "item.name")->id, 0);
    const struct value *number = document_value(doc, field_named(doc, "item.number")->id, 1);
    assert_string_equal(binding_path_of(walk, name), "/r/L/I[1]/@n");
    assert_string_equal(binding_path_of(walk, number), "/r/L/I[2]/N");
    struct value known = { .origin.element = ORIGIN_NO_ELEMENT };
    assert_string_equal(binding_path_of(walk, &known), "");
    arena_free(arena);
}

static void test_a_walk_without_a_binding_knows_its_path(void **state) {
    struct arena *arena = arena_new();
    struct binding_walk *walk = binding_walk_new(NULL, NULL, arena);
    assert_string_equal(binding_path(walk), "");
    take_steps(walk, "<a @x=1 <b >t <b");
    assert_string_equal(binding_path(walk), "/a/b[2]");
    assert_false(binding_wants_text(walk));
    take_steps(walk, ">");
    assert_string_equal(binding_path(walk), "/a");
    arena_free(arena);
}

/* A hundred thousand of everything: rows, repeated values, unknown names, things that wait. */
static void test_wide_messages_stay_linear(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct fields *fields = load_fields(arena);
    struct document *doc = document_new(fields, arena);
    struct binding *binding = binding_load(
        TEXT("A bill\nI item\nI/N item.number\nW bill when T = x\nT kind\n"), "b", fields, arena, &mistakes);
    struct binding_walk *walk = binding_walk_new(binding, doc, arena);
    binding_enter(walk, TEXT("r"));
    for (int i = 0; i < 40000; i++) {
        take_steps(walk, "<A >v <U > <I <N >1 > <W >w <T >y");
    }
    binding_enter(walk, TEXT("T"));
    assert_string_equal(binding_path(walk), "/r/T[40001]");
    binding_leave(walk, TEXT(""), (struct extent){ 0, 0 });
    assert_true(binding_leave(walk, TEXT(""), (struct extent){ 0, 0 }));
    assert_int_equal(document_rows_of(doc, "item"), 40000);
    arena_free(arena);
}

static void test_full_is_told(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct fields *fields = load_fields(arena);
    struct binding *binding = binding_load(TEXT("A bill\n"), "b", fields, arena, &mistakes);
    struct binding_walk *walk = binding_walk_new(binding, document_new(fields, arena), arena);
    binding_enter(walk, TEXT("r"));
    for (int i = 0; i <= DOCUMENT_VALUES_MAX; i++) {
        binding_enter(walk, TEXT("A"));
        assert_int_equal(binding_leave(walk, TEXT("x"), (struct extent){ 0, 0 }), i < DOCUMENT_VALUES_MAX);
    }
    arena_free(arena);
}

/* --- mistakes ------------------------------------------------------------------------------------------- */

static const struct {
    const char *binding, *told;
} mistaken[] = {
    { "A", "1:2 expected PATH FIELD [as CONVERSION] [map FROM TO ...] [when NAME = VALUE], or PATH FIELD row "
           "GROUP\n" },
    { "A bil", "1:3 there is no field bil (did you mean bill?)\n" },
    { "A sender", "1:3 the field sender is filled by the gateway, not from a message\n" },
    { "A//B bill", "1:1 A//B is not a path: names joined by /, @ only before the last, at most 32 steps\n" },
    { "@a/B bill", "1:1 @a/B is not a path: names joined by /, @ only before the last, at most 32 steps\n" },
    { "A/@ bill", "1:1 A/@ is not a path: names joined by /, @ only before the last, at most 32 steps\n" },
    { "A bill as", "1:8 as, map or when is expected here, not as\n" },
    { "A bill als text", "1:8 as, map or when is expected here, not als\n" },
    { "A bill as number", "1:11 there is no conversion number\n" },
    { "A bill as txet", "1:11 there is no conversion txet (did you mean text?)\n" },
    { "A bill as yyyymmdd", "1:11 the conversion yyyymmdd does not fit the type of bill\n" },
    { "A bill map X", "1:8 map is followed by pairs of values\n" },
    { "A bill map when @x = 1", "1:8 map is followed by pairs of values\n" },
    { "A bill when X", "1:8 when is followed by NAME = VALUE\n" },
    { "A bill when X is 1", "1:8 when is followed by NAME = VALUE\n" },
    { "A bill\nA bill", "2:1 line 1 says this already\n" },
    { "A item when @x = 1", "1:1 the group item is bound to an element, and to nothing else\n" },
    { "@a item", "1:1 the group item is bound to an element, and to nothing else\n" },
    { "A item\nA part", "2:1 this path is bound to the group item already\n" },
    { "A item.name", "1:1 the field item.name does not stand below the path of its group\n" },
    { "A item\nB/N item.number", "2:1 the field item.number does not stand below the path of its group\n" },
    { "A item\nA/B gross row part", "2:1 the path does not stand within the group part\n" },
    { "A item\nB gross row bill",
      "2:9 row is followed by a group, and gross is a decimal bound to an element\n" },
    { "A item\nA/B bill row item",
      "2:10 row is followed by a group, and bill is a decimal bound to an element\n" },
    { "A item\nA/@b gross row item",
      "2:12 row is followed by a group, and gross is a decimal bound to an element\n" },
    { "A gross row itm", "1:13 there is no field itm (did you mean item?)\n" },
    { "A \"bill", "1:3 this line cannot be read: a quote is opened and not closed in this line\n" },
};

static void test_mistakes(void **state) {
    for (size_t i = 0; i < COUNT(mistaken); i++) {
        struct arena *arena = arena_new();
        struct verdict mistakes;
        struct buf out;
        verdict_init(&mistakes, arena);
        buf_init(&out, 4096);
        binding_load(text_of(mistaken[i].binding), "x/binding", load_fields(arena), arena, &mistakes);
        tell_mistakes(&mistakes, &out);
        if (!text_is(buf_text(&out), mistaken[i].told)) {
            fail_msg("%s:\n" TEXT_FORMAT, mistaken[i].binding, TEXT_ARGS(buf_text(&out)));
        }
        assert_mistakes_complete(&mistakes, "LINT-BINDING", "x/binding");
        buf_release(&out);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_without_values_are_counted),
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_rows_are_counted_even_when_empty),
        cmocka_unit_test(test_conversions),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_a_walk_without_a_binding_knows_its_path),
        cmocka_unit_test(test_wide_messages_stay_linear),
        cmocka_unit_test(test_full_is_told),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
