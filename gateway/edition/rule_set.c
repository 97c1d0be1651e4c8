/*
 * rule_set.c - blocks of schemas/rules become compiled rules.
 *
 * The lines of a block may come in any order, and what they mean depends on its `each` and its `for`: so they
 * are kept, and understood when the block ends, once for each subject of a `for`. An expression is compiled
 * where it stands in the file, continuation lines and all (expr skips their `...`), so its mistakes have the
 * file's own lines and columns.
 */
#include "edition/rule_set.h"

#include <string.h>

#include "base/buf.h"
#include "base/stamp.h"
#include "base/status.h"
#include "edition/block.h"
#include "edition/edition.h"

#define SUBJECTS_MAX 100 /* fields of one `for` */
#define SENTENCE_MAX (16 * 1024)

/* An expression may span lines: it runs from where it begins to the end of its last line. */
struct span {
    struct text text;
    uint32_t line, column; /* line 0: it was not given */
};

struct sentence {
    struct text text;
    uint32_t line, column;
};

/* The block that is open. */
struct draft {
    struct rule rule;
    const struct field *subjects[SUBJECTS_MAX]; /* its `for` */
    size_t subjects_count;
    const struct field *it; /* the subject whose rule is being made; NULL: the block has none */
    struct span when, require;
    struct line places; /* the `at` line */
    struct sentence zh, en, hint_zh, hint_en;
};

/* --- the head of a block: rule CODE SEVERITY FAMILIES ... ----------------------------------------------- */

static bool is_code(struct text code) {
    for (size_t i = 0; i < code.length; i++) {
        char c = code.at[i];
        bool good = (c >= 'A' && c <= 'Z') || (i > 0 && ((c >= '0' && c <= '9') || c == '-'));
        if (!good) {
            return false;
        }
    }
    return code.length > 0 && code.length <= 32;
}

static bool read_option(struct block *block, size_t word) {
    struct rule *rule = &((struct draft *)block->open)->rule;
    if (word + 1 == block->line->count) {
        return false;
    }
    struct text value = block->line->words[word + 1].text;
    if (block_is(block, word, "since") || block_is(block, word, "until")) {
        return day_parse(value, block_is(block, word, "since") ? &rule->since : &rule->until);
    }
    if (block_is(block, word, "basis")) {
        rule->basis = block_word(block, word + 1);
        return true;
    }
    rule->stage = text_is(value, "engine") ? RULE_ENGINE : RULE_CHECK;
    return block_is(block, word, "stage") && (text_is(value, "engine") || text_is(value, "check"));
}

static void start(struct block *block) {
    struct draft *draft = block->open = block->scratch;
    *draft = (struct draft){ .rule = { .code = "",
                                       .since = INT32_MIN,
                                       .until = INT32_MAX,
                                       .zh = "",
                                       .en = "",
                                       .hint_zh = "",
                                       .hint_en = "",
                                       .basis = "",
                                       .families_text = "",
                                       .when_text = "",
                                       .require_text = "",
                                       .at_text = "",
                                       .line = block->line->number } };
}

static bool read_head(struct block *block) {
    const struct line *line = block->line;
    if (line->count < 4) {
        return block_wrong(block, line->count);
    }
    start(block);
    struct rule *rule = &((struct draft *)block->open)->rule;
    if (!is_code(line->words[1].text)) {
        BLOCK_MISTAKE(
            block, mistake_word(line, 1), NULL, "规则代码须为大写字母、数字和 -，以字母开头，不超过 32 字节",
            "a rule's code has capital letters, digits and -, begins with a letter and has at most 32 bytes");
    }
    rule->code = block_word(block, 1);
    if (!severity_of(line->words[2].text, &rule->severity)) {
        BLOCK_MISTAKE(block, mistake_word(line, 2), NULL, "严重程度为 error、warning 或 observe",
                      "a severity is error, warning or observe");
    }
    rule->families_text = block_word(block, 3);
    families_read(block, 3, &rule->families);
    for (size_t i = 4; i < line->count; i += 2) {
        if (!read_option(block, i)) {
            BLOCK_MISTAKE(block, mistake_word(line, i), NULL,
                          "此处应为 since 日期、until 日期、basis \"文字\" 或 stage check|engine",
                          "expected since DAY, until DAY, basis \"TEXT\" or stage check|engine");
            break;
        }
    }
    return true;
}

