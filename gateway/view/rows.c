/*
 * rows.c - a query is stepped through up to the limit; each row is read into cells, and its columns are told
 * from them.
 */
#include "view/rows.h"

#include <stdio.h>

#include "base/status.h"
#include "view/columns.h"
#include "view/names.h"

bool row_kind_is_read(enum row_kind kind) {
    return kind != ROW_MADE && kind != ROW_WORDS && kind != ROW_FIGURE;
}

bool row_kind_has_names(enum row_kind kind) {
    return kind == ROW_STATE || kind == ROW_CODE || kind == ROW_WORDS;
}

const char *row_column_about(const struct row_column *column, enum language language) {
    require(column->name && (column->en || column->about_en));
    return column->en ? language_pick(language, column->zh, column->en)
                      : language_pick(language, column->about_zh, column->about_en);
}

const char *row_kind_json(enum row_kind kind) {
    static const char *const types[] = {
#define X(kind, json) json,
        ROW_KIND_LIST(X)
#undef X
    };
    require((size_t)kind < sizeof(types) / sizeof(types[0]));
    return types[kind];
}

/* --- a row ---------------------------------------------------------------------------------------------- */

static bool is_number(enum row_kind kind) {
    return kind == ROW_NUMBER || kind == ROW_FLAG || kind == ROW_TIME || kind == ROW_DAY;
}

/* Returns the place behind them. */
static int read_row(const struct view_question *question, const struct rows *rows, struct store_query *query,
                    union row_cell cells[ROWS_COLUMNS_MAX]) {
    require(rows->columns_count <= ROWS_COLUMNS_MAX);
    int place = 0;
    for (size_t i = 0; i < rows->columns_count; i++) {
        enum row_kind kind = rows->columns[i].kind;
        if (!row_kind_is_read(kind)) {
            cells[i].text = "";
        } else if (is_number(kind)) {
            cells[i].number = store_int(query, place++);
        } else {
            cells[i].text = arena_copy(question->arena, store_text(query, place++));
        }
    }
    return place;
}

static void read_keys(const struct view_question *question, const struct rows *rows,
                      struct store_query *query, int place, struct page_keys *keys) {
    for (size_t i = 0; rows->keys && rows->keys[i]; i++) {
        if (rows->keys[i] == 'n') {
            keys->list[i].number = store_int(query, place++);
        } else {
            keys->list[i].text = arena_copy(question->arena, store_text(query, place++));
        }
    }
}

static const char *time_text(stamp at, struct arena *arena) {
    char text[STAMP_TEXT_MAX];
    return at ? arena_string(arena, stamp_print(at, text)) : "";
}

static const char *day_text(int64_t day, struct arena *arena) {
    char text[STAMP_TEXT_MAX];
    return day == DAY_OPEN ? "" : arena_string(arena, day_print((int32_t)day, text));
}

