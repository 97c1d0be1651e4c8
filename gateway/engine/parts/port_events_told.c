/*
 * port_events_told.c - a row for each event a sender has told: which telling holds, and of what it was.
 *
 * A telling that replaces another first takes back what that one did, subject by subject, and is then applied
 * like any event. One that is outdated when it comes is a line of the timeline and nothing else.
 */
#include "engine/parts/port_events_told.h"

#include "base/status.h"
#include "engine/parts/consignments.h"
#include "engine/parts/milestones.h"
#include "engine/parts/passages.h"

const char event_told_tables[] =
    "CREATE TABLE IF NOT EXISTS port_events(party TEXT NOT NULL, event_id TEXT NOT NULL,"
    "  record INTEGER NOT NULL, sent INTEGER NOT NULL, at INTEGER NOT NULL, subjects TEXT NOT NULL,"
    "  PRIMARY KEY(party, event_id)) STRICT, WITHOUT ROWID;";

const struct part_move event_told_moves[] = {
    { "hold",
      NULL,
      { "INSERT OR REPLACE INTO port_events(party, event_id, record, sent, at, subjects)"
        " VALUES(:party, :key, :cause, :sent, :at, :subjects)" },
      NULL },
    { 0 },
};

/* A message is not sent after it came: a clock that is ahead would let no later telling count. */
static stamp sent(const struct cause *cause) {
    stamp received = cause->metadata->env.received;
    stamp at = cause_moment(cause, "sent_time", received);
    return at < received ? at : received;
}

enum retelling event_told_before(const struct cause *cause, struct event_told *before) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT record, sent, at, subjects FROM port_events"
                                               " WHERE party = ? AND event_id = ?");
    enum retelling retelling = RETELLING_NONE;
    *before = (struct event_told){ .subjects = "[]" };
    store_bind_string(query, 1, cause->sender);
    store_bind_string(query, 2, cause_text(cause, "event_id"));
    if (state_row(cause->state, query)) {
        retelling = sent(cause) < store_int(query, 1) ? RETELLING_OUTDATED : RETELLING_HOLDS;
        before->record = (uint64_t)store_int(query, 0);
        before->at = store_int(query, 2);
        before->subjects = row_text(query, 3, cause->arena);
    }
    store_reset(query);
    return retelling;
}

bool event_is_withdrawn(const struct cause *cause) {
    return *cause_text(cause, "withdrawn") != '\0';
}

void event_told_remember(struct cause *cause, stamp at, const char *subjects) {
    require(cause_has_state(cause));
    decision_move(cause->decision, "port_events", cause_text(cause, "event_id"), "hold", "", "", at, "party",
                  cause->sender, "subjects", subjects, NULL);
    decision_put(cause->decision, "sent", sent(cause));
}

static void take_back(struct cause *cause, const char *subject, const struct event_told *before,
                      const char *event) {
    const char *containers = consignment_containers_told(cause, subject, before->record);
    milestones_take_back(cause->decision, subject, before->record);
    passages_take_back(cause, subject, containers, before->record, before->at);
    consignment_take_back(cause, subject, event, before->record);
}

void event_told_take_back(struct cause *cause, const struct event_told *before, const char *event) {
    require(cause_has_state(cause));
    const char *claimed[EVENT_SUBJECTS_MAX];
    size_t count = passages_of_record(cause, before->record, claimed, EVENT_SUBJECTS_MAX);
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT value FROM json_each(?1) UNION SELECT value FROM json_each(?2)"
                                   " ORDER BY 1");
    store_bind_string(query, 1, before->subjects);
    store_bind_string(query, 2, cause_list(cause, claimed, count));
    passages_take_back(cause, "", "", before->record, before->at);
    while (state_row(cause->state, query)) {
        take_back(cause, row_text(query, 0, cause->arena), before, event);
    }
    store_reset(query);
}
