/*
 * xsd.c - one message through our own pass, or through libxml2's push parser and schema validator.
 *
 * Our own pass says what stands where, and the binding is told the same that libxml2's events would tell it
 * (retell). All the rest of this file is about what it did not accept.
 *
 * There our own SAX handlers stand between the two. For each element:
 *   start   note where its tag and its content begin, enter the binding, then the validator
 *   text    gathered here and given to the validator in one piece (it would copy all it has for every piece)
 *   end     the validator first, then leave the binding with the text
 * Both report through callbacks in the midst of this, so a fault is placed by the event being handled: the
 * parser's byte offset stands behind the tag just read, and the span is found by walking back over the raw
 * bytes.
 *
 * After a pass some faults are amended and the message is judged once more, so that nothing hides behind
 * them:
 *   LEFT OUT   an element that is not expected makes the validator skip the rest of its parent: the fault is
 *              kept and the element withheld. If then its neighbour is unexpected for the same reason, that
 *              was one fault (an element missing before both), and only the first is told. Where the format
 *              is tolerant the fault is a warning, and that is all there is to it.
 *   UNKNOWN    where the format is tolerant, a name that the schema has nowhere in an element of its parent's
 *              name: it is told once and withheld wherever it stands in such a parent, a thousand times if
 *              need be.
 *   TRIMMED    libxml2 2.9.14 refuses white space around dates, which XML Schema collapses. A value that is
 *              of the wrong type but breaks no facet has a type that is not a string, and all those collapse:
 *              so trimming it is always right.
 */
#include "check/xsd.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/counters.h"
#include "base/memory.h"
#include "base/status.h"
#include "xsd/validator.h"
#include "check/fault.h"
#include "check/places.h"
#include "check/schema.h"

#define PIECE               4096
#define PASSES_MAX          8
#define PASSES_MAX_LARGE    2 /* of messages larger than ... */
#define LARGE               ((size_t)512 << 10)
#define PASSES_MAX_TOLERANT 64 /* each finds one more element that is not known; of messages up to ... */
#define WATCHED             ((size_t)64 << 10) /* messages larger than this are held to their CPU time */
#define MENDS_MAX           256
#define UNKNOWN_MAX         20000 /* elements passed over; no answer of customs has that many */
/* The session keeps a text buffer of this size between messages. */
#define TEXT_KEPT           ((size_t)64 << 10)

struct xsd {
    xmlSchemaPtr schema;
    struct content *content;
    struct grammar *grammar; /* NULL: our own compiler refused it */
    struct obstacle obstacle;
};

enum mending { LEFT_OUT, TRIMMED, UNKNOWN };

struct mend {
    enum mending how;
    uint32_t element, parent;
    struct text attribute, expected;
    struct text name, parent_name; /* UNKNOWN */
};

struct open {              /* an open element */
    uint32_t element;      /* its number in the message */
    uint64_t tag, content; /* where they begin */
    uint64_t segment;      /* ... and its text since the last tag */
    size_t text, flushed;  /* in the session's text: its own, and what the validator has of it */
    bool left_out;
    bool skipped; /* within what is unknown and was walked by an earlier pass */
};

enum event { NOTHING, AT_START, AT_TEXT, AT_END };

struct pass {
    struct xsd_session *session;
    const struct gated *gated;
    struct binding_walk *walk;
    struct arena *arena;
    struct verdict *verdict; /* of this pass */
    struct places places;
    xmlParserCtxtPtr parser;
    xmlSAXHandlerPtr plug_sax; /* the validator's handlers and their context */
    void *plug_context;
    struct open *opens; /* the session's */
    uint32_t depth, elements;
    size_t text_length;
    enum event event;
    uint64_t behind;        /* the end tag now handled */
    uint64_t segment_end;   /* AT_TEXT: where the text ends */
    uint32_t facet_element; /* where a facet was broken last */
    struct text facet_attribute;
    size_t mends_before;  /* of the session's, those of earlier passes: they hold */
    struct verdict *kept; /* faults that later passes do not see */
    size_t faults;
    bool tolerant;    /* what the schema does not know is a warning */
    bool last;        /* no pass will follow: nothing is amended any more */
    uint32_t unknown; /* elements passed over */
    bool too_many_values, internal, stopped, well_formed;
};

struct xsd_session {
    const struct xsd *xsd;
    xmlSchemaValidCtxtPtr valid;
    struct validator *validator; /* NULL: the schema runs on libxml2 alone */
    char *text;                  /* of the elements now open */
    size_t text_capacity;
    struct mend mends[MENDS_MAX];
    size_t mends_count, unknown_count;
    struct open opens[BINDING_DEPTH_MAX];
    struct pass pass;
};

/* --- places --------------------------------------------------------------------------------------------- */

static uint64_t parser_offset(const struct pass *pass) {
    long consumed = xmlByteConsumed(pass->parser);
    return consumed < 0 ? 0 : (uint64_t)consumed;
}

struct span {
    uint64_t from, to;
};

static struct extent extent_of(struct span span) {
    return (struct extent){ (uint32_t)span.from, (uint32_t)(span.to - span.from) };
}

static struct place place_of(struct pass *pass, struct span span) {
    return places_at(&pass->places, span.from, span.to - span.from);
}

static struct span trimmed_span(const struct pass *pass, struct span span) {
    const char *base = pass->gated->text.utf8.at;
    struct text text = text_trim((struct text){ base + span.from, span.to - span.from });
    return (struct span){ (uint64_t)(text.at - base), (uint64_t)(text.at - base) + text.length };
}

