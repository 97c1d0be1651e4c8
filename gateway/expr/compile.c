/*
 * compile.c - from text to tree: one function per level of the grammar in expr.h, types checked as nodes are
 * made. What stands alone is read in compile_operands.c, what goes over rows in compile_rows.c; what all
 * levels do alike is in compiler.c.
 */
#include <string.h>

#include "base/status.h"
#include "message/mistakes.h"
#include "expr/compiler.h"

static const struct node *compile_or(struct compiler *compiler);

static bool is_within_limits(const struct compiler *compiler) {
    return compiler->scope.fields && compiler->group >= -1 && compiler->nodes <= EXPR_NODES_MAX
           && compiler->closed_count <= EXPR_NODES_MAX;
}

const struct node *compile_nested(struct compiler *compiler) {
    require(is_within_limits(compiler));
    const struct node *node = compiler_enter(compiler) ? compile_or(compiler) : NULL;
    compiler_leave(compiler);
    return node;
}

/* --- the levels of the grammar, highest first ----------------------------------------------------------- */

static const struct node *compile_if(struct compiler *compiler) {
    struct token at = compiler->token;
    const struct node *condition =
        compiler_need_type(compiler, compile_nested(compiler), EXPR_FLAG, at, "if");
    const struct node *then = compiler_expect_word(compiler, "then") ? compile_nested(compiler) : NULL;
    bool has_else = compiler_expect_word(compiler, "else");
    at = compiler->token;
    const struct node *otherwise = has_else ? compile_nested(compiler) : NULL;
    if (!condition || !then || !compiler_need_type(compiler, otherwise, then->type, at, "else")) {
        return NULL;
    }
    struct node *node = compiler_node(compiler, NODE_IF, then->type);
    if (node) {
        node->arguments[0] = condition;
        node->arguments[1] = then;
        node->arguments[2] = otherwise;
    }
    return node;
}

static bool call_follows(const struct compiler *compiler) {
    struct tokens ahead = compiler->tokens;
    struct token next = tokens_next(&ahead);
    return next.kind == TOKEN_SIGN && text_is(next.text, "(");
}

static const struct node *compile_primary(struct compiler *compiler) {
    if (compiler->failed) {
        return NULL;
    }
    if (compile_is_literal(compiler)) {
        return compile_literal(compiler);
    }
    if (compiler_take_word(compiler, "today")) {
        return compiler_node(compiler, NODE_TODAY, EXPR_DATE);
    }
    if (compiler_take_word(compiler, "exists")) {
        return compile_field(compiler, NODE_EXISTS);
    }
    if (compiler_take_word(compiler, "if")) {
        return compile_if(compiler);
    }
    if (compiler_take_sign(compiler, "(")) {
        const struct node *node = compile_nested(compiler);
        return compiler_expect_sign(compiler, ")") ? node : NULL;
    }
    if (compile_is_free_name(compiler) && call_follows(compiler)) {
        struct token name = compiler_take(compiler);
        compiler_take(compiler);
        return compile_function(compiler, name);
    }
    if (compile_is_free_name(compiler)) {
        return compile_field(compiler, NODE_FIELD);
    }
    compiler_expected(compiler, "值", "a value");
    return NULL;
}

static const struct node *compile_unary(struct compiler *compiler) {
    struct token sign = compiler->token;
    if (!compiler_take_sign(compiler, "-")) {
        return compile_primary(compiler);
    }
    const struct node *node = compiler_enter(compiler) ? compile_unary(compiler) : NULL;
    compiler_leave(compiler);
    return compiler_node_of(compiler, NODE_NEGATE, EXPR_DECIMAL,
                            compiler_need_type(compiler, node, EXPR_DECIMAL, sign, "-"), NULL);
}

