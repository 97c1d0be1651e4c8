/*
 * bench_view.c [DECLARATIONS...] - how long the report of a month takes over so many declarations (100,000),
 * of which as many stand in the month before: two thirds imports with two containers each, the rest exports.
 * Scanned; made from columns of a file, from figures that are kept, and so behind an event of the month
 * before each; given again while nothing happens, and behind records that told of another month.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/memory.h"
#include "edition/edition.h"
#include "view/kept.h"
#include "view/statistics/releases.h"
#include "../unit/large_month.h"
#include "bench_clock.h"

#define ASKED  1000 /* times, for the median of an answer that is given again */
#define EVENTS 51   /* of the month, for the median of one that is made again */

static double now_s(void) {
    return clock_s(CLOCK_MONOTONIC);
}

struct bench {
    const char *directory;
    const struct edition *edition;
    struct kept *kept;
    struct arena *arena;
    struct buf answer;
};

/* kept NULL: it is made anew; releases NULL: by a scan. */
static double time_report(struct bench *bench, struct state *state, struct kept *kept,
                          struct releases *releases) {
    struct view_source source = { .state = state, .edition = bench->edition, .releases = releases };
    struct view_question question = { .view = view_find("report"), .source = &source, .arena = bench->arena };
    question.values[0] = TEXT("2026-10");
    arena_reset(bench->arena);
    buf_clear(&bench->answer);
    double began = now_s();
    enum status status = kept ? kept_answer(kept, &question, VIEW_JSON, &bench->answer)
                              : view_answer(&question, VIEW_JSON, &bench->answer);
    double took = now_s() - began;
    require(status == STATUS_OK && !buf_failed(&bench->answer));
    return took;
}

static int by_time(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A message of these goods, which have left or are loaded an hour later than was told; or of others. */
static void tell(struct bench *bench, uint64_t number, const char *subject) {
    struct state *engine;
    require(state_open(bench->directory, STORE_WRITE, &engine) == STATUS_OK);
    require(state_begin(engine) == STATUS_OK);
    struct store_query *query =
        store_query(state_store(engine),
                    "INSERT INTO messages(number, party, family, format, own_id, outcome, recorded, bytes,"
                    " subject) VALUES(?1, 'P', 'x', 'x', ?1, 'accepted', 1, 1, ?2)");
    store_bind_int(query, 1, (int64_t)number);
    store_bind_string(query, 2, subject);
    require(store_run(query) == STATUS_OK);
    query = store_query(state_store(engine), "UPDATE milestones SET last = last + 3600000000000"
                                             " WHERE subject = ?1 AND code IN ('GATE_OUT', 'LOADED')");
    store_bind_string(query, 1, subject);
    require(store_run(query) == STATUS_OK && state_commit(engine, number) == STATUS_OK);
    state_close(engine);
}

static double median_given(struct bench *bench, struct state *state, unsigned records) {
    static double times[ASKED];
    uint64_t given = kept_given(bench->kept), position = state_position(state);
    for (unsigned i = 0; i < ASKED; i++) {
        if (i < records) {
            tell(bench, position + 1 + i, "CNQDG/OTHER");
        }
        times[i] = time_report(bench, state, bench->kept, NULL);
    }
    require(kept_given(bench->kept) - given == ASKED);
    unsigned measured = records ? records : ASKED;
    qsort(times, measured, sizeof(*times), by_time);
    return times[measured / 2];
}

/* Before each an event of some goods of the month; the last is compared with what a scan says. */
static double median_behind_events(struct bench *bench, struct state *state, struct releases *releases) {
    double times[EVENTS];
    for (unsigned i = 0; i < EVENTS; i++) {
        char subject[32];
        snprintf(subject, sizeof(subject), "CNQDG/BL%010u", (17 + 31 * i) * 2654435761u);
        tell(bench, state_position(state) + 1, subject);
        times[i] = time_report(bench, state, NULL, releases);
    }
    char *said = memory_string(bench->answer.at);
    require(said);
    (void)time_report(bench, state, NULL, NULL);
    require(strcmp(said, bench->answer.at) == 0);
    free(said);
    qsort(times, EVENTS, sizeof(*times), by_time);
    return times[EVENTS / 2];
}

static void bench_month(const struct edition *edition, unsigned declarations) {
    char directory[] = "/tmp/clearway-bench-view-XXXXXX", command[128];
    struct state *state;
    require(mkdtemp(directory) && state_open(directory, STORE_WRITE, &state) == STATUS_OK);
    large_month_fill(state, 2026, 10, 0, declarations);
    large_month_fill(state, 2026, 9, declarations, declarations);
    state_close(state);
    struct bench bench = {
        .directory = directory, .edition = edition, .kept = kept_new(), .arena = arena_new()
    };
    buf_init(&bench.answer, 1u << 20);
    require(state_open(directory, STORE_READ, &state) == STATUS_OK);
    double scanned = time_report(&bench, state, bench.kept, NULL);
    double given = median_given(&bench, state, 0), behind = median_given(&bench, state, 100);
    printf("report of a month, %u declarations, and as many in the month before: scanned %.2f s; given again"
           " %.3f ms (1/%.0f), behind a record of another month %.3f ms\n",
           declarations, scanned, given * 1e3, scanned / given, behind * 1e3);
    struct releases *releases = releases_new(directory, RELEASES_LAG);
    double first = time_report(&bench, state, NULL, releases);
    releases_free(releases);
    releases = releases_new(directory, RELEASES_LAG);
    double file = time_report(&bench, state, NULL, releases),
           begun = time_report(&bench, state, NULL, releases),
           hand = time_report(&bench, state, NULL, releases);
    double event = median_behind_events(&bench, state, releases);
    printf(
        "the same from columns: made by its first report in %.2f s; from their files %.1f ms (1/%.0f); its"
        " figures, which are kept from then on, in %.1f ms; as they are kept %.2f ms (1/%.0f), behind an event"
        " of the month %.2f ms (1/%.0f)\n",
        first, file * 1e3, scanned / file, begun * 1e3, hand * 1e3, scanned / hand, event * 1e3,
        scanned / event);
    releases_free(releases);
    buf_release(&bench.answer);
    kept_free(bench.kept);
    arena_free(bench.arena);
    state_close(state);
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    require(system(command) == 0);
}

int main(int count, char **arguments) {
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    verdict_init(&mistakes, arena);
    require(edition_load(&options, &edition, &mistakes) == STATUS_OK && mistakes.errors == 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < count; i++) {
        bench_month(edition, (unsigned)atoi(arguments[i]));
    }
    if (count == 1) {
        bench_month(edition, 100000);
    }
    edition_release(edition);
    arena_free(arena);
    return 0;
}
