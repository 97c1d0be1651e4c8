/*
 * binding.c - the lines of a binding become a trie: each hangs on the node of its path (steps of elements, an
 * attribute as a last step of its own). A child is looked up by its name in a small table of the node's.
 */
#include "edition/binding.h"

#include <string.h>

#include "base/status.h"
#include "edition/binding_tree.h"
#include "edition/block.h"

/* --- loading ----------------------------------------------------------------------------------------- */

static struct binding_node *node_in(struct binding_node **list, struct binding_node *parent, struct text name,
                                    struct arena *arena) {
    while (*list && !text_equal((*list)->name, name)) {
        list = &(*list)->next;
    }
    if (!*list) {
        *list = arena_alloc(arena, sizeof(**list));
        **list = (struct binding_node){ .name = { arena_copy(arena, name), name.length }, .parent = parent };
    }
    return *list;
}

/* Walks the path of a line, making nodes as needed. NULL after a mistake. */
static struct binding_node *node_of_path(struct block *block, size_t word) {
    struct text path = block->line->words[word].text, rest = path;
    struct binding *binding = block->whole;
    struct binding_node *node = &binding->root;
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

static bool is_attribute(const struct binding_node *node) {
    const struct binding_node *at = node->parent ? node->parent->attributes : NULL;
    while (at && at != node) {
        at = at->next;
    }
    return at != NULL;
}

static bool is_option(const struct word *word) {
    return !word->quoted
           && (text_is(word->text, "as") || text_is(word->text, "map") || text_is(word->text, "when"));
}

static bool read_as(struct block *block, size_t word, struct binding_line *rule) {
    int as = block_choose(block, word, conversion_texts, CONVERSION_COUNT, "转换", "conversion");
    if (as >= 0 && !conversion_fits((enum conversion)as, rule->field->type)) {
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

/* `row GROUP` is all that stands behind such a field. */
static void bind_row(struct block *block, struct binding_node *node, const struct field *field) {
    const struct binding *binding = block->whole;
    const struct field *group = block_field(block, 3);
    if (!group) {
        return;
    }
    if (group->type != FIELD_GROUP || field->type != FIELD_DECIMAL || is_attribute(node) || !node->parent) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 2), NULL, "row 后须是组，字段 %s 须为数值并绑定到元素",
                      "row is followed by a group, and %s is a decimal bound to an element", field->name);
        return;
    }
    struct binding_line **end = &node->counts;
    while (*end) {
        end = &(*end)->next;
    }
    *end = arena_alloc(block->arena, sizeof(**end));
    **end = (struct binding_line){
        .field = field, .group = group, .rank = binding->lines, .line = block->line->number
    };
}

/* Reads pairs from words[at] on; returns how many words it took, 0 after a mistake. */
static size_t read_map(struct block *block, size_t at, struct binding_line *rule) {
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
    struct binding_pair *map = arena_alloc(block->arena, (end - at) / 2 * sizeof(*map));
    for (size_t i = at; i < end; i += 2) {
        map[rule->pairs++] = (struct binding_pair){ kept_text(block, line->words[i].text),
                                                    kept_text(block, line->words[i + 1].text) };
    }
    rule->map = map;
    return end - at;
}

static bool read_when(struct block *block, size_t at, struct binding_node *node, struct binding_line *rule) {
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
    struct binding_node *holder = is_attribute(node) ? node->parent : node; /* whose attribute decides */
    if (attribute) {
        holder->keeps_attributes = true;
    } else {
        holder = is_attribute(node) ? holder : node->parent; /* whose child decides */
        node_in(&holder->elements, holder, rule->name, block->arena)->kept = true;
    }
    return true;
}

