/*
 * export_notices.c - what the parties of an export's money are told once the goods have left: the tax office
 * for the refund 出口退税, the credit insurer 出口信保, the bank for the settlement 结汇.
 *
 *   watched ──► sent ──► received        each of them says so, of what it was told last
 *      ▲         │ └───► queried ──► received
 *      │         ├─────► replaced                 by the notice of the declaration that amends it
 *      └──────── withdrawn                        it has not left after all
 *
 * An export is watched from its declaration, which says who exports what for how much. It has left when
 * customs closed it 结关, or when it is released and the port tells that its ship departed, whichever is
 * told first; then a timer that is due at once makes one notice of it, a decision of its own. The notice
 * holds what these parties need and no more, and goes to those of them alone that serve the exporter by their
 * row: which bank an exporter has is nobody else's business. Each answers for itself (ExportNoticeReply), and
 * until it has the notice stands open for it (view/notices.h).
 *
 * What was told may turn out otherwise. Customs cancels or refuses the export, or the port takes its
 * departure back: the notice is withdrawn, and comes anew if the goods leave after all. A later declaration
 * of the same entry number amends it: its notice replaces the other, and who is no party to it any more hears
 * that the other is withdrawn. Both are decisions of their own, acknowledged as the first was; what they
 * replace is not waited for any longer.
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
    { "watched",    10, "未离境",   "has not left"       },
    { "sent",       20, "未确认",   "not acknowledged"   },
    { "queried",    20, "有疑问",   "queried"            },
    { "received",   30, "已确认",   "acknowledged"       },
    { "withdrawn",  30, "已撤回",   "withdrawn"          },
    { "replaced",   30, "已被取代",   "replaced"           },
};

static const struct lifecycle_event events[] = {
    { "watch",   "watched",  NULL, NULL },
    { "notify",  "sent",     "出口信息已告知税务、信保、银行", "export told to tax office, insurer and bank" },
    { "withdraw", "withdrawn", "出口信息已撤回", "notice of the export withdrawn" },
    { "replace", "replaced", "出口信息已由更正取代", "notice of the export replaced by an amended one" },
    { "QUERY",   "queried",  "出口信息有疑问",   "export notice queried"      },
    { "RECEIVE", "received", "出口信息已确认",   "export notice acknowledged" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "export_notices", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* number: that the notice has, of the record that made it; 0: it has not left. Of the parties: one row for
 * each number that was told to one of them; kind: notice, amendment, withdrawal; replaces: the number before
 * it; by: the number that took its place; 0 none. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS export_notices(key TEXT PRIMARY KEY, party TEXT NOT NULL,"
    "  own_id TEXT NOT NULL, subject TEXT NOT NULL, bill TEXT NOT NULL, trader TEXT NOT NULL,"
    "  scc TEXT NOT NULL, name TEXT NOT NULL, trade_mode TEXT NOT NULL, amount TEXT NOT NULL,"
    "  entry TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS export_notices_subject ON export_notices(subject);"
    "CREATE INDEX IF NOT EXISTS export_notices_entry ON export_notices(entry) WHERE state = 'sent';"
    "CREATE TABLE IF NOT EXISTS export_notice_parties(number INTEGER NOT NULL, party TEXT NOT NULL,"
    "  role TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, replaces INTEGER NOT NULL,"
    "  by INTEGER NOT NULL, entry TEXT NOT NULL, amount TEXT NOT NULL, at INTEGER NOT NULL,"
    "  reply INTEGER NOT NULL, replied INTEGER NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL,"
    "  PRIMARY KEY(number, party)) STRICT, WITHOUT ROWID;";

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
    const char *key, *party, *subject, *bill, *trader, *scc, *name, *trade_mode, *amount, *entry, *state;
    int64_t number; /* that was told last; 0: none */
};

#define NOTICE_TEXTS 11

static bool notice_get(const struct cause *cause, const char *key, struct notice *out) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT key, party, subject, bill, trader, scc, name, trade_mode, amount, entry, state, number"
        " FROM export_notices WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        const char *texts[NOTICE_TEXTS];
        for (int i = 0; i < NOTICE_TEXTS; i++) {
            texts[i] = row_text(query, i, cause->arena);
        }
        *out = (struct notice){ .key = texts[0],
                                .party = texts[1],
                                .subject = texts[2],
                                .bill = texts[3],
                                .trader = texts[4],
                                .scc = texts[5],
                                .name = texts[6],
                                .trade_mode = texts[7],
                                .amount = texts[8],
                                .entry = texts[9],
                                .state = texts[10],
                                .number = store_int(query, NOTICE_TEXTS) };
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

