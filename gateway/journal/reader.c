/*
 * reader.c - a cursor goes through the records in order; finding a number opens the segment that holds it, by
 * halving over the headers, and follows the segment's index or, where that fails, scans.
 */
#include "journal/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "journal/index.h"
#include "journal/mark.h"
#include "journal/segment.h"
#include "journal/recovery.h"
#include "journal/window.h"

#define BLOCK_NEXT (256u << 10) /* reading on */
#define BLOCK_GET  (16u << 10)  /* picking one */

/* A place in one segment. */
struct cursor {
    struct window window;
    int fd, index_fd;             /* -1: none */
    struct segment_header header; /* ordinal 0: no segment is open */
    bool sealed;                  /* window.limit is final */
    uint64_t next;                /* the number that should stand ... */
    uint64_t offset;              /* ... here */
};

struct reader {
    struct journal *journal; /* NULL: offline */
    struct folder folder;
    char name[JOURNAL_NAME_MAX];              /* the journal's */
    struct journal_mark mark;                 /* as last looked at */
    uint64_t damaged_ordinal, damaged_offset; /* offline: what stood behind the mark and cannot be read */
    struct cursor forward, picker;
    char where[SEGMENT_NAME_MAX + 8];
    uint64_t where_ordinal, where_offset;
};

/* ---- the mark ---- */

static void look_at_mark(struct reader *reader) {
    if (reader->journal) {
        reader->mark = journal_mark(reader->journal);
    }
}

static bool is_beyond(struct reader *reader, uint64_t number) {
    if (number > reader->mark.number) {
        look_at_mark(reader);
    }
    return number > reader->mark.number;
}

static enum status note(struct reader *reader, uint64_t ordinal, uint64_t offset, enum status status) {
    reader->where_ordinal = ordinal;
    reader->where_offset = offset;
    return status;
}

static enum status at_mark(struct reader *reader) {
    if (reader->damaged_ordinal == 0) {
        return STATUS_NOT_FOUND;
    }
    return note(reader, reader->damaged_ordinal, reader->damaged_offset, STATUS_DAMAGED);
}

/* ---- cursors ---- */

static void cursor_init(struct cursor *cursor, const struct folder *folder, size_t block) {
    *cursor = (struct cursor){ .fd = -1, .index_fd = -1 };
    window_init(&cursor->window, folder->disk, block);
}

static void cursor_shut(struct reader *reader, struct cursor *cursor) {
    folder_close_file(&reader->folder, &cursor->fd);
    folder_close_file(&reader->folder, &cursor->index_fd);
    cursor->header.ordinal = 0;
    cursor->sealed = false;
}

static void cursor_release(struct reader *reader, struct cursor *cursor) {
    cursor_shut(reader, cursor);
    window_release(&cursor->window);
}

/* How far may we read in the cursor's segment? To its seal, or in the last one to the mark. */
static enum status find_limit(struct reader *reader, struct cursor *cursor) {
    if (cursor->sealed) {
        return STATUS_OK;
    }
    uint64_t ordinal = cursor->header.ordinal;
    if (ordinal >= reader->mark.ordinal) {
        cursor->window.limit = ordinal == reader->mark.ordinal ? reader->mark.end : SEGMENT_PAGE;
        return STATUS_OK;
    }
    struct segment_seal seal;
    enum status status = segment_read_seal(reader->folder.disk, cursor->fd, &cursor->header, &seal);
    if (status == STATUS_OK && seal.kind != SEAL_FINAL) {
        return note(reader, ordinal, segment_seal_offset(cursor->header.size), STATUS_DAMAGED);
    }
    cursor->window.limit = seal.end;
    cursor->sealed = status == STATUS_OK;
    return status;
}

static enum status cursor_open(struct reader *reader, struct cursor *cursor, uint64_t ordinal) {
    if (cursor->header.ordinal == ordinal) {
        return find_limit(reader, cursor);
    }
    cursor_shut(reader, cursor);
    enum segment_state state;
    struct segment_header header;
    enum damage damage;
    enum status status = segment_open(&reader->folder, ordinal, &state, &header, &cursor->fd, &damage);
    if (status == STATUS_OK && state != SEGMENT_USED) {
        folder_close_file(&reader->folder, &cursor->fd);
        status = note(reader, ordinal, 0, STATUS_DAMAGED);
    }
    if (status != STATUS_OK) {
        return status;
    }
    cursor->header = header;
    window_point(&cursor->window, cursor->fd, 0);
    status = find_limit(reader, cursor);
    if (status != STATUS_OK) {
        cursor_shut(reader, cursor);
    }
    return status;
}

/* ---- finding a number ---- */