/* --- its lines ------------------------------------------------------------------------------------------ */

static bool read_each(struct block *block) {
    struct draft *draft = block->open;
    if (block->line->count != 2) {
        return false;
    }
    struct text name = block->line->words[1].text;
    const struct field *group = fields_find(block->fields, name);
    if (group && group->type == FIELD_GROUP) {
        draft->rule.each = group;
        return true;
    }
    const struct field *nearest = fields_nearest(block->fields, name);
    bool meant = nearest && nearest->type == FIELD_GROUP;
    BLOCK_MISTAKE(block, mistake_word(block->line, 1), meant ? nearest->name : NULL, "没有组 " TEXT_FORMAT,
                  "there is no group " TEXT_FORMAT, TEXT_ARGS(name));
    return true;
}

static bool read_for(struct block *block) {
    struct draft *draft = block->open;
    for (size_t i = 1; i < block->line->count; i++) {
        const struct field *field = block_field(block, i);
        if (field && (field->type == FIELD_GROUP || draft->subjects_count == SUBJECTS_MAX)) {
            BLOCK_MISTAKE(block, mistake_word(block->line, i), NULL, "for 之后为至多 %d 个有值的字段",
                          "for takes up to %d fields that have values", SUBJECTS_MAX);
        } else if (field) {
            draft->subjects[draft->subjects_count++] = field;
        }
    }
    return block->line->count > 1;
}

/* What stands behind the key; nothing at all may follow on a `...` line. */
static struct span span_of(const struct line *line) {
    return (struct span){ line->rest, line->number, mistake_word(line, 1).column };
}

static bool read_when(struct block *block) {
    ((struct draft *)block->open)->when = span_of(block->line);
    return true;
}

static bool read_require(struct block *block) {
    ((struct draft *)block->open)->require = span_of(block->line);
    return true;
}

static bool continue_expression(struct block *block) {
    struct draft *draft = block->open;
    const char *before = block->before ? block->before->name : "";
    struct span *span = strcmp(before, "when") == 0      ? &draft->when
                        : strcmp(before, "require") == 0 ? &draft->require
                                                         : NULL;
    const struct text rest = block->line->rest;
    if (!span) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 0), NULL, "... 只能续写 when 或 require",
                      "... continues a when or a require only");
    } else if (!span->text.length) {
        *span = span_of(block->line);
    } else if (rest.length) {
        span->text.length = (size_t)(rest.at + rest.length - span->text.at);
    }
    return true;
}

static bool read_at(struct block *block) {
    ((struct draft *)block->open)->places = *block->line;
    return block->line->count > 1;
}

static bool read_sentence(struct block *block, struct sentence *out) {
    *out = (struct sentence){ block->line->rest, block->line->number, block->line->rest_column };
    return block->line->count > 1;
}

static bool read_zh(struct block *block) {
    return read_sentence(block, &((struct draft *)block->open)->zh);
}
static bool read_en(struct block *block) {
    return read_sentence(block, &((struct draft *)block->open)->en);
}
static bool read_hint_zh(struct block *block) {
    return read_sentence(block, &((struct draft *)block->open)->hint_zh);
}
static bool read_hint_en(struct block *block) {
    return read_sentence(block, &((struct draft *)block->open)->hint_en);
}

/* --- the end of a block: everything is there ------------------------------------------------------------ */

static bool in_sight(const struct rule *rule, const struct field *field) {
    return field->type != FIELD_GROUP && (field->group < 0 || (rule->each && field->group == rule->each->id));
}

static const struct expr *compile(struct block *block, const struct span *span, const char *what) {
    const struct draft *draft = block->open;
    struct expr_source source = {
        .file = block->mistakes.file,
        .text = span->text,
        .line = span->line,
        .column = span->column,
    };
    struct expr_scope scope = { block->fields, block->lists, draft->it };
    const struct expr *expr =
        expr_compile(source, scope, draft->rule.each, block->arena, block->mistakes.verdict);
    block->spoilt |= !expr;
    if (expr && expr_type(expr) != EXPR_FLAG) {
        BLOCK_MISTAKE(block, mistake_place(span->line, span->column, span->text), NULL, "%s 须为真假",
                      "%s needs true or false", what);
    }
    return expr;
}

