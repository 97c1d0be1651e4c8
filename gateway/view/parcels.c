/*
 * parcels.c - rows of state.db that the viewer may see, the newest first; and of those that are asked for
 * by a number, what came back of each line.
 */
#include "view/parcels.h"

#include "base/decimal.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const parcel_states[] = { "lacking",  "matched", "lodged",  "held",    "assessed", "released",
                                      "departed", "closed",  "refused", "deleted", NULL };

struct parcel {
    const char *key, *shop, *order, *waybill, *list, *party, *office, *mode, *lacks, *state, *receipt, *info;
    stamp declared, arrived, departed;
    int64_t record;
};

/* A line of it. */
struct goods {
    const char *line, *hs, *name, *unit, *exported, *returned;
};

/* --- the rows ------------------------------------------------------------------------------------------- */

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT key, shop, order_no, substr(waybill, instr(waybill, '/') + 1), list_no, party, office, mode,"
        " lacks, state, receipt, info, declared, arrived, departed, record FROM parcels"
        " WHERE (?1 = '' OR order_no = ?1) AND (?2 = '' OR substr(waybill, instr(waybill, '/') + 1) = ?2)"
        " AND (?3 = '' OR list_no = ?3) AND (?4 = '' OR state = ?4)"
        " AND (?5 = '' OR party = ?5 OR ?6 = '*' OR instr(?6, '|' || office || '|'))"
        " ORDER BY record DESC, key LIMIT ?7");
    store_bind_text(query, 1, view_value(question, "order"));
    store_bind_text(query, 2, view_value(question, "waybill"));
    store_bind_text(query, 3, view_value(question, "list"));
    store_bind_text(query, 4, view_value(question, "state"));
    store_bind_string(query, 5, sight_own(question->viewer));
    store_bind_string(query, 6, sight_served(question, "customs"));
    store_bind_int(query, 7, PARCELS_ROWS_MAX + 1);
    return query;
}

static struct parcel read_row(struct store_query *query, struct arena *arena) {
    const char *texts[12];
    for (int i = 0; i < 12; i++) {
        texts[i] = arena_copy(arena, store_text(query, i));
    }
    return (struct parcel){ texts[0],
                            texts[1],
                            texts[2],
                            texts[3],
                            texts[4],
                            texts[5],
                            texts[6],
                            texts[7],
                            texts[8],
                            texts[9],
                            texts[10],
                            texts[11],
                            store_int(query, 12),
                            store_int(query, 13),
                            store_int(query, 14),
                            store_int(query, 15) };
}

static bool names_one(const struct view_question *question) {
    return view_value(question, "order").length || view_value(question, "waybill").length
           || view_value(question, "list").length;
}

static const char *time_text(stamp at, char out[STAMP_TEXT_MAX]) {
    return at ? stamp_print(at, out) : "";
}

/* --- their goods ---------------------------------------------------------------------------------------- */

static struct store_query *ask_goods(const struct view_question *question, const struct parcel *parcel) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT line, hs, name, unit, exported, ifnull((SELECT group_concat(quantity, ' ')"
                    " FROM return_goods r JOIN returns a ON a.key = r.application WHERE r.parcel = g.parcel"
                    " AND r.line = g.line AND a.state NOT IN ('refused', 'deleted')), '')"
                    " FROM parcel_goods g WHERE parcel = ? ORDER BY CAST(line AS INTEGER)");
    store_bind_string(query, 1, parcel->key);
    return query;
}

static const char *sum_of(struct text quantities, struct arena *arena) {
    struct decimal sum = decimal_of_int(0), quantity;
    char text[DECIMAL_TEXT_MAX];
    while (quantities.length) {
        if (decimal_parse(text_until(&quantities, ' '), &quantity)) {
            decimal_add(sum, quantity, &sum);
        }
    }
    return arena_string(arena, decimal_print(sum, text));
}

static struct goods read_goods(struct store_query *query, struct arena *arena) {
    return (struct goods){ arena_copy(arena, store_text(query, 0)), arena_copy(arena, store_text(query, 1)),
                           arena_copy(arena, store_text(query, 2)), arena_copy(arena, store_text(query, 3)),
                           arena_copy(arena, store_text(query, 4)), sum_of(store_text(query, 5), arena) };
}

