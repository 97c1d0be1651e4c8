/*
 * answers.c - customs' answers → the declarations they are about, whatever comes first.
 *
 *   answer → whose? ─ known ──► told to its declarations, which its numbers are linked with
 *                   │                 ▲                 │ each new link is heard:
 *                   │                 │                 ▼
 *                   └ not ► it waits ─┴── answers that waited for the number: whose?
 *                                         earlier answers of the number: to the declaration that joins it
 *
 * Whose it is, is found by answers_owner.c. An operator's order links what can be linked by nothing else,
 * where the answer itself does not say otherwise. So the outcome does not depend on the order.
 */
#include "engine/parts/answers.h"

#include <inttypes.h>
#include <string.h>

#include "message/order.h"
#include "engine/parts/answers_owner.h"
#include "engine/routing.h"

#define ANSWERS_MAX         100 /* waiting answers taken by one decision; the rest by the next one */
/* With so many nothing more is begun: what hears of it makes moves, too. */
#define MOVES_ENOUGH        (DECISION_MOVES_MAX / 4)
#define DESTINATIONS_ENOUGH 200

static const char tables[] =
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

/* --- what this decision does with them ------------------------------------------------------------------ */

/* Noted while a cause is decided. */
struct linking {
    const struct customs_answer *carried[ANSWERS_MAX + 1]; /* told to their declarations by this decision */
    size_t carried_count;
};

static struct linking *linking_of(struct cause *cause) {
    if (!cause->notes[PART_answers]) {
        struct linking *linking = arena_alloc(cause->arena, sizeof(*linking));
        linking->carried_count = 0;
        cause->notes[PART_answers] = linking;
    }
    return cause->notes[PART_answers];
}

/* --- carrying out --------------------------------------------------------------------------------------- */

static void tell(struct cause *cause, const struct customs_answer *answer,
                 const struct declaration *declaration, const struct answer_group *group) {
    if (answer_concerns(answer, declaration, group)
        && !declaration_is_told(cause, declaration->key, answer->record)) {
        declaration_tell(cause, declaration, answer->event, answer->at, answer->record, answer->told,
                         answer->told_count);
        links_add(cause, "seq", answer->seq, answer->at, declaration);
        links_add(cause, "entry", answer->entry, answer->at, declaration);
    }
}

static void carry_out(struct cause *cause, const struct customs_answer *answer,
                      const struct answer_group *group) {
    struct linking *linking = linking_of(cause);
    require(linking->carried_count <= ANSWERS_MAX); /* is_enough() ends before, and the cause is one more */
    linking->carried[linking->carried_count++] = answer;
    for (size_t i = 0; i < group->count; i++) {
        tell(cause, answer, &group->list[i], group);
    }
}

/* Kept: while it waits, and later for declarations that join its numbers. */
static void keep(struct cause *cause, const struct customs_answer *answer, const char *party) {
    decision_move(cause->decision, "answers", arena_printf(cause->arena, "%" PRIu64, answer->record), "keep",
                  "", "", answer->at, "party", party, "customs", answer->customs, "answers_id",
                  answer->own_id, "seq_no", answer->seq, "entry_number", answer->entry, "told", answer->event,
                  "milestones", milestones_write(cause->arena, answer->told, answer->told_count), "route",
                  answer->route, NULL);
    decision_put(cause->decision, "record", (int64_t)answer->record);
}

static void contest(struct cause *cause, const struct customs_answer *answer) {
    links_contest(cause, "seq", answer->seq, answer->at, answer->record);
    links_contest(cause, "entry", answer->entry, answer->at, answer->record);
}

/* --- answers that wait, and earlier ones ---------------------------------------------------------------- */

#define ANSWER_COLUMNS "record, customs, answers_id, seq_no, entry_number, event, at, milestones, route"

