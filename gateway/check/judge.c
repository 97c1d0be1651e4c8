/*
 * judge.c - each row of the catalog gets its schema: ours from the schemas folder, an official one from its
 * drop-in folder.
 */
#include "check/judge.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/file.h"
#include "base/gb18030.h"
#include "base/memory.h"
#include "base/status.h"
#include "check/xsd.h"

static const char *dropin_folder(const struct edition *edition, const char *name) {
    for (size_t i = 0; i < EDITION_DROPINS_MAX && edition->dropins[i].name; i++) {
        if (strcmp(edition->dropins[i].name, name) == 0) {
            return edition->dropins[i].folder;
        }
    }
    return NULL;
}

/* An official schema from its folder, or a driver of ours read as if it stood there. */
static struct xsd *load_dropin(const struct edition *edition, const struct format *format,
                               struct arena *arena, struct verdict *mistakes) {
    const char *folder = dropin_folder(edition, format->dropin);
    if (!folder) {
        return NULL;
    }
    const char *official = file_join(arena, folder, format->schema);
    if (access(official, R_OK) == 0) {
        return xsd_load(official, mistakes);
    }
    const char *slash = strrchr(format->schema, '/');
    const char *stands_at = file_join(arena, folder, slash ? slash + 1 : format->schema);
    return xsd_load_as(file_join(arena, edition->directory, format->schema), stands_at, mistakes);
}

/* cn-dec/DecMessage.xsd is cn-dec/DecMessage-nons.xsd for messages without the namespace. */
static const char *without_namespace(struct arena *arena, const char *schema) {
    struct text name = text_of(schema);
    bool ends = name.length > 4 && strcmp(schema + name.length - 4, ".xsd") == 0;
    size_t stem = ends ? name.length - 4 : name.length;
    return arena_printf(arena, "%.*s-nons.xsd", (int)stem, schema);
}

static void load_format(struct judge *judge, size_t row, struct arena *arena, struct verdict *mistakes) {
    const struct edition *edition = judge->edition;
    const struct format *format = &edition->catalog->formats[row];
    struct xsd **schemas = judge->schemas[row];
    if (format->dropin[0]) {
        schemas[PROPER] = load_dropin(edition, format, arena, mistakes);
        return;
    }
    const char *directory = edition->directory;
    schemas[PROPER] = xsd_load(file_join(arena, directory, format->schema), mistakes);
    if (format->namespace_optional) {
        const char *other = without_namespace(arena, format->schema);
        schemas[WITHOUT_NAMESPACE] = xsd_load(file_join(arena, directory, other), mistakes);
    }
}

/* A schema that our own compiler does not take is judged all the same, many times slower. */
static size_t tell_uncompiled(const struct judge *judge, size_t row, struct arena *arena,
                              struct verdict *mistakes) {
    size_t uncompiled = 0;
    for (int i = 0; i < SCHEMAS; i++) {
        const struct xsd *xsd = judge->schemas[row][i];
        const struct obstacle *obstacle = xsd ? xsd_obstacle(xsd) : NULL;
        if (!obstacle) {
            continue;
        }
        const char *zh = obstacle_text(obstacle->kind, LANGUAGE_ZH);
        const char *en = obstacle_text(obstacle->kind, LANGUAGE_EN);
        uncompiled++;
        verdict_add(mistakes,
                    &(struct finding){
                        .code = "LINT-XSD",
                        .severity = SEVERITY_WARNING,
                        .file = judge->edition->catalog->formats[row].schema,
                        .zh = arena_printf(arena, "仅由 libxml2 校验，速度较慢: %s %s", zh, obstacle->name),
                        .en = arena_printf(arena, "judged by libxml2 alone, which is slower: %s %s", en,
                                           obstacle->name),
                    });
    }
    return uncompiled;
}

struct judge *judge_new(const struct edition *edition, struct verdict *mistakes) {
    xsd_start();
    if (!gb18030_start()) {
        verdict_lint(mistakes, "LINT-SYSTEM", "", 0, 0,
                     "系统的 C 库缺少 GB18030 编码表（请安装 glibc 的 gconv 模块）",
                     "the C library has no table of GB18030 (install glibc's gconv modules)");
    }
    struct judge *judge = memory_new(sizeof(*judge));
    struct arena *paths = arena_new();
    size_t uncompiled = 0;
    judge->edition = edition_take(edition);
    judge->schemas = memory_array(edition->catalog->count + 1, sizeof(*judge->schemas));
    judge->holds = 1;
    for (size_t row = 0; row < edition->catalog->count; row++) {
        load_format(judge, row, paths, mistakes);
        uncompiled += tell_uncompiled(judge, row, paths, mistakes);
    }
    counter_set(COUNTER_SCHEMAS_UNCOMPILED, (int64_t)uncompiled);
    arena_free(paths);
    return judge;
}

static void free_judge(struct judge *judge) {
    for (size_t row = 0; row < judge->edition->catalog->count; row++) {
        for (int i = 0; i < SCHEMAS; i++) {
            xsd_free(judge->schemas[row][i]);
        }
    }
    free(judge->schemas);
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
