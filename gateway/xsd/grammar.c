/*
 * grammar.c - what is asked of a compiled schema by name.
 */
#include "xsd/grammar.h"

#include <stdlib.h>

#include "base/status.h"

uint32_t grammar_namespace(const struct grammar *grammar, struct text namespace) {
    for (uint32_t i = 0; i < grammar->namespaces_count; i++) {
        if (text_equal(grammar->namespaces[i], namespace)) {
            return i;
        }
    }
    return GRAMMAR_UNKNOWN_NAMESPACE;
}

/* Both are sorted by name. */
const struct grammar_element *grammar_element_named(const struct grammar *grammar, grammar_name name) {
    uint32_t low = 0, high = grammar->elements_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (grammar->elements[middle]->name < name) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < grammar->elements_count && grammar->elements[low]->name == name;
    return found ? grammar->elements[low] : NULL;
}

const struct grammar_attribute *grammar_attribute_named(const struct grammar *grammar, grammar_name name) {
    for (uint32_t i = 0; i < grammar->attributes_count; i++) {
        if (grammar->attributes[i].name == name) {
            return &grammar->attributes[i];
        }
    }
    return NULL;
}

bool grammar_wildcard_takes(const struct grammar_wildcard *wildcard, uint32_t namespace) {
    require(namespace <= GRAMMAR_UNKNOWN_NAMESPACE);
    bool listed = namespace < GRAMMAR_NAMESPACES_MAX && (wildcard->namespaces >> namespace & 1);
    return listed != wildcard->inverted;
}

void grammar_free(struct grammar *grammar) {
    if (grammar) {
        arena_free(grammar->arena);
        free(grammar);
    }
}
