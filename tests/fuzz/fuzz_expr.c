/*
 * Expressions that nobody would write: compiling one either succeeds or tells exactly one mistake that stands
 * in the source, and one that compiles obeys the laws of its logic on any document: brackets change nothing,
 * `not` turns true and false about and leaves unknown, and what the memo keeps is what is reckoned without
 * it.
 */
#include <string.h>

#include "base/buf.h"
#include "base/stamp.h"
#include "base/status.h"
#include "expr/expr.h"
#include "edition/dictionary.h"
#include "edition/lists.h"
#include "fuzz/driver.h"
#include "unit/document_kit.h"
#include "unit/expr_cases.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ROWS         3

const long fuzz_runs = 1000000;

struct text fuzz_seed(size_t index) {
    return index < COUNT(expr_values) ? text_of(expr_values[index].source) : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        "and ",
        "or ",
        "not ",
        "in ",
        "every item: ",
        "any box: ",
        "exists ",
        "if ",
        " then ",
        " else ",
        " where ",
        "true",
        "false",
        "today",
        "(",
        ")",
        ",",
        "=",
        "!=",
        "<=",
        ">",
        "+",
        "-",
        "*",
        "\"",
        "\\",
        "#",
        "\n",
        "\n  ... ",
        "2026-10-31",
        "2026-02-30",
        "0.1",
        "99999999999999999999999999999999999",
        "item.total",
        "item.number",
        "box.goods",
        "gross_weight",
        "bill",
        "arrived",
        "maybe",
        "substr(",
        "split(",
        "round(",
        "number(",
        "count(",
        "sum(",
        "unique(",
        "contiguous(",
        "every_in(",
        "directions",
        "毛",
        "\xFF",
    };
    return index < COUNT(words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

struct setting {
    struct arena *arena;
    const struct fields *fields;
    struct codelists *lists;
    struct document *docs[2];
};

static const struct setting *setting(void) {
    static struct setting made;
    if (!made.arena) {
        struct verdict mistakes;
        made.arena = arena_new();
        verdict_init(&mistakes, made.arena);
        made.fields = dictionary_load(text_of(expr_dictionary), "fields", made.arena, &mistakes);
        made.lists = codelists_new(made.arena);
        lists_load(made.lists, "directions", text_of(expr_directions), "lists/directions", made.arena,
                   &mistakes);
        lists_load(made.lists, "units", text_of(expr_units), "lists/units", made.arena, &mistakes);
        made.docs[0] = document_of(expr_declaration, made.fields, made.arena);
        made.docs[1] = document_new(made.fields, made.arena);
        require(mistakes.count == 0);
    }
    return &made;
}

static const struct expr *compile(struct text source, const char *each, struct arena *arena,
                                  struct verdict *mistakes) {
    const struct setting *set = setting();
    struct expr_source at = { .file = "rules", .text = source, .line = 7, .column = 11 };
    verdict_init(mistakes, arena);
    return expr_compile(at, (struct expr_scope){ set->fields, set->lists, NULL },
                        each ? fields_find(set->fields, text_of(each)) : NULL, arena, mistakes);
}

static uint32_t lines_of(struct text source) {
    uint32_t lines = 1;
    for (size_t i = 0; i < source.length; i++) {
        lines += source.at[i] == '\n';
    }
    return lines;
}

static void check_mistake(const struct verdict *mistakes, struct text source) {
    require(mistakes->count == 1);
    const struct place *place = &mistakes->findings[0].place;
    require(place->line >= 7 && place->line < 7 + lines_of(source));
    require(place->column >= 1 && place->column <= 11 + source.length);
}

/* The same, written otherwise; NULL when that passes a limit. */
static const struct expr *wrapped(const char *before, struct text source, const char *each,
                                  struct arena *arena) {
    struct verdict mistakes;
    struct buf whole;
    buf_init(&whole, 1 << 20);
    buf_printf(&whole, "%s(", before);
    buf_add_text(&whole, source);
    buf_add_string(&whole, "\n)");
    const char *copy = arena_copy(arena, buf_text(&whole));
    size_t length = whole.length;
    buf_release(&whole);
    return compile((struct text){ copy, length }, each, arena, &mistakes);
}

static void check_laws(const struct expr *expr, struct text source, const char *each, struct arena *arena) {
    const struct expr *bracketed = wrapped("", source, each, arena),
                      *negated = wrapped("not ", source, each, arena);
    for (size_t i = 0; i < COUNT(setting()->docs); i++) {
        struct expr_memo *memo = expr_memo_new(expr, arena);
        for (uint32_t row = 0; row < ROWS; row++) {
            struct expr_context plain = {
                .doc = setting()->docs[i], .today = day_of(2026, 10, 31), .row = row, .arena = arena
            };
            struct expr_context kept = plain;
            struct text value, again;
            kept.memo = memo;
            bool known = expr_value(expr, &plain, &value);
            require(expr_value(expr, &kept, &again) == known && text_equal(value, again));
            require(!bracketed
                    || (expr_value(bracketed, &plain, &again) == known && text_equal(value, again)));
            if (negated && expr_type(expr) == EXPR_FLAG) {
                static const enum truth opposite[] = {
                    [TRUTH_UNKNOWN] = TRUTH_UNKNOWN,
                    [TRUTH_FALSE] = TRUTH_TRUE,
                    [TRUTH_TRUE] = TRUTH_FALSE,
                };
                require(expr_holds(negated, &plain) == opposite[expr_holds(expr, &plain)]);
            }
        }
    }
}

/* Rows that are asked together say what each says alone. */
static void check_rows(const struct expr *expr, struct arena *arena) {
    for (size_t i = 0; i < COUNT(setting()->docs) && expr_type(expr) == EXPR_FLAG; i++) {
        struct expr_context context = { .doc = setting()->docs[i],
                                        .today = day_of(2026, 10, 31),
                                        .arena = arena };
        struct expr_truths all = expr_truths(expr, &context, (UINT64_C(1) << ROWS) - 1);
        for (; context.row < ROWS; context.row++) {
            uint64_t bit = UINT64_C(1) << context.row;
            enum truth together = all.yes & bit ? TRUTH_TRUE : all.no & bit ? TRUTH_FALSE : TRUTH_UNKNOWN;
            require(expr_holds(expr, &context) == together && !(all.yes & all.no));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct text source = { (const char *)bytes, length };
    const char *const each[] = { NULL, "item" };
    for (size_t i = 0; i < COUNT(each); i++) {
        struct arena *arena = arena_new();
        struct verdict mistakes;
        const struct expr *expr = compile(source, each[i], arena, &mistakes);
        if (expr) {
            check_rows(expr, arena);
            require(mistakes.count == 0);
            check_laws(expr, source, each[i], arena);
        } else {
            check_mistake(&mistakes, source);
        }
        arena_free(arena);
    }
    return 0;
}
