/*
 * wellformed.c - a reader by recursive descent without the recursion: what stands next decides what is read,
 * and the first thing that is wrong ends it. Each function returns whether to go on.
 *
 * Of a tag its own spelling is read before what its namespaces say, for a prefix may be declared behind the
 * attribute that uses it.
 */
#include "xsd/wellformed.h"

#include <string.h>

#include "xsd/xml.h"

#define NAMESPACE_ROOM 256

struct scope {
    struct text prefix, uri;
};

struct element {
    struct text whole; /* its name as written */
    uint32_t tag, content;
    uint32_t scopes; /* declared outside of it */
};

struct reader {
    const char *start, *at, *end;
    const struct wellformed_listener *listener;
    struct wellformed_fault fault;
    bool given_up;
    struct element open[WELLFORMED_DEPTH_MAX];
    uint32_t depth;
    struct scope scopes[WELLFORMED_PREFIXES_MAX];
    uint32_t scopes_count;
    struct xml_attribute attributes[XML_ATTRIBUTES_MAX];
    uint32_t attributes_count;
};

static uint32_t offset_of(const struct reader *reader, const char *at) {
    return (uint32_t)(at - reader->start);
}

static bool wrong(struct reader *reader, enum wellformed what, const char *from, const char *to) {
    reader->fault = (struct wellformed_fault){
        .what = what,
        .offset = offset_of(reader, from),
        .length = (uint32_t)(to - from),
        .element = reader->depth ? reader->open[reader->depth - 1].whole : TEXT(""),
    };
    return false;
}

static bool give_up(struct reader *reader) {
    reader->given_up = true;
    return false;
}

static bool starts(const struct reader *reader, const char *at, const char *with) {
    return text_starts((struct text){ at, (size_t)(reader->end - at) }, with);
}

/* At most so far. */
static const char *within(const struct reader *reader, const char *at) {
    return at < reader->end ? at : reader->end;
}

/* The byte of a character, to show which is wrong. */
static const char *behind_character(const struct reader *reader, const char *at) {
    const char *behind = at;
    if (at < reader->end) {
        text_next(&behind, reader->end);
    }
    return behind;
}

/* --- references [66] [68] ------------------------------------------------------------------------------- */

static bool is_alphanumeric(char c) {
    return (xml_class(c) & XML_NAME) && c != '-' && c != '.' && c != '_';
}

static bool wrong_character_reference(struct reader *reader, const char *from) {
    bool hex = starts(reader, from, "&#x"), are_digits = true;
    const char *digits = from + (hex ? 3 : 2), *to = digits;
    for (; to < reader->end && is_alphanumeric(*to); to++) {
        are_digits = are_digits && xml_digit(*to) < (hex ? 16 : 10);
    }
    bool ends = to < reader->end && *to == ';';
    enum wellformed what =
        ends && are_digits && to > digits ? WELLFORMED_CHARACTER : WELLFORMED_CHARACTER_REFERENCE;
    return wrong(reader, what, from, to + ends);
}

/* What is none of XML's is looked into for what is wrong with it. */
static bool take_reference(struct reader *reader) {
    char said[4], *to_said = said;
    if (xml_take_reference(&reader->at, reader->end, &to_said)) {
        return true;
    }
    const char *from = reader->at, *to = xml_name_end(from + 1, reader->end);
    if (starts(reader, from, "&#")) {
        return wrong_character_reference(reader, from);
    }
    if (to == from + 1) {
        return wrong(reader, WELLFORMED_REFERENCE_NAME, from, to);
    }
    bool ends = to < reader->end && *to == ';';
    return ends ? wrong(reader, WELLFORMED_ENTITY, from, to + 1)
                : wrong(reader, WELLFORMED_REFERENCE_END, from, to);
}

/* --- names and attributes [5] [40] [41], Namespaces [7] ------------------------------------------------- */

