/*
 * adapter.c - folders as a row of the list of adapters.
 *
 * In the parties file:
 *   files: { folder: /srv/clearway/fwd-qd-01 }      OutBox, SentBox, FailBox, InBox below it
 */
#include <string.h>

#include "adapters/adapters.h"
#include "adapters/files/counters.h"
#include "adapters/files/files.h"
#include "adapters/files/identity.h"

/* "/srv/a//" and "/srv/a" are one folder. */
static const char *without_last_slashes(const char *value, struct arena *arena) {
    struct text folder = text_of(value);
    while (folder.length > 1 && folder.at[folder.length - 1] == '/') {
        folder.length--;
    }
    return arena_copy(arena, folder);
}

/* A folder inside another party's folder would show it what is not for it. Folders that are one under two
 * names are found by looking at the disk. */
static void check_nesting(const struct party_row *row, const char *folder) {
    struct text above = text_of(folder);
    while (above.length > 1) {
        above.length--;
        const struct party *outer =
            folder[above.length] == '/' ? parties_holder(row->parties, "files", "folder", above) : NULL;
        if (outer) {
            party_mistake(
                row, folder,
                arena_printf(row->arena, "文件夹 %s 位于参与方 %s 的文件夹之内", folder, outer->code),
                arena_printf(row->arena, "the folder %s lies in the folder of %s", folder, outer->code));
        }
    }
}

static void check_stanza(const struct party_row *row, const struct party_stanza *stanza) {
    const char *folder = stanza_text(stanza, "folder");
    if (folder[0] != '/' || strstr(folder, "/../") || strstr(folder, "/./")) {
        party_mistake(
            row, folder, arena_printf(row->arena, "文件夹 %s 须为绝对路径，不含 . 与 ..", folder),
            arena_printf(row->arena, "the folder %s must be an absolute path without . and ..", folder));
    }
    check_nesting(row, folder);
}

static const struct party_key stanza_keys[] = {
    { .name = "folder", .zh = "文件夹", .en = "folder", .normal = without_last_slashes },
    { .name = NULL },
};

const struct party_transport files_transport = {
    .name = "files", .keys = stanza_keys, .delivers = true, .answers = true, .check = check_stanza
};

/* --- what it needs ------------------------------------------------------------------------------------ */

enum { ENABLED };

/* clang-format off */
static const struct setting_row setting_rows[] = {
    [ENABLED] = { "files", "enabled", SETTING_TYPE_FLAG, SETTING_RESTART, 0, "true",
        "为设有文件夹的参与方收发文件",
        "serve the folders of parties that have one" },
};
/* clang-format on */

static void check(const struct adapter_settings *settings, const struct edition *edition,
                  struct verdict *mistakes) {
    if (adapter_flag(settings, ENABLED)) {
        folders_check(settings->parties, edition, mistakes);
    }
}

/* --- its life ----------------------------------------------------------------------------------------- */

static enum status start(const struct adapter_rooms *rooms, void **out) {
    struct files *files = NULL;
    struct files_options options = { .loop = rooms->loop,
                                     .journal = rooms->journal,
                                     .directory = rooms->directory,
                                     .edition = rooms->edition,
                                     .intake = rooms->intake,
                                     .on_damage = rooms->on_damage,
                                     .context = rooms->context };
    enum status status = adapter_flag(&rooms->settings, ENABLED) ? files_start(&options, &files) : STATUS_OK;
    *out = files;
    return status;
}

static void reload(void *running, const struct edition *edition, void *prepared) {
    files_change(running, edition);
}

static const struct port *port(void *running) {
    return files_port(running);
}

static void diagnose(void *running, stamp now, struct diagnosis *out) {
    files_diagnose(running, now, out);
}

static void stop(void *running) {
    files_stop(running);
}

const struct adapter files_adapter = {
    .transport = &files_transport,
    .zh = "文件夹无法收发",
    .en = "folders cannot be served",
    .settings = setting_rows,
    .counters = files_counters,
    .settings_count = sizeof(setting_rows) / sizeof(*setting_rows),
    .check = check,
    .start = start,
    .port = port,
    .diagnose = diagnose,
    .reload = reload,
    .stop = stop,
};
