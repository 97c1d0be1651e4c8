/*
 * examiner_events.c - what the parser tells, handed to the binding and to the validator. For each element:
 *   start   note where its tag and its content begin, enter the binding, then the validator
 *   text    gathered here and given to the validator in one piece (it would copy all it has for every piece)
 *   end     the validator first, then leave the binding with the text
 * Validator and parser report in the midst of this (examiner_faults.c), so a fault is placed by the event
 * being handled: the parser's byte offset stands behind the tag just read, and the span is found by
 * walking back over the raw bytes.
 */
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "check/examiner_inside.h"

#define TEXT_FIRST  4096  /* the text buffer begins with */
#define UNKNOWN_MAX 20000 /* elements passed over; no answer of customs has that many */

static bool is_left_out(const struct examiner_pass *pass) {
    return pass->depth && pass->opens[pass->depth - 1].left_out;
}

static void gather(struct examiner_pass *pass, const char *text, size_t length) {
    struct examiner *examiner = pass->examiner;
    if (examiner->text_capacity - pass->text_length < length) {
        size_t capacity = examiner->text_capacity ? examiner->text_capacity : TEXT_FIRST;
        while (capacity - pass->text_length < length) {
            capacity *= 2;
        }
        examiner->text = memory_grow(examiner->text, capacity, 1);
        examiner->text_capacity = capacity;
    }
    memcpy(examiner->text + pass->text_length, text, length);
    pass->text_length += length;
}

/* Gives the validator the text since the last tag. */
static void flush(struct examiner_pass *pass, uint64_t segment_end) {
    struct open *open = pass->depth ? pass_top(pass) : NULL;
    if (!open) {
        return;
    }
    struct text text = { pass->examiner->text + open->flushed, pass->text_length - open->flushed };
    open->flushed = pass->text_length;
    if (open->left_out || text.length == 0) {
        return;
    }
    if (pass->amended_before
        && amendments_has(&pass->examiner->amendments, AMENDMENT_TRIMMED, open->element, TEXT(""))) {
        text = text_trim(text);
    }
    pass->event = AT_TEXT;
    pass->segment_end = segment_end;
    pass->plug_sax->characters(pass->plug_context, (const xmlChar *)text.at, (int)text.length);
    pass->event = NOTHING;
}

/* Behind the start tag the parser is reading; it stands on the > or /> of it, or at the end of a message that
 * ends within it (case 520). */
static uint64_t behind_tag(const struct examiner_pass *pass) {
    struct text text = pass_message(pass);
    uint64_t at = pass_offset(pass);
    if (at >= text.length) {
        return text.length;
    }
    const char *end = memchr(text.at + at, '>', text.length - at);
    return end ? (uint64_t)(end - text.at) + 1 : text.length;
}

static uint64_t tag_before(const struct examiner_pass *pass, uint64_t content) {
    const char *tag = memrchr(pass_message(pass).at, '<', content);
    return tag ? (uint64_t)(tag - pass_message(pass).at) : 0;
}

