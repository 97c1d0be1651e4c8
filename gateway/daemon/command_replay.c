#include <stdio.h>

#include "base/json.h"
#include "replay/rebuild.h"
#include "daemon/command.h"

#define PRINT_MAX 65536

static const struct option_row options[] = {
    { "data", "FOLDER", "the data folder (default: of the configuration)" },
    { "rebuild", NULL, "make state.db anew from the journal and compare" },
    { NULL, NULL, NULL },
};

static void print_result(const struct invocation *inv, const struct rebuild_result *result) {
    char old_hex[DIGEST_HEX_MAX], new_hex[DIGEST_HEX_MAX];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    if (inv->json) {
        json_start(&out, &buf);
        json_open_object(&out, NULL);
        json_put_int(&out, "records", (int64_t)result->records);
        json_put_int(&out, "decisions", (int64_t)result->decisions);
        json_put_int(&out, "position", (int64_t)result->position);
        json_put_bool(&out, "had_old", result->had_old);
        json_put_bool(&out, "equal", result->equal);
        json_put_string(&out, "old_digest", result->had_old ? digest_hex(&result->old_digest, old_hex) : NULL);
        json_put_string(&out, "new_digest", digest_hex(&result->new_digest, new_hex));
        json_put_string(&out, "why", result->why);
        json_close_object(&out);
        buf_add_char(&buf, '\n');
    } else {
        buf_printf(&buf, "%llu records read, %llu decisions applied; state.db is in place\n",
                   (unsigned long long)result->records, (unsigned long long)result->decisions);
        if (result->had_old)
            buf_printf(&buf, "compared at record %llu: %s\n  old %s\n  new %s\n", (unsigned long long)result->position,
                       result->equal ? "equal" : "DIFFERENT", digest_hex(&result->old_digest, old_hex), digest_hex(&result->new_digest, new_hex));
        if (result->why[0]) buf_printf(&buf, "%s\n", result->why);
    }
    invocation_print(&buf);
}

static int run(struct invocation *inv) {
    struct rebuild_result result = { 0 };
    if (inv->count || !invocation_option(inv, "rebuild")) return invocation_usage(inv, "say --rebuild");
    const char *data = invocation_data(inv);
    if (!data) return status_exit(STATUS_BAD_CONFIG);
    enum status status = rebuild(data, &result);
    if (status) {
        if (result.why[0]) fprintf(stderr, "clearway replay: %s\n", result.why);
        return invocation_fail(inv, status, data);
    }
    print_result(inv, &result);
    return result.had_old && !result.equal ? 1 : 0;
}

const struct command command_replay = {
    .name = "replay", .arguments = "--rebuild", .summary_en = "make state anew from the journal and compare", .summary_zh = "由日志重建状态并核对",
    .examples = "  clearway replay --rebuild\n  clearway replay --rebuild --data /var/lib/clearway --json",
    .options = options, .run = run,
};
