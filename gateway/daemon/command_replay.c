/*
 * command_replay.c - `clearway replay`: state.db made anew from the journal, what today's rules would have
 * decided otherwise, or a month's figures from the journal alone. The gateway need not run.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "check/xsd.h"
#include "view/statistics/definitions.h"
#include "view/view.h"
#include "replay/rebuild.h"
#include "replay/recheck.h"
#include "replay/restate.h"
#include "daemon/command.h"

#define PRINT_MAX         65536
#define RECHECK_PRINT_MAX (64u << 20)

static const struct option_row options[] = {
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    { "rebuild", NULL, "由日志重建 state.db 并核对", "make state.db anew from the journal and compare" },
    { "recheck", NULL, "按现行文本重新判定日志：结论有何不同？",
      "judge the journal by today's texts: what would they say otherwise?" },
    { "report", "MONTH", "由日志重新计算某月通关时效，并与 state.db 所得核对",
      "a month's clearance times from the journal, compared with those from state.db" },
    { "definition", "NUMBER", "report：按该编号的统计口径（默认：现行文本）",
      "report: by that definition of schemas/segments (default: today's texts)" },
    { "rejudge", NULL, "report：各报文所告知的节点也按该口径重新判定",
      "report: which milestones each message tells is judged anew by that definition, too" },
    { "since", "DAY", "recheck：只重判此日（YYYY-MM-DD）及以后的记录",
      "recheck: only what was recorded from this day on (YYYY-MM-DD)" },
    OPTIONS_END,
};

/* Beside what the folder of data is called, which is one, and not what is wrong with it. */
static int fail_in(const struct invocation *inv, enum status status, const char *data,
                   const struct explanation *why) {
    if (why->en[0]) {
        invocation_say(inv, "%s", "%s", invocation_pick(inv, why->zh, why->en));
    }
    invocation_say(inv, "%s：%s", "%s: %s", data, status_sentence(status, inv->language));
    return status_exit(status);
}

/* --- rebuild -------------------------------------------------------------------------------------------- */

static void print_rebuilt(const struct invocation *inv, const struct rebuild_result *result) {
    char old_hex[DIGEST_HEX_MAX], new_hex[DIGEST_HEX_MAX];
    bool is_beyond = result->had_old && result->why.en[0]; /* the old one: there is nothing to compare */
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
        json_put_string(&out, "old_digest",
                        result->had_old ? digest_hex(&result->old_digest, old_hex) : NULL);
        json_put_string(&out, "new_digest", is_beyond ? NULL : digest_hex(&result->new_digest, new_hex));
        json_put_string(&out, "why", result->why.en);
        json_close_object(&out);
        buf_add_char(&buf, '\n');
    } else {
        buf_printf(&buf,
                   invocation_pick(inv, "读取 %llu 条记录，应用 %llu 项决定；state.db 已就位\n",
                                   "%llu records read, %llu decisions applied; state.db is in place\n"),
                   (unsigned long long)result->records, (unsigned long long)result->decisions);
        if (result->had_old && !is_beyond) {
            const char *equal = invocation_pick(inv, "一致", "equal"),
                       *differs = invocation_pick(inv, "不一致", "DIFFERENT");
            buf_printf(&buf,
                       invocation_pick(inv, "在记录 %llu 处比较：%s\n  旧 %s\n  新 %s\n",
                                       "compared at record %llu: %s\n  old %s\n  new %s\n"),
                       (unsigned long long)result->position, result->equal ? equal : differs,
                       digest_hex(&result->old_digest, old_hex), digest_hex(&result->new_digest, new_hex));
        }
        if (result->why.en[0]) {
            buf_printf(&buf, "%s\n", invocation_pick(inv, result->why.zh, result->why.en));
        }
    }
    invocation_print(inv, &buf);
}

static int rebuild_state(struct invocation *inv, const char *data) {
    struct rebuild_result result = { 0 };
    enum status status = rebuild(data, &result);
    if (status != STATUS_OK) {
        return fail_in(inv, status, data, &result.why);
    }
    print_rebuilt(inv, &result);
    return result.had_old && !result.equal ? 1 : 0;
}

/* --- recheck -------------------------------------------------------------------------------------------- */

struct listing {
    const struct invocation *inv;
    struct buf buf;
    struct json_out out;
};

