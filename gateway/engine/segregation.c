/*
 * segregation.c - the pairs of the lists as a table of bits: each class or group that stands in a pair is a
 * label and has a bit; what it must be kept from is a set of such bits. So two goods are compared by a few
 * operations, and five hundred lines with each other in an instant.
 */
#include "engine/segregation.h"

#include <string.h>

#include "message/codelist.h"

#define LABELS_MAX 64 /* a bit each; there are 20 classes and 18 groups */

struct segregation {
    struct text labels[LABELS_MAX];
    uint64_t always[LABELS_MAX], away[LABELS_MAX]; /* what it must be kept from */
    size_t count;
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

/* Its place; LABELS_MAX when there is no room. */
static size_t place_of(struct segregation *segregation, struct text label) {
    size_t place = find(segregation, label);
    if (place == segregation->count && place < LABELS_MAX) {
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
        struct text pair = codes[i].code;
        const char *cut = memchr(pair.at, '/', pair.length);
        if (!cut || cause->today < codes[i].from_day || cause->today >= codes[i].until_day) {
            continue;
        }
        size_t length = (size_t)(cut - pair.at);
        size_t left = place_of(segregation, (struct text){ pair.at, length });
        size_t right = place_of(segregation, (struct text){ cut + 1, pair.length - length - 1 });
        if (left < LABELS_MAX && right < LABELS_MAX) {
            apart[left] |= UINT64_C(1) << right;
            apart[right] |= UINT64_C(1) << left;
        }
    }
}

const struct segregation *segregation_of(const struct cause *cause) {
    struct segregation *segregation = arena_alloc(cause->arena, sizeof(*segregation));
    *segregation =
        (struct segregation){ .members = codelists_find(cause->edition->lists, TEXT("un_segregation_groups")),
                              .today = cause->today };
    read_pairs(segregation, cause, TEXT("dg_segregated"), segregation->always);
    read_pairs(segregation, cause, TEXT("dg_kept_away"), segregation->away);
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
    return any_apart(segregation->always, labels, others) ? APART_ALWAYS
           : any_apart(segregation->away, labels, others) ? APART_AWAY
                                                          : APART_NOT;
}
