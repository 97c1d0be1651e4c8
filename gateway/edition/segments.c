/*
 * segments.c - reads schemas/segments, and tells which milestones a message reports.
 */
#include "edition/segments.h"

#include <string.h>
#include <strings.h>

#include "base/status.h"
#include "edition/block.h"
#include "edition/catalog.h"
#include "edition/edition.h"

#define SOURCES_MAX 256
#define GROUPS_MAX  128 /* lines of all dimensions */

/* One `from` line. */
struct source {
    const char *code; /* of a milestone or a mark */
    bool doubts;
    struct families families;
    const struct expr *when, *at; /* at NULL: of a mark */
};

/* A line below a dimension: `group` when that is true, else what `value` is. */
struct group {
    size_t dimension;
    const char *group;   /* NULL: it is a value */
    const char *zh, *en; /* what the group is called; "": its own name */
    const char *list;    /* the code list that names the values; "": none does */
    const struct expr *when, *value;
};

struct sources {
    struct source list[SOURCES_MAX];
    size_t count;
    struct group groups[GROUPS_MAX];
    size_t groups_count;
};

/* --- units ---------------------------------------------------------------------------------------------- */

const char *const unit_texts[UNITS_COUNT + 1] = {
#define X(name, text, zh, en) text,
    UNIT_LIST(X)
#undef X
};

const char *unit_name(enum unit unit, enum language language) {
    static const struct {
        const char *zh, *en;
    } names[] = {
#define X(name, text, zh, en) { zh, en },
        UNIT_LIST(X)
#undef X
    };
    require(unit < UNITS_COUNT);
    return language_pick(language, names[unit].zh, names[unit].en);
}

enum unit unit_of(struct text text) {
    enum unit unit = 0;
    while (unit < UNITS_COUNT && !text_is(text, unit_texts[unit])) {
        unit++;
    }
    return unit;
}

/* Of types that fit the one told with the most signs counts. */
unsigned segments_quarters(const struct segments *segments, struct text type) {
    unsigned quarters = 0;
    size_t most = 0;
    for (size_t i = 0; type.length && i < segments->sizes_count; i++) {
        const struct container_size *size = &segments->sizes[i];
        size_t length = strlen(size->type), signs = strcspn(size->type, "*");
        bool fits = signs == length ? text_is(type, size->type)
                                    : type.length >= signs && memcmp(type.at, size->type, signs) == 0;
        size_t exact = 2 * signs + (signs == length);
        if (fits && exact >= most) {
            most = exact;
            quarters = size->quarters;
        }
    }
    return quarters;
}

/* --- finding -------------------------------------------------------------------------------------------- */

const struct milestone *segments_milestone(const struct segments *segments, const char *code) {
    for (size_t i = 0; i < segments->milestones_count; i++) {
        if (strcmp(segments->milestones[i].code, code) == 0) {
            return &segments->milestones[i];
        }
    }
    return NULL;
}

static bool has_word(const char *words, struct text word) {
    struct text rest = text_of(words ? words : "");
    while (rest.length) {
        if (text_equal(text_until(&rest, ' '), word)) {
            return true;
        }
    }
    return false;
}

const struct milestone *segments_planned_by(const struct segments *segments, struct text event) {
    for (size_t i = 0; i < segments->milestones_count; i++) {
        if (has_word(segments->milestones[i].planned, event)) {
            return &segments->milestones[i];
        }
    }
    return NULL;
}

size_t segments_mark(const struct segments *segments, struct text code) {
    size_t i = 0;
    while (i < segments->marks_count && !text_is(code, segments->marks[i].code)) {
        i++;
    }
    return i;
}

const char *segments_name(const struct segments *segments, const char *code, enum language language) {
    const struct milestone *milestone = segments_milestone(segments, code);
    size_t mark = segments_mark(segments, text_of(code));
    if (milestone) {
        return language_pick(language, milestone->zh, milestone->en);
    }
    return mark < segments->marks_count
               ? language_pick(language, segments->marks[mark].zh, segments->marks[mark].en)
               : code;
}

bool segments_is_month(const struct segments *segments, struct text code) {
    for (size_t i = 0; i < segments->chains_count; i++) {
        if (*segments->chains[i].month && text_is(code, segments->chains[i].month)) {
            return true;
        }
    }
    return false;
}

static bool is_taken(const struct segments *segments, const char *code) {
    return segments_milestone(segments, code)
           || segments_mark(segments, text_of(code)) < segments->marks_count;
}

