/*
 * schema.c - read, audit (schema_audit.c), try in a child (schema_trial.c), compile.
 *
 * libxml2 knows the documents by names of our own, SET_NAME/path below the tree's root, percent-encoded: so a
 * folder with a Chinese name does not disturb how it resolves locations, and a name that leads out of the
 * tree does not begin with SET_NAME any more.
 */
#include "check/schema.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "check/schema_inside.h"

#define SET_NAME     "/schema-set/"
#define DOCUMENT_MAX ((size_t)8 << 20)

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

const char *schema_one_line(struct arena *arena, const char *message) {
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
        SCHEMA_MISTAKE(set, file_of(set, name), (uint32_t)(error->line > 0 ? error->line : 0),
                       "模式无法编译: %s", "the schema does not compile: %s",
                       schema_one_line(set->arena, error->message));
    }
}

void schema_ignore_error(void *context, xmlErrorPtr error) {}

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
        SCHEMA_MISTAKE(set, asked_by, line, "模式文件超过 %d 个", "more than %d schema documents",
                       DOCUMENTS_MAX);
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
        SCHEMA_MISTAKE(set, asked_by, line, "无法读取模式文件 %s（%s）",
                       "cannot read the schema document %s (%s)", file,
                       status == STATUS_OK ? "EMPTY" : status_name(status));
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
        SCHEMA_MISTAKE(set, base->file, line, "引用的模式文件不存在: %s",
                       "the schema document does not exist: %s", location);
    } else if (strncmp(real, set->root, strlen(set->root)) != 0) {
        SCHEMA_MISTAKE(set, base->file, line, "只能引用本模式文件夹内的文件，不能引用 %s",
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
        SCHEMA_MISTAKE(set, base->file, line, "引用的模式文件不存在: %s",
                       "the schema document does not exist: %s", location);
    }
}

/* The document a location leads to from `base`. */
void schema_follow(struct schema_set *set, const struct schema_document *base, const char *location,
                   uint32_t line) {
    require(set->root); /* the first document stands */
    for (const char *c = location; *c; c++) {
        if ((unsigned char)*c >= 0x80) {
            SCHEMA_MISTAKE(set, base->file, line,
                           "schemaLocation 含未转义的非 ASCII 字符: %s；请改名或用 %%XX 书写",
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
        SCHEMA_MISTAKE(set, base->file, line, "只能引用本模式文件夹内的文件，不能引用 %s",
                       "only files of the schema's own folders may be named, not %s", location);
        return;
    }
    char *unescaped = xmlURIUnescapeString(name + strlen(SET_NAME), 0, NULL);
    const char *place = arena_printf(set->arena, "%s%s", set->root, unescaped ? unescaped : "");
    xmlFree(unescaped);
    (set->edition ? follow_to_text : follow_to_file)(set, base, name, place, location, line);
}

/* --- the documents of a set ---------------------------------------------------------------------------- */

/* The set's first document, from which the others follow. */
static void begin_with_file(struct schema_set *set, const char *path) {
    const char *file = real_path(set, path);
    const char *folder = real_path(set, folder_of(set->arena, path));
    if (!file || !folder) {
        SCHEMA_MISTAKE(set, path, 0, "模式文件不存在: %s", "the schema does not exist: %s", path);
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
        SCHEMA_MISTAKE(set, path, 0, "模式文件不存在: %s", "the schema does not exist: %s", path);
    }
}

/* Documents that the audit adds on its way are audited in turn. */
static bool audit_all(struct schema_set *set, size_t mistakes_before) {
    for (size_t i = 0; i < set->count; i++) {
        schema_audit(set, i);
    }
    return set->mistakes->errors == mistakes_before;
}

/* --- compiling ------------------------------------------------------------------------------------------ */

xmlSchemaPtr schema_compile(struct schema_set *set, xmlStructuredErrorFunc on_error) {
    require(set->count > 0 && !compiling);
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

static xmlSchemaPtr compile_set(struct schema_set *set) {
    size_t before = set->mistakes->errors;
    xmlSchemaPtr schema = schema_compile(set, on_compile_mistake);
    if (!schema && set->mistakes->errors == before) {
        SCHEMA_MISTAKE(set, set->documents[0].file, 0, "模式无法编译", "the schema does not compile");
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

/* --- loading -------------------------------------------------------------------------------------------- */

static struct schema_set *set_new(struct content *content, struct schema_loaded *loaded,
                                  struct verdict *mistakes) {
    struct schema_set *set = memory_new(sizeof(*set));
    set->arena = arena_new();
    set->mistakes = mistakes;
    set->content = content;
    set->loaded = loaded;
    *loaded = (struct schema_loaded){ 0 };
    return set;
}

static void set_free(struct schema_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        free(set->documents[i].name);
        free(set->documents[i].file);
        free(set->documents[i].owned);
    }
    arena_free(set->arena);
    free(set);
}

/* Once it is known to compile in time. */
static void load(struct schema_set *set) {
    struct grammar_files files = { set, bytes_of, locate };
    set->loaded->schema = compile_set(set);
    if (set->loaded->schema) {
        set->loaded->grammar = grammar_compile(&files, &set->loaded->obstacle);
    }
}

/* What the audit found nothing in. Takes the sets. */
static void load_all(struct schema_set *const *sets, size_t count) {
    struct schema_trial trial;
    schema_trial_start(&trial, sets, count);
    for (size_t i = 0; i < count; i++) {
        if (schema_trial_passed(&trial)) {
            load(sets[i]);
        }
    }
    schema_trial_stop(&trial);
    for (size_t i = 0; i < count; i++) {
        set_free(sets[i]);
    }
}

struct schema_loaded schema_load(const char *path, struct content *content, struct verdict *mistakes) {
    struct schema_loaded loaded;
    struct schema_set *set = set_new(content, &loaded, mistakes);
    size_t before = mistakes->errors;
    begin_with_file(set, path);
    if (audit_all(set, before)) {
        load_all(&set, 1);
    } else {
        set_free(set);
    }
    return loaded;
}

void schema_load_texts(const struct schema_text *texts, size_t count, struct content **contents,
                       struct schema_loaded *loaded, struct verdict *mistakes) {
    struct schema_set **sets = memory_array(count + 1, sizeof(struct schema_set *));
    size_t sound = 0;
    for (size_t i = 0; i < count; i++) {
        struct schema_set *set = set_new(contents[i], &loaded[i], mistakes);
        size_t before = mistakes->errors;
        begin_with_text(set, &texts[i]);
        if (audit_all(set, before)) {
            sets[sound++] = set;
        } else {
            set_free(set);
        }
    }
    load_all(sets, sound);
    free(sets);
}

void schema_free(struct _xmlSchema *schema) {
    xmlSchemaFree(schema);
}
