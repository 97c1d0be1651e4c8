/*
 * report.c - the figures of a period (clearance.h) as JSON and as CSV; report_text.c has it for a terminal.
 */
#include "view/statistics/report.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "view/csv.h"
#include "view/statistics/periods.h"
#include "view/statistics/report_inside.h"

/* --- what is asked -------------------------------------------------------------------------------------- */

/* "ARRIVED:GATE_OUT"; false: not two milestones of the definition. */
static bool read_between(const struct view_question *question, const struct segments *segments,
                         struct clearance_wanted *wanted) {
    struct text to = view_value(question, "between"), from = text_until(&to, ':');
    wanted->from = arena_copy(question->arena, from);
    wanted->to = arena_copy(question->arena, to);
    return segments_milestone(segments, wanted->from) && segments_milestone(segments, wanted->to);
}

const struct view_parameter *report_wrong(const struct view_question *question) {
    struct clearance_wanted wanted;
    bool is_today = !view_value(question, "definition").length && !view_value(question, "as-of").length
                    && !view_value(question, "snapshot").length;
    bool names = question->source && is_today && view_value(question, "between").length;
    return names && !read_between(question, question->source->edition->segments, &wanted)
               ? view_parameter(question->view, "between")
               : period_known_wrong(question);
}

/* With which snapshot of its month it is compared: the last, or the one before that which is asked for. */
static void find_snapshot(const struct view_question *question, struct clearance_wanted *wanted) {
    struct state *state = question->source->state;
    const char *month = period_month(wanted->period, question->arena);
    bool of_snapshot = view_value(question, "snapshot").length > 0;
    struct snapshot snapshot;
    wanted->snapshot = wanted->period;
    wanted->snapshot.as_of = 0;
    if (*month && wanted->why == BASE_PERIOD_SNAPSHOT
        && snapshot_before(state, month, of_snapshot ? view_number(question, "snapshot") : 0, question->arena,
                           &snapshot)) {
        wanted->snapshot.as_of = snapshot.record;
    }
}

size_t report_snapshots(const struct view_question *question, const struct clearance *clearance,
                        struct snapshot *out) {
    const char *month = period_month(clearance->wanted.period, question->arena);
    return *month ? snapshots_of(question->source->state, month, question->arena, out, REPORT_SNAPSHOTS_MAX)
                  : 0;
}

enum status report_compute(const struct view_question *question, struct clearance **out) {
    struct clearance_wanted wanted = { .by = dimension_of(view_value(question, "by")),
                                       .why = base_period_of(view_value(question, "compare")) };
    *out = NULL;
    enum status status = period_find(question, &wanted.period);
    if (status != STATUS_OK) {
        return status;
    }
    wanted.before = period_before(wanted.period);
    wanted.year_before = period_year_before(wanted.period);
    find_snapshot(question, &wanted);
    status = definition_find(question, wanted.period.as_of, &wanted.definition);
    if (status != STATUS_OK) {
        return status;
    }
    /* The definition may be another than the one it was checked by. */
    if (view_value(question, "between").length
        && !read_between(question, wanted.definition.segments, &wanted)) {
        return STATUS_BAD_INPUT;
    }
    return clearance_new(question->source->state, &wanted, out);
}

