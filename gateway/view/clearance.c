/*
 * clearance.c - samples of a month are gathered once, then every figure is exact arithmetic over them.
 */
#include "view/clearance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "view/columns.h"

#define DECLARATIONS_MAX 500000 /* of one month and direction; more are TOO_LARGE */
#define HOUR             (3600 * (__int128)STAMP_SECOND)
#define NEVER            INT64_MIN /* a milestone that was not told */
#define FIGURE_MAX       48

/* clang-format off */
/*    name        text         zh            en                              */
#define VARIANT_LIST(X)                                                         \
    X(AVAILABLE,  "available", "有数据",     "available")                        \
    X(SIGNED,     "signed",    "含负值",     "signed")                           \
    X(CLAMPED,    "clamped",   "负值归零",   "clamped")                          \
    X(EXCLUDED,   "excluded",  "剔除异常",   "excluded")
/* clang-format on */

enum variant {
#define X(name, text, zh, en) VARIANT_##name,
    VARIANT_LIST(X)
#undef X
        VARIANT_COUNT
};

static const struct {
    const char *text, *zh, *en;
} variants[] = {
#define X(name, text, zh, en) { text, zh, en },
    VARIANT_LIST(X)
#undef X
};

/* --- the samples of a month ----------------------------------------------------------------------------- */

struct sample {
    stamp at[MILESTONES_MAX];
}; /* by the milestone's place in the set-up; NEVER */

struct month {
    const struct segments *segments;
    const struct chain *chain;
    struct sample *samples;
    size_t count, complete, in_order;
};

static size_t index_of(const struct segments *segments, const char *code) {
    const struct milestone *milestone = segments_milestone(segments, code);
    return milestone ? (size_t)(milestone - segments->milestones) : MILESTONES_MAX;
}

static stamp at_of(const struct month *month, const struct sample *sample, const char *code) {
    size_t i = index_of(month->segments, code);
    return i < MILESTONES_MAX ? sample->at[i] : NEVER;
}

static bool is_complete(const struct month *month, const struct sample *sample) {
    for (size_t i = 0; i < month->chain->count; i++) {
        if (at_of(month, sample, month->chain->milestones[i]) == NEVER) {
            return false;
        }
    }
    return month->chain->count > 1;
}

static bool is_in_order(const struct month *month, const struct sample *sample) {
    for (size_t i = 1; i < month->chain->count; i++) {
        if (at_of(month, sample, month->chain->milestones[i])
            < at_of(month, sample, month->chain->milestones[i - 1])) {
            return false;
        }
    }
    return is_complete(month, sample);
}

/* One declared twice, or amended, has one number and counts once: as it was told of the newest. */
#define POPULATION(moment)                                                                               \
    "SELECT m.subject, m.declaration FROM milestones m JOIN declarations d ON d.key = m.declaration"     \
    " WHERE m.code = ?1 AND m." moment " >= ?2 AND m." moment " < ?3 AND d.direction = ?4"               \
    " AND d.state <> 'cancelled' AND d.step <> 'complete'"                                               \
    " AND NOT EXISTS (SELECT 1 FROM links a JOIN links b ON b.kind = a.kind AND b.value = a.value"       \
    " JOIN declarations e ON e.key = b.declaration JOIN milestones n ON n.subject = e.subject"           \
    " AND n.declaration = e.key AND n.code = m.code WHERE a.declaration = d.key AND e.record > d.record" \
    " AND e.state <> 'cancelled' AND e.step <> 'complete') ORDER BY d.key LIMIT ?5"

static struct store_query *ask_population(struct state *state, const struct segments *segments,
                                          const struct chain *chain, int32_t first_day, int32_t next_day) {
    const struct milestone *milestone = segments_milestone(segments, chain->month);
    struct store_query *query = milestone && milestone->last
                                    ? store_query(state_store(state), POPULATION("last"))
                                    : store_query(state_store(state), POPULATION("first"));
    store_bind_string(query, 1, chain->month);
    store_bind_int(query, 2, stamp_of_day(first_day));
    store_bind_int(query, 3, stamp_of_day(next_day));
    store_bind_string(query, 4, chain->direction);
    store_bind_int(query, 5, DECLARATIONS_MAX);
    return query;
}

/* What the declaration itself was told counts before what was told of the consignment; of that, what was told
 * of a container counts for the declarations that name it, and for those that name none. */
