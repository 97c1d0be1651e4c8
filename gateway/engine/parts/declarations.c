/*
 * declarations.c - the declaration 报关单: where customs stands with it, and which containers it names.
 *
 *   round 1   submitted ► registered ► accepted ... ► rejected        customs refuses: the round is over
 *   round 2                                              └─► registered ► accepted ... ► released ► closed
 *
 * The last refusal, by the time of its notice, opens the round that counts; within it rank decides. So what
 * comes late, repeated or out of its order never moves a declaration back, and what was told of a round
 * that is over says nothing of the next. Closed and cancelled end all of them.
 *
 * A party declares; customs answers. Whose answer it is stands in answers.c, what an answer does to a
 * declaration here. All else that a declaration brings about, other parts do when they hear of it: its
 * numbers (links.c), its consignment and who holds that (consignments.c), the clock of a two-step one
 * (two_step.c), the passages of its containers (passages.c).
 */
#include "engine/parts/declarations.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "edition/modes.h"
#include "engine/subject.h"

/* --- life cycle ----------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct lifecycle_state states[] = {
    /* state         rank  zh            en                        */
    { "submitted",   10,  "已提交",     "submitted"                },
    { "failed",      15,  "导入失败",   "not taken by the single window" },
    { "registered",  20,  "海关入库",   "registered by customs"    },
    { "rejected",    25,  "退单",       "rejected"                 },
    { "accepted",    30,  "审结",       "accepted and assessed"    },
    { "tax-due",     40,  "待缴税",     "duties to be paid"        },
    { "selected",    45,  "待查验",     "selected for inspection"  },
    { "held",        50,  "挂起",       "held"                     },
    { "revoked",     55,  "提前申报已撤销", "advance declaration revoked" },
    { "released",    60,  "已放行",     "released"                 },
    { "closed",      70,  "已结关",     "cleared and closed"       },
    { "cancelled",   80,  "已删除",     "cancelled"                },
};
/* clang-format on */

/* One letter: what customs tells (list customs_channels). J is assessed, not released. */
/* clang-format off */
static const struct lifecycle_event events[] = {
    { "declare",          "submitted",  "提交报关单",             "declaration submitted" },
    { "imported",         "submitted",  "单一窗口已导入",         "taken by the single window" },
    { "import-failed",    "failed",     "单一窗口导入失败",       "not taken by the single window" },
    { "revoke",           "revoked",    "提前申报逾期未运抵，撤销", "goods not in the port in time: revoked" },
    { "restore",          "",           "已按期运抵，恢复",       "goods were in the port in time: restored" },
    { "7", "submitted",  NULL, NULL }, { "4", "failed",     NULL, NULL }, { "8", "failed",    NULL, NULL },
    { "9", "failed",     NULL, NULL }, { "Y", "failed",     NULL, NULL }, { "L", "registered", NULL, NULL },
    { "E", "rejected",   NULL, NULL }, { "Z", "rejected",   NULL, NULL }, { "J", "accepted",  NULL, NULL },
    { "G", "accepted",   NULL, NULL }, { "W", "accepted",   NULL, NULL }, { "T", "tax-due",   NULL, NULL },
    { "C", "selected",   NULL, NULL }, { "H", "held",       NULL, NULL }, { "M", "held",      NULL, NULL },
    { "V", "held",       NULL, NULL }, { "Q", "held",       NULL, NULL }, { "B", "released",  NULL, NULL },
    { "K", "released",   NULL, NULL }, { "F", "released",   NULL, NULL }, { "I", "released",  NULL, NULL },
    { "P", "released",   NULL, NULL }, { "R", "closed",     NULL, NULL }, { "A", "cancelled", NULL, NULL },
    { "D", "cancelled",  NULL, NULL },
};
/* clang-format on */

