/*
 * rows.h - the answer of a question that is a list: one query, and one list of columns. From the columns
 * come the members in JSON, the table on a terminal, and what the API says of the answer.
 *
 *   {"NAME":[{the columns that have a name}],"more":true|false,"next":"what the next page begins behind"}
 *
 * A query yields the columns in their order, those that are made of others left out, and behind them the keys
 * of its order; it begins behind the page before, and stops one behind what is asked for (page.h).
 */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "view/page.h"
#include "view/view.h"

#define ROWS_COLUMNS_MAX 32

/* What the query yielded for a column; of one that is made: nothing. Both live as long as the question. */
union row_cell {
    const char *text;
    int64_t number;
};

typedef const char *row_words(const struct view_question *question, const union row_cell *cells,
                              enum language language);

/* clang-format off */
/*    kind     JSON       what is said of it; on a terminal, where that is another thing */
#define ROW_KIND_LIST(X)                                                                                  \
    X(TEXT,    "string")                                                                                  \
    X(NUMBER,  "integer")                                                                                 \
    X(FLAG,    "boolean")                                                                                 \
    X(TIME,    "string")  /* a stamp; RFC 3339, or "" for none. To the minute */                          \
    X(DAY,     "string")  /* a day; YYYY-MM-DD */                                                         \
    X(STATE,   "string")  /* of the life cycle `of`; beside it NAME_zh and NAME_en. What it is called */  \
    X(CODE,    "string")  /* of the code list `of`; the same */                                           \
    X(MADE,    "string")  /* what words() says, the same in all languages */                              \
    X(WORDS,   "string")  /* what words() says: NAME_zh and NAME_en */                                    \
    X(FIGURE,  "number")  /* what words() says, as it is */
/* clang-format on */

enum row_kind {
#define X(kind, json) ROW_##kind,
    ROW_KIND_LIST(X)
#undef X
};

struct row_column {
    const char *name; /* of its member; NULL: not in JSON */
    enum row_kind kind;
    const char *of;
    row_words *words;
    const char *zh, *en;             /* its head on a terminal; NULL: not there */
    const char *about_zh, *about_en; /* what its member means, where no head says it */
    size_t width;
    bool is_right; /* aligned so */
};

struct rows {
    const char *name; /* of the list in JSON */
    const struct row_column *columns;
    size_t columns_count;
    size_t max;       /* that are given at once */
    const char *keys; /* of its order, by their kinds: page.h */
    struct store_query *(*ask)(const struct view_question *question);
    const char *none_zh, *none_en;       /* instead of rows, on a terminal */
    const char *no_such_zh, *no_such_en; /* the same when something was asked for; NULL: alike */
    /* More of each row: put_detail() in its object, print_detail() below it, under a head of its own; NULL:
     * nothing. For those who ask for one, by its number or the like; NULL: for all. */
    bool (*asks_for_one)(const struct view_question *question);
    enum status (*put_detail)(const struct view_question *question, const union row_cell *cells,
                              struct json_out *out);
    enum status (*print_detail)(const struct view_question *question, const union row_cell *cells,
                                struct buf *out);
    const struct rows *detail; /* a list that put_detail() puts there, for those who describe it */
    bool one_must_be;          /* who asks for one is told NOT_FOUND when there is none */
};

/* Columns of many lists. */
/* clang-format off */
#define ROW_OF_RECORD { .name = "record", .kind = ROW_NUMBER, \
                        .about_zh = "所在记录", .about_en = "the record that told it" }
#define ROW_OF_LAST   { .name = "last", .kind = ROW_NUMBER, \
                        .about_zh = "最近更改它的记录", .about_en = "the record that changed it last" }
/* clang-format on */

#define ROWS_COLUMNS(list) .columns = (list), .columns_count = sizeof(list) / sizeof((list)[0])

enum status rows_json(const struct view_question *question, const struct rows *rows, struct json_out *out);
enum status rows_text(const struct view_question *question, const struct rows *rows, struct buf *out);

/* A list within a row: the rows of this query, all of them, as a member named as the list; or as lines
 * without a head. */
enum status rows_put_list(const struct view_question *question, const struct rows *rows,
                          struct store_query *query, struct json_out *out);
enum status rows_print_list(const struct view_question *question, const struct rows *rows,
                            struct store_query *query, struct buf *out);

const char *row_column_about(const struct row_column *column, enum language language); /* of a member */
const char *row_kind_json(enum row_kind kind);
/* The query yields it; the others are made. What reads rows asks it, and tests. */
bool row_kind_is_read(enum row_kind kind);
/* Its member has the names NAME_zh and NAME_en beside it, or instead of it. */
bool row_kind_has_names(enum row_kind kind);

#endif
