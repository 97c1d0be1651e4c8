/*
 * alerts.c - early warnings 预警: what has been as it is for too long, or should not be so (schemas/alerts).
 *
 *   watched ──► open ──► acknowledged ──► closed ──► forgotten
 *      │         └─────────────────────────┘ │
 *      └─────────────────────────────────────┘   a later step opens again what is acknowledged
 *
 * What the messages tell comes here as milestones, whoever told them: one from which an alert counts has its
 * goods watched, unless what would end it was told before; one that ends it closes it. Goods are what the
 * milestone was told of: a declaration, a container, or the consignment as a whole. All that a decision has
 * watched is one move, all that it ends another, and one timer is set for what is due first: an event of two
 * thousand containers stays one that can be decided, and where there is no room left for it in a decision it
 * goes unwatched rather than have the event refused.
 *
 * What was ended by an event that is withdrawn, or corrected so that it ends nothing, is as it was before.
 * What is closed is forgotten after a while (schemas/terms, alert-closed).
 *
 * What is due is told one consignment and alert at a time, to those whom the text names, and to nobody else;
 * an operator acknowledges it by the record of that telling.
 */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "edition/alerts.h"
#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"
#include "engine/parts/measures.h"
#include "engine/parts/milestones.h"
#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "watched",      10, "关注中", "watched"      },
    { "open",         20, "未处理", "open"         },
    { "acknowledged", 30, "已确认", "acknowledged" },
    { "closed",       40, "已解除", "closed"       },
};

static const struct lifecycle_event events[] = {
    { "watch", "watched",      NULL, NULL },
    { "open",  "open",         "预警",     "alert"              },
    { "ack",   "acknowledged", "预警已确认", "alert acknowledged" },
    { "end",   "closed",       NULL, NULL },
    { "reopen", "",            NULL, NULL },
    { "recount", "",           NULL, NULL },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "alerts", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* told: the record that told what it counts from. kind: of the thing, "declaration", "container" or "". due:
 * of its next step, 0: none. opened: the record that told of it last; step: how many it has had; ended: the
 * record that closed it, at closed_at. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS alerts(subject TEXT NOT NULL, code TEXT NOT NULL, kind TEXT NOT NULL,"
    "  thing TEXT NOT NULL, direction TEXT NOT NULL, told INTEGER NOT NULL, since INTEGER NOT NULL,"
    "  due INTEGER NOT NULL, step INTEGER NOT NULL, alarm INTEGER NOT NULL, holder TEXT NOT NULL,"
    "  opened INTEGER NOT NULL, opened_at INTEGER NOT NULL, note TEXT NOT NULL, acked INTEGER NOT NULL,"
    "  ended INTEGER NOT NULL, closed_at INTEGER NOT NULL, state TEXT NOT NULL,"
    "  PRIMARY KEY(subject, code, kind, thing))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS alerts_due ON alerts(due) WHERE due > 0;"
    "CREATE INDEX IF NOT EXISTS alerts_closed ON alerts(closed_at) WHERE state = 'closed';"
    "CREATE INDEX IF NOT EXISTS alerts_opened ON alerts(opened) WHERE opened > 0;";

#define TELLINGS_MAX 4096 /* of one milestone that are looked at */
#define THINGS_MAX   1000 /* that one telling of an alert is about */
#define LIST_MAX     (16u << 20)
#define NAMED_MAX    400 /* bytes of the things that are named in it */

/* --- what it is about ----------------------------------------------------------------------------------- */

struct thing {
    const char *kind, *name; /* name "" of the consignment as a whole */
};

/* Rows of one move, as JSON. */
struct rows {
    struct buf json;
    struct json_out out;
    size_t count;
};

static void rows_open(struct rows *rows) {
    buf_init(&rows->json, LIST_MAX);
    json_start(&rows->out, &rows->json);
    json_open_array(&rows->out, NULL);
    rows->count = 0;
}

/* They fit into the decision; nothing is said of those that do not. */
static bool rows_fit(const struct decision *decision, const struct rows *rows) {
    return rows->count && decision->moves_count + 2 < DECISION_MOVES_MAX
           && decision->words + rows->count <= DECISION_WORDS_MAX;
}

static void rows_put(struct decision *decision, struct rows *rows) {
    decision_put_rows(decision, "rows", arena_copy(decision->arena, buf_text(&rows->json)), rows->count);
}

/* Whether what was told, by all of these tellings, is told of the thing. */
static bool is_told_of(const struct cause *cause, const struct thing *thing, const struct milestone_of *told,
                       size_t count) {
    if (strcmp(thing->kind, "declaration") != 0) {
        for (size_t i = 0; i < count; i++) {
            bool whole = !*told[i].declaration && (!*told[i].container || !*thing->name);
            if (whole || !*thing->name || strcmp(told[i].container, thing->name) == 0
                || (*told[i].declaration
                    && declaration_has_container(cause, told[i].declaration, thing->name) >= 0)) {
                return true;
            }
        }
        return false;
    }
    struct text containers = text_of(declaration_containers(cause, thing->name));
    bool of_containers = containers.length > 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(told[i].declaration, thing->name) == 0
            || (!*told[i].declaration && (!*told[i].container || !of_containers))) {
            return true;
        }
    }
    while (containers.length) { /* else of each of its containers */
        struct text container = text_until(&containers, ' ');
        size_t i = 0;
        while (i < count && (*told[i].declaration || !text_is(container, told[i].container))) {
            i++;
        }
        if (i == count) {
            return false;
        }
    }
    return of_containers;
}

