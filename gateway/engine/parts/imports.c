/*
 * imports.c - a parcel of imported goods 跨境电商进口: its list 清单, matched with order, payment and waybill
 * 三单对碰, what customs says of it, and that it was delivered 签收.
 *
 *   lacking ◄─► differing ──► matched ──► lodged ──► held ──► assessed ──► released ──► delivered ──► closed
 *                                           └─────────┴──────────┴──► refused ──► (declared once more)
 *
 * Three parties tell the papers: the platform its order, the payment institution what was paid, the carrier
 * its waybill. List and papers come in any order, and each of them is recorded whatever the others say:
 * nobody's true word is refused because somebody else's is wrong. What is missing, or in what they differ
 * (list ec_differences), is decided, shown, and judged anew with each paper that comes, changes or goes
 * (imports_match.c). Only when all agree are the papers fixed, and customs gets the list and each of them.
 *
 * What a buyer has imported this year is kept beside, under a digest of the identity number, for the yearly
 * limit (rule C19).
 */
#include "engine/parts/imports.h"

#include <string.h>

#include "engine/parts/papers.h"
#include "engine/parts/parcels.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "lacking",   10, "待对碰",     "papers are missing"        },
    { "differing", 15, "三单不符",   "papers differ"             },
    { "matched",   20, "三单相符",   "matched with its papers"   },
    { "lodged",    30, "海关入库",   "registered by customs"     },
    { "held",      35, "待海关处置", "customs looks into it"     },
    { "assessed",  40, "审结",       "assessed"                  },
    { "released",  50, "已放行",     "released"                  },
    { "delivered", 60, "已签收",     "delivered to the buyer"    },
    { "closed",    70, "已结关",     "cleared and closed"        },
    { "refused",   90, "退单",       "refused by customs"        },
    { "deleted",   95, "已删除",     "deleted"                   },
};

static const struct lifecycle_event events[] = {
    { "declare", "lacking",   "清单申报",   "list declared"           },
    { "lack",    "",          "尚缺单证",   "papers are missing"      },
    { "differ",  "",          "三单不符",   "papers differ"           },
    { "match",   "matched",   "三单相符",   "matched with its papers" },
    { "delete",  "deleted",   "清单删除",   "list deleted"            },
    { "deliver", "delivered", "签收",       "delivered to the buyer"  },
    { "told",    "",          "运单状态",   "how far a waybill has come" },
    { "receipt", "",          "海关回执",   "receipt of customs"      },
    { "answered", "",         "运单状态回执", "receipt of how far a waybill has come" },
    EC_RECEIPT_EVENTS,
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "imports",    states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events),
    "ec_receipts"
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS imports(key TEXT PRIMARY KEY, party TEXT NOT NULL, shop TEXT NOT NULL,"
    "  order_no TEXT NOT NULL, platform_order TEXT NOT NULL, waybill TEXT NOT NULL, own_no TEXT NOT NULL,"
    "  list_no TEXT NOT NULL, office TEXT NOT NULL, mode TEXT NOT NULL, value TEXT NOT NULL,"
    "  person TEXT NOT NULL, year INTEGER NOT NULL, cents INTEGER NOT NULL, lacks TEXT NOT NULL,"
    "  differs TEXT NOT NULL, record INTEGER NOT NULL, declared INTEGER NOT NULL, round_at INTEGER NOT NULL,"
    "  receipt TEXT NOT NULL, receipt_at INTEGER NOT NULL, info TEXT NOT NULL, state TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS imports_order ON imports(platform_order);"
    "CREATE INDEX IF NOT EXISTS imports_waybill ON imports(waybill);"
    "CREATE INDEX IF NOT EXISTS imports_own ON imports(own_no, shop) WHERE own_no <> '';"
    "CREATE INDEX IF NOT EXISTS imports_state ON imports(state);"
    "CREATE TABLE IF NOT EXISTS import_buyers(person TEXT NOT NULL, year INTEGER NOT NULL,"
    "  cents INTEGER NOT NULL, PRIMARY KEY(person, year)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS import_deliveries(key TEXT PRIMARY KEY, party TEXT NOT NULL,"
    "  record INTEGER NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL, receipt TEXT NOT NULL,"
    "  receipt_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

#define CENTS_MAX 100000000000LL /* more than any buyer may have, and sums of it stay numbers */

/* --- finding one ---------------------------------------------------------------------------------------- */

#define IMPORT_COLUMNS                                                                                   \
    "key, party, shop, order_no, platform_order, waybill, office, person, state, lacks, value, differs," \
    " record, round_at"

/* What this decision has declared of it anew stands in no row yet. */
static void read_declared(const struct cause *cause, struct import *import) {
    struct arena *arena = cause->arena;
    for (size_t i = cause->decision->moves_count; i-- > 0;) {
        const struct move *move = &cause->decision->moves[i];
        if (move_is(move, "imports", "declare") && strcmp(move->key, import->key) == 0) {
            import->party = arena_copy(arena, move_text(move, "party"));
            import->shop = arena_copy(arena, move_text(move, "shop"));
            import->order_no = arena_copy(arena, move_text(move, "order_no"));
            import->order = arena_copy(arena, move_text(move, "platform_order"));
            import->waybill = arena_copy(arena, move_text(move, "waybill"));
            import->office = arena_copy(arena, move_text(move, "office"));
            import->person = arena_copy(arena, move_text(move, "person"));
            import->value = arena_copy(arena, move_text(move, "value"));
            import->record = cause->number;
            return;
        }
    }
}

static bool read_import(const struct cause *cause, struct store_query *query, struct import *out) {
    bool found = state_row(cause->state, query);
    if (found) {
        const char *texts[12];
        for (int i = 0; i < 12; i++) {
            texts[i] = row_text(query, i, cause->arena);
        }
        const char *now = state_of(cause->decision, "imports", texts[0]);
        *out = (struct import){ .key = texts[0],
                                .party = texts[1],
                                .shop = texts[2],
                                .order_no = texts[3],
                                .order = texts[4],
                                .waybill = texts[5],
                                .office = texts[6],
                                .person = texts[7],
                                .state = now ? now : texts[8],
                                .lacks = texts[9],
                                .value = texts[10],
                                .differs = texts[11],
                                .record = (uint64_t)store_int(query, 12),
                                .round_at = store_int(query, 13) };
        if (now) {
            read_declared(cause, out);
        }
    }
    return found;
}

static bool import_get(const struct cause *cause, const char *key, struct import *out) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT " IMPORT_COLUMNS " FROM imports WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = read_import(cause, query, out);
    store_reset(query);
    return found;
}