static void read_sample(struct state *state, const struct segments *segments, struct text subject,
                        struct text declaration, struct sample *sample) {
    struct store_query *query = store_query(
        state_store(state),
        "SELECT code, min(first), max(last) FROM milestones m WHERE subject = ?1 AND declaration IN ('', ?2)"
        " AND (container = '' OR NOT EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = ?2)"
        " OR EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = ?2 AND c.container ="
        " m.container))"
        " GROUP BY declaration, code ORDER BY declaration");
    for (size_t i = 0; i < MILESTONES_MAX; i++) {
        sample->at[i] = NEVER;
    }
    store_bind_text(query, 1, subject);
    store_bind_text(query, 2, declaration);
    while (state_row(state, query)) {
        char code[128];
        snprintf(code, sizeof(code), TEXT_FORMAT, TEXT_ARGS(store_text(query, 0)));
        size_t i = index_of(segments, code);
        if (i < MILESTONES_MAX) {
            sample->at[i] = store_int(query, segments->milestones[i].last ? 2 : 1);
        }
    }
}

static void gather(struct state *state, struct month *month, int32_t first_day, int32_t next_day) {
    struct store_query *query = ask_population(state, month->segments, month->chain, first_day, next_day);
    while (state_row(state, query)) {
        if ((month->count & (month->count - 1)) == 0) {
            month->samples =
                memory_grow(month->samples, month->count ? 2 * month->count : 1, sizeof(*month->samples));
        }
        struct sample *sample = &month->samples[month->count++];
        read_sample(state, month->segments, store_text(query, 0), store_text(query, 1), sample);
        month->complete += is_complete(month, sample);
        month->in_order += is_in_order(month, sample);
    }
}

/* --- figures of one segment ----------------------------------------------------------------------------- */

typedef __int128 duration; /* the calendar is longer than 64 bits of nanoseconds */

struct figures {
    size_t n;
    duration sum, low_median, high_median, p90;
};

static bool in_chain(const struct chain *chain, const char *code) {
    for (size_t i = 0; i < chain->count; i++) {
        if (strcmp(chain->milestones[i], code) == 0) {
            return true;
        }
    }
    return false;
}

/* The latest milestone of the chain up to and including this one. */
static stamp clamped_at(const struct month *month, const struct sample *sample, const char *code) {
    stamp latest = NEVER;
    for (size_t i = 0; i < month->chain->count; i++) {
        stamp at = at_of(month, sample, month->chain->milestones[i]);
        latest = at > latest ? at : latest;
        if (strcmp(month->chain->milestones[i], code) == 0) {
            break;
        }
    }
    return latest;
}

/* The segment's length in this sample; false: the sample does not count. */
static bool length_of(const struct month *month, const struct sample *sample, const char *from,
                      const char *to, enum variant variant, duration *out) {
    bool chained = in_chain(month->chain, from) && in_chain(month->chain, to);
    stamp begin = at_of(month, sample, from), end = at_of(month, sample, to);
    if (begin == NEVER || end == NEVER
        || (chained && variant != VARIANT_AVAILABLE && !is_complete(month, sample))) {
        return false;
    }
    *out = (duration)end - begin;
    switch (variant) {
    case VARIANT_CLAMPED:
        *out = chained    ? (duration)clamped_at(month, sample, to) - clamped_at(month, sample, from)
               : *out > 0 ? *out
                          : 0;
        return true;
    case VARIANT_EXCLUDED: return chained ? is_in_order(month, sample) : *out >= 0;
    default: return true;
    }
}

static int by_length(const void *a, const void *b) {
    duration x = *(const duration *)a, y = *(const duration *)b;
    return (x > y) - (x < y);
}

static struct figures figures_of(const struct month *month, const char *from, const char *to,
                                 enum variant variant) {
    struct figures figures = { 0 };
    duration *lengths = memory_array(month->count + 1, sizeof(*lengths));
    for (size_t i = 0; i < month->count; i++) {
        if (length_of(month, &month->samples[i], from, to, variant, &lengths[figures.n])) {
            figures.sum += lengths[figures.n++];
        }
    }
    if (figures.n) {
        qsort(lengths, figures.n, sizeof(*lengths), by_length);
        figures.low_median = lengths[(figures.n - 1) / 2];
        figures.high_median = lengths[figures.n / 2];
        figures.p90 = lengths[(9 * figures.n + 9) / 10 - 1];
    }
    free(lengths);
    return figures;
}

/* --- exact quotients, rounded last ---------------------------------------------------------------------- */

