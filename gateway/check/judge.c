/*
 * judge.c - each row of the catalog gets its schema: ours from the texts of the schemas folder, an official
 * one from those of its drop-in folder. Nothing is read from the disk: what judges is what is recorded.
 */
#include "check/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/gb18030.h"
#include "base/memory.h"
#include "base/status.h"
#include "xsd/grammar.h"
#include "xsd/marks.h"
#include "check/schema.h"
#include "check/xsd.h"

static bool is_given(const struct edition *edition, const char *dropin) {
    for (size_t i = 0; i < EDITION_DROPINS_MAX && edition->dropins[i].name; i++) {
        if (strcmp(edition->dropins[i].name, dropin) == 0) {
            return true;
        }
    }
    return false;
}

static struct schema_text of_ours(const struct edition *edition, const char *schema) {
    return (struct schema_text){ edition, schema, "", schema };
}

/* An official schema of the drop-in folder, or a driver of ours read as if it stood there. */
static struct schema_text of_dropin(const struct edition *edition, const struct format *format,
                                    struct arena *arena) {
    const char *tree = arena_printf(arena, "dropin/%s/", format->dropin);
    const char *official = arena_printf(arena, "%s%s", tree, format->schema);
    if (edition_text(edition, official)) {
        return (struct schema_text){ edition, official, tree, format->schema };
    }
    const char *slash = strrchr(format->schema, '/');
    const char *stands_at = slash ? slash + 1 : format->schema;
    return (struct schema_text){ edition, format->schema, tree, stands_at };
}

static struct schema_text of_official(const struct edition *edition, const struct format *format,
                                      struct arena *arena) {
    const char *tree = arena_printf(arena, "dropin/%s/", format->official_folder);
    const char *name = arena_printf(arena, "%s%s", tree, format->official);
    return (struct schema_text){ edition, name, tree, format->official };
}

/* A schema that judges several formats is compiled once: the first of them has it. */
static size_t owner_of(const struct judge *judge, size_t row) {
    const struct format *formats = judge->edition->catalog->formats, *format = &formats[row];
    size_t owner = 0;
    while (owner < row
           && (strcmp(formats[owner].schema, format->schema) != 0
               || strcmp(formats[owner].dropin, format->dropin) != 0
               || strcmp(formats[owner].official_folder, format->official_folder) != 0
               || strcmp(formats[owner].official, format->official) != 0)) {
        owner++;
    }
    return owner;
}

/* cn-dec/DecMessage.xsd is cn-dec/DecMessage-nons.xsd for messages without the namespace. */
static const char *without_namespace(struct arena *arena, const char *schema) {
    struct text name = text_of(schema);
    bool ends = name.length > 4 && strcmp(schema + name.length - 4, ".xsd") == 0;
    size_t stem = ends ? name.length - 4 : name.length;
    return arena_printf(arena, "%.*s-nons.xsd", (int)stem, schema);
}

/* false: it is a drop-in that is not there. */
static bool find_proper(const struct edition *edition, const struct format *format, struct arena *arena,
                        struct schema_text *text) {
    if (is_given(edition, format->official_folder)) {
        *text = of_official(edition, format, arena);
    } else if (format->dropin[0]) {
        *text = of_dropin(edition, format, arena);
        return is_given(edition, format->dropin);
    } else {
        *text = of_ours(edition, format->schema);
    }
    return true;
}

/* All in one go, so that they share what trying them costs. */
static void load_formats(struct judge *judge, struct arena *arena, struct verdict *mistakes) {
    const struct edition *edition = judge->edition;
    size_t rows = edition->catalog->count, count = 0;
    struct schema_text *texts = memory_array(rows * SCHEMAS + 1, sizeof(*texts));
    struct xsd ***places = memory_array(rows * SCHEMAS + 1, sizeof(*places));
    struct xsd **loaded = memory_array(rows * SCHEMAS + 1, sizeof(*loaded));
    for (size_t row = 0; row < rows; row++) {
        const struct format *format = &edition->catalog->formats[row];
        if (owner_of(judge, row) == row && find_proper(edition, format, arena, &texts[count])) {
            places[count++] = &judge->schemas[row][PROPER];
        }
        if (format->namespace_optional && !format->dropin[0]) {
            texts[count] = of_ours(edition, without_namespace(arena, format->schema));
            places[count++] = &judge->schemas[row][WITHOUT_NAMESPACE];
        }
    }
    xsd_load_texts(texts, count, loaded, mistakes);
    for (size_t i = 0; i < count; i++) {
        *places[i] = loaded[i];
    }
    for (size_t row = 0; row < rows; row++) {
        judge->schemas[row][PROPER] = judge->schemas[owner_of(judge, row)][PROPER];
    }
    free(texts);
    free(places);
    free(loaded);
}