/* A qualified name; what_if: what is wrong when none begins here. */
static bool take_name(struct reader *reader, enum wellformed what_if, const char *shown, struct text *prefix,
                      struct text *local) {
    const char *from = reader->at, *to = xml_name_end(from, reader->end);
    *prefix = TEXT("");
    *local = (struct text){ from, (size_t)(to - from) };
    if (to < reader->end && *to == ':') {
        const char *second = to + 1;
        *prefix = *local;
        to = xml_name_end(second, reader->end);
        *local = (struct text){ second, (size_t)(to - second) };
        bool more = to < reader->end && *to == ':';
        if (prefix->length == 0 || local->length == 0 || more) {
            return wrong(reader, WELLFORMED_QNAME, from, to + more);
        }
    }
    if (local->length == 0) {
        return wrong(reader, what_if, shown, shown == from ? behind_character(reader, from) : shown + 1);
    }
    reader->at = to;
    return true;
}

/* All that begin before `to`. */
static bool take_references(struct reader *reader, const char *to) {
    while (reader->at < to) {
        reader->at = *reader->at == '&' ? reader->at : memchr(reader->at, '&', (size_t)(to - reader->at));
        if (!reader->at) {
            break;
        }
        if (!take_reference(reader)) {
            return false;
        }
    }
    reader->at = to;
    return true;
}

static bool take_value(struct reader *reader, struct text *value) {
    char quote = *reader->at;
    const char *from = reader->at++;
    uint8_t seen;
    const char *to = xml_scan_value(reader->at, reader->end, quote, &seen);
    if (seen & XML_STOP && !take_references(reader, to)) {
        return false;
    }
    if (to == reader->end) {
        return wrong(reader, WELLFORMED_OPEN_QUOTE, from, from + 1);
    }
    if (*to == '<') {
        return wrong(reader, WELLFORMED_LESS_IN_VALUE, to, to + 1);
    }
    *value = (struct text){ from + 1, (size_t)(to - from) - 1 };
    reader->at = to + 1;
    return true;
}

static struct text whole_name(const struct xml_attribute *attribute) {
    const char *from = attribute->prefix.length ? attribute->prefix.at : attribute->name.at;
    return (struct text){ from, (size_t)(attribute->name.at - from) + attribute->name.length };
}

static bool wrong_name(struct reader *reader, enum wellformed what, struct text name) {
    return wrong(reader, what, name.at, name.at + name.length);
}

static bool take_attribute(struct reader *reader) {
    struct xml_attribute attribute;
    if (reader->attributes_count == XML_ATTRIBUTES_MAX) {
        return give_up(reader);
    }
    if (!take_name(reader, WELLFORMED_ATTRIBUTE_NAME, reader->at, &attribute.prefix, &attribute.name)) {
        return false;
    }
    reader->at = xml_skip_blanks(reader->at, reader->end);
    if (reader->at == reader->end || *reader->at != '=') {
        return wrong_name(reader, WELLFORMED_NO_EQUALS, whole_name(&attribute));
    }
    reader->at = xml_skip_blanks(reader->at + 1, reader->end);
    if (reader->at == reader->end || (*reader->at != '"' && *reader->at != '\'')) {
        return wrong(reader, WELLFORMED_NO_QUOTE, reader->at, behind_character(reader, reader->at));
    }
    if (!take_value(reader, &attribute.value)) {
        return false;
    }
    for (uint32_t i = 0; i < reader->attributes_count; i++) {
        if (text_equal(whole_name(&reader->attributes[i]), whole_name(&attribute))) {
            return wrong_name(reader, WELLFORMED_ATTRIBUTE_TWICE, whole_name(&attribute));
        }
    }
    reader->attributes[reader->attributes_count++] = attribute;
    return true;
}

/* --- namespaces ----------------------------------------------------------------------------------------- */

static bool is_declaration(const struct xml_attribute *attribute) {
    return text_is(attribute->prefix, "xmlns")
           || (attribute->prefix.length == 0 && text_is(attribute->name, "xmlns"));
}