static bool is_ended(const struct cause *cause, const struct alert *alert, const char *subject,
                     const struct thing *thing) {
    for (size_t i = 0; i < alert->until_count; i++) {
        size_t count;
        const struct milestone_of *told =
            milestones_of(cause, subject, alert->until[i], TELLINGS_MAX, &count);
        if (is_told_of(cause, thing, told, count)) {
            return true;
        }
    }
    return false;
}

/* --- watching ------------------------------------------------------------------------------------------- */

struct watching {
    struct rows watched, ended, reopened, recounted;
    stamp due; /* the first; 0: none */
};

/* Of a step that may be over already: it is told of at once. */
static stamp due_of(const struct alert *alert, stamp since, size_t step) {
    stamp due = step < alert->steps_count ? since + alert->steps[step].after : 0;
    return step < alert->steps_count && due <= 0 ? 1 : due;
}

/* 0: never. */
static stamp sooner(stamp one, stamp other) {
    return !one || (other && other < one) ? other : one;
}

/* What it counts from: the first telling that holds. False: there is none. What the message of another
 * telling said of it is not known any more: an alert with a condition counts from the one that was asked. */
static bool counts_from(const struct cause *cause, const struct alert *alert, const char *subject,
                        const struct thing *thing, stamp *since, uint64_t *told) {
    bool whole = strcmp(thing->kind, "declaration") == 0;
    *since =
        alert->when
            ? 0
            : milestone_since(cause, subject,
                              (struct milestone_of){ whole ? thing->name : "", whole ? "" : thing->name },
                              alert->from, told);
    return *since != 0;
}

static const char *direction_of(struct cause *cause, const char *declaration) {
    struct declaration row;
    bool known = *declaration && declaration_get(cause, declaration, &row);
    return known ? row.direction : cause_direction(cause);
}

/* A row of a list begins with what is watched. */
static void open_row(struct json_out *out, const char *subject, const char *code, const struct thing *thing) {
    json_open_array(out, NULL);
    json_put_string(out, NULL, subject);
    json_put_string(out, NULL, code);
    json_put_string(out, NULL, thing->kind);
    json_put_string(out, NULL, thing->name);
}