static struct open *top(const struct pass *pass) {
    return &pass->opens[pass->depth - 1];
}

static bool ends_name(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '>' || c == '/' || c == '=';
}

static struct span tag_name_span(const struct pass *pass, const struct open *open) {
    struct text text = pass->gated->text.utf8;
    uint64_t to = open->tag;
    while (to < text.length && !ends_name(text.at[to])) {
        to++;
    }
    return (struct span){ open->tag, to };
}

struct attribute_spans {
    struct span name, value;
};

/* Finds an attribute in the raw start tag; the tag is well-formed, for the parser has read it. */
static bool find_attribute(const struct pass *pass, const struct open *open, struct text local_name,
                           struct attribute_spans *out) {
    const char *base = pass->gated->text.utf8.at, *end = base + open->content;
    const char *at = base + tag_name_span(pass, open).to;
    while (at < end) {
        while (at < end && (ends_name(*at) || *at == '"' || *at == '\'')) {
            at++;
        }
        struct text name = { at, 0 };
        while (at < end && !ends_name(*at)) {
            at++;
        }
        name.length = (size_t)(at - name.at);
        const char *quote = at;
        while (quote < end && *quote != '"' && *quote != '\'') {
            quote++;
        }
        const char *close = quote < end ? memchr(quote + 1, *quote, (size_t)(end - quote) - 1) : NULL;
        if (!close) {
            return false;
        }
        const char *colon = memchr(name.at, ':', name.length);
        size_t cut = colon && !text_starts(name, "xmlns:") ? (size_t)(colon - name.at) + 1 : 0;
        if (text_equal((struct text){ name.at + cut, name.length - cut }, local_name)) {
            uint64_t from = (uint64_t)(name.at - base);
            *out = (struct attribute_spans){ { from, from + name.length },
                                             { (uint64_t)(quote + 1 - base), (uint64_t)(close - base) } };
            return true;
        }
        at = close + 1;
    }
    return false;
}

/* Of the element now ending: what is between its tags. */
static struct span content_span(const struct pass *pass, const struct open *open) {
    uint64_t behind = pass->behind;
    const char *base = pass->gated->text.utf8.at;
    if (behind <= open->content || behind > pass->gated->text.utf8.length) {
        return (struct span){ open->content, open->content };
    }
    const char *tag = memrchr(base + open->content, '<', behind - open->content);
    uint64_t to = tag ? (uint64_t)(tag - base) : open->content;
    return (struct span){ open->content, to };
}

/* Of what stands there, without the blanks around it; of an element without anything: its tag. */
static struct span value_span(const struct pass *pass, struct span content) {
    const struct open *open = top(pass);
    struct span span = trimmed_span(pass, content);
    return span.to > span.from ? span : (struct span){ open->tag, open->content };
}

static struct span closing_tag_span(struct pass *pass) {
    const struct open *open = top(pass);
    uint64_t from = content_span(pass, open).to, to = pass->behind;
    bool has_one = to > from && from >= open->content && to > open->content;
    return has_one ? (struct span){ from, to } : tag_name_span(pass, open);
}

static struct span fault_span(struct pass *pass, const struct fault *fault, enum fault_kind kind) {
    struct attribute_spans spans;
    struct text attribute = fault_attribute(fault);
    if (pass->depth == 0) {
        return (struct span){ 0, 0 };
    }
    if (attribute.length && find_attribute(pass, top(pass), attribute, &spans)) {
        bool by_value = kind == FAULT_FACET || kind == FAULT_TYPE;
        return by_value && spans.value.to > spans.value.from ? spans.value : spans.name;
    }
    switch (pass->event) {
    case AT_TEXT: return trimmed_span(pass, (struct span){ top(pass)->segment, pass->segment_end });
    case AT_END:
        return kind == FAULT_MISSING ? closing_tag_span(pass)
                                     : value_span(pass, content_span(pass, top(pass)));
    default: return tag_name_span(pass, top(pass));
    }
}

/* --- faults --------------------------------------------------------------------------------------------- */

static void stop(struct pass *pass) {
    pass->stopped = true;
    xmlStopParser(pass->parser);
}

static const struct mend *find_mend(const struct pass *pass, enum mending how, uint32_t element,
                                    struct text attribute) {
    for (size_t i = 0; i < pass->session->mends_count; i++) {
        const struct mend *mend = &pass->session->mends[i];
        if (mend->how == how && mend->element == element && text_equal(mend->attribute, attribute)) {
            return mend;
        }
    }
    return NULL;
}

static struct text kept_copy(struct pass *pass, struct text text) {
    return text.length ? (struct text){ arena_copy(pass->arena, text), text.length } : TEXT("");
}

/* False: it was tried already, there is no room, or no pass that would see it amended. */
static bool add_mend(struct pass *pass, enum mending how, struct text attribute, struct text expected) {
    uint32_t element = top(pass)->element,
             parent = pass->depth > 1 ? pass->opens[pass->depth - 2].element : 0;
    if (pass->last || pass->session->mends_count == MENDS_MAX || find_mend(pass, how, element, attribute)) {
        return false;
    }
    pass->session->mends[pass->session->mends_count++] = (struct mend){
        .how = how,
        .element = element,
        .parent = parent,
        .attribute = kept_copy(pass, attribute),
        .expected = kept_copy(pass, expected),
    };
    return true;
}

