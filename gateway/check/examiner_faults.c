/*
 * examiner_faults.c - what the parser and the validator find wrong becomes findings, at the place of the
 * event that is being handled.
 *
 * A fault behind which others hide is amended (amendments.h) if a pass is to follow, and told once.
 */
#include <string.h>

#include "base/status.h"
#include "message/finding_code.h"
#include "check/fault.h"
#include "check/examiner_inside.h"

/* --- places --------------------------------------------------------------------------------------------- */

static struct place place_of(struct examiner_pass *pass, struct tag_span span) {
    return places_at(&pass->places, span.from, span.to - span.from);
}

static struct tag_span closing_tag_span(struct examiner_pass *pass) {
    const struct open *open = pass_top(pass);
    uint64_t from = pass_content(pass).to, to = pass->behind;
    bool has_one = to > from && from >= open->content && to > open->content;
    return has_one ? (struct tag_span){ from, to } : pass_tag_name(pass);
}

static bool find_attribute(const struct examiner_pass *pass, struct text name, struct attribute_spans *out) {
    const struct open *open = pass_top(pass);
    return tags_attribute(pass_message(pass), open->tag, open->content, name, out);
}

static struct tag_span fault_span(struct examiner_pass *pass, const struct fault *fault,
                                  enum fault_kind kind) {
    struct attribute_spans spans;
    struct text attribute = fault_attribute(fault);
    if (pass->depth == 0) {
        return (struct tag_span){ 0, 0 };
    }
    if (attribute.length && find_attribute(pass, attribute, &spans)) {
        bool by_value = kind == FAULT_FACET || kind == FAULT_TYPE;
        return by_value && spans.value.to > spans.value.from ? spans.value : spans.name;
    }
    switch (pass->event) {
    case AT_TEXT:
        return tags_trim(pass_message(pass), (struct tag_span){ pass_top(pass)->segment, pass->segment_end });
    case AT_END: return kind == FAULT_MISSING ? closing_tag_span(pass) : pass_value(pass);
    default: return pass_tag_name(pass);
    }
}

/* --- amendments ----------------------------------------------------------------------------------------- */

static struct text kept_copy(struct examiner_pass *pass, struct text text) {
    return text.length ? (struct text){ arena_copy(pass->arena, text), text.length } : TEXT("");
}

/* The element `above` the one on top; there are that many. */
static struct text open_name(const struct examiner_pass *pass, uint32_t above) {
    return tags_name(pass_message(pass), pass->opens[pass->depth - 1 - above].tag);
}

static uint32_t parent_of_top(const struct examiner_pass *pass) {
    return pass->depth > 1 ? pass->opens[pass->depth - 2].element : 0;
}

/* False: it was tried already, there is no room, or no pass that would see it amended. */
static bool amend(struct examiner_pass *pass, enum amendment_kind kind, struct text attribute,
                  struct text expected) {
    struct amendment amendment = {
        .kind = kind,
        .element = pass_top(pass)->element,
        .parent = parent_of_top(pass),
        .attribute = kept_copy(pass, attribute),
        .expected = kept_copy(pass, expected),
    };
    return !pass->last && amendments_add(&pass->examiner->amendments, &amendment);
}

/* False: it is none, for the schema has such an element in such a parent, or there is no room. */
static bool amend_unknown(struct examiner_pass *pass) {
    struct amendment amendment = {
        .kind = AMENDMENT_UNKNOWN,
        .name = open_name(pass, 0),
        .parent_name = open_name(pass, 1),
    };
    return !pass->last && !content_has(pass->examiner->content, amendment.parent_name, amendment.name)
           && amendments_add(&pass->examiner->amendments, &amendment);
}

/* The same thing was expected in this parent before a child left out in an earlier pass: that fault was told.
 * Not so where the format is tolerant: what was left out there is unknown, and nothing is thought to be
 * missing before it. */
