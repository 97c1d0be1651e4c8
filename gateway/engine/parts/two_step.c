/*
 * two_step.c - the two-step declaration 两步申报: the summary 概要申报 starts a clock, the complete
 * declaration 完整申报 stops it; in between its sender is warned, and told when it is overdue.
 *
 *   summary ──► warned ──► overdue
 *      └───────────┴──────────┴────► complete
 *
 * The clock runs from the entry of the means of transport, until that is known from the summary's receipt.
 * How many days there are is said by schemas/terms, as of the day of the cause.
 */
#include <inttypes.h>
#include <string.h>

#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"
#include "engine/parts/links.h"

#define MOVES_ENOUGH (DECISION_MOVES_MAX / 2) /* with so many no clock is set */

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "summary",  10, "待完整申报",     "complete declaration awaited" },
    { "warned",   20, "完整申报将到期", "complete declaration due soon" },
    { "overdue",  30, "完整申报已逾期", "complete declaration overdue" },
    { "complete", 40, "已完整申报",     "completed" },
};

static const struct lifecycle_event events[] = {
    { "summary",         "summary",  "概要申报已提交",   "summary declaration submitted" },
    { "summary-warning", "warned",   "完整申报期限将至", "complete declaration is due soon" },
    { "summary-overdue", "overdue",  "完整申报已逾期",   "complete declaration is overdue" },
    { "complete",        "complete", "完整申报已提交",   "complete declaration submitted" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "two_step", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS summaries(key TEXT PRIMARY KEY, subject TEXT NOT NULL, record INTEGER NOT"
    " NULL,"
    "  received INTEGER NOT NULL, due INTEGER NOT NULL, accepted INTEGER NOT NULL DEFAULT 0,"
    "  state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS summaries_open ON summaries(subject, accepted, record) WHERE state <>"
    " 'complete';";

struct summary {
    const char *state;
    stamp due;
};

static bool summary_get(const struct cause *cause, const char *key, struct summary *out) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT state, due FROM summaries WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct summary){ row_text(query, 0, cause->arena), store_int(query, 1) };
    }
    store_reset(query);
    return found;
}

/* --- the clock ------------------------------------------------------------------------------------------ */

/* What lies months before the summary is another ship's entry, or mistyped. */
static stamp clock_begins(const struct cause *cause, const char *subject, stamp received) {
    stamp arrived = consignment_arrived(cause, subject, received - cause_term(cause, TERM_UNDECLARED_SOLD));
    return arrived ? arrived : received;
}

static stamp due_of(const struct cause *cause, stamp begins) {
    return begins + cause_term(cause, TERM_SUMMARY_DUE);
}

static void set_timers(struct cause *cause, const char *key, stamp begins) {
    timer_set(cause->decision, "two_step", key, "summary-warning",
              begins + cause_term(cause, TERM_SUMMARY_WARNING));
    timer_set(cause->decision, "two_step", key, "summary-overdue", due_of(cause, begins));
}

static void start(struct cause *cause, const struct declaration *summary) {
    stamp begins = clock_begins(cause, summary->subject, summary->received);
    decision_move(cause->decision, "two_step", summary->key, "summary", "", "summary", summary->received,
                  "subject", summary->subject, NULL);
    decision_put(cause->decision, "record", (int64_t)summary->record);
    decision_put(cause->decision, "due", due_of(cause, begins));
    set_timers(cause, summary->key, begins);
}

/* When it is due as this decision leaves it. */
static stamp due_now(const struct cause *cause, const char *key, stamp before) {
    const struct decision *decision = cause->decision;
    for (size_t i = decision->moves_count; i-- > 0;) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->key, key) == 0
            && (move_is(move, "two_step", "clock") || move_is(move, "two_step", "summary"))) {
            return move_number(move, "due");
        }
    }
    return before;
}

static void move_clock(struct cause *cause, const char *subject, const char *key, stamp received,
                       stamp due_before) {
    stamp begins = clock_begins(cause, subject, received);
    if (due_now(cause, key, due_before) != due_of(cause, begins)) {
        decision_move(cause->decision, "two_step", key, "clock", "", "", cause->stamp, NULL);
        decision_put(cause->decision, "due", due_of(cause, begins));
        set_timers(cause, key, begins);
    }
}

/* Its ship arrived, or what was told of that was taken back: the clocks of the consignment's summaries run
 * from the first time that counts, in whatever order it is told. Anybody can declare under any bill: those
 * that customs accepted come first. Clocks that run already stand in nobody's way. */
static void move_clocks(struct cause *cause, const char *subject) {
    const struct decision *decision = cause->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move move = decision->moves[i];
        if (move_is(&move, "two_step", "summary") && text_is(move_text(&move, "subject"), subject)) {
            move_clock(cause, subject, move.key, move.at, 0);
        }
    }
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT key, received, due FROM summaries WHERE subject = ?"
                                               " AND state <> 'complete' ORDER BY accepted DESC, record");
    store_bind_string(query, 1, subject);
    while (decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(cause->state)
           && state_row(cause->state, query)) {
        move_clock(cause, subject, row_text(query, 0, cause->arena), store_int(query, 1),
                   store_int(query, 2));
    }
    store_reset(query);
}

