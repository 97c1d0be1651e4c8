/*
 * sheet.c - rows of the file and, behind them, those that were told since: which of them count, put in order
 * → columns of samples. Of what comes and goes the figures are moved.
 */
#include "view/statistics/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/status.h"

struct sheet *sheet_new(const struct release_key *key, const struct segments *segments,
                        const struct chain *chain) {
    struct sheet *sheet = memory_new(sizeof(*sheet));
    sheet->key = *key;
    sheet->gone = memory_array(1, sizeof(*sheet->gone));
    samples_init(&sheet->since, segments, chain, SAMPLES_EXCLUDED);
    return sheet;
}

/* Of its file, and of what was told since. */
static void forget(struct sheet *sheet) {
    release_file_close(&sheet->file);
    samples_release(&sheet->since);
    free(sheet->gone);
}

void sheet_free(struct sheet *sheet) {
    forget(sheet);
    tally_free(sheet->tally);
    free(sheet);
}

void sheet_take_file(struct sheet *sheet, const struct release_file *file) {
    const struct segments *segments = sheet->since.segments;
    const struct chain *chain = sheet->since.chain;
    forget(sheet);
    sheet->file = *file;
    sheet->written = sheet->position = file->position;
    sheet->gone = memory_array(file->rows + 1, sizeof(*sheet->gone));
    sheet->gone_count = 0;
    samples_init(&sheet->since, segments, chain, SAMPLES_EXCLUDED);
}

void sheet_adopt(struct sheet *sheet, const struct segments *segments, const struct chain *chain) {
    sheet->since.segments = segments;
    sheet->since.chain = chain;
    if (sheet->tally) {
        tally_adopt(sheet->tally, segments, chain);
    }
}

struct period sheet_period(const struct sheet *sheet) {
    return (struct period){ sheet->key.first_day, sheet->key.next_day, 0 };
}

/* --- put together --------------------------------------------------------------------------------------- */

/* A row of a sheet: of its file, or behind those of what was told since. */
struct row {
    const char *subject, *declaration, *container;
    stamp at;
};

static struct row row_of(const struct sheet *sheet, uint32_t row) {
    const struct release_file *file = &sheet->file;
    const struct sample_columns *since = sheet->since.described;
    size_t i = row - file->rows;
    return row < file->rows
               ? (struct row){ &file->texts[file->subjects[row]], &file->texts[file->declarations[row]],
                               &file->texts[file->containers[row]], file->at[row] }
               : (struct row){ since->subjects[i], since->declarations[i], since->containers[i],
                               since->at[i] };
}

static int compare_rows(const struct row *a, const struct row *b) {
    int order = (a->at > b->at) - (a->at < b->at);
    order = order ? order : strcmp(a->subject, b->subject);
    order = order ? order : strcmp(a->declaration, b->declaration);
    return order ? order : strcmp(a->container, b->container);
}

struct placed_row {
    struct row row;
    uint32_t number;
};

static int by_place(const void *a, const void *b) {
    return compare_rows(&((const struct placed_row *)a)->row, &((const struct placed_row *)b)->row);
}

static struct placed_row *sort_since(const struct sheet *sheet) {
    struct placed_row *rows = memory_array(sheet->since.count + 1, sizeof(*rows));
    for (size_t i = 0; i < sheet->since.count; i++) {
        uint32_t number = (uint32_t)(sheet->file.rows + i);
        rows[i] = (struct placed_row){ row_of(sheet, number), number };
    }
    qsort(rows, sheet->since.count, sizeof(*rows), by_place);
    return rows;
}

/* All of its rows in their order, to be freed; how many. */
static uint32_t *order_of(const struct sheet *sheet, size_t *count) {
    struct placed_row *since = sort_since(sheet);
    uint32_t *rows = memory_grow(NULL, sheet->file.rows + sheet->since.count + 1, sizeof(*rows));
    size_t n = 0, s = 0;
    for (uint32_t row = 0; row < sheet->file.rows; row++) {
        if (sheet->gone[row]) {
            continue;
        }
        if (s < sheet->since.count) {
            struct row mine = row_of(sheet, row);
            while (s < sheet->since.count && compare_rows(&since[s].row, &mine) < 0) {
                rows[n++] = since[s++].number;
            }
        }
        rows[n++] = row;
    }
    while (s < sheet->since.count) {
        rows[n++] = since[s++].number;
    }
    free(since);
    *count = n;
    return rows;
}

