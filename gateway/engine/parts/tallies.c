/*
 * tallies.c - goods that came back, counted at the supervised place 退货理货: its operator tells customs that
 * what was applied for is there.
 *
 *   counted ──► withdrawn (by the operator; or its return was applied for anew)
 *
 * A tally has no quantities of its own: it says that all of one application came, under one waybill. So it
 * pairs with that application, by its sender's number and the waybill, and counts what that drew: as each
 * quantity is applied for once (returns.c), it is counted once. A tally of what nobody applied for is refused
 * (rule C21), and so is a second one of the same return (C05).
 */
#include <string.h>

#include "engine/parts/papers.h"
#include "engine/parts/returns.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "counted",   10, "已理货",   "counted"   },
    { "withdrawn", 20, "已撤回",   "withdrawn" },
};

static const struct lifecycle_event events[] = {
    { "count",    "counted",   "退货理货",           "goods that came back are counted" },
    { "withdraw", "withdrawn", "退货理货撤回",       "the tally is withdrawn"           },
    { "void",     "withdrawn", "退货重新申请，待理货", "the return was applied for anew"  },
    { "receipt",  "",          "海关回执",           "receipt of customs"               },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "tallies", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* By the key of its return. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS tallies(key TEXT PRIMARY KEY, party TEXT NOT NULL, record INTEGER NOT NULL,"
    "  counted INTEGER NOT NULL, receipt TEXT NOT NULL, receipt_at INTEGER NOT NULL, info TEXT NOT NULL,"
    "  state TEXT NOT NULL) STRICT, WITHOUT ROWID;";

struct tally {
    const char *party, *state;
};

/* One that was withdrawn is not there. */
static bool tally_get(const struct cause *cause, const char *key, struct tally *out) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT party, state FROM tallies WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        const char *now = state_of(cause->decision, "tallies", key);
        *out =
            (struct tally){ row_text(query, 0, cause->arena), now ? now : row_text(query, 1, cause->arena) };
    }
    store_reset(query);
    return found && strcmp(out->state, "counted") == 0;
}

static bool application_of_row(const struct cause *cause, uint32_t row, struct application *out) {
    const char *waybill =
        arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.carrier_code", row),
                     cause_row_text(cause, "parcel.waybill_no", row));
    return application_of_waybill(cause, waybill, cause_row_text(cause, "parcel.own_no", row), out);
}

static void enrich(struct cause *cause) {
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct application application;
        struct tally tally;
        bool applied = application_of_row(cause, row, &application);
        bool twice = ec_is_said_before(cause, "parcel.waybill_no", "parcel.own_no", row);
        bool known = applied && tally_get(cause, application.key, &tally);
        cause_enrich_flag(cause, "parcel.applied", row, applied);
        cause_enrich_flag(cause, "parcel.known", row, known || twice);
        cause_enrich_flag(cause, "parcel.own", row, known && strcmp(tally.party, cause->sender) == 0);
        cause_enrich_flag(cause, "parcel.fixed", row, twice);
    }
}

/* Rules say it better, by the same; this holds where none does. */
static bool may_tell(const struct cause *cause, const struct application *application,
                     enum ec_action action) {
    struct tally tally;
    bool known =
        tally_get(cause, application->key, &tally) || state_of(cause->decision, "tallies", application->key);
    return action == EC_NEW ? !known : known && strcmp(tally.party, cause->sender) == 0;
}

static void decide(struct cause *cause) {
    struct decision *decision = cause->decision;
    stamp at = cause->metadata->env.received;
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        enum ec_action action = ec_action(cause, row);
        struct application application;
        if (!application_of_row(cause, row, &application) || !may_tell(cause, &application, action)) {
            decision_refuse(decision, "TALLY-NOT-SO", "没有这样的退货申请，或已理货",
                            "there is no such return, or it was counted already");
            return;
        }
        if (action == EC_DELETE) {
            decision_move(decision, "tallies", application.key, "withdraw", "counted", "withdrawn", at, NULL);
        } else {
            decision_move(decision, "tallies", application.key, "count", "", "counted", at, "party",
                          cause->sender, NULL);
        }
    }
    decision_answer(decision, "RETURNS-COUNTED", "退货理货已登记", "the tally of what came back is recorded");
}

/* A return that is applied for anew, or changed, is other goods: they are counted anew. */
static void hear(struct cause *cause, const struct move *move) {
    struct tally tally;
    if (application_is_made(move) && tally_get(cause, move->key, &tally)) {
        decision_move(cause->decision, "tallies", move->key, "void", "counted", "withdrawn", move->at, NULL);
    }
}

/* --- what customs answers ------------------------------------------------------------------------------- */

static void decide_receipts(struct cause *cause) {
    struct ec_owner owner = { 0 };
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct application application;
        struct tally tally;
        bool known =
            application_of_row(cause, row, &application) && tally_get(cause, application.key, &tally);
        ec_owner_add(&owner, known ? tally.party : "");
        if (known) {
            decision_move(cause->decision, "tallies", application.key, "receipt", tally.state, tally.state,
                          cause_row_moment(cause, "parcel.notice_time", row, cause->stamp), "receipt",
                          cause_row_text(cause, "parcel.receipt", row), "info",
                          cause_row_text(cause, "parcel.info", row), NULL);
        }
    }
    cause->submitter = ec_owner_of(&owner);
}

/* clang-format off */
static const struct part_move moves[] = {
    { "count", NULL, {
        "INSERT OR REPLACE INTO tallies(key, party, record, counted, receipt, receipt_at, info, state)"
        " VALUES(:key, :party, :cause, :at, '', 0, '', :to)" }, NULL },
    { "receipt", NULL, {
        "UPDATE tallies SET receipt = :receipt, info = :info, receipt_at = :at WHERE key = :key AND receipt_at <= :at" },
      NULL },
    { NULL, NULL, { "UPDATE tallies SET state = :to WHERE key = :key" }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "ec-return-tally", enrich, decide },
    { "ec-return-tally-receipt", NULL, decide_receipts },
    { 0 },
};

const struct part part_tallies = {
    .name = "tallies",
    .lifecycle = &lifecycle,
    .noun = "tally",
    .state_of = "SELECT state FROM tallies WHERE key = ?",
    .tables = tables,
    .families = families,
    .hear = hear,
    .moves = moves,
};
