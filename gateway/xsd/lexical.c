/*
 * lexical.c - readers that move a cursor over the value and fail by standing still.
 */
#include "xsd/lexical.h"

#include <string.h>

#include "base/status.h"
#include "xsd/xml.h"

const struct lexical_info lexical_infos[LEXICAL_COUNT] = {
#define X(id, name, family, space, least, greatest) \
    [LEXICAL_##id] = { name, LEXICAL_##family, LEXICAL_##space, least, greatest },
    LEXICAL_LIST(X)
#undef X
};

struct cursor {
    const char *at, *end;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool take(struct cursor *cursor, char c) {
    bool there = cursor->at < cursor->end && *cursor->at == c;
    cursor->at += there;
    return there;
}

static size_t take_digits(struct cursor *cursor) {
    const char *from = cursor->at;
    while (cursor->at < cursor->end && is_digit(*cursor->at)) {
        cursor->at++;
    }
    return (size_t)(cursor->at - from);
}

static bool at_end(const struct cursor *cursor) {
    return cursor->at == cursor->end;
}

/* --- numbers (3.2.3 and below) -------------------------------------------------------------------------- */

static bool is_unsigned(enum lexical_type type) {
    return type == LEXICAL_UNSIGNED_LONG || type == LEXICAL_UNSIGNED_INT || type == LEXICAL_UNSIGNED_SHORT
           || type == LEXICAL_UNSIGNED_BYTE;
}

#ifdef XML_VECTORS
/* Of up to sixteen bytes, which are digits and which zeros, as bits. False: not in order, or written as few
 * are, with a +. */
static bool read_at_once(enum lexical_type type, struct text value, struct number *out) {
    const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
    __m128i block = _mm_loadu_si128((const __m128i *)value.at), above = _mm_sub_epi8(block, zero);
    uint32_t all = (1u << value.length) - 1;
    uint32_t digits = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(above, nine), above)) & all;
    uint32_t zeros = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, zero)) & all;
    uint32_t others = all & ~digits, from = 0, point;
    if (others & 1 && *value.at == '-' && !is_unsigned(type)) {
        from = 1;
        others ^= 1;
    }
    point = (uint32_t)__builtin_ctz(others | 1u << value.length);
    if (!digits || (others && (others & (others - 1) || value.at[point] != '.' || type != LEXICAL_DECIMAL))) {
        return false;
    }
    uint32_t whole = from + (uint32_t)__builtin_ctz(~(zeros >> from) | 1u << (point - from));
    uint32_t fraction = others ? point + 1 : point, counts = all & ~zeros & ~((1u << fraction) - 1);
    uint32_t end = counts ? 32 - (uint32_t)__builtin_clz(counts) : fraction;
    *out = (struct number){
        .negative = from && point - whole + end - fraction > 0,
        .whole = { value.at + whole, point - whole },
        .fraction = { value.at + fraction, end - fraction },
    };
    return true;
}
#endif

bool number_read_within(enum lexical_type type, struct text value, const char *end, struct number *out) {
#ifdef XML_VECTORS
    if (value.length <= 16 && end - value.at >= 16 && read_at_once(type, value, out)) {
        return true;
    }
#endif
    (void)end;
    return number_read(type, value, out);
}

/* The unsigned types are written without a sign, even +; the others may have one. */
bool number_read(enum lexical_type type, struct text value, struct number *out) {
    require(lexical_infos[type].family == LEXICAL_NUMBER);
    struct cursor cursor = { value.at, value.at + value.length };
    bool with_fraction = type == LEXICAL_DECIMAL, with_sign = !is_unsigned(type);
    *out = (struct number){ .negative = with_sign && take(&cursor, '-') };
    if (with_sign && !out->negative) {
        take(&cursor, '+');
    }
    out->whole.at = out->fraction.at = cursor.at;
    size_t whole = out->whole.length = take_digits(&cursor), fraction = 0;
    if (with_fraction && take(&cursor, '.')) {
        out->fraction.at = cursor.at;
        fraction = out->fraction.length = take_digits(&cursor);
    }
    if (!at_end(&cursor) || whole + fraction == 0 || whole + fraction > LEXICAL_DIGITS_MAX) {
        return false;
    }
    while (out->whole.length && out->whole.at[0] == '0') {
        out->whole.at++;
        out->whole.length--;
    }
    while (out->fraction.length && out->fraction.at[out->fraction.length - 1] == '0') {
        out->fraction.length--;
    }
    if (out->whole.length + out->fraction.length == 0) {
        out->negative = false;
    }
    return true;
}