/* Another telling of the same holds: it counts from that, and is told of as often as it was. */
static void recount_thing(struct watching *watching, const char *subject, const char *code,
                          const struct thing *thing, stamp since, uint64_t told) {
    struct json_out *out = &watching->recounted.out;
    open_row(out, subject, code, thing);
    json_put_int(out, NULL, since);
    json_put_int(out, NULL, (int64_t)told);
    json_close_array(out);
    watching->recounted.count++;
}

/* It is watched, or told of, from a later moment than this. */
static bool counts_from_later(const struct cause *cause, const struct alert *alert, const char *subject,
                              const struct thing *thing, stamp since) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT 1 FROM alerts WHERE subject = ? AND code = ?"
                                   " AND kind = ? AND thing = ? AND since > ? AND state <> 'closed'");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, alert->code);
    store_bind_string(query, 3, thing->kind);
    store_bind_string(query, 4, thing->name);
    store_bind_int(query, 5, since);
    return state_exists(cause->state, query);
}

static void put_watched(struct watching *watching, const char *subject, const char *code,
                        const struct thing *thing, const char *direction, stamp since, stamp due,
                        uint64_t told) {
    struct json_out *out = &watching->watched.out;
    open_row(out, subject, code, thing);
    json_put_string(out, NULL, direction);
    json_put_int(out, NULL, since);
    json_put_int(out, NULL, due);
    json_put_int(out, NULL, (int64_t)told);
    json_close_array(out);
    watching->watched.count++;
}

static void watch_thing(struct cause *cause, struct watching *watching, const struct alert *alert,
                        const struct move *move, const char *direction, struct thing thing) {
    uint64_t record = (uint64_t)move_number(move, "record");
    if (is_ended(cause, alert, move->key, &thing)) {
        return;
    }
    stamp due = due_of(alert, move->at, 0);
    watching->due = sooner(watching->due, due);
    if (counts_from_later(cause, alert, move->key, &thing, move->at)) {
        recount_thing(watching, move->key, alert->code, &thing, move->at, record);
    } else {
        put_watched(watching, move->key, alert->code, &thing, direction, move->at, due, record);
    }
}

/* What the message that told the milestone says of the goods; container "": of all of them. */
static bool is_said(const struct cause *cause, const struct alert *alert, const char *container) {
    struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    if (!alert->when || !cause->doc) {
        return !alert->when;
    }
    if (!alert->each) {
        return expr_holds(alert->when, &context) == TRUTH_TRUE;
    }
    uint32_t rows = *container ? cause_rows(cause, "container") : 0;
    while (context.row < rows
           && strcmp(cause_row_text(cause, "container.number", context.row), container) != 0) {
        context.row++;
    }
    return context.row < rows && expr_holds(alert->when, &context) == TRUTH_TRUE;
}

static void watch(struct cause *cause, struct watching *watching, const struct alert *alert,
                  const struct move *move) {
    const char *declaration = arena_copy(cause->arena, move_text(move, "declaration"));
    const char *direction = direction_of(cause, declaration);
    struct text containers = move_text(move, "containers");
    if (!alert->steps_count || (*alert->direction && strcmp(alert->direction, direction) != 0)
        || (!alert->each && !is_said(cause, alert, ""))) {
        return;
    }
    if (!alert->each && (*declaration || !containers.length)) {
        watch_thing(cause, watching, alert, move, direction,
                    (struct thing){ *declaration ? "declaration" : "", declaration });
    }
    while (!*declaration && containers.length && !state_budget_is_low(cause->state)) {
        const char *container = arena_copy(cause->arena, text_until(&containers, ' '));
        if (!alert->each || is_said(cause, alert, container)) {
            watch_thing(cause, watching, alert, move, direction, (struct thing){ "container", container });
        }
    }
}

static void end_thing(struct watching *watching, const char *subject, const char *code,
                      const struct thing *thing) {
    struct json_out *out = &watching->ended.out;
    json_open_array(out, NULL);
    json_put_string(out, NULL, subject);
    json_put_string(out, NULL, code);
    json_put_string(out, NULL, thing->kind);
    json_put_string(out, NULL, thing->name);
    json_close_array(out);
    watching->ended.count++;
}

