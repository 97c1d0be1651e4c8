/*
 * consignments.c - the consignment 票货: where it stands, and who holds it.
 *
 * A declaration, and what customs says of it, is heard; the port's events come in through consignments.h.
 */
#include "engine/parts/consignments.h"

#include <string.h>

#include "base/status.h"
#include "engine/parts/declarations.h"
#include "engine/subject.h"

/* --- life cycle ----------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct lifecycle_state states[] = {
    /* state         rank  zh        en              */
    { "announced",   10,  "预报",   "announced"      },
    { "arrived",     20,  "已抵港", "arrived"        },
    { "discharged",  30,  "已卸船", "discharged"     },
    { "declared",    40,  "已申报", "declared"       },
    { "gate-in",     45,  "已运抵", "in the port"    },
    { "released",    50,  "已放行", "released"       },
    { "loaded",      60,  "已装船", "loaded"         },
    { "departed",    70,  "已离港", "departed"       },
    { "gate-out",    80,  "已提离", "out of the gate" },
};
/* clang-format on */

/* Events of the port carry their direction, since an import is not departed when its ship leaves. */
/* clang-format off */
static const struct lifecycle_event events[] = {
    { "I:ARRI PLN", "announced",  NULL, NULL },
    { "I:ARRI EST", "announced",  NULL, NULL },
    { "I:ARRI",     "arrived",    NULL, NULL },
    { "I:BERT",     "arrived",    NULL, NULL },
    { "I:DISC",     "discharged", NULL, NULL },
    { "I:DCMP",     "discharged", NULL, NULL },
    { "I:GTOT",     "gate-out",   NULL, NULL },
    { "I:DLVR",     "gate-out",   NULL, NULL },
    { "E:GTIN",     "gate-in",    NULL, NULL },
    { "E:RCVD",     "gate-in",    NULL, NULL },
    { "E:LOAD",     "loaded",     NULL, NULL },
    { "E:LCMP",     "loaded",     NULL, NULL },
    { "E:DEPA",     "departed",   NULL, NULL },
    { "declare",    "declared",   "申报", "declared" },
    { "release",    "released",   "放行", "released" },
    { "withdraw",   "",           "撤回", "withdrawn" },
};
/* clang-format on */

const struct lifecycle consignment_lifecycle = {
    "consignments", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS consignments(subject TEXT PRIMARY KEY, port TEXT NOT NULL, bill TEXT NOT"
    " NULL,"
    "  direction TEXT NOT NULL, state TEXT NOT NULL, opened INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS consignments_bill ON consignments(bill);"
    "CREATE TABLE IF NOT EXISTS holds(subject TEXT NOT NULL, direction TEXT NOT NULL, record INTEGER NOT"
    " NULL,"
    "  declaration TEXT NOT NULL, party TEXT NOT NULL, PRIMARY KEY(subject, direction, record, declaration))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sightings(container TEXT NOT NULL, subject TEXT NOT NULL, record INTEGER NOT"
    " NULL,"
    "  selected INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(container, subject, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS sightings_subject ON sightings(subject);";

/* --- what is known of it -------------------------------------------------------------------------------- */

bool consignment_known(const struct cause *cause, const char *subject) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT 1 FROM consignments WHERE subject = ?");
    store_bind_string(query, 1, subject);
    return state_exists(cause->state, query);
}

bool consignment_selected(const struct cause *cause, const char *subject, const char *container) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT 1 FROM sightings WHERE container = ? AND subject = ? AND selected = 1");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, subject);
    return state_exists(cause->state, query);
}

static bool is_move(const struct move *move, const char *event, const char *subject) {
    return strcmp(move->key, subject) == 0 && move_is(move, "consignments", event);
}

/* Of a declaration that does not say whether it is import or export either may be meant. */
static bool direction_fits(struct text told, const char *direction) {
    return !told.length || text_is(told, direction);
}

/* By a move of this decision, from that one on. */
static bool is_refused_now(const struct decision *decision, size_t from, const char *subject,
                           struct text declaration) {
    for (size_t i = from; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (is_move(move, "refuse", subject) && text_equal(move_text(move, "declaration"), declaration)) {
            return true;
        }
    }
    return false;
}

/* The holds of a decision itself come behind those that stood before it. What was refused may be accepted in
 * the same decision, when both answers waited. */
static const char *holder_to_be(const struct decision *decision, const char *subject, const char *direction) {
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (is_move(move, "hold", subject) && direction_fits(move_text(move, "direction"), direction)
            && !is_refused_now(decision, i, subject, move_text(move, "declaration"))) {
            return move_text(move, "holder").at;
        }
    }
    return "";
}

const char *consignment_holder(const struct cause *cause, const char *subject, const char *direction) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT party, declaration, record FROM holds WHERE subject = ? AND direction IN (?, '')"
                    " ORDER BY record, declaration");
    const char *holder = "";
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, direction);
    while (!*holder && state_row(cause->state, query)) {
        if (!is_refused_now(cause->decision, 0, subject, store_text(query, 1))) {
            holder = row_text(query, 0, cause->arena);
            state_compare_owner(cause->state, "holds", (uint64_t)store_int(query, 2), store_text(query, 1),
                                text_of(holder), (struct text){ 0 });
        }
    }
    store_reset(query);
    return *holder ? holder : holder_to_be(cause->decision, subject, direction);
}

