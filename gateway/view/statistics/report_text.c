/*
 * report_text.c - the figures of a period (clearance.h) as tables on a terminal.
 */
#include <stdio.h>
#include <string.h>

#include "edition/party.h"
#include "view/columns.h"
#include "view/statistics/periods.h"
#include "view/statistics/group_names.h"
#include "view/statistics/report_inside.h"

/* What a line of the table shows; all of it is in JSON and CSV. */
static const enum measure shown[] = { MEASURE_MEAN, MEASURE_MEDIAN,     MEASURE_P10,       MEASURE_P90,
                                      MEASURE_MAX,  MEASURE_WITHIN_24H, MEASURE_WITHIN_48H };
#define SHOWN        (sizeof(shown) / sizeof(*shown))
#define LABEL        20
#define LABEL_MAX    60 /* a longer one stands out of its column */
#define COUNT        7
#define MEASURE      8
#define SHARE        6
#define OWNERS_SHOWN 6

struct printing {
    struct buf *out;
    enum language language;
    const struct view_question *question;
    const char *period; /* "2026-10", "2026-10-01..2026-10-15" */
    size_t label;       /* columns of what stands before figures */
    const struct clearance *clearance;
    const struct segments *segments;
};

#define pick(printing, zh, en) language_pick((printing)->language, zh, en)

/* "+1.0", "-7.3": what a change is, at a glance; "" where there is none. */
static const char *signed_percent(struct quotient change, char out[FIGURE_MAX]) {
    const char *percent = quotient_percent(change, out);
    size_t length = strlen(percent);
    if (length == 0 || length + 1 >= FIGURE_MAX || change.numerator <= 0) {
        return percent;
    }
    memmove(out + 1, percent, length + 1);
    out[0] = '+';
    return out;
}

static void print_figures(const struct printing *printing, const char *label, const struct figures *figures,
                          const char *last) {
    struct buf *out = printing->out;
    char text[FIGURE_MAX], n[FIGURE_MAX];
    units_text(figures->n, printing->clearance->wanted.unit, n);
    buf_add_string(out, "  ");
    column_left(out, label, printing->label);
    column_right(out, n, COUNT);
    for (size_t i = 0; i < SHOWN; i++) {
        column_right(out, figures_text(figures, shown[i], text), MEASURE);
    }
    column_right(out, last, SHARE);
    column_end(out);
}

static void print_head(const struct printing *printing, const char *label, const char *last) {
    struct buf *out = printing->out;
    buf_add_string(out, "  ");
    column_left(out, label, printing->label);
    column_right(out, "n", COUNT);
    for (size_t i = 0; i < SHOWN; i++) {
        column_right(out,
                     shown[i] == MEASURE_MEAN ? pick(printing, "均值(h)", "mean (h)")
                                              : measure_name(shown[i], printing->language),
                     MEASURE);
    }
    column_right(out, last, SHARE);
    column_end(out);
}

static void print_with_share(const struct printing *printing, const char *label,
                             const struct figures *figures, const struct figures *total) {
    char share[FIGURE_MAX];
    print_figures(printing, label, figures,
                  total ? quotient_percent(figures_share(figures, total), share) : "");
}

static void print_variant(const struct printing *printing, const struct clearance_group *group,
                          enum variant variant) {
    print_head(printing, variant_name(variant, printing->language), pick(printing, "占比%", "share%"));
    for (size_t i = 0; i < group->segments_count; i++) {
        const struct clearance_segment *segment = &group->segments[i];
        print_with_share(printing, pick(printing, segment->row.zh, segment->row.en),
                         &segment->figures[variant], report_total(group, segment->chained, variant));
    }
    print_with_share(printing, pick(printing, "合计", "total"), &group->total[variant],
                     report_total(group, true, variant));
}

static const char *dimension_words(const struct printing *printing, enum dimension dimension) {
    const struct field *field = printing->clearance->wanted.field;
    return dimension == DIMENSION_FIELD ? pick(printing, field->zh, field->en)
                                        : dimension_name(printing->segments, dimension, printing->language);
}

static const char *label_of(const struct printing *printing, const struct clearance_group *group) {
    return group_label(printing->question, &printing->clearance->wanted, group->value, printing->language);
}

