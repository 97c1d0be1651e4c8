/*
 * report.c - the figures of a period (clearance.h) as JSON; report_csv.c has it as CSV, report_text.c for a
 * terminal.
 */
#include "view/statistics/report.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "edition/modes.h"
#include "edition/party.h"
#include "view/names.h"
#include "view/statistics/described.h"
#include "view/statistics/group_names.h"
#include "view/statistics/periods.h"
#include "view/statistics/report_inside.h"
#include "view/statistics/touched.h"

/* --- what is asked -------------------------------------------------------------------------------------- */

/* "ARRIVED:GATE_OUT"; false: not two milestones of the definition. */
static bool read_between(const struct view_question *question, const struct segments *segments,
                         struct clearance_wanted *wanted) {
    struct text to = view_value(question, "between"), from = text_until(&to, ':');
    wanted->from = arena_copy(question->arena, from);
    wanted->to = arena_copy(question->arena, to);
    return segments_milestone(segments, wanted->from) && segments_milestone(segments, wanted->to);
}

/* "mode:two-step"; *mode is its code. False: there is no such mode. */
static bool read_mode(const struct view_question *question, struct text by, const char **mode) {
    struct text name = by, kind = text_until(&name, ':');
    bool known =
        text_is(kind, "mode")
        && (text_is(name, "advance") || mode_name(question->source->edition->modes, name, LANGUAGE_EN));
    *mode = known ? arena_copy(question->arena, name) : NULL;
    return *mode;
}

/* False: neither a dimension of the definition, a field of the dictionary, nor a mode of the edition. */
static bool read_dimension(const struct view_question *question, const struct segments *segments,
                           struct clearance_wanted *wanted) {
    struct text by = view_value(question, "by");
    if (read_mode(question, by, &wanted->mode)) {
        wanted->by = DIMENSION_ONE_MODE;
        return true;
    }
    wanted->by = by.length ? dimension_of(segments, question->source->edition->fields, by, &wanted->field)
                           : DIMENSION_NONE;
    return !by.length || wanted->by < DIMENSION_NONE;
}

const struct view_parameter *report_wrong(const struct view_question *question) {
    struct clearance_wanted wanted;
    bool is_today = !view_value(question, "definition").length && !view_value(question, "as-of").length
                    && !view_value(question, "snapshot").length;
    const struct edition *edition = question->source && is_today ? question->source->edition : NULL;
    if (edition && view_value(question, "between").length
        && !read_between(question, edition->segments, &wanted)) {
        return view_parameter(question->view, "between");
    }
    if (edition && view_value(question, "by").length
        && !read_dimension(question, edition->segments, &wanted)) {
        return view_parameter(question->view, "by");
    }
    return period_known_wrong(question);
}

/* With which snapshot of its month it is compared: the last, or the one before that which is asked for. */
static void find_snapshot(const struct view_question *question, struct clearance_wanted *wanted) {
    struct state *state = question->source->state;
    const char *month = period_month(wanted->period, question->arena);
    bool of_snapshot = view_value(question, "snapshot").length > 0;
    int32_t day; /* of it, later ones were not known */
    stamp until = day_parse(view_value(question, "as-of"), &day) ? stamp_of_day(day + 1) : INT64_MAX;
    struct snapshot snapshot;
    wanted->snapshot = wanted->period;
    wanted->snapshot.as_of = 0;
    if (*month && wanted->why == BASE_PERIOD_SNAPSHOT
        && snapshot_before(state, month, of_snapshot ? view_number(question, "snapshot") : 0, until,
                           question->arena, &snapshot)) {
        wanted->snapshot.as_of = snapshot.record;
    }
}

size_t report_snapshots(const struct view_question *question, const struct clearance *clearance,
                        struct snapshot *out) {
    const char *month = period_month(clearance->wanted.period, question->arena);
    return *month ? snapshots_of(question->source->state, month, question->arena, out, REPORT_SNAPSHOTS_MAX)
                  : 0;
}

