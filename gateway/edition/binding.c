/*
 * binding.c - paths in a trie, and a walk that follows a message through it.
 *
 * Loading hangs each line on the node of its path: steps of elements, an attribute as a last step of its own.
 * Walking keeps one frame per open element with the node it stands on (NULL off all bound paths); a child is
 * looked up by its name in a small table of the node's.
 *
 * A value is added when its element ends. What depends on an attribute or a sibling (`when`) waits in the
 * frame of the element that holds both: attributes in the element's own frame, siblings in the parent's.
 *
 * Paths for people are made only for what is reported. Every element leaves a small trace (name, parent,
 * sibling before it), from which its number among siblings of the same name can be counted when somebody
 * asks; bound elements are numbered as they come.
 */
#include "edition/binding.h"

#include <string.h>

#include "base/decimal.h"
#include "base/stamp.h"
#include "base/status.h"
#include "edition/block.h"

/* --- the loaded form --------------------------------------------------------------------------------- */

/* clang-format off */
/*    name            text              field types it may fill                                 */
#define CONVERSION_LIST(X)                                                                          \
    X(TEXT,           "text",           1u << FIELD_TEXT | 1u << FIELD_CODE)                        \
    X(DECIMAL,        "decimal",        1u << FIELD_DECIMAL)                                        \
    X(YYYYMMDD,       "yyyymmdd",       1u << FIELD_DATE)                                           \
    X(ISO_DATE,       "iso-date",       1u << FIELD_DATE)                                           \
    X(ISO_MOMENT,     "iso-moment",     1u << FIELD_MOMENT)                                         \
    X(YYYYMMDDHHMMSS, "yyyymmddhhmmss", 1u << FIELD_MOMENT)                                         \
    X(ZONED_MOMENT,   "zoned-moment",   1u << FIELD_MOMENT)                                         \
    X(FLAG,           "flag",           1u << FIELD_FLAG)
/* clang-format on */

enum conversion {
#define X(name, text, types) AS_##name,
    CONVERSION_LIST(X)
#undef X
        CONVERSION_COUNT
};

static const char *const conversion_texts[] = {
#define X(name, text, types) text,
    CONVERSION_LIST(X)
#undef X
};

static const unsigned conversion_types[] = {
#define X(name, text, types) types,
    CONVERSION_LIST(X)
#undef X
};

static const enum conversion default_of[] = {
    [FIELD_TEXT] = AS_TEXT,     [FIELD_CODE] = AS_TEXT,         [FIELD_DECIMAL] = AS_DECIMAL,
    [FIELD_DATE] = AS_ISO_DATE, [FIELD_MOMENT] = AS_ISO_MOMENT, [FIELD_FLAG] = AS_FLAG,
    [FIELD_GROUP] = AS_TEXT,
};

struct pair {
    struct text from, to;
};

enum condition { ALWAYS, WHEN_ATTRIBUTE, WHEN_SIBLING };

struct rule { /* one line of the binding */
    const struct field *field;
    enum conversion as;
    const struct pair *map;
    size_t pairs;
    enum condition condition;
    struct text name, value; /* of the condition */
    unsigned rank;           /* its place among the lines: the first that has a value counts */
    uint32_t line;
    struct rule *next; /* at the same path */
};

struct node {
    struct text name;
    struct node *parent, *next;
    struct node *elements, *attributes;
    struct node **table; /* elements by hash of their names, open addressing; NULL without any */
    uint32_t mask;
    uint32_t number;           /* of this node among all that stand for elements */
    const struct field *group; /* each such element is a row of it */
    bool numbered;             /* ... and the rows have fields: their numbers tell them apart */
    struct rule *rules;
    bool keeps_attributes; /* a `when` asks for an attribute of this element */
    bool kept;             /* a `when` asks for the text of this element */
};

struct binding {
    struct node root;     /* stands for the root element, whatever its name */
    uint32_t nodes_count; /* that stand for elements, the root among them */
    unsigned lines;       /* that were read */
};

/* --- loading ----------------------------------------------------------------------------------------- */