/* Where [address] stands in //[address]:port/path, from its first byte to behind its last; as they were: none
 * does. False: it does not end, or what follows it follows no authority (RFC 3986, section 3.2). */
static bool address_literal(struct text uri, size_t *first, size_t *behind) {
    const char *opening = memmem(uri.at, uri.length, "//[", 3), *end = uri.at + uri.length;
    const char *closing = opening ? memchr(opening, ']', (size_t)(end - opening)) : NULL;
    if (!opening) {
        return true;
    }
    if (!closing || (closing + 1 < end && !strchr(":/?#", closing[1]))) {
        return false;
    }
    *first = (size_t)(opening - uri.at) + 2;
    *behind = (size_t)(closing - uri.at) + 1;
    return true;
}

/* In USER@HOST:PORT, behind // and to the end of it (RFC 3986, section 3.2): the port is a number. */
static bool port_is_none(struct text uri, size_t from) {
    const char *end = uri.at + uri.length, *at = uri.at + from;
    if (uri.length - from < 2 || memcmp(at, "//", 2) != 0) {
        return false;
    }
    at += 2;
    const char *behind = at;
    while (behind < end && !strchr("/?#", *behind)) {
        behind++;
    }
    const char *user = memchr(at, '@', (size_t)(behind - at));
    const char *host = user ? user + 1 : at;
    const char *literal = host < behind && *host == '[' ? memchr(host, ']', (size_t)(behind - host)) : NULL;
    const char *colon = memchr(literal ? literal : host, ':', (size_t)(behind - (literal ? literal : host)));
    bool none = colon && colon + 1 == behind;
    for (const char *digit = colon ? colon + 1 : behind; digit < behind; digit++) {
        none |= *digit < '0' || *digit > '9';
    }
    return none;
}

/* What no URI reference holds (RFC 3986, section 2), as the name of a namespace must be. */
static bool is_no_uri(struct text uri) {
    size_t scheme = 0;
    while (scheme < uri.length && !strchr(":/?#", uri.at[scheme])) {
        scheme++;
    }
    for (size_t i = 0; scheme < uri.length && uri.at[scheme] == ':' && i <= scheme; i++) {
        bool letter = (xml_class(uri.at[i]) & XML_NAME_START) && uri.at[i] != '_';
        bool other = i > 0 && (i == scheme || is_alphanumeric(uri.at[i]) || strchr("+-.", uri.at[i]));
        if (!letter && !other) {
            return true;
        }
    }
    bool has_scheme = scheme < uri.length && uri.at[scheme] == ':';
    if (port_is_none(uri, has_scheme ? scheme + 1 : 0)) {
        return true;
    }
    const char *fragment = memchr(uri.at, '#', uri.length);
    size_t literal = 0, behind = 0; /* brackets stand around an address of IPv6 only */
    if (!address_literal(uri, &literal, &behind)) {
        return true;
    }
    for (size_t i = 0; i < uri.length; i++) {
        unsigned char c = (unsigned char)uri.at[i];
        bool escaped = uri.length - i > 2 && xml_digit(uri.at[i + 1]) < 16 && xml_digit(uri.at[i + 2]) < 16;
        if (c <= ' ' || c >= 0x7F || strchr("<>\"{}|\\^`", c) || (c == '%' && !escaped)
            || ((c == '[' || c == ']') && (i < literal || i >= behind))
            || (c == '#' && uri.at + i > fragment)) {
            return true;
        }
    }
    return false;
}

static bool may_be_declared(struct text prefix, struct text uri) {
    if (is_no_uri(uri)) {
        return false;
    }
    if (text_is(prefix, "xml") || text_is(uri, XML_NAMESPACE)) {
        return text_is(prefix, "xml") && text_is(uri, XML_NAMESPACE);
    }
    return !text_is(prefix, "xmlns") && !text_is(uri, XMLNS_NAMESPACE) && !(prefix.length && !uri.length);
}

