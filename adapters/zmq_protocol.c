#include "adapters/zmq_protocol.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static enum zmq_verb verb_of(struct text verb) {
#define X(name) if (text_is(verb, #name)) return ZMQ_VERB_##name;
    ZMQ_VERB_LIST(X)
#undef X
    return ZMQ_VERB_NONE;
}

/* Cut at a character, so that what we hand on stays UTF-8. */
static void copy_string(const struct json *headers, const char *key, char *out, size_t max) {
    const char *value = json_string_at(headers, key);
    size_t length = value ? strlen(value) : 0;
    if (length >= max) {
        length = max - 1;
        while (length && ((unsigned char)value[length] & 0xC0) == 0x80) length--;
    }
    if (length) memcpy(out, value, length);
    out[length] = 0;
}

const char *zmq_request_read(struct text verb, struct text headers, struct zmq_request *out) {
    char why[128];
    memset(out, 0, sizeof *out);
    out->verb = verb_of(verb);
    if (!out->verb) return "the verb is not known";
    if (headers.length > ZMQ_HEADERS_MAX) return "the headers are too long";
    struct json *json = headers.length ? json_parse(headers, why, sizeof why) : NULL;
    if (headers.length && (!json || headers.at[0] != '{')) {
        json_free(json);
        return "the headers are not a JSON object";
    }
    int64_t credit = json_int_at(json, "credit");
    out->credit = credit < 0 ? 0 : credit > ZMQ_CREDIT_MAX ? ZMQ_CREDIT_MAX : (uint32_t)credit;
    out->final = json_bool(json_at(json, "final"));
    copy_string(json, "ref", out->ref, sizeof out->ref);
    copy_string(json, "format", out->format, sizeof out->format);
    copy_string(json, "traceparent", out->trace, sizeof out->trace);
    copy_string(json, "delivery", out->delivery, sizeof out->delivery);
    copy_string(json, "reason", out->reason, sizeof out->reason);
    json_free(json);
    if ((out->verb == ZMQ_VERB_ACK || out->verb == ZMQ_VERB_NACK) && !out->delivery[0]) return "it names no delivery";
    return NULL;
}