static struct node *node_in(struct node **list, struct node *parent, struct text name, struct arena *arena) {
    while (*list && !text_equal((*list)->name, name)) {
        list = &(*list)->next;
    }
    if (!*list) {
        *list = arena_alloc(arena, sizeof(**list));
        **list = (struct node){ .name = { arena_copy(arena, name), name.length }, .parent = parent };
    }
    return *list;
}

/* Walks the path of a line, making nodes as needed. NULL after a mistake. */
static struct node *node_of_path(struct block *block, size_t word) {
    struct text path = block->line->words[word].text, rest = path;
    struct binding *binding = block->whole;
    struct node *node = &binding->root;
    unsigned steps = 0;
    while (rest.length) {
        struct text step = text_until(&rest, '/');
        bool attribute = text_starts(step, "@");
        struct text name = attribute ? (struct text){ step.at + 1, step.length - 1 } : step;
        if (name.length == 0 || (attribute && rest.length) || ++steps > BINDING_STEPS_MAX) {
            BLOCK_MISTAKE(block, mistake_word(block->line, word), NULL, "路径 " TEXT_FORMAT " 写法不对",
                          TEXT_FORMAT " is not a path: names joined by /, "
                                      "@ only before the last, at most 32 steps",
                          TEXT_ARGS(path));
            return NULL;
        }
        node = node_in(attribute ? &node->attributes : &node->elements, node, name, block->arena);
    }
    return node;
}

static bool is_attribute(const struct node *node) {
    const struct node *at = node->parent ? node->parent->attributes : NULL;
    while (at && at != node) {
        at = at->next;
    }
    return at != NULL;
}

static bool is_option(const struct word *word) {
    return !word->quoted
           && (text_is(word->text, "as") || text_is(word->text, "map") || text_is(word->text, "when"));
}

static bool read_as(struct block *block, size_t word, struct rule *rule) {
    int as = block_choose(block, word, conversion_texts, CONVERSION_COUNT, "转换", "conversion");
    if (as >= 0 && !(conversion_types[as] & 1u << rule->field->type)) {
        BLOCK_MISTAKE(block, mistake_word(block->line, word), NULL, "转换 %s 与字段 %s 的类型不符",
                      "the conversion %s does not fit the type of %s", conversion_texts[as],
                      rule->field->name);
        return false;
    }
    rule->as = as < 0 ? AS_TEXT : (enum conversion)as;
    return as >= 0;
}

static struct text kept_text(struct block *block, struct text text) {
    return (struct text){ arena_copy(block->arena, text), text.length };
}

/* Reads pairs from words[at] on; returns how many words it took, 0 after a mistake. */
static size_t read_map(struct block *block, size_t at, struct rule *rule) {
    const struct line *line = block->line;
    size_t end = at;
    while (end < line->count && !is_option(&line->words[end])) {
        end++;
    }
    if (end == at || (end - at) % 2) {
        BLOCK_MISTAKE(block, mistake_word(line, at - 1), NULL, "map 后须是成对的值",
                      "map is followed by pairs of values");
        return 0;
    }
    struct pair *map = arena_alloc(block->arena, (end - at) / 2 * sizeof(*map));
    for (size_t i = at; i < end; i += 2) {
        map[rule->pairs++] =
            (struct pair){ kept_text(block, line->words[i].text), kept_text(block, line->words[i + 1].text) };
    }
    rule->map = map;
    return end - at;
}

static bool read_when(struct block *block, size_t at, struct node *node, struct rule *rule) {
    const struct line *line = block->line;
    if (at + 3 > line->count || !text_is(line->words[at + 1].text, "=")) {
        BLOCK_MISTAKE(block, mistake_word(line, at - 1), NULL, "when 后须是 名称 = 值",
                      "when is followed by NAME = VALUE");
        return false;
    }
    bool attribute = text_starts(line->words[at].text, "@");
    rule->condition = attribute ? WHEN_ATTRIBUTE : WHEN_SIBLING;
    rule->name = kept_text(block, line->words[at].text);
    rule->name.at += attribute;
    rule->name.length -= attribute;
    rule->value = kept_text(block, line->words[at + 2].text);
    struct node *holder = is_attribute(node) ? node->parent : node; /* whose attribute decides */
    if (attribute) {
        holder->keeps_attributes = true;
    } else {
        holder = is_attribute(node) ? holder : node->parent; /* whose child decides */
        node_in(&holder->elements, holder, rule->name, block->arena)->kept = true;
    }
    return true;
}

