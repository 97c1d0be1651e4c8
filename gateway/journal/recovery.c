/*
 * recovery.c - segments are looked at in order, by header and seal, until the last one in use; that one is
 * read record by record. What stands behind its good records is searched for a proof that they should go
 * on.
 *
 * All of it may happen beside a running gateway, which writes meanwhile: whatever looks like damage and
 * could be a change between two looks is looked at again.
 */
#include "journal/recovery.h"

#include <string.h>

#define BLOCK (256u << 10)

static enum status damaged(struct recovery *recovery, uint64_t ordinal, uint64_t offset, enum damage damage) {
    recovery->damaged_ordinal = ordinal;
    recovery->damaged_offset = offset;
    recovery->damage = damage;
    return STATUS_DAMAGED;
}

/* ---- the open segment ---- */

struct scan {
    struct recovery *recovery;
    struct window window;
    struct digester *digester;
};

/* Moves end and after over the good records from where they stand. */
static enum status follow(struct scan *scan) {
    struct recovery *recovery = scan->recovery;
    for (;;) {
        enum record_fault fault;
        struct record rec;
        enum status status = segment_record(&scan->window, recovery->end, &recovery->header, &recovery->after,
                                            scan->digester, &fault, &rec);
        if (status != STATUS_OK || fault != RECORD_GOOD) {
            return status;
        }
        recovery->end += record_size(&rec);
        recovery->after = (struct link){ rec.number + 1, rec.stamp, rec.chain };
    }
}

