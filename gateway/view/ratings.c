/*
 * ratings.c - the ratings of state.db, added up by operator and month; and below each what was rated in
 * particular.
 */
#include "view/ratings.h"

#include "view/names.h"

enum { OPERATOR, PARTY, PARTY_NAMES, MONTH_OF, COUNT, SUM, MEAN, MEAN_SHORT };
enum { ASPECT, ASPECT_COUNT, ASPECT_SUM };

/* MONTH is that of an Asia/Shanghai day, which has no summer time. */
#define MONTH     "strftime('%Y-%m', first / 1000000000 + 28800, 'unixepoch')"
#define WITHIN    " WHERE (?1 = '' OR operator = ?1) AND (?2 = '' OR " MONTH " = ?2)"
#define KEYS      "operator, -CAST(replace(" MONTH ", '-', '') AS INTEGER)"
#define OF(score) ", sum(score = " #score ")"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT operator, rated, " MONTH " AS month, count(*), sum(score)" OF(1) OF(2) OF(3) OF(4)
            OF(5) ", sum(reply <> 0), max(record), " KEYS " FROM ratings" WITHIN
                  " AND" PAGE_BEHIND(KEYS, ">", 2) " GROUP BY operator, month ORDER BY " KEYS PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "operator"));
    store_bind_text(query, 2, view_value(question, "month"));
    return query;
}

static const char *party_name(const struct view_question *question, const union row_cell *cells,
                              enum language language) {
    return name_of_party(question, cells[PARTY].text, language);
}

static const char *mean_of(const struct view_question *question, const union row_cell *cells,
                           enum language language) {
    (void)language;
    return arena_printf(question->arena, "%.17g", (double)cells[SUM].number / (double)cells[COUNT].number);
}

static const char *mean_short(const struct view_question *question, const union row_cell *cells,
                              enum language language) {
    (void)language;
    return arena_printf(question->arena, "%.2f", (double)cells[SUM].number / (double)cells[COUNT].number);
}

#define SCORE_COLUMN(score) \
    { .name = "n" #score, .kind = ROW_NUMBER, .zh = #score, .en = #score, .width = 5, .is_right = true }

static const struct row_column columns[] = {
    [OPERATOR] = { .name = "operator", .zh = "经营人", .en = "operator", .width = 14 },
    [PARTY] = { .name = "party", .about_zh = "参与方代码", .about_en = "the party, by its code" },
    [PARTY_NAMES] = { .name = "party",
                      .kind = ROW_WORDS,
                      .words = party_name,
                      .zh = "名称",
                      .en = "name",
                      .width = 36 },
    [MONTH_OF] = { .name = "month", .zh = "月份", .en = "month", .width = 7 },
    [COUNT] = { .name = "n", .kind = ROW_NUMBER, .zh = "n", .en = "n", .width = 6, .is_right = true },
    [SUM] = { .kind = ROW_NUMBER },
    [MEAN] = { .name = "mean",
               .kind = ROW_FIGURE,
               .words = mean_of,
               .about_zh = "平均分",
               .about_en = "the mean score" },
    [MEAN_SHORT] = { .kind = ROW_MADE,
                     .words = mean_short,
                     .zh = "平均",
                     .en = "mean",
                     .width = 5,
                     .is_right = true },
    SCORE_COLUMN(1),
    SCORE_COLUMN(2),
    SCORE_COLUMN(3),
    SCORE_COLUMN(4),
    SCORE_COLUMN(5),
    { .name = "answered",
      .kind = ROW_NUMBER,
      .zh = "已答复",
      .en = "answered",
      .width = 8,
      .is_right = true },
};

/* --- what was rated in particular ----------------------------------------------------------------------- */

static struct store_query *ask_aspects(const struct view_question *question, const union row_cell *cells) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT a.aspect, count(*), sum(a.score) FROM ratings r JOIN rating_aspects a"
                    " ON a.rating = r.key WHERE operator = ? AND " MONTH " = ?"
                    " GROUP BY a.aspect ORDER BY a.aspect");
    store_bind_string(query, 1, cells[OPERATOR].text);
    store_bind_string(query, 2, cells[MONTH_OF].text);
    return query;
}

static const char *aspect_mean(const struct view_question *question, const union row_cell *cells,
                               enum language language) {
    (void)language;
    return arena_printf(question->arena, "%.17g",
                        (double)cells[ASPECT_SUM].number / (double)cells[ASPECT_COUNT].number);
}

static const struct row_column aspects_columns[] = {
    [ASPECT] = { .name = "aspect",
                 .kind = ROW_CODE,
                 .of = "rating_aspects",
                 .about_zh = "评价项目",
                 .about_en = "what is rated" },
    [ASPECT_COUNT] = { .name = "n",
                       .kind = ROW_NUMBER,
                       .about_zh = "评价数",
                       .about_en = "how many rated it" },
    [ASPECT_SUM] = { .kind = ROW_NUMBER },
    { .name = "mean",
      .kind = ROW_FIGURE,
      .words = aspect_mean,
      .about_zh = "平均分",
      .about_en = "the mean score" },
};

static const struct rows aspects = { .name = "aspects", ROWS_COLUMNS(aspects_columns) };

static enum status put_aspects(const struct view_question *question, const union row_cell *cells,
                               struct json_out *out) {
    return rows_put_list(question, &aspects, ask_aspects(question, cells), out);
}

const struct rows ratings_rows = {
    .name = "ratings",
    ROWS_COLUMNS(columns),
    .max = RATINGS_ROWS_MAX,
    .keys = "tn",
    .ask = ask,
    .none_zh = "没有评价",
    .none_en = "nothing is rated",
    .put_detail = put_aspects,
    .detail = &aspects,
};
