/*
 * rows.c - a query is stepped through, and each row told, up to the limit.
 */
#include "view/rows.h"

struct telling {
    struct store_query *query;
    size_t max, count;
    enum status of_query, of_row;
    bool more;
};

static bool next(struct telling *telling) {
    if (telling->of_row != STATUS_OK || !store_step(telling->query, &telling->of_query)) {
        return false;
    }
    telling->more = telling->count == telling->max;
    telling->count += !telling->more;
    return !telling->more;
}

static enum status end(struct telling *telling, size_t *count) {
    store_reset(telling->query);
    if (count) {
        *count = telling->count;
    }
    return telling->of_query != STATUS_OK ? telling->of_query : telling->of_row;
}

enum status rows_json(const struct view_question *question, const struct rows *rows,
                      struct store_query *query, size_t *count, struct json_out *out) {
    struct telling telling = { .query = query, .max = rows->max };
    json_open_object(out, NULL);
    json_open_array(out, rows->name);
    while (next(&telling)) {
        telling.of_row = rows->put(question, query, out);
    }
    json_close_array(out);
    json_put_bool(out, "more", telling.more);
    json_close_object(out);
    return end(&telling, count);
}

enum status rows_text(const struct view_question *question, const struct rows *rows,
                      struct store_query *query, size_t *count, struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH;
    struct telling telling = { .query = query, .max = rows->max };
    while (next(&telling)) {
        if (telling.count == 1 && rows->head) {
            rows->head(zh, out);
        }
        telling.of_row = rows->print(question, query, out);
    }
    if (telling.more) {
        buf_add_string(out, zh ? "……还有更多\n" : "... and more\n");
    } else if (!telling.count) {
        buf_printf(out, "%s\n", zh ? rows->none_zh : rows->none_en);
    }
    return end(&telling, count);
}
