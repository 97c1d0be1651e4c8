/*
 * links.c - numbers → declarations → answers, whatever comes first.
 *
 *   answer → whose? ─ known ──► its numbers are linked ─► each new link of a number and a declaration
 *                   │                 ▲                     - answers that waited for the number: whose?
 *                   └ not ► it waits  └────────────────────- declarations of the party that name it: linked
 *                                                           - earlier answers of the number: to the new one
 *
 * An operator's order links what can be linked by nothing else, where the answer itself does not say
 * otherwise. So the outcome does not depend on the order. While one decision is made, links are looked up in
 * state.db and among those it has made itself.
 */
#include "engine/parts/links.h"

#include <inttypes.h>
#include <string.h>

#include "message/order.h"
#include "engine/routes.h"

#define ANSWERS_MAX         100 /* waiting answers linked by one decision; the rest by the next one */
#define LINKS_NEW_MAX       512 /* new links of one decision */
#define MOVES_ENOUGH        (DECISION_MOVES_MAX / 2) /* with so many nothing more is begun */
#define DESTINATIONS_ENOUGH 200
#define CLOCK_SLACK         (60 * STAMP_SECOND) /* between customs' clock and ours */

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS links(kind TEXT NOT NULL, value TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  party TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(kind, value, declaration)) STRICT, WITHOUT"
    " ROWID;"
    "CREATE INDEX IF NOT EXISTS links_declaration ON links(declaration, kind);"
    "CREATE TABLE IF NOT EXISTS contested(kind TEXT NOT NULL, value TEXT NOT NULL, record INTEGER NOT NULL,"
    "  PRIMARY KEY(kind, value)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS names(kind TEXT NOT NULL, value TEXT NOT NULL, party TEXT NOT NULL,"
    "  declaration TEXT NOT NULL, PRIMARY KEY(kind, value, party, declaration)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS routed(declaration TEXT NOT NULL, customs TEXT NOT NULL,"
    "  PRIMARY KEY(declaration, customs)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS answers(record INTEGER PRIMARY KEY, party TEXT NOT NULL, customs TEXT NOT"
    " NULL,"
    "  answers_id TEXT NOT NULL, seq_no TEXT NOT NULL, entry_number TEXT NOT NULL, event TEXT NOT NULL,"
    "  at INTEGER NOT NULL, milestones TEXT NOT NULL, route TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS answers_waiting ON answers(record) WHERE party = '';"
    "CREATE INDEX IF NOT EXISTS answers_id ON answers(answers_id) WHERE party = '' AND answers_id <> '';"
    "CREATE INDEX IF NOT EXISTS answers_seq ON answers(seq_no) WHERE seq_no <> '';"
    "CREATE INDEX IF NOT EXISTS answers_entry ON answers(entry_number) WHERE entry_number <> '';";

/* --- one decision's linking ----------------------------------------------------------------------------- */

struct link {
    const char *kind, *value;
    struct declaration declaration;
};

struct linking {
    const struct cause *cause;
    struct state *state;
    struct decision *decision;
    const struct declaration *declared; /* the cause itself; NULL when that is no declaration */
    struct link *links;
    size_t count, done;
    const struct answer *carried[ANSWERS_MAX + 1];
    size_t carried_count; /* answers linked by this decision */
};

struct group {
    struct declaration list[2 * LINKED_MAX];
    size_t count;
}; /* of one party */

static struct linking *linking_new(const struct cause *cause, struct state *state, struct decision *decision,
                                   const struct declaration *declared) {
    struct linking *linking = arena_alloc(cause->arena, sizeof(*linking));
    *linking = (struct linking){ .cause = cause, .state = state, .decision = decision, .declared = declared };
    return linking;
}

static struct group *group_new(const struct linking *linking) {
    struct group *group = arena_alloc(linking->cause->arena, sizeof(*group));
    group->count = 0;
    return group;
}

static void group_add(struct group *group, const struct declaration *declaration) {
    for (size_t i = 0; i < group->count; i++) {
        if (strcmp(group->list[i].key, declaration->key) == 0) {
            return;
        }
    }
    if (group->count < 2 * LINKED_MAX) {
        group->list[group->count++] = *declaration;
    }
}

static bool get(const struct linking *linking, const char *key, struct declaration *out) {
    if (linking->declared && strcmp(linking->declared->key, key) == 0) {
        *out = *linking->declared;
        return true;
    }
    return declaration_get(linking->cause, linking->state, key, out);
}

