/*
 * decided.c - the head of a decision, read without the tree that the whole of it would take: the sequencer
 * reads one for each decision, between two records that wait for it.
 */
#include "message/decided.h"

#include "base/status.h"

static const char *const result_texts[] = {
#define X(name, text, what) text,
    RESULT_LIST(X)
#undef X
};

const char *result_text(enum result result) {
    require((size_t)result < sizeof(result_texts) / sizeof(*result_texts));
    return result_texts[result];
}

static bool result_of(struct text text, enum result *out) {
    for (size_t i = 0; i < sizeof(result_texts) / sizeof(*result_texts); i++) {
        if (text_is(text, result_texts[i])) {
            *out = (enum result)i;
            return true;
        }
    }
    return false;
}

uint64_t decided_about(const struct decided *decided) {
    return decided->released ? decided->released : decided->cause;
}

void decided_write(const struct decided *decided, struct json_out *out) {
    require(decided->cause > 0);
    char hex[DIGEST_HEX_MAX];
    json_put_int(out, "cause", (int64_t)decided->cause);
    json_put_string(out, "edition", digest_hex(&decided->edition, hex));
    json_put_string(out, "result", result_text(decided->result));
    if (decided->released) {
        json_put_int(out, "released", (int64_t)decided->released);
    }
}

/* Cuts `expected` off the front; false when something else stands there. */
static bool skip(struct text *rest, const char *expected) {
    size_t length = strlen(expected);
    if (!text_starts(*rest, expected)) {
        return false;
    }
    *rest = (struct text){ rest->at + length, rest->length - length };
    return true;
}

bool decided_read(struct text meta, struct decided *out, struct text *behind) {
    struct text rest = meta;
    if (!skip(&rest, "{\"cause\":")) {
        return false;
    }
    struct text cause = text_until(&rest, ',');
    if (!text_to_uint(cause, &out->cause) || out->cause == 0 || !skip(&rest, "\"edition\":\"")) {
        return false;
    }
    struct text edition = text_until(&rest, '"');
    if (!digest_from_hex(edition, &out->edition) || !skip(&rest, ",\"result\":\"")
        || !result_of(text_until(&rest, '"'), &out->result)) {
        return false;
    }
    out->released = 0;
    bool known = !skip(&rest, ",\"released\":")
                 || (text_to_uint(text_until(&rest, ','), &out->released) && out->released);
    if (behind) {
        (void)(out->released || skip(&rest, ","));
        *behind = rest;
    }
    return known;
}