/* numerator / denominator with so many decimals, half away from zero. */
static const char *quotient(__int128 numerator, __int128 denominator, int places, char out[FIGURE_MAX]) {
    __int128 scale = 1;
    for (int i = 0; i < places; i++) {
        scale *= 10;
    }
    bool negative = numerator < 0;
    __int128 scaled = ((negative ? -numerator : numerator) * scale * 2 + denominator) / (denominator * 2);
    const char *sign = negative && scaled ? "-" : "";
    snprintf(out, FIGURE_MAX, "%s%lld.%0*lld", sign, (long long)(scaled / scale), places,
             (long long)(scaled % scale));
    return out;
}

static const char *hours_mean(const struct figures *figures, char out[FIGURE_MAX]) {
    return figures->n ? quotient(figures->sum, HOUR * (__int128)figures->n, 2, out) : "";
}

static const char *hours_median(const struct figures *figures, char out[FIGURE_MAX]) {
    return figures->n ? quotient(figures->low_median + figures->high_median, 2 * HOUR, 2, out) : "";
}

static const char *hours_p90(const struct figures *figures, char out[FIGURE_MAX]) {
    return figures->n ? quotient(figures->p90, HOUR, 2, out) : "";
}

static const char *percent_of_total(const struct figures *figures, const struct figures *total,
                                    char out[FIGURE_MAX]) {
    return figures->n && figures->n == total->n && total->sum > 0
               ? quotient(figures->sum * 100, total->sum, 1, out)
               : "";
}

/* mean / base - 1 */
static const char *change_to_base(const struct figures *figures, struct decimal base, char out[FIGURE_MAX]) {
    if (!figures->n || base.coefficient <= 0) {
        return "";
    }
    __int128 scale = 1;
    for (int i = 0; i < base.scale; i++) {
        scale *= 10;
    }
    __int128 one = HOUR * (__int128)figures->n * base.coefficient;
    return quotient((figures->sum * scale - one) * 100, one, 1, out);
}

static const char *change_to_month(const struct figures *now, const struct figures *then,
                                   char out[FIGURE_MAX]) {
    if (!now->n || !then->n || then->sum <= 0) {
        return "";
    }
    /* microseconds: enough for a percent, and it fits */
    __int128 was = then->sum / 1000 * (__int128)now->n, is = now->sum / 1000 * (__int128)then->n;
    return was ? quotient((is - was) * 100, was, 1, out) : "";
}

/* --- the report of one direction ------------------------------------------------------------------------ */

struct overall {
    struct figures now, previous_month, previous_year;
};

struct report {
    struct month month;
    struct figures total[VARIANT_COUNT];
    struct overall overall;
};

static const char *chain_from(const struct chain *chain) {
    return chain->count ? chain->milestones[0] : "";
}
static const char *chain_to(const struct chain *chain) {
    return chain->count ? chain->milestones[chain->count - 1] : "";
}

static struct figures overall_of(struct state *state, const struct segments *segments,
                                 const struct chain *chain, int32_t first_day, int32_t next_day) {
    struct month month = { .segments = segments, .chain = chain };
    gather(state, &month, first_day, next_day);
    struct figures figures = figures_of(&month, chain->from, chain->to, VARIANT_AVAILABLE);
    free(month.samples);
    return figures;
}

static int32_t months_before(int32_t first_day, int months) {
    int year, month, day;
    day_split(first_day, &year, &month, &day);
    int count = year * 12 + (month - 1) - months;
    return day_of(count / 12, count % 12 + 1, 1);
}

static void make_report(struct state *state, const struct segments *segments, const struct chain *chain,
                        int32_t first_day, int32_t next_day, struct report *report) {
    memset(report, 0, sizeof(*report));
    report->month = (struct month){ .segments = segments, .chain = chain };
    gather(state, &report->month, first_day, next_day);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        report->total[v] = figures_of(&report->month, chain_from(chain), chain_to(chain), v);
    }
    report->overall.now = figures_of(&report->month, chain->from, chain->to, VARIANT_AVAILABLE);
    report->overall.previous_month =
        overall_of(state, segments, chain, months_before(first_day, 1), first_day);
    report->overall.previous_year =
        overall_of(state, segments, chain, months_before(first_day, 12), months_before(first_day, 11));
}

