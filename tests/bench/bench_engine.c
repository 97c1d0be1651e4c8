/*
 * bench_engine.c [MESSAGES] - what the longest port event costs: as many containers as the schema takes, of
 * as many consignments as one event may concern. Then how many declarations a second one engine decides,
 * records durably and applies, when it never has to wait for the next: all messages stand in the journal
 * before it starts. Then the outcomes of their deliveries; then how fast all of it is applied again from
 * the journal, by the engine that catches up, and by a rebuild. Of CPU time, the engine's thread alone, and
 * of a rebuild all of its threads.
 */
#include <dirent.h>

#include "engine/delivery.h"
#include "replay/rebuild.h"
#include "../unit/engine_room.h"
#include "../unit/long_event.h"
#include "bench_clock.h"

static double now_s(void) {
    return clock_s(CLOCK_MONOTONIC);
}

static struct text read_text(struct engine_room *room, const char *path) {
    struct buf text;
    buf_init(&text, 1 << 20);
    require(file_read(path, &text) == STATUS_OK);
    struct text copy = { arena_copy(room->arena, buf_text(&text)), text.length };
    buf_release(&text);
    return copy;
}

static const char *replaced(struct engine_room *room, const char *text, const char *old, const char *new) {
    const char *at = strstr(text, old);
    require(at);
    return arena_printf(room->arena, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static _Atomic size_t under_way;

static void done(struct entry *entry, enum status status, void *context) {
    require(status == STATUS_OK);
    atomic_fetch_sub(&under_way, 1);
}

struct prepared {
    struct entry entry;
    struct buf meta, fields;
};

static void submit(struct engine_room *room, struct entry *entry) {
    atomic_fetch_add(&under_way, 1);
    while (journal_submit(room->journal, entry) == STATUS_BUSY) {
        usleep(1000);
    }
}

/* Judged as any message is, appended without waiting for each. */
static void append(struct engine_room *room, struct prepared *prepared, struct text bytes) {
    struct judgement judgement;
    struct metadata metadata = { .env = { .party = "HAIJIA",
                                          .channel = "loopback",
                                          .received = room_now(),
                                          .format = "",
                                          .file = "",
                                          .trace = "",
                                          .digest = digest_of(bytes.at, bytes.length),
                                          .size = bytes.length } };
    check_message(room->checker, &metadata.env, parties_find(room->edition->parties, TEXT("HAIJIA")), bytes,
                  room->arena, &judgement);
    require(verdict_passes(&judgement.verdict));
    metadata.family = judgement.format->family;
    metadata.format = judgement.format->name;
    metadata.id = judgement.id;
    metadata.edition = room->edition->digest;
    buf_init(&prepared->meta, 1 << 20);
    buf_init(&prepared->fields, 1 << 20);
    metadata_write(&metadata, &prepared->meta);
    document_pack(judgement.doc, &prepared->fields);
    prepared->entry = (struct entry){ .done = done,
                                      .rec = { .kind = RECORD_MESSAGE,
                                               .meta = buf_text(&prepared->meta),
                                               .fields = buf_text(&prepared->fields),
                                               .data = bytes } };
    submit(room, &prepared->entry);
}

static void fill(struct engine_room *room, unsigned count) {
    struct text template = read_text(room, SOURCE_DIR "/tests/messages/cn-dec/import-general.xml");
    struct prepared *prepared = calloc(count, sizeof(*prepared));
    for (unsigned n = 0; n < count; n++) {
        const char *text = replaced(room, template.at, "<ClientSeqNo>20261012000000001<",
                                    arena_printf(room->arena, "<ClientSeqNo>D%u<", n));
        text = replaced(room, text, "LYEX26Q4001234", arena_printf(room->arena, "LYEX%u", n));
        append(room, &prepared[n], text_of(text));
    }
    while (atomic_load(&under_way)) {
        usleep(1000);
    }
    for (unsigned n = 0; n < count; n++) {
        buf_release(&prepared[n].meta);
        buf_release(&prepared[n].fields);
    }
    free(prepared);
}

/* The deliveries that the decisions ask for. Engine thread; looked at while it does not run. */
static struct {
    struct delivery_result *list;
    size_t count, capacity;
} asked;

static void note_destinations(const struct engine_decided *decided, void *context) {
    const struct decision *decision = decided->decision;
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        if (asked.count == asked.capacity) {
            asked.capacity = asked.capacity ? 2 * asked.capacity : 1024;
            asked.list = realloc(asked.list, asked.capacity * sizeof(*asked.list));
        }
        asked.list[asked.count++] = (struct delivery_result){
            .record = destination->record ? destination->record : decided->number,
            .party = strdup(destination->party),
            .outcome = DELIVERY_DELIVERED,
            .attempt = 1,
        };
    }
}

static void deliver_all(struct engine_room *room) {
    struct prepared *prepared = calloc(asked.count, sizeof(*prepared));
    for (size_t n = 0; n < asked.count; n++) {
        buf_init(&prepared[n].meta, 1 << 20);
        asked.list[n].edition = room->edition->digest;
        delivery_write(&asked.list[n], &prepared[n].meta);
        prepared[n].entry =
            (struct entry){ .done = done,
                            .rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&prepared[n].meta) } };
        submit(room, &prepared[n].entry);
    }
    while (atomic_load(&under_way)) {
        usleep(1000);
    }
    for (size_t n = 0; n < asked.count; n++) {
        buf_release(&prepared[n].meta);
    }
    free(prepared);
}

