/*
 * people.c - settings are cut into what is compared later; of the proxy's secret only the digest is kept.
 */
#include "adapters/api/people.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

#define SECRET_FILE_MAX 4096

struct loader {
    const struct people_options *options;
    struct people *people;
    struct verdict *mistakes;
};

static bool is_set(const struct people_options *options, enum people_option option) {
    return *options->values[option] != '\0';
}

static void say(const struct loader *loader, enum people_option option, const char *zh, const char *en) {
    loader->options->say(loader->options->context, option, SEVERITY_ERROR, zh, en, loader->mistakes);
}

/* As a browser serializes it (RFC 6454, 6.2): scheme, host, the port unless it is the scheme's own. */
static bool is_origin(struct text origin) {
    size_t scheme = text_starts(origin, "https://") ? 8 : text_starts(origin, "http://") ? 7 : 0;
    for (size_t i = scheme; i < origin.length; i++) {
        char c = origin.at[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(".-:[]", c);
        if (!fits || c == '\0') {
            return false;
        }
    }
    return scheme > 0 && origin.length > scheme;
}

static void read_origins(struct loader *loader) {
    struct people *people = loader->people;
    struct text rest = text_of(arena_string(people->arena, loader->options->values[PEOPLE_ORIGINS]));
    while (rest.length) {
        struct text origin = text_trim(text_until(&rest, ' '));
        if (!origin.length) {
            continue;
        }
        if (!is_origin(origin) || people->origins_count == PEOPLE_ORIGINS_MAX) {
            say(loader, PEOPLE_ORIGINS,
                arena_printf(loader->mistakes->arena,
                             "%.*s 不是来源（小写的 https://主机[:端口]，以空格分隔，至多 %d 个）",
                             (int)(origin.length < 100 ? origin.length : 100), origin.at, PEOPLE_ORIGINS_MAX),
                arena_printf(loader->mistakes->arena,
                             "%.*s is no origin (https://HOST[:PORT] in small letters, blanks between"
                             " them, at most %d)",
                             (int)(origin.length < 100 ? origin.length : 100), origin.at,
                             PEOPLE_ORIGINS_MAX));
            return;
        }
        people->origins[people->origins_count++] = origin;
    }
}

static void read_secret(struct loader *loader) {
    struct buf text;
    buf_init(&text, SECRET_FILE_MAX);
    enum status status = file_read(loader->options->values[PEOPLE_PROXY_SECRET], &text);
    struct text secret = text_trim(buf_text(&text));
    if (status != STATUS_OK) {
        say(loader, PEOPLE_PROXY_SECRET,
            arena_printf(loader->mistakes->arena, "文件无法读取：%s", status_sentence(status, LANGUAGE_ZH)),
            arena_printf(loader->mistakes->arena, "the file cannot be read: %s",
                         status_sentence(status, LANGUAGE_EN)));
    } else if (secret.length < PEOPLE_SECRET_MIN) {
        say(loader, PEOPLE_PROXY_SECRET, "密文至少 32 字节（openssl rand -hex 32）",
            "the secret has at least 32 bytes (openssl rand -hex 32)");
    } else {
        loader->people->has_secret = true;
        loader->people->secret = digest_of(secret.at, secret.length);
    }
    if (text.at) {
        explicit_bzero(text.at, text.capacity);
    }
    buf_release(&text);
}

/* A field's name (RFC 9110, 5.1), and one that means nothing else here. */
static bool is_free_name(const char *name) {
    static const char *const taken[] = { "cookie", "origin", "host", PEOPLE_SECRET_HEADER };
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
        if (strcasecmp(name, taken[i]) == 0) {
            return false;
        }
    }
    return name[strspn(name, "!#$%&'*+-.^_`|~0123456789"
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")]
           == '\0';
}

/* What the proxy says in such a header is believed: so it must prove itself, and the name must be one. */
static void check_header(const struct loader *loader, enum people_option option) {
    const struct people_options *options = loader->options;
    bool proves = is_set(options, PEOPLE_PROXY_SECRET) || is_set(options, PEOPLE_PROXY);
    if (!is_set(options, option)) {
        return;
    }
    if (!proves) {
        say(loader, option, "代理须能证明自己：请设 people.proxy_secret，或 people.proxy 与 people.client_ca",
            "the proxy must prove itself: set people.proxy_secret, or people.proxy and people.client_ca");
    } else if (!is_free_name(options->values[option])) {
        say(loader, option, "这不是可用的报头字段名", "this is no name of a header that is free for it");
    }
}

static void check_proxy(const struct loader *loader) {
    const struct people_options *options = loader->options;
    bool proves = is_set(options, PEOPLE_PROXY_SECRET) || is_set(options, PEOPLE_PROXY);
    bool says = is_set(options, PEOPLE_USER_HEADER) || is_set(options, PEOPLE_CLIENT_HEADER);
    check_header(loader, PEOPLE_USER_HEADER);
    check_header(loader, PEOPLE_CLIENT_HEADER);
    if (proves && !says) {
        say(loader, is_set(options, PEOPLE_PROXY) ? PEOPLE_PROXY : PEOPLE_PROXY_SECRET,
            "代理以哪个报头字段给出账户或客户端地址：请设 people.user_header 或 people.client_header",
            "in which header does the proxy name the account, or the client's address? Set people.user_header"
            " or people.client_header");
    } else if (is_set(options, PEOPLE_USER_HEADER)
               && strcasecmp(options->values[PEOPLE_USER_HEADER], options->values[PEOPLE_CLIENT_HEADER])
                      == 0) {
        say(loader, PEOPLE_CLIENT_HEADER, "与 people.user_header 相同", "it is people.user_header as well");
    }
}

struct people *people_load(const struct people_options *options, struct verdict *mistakes) {
    require(options->say && options->parties);
    struct people *people = memory_new(sizeof(*people));
    struct loader loader = { options, people, mistakes };
    people->arena = arena_new();
    if (is_set(options, PEOPLE_ACCOUNTS)) {
        people->accounts = accounts_load(options->values[PEOPLE_ACCOUNTS], options->parties, mistakes);
    }
    read_origins(&loader);
    if (is_set(options, PEOPLE_PROXY_SECRET)) {
        read_secret(&loader);
    }
    check_proxy(&loader);
    people->user_header = text_of(arena_string(people->arena, options->values[PEOPLE_USER_HEADER]));
    people->client_header = text_of(arena_string(people->arena, options->values[PEOPLE_CLIENT_HEADER]));
    people->proxy = text_of(arena_string(people->arena, options->values[PEOPLE_PROXY]));
    people->terms = (struct session_terms){
        .idle = (options->idle_minutes ? options->idle_minutes : 1) * 60 * STAMP_SECOND,
        .whole = (options->session_hours ? options->session_hours : 1) * 3600 * STAMP_SECOND,
    };
    return people;
}

void people_free(struct people *people) {
    if (people) {
        accounts_free(people->accounts);
        arena_free(people->arena);
        free(people);
    }
}

bool people_have_origin(const struct people *people, struct text origin) {
    for (size_t i = 0; i < people->origins_count; i++) {
        if (text_equal(people->origins[i], origin)) {
            return true;
        }
    }
    return false;
}

bool people_know_secret(const struct people *people, struct text secret) {
    struct digest digest = digest_of(secret.at ? secret.at : "", secret.length);
    return people->has_secret && secret.length && digest_equal(&digest, &people->secret);
}
