/*
 * compile.c - from text to tree: one function per level of the grammar in expr.h, types checked as nodes
 * are made. The first mistake ends it: every function gives NULL from then on, so none needs to look twice.
 */
#include <string.h>

#include "base/status.h"
#include "message/mistakes.h"
#include "expr/tokens.h"
#include "expr/tree.h"

struct compiler {
    struct tokens tokens;
    struct token token; /* the one looked at */
    struct expr_scope scope;
    struct arena *arena;
    struct mistakes mistakes;
    int group; /* whose current row there is; -1 */
    size_t nodes;
    unsigned depth;
    int closed_count;
    bool failed;
};

static const struct {
    const char *zh, *en;
} type_words[] = {
#define X(name, zh, en) [EXPR_##name] = { zh, en },
    EXPR_TYPE_LIST(X)
#undef X
};

static const struct node *compile_or(struct compiler *compiler);

/* --- mistakes ------------------------------------------------------------------------------------------- */

static struct place place_of(struct token token) {
    return mistake_place(token.line, token.column, token.text);
}

/* Only the first is told: what follows it is mostly its consequence. */
#define MISTAKE(compiler, token, meant, ...)                                                                 \
    ((compiler)->failed ? (void)0 : mistakes_at(&(compiler)->mistakes, place_of(token), meant, __VA_ARGS__), \
     (void)((compiler)->failed = true))

static void wrong_type(struct compiler *compiler, struct token token, const char *what, enum expr_type wanted,
                       enum expr_type found, const char *meant) {
    if (!compiler->failed) {
        compiler->failed = true;
        mistakes_add(&compiler->mistakes, place_of(token), meant,
                     arena_printf(compiler->arena, "%s 需要%s，而这里是%s", what, type_words[wanted].zh,
                                  type_words[found].zh),
                     arena_printf(compiler->arena, "%s needs %s, and this is %s", what, type_words[wanted].en,
                                  type_words[found].en));
    }
}

static const char *quoted_name(struct compiler *compiler, struct token token) {
    return token.kind == TOKEN_END ? "" : arena_copy(compiler->arena, token.text);
}

static void expected(struct compiler *compiler, const char *zh, const char *en) {
    struct token token = compiler->token;
    static const struct {
        const char *written, *meant;
    } slips[] = {
        { "==", "=" },       { "<>", "!=" },   { "&&", "and" }, { "||", "or" },   { "!", "not" },
        { "'", "\"text\"" }, { "AND", "and" }, { "OR", "or" },  { "NOT", "not" }, { "IN", "in" },
    };
    const char *meant = NULL;
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        bool word = token.kind == TOKEN_SIGN || token.kind == TOKEN_NAME;
        meant = word && text_is(token.text, slips[i].written) ? slips[i].meant : meant;
    }
    if (compiler->failed) {
        return;
    }
    compiler->failed = true;
    const char *found = quoted_name(compiler, token);
    const char *zh_sentence, *en_sentence;
    switch (token.kind) {
    case TOKEN_OPEN_QUOTE:
        zh_sentence = "引号没有结束";
        en_sentence = "this quote is not closed";
        break;
    case TOKEN_STRANGE:
        zh_sentence = arena_printf(compiler->arena, "表达式中不能有字符 %s（全角符号请改为半角）", found);
        en_sentence = arena_printf(compiler->arena, "the character %s cannot stand in an expression", found);
        break;
    case TOKEN_END:
        zh_sentence = arena_printf(compiler->arena, "表达式在此结束，而此处应为%s", zh);
        en_sentence = arena_printf(compiler->arena, "the expression ends here, and %s is expected", en);
        break;
    default:
        zh_sentence = arena_printf(compiler->arena, "此处应为%s，而不是 %s", zh, found);
        en_sentence = arena_printf(compiler->arena, "%s is expected here, not %s", en, found);
    }
    mistakes_add(&compiler->mistakes, place_of(token), meant, zh_sentence, en_sentence);
}

