/*
 * accounts.c - libcyaml reads the shape, as it does of the parties; what that cannot know is checked here. It
 * keeps no places, so that a mistake is told where the account's name stands.
 */
#include "adapters/api/accounts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/password.h"
#include "base/status.h"
#include "edition/yaml_mistakes.h"

#define FILE_BYTES_MAX  (8u << 20)
#define TEXT_LENGTH_MAX 200

struct accounts {
    struct arena *arena;
    struct account *list; /* by name */
    size_t count;
};

struct raw_account {
    char *name, *party, *role, *password;
    int blocked;
};

struct raw_file {
    struct raw_account *accounts;
    unsigned accounts_count;
};

#define STRING(key, member, flags) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), struct raw_account, member, 0, TEXT_LENGTH_MAX)

/* libcyaml's own flags take every misspelt `false` for true. */
static const cyaml_strval_t flags[] = { { .str = "false", .val = 0 }, { .str = "true", .val = 1 } };

static const cyaml_schema_field_t account_fields[] = {
    STRING("name", name, CYAML_FLAG_DEFAULT),
    STRING("party", party, CYAML_FLAG_DEFAULT),
    STRING("role", role, CYAML_FLAG_DEFAULT),
    STRING("password", password, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_ENUM("blocked", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct raw_account, blocked, flags,
                     2),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t account_shape = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT,
                                                                        struct raw_account, account_fields) };

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("accounts", CYAML_FLAG_POINTER, struct raw_file, accounts, &account_shape, 0,
                         ACCOUNTS_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_shape = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_file,
                                                                     file_fields) };

/* --- what the shape cannot know ------------------------------------------------------------------------- */

struct loader {
    const char *path;
    struct text source;
    const struct parties *parties;
    struct verdict *mistakes;
    struct accounts *accounts;
};

static uint32_t line_of(const struct loader *loader, const char *word) {
    const char *at = *word ? memmem(loader->source.at, loader->source.length, word, strlen(word)) : NULL;
    uint32_t line = 1;
    for (const char *c = loader->source.at; at && c < at; c++) {
        line += *c == '\n';
    }
    return line;
}

static void say(const struct loader *loader, enum severity severity, const char *word, const char *zh,
                const char *en) {
    uint32_t line = line_of(loader, word);
    verdict_add(loader->mistakes, &(struct finding){ .code = "LINT-ACCOUNT",
                                                     .severity = severity,
                                                     .place = { .line = line, .column = 1 },
                                                     .file = loader->path,
                                                     .zh = zh,
                                                     .en = en,
                                                     .secret = true });
}

#define SAY(loader, name, zh, en, ...)                                                          \
    say(loader, SEVERITY_ERROR, name, arena_printf((loader)->mistakes->arena, zh, __VA_ARGS__), \
        arena_printf((loader)->mistakes->arena, en, __VA_ARGS__))

bool account_name_is_sound(struct text name) {
    for (size_t i = 0; i < name.length; i++) {
        if (!isalnum((unsigned char)name.at[i]) && (!name.at[i] || !strchr(".-_@", name.at[i]))) {
            return false;
        }
    }
    return name.length > 0 && name.length <= ACCOUNT_NAME_MAX;
}

static const char *role_names(struct arena *arena) {
    const char *names = "";
    for (int role = SIGHT_PARTY + 1; role < SIGHT_ROLES_COUNT; role++) {
        names =
            arena_printf(arena, "%s%s%s", names, *names ? ", " : "", sight_role_text((enum sight_role)role));
    }
    return names;
}

static void check_party(const struct loader *loader, const struct account *account) {
    const struct party *party = parties_find(loader->parties, text_of(account->party));
    if (!party) {
        SAY(loader, account->name, "账户 %s 的参与方 %s 不存在", "the account %s is of %s, which is no party",
            account->name, account->party);
    } else if (!sight_role_suits(account->role, party)) {
        SAY(loader, account->name, "账户 %s 的角色 %s 须属于角色为 %s 的参与方",
            "the account %s has the role %s, which is for a party of the roles %s", account->name,
            sight_role_text(account->role), sight_role_parties(account->role));
    }
}

