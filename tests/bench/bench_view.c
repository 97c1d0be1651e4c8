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
#include "edition/segments.h"
#include "edition/edition.h"
#include "../unit/view_kit.h"

#define HOUR (3600 * STAMP_SECOND)

static double now_s(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static void put_milestone(struct state *state, const char *subject, const char *declaration,
                          const char *container, const char *code, stamp at) {
    struct store_query *query =
        store_query(state_store(state), "INSERT INTO milestones VALUES(?1, ?2, ?3, ?4, ?5, 1, ?5, 1)");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, declaration);
    store_bind_string(query, 3, container);
    store_bind_string(query, 4, code);
    store_bind_int(query, 5, at);
    require(store_run(query) == STATUS_OK);
}

static void put_declaration(struct state *state, const char *key, const char *subject, bool import,
                            unsigned number) {
    struct store_query *query = store_query(
        state_store(state),
        "INSERT INTO declarations(key, party, own_id, record, received, subject, direction, office, state, step)"
        " VALUES(?1, 'P', ?1, ?4, 1, ?2, ?3, '', 'released', '')");
    store_bind_string(query, 1, key);
    store_bind_string(query, 2, subject);
    store_bind_string(query, 3, import ? "import" : "export");
    store_bind_int(query, 4, number);
    require(store_run(query) == STATUS_OK);
}

static void put_link(struct state *state, const char *kind, const char *declaration) {
    struct store_query *query =
        store_query(state_store(state), "INSERT INTO links VALUES(?1, ?1 || ?2, ?2, 'P', 1)");
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, declaration);
    require(store_run(query) == STATUS_OK);
}

static void put_container(struct state *state, const char *declaration, const char *container) {
    struct store_query *query =
        store_query(state_store(state), "INSERT INTO declaration_containers VALUES(?1, ?2)");
    store_bind_string(query, 1, declaration);
    store_bind_string(query, 2, container);
    require(store_run(query) == STATUS_OK);
}

static void put_import(struct state *state, const char *key, const char *subject, unsigned number,
                       stamp released) {
    for (int i = 0; i < 2; i++) {
        char container[16];
        snprintf(container, sizeof(container), "CSQU%06u%d", number, i);
        put_container(state, key, container);
        put_milestone(state, subject, "", container, "DISCHARGED", released - (20 + number % 50 + i) * HOUR);
        put_milestone(state, subject, "", container, "GATE_OUT", released + (2 + number % 30 + i) * HOUR);
    }
    put_milestone(state, subject, "", "", "ARRIVED", released - (30 + number % 90) * HOUR);
    put_milestone(state, subject, key, "", "ACCEPTED", released - (1 + number % 40) * HOUR);
    put_milestone(state, subject, key, "", "RELEASED", released);
}

static void put_export(struct state *state, const char *key, const char *subject, unsigned number,
                       stamp released) {
    put_milestone(state, subject, "", "", "GATE_IN", released - (10 + number % 30) * HOUR);
    put_milestone(state, subject, key, "", "ACCEPTED", released - (1 + number % 10) * HOUR);
    put_milestone(state, subject, key, "", "RELEASED", released);
    put_milestone(state, subject, "", "", "LOADED", released + (20 + number % 20) * HOUR);
    put_milestone(state, subject, "", "", "DEPARTED", released + (50 + number % 10) * HOUR);
}

static void fill(struct state *state, int year, int month, unsigned from, unsigned count) {
    stamp first = stamp_of_day(day_of(year, month, 1));
    require(state_begin(state) == STATUS_OK);
    for (unsigned number = from; number < from + count; number++) {
        char key[32], subject[32];
        unsigned spread = number * 2654435761u; /* so that neighbours in time are none in the tables */
        snprintf(key, sizeof(key), "FWD-QD-01/%010u", spread);
        snprintf(subject, sizeof(subject), "CNQDG/BL%010u", spread);
        stamp released = first + (number - from) % (28 * 24) * HOUR;
        bool import = number % 3 != 0;
        put_declaration(state, key, subject, import, number);
        put_link(state, "seq", key);
        put_link(state, "entry", key);
        import ? put_import(state, key, subject, number, released)
               : put_export(state, key, subject, number, released);
    }
    require(state_commit(state, from + count) == STATUS_OK);
}

static double time_report(struct state *state, const struct segments *segments, struct arena *arena,
                          struct buf *out) {
    struct asking asking = {
        "report", { "2026-10" }, .source = { .state = state, .segments = segments }, .arena = arena
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
    struct segments *segments = segments_load(edition, arena, &mistakes);
    require(mistakes.errors == 0 && state_open(directory, STORE_WRITE, &state) == STATUS_OK);
    fill(state, 2026, 10, 0, declarations);
    fill(state, 2026, 9, declarations, declarations);
    state_close(state);
    require(state_open(directory, STORE_READ, &state) == STATUS_OK);
    buf_init(&out, 1u << 20);
    double first = time_report(state, segments, arena, &out),
           second = time_report(state, segments, arena, &out);
    printf("report of a month, %u declarations, and as many in the month before: %.2f s, again %.2f s\n",
           declarations, first, second);
    buf_release(&out);
    state_close(state);
    edition_release(edition);
    arena_free(arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}
