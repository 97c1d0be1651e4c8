/*
 * held.c - the list of held causes: what puts one there, and what takes it off.
 */
#include "engine/parts/held.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "engine/part.h"

#define KEY_MAX 24 /* a record's number in decimal */

static const struct {
    const char *text, *zh, *en;
} reasons[] = {
#define X(name, text, zh, en) { text, zh, en },
    HELD_LIST(X)
#undef X
};

const char *held_reason_text(enum held_reason reason) {
    require(reason < sizeof(reasons) / sizeof(*reasons));
    return reasons[reason].text;
}

const char *held_reason_sentence(const char *text, enum language language) {
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
        if (strcmp(reasons[i].text, text) == 0) {
            return language == LANGUAGE_ZH ? reasons[i].zh : reasons[i].en;
        }
    }
    return text;
}

/* --- as moves ------------------------------------------------------------------------------------------- */

static void hold(const struct record *rec, enum held_reason reason, const char *what,
                 struct decision *decision) {
    char key[KEY_MAX];
    snprintf(key, sizeof(key), "%" PRIu64, rec->number);
    decision_move(decision, "held", key, "hold", "", "held", rec->stamp, "kind", record_kind_text(rec->kind),
                  "reason", held_reason_text(reason), "what", what, NULL);
}

/* Its timer stands as it stood, so that the tick can be decided anew; but it must not tick by itself
   again. */
static void hold_tick(const struct record *rec, enum held_reason reason, struct arena *scratch,
                      struct decision *decision) {
    const char *part, *key, *event;
    if (timer_read(rec->meta, scratch, &part, &key, &event)) {
        hold(rec, reason, arena_printf(scratch, "%s %s %s", part, key, event), decision);
        timer_hold(decision, part, key, event);
    } else {
        hold(rec, reason, "", decision);
    }
}

void held_decide(const struct edition *edition, const struct record *rec, enum held_reason reason,
                 struct arena *scratch, struct decision *decision) {
    require(reason < sizeof(reasons) / sizeof(*reasons));
    const char *zh = reasons[reason].zh, *en = reasons[reason].en;
    decision->edition = edition->digest;
    if (rec->kind == RECORD_ORDER) {
        decision_refuse(decision, "ORDER-FAILED", arena_printf(scratch, "指令未执行：%s", zh),
                        arena_printf(scratch, "the order was not carried out: %s", en));
        return;
    }
    decision->result = RESULT_HELD;
    decision_answer(decision, "HELD", arena_printf(scratch, "%s，已暂挂，待人工处理", zh),
                    arena_printf(scratch, "%s; it is held for an operator", en));
    if (rec->kind == RECORD_TICK) {
        hold_tick(rec, reason, scratch, decision);
    } else {
        hold(rec, reason, "", decision);
    }
}

/* --- as rows -------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "hold", NULL, {
        "INSERT OR REPLACE INTO held(record, kind, what, reason, since, state)"
        " VALUES(:cause, :kind, :what, :reason, :at, 'held')" }, NULL },
    { 0 },
};
/* clang-format on */

void held_apply_release(struct state *state, uint64_t record) {
    require(record > 0);
    struct store_query *query =
        store_query(state_store(state), "UPDATE held SET state = 'released' WHERE record = ?");
    store_bind_int(query, 1, (int64_t)record);
    state_run(state, query);
}

const char *held_state(struct state *state, uint64_t record, struct arena *arena) {
    struct store_query *query = store_query(state_store(state), "SELECT state FROM held WHERE record = ?");
    store_bind_int(query, 1, (int64_t)record);
    const char *found = state_row(state, query) ? row_text(query, 0, arena) : "";
    store_reset(query);
    return found;
}

int64_t held_count(struct state *state) {
    return state_number(state,
                        store_query(state_store(state), "SELECT count(*) FROM held WHERE state = 'held'"), 0);
}

const struct part part_held = {
    .name = "held",
    .tables =
        "CREATE TABLE IF NOT EXISTS held(record INTEGER PRIMARY KEY, kind TEXT NOT NULL, what TEXT NOT NULL,"
        "  reason TEXT NOT NULL, since INTEGER NOT NULL, state TEXT NOT NULL) STRICT;"
        "CREATE INDEX IF NOT EXISTS held_now ON held(record) WHERE state = 'held';",
    .moves = moves,
};