/* The same thing was expected in this parent before a child left out in an earlier pass: that fault was told.
 * Not so where the format is tolerant: what was left out there is unknown, and nothing is thought to be
 * missing before it. */
static bool is_aftermath(const struct pass *pass, uint32_t parent, struct text expected) {
    for (size_t i = 0; i < pass->mends_before && !pass->tolerant; i++) {
        const struct mend *mend = &pass->session->mends[i];
        if (mend->how == LEFT_OUT && mend->parent == parent && mend->expected.length
            && text_equal(mend->expected, expected)) {
            return true;
        }
    }
    return false;
}

static struct text local_name(struct text name) {
    const char *colon = memchr(name.at, ':', name.length);
    size_t cut = colon ? (size_t)(colon - name.at) + 1 : 0;
    return (struct text){ name.at + cut, name.length - cut };
}

static struct text name_of(const struct pass *pass, const struct open *open) {
    struct span span = tag_name_span(pass, open);
    return local_name((struct text){ pass->gated->text.utf8.at + span.from + 1, span.to - span.from - 1 });
}

/* The element on top was found to be unknown, here or elsewhere. */
static bool is_unknown(const struct pass *pass) {
    const struct xsd_session *session = pass->session;
    if (session->unknown_count == 0 || pass->depth < 2) {
        return false;
    }
    struct text name = name_of(pass, top(pass)), parent_name = name_of(pass, top(pass) - 1);
    for (size_t i = 0; i < session->mends_count; i++) {
        const struct mend *mend = &session->mends[i];
        if (mend->how == UNKNOWN && text_equal(mend->name, name)
            && text_equal(mend->parent_name, parent_name)) {
            return true;
        }
    }
    return false;
}

/* False: it is none, for the schema has such an element in such a parent, or there is no room. */
static bool add_unknown(struct pass *pass) {
    struct text name = name_of(pass, top(pass)), parent_name = name_of(pass, top(pass) - 1);
    if (pass->last || pass->session->mends_count == MENDS_MAX
        || content_has(pass->session->xsd->content, parent_name, name)) {
        return false;
    }
    pass->session->mends[pass->session->mends_count++] = (struct mend){
        .how = UNKNOWN,
        .name = name,
        .parent_name = parent_name,
    };
    pass->session->unknown_count++;
    return true;
}

static bool has_blanks_around(struct text text) {
    return text.length && text_trim(text).length < text.length;
}

/* The value of the attribute, or the text of the element now ending. */
static struct text value_at_fault(struct pass *pass, struct text attribute) {
    struct attribute_spans spans;
    const struct open *open = top(pass);
    if (!attribute.length) {
        return (struct text){ pass->session->text + open->text, pass->text_length - open->text };
    }
    bool found = find_attribute(pass, open, attribute, &spans);
    return found ? (struct text){ pass->gated->text.utf8.at + spans.value.from,
                                  spans.value.to - spans.value.from }
                 : TEXT("");
}

/* Past a comment or CDATA section that begins here; NULL when none does. */
static const char *past_section(struct text rest) {
    const char *closing = text_starts(rest, "<!--") ? "-->" : text_starts(rest, "<![CDATA[") ? "]]>" : NULL;
    const char *end = closing ? memmem(rest.at, rest.length, closing, 3) : NULL;
    return end ? end + 3 : NULL;
}

static bool is_among(const struct text *names, size_t count, struct text name) {
    while (count > 0 && !text_equal(names[count - 1], name)) { /* most often it repeats the last one */
        count--;
    }
    return count > 0;
}

/* The different children between the tags of the element now ending, CONTENT_SEEN_MAX when there are more;
 * the parser has read them, so each tag ends. A '>' in an attribute would end its tag too soon, which is
 * worth no more than a name told that is not missing: so it is looked for. */
static size_t children_seen(const struct pass *pass, struct span content,
                            struct text seen[CONTENT_SEEN_MAX]) {
    const char *at = pass->gated->text.utf8.at + content.from, *end = pass->gated->text.utf8.at + content.to;
    size_t count = 0, depth = 0;
    while (count < CONTENT_SEEN_MAX && (at = memchr(at, '<', (size_t)(end - at)))) {
        const char *past = past_section((struct text){ at, (size_t)(end - at) });
        if (past) {
            at = past;
            continue;
        }
        const char *name = ++at;
        char quote = 0;
        while (at < end && (quote || *at != '>')) {
            quote = quote ? (*at == quote ? 0 : quote) : *at == '"' || *at == '\'' ? *at : 0;
            at++;
        }
        if (*name == '/') {
            depth -= depth > 0;
            continue;
        }
        if (depth == 0) {
            const char *to = name;
            while (to < at && !ends_name(*to)) {
                to++;
            }
            struct text child = local_name((struct text){ name, (size_t)(to - name) });
            if (!is_among(seen, count, child)) {
                seen[count++] = child;
            }
        }
        depth += at[-1] != '/';
    }
    return count;
}

static struct text missing_children(const struct pass *pass, const struct fault *fault) {
    struct text seen[CONTENT_SEEN_MAX];
    size_t count = children_seen(pass, content_span(pass, top(pass)), seen);
    if (count == CONTENT_SEEN_MAX) { /* the rest of them is not known */
        return TEXT("");
    }
    return content_missing(pass->session->xsd->content, name_of(pass, top(pass)), fault_expected(fault), seen,
                           count, pass->arena);
}

