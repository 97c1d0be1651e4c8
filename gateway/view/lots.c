/*
 * lots.c - rows of state.db that the viewer may see; of one lot its ledger, too.
 */
#include "view/lots.h"

#include "base/decimal.h"
#include "engine/part.h"
#include "view/sight.h"

const char *const lot_states[] = { "applied", "admitted", "inspecting", "passed",
                                   "failed",  "rejected", "closed",     NULL };

enum { KEY, DECLARED = 9, CLEARED, DRAWN };
enum { RECORD = 1, EVENT, ENTRY = 9, NOTE, WEIGHED, WITHIN };

/* --- which rows ----------------------------------------------------------------------------------------- */

/* Who applied, drew from it, or was sent the application: parameter 4; "" sees all. */
#define SEEN                                                                                    \
    "(?4 = '' OR party = ?4 OR EXISTS (SELECT 1 FROM deliveries d WHERE d.record = lots.record" \
    " AND d.party = ?4) OR EXISTS (SELECT 1 FROM lot_ledger l WHERE l.lot = lots.key AND l.party = ?4))"

static bool is_of_one(const struct view_question *question) {
    return view_value(question, "lot").length > 0;
}

#define KEYS "record, key"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT key, own_id, holder, party, port, place, mode, hs, goods, declared, cleared, drawn, unit,"
        " state, record, last, " KEYS " FROM lots WHERE (?1 = '' OR own_id = ?1) AND (?2 = '' OR state = ?2)"
        " AND (?3 = '' OR place = ?3) AND " SEEN
        " AND" PAGE_BEHIND(KEYS, "<", 2) "ORDER BY record DESC, key DESC" PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "lot"));
    store_bind_text(query, 2, view_value(question, "state"));
    store_bind_text(query, 3, view_value(question, "place"));
    store_bind_string(query, 4, sight_own(question->viewer));
    return query;
}

static const char *balance_of(const struct view_question *question, const union row_cell *cells,
                              enum language language) {
    char text[DECIMAL_TEXT_MAX];
    struct decimal cleared, drawn, balance;
    bool known = decimal_parse(text_of(cells[CLEARED].text), &cleared)
                 && decimal_parse(text_of(cells[DRAWN].text), &drawn)
                 && decimal_subtract(cleared, drawn, &balance);
    (void)language;
    return known ? arena_string(question->arena, decimal_print(balance, text)) : "";
}

static const struct row_column columns[] = {
    [KEY] = { .kind = ROW_TEXT },
    { .name = "lot", .zh = "货批", .en = "lot", .width = 18 },
    { .name = "holder", .zh = "申请人", .en = "holder", .width = 11 },
    { .name = "party", .about_zh = "由谁申请", .about_en = "who applied for it" },
    { .name = "port", .about_zh = "口岸", .about_en = "the port" },
    { .name = "place", .zh = "场所", .en = "place", .width = 12 },
    { .name = "mode", .kind = ROW_CODE, .of = "bulk_modes", .zh = "模式", .en = "mode", .width = 22 },
    { .name = "hs", .about_zh = "商品编号", .about_en = "the commodity code" },
    { .name = "goods", .about_zh = "货物", .about_en = "the goods" },
    [DECLARED] = { .name = "declared", .zh = "申报", .en = "declared", .width = 12, .is_right = true },
    [CLEARED] = { .name = "cleared", .zh = "放行", .en = "cleared", .width = 12, .is_right = true },
    [DRAWN] = { .name = "drawn", .zh = "提离", .en = "drawn", .width = 12, .is_right = true },
    { .name = "balance",
      .kind = ROW_MADE,
      .words = balance_of,
      .zh = "余量",
      .en = "left",
      .width = 12,
      .is_right = true },
    { .name = "unit", .kind = ROW_CODE, .of = "units", .zh = "单位", .en = "unit", .width = 8 },
    { .name = "state", .kind = ROW_STATE, .of = "lots", .zh = "状态", .en = "state" },
    ROW_OF_RECORD,
    ROW_OF_LAST,
};

/* --- the ledger of one ---------------------------------------------------------------------------------- */

/* The last lines, in the order in which they were written. */
static struct store_query *ask_lines(const struct view_question *question, const union row_cell *cells) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT * FROM (SELECT l.at, l.record, l.event, l.draw, l.quantity, l.balance, l.party, l.entry,"
        " l.note, ifnull(w.quantity, ''), ifnull(w.within, 1) FROM lot_ledger l"
        " LEFT JOIN lot_weighings w ON w.lot = l.lot AND w.draw = l.draw AND l.event = 'DRAW'"
        " WHERE l.lot = ? ORDER BY l.record DESC LIMIT ?) ORDER BY record");
    store_bind_string(query, 1, cells[KEY].text);
    store_bind_int(query, 2, LOTS_LEDGER_ROWS_MAX);
    return query;
}

