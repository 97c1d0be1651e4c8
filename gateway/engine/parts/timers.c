/*
 * timers.c - when the engine wants to be reminded. Reminding is a tick in the journal, so that time is data.
 */
#include <string.h>

#include "base/json.h"
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

void timer_hold(struct decision *decision, const char *part, const char *key, const char *event) {
    move_timer(decision, part, key, event, "hold", 0);
}

bool timer_stands(struct state *state, const char *part, const char *key, const char *event) {
    struct store_query *query =
        store_query(state_store(state), "SELECT 1 FROM timers WHERE part = ? AND key = ? AND event = ?");
    store_bind_string(query, 1, part);
    store_bind_string(query, 2, key);
    store_bind_string(query, 3, event);
    return state_exists(state, query);
}

/* clang-format off */
static const struct part_move moves[] = {
    { NULL, "set", { "INSERT OR REPLACE INTO timers(part, key, event, due) VALUES(:part, :key, :event, :at)" }, NULL },
    { NULL, "hold", { "UPDATE timers SET held = 1 WHERE part = :part AND key = :key AND event = :event" }, NULL },
    { NULL, "clear", { "DELETE FROM timers WHERE part = :part AND key = :key AND event = :event" }, NULL },
    { 0 },
};

/* clang-format on */

void timer_write(const char *part, const char *key, const char *event, stamp due, struct buf *meta) {
    struct json_out out;
    json_start(&out, meta);
    json_open_object(&out, NULL);
    json_put_string(&out, "part", part);
    json_put_string(&out, "key", key);
    json_put_string(&out, "event", event);
    json_put_int(&out, "due", due);
    json_close_object(&out);
}

bool timer_read(struct text meta, struct arena *arena, const char **part, const char **key,
                const char **event) {
    char why[128];
    const struct json *root = json_parse(arena, meta, why, sizeof(why));
    *part = json_string_at(root, "part");
    *key = json_string_at(root, "key");
    *event = json_string_at(root, "event");
    return *part && *key && *event;
}

const struct part part_timers = { .name = "timers", .moves = moves };
