/*
 * wrapper.c - a wrapper is held to what any message is: gate, then well-formedness. Read so, it tells where
 * the message stands in it; an element is cut out there, CDATA and Base64 are undone.
 */
#include "check/wrapper.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/buf.h"
#include "edition/binding.h"
#include "check/malformed.h"
#include "check/places.h"
#include "check/refusal.h"
#include "check/xml_declaration.h"
#include "xsd/wellformed.h"
#include "xsd/xml.h"

#define DECLARED_MAX   (2 * XML_ATTRIBUTES_MAX) /* by the two elements around a message */
#define LOOKED_FOR_MAX 8                        /* prefixes; each costs a search of the message */

enum holds { ELEMENT, BASE64 };

/* clang-format off */
static const struct wrapper { const char *root, *namespace, *holder; enum holds holds; } wrappers[] = {
    { "ImportMessage", NULL,                              "SWImpData", ELEMENT }, /* in whatever namespace */
    { "DxpMsg",        "http://www.chinaport.gov.cn/dxp", "Data",      BASE64 },
};
/* clang-format on */

static const struct wrapper *wrapper_of(struct text root) {
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(*wrappers); i++) {
        if (text_is(root, wrappers[i].root)) {
            return &wrappers[i];
        }
    }
    return NULL;
}

/* A beginning that is as most are tells its root without a scan. */
static const struct wrapper *find_wrapper(const struct gated *gated, bool peeked, struct arena *arena) {
    if (peeked) {
        return wrapper_of(gated->root);
    }
    struct gated scanned = *gated;
    struct verdict unheard;
    verdict_init(&unheard, arena);
    return gate_scan(&scanned, NULL, &unheard) ? wrapper_of(scanned.root) : NULL;
}

bool wrapper_is_one(const struct gated *gated, bool peeked, struct arena *arena) {
    return find_wrapper(gated, peeked, arena) != NULL;
}

/* --- what stands where ---------------------------------------------------------------------------------- */

struct reading {
    struct text text;
    const struct wrapper *wrapper;
    uint32_t depth;
    bool in_holder;
    size_t holders, elements; /* that were entered: the holder, and those right in it */
    struct text odd;          /* the name of the first of them that is one too many */
    uint32_t root_tag, holder_tag;
    struct text holder, element; /* what the holder holds; the one element in it, tags and all */
};

static void on_enter(void *context, struct text local_name) {
    struct reading *reading = context;
    bool one_too_many = false;
    reading->depth++;
    if (reading->depth == 2) {
        reading->in_holder = text_is(local_name, reading->wrapper->holder);
        one_too_many = reading->in_holder && ++reading->holders > 1;
    } else if (reading->depth == 3 && reading->in_holder) {
        one_too_many = ++reading->elements > (reading->wrapper->holds == ELEMENT);
    }
    if (one_too_many && !reading->odd.at) {
        reading->odd = local_name;
    }
}

static void on_attribute(void *context, struct text local_name, struct text value) {}

/* Of the element whose content this is: behind its end tag, or behind <a/>, where there is none. */
static const char *element_end(struct text text, struct text content) {
    const char *to = content.at + content.length;
    bool is_empty_tag = content.length == 0 && content.at - text.at >= 2 && content.at[-2] == '/';
    const char *close = is_empty_tag ? NULL : memchr(to, '>', (size_t)(text.at + text.length - to));
    return close ? close + 1 : to;
}

static void on_leave(void *context, uint32_t tag, struct text content) {
    struct reading *reading = context;
    if (reading->depth == 1) {
        reading->root_tag = tag;
    } else if (reading->depth == 2 && reading->in_holder) {
        reading->holder_tag = tag;
        reading->holder = content;
    } else if (reading->depth == 3 && reading->in_holder) {
        const char *from = reading->text.at + tag;
        reading->element = (struct text){ from, (size_t)(element_end(reading->text, content) - from) };
    }
    reading->depth--;
}

/* --- findings ------------------------------------------------------------------------------------------- */