/* Up to a comment: a # behind a blank and outside quotes. */
static struct text without_comment(struct text line) {
    bool quoted = false;
    for (size_t i = 0; i < line.length; i++) {
        if (line.at[i] == '"' && (i == 0 || line.at[i - 1] != '\\')) {
            quoted = !quoted;
        } else if (line.at[i] == '#' && !quoted
                   && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t')) {
            line.length = i;
        }
    }
    return line;
}

/* The expression on one line, as people read it: without the breaks, the `...` and the comments of its
   lines. */
static const char *on_one_line(struct arena *arena, struct text rest) {
    struct buf buf;
    buf_init(&buf, EXPR_SOURCE_MAX + 1);
    while (rest.at) {
        struct text line = text_trim(text_until(&rest, '\n'));
        if (buf.length && text_starts(line, "...")) {
            line = (struct text){ line.at + strlen("..."), line.length - strlen("...") };
        }
        line = text_trim(without_comment(line));
        buf_add_string(&buf, buf.length && line.length ? " " : "");
        buf_add_text(&buf, line);
    }
    const char *copied = arena_copy(arena, buf_text(&buf));
    buf_release(&buf);
    return copied;
}

/* --- `it` ----------------------------------------------------------------------------------------------- */

static bool is_name_sign(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* An expression as people read it: with the name of the field for the word `it`. */
static const char *with_name_of_it(const struct field *it, const char *text, struct arena *arena) {
    struct buf out;
    bool inside = false, quoted = false; /* of a name, of a text */
    buf_init(&out, 2 * EXPR_SOURCE_MAX);
    for (const char *at = text; *at; at++) {
        bool word = !inside && !quoted && it && strncmp(at, "it", 2) == 0 && !is_name_sign(at[2]);
        inside = is_name_sign(*at);
        quoted = quoted != (*at == '"' && (at == text || at[-1] != '\\'));
        if (word) {
            buf_add_string(&out, it->name);
            at++;
        } else {
            buf_add_char(&out, *at);
        }
    }
    const char *copied = arena_copy(arena, buf_text(&out));
    buf_release(&out);
    return copied;
}

bool rule_placeholder(struct text *rest, struct text *before, struct text *name) {
    const char *open = rest->length ? memchr(rest->at, '{', rest->length) : NULL;
    const char *end = rest->at + rest->length;
    const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
    if (!close) {
        *before = *rest;
        *rest = TEXT("");
        return false;
    }
    *before = (struct text){ rest->at, (size_t)(open - rest->at) };
    *name = (struct text){ open + 1, (size_t)(close - open) - 1 };
    *rest = (struct text){ close + 1, (size_t)(end - close) - 1 };
    return true;
}

/* {its name} as it is called in the language of the sentence, {it} as the field it is. */
static const char *with_it_said(const struct field *it, struct text sentence, enum language language,
                                struct arena *arena) {
    struct text rest = sentence, before, name;
    struct buf out;
    buf_init(&out, SENTENCE_MAX);
    while (rule_placeholder(&rest, &before, &name)) {
        buf_add_text(&out, before);
        if (text_is(name, "its name")) {
            buf_add_string(&out, language_pick(language, it->zh, it->en));
        } else if (text_is(name, "it")) {
            buf_printf(&out, "{%s}", it->name);
        } else {
            buf_printf(&out, "{" TEXT_FORMAT "}", TEXT_ARGS(name));
        }
    }
    buf_add_text(&out, before);
    const char *copied = arena_copy(arena, buf_text(&out));
    buf_release(&out);
    return copied;
}

static const struct field *find_field(const struct block *block, struct text name) {
    const struct draft *draft = block->open;
    return draft->it && text_is(name, "it") ? draft->it : fields_find(block->fields, name);
}

static void tell_no_field(struct block *block, struct place place, struct text name) {
    const struct field *nearest = fields_nearest(block->fields, name);
    BLOCK_MISTAKE(block, place, nearest ? nearest->name : NULL, "没有字段 " TEXT_FORMAT,
                  "there is no field " TEXT_FORMAT, TEXT_ARGS(name));
}

static void understand_places(struct block *block) {
    struct draft *draft = block->open;
    const struct line *line = &draft->places;
    for (size_t i = 1; i < line->count; i++) {
        const struct field *field = find_field(block, line->words[i].text);
        if (!field) {
            tell_no_field(block, mistake_word(line, i), line->words[i].text);
        } else if (field->type == FIELD_GROUP || draft->rule.places_count == RULE_PLACES_MAX) {
            BLOCK_MISTAKE(block, mistake_word(line, i), NULL, "at 之后为至多 %d 个有值的字段",
                          "at takes up to %d fields that have values", RULE_PLACES_MAX);
        } else {
            draft->rule.places[draft->rule.places_count++] = field;
        }
    }
    draft->rule.at_text = with_name_of_it(draft->it, arena_copy(block->arena, line->rest), block->arena);
}

static const char *understand_sentence(struct block *block, const struct sentence *sentence,
                                       enum language language) {
    const struct draft *draft = block->open;
    struct text rest = sentence->text, before, name;
    while (rule_placeholder(&rest, &before, &name)) {
        if (draft->it && text_is(name, "its name")) {
            continue;
        }
        const struct field *field = find_field(block, name);
        struct text ahead = { sentence->text.at, (size_t)(name.at - sentence->text.at) };
        uint32_t column = sentence->column + (uint32_t)text_characters(ahead);
        struct place place = mistake_place(sentence->line, column, name);
        if (!field) {
            tell_no_field(block, place, name);
        } else if (!in_sight(&draft->rule, field)) {
            BLOCK_MISTAKE(block, place, NULL, "%s 在此规则中不止一个值",
                          "%s has more than one value in this rule", field->name);
        }
    }
    return draft->it ? with_it_said(draft->it, sentence->text, language, block->arena)
                     : arena_copy(block->arena, sentence->text);
}

/* Many rules have the same `when`: where it does not look at rows they share it, and it is asked once. */
static void share_when(struct rule_set *rules, struct rule *rule) {
    if (!rule->when || expr_sees_row(rule->when)) {
        return;
    }
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *before = &rules->list[i];
        if (before->when && !expr_sees_row(before->when) && strcmp(before->when_text, rule->when_text) == 0) {
            rule->when = before->when;
            rule->when_number = before->when_number;
            return;
        }
    }
    rule->when_number = (uint32_t)rules->whens_count++;
}

