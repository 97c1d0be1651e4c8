/*
 * remote.c - a running gateway: who asks (options, else the environment) → client → its answer on stdout, or
 * why there is none on stderr.
 */
#include "daemon/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/status.h"
#include "view/page.h"

static const char *option_or(const struct invocation *inv, const char *name, const char *environment) {
    const char *value = invocation_option(inv, name);
    value = value ? value : getenv(environment);
    return value && *value ? value : NULL;
}

struct client *remote_client(const struct invocation *inv, int timeout_ms) {
    require(timeout_ms > 0);
    struct client_options options = {
        .server = option_or(inv, "server", "CLEARWAY_SERVER"),
        .certificate = option_or(inv, "cert", "CLEARWAY_CERT"),
        .key = option_or(inv, "key", "CLEARWAY_KEY"),
        .ca = option_or(inv, "ca", "CLEARWAY_CA"),
        .timeout_ms = timeout_ms,
        .language = inv->language,
    };
    return options.server ? client_new(&options) : NULL;
}

struct client *remote_control(struct invocation *inv, const char *data, int timeout_ms) {
    require(timeout_ms > 0);
    struct client_options options = { .socket = file_join(inv->arena, data, "control.sock"),
                                      .timeout_ms = timeout_ms,
                                      .language = inv->language };
    return client_new(&options);
}

int remote_fail(const struct invocation *inv, enum status status, const struct client_answer *answer) {
    char mistake[256];
    struct arena *arena = arena_new();
    const struct json *problem =
        status != STATUS_OK ? NULL : json_parse(arena, buf_text(&answer->body), mistake, sizeof(mistake));
    const char *detail = problem ? json_string_at(problem, "detail") : NULL;
    enum status meant = status != STATUS_OK ? status : client_status(answer);
    const char *why = invocation_pick(inv, answer->why.zh, answer->why.en);
    const char *why_not = detail ? detail : status != STATUS_OK ? why : status_sentence(meant, inv->language);
    invocation_say(inv, "%s", "%s", why_not);
    arena_free(arena);
    return status_exit(meant);
}

const char *remote_escape(struct invocation *inv, const char *text) {
    char *out = arena_alloc(inv->arena, 3 * strlen(text) + 1), *to = out;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        to += sprintf(to,
                      strchr("-._~", *at) || (*at < 128 && (*at | 32) >= 'a' && (*at | 32) <= 'z')
                              || (*at >= '0' && *at <= '9')
                          ? "%c"
                          : "%%%02X",
                      *at);
    }
    return out;
}

/* to: where its body goes as it comes; NULL: into *answer. 0, and *answer is to be released; else the exit
 * code, once it is told why. */
static int ask_for(struct invocation *inv, struct client *client, const char *path, enum view_form form,
                   FILE *to, struct client_answer *answer) {
    const char *const accept[] = { arena_printf(inv->arena, "Accept: %s", view_form_type(form)), NULL };
    enum status status =
        to ? client_fetch(client, path, accept, to, answer) : client_ask(client, path, NULL, accept, answer);
    if (status == STATUS_OK && client_status(answer) == STATUS_OK) {
        return 0;
    }
    int code = remote_fail(inv, status, answer);
    client_release(answer);
    return code;
}

int remote_get(struct invocation *inv, struct client *client, const char *path, enum view_form form,
               struct buf *body) {
    require(*path == '/');
    struct client_answer answer;
    int code = ask_for(inv, client, path, form, NULL, &answer);
    if (code == 0) {
        *body = answer.body;
    }
    return code;
}

/* *next: the path of the page behind it; NULL: there is none. */
static int show_page(struct invocation *inv, struct client *client, const char *path, enum view_form form,
                     bool whole, const char **next) {
    struct client_answer answer;
    bool is_cut = whole && form == VIEW_TEXT; /* the last line of a page that has another behind it */
    int code = ask_for(inv, client, path, form, is_cut ? NULL : stdout, &answer);
    *next = NULL;
    if (code == 0) {
        *next = *answer.next ? arena_string(inv->arena, answer.next) : NULL;
        struct text body = buf_text(&answer.body);
        body = *next && is_cut ? page_without_last_line(body) : body;
        fwrite(body.at, 1, body.length, stdout);
        if (form == VIEW_JSON) {
            putchar('\n');
        }
        client_release(&answer);
    }
    return code;
}

int remote_show(struct invocation *inv, struct client *client, const char *path, enum view_form form) {
    require(*path == '/');
    bool whole = invocation_is_whole(inv);
    int code = 0;
    for (const char *next; path && code == 0; path = whole ? next : NULL) {
        code = show_page(inv, client, path, form, whole, &next);
    }
    return code;
}

/* --- orders --------------------------------------------------------------------------------------------- */

/* "done FORWARDED  handed on to 3 parties", or that it will be decided. */
static void print_order(const struct invocation *inv, const struct json *order) {
    const struct json *answer = json_at(order, "answer");
    const char *sentence = json_string_at(answer, inv->language == LANGUAGE_ZH ? "zh" : "en");
    if (answer) {
        printf("%s %s  %s\n", json_string_at(order, "result"), json_string_at(answer, "code"), sentence);
    } else {
        printf("%lld: %s\n", (long long)json_int_at(order, "order"),
               invocation_pick(inv, "指令已记录，处理进度落后，稍后执行",
                               "recorded; the engine is behind and will carry it out"));
    }
}

int remote_order(struct invocation *inv, const char *data, const char *path) {
    require(*path == '/');
    struct client_answer answer;
    char why[128];
    struct client *client = remote_control(inv, data, REMOTE_CONTROL_MS);
    enum status status = client_ask(client, path, &TEXT(""), NULL, &answer);
    int code =
        status != STATUS_OK || client_status(&answer) != STATUS_OK ? remote_fail(inv, status, &answer) : 0;
    if (code == 0 && inv->json) {
        printf(TEXT_FORMAT "\n", TEXT_ARGS(buf_text(&answer.body)));
    } else if (code == 0) {
        print_order(inv, json_parse(inv->arena, buf_text(&answer.body), why, sizeof(why)));
    }
    client_release(&answer);
    client_free(client);
    return code;
}
