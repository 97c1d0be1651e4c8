/*
 * settings.c - the file is read by libcyaml, by a shape made from the rows; then come environment, types,
 * paths.
 */
#include "daemon/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "edition/yaml_mistakes.h"
#include "adapters/adapters.h"

#define FILE_MAX     (1u << 20)

#define SETTINGS_MAX 128

static const struct setting_row own[] = {
#define X(id, section, key, type, change, most, value, zh, en) \
    { section, key, SETTING_TYPE_##type, SETTING_##change, most, value, zh, en },
    SETTING_LIST(X)
#undef X
};

/* The gateway's own rows, by enum setting; behind them those of each adapter. */
enum setting_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT };

struct settings {
    const struct setting_row *rows[SETTINGS_MAX];
    size_t count;
    const char *values[SETTINGS_MAX];
    enum setting_origin origins[SETTINGS_MAX];
    struct place places[SETTINGS_MAX]; /* of values from the file */
    const char *file;
    const char *folder; /* of the file: relative paths start here */
    bool unread;
};

/* --- the file: libcyaml's description of its shape, made from the rows ---------------------------------- */

struct loaded {
    char *values[SETTINGS_MAX];
};

struct file_shape {
    cyaml_schema_field_t sections[SETTINGS_MAX + 1];
    cyaml_schema_field_t keys[2 * SETTINGS_MAX]; /* one run per section, each ended by CYAML_FIELD_END */
    cyaml_schema_value_t top;
};

static bool same_section(const struct settings *settings, size_t a, size_t b) {
    return strcmp(settings->rows[a]->section, settings->rows[b]->section) == 0;
}

/* Rows of one section need not stand together: its first one stands for it. */
static bool begins_section(const struct settings *settings, size_t row) {
    for (size_t i = 0; i < row; i++) {
        if (same_section(settings, i, row)) {
            return false;
        }
    }
    return true;
}

static void file_shape_init(struct file_shape *shape, const struct settings *settings) {
    const cyaml_schema_field_t end = CYAML_FIELD_END;
    size_t section = 0, key = 0;
    for (size_t i = 0; i < settings->count; i++) {
        if (!begins_section(settings, i)) {
            continue;
        }
        cyaml_schema_field_t *first = &shape->keys[key];
        for (size_t k = i; k < settings->count; k++) {
            if (same_section(settings, i, k)) {
                cyaml_schema_field_t field =
                    CYAML_FIELD_STRING_PTR(settings->rows[k]->key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                                           struct loaded, values[0], 0, CYAML_UNLIMITED);
                field.data_offset = (uint32_t)(k * sizeof(char *));
                shape->keys[key++] = field;
            }
        }
        shape->keys[key++] = end;
        /* Every section lies in the one struct of all values, so its own offset is 0. */
        shape->sections[section++] = (cyaml_schema_field_t){
            .key = settings->rows[i]->section,
            .value = { .type = CYAML_MAPPING,
                       .flags = CYAML_FLAG_OPTIONAL,
                       .data_size = sizeof(struct loaded),
                       .mapping = { .fields = first } },
        };
    }
    shape->sections[section] = end;
    shape->top = (cyaml_schema_value_t){
        .type = CYAML_MAPPING,
        .flags = CYAML_FLAG_POINTER,
        .data_size = sizeof(struct loaded),
        .mapping = { .fields = shape->sections },
    };
}

static int row_of(const struct settings *settings, struct text section, struct text key) {
    for (size_t i = 0; i < settings->count; i++) {
        if (text_is(section, settings->rows[i]->section) && text_is(key, settings->rows[i]->key)) {
            return (int)i;
        }
    }
    return -1;
}

/* libcyaml keeps no places. In block style a section begins its line and its keys are indented; what is
 * written in another style has its values, but no places. */
