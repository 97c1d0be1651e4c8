/*
 * release_file.h - the declarations of one month and direction as a file of columns.
 *
 * head     fixed size: what it is of, where each section stands with its checksum (CRC-32C), and its own
 * sections one behind the other, each from a multiple of 64 bytes on: of each column of samples one (moments
 *          as seconds where they are whole), the texts they point into, an order of the rows by their goods
 *
 * Never changed but for the record in its head: replaced as a whole, by rename. It is not synced: what a
 * crash leaves of it shows by the checksums.
 */
#ifndef VIEW_STATISTICS_RELEASE_FILE_H
#define VIEW_STATISTICS_RELEASE_FILE_H

#include "view/statistics/samples.h"

#define RELEASE_FILE_MAX (1u << 30)

/* What a file is of. One of another is none. */
struct release_key {
    char direction[16];
    int32_t first_day, next_day;
    struct digest made_by; /* the definition, and the queries */
    uint64_t identity;     /* of state.db */
};

#define RELEASE_SECTIONS (11 + DIMENSIONS_COUNT + MILESTONES_MAX)

struct release_file {
    size_t rows, length;
    uint64_t position; /* the record at which it stands */
    struct digest witness;
    const stamp *at;
    const uint32_t *marks;
    /* RELEASE_MOMENTS */
    const stamp *moments[MILESTONES_MAX]; /* NULL: it was told of none, or */
    const int32_t
        *seconds[MILESTONES_MAX]; /* ... all of them are whole seconds from 00:00 of the first day */
    const uint32_t *tellers;      /* of each row, in the texts of tellers; NULL: there are none */
    const char *tellers_texts;
    size_t tellers_length; /* of these texts, in bytes */
    /* RELEASE_VALUES */
    const uint8_t *values[DIMENSIONS_COUNT];
    const char *names[DIMENSIONS_COUNT][SAMPLES_VALUES_MAX];
    size_t names_count[DIMENSIONS_COUNT];
    /* RELEASE_TEXTS */
    const uint64_t *records;
    const uint32_t *by_goods, *subjects, *declarations, *containers; /* the last three: in the texts */
    const char *texts;
    /* private */
    struct release_head *head; /* NULL: there is no file */
    int fd;
    void *sections[RELEASE_SECTIONS];
};

enum release_found { RELEASE_FILE, RELEASE_NONE, RELEASE_DAMAGED };

#define RELEASE_NEVER INT32_MIN /* for SAMPLE_NEVER */

/* What is read of it once it is needed; the head, `at` and the marks are there from the beginning. */
enum release_part { RELEASE_MOMENTS, RELEASE_VALUES, RELEASE_TEXTS };

/* NONE: there is none, or it is of something else. */
enum release_found release_file_open(const char *path, const struct release_key *key,
                                     struct release_file *out);
/* False: that part is damaged. Of no file there is nothing to read. */
bool release_file_read(struct release_file *file, enum release_part part);
void release_file_close(struct release_file *file);
/* Of described samples with all of their texts, in their order. witness: what the state says there. */
enum status release_file_write(const char *path, const struct release_key *key, const struct samples *samples,
                               uint64_t position, const struct digest *witness);

/* The one that was opened stands at that record, too: nothing was told since that changes it. False: another
 * is there, as one of before that was put back; or it could not be written. */
bool release_file_stand(const char *path, const struct release_key *key, struct release_file *opened,
                        uint64_t position, const struct digest *witness);

#endif
