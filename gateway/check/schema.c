/*
 * schema.c - read, audit, try in a child, compile.
 *
 * libxml2 knows the documents by names of our own, SET_NAME/path below the tree's root, percent-encoded: so a
 * folder with a Chinese name does not disturb how it resolves locations, and a name that leads out of the
 * tree does not begin with SET_NAME any more.
 */
#include "check/schema.h"

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/uri.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "check/pattern.h"

#define SET_NAME       "/schema-set/"
#define XSD_NAMESPACE  "http://www.w3.org/2001/XMLSchema"
#define DOCUMENTS_MAX  256
#define DOCUMENT_MAX   ((size_t)8 << 20)
#define COMPILE_CPU_S  5
#define COMPILE_WALL_S 20
#define COMPILE_TRIES  3
#define COMPILE_MEMORY ((rlim_t)4 << 30)

struct schema_document {
    char *name, *file;
    struct text bytes;
    char *owned;
};

struct schema_set {
    struct arena *arena;
    struct verdict *mistakes;
    struct content *content;
    const struct edition *edition; /* whose texts the documents are; NULL: they are files */
    const char *root; /* what all must stand below, with / at its end: a real path; in an edition, a name */
    struct schema_document documents[DOCUMENTS_MAX];
    size_t count;
};

/* --- what libxml2 may open: the documents of the set being compiled on this thread ---------------------- */

static _Thread_local const struct schema_set *compiling;

static xmlParserInputPtr input_of(const struct schema_document *document, xmlParserCtxtPtr parser) {
    const xmlCharEncoding guess = XML_CHAR_ENCODING_NONE;
    struct text bytes = document->bytes;
    xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(bytes.at, (int)bytes.length, guess);
    xmlParserInputPtr input = buffer ? xmlNewIOInputStream(parser, buffer, guess) : NULL;
    if (input) {
        input->filename = (char *)xmlStrdup(BAD_CAST document->name);
    }
    return input;
}

static xmlParserInputPtr load_from_set(const char *url, const char *id, xmlParserCtxtPtr parser) {
    for (size_t i = 0; compiling && url && i < compiling->count; i++) {
        const struct schema_document *document = &compiling->documents[i];
        if (strcmp(document->name, url) == 0) {
            return input_of(document, parser);
        }
    }
    return NULL;
}

/* libxml2 prints what nobody asked for to stderr. */
__attribute__((format(printf, 2, 3))) static void say_nothing(void *context, const char *format, ...) {}

static void start(void) {
    unsetenv("XML_CATALOG_FILES");
    unsetenv("http_proxy");
    unsetenv("ftp_proxy");
    xmlInitParser();
    xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
    xmlSetExternalEntityLoader(load_from_set);
    xmlSetGenericErrorFunc(NULL, say_nothing);
    xmlSchemaInitTypes();
}

void schema_start(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
}

/* --- mistakes ------------------------------------------------------------------------------------------- */

#define MISTAKE(set, file, line, ...) verdict_lint((set)->mistakes, "LINT-XSD", file, line, 0, __VA_ARGS__)

static const char *one_line(struct arena *arena, const char *message) {
    struct text text = text_trim(text_of(message ? message : "unknown"));
    char *copy = arena_alloc(arena, text.length + 1);
    for (size_t i = 0; i < text.length; i++) {
        copy[i] = text.at[i] == '\n' ? ' ' : text.at[i];
    }
    return copy;
}

static const char *file_of(const struct schema_set *set, const char *name) {
    for (size_t i = 0; name && i < set->count; i++) {
        if (strcmp(set->documents[i].name, name) == 0) {
            return set->documents[i].file;
        }
    }
    return set->count ? set->documents[0].file : "";
}

static void on_compile_mistake(void *context, xmlErrorPtr error) {
    struct schema_set *set = context;
    if (error->level >= XML_ERR_ERROR) {
        const xmlNode *node = error->node;
        const char *name = error->file         ? error->file
                           : node && node->doc ? (const char *)node->doc->URL
                                               : NULL;
        MISTAKE(set, file_of(set, name), (uint32_t)(error->line > 0 ? error->line : 0), "模式无法编译: %s",
                "the schema does not compile: %s", one_line(set->arena, error->message));
    }
}

static void ignore_error(void *context, xmlErrorPtr error) {}

/* --- reading the documents ------------------------------------------------------------------------------ */

static const char *real_path(struct schema_set *set, const char *path) {
    char real[PATH_MAX];
    return realpath(path, real) ? arena_string(set->arena, real) : NULL;
}

static const char *folder_of(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy(arena, (struct text){ path, (size_t)(slash - path) }) : ".";
}

