/*
 * segments.c FOLDER prepare|ask - ten million segments of imports of a year, in the columns of releases.h,
 * without the state.db that would tell of them: each month has 104,167 declarations with eight segments, each
 * declared in one of twelve modes. prepare: writes the columns, and FOLDER/told.csv with the same for others.
 * ask: median and p90 of each month, segment and mode, three times from the files anew: how long it took on
 * stderr, the figures on stdout. bench_segments.py compares.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "edition/edition.h"
#include "view/statistics/figures.h"
#include "view/statistics/releases.h"
#include "bench_clock.h"

#define HEAP_KEPT (32 << 20)
#define MONTHS    12
#define ROWS      104167 /* of a month */
#define MODES     12
#define TIMES     3
#define HOUR      (3600 * STAMP_SECOND)

/* In the order in which they are told. */
static const char *const told[] = { "ARRIVED",   "DISCHARGED", "INSP_SELECTED", "INSP_BOOKED", "INSP_ARRIVED",
                                    "INSP_DONE", "ACCEPTED",   "RELEASED",      "GATE_OUT" };
enum { TOLD = sizeof(told) / sizeof(*told), RELEASED = 7 };

struct bench {
    const char *directory;
    struct edition *edition;
    struct state *state;
    const struct chain *chain;
    struct releases *releases;
    struct view_source source;
};

static uint64_t draw(void) {
    static uint64_t seed = 12;
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static struct period period_of(int month) {
    return (struct period){ day_of(2026, month, 1), day_of(2026 + month / 12, month % 12 + 1, 1), 0 };
}

/* --- prepared ------------------------------------------------------------------------------------------- */

/* Seconds between two of them: mostly hours, for some days; now and then the second comes first. */
static int64_t draw_seconds(void) {
    uint64_t kind = draw() % 100;
    return kind < 70   ? (int64_t)(draw() % 20000)
           : kind < 97 ? (int64_t)(draw() % 400000)
                       : -(int64_t)(draw() % 3000);
}

static void add_declaration(struct samples *samples, stamp released, struct arena *arena) {
    struct sample_columns *described = samples->described;
    size_t index = samples_add(samples);
    stamp at = released;
    for (int i = RELEASED; i >= 0; i--) {
        samples_tell(samples, index, samples_place(samples, told[i]), at);
        at -= draw_seconds() * STAMP_SECOND;
    }
    samples_tell(samples, index, samples_place(samples, told[TOLD - 1]),
                 released + draw_seconds() * STAMP_SECOND);
    described->at[index] = released;
    described->subjects[index] = arena_printf(arena, "CNQDG/BL%010" PRIu64, draw() % 10000000000u);
    described->declarations[index] = arena_printf(arena, "FWD-QD-01/%010" PRIu64, draw() % 10000000000u);
    described->containers[index] = "";
    described->records[index] = draw() % 1000000;
    described->marks[index] = 0;
    for (enum dimension dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
        char mode[16];
        snprintf(mode, sizeof(mode), "mode-%u", (unsigned)(draw() % MODES));
        samples_describe(samples, index, dimension, text_of(dimension == DIMENSION_MODE ? mode : ""));
    }
}

/* month,mode,lengths of the import segments in the edition's order, in ns */
static void write_told(FILE *out, int month, const struct samples *samples) {
    const struct segments *segments = samples->segments;
    for (size_t i = 0; i < samples->count; i++) {
        fprintf(out, "%d,%s", month, samples_value(samples, DIMENSION_MODE, i) + strlen("mode-"));
        for (size_t r = 0; r < segments->rows_count; r++) {
            const struct segment_row *row = &segments->rows[r];
            if (strcmp(row->direction, "import") == 0) {
                fprintf(out, ",%" PRId64,
                        samples_at(samples, i, samples_place(samples, row->to))
                            - samples_at(samples, i, samples_place(samples, row->from)));
            }
        }
        fputc('\n', out);
    }
}

static void prepare_month(struct bench *bench, int month, FILE *out) {
    struct arena *arena = arena_new();
    struct digest nothing = { { 0 } };
    struct release_key key;
    struct samples samples;
    char path[512];
    require(releases_key(bench->releases, &bench->source, bench->chain, &key));
    key.first_day = period_of(month).first_day;
    key.next_day = period_of(month).next_day;
    samples_init(&samples, bench->edition->segments, bench->chain, SAMPLES_EXCLUDED);
    stamp first = stamp_of_day(key.first_day);
    for (unsigned i = 0; i < ROWS; i++) {
        add_declaration(&samples, first + (stamp)i * (27 * 24 * HOUR / ROWS / STAMP_SECOND) * STAMP_SECOND,
                        arena);
    }
    snprintf(path, sizeof(path), "%s/releases/2026-%02d.import", bench->directory, month);
    require(release_file_write(path, &key, &samples, 0, &nothing) == STATUS_OK);
    write_told(out, month, &samples);
    samples_release(&samples);
    arena_free(arena);
}

static void prepare(struct bench *bench) {
    char path[512];
    snprintf(path, sizeof(path), "%s/releases", bench->directory);
    require(file_make_directory(path) == STATUS_OK);
    snprintf(path, sizeof(path), "%s/told.csv", bench->directory);
    FILE *out = fopen(path, "w");
    require(out);
    for (int month = 1; month <= MONTHS; month++) {
        prepare_month(bench, month, out);
    }
    require(fclose(out) == 0);
}

/* --- asked ---------------------------------------------------------------------------------------------- */

struct figure {
    int month, mode;
    size_t segment, n;
    int64_t median, p90;
};

static struct figure figures[MONTHS * SEGMENTS_MAX * MODES];
static size_t figures_count;

static void ask_segment(const struct samples *samples, int month, size_t segment,
                        const struct segment_row *row) {
    struct figures_lengths lengths;
    require(figures_lengths(samples, row->from, row->to, VARIANT_AVAILABLE, DIMENSION_MODE, &lengths));
    for (size_t group = 0; group < figures_groups(samples, DIMENSION_MODE); group++) {
        size_t n = lengths.starts[group + 1] - lengths.starts[group];
        const size_t ranks[] = { (50 * n + 99) / 100 - 1, (90 * n + 99) / 100 - 1 };
        int64_t selected[2];
        require(n > 0);
        lengths_select(&lengths.at[lengths.starts[group]], n, ranks, 2, selected);
        figures[figures_count++] = (struct figure){
            month,       atoi(samples->described->distinct[DIMENSION_MODE].list[group] + strlen("mode-")),
            segment,     n,
            selected[0], selected[1]
        };
    }
    free(lengths.at);
}

static void ask(struct bench *bench) {
    const struct samples_options options = { .detail = SAMPLES_DESCRIBED };
    const struct segments *segments = bench->edition->segments;
    bench->source.releases = bench->releases;
    figures_count = 0;
    for (int month = 1; month <= MONTHS; month++) {
        struct samples samples;
        size_t segment = 0;
        require(samples_gather(&bench->source, segments, bench->chain, period_of(month), &options, &samples)
                == STATUS_OK);
        require(samples.count == ROWS);
        for (size_t r = 0; r < segments->rows_count; r++) {
            if (strcmp(segments->rows[r].direction, "import") == 0) {
                ask_segment(&samples, month, segment++, &segments->rows[r]);
            }
        }
        samples_release(&samples);
    }
}

/* Of the processor: what else the machine does shows less. */
static double now_ms(void) {
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) * 1e3;
}