static size_t imports_of(const struct cause *cause, struct store_query *query, const char *number,
                         struct import out[IMPORTS_OF_PAPER_MAX]) {
    size_t count = 0;
    store_bind_string(query, 1, number);
    store_bind_int(query, 2, IMPORTS_OF_PAPER_MAX);
    while (count < IMPORTS_OF_PAPER_MAX && read_import(cause, query, &out[count])) {
        count++;
    }
    store_reset(query);
    return count;
}

size_t imports_of_order(const struct cause *cause, const char *order,
                        struct import out[IMPORTS_OF_PAPER_MAX]) {
    return imports_of(cause,
                      store_query(state_store(cause->state),
                                  "SELECT " IMPORT_COLUMNS " FROM imports WHERE platform_order = ?"
                                  " AND state NOT IN ('refused', 'deleted') ORDER BY key LIMIT ?"),
                      order, out);
}

size_t imports_of_waybill(const struct cause *cause, const char *waybill,
                          struct import out[IMPORTS_OF_PAPER_MAX]) {
    return imports_of(cause,
                      store_query(state_store(cause->state),
                                  "SELECT " IMPORT_COLUMNS " FROM imports WHERE waybill = ?"
                                  " AND state NOT IN ('refused', 'deleted') ORDER BY key LIMIT ?"),
                      waybill, out);
}

/* Another list of this shop has this number of its sender; what customs answers would be brought to both. */
static bool own_number_is_used(const struct cause *cause, const char *shop, const char *own_no,
                               const char *key) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT 1 FROM imports WHERE own_no = ? AND own_no <> ''"
                                               " AND shop = ? AND key <> ? AND state NOT IN ('refused',"
                                               " 'deleted') LIMIT 1");
    store_bind_string(query, 1, own_no);
    store_bind_string(query, 2, shop);
    store_bind_string(query, 3, key);
    bool used = state_row(cause->state, query);
    store_reset(query);
    return used;
}

