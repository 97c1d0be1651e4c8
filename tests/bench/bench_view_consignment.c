/*
 * bench_view_consignment.c [CONSIGNMENTS [FOLDER]] - how long what the page asks of one consignment takes,
 * where the port has so many (100,000): a simulated half year, told to the engine message by message,
 * stands in state.db, and is left in FOLDER to be asked again. Each question is asked of a thousand
 * consignments, as who may see them asks: the forwarder, customs, the operator. The goal is 5 ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../unit/month_kit.h"
#include "base/arena.h"
#include "base/file.h"
#include "view/view.h"
#include "bench_clock.h"

#define ASKED   1000
#define GOAL_MS 5.0
#define PORTS   2

struct bench {
    const struct edition *edition;
    struct state *state;
    struct arena *arena;
    struct buf answer;
    char (
        *values)[3][64]; /* of each consignment that is asked for: its bill, subject, and a container of it */
    char (*parties)[16]; /* who declared it */
    size_t count;
    bool is_slow;
};

static double now_ms(void) {
    return clock_s(CLOCK_MONOTONIC) * 1e3;
}

static int by_time(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fill(const char *folder, unsigned consignments) {
    struct simulate_options options = { .seed = 12,
                                        .first = 1,
                                        .ports = PORTS,
                                        .consignments = consignments,
                                        .from = stamp_of_day(day_of(2026, 5, 1)),
                                        .until = stamp_of_day(day_of(2026, 11, 1)) };
    double began = now_ms();
    struct month *month = month_open(folder, PORTS);
    month_feed(month, &options, MONTH_IN_TIME);
    printf("%u consignments: %u messages told in %.0f s\n", consignments, month->accepted,
           (now_ms() - began) / 1e3);
    month_close(month);
}

/* Spread over all there are. */
static void choose(struct bench *bench) {
    struct store *store = state_store(bench->state);
    struct store_query *query = store_query(
        store, "SELECT c.bill, c.subject, (SELECT min(s.container) FROM sightings s WHERE s.subject ="
               " c.subject), d.party FROM consignments c JOIN declarations d ON d.subject = c.subject"
               " ORDER BY d.key DESC");
    size_t all = 0, step;
    while (state_row(bench->state, query)) {
        all++;
    }
    require(all >= ASKED);
    step = all / ASKED;
    store_reset(query);
    for (size_t i = 0; state_row(bench->state, query) && bench->count < ASKED; i++) {
        if (i % step == 0) {
            for (int column = 0; column < 3; column++) {
                snprintf(bench->values[bench->count][column], 64, TEXT_FORMAT,
                         TEXT_ARGS(store_text(query, column)));
            }
            snprintf(bench->parties[bench->count], 16, TEXT_FORMAT, TEXT_ARGS(store_text(query, 3)));
            bench->count++;
        }
    }
    store_reset(query);
}

enum asked_by { BILL, SUBJECT, CONTAINER };

struct asked {
    const char *question, *parameter;
    enum asked_by value;
};

/* party NULL: the operator; "": who declared it. */
static void ask(struct bench *bench, const struct asked *asked, const char *party, const char *who) {
    static double times[ASKED];
    struct view_source source = { .state = bench->state, .edition = bench->edition };
    const struct view *view = view_find(asked->question);
    size_t found = 0, bytes = 0;
    for (size_t i = 0; i < bench->count; i++) {
        const char *code = party && !*party ? bench->parties[i] : party;
        struct view_question question = {
            .view = view,
            .source = &source,
            .viewer = code ? parties_find(bench->edition->parties, text_of(code)) : NULL,
            .now = stamp_of_day(day_of(2026, 11, 1)),
            .arena = bench->arena,
        };
        const struct view_parameter *wrong;
        struct view_page page = { NULL };
        question.page = &page;
        question.values[view_parameter(view, asked->parameter) - view->parameters] =
            text_of(bench->values[i][asked->value]);
        arena_reset(bench->arena);
        buf_clear(&bench->answer);
        double began = now_ms();
        require(view_check(&question, VIEW_JSON, &wrong) == STATUS_OK);
        found += view_answer(&question, VIEW_JSON, &bench->answer) == STATUS_OK;
        times[i] = now_ms() - began;
        bytes += bench->answer.length;
        require(!buf_failed(&bench->answer));
    }
    qsort(times, bench->count, sizeof(*times), by_time);
    double p99 = times[bench->count * 99 / 100];
    bench->is_slow |= p99 > GOAL_MS;
    printf(
        "%-8s by %-9s %-10s median %6.2f ms, p99 %6.2f, longest %7.2f; %zu of %zu found, %zu bytes each%s\n",
        asked->question, asked->parameter, who, times[bench->count / 2], p99, times[bench->count - 1], found,
        bench->count, bytes / bench->count, p99 > GOAL_MS ? "  SLOW" : "");
}

static void plan(struct bench *bench, const char *folder) {
    static const struct asked questions[] = {
        { "track", "query", BILL },       { "track", "query", SUBJECT },     { "track", "query", CONTAINER },
        { "alerts", "subject", SUBJECT }, { "pickups", "subject", SUBJECT },
    };
    struct stat about;
    char path[512];
    snprintf(path, sizeof(path), "%s/state.db", folder);
    require(stat(path, &about) == 0);
    printf("state.db %.0f MB\n", (double)about.st_size / 1e6);
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
        ask(bench, &questions[i], "", "forwarder");
        ask(bench, &questions[i], "CUS-QD", "customs");
        ask(bench, &questions[i], NULL, "operator");
    }
}

int main(int count, char **arguments) {
    unsigned consignments = count > 1 ? (unsigned)atoi(arguments[1]) : 100000;
    char made[] = "/tmp/clearway-bench-consignment-XXXXXX", command[128], path[512];
    const char *folder = count > 2 ? arguments[2] : mkdtemp(made);
    require(folder);
    snprintf(path, sizeof(path), "%s/state.db", folder);
    if (access(path, F_OK)) {
        require(file_make_directory(folder) == STATUS_OK);
        fill(folder, consignments);
    }
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    snprintf(path, sizeof(path), "%s/parties.yaml", folder);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas",
                                       .parties = path,
                                       .transports = kit_transports };
    verdict_init(&mistakes, arena);
    require(edition_load(&options, &edition, &mistakes) == STATUS_OK && mistakes.errors == 0);
    struct bench bench = { .edition = edition, .arena = arena_new() };
    bench.values = memory_array(ASKED, sizeof(*bench.values));
    bench.parties = memory_array(ASKED, sizeof(*bench.parties));
    buf_init(&bench.answer, 64u << 20);
    require(state_open(folder, STORE_READ, &bench.state) == STATUS_OK);
    choose(&bench);
    plan(&bench, folder);
    state_close(bench.state);
    buf_release(&bench.answer);
    free(bench.values);
    free(bench.parties);
    arena_free(bench.arena);
    edition_release(edition);
    arena_free(arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", made);
    require(count > 2 || system(command) == 0);
    return bench.is_slow;
}
