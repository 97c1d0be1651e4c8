/*
 * consignments.c - the consignment 票货: where it stands, who holds it, when it passed which milestone.
 *
 * A port event finds its consignments (by bill, declaration or containers), moves their life cycle, tells
 * milestones and goes to the holder; while there is none it is remembered as unheld. What declarations and
 * bookings tell comes in through consignments.h.
 */
#include "engine/consignments.h"

#include <inttypes.h>
#include <string.h>

#include "engine/declarations.h"
#include "engine/engine_setup.h"

#define SUBJECTS_MAX 64               /* consignments one event may concern; of more it is told to nobody */
#define UNHELD_SENT_MAX 100           /* events handed over by one decision; the rest by the next one */

/* --- life cycle ----------------------------------------------------------------------------------------- */

static const struct life_state states[] = {
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

/* Events of the port carry their direction, since an import is not departed when its ship leaves. */
static const struct life_event events[] = {
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

const struct life consignment_life = {
    "consignments", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events),
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS consignments(subject TEXT PRIMARY KEY, port TEXT NOT NULL, bill TEXT NOT NULL,"
    "  direction TEXT NOT NULL, state TEXT NOT NULL, holder TEXT NOT NULL, opened INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS consignments_bill ON consignments(bill);"
    "CREATE TABLE IF NOT EXISTS sightings(container TEXT NOT NULL, subject TEXT NOT NULL, record INTEGER NOT NULL,"
    "  PRIMARY KEY(container, subject, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS sightings_subject ON sightings(subject);"
    "CREATE TABLE IF NOT EXISTS selections(container TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL,"
    "  PRIMARY KEY(container, subject)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS milestones(subject TEXT NOT NULL, declaration TEXT NOT NULL, code TEXT NOT NULL,"
    "  first INTEGER NOT NULL, first_record INTEGER NOT NULL, last INTEGER NOT NULL, last_record INTEGER NOT NULL,"
    "  PRIMARY KEY(subject, declaration, code)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS milestones_first ON milestones(code, first);"
    "CREATE INDEX IF NOT EXISTS milestones_last ON milestones(code, last);"
    "CREATE TABLE IF NOT EXISTS unheld(subject TEXT NOT NULL, record INTEGER NOT NULL, route TEXT NOT NULL,"
    "  PRIMARY KEY(subject, record)) STRICT, WITHOUT ROWID;";

/* --- its key -------------------------------------------------------------------------------------------- */

const char *consignment_port(const struct cause *cause) {
    static const char *const fields[] = { "port_code", "entry_port", "port_customs", "customs_office" };
    const char *as_given = "-";
    for (size_t i = 0; i < 4; i++) {
        const char *code = cause_text(cause, fields[i]);
        const char *port = *code ? ports_find(cause->engine_setup->ports, code) : NULL;
        if (port) {
            return port;
        }
        if (i < 2 && *code && strcmp(as_given, "-") == 0) {
            as_given = code;
        }
    }
    return as_given;
}

const char *consignment_bill(const struct cause *cause) {
    return cause_text(cause, "bill_number");
}

const char *consignment_subject(const struct cause *cause, const char *port, const char *bill) {
    return arena_printf(cause->arena, "%s/%s", port, bill);
}

/* --- what is known of it -------------------------------------------------------------------------------- */

static bool consignment_known(struct state *state, const char *subject) {
    struct store_query *query = store_query(state_store(state), "SELECT 1 FROM consignments WHERE subject = ?");
    store_bind_string(query, 1, subject);
    return state_exists(state, query);
}

stamp consignment_milestone(struct state *state, const char *subject, const char *code) {
    struct store_query *query = store_query(state_store(state),
        "SELECT first FROM milestones WHERE subject = ? AND declaration = '' AND code = ?");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    return state_number(state, query, 0);
}

const char *consignment_of_container(const struct cause *cause, struct state *state, const char *port,
                                     const char *container) {
    struct store_query *query = store_query(state_store(state),
        "SELECT s.subject FROM sightings s JOIN consignments c ON c.subject = s.subject"
        " WHERE s.container = ? AND c.port = ? ORDER BY c.opened DESC, s.subject LIMIT 1");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, port);
    const char *subject = state_row(state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return subject;
}

static const char *column_of(const struct cause *cause, struct state *state, struct store_query *query,
                             const char *subject) {
    store_bind_string(query, 1, subject);
    const char *text = state_row(state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return text;
}

const char *consignment_holder(const struct cause *cause, struct state *state,
                               const struct decision *decision, const char *subject) {
    for (size_t i = 0; decision && i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->event, "hold") == 0 && strcmp(move->key, subject) == 0
            && strcmp(move->part, "consignments") == 0) {
            return move_text(move, "holder").at;
        }
    }
    return column_of(cause, state, store_query(state_store(state),
                                               "SELECT holder FROM consignments WHERE subject = ?"), subject);
}

static const char *state_now(const struct cause *cause, struct state *state, const struct decision *decision,
                             const char *subject) {
    const char *now = state_of(decision, "consignments", subject);
    return now ? now
               : column_of(cause, state, store_query(state_store(state),
                     "SELECT state FROM consignments WHERE subject = ?"), subject);
}

/* --- what is told about it ------------------------------------------------------------------------------ */

void consignment_tell(const struct cause *cause, struct state *state, struct decision *decision,
                      const char *subject, const char *event, stamp at, uint64_t record) {
    const char *before = state_now(cause, state, decision, subject);
    const char *flag = cause_text(cause, "ie_flag");
    bool own = record == cause->number;            /* a waiting answer is not this cause's message */
    const char *number = arena_printf(decision->arena, "%" PRIu64, record);
    decision_move(decision, "consignments", subject, event, before, life_next(&consignment_life, before, event), at,
                  "record", number,
                  "direction", strcmp(flag, "I") == 0 ? "import" : strcmp(flag, "E") == 0 ? "export" : "",
                  "containers", own ? cause_containers(cause) : "", NULL);
}

static void hand_over_unheld(const struct cause *cause, struct state *state, struct decision *decision,
                             const char *subject, const char *party) {
    struct store_query *query = store_query(state_store(state),
        "SELECT record, route FROM unheld WHERE subject = ? ORDER BY record LIMIT ?");
    store_bind_string(query, 1, subject);
    store_bind_int(query, 2, UNHELD_SENT_MAX);
    while (state_row(state, query)) {
        const char *number = arena_printf(decision->arena, "%" PRId64, store_int(query, 0));
        decision_move(decision, "consignments", subject, "hand-over", "", "", cause->stamp, "record", number, NULL);
        decision_send(decision, party, (uint64_t)store_int(query, 0), row_text(query, 1, cause->arena));
    }
}

void consignment_accepted(const struct cause *cause, struct state *state, struct decision *decision,
                          const char *subject, const char *party) {
    const char *holder = consignment_holder(cause, state, decision, subject);
    if (!*holder) {
        decision_move(decision, "consignments", subject, "hold", "", "", cause->stamp, "holder", party, NULL);
        hand_over_unheld(cause, state, decision, subject, party);
    }
}

/* --- milestones ----------------------------------------------------------------------------------------- */

struct telling { struct milestone_told *told; size_t count; };

static void found(const char *milestone, stamp at, void *to) {
    struct telling *telling = to;
    if (telling->count < MILESTONES_TOLD_MAX) {
        telling->told[telling->count++] = (struct milestone_told){ milestone, at };
    }
}

size_t milestones_told(const struct cause *cause, struct milestone_told told[MILESTONES_TOLD_MAX]) {
    struct telling telling = { told, 0 };
    struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    segments_judge(cause->engine_setup->segments, text_of(cause->family), &context, found, &telling);
    return telling.count;
}

void milestone_add(struct decision *decision, const char *subject, const char *declaration, const char *code,
                   stamp at, uint64_t record) {
    const char *number = arena_printf(decision->arena, "%" PRIu64, record);
    decision_move(decision, "consignments", subject, "milestone", "", "", at,
                  "code", code, "declaration", declaration, "record", number, NULL);
}

/* --- port events ---------------------------------------------------------------------------------------- */

struct subjects {
    const char *list[SUBJECTS_MAX]; size_t count;
    bool strangers;                   /* containers nobody declared are named, too */
};

static void subjects_add(struct subjects *subjects, const char *subject) {
    for (size_t i = 0; i < subjects->count; i++) {
        if (strcmp(subjects->list[i], subject) == 0) {
            return;
        }
    }
    if (subjects->count < SUBJECTS_MAX) {
        subjects->list[subjects->count++] = subject;
    } else {
        subjects->strangers = true;
    }
}

static void add_by_container(const struct cause *cause, struct state *state, const char *port,
                             const char *container, struct subjects *subjects) {
    const char *subject = consignment_of_container(cause, state, port, container);
    if (*subject) {
        subjects_add(subjects, subject);
    } else {
        subjects->strangers = true;
    }
}

static void find_subjects(const struct cause *cause, struct state *state, struct subjects *subjects) {
    const char *port = consignment_port(cause);
    const char *bill = consignment_bill(cause);
    const char *entry = cause_text(cause, "entry_number");
    const char *declared = *entry ? declaration_subject_of_entry(cause, state, entry) : "";
    if (*bill) {
        subjects_add(subjects, consignment_subject(cause, port, bill));
    } else if (*declared) {
        subjects_add(subjects, declared);
    } else {
        for (uint32_t row = 0; row < cause_rows(cause, "container"); row++) {
            add_by_container(cause, state, port, cause_row_text(cause, "container.number", row), subjects);
        }
    }
}

static const char *event_name(const struct cause *cause) {
    const char *classifier = cause_text(cause, "classifier");
    bool actual = strcmp(classifier, "ACT") == 0 || !*classifier;
    return arena_printf(cause->arena, "%s:%s%s%s", cause_text(cause, "ie_flag"), cause_text(cause, "event_code"),
                        actual ? "" : " ", actual ? "" : classifier);
}

/* One party holds all that the event names, or nobody may have it: it would tell one about the goods of another. */
static const char *holder_of_all(const struct cause *cause, struct state *state, const struct decision *decision,
                                 const struct subjects *subjects) {
    const char *holder = NULL;
    for (size_t i = 0; i < subjects->count; i++) {
        const char *one = consignment_holder(cause, state, decision, subjects->list[i]);
        holder = !holder || strcmp(holder, one) == 0 ? one : "";
    }
    return holder && !subjects->strangers ? holder : "";
}

static void remember_unheld(const struct cause *cause, struct decision *decision, const struct subjects *subjects) {
    struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    const char *route = routes_to_submitter(cause->engine_setup->routes, text_of(cause->family), &context);
    if (route && subjects->count == 1 && !subjects->strangers) {
        decision_move(decision, "consignments", subjects->list[0], "unheld", "", "", cause->stamp,
                      "route", route, NULL);
    }
}

static void decide(struct cause *cause, struct state *state, struct decision *decision) {
    if (!cause_is(cause, "port-event")) {
        return;
    }
    struct subjects subjects = { .count = 0 };
    find_subjects(cause, state, &subjects);
    if (!subjects.count) {
        decision_answer(decision, "NOT-TRACKED", "事件所述货物尚无记录", "the goods of this event are not tracked");
        return;
    }
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = milestones_told(cause, told);
    const char *event = event_name(cause);
    stamp at = cause_moment(cause, "event_time", cause->facts->env.received);
    const char *entry = cause_text(cause, "entry_number");
    const char *declaration = *entry ? declaration_of_entry(cause, state, entry) : "";
    decision_subject(decision, subjects.list[0]);
    cause->submitter = holder_of_all(cause, state, decision, &subjects);
    for (size_t i = 0; i < subjects.count; i++) {
        consignment_tell(cause, state, decision, subjects.list[i], event, at, cause->number);
        for (size_t m = 0; m < count; m++) {
            milestone_add(decision, subjects.list[i], declaration, told[m].code, told[m].at, cause->number);
        }
        if (strcmp(life_proves(&consignment_life, event), "arrived") == 0) {
            declarations_arrived(cause, state, decision, subjects.list[i], at);
        }
    }
    if (!*cause->submitter) {
        remember_unheld(cause, decision, &subjects);
    } else {
        hand_over_unheld(cause, state, decision, subjects.list[0], cause->submitter);
    }
    decision_answer(decision, "APPLIED", "事件已记入货物状态", "the event is applied to the consignment");
}

/* --- what rules may know: M02 asks whether the container that leaves was released ----------------------- */

static bool released(struct state *state, const char *subject, const char *container) {
    struct store_query *query = store_query(state_store(state),
        "SELECT 1 FROM declarations d WHERE d.subject = ?1 AND d.released_at IS NOT NULL AND (NOT EXISTS"
        " (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key) OR EXISTS"
        " (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key AND c.container = ?2))");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, container);
    return state_exists(state, query);
}

static void know(struct cause *cause, struct state *state) {
    if (!cause_is(cause, "port-event")) {
        return;
    }
    struct subjects all = { .count = 0 };
    find_subjects(cause, state, &all);
    bool known = all.count && consignment_known(state, all.list[0]);
    cause_know_flag(cause, "bill_known", 0, known);
    for (uint32_t row = 0; row < cause_rows(cause, "container"); row++) {
        const char *container = cause_row_text(cause, "container.number", row);
        bool free = false;
        for (size_t i = 0; i < all.count; i++) {
            free = free || released(state, all.list[i], container);
        }
        cause_know_flag(cause, "container.known", row, known);
        cause_know_flag(cause, "container.released", row, free);
    }
    if (all.count == 1) {
        cause_know_moment(cause, "released_at", declaration_released_at(state, all.list[0]));
    }
}

/* --- applying ------------------------------------------------------------------------------------------- */

static void apply_milestone(struct state *state, const struct move *move) {
    struct store_query *query = store_query(state_store(state),
        "INSERT INTO milestones(subject, declaration, code, first, first_record, last, last_record)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?4, ?5) ON CONFLICT DO UPDATE SET"
        " first_record = iif(excluded.first < first, excluded.first_record, first_record),"
        " first = min(first, excluded.first),"
        " last_record = iif(excluded.last > last, excluded.last_record, last_record),"
        " last = max(last, excluded.last)");
    store_bind_string(query, 1, move->key);
    store_bind_text(query, 2, move_text(move, "declaration"));
    store_bind_text(query, 3, move_text(move, "code"));
    store_bind_int(query, 4, move->at);
    store_bind_int(query, 5, move_number(move, "record"));
    state_run(state, query);
}

static void apply_holder(struct state *state, const struct move *move) {
    struct store_query *query = store_query(state_store(state),
        "UPDATE consignments SET holder = ? WHERE subject = ?");
    store_bind_text(query, 1, move_text(move, "holder"));
    store_bind_string(query, 2, move->key);
    state_run(state, query);
}

static void apply_unheld(struct state *state, const struct move *move, uint64_t cause) {
    struct store_query *query = store_query(state_store(state),
                                            "INSERT OR IGNORE INTO unheld(subject, record, route) VALUES(?, ?, ?)");
    store_bind_string(query, 1, move->key);
    store_bind_int(query, 2, (int64_t)cause);
    store_bind_text(query, 3, move_text(move, "route"));
    state_run(state, query);
}

static void apply_hand_over(struct state *state, const struct move *move) {
    struct store_query *query = store_query(state_store(state),
        "DELETE FROM unheld WHERE subject = ? AND record = ?");
    store_bind_string(query, 1, move->key);
    store_bind_int(query, 2, move_number(move, "record"));
    state_run(state, query);
}

static void apply_sightings(struct state *state, const struct move *move) {
    struct text rest = move_text(move, "containers");
    bool selected = strstr(move->event, ":CUSI") || strstr(move->event, ":CUSS");
    while (rest.length) {
        struct text container = text_until(&rest, ' ');
        struct store_query *query = store_query(state_store(state),
            "INSERT OR IGNORE INTO sightings(container, subject, record) VALUES(?, ?, ?)");
        store_bind_text(query, 1, container);
        store_bind_string(query, 2, move->key);
        store_bind_int(query, 3, move_number(move, "record"));
        state_run(state, query);
        if (selected) {
            query = store_query(state_store(state),
                                "INSERT OR IGNORE INTO selections(container, subject, at) VALUES(?, ?, ?)");
            store_bind_text(query, 1, container);
            store_bind_string(query, 2, move->key);
            store_bind_int(query, 3, move->at);
            state_run(state, query);
        }
    }
}

static void apply_event(struct state *state, const struct move *move) {
    struct text bill = text_of(move->key);
    struct text port = text_until(&bill, '/');
    struct store_query *query = store_query(state_store(state),
        "INSERT INTO consignments(subject, port, bill, direction, state, holder, opened)"
        " VALUES(?1, ?2, ?3, ?4, ?5, '', ?6)"
        " ON CONFLICT DO UPDATE SET state = excluded.state,"
        " direction = iif(direction = '', excluded.direction, direction)");
    store_bind_string(query, 1, move->key);
    store_bind_text(query, 2, port);
    store_bind_text(query, 3, bill);
    store_bind_text(query, 4, move_text(move, "direction"));
    store_bind_string(query, 5, move->to);
    store_bind_int(query, 6, move_number(move, "record"));
    state_run(state, query);
    timeline_add(state, move->key, (uint64_t)move_number(move, "record"), "consignments", move->key, move->event,
                 life_proves(&consignment_life, move->event), move->at);
    apply_sightings(state, move);
}

static void apply(struct state *state, const struct move *move, uint64_t cause) {
    if (strcmp(move->event, "milestone") == 0) {
        apply_milestone(state, move);
    } else if (strcmp(move->event, "hold") == 0) {
        apply_holder(state, move);
    } else if (strcmp(move->event, "unheld") == 0) {
        apply_unheld(state, move, cause);
    } else if (strcmp(move->event, "hand-over") == 0) {
        apply_hand_over(state, move);
    } else {
        apply_event(state, move);
    }
}

const struct part part_consignments = { .name = "consignments", .tables = tables, .know = know,
                                       .decide = decide, .apply = apply };