/* Nothing is told of it, or not any more. */
static bool is_untold(const char *state) {
    return strcmp(state, "watched") == 0 || strcmp(state, "withdrawn") == 0;
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
    if ((*before && !is_untold(before)) || !somebody_is_told(cause, trader, scc)
        || !declaration_get(cause, move->key, &declaration)) {
        return;
    }
    decision_move(cause->decision, "export_notices", move->key, "watch", before, "watched", move->at, "party",
                  declaration.party, "own_id", declaration.own_id, "subject", declaration.subject, "bill",
                  cause_text(cause, "bill_number"), "trader", trader, "scc", scc, "name",
                  cause_text(cause, "trader_name"), "trade_mode", cause_text(cause, "trade_mode"), "amount",
                  amounts_of(cause), NULL);
}

/* --- it has left, or not -------------------------------------------------------------------------------- */

static bool has_departed(const struct cause *cause, const struct declaration *declaration) {
    return milestone_first_since(cause, declaration->subject, declaration_containers(cause, declaration->key),
                                 "DEPARTED", 0)
           != 0;
}

static bool is_released(const struct declaration *declaration) {
    return strcmp(declaration->state, "released") == 0;
}

static bool has_left(const struct cause *cause, const struct declaration *declaration) {
    return strcmp(declaration->state, "closed") == 0
           || (is_released(declaration) && has_departed(cause, declaration));
}

static void tell_soon(struct cause *cause, const char *key, const char *event) {
    timer_set(cause->decision, "export_notices", key, event, cause->stamp);
}

static void hear_declaration(struct cause *cause, const struct move *move) {
    struct declaration declaration;
    const char *state = state_now(cause, move->key);
    if (!*state || !*move->to || !declaration_get(cause, move->key, &declaration)) {
        return;
    }
    bool left = has_left(cause, &declaration);
    if (is_untold(state) && left) {
        tell_soon(cause, move->key, "notify");
    } else if (strcmp(state, "sent") == 0 && !left) {
        tell_soon(cause, move->key, "withdraw");
    }
}

static bool is_departure(const struct move *move) {
    return consignment_is_entry(move)
           && strcmp(lifecycle_proves(&consignment_lifecycle, move->event), "departed") == 0;
}

/* Of those of the consignment, whether they are told of or not: what each has to be asked, its tick asks. */
static void hear_port(struct cause *cause, const char *subject, const char *containers, bool departed) {
    const struct decision *decision = cause->decision;
    struct declaration declaration;
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT key, state FROM export_notices WHERE subject = ? AND state <> 'replaced' ORDER BY key");
    store_bind_string(query, 1, subject);
    while (decision->moves_count < MOVES_ENOUGH && !state_budget_is_low(cause->state)
           && state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena);
        bool untold = is_untold(row_text(query, 1, cause->arena));
        if (untold != departed || !declaration_get(cause, key, &declaration) || !is_released(&declaration)) {
            continue;
        }
        if (!departed) {
            tell_soon(cause, key, "withdraw");
        } else if (declaration_is_meant(cause, key, containers)) {
            tell_soon(cause, key, "notify");
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
        hear_port(cause, arena_string(cause->arena, move->key),
                  arena_copy(cause->arena, move_text(move, "containers")), true);
    } else if (strcmp(move->part, "consignments") == 0 && consignment_is_taken_back(move)) {
        hear_port(cause, arena_string(cause->arena, move->key), "", false);
    }
}

/* --- the notice ----------------------------------------------------------------------------------------- */