enum hold consignments_hold(const struct cause *cause, const char *const *subjects, size_t count,
                            const char *direction, const char **holder) {
    bool somebody_lacks = count == 0;
    *holder = "";
    for (size_t i = 0; i < count; i++) {
        const char *one = consignment_holder(cause, subjects[i], direction);
        if (*one && **holder && strcmp(one, *holder) != 0) {
            *holder = "";
            return HELD_BY_SEVERAL;
        }
        somebody_lacks = somebody_lacks || !*one;
        *holder = *one ? one : *holder;
    }
    if (somebody_lacks) {
        *holder = "";
    }
    return somebody_lacks ? HELD_BY_NOBODY_YET : HELD_BY_ONE;
}

bool consignment_is_arrival(const struct move *move) {
    return strcmp(move->part, "consignments") == 0
           && strcmp(lifecycle_proves(&consignment_lifecycle, move->event), "arrived") == 0;
}

bool consignment_is_taken_back(const struct move *move) {
    return strcmp(move->part, "consignments") == 0 && move_datum(move, "told");
}

/* The record that told something of it which this decision takes back; 0: none. */
static int64_t taken_back_now(const struct decision *decision, const char *subject) {
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (consignment_is_taken_back(move) && strcmp(move->key, subject) == 0) {
            return move_number(move, "told");
        }
    }
    return 0;
}

bool consignment_is_entry(const struct move *move) {
    const char *proves = lifecycle_proves(&consignment_lifecycle, move->event);
    return strcmp(move->part, "consignments") == 0 && !consignment_is_taken_back(move)
           && (strcmp(proves, "gate-in") == 0 || strcmp(proves, "loaded") == 0
               || strcmp(proves, "departed") == 0);
}

stamp consignment_arrived(const struct cause *cause, const char *subject, stamp since) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT min(at) FROM timeline WHERE subject = ? AND part = 'consignments' AND proves = 'arrived' AND"
        " at >= ? AND record <> ?");
    const struct decision *decision = cause->decision;
    int64_t taken_back = taken_back_now(decision, subject);
    store_bind_string(query, 1, subject);
    store_bind_int(query, 2, since);
    store_bind_int(query, 3, taken_back);
    stamp first = state_number(cause->state, query, 0);
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move->at >= since && (!first || move->at < first) && strcmp(move->key, subject) == 0
            && consignment_is_arrival(move)) {
            first = move->at;
        }
    }
    return first;
}

stamp consignment_first_told(const struct cause *cause, const char *subject, const char *proven,
                             const char *containers) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT min(at) FROM timeline t WHERE subject = ?1 AND part = 'consignments' AND key = ?1"
        " AND record <> ?2 AND proves <> '' AND instr(' ' || ?3 || ' ', ' ' || proves || ' ')"
        " AND (?4 = '' OR NOT EXISTS (SELECT 1 FROM sightings s WHERE s.subject = ?1 AND s.record = t.record)"
        " OR EXISTS (SELECT 1 FROM sightings s WHERE s.subject = ?1 AND s.record = t.record"
        " AND instr(' ' || ?4 || ' ', ' ' || s.container || ' ')))");
    store_bind_string(query, 1, subject);
    store_bind_int(query, 2, taken_back_now(cause->decision, subject));
    store_bind_string(query, 3, proven);
    store_bind_string(query, 4, containers);
    return state_number(cause->state, query, 0);
}

/* --- what is told of it --------------------------------------------------------------------------------- */

static const char *state_now(const struct cause *cause, const char *subject) {
    const char *now = state_of(cause->decision, "consignments", subject);
    if (now) {
        return now;
    }
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT state FROM consignments WHERE subject = ?");
    store_bind_string(query, 1, subject);
    now = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return now;
}

void consignment_tell(struct cause *cause, const char *subject, const char *event, stamp at, uint64_t record,
                      const char *direction, const char *containers) {
    require(cause_has_state(cause));
    const char *before = state_now(cause, subject);
    decision_move(cause->decision, "consignments", subject, event, before,
                  lifecycle_next(&consignment_lifecycle, before, event), at, "direction", direction,
                  "containers", containers, NULL);
    decision_put(cause->decision, "record", (int64_t)record);
}

/* --- what is told anew, or taken back ------------------------------------------------------------------- */

const char *consignment_containers_told(const struct cause *cause, const char *subject, uint64_t told) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT group_concat(container, ' ') FROM sightings"
                                               " WHERE subject = ? AND record = ?");
    store_bind_string(query, 1, subject);
    store_bind_int(query, 2, (int64_t)told);
    const char *containers =
        state_row(cause->state, query) && !store_is_null(query, 0) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return containers;
}