static const char *order_of_row(const struct cause *cause, uint32_t row) {
    return arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.platform_code", row),
                        cause_row_text(cause, "parcel.order_no", row));
}

static const char *key_of_row(const struct cause *cause, uint32_t row) {
    return arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.shop_code", row),
                        order_of_row(cause, row));
}

/* The key of what a carrier tells of a waybill: beside the lists', which begin with a shop's code. */
static const char *delivery_key(const struct cause *cause, const char *waybill) {
    return arena_printf(cause->arena, "waybill/%s", waybill);
}

static const char *waybill_of_row(const struct cause *cause, uint32_t row) {
    return arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.carrier_code", row),
                        cause_row_text(cause, "parcel.waybill_no", row));
}

static bool is_released(const struct import *import) {
    return !ec_has_ended(import->state)
           && lifecycle_rank(&lifecycle, import->state) >= lifecycle_rank(&lifecycle, "released");
}

/* What may be changed was not taken up by customs yet. */
static bool is_fixed(const struct import *import) {
    return !ec_has_ended(import->state)
           && lifecycle_rank(&lifecycle, import->state) >= lifecycle_rank(&lifecycle, "lodged");
}

/* --- a list --------------------------------------------------------------------------------------------- */

static int64_t year_of_day(int32_t day) {
    int year, month, day_of_month;
    day_split(day, &year, &month, &day_of_month);
    return year;
}

/* Goods, freight and insurance. */
static bool customs_value(const struct cause *cause, const struct ec_goods *goods, uint32_t row,
                          struct decimal *out) {
    struct decimal freight, insurance;
    return goods->is_valued && decimal_parse(text_of(cause_row_text(cause, "parcel.freight", row)), &freight)
           && decimal_parse(text_of(cause_row_text(cause, "parcel.insurance", row)), &insurance)
           && decimal_add(goods->value, freight, out) && decimal_add(*out, insurance, out);
}

/* 0 where it is not known, or below 0. */
static int64_t cents_of(const struct cause *cause, const struct ec_goods *goods, uint32_t row) {
    struct decimal value;
    if (!customs_value(cause, goods, row, &value) || !decimal_multiply(value, decimal_of_int(100), &value)
        || !decimal_round(value, 0, &value) || decimal_compare(value, decimal_of_int(0)) <= 0) {
        return 0;
    }
    return decimal_compare(value, decimal_of_int(CENTS_MAX)) < 0 ? (int64_t)value.coefficient : CENTS_MAX;
}

/* Of this buyer, in the year of this message, but for this list itself. */
static int64_t cents_before(const struct cause *cause, const char *person, const char *key) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT cents - ifnull((SELECT cents FROM imports i WHERE i.key = ?3"
                                   " AND i.person = ?1 AND i.year = ?2 AND i.state NOT IN ('refused',"
                                   " 'deleted')), 0) FROM import_buyers WHERE person = ?1 AND year = ?2");
    store_bind_string(query, 1, person);
    store_bind_int(query, 2, year_of_day(cause->today));
    store_bind_string(query, 3, key);
    return state_number(cause->state, query, 0);
}

/* "": more than a number holds, so that nobody can say whether it is too much. */
static const char *yuan_text(const struct cause *cause, struct decimal cents) {
    char text[DECIMAL_TEXT_MAX];
    struct decimal yuan;
    bool divided = decimal_divide(cents, decimal_of_int(100), 2, &yuan);
    return divided ? arena_string(cause->arena, decimal_print(yuan, text)) : "";
}

/* Of this buyer in this year, with what this message says up to the row. */
static const char *yuan_of_year(const struct cause *cause, uint32_t row, const int64_t *cents) {
    const char *buyer = cause_row_text(cause, "parcel.buyer_id", row);
    struct decimal year = decimal_of_int(cents_before(cause, ec_person(cause, row), key_of_row(cause, row)));
    for (uint32_t other = 0; other <= row; other++) {
        bool counts = ec_action(cause, other) != EC_DELETE
                      && strcmp(cause_row_text(cause, "parcel.buyer_id", other), buyer) == 0;
        if (counts && !decimal_add(year, decimal_of_int(cents[other]), &year)) {
            return "";
        }
    }
    return yuan_text(cause, year);
}