/* --- tokens --------------------------------------------------------------------------------------------- */

static struct token take(struct compiler *compiler) {
    struct token token = compiler->token;
    compiler->token = tokens_next(&compiler->tokens);
    return token;
}

static bool is_sign(const struct compiler *compiler, const char *sign) {
    return compiler->token.kind == TOKEN_SIGN && text_is(compiler->token.text, sign);
}

static bool is_word(const struct compiler *compiler, const char *word) {
    return compiler->token.kind == TOKEN_NAME && text_is(compiler->token.text, word);
}

static bool take_sign(struct compiler *compiler, const char *sign) {
    bool found = is_sign(compiler, sign);
    if (found) {
        take(compiler);
    }
    return found;
}

static bool take_word(struct compiler *compiler, const char *word) {
    bool found = is_word(compiler, word);
    if (found) {
        take(compiler);
    }
    return found;
}

static bool expect_sign(struct compiler *compiler, const char *sign) {
    if (!compiler->failed && !take_sign(compiler, sign)) {
        expected(compiler, sign, sign);
    }
    return !compiler->failed;
}

static bool expect_word(struct compiler *compiler, const char *word) {
    if (!compiler->failed && !take_word(compiler, word)) {
        expected(compiler, word, word);
    }
    return !compiler->failed;
}

/* --- nodes ---------------------------------------------------------------------------------------------- */

static bool count_node(struct compiler *compiler) {
    if (compiler->nodes == EXPR_NODES_MAX) {
        MISTAKE(compiler, compiler->token, NULL, "表达式过长：超过 %d 个运算与操作数",
                "the expression is too long: more than %d operators and operands", EXPR_NODES_MAX);
        return false;
    }
    compiler->nodes++;
    return true;
}

static struct node *node_new(struct compiler *compiler, enum node_kind kind, enum expr_type type) {
    if (compiler->failed || !count_node(compiler)) {
        return NULL;
    }
    struct node *node = arena_alloc(compiler->arena, sizeof(*node));
    *node = (struct node){ .kind = kind, .type = type, .group = -1, .closed = -1 };
    return node;
}

static struct node *node_over(struct compiler *compiler, enum node_kind kind, enum expr_type type,
                              int group) {
    struct node *node = node_new(compiler, kind, type);
    if (node) {
        node->group = group;
        node->closed = compiler->closed_count++;
    }
    return node;
}

static const struct node *node_of(struct compiler *compiler, enum node_kind kind, enum expr_type type,
                                  const struct node *left, const struct node *right) {
    struct node *node = left ? node_new(compiler, kind, type) : NULL;
    if (node) {
        node->arguments[0] = left;
        node->arguments[1] = right;
    }
    return node;
}

/* Around everything that can stand in itself. */
static bool enter(struct compiler *compiler) {
    if (!compiler->failed && compiler->depth == EXPR_DEPTH_MAX) {
        MISTAKE(compiler, compiler->token, NULL, "嵌套超过 %d 层", "nested more than %d deep",
                EXPR_DEPTH_MAX);
    }
    compiler->depth++;
    return !compiler->failed;
}

static void leave(struct compiler *compiler) {
    compiler->depth--;
}

static const struct node *nested(struct compiler *compiler) {
    const struct node *node = enter(compiler) ? compile_or(compiler) : NULL;
    leave(compiler);
    return node;
}

static const struct node *need_type(struct compiler *compiler, const struct node *node, enum expr_type type,
                                    struct token at, const char *what) {
    if (node && node->type != type) {
        wrong_type(compiler, at, what, type, node->type, NULL);
        return NULL;
    }
    return node;
}

/* --- literals ------------------------------------------------------------------------------------------- */

