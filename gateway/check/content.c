/*
 * content.c - three lists: types, their children in a row, and which element has which type by name.
 *
 * They are searched from end to end: only a message with a fault asks, and a sentence about it is worth a
 * millisecond.
 */
#include "check/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define DEPTH_MAX      16 /* of types that extend each other */
#define NAMES_SHOWN    12
#define EXPECTED_WHOLE 10 /* libxml2 tells so many names and is silent about the rest */

struct child {
    struct text name;
    bool required;
};

struct type {
    struct text name, element, base; /* element: of an anonymous type */
    size_t first, count;             /* its children */
    bool unknown;
};

struct typed {
    struct text element, type;
};

struct value_type {
    struct text name, element, base;
}; /* element: of an anonymous type */

struct content {
    struct arena *arena;
    struct type *types;
    struct child *children;
    struct typed *elements;
    struct value_type *values;
    size_t types_count, children_count, elements_count, values_count;
};

struct content *content_new(void) {
    struct content *content = memory_new(sizeof(*content));
    content->arena = arena_new();
    return content;
}

void content_free(struct content *content) {
    if (content) {
        free(content->types);
        free(content->children);
        free(content->elements);
        free(content->values);
        arena_free(content->arena);
        free(content);
    }
}

/* --- filling -------------------------------------------------------------------------------------------- */

static struct text kept(struct content *content, struct text text) {
    return (struct text){ arena_copy(content->arena, text), text.length };
}

/* Lists double: room for one more at every power of two. */
static void *grown(void *list, size_t count, size_t size) {
    bool full = (count & (count - 1)) == 0;
    return full ? memory_grow(list, count ? 2 * count : 1, size) : list;
}

void content_type(struct content *content, struct text name, struct text element) {
    require(content);
    content->types = grown(content->types, content->types_count, sizeof(*content->types));
    content->types[content->types_count++] = (struct type){
        .name = kept(content, name),
        .element = kept(content, element),
        .first = content->children_count,
    };
}

static struct type *last(struct content *content) {
    require(content->types_count > 0);
    return &content->types[content->types_count - 1];
}

void content_base(struct content *content, struct text type) {
    require(content->types_count > 0);
    last(content)->base = kept(content, type);
}

void content_child(struct content *content, struct text name, bool required) {
    require(content->types_count > 0 && content->children_count <= CONTENT_CHILDREN_MAX);
    if (content->children_count == CONTENT_CHILDREN_MAX) {
        content_unknown(content);
        return;
    }
    content->children = grown(content->children, content->children_count, sizeof(*content->children));
    content->children[content->children_count++] = (struct child){ kept(content, name), required };
    last(content)->count++;
}

void content_unknown(struct content *content) {
    require(content->types_count > 0);
    last(content)->unknown = true;
}

void content_element(struct content *content, struct text element, struct text type) {
    content->elements = grown(content->elements, content->elements_count, sizeof(*content->elements));
    content->elements[content->elements_count++] =
        (struct typed){ kept(content, element), kept(content, type) };
}

void content_value(struct content *content, struct text type, struct text element, struct text base) {
    content->values = grown(content->values, content->values_count, sizeof(*content->values));
    content->values[content->values_count++] =
        (struct value_type){ kept(content, type), kept(content, element), kept(content, base) };
}

/* --- asking --------------------------------------------------------------------------------------------- */

static const struct type *type_named(const struct content *content, struct text name) {
    for (size_t i = 0; name.length && i < content->types_count; i++) {
        if (text_equal(content->types[i].name, name)) {
            return &content->types[i];
        }
    }
    return NULL;
}

