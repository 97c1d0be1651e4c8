/*
 * consignments.c - the consignment 票货: where it stands, and who holds it.
 *
 * Declarations, port events and what passages claim come in through consignments.h. What is told of it goes
 * to its holder; while there is none it is remembered as unheld, and handed over when there is.
 */
#include "engine/parts/consignments.h"

#include <inttypes.h>
#include <string.h>

#include "edition/ports.h"
#include "engine/parts/passages.h"

#define UNHELD_READ_MAX     100 /* at a time */
#define MOVES_ENOUGH        (DECISION_MOVES_MAX / 2)
#define WITHOUT_BILL_MARK   '@'
#define DESTINATIONS_ENOUGH 200 /* of one decision: what more there is, is remembered for the next one */

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
    "  PRIMARY KEY(container, subject, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS sightings_subject ON sightings(subject);"
    "CREATE TABLE IF NOT EXISTS selections(container TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT"
    " NULL,"
    "  PRIMARY KEY(container, subject)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS unheld(subject TEXT NOT NULL, direction TEXT NOT NULL, record INTEGER NOT"
    " NULL,"
    "  route TEXT NOT NULL, PRIMARY KEY(subject, direction, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS unheld_record ON unheld(record);";

/* --- its key -------------------------------------------------------------------------------------------- */

const char *consignment_port(const struct cause *cause) {
    static const char *const fields[] = { "port_code", "entry_port", "port_customs", "customs_office" };
    const char *as_given = "-";
    for (size_t i = 0; i < 4; i++) {
        const char *code = cause_text(cause, fields[i]);
        const char *port = *code ? ports_find(cause->edition->ports, code) : NULL;
        if (port) {
            return port;
        }
        if (i < 2 && *code && !strchr(code, '/') && strcmp(as_given, "-") == 0) { /* '/' ends the port */
            as_given = code;
        }
    }
    return as_given;
}

const char *consignment_bill(const struct cause *cause) {
    return cause_text(cause, "bill_number");
}

static bool is_mark(char c) {
    return c == WITHOUT_BILL_MARK || c == KEPT_SUBJECT_MARK;
}

/* Anybody can name any bill: none may be read as another's goods without one, or as what is kept of a
   container. */
const char *consignment_subject(const struct cause *cause, const char *port, const char *bill) {
    return is_mark(*bill) ? arena_printf(cause->arena, "%s/%c%s", port, *bill, bill)
                          : arena_printf(cause->arena, "%s/%s", port, bill);
}

const char *consignment_without_bill(const struct cause *cause, const char *port, const char *declaration) {
    return arena_printf(cause->arena, "%s/%c%s", port, WITHOUT_BILL_MARK, declaration);
}

/* --- what is known of it -------------------------------------------------------------------------------- */

bool consignment_known(struct state *state, const char *subject) {
    struct store_query *query =
        store_query(state_store(state), "SELECT 1 FROM consignments WHERE subject = ?");
    store_bind_string(query, 1, subject);
    return state_exists(state, query);
}

const char *consignment_port_of(const struct cause *cause, const char *subject) {
    struct text rest = text_of(subject);
    return arena_copy(cause->arena, text_until(&rest, '/'));
}

static bool is_move(const struct move *move, const char *event, const char *subject) {
    return strcmp(move->event, event) == 0 && strcmp(move->key, subject) == 0
           && strcmp(move->part, "consignments") == 0;
}

/* Of a declaration that does not say whether it is import or export either may be meant. */
static bool direction_fits(struct text told, const char *direction) {
    return !told.length || text_is(told, direction);
}

static bool is_refused_now(const struct decision *decision, const char *subject, struct text declaration) {
    for (size_t i = 0; decision && i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (is_move(move, "refuse", subject) && text_equal(move_text(move, "declaration"), declaration)) {
            return true;
        }
    }
    return false;
}

/* The holds of a decision itself come behind those that stood before it. */
static const char *holder_to_be(const struct decision *decision, const char *subject, const char *direction) {
    for (size_t i = 0; decision && i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (is_move(move, "hold", subject) && direction_fits(move_text(move, "direction"), direction)
            && !is_refused_now(decision, subject, move_text(move, "declaration"))) {
            return move_text(move, "holder").at;
        }
    }
    return "";
}

