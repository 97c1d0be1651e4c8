/*
 * content.c - the two digest fields are dictionaries of byte sequences (RFC 8941, 3.2 and 3.3.5), read
 * strictly; what we made of the bytes is compared with them in Base64, as they were written.
 */
#include "adapters/http/content.h"

#include <strings.h>

#include "base/status.h"
#include "adapters/http/counters.h"

static bool is_named(struct text name, const char *expected) {
    return name.length == strlen(expected) && strncasecmp(name.at, expected, name.length) == 0;
}

static struct text trim(struct text text) {
    while (text.length && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text = (struct text){ text.at + 1, text.length - 1 };
    }
    while (text.length && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t')) {
        text.length--;
    }
    return text;
}

/* --- codings -------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *name;
    enum compression compression; /* COMPRESSION_COUNT: none */
} codings[] = {
    { "gzip",     COMPRESSION_GZIP },
    { "x-gzip",   COMPRESSION_GZIP }, /* RFC 9110, 8.4.1.3 */
    { "zstd",     COMPRESSION_ZSTD },
    { "identity", COMPRESSION_COUNT },
};
/* clang-format on */

static bool find_coding(struct text name, enum compression *compression) {
    for (size_t i = 0; i < sizeof(codings) / sizeof(*codings); i++) {
        if (is_named(name, codings[i].name)) {
            *compression = codings[i].compression;
            return true;
        }
    }
    return false;
}

/* All lines of the field are one list, whose empty elements count for nothing (RFC 9110, 5.6.1.2). Several
 * codings are one inside the other, which no honest sender needs. */
static enum http_refusal read_codings(const struct http_head *head, enum compression *compression) {
    size_t count = 0;
    *compression = COMPRESSION_COUNT;
    for (size_t i = 0; i < head->field_count; i++) {
        struct text list = head->fields[i].value;
        while (is_named(head->fields[i].name, "content-encoding") && list.at) {
            struct text name = trim(text_until(&list, ','));
            if (name.length > 0 && (++count > 1 || !find_coding(name, compression))) {
                return HTTP_REFUSE_CONTENT_CODING;
            }
        }
    }
    return HTTP_REFUSE_NONE;
}

/* --- digests -------------------------------------------------------------------------------------------- */

static bool is_key_byte(char c, bool first) {
    bool letter = (c >= 'a' && c <= 'z') || c == '*';
    return letter || (!first && ((c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'));
}

static bool is_base64_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
}

/* Padding says nothing, and some writers leave it out (RFC 8941, 4.2.7). */
static struct text without_padding(struct text base64) {
    for (int i = 0; i < 2 && base64.length && base64.at[base64.length - 1] == '='; i++) {
        base64.length--;
    }
    return base64;
}

/* "key=:base64:". The value comes without its padding. */
static bool read_member(struct text member, struct text *key, struct text *value) {
    size_t at = 0;
    while (at < member.length && is_key_byte(member.at[at], at == 0)) {
        at++;
    }
    *key = (struct text){ member.at, at };
    bool framed = at > 0 && member.length >= at + 3 && member.at[at] == '=' && member.at[at + 1] == ':'
                  && member.at[member.length - 1] == ':';
    if (!framed) {
        return false;
    }
    *value = without_padding((struct text){ member.at + at + 2, member.length - at - 3 });
    for (size_t i = 0; i < value->length; i++) {
        if (!is_base64_byte(value->at[i])) {
            return false;
        }
    }
    return true;
}

/* An algorithm named twice would be the last one by the standard, and the first by who reads it otherwise. */
static bool take_member(struct http_content *content, enum http_digest_field field, struct text member) {
    struct text key, value;
    if (!read_member(member, &key, &value)) {
        return false;
    }
    for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++) {
        struct text *said = &content->said[field][i];
        if (text_is(key, digest_algorithm_name((enum digest_algorithm)i))) {
            if (said->at) {
                return false;
            }
            *said = value;
            content->digesters[i] =
                content->digesters[i] ? content->digesters[i] : digester_new_of((enum digest_algorithm)i);
        }
    }
    return true;
}

static bool take_dictionary(struct http_content *content, enum http_digest_field field, struct text list) {
    bool good = true;
    while (good && list.at) {
        good = take_member(content, field, trim(text_until(&list, ',')));
    }
    return good;
}

static const char *const digest_fields[] = {
#define X(name, text) text,
    HTTP_DIGEST_FIELD_LIST(X)
#undef X
};

static enum http_refusal read_digests(struct http_content *content, const struct http_head *head) {
    for (size_t i = 0; i < head->field_count; i++) {
        for (int field = 0; field < HTTP_DIGEST_FIELD_COUNT; field++) {
            if (is_named(head->fields[i].name, digest_fields[field])
                && !take_dictionary(content, (enum http_digest_field)field, head->fields[i].value)) {
                return HTTP_REFUSE_DIGEST;
            }
        }
    }
    return HTTP_REFUSE_NONE;
}

static bool agrees(struct text said, struct text made) {
    return !said.at || text_equal(said, made);
}

static enum http_refusal compare_digests(struct http_content *content) {
    bool asked = false, good = true;
    for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++) {
        char base64[DIGEST_BASE64_MAX];
        if (content->digesters[i]) {
            struct text made =
                without_padding(text_of(digester_finish_base64(content->digesters[i], base64)));
            asked = true;
            for (int field = 0; field < HTTP_DIGEST_FIELD_COUNT; field++) {
                good = good && agrees(content->said[field][i], made);
            }
        }
    }
    if (asked) {
        room_counter_add(&http_counters[good ? HTTP_COUNT_DIGESTS_GOOD : HTTP_COUNT_DIGESTS_BAD], 1);
    }
    return good ? HTTP_REFUSE_NONE : HTTP_REFUSE_DIGEST_MISMATCH;
}

