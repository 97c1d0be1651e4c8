/*
 * two_stage.c - two-stage entry 两段准入: goods may leave the port first, and be sold and used later.
 *
 *   asked ──► lifted ──► admitted
 *
 * A declaration asks for it (DecTpAccess: transfer, conditional removal, merged checks). What customs tells
 * of the declaration decides: a release lifts, the certificate of the inspection (a) or its closing admits.
 * That a release alone does not admit is practice, not a statute.
 */
#include <string.h>

#include "engine/parts/declarations.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "asked",    10, "已申请两段准入",       "two-stage entry asked for" },
    { "lifted",   20, "准予提离（第一段）",   "may leave the port (first stage)" },
    { "admitted", 30, "准予入市（第二段）",   "may be sold and used (second stage)" },
    { "ended",    40, "已撤销",               "cancelled" },
};

static const struct lifecycle_event events[] = {
    { "ask",   "asked",    "申请两段准入",                   "two-stage entry asked for" },
    { "lift",  "lifted",   "第一段：准予提离口岸",           "first stage: may leave the port" },
    { "admit", "admitted", "第二段：准予销售、使用",         "second stage: may be sold and used" },
    { "end",   "ended",    "两段准入随报关单撤销",           "cancelled with its declaration" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "two_stage", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS two_stages(key TEXT PRIMARY KEY, state TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;";

/* "" when it did not ask for it. */
static const char *state_now(const struct cause *cause, const char *key) {
    const char *now = state_of(cause->decision, "two_stage", key);
    if (now) {
        return now;
    }
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT state FROM two_stages WHERE key = ?");
    store_bind_string(query, 1, key);
    now = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return now;
}

static void tell(struct cause *cause, const struct move *move, const char *before, const char *event) {
    const char *next = lifecycle_next(&lifecycle, before, event);
    if (strcmp(next, before) != 0) {
        decision_move(cause->decision, "two_stage", move->key, event, before, next, move->at, "subject",
                      move_text(move, "subject").at, NULL);
        decision_put(cause->decision, "record", move_number(move, "record"));
    }
}

/* What this says about the stages; NULL: nothing. */
static const char *event_of(const struct move *move) {
    const char *proves = lifecycle_proves(&declaration_lifecycle, move->event);
    return strcmp(move->event, "a") == 0 || strcmp(proves, "closed") == 0 ? "admit"
           : strcmp(proves, "released") == 0                              ? "lift"
           : strcmp(proves, "cancelled") == 0                             ? "end"
                                                                          : NULL;
}

static bool is_asked_for(const struct move *move) {
    struct text modes = move_text(move, "modes");
    bool asked = false;
    while (modes.length) {
        asked = text_is(text_until(&modes, ' '), "two-stage") || asked;
    }
    return asked;
}

static void hear(struct cause *cause, const struct move *heard) {
    const struct move move = *heard; /* telling makes moves */
    if (strcmp(move.part, "declarations") != 0) {
        return;
    }
    const char *event = event_of(&move);
    if (move_is(&move, "declarations", "declare") && is_asked_for(&move)) {
        tell(cause, &move, "", "ask");
    } else if (event) {
        const char *before = state_now(cause, move.key);
        if (*before) {
            tell(cause, &move, before, event);
        }
    }
}

/* clang-format off */
static const struct part_move moves[] = {
    { "ask", NULL, { "INSERT OR IGNORE INTO two_stages(key, state) VALUES(:key, :to)" }, "subject" },
    { NULL, NULL, { "UPDATE two_stages SET state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

const struct part part_two_stage = {
    .name = "two_stage",
    .lifecycle = &lifecycle,
    .noun = "two-stage",
    .state_of = "SELECT state FROM two_stages WHERE key = ?",
    .tables = tables,
    .hear = hear,
    .moves = moves,
};