const struct rule_choice *rule_set_choice(const struct rule_set *rules, struct text family) {
    for (size_t i = 0; i < rules->choices_count; i++) {
        if (text_equal(rules->choices[i].family, family)) {
            return &rules->choices[i];
        }
    }
    return NULL;
}

/* A family's is made when a rule first names it. */
static struct rule_choice *choice_of(struct rule_set *rules, struct text family) {
    const struct rule_choice *there = rule_set_choice(rules, family);
    if (there) {
        return &rules->choices[there - rules->choices];
    }
    require(rules->choices_count < RULE_FAMILIES_MAX); /* they stand in the catalog */
    struct rule_choice *choice = &rules->choices[rules->choices_count++];
    choice->family = family;
    return choice;
}

static void choose(struct rule_set *rules, const struct rule *rule, struct arena *arena) {
    for (size_t i = 0; i < rule->families.count; i++) {
        struct rule_choice *choice = choice_of(rules, rule->families.list[i]);
        const struct rule ***list = &choice->list[rule->stage];
        size_t count = choice->counts[rule->stage];
        bool twice = count && (*list)[count - 1] == rule;
        if (!twice && (count & (count - 1)) == 0) { /* the list is full */
            *list = arena_bigger(arena, *list, count, count ? 2 * count : 1, sizeof(**list));
        }
        (*list)[count - twice] = rule;
        choice->counts[rule->stage] = count + !twice;
    }
}

static const char *shown(const struct block *block, const struct span *span) {
    const struct draft *draft = block->open;
    return with_name_of_it(draft->it, on_one_line(block->arena, span->text), block->arena);
}