static int compare_sizes(const struct number *a, const struct number *b) {
    if (a->whole.length != b->whole.length) {
        return a->whole.length < b->whole.length ? -1 : 1;
    }
    int order = text_compare(a->whole, b->whole);
    return order ? order : text_compare(a->fraction, b->fraction);
}

int number_compare(const struct number *a, const struct number *b) {
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    return a->negative ? compare_sizes(b, a) : compare_sizes(a, b);
}

size_t number_print(const struct number *number, char *out) {
    require(number->whole.length + number->fraction.length <= LEXICAL_DIGITS_MAX); /* out has that room */
    char *to = out;
    if (number->negative) {
        *to++ = '-';
    }
    if (number->whole.length == 0) {
        *to++ = '0';
    }
    memcpy(to, number->whole.at, number->whole.length);
    to += number->whole.length;
    if (number->fraction.length) {
        *to++ = '.';
        memcpy(to, number->fraction.at, number->fraction.length);
        to += number->fraction.length;
    }
    return (size_t)(to - out);
}

static bool is_number(enum lexical_type type, struct text value) {
    struct number number, bound;
    const struct lexical_info *info = &lexical_infos[type];
    if (!number_read(type, value, &number)) {
        return false;
    }
    if (info->least[0]
        && (!number_read(LEXICAL_INTEGER, text_of(info->least), &bound)
            || number_compare(&number, &bound) < 0)) {
        return false;
    }
    return !info->greatest[0]
           || (number_read(LEXICAL_INTEGER, text_of(info->greatest), &bound)
               && number_compare(&number, &bound) <= 0);
}

static bool is_float(struct text value) {
    struct cursor cursor = { value.at, value.at + value.length };
    if (text_is(value, "INF") || text_is(value, "-INF") || text_is(value, "NaN")) {
        return true;
    }
    if (!take(&cursor, '-')) {
        take(&cursor, '+');
    }
    if (!take_digits(&cursor) || (take(&cursor, '.') && !take_digits(&cursor))) {
        return false;
    }
    if (take(&cursor, 'e') || take(&cursor, 'E')) {
        if (!take(&cursor, '-')) {
            take(&cursor, '+');
        }
        if (!take_digits(&cursor)) {
            return false;
        }
    }
    return at_end(&cursor);
}

/* --- days and times (3.2.6 to 3.2.14) ------------------------------------------------------------------- */

/* A number of that many digits within the bounds. */
static bool take_number(struct cursor *cursor, int digits, int low, int high, int *out) {
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if (at_end(cursor) || !is_digit(*cursor->at)) {
            return false;
        }
        number = number * 10 + (*cursor->at++ - '0');
    }
    *out = number;
    return number >= low && number <= high;
}

static int days_in(int year, int month) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* What a value says; what it does not say is as here. */
struct calendar {
    int year, month, day, hour, minute, second;
    int64_t picosecond;
    bool zoned;
    int zone_minutes; /* before UTC */
};
#define CALENDAR_DEFAULT \
    { .year = 2000, .month = 1, .day = 1 }

