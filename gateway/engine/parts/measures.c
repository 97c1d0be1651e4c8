/*
 * measures.c - follow-up measures of the monthly review 会商跟进措施: what the port office has somebody do
 * about a segment of clearance, until a day.
 *
 *   open ──► reported ──► done
 *     └─────────┴───────► withdrawn
 *
 * The office decides a measure, changes all of it while it is open, and tells when it is done or withdrawn;
 * who carries it out is sent each of these, and reports when it has done so: the office confirms it, or has
 * it go on by changing it. That it is due, and that it has ended, are milestones of the
 * measure as schemas/segments says, so schemas/alerts has whoever it names told of one that is overdue. Who
 * may do what is said by the engine-stage rules (N04, N05, N06) over what is made known here.
 */
#include "engine/parts/measures.h"

#include <string.h>

#include "base/status.h"
#include "edition/party.h"
#include "edition/segments.h"
#include "engine/parts/milestones.h"
#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "open",      10, "进行中", "open"      },
    { "reported",  15, "已报告完成", "reported done" },
    { "done",      20, "已完成", "done"      },
    { "withdrawn", 20, "已撤销", "withdrawn" },
};

static const struct lifecycle_event events[] = {
    { "NEW",       "open",      "提出会商措施", "measure of a review decided"   },
    { "CHANGED",   "open",      "变更会商措施", "measure of a review changed"   },
    { "REPORTED",  "reported",  "责任方报告措施完成", "measure of a review reported done" },
    { "DONE",      "done",      "会商措施完成", "measure of a review done"      },
    { "WITHDRAWN", "withdrawn", "会商措施撤销", "measure of a review withdrawn" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "measures", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* owner: a party. due: when it is overdue. told: the record that told last what is to be done; last: of all.
 * note: what came of it. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS measures(key TEXT PRIMARY KEY, port TEXT NOT NULL, office TEXT NOT NULL,"
    "  own_id TEXT NOT NULL, month TEXT NOT NULL, direction TEXT NOT NULL, segment TEXT NOT NULL,"
    "  owner TEXT NOT NULL, due INTEGER NOT NULL, text TEXT NOT NULL, note TEXT NOT NULL,"
    "  record INTEGER NOT NULL, told INTEGER NOT NULL, last INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS measures_due ON measures(due);";

/* --- what it is about ----------------------------------------------------------------------------------- */

struct measure {
    const char *key, *owner, *state; /* state "": nobody decided it */
    int64_t told;
};

/* The party that is called so; "" when there is none. */
static const char *party_called(const struct cause *cause, const char *name) {
    const struct parties *parties = cause->edition->parties;
    struct text code = text_of(name);
    for (size_t i = 0; code.length && i < parties->count; i++) {
        if (party_is_called(&parties->list[i], code)) {
            return parties->list[i].code;
        }
    }
    return "";
}

static bool is_report(const struct cause *cause) {
    return strcmp(cause_text(cause, "measure_action"), "REPORTED") == 0;
}

/* Of the number that the message names: the sender's own, or, of who reports, that which it carries out. */
static struct measure measure_of(const struct cause *cause) {
    const char *office =
        is_report(cause) ? party_called(cause, cause_text(cause, "measure_office")) : cause->sender;
    const char *own = arena_printf(cause->arena, "%s/%s", office, cause_text(cause, "measure_id"));
    struct measure measure = { subject_of_measure(cause, subject_port(cause), own), "", "", 0 };
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT owner, state, told FROM measures WHERE key = ?");
    store_bind_string(query, 1, measure.key);
    if (state_row(cause->state, query)) {
        measure.owner = row_text(query, 0, cause->arena);
        measure.state = row_text(query, 1, cause->arena);
        measure.told = store_int(query, 2);
    }
    store_reset(query);
    if (is_report(cause) && strcmp(measure.owner, cause->sender) != 0) {
        measure = (struct measure){ measure.key, "", "", 0 }; /* another's, or none: one answer */
    }
    return measure;
}

const char *measure_owner(const struct cause *cause, const char *subject) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT owner FROM measures WHERE key = ?");
    store_bind_string(query, 1, subject);
    const char *owner = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return owner;
}

static const char *owner_told(const struct cause *cause) {
    return party_called(cause, cause_text(cause, "measure_owner"));
}

/* It is told of until then. */
static bool is_under_way(const struct measure *measure) {
    return strcmp(measure->state, "open") == 0 || strcmp(measure->state, "reported") == 0;
}

static bool has_segment(const struct cause *cause) {
    const struct segments *segments = cause->edition->segments;
    const char *direction = cause_direction(cause), *name = cause_text(cause, "segment_name");
    for (size_t i = 0; i < segments->rows_count; i++) {
        if (strcmp(segments->rows[i].direction, direction) == 0
            && strcmp(segments->rows[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void enrich(struct cause *cause) {
    struct measure measure = measure_of(cause);
    cause_enrich_flag(cause, "measure_known", 0, *measure.state != '\0');
    cause_enrich_flag(cause, "measure_ended", 0, *measure.state && !is_under_way(&measure));
    cause_enrich_flag(cause, "measure_owner_known", 0, *owner_told(cause) != '\0');
    cause_enrich_flag(cause, "segment_known", 0, has_segment(cause));
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static void answer(struct cause *cause, const char *action) {
    /* clang-format off */
    static const struct {
        const char *action, *code, *zh, *en;
    } answers[] = {
        { "NEW",       "MEASURE-DECIDED",   "措施已登记", "the measure is recorded"  },
        { "CHANGED",   "MEASURE-CHANGED",   "措施已变更", "the measure is changed"   },
        { "REPORTED",  "MEASURE-REPORTED",  "已报告口岸办，待确认", "reported to the office, which confirms it" },
        { "DONE",      "MEASURE-DONE",      "措施已完成", "the measure is done"      },
        { "WITHDRAWN", "MEASURE-WITHDRAWN", "措施已撤销", "the measure is withdrawn" },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        if (strcmp(answers[i].action, action) == 0) {
            decision_answer(cause->decision, answers[i].code, answers[i].zh, answers[i].en);
        }
    }
    decision_detail(cause->decision, "measure_id", cause_text(cause, "measure_id"));
}

/* What the text of milestones says of this message. */
static void tell_milestones(struct cause *cause, const struct measure *measure) {
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = milestones_told(cause, told);
    if (measure->told) {
        milestones_take_back(cause->decision, measure->key, (uint64_t)measure->told);
    }
    for (size_t i = 0; i < count; i++) {
        milestone_add(cause->decision, measure->key, "", "", told[i].code, told[i].at, cause->number);
    }
}

static void send_to(struct cause *cause, const char *owner) {
    if (*owner && strcmp(owner, cause->sender) != 0) {
        decision_send(cause->decision, owner, cause->number, "measure");
    }
}

static void decide_set(struct cause *cause, const struct measure *measure, const char *action) {
    struct decision *decision = cause->decision;
    const char *owner = owner_told(cause);
    char due_text[STAMP_TEXT_MAX];
    stamp due = stamp_of_day(cause_row_day(cause, "measure_due", 0, cause->today) + 1);
    decision_move(decision, "measures", measure->key, action, measure->state, "open",
                  cause->metadata->env.received, "port", subject_port(cause), "office", cause->sender,
                  "own_id", cause_text(cause, "measure_id"), "month", cause_text(cause, "measure_month"),
                  "direction", cause_direction(cause), "segment", cause_text(cause, "segment_name"), "owner",
                  owner, "text", cause_text(cause, "measure_text"), NULL);
    decision_put(decision, "due", due);
    tell_milestones(cause, measure);
    send_to(cause, owner);
    if (strcmp(owner, measure->owner) != 0) {
        send_to(cause, measure->owner); /* it has it no more */
    }
    answer(cause, action);
    decision_detail(decision, "owner", owner);
    decision_detail(decision, "overdue", stamp_print(due, due_text));
}

static void decide_end(struct cause *cause, const struct measure *measure, const char *action) {
    decision_move(cause->decision, "measures", measure->key, action, measure->state,
                  lifecycle_next(&lifecycle, measure->state, action), cause->metadata->env.received, "note",
                  cause_text(cause, "measure_text"), NULL);
    tell_milestones(cause, &(struct measure){ .key = measure->key });
    send_to(cause, measure->owner); /* but for its own report */
    answer(cause, action);
}

static void decide(struct cause *cause) {
    const char *action = cause_text(cause, "measure_action");
    struct measure measure = measure_of(cause);
    bool is_new = strcmp(action, "NEW") == 0;
    bool sets = is_new || strcmp(action, "CHANGED") == 0;
    bool may = is_report(cause) || strcmp(cause_text(cause, "sender_role"), "office") == 0;
    /* rules say it better; this holds where none does */
    if (!may || !*lifecycle_proves(&lifecycle, action)
        || (is_new ? *measure.state != '\0' : !is_under_way(&measure)) || (sets && !*owner_told(cause))) {
        decision_refuse(cause->decision, "NO-MEASURE", "没有该措施，或已完成、撤销",
                        "there is no such measure, or it is done or withdrawn");
    } else if (sets) {
        decide_set(cause, &measure, action);
    } else {
        decide_end(cause, &measure, action);
    }
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { NULL, "open", {
        "INSERT INTO measures(key, port, office, own_id, month, direction, segment, owner, due, text, note, record,"
        " told, last, at, state) VALUES(:key, :port, :office, :own_id, :month, :direction, :segment, :owner,"
        " :due, :text, '', :cause, :cause, :cause, :at, :to) ON CONFLICT DO UPDATE SET month = excluded.month,"
        " direction = excluded.direction, segment = excluded.segment, owner = excluded.owner, due = excluded.due,"
        " text = excluded.text, told = excluded.told, last = excluded.last, at = excluded.at" }, NULL },
    { NULL, NULL, {
        "UPDATE measures SET note = :note, last = :cause, at = :at, state = :to WHERE key = :key" }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "review-measure", enrich, decide },
    { 0 },
};

const struct part part_measures = {
    .name = "measures",
    .lifecycle = &lifecycle,
    .noun = "measure",
    .state_of = "SELECT state FROM measures WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
