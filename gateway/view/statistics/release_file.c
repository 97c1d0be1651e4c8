/*
 * release_file.c - columns → sections with their checksums → a file beside the one that is there, which takes
 * its place. Who reads believes nothing that a checksum does not cover, and looks whether all that points
 * somewhere points into it.
 */
#include "view/statistics/release_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

#define RELEASE_MAGIC   "CWRELEA"
#define RELEASE_VERSION 3
#define ALIGNED         64
#define MODE            0600 /* what stands in it is nobody else's business */

enum section {
    SECTION_AT,
    SECTION_RECORDS,
    SECTION_MARKS,
    SECTION_BY_GOODS,
    SECTION_SUBJECTS,
    SECTION_DECLARATIONS,
    SECTION_CONTAINERS,
    SECTION_TEXTS,
    SECTION_TELLERS,
    SECTION_TELLERS_TEXTS,
    SECTION_NAMES, /* how many each dimension has, and then all of them */
    SECTION_VALUES,
    SECTION_MOMENTS = SECTION_VALUES + DIMENSIONS_COUNT,
    SECTIONS = RELEASE_SECTIONS
};

struct release_head {
    char magic[8];
    uint32_t version, crc; /* of the head, with 0 in this place */
    struct release_key key;
    uint64_t position, rows;
    struct digest witness;
    struct {
        uint64_t offset, length; /* 0, 0: there is no such column */
        uint32_t crc, is_seconds;
    } sections[SECTIONS];
};

static uint32_t head_crc(const struct release_head *head) {
    struct release_head copy;
    memcpy(&copy, head, sizeof(copy));
    copy.crc = 0;
    return crc32c(0, &copy, sizeof(copy));
}

/* --- written -------------------------------------------------------------------------------------------- */

struct writing {
    int fd;
    uint64_t offset;
    struct release_head head;
    enum status status;
};

static void put(struct writing *writing, size_t section, const void *bytes, size_t length) {
    writing->head.sections[section].offset = writing->offset;
    writing->head.sections[section].length = length;
    writing->head.sections[section].crc = crc32c(0, bytes, length);
    if (writing->status == STATUS_OK && length) {
        writing->status = file_write_all(writing->fd, bytes, length, writing->offset);
    }
    writing->offset += (length + ALIGNED - 1) / ALIGNED * ALIGNED;
}

static void put_texts(struct writing *writing, const struct samples *samples) {
    const struct sample_columns *described = samples->described;
    const char **const columns[] = { described->subjects, described->declarations, described->containers };
    uint32_t *offsets = memory_array(samples->count + 1, sizeof(*offsets));
    struct buf texts;
    buf_init(&texts, UINT32_MAX);
    buf_add_char(&texts, '\0'); /* the empty one, of all */
    for (size_t column = 0; column < sizeof(columns) / sizeof(*columns); column++) {
        for (size_t i = 0; i < samples->count; i++) {
            const char *text = columns[column][i];
            offsets[i] = *text ? (uint32_t)texts.length : 0;
            if (*text) {
                buf_add_text(&texts, text_of(text));
                buf_add_char(&texts, '\0');
            }
        }
        put(writing, SECTION_SUBJECTS + column, offsets, samples->count * sizeof(*offsets));
    }
    put(writing, SECTION_TEXTS, texts.at, texts.length);
    writing->status = buf_failed(&texts) ? STATUS_TOO_LARGE : writing->status;
    buf_release(&texts);
    free(offsets);
}

struct row_text {
    const char *text;
    uint32_t row;
};

