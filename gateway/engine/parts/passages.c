/*
 * passages.c - container, port, direction and time → the consignments that were meant.
 *
 * What is known of a passage: the span of moments told of it; when it began (an import is discharged, an
 * export comes through the gate) and ended (an import leaves, an export is loaded). An event does not fit a
 * passage that it would begin again, follow its end, or lie further from than goods stay in a port. Of the
 * passages it fits the nearest in time is meant, and what travels in one container with it.
 *
 *   bills of one container, by the time of what was told:
 *     A  declared--DISC-----GTOT                              a late GTOT of A's time lies within A
 *     B                              declared---DISC          a DISC that A has had already is B's, or waits
 *                                                             for it
 */
#include "engine/parts/passages.h"

#include <inttypes.h>
#include <string.h>

#include "engine/parts/consignments.h"
#include "engine/parts/two_step.h"

#define HOUR         (3600 * STAMP_SECOND)
#define DAY          (24 * HOUR)
#define CLAIMED_MAX  100 /* container events claimed by one decision; the rest by the next one */
#define MOVES_ENOUGH (DECISION_MOVES_MAX / 2) /* with so many nothing more is claimed */

/* Goods that nobody declares within three months of their entry are sold (Customs Law, article 30). */
#define REACH        (90 * DAY)
/* Who declares in advance 提前申报 does so once the ship has left its last port: no passage is longer. */
#define IN_ADVANCE   (30 * DAY)
/* The goods of one container are declared within 14 days of the ship's entry (Customs Law, article 24). */
#define TOGETHER     (14 * DAY)
#define ONCE         (7 * DAY) /* two beginnings, or ends, within it are one, told twice */
#define SLACK        DAY       /* clocks of different houses, and what is told in the evening */

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS passages(container TEXT NOT NULL, port TEXT NOT NULL, direction TEXT NOT"
    " NULL,"
    "  subject TEXT NOT NULL, declaration TEXT NOT NULL, proven INTEGER NOT NULL, first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL, begun INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,"
    "  PRIMARY KEY(container, port, direction, subject, declaration)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS passages_subject ON passages(subject);"
    "CREATE INDEX IF NOT EXISTS passages_declaration ON passages(declaration) WHERE declaration <> '';"
    "CREATE TABLE IF NOT EXISTS container_events(container TEXT NOT NULL, port TEXT NOT NULL,"
    "  direction TEXT NOT NULL, record INTEGER NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL,"
    "  milestones TEXT NOT NULL, route TEXT NOT NULL,"
    "  PRIMARY KEY(container, port, direction, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS container_events_record ON container_events(record);"
    "CREATE TABLE IF NOT EXISTS assigned(record INTEGER NOT NULL, container TEXT NOT NULL, subject TEXT NOT"
    " NULL,"
    "  PRIMARY KEY(record, container, subject)) STRICT, WITHOUT ROWID;";

/* --- which events begin and end a passage --------------------------------------------------------------- */

enum phase {
    BEFORE, /* of the ship that brings it */
    BEGINS,
    WITHIN,
    ENDS,
};

/* clang-format off */
static const struct { const char *event; enum phase phase; } phases[] = {
    { "I:ARRI", BEFORE }, { "I:BERT", BEFORE }, { "I:MFST", BEFORE }, { "I:TALY", BEGINS }, { "I:DISC", BEGINS },
    { "I:DCMP", BEGINS }, { "I:GTOT", ENDS },   { "I:DLVR", ENDS },
    { "E:PICK", BEFORE }, { "E:STUF", BEFORE }, { "E:GTIN", BEGINS }, { "E:RCVD", BEGINS },
    { "E:LOAD", ENDS },   { "E:LCMP", ENDS },   { "E:UNBE", ENDS },   { "E:DEPA", ENDS },
};
/* clang-format on */

/* "I:ARRI EST" is of the phase of I:ARRI. */
static enum phase phase_of(const char *event) {
    struct text rest = text_of(event);
    struct text code = text_until(&rest, ' ');
    for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
        if (text_is(code, phases[i].event)) {
            return phases[i].phase;
        }
    }
    return WITHIN;
}

static bool has_happened(const char *event) {
    return !strchr(event, ' '); /* no classifier: ACT */
}