/* Who was told under that number, as far as they are still parties here; but for who was told `but`. */
static size_t parties_told(const struct cause *cause, int64_t number, int64_t but,
                           struct told out[TOLD_MAX]) {
    size_t count = 0;
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT party FROM export_notice_parties WHERE number = ?1 AND party NOT IN"
                    " (SELECT party FROM export_notice_parties WHERE number = ?2) ORDER BY party");
    store_bind_int(query, 1, number);
    store_bind_int(query, 2, but);
    while (count < TOLD_MAX && state_row(cause->state, query)) {
        const struct party *party =
            parties_find(cause->edition->parties, text_of(row_text(query, 0, cause->arena)));
        const char *role = party ? role_of(party) : NULL;
        if (role) {
            out[count++] = (struct told){ party, role };
        }
    }
    store_reset(query);
    return count;
}

/* The notice of the same entry that this one replaces: of another declaration of its party. */
static bool find_amended(const struct cause *cause, const struct notice *notice, const char *entry,
                         const char **key, int64_t *number) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT key, number FROM export_notices WHERE entry = ? AND"
                                               " party = ? AND key <> ? AND state = 'sent' ORDER BY number");
    store_bind_string(query, 1, entry);
    store_bind_string(query, 2, notice->party);
    store_bind_string(query, 3, notice->key);
    bool found = *entry && state_row(cause->state, query);
    *key = found ? row_text(query, 0, cause->arena) : "";
    *number = found ? store_int(query, 1) : 0;
    store_reset(query);
    return found;
}

/* A later declaration of the same entry has left, too, and is told instead. */
static bool is_amended(struct cause *cause, const struct notice *notice, const char *entry) {
    struct declaration found[LINKED_MAX];
    size_t count = links_find(cause, "entry", entry, found);
    bool amended = false;
    for (size_t i = 0; i < count && strcmp(found[i].key, notice->key) != 0 && !amended; i++) {
        amended = *state_now(cause, found[i].key) && has_left(cause, &found[i]);
    }
    return amended;
}

static void detail_moment(struct decision *decision, const char *name, stamp at) {
    char text[STAMP_TEXT_MAX];
    decision_detail(decision, name, at ? stamp_print(at, text) : "");
}

/* Of the move made last: [["TAX-QD","tax"],...], and what they are told. */
static void put_parties(struct cause *cause, const char *kind, int64_t replaces, const struct told *told,
                        size_t count) {
    struct decision *decision = cause->decision;
    struct buf json;
    struct json_out out;
    buf_init(&json, ROWS_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    for (size_t i = 0; i < count; i++) {
        json_open_array(&out, NULL);
        json_put_string(&out, NULL, told[i].party->code);
        json_put_string(&out, NULL, told[i].role);
        json_put_string(&out, NULL, kind);
        json_close_array(&out);
        decision_send(decision, told[i].party->code, 0, "export-notice");
    }
    json_close_array(&out);
    decision_put(decision, "number", (int64_t)cause->number);
    decision_put(decision, "replaces", replaces);
    decision_put_rows(decision, "rows", arena_copy(decision->arena, buf_text(&json)), count);
    buf_release(&json);
}

static const char *number_text(const struct cause *cause, int64_t number) {
    return arena_printf(cause->arena, "%" PRId64, number);
}

static void put_details(struct cause *cause, const struct notice *notice, const char *entry,
                        int64_t replaces) {
    struct decision *decision = cause->decision;
    decision_detail(decision, "notice", number_text(cause, (int64_t)cause->number));
    decision_detail(decision, "replaces", replaces ? number_text(cause, replaces) : "");
    decision_detail(decision, "entry_number", entry);
    decision_detail(decision, "trader_code", notice->trader);
    decision_detail(decision, "trader_scc", notice->scc);
    decision_detail(decision, "trader_name", notice->name);
    decision_detail(decision, "bill_number", notice->bill);
    decision_detail(decision, "trade_mode", notice->trade_mode);
    decision_detail(decision, "amount", notice->amount);
}

/* The one that it replaces is not waited for any more; who hears nothing of this one hears that of it. */
static void replace(struct cause *cause, const char *key, int64_t number, const struct told *told,
                    size_t count) {
    struct decision *decision = cause->decision;
    struct told before[TOLD_MAX];
    size_t before_count = parties_told(cause, number, 0, before), here = 0;
    for (size_t i = 0; i < before_count; i++) {
        for (size_t k = 0; k < count; k++) {
            here += before[i].party == told[k].party;
        }
    }
    decision_move(decision, "export_notices", key, "replace", "sent", "replaced", cause->stamp, NULL);
    decision_put(decision, "replaces", number);
    decision_put(decision, "by", (int64_t)cause->number);
    if (here < before_count) {
        tell_soon(cause, key, "withdraw");
    }
}

static void notify(struct cause *cause, const struct notice *notice, const struct declaration *declaration) {
    struct decision *decision = cause->decision;
    struct told told[TOLD_MAX];
    const char *amended;
    int64_t replaces;
    size_t count = parties_of(cause, notice->trader, notice->scc, told);
    const char *entry = links_entry_of(cause, notice->key);
    if (!count || is_amended(cause, notice, entry)) {
        return;
    }
    bool amends = find_amended(cause, notice, entry, &amended, &replaces);
    decision_subject(decision, declaration->subject);
    decision_move(decision, "export_notices", notice->key, "notify", notice->state, "sent", cause->stamp,
                  "subject", declaration->subject, "entry", entry, "amount", notice->amount, NULL);
    put_parties(cause, amends ? "amendment" : "notice", replaces, told, count);
    if (amends) {
        replace(cause, amended, replaces, told, count);
        decision_answer(decision, "EXPORT-NOTICE-AMENDED", "已告知的出口信息已更正，以本信息为准，请确认",
                        "the notice of this export is amended: this one counts; please acknowledge");
    } else {
        decision_answer(decision, "EXPORT-NOTICE", "出口货物已离境或结关，供出口退税、信保、结汇使用，请确认",
                        "these goods have left or are closed by customs: for tax refund, credit insurance and"
                        " settlement; please acknowledge");
    }
    put_details(cause, notice, entry, replaces);
    detail_moment(decision, "released_at", declaration->released_at);
    detail_moment(decision, "departed_at",
                  milestone_first_since(cause, declaration->subject,
                                        declaration_containers(cause, notice->key), "DEPARTED", 0));
    decision_detail(decision, "state", declaration->state);
}

/* By which number it was replaced; 0: it was not. */
static int64_t replaced_by(const struct cause *cause, int64_t number) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT max(by) FROM export_notice_parties WHERE number = ?");
    store_bind_int(query, 1, number);
    return state_number(cause->state, query, 0);
}

