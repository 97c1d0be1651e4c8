/*
 * delivery.c - the result of a delivery as JSON, written by deliver and read by the engine.
 */
#include "engine/delivery.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"

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

static const struct {
    const char *code;
    bool returns;
    const char *zh, *en;
} reasons[] = {
#define X(name, code, returns, zh, en) { code, returns, zh, en },
    DELIVERY_REASON_LIST(X)
#undef X
};

#define REASONS_COUNT (sizeof(reasons) / sizeof(*reasons))

static const char *outcome_text(enum delivery_outcome outcome) {
    require((size_t)outcome < sizeof(outcome_texts) / sizeof(*outcome_texts));
    return outcome_texts[outcome];
}

const char *delivery_outcome_state(enum delivery_outcome outcome) {
    require((size_t)outcome < sizeof(outcome_states) / sizeof(*outcome_states));
    return outcome_states[outcome];
}

const char *delivery_reason_code(enum delivery_reason reason) {
    require((size_t)reason < sizeof(reasons) / sizeof(*reasons));
    return reasons[reason].code;
}

bool delivery_reason_returns(enum delivery_reason reason) {
    require((size_t)reason < sizeof(reasons) / sizeof(*reasons));
    return reasons[reason].returns;
}

enum delivery_reason delivery_reason_of(enum status status) {
    require(status < STATUS_COUNT);
    switch (status) {
    case STATUS_OK: return DELIVERY_REASON_NONE;
    case STATUS_TIMEOUT: return DELIVERY_REASON_UNACKNOWLEDGED;
    case STATUS_BUSY:
    case STATUS_THROTTLED:
    case STATUS_QUOTA: return DELIVERY_REASON_RECEIVER_BUSY;
    case STATUS_REFUSED: return DELIVERY_REASON_RECEIVER_REFUSED;
    case STATUS_TOO_LARGE: return DELIVERY_REASON_RECEIVER_LIMIT;
    case STATUS_DENIED: return DELIVERY_REASON_NOT_ALLOWED;
    case STATUS_IO: return DELIVERY_REASON_NOT_WRITTEN;
    case STATUS_FULL: return DELIVERY_REASON_NO_ROOM;
    default: return DELIVERY_REASON_UNREACHABLE;
    }
}

static bool reason_of(const char *code, enum delivery_reason *out) {
    for (size_t i = 0; code && i < REASONS_COUNT; i++) {
        if (strcmp(code, reasons[i].code) == 0) {
            *out = (enum delivery_reason)i;
            return true;
        }
    }
    return false;
}

const char *delivery_reason_sentence(const char *code, enum language language) {
    enum delivery_reason reason;
    if (!reason_of(code, &reason)) {
        return code;
    }
    return language == LANGUAGE_ZH ? reasons[reason].zh : reasons[reason].en;
}

void delivery_cut_words(const char *words, char out[DELIVERY_WORDS_MAX]) {
    struct text kept = text_cut(text_of(words), DELIVERY_WORDS_MAX - 1);
    snprintf(out, DELIVERY_WORDS_MAX, TEXT_FORMAT, TEXT_ARGS(kept));
}

void delivery_write_begin(struct json_out *out, struct buf *meta, const struct digest *edition) {
    char hex[DIGEST_HEX_MAX];
    json_start(out, meta);
    json_open_object(out, NULL);
    json_put_string(out, "edition", digest_hex(edition, hex));
    json_open_array(out, "deliveries");
}

void delivery_write_result(struct json_out *out, const struct delivery_result *result) {
    json_open_object(out, NULL);
    json_put_int(out, "record", (int64_t)result->record);
    json_put_string(out, "party", result->party);
    json_put_string(out, "outcome", outcome_text(result->outcome));
    json_put_int(out, "attempt", result->attempt);
    if (result->reason != DELIVERY_REASON_NONE) {
        json_put_string(out, "reason", delivery_reason_code(result->reason));
    }
    if (result->words && *result->words) {
        json_put_string(out, "words", result->words);
    }
    if (result->next) {
        json_put_int(out, "next", result->next);
    }
    json_close_object(out);
}

void delivery_write_end(struct json_out *out) {
    json_close_array(out);
    json_close_object(out);
}

void delivery_write(const struct delivery_result *result, struct buf *meta) {
    struct json_out out;
    delivery_write_begin(&out, meta, &result->edition);
    delivery_write_result(&out, result);
    delivery_write_end(&out);
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

static bool read_result(const struct json *said, const struct digest *edition,
                        struct delivery_result *result) {
    const char *words = json_string_at(said, "words"), *reason = json_string_at(said, "reason");
    int64_t record = json_int_at(said, "record");
    *result = (struct delivery_result){ .record = (uint64_t)record,
                                        .party = json_string_at(said, "party"),
                                        .attempt = (uint32_t)json_int_at(said, "attempt"),
                                        .words = words ? words : "",
                                        .next = json_int_at(said, "next"),
                                        .edition = *edition };
    return record > 0 && result->party && outcome_of(json_string_at(said, "outcome"), &result->outcome)
           && (!reason || reason_of(reason, &result->reason));
}

bool delivery_read(struct text meta, struct arena *arena, struct delivery_results *results) {
    char why[128];
    const struct json *root = json_parse(arena, meta, why, sizeof(why));
    const struct json *list = root ? json_at(root, "deliveries") : NULL;
    const char *hex = root ? json_string_at(root, "edition") : NULL;
    struct digest edition = { .bytes = { 0 } };
    size_t count = list ? json_count(list) : 0;
    if (count == 0 || count > DELIVERY_RESULTS_MAX) {
        return false;
    }
    (void)(hex && digest_from_hex(text_of(hex), &edition)); /* all zero: it names none */
    *results = (struct delivery_results){ arena_alloc(arena, count * sizeof(*results->list)), count };
    for (size_t i = 0; i < count; i++) {
        if (!read_result(json_item(list, i), &edition, &results->list[i])) {
            return false;
        }
    }
    return true;
}