bool passages_ahead(const struct cause *cause, stamp at) {
    return at > cause->stamp + SLACK;
}

/* --- which passage fits --------------------------------------------------------------------------------- */

struct passage {
    const char *subject;
    stamp first, last, begun, ended;
};

struct passages {
    struct passage list[PASSAGES_MAX];
    size_t count;
    bool more;
};

/* Those that an event between two moments can fit; of too many the latest. */
static void load(const struct cause *cause, struct state *state, const char *port, const char *direction,
                 const char *container, stamp from, stamp to, struct passages *out) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT subject, min(first), max(last), ifnull(min(nullif(begun, 0)), 0), max(ended) FROM passages"
        " WHERE container = ? AND port = ? AND direction = ? AND proven = 1"
        " GROUP BY subject HAVING min(first) <= ? AND max(last) >= ? ORDER BY max(last) DESC, subject LIMIT"
        " ?");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, port);
    store_bind_string(query, 3, direction);
    store_bind_int(query, 4, to + REACH);
    store_bind_int(query, 5, from - REACH);
    store_bind_int(query, 6, PASSAGES_MAX + 1);
    out->count = 0;
    while (out->count < PASSAGES_MAX && state_row(state, query)) {
        out->list[out->count++] = (struct passage){
            row_text(query, 0, cause->arena),
            store_int(query, 1),
            store_int(query, 2),
            store_int(query, 3),
            store_int(query, 4),
        };
    }
    out->more = out->count == PASSAGES_MAX && state_row(state, query);
    store_reset(query);
}

static stamp apart(stamp a, stamp b) {
    return a > b ? a - b : b - a;
}

static bool fits(const struct passage *passage, enum phase phase, stamp at) {
    if (passage->ended && at > passage->ended + (phase == ENDS ? ONCE : SLACK)) {
        return false;
    }
    if (passage->begun && (at < passage->begun - ONCE || (phase == BEGINS && at > passage->begun + ONCE))) {
        return false;
    }
    if (phase == BEFORE || phase == BEGINS) {
        return at >= passage->first - REACH && at <= passage->last + IN_ADVANCE;
    }
    return at >= passage->first - SLACK && at <= passage->last + REACH;
}

static stamp distance(const struct passage *passage, stamp at) {
    return at < passage->first ? passage->first - at : at > passage->last ? at - passage->last : 0;
}

/* Both were in the container at one time. */
static bool travel_together(const struct passage *a, const struct passage *b) {
    if (a->begun && b->begun) {
        return apart(a->begun, b->begun) <= ONCE;
    }
    bool after = (a->ended && b->first > a->ended) || (b->ended && a->first > b->ended);
    stamp gap = a->first > b->last ? a->first - b->last : b->first > a->last ? b->first - a->last : 0;
    return !after && gap <= TOGETHER;
}

/* Marks those that are meant; the nearest is always among them. */
static void choose(const struct passages *passages, enum phase phase, stamp at, bool chosen[PASSAGES_MAX]) {
    const struct passage *nearest = NULL;
    for (size_t i = 0; i < passages->count; i++) {
        const struct passage *one = &passages->list[i];
        chosen[i] = false;
        if (fits(one, phase, at) && (!nearest || distance(one, at) < distance(nearest, at))) {
            nearest = one;
        }
    }
    for (size_t i = 0; nearest && i < passages->count; i++) {
        const struct passage *one = &passages->list[i];
        chosen[i] = one == nearest || (fits(one, phase, at) && travel_together(one, nearest));
    }
}

/* The passages of all these containers that an event at this moment can fit, container by container. */
static struct store_query *ask_of_all(const struct cause *cause, struct state *state,
                                      const struct container_event *event, const char *const *containers,
                                      size_t count) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT named.key, subject, min(first), max(last), ifnull(min(nullif(begun, 0)), 0), max(ended)"
        " FROM json_each(?1) named CROSS JOIN passages"
        " WHERE container = named.value AND port = ?2 AND direction = ?3 AND proven = 1"
        " GROUP BY named.key, subject HAVING min(first) <= ?4 AND max(last) >= ?5"
        " ORDER BY named.key, max(last) DESC, subject");
    store_bind_string(query, 1, cause_list(cause, containers, count));
    store_bind_string(query, 2, event->port);
    store_bind_string(query, 3, event->direction);
    store_bind_int(query, 4, event->at + REACH);
    store_bind_int(query, 5, event->at - REACH);
    return query;
}

