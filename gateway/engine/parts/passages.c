/*
 * passages.c - container, port, direction and time → the consignments that were meant.
 *
 * A declaration that customs accepted, or the port when it names both, proves a passage; what was kept of its
 * containers is claimed then, so far as it fits (passages_fit.h).
 */
#include "engine/parts/passages.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"
#include "engine/parts/passages_fit.h"
#include "engine/subject.h"

#define CLAIMED_MAX  100 /* container events claimed by one decision; the rest by the next one */
#define MOVES_ENOUGH (DECISION_MOVES_MAX / 2) /* with so many nothing more is claimed */

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
    "  milestones TEXT NOT NULL, route TEXT NOT NULL, taken_back INTEGER NOT NULL DEFAULT 0,"
    "  PRIMARY KEY(container, port, direction, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS container_events_record ON container_events(record);"
    "CREATE TABLE IF NOT EXISTS assigned(record INTEGER NOT NULL, container TEXT NOT NULL, subject TEXT NOT"
    " NULL,"
    "  PRIMARY KEY(record, container, subject)) STRICT, WITHOUT ROWID;";

bool passages_ahead(const struct cause *cause, stamp at) {
    return at > cause->stamp + PASSAGE_SLACK;
}

static struct passage_terms terms_of(const struct cause *cause) {
    return (struct passage_terms){
        .reach = cause_term(cause, TERM_UNDECLARED_SOLD),
        .in_advance = cause_term(cause, TERM_ADVANCE_DECLARED),
        .together = cause_term(cause, TERM_IMPORT_DECLARED),
    };
}

/* --- which passages there are --------------------------------------------------------------------------- */

/* Those that an event between two moments can fit; of too many the latest. */
static void load(const struct cause *cause, const char *port, const char *direction, const char *container,
                 stamp from, stamp to, struct passages *out) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT subject, min(first), max(last), ifnull(min(nullif(begun, 0)), 0), max(ended) FROM passages"
        " WHERE container = ? AND port = ? AND direction = ? AND proven = 1"
        " GROUP BY subject HAVING min(first) <= ? AND max(last) >= ? ORDER BY max(last) DESC, subject LIMIT"
        " ?");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, port);
    store_bind_string(query, 3, direction);
    out->terms = terms_of(cause);
    store_bind_int(query, 4, to + out->terms.reach);
    store_bind_int(query, 5, from - out->terms.reach);
    store_bind_int(query, 6, PASSAGES_MAX + 1);
    out->count = 0;
    while (out->count < PASSAGES_MAX && state_row(cause->state, query)) {
        out->list[out->count++] = (struct passage){
            row_text(query, 0, cause->arena),
            store_int(query, 1),
            store_int(query, 2),
            store_int(query, 3),
            store_int(query, 4),
        };
    }
    out->more = out->count == PASSAGES_MAX && state_row(cause->state, query);
    store_reset(query);
}

/* The passages of all these containers that an event at this moment can fit, container by container. */
static struct store_query *ask_of_all(const struct cause *cause, const struct container_event *event,
                                      const char *const *containers, size_t count) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT named.key, subject, min(first), max(last), ifnull(min(nullif(begun, 0)), 0), max(ended)"
        " FROM json_each(?1) named CROSS JOIN passages"
        " WHERE container = named.value AND port = ?2 AND direction = ?3 AND proven = 1"
        " GROUP BY named.key, subject HAVING min(first) <= ?4 AND max(last) >= ?5"
        " ORDER BY named.key, max(last) DESC, subject");
    store_bind_string(query, 1, cause_list(cause, containers, count));
    store_bind_string(query, 2, event->port);
    store_bind_string(query, 3, event->direction);
    stamp reach = terms_of(cause).reach;
    store_bind_int(query, 4, event->at + reach);
    store_bind_int(query, 5, event->at - reach);
    return query;
}

static void find_among(const struct passages *passages, const struct container_event *event, size_t container,
                       void (*found)(size_t container, const char *subject, void *to), void *to) {
    bool chosen[PASSAGES_MAX];
    passages_choose(passages, passage_phase(event->name), event->at, chosen);
    for (size_t i = 0; i < passages->count; i++) {
        if (chosen[i]) {
            found(container, passages->list[i].subject, to);
        }
    }
}

bool passages_find(const struct cause *cause, const struct container_event *event,
                   const char *const *containers, size_t count,
                   void (*found)(size_t container, const char *subject, void *to), void *to) {
    require(cause_has_state(cause));
    struct passages of_one = { .count = 0, .terms = terms_of(cause) };
    struct store_query *query = ask_of_all(cause, event, containers, count);
    size_t container = 0;
    bool all = true;
    while (state_row(cause->state, query)) {
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

bool passages_elsewhere(const struct cause *cause, const char *port, const char *direction,
                        const char *container, const char *subject, stamp now) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT max(subject = ?4) = 0 AND max(ended = 0 AND last > ?5) FROM passages"
                    " WHERE container = ?1 AND port = ?2 AND direction = ?3");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, port);
    store_bind_string(query, 3, direction);
    store_bind_string(query, 4, subject);
    store_bind_int(query, 5, now - terms_of(cause).reach);
    return state_number(cause->state, query, 0) != 0;
}

