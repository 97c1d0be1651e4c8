/*
 * supplements.c - documents that customs asks for 补充单证, though the declaration did not have to bring
 * them.
 *
 *   asked ──► overdue ──► answered
 *     └───────────────────┘
 *
 * Contract and packing list are never demanded up front: an officer who needs them asks, and says why. The
 * declarant answers with all that was asked for; from the notice a clock runs (schemas/terms,
 * supplement-reply), and when that ends without an answer, the two are told. Who may do what is said by the
 * engine-stage rules (U01 ...) over what is made known here; "not yours" and "not there" make the same known.
 */
#include <string.h>

#include "engine/parts/links.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "asked",    10, "待补充",     "asked for" },
    { "overdue",  20, "逾期未补充", "overdue"   },
    { "answered", 30, "已补充",     "answered"  },
};

static const struct lifecycle_event events[] = {
    { "ask",     "asked",    "要求补充单证",   "documents asked for"          },
    { "overdue", "overdue",  "单证逾期未补充", "documents not brought in time" },
    { "answer",  "answered", "补充单证",       "documents brought"            },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "supplements", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* party: customs that asks; owner: of the declaration; codes: "A B"; reply: the record of the answer, 0:
 * none */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS supplements(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  owner TEXT NOT NULL, entry TEXT NOT NULL, codes TEXT NOT NULL, reason TEXT NOT NULL,"
    "  subject TEXT NOT NULL, record INTEGER NOT NULL, received INTEGER NOT NULL, due INTEGER NOT NULL,"
    "  reply INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS supplements_own ON supplements(own_id, owner);"
    "CREATE INDEX IF NOT EXISTS supplements_due ON supplements(due);";

#define MISSING_MAX 2000 /* bytes of the codes that are told */

struct supplement {
    const char *key, *party, *own_id, *owner, *codes, *subject, *state;
};

#define SUPPLEMENT "SELECT key, party, own_id, owner, codes, subject, state FROM supplements"

static bool read_supplement(const struct cause *cause, struct store_query *query, struct supplement *out) {
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct supplement){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                                    row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                                    row_text(query, 4, cause->arena), row_text(query, 5, cause->arena),
                                    row_text(query, 6, cause->arena) };
    }
    store_reset(query);
    return found;
}

static bool supplement_get(const struct cause *cause, const char *key, struct supplement *out) {
    struct store_query *query = store_query(state_store(cause->state), SUPPLEMENT " WHERE key = ?");
    store_bind_string(query, 1, key);
    return read_supplement(cause, query, out);
}

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s", cause->sender, cause_text(cause, "supplement_id"));
}

/* Asked of the sender under this number: of several districts' that which is not answered, the oldest
 * first. */
static bool find_own(const struct cause *cause, struct supplement *out) {
    struct store_query *query =
        store_query(state_store(cause->state), SUPPLEMENT " WHERE own_id = ? AND owner = ?"
                                                          " ORDER BY state = 'answered', record LIMIT 1");
    store_bind_string(query, 1, cause_text(cause, "supplement_id"));
    store_bind_string(query, 2, cause->sender);
    return read_supplement(cause, query, out);
}

static bool is_answered(const struct supplement *supplement) {
    return strcmp(supplement->state, "answered") == 0;
}

/* --- asked ---------------------------------------------------------------------------------------------- */

/* One that was declared at an office of the sender's. */
static bool find_declaration(struct cause *cause, struct declaration *out) {
    struct declaration of_entry[LINKED_MAX];
    const struct party *party = parties_find(cause->edition->parties, text_of(cause->sender));
    size_t count = links_find(cause, "entry", cause_text(cause, "entry_number"), of_entry);
    for (size_t i = 0; i < count; i++) {
        const char *office = of_entry[i].office;
        if (party && (!*office || party_list_has(party->serves, text_of(office)))) {
            *out = of_entry[i];
            return true;
        }
    }
    return false;
}

static void enrich_notice(struct cause *cause) {
    struct supplement supplement;
    struct declaration declaration = { .key = "" };
    cause_enrich_flag(cause, "bill_known", 0, find_declaration(cause, &declaration));
    cause_enrich_flag(cause, "supplement_known", 0, supplement_get(cause, key_of(cause), &supplement));
}

static const char *codes_asked(const struct cause *cause) {
    const char *codes = "";
    for (uint32_t row = 0; row < cause_rows(cause, "document"); row++) {
        codes = arena_printf(cause->arena, "%s%s%s", codes, *codes ? " " : "",
                             cause_row_text(cause, "document.code", row));
    }
    return codes;
}