static bool read_options(struct block *block, struct node *node, struct rule *rule) {
    const struct line *line = block->line;
    size_t at = 2;
    while (at < line->count) {
        const struct word *word = &line->words[at++];
        size_t taken = 0;
        if (text_is(word->text, "map")) {
            taken = read_map(block, at, rule);
        } else if (text_is(word->text, "as") && at < line->count) {
            taken = read_as(block, at, rule) ? 1 : 0;
        } else if (text_is(word->text, "when")) {
            taken = read_when(block, at, node, rule) ? 3 : 0;
        } else {
            BLOCK_MISTAKE(block, mistake_word(line, at - 1), NULL,
                          "此处应为 as、map 或 when，而不是 " TEXT_FORMAT,
                          "as, map or when is expected here, not " TEXT_FORMAT, TEXT_ARGS(word->text));
        }
        if (!taken) {
            return false;
        }
        at += taken;
    }
    return true;
}

static void bind_group(struct block *block, struct node *node, const struct field *field) {
    const struct line *line = block->line;
    if (is_attribute(node) || !node->parent || line->count > 2) {
        BLOCK_MISTAKE(block, mistake_word(line, 0), NULL, "组 %s 只能直接绑定到元素",
                      "the group %s is bound to an element, and to nothing else", field->name);
    } else if (node->group) {
        BLOCK_MISTAKE(block, mistake_word(line, 0), NULL, "该路径已绑定到组 %s",
                      "this path is bound to the group %s already", node->group->name);
    } else {
        node->group = field;
    }
}

static void bind_field(struct block *block, struct node *node, const struct field *field) {
    const struct binding *binding = block->whole;
    struct rule rule = {
        .field = field, .as = default_of[field->type], .rank = binding->lines, .line = block->line->number
    };
    if (!read_options(block, node, &rule)) {
        return;
    }
    struct rule **end = &node->rules;
    for (; *end; end = &(*end)->next) {
        if ((*end)->field == field && (*end)->condition == ALWAYS && rule.condition == ALWAYS) {
            BLOCK_MISTAKE(block, mistake_word(block->line, 0), NULL, "与第 %u 行重复",
                          "line %u says this already", (*end)->line);
            return;
        }
    }
    *end = arena_alloc(block->arena, sizeof(rule));
    **end = rule;
}

static bool read_binding_line(struct block *block) {
    struct binding *binding = block->whole;
    if (block->line->count < 2) {
        return false;
    }
    if (block_full(block, binding->lines, BINDING_LINES_MAX)) {
        return true;
    }
    binding->lines++;
    const struct field *field = block_field(block, 1);
    if (field && field->known) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 1), NULL, "字段 %s 由网关自己填写",
                      "the field %s is filled by the gateway, not from a message", field->name);
        return true;
    }
    struct node *node = field ? node_of_path(block, 0) : NULL;
    if (node && field->type == FIELD_GROUP) {
        bind_group(block, node, field);
    } else if (node) {
        bind_field(block, node, field);
    }
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "", BLOCK_MANY, read_binding_line, "路径 字段 [as 转换] [map 值 值 ...] [when 名称 = 值]",
                                         "PATH FIELD [as CONVERSION] [map FROM TO ...] [when NAME = VALUE]", NULL, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

