/*
 * compile_rows.c - what goes over the rows of a group: sums and the like, count, every and any.
 *
 * Inside, the group's fields are those of the current row, and no other group's can stand there.
 */
#include "expr/compiler.h"

#include "base/status.h"

#define TYPE_BIT(type) (1u << EXPR_##type)
#define TYPES_ORDERED  (TYPE_BIT(DECIMAL) | TYPE_BIT(DATE) | TYPE_BIT(MOMENT))

/* `gives` of a row with same_type is the type of the field. */
/* clang-format off */
static const struct aggregate {
    const char *name; enum node_kind kind; unsigned takes; bool same_type; enum expr_type gives;
} aggregates[] = {
    { "sum",        NODE_SUM,        TYPE_BIT(DECIMAL),                  true,  EXPR_DECIMAL },
    { "min",        NODE_MIN,        TYPES_ORDERED,                      true,  EXPR_DECIMAL },
    { "max",        NODE_MAX,        TYPES_ORDERED,                      true,  EXPR_DECIMAL },
    { "unique",     NODE_UNIQUE,     TYPE_BIT(TEXT) | TYPES_ORDERED,     false, EXPR_FLAG },
    { "contiguous", NODE_CONTIGUOUS, TYPE_BIT(DECIMAL),                  false, EXPR_FLAG },
    { "every_in",   NODE_EVERY_IN,   TYPE_BIT(TEXT) | TYPE_BIT(DECIMAL), false, EXPR_FLAG },
    { "repeated",   NODE_REPEATED,   TYPE_BIT(TEXT) | TYPES_ORDERED,     false, EXPR_FLAG },
};
/* clang-format on */

const struct aggregate *compile_find_aggregate(struct text name) {
    for (size_t i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++) {
        if (text_is(name, aggregates[i].name)) {
            return &aggregates[i];
        }
    }
    return NULL;
}

const char *compile_aggregate_at(size_t index) {
    return index < sizeof(aggregates) / sizeof(aggregates[0]) ? aggregates[index].name : NULL;
}

static const struct field *take_field_of_group(struct compiler *compiler, const struct aggregate *aggregate) {
    struct token token = compiler->token;
    const struct field *field = compile_take_field(compiler);
    if (field && field->group < 0) {
        COMPILER_MISTAKE(compiler, token, NULL, "%s 需要组的字段，如 item.total；%s 只有一个值",
                         "%s needs a field of a group, such as item.total; %s stands once", aggregate->name,
                         field->name);
    } else if (field && !(aggregate->takes & 1u << compile_type_of_field(field))) {
        enum expr_type found = compile_type_of_field(field);
        compiler_mistake(compiler, token, NULL,
                         arena_printf(compiler->arena, "%s 不能用于%s（%s）", aggregate->name,
                                      compiler_type_zh(found), field->name),
                         arena_printf(compiler->arena, "%s cannot be taken of %s (%s)", aggregate->name,
                                      compiler_type_en(found), field->name));
    }
    return compiler->failed ? NULL : field;
}

/* [where CONDITION] ")" : the rows that count. */
static bool compile_where(struct compiler *compiler, struct node *node) {
    if (node && compiler_take_word(compiler, "where")) {
        int outer = compiler->group;
        struct token at = compiler->token;
        compiler->group = node->group;
        node->arguments[0] = compiler_need_type(compiler, compile_nested(compiler), EXPR_FLAG, at, "where");
        compiler->group = outer;
    }
    return node && compiler_expect_sign(compiler, ")");
}

const struct node *compile_aggregate(struct compiler *compiler, const struct aggregate *aggregate) {
    require(aggregate >= aggregates && aggregate < aggregates + sizeof(aggregates) / sizeof(aggregates[0]));
    const struct node *asked = NULL; /* of the current row */
    if (aggregate->kind == NODE_EVERY_IN) {
        struct token at = compiler->token;
        asked = compiler_need_type(compiler, compile_nested(compiler), EXPR_TEXTS, at, aggregate->name);
        if (!asked || !compiler_expect_sign(compiler, ",")) {
            return NULL;
        }
    }
    struct token token = compiler->token;
    const struct field *field = take_field_of_group(compiler, aggregate);
    if (!field) {
        return NULL;
    }
    if (aggregate->kind == NODE_REPEATED) {
        asked = compile_is_in_sight(compiler, field, token)
                    ? compile_node_of_field(compiler, NODE_FIELD, field)
                    : NULL;
        if (!asked) {
            return NULL;
        }
    }
    struct node *node = compiler_node_over(
        compiler, aggregate->kind, aggregate->same_type ? compile_type_of_field(field) : aggregate->gives,
        field->group);
    if (!compile_where(compiler, node)) {
        return NULL;
    }
    node->field = field;
    node->field_type = compile_type_of_field(field);
    node->arguments[1] = asked;
    return node;
}

const struct node *compile_count(struct compiler *compiler) {
    const struct field *group =
        compiler->token.kind == TOKEN_NAME ? fields_find(compiler->scope.fields, compiler->token.text) : NULL;
    if (group && group->type == FIELD_GROUP) {
        compiler_take(compiler);
        struct node *node = compiler_node_over(compiler, NODE_COUNT_ROWS, EXPR_DECIMAL, group->id);
        return compile_where(compiler, node) ? node : NULL;
    }
    struct token at = compiler->token;
    const struct node *texts =
        compiler_need_type(compiler, compile_nested(compiler), EXPR_TEXTS, at, "count");
    return texts && compiler_expect_sign(compiler, ")")
               ? compiler_node_of(compiler, NODE_COUNT_PARTS, EXPR_DECIMAL, texts, NULL)
               : NULL;
}

const struct node *compile_quantifier(struct compiler *compiler, enum node_kind kind) {
    require(kind == NODE_EVERY || kind == NODE_ANY);
    struct token token = compiler->token;
    const struct field *group = compile_take_field(compiler);
    if (group && group->type != FIELD_GROUP) {
        COMPILER_MISTAKE(compiler, token,
                         group->group >= 0 ? compile_name_of_group(compiler, group->group) : NULL,
                         "%s 不是组", "%s is not a group", group->name);
    }
    if (compiler->failed || !compiler_expect_sign(compiler, ":")) {
        return NULL;
    }
    struct node *node = compiler_node_over(compiler, kind, EXPR_FLAG, group->id);
    int outer = compiler->group;
    struct token at = compiler->token;
    compiler->group = group->id;
    const struct node *body = compiler_need_type(compiler, compile_nested(compiler), EXPR_FLAG, at,
                                                 kind == NODE_EVERY ? "every" : "any");
    compiler->group = outer;
    if (!node || !body) {
        return NULL;
    }
    node->arguments[0] = body;
    return node;
}
