/*
 * writer.c - a batch is gathered in memory and goes out with one write and one sync. A record's place, seed
 * and link to the one before are settled when it is added, so an uncommitted batch cannot be taken back.
 */
#include "journal/writer.h"

#include <fcntl.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/random.h"
#include "base/stamp.h"
#include "journal/index.h"

#define SYNC_SLOW_MS 1000

static uint32_t new_seed(void) {
    uint32_t seed;
    random_fill(&seed, sizeof(seed));
    return seed;
}

/* An index is derived: without one a reader scans. */
static void open_index(struct writer *writer) {
    if (index_open(writer->folder, writer->header.ordinal, true, &writer->index_fd) != STATUS_OK) {
        writer->index_fd = -1;
    }
}

/* On a full disk the segment that was prepared behind it gives its space. */
static enum status copy_open_segment(struct writer *writer, const struct recovery *recovery) {
    const struct segment_header *header = &recovery->header;
    char name[SEGMENT_NAME_MAX];
    int source;
    segment_name(header->ordinal, "seg", name);
    enum status status = folder_open_file(writer->folder, name, O_RDONLY, &source);
    if (status != STATUS_OK) {
        return status;
    }
    status = segment_make(writer->folder, header->ordinal, header->size, header, source, recovery->end,
                          &writer->fd);
    if (status == STATUS_FULL) {
        status = segment_make_of_blank(writer->folder, header->ordinal + 1, header->ordinal, header->size,
                                       header, source, recovery->end, &writer->fd);
        status = status == STATUS_NOT_FOUND ? STATUS_FULL : status;
    }
    folder_close_file(writer->folder, &source);
    return status;
}

static enum status make_next_segment(struct writer *writer, uint64_t size) {
    struct segment_header *header = &writer->header;
    header->size = size;
    header->seed = new_seed();
    enum status status = segment_make_of_blank(writer->folder, header->ordinal, header->ordinal, size, header,
                                               -1, 0, &writer->fd);
    return status == STATUS_NOT_FOUND
               ? segment_make(writer->folder, header->ordinal, size, header, -1, 0, &writer->fd)
               : status;
}

enum status writer_open(struct writer *writer, const struct folder *folder, const struct recovery *recovery,
                        uint64_t size) {
    *writer = (struct writer){
        .folder = folder,
        .header = recovery->header,
        .fd = -1,
        .index_fd = -1,
        .end = recovery->end,
        .after = recovery->after,
    };
    enum status status =
        recovery->open_exists ? copy_open_segment(writer, recovery) : make_next_segment(writer, size);
    if (status != STATUS_OK) {
        return status;
    }
    index_make(folder, &writer->header, writer->fd, writer->end);
    open_index(writer);
    buf_init(&writer->batch, WRITER_BATCH_BYTES + RECORD_SIZE_MAX);
    writer->digester = digester_new();
    return STATUS_OK;
}

void writer_close(struct writer *writer) {
    folder_close_file(writer->folder, &writer->fd);
    folder_close_file(writer->folder, &writer->index_fd);
    buf_release(&writer->batch);
    digester_free(writer->digester);
}

bool writer_fits(const struct writer *writer, uint64_t record_size) {
    return writer->end + writer->batch.length + record_size <= segment_seal_offset(writer->header.size);
}