/* What all other records prove together. */
static const char *state_without(const struct cause *cause, const char *subject, uint64_t told) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT DISTINCT proves FROM timeline WHERE subject = ?1"
                                               " AND part = 'consignments' AND key = ?1 AND record <> ?2");
    const char *state = "";
    store_bind_string(query, 1, subject);
    store_bind_int(query, 2, (int64_t)told);
    while (state_row(cause->state, query)) {
        const char *proves = row_text(query, 0, cause->arena);
        bool higher =
            lifecycle_rank(&consignment_lifecycle, proves) > lifecycle_rank(&consignment_lifecycle, state);
        state = higher ? proves : state;
    }
    store_reset(query);
    return state;
}

void consignment_take_back(struct cause *cause, const char *subject, const char *event, uint64_t told) {
    require(cause_has_state(cause));
    decision_move(cause->decision, "consignments", subject, event, state_now(cause, subject),
                  state_without(cause, subject, told), cause->metadata->env.received, NULL);
    decision_put(cause->decision, "record", (int64_t)cause->number);
    decision_put(cause->decision, "told", (int64_t)told);
}

void consignment_tell_outdated(struct cause *cause, const char *subject, const char *event, stamp at,
                               uint64_t newer) {
    require(cause_has_state(cause));
    decision_move(cause->decision, "consignments", subject, "outdated", "", "", at, "name", event, NULL);
    decision_put(cause->decision, "record", (int64_t)cause->number);
    decision_put(cause->decision, "newer", (int64_t)newer);
}

/* --- what is heard of its declarations ------------------------------------------------------------------ */

static void hold(struct cause *cause, const struct declaration *declaration) {
    decision_move(cause->decision, "consignments", declaration->subject, "hold", "", "", cause->stamp,
                  "holder", declaration->party, "declaration", declaration->key, "direction",
                  declaration->direction, NULL);
    decision_put(cause->decision, "record", (int64_t)cause->number);
}

static bool is_release(const struct move *move) {
    const char *proves = lifecycle_proves(&declaration_lifecycle, move->event);
    return strcmp(proves, "released") == 0 || strcmp(proves, "closed") == 0;
}

static void hear(struct cause *cause, const struct move *move) {
    struct declaration declaration;
    if (strcmp(move->part, "declarations") != 0 || !declaration_get(cause, move->key, &declaration)) {
        return;
    }
    enum declaration_turn turn = declaration_turn(cause, move);
    if (turn == DECLARATION_ACCEPTED) {
        hold(cause, &declaration);
    } else if (turn == DECLARATION_REFUSED) {
        decision_move(cause->decision, "consignments", declaration.subject, "refuse", "", "", 0,
                      "declaration", declaration.key, NULL);
    }
    uint64_t record = (uint64_t)move_number(move, "record");
    if (move_is(move, "declarations", "declare")) {
        consignment_tell(cause, declaration.subject, "declare", move->at, record, declaration.direction,
                         move_text(move, "containers").at);
    } else if (is_release(move)) {
        consignment_tell(cause, declaration.subject, "release", move->at, record, declaration.direction, "");
    }
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define TAKE_BACK                                                                                            \
    { "UPDATE consignments SET state = :to WHERE subject = :key",                                            \
      "UPDATE timeline SET proves = '', taken_back = :record WHERE subject = :key AND record = :told"        \
      " AND part = 'consignments' AND key = :key",                                                           \
      "DELETE FROM sightings WHERE subject = :key AND record = :told" }

static const struct part_move moves[] = {
    { "hold", NULL, {
        "INSERT OR IGNORE INTO holds(subject, direction, record, declaration, party)"
        " VALUES(:key, :direction, :record, :declaration, :holder)" }, NULL },
    { "refuse", NULL, { "DELETE FROM holds WHERE subject = :key AND declaration = :declaration" }, NULL },
    { "correct", NULL, TAKE_BACK, NULL }, /* the telling that replaces it has a line of its own */
    { "withdraw", NULL, TAKE_BACK, "key" },
    { "outdated", NULL, {
        "INSERT OR IGNORE INTO timeline(subject, record, part, key, event, proves, at, taken_back)"
        " SELECT :key, :record, 'consignments', :key, :name, '', :at, :newer"
        " WHERE EXISTS (SELECT 1 FROM consignments WHERE subject = :key)" }, NULL },
    { NULL, NULL, {
        "INSERT INTO consignments(subject, port, bill, direction, state, opened)"
        " VALUES(:key, " SUBJECT_PORT_SQL ", " SUBJECT_BILL_SQL ", :direction, :to, :record)"
        " ON CONFLICT DO UPDATE SET state = excluded.state,"
        " direction = iif(direction = '', excluded.direction, direction)",
        "INSERT OR IGNORE INTO sightings(container, subject, record, selected)"
        " VALUES(:each_containers, :key, :record, instr(:event, ':CUSI') OR instr(:event, ':CUSS'))" },
      "key" },
    { 0 },
};
/* clang-format on */

const struct part part_consignments = {
    .name = "consignments",
    .lifecycle = &consignment_lifecycle,
    .noun = "consignment",
    .state_of = "SELECT state FROM consignments WHERE subject = ?",
    .tables = tables,
    .hear = hear,
    .moves = moves,
};