const struct lifecycle declaration_lifecycle = {
    "declarations",    states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events),
    "customs_channels"
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS declarations(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  record INTEGER NOT NULL, received INTEGER NOT NULL, subject TEXT NOT NULL, direction TEXT NOT NULL,"
    "  office TEXT NOT NULL, state TEXT NOT NULL, step TEXT NOT NULL,"
    "  declared_at INTEGER, selected_at INTEGER, released_at INTEGER, rejected_at INTEGER NOT NULL DEFAULT 0,"
    "  modes TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS declarations_own ON declarations(own_id);"
    "CREATE INDEX IF NOT EXISTS declarations_subject ON declarations(subject, record);"
    "CREATE TABLE IF NOT EXISTS declaration_containers(declaration TEXT NOT NULL, container TEXT NOT NULL,"
    "  PRIMARY KEY(declaration, container)) STRICT, WITHOUT ROWID;";

/* --- finding -------------------------------------------------------------------------------------------- */

#define DECLARATION_COLUMNS                                                          \
    "key, party, own_id, subject, direction, office, state, step, record, received," \
    " declared_at, selected_at, released_at, rejected_at"

static bool is_refusal(const char *state) {
    return strcmp(state, "rejected") == 0 || strcmp(state, "failed") == 0;
}

static bool is_end(const char *state) {
    return strcmp(state, "closed") == 0 || strcmp(state, "cancelled") == 0;
}

/* What customs tells, by one letter; the rest is told of taking it in, which has no time of its own. */
static bool is_of_customs(const char *event) {
    return strlen(event) == 1;
}

static bool opens_round(const char *event) {
    return is_of_customs(event) && is_refusal(lifecycle_proves(&declaration_lifecycle, event));
}

/* Its row is of before this decision. */
static void overlay(const struct cause *cause, struct declaration *declaration) {
    const struct decision *decision = cause->decision;
    const char *now = state_of(decision, "declarations", declaration->key);
    declaration->state = now ? now : declaration->state;
    for (size_t i = 0; now && i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->part, "declarations") == 0 && strcmp(move->key, declaration->key) == 0
            && opens_round(move->event) && move->at > declaration->rejected_at) {
            declaration->rejected_at = move->at;
        }
    }
}

/* Whose it is decides who gets the answers of customs, and a decision stands for ever: so it is compared
 * before one is made, and not left to the audit. */
static void read_row(const struct cause *cause, struct store_query *query, struct declaration *out) {
    const char **const texts[] = { &out->key,       &out->party,  &out->own_id, &out->subject,
                                   &out->direction, &out->office, &out->state,  &out->step };
    for (int i = 0; i < 8; i++) {
        *texts[i] = row_text(query, i, cause->arena);
    }
    out->record = (uint64_t)store_int(query, 8);
    out->received = store_int(query, 9);
    out->declared_at = store_int(query, 10);
    out->selected_at = store_int(query, 11);
    out->released_at = store_int(query, 12);
    out->rejected_at = store_int(query, 13);
    state_compare_owner(cause->state, "declarations", out->record, text_of(out->key), text_of(out->party),
                        text_of(out->own_id));
    overlay(cause, out);
}

static bool read_one(const struct cause *cause, struct store_query *query, struct declaration *out) {
    bool found = state_row(cause->state, query);
    if (found) {
        read_row(cause, query, out);
    }
    store_reset(query);
    return found;
}

/* The move by which this decision has it come in; NULL: it was here before, or is not known. */
static const struct move *coming_in(const struct cause *cause, const char *key) {
    for (size_t i = 0; i < cause->decision->moves_count; i++) {
        const struct move *move = &cause->decision->moves[i];
        if (move_is(move, "declarations", "declare") && strcmp(move->key, key) == 0) {
            return move;
        }
    }
    return NULL;
}

static void read_move(const struct cause *cause, const struct move *move, struct declaration *out) {
    *out = (struct declaration){
        .key = move->key,
        .party = move_text(move, "party").at,
        .own_id = move_text(move, "own_id").at,
        .subject = move_text(move, "subject").at,
        .direction = move_text(move, "direction").at,
        .office = move_text(move, "office").at,
        .state = state_of(cause->decision, "declarations", move->key),
        .step = move_text(move, "step").at,
        .record = (uint64_t)move_number(move, "record"),
        .received = move->at,
    };
    overlay(cause, out);
}

/* Whoever hears of a declaration asks for it: the row read last is noted. */
bool declaration_get(struct cause *cause, const char *key, struct declaration *out) {
    require(cause_has_state(cause));
    const struct move *move = coming_in(cause, key);
    const struct declaration *noted = cause->notes[PART_declarations];
    if (move) {
        read_move(cause, move, out);
        return true;
    }
    if (noted && strcmp(noted->key, key) == 0) {
        *out = *noted;
        overlay(cause, out);
        return true;
    }
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT " DECLARATION_COLUMNS " FROM declarations WHERE key = ?");
    store_bind_string(query, 1, key);
    if (!read_one(cause, query, out)) {
        return false;
    }
    struct declaration *row = arena_alloc(cause->arena, sizeof(*row));
    *row = *out;
    cause->notes[PART_declarations] = row;
    return true;
}

