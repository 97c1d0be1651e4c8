/*
 * codelist.c - each list is an array sorted by code and first day, so that a look-up is one binary search for
 * the last entry of the code that has begun, and then a look at its last day.
 */
#include "message/codelist.h"

#include <stdlib.h>

#include "base/status.h"
#include "message/mistakes.h"

struct codelist {
    const char *name;
    const struct code *codes;
    size_t count;
};

struct codelists {
    struct arena *arena;
    struct codelist lists[CODELISTS_MAX];
    size_t count;
};

struct codelists *codelists_new(struct arena *arena) {
    struct codelists *lists = arena_alloc(arena, sizeof(*lists));
    lists->arena = arena;
    return lists;
}

static int order_of(const void *left, const void *right) {
    const struct code *a = left, *b = right;
    int order = text_compare(a->code, b->code);
    return order ? order : (a->from_day > b->from_day) - (a->from_day < b->from_day);
}

void codelists_add(struct codelists *lists, const char *name, struct code *codes, size_t count) {
    require(codelists_have_room(lists) && !codelists_find(lists, text_of(name)));
    qsort(codes, count, sizeof(*codes), order_of);
    lists->lists[lists->count++] = (struct codelist){ arena_string(lists->arena, name), codes, count };
}

bool codelists_have_room(const struct codelists *lists) {
    return lists->count < CODELISTS_MAX;
}

/* --- asking -------------------------------------------------------------------------------------------- */

const struct codelist *codelists_find(const struct codelists *lists, struct text name) {
    for (size_t i = 0; i < lists->count; i++) {
        if (text_is(name, lists->lists[i].name)) {
            return &lists->lists[i];
        }
    }
    return NULL;
}

const char *codelists_nearest(const struct codelists *lists, struct text name) {
    struct nearest nearest;
    nearest_start(&nearest, name);
    for (size_t i = 0; i < lists->count; i++) {
        nearest_try(&nearest, lists->lists[i].name);
    }
    return nearest_found(&nearest);
}

static const struct code *find(const struct codelist *list, struct text code, int32_t day) {
    const struct code wanted = { .code = code, .from_day = day };
    size_t low = 0, high = list->count; /* the entries below low have begun, those from high on have not */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (order_of(&list->codes[middle], &wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct code *last = low ? &list->codes[low - 1] : NULL;
    return last && text_equal(last->code, code) && day < last->until_day ? last : NULL;
}

bool codelist_has(const struct codelist *list, struct text code, int32_t day) {
    return find(list, code, day) != NULL;
}

const char *codelist_name_of(const struct codelist *list, struct text code, int32_t day,
                             enum language language) {
    const struct code *found = find(list, code, day);
    return !found ? NULL : language == LANGUAGE_ZH ? found->zh : found->en;
}
