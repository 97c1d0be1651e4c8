/*
 * preflight.c - the gateway's own folders; and the look of each adapter at what it needs.
 */
#include "daemon/preflight.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "journal/name.h"
#include "journal/segment.h"
#include "adapters/adapters.h"

static void say_folder(const struct settings *settings, enum setting setting, const char *folder, int why,
                       struct verdict *mistakes) {
    struct arena *arena = mistakes->arena;
    settings_say(settings, setting, SEVERITY_ERROR,
                 arena_printf(arena, "文件夹 %.1000s 无法使用：%s", *folder ? folder : "（未填写）",
                              error_sentence(why, LANGUAGE_ZH)),
                 arena_printf(arena, "the folder %.1000s cannot be used: %s",
                              *folder ? folder : "(none is named)", error_sentence(why, LANGUAGE_EN)),
                 "请指定运行网关的用户可用的文件夹",
                 "name a folder that the user who runs the gateway may use", mistakes);
}

/* What keeps the folder from being used so, 0 if nothing does. */
static int fault_of_folder(const char *folder, int use) {
    struct stat info;
    if (stat(folder, &info) != 0) {
        return errno;
    }
    return !S_ISDIR(info.st_mode) ? ENOTDIR : access(folder, use) != 0 ? errno : 0;
}

/* The data folder is made at the start, in the nearest folder above it that is there. */
static int fault_of_data(const char *folder, struct arena *arena) {
    int why = fault_of_folder(folder, R_OK | W_OK | X_OK);
    for (const char *slash; why == ENOENT && *folder && strcmp(folder, ".") != 0;) {
        slash = strrchr(folder, '/');
        struct text above = { folder, slash ? (size_t)(slash - folder) : 0 };
        folder = !slash ? "." : slash == folder ? "/" : arena_copy(arena, above);
        why = fault_of_folder(folder, W_OK | X_OK);
    }
    return why;
}

/* A journal keeps the name it was made with: receipts bear it. */
static void look_at_journal(const struct settings *settings, struct verdict *mistakes) {
    const char *name = settings_text(settings, SETTING_JOURNAL_NAME);
    struct arena *arena = mistakes->arena;
    char found[JOURNAL_NAME_MAX];
    if (*name && !journal_name_is_possible(name)) {
        settings_say(settings, SETTING_JOURNAL_NAME, SEVERITY_ERROR,
                     arena_printf(arena, "%.100s 不能作日志名", name),
                     arena_printf(arena, "%.100s cannot be the name of a journal", name),
                     "1 至 63 个字符：A-Z a-z 0-9 . _ -，以字母或数字开头",
                     "1 to 63 of A-Z a-z 0-9 . _ -, a letter or a digit first", mistakes);
    } else if (*name && segment_journal_name(settings_text(settings, SETTING_DATA), found) == STATUS_OK
               && strcmp(name, found) != 0) {
        settings_say(settings, SETTING_JOURNAL_NAME, SEVERITY_ERROR,
                     arena_printf(arena, "数据文件夹中的日志名为 %s，而非 %s", found, name),
                     arena_printf(arena, "the journal in the data folder is called %s, not %s", found, name),
                     "日志名已写入其回执，不再改变：请写上它的名字，或另指数据文件夹",
                     "its receipts bear its name, which never changes: name it so, or another data folder",
                     mistakes);
    }
}

void preflight_folders(const struct settings *settings, struct verdict *mistakes) {
    const char *data = settings_text(settings, SETTING_DATA);
    const char *schemas = settings_text(settings, SETTING_SCHEMAS);
    int why = fault_of_data(data, mistakes->arena);
    if (why != 0) {
        say_folder(settings, SETTING_DATA, data, why, mistakes);
    }
    look_at_journal(settings, mistakes);
    why = fault_of_folder(schemas, R_OK | X_OK);
    if (why != 0) {
        say_folder(settings, SETTING_SCHEMAS, schemas, why, mistakes);
    }
}

void preflight(const struct settings *settings, const struct edition *edition, struct verdict *mistakes) {
    require(settings_are_read(settings));
    for (size_t i = 0; adapters[i]; i++) {
        if (adapters[i]->check) {
            struct adapter_settings set = settings_adapter(settings, adapters[i]);
            adapters[i]->check(&set, edition, mistakes);
        }
    }
}

void preflight_probe(const struct settings *settings, const struct edition *edition, struct probe *probe) {
    require(settings_are_read(settings));
    struct arena *arena = probe->mistakes->arena;
    probe->running =
        file_lock_holder(file_join(arena, settings_text(settings, SETTING_DATA), "journal/lock"));
    if (probe->running) {
        probe_tell(probe, true, settings_text(settings, SETTING_DATA),
                   arena_printf(arena,
                                "已有网关按此数据文件夹运行（进程 %ld）；clearway reload --dry-run "
                                "问它重新加载将有何改变",
                                probe->running),
                   arena_printf(arena,
                                "a gateway runs by this data folder (process %ld); clearway reload --dry-run "
                                "asks it what a reload would change",
                                probe->running));
    }
    for (size_t i = 0; adapters[i]; i++) {
        if (adapters[i]->probe) {
            struct adapter_settings set = settings_adapter(settings, adapters[i]);
            adapters[i]->probe(&set, edition, probe);
        }
    }
}
