/*
 * rules.c - blocks of schemas/rules become compiled rules, and a document is held against each of them.
 *
 * An expression is compiled where it stands in the file, continuation lines and all (expr skips their `...`),
 * so its mistakes have the file's own lines and columns.
 */
#include "check/rules.h"

#include <string.h>

#include "base/buf.h"
#include "base/lines.h"
#include "base/stamp.h"
#include "message/mistakes.h"

#define FAMILIES_MAX    16
#define PLACES_MAX      8
#define SUBJECTS_MAX    100 /* fields of one `for` */
#define VALUE_SHOWN_MAX 80  /* characters of a value in a sentence */
#define SENTENCE_MAX    (16 * 1024)
#define OPEN_END        "9999-12-31"

struct rule {
    struct rule_view view;
    struct text families[FAMILIES_MAX];
    size_t families_count;
    const struct expr *when, *require;
    const struct field *each;
    const struct field *places[PLACES_MAX];
    size_t places_count;
};

struct rules {
    struct rule *list;
    size_t count;
    const struct codelists *lists;
};

/* --- loading -------------------------------------------------------------------------------------------- */

/* An expression may span lines: it runs from where it begins to the end of its last line. */
struct span {
    struct text text;
    uint32_t line, column;
};

struct loader {
    const struct setup *setup;
    struct rules *rules;
    struct arena *arena;
    struct mistakes mistakes;
    const struct line *line;
    struct rule rule; /* the block that is open */
    const struct field *subjects[SUBJECTS_MAX];
    size_t subjects_count;  /* its `for` */
    const struct field *it; /* the subject whose rule is being made; NULL: the block has none */
    bool open, spoilt;
    unsigned keys_seen;
    struct span when, require;
    struct span *continued;   /* what `...` goes on with; NULL: nothing can go on */
    struct line placed;       /* the `at` line, read when the block ends and its group is known */
    struct line sentences[4]; /* zh, en, hint-zh, hint-en likewise */
};

#define MISTAKE(loader, place, meant, ...) \
    ((loader)->spoilt = true, mistakes_at(&(loader)->mistakes, place, meant, __VA_ARGS__))

static bool is(const struct loader *loader, size_t i, const char *expected) {
    return i < loader->line->count && text_is(loader->line->words[i].text, expected);
}

static const char *copy(const struct loader *loader, struct text text) {
    return arena_copy(loader->arena, text);
}

static struct span span_of(const struct line *line) {
    return (struct span){ line->rest, line->number, mistake_word(line, 1).column };
}

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

static void read_families(struct loader *loader) {
    struct text rest = loader->line->words[3].text;
    loader->rule.view.families = copy(loader, rest);
    rest = text_of(loader->rule.view.families);
    while (rest.at) {
        struct text family = text_until(&rest, ',');
        if (!catalog_has_family(loader->setup->catalog, family)) {
            struct nearest nearest;
            nearest_start(&nearest, family);
            for (size_t i = 0; i < loader->setup->catalog->count; i++) {
                nearest_try(&nearest, loader->setup->catalog->formats[i].family);
            }
            MISTAKE(loader, mistake_word(loader->line, 3), nearest_found(&nearest),
                    "没有报文种类 " TEXT_FORMAT, "there is no family " TEXT_FORMAT, TEXT_ARGS(family));
        } else if (loader->rule.families_count == FAMILIES_MAX) {
            MISTAKE(loader, mistake_word(loader->line, 3), NULL, "报文种类超过 %d 个",
                    "more than %d families", FAMILIES_MAX);
        } else {
            loader->rule.families[loader->rule.families_count++] = family;
        }
    }
}

static bool read_option(struct loader *loader, size_t i) {
    struct rule_view *view = &loader->rule.view;
    if (i + 1 == loader->line->count) {
        return false;
    }
    struct text value = loader->line->words[i + 1].text;
    if (is(loader, i, "since") || is(loader, i, "until")) {
        return day_parse(value, is(loader, i, "since") ? &view->since : &view->until);
    }
    if (is(loader, i, "basis")) {
        view->basis = copy(loader, value);
        return true;
    }
    view->stage = text_is(value, "engine") ? RULE_ENGINE : RULE_CHECK;
    return is(loader, i, "stage") && (text_is(value, "engine") || text_is(value, "check"));
}

