/*
 * command_report.c - `clearway report`: clearance times of a month by segment, from this machine's state.db
 * or from a running gateway.
 */
#include "view/statistics/report.h"
#include "daemon/command.h"
#include "daemon/local.h"
#include "daemon/remote.h"

#define PRINT_MAX (64u << 20)

static const struct option_row options[] = {
    REMOTE_OPTIONS,
    LOCAL_OPTIONS,
    { "month", "YYYY-MM", "月份（默认上一个完整的月）", "which month (default: the last full one)" },
    OPTIONS_END,
};

/* The month before the one we are in, on Asia/Shanghai days. */
static const char *last_month(struct arena *arena) {
    int year, month, day;
    day_split(stamp_day(stamp_now()), &year, &month, &day);
    return month == 1 ? arena_printf(arena, "%04d-12", year - 1)
                      : arena_printf(arena, "%04d-%02d", year, month - 1);
}

static int report_here(struct invocation *inv, const char *month) {
    struct local local;
    int code = local_open(inv, &local);
    if (code) {
        return code;
    }
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    enum status status = inv->json
                             ? report_json(local.state, local.segments, text_of(month), &out)
                             : report_print(local.state, local.segments, text_of(month), inv->language, &buf);
    code = invocation_result(inv, status, &buf, month);
    local_close(&local);
    return code;
}

static int run(struct invocation *inv) {
    const char *month = invocation_option(inv, "month");
    int32_t first, next;
    if (!month) {
        month = last_month(inv->arena);
    }
    if (!month_parse(text_of(month), &first, &next)) {
        return invocation_usage(inv, "--month %s 不是 1900 至 2199 年间的月份（YYYY-MM）",
                                "--month %s is not a month of the years 1900 to 2199 (YYYY-MM)", month);
    }
    struct client *client = remote_client(inv, 60000);
    if (!client) {
        return report_here(inv, month);
    }
    int code = remote_show(inv, client, arena_printf(inv->arena, "/v1/report?month=%s", month));
    client_free(client);
    return code;
}

static const struct example_row examples[] = {
    { "clearway report --month 2026-10", NULL, NULL },
    { "clearway report --month 2026-10 --json", NULL, NULL },
    EXAMPLES_END,
};

const struct command command_report = {
    .name = "report",
    .arguments = "",
    .summary_en = "clearance times of a month by segment",
    .summary_zh = "按环节统计月度通关时效",
    .examples = examples,
    .options = options,
    .run = run,
};
