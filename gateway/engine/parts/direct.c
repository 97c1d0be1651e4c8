/*
 * direct.c - goods that pass through the port without a stay in its yards: imports picked up at the ship's
 * side 船边直提, exports loaded as they come 抵港直装.
 *
 *   planned ──► ready ──► done         released in time; out, or loaded, within the term
 *      └──────────┴─────► missed       they went into a yard as all others do
 *
 * A declaration says that it is meant so (schemas/modes). Imports must be released before they are
 * discharged. Where such goods stand is a function of three moments, the first of each that was told: so it
 * does not depend on the order in which they are told, and what was missed may turn out to have been in time.
 * An event that is corrected or withdrawn tells none of them any more.
 */
#include <string.h>

#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"

#define MOVES_ENOUGH (DECISION_MOVES_MAX / 2)

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "planned", 10, "待放行",         "to be released" },
    { "ready",   20, "可直提直装",     "may pass directly" },
    { "missed",  30, "未能直提直装",   "did not pass directly" },
    { "done",    40, "已直提直装",     "passed directly" },
};

static const struct lifecycle_event events[] = {
    { "plan",  "planned", "申报直提直装",             "direct passage declared" },
    { "ready", "ready",   "已放行，可直提直装",       "released: may pass directly" },
    { "miss",  "missed",  "未能直提直装，按一般方式", "did not pass directly" },
    { "done",  "done",    "已直提直装",               "passed directly" },
    { "mend",  "",        "直提直装情况已更正",       "what was told of it is mended" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "direct", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS directs(key TEXT PRIMARY KEY, subject TEXT NOT NULL, mode TEXT NOT NULL,"
    "  state TEXT NOT NULL, released INTEGER NOT NULL DEFAULT 0, landed INTEGER NOT NULL DEFAULT 0,"
    "  gone INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS directs_subject ON directs(subject, key);";

/* landed: discharged, or come into the port; gone: out of the gate, or loaded. 0: not told yet. */
struct direct {
    const char *key, *subject, *mode, *state;
    stamp released, landed, gone;
};

static const char *event_by(const struct cause *cause, const struct direct *direct) {
    bool import = strcmp(direct->mode, "ship-side") == 0;
    bool late = import && direct->landed && (!direct->released || direct->released > direct->landed);
    bool stayed = direct->landed && direct->gone
                  && direct->gone - direct->landed > cause_term(cause, TERM_DIRECT_PASSAGE);
    return late || stayed                                  ? "miss"
           : direct->gone && (direct->released || !import) ? "done"
           : direct->released                              ? "ready"
                                                           : "plan";
}

static void take_first(stamp *moment, stamp at) {
    *moment = *moment && *moment < at ? *moment : at;
}

/* One of its moments is told; `which` names it in the table. */
static void tell(struct cause *cause, struct direct *direct, const char *which, stamp at, uint64_t record) {
    stamp *moment = strcmp(which, "released") == 0 ? &direct->released
                    : strcmp(which, "landed") == 0 ? &direct->landed
                                                   : &direct->gone;
    stamp before = *moment;
    take_first(moment, at);
    if (*moment == before) {
        return;
    }
    const char *event = event_by(cause, direct), *state = lifecycle_proves(&lifecycle, event);
    bool moves = strcmp(state, direct->state) != 0;
    decision_move(cause->decision, "direct", direct->key, moves ? event : "moment", direct->state, state, at,
                  "subject", direct->subject, NULL);
    decision_put(cause->decision, "record", (int64_t)record);
    decision_put(cause->decision, which, at);
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* What this decision has told of it so far. */
static void overlay(const struct cause *cause, struct direct *direct) {
    const struct decision *decision = cause->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->part, "direct") != 0 || strcmp(move->key, direct->key) != 0) {
            continue;
        }
        direct->state = move->to;
        stamp *const moments[] = { &direct->released, &direct->landed, &direct->gone };
        static const char *const names[] = { "released", "landed", "gone" };
        bool mended = move_is(move, "direct", "mend");
        direct->landed = mended ? 0 : direct->landed;
        direct->gone = mended ? 0 : direct->gone;
        for (size_t m = 0; m < 3; m++) {
            if (move_number(move, names[m])) {
                take_first(moments[m], move_number(move, names[m]));
            }
        }
    }
}

#define COLUMNS "SELECT key, subject, mode, state, released, landed, gone FROM directs WHERE "

static void read_row(const struct cause *cause, struct store_query *query, struct direct *out) {
    *out = (struct direct){
        .key = row_text(query, 0, cause->arena),
        .subject = row_text(query, 1, cause->arena),
        .mode = row_text(query, 2, cause->arena),
        .state = row_text(query, 3, cause->arena),
        .released = store_int(query, 4),
        .landed = store_int(query, 5),
        .gone = store_int(query, 6),
    };
    overlay(cause, out);
}

static const char *mode_of(const struct cause *cause, const struct move *move) {
    struct text modes = move_text(move, "modes");
    const char *mode = "";
    while (modes.length) {
        struct text one = text_until(&modes, ' ');
        mode = text_is(one, "ship-side") || text_is(one, "direct-loading") ? arena_copy(cause->arena, one)
                                                                           : mode;
    }
    return mode;
}

/* A declaration that came in by this decision, or before it. */
static bool get(const struct cause *cause, const char *key, struct direct *out) {
    const struct decision *decision = cause->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move_is(move, "direct", "plan") && strcmp(move->key, key) == 0
            && move_text(move, "mode").length) {
            *out = (struct direct){ .key = move->key,
                                    .subject = move_text(move, "subject").at,
                                    .mode = move_text(move, "mode").at };
            overlay(cause, out);
            return true;
        }
    }
    struct store_query *query = store_query(state_store(cause->state), COLUMNS "key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        read_row(cause, query, out);
    }
    store_reset(query);
    return found;
}

