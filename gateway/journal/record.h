/*
 * record.h - one entry of the journal: its kinds, its shape in memory, its bytes on disk.
 *
 * Every kind has the same three parts, so that one reader reads all:
 *   meta    JSON, what the kind says (message/metadata.h, message/order.h, engine/decision.h, ...)
 *   fields  the packed document of a message (message/document.h), empty for other kinds
 *   data    original bytes: the message as it came, the texts of a set-up; empty otherwise
 *
 * On disk (little endian, a multiple of 8 bytes, so that a scan can find the next one):
 *
 *    0  magic "CWR1"      4  length, whole record     8  number           16  stamp (ns UTC)
 *   24  kind u16, 0 u16  28  meta length             32  fields length    36  data length
 *   40  durable: the last number known durable when this record was written
 *   48  chain: SHA-256(0, chain of the record before, bytes 0-47,
 *                      SHA-256(meta), SHA-256(fields), SHA-256(data))
 *   80  meta, fields, data, zeros to a multiple of 8
 *  end  CRC-32C of all before it (u32), started with the segment's seed; end mark "1RWC"
 *
 * The chain is made of digests, not of the parts themselves: a part is digested once, on the thread of
 * whoever brings it (a worker knows the digest of a message's bytes anyway), and the sequencer, through
 * which all records pass one after another, adds a hundred bytes. With the 0 in front it is a leaf hash of
 * RFC 6962 (2.1): what a receipt calls `leaf` is a leaf of a tree over the journal as it stands.
 *
 * A record without its end mark, or whose checksum, number or chain does not continue, was never written.
 * The seed (segment.h) is random and never leaves the disk: bytes that a partner wrote to look like a record,
 * met when recovery scans for the next one, do not pass for one, nor does a stray record of another segment.
 *
 * A new kind, or another form of a part, raises SEGMENT_FORMAT, so that a program of another age refuses
 * what it would not understand.
 */
#ifndef JOURNAL_RECORD_H
#define JOURNAL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/stamp.h"
#include "base/text.h"

/* clang-format off */
/*    name       text           what it is                                                  */
#define RECORD_KIND_LIST(X)                                                                    \
    X(MESSAGE,   "message",     "a message as received, with its verdict")                     \
    X(DECISION,  "decision",    "what the engine decided about a cause")                       \
    X(DELIVERY,  "delivery",    "what became of handing a record to a party")                  \
    X(TICK,      "tick",        "time as data: a timer of the engine is due")                  \
    X(SETUP,     "setup",       "an edition, by which is judged and decided from here on")                \
    X(ORDER,     "order",       "an operator's word")                                           \
    X(READING,   "reading",     "who looked at other parties' data by the role of an account")
/* clang-format on */

enum record_kind {
    RECORD_NONE,
#define X(name, text, what) RECORD_##name,
    RECORD_KIND_LIST(X)
#undef X
};

struct record {
    uint64_t number; /* from 1, without gaps; given by the sequencer */
    stamp stamp;     /* never smaller than the one before; given by the sequencer */
    enum record_kind kind;
    uint64_t durable; /* see above; 0 for the first batch */
    struct digest chain;
    struct text meta, fields, data; /* borrowed */
};

#define RECORD_HEADER_SIZE  80
#define RECORD_TRAILER_SIZE 8
#define RECORD_SIZE_MIN     (RECORD_HEADER_SIZE + RECORD_TRAILER_SIZE)
#define RECORD_PEEK         8           /* bytes record_peek() wants to see */
#define RECORD_SIZE_MAX     (32u << 20) /* a larger record is ours to prevent; on disk it is damage */

const char *record_kind_text(enum record_kind kind);
uint64_t record_size(const struct record *rec); /* bytes on disk; may pass RECORD_SIZE_MAX */

/* SHA-256 of each part. */
struct record_digests {
    struct digest meta, fields, data;
};
struct digest record_digest(struct text part);
struct record_digests record_digests_of(const struct record *rec);

/* Appends the bytes of rec to out, computing rec->chain from the chain before and the digests of its parts,
 * which are believed: with wrong ones it would be a record that nobody can read. */
void record_encode(struct record *rec, const struct record_digests *digests, const struct digest *before,
                   uint32_t seed, struct digester *digester, struct buf *out);

/* END: zeros, nothing was written here. TORN: it ends before its length does. BROKEN: anything else. */
enum record_fault { RECORD_GOOD, RECORD_END, RECORD_TORN, RECORD_BROKEN };

/* The length that a record beginning with these RECORD_PEEK bytes claims; 0 when none can begin so. */
size_t record_peek(const uint8_t *bytes);
/* Reads the record at bytes (limit readable). Texts point into bytes. With `before` the chain is checked. */
enum record_fault record_decode(const uint8_t *bytes, size_t limit, uint32_t seed,
                                const struct digest *before, struct digester *digester, struct record *rec);

#endif
