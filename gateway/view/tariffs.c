/*
 * tariffs.c - the list of each operator and port that is in force on a day; its lines, looked through for
 * words.
 *
 * An index of three letters finds no word of two characters, and there are some thousand lines in force:
 * they are read through, on the thread of long questions. What an item is called stands in a code list and
 * not in state.db: the codes whose names have a word in them go into the statement beside it.
 */
#include "view/tariffs.h"

#include <string.h>

#include "base/status.h"
#include "view/names.h"

#define WORDS_MAX      8
#define WORDS_TEXT_MAX (4u << 20)

/* Of the lists of one operator at one port the one that began last, as charges.c of the engine has it. */
#define IN_FORCE                                                                                            \
    " FROM charge_lists c WHERE c.valid_from <= ?1 AND c.valid_until > ?1 AND NOT EXISTS (SELECT 1 FROM"    \
    " charge_lists later WHERE later.operator = c.operator AND later.port = c.port AND later.valid_from <=" \
    " ?1 AND later.valid_until > ?1 AND (later.valid_from, later.record) > (c.valid_from, c.record))"

static int32_t day_of_question(const struct view_question *question) {
    int32_t day = stamp_day(question->now);
    struct text asked = view_value(question, "day");
    require(!asked.length || day_parse(asked, &day));
    return day;
}

/* --- the lists ------------------------------------------------------------------------------------------ */

enum { OPERATOR, PORT, VERSION, PARTY, PARTY_NAME, FROM, UNTIL, LINES, RECORD };

static struct store_query *ask_lists(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT c.operator, c.port, c.version, c.party, c.valid_from, c.valid_until, (SELECT"
        " count(*) FROM tariffs t WHERE t.list = c.record), c.record,"
        " c.operator, c.port" IN_FORCE
        " AND" PAGE_BEHIND("c.operator, c.port", ">", 2) "ORDER BY c.operator, c.port" PAGE_LIMIT);
    store_bind_int(query, 1, day_of_question(question));
    return query;
}

static const char *name_of_publisher(const struct view_question *question, const union row_cell *cells,
                                     enum language language) {
    return name_of_party(question, cells[PARTY].text, language);
}

static const struct row_column list_columns[] = {
    [OPERATOR] = { .name = "operator", .zh = "经营人", .en = "operator", .width = 20 },
    [PORT] = { .name = "port", .zh = "口岸", .en = "port", .width = 6 },
    [VERSION] = { .name = "version", .zh = "版本", .en = "version", .width = 16 },
    [PARTY] = { .name = "party", .about_zh = "参与方代码", .about_en = "the party, by its code" },
    [PARTY_NAME] = { .name = "party",
                     .kind = ROW_WORDS,
                     .words = name_of_publisher,
                     .zh = "名称",
                     .en = "name",
                     .width = 34 },
    [FROM] = { .name = "valid_from", .kind = ROW_DAY, .zh = "自", .en = "from", .width = 10 },
    [UNTIL] = { .name = "valid_until", .kind = ROW_DAY, .zh = "至（不含）", .en = "until", .width = 10 },
    [LINES] = { .name = "lines", .kind = ROW_NUMBER, .zh = "项数", .en = "items" },
    [RECORD] = ROW_OF_RECORD,
};

const struct rows charge_lists_rows = {
    .name = "charge_lists",
    ROWS_COLUMNS(list_columns),
    .max = CHARGE_LISTS_ROWS_MAX,
    .keys = "tt",
    .ask = ask_lists,
    .none_zh = "该日没有有效的公示收费清单",
    .none_en = "no charge list is in force on that day",
};

/* --- their lines ---------------------------------------------------------------------------------------- */

static bool has_word(const char *name, struct text word, struct arena *arena) {
    return strcasestr(name, arena_copy(arena, word)) != NULL;
}