/* Lines may come in any order, so whether a field stands below its group is asked at the end. */
static void check_groups(struct block *block, struct node *node) {
    for (const struct rule *rule = node->rules; rule; rule = rule->next) {
        struct node *above = node;
        while (above && rule->field->group >= 0
               && !(above->group && above->group->id == rule->field->group)) {
            above = above->parent;
        }
        if (!above) {
            mistakes_at(&block->mistakes, mistake_place(rule->line, 1, TEXT("")), NULL,
                        "字段 %s 不在其组的路径之下",
                        "the field %s does not stand below the path of its group", rule->field->name);
        } else if (above->group) {
            above->numbered = true;
        }
    }
    for (struct node *child = node->attributes; child; child = child->next) {
        check_groups(block, child);
    }
    for (struct node *child = node->elements; child; child = child->next) {
        check_groups(block, child);
    }
}

/* --- the tables ---------------------------------------------------------------------------------------- */

static void make_tables(struct node *node, uint32_t *nodes_count, struct arena *arena) {
    uint32_t count = 0, size = 2;
    node->number = (*nodes_count)++;
    for (struct node *child = node->elements; child; child = child->next, count++) {
        make_tables(child, nodes_count, arena);
    }
    while (size < 2 * count) {
        size *= 2;
    }
    node->table = count ? arena_alloc(arena, size * sizeof(*node->table)) : NULL;
    node->mask = size - 1;
    for (struct node *child = node->elements; child; child = child->next) {
        uint32_t at = text_hash(child->name) & node->mask;
        while (node->table[at]) {
            at = (at + 1) & node->mask;
        }
        node->table[at] = child;
    }
}

static const struct node *child_named(const struct node *node, struct text name) {
    if (!node->table) {
        return NULL;
    }
    uint32_t at = text_hash(name) & node->mask;
    while (node->table[at]) {
        const struct node *child = node->table[at];
        if (child->name.length == name.length && memcmp(child->name.at, name.at, name.length) == 0) {
            return child;
        }
        at = (at + 1) & node->mask;
    }
    return NULL;
}

struct binding *binding_load(struct text source, const char *file, const struct fields *fields,
                             struct arena *arena, struct verdict *mistakes) {
    struct binding *binding = arena_alloc(arena, sizeof(*binding));
    struct block block = {
        .mistakes = { mistakes, "LINT-BINDING", file }, .arena = arena, .fields = fields, .whole = binding
    };
    block_read(&block, source, lines);
    check_groups(&block, &binding->root);
    make_tables(&binding->root, &binding->nodes_count, arena);
    return binding;
}

/* --- conversions --------------------------------------------------------------------------------------
 *
 * Each brings a trimmed, non-empty text to the canonical form of its field's type (message/fields.h), or says
 * false and leaves it as it is.
 */

static bool are_digits(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return true;
}

static struct text day_text(int32_t day, struct arena *arena) {
    char out[STAMP_TEXT_MAX];
    return text_of(arena_string(arena, day_print(day, out)));
}

static bool moment_of(const char *iso, struct arena *arena, struct text *out) {
    stamp at;
    char printed[STAMP_TEXT_MAX];
    if (!stamp_parse(text_of(iso), &at)) {
        return false;
    }
    *out = text_of(arena_string(arena, stamp_print(at, printed)));
    return true;
}

static bool day_may_stand(int32_t day, const struct field *field) {
    return calendar_has(day) || (field->open && day == DAY_OPEN);
}

static bool convert_yyyymmdd(const struct field *field, struct text text, struct arena *arena,
                             struct text *out) {
    int32_t day;
    if (text.length != 8 || !are_digits(text)) {
        return false;
    }
    const char *s = text.at, *iso = arena_printf(arena, "%.4s-%.2s-%.2s", s, s + 4, s + 6);
    *out = text_of(iso);
    return day_parse(*out, &day) && day_may_stand(day, field);
}

/* xs:date may carry a zone, which no customs day depends on; a date-time is taken by its day here. */
static bool convert_iso_date(const struct field *field, struct text text, struct arena *arena,
                             struct text *out) {
    int32_t day;
    struct text date = { text.at, text.length < 10 ? text.length : 10 };
    struct text rest = { text.at + date.length, text.length - date.length };
    bool zone = text_is(rest, "Z")
                || (rest.length == 6 && (rest.at[0] == '+' || rest.at[0] == '-') && rest.at[3] == ':');
    if (rest.length == 0 || zone) {
        *out = date;
        return day_parse(date, &day) && day_may_stand(day, field);
    }
    stamp at;
    if (!stamp_parse(text, &at)) {
        return false;
    }
    *out = day_text(stamp_day(at), arena);
    return true;
}