static struct text without_escapes(struct compiler *compiler, struct text raw) {
    if (!raw.length || !memchr(raw.at, '\\', raw.length)) {
        return raw;
    }
    char *copy = arena_alloc(compiler->arena, raw.length);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        bool escapes =
            raw.at[i] == '\\' && i + 1 < raw.length && (raw.at[i + 1] == '"' || raw.at[i + 1] == '\\');
        i += escapes;
        copy[length++] = raw.at[i];
    }
    return (struct text){ copy, length };
}

static bool is_literal(const struct compiler *compiler) {
    enum token_kind kind = compiler->token.kind;
    return kind == TOKEN_NUMBER || kind == TOKEN_TEXT || kind == TOKEN_DATE || is_word(compiler, "true")
           || is_word(compiler, "false");
}

static bool read_literal(struct compiler *compiler, struct val *value) {
    struct token token = take(compiler);
    value->known = true;
    bool good = true;
    switch (token.kind) {
    case TOKEN_NUMBER:
        value->type = EXPR_DECIMAL;
        good = decimal_parse(token.text, &value->decimal);
        break;
    case TOKEN_DATE:
        value->type = EXPR_DATE;
        good = day_parse(token.text, &value->day);
        break;
    case TOKEN_TEXT:
        value->type = EXPR_TEXT;
        value->text = without_escapes(compiler, token.text);
        break;
    default: value->type = EXPR_FLAG; value->flag = text_is(token.text, "true");
    }
    if (!good) {
        MISTAKE(compiler, token, NULL, "不是数值或日期：" TEXT_FORMAT, "no number or day: " TEXT_FORMAT,
                TEXT_ARGS(token.text));
    }
    return good;
}

static const struct node *compile_literal(struct compiler *compiler) {
    struct node *node = node_new(compiler, NODE_LITERAL, EXPR_TEXT);
    if (!node || !read_literal(compiler, &node->value)) {
        return NULL;
    }
    node->type = node->value.type;
    return node;
}

/* --- fields --------------------------------------------------------------------------------------------- */

static enum expr_type type_of_field(const struct field *field) {
    switch (field->type) {
    case FIELD_DECIMAL: return EXPR_DECIMAL;
    case FIELD_DATE: return EXPR_DATE;
    case FIELD_MOMENT: return EXPR_MOMENT;
    case FIELD_FLAG: return EXPR_FLAG;
    default: return EXPR_TEXT;
    }
}

/* A name that is not a word of the language. */
static bool is_free_name(const struct compiler *compiler) {
    static const char *const words[] = { "and", "or",   "not",  "in",    "every", "any",   "exists",
                                         "if",  "then", "else", "where", "true",  "false", "today" };
    bool is_free = compiler->token.kind == TOKEN_NAME;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        is_free = is_free && !is_word(compiler, words[i]);
    }
    return is_free;
}

static const struct field *take_field(struct compiler *compiler) {
    if (!is_free_name(compiler)) {
        expected(compiler, "字段", "a field");
        return NULL;
    }
    struct token token = take(compiler);
    bool it = compiler->scope.it && text_is(token.text, "it");
    const struct field *field = it ? compiler->scope.it : fields_find(compiler->scope.fields, token.text);
    if (!field) {
        const struct field *nearest = fields_nearest(compiler->scope.fields, token.text);
        MISTAKE(compiler, token, nearest ? nearest->name : NULL, "没有字段 " TEXT_FORMAT,
                "there is no field " TEXT_FORMAT, TEXT_ARGS(token.text));
    }
    return field;
}

static const char *name_of_group(const struct compiler *compiler, int group) {
    return fields_at(compiler->scope.fields, group)->name;
}