/* What a value with references says; as written when it is too long for a name anybody means. */
static struct text said(struct text value, char room[NAMESPACE_ROOM]) {
    bool plain = value.length > NAMESPACE_ROOM || !memchr(value.at, '&', value.length);
    return plain ? value : (struct text){ room, xml_decode_attribute(value, room) };
}

static bool declare(struct reader *reader, const struct xml_attribute *attribute) {
    char room[NAMESPACE_ROOM];
    struct text prefix = attribute->prefix.length ? attribute->name : TEXT("");
    if (!may_be_declared(prefix, said(attribute->value, room))) {
        return wrong_name(reader, WELLFORMED_NAMESPACE, whole_name(attribute));
    }
    if (reader->scopes_count == WELLFORMED_PREFIXES_MAX) {
        return give_up(reader);
    }
    reader->scopes[reader->scopes_count++] = (struct scope){ prefix, attribute->value };
    return true;
}

/* False: the prefix is not declared. */
static bool find_uri(const struct reader *reader, struct text prefix, struct text *uri) {
    *uri = text_is(prefix, "xml") ? TEXT(XML_NAMESPACE) : TEXT("");
    for (uint32_t i = reader->scopes_count; i > 0; i--) {
        if (text_equal(reader->scopes[i - 1].prefix, prefix)) {
            *uri = reader->scopes[i - 1].uri;
            return true;
        }
    }
    return prefix.length == 0 || text_is(prefix, "xml");
}

/* Two attributes of one name by two prefixes. */
static bool are_different(struct reader *reader) {
    for (uint32_t i = 0; i < reader->attributes_count; i++) {
        const struct xml_attribute *one = &reader->attributes[i];
        for (uint32_t k = 0; k < i && one->prefix.length && !is_declaration(one); k++) {
            const struct xml_attribute *other = &reader->attributes[k];
            struct text first, second;
            if (other->prefix.length && !is_declaration(other) && text_equal(one->name, other->name)
                && find_uri(reader, one->prefix, &first) && find_uri(reader, other->prefix, &second)
                && text_equal(first, second)) {
                return wrong_name(reader, WELLFORMED_ATTRIBUTE_TWICE, whole_name(one));
            }
        }
    }
    return true;
}

static bool take_namespaces(struct reader *reader, struct text whole, struct text prefix) {
    struct text uri;
    for (uint32_t i = 0; i < reader->attributes_count; i++) {
        if (is_declaration(&reader->attributes[i]) && !declare(reader, &reader->attributes[i])) {
            return false;
        }
    }
    if (!find_uri(reader, prefix, &uri) || text_is(prefix, "xmlns")) {
        return wrong_name(reader, WELLFORMED_PREFIX, whole);
    }
    for (uint32_t i = 0; i < reader->attributes_count; i++) {
        const struct xml_attribute *attribute = &reader->attributes[i];
        if (attribute->prefix.length && !is_declaration(attribute)
            && !find_uri(reader, attribute->prefix, &uri)) {
            return wrong_name(reader, WELLFORMED_PREFIX, whole_name(attribute));
        }
    }
    return are_different(reader);
}

/* --- tags [40] [42] [44] -------------------------------------------------------------------------------- */

static void tell_entered(const struct reader *reader, struct text local) {
    const struct wellformed_listener *listener = reader->listener;
    if (!listener) {
        return;
    }
    listener->enter(listener->context, local);
    for (uint32_t i = 0; i < reader->attributes_count; i++) {
        if (!is_declaration(&reader->attributes[i])) {
            listener->attribute(listener->context, reader->attributes[i].name, reader->attributes[i].value);
        }
    }
}

