/*
 * schema_audit.c - one document of a schema, node by node: what may cost without bound is refused (patterns,
 * identity constraints, DTDs), what it names is followed, and what its elements may hold is noted for
 * explanations. Where a pattern has an equal that libxml2 can judge, the document is printed anew with that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "check/pattern.h"
#include "check/schema_inside.h"

/* --- patterns and identity constraints ------------------------------------------------------------------ */

static bool is_xsd(const xmlNode *node, const char *name) {
    return node->ns && xmlStrEqual(node->ns->href, BAD_CAST XSD_NAMESPACE)
           && xmlStrEqual(node->name, BAD_CAST name);
}

static const char *attribute_of(struct schema_set *set, xmlNode *node, const char *name) {
    xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
    const char *copy = arena_string(set->arena, (const char *)value);
    xmlFree(value);
    return copy;
}

/* True: the pattern was replaced by its equal. */
static bool audit_pattern(struct schema_set *set, const struct schema_document *document, xmlNode *node) {
    const char *value = attribute_of(set, node, "value");
    if (!value) {
        return false;
    }
    struct arena *scratch = arena_new();
    struct pattern_opinion opinion = pattern_judge(text_of(value), scratch);
    bool replace = !opinion.en && !text_is(opinion.use, value);
    if (opinion.en) {
        verdict_add(set->mistakes, &(struct finding){
                                       .code = "LINT-XSD",
                                       .severity = SEVERITY_ERROR,
                                       .file = document->file,
                                       .place = { .line = (uint32_t)xmlGetLineNo(node) },
                                       .zh = arena_printf(scratch, "xs:pattern %s: %s", value, opinion.zh),
                                       .en = arena_printf(scratch, "xs:pattern %s: %s", value, opinion.en),
                                   });
    } else if (replace) {
        xmlSetProp(node, BAD_CAST "value", BAD_CAST arena_copy(scratch, opinion.use));
    }
    arena_free(scratch);
    return replace;
}

static void audit_xpath(struct schema_set *set, const struct schema_document *document, xmlNode *node) {
    const char *xpath = attribute_of(set, node, "xpath");
    if (xpath && strstr(xpath, "//")) {
        SCHEMA_MISTAKE(set, document->file, (uint32_t)xmlGetLineNo(node), "唯一性约束不得使用 // 路径: %s",
                       "identity constraints may not use // paths,"
                       " which cost without bound on nested elements: %s",
                       xpath);
    }
}

/* --- content models ------------------------------------------------------------------------------------- */

static struct text without_prefix(const char *name) {
    const char *colon = name ? strchr(name, ':') : NULL;
    return text_of(colon ? colon + 1 : name ? name : "");
}

static bool is_needed(struct schema_set *set, xmlNode *node) {
    const char *least = attribute_of(set, node, "minOccurs");
    return !least || strcmp(least, "0") != 0;
}

#define MODEL_DEPTH_MAX 32

/* The children that stand in an all, sequence or choice. Of a choice none is needed for certain. */
static void read_group(struct schema_set *set, xmlNode *group, bool needed, int depth) {
    for (xmlNode *node = group->children; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }
        if (is_xsd(node, "element")) {
            const char *name = attribute_of(set, node, "name");
            struct text local = name ? text_of(name) : without_prefix(attribute_of(set, node, "ref"));
            content_child(set->content, local, needed && is_needed(set, node));
        } else if (depth < MODEL_DEPTH_MAX && (is_xsd(node, "all") || is_xsd(node, "sequence"))) {
            read_group(set, node, needed && is_needed(set, node), depth + 1);
        } else if (depth < MODEL_DEPTH_MAX && is_xsd(node, "choice")) {
            read_group(set, node, false, depth + 1);
        } else if (is_xsd(node, "extension")) {
            content_base(set->content, without_prefix(attribute_of(set, node, "base")));
            read_group(set, node, needed, depth + 1);
        } else if (is_xsd(node, "complexContent")) {
            read_group(set, node, needed, depth + 1);
        } else if (is_xsd(node, "group") || is_xsd(node, "restriction")) {
            content_unknown(set->content);
        }
    }
}

static void read_content(struct schema_set *set, xmlNode *node) {
    const char *name = attribute_of(set, node, "name");
    if (is_xsd(node, "element") && name) {
        const char *type = attribute_of(set, node, "type");
        if (type) {
            content_element(set->content, text_of(name), without_prefix(type));
        }
    } else if (is_xsd(node, "complexType")) {
        const char *element = name ? NULL : attribute_of(set, node->parent, "name");
        content_type(set->content, text_of(name ? name : ""), text_of(element ? element : ""));
        read_group(set, node, true, 0);
    }
}

/* --- simple types --------------------------------------------------------------------------------------- */

#define BUILT_IN "xs:"

/* A type by the name that content.h knows it by: "xs:decimal" of XML Schema whatever its prefix, else the
 * local name. */
static struct text type_name(struct schema_set *set, xmlNode *node, struct text written) {
    const char *name = arena_copy(set->arena, written), *colon = strchr(name, ':');
    const char *prefix = colon ? arena_copy(set->arena, (struct text){ name, (size_t)(colon - name) }) : NULL;
    const xmlNs *ns = xmlSearchNs(node->doc, node, BAD_CAST prefix);
    bool built_in = ns && xmlStrEqual(ns->href, BAD_CAST XSD_NAMESPACE);
    struct text local = without_prefix(name);
    return built_in ? text_of(arena_printf(set->arena, BUILT_IN TEXT_FORMAT, TEXT_ARGS(local))) : local;
}

