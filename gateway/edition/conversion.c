/*
 * conversion.c - each conversion brings a trimmed text that is not empty to the canonical form of its field's
 * type, or says false and leaves it as it is.
 */
#include "edition/conversion.h"

#include <string.h>

#include "base/decimal.h"
#include "base/stamp.h"
#include "base/status.h"
#include "message/identifiers.h"

const char *const conversion_texts[CONVERSION_COUNT] = {
#define X(name, text, types) text,
    CONVERSION_LIST(X)
#undef X
};

static const unsigned conversion_types[] = {
#define X(name, text, types) types,
    CONVERSION_LIST(X)
#undef X
};

static const enum conversion default_of[] = {
    [FIELD_TEXT] = AS_TEXT,     [FIELD_CODE] = AS_TEXT,         [FIELD_DECIMAL] = AS_DECIMAL,
    [FIELD_DATE] = AS_ISO_DATE, [FIELD_MOMENT] = AS_ISO_MOMENT, [FIELD_FLAG] = AS_FLAG,
    [FIELD_GROUP] = AS_TEXT,
};

bool conversion_fits(enum conversion conversion, enum field_type type) {
    require(conversion < CONVERSION_COUNT);
    return conversion_types[conversion] & 1u << type;
}

enum conversion conversion_default(enum field_type type) {
    require((size_t)type < sizeof(default_of) / sizeof(*default_of));
    return default_of[type];
}

static bool are_digits(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return true;
}

static struct text day_text(int32_t day, struct arena *arena) {
    char out[STAMP_TEXT_MAX];
    return text_of(arena_string(arena, day_print(day, out)));
}

static bool moment_of(const char *iso, struct arena *arena, struct text *out) {
    stamp at;
    char printed[STAMP_TEXT_MAX];
    if (!stamp_parse(text_of(iso), &at)) {
        return false;
    }
    *out = text_of(arena_string(arena, stamp_print(at, printed)));
    return true;
}

static bool day_may_stand(int32_t day, const struct field *field) {
    return calendar_has(day) || (field->open && day == DAY_OPEN);
}

static bool convert_yyyymmdd(const struct field *field, struct text text, struct arena *arena,
                             struct text *out) {
    int32_t day;
    if (text.length != 8 || !are_digits(text)) {
        return false;
    }
    char *iso = arena_alloc(arena, sizeof("yyyy-mm-dd"));
    memcpy(iso, text.at, 4);
    memcpy(iso + 5, text.at + 4, 2);
    memcpy(iso + 8, text.at + 6, 2);
    iso[4] = iso[7] = '-';
    *out = (struct text){ iso, 10 };
    return day_parse(*out, &day) && day_may_stand(day, field);
}

/* xs:date may carry a zone, which no customs day depends on; a date-time is taken by its day here. */
static bool convert_iso_date(const struct field *field, struct text text, struct arena *arena,
                             struct text *out) {
    int32_t day;
    struct text date = { text.at, text.length < 10 ? text.length : 10 };
    struct text rest = { text.at + date.length, text.length - date.length };
    bool zone = text_is(rest, "Z")
                || (rest.length == 6 && (rest.at[0] == '+' || rest.at[0] == '-') && rest.at[3] == ':');
    if (rest.length == 0 || zone) {
        *out = date;
        return day_parse(date, &day) && day_may_stand(day, field);
    }
    stamp at;
    if (!stamp_parse(text, &at)) {
        return false;
    }
    *out = day_text(stamp_day(at), arena);
    return true;
}

/* yyyymmdd, yyyymmddhhmmss or with fractions of a second behind, followed by `zone`. */
static bool compact_moment(struct text digits, const char *zone, struct arena *arena, struct text *out) {
    const char *s = digits.at;
    if (!are_digits(digits)) {
        return false;
    }
    if (digits.length == 8) {
        return moment_of(arena_printf(arena, "%.4s-%.2s-%.2sT00:00:00%s", s, s + 4, s + 6, zone), arena, out);
    }
    if (digits.length < 14 || digits.length > 17) {
        return false;
    }
    int fraction = (int)digits.length - 14;
    const char *iso = arena_printf(arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s%.*s%s", s, s + 4, s + 6, s + 8,
                                   s + 10, s + 12, fraction ? "." : "", fraction, s + 14, zone);
    return moment_of(iso, arena, out);
}

/* A T may stand between day and time: 20261129T12000300. */
static bool convert_local_moment(struct text text, struct arena *arena, struct text *out) {
    if (text.length > 8 && text.at[8] == 'T') {
        text = text_of(arena_printf(arena, "%.8s" TEXT_FORMAT, text.at, (int)text.length - 9, text.at + 9));
    }
    return compact_moment(text, "+08:00", arena, out);
}

static bool convert_zoned_moment(struct text text, struct arena *arena, struct text *out) {
    size_t digits = 0;
    while (digits < text.length && text.at[digits] >= '0' && text.at[digits] <= '9') {
        digits++;
    }
    struct text zone = { text.at + digits, text.length - digits }, local = { text.at, digits };
    if (zone.length == 0) {
        return digits == 8 && compact_moment(local, "+08:00", arena, out);
    }
    if (text_is(zone, "Z")) {
        return compact_moment(local, "Z", arena, out);
    }
    bool hours = zone.length == 3, minutes = zone.length == 5 || (zone.length == 6 && zone.at[3] == ':');
    if ((zone.at[0] != '+' && zone.at[0] != '-') || !(hours || minutes)) {
        return false;
    }
    const char *iso = arena_printf(arena, "%.3s:%.2s", zone.at, hours ? "00" : zone.at + zone.length - 2);
    return compact_moment(local, iso, arena, out);
}

static bool convert_flag(struct text text, struct text *out) {
    static const struct {
        const char *text;
        bool flag;
    } words[] = {
        { "1", true }, { "0", false }, { "Y", true },    { "N", false },
        { "y", true }, { "n", false }, { "true", true }, { "false", false },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_is(text, words[i].text)) {
            *out = words[i].flag ? TEXT("true") : TEXT("false");
            return true;
        }
    }
    return false;
}

bool conversion_make(enum conversion conversion, const struct field *field, struct text text,
                     struct arena *arena, struct text *out) {
    struct decimal number;
    require(conversion_fits(conversion, field->type));
    *out = text;
    switch (conversion) {
    case AS_TEXT: *out = identifier_canonical(field->form, text, arena); return true;
    case AS_DECIMAL: return decimal_parse(text, &number);
    case AS_YYYYMMDD: return convert_yyyymmdd(field, text, arena, out);
    case AS_ISO_DATE: return convert_iso_date(field, text, arena, out);
    case AS_ISO_MOMENT: return moment_of(arena_copy(arena, text), arena, out);
    case AS_YYYYMMDDHHMMSS: return convert_local_moment(text, arena, out);
    case AS_ZONED_MOMENT: return convert_zoned_moment(text, arena, out);
    case AS_FLAG: return convert_flag(text, out);
    case CONVERSION_COUNT: break;
    }
    panic("no conversion %d", (int)conversion);
}
