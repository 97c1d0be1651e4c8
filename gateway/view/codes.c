/*
 * codes.c - the codes of a list of the edition that are valid today, as JSON into a statement.
 */
#include "view/codes.h"

#define CODES_TEXT_MAX (1u << 20)

const char *const codes_lists[] = {
    "attendances", "charge_bases",     "charge_items",    "charge_units", "complaint_reasons",
    "families",    "inspection_modes", "transport_needs", NULL,
};

static const char *codes_as_json(const struct view_question *question, size_t first) {
    const struct codelist *list =
        codelists_find(question->source->edition->lists, view_value(question, "list"));
    int32_t today = stamp_day(question->now);
    size_t count = 0, told = 0;
    const struct code *codes = list ? codelist_codes(list, &count) : NULL;
    struct buf text;
    struct json_out out;
    buf_init(&text, CODES_TEXT_MAX);
    json_start(&out, &text);
    json_open_array(&out, NULL);
    for (size_t i = 0; i < count && told <= first + CODES_ROWS_MAX; i++) {
        if (codes[i].from_day > today || codes[i].until_day <= today) {
            continue;
        }
        if (told++ < first) {
            continue;
        }
        json_open_array(&out, NULL);
        json_put_text(&out, NULL, codes[i].code);
        json_put_string(&out, NULL, codes[i].zh);
        json_put_string(&out, NULL, codes[i].en);
        json_close_array(&out);
    }
    json_close_array(&out);
    const char *copy = buf_failed(&text) ? "[]" : arena_copy(question->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

/* What stands in the edition has its number for a key. */
static struct store_query *ask(const struct view_question *question) {
    size_t first = page_first(question);
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT value ->> 0, value ->> 1, value ->> 2, key + ?2 FROM"
                    " json_each(?1) WHERE" PAGE_BEHIND("key + ?2", ">", 1) "ORDER BY key" PAGE_LIMIT);
    store_bind_string(query, 1, codes_as_json(question, first));
    store_bind_int(query, 2, (int64_t)first);
    return query;
}

static const struct row_column columns[] = {
    { .name = "code", .zh = "代码", .en = "code", .width = 22 },
    { .name = "zh", .zh = "中文", .en = "Chinese", .width = 30 },
    { .name = "en", .zh = "英文", .en = "English" },
};

const struct rows codes_rows = {
    .name = "codes",
    ROWS_COLUMNS(columns),
    .max = CODES_ROWS_MAX,
    .keys = "n",
    .ask = ask,
    .none_zh = "该代码表今日没有代码",
    .none_en = "no code of this list is valid today",
};
