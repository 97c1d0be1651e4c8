/*
 * xml_declaration.c - pseudo-attributes cut off one by one, within a window: a declaration has three at most.
 */
#include "check/xml_declaration.h"

#include <string.h>

#define DECLARATION_MAX 512

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* version="1.0": cuts one pseudo-attribute off *rest. False when there is none, or it is not written so. */
static bool next_pair(struct text *rest, struct text *name, struct text *value) {
    *rest = text_trim(*rest);
    struct text all = *rest;
    *name = text_trim(text_until(&all, '='));
    all = text_trim(all);
    if (!name->length || all.length < 2 || (all.at[0] != '"' && all.at[0] != '\'')) {
        return false;
    }
    const char *end = memchr(all.at + 1, all.at[0], all.length - 1);
    if (!end) {
        return false;
    }
    *value = (struct text){ all.at + 1, (size_t)(end - all.at) - 1 };
    *rest = (struct text){ end + 1, all.length - value->length - 2 };
    return true;
}

struct xml_declaration xml_declaration_read(struct text text) {
    struct xml_declaration declaration = { .clean = true };
    size_t window = text.length < DECLARATION_MAX ? text.length : DECLARATION_MAX;
    const char *end = text_starts(text, "<?xml") ? memmem(text.at, window, "?>", 2) : NULL;
    if (!end || !is_blank(text.at[5])) {
        return declaration;
    }
    declaration.whole = (struct text){ text.at, (size_t)(end - text.at) + 2 };
    struct text rest = { text.at + 5, declaration.whole.length - 7 }, name, value;
    while (next_pair(&rest, &name, &value)) {
        if (text_is(name, "version")) {
            declaration.version = value;
        } else if (text_is(name, "encoding")) {
            declaration.encoding = value;
        } else {
            declaration.clean = declaration.clean && text_is(name, "standalone");
        }
    }
    declaration.clean = declaration.clean && rest.length == 0 && declaration.version.at;
    return declaration;
}
