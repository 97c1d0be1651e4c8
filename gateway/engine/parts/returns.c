/*
 * returns.c - goods of an exported parcel that come back 跨境电商退货, by sea or by air.
 *
 *   applied ──► lodged ──► held ──► assessed ──► released ──► closed
 *      └──────────┴─────────┴──────────┴──► refused ──► (applied for once more)
 *
 * An application names the list of the export by the number that customs gave it, and of each line how much
 * comes back. It draws on what that line exported: a quantity comes back once. What an application draws is
 * free again when customs refuses it or its sender deletes it. What is left is made known here line by line,
 * for the rules (C12, C13); deciding holds by itself, whatever the rules are.
 */
#include "engine/parts/returns.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "engine/parts/papers.h"
#include "engine/parts/parcels.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "applied",  10, "已申请",     "applied for"             },
    { "lodged",   20, "海关入库",   "registered by customs"   },
    { "held",     25, "待海关处置", "customs looks into it"   },
    { "assessed", 30, "审结",       "assessed"                },
    { "released", 50, "已放行",     "released"                },
    { "closed",   60, "已结关",     "cleared and closed"      },
    { "refused",  90, "退单",       "refused by customs"      },
    { "deleted",  95, "已删除",     "deleted"                 },
};

static const struct lifecycle_event events[] = {
    { "apply",   "applied", "退货申请",     "return applied for"   },
    { "delete",  "deleted", "退货申请删除", "application deleted"  },
    { "receipt", "",        "海关回执",     "receipt of customs"   },
    EC_RECEIPT_EVENTS,
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "returns",    states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events),
    "ec_receipts"
};

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS returns(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_no TEXT NOT NULL,"
    "  parcel TEXT NOT NULL, list_no TEXT NOT NULL, waybill TEXT NOT NULL, transport TEXT NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  record INTEGER NOT NULL, applied INTEGER NOT NULL, round_at INTEGER NOT NULL, receipt TEXT NOT NULL,"
    "  receipt_at INTEGER NOT NULL, info TEXT NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS returns_parcel ON returns(parcel);"
    "CREATE INDEX IF NOT EXISTS returns_list ON returns(list_no, own_no);"
    "CREATE INDEX IF NOT EXISTS returns_waybill ON returns(waybill, own_no);"
    "CREATE TABLE IF NOT EXISTS return_goods(application TEXT NOT NULL, parcel TEXT NOT NULL,"
    "  line TEXT NOT NULL, quantity TEXT NOT NULL,"
    "  PRIMARY KEY(parcel, line, application)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS return_goods_application ON return_goods(application);";

#define GOODS_TEXT_MAX      (16u << 20)
#define RETURNS_OF_LIST_MAX 20 /* applications that stand for one list: what is left is summed over them */

/* --- finding one ---------------------------------------------------------------------------------------- */

static bool application_get(const struct cause *cause, const char *key, struct application *out) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT party, state, round_at FROM returns WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        const char *now = state_of(cause->decision, "returns", key);
        *out = (struct application){ key, row_text(query, 0, cause->arena),
                                     now ? now : row_text(query, 1, cause->arena), store_int(query, 2) };
    }
    store_reset(query);
    return found;
}

bool application_of_waybill(const struct cause *cause, const char *waybill, const char *own_no,
                            struct application *out) {
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT key FROM returns WHERE waybill = ? AND own_no = ?"
                                            " AND state NOT IN ('refused', 'deleted') ORDER BY key LIMIT 2");
    const char *key = NULL;
    size_t found = 0;
    store_bind_string(query, 1, waybill);
    store_bind_string(query, 2, own_no);
    while (state_row(cause->state, query)) {
        key = row_text(query, 0, cause->arena);
        found++;
    }
    store_reset(query);
    return found == 1 && application_get(cause, key, out);
}

bool application_is_made(const struct move *move) {
    return move_is(move, "returns", "apply");
}

static const char *application_key(const struct cause *cause, uint32_t row) {
    return arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.shop_code", row),
                        cause_row_text(cause, "parcel.own_no", row));
}

/* The export whose list this row names. */
static bool parcel_of_row(const struct cause *cause, uint32_t row, struct parcel *out) {
    return parcel_of_list(cause, cause_row_text(cause, "parcel.shop_code", row),
                          cause_row_text(cause, "parcel.list_no", row), out);
}

/* Others that stand for this export, in this decision too. */
static int64_t applications_of(const struct cause *cause, const char *parcel, const char *application) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT count(*) FROM returns WHERE parcel = ? AND key <> ?"
                                               " AND state NOT IN ('refused', 'deleted')");
    store_bind_string(query, 1, parcel);
    store_bind_string(query, 2, application);
    int64_t count = state_number(cause->state, query, 0);
    for (size_t i = 0; i < cause->decision->moves_count; i++) {
        const struct move *move = &cause->decision->moves[i];
        count += move_is(move, "returns", "apply") && text_is(move_text(move, "parcel"), parcel);
    }
    return count;
}

