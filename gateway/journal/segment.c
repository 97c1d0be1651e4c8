/*
 * segment.c - files under their names, the two pages, and records by offset. A segment is made under
 * another name and gets its own when it is whole and synced, so a file that bears the name of a segment
 * once was one.
 */
#include "journal/segment.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/status.h"
#include "journal/bytes.h"

#define MAGIC_SIZE 8
#define NAME_AT    80
#define CRC_AT     (SEGMENT_PAGE - 4)
#define COPY_BLOCK (1u << 20)

static const char header_magic[] = "CWSEGMNT";
static const char final_magic[] = "CWSEALED";
static const char rest_magic[] = "CWRESTED";

/* ---- names ---- */

const char *segment_name(uint64_t ordinal, const char *suffix, char out[SEGMENT_NAME_MAX]) {
    snprintf(out, SEGMENT_NAME_MAX, "%010" PRIu64 ".%s", ordinal, suffix);
    return out;
}

static uint64_t ordinal_of(const char *name) {
    uint64_t ordinal = 0;
    const char *at = name;
    while (isdigit((unsigned char)*at) && at - name < 15) {
        ordinal = ordinal * 10 + (uint64_t)(*at++ - '0');
    }
    return strcmp(at, ".seg") == 0 ? ordinal : 0;
}

enum status segment_highest(const struct folder *folder, uint64_t *out) {
    *out = 0;
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0) {
            close(fd);
        }
        return STATUS_IO;
    }
    errno = 0;
    for (const struct dirent *item; (item = readdir(dir)); errno = 0) {
        uint64_t ordinal = ordinal_of(item->d_name);
        if (ordinal > *out) {
            *out = ordinal;
        }
    }
    bool failed = errno != 0;
    closedir(dir);
    return failed ? STATUS_IO : STATUS_OK;
}

/* ---- the two pages ---- */

bool link_equal(const struct link *a, const struct link *b) {
    return a->next == b->next && a->stamp == b->stamp && digest_equal(&a->chain, &b->chain);
}

static void put_link(uint8_t *at, const struct link *link) {
    bytes_put_u64(at, link->next);
    bytes_put_u64(at + 8, (uint64_t)link->stamp);
    memcpy(at + 16, link->chain.bytes, DIGEST_SIZE);
}

static struct link get_link(const uint8_t *at) {
    struct link link = { .next = bytes_u64(at), .stamp = (stamp)bytes_u64(at + 8) };
    memcpy(link.chain.bytes, at + 16, DIGEST_SIZE);
    return link;
}

static void encode_header(const struct segment_header *header, uint8_t page[SEGMENT_PAGE]) {
    require(journal_name_is_possible(header->name));
    memset(page, 0, SEGMENT_PAGE);
    memcpy(page, header_magic, MAGIC_SIZE);
    bytes_put_u32(page + 8, SEGMENT_FORMAT);
    bytes_put_u32(page + 12, header->seed);
    bytes_put_u64(page + 16, header->ordinal);
    bytes_put_u64(page + 24, header->size);
    put_link(page + 32, &header->before);
    strcpy((char *)page + NAME_AT, header->name);
    bytes_put_u32(page + CRC_AT, crc32c(0, page, CRC_AT));
}

static enum damage decode_header(const uint8_t page[SEGMENT_PAGE], struct segment_header *header) {
    if (memcmp(page, header_magic, MAGIC_SIZE) != 0 || bytes_u32(page + CRC_AT) != crc32c(0, page, CRC_AT)) {
        return DAMAGE_HEADER;
    }
    if (bytes_u32(page + 8) != SEGMENT_FORMAT) {
        return DAMAGE_FORMAT;
    }
    *header = (struct segment_header){
        .seed = bytes_u32(page + 12),
        .ordinal = bytes_u64(page + 16),
        .size = bytes_u64(page + 24),
        .before = get_link(page + 32),
    };
    memcpy(header->name, page + NAME_AT, JOURNAL_NAME_MAX - 1);
    return journal_name_is_possible(header->name) ? DAMAGE_NONE : DAMAGE_HEADER;
}

static void encode_seal(const struct segment_seal *seal, uint32_t seed, uint8_t page[SEGMENT_PAGE]) {
    memset(page, 0, SEGMENT_PAGE);
    memcpy(page, seal->kind == SEAL_FINAL ? final_magic : rest_magic, MAGIC_SIZE);
    bytes_put_u64(page + 8, seal->end);
    put_link(page + 16, &seal->after);
    bytes_put_u32(page + CRC_AT, crc32c(seed, page, CRC_AT));
}

