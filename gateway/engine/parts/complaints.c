/*
 * complaints.c - complaints about charges 收费投诉: what a payer objects to in a charge note, or in one line
 * of it.
 *
 *   open ──► overdue ──► answered
 *     └────────────────────┘
 *
 * A complaint is about a note that an operator charged the complainant, and tells the version of the
 * published list that the line was held against. From it a clock runs (schemas/terms, complaint-answer); when
 * that ends without an answer, the two and the port office are told. Of one line, as of the whole note, there
 * is one complaint that is not answered. Who may do what is said by the engine-stage rules (K02 ...) over
 * what is made known here; "not yours" and "not there" make the same known.
 */
#include <inttypes.h>
#include <string.h>

#include "engine/parts/charges.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "open",     10, "待答复", "awaits an answer" },
    { "overdue",  20, "逾期未答复", "overdue"      },
    { "answered", 30, "已答复", "answered"         },
};

static const struct lifecycle_event events[] = {
    { "complain", "open",     "收费投诉",       "complaint about a charge"      },
    { "overdue",  "overdue",  "投诉逾期未答复", "complaint not answered in time" },
    { "reply",    "answered", "答复投诉",       "complaint answered"            },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "complaints", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* operator, payer: codes; respondent: the party that charged. line: "" of a whole note */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS complaints(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  payer TEXT NOT NULL, operator TEXT NOT NULL, respondent TEXT NOT NULL, note TEXT NOT NULL,"
    "  line TEXT NOT NULL, version TEXT NOT NULL, reason TEXT NOT NULL, subject TEXT NOT NULL,"
    "  record INTEGER NOT NULL, received INTEGER NOT NULL, due INTEGER NOT NULL, reply INTEGER NOT NULL,"
    "  outcome TEXT NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS complaints_note ON complaints(note, line) WHERE state <> 'answered';"
    "CREATE INDEX IF NOT EXISTS complaints_own ON complaints(own_id, respondent);"
    "CREATE INDEX IF NOT EXISTS complaints_received ON complaints(received);";

/* --- what is complained of ------------------------------------------------------------------------------ */

struct complaint {
    const char *key, *party, *own_id, *respondent, *subject, *state;
};

static bool read_complaint(const struct cause *cause, struct store_query *query, struct complaint *out) {
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct complaint){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                   row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                                   row_text(query, 4, cause->arena), row_text(query, 5, cause->arena) };
    }
    store_reset(query);
    return found;
}

#define COMPLAINT "SELECT key, party, own_id, respondent, subject, state FROM complaints"

static bool complaint_get(const struct cause *cause, const char *key, struct complaint *out) {
    struct store_query *query = store_query(state_store(cause->state), COMPLAINT " WHERE key = ?");
    store_bind_string(query, 1, key);
    return read_complaint(cause, query, out);
}

/* The one that the sender's reply is about. */
static bool complaint_of_reply(const struct cause *cause, struct complaint *out) {
    struct store_query *query =
        store_query(state_store(cause->state), COMPLAINT " WHERE own_id = ? AND respondent = ? AND payer = ?"
                                                         " AND operator = ? ORDER BY record DESC LIMIT 1");
    store_bind_string(query, 1, cause_text(cause, "complaint_id"));
    store_bind_string(query, 2, cause->sender);
    store_bind_string(query, 3, cause_text(cause, "complainant_code"));
    store_bind_string(query, 4, cause_text(cause, "operator_code"));
    return read_complaint(cause, query, out);
}

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s", cause->sender, cause_text(cause, "complaint_id"));
}

/* The note that the operator charged the complainant. */
static bool find_note(const struct cause *cause, struct charge_note *out) {
    return charges_note(cause, cause_text(cause, "operator_code"), cause_text(cause, "note_id"), out)
           && strcmp(out->payer, cause_text(cause, "complainant_code")) == 0;
}

/* The same line, or the whole note. */
static bool is_complained_of(const struct cause *cause, const struct charge_note *note) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT 1 FROM complaints WHERE note = ? AND line = ? AND state <> 'answered'");
    store_bind_string(query, 1, note->key);
    store_bind_string(query, 2, cause_text(cause, "note_line"));
    return state_exists(cause->state, query);
}

static void enrich_complaint(struct cause *cause) {
    struct charge_note note;
    struct complaint complaint;
    bool known = find_note(cause, &note);
    cause_enrich_flag(cause, "note_known", 0, known);
    cause_enrich_flag(cause, "note_line_known", 0,
                      known && charges_line_list(cause, note.key, cause_text(cause, "note_line")));
    cause_enrich_flag(cause, "complaint_open", 0, known && is_complained_of(cause, &note));
    cause_enrich_flag(cause, "complaint_known", 0, complaint_get(cause, key_of(cause), &complaint));
}