/* --- what is left --------------------------------------------------------------------------------------- */

/* A line of the message, and how much of what is left it wants. */
struct drawn {
    uint32_t item, row;        /* the line's own, that of its application */
    const char *parcel, *line; /* parcel "": the list is not known */
    bool is_exported;          /* the list has these goods at that line */
    bool is_left;              /* `left` and `wanted` are known, and something is wanted */
    struct decimal left, wanted;
};

/* By other applications that stand. */
static bool returned_by_others(const struct cause *cause, const struct drawn *drawn, struct decimal *out) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT quantity FROM return_goods JOIN returns ON key = application"
                                   " WHERE return_goods.parcel = ? AND line = ? AND application <> ?"
                                   " AND state NOT IN ('refused', 'deleted')");
    bool known = true;
    *out = decimal_of_int(0);
    store_bind_string(query, 1, drawn->parcel);
    store_bind_string(query, 2, drawn->line);
    store_bind_string(query, 3, application_key(cause, drawn->row));
    while (state_row(cause->state, query)) {
        struct decimal quantity;
        known = known && decimal_parse(store_text(query, 0), &quantity) && decimal_add(*out, quantity, out);
    }
    store_reset(query);
    return known;
}

/* What is left before this message. */
static void measure(const struct cause *cause, struct drawn *drawn) {
    struct parcel_goods goods;
    struct decimal returned;
    drawn->is_exported = *drawn->parcel && parcel_line(cause, drawn->parcel, drawn->line, &goods)
                         && strcmp(goods.hs, cause_row_text(cause, "item.hs_code", drawn->item)) == 0
                         && strcmp(goods.unit, cause_row_text(cause, "item.unit", drawn->item)) == 0;
    drawn->is_left =
        drawn->is_exported && returned_by_others(cause, drawn, &returned)
        && decimal_subtract(goods.exported, returned, &drawn->left)
        && decimal_parse(text_of(cause_row_text(cause, "item.quantity", drawn->item)), &drawn->wanted)
        && decimal_compare(drawn->wanted, decimal_of_int(0)) > 0;
}

static int by_line(const void *a, const void *b) {
    const struct drawn *x = *(const struct drawn *const *)a, *y = *(const struct drawn *const *)b;
    int parcels = strcmp(x->parcel, y->parcel), lines = strcmp(x->line, y->line);
    return parcels ? parcels : lines ? lines : (x->item > y->item) - (x->item < y->item);
}

/* A message may draw on one line several times: what a line before it wants is not left for it. */
static void draw_in_turn(const struct cause *cause, struct drawn *lines, uint32_t items) {
    struct drawn **sorted = arena_alloc(cause->arena, (items + 1) * sizeof(struct drawn *));
    for (uint32_t i = 0; i < items; i++) {
        sorted[i] = &lines[i];
    }
    qsort(sorted, items, sizeof(struct drawn *), by_line);
    for (uint32_t i = 1; i < items; i++) {
        const struct drawn *before = sorted[i - 1];
        struct drawn *drawn = sorted[i];
        if (strcmp(before->parcel, drawn->parcel) == 0 && strcmp(before->line, drawn->line) == 0) {
            drawn->is_left = drawn->is_left && before->is_left
                             && decimal_subtract(before->left, before->wanted, &drawn->left);
        }
    }
}

static uint32_t application_of(const struct cause *cause, uint32_t item, uint32_t rows) {
    struct decimal number;
    bool told = decimal_parse(text_of(cause_row_text(cause, "item.parcel", item)), &number) && !number.scale
                && number.coefficient >= 1 && number.coefficient <= rows;
    return told ? (uint32_t)(number.coefficient - 1) : rows;
}

/* The items of the message. */
static struct drawn *lines_of(const struct cause *cause) {
    uint32_t items = cause_rows(cause, "item"), rows = cause_rows(cause, "parcel");
    struct drawn *lines = arena_alloc(cause->arena, (items + 1) * sizeof(*lines));
    const char **parcels = arena_alloc(cause->arena, (rows + 1) * sizeof(*parcels));
    for (uint32_t row = 0; row <= rows; row++) {
        struct parcel parcel;
        parcels[row] = row < rows && parcel_of_row(cause, row, &parcel) ? parcel.key : "";
    }
    for (uint32_t item = 0; item < items; item++) {
        uint32_t row = application_of(cause, item, rows);
        lines[item] = (struct drawn){ .item = item,
                                      .row = row,
                                      .parcel = parcels[row],
                                      .line = cause_row_text(cause, "item.number", item) };
        measure(cause, &lines[item]);
    }
    draw_in_turn(cause, lines, items);
    return lines;
}

