/*
 * labels.c - the list of them, in the order in which they are sent.
 */
#include "adapters/labels.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

static void add(struct labels *labels, const char *name, const char *value, bool is_attribute) {
    if (value && *value) {
        require(labels->count < LABELS_MAX);
        labels->list[labels->count++] = (struct label){ name, value, is_attribute };
    }
}

void labels_of(struct labels *labels, const struct delivery *delivery, const char *source) {
    *labels = (struct labels){ .digest = "sha256:" };
    snprintf(labels->type, sizeof(labels->type), "clearway.%s.v1",
             *delivery->family ? delivery->family : "decision");
    snprintf(labels->record, sizeof(labels->record), "%" PRIu64, delivery->record);
    digest_hex(&delivery->digest, labels->digest + strlen(labels->digest));
    if (delivery->about) {
        snprintf(labels->about, sizeof(labels->about), "%" PRIu64, delivery->about);
    }
    add(labels, "specversion", "1.0", true);
    add(labels, "id", delivery->id, true);
    add(labels, "source", source, true);
    add(labels, "type", labels->type, true);
    add(labels, "subject", delivery->subject, true);
    add(labels, "time", stamp_print(delivery->recorded, labels->time), true);
    add(labels, "partitionkey", delivery->subject, true);
    add(labels, "content-type", "application/xml", false);
    add(labels, "clearway-record", labels->record, false);
    add(labels, "clearway-format", delivery->format, false);
    add(labels, "clearway-digest", labels->digest, false);
    add(labels, "clearway-sender", delivery->sender, false);
    add(labels, "clearway-route", delivery->route, false);
    add(labels, "clearway-result", delivery->result, false);
    add(labels, "clearway-about", labels->about, false);
    add(labels, "clearway-origin", *delivery->way ? delivery->file : "", false);
    add(labels, "traceparent", delivery->trace, false);
}