static void add_account(struct loader *loader, const struct raw_account *raw) {
    struct arena *arena = loader->accounts->arena;
    const char *name = raw->name ? raw->name : "", *role = raw->role ? raw->role : "";
    struct account account = { .name = arena_string(arena, name),
                               .party = arena_string(arena, raw->party ? raw->party : ""),
                               .password = arena_string(arena, raw->password ? raw->password : ""),
                               .blocked = raw->blocked };
    if (!account_name_is_sound(text_of(name))) {
        SAY(loader, name, "账户名 %.70s 须为字母、数字或 . _ - @，不超过 %d 字节",
            "the account name %.70s must be letters, digits or . _ - @, and have at most %d bytes", name,
            ACCOUNT_NAME_MAX);
    } else if (*account.password && !password_hash_is_sound(text_of(account.password))) {
        SAY(loader, name, "账户 %s 的 password 不是 clearway passwd 给出的散列",
            "the password of the account %s is no hash that `clearway passwd` made", name);
    } else if (!sight_role_find(text_of(role), &account.role)) {
        SAY(loader, name, "账户 %s 的角色 %.70s 不存在；可取 %s",
            "the account %s has the role %.70s; there are %s", name, role,
            role_names(loader->mistakes->arena));
    } else {
        check_party(loader, &account);
    }
    loader->accounts->list[loader->accounts->count++] = account;
}

static int compare(const void *one, const void *other) {
    return strcmp(((const struct account *)one)->name, ((const struct account *)other)->name);
}

static void check_twice(const struct loader *loader) {
    const struct accounts *accounts = loader->accounts;
    for (size_t i = 1; i < accounts->count; i++) {
        if (strcmp(accounts->list[i - 1].name, accounts->list[i].name) == 0) {
            SAY(loader, accounts->list[i].name, "账户 %s 出现两次", "the account %s stands there twice",
                accounts->list[i].name);
        }
    }
}

static void check_mode(const struct loader *loader) {
    struct stat info;
    if (stat(loader->path, &info) == 0 && info.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH)) {
        say(loader, SEVERITY_WARNING, "", "其他用户可读写此文件：chmod 600",
            "others than its owner may read or write this file: chmod 600");
    }
}

static void take(struct loader *loader, const struct raw_file *raw) {
    struct accounts *accounts = loader->accounts;
    accounts->list = arena_alloc(accounts->arena, (raw->accounts_count + 1) * sizeof(*accounts->list));
    for (size_t i = 0; i < raw->accounts_count; i++) {
        add_account(loader, &raw->accounts[i]);
    }
    qsort(accounts->list, accounts->count, sizeof(*accounts->list), compare);
    check_twice(loader);
    check_mode(loader);
}

/* What libcyaml found is told without the line, too: a hash may stand in it. */
static void hide_lines(struct verdict *mistakes) {
    for (size_t i = 0; i < mistakes->count; i++) {
        mistakes->findings[i].secret |= strcmp(mistakes->findings[i].code, "LINT-ACCOUNT") == 0;
    }
}

struct accounts *accounts_load(const char *path, const struct parties *parties, struct verdict *mistakes) {
    struct accounts *accounts = memory_new(sizeof(*accounts));
    struct raw_file *raw = NULL;
    struct buf source;
    buf_init(&source, FILE_BYTES_MAX);
    accounts->arena = arena_new();
    struct loader loader = { .path = path, .parties = parties, .mistakes = mistakes, .accounts = accounts };
    enum status status = file_read(path, &source);
    loader.source = buf_text(&source);
    if (status != STATUS_OK) {
        SAY(&loader, "", "账户文件 %s 无法读取：%s", "the accounts %s cannot be read: %s", path,
            status_sentence(status, LANGUAGE_EN));
    } else {
        cyaml_config_t config =
            yaml_mistakes_config(loader.source, &file_shape, path, "LINT-ACCOUNT", mistakes->arena, mistakes);
        if (cyaml_load_data((const uint8_t *)source.at, source.length, &config, &file_shape,
                            (cyaml_data_t **)&raw, NULL)
            != CYAML_OK) {
            status = STATUS_BAD_CONFIG;
        } else if (raw) {
            take(&loader, raw);
            cyaml_free(&config, &file_shape, raw, 0);
        }
        yaml_mistakes_done(&config);
    }
    hide_lines(mistakes);
    buf_release(&source);
    if (status != STATUS_OK) {
        accounts_free(accounts);
        return NULL;
    }
    return accounts;
}

void accounts_free(struct accounts *accounts) {
    if (accounts) {
        arena_free(accounts->arena);
        free(accounts);
    }
}

size_t accounts_count(const struct accounts *accounts) {
    return accounts ? accounts->count : 0;
}

const struct account *accounts_find(const struct accounts *accounts, struct text name) {
    size_t low = 0, high = accounts_count(accounts);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct account *account = &accounts->list[middle];
        struct text there = text_of(account->name);
        size_t both = there.length < name.length ? there.length : name.length;
        int order = both ? memcmp(there.at, name.at, both) : 0;
        if (order == 0 && there.length == name.length) {
            return account->blocked ? NULL : account;
        }
        if (order < 0 || (order == 0 && there.length < name.length)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