static void ask_anew(struct bench *bench) {
    for (int i = 0; i < TIMES; i++) {
        double began = now_ms();
        releases_free(bench->releases);
        bench->releases = releases_new(bench->directory, 0);
        ask(bench);
        fprintf(stderr, "%.3f\n", now_ms() - began);
    }
    for (size_t i = 0; i < figures_count; i++) {
        const struct figure *figure = &figures[i];
        printf("%d,%zu,%d,%zu,%" PRId64 ",%" PRId64 "\n", figure->month, figure->segment, figure->mode,
               figure->n, figure->median, figure->p90);
    }
}

int main(int count, char **arguments) {
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct bench bench = { .directory = count == 3 ? arguments[1] : "" };
    if (count != 3) {
        fprintf(stderr, "usage: segments FOLDER prepare|ask\n");
        return 64;
    }
    /* As the gateway has it (daemon/process.c): what was freed is at hand for the next. */
    mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
    mallopt(M_MMAP_THRESHOLD, HEAP_KEPT);
    verdict_init(&mistakes, arena);
    require(edition_load(&options, &bench.edition, &mistakes) == STATUS_OK && mistakes.errors == 0);
    require(state_open(bench.directory, STORE_WRITE, &bench.state) == STATUS_OK);
    for (size_t i = 0; i < bench.edition->segments->chains_count; i++) {
        const struct chain *chain = &bench.edition->segments->chains[i];
        bench.chain = strcmp(chain->direction, "import") == 0 ? chain : bench.chain;
    }
    bench.releases = releases_new(bench.directory, 0);
    bench.source = (struct view_source){ .state = bench.state, .edition = bench.edition };
    strcmp(arguments[2], "prepare") == 0 ? prepare(&bench) : ask_anew(&bench);
    releases_free(bench.releases);
    state_close(bench.state);
    edition_release(bench.edition);
    arena_free(arena);
    return 0;
}
