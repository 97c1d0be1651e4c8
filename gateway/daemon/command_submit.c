/*
 * command_submit.c - sends files as messages, one after the other, and says what became of each.
 *
 * The exit code is that of the file that fared worst. Without --wait the receipt counts: 0 is accepted. With
 * it the decision counts: refused after all is 1; held for an operator, or not decided in time, is 124:
 * nothing that the sender could go by yet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "message/decided.h"
#include "check/check.h"
#include "daemon/command.h"
#include "daemon/remote.h"

#define WAIT_MAX_S 60

static const struct option_row options[] = {
    REMOTE_OPTIONS,
    { "wait", "SECONDS", "同时等待处理决定，至多这么久；退出码按决定",
      "wait for the decision too, at most so long; it decides the exit code" },
    { "again", NULL, "让处理时被拒收的相同内容重新处理，而不是得到首次回执",
      "have bytes that the engine refused decided anew, instead of their first receipt" },
    { "format", "NAME", "指定格式，不由根元素判断",
      "name the format instead of leaving it to the root element" },
    OPTIONS_END,
};

/* What to do about a finding, or after a decision. */
static void print_hint(const struct invocation *inv, const struct json *said) {
    const char *hint = json_string_at(said, invocation_pick(inv, "hint_zh", "hint_en"));
    if (hint && *hint) {
        printf("    %s%s\n", invocation_pick(inv, "建议：", "help: "), hint);
    }
}

static void print_findings(const struct invocation *inv, const struct json *receipt) {
    const struct json *findings = json_at(receipt, "findings");
    for (size_t i = 0; i < json_count(findings); i++) {
        const struct json *finding = json_item(findings, i);
        const char *text = json_string_at(finding, invocation_pick(inv, "zh", "en"));
        printf("  %s[%s] ", json_string_at(finding, "severity"), json_string_at(finding, "code"));
        if (json_int_at(finding, "line")) { /* else it is about the message as a whole */
            printf("%lld:%lld ", (long long)json_int_at(finding, "line"),
                   (long long)json_int_at(finding, "column"));
        }
        puts(text ? text : "");
        print_hint(inv, finding);
    }
}

static void print_decision(const struct invocation *inv, const struct json *body) {
    const struct json *decision = json_at(body, "decision");
    if (!decision) {
        return;
    }
    const struct json *answer = json_at(decision, "answer");
    const char *text = json_string_at(answer, invocation_pick(inv, "zh", "en"));
    const char *result = json_string_at(decision, "result"), *code = json_string_at(answer, "code");
    printf("  %s%s%s%s%s%s\n", invocation_pick(inv, "处理决定：", "decision: "), result ? result : "",
           code && code[0] ? " " : "", code ? code : "", text && text[0] ? " - " : "", text ? text : "");
    print_hint(inv, answer);
    print_findings(inv, answer);
}

/* The receipt stands alone (202), inside a problem (409, 422) or beside the decision (--wait). NULL: there is
 * none, and nothing was promised. */
static const struct json *receipt_of(const struct json *body) {
    const struct json *receipt = json_at(body, "receipt");
    if (!json_string_at(receipt, "verdict")) {
        receipt = body;
    }
    bool whole = json_string_at(receipt, "verdict") && json_string_at(receipt, "digest")
                 && json_int_at(receipt, "record") > 0;
    return whole ? receipt : NULL;
}

static void print_answer(const struct invocation *inv, const char *file, const struct json *body) {
    const struct json *receipt = receipt_of(body);
    printf(invocation_pick(inv, "%s：%s，记录 %lld，%s\n", "%s: %s, record %lld, %s\n"), file,
           json_string_at(receipt, "verdict"), (long long)json_int_at(receipt, "record"),
           json_string_at(receipt, "digest"));
    print_findings(inv, receipt);
    print_decision(inv, body);
}

/* What waiting for the decision came to. */
static enum status status_of_decision(const struct json *body) {
    const char *result = json_string_at(json_at(body, "decision"), "result");
    if (!result || strcmp(result, result_text(RESULT_HELD)) == 0) {
        return STATUS_TIMEOUT;
    }
    return strcmp(result, result_text(RESULT_REFUSED)) == 0 ? STATUS_REFUSED : STATUS_OK;
}