/* yyyymmdd, yyyymmddhhmmss or with fractions of a second behind, followed by `zone`. */
static bool compact_moment(struct text digits, const char *zone, struct arena *arena, struct text *out) {
    const char *s = digits.at;
    if (!are_digits(digits)) {
        return false;
    }
    if (digits.length == 8) {
        return moment_of(arena_printf(arena, "%.4s-%.2s-%.2sT00:00:00%s", s, s + 4, s + 6, zone), arena, out);
    }
    if (digits.length < 14 || digits.length > 17) {
        return false;
    }
    int fraction = (int)digits.length - 14;
    const char *iso = arena_printf(arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s%.*s%s", s, s + 4, s + 6, s + 8,
                                   s + 10, s + 12, fraction ? "." : "", fraction, s + 14, zone);
    return moment_of(iso, arena, out);
}

/* A T may stand between day and time: 20261129T12000300. */
static bool convert_local_moment(struct text text, struct arena *arena, struct text *out) {
    if (text.length > 8 && text.at[8] == 'T') {
        text = text_of(arena_printf(arena, "%.8s" TEXT_FORMAT, text.at, (int)text.length - 9, text.at + 9));
    }
    return compact_moment(text, "+08:00", arena, out);
}

static bool convert_zoned_moment(struct text text, struct arena *arena, struct text *out) {
    size_t digits = 0;
    while (digits < text.length && text.at[digits] >= '0' && text.at[digits] <= '9') {
        digits++;
    }
    struct text zone = { text.at + digits, text.length - digits }, local = { text.at, digits };
    if (zone.length == 0) {
        return digits == 8 && compact_moment(local, "+08:00", arena, out);
    }
    if (text_is(zone, "Z")) {
        return compact_moment(local, "Z", arena, out);
    }
    bool hours = zone.length == 3, minutes = zone.length == 5 || (zone.length == 6 && zone.at[3] == ':');
    if ((zone.at[0] != '+' && zone.at[0] != '-') || !(hours || minutes)) {
        return false;
    }
    const char *iso = arena_printf(arena, "%.3s:%.2s", zone.at, hours ? "00" : zone.at + zone.length - 2);
    return compact_moment(local, iso, arena, out);
}

static bool convert_flag(struct text text, struct text *out) {
    static const struct {
        const char *text;
        bool flag;
    } words[] = {
        { "1", true }, { "0", false }, { "Y", true },    { "N", false },
        { "y", true }, { "n", false }, { "true", true }, { "false", false },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_is(text, words[i].text)) {
            *out = words[i].flag ? TEXT("true") : TEXT("false");
            return true;
        }
    }
    return false;
}

static bool convert(const struct rule *rule, struct text text, struct arena *arena, struct text *out) {
    struct decimal number;
    *out = text;
    switch (rule->as) {
    case AS_TEXT: *out = identifier_canonical(rule->field->form, text, arena); return true;
    case AS_DECIMAL: return decimal_parse(text, &number);
    case AS_YYYYMMDD: return convert_yyyymmdd(rule->field, text, arena, out);
    case AS_ISO_DATE: return convert_iso_date(rule->field, text, arena, out);
    case AS_ISO_MOMENT: return moment_of(arena_copy(arena, text), arena, out);
    case AS_YYYYMMDDHHMMSS: return convert_local_moment(text, arena, out);
    case AS_ZONED_MOMENT: return convert_zoned_moment(text, arena, out);
    case AS_FLAG: return convert_flag(text, out);
    case CONVERSION_COUNT: break;
    }
    panic("no conversion %d", (int)rule->as);
}

/* --- walking ----------------------------------------------------------------------------------------- */

#define FRAMES_AT_FIRST 16
#define TRACES_AT_FIRST 128
#define NO_TRACE        UINT32_MAX