/* What the limits are held against: a message may have several lists of one buyer. */
static void enrich_limits(struct cause *cause, uint32_t row, const struct ec_goods *goods,
                          const int64_t *cents) {
    struct decimal value;
    char text[DECIMAL_TEXT_MAX];
    if (customs_value(cause, &goods[row], row, &value)) {
        cause_enrich(cause, "parcel.customs_value", row, decimal_print(value, text));
    }
    if (goods[row].is_counted) {
        cause_enrich(cause, "parcel.pieces", row, decimal_print(goods[row].pieces, text));
    }
    if (*cause_row_text(cause, "parcel.buyer_id", row) && ec_action(cause, row) != EC_DELETE) {
        cause_enrich(cause, "parcel.year_value", row, yuan_of_year(cause, row, cents));
    }
}

static void enrich_list(struct cause *cause) {
    uint32_t rows = cause_rows(cause, "parcel");
    const struct ec_goods *goods = ec_goods_of(cause, rows);
    int64_t *cents = arena_alloc(cause->arena, (rows + 1) * sizeof(*cents));
    for (uint32_t row = 0; row < rows; row++) {
        struct import import;
        const char *key = key_of_row(cause, row);
        bool known = import_get(cause, key, &import) && !ec_has_ended(import.state);
        bool twice = ec_is_said_before(cause, "parcel.platform_code", "parcel.order_no", row);
        bool taken = own_number_is_used(cause, cause_row_text(cause, "parcel.shop_code", row),
                                        cause_row_text(cause, "parcel.own_no", row), key);
        for (uint32_t line = 0; line < goods[row].lines; line++) {
            cause_enrich(cause, "item.place", goods[row].first + line,
                         arena_printf(cause->arena, "%u", line + 1));
        }
        cents[row] = cents_of(cause, &goods[row], row);
        cause_enrich_flag(cause, "parcel.known", row, known || twice || taken);
        cause_enrich_flag(cause, "parcel.own", row, known && strcmp(import.party, cause->sender) == 0);
        cause_enrich_flag(cause, "parcel.fixed", row, twice || (known && is_fixed(&import)));
        enrich_limits(cause, row, goods, cents);
    }
}

/* Rules say it better, by the same; this holds where none does. */
static bool may_declare(const struct cause *cause, const struct import *before, enum ec_action action) {
    if (action == EC_NEW) {
        return !before || ec_has_ended(before->state);
    }
    return before && !ec_has_ended(before->state) && !is_fixed(before)
           && strcmp(before->party, cause->sender) == 0;
}

static enum import_match declare(struct cause *cause, uint32_t row, const struct ec_goods *goods,
                                 const struct import *before) {
    struct decision *decision = cause->decision;
    stamp at = cause->metadata->env.received;
    const struct import import = {
        .key = key_of_row(cause, row),
        .shop = cause_row_text(cause, "parcel.shop_code", row),
        .order_no = cause_row_text(cause, "parcel.order_no", row),
        .order = order_of_row(cause, row),
        .waybill = waybill_of_row(cause, row),
        .office = cause_row_text(cause, "parcel.office", row),
        .person = ec_person(cause, row),
        .value = ec_value_text(cause, goods),
        .state = "lacking",
        .record = cause->number,
    };
    decision_move(decision, "imports", import.key, "declare", before ? before->state : "", "lacking", at,
                  "party", cause->sender, "shop", import.shop, "order_no", import.order_no, "platform_order",
                  import.order, "waybill", import.waybill, "own_no",
                  cause_row_text(cause, "parcel.own_no", row), "office", import.office, "mode",
                  cause_row_text(cause, "parcel.mode", row), "value", import.value, "person", import.person,
                  NULL);
    decision_put(decision, "year", year_of_day(cause->today));
    decision_put(decision, "cents", cents_of(cause, goods, row));
    decision_put(decision, "round_at", before ? at : 0);
    return import_match(cause, &import, at);
}

/* What is deleted lacks nothing any more. */
static enum import_match decide_row(struct cause *cause, uint32_t row, const struct ec_goods *goods,
                                    const struct import *before) {
    stamp at = cause->metadata->env.received;
    if (before && import_was_matched(before)) {
        import_free_papers(cause, before, at);
    }
    if (ec_action(cause, row) == EC_DELETE) {
        decision_move(cause->decision, "imports", before->key, "delete", before->state, "deleted", at, NULL);
        return IMPORT_MATCHES;
    }
    return declare(cause, row, goods, before);
}

