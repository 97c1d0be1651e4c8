/*
 * parcels.c - a parcel of cross-border e-commerce 跨境电商: its list 清单, matched with its papers
 * 三单比对, and what customs says of it. That it arrives and leaves, batches.c tells.
 *
 *   lacking ──► matched ──► lodged ──► held ──► assessed ──► released ──► departed ──► closed
 *                              └─────────┴──────────┴──► refused ──► (declared once more)
 *
 * Lists and papers may come in any order. Whoever comes last makes the match: the papers are fixed then, and
 * customs of the list's office gets each of them. Whether they agree is judged by rules (C06) of whichever
 * comes second, over what is made known here. Which papers a list needs depends on its customs procedure
 * (list ec_paid_modes).
 *
 * Where a parcel stands is told by its rank, so that receipts may come late and in any order.
 */
#include "engine/parts/parcels.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/status.h"
#include "engine/parts/papers.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "lacking",  10, "待比对",     "papers are missing"        },
    { "matched",  20, "三单相符",   "matched with its papers"   },
    { "lodged",   30, "海关入库",   "registered by customs"     },
    { "held",     35, "待海关处置", "customs looks into it"     },
    { "assessed", 40, "审结",       "assessed"                  },
    { "released", 50, "已放行",     "released"                  },
    { "departed", 60, "已离境",     "left the country"          },
    { "closed",   70, "已结关",     "cleared and closed"        },
    { "refused",  90, "退单",       "refused by customs"        },
    { "deleted",  95, "已删除",     "deleted"                   },
};

static const struct lifecycle_event events[] = {
    { "declare", "lacking",  "清单申报",       "list declared"                          },
    { "lack",    "",         "尚缺单证",       "papers are missing"                     },
    { "match",   "matched",  "三单相符",       "matched with its papers"                },
    { "delete",  "deleted",  "清单删除",       "list deleted"                           },
    { "arrive",  "",         "运抵监管场所",   "at the supervised place"                },
    { "depart",  "departed", "离境",           "left the country"                       },
    { "receipt", "",         "海关回执",       "receipt of customs"                     },
    EC_RECEIPT_EVENTS,
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "parcels",    states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events),
    "ec_receipts"
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS parcels(key TEXT PRIMARY KEY, party TEXT NOT NULL, shop TEXT NOT NULL,"
    "  platform TEXT NOT NULL,"
    "  order_no TEXT NOT NULL, waybill TEXT NOT NULL, own_no TEXT NOT NULL, list_no TEXT NOT NULL,"
    "  office TEXT NOT NULL, mode TEXT NOT NULL, value TEXT NOT NULL, currency TEXT NOT NULL,"
    "  lacks TEXT NOT NULL, record INTEGER NOT NULL, declared INTEGER NOT NULL, round_at INTEGER NOT NULL,"
    "  arrived INTEGER NOT NULL, departed INTEGER NOT NULL, receipt TEXT NOT NULL,"
    "  receipt_at INTEGER NOT NULL, info TEXT NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS parcels_waybill ON parcels(waybill);"
    "CREATE INDEX IF NOT EXISTS parcels_list ON parcels(list_no) WHERE list_no <> '';"
    "CREATE INDEX IF NOT EXISTS parcels_state ON parcels(state);"
    "CREATE TABLE IF NOT EXISTS parcel_goods(parcel TEXT NOT NULL, line TEXT NOT NULL, hs TEXT NOT NULL,"
    "  name TEXT NOT NULL, unit TEXT NOT NULL, exported TEXT NOT NULL,"
    "  PRIMARY KEY(parcel, line)) STRICT, WITHOUT ROWID;";

#define GOODS_TEXT_MAX (16u << 20)

/* --- finding one ---------------------------------------------------------------------------------------- */

bool ec_has_ended(const char *state) {
    return strcmp(state, "refused") == 0 || strcmp(state, "deleted") == 0;
}

const char *ec_state_after(const struct lifecycle *of, const char *state, const char *status) {
    bool refused = strcmp(lifecycle_proves(of, status), "refused") == 0;
    if (ec_has_ended(state) || (refused && lifecycle_rank(of, state) >= lifecycle_rank(of, "released"))) {
        return state;
    }
    return lifecycle_next(of, state, status);
}

bool parcel_is_released(const struct parcel *parcel) {
    return !ec_has_ended(parcel->state)
           && lifecycle_rank(&lifecycle, parcel->state) >= lifecycle_rank(&lifecycle, "released");
}

#define PARCEL_COLUMNS \
    "key, party, shop, waybill, list_no, office, mode, state, value, currency, lacks, record, round_at"

static bool read_parcel(const struct cause *cause, struct store_query *query, struct parcel *out) {
    struct arena *arena = cause->arena;
    bool found = state_row(cause->state, query);
    if (found) {
        const char *texts[11];
        for (int i = 0; i < 11; i++) {
            texts[i] = row_text(query, i, arena);
        }
        const char *now = state_of(cause->decision, "parcels", texts[0]);
        *out = (struct parcel){ .key = texts[0],
                                .party = texts[1],
                                .shop = texts[2],
                                .waybill = texts[3],
                                .list_no = texts[4],
                                .office = texts[5],
                                .mode = texts[6],
                                .state = now ? now : texts[7],
                                .value = texts[8],
                                .currency = texts[9],
                                .lacks = texts[10],
                                .record = (uint64_t)store_int(query, 11),
                                .round_at = store_int(query, 12) };
    }
    return found;
}

static bool parcel_get(const struct cause *cause, const char *key, struct parcel *out) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT " PARCEL_COLUMNS " FROM parcels WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = read_parcel(cause, query, out);
    store_reset(query);
    return found;
}

