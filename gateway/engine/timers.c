/*
 * timers.c - when the engine wants to be reminded. Reminding is a tick in the journal, so that time is data.
 */
#include <string.h>

#include "engine/part.h"

static void move_timer(struct decision *decision, const char *part, const char *key, const char *event,
                       const char *to, stamp due) {
    decision_move(decision, "timers", key, event, "", to, due, "part", part, NULL);
}

void timer_set(struct decision *decision, const char *part, const char *key, const char *event, stamp due) {
    move_timer(decision, part, key, event, "set", due);
}

void timer_clear(struct decision *decision, const char *part, const char *key, const char *event) {
    move_timer(decision, part, key, event, "clear", 0);
}

static void apply(struct state *state, const struct move *move, uint64_t cause) {
    bool set = strcmp(move->to, "set") == 0;
    struct store_query *query = set
        ? store_query(state_store(state), "INSERT OR REPLACE INTO timers(part, key, event, due) VALUES(?, ?, ?, ?)")
        : store_query(state_store(state), "DELETE FROM timers WHERE part = ? AND key = ? AND event = ?");
    store_bind_text(query, 1, move_text(move, "part"));
    store_bind_string(query, 2, move->key);
    store_bind_string(query, 3, move->event);
    if (set) {
        store_bind_int(query, 4, move->at);
    }
    state_run(state, query);
}

const struct part part_timers = { .name = "timers", .apply = apply };
