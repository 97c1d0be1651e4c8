/*
 * export_notices.c - what the parties of an export's money are told once the goods have left: the tax office
 * for the refund 出口退税, the credit insurer 出口信保, the bank for the settlement 结汇.
 *
 *   watched ──► sent ──► received        each of them says so
 *                 └────► queried ──► received
 *
 * An export is watched from its declaration, which says who exports what for how much. It has left when
 * customs closed it 结关, or when it is released and the port tells that its ship departed, whichever is
 * told first; then a timer that is due at once makes one notice of it, a decision of its own. The notice
 * holds what these parties need and no more, and goes to those of them alone that serve the exporter by their
 * row: which bank an exporter has is nobody else's business. Each answers for itself (ExportNoticeReply), and
 * until it has the notice stands open for it (view/notices.h).
 */
#include <inttypes.h>
#include <string.h>

#include "base/decimal.h"
#include "base/json.h"
#include "edition/party.h"
#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"
#include "engine/parts/links.h"
#include "engine/parts/milestones.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "watched",  10, "未离境",   "has not left"       },
    { "sent",     20, "未确认",   "not acknowledged"   },
    { "queried",  20, "有疑问",   "queried"            },
    { "received", 30, "已确认",   "acknowledged"       },
};

static const struct lifecycle_event events[] = {
    { "watch",   "watched",  NULL, NULL },
    { "notify",  "sent",     "出口信息已告知税务、信保、银行", "export told to tax office, insurer and bank" },
    { "QUERY",   "queried",  "出口信息有疑问",   "export notice queried"      },
    { "RECEIVE", "received", "出口信息已确认",   "export notice acknowledged" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "export_notices", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* number: that the notice has, of the record that made it; 0: it has not left. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS export_notices(key TEXT PRIMARY KEY, party TEXT NOT NULL,"
    "  own_id TEXT NOT NULL, subject TEXT NOT NULL, bill TEXT NOT NULL, trader TEXT NOT NULL,"
    "  scc TEXT NOT NULL, name TEXT NOT NULL, trade_mode TEXT NOT NULL, amount TEXT NOT NULL,"
    "  entry TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS export_notices_watched ON export_notices(subject) WHERE state = 'watched';"
    "CREATE UNIQUE INDEX IF NOT EXISTS export_notices_number ON export_notices(number) WHERE number > 0;"
    "CREATE TABLE IF NOT EXISTS export_notice_parties(number INTEGER NOT NULL, party TEXT NOT NULL,"
    "  role TEXT NOT NULL, reply INTEGER NOT NULL, replied INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  state TEXT NOT NULL, PRIMARY KEY(number, party)) STRICT, WITHOUT ROWID;";

#define TOLD_MAX       100 /* that are told of one export */
#define CURRENCIES_MAX 8   /* that the amounts of one export are told in */
#define AMOUNTS_MAX    400
#define ROWS_MAX       65536
#define MOVES_ENOUGH   (DECISION_MOVES_MAX / 2)

static const char *const roles[] = { "tax", "insurer", "bank" };

#define ROLES_COUNT (sizeof(roles) / sizeof(*roles))

/* --- who is told ---------------------------------------------------------------------------------------- */

struct told {
    const struct party *party;
    const char *role; /* the first of these that it has */
};

static const char *role_of(const struct party *party) {
    for (size_t i = 0; i < ROLES_COUNT; i++) {
        if (party_has_role(party, roles[i])) {
            return roles[i];
        }
    }
    return NULL;
}

static bool serves(const struct party *party, const char *code) {
    return *code && party_list_has(party->serves, text_of(code));
}

/* Those that serve the exporter, by its customs code or its social credit code. */
static size_t parties_of(const struct cause *cause, const char *trader, const char *scc,
                         struct told out[TOLD_MAX]) {
    const struct parties *parties = cause->edition->parties;
    size_t count = 0;
    for (size_t i = 0; i < parties->count && count < TOLD_MAX; i++) {
        const struct party *party = &parties->list[i];
        const char *role = role_of(party);
        if (role && (serves(party, trader) || serves(party, scc))) {
            out[count++] = (struct told){ party, role };
        }
    }
    return count;
}

static bool somebody_is_told(const struct cause *cause, const char *trader, const char *scc) {
    struct told told[TOLD_MAX];
    return parties_of(cause, trader, scc, told) > 0;
}

/* --- what is watched ------------------------------------------------------------------------------------ */

struct notice {
    const char *key, *subject, *bill, *trader, *scc, *name, *trade_mode, *amount, *state;
};

static bool notice_get(const struct cause *cause, const char *key, struct notice *out) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT key, subject, bill, trader, scc, name, trade_mode, amount, state FROM export_notices"
        " WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        const char *texts[9];
        for (int i = 0; i < 9; i++) {
            texts[i] = row_text(query, i, cause->arena);
        }
        *out = (struct notice){ texts[0], texts[1], texts[2], texts[3], texts[4],
                                texts[5], texts[6], texts[7], texts[8] };
    }
    store_reset(query);
    return found;
}

/* As this decision leaves it; "": it is not watched. */
static const char *state_now(const struct cause *cause, const char *key) {
    const char *now = state_of(cause->decision, "export_notices", key);
    struct notice notice;
    return now ? now : notice_get(cause, key, &notice) ? notice.state : "";
}

/* "USD 12000, EUR 300": of all items, by currency. "": not told, or not to be added up. */
static const char *amounts_of(const struct cause *cause) {
    struct {
        const char *currency;
        struct decimal sum;
    } amounts[CURRENCIES_MAX];
    size_t count = 0;
    char number[DECIMAL_TEXT_MAX];
    struct buf text;
    for (uint32_t row = 0; row < cause_rows(cause, "item"); row++) {
        const char *currency = cause_row_text(cause, "item.currency", row);
        struct decimal total;
        size_t i = 0;
        while (i < count && strcmp(amounts[i].currency, currency) != 0) {
            i++;
        }
        if (i == CURRENCIES_MAX
            || !decimal_parse(text_of(cause_row_text(cause, "item.total", row)), &total)) {
            return "";
        }
        if (i == count) {
            amounts[count].currency = currency;
            amounts[count++].sum = total;
        } else if (!decimal_add(amounts[i].sum, total, &amounts[i].sum)) {
            return "";
        }
    }
    buf_init(&text, AMOUNTS_MAX);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%s %s", i ? ", " : "", amounts[i].currency,
                   decimal_print(amounts[i].sum, number));
    }
    const char *copy = buf_failed(&text) ? "" : arena_copy(cause->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

static bool is_declared(const struct cause *cause) {
    const char *operation = cause_text(cause, "operation");
    return !*operation || strcmp(operation, "C") == 0 || strcmp(operation, "D") == 0;
}

/* Of an exporter that nobody serves nothing is kept. */
static void watch(struct cause *cause, const struct move *move) {
    const char *trader = cause_text(cause, "trader_code"), *scc = cause_text(cause, "trader_scc");
    const char *before = state_now(cause, move->key);
    struct declaration declaration;
    if ((*before && strcmp(before, "watched") != 0) || !somebody_is_told(cause, trader, scc)
        || !declaration_get(cause, move->key, &declaration)) {
        return;
    }
    decision_move(cause->decision, "export_notices", move->key, "watch", before, "watched", move->at, "party",
                  declaration.party, "own_id", declaration.own_id, "subject", declaration.subject, "bill",
                  cause_text(cause, "bill_number"), "trader", trader, "scc", scc, "name",
                  cause_text(cause, "trader_name"), "trade_mode", cause_text(cause, "trade_mode"), "amount",
                  amounts_of(cause), NULL);
}

/* --- it has left ---------------------------------------------------------------------------------------- */

static void notify_soon(struct cause *cause, const char *key) {
    if (strcmp(state_now(cause, key), "watched") == 0) {
        timer_set(cause->decision, "export_notices", key, "notify", cause->stamp);
    }
}

static bool has_departed(const struct cause *cause, const struct declaration *declaration) {
    return milestone_first_since(cause, declaration->subject, declaration_containers(cause, declaration->key),
                                 "DEPARTED", 0)
           != 0;
}

static void hear_declaration(struct cause *cause, const struct move *move) {
    struct declaration declaration;
    bool closed = strcmp(move->to, "closed") == 0, released = strcmp(move->to, "released") == 0;
    if ((closed || released) && strcmp(state_now(cause, move->key), "watched") == 0
        && declaration_get(cause, move->key, &declaration) && (closed || has_departed(cause, &declaration))) {
        notify_soon(cause, move->key);
    }
}

static bool is_departure(const struct move *move) {
    return consignment_is_entry(move)
           && strcmp(lifecycle_proves(&consignment_lifecycle, move->event), "departed") == 0;
}

static void hear_departure(struct cause *cause, const struct move *move) {
    const struct decision *decision = cause->decision;
    const char *containers = arena_copy(cause->arena, move_text(move, "containers")), *subject = move->key;
    struct declaration declaration;
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT key FROM export_notices WHERE subject = ? AND state = 'watched' ORDER BY key");
    store_bind_string(query, 1, subject);
    while (decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(cause->state)
           && state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena);
        if (declaration_is_meant(cause, key, containers) && declaration_get(cause, key, &declaration)
            && strcmp(declaration.state, "released") == 0) {
            notify_soon(cause, key);
        }
    }
    store_reset(query);
}

