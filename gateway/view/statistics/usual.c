/*
 * usual.c - the figures of the last days (clearance.h), as far as they are everybody's.
 */
#include "view/statistics/usual.h"

#include <string.h>

#include "base/status.h"
#include "base/stamp.h"
#include "view/statistics/clearance.h"
#include "view/statistics/definitions.h"

static const struct segment_row *row_of(const struct segments *segments, const char *direction,
                                        const char *from, const char *to) {
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, direction) == 0 && strcmp(row->from, from) == 0
            && strcmp(row->to, to) == 0) {
            return row;
        }
    }
    return NULL;
}

/* NULL: there are none. A wait that another was ahead of is none. */
static const struct figures *figures_between(const struct clearance *clearance, const struct chain *chain,
                                             const char *from, const char *to) {
    for (size_t i = 0; i < (clearance ? clearance->count : 0); i++) {
        const struct clearance_direction *direction = &clearance->directions[i];
        for (size_t j = 0; direction->chain == chain && j < direction->all.segments_count; j++) {
            const struct clearance_segment *segment = &direction->all.segments[j];
            if (strcmp(segment->row.from, from) == 0 && strcmp(segment->row.to, to) == 0) {
                return &segment->figures[VARIANT_CLAMPED];
            }
        }
    }
    return NULL;
}

static void put_measure(struct json_out *out, const char *key, const struct figures *figures,
                        enum measure measure) {
    char number[FIGURE_MAX];
    if (figures && figures->n >= USUAL_N_MIN) {
        json_put_raw(out, key, text_of(figures_number(figures, measure, number)));
    }
}

/* A step that has no segment of its own is called by the milestone it ends with. */
static void put_step(const struct segments *segments, const struct chain *chain, const char *from,
                     const char *to, const struct clearance *clearance, struct json_out *out) {
    const struct segment_row *row = row_of(segments, chain->direction, from, to);
    const struct milestone *end = segments_milestone(segments, to);
    const struct figures *figures = figures_between(clearance, chain, from, to);
    json_open_object(out, NULL);
    json_put_string(out, "name", row ? row->name : to);
    json_put_string(out, "zh", row ? row->zh : end->zh);
    json_put_string(out, "en", row ? row->en : end->en);
    json_put_string(out, "from", from);
    json_put_string(out, "to", to);
    json_put_string(out, "side", row ? row->side : "");
    json_put_int(out, "n", figures ? (int64_t)figures->n : 0);
    put_measure(out, "p50", figures, MEASURE_MEDIAN);
    put_measure(out, "p90", figures, MEASURE_P90);
    json_close_object(out);
}

static bool is_chained(const struct chain *chain, const char *from, const char *to) {
    for (size_t i = 0; i + 1 < chain->count; i++) {
        if (strcmp(chain->milestones[i], from) == 0 && strcmp(chain->milestones[i + 1], to) == 0) {
            return true;
        }
    }
    return false;
}

/* Segments beside the chain, which not all goods go through: of an inspection. */
static void put_asides(const struct segments *segments, const struct chain *chain,
                       const struct clearance *clearance, struct json_out *out) {
    json_open_array(out, "asides");
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, chain->direction) == 0 && !is_chained(chain, row->from, row->to)) {
            put_step(segments, chain, row->from, row->to, clearance, out);
        }
    }
    json_close_array(out);
}

