/*
 * compiler.c - what all levels of the grammar do alike: look at a token and take it, make a node within the
 * limits, tell the first mistake. After that every function gives NULL or false, so none needs to look twice.
 */
#include "expr/compiler.h"

#include "base/status.h"

static const struct {
    const char *zh, *en;
} type_words[] = {
#define X(name, zh, en) [EXPR_##name] = { zh, en },
    EXPR_TYPE_LIST(X)
#undef X
};

struct place compiler_place(struct token token) {
    return mistake_place(token.line, token.column, token.text);
}

const char *compiler_type_zh(enum expr_type type) {
    require(type <= EXPR_TEXTS);
    return type_words[type].zh;
}

const char *compiler_type_en(enum expr_type type) {
    require(type <= EXPR_TEXTS);
    return type_words[type].en;
}

void compiler_mistake(struct compiler *compiler, struct token token, const char *meant, const char *zh,
                      const char *en) {
    require(zh && en);
    if (!compiler->failed) {
        compiler->failed = true;
        mistakes_add(&compiler->mistakes, compiler_place(token), meant, zh, en);
    }
}

void compiler_wrong_type(struct compiler *compiler, struct token token, const char *what,
                         enum expr_type wanted, enum expr_type found, const char *meant) {
    require(wanted <= EXPR_TEXTS && found <= EXPR_TEXTS);
    compiler_mistake(compiler, token, meant,
                     arena_printf(compiler->arena, "%s 需要%s，而这里是%s", what, type_words[wanted].zh,
                                  type_words[found].zh),
                     arena_printf(compiler->arena, "%s needs %s, and this is %s", what, type_words[wanted].en,
                                  type_words[found].en));
}

static const char *quoted_name(struct compiler *compiler, struct token token) {
    return token.kind == TOKEN_END ? "" : arena_copy(compiler->arena, token.text);
}

void compiler_expected(struct compiler *compiler, const char *zh, const char *en) {
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
    compiler_mistake(compiler, token, meant, zh_sentence, en_sentence);
}

/* --- tokens --------------------------------------------------------------------------------------------- */

struct token compiler_take(struct compiler *compiler) {
    struct token token = compiler->token;
    compiler->taken = token.text.at + token.text.length + (token.kind == TOKEN_TEXT); /* its quote */
    compiler->token = tokens_next(&compiler->tokens);
    return token;
}

bool compiler_is_sign(const struct compiler *compiler, const char *sign) {
    return compiler->token.kind == TOKEN_SIGN && text_is(compiler->token.text, sign);
}

bool compiler_is_word(const struct compiler *compiler, const char *word) {
    return compiler->token.kind == TOKEN_NAME && text_is(compiler->token.text, word);
}

bool compiler_take_sign(struct compiler *compiler, const char *sign) {
    bool found = compiler_is_sign(compiler, sign);
    if (found) {
        compiler_take(compiler);
    }
    return found;
}

bool compiler_take_word(struct compiler *compiler, const char *word) {
    bool found = compiler_is_word(compiler, word);
    if (found) {
        compiler_take(compiler);
    }
    return found;
}

bool compiler_expect_sign(struct compiler *compiler, const char *sign) {
    if (!compiler->failed && !compiler_take_sign(compiler, sign)) {
        compiler_expected(compiler, sign, sign);
    }
    return !compiler->failed;
}

bool compiler_expect_word(struct compiler *compiler, const char *word) {
    if (!compiler->failed && !compiler_take_word(compiler, word)) {
        compiler_expected(compiler, word, word);
    }
    return !compiler->failed;
}

/* --- nodes ---------------------------------------------------------------------------------------------- */

bool compiler_count_node(struct compiler *compiler) {
    require(compiler->nodes <= EXPR_NODES_MAX);
    if (compiler->nodes == EXPR_NODES_MAX) {
        COMPILER_MISTAKE(compiler, compiler->token, NULL, "表达式过长：超过 %d 个运算与操作数",
                         "the expression is too long: more than %d operators and operands", EXPR_NODES_MAX);
        return false;
    }
    compiler->nodes++;
    return true;
}

struct node *compiler_node(struct compiler *compiler, enum node_kind kind, enum expr_type type) {
    require(kind <= NODE_COUNT_PARTS && type <= EXPR_TEXTS);
    if (compiler->failed || !compiler_count_node(compiler)) {
        return NULL;
    }
    struct node *node = arena_alloc(compiler->arena, sizeof(*node));
    *node = (struct node){ .kind = kind, .type = type, .group = -1, .closed = -1 };
    return node;
}

struct node *compiler_node_over(struct compiler *compiler, enum node_kind kind, enum expr_type type,
                                int group) {
    require(group >= 0 && compiler->closed_count <= EXPR_NODES_MAX);
    struct node *node = compiler_node(compiler, kind, type);
    if (node) {
        node->group = group;
        node->closed = compiler->closed_count++;
    }
    return node;
}

const struct node *compiler_node_of(struct compiler *compiler, enum node_kind kind, enum expr_type type,
                                    const struct node *left, const struct node *right) {
    struct node *node = left ? compiler_node(compiler, kind, type) : NULL;
    if (node) {
        node->arguments[0] = left;
        node->arguments[1] = right;
    }
    return node;
}

bool compiler_enter(struct compiler *compiler) {
    if (!compiler->failed && compiler->depth == EXPR_DEPTH_MAX) {
        COMPILER_MISTAKE(compiler, compiler->token, NULL, "嵌套超过 %d 层", "nested more than %d deep",
                         EXPR_DEPTH_MAX);
    }
    compiler->depth++;
    return !compiler->failed;
}

void compiler_leave(struct compiler *compiler) {
    require(compiler->depth > 0); /* as often as entered */
    compiler->depth--;
}

const struct node *compiler_need_type(struct compiler *compiler, const struct node *node, enum expr_type type,
                                      struct token at, const char *what) {
    if (node && node->type != type) {
        compiler_wrong_type(compiler, at, what, type, node->type, NULL);
        return NULL;
    }
    return node;
}