static bool customs_serves(const struct cause *cause, const char *customs, const char *office) {
    const struct party *party = parties_find(cause->edition->parties, text_of(customs));
    return party && (!*office || party_list_has(party->serves, text_of(office)));
}

/* --- numbers -------------------------------------------------------------------------------------------- */

static bool is_contested(const struct linking *linking, const char *kind, const char *value) {
    struct store_query *query =
        store_query(state_store(linking->state), "SELECT 1 FROM contested WHERE kind = ? AND value = ?");
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, value);
    return state_exists(linking->state, query);
}

/* Keys of the number's declarations in state.db, the newest first. */
static size_t keys_of(const struct cause *cause, struct state *state, const char *kind, const char *value,
                      const char *keys[LINKED_MAX]) {
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT declaration, party FROM links l WHERE kind = ?1 AND value = ?2 AND NOT EXISTS"
                    " (SELECT 1 FROM contested c WHERE c.kind = l.kind AND c.value = l.value) LIMIT ?3");
    size_t count = 0;
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, value);
    store_bind_int(query, 3, LINKED_MAX);
    while (*value && count < LINKED_MAX && state_row(state, query)) {
        keys[count++] = row_text(query, 0, cause->arena);
        state_compare_owner(state, "links", 0, store_text(query, 0), store_text(query, 1),
                            (struct text){ 0 });
    }
    store_reset(query);
    return count;
}

size_t links_find(const struct cause *cause, struct state *state, const char *kind, const char *value,
                  struct declaration found[LINKED_MAX]) {
    const char *keys[LINKED_MAX];
    size_t keys_count = keys_of(cause, state, kind, value, keys), count = 0;
    for (size_t i = 0; i < keys_count; i++) {
        count += declaration_get(cause, state, keys[i], &found[count]);
    }
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && found[k].record > found[k - 1].record; k--) {
            struct declaration newer = found[k];
            found[k] = found[k - 1];
            found[k - 1] = newer;
        }
    }
    return count;
}

static void add_numbered(const struct linking *linking, const char *kind, const char *value,
                         struct group *group) {
    struct declaration found[LINKED_MAX];
    size_t count = links_find(linking->cause, linking->state, kind, value, found);
    for (size_t i = 0; i < count; i++) {
        group_add(group, &found[i]);
    }
    for (size_t i = 0; *value && i < linking->count; i++) {
        const struct link *link = &linking->links[i];
        if (strcmp(link->kind, kind) == 0 && strcmp(link->value, value) == 0) {
            group_add(group, &link->declaration);
        }
    }
}

/* False: customs gave one of these numbers to two parties, or one to each of two. */
static bool numbered(const struct linking *linking, const struct answer *answer, struct group *group) {
    if (is_contested(linking, "seq", answer->seq) || is_contested(linking, "entry", answer->entry)) {
        return false;
    }
    add_numbered(linking, "seq", answer->seq, group);
    add_numbered(linking, "entry", answer->entry, group);
    for (size_t i = 1; i < group->count; i++) {
        if (strcmp(group->list[i].party, group->list[0].party) != 0) {
            return false;
        }
    }
    return true;
}

/* The SeqNo that customs gave this declaration; "" when none. */
static const char *seq_of(const struct linking *linking, const struct declaration *declaration) {
    for (size_t i = 0; i < linking->count; i++) {
        const struct link *link = &linking->links[i];
        if (strcmp(link->kind, "seq") == 0 && strcmp(link->declaration.key, declaration->key) == 0) {
            return link->value;
        }
    }
    struct store_query *query = store_query(
        state_store(linking->state),
        "SELECT value FROM links WHERE declaration = ? AND kind = 'seq' ORDER BY at DESC, value DESC LIMIT"
        " 1");
    store_bind_string(query, 1, declaration->key);
    const char *seq = state_row(linking->state, query) ? row_text(query, 0, linking->cause->arena) : "";
    store_reset(query);
    return seq;
}

static bool has_other_seq(const struct linking *linking, const struct declaration *declaration,
                          const struct answer *answer) {
    const char *seq = seq_of(linking, declaration);
    return *seq && *answer->seq && strcmp(seq, answer->seq) != 0;
}

/* --- whose answer it is --------------------------------------------------------------------------------- */