size_t declarations_with_id(const struct cause *cause, const char *own_id, struct declaration *out,
                            size_t max) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT " DECLARATION_COLUMNS " FROM declarations"
                                               " WHERE own_id = ? ORDER BY record LIMIT ?");
    const struct decision *decision = cause->decision;
    size_t count = 0;
    store_bind_string(query, 1, own_id);
    store_bind_int(query, 2, (int64_t)max);
    while (count < max && state_row(cause->state, query)) {
        read_row(cause, query, &out[count++]);
    }
    store_reset(query);
    for (size_t i = 0; count < max && i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move_is(move, "declarations", "declare") && text_is(move_text(move, "own_id"), own_id)) {
            read_move(cause, move, &out[count++]);
        }
    }
    return count;
}

bool declaration_own(const struct cause *cause, const char *party, const char *subject, const char *container,
                     struct declaration *out) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT " DECLARATION_COLUMNS " FROM declarations d"
        " WHERE subject = ?1 AND party = ?2 ORDER BY"
        " EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key AND c.container = ?3)"
        " DESC,"
        " EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key), record DESC LIMIT 1");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, party);
    store_bind_string(query, 3, container);
    return read_one(cause, query, out);
}

int declaration_has_container(const struct cause *cause, const char *key, const char *container) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT iif(count(*) = 0, 0, iif(sum(container = ?2) > 0, 1, -1))"
                                            " FROM declaration_containers WHERE declaration = ?1");
    store_bind_string(query, 1, key);
    store_bind_string(query, 2, container);
    return (int)state_number(cause->state, query, 0);
}

bool declaration_is_meant(const struct cause *cause, const char *key, const char *containers) {
    bool meant = !*containers;
    for (struct text rest = text_of(containers); rest.length && !meant;) {
        const char *one = arena_copy(cause->arena, text_until(&rest, ' '));
        meant = declaration_has_container(cause, key, one) >= 0;
    }
    return meant;
}

const char *declaration_containers(const struct cause *cause, const char *key) {
    require(cause_has_state(cause));
    const struct move *move = coming_in(cause, key);
    if (move) {
        return move_text(move, "containers").at;
    }
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT ifnull(group_concat(container, ' '), '') FROM"
        " (SELECT container FROM declaration_containers WHERE declaration = ? ORDER BY container)");
    store_bind_string(query, 1, key);
    const char *list = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return list;
}

bool declaration_ended(const struct declaration *declaration) {
    return is_end(declaration->state);
}

bool declaration_is_released(const struct declaration *declaration) {
    return declaration->released_at
           && (strcmp(declaration->state, "released") == 0 || strcmp(declaration->state, "closed") == 0);
}

void declarations_released(const struct cause *cause, const char *subject, const char *direction,
                           const char *const *containers, size_t count, bool *released) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT named.key FROM declarations d CROSS JOIN json_each(?3) named"
        " WHERE d.subject = ?1 AND d.state IN ('released', 'closed') AND d.released_at IS NOT NULL"
        " AND d.direction IN ('', ?2) AND (NOT EXISTS"
        " (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key) OR EXISTS"
        " (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key AND c.container ="
        " named.value))");
    for (size_t i = 0; i < count; i++) {
        released[i] = false;
    }
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, direction);
    store_bind_string(query, 3, cause_list(cause, containers, count));
    while (state_row(cause->state, query)) {
        released[store_int(query, 0)] = true;
    }
}

stamp declaration_released_at(const struct cause *cause, const char *subject) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT min(released_at) FROM declarations WHERE subject = ?");
    store_bind_string(query, 1, subject);
    return state_number(cause->state, query, 0);
}

/* --- rounds --------------------------------------------------------------------------------------------- */

/* What is told of a declaration, in any order; `opened` is known before: 0, the first round. */
struct round {
    stamp opened;
    const char *refusal, *inside, *end; /* the highest state of each kind; "" none */
    stamp revoked, restored;            /* goods that were declared in advance did not come; they did; 0 */
};

static void raise_to(const char **state, const char *event) {
    *state = lifecycle_next(&declaration_lifecycle, *state, event);
}