static size_t widest_label(const struct printing *printing, const struct clearance_direction *direction) {
    size_t widest = LABEL;
    for (size_t i = 0; i < direction->groups_count; i++) {
        size_t width = column_width(text_of(label_of(printing, &direction->groups[i])));
        widest = width > widest && width <= LABEL_MAX ? width : widest;
    }
    return widest;
}

static void print_groups(struct printing *printing, const struct clearance_direction *direction) {
    enum dimension by = printing->clearance->wanted.by;
    if (by == DIMENSION_NONE || !*direction->chain->from) {
        return;
    }
    buf_printf(printing->out, pick(printing, "  整体通关时间，按%s\n", "  overall by %s\n"),
               dimension_words(printing, by));
    printing->label = widest_label(printing, direction);
    print_head(printing, group_head(printing->question, &printing->clearance->wanted, printing->language),
               pick(printing, "环比%", "diff%"));
    for (size_t i = 0; i < direction->groups_count; i++) {
        const struct clearance_group *group = &direction->groups[i];
        char change[FIGURE_MAX];
        print_figures(printing, label_of(printing, group), &group->overall.now,
                      signed_percent(figures_change(&group->overall.now, &group->overall.before), change));
    }
    printing->label = LABEL;
}

static void print_overall(const struct printing *printing, const struct chain *chain,
                          const struct clearance_overall *overall) {
    struct buf *out = printing->out;
    char mean[FIGURE_MAX], change[FIGURE_MAX], base[DECIMAL_TEXT_MAX], n[FIGURE_MAX];
    if (!*chain->from || !overall->now.n) {
        return;
    }
    buf_printf(out, pick(printing, "  整体通关时间 %s 小时 (n %s)", "  overall %s h (n %s)"),
               figures_text(&overall->now, MEASURE_MEAN, mean),
               units_text(overall->now.n, printing->clearance->wanted.unit, n));
    if (*chain->base_year) {
        buf_printf(out, pick(printing, "，较 %s 年基数 %s 小时 %s%%", ", against the base of %s, %s h: %s%%"),
                   chain->base_year, decimal_print(chain->base, base),
                   signed_percent(figures_change_to_base(&overall->now, chain->base), change));
    }
    if (*chain->target_year) {
        buf_printf(out,
                   pick(printing, "，较 %s 年目标 %s 小时 %s%%", ", against the target of %s, %s h: %s%%"),
                   chain->target_year, decimal_print(chain->target, base),
                   signed_percent(figures_change_to_base(&overall->now, chain->target), change));
    }
    if (*signed_percent(figures_change(&overall->now, &overall->before), change)) {
        buf_printf(out, pick(printing, "，环比 %s%%", ", against the period before: %s%%"), change);
    }
    if (*signed_percent(figures_change(&overall->now, &overall->year_before), change)) {
        buf_printf(out, pick(printing, "，同比 %s%%", ", against the year before: %s%%"), change);
    }
    buf_add_char(out, '\n');
}

/* "（应由码头告知：QQCT 300/400，不详 12/12）": of whom it is missing most, each of how many that were to be
 * told by it, and how many others there are. */
static void print_owners(const struct printing *printing, const struct clearance_direction *direction,
                         size_t step) {
    struct buf *out = printing->out;
    size_t count = direction->owners_count[step], others = 0, of_others = 0;
    const char *role = "";
    buf_add_string(out, pick(printing, "（", " ("));
    for (size_t i = 0; i < count; i++) {
        const struct coverage_owner *owner = &direction->owners[step][i];
        if (i >= OWNERS_SHOWN) {
            others += owner->missing;
            of_others += owner->of;
            continue;
        }
        buf_add_string(out, i ? pick(printing, "，", ", ") : "");
        if (*owner->role && strcmp(owner->role, role) != 0) {
            buf_printf(out, pick(printing, "应由%s告知：", "by the %s: "),
                       role_name(owner->role, printing->language));
            role = owner->role;
        }
        buf_printf(out, pick(printing, "%s %zu/%zu", "%s %zu of %zu"),
                   *owner->party ? owner->party : pick(printing, "不详", "not known who"), owner->missing,
                   owner->of);
    }
    if (others) {
        buf_printf(out, pick(printing, "，另 %zu 方 %zu/%zu", ", %zu others %zu of %zu"),
                   count - OWNERS_SHOWN, others, of_others);
    }
    buf_add_string(out, pick(printing, "）", ")"));
}