/* What is watched or told of the consignment: of one alert that may have ended; or all that there is of one
 * declaration, or by the word of one record. */
static void end_watched(struct cause *cause, struct watching *watching, const struct alert *alert,
                        const char *subject, const char *declaration, int64_t told) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT code, kind, thing, direction FROM alerts WHERE subject = ?1"
                                   " AND state <> 'closed' AND (?2 = '' OR code = ?2)"
                                   " AND (?3 = '' OR (kind = 'declaration' AND thing = ?3))"
                                   " AND (?4 = 0 OR told = ?4)");
    struct {
        const char *code, *direction;
        struct thing thing;
    } *found = NULL;
    size_t count = 0;
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, alert ? alert->code : "");
    store_bind_string(query, 3, declaration);
    store_bind_int(query, 4, told);
    while (count < THINGS_MAX && state_row(cause->state, query)) {
        if (!found) { /* mostly there is none */
            found = arena_alloc(cause->arena, THINGS_MAX * sizeof(*found));
        }
        found[count].code = row_text(query, 0, cause->arena);
        found[count].direction = row_text(query, 3, cause->arena);
        found[count++].thing =
            (struct thing){ row_text(query, 1, cause->arena), row_text(query, 2, cause->arena) };
    }
    store_reset(query);
    for (size_t i = 0; i < count && !state_budget_is_low(cause->state); i++) {
        const struct alert *its = told ? alerts_find(cause->edition->alerts, found[i].code) : NULL;
        stamp since;
        uint64_t record;
        if (its && counts_from(cause, its, subject, &found[i].thing, &since, &record)) {
            stamp due = due_of(its, since, 0);
            watching->due = sooner(watching->due, due);
            if (due > cause->stamp) { /* what was told of it was too early */
                end_thing(watching, subject, found[i].code, &found[i].thing);
                put_watched(watching, subject, found[i].code, &found[i].thing, found[i].direction, since, due,
                            record);
            } else {
                recount_thing(watching, subject, found[i].code, &found[i].thing, since, record);
            }
        } else if (!alert || is_ended(cause, alert, subject, &found[i].thing)) {
            end_thing(watching, subject, found[i].code, &found[i].thing);
        }
    }
}

/* Once opened it is as it was: acknowledged, if that came behind its last opening. */
static void reopen_thing(struct watching *watching, const char *subject, const struct alert *alert,
                         const struct thing *thing, stamp due, const char *state, stamp since,
                         uint64_t told) {
    struct json_out *out = &watching->reopened.out;
    open_row(out, subject, alert->code, thing);
    json_put_int(out, NULL, due);
    json_put_string(out, NULL, state);
    json_put_int(out, NULL, since);
    json_put_int(out, NULL, (int64_t)told);
    json_close_array(out);
    watching->reopened.count++;
    watching->due = sooner(watching->due, due);
}