static struct fault_context context_of(const struct pass *pass, const struct fault *fault,
                                       enum fault_kind kind) {
    struct fault_context context = { TEXT(""), TEXT("") };
    if (kind == FAULT_MISSING && pass->depth && pass->event == AT_END) {
        context.missing = missing_children(pass, fault);
    } else if (kind == FAULT_TYPE && pass->depth) {
        bool of_attribute = fault_attribute(fault).length > 0;
        struct text element = of_attribute ? TEXT("") : name_of(pass, top(pass));
        context.built_in = content_built_in(pass->session->xsd->content, fault_type(fault), element);
    }
    return context;
}

static void add_finding(struct pass *pass, struct verdict *verdict, const struct fault *fault,
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

static void say_many(struct pass *pass, struct span span, int max) {
    verdict_say(pass->verdict, "XSD-MANY", SEVERITY_ERROR, place_of(pass, span), "",
                "错误超过 %d 处，其余部分未再检查", "more than %d faults; the rest was not looked at", max);
}

static void on_unexpected(struct pass *pass, const struct fault *fault) {
    struct text expected = fault_expected(fault);
    bool told = is_aftermath(pass, pass->depth > 1 ? pass->opens[pass->depth - 2].element : 0, expected);
    bool child = pass->depth > 1 && pass->event == AT_START;
    bool mended =
        child && ((pass->tolerant && add_unknown(pass)) || add_mend(pass, LEFT_OUT, TEXT(""), expected));
    if (!told) {
        add_finding(pass, mended ? pass->kept : pass->verdict, fault, FAULT_UNEXPECTED);
    }
    if (pass->tolerant && !mended) { /* what stands behind it is not judged, so it is not looked at */
        say_many(pass, fault_span(pass, fault, FAULT_UNEXPECTED), (int)pass->session->mends_count);
        stop(pass);
    }
}

static void on_type_fault(struct pass *pass, const struct fault *fault) {
    uint32_t element = top(pass)->element;
    struct text attribute = fault_attribute(fault);
    if (pass->facet_element == element && text_equal(pass->facet_attribute, attribute)) {
        return; /* said by the facet */
    }
    bool atomic = fault->number == 1824 && has_blanks_around(value_at_fault(pass, attribute));
    if (!atomic || !add_mend(pass, TRIMMED, attribute, TEXT(""))) {
        add_finding(pass, pass->verdict, fault, FAULT_TYPE);
    }
}

static void on_schema_fault(void *context, xmlErrorPtr error) {
    struct pass *pass = &((struct xsd_session *)context)->pass;
    if (pass->stopped || error->level < XML_ERR_ERROR) {
        return;
    }
    struct fault fault = { error->code,
                           error->message ? error->message : "",
                           { error->str1, error->str2, error->str3 } };
    enum fault_kind kind = fault_kind_of(&fault);
    if (kind == FAULT_INTERNAL || error->code < 1800) { /* memory and the like */
        pass->internal = true;
        stop(pass);
        return;
    }
    if (kind == FAULT_ECHO || (kind == FAULT_UNEXPECTED && is_unknown(pass))) {
        return;
    }
    if (++pass->faults > XSD_FAULTS_MAX) {
        say_many(pass, fault_span(pass, &fault, kind), XSD_FAULTS_MAX);
        stop(pass);
        return;
    }
    if (pass->depth && kind == FAULT_UNEXPECTED) {
        on_unexpected(pass, &fault);
    } else if (pass->depth && kind == FAULT_TYPE) {
        on_type_fault(pass, &fault);
    } else if (!(pass->depth && kind == FAULT_MISSING
                 && is_aftermath(pass, top(pass)->element, fault_expected(&fault)))) {
        if (pass->depth && kind == FAULT_FACET) {
            pass->facet_element = top(pass)->element;
            pass->facet_attribute = kept_copy(pass, fault_attribute(&fault));
        }
        add_finding(pass, pass->verdict, &fault, kind);
    }
}

static struct text open_name(struct pass *pass) {
    struct span span = tag_name_span(pass, top(pass));
    return (struct text){ pass->gated->text.utf8.at + span.from + 1, span.to - span.from - 1 };
}

/* With which byte the fault began, and how far behind it the parser may stand by then. */
/* clang-format off */
static const struct { int code; const char *begins; } beginnings[] = {
    { XML_ERR_TAG_NAME_MISMATCH, "<" },     { XML_ERR_UNDECLARED_ENTITY, "&" },
    { XML_ERR_INVALID_CHARREF, "&" },       { XML_ERR_INVALID_HEX_CHARREF, "&" },
    { XML_ERR_INVALID_DEC_CHARREF, "&" },   { XML_ERR_INVALID_CHAR, "&" },
    { XML_ERR_ENTITYREF_SEMICOL_MISSING, "&" }, { XML_ERR_ENTITYREF_NO_NAME, "&" },
    { XML_ERR_NAME_REQUIRED, "&<" },
};
/* clang-format on */

static const char *last_of(struct text text, const char *bytes) {
    for (const char *at = text.at + text.length; at > text.at;) {
        if (strchr(bytes, *--at)) {
            return at;
        }
    }
    return NULL;
}

/* The earliest wrong byte: the parser stands at it, or behind what does not fit. */
static struct span parse_fault_span(const struct pass *pass, int code) {
    struct text text = pass->gated->text.utf8;
    uint64_t at = parser_offset(pass);
    at = at < text.length ? at : text.length;
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
        const char *from =
            beginnings[i].code == code ? last_of((struct text){ text.at, at }, beginnings[i].begins) : NULL;
        if (from && pass->depth && (uint64_t)(from - text.at) >= top(pass)->tag) {
            bool empty = at == (uint64_t)(from - text.at);
            return (struct span){ (uint64_t)(from - text.at), empty ? at + 1 : at };
        }
    }
    return (struct span){ at, at + (at < text.length) };
}