static bool was_routed(const struct linking *linking, const struct declaration *declaration,
                       const char *customs) {
    struct store_query *query = store_query(state_store(linking->state),
                                            "SELECT 1 FROM routed WHERE declaration = ? AND customs = ?");
    store_bind_string(query, 1, declaration->key);
    store_bind_string(query, 2, customs);
    return state_exists(linking->state, query);
}

/* The one declaration before the answer that has its id. */
static bool one_earlier(const struct linking *linking, const struct answer *answer, struct declaration *out) {
    struct declaration found[2];
    size_t count = declarations_with_id(linking->cause, linking->state, answer->own_id, found, 2);
    bool also = linking->declared && strcmp(linking->declared->own_id, answer->own_id) == 0;
    if (count != 1 || also || found[0].record > answer->record || declaration_ended(&found[0])
        || !was_routed(linking, &found[0], answer->customs)) {
        return false;
    }
    *out = found[0];
    return true;
}

static bool get_of(const struct linking *linking, const char *party, const char *own_id,
                   struct declaration *out) {
    return get(linking, arena_printf(linking->cause->arena, "%s/%s", party, own_id), out);
}

/* The declaration that the answer's own id means. party: whose its numbers are; "" nobody's yet. */
static bool named_by_id(const struct linking *linking, const struct answer *answer, const char *party,
                        struct declaration *out) {
    const struct party *owner = parties_of_id(linking->cause->edition->parties, text_of(answer->own_id));
    bool found =
        owner ? get_of(linking, owner->code, answer->own_id, out)
              : (*party && get_of(linking, party, answer->own_id, out)) || one_earlier(linking, answer, out);
    return found && customs_serves(linking->cause, answer->customs, out->office)
           && !has_other_seq(linking, out, answer);
}

/* What the single window says of taking a message in concerns that message alone, not all that has its
   number. */
static bool is_of_submission(const struct answer *answer) {
    return strcmp(answer->event, "imported") == 0 || strcmp(answer->event, "import-failed") == 0
           || strcmp(answer->event, "answer") == 0;
}

static bool is_first_of(const struct group *group, const struct declaration *declaration) {
    for (size_t i = 0; i < group->count; i++) {
        if (group->list[i].record < declaration->record) {
            return false;
        }
    }
    return true;
}

/* What was told before a declaration came was meant for those of its number that were there: a released
 * summary does not release the complete declaration, and what was refused may be mended. */
static bool concerns(const struct answer *answer, const struct declaration *declaration,
                     const struct group *group) {
    const char *proves = lifecycle_proves(&declaration_lifecycle, answer->event);
    bool refusal =
        strcmp(proves, "failed") == 0 || strcmp(proves, "rejected") == 0 || strcmp(proves, "cancelled") == 0;
    if (is_of_submission(answer) && *answer->own_id) {
        return strcmp(answer->own_id, declaration->own_id) == 0;
    }
    return is_first_of(group, declaration)
           || (refusal ? answer->at > declaration->received
                       : answer->at >= declaration->received - CLOCK_SLACK);
}

enum owner { OWNER_UNKNOWN, OWNER_FOUND, OWNER_CONTRADICTS };

/* OWNER_FOUND: group has all declarations of its numbers and the one of its id. OWNER_CONTRADICTS: its
 * numbers are one party's and its id another's. */
static enum owner find_owner(const struct linking *linking, const struct answer *answer,
                             struct group *group) {
    struct declaration named;
    if (!numbered(linking, answer, group)) {
        return OWNER_UNKNOWN;
    }
    const char *party = group->count ? group->list[0].party : "";
    for (size_t i = 0; i < group->count; i++) {
        if (!customs_serves(linking->cause, answer->customs, group->list[i].office)) {
            return OWNER_UNKNOWN;
        }
    }
    if (!*answer->own_id) {
        return group->count ? OWNER_FOUND : OWNER_UNKNOWN;
    }
    if (!named_by_id(linking, answer, party, &named)) {
        return OWNER_UNKNOWN;
    }
    if (*party && strcmp(party, named.party) != 0) {
        return OWNER_CONTRADICTS;
    }
    group_add(group, &named);
    return OWNER_FOUND;
}

/* --- carrying out --------------------------------------------------------------------------------------- */