size_t parcels_of_waybill(const struct cause *cause, const char *waybill,
                          struct parcel out[WAYBILL_PARCELS_MAX]) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT " PARCEL_COLUMNS " FROM parcels WHERE waybill = ?"
                                            " AND state NOT IN ('refused', 'deleted') ORDER BY key LIMIT ?");
    size_t count = 0;
    store_bind_string(query, 1, waybill);
    store_bind_int(query, 2, WAYBILL_PARCELS_MAX);
    while (count < WAYBILL_PARCELS_MAX && read_parcel(cause, query, &out[count])) {
        count++;
    }
    store_reset(query);
    return count;
}

bool parcel_of_list(const struct cause *cause, const char *shop, const char *list_no, struct parcel *out) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT " PARCEL_COLUMNS " FROM parcels WHERE list_no = ?"
                                               " AND list_no <> '' AND shop = ? ORDER BY record LIMIT 1");
    store_bind_string(query, 1, list_no);
    store_bind_string(query, 2, shop);
    bool found = read_parcel(cause, query, out);
    store_reset(query);
    return found;
}

bool parcel_line(const struct cause *cause, const char *key, const char *line, struct parcel_goods *out) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT hs, unit, exported FROM parcel_goods WHERE parcel = ? AND line = ?");
    store_bind_string(query, 1, key);
    store_bind_string(query, 2, line);
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct parcel_goods){ .hs = row_text(query, 0, cause->arena),
                                      .unit = row_text(query, 1, cause->arena) };
        found = decimal_parse(store_text(query, 2), &out->exported);
    }
    store_reset(query);
    return found;
}

static const char *row_key(const struct cause *cause, uint32_t row) {
    return arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.shop_code", row),
                        cause_row_text(cause, "parcel.order_no", row));
}

/* --- the goods of a list -------------------------------------------------------------------------------- */

