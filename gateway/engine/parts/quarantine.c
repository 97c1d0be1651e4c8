/*
 * quarantine.c - in when the routes send a message to nobody, out by an operator's word.
 */
#include "engine/parts/quarantine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"

#define KEY_MAX  24  /* a record's number in decimal */
#define TOLD_MAX 100 /* lines in the log at once */

static void move(struct decision *decision, uint64_t record, const char *event, const char *to, stamp at,
                 const char *submitter) {
    char key[KEY_MAX];
    snprintf(key, sizeof(key), "%" PRIu64, record);
    decision_move(decision, "quarantine", key, event, strcmp(event, "quarantine") == 0 ? "" : "quarantined",
                  to, at, "submitter", submitter, NULL);
    decision_put(decision, "record", (int64_t)record);
}

/* --- in ------------------------------------------------------------------------------------------------- */

/* It is remembered, and goes to whoever turns out to hold the goods. */
static bool is_remembered(const struct decision *decision) {
    for (size_t i = 0; i < decision->moves_count; i++) {
        if (move_is(&decision->moves[i], "unheld", "remember")) {
            return true;
        }
    }
    return false;
}

static void routed(struct cause *cause) {
    struct decision *decision = cause->decision;
    if (decision->destinations_count || cause->to_nobody || decision->result == RESULT_WAITING
        || is_remembered(decision)) {
        return;
    }
    decision->result = RESULT_WAITING;
    move(decision, cause->number, "quarantine", "quarantined", cause->stamp, cause->submitter);
    decision_answer(decision, "UNROUTED", "没有路由接收该报文，已隔离，待人工处理",
                    "no route takes this message; it is quarantined for an operator");
}

/* --- out ------------------------------------------------------------------------------------------------ */

void quarantine_release(struct decision *decision, uint64_t record, stamp at) {
    move(decision, record, "release", "released", at, "");
}

static void order(struct cause *cause) {
    uint64_t record = cause->order->record;
    if (cause->order->kind != ORDER_DROP) {
        return;
    }
    const char *submitter, *stands = quarantine_state(cause->state, record, cause->arena, &submitter);
    if (strcmp(stands, "quarantined") != 0) {
        decision_refuse(cause->decision, "NOT-QUARANTINED",
                        arena_printf(cause->arena, "记录 %" PRIu64 " 未被隔离", record),
                        arena_printf(cause->arena, "record %" PRIu64 " is not quarantined", record));
        return;
    }
    move(cause->decision, record, "drop", "dropped", cause->stamp, "");
    decision_answer(cause->decision, "DROPPED",
                    arena_printf(cause->arena, "记录 %" PRIu64 " 不再送往任何一方", record),
                    arena_printf(cause->arena, "record %" PRIu64 " goes nowhere", record));
}

/* --- asked ---------------------------------------------------------------------------------------------- */

const char *quarantine_state(struct state *state, uint64_t record, struct arena *arena,
                             const char **submitter) {
    struct store_query *query =
        store_query(state_store(state), "SELECT state, submitter FROM quarantine WHERE record = ?");
    store_bind_int(query, 1, (int64_t)record);
    bool found = state_row(state, query);
    const char *stands = found ? row_text(query, 0, arena) : "";
    *submitter = found ? row_text(query, 1, arena) : "";
    store_reset(query);
    return stands;
}

/* --- seen ----------------------------------------------------------------------------------------------- */

static void set_gauges(struct state *state, stamp now) {
    struct store_query *query = store_query(
        state_store(state), "SELECT count(*), min(since) FROM quarantine WHERE state = 'quarantined'");
    if (state_row(state, query)) {
        stamp oldest = store_int(query, 1);
        counter_set(COUNTER_QUARANTINED, store_int(query, 0));
        counter_set(COUNTER_QUARANTINED_OLDEST, oldest && now > oldest ? (now - oldest) / STAMP_SECOND : 0);
    }
    store_reset(query);
}

void quarantine_watch(struct state *state, stamp now, uint64_t *told) {
    set_gauges(state, now);
    struct store_query *query = store_query(
        state_store(state), "SELECT record, family, party FROM quarantine JOIN messages ON number = record"
                            " WHERE state = 'quarantined' AND record > ? ORDER BY record LIMIT ?");
    store_bind_int(query, 1, (int64_t)*told);
    store_bind_int(query, 2, TOLD_MAX);
    while (state_row(state, query)) {
        char family[64], party[64];
        *told = (uint64_t)store_int(query, 0);
        snprintf(family, sizeof(family), TEXT_FORMAT, TEXT_ARGS(store_text(query, 1)));
        snprintf(party, sizeof(party), TEXT_FORMAT, TEXT_ARGS(store_text(query, 2)));
        log_event(LOG_WARN, EVENT_ENGINE_UNROUTED, LOG_INT("record", *told), LOG_STRING("family", family),
                  LOG_STRING("sender", party), LOG_STRING("next", "clearway route --message RECORD"),
                  LOG_END);
    }
    store_reset(query);
}

/* --- what its moves do to it ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "quarantine", NULL, {
        "INSERT OR REPLACE INTO quarantine(record, submitter, since, state)"
        " VALUES(:record, :submitter, :at, 'quarantined')" }, NULL },
    { NULL, NULL, { "UPDATE quarantine SET state = :to WHERE record = :record" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_quarantine = {
    .name = "quarantine",
    .tables =
        "CREATE TABLE IF NOT EXISTS quarantine(record INTEGER PRIMARY KEY, submitter TEXT NOT NULL,"
        "  since INTEGER NOT NULL, state TEXT NOT NULL) STRICT;"
        "CREATE INDEX IF NOT EXISTS quarantine_now ON quarantine(record, since) WHERE state = 'quarantined';",
    .order = order,
    .routed = routed,
    .moves = moves,
};
