/*
 * setup.c - folders become texts, texts become what this layer understands.
 *
 * Texts are sorted by name in byte order, so the digest does not depend on the order a file system lists them
 * in. Its digest is SHA-256 over each name, a NUL and the digest of its bytes.
 */
#include "edition/setup.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "message/mistakes.h"
#include "edition/binding.h"
#include "edition/dictionary.h"
#include "edition/lists.h"

#define LISTS "lists/"

struct loader {
    struct setup *setup;
    struct mistakes mistakes;
    size_t total;
};

static void say(struct loader *loader, const char *path, const char *zh, const char *en) {
    loader->mistakes.file = path;
    mistakes_add(&loader->mistakes, (struct place){ 0 }, NULL, zh, en);
}

/* --- gathering texts ------------------------------------------------------------------------------------ */

/* False: there is no room for it. */
static bool has_room(struct loader *loader, const char *path, size_t size) {
    if (loader->setup->count == SETUP_TEXTS_MAX) {
        say(loader, path, "配置文本过多", "too many texts in the set-up");
    } else if (size > SETUP_TOTAL_MAX - loader->total) {
        say(loader, path, "配置文本总量超过 64 MiB", "the texts of the set-up pass 64 MiB together");
    } else {
        return true;
    }
    return false;
}

static void add_file(struct loader *loader, const char *name, const char *path) {
    struct setup *setup = loader->setup;
    struct buf buf;
    buf_init(&buf, SETUP_TEXT_MAX);
    enum status status = file_read(path, &buf);
    if (status == STATUS_TOO_LARGE) {
        say(loader, path, "文件超过 8 MiB", "the file is larger than 8 MiB");
    } else if (status != STATUS_OK) {
        say(loader, path, "文件无法读取", "the file cannot be read");
    } else if (text_trim(buf_text(&buf)).length == 0) {
        /* A copy that was cut short, more often than meant: nothing would be routed, or judged, and nobody
           told. */
        loader->mistakes.file = path;
        mistakes_add(
            &loader->mistakes, mistake_place(1, 1, TEXT("")), NULL,
            "文件为空；若确实无内容，请写一行以 # 开头的说明",
            "the file is empty; if nothing is meant to stand in it, say so in a line that begins with #");
    } else if (has_room(loader, path, buf.length)) {
        loader->total += buf.length;
        setup->texts[setup->count++] = (struct setup_text){
            .name = arena_string(setup->arena, name),
            .path = arena_string(setup->arena, path),
            .bytes = { arena_copy(setup->arena, buf_text(&buf)), buf.length },
            .digest = digest_of(buf.at, buf.length),
        };
    }
    buf_release(&buf);
}

static bool is_wanted(const struct dirent *entry, bool schemas_only) {
    size_t length = strlen(entry->d_name), ending = strlen(".xsd");
    return entry->d_name[0] != '.'
           && (!schemas_only || (length > ending && strcmp(entry->d_name + length - ending, ".xsd") == 0));
}

static enum status add_folder(struct loader *loader, const char *prefix, const char *folder,
                              bool schemas_only, int depth);

static void add_entry(struct loader *loader, const struct dirent *entry, const char *prefix,
                      const char *folder, bool schemas_only, int depth) {
    struct arena *arena = loader->setup->arena;
    const char *name = arena_printf(arena, "%s%s", prefix, entry->d_name);
    const char *path = file_join(arena, folder, entry->d_name);
    struct stat link, target;
    if (lstat(path, &link) != 0 || stat(path, &target) != 0) {
        say(loader, path, "文件无法读取", "the file cannot be read");
    } else if (S_ISDIR(target.st_mode) && S_ISLNK(link.st_mode)) {
        say(loader, path, "不跟随指向文件夹的符号链接", "a symbolic link to a folder is not followed");
    } else if (S_ISDIR(target.st_mode) && depth == SETUP_DEPTH_MAX) {
        say(loader, path, "文件夹嵌套过深", "folders are nested too deeply");
    } else if (S_ISDIR(target.st_mode)) {
        if (add_folder(loader, arena_printf(arena, "%s/", name), path, schemas_only, depth + 1)
            != STATUS_OK) {
            say(loader, path, "文件夹无法读取", "the folder cannot be read");
        }
    } else if (S_ISREG(target.st_mode) && is_wanted(entry, schemas_only)) {
        add_file(loader, name, path);
    }
}

static enum status add_folder(struct loader *loader, const char *prefix, const char *folder,
                              bool schemas_only, int depth) {
    DIR *open = opendir(folder);
    if (!open) {
        return file_status(errno);
    }
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(open)); errno = 0) {
        if (entry->d_name[0] != '.') {
            add_entry(loader, entry, prefix, folder, schemas_only, depth);
        }
    }
    enum status status = errno ? STATUS_IO : STATUS_OK;
    closedir(open);
    return status;
}

static void add_dropins(struct loader *loader, const struct setup_options *options) {
    struct arena *arena = loader->setup->arena;
    for (size_t i = 0; i < SETUP_DROPINS_MAX && options->dropins[i].name; i++) {
        const struct setup_dropin *dropin = &options->dropins[i];
        loader->setup->dropins[i] = (struct setup_dropin){
            arena_string(arena, dropin->name),
            arena_string(arena, dropin->folder),
        };
        if (add_folder(loader, arena_printf(arena, "dropin/%s/", dropin->name), dropin->folder, true, 1)
            != STATUS_OK) {
            say(loader, dropin->folder, "官方标准文件夹无法读取",
                "the folder of official schemas cannot be read");
        }
    }
}

static int order_of(const void *a, const void *b) {
    return strcmp(((const struct setup_text *)a)->name, ((const struct setup_text *)b)->name);
}