static void withdraw(struct cause *cause, const struct notice *notice,
                     const struct declaration *declaration) {
    struct decision *decision = cause->decision;
    struct told told[TOLD_MAX];
    bool replaced = strcmp(notice->state, "replaced") == 0;
    size_t count =
        parties_told(cause, notice->number, replaced ? replaced_by(cause, notice->number) : 0, told);
    decision_subject(decision, declaration->subject);
    decision_move(decision, "export_notices", notice->key, "withdraw", notice->state,
                  replaced ? "replaced" : "withdrawn", cause->stamp, "subject", declaration->subject, "entry",
                  notice->entry, "amount", notice->amount, NULL);
    put_parties(cause, "withdrawal", notice->number, told, count);
    decision_answer(decision, "EXPORT-NOTICE-WITHDRAWN",
                    "已告知的出口信息撤回，请勿据以退税、理赔或结汇，请确认",
                    "the notice of this export is withdrawn: nothing is to be refunded, insured or settled by"
                    " it; please acknowledge");
    put_details(cause, notice, notice->entry, notice->number);
    decision_detail(decision, "state", declaration->state);
}

static void tick(struct cause *cause) {
    struct declaration declaration;
    struct notice notice;
    bool notifies = strcmp(cause->tick_event, "notify") == 0;
    if (!notice_get(cause, cause->tick_key, &notice) || !declaration_get(cause, notice.key, &declaration)) {
        return;
    }
    bool left = has_left(cause, &declaration); /* something else may have been said since */
    if (notifies && left && is_untold(notice.state)) {
        notify(cause, &notice, &declaration);
    } else if (!notifies
               && ((strcmp(notice.state, "sent") == 0 && !left) || strcmp(notice.state, "replaced") == 0)) {
        withdraw(cause, &notice, &declaration);
    }
}

/* --- the reply ------------------------------------------------------------------------------------------ */

struct mine {
    const char *key, *party, *subject, *state; /* state "": the sender was told no such notice */
    int64_t by;
};