static void hear(struct cause *cause, const struct move *move) {
    if (move_is(move, "declarations", "declare") && text_is(move_text(move, "direction"), "export")) {
        if (cause->doc && is_declared(cause)) {
            watch(cause, move);
        }
    } else if (strcmp(move->part, "declarations") == 0) {
        hear_declaration(cause, move);
    } else if (is_departure(move)) {
        hear_departure(cause, move);
    }
}

/* --- the notice ----------------------------------------------------------------------------------------- */

static void detail_moment(struct decision *decision, const char *name, stamp at) {
    char text[STAMP_TEXT_MAX];
    decision_detail(decision, name, at ? stamp_print(at, text) : "");
}

/* [["TAX-QD","tax"],...] */
static void put_parties(struct decision *decision, const struct told *told, size_t count) {
    struct buf json;
    struct json_out out;
    buf_init(&json, ROWS_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    for (size_t i = 0; i < count; i++) {
        json_open_array(&out, NULL);
        json_put_string(&out, NULL, told[i].party->code);
        json_put_string(&out, NULL, told[i].role);
        json_close_array(&out);
    }
    json_close_array(&out);
    decision_put_rows(decision, "rows", arena_copy(decision->arena, buf_text(&json)), count);
    buf_release(&json);
}

static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct declaration declaration;
    struct notice notice;
    struct told told[TOLD_MAX];
    if (!notice_get(cause, cause->tick_key, &notice) || strcmp(notice.state, "watched") != 0
        || !declaration_get(cause, notice.key, &declaration)
        || (strcmp(declaration.state, "closed") != 0 && strcmp(declaration.state, "released") != 0)) {
        return; /* customs has said otherwise since */
    }
    size_t count = parties_of(cause, notice.trader, notice.scc, told);
    if (!count) {
        return;
    }
    const char *number = arena_printf(cause->arena, "%" PRIu64, cause->number);
    const char *entry = links_entry_of(cause, notice.key);
    decision_subject(decision, declaration.subject);
    decision_move(decision, "export_notices", notice.key, "notify", "watched", "sent", cause->stamp,
                  "subject", declaration.subject, "entry", entry, NULL);
    decision_put(decision, "number", (int64_t)cause->number);
    put_parties(decision, told, count);
    decision_answer(decision, "EXPORT-NOTICE", "出口货物已离境或结关，供出口退税、信保、结汇使用，请确认",
                    "these goods have left or are closed by customs: for tax refund, credit insurance and"
                    " settlement; please acknowledge");
    decision_detail(decision, "notice", number);
    decision_detail(decision, "entry_number", entry);
    decision_detail(decision, "trader_code", notice.trader);
    decision_detail(decision, "trader_scc", notice.scc);
    decision_detail(decision, "trader_name", notice.name);
    decision_detail(decision, "bill_number", notice.bill);
    decision_detail(decision, "trade_mode", notice.trade_mode);
    decision_detail(decision, "amount", notice.amount);
    detail_moment(decision, "released_at", declaration.released_at);
    detail_moment(decision, "departed_at",
                  milestone_first_since(cause, declaration.subject, declaration_containers(cause, notice.key),
                                        "DEPARTED", 0));
    decision_detail(decision, "state", declaration.state);
    for (size_t i = 0; i < count; i++) {
        decision_send(decision, told[i].party->code, 0, "export-notice");
    }
}

