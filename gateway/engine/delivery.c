/*
 * delivery.c - the result of a delivery as JSON, written by deliver and read by the engine.
 */
#include "engine/delivery.h"

#include <string.h>

#include "base/json.h"

static const char *const outcome_texts[] = {
#define X(name, text, state, what) text,
    DELIVERY_LIST(X)
#undef X
};

static const char *const outcome_states[] = {
#define X(name, text, state, what) state,
    DELIVERY_LIST(X)
#undef X
};

const char *delivery_outcome_text(enum delivery_outcome outcome) {
    return outcome_texts[outcome];
}

const char *delivery_outcome_state(enum delivery_outcome outcome) {
    return outcome_states[outcome];
}

void delivery_write(const struct delivery_result *result, struct buf *meta) {
    struct json_out out;
    json_start(&out, meta);
    json_open_object(&out, NULL);
    json_put_int(&out, "record", (int64_t)result->record);
    json_put_string(&out, "party", result->party);
    json_put_string(&out, "outcome", delivery_outcome_text(result->outcome));
    json_put_int(&out, "attempt", result->attempt);
    json_put_string(&out, "reason", result->reason ? result->reason : "");
    json_put_int(&out, "next", result->next);
    json_close_object(&out);
}

static bool outcome_of(const char *text, enum delivery_outcome *out) {
    for (size_t i = 0; text && i < sizeof(outcome_texts) / sizeof(*outcome_texts); i++) {
        if (strcmp(text, outcome_texts[i]) == 0) {
            *out = (enum delivery_outcome)i;
            return true;
        }
    }
    return false;
}

bool delivery_read(struct text meta, struct arena *arena, struct delivery_result *result) {
    char why[128];
    const struct json *root = json_parse(arena, meta, why, sizeof(why));
    memset(result, 0, sizeof(*result));
    bool known = root && outcome_of(json_string_at(root, "outcome"), &result->outcome)
                 && json_int_at(root, "record") > 0 && json_string_at(root, "party");
    if (known) {
        const char *reason = json_string_at(root, "reason");
        result->record = (uint64_t)json_int_at(root, "record");
        result->party = json_string_at(root, "party");
        result->attempt = (uint32_t)json_int_at(root, "attempt");
        result->reason = reason ? reason : "";
        result->next = json_int_at(root, "next");
    }
    return known;
}
