/* Documents: values by field and row, and the packed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/document.h"
#include "edition/dictionary.h"
#include "document_kit.h"

static const char dictionary[] = "bill   text    \"提单\" \"bill\"\n"
                                 "gross  decimal \"毛重\" \"gross\"\n"
                                 "sender text    \"发送\" \"sender\" known\n"
                                 "item   group   \"商品\" \"item\"\n"
                                 "item.number decimal \"序号\" \"number\"\n"
                                 "item.name   text    \"名称\" \"name\"\n";

struct setting {
    struct arena *arena;
    struct fields *fields;
    struct document *doc;
};

static struct setting set_up(void) {
    struct setting set = { .arena = arena_new() };
    struct verdict mistakes;
    verdict_init(&mistakes, set.arena);
    set.fields = dictionary_load(text_of(dictionary), "fields", set.arena, &mistakes);
    assert_int_equal(mistakes.count, 0);
    set.doc = document_new(set.fields, set.arena);
    return set;
}

static const struct field *field(const struct setting *set, const char *name) {
    const struct field *found = fields_find(set->fields, text_of(name));
    assert_non_null(found);
    return found;
}

static struct origin at(uint32_t offset, uint32_t length) {
    return (struct origin){ .extent = { offset, length }, .element = ORIGIN_NO_ELEMENT };
}

static void add(struct setting *set, const char *name, uint32_t row, const char *text) {
    assert_true(
        document_add(set->doc, field(set, name), row, text_of(text), false, at(row, (uint32_t)strlen(text))));
}

static void test_values_by_row(void **state) {
    struct setting set = set_up();
    for (uint32_t row = 0; row < 100; row++) {
        if (row % 3) {
            add(&set, "item.name", row, row % 3 == 1 ? "one" : "two");
        }
    }
    document_set_rows(set.doc, field(&set, "item")->id, 200);
    document_set_rows(set.doc, field(&set, "item")->id, 5);
    assert_int_equal(document_rows_of(set.doc, "item"), 200);
    assert_true(text_is(document_row_text(set.doc, "item.name", 97), "one"));
    assert_true(text_is(document_row_text(set.doc, "item.name", 98), "two"));
    assert_int_equal(document_row_text(set.doc, "item.name", 99).length, 0);
    assert_null(document_value(set.doc, field(&set, "item.name")->id, 150));
    assert_int_equal(document_value(set.doc, field(&set, "item.name")->id, 4)->origin.extent.offset, 4);
    assert_int_equal(document_text(set.doc, "bill").length, 0);
    arena_free(set.arena);
}

static void test_first_counts_unless_a_lower_rank_comes(void **state) {
    struct setting set = set_up();
    add(&set, "bill", 0, "first");
    add(&set, "bill", 0, "second");
    assert_true(text_is(document_text(set.doc, "bill"), "first"));
    document_add_ranked(set.doc, field(&set, "gross"), 0, text_of("2"), false, at(0, 0), 2);
    document_add_ranked(set.doc, field(&set, "gross"), 0, text_of("1"), false, at(0, 0), 1);
    document_add_ranked(set.doc, field(&set, "gross"), 0, text_of("3"), false, at(0, 0), 1);
    assert_true(text_is(document_text(set.doc, "gross"), "1"));
    assert_int_equal(document_count(set.doc), 5);
    arena_free(set.arena);
}

static void test_rows_may_come_in_any_order(void **state) {
    struct setting set = set_up();
    static const uint32_t rows[] = { 5, 1, 9, 0, 7, 3 };
    for (size_t i = 0; i < 6; i++) {
        add(&set, "item.number", rows[i], (const char *[]){ "5", "1", "9", "0", "7", "3" }[i]);
    }
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(document_row_text(set.doc, "item.number", rows[i]).at[0] - '0', rows[i]);
    }
    assert_int_equal(document_rows_of(set.doc, "item"), 10);
    arena_free(set.arena);
}

static void test_what_the_gateway_knows_is_copied(void **state) {
    struct setting set = set_up();
    char name[] = "FWD";
    document_enrich(set.doc, "sender", 0, text_of(name));
    name[0] = 'X';
    assert_true(text_is(document_text(set.doc, "sender"), "FWD"));
    arena_free(set.arena);
}

static void test_full_at_the_limit(void **state) {
    struct setting set = set_up();
    for (uint32_t i = 0; i < DOCUMENT_VALUES_MAX; i++) {
        assert_true(document_add(set.doc, field(&set, "item.name"), i, TEXT("x"), false, at(0, 0)));
    }
    assert_false(document_add(set.doc, field(&set, "item.name"), 0, TEXT("x"), false, at(0, 0)));
    arena_free(set.arena);
}

/* --- packed --------------------------------------------------------------------------------------------- */

static void fill(struct setting *set) {
    add(set, "bill", 0, "青岛港");
    document_add(set->doc, field(set, "gross"), 0, TEXT("1O"), true, at(UINT32_MAX, UINT32_MAX));
    add(set, "item.name", 3, "");
    add(set, "item.name", 700, "widget");
    document_set_rows(set->doc, field(set, "item")->id, 900);
    document_add_ranked(set->doc, field(set, "bill"), 0, TEXT("other"), false, at(0, 0), 7);
}