static void find_among(const struct passages *passages, const struct container_event *event, size_t container,
                       void (*found)(size_t container, const char *subject, void *to), void *to) {
    bool chosen[PASSAGES_MAX];
    choose(passages, phase_of(event->name), event->at, chosen);
    for (size_t i = 0; i < passages->count; i++) {
        if (chosen[i]) {
            found(container, passages->list[i].subject, to);
        }
    }
}

bool passages_find(const struct cause *cause, struct state *state, const struct container_event *event,
                   const char *const *containers, size_t count,
                   void (*found)(size_t container, const char *subject, void *to), void *to) {
    struct passages of_one = { .count = 0 };
    struct store_query *query = ask_of_all(cause, state, event, containers, count);
    size_t container = 0;
    bool all = true;
    while (state_row(state, query)) {
        if ((size_t)store_int(query, 0) != container) {
            find_among(&of_one, event, container, found, to);
            container = (size_t)store_int(query, 0);
            of_one.count = 0;
        }
        if (of_one.count == PASSAGES_MAX) { /* of too many the latest */
            all = false;
            continue;
        }
        of_one.list[of_one.count++] = (struct passage){
            row_text(query, 1, cause->arena),
            store_int(query, 2),
            store_int(query, 3),
            store_int(query, 4),
            store_int(query, 5),
        };
    }
    find_among(&of_one, event, container, found, to);
    return all;
}

bool passages_elsewhere(struct state *state, const char *port, const char *direction, const char *container,
                        const char *subject, stamp now) {
    struct store_query *query = store_query(
        state_store(state), "SELECT max(subject = ?4) = 0 AND max(ended = 0 AND last > ?5) FROM passages"
                            " WHERE container = ?1 AND port = ?2 AND direction = ?3");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, port);
    store_bind_string(query, 3, direction);
    store_bind_string(query, 4, subject);
    store_bind_int(query, 5, now - REACH);
    return state_number(state, query, 0) != 0;
}

/* --- what is told --------------------------------------------------------------------------------------- */

static void move_event(struct decision *decision, const char *key, const char *what,
                       const struct container_event *event, const char *containers, const char *kept) {
    bool told = *what == 'e', happened = has_happened(event->name) && !event->ahead;
    decision_move(decision, "passages", key, what, "", "", event->at, "port", event->port, "direction",
                  event->direction, "name", event->name, "containers", containers, "kept", kept,
                  "kept_proves", told ? lifecycle_proves(&consignment_lifecycle, event->name) : "",
                  "milestones", told ? milestones_write(decision->arena, event->told, event->told_count) : "",
                  "route", told ? event->route : "", NULL);
    decision_put(decision, "record", (int64_t)event->record);
    if (!told) {
        decision_put(decision, "happened", happened);
        decision_put(decision, "begins", phase_of(event->name) == BEGINS);
        decision_put(decision, "ends", phase_of(event->name) == ENDS);
    }
}

void passages_event(struct decision *decision, const struct container_event *event, const char *containers,
                    const char *kept) {
    move_event(decision, arena_printf(decision->arena, "%" PRIu64, event->record), "event", event, containers,
               kept);
}

void passages_assign(struct decision *decision, const struct container_event *event, const char *subject,
                     const char *containers) {
    move_event(decision, subject, "assign", event, containers, "");
}

void passages_declared(struct decision *decision, const struct declaration *declaration,
                       const char *containers) {
    if (*containers && *declaration->direction) {
        decision_move(decision, "passages", declaration->subject, "declare", "", "", declaration->received,
                      "declaration", declaration->key, "direction", declaration->direction, "containers",
                      containers, NULL);
    }
}

void passages_refused(struct decision *decision, const struct declaration *declaration) {
    decision_move(decision, "passages", declaration->subject, "refuse", "", "", declaration->received,
                  "declaration", declaration->key, NULL);
}

/* --- what is claimed ------------------------------------------------------------------------------------ */