/* A field whose value is meant: it stands once, or in the current row. */
static bool is_in_sight(struct compiler *compiler, const struct field *field, struct token token) {
    if (field->type == FIELD_GROUP) {
        MISTAKE(compiler, token, arena_printf(compiler->arena, "count(%s)", field->name),
                "%s 是组，没有自己的值", "%s is a group and has no value of its own", field->name);
    } else if (field->group >= 0 && compiler->group < 0) {
        const char *group = name_of_group(compiler, field->group);
        MISTAKE(compiler, token, arena_printf(compiler->arena, "every %s: …", group),
                "%s 在每个 %s 中各有一个：请用 every、any 或 sum 等函数",
                "%s stands once in each %s: use every, any or a function such as sum", field->name, group);
    } else if (field->group >= 0 && field->group != compiler->group) {
        MISTAKE(compiler, token, NULL, "%s 不在此处：这里只能用 %s 的字段",
                "%s is not in sight here: only fields of %s are", field->name,
                name_of_group(compiler, compiler->group));
    }
    return !compiler->failed;
}

static const struct node *node_of_field(struct compiler *compiler, enum node_kind kind,
                                        const struct field *field) {
    struct node *node = node_new(compiler, kind, kind == NODE_EXISTS ? EXPR_FLAG : type_of_field(field));
    if (node) {
        node->field = field;
    }
    return node;
}

static const struct node *compile_field(struct compiler *compiler, enum node_kind kind) {
    struct token token = compiler->token;
    const struct field *field = take_field(compiler);
    bool meant = field && is_in_sight(compiler, field, token);
    return meant ? node_of_field(compiler, kind, field) : NULL;
}

/* --- over the rows of a group --------------------------------------------------------------------------- */

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

static const struct field *take_field_of_group(struct compiler *compiler, const struct aggregate *aggregate) {
    struct token token = compiler->token;
    const struct field *field = take_field(compiler);
    if (field && field->group < 0) {
        MISTAKE(compiler, token, NULL, "%s 需要组的字段，如 item.total；%s 只有一个值",
                "%s needs a field of a group, such as item.total; %s stands once", aggregate->name,
                field->name);
    } else if (field && !(aggregate->takes & 1u << type_of_field(field))) {
        enum expr_type found = type_of_field(field);
        mistakes_add(&compiler->mistakes, place_of(token), NULL,
                     arena_printf(compiler->arena, "%s 不能用于%s（%s）", aggregate->name,
                                  type_words[found].zh, field->name),
                     arena_printf(compiler->arena, "%s cannot be taken of %s (%s)", aggregate->name,
                                  type_words[found].en, field->name));
        compiler->failed = true;
    }
    return compiler->failed ? NULL : field;
}

/* [where CONDITION] ")" : the rows that count. */
static bool compile_where(struct compiler *compiler, struct node *node) {
    if (node && take_word(compiler, "where")) {
        int outer = compiler->group;
        struct token at = compiler->token;
        compiler->group = node->group;
        node->arguments[0] = need_type(compiler, nested(compiler), EXPR_FLAG, at, "where");
        compiler->group = outer;
    }
    return node && expect_sign(compiler, ")");
}

static const struct node *compile_aggregate(struct compiler *compiler, const struct aggregate *aggregate) {
    const struct node *asked = NULL; /* of the current row */
    if (aggregate->kind == NODE_EVERY_IN) {
        struct token at = compiler->token;
        asked = need_type(compiler, nested(compiler), EXPR_TEXTS, at, aggregate->name);
        if (!asked || !expect_sign(compiler, ",")) {
            return NULL;
        }
    }
    struct token token = compiler->token;
    const struct field *field = take_field_of_group(compiler, aggregate);
    if (!field) {
        return NULL;
    }
    if (aggregate->kind == NODE_REPEATED) {
        asked = is_in_sight(compiler, field, token) ? node_of_field(compiler, NODE_FIELD, field) : NULL;
        if (!asked) {
            return NULL;
        }
    }
    struct node *node =
        node_over(compiler, aggregate->kind, aggregate->same_type ? type_of_field(field) : aggregate->gives,
                  field->group);
    if (!compile_where(compiler, node)) {
        return NULL;
    }
    node->field = field;
    node->field_type = type_of_field(field);
    node->arguments[1] = asked;
    return node;
}