static bool is_zero(const uint8_t *bytes, size_t length) {
    return length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0);
}

static enum seal_kind decode_seal(const uint8_t page[SEGMENT_PAGE], const struct segment_header *header,
                                  struct segment_seal *seal) {
    if (is_zero(page, SEGMENT_PAGE)) {
        return SEAL_NONE;
    }
    bool final = memcmp(page, final_magic, MAGIC_SIZE) == 0, rest = memcmp(page, rest_magic, MAGIC_SIZE) == 0;
    if ((!final && !rest) || bytes_u32(page + CRC_AT) != crc32c(header->seed, page, CRC_AT)) {
        return SEAL_BROKEN;
    }
    seal->end = bytes_u64(page + 8);
    seal->after = get_link(page + 16);
    bool sane = seal->end >= SEGMENT_PAGE && seal->end <= segment_seal_offset(header->size)
                && seal->after.next >= header->before.next;
    return !sane ? SEAL_BROKEN : final ? SEAL_FINAL : SEAL_REST;
}

enum status segment_write_header(const struct disk *disk, int fd, const struct segment_header *header) {
    uint8_t page[SEGMENT_PAGE];
    encode_header(header, page);
    return disk_write_all(disk, fd, page, sizeof(page), 0);
}

enum status segment_write_seal(const struct disk *disk, int fd, const struct segment_header *header,
                               const struct segment_seal *seal) {
    uint8_t page[SEGMENT_PAGE];
    encode_seal(seal, header->seed, page);
    return disk_write_all(disk, fd, page, sizeof(page), segment_seal_offset(header->size));
}

enum status segment_read_seal(const struct disk *disk, int fd, const struct segment_header *header,
                              struct segment_seal *seal) {
    uint8_t page[SEGMENT_PAGE];
    size_t got;
    *seal = (struct segment_seal){ 0 };
    enum status status =
        disk_read_some(disk, fd, page, sizeof(page), segment_seal_offset(header->size), &got);
    if (status == STATUS_OK) {
        seal->kind = got == sizeof(page) ? decode_seal(page, header, seal) : SEAL_BROKEN;
    }
    return status;
}

/* ---- making ---- */

static enum status fill_zeros(const struct disk *disk, int fd, uint64_t from, uint64_t to) {
    static const uint8_t zeros[COPY_BLOCK];
    enum status status = STATUS_OK;
    while (status == STATUS_OK && from < to) {
        size_t length = to - from < COPY_BLOCK ? (size_t)(to - from) : COPY_BLOCK;
        status = disk_write_all(disk, fd, zeros, length, from);
        from += length;
    }
    return status;
}

static enum status copy_records(const struct disk *disk, int source, int target, uint64_t end) {
    struct window window;
    window_init(&window, disk, COPY_BLOCK);
    window_point(&window, source, end);
    enum status status = STATUS_OK;
    for (uint64_t offset = SEGMENT_PAGE; status == STATUS_OK && offset < end;) {
        const uint8_t *bytes;
        size_t got;
        status = window_get(&window, offset, 1, &bytes, &got);
        if (status == STATUS_OK) {
            status = got == 0 ? STATUS_IO : disk_write_all(disk, target, bytes, got, offset);
            offset += got;
        }
    }
    window_release(&window);
    return status;
}

/* What a segment is made of: everything else in it is zeros. */
struct making {
    uint64_t ordinal, size;
    const struct segment_header *header;
    int source;
    uint64_t end;
};

static enum status fill(const struct disk *disk, int fd, const struct making *making, bool is_blank) {
    enum status status = fill_zeros(disk, fd, 0, SEGMENT_PAGE); /* a torn header may stand in a blank one */
    if (status == STATUS_OK && making->header) {
        status = segment_write_header(disk, fd, making->header);
    }
    if (status == STATUS_OK && making->source >= 0) {
        status = copy_records(disk, making->source, fd, making->end);
    }
    if (status == STATUS_OK && !is_blank) {
        status = fill_zeros(disk, fd, making->source >= 0 ? making->end : SEGMENT_PAGE, making->size);
    }
    return status == STATUS_OK ? disk_sync(disk, fd) : status;
}

