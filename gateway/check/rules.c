/*
 * rules.c - a document is held against each rule that concerns it, row by row where the rule says so, and
 * what is violated becomes a finding with the values in its sentences.
 */
#include "check/rules.h"

#include <string.h>

#include "base/buf.h"
#include "base/stamp.h"
#include "base/status.h"
#include "message/codelist.h"
#include "expr/expr.h"

#define VALUE_SHOWN_MAX 80 /* characters of a value in a sentence */
#define SENTENCE_MAX    (16 * 1024)
#define OPEN_END        "9999-12-31"

struct judging {
    const struct rule_set *rules;
    const struct document *doc;
    struct expr_context context;
    struct places *places;
    struct verdict *verdict;
    enum truth *whens; /* by their numbers; UNKNOWN: not asked yet */
};

static uint32_t rows_of(const struct judging *judging, const struct field *field) {
    return field->group >= 0 ? document_rows(judging->doc, field->group) : 1;
}

/* In the current row; for a field of another group, its first value. */
static const struct value *value_at(const struct judging *judging, const struct rule *rule,
                                    const struct field *field) {
    if (field->group < 0 || (rule->each && field->group == rule->each->id)) {
        return document_value(judging->doc, field->id, field->group < 0 ? 0 : judging->context.row);
    }
    const struct value *value = NULL;
    for (uint32_t row = 0; !value && row < rows_of(judging, field); row++) {
        value = document_value(judging->doc, field->id, row);
    }
    return value;
}

/* What the gateway knows has no place, so it is passed over as long as anything else has one. */
static const struct value *place_of(const struct judging *judging, const struct rule *rule) {
    const struct value *found = NULL;
    for (size_t i = 0; i < rule->places_count; i++) {
        const struct value *value = value_at(judging, rule, rule->places[i]);
        if (value && value->origin.extent.length) {
            return value;
        }
        found = found ? found : value;
    }
    return found;
}

static void add_value(struct buf *out, const struct judging *judging, const struct field *field,
                      enum language language) {
    const struct value *value =
        document_value(judging->doc, field->id, field->group >= 0 ? judging->context.row : 0);
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
        *field->list ? codelists_find(judging->rules->lists, text_of(field->list)) : NULL;
    const char *name = list ? codelist_name_of(list, value->text, judging->context.today, language) : NULL;
    if (name) {
        buf_printf(out, language == LANGUAGE_ZH ? "（%s）" : " (%s)", name);
    }
}

static const char *sentence(const struct judging *judging, const char *text, enum language language) {
    struct buf out;
    struct text rest = text_of(text), before, name;
    buf_init(&out, SENTENCE_MAX);
    while (rule_placeholder(&rest, &before, &name)) {
        buf_add_text(&out, before);
        add_value(&out, judging, fields_find(document_fields(judging->doc), name), language);
    }
    buf_add_text(&out, before);
    const char *copied = arena_copy(judging->context.arena, buf_text(&out));
    buf_release(&out);
    return copied;
}

static void violated(const struct judging *judging, const struct rule *rule) {
    if (!verdict_keeps(judging->verdict, rule->severity)) {
        verdict_add(judging->verdict, &(struct finding){ .code = rule->code, .severity = rule->severity });
        return;
    }
    struct finding finding = {
        .code = rule->code,
        .severity = rule->severity,
        .zh = sentence(judging, rule->zh, LANGUAGE_ZH),
        .en = sentence(judging, rule->en, LANGUAGE_EN),
        .hint_zh = sentence(judging, rule->hint_zh, LANGUAGE_ZH),
        .hint_en = sentence(judging, rule->hint_en, LANGUAGE_EN),
        .file = "",
    };
    places_tell(judging->places, place_of(judging, rule), &finding);
    verdict_add(judging->verdict, &finding);
}

/* A `when` that does not look at rows is asked once, for all rows and for all rules that share it. */
static bool holds_for_all_rows(struct judging *judging, const struct rule *rule) {
    enum truth *when = &judging->whens[rule->when_number];
    if (*when == TRUTH_UNKNOWN) {
        judging->context.memo = NULL;
        judging->context.row = 0;
        *when = expr_holds(rule->when, &judging->context) == TRUTH_TRUE ? TRUTH_TRUE : TRUTH_FALSE;
    }
    return *when == TRUTH_TRUE;
}

/* Only what is false violates a rule, and only a `when` that is true lets it judge; what needs a field that
 * the message does not have is neither. Most messages have few of the optional fields that rules are about,
 * and of the others nothing is asked. */
static bool may_be_known(const struct document *doc, const struct rule *rule) {
    return (!rule->needed[0] || document_has(doc, rule->needed[0]->id))
           && (!rule->needed[1] || document_has(doc, rule->needed[1]->id));
}

/* What no row can violate, by what its columns are as a whole, is not asked row by row. A million findings
 * help nobody: beyond what a verdict keeps they are still counted, so rows go on. */
static void judge_rule(struct judging *judging, const struct rule *rule) {
    const struct expr *row_when = rule->when && expr_sees_row(rule->when) ? rule->when : NULL;
    if (rule->when && !row_when && !holds_for_all_rows(judging, rule)) {
        return;
    }
    if (expr_never_false(rule->require, &judging->context)) {
        return;
    }
    uint32_t rows = rule->each ? document_rows(judging->doc, rule->each->id) : 1;
    struct expr_memo *when_memo = row_when ? expr_memo_new(row_when, judging->context.arena) : NULL;
    struct expr_memo *require_memo = expr_memo_new(rule->require, judging->context.arena);
    for (uint32_t first = 0; first < rows; first += EXPR_ROWS_MAX) {
        uint64_t asked = rows - first >= EXPR_ROWS_MAX ? UINT64_MAX : (UINT64_C(1) << (rows - first)) - 1;
        judging->context.row = first;
        judging->context.memo = when_memo;
        asked = row_when ? expr_truths(row_when, &judging->context, asked).yes : asked;
        judging->context.memo = require_memo;
        uint64_t broken = asked ? expr_truths(rule->require, &judging->context, asked).no : 0;
        for (; broken; broken &= broken - 1) {
            judging->context.row = first + (uint32_t)__builtin_ctzll(broken);
            violated(judging, rule);
        }
    }
}

void rules_judge(const struct rule_set *rules, enum rule_stage stage, struct text family,
                 const struct document *doc, int32_t today, struct places *places, struct arena *arena,
                 struct verdict *verdict) {
    require(doc && places && verdict->arena);
    struct judging judging = {
        .rules = rules,
        .doc = doc,
        .context = { .doc = doc, .today = today, .arena = arena, .columns = expr_columns_new(doc, arena) },
        .places = places,
        .verdict = verdict,
    };
    judging.whens = arena_alloc(arena, rules->whens_count * sizeof(*judging.whens));
    const struct rule_choice *choice = rule_set_choice(rules, family);
    for (size_t i = 0; choice && i < choice->counts[stage]; i++) {
        const struct rule *rule = choice->list[stage][i];
        if (may_be_known(doc, rule) && rule->since <= today && today < rule->until) {
            judge_rule(&judging, rule);
        }
    }
}