/* --- what is heard -------------------------------------------------------------------------------------- */

static void plan(struct cause *cause, const struct move *move, const char *mode) {
    decision_move(cause->decision, "direct", move->key, "plan", "", "planned", move->at, "subject",
                  move_text(move, "subject").at, "mode", mode, NULL);
    decision_put(cause->decision, "record", move_number(move, "record"));
}

/* Which moment of goods in that mode an event of the port tells; NULL: none. */
static const char *moment_of(const char *mode, const char *event) {
    static const struct {
        const char *mode, *event, *moment;
    } rows[] = {
        { "ship-side", "I:DISC", "landed" },      { "ship-side", "I:DCMP", "landed" },
        { "ship-side", "I:GTOT", "gone" },        { "ship-side", "I:DLVR", "gone" },
        { "direct-loading", "E:GTIN", "landed" }, { "direct-loading", "E:RCVD", "landed" },
        { "direct-loading", "E:LOAD", "gone" },   { "direct-loading", "E:LCMP", "gone" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (strcmp(rows[i].mode, mode) == 0 && strcmp(rows[i].event, event) == 0) {
            return rows[i].moment;
        }
    }
    return NULL;
}

static void hear_port(struct cause *cause, const struct move *move) {
    if (!moment_of("ship-side", move->event) && !moment_of("direct-loading", move->event)) {
        return;
    }
    const char *containers = arena_copy(cause->arena, move_text(move, "containers"));
    struct store_query *query = store_query(state_store(cause->state), COLUMNS "subject = ? ORDER BY key");
    struct direct direct;
    store_bind_string(query, 1, move->key);
    while (cause->decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(cause->state)
           && state_row(cause->state, query)) {
        read_row(cause, query, &direct);
        const char *which = moment_of(direct.mode, move->event);
        if (which && declaration_is_meant(cause, direct.key, containers)) {
            tell(cause, &direct, which, move->at, (uint64_t)move_number(move, "record"));
        }
    }
    store_reset(query);
}

/* Something that was told of it does not count any more: of its moments those stay that other events tell. */
static void mend(struct cause *cause, const struct move *move) {
    struct decision *decision = cause->decision;
    struct store_query *query = store_query(state_store(cause->state), COLUMNS "subject = ? ORDER BY key");
    struct direct direct;
    store_bind_string(query, 1, move->key);
    while (decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(cause->state)
           && state_row(cause->state, query)) {
        read_row(cause, query, &direct);
        bool import = strcmp(direct.mode, "ship-side") == 0;
        const char *containers = declaration_containers(cause, direct.key);
        struct direct mended = direct;
        mended.landed = direct.landed ? consignment_first_told(cause, direct.subject,
                                                               import ? "discharged" : "gate-in", containers)
                                      : 0;
        mended.gone = direct.gone ? consignment_first_told(cause, direct.subject,
                                                           import ? "gate-out" : "loaded", containers)
                                  : 0;
        if (mended.landed != direct.landed || mended.gone != direct.gone) {
            const char *state = lifecycle_proves(&lifecycle, event_by(cause, &mended));
            decision_move(decision, "direct", direct.key, "mend", direct.state, state, cause->stamp,
                          "subject", direct.subject, NULL);
            decision_put(decision, "record", (int64_t)cause->number);
            decision_put(decision, "landed", mended.landed);
            decision_put(decision, "gone", mended.gone);
        }
    }
    store_reset(query);
}

static bool is_release(const struct move *move) {
    return strcmp(move->part, "declarations") == 0
           && strcmp(lifecycle_proves(&declaration_lifecycle, move->event), "released") == 0;
}

static void hear(struct cause *cause, const struct move *heard) {
    const struct move move = *heard; /* telling makes moves */
    const char *mode = move_is(&move, "declarations", "declare") ? mode_of(cause, &move) : "";
    struct direct direct;
    if (*mode) {
        plan(cause, &move, mode);
    } else if (is_release(&move) && get(cause, move.key, &direct)) {
        tell(cause, &direct, "released", move.at, (uint64_t)move_number(&move, "record"));
    } else if (strcmp(move.part, "consignments") == 0 && consignment_is_taken_back(&move)) {
        mend(cause, &move);
    } else if (strcmp(move.part, "consignments") == 0) {
        hear_port(cause, &move);
    }
}

/* --- what its moves do to it ---------------------------------------------------------------------------- */

/* clang-format off */
#define FIRST(moment) \
    moment " = CASE WHEN :" moment " = '' THEN " moment " WHEN " moment " = 0 THEN :" moment \
    " ELSE min(" moment ", :" moment ") END"
#define UPDATE \
    "UPDATE directs SET state = :to, " FIRST("released") ", " FIRST("landed") ", " FIRST("gone") " WHERE key = :key"

static const struct part_move moves[] = {
    { "plan", NULL, {
        "INSERT OR IGNORE INTO directs(key, subject, mode, state) SELECT :key, :subject, :mode, :to WHERE :mode <> ''",
        UPDATE }, "subject" },
    { "moment", NULL, { UPDATE }, NULL },
    { "mend", NULL, { "UPDATE directs SET state = :to, landed = :landed, gone = :gone WHERE key = :key" }, "subject" },
    { NULL, NULL, { UPDATE }, "subject" },
    { 0 },
};
/* clang-format on */

const struct part part_direct = {
    .name = "direct",
    .lifecycle = &lifecycle,
    .noun = "direct",
    .state_of = "SELECT state FROM directs WHERE key = ?",
    .tables = tables,
    .hear = hear,
    .moves = moves,
};