/* Makes the report of each direction that has a chain and hands it to show(). */
static enum status each_direction(struct state *state, const struct segments *segments, struct text month,
                                  void (*show)(const struct report *report, void *to), void *to) {
    struct report reports[sizeof(segments->chains) / sizeof(*segments->chains)];
    int32_t first_day, next_day;
    size_t population = 0;
    bool too_large = false;
    if (!month_parse(month, &first_day, &next_day)) {
        return STATUS_BAD_INPUT;
    }
    for (size_t i = 0; i < segments->chains_count; i++) {
        make_report(state, segments, &segments->chains[i], first_day, next_day, &reports[i]);
        population += reports[i].month.count;
        too_large = too_large || reports[i].month.count == DECLARATIONS_MAX;
    }
    enum status status = state_take_failure(state);
    if (status == STATUS_OK) {
        status = too_large ? STATUS_TOO_LARGE : population ? STATUS_OK : STATUS_NOT_FOUND;
    }
    for (size_t i = 0; i < segments->chains_count; i++) {
        if (status == STATUS_OK) {
            show(&reports[i], to);
        }
        free(reports[i].month.samples);
    }
    return status;
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void put_filled(struct json_out *out, const char *key, const char *value) {
    if (*value) {
        json_put_string(out, key, value);
    }
}

static void put_figures(struct json_out *out, const char *key, const struct figures *figures,
                        const struct figures *total) {
    char text[FIGURE_MAX];
    json_open_object(out, key);
    json_put_int(out, "n", (int64_t)figures->n);
    put_filled(out, "mean", hours_mean(figures, text));
    put_filled(out, "median", hours_median(figures, text));
    put_filled(out, "p90", hours_p90(figures, text));
    if (total) {
        put_filled(out, "share", percent_of_total(figures, total, text));
    }
    json_close_object(out);
}

static void put_segment(struct json_out *out, const struct report *report, const struct segment_row *row) {
    bool chained = in_chain(report->month.chain, row->from) && in_chain(report->month.chain, row->to);
    json_open_object(out, NULL);
    json_put_string(out, "name", row->name);
    json_put_string(out, "zh", row->zh);
    json_put_string(out, "en", row->en);
    json_put_string(out, "from", row->from);
    json_put_string(out, "to", row->to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        struct figures figures = figures_of(&report->month, row->from, row->to, v);
        put_figures(out, variants[v].text, &figures,
                    chained && v != VARIANT_AVAILABLE ? &report->total[v] : NULL);
    }
    json_close_object(out);
}

static void put_compared(struct json_out *out, const char *key, const struct figures *now,
                         const struct figures *then) {
    char text[FIGURE_MAX];
    json_open_object(out, key);
    json_put_int(out, "n", (int64_t)then->n);
    put_filled(out, "mean", hours_mean(then, text));
    put_filled(out, "change", change_to_month(now, then, text));
    json_close_object(out);
}

static void put_overall(struct json_out *out, const struct report *report) {
    const struct chain *chain = report->month.chain;
    const struct overall *overall = &report->overall;
    char text[FIGURE_MAX], base[DECIMAL_TEXT_MAX];
    if (!*chain->from) {
        return;
    }
    json_open_object(out, "overall");
    json_put_string(out, "from", chain->from);
    json_put_string(out, "to", chain->to);
    json_put_int(out, "n", (int64_t)overall->now.n);
    put_filled(out, "mean", hours_mean(&overall->now, text));
    if (*chain->base_year) {
        json_put_string(out, "base", decimal_print(chain->base, base));
        json_put_string(out, "base_year", chain->base_year);
        put_filled(out, "change", change_to_base(&overall->now, chain->base, text));
    }
    put_compared(out, "previous_month", &overall->now, &overall->previous_month);
    put_compared(out, "previous_year", &overall->now, &overall->previous_year);
    json_close_object(out);
}

static void put_report(const struct report *report, void *to) {
    struct json_out *out = to;
    const struct month *month = &report->month;
    json_open_object(out, month->chain->direction);
    json_put_int(out, "population", (int64_t)month->count);
    json_put_int(out, "complete", (int64_t)month->complete);
    json_put_int(out, "in_order", (int64_t)month->in_order);
    json_open_array(out, "segments");
    for (size_t i = 0; i < month->segments->rows_count; i++) {
        const struct segment_row *row = &month->segments->rows[i];
        if (strcmp(row->direction, month->chain->direction) == 0) {
            put_segment(out, report, row);
        }
    }
    json_close_array(out);
    json_open_object(out, "total");
    json_put_string(out, "from", chain_from(month->chain));
    json_put_string(out, "to", chain_to(month->chain));
    for (int v = 0; v < VARIANT_COUNT; v++) {
        put_figures(out, variants[v].text, &report->total[v], NULL);
    }
    json_close_object(out);
    put_overall(out, report);
    json_close_object(out);
}

enum status clearance_json(struct state *state, const struct segments *segments, struct text month,
                           struct json_out *out) {
    struct buf body;
    struct json_out inner;
    buf_init(&body, 4u << 20);
    json_start(&inner, &body);
    json_open_object(&inner, NULL);
    json_put_text(&inner, "month", month);
    enum status status = each_direction(state, segments, month, put_report, &inner);
    json_close_object(&inner);
    if (status == STATUS_OK) { /* nothing is written when there is nothing to say */
        json_put_raw(out, NULL, buf_text(&body));
    }
    buf_release(&body);
    return status;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

struct printing {
    struct buf *out;
    bool zh;
    struct text month;
};

static void print_figures(struct printing *printing, const char *label, const struct figures *figures,
                          const struct figures *total) {
    struct buf *out = printing->out;
    char text[FIGURE_MAX], n[24];
    snprintf(n, sizeof(n), "%zu", figures->n);
    buf_add_string(out, "  ");
    column_left(out, label, 22);
    column_right(out, n, 7);
    column_right(out, hours_mean(figures, text), 9);
    column_right(out, hours_median(figures, text), 9);
    column_right(out, hours_p90(figures, text), 9);
    column_right(out, total ? percent_of_total(figures, total, text) : "", 6);
    column_end(out);
}

static void print_head(struct printing *printing, enum variant variant) {
    struct buf *out = printing->out;
    bool zh = printing->zh;
    buf_add_string(out, "  ");
    column_left(out, zh ? variants[variant].zh : variants[variant].en, 22);
    column_right(out, "n", 7);
    column_right(out, zh ? "均值(小时)" : "mean (h)", 9);
    column_right(out, zh ? "中位数" : "median", 9);
    column_right(out, "p90", 9);
    column_right(out, zh ? "占比%" : "share%", 6);
    column_end(out);
}

static void print_variant(struct printing *printing, const struct report *report, enum variant variant) {
    const struct segments *segments = report->month.segments;
    print_head(printing, variant);
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, report->month.chain->direction) == 0) {
            bool chained = in_chain(report->month.chain, row->from) && in_chain(report->month.chain, row->to);
            struct figures figures = figures_of(&report->month, row->from, row->to, variant);
            print_figures(printing, printing->zh ? row->zh : row->en, &figures,
                          chained && variant != VARIANT_AVAILABLE ? &report->total[variant] : NULL);
        }
    }
    print_figures(printing, printing->zh ? "合计" : "total", &report->total[variant],
                  variant == VARIANT_AVAILABLE ? NULL : &report->total[variant]);
}