static bool stands_in_chain(const struct segments *segments, const char *code) {
    for (size_t i = 0; i < segments->chains_count; i++) {
        for (size_t m = 0; m < segments->chains[i].count; m++) {
            if (strcmp(segments->chains[i].milestones[m], code) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* What is planned ahead and ends no step: the berth. */
static void put_moments(const struct segments *segments, struct json_out *out) {
    json_open_array(out, "moments");
    for (size_t i = 0; i < segments->milestones_count; i++) {
        const struct milestone *milestone = &segments->milestones[i];
        if (milestone->planned && !stands_in_chain(segments, milestone->code)) {
            json_open_object(out, NULL);
            json_put_string(out, "code", milestone->code);
            json_put_string(out, "zh", milestone->zh);
            json_put_string(out, "en", milestone->en);
            json_close_object(out);
        }
    }
    json_close_array(out);
}

static void put_start(const struct segments *segments, const struct chain *chain, struct json_out *out) {
    const char *start = chain->count ? chain->milestones[0] : "";
    json_put_string(out, "start", start);
    json_put_string(out, "start_zh", *start ? segments_name(segments, start, LANGUAGE_ZH) : "");
    json_put_string(out, "start_en", *start ? segments_name(segments, start, LANGUAGE_EN) : "");
}

static void put_chains(const struct segments *segments, const struct clearance *clearance,
                       struct json_out *out) {
    json_open_array(out, "directions");
    for (size_t i = 0; i < segments->chains_count; i++) {
        const struct chain *chain = &segments->chains[i];
        json_open_object(out, NULL);
        json_put_string(out, "direction", chain->direction);
        put_start(segments, chain, out);
        json_open_array(out, "steps");
        for (size_t step = 0; step + 1 < chain->count; step++) {
            put_step(segments, chain, chain->milestones[step], chain->milestones[step + 1], clearance, out);
        }
        json_close_array(out);
        put_asides(segments, chain, clearance, out);
        json_close_object(out);
    }
    json_close_array(out);
    put_moments(segments, out);
}

static const struct shape_member moment_members[] = {
    { "code", SHAPE_TEXT, .zh = "节点代码", .en = "its code" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    SHAPE_END,
};

static const struct shape_member step_members[] = {
    { "name", SHAPE_TEXT, .zh = "环节", .en = "the segment, or the milestone it ends with" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    { "from", SHAPE_TEXT, .zh = "起始节点", .en = "the milestone it begins with" },
    { "to", SHAPE_TEXT, .zh = "终止节点", .en = "the milestone it ends with" },
    { "side", SHAPE_TEXT, .zh = "由谁缩短", .en = "who can make it shorter, or \"\"" },
    { "n", SHAPE_NUMBER, .zh = "所依票数", .en = "of how many declarations" },
    { "p50", SHAPE_FIGURE, .zh = "中位数（秒）；票数太少时没有",
      .en = "the median in seconds; absent where there are too few", .is_optional = true },
    { "p90", SHAPE_FIGURE, .zh = "p90（秒）；票数太少时没有",
      .en = "the 90th percentile in seconds; absent where there are too few", .is_optional = true },
    SHAPE_END,
};

static const struct shape_member direction_members[] = {
    { "direction", SHAPE_TEXT, .zh = "import 或 export", .en = "import or export" },
    { "start", SHAPE_NAMED, .zh = "链条的第一个节点", .en = "the milestone that all begins with" },
    { "steps", SHAPE_LIST, .zh = "按先后", .en = "in their order", .of = SHAPE_OF(step_members) },
    { "asides", SHAPE_LIST, .zh = "链条之外、并非每票都有的环节，如查验",
      .en = "beside them, what not all goods go through: an inspection", .of = SHAPE_OF(step_members) },
    SHAPE_END,
};

static const struct shape_member usual_members[] = {
    { "from", SHAPE_DAY, .zh = "起始日", .en = "the first day" },
    { "to", SHAPE_DAY, .zh = "截止日（含）", .en = "the last day" },
    { "directions", SHAPE_LIST, .zh = "进口与出口", .en = "imports and exports",
      .of = SHAPE_OF(direction_members) },
    { "moments", SHAPE_LIST, .zh = "链条之外、有计划时间的节点，如靠泊",
      .en = "milestones beside the chains that are planned ahead: the berth",
      .of = SHAPE_OF(moment_members) },
    SHAPE_END,
};

const struct shape usual_shape = { .members = usual_members };

enum status usual_json(const struct view_question *question, struct json_out *out) {
    const struct segments *segments = question->source->edition->segments;
    int32_t today = stamp_day(question->now);
    struct clearance_wanted wanted = { .period = { today - USUAL_DAYS, today, 0 },
                                       .is_alone = true,
                                       .definition = { .segments = segments },
                                       .why = BASE_PERIODS_COUNT,
                                       .by = DIMENSION_NONE,
                                       .unit = UNIT_DECLARATION };
    struct clearance *clearance;
    char day[STAMP_TEXT_MAX];
    enum status status = clearance_new(question->source, &wanted, &clearance);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
        json_open_object(out, NULL);
        json_put_string(out, "from", day_print(today - USUAL_DAYS, day));
        json_put_string(out, "to", day_print(today - 1, day));
        put_chains(segments, status == STATUS_OK ? clearance : NULL, out);
        json_close_object(out);
        status = STATUS_OK;
    }
    clearance_free(clearance);
    return status;
}
