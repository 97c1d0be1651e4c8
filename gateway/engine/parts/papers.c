/*
 * papers.c - the papers of a parcel 跨境电商单证 that come before its list: the order 订单 and the payment
 * 收款单 of a shop, the waybill 运单 of a carrier; of imported goods the order of a platform, and the payment
 * 支付单 of who was paid.
 *
 *   told ──► used ──► told (its list was refused or deleted)
 *     └────► deleted
 *
 * A paper is kept here until the list 清单 of its parcel names it; then it is matched (parcels.c, imports.c),
 * and customs gets it. Until then who sent it may change or delete it. What customs answers to one is kept
 * with it.
 */
#include "engine/parts/papers.h"

#include <string.h>

#include "base/digest.h"
#include "base/status.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "told",    10, "已登记", "recorded" },
    { "used",    20, "已比对", "matched"  },
    { "deleted", 30, "已删除", "deleted"  },
};

static const struct lifecycle_event events[] = {
    { "tell",    "told",    "单证登记",         "paper recorded"                   },
    { "change",  "told",    "单证变更",         "paper changed"                    },
    { "delete",  "deleted", "单证删除",         "paper deleted"                    },
    { "use",     "used",    "单证与清单相符",   "it matches its list"              },
    { "free",    "told",    "所属清单不再有效", "its list does not stand any more" },
    { "receipt", "",        "海关回执",         "receipt of customs"               },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "papers", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS papers(key TEXT PRIMARY KEY, party TEXT NOT NULL, record INTEGER NOT NULL,"
    "  value TEXT NOT NULL, currency TEXT NOT NULL, type TEXT NOT NULL, about TEXT NOT NULL,"
    "  person TEXT NOT NULL, goods TEXT NOT NULL, payment TEXT NOT NULL, receipt TEXT NOT NULL,"
    "  receipt_at INTEGER NOT NULL, info TEXT NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS papers_about ON papers(about) WHERE about <> '';";

#define LEFT_TO_ROUTES 64 /* destinations */

/* --- what all messages have in common ------------------------------------------------------------------- */

enum ec_action ec_action(const struct cause *cause, uint32_t row) {
    const char *action = cause_row_text(cause, "parcel.action", row);
    return strcmp(action, "3") == 0 ? EC_DELETE : strcmp(action, "2") == 0 ? EC_CHANGE : EC_NEW;
}

bool ec_is_said_before(const struct cause *cause, const char *owner, const char *number, uint32_t row) {
    const char *of = cause_row_text(cause, owner, row), *called = cause_row_text(cause, number, row);
    uint32_t before = 0;
    while (before < row
           && (strcmp(cause_row_text(cause, number, before), called) != 0
               || strcmp(cause_row_text(cause, owner, before), of) != 0)) {
        before++;
    }
    return before < row;
}

void ec_owner_add(struct ec_owner *owner, const char *party) {
    owner->several |= owner->party && strcmp(owner->party, party) != 0;
    owner->party = party;
}

const char *ec_owner_of(const struct ec_owner *owner) {
    return owner->party && !owner->several ? owner->party : "";
}

static bool is_customs_of(const struct party *party, const char *office) {
    return party_has_role(party, "customs")
           && (party_is_called(party, text_of(office)) || party_list_has(party->serves, text_of(office)));
}

void ec_tell_customs(const struct cause *cause, const char *office, uint64_t record) {
    const struct parties *parties = cause->edition->parties;
    for (size_t i = 0; i < parties->count; i++) {
        if (is_customs_of(&parties->list[i], office)) {
            decision_send(cause->decision, parties->list[i].code, record, "match");
        }
    }
}

bool ec_has_room(const struct cause *cause, const char *office, size_t records) {
    const struct parties *parties = cause->edition->parties;
    size_t told = cause->decision->destinations_count, more = 0;
    for (size_t i = 0; i < parties->count; i++) {
        more += is_customs_of(&parties->list[i], office) ? records : 0;
    }
    return told == 0 || told + more <= DECISION_DESTINATIONS_MAX - LEFT_TO_ROUTES;
}

void ec_tell_soon(struct cause *cause, const char *part, const char *key) {
    timer_set(cause->decision, part, key, "tell", cause->stamp);
}

const char *ec_person(const struct cause *cause, uint32_t row) {
    char hex[DIGEST_HEX_MAX];
    const char *number = cause_row_text(cause, "parcel.buyer_id", row);
    struct digest digest = digest_of(number, strlen(number));
    return *number ? arena_string(cause->arena, digest_hex(&digest, hex)) : "";
}

/* --- what others ask ------------------------------------------------------------------------------------ */

/* kind: "order", "payment", "waybill", or one of imported goods. */
static const char *key_of_kind(const struct cause *cause, const char *kind, const char *owner,
                               const char *number) {
    return arena_printf(cause->arena, "%s/%s/%s", kind, owner, number);
}

bool paper_is_told(const struct move *move) {
    return move_is(move, "papers", "tell") || move_is(move, "papers", "change");
}

bool paper_is_freed(const struct move *move) {
    return move_is(move, "papers", "delete") || move_is(move, "papers", "free");
}

bool paper_is_of(const char *key, const char *kind) {
    size_t length = strlen(kind);
    return strncmp(key, kind, length) == 0 && key[length] == '/';
}

static const struct move *told_by(const struct decision *decision, const char *key) {
    for (size_t i = decision->moves_count; i-- > 0;) {
        if (paper_is_told(&decision->moves[i]) && strcmp(decision->moves[i].key, key) == 0) {
            return &decision->moves[i];
        }
    }
    return NULL;
}

bool paper_get(const struct cause *cause, const char *key, struct paper *out) {
    require(cause_has_state(cause));
    struct arena *arena = cause->arena;
    const struct move *told = told_by(cause->decision, key);
    const char *now = state_of(cause->decision, "papers", key);
    *out = (struct paper){ .key = key };
    if (told) {
        *out = (struct paper){ .key = told->key,
                               .party = arena_copy(arena, move_text(told, "party")),
                               .value = arena_copy(arena, move_text(told, "value")),
                               .currency = arena_copy(arena, move_text(told, "currency")),
                               .type = arena_copy(arena, move_text(told, "type")),
                               .about = arena_copy(arena, move_text(told, "about")),
                               .person = arena_copy(arena, move_text(told, "person")),
                               .goods = arena_copy(arena, move_text(told, "goods_value")),
                               .payment = arena_copy(arena, move_text(told, "payment")),
                               .state = now,
                               .record = cause->number };
        return strcmp(now, "deleted") != 0;
    }
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT party, value, currency, type, state, record, about, person, goods, payment"
                    " FROM papers WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct paper){ .key = key,
                               .party = row_text(query, 0, arena),
                               .value = row_text(query, 1, arena),
                               .currency = row_text(query, 2, arena),
                               .type = row_text(query, 3, arena),
                               .state = now ? now : row_text(query, 4, arena),
                               .record = (uint64_t)store_int(query, 5),
                               .about = row_text(query, 6, arena),
                               .person = row_text(query, 7, arena),
                               .goods = row_text(query, 8, arena),
                               .payment = row_text(query, 9, arena) };
    }
    store_reset(query);
    return found && strcmp(out->state, "deleted") != 0;
}

