/*
 * referee.c - llhttp reads the head again and what it saw is held against ours, field by field.
 */
#include "adapters/http/referee.h"

#include <llhttp.h>
#include <string.h>

/* llhttp reports each text in pieces; every piece must be what our reader found at that place. */
struct referee {
    const struct http_head *head;
    size_t field; /* the one being compared */
    size_t done;  /* bytes of its name, its value or the target compared so far */
    bool complete;
};

static int differs(void) {
    return -1;
}

static int compare(struct referee *referee, struct text ours, const char *at, size_t length) {
    if (length > ours.length - referee->done || memcmp(ours.at + referee->done, at, length) != 0) {
        return differs();
    }
    referee->done += length;
    return 0;
}

static int compare_end(struct referee *referee, struct text ours) {
    if (referee->done != ours.length) {
        return differs();
    }
    referee->done = 0;
    return 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t length) {
    struct referee *referee = parser->data;
    return compare(referee, referee->head->target, at, length);
}

static int on_url_complete(llhttp_t *parser) {
    struct referee *referee = parser->data;
    return compare_end(referee, referee->head->target);
}

static int on_name(llhttp_t *parser, const char *at, size_t length) {
    struct referee *referee = parser->data;
    if (referee->field == referee->head->field_count) {
        return differs();
    }
    return compare(referee, referee->head->fields[referee->field].name, at, length);
}

static int on_name_complete(llhttp_t *parser) {
    struct referee *referee = parser->data;
    return compare_end(referee, referee->head->fields[referee->field].name);
}

static int on_value(llhttp_t *parser, const char *at, size_t length) {
    struct referee *referee = parser->data;
    return compare(referee, referee->head->fields[referee->field].value, at, length);
}

static int on_value_complete(llhttp_t *parser) {
    struct referee *referee = parser->data;
    return compare_end(referee, referee->head->fields[referee->field++].value);
}

static bool same_framing(const llhttp_t *parser, const struct http_head *head) {
    bool chunked = parser->flags & F_CHUNKED, has_length = parser->flags & F_CONTENT_LENGTH;
    return chunked == head->chunked && has_length == head->has_length
           && (!has_length || parser->content_length == head->length);
}

static int on_headers_complete(llhttp_t *parser) {
    struct referee *referee = parser->data;
    const struct http_head *head = referee->head;
    const char *method = llhttp_method_name(parser->method);
    if (referee->field != head->field_count || parser->http_major != 1 || parser->http_minor != head->minor
        || strcmp(method, http_method_name(head->method)) != 0 || !same_framing(parser, head)) {
        return differs();
    }
    referee->complete = true;
    return HPE_PAUSED;
}

/* Feeds a line without the blanks before its CR LF: llhttp up to 9.3 refuses them behind lengths and codings,
 * where RFC 9112 5 allows them. */
static bool feed_line(llhttp_t *parser, struct text line) {
    size_t length = line.length - 2;
    while (length && (line.at[length - 1] == ' ' || line.at[length - 1] == '\t')) {
        length--;
    }
    return llhttp_execute(parser, line.at, length) == HPE_OK
           && llhttp_execute(parser, line.at + line.length - 2, 2) == HPE_OK;
}

bool http_referee_agrees(struct text bytes, const struct http_head *head) {
    static const llhttp_settings_t settings = {
        .on_url = on_url,
        .on_url_complete = on_url_complete,
        .on_header_field = on_name,
        .on_header_field_complete = on_name_complete,
        .on_header_value = on_value,
        .on_header_value_complete = on_value_complete,
        .on_headers_complete = on_headers_complete,
    };
    struct referee referee = { head, 0, 0, false };
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &referee;

    struct text rest = bytes;
    while (rest.length > 2) {
        const char *end = memchr(rest.at, '\n', rest.length);
        size_t length = (size_t)(end - rest.at) + 1;
        if (!feed_line(&parser, (struct text){ rest.at, length }) || referee.complete) {
            return false;
        }
        rest = (struct text){ rest.at + length, rest.length - length };
    }
    /* Only the last empty line may end the head. */
    return llhttp_execute(&parser, rest.at, rest.length) == HPE_PAUSED && referee.complete;
}
