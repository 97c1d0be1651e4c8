/*
 * release_file.c - columns → sections with their checksums → a file beside the one that is there, which takes
 * its place. Who reads believes nothing that a checksum does not cover, and looks whether all that points
 * somewhere points into it.
 */
#include "view/statistics/release_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

#define RELEASE_MAGIC   "CWRELEA"
#define RELEASE_VERSION 1
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
    SECTION_NAMES, /* how many each dimension has, and then all of them */
    SECTION_VALUES,
    SECTION_MOMENTS = SECTION_VALUES + DIMENSIONS_COUNT,
    SECTIONS = SECTION_MOMENTS + MILESTONES_MAX
};

struct release_head {
    char magic[8];
    uint32_t version, crc; /* of the head, with 0 in this place */
    struct release_key key;
    uint64_t position, rows;
    struct digest witness;
    struct {
        uint64_t offset, length; /* 0, 0: there is no such column */
        uint32_t crc, reserved;
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

struct of_goods {
    const char *subject;
    uint32_t row;
};

static int by_goods(const void *a, const void *b) {
    const struct of_goods *x = a, *y = b;
    int order = strcmp(x->subject, y->subject);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static void put_by_goods(struct writing *writing, const struct samples *samples) {
    struct of_goods *goods = memory_array(samples->count + 1, sizeof(*goods));
    uint32_t *rows = memory_array(samples->count + 1, sizeof(*rows));
    for (size_t i = 0; i < samples->count; i++) {
        goods[i] = (struct of_goods){ samples->described->subjects[i], (uint32_t)i };
    }
    qsort(goods, samples->count, sizeof(*goods), by_goods);
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

static void put_columns(struct writing *writing, const struct samples *samples) {
    const struct sample_columns *described = samples->described;
    put(writing, SECTION_AT, described->at, samples->count * sizeof(*described->at));
    put(writing, SECTION_RECORDS, described->records, samples->count * sizeof(*described->records));
    put(writing, SECTION_MARKS, described->marks, samples->count * sizeof(*described->marks));
    put_by_goods(writing, samples);
    put_texts(writing, samples);
    put_values(writing, samples);
    for (size_t place = 0; place < samples->segments->milestones_count; place++) {
        if (samples->moments[place]) {
            put(writing, SECTION_MOMENTS + place, samples->moments[place], samples->count * sizeof(stamp));
        }
    }
}

enum status release_file_write(const char *path, const struct release_key *key, const struct samples *samples,
                               uint64_t position, const struct digest *witness) {
    require(samples->described && samples->count <= UINT32_MAX);
    struct arena *arena = arena_new();
    const char *beside = arena_printf(arena, "%s.new", path);
    struct writing *writing = memory_new(sizeof(*writing));
    writing->fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
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

/* Its head, of a file that is of this key. */
static bool is_head(const struct release_head *head, const struct release_key *key) {
    return memcmp(head->magic, RELEASE_MAGIC, sizeof(RELEASE_MAGIC)) == 0 && head->crc == head_crc(head)
           && head->version == RELEASE_VERSION && is_same_key(&head->key, key);
}

/* A column of so many bytes a row. NULL: it is damaged; there: it is left out. */
static const void *column_of(const struct release_file *file, const struct release_head *head, size_t section,
                             size_t width) {
    uint64_t offset = head->sections[section].offset, length = head->sections[section].length;
    bool inside = offset >= sizeof(*head) && offset % ALIGNED == 0 && offset <= file->bytes.length
                  && length <= file->bytes.length - offset && (!width || length == head->rows * width);
    const char *bytes = file->bytes.at + offset;
    return inside && crc32c(0, bytes, length) == head->sections[section].crc ? bytes : NULL;
}

static bool are_below(const uint32_t *numbers, size_t count, uint64_t most) {
    size_t i = 0;
    while (i < count && numbers[i] < most) {
        i++;
    }
    return i == count;
}

static bool read_texts(struct release_file *file, const struct release_head *head) {
    uint64_t length = head->sections[SECTION_TEXTS].length;
    file->texts = column_of(file, head, SECTION_TEXTS, 0);
    return file->texts && length && file->texts[length - 1] == '\0'
           && are_below(file->subjects, file->rows, length)
           && are_below(file->declarations, file->rows, length)
           && are_below(file->containers, file->rows, length)
           && are_below(file->by_goods, file->rows, file->rows);
}

static bool read_names(struct release_file *file, const struct release_head *head) {
    uint32_t counts[DIMENSIONS_COUNT];
    const char *names = column_of(file, head, SECTION_NAMES, 0);
    size_t length = head->sections[SECTION_NAMES].length, at = sizeof(counts);
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

static bool read_values(struct release_file *file, const struct release_head *head) {
    bool fits = read_names(file, head);
    for (size_t dimension = 0; fits && dimension < DIMENSIONS_COUNT; dimension++) {
        file->values[dimension] = column_of(file, head, SECTION_VALUES + dimension, 1);
        fits = file->values[dimension] != NULL;
        for (size_t i = 0; fits && i < file->rows; i++) {
            fits = file->values[dimension][i] < file->names_count[dimension];
        }
    }
    return fits;
}

static bool read_moments(struct release_file *file, const struct release_head *head) {
    bool fits = true;
    for (size_t place = 0; fits && place < MILESTONES_MAX; place++) {
        bool told = head->sections[SECTION_MOMENTS + place].offset != 0;
        file->moments[place] = told ? column_of(file, head, SECTION_MOMENTS + place, sizeof(stamp)) : NULL;
        fits = !told || file->moments[place];
    }
    return fits;
}

static bool read_sections(struct release_file *file, const struct release_head *head) {
    file->at = column_of(file, head, SECTION_AT, sizeof(*file->at));
    file->records = column_of(file, head, SECTION_RECORDS, sizeof(*file->records));
    file->marks = column_of(file, head, SECTION_MARKS, sizeof(*file->marks));
    file->by_goods = column_of(file, head, SECTION_BY_GOODS, sizeof(*file->by_goods));
    file->subjects = column_of(file, head, SECTION_SUBJECTS, sizeof(*file->subjects));
    file->declarations = column_of(file, head, SECTION_DECLARATIONS, sizeof(*file->declarations));
    file->containers = column_of(file, head, SECTION_CONTAINERS, sizeof(*file->containers));
    return file->at && file->records && file->marks && file->by_goods && file->subjects && file->declarations
           && file->containers && read_texts(file, head) && read_values(file, head)
           && read_moments(file, head);
}

static enum release_found read_file(struct release_file *file, const struct release_key *key) {
    struct release_head head;
    if (file->bytes.length < sizeof(head)) {
        return RELEASE_DAMAGED;
    }
    memcpy(&head, file->bytes.at, sizeof(head));
    if (memcmp(head.magic, RELEASE_MAGIC, sizeof(RELEASE_MAGIC)) != 0 || head.crc != head_crc(&head)
        || head.rows > UINT32_MAX) {
        return RELEASE_DAMAGED;
    }
    if (!is_head(&head, key)) {
        return RELEASE_NONE;
    }
    file->rows = head.rows;
    file->position = head.position;
    file->witness = head.witness;
    return read_sections(file, &head) ? RELEASE_FILE : RELEASE_DAMAGED;
}

void release_file_stand(const char *path, const struct release_key *key, uint64_t position,
                        const struct digest *witness) {
    struct release_head *head = memory_new(sizeof(*head));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 && pread(fd, head, sizeof(*head), 0) == (ssize_t)sizeof(*head) && is_head(head, key)) {
        head->position = position;
        head->witness = *witness;
        head->crc = head_crc(head);
        (void)file_write_all(fd, head, sizeof(*head), 0); /* half of it shows by its checksum */
    }
    if (fd >= 0) {
        close(fd);
    }
    free(head);
}

enum release_found release_file_open(const char *path, const struct release_key *key,
                                     struct release_file *out) {
    *out = (struct release_file){ .rows = 0 };
    buf_init(&out->bytes, RELEASE_FILE_MAX);
    enum status status = file_read(path, &out->bytes);
    enum release_found found = status == STATUS_OK          ? read_file(out, key)
                               : status == STATUS_NOT_FOUND ? RELEASE_NONE
                                                            : RELEASE_DAMAGED;
    if (found != RELEASE_FILE) {
        release_file_close(out);
    }
    return found;
}

void release_file_close(struct release_file *file) {
    buf_release(&file->bytes);
    *file = (struct release_file){ .rows = 0 };
}