static bool take_zone(struct cursor *cursor, struct calendar *out) {
    int hours, minutes;
    out->zoned = !at_end(cursor);
    if (at_end(cursor) || take(cursor, 'Z')) {
        return true;
    }
    bool west = take(cursor, '-');
    if ((!west && !take(cursor, '+')) || !take_number(cursor, 2, 0, 14, &hours) || !take(cursor, ':')
        || !take_number(cursor, 2, 0, hours == 14 ? 0 : 59, &minutes)) {
        return false;
    }
    out->zone_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

static bool take_year_month(struct cursor *cursor, struct calendar *out) {
    return take_number(cursor, 4, 1, 9999, &out->year) && take(cursor, '-')
           && take_number(cursor, 2, 1, 12, &out->month);
}

static bool take_date(struct cursor *cursor, struct calendar *out) {
    return take_year_month(cursor, out) && take(cursor, '-')
           && take_number(cursor, 2, 1, days_in(out->year, out->month), &out->day);
}

#define SECOND_DIGITS_MAX 12 /* of a fraction: more would round up to the next minute where others count */

static bool take_fraction(struct cursor *cursor, struct calendar *out) {
    if (!take(cursor, '.')) {
        return true;
    }
    const char *from = cursor->at;
    size_t digits = take_digits(cursor);
    for (size_t i = 0; i < SECOND_DIGITS_MAX && digits <= SECOND_DIGITS_MAX; i++) {
        out->picosecond = out->picosecond * 10 + (i < digits ? from[i] - '0' : 0);
    }
    return digits > 0 && digits <= SECOND_DIGITS_MAX;
}

static bool take_time(struct cursor *cursor, struct calendar *out) {
    return take_number(cursor, 2, 0, 23, &out->hour) && take(cursor, ':')
           && take_number(cursor, 2, 0, 59, &out->minute) && take(cursor, ':')
           && take_number(cursor, 2, 0, 59, &out->second) && take_fraction(cursor, out);
}

static bool take_month_day(struct cursor *cursor, struct calendar *out) {
    return take(cursor, '-') && take(cursor, '-') && take_number(cursor, 2, 1, 12, &out->month)
           && take(cursor, '-') && take_number(cursor, 2, 1, days_in(2000, out->month), &out->day);
}

static bool take_day(struct cursor *cursor, struct calendar *out) {
    return take(cursor, '-') && take(cursor, '-') && take(cursor, '-')
           && take_number(cursor, 2, 1, 31, &out->day);
}

static bool read_calendar(enum lexical_type type, struct text value, struct calendar *out) {
    struct cursor cursor = { value.at, value.at + value.length };
    bool ok = false;
    switch (type) {
    case LEXICAL_DATE: ok = take_date(&cursor, out); break;
    case LEXICAL_DATE_TIME:
        ok = take_date(&cursor, out) && take(&cursor, 'T') && take_time(&cursor, out);
        break;
    case LEXICAL_TIME: ok = take_time(&cursor, out); break;
    case LEXICAL_YEAR_MONTH: ok = take_year_month(&cursor, out); break;
    case LEXICAL_YEAR: ok = take_number(&cursor, 4, 1, 9999, &out->year); break;
    case LEXICAL_MONTH_DAY: ok = take_month_day(&cursor, out); break;
    case LEXICAL_DAY: ok = take_day(&cursor, out); break;
    case LEXICAL_MONTH:
        ok = take(&cursor, '-') && take(&cursor, '-') && take_number(&cursor, 2, 1, 12, &out->month);
        break;
    default: break;
    }
    return ok && take_zone(&cursor, out) && at_end(&cursor);
}

static bool is_temporal(enum lexical_type type, struct text value) {
    struct calendar calendar = CALENDAR_DEFAULT;
    return read_calendar(type, value, &calendar);
}

/* Days since a first of March, from which on leap days end a year. */
static int64_t day_number(int year, int month, int day) {
    int64_t of_march = year - (month <= 2), months = (month + 9) % 12;
    return of_march * 365 + of_march / 4 - of_march / 100 + of_march / 400 + (months * 153 + 2) / 5 + day;
}

bool moment_read(enum lexical_type type, struct text value, struct moment *out) {
    require(lexical_infos[type].family == LEXICAL_MOMENT);
    struct calendar calendar = CALENDAR_DEFAULT;
    if (!read_calendar(type, value, &calendar)) {
        return false;
    }
    int64_t minutes = (day_number(calendar.year, calendar.month, calendar.day) * 24 + calendar.hour) * 60
                      + calendar.minute - calendar.zone_minutes;
    *out = (struct moment){ minutes * 60 + calendar.second, calendar.picosecond, calendar.zoned };
    return true;
}

enum moment_order moment_compare(const struct moment *a, const struct moment *b) {
    const int64_t widest = INT64_C(14) * 60 * 60;
    int64_t seconds = a->second - b->second, parts = a->picosecond - b->picosecond;
    if (a->zoned != b->zoned && (seconds < -widest - 1 || seconds > widest + 1)) {
        return seconds < 0 ? MOMENT_BEFORE : MOMENT_AFTER;
    }
    if (a->zoned != b->zoned) {
        return MOMENT_ANY;
    }
    int64_t order = seconds ? seconds : parts;
    return order < 0 ? MOMENT_BEFORE : order > 0 ? MOMENT_AFTER : MOMENT_SAME;
}

#define DURATION_DIGITS_MAX 9 /* of one part */

/* Parts in their order, each at most once: 12Y3M. Returns how many there were; -1 when one is too long. */
static int take_parts(struct cursor *cursor, const char *letters, bool seconds) {
    int parts = 0;
    while (!at_end(cursor) && is_digit(*cursor->at)) {
        bool fraction = false;
        if (take_digits(cursor) > DURATION_DIGITS_MAX) {
            return -1;
        }
        if (seconds && take(cursor, '.')) {
            fraction = take_digits(cursor) > 0;
            if (!fraction) {
                return -1;
            }
        }
        const char *letter = at_end(cursor) ? NULL : strchr(letters, *cursor->at);
        if (!letter || !*letter || (fraction && *letter != 'S')) {
            return -1;
        }
        letters = letter + 1;
        cursor->at++;
        parts++;
    }
    return parts;
}

static bool is_duration(struct text value) {
    struct cursor cursor = { value.at, value.at + value.length };
    take(&cursor, '-');
    if (!take(&cursor, 'P')) {
        return false;
    }
    int days = take_parts(&cursor, "YMD", false), times = 0;
    if (days >= 0 && take(&cursor, 'T')) {
        times = take_parts(&cursor, "HMS", true);
        days = times > 0 ? days : -1;
    }
    return days >= 0 && days + times > 0 && at_end(&cursor);
}

/* --- octets (3.2.15, 3.2.16) ---------------------------------------------------------------------------- */

static bool is_hex(struct text value) {
    for (size_t i = 0; i < value.length; i++) {
        char c = value.at[i];
        if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f')) {
            return false;
        }
    }
    return value.length % 2 == 0;
}

