/*
 * charges.c - port charges 口岸收费: what an operator publishes, and what it then may charge.
 *
 * A charge list is a whole version of what one operator charges at one port, from its day on. In
 * force on a day is the list that began last; of two that begin on one day the one recorded last. For
 * each line of a charge note is made known how the list in force on its day of service prices it;
 * rules (P02 ...) say what may be charged.
 */
#include <inttypes.h>
#include <string.h>

#include "edition/edition.h"
#include "engine/parts/charges.h"
#include "engine/parts/links.h"
#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "published", 10, "已公示", "published" },
    { "listed",    10, "清单内", "as listed" },
};
/* clang-format on */

/* clang-format off */
static const struct lifecycle_event events[] = {
    { "publish", "published", "公示收费清单", "charge list published" },
    { "charge",  "listed",    "收费单",       "charged as listed"     },
};
/* clang-format on */

static const struct lifecycle charge_lifecycle = {
    "charges", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS charge_lists(operator TEXT NOT NULL,"
    " port TEXT NOT NULL, valid_from INTEGER NOT NULL,"
    "  record INTEGER NOT NULL, valid_until INTEGER NOT NULL, version TEXT NOT NULL, party TEXT NOT NULL,"
    "  PRIMARY KEY(operator, port, valid_from, record)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS tariffs(list INTEGER NOT NULL, item TEXT NOT NULL,"
    " unit TEXT NOT NULL, line INTEGER NOT NULL,"
    "  name TEXT NOT NULL, rate TEXT NOT NULL, currency TEXT NOT NULL, basis TEXT NOT NULL,"
    "  PRIMARY KEY(list, item, unit, line)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS charge_notes(key TEXT PRIMARY KEY, record INTEGER NOT NULL, party TEXT NOT"
    " NULL, own_id TEXT NOT NULL, payee TEXT NOT NULL,"
    "  payer TEXT NOT NULL, subject TEXT NOT NULL, list INTEGER NOT NULL,"
    " total TEXT NOT NULL, currency TEXT NOT NULL,"
    "  state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS charge_notes_own ON charge_notes(own_id, payee);";

/* --- the list in force ---------------------------------------------------------------------------------- */

static int64_t list_in_force(const struct cause *cause, const char *operator, const char * port,
                             int32_t day) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT record FROM charge_lists WHERE operator = ? AND port = ? AND valid_from <= ? AND valid_until"
        " > ?"
        " ORDER BY valid_from DESC, record DESC LIMIT 1");
    store_bind_string(query, 1, operator);
    store_bind_string(query, 2, port);
    store_bind_int(query, 3, day);
    store_bind_int(query, 4, day);
    return state_number(cause->state, query, 0);
}

static int32_t day_of_field(const struct cause *cause, const char *field, uint32_t row, int32_t otherwise) {
    int32_t day;
    return day_parse(text_of(cause_row_text(cause, field, row)), &day) ? day : otherwise;
}

static int32_t service_day(const struct cause *cause, uint32_t row) {
    int32_t billed = day_of_field(cause, "billing_date", 0, cause->today);
    return day_of_field(cause, "line.service_date", row, day_of_field(cause, "service_date", 0, billed));
}

/* An item listed by several units is compared by the line's own unit where that is listed, else by the
   first. */
static void enrich_line(struct cause *cause, int64_t list, uint32_t row) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT rate, unit, currency, basis FROM tariffs WHERE list = ? AND item = ?"
                    " ORDER BY unit <> ?, line LIMIT 1");
    store_bind_int(query, 1, list);
    store_bind_string(query, 2, cause_row_text(cause, "line.item_code", row));
    store_bind_string(query, 3, cause_row_text(cause, "line.unit", row));
    bool listed = state_row(cause->state, query);
    cause_enrich_flag(cause, "line.listed", row, listed);
    if (listed) {
        static const char *const fields[] = { "line.listed_rate", "line.listed_unit", "line.listed_currency",
                                              "line.listed_basis" };
        for (int i = 0; i < 4; i++) {
            cause_enrich(cause, fields[i], row, row_text(query, i, cause->arena));
        }
    }
    store_reset(query);
}

static void enrich(struct cause *cause) {
    const char *payee = cause_text(cause, "payee_code"), *port = subject_port(cause);
    int32_t day =
        day_of_field(cause, "service_date", 0, day_of_field(cause, "billing_date", 0, cause->today));
    cause_enrich_flag(cause, "charge_list_known", 0, list_in_force(cause, payee, port, day) != 0);
    for (uint32_t row = 0; row < cause_rows(cause, "line"); row++) {
        enrich_line(cause, list_in_force(cause, payee, port, service_day(cause, row)), row);
    }
}

/* --- what others ask -------------------------------------------------------------------------------- */