struct kept {
    uint64_t record;
    const char *name, *route;
    struct text milestones;
    stamp at;
    bool unassigned;
};

struct claimed {
    uint64_t record;
    const char *route;
    int64_t containers;
}; /* that were nobody's before */

struct claiming {
    const struct cause *cause;
    struct state *state;
    struct decision *decision;
    const char *subject, *port, *direction;
    stamp at; /* of what proves the passage */
    struct claimed records[CLAIMED_MAX];
    size_t count, claims;
};

/* Those behind `behind` (NULL: from the first), in the order of time. */
static size_t load_kept(const struct claiming *claiming, const char *container, const struct kept *behind,
                        struct kept *out) {
    struct arena *arena = claiming->cause->arena;
    struct store_query *query =
        store_query(state_store(claiming->state),
                    "SELECT record, event, route, milestones, at, NOT EXISTS"
                    " (SELECT 1 FROM assigned a WHERE a.record = e.record AND a.container = e.container)"
                    " FROM container_events e WHERE container = ?1 AND port = ?2 AND direction = ?3"
                    " AND at BETWEEN ?4 AND ?5 AND (at, record) > (?6, ?7)"
                    " AND NOT EXISTS (SELECT 1 FROM assigned a WHERE a.record = e.record"
                    " AND a.container = e.container AND a.subject = ?8) ORDER BY at, record LIMIT ?9");
    size_t count = 0;
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, claiming->port);
    store_bind_string(query, 3, claiming->direction);
    store_bind_int(query, 4, claiming->at - REACH);
    store_bind_int(query, 5, claiming->at + REACH);
    store_bind_int(query, 6, behind ? behind->at : INT64_MIN);
    store_bind_int(query, 7, behind ? (int64_t)behind->record : 0);
    store_bind_string(query, 8, claiming->subject);
    store_bind_int(query, 9, CLAIMED_MAX);
    while (count < CLAIMED_MAX && state_row(claiming->state, query)) {
        out[count++] = (struct kept){
            .record = (uint64_t)store_int(query, 0),
            .name = row_text(query, 1, arena),
            .route = row_text(query, 2, arena),
            .milestones = text_of(row_text(query, 3, arena)),
            .at = store_int(query, 4),
            .unassigned = store_int(query, 5) != 0,
        };
    }
    store_reset(query);
    return count;
}

/* The passage being proven, whether it was known before or not. */
static struct passage *own_passage(const struct claiming *claiming, struct passages *passages) {
    struct passage *own = NULL;
    for (size_t i = 0; i < passages->count; i++) {
        own = strcmp(passages->list[i].subject, claiming->subject) == 0 ? &passages->list[i] : own;
    }
    if (!own) {
        own = &passages->list[passages->count < PASSAGES_MAX ? passages->count++ : PASSAGES_MAX - 1];
        *own = (struct passage){ .subject = claiming->subject, .first = claiming->at, .last = claiming->at };
    }
    own->first = claiming->at < own->first ? claiming->at : own->first;
    own->last = claiming->at > own->last ? claiming->at : own->last;
    return own;
}

static void extend(struct passage *passage, const char *name, stamp at) {
    if (!has_happened(name)) {
        return;
    }
    passage->first = at < passage->first ? at : passage->first;
    passage->last = at > passage->last ? at : passage->last;
    if (phase_of(name) == BEGINS && (!passage->begun || at < passage->begun)) {
        passage->begun = at;
    }
    if (phase_of(name) == ENDS && at > passage->ended) {
        passage->ended = at;
    }
}

static void note_record(struct claiming *claiming, const struct kept *kept) {
    size_t i = 0;
    while (i < claiming->count && claiming->records[i].record != kept->record) {
        i++;
    }
    if (i == claiming->count) {
        claiming->records[claiming->count++] = (struct claimed){ kept->record, kept->route, 0 };
    }
    claiming->records[i].containers += kept->unassigned;
}