static void read_head(struct loader *loader) {
    const struct line *line = loader->line;
    loader->rule.view = (struct rule_view){
        .code = "",
        .families = "",
        .basis = "",
        .zh = "",
        .en = "",
        .require = "",
        .when = "",
        .each = "",
        .at = "",
        .hint_zh = "",
        .hint_en = "",
        .since = INT32_MIN,
        .until = INT32_MAX,
        .line = line->number,
    };
    if (!is(loader, 0, "rule") || line->count < 4) {
        MISTAKE(loader, mistake_word(line, is(loader, 0, "rule") ? line->count : 0), NULL,
                "此处应为 rule CODE SEVERITY FAMILIES", "expected rule CODE SEVERITY FAMILIES");
        return;
    }
    if (!is_code(line->words[1].text)) {
        MISTAKE(
            loader, mistake_word(line, 1), NULL, "规则代码须为大写字母、数字和 -，以字母开头，不超过 32 字节",
            "a rule's code has capital letters, digits and -, begins with a letter and has at most 32 bytes");
    }
    loader->rule.view.code = copy(loader, line->words[1].text);
    if (!severity_of(line->words[2].text, &loader->rule.view.severity)) {
        MISTAKE(loader, mistake_word(line, 2), NULL, "严重程度为 error、warning 或 observe",
                "a severity is error, warning or observe");
    }
    read_families(loader);
    for (size_t i = 4; i < line->count; i += 2) {
        if (!read_option(loader, i)) {
            MISTAKE(loader, mistake_word(line, i), NULL,
                    "此处应为 since 日期、until 日期、basis \"文字\" 或 stage check|engine",
                    "expected since DAY, until DAY, basis \"TEXT\" or stage check|engine");
            return;
        }
    }
}

/* --- its lines ------------------------------------------------------------------------------------------ */

enum key {
    KEY_FOR,
    KEY_WHEN,
    KEY_EACH,
    KEY_REQUIRE,
    KEY_AT,
    KEY_ZH,
    KEY_EN,
    KEY_HINT_ZH,
    KEY_HINT_EN,
    KEY_COUNT
};

/* clang-format off */
static const struct { const char *name; bool required; } keys[] = {
    [KEY_FOR]     = { "for",     false },
    [KEY_WHEN]    = { "when",    false },
    [KEY_EACH]    = { "each",    false },
    [KEY_REQUIRE] = { "require", true  },
    [KEY_AT]      = { "at",      true  },
    [KEY_ZH]      = { "zh",      true  },
    [KEY_EN]      = { "en",      true  },
    [KEY_HINT_ZH] = { "hint-zh", false },
    [KEY_HINT_EN] = { "hint-en", false },
};
/* clang-format on */

static void read_each(struct loader *loader) {
    struct text name = loader->line->words[1].text;
    const struct field *group = fields_find(loader->setup->fields, name);
    if (loader->line->count != 2 || !group || group->type != FIELD_GROUP) {
        const struct field *nearest = fields_nearest(loader->setup->fields, name);
        bool meant = nearest && nearest->type == FIELD_GROUP && nearest != group;
        MISTAKE(loader, mistake_word(loader->line, 1), meant ? nearest->name : NULL, "没有组 " TEXT_FORMAT,
                "there is no group " TEXT_FORMAT, TEXT_ARGS(name));
        return;
    }
    loader->rule.each = group;
    loader->rule.view.each = group->name;
}

static void unknown_field(struct loader *loader, struct place place, struct text name) {
    const struct field *nearest = fields_nearest(loader->setup->fields, name);
    MISTAKE(loader, place, nearest ? nearest->name : NULL, "没有字段 " TEXT_FORMAT,
            "there is no field " TEXT_FORMAT, TEXT_ARGS(name));
}

static void read_subjects(struct loader *loader) {
    const struct line *line = loader->line;
    for (size_t i = 1; i < line->count; i++) {
        const struct field *field = fields_find(loader->setup->fields, line->words[i].text);
        if (!field) {
            unknown_field(loader, mistake_word(line, i), line->words[i].text);
        } else if (field->type == FIELD_GROUP || loader->subjects_count == SUBJECTS_MAX) {
            MISTAKE(loader, mistake_word(line, i), NULL, "for 之后为至多 %d 个有值的字段",
                    "for takes up to %d fields that have values", SUBJECTS_MAX);
        } else {
            loader->subjects[loader->subjects_count++] = field;
        }
    }
}