/* [[line, hs, name, unit, quantity], ...] */
static const char *goods_json(const struct cause *cause, const struct ec_goods *goods) {
    static const char *const fields[] = { "item.number", "item.hs_code", "item.name", "item.unit",
                                          "item.quantity" };
    struct buf json;
    struct json_out out;
    buf_init(&json, GOODS_TEXT_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    for (uint32_t line = 0; line < goods->lines; line++) {
        json_open_array(&out, NULL);
        for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
            json_put_string(&out, NULL, cause_row_text(cause, fields[i], goods->first + line));
        }
        json_close_array(&out);
    }
    json_close_array(&out);
    require(!buf_failed(&json)); /* at most 100 lines of a schema's length */
    const char *copy = arena_copy(cause->arena, buf_text(&json));
    buf_release(&json);
    return copy;
}

/* --- matching ------------------------------------------------------------------------------------------- */

static const char *const paper_kinds[] = { "order", "payment", "waybill" };
#define PAPERS_COUNT (sizeof(paper_kinds) / sizeof(*paper_kinds))

static bool is_paid(const struct cause *cause, const char *mode) {
    const struct codelist *modes = codelists_find(cause->edition->lists, TEXT("ec_paid_modes"));
    return modes && codelist_has(modes, text_of(mode), cause->today);
}

static const char *key_of_paper(const struct cause *cause, const struct parcel *parcel, const char *kind) {
    return arena_printf(cause->arena, "%s/%s", kind,
                        strcmp(kind, "waybill") == 0 ? parcel->waybill : parcel->key);
}

static bool is_needed(const struct cause *cause, const struct parcel *parcel, const char *kind) {
    return strcmp(kind, "payment") != 0 || is_paid(cause, parcel->mode);
}

/* A waybill that names a shop is of that shop's parcels: nobody takes another's by naming it. */
static bool find_paper(const struct cause *cause, const struct parcel *parcel, const char *kind,
                       struct paper *out) {
    return paper_get(cause, key_of_paper(cause, parcel, kind), out)
           && (strcmp(kind, "waybill") != 0 || !*out->type || strcmp(out->type, parcel->shop) == 0);
}

static const char *papers_lacking(const struct cause *cause, const struct parcel *parcel) {
    const char *lacks = "";
    for (size_t i = 0; i < PAPERS_COUNT; i++) {
        struct paper paper;
        if (is_needed(cause, parcel, paper_kinds[i]) && !find_paper(cause, parcel, paper_kinds[i], &paper)) {
            lacks = arena_printf(cause->arena, "%s%s%s", lacks, *lacks ? " " : "", paper_kinds[i]);
        }
    }
    return lacks;
}

/* All papers are there: they are fixed, and customs gets them; at once, or, where this decision has no room
 * for it, by one of its own. Else the parcel waits for the others. False: it lacks some. */
static bool match(struct cause *cause, const struct parcel *parcel, stamp at) {
    struct decision *decision = cause->decision;
    const char *lacks = papers_lacking(cause, parcel);
    if (*lacks) {
        decision_move(decision, "parcels", parcel->key, "lack", parcel->state, parcel->state, at, "lacks",
                      lacks, NULL);
        return false;
    }
    if (!ec_has_room(cause, parcel->office, PAPERS_COUNT)) {
        ec_tell_soon(cause, "parcels", parcel->key);
        return true;
    }
    decision_move(decision, "parcels", parcel->key, "match", parcel->state,
                  lifecycle_next(&lifecycle, parcel->state, "match"), at, NULL);
    for (size_t i = 0; i < PAPERS_COUNT; i++) {
        struct paper paper;
        if (find_paper(cause, parcel, paper_kinds[i], &paper)) {
            paper_use(cause, &paper, at);
            ec_tell_customs(cause, parcel->office, paper.record);
        }
    }
    return true;
}

/* Not a waybill under which another parcel travels. */
static void free_papers(struct cause *cause, const struct parcel *parcel, stamp at) {
    for (size_t i = 0; i < PAPERS_COUNT; i++) {
        struct parcel of_waybill[WAYBILL_PARCELS_MAX];
        struct paper paper;
        bool shared = strcmp(paper_kinds[i], "waybill") == 0
                      && parcels_of_waybill(cause, parcel->waybill, of_waybill) > 1;
        if (!shared && find_paper(cause, parcel, paper_kinds[i], &paper)) {
            paper_free(cause, paper.key, at);
        }
    }
}