/* --- as JSON -------------------------------------------------------------------------------------------- */

static enum status put_goods(const struct view_question *question, const struct parcel *parcel,
                             struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query = ask_goods(question, parcel);
    json_open_array(out, "goods");
    while (store_step(query, &status)) {
        struct goods goods = read_goods(query, question->arena);
        json_open_object(out, NULL);
        json_put_string(out, "line", goods.line);
        json_put_string(out, "hs", goods.hs);
        json_put_string(out, "name", goods.name);
        json_put_string(out, "unit", goods.unit);
        json_put_string(out, "exported", goods.exported);
        json_put_string(out, "returned", goods.returned);
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct parcel row = read_row(query, question->arena);
    char declared[STAMP_TEXT_MAX], arrived[STAMP_TEXT_MAX], departed[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "shop", row.shop);
    json_put_string(out, "order", row.order);
    json_put_string(out, "waybill", row.waybill);
    json_put_string(out, "list", row.list);
    json_put_string(out, "party", row.party);
    json_put_string(out, "office", row.office);
    json_put_string(out, "mode", row.mode);
    json_put_string(out, "mode_zh", name_of_code(question, "trade_modes", row.mode, LANGUAGE_ZH));
    json_put_string(out, "mode_en", name_of_code(question, "trade_modes", row.mode, LANGUAGE_EN));
    json_put_string(out, "lacks", row.lacks);
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("parcels", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("parcels", row.state, LANGUAGE_EN));
    json_put_string(out, "declared", time_text(row.declared, declared));
    json_put_string(out, "arrived", time_text(row.arrived, arrived));
    json_put_string(out, "departed", time_text(row.departed, departed));
    json_put_string(out, "receipt", row.receipt);
    json_put_string(out, "receipt_zh", name_of_code(question, "ec_receipts", row.receipt, LANGUAGE_ZH));
    json_put_string(out, "receipt_en", name_of_code(question, "ec_receipts", row.receipt, LANGUAGE_EN));
    json_put_string(out, "info", row.info);
    json_put_int(out, "record", row.record);
    enum status status = names_one(question) ? put_goods(question, &row, out) : STATUS_OK;
    json_close_object(out);
    return status;
}

/* --- as a text ------------------------------------------------------------------------------------------ */

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "订单" : "order", 24);
    column_left(out, zh ? "运单" : "waybill", 20);
    column_left(out, zh ? "清单" : "list", 20);
    column_left(out, zh ? "监管方式" : "procedure", 10);
    column_left(out, zh ? "离境" : "departed", 18);
    column_left(out, zh ? "状态" : "state", 24);
    buf_add_string(out, zh ? "尚缺" : "lacks");
    column_end(out);
}

static enum status print_goods(const struct view_question *question, const struct parcel *parcel,
                               struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    struct store_query *query = ask_goods(question, parcel);
    while (store_step(query, &status)) {
        struct goods goods = read_goods(query, question->arena);
        const char *unit = name_of_code(question, "units", goods.unit, question->language);
        buf_printf(out, zh ? "  %s  %s %s：出口 %s %s，退回 %s" : "  %s  %s %s: exported %s %s, returned %s",
                   goods.line, goods.hs, goods.name, goods.exported, unit, goods.returned);
        column_end(out);
    }
    store_reset(query);
    return status;
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct parcel row = read_row(query, question->arena);
    char departed[STAMP_TEXT_MAX] = "";
    if (row.departed) {
        stamp_print(row.departed, departed);
        departed[16] = '\0';
    }
    column_left(out, row.order, 24);
    column_left(out, row.waybill, 20);
    column_left(out, row.list, 20);
    column_left(out, row.mode, 10);
    column_left(out, departed, 18);
    column_left(out, name_of_state("parcels", row.state, question->language), 24);
    buf_add_string(out, row.lacks);
    column_end(out);
    return names_one(question) ? print_goods(question, &row, out) : STATUS_OK;
}

static const struct rows answer = {
    .name = "parcels",
    .max = PARCELS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有这样的跨境电商包裹",
    .none_en = "no such parcels",
};

enum status parcels_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status parcels_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