static bool has_link(const struct linking *linking, const char *kind, const char *value, const char *key) {
    for (size_t i = 0; i < linking->count; i++) {
        const struct link *link = &linking->links[i];
        if (strcmp(link->kind, kind) == 0 && strcmp(link->value, value) == 0
            && strcmp(link->declaration.key, key) == 0) {
            return true;
        }
    }
    struct store_query *query = store_query(
        state_store(linking->state), "SELECT 1 FROM links WHERE kind = ? AND value = ? AND declaration = ?");
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, value);
    store_bind_string(query, 3, key);
    return state_exists(linking->state, query);
}

static void link_number(struct linking *linking, const char *kind, const char *value, stamp at,
                        const struct declaration *declaration) {
    if (!*value || is_contested(linking, kind, value)) {
        return;
    }
    bool is_new = !has_link(linking, kind, value, declaration->key);
    if (is_new && linking->count == LINKS_NEW_MAX) {
        return;
    }
    decision_move(linking->decision, "links", declaration->key, "link", "", "", at, "kind", kind, "value",
                  value, "party", declaration->party, NULL);
    if (is_new) {
        if (!linking->links) {
            linking->links = arena_alloc(linking->cause->arena, LINKS_NEW_MAX * sizeof(*linking->links));
        }
        linking->links[linking->count++] = (struct link){ kind, value, *declaration };
    }
}

/* Has this decision told it already? */
static bool is_told(const struct linking *linking, const struct answer *answer, const char *key) {
    const struct decision *decision = linking->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->part, "declarations") == 0 && strcmp(move->key, key) == 0
            && (uint64_t)move_number(move, "record") == answer->record) {
            return true;
        }
    }
    return false;
}

static void tell(struct linking *linking, const struct answer *answer, const struct declaration *declaration,
                 const struct group *group) {
    if (concerns(answer, declaration, group) && !is_told(linking, answer, declaration->key)) {
        declaration_answered(linking->cause, linking->state, linking->decision, declaration, answer);
        link_number(linking, "seq", answer->seq, answer->at, declaration);
        link_number(linking, "entry", answer->entry, answer->at, declaration);
    }
}

static void carry_out(struct linking *linking, const struct answer *answer, const struct group *group) {
    linking->carried[linking->carried_count++] = answer;
    for (size_t i = 0; i < group->count; i++) {
        tell(linking, answer, &group->list[i], group);
    }
}

/* Kept: while it waits, and later for declarations that join its numbers. */
static void keep(struct decision *decision, const struct answer *answer, const char *party) {
    decision_move(decision, "links", arena_printf(decision->arena, "%" PRIu64, answer->record), "answer", "",
                  "", answer->at, "party", party, "customs", answer->customs, "answers_id", answer->own_id,
                  "seq_no", answer->seq, "entry_number", answer->entry, "told", answer->event, "milestones",
                  milestones_write(decision->arena, answer->told, answer->told_count), "route", answer->route,
                  NULL);
    decision_put(decision, "record", (int64_t)answer->record);
}

static void contest(const struct linking *linking, const struct answer *answer) {
    const char *const numbers[][2] = { { "seq", answer->seq }, { "entry", answer->entry } };
    for (size_t i = 0; i < 2; i++) {
        if (*numbers[i][1]) {
            decision_move(linking->decision, "links", numbers[i][1], "contest", "", "", answer->at, "kind",
                          numbers[i][0], NULL);
            decision_put(linking->decision, "record", (int64_t)answer->record);
        }
    }
}

/* --- answers that wait, and earlier ones ---------------------------------------------------------------- */

#define ANSWER_COLUMNS "record, customs, answers_id, seq_no, entry_number, event, at, milestones, route"

static size_t read_answers(const struct linking *linking, struct store_query *query, struct answer **out) {
    struct arena *arena = linking->cause->arena;
    size_t count = 0;
    *out = NULL;
    while (count < ANSWERS_MAX && state_row(linking->state, query)) {
        if (!*out) { /* mostly there is none */
            *out = arena_alloc(arena, ANSWERS_MAX * sizeof(**out));
        }
        struct answer *answer = &(*out)[count++];
        *answer = (struct answer){
            .record = (uint64_t)store_int(query, 0),
            .customs = row_text(query, 1, arena),
            .own_id = row_text(query, 2, arena),
            .seq = row_text(query, 3, arena),
            .entry = row_text(query, 4, arena),
            .event = row_text(query, 5, arena),
            .at = store_int(query, 6),
            .route = row_text(query, 8, arena),
        };
        answer->told_count = milestones_read(arena, store_text(query, 7), answer->told);
    }
    store_reset(query);
    return count;
}