/* --- reading -------------------------------------------------------------------------------------------- */

static const char *known_milestone(struct block *block, size_t word) {
    const struct segments *segments = block->whole;
    const char *codes[MILESTONES_MAX];
    for (size_t i = 0; i < segments->milestones_count; i++) {
        codes[i] = segments->milestones[i].code;
    }
    int found = block_choose(block, word, codes, segments->milestones_count, "上文定义的里程碑",
                             "milestone above that is called");
    return found < 0 ? "" : codes[found];
}

static const char *read_direction(struct block *block) {
    static const char *const directions[] = { "import", "export" };
    int found = block_choose(block, 1, directions, 2, "进出口方向（import 或 export）",
                             "direction (import or export)");
    return found < 0 ? NULL : directions[found];
}

static struct chain *chain_of(struct segments *segments, const char *direction) {
    for (size_t i = 0; i < segments->chains_count; i++) {
        if (strcmp(segments->chains[i].direction, direction) == 0) {
            return &segments->chains[i];
        }
    }
    struct chain *chain = &segments->chains[segments->chains_count++]; /* two directions, room for two */
    chain->direction = direction;
    chain->month = chain->from = chain->to = chain->base_year = chain->target_year = "";
    return chain;
}

static bool is_dimension(const struct segments *segments, const char *code) {
    bool is_one = false;
    for (size_t i = 0; i < segments->dimensions_count; i++) {
        is_one |= strcasecmp(code, segments->dimensions[i].name) == 0;
    }
    return is_one;
}

/* milestone CODE "zh" "en" [last] */
static bool read_milestone(struct block *block) {
    struct segments *segments = block->whole;
    bool last = block->line->count == 5 && block_is(block, 4, "last");
    if (block->line->count != 4 && !last) {
        return false;
    }
    if (is_taken(segments, block_word(block, 1)) || is_dimension(segments, block_word(block, 1))) {
        block_twice(block, 1);
    } else if (!block_full(block, segments->milestones_count, MILESTONES_MAX)) {
        struct milestone *milestone = block->open = &segments->milestones[segments->milestones_count++];
        *milestone = (struct milestone){
            block_word(block, 1), block_word(block, 2), block_word(block, 3), last, NULL, NULL
        };
    }
    return true;
}

/* planned EVENT EVENT ... */
static bool read_planned(struct block *block) {
    struct milestone *milestone = block->open;
    const char *words = "";
    if (block->line->count < 2) {
        return false;
    }
    for (size_t i = 1; i < block->line->count; i++) {
        words = arena_printf(block->arena, "%s%s%s", words, i > 1 ? " " : "", block_word(block, i));
    }
    milestone->planned = words;
    return true;
}

/* told by ROLE ROLE ... */
static bool read_told(struct block *block) {
    struct milestone *milestone = block->open;
    const char *roles = "";
    if (block->line->count < 3 || !block_is(block, 1, "by")) {
        return false;
    }
    for (size_t i = 2; i < block->line->count; i++) {
        const char *role = block_role(block, i);
        roles = arena_printf(block->arena, "%s%s%s", roles, i > 2 ? " " : "", role ? role : "");
    }
    milestone->told_by = roles;
    return true;
}

/* The last word `at` of the line: what stands before it is the condition. */
static size_t find_at(const struct block *block) {
    for (size_t i = block->line->count; i-- > 2;) {
        if (block_is(block, i, "at")) {
            return i;
        }
    }
    return 0;
}

/* from FAMILY[,FAMILY] [when CONDITION] at MOMENT */
static bool read_from(struct block *block) {
    const struct milestone *milestone = block->open;
    struct sources *sources = ((struct segments *)block->whole)->sources;
    size_t at = find_at(block), last = block->line->count - 1;
    bool when = block_is(block, 2, "when");
    if (!at || at == last || (when ? at < 4 : at != 2)) {
        return false;
    }
    if (block_full(block, sources->count, SOURCES_MAX)) {
        return true;
    }
    struct source source = { .code = milestone->code };
    families_read(block, 1, &source.families);
    source.when = when ? block_condition(block, 3, at - 1) : NULL;
    source.at = block_expr(block, at + 1, last);
    if (source.at && expr_type(source.at) != EXPR_MOMENT && expr_type(source.at) != EXPR_DATE) {
        BLOCK_MISTAKE(block, mistake_word(block->line, at + 1), NULL, "at 之后须为时刻或日期",
                      "what follows `at` must be a moment or a date");
    } else if (source.at && (source.when || !when)) {
        sources->list[sources->count++] = source;
    }
    return true;
}