/* Fills the file that stands under the .new name and gives it its own, durably, or takes it away. */
static enum status finish(const struct folder *folder, const struct making *making, bool is_blank, int *fd) {
    char unfinished[SEGMENT_NAME_MAX], name[SEGMENT_NAME_MAX];
    segment_name(making->ordinal, "new", unfinished);
    enum status status = fill(folder->disk, *fd, making, is_blank);
    if (status == STATUS_OK) {
        status = folder_rename(folder, unfinished, segment_name(making->ordinal, "seg", name));
    }
    if (status != STATUS_OK) {
        folder_close_file(folder, fd);
        folder->disk->unlink(folder->disk->context, folder->fd,
                             unfinished); /* gives the space back; may fail */
    }
    return status == STATUS_NOT_FOUND ? STATUS_IO : status; /* the folder itself went away */
}

enum status segment_make(const struct folder *folder, uint64_t ordinal, uint64_t size,
                         const struct segment_header *header, int source, uint64_t end, int *fd) {
    require(folder->fd >= 0 && size >= SEGMENT_PAGE);
    struct making making = { ordinal, size, header, source, end };
    char unfinished[SEGMENT_NAME_MAX];
    enum status status =
        folder_open_file(folder, segment_name(ordinal, "new", unfinished), O_RDWR | O_CREAT | O_TRUNC, fd);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_IO : status;
    }
    return finish(folder, &making, false, fd);
}

/* ---- opening ---- */

/* A header that says nothing: blank when nothing was ever written behind it (a header is synced before the
 * first record, so a torn one has only zeros behind it), damage otherwise. */
static enum status judge_unreadable(const struct disk *disk, int fd, uint64_t size,
                                    enum segment_state *state) {
    struct window window;
    window_init(&window, disk, COPY_BLOCK);
    window_point(&window, fd, size);
    uint64_t end;
    enum status status = segment_last_byte(&window, SEGMENT_PAGE, &end);
    *state = end == SEGMENT_PAGE ? SEGMENT_BLANK : SEGMENT_DAMAGED;
    window_release(&window);
    return status;
}

static enum status read_header(const struct disk *disk, int fd, struct segment_header *header,
                               enum damage *damage) {
    uint8_t page[SEGMENT_PAGE];
    size_t got;
    enum status status = disk_read_some(disk, fd, page, sizeof(page), 0, &got);
    if (status == STATUS_OK) {
        *damage = got == sizeof(page) ? decode_header(page, header) : DAMAGE_HEADER;
    }
    return status;
}

static enum status judge(const struct disk *disk, int fd, uint64_t ordinal, enum segment_state *state,
                         struct segment_header *header, enum damage *damage) {
    struct stat metadata;
    if (fstat(fd, &metadata) < 0) {
        return STATUS_IO;
    }
    uint64_t size = (uint64_t)metadata.st_size;
    *state = SEGMENT_DAMAGED;
    if (size < SEGMENT_SIZE_MIN) {
        *damage = DAMAGE_SHORT; /* it got its name when it was whole and synced */
        return STATUS_OK;
    }
    enum status status = read_header(disk, fd, header, damage);
    if (status == STATUS_OK && *damage == DAMAGE_HEADER) {
        status = judge_unreadable(disk, fd, size, state);
        if (status == STATUS_OK && *state == SEGMENT_DAMAGED) {
            /* Again: beside a running gateway the segment may have come into use between the two looks. */
            status = read_header(disk, fd, header, damage);
        }
    }
    if (status != STATUS_OK || *damage != DAMAGE_NONE) {
        return status;
    }
    if (header->ordinal != ordinal || header->size != size) {
        *damage = header->ordinal != ordinal ? DAMAGE_ANOTHERS : DAMAGE_SIZE;
        return STATUS_OK;
    }
    *state = SEGMENT_USED;
    return STATUS_OK;
}

enum status segment_open(const struct folder *folder, uint64_t ordinal, enum segment_state *state,
                         struct segment_header *header, int *fd, enum damage *damage) {
    char name[SEGMENT_NAME_MAX];
    *damage = DAMAGE_NONE;
    *state = SEGMENT_ABSENT;
    enum status status = folder_open_file(folder, segment_name(ordinal, "seg", name), O_RDONLY, fd);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = judge(folder->disk, *fd, ordinal, state, header, damage);
    }
    if (status != STATUS_OK) {
        folder_close_file(folder, fd);
    }
    return status;
}

