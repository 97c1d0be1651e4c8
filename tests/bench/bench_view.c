/*
 * bench_view.c [DECLARATIONS] - how long the report of a month takes over so many declarations (70,000), of
 * which as many stand in the month before: two thirds imports with two containers each, the rest exports.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "edition/edition.h"
#include "../unit/large_month.h"
#include "../unit/view_kit.h"

static double now_s(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static double time_report(struct state *state, const struct edition *edition, struct arena *arena,
                          struct buf *out) {
    struct asking asking = {
        "report", { "2026-10" }, .source = { .state = state, .edition = edition }, .arena = arena
    };
    buf_clear(out);
    double began = now_s();
    require(view_ask(&asking, VIEW_JSON, out) == STATUS_OK);
    return now_s() - began;
}

int main(int count, char **arguments) {
    unsigned declarations = count > 1 ? (unsigned)atoi(arguments[1]) : 70000;
    char directory[] = "/tmp/clearway-bench-view-XXXXXX", command[128];
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    struct state *state;
    struct buf out;
    verdict_init(&mistakes, arena);
    require(mkdtemp(directory) && edition_load(&options, &edition, &mistakes) == STATUS_OK);
    require(mistakes.errors == 0 && state_open(directory, STORE_WRITE, &state) == STATUS_OK);
    large_month_fill(state, 2026, 10, 0, declarations);
    large_month_fill(state, 2026, 9, declarations, declarations);
    state_close(state);
    require(state_open(directory, STORE_READ, &state) == STATUS_OK);
    buf_init(&out, 1u << 20);
    double first = time_report(state, edition, arena, &out),
           second = time_report(state, edition, arena, &out);
    printf("report of a month, %u declarations, and as many in the month before: %.2f s, again %.2f s\n",
           declarations, first, second);
    buf_release(&out);
    state_close(state);
    edition_release(edition);
    arena_free(arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}
