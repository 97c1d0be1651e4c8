/*
 * labs.c - the registry of laboratories 采信机构名录: whose reports customs accepts, of which goods, by which
 * methods, from when until when.
 *
 * What customs registered last of a laboratory is all that holds of it: a registration tells its scope anew,
 * a suspension or withdrawal ends it at once, for reports that come from then on. So a laboratory has no life
 * cycle of states that only go forward: one that is suspended may be accepted again.
 */
#include <string.h>

#include "base/status.h"
#include "engine/parts/labs.h"

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS labs(key TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL,"
    "  party TEXT NOT NULL, record INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lab_scopes(lab TEXT NOT NULL, method TEXT NOT NULL, hs TEXT NOT NULL,"
    "  valid_from INTEGER NOT NULL, valid_until INTEGER NOT NULL,"
    "  PRIMARY KEY(lab, method, hs, valid_from)) STRICT, WITHOUT ROWID;";

bool lab_is_accepted(const struct cause *cause, const char *lab) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT 1 FROM labs WHERE key = ? AND status = 'ACCEPTED'");
    store_bind_string(query, 1, lab);
    return state_exists(cause->state, query);
}

bool lab_is_in_scope(const struct cause *cause, const char *lab, const char *hs_code, const char *method,
                     int32_t day) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT 1 FROM lab_scopes JOIN labs ON key = lab AND status = 'ACCEPTED' WHERE lab = ?1"
        " AND method = ?2 AND hs = substr(?3, 1, length(hs)) AND valid_from <= ?4 AND valid_until > ?4");
    store_bind_string(query, 1, lab);
    store_bind_string(query, 2, method);
    store_bind_string(query, 3, hs_code);
    store_bind_int(query, 4, day);
    return state_exists(cause->state, query);
}

static void decide(struct cause *cause) {
    struct decision *decision = cause->decision;
    const char *lab = cause_text(cause, "lab_code");
    stamp at = cause->metadata->env.received;
    decision_move(decision, "labs", lab, "register", "", "", at, "name", cause_text(cause, "lab_name"),
                  "status", cause_text(cause, "lab_status"), "party", cause->sender, NULL);
    for (uint32_t row = 0; row < cause_rows(cause, "scope"); row++) {
        decision_move(decision, "labs", lab, "scope", "", "", at, "hs",
                      cause_row_text(cause, "scope.hs_heading", row), "method",
                      cause_row_text(cause, "scope.method", row), NULL);
        decision_put(decision, "valid_from", cause_row_day(cause, "scope.valid_from", row, cause->today));
        decision_put(decision, "valid_until", cause_row_day(cause, "scope.valid_until", row, DAY_OPEN));
    }
    decision_answer(decision, "LAB-REGISTERED", "采信机构已登记", "the laboratory is registered");
    decision_detail(decision, "laboratory", lab);
    decision_detail(decision, "status", cause_text(cause, "lab_status"));
}

/* clang-format off */
static const struct part_move moves[] = {
    { "register", NULL, {
        "INSERT OR REPLACE INTO labs(key, name, status, party, record)"
        " VALUES(:key, :name, :status, :party, :cause)",
        "DELETE FROM lab_scopes WHERE lab = :key" }, NULL },
    { "scope", NULL, {
        "INSERT OR REPLACE INTO lab_scopes(lab, method, hs, valid_from, valid_until)"
        " VALUES(:key, :method, :hs, :valid_from, :valid_until)" }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "lab-registration", NULL, decide },
    { 0 },
};

const struct part part_labs = {
    .name = "labs",
    .noun = "laboratory",
    .state_of = "SELECT status FROM labs WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