/* Of what has the very moment of a refusal nobody knows which came first: rank decides. */
static void round_add(struct round *round, const char *event, stamp at) {
    if (strcmp(event, "revoke") == 0) {
        round->revoked = at > round->revoked ? at : round->revoked;
    } else if (strcmp(event, "restore") == 0) {
        round->restored = at > round->restored ? at : round->restored;
    } else if (is_end(lifecycle_proves(&declaration_lifecycle, event))) {
        raise_to(&round->end, event);
    } else if (round->opened && opens_round(event)) {
        if (at == round->opened) {
            raise_to(&round->refusal, event);
        }
    } else if (!round->opened || (is_of_customs(event) && at >= round->opened)) {
        raise_to(&round->inside, event);
    }
}

static const char *round_state(const struct round *round) {
    const char *state = *round->end ? round->end : *round->inside ? round->inside : round->refusal;
    return round->revoked > round->restored ? lifecycle_next(&declaration_lifecycle, state, "revoke") : state;
}

static const char *state_by(const struct lifecycle_told *told, size_t count) {
    struct round round = { .refusal = "", .inside = "", .end = "" };
    for (size_t i = 0; i < count; i++) {
        if (opens_round(told[i].event) && told[i].at > round.opened) {
            round.opened = told[i].at;
        }
    }
    for (size_t i = 0; i < count; i++) {
        round_add(&round, told[i].event, told[i].at);
    }
    return round_state(&round);
}

/* As long as customs has refused nothing, rank is enough. */
static const char *next_state(const struct cause *cause, const struct declaration *declaration,
                              const char *event, stamp at) {
    const struct decision *decision = cause->decision;
    struct round round = { .opened = declaration->rejected_at, .refusal = "", .inside = "", .end = "" };
    if (!round.opened && !opens_round(event) && strcmp(event, "restore") != 0) {
        return lifecycle_next(&declaration_lifecycle, declaration->state, event);
    }
    round.opened = opens_round(event) && at > round.opened ? at : round.opened;
    round_add(&round, event, at);
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT event, at FROM timeline WHERE subject = ?"
                                               " AND part = 'declarations' AND key = ?");
    store_bind_string(query, 1, declaration->subject);
    store_bind_string(query, 2, declaration->key);
    while (state_row(cause->state, query)) {
        round_add(&round, row_text(query, 0, cause->arena), store_int(query, 1));
    }
    store_reset(query);
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->part, "declarations") == 0 && strcmp(move->key, declaration->key) == 0) {
            round_add(&round, move->event, move->at);
        }
    }
    return round_state(&round);
}

/* --- what is told of it --------------------------------------------------------------------------------- */

void declaration_tell(struct cause *cause, const struct declaration *declaration, const char *event, stamp at,
                      uint64_t record, const struct milestone_told *told, size_t told_count) {
    struct decision *decision = cause->decision;
    require(decision && told_count <= MILESTONES_TOLD_MAX);
    struct declaration now = *declaration;
    overlay(cause, &now);
    decision_move(decision, "declarations", now.key, event, now.state, next_state(cause, &now, event, at), at,
                  "subject", now.subject, NULL);
    decision_put(decision, "record", (int64_t)record);
    bool complete = strcmp(declaration->step, "complete") == 0; /* step two does not count anew */
    for (size_t i = 0; i < told_count && !complete; i++) {
        milestone_add(decision, declaration->subject, declaration->key, "", told[i].code, told[i].at, record);
    }
}

bool declaration_is_told(const struct cause *cause, const char *key, uint64_t record) {
    const struct decision *decision = cause->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (strcmp(move->part, "declarations") == 0 && strcmp(move->key, key) == 0
            && (uint64_t)move_number(move, "record") == record) {
            return true;
        }
    }
    return false;
}

static bool is_refused(const char *state) {
    return is_refusal(state) || strcmp(state, "revoked") == 0 || strcmp(state, "cancelled") == 0;
}

static bool is_accepted(const char *state) {
    return lifecycle_rank(&declaration_lifecycle, state) >= lifecycle_rank(&declaration_lifecycle, "accepted")
           && strcmp(state, "cancelled") != 0 && strcmp(state, "revoked") != 0;
}