static void understand(struct block *block) {
    struct draft *draft = block->open;
    struct rule *rule = &draft->rule;
    if (draft->when.line) {
        rule->when = compile(block, &draft->when, "when");
        rule->when_text = shown(block, &draft->when);
        share_when(block->whole, rule);
        rule->needed[1] = rule->when ? expr_needs(rule->when) : NULL;
    }
    if (draft->require.line) {
        rule->require = compile(block, &draft->require, "require");
        rule->require_text = shown(block, &draft->require);
        rule->needed[0] = rule->require ? expr_needs(rule->require) : NULL;
    }
    understand_places(block);
    rule->zh = understand_sentence(block, &draft->zh, LANGUAGE_ZH);
    rule->en = understand_sentence(block, &draft->en, LANGUAGE_EN);
    rule->hint_zh = understand_sentence(block, &draft->hint_zh, LANGUAGE_ZH);
    rule->hint_en = understand_sentence(block, &draft->hint_en, LANGUAGE_EN);
}

static void add_rule(struct block *block) {
    struct rule_set *rules = block->whole;
    struct draft *draft = block->open;
    understand(block);
    if (block->spoilt || block->lacks) {
        return;
    }
    if (rules->count == RULE_SET_MAX) {
        BLOCK_MISTAKE(block, mistake_place(draft->rule.line, 1, TEXT("rule")), NULL, "规则超过 %d 条",
                      "more than %d rules", RULE_SET_MAX);
    } else {
        struct rule *rule = &rules->list[rules->count++];
        *rule = draft->rule;
        choose(rules, rule, block->arena);
    }
}

/* What a mistake in its lines leads to is not told besides; and what one of the subjects cannot be is told
   once, not for each of them. */
static void end_block(struct block *block) {
    struct draft *draft = block->open;
    const struct rule common = draft->rule;
    if (!block->spoilt && !draft->subjects_count) {
        add_rule(block);
    }
    for (size_t i = 0; i < draft->subjects_count && !block->spoilt; i++) {
        draft->rule = common;
        draft->it = draft->subjects[i];
        add_rule(block);
    }
}

/* clang-format off */
static const struct block_key lines[] = {
    { "for",     BLOCK_ONCE,   read_for,            "FIELD ...", "FIELD ...", NULL, NULL },
    { "when",    BLOCK_ONCE,   read_when,           "EXPR",      "EXPR",      NULL, NULL },
    { "each",    BLOCK_ONCE,   read_each,           "GROUP",     "GROUP",     NULL, NULL },
    { "require", BLOCK_NEEDED, read_require,        "EXPR",      "EXPR",      NULL, NULL },
    { "at",      BLOCK_NEEDED, read_at,             "FIELD ...", "FIELD ...", NULL, NULL },
    { "zh",      BLOCK_NEEDED, read_zh,             "句子",       "SENTENCE",  NULL, NULL },
    { "en",      BLOCK_NEEDED, read_en,             "句子",       "SENTENCE",  NULL, NULL },
    { "hint-zh", BLOCK_ONCE,   read_hint_zh,        "句子",       "SENTENCE",  NULL, NULL },
    { "hint-en", BLOCK_ONCE,   read_hint_en,        "句子",       "SENTENCE",  NULL, NULL },
    { "...",     BLOCK_MANY,   continue_expression, "EXPR",      "EXPR",      NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "rule", BLOCK_MANY, read_head, "CODE SEVERITY FAMILIES", "CODE SEVERITY FAMILIES", lines, end_block },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct rule_set *rule_set_load(const struct edition *edition, struct verdict *mistakes) {
    require(edition->fields && edition->catalog && edition->lists); /* what it names is read before it */
    struct rule_set *rules = arena_alloc(edition->arena, sizeof(*rules));
    *rules = (struct rule_set){ .list = arena_alloc(edition->arena, RULE_SET_MAX * sizeof(*rules->list)),
                                .choices =
                                    arena_alloc(edition->arena, RULE_FAMILIES_MAX * sizeof(*rules->choices)),
                                .lists = edition->lists };
    struct block block = { .mistakes = { mistakes, "LINT-RULE", NULL },
                           .arena = edition->arena,
                           .whole = rules,
                           .scratch = arena_alloc(edition->arena, sizeof(struct draft)) };
    block_read_text(&block, edition, "rules", heads);
    return rules;
}