static void print_overall(struct printing *printing, const struct report *report) {
    const struct chain *chain = report->month.chain;
    const struct overall *overall = &report->overall;
    bool zh = printing->zh;
    char mean[FIGURE_MAX], change[FIGURE_MAX], base[DECIMAL_TEXT_MAX];
    if (!*chain->from || !overall->now.n) {
        return;
    }
    buf_printf(printing->out, zh ? "  整体通关时间 %s 小时 (n %zu)" : "  overall %s h (n %zu)",
               hours_mean(&overall->now, mean), overall->now.n);
    if (*chain->base_year) {
        buf_printf(printing->out, zh ? "，较 %s 年基数 %s 小时 %s%%" : ", against the base of %s, %s h: %s%%",
                   chain->base_year, decimal_print(chain->base, base),
                   change_to_base(&overall->now, chain->base, change));
    }
    if (*change_to_month(&overall->now, &overall->previous_month, change)) {
        buf_printf(printing->out, zh ? "，环比 %s%%" : ", against the month before: %s%%", change);
    }
    if (*change_to_month(&overall->now, &overall->previous_year, change)) {
        buf_printf(printing->out, zh ? "，同比 %s%%" : ", against the year before: %s%%", change);
    }
    buf_add_char(printing->out, '\n');
}

static void print_report(const struct report *report, void *to) {
    struct printing *printing = to;
    const struct month *month = &report->month;
    bool zh = printing->zh, import = strcmp(month->chain->direction, "import") == 0;
    buf_printf(printing->out,
               zh ? "%.*s  %s  报关单 %zu 票，链条完整 %zu，顺序正常 %zu\n"
                  : "%.*s  %s  declarations %zu, complete chains %zu, in order %zu\n",
               TEXT_ARGS(printing->month), zh ? (import ? "进口" : "出口") : month->chain->direction,
               month->count, month->complete, month->in_order);
    for (int v = 0; v < VARIANT_COUNT && month->count; v++) {
        print_variant(printing, report, v);
    }
    print_overall(printing, report);
    buf_add_char(printing->out, '\n');
}

enum status clearance_print(struct state *state, const struct segments *segments, struct text month,
                            enum language language, struct buf *out) {
    struct printing printing = { out, language == LANGUAGE_ZH, month };
    return each_direction(state, segments, month, print_report, &printing);
}