#define ANSWERS_BY(column, whose)                                                                  \
    "SELECT " ANSWER_COLUMNS " FROM answers WHERE " column " = ?1 AND " column " <> '' AND " whose \
    " AND record > ?2 ORDER BY record LIMIT ?3"
/* An id that nobody registered proves nothing: only numbers can, which customs gave to this party. */
#define NUMBERS_LINKED                                                                            \
    "EXISTS (SELECT 1 FROM links l WHERE l.party = ?4 AND ((l.kind = 'seq' AND l.value = seq_no)" \
    " OR (l.kind = 'entry' AND l.value = entry_number)))"

/* Behind that record. party: whose declaration may claim those of an id. */
static struct store_query *waiting_with(const struct linking *linking, const char *kind, const char *value,
                                        const char *party, uint64_t behind) {
    struct store *store = state_store(linking->state);
    bool of_id = strcmp(kind, "id") == 0;
    bool registered = of_id && parties_of_id(linking->cause->edition->parties, text_of(value));
    struct store_query *query =
        registered ? store_query(store, ANSWERS_BY("answers_id", "party = ''"))
        : of_id    ? store_query(store, ANSWERS_BY("answers_id", "party = '' AND " NUMBERS_LINKED))
        : strcmp(kind, "seq") == 0 ? store_query(store, ANSWERS_BY("seq_no", "party = ''"))
                                   : store_query(store, ANSWERS_BY("entry_number", "party = ''"));
    store_bind_string(query, 1, value);
    store_bind_int(query, 2, (int64_t)behind);
    store_bind_int(query, 3, ANSWERS_MAX);
    if (of_id && !registered) {
        store_bind_string(query, 4, party);
    }
    return query;
}

static struct store_query *linked_with(const struct linking *linking, const struct link *link,
                                       uint64_t behind) {
    struct store *store = state_store(linking->state);
    struct store_query *query = strcmp(link->kind, "seq") == 0
                                    ? store_query(store, ANSWERS_BY("seq_no", "party = ?4"))
                                    : store_query(store, ANSWERS_BY("entry_number", "party = ?4"));
    store_bind_string(query, 1, link->value);
    store_bind_int(query, 2, (int64_t)behind);
    store_bind_int(query, 3, ANSWERS_MAX);
    store_bind_string(query, 4, link->declaration.party);
    return query;
}

static bool is_carried(const struct linking *linking, uint64_t record) {
    for (size_t i = 0; i < linking->carried_count; i++) {
        if (linking->carried[i]->record == record) {
            return true;
        }
    }
    return false;
}

/* A waiting answer found its owner: it goes there now. */
static void take(struct linking *linking, const struct answer *answer, const struct group *group) {
    struct decision *decision = linking->decision;
    const char *party = group->list[0].party;
    decision_move(decision, "links", arena_printf(decision->arena, "%" PRIu64, answer->record), "take", "",
                  "", answer->at, "party", party, NULL);
    decision_put(decision, "record", (int64_t)answer->record);
    carry_out(linking, answer, group);
    if (*answer->route) {
        decision_send(decision, party, answer->record, answer->route);
    }
}

static bool is_enough(const struct linking *linking) {
    return linking->carried_count >= ANSWERS_MAX || linking->decision->moves_count > MOVES_ENOUGH
           || linking->decision->destinations_count > DESTINATIONS_ENOUGH;
}

/* May more of them be read, behind those that are? */
static bool goes_on(const struct linking *linking, size_t count) {
    return count == ANSWERS_MAX && !is_enough(linking) && !state_budget_is_low(linking->state);
}

/* However many come first that nobody's are: those behind them are looked at, too. */
static void take_waiting(struct linking *linking, const char *kind, const char *value, const char *party) {
    struct answer *found;
    struct group *group = NULL;
    size_t count = *value ? ANSWERS_MAX : 0;
    for (uint64_t behind = 0; goes_on(linking, count); behind = count ? found[count - 1].record : behind) {
        count = read_answers(linking, waiting_with(linking, kind, value, party, behind), &found);
        for (size_t i = 0; i < count && !is_enough(linking); i++) {
            group = group ? group : group_new(linking);
            group->count = 0;
            enum owner owner =
                is_carried(linking, found[i].record) ? OWNER_UNKNOWN : find_owner(linking, &found[i], group);
            if (owner == OWNER_FOUND) {
                take(linking, &found[i], group);
            } else if (owner == OWNER_CONTRADICTS) {
                contest(linking, &found[i]);
            }
        }
    }
}