/* closes DAY: one that every month has */
static bool read_closes(struct block *block) {
    struct segments *segments = block->whole;
    uint64_t day;
    if (block->line->count != 2 || !text_to_uint(block->line->words[1].text, &day) || day < 1 || day > 28) {
        return false;
    }
    segments->closes_day = (int)day;
    return true;
}

/* exclude CODE "zh" "en"; doubt CODE "zh" "en" */
static bool read_mark(struct block *block) {
    struct segments *segments = block->whole;
    if (block->line->count != 4) {
        return false;
    }
    if (is_taken(segments, block_word(block, 1))) {
        block_twice(block, 1);
    } else if (!block_full(block, segments->marks_count, MARKS_MAX)) {
        struct mark *mark = block->open = &segments->marks[segments->marks_count++];
        *mark = (struct mark){ block_word(block, 1), block_word(block, 2), block_word(block, 3),
                               block_is(block, 0, "exclude") };
    }
    return true;
}

/* from FAMILY[,FAMILY] when CONDITION */
static bool read_mark_from(struct block *block) {
    const struct mark *mark = block->open;
    struct sources *sources = ((struct segments *)block->whole)->sources;
    if (block->line->count < 4 || !block_is(block, 2, "when")) {
        return false;
    }
    if (block_full(block, sources->count, SOURCES_MAX)) {
        return true;
    }
    struct source source = { .code = mark->code, .doubts = !mark->excludes };
    families_read(block, 1, &source.families);
    source.when = block_condition(block, 3, block->line->count - 1);
    if (source.when) {
        sources->list[sources->count++] = source;
    }
    return true;
}

/* segment DIRECTION NAME FROM TO "zh" "en" [by SIDE] */
static bool read_segment(struct block *block) {
    struct segments *segments = block->whole;
    bool by = block->line->count == 9 && block_is(block, 7, "by");
    if (block->line->count != 7 && !by) {
        return false;
    }
    const char *direction = read_direction(block);
    if (direction && !block_full(block, segments->rows_count, SEGMENTS_MAX)) {
        segments->rows[segments->rows_count++] = (struct segment_row){
            direction,
            block_word(block, 2),
            known_milestone(block, 3),
            known_milestone(block, 4),
            block_word(block, 5),
            block_word(block, 6),
            by ? block_word(block, 8) : "",
        };
    }
    return true;
}

/* chain DIRECTION MILESTONE MILESTONE ... */
static bool read_chain(struct block *block) {
    if (block->line->count < 4) {
        return false;
    }
    const char *direction = read_direction(block);
    struct chain *chain = direction ? chain_of(block->whole, direction) : NULL;
    if (chain && chain->count) {
        block_twice(block, 1);
        return true;
    }
    for (size_t i = 2; chain && i < block->line->count; i++) {
        chain->milestones[chain->count++] = known_milestone(block, i);
    }
    return true;
}

/* month DIRECTION MILESTONE */
static bool read_month(struct block *block) {
    if (block->line->count != 3) {
        return false;
    }
    const char *direction = read_direction(block);
    if (direction) {
        chain_of(block->whole, direction)->month = known_milestone(block, 2);
    }
    return true;
}

/* In bounds, so that the report can compute with it exactly. */
static bool read_base(struct text text, struct decimal *base) {
    return decimal_parse(text, base) && base->coefficient > 0 && base->scale <= 6
           && decimal_compare(*base, decimal_of_int(1000000)) < 0;
}

/* KEY HOURS "YEAR" from that word on. */
static void read_hours(struct block *block, size_t word, struct decimal *hours, const char **year) {
    if (read_base(block->line->words[word + 1].text, hours)) {
        *year = block_word(block, word + 2);
    } else {
        BLOCK_MISTAKE(block, mistake_word(block->line, word + 1), NULL,
                      "基数与目标须为正数（小时），小于一百万，小数至多六位",
                      "a base or target is a positive number of hours, below a million and with at most 6"
                      " decimals");
    }
}

