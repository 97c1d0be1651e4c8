/*
 * ratings.c - ratings of services 服务评价: what a trader or agent says of an operator of the port.
 *
 *   rated ──► answered
 *
 * A rating stands on a transaction that was completed between the two: a charge note, rated by its payer, or
 * an inspection that is done, rated by who booked it and said of who serves the site. There is one rating for
 * a transaction: a later message of the same rater changes it, as long as schemas/terms allows, and it counts
 * in the month in which it was first given. The operator answers once. Who may do what is said by the
 * engine-stage rules (F02 ...) over what is made known here; "not yours" and "not there" make the same known.
 */
#include <inttypes.h>
#include <string.h>

#include "engine/parts/bookings.h"
#include "engine/parts/charges.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "rated",    10, "已评价", "rated"    },
    { "answered", 20, "已答复", "answered" },
};

static const struct lifecycle_event events[] = {
    { "rate",   "rated",    "服务评价", "service rated"    },
    { "change", "",         "修改评价", "rating changed"   },
    { "reply",  "answered", "答复评价", "rating answered"  },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "ratings", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* operator: its code; rated: the party that it is. first: when it was given, record: by what it stands now */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS ratings(key TEXT PRIMARY KEY, operator TEXT NOT NULL, rated TEXT NOT NULL,"
    "  rater TEXT NOT NULL, party TEXT NOT NULL, kind TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  subject TEXT NOT NULL, first INTEGER NOT NULL, record INTEGER NOT NULL, score INTEGER NOT NULL,"
    "  reply INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS ratings_operator ON ratings(operator, first);"
    "CREATE INDEX IF NOT EXISTS ratings_own ON ratings(own_id, operator);"
    "CREATE TABLE IF NOT EXISTS rating_aspects(rating TEXT NOT NULL, aspect TEXT NOT NULL,"
    "  score INTEGER NOT NULL, PRIMARY KEY(rating, aspect)) STRICT, WITHOUT ROWID;";

/* --- what is rated -------------------------------------------------------------------------------------- */

struct transaction {
    const char *key, *operator, * subject; /* operator: the party */
};

/* The party that serves the site of an inspection and is called by this code. */
static const struct party *operator_of_site(const struct cause *cause, const char *site, const char *code) {
    const struct parties *parties = cause->edition->parties;
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if ((party_has_role(party, "yard") || party_has_role(party, "terminal"))
            && party_list_has(party->serves, text_of(site))
            && party_list_has(party->declares, text_of(code))) {
            return party;
        }
    }
    return NULL;
}

static bool find_inspection(const struct cause *cause, const char *id, struct transaction *out) {
    struct booking_done booking;
    if (!bookings_done(cause, cause->sender, id, &booking)) {
        return false;
    }
    const struct party *operator= operator_of_site(cause, booking.site, cause_text(cause, "operator_code"));
    if (!operator) {
        return false;
    }
    *out = (struct transaction){ booking.key, operator->code, booking.subject };
    return true;
}

static bool find_note(const struct cause *cause, const char *id, struct transaction *out) {
    struct charge_note note;
    if (!charges_note(cause, cause_text(cause, "operator_code"), id, &note)
        || strcmp(note.payer, cause_text(cause, "rater_code")) != 0) {
        return false;
    }
    *out = (struct transaction){ note.key, note.party, note.subject };
    return true;
}

/* clang-format off */
static const struct {
    const char *kind; /* of the list transaction_kinds */
    bool (*find)(const struct cause *cause, const char *id, struct transaction *out);
} kinds[] = {
    { "CHARGE_NOTE", find_note },
    { "INSPECTION", find_inspection },
};
/* clang-format on */

/* The completed transaction between the sender and the operator that the rating names. */
static bool find_transaction(const struct cause *cause, struct transaction *out) {
    const char *kind = cause_text(cause, "transaction_kind"), *id = cause_text(cause, "transaction_id");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            return kinds[i].find(cause, id, out);
        }
    }
    return false;
}

/* --- ratings -------------------------------------------------------------------------------------------- */

struct rating {
    const char *key, *party, *state, *subject;
    stamp first;
};

static bool read_rating(const struct cause *cause, struct store_query *query, struct rating *out) {
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct rating){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                                store_int(query, 4) };
    }
    store_reset(query);
    return found;
}

#define RATING "SELECT key, party, state, subject, first FROM ratings"

static const char *key_of(const struct cause *cause, const struct transaction *transaction) {
    return arena_printf(cause->arena, "%s/%s", cause_text(cause, "transaction_kind"), transaction->key);
}

static bool rating_get(const struct cause *cause, const char *key, struct rating *out) {
    struct store_query *query = store_query(state_store(cause->state), RATING " WHERE key = ?");
    store_bind_string(query, 1, key);
    return read_rating(cause, query, out);
}

