/*
 * export.c - of each direction, day by day: the samples of the day, gathered with their descriptions, written
 * row by row. A day is the least that is held in memory; a part is as many as make it worth sending.
 */
#include "view/statistics/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/csv.h"
#include "view/statistics/definitions.h"
#include "view/statistics/periods.h"

#define PART_LEAST (64u << 10) /* bytes, of a part that is not the last */
#define PART_DAYS  400         /* of which nothing is told, before others have their turn */
#define NUMBER_MAX 48
#define WORDS_MAX  65536

/* --- one row -------------------------------------------------------------------------------------------- */

/* stamp_print() tells milliseconds; what is finer is put into its place. */
static const char *moment_text(stamp at, char out[STAMP_TEXT_MAX + NUMBER_MAX]) {
    char text[STAMP_TEXT_MAX];
    int64_t finer = at % STAMP_SECOND + (at % STAMP_SECOND < 0 ? STAMP_SECOND : 0);
    stamp_print(at, text);
    const char *point = strchr(text, '.'), *zone = point ? point + 4 : text + strlen(text);
    if (finer % 1000000 == 0 || !point) {
        snprintf(out, STAMP_TEXT_MAX + NUMBER_MAX, "%s", text);
    } else {
        snprintf(out, STAMP_TEXT_MAX + NUMBER_MAX, "%.*s.%09" PRId64 "%s", (int)(point - text), text, finer,
                 zone);
    }
    return out;
}

static void put_moment(struct csv_out *csv, stamp at) {
    char text[STAMP_TEXT_MAX + NUMBER_MAX];
    csv_put(csv, at == SAMPLE_NEVER ? "" : moment_text(at, text));
}

/* Seconds, exactly: nanoseconds are their ninth decimal. */
static void put_length(struct csv_out *csv, stamp from, stamp to) {
    char text[NUMBER_MAX];
    if (from == SAMPLE_NEVER || to == SAMPLE_NEVER) {
        csv_put(csv, "");
        return;
    }
    __int128 length = (__int128)to - from, size = length < 0 ? -length : length;
    snprintf(text, sizeof(text), "%s%" PRIu64 ".%09" PRIu64, length < 0 ? "-" : "",
             (uint64_t)(size / STAMP_SECOND), (uint64_t)(size % STAMP_SECOND));
    csv_put(csv, text);
}

static void put_marks(struct csv_out *csv, const struct samples *samples, size_t index, struct arena *arena) {
    const struct segments *segments = samples->segments;
    size_t excluded = samples_excluded_by(samples, index);
    const char *doubted = "";
    for (size_t i = 0; i < segments->marks_count; i++) {
        if (!segments->marks[i].excludes && (samples->described->marks[index] & 1u << i)) {
            doubted = arena_printf(arena, "%s%s%s", doubted, *doubted ? "+" : "", segments->marks[i].code);
        }
    }
    csv_put(csv, excluded < segments->marks_count ? segments->marks[excluded].code : "");
    csv_put(csv, doubted);
}

/* The words of a direction: what each row was made by. */
struct words {
    const char *definition, *definitions;
};

static void add_sample(struct csv_out *csv, const struct samples *samples, size_t index, struct words words,
                       struct arena *arena) {
    const struct segments *segments = samples->segments;
    csv_put(csv, samples->chain->direction);
    csv_put(csv, samples->described->declarations[index]);
    put_marks(csv, samples, index, arena);
    for (size_t dimension = 0; dimension < DIMENSIONS_COUNT + segments->dimensions_count; dimension++) {
        csv_put(csv, samples_value(samples, dimension, index));
    }
    for (size_t i = 0; i < segments->milestones_count; i++) {
        put_moment(csv, samples_at(samples, index, i));
    }
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        bool is_mine = strcmp(row->direction, samples->chain->direction) == 0;
        put_length(csv,
                   is_mine ? samples_at(samples, index, samples_place(samples, row->from)) : SAMPLE_NEVER,
                   samples_at(samples, index, samples_place(samples, row->to)));
    }
    csv_put(csv, samples_tellers(samples, index));
    csv_put(csv, samples->is_unread && samples->is_unread[index] ? "true" : "false");
    csv_put(csv, samples_is_complete(samples, index) ? "true" : "false");
    csv_put(csv, samples_is_in_order(samples, index) ? "true" : "false");
    csv_put(csv, words.definition);
    csv_put(csv, words.definitions);
    csv_end_row(csv);
}

/* --- all of them ---------------------------------------------------------------------------------------- */

