/*
 * parcels.c - rows of state.db that the viewer may see, of exported parcels and of imported ones, the newest
 * first; and of exports that are asked for by a number, what came back of each line, and was counted.
 */
#include "view/parcels.h"

#include <string.h>

#include "base/decimal.h"
#include "view/names.h"
#include "view/sight.h"

const char *const parcel_states[] = { "lacking",   "matched",   "lodged", "held",    "assessed",
                                      "released",  "departed",  "closed", "refused", "deleted",
                                      "differing", "delivered", NULL };

enum { KEY, STATE = 11, DIFFERS = 14, DIRECTION = 16, WAREHOUSE = 20 };
enum { LINE, HS, NAME, UNIT, EXPORTED, RETURNS, TALLIES, RETURNED, COUNTED, TOLD };

/* --- the rows ------------------------------------------------------------------------------------------- */

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT key, shop, order_no, substr(waybill, instr(waybill, '/') + 1), list_no, party, office, mode,"
        " declared, arrived, departed, state, lacks, differs, direction, receipt, info, record,"
        " warehouse, record, key, direction FROM ("
        "SELECT key, shop, order_no, waybill, list_no, party, office, mode, declared, arrived, departed,"
        " state, lacks, '' AS differs, 'export' AS direction, receipt, info, record,"
        " iif(mode = '9810', platform, '') AS warehouse FROM parcels"
        " UNION ALL SELECT key, shop, order_no, waybill, list_no, party, office, mode, declared, 0, 0, state,"
        " lacks, differs, 'import', receipt, info, record, '' FROM imports)"
        " WHERE (?1 = '' OR order_no = ?1) AND (?2 = '' OR substr(waybill, instr(waybill, '/') + 1) = ?2)"
        " AND (?3 = '' OR list_no = ?3) AND (?4 = '' OR state = ?4)"
        " AND (?5 = '' OR party = ?5 OR ?6 = '*' OR instr(?6, '|' || office || '|')) AND" PAGE_BEHIND(
            "record, key, direction", "<", 3) "ORDER BY record DESC, key DESC, direction DESC" PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "order"));
    store_bind_text(query, 2, view_value(question, "waybill"));
    store_bind_text(query, 3, view_value(question, "list"));
    store_bind_text(query, 4, view_value(question, "state"));
    store_bind_string(query, 5, sight_own(question->viewer));
    store_bind_string(query, 6, sight_served(question, "customs"));
    return query;
}

static bool names_one(const struct view_question *question) {
    return view_value(question, "order").length || view_value(question, "waybill").length
           || view_value(question, "list").length;
}

static bool is_import(const union row_cell *cells) {
    return strcmp(cells[DIRECTION].text, "import") == 0;
}

static const char *state_name(const struct view_question *question, const union row_cell *cells,
                              enum language language) {
    (void)question;
    return name_of_state(is_import(cells) ? "imports" : "parcels", cells[STATE].text, language);
}

/* Of exports, and of imports where only those have it. */
const char *parcel_state_name(const char *state, enum language language) {
    const char *name = name_of_state("parcels", state, language);
    return strcmp(name, state) != 0 ? name : name_of_state("imports", state, language);
}

/* In what its papers differ from the list: "..; ..". */
static const char *differences(const struct view_question *question, const union row_cell *cells,
                               enum language language) {
    struct text codes = text_of(cells[DIFFERS].text);
    const char *names = "";
    while (codes.length) {
        const char *code = arena_copy(question->arena, text_until(&codes, ' '));
        names = arena_printf(question->arena, "%s%s%s", names, *names ? "; " : "",
                             name_of_code(question, "ec_differences", code, language));
    }
    return names;
}

/* Of an export under 9810: what the list of filed ones calls it. */
static const char *warehouse(const struct view_question *question, const union row_cell *cells,
                             enum language language) {
    const char *code = cells[WAREHOUSE].text;
    const char *name = name_of_code(question, "overseas_warehouses", code, language);
    return strcmp(name, code) == 0 && *code ? arena_printf(
               question->arena, language_pick(language, "%s（未备案）", "%s (not filed)"), code)
                                            : name;
}

static const struct row_column columns[] = {
    [KEY] = { .kind = ROW_TEXT },
    { .name = "shop", .about_zh = "电商平台或企业", .about_en = "the shop" },
    { .name = "order", .zh = "订单", .en = "order", .width = 24 },
    { .name = "waybill", .zh = "运单", .en = "waybill", .width = 20 },
    { .name = "list", .zh = "清单", .en = "list", .width = 20 },
    { .name = "party", .about_zh = "由谁提交", .about_en = "who sent its list" },
    { .name = "office", .about_zh = "海关", .about_en = "the customs office" },
    { .name = "mode",
      .kind = ROW_CODE,
      .of = "trade_modes",
      .about_zh = "监管方式",
      .about_en = "the customs mode" },
    { .name = "declared", .kind = ROW_TIME, .about_zh = "申报时间", .about_en = "when it was declared" },
    { .name = "arrived", .kind = ROW_TIME, .about_zh = "运抵时间", .about_en = "when it arrived" },
    { .name = "departed", .kind = ROW_TIME, .zh = "离境", .en = "departed", .width = 18 },
    [STATE] = { .name = "state", .about_zh = "状态代码", .about_en = "where it stands, by a code" },
    { .name = "state", .kind = ROW_WORDS, .words = state_name, .zh = "状态", .en = "state", .width = 24 },
    { .name = "lacks", .zh = "尚缺", .en = "lacks", .width = 16 },
    [DIFFERS] = { .name = "differs",
                  .about_zh = "不符之处的代码",
                  .about_en = "in what its papers differ, by codes" },
    { .name = "differs",
      .kind = ROW_WORDS,
      .words = differences,
      .zh = "不符",
      .en = "differs",
      .width = 16 },
    [DIRECTION] = { .name = "direction", .about_zh = "import 或 export", .about_en = "import or export" },
    { .name = "receipt",
      .kind = ROW_CODE,
      .of = "ec_receipts",
      .about_zh = "海关回执",
      .about_en = "what customs answered" },
    { .name = "info", .about_zh = "回执的说明", .about_en = "what customs said besides" },
    ROW_OF_RECORD,
    [WAREHOUSE] = { .name = "warehouse",
                    .about_zh = "海外仓代码",
                    .about_en = "the warehouse abroad, by its code" },
    { .name = "warehouse", .kind = ROW_WORDS, .words = warehouse, .zh = "海外仓", .en = "warehouse" },
};