static int show_answer(const struct invocation *inv, const struct client *client, const char *file,
                       enum status status, struct client_answer *answer) {
    char why[256];
    struct arena *arena = arena_new(); /* of this answer alone: there may be thousands of files */
    enum status meant = status != STATUS_OK ? status : client_status(answer);
    const struct json *body =
        status != STATUS_OK ? NULL : json_parse(arena, buf_text(&answer->body), why, sizeof(why));
    bool receipt =
        receipt_of(body) && (meant == STATUS_OK || meant == STATUS_REFUSED || meant == STATUS_CONFLICT);
    if (meant == STATUS_OK && !receipt) { /* a success that acknowledges nothing is none */
        status = meant = client_doubt(client, answer);
    }
    int code = status_exit(meant);
    if (!receipt) {
        code = remote_fail(inv, status, answer);
    } else if (inv->json) {
        fwrite(answer->body.at, 1, answer->body.length, stdout);
        putchar('\n');
    } else {
        print_answer(inv, file, body);
    }
    if (receipt && meant == STATUS_OK && invocation_option(inv, "wait")) {
        code = status_exit(status_of_decision(body));
    }
    arena_free(arena);
    return code;
}

static int submit_file(struct invocation *inv, struct client *client, const char *file, const char *path,
                       const char *const *headers) {
    struct buf bytes;
    struct client_answer answer;
    buf_init(&bytes, CHECK_BODY_MAX);
    enum status status = invocation_read(file, &bytes);
    if (status != STATUS_OK) {
        buf_release(&bytes);
        return invocation_fail(inv, status, file);
    }
    struct text body = buf_text(&bytes);
    status = client_ask(client, path, &body, headers, &answer);
    int code = show_answer(inv, client, file, status, &answer);
    client_release(&answer);
    buf_release(&bytes);
    return code;
}

static int run(struct invocation *inv) {
    const char *wait = invocation_option(inv, "wait"), *format = invocation_option(inv, "format");
    uint64_t seconds = 0;
    if (!inv->count) {
        return invocation_usage(inv, "请至少给出一个文件；- 表示标准输入",
                                "name at least one file, or - for standard input");
    }
    if (wait && (!text_to_uint(text_of(wait), &seconds) || !seconds || seconds > WAIT_MAX_S)) {
        return invocation_usage(inv, "--wait 应为 1 至 %d 秒", "--wait takes 1 to %d seconds", WAIT_MAX_S);
    }
    struct client *client = remote_client(inv, 30000 + 1000 * (int)seconds);
    if (!client) {
        return invocation_usage(inv, "请用 --server 或 CLEARWAY_SERVER 给出网关地址",
                                "name the gateway with --server or CLEARWAY_SERVER");
    }
    const char *prefer = wait ? arena_printf(inv->arena, "Prefer: wait=%s", wait) : NULL;
    const char *headers[] = { "Content-Type: application/xml", prefer, NULL };
    const char *path = invocation_option(inv, "again") ? "/v1/messages?again=1" : "/v1/messages";
    if (format) {
        const char *mark = strchr(path, '?') ? "&" : "?";
        path = arena_printf(inv->arena, "%s%sformat=%s", path, mark, remote_escape(inv, format));
    }
    int code = 0;
    for (size_t i = 0; i < inv->count; i++) {
        int one = submit_file(inv, client, inv->arguments[i], path, headers);
        if (one > code) {
            code = one;
        }
    }
    client_free(client);
    return code;
}

static const struct example_row examples[] = {
    { "clearway submit --server https://localhost:8443 --cert me.pem --key me.key --ca ca.pem decl.xml", NULL,
      NULL },
    { "clearway submit --wait 10 declaration.xml", "地址与密钥取自 CLEARWAY_SERVER、_CERT、_KEY、_CA",
      "server and keys from CLEARWAY_SERVER, _CERT, _KEY, _CA" },
    { "clearway submit --again --wait 10 declaration.xml", "先前因缺少舱单被拒收",
      "refused before its summary was there" },
    EXAMPLES_END,
};

const struct command command_submit = {
    .name = "submit",
    .arguments = "FILE...",
    .summary_en = "send messages and print their receipts",
    .summary_zh = "提交报文并显示回执",
    .examples = examples,
    .options = options,
    .run = run,
};