static void read_key(struct loader *loader, enum key key) {
    loader->continued = NULL;
    switch (key) {
    case KEY_FOR: read_subjects(loader); break;
    case KEY_WHEN:
        loader->when = span_of(loader->line);
        loader->continued = &loader->when;
        break;
    case KEY_REQUIRE:
        loader->require = span_of(loader->line);
        loader->continued = &loader->require;
        break;
    case KEY_EACH: read_each(loader); break;
    case KEY_AT: loader->placed = *loader->line; break;
    default: loader->sentences[key - KEY_ZH] = *loader->line;
    }
}

static void continue_expression(struct loader *loader) {
    if (!loader->continued) {
        MISTAKE(loader, mistake_word(loader->line, 0), NULL, "... 只能续写 when 或 require",
                "... continues a when or a require only");
        return;
    }
    struct span *span = loader->continued;
    if (!span->text.length) {
        *span = span_of(loader->line);
    } else if (loader->line->rest.length) {
        span->text.length = (size_t)(loader->line->rest.at + loader->line->rest.length - span->text.at);
    }
}

static void read_line(struct loader *loader) {
    const struct line *line = loader->line;
    if (is(loader, 0, "...")) {
        continue_expression(loader);
        return;
    }
    struct nearest nearest;
    nearest_start(&nearest, line->words[0].text);
    for (enum key key = 0; key < KEY_COUNT; key++) {
        if (!is(loader, 0, keys[key].name)) {
            nearest_try(&nearest, keys[key].name);
        } else if (loader->keys_seen & 1u << key) {
            MISTAKE(loader, mistake_word(line, 0), NULL, "%s 重复出现", "%s stands twice", keys[key].name);
            return;
        } else if (line->count < 2 && key != KEY_WHEN && key != KEY_REQUIRE) {
            MISTAKE(loader, mistake_word(line, 1), NULL, "%s 之后没有内容", "nothing stands behind %s",
                    keys[key].name);
            return;
        } else {
            loader->keys_seen |= 1u << key;
            read_key(loader, key);
            return;
        }
    }
    MISTAKE(loader, mistake_word(line, 0), nearest_found(&nearest), "未知的行 " TEXT_FORMAT,
            "unknown line " TEXT_FORMAT, TEXT_ARGS(line->words[0].text));
}

/* --- the end of a block: everything is there ------------------------------------------------------------ */

static bool in_sight(const struct rule *rule, const struct field *field) {
    return field->type != FIELD_GROUP && (field->group < 0 || (rule->each && field->group == rule->each->id));
}