/* --- an application ------------------------------------------------------------------------------------- */

static bool is_fixed(const struct application *application) {
    return !ec_has_ended(application->state) && strcmp(application->state, "applied") != 0;
}

static void enrich(struct cause *cause) {
    const struct drawn *lines = lines_of(cause);
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct application application;
        struct parcel parcel;
        bool known = application_get(cause, application_key(cause, row), &application)
                     && !ec_has_ended(application.state);
        bool twice = ec_is_said_before(cause, "parcel.shop_code", "parcel.own_no", row);
        bool listed = parcel_of_row(cause, row, &parcel);
        cause_enrich_flag(cause, "parcel.known", row, known || twice);
        cause_enrich_flag(cause, "parcel.own", row, known && strcmp(application.party, cause->sender) == 0);
        cause_enrich_flag(cause, "parcel.fixed", row, twice || (known && is_fixed(&application)));
        cause_enrich_flag(cause, "parcel.listed", row, listed);
        cause_enrich_flag(cause, "parcel.released", row, listed && parcel_is_released(&parcel));
    }
    for (uint32_t item = 0; item < cause_rows(cause, "item"); item++) {
        char left[DECIMAL_TEXT_MAX];
        cause_enrich_flag(cause, "item.exported", item, lines[item].is_exported);
        if (lines[item].is_left) {
            cause_enrich(cause, "item.left", item, decimal_print(lines[item].left, left));
        }
    }
}

/* Rules say it better, by the same; this holds where none does. */
static bool may_apply(const struct cause *cause, uint32_t row, enum ec_action action) {
    struct application before;
    bool known = application_get(cause, application_key(cause, row), &before) && !ec_has_ended(before.state);
    return action == EC_NEW ? !known
                            : known && !is_fixed(&before) && strcmp(before.party, cause->sender) == 0;
}

/* `from`: the first item of the application; behind it the first of the next. */
static bool may_return(const struct cause *cause, uint32_t row, const struct drawn *lines, uint32_t *from) {
    struct parcel parcel;
    bool may = parcel_of_row(cause, row, &parcel) && parcel_is_released(&parcel);
    for (; *from < cause_rows(cause, "item") && lines[*from].row == row; ++*from) {
        const struct drawn *drawn = &lines[*from];
        may = may && drawn->is_left && decimal_compare(drawn->wanted, drawn->left) <= 0;
    }
    return may;
}