/* What is left of every element: enough to number it among its siblings. */
struct trace {
    struct text name;
    uint32_t parent, before;
    uint32_t number; /* 0: not counted yet */
    bool numbered;   /* told even when it is the first of its name: rows are told apart by it */
};

struct kept {
    struct text name, text;
    bool attribute;
    struct kept *next;
};

struct waiting {
    const struct rule *rule;
    uint32_t row;
    struct text text;
    struct origin origin;
    struct waiting *next;
};

struct frame {
    const struct node *node; /* NULL off all bound paths */
    uint32_t trace, last_child;
    struct kept *kept;
    struct waiting *waiting; /* the newest first */
};

struct binding_walk {
    const struct binding *binding;
    struct document *doc;
    struct arena *arena;
    struct frame *frames;
    size_t depth, frames_capacity;
    struct trace *traces;
    uint32_t traces_count, traces_capacity;
    uint32_t *newest; /* per node of the binding: the trace of its newest element, + 1 */
    bool full;
};

struct binding_walk *binding_walk_new(const struct binding *binding, struct document *doc,
                                      struct arena *arena) {
    struct binding_walk *walk = arena_alloc(arena, sizeof(*walk));
    *walk = (struct binding_walk){ .binding = binding, .doc = doc, .arena = arena };
    walk->newest = binding ? arena_alloc(arena, binding->nodes_count * sizeof(*walk->newest)) : NULL;
    return walk;
}

static struct frame *top(const struct binding_walk *walk) {
    require(walk->depth > 0);
    return &walk->frames[walk->depth - 1];
}

static uint32_t add_trace(struct binding_walk *walk, struct text name, struct frame *parent) {
    if (walk->traces_count == walk->traces_capacity) {
        walk->traces_capacity = walk->traces_capacity ? walk->traces_capacity * 2 : TRACES_AT_FIRST;
        walk->traces = arena_bigger(walk->arena, walk->traces, walk->traces_count, walk->traces_capacity,
                                    sizeof(*walk->traces));
    }
    uint32_t index = walk->traces_count++;
    walk->traces[index] = (struct trace){ name, NO_TRACE, NO_TRACE, 0, false };
    if (parent) {
        walk->traces[index].parent = parent->trace;
        walk->traces[index].before = parent->last_child;
        parent->last_child = index;
    }
    return index;
}

static const struct node *node_for(struct binding_walk *walk, struct text name) {
    if (!walk->binding) {
        return NULL;
    }
    if (walk->depth == 0) {
        return &walk->binding->root;
    }
    return top(walk)->node ? child_named(top(walk)->node, name) : NULL;
}

/* A bound element is numbered as it comes, for each of its kind stands on the same node: a row by the rows of
 * its group, another by the siblings of its name. */
static void number_bound(struct binding_walk *walk, const struct node *node, uint32_t index) {
    struct trace *trace = &walk->traces[index];
    uint32_t *newest = &walk->newest[node->number];
    trace->numbered = node->numbered;
    if (node->group) {
        trace->number = document_rows(walk->doc, node->group->id) + 1;
        walk->full |= trace->number > DOCUMENT_VALUES_MAX; /* rows without a value are many, too */
        document_set_rows(walk->doc, node->group->id, trace->number);
    } else {
        const struct trace *before = *newest ? &walk->traces[*newest - 1] : NULL;
        trace->number = before && before->parent == trace->parent ? before->number + 1 : 1;
    }
    *newest = index + 1;
}

void binding_enter(struct binding_walk *walk, struct text local_name) {
    require(walk->depth < BINDING_DEPTH_MAX);
    const struct node *node = node_for(walk, local_name);
    uint32_t trace = add_trace(walk, local_name, walk->depth ? top(walk) : NULL);
    if (walk->depth == walk->frames_capacity) {
        walk->frames_capacity = walk->frames_capacity ? walk->frames_capacity * 2 : FRAMES_AT_FIRST;
        walk->frames = arena_bigger(walk->arena, walk->frames, walk->depth, walk->frames_capacity,
                                    sizeof(*walk->frames));
    }
    walk->frames[walk->depth++] = (struct frame){ .node = node, .trace = trace, .last_child = NO_TRACE };
    if (node) {
        number_bound(walk, node, trace);
    }
}

