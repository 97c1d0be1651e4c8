/*
 * vessel_calls.c - calls of vessels 船舶航次: boarding 登轮检疫 that an agent asks for and customs decides,
 * remotely 云登轮 or with officers on board, before the berth.
 *
 *   requested ──► deficient ──► requested ...
 *      ├───────► physical ──► cleared
 *      └───────────────────────► cleared
 *
 * A call is one vessel at one port on one voyage. What lacks something is asked for again, so the states do
 * not only go forward: the message recorded last tells where a call stands, until it is cleared. Who may do
 * what is said by rules (V02 ...) over what is made known here, to requests, results and events of the port.
 */
#include <string.h>

#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "requested", 10, "待检疫结果",   "awaits customs"        },
    { "deficient", 10, "须补正",       "to be mended"          },
    { "physical",  20, "现场登轮",     "officers come on board" },
    { "cleared",   30, "准予入境",     "cleared"               },
};

static const struct lifecycle_event events[] = {
    { "REQUEST",   "requested", "申请登轮检疫", "boarding asked for"      },
    { "DEFICIENT", "deficient", "须补正",       "to be mended"            },
    { "PHYSICAL",  "physical",  "改为现场登轮", "officers come on board"  },
    { "CLEARED",   "cleared",   "准予入境",     "cleared"                 },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "vessel_calls", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS vessel_calls(key TEXT PRIMARY KEY, port TEXT NOT NULL, imo TEXT NOT NULL,"
    "  voyage TEXT NOT NULL, vessel TEXT NOT NULL, party TEXT NOT NULL, mode TEXT NOT NULL,"
    "  eta INTEGER NOT NULL, record INTEGER NOT NULL, result INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  lacks TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS vessel_calls_imo ON vessel_calls(imo);";

#define LACKS_MAX 2000 /* bytes of the deficiencies that are told */

struct vessel_call {
    const char *key, *party, *state; /* party: the agent that asked first; state "": nobody did */
};

/* Of the vessel and voyage that the message names, at its port. */
static struct vessel_call call_of(const struct cause *cause) {
    struct vessel_call call = { arena_printf(cause->arena, "%s/%s/%s", subject_port(cause),
                                             cause_text(cause, "vessel_imo"), cause_text(cause, "voyage")),
                                "", "" };
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT party, state FROM vessel_calls WHERE key = ?");
    store_bind_string(query, 1, call.key);
    if (state_row(cause->state, query)) {
        call.party = row_text(query, 0, cause->arena);
        call.state = row_text(query, 1, cause->arena);
    }
    store_reset(query);
    return call;
}

static void tell_call(struct cause *cause, const char *state) {
    cause_enrich_flag(cause, "call_known", 0, *state != '\0');
    cause_enrich_flag(cause, "call_cleared", 0, strcmp(state, "cleared") == 0);
}

static void enrich(struct cause *cause) {
    tell_call(cause, call_of(cause).state);
}

static void enrich_result(struct cause *cause) {
    tell_call(cause, subject_port_is_served(cause) ? call_of(cause).state : "");
}

static void detail_call(struct cause *cause) {
    decision_detail(cause->decision, "vessel", cause_text(cause, "vessel_imo"));
    decision_detail(cause->decision, "voyage", cause_text(cause, "voyage"));
}

static void decide_request(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct vessel_call call = call_of(cause);
    if (*call.party && strcmp(call.party, cause->sender) != 0) {
        decision_refuse(decision, "CALL-OF-ANOTHER", "该航次由另一代理申请",
                        "another agent asked for this call");
        return;
    }
    decision_move(decision, "vessel_calls", call.key, "REQUEST", call.state, "requested",
                  cause->metadata->env.received, "port", subject_port(cause), "imo",
                  cause_text(cause, "vessel_imo"), "voyage", cause_text(cause, "voyage"), "vessel",
                  cause_text(cause, "vessel_name"), "party", cause->sender, "mode",
                  cause_text(cause, "boarding_mode"), NULL);
    decision_put(decision, "eta", cause_moment(cause, "eta", 0));
    decision_answer(decision, "BOARDING-REQUESTED", "登轮检疫申请已受理，请等待结果",
                    "the request for boarding is recorded and goes to customs");
    detail_call(cause);
}

/* "crew list not signed; health declaration missing" */
static const char *lacks_of(const struct cause *cause) {
    struct buf lacks;
    buf_init(&lacks, LACKS_MAX);
    for (uint32_t row = 0; row < cause_rows(cause, "deficiency") && !buf_failed(&lacks); row++) {
        buf_printf(&lacks, "%s%s", row ? "; " : "", cause_row_text(cause, "deficiency.text", row));
    }
    const char *copy = buf_failed(&lacks) ? "" : arena_copy(cause->arena, buf_text(&lacks));
    buf_release(&lacks);
    return copy;
}

static void answer_result(struct cause *cause, const char *result) {
    /* clang-format off */
    static const struct {
        const char *result, *code, *zh, *en;
    } answers[] = {
        { "CLEARED",   "BOARDING-CLEARED",   "准予入境，可以靠泊", "the call is cleared: the vessel may berth" },
        { "DEFICIENT", "BOARDING-DEFICIENT", "须补正后再申请",     "to be mended, and asked for again"         },
        { "PHYSICAL",  "BOARDING-PHYSICAL",  "改为现场登轮",       "officers come on board"                    },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        if (strcmp(answers[i].result, result) == 0) {
            decision_answer(cause->decision, answers[i].code, answers[i].zh, answers[i].en);
        }
    }
}

static void decide_result(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct vessel_call call = call_of(cause);
    const char *result = cause_text(cause, "boarding_result");
    const char *to = lifecycle_proves(&lifecycle, result);
    if (!*call.party || !*to
        || !subject_port_is_served(cause)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-CALL", "没有该航次的申请", "no boarding was asked for this call");
        return;
    }
    decision_move(decision, "vessel_calls", call.key, result, call.state, to,
                  cause_moment(cause, "notice_time", cause->metadata->env.received), "reason",
                  cause_text(cause, "boarding_reason"), "lacks", lacks_of(cause), NULL);
    decision_send(decision, call.party, cause->number, "call");
    answer_result(cause, result);
    detail_call(cause);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "REQUEST", NULL, {
        "INSERT INTO vessel_calls(key, port, imo, voyage, vessel, party, mode, eta, record, result, reason, lacks,"
        " at, state) VALUES(:key, :port, :imo, :voyage, :vessel, :party, :mode, :eta, :cause, 0, '', '', :at, :to)"
        " ON CONFLICT DO UPDATE SET vessel = excluded.vessel, mode = excluded.mode, eta = excluded.eta,"
        " record = excluded.record, at = excluded.at, state = excluded.state" }, NULL },
    { NULL, NULL, {
        "UPDATE vessel_calls SET result = :cause, reason = :reason, lacks = :lacks, at = :at, state = :to"
        " WHERE key = :key" }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "boarding-request", enrich, decide_request },
    { "boarding-result", enrich_result, decide_result },
    { "port-event", enrich, NULL },
    { 0 },
};

const struct part part_vessel_calls = {
    .name = "vessel_calls",
    .lifecycle = &lifecycle,
    .noun = "call",
    .state_of = "SELECT state FROM vessel_calls WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