static const struct node *compile_product(struct compiler *compiler) {
    const struct node *left = compile_unary(compiler);
    while (left && compiler_is_sign(compiler, "*")) {
        struct token sign = compiler_take(compiler);
        const struct node *right = compile_unary(compiler);
        bool good = compiler_need_type(compiler, left, EXPR_DECIMAL, sign, "*")
                    && compiler_need_type(compiler, right, EXPR_DECIMAL, sign, "*");
        left = good ? compiler_node_of(compiler, NODE_MULTIPLY, EXPR_DECIMAL, left, right) : NULL;
    }
    return left;
}

/* What + and - make of which types; no other pairs add. */
/* clang-format off */
static const struct { enum node_kind kind; enum expr_type left, right, gives; } sums[] = {
    { NODE_ADD,      EXPR_DECIMAL, EXPR_DECIMAL, EXPR_DECIMAL },
    { NODE_ADD,      EXPR_DATE,    EXPR_DECIMAL, EXPR_DATE },
    { NODE_SUBTRACT, EXPR_DECIMAL, EXPR_DECIMAL, EXPR_DECIMAL },
    { NODE_SUBTRACT, EXPR_DATE,    EXPR_DECIMAL, EXPR_DATE },
    { NODE_SUBTRACT, EXPR_DATE,    EXPR_DATE,    EXPR_DECIMAL },
    { NODE_SUBTRACT, EXPR_MOMENT,  EXPR_MOMENT,  EXPR_DECIMAL },
};
/* clang-format on */

static const struct node *compile_pair(struct compiler *compiler, enum node_kind kind, struct token sign,
                                       const struct node *left, const struct node *right) {
    for (size_t i = 0; left && right && i < sizeof(sums) / sizeof(sums[0]); i++) {
        if (sums[i].kind == kind && sums[i].left == left->type && sums[i].right == right->type) {
            return compiler_node_of(compiler, kind, sums[i].gives, left, right);
        }
    }
    if (left && right) {
        const char *written = arena_copy(compiler->arena, sign.text);
        compiler_mistake(compiler, sign, NULL,
                         arena_printf(compiler->arena, "%s 不能用于%s与%s", written,
                                      compiler_type_zh(left->type), compiler_type_zh(right->type)),
                         arena_printf(compiler->arena, "%s does not join %s and %s", written,
                                      compiler_type_en(left->type), compiler_type_en(right->type)));
    }
    return NULL;
}

static const struct node *compile_sum(struct compiler *compiler) {
    const struct node *left = compile_product(compiler);
    while (left && (compiler_is_sign(compiler, "+") || compiler_is_sign(compiler, "-"))) {
        struct token sign = compiler_take(compiler);
        enum node_kind kind = text_is(sign.text, "+") ? NODE_ADD : NODE_SUBTRACT;
        left = compile_pair(compiler, kind, sign, left, compile_product(compiler));
    }
    return left;
}

static const struct {
    const char *sign;
    enum comparison comparison;
} comparisons[] = {
    { "=", COMPARE_EQUAL },       { "!=", COMPARE_UNEQUAL }, { "<", COMPARE_LESS },
    { "<=", COMPARE_LESS_EQUAL }, { ">", COMPARE_GREATER },  { ">=", COMPARE_GREATER_EQUAL },
};

static bool is_comparison(const struct compiler *compiler, enum comparison *comparison) {
    for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
        if (compiler_is_sign(compiler, comparisons[i].sign)) {
            *comparison = comparisons[i].comparison;
            return true;
        }
    }
    return false;
}

/* transport_mode = 2: codes are texts. */
static const char *literal_as_text(struct compiler *compiler, const struct node *left,
                                   const struct node *right, struct token literal) {
    bool number = right->kind == NODE_LITERAL && right->type == EXPR_DECIMAL;
    return left->type == EXPR_TEXT && number
               ? arena_printf(compiler->arena, "\"" TEXT_FORMAT "\"", TEXT_ARGS(literal.text))
               : NULL;
}