static void find_places(struct settings *settings, struct text source) {
    struct text section = TEXT("");
    for (uint32_t number = 1; source.length; number++) {
        struct text line = text_until(&source, '\n'), value = line;
        struct text key = text_trim(text_until(&value, ':'));
        bool indented = line.length && (line.at[0] == ' ' || line.at[0] == '\t');
        if (!indented) {
            section = key;
            continue;
        }
        int row = row_of(settings, section, key);
        if (row >= 0) {
            struct text word = text_trim(value);
            const char *at = word.length ? word.at : line.at + line.length;
            settings->places[row] = (struct place){
                .line = number,
                .length = (uint32_t)word.length,
                .column = 1 + (uint32_t)text_characters((struct text){ line.at, (size_t)(at - line.at) })
            };
        }
    }
}

static enum status read_file(struct settings *settings, const char *path, struct arena *arena,
                             struct verdict *mistakes) {
    struct buf source;
    buf_init(&source, FILE_MAX);
    enum status status = file_read(path, &source);
    if (status == STATUS_OK) {
        struct file_shape *shape = memory_new(sizeof(*shape));
        struct loaded *loaded = NULL;
        file_shape_init(shape, settings);
        cyaml_config_t config =
            yaml_mistakes_config(buf_text(&source), &shape->top, path, "LINT-CONFIG", arena, mistakes);
        if (cyaml_load_data((const uint8_t *)source.at, source.length, &config, &shape->top,
                            (cyaml_data_t **)&loaded, NULL)
            == CYAML_OK) {
            for (size_t i = 0; loaded && i < settings->count; i++) {
                if (!loaded->values[i]) {
                    continue;
                }
                settings->values[i] = arena_string(arena, loaded->values[i]);
                settings->origins[i] = ORIGIN_FILE;
            }
            cyaml_free(&config, &shape->top, loaded, 0);
            find_places(settings, buf_text(&source));
        } else {
            settings->unread = true;
        }
        yaml_mistakes_done(&config);
        free(shape);
    }
    buf_release(&source);
    return status;
}

/* --- environment, types, paths -------------------------------------------------------------------------- */

static void environment_name(const struct setting_row *row, char name[128]) {
    snprintf(name, 128, "CLEARWAY_%s_%s", row->section, row->key);
    for (char *c = name; *c; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
}

static void read_environment(struct settings *settings, struct arena *arena) {
    for (size_t i = 0; i < settings->count; i++) {
        char name[128];
        environment_name(settings->rows[i], name);
        const char *value = getenv(name);
        if (!value) {
            continue;
        }
        settings->values[i] = arena_string(arena, value);
        settings->origins[i] = ORIGIN_ENVIRONMENT;
    }
}

static uint32_t most_of(const struct setting_row *row) {
    return row->most ? row->most : INT32_MAX;
}

static bool is_level(const char *value) {
#define X(level, text, priority)    \
    if (strcmp(value, text) == 0) { \
        return true;                \
    }
    LOG_LEVEL_LIST(X)
#undef X
    return false;
}

static bool fits(const struct setting_row *row, const char *value) {
    uint64_t number;
    enum setting_type type = row->type;
    if (type == SETTING_TYPE_NUMBER) {
        return text_to_uint(text_of(value), &number) && number <= most_of(row);
    }
    if (type == SETTING_TYPE_LEVEL) {
        return is_level(value);
    }
    if (type == SETTING_TYPE_FLAG) {
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
    }
    return true;
}

static void say_wanted(const struct setting_row *row, char zh[64], char en[64]) {
    if (row->type == SETTING_TYPE_FLAG) {
        strcpy(zh, "应为 true 或 false");
        strcpy(en, "true or false");
    } else if (row->type == SETTING_TYPE_LEVEL) {
        strcpy(zh, "应为 debug、info、warn 或 error");
        strcpy(en, "debug, info, warn or error");
    } else {
        snprintf(zh, 64, "应为不超过 %u 的整数", (unsigned)most_of(row));
        snprintf(en, 64, "a whole number up to %u", (unsigned)most_of(row));
    }
}

static void say(const struct settings *settings, size_t setting, enum severity severity, const char *zh,
                const char *en, const char *hint_zh, const char *hint_en, struct verdict *mistakes) {
    const struct setting_row *row = settings->rows[setting];
    bool in_file = settings->origins[setting] == ORIGIN_FILE;
    char path[128];
    if (settings->origins[setting] == ORIGIN_ENVIRONMENT) {
        environment_name(row, path);
    } else {
        snprintf(path, sizeof(path), "%s.%s", row->section, row->key);
    }
    verdict_add(mistakes, &(struct finding){
                              .code = "LINT-CONFIG",
                              .severity = severity,
                              .path = path,
                              .zh = zh,
                              .en = en,
                              .hint_zh = hint_zh,
                              .hint_en = hint_en,
                              .file = in_file                                        ? settings->file
                                      : settings->origins[setting] == ORIGIN_DEFAULT ? "default"
                                                                                     : "environment",
                              .place = in_file ? settings->places[setting] : (struct place){ 0 },
                          });
}

static void check_types(struct settings *settings, struct verdict *mistakes) {
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting_row *row = settings->rows[i];
        if (fits(row, settings->values[i])) {
            continue;
        }
        char zh[320], en[320], wanted_zh[64], wanted[64];
        say_wanted(row, wanted_zh, wanted);
        snprintf(zh, sizeof(zh), "%s.%s 的值 \"%.60s\" 不对：%s", row->section, row->key, settings->values[i],
                 wanted_zh);
        snprintf(en, sizeof(en), "%s.%s is \"%.60s\", %s is needed", row->section, row->key,
                 settings->values[i], wanted);
        say(settings, i, SEVERITY_ERROR, zh, en, row->zh, row->en, mistakes);
        settings->values[i] = row->value;
    }
}