static void decide_list(struct cause *cause) {
    struct decision *decision = cause->decision;
    uint32_t rows = cause_rows(cause, "parcel");
    const struct ec_goods *goods = ec_goods_of(cause, rows);
    size_t lacking = 0, differing = 0;
    for (uint32_t row = 0; row < rows; row++) {
        struct import before;
        bool known = import_get(cause, key_of_row(cause, row), &before);
        if (!may_declare(cause, known ? &before : NULL, ec_action(cause, row))) {
            decision_refuse(decision, "LIST-NOT-SO", "清单已申报，或不可变更、删除",
                            "the list was declared before, or may not be changed or deleted");
            return;
        }
        enum import_match match = decide_row(cause, row, &goods[row], known ? &before : NULL);
        lacking += match == IMPORT_LACKS;
        differing += match == IMPORT_DIFFERS;
    }
    if (differing) {
        decision_answer(decision, "LISTS-DIFFER", "清单已登记，与订单、支付单或运单不符",
                        "the lists are recorded, and differ from their orders, payments or waybills");
    } else if (lacking) {
        decision_answer(decision, "LISTS-LACK-PAPERS", "清单已登记，尚缺订单、支付单或运单",
                        "the lists are recorded; orders, payments or waybills are missing");
    } else {
        decision_answer(decision, "LISTS-MATCHED", "清单已登记，三单相符",
                        "the lists are recorded, and match their papers");
    }
    decision_detail(decision, "lists", arena_printf(cause->arena, "%u", rows));
    decision_detail(decision, "lacking", arena_printf(cause->arena, "%zu", lacking));
    decision_detail(decision, "differing", arena_printf(cause->arena, "%zu", differing));
}

/* --- what came of a list by the papers of others -------------------------------------------------------- */

/* "支付金额与订单实付金额不符；…" */
static const char *differences_said(const struct cause *cause, struct text words, enum language language) {
    const struct codelist *list = codelists_find(cause->edition->lists, TEXT("ec_differences"));
    const char *said = "";
    while (words.length) {
        struct text code = text_until(&words, ' ');
        const char *name = list ? codelist_name_of(list, code, cause->today, language) : NULL;
        said = arena_printf(cause->arena, "%s%s%s", said, *said ? language_pick(language, "；", "; ") : "",
                            name ? name : arena_copy(cause->arena, code));
    }
    return said;
}

static void answer_list(struct cause *cause, const struct import *import, enum import_match match,
                        struct text lacks, struct text differs) {
    struct decision *decision = cause->decision;
    struct arena *arena = cause->arena;
    const char *order = import->order_no;
    if (match == IMPORT_MATCHES) {
        decision_answer(
            decision, "LIST-MATCHED", arena_printf(arena, "订单 %s 的清单三单相符，已送海关", order),
            arena_printf(arena, "the list of order %s matches its papers, and went to customs", order));
    } else if (match == IMPORT_DIFFERS) {
        decision_answer(decision, "LIST-DIFFERS",
                        arena_printf(arena, "订单 %s 的清单与单证不符：%s", order,
                                     differences_said(cause, differs, LANGUAGE_ZH)),
                        arena_printf(arena, "the list of order %s differs from its papers: %s", order,
                                     differences_said(cause, differs, LANGUAGE_EN)));
        decision_detail(decision, "differs", arena_copy(arena, differs));
    } else {
        decision_answer(decision, "LIST-LACKS-PAPERS", arena_printf(arena, "订单 %s 的清单又缺单证", order),
                        arena_printf(arena, "the list of order %s lacks papers again", order));
        decision_detail(decision, "lacks", arena_copy(arena, lacks));
    }
    decision_detail(decision, "shop_code", import->shop);
    decision_detail(decision, "order", import->order);
    decision_send(decision, import->party, 0, "list");
}

/* As it stands by now: what happened to it since is told, too, or has been by customs. */
static void tick(struct cause *cause) {
    struct import import;
    if (!import_get(cause, cause->tick_key, &import) || ec_has_ended(import.state)) {
        return;
    }
    if (!import_waits_for_papers(&import)) {
        answer_list(cause, &import, IMPORT_MATCHES, TEXT(""), TEXT(""));
        return;
    }
    enum import_match match = import_match(cause, &import, cause->stamp);
    const struct move *move = &cause->decision->moves[cause->decision->moves_count - 1];
    answer_list(cause, &import, match, move_text(move, "lacks"), move_text(move, "differs"));
}