/* Of each byte its six bits; the padding, the blank, and what may not stand there. */
enum { BASE64_PADDING = 64, BASE64_BLANK, BASE64_NONE };

#define NONE4  BASE64_NONE, BASE64_NONE, BASE64_NONE, BASE64_NONE
#define NONE16 NONE4, NONE4, NONE4, NONE4
/* clang-format off */
static const uint8_t base64_bits[256] = {
    NONE16, NONE16,
    BASE64_BLANK, BASE64_NONE, BASE64_NONE, BASE64_NONE, NONE4, BASE64_NONE, BASE64_NONE, BASE64_NONE, 62, BASE64_NONE, BASE64_NONE, BASE64_NONE, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, BASE64_NONE, BASE64_NONE, BASE64_NONE, BASE64_PADDING, BASE64_NONE, BASE64_NONE,
    BASE64_NONE, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NONE4, BASE64_NONE,
    BASE64_NONE, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NONE4, BASE64_NONE,
    NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16,
};
/* clang-format on */

/* Groups of four, single spaces among them; the bits that padding leaves unused are zero. */
static bool is_base64(struct text value, size_t *octets) {
    size_t count = 0, padding = 0;
    int last = 0;
    for (size_t i = 0; i < value.length; i++) {
        uint8_t bits = base64_bits[(unsigned char)value.at[i]];
        if (bits < BASE64_PADDING && !padding) {
            last = bits;
            count++;
        } else if (bits == BASE64_PADDING && padding < 2) {
            padding++;
            count++;
        } else if (bits != BASE64_BLANK) {
            return false;
        }
    }
    *octets = count / 4 * 3 - padding;
    return count % 4 == 0 && (padding == 0 || (count >= 4 && (last & (padding == 1 ? 0x3 : 0xF)) == 0));
}

size_t lexical_octets(enum lexical_type type, struct text value) {
    require(lexical_infos[type].family == LEXICAL_OCTETS);
    size_t octets = 0;
    if (type == LEXICAL_HEX) {
        return value.length / 2;
    }
    is_base64(value, &octets);
    return octets;
}

/* --- names and the like --------------------------------------------------------------------------------- */

static bool is_name(struct text value, bool any_start, bool colons) {
    for (size_t i = 0; i < value.length; i++) {
        uint8_t class = xml_class(value.at[i]);
        bool colon = colons && value.at[i] == ':';
        if (!colon && !(class & (i || any_start ? XML_NAME : XML_NAME_START))) {
            return false;
        }
    }
    return value.length > 0;
}