static void enrich_reply(struct cause *cause) {
    struct complaint complaint;
    bool known = complaint_of_reply(cause, &complaint);
    cause_enrich_flag(cause, "complaint_known", 0, known);
    cause_enrich_flag(cause, "complaint_answered", 0, known && strcmp(complaint.state, "answered") == 0);
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static void decide_complaint(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct charge_note note;
    struct complaint complaint;
    const char *key = key_of(cause), *line = cause_text(cause, "note_line");
    if (!find_note(cause, &note)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-NOTE", "没有该收费单", "there is no such charge note");
        return;
    }
    if (complaint_get(cause, key, &complaint)) {
        decision_refuse(decision, "COMPLAINT-KNOWN", "该投诉编号已使用",
                        "this complaint number was used before");
        return;
    }
    stamp received = cause->metadata->env.received;
    stamp due = received + cause_term(cause, TERM_COMPLAINT_ANSWER);
    const char *of_line = charges_line_list(cause, note.key, line);
    const char *version = of_line ? of_line : note.version;
    char due_text[STAMP_TEXT_MAX];
    decision_subject(decision, note.subject);
    decision_move(decision, "complaints", key, "complain", "", "open", received, "party", cause->sender,
                  "own_id", cause_text(cause, "complaint_id"), "payer", cause_text(cause, "complainant_code"),
                  "operator", cause_text(cause, "operator_code"), "respondent", note.party, "note", note.key,
                  "line", line, "version", version, "reason", cause_text(cause, "complaint_reason"),
                  "subject", note.subject, NULL);
    decision_put(decision, "due", due);
    timer_set(decision, "complaints", key, "overdue", due);
    decision_send(decision, note.party, cause->number, "complaint");
    decision_answer(decision, "COMPLAINT-OPEN", "投诉已登记并转收费方，请等待答复",
                    "the complaint is recorded and handed to who charged");
    decision_detail(decision, "complaint_id", cause_text(cause, "complaint_id"));
    decision_detail(decision, "list_version", version);
    decision_detail(decision, "answer_due", stamp_print(due, due_text));
}

static void decide_reply(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct complaint complaint;
    if (!complaint_of_reply(cause, &complaint)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-COMPLAINT", "没有该投诉", "there is no such complaint");
        return;
    }
    timer_clear(decision, "complaints", complaint.key, "overdue");
    decision_subject(decision, complaint.subject);
    decision_move(decision, "complaints", complaint.key, "reply", complaint.state,
                  lifecycle_next(&lifecycle, complaint.state, "reply"), cause->metadata->env.received,
                  "outcome", cause_text(cause, "complaint_outcome"), "subject", complaint.subject, NULL);
    decision_answer(decision, "COMPLAINT-ANSWERED", "投诉答复已登记",
                    "the reply to the complaint is recorded");
    decision_detail(decision, "complaint_id", complaint.own_id);
}

/* --- nobody answered in time ---------------------------------------------------------------------------- */

static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct complaint complaint;
    if (!complaint_get(cause, cause->tick_key, &complaint) || strcmp(complaint.state, "open") != 0) {
        return;
    }
    int days = terms_days(cause->edition->terms, TERM_COMPLAINT_ANSWER, cause->today);
    decision_subject(decision, complaint.subject);
    decision_move(decision, "complaints", complaint.key, "overdue", complaint.state, "overdue", cause->stamp,
                  "subject", complaint.subject, NULL);
    decision_answer(decision, "COMPLAINT-OVERDUE",
                    arena_printf(cause->arena, "投诉 %s 在 %d 日内未得到答复", complaint.own_id, days),
                    arena_printf(cause->arena, "the complaint %s was not answered within %d days",
                                 complaint.own_id, days));
    decision_detail(decision, "complaint_id", complaint.own_id);
    decision_send(decision, complaint.party, 0, "complaint");
    decision_send(decision, complaint.respondent, 0, "complaint");
    cause_send_role(cause, "office", "", "complaint");
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "complain", NULL, {
        "INSERT INTO complaints(key, party, own_id, payer, operator, respondent, note, line, version, reason,"
        " subject, record, received, due, reply, outcome, state) VALUES(:key, :party, :own_id, :payer, :operator,"
        " :respondent, :note, :line, :version, :reason, :subject, :cause, :at, :due, 0, '', :to)" }, "subject" },
    { "overdue", NULL, { "UPDATE complaints SET state = :to WHERE key = :key" }, "subject" },
    { "reply", NULL, {
        "UPDATE complaints SET reply = :cause, outcome = :outcome, state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "complaint", enrich_complaint, decide_complaint },
    { "complaint-reply", enrich_reply, decide_reply },
    { 0 },
};

const struct part part_complaints = {
    .name = "complaints",
    .lifecycle = &lifecycle,
    .noun = "complaint",
    .state_of = "SELECT state FROM complaints WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .moves = moves,
};
