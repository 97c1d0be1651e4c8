/*
 * identifiers.c - one canonical form; and weighted sums over letters and digits, each after the standard it
 * names.
 */
#include "message/identifiers.h"

#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char capital(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

struct text identifier_canonical(enum identifier_form form, struct text text, struct arena *arena) {
    if (form == IDENTIFIER_NONE) {
        return text;
    }
    text = text_trim(text);
    char *copy = arena_alloc(arena, text.length + 1), *to = copy;
    for (size_t i = 0; i < text.length; i++) {
        char c = is_blank(text.at[i]) ? ' ' : text.at[i];
        if (c != ' ' || to[-1] != ' ') { /* a trimmed text does not begin with a blank */
            *to++ = form == IDENTIFIER_CAPITALS ? capital(c) : c;
        }
    }
    struct text made = { copy, (size_t)(to - copy) };
    return text_equal(made, text) ? text : made;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool are_digits(struct text text, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        if (!is_digit(text.at[i])) {
            return false;
        }
    }
    return true;
}

/* ISO 6346: A..Z count 10, 12..21, 23..32, 34..38, which skips the multiples of 11. */
static int container_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    int letter = c - 'A';
    return 10 + letter + (letter > 0) + (letter > 10) + (letter > 20);
}

/* The remainder modulo 11, 0 to 10; -1 when it has not the shape of a container number. */
static int container_remainder(struct text text) {
    if (text.length != 11 || !are_digits(text, 4, 11) || !strchr("UJZ", text.at[3]) || text.at[3] == '\0') {
        return -1;
    }
    int sum = 0;
    for (size_t i = 0; i < 10; i++) {
        if (i < 4 && (text.at[i] < 'A' || text.at[i] > 'Z')) {
            return -1;
        }
        sum += container_value(text.at[i]) << i;
    }
    return sum % 11;
}

bool identifier_iso6346(struct text text) {
    int remainder = container_remainder(text);
    return remainder >= 0 && remainder % 10 == text.at[10] - '0';
}

bool identifier_iso6346_remainder10(struct text text) {
    return identifier_iso6346(text) && container_remainder(text) == 10;
}

/* IMO resolution A.1117(30): six digits times 7 to 2, the last digit of the sum is the seventh. */
bool identifier_imo(struct text text) {
    const char *const prefixes[] = { "IMO", "UN", "CN" };
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (text_starts(text, prefixes[i])) {
            size_t length = strlen(prefixes[i]);
            text = text_trim((struct text){ text.at + length, text.length - length });
            break;
        }
    }
    if (text.length != 7 || !are_digits(text, 0, 7)) {
        return false;
    }
    int sum = 0;
    for (int i = 0; i < 6; i++) {
        sum += (text.at[i] - '0') * (7 - i);
    }
    return sum % 10 == text.at[6] - '0';
}

static int position_in(const char *alphabet, char c) {
    const char *found = c ? strchr(alphabet, c) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

/* GB 32100-2015: 31 signs without I O S V Z, weights 3^i modulo 31. */
bool identifier_gb32100(struct text text) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    if (text.length != 18) {
        return false;
    }
    int sum = 0;
    for (int i = 0, weight = 1; i < 17; i++, weight = weight * 3 % 31) {
        int value = position_in(alphabet, text.at[i]);
        if (value < 0) {
            return false;
        }
        sum += value * weight;
    }
    return position_in(alphabet, text.at[17]) == (31 - sum % 31) % 31;
}

/* GB 11714-1997: eight signs of 36 times 3 7 9 10 5 8 4 2; the check sign is 11 - sum mod 11 (10: X, 11:
   0). */
bool identifier_gb11714(struct text text) {
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const int weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
    bool hyphen = text.length == 10 && text.at[8] == '-';
    if (text.length != 9 && !hyphen) {
        return false;
    }
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        int value = position_in(alphabet, text.at[i]);
        if (value < 0) {
            return false;
        }
        sum += value * weights[i];
    }
    return text.at[text.length - 1] == "0X987654321"[sum % 11];
}

/* No check digit: the shape, a year the customs could have written, import 1 or export 0. */
bool identifier_entry(struct text text) {
    if (text.length != 18 || !are_digits(text, 0, 18)) {
        return false;
    }
    bool century = text_starts((struct text){ text.at + 4, 2 }, "19")
                   || text_starts((struct text){ text.at + 4, 2 }, "20");
    return century && (text.at[8] == '0' || text.at[8] == '1');
}