/* below: where it stands below the root. */
static const char *name_of(struct schema_set *set, const char *below) {
    xmlChar *escaped = xmlURIEscapeStr(BAD_CAST below, BAD_CAST "/");
    const char *name = arena_printf(set->arena, SET_NAME "%s", (const char *)escaped);
    xmlFree(escaped);
    return name;
}

static bool is_here(const struct schema_set *set, const char *name) {
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->documents[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_room(struct schema_set *set, const char *asked_by, uint32_t line) {
    if (set->count == DOCUMENTS_MAX) {
        MISTAKE(set, asked_by, line, "模式文件超过 %d 个", "more than %d schema documents", DOCUMENTS_MAX);
    }
    return set->count < DOCUMENTS_MAX;
}

/* Adds a document and reads it; the audit comes to it later. Mistakes are said about the place that asked. */
static void add_file(struct schema_set *set, const char *name, const char *file, const char *asked_by,
                     uint32_t line) {
    if (is_here(set, name) || !has_room(set, asked_by, line)) {
        return;
    }
    struct buf bytes;
    buf_init(&bytes, DOCUMENT_MAX);
    enum status status = file_read(file, &bytes);
    if (status != STATUS_OK || bytes.length == 0) {
        MISTAKE(set, asked_by, line, "无法读取模式文件 %s（%s）", "cannot read the schema document %s (%s)",
                file, status == STATUS_OK ? "EMPTY" : status_name(status));
        buf_release(&bytes);
        return;
    }
    set->documents[set->count++] = (struct schema_document){
        .name = memory_string(name),
        .file = memory_string(file),
        .bytes = buf_text(&bytes),
        .owned = bytes.at,
    };
}

/* Its bytes are the edition's, which is held by whoever compiles it. */
static void add_text(struct schema_set *set, const char *name, const struct edition_text *text,
                     const char *asked_by, uint32_t line) {
    if (!is_here(set, name) && has_room(set, asked_by, line)) {
        set->documents[set->count++] = (struct schema_document){
            .name = memory_string(name),
            .file = memory_string(text->path),
            .bytes = text->bytes,
        };
    }
}

/* A document that another names stands at `place`, should there be one. */
static void follow_to_file(struct schema_set *set, const struct schema_document *base, const char *name,
                           const char *place, const char *location, uint32_t line) {
    const char *real = real_path(set, place);
    if (!real) {
        MISTAKE(set, base->file, line, "引用的模式文件不存在: %s", "the schema document does not exist: %s",
                location);
    } else if (strncmp(real, set->root, strlen(set->root)) != 0) {
        MISTAKE(set, base->file, line, "只能引用本模式文件夹内的文件，不能引用 %s",
                "only files of the schema's own folders may be named, not %s", location);
    } else {
        add_file(set, name, place, base->file, line);
    }
}

static void follow_to_text(struct schema_set *set, const struct schema_document *base, const char *name,
                           const char *place, const char *location, uint32_t line) {
    const struct edition_text *text = edition_text(set->edition, place);
    if (text) {
        add_text(set, name, text, base->file, line);
    } else {
        MISTAKE(set, base->file, line, "引用的模式文件不存在: %s", "the schema document does not exist: %s",
                location);
    }
}

/* The document a location leads to from `base`. */
static void follow_location(struct schema_set *set, const struct schema_document *base, const char *location,
                            uint32_t line) {
    for (const char *c = location; *c; c++) {
        if ((unsigned char)*c >= 0x80) {
            MISTAKE(set, base->file, line, "schemaLocation 含未转义的非 ASCII 字符: %s；请改名或用 %%XX 书写",
                    "schemaLocation holds raw non-ASCII characters: %s;"
                    " rename the file or write them as %%XX",
                    location);
            return;
        }
    }
    xmlChar *resolved = xmlBuildURI(BAD_CAST location, BAD_CAST base->name);
    const char *name = resolved ? arena_string(set->arena, (const char *)resolved) : "";
    xmlFree(resolved);
    if (strncmp(name, SET_NAME, strlen(SET_NAME)) != 0 || strpbrk(name, "?#")) {
        MISTAKE(set, base->file, line, "只能引用本模式文件夹内的文件，不能引用 %s",
                "only files of the schema's own folders may be named, not %s", location);
        return;
    }
    char *unescaped = xmlURIUnescapeString(name + strlen(SET_NAME), 0, NULL);
    const char *place = arena_printf(set->arena, "%s%s", set->root, unescaped ? unescaped : "");
    xmlFree(unescaped);
    (set->edition ? follow_to_text : follow_to_file)(set, base, name, place, location, line);
}

/* --- the audit ------------------------------------------------------------------------------------------ */

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
        MISTAKE(set, document->file, (uint32_t)xmlGetLineNo(node), "唯一性约束不得使用 // 路径: %s",
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

/* --- the audit of one document -------------------------------------------------------------------------- */

static bool audit_node(struct schema_set *set, const struct schema_document *document, xmlNode *node) {
    if (is_xsd(node, "pattern")) {
        return audit_pattern(set, document, node);
    }
    if (is_xsd(node, "selector") || is_xsd(node, "field")) {
        audit_xpath(set, document, node);
    } else if (is_xsd(node, "include") || is_xsd(node, "import") || is_xsd(node, "redefine")) {
        const char *location = attribute_of(set, node, "schemaLocation");
        if (location) {
            follow_location(set, document, location, (uint32_t)xmlGetLineNo(node));
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
        MISTAKE(set, document->file, 0, "模式文件不得含 DTD", "a schema document may not have a DTD");
        return;
    }
    if (!root || !is_xsd(root, "schema")) {
        MISTAKE(set, document->file, 1, "不是 XML Schema 文件：根元素是 %s",
                "not a schema document: its root element is %s", root ? (const char *)root->name : "-");
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

static void audit_document(struct schema_set *set, size_t index) {
    const struct schema_document *document = &set->documents[index];
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    xmlSetStructuredErrorFunc(NULL, ignore_error);
    xmlDoc *doc = xmlCtxtReadMemory(parser, document->bytes.at, (int)document->bytes.length, document->name,
                                    NULL, XML_PARSE_NONET);
    if (doc) {
        audit_tree(set, index, doc);
        xmlFreeDoc(doc);
    } else {
        const xmlError *error = xmlCtxtGetLastError(parser);
        MISTAKE(set, document->file, (uint32_t)(error && error->line > 0 ? error->line : 0),
                "模式文件不是格式良好的 XML: %s", "the schema document is not well-formed: %s",
                one_line(set->arena, error ? error->message : NULL));
    }
    xmlSetStructuredErrorFunc(NULL, NULL);
    xmlFreeParserCtxt(parser);
}

/* The set's first document, from which the others follow. */
static void begin_with_file(struct schema_set *set, const char *path) {
    const char *file = real_path(set, path);
    const char *folder = real_path(set, folder_of(set->arena, path));
    if (!file || !folder) {
        MISTAKE(set, path, 0, "模式文件不存在: %s", "the schema does not exist: %s", path);
        return;
    }
    const char *above = folder_of(set->arena, folder);
    set->root = arena_printf(set->arena, "%s/", strcmp(above, "/") == 0 ? "" : above);
    const char *slash = strrchr(path, '/');
    const char *main = arena_printf(set->arena, "%s/%s", folder, slash ? slash + 1 : path);
    add_file(set, name_of(set, main + strlen(set->root)), file, path, 0);
}

static void begin_with_text(struct schema_set *set, const struct schema_text *text) {
    const struct edition_text *found = edition_text(text->edition, text->name);
    set->edition = text->edition;
    set->root = text->tree;
    if (found) {
        add_text(set, name_of(set, text->stands_at), found, found->path, 0);
    } else {
        const char *path = file_join(set->arena, text->edition->directory, text->name);
        MISTAKE(set, path, 0, "模式文件不存在: %s", "the schema does not exist: %s", path);
    }
}

/* Documents that the audit adds on its way are audited in turn. */
static bool audit_all(struct schema_set *set, size_t mistakes_before) {
    for (size_t i = 0; i < set->count; i++) {
        audit_document(set, i);
    }
    return set->mistakes->errors == mistakes_before;
}

/* --- compiling ------------------------------------------------------------------------------------------ */

static xmlSchemaPtr compile(struct schema_set *set, xmlStructuredErrorFunc on_error) {
    compiling = set;
    xmlSetStructuredErrorFunc(set, on_error);
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(set->documents[0].name);
    xmlSchemaSetParserStructuredErrors(parser, on_error, set);
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    xmlSetStructuredErrorFunc(NULL, NULL);
    compiling = NULL;
    return schema;
}

static void cap(int resource, rlim_t amount) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) == 0 && (limit.rlim_max == RLIM_INFINITY || amount < limit.rlim_max)) {
        limit.rlim_cur = limit.rlim_max = amount;
        setrlimit(resource, &limit);
    }
}

/* The child only compiles and says one byte; whatever it does to itself, it ends. */
static _Noreturn void compile_in_child(struct schema_set *set, int fd) {
    signal(SIGXCPU, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    cap(RLIMIT_CORE, 0);
    cap(RLIMIT_CPU, COMPILE_CPU_S);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    cap(RLIMIT_DATA, COMPILE_MEMORY); /* the sanitizers reserve terabytes */
#endif
    alarm(COMPILE_WALL_S); /* a lock some other thread held at the fork */
    compile(set, ignore_error);
    _exit(write(fd, "", 1) == 1 ? 0 : 1);
}

enum trial { TRIAL_ENDS, TRIAL_TAKES_TOO_LONG, TRIAL_HANGS, TRIAL_IMPOSSIBLE };

/* Whether compiling it ends, whatever comes of it. */
static enum trial try_in_child(struct schema_set *set) {
    int ends[2] = { -1, -1 }, how = 0;
    pid_t child = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
    if (child < 0) {
        MISTAKE(set, set->documents[0].file, 0, "无法建立试编译的子进程: %s",
                "no child process to try the schema in: %s", strerror(errno));
        close(ends[0]);
        close(ends[1]);
        return TRIAL_IMPOSSIBLE;
    }
    if (child == 0) {
        compile_in_child(set, ends[1]);
    }
    char byte;
    close(ends[1]);
    bool ended = TEMP_FAILURE_RETRY(read(ends[0], &byte, 1)) == 1;
    close(ends[0]);
    bool known = TEMP_FAILURE_RETRY(waitpid(child, &how, 0)) == child;
    if (ended) {
        return TRIAL_ENDS;
    }
    return known && WIFSIGNALED(how) && WTERMSIG(how) == SIGALRM ? TRIAL_HANGS : TRIAL_TAKES_TOO_LONG;
}

/* A child that hangs without using its CPU time met a lock that another thread held at the fork: that is no
 * fault of the schema, and another child is likely to come through. */
static bool compiles_in_time(struct schema_set *set) {
    enum trial trial = TRIAL_HANGS;
    for (int i = 0; trial == TRIAL_HANGS && i < COMPILE_TRIES; i++) {
        trial = try_in_child(set);
    }
    if (trial == TRIAL_TAKES_TOO_LONG || trial == TRIAL_HANGS) {
        MISTAKE(set, set->documents[0].file, 0, "模式在 %d 秒内无法编译完，可能存在不确定的内容模型",
                "the schema does not compile within %d s of CPU time;"
                " its content models may be too ambiguous",
                COMPILE_CPU_S);
    }
    return trial == TRIAL_ENDS;
}

static xmlSchemaPtr compile_set(struct schema_set *set) {
    if (!compiles_in_time(set)) {
        return NULL;
    }
    size_t before = set->mistakes->errors;
    xmlSchemaPtr schema = compile(set, on_compile_mistake);
    if (!schema && set->mistakes->errors == before) {
        MISTAKE(set, set->documents[0].file, 0, "模式无法编译", "the schema does not compile");
    }
    if (schema && set->mistakes->errors > before) {
        xmlSchemaFree(schema);
        schema = NULL;
    }
    return schema;
}

/* --- our own compiler ----------------------------------------------------------------------------------- */

static struct text bytes_of(void *context, int document) {
    const struct schema_set *set = context;
    return set->documents[document].bytes;
}

static int locate(void *context, int base, struct text location) {
    struct schema_set *set = context;
    const char *name = arena_copy(set->arena, location);
    xmlChar *resolved = xmlBuildURI(BAD_CAST name, BAD_CAST set->documents[base].name);
    int found = -1;
    for (size_t i = 0; resolved && found < 0 && i < set->count; i++) {
        found = xmlStrEqual(resolved, BAD_CAST set->documents[i].name) ? (int)i : -1;
    }
    xmlFree(resolved);
    return found;
}

static struct schema_loaded load(const char *path, const struct schema_text *text, struct content *content,
                                 struct verdict *mistakes) {
    struct schema_set *set = memory_new(sizeof(*set));
    struct schema_loaded loaded = { 0 };
    size_t before = mistakes->errors;
    set->arena = arena_new();
    set->mistakes = mistakes;
    set->content = content;
    if (text) {
        begin_with_text(set, text);
    } else {
        begin_with_file(set, path);
    }
    if (audit_all(set, before)) {
        loaded.schema = compile_set(set);
    }
    if (loaded.schema) {
        struct grammar_files files = { set, bytes_of, locate };
        loaded.grammar = grammar_compile(&files, &loaded.obstacle);
    }
    for (size_t i = 0; i < set->count; i++) {
        free(set->documents[i].name);
        free(set->documents[i].file);
        free(set->documents[i].owned);
    }
    arena_free(set->arena);
    free(set);
    return loaded;
}

struct schema_loaded schema_load(const char *path, struct content *content, struct verdict *mistakes) {
    return load(path, NULL, content, mistakes);
}

struct schema_loaded schema_load_text(const struct schema_text *text, struct content *content,
                                      struct verdict *mistakes) {
    return load(NULL, text, content, mistakes);
}

void schema_free(struct _xmlSchema *schema) {
    xmlSchemaFree(schema);
}