static enum status refuse_value(const struct view_question *question, const char *name) {
    const struct view_parameter *wrong = view_parameter(question->view, name);
    return view_refuse(
        question, STATUS_BAD_INPUT,
        (struct view_refusal){
            wrong->code, arena_printf(question->arena, "%s（按所问的统计口径）", wrong->wrong_zh),
            arena_printf(question->arena, "%s (by the definition that is asked for)", wrong->wrong_en) });
}

/* The export has the dimensions of each declaration, but not every field of it. */
static enum status refuse_crowded(const struct view_question *question, const struct clearance *clearance) {
    const char *name = report_dimension(&clearance->wanted, clearance->wanted.by);
    bool is_field = clearance->wanted.by == DIMENSION_FIELD;
    return view_refuse(
        question, STATUS_TOO_LARGE,
        (struct view_refusal){
            NULL,
            arena_printf(question->arena,
                         "所问期间 %s 的取值超过 %d 个，至多分 %d 组：请按取值较少的%s分组，或缩短期间%s",
                         name, SAMPLES_VALUES_MAX, SAMPLES_VALUES_MAX, is_field ? "字段" : "维度",
                         is_field ? "" : "，或用 clearway export 导出逐票数据后自行分组"),
            arena_printf(question->arena,
                         "%s has more than %d values in these days, and there are at most %d groups: group by"
                         " a %s that has fewer, or ask for fewer days%s",
                         name, SAMPLES_VALUES_MAX, SAMPLES_VALUES_MAX, is_field ? "field" : "dimension",
                         is_field ? ""
                                  : ", or group what clearway export writes, which has a row for each"
                                    " declaration") });
}

static enum status refuse_large(const struct view_question *question) {
    return view_refuse(
        question, STATUS_TOO_LARGE,
        (struct view_refusal){
            NULL,
            arena_printf(question->arena, "所问期间某一方向超过 %d 票，或超过 %d 箱：请缩短期间", SAMPLES_MAX,
                         UNITS_MAX / 4),
            arena_printf(question->arena,
                         "in these days there are more than %d declarations of one direction,"
                         " or more than %d containers: ask for fewer days",
                         SAMPLES_MAX, UNITS_MAX / 4) });
}

enum status report_compute(const struct view_question *question, struct clearance **out) {
    struct clearance_wanted wanted = { .why = base_period_of(view_value(question, "compare")),
                                       .unit = unit_of(view_value(question, "unit")) };
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
    const struct segments *segments = wanted.definition.segments;
    if (view_value(question, "between").length && !read_between(question, segments, &wanted)) {
        return refuse_value(question, "between");
    }
    if (!read_dimension(question, segments, &wanted)) {
        return refuse_value(question, "by");
    }
    wanted.unit = wanted.unit == UNITS_COUNT ? segments->unit : wanted.unit;
    status = clearance_new(question->source, &wanted, out);
    switch (status) {
    case STATUS_NOT_FOUND: return period_refuse_empty(question, wanted.period);
    case STATUS_TOO_LARGE:
        return (*out)->is_crowded ? refuse_crowded(question, *out) : refuse_large(question);
    default: return status;
    }
}

/* Of another definition, or a month that was closed since, more is told than figures. */
static bool is_set_anew(struct state *state, uint64_t since) {
    struct store_query *query =
        store_query(state_store(state), "SELECT 1 FROM definitions WHERE record > ?1"
                                        " UNION ALL SELECT 1 FROM snapshots WHERE record > ?1 LIMIT 1");
    store_bind_int(query, 1, (int64_t)since);
    return state_exists(state, query);
}

bool report_stands(const struct view_question *question, uint64_t since) {
    struct state *state = question->source->state;
    struct period period;
    struct definition_used definition;
    /* What was known on a day is told with the last record of that day, which may not be over. */
    if (view_value(question, "as-of").length || is_set_anew(state, since)
        || period_find(question, &period) != STATUS_OK
        || definition_find(question, period.as_of, &definition) != STATUS_OK) {
        return false;
    }
    const struct period periods[] = { period, period_before(period), period_year_before(period) };
    return !touched_since(state, definition.segments, periods, sizeof(periods) / sizeof(*periods), since);
}