/* overall DIRECTION FROM TO [base HOURS "YEAR"] [target HOURS "YEAR"] */
static bool read_overall(struct block *block) {
    const struct line *line = block->line;
    bool base = line->count >= 7 && block_is(block, 4, "base");
    size_t behind = base ? 7 : 4;
    bool target = line->count == behind + 3 && block_is(block, behind, "target");
    if (line->count != behind && !target) {
        return false;
    }
    const char *direction = read_direction(block);
    struct chain *chain = direction ? chain_of(block->whole, direction) : NULL;
    if (!chain) {
        return true;
    }
    chain->from = known_milestone(block, 2);
    chain->to = known_milestone(block, 3);
    if (base) {
        read_hours(block, 4, &chain->base, &chain->base_year);
    }
    if (target) {
        read_hours(block, behind, &chain->target, &chain->target_year);
    }
    return true;
}

/* unit UNIT */
static bool read_unit(struct block *block) {
    struct segments *segments = block->whole;
    enum unit unit = block->line->count == 2 ? unit_of(block->line->words[1].text) : UNITS_COUNT;
    segments->unit = unit < UNITS_COUNT ? unit : segments->unit;
    return unit < UNITS_COUNT;
}

/* teu NUMBER TYPE ... */
static bool read_teu(struct block *block) {
    struct segments *segments = block->whole;
    struct decimal teu;
    if (block->line->count < 3 || !decimal_parse(block->line->words[1].text, &teu) || teu.scale > 2
        || teu.coefficient <= 0 || teu.coefficient > 1000) {
        return false;
    }
    int64_t hundredths = teu.coefficient * (teu.scale == 0 ? 100 : teu.scale == 1 ? 10 : 1);
    if (hundredths % (100 / TEU_QUARTERS) != 0) {
        return false;
    }
    for (size_t i = 2; i < block->line->count && !block_full(block, segments->sizes_count, SIZES_MAX); i++) {
        segments->sizes[segments->sizes_count++] =
            (struct container_size){ block_word(block, i), (unsigned)(hundredths * TEU_QUARTERS / 100) };
    }
    return true;
}

/* What reports and exports call their own groups and columns: no dimension has such a name. */
static const char *const names_of_ours[] = {
    "direction", "declaration", "excluded",   "doubted",     "office", "port",    "terminal",
    "step",      "inspected",   "advance",    "mode",        "field",  "tellers", "unread",
    "complete",  "in_order",    "definition", "definitions", NULL,
};

/* Many a program that reads an export takes ARRIVED and arrived for one column. */
static bool is_taken_by_another(const struct segments *segments, const char *name) {
    bool taken = false;
    for (size_t i = 0; names_of_ours[i]; i++) {
        taken |= strcasecmp(name, names_of_ours[i]) == 0;
    }
    for (size_t i = 0; i < segments->milestones_count; i++) {
        taken |= strcasecmp(name, segments->milestones[i].code) == 0;
    }
    for (size_t i = 0; i < segments->dimensions_count; i++) {
        bool is_other = strcmp(name, segments->dimensions[i].name) != 0;
        taken |= is_other && strcasecmp(name, segments->dimensions[i].name) == 0;
    }
    return taken;
}

/* dimension NAME "zh" "en" */
static bool read_dimension(struct block *block) {
    struct segments *segments = block->whole;
    if (block->line->count != 4 || !*block_word(block, 1)) {
        return false;
    }
    if (is_taken_by_another(segments, block_word(block, 1))) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 1), NULL, "%s 已是报告与导出中另一列的名称",
                      "%s is what another column of reports and exports is called", block_word(block, 1));
    }
    for (size_t i = 0; i < segments->dimensions_count; i++) {
        if (block_is(block, 1, segments->dimensions[i].name)) {
            block_twice(block, 1);
            return true;
        }
    }
    if (!block_full(block, segments->dimensions_count, SEGMENT_DIMENSIONS_MAX)) {
        struct segment_dimension *dimension = block->open =
            &segments->dimensions[segments->dimensions_count++];
        *dimension =
            (struct segment_dimension){ block_word(block, 1), block_word(block, 2), block_word(block, 3) };
    }
    return true;
}

static void add_group(struct block *block, struct group group) {
    const struct segments *segments = block->whole;
    struct sources *sources = segments->sources;
    if ((group.when || group.value) && !block_full(block, sources->groups_count, GROUPS_MAX)) {
        group.dimension = segments->dimensions_count - 1;
        sources->groups[sources->groups_count++] = group;
    }
}

/* group NAME ["zh" "en"] when CONDITION */
static bool read_group(struct block *block) {
    bool is_named = block->line->count > 4 && block_is(block, 4, "when");
    size_t when = is_named ? 4 : 2, count = block->line->count;
    if (count < when + 2 || !block_is(block, when, "when")) {
        return false;
    }
    add_group(block, (struct group){ .group = block_word(block, 1),
                                     .zh = is_named ? block_word(block, 2) : "",
                                     .en = is_named ? block_word(block, 3) : "",
                                     .list = "",
                                     .when = block_condition(block, when + 1, count - 1) });
    return true;
}

