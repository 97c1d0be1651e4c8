/*
 * canonical.c - a tree of libxml2 is made of the message, since a canonical form needs one; this is done for
 * messages of parties that sign, and for no others.
 *
 * The canonical form of the message is that of its tree without the signature: the transform `enveloped`. Of
 * SignedInfo it is that of its own subtree, with the namespaces in scope there; the rest of the message is
 * taken away before, so that the walk over the tree is short.
 */
#include "check/canonical.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "base/status.h"

struct canonical {
    struct arena *arena;
    xmlDocPtr doc;
    xmlNodePtr signature; /* taken out of the tree once the message's form is made */
    xmlNodePtr root;
};

static bool is_of_signature(const xmlNode *node) {
    return node->type == XML_ELEMENT_NODE && node->ns
           && strcmp((const char *)node->ns->href, SIGNATURE_NAMESPACE) == 0;
}

static bool is_called(const xmlNode *node, struct text name) {
    return is_of_signature(node) && text_equal(text_of((const char *)node->name), name);
}

/* The next node in document order; NULL behind the last. */
static xmlNodePtr next_node(xmlNodePtr node) {
    if (node->type == XML_ELEMENT_NODE && node->children) {
        return node->children;
    }
    while (node && !node->next) {
        node = node->parent && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
    }
    return node ? node->next : NULL;
}

/* --- what it is ----------------------------------------------------------------------------------------- */

static enum canonical_found look(xmlDocPtr doc, xmlNodePtr root, xmlNodePtr *signature) {
    size_t signatures = 0;
    bool comment = false;
    for (xmlNodePtr node = doc->children; node; node = next_node(node)) {
        comment |= node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE;
        if (is_called(node, TEXT("Signature"))) {
            signatures++;
            *signature = node;
        }
    }
    return !signatures                                      ? CANONICAL_NONE
           : signatures > 1 || (*signature)->parent != root ? CANONICAL_ELSEWHERE
           : comment                                        ? CANONICAL_COMMENT
                                                            : CANONICAL_ONE;
}

