/*
 * labels.c - the list of them, in the order in which they are sent.
 */
#include "adapters/labels.h"

#include <string.h>

#include "base/status.h"

/* They are made for every delivery: no printf. */
static const char *print_type(const char *family, char out[LABEL_TYPE_MAX]) {
    static const char before[] = "clearway.", behind[] = ".v1";
    size_t length = strlen(family), most = LABEL_TYPE_MAX - sizeof(before) - sizeof(behind);
    length = length < most ? length : most;
    memcpy(out, before, strlen(before));
    memcpy(out + strlen(before), family, length);
    memcpy(out + strlen(before) + length, behind, sizeof(behind));
    return out;
}

static void add(struct labels *labels, const char *name, const char *value, bool is_attribute) {
    if (value && *value) {
        require(labels->count < LABELS_MAX);
        labels->list[labels->count++] = (struct label){ name, value, is_attribute };
    }
}

void labels_of(struct labels *labels, const struct delivery *delivery, const char *source) {
    *labels = (struct labels){ .digest = "sha256:" };
    digest_hex(&delivery->digest, labels->digest + strlen(labels->digest));
    add(labels, "specversion", "1.0", true);
    add(labels, "id", delivery->id, true);
    add(labels, "source", source, true);
    add(labels, "type", print_type(*delivery->family ? delivery->family : "decision", labels->type), true);
    add(labels, "subject", delivery->subject, true);
    add(labels, "time", stamp_print(delivery->recorded, labels->time), true);
    add(labels, "partitionkey", delivery->subject, true);
    add(labels, "content-type", "application/xml", false);
    add(labels, "clearway-record", text_of_uint(delivery->record, labels->record), false);
    add(labels, "clearway-format", delivery->format, false);
    add(labels, "clearway-digest", labels->digest, false);
    add(labels, "clearway-sender", delivery->sender, false);
    add(labels, "clearway-route", delivery->route, false);
    add(labels, "clearway-result", delivery->result, false);
    add(labels, "clearway-about", delivery->about ? text_of_uint(delivery->about, labels->about) : "", false);
    add(labels, "clearway-redelivered", delivery->redelivered ? "true" : "", false);
    add(labels, "clearway-origin", *delivery->way ? delivery->file : "", false);
    add(labels, "traceparent", delivery->trace, false);
}
