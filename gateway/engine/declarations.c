/*
 * declarations.c - the declaration 报关单: where customs stands with it, and to whom customs' answers belong.
 *
 * A declaration carries the sender's own id (ClientSeqNo). The single window answers with a number of its
 * own (SeqNo), customs later with the entry number (EntryId), each answer naming one or two of the three,
 * in any order. An answer that names nothing known waits; each answer that is linked brings numbers
 * along, and with them the waiting ones.
 *
 * Only what customs says links: a declaration may carry any SeqNo or entry number, also another's. Two
 * parties may use one own id: then an answer that names nothing else is not guessed about, it waits. And
 * customs answers only for the offices it serves.
 */
#include "engine/declarations.h"

#include <inttypes.h>
#include <string.h>

#include "engine/consignments.h"
#include "engine/engine_setup.h"

#define WAITING_LINKED_MAX 100        /* waiting answers linked by one decision; the rest by the next one */
#define NUMBERS_MAX 64                /* different numbers met while linking */
#define SUMMARY_WARNED_DAYS 10        /* 概要申报 to 完整申报: warned after 10, due after 14 days */
#define SUMMARY_DUE_DAYS 14
#define DAY (86400 * STAMP_SECOND)

/* --- life cycle ----------------------------------------------------------------------------------------- */

