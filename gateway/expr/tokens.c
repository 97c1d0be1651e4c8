/* tokens.c - one token at a time, with its place; what cannot begin one is a token that says so. */
#include "expr/tokens.h"

#include <string.h>

#include "base/status.h"

void tokens_init(struct tokens *tokens, const struct expr_source *source) {
    const char *at = source->text.length ? source->text.at : "";
    *tokens = (struct tokens){
        .at = at,
        .begin = at,
        .counted = at,
        .end = at + source->text.length,
        .line = source->line,
        .column = source->column,
    };
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Brings line and column to tokens->at; called often, so nothing is counted twice. */
static void count(struct tokens *tokens) {
    while (tokens->counted < tokens->at) {
        if (*tokens->counted == '\n') {
            tokens->line++;
            tokens->column = 1;
            tokens->counted++;
        } else {
            tokens->column++;
            text_next(&tokens->counted, tokens->end);
        }
    }
}

static bool starts(const struct tokens *tokens, const char *sign) {
    size_t length = strlen(sign);
    return (size_t)(tokens->end - tokens->at) >= length && memcmp(tokens->at, sign, length) == 0;
}

static void skip(struct tokens *tokens) {
    bool line_begins = false, behind_blank = tokens->at == tokens->begin;
    while (tokens->at < tokens->end) {
        if (is_blank(*tokens->at)) {
            line_begins = line_begins || *tokens->at == '\n';
            behind_blank = true;
            tokens->at++;
        } else if (*tokens->at == '#' && behind_blank) {
            while (tokens->at < tokens->end && *tokens->at != '\n') {
                tokens->at++;
            }
        } else if (line_begins && starts(tokens, "...")) {
            tokens->at += strlen("...");
            line_begins = false;
        } else {
            return;
        }
    }
}

static bool date_follows(const struct tokens *tokens) {
    static const char shape[] = "9999-99-99";
    size_t length = strlen(shape);
    if ((size_t)(tokens->end - tokens->at) < length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (shape[i] == '9' ? !is_digit(tokens->at[i]) : tokens->at[i] != shape[i]) {
            return false;
        }
    }
    return tokens->at + length == tokens->end || !is_digit(tokens->at[length]);
}

/* A dot belongs to a name or number only when more of it follows. */
static const char *behind_run(const struct tokens *tokens, bool letters) {
    const char *at = tokens->at;
    while (at < tokens->end) {
        bool more = is_digit(*at) || (letters && is_letter(*at));
        bool dot = *at == '.' && at + 1 < tokens->end && (is_digit(at[1]) || (letters && is_letter(at[1])));
        if (!more && !dot) {
            break;
        }
        at++;
    }
    return at;
}

static struct token quoted(struct tokens *tokens, struct token token) {
    const char *at = tokens->at + 1;
    while (at < tokens->end && *at != '"' && *at != '\n') {
        at += *at == '\\' && at + 1 < tokens->end ? 2 : 1;
    }
    bool closed = at < tokens->end && *at == '"';
    token.kind = closed ? TOKEN_TEXT : TOKEN_OPEN_QUOTE;
    token.text = (struct text){ tokens->at + 1, (size_t)(at - tokens->at) - 1 };
    tokens->at = closed ? at + 1 : tokens->end;
    return token;
}

/* Longest first. The last five are not of the language: they are known so that the writer can be told what
   is. */
static const char *const signs[] = { "<=", ">=", "!=", "==", "<>", "&&", "||", "<", ">", "=", "+",
                                     "-",  "*",  "(",  ")",  ",",  ":",  "!",  "'", "/", "%" };

struct token tokens_next(struct tokens *tokens) {
    require(tokens->begin <= tokens->at && tokens->at <= tokens->end);
    skip(tokens);
    count(tokens);
    struct token token = {
        .kind = TOKEN_END,
        .text = { tokens->at, 0 },
        .line = tokens->line,
        .column = tokens->column,
    };
    if (tokens->at == tokens->end) {
        return token;
    }
    const char *begin = tokens->at;
    if (*begin == '"') {
        return quoted(tokens, token);
    }
    if (date_follows(tokens)) {
        token.kind = TOKEN_DATE;
        tokens->at += strlen("YYYY-MM-DD");
    } else if (is_digit(*begin)) {
        token.kind = TOKEN_NUMBER;
        tokens->at = behind_run(tokens, false);
    } else if (is_letter(*begin)) {
        token.kind = TOKEN_NAME;
        tokens->at = behind_run(tokens, true);
    } else {
        token.kind = TOKEN_STRANGE;
        for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]) && token.kind == TOKEN_STRANGE; i++) {
            if (starts(tokens, signs[i])) {
                token.kind = TOKEN_SIGN;
                tokens->at += strlen(signs[i]);
            }
        }
        if (token.kind == TOKEN_STRANGE) {
            text_next(&tokens->at, tokens->end);
        }
    }
    token.text.length = (size_t)(tokens->at - begin);
    return token;
}
