/*
 * command_reload.c - `clearway reload`: the gateway that runs reads its edition, and what of its settings may
 * change, anew; what came of it, and what is wrong when it keeps what it has.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/stamp.h"
#include "daemon/command.h"
#include "daemon/remote.h"

#define WAIT_S          120 /* it compiles all schemas, and the engine may be behind */
#define WAIT_MAX_S      3600
#define ASK_FIRST_MS    2000 /* before, nobody wonders */
#define ASK_AGAIN_MS    5000
#define ASK_PATIENCE_MS 1000

static const struct option_row options[] = {
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    { "dry-run", NULL, "只说明将有何改变、有何错误、哪些须重启，不作改变",
      "only tell what would change, what is wrong and what needs a restart" },
    { "wait", "SECONDS", "等待结果的时间（默认 120）", "for what came of it (120)" },
    OPTIONS_END,
};

/* clang-format off */
static const struct word { const char *word, *zh, *en; } words[] = {
    { "text",      "文件",     "text" },    { "party",   "参与方", "party" }, { "setting", "设置", "setting" },
    { "new",       "新增",     "new" },     { "gone",    "去除",   "gone" },  { "changed", "改动", "changed" },
    { "unblocked", "恢复使用", "served again" }, { "blocked", "停用", "blocked" },
};
/* clang-format on */

static const char *in_words(const struct invocation *inv, const char *word) {
    for (size_t i = 0; word && i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(word, words[i].word) == 0) {
            return invocation_pick(inv, words[i].zh, words[i].en);
        }
    }
    return word ? word : "";
}

static void print_changes(const struct invocation *inv, const struct json *root) {
    const struct json *list = json_at(root, "changes");
    long long left_out = (long long)json_int_at(root, "changes_left_out");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *change = json_item(list, i);
        const char *name = json_string_at(change, "name");
        printf(invocation_pick(inv, "  %s %s：%s\n", "  %s %s: %s\n"),
               in_words(inv, json_string_at(change, "what")), name ? name : "",
               in_words(inv, json_string_at(change, "how")));
    }
    if (left_out) {
        printf(invocation_pick(inv, "  另有 %lld 项\n", "  and %lld more\n"), left_out);
    }
}

/* Of a dry run. */
static int print_prospect(const struct invocation *inv, const struct json *root, const char *outcome) {
    bool unchanged = strcmp(outcome, "unchanged") == 0;
    if (strcmp(outcome, "refused") == 0) {
        invocation_say(inv, "重新加载将不成功：有错误，或须重启；未作任何改变",
                       "a reload would be refused: there are mistakes, or it needs a restart; nothing was "
                       "changed");
        return status_exit(STATUS_BAD_CONFIG);
    }
    if (!inv->json) {
        puts(unchanged
                 ? invocation_pick(inv, "重新加载不会改变规则、参与方与设置；证书与私钥将重新读取",
                                   "a reload would change no text, party or setting, and read certificates "
                                   "and keys anew")
                 : invocation_pick(inv, "重新加载将改变以下各项；尚未作任何改变：",
                                   "a reload would change these; nothing was changed:"));
        print_changes(inv, root);
    }
    return 0;
}

static struct finding read_finding(const struct json *entry) {
    const struct json *said = json_at(entry, "finding");
    const char *text = json_string_at(said, "text"), *hint = json_string_at(said, "hint");
    const char *severity = json_string_at(said, "severity"), *file = json_string_at(entry, "file");
    const char *code = json_string_at(said, "code"), *path = json_string_at(said, "path");
    bool warning = severity && strcmp(severity, severity_text(SEVERITY_WARNING)) == 0;
    return (struct finding){
        .code = code ? code : "",
        .severity = warning ? SEVERITY_WARNING : SEVERITY_ERROR,
        .file = file ? file : "",
        .path = path ? path : "",
        .zh = text ? text : "",
        .en = text ? text : "",
        .hint_zh = hint ? hint : "",
        .hint_en = hint ? hint : "",
        .place = { .line = (uint32_t)json_int_at(said, "line"),
                   .column = (uint32_t)json_int_at(said, "column"),
                   .length = (uint32_t)json_int_at(entry, "length") },
    };
}

static void print_findings(const struct invocation *inv, const struct json *root) {
    const struct json *list = json_at(root, "findings");
    struct verdict findings;
    verdict_init(&findings, inv->arena);
    for (size_t i = 0; i < json_count(list); i++) {
        struct finding finding = read_finding(json_item(list, i));
        verdict_add(&findings, &finding);
    }
    invocation_mistakes(inv, &findings, false);
}