/* The entry of a column for a row: in the file's, or in that of what was told since. */
#define ENTRY(sheet, row, of_file, of_since) \
    ((row) < (sheet)->file.rows ? (of_file)[row] : (of_since)[(row) - (sheet)->file.rows])

static uint32_t marks_of(const struct sheet *sheet, uint32_t row) {
    return ENTRY(sheet, row, sheet->file.marks, sheet->since.described->marks);
}

static stamp moment_of(const struct sheet *sheet, uint32_t row, size_t place, stamp first) {
    const struct release_file *file = &sheet->file;
    const stamp *since = sheet->since.moments[place];
    if (row >= file->rows) {
        return since ? since[row - file->rows] : SAMPLE_NEVER;
    }
    if (file->seconds[place]) {
        int32_t seconds = file->seconds[place][row];
        return seconds == RELEASE_NEVER ? SAMPLE_NEVER : first + seconds * STAMP_SECOND;
    }
    return file->moments[place] ? file->moments[place][row] : SAMPLE_NEVER;
}

static void take_moments(const struct sheet *sheet, const uint32_t *rows, size_t n, size_t place,
                         struct samples *out) {
    const struct release_file *file = &sheet->file;
    bool told = file->moments[place] || file->seconds[place] || sheet->since.moments[place];
    if (!told && !out->moments[place]) {
        return;
    }
    stamp *moments = samples_column(out, place) + out->count, first = stamp_of_day(sheet->key.first_day);
    bool are_together = n && !sheet->since.count && rows[n - 1] - rows[0] == n - 1;
    const int32_t *seconds = are_together && file->seconds[place] ? &file->seconds[place][rows[0]] : NULL;
    for (size_t i = 0; seconds && i < n; i++) {
        moments[i] = seconds[i] == RELEASE_NEVER ? SAMPLE_NEVER : first + seconds[i] * STAMP_SECOND;
    }
    for (size_t i = 0; !seconds && i < n; i++) {
        moments[i] = moment_of(sheet, rows[i], place, first);
    }
}

/* Many rows have the same: each text of the file is looked up once, by where it stands there. */
static void take_tellers(const struct sheet *sheet, const uint32_t *rows, size_t n, struct samples *out) {
    const struct release_file *file = &sheet->file;
    uint32_t *numbers = file->tellers ? memory_array(file->tellers_length, sizeof(*numbers)) : NULL;
    for (size_t i = 0; i < n && (file->tellers || sheet->since.tellers || out->tellers); i++) {
        bool of_file = rows[i] < file->rows;
        uint32_t offset = of_file && file->tellers ? file->tellers[rows[i]] : 0;
        if (offset && numbers[offset]) {
            out->tellers[out->count + i] = numbers[offset];
            continue;
        }
        const char *tellers = !of_file ? samples_tellers(&sheet->since, rows[i] - file->rows)
                              : offset ? &file->tellers_texts[offset]
                                       : "";
        samples_tell_tellers(out, out->count + i, text_of(tellers));
        if (offset && *tellers) {
            numbers[offset] = out->tellers[out->count + i];
        }
    }
    free(numbers);
}

/* `all` of the period: an excluded one's value counts, too. Of a crowded dimension nothing is taken. */
static void take_values(const struct sheet *sheet, const uint32_t *all, size_t all_count,
                        const uint32_t *rows, size_t n, enum dimension dimension, const char *mode,
                        struct samples *out) {
    const struct release_file *file = &sheet->file;
    const struct sample_columns *since = sheet->since.described;
    enum dimension into = mode ? DIMENSION_ONE_MODE : dimension;
    uint8_t codes[2][SAMPLES_VALUES_MAX];
    bool known[2][SAMPLES_VALUES_MAX] = { { false } };
    size_t names = file->names_count[dimension], found = 0;
    for (size_t i = 0; i < all_count && (sheet->since.count || found < names); i++) {
        bool later = all[i] >= file->rows;
        uint8_t code = ENTRY(sheet, all[i], file->values[dimension], since->values[dimension]);
        if (!known[later][code]) {
            const char *name = later ? since->distinct[dimension].list[code] : file->names[dimension][code];
            known[later][code] = true;
            found++;
            name = mode ? scan_has_mode(text_of(name), mode) : name;
            if (!samples_code(out, into, text_of(name), &codes[later][code])) {
                return;
            }
        }
    }
    bool one = !sheet->since.count && file->names_count[dimension] == 1;
    if (one && n) {
        memset(&out->described->values[into][out->count], codes[0][0], n);
    }
    for (size_t i = 0; i < n && !one; i++) {
        uint8_t code = ENTRY(sheet, rows[i], file->values[dimension], since->values[dimension]);
        out->described->values[into][out->count + i] = codes[rows[i] >= file->rows][code];
    }
}