/* --- the reply ------------------------------------------------------------------------------------------ */

/* Of the notice that the message names, to its sender. */
static bool find_mine(const struct cause *cause, const char **key, const char **party, const char **subject,
                      const char **state) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT n.key, n.party, n.subject, p.state FROM export_notices n JOIN export_notice_parties p"
        " ON p.number = n.number WHERE n.number = CAST(?1 AS INTEGER) AND n.number > 0"
        " AND p.party = ?2 AND CAST(n.number AS TEXT) = ?1");
    store_bind_string(query, 1, cause_text(cause, "notice_id"));
    store_bind_string(query, 2, cause->sender);
    bool found = state_row(cause->state, query);
    *key = found ? row_text(query, 0, cause->arena) : "";
    *party = found ? row_text(query, 1, cause->arena) : "";
    *subject = found ? row_text(query, 2, cause->arena) : "";
    *state = found ? row_text(query, 3, cause->arena) : "";
    store_reset(query);
    return found;
}

static void enrich(struct cause *cause) {
    const char *key, *party, *subject, *state;
    cause_enrich_flag(cause, "notice_known", 0, find_mine(cause, &key, &party, &subject, &state));
    cause_enrich_flag(cause, "notice_received", 0, strcmp(state, "received") == 0);
}

static void decide(struct cause *cause) {
    struct decision *decision = cause->decision;
    const char *key, *party, *subject, *state, *reply = cause_text(cause, "notice_reply");
    const char *to = lifecycle_proves(&lifecycle, reply);
    if (!find_mine(cause, &key, &party, &subject, &state) || !*to) { /* a rule says it better */
        decision_refuse(decision, "NO-NOTICE", "没有发给您的该出口信息", "you were sent no such notice");
        return;
    }
    decision_subject(decision, subject);
    decision_move(decision, "export_notices", key, reply, state, to, cause->metadata->env.received, "subject",
                  subject, "number", cause_text(cause, "notice_id"), "by", cause->sender, "reason",
                  cause_text(cause, "reason"), NULL);
    cause->submitter = party;
    if (strcmp(to, "received") == 0) {
        decision_answer(decision, "NOTICE-RECEIVED", "出口信息已确认", "the notice is acknowledged");
    } else {
        decision_answer(decision, "NOTICE-QUERIED", "疑问已转申报方，确认后请再次答复",
                        "the query goes to the declarant; answer again once it is settled");
    }
    decision_detail(decision, "notice", cause_text(cause, "notice_id"));
}

