/*
 * command_queue.c - `clearway queue`: what waits for somebody, read from state.db; and the orders by which an
 * operator moves it, given to the gateway that runs.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "view/choice.h"
#include "view/set_aside.h"
#include "view/view.h"
#include "daemon/bulk_order.h"
#include "daemon/command.h"
#include "daemon/local.h"
#include "daemon/remote.h"

static const struct option_row options[] = {
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    { "reason", "TEXT", "redrive、drop、release 与 link 的原因，将记入日志",
      "why, for redrive, drop, release and link: it is recorded" },
    { "yes", NULL, "对所选者执行（否则只计数）",
      "do it to all that are chosen; without it they are only counted" },
    OPTIONS_END,
};

/* From state.db alone: what waits must be seen when the edition cannot be read, too. */
static int list(struct invocation *inv, const char *data) {
    struct view_question question;
    struct view_source source = { .state = NULL };
    enum view_form form = inv->json ? VIEW_JSON : VIEW_TEXT;
    int code = command_question(inv, form, &question);
    if (code) {
        return code;
    }
    enum status status = state_open(data, STORE_READ, &source.state);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, data);
    }
    local_tell_behind(inv, data, source.state);
    question.source = &source;
    code = command_answer(inv, &question, form);
    state_close(source.state);
    return code;
}

/* RECORD/PARTY, the delivery id as the list shows it: an order to the running gateway, which records it. */
static int order(struct invocation *inv, const char *data, const char *verb, const char *id) {
    struct client_answer answer;
    struct text rest = text_of(id), record = text_until(&rest, '/');
    const char *reason = invocation_option(inv, "reason");
    uint64_t number;
    if (!text_to_uint(record, &number) || !rest.length) {
        return invocation_usage(inv, "投递写作 RECORD/PARTY，而非 '%s'",
                                "a delivery is named RECORD/PARTY, not '%s'", id);
    }
    const char *path =
        arena_printf(inv->arena, "/control/deliveries/%llu/%s/%s?reason=%s", (unsigned long long)number,
                     remote_escape(inv, rest.at), verb, remote_escape(inv, reason ? reason : ""));
    struct client *client = remote_control(inv, data, REMOTE_CONTROL_MS);
    enum status status = client_ask(client, path, &(struct text){ "", 0 }, NULL, &answer);
    int code = 0;
    if (status == STATUS_OK && client_status(&answer) == STATUS_NOT_FOUND) {
        invocation_say(inv, "没有投递 %s：没有处理结果将该记录发给该方",
                       "there is no delivery %s: no decision sends that record to that party", id);
        code = status_exit(STATUS_NOT_FOUND);
    } else if (status != STATUS_OK || client_status(&answer) != STATUS_OK) {
        code = remote_fail(inv, status, &answer);
    } else {
        printf(invocation_pick(inv, "%s：%s 已记录\n", "%s: %s recorded\n"), id, verb);
    }
    client_release(&answer);
    client_free(client);
    return code;
}

/* --- many at once -------------------------------------------------------------------------------------- */

/* What may be ordered of what is in this state. */
static bool fits(struct text state, const char *verb) {
    static const struct {
        const char *state, *verbs[2];
    } rows[] = {
        { "waiting", { "redrive", "drop" } },  { "parked", { "redrive", "drop" } },
        { "dropped", { "redrive", "drop" } },  { "delivered", { "redrive", "" } },
        { SET_ASIDE_HELD, { "release", "" } }, { SET_ASIDE_QUARANTINED, { "release", "drop" } },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (text_is(state, rows[i].state)) {
            return strcmp(verb, rows[i].verbs[0]) == 0 || strcmp(verb, rows[i].verbs[1]) == 0;
        }
    }
    return false;
}

/* Chosen by what the options say; counted first, and ordered with --yes. */
static int order_chosen(struct invocation *inv, const char *data, const char *verb) {
    struct view_question question;
    const char *reason = invocation_option(inv, "reason");
    int code = command_question(inv, VIEW_JSON, &question);
    if (code) {
        return code;
    }
    struct choice choice = choice_of(&question);
    if (invocation_option(inv, "limit") || invocation_option(inv, "after")) {
        return invocation_usage(inv, "--limit 与 --after 只用于列出；指令针对所选的全部",
                                "--limit and --after are of the list; an order is for all that are chosen");
    }
    if (choice_is_open(&choice)) {
        return invocation_usage(
            inv,
            "请指明哪些：RECORD[/PARTY]，或 --state、--to、--from、--because、--family、--key、"
            "--since、--until",
            "say which: RECORD[/PARTY], or --state, --to, --from, --because, --family, --key, --since,"
            " --until");
    }
    if (!choice.state.length) {
        choice.state = strcmp(verb, "release") == 0 ? TEXT(SET_ASIDE_QUARANTINED) : TEXT("parked");
    }
    if (!fits(choice.state, verb)) {
        return invocation_usage(inv, "对状态为 %s 者不能 %s", "what is %s takes no order `%s`",
                                arena_copy(inv->arena, choice.state), verb);
    }
    bool again = text_is(choice.state, "delivered"), yes = invocation_option(inv, "yes") != NULL;
    if (again && yes && !reason) {
        return invocation_usage(inv, "接收方已确认：再次投递须以 --reason TEXT 说明原因",
                                "the receiver has acknowledged them: say why with --reason TEXT");
    }
    if (set_aside_is_meant(&choice) && yes && !reason) {
        return invocation_usage(inv, "请说明原因：--reason TEXT 与指令一并记入日志",
                                "say why: --reason TEXT is recorded with the order");
    }
    return bulk_order(
        inv, data,
        &(struct bulk_order){ .verb = verb, .reason = reason ? reason : "", .choice = choice, .yes = yes });
}

