/*
 * pickups.c - electronic pick-up 电子化提箱: who may fetch a released container, with which truck, by a
 * token that counts once.
 *
 *   open ──► used
 *     └────► replaced
 *
 * The holder of released imports asks for a token of one container and one truck. It is signed over both
 * and the release (engine/pick_up_token.h), and shown to its holder alone, who asks for it; state.db has
 * its digest. At the gate the terminal sends the token with the container and the truck it sees. The first
 * use in the journal's order counts, whatever gate it was; with it the container is gone, and no other
 * token of it opens a gate. Who asks anew, for another truck, has the token before replaced. Who may do
 * what is said by the engine-stage rules (E01 ...) over what is made known here; a token that is forged,
 * and one of another container or truck, make the same known.
 */
#include <string.h>

#include "engine/parts/bookings.h"
#include "engine/pick_up_token.h"
#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "open",     10, "可提箱",   "may be used" },
    { "replaced", 20, "已作废",   "replaced"    },
    { "used",     30, "已提箱",   "used"        },
};

static const struct lifecycle_event events[] = {
    { "grant", "open", "签发电子提箱凭证", "pick-up token granted" },
    { "use",   "used", "凭证提箱",         "picked up by a token"  },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "pickups", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* gate: the party that used it; digest: of the token */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS pickups(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  subject TEXT NOT NULL, container TEXT NOT NULL, truck TEXT NOT NULL, digest TEXT NOT NULL,"
    "  released INTEGER NOT NULL, until INTEGER NOT NULL, record INTEGER NOT NULL, gate TEXT NOT NULL,"
    "  used INTEGER NOT NULL, used_at INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX IF NOT EXISTS pickups_digest ON pickups(digest);"
    "CREATE INDEX IF NOT EXISTS pickups_container ON pickups(container, subject);"
    "CREATE INDEX IF NOT EXISTS pickups_party ON pickups(party, record);"
    "CREATE INDEX IF NOT EXISTS pickups_subject ON pickups(subject);";

/* --- asked for ------------------------------------------------------------------------------------------ */

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s", cause->sender, cause_text(cause, "pick_up_id"));
}

static const char *container_of(const struct cause *cause) {
    return cause_row_text(cause, "container.number", 0);
}

static bool is_known(const struct cause *cause) {
    struct store_query *query = store_query(state_store(cause->state), "SELECT 1 FROM pickups WHERE key = ?");
    store_bind_string(query, 1, key_of(cause));
    return state_exists(cause->state, query);
}

static bool is_gone(const struct cause *cause, const char *subject) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT 1 FROM pickups WHERE container = ? AND subject = ? AND state = 'used'");
    store_bind_string(query, 1, container_of(cause));
    store_bind_string(query, 2, subject);
    return state_exists(cause->state, query);
}

/* The sender's own imports that the container is of. */
static bool find_goods(struct cause *cause, struct declaration *out) {
    return bookings_own_container(cause, container_of(cause), out) && strcmp(out->direction, "import") == 0;
}

static void enrich_request(struct cause *cause) {
    struct declaration declaration;
    bool own = find_goods(cause, &declaration);
    cause_enrich_flag(cause, "bill_known", 0, own);
    cause_enrich_flag(cause, "container.released", 0, own && declaration_is_released(&declaration));
    cause_enrich_flag(cause, "pick_up_known", 0, is_known(cause));
    cause_enrich_flag(cause, "picked_up", 0, own && is_gone(cause, declaration.subject));
}

static void decide_request(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct declaration declaration;
    if (!cause->edition->pick_up_key) {
        decision_refuse(decision, "PICK-UP-OFF", "本口岸未启用电子提箱凭证",
                        "no pick-up tokens are signed here");
        return;
    }
    if (!find_goods(cause, &declaration) || !declaration_is_released(&declaration) || is_known(cause)
        || is_gone(cause, declaration.subject)) { /* rules say it better; this holds where none does */
        decision_refuse(decision, "NO-PICK-UP", "没有可提箱的货物",
                        "there is nothing here that could be picked up");
        return;
    }
    stamp received = cause->metadata->env.received;
    const struct pick_up pick_up = { .goods = declaration.subject,
                                     .container = container_of(cause),
                                     .truck = cause_text(cause, "truck_id"),
                                     .released = declaration.released_at,
                                     .until = received + cause_term(cause, TERM_PICK_UP),
                                     .number = cause->number };
    char until[STAMP_TEXT_MAX];
    decision_subject(decision, declaration.subject);
    decision_move(decision, "pickups", key_of(cause), "grant", "", "open", received, "party", cause->sender,
                  "own_id", cause_text(cause, "pick_up_id"), "subject", declaration.subject, "container",
                  pick_up.container, "truck", pick_up.truck, "digest",
                  pick_up_digest(pick_up_token(cause->edition, &pick_up, cause->arena), cause->arena), NULL);
    decision_put(decision, "released", pick_up.released);
    decision_put(decision, "until", pick_up.until);
    decision_answer(decision, "PICK-UP-GRANTED", "电子提箱凭证已签发，请查询领取（clearway pickups）",
                    "the pick-up token is granted; ask for it (clearway pickups)");
    decision_detail(decision, "pick_up_id", cause_text(cause, "pick_up_id"));
    decision_detail(decision, "until", stamp_print(pick_up.until, until));
}