static void take_described(const struct sheet *sheet, const uint32_t *rows, size_t n, bool texts,
                           struct samples *out) {
    struct sample_columns *described = out->described;
    for (size_t i = 0; i < n; i++) {
        size_t index = out->count + i;
        described->at[index] = ENTRY(sheet, rows[i], sheet->file.at, sheet->since.described->at);
        described->marks[index] = marks_of(sheet, rows[i]);
        if (texts) {
            struct row row = row_of(sheet, rows[i]);
            described->declarations[index] = arena_string(described->arena, row.declaration);
            described->subjects[index] = arena_string(described->arena, row.subject);
            described->containers[index] = arena_string(described->arena, row.container);
            described->records[index] =
                ENTRY(sheet, rows[i], sheet->file.records, sheet->since.described->records);
        }
    }
}

bool sheet_read(struct sheet *sheet, enum samples_detail detail, bool texts) {
    return release_file_read(&sheet->file, RELEASE_MOMENTS)
           && (detail < SAMPLES_DESCRIBED || release_file_read(&sheet->file, RELEASE_VALUES))
           && ((!texts && !sheet->since.count) || release_file_read(&sheet->file, RELEASE_TEXTS));
}

static bool is_told(const struct chain *chain, const struct segments *segments, size_t place,
                    enum samples_detail detail) {
    const char *code = segments->milestones[place].code;
    return detail != SAMPLES_ENDS || strcmp(code, chain->from) == 0 || strcmp(code, chain->to) == 0;
}

enum status sheet_tell(const struct sheet *sheet, const struct scan_options *options, bool texts,
                       struct samples *out) {
    size_t all_count, n = 0, in_period = 0;
    uint32_t *all = order_of(sheet, &all_count), *rows = memory_grow(NULL, all_count + 1, sizeof(*rows));
    stamp from = stamp_of_day(options->period.first_day), until = stamp_of_day(options->period.next_day);
    for (size_t i = 0; i < all_count; i++) {
        stamp at = ENTRY(sheet, all[i], sheet->file.at, sheet->since.described->at);
        if (at >= from && at < until) {
            bool excluded = samples_mark(out, marks_of(sheet, all[i]));
            all[in_period++] = all[i];
            rows[n] = all[i];
            n += !excluded || out->keeps_excluded;
        }
    }
    enum status status = out->count + n > SAMPLES_MAX ? STATUS_TOO_LARGE : STATUS_OK;
    if (status == STATUS_OK) {
        samples_reserve(out, out->count + n + 1);
        for (size_t place = 0; place < out->segments->milestones_count; place++) {
            if (is_told(out->chain, out->segments, place, options->detail)) {
                take_moments(sheet, rows, n, place, out);
            }
        }
    }
    if (status == STATUS_OK && options->detail != SAMPLES_ENDS) {
        take_tellers(sheet, rows, n, out);
    }
    for (enum dimension dimension = 0; status == STATUS_OK && out->described && dimension < DIMENSIONS_COUNT;
         dimension++) {
        take_values(sheet, all, in_period, rows, n, dimension, NULL, out);
        if (dimension == DIMENSION_MODE && options->mode) {
            take_values(sheet, all, in_period, rows, n, dimension, options->mode, out);
        }
    }
    if (status == STATUS_OK && out->described) {
        take_described(sheet, rows, n, texts, out);
    }
    out->count += status == STATUS_OK ? n : 0;
    free(all);
    free(rows);
    return status;
}

/* --- figures that are kept ------------------------------------------------------------------------------ */