/* --- what follows from a link --------------------------------------------------------------------------- */

/* The party's declarations that name the number themselves: it is theirs, customs says. */
static void join_by_name(struct linking *linking, const struct link *link) {
    struct store_query *query = store_query(
        state_store(linking->state),
        "SELECT declaration FROM names WHERE kind = ? AND value = ? AND party = ? ORDER BY declaration LIMIT"
        " ?");
    const char *keys[LINKED_MAX];
    size_t count = 0;
    store_bind_string(query, 1, link->kind);
    store_bind_string(query, 2, link->value);
    store_bind_string(query, 3, link->declaration.party);
    store_bind_int(query, 4, LINKED_MAX);
    while (count < LINKED_MAX && state_row(linking->state, query)) {
        keys[count++] = row_text(query, 0, linking->cause->arena);
    }
    store_reset(query);
    for (size_t i = 0; i < count; i++) {
        struct declaration declaration;
        if (get(linking, keys[i], &declaration)) {
            link_number(linking, link->kind, link->value, 0, &declaration);
        }
    }
}

/* What customs told of the number before holds for a declaration that joins it. */
static void tell_earlier(struct linking *linking, const struct link *link) {
    struct answer *found;
    struct group *group = group_new(linking);
    size_t count = ANSWERS_MAX;
    add_numbered(linking, link->kind, link->value, group);
    for (uint64_t behind = 0; goes_on(linking, count); behind = count ? found[count - 1].record : behind) {
        count = read_answers(linking, linked_with(linking, link, behind), &found);
        for (size_t i = 0; i < count && !is_enough(linking); i++) {
            tell(linking, &found[i], &link->declaration, group);
        }
    }
    for (size_t i = 0; i < linking->carried_count; i++) {
        const struct answer *answer = linking->carried[i];
        if (strcmp(strcmp(link->kind, "seq") == 0 ? answer->seq : answer->entry, link->value) == 0) {
            tell(linking, answer, &link->declaration, group);
        }
    }
}

static void follow_links(struct linking *linking) {
    while (linking->done < linking->count && !is_enough(linking)) {
        struct link link = linking->links[linking->done++];
        take_waiting(linking, link.kind, link.value, link.declaration.party);
        join_by_name(linking, &link);
        tell_earlier(linking, &link);
    }
}

/* --- a declaration comes in ----------------------------------------------------------------------------- */

/* It names a number: is that its party's? */
static void join_number(struct linking *linking, const char *kind, const char *value) {
    const struct declaration *declared = linking->declared;
    struct declaration found[LINKED_MAX];
    if (!*value) {
        return;
    }
    decision_move(linking->decision, "links", declared->key, "name", "", "", declared->received, "kind", kind,
                  "value", value, "party", declared->party, NULL);
    if (links_find(linking->cause, linking->state, kind, value, found)
        && strcmp(found[0].party, declared->party) == 0) {
        link_number(linking, kind, value, 0, declared);
    }
}

void links_declared(const struct cause *cause, struct state *state, struct decision *decision,
                    const struct declaration *declaration) {
    struct linking *linking = linking_new(cause, state, decision, declaration);
    join_number(linking, "seq", cause_text(cause, "seq_no"));
    join_number(linking, "entry", cause_text(cause, "entry_number"));
    take_waiting(linking, "id", declaration->own_id, declaration->party);
    follow_links(linking);
}

static void routed(const struct cause *cause, struct decision *decision) {
    const char *key =
        arena_printf(cause->arena, "%s/%s", cause->sender, cause->metadata ? cause->metadata->id : "");
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        const struct party *party = parties_find(cause->edition->parties, text_of(destination->party));
        if (destination->record == cause->number && party && party_has_role(party, "customs")) {
            decision_move(decision, "links", key, "routed", "", "", cause->stamp, "customs", party->code,
                          NULL);
        }
    }
}

/* --- an answer comes in --------------------------------------------------------------------------------- */

static const char *event_of(const struct cause *cause) {
    const char *channel = cause_text(cause, "customs_channel");
    const char *response = cause_text(cause, "response_code");
    if (*channel) {
        return channel;
    }
    return strcmp(response, "0") == 0 ? "imported" : *response ? "import-failed" : "answer";
}

