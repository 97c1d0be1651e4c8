/*
 * protocol.c - a verb and a small JSON object become a struct of bounded texts.
 */
#include "adapters/zmq/protocol.h"

#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"

static const struct zmq_verb_row rows[ZMQ_VERBS_END] = {
#define X(name, from, headers, says) [ZMQ_VERB_##name] = { #name, ZMQ_FROM_##from, headers, says },
    ZMQ_VERB_LIST(X)
#undef X
};

const struct zmq_verb_row *zmq_verb_row(enum zmq_verb verb) {
    require(verb > ZMQ_VERB_NONE && verb < ZMQ_VERBS_END);
    return &rows[verb];
}

/* Only what a party may say. */
static enum zmq_verb verb_of(struct text verb) {
    for (enum zmq_verb i = ZMQ_VERB_NONE + 1; i < ZMQ_VERBS_END; i++) {
        if (rows[i].from == ZMQ_FROM_PARTY && text_is(verb, rows[i].name)) {
            return i;
        }
    }
    return ZMQ_VERB_NONE;
}

static const struct {
    const char *key;
    size_t at, max; /* in a request */
} texts[] = {
#define TEXT_ROW(key, member) \
    { key, offsetof(struct zmq_request, member), sizeof(((struct zmq_request *)0)->member) }
    TEXT_ROW("ref", ref),           TEXT_ROW("format", format), TEXT_ROW("traceparent", trace),
    TEXT_ROW("delivery", delivery), TEXT_ROW("reason", reason),
#undef TEXT_ROW
};

/* Cut at a character, so that what we hand on stays UTF-8. */
static void copy_string(const struct json *string, char *out, size_t max) {
    struct text value = text_cut(text_of(json_string(string)), max - 1);
    memcpy(out, value.at, value.length);
    out[value.length] = '\0';
}

static void read_header(const struct json_member *header, struct zmq_request *out) {
    int64_t number = json_int(header->value);
    if (strcmp(header->key, "credit") == 0) {
        out->credit = number < 0 ? 0 : number > ZMQ_CREDIT_MAX ? ZMQ_CREDIT_MAX : (uint32_t)number;
    } else if (strcmp(header->key, "after") == 0) {
        out->after = number >= 0 ? (uint64_t)number : EVENT_FEED_NOW;
    } else if (strcmp(header->key, "final") == 0) {
        out->final = json_bool(header->value);
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (strcmp(header->key, texts[i].key) == 0) {
            copy_string(header->value, (char *)out + texts[i].at, texts[i].max);
        }
    }
}

static void skip(const char **at, const char *end, char c) {
    *at += *at < end && **at == c;
}

/* {"delivery":"42/CODE"} and nothing else, as nearly all that a receiver says: no tree need be made of it.
 * False: it is read as any other. */
static bool read_delivery_alone(struct text headers, struct zmq_request *out) {
    static const char start[] = "{\"delivery\":";
    const char *at = headers.at + strlen(start), *end = headers.at + headers.length;
    if (!text_starts(headers, start)) {
        return false;
    }
    skip(&at, end, ' ');
    if (at == end || *at != '"') {
        return false;
    }
    const char *value = ++at;
    while (at<end && * at> 0x20 && *at < 0x7F && *at != '"' && *at != '\\') {
        at++;
    }
    size_t length = (size_t)(at - value);
    if (end - at != 2 || at[0] != '"' || at[1] != '}' || length >= sizeof(out->delivery)) {
        return false;
    }
    memcpy(out->delivery, value, length);
    return true;
}

const char *zmq_request_read(struct text verb, struct text headers, struct zmq_request *out) {
    char why[128];
    memset(out, 0, sizeof(*out));
    out->after = EVENT_FEED_NOW;
    out->verb = verb_of(verb);
    if (headers.length > ZMQ_HEADERS_MAX) {
        return "the headers are too long";
    }
    if (headers.length > 0 && !read_delivery_alone(headers, out)) {
        struct arena *arena = arena_new();
        const struct json *json = json_parse(arena, headers, why, sizeof(why));
        bool is_object = json && *text_trim(headers).at == '{';
        if (is_object) {
            struct json_member header;
            for (void *at = NULL; json_next(json, &at, &header);) {
                read_header(&header, out);
            }
        }
        arena_free(arena);
        if (!is_object) {
            return "the headers are not a JSON object";
        }
    }
    if (out->verb == ZMQ_VERB_NONE) {
        return "the verb is not known";
    }
    bool names_one = out->verb == ZMQ_VERB_ACK || out->verb == ZMQ_VERB_NACK;
    return names_one && !*out->delivery ? "it names no delivery" : NULL;
}

void zmq_events_headers(const char *ref, const char *journal, const struct event_stretch *stretch,
                        struct buf *headers) {
    struct json_out out;
    buf_init(headers, ZMQ_ANSWER_MAX);
    json_start(&out, headers);
    json_open_object(&out, NULL);
    json_put_string(&out, "ref", ref);
    json_put_string(&out, "journal", journal);
    json_put_int(&out, "after", (int64_t)stretch->after);
    json_put_int(&out, "position", (int64_t)stretch->position);
    json_put_bool(&out, "more", stretch->more);
    json_close_object(&out);
}
