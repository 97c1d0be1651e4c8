/*
 * page.h - a list in pages: how many rows of it are asked for, and behind which one.
 *
 * Each list has an order that leaves no two rows equal. Its keys, the values of that order, of the last row
 * of a page are the cursor `next`, which whoever asks gives back as `after`: the next page begins behind that
 * row, whatever has come or gone meanwhile. So while things happen no row that stands where it stood is left
 * out, and none is told twice. One that itself moves in the order stands where it then stands.
 *
 *   {"NAME":[...],"more":true,"next":"WyJ3YWl2ZXJzIiwiMTc2..."}
 *
 * A cursor is opaque, and fits the question that made it alone.
 */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "base/store.h"
#include "view/view.h"

#define PAGE_KEYS_MAX                 8
#define PAGE_LIMIT_MAX                1000 /* rows that may be asked for; a list may give fewer */

/* A page is asked for by these two. */
/* clang-format off */
#define PAGE_LIMIT_PARAMETER                                                                        \
    { .name = "limit", .type = VIEW_NUMBER, .number_max = PAGE_LIMIT_MAX, .is_of_page = true,       \
      .argument = "ROWS", .code = "no-limit",                                                       \
      .zh = "本页至多行数（至多 1000；默认按清单）", .en = "at most so many rows (up to 1000; default: as the list has it)", \
      .wrong_zh = "limit 应为 1 至 1000 的行数", .wrong_en = "limit is a number of rows, 1 to 1000" }
#define PAGE_PARAMETERS                                                                             \
    PAGE_LIMIT_PARAMETER,                                                                           \
    { .name = "after", .type = VIEW_CURSOR, .is_of_page = true,                                     \
      .argument = "NEXT", .code = "no-cursor",                                                      \
      .zh = "自上一页的 next 之后", .en = "behind the page before: its `next`",                              \
      .wrong_zh = "after 应为此清单前一页所给的 next", .wrong_en = "after is the `next` that a page of this list gave" }
/* clang-format on */

/* Within a query: its rows behind the page before, the keys compared in the direction of the order, and the
 * number of rows that is asked for. The keys stand behind its columns. */
#define PAGE_LIMIT                    " LIMIT ?19"
#define PAGE_1                        "?20"
#define PAGE_2                        PAGE_1 ", ?21"
#define PAGE_3                        PAGE_2 ", ?22"
#define PAGE_4                        PAGE_3 ", ?23"
#define PAGE_5                        PAGE_4 ", ?24"
#define PAGE_6                        PAGE_5 ", ?25"
#define PAGE_BEHIND(keys, are, count) " (?20 IS NULL OR (" keys ") " are " (" PAGE_##count ")) "

#define PAGE_OPTION_ALL               "all" /* of the command: it asks for one page after the other */

/* What a key is by its kind: 'n' a number, else 't' a text. */
union page_key {
    const char *text;
    int64_t number;
};

struct page_keys {
    union page_key list[PAGE_KEYS_MAX];
};

/* The kinds of a list's keys, "nt"; NULL: it has no pages. */
const char *page_kinds(const struct view *view);
/* A cursor of this question. False: none. keys: in the arena of the question. */
bool page_read(const struct view_question *question, struct text cursor, struct page_keys *keys);
/* What `after` says, which was checked; false: it was not given. */
bool page_after(const struct view_question *question, struct page_keys *keys);
/* The same of a list whose one key is the number of its row: that of the first row of this page. */
size_t page_first(const struct view_question *question);
/* At most so many rows, of those that the list gives at once. */
size_t page_limit(const struct view_question *question, size_t max);
/* ?19 and those behind it. One row more than is shown, so that it is known whether there are more. */
void page_bind(const struct view_question *question, size_t max, struct store_query *query);
/* The cursor behind a row with these keys, in the arena of the question. */
const char *page_cursor(const struct view_question *question, const struct page_keys *keys);
/* Where the next page begins is told to who asks as well (view.h); NULL: there is none. */
void page_tell(const struct view_question *question, const char *next);
/* "more", and "next" where there is more. */
void page_put(const struct view_question *question, const char *next, struct json_out *out);
/* clang-format off */
#define PAGE_MEMBERS                                                                                \
    { "more", SHAPE_FLAG, .zh = "还有更多", .en = "whether there is more" },                                      \
    { "next", SHAPE_TEXT, .zh = "有更多时：下一页的 after", .en = "where there is more: the `after` of the next page",   \
      .is_optional = true }
/* clang-format on */
/* The same on a terminal, as a last line. */
void page_print(const struct view_question *question, const char *next, struct buf *out);
struct text page_without_last_line(struct text page); /* for who goes on by himself */

#endif
