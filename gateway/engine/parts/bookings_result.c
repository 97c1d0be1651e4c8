/*
 * bookings_result.c - what customs found 查验结果, and what others ask of inspections that are done.
 */
#include <string.h>

#include "base/status.h"
#include "engine/parts/bookings.h"
#include "engine/parts/milestones.h"
#include "engine/subject.h"

/* --- what customs tells --------------------------------------------------------------------------------- */

const char *booking_containers_named(const struct cause *cause) {
    uint32_t rows = cause_rows(cause, "container");
    const char **containers = arena_alloc(cause->arena, (rows + 1) * sizeof(*containers));
    for (uint32_t row = 0; row < rows; row++) {
        containers[row] = cause_row_text(cause, "container.number", row);
    }
    return cause_list(cause, containers, rows);
}

struct inspected {
    const char *key, *state, *subject, *party, *result;
};

/* The booking of that number whose inspection has begun: of several the one with a container that the message
 * names. At a factory 下厂 nobody of the port tells that it begins: there its slot has. False: none, or not
 * one alone, or at a port that the sender does not serve. */
static bool find_inspected(const struct cause *cause, struct inspected *out) {
    size_t count = 0;
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT key, state, subject, party, result FROM bookings b WHERE own_id = ?1"
        " AND substr(subject, 1, length(?2)) = ?2 AND direction IN (?3, '')"
        " AND (state IN ('positioned', 'opened', 'done', 'left')"
        " OR (mode = 'FACTORY' AND state = 'booked' AND slot_start <= ?5))"
        " AND (?4 = '[]' OR EXISTS (SELECT 1 FROM"
        " booking_containers c, json_each(?4) named WHERE c.booking = b.key AND c.container = named.value))"
        " LIMIT 2");
    store_bind_string(query, 1, cause_text(cause, "booking_id"));
    store_bind_string(query, 2, subject_of_bill(cause, subject_port(cause), ""));
    store_bind_string(query, 3, cause_direction(cause));
    store_bind_string(query, 4, booking_containers_named(cause));
    store_bind_int(query, 5, cause->metadata->env.received);
    while (state_row(cause->state, query)) {
        *out = (struct inspected){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                   row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                                   row_text(query, 4, cause->arena) };
        count++;
    }
    store_reset(query);
    return count == 1 && subject_port_is_served(cause);
}

void booking_enrich_result(struct cause *cause) {
    struct inspected inspected = { .result = "" };
    bool known = find_inspected(cause, &inspected);
    cause_enrich_flag(cause, "booking_known", 0, known);
    cause_enrich_flag(cause, "result_known", 0, known && *inspected.result);
}

/* "MSKU1234565 MSKU1234570": of the booking. */
static const char *containers_of(const struct cause *cause, const char *key) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT coalesce(group_concat(container, ' '), '') FROM (SELECT container FROM booking_containers"
        " WHERE booking = ? ORDER BY container)");
    store_bind_string(query, 1, key);
    const char *containers = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return containers;
}

static void tell_milestones(const struct cause *cause, const struct inspected *inspected) {
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = *inspected->subject ? milestones_told(cause, told) : 0;
    const char *containers = count ? containers_of(cause, inspected->key) : "";
    for (size_t i = 0; i < count; i++) {
        milestone_add(cause->decision, inspected->subject, "", containers, told[i].code, told[i].at,
                      cause->number);
    }
}

void booking_decide_result(struct cause *cause) {
    require(cause_has_state(cause));
    struct decision *decision = cause->decision;
    struct inspected inspected;
    if (!find_inspected(cause, &inspected)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-INSPECTION", "没有该查验", "there is no such inspection");
        return;
    }
    decision_subject(decision, inspected.subject);
    decision_move(decision, "bookings", inspected.key, "result", inspected.state,
                  lifecycle_next(&booking_lifecycle, inspected.state, "result"),
                  cause_moment(cause, "event_time", cause->metadata->env.received), "result",
                  cause_text(cause, "inspection_result"), "subject", inspected.subject, NULL);
    tell_milestones(cause, &inspected);
    cause->submitter = inspected.party;
    decision_answer(decision, "RESULT-RECORDED", "查验结果已登记",
                    "the result of the inspection is recorded");
    decision_detail(decision, "booking_id", cause_text(cause, "booking_id"));
}

/* --- what others ask ------------------------------------------------------------------------------------ */

bool booking_of_key(const struct cause *cause, const char *key, struct booking_done *out) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT site, subject, result, state FROM bookings WHERE key = ?");
    store_bind_string(query, 1, key);
    const char *state = "";
    *out = (struct booking_done){ .key = key, .site = "", .subject = "", .result = "" };
    if (state_row(cause->state, query)) {
        out->site = row_text(query, 0, cause->arena);
        out->subject = row_text(query, 1, cause->arena);
        out->result = row_text(query, 2, cause->arena);
        state = row_text(query, 3, cause->arena);
    }
    store_reset(query);
    return lifecycle_rank(&booking_lifecycle, state) >= lifecycle_rank(&booking_lifecycle, "done")
           && strcmp(state, "cancelled") != 0;
}

bool bookings_done(const struct cause *cause, const char *party, const char *own_id,
                   struct booking_done *out) {
    return booking_of_key(cause, arena_printf(cause->arena, "%s/%s", party, own_id), out);
}

bool bookings_clean(const struct cause *cause, const char *subject, const char *payer) {
    require(cause_has_state(cause));
    bool clean = false, pays = false;
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT party, result = 'NO_FINDINGS' FROM bookings WHERE"
                                   " subject = ? AND state IN ('positioned', 'opened', 'done', 'left')");
    store_bind_string(query, 1, subject);
    bool all = true;
    while (all && state_row(cause->state, query)) {
        const struct party *party =
            parties_find(cause->edition->parties, text_of(row_text(query, 0, cause->arena)));
        all = store_int(query, 1) != 0;
        clean = true;
        pays = pays || (party && party_list_has(party->declares, text_of(payer)));
    }
    store_reset(query);
    return clean && all && pays;
}