static const struct life_state states[] = {
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

/* One letter: what customs tells (list customs_channels). J is assessed, not released. */
static const struct life_event events[] = {
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

const struct life declaration_life = {
    "declarations", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events),
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS declarations(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  record INTEGER NOT NULL, subject TEXT NOT NULL, direction TEXT NOT NULL,"
    " office TEXT NOT NULL, state TEXT NOT NULL,"
    "  step TEXT NOT NULL, completed INTEGER, due INTEGER,"
    " seq_no TEXT NOT NULL DEFAULT '', entry_number TEXT NOT NULL DEFAULT '',"
    "  declared_at INTEGER, selected_at INTEGER, released_at INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS declarations_own ON declarations(own_id);"
    "CREATE INDEX IF NOT EXISTS declarations_subject ON declarations(subject, record);"
    "CREATE TABLE IF NOT EXISTS declaration_containers(declaration TEXT NOT NULL, container TEXT NOT NULL,"
    "  PRIMARY KEY(declaration, container)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS links(kind TEXT NOT NULL, value TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  PRIMARY KEY(kind, value)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS waiting(record INTEGER PRIMARY KEY,"
    " customs TEXT NOT NULL, answers_id TEXT NOT NULL,"
    "  seq_no TEXT NOT NULL, entry_number TEXT NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL,"
    "  milestones TEXT NOT NULL, route TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS waiting_id ON waiting(answers_id) WHERE answers_id <> '';"
    "CREATE INDEX IF NOT EXISTS waiting_seq ON waiting(seq_no) WHERE seq_no <> '';"
    "CREATE INDEX IF NOT EXISTS waiting_entry ON waiting(entry_number) WHERE entry_number <> '';";

/* --- finding -------------------------------------------------------------------------------------------- */

#define DECLARATION_COLUMNS \
    "key, party, own_id, subject, direction, office, state, step, seq_no, declared_at, selected_at, released_at"

static void read_row(struct store_query *query, struct arena *arena, struct declaration *out) {
    const char **const texts[] = { &out->key, &out->party, &out->own_id, &out->subject, &out->direction,
                                   &out->office, &out->state, &out->step, &out->seq_no };
    for (int i = 0; i < 9; i++) {
        *texts[i] = row_text(query, i, arena);
    }
    out->declared_at = store_int(query, 9);
    out->selected_at = store_int(query, 10);
    out->released_at = store_int(query, 11);
}

static bool read_one(const struct cause *cause, struct state *state, struct store_query *query,
                     struct declaration *out) {
    bool found = state_row(state, query);
    if (found) {
        read_row(query, cause->arena, out);
    }
    store_reset(query);
    return found;
}

bool declaration_get(const struct cause *cause, struct state *state, const char *key, struct declaration *out) {
    struct store_query *query = store_query(state_store(state),
                                            "SELECT " DECLARATION_COLUMNS " FROM declarations WHERE key = ?");
    store_bind_string(query, 1, key);
    return read_one(cause, state, query, out);
}

bool declaration_own(const struct cause *cause, struct state *state, const char *party, const char *subject,
                     struct declaration *out) {
    struct store_query *query = store_query(state_store(state), "SELECT " DECLARATION_COLUMNS " FROM declarations"
        " WHERE subject = ? AND party = ? ORDER BY record DESC LIMIT 1");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, party);
    return read_one(cause, state, query, out);
}

static const char *linked(const struct cause *cause, struct state *state, const char *kind, const char *value) {
    if (!*value) {
        return "";
    }
    struct store_query *query = store_query(state_store(state),
                                            "SELECT declaration FROM links WHERE kind = ? AND value = ?");
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, value);
    const char *key = state_row(state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return key;
}

const char *declaration_of_entry(const struct cause *cause, struct state *state, const char *entry) {
    return linked(cause, state, "entry", entry);
}

const char *declaration_subject_of_entry(const struct cause *cause, struct state *state, const char *entry) {
    struct declaration declaration;
    const char *key = declaration_of_entry(cause, state, entry);
    return *key && declaration_get(cause, state, key, &declaration) ? declaration.subject : "";
}

int declaration_has_container(struct state *state, const char *key, const char *container) {
    struct store_query *query = store_query(state_store(state),
        "SELECT iif(count(*) = 0, 0, iif(sum(container = ?2) > 0, 1, -1))"
        " FROM declaration_containers WHERE declaration = ?1");
    store_bind_string(query, 1, key);
    store_bind_string(query, 2, container);
    return (int)state_number(state, query, 0);
}

stamp declaration_released_at(struct state *state, const char *subject) {
    struct store_query *query = store_query(state_store(state),
                                            "SELECT min(released_at) FROM declarations WHERE subject = ?");
    store_bind_string(query, 1, subject);
    return state_number(state, query, 0);
}

/* --- an answer of customs, and whose it is -------------------------------------------------------------- */

struct answer {
    uint64_t record;
    const char *customs, *own_id, *seq, *entry, *event, *route;
    stamp at;
    struct milestone_told told[MILESTONES_TOLD_MAX]; size_t told_count;
};

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
    const char *route = routes_to_submitter(cause->engine_setup->routes, text_of(cause->family), &context);
    *answer = (struct answer){
        .record = cause->number, .customs = cause->sender, .own_id = cause_text(cause, "answers_id"),
        .seq = cause_text(cause, "seq_no"), .entry = cause_text(cause, "entry_number"), .event = event_of(cause),
        .route = route ? route : "", .at = cause_moment(cause, "notice_time", cause->facts->env.received),
    };
    answer->told_count = milestones_told(cause, answer->told);
}

static bool customs_serves(const struct cause *cause, const char *customs, const char *office) {
    const struct party *party = parties_find(cause->setup->parties, text_of(customs));
    return party && (!*office || party_list_has(party->serves, text_of(office)));
}

static bool is_blocked(const struct cause *cause, const char *code) {
    const struct party *party = parties_find(cause->setup->parties, text_of(code));
    return !party || party->blocked;
}

/* How many declarations of that own id the answer could mean; *out is one of them. */
static size_t candidates(const struct cause *cause, struct state *state, const struct answer *answer,
                         struct declaration *out) {
    struct store_query *query = store_query(state_store(state), "SELECT " DECLARATION_COLUMNS " FROM declarations"
        " WHERE own_id = ? ORDER BY record LIMIT 100");
    size_t count = 0;
    store_bind_string(query, 1, answer->own_id);
    while (*answer->own_id && state_row(state, query)) {
        struct declaration one;
        read_row(query, cause->arena, &one);
        bool other_number = *answer->seq && *one.seq_no && strcmp(answer->seq, one.seq_no) != 0;
        if (!other_number && customs_serves(cause, answer->customs, one.office)) {
            *out = one;
            count++;
        }
    }
    return count;
}

static bool linked_declaration(const struct cause *cause, struct state *state, const struct answer *answer,
                               const char *kind, const char *value, struct declaration *out) {
    const char *key = linked(cause, state, kind, value);
    return *key && declaration_get(cause, state, key, out) && customs_serves(cause, answer->customs, out->office);
}

/* False: nobody's yet, or it cannot be told whose. */
static bool find_owner(const struct cause *cause, struct state *state, const struct answer *answer,
                       struct declaration *out) {
    struct declaration by_number;
    bool numbered = linked_declaration(cause, state, answer, "seq", answer->seq, &by_number)
                 || linked_declaration(cause, state, answer, "entry", answer->entry, &by_number);
    size_t named = candidates(cause, state, answer, out);
    if (named == 1) {
        return !numbered || strcmp(out->party, by_number.party) == 0;    /* customs contradicts itself: no guess */
    }
    if (numbered && (named == 0 ? !*answer->own_id : true)) {
        *out = by_number;
        return named == 0 || strcmp(answer->own_id, by_number.own_id) == 0;
    }
    return false;
}

/* --- carrying an answer out ----------------------------------------------------------------------------- */

static void apply_answer(const struct cause *cause, struct state *state, struct decision *decision,
                         const struct declaration *declaration, const struct answer *answer) {
    const char *now = state_of(decision, "declarations", declaration->key);
    const char *before = now ? now : declaration->state;
    const char *after = life_next(&declaration_life, before, answer->event);
    const char *proves = life_proves(&declaration_life, answer->event);
    const char *number = arena_printf(decision->arena, "%" PRIu64, answer->record);
    decision_move(decision, "declarations", declaration->key, answer->event, before, after, answer->at,
                  "record", number, "subject", declaration->subject,
                  "seq_no", answer->seq, "entry_number", answer->entry, NULL);
    bool complete = strcmp(declaration->step, "complete") == 0;          /* step two does not count anew */
    for (size_t i = 0; i < answer->told_count && !complete; i++) {
        milestone_add(decision, declaration->subject, declaration->key, answer->told[i].code,
                      answer->told[i].at, answer->record);
    }
    int rank = life_rank(&declaration_life, proves);
    if (rank >= life_rank(&declaration_life, "accepted") && strcmp(proves, "cancelled") != 0) {
        consignment_accepted(cause, state, decision, declaration->subject, declaration->party);
    }
    if (strcmp(proves, "released") == 0 || strcmp(proves, "closed") == 0) {
        consignment_tell(cause, state, decision, declaration->subject, "release", answer->at, answer->record);
    }
}

/* "ACCEPTED@1790000000000000000 RELEASED@..." */
static const char *write_told(const struct cause *cause, const struct answer *answer) {
    const char *text = "";
    for (size_t i = 0; i < answer->told_count; i++) {
        text = arena_printf(cause->arena, "%s%s%s@%" PRId64, text, *text ? " " : "", answer->told[i].code,
                            answer->told[i].at);
    }
    return text;
}

static void read_told(const struct cause *cause, struct text rest, struct answer *answer) {
    while (rest.length && answer->told_count < MILESTONES_TOLD_MAX) {
        struct text at = text_until(&rest, ' ');
        struct text code = text_until(&at, '@');
        uint64_t moment;
        if (text_to_uint(at, &moment)) {
            answer->told[answer->told_count++] =
                (struct milestone_told){ arena_copy(cause->arena, code), (stamp)moment };
        }
    }
}

static void wait_for_owner(const struct cause *cause, struct decision *decision, const struct answer *answer) {
    const char *key = arena_printf(cause->arena, "%" PRIu64, answer->record);
    decision_move(decision, "declarations", key, "wait", "", "", answer->at, "customs", answer->customs,
                  "answers_id", answer->own_id, "seq_no", answer->seq, "entry_number", answer->entry,
                  "event", answer->event, "milestones", write_told(cause, answer), "route", answer->route, NULL);
    decision->result = RESULT_WAITING;
    decision_answer(decision, "WAITING", "回执所答报关单尚不明确，待其关联后转送",
                    "whose declaration this answers cannot be told yet; it waits until it can");
}

/* --- waiting answers ------------------------------------------------------------------------------------ */

struct number { const char *kind, *value; };
struct linking {
    const struct cause *cause;
    struct state *state;
    struct decision *decision;
    const struct declaration *declaration;
    struct number numbers[NUMBERS_MAX]; size_t known, asked;
    uint64_t taken[WAITING_LINKED_MAX]; size_t taken_count;
};

static void add_number(struct linking *linking, const char *kind, const char *value) {
    for (size_t i = 0; i < linking->known; i++) {
        if (strcmp(linking->numbers[i].kind, kind) == 0 && strcmp(linking->numbers[i].value, value) == 0) {
            return;
        }
    }
    if (*value && linking->known < NUMBERS_MAX) {
        linking->numbers[linking->known++] = (struct number){ kind, value };
    }
}

static bool is_taken(const struct linking *linking, uint64_t record) {
    for (size_t i = 0; i < linking->taken_count; i++) {
        if (linking->taken[i] == record) {
            return true;
        }
    }
    return false;
}

#define WAITING_BY(column) \
    "SELECT record, customs, answers_id, seq_no, entry_number, event, at, milestones, route FROM waiting" \
    " WHERE " column " = ?1 AND " column " <> '' ORDER BY record LIMIT ?2"

static struct store_query *waiting_with(struct state *state, const struct number *number) {
    struct store *store = state_store(state);
    struct store_query *query = strcmp(number->kind, "id") == 0  ? store_query(store, WAITING_BY("answers_id"))
                              : strcmp(number->kind, "seq") == 0 ? store_query(store, WAITING_BY("seq_no"))
                                                                 : store_query(store, WAITING_BY("entry_number"));
    store_bind_string(query, 1, number->value);
    store_bind_int(query, 2, WAITING_LINKED_MAX);
    return query;
}

static void read_waiting(const struct cause *cause, struct store_query *query, struct answer *answer) {
    struct arena *arena = cause->arena;
    *answer = (struct answer){
        .record = (uint64_t)store_int(query, 0), .customs = row_text(query, 1, arena),
        .own_id = row_text(query, 2, arena),
        .seq = row_text(query, 3, arena), .entry = row_text(query, 4, arena), .event = row_text(query, 5, arena),
        .at = store_int(query, 6), .route = row_text(query, 8, arena),
    };
    read_told(cause, store_text(query, 7), answer);
}

/* What names another declaration as well stays where it is. */
static bool belongs(const struct linking *linking, const struct answer *answer) {
    const struct declaration *declaration = linking->declaration;
    bool other_id = *answer->own_id && strcmp(answer->own_id, declaration->own_id) != 0;
    bool other_seq = *answer->seq && *declaration->seq_no && strcmp(answer->seq, declaration->seq_no) != 0;
    return !other_id && !other_seq && customs_serves(linking->cause, answer->customs, declaration->office);
}

static void take_waiting(struct linking *linking, const struct answer *answer) {
    struct decision *decision = linking->decision;
    const char *key = arena_printf(linking->cause->arena, "%" PRIu64, answer->record);
    linking->taken[linking->taken_count++] = answer->record;
    decision_move(decision, "declarations", key, "link", "", "", answer->at, "declaration",
                  linking->declaration->key, NULL);
    apply_answer(linking->cause, linking->state, decision, linking->declaration, answer);
    if (*answer->route && !is_blocked(linking->cause, linking->declaration->party)) {
        decision_send(decision, linking->declaration->party, answer->record, answer->route);
    }
    add_number(linking, "seq", answer->seq);
    add_number(linking, "entry", answer->entry);
}

static void take_all_with(struct linking *linking, const struct number *number) {
    struct store_query *query = waiting_with(linking->state, number);
    struct answer *found = NULL;
    size_t count = 0;
    while (count < WAITING_LINKED_MAX && state_row(linking->state, query)) {
        if (!found) {                              /* mostly nothing waits */
            found = arena_alloc(linking->cause->arena, WAITING_LINKED_MAX * sizeof(*found));
        }
        read_waiting(linking->cause, query, &found[count++]);
    }
    store_reset(query);
    for (size_t i = 0; i < count && linking->taken_count < WAITING_LINKED_MAX; i++) {
        if (!is_taken(linking, found[i].record) && belongs(linking, &found[i])) {
            take_waiting(linking, &found[i]);
        }
    }
}

static bool own_id_is_unique(const struct cause *cause, struct state *state,
                             const struct declaration *declaration) {
    struct store_query *query = store_query(state_store(state),
        "SELECT 1 FROM declarations WHERE own_id = ? AND key <> ?");
    store_bind_string(query, 1, declaration->own_id);
    store_bind_string(query, 2, declaration->key);
    return !state_exists(state, query);
}

/* Links every waiting answer that one of the declaration's numbers reaches,
 * and what their numbers reach in turn. */
static void link_waiting(const struct cause *cause, struct state *state, struct decision *decision,
                         const struct declaration *declaration, const struct answer *answer) {
    struct linking linking = { .cause = cause, .state = state, .decision = decision, .declaration = declaration };
    if (own_id_is_unique(cause, state, declaration)) {
        add_number(&linking, "id", declaration->own_id);
    }
    if (answer) {
        add_number(&linking, "seq", answer->seq);
        add_number(&linking, "entry", answer->entry);
    }
    while (linking.asked < linking.known) {
        take_all_with(&linking, &linking.numbers[linking.asked++]);
    }
}

static void decide_answer(struct cause *cause, struct state *state, struct decision *decision) {
    struct answer answer;
    struct declaration declaration;
    read_answer(cause, &answer);
    if (!find_owner(cause, state, &answer, &declaration)) {
        wait_for_owner(cause, decision, &answer);
        return;
    }
    if (!*declaration.seq_no) {
        declaration.seq_no = answer.seq;
    }
    cause->submitter = declaration.party;
    decision_subject(decision, declaration.subject);
    apply_answer(cause, state, decision, &declaration, &answer);
    link_waiting(cause, state, decision, &declaration, &answer);
    decision_answer(decision, "LINKED", "回执已关联报关单", "the answer is linked to its declaration");
}

/* --- two-step declaration 两步申报 -------------------------------------------------------------------------- */

/* Third character of Type: 5 summary, 6 complete; 3 in the layout of 2019-2022, which stood on both. */
static const char *step_of(const struct cause *cause) {
    const char *type = cause_text(cause, "document_type");
    char third = strlen(type) >= 3 ? type[2] : '0';
    bool refers = *cause_text(cause, "entry_number") != '\0';
    return third == '5' ? "summary"
         : third == '6' ? "complete"
         : third == '3' ? (refers ? "complete" : "summary")
         : "";
}

static void start_clock(struct decision *decision, const char *key, stamp from) {
    timer_set(decision, "declarations", key, "summary-warning", from + SUMMARY_WARNED_DAYS * DAY);
    timer_set(decision, "declarations", key, "summary-overdue", from + SUMMARY_DUE_DAYS * DAY);
    decision_move(decision, "declarations", key, "clock", "", "", from + SUMMARY_DUE_DAYS * DAY, NULL);
}

/* The sender's own summary that a complete declaration names by SeqNo or entry number. */
static bool find_summary(const struct cause *cause, struct state *state, struct declaration *out) {
    const char *by_entry = linked(cause, state, "entry", cause_text(cause, "entry_number"));
    const char *key = *by_entry ? by_entry : linked(cause, state, "seq", cause_text(cause, "seq_no"));
    return *key && declaration_get(cause, state, key, out) && strcmp(out->party, cause->sender) == 0
        && strcmp(out->step, "summary") == 0;
}

static void complete_summary(const struct cause *cause, struct state *state, struct decision *decision) {
    struct declaration summary;
    if (!find_summary(cause, state, &summary)) {
        return;
    }
    const char *number = arena_printf(decision->arena, "%" PRIu64, cause->number);
    timer_clear(decision, "declarations", summary.key, "summary-warning");
    timer_clear(decision, "declarations", summary.key, "summary-overdue");
    decision_move(decision, "declarations", summary.key, "complete", summary.state, summary.state,
                  cause->facts->env.received, "record", number, "subject", summary.subject, NULL);
}

void declarations_arrived(const struct cause *cause, struct state *state, struct decision *decision,
                          const char *subject, stamp at) {
    struct store_query *query = store_query(state_store(state),
        "SELECT key FROM declarations WHERE subject = ? AND step = 'summary' AND completed IS NULL"
        " ORDER BY record LIMIT 100");
    store_bind_string(query, 1, subject);
    while (state_row(state, query)) {
        start_clock(decision, row_text(query, 0, cause->arena), at);
    }
}

static void decide_tick(struct cause *cause, struct state *state, struct decision *decision) {
    struct declaration declaration;
    if (!declaration_get(cause, state, cause->tick_key, &declaration)) {
        return;
    }
    bool overdue = strcmp(cause->tick_event, "summary-overdue") == 0;
    const char *number = arena_printf(decision->arena, "%" PRIu64, cause->number);
    decision_subject(decision, declaration.subject);
    decision_move(decision, "declarations", declaration.key, cause->tick_event, declaration.state,
                  declaration.state, cause->stamp, "record", number, "subject", declaration.subject, NULL);
    if (overdue) {
        decision_answer(decision, "SUMMARY-OVERDUE", "概要申报后 14 日内未提交完整申报，已逾期",
                        "no complete declaration within 14 days of the summary: overdue");
    } else {
        decision_answer(decision, "SUMMARY-DUE-SOON", "概要申报后第 10 日：完整申报须于第 14 日前提交",
                        "day 10 after the summary: the complete declaration is due by day 14");
    }
    decision_detail(decision, "message_id", declaration.own_id);
    if (!is_blocked(cause, declaration.party)) {
        decision_send(decision, declaration.party, 0, "two-step");
    }
}

/* --- a declaration comes in ----------------------------------------------------------------------------- */

static const char *subject_of_declaration(const struct cause *cause, const char *key) {
    const char *bill = consignment_bill(cause);
    return consignment_subject(cause, consignment_port(cause),
                               *bill ? bill : arena_printf(cause->arena, "@%s", key));
}

static void decide_declaration(struct cause *cause, struct state *state, struct decision *decision) {
    const char *key = arena_printf(cause->arena, "%s/%s", cause->sender, cause->facts->id);
    const char *step = step_of(cause);
    const char *flag = cause_text(cause, "ie_flag");
    struct declaration declaration = {
        .key = key, .party = cause->sender, .own_id = cause->facts->id,
        .subject = subject_of_declaration(cause, key),
        .direction = strcmp(flag, "I") == 0 ? "import" : strcmp(flag, "E") == 0 ? "export" : "",
        .office = cause_text(cause, "customs_office"), .state = "submitted", .step = step, .seq_no = "",
    };
    stamp received = cause->facts->env.received;
    const char *number = arena_printf(decision->arena, "%" PRIu64, cause->number);
    decision_subject(decision, declaration.subject);
    decision_move(decision, "declarations", key, "declare", "", "submitted", received, "record", number,
                  "party", cause->sender, "own_id", declaration.own_id, "subject", declaration.subject,
                  "direction", declaration.direction, "office", declaration.office, "step", step,
                  "containers", cause_containers(cause), NULL);
    consignment_tell(cause, state, decision, declaration.subject, "declare", received, cause->number);
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = milestones_told(cause, told);
    for (size_t i = 0; i < count; i++) {
        milestone_add(decision, declaration.subject, key, told[i].code, told[i].at, cause->number);
    }
    if (strcmp(step, "summary") == 0) {
        stamp arrived = consignment_milestone(state, declaration.subject, "ARRIVED");
        start_clock(decision, key, arrived ? arrived : received);
    } else if (strcmp(step, "complete") == 0) {
        complete_summary(cause, state, decision);
    }
    link_waiting(cause, state, decision, &declaration, NULL);
}

static void decide(struct cause *cause, struct state *state, struct decision *decision) {
    if (cause_is(cause, "declaration")) {
        decide_declaration(cause, state, decision);
    } else if (cause_is(cause, "customs-response")) {
        decide_answer(cause, state, decision);
    } else if (cause_is_tick(cause, "declarations")) {
        decide_tick(cause, state, decision);
    }
}

/* What rules may ask about a complete declaration: T01, T02. */
static void know(struct cause *cause, struct state *state) {
    struct declaration summary;
    if (!cause_is(cause, "declaration") || strcmp(step_of(cause), "complete") != 0) {
        return;
    }
    bool known = find_summary(cause, state, &summary);
    cause_know_flag(cause, "summary_known", 0, known);
    if (known) {
        struct store_query *query = store_query(state_store(state),
            "SELECT due FROM declarations WHERE key = ?");
        store_bind_string(query, 1, summary.key);
        cause_know_moment(cause, "summary_due", state_number(state, query, 0));
    }
}

/* --- applying ------------------------------------------------------------------------------------------- */

static void apply_declare(struct state *state, const struct move *move) {
    struct store_query *query = store_query(state_store(state),
        "INSERT OR IGNORE INTO declarations(key, party, own_id, record, subject, direction, office, state, step)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    static const char *const texts[] = { "party", "own_id", "", "subject", "direction", "office", "", "step" };
    store_bind_string(query, 1, move->key);
    for (int i = 0; i < 8; i++) {
        store_bind_text(query, i + 2, move_text(move, texts[i]));
    }
    store_bind_int(query, 4, move_number(move, "record"));
    store_bind_string(query, 8, move->to);
    state_run(state, query);
    struct text rest = move_text(move, "containers");
    while (rest.length) {
        query = store_query(state_store(state),
                            "INSERT OR IGNORE INTO declaration_containers(declaration, container) VALUES(?, ?)");
        store_bind_string(query, 1, move->key);
        store_bind_text(query, 2, text_until(&rest, ' '));
        state_run(state, query);
    }
}

static void apply_link(struct state *state, const struct move *move, const char *kind, struct text value) {
    if (!value.length) {
        return;
    }
    struct store_query *query = store_query(state_store(state),
        "INSERT OR IGNORE INTO links(kind, value, declaration) VALUES(?, ?, ?)");
    store_bind_string(query, 1, kind);
    store_bind_text(query, 2, value);
    store_bind_string(query, 3, move->key);
    state_run(state, query);
}

/* Of each moment the first one told stays. */
static void apply_moment(struct state *state, const struct move *move) {
    const char *proves = life_proves(&declaration_life, move->event);
    struct store *store = state_store(state);
    struct store_query *query =
        strcmp(proves, "accepted") == 0
            ? store_query(store,
                  "UPDATE declarations SET declared_at = min(ifnull(declared_at, ?2), ?2) WHERE key = ?1")
      : strcmp(proves, "selected") == 0
            ? store_query(store,
                  "UPDATE declarations SET selected_at = min(ifnull(selected_at, ?2), ?2) WHERE key = ?1")
      : strcmp(proves, "released") == 0
            ? store_query(store,
                  "UPDATE declarations SET released_at = min(ifnull(released_at, ?2), ?2) WHERE key = ?1")
      : strcmp(move->event, "complete") == 0
            ? store_query(store,
                  "UPDATE declarations SET completed = ifnull(completed, ?2) WHERE key = ?1")
      : NULL;
    if (query) {
        store_bind_string(query, 1, move->key);
        store_bind_int(query, 2, move->at);
        state_run(state, query);
    }
}

static void apply_state(struct state *state, const struct move *move) {
    struct text seq = move_text(move, "seq_no"), entry = move_text(move, "entry_number");
    struct store_query *query = store_query(state_store(state),
        "UPDATE declarations SET state = ?2, seq_no = iif(seq_no = '', ?3, seq_no),"
        " entry_number = iif(entry_number = '', ?4, entry_number) WHERE key = ?1");
    store_bind_string(query, 1, move->key);
    store_bind_string(query, 2, move->to);
    store_bind_text(query, 3, seq);
    store_bind_text(query, 4, entry);
    state_run(state, query);
    apply_link(state, move, "seq", seq);
    apply_link(state, move, "entry", entry);
    apply_moment(state, move);
}

static void apply_wait(struct state *state, const struct move *move, uint64_t cause) {
    static const char *const texts[] = { "customs", "answers_id", "seq_no", "entry_number", "event",
                                        "milestones", "route" };
    struct store_query *query = store_query(state_store(state),
        "INSERT OR IGNORE INTO waiting(customs, answers_id, seq_no, entry_number, event, milestones, route,"
        " at, record) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (int i = 0; i < 7; i++) {
        store_bind_text(query, i + 1, move_text(move, texts[i]));
    }
    store_bind_int(query, 8, move->at);
    store_bind_int(query, 9, (int64_t)cause);
    state_run(state, query);
}

static void apply_linked(struct state *state, const struct move *move) {
    struct store_query *query = store_query(state_store(state), "DELETE FROM waiting WHERE record = ?");
    uint64_t record = 0;
    text_to_uint(text_of(move->key), &record);
    store_bind_int(query, 1, (int64_t)record);
    state_run(state, query);
}

static void apply_clock(struct state *state, const struct move *move) {
    struct store_query *query = store_query(state_store(state), "UPDATE declarations SET due = ? WHERE key = ?");
    store_bind_int(query, 1, move->at);
    store_bind_string(query, 2, move->key);
    state_run(state, query);
}

static void apply(struct state *state, const struct move *move, uint64_t cause) {
    if (strcmp(move->event, "wait") == 0) {
        apply_wait(state, move, cause);
        return;
    }
    if (strcmp(move->event, "link") == 0) {
        apply_linked(state, move);
        return;
    }
    if (strcmp(move->event, "clock") == 0) {
        apply_clock(state, move);
        return;
    }
    if (strcmp(move->event, "declare") == 0) {
        apply_declare(state, move);
    } else {
        apply_state(state, move);
    }
    timeline_add(state, move_string(move, "subject"), (uint64_t)move_number(move, "record"), "declarations",
                 move->key, move->event, life_proves(&declaration_life, move->event), move->at);
}

const struct part part_declarations = { .name = "declarations", .tables = tables, .know = know,
                                       .decide = decide, .apply = apply };
