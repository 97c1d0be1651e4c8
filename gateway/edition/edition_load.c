/*
 * edition_load.c - folders become texts, texts become what the gateway judges by: first what others name
 * (fields, catalog, lists), then those that name it.
 *
 * Texts are sorted by name in byte order, so the digest does not depend on the order a file system lists them
 * in. Its digest is SHA-256 over each name, a NUL and the digest of its bytes.
 */
#include "edition/edition.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/public_key.h"
#include "base/status.h"
#include "message/mistakes.h"
#include "edition/alerts.h"
#include "edition/binding.h"
#include "edition/dictionary.h"
#include "edition/lists.h"
#include "edition/modes.h"
#include "edition/pairs.h"
#include "edition/ports.h"
#include "edition/priorities.h"
#include "edition/routes.h"
#include "edition/rule_set.h"
#include "edition/segments.h"
#include "edition/slots.h"
#include "edition/terms.h"
#include "edition/workdays.h"

#define LISTS "lists/"

struct loader {
    struct edition *edition;
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
    if (loader->edition->count == EDITION_TEXTS_MAX) {
        say(loader, path, "配置文本过多", "too many texts in the edition");
    } else if (size > EDITION_TOTAL_MAX - loader->total) {
        say(loader, path, "配置文本总量超过 64 MiB", "the texts of the edition pass 64 MiB together");
    } else {
        return true;
    }
    return false;
}