static void claim(struct claiming *claiming, const char *container, const struct kept *kept) {
    const struct cause *cause = claiming->cause;
    struct decision *decision = claiming->decision;
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t told_count = milestones_read(cause->arena, kept->milestones, told);
    struct container_event event = {
        .port = claiming->port,
        .direction = claiming->direction,
        .name = kept->name,
        .at = kept->at,
        .record = kept->record,
        .ahead = passages_ahead(cause, kept->at),
    };
    passages_assign(decision, &event, claiming->subject, container);
    consignment_tell(cause, claiming->state, decision, claiming->subject, kept->name, kept->at, kept->record,
                     claiming->direction, container);
    for (size_t i = 0; i < told_count; i++) {
        milestone_add(decision, claiming->subject, "", container, told[i].code, told[i].at, kept->record);
    }
    if (strcmp(lifecycle_proves(&consignment_lifecycle, kept->name), "arrived") == 0) {
        two_step_arrived(cause, claiming->state, decision, claiming->subject);
    }
    note_record(claiming, kept);
    claiming->claims++;
}

static bool is_enough(const struct claiming *claiming) {
    return claiming->claims >= CLAIMED_MAX || claiming->decision->moves_count >= MOVES_ENOUGH;
}

static void claim_those_that_fit(struct claiming *claiming, const char *container, struct passages *passages,
                                 struct passage *own, const struct kept *kept, size_t count) {
    bool chosen[PASSAGES_MAX];
    for (size_t i = 0; i < count && !is_enough(claiming); i++) {
        choose(passages, phase_of(kept[i].name), kept[i].at, chosen);
        if (chosen[own - passages->list]) {
            claim(claiming, container, &kept[i]);
            if (!passages_ahead(claiming->cause, kept[i].at)) {
                extend(own, kept[i].name, kept[i].at);
            }
        }
    }
}

/* What fits another passage is looked at and left, however much of it comes first. */
static void claim_for(struct claiming *claiming, const char *container) {
    struct kept *kept = arena_alloc(claiming->cause->arena, CLAIMED_MAX * sizeof(*kept));
    size_t count = load_kept(claiming, container, NULL, kept);
    struct passages passages;
    if (!count) { /* mostly nothing is kept */
        return;
    }
    load(claiming->cause, claiming->state, claiming->port, claiming->direction, container,
         claiming->at - REACH, claiming->at + REACH, &passages);
    struct passage *own = own_passage(claiming, &passages);
    claim_those_that_fit(claiming, container, &passages, own, kept, count);
    while (count == CLAIMED_MAX && !is_enough(claiming) && !state_budget_is_low(claiming->state)) {
        struct kept last = kept[count - 1];
        count = load_kept(claiming, container, &last, kept);
        claim_those_that_fit(claiming, container, &passages, own, kept, count);
    }
}

static int64_t unassigned_of(struct state *state, uint64_t record) {
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT count(*) FROM container_events e WHERE record = ? AND NOT EXISTS"
                    " (SELECT 1 FROM assigned a WHERE a.record = e.record AND a.container = e.container)");
    store_bind_int(query, 1, (int64_t)record);
    return state_number(state, query, 0);
}

size_t passages_of_record(const struct cause *cause, struct state *state, uint64_t record,
                          const char **subjects, size_t max) {
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT DISTINCT subject FROM assigned WHERE record = ? ORDER BY subject LIMIT ?");
    size_t count = 0;
    store_bind_int(query, 1, (int64_t)record);
    store_bind_int(query, 2, (int64_t)max);
    while (count < max && state_row(state, query)) {
        subjects[count++] = row_text(query, 0, cause->arena);
    }
    store_reset(query);
    return count;
}

/* A record of which every container belongs to somebody now can be handed on, if one party holds them all. */
static void hand_on(const struct claiming *claiming) {
    const char *subjects[EVENT_SUBJECTS_MAX + 2];
    for (size_t i = 0; i < claiming->count; i++) {
        const struct claimed *claimed = &claiming->records[i];
        if (!*claimed->route || unassigned_of(claiming->state, claimed->record) > claimed->containers) {
            continue;
        }
        size_t count = passages_of_record(claiming->cause, claiming->state, claimed->record, subjects,
                                          EVENT_SUBJECTS_MAX + 1);
        if (count > EVENT_SUBJECTS_MAX) {
            continue; /* who holds all of them cannot be told */
        }
        subjects[count++] = claiming->subject;
        consignment_claimed(claiming->cause, claiming->state, claiming->decision, subjects, count,
                            claiming->direction, claimed->record, claimed->route);
    }
}

