/*
 * values.c - each value once for each question; most are of another type, or as they should be.
 */
#include "check/values.h"

#include "base/status.h"
#include "message/identifiers.h"
#include "check/unseen.h"

#define DAY_SHOWN 40 /* bytes of what should have been a day */

/* --- days ----------------------------------------------------------------------------------------------- */

static bool is_told(const struct verdict *verdict, struct place place) {
    for (size_t i = 0; i < verdict->count; i++) {
        if (verdict->findings[i].place.offset == place.offset && verdict->findings[i].place.length) {
            return true;
        }
    }
    return false;
}

static void say_no_day(const struct value *value, const struct field *field, struct finding *finding,
                       struct verdict *verdict) {
    struct arena *arena = verdict->arena;
    const char *text = value->text.length <= DAY_SHOWN ? arena_copy(arena, value->text) : "...";
    bool left_out = finding->severity == SEVERITY_WARNING;
    finding->zh = arena_printf(arena, "%s \"%s\" 不是 1900 至 2199 年间真实的日期或时间%s", field->zh, text,
                               left_out ? "，未采用" : "");
    finding->en = arena_printf(arena, "%s '%s' is not a real day or moment of the years 1900 to 2199%s",
                               field->en, text, left_out ? "; it is left out" : "");
    verdict_add(verdict, finding);
}

/* Many formats write days as digits, which a schema cannot hold against a calendar: 20260231 is no day. And a
 * schema lets any year pass. */
static void judge_days(struct document *doc, struct places *places, enum severity severity,
                       struct verdict *verdict) {
    for (size_t i = 0; i < document_count(doc); i++) {
        const struct value *value = document_at(doc, i);
        const struct field *field = fields_at(document_fields(doc), value->field);
        if (!value->ill || (field->type != FIELD_DATE && field->type != FIELD_MOMENT)) {
            continue;
        }
        struct finding finding = { .code = "FORMAT-DAY", .severity = severity };
        if (!verdict_keeps(verdict, severity)) {
            verdict_add(verdict, &finding);
            return; /* one more, not kept: an error is enough to refuse */
        }
        places_tell(places, value, &finding);
        if (!is_told(verdict, finding.place)) {
            say_no_day(value, field, &finding, verdict);
        }
    }
}

/* --- identifiers ---------------------------------------------------------------------------------------- */

/* What is longer is no identifier, whatever its schema says; it would stand in every table that it is a key
 * of. */
static void judge_lengths(struct document *doc, struct places *places, enum severity severity,
                          struct verdict *verdict) {
    struct arena *arena = verdict->arena;
    for (size_t i = 0; i < document_count(doc); i++) {
        const struct value *value = document_at(doc, i);
        const struct field *field = fields_at(document_fields(doc), value->field);
        if (field->form == IDENTIFIER_NONE || value->text.length <= IDENTIFIER_LENGTH_MAX) {
            continue;
        }
        struct finding finding = { .code = "FORMAT-ID", .severity = severity };
        if (verdict_keeps(verdict, severity)) {
            finding.zh = arena_printf(arena, "%s超过 %d 字节", field->zh, IDENTIFIER_LENGTH_MAX);
            finding.en = arena_printf(arena, "%s: longer than %d bytes", field->en, IDENTIFIER_LENGTH_MAX);
            places_tell(places, value, &finding);
        }
        verdict_add(verdict, &finding);
        document_set_ill(doc, i);
    }
}

/* --- all of them ---------------------------------------------------------------------------------------- */

/* Printable ASCII, in which nothing is unseen. */
static bool is_plain(struct text text) {
    bool plain = true;
    for (size_t i = 0; i < text.length; i++) {
        plain = plain && text.at[i] >= ' ' && text.at[i] <= '~';
    }
    return plain;
}

/* Most values give nothing to judge, which one look tells. */
static bool are_in_order(const struct document *doc) {
    const struct fields *fields = document_fields(doc);
    for (size_t i = 0; i < document_count(doc); i++) {
        const struct value *value = document_at(doc, i);
        bool identifies = fields_at(fields, value->field)->form != IDENTIFIER_NONE;
        if (value->ill
            || (identifies && (value->text.length > IDENTIFIER_LENGTH_MAX || !is_plain(value->text)))) {
            return false;
        }
    }
    return true;
}

void values_judge(struct document *doc, struct places *places, enum severity severity,
                  struct verdict *verdict) {
    require(doc && places && verdict);
    if (are_in_order(doc)) {
        return;
    }
    judge_days(doc, places, severity, verdict);
    unseen_judge(places, doc, severity, verdict);
    judge_lengths(doc, places, severity, verdict);
}
