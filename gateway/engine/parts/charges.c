/*
 * charges.c - port charges 口岸收费: what an operator publishes, and what it then may charge.
 *
 * A charge list is a whole version of what one operator charges at one port, from its day on. In
 * force on a day is the list that began last; of two that begin on one day the one recorded last. A version
 * is published once, since notes and complaints name it: what is corrected is another version. For
 * each line of a charge note is made known how the list in force on its day of service prices it;
 * rules (P02 ...) say what may be charged.
 */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "edition/edition.h"
#include "engine/parts/charges.h"
#include "engine/parts/links.h"
#include "engine/subject.h"

#define ROWS_TEXT_MAX (256u << 20)

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
    "  withdrawn INTEGER NOT NULL, PRIMARY KEY(list, item, unit, line)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS charge_notes(key TEXT PRIMARY KEY, record INTEGER NOT NULL, party TEXT NOT"
    " NULL, own_id TEXT NOT NULL, payee TEXT NOT NULL,"
    "  payer TEXT NOT NULL, subject TEXT NOT NULL, list INTEGER NOT NULL,"
    " version TEXT NOT NULL, total TEXT NOT NULL, currency TEXT NOT NULL,"
    "  state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS charge_notes_own ON charge_notes(own_id, payee);"
    "CREATE TABLE IF NOT EXISTS charge_lines(note TEXT NOT NULL, line TEXT NOT NULL, item TEXT NOT NULL,"
    "  rate TEXT NOT NULL, amount TEXT NOT NULL, version TEXT NOT NULL,"
    "  PRIMARY KEY(note, line)) STRICT, WITHOUT ROWID;";

/* --- the list in force ---------------------------------------------------------------------------------- */

struct list {
    int64_t record; /* 0: none is in force */
    const char *version;
};

static struct list list_in_force(const struct cause *cause, const char *operator, const char * port,
                                 int32_t day) {
    struct list list = { 0, "" };
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT record, version FROM charge_lists WHERE operator = ? AND port = ? AND valid_from <= ?"
        " AND valid_until > ? ORDER BY valid_from DESC, record DESC LIMIT 1");
    store_bind_string(query, 1, operator);
    store_bind_string(query, 2, port);
    store_bind_int(query, 3, day);
    store_bind_int(query, 4, day);
    if (state_row(cause->state, query)) {
        list = (struct list){ store_int(query, 0), row_text(query, 1, cause->arena) };
    }
    store_reset(query);
    return list;
}

static int32_t service_day(const struct cause *cause, uint32_t row) {
    int32_t billed = cause_row_day(cause, "billing_date", 0, cause->today);
    return cause_row_day(cause, "line.service_date", row, cause_row_day(cause, "service_date", 0, billed));
}

/* An item listed by several units is compared by the line's own unit where that is listed, else by the first;
   one that is withdrawn by that day only where no other is left. */
static void enrich_line(struct cause *cause, const struct list *list, uint32_t row) {
    int32_t day = service_day(cause, row);
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT rate, unit, currency, basis, withdrawn FROM tariffs WHERE list = ? AND item = ?"
                    " ORDER BY withdrawn <= ?, unit <> ?, line LIMIT 1");
    store_bind_int(query, 1, list->record);
    store_bind_string(query, 2, cause_row_text(cause, "line.item_code", row));
    store_bind_int(query, 3, day);
    store_bind_string(query, 4, cause_row_text(cause, "line.unit", row));
    bool known = state_row(cause->state, query), withdrawn = known && store_int(query, 4) <= day;
    cause_enrich_flag(cause, "line.listed", row, known && !withdrawn);
    cause_enrich(cause, "line.list_version", row, list->version);
    if (withdrawn) {
        char text[STAMP_TEXT_MAX];
        cause_enrich(cause, "line.withdrawn_from", row, day_print((int32_t)store_int(query, 4), text));
    } else if (known) {
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
        cause_row_day(cause, "service_date", 0, cause_row_day(cause, "billing_date", 0, cause->today));
    struct list list = list_in_force(cause, payee, port, day);
    cause_enrich_flag(cause, "charge_list_known", 0, list.record != 0);
    for (uint32_t row = 0; row < cause_rows(cause, "line"); row++) {
        int32_t of_line = service_day(cause, row);
        list = of_line == day ? list : list_in_force(cause, payee, port, of_line);
        day = of_line;
        enrich_line(cause, &list, row);
    }
}