static bool contains(const struct text *names, size_t count, struct text name) {
    for (size_t i = 0; i < count; i++) {
        if (text_equal(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* A type and those it extends; false: one of them is not known. */
static bool has_child(const struct content *content, const struct type *type, struct text name, bool *found) {
    *found = false;
    for (int depth = 0; type; depth++) {
        if (type->unknown || depth == DEPTH_MAX) {
            return false;
        }
        for (size_t i = 0; i < type->count && !*found; i++) {
            *found = text_equal(content->children[type->first + i].name, name);
        }
        const struct type *base = type_named(content, type->base);
        if (type->base.length && !base) {
            return false;
        }
        type = base;
    }
    return true;
}

/* "{urn:x}A, {urn:x}B": cuts one off, without its namespace. */
static struct text next_name(struct text *list) {
    const char *comma = memmem(list->at, list->length, ", ", 2);
    struct text name = { list->at, comma ? (size_t)(comma - list->at) : list->length };
    *list = comma ? (struct text){ comma + 2, list->length - name.length - 2 } : TEXT("");
    const char *brace = memchr(name.at, '}', name.length);
    size_t cut = brace ? (size_t)(brace - name.at) + 1 : 0;
    return (struct text){ name.at + cut, name.length - cut };
}

static bool fits(const struct content *content, const struct type *type, struct text expected) {
    bool found = true;
    while (expected.length && found) {
        if (!has_child(content, type, next_name(&expected), &found)) {
            return false;
        }
    }
    return found;
}

static struct text missing_of(const struct content *content, const struct type *type, const struct text *seen,
                              size_t seen_count, struct arena *arena) {
    const char *names = "";
    size_t count = 0;
    for (; type; type = type_named(content, type->base)) {
        for (size_t i = 0; i < type->count && count <= NAMES_SHOWN; i++) {
            const struct child *child = &content->children[type->first + i];
            if (!child->required || contains(seen, seen_count, child->name)) {
                continue;
            }
            const char *comma = count ? ", " : "";
            names = count == NAMES_SHOWN
                        ? arena_printf(arena, "%s, ...", names)
                        : arena_printf(arena, "%s%s" TEXT_FORMAT, names, comma, TEXT_ARGS(child->name));
            count++;
        }
    }
    return text_of(names);
}

/* Whether what may come next is missing at all. When nothing of it is, something else is wanted there: one of
 * a choice, or one element more of those seen. A list that the validator has cut tells neither. */
static bool next_is_missing(const struct content *content, const struct type *type, struct text expected,
                            const struct text *seen, size_t seen_count) {
    size_t count = 0;
    for (; expected.length; count++) {
        struct text name = next_name(&expected);
        for (const struct type *at = type; at; at = type_named(content, at->base)) {
            for (size_t i = 0; i < at->count; i++) {
                const struct child *child = &content->children[at->first + i];
                if (child->required && text_equal(child->name, name) && !contains(seen, seen_count, name)) {
                    return true;
                }
            }
        }
    }
    return count >= EXPECTED_WHOLE;
}

/* The types that an element of this name may have, one after the other; NULL behind the last. */
static const struct type *next_type(const struct content *content, struct text element, size_t *at) {
    while (*at < content->types_count) {
        const struct type *type = &content->types[(*at)++];
        if (text_equal(type->element, element)) {
            return type;
        }
    }
    while (*at < content->types_count + content->elements_count) {
        const struct typed *typed = &content->elements[(*at)++ - content->types_count];
        const struct type *type =
            text_equal(typed->element, element) ? type_named(content, typed->type) : NULL;
        if (type) {
            return type;
        }
    }
    return NULL;
}

struct text content_missing(const struct content *content, struct text element, struct text expected,
                            const struct text *seen, size_t seen_count, struct arena *arena) {
    struct text missing = TEXT("");
    size_t at = 0;
    for (const struct type *type, *first = NULL; (type = next_type(content, element, &at));) {
        if (type == first || !fits(content, type, expected)) {
            continue;
        }
        struct text of_this = next_is_missing(content, type, expected, seen, seen_count)
                                  ? missing_of(content, type, seen, seen_count, arena)
                                  : TEXT("");
        if (first && !text_equal(missing, of_this)) {
            return TEXT("");
        }
        first = type;
        missing = of_this;
    }
    return missing;
}

bool content_has(const struct content *content, struct text element, struct text child) {
    bool known = false, found = false;
    size_t at = 0;
    for (const struct type *type; (type = next_type(content, element, &at)); known = true) {
        if (!has_child(content, type, child, &found) || found) {
            return true;
        }
    }
    return !known;
}

/* --- values --------------------------------------------------------------------------------------------- */

#define BUILT_IN "xs:"

/* Any text is one, or the rest is said by facets. */
static bool is_text_type(struct text name) {
    return text_is(name, "xs:token") || text_is(name, "xs:string") || text_is(name, "xs:normalizedString");
}

/* Several built-in types: none that could be told. */
struct built_in {
    struct text name;
    bool several;
};

static void add_built_in(struct built_in *found, struct text name) {
    found->several = found->several || (found->name.length && !text_equal(found->name, name));
    found->name = name;
}

static void find_built_in(const struct content *content, struct text type, int depth,
                          struct built_in *found) {
    if (text_starts(type, BUILT_IN)) {
        if (!is_text_type(type)) {
            add_built_in(found, type);
        }
        return;
    }
    for (size_t i = 0; type.length && depth < DEPTH_MAX && !found->several && i < content->values_count;
         i++) {
        if (text_equal(content->values[i].name, type)) {
            find_built_in(content, content->values[i].base, depth + 1, found);
        }
    }
}

struct text content_built_in(const struct content *content, struct text type, struct text element) {
    struct built_in found = { TEXT(""), false };
    find_built_in(content, type, 0, &found);
    for (size_t i = 0; !type.length && element.length && i < content->values_count; i++) {
        if (text_equal(content->values[i].element, element)) {
            find_built_in(content, content->values[i].base, 0, &found);
        }
    }
    return found.several ? TEXT("") : found.name;
}
