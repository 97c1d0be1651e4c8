/*
 * functions.c - the named functions: a row each. A new one is a row here and a line in expr.h.
 */
#include <string.h>

#include "base/status.h"
#include "message/identifiers.h"
#include "expr/walk.h"

static bool give_text(struct text text, struct val *out) {
    *out = (struct val){ .known = true, .type = EXPR_TEXT, .text = text };
    return true;
}

static bool give_decimal(struct decimal decimal, struct val *out) {
    *out = (struct val){ .known = true, .type = EXPR_DECIMAL, .decimal = decimal };
    return true;
}

static bool give_flag(bool flag, struct val *out) {
    *out = (struct val){ .known = true, .type = EXPR_FLAG, .flag = flag };
    return true;
}

/* A count: a whole number that is not negative; any larger than a text can be is as good as the largest. */
static bool to_count(struct decimal decimal, size_t *out) {
    const struct decimal most = decimal_of_int(INT32_MAX);
    struct decimal whole;
    if (decimal.scale == 0 && decimal.coefficient >= 0 && decimal.coefficient <= INT32_MAX) {
        *out = (size_t)decimal.coefficient;
        return true;
    }
    if (decimal.coefficient < 0 || !decimal_round(decimal, 0, &whole)
        || decimal_compare(whole, decimal) != 0) {
        return false;
    }
    *out = decimal_compare(whole, most) > 0 ? INT32_MAX : (size_t)whole.coefficient;
    return true;
}

static struct text behind_characters(struct text text, size_t count) {
    const char *at = text.at, *end = text.at + text.length;
    while (count-- > 0 && at < end) {
        if ((unsigned char)*at < 0x80) {
            at++;
        } else {
            text_next(&at, end);
        }
    }
    return (struct text){ at, (size_t)(end - at) };
}

static bool run_substr(const struct val *arguments, struct val *out) {
    size_t from, length;
    if (!to_count(arguments[1].decimal, &from) || !to_count(arguments[2].decimal, &length) || from == 0) {
        return false;
    }
    struct text rest = behind_characters(arguments[0].text, from - 1);
    struct text behind = behind_characters(rest, length);
    return give_text((struct text){ rest.at, rest.length - behind.length }, out);
}

static bool run_split(const struct val *arguments, struct val *out) {
    *out =
        (struct val){ .known = true, .type = EXPR_TEXTS, .parts = { arguments[0].text, arguments[1].text } };
    return true;
}

static bool run_length(const struct val *arguments, struct val *out) {
    return give_decimal(decimal_of_int((int64_t)text_characters(arguments[0].text)), out);
}

static bool run_round(const struct val *arguments, struct val *out) {
    struct decimal rounded;
    return decimal_round(arguments[0].decimal, (int)arguments[1].decimal.coefficient, &rounded)
           && give_decimal(rounded, out);
}

static bool run_abs(const struct val *arguments, struct val *out) {
    struct decimal value = arguments[0].decimal;
    value.coefficient = value.coefficient < 0 ? -value.coefficient : value.coefficient;
    return give_decimal(value, out);
}

static void magnitudes(const struct numbers *numbers, uint64_t known, struct numbers *out) {
    numbers_turn(numbers, known, true, out);
}

static bool run_number(const struct val *arguments, struct val *out) {
    struct decimal value;
    return decimal_parse(arguments[0].text, &value) && give_decimal(value, out);
}

static bool run_day(const struct val *arguments, struct val *out) {
    *out = (struct val){ .known = true, .type = EXPR_DATE, .day = stamp_day(arguments[0].moment) };
    return true;
}

static bool run_contains(const struct val *arguments, struct val *out) {
    struct parts rest = arguments[0].parts;
    for (struct text part; parts_next(&rest, &part);) {
        if (text_equal(part, arguments[1].text)) {
            return give_flag(true, out);
        }
    }
    return give_flag(false, out);
}

static bool run_mentions(const struct val *arguments, struct val *out) {
    struct text text = arguments[0].text, words = arguments[1].text;
    return give_flag(memmem(text.at, text.length, words.at, words.length) != NULL, out);
}

static bool fits(char c, char shape) {
    bool digit = c >= '0' && c <= '9', capital = c >= 'A' && c <= 'Z';
    return shape == '9' ? digit : shape == 'A' ? capital : shape == 'X' ? digit || capital : c == shape;
}

static bool run_matches(const struct val *arguments, struct val *out) {
    struct text text = arguments[0].text, shape = arguments[1].text;
    bool same = text.length == shape.length;
    for (size_t i = 0; same && i < text.length; i++) {
        same = fits(text.at[i], shape.at[i]);
    }
    return give_flag(same, out);
}

