/*
 * report.c - the figures of a month (clearance.h) as JSON and as tables on a terminal.
 */
#include "view/statistics/report.h"

#include <stdio.h>
#include <string.h>

#include "view/columns.h"
#include "view/statistics/clearance.h"

static enum status compute(const struct view_question *question, struct clearance **out) {
    return clearance_new(question->source->state, question->source->edition->segments,
                         view_value(question, "month"), out);
}

const char *report_last_month(stamp now, struct arena *arena) {
    int year, month, day;
    day_split(stamp_day(now), &year, &month, &day);
    return month == 1 ? arena_printf(arena, "%04d-12", year - 1)
                      : arena_printf(arena, "%04d-%02d", year, month - 1);
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void put_filled(struct json_out *out, const char *key, const char *value) {
    if (*value) {
        json_put_string(out, key, value);
    }
}

/* total NULL: it has no share. */
static void put_figures(struct json_out *out, const char *key, const struct figures *figures,
                        const struct figures *total) {
    char text[FIGURE_MAX];
    json_open_object(out, key);
    json_put_int(out, "n", (int64_t)figures->n);
    put_filled(out, "mean", figures_mean(figures, text));
    put_filled(out, "median", figures_median(figures, text));
    put_filled(out, "p90", figures_p90(figures, text));
    if (total) {
        put_filled(out, "share", figures_share(figures, total, text));
    }
    json_close_object(out);
}

/* What a segment has its share of; NULL: of nothing. */
static const struct figures *total_of(const struct clearance_direction *direction, bool chained,
                                      enum variant variant) {
    return chained && variant != VARIANT_AVAILABLE ? &direction->total[variant] : NULL;
}

static void put_segment(struct json_out *out, const struct clearance_direction *direction,
                        const struct clearance_segment *segment) {
    json_open_object(out, NULL);
    json_put_string(out, "name", segment->row->name);
    json_put_string(out, "zh", segment->row->zh);
    json_put_string(out, "en", segment->row->en);
    json_put_string(out, "from", segment->row->from);
    json_put_string(out, "to", segment->row->to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        put_figures(out, variant_text(v), &segment->figures[v], total_of(direction, segment->chained, v));
    }
    json_close_object(out);
}

static void put_compared(struct json_out *out, const char *key, const struct figures *now,
                         const struct figures *then) {
    char text[FIGURE_MAX];
    json_open_object(out, key);
    json_put_int(out, "n", (int64_t)then->n);
    put_filled(out, "mean", figures_mean(then, text));
    put_filled(out, "change", figures_change(now, then, text));
    json_close_object(out);
}

static void put_overall(struct json_out *out, const struct chain *chain,
                        const struct clearance_overall *overall) {
    char text[FIGURE_MAX], base[DECIMAL_TEXT_MAX];
    if (!*chain->from) {
        return;
    }
    json_open_object(out, "overall");
    json_put_string(out, "from", chain->from);
    json_put_string(out, "to", chain->to);
    json_put_int(out, "n", (int64_t)overall->month.n);
    put_filled(out, "mean", figures_mean(&overall->month, text));
    if (*chain->base_year) {
        json_put_string(out, "base", decimal_print(chain->base, base));
        json_put_string(out, "base_year", chain->base_year);
        put_filled(out, "change", figures_change_to_base(&overall->month, chain->base, text));
    }
    put_compared(out, "previous_month", &overall->month, &overall->month_before);
    put_compared(out, "previous_year", &overall->month, &overall->year_before);
    json_close_object(out);
}

static void put_direction(struct json_out *out, const struct clearance_direction *direction) {
    json_open_object(out, direction->chain->direction);
    json_put_int(out, "population", (int64_t)direction->population);
    json_put_int(out, "complete", (int64_t)direction->complete);
    json_put_int(out, "in_order", (int64_t)direction->in_order);
    json_open_array(out, "segments");
    for (size_t i = 0; i < direction->segments_count; i++) {
        put_segment(out, direction, &direction->segments[i]);
    }
    json_close_array(out);
    json_open_object(out, "total");
    json_put_string(out, "from", direction->from);
    json_put_string(out, "to", direction->to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        put_figures(out, variant_text(v), &direction->total[v], NULL);
    }
    json_close_object(out);
    put_overall(out, direction->chain, &direction->overall);
    json_close_object(out);
}

enum status report_json(const struct view_question *question, struct json_out *out) {
    struct clearance *clearance;
    enum status status = compute(question, &clearance);
    if (status == STATUS_OK) {
        json_open_object(out, NULL);
        json_put_text(out, "month", view_value(question, "month"));
        for (size_t i = 0; i < clearance->count; i++) {
            put_direction(out, &clearance->directions[i]);
        }
        json_close_object(out);
    }
    clearance_free(clearance);
    return status;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

struct printing {
    struct buf *out;
    enum language language;
    struct text month;
};

#define pick(printing, zh, en) language_pick((printing)->language, zh, en)

static void print_figures(const struct printing *printing, const char *label, const struct figures *figures,
                          const struct figures *total) {
    struct buf *out = printing->out;
    char text[FIGURE_MAX], n[24];
    snprintf(n, sizeof(n), "%zu", figures->n);
    buf_add_string(out, "  ");
    column_left(out, label, 22);
    column_right(out, n, 7);
    column_right(out, figures_mean(figures, text), 9);
    column_right(out, figures_median(figures, text), 9);
    column_right(out, figures_p90(figures, text), 9);
    column_right(out, total ? figures_share(figures, total, text) : "", 6);
    column_end(out);
}

static void print_head(const struct printing *printing, enum variant variant) {
    struct buf *out = printing->out;
    buf_add_string(out, "  ");
    column_left(out, variant_name(variant, printing->language), 22);
    column_right(out, "n", 7);
    column_right(out, pick(printing, "均值(小时)", "mean (h)"), 9);
    column_right(out, pick(printing, "中位数", "median"), 9);
    column_right(out, "p90", 9);
    column_right(out, pick(printing, "占比%", "share%"), 6);
    column_end(out);
}

static void print_variant(const struct printing *printing, const struct clearance_direction *direction,
                          enum variant variant) {
    print_head(printing, variant);
    for (size_t i = 0; i < direction->segments_count; i++) {
        const struct clearance_segment *segment = &direction->segments[i];
        print_figures(printing, pick(printing, segment->row->zh, segment->row->en),
                      &segment->figures[variant], total_of(direction, segment->chained, variant));
    }
    print_figures(printing, pick(printing, "合计", "total"), &direction->total[variant],
                  total_of(direction, true, variant));
}

static void print_overall(const struct printing *printing, const struct chain *chain,
                          const struct clearance_overall *overall) {
    struct buf *out = printing->out;
    char mean[FIGURE_MAX], change[FIGURE_MAX], base[DECIMAL_TEXT_MAX];
    if (!*chain->from || !overall->month.n) {
        return;
    }
    buf_printf(out, pick(printing, "  整体通关时间 %s 小时 (n %zu)", "  overall %s h (n %zu)"),
               figures_mean(&overall->month, mean), overall->month.n);
    if (*chain->base_year) {
        buf_printf(out, pick(printing, "，较 %s 年基数 %s 小时 %s%%", ", against the base of %s, %s h: %s%%"),
                   chain->base_year, decimal_print(chain->base, base),
                   figures_change_to_base(&overall->month, chain->base, change));
    }
    if (*figures_change(&overall->month, &overall->month_before, change)) {
        buf_printf(out, pick(printing, "，环比 %s%%", ", against the month before: %s%%"), change);
    }
    if (*figures_change(&overall->month, &overall->year_before, change)) {
        buf_printf(out, pick(printing, "，同比 %s%%", ", against the year before: %s%%"), change);
    }
    buf_add_char(out, '\n');
}

static void print_direction(const struct printing *printing, const struct clearance_direction *direction) {
    const char *name = direction->chain->direction;
    bool import = strcmp(name, "import") == 0;
    buf_printf(printing->out,
               pick(printing, "%.*s  %s  报关单 %zu 票，链条完整 %zu，顺序正常 %zu\n",
                    "%.*s  %s  declarations %zu, complete chains %zu, in order %zu\n"),
               TEXT_ARGS(printing->month), pick(printing, import ? "进口" : "出口", name),
               direction->population, direction->complete, direction->in_order);
    for (int v = 0; v < VARIANT_COUNT && direction->population; v++) {
        print_variant(printing, direction, v);
    }
    print_overall(printing, direction->chain, &direction->overall);
    buf_add_char(printing->out, '\n');
}

enum status report_print(const struct view_question *question, struct buf *out) {
    struct printing printing = { out, question->language, view_value(question, "month") };
    struct clearance *clearance;
    enum status status = compute(question, &clearance);
    for (size_t i = 0; status == STATUS_OK && i < clearance->count; i++) {
        print_direction(&printing, &clearance->directions[i]);
    }
    clearance_free(clearance);
    return status;
}