/* The parser's own faults. The first that is fatal ends the message; what it says behind that is an echo. */
static void on_parse_fault(void *context, xmlErrorPtr error) {
    struct pass *pass = context;
    if (pass->stopped || error->level < XML_ERR_ERROR) {
        return;
    }
    if (error->code == XML_ERR_NO_MEMORY || error->code == XML_ERR_INTERNAL_ERROR) {
        pass->internal = true;
        stop(pass);
        return;
    }
    struct fault fault = { error->code,
                           error->message ? error->message : "",
                           { error->str1, error->str2, error->str3 } };
    struct text element = pass->depth ? open_name(pass) : TEXT("");
    struct span span = parse_fault_span(pass, error->code);
    struct text wrong = { pass->gated->text.utf8.at + span.from, span.to - span.from };
    struct finding finding = {
        .severity = SEVERITY_ERROR,
        .place = place_of(pass, span),
        .path = binding_path(pass->walk),
    };
    fault_explain_xml(&fault, element, wrong, pass->arena, &finding);
    verdict_add(pass->verdict, &finding);
    if (error->level == XML_ERR_FATAL || ++pass->faults > XSD_FAULTS_MAX) {
        stop(pass);
    }
}

/* --- events --------------------------------------------------------------------------------------------- */

static bool is_left_out(const struct pass *pass) {
    return pass->depth && pass->opens[pass->depth - 1].left_out;
}

static void gather(struct pass *pass, const char *text, size_t length) {
    struct xsd_session *session = pass->session;
    if (session->text_capacity - pass->text_length < length) {
        size_t capacity = session->text_capacity ? session->text_capacity : PIECE;
        while (capacity - pass->text_length < length) {
            capacity *= 2;
        }
        session->text = memory_grow(session->text, capacity, 1);
        session->text_capacity = capacity;
    }
    memcpy(session->text + pass->text_length, text, length);
    pass->text_length += length;
}

/* Gives the validator the text since the last tag. */
static void flush(struct pass *pass, uint64_t segment_end) {
    struct open *open = pass->depth ? top(pass) : NULL;
    if (!open) {
        return;
    }
    struct text text = { pass->session->text + open->flushed, pass->text_length - open->flushed };
    open->flushed = pass->text_length;
    if (open->left_out || text.length == 0) {
        return;
    }
    if (pass->mends_before && find_mend(pass, TRIMMED, open->element, TEXT(""))) {
        text = text_trim(text);
    }
    pass->event = AT_TEXT;
    pass->segment_end = segment_end;
    pass->plug_sax->characters(pass->plug_context, (const xmlChar *)text.at, (int)text.length);
    pass->event = NOTHING;
}

/* Behind the start tag the parser is reading; it stands on the > or /> of it. */
static uint64_t behind_tag(const struct pass *pass) {
    struct text text = pass->gated->text.utf8;
    uint64_t at = parser_offset(pass);
    require(at < text.length);
    const char *end = memchr(text.at + at, '>', text.length - at);
    return end ? (uint64_t)(end - text.at) + 1 : text.length;
}

static uint64_t tag_before(const struct pass *pass, uint64_t content) {
    const char *tag = memrchr(pass->gated->text.utf8.at, '<', content);
    return tag ? (uint64_t)(tag - pass->gated->text.utf8.at) : 0;
}

/* The parser hands an ampersand in an attribute on as &#38; */
static struct text attribute_value(struct pass *pass, const xmlChar *from, const xmlChar *to) {
    struct text raw = { (const char *)from, (size_t)(to - from) };
    if (!raw.length || !memmem(raw.at, raw.length, "&#38;", 5)) {
        return raw;
    }
    char *copy = arena_alloc(pass->arena, raw.length);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        copy[length++] = raw.at[i];
        i += text_starts((struct text){ raw.at + i, raw.length - i }, "&#38;") ? 4 : 0;
    }
    return (struct text){ copy, length };
}

#define PER_ATTRIBUTE 5 /* local name, prefix, URI, value, end of value */

static void bind_attributes(struct pass *pass, int count, const xmlChar **attributes) {
    if (!binding_wants_attributes(pass->walk)) {
        return;
    }
    for (int i = 0; i < count; i++, attributes += PER_ATTRIBUTE) {
        struct text name = text_of((const char *)attributes[0]);
        struct attribute_spans spans = { { 0, 0 }, { 0, 0 } };
        find_attribute(pass, top(pass), name, &spans);
        binding_attribute(pass->walk, name, attribute_value(pass, attributes[3], attributes[4]),
                          extent_of(spans.value));
    }
}

/* The attributes as the validator is to see them. The parser frees what it allocated for a value by the
 * pointer that stands in its own list, so that list is not touched. */