/* --- their goods ---------------------------------------------------------------------------------------- */

static struct store_query *ask_goods(const struct view_question *question, const union row_cell *cells) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT line, hs, name, unit, exported, ifnull((SELECT group_concat(quantity, ' ')"
        " FROM return_goods r JOIN returns a ON a.key = r.application WHERE r.parcel = g.parcel"
        " AND r.line = g.line AND a.state NOT IN ('refused', 'deleted')), ''),"
        " ifnull((SELECT group_concat(quantity, ' ')"
        " FROM return_goods r JOIN returns a ON a.key = r.application JOIN tallies t ON t.key = a.key"
        " WHERE r.parcel = g.parcel AND r.line = g.line AND a.state NOT IN ('refused', 'deleted')"
        " AND t.state = 'counted'), '')"
        " FROM parcel_goods g WHERE parcel = ? ORDER BY CAST(line AS INTEGER)");
    store_bind_string(query, 1, is_import(cells) ? "" : cells[KEY].text);
    return query;
}

static const char *sum_of(const struct view_question *question, struct text quantities) {
    struct decimal sum = decimal_of_int(0), quantity;
    char text[DECIMAL_TEXT_MAX];
    while (quantities.length) {
        if (decimal_parse(text_until(&quantities, ' '), &quantity)) {
            decimal_add(sum, quantity, &sum);
        }
    }
    return arena_string(question->arena, decimal_print(sum, text));
}

static const char *returned(const struct view_question *question, const union row_cell *cells,
                            enum language language) {
    (void)language;
    return sum_of(question, text_of(cells[RETURNS].text));
}

static const char *counted(const struct view_question *question, const union row_cell *cells,
                           enum language language) {
    (void)language;
    return sum_of(question, text_of(cells[TALLIES].text));
}

static const char *told(const struct view_question *question, const union row_cell *cells,
                        enum language language) {
    const char *unit = name_of_code(question, "units", cells[UNIT].text, language);
    return arena_printf(question->arena,
                        language_pick(language, "  %s  %s %s：出口 %s %s，退回 %s，已理货 %s",
                                      "  %s  %s %s: exported %s %s, returned %s, counted %s"),
                        cells[LINE].text, cells[HS].text, cells[NAME].text, cells[EXPORTED].text, unit,
                        returned(question, cells, language), counted(question, cells, language));
}

static const struct row_column goods_columns[] = {
    [LINE] = { .name = "line", .about_zh = "商品序号", .about_en = "the line" },
    [HS] = { .name = "hs", .about_zh = "商品编号", .about_en = "the commodity code" },
    [NAME] = { .name = "name", .about_zh = "品名", .about_en = "what they are called" },
    [UNIT] = { .name = "unit", .about_zh = "计量单位", .about_en = "the unit" },
    [EXPORTED] = { .name = "exported", .about_zh = "出口数量", .about_en = "how many were exported" },
    [RETURNS] = { .kind = ROW_TEXT },
    [TALLIES] = { .kind = ROW_TEXT },
    [RETURNED] = { .name = "returned",
                   .kind = ROW_MADE,
                   .words = returned,
                   .about_zh = "退回数量",
                   .about_en = "how many came back" },
    [COUNTED] = { .name = "counted",
                  .kind = ROW_MADE,
                  .words = counted,
                  .about_zh = "清点数量",
                  .about_en = "how many were counted" },
    [TOLD] = { .kind = ROW_MADE, .words = told, .zh = "", .en = "" },
};

static const struct rows goods = { .name = "goods", ROWS_COLUMNS(goods_columns) };

static enum status put_goods(const struct view_question *question, const union row_cell *cells,
                             struct json_out *out) {
    return rows_put_list(question, &goods, ask_goods(question, cells), out);
}

static enum status print_goods(const struct view_question *question, const union row_cell *cells,
                               struct buf *out) {
    return rows_print_list(question, &goods, ask_goods(question, cells), out);
}

const struct rows parcels_rows = {
    .name = "parcels",
    ROWS_COLUMNS(columns),
    .max = PARCELS_ROWS_MAX,
    .keys = "ntt",
    .ask = ask,
    .none_zh = "没有这样的跨境电商包裹",
    .none_en = "no such parcels",
    .asks_for_one = names_one,
    .detail = &goods,
    .put_detail = put_goods,
    .print_detail = print_goods,
};
