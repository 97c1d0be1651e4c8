/*
 * simple.c - one value: white space, then what the built-in type takes, then the facets.
 */
#include "xsd/simple.h"

#include "xsd/xml.h"

#include "base/status.h"

/* --- white space (4.3.6) -------------------------------------------------------------------------------- */

static bool is_blank(char c) {
    return xml_class(c) & XML_BLANK;
}

/* No byte of these is a blank or below it. */
static bool has_no_blank(struct text value) {
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t blanks = 0;
    size_t i = 0;
    for (; i + 8 <= value.length; i += 8) {
        uint64_t eight = wordset_load(value.at + i, 8);
        blanks |= (eight - ones * 0x21) & ~eight & tops;
    }
    for (; i < value.length; i++) {
        blanks |= (unsigned char)value.at[i] <= ' ';
    }
    return blanks == 0;
}

#define BLOCK 16

/* No blank at either end, and none but single spaces within. */
static bool is_collapsed(struct text value) {
    bool before = true;
    size_t i = 0;
#ifdef XML_VECTORS
    const __m128i space = _mm_set1_epi8(' ');
    while (value.length >= BLOCK && i < value.length) {
        size_t again = i + BLOCK > value.length ? i + BLOCK - value.length : 0; /* read before */
        __m128i block = _mm_loadu_si128((const __m128i *)(value.at + i - again));
        __m128i blank = _mm_cmpeq_epi8(_mm_min_epu8(block, space), block);
        uint32_t blanks = (uint32_t)_mm_movemask_epi8(blank) >> again;
        uint32_t spaces = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, space)) >> again;
        if (blanks != spaces || blanks & (blanks << 1 | before)) {
            return false;
        }
        i += BLOCK - again;
        before = blanks >> (BLOCK - 1 - again);
    }
#endif
    if (value.length < BLOCK && has_no_blank(value)) {
        return true;
    }
    for (; i < value.length; i++) {
        bool blank = is_blank(value.at[i]);
        if (blank && (before || value.at[i] != ' ')) {
            return false;
        }
        before = blank;
    }
    return !before || value.length == 0;
}

static struct text collapse(struct text value, struct simple_room room) {
    char *to = room.at;
    if (is_collapsed(value)) {
        return value;
    }
    value = xml_trim(value);
    if (is_collapsed(value)) {
        return value;
    }
    require(value.length <= room.size);
    for (size_t i = 0; i < value.length; i++) {
        bool blank = is_blank(value.at[i]);
        if (!blank || to[-1] != ' ') {
            *to++ = blank ? ' ' : value.at[i];
        }
    }
    return (struct text){ room.at, (size_t)(to - room.at) };
}

static struct text replace(struct text value, struct simple_room room) {
    size_t i = 0;
    while (i < value.length && !(is_blank(value.at[i]) && value.at[i] != ' ')) {
        i++;
    }
    if (i == value.length) {
        return value;
    }
    require(value.length <= room.size);
    for (i = 0; i < value.length; i++) {
        room.at[i] = is_blank(value.at[i]) ? ' ' : value.at[i];
    }
    return (struct text){ room.at, value.length };
}

static struct text normalised(const struct simple *simple, struct text value, struct simple_room room) {
    switch (simple->space) {
    case LEXICAL_COLLAPSE: return collapse(value, room);
    case LEXICAL_REPLACE: return replace(value, room);
    default: return value;
    }
}

/* --- facets (4.3) --------------------------------------------------------------------------------------- */

/* Bytes that do not continue a character, eight at a time. */
static size_t count_characters(struct text value) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t characters = value.length;
    for (size_t i = 0; i < value.length; i += 8) {
        uint64_t eight = wordset_load(value.at + i, value.length - i); /* zeros behind the last */
        characters -= (eight >> 7 & ~eight >> 6 & ones) * ones >> 56;
    }
    return characters;
}

/* A character is one to four bytes, so most values need no counting. */
static bool has_length(const struct simple *simple, struct text value, bool ascii) {
    uint32_t min = simple->length_min, max = simple->length_max;
    if (ascii) {
        return value.length >= min && value.length <= max;
    }
    if (value.length < min || value.length / 4 > max) {
        return false;
    }
    if (value.length <= max && (value.length + 3) / 4 >= min) {
        return true;
    }
    size_t characters = count_characters(value);
    return characters >= min && characters <= max;
}

static bool is_within(const struct simple *simple, const struct number *number) {
    const struct simple_bound *least = &simple->least, *greatest = &simple->greatest;
    if (least->set) {
        int order = number_compare(number, &least->number);
        if (order < 0 || (order == 0 && least->exclusive)) {
            return false;
        }
    }
    if (greatest->set) {
        int order = number_compare(number, &greatest->number);
        if (order > 0 || (order == 0 && greatest->exclusive)) {
            return false;
        }
    }
    return number->whole.length + number->fraction.length <= simple->digits_max
           && number->fraction.length <= simple->fraction_max;
}