static void add_file(struct loader *loader, const char *name, const char *path) {
    struct edition *edition = loader->edition;
    struct buf buf;
    buf_init(&buf, EDITION_TEXT_MAX);
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
        edition->texts[edition->count++] = (struct edition_text){
            .name = arena_string(edition->arena, name),
            .path = arena_string(edition->arena, path),
            .bytes = { arena_copy(edition->arena, buf_text(&buf)), buf.length },
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
    struct arena *arena = loader->edition->arena;
    const char *name = arena_printf(arena, "%s%s", prefix, entry->d_name);
    const char *path = file_join(arena, folder, entry->d_name);
    struct stat link, target;
    if (lstat(path, &link) != 0 || stat(path, &target) != 0) {
        say(loader, path, "文件无法读取", "the file cannot be read");
    } else if (S_ISDIR(target.st_mode) && S_ISLNK(link.st_mode)) {
        say(loader, path, "不跟随指向文件夹的符号链接", "a symbolic link to a folder is not followed");
    } else if (S_ISDIR(target.st_mode) && depth == EDITION_DEPTH_MAX) {
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

static void add_dropins(struct loader *loader, const struct edition_options *options) {
    struct arena *arena = loader->edition->arena;
    for (size_t i = 0; i < EDITION_DROPINS_MAX && options->dropins[i].name; i++) {
        const struct edition_dropin *dropin = &options->dropins[i];
        loader->edition->dropins[i] = (struct edition_dropin){
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

static void add_pick_up_key(struct loader *loader, const char *path) {
    struct edition *edition = loader->edition;
    unsigned char *key = arena_alloc(edition->arena, ED25519_KEY_SIZE), public_key[ED25519_KEY_SIZE];
    char base64[BASE64_SIZE(ED25519_KEY_SIZE)];
    struct buf pem;
    buf_init(&pem, EDITION_TEXT_MAX);
    if (file_read(path, &pem) != STATUS_OK || !ed25519_read(buf_text(&pem), key)) {
        say(loader, path, "提箱凭证的签名密钥无法读取，或不是 PEM 格式的 Ed25519 私钥",
            "the key of the pick-up tokens cannot be read, or is no Ed25519 private key in PEM");
    } else if (has_room(loader, path, sizeof(base64))) {
        ed25519_public(key, public_key);
        const char *text =
            arena_printf(edition->arena, "%s\n", base64_print(public_key, sizeof(public_key), base64));
        edition->pick_up_key = key;
        edition->texts[edition->count++] = (struct edition_text){
            .name = PICK_UP_KEY,
            .path = arena_string(edition->arena, path),
            .bytes = text_of(text),
            .digest = digest_of(text, strlen(text)),
        };
        loader->total += strlen(text);
    }
    buf_release(&pem);
}

static int order_of(const void *a, const void *b) {
    return strcmp(((const struct edition_text *)a)->name, ((const struct edition_text *)b)->name);
}

/* A file `parties` or a folder `dropin` among the schemas. */
static void find_doubles(struct loader *loader) {
    const struct edition *edition = loader->edition;
    for (size_t i = 1; i < edition->count; i++) {
        if (strcmp(edition->texts[i - 1].name, edition->texts[i].name) == 0) {
            say(loader, edition->texts[i].path, "与另一文本同名", "another text has the same name");
        }
    }
}

static struct digest digest_of_all(const struct edition *edition) {
    struct digester *digester = digester_new();
    for (size_t i = 0; i < edition->count; i++) {
        digester_add(digester, edition->texts[i].name, strlen(edition->texts[i].name) + 1);
        digester_add(digester, edition->texts[i].digest.bytes, DIGEST_SIZE);
    }
    struct digest digest = digester_finish(digester);
    digester_free(digester);
    return digest;
}

/* --- understanding them --------------------------------------------------------------------------------- */

/* An absent text is a mistake of its own and then reads as empty. */
static struct edition_text needed(struct loader *loader, const char *name) {
    const struct edition_text *text = edition_text(loader->edition, name);
    if (text) {
        return *text;
    }
    struct arena *arena = loader->edition->arena;
    const char *path = file_join(arena, loader->edition->directory, name);
    say(loader, path, arena_printf(arena, "缺少文件 %s", name),
        arena_printf(arena, "the file %s is missing", name));
    return (struct edition_text){ .name = name, .path = path };
}

static void load_lists(struct loader *loader) {
    struct edition *edition = loader->edition;
    edition->lists = codelists_new(edition->arena);
    for (size_t i = 0; i < edition->count; i++) {
        const struct edition_text *text = &edition->texts[i];
        if (strncmp(text->name, LISTS, strlen(LISTS)) == 0) {
            lists_load(edition->lists, text->name + strlen(LISTS), text->bytes, text->path, edition->arena,
                       loader->mistakes.verdict);
        }
    }
}

static void load_bindings(struct loader *loader) {
    struct edition *edition = loader->edition;
    edition->bindings =
        arena_alloc(edition->arena, (edition->catalog->count + 1) * sizeof(*edition->bindings));
    for (size_t i = 0; i < edition->catalog->count; i++) {
        if (*edition->catalog->formats[i].binding) {
            struct edition_text text = needed(loader, edition->catalog->formats[i].binding);
            edition->bindings[i] = text.bytes.at ? binding_load(text.bytes, text.path, edition->fields,
                                                                edition->arena, loader->mistakes.verdict)
                                                 : NULL;
        }
    }
}

static void load_parties(struct loader *loader, const struct party_transport *const *transports) {
    struct edition *edition = loader->edition;
    const struct edition_text *text = edition_text(edition, "parties");
    edition->parties =
        text ? parties_load(text->bytes, text->path, transports, edition->arena, loader->mistakes.verdict)
             : NULL;
    if (!edition->parties) {
        edition->parties = arena_alloc(edition->arena, sizeof(*edition->parties));
    }
}

/* A field's code list must be there, or a rule that names it would be the first to find out. */
static void check_field_lists(struct loader *loader, const char *path) {
    const struct edition *edition = loader->edition;
    for (size_t i = 0; i < fields_count(edition->fields); i++) {
        const struct field *field = fields_at(edition->fields, (int)i);
        if (*field->list && !codelists_find(edition->lists, text_of(field->list))) {
            say(loader, path,
                arena_printf(edition->arena, "字段 %s 的代码表 %s 不存在", field->name, field->list),
                arena_printf(edition->arena, "the list %s of the field %s is missing", field->list,
                             field->name));
        }
    }
}

static void understand(struct loader *loader, const struct party_transport *const *transports) {
    struct edition *edition = loader->edition;
    struct verdict *verdict = loader->mistakes.verdict;
    struct edition_text fields = needed(loader, "fields"), catalog = needed(loader, "catalog");
    edition->fields = dictionary_load(fields.bytes, fields.path, edition->arena, verdict);
    edition->catalog = catalog_load(catalog.bytes, catalog.path, edition->fields, edition->arena, verdict);
    load_lists(loader);
    pairs_check(edition, verdict);
    load_bindings(loader);
    load_parties(loader, transports);
    check_field_lists(loader, fields.path);
    edition->rules = rule_set_load(edition, verdict);
    edition->routes = routes_load(edition, verdict);
    edition->segments = segments_load(edition, verdict);
    edition->slots = slots_load(edition, verdict);
    edition->ports = ports_load(edition, verdict);
    edition->modes = modes_load(edition, verdict);
    edition->terms = terms_load(edition, verdict);
    edition->workdays = workdays_load(edition, verdict);
    edition->priorities = priorities_load(edition, verdict);
    edition->alerts = alerts_load(edition, verdict);
}

enum status edition_load(const struct edition_options *options, struct edition **out,
                         struct verdict *mistakes) {
    require(options->schemas && out && mistakes);
    struct arena *arena = arena_new();
    struct edition *edition = arena_alloc(arena, sizeof(*edition));
    edition->arena = arena;
    edition->holds = 1;
    edition->directory = arena_string(arena, options->schemas);
    edition->texts = arena_alloc(arena, EDITION_TEXTS_MAX * sizeof(*edition->texts));
    struct loader loader = { .edition = edition, .mistakes = { mistakes, "LINT-EDITION", NULL } };
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
    if (options->pick_up_key && *options->pick_up_key) {
        add_pick_up_key(&loader, options->pick_up_key);
    }
    qsort(edition->texts, edition->count, sizeof(*edition->texts), order_of);
    find_doubles(&loader);
    edition->digest = digest_of_all(edition);
    understand(&loader, options->transports);
    *out = edition;
    return STATUS_OK;
}