/* --- what its moves do to it ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "watch", NULL, {
        "INSERT INTO export_notices(key, party, own_id, subject, bill, trader, scc, name, trade_mode, amount,"
        " entry, number, at, state) VALUES(:key, :party, :own_id, :subject, :bill, :trader, :scc, :name, :trade_mode,"
        " :amount, '', 0, :at, :to) ON CONFLICT DO UPDATE SET subject = excluded.subject, bill = excluded.bill,"
        " trader = excluded.trader, scc = excluded.scc, name = excluded.name, trade_mode = excluded.trade_mode,"
        " amount = excluded.amount, at = excluded.at" }, NULL },
    { "notify", NULL, {
        "UPDATE export_notices SET number = :number, entry = :entry, at = :at, state = :to WHERE key = :key",
        "INSERT INTO export_notice_parties(number, party, role, reply, replied, reason, state)"
        " SELECT :number, value ->> 0, value ->> 1, 0, 0, '', :to FROM json_each(:rows)" }, "subject" },
    { NULL, NULL, {
        "UPDATE export_notice_parties SET reply = :cause, replied = :at, reason = :reason, state = :to"
        " WHERE number = CAST(:number AS INTEGER) AND party = :by" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "export-notice-reply", enrich, decide },
    { 0 },
};

const struct part part_export_notices = {
    .name = "export_notices",
    .lifecycle = &lifecycle,
    .noun = "export-notice",
    .state_of = "SELECT state FROM export_notices WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .hear = hear,
    .moves = moves,
};