static enum status first_number(struct reader *reader, uint64_t ordinal, uint64_t *first) {
    struct segment_header header = { 0 };
    enum segment_state state;
    enum damage damage;
    int fd;
    enum status status = segment_open(&reader->folder, ordinal, &state, &header, &fd, &damage);
    bool unused = state == SEGMENT_BLANK || state == SEGMENT_ABSENT;
    *first = header.before.next;
    if (status == STATUS_OK && unused && ordinal == reader->mark.ordinal) {
        *first = reader->mark.number + 1; /* the one before is full, and nothing came yet */
    } else if (status == STATUS_OK && state != SEGMENT_USED) {
        status = note(reader, ordinal, 0, STATUS_DAMAGED);
    }
    folder_close_file(&reader->folder, &fd);
    return status;
}

/* The last segment that begins at or before the number. */
static enum status find_segment(struct reader *reader, struct cursor *cursor, uint64_t number,
                                uint64_t *ordinal) {
    uint64_t low = 1, high = reader->mark.ordinal;
    if (cursor->header.ordinal > 0 && cursor->header.before.next <= number) {
        low = cursor->header.ordinal;
    }
    *ordinal = low;
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2, first;
        enum status status = first_number(reader, middle, &first);
        if (status != STATUS_OK) {
            return status;
        }
        if (first <= number) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    *ordinal = low;
    return STATUS_OK;
}

/* Is the record of that number whole where the index says? */
static enum status try_index(struct reader *reader, struct cursor *cursor, uint64_t number, bool *found,
                             struct record *rec) {
    *found = false;
    if (cursor->index_fd < 0
        && index_open(&reader->folder, cursor->header.ordinal, false, &cursor->index_fd) != STATUS_OK) {
        return STATUS_OK;
    }
    uint64_t offset = index_get(reader->folder.disk, cursor->index_fd, number - cursor->header.before.next);
    if (offset < SEGMENT_PAGE || offset % 8 != 0) {
        return STATUS_OK;
    }
    enum record_fault fault;
    enum status status = segment_record(&cursor->window, offset, &cursor->header, NULL, NULL, &fault, rec);
    *found = status == STATUS_OK && fault == RECORD_GOOD && rec->number == number;
    cursor->offset = offset;
    return status;
}

static enum status scan_for(struct reader *reader, struct cursor *cursor, uint64_t number,
                            struct record *rec) {
    uint64_t offset = SEGMENT_PAGE, end = SEGMENT_PAGE;
    enum status status;
    while ((status = segment_find(&cursor->window, &offset, &cursor->header, rec)) == STATUS_OK
           && rec->number < number) {
        offset += record_size(rec);
        end = offset;
    }
    if (status == STATUS_OK && rec->number == number) {
        cursor->offset = offset;
        return STATUS_OK;
    }
    /* It is below the mark, so it was there once. */
    return status == STATUS_IO ? status : note(reader, cursor->header.ordinal, end, STATUS_DAMAGED);
}

/* Opens the right segment, sets the offset and reads what stands there. DAMAGED, IO. */
static enum status find_place(struct reader *reader, struct cursor *cursor, uint64_t number,
                              struct record *rec) {
    uint64_t ordinal;
    enum status status = find_segment(reader, cursor, number, &ordinal);
    if (status == STATUS_OK) {
        status = cursor_open(reader, cursor, ordinal);
    }
    bool found = false;
    if (status == STATUS_OK) {
        status = try_index(reader, cursor, number, &found, rec);
    }
    if (status == STATUS_OK && !found && cursor->sealed && reader->journal) {
        folder_close_file(&reader->folder, &cursor->index_fd);
        index_make(&reader->folder, &cursor->header, cursor->fd,
                   cursor->window.limit); /* without it we scan */
        status = try_index(reader, cursor, number, &found, rec);
    }
    if (status == STATUS_OK && !found) {
        status = scan_for(reader, cursor, number, rec);
    }
    return status;
}

/* Puts the cursor before the record, whose texts stand in the cursor's window.
 * NOT_FOUND beyond the mark, DAMAGED, IO. */
static enum status find(struct reader *reader, struct cursor *cursor, uint64_t number, struct record *rec) {
    if (number == 0 || is_beyond(reader, number)) {
        return number == 0 ? STATUS_NOT_FOUND : at_mark(reader);
    }
    cursor->next = number;
    enum status status = find_place(reader, cursor, number, rec);
    if (status != STATUS_OK) {
        cursor_shut(reader, cursor); /* its offset means nothing */
        return status;
    }
    return note(reader, cursor->header.ordinal, cursor->offset, STATUS_OK);
}