/* Does the order of a value to a bound let it stand? One that is not known does not. */
static bool may_follow(enum moment_order order, bool exclusive) {
    return order == MOMENT_AFTER || (order == MOMENT_SAME && !exclusive);
}

static bool is_moment(const struct simple *simple, struct text value) {
    const struct simple_bound *least = &simple->least, *greatest = &simple->greatest;
    struct moment moment;
    return moment_read(simple->type, value, &moment)
           && (!least->set || may_follow(moment_compare(&moment, &least->moment), least->exclusive))
           && (!greatest->set || may_follow(moment_compare(&greatest->moment, &moment), greatest->exclusive));
}

struct text simple_spelling(const struct simple *simple, struct text normal, char *out) {
    struct number number;
    if (simple->variety != SIMPLE_ATOMIC || lexical_infos[simple->type].family != LEXICAL_NUMBER
        || !number_read(simple->type, normal, &number)) {
        return normal;
    }
    return (struct text){ out, number_print(&number, out) };
}

static bool has_facets(const struct simple *simple, struct text value) {
    char room[LEXICAL_DIGITS_MAX + 3];
    for (uint32_t i = 0; i < simple->patterns_count; i++) {
        if (!dfa_accepts(simple->patterns[i], value)) {
            return false;
        }
    }
    return !simple->enumeration
           || wordset_find(simple->enumeration, simple_spelling(simple, value, room)) >= 0;
}

/* --- varieties ------------------------------------------------------------------------------------------ */

/* end: as simple_accepts_word() has it. */
static bool accepts_atomic(const struct simple *simple, struct text value, bool ascii, const char *end) {
    struct number number;
    if (simple->free) {
        return has_length(simple, value, ascii);
    }
    switch (lexical_infos[simple->type].family) {
    case LEXICAL_NUMBER:
        if (!number_read_within(simple->type, value, end, &number) || !is_within(simple, &number)) {
            return false;
        }
        break;
    case LEXICAL_MOMENT:
        if (!is_moment(simple, value)) {
            return false;
        }
        break;
    case LEXICAL_OCTETS: {
        size_t octets = lexical_accepts(simple->type, value) ? lexical_octets(simple->type, value) : SIZE_MAX;
        if (octets < simple->length_min || octets > simple->length_max) {
            return false;
        }
        break;
    }
    default:
        if (!has_length(simple, value, ascii) || !lexical_accepts(simple->type, value)) {
            return false;
        }
    }
    return has_facets(simple, value);
}

/* Items stand between single spaces, for a list collapses; so none has a blank in it. */
static bool accepts_list(const struct simple *simple, struct text value) {
    struct text rest = value;
    uint32_t items = 0;
    while (value.length && rest.at) {
        struct text item = text_until(&rest, ' ');
        if (++items > SIMPLE_ITEMS_MAX
            || !simple_accepts_word(simple->item, item, false, item.at + item.length)) {
            return false;
        }
    }
    return items >= simple->length_min && items <= simple->length_max && has_facets(simple, value);
}

bool simple_accepts_word(const struct simple *simple, struct text value, bool ascii, const char *end) {
    if (simple->variety == SIMPLE_ATOMIC) {
        return accepts_atomic(simple, value, ascii, end);
    }
    if (simple->variety == SIMPLE_LIST) {
        return accepts_list(simple, value);
    }
    for (uint32_t i = 0; i < simple->members_count; i++) {
        if (simple_accepts_word(simple->members[i], value, ascii, end)) {
            return has_facets(simple, value);
        }
    }
    return false;
}

bool simple_accepts(const struct simple *simple, struct text value, struct simple_room room,
                    struct text *normal) {
    struct text normal_value = value;
    bool accepted = false;
    if (!normal && simple_fits(simple, value, true, false)) {
        return true;
    }
    if (simple->variety == SIMPLE_UNION) {
        for (uint32_t i = 0; !accepted && i < simple->members_count; i++) {
            accepted = simple_accepts(simple->members[i], value, room, NULL);
        }
        /* Which member's white space its own facets see is not told apart: then there must be none. */
        bool plain = (simple->patterns_count == 0 && !simple->enumeration) || is_collapsed(value);
        accepted = accepted && plain && has_facets(simple, value);
    } else {
        normal_value = normalised(simple, value, room);
        accepted = simple->variety == SIMPLE_ATOMIC
                       ? accepts_atomic(simple, normal_value, false, normal_value.at + normal_value.length)
                       : accepts_list(simple, normal_value);
    }
    if (normal) {
        *normal = normal_value;
    }
    return accepted;
}