enum canonical_found canonical_open(struct text utf8, struct arena *arena, struct canonical **out) {
    *out = NULL;
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    require(parser && utf8.length <= INT32_MAX);
    xmlDocPtr doc =
        xmlCtxtReadMemory(parser, utf8.at, (int)utf8.length, NULL, "UTF-8",
                          XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    bool whole = doc && parser->wellFormed && parser->nsWellFormed && !doc->intSubset;
    xmlFreeParserCtxt(parser);
    xmlNodePtr root = whole ? xmlDocGetRootElement(doc) : NULL, signature = NULL;
    enum canonical_found found = root ? look(doc, root, &signature) : CANONICAL_UNREADABLE;
    if (found != CANONICAL_ONE) {
        xmlFreeDoc(doc);
        return found;
    }
    struct canonical *canonical = arena_alloc(arena, sizeof(*canonical));
    *canonical = (struct canonical){ .arena = arena, .doc = doc, .signature = signature, .root = root };
    *out = canonical;
    return found;
}

void canonical_close(struct canonical *canonical) {
    if (canonical) {
        if (!canonical->signature->parent) {
            xmlFreeNode(canonical->signature);
        }
        xmlFreeDoc(canonical->doc);
    }
}

/* --- the signature -------------------------------------------------------------------------------------- */

static const xmlNode *first_child(const xmlNode *parent, struct text name, size_t *count) {
    const xmlNode *first = NULL;
    *count = 0;
    for (const xmlNode *child = parent ? parent->children : NULL; child; child = child->next) {
        if (is_called(child, name)) {
            first = first ? first : child;
            ++*count;
        }
    }
    return first;
}

static const xmlNode *at_path(const struct canonical *canonical, const char *path, size_t *count) {
    const xmlNode *node = canonical->signature;
    *count = 1;
    for (struct text rest = text_of(path); rest.length && node;) {
        struct text step = text_until(&rest, '/');
        node = first_child(node, step, count);
    }
    return node;
}

size_t canonical_count(const struct canonical *canonical, const char *path) {
    size_t count;
    return at_path(canonical, path, &count) ? count : 0;
}

const char *canonical_attribute(const struct canonical *canonical, const char *path, const char *name) {
    size_t count;
    const xmlNode *node = at_path(canonical, path, &count);
    xmlChar *value = node ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
    const char *copy = value ? arena_string(canonical->arena, (const char *)value) : NULL;
    xmlFree(value);
    return copy;
}

const char *canonical_transform(const struct canonical *canonical, size_t n) {
    size_t count;
    const xmlNode *transforms = at_path(canonical, "SignedInfo/Reference/Transforms", &count);
    for (const xmlNode *child = transforms ? transforms->children : NULL; child; child = child->next) {
        if (is_called(child, TEXT("Transform")) && n-- == 0) {
            xmlChar *value = xmlGetNoNsProp(child, (const xmlChar *)"Algorithm");
            const char *copy = arena_string(canonical->arena, value ? (const char *)value : "");
            bool plain = !child->children;
            xmlFree(value);
            return plain ? copy : ""; /* parameters change what it does */
        }
    }
    return "";
}

struct text canonical_text(const struct canonical *canonical, const char *path) {
    size_t count;
    const xmlNode *node = at_path(canonical, path, &count);
    xmlChar *value = node ? xmlNodeGetContent(node) : NULL;
    const char *copy = value ? arena_string(canonical->arena, (const char *)value) : "";
    xmlFree(value);
    return text_of(copy);
}

bool canonical_holds_only(const struct canonical *canonical, const char *path, const char *names) {
    size_t count;
    const xmlNode *node = at_path(canonical, path, &count);
    bool only = node;
    for (const xmlNode *child = node ? node->children : NULL; child && only; child = child->next) {
        bool known =
            child->type == XML_TEXT_NODE && text_trim(text_of((const char *)child->content)).length == 0;
        for (struct text rest = text_of(names); rest.length && !known;) {
            known = is_called(child, text_until(&rest, ' '));
        }
        only = known;
    }
    return only;
}

/* --- canonical forms ------------------------------------------------------------------------------------ */

/* Of all that is_visible says; NULL: of everything. */
static bool canonical_form(struct canonical *canonical, xmlC14NIsVisibleCallback is_visible, void *context,
                           struct text *out) {
    xmlOutputBufferPtr buffer = xmlAllocOutputBuffer(NULL);
    require(buffer);
    bool made = xmlC14NExecute(canonical->doc, is_visible, context, XML_C14N_1_0, NULL, 0, buffer) >= 0;
    struct text form = { (const char *)xmlOutputBufferGetContent(buffer), xmlOutputBufferGetSize(buffer) };
    if (made) {
        *out = (struct text){ arena_copy(canonical->arena, form), form.length };
    }
    xmlOutputBufferClose(buffer);
    return made;
}

bool canonical_message(struct canonical *canonical, struct text *out) {
    require(canonical->signature->parent);
    xmlUnlinkNode(canonical->signature);
    bool made = canonical_form(canonical, NULL, NULL, out);
    for (xmlNodePtr child = canonical->root->children, next; child; child = next) {
        next = child->next;
        xmlUnlinkNode(child);
        xmlFreeNode(child);
    }
    xmlAddChild(canonical->root, canonical->signature);
    return made;
}

/* Attributes and namespaces are asked with their element. */
static int is_within(void *context, xmlNodePtr node, xmlNodePtr parent) {
    const xmlNode *at = node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE ? parent : node;
    while (at && at != context) {
        at = at->parent;
    }
    return at != NULL;
}

bool canonical_signed_info(struct canonical *canonical, struct text *out) {
    require(canonical->signature->parent);
    size_t count;
    const xmlNode *signed_info = at_path(canonical, "SignedInfo", &count);
    return signed_info && canonical_form(canonical, is_within, (void *)signed_info, out);
}