/* Is there a record behind the good ones that says theirs was not the last durable number? */
static enum status find_proof(struct scan *scan, bool *found) {
    struct recovery *recovery = scan->recovery;
    struct record rec;
    uint64_t offset = recovery->end;
    enum status status;
    *found = false;
    recovery->torn_records = 0;
    while ((status = segment_find(&scan->window, &offset, &recovery->header, &rec)) == STATUS_OK) {
        *found |= rec.durable >= recovery->after.next;
        recovery->torn_records += rec.number >= recovery->after.next;
        offset += record_size(&rec);
        recovery->behind_number = rec.number;
        recovery->behind_end = offset;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Follows the good records to where they end for good: beside a running gateway the record that seemed not to
 * be there may have been half written when we came by, and be whole by the time a later one proves it. */
static enum status follow_all(struct scan *scan, bool *proven) {
    uint64_t before;
    enum status status = follow(scan);
    do {
        before = scan->recovery->end;
        if (status == STATUS_OK) {
            status = find_proof(scan, proven);
        }
        if (status == STATUS_OK && *proven) {
            window_point(&scan->window, scan->window.fd, scan->window.limit);
            status = follow(scan);
        }
    } while (status == STATUS_OK && scan->recovery->end > before);
    return status;
}

static enum status judge_tail(struct scan *scan, const struct segment_seal *seal) {
    struct recovery *recovery = scan->recovery;
    bool proven = false;
    enum status status = follow_all(scan, &proven);
    if (status != STATUS_OK) {
        return status;
    }
    if (proven || (seal->kind == SEAL_REST && seal->after.next > recovery->after.next)) {
        return damaged(recovery, recovery->header.ordinal, recovery->end, DAMAGE_LOST);
    }
    uint64_t last;
    status = segment_last_byte(&scan->window, recovery->end, &last);
    recovery->torn_bytes = last - recovery->end + (seal->kind == SEAL_BROKEN ? SEGMENT_PAGE : 0);
    return status;
}

static enum status recover_open_segment(const struct folder *folder, struct recovery *recovery, int fd,
                                        const struct segment_seal *seal) {
    struct scan scan = { .recovery = recovery, .digester = digester_new() };
    window_init(&scan.window, folder->disk, BLOCK);
    window_point(&scan.window, fd, segment_seal_offset(recovery->header.size));
    recovery->open_exists = true;
    enum status status = judge_tail(&scan, seal);
    digester_free(scan.digester);
    window_release(&scan.window);
    return status;
}

/* ---- the walk over all segments ---- */

static enum status is_used(const struct folder *folder, uint64_t ordinal, bool *used) {
    struct segment_header header;
    enum segment_state state;
    enum damage damage;
    int fd = -1;
    enum status status = segment_open(folder, ordinal, &state, &header, &fd, &damage);
    *used = state == SEGMENT_USED || state == SEGMENT_DAMAGED;
    folder_close_file(folder, &fd);
    return status;
}

/* Reads the seal. *last: it is the last used segment, and its seal, if it has a whole one, not the final
   one. */
static enum status judge_seal(const struct folder *folder, struct recovery *recovery, int fd,
                              struct segment_seal *seal, bool *last) {
    const struct segment_header *header = &recovery->header;
    *last = false;
    enum status status = segment_read_seal(folder->disk, fd, header, seal);
    if (status != STATUS_OK || seal->kind == SEAL_FINAL) {
        return status;
    }
    bool followed;
    status = is_used(folder, header->ordinal + 1, &followed);
    if (status != STATUS_OK || !followed) {
        *last = true;
        return status;
    }
    /* Again: beside a running gateway it may have been sealed between the two looks. */
    status = segment_read_seal(folder->disk, fd, header, seal);
    if (status == STATUS_OK && seal->kind != SEAL_FINAL) {
        return damaged(recovery, header->ordinal, segment_seal_offset(header->size), DAMAGE_SEAL_OF_FORMER);
    }
    return status;
}

static enum status scan_used(const struct folder *folder, struct recovery *recovery,
                             const struct segment_header *header, int fd, bool *last) {
    bool renamed = recovery->segments > 0 && strcmp(header->name, recovery->header.name) != 0;
    if (renamed || !link_equal(&header->before, &recovery->after)) {
        return damaged(recovery, header->ordinal, 0, DAMAGE_DISCONTINUED);
    }
    recovery->segments++;
    recovery->header = *header;
    recovery->end = SEGMENT_PAGE;
    struct segment_seal seal;
    enum status status = judge_seal(folder, recovery, fd, &seal, last);
    if (status == STATUS_OK && *last) {
        status = recover_open_segment(folder, recovery, fd, &seal);
    } else if (status == STATUS_OK) {
        recovery->end = seal.end;
        recovery->after = seal.after;
    }
    return status;
}

/* Nothing was written into this segment yet. */
static enum status scan_unused(struct recovery *recovery, uint64_t ordinal, uint64_t highest) {
    if (ordinal < highest) {
        return damaged(recovery, ordinal, 0, DAMAGE_GAP);
    }
    recovery->header.ordinal = ordinal;
    recovery->header.before = recovery->after;
    recovery->end = SEGMENT_PAGE;
    return STATUS_OK;
}

enum status recovery_scan(const struct folder *folder, struct recovery *recovery) {
    require(folder->fd >= 0);
    *recovery = (struct recovery){ .after.next = 1 };
    uint64_t highest;
    enum status status = segment_highest(folder, &highest);
    bool last = false;
    for (uint64_t ordinal = 1; status == STATUS_OK && !last; ordinal++) {
        struct segment_header header;
        enum segment_state state;
        enum damage damage;
        int fd = -1;
        status = segment_open(folder, ordinal, &state, &header, &fd, &damage);
        if (status != STATUS_OK) {
            break;
        }
        switch (state) {
        case SEGMENT_USED: status = scan_used(folder, recovery, &header, fd, &last); break;
        case SEGMENT_DAMAGED: status = damaged(recovery, ordinal, 0, damage); break;
        case SEGMENT_ABSENT:
        case SEGMENT_BLANK:
            status = scan_unused(recovery, ordinal, highest);
            last = true;
            break;
        }
        folder_close_file(folder, &fd);
    }
    return status;
}