/* --- what others ask -------------------------------------------------------------------------------- */

const char *charges_goods(struct cause *cause) {
    const char *bill = subject_bill(cause);
    struct declaration of_entry[LINKED_MAX];
    if (*bill) {
        return subject_of_bill(cause, subject_port(cause), bill);
    }
    return links_find(cause, "entry", cause_text(cause, "entry_number"), of_entry) ? of_entry[0].subject : "";
}

bool charges_note(const struct cause *cause, const char *payee, const char *note, struct charge_note *out) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT key, subject, party, payer, version FROM charge_notes"
                                            " WHERE own_id = ? AND payee = ? ORDER BY record DESC LIMIT 1");
    store_bind_string(query, 1, note);
    store_bind_string(query, 2, payee);
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct charge_note){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                     row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                                     row_text(query, 4, cause->arena) };
    }
    store_reset(query);
    return found;
}

const char *charges_line_list(const struct cause *cause, const char *note_key, const char *line) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT version FROM charge_lines WHERE note = ? AND line = ?");
    store_bind_string(query, 1, note_key);
    store_bind_string(query, 2, line);
    const char *version = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : NULL;
    store_reset(query);
    return version;
}

bool charges_any_of(const struct cause *cause, const char *note_key, const struct codelist *list) {
    require(cause_has_state(cause));
    bool any = false;
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT DISTINCT item FROM charge_lines WHERE note = ?");
    store_bind_string(query, 1, note_key);
    while (!any && state_row(cause->state, query)) {
        any = codelist_has(list, text_of(row_text(query, 0, cause->arena)), cause->today);
    }
    store_reset(query);
    return any;
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static const char *shown_day(struct arena *arena, int32_t day) {
    char out[STAMP_TEXT_MAX];
    return day == DAY_OPEN ? "open" : arena_string(arena, day_print(day, out));
}

/* A list, like the lines of a note, is one move: the fields of the group's rows as JSON, [[...], ...], and
 * behind them, if asked for, a day that may be open. */
static const char *rows_of(const struct cause *cause, const char *group, const char *const *fields,
                           size_t count, const char *day) {
    struct buf json;
    struct json_out out;
    buf_init(&json, ROWS_TEXT_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    for (uint32_t row = 0; row < cause_rows(cause, group); row++) {
        json_open_array(&out, NULL);
        for (size_t i = 0; i < count; i++) {
            json_put_string(&out, NULL, cause_row_text(cause, fields[i], row));
        }
        if (day) {
            json_put_int(&out, NULL, cause_row_day(cause, day, row, DAY_OPEN));
        }
        json_close_array(&out);
    }
    json_close_array(&out);
    require(!buf_failed(&json)); /* values of one message, each at most six times as long */
    const char *copy = arena_copy(cause->arena, buf_text(&json));
    buf_release(&json);
    return copy;
}

static const char *tariffs_of(const struct cause *cause) {
    static const char *const fields[] = { "tariff.item_code", "tariff.unit",     "tariff.name",
                                          "tariff.rate",      "tariff.currency", "tariff.basis" };
    return rows_of(cause, "tariff", fields, sizeof(fields) / sizeof(*fields), "tariff.withdrawn_from");
}

static const char *lines_of(const struct cause *cause) {
    static const char *const fields[] = { "line.number", "line.item_code", "line.rate", "line.amount",
                                          "line.list_version" };
    return rows_of(cause, "line", fields, sizeof(fields) / sizeof(*fields), NULL);
}

static bool is_published(const struct cause *cause, const char *version) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT 1 FROM charge_lists WHERE operator = ? AND port = ? AND version = ? LIMIT 1");
    store_bind_string(query, 1, cause_text(cause, "operator_code"));
    store_bind_string(query, 2, subject_port(cause));
    store_bind_string(query, 3, version);
    return state_exists(cause->state, query);
}

/* Without a day to begin on (DAY_OPEN) a list is published and never in force. */
static void decide_list(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct arena *arena = cause->arena;
    const char *key = arena_printf(arena, "%s@%s", cause_text(cause, "operator_code"), subject_port(cause));
    int32_t from = cause_row_day(cause, "valid_from", 0, cause->today);
    int32_t until = cause_row_day(cause, "valid_until", 0, DAY_OPEN);
    stamp at = from == DAY_OPEN ? cause->stamp : stamp_of_day(from);
    uint32_t rows = cause_rows(cause, "tariff");
    if (is_published(cause, cause_text(cause, "list_version"))) {
        decision_refuse(decision, "LIST-KNOWN", "该版本号的收费清单已公示",
                        "a charge list of this version was published before");
        return;
    }
    decision_move(decision, "charges", key, "publish", "", "published", at, "party", cause->sender, "version",
                  cause_text(cause, "list_version"), NULL);
    decision_put_rows(decision, "tariffs", tariffs_of(cause), rows);
    decision_put(decision, "valid_from", from);
    decision_put(decision, "valid_until", until);
    decision_answer(
        decision, "PUBLISHED",
        arena_printf(arena, "收费清单 %s 已公示，共 %" PRIu32 " 项", cause_text(cause, "list_version"), rows),
        arena_printf(arena, "charge list %s is published, %" PRIu32 " items",
                     cause_text(cause, "list_version"), rows));
    decision_detail(decision, "valid_from", shown_day(arena, from));
    decision_detail(decision, "valid_until", shown_day(arena, until));
}

static void decide_note(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct arena *arena = cause->arena;
    const char *payee = cause_text(cause, "payee_code"), *note = cause_text(cause, "note_id");
    struct list list = list_in_force(cause, payee, subject_port(cause), service_day(cause, 0));
    decision_subject(decision, charges_goods(cause));
    decision_move(decision, "charges", arena_printf(arena, "%s/%s", cause->sender, note), "charge", "",
                  "listed", cause->metadata->env.received, "party", cause->sender, "own_id", note, "payee",
                  payee, "payer", cause_text(cause, "payer_code"), "subject", decision->subject, "total",
                  cause_text(cause, "total"), "currency", cause_text(cause, "currency"), "version",
                  list.version, NULL);
    decision_put_rows(decision, "lines", lines_of(cause), cause_rows(cause, "line"));
    decision_put(decision, "list", list.record);
    decision_answer(decision, "LISTED", "收费单各项均在公示清单之内",
                    "every line of the note stands in the published list");
    decision_detail(decision, "note_id", note);
    decision_detail(decision, "list_record", arena_printf(arena, "%" PRId64, list.record));
    decision_detail(decision, "list_version", list.version);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "publish", NULL, {                               /* its key is OPERATOR@PORT */
        "INSERT OR IGNORE INTO charge_lists(operator, port, valid_from, record, valid_until, version, party)"
        " VALUES(substr(:key, 1, instr(:key, '@') - 1), substr(:key, instr(:key, '@') + 1), :valid_from, :cause,"
        " :valid_until, :version, :party)",
        "INSERT OR IGNORE INTO tariffs(list, item, unit, line, name, rate, currency, basis, withdrawn)"
        " SELECT :cause, value ->> 0, value ->> 1, key + 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,"
        " value ->> 6 FROM json_each(:tariffs)" }, NULL },
    { "charge", NULL, {
        "INSERT OR REPLACE INTO charge_notes(key, record, party, own_id, payee, payer, subject, list, version,"
        " total, currency, state) VALUES(:key, :cause, :party, :own_id, :payee, :payer, :subject, :list, :version,"
        " :total, :currency, :to)",
        "DELETE FROM charge_lines WHERE note = :key",
        "INSERT OR IGNORE INTO charge_lines(note, line, item, rate, amount, version)"
        " SELECT :key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(:lines)" },
      "subject" },
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
