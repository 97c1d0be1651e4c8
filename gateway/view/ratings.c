/*
 * ratings.c - the ratings of state.db, added up by operator and month; and below each what was rated in
 * particular.
 */
#include "view/ratings.h"

#include <stdio.h>

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"

#define SCORES 5

/* One operator in one month. */
struct tally {
    const char *operator, * party, *month;
    int64_t count, sum, scores[SCORES], answered;
};

/* MONTH is that of an Asia/Shanghai day, which has no summer time. */
#define MONTH     "strftime('%Y-%m', first / 1000000000 + 28800, 'unixepoch')"
#define WITHIN    " WHERE (?1 = '' OR operator = ?1) AND (?2 = '' OR " MONTH " = ?2)"
#define OF(score) ", sum(score = " #score ")"

static struct store_query *ask_tallies(const struct view_question *question) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT operator, " MONTH " AS month, count(*), sum(score), sum(reply <> 0)" OF(1) OF(2)
                        OF(3) OF(4) OF(5) ", rated, max(record) FROM ratings" WITHIN
                                          " GROUP BY operator, month ORDER BY operator, month DESC LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "operator"));
    store_bind_text(query, 2, view_value(question, "month"));
    store_bind_int(query, 3, RATINGS_ROWS_MAX + 1);
    return query;
}

static struct tally read_tally(struct store_query *query, struct arena *arena) {
    struct tally tally = { .operator= arena_copy(arena, store_text(query, 0)),
                           .month = arena_copy(arena, store_text(query, 1)),
                           .count = store_int(query, 2),
                           .sum = store_int(query, 3),
                           .answered = store_int(query, 4),
                           .party = arena_copy(arena, store_text(query, 5 + SCORES)) };
    for (int i = 0; i < SCORES; i++) {
        tally.scores[i] = store_int(query, 5 + i);
    }
    return tally;
}

static struct store_query *ask_aspects(const struct view_question *question, const struct tally *tally) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT a.aspect, count(*), sum(a.score) FROM ratings r JOIN rating_aspects a"
                    " ON a.rating = r.key WHERE operator = ? AND " MONTH " = ?"
                    " GROUP BY a.aspect ORDER BY a.aspect");
    store_bind_string(query, 1, tally->operator);
    store_bind_string(query, 2, tally->month);
    return query;
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void put_mean(struct json_out *out, int64_t sum, int64_t count) {
    char number[32];
    snprintf(number, sizeof(number), "%.17g", (double)sum / (double)count);
    json_put_raw(out, "mean", text_of(number));
}

static enum status put_aspects(const struct view_question *question, const struct tally *tally,
                               struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query = ask_aspects(question, tally);
    json_open_array(out, "aspects");
    while (store_step(query, &status)) {
        const char *code = arena_copy(question->arena, store_text(query, 0));
        json_open_object(out, NULL);
        json_put_string(out, "code", code);
        json_put_string(out, "zh", name_of_code(question, "rating_aspects", code, LANGUAGE_ZH));
        json_put_string(out, "en", name_of_code(question, "rating_aspects", code, LANGUAGE_EN));
        json_put_int(out, "n", store_int(query, 1));
        put_mean(out, store_int(query, 2), store_int(query, 1));
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status put_tally(const struct view_question *question, struct store_query *query,
                             struct json_out *out) {
    const struct tally tally = read_tally(query, question->arena);
    json_open_object(out, NULL);
    json_put_string(out, "operator", tally.operator);
    json_put_string(out, "party", tally.party);
    json_put_string(out, "zh", name_of_party(question, tally.party, LANGUAGE_ZH));
    json_put_string(out, "en", name_of_party(question, tally.party, LANGUAGE_EN));
    json_put_string(out, "month", tally.month);
    json_put_int(out, "n", tally.count);
    put_mean(out, tally.sum, tally.count);
    json_open_array(out, "scores");
    for (int i = 0; i < SCORES; i++) {
        json_put_int(out, NULL, tally.scores[i]);
    }
    json_close_array(out);
    json_put_int(out, "answered", tally.answered);
    enum status status = put_aspects(question, &tally, out);
    json_close_object(out);
    return status;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

static void print_head(bool zh, struct buf *out) {
    static const char *const scores[SCORES] = { "1", "2", "3", "4", "5" };
    column_left(out, zh ? "经营人" : "operator", 14);
    column_left(out, zh ? "名称" : "name", 36);
    column_left(out, zh ? "月份" : "month", 7);
    column_right(out, "n", 6);
    column_right(out, zh ? "平均" : "mean", 5);
    for (int i = 0; i < SCORES; i++) {
        column_right(out, scores[i], 5);
    }
    column_right(out, zh ? "已答复" : "answered", 8);
    column_end(out);
}

static enum status print_tally(const struct view_question *question, struct store_query *query,
                               struct buf *out) {
    const struct tally tally = read_tally(query, question->arena);
    struct arena *arena = question->arena;
    column_left(out, tally.operator, 14);
    column_left(out, name_of_party(question, tally.party, question->language), 36);
    column_left(out, tally.month, 7);
    column_right(out, arena_printf(arena, "%lld", (long long)tally.count), 6);
    column_right(out, arena_printf(arena, "%.2f", (double)tally.sum / (double)tally.count), 5);
    for (int i = 0; i < SCORES; i++) {
        column_right(out, arena_printf(arena, "%lld", (long long)tally.scores[i]), 5);
    }
    column_right(out, arena_printf(arena, "%lld", (long long)tally.answered), 8);
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "ratings",
    .max = RATINGS_ROWS_MAX,
    .put = put_tally,
    .print = print_tally,
    .head = print_head,
    .none_zh = "没有评价",
    .none_en = "nothing is rated",
};

enum status ratings_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask_tallies(question), NULL, out);
}

enum status ratings_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask_tallies(question), NULL, out);
}
