/*
 * codelist.c - each list is an array sorted by code and first day, and a hash table of where each code begins
 * in it: a look-up goes to the code's last entry that has begun, and looks at its last day.
 */
#include "message/codelist.h"

#include <stdlib.h>

#include "base/status.h"
#include "message/mistakes.h"

struct codelist {
    const char *name;
    const struct code *codes;
    size_t count;
    uint32_t *slots; /* by the hash of a code: one more than where it begins; 0: none */
    uint32_t mask;
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

/* At most half of the slots are taken, and by codes of ours: so a look-up is short whatever is looked for. */
static void index_codes(struct codelist *list, struct arena *arena) {
    uint32_t size = 2;
    while (size < 2 * list->count) {
        size *= 2;
    }
    list->slots = arena_alloc(arena, size * sizeof(*list->slots));
    list->mask = size - 1;
    for (size_t i = 0; i < list->count; i++) {
        if (i && text_equal(list->codes[i].code, list->codes[i - 1].code)) {
            continue;
        }
        uint32_t slot = text_hash(list->codes[i].code) & list->mask;
        while (list->slots[slot]) {
            slot = (slot + 1) & list->mask;
        }
        list->slots[slot] = (uint32_t)i + 1;
    }
}

void codelists_add(struct codelists *lists, const char *name, struct code *codes, size_t count) {
    require(codelists_have_room(lists) && !codelists_find(lists, text_of(name)));
    qsort(codes, count, sizeof(*codes), order_of);
    struct codelist *list = &lists->lists[lists->count++];
    *list = (struct codelist){ .name = arena_string(lists->arena, name), .codes = codes, .count = count };
    index_codes(list, lists->arena);
}

bool codelists_have_room(const struct codelists *lists) {
    require(lists->count <= CODELISTS_MAX);
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

const struct code *codelist_codes(const struct codelist *list, size_t *count) {
    *count = list->count;
    return list->codes;
}

static const struct code *find(const struct codelist *list, struct text code, int32_t day) {
    const struct code *found = NULL, *end = list->codes + list->count;
    uint32_t slot = text_hash(code) & list->mask;
    while (list->slots[slot] && !text_equal(list->codes[list->slots[slot] - 1].code, code)) {
        slot = (slot + 1) & list->mask;
    }
    const struct code *at = list->slots[slot] ? &list->codes[list->slots[slot] - 1] : end;
    for (; at < end && at->from_day <= day && text_equal(at->code, code); at++) {
        found = at;
    }
    return found && day < found->until_day ? found : NULL;
}

bool codelist_has(const struct codelist *list, struct text code, int32_t day) {
    return find(list, code, day) != NULL;
}

const char *codelist_name_of(const struct codelist *list, struct text code, int32_t day,
                             enum language language) {
    const struct code *found = find(list, code, day);
    return !found ? NULL : language == LANGUAGE_ZH ? found->zh : found->en;
}