/* A paper has come that lists may have waited for, or one of several is gone before the others came. */
static void hear(struct cause *cause, const struct move *move) {
    if (!paper_is_told(move) && !move_is(move, "papers", "delete")) {
        return;
    }
    struct parcel waiting[WAYBILL_PARCELS_MAX];
    const char *key = strchr(move->key, '/') + 1;
    size_t count = paper_is_of(move->key, "waybill") ? parcels_of_waybill(cause, key, waiting)
                   : (paper_is_of(move->key, "order") || paper_is_of(move->key, "payment"))
                           && parcel_get(cause, key, &waiting[0])
                       ? 1
                       : 0;
    for (size_t i = 0; i < count; i++) {
        if (!ec_has_ended(waiting[i].state) && *waiting[i].lacks && match(cause, &waiting[i], move->at)) {
            ec_tell_soon(cause, "parcels", waiting[i].key);
        }
    }
}

/* It matches by the paper of another, who is told nothing of it: who declared it hears so. */
static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct parcel parcel;
    if (!parcel_get(cause, cause->tick_key, &parcel) || ec_has_ended(parcel.state)
        || ((*parcel.lacks || strcmp(parcel.state, "lacking") == 0)
            && !match(cause, &parcel, cause->stamp))) {
        return;
    }
    const char *order = strchr(parcel.key, '/') + 1;
    decision_answer(
        decision, "LIST-MATCHED", arena_printf(cause->arena, "订单 %s 的清单三单相符，已送海关", order),
        arena_printf(cause->arena, "the list of order %s matches its papers, and went to customs", order));
    decision_detail(decision, "shop_code", parcel.shop);
    decision_detail(decision, "order", order);
    decision_send(decision, parcel.party, 0, "list");
}

void parcel_move(struct cause *cause, const struct parcel *parcel, const char *event, stamp at) {
    require(cause_has_state(cause));
    decision_move(cause->decision, "parcels", parcel->key, event, parcel->state,
                  lifecycle_next(&lifecycle, parcel->state, event), at, NULL);
}

bool parcel_is_declared(const struct move *move, struct parcel *out) {
    *out = (struct parcel){ .key = move->key, .waybill = move_text(move, "waybill").at, .state = move->to };
    return move_is(move, "parcels", "declare");
}

/* --- a list --------------------------------------------------------------------------------------------- */

static void enrich_order(struct cause *cause) {
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct parcel parcel;
        bool listed = parcel_get(cause, row_key(cause, row), &parcel) && !ec_has_ended(parcel.state);
        if (listed) {
            cause_enrich(cause, "parcel.listed_mode", row, parcel.mode);
            cause_enrich(cause, "parcel.listed_value", row, parcel.value);
            cause_enrich(cause, "parcel.listed_currency", row, parcel.currency);
            cause_enrich(cause, "parcel.ordered_type", row, cause_row_text(cause, "parcel.order_type", row));
            cause_enrich(cause, "parcel.ordered_value", row,
                         cause_row_text(cause, "parcel.goods_value", row));
            cause_enrich(cause, "parcel.ordered_currency", row,
                         cause_row_text(cause, "parcel.currency", row));
        }
    }
}

/* What may be changed was not taken up by customs yet. */
static bool is_fixed(const struct parcel *parcel) {
    return !ec_has_ended(parcel->state)
           && lifecycle_rank(&lifecycle, parcel->state) >= lifecycle_rank(&lifecycle, "lodged");
}