size_t papers_about(const struct cause *cause, const char *kind, const char *about,
                    const char *keys[PAPERS_ABOUT_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < cause->decision->moves_count && count < PAPERS_ABOUT_MAX; i++) {
        const struct move *move = &cause->decision->moves[i];
        if (paper_is_told(move) && paper_is_of(move->key, kind) && text_is(move_text(move, "about"), about)) {
            keys[count++] = move->key;
        }
    }
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT key FROM papers WHERE about = ? AND about <> ''"
                                               " AND state <> 'deleted' ORDER BY record, key LIMIT ?");
    store_bind_string(query, 1, about);
    store_bind_int(query, 2, PAPERS_ABOUT_MAX);
    while (count < PAPERS_ABOUT_MAX && state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena);
        if (paper_is_of(key, kind)) {
            keys[count++] = key;
        }
    }
    store_reset(query);
    return count;
}

void paper_use(struct cause *cause, const struct paper *paper, stamp at) {
    require(cause_has_state(cause));
    decision_move(cause->decision, "papers", paper->key, "use", paper->state, "used", at, NULL);
}

void paper_free(struct cause *cause, const char *key, stamp at) {
    require(cause_has_state(cause));
    struct paper paper;
    if (paper_get(cause, key, &paper) && strcmp(paper.state, "used") == 0) {
        decision_move(cause->decision, "papers", key, "free", paper.state, "told", at, NULL);
    }
}