static enum wrapper_end refuse(const char *code, const struct gated *gated, struct text where,
                               struct verdict *verdict) {
    refusal_add(code, &gated->text, (uint64_t)(where.at - gated->text.utf8.at), where.length, NULL, verdict);
    return WRAPPER_REFUSED;
}

static enum wrapper_end refuse_namespace(const struct gated *gated, const struct wrapper *wrapper,
                                         struct verdict *verdict) {
    struct place place =
        place_in(&gated->text, (uint64_t)(gated->root.at - gated->text.utf8.at), gated->root.length);
    verdict_say(verdict, "FORMAT-NAMESPACE", SEVERITY_ERROR, place, "",
                "根元素 %s 应在命名空间 “%s” 中，而不是 “" TEXT_FORMAT "”",
                "the root element %s belongs in the namespace '%s', not in '" TEXT_FORMAT "'", wrapper->root,
                wrapper->namespace, TEXT_ARGS(gated->root_namespace));
    return WRAPPER_REFUSED;
}

void wrapper_say_nested(const struct gated *gated, struct verdict *verdict) {
    refuse("WRAPPER-NESTED", gated, gated->root, verdict);
}

/* --- an element is cut out ------------------------------------------------------------------------------ */

/* The prefix that an attribute declares, "" for the default namespace; at NULL: it declares none. */
static struct text declared_prefix(const struct xml_attribute *attribute) {
    static const struct text none = { NULL, 0 };
    if (attribute->prefix.length == 0) {
        return text_is(attribute->name, "xmlns") ? TEXT("") : none;
    }
    return text_is(attribute->prefix, "xmlns") ? attribute->name : none;
}

static bool is_among(const struct text *prefixes, size_t count, struct text prefix) {
    while (count > 0 && !text_equal(prefixes[count - 1], prefix)) {
        count--;
    }
    return count > 0;
}

/* Looked for as text: where it stands in a value only, a declaration more does no harm. */
static bool may_use(struct text element, struct text prefix, size_t looked_for) {
    if (looked_for > LOOKED_FOR_MAX) {
        return true;
    }
    const char *at = element.at, *end = element.at + element.length;
    while (prefix.length && (at = memmem(at, (size_t)(end - at), prefix.at, prefix.length))) {
        at += prefix.length;
        if (at < end && *at == ':') {
            return true;
        }
    }
    return prefix.length == 0;
}

/* Prefixes that a start tag declares, and, with `out`, its declarations that the element needs. */
static void take_declarations(struct text element, const struct xml_tag *tag, struct text *prefixes,
                              size_t *count, struct buf *out) {
    for (uint32_t i = 0; i < tag->count; i++) {
        const struct xml_attribute *attribute = &tag->attributes[i];
        struct text prefix = declared_prefix(attribute);
        if (!prefix.at || is_among(prefixes, *count, prefix)) {
            continue;
        }
        prefixes[(*count)++] = prefix;
        bool undone = prefix.length == 0 && attribute->value.length == 0;
        if (out && !undone && may_use(element, prefix, *count)) {
            char quote[2] = { attribute->value.at[-1] };
            buf_add_string(out, prefix.length ? " xmlns:" : " xmlns");
            buf_add_text(out, prefix);
            buf_add_char(out, '=');
            buf_add_string(out, quote);
            buf_add_text(out, attribute->value);
            buf_add_string(out, quote);
        }
    }
}