/* Of all that this decision tells of its declaration. */
static bool is_first_move(const struct cause *cause, const struct move *move) {
    for (size_t i = 0; i < cause->heard; i++) {
        const struct move *other = &cause->decision->moves[i];
        if (strcmp(other->part, "declarations") == 0 && strcmp(other->key, move->key) == 0) {
            return i + 1 == cause->heard; /* it is the move itself */
        }
    }
    return true;
}

enum declaration_turn declaration_turn(const struct cause *cause, const struct move *move) {
    if (strcmp(move->part, "declarations") != 0) {
        return DECLARATION_NO_TURN;
    }
    if (is_accepted(move->to)) {
        return !is_accepted(move->from)     ? DECLARATION_ACCEPTED
               : is_first_move(cause, move) ? DECLARATION_REMAINS_ACCEPTED
                                            : DECLARATION_NO_TURN;
    }
    return is_refused(move->to) && strcmp(move->from, move->to) != 0 ? DECLARATION_REFUSED
                                                                     : DECLARATION_NO_TURN;
}

/* --- a declaration comes in ----------------------------------------------------------------------------- */

/* Third character of Type: 5 summary, 6 complete; 3 in the layout of 2019-2022, which stood on both. */
const char *declaration_step(const struct cause *cause) {
    const char *type = cause_text(cause, "document_type");
    char third = strlen(type) >= 3 ? type[2] : '0';
    bool refers = *cause_text(cause, "entry_number") != '\0';
    return third == '5'   ? "summary"
           : third == '6' ? "complete"
           : third == '3' ? (refers ? "complete" : "summary")
                          : "";
}

static const char *subject_of_declaration(const struct cause *cause, const char *key) {
    const char *bill = subject_bill(cause), *port = subject_port(cause);
    return *bill ? subject_of_bill(cause, port, bill) : subject_without_bill(cause, port, key);
}

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s", cause->sender, cause->metadata->id);
}

const char *declaration_subject(const struct cause *cause) {
    return subject_of_declaration(cause, key_of(cause));
}

static const char *modes_of(const struct cause *cause) {
    const struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    return modes_judge(cause->edition->modes, &context);
}

static void enrich(struct cause *cause) {
    cause_enrich(cause, "declared_modes", 0, modes_of(cause));
}

static void decide(struct cause *cause) {
    struct decision *decision = cause->decision;
    const char *key = key_of(cause);
    const char *subject = subject_of_declaration(cause, key);
    decision_subject(decision, subject);
    decision_move(decision, "declarations", key, "declare", "", "submitted", cause->metadata->env.received,
                  "party", cause->sender, "own_id", cause->metadata->id, "subject", subject, "direction",
                  cause_direction(cause), "office", cause_text(cause, "customs_office"), "step",
                  declaration_step(cause), "containers", cause_containers(cause), "modes",
                  cause_text(cause, "declared_modes"), NULL);
    decision_put(decision, "record", (int64_t)cause->number);
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = milestones_told(cause, told);
    for (size_t i = 0; i < count; i++) {
        milestone_add(decision, subject, key, "", told[i].code, told[i].at, cause->number);
    }
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "declare", NULL, {
        "INSERT OR IGNORE INTO declarations(key, party, own_id, record, received, subject, direction, office, state, step, modes)"
        " VALUES(:key, :party, :own_id, :record, :at, :subject, :direction, :office, :to, :step, :modes)",
        "INSERT OR IGNORE INTO declaration_containers(declaration, container)"
        " VALUES(:key, :each_containers)" },
      "subject" },
    /* of each moment the first one told stays */
    { NULL, NULL, {
        "UPDATE declarations SET state = :to,"
        " declared_at = iif(:proves = 'accepted', min(ifnull(declared_at, :at), :at), declared_at),"
        " selected_at = iif(:proves = 'selected', min(ifnull(selected_at, :at), :at), selected_at),"
        " released_at = iif(:proves = 'released', min(ifnull(released_at, :at), :at), released_at),"
        " rejected_at = iif(:proves IN ('rejected', 'failed') AND length(:event) = 1, max(rejected_at, :at),"
        " rejected_at) WHERE key = :key" },
      "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "declaration", enrich, decide },
    { 0 },
};

const struct part part_declarations = {
    .name = "declarations",
    .lifecycle = &declaration_lifecycle,
    .state_by = state_by,
    .noun = "declaration",
    .state_of = "SELECT state FROM declarations WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