static void compile(struct loader *loader, const struct span *span, const char *what,
                    const struct expr **out) {
    struct expr_source source = {
        .file = loader->mistakes.file,
        .text = span->text,
        .line = span->line,
        .column = span->column,
    };
    struct expr_scope scope = { loader->setup->fields, loader->setup->lists, loader->it };
    *out = expr_compile(source, scope, loader->rule.each, loader->arena, loader->mistakes.verdict);
    if (!*out) {
        loader->spoilt = true;
    } else if (expr_type(*out) != EXPR_FLAG) {
        MISTAKE(loader, mistake_place(span->line, span->column, span->text), NULL, "%s 须为真假",
                "%s needs true or false", what);
    }
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
static const char *on_one_line(const struct loader *loader, struct text rest) {
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
    const char *copied = arena_copy(loader->arena, buf_text(&buf));
    buf_release(&buf);
    return copied;
}

/* --- `it` ----------------------------------------------------------------------------------------------- */

static const struct field *find_field(const struct loader *loader, struct text name) {
    return loader->it && text_is(name, "it") ? loader->it : fields_find(loader->setup->fields, name);
}

static bool is_name_sign(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* An expression as people read it: with the name of the field for the word `it`. */
static const char *with_name_of_it(const struct loader *loader, const char *text) {
    struct buf out;
    bool inside = false, quoted = false; /* of a name, of a text */
    buf_init(&out, 2 * EXPR_SOURCE_MAX);
    for (const char *at = text; *at; at++) {
        bool word = !inside && !quoted && loader->it && strncmp(at, "it", 2) == 0 && !is_name_sign(at[2]);
        inside = is_name_sign(*at);
        quoted = quoted != (*at == '"' && (at == text || at[-1] != '\\'));
        if (word) {
            buf_add_string(&out, loader->it->name);
            at++;
        } else {
            buf_add_char(&out, *at);
        }
    }
    const char *copied = arena_copy(loader->arena, buf_text(&out));
    buf_release(&out);
    return copied;
}

static void read_places(struct loader *loader) {
    const struct line *line = &loader->placed;
    for (size_t i = 1; i < line->count; i++) {
        const struct field *field = find_field(loader, line->words[i].text);
        if (!field) {
            unknown_field(loader, mistake_word(line, i), line->words[i].text);
        } else if (field->type == FIELD_GROUP || loader->rule.places_count == PLACES_MAX) {
            MISTAKE(loader, mistake_word(line, i), NULL, "at 之后为至多 %d 个有值的字段",
                    "at takes up to %d fields that have values", PLACES_MAX);
        } else {
            loader->rule.places[loader->rule.places_count++] = field;
        }
    }
    loader->rule.view.at = with_name_of_it(loader, copy(loader, line->rest));
}

/* Cuts the next {name} off rest: before gets what stands before it. False: no more, before has the rest. */
static bool next_placeholder(struct text *rest, struct text *before, struct text *name) {
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
static const char *sentence_of_it(const struct loader *loader, struct text sentence, enum key key) {
    bool zh = key == KEY_ZH || key == KEY_HINT_ZH;
    struct text rest = sentence, before, name;
    struct buf out;
    buf_init(&out, SENTENCE_MAX);
    while (next_placeholder(&rest, &before, &name)) {
        buf_add_text(&out, before);
        if (text_is(name, "its name")) {
            buf_add_string(&out, zh ? loader->it->zh : loader->it->en);
        } else if (text_is(name, "it")) {
            buf_printf(&out, "{%s}", loader->it->name);
        } else {
            buf_printf(&out, "{" TEXT_FORMAT "}", TEXT_ARGS(name));
        }
    }
    buf_add_text(&out, before);
    const char *copied = arena_copy(loader->arena, buf_text(&out));
    buf_release(&out);
    return copied;
}

static const char *read_sentence(struct loader *loader, enum key key) {
    const struct line *line = &loader->sentences[key - KEY_ZH];
    struct text rest = line->rest, before, name;
    while (next_placeholder(&rest, &before, &name)) {
        if (loader->it && text_is(name, "its name")) {
            continue;
        }
        const struct field *field = find_field(loader, name);
        struct text ahead = { line->rest.at, (size_t)(name.at - line->rest.at) };
        uint32_t column = line->rest_column + (uint32_t)text_characters(ahead);
        struct place place = mistake_place(line->number, column, name);
        if (!field) {
            unknown_field(loader, place, name);
        } else if (!in_sight(&loader->rule, field)) {
            MISTAKE(loader, place, NULL, "%s 在此规则中不止一个值", "%s has more than one value in this rule",
                    field->name);
        }
    }
    return loader->it ? sentence_of_it(loader, line->rest, key) : copy(loader, line->rest);
}

/* Rules that follow each other often have the same `when`: they share it, and it is asked once. */
static void share_when(struct loader *loader) {
    const struct rules *rules = loader->rules;
    const struct rule *before = rules->count ? &rules->list[rules->count - 1] : NULL;
    struct rule *rule = &loader->rule;
    bool same = before && before->when && rule->when && strcmp(before->view.when, rule->view.when) == 0;
    if (same && !expr_sees_row(before->when)) {
        rule->when = before->when;
    }
}

static void finish(struct loader *loader) {
    struct rule *rule = &loader->rule;
    for (enum key key = 0; key < KEY_COUNT; key++) {
        if (keys[key].required && !(loader->keys_seen & 1u << key)) {
            MISTAKE(loader, mistake_place(rule->view.line, 1, TEXT("rule")), NULL, "规则 %s 缺少 %s",
                    "the rule %s lacks %s", rule->view.code, keys[key].name);
        }
    }
    if (loader->keys_seen & 1u << KEY_WHEN) {
        compile(loader, &loader->when, "when", &rule->when);
        rule->view.when = with_name_of_it(loader, on_one_line(loader, loader->when.text));
        share_when(loader);
    }
    if (loader->keys_seen & 1u << KEY_REQUIRE) {
        compile(loader, &loader->require, "require", &rule->require);
        rule->view.require = with_name_of_it(loader, on_one_line(loader, loader->require.text));
    }
    if (loader->keys_seen & 1u << KEY_AT) {
        read_places(loader);
    }
    const char **sentences[] = { &rule->view.zh, &rule->view.en, &rule->view.hint_zh, &rule->view.hint_en };
    for (enum key key = KEY_ZH; key <= KEY_HINT_EN; key++) {
        if (loader->keys_seen & 1u << key) {
            *sentences[key - KEY_ZH] = read_sentence(loader, key);
        }
    }
}

static void finish_and_add(struct loader *loader) {
    struct rules *rules = loader->rules;
    finish(loader);
    if (!loader->spoilt && rules->count == RULES_MAX) {
        MISTAKE(loader, mistake_place(loader->rule.view.line, 1, TEXT("rule")), NULL, "规则超过 %d 条",
                "more than %d rules", RULES_MAX);
    } else if (!loader->spoilt) {
        rules->list[rules->count++] = loader->rule;
    }
}

/* A mistake is told once, not for each of the subjects. */
static void close_block(struct loader *loader) {
    const struct rule block = loader->rule;
    if (loader->open && !loader->spoilt && loader->subjects_count == 0) {
        finish_and_add(loader);
    }
    for (size_t i = 0; i < loader->subjects_count && loader->open && !loader->spoilt; i++) {
        loader->rule = block;
        loader->it = loader->subjects[i];
        finish_and_add(loader);
    }
    loader->open = loader->spoilt = false;
    loader->keys_seen = 0;
    loader->continued = NULL;
    loader->rule = (struct rule){ 0 };
    loader->subjects_count = 0;
    loader->it = NULL;
}

struct rules *rules_load(const struct setup *setup, const char *name, struct arena *arena,
                         struct verdict *mistakes) {
    const struct setup_text *text = setup_text(setup, name);
    struct rules *rules = arena_alloc(arena, sizeof(*rules));
    *rules =
        (struct rules){ .list = arena_alloc(arena, RULES_MAX * sizeof(*rules->list)), .lists = setup->lists };
    struct lines lines;
    struct line line;
    struct loader *loader = arena_alloc(arena, sizeof(*loader));
    *loader = (struct loader){
        .setup = setup,
        .rules = rules,
        .arena = arena,
        .mistakes = { mistakes, "LINT-RULE", text ? text->path : name },
        .line = &line,
    };
    lines_init(&lines, text ? text->bytes : TEXT(""), arena);
    for (bool bad; lines_next(&lines, &line, &bad);) {
        if (!line.indented) {
            close_block(loader);
            loader->open = true;
        }
        if (bad) {
            mistakes_bad_line(&loader->mistakes, &line);
            loader->spoilt = true;
        } else if (!line.indented) {
            read_head(loader);
        } else if (loader->open) {
            read_line(loader);
        } else {
            MISTAKE(loader, mistake_word(&line, 0), NULL, "此行不属于任何规则",
                    "this line belongs to no rule");
        }
    }
    close_block(loader);
    return rules;
}

/* --- judging -------------------------------------------------------------------------------------------- */

struct judge {
    const struct rules *rules;
    const struct document *doc;
    struct expr_context context;
    struct verdict *verdict;
    const struct expr *asked; /* the `when` asked last of those that are the same for all rows */
    bool held;
};

static uint32_t rows_of(const struct judge *judge, const struct field *field) {
    return field->group >= 0 ? document_rows(judge->doc, field->group) : 1;
}

/* In the current row; for a field of another group, its first value. */
static const struct value *value_at(const struct judge *judge, const struct rule *rule,
                                    const struct field *field) {
    if (field->group < 0 || (rule->each && field->group == rule->each->id)) {
        return document_value(judge->doc, field->id, field->group < 0 ? 0 : judge->context.row);
    }
    const struct value *value = NULL;
    for (uint32_t row = 0; !value && row < rows_of(judge, field); row++) {
        value = document_value(judge->doc, field->id, row);
    }
    return value;
}

/* What the gateway knows has no place, so it is passed over as long as anything else has one. */
static const struct value *place_of(const struct judge *judge, const struct rule *rule) {
    const struct value *found = NULL;
    for (size_t i = 0; i < rule->places_count; i++) {
        const struct value *value = value_at(judge, rule, rule->places[i]);
        if (value && value->place.line) {
            return value;
        }
        found = found ? found : value;
    }
    return found;
}

static void add_value(struct buf *out, const struct judge *judge, const struct field *field,
                      enum language language) {
    const struct value *value =
        document_value(judge->doc, field->id, field->group >= 0 ? judge->context.row : 0);
    if (!value || !value->text.length) {
        buf_add_string(out, language == LANGUAGE_ZH ? "（空）" : "(none)");
        return;
    }
    if (field->open && text_is(value->text, OPEN_END)) {
        buf_add_string(out, language == LANGUAGE_ZH ? "长期" : "open");
        return;
    }
    const char *at = value->text.at, *end = at + value->text.length;
    for (size_t i = 0; i < VALUE_SHOWN_MAX && at < end; i++) {
        text_next(&at, end);
    }
    buf_add(out, value->text.at, (size_t)(at - value->text.at));
    buf_add_string(out, at < end ? "…" : "");
    const struct codelist *list =
        *field->list ? codelists_find(judge->rules->lists, text_of(field->list)) : NULL;
    const char *name = list ? codelist_name_of(list, value->text, judge->context.today, language) : NULL;
    if (name) {
        buf_printf(out, language == LANGUAGE_ZH ? "（%s）" : " (%s)", name);
    }
}

static const char *sentence(const struct judge *judge, const char *text, enum language language) {
    struct buf out;
    struct text rest = text_of(text), before, name;
    buf_init(&out, SENTENCE_MAX);
    while (next_placeholder(&rest, &before, &name)) {
        buf_add_text(&out, before);
        add_value(&out, judge, fields_find(document_fields(judge->doc), name), language);
    }
    buf_add_text(&out, before);
    const char *copied = arena_copy(judge->context.arena, buf_text(&out));
    buf_release(&out);
    return copied;
}

static void violated(const struct judge *judge, const struct rule *rule) {
    if (!verdict_keeps(judge->verdict, rule->view.severity)) {
        verdict_add(judge->verdict,
                    &(struct finding){ .code = rule->view.code, .severity = rule->view.severity });
        return;
    }
    const struct value *value = place_of(judge, rule);
    struct finding finding = {
        .code = rule->view.code,
        .severity = rule->view.severity,
        .place = value ? value->place : (struct place){ 0 },
        .path = value && value->path ? value->path : "",
        .zh = sentence(judge, rule->view.zh, LANGUAGE_ZH),
        .en = sentence(judge, rule->view.en, LANGUAGE_EN),
        .hint_zh = sentence(judge, rule->view.hint_zh, LANGUAGE_ZH),
        .hint_en = sentence(judge, rule->view.hint_en, LANGUAGE_EN),
        .file = "",
    };
    verdict_add(judge->verdict, &finding);
}

static bool concerns(const struct rule *rule, enum rule_stage stage, struct text family, int32_t today) {
    bool right_family = false;
    for (size_t i = 0; i < rule->families_count; i++) {
        right_family = right_family || text_equal(rule->families[i], family);
    }
    return right_family && rule->view.stage == stage && rule->view.since <= today && today < rule->view.until;
}

/* A `when` that does not look at rows is asked once, for all rows and for the rules behind that share it. */
static bool holds_for_all_rows(struct judge *judge, const struct expr *when) {
    if (judge->asked != when) {
        judge->context.memo = NULL;
        judge->asked = when;
        judge->held = expr_holds(when, &judge->context) == TRUTH_TRUE;
    }
    return judge->held;
}

/* A million findings help nobody: beyond what a verdict keeps they are still counted, so rows go on. */
static void judge_rule(struct judge *judge, const struct rule *rule) {
    const struct expr *row_when = rule->when && expr_sees_row(rule->when) ? rule->when : NULL;
    if (rule->when && !row_when && !holds_for_all_rows(judge, rule->when)) {
        return;
    }
    struct expr_memo *when_memo = row_when ? expr_memo_new(row_when, judge->context.arena) : NULL;
    struct expr_memo *require_memo = expr_memo_new(rule->require, judge->context.arena);
    uint32_t rows = rule->each ? document_rows(judge->doc, rule->each->id) : 1;
    for (uint32_t row = 0; row < rows; row++) {
        judge->context.row = row;
        judge->context.memo = when_memo;
        if (row_when && expr_holds(row_when, &judge->context) != TRUTH_TRUE) {
            continue;
        }
        judge->context.memo = require_memo;
        if (expr_holds(rule->require, &judge->context) == TRUTH_FALSE) {
            violated(judge, rule);
        }
    }
}

void rules_judge(const struct rules *rules, enum rule_stage stage, struct text family,
                 const struct document *doc, int32_t today, struct arena *arena, struct verdict *verdict) {
    struct judge judge = {
        .rules = rules,
        .doc = doc,
        .context = { .doc = doc, .today = today, .arena = arena },
        .verdict = verdict,
    };
    for (size_t i = 0; i < rules->count; i++) {
        if (concerns(&rules->list[i], stage, family, today)) {
            judge_rule(&judge, &rules->list[i]);
        }
    }
}

size_t rules_count(const struct rules *rules) {
    return rules->count;
}

struct rule_view rules_view(const struct rules *rules, size_t index) {
    return rules->list[index].view;
}