/* --- what customs answers ------------------------------------------------------------------------------- */

/* A receipt names the list by the number of its sender, and mostly by its shop. */
static bool import_of_receipt(const struct cause *cause, uint32_t row, struct import *out) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT " IMPORT_COLUMNS " FROM imports WHERE own_no = ?1 AND own_no <> ''"
                                   " AND (?2 = '' OR shop = ?2)"
                                   " ORDER BY state IN ('refused', 'deleted'), record DESC LIMIT 2");
    struct import other;
    store_bind_string(query, 1, cause_row_text(cause, "parcel.own_no", row));
    store_bind_string(query, 2, cause_row_text(cause, "parcel.shop_code", row));
    bool found = read_import(cause, query, out);
    bool several = found && read_import(cause, query, &other)
                   && (strcmp(other.shop, out->shop) != 0 || !ec_has_ended(other.state));
    store_reset(query);
    return found && !several;
}

static bool is_delivered(const struct cause *cause, const char *waybill) {
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT 1 FROM import_deliveries WHERE key = ? AND status = 'S'");
    store_bind_string(query, 1, delivery_key(cause, waybill));
    bool delivered = state_row(cause->state, query);
    store_reset(query);
    return delivered;
}

static void decide_list_receipts(struct cause *cause) {
    struct ec_owner owner = { 0 };
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct import import;
        bool known = import_of_receipt(cause, row, &import);
        stamp at = cause_row_moment(cause, "parcel.notice_time", row, cause->stamp);
        const char *status = cause_row_text(cause, "parcel.receipt", row);
        ec_owner_add(&owner, known ? import.party : "");
        if (!known || at < import.round_at) {
            continue;
        }
        const char *to = ec_state_after(&lifecycle, import.state, status);
        if (strcmp(to, "released") == 0 && is_delivered(cause, import.waybill)) {
            to = "delivered";
        }
        decision_move(cause->decision, "imports", import.key,
                      lifecycle_event(&lifecycle, status) ? status : "receipt", import.state, to, at,
                      "receipt", status, "number", cause_row_text(cause, "parcel.list_no", row), "info",
                      cause_row_text(cause, "parcel.info", row), NULL);
        if (strcmp(to, "refused") == 0 && import_was_matched(&import)) {
            import_free_papers(cause, &import, at);
        }
    }
    cause->submitter = ec_owner_of(&owner);
}

/* --- how far a waybill has come ------------------------------------------------------------------------- */

static void enrich_deliveries(struct cause *cause) {
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct import imports[IMPORTS_OF_PAPER_MAX];
        size_t count = imports_of_waybill(cause, waybill_of_row(cause, row), imports);
        bool released = true;
        for (size_t i = 0; i < count; i++) {
            released = released && is_released(&imports[i]);
        }
        if (count) {
            cause_enrich_flag(cause, "parcel.released", row, released);
        }
    }
}

/* That it is delivered says nothing of customs: what is not released yet is delivered once it is. */
static void decide_deliveries(struct cause *cause) {
    struct decision *decision = cause->decision;
    uint32_t rows = cause_rows(cause, "parcel");
    for (uint32_t row = 0; row < rows; row++) {
        struct import imports[IMPORTS_OF_PAPER_MAX];
        const char *waybill = waybill_of_row(cause, row);
        const char *status =
            ec_action(cause, row) == EC_DELETE ? "" : cause_row_text(cause, "parcel.delivery", row);
        stamp at = cause_row_moment(cause, "parcel.delivered_at", row, cause->metadata->env.received);
        size_t count = imports_of_waybill(cause, waybill, imports);
        decision_move(decision, "imports", delivery_key(cause, waybill), "told", "", "", at, "party",
                      cause->sender, "status", status, NULL);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(status, "S") == 0 && is_released(&imports[i])) {
                decision_move(decision, "imports", imports[i].key, "deliver", imports[i].state,
                              lifecycle_next(&lifecycle, imports[i].state, "deliver"), at, NULL);
            }
            ec_tell_customs(cause, imports[i].office, cause->number);
        }
    }
    decision_answer(decision, "WAYBILLS-TOLD", "运单状态已登记",
                    "how far the waybills have come is recorded");
}

