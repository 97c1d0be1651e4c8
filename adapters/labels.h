/*
 * labels.h - what a receiver is told of a delivery beside its bytes, where the transport has headers: the
 * attributes of a CloudEvent (1.0, binary mode), and what only we have.
 */
#ifndef ADAPTERS_LABELS_H
#define ADAPTERS_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/stamp.h"
#include "deliver/port.h"

#define LABELS_MAX     20
#define LABEL_TYPE_MAX 256

struct label {
    const char *name;
    const char *value; /* never empty */
    bool is_attribute; /* of the event: its name gets the transport's prefix ("ce_", "ce-") */
};

/* Borrows the delivery's texts and the source. */
struct labels {
    struct label list[LABELS_MAX];
    size_t count;
    char type[LABEL_TYPE_MAX], digest[DIGEST_HEX_MAX + 8], record[TEXT_NUMBER_MAX], about[TEXT_NUMBER_MAX],
        time[STAMP_TEXT_MAX];
};

/* source: the journal's name. */
void labels_of(struct labels *labels, const struct delivery *delivery, const char *source);

#endif
