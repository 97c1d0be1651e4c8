/*
 * segregation.c - the pairs of the lists as a table of bits: each class or group that stands in a pair is a
 * label and has a bit; what it must be kept from is a set of such bits. So two goods are compared by a few
 * operations, and five hundred lines with each other in an instant.
 */
#include "engine/segregation.h"

#include <string.h>

#include "message/codelist.h"
#include "edition/pairs.h"

struct segregation {
    struct text labels[PAIR_NAMES_MAX];                    /* a bit each */
    uint64_t always[PAIR_NAMES_MAX], away[PAIR_NAMES_MAX]; /* what it must be kept from */
    size_t count;
    bool incomplete;                /* lists that no lint has passed: what they do not say is looked at */
    const struct codelist *members; /* UN/GROUP; NULL: not there */
    int32_t today;
};

static size_t find(const struct segregation *segregation, struct text label) {
    size_t i = 0;
    while (i < segregation->count && !text_equal(segregation->labels[i], label)) {
        i++;
    }
    return i;
}

/* Its place; PAIR_NAMES_MAX when there is no room. */
static size_t place_of(struct segregation *segregation, struct text label) {
    size_t place = find(segregation, label);
    if (place == segregation->count && place < PAIR_NAMES_MAX) {
        segregation->labels[segregation->count++] = label;
    }
    return place;
}

static void read_pairs(struct segregation *segregation, const struct cause *cause, struct text name,
                       uint64_t *apart) {
    const struct codelist *list = codelists_find(cause->edition->lists, name);
    size_t count = 0;
    const struct code *codes = list ? codelist_codes(list, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        struct text one, other;
        if (cause->today < codes[i].from_day || cause->today >= codes[i].until_day) {
            continue;
        }
        size_t left = PAIR_NAMES_MAX, right = PAIR_NAMES_MAX;
        if (pair_split(codes[i].code, &one, &other)) {
            left = place_of(segregation, one);
            right = place_of(segregation, other);
        }
        if (left < PAIR_NAMES_MAX && right < PAIR_NAMES_MAX) {
            apart[left] |= UINT64_C(1) << right;
            apart[right] |= UINT64_C(1) << left;
        } else {
            segregation->incomplete = true;
        }
    }
}

const struct segregation *segregation_of(const struct cause *cause) {
    struct segregation *segregation = arena_alloc(cause->arena, sizeof(*segregation));
    *segregation =
        (struct segregation){ .members = codelists_find(cause->edition->lists, TEXT("un_segregation_groups")),
                              .today = cause->today };
    read_pairs(segregation, cause, PAIRS_SEGREGATED, segregation->always);
    read_pairs(segregation, cause, PAIRS_KEPT_AWAY, segregation->away);
    return segregation;
}

/* A UN number is said to be of a group as UN/GROUP; what is no number is asked for nothing. */
static bool is_of_group(const struct segregation *segregation, const char *un_number, struct text group) {
    char code[CODE_LENGTH_MAX + 1];
    size_t length = strlen(un_number);
    if (!segregation->members || length + 1 + group.length > CODE_LENGTH_MAX) {
        return false;
    }
    memcpy(code, un_number, length);
    code[length] = '/';
    memcpy(code + length + 1, group.at, group.length);
    return codelist_has(segregation->members, (struct text){ code, length + 1 + group.length },
                        segregation->today);
}

uint64_t segregation_labels(const struct segregation *segregation, const char *un_number, const char *class) {
    uint64_t labels = 0;
    for (size_t i = 0; i < segregation->count; i++) {
        if (text_is(segregation->labels[i], class)
            || is_of_group(segregation, un_number, segregation->labels[i])) {
            labels |= UINT64_C(1) << i;
        }
    }
    return labels;
}

static bool any_apart(const uint64_t *apart, uint64_t labels, uint64_t others) {
    for (; labels; labels &= labels - 1) {
        if (apart[__builtin_ctzll(labels)] & others) {
            return true;
        }
    }
    return false;
}

enum apartness segregation_between(const struct segregation *segregation, uint64_t labels, uint64_t others) {
    if (any_apart(segregation->always, labels, others)) {
        return APART_ALWAYS;
    }
    return segregation->incomplete || any_apart(segregation->away, labels, others) ? APART_AWAY : APART_NOT;
}