static void list_difference(const struct recheck_difference *difference, void *context) {
    struct listing *listing = context;
    char recorded[STAMP_TEXT_MAX];
    stamp_print(difference->recorded, recorded);
    const struct invocation *inv = listing->inv;
    if (!inv->json) {
        bool message = difference->family[0];
        buf_printf(&listing->buf, "#%llu  %.19s  %s  %s  %s\n", (unsigned long long)difference->record,
                   recorded, message ? difference->family : difference->kind,
                   message ? difference->party : "-", difference->id);
        buf_printf(&listing->buf,
                   invocation_pick(inv, "  %-8s  当时  %s\n            现在  %s\n",
                                   "  %-8s  then  %s\n            now   %s\n"),
                   difference->what, difference->then, difference->now);
        return;
    }
    json_open_object(&listing->out, NULL);
    json_put_int(&listing->out, "record", (int64_t)difference->record);
    json_put_string(&listing->out, "recorded", recorded);
    json_put_string(&listing->out, "kind", difference->kind);
    json_put_string(&listing->out, "party", difference->party);
    json_put_string(&listing->out, "family", difference->family);
    json_put_string(&listing->out, "id", difference->id);
    json_put_string(&listing->out, "what", difference->what);
    json_put_string(&listing->out, "then", difference->then);
    json_put_string(&listing->out, "now", difference->now);
    json_close_object(&listing->out);
}

static void list_totals(struct listing *listing, const struct recheck_totals *totals) {
    const struct invocation *inv = listing->inv;
    if (!inv->json) {
        buf_printf(
            &listing->buf,
            invocation_pick(inv, "重新校验 %llu 份报文，%llu 份结论不同；重新作出 %llu 项决定，%llu 项不同\n",
                            "%llu messages judged anew, %llu verdicts differ;"
                            " %llu decisions made anew, %llu differ\n"),
            (unsigned long long)totals->messages, (unsigned long long)totals->verdict_differences,
            (unsigned long long)totals->decisions, (unsigned long long)totals->decision_differences);
        if (totals->digest_only) {
            buf_printf(&listing->buf,
                       invocation_pick(inv, "%llu 份被拒收的报文无法重新校验：只记录了摘要与判定\n",
                                       "%llu refused messages cannot be judged anew: only their digest and"
                                       " verdict were recorded\n"),
                       (unsigned long long)totals->digest_only);
        }
        return;
    }
    json_close_array(&listing->out);
    json_put_int(&listing->out, "messages", (int64_t)totals->messages);
    json_put_int(&listing->out, "verdict_differences", (int64_t)totals->verdict_differences);
    json_put_int(&listing->out, "digest_only", (int64_t)totals->digest_only);
    json_put_int(&listing->out, "decisions", (int64_t)totals->decisions);
    json_put_int(&listing->out, "decision_differences", (int64_t)totals->decision_differences);
    json_close_object(&listing->out);
}

static int list_differences(struct invocation *inv, const char *data, stamp since,
                            const struct judge *judge) {
    struct recheck_totals totals;
    struct explanation why;
    struct listing listing = { .inv = inv };
    buf_init(&listing.buf, RECHECK_PRINT_MAX);
    if (inv->json) {
        json_start(&listing.out, &listing.buf);
        json_open_object(&listing.out, NULL);
        json_open_array(&listing.out, "differences");
    }
    enum status status = recheck(data, judge, since, list_difference, &listing, &totals, &why);
    if (status == STATUS_OK) {
        list_totals(&listing, &totals);
    }
    if (status != STATUS_OK) {
        buf_release(&listing.buf);
        return fail_in(inv, status, data, &why);
    }
    int code = invocation_result(inv, STATUS_OK, &listing.buf, data);
    return code ? code : totals.verdict_differences || totals.decision_differences ? 1 : 0;
}

static int recheck_journal(struct invocation *inv, const char *data, stamp since) {
    struct settings *settings;
    struct edition *edition;
    struct verdict mistakes;
    xsd_start();
    int code = invocation_edition(inv, &settings, &edition, &mistakes);
    if (code) {
        return code;
    }
    struct judge *judge = judge_new(edition, &mistakes);
    engine_check(edition, &mistakes);
    code = invocation_mistakes(inv, &mistakes, false) ? status_exit(STATUS_BAD_CONFIG)
                                                      : list_differences(inv, data, since, judge);
    judge_release(judge);
    edition_release(edition);
    return code;
}

/* --- report --------------------------------------------------------------------------------------------- */

#define REPORT_PRINT_MAX (64u << 20)
#define BAR              40 /* columns */

static void show_progress(uint64_t done, uint64_t last, void *context) {
    const struct invocation *inv = context;
    int filled = last ? (int)(done * BAR / last) : BAR;
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%s [%.*s%*s] %3d%%%s", invocation_pick(inv, "重放日志", "replaying the journal"),
                filled, "########################################", BAR - filled, "", filled * 100 / BAR,
                done >= last ? "\n" : "");
    }
}

struct asked_report {
    const char *data, *month, *definition; /* definition NULL: that of today's texts */
    const struct edition *edition;
    struct reader *reader; /* for the texts that records hold */
};