static void decide_delivery_receipts(struct cause *cause) {
    struct ec_owner owner = { 0 };
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        const char *key = delivery_key(cause, waybill_of_row(cause, row));
        struct store_query *query =
            store_query(state_store(cause->state), "SELECT party FROM import_deliveries WHERE key = ?");
        store_bind_string(query, 1, key);
        bool known = state_row(cause->state, query);
        ec_owner_add(&owner, known ? row_text(query, 0, cause->arena) : "");
        store_reset(query);
        if (known) {
            decision_move(cause->decision, "imports", key, "answered", "", "",
                          cause_row_moment(cause, "parcel.notice_time", row, cause->stamp), "receipt",
                          cause_row_text(cause, "parcel.receipt", row), NULL);
        }
    }
    cause->submitter = ec_owner_of(&owner);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
/* Of a list that counted, its buyer has less; before it is written anew, or ends. */
#define UNCOUNT \
    "UPDATE import_buyers SET cents = import_buyers.cents - i.cents FROM imports i WHERE i.key = :key" \
    " AND i.state NOT IN ('refused', 'deleted') AND import_buyers.person = i.person AND import_buyers.year = i.year"
#define KEEP_RECEIPT \
    "UPDATE imports SET receipt = :receipt, info = :info, receipt_at = :at WHERE key = :key AND receipt_at <= :at"
#define KEEP_STATE \
    "UPDATE imports SET list_no = iif(:number <> '' AND (list_no = '' OR receipt_at <= :at), :number, list_no)," \
    " state = :to WHERE key = :key"

static const struct part_move moves[] = {
    { "declare", NULL, {
        UNCOUNT,
        "INSERT OR REPLACE INTO imports(key, party, shop, order_no, platform_order, waybill, own_no, list_no, office,"
        " mode, value, person, year, cents, lacks, differs, record, declared, round_at, receipt, receipt_at, info, state)"
        " VALUES(:key, :party, :shop, :order_no, :platform_order, :waybill, :own_no, '', :office, :mode, :value, :person,"
        " :year, :cents, '', '', :cause, :at, :round_at, '', 0, '', :to)",
        "INSERT INTO import_buyers(person, year, cents) VALUES(:person, :year, :cents)"
        " ON CONFLICT DO UPDATE SET cents = cents + excluded.cents" }, NULL },
    { "lack", NULL, { "UPDATE imports SET lacks = :lacks, differs = '', state = :to WHERE key = :key" }, NULL },
    { "differ", NULL, { "UPDATE imports SET lacks = '', differs = :differs, state = :to WHERE key = :key" }, NULL },
    { "match", NULL, { "UPDATE imports SET lacks = '', differs = '', state = :to WHERE key = :key" }, NULL },
    { "delete", NULL, {
        UNCOUNT, "UPDATE imports SET lacks = '', differs = '', state = :to WHERE key = :key" }, NULL },
    { "deliver", NULL, { "UPDATE imports SET state = :to WHERE key = :key" }, NULL },
    { "told", NULL, {
        "INSERT INTO import_deliveries(key, party, record, status, at, receipt, receipt_at)"
        " VALUES(:key, :party, :cause, :status, :at, '', 0)"
        " ON CONFLICT DO UPDATE SET party = excluded.party, record = excluded.record, status = excluded.status,"
        " at = excluded.at WHERE excluded.at >= at OR excluded.status = ''" }, NULL },
    { "answered", NULL, {
        "UPDATE import_deliveries SET receipt = :receipt, receipt_at = :at WHERE key = :key AND receipt_at <= :at" },
      NULL },
    { NULL, "refused", { UNCOUNT, KEEP_STATE, KEEP_RECEIPT }, NULL },
    { NULL, NULL, { KEEP_STATE, KEEP_RECEIPT }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "ec-import-list", enrich_list, decide_list },
    { "ec-import-list-receipt", NULL, decide_list_receipts },
    { "ec-import-delivery", enrich_deliveries, decide_deliveries },
    { "ec-import-delivery-receipt", NULL, decide_delivery_receipts },
    { 0 },
};

const struct part part_imports = {
    .name = "imports",
    .lifecycle = &lifecycle,
    .noun = "import",
    .state_of = "SELECT state FROM imports WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .hear = imports_hear,
    .moves = moves,
};
