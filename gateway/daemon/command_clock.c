/*
 * command_clock.c - `clearway clock`: by which time the gateway goes, asked of the one that runs; and the
 * operator's word that the wall clock is right.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "daemon/command.h"
#include "daemon/remote.h"

static const struct option_row options[] = {
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    { "reason", "TEXT", "accept：何以得知时钟无误，将记入日志",
      "accept: how you know that the clock is right; it is recorded" },
    OPTIONS_END,
};

static void print_clock(const struct invocation *inv, const struct json *clock) {
    bool zh = inv->language == LANGUAGE_ZH;
    const char *doubt = json_string_at(clock, "doubt"), *wall = json_string_at(clock, "wall");
    if (doubt && strcmp(doubt, "none") == 0) {
        printf(zh ? "系统时钟可信：%s\n" : "the wall clock is believed: %s\n", wall);
        return;
    }
    printf(zh ? "系统时钟存疑（%s）：%s\n网关时间：        %s\n"
                "定时事项暂停。时钟无误时：clearway clock accept --reason ...\n"
              : "the wall clock is doubted (%s): %s\nthe gateway goes by:             %s\n"
                "deadlines wait. If the clock is right: clearway clock accept --reason ...\n",
           doubt, wall, json_string_at(clock, "time"));
}

/* body NULL: a question, else an order. */
static int ask(struct invocation *inv, const char *data, const char *path, const struct text *body) {
    struct client_answer answer;
    char why[128];
    struct client *client = remote_control(inv, data, REMOTE_CONTROL_MS);
    enum status status = client_ask(client, path, body, NULL, &answer);
    int code =
        status != STATUS_OK || client_status(&answer) != STATUS_OK ? remote_fail(inv, status, &answer) : 0;
    if (code == 0 && inv->json) {
        printf(TEXT_FORMAT "\n", TEXT_ARGS(buf_text(&answer.body)));
    } else if (code == 0 && body) {
        puts(invocation_pick(inv, "已记录：采信系统时钟", "recorded: the wall clock is believed"));
    } else if (code == 0) {
        print_clock(inv, json_parse(inv->arena, buf_text(&answer.body), why, sizeof(why)));
    }
    client_release(&answer);
    client_free(client);
    return code;
}

static int run(struct invocation *inv) {
    const char *reason = invocation_option(inv, "reason");
    const char *data = invocation_data(inv);
    if (!data) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    if (inv->count == 0) {
        return ask(inv, data, "/control/clock", NULL);
    }
    if (inv->count != 1 || strcmp(inv->arguments[0], "accept") != 0) {
        return invocation_usage(inv, "应为空或 accept", "say nothing, or accept");
    }
    if (!reason) {
        return invocation_usage(inv, "请说明何以得知：--reason TEXT 与指令一并记入日志",
                                "say how you know: --reason TEXT is recorded with the order");
    }
    return ask(inv, data,
               arena_printf(inv->arena, "/control/orders/clock-accept?reason=%s", remote_escape(inv, reason)),
               &TEXT(""));
}

static const struct example_row examples[] = {
    { "clearway clock", NULL, NULL },
    { "clearway clock accept --reason ntp.ntsc.ac.cn", "已与该时间源核对",
      "it was compared with that source" },
    EXAMPLES_END,
};

const struct command command_clock = {
    .name = "clock",
    .arguments = "[accept]",
    .summary_en = "the clock the gateway goes by; believe the wall clock again",
    .summary_zh = "查看网关所依据的时钟；确认系统时钟无误",
    .examples = examples,
    .options = options,
    .run = run,
};