/* What this record closed, and does not any more: what is not ended otherwise is open again. */
static void reopen(struct cause *cause, struct watching *watching, const char *subject, int64_t ended) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT code, kind, thing, since, step, iif(opened = 0, 'watched',"
                                   " iif(acked >= opened_at, 'acknowledged', 'open')), told FROM alerts"
                                   " WHERE subject = ? AND state = 'closed' AND ended = ? LIMIT ?");
    struct {
        const struct alert *alert;
        struct thing thing;
        stamp since;
        uint64_t told;
        size_t step;
        const char *state;
    } *found = arena_alloc(cause->arena, THINGS_MAX * sizeof(*found));
    size_t count = 0;
    store_bind_string(query, 1, subject);
    store_bind_int(query, 2, ended);
    store_bind_int(query, 3, THINGS_MAX);
    while (count < THINGS_MAX && state_row(cause->state, query)) {
        const struct alert *alert = alerts_find(cause->edition->alerts, row_text(query, 0, cause->arena));
        if (alert) {
            found[count].alert = alert;
            found[count].thing =
                (struct thing){ row_text(query, 1, cause->arena), row_text(query, 2, cause->arena) };
            found[count].since = store_int(query, 3);
            found[count].step = (size_t)store_int(query, 4);
            found[count].told = (uint64_t)store_int(query, 6);
            found[count++].state = row_text(query, 5, cause->arena);
        }
    }
    store_reset(query);
    for (size_t i = 0; i < count && !state_budget_is_low(cause->state); i++) {
        const struct alert *alert = found[i].alert;
        stamp since = found[i].since;
        uint64_t told = found[i].told;
        if (is_ended(cause, alert, subject, &found[i].thing)) {
            end_thing(watching, subject, alert->code, &found[i].thing);
        } else if (alert->when || counts_from(cause, alert, subject, &found[i].thing, &since, &told)) {
            reopen_thing(watching, subject, alert, &found[i].thing, due_of(alert, since, found[i].step),
                         found[i].state, since, told);
        }
    }
}

/* A timer that stands for what was closed since comes too early, and is set anew then; none comes late. */
static void set_timer(struct cause *cause, stamp due) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT min(due) FROM alerts WHERE due > 0");
    stamp first = state_number(cause->state, query, 0);
    if (due && (!first || due < first)) {
        timer_set(cause->decision, "alerts", "next", "due", due);
    }
}

static void look_at(struct cause *cause, struct watching *watching, const struct move *move) {
    const struct alerts *alerts = cause->edition->alerts;
    if (strcmp(move->part, "declarations") == 0 && declaration_turn(cause, move) == DECLARATION_REFUSED) {
        const char *subject = arena_copy(cause->arena, move_text(move, "subject"));
        end_watched(cause, watching, NULL, subject, move->key, 0);
    }
    if (move_is(move, "milestones", "take-back")) { /* the event was withdrawn, or is told anew behind this */
        end_watched(cause, watching, NULL, move->key, "", move_number(move, "told"));
        reopen(cause, watching, move->key, move_number(move, "told"));
    }
    if (!move_is(move, "milestones", "told")) {
        return;
    }
    const char *code = arena_copy(cause->arena, move_text(move, "code"));
    for (size_t i = 0; i < alerts->count && !state_budget_is_low(cause->state); i++) {
        if (strcmp(alerts->list[i].from, code) == 0) {
            watch(cause, watching, &alerts->list[i], move);
        }
        if (alert_is_ended_by(&alerts->list[i], code)) {
            end_watched(cause, watching, &alerts->list[i], move->key, "", 0);
        }
    }
}

/* False: there are none, or they do not fit. */
static bool move_rows(struct decision *decision, const char *event, stamp at, struct rows *rows) {
    json_close_array(&rows->out);
    bool moved = rows_fit(decision, rows) && !buf_failed(&rows->json);
    if (moved) {
        decision_move(decision, "alerts", "", event, "", "", at, NULL);
        rows_put(decision, rows);
    }
    buf_release(&rows->json);
    return moved;
}

/* Of all that this decision tells. */
static void look(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct watching watching = { .due = 0 };
    size_t count = decision->moves_count;
    rows_open(&watching.watched);
    rows_open(&watching.ended);
    rows_open(&watching.reopened);
    rows_open(&watching.recounted);
    for (size_t i = 0; i < count; i++) {
        const struct move move = decision->moves[i];
        look_at(cause, &watching, &move);
    }
    if (move_rows(decision, "end", cause->stamp, &watching.ended)) {
        decision_put(decision, "forget", cause->stamp - cause_term(cause, TERM_ALERT_CLOSED));
    }
    bool reopened = move_rows(decision, "reopen", cause->stamp, &watching.reopened);
    bool recounted = move_rows(decision, "recount", cause->stamp, &watching.recounted);
    if (move_rows(decision, "watch", cause->stamp, &watching.watched) || reopened || recounted) {
        set_timer(cause, watching.due);
    }
}

