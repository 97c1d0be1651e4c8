/*
 * command_track.c - `clearway track`: where a consignment stands, from this machine's state.db or from a
 * running gateway.
 */
#include "view/tracking.h"
#include "daemon/command.h"
#include "daemon/local.h"
#include "daemon/remote.h"

#define PRINT_MAX (64u << 20)

static const struct option_row options[] = { REMOTE_OPTIONS, LOCAL_OPTIONS, OPTIONS_END };

static int track_here(struct invocation *inv, const char *query) {
    struct local local;
    int code = local_open(inv, &local);
    if (code) {
        return code;
    }
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    struct text asked = text_of(query);
    enum status status = inv->json ? tracking_json(local.state, local.setup, local.segments, local.viewer,
                                                   asked, inv->arena, &out)
                                   : tracking_print(local.state, local.setup, local.segments, local.viewer,
                                                    asked, inv->language, inv->arena, &buf);
    code = invocation_result(inv, status, &buf, query);
    local_close(&local);
    return code;
}

static int run(struct invocation *inv) {
    if (inv->count != 1) {
        return invocation_usage(inv, "请给出一个提单、报关单、箱号或预约号",
                                "name one bill of lading, declaration, container or booking");
    }
    struct client *client = remote_client(inv, 30000);
    if (!client) {
        return track_here(inv, inv->arguments[0]);
    }
    const char *path = arena_printf(inv->arena, "/v1/track/%s", remote_escape(inv, inv->arguments[0]));
    int code = remote_show(inv, client, path);
    client_free(client);
    return code;
}

static const struct example_row examples[] = {
    { "clearway track COSU6201234567", NULL, NULL },
    { "clearway track --json --as FWD-QD-01 CSQU3054383", "该参与方可见的内容", "what that party may see" },
    EXAMPLES_END,
};

const struct command command_track = {
    .name = "track",
    .arguments = "BL|DECLARATION|CONTAINER|BOOKING",
    .summary_en = "where a consignment stands",
    .summary_zh = "查询票货状态",
    .examples = examples,
    .options = options,
    .run = run,
};