static void mark_bound(struct judge *judge, size_t row) {
    const struct binding *binding = judge->edition->bindings[row];
    for (int i = 0; binding && i < SCHEMAS; i++) {
        const struct xsd *xsd = judge->schemas[row][i];
        judge->marks[row][i] = xsd ? xsd_marks(xsd, binding) : NULL;
    }
}

static void warn(const struct judge *judge, size_t row, const char *zh, const char *en,
                 struct verdict *mistakes) {
    verdict_add(mistakes, &(struct finding){
                              .code = "LINT-XSD",
                              .severity = SEVERITY_WARNING,
                              .file = judge->edition->catalog->formats[row].schema,
                              .zh = zh,
                              .en = en,
                          });
}

/* What our own validator does not know of a schema that it takes. */
static void tell_left_over(const struct judge *judge, size_t row, const struct grammar *grammar,
                           struct arena *arena, struct verdict *mistakes) {
    if (grammar->substitute.length) {
        const char *name = arena_copy(arena, grammar->substitute);
        warn(judge, row,
             arena_printf(arena, "用到替换组 (substitution group) 元素的报文由 libxml2 校验: %s", name),
             arena_printf(arena, "messages with an element of a substitution group are judged by libxml2: %s",
                          name),
             mistakes);
    }
    if (grammar->abstract.length) {
        const char *name = arena_copy(arena, grammar->abstract);
        warn(judge, row,
             arena_printf(arena, "用 xsi:type 的报文 (元素的类型是抽象的) 由 libxml2 校验: %s", name),
             arena_printf(
                 arena,
                 "messages with xsi:type, as of an element of an abstract type, are judged by libxml2: %s",
                 name),
             mistakes);
    }
}

/* A schema that our own compiler does not take is judged all the same, many times slower. */
static size_t tell_slow(const struct judge *judge, size_t row, struct arena *arena,
                        struct verdict *mistakes) {
    size_t uncompiled = 0;
    for (int i = 0; i < SCHEMAS; i++) {
        const struct xsd *xsd = judge->schemas[row][i];
        if (!xsd) {
            continue;
        }
        const struct obstacle *obstacle = xsd_obstacle(xsd);
        if (!obstacle) {
            tell_left_over(judge, row, xsd_grammar(xsd), arena, mistakes);
            continue;
        }
        const char *zh = obstacle_text(obstacle->kind, LANGUAGE_ZH);
        const char *en = obstacle_text(obstacle->kind, LANGUAGE_EN);
        uncompiled++;
        warn(judge, row, arena_printf(arena, "仅由 libxml2 校验，速度较慢: %s %s", zh, obstacle->name),
             arena_printf(arena, "judged by libxml2 alone, which is slower: %s %s", en, obstacle->name),
             mistakes);
    }
    return uncompiled;
}

struct judge *judge_new(const struct edition *edition, struct verdict *mistakes) {
    require(edition && mistakes);
    xsd_start();
    if (!gb18030_start()) {
        verdict_lint(mistakes, "LINT-SYSTEM", "", 0, 0,
                     "系统的 C 库缺少 GB18030 编码表（请安装 glibc 的 gconv 模块）",
                     "the C library has no table of GB18030 (install glibc's gconv modules)");
    }
    struct judge *judge = memory_new(sizeof(*judge));
    struct arena *paths = arena_new();
    judge->edition = edition_take(edition);
    judge->schemas = memory_array(edition->catalog->count + 1, sizeof(*judge->schemas));
    judge->marks = memory_array(edition->catalog->count + 1, sizeof(*judge->marks));
    judge->holds = 1;
    load_formats(judge, paths, mistakes);
    for (size_t row = 0; row < edition->catalog->count; row++) {
        judge->uncompiled += owner_of(judge, row) < row ? 0 : tell_slow(judge, row, paths, mistakes);
        mark_bound(judge, row);
    }
    arena_free(paths);
    return judge;
}

static void free_judge(struct judge *judge) {
    for (size_t row = 0; row < judge->edition->catalog->count; row++) {
        for (int i = 0; i < SCHEMAS; i++) {
            marks_free(judge->marks[row][i]);
            if (i != PROPER || owner_of(judge, row) == row) {
                xsd_free(judge->schemas[row][i]);
            }
        }
    }
    free(judge->schemas);
    free(judge->marks);
    edition_release(judge->edition);
    free(judge);
}

/* The count is all of a judge that changes. */
const struct judge *judge_take(const struct judge *judge) {
    unsigned before = atomic_fetch_add(&((struct judge *)judge)->holds, 1);
    require(before > 0); /* who gives it away still holds it */
    return judge;
}

void judge_release(const struct judge *judge) {
    struct judge *held = (struct judge *)judge;
    if (held) {
        unsigned before = atomic_fetch_sub(&held->holds, 1);
        require(before > 0);
        if (before == 1) {
            free_judge(held);
        }
    }
}