/* --- papers that come ----------------------------------------------------------------------------------- */

/* What a family's papers are called, and which of their fields is what. */
struct paper_kind {
    const char *family, *receipt, *kind, *owner, *number, *value, *type;
    /* of imported goods: the order that it is about, by its platform where it says so; the value of the
     * goods; whether it names the payment */
    const char *platform, *order, *goods;
    bool names_payment;
};

/* clang-format off */
static const struct paper_kind kinds[] = {
    { "ec-order", "ec-order-receipt", "order", "parcel.shop_code", "parcel.order_no", "parcel.goods_value",
      "parcel.order_type", "", "", "", false },
    { "ec-payment", "ec-payment-receipt", "payment", "parcel.shop_code", "parcel.order_no", "parcel.paid",
      "", "", "", "", false },
    { "ec-waybill", "ec-waybill-receipt", "waybill", "parcel.carrier_code", "parcel.waybill_no", "",
      "parcel.shop_code", "", "", "", false },
    { "ec-import-order", "ec-import-order-receipt", "import-order", "parcel.platform_code", "parcel.order_no",
      "parcel.paid", "parcel.shop_code", "", "", "parcel.goods_value", true },
    { "ec-import-payment", "ec-import-payment-receipt", "import-payment", "parcel.payer_code",
      "parcel.payment_no", "parcel.paid", "", "parcel.platform_code", "parcel.order_no", "", false },
    { "ec-import-waybill", "ec-import-waybill-receipt", "import-waybill", "parcel.carrier_code",
      "parcel.waybill_no", "", "", "", "parcel.order_no", "", false },
};
/* clang-format on */

static const struct paper_kind *kind_of(const struct cause *cause) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(cause->family, kinds[i].family) == 0 || strcmp(cause->family, kinds[i].receipt) == 0) {
            return &kinds[i];
        }
    }
    panic("no kind of paper is told by %s", cause->family);
}

static const char *key_of(const struct cause *cause, const struct paper_kind *kind, uint32_t row) {
    return key_of_kind(cause, kind->kind, cause_row_text(cause, kind->owner, row),
                       cause_row_text(cause, kind->number, row));
}

/* "PLATFORM/ORDER", "ORDER" of a waybill; "" of what is about no order but its own. */
static const char *about_of(const struct cause *cause, const struct paper_kind *kind, uint32_t row) {
    const char *order = cause_row_text(cause, kind->order, row);
    return *kind->platform
               ? arena_printf(cause->arena, "%s/%s", cause_row_text(cause, kind->platform, row), order)
               : order;
}

/* The key of the payment that an order names, "" where it names none. */
static const char *payment_of(const struct cause *cause, const struct paper_kind *kind, uint32_t row) {
    const char *institution = cause_row_text(cause, "parcel.payer_code", row);
    const char *number = cause_row_text(cause, "parcel.payment_no", row);
    return kind->names_payment && *institution && *number
               ? key_of_kind(cause, "import-payment", institution, number)
               : "";
}

/* Of an order of imported goods, what its lines come to. */
static void enrich_lines(struct cause *cause) {
    uint32_t rows = cause_rows(cause, "parcel");
    const struct ec_goods *goods = ec_goods_of(cause, rows);
    for (uint32_t row = 0; row < rows; row++) {
        cause_enrich(cause, "parcel.lines_value", row, ec_value_text(cause, &goods[row]));
    }
}

static void enrich(struct cause *cause) {
    const struct paper_kind *kind = kind_of(cause);
    if (strcmp(kind->kind, "import-order") == 0) {
        enrich_lines(cause);
    }
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct paper paper;
        bool known = paper_get(cause, key_of(cause, kind, row), &paper);
        bool twice = ec_is_said_before(cause, kind->owner, kind->number, row);
        cause_enrich_flag(cause, "parcel.known", row, known || twice);
        cause_enrich_flag(cause, "parcel.own", row, known && strcmp(paper.party, cause->sender) == 0);
        cause_enrich_flag(cause, "parcel.fixed", row, twice || (known && strcmp(paper.state, "used") == 0));
    }
}

