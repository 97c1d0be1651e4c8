/*
 * record.c - a record to bytes and back. Reading looks at the cheapest first: does it begin like one, is
 * its end there, does the checksum fit, do the lengths add up; and for who asks, does it continue the
 * chain.
 */
#include "journal/record.h"

#include <string.h>

#include "base/status.h"
#include "journal/bytes.h"

#define MAGIC    0x31525743u /* "CWR1" */
#define END_MARK 0x43575231u /* "1RWC" */
#define CHAIN_AT 48          /* the chain covers the header up to itself */
#define LEAF     0           /* what a leaf begins with (RFC 6962, 2.1) */

static const uint8_t zeros[8];

const char *record_kind_text(enum record_kind kind) {
    static const char *const texts[] = { [RECORD_NONE] = "none",
#define X(name, text, what) [RECORD_##name] = text,
                                         RECORD_KIND_LIST(X)
#undef X
    };
    return (size_t)kind < sizeof(texts) / sizeof(*texts) ? texts[kind] : "unknown";
}

static bool kind_is_known(unsigned kind) {
    switch (kind) {
#define X(name, text, what) case RECORD_##name:
        RECORD_KIND_LIST(X)
#undef X
        return true;
    }
    return false;
}

static uint64_t size_of_parts(uint64_t meta, uint64_t fields, uint64_t data) {
    uint64_t size = RECORD_HEADER_SIZE + meta + fields + data + RECORD_TRAILER_SIZE;
    return (size + 7) / 8 * 8;
}

uint64_t record_size(const struct record *rec) {
    return size_of_parts(rec->meta.length, rec->fields.length, rec->data.length);
}

/* Most parts are: what SHA-256 says of no bytes. */
static const struct digest nothing = { { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                         0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                         0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 } };

struct digest record_digest(struct text part) {
    return part.length == 0 ? nothing : digest_of(part.at, part.length);
}

struct record_digests record_digests_of(const struct record *rec) {
    return (struct record_digests){ record_digest(rec->meta), record_digest(rec->fields),
                                    record_digest(rec->data) };
}

static struct digest chain_of(const uint8_t *header, const struct record_digests *digests,
                              const struct digest *before, struct digester *digester) {
    uint8_t leaf[1 + DIGEST_SIZE + CHAIN_AT + sizeof(*digests)] = { LEAF };
    memcpy(leaf + 1, before->bytes, DIGEST_SIZE);
    memcpy(leaf + 1 + DIGEST_SIZE, header, CHAIN_AT);
    memcpy(leaf + 1 + DIGEST_SIZE + CHAIN_AT, digests, sizeof(*digests));
    digester_add(digester, leaf, sizeof(leaf));
    return digester_finish(digester);
}

void record_encode(struct record *rec, const struct record_digests *digests, const struct digest *before,
                   uint32_t seed, struct digester *digester, struct buf *out) {
    uint64_t size = record_size(rec);
    require(size <= RECORD_SIZE_MAX && kind_is_known(rec->kind));

    uint8_t header[CHAIN_AT];
    bytes_put_u32(header, MAGIC);
    bytes_put_u32(header + 4, (uint32_t)size);
    bytes_put_u64(header + 8, rec->number);
    bytes_put_u64(header + 16, (uint64_t)rec->stamp);
    bytes_put_u16(header + 24, (uint16_t)rec->kind);
    bytes_put_u16(header + 26, 0);
    bytes_put_u32(header + 28, (uint32_t)rec->meta.length);
    bytes_put_u32(header + 32, (uint32_t)rec->fields.length);
    bytes_put_u32(header + 36, (uint32_t)rec->data.length);
    bytes_put_u64(header + 40, rec->durable);
    rec->chain = chain_of(header, digests, before, digester);

    size_t start = out->length;
    buf_add(out, header, sizeof(header));
    buf_add(out, rec->chain.bytes, DIGEST_SIZE);
    buf_add_text(out, rec->meta);
    buf_add_text(out, rec->fields);
    buf_add_text(out, rec->data);
    buf_add(out, zeros, size - RECORD_TRAILER_SIZE - (out->length - start));
    buf_add_u32(out, crc32c(seed, out->at + start, size - RECORD_TRAILER_SIZE));
    buf_add_u32(out, END_MARK);
    require(!buf_failed(out));
}

size_t record_peek(const uint8_t *bytes) {
    size_t length = bytes_u32(bytes + 4);
    bool possible = bytes_u32(bytes) == MAGIC && length >= RECORD_SIZE_MIN && length <= RECORD_SIZE_MAX
                    && length % 8 == 0;
    return possible ? length : 0;
}

static struct text part(const uint8_t **at, uint32_t length) {
    struct text text = { (const char *)*at, length };
    *at += length;
    return text;
}

enum record_fault record_decode(const uint8_t *bytes, size_t limit, uint32_t seed,
                                const struct digest *before, struct digester *digester, struct record *rec) {
    if (limit < RECORD_PEEK || memcmp(bytes, zeros, RECORD_PEEK) == 0) {
        return RECORD_END;
    }
    size_t length = record_peek(bytes);
    if (length == 0) {
        return RECORD_BROKEN;
    }
    if (length > limit || bytes_u32(bytes + length - 4) != END_MARK) {
        return RECORD_TORN;
    }
    if (bytes_u32(bytes + length - 8) != crc32c(seed, bytes, length - RECORD_TRAILER_SIZE)) {
        return RECORD_BROKEN;
    }

    uint32_t meta = bytes_u32(bytes + 28), fields = bytes_u32(bytes + 32), data = bytes_u32(bytes + 36);
    unsigned kind = bytes_u16(bytes + 24);
    if (size_of_parts(meta, fields, data) != length || !kind_is_known(kind) || bytes_u16(bytes + 26) != 0) {
        return RECORD_BROKEN;
    }
    *rec = (struct record){
        .number = bytes_u64(bytes + 8),
        .stamp = (stamp)bytes_u64(bytes + 16),
        .kind = (enum record_kind)kind,
        .durable = bytes_u64(bytes + 40),
    };
    memcpy(rec->chain.bytes, bytes + CHAIN_AT, DIGEST_SIZE);
    const uint8_t *at = bytes + RECORD_HEADER_SIZE;
    rec->meta = part(&at, meta);
    rec->fields = part(&at, fields);
    rec->data = part(&at, data);

    if (before) {
        struct record_digests digests = record_digests_of(rec);
        struct digest chain = chain_of(bytes, &digests, before, digester);
        if (!digest_equal(&chain, &rec->chain)) {
            return RECORD_BROKEN;
        }
    }
    return RECORD_GOOD;
}