static bool is_aftermath(const struct examiner_pass *pass, uint32_t parent, struct text expected) {
    return !pass->tolerant
           && amendments_expected(&pass->examiner->amendments, pass->amended_before, parent, expected);
}

bool examiner_is_unknown(const struct examiner_pass *pass) {
    const struct amendments *amendments = &pass->examiner->amendments;
    return amendments->unknown_count > 0 && pass->depth > 1
           && amendments_has_unknown(amendments, open_name(pass, 0), open_name(pass, 1));
}

static bool has_blanks_around(struct text text) {
    return text.length && text_trim(text).length < text.length;
}

/* The value of the attribute, or the text of the element now ending. */
static struct text value_at_fault(struct examiner_pass *pass, struct text attribute) {
    struct attribute_spans spans;
    const struct open *open = pass_top(pass);
    if (!attribute.length) {
        return (struct text){ pass->examiner->text + open->text, pass->text_length - open->text };
    }
    bool found = find_attribute(pass, attribute, &spans);
    return found
               ? (struct text){ pass_message(pass).at + spans.value.from, spans.value.to - spans.value.from }
               : TEXT("");
}

/* --- faults of the schema ------------------------------------------------------------------------------- */

static struct text missing_children(const struct examiner_pass *pass, const struct fault *fault) {
    struct text seen[CONTENT_SEEN_MAX];
    size_t count = tags_children(pass_message(pass), pass_content(pass), seen, CONTENT_SEEN_MAX);
    if (count == CONTENT_SEEN_MAX) { /* the rest of them is not known */
        return TEXT("");
    }
    return content_missing(pass->examiner->content, open_name(pass, 0), fault_expected(fault), seen, count,
                           pass->arena);
}

static struct fault_context context_of(const struct examiner_pass *pass, const struct fault *fault,
                                       enum fault_kind kind) {
    struct fault_context context = { TEXT(""), TEXT("") };
    if (kind == FAULT_MISSING && pass->depth && pass->event == AT_END) {
        context.missing = missing_children(pass, fault);
    } else if (kind == FAULT_TYPE && pass->depth) {
        bool of_attribute = fault_attribute(fault).length > 0;
        struct text element = of_attribute ? TEXT("") : open_name(pass, 0);
        context.built_in = content_built_in(pass->examiner->content, fault_type(fault), element);
    }
    return context;
}

static void add_finding(struct examiner_pass *pass, struct verdict *verdict, const struct fault *fault,
                        enum fault_kind kind) {
    bool told = pass->tolerant && (kind == FAULT_UNEXPECTED || kind == FAULT_ATTRIBUTE);
    struct finding finding = {
        .severity = told ? SEVERITY_WARNING : SEVERITY_ERROR,
        .place = place_of(pass, fault_span(pass, fault, kind)),
        .path = binding_path(pass->walk),
    };
    struct text attribute = fault_attribute(fault);
    if (attribute.length) {
        finding.path = arena_printf(pass->arena, "%s/@" TEXT_FORMAT, finding.path, TEXT_ARGS(attribute));
    }
    fault_explain(fault, context_of(pass, fault, kind), pass->arena, &finding);
    if (told) {
        finding.hint_zh = "该内容未知，已略过，其余照常处理";
        finding.hint_en = "it is not known and was passed over; the rest counts";
    }
    verdict_add(verdict, &finding);
}

void examiner_say_many(struct examiner_pass *pass, struct tag_span span, int max) {
    require(max > 0);
    verdict_say(pass->verdict, "XSD-MANY", SEVERITY_ERROR, place_of(pass, span), "",
                "错误超过 %d 处，其余部分未再检查", "more than %d faults; the rest was not looked at", max);
}