/* The parser hands an ampersand in an attribute on as &#38; */
static struct text attribute_value(struct examiner_pass *pass, const xmlChar *from, const xmlChar *to) {
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

/* The parser's bytes are gone when it goes on; what the walk is told must last. */
static struct text lasting(struct examiner_pass *pass, struct text text) {
    return text.length ? (struct text){ arena_copy(pass->arena, text), text.length } : TEXT("");
}

#define PER_ATTRIBUTE 5 /* local name, prefix, URI, value, end of value */

static void bind_attributes(struct examiner_pass *pass, int count, const xmlChar **attributes) {
    if (!binding_wants_attributes(pass->walk)) {
        return;
    }
    for (int i = 0; i < count; i++, attributes += PER_ATTRIBUTE) {
        struct text name = text_of((const char *)attributes[0]);
        struct attribute_spans spans = { { 0, 0 }, { 0, 0 } };
        tags_attribute(pass_message(pass), pass_top(pass)->tag, pass_top(pass)->content, name, &spans);
        struct text value = attribute_value(pass, attributes[3], attributes[4]);
        binding_attribute(pass->walk, name, lasting(pass, text_trim(value)), pass_extent(spans.value));
    }
}

/* The attributes as the validator is to see them. The parser frees what it allocated for a value by the
 * pointer that stands in its own list, so that list is not touched. */
static const xmlChar **trimmed_attributes(struct examiner_pass *pass, int count, const xmlChar **attributes) {
    const xmlChar **copy = NULL;
    for (int i = 0; pass->amended_before && i < count; i++) {
        const xmlChar **at = attributes + i * PER_ATTRIBUTE;
        if (!amendments_has(&pass->examiner->amendments, AMENDMENT_TRIMMED, pass_top(pass)->element,
                            text_of((const char *)at[0]))) {
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
static struct text name_in_message(const struct examiner_pass *pass, uint64_t tag, const xmlChar *name,
                                   const xmlChar *prefix) {
    size_t before = prefix ? strlen((const char *)prefix) + 2 : 1, length = strlen((const char *)name);
    bool fits = tag + before + length <= pass_message(pass).length;
    return fits ? (struct text){ pass_message(pass).at + tag + before, length } : TEXT("");
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces_count, const xmlChar **namespaces, int count, int defaulted,
                     const xmlChar **attributes) {
    struct examiner_pass *pass = context;
    if (pass->stopped) {
        return;
    }
    require(pass->depth < BINDING_DEPTH_MAX);
    uint64_t content = behind_tag(pass), tag = tag_before(pass, content);
    flush(pass, tag);
    bool left_out = is_left_out(pass), skipped = pass->depth && pass_top(pass)->skipped;
    if (pass->depth) {
        pass_top(pass)->segment = content;
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
    bool unknown = !left_out && examiner_is_unknown(pass);
    left_out = left_out || unknown
               || (pass->amended_before
                   && amendments_has(&pass->examiner->amendments, AMENDMENT_LEFT_OUT, element, TEXT("")));
    skipped = skipped || (unknown && pass->amended_before);
    pass_top(pass)->left_out = left_out;
    pass_top(pass)->skipped = skipped;
    if (!skipped) {
        binding_enter(pass->walk, name_in_message(pass, tag, name, prefix));
        bind_attributes(pass, count, attributes);
    }
    if (unknown && ++pass->unknown > UNKNOWN_MAX) {
        examiner_say_many(pass, pass_tag_name(pass), UNKNOWN_MAX);
        pass_stop(pass);
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
    struct examiner_pass *pass = context;
    if (pass->stopped || pass->depth == 0) {
        return;
    }
    struct open *open = pass_top(pass);
    pass->behind = pass_offset(pass);
    struct tag_span content = pass_content(pass);
    flush(pass, content.to);
    if (!open->left_out && !pass->stopped) {
        pass->event = AT_END;
        pass->plug_sax->endElementNs(pass->plug_context, name, prefix, uri);
        pass->event = NOTHING;
    }
    struct text text = { pass->examiner->text + open->text, pass->text_length - open->text };
    if (!open->skipped) {
        bool wanted = binding_wants_text(pass->walk) && text.length;
        struct tag_span span = wanted ? pass_value(pass) : (struct tag_span){ 0, 0 };
        text = wanted ? lasting(pass, text_trim(text)) : TEXT("");
        pass->too_many_values |= !binding_leave(pass->walk, text, pass_extent(span));
    }
    pass->text_length = open->text;
    pass->depth--;
    if (pass->depth) {
        pass_top(pass)->segment = pass->behind;
        pass_top(pass)->flushed = pass->text_length;
    }
}

/* Text, CDATA and blanks alike. */
static void on_text(void *context, const xmlChar *text, int length) {
    struct examiner_pass *pass = context;
    if (!pass->stopped && pass->depth && length > 0) {
        gather(pass, (const char *)text, (size_t)length);
    }
}

/* The gate let none of these through; if one comes all the same, the message is not what the gate saw. */
static void on_subset(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *url) {
    struct examiner_pass *pass = context;
    pass->internal = true;
    pass_stop(pass);
}

static void on_entity(void *context, const xmlChar *name, int type, const xmlChar *id, const xmlChar *url,
                      xmlChar *content) {
    on_subset(context, name, id, url);
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data) {
    on_subset(context, target, NULL, NULL);
}

const xmlSAXHandler examiner_handlers = {
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
    .serror = examiner_parse_fault,
};