static void resolve_paths(struct settings *settings, struct arena *arena) {
    for (size_t i = 0; i < settings->count; i++) {
        if (settings->rows[i]->type == SETTING_TYPE_PATH && settings->values[i][0]
            && settings->values[i][0] != '/' && settings->origins[i] != ORIGIN_ENVIRONMENT) {
            settings->values[i] = file_join(arena, settings->folder, settings->values[i]);
        }
    }
}

/* Without a word about schemas: a folder of that name here,
 * else what stands beside the program, installed or as built. */
static void find_schemas(struct settings *settings, struct arena *arena) {
    static const char *const beside[] = { "../share/clearway/schemas", "../schemas" };
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program));
    bool named = settings->origins[SETTING_SCHEMAS] != ORIGIN_DEFAULT;
    if (named || !access(settings->values[SETTING_SCHEMAS], X_OK) || length <= 0) {
        return;
    }
    while (length && program[length - 1] != '/') {
        length--;
    }
    for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
        char folder[4200];
        snprintf(folder, sizeof(folder), "%.*s%s", (int)length, program, beside[i]);
        if (access(folder, X_OK)) {
            continue;
        }
        settings->values[SETTING_SCHEMAS] = arena_string(arena, folder);
        return;
    }
}

static void gather_rows(struct settings *settings) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        settings->rows[settings->count++] = &own[i];
    }
    for (size_t i = 0; adapters[i]; i++) {
        for (size_t k = 0; k < adapters[i]->settings_count; k++) {
            require(settings->count < SETTINGS_MAX);
            settings->rows[settings->count++] = &adapters[i]->settings[k];
        }
    }
}

enum status settings_load(const char *path, struct settings **out, struct arena *arena,
                          struct verdict *mistakes) {
    struct settings *settings = arena_alloc(arena, sizeof(*settings));
    gather_rows(settings);
    for (size_t i = 0; i < settings->count; i++) {
        settings->values[i] = settings->rows[i]->value;
    }
    settings->file = path ? path : access(SETTINGS_FILE, F_OK) ? "" : SETTINGS_FILE;
    const char *slash = strrchr(settings->file, '/');
    settings->folder =
        slash ? arena_copy(arena, (struct text){ settings->file, (size_t)(slash - settings->file) }) : ".";
    if (slash == settings->file) {
        settings->folder = "/";
    }
    enum status status = settings->file[0] ? read_file(settings, settings->file, arena, mistakes) : STATUS_OK;
    read_environment(settings, arena);
    check_types(settings, mistakes);
    resolve_paths(settings, arena);
    find_schemas(settings, arena);
    *out = settings;
    return status;
}

