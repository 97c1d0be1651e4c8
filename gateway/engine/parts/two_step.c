/*
 * two_step.c - summary → clock of 14 days → complete declaration.
 */
#include "engine/parts/two_step.h"

#include <inttypes.h>
#include <string.h>

#include "engine/parts/consignments.h"
#include "engine/parts/links.h"

#define SUMMARY_WARNED_DAYS 10
#define SUMMARY_DUE_DAYS    14
#define DAY                 (86400 * STAMP_SECOND)
/* Goods that nobody declares within three months of their entry are sold (Customs Law, article 30). */
#define UNDECLARED_MAX      (90 * DAY)
#define MOVES_ENOUGH        (DECISION_MOVES_MAX / 2) /* with so many no clock is set */

/* Third character of Type: 5 summary, 6 complete; 3 in the layout of 2019-2022, which stood on both. */
const char *two_step_of(const struct cause *cause) {
    const char *type = cause_text(cause, "document_type");
    char third = strlen(type) >= 3 ? type[2] : '0';
    bool refers = *cause_text(cause, "entry_number") != '\0';
    return third == '5'   ? "summary"
           : third == '6' ? "complete"
           : third == '3' ? (refers ? "complete" : "summary")
                          : "";
}

static void start_clock(struct decision *decision, const char *key, stamp from) {
    timer_set(decision, "declarations", key, "summary-warning", from + SUMMARY_WARNED_DAYS * DAY);
    timer_set(decision, "declarations", key, "summary-overdue", from + SUMMARY_DUE_DAYS * DAY);
    decision_move(decision, "declarations", key, "clock", "", "", from + SUMMARY_DUE_DAYS * DAY, NULL);
}

static bool is_arrival(const struct move *move, const char *subject) {
    return strcmp(move->part, "consignments") == 0 && strcmp(move->key, subject) == 0
           && strcmp(lifecycle_proves(&consignment_lifecycle, move->event), "arrived") == 0;
}

/* The entry of its means of transport: the first arrival told of the consignment, in state.db or by this
 * decision, whichever is told first. What lies months before the summary is another ship's, or mistyped. 0:
 * none. */
static stamp first_arrival(struct state *state, const struct decision *decision, const char *subject,
                           stamp received) {
    stamp since = received - UNDECLARED_MAX;
    struct store_query *query = store_query(
        state_store(state),
        "SELECT min(at) FROM timeline WHERE subject = ? AND part = 'consignments' AND proves = 'arrived' AND"
        " at >= ?");
    store_bind_string(query, 1, subject);
    store_bind_int(query, 2, since);
    stamp first = state_number(state, query, 0);
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move->at >= since && (!first || move->at < first) && is_arrival(move, subject)) {
            first = move->at;
        }
    }
    return first;
}

static bool find_summary_of(const struct cause *cause, struct state *state, const char *kind,
                            const char *field, struct declaration *out) {
    struct declaration of_number[LINKED_MAX];
    size_t count = links_find(cause, state, kind, cause_text(cause, field), of_number);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(of_number[i].party, cause->sender) == 0 && strcmp(of_number[i].step, "summary") == 0) {
            *out = of_number[i];
            return true;
        }
    }
    return false;
}

/* The sender's own summary that a complete declaration names by entry number or SeqNo. */
static bool find_summary(const struct cause *cause, struct state *state, struct declaration *out) {
    return find_summary_of(cause, state, "entry", "entry_number", out)
           || find_summary_of(cause, state, "seq", "seq_no", out);
}

static void complete_summary(const struct cause *cause, struct state *state, struct decision *decision) {
    struct declaration summary;
    if (!find_summary(cause, state, &summary)) {
        return;
    }
    timer_clear(decision, "declarations", summary.key, "summary-warning");
    timer_clear(decision, "declarations", summary.key, "summary-overdue");
    decision_move(decision, "declarations", summary.key, "complete", summary.state, summary.state,
                  cause->metadata->env.received, "subject", summary.subject, NULL);
    decision_put(decision, "record", (int64_t)cause->number);
}

void two_step_declared(const struct cause *cause, struct state *state, struct decision *decision,
                       const struct declaration *declaration) {
    if (strcmp(declaration->step, "summary") == 0) {
        stamp arrived = first_arrival(state, decision, declaration->subject, declaration->received);
        start_clock(decision, declaration->key, arrived ? arrived : declaration->received);
    } else if (strcmp(declaration->step, "complete") == 0) {
        complete_summary(cause, state, decision);
    }
}

/* Anybody can declare under any bill: those that customs accepted come first. Clocks that run already stand
 * in nobody's way. */
void two_step_arrived(const struct cause *cause, struct state *state, struct decision *decision,
                      const char *subject) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT key, received, ifnull(due, 0) FROM declarations WHERE subject = ? AND step = 'summary'"
        " AND completed IS NULL ORDER BY declared_at IS NULL, record");
    store_bind_string(query, 1, subject);
    while (decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(state) && state_row(state, query)) {
        const char *key = row_text(query, 0, cause->arena);
        stamp arrived = first_arrival(state, decision, subject, store_int(query, 1));
        bool runs = store_int(query, 2) == arrived + SUMMARY_DUE_DAYS * DAY;
        if (arrived && !runs) {
            start_clock(decision, key, arrived);
        }
    }
    store_reset(query);
}

void two_step_tick(struct cause *cause, struct state *state, struct decision *decision) {
    struct declaration declaration;
    if (!declaration_get(cause, state, cause->tick_key, &declaration)) {
        return;
    }
    bool overdue = strcmp(cause->tick_event, "summary-overdue") == 0;
    decision_subject(decision, declaration.subject);
    decision_move(decision, "declarations", declaration.key, cause->tick_event, declaration.state,
                  declaration.state, cause->stamp, "subject", declaration.subject, NULL);
    decision_put(decision, "record", (int64_t)cause->number);
    if (overdue) {
        decision_answer(decision, "SUMMARY-OVERDUE", "概要申报后 14 日内未提交完整申报，已逾期",
                        "no complete declaration within 14 days of the summary: overdue");
    } else {
        decision_answer(decision, "SUMMARY-DUE-SOON", "概要申报后第 10 日：完整申报须于第 14 日前提交",
                        "day 10 after the summary: the complete declaration is due by day 14");
    }
    decision_detail(decision, "message_id", declaration.own_id);
    decision_send(decision, declaration.party, 0, "two-step");
}

void two_step_enrich(struct cause *cause, struct state *state) {
    struct declaration summary;
    if (strcmp(two_step_of(cause), "complete") != 0) {
        return;
    }
    bool known = find_summary(cause, state, &summary);
    cause_enrich_flag(cause, "summary_known", 0, known);
    if (known) {
        struct store_query *query =
            store_query(state_store(state), "SELECT due FROM declarations WHERE key = ?");
        store_bind_string(query, 1, summary.key);
        cause_enrich_moment(cause, "summary_due", state_number(state, query, 0));
    }
}