static void read_answer(const struct cause *cause, struct answer *answer) {
    struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    const char *route = routes_to_submitter(cause->edition->routes, text_of(cause->family), &context);
    *answer = (struct answer){
        .record = cause->number,
        .customs = cause->sender,
        .own_id = cause_text(cause, "answers_id"),
        .seq = cause_text(cause, "seq_no"),
        .entry = cause_text(cause, "entry_number"),
        .event = event_of(cause),
        .route = route ? route : "",
        .at = cause_moment(cause, "notice_time", cause->metadata->env.received),
    };
    answer->told_count = milestones_told(cause, answer->told);
}

static void decide_answer(struct cause *cause, struct state *state, struct decision *decision) {
    struct linking *linking = linking_new(cause, state, decision, NULL);
    struct group *group = group_new(linking);
    struct answer *answer = arena_alloc(cause->arena, sizeof(*answer));
    read_answer(cause, answer);
    enum owner owner = find_owner(linking, answer, group);
    if (owner != OWNER_FOUND) {
        if (owner == OWNER_CONTRADICTS) {
            contest(linking, answer);
        }
        keep(decision, answer, "");
        decision->result = RESULT_WAITING;
        decision_answer(decision, "WAITING", "回执所答报关单尚不明确，待其关联后转送",
                        "whose declaration this answers cannot be told yet; it waits until it can");
        return;
    }
    if (*answer->seq || *answer->entry) {
        keep(decision, answer, group->list[0].party);
    }
    cause->submitter = group->list[0].party;
    decision_subject(decision, group->list[0].subject);
    carry_out(linking, answer, group);
    follow_links(linking);
    take_waiting(linking, "seq", answer->seq, cause->submitter); /* what earlier decisions had no room for */
    take_waiting(linking, "entry", answer->entry, cause->submitter);
    follow_links(linking);
    decision_answer(decision, "LINKED", "回执已关联报关单", "the answer is linked to its declaration");
}

/* --- an operator links ---------------------------------------------------------------------------------- */

static bool get_waiting(const struct linking *linking, uint64_t record, struct answer **out) {
    struct store_query *query =
        store_query(state_store(linking->state),
                    "SELECT " ANSWER_COLUMNS " FROM answers WHERE record = ? AND party = ''");
    store_bind_int(query, 1, (int64_t)record);
    return read_answers(linking, query, out) == 1;
}

static bool get_by_record(const struct linking *linking, uint64_t record, struct declaration *out) {
    struct store_query *query = store_query(
        state_store(linking->state),
        "SELECT party || '/' || own_id FROM messages WHERE number = ? AND family = 'declaration'");
    store_bind_int(query, 1, (int64_t)record);
    const char *key = state_row(linking->state, query) ? row_text(query, 0, linking->cause->arena) : "";
    store_reset(query);
    return *key && declaration_get(linking->cause, linking->state, key, out) && out->record == record;
}

static bool is_anothers(const struct linking *linking, const char *kind, const char *value,
                        const char *party) {
    struct declaration found[LINKED_MAX];
    size_t count = links_find(linking->cause, linking->state, kind, value, found);
    return count && strcmp(found[0].party, party) != 0;
}

/* What the answer itself says against that declaration; NULL: nothing. */
struct objection {
    const char *code, *zh, *en;
};

static const struct objection *objection_to(const struct linking *linking, const struct answer *answer,
                                            const struct declaration *declaration) {
    static const struct objection id = { "CONTRADICTS-ID", "该回执所答为另一报文编号",
                                         "the answer names another id than the declaration has" },
                                  office = { "CONTRADICTS-OFFICE", "该海关不负责此报关单的申报地海关",
                                             "this customs does not serve the office of the declaration" },
                                  numbers = { "CONTRADICTS-NUMBERS",
                                              "该回执的统一编号或海关编号属于另一报关单",
                                              "a number of the answer belongs to another declaration" };
    const struct party *owner = parties_of_id(linking->cause->edition->parties, text_of(answer->own_id));
    bool other_id = *answer->own_id && strcmp(answer->own_id, declaration->own_id) != 0;
    if (other_id || (owner && strcmp(owner->code, declaration->party) != 0)) {
        return &id;
    }
    if (!customs_serves(linking->cause, answer->customs, declaration->office)) {
        return &office;
    }
    bool other_number = has_other_seq(linking, declaration, answer)
                        || is_anothers(linking, "seq", answer->seq, declaration->party)
                        || is_anothers(linking, "entry", answer->entry, declaration->party);
    return other_number ? &numbers : NULL;
}

