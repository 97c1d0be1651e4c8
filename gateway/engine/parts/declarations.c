/*
 * declarations.c - the declaration 报关单: where customs stands with it, and which containers it names.
 *
 * A party declares; customs answers. Whose answer it is stands in links.c, what an answer does to a
 * declaration here. The declarations customs accepted make a party the holder of a consignment
 * (consignments.c); one that customs refuses or that is cancelled makes it so no longer.
 */
#include "engine/parts/declarations.h"

#include <inttypes.h>
#include <string.h>

#include "engine/parts/consignments.h"
#include "engine/parts/links.h"
#include "engine/parts/milestones.h"
#include "engine/parts/passages.h"
#include "engine/parts/two_step.h"

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
    { "complete",         "",           "完整申报已提交",         "complete declaration submitted" },
    { "summary-warning",  "",           "完整申报期限将至",       "complete declaration is due soon" },
    { "summary-overdue",  "",           "完整申报已逾期",         "complete declaration is overdue" },
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
    "  office TEXT NOT NULL, state TEXT NOT NULL, step TEXT NOT NULL, completed INTEGER, due INTEGER,"
    "  declared_at INTEGER, selected_at INTEGER, released_at INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS declarations_own ON declarations(own_id);"
    "CREATE INDEX IF NOT EXISTS declarations_subject ON declarations(subject, record);"
    "CREATE TABLE IF NOT EXISTS declaration_containers(declaration TEXT NOT NULL, container TEXT NOT NULL,"
    "  PRIMARY KEY(declaration, container)) STRICT, WITHOUT ROWID;";

/* --- finding -------------------------------------------------------------------------------------------- */

#define DECLARATION_COLUMNS                                                          \
    "key, party, own_id, subject, direction, office, state, step, record, received," \
    " declared_at, selected_at, released_at"

/* Whose it is decides who gets the answers of customs, and a decision stands for ever: so it is compared
 * before one is made, and not left to the audit. */
static void read_row(struct state *state, struct store_query *query, struct arena *arena,
                     struct declaration *out) {
    const char **const texts[] = { &out->key,       &out->party,  &out->own_id, &out->subject,
                                   &out->direction, &out->office, &out->state,  &out->step };
    for (int i = 0; i < 8; i++) {
        *texts[i] = row_text(query, i, arena);
    }
    out->record = (uint64_t)store_int(query, 8);
    out->received = store_int(query, 9);
    out->declared_at = store_int(query, 10);
    out->selected_at = store_int(query, 11);
    out->released_at = store_int(query, 12);
    state_compare_owner(state, "declarations", out->record, text_of(out->key), text_of(out->party),
                        text_of(out->own_id));
}

static bool read_one(const struct cause *cause, struct state *state, struct store_query *query,
                     struct declaration *out) {
    bool found = state_row(state, query);
    if (found) {
        read_row(state, query, cause->arena, out);
    }
    store_reset(query);
    return found;
}

bool declaration_get(const struct cause *cause, struct state *state, const char *key,
                     struct declaration *out) {
    struct store_query *query =
        store_query(state_store(state), "SELECT " DECLARATION_COLUMNS " FROM declarations WHERE key = ?");
    store_bind_string(query, 1, key);
    return read_one(cause, state, query, out);
}

size_t declarations_with_id(const struct cause *cause, struct state *state, const char *own_id,
                            struct declaration *out, size_t max) {
    struct store_query *query =
        store_query(state_store(state), "SELECT " DECLARATION_COLUMNS " FROM declarations"
                                        " WHERE own_id = ? ORDER BY record LIMIT ?");
    size_t count = 0;
    store_bind_string(query, 1, own_id);
    store_bind_int(query, 2, (int64_t)max);
    while (count < max && state_row(state, query)) {
        read_row(state, query, cause->arena, &out[count++]);
    }
    store_reset(query);
    return count;
}