/* What the column says in this language. */
static const char *words_of(const struct view_question *question, const struct rows *rows, size_t place,
                            const union row_cell *cells, enum language language) {
    const struct row_column *column = &rows->columns[place];
    const union row_cell cell = cells[place];
    switch (column->kind) {
    case ROW_TEXT: return cell.text;
    case ROW_NUMBER: return arena_printf(question->arena, "%lld", (long long)cell.number);
    case ROW_FLAG: return cell.number ? "*" : "";
    case ROW_TIME: return time_text(cell.number, question->arena);
    case ROW_DAY: return day_text(cell.number, question->arena);
    case ROW_STATE: return name_of_state(column->of, cell.text, language);
    case ROW_CODE: return name_of_code(question, column->of, cell.text, language);
    case ROW_MADE:
    case ROW_WORDS:
    case ROW_FIGURE: return column->words(question, cells, language);
    }
    panic("a column of no kind: %d", (int)column->kind);
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void put_name(const struct view_question *question, const struct rows *rows, size_t place,
                     const union row_cell *cells, enum language language, struct json_out *out) {
    char member[64];
    snprintf(member, sizeof(member), "%s_%s", rows->columns[place].name, language_pick(language, "zh", "en"));
    json_put_string(out, member, words_of(question, rows, place, cells, language));
}

static void put_column(const struct view_question *question, const struct rows *rows, size_t place,
                       const union row_cell *cells, struct json_out *out) {
    const struct row_column *column = &rows->columns[place];
    switch (column->kind) {
    case ROW_NUMBER: json_put_int(out, column->name, cells[place].number); break;
    case ROW_FLAG: json_put_bool(out, column->name, cells[place].number != 0); break;
    case ROW_STATE:
    case ROW_CODE: json_put_string(out, column->name, cells[place].text); break;
    case ROW_FIGURE:
        json_put_raw(out, column->name, text_of(words_of(question, rows, place, cells, LANGUAGE_EN)));
        break;
    case ROW_WORDS: break;
    case ROW_TEXT:
    case ROW_TIME:
    case ROW_DAY:
    case ROW_MADE:
        json_put_string(out, column->name, words_of(question, rows, place, cells, LANGUAGE_EN));
        break;
    }
    if (row_kind_has_names(column->kind)) {
        put_name(question, rows, place, cells, LANGUAGE_ZH, out);
        put_name(question, rows, place, cells, LANGUAGE_EN, out);
    }
}

static bool asks_for_one(const struct view_question *question, const struct rows *rows) {
    return !rows->asks_for_one || rows->asks_for_one(question);
}

static enum status put_row(const struct view_question *question, const struct rows *rows,
                           struct store_query *query, struct page_keys *keys, struct json_out *out) {
    union row_cell cells[ROWS_COLUMNS_MAX];
    enum status status = STATUS_OK;
    read_keys(question, rows, query, read_row(question, rows, query, cells), keys);
    json_open_object(out, NULL);
    for (size_t i = 0; i < rows->columns_count; i++) {
        if (rows->columns[i].name) {
            put_column(question, rows, i, cells, out);
        }
    }
    if (rows->put_detail && asks_for_one(question, rows)) {
        status = rows->put_detail(question, cells, out);
    }
    json_close_object(out);
    return status;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

static void print_cell(const struct row_column *column, const char *text, bool is_last, struct buf *out) {
    if (column->is_right) {
        column_right(out, text, column->width);
    } else if (is_last) {
        column_text(out, text_of(text));
    } else {
        column_left(out, text, column->width);
    }
}

/* cells NULL: the heads. */
static void print_line(const struct view_question *question, const struct rows *rows,
                       const union row_cell *cells, struct buf *out) {
    size_t last = 0;
    for (size_t i = 0; i < rows->columns_count; i++) {
        last = rows->columns[i].en ? i : last;
    }
    for (size_t i = 0; i <= last; i++) {
        const struct row_column *column = &rows->columns[i];
        if (!column->en) {
            continue;
        }
        char moment[STAMP_TEXT_MAX];
        const char *text = !cells ? language_pick(question->language, column->zh, column->en)
                           : column->kind == ROW_TIME
                               ? column_moment(cells[i].number, moment)
                               : words_of(question, rows, i, cells, question->language);
        print_cell(column, text, i == last, out);
    }
    column_end(out);
}

static enum status print_row(const struct view_question *question, const struct rows *rows,
                             struct store_query *query, struct page_keys *keys, bool is_first,
                             struct buf *out) {
    union row_cell cells[ROWS_COLUMNS_MAX];
    bool in_detail = rows->print_detail && asks_for_one(question, rows);
    read_keys(question, rows, query, read_row(question, rows, query, cells), keys);
    if (is_first || in_detail) {
        print_line(question, rows, NULL, out);
    }
    print_line(question, rows, cells, out);
    return in_detail ? rows->print_detail(question, cells, out) : STATUS_OK;
}

/* --- all rows ------------------------------------------------------------------------------------------- */

struct telling {
    struct store_query *query;
    size_t max, count;
    enum status of_query, of_row;
    bool more;
    struct page_keys keys; /* of the last row */
};

static bool next(struct telling *telling) {
    if (telling->of_row != STATUS_OK || !store_step(telling->query, &telling->of_query)) {
        return false;
    }
    telling->more = telling->count == telling->max;
    telling->count += !telling->more;
    return !telling->more;
}

static enum status end(struct telling *telling) {
    store_reset(telling->query);
    return telling->of_query != STATUS_OK ? telling->of_query : telling->of_row;
}

static enum status end_of(const struct view_question *question, const struct rows *rows,
                          struct telling *telling) {
    enum status status = end(telling);
    bool none = status == STATUS_OK && telling->count == 0;
    return none && rows->one_must_be && asks_for_one(question, rows) ? STATUS_NOT_FOUND : status;
}

/* The cursor behind the last row; NULL: nothing is behind it. */
static const char *next_of(const struct view_question *question, const struct telling *telling) {
    return telling->more ? page_cursor(question, &telling->keys) : NULL;
}

static struct telling ask(const struct view_question *question, const struct rows *rows) {
    struct telling telling = { .query = rows->ask(question), .max = page_limit(question, rows->max) };
    page_bind(question, rows->max, telling.query);
    return telling;
}

enum status rows_json(const struct view_question *question, const struct rows *rows, struct json_out *out) {
    require(rows->max > 0 && rows->name && rows->keys);
    struct telling telling = ask(question, rows);
    json_open_object(out, NULL);
    json_open_array(out, rows->name);
    while (next(&telling)) {
        telling.of_row = put_row(question, rows, telling.query, &telling.keys, out);
    }
    json_close_array(out);
    page_put(question, next_of(question, &telling), out);
    json_close_object(out);
    return end_of(question, rows, &telling);
}

static const char *none(const struct view_question *question, const struct rows *rows) {
    size_t count = view_parameters_count(question->view);
    bool chosen = false;
    for (size_t i = 0; i < count; i++) {
        chosen = chosen || (question->values[i].length && !question->view->parameters[i].is_of_page);
    }
    return chosen && rows->no_such_en ? language_pick(question->language, rows->no_such_zh, rows->no_such_en)
                                      : language_pick(question->language, rows->none_zh, rows->none_en);
}

enum status rows_text(const struct view_question *question, const struct rows *rows, struct buf *out) {
    require(rows->max > 0 && rows->keys && rows->none_zh && rows->none_en);
    struct telling telling = ask(question, rows);
    while (next(&telling)) {
        telling.of_row = print_row(question, rows, telling.query, &telling.keys, telling.count == 1, out);
    }
    if (!telling.count) {
        buf_printf(out, "%s\n", none(question, rows));
    }
    page_print(question, next_of(question, &telling), out);
    return end_of(question, rows, &telling);
}

enum status rows_put_list(const struct view_question *question, const struct rows *rows,
                          struct store_query *query, struct json_out *out) {
    struct telling telling = { .query = query, .max = SIZE_MAX };
    json_open_array(out, rows->name);
    while (next(&telling)) {
        telling.of_row = put_row(question, rows, query, &telling.keys, out);
    }
    json_close_array(out);
    return end(&telling);
}

enum status rows_print_list(const struct view_question *question, const struct rows *rows,
                            struct store_query *query, struct buf *out) {
    struct telling telling = { .query = query, .max = SIZE_MAX };
    while (next(&telling)) {
        union row_cell cells[ROWS_COLUMNS_MAX];
        read_row(question, rows, query, cells);
        print_line(question, rows, cells, out);
    }
    return end(&telling);
}
