/*
 * tree.c - tags in, nodes out. What stands between tags is passed over: text, comments, CDATA sections.
 */
#include "xsd/tree.h"

#include <string.h>

#include "xsd/xml.h"

struct tree_reader {
    struct arena *arena;
    const char *start, *at, *end;
    struct tree_node *root, *open;
    struct tree_node *last[TREE_DEPTH_MAX + 1]; /* the newest child at each depth */
    struct text names[TREE_DEPTH_MAX];          /* of the open elements, as written */
    uint32_t depth, nodes;
};

static struct text decoded(struct tree_reader *reader, const struct xml_attribute *attribute, bool *ok) {
    if (attribute->plain) {
        return attribute->value;
    }
    char *out = arena_alloc(reader->arena, attribute->value.length + 1);
    size_t length = xml_decode_attribute(attribute->value, out);
    *ok = *ok && length != SIZE_MAX;
    return (struct text){ out, length == SIZE_MAX ? 0 : length };
}

static bool scope_find(const struct tree_scope *scope, struct text prefix, struct text *out) {
    for (; scope; scope = scope->next) {
        if (text_equal(scope->prefix, prefix)) {
            *out = scope->namespace;
            return prefix.length == 0 || out->length > 0;
        }
    }
    *out = text_is(prefix, "xml") ? TEXT(XML_NAMESPACE) : TEXT("");
    return prefix.length == 0 || out->length > 0;
}

static bool declares(const struct xml_attribute *attribute, struct text *prefix) {
    bool is_default = attribute->prefix.length == 0 && text_is(attribute->name, "xmlns");
    bool named = text_is(attribute->prefix, "xmlns");
    *prefix = named ? attribute->name : TEXT("");
    return is_default || named;
}

static bool add_scopes(struct tree_reader *reader, const struct xml_tag *tag, struct tree_node *node) {
    bool ok = true;
    for (uint32_t i = 0; i < tag->count; i++) {
        struct text prefix;
        if (declares(&tag->attributes[i], &prefix)) {
            struct tree_scope *scope = arena_alloc(reader->arena, sizeof(*scope));
            *scope = (struct tree_scope){ prefix, decoded(reader, &tag->attributes[i], &ok), node->scope };
            node->scope = scope;
        }
    }
    return ok;
}

static bool add_attributes(struct tree_reader *reader, const struct xml_tag *tag, struct tree_node *node) {
    struct tree_attribute *attributes = arena_alloc(reader->arena, (tag->count + 1) * sizeof(*attributes));
    bool ok = true;
    node->attributes = attributes;
    for (uint32_t i = 0; ok && i < tag->count; i++) {
        const struct xml_attribute *from = &tag->attributes[i];
        struct text prefix;
        if (declares(from, &prefix)) {
            continue;
        }
        struct tree_attribute *to = &attributes[node->count++];
        *to = (struct tree_attribute){ .name = from->name, .value = decoded(reader, from, &ok) };
        ok = ok && (from->prefix.length == 0 || scope_find(node->scope, from->prefix, &to->namespace));
        for (struct tree_attribute *other = attributes; ok && other < to; other++) {
            ok = !text_equal(other->name, to->name) || !text_equal(other->namespace, to->namespace);
        }
    }
    return ok;
}

static bool open_element(struct tree_reader *reader) {
    struct xml_tag tag;
    const char *from = reader->at, *behind = xml_take_tag(from + 1, reader->end, &tag);
    bool second_root = reader->depth == 0 && reader->root;
    if (!behind || second_root || reader->depth == TREE_DEPTH_MAX || ++reader->nodes > TREE_NODES_MAX) {
        return false;
    }
    struct tree_node *node = arena_alloc(reader->arena, sizeof(*node));
    *node = (struct tree_node){
        .name = tag.name,
        .parent = reader->open,
        .scope = reader->open ? reader->open->scope : NULL,
        .offset = (uint32_t)(from - reader->start),
    };
    if (!add_scopes(reader, &tag, node) || !scope_find(node->scope, tag.prefix, &node->namespace)
        || !add_attributes(reader, &tag, node)) {
        return false;
    }
    struct tree_node **last = &reader->last[reader->depth];
    *(reader->root == NULL ? &reader->root : *last ? &(*last)->next : &reader->open->first) = node;
    *last = node;
    if (!tag.empty) {
        reader->names[reader->depth++] = tag.whole;
        reader->last[reader->depth] = NULL;
        reader->open = node;
    }
    reader->at = behind;
    return true;
}

static bool close_element(struct tree_reader *reader) {
    const char *behind =
        reader->depth ? xml_behind_end_tag(reader->at, reader->end, reader->names[reader->depth - 1]) : NULL;
    if (!behind) {
        return false;
    }
    reader->at = behind;
    reader->depth--;
    reader->open = reader->open->parent;
    return true;
}

static bool pass_section(struct tree_reader *reader) {
    struct text found;
    const char *behind = xml_behind_comment(reader->at, reader->end);
    if (!behind && reader->depth && xml_cdata(reader->at, reader->end, &found)) {
        behind = found.at + found.length + 3;
    }
    reader->at = behind ? behind : reader->at;
    return behind != NULL;
}

static bool pass_text(struct tree_reader *reader) {
    const char *from = reader->at;
    while (reader->at < reader->end && *reader->at != '<') {
        reader->at++;
    }
    struct text text = { from, (size_t)(reader->at - from) };
    if (reader->depth == 0) {
        return text_trim(text).length == 0;
    }
    char *scratch = arena_alloc(reader->arena, text.length + 1);
    return text.length == 0 || xml_decode_text(text, scratch) != SIZE_MAX;
}

static bool take_one(struct tree_reader *reader) {
    if (*reader->at != '<') {
        return pass_text(reader);
    }
    char next = reader->end - reader->at > 1 ? reader->at[1] : '\0';
    return next == '!' ? pass_section(reader) : next == '/' ? close_element(reader) : open_element(reader);
}

struct tree_node *tree_read(struct text document, struct arena *arena) {
    if (text_starts(document, "\xEF\xBB\xBF")) {
        document = (struct text){ document.at + 3, document.length - 3 };
    }
    if (!xml_is_clean(document)) {
        return NULL;
    }
    struct tree_reader reader = {
        .arena = arena,
        .start = document.at,
        .at = xml_behind_declaration(document),
        .end = document.at + document.length,
    };
    bool ok = reader.at != NULL;
    while (ok && reader.at < reader.end) {
        ok = take_one(&reader);
    }
    return ok && reader.depth == 0 ? reader.root : NULL;
}

struct text tree_attribute(const struct tree_node *node, const char *name) {
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->attributes[i].namespace.length == 0 && text_is(node->attributes[i].name, name)) {
            return node->attributes[i].value;
        }
    }
    return (struct text){ NULL, 0 };
}

bool tree_has(const struct tree_node *node, const char *name) {
    return tree_attribute(node, name).at != NULL;
}

bool tree_namespace(const struct tree_node *node, struct text prefix, struct text *out) {
    return scope_find(node->scope, prefix, out);
}
