/*
 * slip.c - a list of small changes, of which one is made. Which of them leads out of the type is for the
 * validators to say; most know where its limits are.
 */
#include "slip.h"

#include <string.h>

#include "mutate.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define FILL_MAX     3000 /* characters that a value is filled up to */

struct slip {
    const struct simple *simple;
    struct text value;
    uint64_t *random;
    char *out;
    size_t length;
};

static size_t below(struct slip *slip, size_t limit) {
    return random_below(slip->random, limit ? limit : 1);
}

static void put(struct slip *slip, const char *at, size_t length) {
    if (length && slip->length + length <= SLIP_VALUE_MAX) {
        memcpy(slip->out + slip->length, at, length);
        slip->length += length;
    }
}

static void put_text(struct slip *slip, struct text text) {
    put(slip, text.at, text.length);
}

static void put_string(struct slip *slip, const char *string) {
    put(slip, string, strlen(string));
}

/* The value up to one of its characters, and from there on. */
static size_t any_place(struct slip *slip) {
    size_t at = below(slip, slip->value.length + 1);
    while (at > 0 && at < slip->value.length && (slip->value.at[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

static size_t next_place(const struct slip *slip, size_t at) {
    size_t to = at < slip->value.length ? at + 1 : at;
    while (to < slip->value.length && (slip->value.at[to] & 0xC0) == 0x80) {
        to++;
    }
    return to;
}

static void splice(struct slip *slip, size_t from, size_t to, const char *with) {
    put(slip, slip->value.at, from);
    put_string(slip, with);
    put(slip, slip->value.at + to, slip->value.length - to);
}

static const char *any_character(struct slip *slip) {
    static const char *const characters[] = { "A", "a",       "Z", "z", "0",  "1",
                                              "9", "-",       ".", "/", " ",  "_",
                                              ":", "+",       ",", "T", "中", "\xF0\x9F\x9A\xA2",
                                              "e", "\xC2\xA0" };
    return characters[below(slip, COUNT(characters))];
}

static void add_character(struct slip *slip) {
    size_t at = below(slip, 2) ? slip->value.length : any_place(slip);
    splice(slip, at, at, any_character(slip));
}

static void drop_character(struct slip *slip) {
    size_t at = any_place(slip);
    splice(slip, at, next_place(slip, at), "");
}

static void change_character(struct slip *slip) {
    size_t at = any_place(slip);
    splice(slip, at, next_place(slip, at), any_character(slip));
}

/* The sign before or behind it: where ranges of a class, and words, end. */
static void neighbour_character(struct slip *slip) {
    size_t at = any_place(slip), to = next_place(slip, at);
    const char *from = slip->value.at + at;
    char bytes[5] = { 0 };
    int32_t c = to > at ? text_next(&from, slip->value.at + to) : 'A';
    c += below(slip, 2) ? 1 : -1;
    text_put(c < ' ' || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF ? ' ' : c, bytes);
    splice(slip, at, to, bytes);
}

static void other_case(struct slip *slip) {
    size_t at = any_place(slip);
    char with[2] = { at < slip->value.length ? slip->value.at[at] : 'x' };
    bool letter = (with[0] | 0x20) >= 'a' && (with[0] | 0x20) <= 'z';
    with[0] = (char)(letter ? with[0] ^ 0x20 : '0' + (int)below(slip, 10));
    splice(slip, at, next_place(slip, at), with);
}

/* As long as may be, one more, or one less than must be; in characters of one, three or four bytes. */
static void at_length(struct slip *slip) {
    static const char *const signs[] = { "A", "0", "中", "\xF0\x9F\x9A\xA2" };
    bool longest = below(slip, 3) && slip->simple->length_max < FILL_MAX / 4;
    size_t wanted = longest ? slip->simple->length_max + below(slip, 2)
                            : slip->simple->length_min - (slip->simple->length_min > 0);
    const char *sign = signs[below(slip, COUNT(signs))];
    for (size_t i = 0; i < wanted && i < FILL_MAX; i++) {
        put_string(slip, sign);
    }
}

/* The value's own characters, over and over, up to that length. */
static void own_at_length(struct slip *slip) {
    size_t wanted = slip->simple->length_max < FILL_MAX / 4 ? slip->simple->length_max + below(slip, 2) : 50;
    for (size_t i = 0, at = 0; i < wanted && slip->value.length; i++) {
        size_t to = next_place(slip, at);
        put(slip, slip->value.at + at, to - at);
        at = to < slip->value.length ? to : 0;
    }
}

static void put_number(struct slip *slip, const struct number *number) {
    char spelling[LEXICAL_DIGITS_MAX + 3];
    put(slip, spelling, number_print(number, spelling));
}

/* A bound as it is, a little more or less, or with one digit changed. */
static void at_bound(struct slip *slip) {
    const struct simple_bound *bound = below(slip, 2) ? &slip->simple->least : &slip->simple->greatest;
    if (!bound->set) {
        add_character(slip);
        return;
    }
    put_number(slip, &bound->number);
    char *last = &slip->out[slip->length - 1];
    switch (below(slip, 5)) {
    case 0: break;
    case 1: *last = *last == '9' ? '8' : (char)(*last + 1); break;
    case 2: *last = *last == '0' ? '9' : (char)(*last - 1); break;
    case 3: put_string(slip, bound->number.fraction.length ? "1" : ".1"); break;
    default: put_string(slip, bound->number.fraction.length ? "0" : ".0"); break;
    }
}

/* As many digits as may be, or one more, with a fraction of as many as may be, or one more. */
static void at_digits(struct slip *slip) {
    uint32_t digits = slip->simple->digits_max < 20 ? slip->simple->digits_max : 10;
    uint32_t fraction = slip->simple->fraction_max < 10 ? slip->simple->fraction_max : 0;
    digits += (uint32_t)below(slip, 2);
    fraction += (uint32_t)below(slip, 2);
    bool no_whole = below(slip, 4) == 0;
    put_string(slip, below(slip, 6) ? "" : "-");
    put_string(slip, below(slip, 4) ? "" : "00");
    for (uint32_t i = fraction; i < digits && !no_whole; i++) {
        put_string(slip, "7");
    }
    for (uint32_t i = 0; i < fraction; i++) {
        put_string(slip, i ? "3" : ".3");
    }
    put_string(slip, fraction && below(slip, 3) == 0 ? "0" : "");
}

static void blanks(struct slip *slip) {
    static const char *const kinds[] = { " ", "  ", "\t", "\n", " \n " };
    size_t places[] = { 0, slip->value.length, any_place(slip) };
    size_t at = places[below(slip, COUNT(places))];
    splice(slip, at, at, kinds[below(slip, COUNT(kinds))]);
}

static void one_item_more(struct slip *slip) {
    put_text(slip, slip->value);
    for (size_t i = below(slip, 8); i > 0; i--) {
        put_string(slip, " ");
        put_text(slip, slip->value);
    }
}

static void any_word(struct slip *slip) {
    const struct wordset *words = slip->simple->enumeration;
    uint32_t index = words ? words->slots[below(slip, words->mask + 1)] : 0;
    put_text(slip, index ? words->words[index - 1] : slip->value);
    if (slip->length && below(slip, 2)) {
        slip->out[slip->length - 1]++;
    }
}

static void digit_changed(struct slip *slip) {
    for (int tries = 0; tries < 20; tries++) {
        size_t at = any_place(slip);
        if (at < slip->value.length && slip->value.at[at] >= '0' && slip->value.at[at] <= '9') {
            char digit[2] = { (char)('0' + below(slip, 10)) };
            splice(slip, at, at + 1, digit);
            return;
        }
    }
    change_character(slip);
}

/* clang-format off */
static void (*const changes[])(struct slip *slip) = {
    add_character, drop_character, change_character, neighbour_character, neighbour_character, other_case,
    at_length, own_at_length, at_bound, at_bound, at_digits, blanks, one_item_more, any_word, digit_changed,
    digit_changed,
};
/* clang-format on */

struct text slip_value(const struct simple *simple, struct text value, uint64_t *random,
                       char out[SLIP_VALUE_MAX]) {
    static char copy[SLIP_VALUE_MAX];
    value.length = value.length < sizeof(copy) ? value.length : sizeof(copy);
    memcpy(copy, value.at, value.length);
    struct slip slip = { .simple = simple, .value = { copy, value.length }, .random = random, .out = out };
    while (simple->variety == SIMPLE_UNION && simple->members_count) {
        simple = simple->members[random_below(random, simple->members_count)];
    }
    slip.simple = simple;
    changes[random_below(random, COUNT(changes))](&slip);
    return (struct text){ out, slip.length };
}