/* [[line, quantity], ...]: of a line that stands twice the sum. */
static const char *goods_json(const struct cause *cause, const struct drawn *lines, uint32_t count,
                              size_t *rows) {
    struct buf json;
    struct json_out out;
    *rows = 0;
    buf_init(&json, GOODS_TEXT_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    for (uint32_t i = 0; i < count; i++) {
        struct decimal sum = lines[i].wanted;
        char quantity[DECIMAL_TEXT_MAX];
        bool first = true;
        for (uint32_t before = 0; before < i; before++) {
            first = first && strcmp(lines[before].line, lines[i].line) != 0;
        }
        for (uint32_t behind = i + 1; behind < count && first; behind++) {
            if (strcmp(lines[behind].line, lines[i].line) == 0) {
                bool added = decimal_add(sum, lines[behind].wanted, &sum);
                require(added); /* no more than is left */
            }
        }
        if (first) {
            json_open_array(&out, NULL);
            json_put_string(&out, NULL, lines[i].line);
            json_put_string(&out, NULL, decimal_print(sum, quantity));
            json_close_array(&out);
            ++*rows;
        }
    }
    json_close_array(&out);
    require(!buf_failed(&json)); /* at most 99 lines of a schema's length */
    const char *copy = arena_copy(cause->arena, buf_text(&json));
    buf_release(&json);
    return copy;
}

static void apply(struct cause *cause, uint32_t row, const struct parcel *parcel, const struct drawn *lines,
                  uint32_t count) {
    struct decision *decision = cause->decision;
    struct application before;
    const char *key = application_key(cause, row);
    stamp at = cause->metadata->env.received;
    size_t rows;
    bool known = application_get(cause, key, &before);
    const char *goods = goods_json(cause, lines, count, &rows);
    decision_move(decision, "returns", key, "apply", "", "applied", at, "party", cause->sender, "own_no",
                  cause_row_text(cause, "parcel.own_no", row), "parcel", parcel->key, "number",
                  parcel->list_no, "waybill",
                  arena_printf(cause->arena, "%s/%s", cause_row_text(cause, "parcel.carrier_code", row),
                               cause_row_text(cause, "parcel.waybill_no", row)),
                  "transport", cause_row_text(cause, "parcel.transport_mode", row), "reason",
                  cause_row_text(cause, "parcel.reason", row), NULL);
    decision_put(decision, "round_at", known ? at : 0);
    decision_put_rows(decision, "goods", goods, rows);
}

/* False: it is refused. */
static bool decide_row(struct cause *cause, uint32_t row, const struct drawn *lines, uint32_t *item) {
    struct decision *decision = cause->decision;
    enum ec_action action = ec_action(cause, row);
    const char *key = application_key(cause, row);
    uint32_t first = *item;
    struct parcel parcel;
    bool may = may_return(cause, row, lines, item);
    if (!may_apply(cause, row, action)) {
        decision_refuse(decision, "RETURN-NOT-SO", "退货申请已登记，或不可变更、删除",
                        "the return was applied for before, or may not be changed or deleted");
    } else if (action == EC_DELETE) {
        decision_move(decision, "returns", key, "delete", "applied", "deleted", cause->metadata->env.received,
                      NULL);
    } else if (!may || !parcel_of_row(cause, row, &parcel)) {
        decision_refuse(decision, "RETURNED", "没有这样的出口，或其数量已退回",
                        "there is no such export, or its quantity came back already");
    } else if (applications_of(cause, parcel.key, key) >= RETURNS_OF_LIST_MAX) {
        decision_refuse(decision, "RETURNS-MANY", "同一清单的退货申请过多，请合并申请",
                        "too many applications stand for one list; join them");
    } else {
        apply(cause, row, &parcel, lines + first, *item - first);
    }
    return !decision_refused(decision);
}

static void decide(struct cause *cause) {
    struct decision *decision = cause->decision;
    const struct drawn *lines = lines_of(cause);
    uint32_t rows = cause_rows(cause, "parcel"), item = 0;
    for (uint32_t row = 0; row < rows; row++) {
        if (!decide_row(cause, row, lines, &item)) {
            return;
        }
    }
    decision_answer(decision, "RETURNS-TAKEN", "退货申请已登记，与其出口清单相符",
                    "the return is recorded, and paired with its export");
    decision_detail(decision, "returns", arena_printf(cause->arena, "%u", rows));
}

/* --- what customs answers ------------------------------------------------------------------------------- */

/* A receipt names the application by its number and the list, and not the shop: by the list that is found. */
static bool application_of_receipt(const struct cause *cause, uint32_t row, struct application *out) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT key FROM returns WHERE list_no = ? AND own_no = ?"
                                               " ORDER BY record LIMIT 2");
    const char *key = NULL;
    size_t found = 0;
    store_bind_string(query, 1, cause_row_text(cause, "parcel.list_no", row));
    store_bind_string(query, 2, cause_row_text(cause, "parcel.own_no", row));
    while (state_row(cause->state, query)) {
        key = row_text(query, 0, cause->arena);
        found++;
    }
    store_reset(query);
    return found == 1 && application_get(cause, key, out);
}

static void decide_receipts(struct cause *cause) {
    struct ec_owner owner = { 0 };
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct application application;
        bool known = application_of_receipt(cause, row, &application);
        stamp at = cause_row_moment(cause, "parcel.notice_time", row, cause->stamp);
        const char *status = cause_row_text(cause, "parcel.receipt", row);
        ec_owner_add(&owner, known ? application.party : "");
        if (known && at >= application.round_at) {
            decision_move(cause->decision, "returns", application.key,
                          lifecycle_event(&lifecycle, status) ? status : "receipt", application.state,
                          ec_state_after(&lifecycle, application.state, status), at, "receipt", status,
                          "info", cause_row_text(cause, "parcel.info", row), NULL);
        }
    }
    cause->submitter = ec_owner_of(&owner);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "apply", NULL, {
        "INSERT OR REPLACE INTO returns(key, party, own_no, parcel, list_no, waybill, transport, reason, record, applied,"
        " round_at, receipt, receipt_at, info, state) VALUES(:key, :party, :own_no, :parcel, :number, :waybill, :transport,"
        " :reason, :cause, :at, :round_at, '', 0, '', :to)",
        "DELETE FROM return_goods WHERE application = :key",
        "INSERT INTO return_goods(application, parcel, line, quantity)"
        " SELECT :key, :parcel, value ->> 0, value ->> 1 FROM json_each(:goods)" }, NULL },
    { "delete", NULL, { "UPDATE returns SET state = :to WHERE key = :key" }, NULL },
    { NULL, NULL, {
        "UPDATE returns SET state = :to WHERE key = :key",
        "UPDATE returns SET receipt = :receipt, info = :info, receipt_at = :at WHERE key = :key AND receipt_at <= :at" },
      NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "ec-return", enrich, decide },
    { "ec-return-receipt", NULL, decide_receipts },
    { 0 },
};

const struct part part_returns = {
    .name = "returns",
    .lifecycle = &lifecycle,
    .noun = "return",
    .state_of = "SELECT state FROM returns WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
