/*
 * pairs.c - counts the names of both lists together, in the order in which the engine meets them.
 */
#include "edition/pairs.h"

#include <string.h>

#include "base/status.h"
#include "message/codelist.h"
#include "message/mistakes.h"
#include "edition/edition.h"

bool pair_split(struct text code, struct text *left, struct text *right) {
    const char *cut = memchr(code.at, '/', code.length);
    if (!cut) {
        return false;
    }
    *left = (struct text){ code.at, (size_t)(cut - code.at) };
    *right = (struct text){ cut + 1, code.length - left->length - 1 };
    return left->length > 0 && right->length > 0 && !memchr(right->at, '/', right->length);
}

struct names {
    struct text list[PAIR_NAMES_MAX];
    size_t count;
};

static bool has_room(struct names *names, struct text name) {
    for (size_t i = 0; i < names->count; i++) {
        if (text_equal(names->list[i], name)) {
            return true;
        }
    }
    if (names->count == PAIR_NAMES_MAX) {
        return false;
    }
    names->list[names->count++] = name;
    return true;
}

static void check_list(const struct edition *edition, struct text name, struct names *names,
                       struct verdict *verdict) {
    const struct codelist *list = codelists_find(edition->lists, name);
    const char *text = arena_printf(edition->arena, "lists/" TEXT_FORMAT, TEXT_ARGS(name));
    const struct edition_text *source = edition_text(edition, text);
    struct mistakes mistakes = { verdict, "LINT-LIST", source ? source->path : text };
    size_t count = 0;
    const struct code *codes = list ? codelist_codes(list, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        struct text left, right;
        struct place place = mistake_place(codes[i].line, 1, codes[i].code);
        if (!pair_split(codes[i].code, &left, &right)) {
            mistakes_at(&mistakes, place, NULL, "代码 " TEXT_FORMAT " 须为两个名称，以 / 分隔",
                        "the code " TEXT_FORMAT " must be two names with a / between",
                        TEXT_ARGS(codes[i].code));
        } else if (!has_room(names, left) || !has_room(names, right)) {
            mistakes_at(&mistakes, place, NULL, "隔离代码表中的类别和组合计至多 %d 个",
                        "the lists of segregation have at most %d classes and groups together",
                        PAIR_NAMES_MAX);
            return;
        }
    }
}

void pairs_check(const struct edition *edition, struct verdict *mistakes) {
    struct names names = { .count = 0 };
    check_list(edition, PAIRS_SEGREGATED, &names, mistakes);
    check_list(edition, PAIRS_KEPT_AWAY, &names, mistakes);
}