const struct figures *report_total(const struct clearance_group *group, bool chained, enum variant variant) {
    require(variant < VARIANT_COUNT);
    return chained && variant != VARIANT_AVAILABLE ? &group->total[variant] : NULL;
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void put_number(struct json_out *out, const char *key, const char *number) {
    if (*number) {
        json_put_raw(out, key, text_of(number));
    }
}

static void put_days(struct json_out *out, struct period period) {
    char day[STAMP_TEXT_MAX];
    json_put_string(out, "from", day_print(period.first_day, day));
    json_put_string(out, "to", day_print(period.next_day - 1, day));
}

static void put_measures(struct json_out *out, const struct figures *figures) {
    char number[FIGURE_MAX];
    json_put_int(out, "n", (int64_t)figures->n);
    for (int m = 0; m < MEASURES_COUNT; m++) {
        put_number(out, measure_text(m), figures_number(figures, m, number));
    }
}

/* total NULL: it has no share. */
static void put_figures(struct json_out *out, const char *key, const struct figures *figures,
                        const struct figures *total) {
    char number[FIGURE_MAX];
    json_open_object(out, key);
    put_measures(out, figures);
    if (total) {
        put_number(out, "share", quotient_number(figures_share(figures, total), number));
    }
    json_close_object(out);
}

static void put_segment(struct json_out *out, const struct clearance_group *group,
                        const struct clearance_segment *segment) {
    json_open_object(out, NULL);
    json_put_string(out, "name", segment->row.name);
    json_put_string(out, "zh", segment->row.zh);
    json_put_string(out, "en", segment->row.en);
    json_put_string(out, "from", segment->row.from);
    json_put_string(out, "to", segment->row.to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        put_figures(out, variant_text(v), &segment->figures[v], report_total(group, segment->chained, v));
    }
    json_close_object(out);
}

static void put_compared(struct json_out *out, const char *key, struct period period,
                         const struct figures *now, const struct figures *then) {
    char number[FIGURE_MAX];
    json_open_object(out, key);
    put_days(out, period);
    json_put_int(out, "n", (int64_t)then->n);
    put_number(out, "mean", figures_number(then, MEASURE_MEAN, number));
    put_number(out, "change", quotient_number(figures_change(now, then), number));
    json_close_object(out);
}

static void put_overall(struct json_out *out, const struct clearance_wanted *wanted,
                        const struct chain *chain, const struct clearance_overall *overall) {
    char number[FIGURE_MAX], base[DECIMAL_TEXT_MAX];
    if (!*chain->from) {
        return;
    }
    json_open_object(out, "overall");
    json_put_string(out, "from", chain->from);
    json_put_string(out, "to", chain->to);
    put_measures(out, &overall->now);
    if (*chain->base_year) {
        json_open_object(out, "base");
        json_put_string(out, "year", chain->base_year);
        put_number(out, "hours", decimal_print(chain->base, base));
        put_number(out, "change",
                   quotient_number(figures_change_to_base(&overall->now, chain->base), number));
        json_close_object(out);
    }
    put_compared(out, "previous", wanted->before, &overall->now, &overall->before);
    put_compared(out, "previous_year", wanted->year_before, &overall->now, &overall->year_before);
    json_close_object(out);
}

static void put_group(struct json_out *out, const struct clearance_wanted *wanted,
                      const struct clearance_direction *direction, const struct clearance_group *group) {
    json_put_int(out, "population", (int64_t)group->population);
    json_put_int(out, "complete", (int64_t)group->complete);
    json_put_int(out, "in_order", (int64_t)group->in_order);
    json_open_array(out, "segments");
    for (size_t i = 0; i < group->segments_count; i++) {
        put_segment(out, group, &group->segments[i]);
    }
    json_close_array(out);
    json_open_object(out, "total");
    json_put_string(out, "from", direction->from);
    json_put_string(out, "to", direction->to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        put_figures(out, variant_text(v), &group->total[v], NULL);
    }
    json_close_object(out);
    put_overall(out, wanted, direction->chain, &group->overall);
}

/* What was told of declarations beside their moments: the exclusions, or the doubts. */
static void put_marks(struct json_out *out, const char *key, bool excludes,
                      const struct clearance_direction *direction, const struct segments *segments) {
    json_open_array(out, key);
    for (size_t i = 0; i < segments->marks_count; i++) {
        const struct mark *mark = &segments->marks[i];
        if (mark->excludes == excludes) {
            json_open_object(out, NULL);
            json_put_string(out, "code", mark->code);
            json_put_string(out, "zh", mark->zh);
            json_put_string(out, "en", mark->en);
            json_put_int(out, "n", (int64_t)direction->marked[i]);
            json_close_object(out);
        }
    }
    json_close_array(out);
}

/* Of each milestone of the chain: how many lack it, and whose messages would have told it. */
static void put_coverage(struct json_out *out, const struct clearance *clearance,
                         const struct clearance_direction *direction, const struct segments *segments) {
    const struct chain *chain = direction->chain;
    json_open_array(out, "coverage");
    for (size_t step = 0; step < chain->count; step++) {
        json_open_object(out, NULL);
        json_put_string(out, "milestone", chain->milestones[step]);
        json_put_int(out, "missing", (int64_t)direction->missing[step]);
        json_open_array(out, "told_by");
        struct text tellers = text_of(segments_tellers(segments, chain->milestones[step], clearance->arena));
        while (tellers.length) {
            json_put_text(out, NULL, text_until(&tellers, ' '));
        }
        json_close_array(out);
        json_close_object(out);
    }
    json_close_array(out);
}

const struct segment_row *report_row(const struct clearance_direction *direction, size_t step) {
    require(step + 1 < direction->chain->count);
    for (size_t i = 0; i < direction->all.segments_count; i++) {
        const struct segment_row *row = &direction->all.segments[i].row;
        if (strcmp(row->from, direction->chain->milestones[step]) == 0
            && strcmp(row->to, direction->chain->milestones[step + 1]) == 0) {
            return row;
        }
    }
    return NULL;
}

static void put_tail(struct json_out *out, const struct clearance_direction *direction) {
    const struct tail *tail = &direction->tail;
    char number[FIGURE_MAX];
    json_open_object(out, "slowest");
    json_put_int(out, "n", (int64_t)tail->n);
    if (tail->n) {
        put_number(out, "from", quotient_number((struct quotient){ tail->from_ns, STAMP_SECOND }, number));
    }
    json_open_array(out, "held_by");
    for (size_t step = 0; step + 1 < direction->chain->count; step++) {
        const struct segment_row *row = report_row(direction, step);
        json_open_object(out, NULL);
        json_put_string(out, "segment", row ? row->name : "");
        json_put_string(out, "from", direction->chain->milestones[step]);
        json_put_string(out, "to", direction->chain->milestones[step + 1]);
        json_put_string(out, "side", row ? row->side : "");
        json_put_int(out, "n", (int64_t)tail->held_by[step]);
        json_close_object(out);
    }
    json_close_array(out);
    json_close_object(out);
}

static void put_seconds(struct json_out *out, const char *key, long double seconds) {
    char number[FIGURE_MAX];
    snprintf(number, sizeof(number), "%.17Lg", seconds);
    json_put_raw(out, key, text_of(number));
}

static void put_steps(struct json_out *out, const struct change *change) {
    json_open_array(out, "segments");
    for (size_t i = 0; i < change->steps_count; i++) {
        const struct change_step *step = &change->steps[i];
        json_open_object(out, NULL);
        json_put_string(out, "name", step->row ? step->row->name : "");
        json_put_string(out, "from", step->from);
        json_put_string(out, "to", step->to);
        put_seconds(out, "mean_then", step->then);
        put_seconds(out, "mean_now", step->now);
        put_seconds(out, "change", step->now - step->then);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_change(struct json_out *out, enum base_period why, const struct change *change) {
    json_open_object(out, "why");
    json_put_string(out, "compared_with", base_period_texts[why]);
    json_put_int(out, "n_then", (int64_t)change->n_then);
    json_put_int(out, "n_now", (int64_t)change->n_now);
    if (change->steps_count) {
        put_seconds(out, "mean_then", change->then);
        put_seconds(out, "mean_now", change->now);
        put_steps(out, change);
        json_open_array(out, "dimensions");
        for (int dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
            json_open_object(out, NULL);
            json_put_string(out, "by", dimension_texts[dimension]);
            put_seconds(out, "within", change->splits[dimension].within);
            put_seconds(out, "mix", change->splits[dimension].mix);
            json_close_object(out);
        }
        json_close_array(out);
    }
    json_close_object(out);
}

static void put_revision(struct json_out *out, const struct revision *revision) {
    json_open_object(out, "revision");
    json_put_int(out, "added", (int64_t)revision->added);
    json_put_int(out, "removed", (int64_t)revision->removed);
    json_put_int(out, "changed", (int64_t)revision->changed);
    json_close_object(out);
}

static void put_direction(struct json_out *out, const struct segments *segments,
                          const struct clearance *clearance, const struct clearance_direction *direction) {
    json_open_object(out, direction->chain->direction);
    put_group(out, &clearance->wanted, direction, &direction->all);
    put_marks(out, "excluded", true, direction, segments);
    put_marks(out, "doubted", false, direction, segments);
    put_coverage(out, clearance, direction, segments);
    put_tail(out, direction);
    if (clearance->wanted.why < BASE_PERIODS_COUNT) {
        put_change(out, clearance->wanted.why, &direction->change);
    }
    if (clearance->wanted.why == BASE_PERIOD_SNAPSHOT) {
        put_revision(out, &direction->revision);
    }
    if (clearance->wanted.by < DIMENSIONS_COUNT) {
        json_open_array(out, "groups");
        for (size_t i = 0; i < direction->groups_count; i++) {
            json_open_object(out, NULL);
            json_put_string(out, "value", direction->groups[i].value);
            put_group(out, &clearance->wanted, direction, &direction->groups[i]);
            json_close_object(out);
        }
        json_close_array(out);
    }
    json_close_object(out);
}

static void put_snapshots(struct json_out *out, const struct view_question *question,
                          const struct clearance *clearance) {
    struct snapshot snapshots[REPORT_SNAPSHOTS_MAX];
    char at[STAMP_TEXT_MAX];
    size_t count = report_snapshots(question, clearance, snapshots);
    json_open_array(out, "snapshots");
    for (size_t i = 0; i < count; i++) {
        json_open_object(out, NULL);
        json_put_int(out, "number", (int64_t)snapshots[i].number);
        json_put_bool(out, "revision", snapshots[i].is_revision);
        json_put_string(out, "at", stamp_print(snapshots[i].at, at));
        json_put_int(out, "record", (int64_t)snapshots[i].record);
        json_put_string(out, "definition", snapshots[i].definition);
        json_close_object(out);
    }
    json_close_array(out);
}

/* By which the figures are made; none was recorded of an edition that no gateway has served yet. */
static void put_definition(struct json_out *out, const struct definition *definition) {
    char hex[DIGEST_HEX_MAX];
    if (definition->number) {
        json_open_object(out, "definition");
        json_put_int(out, "number", (int64_t)definition->number);
        json_put_int(out, "record", (int64_t)definition->record);
        json_put_string(out, "digest", digest_hex(&definition->digest, hex));
        json_close_object(out);
    }
}

static void put_report(struct json_out *out, const struct view_question *question,
                       const struct clearance *clearance) {
    const char *month = period_month(clearance->wanted.period, question->arena);
    json_open_object(out, NULL);
    json_open_object(out, "period");
    put_days(out, clearance->wanted.period);
    if (*month) {
        json_put_string(out, "month", month);
    }
    if (clearance->wanted.period.as_of) {
        json_put_int(out, "as_of", (int64_t)clearance->wanted.period.as_of);
    }
    json_close_object(out);
    put_definition(out, &clearance->wanted.definition.recorded);
    put_snapshots(out, question, clearance);
    if (clearance->wanted.by < DIMENSIONS_COUNT) {
        json_put_string(out, "by", dimension_texts[clearance->wanted.by]);
    }
    for (size_t i = 0; i < clearance->count; i++) {
        put_direction(out, clearance->wanted.definition.segments, clearance, &clearance->directions[i]);
    }
    json_close_object(out);
}

enum status report_json(const struct view_question *question, struct json_out *out) {
    struct clearance *clearance;
    enum status status = report_compute(question, &clearance);
    if (status == STATUS_OK) {
        put_report(out, question, clearance);
    }
    clearance_free(clearance);
    return status;
}

/* --- CSV ------------------------------------------------------------------------------------------------ */

static void add_row(struct csv_out *csv, const struct clearance_direction *direction,
                    const struct clearance_group *group, const struct segment_row *row, enum variant variant,
                    const struct figures *figures, const struct figures *total) {
    char number[FIGURE_MAX];
    csv_put(csv, direction->chain->direction);
    csv_put(csv, group->value);
    csv_put(csv, row->name);
    csv_put(csv, row->from);
    csv_put(csv, row->to);
    csv_put(csv, variant_text(variant));
    csv_put_count(csv, figures->n);
    for (int m = 0; m < MEASURES_COUNT; m++) {
        csv_put(csv, figures_number(figures, m, number));
    }
    csv_put(csv, total ? quotient_number(figures_share(figures, total), number) : "");
    csv_end_row(csv);
}

static void add_group(struct csv_out *csv, const struct clearance_direction *direction,
                      const struct clearance_group *group) {
    const struct chain *chain = direction->chain;
    struct segment_row total = { .name = "total", .from = direction->from, .to = direction->to };
    struct segment_row overall = { .name = "overall", .from = chain->from, .to = chain->to };
    for (size_t i = 0; i < group->segments_count; i++) {
        const struct clearance_segment *segment = &group->segments[i];
        for (int v = 0; v < VARIANT_COUNT; v++) {
            add_row(csv, direction, group, &segment->row, v, &segment->figures[v],
                    report_total(group, segment->chained, v));
        }
    }
    for (int v = 0; v < VARIANT_COUNT; v++) {
        add_row(csv, direction, group, &total, v, &group->total[v], NULL);
    }
    if (*chain->from) {
        add_row(csv, direction, group, &overall, VARIANT_AVAILABLE, &group->overall.now, NULL);
    }
}

static void add_head(struct csv_out *csv, enum dimension by) {
    static const char *const columns[] = { "segment", "from", "to", "variant", "n" };
    csv_put(csv, "direction");
    csv_put(csv, by < DIMENSIONS_COUNT ? dimension_texts[by] : "group");
    for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
        csv_put(csv, columns[i]);
    }
    for (int m = 0; m < MEASURES_COUNT; m++) {
        csv_put(csv, measure_text(m));
    }
    csv_put(csv, "share");
    csv_end_row(csv);
}

static void add_report(struct buf *out, const struct clearance *clearance) {
    struct csv_out csv;
    csv_start(&csv, out);
    add_head(&csv, clearance->wanted.by);
    for (size_t i = 0; i < clearance->count; i++) {
        const struct clearance_direction *direction = &clearance->directions[i];
        add_group(&csv, direction, &direction->all);
        for (size_t g = 0; g < direction->groups_count; g++) {
            add_group(&csv, direction, &direction->groups[g]);
        }
    }
}

enum status report_csv(const struct view_question *question, struct buf *out) {
    struct clearance *clearance;
    enum status status = report_compute(question, &clearance);
    if (status == STATUS_OK) {
        add_report(out, clearance);
    }
    clearance_free(clearance);
    return status;
}
