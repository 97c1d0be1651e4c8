/*
 * amendments.c - a short list, searched from its beginning: few messages have any.
 */
#include "check/amendments.h"

#include "base/status.h"

void amendments_clear(struct amendments *amendments) {
    amendments->count = amendments->unknown_count = 0;
}

bool amendments_has(const struct amendments *amendments, enum amendment_kind kind, uint32_t element,
                    struct text attribute) {
    require(kind != AMENDMENT_UNKNOWN && amendments->count <= AMENDMENTS_MAX);
    for (size_t i = 0; i < amendments->count; i++) {
        const struct amendment *amendment = &amendments->list[i];
        if (amendment->kind == kind && amendment->element == element
            && text_equal(amendment->attribute, attribute)) {
            return true;
        }
    }
    return false;
}

bool amendments_has_unknown(const struct amendments *amendments, struct text name, struct text parent_name) {
    require(amendments->unknown_count <= amendments->count && amendments->count <= AMENDMENTS_MAX);
    for (size_t i = 0; amendments->unknown_count > 0 && i < amendments->count; i++) {
        const struct amendment *amendment = &amendments->list[i];
        if (amendment->kind == AMENDMENT_UNKNOWN && text_equal(amendment->name, name)
            && text_equal(amendment->parent_name, parent_name)) {
            return true;
        }
    }
    return false;
}

bool amendments_expected(const struct amendments *amendments, size_t count, uint32_t parent,
                         struct text expected) {
    require(count <= amendments->count);
    for (size_t i = 0; i < count; i++) {
        const struct amendment *amendment = &amendments->list[i];
        if (amendment->kind == AMENDMENT_LEFT_OUT && amendment->parent == parent && amendment->expected.length
            && text_equal(amendment->expected, expected)) {
            return true;
        }
    }
    return false;
}

bool amendments_add(struct amendments *amendments, const struct amendment *amendment) {
    require(amendments->count <= AMENDMENTS_MAX && amendments->unknown_count <= amendments->count);
    bool unknown = amendment->kind == AMENDMENT_UNKNOWN;
    if (amendments->count == AMENDMENTS_MAX
        || (!unknown
            && amendments_has(amendments, amendment->kind, amendment->element, amendment->attribute))) {
        return false;
    }
    amendments->list[amendments->count++] = *amendment;
    amendments->unknown_count += unknown;
    return true;
}