static void refuse(struct decision *decision, const char *code, const char *zh, const char *en) {
    decision->result = RESULT_REFUSED;
    decision_answer(decision, code, zh, en);
}

/* The answer goes to who declared, as if it had found the way by itself. */
static void link_by_order(struct linking *linking, const struct answer *answer,
                          const struct declaration *declaration) {
    struct group *alone = group_new(linking), *group = group_new(linking);
    group_add(alone, declaration);
    if (numbered(linking, answer, group)) {
        group_add(group, declaration);
    }
    take(linking, answer, alone);
    for (size_t i = 0; i < group->count; i++) {
        tell(linking, answer, &group->list[i], group);
    }
    follow_links(linking);
    decision_subject(linking->decision, declaration->subject);
    decision_answer(linking->decision, "LINKED", "回执已关联报关单",
                    "the answer is linked to its declaration");
}

static void decide_order(struct cause *cause, struct state *state, struct decision *decision) {
    if (cause->order->kind != ORDER_LINK) {
        return;
    }
    struct linking *linking = linking_new(cause, state, decision, NULL);
    struct declaration declaration;
    struct answer *answer;
    if (!get_waiting(linking, cause->order->record, &answer)) {
        refuse(decision, "NOT-WAITING", "没有以此为记录号且待关联的回执", "no answer of that record waits");
    } else if (!get_by_record(linking, cause->order->to, &declaration)) {
        refuse(decision, "NO-DECLARATION", "没有以此为记录号的报关单", "no declaration has that record");
    } else {
        const struct objection *objection = objection_to(linking, answer, &declaration);
        if (objection) {
            refuse(decision, objection->code, objection->zh, objection->en);
        } else {
            link_by_order(linking, answer, &declaration);
        }
    }
}

/* --- what waits ----------------------------------------------------------------------------------------- */

size_t links_overdue(struct state *state, uint64_t after, stamp by, uint64_t *records, size_t max) {
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT a.record FROM answers a JOIN messages m ON m.number = a.record"
                    " WHERE a.party = '' AND a.record > ? AND m.recorded <= ? ORDER BY a.record LIMIT ?");
    size_t count = 0;
    store_bind_int(query, 1, (int64_t)after);
    store_bind_int(query, 2, by);
    store_bind_int(query, 3, (int64_t)max);
    while (count < max && state_row(state, query)) {
        records[count++] = (uint64_t)store_int(query, 0);
    }
    store_reset(query);
    return count;
}

int64_t links_waiting(struct state *state, stamp *oldest) {
    struct store_query *first = store_query(
        state_store(state),
        "SELECT m.recorded FROM answers a JOIN messages m ON m.number = a.record WHERE a.party = ''"
        " ORDER BY a.record LIMIT 1");
    *oldest = state_number(state, first, 0);
    return state_number(state,
                        store_query(state_store(state), "SELECT count(*) FROM answers WHERE party = ''"), 0);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "link", NULL, {
        "INSERT INTO links(kind, value, declaration, party, at) VALUES(:kind, :value, :key, :party, :at)"
        " ON CONFLICT DO UPDATE SET at = max(at, excluded.at)" }, NULL },
    { "contest", NULL, {
        "INSERT OR IGNORE INTO contested(kind, value, record) VALUES(:kind, :key, :record)" }, NULL },
    { "name", NULL, {
        "INSERT OR IGNORE INTO names(kind, value, party, declaration) VALUES(:kind, :value, :party, :key)" }, NULL },
    { "routed", NULL, { "INSERT OR IGNORE INTO routed(declaration, customs) VALUES(:key, :customs)" }, NULL },
    { "answer", NULL, {
        "INSERT OR IGNORE INTO answers(record, party, customs, answers_id, seq_no, entry_number, event, at, milestones, route)"
        " VALUES(:record, :party, :customs, :answers_id, :seq_no, :entry_number, :told, :at, :milestones, :route)" }, NULL },
    { "take", NULL, { "UPDATE answers SET party = :party WHERE record = :record" }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "customs-response", NULL, decide_answer },
    { 0 },
};

const struct part part_links = {
    .name = "links",
    .tables = tables,
    .families = families,
    .order = decide_order,
    .routed = routed,
    .moves = moves,
};