/* --- the complete declaration --------------------------------------------------------------------------- */

static bool find_summary_of(struct cause *cause, const char *kind, const char *field,
                            struct declaration *out) {
    struct declaration of_number[LINKED_MAX];
    size_t count = links_find(cause, kind, cause_text(cause, field), of_number);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(of_number[i].party, cause->sender) == 0 && strcmp(of_number[i].step, "summary") == 0) {
            *out = of_number[i];
            return true;
        }
    }
    return false;
}

/* The sender's own summary that a complete declaration names by entry number or SeqNo. */
static bool find_summary(struct cause *cause, struct declaration *out) {
    return find_summary_of(cause, "entry", "entry_number", out)
           || find_summary_of(cause, "seq", "seq_no", out);
}

static void tell(struct cause *cause, const struct declaration *summary, const char *event, stamp at) {
    struct summary before = { "", 0 };
    (void)summary_get(cause, summary->key, &before);
    decision_move(cause->decision, "two_step", summary->key, event, before.state,
                  lifecycle_next(&lifecycle, before.state, event), at, "subject", summary->subject, NULL);
    decision_put(cause->decision, "record", (int64_t)cause->number);
}

static void complete(struct cause *cause) {
    struct declaration summary;
    if (find_summary(cause, &summary)) {
        timer_clear(cause->decision, "two_step", summary.key, "summary-warning");
        timer_clear(cause->decision, "two_step", summary.key, "summary-overdue");
        tell(cause, &summary, "complete", cause->metadata->env.received);
    }
}

/* What the rules T01, T02 ask. */
static void enrich(struct cause *cause) {
    struct declaration declaration;
    struct summary summary;
    if (strcmp(declaration_step(cause), "complete") != 0) {
        return;
    }
    bool known = find_summary(cause, &declaration);
    cause_enrich_flag(cause, "summary_known", 0, known);
    if (known && summary_get(cause, declaration.key, &summary)) {
        cause_enrich_moment(cause, "summary_due", summary.due);
    }
}

/* --- what is heard, and what is due --------------------------------------------------------------------- */

static void hear(struct cause *cause, const struct move *move) {
    struct declaration declaration;
    if (consignment_is_arrival(move) || consignment_is_taken_back(move)) {
        move_clocks(cause, move->key);
    } else if (move_is(move, "declarations", "declare") && text_is(move_text(move, "step"), "complete")) {
        complete(cause);
    } else if (move_is(move, "declarations", "declare") && text_is(move_text(move, "step"), "summary")
               && declaration_get(cause, move->key, &declaration)) {
        start(cause, &declaration);
    } else if (declaration_turn(cause, move) == DECLARATION_ACCEPTED
               && declaration_get(cause, move->key, &declaration)
               && strcmp(declaration.step, "summary") == 0) {
        decision_move(cause->decision, "two_step", move->key, "accept", "", "", move->at, NULL);
    }
}

static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct arena *arena = cause->arena;
    struct declaration summary;
    if (!declaration_get(cause, cause->tick_key, &summary)) {
        return;
    }
    int due = terms_days(cause->edition->terms, TERM_SUMMARY_DUE, cause->today);
    int warning = terms_days(cause->edition->terms, TERM_SUMMARY_WARNING, cause->today);
    decision_subject(decision, summary.subject);
    tell(cause, &summary, cause->tick_event, cause->stamp);
    if (strcmp(cause->tick_event, "summary-overdue") == 0) {
        decision_answer(
            decision, "SUMMARY-OVERDUE", arena_printf(arena, "概要申报后 %d 日内未提交完整申报，已逾期", due),
            arena_printf(arena, "no complete declaration within %d days of the summary: overdue", due));
    } else {
        decision_answer(decision, "SUMMARY-DUE-SOON",
                        arena_printf(arena, "概要申报后第 %d 日：完整申报须于第 %d 日前提交", warning, due),
                        arena_printf(arena,
                                     "day %d after the summary: the complete declaration is due by day %d",
                                     warning, due));
    }
    decision_detail(decision, "message_id", summary.own_id);
    decision_send(decision, summary.party, 0, "two-step");
}

/* --- what its moves do to it ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "summary", NULL, {
        "INSERT OR IGNORE INTO summaries(key, subject, record, received, due, state)"
        " VALUES(:key, :subject, :record, :at, :due, :to)" }, NULL },
    { "clock", NULL, { "UPDATE summaries SET due = :due WHERE key = :key" }, NULL },
    { "accept", NULL, { "UPDATE summaries SET accepted = 1 WHERE key = :key" }, NULL },
    { NULL, NULL, { "UPDATE summaries SET state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "declaration", enrich, NULL },
    { 0 },
};

const struct part part_two_step = {
    .name = "two_step",
    .lifecycle = &lifecycle,
    .noun = "summary",
    .state_of = "SELECT state FROM summaries WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .hear = hear,
    .moves = moves,
};