/* Of three letters at most, with a country or a script behind it: all that anybody writes. */
static bool is_language(struct text value) {
    struct text rest = value;
    size_t part = 0;
    while (rest.at) {
        struct text tag = text_until(&rest, '-');
        size_t letters = 0;
        while (letters < tag.length && is_letter(tag.at[letters])) {
            letters++;
        }
        if (letters != tag.length || letters < 2 || letters > (part ? 4 : 3) || ++part > 2) {
            return false;
        }
    }
    return part > 0;
}

/* clang-format off */
static const bool uri_characters[256] = {
    ['-'] = true, ['.'] = true, ['_'] = true, ['~'] = true,  ['!'] = true, ['$'] = true, ['&'] = true,
    ['('] = true, [')'] = true, ['*'] = true, ['\''] = true, ['+'] = true, [','] = true, [';'] = true,
    ['='] = true, [':'] = true, ['@'] = true, ['/'] = true,  ['?'] = true,
    ['0'] = true, true, true, true, true, true, true, true, true, true,
    ['A'] = true, true, true, true, true, true, true, true, true, true, true, true, true,
    true, true, true, true, true, true, true, true, true, true, true, true, true,
    ['a'] = true, true, true, true, true, true, true, true, true, true, true, true, true,
    true, true, true, true, true, true, true, true, true, true, true, true, true,
};
/* clang-format on */

static bool is_behind_authority(char c) {
    return c == '/' || c == '?' || c == '#';
}

/* RFC 2396 with an authority of a plain host, or none. */
static bool is_uri(struct text value) {
    struct cursor cursor = { value.at, value.at + value.length };
    bool fragment = false;
    for (size_t i = 0; i < value.length; i++) {
        char c = value.at[i];
        if (c == '#' && !fragment) {
            fragment = true;
        } else if (c == '%') {
            if (value.length - i < 3 || !is_hex((struct text){ value.at + i + 1, 2 })) {
                return false;
            }
        } else if (!uri_characters[(unsigned char)c]) {
            return false;
        }
    }
    while (!at_end(&cursor) && (is_letter(*cursor.at) || is_digit(*cursor.at) || *cursor.at == '-')) {
        cursor.at++;
    }
    if (!at_end(&cursor) && *cursor.at == ':') {
        if (cursor.at == value.at || !is_letter(value.at[0]) || cursor.at + 1 == cursor.end) {
            return false;
        }
        cursor.at++;
    } else {
        for (; !at_end(&cursor) && !is_behind_authority(*cursor.at); cursor.at++) {
            if (*cursor.at == ':') {
                return false;
            }
        }
        cursor.at = value.at;
    }
    if (cursor.end - cursor.at >= 2 && memcmp(cursor.at, "//", 2) == 0) {
        cursor.at += 2;
        const char *host = cursor.at;
        while (!at_end(&cursor)
               && (is_letter(*cursor.at) || is_digit(*cursor.at) || strchr("-.", *cursor.at))) {
            cursor.at++;
        }
        if (host == cursor.at || (take(&cursor, ':') && !take_digits(&cursor))) {
            return false;
        }
        return at_end(&cursor) || is_behind_authority(*cursor.at);
    }
    return true;
}

/* --- all of them ---------------------------------------------------------------------------------------- */

bool lexical_accepts(enum lexical_type type, struct text value) {
    require(type < LEXICAL_COUNT);
    size_t octets;
    switch (type) {
    case LEXICAL_ANY:
    case LEXICAL_STRING:
    case LEXICAL_NORMALIZED:
    case LEXICAL_TOKEN: return true;
    case LEXICAL_LANGUAGE: return is_language(value);
    case LEXICAL_NAME: return is_name(value, false, true);
    case LEXICAL_NMTOKEN: return is_name(value, true, true);
    case LEXICAL_NCNAME:
    case LEXICAL_ID:
    case LEXICAL_IDREF: return is_name(value, false, false);
    case LEXICAL_URI: return is_uri(value);
    case LEXICAL_BOOLEAN:
        return text_is(value, "true") || text_is(value, "false") || text_is(value, "1")
               || text_is(value, "0");
    case LEXICAL_FLOAT:
    case LEXICAL_DOUBLE: return is_float(value);
    case LEXICAL_DURATION: return is_duration(value);
    case LEXICAL_HEX: return is_hex(value);
    case LEXICAL_BASE64: return is_base64(value, &octets);
    default: break;
    }
    return lexical_infos[type].family == LEXICAL_NUMBER ? is_number(type, value) : is_temporal(type, value);
}