static bool read_options(struct block *block, struct binding_node *node, struct binding_line *rule) {
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

static void bind_group(struct block *block, struct binding_node *node, const struct field *field) {
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

static void bind_field(struct block *block, struct binding_node *node, const struct field *field) {
    const struct binding *binding = block->whole;
    struct binding_line rule = { .field = field,
                                 .as = conversion_default(field->type),
                                 .rank = binding->lines,
                                 .line = block->line->number };
    if (!read_options(block, node, &rule)) {
        return;
    }
    struct binding_line **end = &node->rules;
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
    struct binding_node *node = field ? node_of_path(block, 0) : NULL;
    if (node && field->type == FIELD_GROUP) {
        bind_group(block, node, field);
    } else if (node && block->line->count == 4 && block_is(block, 2, "row")) {
        bind_row(block, node, field);
    } else if (node) {
        bind_field(block, node, field);
    }
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "", BLOCK_MANY, read_binding_line, "路径 字段 [as 转换] [map 值 值 ...] [when 名称 = 值]，或 路径 字段 row 组",
                                         "PATH FIELD [as CONVERSION] [map FROM TO ...] [when NAME = VALUE], or PATH FIELD row GROUP", NULL, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

/* The node at or above this one whose elements are the rows of that group; NULL: none. */
static struct binding_node *rows_above(struct binding_node *node, int group) {
    while (node && !(node->group && node->group->id == group)) {
        node = node->parent;
    }
    return node;
}

static void check_group(struct block *block, struct binding_node *node, const struct binding_line *rule) {
    struct binding_node *above = rule->field->group >= 0 ? rows_above(node, rule->field->group) : node;
    struct binding_node *counted = rule->group ? rows_above(node, rule->group->id) : node;
    if (!above) {
        mistakes_at(&block->mistakes, mistake_place(rule->line, 1, TEXT("")), NULL,
                    "字段 %s 不在其组的路径之下", "the field %s does not stand below the path of its group",
                    rule->field->name);
    } else if (!counted) {
        mistakes_at(&block->mistakes, mistake_place(rule->line, 1, TEXT("")), NULL, "路径不在组 %s 之内",
                    "the path does not stand within the group %s", rule->group->name);
    } else if (above->group) {
        above->numbered = true;
    }
}

/* Lines may come in any order, so whether a field stands below its group is asked at the end. */
static void check_groups(struct block *block, struct binding_node *node) {
    for (const struct binding_line *rule = node->rules; rule; rule = rule->next) {
        check_group(block, node, rule);
    }
    for (const struct binding_line *rule = node->counts; rule; rule = rule->next) {
        check_group(block, node, rule);
    }
    for (struct binding_node *child = node->attributes; child; child = child->next) {
        check_groups(block, child);
    }
    for (struct binding_node *child = node->elements; child; child = child->next) {
        check_groups(block, child);
    }
}

/* --- the tables ---------------------------------------------------------------------------------------- */

static void make_tables(struct binding_node *node, uint32_t *nodes_count, struct arena *arena) {
    uint32_t count = 0, size = 2;
    node->number = (*nodes_count)++;
    for (struct binding_node *child = node->elements; child; child = child->next, count++) {
        make_tables(child, nodes_count, arena);
    }
    while (size < 2 * count) {
        size *= 2;
    }
    node->table = count ? arena_alloc(arena, size * sizeof(*node->table)) : NULL;
    node->mask = size - 1;
    for (struct binding_node *child = node->elements; child; child = child->next) {
        uint32_t at = text_hash(child->name) & node->mask;
        while (node->table[at]) {
            at = (at + 1) & node->mask;
        }
        node->table[at] = child;
    }
}

static void number_nodes(struct binding *binding, struct binding_node *node) {
    binding->nodes[node->number] = node;
    node->plain = !node->group && !node->counts && !node->kept && node != &binding->root;
    for (const struct binding_line *rule = node->rules; rule; rule = rule->next) {
        node->plain = node->plain && rule->condition == ALWAYS;
    }
    for (struct binding_node *child = node->elements; child; child = child->next) {
        number_nodes(binding, child);
    }
}

uint32_t binding_elements(const struct binding *binding) {
    return binding->nodes_count;
}

bool binding_element_below(const struct binding *binding, uint32_t element, struct text local_name,
                           uint32_t *below) {
    require(element < binding->nodes_count);
    const struct binding_node *child = binding_child(binding->nodes[element], local_name);
    *below = child ? child->number : 0;
    return child;
}

bool binding_element_attributes(const struct binding *binding, uint32_t element) {
    require(element < binding->nodes_count);
    return binding->nodes[element]->attributes || binding->nodes[element]->keeps_attributes;
}

const struct binding_node *binding_child(const struct binding_node *node, struct text name) {
    if (!node->table) {
        return NULL;
    }
    uint32_t at = text_hash(name) & node->mask;
    while (node->table[at]) {
        const struct binding_node *child = node->table[at];
        if (child->name.length == name.length && memcmp(child->name.at, name.at, name.length) == 0) {
            return child;
        }
        at = (at + 1) & node->mask;
    }
    return NULL;
}

struct binding *binding_load(struct text source, const char *file, const struct fields *fields,
                             struct arena *arena, struct verdict *mistakes) {
    require(fields && arena);
    struct binding *binding = arena_alloc(arena, sizeof(*binding));
    struct block block = {
        .mistakes = { mistakes, "LINT-BINDING", file }, .arena = arena, .fields = fields, .whole = binding
    };
    block_read(&block, source, lines);
    check_groups(&block, &binding->root);
    make_tables(&binding->root, &binding->nodes_count, arena);
    binding->nodes = arena_alloc(arena, binding->nodes_count * sizeof(*binding->nodes));
    number_nodes(binding, &binding->root);
    return binding;
}