static void close_element(struct reader *reader, const char *to) {
    struct element *element = &reader->open[--reader->depth];
    reader->scopes_count = element->scopes;
    if (reader->listener) {
        const char *from = reader->start + element->content;
        reader->listener->leave(reader->listener->context, element->tag,
                                (struct text){ from, (size_t)(to - from) });
    }
}

static bool take_attributes(struct reader *reader, const char *tag) {
    reader->attributes_count = 0;
    for (;;) {
        const char *blank = reader->at;
        reader->at = xml_skip_blanks(blank, reader->end);
        if (reader->at == reader->end) {
            return wrong(reader, WELLFORMED_TAG_CUT_OFF, tag, reader->end);
        }
        if (*reader->at == '>' || *reader->at == '/') {
            return true;
        }
        if (reader->at == blank) {
            return wrong(reader, WELLFORMED_NO_BLANK, blank, behind_character(reader, blank));
        }
        if (!take_attribute(reader)) {
            return false;
        }
    }
}

static bool take_start_tag(struct reader *reader) {
    const char *tag = reader->at++;
    uint32_t scopes = reader->scopes_count;
    struct text prefix, local;
    if (!take_name(reader, WELLFORMED_NO_NAME, tag, &prefix, &local)) {
        return false;
    }
    struct text whole = { tag + 1, (size_t)(reader->at - tag) - 1 };
    if (!take_attributes(reader, tag)) {
        return false;
    }
    bool empty = *reader->at == '/';
    if (empty && (reader->end - reader->at < 2 || reader->at[1] != '>')) {
        return wrong(reader, WELLFORMED_MARKUP, reader->at, reader->at + 1);
    }
    if (!take_namespaces(reader, whole, prefix)) {
        return false;
    }
    if (reader->depth == WELLFORMED_DEPTH_MAX) {
        return give_up(reader);
    }
    reader->at += empty ? 2 : 1;
    reader->open[reader->depth++] = (struct element){
        .whole = whole,
        .tag = offset_of(reader, tag),
        .content = offset_of(reader, reader->at),
        .scopes = scopes,
    };
    tell_entered(reader, local);
    if (empty) {
        close_element(reader, reader->at);
    }
    return true;
}

static bool take_end_tag(struct reader *reader) {
    const char *tag = reader->at, *close = memchr(tag, '>', (size_t)(reader->end - tag));
    struct text whole = reader->open[reader->depth - 1].whole;
    const char *behind = tag + 2 + whole.length;
    if ((size_t)(reader->end - tag) < whole.length + 2 || memcmp(tag + 2, whole.at, whole.length) != 0
        || (behind < reader->end && xml_name_end(tag + 2, reader->end) > behind)) {
        return wrong(reader, WELLFORMED_OTHER_END_TAG, tag, close ? close + 1 : within(reader, tag + 2));
    }
    const char *at = xml_skip_blanks(behind, reader->end);
    if (at == reader->end) {
        return wrong(reader, WELLFORMED_TAG_CUT_OFF, tag, reader->end);
    }
    if (*at != '>') {
        return wrong(reader, *at == ':' ? WELLFORMED_OTHER_END_TAG : WELLFORMED_END_TAG, at,
                     behind_character(reader, at));
    }
    close_element(reader, tag);
    reader->at = at + 1;
    return true;
}

/* --- content [43] --------------------------------------------------------------------------------------- */

static bool take_comment(struct reader *reader) {
    const char *from = reader->at, *body = from + 4;
    const char *dashes = xml_find_dashes(body, reader->end);
    if (!dashes) {
        return wrong(reader, WELLFORMED_OPEN_SECTION, from, body);
    }
    if (dashes + 2 == reader->end || dashes[2] != '>') {
        return wrong(reader, WELLFORMED_COMMENT, dashes, dashes + 2);
    }
    reader->at = dashes + 3;
    return true;
}

static bool take_cdata(struct reader *reader) {
    struct text section;
    if (!xml_cdata(reader->at, reader->end, &section)) {
        return wrong(reader, WELLFORMED_OPEN_SECTION, reader->at, reader->at + 9);
    }
    reader->at = section.at + section.length + 3;
    return true;
}