/* The record under the cursor. */
static enum status read_here(struct reader *reader, struct cursor *cursor, struct record *rec) {
    enum record_fault fault;
    note(reader, cursor->header.ordinal, cursor->offset, STATUS_OK);
    enum status status =
        segment_record(&cursor->window, cursor->offset, &cursor->header, NULL, NULL, &fault, rec);
    if (status == STATUS_OK && (fault != RECORD_GOOD || rec->number != cursor->next)) {
        status = STATUS_DAMAGED;
    }
    return status;
}

/* ---- the reader ---- */

static struct reader *new_reader(struct folder folder) {
    struct reader *reader = memory_new(sizeof(*reader));
    reader->folder = folder;
    cursor_init(&reader->forward, &folder, BLOCK_NEXT);
    cursor_init(&reader->picker, &folder, BLOCK_GET);
    reader->forward.next = 1;
    return reader;
}

struct reader *reader_new(struct journal *journal) {
    require(journal);
    struct reader *reader = new_reader(*journal_folder(journal));
    reader->journal = journal;
    strcpy(reader->name, journal_name(journal));
    look_at_mark(reader);
    return reader;
}

static void take_mark(struct reader *reader, const struct recovery *recovery, bool damaged) {
    reader->mark = (struct journal_mark){ recovery->after.next - 1, recovery->header.ordinal, recovery->end };
    if (damaged && recovery->open_exists && recovery->behind_number > reader->mark.number) {
        reader->mark.number = recovery->behind_number; /* so that the damage hides nothing behind it */
        reader->mark.end = recovery->behind_end;
    } else if (damaged) {
        reader->damaged_ordinal = recovery->damaged_ordinal;
        reader->damaged_offset = recovery->damaged_offset;
    }
}

enum status reader_open(const char *directory, struct reader **out) {
    require(directory && out);
    struct folder folder;
    *out = NULL;
    enum status status = folder_open(&folder, &disk_real, directory);
    if (status != STATUS_OK) {
        return status;
    }
    struct recovery recovery;
    status = recovery_scan(&folder, &recovery);
    if (status != STATUS_OK && status != STATUS_DAMAGED) {
        folder_close(&folder);
        return status;
    }
    *out = new_reader(folder);
    take_mark(*out, &recovery, status == STATUS_DAMAGED);
    strcpy((*out)->name, recovery.header.name);
    return STATUS_OK;
}

void reader_free(struct reader *reader) {
    if (reader) {
        cursor_release(reader, &reader->forward);
        cursor_release(reader, &reader->picker);
        if (!reader->journal) {
            folder_close(&reader->folder);
        }
        free(reader);
    }
}

enum status reader_seek(struct reader *reader, uint64_t number) {
    struct cursor *cursor = &reader->forward;
    if (number > 0 && is_beyond(reader, number)) {
        if (number > reader->mark.number + 1) {
            return STATUS_NOT_FOUND;
        }
        cursor_shut(reader, cursor); /* found when it is there */
        cursor->next = number;
        return STATUS_OK;
    }
    struct record rec;
    return find(reader, cursor, number, &rec);
}

enum status reader_next(struct reader *reader, struct record *rec) {
    struct cursor *cursor = &reader->forward;
    if (is_beyond(reader, cursor->next)) {
        return at_mark(reader);
    }
    enum status status =
        cursor->header.ordinal == 0 ? find(reader, cursor, cursor->next, rec) : find_limit(reader, cursor);
    while (status == STATUS_OK && cursor->offset >= cursor->window.limit && cursor->sealed) {
        status = cursor_open(reader, cursor, cursor->header.ordinal + 1);
        cursor->offset = SEGMENT_PAGE;
    }
    if (status == STATUS_OK) {
        status = read_here(reader, cursor, rec);
    }
    if (status == STATUS_OK) {
        cursor->offset += record_size(rec);
        cursor->next++;
    }
    return status;
}

static struct text copy(struct arena *arena, struct text text) {
    return (struct text){ arena_copy(arena, text), text.length };
}

enum status reader_pick(struct reader *reader, uint64_t number, struct record *rec) {
    return find(reader, &reader->picker, number, rec);
}

enum status reader_get(struct reader *reader, uint64_t number, struct arena *arena, struct record *rec) {
    enum status status = reader_pick(reader, number, rec);
    if (status == STATUS_OK) {
        rec->meta = copy(arena, rec->meta);
        rec->fields = copy(arena, rec->fields);
        rec->data = copy(arena, rec->data);
    }
    return status;
}

const char *reader_journal_name(const struct reader *reader) {
    return reader->name;
}

uint64_t reader_last(struct reader *reader) {
    look_at_mark(reader);
    return reader->mark.number;
}

const char *reader_where(struct reader *reader, uint64_t *offset) {
    char name[SEGMENT_NAME_MAX];
    snprintf(reader->where, sizeof(reader->where), "journal/%s",
             segment_name(reader->where_ordinal, "seg", name));
    *offset = reader->where_offset;
    return reader->where;
}