static void enrich_list(struct cause *cause) {
    uint32_t rows = cause_rows(cause, "parcel");
    const struct ec_goods *goods = ec_goods_of(cause, rows);
    for (uint32_t row = 0; row < rows; row++) {
        struct parcel parcel;
        struct paper order;
        const char *key = row_key(cause, row);
        bool known = parcel_get(cause, key, &parcel) && !ec_has_ended(parcel.state);
        bool twice = ec_is_said_before(cause, "parcel.shop_code", "parcel.order_no", row);
        for (uint32_t line = 0; line < goods[row].lines; line++) {
            cause_enrich(cause, "item.place", goods[row].first + line,
                         arena_printf(cause->arena, "%u", line + 1));
        }
        cause_enrich_flag(cause, "parcel.known", row, known || twice);
        cause_enrich_flag(cause, "parcel.own", row, known && strcmp(parcel.party, cause->sender) == 0);
        cause_enrich_flag(cause, "parcel.fixed", row, twice || (known && is_fixed(&parcel)));
        if (paper_get(cause, arena_printf(cause->arena, "order/%s", key), &order)) {
            cause_enrich(cause, "parcel.ordered_type", row, order.type);
            cause_enrich(cause, "parcel.ordered_value", row, order.value);
            cause_enrich(cause, "parcel.ordered_currency", row, order.currency);
            cause_enrich(cause, "parcel.listed_mode", row, cause_row_text(cause, "parcel.mode", row));
            cause_enrich(cause, "parcel.listed_value", row, ec_value_text(cause, &goods[row]));
            cause_enrich(cause, "parcel.listed_currency", row, goods[row].currency);
        }
    }
}

/* False: it lacks papers. */
static bool declare(struct cause *cause, uint32_t row, const struct ec_goods *goods,
                    const struct parcel *before) {
    struct decision *decision = cause->decision;
    stamp at = cause->metadata->env.received;
    struct parcel parcel = {
        .key = row_key(cause, row),
        .waybill = arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.carrier_code", row),
                                cause_row_text(cause, "parcel.waybill_no", row)),
        .office = cause_row_text(cause, "parcel.office", row),
        .mode = cause_row_text(cause, "parcel.mode", row),
        .shop = cause_row_text(cause, "parcel.shop_code", row),
        .state = "lacking",
    };
    if (before) {
        free_papers(cause, before, at);
    }
    decision_move(decision, "parcels", parcel.key, "declare", "", "lacking", at, "party", cause->sender,
                  "shop", parcel.shop, "platform", cause_row_text(cause, "parcel.platform_code", row),
                  "order_no", cause_row_text(cause, "parcel.order_no", row), "waybill", parcel.waybill,
                  "own_no", cause_row_text(cause, "parcel.own_no", row), "office", parcel.office, "mode",
                  parcel.mode, "value", ec_value_text(cause, goods), "currency",
                  goods->currency ? goods->currency : "", NULL);
    decision_put(decision, "round_at", before ? at : 0);
    decision_put_rows(decision, "goods", goods_json(cause, goods), goods->lines);
    return match(cause, &parcel, at);
}

/* Rules say it better, by the same; this holds where none does. */
static bool may_declare(const struct cause *cause, const struct parcel *before, enum ec_action action) {
    if (action == EC_NEW) {
        return !before || ec_has_ended(before->state);
    }
    return before && !ec_has_ended(before->state) && !is_fixed(before)
           && strcmp(before->party, cause->sender) == 0;
}

static void decide_list(struct cause *cause) {
    struct decision *decision = cause->decision;
    uint32_t rows = cause_rows(cause, "parcel");
    const struct ec_goods *goods = ec_goods_of(cause, rows);
    size_t lacking = 0;
    for (uint32_t row = 0; row < rows; row++) {
        enum ec_action action = ec_action(cause, row);
        const char *key = row_key(cause, row);
        struct parcel before;
        bool known = parcel_get(cause, key, &before);
        if (!may_declare(cause, known ? &before : NULL, action)) {
            decision_refuse(decision, "LIST-NOT-SO", "清单已申报，或不可变更、删除",
                            "the list was declared before, or may not be changed or deleted");
            return;
        }
        if (action == EC_DELETE) {
            stamp at = cause->metadata->env.received;
            free_papers(cause, &before, at);
            decision_move(decision, "parcels", key, "delete", before.state, "deleted", at, NULL);
        } else {
            lacking += !declare(cause, row, &goods[row], known ? &before : NULL);
        }
    }
    if (lacking) {
        decision_answer(decision, "LISTS-LACK-PAPERS", "清单已登记，尚缺订单、收款单或运单",
                        "the lists are recorded; orders, payments or waybills are missing");
    } else {
        decision_answer(decision, "LISTS-MATCHED", "清单已登记，三单相符",
                        "the lists are recorded, and match their papers");
    }
    decision_detail(decision, "lists", arena_printf(cause->arena, "%u", rows));
    decision_detail(decision, "lacking", arena_printf(cause->arena, "%zu", lacking));
}

