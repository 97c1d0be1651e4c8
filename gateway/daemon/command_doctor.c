/*
 * command_doctor.c - `clearway doctor`: how all stands that the gateway depends on. The one that runs is
 * asked (view/diagnostics.h); where none answers, that is said, and what can be looked at without one is: the
 * configuration and all that it names, what a start would need, disk, memory, and what state.db says.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "check/judge.h"
#include "check/xsd.h"
#include "engine/engine.h"
#include "view/checks.h"
#include "view/diagnostics.h"
#include "daemon/command.h"
#include "daemon/local.h"
#include "daemon/preflight.h"
#include "daemon/remote.h"

#define PRINT_MAX   (64u << 20)
#define EXIT_FAILED 1

static const struct option_row options[] = {
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    OPTIONS_END,
};

/* --- the gateway that runs ------------------------------------------------------------------------------ */

/* False: it does not answer, and why. */
static bool ask_gateway(struct invocation *inv, const char *data, struct diagnosis *out,
                        struct explanation *why) {
    struct client_answer answer;
    char mistake[128];
    struct client *client = remote_control(inv, data, REMOTE_CONTROL_MS);
    enum status status = client_ask(client, "/control/diagnostics", NULL, NULL, &answer);
    *why = answer.why;
    if (status == STATUS_OK && (status = client_status(&answer)) != STATUS_OK) {
        explain_about(why, "", status_sentence(status, LANGUAGE_ZH), status_sentence(status, LANGUAGE_EN));
    }
    bool told =
        status == STATUS_OK
        && diagnosis_read(json_parse(inv->arena, buf_text(&answer.body), mistake, sizeof(mistake)), out);
    client_release(&answer);
    client_free(client);
    return told;
}

/* --- without one ---------------------------------------------------------------------------------------- */

/* Why nothing can be said of what is there; 0: it can, or there is nothing. */
static int fault_of_looking(const char *path) {
    int why = access(path, F_OK) == 0 ? 0 : errno;
    return why == ENOENT || why == ENOTDIR ? 0 : why;
}

/* False: who asks may not look into the data folder. */
static bool tell_silence(struct invocation *inv, const char *data, const struct explanation *why,
                         struct diagnosis *out) {
    const char *journal = file_join(inv->arena, data, "journal");
    long process = file_lock_holder(file_join(inv->arena, journal, "lock"));
    int fault = process ? 0 : fault_of_looking(journal);
    bool is_new = !fault && !file_is_directory(journal);
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_GATEWAY, data, is_new ? DIAGNOSIS_UNKNOWN : DIAGNOSIS_FAILED);
    if (process) {
        row->zh = arena_printf(inv->arena, "进程 %ld 占用该数据文件夹，但不答复：%s", process, why->zh);
        row->en = arena_printf(inv->arena, "process %ld has this data folder, and does not answer: %s",
                               process, why->en);
        diagnosis_advise(row, "看其日志 log；若在等待磁盘空间或重建，会自行继续",
                         "read its log; where it waits for room or makes state.db anew it goes on by itself");
    } else if (fault) {
        row->zh = arena_printf(inv->arena, "无法查看该数据文件夹：%s；是否有网关运行，不得而知",
                               error_sentence(fault, LANGUAGE_ZH));
        row->en = arena_printf(
            inv->arena, "this data folder cannot be looked into: %s; whether a gateway runs is not known",
            error_sentence(fault, LANGUAGE_EN));
        diagnosis_advise(row, "以运行网关的用户执行本命令", "run this as the user who runs the gateway");
    } else if (is_new) {
        row->zh = "该数据文件夹中还没有日志，网关从未在此启动；以下为离线检查";
        row->en =
            "there is no journal in this data folder, no gateway was ever started by it; what follows was"
            " looked at without one";
    } else {
        row->zh = "网关没有运行，无人答复；以下为离线检查";
        row->en = "no gateway runs, nobody answers; what follows was looked at without one";
        diagnosis_advise(row, "clearway serve，或 systemctl start clearway",
                         "clearway serve, or systemctl start"
                         " clearway");
    }
    return !fault;
}

