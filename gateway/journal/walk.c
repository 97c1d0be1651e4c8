/*
 * walk.c - one segment after another, record by record, and a name for what is wrong with the first that is.
 */
#include "journal/walk.h"

#include <string.h>

static enum status fault_in(struct segment_walk *walk, uint64_t ordinal, uint64_t offset,
                            enum damage damage) {
    walk->fault = (struct walk_fault){ ordinal, offset, walk->after.next, damage };
    return STATUS_DAMAGED;
}

static enum status fault_at(struct segment_walk *walk, uint64_t offset, enum damage damage) {
    return fault_in(walk, walk->header.ordinal, offset, damage);
}

/* Why does the record at the offset not stand the test? */
static enum status diagnose(struct segment_walk *walk, enum record_fault fault) {
    struct record rec;
    enum damage damage = DAMAGE_CHECKSUM;
    enum status status = STATUS_OK;
    if (fault == RECORD_END) {
        damage = DAMAGE_NOTHING;
    } else if (fault == RECORD_TORN) {
        damage = DAMAGE_TORN;
    } else {
        status = segment_record(&walk->window, walk->offset, &walk->header, NULL, NULL, &fault, &rec);
    }
    if (status == STATUS_OK && fault == RECORD_GOOD) {
        damage = rec.number != walk->after.next  ? DAMAGE_NUMBER
                 : rec.stamp < walk->after.stamp ? DAMAGE_OLDER
                                                 : DAMAGE_CHAIN;
    }
    return status == STATUS_OK ? fault_at(walk, walk->offset, damage) : status;
}

static enum status walk_records(struct segment_walk *walk, uint64_t end) {
    while (walk->offset < end) {
        enum record_fault fault;
        struct record rec;
        enum status status = segment_record(&walk->window, walk->offset, &walk->header, &walk->after,
                                            walk->digester, &fault, &rec);
        if (status != STATUS_OK) {
            return status;
        }
        if (fault != RECORD_GOOD) {
            return diagnose(walk, fault);
        }
        walk->after = (struct link){ rec.number + 1, rec.stamp, rec.chain };
        walk->offset += record_size(&rec);
        walk->records++;
        walk->bytes += record_size(&rec);
    }
    return STATUS_OK;
}

static enum status walk_sealed(struct segment_walk *walk, int fd) {
    uint64_t seal_offset = segment_seal_offset(walk->header.size), last;
    struct segment_seal seal;
    enum status status = segment_read_seal(walk->folder->disk, fd, &walk->header, &seal);
    if (status == STATUS_OK && seal.kind != SEAL_FINAL) {
        status = fault_at(walk, seal_offset, DAMAGE_SEAL);
    }
    if (status == STATUS_OK) {
        status = walk_records(walk, seal.end);
    }
    if (status == STATUS_OK && (walk->offset != seal.end || !link_equal(&walk->after, &seal.after))) {
        status = fault_at(walk, seal_offset, DAMAGE_SEAL_UNFIT);
    }
    if (status == STATUS_OK) {
        status = segment_last_byte(&walk->window, seal.end, &last);
    }
    if (status == STATUS_OK && last != seal.end) {
        status = fault_at(walk, last - 1, DAMAGE_BEHIND_SEAL);
    }
    return status;
}

enum status walk_segment(struct segment_walk *walk, uint64_t ordinal, uint64_t end) {
    enum segment_state state;
    enum damage damage;
    int fd;
    walk->offset = 0;
    enum status status = segment_open(walk->folder, ordinal, &state, &walk->header, &fd, &damage);
    if (status != STATUS_OK) {
        return status;
    }
    if (state != SEGMENT_USED) {
        folder_close_file(walk->folder, &fd);
        return fault_in(walk, ordinal, 0, damage != DAMAGE_NONE ? damage : DAMAGE_MISSING);
    }
    window_point(&walk->window, fd, end == WALK_SEALED ? segment_seal_offset(walk->header.size) : end);
    walk->offset = SEGMENT_PAGE;
    if (walk->anew) {
        walk->after = walk->header.before;
        walk->anew = false;
    }
    if (walk->name[0] == '\0') {
        strcpy(walk->name, walk->header.name);
    }
    bool renamed = strcmp(walk->name, walk->header.name) != 0;
    if (renamed || !link_equal(&walk->header.before, &walk->after)) {
        status = fault_at(walk, 0, DAMAGE_DISCONTINUED);
    } else {
        status = end == WALK_SEALED ? walk_sealed(walk, fd) : walk_records(walk, end);
    }
    folder_close_file(walk->folder, &fd);
    walk->segments += status == STATUS_OK;
    return status;
}

void walk_anew(struct segment_walk *walk) {
    walk->anew = true;
}

void walk_init(struct segment_walk *walk, const struct folder *folder, size_t block) {
    require(folder->fd >= 0 && block > 0);
    *walk = (struct segment_walk){ .folder = folder, .after.next = 1, .digester = digester_new() };
    window_init(&walk->window, folder->disk, block);
}

void walk_release(struct segment_walk *walk) {
    window_release(&walk->window);
    digester_free(walk->digester);
}