bool charges_note(const struct cause *cause, const char *payee, const char *note, struct charge_note *out) {
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT key, party, payer, subject FROM charge_notes"
                                            " WHERE own_id = ? AND payee = ? ORDER BY record DESC LIMIT 1");
    store_bind_string(query, 1, note);
    store_bind_string(query, 2, payee);
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct charge_note){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                     row_text(query, 2, cause->arena), row_text(query, 3, cause->arena) };
    }
    store_reset(query);
    return found;
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static const char *shown_day(struct arena *arena, int32_t day) {
    char out[STAMP_TEXT_MAX];
    return day == DAY_OPEN ? "open" : arena_string(arena, day_print(day, out));
}

/* Without a day to begin on (DAY_OPEN) a list is published and never in force. */
static void decide_list(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct arena *arena = cause->arena;
    const char *key = arena_printf(arena, "%s@%s", cause_text(cause, "operator_code"), subject_port(cause));
    int32_t from = day_of_field(cause, "valid_from", 0, cause->today);
    int32_t until = day_of_field(cause, "valid_until", 0, DAY_OPEN);
    stamp at = from == DAY_OPEN ? cause->stamp : stamp_of_day(from);
    uint32_t rows = cause_rows(cause, "tariff");
    decision_move(decision, "charges", key, "publish", "", "published", at, "party", cause->sender, "version",
                  cause_text(cause, "list_version"), NULL);
    decision_put(decision, "valid_from", from);
    decision_put(decision, "valid_until", until);
    for (uint32_t row = 0; row < rows; row++) {
        decision_move(decision, "charges", cause_row_text(cause, "tariff.item_code", row), "tariff", "", "",
                      at, "unit", cause_row_text(cause, "tariff.unit", row), "name",
                      cause_row_text(cause, "tariff.name", row), "rate",
                      cause_row_text(cause, "tariff.rate", row), "currency",
                      cause_row_text(cause, "tariff.currency", row), "basis",
                      cause_row_text(cause, "tariff.basis", row), NULL);
        decision_put(decision, "line", row + 1);
    }
    decision_answer(
        decision, "PUBLISHED",
        arena_printf(arena, "收费清单 %s 已公示，共 %" PRIu32 " 项", cause_text(cause, "list_version"), rows),
        arena_printf(arena, "charge list %s is published, %" PRIu32 " items",
                     cause_text(cause, "list_version"), rows));
    decision_detail(decision, "valid_from", shown_day(arena, from));
    decision_detail(decision, "valid_until", shown_day(arena, until));
}

static const char *subject_of_note(struct cause *cause) {
    const char *bill = subject_bill(cause);
    struct declaration of_entry[LINKED_MAX];
    if (*bill) {
        return subject_of_bill(cause, subject_port(cause), bill);
    }
    return links_find(cause, "entry", cause_text(cause, "entry_number"), of_entry) ? of_entry[0].subject : "";
}

static void decide_note(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct arena *arena = cause->arena;
    const char *payee = cause_text(cause, "payee_code"), *note = cause_text(cause, "note_id");
    int64_t list = list_in_force(cause, payee, subject_port(cause), service_day(cause, 0));
    decision_subject(decision, subject_of_note(cause));
    decision_move(decision, "charges", arena_printf(arena, "%s/%s", cause->sender, note), "charge", "",
                  "listed", cause->metadata->env.received, "party", cause->sender, "own_id", note, "payee",
                  payee, "payer", cause_text(cause, "payer_code"), "subject", decision->subject, "total",
                  cause_text(cause, "total"), "currency", cause_text(cause, "currency"), NULL);
    decision_put(decision, "list", list);
    decision_answer(decision, "LISTED", "收费单各项均在公示清单之内",
                    "every line of the note stands in the published list");
    decision_detail(decision, "note_id", note);
    decision_detail(decision, "list_record", arena_printf(arena, "%" PRId64, list));
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "publish", NULL, {                               /* its key is OPERATOR@PORT */
        "INSERT OR IGNORE INTO charge_lists(operator, port, valid_from, record, valid_until, version, party)"
        " VALUES(substr(:key, 1, instr(:key, '@') - 1), substr(:key, instr(:key, '@') + 1), :valid_from, :cause,"
        " :valid_until, :version, :party)" }, NULL },
    { "tariff", NULL, {
        "INSERT OR IGNORE INTO tariffs(list, item, unit, line, name, rate, currency, basis)"
        " VALUES(:cause, :key, :unit, :line, :name, :rate, :currency, :basis)" }, NULL },
    { "charge", NULL, {
        "INSERT OR REPLACE INTO charge_notes(key, record, party, own_id, payee, payer, subject, list, total,"
        " currency, state)"
        " VALUES(:key, :cause, :party, :own_id, :payee, :payer, :subject, :list, :total, :currency, :to)" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "charge-list", NULL, decide_list },
    { "charge-note", enrich, decide_note },
    { 0 },
};

const struct part part_charges = {
    .name = "charges",
    .lifecycle = &charge_lifecycle,
    .noun = "note",
    .state_of = "SELECT state FROM charge_notes WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