/* --- one record ---------------------------------------------------------------------------------------- */

/* Of a record that is held, or in quarantine: "release", "drop". */
static int order_record(struct invocation *inv, const char *data, const char *verb, const char *name) {
    const char *reason = invocation_option(inv, "reason");
    uint64_t number;
    if (!text_to_uint(text_of(name), &number)) {
        return invocation_usage(inv, "暂挂或隔离的记录以其编号指明，而非 '%s'",
                                "a record that is held or in quarantine is named by its number, not '%s'",
                                name);
    }
    if (!reason) {
        return invocation_usage(inv, "请说明原因：--reason TEXT 与指令一并记入日志",
                                "say why: --reason TEXT is recorded with the order");
    }
    return remote_order(inv, data,
                        arena_printf(inv->arena, "/control/orders/%s?record=%llu&reason=%s", verb,
                                     (unsigned long long)number, remote_escape(inv, reason)));
}

/* Both are named by their records: ids and numbers are what the answer could not be found by. */
static int link_answer(struct invocation *inv, const char *data, const char *answer,
                       const char *declaration) {
    const char *reason = invocation_option(inv, "reason");
    uint64_t record, to;
    if (!text_to_uint(text_of(answer), &record)) {
        return invocation_usage(inv, "待关联的回执以其编号指明，而非 '%s'",
                                "a waiting answer is named by its number, not '%s'", answer);
    }
    if (!text_to_uint(text_of(declaration), &to)) {
        return invocation_usage(inv, "报关单以其记录编号指明，而非 '%s'",
                                "the declaration is named by its record number, not '%s'", declaration);
    }
    if (!reason) {
        return invocation_usage(inv, "请说明原因：--reason TEXT 与指令一并记入日志",
                                "say why: --reason TEXT is recorded with the order");
    }
    return remote_order(inv, data,
                        arena_printf(inv->arena, "/control/orders/link?record=%llu&to=%llu&reason=%s",
                                     (unsigned long long)record, (unsigned long long)to,
                                     remote_escape(inv, reason)));
}

static int run(struct invocation *inv) {
    const char *data = invocation_data(inv);
    if (!data) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    const char *verb = inv->count ? inv->arguments[0] : "list";
    if (strcmp(verb, "list") == 0 && inv->count <= 1) {
        return list(inv, data);
    }
    bool orders = strcmp(verb, "redrive") == 0 || strcmp(verb, "drop") == 0;
    bool of_record = strcmp(verb, "release") == 0 || strcmp(verb, "drop") == 0;
    if (of_record && inv->count == 2 && !strchr(inv->arguments[1], '/')) {
        return order_record(inv, data, verb, inv->arguments[1]);
    }
    if ((orders || of_record) && inv->count == 1) {
        return order_chosen(inv, data, verb);
    }
    if (orders && inv->count == 2) {
        return order(inv, data, verb, inv->arguments[1]);
    }
    if (strcmp(verb, "link") == 0 && inv->count == 3) {
        return link_answer(inv, data, inv->arguments[1], inv->arguments[2]);
    }
    return invocation_usage(inv,
                            "应为 list、redrive [RECORD/PARTY]、drop [RECORD[/PARTY]]、release [RECORD] 或"
                            " link ANSWER DECLARATION",
                            "say list, redrive [RECORD/PARTY], drop [RECORD[/PARTY]], release [RECORD]"
                            " or link ANSWER DECLARATION");
}

static const struct example_row examples[] = {
    { "clearway queue", NULL, NULL },
    { "clearway queue redrive 42/CUS-QD --reason INC-2121", "恢复投递", "deliver it after all" },
    { "clearway queue redrive --to CUS-QD --because receiver-refused", "先计数；加 --yes 执行",
      "counts them; with --yes delivers all of them" },
    { "clearway queue redrive --state delivered --to CUS-QD --since 2026-11-28 --reason INC-2130",
      "对方丢失的再次投递，并标明", "sends again what they lost, marked so" },
    { "clearway queue drop 57 --reason INC-2124", "隔离的报文不再送往任何一方",
      "the message in quarantine goes nowhere" },
    { "clearway queue release 57 --reason INC-2122", "解除暂挂，重新处理", "have it decided anew" },
    { "clearway queue release --from FWD-QD-01 --family declaration --reason INC-2125 --yes",
      "其隔离的报文按现行路由重新送出", "by today's routes, all of theirs that are in quarantine" },
    { "clearway queue link 61 17 --reason INC-2123", "回执 61 属于报关单 17",
      "answer 61 is about declaration 17" },
    EXAMPLES_END,
};

const struct command command_queue = {
    .name = "queue",
    .arguments = "[list | redrive [RECORD/PARTY] | drop [RECORD[/PARTY]] | release [RECORD] |"
                 " link ANSWER DECLARATION]",
    .summary_en =
        "what waits for somebody: deliveries that fail or are parked, records held or in quarantine, answers",
    .summary_zh = "查看待投、失败与搁置的投递，暂挂与隔离的记录，以及待关联的海关回执",
    .examples = examples,
    .options = options,
    .asks = "queue",
    .run = run,
};