/* --- paths: from the traces ----------------------------------------------------------------------------- */

/* Its number among siblings of its name, counted when it is not bound. Counting stops at the last one that
 * was numbered, so numbering every element of a name costs one pass over its siblings in all. */
static uint32_t number_of(struct binding_walk *walk, uint32_t index) {
    struct trace *trace = &walk->traces[index];
    if (trace->number == 0) {
        uint32_t number = 1;
        for (uint32_t at = trace->before; at != NO_TRACE; at = walk->traces[at].before) {
            if (text_equal(walk->traces[at].name, trace->name)) {
                number++;
                if (walk->traces[at].number) {
                    number = walk->traces[at].number + 1;
                    break;
                }
            }
        }
        trace->number = number;
    }
    return trace->number;
}

/* Backwards into the room before `to`: how long a path is, is known at its end only. */
static char *put_before(char *to, struct text text) {
    memcpy(to - text.length, text.at, text.length);
    return to - text.length;
}

static size_t step_size(const struct trace *trace) {
    return trace->name.length + sizeof("/[4294967295]") - 1;
}

static char *put_step_before(char *to, struct binding_walk *walk, uint32_t index) {
    const struct trace *trace = &walk->traces[index];
    uint32_t number = number_of(walk, index);
    if (number > 1 || trace->numbered) {
        *--to = ']';
        for (; number; number /= 10) {
            *--to = (char)('0' + number % 10);
        }
        *--to = '[';
    }
    return put_before(put_before(to, trace->name), TEXT("/"));
}

static const char *path_to(struct binding_walk *walk, uint32_t index, const char *attribute) {
    struct text last = text_of(attribute ? attribute : "");
    size_t size = last.length + sizeof("/@");
    for (uint32_t at = index; at != NO_TRACE; at = walk->traces[at].parent) {
        size += step_size(&walk->traces[at]);
    }
    char *path = arena_alloc(walk->arena, size), *to = path + size - 1;
    *to = '\0';
    if (attribute) {
        to = put_before(put_before(to, last), TEXT("/@"));
    }
    for (uint32_t at = index; at != NO_TRACE; at = walk->traces[at].parent) {
        to = put_step_before(to, walk, at);
    }
    return to;
}

const char *binding_path(struct binding_walk *walk) {
    return walk->depth ? path_to(walk, top(walk)->trace, NULL) : "";
}

const char *binding_path_of(struct binding_walk *walk, const struct value *value) {
    bool read_here = value->origin.element < walk->traces_count;
    return read_here ? path_to(walk, value->origin.element, value->origin.attribute) : "";
}

/* --- values -------------------------------------------------------------------------------------------- */

static uint32_t row_of(const struct binding_walk *walk, const struct field *field) {
    uint32_t rows = field->group >= 0 ? document_rows(walk->doc, field->group) : 0;
    return rows ? rows - 1 : 0;
}

static struct text mapped(const struct rule *rule, struct text text) {
    for (size_t i = 0; i < rule->pairs; i++) {
        if (text_equal(rule->map[i].from, text)) {
            return rule->map[i].to;
        }
    }
    return text;
}

/* text: trimmed, not empty, in the arena. */
static void add(struct binding_walk *walk, const struct waiting *value) {
    const struct rule *rule = value->rule;
    struct text canonical;
    bool ill = !convert(rule, mapped(rule, value->text), walk->arena, &canonical);
    walk->full |= !document_add_ranked(walk->doc, rule->field, value->row, ill ? value->text : canonical, ill,
                                       value->origin, rule->rank);
}

static void wait_in(struct binding_walk *walk, struct frame *frame, const struct waiting *value) {
    struct waiting *waiting = arena_alloc(walk->arena, sizeof(*waiting));
    *waiting = *value;
    waiting->next = frame->waiting;
    frame->waiting = waiting;
}