static bool run_only(const struct val *arguments, struct val *out) {
    struct text text = arguments[0].text, signs = arguments[1].text;
    bool only = true;
    for (size_t i = 0; only && i < text.length; i++) {
        only = memchr(signs.at, text.at[i], signs.length) != NULL;
    }
    return give_flag(only, out);
}

/* What is longer than any code is of no list: it is not made, and unknown. */
static bool make_joined(const struct val *arguments, struct arena *arena, struct val *out) {
    size_t length = 0;
    for (size_t i = 0; i < 3; i++) {
        length += arguments[i].text.length;
    }
    if (length > CODE_LENGTH_MAX) {
        return false;
    }
    char *joined = arena_alloc(arena, length + 1);
    for (size_t i = 0, at = 0; i < 3; at += arguments[i++].text.length) {
        memcpy(joined + at, arguments[i].text.at, arguments[i].text.length);
    }
    return give_text((struct text){ joined, length }, out);
}

static bool run_year(const struct val *arguments, struct val *out) {
    int year, month, day;
    day_split(arguments[0].day, &year, &month, &day);
    return give_decimal(decimal_of_int(year), out);
}

#define IDENTIFIER(name)                                                   \
    static bool run_##name(const struct val *arguments, struct val *out) { \
        return give_flag(identifier_##name(arguments[0].text), out);       \
    }
IDENTIFIER(iso6346)
IDENTIFIER(iso6346_remainder10)
IDENTIFIER(imo)
IDENTIFIER(gb32100)
IDENTIFIER(gb11714)
IDENTIFIER(entry)

/* clang-format off */
static const struct function functions[] = {
    { "substr",              "tdd", EXPR_TEXT,    run_substr, NULL, NULL },
    { "split",               "tl",  EXPR_TEXTS,   run_split, NULL, NULL },
    { "joined",              "tlt", EXPR_TEXT,    NULL, NULL, make_joined },
    { "length",              "t",   EXPR_DECIMAL, run_length, NULL, NULL },
    { "round",               "dn",  EXPR_DECIMAL, run_round, NULL, NULL },
    { "abs",                 "d",   EXPR_DECIMAL, run_abs, magnitudes, NULL },
    { "number",              "t",   EXPR_DECIMAL, run_number, NULL, NULL },
    { "day",                 "m",   EXPR_DATE,    run_day, NULL, NULL },
    { "contains",            "pt",  EXPR_FLAG,    run_contains, NULL, NULL },
    { "mentions",            "tl",  EXPR_FLAG,    run_mentions, NULL, NULL },
    { "matches",             "tl",  EXPR_FLAG,    run_matches, NULL, NULL },
    { "only",                "tl",  EXPR_FLAG,    run_only, NULL, NULL },
    { "year",                "D",   EXPR_DECIMAL, run_year, NULL, NULL },
    { "iso6346",             "t",   EXPR_FLAG,    run_iso6346, NULL, NULL },
    { "iso6346_remainder10", "t",   EXPR_FLAG,    run_iso6346_remainder10, NULL, NULL },
    { "imo",                 "t",   EXPR_FLAG,    run_imo, NULL, NULL },
    { "gb32100",             "t",   EXPR_FLAG,    run_gb32100, NULL, NULL },
    { "gb11714",             "t",   EXPR_FLAG,    run_gb11714, NULL, NULL },
    { "entry",               "t",   EXPR_FLAG,    run_entry, NULL, NULL },
};
/* clang-format on */

#define FUNCTIONS_COUNT (sizeof(functions) / sizeof(functions[0]))

const struct function *function_at(size_t index) {
    return index < FUNCTIONS_COUNT ? &functions[index] : NULL;
}

const struct function *function_find(struct text name) {
    for (size_t i = 0; i < FUNCTIONS_COUNT; i++) {
        if (text_is(name, functions[i].name)) {
            return &functions[i];
        }
    }
    return NULL;
}

bool parts_next(struct parts *rest, struct text *part) {
    require(rest->separator.length > 0 || rest->text.length == 0);
    while (rest->text.length) {
        const char *at = rest->text.at;
        const char *cut = rest->separator.length == 1
                              ? memchr(at, rest->separator.at[0], rest->text.length)
                              : memmem(at, rest->text.length, rest->separator.at, rest->separator.length);
        size_t length = cut ? (size_t)(cut - at) : rest->text.length;
        size_t taken = cut ? length + rest->separator.length : length;
        *part = text_trim((struct text){ at, length });
        rest->text.at += taken;
        rest->text.length -= taken;
        if (part->length) {
            return true;
        }
    }
    return false;
}