static void add_head(struct csv_out *csv, const struct segments *segments, struct arena *arena) {
    csv_put(csv, "direction");
    csv_put(csv, "declaration");
    csv_put(csv, "excluded");
    csv_put(csv, "doubted");
    for (size_t dimension = 0; dimension < DIMENSIONS_COUNT + segments->dimensions_count; dimension++) {
        csv_put(csv, dimension_text(segments, dimension));
    }
    for (size_t i = 0; i < segments->milestones_count; i++) {
        csv_put(csv, segments->milestones[i].code);
    }
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        csv_put(csv, arena_printf(arena, "%s.%s", row->direction, row->name));
    }
    csv_put(csv, "tellers");
    csv_put(csv, "unread");
    csv_put(csv, "complete");
    csv_put(csv, "in_order");
    csv_put(csv, "definition");
    csv_put(csv, "definitions");
    csv_end_row(csv);
}

static struct words words_of(const struct definition_used *used, const struct edition *edition,
                             const struct chain *chain, struct arena *arena) {
    const struct segments *segments = used->segments;
    char digest[DIGEST_HEX_MAX];
    struct buf text;
    buf_init(&text, WORDS_MAX);
    buf_printf(&text, "month=%s chain=", chain->month);
    for (size_t i = 0; i < chain->count; i++) {
        buf_printf(&text, "%s%s", i ? ">" : "", chain->milestones[i]);
    }
    buf_printf(&text, " overall=%s>%s", chain->from, chain->to);
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, chain->direction) == 0) {
            buf_printf(&text, " %s=%s>%s", row->name, row->from, row->to);
        }
    }
    const struct edition_text *own = edition_text(edition, SETUPS_DEFINITION);
    const struct digest *definition = used->recorded.number ? &used->recorded.digest
                                      : own                 ? &own->digest
                                                            : NULL;
    struct words words = { arena_string(arena, definition ? digest_hex(definition, digest) : ""),
                           arena_copy(arena, buf_text(&text)) };
    buf_release(&text);
    return words;
}

struct exporting {
    const struct view_question *question;
    struct view_source source;
    struct period period;
    struct definition_used definition;
};

/* The head stands before the first row: who is told NOT_FOUND was sent nothing. */
static enum status add_day(struct exporting *exporting, const struct chain *chain, int32_t day,
                           struct csv_out *csv) {
    static const struct samples_options options = { .detail = SAMPLES_EXCLUDED,
                                                    .reads_groups = true,
                                                    .lists = true };
    const struct segments *segments = exporting->definition.segments;
    struct arena *arena = exporting->question->arena;
    struct view_parts *parts = exporting->question->parts;
    struct period period = { day, day + 1, exporting->period.as_of };
    struct samples samples;
    enum status status = samples_gather(&exporting->source, segments, chain, period, &options, &samples);
    if (status == STATUS_OK && samples.count) {
        if (parts->count == 0) {
            add_head(csv, segments, arena);
        }
        parts->count += samples.count;
        parts->unread += samples.unread;
        struct words words = words_of(&exporting->definition, exporting->source.edition, chain, arena);
        for (size_t i = 0; i < samples.count; i++) {
            add_sample(csv, &samples, i, words, arena);
        }
    }
    samples_release(&samples);
    return status;
}

/* What is next: a day of a direction, all days of the first before those of the second. */
enum status export_csv(const struct view_question *question, struct buf *out) {
    struct exporting exporting = { .question = question, .source = *question->source };
    struct view_parts *parts = question->parts;
    struct csv_out csv;
    enum status status = period_find(question, &exporting.period);
    if (status == STATUS_OK) {
        status = definition_find(question, exporting.period.as_of, &exporting.definition);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct segments *segments = exporting.definition.segments;
    size_t days = (size_t)(exporting.period.next_day - exporting.period.first_day);
    size_t all = days * segments->chains_count, before = out->length, begun = parts->next;
    exporting.source.releases = NULL; /* months in columns are whole months in memory */
    csv_start(&csv, out, CSV_FOR_DATABASES);
    while (status == STATUS_OK && parts->next < all && out->length - before < PART_LEAST
           && parts->next - begun < PART_DAYS && !buf_failed(out)) {
        size_t at = parts->next++;
        status = add_day(&exporting, &segments->chains[at / days],
                         exporting.period.first_day + (int32_t)(at % days), &csv);
    }
    parts->more = parts->next < all;
    bool is_empty = !parts->more && !parts->count;
    return status == STATUS_OK && is_empty ? period_refuse_empty(question, exporting.period) : status;
}