static const struct node *compile_comparison(struct compiler *compiler, const struct node *left,
                                             enum comparison comparison) {
    struct token sign = compiler_take(compiler), at = compiler->token;
    const struct node *right = compile_sum(compiler);
    enum comparison chained;
    if (!left || !right) {
        return NULL;
    }
    const char *written = arena_copy(compiler->arena, sign.text);
    if (right->type != left->type) {
        compiler_wrong_type(compiler, at, written, left->type, right->type,
                            literal_as_text(compiler, left, right, at));
    } else if (left->type == EXPR_TEXTS) {
        COMPILER_MISTAKE(compiler, sign, "contains", "split 的结果不能用 %s 比较",
                         "what split gives cannot be compared with %s", written);
    } else if (comparison > COMPARE_UNEQUAL && (left->type == EXPR_TEXT || left->type == EXPR_FLAG)) {
        COMPILER_MISTAKE(compiler, sign, NULL, "此处只能用 = 和 !=，不能用 %s",
                         "only = and != compare these, not %s", written);
    } else if (is_comparison(compiler, &chained)) {
        COMPILER_MISTAKE(compiler, compiler->token, "a < b and b < c", "比较不能连写",
                         "comparisons cannot be chained");
    }
    struct node *node = compiler_node(compiler, NODE_COMPARE, EXPR_FLAG);
    if (node) {
        node->comparison = comparison;
        node->arguments[0] = left;
        node->arguments[1] = right;
    }
    return node;
}

/* in its list: the one that explains the field, by the dictionary */
static const struct codelist *list_of_field(struct compiler *compiler, const struct node *left,
                                            struct token its) {
    const struct field *field = left->kind == NODE_FIELD ? left->field : NULL;
    if (!compiler_expect_word(compiler, "list")) {
        return NULL;
    }
    const struct codelist *list = field ? codelists_find(compiler->scope.lists, text_of(field->list)) : NULL;
    if (!list) {
        COMPILER_MISTAKE(
            compiler, its, NULL, "in its list 之前须为字段表中带代码表的字段",
            "what stands before `in its list` must be a field to which the dictionary gives one");
    }
    return list;
}

/* in LIST */
static const struct node *compile_in_list(struct compiler *compiler, const struct node *left,
                                          struct token in) {
    struct token name = compiler_take(compiler);
    bool its = text_is(name.text, "its");
    const struct codelist *list =
        its ? list_of_field(compiler, left, name) : codelists_find(compiler->scope.lists, name.text);
    if (!list && !its) {
        COMPILER_MISTAKE(compiler, name, codelists_nearest(compiler->scope.lists, name.text),
                         "没有代码表 " TEXT_FORMAT, "there is no code list " TEXT_FORMAT,
                         TEXT_ARGS(name.text));
    }
    left = compiler_need_type(compiler, left, EXPR_TEXT, in, "in");
    struct node *node = left && list ? compiler_node(compiler, NODE_IN_LIST, EXPR_FLAG) : NULL;
    if (node) {
        node->list = list;
        node->arguments[0] = left;
    }
    return node;
}

/* At least as many as the literals up to the closing bracket. */
static size_t literals_ahead(const struct compiler *compiler) {
    struct tokens ahead = compiler->tokens;
    size_t count = 1;
    for (struct token token = compiler->token; token.kind != TOKEN_END && !text_is(token.text, ")");
         token = tokens_next(&ahead)) {
        count++;
    }
    return count;
}

/* in ( literal, ... ) ; the bracket is taken */
static const struct node *compile_in_set(struct compiler *compiler, const struct node *left) {
    struct val *set = arena_alloc(compiler->arena, literals_ahead(compiler) * sizeof(*set));
    size_t count = 0;
    do {
        struct token at = compiler->token;
        if (!compile_is_literal(compiler)) {
            compiler_expected(compiler, "写明的值", "a value written out");
        }
        if (compiler->failed || !compiler_count_node(compiler)
            || !compile_read_literal(compiler, &set[count])) {
            return NULL;
        }
        if (set[count].type != left->type) {
            compiler_wrong_type(compiler, at, "in", left->type, set[count].type, NULL);
            return NULL;
        }
        count++;
    } while (compiler_take_sign(compiler, ","));
    struct node *node =
        compiler_expect_sign(compiler, ")") ? compiler_node(compiler, NODE_IN_SET, EXPR_FLAG) : NULL;
    if (node) {
        node->set = set;
        node->set_count = count;
        node->arguments[0] = left;
    }
    return node;
}

