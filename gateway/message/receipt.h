/*
 * receipt.h - our first answer 接收回执: this message is record N of this journal, with this digest and this
 * verdict.
 *
 * A receipt is a function of its record alone (number, stamp, chain, meta) and of the journal's name, which
 * never changes, so a repeat gets it byte for byte, today or in ten years. JSON for HTTP and ZeroMQ:
 *   {"receipt":1,"journal":"qd-gate-1","record":42,"recorded":"2026-10-31T08:00:00.000+08:00",
 *    "verdict":"accepted","party":…,"family":…,"format":…,"id":…,"digest":"sha256:…","size":…,
 *    "leaf":"sha256:…","edition":"sha256:…","next_zh":…,"next_en":…,"findings":[…]}
 * with "outer" (the digest of what the bytes came in, an archive or a wrapper) when they came in one, and
 * "conflicts":N (the record that holds the id) when the verdict is conflict, which a finding explains,
 * and, in folders, the form the sender's format expects (catalog `receipt`): DecImportResponse for cn-dec. A
 * refusal that comes later, from the engine, is told in that form too (refusal_xml), where it has one; so is
 * why a file could not become a message at all (unrecorded_xml).
 */
#ifndef MESSAGE_RECEIPT_H
#define MESSAGE_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/shape.h"
#include "base/stamp.h"
#include "message/metadata.h"

struct receipt_of {
    const char *journal; /* its name: with the number it says which record, wherever the receipt is shown */
    uint64_t number;
    stamp stamp;
    struct digest chain;
};

void receipt_json(const struct receipt_of *of, const struct metadata *metadata, struct buf *out);
extern const struct shape receipt_shape;
/* form: "DecImportResponse" (namespace http://www.chinaport.gov.cn/dec: ResponseCode 0 = imported,
 * ErrorMessage, ClientSeqNo, SeqNo empty) or "" for our own <Receipt>. */
void receipt_xml(const struct receipt_of *of, const struct metadata *metadata, const char *form,
                 struct buf *out);
bool receipt_has_form(const char *form); /* "" and the forms named above */

/* Why an accepted message is refused after all: its errors, or, when there are none, the answer. */
struct refusal {
    const char *code, *zh;
    const struct finding *findings;
    size_t count, errors;
};

/* The refusal of the message of that record in such a form (DecImportResponse: ResponseCode 1). False, and
 * nothing written: the form, "" among them, has no words for it. */
bool refusal_xml(uint64_t record, const struct metadata *metadata, const struct refusal *refusal,
                 const char *form, struct buf *out);
/* Nothing was recorded, for this reason: in that form, or as our own <Receipt>, which has no <Record>
   then. */
void unrecorded_xml(const char *code, const char *zh, const char *en, const char *form, struct buf *out);

#endif