bool declaration_own(const struct cause *cause, struct state *state, const char *party, const char *subject,
                     const char *container, struct declaration *out) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT " DECLARATION_COLUMNS " FROM declarations d"
        " WHERE subject = ?1 AND party = ?2 ORDER BY"
        " EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key AND c.container = ?3)"
        " DESC,"
        " EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key), record DESC LIMIT 1");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, party);
    store_bind_string(query, 3, container);
    return read_one(cause, state, query, out);
}

int declaration_has_container(struct state *state, const char *key, const char *container) {
    struct store_query *query =
        store_query(state_store(state), "SELECT iif(count(*) = 0, 0, iif(sum(container = ?2) > 0, 1, -1))"
                                        " FROM declaration_containers WHERE declaration = ?1");
    store_bind_string(query, 1, key);
    store_bind_string(query, 2, container);
    return (int)state_number(state, query, 0);
}

const char *declaration_containers(const struct cause *cause, struct state *state, const char *key) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT ifnull(group_concat(container, ' '), '') FROM"
        " (SELECT container FROM declaration_containers WHERE declaration = ? ORDER BY container)");
    store_bind_string(query, 1, key);
    const char *list = state_row(state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return list;
}

bool declaration_ended(const struct declaration *declaration) {
    return strcmp(declaration->state, "closed") == 0 || strcmp(declaration->state, "cancelled") == 0;
}

void declarations_released(const struct cause *cause, struct state *state, const char *subject,
                           const char *direction, const char *const *containers, size_t count,
                           bool *released) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT named.key FROM declarations d CROSS JOIN json_each(?3) named"
        " WHERE d.subject = ?1 AND d.released_at IS NOT NULL AND d.direction IN ('', ?2) AND (NOT EXISTS"
        " (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key) OR EXISTS"
        " (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key AND c.container ="
        " named.value))");
    for (size_t i = 0; i < count; i++) {
        released[i] = false;
    }
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, direction);
    store_bind_string(query, 3, cause_list(cause, containers, count));
    while (state_row(state, query)) {
        released[store_int(query, 0)] = true;
    }
}

stamp declaration_released_at(struct state *state, const char *subject) {
    struct store_query *query =
        store_query(state_store(state), "SELECT min(released_at) FROM declarations WHERE subject = ?");
    store_bind_string(query, 1, subject);
    return state_number(state, query, 0);
}

/* --- what an answer does to it -------------------------------------------------------------------------- */