static const struct node *compile_membership(struct compiler *compiler, const struct node *left,
                                             bool negated) {
    struct token in = compiler_take(compiler);
    const struct node *found = NULL;
    if (!left) {
        return NULL;
    }
    if (compiler_take_sign(compiler, "(")) {
        found = compile_in_set(compiler, left);
    } else if (compiler->token.kind == TOKEN_NAME) {
        found = compile_in_list(compiler, left, in);
    } else {
        compiler_expected(compiler, "代码表名或 (…)", "the name of a code list or (...)");
    }
    return negated ? compiler_node_of(compiler, NODE_NOT, EXPR_FLAG, found, NULL) : found;
}

static bool not_in_follows(const struct compiler *compiler) {
    struct tokens ahead = compiler->tokens;
    struct token next = tokens_next(&ahead);
    return compiler_is_word(compiler, "not") && next.kind == TOKEN_NAME && text_is(next.text, "in");
}

static const struct node *compile_compare(struct compiler *compiler) {
    const struct node *left = compile_sum(compiler);
    enum comparison comparison;
    if (left && is_comparison(compiler, &comparison)) {
        return compile_comparison(compiler, left, comparison);
    }
    bool negated = left && not_in_follows(compiler);
    if (negated) {
        compiler_take(compiler);
    }
    return left && compiler_is_word(compiler, "in") ? compile_membership(compiler, left, negated) : left;
}

static const struct node *compile_not(struct compiler *compiler) {
    struct token word = compiler->token;
    if (compiler_take_word(compiler, "not")) {
        const struct node *node = compiler_enter(compiler) ? compile_not(compiler) : NULL;
        compiler_leave(compiler);
        return compiler_node_of(compiler, NODE_NOT, EXPR_FLAG,
                                compiler_need_type(compiler, node, EXPR_FLAG, word, "not"), NULL);
    }
    if (compiler_take_word(compiler, "every")) {
        return compile_quantifier(compiler, NODE_EVERY);
    }
    if (compiler_take_word(compiler, "any")) {
        return compile_quantifier(compiler, NODE_ANY);
    }
    return compile_compare(compiler);
}

static const struct node *compile_joined(struct compiler *compiler, const char *word, enum node_kind kind,
                                         const struct node *(*operand)(struct compiler *)) {
    struct token at = compiler->token;
    const struct node *left = operand(compiler);
    while (left && compiler_take_word(compiler, word)) {
        left = compiler_need_type(compiler, left, EXPR_FLAG, at, word);
        at = compiler->token;
        const struct node *right = compiler_need_type(compiler, operand(compiler), EXPR_FLAG, at, word);
        left = left && right ? compiler_node_of(compiler, kind, EXPR_FLAG, left, right) : NULL;
    }
    return left;
}

/* What stands on each side of an `and` is remembered with its text: who is told that a condition is false
 * wants to know which part of it is. */
static const struct node *compile_side(struct compiler *compiler) {
    const char *begin = compiler->token.text.at - (compiler->token.kind == TOKEN_TEXT);
    const struct node *node = compile_not(compiler);
    if (node && compiler->spans_count < EXPR_NODES_MAX) {
        compiler->spans[compiler->spans_count++] =
            (struct span){ node, { begin, (size_t)(compiler->taken - begin) } };
    }
    return node;
}

static const struct node *compile_and(struct compiler *compiler) {
    return compile_joined(compiler, "and", NODE_AND, compile_side);
}

static const struct node *compile_or(struct compiler *compiler) {
    return compile_joined(compiler, "or", NODE_OR, compile_and);
}

/* --- the whole ------------------------------------------------------------------------------------------ */

/* Of what is unknown as soon as one of its operands is: the first field that one of them stands for. Logic
 * may know its answer without one of its operands, and what goes over rows without any row. */