static bool has_earlier(const struct view_question *question, const union row_cell *cells,
                        enum status *status) {
    struct store_query *query = store_query(state_store(question->source->state),
                                            "SELECT 1 FROM lot_ledger WHERE lot = ? LIMIT 1 OFFSET ?");
    store_bind_string(query, 1, cells[KEY].text);
    store_bind_int(query, 2, LOTS_LEDGER_ROWS_MAX);
    bool earlier = store_step(query, status);
    store_reset(query);
    return earlier;
}

static const char *name_of_event(const struct view_question *question, const union row_cell *cells,
                                 enum language language) {
    const char *event = cells[EVENT].text;
    (void)question;
    const struct lifecycle_event *row = lifecycle_event(part_lifecycle("lots"), event);
    return !row ? event : language == LANGUAGE_ZH ? row->zh : row->en;
}

static const char *number_of(const struct view_question *question, const union row_cell *cells,
                             enum language language) {
    (void)language;
    return arena_printf(question->arena, "#%lld", (long long)cells[RECORD].number);
}

static const char *note_of(const struct view_question *question, const union row_cell *cells,
                           enum language language) {
    const char *note = *cells[NOTE].text ? cells[NOTE].text : cells[ENTRY].text;
    if (!*cells[WEIGHED].text) {
        return note;
    }
    return arena_printf(
        question->arena, "%s%s%s %s%s", note, *note ? "  " : "", language_pick(language, "过磅", "weighed"),
        cells[WEIGHED].text,
        cells[WITHIN].number ? "" : language_pick(language, "，超出允许差", ", beyond the tolerance"));
}

static const struct row_column ledger_columns[] = {
    { .name = "at", .kind = ROW_TIME, .zh = "时间", .en = "at", .width = 16 },
    [RECORD] = ROW_OF_RECORD,
    [EVENT] = { .name = "event", .about_zh = "事项代码", .about_en = "what happened, by a code" },
    { .name = "event", .kind = ROW_WORDS, .words = name_of_event, .zh = "事项", .en = "event", .width = 24 },
    { .name = "draw", .zh = "提离", .en = "draw", .width = 16 },
    { .name = "quantity", .zh = "数量", .en = "quantity", .width = 12, .is_right = true },
    { .name = "balance", .zh = "余量", .en = "left", .width = 12, .is_right = true },
    { .name = "party", .zh = "参与方", .en = "party", .width = 12 },
    { .kind = ROW_MADE, .words = number_of, .zh = "记录", .en = "record", .width = 8 },
    [ENTRY] = { .name = "entry", .about_zh = "海关编号", .about_en = "the number of customs" },
    [NOTE] = { .name = "note", .about_zh = "说明", .about_en = "a note" },
    [WEIGHED] = { .name = "weighed", .about_zh = "过磅数量", .about_en = "what was weighed" },
    [WITHIN] = { .name = "within",
                 .kind = ROW_FLAG,
                 .about_zh = "过磅与申报之差是否在允差之内",
                 .about_en = "whether what was weighed is within the tolerance" },
    { .kind = ROW_MADE, .words = note_of, .zh = "说明", .en = "note" },
};

static const struct rows ledger = { .name = "ledger", ROWS_COLUMNS(ledger_columns) };

static enum status put_ledger(const struct view_question *question, const union row_cell *cells,
                              struct json_out *out) {
    enum status status = rows_put_list(question, &ledger, ask_lines(question, cells), out);
    enum status of_earlier = STATUS_OK;
    json_put_bool(out, "earlier", has_earlier(question, cells, &of_earlier));
    return status != STATUS_OK ? status : of_earlier;
}

static enum status print_ledger(const struct view_question *question, const union row_cell *cells,
                                struct buf *out) {
    enum status of_earlier = STATUS_OK;
    buf_add_string(out, language_pick(question->language, "\n账册\n", "\nledger\n"));
    if (has_earlier(question, cells, &of_earlier)) {
        buf_add_string(
            out, language_pick(question->language, "……更早的从略\n", "... what came before is left out\n"));
    }
    enum status status = rows_print_list(question, &ledger, ask_lines(question, cells), out);
    return status != STATUS_OK ? status : of_earlier;
}

const struct rows lots_rows = {
    .name = "lots",
    ROWS_COLUMNS(columns),
    .max = LOTS_ROWS_MAX,
    .keys = "nt",
    .ask = ask,
    .none_zh = "没有货批",
    .none_en = "no lots",
    .asks_for_one = is_of_one,
    .put_detail = put_ledger,
    .print_detail = print_ledger,
    .detail = &ledger,
    .one_must_be = true,
};