const char *consignment_holder(const struct cause *cause, struct state *state,
                               const struct decision *decision, const char *subject, const char *direction) {
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT party, declaration, record FROM holds WHERE subject = ? AND direction IN (?, '')"
                    " ORDER BY record, declaration");
    const char *holder = "";
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, direction);
    while (!*holder && state_row(state, query)) {
        if (!is_refused_now(decision, subject, store_text(query, 1))) {
            holder = row_text(query, 0, cause->arena);
            state_compare_owner(state, "holds", (uint64_t)store_int(query, 2), store_text(query, 1),
                                text_of(holder), (struct text){ 0 });
        }
    }
    store_reset(query);
    return *holder ? holder : holder_to_be(decision, subject, direction);
}

static const char *state_now(const struct cause *cause, struct state *state, const struct decision *decision,
                             const char *subject) {
    const char *now = state_of(decision, "consignments", subject);
    if (now) {
        return now;
    }
    struct store_query *query =
        store_query(state_store(state), "SELECT state FROM consignments WHERE subject = ?");
    store_bind_string(query, 1, subject);
    now = state_row(state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return now;
}

/* --- what is told about it ------------------------------------------------------------------------------ */

void consignment_tell(const struct cause *cause, struct state *state, struct decision *decision,
                      const char *subject, const char *event, stamp at, uint64_t record,
                      const char *direction, const char *containers) {
    const char *before = state_now(cause, state, decision, subject);
    decision_move(decision, "consignments", subject, event, before,
                  lifecycle_next(&consignment_lifecycle, before, event), at, "direction", direction,
                  "containers", containers, NULL);
    decision_put(decision, "record", (int64_t)record);
}

/* --- who may have what was told ------------------------------------------------------------------------- */

enum hold consignments_hold(const struct cause *cause, struct state *state, const struct decision *decision,
                            const char *const *subjects, size_t count, const char *direction,
                            const char **holder) {
    bool somebody_lacks = count == 0;
    *holder = "";
    for (size_t i = 0; i < count; i++) {
        const char *one = consignment_holder(cause, state, decision, subjects[i], direction);
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

void consignments_remember(struct decision *decision, const char *const *subjects, size_t count,
                           const char *direction, uint64_t record, const char *route) {
    for (size_t i = 0; *route && i < count; i++) {
        decision_move(decision, "consignments", subjects[i], "unheld", "", "", 0, "direction", direction,
                      "route", route, NULL);
        decision_put(decision, "record", (int64_t)record);
    }
}

void consignment_claimed(const struct cause *cause, struct state *state, struct decision *decision,
                         const char *const *subjects, size_t count, const char *direction, uint64_t record,
                         const char *route) {
    const char *holder;
    enum hold hold = consignments_hold(cause, state, decision, subjects, count, direction, &holder);
    bool room = decision->destinations_count < DESTINATIONS_ENOUGH;
    if (hold == HELD_BY_ONE && room) {
        decision_send(decision, holder, record, route);
    } else if (hold != HELD_BY_SEVERAL) {
        consignments_remember(decision, subjects, count, direction, record, route);
    }
}

struct unheld {
    uint64_t record;
    const char *route;
};

/* Behind the record `behind`. */
static size_t load_unheld(const struct cause *cause, struct state *state, const char *subject,
                          const char *direction, uint64_t behind, struct unheld out[UNHELD_READ_MAX]) {
    struct store_query *query =
        store_query(state_store(state), "SELECT record, route FROM unheld WHERE subject = ? AND direction = ?"
                                        " AND record > ? ORDER BY record LIMIT ?");
    size_t count = 0;
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, direction);
    store_bind_int(query, 3, (int64_t)behind);
    store_bind_int(query, 4, UNHELD_READ_MAX);
    while (count < UNHELD_READ_MAX && state_row(state, query)) {
        out[count++] = (struct unheld){ (uint64_t)store_int(query, 0), row_text(query, 1, cause->arena) };
    }
    store_reset(query);
    return count;
}

#define SUBJECTS_READ (EVENT_SUBJECTS_MAX + 1)

/* Who holds all consignments that the record is about. */
static enum hold hold_of_record(const struct cause *cause, struct state *state,
                                const struct decision *decision, uint64_t record, const char *direction,
                                const char **holder) {
    const char *subjects[2 * SUBJECTS_READ];
    size_t assigned = passages_of_record(cause, state, record, subjects, SUBJECTS_READ), count = assigned;
    struct store_query *query = store_query(
        state_store(state), "SELECT DISTINCT subject FROM unheld WHERE record = ? ORDER BY subject LIMIT ?");
    store_bind_int(query, 1, (int64_t)record);
    store_bind_int(query, 2, SUBJECTS_READ);
    while (count < 2 * SUBJECTS_READ && state_row(state, query)) {
        subjects[count++] = row_text(query, 0, cause->arena);
    }
    store_reset(query);
    if (assigned == SUBJECTS_READ || count - assigned == SUBJECTS_READ) {
        *holder = "";
        return HELD_BY_SEVERAL; /* as far as can be told */
    }
    return consignments_hold(cause, state, decision, subjects, count, direction, holder);
}

static bool has_room(const struct decision *decision) {
    return decision->destinations_count < DESTINATIONS_ENOUGH && decision->moves_count < MOVES_ENOUGH;
}

/* What another consignment without a holder is named in, too, goes on waiting. */
static void hand_over_one(const struct cause *cause, struct state *state, struct decision *decision,
                          const char *subject, const char *direction, const char *party,
                          const struct unheld *unheld) {
    const char *holder;
    enum hold hold = hold_of_record(cause, state, decision, unheld->record, direction, &holder);
    if (hold != HELD_BY_NOBODY_YET) {
        decision_move(decision, "consignments", subject, "hand-over", "", "", cause->stamp, NULL);
        decision_put(decision, "record", (int64_t)unheld->record);
    }
    if (hold == HELD_BY_ONE && strcmp(holder, party) == 0) {
        decision_send(decision, party, unheld->record, unheld->route);
    }
}

void consignment_hand_over(const struct cause *cause, struct state *state, struct decision *decision,
                           const char *subject, const char *direction, const char *party) {
    struct unheld unheld[UNHELD_READ_MAX];
    size_t count = UNHELD_READ_MAX;
    for (uint64_t behind = 0; count == UNHELD_READ_MAX && has_room(decision) && !state_budget_is_low(state);
         behind = count ? unheld[count - 1].record : behind) {
        count = load_unheld(cause, state, subject, direction, behind, unheld);
        for (size_t i = 0; i < count && has_room(decision); i++) {
            hand_over_one(cause, state, decision, subject, direction, party, &unheld[i]);
        }
    }
}

void consignment_accepted(const struct cause *cause, struct state *state, struct decision *decision,
                          const struct declaration *declaration, bool first) {
    const char *subject = declaration->subject, *direction = declaration->direction;
    if (first) {
        decision_move(decision, "consignments", subject, "hold", "", "", cause->stamp, "holder",
                      declaration->party, "declaration", declaration->key, "direction", direction, NULL);
        decision_put(decision, "record", (int64_t)cause->number);
    }
    passages_accepted(cause, state, decision, declaration, first);
    if (strcmp(consignment_holder(cause, state, decision, subject, direction), declaration->party) == 0) {
        consignment_hand_over(cause, state, decision, subject, direction, declaration->party);
    }
}

void consignment_refused(struct decision *decision, const struct declaration *declaration) {
    decision_move(decision, "consignments", declaration->subject, "refuse", "", "", 0, "declaration",
                  declaration->key, NULL);
    passages_refused(decision, declaration);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
/* What stands behind the port in a subject, without the mark it may begin with (engine/parts/consignments.h); "" of goods
 * without a bill. */
#define BILL                                                                                            \
    "(SELECT iif(substr(b, 1, 1) NOT IN ('@', '#'), b, iif(substr(b, 2, 1) = substr(b, 1, 1), substr(b, 2), ''))" \
    " FROM (SELECT substr(:key, instr(:key, '/') + 1) AS b))"

static const struct part_move moves[] = {
    { "hold", NULL, {
        "INSERT OR IGNORE INTO holds(subject, direction, record, declaration, party)"
        " VALUES(:key, :direction, :record, :declaration, :holder)" }, NULL },
    { "refuse", NULL, { "DELETE FROM holds WHERE subject = :key AND declaration = :declaration" }, NULL },
    { "unheld", NULL, {
        "INSERT OR IGNORE INTO unheld(subject, direction, record, route) VALUES(:key, :direction, :record, :route)" }, NULL },
    { "hand-over", NULL, { "DELETE FROM unheld WHERE record = :record" }, NULL },
    { NULL, NULL, {
        "INSERT INTO consignments(subject, port, bill, direction, state, opened)"
        " VALUES(:key, substr(:key, 1, instr(:key, '/') - 1), " BILL ", :direction, :to, :record)"
        " ON CONFLICT DO UPDATE SET state = excluded.state,"
        " direction = iif(direction = '', excluded.direction, direction)",
        "INSERT OR IGNORE INTO sightings(container, subject, record)"
        " SELECT value, :key, :record FROM json_each(:list_containers)",
        "INSERT OR IGNORE INTO selections(container, subject, at) SELECT value, :key, :at"
        " FROM json_each(iif(instr(:event, ':CUSI') OR instr(:event, ':CUSS'), :list_containers, '[]'))" },
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
    .moves = moves,
};
