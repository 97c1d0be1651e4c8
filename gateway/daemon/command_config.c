/*
 * command_config.c - `clearway config`: lint loads everything that serve would load and tells what is wrong
 * with it; show prints the settings and where each comes from.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "message/excerpt.h"
#include "check/check.h"
#include "check/xsd.h"
#include "engine/engine.h"
#include "daemon/command.h"
#include "daemon/preflight.h"

#define PRINT_MAX (16u << 20)

static const struct option_row options[] = {
    { "origin", NULL, "show：每个值来自何处", "show: where each value comes from" },
    { "connect", NULL, "lint：连接 Kafka 代理与 webhook，逐一说明其答复",
      "lint: ask Kafka's brokers and connect to webhooks, and tell what each says" },
    OPTIONS_END,
};

/* Everything the gateway would load at its start, so that lint and serve can never disagree. */
static enum status load_all(const struct settings *settings, struct probe *probe) {
    struct verdict *mistakes = probe->mistakes;
    struct edition *edition;
    struct edition_options edition_options = settings_edition(settings);
    enum status status = edition_load(&edition_options, &edition, mistakes);
    if (status != STATUS_OK) {
        return status;
    }
    judge_release(judge_new(edition, mistakes));
    engine_check(edition, mistakes);
    preflight(settings, edition, mistakes);
    preflight_probe(settings, edition, probe);
    edition_release(edition);
    return STATUS_OK;
}

static size_t count_bad(const struct probe *probe) {
    size_t bad = 0;
    for (size_t i = 0; i < probe->count; i++) {
        bad += !probe->answers[i].good;
    }
    return bad;
}

static void put_answers(const struct invocation *inv, const struct probe *probe, struct json_out *out) {
    json_open_array(out, "asked");
    for (size_t i = 0; i < probe->count; i++) {
        const struct probe_answer *answer = &probe->answers[i];
        json_open_object(out, NULL);
        json_put_string(out, "what", answer->what);
        json_put_bool(out, "good", answer->good);
        json_put_string(out, "text", invocation_pick(inv, answer->zh, answer->en));
        json_close_object(out);
    }
    json_close_array(out);
}

static void print_answers(const struct invocation *inv, const struct probe *probe) {
    for (size_t i = 0; i < probe->count; i++) {
        const struct probe_answer *answer = &probe->answers[i];
        printf(answer->good ? invocation_pick(inv, "正常  %s：%s\n", "good  %s: %s\n")
                            : invocation_pick(inv, "异常  %s：%s\n", "bad   %s: %s\n"),
               answer->what, invocation_pick(inv, answer->zh, answer->en));
    }
    if (probe->left_out) {
        printf(invocation_pick(inv, "另有 %zu 项\n", "and %zu more\n"), probe->left_out);
    }
}

static void print_mistakes_json(const struct invocation *inv, const struct probe *probe) {
    const struct verdict *mistakes = probe->mistakes;
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    json_open_object(&out, NULL);
    json_put_bool(&out, "valid", verdict_passes(mistakes));
    json_open_array(&out, "findings");
    for (size_t i = 0; i < mistakes->count; i++) {
        json_open_object(&out, NULL);
        json_put_string(&out, "file", mistakes->findings[i].file);
        buf_add_string(&buf, ",\"finding\":");
        struct json_out inner = { .buf = &buf };
        excerpt_json(&inner, &mistakes->findings[i], inv->language);
        json_close_object(&out);
    }
    json_close_array(&out);
    put_answers(inv, probe, &out);
    json_close_object(&out);
    buf_add_char(&buf, '\n');
    invocation_print(inv, &buf);
}

static int lint(struct invocation *inv) {
    struct settings *settings;
    struct verdict mistakes;
    struct probe probe = { .connect = invocation_option(inv, "connect") != NULL, .mistakes = &mistakes };
    verdict_init(&mistakes, inv->arena);
    const char *path = invocation_config(inv);
    xsd_start();
    enum status status = settings_load(path, &settings, inv->arena, &mistakes);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, path ? path : SETTINGS_FILE);
    }
    inv->schemas = settings_text(settings, SETTING_SCHEMAS);
    if (settings_are_read(settings)) { /* else it would be the defaults that are looked at */
        size_t before = mistakes.errors;
        preflight_folders(settings, &mistakes);
        status = mistakes.errors == before ? load_all(settings, &probe) : STATUS_OK;
    }
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, settings_text(settings, SETTING_SCHEMAS));
    }
    if (inv->json) {
        print_mistakes_json(inv, &probe);
    } else {
        invocation_mistakes(inv, &mistakes, true);
        print_answers(inv, &probe);
    }
    if (!verdict_passes(&mistakes)) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    /* Beside the one that runs no other would start, and it is not asked for. */
    const char *good = probe.running ? invocation_pick(inv, "配置无误", "no mistakes")
                                     : invocation_pick(inv, "可以启动", "it would start");
    size_t bad = count_bad(&probe);
    if (bad && !inv->json) {
        printf(invocation_pick(inv, "%s，有 %zu 处连不上或不妥\n",
                               "%s; %zu of what it would reach is not as it should be\n"),
               good, bad);
    }
    if (bad && probe.connect) {
        return status_exit(STATUS_UNAVAILABLE);
    }
    if (!inv->json && mistakes.warnings) {
        printf(invocation_pick(inv, "%s，有 %zu 处提醒\n", "%s; warnings: %zu\n"), good, mistakes.warnings);
    } else if (!inv->json && !bad) {
        puts(invocation_pick(inv, "配置无误", "no mistakes"));
    }
    return 0;
}

static int show(struct invocation *inv) {
    struct settings *settings;
    int code = invocation_settings(inv, &settings);
    if (code) {
        return code;
    }
    struct buf buf;
    buf_init(&buf, PRINT_MAX);
    settings_print(settings, invocation_option(inv, "origin") != NULL, inv->language, &buf);
    invocation_print(inv, &buf);
    return 0;
}

static int run(struct invocation *inv) {
    if (inv->count == 1 && strcmp(inv->arguments[0], "lint") == 0) {
        return lint(inv);
    }
    if (inv->count == 1 && strcmp(inv->arguments[0], "show") == 0) {
        return show(inv);
    }
    return invocation_usage(inv, "应为 lint 或 show", "say lint or show");
}

static const struct example_row examples[] = {
    { "clearway config lint --config clearway.yaml",
      "serve 启动时检查的一切，以及端口是否空闲、主机名能否解析",
      "what serve looks at before it starts, and whether ports are free and hosts known" },
    { "clearway config lint --connect", "并连接 Kafka 代理与 webhook",
      "and asks Kafka's brokers and webhooks" },
    { "clearway config show --origin", NULL, NULL },
    EXAMPLES_END,
};

const struct command command_config = {
    .name = "config",
    .arguments = "lint | show",
    .summary_en = "check or show the configuration",
    .summary_zh = "检查或显示配置",
    .examples = examples,
    .options = options,
    .run = run,
};
