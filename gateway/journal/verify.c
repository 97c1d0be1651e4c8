/*
 * verify.c - a scan (recovery.h) says which segments are in use and where the open one ends; a walk reads
 * them.
 */
#include "journal/verify.h"

#include <stdio.h>
#include <string.h>

#include "journal/recovery.h"
#include "journal/walk.h"

#define BLOCK (1u << 20)

static void report(const struct segment_walk *walk, struct journal_verdict *verdict) {
    strcpy(verdict->name, walk->name);
    verdict->segments = walk->segments;
    verdict->records = walk->records;
    verdict->bytes = walk->bytes;
    verdict->chain = walk->after.chain;
}

static void report_fault(const struct walk_fault *fault, struct journal_verdict *verdict) {
    char name[SEGMENT_NAME_MAX];
    snprintf(verdict->segment, sizeof(verdict->segment), "journal/%s",
             segment_name(fault->ordinal, "seg", name));
    verdict->offset = fault->offset;
    verdict->number = fault->number;
    verdict->damage = fault->damage;
}

/* All that the scan found in use; its own finding comes last, since it lies behind them. */
static enum status walk_all(struct segment_walk *walk, struct journal_verdict *verdict) {
    struct recovery recovery;
    enum status found = recovery_scan(walk->folder, &recovery), status = STATUS_OK;
    if (found != STATUS_OK && found != STATUS_DAMAGED) {
        return found;
    }
    verdict->torn_bytes = recovery.torn_bytes;
    verdict->torn_records = recovery.torn_records;
    uint64_t used = recovery.open_exists ? recovery.header.ordinal : recovery.segments;
    for (uint64_t ordinal = 1; status == STATUS_OK && ordinal <= used; ordinal++) {
        bool open = recovery.open_exists && ordinal == recovery.header.ordinal;
        status = walk_segment(walk, ordinal, open ? recovery.end : WALK_SEALED);
    }
    if (status == STATUS_OK && found == STATUS_DAMAGED) {
        walk->fault = (struct walk_fault){ recovery.damaged_ordinal, recovery.damaged_offset,
                                           walk->after.next, recovery.damage };
        status = STATUS_DAMAGED;
    }
    return status;
}

enum status journal_verify(const char *directory, struct journal_verdict *out) {
    require(directory && out);
    *out = (struct journal_verdict){ 0 };
    struct folder folder;
    enum status status = folder_open(&folder, &disk_real, directory);
    if (status != STATUS_OK) {
        return status;
    }
    struct segment_walk walk;
    walk_init(&walk, &folder, BLOCK);
    status = walk_all(&walk, out);
    report(&walk, out);
    if (status == STATUS_DAMAGED) {
        report_fault(&walk.fault, out);
    }
    walk_release(&walk);
    folder_close(&folder);
    return status;
}