/* What lint would say. */
static void tell_mistakes(const struct verdict *mistakes, struct diagnosis *out) {
    for (size_t i = 0; i < mistakes->count; i++) {
        const struct finding *finding = &mistakes->findings[i];
        bool wrong = finding->severity == SEVERITY_ERROR;
        const char *where = finding->place.line
                                ? arena_printf(out->arena, "%s:%u", finding->file, finding->place.line)
                                : finding->file;
        struct diagnosis_row *row =
            diagnosis_add(out, CHECK_CONFIGURATION, where, wrong ? DIAGNOSIS_FAILED : DIAGNOSIS_WARNING);
        row->zh = arena_string(out->arena, finding->zh);
        row->en = arena_string(out->arena, finding->en);
        diagnosis_advise(row, arena_string(out->arena, finding->hint_zh),
                         arena_string(out->arena, finding->hint_en));
    }
    if (!mistakes->count) {
        struct diagnosis_row *row = diagnosis_add(out, CHECK_CONFIGURATION, "", DIAGNOSIS_OK);
        row->zh = "没有错误";
        row->en = "no mistakes";
    }
}

static void tell_answers(const struct probe *probe, struct diagnosis *out) {
    for (size_t i = 0; i < probe->count; i++) {
        const struct probe_answer *answer = &probe->answers[i];
        struct diagnosis_row *row = diagnosis_add(out, CHECK_CONFIGURATION, answer->what,
                                                  answer->good ? DIAGNOSIS_OK : DIAGNOSIS_WARNING);
        row->zh = answer->zh;
        row->en = answer->en;
    }
}

/* All that a start would look at. The edition, or NULL. */
static struct edition *look_at_start(const struct settings *settings, struct verdict *mistakes,
                                     struct diagnosis *out) {
    struct probe probe = { .mistakes = mistakes };
    struct edition *edition = NULL;
    struct edition_options of_edition = settings_edition(settings);
    preflight_folders(settings, mistakes);
    if (verdict_passes(mistakes) && edition_load(&of_edition, &edition, mistakes) != STATUS_OK) {
        edition = NULL;
        verdict_lint(mistakes, "LINT-CONFIG", of_edition.schemas, 0, 0, "无法读取", "it cannot be read");
    }
    if (edition) {
        judge_release(judge_new(edition, mistakes));
        engine_check(edition, mistakes);
        preflight(settings, edition, mistakes);
        preflight_probe(settings, edition, &probe);
    }
    tell_mistakes(mistakes, out);
    tell_answers(&probe, out);
    return edition;
}

static void look_at_disk(const struct settings *settings, const char *data, struct diagnosis *out) {
    uint64_t segment = (uint64_t)settings_number(settings, SETTING_SEGMENT_MIB) << 20;
    uint64_t reserve = (uint64_t)settings_number(settings, SETTING_RESERVE_MIB) << 20;
    if (file_is_directory(data)) {
        struct disk_facts facts = { .folder = data,
                                    .free = file_free_bytes(data),
                                    .reserve = reserve ? reserve : 2 * segment };
        check_disk(&facts, out);
    }
}

/* The file that names everything else: what can be looked at goes by the defaults. */
static void tell_unreadable(struct invocation *inv, const char *path, enum status status,
                            struct diagnosis *out) {
    int fault = file_is_directory(path) ? EISDIR : access(path, R_OK) != 0 ? errno : 0;
    struct diagnosis_row *row = diagnosis_add(out, CHECK_CONFIGURATION, path, DIAGNOSIS_FAILED);
    row->zh = arena_printf(inv->arena, "无法读取：%s；网关也无法以它启动或重新加载，以下按默认值检查",
                           fault ? error_sentence(fault, LANGUAGE_ZH) : status_sentence(status, LANGUAGE_ZH));
    row->en = arena_printf(
        inv->arena,
        "it cannot be read: %s; no gateway starts or reloads by it, and what follows goes by the defaults",
        fault ? error_sentence(fault, LANGUAGE_EN) : status_sentence(status, LANGUAGE_EN));
    if (fault == EACCES) {
        diagnosis_advise(row, "以运行网关的用户执行本命令，或改正该文件的权限",
                         "run this as the user who runs the gateway, or mend who may read the file");
    } else {
        diagnosis_advise(row, "以 --config 或 CLEARWAY_CONFIG 指明配置文件",
                         "name the file by --config or CLEARWAY_CONFIG");
    }
}

/* Which folder is meant stood in a file that cannot be read, and where it would stand there is none. */
static void tell_unknown_folder(struct diagnosis *out) {
    struct diagnosis_row *row = diagnosis_add(out, CHECK_GATEWAY, "", DIAGNOSIS_UNKNOWN);
    row->zh = "数据文件夹由配置指明，现在不得而知；是否有网关运行，也不得而知";
    row->en =
        "which data folder is meant stands in the configuration, so whether a gateway runs is not known";
    diagnosis_advise(row, "以 --data 指明数据文件夹，可先查看其余", "name it by --data to see the rest now");
}