/* As it stands there, but for namespaces that it has from the two elements around it. */
static struct text cut_out(const struct reading *reading, struct arena *arena) {
    struct text element = reading->element, prefixes[XML_ATTRIBUTES_MAX + DECLARED_MAX];
    const char *end = reading->text.at + reading->text.length;
    struct xml_tag tag;
    struct buf declarations;
    size_t count = 0;
    if (!xml_take_tag(element.at + 1, end, &tag)) { /* beyond what the gate lets pass */
        return element;
    }
    const char *behind_name = tag.whole.at + tag.whole.length;
    buf_init(&declarations, reading->text.length);
    take_declarations(element, &tag, prefixes, &count, NULL);
    for (int i = 0; i < 2; i++) {
        uint32_t around = i == 0 ? reading->holder_tag : reading->root_tag;
        if (xml_take_tag(reading->text.at + around + 1, end, &tag)) {
            take_declarations(element, &tag, prefixes, &count, &declarations);
        }
    }
    if (declarations.length) {
        struct buf whole;
        buf_init(&whole, element.length + declarations.length);
        buf_add(&whole, element.at, (size_t)(behind_name - element.at));
        buf_add_text(&whole, buf_text(&declarations));
        buf_add(&whole, behind_name, (size_t)(element.at + element.length - behind_name));
        element = (struct text){ arena_copy(arena, buf_text(&whole)), whole.length };
        buf_release(&whole);
    }
    buf_release(&declarations);
    return element;
}

static bool is_blank_or_comments(const char *at, const char *end) {
    while (at && (at = xml_skip_blanks(at, end)) < end) {
        at = xml_behind_comment(at, end);
    }
    return at != NULL;
}

static enum wrapper_end open_element(const struct gated *gated, const struct reading *reading,
                                     struct arena *arena, struct text *message, struct verdict *verdict) {
    struct text holder = reading->holder, element = reading->element;
    const char *end = element.at + element.length;
    if (!is_blank_or_comments(holder.at, element.at)
        || !is_blank_or_comments(end, holder.at + holder.length)) {
        return refuse("WRAPPER-CONTENT", gated, text_trim(holder), verdict);
    }
    *message = cut_out(reading, arena);
    return WRAPPER_OPENED;
}

/* --- CDATA is undone ------------------------------------------------------------------------------------ */

static bool is_cdata(struct text content) {
    return text_starts(content, "<![CDATA[");
}

/* What sections hold that stand one right behind the other, as who writes "]]>" in one must write them:
 * within the content where it is one, else in the arena. at NULL: something else stands beside them, of which
 * another reader might make another message. */
static struct text open_cdata(struct text content, struct arena *arena) {
    static const struct text none = { NULL, 0 };
    char *room = NULL;
    struct text all = none;
    while (is_cdata(content)) {
        const char *from = content.at + strlen("<![CDATA["), *end = content.at + content.length;
        const char *to = memmem(from, (size_t)(end - from), "]]>", 3);
        if (!to) { /* it is well-formed, so there is one */
            return none;
        }
        struct text section = { from, (size_t)(to - from) };
        content = (struct text){ to + 3, (size_t)(end - to - 3) };
        if (!all.at && content.length == 0) {
            return section;
        }
        room = room ? room : arena_alloc(arena, section.length + content.length);
        memcpy(room + all.length, section.at, section.length);
        all = (struct text){ room, all.length + section.length };
    }
    return content.length == 0 ? all : none;
}

static bool is_called(struct text name, const char *called) {
    return name.length == strlen(called) && strncasecmp(name.at, called, name.length) == 0;
}

/* The characters of the wrapper are UTF-8 by now, and so is the message in them, whatever its own declaration
 * says they were in: it goes, where it says what the wrapper's does, or says nothing. Where the two disagree
 * two readers might see two messages. */
static enum wrapper_end open_text(const struct gated *gated, struct text content, struct arena *arena,
                                  struct text *message, struct verdict *verdict) {
    struct text within = open_cdata(content, arena);
    *message = within.at ? text_trim(within) : within;
    if (message->length == 0) {
        return refuse("WRAPPER-CONTENT", gated, content, verdict);
    }
    struct text around = xml_declaration_read(gated->text.utf8).encoding;
    struct xml_declaration declaration = xml_declaration_read(*message);
    struct text said = declaration.encoding;
    if (!said.at || is_called(said, "UTF-8") || is_called(said, "UTF8")) {
        return WRAPPER_OPENED;
    }
    if (!declaration.clean || !text_is(declaration.version, "1.0") || said.length != around.length
        || strncasecmp(said.at, around.at, said.length) != 0) {
        return refuse("WRAPPER-ENCODING", gated, content, verdict);
    }
    size_t cut = declaration.whole.length;
    *message = text_trim((struct text){ message->at + cut, message->length - cut });
    return message->length ? WRAPPER_OPENED : refuse("WRAPPER-CONTENT", gated, content, verdict);
}