static enum status report_of(struct invocation *inv, const struct asked_report *asked, struct state *state,
                             enum view_form form, struct buf *out) {
    const struct view_parameter *wrong;
    struct view_source source = { .state = state, .reader = asked->reader, .edition = asked->edition };
    struct view_question question = { .view = view_find("report"),
                                      .source = &source,
                                      .language = inv->language,
                                      .now = stamp_now(),
                                      .arena = inv->arena };
    question.values[view_parameter(question.view, "month") - question.view->parameters] =
        text_of(asked->month);
    if (asked->definition) {
        question.values[view_parameter(question.view, "definition") - question.view->parameters] =
            text_of(asked->definition);
    }
    enum status status = view_check(&question, form, &wrong);
    return status == STATUS_OK ? view_answer(&question, form, out) : status;
}

/* What state.db says of the month, and the record at which it said so: a gateway that runs goes on. */
struct live_report {
    enum status status; /* of state.db, or of the answer */
    uint64_t position;
    struct buf json;
};

static void ask_live(struct invocation *inv, const struct asked_report *asked, struct live_report *live) {
    struct state *state;
    *live = (struct live_report){ .position = UINT64_MAX };
    buf_init(&live->json, REPORT_PRINT_MAX);
    live->status = state_open(asked->data, STORE_READ, &state);
    if (live->status != STATUS_OK) {
        return;
    }
    live->status = state_begin(state); /* from here on it is seen as it stands now */
    if (live->status == STATUS_OK) {
        live->position = state_position(state);
        live->status = report_of(inv, asked, state, VIEW_JSON, &live->json);
    }
    state_rollback(state);
    state_close(state);
}

/* The question was asked, and it is state.db that gave no answer. */
static bool is_unreadable(enum status status) {
    return status == STATUS_DAMAGED || status == STATUS_IO || status == STATUS_BUSY;
}

/* As a rebuild: one that is missing or damaged is nothing to compare with; what else is in the way is told,
 * also by the exit code. */
static int tell_not_compared(const struct invocation *inv, enum status status) {
    if (status == STATUS_NOT_FOUND) {
        invocation_say(inv, "没有 state.db，无从核对", "there is no state.db to compare with");
        return 0;
    }
    if (status == STATUS_DAMAGED) {
        invocation_say(inv, "state.db 已损坏，无从比较",
                       "state.db is damaged: there is nothing to compare with");
        return 0;
    }
    invocation_say(inv, "state.db：%s，未能核对", "state.db: %s: nothing was compared",
                   status_sentence(status, inv->language));
    return status_exit(status);
}

/* The exit code: 0 where both say the same, or there is nothing to compare with, or what was told is judged
 * anew, which may say something else. */
static int compare_report(struct invocation *inv, const struct asked_report *asked,
                          const struct live_report *live, struct state *restated, bool judged) {
    struct buf anew;
    if (live->position == UINT64_MAX) {
        return tell_not_compared(inv, live->status);
    }
    buf_init(&anew, REPORT_PRINT_MAX);
    enum status status = report_of(inv, asked, restated, VIEW_JSON, &anew);
    if (live->status != status && is_unreadable(live->status)) {
        buf_release(&anew);
        return tell_not_compared(inv, live->status);
    }
    bool equal = status == live->status && state_position(restated) == live->position
                 && text_equal(buf_text(&anew), buf_text(&live->json));
    unsigned long long there = state_position(restated), here = live->position;
    invocation_say(inv, "日志记录 %llu，state.db 记录 %llu：%s",
                   "journal at record %llu, state.db at %llu: %s", there, here,
                   equal ? invocation_pick(inv, "逐字节一致", "equal, byte for byte")
                   : judged ? invocation_pick(inv, "重新判定后有所不同", "different, as it is judged anew")
                            : invocation_pick(inv, "不一致", "DIFFERENT"));
    buf_release(&anew);
    return equal || judged ? 0 : 1;
}

/* *out: today's texts, but for the definition that is asked for. As definition_read(). */
static enum status edition_of_then(struct invocation *inv, const struct asked_report *asked,
                                   struct edition *out) {
    const struct segments *segments;
    struct definition definition;
    struct verdict mistakes;
    struct state *state;
    *out = *asked->edition;
    if (!asked->definition) {
        return STATUS_OK;
    }
    enum status status = state_open(asked->data, STORE_READ, &state);
    if (status != STATUS_OK) {
        return status;
    }
    struct view_source source = { .state = state, .reader = asked->reader, .edition = asked->edition };
    uint64_t number = 0;
    (void)text_to_uint(text_of(asked->definition), &number);
    bool found = definition_numbered(state, number, &definition);
    status = state_take_failure(state);
    verdict_init(&mistakes, inv->arena);
    if (status == STATUS_OK) {
        status = found ? definition_read(&source, &definition, inv->arena, &mistakes, &segments)
                       : STATUS_NOT_FOUND;
    }
    if (status == STATUS_OK) {
        out->segments = (struct segments *)segments;
    }
    state_close(state);
    return status;
}