/* Rules say it better, by the same; this holds where none does. */
static bool may_tell(const struct cause *cause, const struct paper_kind *kind, uint32_t row,
                     enum ec_action action) {
    struct paper paper;
    bool known = paper_get(cause, key_of(cause, kind, row), &paper);
    return action == EC_NEW
               ? !known
               : known && strcmp(paper.party, cause->sender) == 0 && strcmp(paper.state, "used") != 0;
}

static void decide(struct cause *cause) {
    struct decision *decision = cause->decision;
    const struct paper_kind *kind = kind_of(cause);
    uint32_t rows = cause_rows(cause, "parcel");
    stamp at = cause->metadata->env.received;
    for (uint32_t row = 0; row < rows; row++) {
        enum ec_action action = ec_action(cause, row);
        const char *key = key_of(cause, kind, row);
        if (!may_tell(cause, kind, row, action)) {
            decision_refuse(decision, "PAPER-NOT-SO", "单证已登记，或不可变更、删除",
                            "the paper was told before, or may not be changed or deleted");
            return;
        }
        if (action == EC_DELETE) {
            decision_move(decision, "papers", key, "delete", "told", "deleted", at, NULL);
        } else {
            decision_move(
                decision, "papers", key, action == EC_NEW ? "tell" : "change", "", "told", at, "party",
                cause->sender, "value", cause_row_text(cause, kind->value, row), "currency",
                cause_row_text(cause, "parcel.currency", row), "type", cause_row_text(cause, kind->type, row),
                "about", about_of(cause, kind, row), "person", ec_person(cause, row), "goods_value",
                cause_row_text(cause, kind->goods, row), "payment", payment_of(cause, kind, row), NULL);
        }
    }
    decision_answer(decision, "PAPERS-TOLD", "单证已登记，等待与清单比对",
                    "the papers are recorded, and matched when their lists come");
}

/* --- what customs answers ------------------------------------------------------------------------------- */

static void decide_receipts(struct cause *cause) {
    const struct paper_kind *kind = kind_of(cause);
    struct ec_owner owner = { 0 };
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct paper paper;
        const char *key = key_of(cause, kind, row);
        bool known = paper_get(cause, key, &paper);
        ec_owner_add(&owner, known ? paper.party : "");
        if (known) {
            stamp at = cause_row_moment(cause, "parcel.notice_time", row, cause->stamp);
            decision_move(cause->decision, "papers", key, "receipt", paper.state, paper.state, at, "receipt",
                          cause_row_text(cause, "parcel.receipt", row), "info",
                          cause_row_text(cause, "parcel.info", row), NULL);
        }
    }
    cause->submitter = ec_owner_of(&owner);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define TELL \
    "INSERT OR REPLACE INTO papers(key, party, record, value, currency, type, about, person, goods, payment," \
    " receipt, receipt_at, info, state) VALUES(:key, :party, :cause, :value, :currency, :type, :about, :person," \
    " :goods_value, :payment, '', 0, '', :to)"

static const struct part_move moves[] = {
    { "tell", NULL, { TELL }, NULL },
    { "change", NULL, { TELL }, NULL },
    { "receipt", NULL, {
        "UPDATE papers SET receipt = :receipt, info = :info, receipt_at = :at WHERE key = :key AND receipt_at <= :at" }, NULL },
    { NULL, NULL, { "UPDATE papers SET state = :to WHERE key = :key" }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "ec-order", enrich, decide },
    { "ec-payment", enrich, decide },
    { "ec-waybill", enrich, decide },
    { "ec-import-order", enrich, decide },
    { "ec-import-payment", enrich, decide },
    { "ec-import-waybill", enrich, decide },
    { "ec-order-receipt", NULL, decide_receipts },
    { "ec-payment-receipt", NULL, decide_receipts },
    { "ec-waybill-receipt", NULL, decide_receipts },
    { "ec-import-order-receipt", NULL, decide_receipts },
    { "ec-import-payment-receipt", NULL, decide_receipts },
    { "ec-import-waybill-receipt", NULL, decide_receipts },
    { 0 },
};

const struct part part_papers = {
    .name = "papers",
    .lifecycle = &lifecycle,
    .noun = "paper",
    .state_of = "SELECT state FROM papers WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
