#include "journal/verify.h"

#include <stdio.h>

#include "journal/segment.h"
#include "journal/survey.h"

#define BLOCK (1u << 20)

/* One walk over the journal, and where it stands. */
struct walk {
    struct folder folder;
    struct journal_verdict *verdict;
    struct window window;
    struct digester *digester;
    struct segment_header header;
    uint64_t offset;
    struct link after;
};

static enum status fault_in(struct walk *walk, uint64_t ordinal, uint64_t offset, enum damage damage) {
    char name[SEGMENT_NAME_MAX];
    struct journal_verdict *verdict = walk->verdict;
    snprintf(verdict->segment, sizeof(verdict->segment), "journal/%s", segment_name(ordinal, "seg", name));
    verdict->offset = offset;
    verdict->number = walk->after.next;
    verdict->damage = damage;
    return STATUS_DAMAGED;
}

static enum status fault_at(struct walk *walk, uint64_t offset, enum damage damage) {
    return fault_in(walk, walk->header.ordinal, offset, damage);
}

/* Why does the record at the offset not stand the test? */
static enum damage diagnose(struct walk *walk, enum record_fault fault) {
    if (fault == RECORD_END) {
        return DAMAGE_NOTHING;
    }
    if (fault == RECORD_TORN) {
        return DAMAGE_TORN;
    }
    struct record rec;
    enum status status = segment_record(&walk->window, walk->offset, &walk->header, NULL, NULL, &fault, &rec);
    if (status != STATUS_OK || fault != RECORD_GOOD) {
        return DAMAGE_CHECKSUM;
    }
    if (rec.number != walk->after.next) {
        return DAMAGE_NUMBER;
    }
    if (rec.stamp < walk->after.stamp) {
        return DAMAGE_OLDER;
    }
    return DAMAGE_CHAIN;
}

static enum status walk_records(struct walk *walk, uint64_t end) {
    while (walk->offset < end) {
        enum record_fault fault;
        struct record rec;
        enum status status = segment_record(&walk->window, walk->offset, &walk->header, &walk->after,
                                            walk->digester, &fault, &rec);
        if (status != STATUS_OK) {
            return status;
        }
        if (fault != RECORD_GOOD) {
            return fault_at(walk, walk->offset, diagnose(walk, fault));
        }
        walk->after = (struct link){ rec.number + 1, rec.stamp, rec.chain };
        walk->offset += record_size(&rec);
        walk->verdict->records++;
        walk->verdict->bytes += record_size(&rec);
        walk->verdict->chain = rec.chain;
    }
    return STATUS_OK;
}

static bool link_equal(const struct link *a, const struct link *b) {
    return a->next == b->next && a->stamp == b->stamp && digest_equal(&a->chain, &b->chain);
}

static enum status walk_sealed(struct walk *walk, int fd) {
    uint64_t seal_offset = segment_seal_offset(walk->header.size), last;
    struct segment_seal seal;
    enum status status = segment_read_seal(walk->folder.disk, fd, &walk->header, &seal);
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

static enum status walk_segment(struct walk *walk, uint64_t ordinal, const struct survey *survey) {
    enum segment_state state;
    enum damage damage;
    int fd;
    enum status status = segment_open(&walk->folder, ordinal, &state, &walk->header, &fd, &damage);
    if (status != STATUS_OK) {
        return status;
    }
    if (state != SEGMENT_USED) {
        folder_close_file(&walk->folder, &fd);
        return fault_in(walk, ordinal, 0, damage != DAMAGE_NONE ? damage : DAMAGE_MISSING);
    }
    window_point(&walk->window, fd, segment_seal_offset(walk->header.size));
    walk->offset = SEGMENT_PAGE;
    bool open = survey->open_exists && ordinal == survey->header.ordinal;
    if (!link_equal(&walk->header.before, &walk->after)) {
        status = fault_at(walk, 0, DAMAGE_DISCONTINUED);
    } else {
        status = open ? walk_records(walk, survey->end) : walk_sealed(walk, fd);
    }
    folder_close_file(&walk->folder, &fd);
    walk->verdict->segments += status == STATUS_OK;
    return status;
}

/* All that the survey found in use; its own finding comes last, since it lies behind them. */
static enum status walk_all(struct walk *walk) {
    struct survey survey;
    enum status found = survey_take(&walk->folder, &survey), status = STATUS_OK;
    if (found != STATUS_OK && found != STATUS_DAMAGED) {
        return found;
    }
    walk->verdict->torn_bytes = survey.torn_bytes;
    uint64_t used = survey.open_exists ? survey.header.ordinal : survey.segments;
    for (uint64_t ordinal = 1; status == STATUS_OK && ordinal <= used; ordinal++) {
        status = walk_segment(walk, ordinal, &survey);
    }
    if (status == STATUS_OK && found == STATUS_DAMAGED) {
        status = fault_in(walk, survey.damaged_ordinal, survey.damaged_offset, survey.damage);
    }
    return status;
}

enum status journal_verify(const char *directory, struct journal_verdict *out) {
    *out = (struct journal_verdict){ 0 };
    struct walk walk = { .verdict = out, .after.next = 1 };
    enum status status = folder_open(&walk.folder, &disk_real, directory);
    if (status != STATUS_OK) {
        return status;
    }
    window_init(&walk.window, walk.folder.disk, BLOCK);
    walk.digester = digester_new();
    status = walk_all(&walk);
    digester_free(walk.digester);
    window_release(&walk.window);
    folder_close(&walk.folder);
    return status;
}
