/*
 * verify.h - reading all of a journal with distrust: every header, record, number, stamp, chain, seal, and
 * the zeros between. Opening trusts the seals; this does not.
 *
 * Takes no lock and changes nothing; beside a running gateway it verifies up to what it finds at the start.
 */
#ifndef JOURNAL_VERIFY_H
#define JOURNAL_VERIFY_H

#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"
#include "journal/damage.h"
#include "journal/name.h"

struct journal_verdict {
    char name[JOURNAL_NAME_MAX];       /* the journal's; "" when it has no segment */
    uint64_t segments, records, bytes; /* found good before the first fault */
    uint64_t torn_bytes, torn_records; /* behind the last record: no fault, opening will cut them */
    struct digest chain;               /* of the last good record */

    char segment[256]; /* the first fault: file, offset ... */
    uint64_t offset;
    uint64_t number; /* ... the record it belongs to, and what is wrong */
    enum damage damage;
};

/* OK; DAMAGED: the verdict names the first fault; NOT_FOUND: no journal there; IO. */
enum status journal_verify(const char *directory, struct journal_verdict *out);

#endif