/* A file `parties` or a folder `dropin` among the schemas. */
static void find_doubles(struct loader *loader) {
    const struct setup *setup = loader->setup;
    for (size_t i = 1; i < setup->count; i++) {
        if (strcmp(setup->texts[i - 1].name, setup->texts[i].name) == 0) {
            say(loader, setup->texts[i].path, "与另一文本同名", "another text has the same name");
        }
    }
}

static struct digest digest_of_all(const struct setup *setup) {
    struct digester *digester = digester_new();
    for (size_t i = 0; i < setup->count; i++) {
        digester_add(digester, setup->texts[i].name, strlen(setup->texts[i].name) + 1);
        digester_add(digester, setup->texts[i].digest.bytes, DIGEST_SIZE);
    }
    struct digest digest = digester_finish(digester);
    digester_free(digester);
    return digest;
}

/* --- understanding them --------------------------------------------------------------------------------- */

/* An absent text is a mistake of its own and then reads as empty. */
static struct setup_text needed(struct loader *loader, const char *name) {
    const struct setup_text *text = setup_text(loader->setup, name);
    if (text) {
        return *text;
    }
    struct arena *arena = loader->setup->arena;
    const char *path = file_join(arena, loader->setup->directory, name);
    say(loader, path, arena_printf(arena, "缺少文件 %s", name),
        arena_printf(arena, "the file %s is missing", name));
    return (struct setup_text){ .name = name, .path = path };
}

static void load_lists(struct loader *loader) {
    struct setup *setup = loader->setup;
    setup->lists = codelists_new(setup->arena);
    for (size_t i = 0; i < setup->count; i++) {
        const struct setup_text *text = &setup->texts[i];
        if (strncmp(text->name, LISTS, strlen(LISTS)) == 0) {
            lists_load(setup->lists, text->name + strlen(LISTS), text->bytes, text->path, setup->arena,
                       loader->mistakes.verdict);
        }
    }
}

static void load_bindings(struct loader *loader) {
    struct setup *setup = loader->setup;
    setup->bindings = arena_alloc(setup->arena, (setup->catalog->count + 1) * sizeof(*setup->bindings));
    for (size_t i = 0; i < setup->catalog->count; i++) {
        if (*setup->catalog->formats[i].binding) {
            struct setup_text text = needed(loader, setup->catalog->formats[i].binding);
            setup->bindings[i] = text.bytes.at ? binding_load(text.bytes, text.path, setup->fields,
                                                              setup->arena, loader->mistakes.verdict)
                                               : NULL;
        }
    }
}

static void load_parties(struct loader *loader, const struct party_transport *const *transports) {
    struct setup *setup = loader->setup;
    const struct setup_text *text = setup_text(setup, "parties");
    setup->parties =
        text ? parties_load(text->bytes, text->path, transports, setup->arena, loader->mistakes.verdict)
             : NULL;
    if (!setup->parties) {
        setup->parties = arena_alloc(setup->arena, sizeof(*setup->parties));
    }
}

/* A field's code list must be there, or a rule that names it would be the first to find out. */
static void check_field_lists(struct loader *loader, const char *path) {
    const struct setup *setup = loader->setup;
    for (size_t i = 0; i < fields_count(setup->fields); i++) {
        const struct field *field = fields_at(setup->fields, (int)i);
        if (*field->list && !codelists_find(setup->lists, text_of(field->list))) {
            say(loader, path,
                arena_printf(setup->arena, "字段 %s 的代码表 %s 不存在", field->name, field->list),
                arena_printf(setup->arena, "the list %s of the field %s is missing", field->list,
                             field->name));
        }
    }
}

static void understand(struct loader *loader, const struct party_transport *const *transports) {
    struct setup *setup = loader->setup;
    struct verdict *verdict = loader->mistakes.verdict;
    struct setup_text fields = needed(loader, "fields"), catalog = needed(loader, "catalog");
    setup->fields = dictionary_load(fields.bytes, fields.path, setup->arena, verdict);
    setup->catalog = catalog_load(catalog.bytes, catalog.path, setup->fields, setup->arena, verdict);
    load_lists(loader);
    load_bindings(loader);
    load_parties(loader, transports);
    check_field_lists(loader, fields.path);
}

enum status setup_load(const struct setup_options *options, struct setup **out, struct verdict *mistakes) {
    struct arena *arena = arena_new();
    struct setup *setup = arena_alloc(arena, sizeof(*setup));
    setup->arena = arena;
    setup->directory = arena_string(arena, options->schemas);
    setup->texts = arena_alloc(arena, SETUP_TEXTS_MAX * sizeof(*setup->texts));
    struct loader loader = { .setup = setup, .mistakes = { mistakes, "LINT-SETUP", NULL } };
    enum status status = add_folder(&loader, "", options->schemas, false, 1);
    *out = NULL;
    if (status != STATUS_OK) {
        arena_free(arena);
        return status;
    }
    add_dropins(&loader, options);
    if (options->parties) {
        add_file(&loader, "parties", options->parties);
    }
    qsort(setup->texts, setup->count, sizeof(*setup->texts), order_of);
    find_doubles(&loader);
    setup->digest = digest_of_all(setup);
    understand(&loader, options->transports);
    *out = setup;
    return STATUS_OK;
}

void setup_free(struct setup *setup) {
    if (setup) {
        arena_free(setup->arena);
    }
}

const struct setup_text *setup_text(const struct setup *setup, const char *name) {
    const struct setup_text wanted = { .name = name };
    return bsearch(&wanted, setup->texts, setup->count, sizeof(wanted), order_of);
}