/* --- telling of it -------------------------------------------------------------------------------------- */

struct due {
    const char *subject, *code, *direction;
    stamp since, next; /* the earliest of its things; when the next step of one of them is due, 0: never */
    bool alarm;
    struct rows rows;
    struct buf named; /* "A B ..." */
};

static bool find_due(struct cause *cause, struct due *due) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT subject, code, direction FROM alerts WHERE due > 0 AND due <= ? ORDER BY due, subject, code"
        " LIMIT 1");
    store_bind_int(query, 1, cause->stamp);
    bool found = state_row(cause->state, query);
    if (found) {
        *due = (struct due){ .subject = row_text(query, 0, cause->arena),
                             .code = row_text(query, 1, cause->arena),
                             .direction = row_text(query, 2, cause->arena) };
    }
    store_reset(query);
    return found;
}

/* alert NULL: the text has it no more, and it is not due any more. */
static void add_due_thing(const struct cause *cause, const struct alert *alert, struct due *due,
                          struct store_query *query) {
    const char *kind = row_text(query, 0, cause->arena), *thing = row_text(query, 1, cause->arena);
    stamp since = store_int(query, 2), next = 0;
    size_t step = (size_t)store_int(query, 3);
    size_t steps = alert ? alert->steps_count : 0;
    bool alarm = false;
    while (step < steps && since + alert->steps[step].after <= cause->stamp) {
        alarm = alert->steps[step++].alarm; /* several at once: the last of them */
    }
    next = step < steps ? since + alert->steps[step].after : 0;
    due->alarm = due->alarm || alarm;
    due->since = !due->since || since < due->since ? since : due->since;
    due->next = next && (!due->next || next < due->next) ? next : due->next;
    struct json_out *out = &due->rows.out;
    json_open_array(out, NULL);
    json_put_string(out, NULL, kind);
    json_put_string(out, NULL, thing);
    json_put_int(out, NULL, (int64_t)step);
    json_put_int(out, NULL, next);
    json_put_int(out, NULL, alarm);
    json_close_array(out);
    due->rows.count++;
    if (*thing && due->named.length + strlen(thing) < NAMED_MAX) {
        buf_printf(&due->named, "%s%s", due->named.length ? " " : "", thing);
    }
}

static void find_due_things(const struct cause *cause, const struct alert *alert, struct due *due) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT kind, thing, since, step FROM alerts WHERE subject = ? AND code = ?"
                    " AND due > 0 AND due <= ? ORDER BY kind, thing LIMIT ?");
    store_bind_string(query, 1, due->subject);
    store_bind_string(query, 2, due->code);
    store_bind_int(query, 3, cause->stamp);
    store_bind_int(query, 4, THINGS_MAX);
    while (state_row(cause->state, query)) {
        add_due_thing(cause, alert, due, query);
    }
    store_reset(query);
    json_close_array(&due->rows.out);
}

/* Those of a role that serve the port of the goods; those of the office all. */
static void send_to_role(const struct cause *cause, const char *role, const char *port) {
    const struct parties *parties = cause->edition->parties;
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (party_has_role(party, role)
            && (strcmp(role, "office") == 0 || party_list_has(party->serves, text_of(port))
                || party_list_has(party->reports, text_of(port)))) {
            decision_send(cause->decision, party->code, 0, "alert");
        }
    }
}

