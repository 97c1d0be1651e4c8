/*
 * samples.c - samples 样品 that customs took of declared goods, and the reports of laboratories on them
 * 第三方采信.
 *
 *   taken ──► failed
 *     └─────► released
 *
 * Customs tells which declaration a sample is of and by which methods it is to be tested. A report of a
 * laboratory is accepted when the registry has it for these goods and methods on the day of issue, and when
 * it is of this sample and declaration; so say the engine-stage rules (Q03 ...) over what is made known here.
 * One that finds all in order releases the sample; else customs decides what is to be done with the goods.
 */
#include <string.h>

#include "engine/parts/labs.h"
#include "engine/parts/links.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "taken",    10, "待检",   "awaits its report" },
    { "failed",   20, "不合格", "failed"            },
    { "released", 20, "放行",   "released"          },
};

static const struct lifecycle_event events[] = {
    { "take",    "taken",    "取样送检",             "sample taken"                      },
    { "join",    "",         "样品属于此报关单",     "the sample is of this declaration" },
    { "fail",    "failed",   "采信报告：样品不合格", "report accepted: the sample failed" },
    { "release", "released", "采信报告：样品放行",   "report accepted: sample released"   },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "samples", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* party: customs that took it; owner: of the declaration */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS samples(key TEXT PRIMARY KEY, party TEXT NOT NULL, owner TEXT NOT NULL,"
    "  entry TEXT NOT NULL, hs TEXT NOT NULL, subject TEXT NOT NULL, record INTEGER NOT NULL,"
    "  report INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS samples_unowned ON samples(entry) WHERE owner = '';"
    "CREATE TABLE IF NOT EXISTS sample_methods(sample TEXT NOT NULL, method TEXT NOT NULL,"
    "  PRIMARY KEY(sample, method)) STRICT, WITHOUT ROWID;";

#define JOINED_MAX  16   /* samples of one entry number that waited for its declaration */
#define MISSING_MAX 2000 /* bytes of the methods that are told */

struct sample {
    const char *key, *party, *owner, *entry, *hs, *subject, *state;
};

static bool sample_get(const struct cause *cause, const char *key, struct sample *out) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT key, party, owner, entry, hs, subject, state FROM samples WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct sample){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                                row_text(query, 4, cause->arena), row_text(query, 5, cause->arena),
                                row_text(query, 6, cause->arena) };
    }
    store_reset(query);
    return found;
}

/* --- a sample ------------------------------------------------------------------------------------------- */

static void enrich_notice(struct cause *cause) {
    struct sample sample;
    cause_enrich_flag(cause, "sample_known", 0, sample_get(cause, cause_text(cause, "sample_id"), &sample));
}

static void decide_notice(struct cause *cause) {
    struct decision *decision = cause->decision;
    const char *key = cause_text(cause, "sample_id"), *entry = cause_text(cause, "entry_number");
    stamp at = cause_moment(cause, "event_time", cause->metadata->env.received);
    struct declaration of_entry[LINKED_MAX];
    struct sample before;
    if (sample_get(cause, key, &before)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "SAMPLE-KNOWN", "该样品编号已使用", "this sample number was used before");
        return;
    }
    bool known = links_find(cause, "entry", entry, of_entry) > 0;
    const char *subject = known ? of_entry[0].subject : "", *owner = known ? of_entry[0].party : "";
    decision_subject(decision, subject);
    decision_move(decision, "samples", key, "take", "", "taken", at, "party", cause->sender, "owner", owner,
                  "entry", entry, "hs", cause_text(cause, "sample_hs"), "subject", subject, NULL);
    for (uint32_t row = 0; row < cause_rows(cause, "test"); row++) {
        decision_move(decision, "samples", key, "method", "", "", at, "method",
                      cause_row_text(cause, "test.method", row), NULL);
    }
    cause->submitter = owner;
    decision_answer(decision, "SAMPLE-TAKEN", "取样已登记，等待检验报告",
                    "the sample is recorded and awaits its report");
    decision_detail(decision, "sample_id", key);
}

/* Customs gave the number to a declaration after it took the sample: whose it is, and of which goods. */
static void hear(struct cause *cause, const struct move *move) {
    struct customs_number number;
    struct declaration of_entry[LINKED_MAX];
    if (!link_is_made(move, &number) || strcmp(number.kind, "entry") != 0
        || !links_find(cause, number.kind, number.value, of_entry)) {
        return;
    }
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT key FROM samples WHERE entry = ? AND owner = '' LIMIT ?");
    store_bind_string(query, 1, number.value);
    store_bind_int(query, 2, JOINED_MAX);
    while (state_row(cause->state, query)) {
        decision_move(cause->decision, "samples", row_text(query, 0, cause->arena), "join", "", "", move->at,
                      "owner", of_entry[0].party, "subject", of_entry[0].subject, NULL);
    }
    store_reset(query);
}