/* The one that the operator's reply is about: it names the transaction and who rated by their numbers. */
static bool rating_of_reply(const struct cause *cause, struct rating *out) {
    struct store_query *query =
        store_query(state_store(cause->state), RATING " WHERE own_id = ? AND operator = ? AND kind = ?"
                                                      " AND rater = ? AND rated = ? ORDER BY key LIMIT 1");
    store_bind_string(query, 1, cause_text(cause, "transaction_id"));
    store_bind_string(query, 2, cause_text(cause, "operator_code"));
    store_bind_string(query, 3, cause_text(cause, "transaction_kind"));
    store_bind_string(query, 4, cause_text(cause, "rater_code"));
    store_bind_string(query, 5, cause->sender);
    return read_rating(cause, query, out);
}

static void enrich_rating(struct cause *cause) {
    struct transaction transaction;
    struct rating rating;
    bool known = find_transaction(cause, &transaction);
    bool rated = known && rating_get(cause, key_of(cause, &transaction), &rating);
    cause_enrich_flag(cause, "transaction_known", 0, known);
    cause_enrich_flag(cause, "rating_known", 0, rated);
    cause_enrich_flag(cause, "rating_own", 0, rated && strcmp(rating.party, cause->sender) == 0);
    if (rated) {
        cause_enrich_moment(cause, "rating_open_until", rating.first + cause_term(cause, TERM_RATING_CHANGE));
    }
}

static void enrich_reply(struct cause *cause) {
    struct rating rating;
    bool rated = rating_of_reply(cause, &rating);
    cause_enrich_flag(cause, "rating_known", 0, rated);
    cause_enrich_flag(cause, "rating_answered", 0, rated && strcmp(rating.state, "answered") == 0);
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static void move_aspects(struct cause *cause, const char *key, stamp at) {
    for (uint32_t row = 0; row < cause_rows(cause, "aspect"); row++) {
        decision_move(cause->decision, "ratings", key, "aspect", "", "", at, "aspect",
                      cause_row_text(cause, "aspect.code", row), "score",
                      cause_row_text(cause, "aspect.score", row), NULL);
    }
}

static void decide_rating(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct transaction transaction;
    struct rating before = { .state = "", .first = cause->metadata->env.received };
    if (!find_transaction(cause, &transaction)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-TRANSACTION", "没有该笔已完成的业务",
                        "there is no such completed transaction");
        return;
    }
    const char *key = key_of(cause, &transaction);
    bool change = rating_get(cause, key, &before);
    const char *event = change ? "change" : "rate";
    decision_subject(decision, transaction.subject);
    decision_move(decision, "ratings", key, event, before.state,
                  lifecycle_next(&lifecycle, before.state, event), cause->metadata->env.received, "operator",
                  cause_text(cause, "operator_code"), "rated", transaction.operator, "rater",
                  cause_text(cause, "rater_code"), "party", cause->sender, "kind",
                  cause_text(cause, "transaction_kind"), "own_id", cause_text(cause, "transaction_id"),
                  "subject", transaction.subject, "score", cause_text(cause, "score"), NULL);
    decision_put(decision, "first", before.first);
    move_aspects(cause, key, cause->metadata->env.received);
    if (change) {
        decision_answer(decision, "RATING-CHANGED", "评价已修改", "the rating is changed");
    } else {
        decision_answer(decision, "RATED", "评价已登记", "the rating is recorded");
    }
    decision_detail(decision, "transaction", cause_text(cause, "transaction_id"));
}

static void decide_reply(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct rating rating;
    if (!rating_of_reply(cause, &rating)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-RATING", "没有该评价", "there is no such rating");
        return;
    }
    decision_subject(decision, rating.subject);
    decision_move(decision, "ratings", rating.key, "reply", rating.state,
                  lifecycle_next(&lifecycle, rating.state, "reply"), cause->metadata->env.received, "subject",
                  rating.subject, NULL);
    decision_answer(decision, "RATING-ANSWERED", "答复已登记", "the reply is recorded");
    decision_detail(decision, "transaction", cause_text(cause, "transaction_id"));
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "rate", NULL, {
        "INSERT INTO ratings(key, operator, rated, rater, party, kind, own_id, subject, first, record, score,"
        " reply, state) VALUES(:key, :operator, :rated, :rater, :party, :kind, :own_id, :subject, :first, :cause,"
        " :score, 0, :to)" }, "subject" },
    { "change", NULL, {
        "UPDATE ratings SET record = :cause, score = :score, subject = :subject WHERE key = :key",
        "DELETE FROM rating_aspects WHERE rating = :key" }, "subject" },
    { "aspect", NULL, {
        "INSERT OR REPLACE INTO rating_aspects(rating, aspect, score) VALUES(:key, :aspect, :score)" }, NULL },
    { "reply", NULL, {
        "UPDATE ratings SET reply = :cause, state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "service-rating", enrich_rating, decide_rating },
    { "rating-reply", enrich_reply, decide_reply },
    { 0 },
};

const struct part part_ratings = {
    .name = "ratings",
    .lifecycle = &lifecycle,
    .noun = "rating",
    .state_of = "SELECT state FROM ratings WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