/* A line for each milestone that any lacks. */
static void print_missing(const struct printing *printing, const struct clearance_direction *direction) {
    for (size_t step = 0; step < direction->chain->count; step++) {
        if (direction->missing[step]) {
            const char *milestone = direction->chain->milestones[step];
            buf_printf(printing->out,
                       pick(printing, "  缺少：%s %zu / %zu 票", "  never told: %s %zu of %zu declarations"),
                       segments_name(printing->segments, milestone, printing->language),
                       direction->missing[step], direction->declarations);
            print_owners(printing, direction, step);
            buf_add_char(printing->out, '\n');
        }
    }
}

/* What was told of declarations beside their moments: the exclusions, or the doubts. */
static void print_marks(const struct printing *printing, const struct clearance_direction *direction,
                        bool excludes, const char *title) {
    bool any = false;
    for (size_t i = 0; i < printing->segments->marks_count; i++) {
        const struct mark *mark = &printing->segments->marks[i];
        if (mark->excludes == excludes && direction->marked[i]) {
            buf_printf(printing->out, "%s%s %zu", any ? pick(printing, "，", ", ") : title,
                       pick(printing, mark->zh, mark->en), direction->marked[i]);
            any = true;
        }
    }
    buf_add_string(printing->out, any ? "\n" : "");
}

/* Who can make a segment shorter, in words; what is no role of a party here stands as it was written. */
static const char *side_name(const struct printing *printing, const char *side) {
    return strcmp(side, "consignee") == 0 ? pick(printing, "收货人", "consignee")
                                          : role_name(side, printing->language);
}

static void print_tail(const struct printing *printing, const struct clearance_direction *direction) {
    const struct tail *tail = &direction->tail;
    char hours[FIGURE_MAX];
    if (!tail->n) {
        return;
    }
    buf_printf(
        printing->out,
        pick(printing, "  最慢的 %zu 票（%s 小时起）卡在：\n", "  what held the slowest %zu (from %s h):\n"),
        tail->n, quotient_hours((struct quotient){ tail->from_ns, 1 }, hours));
    for (size_t step = 0; step + 1 < direction->chain->count; step++) {
        const struct segment_row *row = report_row(direction, step);
        if (tail->held_by[step]) {
            buf_printf(printing->out, "    %s  %s  %zu\n",
                       row ? pick(printing, row->zh, row->en) : direction->chain->milestones[step],
                       row ? side_name(printing, row->side) : "", tail->held_by[step]);
        }
    }
}