static int by_text(const void *a, const void *b) {
    const struct row_text *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* Each once: they are few. */
static void put_tellers(struct writing *writing, const struct samples *samples) {
    size_t known = texts_count(samples->tellers_texts);
    uint32_t *rows = memory_array(samples->count + 1, sizeof(*rows));
    uint32_t *offsets = memory_array(known + 1, sizeof(*offsets)); /* of each of them; the first is "" */
    struct buf texts;
    buf_init(&texts, UINT32_MAX);
    buf_add_char(&texts, '\0');
    for (size_t i = 0; i < samples->count; i++) {
        uint32_t number = samples->tellers[i];
        if (number && !offsets[number]) {
            offsets[number] = (uint32_t)texts.length;
            buf_add_text(&texts, text_of(texts_at(samples->tellers_texts, number)));
            buf_add_char(&texts, '\0');
        }
        rows[i] = offsets[number];
    }
    put(writing, SECTION_TELLERS, rows, samples->count * sizeof(*rows));
    put(writing, SECTION_TELLERS_TEXTS, texts.at, texts.length);
    writing->status = buf_failed(&texts) ? STATUS_TOO_LARGE : writing->status;
    buf_release(&texts);
    free(offsets);
    free(rows);
}

static void put_by_goods(struct writing *writing, const struct samples *samples) {
    struct row_text *goods = memory_array(samples->count + 1, sizeof(*goods));
    uint32_t *rows = memory_array(samples->count + 1, sizeof(*rows));
    for (size_t i = 0; i < samples->count; i++) {
        goods[i] = (struct row_text){ samples->described->subjects[i], (uint32_t)i };
    }
    qsort(goods, samples->count, sizeof(*goods), by_text);
    for (size_t i = 0; i < samples->count; i++) {
        rows[i] = goods[i].row;
    }
    put(writing, SECTION_BY_GOODS, rows, samples->count * sizeof(*rows));
    free(goods);
    free(rows);
}

static void put_values(struct writing *writing, const struct samples *samples) {
    const struct sample_columns *described = samples->described;
    uint32_t counts[DIMENSIONS_COUNT] = { 0 };
    struct buf names;
    buf_init(&names, UINT32_MAX);
    for (size_t dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
        counts[dimension] = (uint32_t)described->distinct[dimension].count;
    }
    buf_add_text(&names, (struct text){ (const char *)counts, sizeof(counts) });
    for (size_t dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
        for (size_t i = 0; i < counts[dimension]; i++) {
            buf_add_text(&names, text_of(described->distinct[dimension].list[i]));
            buf_add_char(&names, '\0');
        }
        put(writing, SECTION_VALUES + dimension, described->values[dimension], samples->count);
    }
    put(writing, SECTION_NAMES, names.at, names.length);
    buf_release(&names);
}

/* Most moments are told in whole seconds, at most some years away: half the bytes. False: not these. */
static bool put_seconds(struct writing *writing, const stamp *moments, size_t count, size_t place) {
    stamp from = stamp_of_day(writing->head.key.first_day);
    int32_t *seconds = memory_grow(NULL, count + 1, sizeof(*seconds));
    size_t i = 0;
    for (; i < count; i++) {
        __int128 since = (__int128)moments[i] - from;
        bool never = moments[i] == SAMPLE_NEVER;
        if (!never
            && (since % STAMP_SECOND != 0 || since / STAMP_SECOND <= RELEASE_NEVER
                || since / STAMP_SECOND > INT32_MAX)) {
            break;
        }
        seconds[i] = never ? RELEASE_NEVER : (int32_t)(since / STAMP_SECOND);
    }
    if (i == count) {
        put(writing, SECTION_MOMENTS + place, seconds, count * sizeof(*seconds));
        writing->head.sections[SECTION_MOMENTS + place].is_seconds = 1;
    }
    free(seconds);
    return i == count;
}

static void put_columns(struct writing *writing, const struct samples *samples) {
    const struct sample_columns *described = samples->described;
    put(writing, SECTION_AT, described->at, samples->count * sizeof(*described->at));
    put(writing, SECTION_RECORDS, described->records, samples->count * sizeof(*described->records));
    put(writing, SECTION_MARKS, described->marks, samples->count * sizeof(*described->marks));
    put_by_goods(writing, samples);
    put_texts(writing, samples);
    if (samples->tellers) {
        put_tellers(writing, samples);
    }
    put_values(writing, samples);
    for (size_t place = 0; place < samples->segments->milestones_count; place++) {
        if (samples->moments[place]
            && !put_seconds(writing, samples->moments[place], samples->count, place)) {
            put(writing, SECTION_MOMENTS + place, samples->moments[place], samples->count * sizeof(stamp));
        }
    }
}

enum status release_file_write(const char *path, const struct release_key *key, const struct samples *samples,
                               uint64_t position, const struct digest *witness) {
    _Static_assert(SECTION_MOMENTS + MILESTONES_MAX == RELEASE_SECTIONS, "each section has its place");
    require(samples->described && samples->count <= SAMPLES_MAX);
    struct arena *arena = arena_new();
    const char *beside = arena_printf(arena, "%s.new", path);
    struct writing *writing = memory_new(sizeof(*writing));
    /* What a crash left, or what only stands in its place: a link, or a pipe that nobody reads. */
    (void)unlink(beside);
    writing->fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    writing->offset = (sizeof(writing->head) + ALIGNED - 1) / ALIGNED * ALIGNED;
    writing->status = writing->fd < 0 ? STATUS_IO : STATUS_OK;
    memcpy(writing->head.magic, RELEASE_MAGIC, sizeof(RELEASE_MAGIC));
    writing->head.version = RELEASE_VERSION;
    writing->head.key = *key;
    writing->head.position = position;
    writing->head.witness = *witness;
    writing->head.rows = samples->count;
    if (writing->status == STATUS_OK) {
        put_columns(writing, samples);
        writing->head.crc = head_crc(&writing->head);
    }
    if (writing->status == STATUS_OK) {
        writing->status = file_write_all(writing->fd, &writing->head, sizeof(writing->head), 0);
    }
    enum status status = writing->status;
    if (writing->fd >= 0) {
        bool closed = close(writing->fd) == 0;
        status = status == STATUS_OK && (!closed || rename(beside, path) != 0) ? STATUS_IO : status;
    }
    if (status != STATUS_OK) {
        (void)unlink(beside);
    }
    free(writing);
    arena_free(arena);
    return status;
}

/* --- read ----------------------------------------------------------------------------------------------- */

static bool is_same_key(const struct release_key *a, const struct release_key *b) {
    return strncmp(a->direction, b->direction, sizeof(a->direction)) == 0 && a->first_day == b->first_day
           && a->next_day == b->next_day && digest_equal(&a->made_by, &b->made_by)
           && a->identity == b->identity;
}

static bool read_whole(int fd, void *bytes, size_t length, uint64_t offset) {
    size_t done = 0;
    while (done < length) {
        ssize_t got = pread(fd, (char *)bytes + done, length - done, (off_t)(offset + done));
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            return false;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* A column of so many bytes a row; 0: of any length. NULL: it is damaged, or there is none. */
static const void *read_section(struct release_file *file, size_t section, size_t width) {
    const struct release_head *head = file->head;
    uint64_t offset = head->sections[section].offset, length = head->sections[section].length;
    if (file->sections[section]) {
        return file->sections[section];
    }
    if (offset < sizeof(*head) || offset > file->length || length > file->length - offset
        || (width && length != head->rows * width)) {
        return NULL;
    }
    void *bytes = memory_grow(NULL, length + 1, 1);
    if (!read_whole(file->fd, bytes, length, offset)
        || crc32c(0, bytes, length) != head->sections[section].crc) {
        free(bytes);
        return NULL;
    }
    return file->sections[section] = bytes;
}

static bool are_below(const uint32_t *numbers, size_t count, uint64_t most) {
    size_t i = 0;
    while (numbers && i < count && numbers[i] < most) {
        i++;
    }
    return numbers && i == count;
}

static bool read_texts(struct release_file *file) {
    uint64_t length = file->head->sections[SECTION_TEXTS].length;
    file->records = read_section(file, SECTION_RECORDS, sizeof(*file->records));
    file->by_goods = read_section(file, SECTION_BY_GOODS, sizeof(*file->by_goods));
    file->subjects = read_section(file, SECTION_SUBJECTS, sizeof(*file->subjects));
    file->declarations = read_section(file, SECTION_DECLARATIONS, sizeof(*file->declarations));
    file->containers = read_section(file, SECTION_CONTAINERS, sizeof(*file->containers));
    file->texts = read_section(file, SECTION_TEXTS, 0);
    return file->records && file->texts && length && file->texts[length - 1] == '\0'
           && are_below(file->subjects, file->rows, length)
           && are_below(file->declarations, file->rows, length)
           && are_below(file->containers, file->rows, length)
           && are_below(file->by_goods, file->rows, file->rows);
}

static bool read_names(struct release_file *file) {
    uint32_t counts[DIMENSIONS_COUNT];
    const char *names = read_section(file, SECTION_NAMES, 0);
    size_t length = file->head->sections[SECTION_NAMES].length, at = sizeof(counts);
    if (!names || length < sizeof(counts) || (length > at && names[length - 1] != '\0')) {
        return false;
    }
    memcpy(counts, names, sizeof(counts));
    for (size_t dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
        file->names_count[dimension] = counts[dimension];
        for (size_t i = 0; i < counts[dimension]; i++) {
            if (at >= length || i == SAMPLES_VALUES_MAX) {
                return false;
            }
            file->names[dimension][i] = &names[at];
            at += strlen(&names[at]) + 1;
        }
    }
    return true;
}

static bool read_values(struct release_file *file) {
    bool fits = read_names(file);
    for (size_t dimension = 0; fits && dimension < DIMENSIONS_COUNT; dimension++) {
        const uint8_t *values = file->values[dimension] = read_section(file, SECTION_VALUES + dimension, 1);
        size_t i = 0;
        while (values && i < file->rows && values[i] < file->names_count[dimension]) {
            i++;
        }
        fits = values && i == file->rows;
    }
    return fits;
}

/* False: they are damaged; there may be none. */
static bool read_tellers(struct release_file *file) {
    uint64_t length = file->head->sections[SECTION_TELLERS_TEXTS].length;
    if (!file->head->sections[SECTION_TELLERS].offset) {
        return true;
    }
    file->tellers_texts = read_section(file, SECTION_TELLERS_TEXTS, 0);
    file->tellers = read_section(file, SECTION_TELLERS, sizeof(*file->tellers));
    file->tellers_length = (size_t)length;
    return file->tellers_texts && length && file->tellers_texts[length - 1] == '\0'
           && are_below(file->tellers, file->rows, length);
}

static bool read_moments(struct release_file *file) {
    bool fits = read_tellers(file);
    for (size_t place = 0; fits && place < MILESTONES_MAX; place++) {
        bool told = file->head->sections[SECTION_MOMENTS + place].offset != 0;
        bool seconds = file->head->sections[SECTION_MOMENTS + place].is_seconds;
        const void *column =
            told ? read_section(file, SECTION_MOMENTS + place, seconds ? sizeof(int32_t) : sizeof(stamp))
                 : NULL;
        file->moments[place] = seconds ? NULL : column;
        file->seconds[place] = seconds ? column : NULL;
        fits = !told || column;
    }
    return fits;
}

bool release_file_read(struct release_file *file, enum release_part part) {
    bool is_read = !file->head               ? true
                   : part == RELEASE_MOMENTS ? read_moments(file)
                   : part == RELEASE_VALUES  ? file->values[DIMENSIONS_COUNT - 1] || read_values(file)
                                             : file->texts || read_texts(file);
    return is_read;
}

/* Its head, of a file that is of this key. */
static bool is_head(const struct release_head *head, const struct release_key *key) {
    return memcmp(head->magic, RELEASE_MAGIC, sizeof(RELEASE_MAGIC)) == 0 && head->crc == head_crc(head)
           && head->version == RELEASE_VERSION && is_same_key(&head->key, key);
}

bool release_file_stand(const char *path, const struct release_key *key, struct release_file *opened,
                        uint64_t position, const struct digest *witness) {
    struct release_head *head = memory_new(sizeof(*head));
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    bool stands = fd >= 0 && read_whole(fd, head, sizeof(*head), 0) && is_head(head, key)
                  && head->position == opened->position && digest_equal(&head->witness, &opened->witness);
    if (stands) {
        head->position = position;
        head->witness = *witness;
        head->crc = head_crc(head);
        /* half of it shows by its checksum */
        stands = file_write_all(fd, head, sizeof(*head), 0) == STATUS_OK;
    }
    if (stands) {
        opened->position = position;
        opened->witness = *witness;
    }
    if (fd >= 0) {
        close(fd);
    }
    free(head);
    return stands;
}

static enum release_found read_head(struct release_file *file, const struct release_key *key) {
    struct release_head *head = file->head = memory_new(sizeof(*head));
    struct stat found;
    bool sized = fstat(file->fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_size <= RELEASE_FILE_MAX;
    file->length = sized ? (size_t)found.st_size : 0;
    if (file->length < sizeof(*head) || !read_whole(file->fd, head, sizeof(*head), 0)
        || memcmp(head->magic, RELEASE_MAGIC, sizeof(RELEASE_MAGIC)) != 0 || head->crc != head_crc(head)
        || head->rows > SAMPLES_MAX) {
        return RELEASE_DAMAGED;
    }
    if (!is_head(head, key)) {
        return RELEASE_NONE;
    }
    file->rows = head->rows;
    file->position = head->position;
    file->witness = head->witness;
    file->at = read_section(file, SECTION_AT, sizeof(*file->at));
    file->marks = read_section(file, SECTION_MARKS, sizeof(*file->marks));
    return file->at && file->marks ? RELEASE_FILE : RELEASE_DAMAGED;
}

enum release_found release_file_open(const char *path, const struct release_key *key,
                                     struct release_file *out) {
    *out = (struct release_file){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
    if (out->fd < 0) {
        return RELEASE_NONE;
    }
    enum release_found found = read_head(out, key);
    if (found != RELEASE_FILE) {
        release_file_close(out);
    }
    return found;
}

void release_file_close(struct release_file *file) {
    if (file->head) {
        close(file->fd);
        free(file->head);
    }
    for (size_t section = 0; section < RELEASE_SECTIONS; section++) {
        free(file->sections[section]);
    }
    *file = (struct release_file){ .rows = 0 };
}