static bool is_one_of(const char *state, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(state, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Customs takes the goods of an accepted declaration for its sender's; not any longer those of a refused one.
 * now: where this decision has left it so far; NULL: untouched. Once a decision is enough: state.db has not
 * changed. */
static void tell_consignment(const struct cause *cause, struct state *state, struct decision *decision,
                             const struct declaration *declaration, const char *now, const char *after) {
    static const char *const refused[] = { "failed", "rejected", "cancelled" };
    const char *before = now ? now : declaration->state;
    int accepted = lifecycle_rank(&declaration_lifecycle, "accepted");
    bool was_accepted = lifecycle_rank(&declaration_lifecycle, before) >= accepted;
    bool is_accepted =
        lifecycle_rank(&declaration_lifecycle, after) >= accepted && strcmp(after, "cancelled") != 0;
    if (is_accepted && !(now && was_accepted)) {
        consignment_accepted(cause, state, decision, declaration, !was_accepted);
    } else if (is_one_of(after, refused, 3) && strcmp(before, after) != 0) {
        consignment_refused(decision, declaration);
    }
}

void declaration_answered(const struct cause *cause, struct state *state, struct decision *decision,
                          const struct declaration *declaration, const struct answer *answer) {
    const char *now = state_of(decision, "declarations", declaration->key);
    const char *before = now ? now : declaration->state;
    const char *after = lifecycle_next(&declaration_lifecycle, before, answer->event);
    const char *proves = lifecycle_proves(&declaration_lifecycle, answer->event);
    decision_move(decision, "declarations", declaration->key, answer->event, before, after, answer->at,
                  "subject", declaration->subject, NULL);
    decision_put(decision, "record", (int64_t)answer->record);
    bool complete = strcmp(declaration->step, "complete") == 0; /* step two does not count anew */
    for (size_t i = 0; i < answer->told_count && !complete; i++) {
        milestone_add(decision, declaration->subject, declaration->key, "", answer->told[i].code,
                      answer->told[i].at, answer->record);
    }
    tell_consignment(cause, state, decision, declaration, now, after);
    if (strcmp(proves, "released") == 0 || strcmp(proves, "closed") == 0) {
        consignment_tell(cause, state, decision, declaration->subject, "release", answer->at, answer->record,
                         declaration->direction, "");
    }
}

/* --- a declaration comes in ----------------------------------------------------------------------------- */

static const char *subject_of_declaration(const struct cause *cause, const char *key) {
    const char *bill = consignment_bill(cause);
    const char *port = consignment_port(cause);
    return *bill ? consignment_subject(cause, port, bill) : consignment_without_bill(cause, port, key);
}

static void decide_declaration(struct cause *cause, struct state *state, struct decision *decision) {
    const char *key = arena_printf(cause->arena, "%s/%s", cause->sender, cause->metadata->id);
    const char *containers = cause_containers(cause);
    struct declaration declaration = {
        .key = key,
        .party = cause->sender,
        .own_id = cause->metadata->id,
        .subject = subject_of_declaration(cause, key),
        .direction = cause_direction(cause),
        .office = cause_text(cause, "customs_office"),
        .state = "submitted",
        .step = two_step_of(cause),
        .record = cause->number,
        .received = cause->metadata->env.received,
    };
    decision_subject(decision, declaration.subject);
    decision_move(decision, "declarations", key, "declare", "", "submitted", declaration.received, "party",
                  cause->sender, "own_id", declaration.own_id, "subject", declaration.subject, "direction",
                  declaration.direction, "office", declaration.office, "step", declaration.step, "containers",
                  containers, NULL);
    decision_put(decision, "record", (int64_t)cause->number);
    consignment_tell(cause, state, decision, declaration.subject, "declare", declaration.received,
                     cause->number, declaration.direction, containers);
    passages_declared(decision, &declaration, containers);
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = milestones_told(cause, told);
    for (size_t i = 0; i < count; i++) {
        milestone_add(decision, declaration.subject, key, "", told[i].code, told[i].at, cause->number);
    }
    two_step_declared(cause, state, decision, &declaration);
    links_declared(cause, state, decision, &declaration);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "declare", NULL, {
        "INSERT OR IGNORE INTO declarations(key, party, own_id, record, received, subject, direction, office, state, step)"
        " VALUES(:key, :party, :own_id, :record, :at, :subject, :direction, :office, :to, :step)",
        "INSERT OR IGNORE INTO declaration_containers(declaration, container)"
        " SELECT :key, value FROM json_each(:list_containers)" },
      "subject" },
    { "clock", NULL, { "UPDATE declarations SET due = :at WHERE key = :key" }, NULL },
    /* of each moment the first one told stays */
    { NULL, NULL, {
        "UPDATE declarations SET state = :to,"
        " declared_at = iif(:proves = 'accepted', min(ifnull(declared_at, :at), :at), declared_at),"
        " selected_at = iif(:proves = 'selected', min(ifnull(selected_at, :at), :at), selected_at),"
        " released_at = iif(:proves = 'released', min(ifnull(released_at, :at), :at), released_at),"
        " completed = iif(:event = 'complete', ifnull(completed, :at), completed) WHERE key = :key" },
      "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "declaration", two_step_enrich, decide_declaration },
    { 0 },
};

const struct part part_declarations = {
    .name = "declarations",
    .lifecycle = &declaration_lifecycle,
    .noun = "declaration",
    .state_of = "SELECT state FROM declarations WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = two_step_tick,
    .moves = moves,
};
