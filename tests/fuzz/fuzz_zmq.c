/*
 * Frames nobody would send: reading verb and headers either says what is wrong, or gives bounded UTF-8 texts,
 * a credit within its limit and a known verb; and reading twice gives the same.
 */
#include <string.h>

#include "base/status.h"
#include "fuzz/driver.h"
#include "adapters/zmq/protocol.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const long fuzz_runs = 300000;

struct text fuzz_seed(size_t index) {
    static const char *const seeds[] = {
        "HELLO {\"credit\":64}",
        "CREDIT {\"credit\":1}",
        "SUBMIT {\"ref\":\"1\",\"format\":\"cn-dec\",\"traceparent\":\"00-aa-bb-01\"}",
        "ACK {\"delivery\":\"42/TERM-QD\"}",
        "NACK {\"delivery\":\"42/TERM-QD\",\"reason\":\"不收\",\"final\":true}",
        "FOLLOW {\"ref\":\"1\",\"after\":1042}",
        "SUBMIT ",
    };
    return index < COUNT(seeds) ? text_of(seeds[index]) : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        "HELLO",
        "CREDIT",
        "SUBMIT",
        "ACK",
        "NACK",
        "FOLLOW",
        "\"after\":",
        " ",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\u0000",
        "\\ud800",
        "\\",
        "null",
        "true",
        "-1",
        "1e9",
        "9223372036854775808",
        "\"credit\":",
        "\"ref\":",
        "\"delivery\":",
        "\"reason\":",
        "\"final\":",
        "报",
        "\xFF",
        "\xE6\x8A",
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "012345678901234567890123456789012345678901234567890123456789",
    };
    return index < COUNT(words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

/* The texts of a request: as long as their arrays, and characters only. */
static void require_sound(const struct zmq_request *request) {
    /* clang-format off */
    const struct { const char *text; size_t max; } texts[] = {
        { request->ref, sizeof(request->ref) },           { request->format, sizeof(request->format) },
        { request->trace, sizeof(request->trace) },       { request->delivery, sizeof(request->delivery) },
        { request->reason, sizeof(request->reason) },
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(texts); i++) {
        require(memchr(texts[i].text, '\0', texts[i].max) && text_is_utf8(text_of(texts[i].text)));
    }
    require(request->credit <= ZMQ_CREDIT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct text rest = { (const char *)bytes, length };
    struct text verb = text_until(&rest, ' ');
    struct text headers = rest.at ? rest : TEXT("");
    struct zmq_request first, second;
    const char *wrong = zmq_request_read(verb, headers, &first);
    require_sound(&first);
    require(wrong || first.verb != ZMQ_VERB_NONE);
    require(zmq_request_read(verb, headers, &second) == wrong && memcmp(&first, &second, sizeof(first)) == 0);
    if (headers.length > 0
        && headers.length < ZMQ_HEADERS_MAX) { /* with a blank before it nothing is short */
        char longer[ZMQ_HEADERS_MAX] = " ";
        memcpy(longer + 1, headers.at, headers.length);
        require(zmq_request_read(verb, (struct text){ longer, headers.length + 1 }, &second) == wrong);
        require(memcmp(&first, &second, sizeof(first)) == 0);
    }
    return 0;
}