enum status settings_read_anew(const struct settings *settings, struct settings **out, size_t *changed,
                               struct arena *arena, struct verdict *mistakes) {
    enum status status = settings_load(settings->file[0] ? settings->file : NULL, out, arena, mistakes);
    const struct settings *now = *out;
    *changed = 0;
    for (size_t i = 0; status == STATUS_OK && settings_are_read(now) && i < now->count; i++) {
        const struct setting_row *row = now->rows[i];
        if (strcmp(now->values[i], settings->values[i]) == 0) {
            continue;
        }
        if (row->change == SETTING_RELOAD) {
            (*changed)++;
            continue;
        }
        say(now, i, SEVERITY_ERROR,
            arena_printf(arena, "%s.%s 已由 \"%.60s\" 改为 \"%.60s\"：须重启网关", row->section, row->key,
                         settings->values[i], now->values[i]),
            arena_printf(arena, "%s.%s was \"%.60s\" and is now \"%.60s\": that needs a restart",
                         row->section, row->key, settings->values[i], now->values[i]),
            "请改回，或重启网关；clearway config show 列出各项如何生效",
            "set it back, or start the gateway again; clearway config show tells of each how it changes",
            mistakes);
    }
    return status;
}

bool settings_next_change(const struct settings *before, const struct settings *after, size_t *at,
                          char name[SETTING_NAME_MAX]) {
    require(before->count == after->count && *at <= after->count);
    while (*at < after->count && strcmp(before->values[*at], after->values[*at]) == 0) {
        (*at)++;
    }
    if (*at == after->count) {
        return false;
    }
    const struct setting_row *row = after->rows[(*at)++];
    snprintf(name, SETTING_NAME_MAX, "%s.%s", row->section, row->key);
    return true;
}

bool settings_are_read(const struct settings *settings) {
    return !settings->unread;
}

static void say_of_adapter(const struct adapter_settings *of, size_t row, enum severity severity,
                           const char *zh, const char *en, const char *hint_zh, const char *hint_en,
                           struct verdict *mistakes) {
    say(of->settings, of->first + row, severity, zh, en, hint_zh, hint_en, mistakes);
}

/* --- asking --------------------------------------------------------------------------------------------- */

void settings_say(const struct settings *settings, enum setting setting, enum severity severity,
                  const char *zh, const char *en, const char *hint_zh, const char *hint_en,
                  struct verdict *mistakes) {
    require(setting < settings->count);
    say(settings, setting, severity, zh, en, hint_zh, hint_en, mistakes);
}

struct adapter_settings settings_adapter(const struct settings *settings, const struct adapter *adapter) {
    size_t first = SETTING_COUNT;
    for (size_t i = 0; adapters[i] != adapter; i++) {
        require(adapters[i]);
        first += adapters[i]->settings_count;
    }
    struct budget_limits limits = settings_budget(settings);
    return (struct adapter_settings){ .rows = adapter->settings,
                                      .values = &settings->values[first],
                                      .say = say_of_adapter,
                                      .parties = settings->values[SETTING_PARTIES],
                                      .party_messages = limits.party_messages,
                                      .party_bytes = limits.party_bytes,
                                      .delivery_timeout_ms =
                                          (int)settings_number(settings, SETTING_DELIVERY_TIMEOUT_MS),
                                      .settings = settings,
                                      .first = first };
}

const char *settings_text(const struct settings *settings, enum setting setting) {
    require(setting < settings->count);
    return settings->values[setting];
}

int64_t settings_number(const struct settings *settings, enum setting setting) {
    require(own[setting].type == SETTING_TYPE_NUMBER);
    return strtoll(settings->values[setting], NULL, 10);
}