/* The change of the overall time, by segment and by dimension, in hours. */
static void print_change(const struct printing *printing, const struct clearance_direction *direction) {
    const struct change *change = &direction->change;
    enum base_period why = printing->clearance->wanted.why;
    struct buf *out = printing->out;
    if (why == BASE_PERIODS_COUNT) {
        return;
    }
    if (why == BASE_PERIOD_SNAPSHOT && !printing->clearance->wanted.snapshot.as_of) {
        buf_printf(out, pick(printing, "  %s：没有更早的定稿可比\n", "  %s: there is none to compare with\n"),
                   base_period_name(why, printing->language));
        return;
    }
    if (!change->steps_count) {
        char then[FIGURE_MAX], now[FIGURE_MAX];
        enum unit unit = printing->clearance->wanted.unit;
        buf_printf(out,
                   pick(printing, "  %s：没有可比的完整链条（当时 %s，现在 %s）\n",
                        "  %s: no complete chains to compare (then %s, now %s)\n"),
                   base_period_name(why, printing->language), units_text(change->n_then, unit, then),
                   units_text(change->n_now, unit, now));
        return;
    }
    buf_printf(out,
               pick(printing, "  %s：完整链条 %.2Lf → %.2Lf 小时（%+.2Lf）\n",
                    "  %s: complete chains took %.2Lf, now %.2Lf h (%+.2Lf)\n"),
               base_period_name(why, printing->language), change->then / 3600, change->now / 3600,
               (change->now - change->then) / 3600);
    for (size_t i = 0; i < change->steps_count; i++) {
        const struct change_step *step = &change->steps[i];
        buf_printf(out, "    %s %+.2Lf",
                   step->row ? pick(printing, step->row->zh, step->row->en) : step->from,
                   (step->now - step->then) / 3600);
        if (change->now != change->then) {
            buf_printf(out, pick(printing, "（占 %.1Lf%%）", " (%.1Lf%% of it)"),
                       (step->now - step->then) / (change->now - change->then) * 100);
        }
        buf_add_char(out, '\n');
    }
    for (enum dimension dimension = 0; dimension < DIMENSION_NONE; dimension++) {
        if (!change->is_split[dimension]) {
            continue;
        }
        buf_printf(out,
                   pick(printing, "    按%s：组内变化 %+.2Lf，构成变化 %+.2Lf\n",
                        "    by %s: within groups %+.2Lf, by their mix %+.2Lf\n"),
                   pick(printing, dimension_words(printing, dimension),
                        report_dimension(&printing->clearance->wanted, dimension)),
                   change->splits[dimension].within / 3600, change->splits[dimension].mix / 3600);
    }
    for (enum dimension dimension = 0; dimension < DIMENSION_NONE; dimension++) {
        if (change->is_crowded[dimension]) {
            buf_printf(out,
                       pick(printing, "    按%s：取值超过 %d 个，未作拆分\n",
                            "    by %s: more than %d values, not taken apart\n"),
                       pick(printing, dimension_words(printing, dimension),
                            report_dimension(&printing->clearance->wanted, dimension)),
                       SAMPLES_VALUES_MAX);
        }
    }
}

/* How many declarations are not what they were in the snapshot. */
static void print_revision(const struct printing *printing, const struct clearance_direction *direction) {
    const struct revision *revision = &direction->revision;
    if (printing->clearance->wanted.why == BASE_PERIOD_SNAPSHOT
        && printing->clearance->wanted.snapshot.as_of) {
        buf_printf(printing->out,
                   pick(printing, "  较定稿：新增 %zu 票，移出 %zu 票，时间有变 %zu 票\n",
                        "  since the snapshot: %zu declarations more, %zu gone, %zu with other times\n"),
                   revision->added, revision->removed, revision->changed);
    }
}

static void print_snapshots(const struct printing *printing, const struct view_question *question) {
    struct snapshot snapshots[REPORT_SNAPSHOTS_MAX];
    size_t count = report_snapshots(question, printing->clearance, snapshots);
    for (size_t i = 0; i < count; i++) {
        char at[STAMP_TEXT_MAX];
        const char *what =
            snapshots[i].is_revision ? pick(printing, "修订", "revised") : pick(printing, "定稿", "closed");
        stamp_print(snapshots[i].at, at);
        buf_printf(printing->out,
                   pick(printing, "快照 %llu：%s（%.10s，定义 %.12s）\n",
                        "snapshot %llu: %s (%.10s, definition %.12s)\n"),
                   (unsigned long long)snapshots[i].number, what, at, snapshots[i].definition);
    }
}

static void print_definition(const struct printing *printing, const struct definition *definition) {
    char hex[DIGEST_HEX_MAX];
    if (definition->number) {
        buf_printf(printing->out,
                   pick(printing, "统计口径 %llu（schemas/segments %.12s，自记录 %llu 起）\n",
                        "definition %llu (schemas/segments %.12s, in force from record %llu)\n"),
                   (unsigned long long)definition->number, digest_hex(&definition->digest, hex),
                   (unsigned long long)definition->record);
    }
}

