/*
 * lots.c - rows of state.db that the viewer may see; of one lot its ledger, too.
 */
#include "view/lots.h"

#include "base/decimal.h"
#include "engine/lifecycle.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const lot_states[] = { "applied", "admitted", "inspecting", "passed",
                                   "failed",  "rejected", "closed",     NULL };

struct lot {
    const char *key, *own_id, *holder, *party, *port, *place, *mode, *hs, *goods, *unit, *declared, *cleared,
        *drawn, *state;
    int64_t record, last;
};

struct line {
    const char *event, *draw, *party, *entry, *quantity, *balance, *note, *weighed;
    stamp at;
    int64_t record;
    bool within; /* what was weighed, the tolerance */
};

/* --- which rows ----------------------------------------------------------------------------------------- */

/* Who applied, drew from it, or was sent the application: parameter 4; "" sees all. */
#define SEEN                                                                                    \
    "(?4 = '' OR party = ?4 OR EXISTS (SELECT 1 FROM deliveries d WHERE d.record = lots.record" \
    " AND d.party = ?4) OR EXISTS (SELECT 1 FROM lot_ledger l WHERE l.lot = lots.key AND l.party = ?4))"

static bool is_of_one(const struct view_question *question) {
    return view_value(question, "lot").length > 0;
}

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT key, own_id, holder, party, port, place, mode, hs, goods, unit, declared, cleared, drawn,"
        " state, record, last FROM lots WHERE (?1 = '' OR own_id = ?1) AND (?2 = '' OR state = ?2)"
        " AND (?3 = '' OR place = ?3) AND " SEEN " ORDER BY record DESC LIMIT ?5");
    store_bind_text(query, 1, view_value(question, "lot"));
    store_bind_text(query, 2, view_value(question, "state"));
    store_bind_text(query, 3, view_value(question, "place"));
    store_bind_string(query, 4, sight_own(question->viewer));
    store_bind_int(query, 5, LOTS_ROWS_MAX + 1);
    return query;
}

static struct lot read_lot(struct store_query *query, struct arena *arena) {
    const char *texts[14];
    for (int i = 0; i < 14; i++) {
        texts[i] = arena_copy(arena, store_text(query, i));
    }
    return (struct lot){ .key = texts[0],
                         .own_id = texts[1],
                         .holder = texts[2],
                         .party = texts[3],
                         .port = texts[4],
                         .place = texts[5],
                         .mode = texts[6],
                         .hs = texts[7],
                         .goods = texts[8],
                         .unit = texts[9],
                         .declared = texts[10],
                         .cleared = texts[11],
                         .drawn = texts[12],
                         .state = texts[13],
                         .record = store_int(query, 14),
                         .last = store_int(query, 15) };
}

static const char *balance_of(const struct view_question *question, const struct lot *lot) {
    char text[DECIMAL_TEXT_MAX];
    struct decimal cleared, drawn, balance;
    bool known = decimal_parse(text_of(lot->cleared), &cleared) && decimal_parse(text_of(lot->drawn), &drawn)
                 && decimal_subtract(cleared, drawn, &balance);
    return known ? arena_string(question->arena, decimal_print(balance, text)) : "";
}

/* The last lines, in the order in which they were written. */
static struct store_query *ask_lines(const struct view_question *question, const struct lot *lot) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT * FROM (SELECT l.event, l.draw, l.party, l.entry, l.quantity, l.balance, l.note,"
                    " ifnull(w.quantity, ''), l.at, l.record, ifnull(w.within, 1) FROM lot_ledger l"
                    " LEFT JOIN lot_weighings w ON w.lot = l.lot AND w.draw = l.draw AND l.event = 'DRAW'"
                    " WHERE l.lot = ? ORDER BY l.record DESC LIMIT ?) ORDER BY record");
    store_bind_string(query, 1, lot->key);
    store_bind_int(query, 2, LOTS_LEDGER_ROWS_MAX);
    return query;
}

