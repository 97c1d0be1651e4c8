/*
 * report_shape.c - what the report is made of, as JSON: report.c writes it.
 */
#include "view/statistics/figures.h"
#include "view/statistics/report.h"

/* clang-format off */
#define MEASURE_MEMBER(name, text, zh_, en_, kind)                                              \
    , { text, SHAPE_FIGURE, .zh = zh_, .en = en_, .is_optional = true }
#define MEASURE_MEMBERS                                                                         \
    { "n", SHAPE_FIGURE, .zh = "多少（按 unit）", .en = "how many, counted in `unit`" }           \
    MEASURE_LIST(MEASURE_MEMBER)
#define BETWEEN_MEMBERS                                                                         \
    { "from", SHAPE_TEXT, .zh = "起始节点", .en = "the milestone it begins with" },              \
    { "to", SHAPE_TEXT, .zh = "终止节点", .en = "the milestone it ends with" }
#define PART_MEMBER(name, text, zh_, en_)                                                       \
    , { text, SHAPE_OBJECT, .zh = zh_, .en = en_,                                               \
        .of = VARIANT_##name == VARIANT_AVAILABLE ? &figures_shape : &figures_of_part_shape }
#define WHOLE_MEMBER(name, text, zh_, en_)                                                      \
    , { text, SHAPE_OBJECT, .zh = zh_, .en = en_, .of = &figures_shape }
#define PART_MEMBERS BETWEEN_MEMBERS VARIANT_LIST(PART_MEMBER)
#define WHOLE_MEMBERS BETWEEN_MEMBERS VARIANT_LIST(WHOLE_MEMBER)
/* clang-format on */

/* Times in seconds; shares and changes of 1. */
static const struct shape_member figures_members[] = { MEASURE_MEMBERS, SHAPE_END };

const struct shape figures_shape = { "Figures", figures_members };

/* Of what adds up along the chain. */
static const struct shape_member part_members[] = {
    MEASURE_MEMBERS,
    { "share", SHAPE_FIGURE, .zh = "占全程均值之比", .en = "its part of the total's mean",
      .is_optional = true },
    SHAPE_END,
};

const struct shape figures_of_part_shape = { "FiguresOfPart", part_members };

static const struct shape_member segment_members[] = {
    { "name", SHAPE_TEXT, .zh = "环节", .en = "the segment" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    PART_MEMBERS,
    SHAPE_END,
};

static const struct shape_member total_members[] = {
    WHOLE_MEMBERS,
    SHAPE_END,
};

static const struct shape_member against_members[] = {
    { "year", SHAPE_TEXT, .zh = "年份", .en = "of which year" },
    { "hours", SHAPE_FIGURE, .zh = "小时数", .en = "in hours" },
    { "change", SHAPE_FIGURE, .zh = "与之相比的变化", .en = "the change against it", .is_optional = true },
    SHAPE_END,
};

static const struct shape_member compared_members[] = {
    { "from", SHAPE_DAY, .zh = "起始日", .en = "the first day" },
    { "to", SHAPE_DAY, .zh = "截止日（含）", .en = "the last day" },
    { "n", SHAPE_FIGURE, .zh = "多少", .en = "how many" },
    { "mean", SHAPE_FIGURE, .zh = "均值（秒）", .en = "the mean in seconds", .is_optional = true },
    { "change", SHAPE_FIGURE, .zh = "与之相比的变化", .en = "the change against it", .is_optional = true },
    SHAPE_END,
};

static const struct shape_member overall_members[] = {
    BETWEEN_MEMBERS,
    MEASURE_MEMBERS,
    { "base", SHAPE_OBJECT, .zh = "基准", .en = "the base of schemas/segments",
      .of = SHAPE_OF(against_members), .is_optional = true },
    { "target", SHAPE_OBJECT, .zh = "目标", .en = "the target of schemas/segments",
      .of = SHAPE_OF(against_members), .is_optional = true },
    { "previous", SHAPE_OBJECT, .zh = "环比", .en = "the period before", .of = SHAPE_OF(compared_members) },
    { "previous_year", SHAPE_OBJECT, .zh = "同比", .en = "the same period a year before",
      .of = SHAPE_OF(compared_members) },
    SHAPE_END,
};

static const struct shape overall_shape = { .members = overall_members };

/* clang-format off */
#define GROUP_MEMBERS                                                                           \
    { "population", SHAPE_FIGURE, .zh = "放行的", .en = "what was released" },                    \
    { "complete", SHAPE_FIGURE, .zh = "节点齐全的",                                               \
      .en = "of which every milestone of the chain was told" },                                 \
    { "in_order", SHAPE_FIGURE, .zh = "先后相符的", .en = "of which they follow each other" },     \
    { "segments", SHAPE_LIST, .zh = "各环节", .en = "segment by segment",                         \
      .of = SHAPE_OF(segment_members) },                                                        \
    { "total", SHAPE_OBJECT, .zh = "全程", .en = "from end to end",                               \
      .of = SHAPE_OF(total_members) },                                                          \
    { "overall", SHAPE_OBJECT, .zh = "整体通关时间", .en = "the overall clearance time",            \
      .of = &overall_shape, .is_optional = true }
/* clang-format on */

static const struct shape_member group_members[] = {
    { "value", SHAPE_TEXT, .zh = "分组的值", .en = "the value of the dimension" },
    { "", SHAPE_WORDS, .zh = "其名称", .en = "what it is called" },
    GROUP_MEMBERS,
    SHAPE_END,
};

const struct shape report_group_shape = { "ReportGroup", group_members };

static const struct shape_member mark_members[] = {
    { "code", SHAPE_TEXT, .zh = "代码", .en = "its code" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    { "n", SHAPE_NUMBER, .zh = "票数", .en = "of how many declarations" },
    SHAPE_END,
};

static const struct shape_member owner_members[] = {
    { "role", SHAPE_NAMED, .zh = "应由哪个角色告知", .en = "the role whose telling it was, or \"\"" },
    { "party", SHAPE_NAMED, .zh = "应由哪个参与方告知，不详时为空",
      .en = "the party whose telling it was; \"\": it is not known" },
    { "missing", SHAPE_NUMBER, .zh = "未告知的票数", .en = "of how many declarations it was not told" },
    { "of", SHAPE_NUMBER, .zh = "应由其告知的票数",
      .en = "of how many declarations that party was the one to tell it" },
    SHAPE_END,
};

static const struct shape_member coverage_members[] = {
    { "milestone", SHAPE_TEXT, .zh = "节点", .en = "the milestone" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    { "missing", SHAPE_NUMBER, .zh = "缺此节点的票数", .en = "how many declarations lack it" },
    { "declarations", SHAPE_NUMBER, .zh = "共多少票（不论计量单位）",
      .en = "of how many declarations, whatever the unit is" },
    { "told_by", SHAPE_TEXTS, .zh = "由哪些报文告知", .en = "which families tell it" },
    { "whose", SHAPE_LIST, .zh = "应由谁告知，多者在前，合计为缺失票数",
      .en = "whose telling it was, who lacks most first; they add up to `missing`",
      .of = SHAPE_OF(owner_members) },
    SHAPE_END,
};

static const struct shape_member holder_members[] = {
    { "segment", SHAPE_TEXT, .zh = "环节", .en = "the segment, or \"\"" },
    BETWEEN_MEMBERS,
    { "side", SHAPE_TEXT, .zh = "由谁缩短", .en = "who can make it shorter, or \"\"" },
    { "n", SHAPE_NUMBER, .zh = "票数", .en = "of how many it was the longest" },
    SHAPE_END,
};

static const struct shape_member slowest_members[] = {
    { "n", SHAPE_NUMBER, .zh = "票数", .en = "how many" },
    { "from", SHAPE_FIGURE, .zh = "自多少秒起", .en = "from how many seconds on", .is_optional = true },
    { "held_by", SHAPE_LIST, .zh = "停留最久的环节", .en = "where they stood longest",
      .of = SHAPE_OF(holder_members) },
    SHAPE_END,
};

static const struct shape_member step_members[] = {
    { "name", SHAPE_TEXT, .zh = "环节", .en = "the segment, or \"\"" },
    BETWEEN_MEMBERS,
    { "mean_then", SHAPE_FIGURE, .zh = "当时均值（秒）", .en = "its mean then, in seconds" },
    { "mean_now", SHAPE_FIGURE, .zh = "现在均值（秒）", .en = "its mean now" },
    { "change", SHAPE_FIGURE, .zh = "变化（秒）", .en = "the change, in seconds" },
    { "share", SHAPE_FIGURE, .zh = "占总变化之比", .en = "its part of the whole change",
      .is_optional = true },
    SHAPE_END,
};

/* clang-format off */
#define DIMENSION_MEMBERS                                                                       \
    { "by", SHAPE_TEXT, .zh = "维度", .en = "as `by` asks for it" },                              \
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" }
/* clang-format on */

static const struct shape_member split_members[] = {
    DIMENSION_MEMBERS,
    { "within", SHAPE_FIGURE, .zh = "组内变化（秒）", .en = "changed within its groups, in seconds" },
    { "mix", SHAPE_FIGURE, .zh = "构成变化（秒）", .en = "changed by what the groups' parts are" },
    SHAPE_END,
};

static const struct shape_member crowded_members[] = {
    DIMENSION_MEMBERS,
    SHAPE_END,
};

static const struct shape_member why_members[] = {
    { "compared_with", SHAPE_TEXT, .zh = "与何时相比", .en = "as `compare` asked" },
    { "n_then", SHAPE_FIGURE, .zh = "当时多少", .en = "how many then" },
    { "n_now", SHAPE_FIGURE, .zh = "现在多少", .en = "how many now" },
    { "mean_then", SHAPE_FIGURE, .zh = "当时均值（秒）", .en = "the mean then, in seconds",
      .is_optional = true },
    { "mean_now", SHAPE_FIGURE, .zh = "现在均值（秒）", .en = "the mean now", .is_optional = true },
    { "segments", SHAPE_LIST, .zh = "各环节的变化", .en = "segment by segment", .of = SHAPE_OF(step_members),
      .is_optional = true },
    { "dimensions", SHAPE_LIST, .zh = "各维度的变化", .en = "dimension by dimension",
      .of = SHAPE_OF(split_members), .is_optional = true },
    { "crowded", SHAPE_LIST, .zh = "取值过多、未作拆分的维度",
      .en = "dimensions of too many values to be taken apart by", .of = SHAPE_OF(crowded_members),
      .is_optional = true },
    SHAPE_END,
};

static const struct shape_member revision_members[] = {
    { "added", SHAPE_NUMBER, .zh = "新增票数", .en = "declarations that were added since" },
    { "removed", SHAPE_NUMBER, .zh = "减少票数", .en = "that are not there any more" },
    { "changed", SHAPE_NUMBER, .zh = "改动票数", .en = "that changed" },
    SHAPE_END,
};

static const struct shape_member direction_members[] = {
    { "declarations", SHAPE_NUMBER, .zh = "票数", .en = "how many declarations" },
    { "without_containers", SHAPE_NUMBER, .zh = "无箱的票数", .en = "of them without containers",
      .is_optional = true },
    { "of_unknown_size", SHAPE_NUMBER, .zh = "箱型不明的箱数", .en = "containers of unknown size",
      .is_optional = true },
    { "unread", SHAPE_NUMBER, .zh = "读不到报文的票数：其箱、标准箱与所填内容不计",
      .en = "declarations whose messages are not at hand: their containers count for nothing",
      .is_optional = true },
    GROUP_MEMBERS,
    { "excluded", SHAPE_LIST, .zh = "剔除的", .en = "how many each exclusion kept out",
      .of = SHAPE_OF(mark_members) },
    { "doubted", SHAPE_LIST, .zh = "存疑的", .en = "of how many that count times are in doubt",
      .of = SHAPE_OF(mark_members) },
    { "coverage", SHAPE_LIST, .zh = "节点缺失", .en = "which milestones are missing",
      .of = SHAPE_OF(coverage_members) },
    { "slowest", SHAPE_OBJECT, .zh = "最慢的 5%", .en = "the slowest 5 %", .of = SHAPE_OF(slowest_members) },
    { "why", SHAPE_OBJECT, .zh = "变化原因（与 compare 同用）", .en = "why it changed, with `compare`",
      .of = SHAPE_OF(why_members), .is_optional = true },
    { "revision", SHAPE_OBJECT, .zh = "较定稿的改动", .en = "what was revised since the snapshot",
      .of = SHAPE_OF(revision_members), .is_optional = true },
    { "groups", SHAPE_LIST, .zh = "分组（与 by 同用）", .en = "group by group, with `by`",
      .of = &report_group_shape, .is_optional = true },
    SHAPE_END,
};

const struct shape report_direction_shape = { "ReportDirection", direction_members };

static const struct shape_member period_members[] = {
    { "from", SHAPE_DAY, .zh = "起始日", .en = "the first day" },
    { "to", SHAPE_DAY, .zh = "截止日（含）", .en = "the last day" },
    { "month", SHAPE_TEXT, .zh = "整月时：YYYY-MM", .en = "of a whole month: YYYY-MM", .is_optional = true },
    { "as_of", SHAPE_NUMBER, .zh = "统计到哪条记录（非现在时）",
      .en = "the record up to which it was known, where that is not now", .is_optional = true },
    SHAPE_END,
};

static const struct shape_member definition_members[] = {
    { "number", SHAPE_NUMBER, .zh = "统计口径的编号", .en = "its number" },
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "its record" },
    { "digest", SHAPE_TEXT, .zh = "摘要", .en = "its digest" },
    SHAPE_END,
};

static const struct shape_member snapshot_members[] = {
    { "number", SHAPE_NUMBER, .zh = "定稿编号", .en = "its number" },
    { "revision", SHAPE_FLAG, .zh = "是否修订", .en = "whether it revises one before" },
    { "at", SHAPE_TIME, .zh = "何时定稿", .en = "when it was closed" },
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "its record" },
    { "definition", SHAPE_TEXT, .zh = "所依统计口径", .en = "the definition it was made by" },
    SHAPE_END,
};

static const struct shape_member dimension_members[] = { DIMENSION_MEMBERS, SHAPE_END };

static const struct shape_member report_members[] = {
    { "period", SHAPE_OBJECT, .zh = "哪些天", .en = "which days", .of = SHAPE_OF(period_members) },
    { "definition", SHAPE_OBJECT, .zh = "所依统计口径",
      .en = "the definition of the figures, once it is recorded", .of = SHAPE_OF(definition_members),
      .is_optional = true },
    { "unit", SHAPE_TEXT, .zh = "计量单位", .en = "what is counted: declaration, container or teu" },
    { "snapshots", SHAPE_LIST, .zh = "该月的定稿与修订", .en = "when the month was closed and revised",
      .of = SHAPE_OF(snapshot_members) },
    { "by", SHAPE_NAMED, .zh = "分组的维度", .en = "the dimension of the groups", .is_optional = true },
    { "dimensions", SHAPE_LIST, .zh = "by 可取的维度", .en = "what `by` may be",
      .of = SHAPE_OF(dimension_members) },
    { "import", SHAPE_OBJECT, .zh = "进口", .en = "imports", .of = &report_direction_shape,
      .is_optional = true },
    { "export", SHAPE_OBJECT, .zh = "出口", .en = "exports", .of = &report_direction_shape,
      .is_optional = true },
    SHAPE_END,
};

const struct shape report_shape = { "Report", report_members };
