/*
 * invocation.c - what the verbs share: what was typed, the settings and texts it names, and how results and
 * mistakes are told.
 */
#include "daemon/invocation.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "message/excerpt.h"
#include "view/page.h"
#include "view/view.h"

#define SOURCE_MAX (16u << 20)
#define PRINT_MAX  (64u << 20)

/* --- what was typed ------------------------------------------------------------------------------------- */

const char *invocation_option(const struct invocation *inv, const char *name) {
    for (size_t i = 0; i < inv->options_count; i++) {
        if (strcmp(inv->options[i].name, name) == 0) {
            return inv->values[i];
        }
    }
    panic("%s has no option --%s", inv->command->name, name);
}

bool invocation_is_whole(const struct invocation *inv) {
    const struct view *view = inv->command->asks ? view_find(inv->command->asks) : NULL;
    return view && page_kinds(view) && invocation_option(inv, PAGE_OPTION_ALL);
}

/* --- what is said --------------------------------------------------------------------------------------- */

void invocation_print_usage(const struct command *command, enum language language, FILE *to) {
    fprintf(to,
            language_pick(language, "用法：clearway %s [选项]%s%s\n", "usage: clearway %s [options]%s%s\n"),
            command->name, *command->arguments ? " " : "", command->arguments);
}

static void say(const struct invocation *inv, const char *zh, const char *en, va_list args)
    __attribute__((format(printf, 2, 0), format(printf, 3, 0)));

static void say(const struct invocation *inv, const char *zh, const char *en, va_list args) {
    fprintf(stderr, invocation_pick(inv, "clearway %s：", "clearway %s: "), inv->command->name);
    vfprintf(stderr, invocation_pick(inv, zh, en), args);
    fputc('\n', stderr);
}

int invocation_usage(const struct invocation *inv, const char *zh, const char *en, ...) {
    va_list args;
    va_start(args, en);
    say(inv, zh, en, args);
    va_end(args);
    invocation_print_usage(inv->command, inv->language, stderr);
    return EXIT_USAGE;
}

void invocation_say(const struct invocation *inv, const char *zh, const char *en, ...) {
    va_list args;
    va_start(args, en);
    say(inv, zh, en, args);
    va_end(args);
}

enum status invocation_read(const char *path, struct buf *bytes) {
    return strcmp(path, "-") == 0 ? file_read_descriptor(STDIN_FILENO, bytes) : file_read_any(path, bytes);
}

int invocation_fail(const struct invocation *inv, enum status status, const char *what) {
    if (status == STATUS_IO && what && file_is_directory(what)) {
        return invocation_usage(inv, "%s 是文件夹，此处应为文件", "%s is a folder where a file is wanted",
                                what);
    }
    invocation_say(inv, "%s：%s", "%s: %s", what, status_sentence(status, inv->language));
    return status_exit(status);
}

int invocation_print(const struct invocation *inv, struct buf *out) {
    bool whole = !buf_failed(out);
    if (whole) {
        fwrite(out->at, 1, out->length, stdout);
    } else {
        invocation_say(inv, "输出超过 %zu 字节的上限；请缩小范围",
                       "the output is larger than the limit of %zu bytes; ask for less", out->max);
    }
    buf_release(out);
    return whole ? 0 : status_exit(STATUS_TOO_LARGE);
}

int invocation_result(const struct invocation *inv, enum status status, struct buf *out, const char *what) {
    if (status != STATUS_OK) {
        buf_release(out);
        return invocation_fail(inv, status, what);
    }
    if (inv->json) {
        buf_add_char(out, '\n');
    }
    return invocation_print(inv, out);
}

/* Experts' texts are named as they stand in the folder of schemas: "routes", "cn-dec/binding". */
static const char *path_of(const struct invocation *inv, const char *file) {
    const char *inside = inv->schemas && file[0] != '/' ? file_join(inv->arena, inv->schemas, file) : file;
    return access(inside, R_OK) ? file : inside;
}

static void print_mistake(const struct invocation *inv, const struct finding *finding, FILE *to) {
    struct buf source, out;
    buf_init(&source, SOURCE_MAX);
    buf_init(&out, PRINT_MAX);
    struct finding shown = *finding;
    shown.file = finding->file[0] ? path_of(inv, finding->file) : "-";
    if (finding->file[0] && finding->place.line && file_read(shown.file, &source) != STATUS_OK) {
        buf_clear(&source);
    }
    excerpt_print(&out, &shown, shown.file, buf_text(&source), inv->language, inv->color && to == stdout);
    fwrite(out.at, 1, out.length, to);
    buf_release(&out);
    buf_release(&source);
}

bool invocation_mistakes(const struct invocation *inv, const struct verdict *mistakes, bool on_stdout) {
    for (size_t i = 0; i < mistakes->count; i++) {
        print_mistake(inv, &mistakes->findings[i], on_stdout ? stdout : stderr);
    }
    return !verdict_passes(mistakes);
}

const char *invocation_config(const struct invocation *inv) {
    const char *path = invocation_option(inv, "config");
    return path ? path : getenv("CLEARWAY_CONFIG");
}

int invocation_settings(struct invocation *inv, struct settings **out) {
    struct verdict mistakes;
    verdict_init(&mistakes, inv->arena);
    const char *path = invocation_config(inv);
    enum status status = settings_load(path, out, inv->arena, &mistakes);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, path ? path : SETTINGS_FILE);
    }
    inv->schemas = settings_text(*out, SETTING_SCHEMAS);
    return invocation_mistakes(inv, &mistakes, false) ? status_exit(STATUS_BAD_CONFIG) : 0;
}

static int load_edition(struct invocation *inv, const struct edition_options *options, struct edition **out,
                        struct verdict *mistakes) {
    verdict_init(mistakes, inv->arena);
    enum status status = edition_load(options, out, mistakes);
    return status != STATUS_OK ? invocation_fail(inv, status, options->schemas) : 0;
}

int invocation_edition(struct invocation *inv, struct settings **settings, struct edition **out,
                       struct verdict *mistakes) {
    int code = invocation_settings(inv, settings);
    if (code) {
        return code;
    }
    struct edition_options options = settings_edition(*settings);
    return load_edition(inv, &options, out, mistakes);
}

int invocation_schemas(struct invocation *inv, struct edition **out, struct verdict *mistakes) {
    struct settings *settings;
    int code = invocation_settings(inv, &settings);
    if (code) {
        return code;
    }
    struct edition_options options = settings_edition(settings);
    options.parties = NULL;
    if (invocation_option(inv, "schemas")) {
        options.schemas = inv->schemas = invocation_option(inv, "schemas");
    }
    return load_edition(inv, &options, out, mistakes);
}

const char *invocation_data(struct invocation *inv) {
    struct settings *settings;
    const char *data = invocation_option(inv, "data");
    if (data) {
        return data;
    }
    return invocation_settings(inv, &settings) ? NULL : settings_text(settings, SETTING_DATA);
}