/* How many there are, and, where other things than declarations are counted, what counts for nothing. */
static void print_population(const struct printing *printing, const struct clearance_direction *direction) {
    const struct clearance_group *all = &direction->all;
    enum unit unit = printing->clearance->wanted.unit;
    char population[FIGURE_MAX], complete[FIGURE_MAX], in_order[FIGURE_MAX];
    units_text(all->population, unit, population);
    if (unit == UNIT_DECLARATION) {
        buf_printf(printing->out, pick(printing, "报关单 %s 票", "declarations %s"), population);
    } else {
        buf_printf(printing->out, "%s %s", unit_name(unit, printing->language), population);
    }
    buf_printf(printing->out,
               pick(printing, "，链条完整 %s，顺序正常 %s\n", ", complete chains %s, in order %s\n"),
               units_text(all->complete, unit, complete), units_text(all->in_order, unit, in_order));
    if (unit != UNIT_DECLARATION) {
        buf_printf(
            printing->out,
            pick(printing, "  报关单 %zu 票，其中无箱 %zu 票；箱型不明 %zu 箱不计",
                 "  declarations %zu, without containers %zu; containers of unknown size, not counted: %zu"),
            direction->declarations, direction->without_containers, direction->of_unknown_size);
        buf_add_string(printing->out,
                       pick(printing, "；一箱一月只计一次，随最后放行的报关单\n",
                            "; each container counts once, with the declaration released last\n"));
    }
}

/* It is not of now. */
static void print_as_of(const struct printing *printing) {
    uint64_t as_of = printing->clearance->wanted.period.as_of;
    if (as_of) {
        buf_printf(printing->out,
                   pick(printing, "  按截至记录 %llu 已知的情况\n", "  as it was known at record %llu\n"),
                   (unsigned long long)as_of);
    }
}

/* What declarations say stands in their messages: where these are not at hand nobody is to believe a 0. */
static void print_unread(const struct printing *printing, const struct clearance_direction *direction) {
    if (direction->unread) {
        buf_printf(printing->out,
                   pick(printing,
                        "  注意：%zu 票的报文不在日志中（或日志不在此处），其箱、标准箱与所填内容未计\n",
                        "  note: of %zu declarations the messages are not in the journal, or it is not here:"
                        " their containers, and what they say, are not counted\n"),
                   direction->unread);
    }
}

static void print_direction(struct printing *printing, const struct clearance_direction *direction) {
    const char *name = direction->chain->direction;
    const struct clearance_group *all = &direction->all;
    bool import = strcmp(name, "import") == 0;
    buf_printf(printing->out, "%s  %s  ", printing->period, pick(printing, import ? "进口" : "出口", name));
    print_population(printing, direction);
    print_as_of(printing);
    print_unread(printing, direction);
    for (int v = 0; v < VARIANT_COUNT && all->population; v++) {
        print_variant(printing, all, v);
    }
    print_groups(printing, direction);
    print_overall(printing, direction->chain, &all->overall);
    print_revision(printing, direction);
    print_change(printing, direction);
    print_marks(printing, direction, true, pick(printing, "  不计入：", "  not counted: "));
    print_marks(printing, direction, false, pick(printing, "  时间不可信：", "  times doubted: "));
    print_missing(printing, direction);
    print_tail(printing, direction);
    buf_add_char(printing->out, '\n');
}

static const char *period_text(struct period period, struct arena *arena) {
    char first[STAMP_TEXT_MAX], last[STAMP_TEXT_MAX];
    const char *month = period_month(period, arena);
    return *month ? month
                  : arena_printf(arena, "%s..%s", day_print(period.first_day, first),
                                 day_print(period.next_day - 1, last));
}

enum status report_print(const struct view_question *question, struct buf *out) {
    struct clearance *clearance;
    enum status status = report_compute(question, &clearance);
    struct printing printing = { .out = out,
                                 .language = question->language,
                                 .question = question,
                                 .period = "",
                                 .label = LABEL,
                                 .clearance = clearance };
    if (status == STATUS_OK) {
        printing.segments = clearance->wanted.definition.segments;
        printing.period = period_text(clearance->wanted.period, question->arena);
    }
    for (size_t i = 0; status == STATUS_OK && i < clearance->count; i++) {
        print_direction(&printing, &clearance->directions[i]);
    }
    if (status == STATUS_OK) {
        print_definition(&printing, &clearance->wanted.definition.recorded);
        print_snapshots(&printing, question);
    }
    clearance_free(clearance);
    return status;
}