struct took {
    double wall_s, cpu_s;
};

/* Of the engine's thread, while it is there. */
static double engine_cpu_s(void) {
    DIR *tasks = opendir("/proc/self/task");
    double used_s = 0;
    require(tasks);
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        char path[300], name[32] = "";
        unsigned long long used_ns = 0;
        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = fopen(path, "r");
        bool found = file && fscanf(file, "%31s", name) == 1 && strcmp(name, "engine") == 0;
        if (file) {
            fclose(file);
        }
        snprintf(path, sizeof(path), "/proc/self/task/%s/schedstat", entry->d_name);
        file = found ? fopen(path, "r") : NULL;
        if (file) {
            used_s += fscanf(file, "%llu", &used_ns) == 1 ? (double)used_ns * 1e-9 : 0;
            fclose(file);
        }
    }
    closedir(tasks);
    return used_s;
}

static struct took run_engine(struct engine_room *room,
                              void (*decided)(const struct engine_decided *decided, void *context)) {
    struct engine_options engine = {
        .directory = room->directory, .journal = room->journal, .edition = room->edition, .decided = decided
    };
    double start = now_s();
    require(engine_start(&engine, &room->engine) == STATUS_OK);
    while (!(engine_position(room->engine) >= journal_durable(room->journal))) {
        usleep(1000);
    }
    struct took took = { now_s() - start, engine_cpu_s() };
    engine_stop(room->engine);
    room->engine = NULL;
    return took;
}

/* --- one long event ------------------------------------------------------------------------------------- */

enum { LONG_BILLS = 63, LONG_EACH = 31 };

static void long_event(void) {
    struct engine_room *room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    struct judgement judgement;
    require(room_start(room) == STATUS_OK);
    for (int bill = 0; bill < LONG_BILLS; bill++) {
        const char *name = arena_printf(room->arena, "LYEXLONG%d", bill);
        room_send(room, "QQCT", port_event(room, name, "DISC", name, bill * LONG_EACH, LONG_EACH),
                  &judgement);
        require(verdict_passes(&judgement.verdict));
    }
    require(room_settle(room));
    struct text bytes = port_event(room, "LONG", "CUSI", NULL, 0, LONG_BILLS * LONG_EACH);
    size_t before = room_count(room);
    uint64_t number = room_send(room, "QQCT", bytes, &judgement);
    require(verdict_passes(&judgement.verdict));
    double start = now_s();
    const struct room_decision *decision = room_wait(room, number, before);
    printf("engine: one event over %d containers of %d consignments: %.0f ms\n", LONG_BILLS * LONG_EACH,
           LONG_BILLS, 1e3 * (now_s() - start));
    require(decision);
    room_close(room);
}

static void print_took(const char *what, size_t count, struct took took) {
    printf("engine: %7zu %-37s %6.0f a second, %6.1f us of CPU each\n", count, what,
           (double)count / took.wall_s, took.cpu_s / (double)count * 1e6);
}

static double process_cpu_s(void) {
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

/* Of a journal that nobody has open. */
static struct took run_rebuild(struct engine_room *room) {
    struct rebuild_result result;
    double start = now_s(), cpu = process_cpu_s();
    require(rebuild(room->directory, &result) == STATUS_OK);
    require(result.had_old && result.equal);
    return (struct took){ now_s() - start, process_cpu_s() - cpu };
}

int main(int argc, char **argv) {
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 20000;
    char command[128];
    atomic_store(&room_wall, stamp_of_day(day_of(2026, 10, 12)) + 9 * 3600 * STAMP_SECOND);
    long_event();
    struct engine_room *room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    struct journal_options journal = { .directory = room->directory, .reserve = 1 };
    require(journal_open(&journal, &room->journal, &room->report) == STATUS_OK);
    fill(room, count);
    struct took decided = run_engine(room, note_destinations);
    deliver_all(room);
    struct took delivered = run_engine(room, NULL);
    snprintf(command, sizeof(command), "rm -f %s/state.db*", room->directory);
    require(system(command) == 0);
    struct took again = run_engine(room, NULL);
    journal_close(room->journal);
    room->journal = NULL;
    struct took rebuilt = run_rebuild(room);
    print_took("decided, recorded and applied", count, decided);
    print_took("outcomes of their deliveries applied", asked.count, delivered);
    print_took("both applied again from the journal", count, again);
    print_took("rebuilt, and compared", count, rebuilt);
    room_close(room);
    return 0;
}