static const struct field *needed_by(const struct node *node) {
    const struct field *field = NULL;
    switch (node->kind) {
    case NODE_FIELD: return node->field;
    case NODE_NOT:
    case NODE_COMPARE:
    case NODE_IN_LIST:
    case NODE_IN_SET:
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY:
    case NODE_NEGATE:
    case NODE_CALL:
    case NODE_COUNT_PARTS:
        for (size_t i = 0; !field && i < FUNCTION_ARGUMENTS_MAX && node->arguments[i]; i++) {
            field = needed_by(node->arguments[i]);
        }
        return field;
    default: return NULL;
    }
}

/* Does its value depend on the current row? What a closed node goes over, its first argument, does not. */
static bool sees_row(const struct node *node) {
    if (node->kind == NODE_FIELD || node->kind == NODE_EXISTS) {
        return node->field->group >= 0;
    }
    for (size_t i = node->closed >= 0; i < FUNCTION_ARGUMENTS_MAX; i++) {
        if (node->arguments[i] && sees_row(node->arguments[i])) {
            return true;
        }
    }
    return false;
}

/* --- its conditions ------------------------------------------------------------------------------------- */

static size_t count_conditions(const struct node *node) {
    return node->kind == NODE_AND
               ? count_conditions(node->arguments[0]) + count_conditions(node->arguments[1])
               : 1;
}

static void put_conditions(const struct compiler *compiler, const struct node *node, struct expr *expr) {
    if (node->kind == NODE_AND) {
        put_conditions(compiler, node->arguments[0], expr);
        put_conditions(compiler, node->arguments[1], expr);
        return;
    }
    struct text source = TEXT("");
    for (size_t i = compiler->spans_count; i-- > 0 && !source.length;) { /* brackets around it came later */
        if (compiler->spans[i].node == node) {
            source = compiler->spans[i].source;
        }
    }
    expr->conditions[expr->conditions_count++] = (struct condition){ node, source };
}

static void keep_conditions(const struct compiler *compiler, struct expr *expr) {
    expr->conditions = arena_alloc(compiler->arena, count_conditions(expr->root) * sizeof(*expr->conditions));
    put_conditions(compiler, expr->root, expr);
}

const struct expr *expr_compile(struct expr_source source, struct expr_scope scope, const struct field *each,
                                struct arena *arena, struct verdict *mistakes) {
    require(!each || each->type == FIELD_GROUP);
    struct compiler compiler = {
        .scope = scope,
        .arena = arena,
        .mistakes = { mistakes, "LINT-EXPR", source.file },
        .group = each ? each->id : -1,
    };
    struct span spans[EXPR_NODES_MAX];
    compiler.spans = spans;
    tokens_init(&compiler.tokens, &source);
    compiler.token = tokens_next(&compiler.tokens);
    if (source.text.length > EXPR_SOURCE_MAX) {
        COMPILER_MISTAKE(&compiler, compiler.token, NULL, "表达式超过 %d 字节",
                         "the expression has more than %d bytes", EXPR_SOURCE_MAX);
    }
    struct token first = compiler.token;
    const struct node *root = compiler.failed ? NULL : compile_or(&compiler);
    if (root && compiler.token.kind != TOKEN_END) {
        compiler_expected(&compiler, "运算符或表达式结尾", "an operator or the end");
    }
    if (root && root->type == EXPR_TEXTS) {
        COMPILER_MISTAKE(&compiler, first, NULL, "split 的结果只能用在 count、contains、every_in 中",
                         "what split gives can only stand in count, contains and every_in");
    }
    if (!root || compiler.failed) {
        return NULL;
    }
    struct expr *expr = arena_alloc(arena, sizeof(*expr));
    *expr = (struct expr){ .root = root,
                           .closed_count = compiler.closed_count,
                           .sees_row = sees_row(root),
                           .needs = needed_by(root) };
    keep_conditions(&compiler, expr);
    expr->bounds = bounds_of(expr, arena);
    return expr;
}