static void test_packed_and_unpacked_it_is_the_same(void **state) {
    struct setting set = set_up();
    fill(&set);
    struct buf packed, again;
    buf_init(&packed, 1u << 20);
    buf_init(&again, 1u << 20);
    document_pack(set.doc, &packed);
    struct document *doc = document_unpack(buf_text(&packed), set.fields, set.arena);
    assert_non_null(doc);
    document_pack(doc, &again);
    assert_true(text_equal(buf_text(&packed), buf_text(&again)));
    assert_int_equal(document_rows_of(doc, "item"), 900);
    assert_true(text_is(document_row_text(doc, "item.name", 700), "widget"));
    const struct value *gross = document_value(doc, field(&set, "gross")->id, 0);
    assert_true(gross->ill && gross->origin.extent.offset == UINT32_MAX
                && gross->origin.extent.length == UINT32_MAX);
    buf_release(&packed);
    buf_release(&again);
    arena_free(set.arena);
}

static void test_fields_of_another_dictionary_are_dropped(void **state) {
    struct setting set = set_up(), other = { .arena = arena_new() };
    fill(&set);
    struct verdict mistakes;
    verdict_init(&mistakes, other.arena);
    other.fields = dictionary_load(
        TEXT("weight decimal \"重\" \"weight\"\nbill text \"提单\" \"bill\"\nitem text \"商\" \"item\"\n"),
        "fields", other.arena, &mistakes);
    struct buf packed;
    buf_init(&packed, 1u << 20);
    document_pack(set.doc, &packed);
    struct document *doc = document_unpack(buf_text(&packed), other.fields, other.arena);
    assert_non_null(doc);
    assert_int_equal(document_count(doc), 1);
    assert_true(text_is(document_text(doc, "bill"), "青岛港"));
    buf_release(&packed);
    arena_free(set.arena);
    arena_free(other.arena);
}

/* Of values in one row the one that counts; nothing that the gateway knows, nor does it believe a record
 * that has it. */
static void test_no_more_is_packed_than_is_needed(void **state) {
    struct setting set = set_up(), other = { .arena = arena_new() };
    struct verdict mistakes;
    struct buf packed;
    buf_init(&packed, 1u << 20);
    verdict_init(&mistakes, other.arena);
    fill(&set);
    document_enrich(set.doc, "sender", 0, TEXT("FWD"));
    document_add_ranked(set.doc, field(&set, "bill"), 0, TEXT("later"), false, at(7, 5), 0);
    document_pack(set.doc, &packed);
    struct document *doc = document_unpack(buf_text(&packed), set.fields, set.arena);
    assert_int_equal(document_count(set.doc), 7);
    assert_int_equal(document_count(doc), 4);
    assert_int_equal(document_value(doc, field(&set, "item.name")->id, 700)->origin.extent.length, 6);
    assert_null(memmem(packed.at, packed.length, "sender", 6));
    other.fields =
        dictionary_load(TEXT("bill text \"提单\" \"bill\" known\n"), "fields", other.arena, &mistakes);
    assert_int_equal(document_count(document_unpack(buf_text(&packed), other.fields, other.arena)), 0);
    buf_release(&packed);
    arena_free(set.arena);
    arena_free(other.arena);
}

/* Cut anywhere or with any byte changed: refused, or a document within its limits; never a crash. */
static void test_spoilt_bytes_do_no_harm(void **state) {
    struct setting set = set_up();
    fill(&set);
    struct buf packed;
    buf_init(&packed, 1u << 20);
    document_pack(set.doc, &packed);
    for (size_t cut = 0; cut < packed.length; cut++) {
        char *exact = malloc(cut + 1);
        memcpy(exact, packed.at, cut);
        assert_null(document_unpack((struct text){ exact, cut }, set.fields, set.arena));
        free(exact);
    }
    for (size_t i = 0; i < packed.length; i++) {
        char kept = packed.at[i];
        for (int bit = 0; bit < 8; bit++) {
            struct arena *arena = arena_new();
            packed.at[i] = (char)(kept ^ 1 << bit);
            struct document *doc = document_unpack(buf_text(&packed), set.fields, arena);
            assert_true(!doc || document_rows_of(doc, "item") <= DOCUMENT_VALUES_MAX);
            arena_free(arena);
        }
        packed.at[i] = kept;
    }
    buf_add_char(&packed, 0);
    assert_null(document_unpack(buf_text(&packed), set.fields, set.arena));
    buf_release(&packed);
    arena_free(set.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_by_row),
        cmocka_unit_test(test_first_counts_unless_a_lower_rank_comes),
        cmocka_unit_test(test_rows_may_come_in_any_order),
        cmocka_unit_test(test_what_the_gateway_knows_is_copied),
        cmocka_unit_test(test_full_at_the_limit),
        cmocka_unit_test(test_packed_and_unpacked_it_is_the_same),
        cmocka_unit_test(test_fields_of_another_dictionary_are_dropped),
        cmocka_unit_test(test_no_more_is_packed_than_is_needed),
        cmocka_unit_test(test_spoilt_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