static bool take_text(struct reader *reader) {
    while (reader->at < reader->end && *reader->at != '<') {
        uint8_t seen;
        const char *from = reader->at;
        reader->at = xml_scan_text(from, reader->end, &seen);
        const char *section_end = seen & XML_BRACKET ? xml_find_section_end(from, reader->at) : NULL;
        if (section_end) {
            return wrong(reader, WELLFORMED_SECTION_END, section_end, section_end + 3);
        }
        while (reader->at < reader->end && *reader->at == '&') {
            if (!take_reference(reader)) {
                return false;
            }
        }
    }
    return true;
}

static bool take_content(struct reader *reader) {
    if (*reader->at != '<') {
        return take_text(reader);
    }
    if (starts(reader, reader->at, "</")) {
        return take_end_tag(reader);
    }
    if (starts(reader, reader->at, "<!--")) {
        return take_comment(reader);
    }
    if (starts(reader, reader->at, "<![CDATA[")) {
        return take_cdata(reader);
    }
    bool other = starts(reader, reader->at, "<!") || starts(reader, reader->at, "<?");
    return other ? give_up(reader) : take_start_tag(reader);
}

/* Blanks and comments outside of the root element, up to something else or the end. */
static bool take_outside(struct reader *reader) {
    for (;;) {
        reader->at = xml_skip_blanks(reader->at, reader->end);
        if (!starts(reader, reader->at, "<!--")) {
            return true;
        }
        if (!take_comment(reader)) {
            return false;
        }
    }
}

/* --- all of it ------------------------------------------------------------------------------------------ */

static bool take_prolog(struct reader *reader, struct text message) {
    const char *behind = xml_behind_declaration(message);
    if (!behind) {
        const char *close = memchr(reader->at, '>', message.length);
        return wrong(reader, WELLFORMED_DECLARATION, reader->at, close ? close + 1 : reader->end);
    }
    reader->at = behind;
    if (!take_outside(reader)) {
        return false;
    }
    if (reader->at == reader->end) {
        return wrong(reader, WELLFORMED_NO_ROOT, reader->at, reader->at);
    }
    if (starts(reader, reader->at, "<!") || starts(reader, reader->at, "<?")) {
        return starts(reader, reader->at, "<![")
                   ? wrong(reader, WELLFORMED_MARKUP, reader->at, reader->at + 3)
                   : give_up(reader);
    }
    if (*reader->at != '<' || starts(reader, reader->at, "</")) {
        return wrong(reader, WELLFORMED_MARKUP, reader->at, behind_character(reader, reader->at));
    }
    return take_start_tag(reader);
}

static bool take_document(struct reader *reader, struct text message) {
    if (!take_prolog(reader, message)) {
        return false;
    }
    while (reader->depth) {
        if (reader->at == reader->end) {
            struct text whole = text_trim(message);
            return wrong(reader, WELLFORMED_CUT_OFF, whole.at + whole.length, whole.at + whole.length);
        }
        if (!take_content(reader)) {
            return false;
        }
    }
    if (!take_outside(reader)) {
        return false;
    }
    if (starts(reader, reader->at, "<?")) {
        return give_up(reader);
    }
    return reader->at == reader->end
           || wrong(reader, WELLFORMED_BEHIND_ROOT, reader->at, behind_character(reader, reader->at));
}

struct wellformed_fault wellformed_check(struct text message, const struct wellformed_listener *listener) {
    struct reader reader;
    reader.start = reader.at = message.at;
    reader.end = message.at + message.length;
    reader.listener = listener;
    reader.fault = (struct wellformed_fault){ .what = WELLFORMED_NO_FAULT };
    reader.given_up = false;
    reader.depth = reader.scopes_count = reader.attributes_count = 0;
    take_document(&reader, message);
    return reader.fault;
}