static size_t read_answers(const struct cause *cause, struct store_query *query,
                           struct customs_answer **out) {
    struct arena *arena = cause->arena;
    size_t count = 0;
    *out = NULL;
    while (count < ANSWERS_MAX && state_row(cause->state, query)) {
        if (!*out) { /* mostly there is none */
            *out = arena_alloc(arena, ANSWERS_MAX * sizeof(**out));
        }
        struct customs_answer *answer = &(*out)[count++];
        *answer = (struct customs_answer){
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

static struct store_query *ask(const struct cause *cause, const char *sql, const char *value,
                               uint64_t behind) {
    struct store_query *query = store_query(state_store(cause->state), sql);
    store_bind_string(query, 1, value);
    store_bind_int(query, 2, (int64_t)behind);
    store_bind_int(query, 3, ANSWERS_MAX);
    return query;
}

/* Behind that record. kind: "id", or that of a number. party: whose declaration may claim those of an id. An
 * id that nobody registered proves nothing: only numbers can, which customs gave to this party. */
static struct store_query *waiting_with(const struct cause *cause, const char *kind, const char *value,
                                        const char *party, uint64_t behind) {
    bool of_id = strcmp(kind, "id") == 0;
    bool registered = of_id && parties_of_id(cause->edition->parties, text_of(value));
    if (of_id && !registered) {
        struct store_query *query = ask(
            cause, ANSWERS_BY("answers_id", "party = '' AND " LINKS_OF_PARTY("?4", "seq_no", "entry_number")),
            value, behind);
        store_bind_string(query, 4, party);
        return query;
    }
    return ask(cause,
               of_id                      ? ANSWERS_BY("answers_id", "party = ''")
               : strcmp(kind, "seq") == 0 ? ANSWERS_BY("seq_no", "party = ''")
                                          : ANSWERS_BY("entry_number", "party = ''"),
               value, behind);
}

static struct store_query *linked_with(const struct cause *cause, const struct customs_number *number,
                                       const char *party, uint64_t behind) {
    struct store_query *query =
        ask(cause,
            strcmp(number->kind, "seq") == 0 ? ANSWERS_BY("seq_no", "party = ?4")
                                             : ANSWERS_BY("entry_number", "party = ?4"),
            number->value, behind);
    store_bind_string(query, 4, party);
    return query;
}

static bool is_carried(struct cause *cause, uint64_t record) {
    const struct linking *linking = linking_of(cause);
    for (size_t i = 0; i < linking->carried_count; i++) {
        if (linking->carried[i]->record == record) {
            return true;
        }
    }
    return false;
}

/* A waiting answer found its owner: it goes there now. */
static void take(struct cause *cause, const struct customs_answer *answer, const struct answer_group *group) {
    const char *party = group->list[0].party;
    decision_move(cause->decision, "answers", arena_printf(cause->arena, "%" PRIu64, answer->record), "take",
                  "", "", answer->at, "party", party, NULL);
    decision_put(cause->decision, "record", (int64_t)answer->record);
    carry_out(cause, answer, group);
    if (*answer->route) {
        decision_send(cause->decision, party, answer->record, answer->route);
    }
}

static bool is_enough(struct cause *cause) {
    return linking_of(cause)->carried_count >= ANSWERS_MAX || cause->decision->moves_count > MOVES_ENOUGH
           || cause->decision->destinations_count > DESTINATIONS_ENOUGH;
}

/* May more of them be read, behind those that are? */
static bool goes_on(struct cause *cause, size_t count) {
    return count == ANSWERS_MAX && !is_enough(cause) && !state_budget_is_low(cause->state);
}

/* However many come first that nobody's are: those behind them are looked at, too. */
static void take_waiting(struct cause *cause, const char *kind, const char *value, const char *party) {
    struct customs_answer *found;
    struct answer_group *group = NULL;
    size_t count = *value ? ANSWERS_MAX : 0;
    for (uint64_t behind = 0; goes_on(cause, count); behind = count ? found[count - 1].record : behind) {
        count = read_answers(cause, waiting_with(cause, kind, value, party, behind), &found);
        for (size_t i = 0; i < count && !is_enough(cause); i++) {
            group = group ? group : answer_group_new(cause);
            group->count = 0;
            enum owner owner = is_carried(cause, found[i].record)
                                   ? OWNER_UNKNOWN
                                   : answer_find_owner(cause, &found[i], group);
            if (owner == OWNER_FOUND) {
                take(cause, &found[i], group);
            } else if (owner == OWNER_CONTRADICTS) {
                contest(cause, &found[i]);
            }
        }
    }
}

/* What customs told of the number before holds for a declaration that joins it. */
static void tell_earlier(struct cause *cause, const struct customs_number *number,
                         const struct declaration *joined) {
    const struct linking *linking = linking_of(cause);
    struct customs_answer *found;
    struct answer_group *group = answer_group_new(cause);
    size_t count = ANSWERS_MAX;
    answer_group_add_numbered(cause, number->kind, number->value, group);
    for (uint64_t behind = 0; goes_on(cause, count); behind = count ? found[count - 1].record : behind) {
        count = read_answers(cause, linked_with(cause, number, joined->party, behind), &found);
        for (size_t i = 0; i < count && !is_enough(cause); i++) {
            tell(cause, &found[i], joined, group);
        }
    }
    for (size_t i = 0; i < linking->carried_count; i++) {
        const struct customs_answer *answer = linking->carried[i];
        if (strcmp(strcmp(number->kind, "seq") == 0 ? answer->seq : answer->entry, number->value) == 0) {
            tell(cause, answer, joined, group);
        }
    }
}

/* A declaration comes in, and may claim answers by its id; a number and a declaration belong together. */
static void hear(struct cause *cause, const struct move *move) {
    struct declaration declaration;
    struct customs_number number;
    if (move_is(move, "declarations", "declare")) {
        take_waiting(cause, "id", move_text(move, "own_id").at, move_text(move, "party").at);
    } else if (link_is_made(move, &number) && !is_enough(cause)
               && declaration_get(cause, move->key, &declaration)) {
        take_waiting(cause, number.kind, number.value, declaration.party);
        tell_earlier(cause, &number, &declaration);
    }
}

static void routed(struct cause *cause) {
    const struct decision *decision = cause->decision;
    const char *key =
        arena_printf(cause->arena, "%s/%s", cause->sender, cause->metadata ? cause->metadata->id : "");
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        const struct party *party = parties_find(cause->edition->parties, text_of(destination->party));
        if (destination->record == cause->number && party && party_has_role(party, "customs")) {
            decision_move(cause->decision, "answers", key, "routed", "", "", cause->stamp, "customs",
                          party->code, NULL);
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

static void read_answer(const struct cause *cause, struct customs_answer *answer) {
    struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    const char *route = routing_to_submitter(cause->edition->routes, text_of(cause->family), &context);
    *answer = (struct customs_answer){
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

static void decide_answer(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct answer_group *group = answer_group_new(cause);
    struct customs_answer *answer = arena_alloc(cause->arena, sizeof(*answer));
    read_answer(cause, answer);
    enum owner owner = answer_find_owner(cause, answer, group);
    if (owner != OWNER_FOUND) {
        if (owner == OWNER_CONTRADICTS) {
            contest(cause, answer);
        }
        keep(cause, answer, "");
        decision->result = RESULT_WAITING;
        decision_answer(decision, "WAITING", "回执所答报关单尚不明确，待其关联后转送",
                        "whose declaration this answers cannot be told yet; it waits until it can");
        return;
    }
    if (*answer->seq || *answer->entry) {
        keep(cause, answer, group->list[0].party);
    }
    cause->submitter = group->list[0].party;
    decision_subject(decision, group->list[0].subject);
    carry_out(cause, answer, group);
    take_waiting(cause, "seq", answer->seq, cause->submitter); /* what earlier decisions had no room for */
    take_waiting(cause, "entry", answer->entry, cause->submitter);
    decision_answer(decision, "LINKED", "回执已关联报关单", "the answer is linked to its declaration");
}

/* --- an operator links ---------------------------------------------------------------------------------- */

static bool get_waiting(const struct cause *cause, uint64_t record, struct customs_answer **out) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT " ANSWER_COLUMNS " FROM answers WHERE record = ? AND party = ''");
    store_bind_int(query, 1, (int64_t)record);
    return read_answers(cause, query, out) == 1;
}

static bool get_by_record(struct cause *cause, uint64_t record, struct declaration *out) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT party || '/' || own_id FROM messages WHERE number = ? AND family = 'declaration'");
    store_bind_int(query, 1, (int64_t)record);
    const char *key = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return *key && declaration_get(cause, key, out) && out->record == record;
}

/* The answer goes to who declared, as if it had found the way by itself. */
static void link_by_order(struct cause *cause, const struct customs_answer *answer,
                          const struct declaration *declaration) {
    struct answer_group *alone = answer_group_new(cause), *group = answer_group_new(cause);
    answer_group_add(alone, declaration);
    if (answer_numbered(cause, answer, group)) {
        answer_group_add(group, declaration);
    }
    take(cause, answer, alone);
    for (size_t i = 0; i < group->count; i++) {
        tell(cause, answer, &group->list[i], group);
    }
    decision_subject(cause->decision, declaration->subject);
    decision_answer(cause->decision, "LINKED", "回执已关联报关单", "the answer is linked to its declaration");
}

static void decide_order(struct cause *cause) {
    if (cause->order->kind != ORDER_LINK) {
        return;
    }
    struct declaration declaration;
    struct customs_answer *answer;
    if (!get_waiting(cause, cause->order->record, &answer)) {
        decision_refuse(cause->decision, "NOT-WAITING", "没有以此为记录号且待关联的回执",
                        "no answer of that record waits");
    } else if (!get_by_record(cause, cause->order->to, &declaration)) {
        decision_refuse(cause->decision, "NO-DECLARATION", "没有以此为记录号的报关单",
                        "no declaration has that record");
    } else {
        const struct answer_objection *objection = answer_objection(cause, answer, &declaration);
        if (objection) {
            decision_refuse(cause->decision, objection->code, objection->zh, objection->en);
        } else {
            link_by_order(cause, answer, &declaration);
        }
    }
}

/* --- what waits ----------------------------------------------------------------------------------------- */

size_t answers_overdue(struct state *state, uint64_t after, stamp by, uint64_t *records, size_t max) {
    require(state && records && max > 0);
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

int64_t answers_waiting(struct state *state, stamp *oldest) {
    require(state && oldest);
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
    { "routed", NULL, { "INSERT OR IGNORE INTO routed(declaration, customs) VALUES(:key, :customs)" }, NULL },
    { "keep", NULL, {
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

const struct part part_answers = {
    .name = "answers",
    .tables = tables,
    .families = families,
    .order = decide_order,
    .hear = hear,
    .routed = routed,
    .moves = moves,
};