static struct kept *find_kept(const struct frame *frame, struct text name, bool attribute) {
    struct kept *kept = frame->kept;
    while (kept && !(kept->attribute == attribute && text_equal(kept->name, name))) {
        kept = kept->next;
    }
    return kept;
}

/* Of a sibling that repeats the last counts, so the list is as short as the binding's conditions. */
static void keep(struct binding_walk *walk, struct frame *frame, struct text name, bool attribute,
                 struct text text) {
    struct kept *kept = find_kept(frame, name, attribute);
    if (!kept) {
        kept = arena_alloc(walk->arena, sizeof(*kept));
        *kept = (struct kept){ .name = name, .attribute = attribute, .next = frame->kept };
        frame->kept = kept;
    }
    kept->text = text;
}

static bool holds(const struct frame *frame, const struct rule *rule) {
    const struct kept *kept = find_kept(frame, rule->name, rule->condition == WHEN_ATTRIBUTE);
    return kept && text_equal(kept->text, rule->value);
}

static struct text copied(struct binding_walk *walk, struct text text) {
    struct text trimmed = text_trim(text);
    return trimmed.length ? (struct text){ arena_copy(walk->arena, trimmed), trimmed.length } : TEXT("");
}

static const struct node *attribute_node(const struct node *node, struct text name) {
    const struct node *at = node->attributes;
    while (at && !text_equal(at->name, name)) {
        at = at->next;
    }
    return at;
}

void binding_attribute(struct binding_walk *walk, struct text local_name, struct text value,
                       struct extent extent) {
    struct frame *frame = top(walk);
    const struct node *node = frame->node ? attribute_node(frame->node, local_name) : NULL;
    if (!node && !(frame->node && frame->node->keeps_attributes)) {
        return;
    }
    struct text text = copied(walk, value);
    if (frame->node->keeps_attributes) {
        keep(walk, frame, local_name, true, text);
    }
    if (!node || !text.length) {
        return;
    }
    for (const struct rule *rule = node->rules; rule; rule = rule->next) {
        struct waiting found = { .rule = rule,
                                 .row = row_of(walk, rule->field),
                                 .text = text,
                                 .origin = { extent, frame->trace, node->name.at } };
        if (rule->condition == ALWAYS) {
            add(walk, &found);
        } else {
            wait_in(walk, frame, &found);
        }
    }
}

bool binding_wants_attributes(const struct binding_walk *walk) {
    const struct node *node = top(walk)->node;
    return node && (node->attributes || node->keeps_attributes);
}

bool binding_wants_text(const struct binding_walk *walk) {
    const struct node *node = top(walk)->node;
    return node && (node->rules || node->kept);
}

static void add_text(struct binding_walk *walk, struct frame *frame, struct text text, struct extent extent) {
    for (const struct rule *rule = frame->node->rules; rule; rule = rule->next) {
        struct waiting found = { .rule = rule,
                                 .row = row_of(walk, rule->field),
                                 .text = text,
                                 .origin = { extent, frame->trace, NULL } };
        if (rule->condition == WHEN_SIBLING) {
            wait_in(walk, frame - 1, &found);
        } else if (rule->condition == ALWAYS || holds(frame, rule)) {
            add(walk, &found);
        }
    }
}

static void settle(struct binding_walk *walk, struct frame *frame) {
    struct waiting *in_order = NULL;
    for (struct waiting *at = frame->waiting, *next; at; at = next) {
        next = at->next;
        at->next = in_order;
        in_order = at;
    }
    for (struct waiting *at = in_order; at; at = at->next) {
        if (holds(frame, at->rule)) {
            add(walk, at);
        }
    }
}

bool binding_leave(struct binding_walk *walk, struct text text, struct extent extent) {
    struct frame *frame = top(walk);
    if (binding_wants_text(walk)) {
        struct text value = copied(walk, text);
        if (frame->node->kept) {
            keep(walk, frame - 1, frame->node->name, false, value);
        }
        if (value.length) {
            add_text(walk, frame, value, extent);
        }
    }
    settle(walk, frame);
    walk->depth--;
    return !walk->full;
}