/* Of some rows of a sheet, in their order, what figures are made of. */
static void take_counted(const struct sheet *sheet, const uint32_t *rows, size_t n, struct samples *out) {
    uint32_t *counted = memory_grow(NULL, n + 1, sizeof(*counted));
    size_t count = 0;
    samples_init(out, sheet->since.segments, sheet->since.chain, SAMPLES_MOMENTS);
    for (size_t i = 0; i < n; i++) {
        counted[count] = rows[i];
        count += !samples_mark(out, marks_of(sheet, rows[i]));
    }
    samples_reserve(out, count + 1);
    for (size_t place = 0; place < out->segments->milestones_count; place++) {
        take_moments(sheet, counted, count, place, out);
    }
    take_tellers(sheet, counted, count, out);
    out->count = count;
    samples_count(out);
    free(counted);
}

bool sheet_keep_figures(struct sheet *sheet) {
    size_t n = 0, rows = sheet->file.rows + sheet->since.count;
    require(!sheet->tally && sheet->since.chain->count > 1);
    if (!release_file_read(&sheet->file, RELEASE_MOMENTS)) {
        return false;
    }
    uint32_t *all = memory_grow(NULL, rows + 1, sizeof(*all));
    struct samples samples;
    for (uint32_t row = 0; row < rows; row++) {
        all[n] = row;
        n += row >= sheet->file.rows || !sheet->gone[row];
    }
    take_counted(sheet, all, n, &samples);
    sheet->tally = tally_new(sheet->since.segments, sheet->since.chain);
    tally_add(sheet->tally, &samples);
    (void)tally_settle(sheet->tally);
    samples_release(&samples);
    free(all);
    return true;
}

/* --- what comes and goes -------------------------------------------------------------------------------- */

static const char *goods_at(const struct release_file *file, size_t place) {
    return &file->texts[file->subjects[file->by_goods[place]]];
}

static int by_subject(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_row(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Rows of a sheet, each once. */
struct rows {
    uint32_t *list;
    size_t count, room;
};

static void add_to_rows(struct rows *rows, size_t row) {
    if (rows->count == rows->room) {
        rows->room = rows->room ? 2 * rows->room : 16;
        rows->list = memory_grow(rows->list, rows->room, sizeof(*rows->list));
    }
    rows->list[rows->count++] = (uint32_t)row;
}

/* In their order. */
static void remove_rows(struct sheet *sheet, const uint32_t *rows, size_t n) {
    if (sheet->tally) {
        struct samples samples;
        take_counted(sheet, rows, n, &samples);
        tally_remove(sheet->tally, &samples);
        samples_release(&samples);
    }
    while (n-- > 0) {
        if (rows[n] >= sheet->file.rows) {
            samples_remove(&sheet->since, rows[n] - sheet->file.rows);
        } else {
            sheet->gone[rows[n]] = true;
            sheet->gone_count++;
        }
    }
}

void sheet_remove_goods(struct sheet *sheet, const char *const *goods, size_t count) {
    const struct release_file *file = &sheet->file;
    struct rows rows = { .list = NULL };
    for (size_t g = 0; g < count; g++) {
        size_t low = 0, high = file->rows;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (strcmp(goods_at(file, middle), goods[g]) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (; low < file->rows && strcmp(goods_at(file, low), goods[g]) == 0; low++) {
            if (!sheet->gone[file->by_goods[low]]) {
                add_to_rows(&rows, file->by_goods[low]);
            }
        }
    }
    for (size_t i = 0; i < sheet->since.count; i++) {
        const char **subject = &sheet->since.described->subjects[i];
        if (bsearch(subject, goods, count, sizeof(*goods), by_subject)) {
            add_to_rows(&rows, file->rows + i);
        }
    }
    if (rows.count) {
        qsort(rows.list, rows.count, sizeof(*rows.list), by_row);
        remove_rows(sheet, rows.list, rows.count);
    }
    free(rows.list);
}

/* What was told of the goods, beside what else is told of the month. */
static void count_told(struct sheet *sheet, struct samples *told) {
    for (size_t i = 0; i < told->count; i++) {
        (void)samples_mark(told, told->described->marks[i]);
    }
    samples_count(told);
    tally_add(sheet->tally, told);
    (void)tally_settle(sheet->tally);
}

bool sheet_add(struct sheet *sheet, struct samples *told) {
    bool fits = samples_append(&sheet->since, told);
    if (fits && sheet->tally) {
        count_told(sheet, told);
    }
    return fits;
}
