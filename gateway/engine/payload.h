/*
 * payload.h - what a record says to those it is sent to: the bytes, and what a transport tells of them.
 *
 * The engine makes one of each record that it sends somewhere, while it has the record in hand, so that
 * nobody reads it again from the journal while it is young (deliver/payloads.h reads it when it is not).
 *
 * Memory    one piece with a count of its holders.
 * Thread    any; the payload itself does not change.
 */
#ifndef ENGINE_PAYLOAD_H
#define ENGINE_PAYLOAD_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/stamp.h"
#include "base/text.h"
#include "message/decided.h"
#include "message/metadata.h"
#include "journal/record.h"

#define PAYLOAD_STAYS_MAX ((size_t)64 << 10) /* bytes of data: a larger one is not kept ready */

struct payload {
    uint64_t record;
    stamp recorded;
    struct digest digest; /* SHA-256 of data */
    struct text data;
    const char *sender, *trace;  /* "" for a decision */
    const char *family, *format; /* of a decision "decision" and NULL */
    uint64_t about;              /* of a decision: the record whose fate it is; 0 for a message */
    const char *result;          /* of a decision, as text; "" for a message */
    atomic_uint holders;         /* payload.c's */
};

/* Copies the data of a message, of which metadata tells, or of a decision, of which decided does; the other
 * is NULL. digest: of that data. With one holder. */
struct payload *payload_new(const struct record *rec, const struct metadata *metadata,
                            const struct decided *decided, const struct digest *digest);
const struct payload *payload_hold(const struct payload *payload);
void payload_give_back(const struct payload *payload); /* NULL is fine */

#endif