/* count(GROUP [where ...]) or count(texts) */
static const struct node *compile_count(struct compiler *compiler) {
    const struct field *group =
        compiler->token.kind == TOKEN_NAME ? fields_find(compiler->scope.fields, compiler->token.text) : NULL;
    if (group && group->type == FIELD_GROUP) {
        take(compiler);
        struct node *node = node_over(compiler, NODE_COUNT_ROWS, EXPR_DECIMAL, group->id);
        return compile_where(compiler, node) ? node : NULL;
    }
    struct token at = compiler->token;
    const struct node *texts = need_type(compiler, nested(compiler), EXPR_TEXTS, at, "count");
    return texts && expect_sign(compiler, ")")
               ? node_of(compiler, NODE_COUNT_PARTS, EXPR_DECIMAL, texts, NULL)
               : NULL;
}

static const struct node *compile_quantifier(struct compiler *compiler, enum node_kind kind) {
    struct token token = compiler->token;
    const struct field *group = take_field(compiler);
    if (group && group->type != FIELD_GROUP) {
        MISTAKE(compiler, token, group->group >= 0 ? name_of_group(compiler, group->group) : NULL,
                "%s 不是组", "%s is not a group", group->name);
    }
    if (compiler->failed || !expect_sign(compiler, ":")) {
        return NULL;
    }
    struct node *node = node_over(compiler, kind, EXPR_FLAG, group->id);
    int outer = compiler->group;
    struct token at = compiler->token;
    compiler->group = group->id;
    const struct node *body =
        need_type(compiler, nested(compiler), EXPR_FLAG, at, kind == NODE_EVERY ? "every" : "any");
    compiler->group = outer;
    if (!node || !body) {
        return NULL;
    }
    node->arguments[0] = body;
    return node;
}

/* --- functions ------------------------------------------------------------------------------------------ */

static bool fits_parameter(struct compiler *compiler, const struct node *node, char takes, struct token at,
                           const char *name) {
    const struct {
        char takes;
        enum expr_type type;
    } types[] = {
        { TAKES_TEXT, EXPR_TEXT },      { TAKES_DECIMAL, EXPR_DECIMAL }, { TAKES_DATE, EXPR_DATE },
        { TAKES_MOMENT, EXPR_MOMENT },  { TAKES_TEXTS, EXPR_TEXTS },     { TAKES_LITERAL, EXPR_TEXT },
        { TAKES_PLACES, EXPR_DECIMAL },
    };
    for (size_t i = 0; node && i < sizeof(types) / sizeof(types[0]); i++) {
        if (types[i].takes == takes && !need_type(compiler, node, types[i].type, at, name)) {
            return false;
        }
    }
    bool written_out = node && node->kind == NODE_LITERAL;
    if (node && takes == TAKES_LITERAL && !(written_out && node->value.text.length)) {
        MISTAKE(compiler, at, NULL, "%s 此处需要写明的非空文字",
                "%s needs a text written out here, and not an empty one", name);
    }
    if (node && takes == TAKES_PLACES
        && !(written_out && node->value.decimal.scale == 0 && node->value.decimal.coefficient <= 18)) {
        MISTAKE(compiler, at, NULL, "%s 的小数位数须写明，为 0 至 18",
                "%s needs its places written out, 0 to 18", name);
    }
    return !compiler->failed;
}

static const struct node *compile_call(struct compiler *compiler, const struct function *function) {
    const struct node *arguments[FUNCTION_ARGUMENTS_MAX] = { 0 };
    for (size_t i = 0; function->takes[i]; i++) {
        if (i > 0 && !expect_sign(compiler, ",")) {
            return NULL;
        }
        struct token at = compiler->token;
        arguments[i] = nested(compiler);
        if (!fits_parameter(compiler, arguments[i], function->takes[i], at, function->name)) {
            return NULL;
        }
    }
    struct node *node = expect_sign(compiler, ")") ? node_new(compiler, NODE_CALL, function->gives) : NULL;
    if (node) {
        node->function = function;
        memcpy(node->arguments, arguments, sizeof(arguments));
    }
    return node;
}