/* --- used ----------------------------------------------------------------------------------------------- */

struct pickup {
    const char *key, *party, *own_id, *subject, *state;
    stamp until;
};

/* What the message's token was granted for: this container, this truck, at this port. */
static bool find_token(const struct cause *cause, struct pickup *out) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT key, party, own_id, subject, state, until FROM pickups"
                                               " WHERE digest = ? AND container = ? AND truck = ?");
    store_bind_string(query, 1, pick_up_digest(cause_text(cause, "pick_up_token"), cause->arena));
    store_bind_string(query, 2, container_of(cause));
    store_bind_string(query, 3, cause_text(cause, "truck_id"));
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct pickup){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                                row_text(query, 4, cause->arena), store_int(query, 5) };
    }
    store_reset(query);
    return found && strcmp(subject_port_of(cause, out->subject), subject_port(cause)) == 0;
}

static bool is_open(const struct cause *cause, const struct pickup *pickup) {
    return strcmp(pickup->state, "open") == 0 && cause->metadata->env.received < pickup->until;
}

/* Customs may have thought better of it since. */
static bool is_released(const struct cause *cause, const struct pickup *pickup) {
    const char *container = container_of(cause);
    bool released = false;
    declarations_released(cause, pickup->subject, "import", &container, 1, &released);
    return released;
}

static void enrich_use(struct cause *cause) {
    struct pickup pickup;
    bool known = find_token(cause, &pickup);
    cause_enrich_flag(cause, "token_known", 0, known);
    cause_enrich_flag(cause, "token_open", 0, known && is_open(cause, &pickup));
    cause_enrich_flag(cause, "container.released", 0, known && is_released(cause, &pickup));
}

static void decide_use(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct pickup pickup;
    if (!find_token(cause, &pickup) || !is_open(cause, &pickup)
        || !is_released(cause, &pickup)) { /* rules say it better; this holds where none does */
        decision_refuse(decision, "NO-PICK-UP", "没有可提箱的货物",
                        "there is nothing here that could be picked up");
        return;
    }
    decision_subject(decision, pickup.subject);
    decision_move(decision, "pickups", pickup.key, "use", "open", "used", cause->metadata->env.received,
                  "gate", cause->sender, "subject", pickup.subject, "container", container_of(cause), NULL);
    decision_answer(decision, "PICKED-UP", "凭证有效，可以放箱；凭证就此作废",
                    "the token is good: the container may leave, and the token counts no more");
    decision_detail(decision, "container", container_of(cause));
    decision_detail(decision, "truck", cause_text(cause, "truck_id"));
    decision_send(decision, pickup.party, 0, "pick-up");
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "grant", NULL, {
        "UPDATE pickups SET state = 'replaced' WHERE container = :container AND subject = :subject"
        " AND party = :party AND state = 'open'",
        "INSERT INTO pickups(key, party, own_id, subject, container, truck, digest, released, until, record, gate, used,"
        " used_at, state) VALUES(:key, :party, :own_id, :subject, :container, :truck, :digest, :released, :until, :cause,"
        " '', 0, 0, :to)" }, "subject" },
    { "use", NULL, {
        "UPDATE pickups SET state = 'replaced' WHERE container = :container AND subject = :subject"
        " AND state = 'open' AND key <> :key",
        "UPDATE pickups SET state = :to, gate = :gate, used = :cause, used_at = :at WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "pick-up-request", enrich_request, decide_request },
    { "pick-up", enrich_use, decide_use },
    { 0 },
};

const struct part part_pickups = {
    .name = "pickups",
    .lifecycle = &lifecycle,
    .noun = "pickup",
    .state_of = "SELECT state FROM pickups WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