static void tell(const struct cause *cause, const struct alert *alert, const struct due *due,
                 const char *holder) {
    struct decision *decision = cause->decision;
    char since[STAMP_TEXT_MAX];
    int64_t hours = (cause->stamp - due->since) / (3600 * STAMP_SECOND);
    const char *port = subject_port_of(cause, due->subject);
    stamp_print(due->since, since);
    decision_subject(decision, due->subject);
    decision_answer(decision, due->alarm ? "ALERT-ALARM" : "ALERT-WARNING",
                    arena_printf(cause->arena, "%s %s：%s（自 %.16s 起 %" PRId64 " 小时）",
                                 due->alarm ? "警报" : "预警", alert->code, alert->zh, since, hours),
                    arena_printf(cause->arena, "%s %s: %s (since %.16s, %" PRId64 " hours)",
                                 due->alarm ? "alarm" : "alert", alert->code, alert->en, since, hours));
    decision_detail(decision, "alert", alert->code);
    decision_detail(decision, "subject", due->subject);
    decision_detail(decision, "since", since);
    if (due->named.length) {
        decision_detail(decision, "of", arena_copy(cause->arena, buf_text(&due->named)));
    }
    for (size_t i = 0; i < alert->to_count; i++) {
        if (strcmp(alert->to[i], ALERT_HOLDER) != 0) {
            send_to_role(cause, alert->to[i], port);
        } else if (*holder) {
            decision_send(decision, holder, 0, "alert");
        }
    }
}

/* The next that is due, but for these things, whose next steps are known. */
static void set_next_timer(struct cause *cause, const struct due *due) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT min(due) FROM alerts WHERE due > 0 AND NOT (subject = ? AND code = ?"
                    " AND due <= ?)");
    store_bind_string(query, 1, due->subject);
    store_bind_string(query, 2, due->code);
    store_bind_int(query, 3, due->rows.count < THINGS_MAX ? cause->stamp : 0); /* there may be more of them */
    stamp next = state_number(cause->state, query, 0);
    if (due->next && (!next || due->next < next)) {
        next = due->next;
    }
    if (next) {
        timer_set(cause->decision, "alerts", "next", "due", next);
    }
}

static void tick(struct cause *cause) {
    struct due due = { .subject = "", .code = "" };
    bool found = find_due(cause, &due);
    rows_open(&due.rows);
    buf_init(&due.named, NAMED_MAX + 1);
    const struct alert *alert = found ? alerts_find(cause->edition->alerts, due.code) : NULL;
    if (found) {
        find_due_things(cause, alert, &due);
        const char *holder = consignment_holder(cause, due.subject, due.direction);
        holder = *holder ? holder : measure_owner(cause, due.subject);
        decision_move(cause->decision, "alerts", due.code, "open", "", alert ? "open" : "", cause->stamp,
                      "subject", due.subject, "holder", holder, NULL);
        rows_put(cause->decision, &due.rows);
        if (alert) {
            tell(cause, alert, &due, holder);
        }
    }
    set_next_timer(cause, &due);
    buf_release(&due.rows.json);
    buf_release(&due.named);
}

/* --- acknowledged --------------------------------------------------------------------------------------- */

static bool is_open(const struct cause *cause, uint64_t record, const char **code, const char **subject) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT code, subject FROM alerts WHERE opened = ? AND opened > 0 AND state = 'open' LIMIT 1");
    store_bind_int(query, 1, (int64_t)record);
    bool found = state_row(cause->state, query);
    *code = found ? row_text(query, 0, cause->arena) : "";
    *subject = found ? row_text(query, 1, cause->arena) : "";
    store_reset(query);
    return found;
}

static void acknowledge(struct cause *cause) {
    const char *code, *subject;
    uint64_t record = cause->order->record;
    if (!is_open(cause, record, &code, &subject)) {
        decision_refuse(cause->decision, "NO-ALERT",
                        arena_printf(cause->arena, "记录 %" PRIu64 " 没有未确认的预警", record),
                        arena_printf(cause->arena, "record %" PRIu64 " is of no alert that is open", record));
        return;
    }
    decision_move(cause->decision, "alerts", code, "ack", "open", "acknowledged", cause->stamp, "subject",
                  subject, "note", cause->order->reason, NULL);
    decision_put(cause->decision, "opened", (int64_t)record);
    decision_answer(cause->decision, "ALERT-ACKNOWLEDGED",
                    arena_printf(cause->arena, "预警 %s（%s）已确认", code, subject),
                    arena_printf(cause->arena, "the alert %s of %s is acknowledged", code, subject));
}

