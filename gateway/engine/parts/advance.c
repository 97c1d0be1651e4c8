/*
 * advance.c - the advance declaration 提前申报 of an export, made before its goods are in the port: they must
 * come within a few days, or it is revoked, and its declarant is told.
 *
 *   awaited ──► in-port              the port tells that the goods came in, in time
 *      └──────► revoked ──► in-port  nobody told so until the term was over; then somebody does
 *   ordinary                         they were in the port when it was declared
 *
 * An event that is corrected or withdrawn counts no more: the clock stands as what is left tells, and runs
 * again where nothing is.
 *
 * What customs has released was in the port, whoever says otherwise. Imports have no clock: what rules A01
 * and A03 ask about them, and A05 about goods that pass directly, is told here, too.
 */
#include <string.h>

#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"

#define MOVES_ENOUGH (DECISION_MOVES_MAX / 2)
#define DAY          (86400 * STAMP_SECOND)

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "awaited",  10, "待运抵",         "not in the port yet" },
    { "revoked",  20, "逾期未运抵",     "not in the port in time" },
    { "in-port",  30, "已按期运抵",     "in the port in time" },
    { "ordinary", 40, "运抵后申报",     "declared once in the port" },
};

static const struct lifecycle_event events[] = {
    { "advance",  "awaited",  "提前申报，待运抵",       "declared in advance" },
    { "revoke",   "revoked",  "提前申报逾期未运抵",     "not in the port in time" },
    { "come",     "in-port",  "提前申报货物已按期运抵", "in the port in time" },
    { "ordinary", "ordinary", "运抵后申报",             "declared once in the port" },
    { "mend",     "",         "运抵情况已更正",         "what was told of its coming is mended" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "advance", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS advances(key TEXT PRIMARY KEY, subject TEXT NOT NULL, received INTEGER NOT"
    " NULL,"
    "  due INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS advances_open ON advances(subject, key);";

/* --- what rules ask ------------------------------------------------------------------------------------- */

enum { ANNOUNCED, MANIFEST, ARRIVED, DISCHARGED, ENTERED, LOADING };

static const char *const codes[MILESTONES_ASKED] = {
    [ANNOUNCED] = "ANNOUNCED",   [MANIFEST] = "MANIFEST", [ARRIVED] = "ARRIVED",
    [DISCHARGED] = "DISCHARGED", [ENTERED] = "GATE_IN",   [LOADING] = "LOADING_PLANNED"
};
static const char *const fields[MILESTONES_ASKED] = {
    [ANNOUNCED] = "announced_at",   [MANIFEST] = "manifest_at", [ARRIVED] = "arrived_at",
    [DISCHARGED] = "discharged_at", [ENTERED] = "entered_at",   [LOADING] = "load_planned_at"
};

/* Of an import that is not declared in two steps: by when, and how many days later this is. */
static void enrich_lateness(struct cause *cause, stamp arrived) {
    stamp received = cause->metadata->env.received, by = arrived + cause_term(cause, TERM_IMPORT_DECLARED);
    if (!arrived || *declaration_step(cause) || strcmp(cause_direction(cause), "import") != 0) {
        return;
    }
    cause_enrich_moment(cause, "declare_by", by);
    if (received >= by) {
        int64_t days = (received - by) / DAY + 1;
        cause_enrich(cause, "days_late", 0, arena_printf(cause->arena, "%lld", (long long)days));
    }
}

/* What lies months before the declaration was told of another ship. */
static void enrich(struct cause *cause) {
    stamp since = cause->metadata->env.received - cause_term(cause, TERM_UNDECLARED_SOLD);
    stamp first[MILESTONES_ASKED];
    milestones_first_since(cause, declaration_subject(cause), cause_containers(cause), codes, since, first);
    for (size_t i = 0; i < MILESTONES_ASKED; i++) {
        cause_enrich_moment(cause, fields[i], first[i]);
    }
    enrich_lateness(cause, first[ARRIVED]);
}

/* --- the clock ------------------------------------------------------------------------------------------ */

static void tell(struct cause *cause, const char *key, const char *subject, const char *before,
                 const char *event, stamp at) {
    decision_move(cause->decision, "advance", key, event, before, lifecycle_next(&lifecycle, before, event),
                  at, "subject", subject, NULL);
    decision_put(cause->decision, "record", (int64_t)cause->number);
}

static bool is_declared(const struct cause *cause) {
    const char *operation = cause_text(cause, "operation");
    return !*operation || strcmp(operation, "C") == 0 || strcmp(operation, "D") == 0;
}

static void start(struct cause *cause, const struct move *move) {
    stamp due = move->at + cause_term(cause, TERM_ADVANCE_EXPORT);
    stamp entered = cause_moment(cause, "entered_at", 0);
    const char *event = !entered ? "advance" : entered <= move->at ? "ordinary" : "come";
    tell(cause, move->key, move_text(move, "subject").at, "", event, move->at);
    decision_put(cause->decision, "due", due);
    decision_put(cause->decision, "received", move->at);
    if (!entered) {
        timer_set(cause->decision, "advance", move->key, "revoke", due);
    }
}

/* One of its goods came into the port, or was seen there. */
static void come(struct cause *cause, const char *key, const char *subject, const char *before,
                 stamp received, stamp due, stamp at) {
    struct declaration declaration;
    const char *event = at <= received ? "ordinary" : "come";
    if (at > due || strcmp(lifecycle_next(&lifecycle, before, event), before) == 0) {
        return;
    }
    tell(cause, key, subject, before, event, at);
    timer_clear(cause->decision, "advance", key, "revoke");
    if (strcmp(before, "revoked") == 0 && declaration_get(cause, key, &declaration)) {
        declaration_tell(cause, &declaration, "restore", cause->stamp, cause->number, NULL, 0);
    }
}

static void entered(struct cause *cause, const struct move *move) {
    const struct decision *decision = cause->decision;
    const char *containers = arena_copy(cause->arena, move_text(move, "containers"));
    const char *subject = move->key;
    stamp at = move->at;
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT key, state, received, due FROM advances WHERE subject = ? ORDER BY key");
    store_bind_string(query, 1, subject);
    while (decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(cause->state)
           && state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena), *now = state_of(decision, "advance", key);
        const char *before = now ? now : row_text(query, 1, cause->arena);
        if (strcmp(before, "ordinary") != 0 && declaration_is_meant(cause, key, containers)) {
            come(cause, key, subject, before, store_int(query, 2), store_int(query, 3), at);
        }
    }
    store_reset(query);
}

/* Something that was told of it does not count any more. */
static void mend(struct cause *cause, const struct move *move) {
    struct decision *decision = cause->decision;
    const char *subject = move->key;
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT key, state, received, due FROM advances"
                                   " WHERE subject = ? AND state IN ('in-port', 'ordinary') ORDER BY key");
    store_bind_string(query, 1, subject);
    while (decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(cause->state)
           && state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena), *before = row_text(query, 1, cause->arena);
        stamp received = store_int(query, 2), due = store_int(query, 3);
        stamp at =
            consignment_first_told(cause, subject, CONSIGNMENT_ENTERED, declaration_containers(cause, key));
        const char *to = !at || at > due ? "awaited" : at <= received ? "ordinary" : "in-port";
        if (strcmp(to, before) == 0) {
            continue;
        }
        decision_move(decision, "advance", key, "mend", before, to, cause->stamp, "subject", subject, NULL);
        decision_put(decision, "record", (int64_t)cause->number);
        if (strcmp(to, "awaited") == 0) { /* over already: the tick comes at once */
            timer_set(decision, "advance", key, "revoke", due);
        }
    }
    store_reset(query);
}