const struct figures *report_total(const struct clearance_group *group, bool chained, enum variant variant) {
    require(variant < VARIANT_COUNT);
    return chained && variant != VARIANT_AVAILABLE ? &group->total[variant] : NULL;
}

const char *report_dimension(const struct clearance_wanted *wanted, enum dimension dimension) {
    return dimension == DIMENSION_FIELD      ? wanted->field->name
           : dimension == DIMENSION_ONE_MODE ? wanted->mode
                                             : dimension_text(wanted->definition.segments, dimension);
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

static void put_units(struct json_out *out, const char *key, size_t units, enum unit unit) {
    char number[FIGURE_MAX];
    put_number(out, key, units_text(units, unit, number));
}

static void put_measures(struct json_out *out, const struct figures *figures, enum unit unit) {
    char number[FIGURE_MAX];
    put_units(out, "n", figures->n, unit);
    for (int m = 0; m < MEASURES_COUNT; m++) {
        put_number(out, measure_text(m), figures_number(figures, m, number));
    }
}

/* total NULL: it has no share. */
static void put_figures(struct json_out *out, const char *key, const struct figures *figures,
                        const struct figures *total, enum unit unit) {
    char number[FIGURE_MAX];
    json_open_object(out, key);
    put_measures(out, figures, unit);
    if (total) {
        put_number(out, "share", quotient_number(figures_share(figures, total), number));
    }
    json_close_object(out);
}

static void put_segment(struct json_out *out, const struct clearance_group *group,
                        const struct clearance_segment *segment, enum unit unit) {
    json_open_object(out, NULL);
    json_put_string(out, "name", segment->row.name);
    json_put_string(out, "zh", segment->row.zh);
    json_put_string(out, "en", segment->row.en);
    json_put_string(out, "from", segment->row.from);
    json_put_string(out, "to", segment->row.to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        put_figures(out, variant_text(v), &segment->figures[v], report_total(group, segment->chained, v),
                    unit);
    }
    json_close_object(out);
}

static void put_compared(struct json_out *out, const char *key, struct period period,
                         const struct figures *now, const struct figures *then, enum unit unit) {
    char number[FIGURE_MAX];
    json_open_object(out, key);
    put_days(out, period);
    put_units(out, "n", then->n, unit);
    put_number(out, "mean", figures_number(then, MEASURE_MEAN, number));
    put_number(out, "change", quotient_number(figures_change(now, then), number));
    json_close_object(out);
}

/* year "": there is none. */
static void put_against(struct json_out *out, const char *key, struct decimal hours, const char *year,
                        const struct figures *now) {
    char number[FIGURE_MAX], text[DECIMAL_TEXT_MAX];
    if (*year) {
        json_open_object(out, key);
        json_put_string(out, "year", year);
        put_number(out, "hours", decimal_print(hours, text));
        put_number(out, "change", quotient_number(figures_change_to_base(now, hours), number));
        json_close_object(out);
    }
}

static void put_overall(struct json_out *out, const struct clearance_wanted *wanted,
                        const struct chain *chain, const struct clearance_overall *overall) {
    if (!*chain->from) {
        return;
    }
    json_open_object(out, "overall");
    json_put_string(out, "from", chain->from);
    json_put_string(out, "to", chain->to);
    put_measures(out, &overall->now, wanted->unit);
    put_against(out, "base", chain->base, chain->base_year, &overall->now);
    put_against(out, "target", chain->target, chain->target_year, &overall->now);
    put_compared(out, "previous", wanted->before, &overall->now, &overall->before, wanted->unit);
    put_compared(out, "previous_year", wanted->year_before, &overall->now, &overall->year_before,
                 wanted->unit);
    json_close_object(out);
}

static void put_group(struct json_out *out, const struct clearance_wanted *wanted,
                      const struct clearance_direction *direction, const struct clearance_group *group) {
    put_units(out, "population", group->population, wanted->unit);
    put_units(out, "complete", group->complete, wanted->unit);
    put_units(out, "in_order", group->in_order, wanted->unit);
    json_open_array(out, "segments");
    for (size_t i = 0; i < group->segments_count; i++) {
        put_segment(out, group, &group->segments[i], wanted->unit);
    }
    json_close_array(out);
    json_open_object(out, "total");
    json_put_string(out, "from", direction->from);
    json_put_string(out, "to", direction->to);
    for (int v = 0; v < VARIANT_COUNT; v++) {
        put_figures(out, variant_text(v), &group->total[v], NULL, wanted->unit);
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

static void put_words(struct json_out *out, const char *key, const char *zh, const char *en) {
    char name[SHAPE_NAME_MAX];
    snprintf(name, sizeof(name), "%s_zh", key);
    json_put_string(out, name, zh);
    snprintf(name, sizeof(name), "%s_en", key);
    json_put_string(out, name, en);
}

/* The parties whose telling a milestone was, of how many, and of how many of these each did not tell it. */
static void put_owners(struct json_out *out, const struct view_question *question,
                       const struct clearance_direction *direction, size_t step) {
    json_open_array(out, "whose");
    for (size_t i = 0; i < direction->owners_count[step]; i++) {
        const struct coverage_owner *owner = &direction->owners[step][i];
        json_open_object(out, NULL);
        json_put_string(out, "role", owner->role);
        put_words(out, "role", role_name(owner->role, LANGUAGE_ZH), role_name(owner->role, LANGUAGE_EN));
        json_put_string(out, "party", owner->party);
        put_words(out, "party", *owner->party ? name_of_party(question, owner->party, LANGUAGE_ZH) : "",
                  *owner->party ? name_of_party(question, owner->party, LANGUAGE_EN) : "");
        json_put_int(out, "missing", (int64_t)owner->missing);
        json_put_int(out, "of", (int64_t)owner->of);
        json_close_object(out);
    }
    json_close_array(out);
}

/* Of each milestone of the chain: how many lack it, whose messages would have told it, and who did not. */
static void put_coverage(struct json_out *out, const struct view_question *question,
                         const struct clearance *clearance, const struct clearance_direction *direction,
                         const struct segments *segments) {
    const struct chain *chain = direction->chain;
    json_open_array(out, "coverage");
    for (size_t step = 0; step < chain->count; step++) {
        json_open_object(out, NULL);
        json_put_string(out, "milestone", chain->milestones[step]);
        json_put_string(out, "zh", segments_name(segments, chain->milestones[step], LANGUAGE_ZH));
        json_put_string(out, "en", segments_name(segments, chain->milestones[step], LANGUAGE_EN));
        json_put_int(out, "missing", (int64_t)direction->missing[step]);
        json_put_int(out, "declarations", (int64_t)direction->declarations);
        json_open_array(out, "told_by");
        struct text tellers = text_of(segments_tellers(segments, chain->milestones[step], clearance->arena));
        while (tellers.length) {
            json_put_text(out, NULL, text_until(&tellers, ' '));
        }
        json_close_array(out);
        put_owners(out, question, direction, step);
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

static void put_dimension_names(struct json_out *out, const char *key_zh, const char *key_en,
                                const struct clearance_wanted *wanted, enum dimension dimension) {
    const struct segments *segments = wanted->definition.segments;
    bool is_field = dimension == DIMENSION_FIELD;
    json_put_string(out, key_zh,
                    is_field ? wanted->field->zh : dimension_name(segments, dimension, LANGUAGE_ZH));
    json_put_string(out, key_en,
                    is_field ? wanted->field->en : dimension_name(segments, dimension, LANGUAGE_EN));
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
        if (change->now != change->then) {
            put_seconds(out, "share", (step->now - step->then) / (change->now - change->then));
        }
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_crowded(struct json_out *out, const struct clearance_wanted *wanted,
                        const struct change *change) {
    json_open_array(out, "crowded");
    for (enum dimension dimension = 0; dimension < DIMENSION_NONE; dimension++) {
        if (change->is_crowded[dimension]) {
            json_open_object(out, NULL);
            json_put_string(out, "by", report_dimension(wanted, dimension));
            put_dimension_names(out, "zh", "en", wanted, dimension);
            json_close_object(out);
        }
    }
    json_close_array(out);
}

static void put_change(struct json_out *out, const struct clearance_wanted *wanted,
                       const struct change *change) {
    json_open_object(out, "why");
    json_put_string(out, "compared_with", base_period_texts[wanted->why]);
    put_units(out, "n_then", change->n_then, wanted->unit);
    put_units(out, "n_now", change->n_now, wanted->unit);
    if (change->steps_count) {
        put_seconds(out, "mean_then", change->then);
        put_seconds(out, "mean_now", change->now);
        put_steps(out, change);
        json_open_array(out, "dimensions");
        for (enum dimension dimension = 0; dimension < DIMENSION_NONE; dimension++) {
            if (!change->is_split[dimension]) {
                continue;
            }
            json_open_object(out, NULL);
            json_put_string(out, "by", report_dimension(wanted, dimension));
            put_dimension_names(out, "zh", "en", wanted, dimension);
            put_seconds(out, "within", change->splits[dimension].within);
            put_seconds(out, "mix", change->splits[dimension].mix);
            json_close_object(out);
        }
        json_close_array(out);
        put_crowded(out, wanted, change);
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

static void put_direction(struct json_out *out, const struct view_question *question,
                          const struct segments *segments, const struct clearance *clearance,
                          const struct clearance_direction *direction) {
    json_open_object(out, direction->chain->direction);
    json_put_int(out, "declarations", (int64_t)direction->declarations);
    if (clearance->wanted.unit != UNIT_DECLARATION) {
        json_put_int(out, "without_containers", (int64_t)direction->without_containers);
        json_put_int(out, "of_unknown_size", (int64_t)direction->of_unknown_size);
    }
    if (direction->unread) {
        json_put_int(out, "unread", (int64_t)direction->unread);
    }
    put_group(out, &clearance->wanted, direction, &direction->all);
    put_marks(out, "excluded", true, direction, segments);
    put_marks(out, "doubted", false, direction, segments);
    put_coverage(out, question, clearance, direction, segments);
    put_tail(out, direction);
    if (clearance->wanted.why < BASE_PERIODS_COUNT) {
        put_change(out, &clearance->wanted, &direction->change);
    }
    if (clearance->wanted.why == BASE_PERIOD_SNAPSHOT) {
        put_revision(out, &direction->revision);
    }
    if (clearance->wanted.by < DIMENSION_NONE) {
        json_open_array(out, "groups");
        for (size_t i = 0; i < direction->groups_count; i++) {
            json_open_object(out, NULL);
            const char *value = direction->groups[i].value;
            json_put_string(out, "value", value);
            json_put_string(out, "zh", group_name(question, &clearance->wanted, value, LANGUAGE_ZH));
            json_put_string(out, "en", group_name(question, &clearance->wanted, value, LANGUAGE_EN));
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

/* What `by` may be by this definition; a field, or one mode, besides. */
static void put_dimensions(struct json_out *out, const struct clearance_wanted *wanted) {
    size_t count = DIMENSIONS_COUNT + wanted->definition.segments->dimensions_count;
    json_open_array(out, "dimensions");
    for (enum dimension dimension = 0; dimension < count; dimension++) {
        json_open_object(out, NULL);
        json_put_string(out, "by", report_dimension(wanted, dimension));
        put_dimension_names(out, "zh", "en", wanted, dimension);
        json_close_object(out);
    }
    json_close_array(out);
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
    json_put_string(out, "unit", unit_texts[clearance->wanted.unit]);
    put_snapshots(out, question, clearance);
    if (clearance->wanted.by < DIMENSION_NONE) {
        json_put_string(out, "by", report_dimension(&clearance->wanted, clearance->wanted.by));
        put_dimension_names(out, "by_zh", "by_en", &clearance->wanted, clearance->wanted.by);
    }
    put_dimensions(out, &clearance->wanted);
    for (size_t i = 0; i < clearance->count; i++) {
        put_direction(out, question, clearance->wanted.definition.segments, clearance,
                      &clearance->directions[i]);
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