static void look_at_state(struct invocation *inv, const char *data, const struct edition *edition,
                          struct diagnosis *out) {
    struct state *state;
    enum status status = state_open(data, STORE_READ, &state);
    if (status == STATUS_OK) {
        local_tell_behind(inv, data, state);
        status = diagnostics_of_state(state, edition, stamp_now(), out);
        state_close(state);
    }
    if (status != STATUS_OK) {
        struct diagnosis_row *row = diagnosis_add(out, CHECK_STATE, "", DIAGNOSIS_UNKNOWN);
        row->zh = status_sentence(status, LANGUAGE_ZH);
        row->en = status_sentence(status, LANGUAGE_EN);
        diagnosis_advise(row, "启动时由日志重建", "a start makes it from the journal");
    }
}

struct looking {
    const struct settings *settings;
    enum status status; /* of reading them: else they are the defaults */
    const char *data;
    bool is_named; /* the folder, by who asks */
};

static void look_without(struct invocation *inv, const struct looking *at, const struct explanation *why,
                         struct verdict *mistakes, struct diagnosis *out) {
    bool is_known = at->status == STATUS_OK || at->is_named
                    || file_is_directory(file_join(inv->arena, at->data, "journal"));
    bool may_look = false;
    if (is_known) {
        may_look = tell_silence(inv, at->data, why, out);
        look_at_disk(at->settings, at->data, out);
    } else {
        tell_unknown_folder(out);
    }
    check_memory(memory_available(), out);
    if (at->status != STATUS_OK || !verdict_passes(mistakes) || !settings_are_read(at->settings)) {
        if (mistakes->count) {
            tell_mistakes(mistakes, out); /* of what it says nothing can be looked at */
        }
        return;
    }
    xsd_start();
    struct edition *edition = look_at_start(at->settings, mistakes, out);
    if (may_look) {
        look_at_state(inv, at->data, edition, out);
    }
    edition_release(edition);
}

/* --- the verb ------------------------------------------------------------------------------------------- */

static int run(struct invocation *inv) {
    struct settings *settings;
    struct diagnosis diagnosis;
    struct explanation why = { "", "" };
    struct verdict mistakes;
    struct buf body;
    if (inv->count) {
        return invocation_usage(inv, "不带参数", "takes no arguments");
    }
    verdict_init(&mistakes, inv->arena);
    const char *path = invocation_config(inv), *data = invocation_option(inv, "data");
    enum status status = settings_load(path, &settings, inv->arena, &mistakes);
    bool is_named = data != NULL;
    data = data ? data : settings_text(settings, SETTING_DATA);
    diagnosis_init(&diagnosis, inv->arena);
    bool answered = ask_gateway(inv, data, &diagnosis, &why);
    if (!answered) {
        diagnosis_init(&diagnosis, inv->arena);
        look_without(inv, &(struct looking){ settings, status, data, is_named }, &why, &mistakes, &diagnosis);
    }
    if (status != STATUS_OK) {
        tell_unreadable(inv, path ? path : SETTINGS_FILE, status, &diagnosis);
    }
    diagnosis_sort(&diagnosis);
    buf_init(&body, PRINT_MAX);
    if (inv->json) {
        struct json_out out;
        json_start(&out, &body);
        diagnosis_json(&diagnosis, &out);
    } else {
        diagnosis_print(&diagnosis, inv->language, &body);
    }
    int code = invocation_result(inv, STATUS_OK, &body, "");
    return code ? code : diagnosis_worst(&diagnosis) == DIAGNOSIS_FAILED ? EXIT_FAILED : 0;
}

static const struct example_row examples[] = {
    { "clearway doctor", "网关、磁盘、证书、线路、积压……现在如何，该做什么",
      "gateway, disk, certificates, lines, backlogs: how each stands, and what to do" },
    { "clearway doctor --json || mail -s clearway ops", "有故障时退出码为 1",
      "exits with 1 when something has failed" },
    EXAMPLES_END,
};

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary_en =
        "how all stands that the gateway depends on, and what to do; with a running one and without",
    .summary_zh = "诊断：网关所依赖的一切现在如何，该做什么；网关未运行时亦可",
    .examples = examples,
    .options = options,
    .run = run,
};