static void hear(struct cause *cause, const struct move *move) {
    if (strcmp(move->part, "consignments") == 0 && consignment_is_taken_back(move)) {
        mend(cause, move);
    } else if (move_is(move, "declarations", "declare") && text_is(move_text(move, "direction"), "export")
               && is_declared(cause)) {
        start(cause, move);
    } else if (consignment_is_entry(move)) {
        entered(cause, move);
    }
}

/* --- the term is over ----------------------------------------------------------------------------------- */

/* What customs refused or ended is not revoked once more. */
static bool is_open(const struct declaration *declaration) {
    static const char *const states_open[] = { "submitted", "registered", "accepted",
                                               "tax-due",   "selected",   "held" };
    bool open = false;
    for (size_t i = 0; i < sizeof(states_open) / sizeof(*states_open); i++) {
        open = open || strcmp(declaration->state, states_open[i]) == 0;
    }
    return open && !declaration->released_at;
}

static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct declaration declaration;
    if (!declaration_get(cause, cause->tick_key, &declaration) || !is_open(&declaration)) {
        return;
    }
    int days = terms_days(cause->edition->terms, TERM_ADVANCE_EXPORT, cause->today);
    decision_subject(decision, declaration.subject);
    tell(cause, declaration.key, declaration.subject, "awaited", "revoke", cause->stamp);
    declaration_tell(cause, &declaration, "revoke", cause->stamp, cause->number, NULL, 0);
    decision_answer(decision, "ADVANCE-REVOKED",
                    arena_printf(cause->arena, "提前申报后 %d 日内货物未运抵海关监管场所，撤销", days),
                    arena_printf(cause->arena,
                                 "the goods did not come into the port within %d days of their advance"
                                 " declaration: it is revoked",
                                 days));
    decision_detail(decision, "message_id", declaration.own_id);
    decision_send(decision, declaration.party, 0, "advance");
}

/* --- what its moves do to it ---------------------------------------------------------------------------- */

/* clang-format off */
#define INSERT "INSERT OR IGNORE INTO advances(key, subject, received, due, state)" \
    " SELECT :key, :subject, :received, :due, :to WHERE :received <> ''"

static const struct part_move moves[] = {
    { "advance", NULL, { INSERT }, "subject" },
    { "ordinary", NULL, { INSERT, "UPDATE advances SET state = :to WHERE key = :key" }, NULL },
    { NULL, NULL, { INSERT, "UPDATE advances SET state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "declaration", enrich, NULL },
    { 0 },
};

const struct part part_advance = {
    .name = "advance",
    .lifecycle = &lifecycle,
    .noun = "advance",
    .state_of = "SELECT state FROM advances WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .hear = hear,
    .moves = moves,
};
