/*
 * letters.h - what a record says to those it is sent to, read from the journal and examined once for all of
 * them.
 *
 * A record mostly goes to several destinations, within a moment of each other. So a letter that nobody holds
 * any more stays for the next taker until LETTERS_STAY later ones, or 8 MiB of them, have been read; large
 * ones do not stay.
 * Memory    what is held, and at most 8 MiB that is not.
 * Thread    one at a time.
 */
#ifndef DELIVER_LETTERS_H
#define DELIVER_LETTERS_H

#include <stdint.h>

#include "base/digest.h"
#include "base/stamp.h"
#include "base/status.h"
#include "base/text.h"
#include "journal/reader.h"

#define LETTERS_STAY 512

struct letters;

struct letter {
    uint64_t record;
    stamp recorded;
    struct digest digest; /* SHA-256 of data */
    struct text data;
    const char *sender, *trace;  /* "" for a decision */
    const char *family, *format; /* of a decision "decision" and NULL */
    unsigned holders;            /* letters.c's */
};

struct letters *letters_new(struct reader *reader); /* borrows it */
void letters_free(struct letters *letters);         /* all have been given back */
/* Hold until letters_give_back(). DAMAGED: it is neither a message nor a decision, or not what was received;
   NOT_FOUND, IO. */
enum status letters_take(struct letters *letters, uint64_t record, const struct letter **out);
void letters_give_back(const struct letter *letter); /* NULL is fine */

#endif