static int print_outcome(const struct invocation *inv, const struct client_answer *answer, bool dry) {
    char why[128];
    const struct json *root = json_parse(inv->arena, buf_text(&answer->body), why, sizeof(why));
    const char *outcome = root ? json_string_at(root, "outcome") : NULL;
    bool refused = outcome && strcmp(outcome, "refused") == 0;
    if (!outcome) {
        return remote_fail(inv, STATUS_OK, answer);
    }
    if (inv->json) {
        printf(TEXT_FORMAT "\n", TEXT_ARGS(buf_text(&answer->body)));
    } else {
        print_findings(inv, root);
    }
    if (dry) {
        return print_prospect(inv, root, outcome);
    }
    if (refused) {
        invocation_say(inv, "新版本未生效，原版本仍然有效",
                       "the new edition is not in force; the one before it still is");
        return status_exit(STATUS_BAD_CONFIG);
    }
    if (!inv->json && strcmp(outcome, "unchanged") == 0) {
        puts(invocation_pick(inv, "版本没有变化；证书与私钥已重新读取",
                             "the edition is the same; certificates and keys are read anew"));
    } else if (!inv->json) {
        printf(invocation_pick(inv, "新版本自记录 %lld 起生效\n",
                               "another edition is in force from record %lld on\n"),
               (long long)json_int_at(root, "record"));
    }
    if (!inv->json) {
        print_changes(inv, root);
    }
    long long settings = (long long)json_int_at(root, "settings");
    if (!inv->json && settings > 0) {
        printf(invocation_pick(inv, "%lld 项设置已更改并生效\n",
                               "settings that have changed, and are in force: %lld\n"),
               settings);
    }
    return 0;
}

/* --- while it waits ------------------------------------------------------------------------------------- */

struct waiting {
    struct invocation *inv;
    const char *data;
    int64_t ask_ms; /* then the gateway is asked what it waits for */
    char told[512];
};

static void tell_waiting(struct waiting *waiting, const struct client_answer *answer) {
    char mistake[128];
    struct arena *arena = arena_new();
    const struct json *root = json_parse(arena, buf_text(&answer->body), mistake, sizeof(mistake));
    const char *waits = root ? json_string_at(root, "waits") : NULL;
    if (waits && *waits && strcmp(waits, waiting->told) != 0) {
        snprintf(waiting->told, sizeof(waiting->told), "%s", waits);
        invocation_say(waiting->inv, "尚在等待：%s", "still waiting: %s", waits);
    }
    arena_free(arena);
}

static void still_waiting(void *context) {
    struct waiting *waiting = context;
    struct client_answer answer;
    if (stamp_monotonic_ms() < waiting->ask_ms) {
        return;
    }
    waiting->ask_ms = stamp_monotonic_ms() + ASK_AGAIN_MS;
    struct client *client = remote_control(waiting->inv, waiting->data, ASK_PATIENCE_MS);
    if (client_ask(client, "/control/reload", NULL, NULL, &answer) == STATUS_OK
        && client_status(&answer) == STATUS_OK) {
        tell_waiting(waiting, &answer);
    }
    client_release(&answer);
    client_free(client);
}

/* --- the verb ------------------------------------------------------------------------------------------- */

static int run(struct invocation *inv) {
    if (inv->count) {
        return invocation_usage(inv, "不带参数", "takes no arguments");
    }
    const char *data = invocation_data(inv);
    if (!data) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    bool dry = invocation_option(inv, "dry-run") != NULL;
    const char *wait = invocation_option(inv, "wait");
    uint64_t seconds = WAIT_S;
    if (wait && (!text_to_uint(text_of(wait), &seconds) || !seconds || seconds > WAIT_MAX_S)) {
        return invocation_usage(inv, "--wait 应为 1 至 %d 秒", "--wait takes 1 to %d seconds", WAIT_MAX_S);
    }
    struct client_answer answer;
    struct client *client = remote_control(inv, data, (int)(seconds * 1000));
    struct waiting waiting = { .inv = inv, .data = data, .ask_ms = stamp_monotonic_ms() + ASK_FIRST_MS };
    client_while_waiting(client, still_waiting, &waiting);
    enum status status = client_ask(client, dry ? "/control/reload?dry_run=true" : "/control/reload",
                                    &TEXT(""), NULL, &answer);
    if (status == STATUS_TIMEOUT && !dry) {
        invocation_say(
            inv, "网关尚未完成：重新加载继续进行，结果见其日志与 clearway_reloads_total",
            "the gateway is not done yet: the reload goes on, and its log and clearway_reloads_total"
            " tell what comes of it");
        client_release(&answer);
        client_free(client);
        return status_exit(STATUS_TIMEOUT);
    }
    bool told = status == STATUS_OK
                && (client_status(&answer) == STATUS_OK || client_status(&answer) == STATUS_REFUSED);
    int code = told ? print_outcome(inv, &answer, dry) : remote_fail(inv, status, &answer);
    client_release(&answer);
    client_free(client);
    return code;
}

static const struct example_row examples[] = {
    { "clearway reload", NULL, NULL },
    { "clearway reload --dry-run && clearway reload", "先看将有何改变，再生效", "look first" },
    EXAMPLES_END,
};

const struct command command_reload = {
    .name = "reload",
    .arguments = "",
    .summary_en =
        "read rules, routes, lists, schemas, parties, certificates and settings anew, without a restart",
    .summary_zh = "重新读取规则、路由、代码表、模式、参与方、证书与设置，无须重启",
    .examples = examples,
    .options = options,
    .run = run,
};