static const xmlChar **trimmed_attributes(struct pass *pass, int count, const xmlChar **attributes) {
    const xmlChar **copy = NULL;
    for (int i = 0; pass->mends_before && i < count; i++) {
        const xmlChar **at = attributes + i * PER_ATTRIBUTE;
        if (!find_mend(pass, TRIMMED, top(pass)->element, text_of((const char *)at[0]))) {
            continue;
        }
        if (!copy) {
            size_t size = (size_t)count * PER_ATTRIBUTE * sizeof(*copy);
            copy = arena_alloc(pass->arena, size);
            memcpy(copy, attributes, size);
        }
        struct text text = text_trim((struct text){ (const char *)at[3], (size_t)(at[4] - at[3]) });
        copy[i * PER_ATTRIBUTE + 3] = (const xmlChar *)text.at;
        copy[i * PER_ATTRIBUTE + 4] = (const xmlChar *)text.at + text.length;
    }
    return copy ? copy : attributes;
}

/* The local name as it stands in the tag: libxml2 frees its own with the parser, and paths are made later. */
static struct text name_in_message(const struct pass *pass, uint64_t tag, const xmlChar *name,
                                   const xmlChar *prefix) {
    size_t before = prefix ? strlen((const char *)prefix) + 2 : 1, length = strlen((const char *)name);
    bool fits = tag + before + length <= pass->gated->text.utf8.length;
    return fits ? (struct text){ pass->gated->text.utf8.at + tag + before, length } : TEXT("");
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces_count, const xmlChar **namespaces, int count, int defaulted,
                     const xmlChar **attributes) {
    struct pass *pass = context;
    if (pass->stopped) {
        return;
    }
    require(pass->depth < BINDING_DEPTH_MAX);
    uint64_t content = behind_tag(pass), tag = tag_before(pass, content);
    flush(pass, tag);
    bool left_out = is_left_out(pass), skipped = pass->depth && top(pass)->skipped;
    if (pass->depth) {
        top(pass)->segment = content;
    }
    uint32_t element = ++pass->elements;
    pass->opens[pass->depth++] = (struct open){
        .element = element,
        .tag = tag,
        .content = content,
        .segment = content,
        .text = pass->text_length,
        .flushed = pass->text_length,
    };
    bool unknown = !left_out && is_unknown(pass);
    left_out = left_out || unknown || (pass->mends_before && find_mend(pass, LEFT_OUT, element, TEXT("")));
    skipped = skipped || (unknown && pass->mends_before);
    top(pass)->left_out = left_out;
    top(pass)->skipped = skipped;
    if (!skipped) {
        binding_enter(pass->walk, name_in_message(pass, tag, name, prefix));
        bind_attributes(pass, count, attributes);
    }
    if (unknown && ++pass->unknown > UNKNOWN_MAX) {
        say_many(pass, tag_name_span(pass, top(pass)), UNKNOWN_MAX);
        stop(pass);
    }
    if (!left_out && !pass->stopped) {
        const xmlChar **seen = trimmed_attributes(pass, count, attributes);
        pass->event = AT_START;
        pass->plug_sax->startElementNs(pass->plug_context, name, prefix, uri, namespaces_count, namespaces,
                                       count, defaulted, seen);
        pass->event = NOTHING;
    }
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    struct pass *pass = context;
    if (pass->stopped || pass->depth == 0) {
        return;
    }
    struct open *open = top(pass);
    pass->behind = parser_offset(pass);
    struct span content = content_span(pass, open);
    flush(pass, content.to);
    if (!open->left_out && !pass->stopped) {
        pass->event = AT_END;
        pass->plug_sax->endElementNs(pass->plug_context, name, prefix, uri);
        pass->event = NOTHING;
    }
    struct text text = { pass->session->text + open->text, pass->text_length - open->text };
    if (!open->skipped) {
        bool wanted = binding_wants_text(pass->walk) && text.length;
        struct span span = wanted ? value_span(pass, content) : (struct span){ 0, 0 };
        pass->too_many_values |= !binding_leave(pass->walk, text, extent_of(span));
    }
    pass->text_length = open->text;
    pass->depth--;
    if (pass->depth) {
        top(pass)->segment = pass->behind;
        top(pass)->flushed = pass->text_length;
    }
}

/* Text, CDATA and blanks alike. Outside an element that is bound,
 * what was given to the validator is not needed again. */
static void on_text(void *context, const xmlChar *text, int length) {
    struct pass *pass = context;
    if (!pass->stopped && pass->depth && length > 0) {
        gather(pass, (const char *)text, (size_t)length);
    }
}

/* The gate let none of these through; if one comes all the same, the message is not what the gate saw. */
static void on_subset(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *url) {
    struct pass *pass = context;
    pass->internal = true;
    stop(pass);
}

static void on_entity(void *context, const xmlChar *name, int type, const xmlChar *id, const xmlChar *url,
                      xmlChar *content) {
    on_subset(context, name, id, url);
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data) {
    on_subset(context, target, NULL, NULL);
}

static const xmlSAXHandler handlers = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .cdataBlock = on_text,
    .ignorableWhitespace = on_text,
    .internalSubset = on_subset,
    .externalSubset = on_subset,
    .entityDecl = on_entity,
    .processingInstruction = on_instruction,
    .serror = on_parse_fault,
};

/* --- passes --------------------------------------------------------------------------------------------- */

#define NO_DEADLINE INT64_MAX

static int64_t cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void push_all(struct pass *pass, int64_t deadline_ms) {
    struct text text = pass->gated->text.utf8;
    for (size_t at = 0; at < text.length && !pass->stopped; at += PIECE) {
        size_t length = text.length - at < PIECE ? text.length - at : PIECE;
        xmlParseChunk(pass->parser, text.at + at, (int)length, at + length == text.length);
        if (deadline_ms != NO_DEADLINE && cpu_ms() > deadline_ms && !pass->stopped) {
            pass->internal = true;
            stop(pass);
        }
    }
}