static void claim_all(struct claiming *claiming, const char *containers) {
    struct text rest = text_of(containers);
    while (rest.length && !is_enough(claiming)) {
        claim_for(claiming, arena_copy(claiming->cause->arena, text_until(&rest, ' ')));
    }
    hand_on(claiming);
}

void passages_accepted(const struct cause *cause, struct state *state, struct decision *decision,
                       const struct declaration *declaration, bool first) {
    const char *containers = declaration_containers(cause, state, declaration->key);
    if (!*containers) { /* of a declaration that is this cause itself */
        containers = declaration->record == cause->number ? cause_containers(cause) : "";
    }
    if (!*containers || !*declaration->direction) {
        return;
    }
    if (first) {
        decision_move(decision, "passages", declaration->subject, "prove", "", "", declaration->received,
                      "declaration", declaration->key, "direction", declaration->direction, "containers",
                      containers, NULL);
    }
    struct claiming claiming = {
        .cause = cause,
        .state = state,
        .decision = decision,
        .subject = declaration->subject,
        .port = consignment_port_of(cause, declaration->subject),
        .direction = declaration->direction,
        .at = declaration->received,
    };
    claim_all(&claiming, containers);
}

void passages_seen(const struct cause *cause, struct state *state, struct decision *decision,
                   const struct container_event *event, const char *subject, const char *containers) {
    if (event->ahead) {
        return; /* when it was there is not known by that */
    }
    move_event(decision, subject, "see", event, containers, "");
    struct claiming claiming = {
        .cause = cause,
        .state = state,
        .decision = decision,
        .subject = subject,
        .port = event->port,
        .direction = event->direction,
        .at = event->at,
    };
    claim_all(&claiming, containers);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define SPAN(of_containers)                                                                                  \
    "UPDATE passages SET first = min(first, :at), last = max(last, :at),"                                    \
    " begun = iif(:begins, iif(begun = 0, :at, min(begun, :at)), begun), ended = iif(:ends, max(ended, :at), ended)" \
    " WHERE :happened AND subject = :key AND direction = :direction AND (" of_containers                     \
    " container IN (SELECT value FROM json_each(:list_containers)))"
#define INSERT(proven)                                                                                       \
    "INSERT INTO passages(container, port, direction, subject, declaration, proven, first, last)"            \
    " SELECT value, substr(:key, 1, instr(:key, '/') - 1), :direction, :key, :declaration, " proven ", :at, :at" \
    " FROM json_each(:list_containers) WHERE true"                                                           \
    " ON CONFLICT DO UPDATE SET proven = max(proven, excluded.proven)"

static const struct part_move moves[] = {
    { "declare", NULL, { INSERT("0") }, NULL },
    { "prove", NULL, { INSERT("1") }, NULL },
    /* of no container: of all that the subject has */
    { "see", NULL, { INSERT("1"), SPAN(":list_containers = '[]' OR") }, NULL },
    { "assign", NULL, {
        "INSERT OR IGNORE INTO assigned(record, container, subject)"
        " SELECT :record, value, :key FROM json_each(:list_containers)",
        SPAN(""),
        "DELETE FROM timeline WHERE record = :record AND subject IN"
        " (SELECT :port || '/#' || value FROM json_each(:list_containers))" }, NULL },
    /* what is kept has a timeline of its own until it is claimed: its own event proves what it says */
    { "event", NULL, {
        "INSERT OR IGNORE INTO container_events(container, port, direction, record, event, at, milestones, route)"
        " SELECT value, :port, :direction, :record, :name, :at, :milestones, :route FROM json_each(:list_containers)",
        "INSERT OR IGNORE INTO timeline(subject, record, part, key, event, proves, at)"
        " SELECT :port || '/#' || value, :record, 'consignments', :port || '/#' || value, :name, :kept_proves, :at"
        " FROM json_each(:list_kept)" }, NULL },
    { "refuse", NULL, { "DELETE FROM passages WHERE declaration = :declaration AND declaration <> ''" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_passages = { .name = "passages", .tables = tables, .moves = moves };