/* --- what is told --------------------------------------------------------------------------------------- */

static void move_event(struct cause *cause, const char *key, const char *what,
                       const struct container_event *event, const char *containers, const char *kept) {
    struct decision *decision = cause->decision;
    bool told = strcmp(what, "event") == 0, happened = passage_has_happened(event->name) && !event->ahead;
    decision_move(decision, "passages", key, what, "", "", event->at, "port", event->port, "direction",
                  event->direction, "name", event->name, "containers", containers, "kept", kept,
                  "kept_proves", told ? lifecycle_proves(&consignment_lifecycle, event->name) : "",
                  "milestones", told ? milestones_write(cause->arena, event->told, event->told_count) : "",
                  "route", told ? event->route : "", NULL);
    decision_put(decision, "record", (int64_t)event->record);
    if (!told) {
        decision_put(decision, "happened", happened);
        decision_put(decision, "begins", passage_phase(event->name) == PHASE_BEGINS);
        decision_put(decision, "ends", passage_phase(event->name) == PHASE_ENDS);
    }
}

void passages_event(struct cause *cause, const struct container_event *event, const char *containers,
                    const char *kept) {
    require(cause_has_state(cause));
    move_event(cause, arena_printf(cause->arena, "%" PRIu64, event->record), "event", event, containers,
               kept);
}

void passages_assign(struct cause *cause, const struct container_event *event, const char *subject,
                     const char *containers) {
    require(cause_has_state(cause));
    move_event(cause, subject, "assign", event, containers, "");
}

void passages_take_back(struct cause *cause, const char *subject, const char *containers, uint64_t told,
                        stamp at) {
    require(cause_has_state(cause));
    decision_move(cause->decision, "passages", subject, "take-back", "", "", at, "containers", containers,
                  NULL);
    decision_put(cause->decision, "record", (int64_t)cause->number);
    decision_put(cause->decision, "told", (int64_t)told);
}

/* --- what is kept, and to whom it belongs --------------------------------------------------------------- */

/* Of the record, by this decision. */
static bool is_claim_of(const struct move *move, uint64_t record) {
    return move_is(move, "passages", "claim") && (uint64_t)move_number(move, "record") == record;
}

static bool is_claimed_now(const struct cause *cause, uint64_t record, const char *subject,
                           struct text container) {
    const struct decision *decision = cause->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (is_claim_of(move, record) && text_equal(move_text(move, "containers"), container)
            && (!subject || strcmp(move->key, subject) == 0)) {
            return true;
        }
    }
    return false;
}

bool passage_is_claimed(const struct cause *cause, const struct move *move, uint64_t *record,
                        const char **direction) {
    if (!move_is(move, "passages", "claim")) {
        return false;
    }
    *record = (uint64_t)move_number(move, "record");
    *direction = move_text(move, "direction").at;
    for (size_t i = cause->heard; i < cause->decision->moves_count; i++) {
        if (is_claim_of(&cause->decision->moves[i], *record)) {
            return false;
        }
    }
    return true;
}

const char *passages_route(const struct cause *cause, uint64_t record) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT container FROM container_events e WHERE record = ? AND NOT EXISTS"
                    " (SELECT 1 FROM assigned a WHERE a.record = e.record AND a.container = e.container)");
    bool all = true;
    store_bind_int(query, 1, (int64_t)record);
    while (all && state_row(cause->state, query)) {
        all = is_claimed_now(cause, record, NULL, store_text(query, 0));
    }
    store_reset(query);
    if (!all) {
        return "";
    }
    query =
        store_query(state_store(cause->state), "SELECT route FROM container_events WHERE record = ? LIMIT 1");
    store_bind_int(query, 1, (int64_t)record);
    const char *route = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return route;
}

static size_t add_subject(const char **subjects, size_t count, const char *subject) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(subjects[i], subject) == 0) {
            return count;
        }
    }
    subjects[count] = subject;
    return count + 1;
}

size_t passages_of_record(const struct cause *cause, uint64_t record, const char **subjects, size_t max) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT DISTINCT subject FROM assigned WHERE record = ? ORDER BY subject LIMIT ?");
    const struct decision *decision = cause->decision;
    size_t count = 0;
    store_bind_int(query, 1, (int64_t)record);
    store_bind_int(query, 2, (int64_t)max);
    while (count < max && state_row(cause->state, query)) {
        subjects[count++] = row_text(query, 0, cause->arena);
    }
    store_reset(query);
    for (size_t i = 0; count < max && i < decision->moves_count; i++) {
        if (is_claim_of(&decision->moves[i], record)) {
            count = add_subject(subjects, count, decision->moves[i].key);
        }
    }
    return count;
}