/* What callbacks did not say but the contexts know. */
static void conclude(struct pass *pass) {
    pass->well_formed =
        !pass->stopped && pass->parser->wellFormed && pass->parser->nsWellFormed && !pass->gated->suspect;
    if (pass->internal || pass->stopped) {
        return;
    }
    if (!pass->parser->wellFormed || !pass->parser->nsWellFormed) {
        pass->internal |= verdict_passes(pass->verdict);
    } else if (pass->gated->suspect) {
        verdict_say(pass->verdict, "GATE-MARKUP", SEVERITY_ERROR, place_in(&pass->gated->text, 0, 0), "",
                    "标记有误", "markup that is not in order");
    } else if (xmlSchemaIsValid(pass->session->valid) != 1) {
        pass->internal |= pass->faults == 0;
    }
}

/* A new parser each time: its dictionary keeps all names it ever saw. */
static void run(struct pass *pass, int64_t deadline_ms) {
    struct xsd_session *session = pass->session;
    xmlSAXHandler sax = handlers;
    pass->parser = xmlCreatePushParserCtxt(&sax, pass, NULL, 0, NULL);
    require(pass->parser);
    xmlCtxtUseOptions(pass->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    pass->parser->charset = XML_CHAR_ENCODING_UTF8; /* no guessing from the first bytes */
    xmlSchemaSAXPlugPtr plug = xmlSchemaSAXPlug(session->valid, &pass->plug_sax, &pass->plug_context);
    require(plug);
    push_all(pass, deadline_ms);
    conclude(pass);
    xmlSchemaSAXUnplug(plug);
    xmlFreeParserCtxt(pass->parser);
}

static void take_over(struct verdict *verdict, const struct verdict *from) {
    for (size_t i = 0; i < from->count; i++) {
        verdict_add(verdict, &from->findings[i]);
    }
    verdict->errors += from->errors > from->count ? from->errors - from->count : 0;
}

static void say_internal(struct verdict *verdict) {
    counter_add(COUNTER_VALIDATOR_INTERNAL, 1);
    verdict_say(verdict, "XSD-INTERNAL", SEVERITY_ERROR, (struct place){ 0 }, "",
                "校验器未能完成判断，报文不予接收", "the validator could not finish; the message is refused");
}

static void say_too_many_values(struct verdict *verdict) {
    verdict_say(verdict, "XSD-VALUES", SEVERITY_ERROR, (struct place){ 0 }, "", "数据项超过 %d 个",
                "more than %d values", DOCUMENT_VALUES_MAX);
}

static void shrink(struct xsd_session *session) {
    if (session->text_capacity > TEXT_KEPT) {
        session->text = memory_grow(session->text, TEXT_KEPT, 1);
        session->text_capacity = TEXT_KEPT;
    }
}

enum xsd_end xsd_examine(struct xsd_session *session, const struct gated *gated, bool tolerant,
                         struct binding_walk *walk, struct arena *arena, struct verdict *verdict) {
    require(session->valid && gated->text.utf8.length > 0 && verdict->arena);
    struct verdict kept;
    struct pass *pass = &session->pass;
    int passes = gated->text.utf8.length > LARGE                  ? PASSES_MAX_LARGE
                 : tolerant && gated->text.utf8.length <= WATCHED ? PASSES_MAX_TOLERANT
                                                                  : PASSES_MAX;
    bool too_many_values = false;
    int64_t deadline_ms = gated->text.utf8.length > WATCHED ? cpu_ms() + XSD_CPU_MS_MAX : NO_DEADLINE;
    session->mends_count = session->unknown_count = 0;
    verdict_init(&kept, arena);
    for (bool first = true, again = true; again; first = false) {
        struct verdict found;
        verdict_init(&found, arena);
        *pass = (struct pass){
            .session = session,
            .opens = session->opens,
            .gated = gated,
            .arena = arena,
            .verdict = &found,
            .kept = &kept,
            .tolerant = tolerant,
            .walk = first && walk ? walk : binding_walk_new(NULL, NULL, arena),
            .places = places_of(&gated->text),
            .mends_before = session->mends_count,
            .last = --passes == 0,
        };
        run(pass, deadline_ms);
        too_many_values |= pass->too_many_values;
        again = !pass->internal && !pass->stopped && session->mends_count > pass->mends_before;
        if (!again) {
            take_over(verdict, &kept);
            take_over(verdict, &found);
        }
    }
    if (too_many_values) {
        say_too_many_values(verdict);
    }
    shrink(session);
    if (pass->internal) {
        say_internal(verdict);
        return XSD_FAILED;
    }
    return pass->well_formed ? XSD_READ_WHOLE : XSD_CUT_SHORT;
}

/* --- the compiled pass ---------------------------------------------------------------------------------- */

/* What the walk is told of a message that our own pass accepted: the same that libxml2's events tell it. */
struct retelling {
    const struct validator_events *events;
    struct text message;
    struct binding_walk *walk;
    bool too_many_values;
};

static struct text retold_name(const struct retelling *retelling, const struct validator_event *event) {
    return (struct text){ retelling->message.at + event->name, event->name_length };
}

/* Where a value stands: without the blanks around it; where nothing stands, at its start tag. */
static struct span retold_span(const struct retelling *retelling, const struct validator_event *event) {
    const char *base = retelling->message.at;
    struct text content = text_trim((struct text){ base + event->from, event->to - event->from });
    uint64_t from = (uint64_t)(content.at - base);
    return content.length ? (struct span){ from, from + content.length }
                          : (struct span){ event->tag, event->from };
}

static void retell_attribute(const struct retelling *retelling, const struct validator_event *event) {
    if (binding_wants_attributes(retelling->walk)) {
        struct text value = validator_text(retelling->events, event, retelling->message);
        binding_attribute(retelling->walk, retold_name(retelling, event), value,
                          extent_of((struct span){ event->from, event->to }));
    }
}

static void retell_end(struct retelling *retelling, const struct validator_event *event) {
    struct text text = validator_text(retelling->events, event, retelling->message);
    bool wanted = text.length && binding_wants_text(retelling->walk);
    struct span span = wanted ? retold_span(retelling, event) : (struct span){ 0, 0 };
    retelling->too_many_values |= !binding_leave(retelling->walk, text, extent_of(span));
}

/* False: more values than a document takes. */
static bool retell(const struct validator_events *events, struct text message, struct binding_walk *walk) {
    struct retelling retelling = { .events = events, .message = message, .walk = walk };
    for (size_t i = 0; i < events->count; i++) {
        const struct validator_event *event = &events->events[i];
        if (event->kind == VALIDATOR_LEAF || event->kind == VALIDATOR_ENTER) {
            binding_enter(walk, retold_name(&retelling, event));
        }
        if (event->kind == VALIDATOR_ATTRIBUTE) {
            retell_attribute(&retelling, event);
        }
        if (event->kind == VALIDATOR_LEAF || event->kind == VALIDATOR_LEAVE) {
            retell_end(&retelling, event);
        }
    }
    return !retelling.too_many_values;
}

bool xsd_accept(struct xsd_session *session, const struct gated *gated, struct binding_walk *walk,
                struct verdict *verdict) {
    struct validator_events events;
    if (!session->validator || gated->suspect) {
        return false;
    }
    if (!validator_accepts(session->validator, gated->text.utf8, &events)) {
        validator_shrink(session->validator);
        return false;
    }
    if (walk && !retell(&events, gated->text.utf8, walk)) {
        say_too_many_values(verdict);
    }
    validator_shrink(session->validator);
    return true;
}

enum xsd_end xsd_judge(struct xsd_session *session, const struct gated *gated, bool tolerant,
                       struct binding_walk *walk, struct arena *arena, struct verdict *verdict) {
    if (xsd_accept(session, gated, walk, verdict)) {
        counter_add(COUNTER_VALIDATED_COMPILED, 1);
        return XSD_READ_WHOLE;
    }
    counter_add(session->validator ? COUNTER_VALIDATED_AGAIN : COUNTER_VALIDATED_LIBXML2, 1);
    return xsd_examine(session, gated, tolerant, walk, arena, verdict);
}

/* --- life ----------------------------------------------------------------------------------------------- */

void xsd_start(void) {
    schema_start();
}

/* NULL after mistakes. Takes the content. */
static struct xsd *made_of(const struct schema_loaded *loaded, struct content *content) {
    if (!loaded->schema) {
        content_free(content);
        return NULL;
    }
    struct xsd *xsd = memory_new(sizeof(*xsd));
    *xsd = (struct xsd){ loaded->schema, content, loaded->grammar, loaded->obstacle };
    return xsd;
}

struct xsd *xsd_load(const char *path, struct verdict *mistakes) {
    struct content *content = content_new();
    struct schema_loaded loaded = schema_load(path, content, mistakes);
    return made_of(&loaded, content);
}

struct xsd *xsd_load_text(const struct schema_text *text, struct verdict *mistakes) {
    struct content *content = content_new();
    struct schema_loaded loaded = schema_load_text(text, content, mistakes);
    return made_of(&loaded, content);
}

void xsd_free(struct xsd *xsd) {
    if (xsd) {
        xmlSchemaFree(xsd->schema);
        content_free(xsd->content);
        grammar_free(xsd->grammar);
        free(xsd);
    }
}

const struct grammar *xsd_grammar(const struct xsd *xsd) {
    return xsd->grammar;
}

const struct obstacle *xsd_obstacle(const struct xsd *xsd) {
    return xsd->grammar ? NULL : &xsd->obstacle;
}

struct xsd_session *xsd_session_new(const struct xsd *xsd) {
    struct xsd_session *session = memory_new(sizeof(*session));
    session->xsd = xsd;
    session->valid = xmlSchemaNewValidCtxt(xsd->schema);
    session->validator = xsd->grammar ? validator_new(xsd->grammar) : NULL;
    require(session->valid);
    xmlSchemaSetValidStructuredErrors(session->valid, on_schema_fault, session);
    return session;
}

/* An empty run: what a run cut short left in the context's cache is only freed by the next one. */
static void clear(struct xsd_session *session) {
    xmlSAXHandlerPtr sax = NULL;
    void *context = NULL;
    xmlSchemaSAXUnplug(xmlSchemaSAXPlug(session->valid, &sax, &context));
}

void xsd_session_free(struct xsd_session *session) {
    if (session) {
        clear(session);
        xmlSchemaFreeValidCtxt(session->valid);
        validator_free(session->validator);
        free(session->text);
        free(session);
    }
}
