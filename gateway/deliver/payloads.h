/*
 * payloads.h - what a record says to those it is sent to, read from the journal and examined once for all of
 * them.
 *
 * A record mostly goes to several destinations, within a moment of each other. So a payload that nobody holds
 * any more stays for the next taker until PAYLOADS_STAY later ones, or 8 MiB of them, have been read; large
 * ones do not stay.
 * Memory    what is held, and at most 8 MiB that is not.
 * Thread    one at a time.
 */
#ifndef DELIVER_PAYLOADS_H
#define DELIVER_PAYLOADS_H

#include <stdint.h>

#include "base/digest.h"
#include "base/stamp.h"
#include "base/status.h"
#include "base/text.h"
#include "journal/reader.h"

#define PAYLOADS_STAY 512

struct payloads;

struct payload {
    uint64_t record;
    stamp recorded;
    struct digest digest; /* SHA-256 of data */
    struct text data;
    const char *sender, *trace;  /* "" for a decision */
    const char *family, *format; /* of a decision "decision" and NULL */
    uint64_t about;              /* of a decision: the record whose fate it is; 0 for a message */
    const char *result;          /* of a decision, as text; "" for a message */
    unsigned holders;            /* payloads.c's */
};

struct payloads *payloads_new(struct reader *reader); /* borrows it */
void payloads_free(struct payloads *payloads);        /* all have been given back */
/* Hold until payloads_give_back(). DAMAGED: it is neither a message nor a decision, or not what was received;
   NOT_FOUND, IO. */
enum status payloads_take(struct payloads *payloads, uint64_t record, const struct payload **out);
void payloads_give_back(const struct payload *payload); /* NULL is fine */

#endif