/* --- a report ------------------------------------------------------------------------------------------- */

static bool report_has(const struct cause *cause, struct text method) {
    for (uint32_t row = 0; row < cause_rows(cause, "test"); row++) {
        if (text_is(method, cause_row_text(cause, "test.method", row))) {
            return true;
        }
    }
    return false;
}

/* What customs asked for and the report lacks: "GB/T 1, GB/T 2". */
static const char *methods_missing(const struct cause *cause, const char *sample) {
    struct buf missing;
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT method FROM sample_methods WHERE sample = ? ORDER BY 1");
    store_bind_string(query, 1, sample);
    buf_init(&missing, MISSING_MAX);
    while (state_row(cause->state, query)) {
        struct text method = store_text(query, 0);
        if (!report_has(cause, method)) {
            buf_printf(&missing, "%s" TEXT_FORMAT, missing.length ? ", " : "", TEXT_ARGS(method));
        }
    }
    store_reset(query);
    const char *copy = arena_copy(cause->arena, buf_text(&missing));
    buf_release(&missing);
    return copy;
}

/* The report names the declaration, and goods that the sample's commodity code begins, or that begin it. */
static bool is_declared(const struct cause *cause, const struct sample *sample) {
    const char *hs = cause_text(cause, "sample_hs");
    size_t length = strlen(hs) < strlen(sample->hs) ? strlen(hs) : strlen(sample->hs);
    return strcmp(sample->entry, cause_text(cause, "entry_number")) == 0
           && strncmp(hs, sample->hs, length) == 0;
}

static void enrich_report(struct cause *cause) {
    struct sample sample;
    const char *lab = cause_text(cause, "lab_code"), *hs = cause_text(cause, "sample_hs");
    int32_t issued = cause_row_day(cause, "issue_date", 0, cause->today);
    bool known = sample_get(cause, cause_text(cause, "sample_id"), &sample);
    bool declared = known && is_declared(cause, &sample);
    cause_enrich_flag(cause, "lab_known", 0, lab_is_accepted(cause, lab));
    cause_enrich_flag(cause, "sample_known", 0, known);
    cause_enrich_flag(cause, "sample_declared", 0, declared);
    cause_enrich_flag(cause, "sample_open", 0, declared && strcmp(sample.state, "taken") == 0);
    cause_enrich(cause, "methods_missing", 0, declared ? methods_missing(cause, sample.key) : "");
    for (uint32_t row = 0; row < cause_rows(cause, "test"); row++) {
        cause_enrich_flag(cause, "test.in_scope", row,
                          lab_is_in_scope(cause, lab, hs, cause_row_text(cause, "test.method", row), issued));
    }
}

static void decide_report(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct sample sample;
    if (!sample_get(cause, cause_text(cause, "sample_id"), &sample)) { /* a rule says it better */
        decision_refuse(decision, "NO-SAMPLE", "没有该样品", "there is no such sample");
        return;
    }
    bool passed = strcmp(cause_text(cause, "report_result"), "PASS") == 0;
    const char *event = passed ? "release" : "fail";
    decision_subject(decision, sample.subject);
    decision_move(decision, "samples", sample.key, event, sample.state,
                  lifecycle_next(&lifecycle, sample.state, event), cause->metadata->env.received, "subject",
                  sample.subject, NULL);
    cause->submitter = sample.owner;
    decision_send(decision, sample.party, cause->number, "sample");
    if (passed) {
        decision_answer(decision, "REPORT-ACCEPTED", "检验报告已采信，样品放行",
                        "the report is accepted, the sample is released");
    } else {
        decision_answer(decision, "REPORT-ACCEPTED-FAILED", "检验报告已采信，样品不合格，由海关处置",
                        "the report is accepted, the sample failed: customs decides");
    }
    decision_detail(decision, "report_id", cause_text(cause, "report_id"));
    decision_detail(decision, "sample_id", sample.key);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "take", NULL, {
        "INSERT INTO samples(key, party, owner, entry, hs, subject, record, report, state)"
        " VALUES(:key, :party, :owner, :entry, :hs, :subject, :cause, 0, :to)" }, "subject" },
    { "method", NULL, {
        "INSERT OR IGNORE INTO sample_methods(sample, method) VALUES(:key, :method)" }, NULL },
    { "join", NULL, { "UPDATE samples SET owner = :owner, subject = :subject WHERE key = :key" }, "subject" },
    { NULL, NULL, { "UPDATE samples SET state = :to, report = :cause WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "sample-notice", enrich_notice, decide_notice },
    { "lab-report", enrich_report, decide_report },
    { 0 },
};

const struct part part_samples = {
    .name = "samples",
    .lifecycle = &lifecycle,
    .noun = "sample",
    .state_of = "SELECT state FROM samples WHERE key = ?",
    .tables = tables,
    .families = families,
    .hear = hear,
    .moves = moves,
};