struct edition_options settings_edition(const struct settings *settings) {
    struct edition_options options = { .schemas = settings->values[SETTING_SCHEMAS],
                                       .parties = settings->values[SETTING_PARTIES],
                                       .pick_up_key = settings->values[SETTING_PICK_UP_KEY],
                                       .transports = adapter_transports };
    static const enum setting dropins[] = { SETTING_DROPIN_WCO, SETTING_DROPIN_CEB };
    for (size_t i = 0, given = 0; i < sizeof(dropins) / sizeof(*dropins); i++) {
        if (settings->values[dropins[i]][0]) {
            options.dropins[given].name = own[dropins[i]].key;
            options.dropins[given++].folder = settings->values[dropins[i]];
        }
    }
    return options;
}

static uint64_t bytes_of(const struct settings *settings, enum setting setting) {
    return (uint64_t)settings_number(settings, setting) << 20;
}

struct budget_limits settings_budget(const struct settings *settings) {
    return (struct budget_limits){
        .lag_max = (uint64_t)settings_number(settings, SETTING_LAG_MAX),
        .party_messages = (size_t)settings_number(settings, SETTING_PARTY_MESSAGES),
        .party_bytes = bytes_of(settings, SETTING_PARTY_MIB),
        .day_bytes = bytes_of(settings, SETTING_DAY_MIB),
        .day_refused_bytes = bytes_of(settings, SETTING_DAY_REFUSED_MIB),
    };
}

struct dispatch_limits settings_dispatch(const struct settings *settings) {
    return (struct dispatch_limits){
        .attempts = (uint32_t)settings_number(settings, SETTING_DELIVERY_ATTEMPTS),
        .retry_first_ms = (int)settings_number(settings, SETTING_DELIVERY_FIRST_MS),
        .retry_max_ms = (int)settings_number(settings, SETTING_DELIVERY_MAX_MS),
        .timeout_ms = (int)settings_number(settings, SETTING_DELIVERY_TIMEOUT_MS),
        .give_up_ms = settings_number(settings, SETTING_DELIVERY_GIVE_UP_S) * 1000,
    };
}

enum log_level settings_log_level(const struct settings *settings) {
    const char *name = settings_text(settings, SETTING_LOG_LEVEL);
#define X(level, text, priority)   \
    if (strcmp(name, text) == 0) { \
        return LOG_##level;        \
    }
    LOG_LEVEL_LIST(X)
#undef X
    return LOG_INFO; /* what is no level was a mistake, and is its default */
}

static void print_row(const struct settings *settings, size_t row, bool origin, enum language language,
                      struct buf *out) {
    static const struct {
        const char *zh, *en;
    } origins[] = {
        [ORIGIN_DEFAULT] = { "来自默认值", "from default" },
        [ORIGIN_FILE] = { "来自文件", "from file" },
        [ORIGIN_ENVIRONMENT] = { "来自环境变量", "from environment" },
    };
    const struct setting_row *at = settings->rows[row];
    const char *change = at->change == SETTING_RELOAD
                             ? language_pick(language, "（改后重新加载）", " [reload]")
                             : language_pick(language, "（改后重启）", " [restart]");
    buf_printf(out, "  # %s%s\n  %s: \"%s\"", language_pick(language, at->zh, at->en), change, at->key,
               settings->values[row]);
    if (origin) {
        enum setting_origin from = settings->origins[row];
        buf_printf(out, "   # %s", language_pick(language, origins[from].zh, origins[from].en));
    }
    buf_add_char(out, '\n');
}

void settings_print(const struct settings *settings, bool origin, enum language language, struct buf *out) {
    for (size_t i = 0; i < settings->count; i++) {
        if (begins_section(settings, i)) {
            buf_printf(out, "%s:\n", settings->rows[i]->section);
            for (size_t k = i; k < settings->count; k++) {
                if (same_section(settings, i, k)) {
                    print_row(settings, k, origin, language, out);
                }
            }
        }
    }
}