static void order(struct cause *cause) {
    if (cause->order->kind == ORDER_ALERT_ACK) {
        acknowledge(cause);
    } else {
        look(cause); /* an answer that an operator linked tells milestones, too */
    }
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

#define OF_ROWS                                                                                  \
    "(subject, code, kind, thing) IN (SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3" \
    " FROM json_each(:rows))"

/* clang-format off */
static const struct part_move moves[] = {
    /* told again it counts from where it did */
    { "watch", NULL, {
        "INSERT INTO alerts(subject, code, kind, thing, direction, since, due, told, step, alarm, holder, opened,"
        " opened_at, note, acked, ended, closed_at, state) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3,"
        " value ->> 4, value ->> 5, value ->> 6, value ->> 7, 0, 0, '', 0, 0, '', 0, 0, 0, 'watched' FROM json_each(:rows)"
        " WHERE true ON CONFLICT DO UPDATE SET since = excluded.since, due = excluded.due, told = excluded.told, step = 0, alarm = 0,"
        " opened = 0, opened_at = 0, note = '', acked = 0, ended = 0, closed_at = 0, state = 'watched'"
        " WHERE alerts.state = 'closed'" }, NULL },
    { "end", NULL, {
        "UPDATE alerts SET state = 'closed', due = 0, ended = :cause, closed_at = :at WHERE " OF_ROWS,
        "DELETE FROM alerts WHERE (subject, code, kind, thing) IN (SELECT subject, code, kind, thing FROM alerts"
        " WHERE state = 'closed' AND closed_at < :forget ORDER BY closed_at LIMIT 1000)" }, NULL },
    { "reopen", NULL, {
        "UPDATE alerts SET state = r.value ->> 5, due = r.value ->> 4, since = coalesce(r.value ->> 6, since),"
        " told = coalesce(r.value ->> 7, told), ended = 0, closed_at = 0"
        " FROM json_each(:rows) r WHERE alerts.subject = r.value ->> 0 AND alerts.code = r.value ->> 1"
        " AND alerts.kind = r.value ->> 2 AND alerts.thing = r.value ->> 3" }, NULL },
    { "recount", NULL, {
        "UPDATE alerts SET due = iif(due > 0, max(1, due + (r.value ->> 4) - since), 0), since = r.value ->> 4,"
        " told = r.value ->> 5 FROM json_each(:rows) r WHERE alerts.subject = r.value ->> 0"
        " AND alerts.code = r.value ->> 1 AND alerts.kind = r.value ->> 2 AND alerts.thing = r.value ->> 3"
        " AND alerts.state <> 'closed'" }, NULL },
    { "open", "open", {
        "UPDATE alerts SET state = 'open', step = r.value ->> 2, due = r.value ->> 3, alarm = r.value ->> 4,"
        " holder = :holder, opened = :cause, opened_at = :at FROM json_each(:rows) r"
        " WHERE alerts.subject = :subject AND alerts.code = :key AND alerts.kind = r.value ->> 0"
        " AND alerts.thing = r.value ->> 1" }, "subject" },
    { "open", NULL, { /* of what the text has no more */
        "UPDATE alerts SET due = 0 FROM json_each(:rows) r WHERE alerts.subject = :subject"
        " AND alerts.code = :key AND alerts.kind = r.value ->> 0 AND alerts.thing = r.value ->> 1" }, NULL },
    { "ack", NULL, {
        "UPDATE alerts SET state = 'acknowledged', note = :note, acked = :at"
        " WHERE opened = :opened AND opened > 0 AND state = 'open'" }, "subject" },
    { 0 },
};
/* clang-format on */

const struct part part_alerts = {
    .name = "alerts",
    .lifecycle = &lifecycle,
    .tables = tables,
    .tick = tick,
    .ticked = look, /* a declaration that is revoked ends what was watched of it */
    .order = order,
    .routed = look,
    .moves = moves,
};