enum status segment_journal_name(const char *directory, char out[JOURNAL_NAME_MAX]) {
    struct folder folder;
    enum status status = folder_open(&folder, &disk_real, directory);
    if (status != STATUS_OK) {
        return status;
    }
    enum segment_state state;
    struct segment_header header;
    enum damage damage;
    int fd;
    status = segment_open(&folder, 1, &state, &header, &fd, &damage);
    if (status == STATUS_OK) {
        status = state == SEGMENT_USED      ? STATUS_OK
                 : state == SEGMENT_DAMAGED ? STATUS_DAMAGED
                                            : STATUS_NOT_FOUND;
        folder_close_file(&folder, &fd);
    }
    if (status == STATUS_OK) {
        strcpy(out, header.name);
    }
    folder_close(&folder);
    return status;
}

/* ---- making one of another ---- */

static enum status is_blank(const struct disk *disk, int fd, uint64_t ordinal, uint64_t size, bool *yes) {
    struct segment_header header;
    enum segment_state state;
    enum damage damage = DAMAGE_NONE;
    struct stat metadata;
    *yes = false;
    if (fstat(fd, &metadata) < 0) {
        return STATUS_IO;
    }
    enum status status = judge(disk, fd, ordinal, &state, &header, &damage);
    *yes = status == STATUS_OK && state == SEGMENT_BLANK && (uint64_t)metadata.st_size == size;
    return status;
}

enum status segment_make_of_blank(const struct folder *folder, uint64_t blank, uint64_t ordinal,
                                  uint64_t size, const struct segment_header *header, int source,
                                  uint64_t end, int *fd) {
    struct making making = { ordinal, size, header, source, end };
    char name[SEGMENT_NAME_MAX], unfinished[SEGMENT_NAME_MAX];
    bool yes;
    enum status status = folder_open_file(folder, segment_name(blank, "seg", name), O_RDWR, fd);
    if (status != STATUS_OK) {
        return status;
    }
    status = is_blank(folder->disk, *fd, blank, size, &yes);
    if (status == STATUS_OK && !yes) {
        status = STATUS_NOT_FOUND;
    }
    if (status == STATUS_OK) { /* first, so that nobody finds it half written under the name of a segment */
        status = folder_rename(folder, name, segment_name(ordinal, "new", unfinished));
    }
    if (status != STATUS_OK) {
        folder_close_file(folder, fd);
        return status;
    }
    return finish(folder, &making, true, fd);
}

/* ---- records in it ---- */

static enum record_fault check_link(const struct record *rec, const struct link *before) {
    return rec->number == before->next && rec->stamp >= before->stamp ? RECORD_GOOD : RECORD_BROKEN;
}

enum status segment_record(struct window *window, uint64_t offset, const struct segment_header *header,
                           const struct link *before, struct digester *digester, enum record_fault *fault,
                           struct record *rec) {
    const uint8_t *bytes;
    size_t got;
    enum status status = window_get(window, offset, RECORD_PEEK, &bytes, &got);
    size_t length = status == STATUS_OK && got >= RECORD_PEEK ? record_peek(bytes) : 0;
    if (length > 0) {
        status = window_get(window, offset, length, &bytes, &got);
    }
    if (status != STATUS_OK) {
        return status;
    }
    *fault = record_decode(bytes, got, header->seed, before ? &before->chain : NULL, digester, rec);
    if (*fault == RECORD_GOOD && before) {
        *fault = check_link(rec, before);
    }
    return STATUS_OK;
}

enum status segment_find(struct window *window, uint64_t *offset, const struct segment_header *header,
                         struct record *rec) {
    for (;;) {
        const uint8_t *bytes;
        size_t got;
        enum status status = window_get(window, *offset, RECORD_PEEK, &bytes, &got);
        if (status != STATUS_OK || got < RECORD_PEEK) {
            return status == STATUS_OK ? STATUS_NOT_FOUND : status;
        }
        size_t at = 0;
        while (at + RECORD_PEEK <= got && record_peek(bytes + at) == 0) {
            at += 8;
        }
        *offset += at;
        if (at + RECORD_PEEK <= got) {
            enum record_fault fault;
            status = segment_record(window, *offset, header, NULL, NULL, &fault, rec);
            if (status != STATUS_OK || fault == RECORD_GOOD) {
                return status;
            }
            *offset += 8;
        }
    }
}

enum status segment_last_byte(struct window *window, uint64_t offset, uint64_t *end) {
    *end = offset;
    for (;;) {
        const uint8_t *bytes;
        size_t got;
        enum status status = window_get(window, offset, 1, &bytes, &got);
        if (status != STATUS_OK || got == 0) {
            return status;
        }
        if (!is_zero(bytes, got)) {
            size_t used = got;
            while (bytes[used - 1] == 0) {
                used--;
            }
            *end = offset + used;
        }
        offset += got;
    }
}