static const struct node *unknown_function(struct compiler *compiler, struct token name) {
    struct nearest nearest;
    nearest_start(&nearest, name.text);
    for (size_t i = 0; function_at(i); i++) {
        nearest_try(&nearest, function_at(i)->name);
    }
    for (size_t i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++) {
        nearest_try(&nearest, aggregates[i].name);
    }
    nearest_try(&nearest, "count");
    MISTAKE(compiler, name, nearest_found(&nearest), "没有函数 " TEXT_FORMAT,
            "there is no function " TEXT_FORMAT, TEXT_ARGS(name.text));
    return NULL;
}

/* Behind NAME "(" */
static const struct node *compile_function(struct compiler *compiler, struct token name) {
    if (text_is(name.text, "count")) {
        return compile_count(compiler);
    }
    for (size_t i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++) {
        if (text_is(name.text, aggregates[i].name)) {
            return compile_aggregate(compiler, &aggregates[i]);
        }
    }
    const struct function *function = function_find(name.text);
    return function ? compile_call(compiler, function) : unknown_function(compiler, name);
}

/* --- the levels of the grammar, highest first ----------------------------------------------------------- */

static const struct node *compile_if(struct compiler *compiler) {
    struct token at = compiler->token;
    const struct node *condition = need_type(compiler, nested(compiler), EXPR_FLAG, at, "if");
    const struct node *then = expect_word(compiler, "then") ? nested(compiler) : NULL;
    bool has_else = expect_word(compiler, "else");
    at = compiler->token;
    const struct node *otherwise = has_else ? nested(compiler) : NULL;
    if (!condition || !then || !need_type(compiler, otherwise, then->type, at, "else")) {
        return NULL;
    }
    struct node *node = node_new(compiler, NODE_IF, then->type);
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
    if (is_literal(compiler)) {
        return compile_literal(compiler);
    }
    if (take_word(compiler, "today")) {
        return node_new(compiler, NODE_TODAY, EXPR_DATE);
    }
    if (take_word(compiler, "exists")) {
        return compile_field(compiler, NODE_EXISTS);
    }
    if (take_word(compiler, "if")) {
        return compile_if(compiler);
    }
    if (take_sign(compiler, "(")) {
        const struct node *node = nested(compiler);
        return expect_sign(compiler, ")") ? node : NULL;
    }
    if (is_free_name(compiler) && call_follows(compiler)) {
        struct token name = take(compiler);
        take(compiler);
        return compile_function(compiler, name);
    }
    if (is_free_name(compiler)) {
        return compile_field(compiler, NODE_FIELD);
    }
    expected(compiler, "值", "a value");
    return NULL;
}

static const struct node *compile_unary(struct compiler *compiler) {
    struct token sign = compiler->token;
    if (!take_sign(compiler, "-")) {
        return compile_primary(compiler);
    }
    const struct node *node = enter(compiler) ? compile_unary(compiler) : NULL;
    leave(compiler);
    return node_of(compiler, NODE_NEGATE, EXPR_DECIMAL, need_type(compiler, node, EXPR_DECIMAL, sign, "-"),
                   NULL);
}