/* --- what is claimed ------------------------------------------------------------------------------------ */

struct kept {
    uint64_t record;
    const char *name;
    struct text milestones;
    stamp at;
};

struct claiming {
    struct cause *cause;
    const char *subject, *port, *direction;
    stamp at; /* of what proves the passage */
    size_t claims;
};

/* Those behind `behind` (NULL: from the first), in the order of time. */
static size_t load_kept(const struct claiming *claiming, const char *container, const struct kept *behind,
                        struct kept *out) {
    const struct cause *cause = claiming->cause;
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT record, event, milestones, at FROM container_events e"
                    " WHERE container = ?1 AND port = ?2 AND direction = ?3 AND taken_back = 0"
                    " AND at BETWEEN ?4 AND ?5 AND (at, record) > (?6, ?7)"
                    " AND NOT EXISTS (SELECT 1 FROM assigned a WHERE a.record = e.record"
                    " AND a.container = e.container AND a.subject = ?8) ORDER BY at, record LIMIT ?9");
    size_t count = 0;
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, claiming->port);
    store_bind_string(query, 3, claiming->direction);
    store_bind_int(query, 4, claiming->at - terms_of(claiming->cause).reach);
    store_bind_int(query, 5, claiming->at + terms_of(claiming->cause).reach);
    store_bind_int(query, 6, behind ? behind->at : INT64_MIN);
    store_bind_int(query, 7, behind ? (int64_t)behind->record : 0);
    store_bind_string(query, 8, claiming->subject);
    store_bind_int(query, 9, CLAIMED_MAX);
    while (count < CLAIMED_MAX && state_row(cause->state, query)) {
        out[count++] = (struct kept){
            .record = (uint64_t)store_int(query, 0),
            .name = row_text(query, 1, cause->arena),
            .milestones = text_of(row_text(query, 2, cause->arena)),
            .at = store_int(query, 3),
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

static void claim(struct claiming *claiming, const char *container, const struct kept *kept) {
    struct cause *cause = claiming->cause;
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t told_count = milestones_read(cause->arena, kept->milestones, told);
    const struct container_event event = {
        .port = claiming->port,
        .direction = claiming->direction,
        .name = kept->name,
        .at = kept->at,
        .record = kept->record,
        .ahead = passages_ahead(cause, kept->at),
    };
    move_event(cause, claiming->subject, "claim", &event, container, "");
    consignment_tell(cause, claiming->subject, kept->name, kept->at, kept->record, claiming->direction,
                     container);
    for (size_t i = 0; i < told_count; i++) {
        milestone_add(cause->decision, claiming->subject, "", container, told[i].code, told[i].at,
                      kept->record);
    }
    claiming->claims++;
}

static bool is_enough(const struct claiming *claiming) {
    return claiming->claims >= CLAIMED_MAX || claiming->cause->decision->moves_count >= MOVES_ENOUGH;
}

/* Another declaration of the same goods may have claimed it by now. */
static void claim_those_that_fit(struct claiming *claiming, const char *container, struct passages *passages,
                                 struct passage *own, const struct kept *kept, size_t count) {
    bool chosen[PASSAGES_MAX];
    for (size_t i = 0; i < count && !is_enough(claiming); i++) {
        passages_choose(passages, passage_phase(kept[i].name), kept[i].at, chosen);
        if (chosen[own - passages->list]
            && !is_claimed_now(claiming->cause, kept[i].record, claiming->subject, text_of(container))) {
            claim(claiming, container, &kept[i]);
            if (!passages_ahead(claiming->cause, kept[i].at)) {
                passage_extend(own, kept[i].name, kept[i].at);
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
    load(claiming->cause, claiming->port, claiming->direction, container,
         claiming->at - terms_of(claiming->cause).reach, claiming->at + terms_of(claiming->cause).reach,
         &passages);
    struct passage *own = own_passage(claiming, &passages);
    claim_those_that_fit(claiming, container, &passages, own, kept, count);
    while (count == CLAIMED_MAX && !is_enough(claiming) && !state_budget_is_low(claiming->cause->state)) {
        struct kept last = kept[count - 1];
        count = load_kept(claiming, container, &last, kept);
        claim_those_that_fit(claiming, container, &passages, own, kept, count);
    }
}

static void claim_all(struct claiming *claiming, const char *containers) {
    struct text rest = text_of(containers);
    while (rest.length && !is_enough(claiming)) {
        claim_for(claiming, arena_copy(claiming->cause->arena, text_until(&rest, ' ')));
    }
}

void passages_seen(struct cause *cause, const struct container_event *event, const char *subject,
                   const char *containers) {
    require(cause_has_state(cause));
    if (event->ahead) {
        return; /* when it was there is not known by that */
    }
    move_event(cause, subject, "see", event, containers, "");
    struct claiming claiming = {
        .cause = cause,
        .subject = subject,
        .port = event->port,
        .direction = event->direction,
        .at = event->at,
    };
    claim_all(&claiming, containers);
}

/* --- what is heard of declarations ---------------------------------------------------------------------- */

static void move_declared(struct cause *cause, const char *what, const struct declaration *declaration,
                          const char *containers) {
    decision_move(cause->decision, "passages", declaration->subject, what, "", "", declaration->received,
                  "declaration", declaration->key, "direction", declaration->direction, "containers",
                  containers, NULL);
}

/* It claims what is kept of its containers; also when something more is told of it: what earlier decisions
 * had no room for. */
static void accepted(struct cause *cause, const struct declaration *declaration, const char *containers,
                     bool first) {
    if (first) {
        move_declared(cause, "prove", declaration, containers);
    }
    struct claiming claiming = {
        .cause = cause,
        .subject = declaration->subject,
        .port = subject_port_of(cause, declaration->subject),
        .direction = declaration->direction,
        .at = declaration->received,
    };
    claim_all(&claiming, containers);
}

static void hear(struct cause *cause, const struct move *move) {
    struct declaration declaration;
    enum declaration_turn turn = declaration_turn(cause, move);
    bool comes_in = move_is(move, "declarations", "declare");
    if ((!comes_in && turn == DECLARATION_NO_TURN) || !declaration_get(cause, move->key, &declaration)) {
        return;
    }
    if (turn == DECLARATION_REFUSED) {
        decision_move(cause->decision, "passages", declaration.subject, "refuse", "", "",
                      declaration.received, "declaration", declaration.key, NULL);
        return;
    }
    const char *containers = declaration_containers(cause, declaration.key);
    if (!*containers || !*declaration.direction) {
        return;
    }
    if (comes_in) { /* nothing is proven by that */
        move_declared(cause, "declare", &declaration, containers);
    } else {
        accepted(cause, &declaration, containers, turn == DECLARATION_ACCEPTED);
    }
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
    " VALUES(:each_containers, " SUBJECT_PORT_SQL ", :direction, :key, :declaration, " proven ", :at, :at)"   \
    " ON CONFLICT DO UPDATE SET proven = max(proven, excluded.proven)"

#define ASSIGN                                                                                               \
    { "INSERT OR IGNORE INTO assigned(record, container, subject)"                                           \
      " VALUES(:record, :each_containers, :key)",                                                            \
      SPAN(""),                                                                                              \
      "DELETE FROM timeline WHERE record = :record AND subject IN"                                           \
      " (SELECT :port || '/#' || value FROM json_each(:list_containers))" }

static const struct part_move moves[] = {
    { "declare", NULL, { INSERT("0") }, NULL },
    { "prove", NULL, { INSERT("1") }, NULL },
    /* of no container: of all that the subject has */
    { "see", NULL, { INSERT("1"), SPAN(":list_containers = '[]' OR") }, NULL },
    { "assign", NULL, ASSIGN, NULL },
    { "claim", NULL, ASSIGN, NULL },
    /* what is kept has a timeline of its own until it is claimed: its own event proves what it says */
    { "event", NULL, {
        "INSERT OR IGNORE INTO container_events(container, port, direction, record, event, at, milestones, route)"
        " VALUES(:each_containers, :port, :direction, :record, :name, :at, :milestones, :route)",
        "INSERT OR IGNORE INTO timeline(subject, record, part, key, event, proves, at)"
        " VALUES(:port || '/#' || :each_kept, :record, 'consignments', :port || '/#' || :each_kept, :name, :kept_proves, :at)" },
      NULL },
    /* who was sent it stays known (assigned): what else it told is still not theirs to see */
    { "take-back", NULL, {
        "UPDATE passages SET begun = iif(begun = :at, 0, begun), ended = iif(ended = :at, 0, ended)"
        " WHERE subject = :key AND container IN (SELECT value FROM json_each(:list_containers))",
        "UPDATE container_events SET taken_back = :record WHERE record = :told",
        "UPDATE timeline SET proves = '', taken_back = :record WHERE record = :told AND subject IN"
        " (SELECT port || '/#' || container FROM container_events WHERE record = :told)" }, NULL },
    { "refuse", NULL, { "DELETE FROM passages WHERE declaration = :declaration AND declaration <> ''" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_passages = { .name = "passages", .tables = tables, .hear = hear, .moves = moves };
