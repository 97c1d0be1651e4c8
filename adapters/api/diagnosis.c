/*
 * diagnosis.c - what the rooms tell of themselves for the question of the diagnosis (view/diagnostics.h), and
 * the same question over the control socket, where nobody signs in.
 */
#include "base/status.h"
#include "view/checks.h"
#include "adapters/adapter.h"
#include "adapters/api/shared.h"
#include "adapters/expiry.h"

static void know(void *context, struct diagnostics_house *out) {
    const struct api *api = context;
    struct journal *journal = api->options.journal;
    *out = (struct diagnostics_house){
        .directory = api->options.directory,
        .started = api->started,
        .ready = intake_ready(api->options.intake),
        .behind = engine_behind(api->options.engine),
        .durable = journal_durable(journal),
        .position = engine_position(api->options.engine),
        .reserve = journal_reserve(journal),
        .is_full = journal_is_full(journal),
        .clock = clock_read(journal_clock(journal)),
    };
}

static void tell_of_people(const struct api *api, stamp now, struct diagnosis *out) {
    if (!api->people) {
        return;
    }
    size_t accounts = accounts_count(api->people->accounts), sessions = sessions_count(api->sessions, now);
    bool empty = api->people->accounts && !accounts;
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_PEOPLE, "", empty ? DIAGNOSIS_WARNING : DIAGNOSIS_OK);
    row->figure = (int64_t)sessions;
    row->unit = "sessions";
    diagnosis_say(out, row, "账号 %zu 个，会话 %zu 个", "%zu accounts, %zu sessions", accounts, sessions);
    if (empty) {
        diagnosis_advise(row, "无人能够登录：clearway passwd 生成账号行，写入 people.accounts 所指的文件",
                         "nobody can sign in: clearway passwd makes lines for the file of people.accounts");
    }
}

static void tell(void *context, stamp now, struct diagnosis *out) {
    struct api *api = context;
    expiry_diagnose(now, out);
    tell_of_people(api, now, out);
    const struct adapter *const *adapters = api->options.adapters;
    for (size_t i = 0; adapters && adapters[i]; i++) {
        void *running = api->options.running[i];
        if (running && adapters[i]->diagnose) {
            adapters[i]->diagnose(running, now, out);
        }
    }
}

struct diagnostics_rooms api_diagnostics_rooms(struct api *api) {
    return (struct diagnostics_rooms){ .know = know, .tell = tell, .context = api };
}

void api_show_diagnosis(struct http_request *req, void *context) {
    struct api *api = context;
    struct view_question question = { .view = view_find("diagnostics"),
                                      .source = &api->source,
                                      .now = clock_now(journal_clock(api->options.journal)),
                                      .arena = req->arena };
    struct buf body;
    buf_init(&body, API_ANSWER_MAX);
    enum status status = view_answer(&question, VIEW_JSON, &body);
    if (status == STATUS_OK) {
        api_answer_buf(req, 200, &body);
    } else {
        buf_release(&body);
        http_problem_status(req, status);
    }
}