/* A record with a wrong digest could never be read again. To check is the very work that the sequencer is
 * spared: it is done where the tests run under a sanitizer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHECKS_DIGESTS true
#else
#define CHECKS_DIGESTS false
#endif

static bool fit(const struct record_digests *digests, const struct record *rec) {
    struct record_digests made = record_digests_of(rec);
    return memcmp(digests, &made, sizeof(made)) == 0;
}

void writer_add(struct writer *writer, struct record *rec, const struct record_digests *digests) {
    require(writer->count < WRITER_BATCH_RECORDS && rec->number == writer->after.next);
    require(rec->stamp >= writer->after.stamp && writer_fits(writer, record_size(rec)));
    require(!CHECKS_DIGESTS || fit(digests, rec));
    writer->offsets[writer->count++] = (uint32_t)(writer->end + writer->batch.length);
    record_encode(rec, digests, &writer->after.chain, writer->header.seed, writer->digester, &writer->batch);
    writer->after = (struct link){ rec->number + 1, rec->stamp, rec->chain };
}

static void note_in_index(struct writer *writer) {
    uint64_t position = writer->after.next - writer->count - writer->header.before.next;
    if (writer->index_fd >= 0
        && index_add(writer->folder->disk, writer->index_fd, position, writer->offsets, writer->count)
               != STATUS_OK) {
        log_event(LOG_WARN, EVENT_JOURNAL_INDEX_NOT_WRITTEN, LOG_INT("segment", writer->header.ordinal),
                  LOG_END);
        folder_close_file(writer->folder, &writer->index_fd);
    }
}

static enum status sync_timed(const struct writer *writer) {
    int64_t began_ms = stamp_monotonic_ms();
    enum status status = disk_sync(writer->folder->disk, writer->fd);
    int64_t now_s = stamp_now() / STAMP_SECOND;
    counter_set(COUNTER_JOURNAL_SYNCED, now_s);
    if (stamp_monotonic_ms() - began_ms > SYNC_SLOW_MS) {
        counter_add(COUNTER_JOURNAL_SYNCS_SLOW, 1);
        counter_set(COUNTER_JOURNAL_SYNC_SLOW, now_s);
    }
    return status;
}

enum status writer_commit(struct writer *writer) {
    if (writer->count == 0) {
        return STATUS_OK;
    }
    require(writer->count <= WRITER_BATCH_RECORDS && writer->after.next > writer->count);
    require(writer->end + writer->batch.length <= writer->header.size); /* as writer_fits() said */
    const struct disk *disk = writer->folder->disk;
    enum status status =
        disk_write_all(disk, writer->fd, writer->batch.at, writer->batch.length, writer->end);
    if (status == STATUS_OK) {
        status = sync_timed(writer);
    }
    if (status != STATUS_OK) {
        return STATUS_IO; /* FULL cannot be: the space is ours already */
    }
    note_in_index(writer);
    writer->end += writer->batch.length;
    counter_add(COUNTER_JOURNAL_BATCHES, 1);
    counter_add(COUNTER_JOURNAL_RECORDS, (int64_t)writer->count);
    counter_add(COUNTER_JOURNAL_BYTES, (int64_t)writer->batch.length);
    buf_clear(&writer->batch);
    writer->count = 0;
    return STATUS_OK;
}

static enum status write_seal(struct writer *writer, enum seal_kind kind) {
    require(writer->count == 0);
    struct segment_seal seal = { .kind = kind, .end = writer->end, .after = writer->after };
    enum status status = segment_write_seal(writer->folder->disk, writer->fd, &writer->header, &seal);
    if (status == STATUS_OK) {
        status = disk_sync(writer->folder->disk, writer->fd);
    }
    writer->proven = writer->after.next;
    return status == STATUS_OK ? STATUS_OK : STATUS_IO;
}

enum status writer_turn(struct writer *writer, int fd, uint64_t size) {
    require(fd >= 0 && size >= SEGMENT_SIZE_MIN);
    enum status status = write_seal(writer, SEAL_FINAL);
    folder_close_file(writer->folder, &writer->fd);
    folder_close_file(writer->folder, &writer->index_fd);
    writer->fd = fd;
    writer->header.ordinal++; /* its name stays */
    writer->header.size = size;
    writer->header.seed = new_seed();
    writer->header.before = writer->after;
    writer->end = SEGMENT_PAGE;
    if (status == STATUS_OK) {
        status = segment_write_header(writer->folder->disk, fd, &writer->header);
    }
    if (status == STATUS_OK) {
        status = disk_sync(writer->folder->disk, fd);
    }
    if (status == STATUS_OK) {
        open_index(writer);
    }
    return status == STATUS_OK ? STATUS_OK : STATUS_IO;
}

enum status writer_rest(struct writer *writer) {
    return writer_is_at_rest(writer) ? STATUS_OK : write_seal(writer, SEAL_REST);
}

bool writer_is_at_rest(const struct writer *writer) {
    return writer->proven == writer->after.next;
}