static void on_unexpected(struct examiner_pass *pass, const struct fault *fault) {
    struct text expected = fault_expected(fault);
    bool told = is_aftermath(pass, parent_of_top(pass), expected);
    bool child = pass->depth > 1 && pass->event == AT_START;
    bool amended =
        child
        && ((pass->tolerant && amend_unknown(pass)) || amend(pass, AMENDMENT_LEFT_OUT, TEXT(""), expected));
    if (!told) {
        add_finding(pass, amended ? pass->kept : pass->verdict, fault, FAULT_UNEXPECTED);
    }
    if (pass->tolerant && !amended) { /* what stands behind it is not judged, so it is not looked at */
        examiner_say_many(pass, fault_span(pass, fault, FAULT_UNEXPECTED),
                          (int)pass->examiner->amendments.count);
        pass_stop(pass);
    }
}

static void on_type_fault(struct examiner_pass *pass, const struct fault *fault) {
    uint32_t element = pass_top(pass)->element;
    struct text attribute = fault_attribute(fault);
    if (pass->facet_element == element && text_equal(pass->facet_attribute, attribute)) {
        return; /* said by the facet */
    }
    bool atomic = fault->number == 1824 && has_blanks_around(value_at_fault(pass, attribute));
    if (!atomic || !amend(pass, AMENDMENT_TRIMMED, attribute, TEXT(""))) {
        add_finding(pass, pass->verdict, fault, FAULT_TYPE);
    }
}

void examiner_schema_fault(void *context, xmlErrorPtr error) {
    struct examiner_pass *pass = &((struct examiner *)context)->pass;
    if (pass->stopped || error->level < XML_ERR_ERROR) {
        return;
    }
    struct fault fault = { error->code,
                           error->message ? error->message : "",
                           { error->str1, error->str2, error->str3 } };
    enum fault_kind kind = fault_kind_of(&fault);
    if (kind == FAULT_INTERNAL || error->code < 1800) { /* memory and the like */
        pass->internal = true;
        pass_stop(pass);
        return;
    }
    if (kind == FAULT_ECHO || (kind == FAULT_UNEXPECTED && examiner_is_unknown(pass))) {
        return;
    }
    if (++pass->faults > XSD_FAULTS_MAX) {
        examiner_say_many(pass, fault_span(pass, &fault, kind), XSD_FAULTS_MAX);
        pass_stop(pass);
        return;
    }
    if (pass->depth && kind == FAULT_UNEXPECTED) {
        on_unexpected(pass, &fault);
    } else if (pass->depth && kind == FAULT_TYPE) {
        on_type_fault(pass, &fault);
    } else if (!(pass->depth && kind == FAULT_MISSING
                 && is_aftermath(pass, pass_top(pass)->element, fault_expected(&fault)))) {
        if (pass->depth && kind == FAULT_FACET) {
            pass->facet_element = pass_top(pass)->element;
            pass->facet_attribute = kept_copy(pass, fault_attribute(&fault));
        }
        add_finding(pass, pass->verdict, &fault, kind);
    }
}

/* --- faults of the parser ------------------------------------------------------------------------------- */

/* The parser's own faults: our own reader found none (malformed.h), so there is no sentence for it. The first
 * that is fatal ends the message; what it says behind that is an echo. */
void examiner_parse_fault(void *context, xmlErrorPtr error) {
    struct examiner_pass *pass = context;
    if (pass->stopped || error->level < XML_ERR_ERROR) {
        return;
    }
    if (error->code == XML_ERR_NO_MEMORY || error->code == XML_ERR_INTERNAL_ERROR) {
        pass->internal = true;
        pass_stop(pass);
        return;
    }
    uint64_t at = pass_offset(pass), size = pass_message(pass).length;
    at = at < size ? at : size;
    const struct finding_meaning *meaning = finding_meaning("XML-OTHER");
    struct finding finding = {
        .code = meaning->code,
        .severity = SEVERITY_ERROR,
        .place = place_of(pass, (struct tag_span){ at, at + (at < size) }),
        .path = binding_path(pass->walk),
        .zh = meaning->zh,
        .en = meaning->en,
    };
    verdict_add(pass->verdict, &finding);
    if (error->level == XML_ERR_FATAL || ++pass->faults > XSD_FAULTS_MAX) {
        pass_stop(pass);
    }
}
