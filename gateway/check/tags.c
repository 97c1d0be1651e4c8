/*
 * tags.c - reads tags once more, in the raw bytes, only where something is to be told about them.
 */
#include "check/tags.h"

#include <string.h>

static bool ends_name(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '>' || c == '/' || c == '=';
}

/* Behind its prefix. */
static struct text local_name(struct text name) {
    const char *colon = memchr(name.at, ':', name.length);
    size_t cut = colon ? (size_t)(colon - name.at) + 1 : 0;
    return (struct text){ name.at + cut, name.length - cut };
}

struct tag_span tags_name_span(struct text message, uint64_t tag) {
    uint64_t to = tag;
    while (to < message.length && !ends_name(message.at[to])) {
        to++;
    }
    return (struct tag_span){ tag, to };
}

struct text tags_name(struct text message, uint64_t tag) {
    struct tag_span span = tags_name_span(message, tag);
    return local_name((struct text){ message.at + span.from + 1, span.to - span.from - 1 });
}

bool tags_attribute(struct text message, uint64_t tag, uint64_t content, struct text local_name,
                    struct attribute_spans *out) {
    const char *base = message.at, *end = base + content;
    const char *at = base + tags_name_span(message, tag).to;
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

struct tag_span tags_content(struct text message, uint64_t content, uint64_t behind) {
    if (behind <= content || behind > message.length) {
        return (struct tag_span){ content, content };
    }
    const char *tag = memrchr(message.at + content, '<', behind - content);
    return (struct tag_span){ content, tag ? (uint64_t)(tag - message.at) : content };
}

struct tag_span tags_trim(struct text message, struct tag_span span) {
    struct text text = text_trim((struct text){ message.at + span.from, span.to - span.from });
    uint64_t from = (uint64_t)(text.at - message.at);
    return (struct tag_span){ from, from + text.length };
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

/* A '>' in an attribute would end its tag too soon, which is worth no more than a name told that is not
 * missing: so it is looked for. */
size_t tags_children(struct text message, struct tag_span content, struct text *names, size_t max) {
    const char *at = message.at + content.from, *end = message.at + content.to;
    size_t count = 0, depth = 0;
    while (count < max && (at = memchr(at, '<', (size_t)(end - at)))) {
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
            if (!is_among(names, count, child)) {
                names[count++] = child;
            }
        }
        depth += at[-1] != '/';
    }
    return count;
}
