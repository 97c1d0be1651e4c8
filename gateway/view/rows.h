/*
 * rows.h - the answer of a question that is a list: the rows of one query, as many as its limit lets be, and
 * whether there are more.
 */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "view/view.h"

struct rows {
    const char *name; /* of the list in JSON */
    size_t max;       /* the query stops one behind it */
    /* The row that the query stands at. What is not OK ends the answer. */
    enum status (*put)(const struct view_question *question, struct store_query *query, struct json_out *out);
    enum status (*print)(const struct view_question *question, struct store_query *query, struct buf *out);
    void (*head)(bool zh, struct buf *out); /* before the first row; NULL: each row prints what is above it */
    const char *none_zh, *none_en;          /* instead of rows, on a terminal */
};

/* query: reset when it is answered. *count: rows that were told; may be NULL. */
enum status rows_json(const struct view_question *question, const struct rows *rows,
                      struct store_query *query, size_t *count, struct json_out *out);
enum status rows_text(const struct view_question *question, const struct rows *rows,
                      struct store_query *query, size_t *count, struct buf *out);

#endif