/* value EXPRESSION; a field that has a code list is called as that does */
static bool read_value(struct block *block) {
    size_t count = block->line->count;
    if (count < 2) {
        return false;
    }
    const struct field *field = count == 2 ? fields_find(block->fields, text_of(block_word(block, 1))) : NULL;
    add_group(block, (struct group){ .zh = "",
                                     .en = "",
                                     .list = field ? field->list : "",
                                     .value = block_expr(block, 1, count - 1) });
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "from", BLOCK_MANY, read_from, "报文种类[,报文种类] [when 条件] at 时刻",
                                     "FAMILY[,FAMILY] [when CONDITION] at MOMENT", NULL, NULL },
    { "planned", BLOCK_ONCE, read_planned, "港口事件代码 ...", "CODE of a port event ...", NULL, NULL },
    { "told",    BLOCK_ONCE, read_told,    "by 角色 ...", "by ROLE ...", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key mark_lines[] = {
    { "from", BLOCK_MANY, read_mark_from, "报文种类[,报文种类] when 条件", "FAMILY[,FAMILY] when CONDITION",
                                          NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key dimension_lines[] = {
    { "group", BLOCK_MANY, read_group, "名称 [\"中文\" \"英文\"] when 条件", "NAME [\"zh\" \"en\"] when CONDITION", NULL, NULL },
    { "value", BLOCK_MANY, read_value, "表达式", "EXPRESSION", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "milestone", BLOCK_MANY, read_milestone, "代码 \"中文\" \"英文\" [last]",
                                               "CODE \"zh\" \"en\" [last]", lines, NULL },
    { "segment",   BLOCK_MANY, read_segment,   "方向 名称 起 止 \"中文\" \"英文\" [by 责任方]",
                                               "DIRECTION NAME FROM TO \"zh\" \"en\" [by SIDE]", NULL, NULL },
    { "chain",     BLOCK_MANY, read_chain,     "方向 里程碑 里程碑 ...",
                                               "DIRECTION MILESTONE MILESTONE ...", NULL, NULL },
    { "month",     BLOCK_MANY, read_month,     "方向 里程碑", "DIRECTION MILESTONE", NULL, NULL },
    { "overall",   BLOCK_MANY, read_overall,   "方向 起 止 [base 小时 \"年\"] [target 小时 \"年\"]",
                                               "DIRECTION FROM TO [base HOURS \"YEAR\"] [target HOURS \"YEAR\"]", NULL, NULL },
    { "unit",      BLOCK_ONCE, read_unit,      "declaration、container 或 teu", "declaration, container or teu", NULL, NULL },
    { "teu",       BLOCK_MANY, read_teu,       "数目 箱型 ...", "NUMBER TYPE ...", NULL, NULL },
    { "dimension", BLOCK_MANY, read_dimension, "名称 \"中文\" \"英文\"", "NAME \"zh\" \"en\"", dimension_lines, NULL },
    { "closes",    BLOCK_ONCE, read_closes,    "次月的日（1 至 28）", "a day of the month, 1 to 28", NULL, NULL },
    { "exclude",   BLOCK_MANY, read_mark,      "代码 \"中文\" \"英文\"", "CODE \"zh\" \"en\"", mark_lines, NULL },
    { "doubt",     BLOCK_MANY, read_mark,      "代码 \"中文\" \"英文\"", "CODE \"zh\" \"en\"", mark_lines, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

static struct segments *segments_new(struct arena *arena) {
    struct segments *segments = arena_alloc(arena, sizeof(*segments));
    segments->sources = arena_alloc(arena, sizeof(struct sources));
    return segments;
}

struct segments *segments_load(const struct edition *edition, struct verdict *mistakes) {
    require(edition->fields && edition->catalog && edition->lists); /* what it names is read before it */
    struct segments *segments = segments_new(edition->arena);
    struct block block = { .mistakes = { mistakes, "LINT-SEGMENT", NULL },
                           .arena = edition->arena,
                           .whole = segments };
    block_read_text(&block, edition, "segments", heads);
    return segments;
}

struct segments *segments_read(const struct edition *edition, struct text bytes, struct arena *arena,
                               struct verdict *mistakes) {
    struct segments *segments = segments_new(arena);
    struct block block = { .mistakes = { mistakes, "LINT-SEGMENT", "segments" },
                           .arena = arena,
                           .fields = edition->fields,
                           .lists = edition->lists,
                           .catalog = edition->catalog,
                           .whole = segments };
    block_read(&block, bytes, heads);
    return segments;
}

static bool is_told(const char *families, struct text family) {
    for (struct text rest = text_of(families); rest.length;) {
        if (text_equal(text_until(&rest, ' '), family)) {
            return true;
        }
    }
    return false;
}

const char *segments_tellers(const struct segments *segments, const char *code, struct arena *arena) {
    const char *tellers = "";
    for (size_t i = 0; segments->sources && i < segments->sources->count; i++) {
        const struct source *source = &segments->sources->list[i];
        for (size_t f = 0; strcmp(source->code, code) == 0 && f < source->families.count; f++) {
            struct text family = source->families.list[f];
            if (!is_told(tellers, family)) {
                tellers =
                    arena_printf(arena, "%s%s" TEXT_FORMAT, tellers, *tellers ? " " : "", TEXT_ARGS(family));
            }
        }
    }
    return tellers;
}

/* --- judging -------------------------------------------------------------------------------------------- */

static bool moment_of(const struct source *source, const struct expr_context *context, stamp *out) {
    struct text value;
    int32_t day;
    if (!expr_value(source->at, context, &value)) {
        return false;
    }
    if (expr_type(source->at) == EXPR_DATE) {
        bool real = day_parse(value, &day) && calendar_has(day); /* an open end is no moment */
        *out = real ? stamp_of_day(day) : 0;
        return real;
    }
    return stamp_parse(value, out);
}

enum told { TOLD_DOUBTS, TOLD_EXCLUSIONS, TOLD_MOMENTS };

static enum told kind_of(const struct source *source) {
    return source->at ? TOLD_MOMENTS : source->doubts ? TOLD_DOUBTS : TOLD_EXCLUSIONS;
}

/* True: there was one. */
static bool judge(const struct segments *segments, struct text family, const struct expr_context *context,
                  enum told kind, void (*found)(const char *code, stamp at, void *to), void *to) {
    bool any = false;
    for (size_t i = 0; i < segments->sources->count; i++) {
        const struct source *source = &segments->sources->list[i];
        stamp at = 0;
        if (kind_of(source) == kind && families_have(&source->families, family)
            && (!source->when || expr_holds(source->when, context) == TRUTH_TRUE)
            && (!source->at || moment_of(source, context, &at))) {
            found(source->code, at, to);
            any = true;
        }
    }
    return any;
}

void segments_judge(const struct segments *segments, struct text family, const struct expr_context *context,
                    void (*found)(const char *code, stamp at, void *to), void *to) {
    require(context->doc);
    bool doubted = judge(segments, family, context, TOLD_DOUBTS, found, to);
    (void)judge(segments, family, context, TOLD_EXCLUSIONS, found, to);
    if (!doubted) {
        (void)judge(segments, family, context, TOLD_MOMENTS, found, to);
    }
}

const char *segments_value(const struct segments *segments, size_t dimension,
                           const struct expr_context *context) {
    struct text value;
    require(dimension < segments->dimensions_count && context->doc);
    for (size_t i = 0; segments->sources && i < segments->sources->groups_count; i++) {
        const struct group *group = &segments->sources->groups[i];
        if (group->dimension != dimension) {
            continue;
        }
        if (group->group && expr_holds(group->when, context) == TRUTH_TRUE) {
            return group->group;
        }
        if (!group->group && expr_value(group->value, context, &value)) {
            return arena_copy(context->arena, value);
        }
    }
    return "";
}

const char *segments_value_name(const struct segments *segments, size_t dimension, const char *value,
                                enum language language) {
    require(dimension < segments->dimensions_count);
    for (size_t i = 0; segments->sources && i < segments->sources->groups_count; i++) {
        const struct group *group = &segments->sources->groups[i];
        if (group->dimension == dimension && group->group && *group->zh && strcmp(group->group, value) == 0) {
            return language_pick(language, group->zh, group->en);
        }
    }
    return NULL;
}

const char *segments_value_list(const struct segments *segments, size_t dimension) {
    require(dimension < segments->dimensions_count);
    for (size_t i = 0; segments->sources && i < segments->sources->groups_count; i++) {
        const struct group *group = &segments->sources->groups[i];
        if (group->dimension == dimension && *group->list) {
            return group->list;
        }
    }
    return "";
}