static const struct node *compile_product(struct compiler *compiler) {
    const struct node *left = compile_unary(compiler);
    while (left && is_sign(compiler, "*")) {
        struct token sign = take(compiler);
        const struct node *right = compile_unary(compiler);
        bool good = need_type(compiler, left, EXPR_DECIMAL, sign, "*")
                    && need_type(compiler, right, EXPR_DECIMAL, sign, "*");
        left = good ? node_of(compiler, NODE_MULTIPLY, EXPR_DECIMAL, left, right) : NULL;
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
            return node_of(compiler, kind, sums[i].gives, left, right);
        }
    }
    if (left && right && !compiler->failed) {
        compiler->failed = true;
        const char *written = arena_copy(compiler->arena, sign.text);
        mistakes_add(&compiler->mistakes, place_of(sign), NULL,
                     arena_printf(compiler->arena, "%s 不能用于%s与%s", written, type_words[left->type].zh,
                                  type_words[right->type].zh),
                     arena_printf(compiler->arena, "%s does not join %s and %s", written,
                                  type_words[left->type].en, type_words[right->type].en));
    }
    return NULL;
}

static const struct node *compile_sum(struct compiler *compiler) {
    const struct node *left = compile_product(compiler);
    while (left && (is_sign(compiler, "+") || is_sign(compiler, "-"))) {
        struct token sign = take(compiler);
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
        if (is_sign(compiler, comparisons[i].sign)) {
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
    struct token sign = take(compiler), at = compiler->token;
    const struct node *right = compile_sum(compiler);
    enum comparison chained;
    if (!left || !right) {
        return NULL;
    }
    const char *written = arena_copy(compiler->arena, sign.text);
    if (right->type != left->type) {
        wrong_type(compiler, at, written, left->type, right->type,
                   literal_as_text(compiler, left, right, at));
    } else if (left->type == EXPR_TEXTS) {
        MISTAKE(compiler, sign, "contains", "split 的结果不能用 %s 比较",
                "what split gives cannot be compared with %s", written);
    } else if (comparison > COMPARE_UNEQUAL && (left->type == EXPR_TEXT || left->type == EXPR_FLAG)) {
        MISTAKE(compiler, sign, NULL, "此处只能用 = 和 !=，不能用 %s", "only = and != compare these, not %s",
                written);
    } else if (is_comparison(compiler, &chained)) {
        MISTAKE(compiler, compiler->token, "a < b and b < c", "比较不能连写",
                "comparisons cannot be chained");
    }
    struct node *node = node_new(compiler, NODE_COMPARE, EXPR_FLAG);
    if (node) {
        node->comparison = comparison;
        node->arguments[0] = left;
        node->arguments[1] = right;
    }
    return node;
}

/* in LIST */
static const struct node *compile_in_list(struct compiler *compiler, const struct node *left,
                                          struct token in) {
    struct token name = take(compiler);
    const struct codelist *list = codelists_find(compiler->scope.lists, name.text);
    if (!list) {
        MISTAKE(compiler, name, codelists_nearest(compiler->scope.lists, name.text),
                "没有代码表 " TEXT_FORMAT, "there is no code list " TEXT_FORMAT, TEXT_ARGS(name.text));
    }
    left = need_type(compiler, left, EXPR_TEXT, in, "in");
    struct node *node = left ? node_new(compiler, NODE_IN_LIST, EXPR_FLAG) : NULL;
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
        if (!is_literal(compiler)) {
            expected(compiler, "写明的值", "a value written out");
        }
        if (compiler->failed || !count_node(compiler) || !read_literal(compiler, &set[count])) {
            return NULL;
        }
        if (set[count].type != left->type) {
            wrong_type(compiler, at, "in", left->type, set[count].type, NULL);
            return NULL;
        }
        count++;
    } while (take_sign(compiler, ","));
    struct node *node = expect_sign(compiler, ")") ? node_new(compiler, NODE_IN_SET, EXPR_FLAG) : NULL;
    if (node) {
        node->set = set;
        node->set_count = count;
        node->arguments[0] = left;
    }
    return node;
}

static const struct node *compile_membership(struct compiler *compiler, const struct node *left,
                                             bool negated) {
    struct token in = take(compiler);
    const struct node *found = NULL;
    if (!left) {
        return NULL;
    }
    if (take_sign(compiler, "(")) {
        found = compile_in_set(compiler, left);
    } else if (compiler->token.kind == TOKEN_NAME) {
        found = compile_in_list(compiler, left, in);
    } else {
        expected(compiler, "代码表名或 (…)", "the name of a code list or (...)");
    }
    return negated ? node_of(compiler, NODE_NOT, EXPR_FLAG, found, NULL) : found;
}

static bool not_in_follows(const struct compiler *compiler) {
    struct tokens ahead = compiler->tokens;
    struct token next = tokens_next(&ahead);
    return is_word(compiler, "not") && next.kind == TOKEN_NAME && text_is(next.text, "in");
}

static const struct node *compile_compare(struct compiler *compiler) {
    const struct node *left = compile_sum(compiler);
    enum comparison comparison;
    if (left && is_comparison(compiler, &comparison)) {
        return compile_comparison(compiler, left, comparison);
    }
    bool negated = left && not_in_follows(compiler);
    if (negated) {
        take(compiler);
    }
    return left && is_word(compiler, "in") ? compile_membership(compiler, left, negated) : left;
}

static const struct node *compile_not(struct compiler *compiler) {
    struct token word = compiler->token;
    if (take_word(compiler, "not")) {
        const struct node *node = enter(compiler) ? compile_not(compiler) : NULL;
        leave(compiler);
        return node_of(compiler, NODE_NOT, EXPR_FLAG, need_type(compiler, node, EXPR_FLAG, word, "not"),
                       NULL);
    }
    if (take_word(compiler, "every")) {
        return compile_quantifier(compiler, NODE_EVERY);
    }
    if (take_word(compiler, "any")) {
        return compile_quantifier(compiler, NODE_ANY);
    }
    return compile_compare(compiler);
}

static const struct node *compile_joined(struct compiler *compiler, const char *word, enum node_kind kind,
                                         const struct node *(*operand)(struct compiler *)) {
    struct token at = compiler->token;
    const struct node *left = operand(compiler);
    while (left && take_word(compiler, word)) {
        left = need_type(compiler, left, EXPR_FLAG, at, word);
        at = compiler->token;
        const struct node *right = need_type(compiler, operand(compiler), EXPR_FLAG, at, word);
        left = left && right ? node_of(compiler, kind, EXPR_FLAG, left, right) : NULL;
    }
    return left;
}

static const struct node *compile_and(struct compiler *compiler) {
    return compile_joined(compiler, "and", NODE_AND, compile_not);
}

static const struct node *compile_or(struct compiler *compiler) {
    return compile_joined(compiler, "or", NODE_OR, compile_and);
}

/* --- the whole ------------------------------------------------------------------------------------------ */

/* Does its value depend on the current row? What a closed node goes over, its first argument, does not. */
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

const struct expr *expr_compile(struct expr_source source, struct expr_scope scope, const struct field *each,
                                struct arena *arena, struct verdict *mistakes) {
    require(!each || each->type == FIELD_GROUP);
    struct compiler compiler = {
        .scope = scope,
        .arena = arena,
        .mistakes = { mistakes, "LINT-EXPR", source.file },
        .group = each ? each->id : -1,
    };
    tokens_init(&compiler.tokens, &source);
    compiler.token = tokens_next(&compiler.tokens);
    if (source.text.length > EXPR_SOURCE_MAX) {
        MISTAKE(&compiler, compiler.token, NULL, "表达式超过 %d 字节",
                "the expression has more than %d bytes", EXPR_SOURCE_MAX);
    }
    struct token first = compiler.token;
    const struct node *root = compiler.failed ? NULL : compile_or(&compiler);
    if (root && compiler.token.kind != TOKEN_END) {
        expected(&compiler, "运算符或表达式结尾", "an operator or the end");
    }
    if (root && root->type == EXPR_TEXTS) {
        MISTAKE(&compiler, first, NULL, "split 的结果只能用在 count、contains、every_in 中",
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
    return expr;
}