static int report_restated(struct invocation *inv, const struct asked_report *asked, bool judged) {
    struct restated *restated = NULL;
    struct live_report live;
    struct explanation why;
    struct edition edition;
    struct buf body;
    int code, differs;
    enum status status = edition_of_then(inv, asked, &edition);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, asked->definition);
    }
    ask_live(inv, asked, &live);
    status =
        restate(asked->data, live.position, judged ? &edition : NULL, show_progress, inv, &restated, &why);
    if (status != STATUS_OK) {
        code = fail_in(inv, status, asked->data, &why);
    } else {
        buf_init(&body, REPORT_PRINT_MAX);
        status = report_of(inv, asked, restated_state(restated), inv->json ? VIEW_JSON : VIEW_TEXT, &body);
        differs = compare_report(inv, asked, &live, restated_state(restated), judged);
        code = invocation_result(inv, status, &body, asked->month);
        code = code ? code : differs;
    }
    restated_free(restated);
    buf_release(&live.json);
    return code;
}

static int report_journal(struct invocation *inv, struct asked_report asked) {
    struct settings *settings;
    struct edition *edition;
    struct verdict mistakes;
    int code = invocation_edition(inv, &settings, &edition, &mistakes);
    if (code) {
        return code;
    }
    bool wrong = invocation_mistakes(inv, &mistakes, false);
    enum status status = wrong ? STATUS_BAD_CONFIG : reader_open(asked.data, &asked.reader);
    asked.edition = edition;
    code = wrong                 ? status_exit(STATUS_BAD_CONFIG)
           : status != STATUS_OK ? fail_in(inv, status, asked.data, &(struct explanation){ "", "" })
                                 : report_restated(inv, &asked, invocation_option(inv, "rejudge") != NULL);
    reader_free(asked.reader);
    edition_release(edition);
    return code;
}

/* --- the verb ------------------------------------------------------------------------------------------- */

static int run(struct invocation *inv) {
    bool anew = invocation_option(inv, "rebuild"), again = invocation_option(inv, "recheck");
    const char *month = invocation_option(inv, "report");
    int32_t first_day, next_day;
    if (inv->count || anew + again + (month != NULL) != 1) {
        return invocation_usage(inv, "应为 --rebuild、--recheck 或 --report",
                                "say --rebuild, --recheck or --report");
    }
    if (month && !month_parse(text_of(month), &first_day, &next_day)) {
        return invocation_usage(inv, "--report 为一个月份，如 2026-10", "--report takes a month, as 2026-10");
    }
    const char *definition = invocation_option(inv, "definition");
    uint64_t number;
    if (definition ? !month || !text_to_uint(text_of(definition), &number) || !number || number > INT64_MAX
                   : !month && invocation_option(inv, "rejudge")) {
        return invocation_usage(inv, "--definition 与 --rejudge 用于 --report，前者为统计口径的编号",
                                "--definition and --rejudge go with --report; a definition is a number");
    }
    const char *since = invocation_option(inv, "since");
    int32_t day = 0;
    if (since && (!again || !day_parse(text_of(since), &day) || !calendar_has(day))) {
        return invocation_usage(inv, "--since 用于 --recheck，为一个日期，如 2026-10-01",
                                "--since goes with --recheck and takes a day, as 2026-10-01");
    }
    const char *data = invocation_data(inv);
    if (!data) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    if (month) {
        return report_journal(
            inv, (struct asked_report){ .data = data, .month = month, .definition = definition });
    }
    return anew ? rebuild_state(inv, data) : recheck_journal(inv, data, since ? stamp_of_day(day) : 0);
}

static const struct example_row examples[] = {
    { "clearway replay --rebuild", NULL, NULL },
    { "clearway replay --recheck --json", NULL, NULL },
    { "clearway replay --recheck --since 2026-10-01", "上月的记录，按现行规则会有何不同？",
      "what would today's rules have done to last month?" },
    { "clearway replay --report 2026-10", "不依赖 state.db，逐条记录重新计算该月",
      "the month anew, from its records" },
    { "clearway replay --report 2026-10 --rejudge --definition 1",
      "各报文按最早的统计口径重新判定，该月会如何？",
      "what the month would be by the first definition, moments included" },
    { "clearway replay --rebuild --data /var/lib/clearway --json", NULL, NULL },
    EXAMPLES_END,
};

const struct command command_replay = {
    .name = "replay",
    .arguments = "--rebuild | --recheck [--since DAY] | --report MONTH [--definition NUMBER] [--rejudge]",
    .summary_en = "make state anew from the journal, judge it by today's texts, or compute a month from it",
    .summary_zh = "由日志重建状态并核对，按现行规则重新判定，或重新计算某月",
    .examples = examples,
    .options = options,
    .run = run,
};