static bool has_earlier(const struct view_question *question, const struct lot *lot, enum status *status) {
    struct store_query *query = store_query(state_store(question->source->state),
                                            "SELECT 1 FROM lot_ledger WHERE lot = ? LIMIT 1 OFFSET ?");
    store_bind_string(query, 1, lot->key);
    store_bind_int(query, 2, LOTS_LEDGER_ROWS_MAX);
    bool earlier = store_step(query, status);
    store_reset(query);
    return earlier;
}

static struct line read_line(struct store_query *query, struct arena *arena) {
    const char *texts[8];
    for (int i = 0; i < 8; i++) {
        texts[i] = arena_copy(arena, store_text(query, i));
    }
    return (struct line){ .event = texts[0],
                          .draw = texts[1],
                          .party = texts[2],
                          .entry = texts[3],
                          .quantity = texts[4],
                          .balance = texts[5],
                          .note = texts[6],
                          .weighed = texts[7],
                          .at = store_int(query, 8),
                          .record = store_int(query, 9),
                          .within = store_int(query, 10) != 0 };
}

static const char *name_of_event(const char *event, enum language language) {
    const struct lifecycle_event *row = lifecycle_event(lifecycle_of("lots"), event);
    return !row ? event : language == LANGUAGE_ZH ? row->zh : row->en;
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static enum status put_ledger(const struct view_question *question, const struct lot *lot,
                              struct json_out *out) {
    enum status status = STATUS_OK, of_count = STATUS_OK;
    char at[STAMP_TEXT_MAX];
    struct store_query *query = ask_lines(question, lot);
    json_open_array(out, "ledger");
    while (store_step(query, &status)) {
        struct line line = read_line(query, question->arena);
        json_open_object(out, NULL);
        json_put_int(out, "record", line.record);
        json_put_string(out, "event", line.event);
        json_put_string(out, "event_zh", name_of_event(line.event, LANGUAGE_ZH));
        json_put_string(out, "event_en", name_of_event(line.event, LANGUAGE_EN));
        json_put_string(out, "draw", line.draw);
        json_put_string(out, "party", line.party);
        json_put_string(out, "entry", line.entry);
        json_put_string(out, "quantity", line.quantity);
        json_put_string(out, "balance", line.balance);
        json_put_string(out, "note", line.note);
        json_put_string(out, "weighed", line.weighed);
        json_put_bool(out, "within", line.within);
        json_put_string(out, "at", stamp_print(line.at, at));
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    json_put_bool(out, "earlier", has_earlier(question, lot, &of_count));
    return status != STATUS_OK ? status : of_count;
}

static enum status put_lot(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct lot lot = read_lot(query, question->arena);
    enum status status = STATUS_OK;
    json_open_object(out, NULL);
    json_put_string(out, "lot", lot.own_id);
    json_put_string(out, "holder", lot.holder);
    json_put_string(out, "party", lot.party);
    json_put_string(out, "port", lot.port);
    json_put_string(out, "place", lot.place);
    json_put_string(out, "mode", lot.mode);
    json_put_string(out, "mode_zh", name_of_code(question, "bulk_modes", lot.mode, LANGUAGE_ZH));
    json_put_string(out, "mode_en", name_of_code(question, "bulk_modes", lot.mode, LANGUAGE_EN));
    json_put_string(out, "hs", lot.hs);
    json_put_string(out, "goods", lot.goods);
    json_put_string(out, "declared", lot.declared);
    json_put_string(out, "cleared", lot.cleared);
    json_put_string(out, "drawn", lot.drawn);
    json_put_string(out, "balance", balance_of(question, &lot));
    json_put_string(out, "unit", lot.unit);
    json_put_string(out, "unit_zh", name_of_code(question, "units", lot.unit, LANGUAGE_ZH));
    json_put_string(out, "unit_en", name_of_code(question, "units", lot.unit, LANGUAGE_EN));
    json_put_string(out, "state", lot.state);
    json_put_string(out, "state_zh", name_of_state("lots", lot.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("lots", lot.state, LANGUAGE_EN));
    json_put_int(out, "record", lot.record);
    json_put_int(out, "last", lot.last);
    if (is_of_one(question)) {
        status = put_ledger(question, &lot, out);
    }
    json_close_object(out);
    return status;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "货批" : "lot", 18);
    column_left(out, zh ? "申请人" : "holder", 11);
    column_left(out, zh ? "场所" : "place", 12);
    column_left(out, zh ? "模式" : "mode", 22);
    column_right(out, zh ? "申报" : "declared", 12);
    column_right(out, zh ? "放行" : "cleared", 12);
    column_right(out, zh ? "提离" : "drawn", 12);
    column_right(out, zh ? "余量" : "left", 12);
    column_left(out, zh ? "单位" : "unit", 8);
    buf_add_string(out, zh ? "状态" : "state");
    column_end(out);
}

static enum status print_ledger(const struct view_question *question, const struct lot *lot,
                                struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH;
    enum status status = STATUS_OK, of_count = STATUS_OK;
    char at[STAMP_TEXT_MAX];
    struct store_query *query = ask_lines(question, lot);
    buf_add_string(out, zh ? "\n账册\n" : "\nledger\n");
    if (has_earlier(question, lot, &of_count)) {
        buf_add_string(out, zh ? "……更早的从略\n" : "... what came before is left out\n");
    }
    while (store_step(query, &status)) {
        struct line line = read_line(query, question->arena);
        stamp_print(line.at, at);
        at[16] = '\0';
        column_left(out, at, 16);
        column_left(out, name_of_event(line.event, question->language), 24);
        column_left(out, line.draw, 16);
        column_right(out, line.quantity, 12);
        column_right(out, line.balance, 12);
        column_left(out, line.party, 12);
        column_left(out, arena_printf(question->arena, "#%lld", (long long)line.record), 8);
        buf_add_string(out, *line.note ? line.note : line.entry);
        if (*line.weighed) {
            buf_printf(out, "%s%s %s%s", *line.note || *line.entry ? "  " : "", zh ? "过磅" : "weighed",
                       line.weighed,
                       line.within ? ""
                       : zh        ? "，超出允许差"
                                   : ", beyond the tolerance");
        }
        column_end(out);
    }
    store_reset(query);
    return status != STATUS_OK ? status : of_count;
}

static enum status print_lot(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct lot lot = read_lot(query, question->arena);
    if (is_of_one(question)) { /* a ledger stands between */
        print_head(question->language == LANGUAGE_ZH, out);
    }
    column_left(out, lot.own_id, 18);
    column_left(out, lot.holder, 11);
    column_left(out, lot.place, 12);
    column_left(out, name_of_code(question, "bulk_modes", lot.mode, question->language), 22);
    column_right(out, lot.declared, 12);
    column_right(out, lot.cleared, 12);
    column_right(out, lot.drawn, 12);
    column_right(out, balance_of(question, &lot), 12);
    column_left(out, name_of_code(question, "units", lot.unit, question->language), 8);
    buf_add_string(out, name_of_state("lots", lot.state, question->language));
    column_end(out);
    return is_of_one(question) ? print_ledger(question, &lot, out) : STATUS_OK;
}

static const struct rows answer = {
    .name = "lots",
    .max = LOTS_ROWS_MAX,
    .put = put_lot,
    .print = print_lot,
    .none_zh = "没有货批",
    .none_en = "no lots",
};

/* Who asks for one lot is told that there is none. */
static enum status unless_none(const struct view_question *question, enum status status, size_t count) {
    return status == STATUS_OK && !count && is_of_one(question) ? STATUS_NOT_FOUND : status;
}

enum status lots_json(const struct view_question *question, struct json_out *out) {
    size_t count;
    enum status status = rows_json(question, &answer, ask(question), &count, out);
    return unless_none(question, status, count);
}

enum status lots_print(const struct view_question *question, struct buf *out) {
    size_t count;
    struct rows rows = answer;
    rows.head = is_of_one(question) ? NULL : print_head;
    enum status status = rows_text(question, &rows, ask(question), &count, out);
    return unless_none(question, status, count);
}