/* --- what customs answers ------------------------------------------------------------------------------- */

static void decide_list_receipts(struct cause *cause) {
    struct ec_owner owner = { 0 };
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct parcel parcel;
        bool known = parcel_get(cause, row_key(cause, row), &parcel);
        stamp at = cause_row_moment(cause, "parcel.notice_time", row, cause->stamp);
        const char *status = cause_row_text(cause, "parcel.receipt", row);
        ec_owner_add(&owner, known ? parcel.party : "");
        if (!known || at < parcel.round_at) {
            continue;
        }
        const char *to = ec_state_after(&lifecycle, parcel.state, status);
        decision_move(cause->decision, "parcels", parcel.key,
                      lifecycle_event(&lifecycle, status) ? status : "receipt", parcel.state, to, at,
                      "receipt", status, "number", cause_row_text(cause, "parcel.list_no", row), "info",
                      cause_row_text(cause, "parcel.info", row), NULL);
        if (strcmp(to, "refused") == 0 && strcmp(parcel.state, "refused") != 0) {
            free_papers(cause, &parcel, at);
        }
    }
    cause->submitter = ec_owner_of(&owner);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "declare", NULL, {
        "INSERT OR REPLACE INTO parcels(key, party, shop, platform, order_no, waybill, own_no, list_no, office, mode, value,"
        " currency, lacks, record, declared, round_at, arrived, departed, receipt, receipt_at, info, state)"
        " VALUES(:key, :party, :shop, :platform, :order_no, :waybill, :own_no, '', :office, :mode, :value, :currency, '',"
        " :cause, :at, :round_at, 0, 0, '', 0, '', :to)",
        "DELETE FROM parcel_goods WHERE parcel = :key",
        "INSERT OR IGNORE INTO parcel_goods(parcel, line, hs, name, unit, exported)"
        " SELECT :key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(:goods)" },
      NULL },
    { "lack", NULL, { "UPDATE parcels SET lacks = :lacks WHERE key = :key" }, NULL },
    { "match", NULL, { "UPDATE parcels SET lacks = '', state = :to WHERE key = :key" }, NULL },
    { "delete", NULL, { "UPDATE parcels SET lacks = '', state = :to WHERE key = :key" }, NULL },
    { "arrive", NULL, {
        "UPDATE parcels SET arrived = iif(arrived = 0, :at, min(arrived, :at)), state = :to WHERE key = :key" }, NULL },
    { "depart", NULL, {
        "UPDATE parcels SET departed = iif(departed = 0, :at, min(departed, :at)), state = :to WHERE key = :key" }, NULL },
    { NULL, NULL, {
        "UPDATE parcels SET list_no = iif(:number <> '' AND (list_no = '' OR receipt_at <= :at), :number, list_no),"
        " state = :to WHERE key = :key",
        "UPDATE parcels SET receipt = :receipt, info = :info, receipt_at = :at WHERE key = :key AND receipt_at <= :at" },
      NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "ec-order", enrich_order, NULL },
    { "ec-list", enrich_list, decide_list },
    { "ec-list-receipt", NULL, decide_list_receipts },
    { 0 },
};

const struct part part_parcels = {
    .name = "parcels",
    .lifecycle = &lifecycle,
    .noun = "parcel",
    .state_of = "SELECT state FROM parcels WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .hear = hear,
    .moves = moves,
};