/* --- Base64 is undone ----------------------------------------------------------------------------------- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The first character that Base64 does not have; else the end, where something is missing. A reference, most
 * often of a carriage return, is none of it. */
static struct text odd_character(struct text content) {
    const char *at = content.at, *end = content.at + content.length;
    for (; at < end; at++) {
        const char *semicolon = *at == '&' ? memchr(at, ';', (size_t)(end - at)) : NULL;
        if (semicolon) {
            at = semicolon;
        } else if (!is_blank(*at) && *at != '=' && !base64_is_sign(*at)) {
            const char *next = at;
            text_next(&next, end);
            return (struct text){ at, (size_t)(next - at) };
        }
    }
    return (struct text){ end - 1, 1 };
}

static size_t copy_of(struct text text, char *room) {
    memcpy(room, text.at, text.length);
    return text.length;
}

static enum wrapper_end open_base64(const struct gated *gated, struct text content, struct arena *arena,
                                    struct text *message, struct verdict *verdict) {
    char *room = arena_alloc(arena, content.length), *to = room;
    struct text within = is_cdata(content) ? open_cdata(content, arena) : content;
    size_t length = SIZE_MAX;
    if (within.at && !memchr(within.at, '<', within.length)) {
        length = is_cdata(content) ? copy_of(within, room) : xml_decode_text(content, room);
    }
    for (size_t i = 0; length != SIZE_MAX && i < length; i++) {
        *to = room[i];
        to += !is_blank(room[i]);
    }
    /* It becomes shorter as it is read, so the same room serves. */
    struct text signs = { room, (size_t)(to - room) };
    if (length == SIZE_MAX || !base64_read(signs, room, signs.length, &length)) {
        return refuse("WRAPPER-ENCODING", gated, is_cdata(content) ? content : odd_character(content),
                      verdict);
    }
    *message = (struct text){ room, length };
    return WRAPPER_OPENED;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

enum wrapper_end wrapper_open(const struct gated *gated, bool peeked, struct arena *arena,
                              struct text *message, struct verdict *verdict) {
    struct reading reading = { .text = gated->text.utf8, .wrapper = find_wrapper(gated, peeked, arena) };
    struct gated scanned = *gated;
    if (!reading.wrapper) {
        return WRAPPER_NONE;
    }
    if (!gate_scan(&scanned, NULL, verdict) || malformed_judge(&scanned, NULL, arena, verdict)) {
        return WRAPPER_REFUSED;
    }
    if (reading.wrapper->namespace && !text_is(scanned.root_namespace, reading.wrapper->namespace)) {
        return refuse_namespace(&scanned, reading.wrapper, verdict);
    }
    if (scanned.suspect) { /* which a parser has to refuse: so it is none that can be relied on */
        return refuse("GATE-MARKUP", &scanned, scanned.root, verdict);
    }
    struct wellformed_listener listener = { &reading, on_enter, on_attribute, on_leave };
    struct wellformed_fault fault = wellformed_check(reading.text, &listener);
    struct text content = text_trim(reading.holder);
    bool is_element = reading.wrapper->holds == ELEMENT && !is_cdata(content);
    if (fault.what != WELLFORMED_NO_FAULT || reading.depth != 0 || content.length == 0 || reading.odd.at
        || reading.elements != is_element) {
        struct text where = reading.odd.at ? reading.odd : content.length ? content : scanned.root;
        return refuse("WRAPPER-CONTENT", &scanned, where, verdict);
    }
    if (reading.wrapper->holds == BASE64) {
        return open_base64(&scanned, content, arena, message, verdict);
    }
    return is_element ? open_element(&scanned, &reading, arena, message, verdict)
                      : open_text(&scanned, content, arena, message, verdict);
}