/* Of the notice that the message names, to its sender. */
static struct mine find_mine(const struct cause *cause) {
    struct mine mine = { "", "", "", "", 0 };
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT n.key, n.party, n.subject, p.state, p.by FROM export_notice_parties p JOIN export_notices n"
        " ON n.key = p.key WHERE p.number = CAST(?1 AS INTEGER) AND p.party = ?2"
        " AND CAST(p.number AS TEXT) = ?1");
    store_bind_string(query, 1, cause_text(cause, "notice_id"));
    store_bind_string(query, 2, cause->sender);
    if (state_row(cause->state, query)) {
        mine = (struct mine){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena),
                              row_text(query, 2, cause->arena), row_text(query, 3, cause->arena),
                              store_int(query, 4) };
    }
    store_reset(query);
    return mine;
}

/* A number took its place, of which its sender was told. */
static bool is_told(const struct cause *cause, int64_t number) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT 1 FROM export_notice_parties WHERE number = ? AND party = ?");
    store_bind_int(query, 1, number);
    store_bind_string(query, 2, cause->sender);
    return number && state_exists(cause->state, query);
}

static void enrich(struct cause *cause) {
    struct mine mine = find_mine(cause);
    cause_enrich_flag(cause, "notice_known", 0, *mine.state != '\0');
    cause_enrich_flag(cause, "notice_received", 0, strcmp(mine.state, "received") == 0);
    if (strcmp(mine.state, "replaced") == 0) {
        cause_enrich(cause, "notice_replaced_by", 0,
                     is_told(cause, mine.by) ? number_text(cause, mine.by) : "-");
    }
}

static void decide(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct mine mine = find_mine(cause);
    const char *reply = cause_text(cause, "notice_reply"), *to = lifecycle_proves(&lifecycle, reply);
    if (!*mine.state || strcmp(mine.state, "replaced") == 0 || !*to) { /* a rule says it better */
        decision_refuse(decision, "NO-NOTICE", "没有发给您的该出口信息", "you were sent no such notice");
        return;
    }
    decision_subject(decision, mine.subject);
    decision_move(decision, "export_notices", mine.key, reply, mine.state, to, cause->metadata->env.received,
                  "subject", mine.subject, "number", cause_text(cause, "notice_id"), "by", cause->sender,
                  "reason", cause_text(cause, "reason"), NULL);
    cause->submitter = mine.party;
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
#define TELL \
    "INSERT INTO export_notice_parties(number, party, role, key, kind, replaces, by, entry, amount, at, reply," \
    " replied, reason, state) SELECT :number, value ->> 0, value ->> 1, :key, value ->> 2, :replaces, 0, :entry," \
    " :amount, :at, 0, 0, '', 'sent' FROM json_each(:rows)"
/* What is not acknowledged by then is not waited for. */
#define TAKE_THE_PLACE(number) \
    "UPDATE export_notice_parties SET by = " number ", state = iif(state = 'received', state, 'replaced')" \
    " WHERE number = :replaces"
#define OF_WHO_IS_TOLD " AND (by = 0 OR party IN (SELECT value ->> 0 FROM json_each(:rows)))"

static const struct part_move moves[] = {
    { "watch", NULL, {
        "INSERT INTO export_notices(key, party, own_id, subject, bill, trader, scc, name, trade_mode, amount,"
        " entry, number, at, state) VALUES(:key, :party, :own_id, :subject, :bill, :trader, :scc, :name, :trade_mode,"
        " :amount, '', 0, :at, :to) ON CONFLICT DO UPDATE SET subject = excluded.subject, bill = excluded.bill,"
        " trader = excluded.trader, scc = excluded.scc, name = excluded.name, trade_mode = excluded.trade_mode,"
        " amount = excluded.amount, at = excluded.at, state = excluded.state" }, NULL },
    { "notify", NULL, {
        "UPDATE export_notices SET number = :number, entry = :entry, at = :at, state = :to WHERE key = :key",
        TELL }, "subject" },
    { "replace", NULL, {
        "UPDATE export_notices SET state = :to WHERE key = :key",
        TAKE_THE_PLACE(":by") }, NULL },
    { "withdraw", NULL, {
        "UPDATE export_notices SET number = :number, at = :at, state = :to WHERE key = :key",
        TAKE_THE_PLACE(":number") OF_WHO_IS_TOLD, TELL }, "subject" },
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