/* Who has these values: the outermost type around the node, by its name, or the element it is the type of. */
static xmlNode *type_around(xmlNode *node) {
    xmlNode *type = NULL;
    for (xmlNode *at = node->parent; at && at->type == XML_ELEMENT_NODE; at = at->parent) {
        if (is_xsd(at, "element") || is_xsd(at, "attribute")) {
            break;
        }
        type = is_xsd(at, "simpleType") || is_xsd(at, "complexType") ? at : type;
    }
    return type;
}

/* A restriction, extension, list or union: each name in `names` is a type that its values are of. */
static void read_values(struct schema_set *set, xmlNode *node, const char *names) {
    xmlNode *type = names ? type_around(node) : NULL;
    const char *name = type ? attribute_of(set, type, "name") : NULL;
    bool anonymous = type && !name && is_xsd(type->parent, "element");
    const char *element = anonymous ? attribute_of(set, type->parent, "name") : NULL;
    struct text rest = text_trim(text_of(names ? names : ""));
    while ((name || element) && rest.length) {
        struct text base = text_until(&rest, ' ');
        rest = text_trim(rest);
        content_value(set->content, text_of(name ? name : ""), text_of(element ? element : ""),
                      type_name(set, node, base));
    }
}

static void read_simple(struct schema_set *set, xmlNode *node) {
    if (is_xsd(node, "restriction") || is_xsd(node, "extension")) {
        read_values(set, node, attribute_of(set, node, "base"));
    } else if (is_xsd(node, "union")) {
        read_values(set, node, attribute_of(set, node, "memberTypes"));
    }
}

/* --- one document --------------------------------------------------------------------------------------- */

static bool audit_node(struct schema_set *set, const struct schema_document *document, xmlNode *node) {
    if (is_xsd(node, "pattern")) {
        return audit_pattern(set, document, node);
    }
    if (is_xsd(node, "selector") || is_xsd(node, "field")) {
        audit_xpath(set, document, node);
    } else if (is_xsd(node, "include") || is_xsd(node, "import") || is_xsd(node, "redefine")) {
        const char *location = attribute_of(set, node, "schemaLocation");
        if (location) {
            schema_follow(set, document, location, (uint32_t)xmlGetLineNo(node));
        }
    }
    return false;
}

static xmlNode *next_node(xmlNode *node) {
    if (node->children && node->type == XML_ELEMENT_NODE) {
        return node->children;
    }
    while (node && !node->next) {
        node = node->parent && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
    }
    return node ? node->next : NULL;
}

/* The bytes libxml2 will see instead; lines within start tags may move. */
static void replace_bytes(struct schema_document *document, xmlDoc *doc) {
    xmlChar *bytes = NULL;
    int length = 0;
    xmlDocDumpMemory(doc, &bytes, &length);
    char *copy = memory_array((size_t)length + 1, 1);
    memcpy(copy, bytes, (size_t)length);
    xmlFree(bytes);
    free(document->owned);
    document->owned = copy;
    document->bytes = (struct text){ copy, (size_t)length };
}

static void audit_tree(struct schema_set *set, size_t index, xmlDoc *doc) {
    struct schema_document *document = &set->documents[index];
    xmlNode *root = xmlDocGetRootElement(doc);
    if (doc->intSubset || doc->extSubset) {
        SCHEMA_MISTAKE(set, document->file, 0, "模式文件不得含 DTD", "a schema document may not have a DTD");
        return;
    }
    if (!root || !is_xsd(root, "schema")) {
        SCHEMA_MISTAKE(set, document->file, 1, "不是 XML Schema 文件：根元素是 %s",
                       "not a schema document: its root element is %s",
                       root ? (const char *)root->name : "-");
        return;
    }
    bool replaced = false;
    for (xmlNode *node = root; node; node = next_node(node)) {
        if (node->type == XML_ELEMENT_NODE) {
            read_content(set, node);
            read_simple(set, node);
            replaced |= audit_node(set, document, node);
        }
    }
    if (replaced) {
        replace_bytes(document, doc);
    }
}

void schema_audit(struct schema_set *set, size_t index) {
    require(index < set->count);
    const struct schema_document *document = &set->documents[index];
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    xmlSetStructuredErrorFunc(NULL, schema_ignore_error);
    xmlDoc *doc = xmlCtxtReadMemory(parser, document->bytes.at, (int)document->bytes.length, document->name,
                                    NULL, XML_PARSE_NONET);
    if (doc) {
        audit_tree(set, index, doc);
        xmlFreeDoc(doc);
    } else {
        const xmlError *error = xmlCtxtGetLastError(parser);
        SCHEMA_MISTAKE(set, document->file, (uint32_t)(error && error->line > 0 ? error->line : 0),
                       "模式文件不是格式良好的 XML: %s", "the schema document is not well-formed: %s",
                       schema_one_line(set->arena, error ? error->message : NULL));
    }
    xmlSetStructuredErrorFunc(NULL, NULL);
    xmlFreeParserCtxt(parser);
}