static void decide_notice(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct supplement before;
    struct declaration declaration = { .key = "" };
    stamp received = cause->metadata->env.received, due = received + cause_term(cause, TERM_SUPPLEMENT_REPLY);
    char due_text[STAMP_TEXT_MAX];
    if (supplement_get(cause, key_of(cause), &before)
        || !find_declaration(cause, &declaration)) { /* rules say it better; this holds where none does */
        decision_refuse(decision, "NO-SUPPLEMENT", "没有可要求补充单证的报关单",
                        "there is no declaration of which documents could be asked for so");
        return;
    }
    decision_subject(decision, declaration.subject);
    decision_move(decision, "supplements", key_of(cause), "ask", "", "asked", received, "party",
                  cause->sender, "own_id", cause_text(cause, "supplement_id"), "owner", declaration.party,
                  "entry", cause_text(cause, "entry_number"), "codes", codes_asked(cause), "reason",
                  cause_text(cause, "reason"), "subject", declaration.subject, NULL);
    decision_put(decision, "due", due);
    timer_set(decision, "supplements", key_of(cause), "overdue", due);
    cause->submitter = declaration.party;
    decision_answer(decision, "SUPPLEMENT-ASKED", "补充单证通知已登记并转申报人",
                    "the notice is recorded and handed to the declarant");
    decision_detail(decision, "supplement_id", cause_text(cause, "supplement_id"));
    decision_detail(decision, "reply_due", stamp_print(due, due_text));
}

/* --- answered ------------------------------------------------------------------------------------------- */

static bool brings(const struct cause *cause, struct text code) {
    for (uint32_t row = 0; row < cause_rows(cause, "document"); row++) {
        if (text_is(code, cause_row_text(cause, "document.code", row))) {
            return true;
        }
    }
    return false;
}

/* "00000002, 00000004": what customs asked for and the reply lacks. */
static const char *documents_missing(const struct cause *cause, const struct supplement *supplement) {
    const char *missing = "";
    struct text codes = text_of(supplement->codes);
    while (codes.length && strlen(missing) < MISSING_MAX) {
        struct text code = text_until(&codes, ' ');
        if (!brings(cause, code)) {
            missing = arena_printf(cause->arena, "%s%s" TEXT_FORMAT, missing, *missing ? ", " : "",
                                   TEXT_ARGS(code));
        }
    }
    return missing;
}

static void enrich_reply(struct cause *cause) {
    struct supplement supplement;
    bool known = find_own(cause, &supplement);
    cause_enrich_flag(cause, "supplement_known", 0, known);
    cause_enrich_flag(cause, "supplement_open", 0, known && !is_answered(&supplement));
    cause_enrich(cause, "documents_missing", 0, known ? documents_missing(cause, &supplement) : "");
}

static void decide_reply(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct supplement supplement;
    if (!find_own(cause, &supplement) || is_answered(&supplement)) { /* rules say it better */
        decision_refuse(decision, "NO-SUPPLEMENT", "没有向您要求补充的单证",
                        "no documents were asked of you");
        return;
    }
    timer_clear(decision, "supplements", supplement.key, "overdue");
    decision_subject(decision, supplement.subject);
    decision_move(decision, "supplements", supplement.key, "answer", supplement.state, "answered",
                  cause->metadata->env.received, "subject", supplement.subject, NULL);
    decision_send(decision, supplement.party, cause->number, "supplement");
    decision_answer(decision, "SUPPLEMENT-ANSWERED", "补充单证已登记并转海关",
                    "the documents are recorded and handed to customs");
    decision_detail(decision, "supplement_id", supplement.own_id);
}

static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct supplement supplement;
    if (!supplement_get(cause, cause->tick_key, &supplement) || strcmp(supplement.state, "asked") != 0) {
        return;
    }
    decision_subject(decision, supplement.subject);
    decision_move(decision, "supplements", supplement.key, "overdue", supplement.state, "overdue",
                  cause->stamp, "subject", supplement.subject, NULL);
    decision_answer(
        decision, "SUPPLEMENT-OVERDUE",
        arena_printf(cause->arena, "补充单证 %s 逾期未收到", supplement.own_id),
        arena_printf(cause->arena, "the documents of %s were not brought in time", supplement.own_id));
    decision_detail(decision, "supplement_id", supplement.own_id);
    decision_send(decision, supplement.owner, 0, "supplement");
    decision_send(decision, supplement.party, 0, "supplement");
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "ask", NULL, {
        "INSERT INTO supplements(key, party, own_id, owner, entry, codes, reason, subject, record, received, due, reply,"
        " state) VALUES(:key, :party, :own_id, :owner, :entry, :codes, :reason, :subject, :cause, :at, :due, 0, :to)" },
      "subject" },
    { "answer", NULL, { "UPDATE supplements SET reply = :cause, state = :to WHERE key = :key" }, "subject" },
    { NULL, NULL, { "UPDATE supplements SET state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "supplement-notice", enrich_notice, decide_notice },
    { "supplement-reply", enrich_reply, decide_reply },
    { 0 },
};

const struct part part_supplements = {
    .name = "supplements",
    .lifecycle = &lifecycle,
    .noun = "supplement",
    .state_of = "SELECT state FROM supplements WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .moves = moves,
};
