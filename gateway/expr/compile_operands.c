/*
 * compile_operands.c - what stands alone in an expression: a value written out, a field, a call of a named
 * function.
 */
#include <string.h>

#include "base/status.h"
#include "message/mistakes.h"
#include "expr/compiler.h"

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

bool compile_is_literal(const struct compiler *compiler) {
    enum token_kind kind = compiler->token.kind;
    return kind == TOKEN_NUMBER || kind == TOKEN_TEXT || kind == TOKEN_DATE
           || compiler_is_word(compiler, "true") || compiler_is_word(compiler, "false");
}

bool compile_read_literal(struct compiler *compiler, struct val *value) {
    require(compile_is_literal(compiler));
    struct token token = compiler_take(compiler);
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
        COMPILER_MISTAKE(compiler, token, NULL, "不是数值或日期：" TEXT_FORMAT,
                         "no number or day: " TEXT_FORMAT, TEXT_ARGS(token.text));
    }
    return good;
}

const struct node *compile_literal(struct compiler *compiler) {
    require(compile_is_literal(compiler));
    struct node *node = compiler_node(compiler, NODE_LITERAL, EXPR_TEXT);
    if (!node || !compile_read_literal(compiler, &node->value)) {
        return NULL;
    }
    node->type = node->value.type;
    return node;
}

/* --- fields --------------------------------------------------------------------------------------------- */

enum expr_type compile_type_of_field(const struct field *field) {
    switch (field->type) {
    case FIELD_DECIMAL: return EXPR_DECIMAL;
    case FIELD_DATE: return EXPR_DATE;
    case FIELD_MOMENT: return EXPR_MOMENT;
    case FIELD_FLAG: return EXPR_FLAG;
    default: return EXPR_TEXT;
    }
}

bool compile_is_free_name(const struct compiler *compiler) {
    static const char *const words[] = { "and", "or",   "not",  "in",    "every", "any",   "exists",
                                         "if",  "then", "else", "where", "true",  "false", "today" };
    bool is_free = compiler->token.kind == TOKEN_NAME;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        is_free = is_free && !compiler_is_word(compiler, words[i]);
    }
    return is_free;
}

const struct field *compile_take_field(struct compiler *compiler) {
    if (!compile_is_free_name(compiler)) {
        compiler_expected(compiler, "字段", "a field");
        return NULL;
    }
    struct token token = compiler_take(compiler);
    bool it = compiler->scope.it && text_is(token.text, "it");
    const struct field *field = it ? compiler->scope.it : fields_find(compiler->scope.fields, token.text);
    if (!field) {
        const struct field *nearest = fields_nearest(compiler->scope.fields, token.text);
        COMPILER_MISTAKE(compiler, token, nearest ? nearest->name : NULL, "没有字段 " TEXT_FORMAT,
                         "there is no field " TEXT_FORMAT, TEXT_ARGS(token.text));
    }
    return field;
}

const char *compile_name_of_group(const struct compiler *compiler, int group) {
    require(group >= 0);
    return fields_at(compiler->scope.fields, group)->name;
}

bool compile_is_in_sight(struct compiler *compiler, const struct field *field, struct token token) {
    if (field->type == FIELD_GROUP) {
        COMPILER_MISTAKE(compiler, token, arena_printf(compiler->arena, "count(%s)", field->name),
                         "%s 是组，没有自己的值", "%s is a group and has no value of its own", field->name);
    } else if (field->group >= 0 && compiler->group < 0) {
        const char *group = compile_name_of_group(compiler, field->group);
        COMPILER_MISTAKE(compiler, token, arena_printf(compiler->arena, "every %s: …", group),
                         "%s 在每个 %s 中各有一个：请用 every、any 或 sum 等函数",
                         "%s stands once in each %s: use every, any or a function such as sum", field->name,
                         group);
    } else if (field->group >= 0 && field->group != compiler->group) {
        COMPILER_MISTAKE(compiler, token, NULL, "%s 不在此处：这里只能用 %s 的字段",
                         "%s is not in sight here: only fields of %s are", field->name,
                         compile_name_of_group(compiler, compiler->group));
    }
    return !compiler->failed;
}

const struct node *compile_node_of_field(struct compiler *compiler, enum node_kind kind,
                                         const struct field *field) {
    require(kind == NODE_FIELD || kind == NODE_EXISTS);
    struct node *node =
        compiler_node(compiler, kind, kind == NODE_EXISTS ? EXPR_FLAG : compile_type_of_field(field));
    if (node) {
        node->field = field;
    }
    return node;
}

const struct node *compile_field(struct compiler *compiler, enum node_kind kind) {
    require(kind == NODE_FIELD || kind == NODE_EXISTS);
    struct token token = compiler->token;
    const struct field *field = compile_take_field(compiler);
    bool meant = field && compile_is_in_sight(compiler, field, token);
    return meant ? compile_node_of_field(compiler, kind, field) : NULL;
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
        if (types[i].takes == takes && !compiler_need_type(compiler, node, types[i].type, at, name)) {
            return false;
        }
    }
    bool written_out = node && node->kind == NODE_LITERAL;
    if (node && takes == TAKES_LITERAL && !(written_out && node->value.text.length)) {
        COMPILER_MISTAKE(compiler, at, NULL, "%s 此处需要写明的非空文字",
                         "%s needs a text written out here, and not an empty one", name);
    }
    if (node && takes == TAKES_PLACES
        && !(written_out && node->value.decimal.scale == 0 && node->value.decimal.coefficient <= 18)) {
        COMPILER_MISTAKE(compiler, at, NULL, "%s 的小数位数须写明，为 0 至 18",
                         "%s needs its places written out, 0 to 18", name);
    }
    return !compiler->failed;
}

static const struct node *compile_call(struct compiler *compiler, const struct function *function) {
    const struct node *arguments[FUNCTION_ARGUMENTS_MAX] = { 0 };
    for (size_t i = 0; function->takes[i]; i++) {
        if (i > 0 && !compiler_expect_sign(compiler, ",")) {
            return NULL;
        }
        struct token at = compiler->token;
        arguments[i] = compile_nested(compiler);
        if (!fits_parameter(compiler, arguments[i], function->takes[i], at, function->name)) {
            return NULL;
        }
    }
    struct node *node =
        compiler_expect_sign(compiler, ")") ? compiler_node(compiler, NODE_CALL, function->gives) : NULL;
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
    for (size_t i = 0; compile_aggregate_at(i); i++) {
        nearest_try(&nearest, compile_aggregate_at(i));
    }
    nearest_try(&nearest, "count");
    COMPILER_MISTAKE(compiler, name, nearest_found(&nearest), "没有函数 " TEXT_FORMAT,
                     "there is no function " TEXT_FORMAT, TEXT_ARGS(name.text));
    return NULL;
}

const struct node *compile_function(struct compiler *compiler, struct token name) {
    if (text_is(name.text, "count")) {
        return compile_count(compiler);
    }
    const struct aggregate *aggregate = compile_find_aggregate(name.text);
    if (aggregate) {
        return compile_aggregate(compiler, aggregate);
    }
    const struct function *function = function_find(name.text);
    return function ? compile_call(compiler, function) : unknown_function(compiler, name);
}