/* ["WORD", [codes of items that are called so]] */
static void put_word(const struct view_question *question, struct text word, struct json_out *out) {
    const struct codelist *items = codelists_find(question->source->edition->lists, TEXT("charge_items"));
    size_t count = 0;
    const struct code *codes = items ? codelist_codes(items, &count) : NULL;
    json_open_array(out, NULL);
    json_put_text(out, NULL, word);
    json_open_array(out, NULL);
    for (size_t i = 0; i < count; i++) {
        if (has_word(codes[i].zh, word, question->arena) || has_word(codes[i].en, word, question->arena)) {
            json_put_text(out, NULL, codes[i].code);
        }
    }
    json_close_array(out);
    json_close_array(out);
}

static const char *words_as_json(const struct view_question *question) {
    struct text rest = view_value(question, "words");
    struct buf text;
    struct json_out out;
    buf_init(&text, WORDS_TEXT_MAX);
    json_start(&out, &text);
    json_open_array(&out, NULL);
    for (size_t count = 0; rest.at && count < WORDS_MAX; count++) {
        struct text word = text_until(&rest, ' ');
        if (word.length) {
            put_word(question, word, &out);
        }
    }
    json_close_array(&out);
    const char *copy = buf_failed(&text) ? "[]" : arena_copy(question->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

#define LINE_KEYS "c.operator, c.port, t.line, t.item, t.unit"

static struct store_query *ask_lines(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT c.operator, c.party, c.port, c.version, t.item, t.name, t.unit, t.rate, t.currency, t.basis,"
        " t.withdrawn, " LINE_KEYS " FROM (SELECT c.*" IN_FORCE ") c JOIN tariffs t ON t.list = c.record"
        " WHERE (?2 = '' OR c.operator = ?2) AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE"
        " instr(lower(t.item || ' ' || t.name || ' ' || t.unit || ' ' || t.basis), lower(w.value ->> 0)) = 0"
        " AND NOT EXISTS (SELECT 1 FROM json_each(w.value, '$[1]') i WHERE i.value = t.item))"
        " AND" PAGE_BEHIND(LINE_KEYS, ">", 5) "ORDER BY " LINE_KEYS PAGE_LIMIT);
    store_bind_int(query, 1, day_of_question(question));
    store_bind_text(query, 2, view_value(question, "operator"));
    store_bind_string(query, 3, words_as_json(question));
    return query;
}

enum { T_OPERATOR, T_PARTY, T_PARTY_NAME };

static const char *name_of_operator(const struct view_question *question, const union row_cell *cells,
                                    enum language language) {
    return name_of_party(question, cells[T_PARTY].text, language);
}

static const struct row_column line_columns[] = {
    [T_OPERATOR] = { .name = "operator", .zh = "经营人", .en = "operator", .width = 20 },
    [T_PARTY] = { .name = "party", .about_zh = "参与方代码", .about_en = "the party, by its code" },
    [T_PARTY_NAME] = { .name = "party",
                       .kind = ROW_WORDS,
                       .words = name_of_operator,
                       .about_zh = "其名称",
                       .about_en = "what that party is called" },
    { .name = "port", .zh = "口岸", .en = "port", .width = 6 },
    { .name = "version", .about_zh = "清单版本", .about_en = "the version of the list" },
    { .name = "item", .kind = ROW_CODE, .of = "charge_items", .zh = "项目", .en = "item", .width = 26 },
    { .name = "name", .zh = "名称", .en = "name", .width = 34 },
    { .name = "unit", .zh = "单位", .en = "unit", .width = 10 },
    { .name = "rate", .zh = "标准", .en = "rate", .width = 10, .is_right = true },
    { .name = "currency", .zh = "币制", .en = "cur.", .width = 4 },
    { .name = "basis", .zh = "定价", .en = "basis", .width = 10 },
    { .name = "withdrawn_from", .kind = ROW_DAY, .zh = "停止收费", .en = "withdrawn from" },
};

const struct rows tariffs_rows = {
    .name = "tariffs",
    ROWS_COLUMNS(line_columns),
    .max = TARIFFS_ROWS_MAX,
    .keys = "ttntt",
    .ask = ask_lines,
    .none_zh = "该日没有公示的收费项目",
    .none_en = "nothing is published on that day",
    .no_such_zh = "没有含这些字的收费项目",
    .no_such_en = "no charge has these words in it",
};