/* --- a body's way --------------------------------------------------------------------------------------- */

enum http_refusal http_content_start(struct http_content *content, const struct http_head *head,
                                     bool has_body) {
    require(!content->decompressor);
    enum compression compression = COMPRESSION_COUNT;
    enum http_refusal refusal = has_body ? read_codings(head, &compression) : HTTP_REFUSE_NONE;
    if (!refusal) {
        refusal = read_digests(content, head);
    }
    if (!refusal && compression != COMPRESSION_COUNT) {
        content->decompressor = decompressor_new(compression);
        room_counter_add(&http_counters[HTTP_COUNT_CODED_GZIP], compression == COMPRESSION_GZIP);
        room_counter_add(&http_counters[HTTP_COUNT_CODED_ZSTD], compression == COMPRESSION_ZSTD);
    }
    return refusal;
}

static enum http_refusal refusal_of(enum decompress_result result) {
    switch (result) {
    case DECOMPRESS_GOOD: return HTTP_REFUSE_NONE;
    case DECOMPRESS_MALFORMED: return HTTP_REFUSE_CONTENT_MALFORMED;
    case DECOMPRESS_TOO_LARGE: return HTTP_REFUSE_BODY_LARGE;
    case DECOMPRESS_TOO_FAR: return HTTP_REFUSE_CONTENT_RATIO;
    }
    panic("no such result: %d", (int)result);
}

enum http_refusal http_content_add(struct http_content *content, struct text bytes, struct buf *body) {
    for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++) {
        if (content->digesters[i]) {
            digester_add(content->digesters[i], bytes.at, bytes.length);
        }
    }
    if (content->decompressor) {
        return refusal_of(decompressor_add(content->decompressor, bytes, body));
    }
    buf_add_text(body, bytes);
    return buf_failed(body) ? HTTP_REFUSE_BODY_LARGE : HTTP_REFUSE_NONE;
}

/* Bytes that were damaged on their way are told to be that, not to be a bad archive. */
enum http_refusal http_content_end(struct http_content *content) {
    enum http_refusal refusal = compare_digests(content);
    if (!refusal && content->decompressor) {
        refusal = refusal_of(decompressor_end(content->decompressor));
    }
    return refusal;
}

size_t http_content_memory(const struct http_content *content) {
    return content->decompressor ? decompressor_memory(content->decompressor) : 0;
}

void http_content_release(struct http_content *content) {
    decompressor_free(content->decompressor);
    for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++) {
        digester_free(content->digesters[i]);
    }
    *content = (struct http_content){ 0 };
}
