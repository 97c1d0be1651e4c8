/*
 * engine_room.h - for tests: a journal, the check and the engine in a folder of their own, under a clock that
 * the test sets.
 */
#ifndef TESTS_ENGINE_ROOM_H
#define TESTS_ENGINE_ROOM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "message/metadata.h"
#include "check/check.h"
#include "journal/journal.h"
#include "engine/engine.h"
#include "transports_kit.h"
#include "folder_kit.h"

#define ROOM_DECISIONS_MAX 4096
#define ROOM_PATIENCE_S    60 /* until something that must happen counts as not happening */

static _Atomic stamp room_wall; /* the clocks of this process's rooms */
static _Atomic int64_t room_monotonic_ms;

static inline stamp room_now(void) {
    return atomic_load(&room_wall);
}
static inline int64_t room_elapsed(void) {
    return atomic_load(&room_monotonic_ms) * 1000000;
}

/* What was decided about one cause, kept for the test. */
struct room_decision {
    uint64_t cause, number;
    struct decision decision;
};

struct engine_room {
    const char *account; /* by which the next message is handed over; NULL: by none */
    char directory[64];
    uint64_t segment_size;
    struct arena *arena;
    struct edition *edition;
    struct judge *judge;
    struct checker *checker;
    struct journal *journal;
    struct engine *engine;
    struct journal_report report;
    pthread_mutex_t lock;
    pthread_cond_t told;
    struct room_decision decisions[ROOM_DECISIONS_MAX];
    size_t count;       /* since the room was opened */
    struct arena *kept; /* theirs; under the lock */
    enum status failure, held_up;
    size_t halts;            /* before the record of another edition */
    struct explanation *why; /* of the engine's start; NULL: nobody asks */
};

static inline void room_advance(int64_t seconds) {
    atomic_fetch_add(&room_wall, seconds * STAMP_SECOND);
    atomic_fetch_add(&room_monotonic_ms, seconds * 1000);
}

static inline void room_decided(const struct engine_decided *decided, void *context) {
    struct engine_room *room = context;
    struct buf meta;
    buf_init(&meta, 32u << 20);
    decision_write(decided->decision, &meta);
    pthread_mutex_lock(&room->lock);
    require(room->count < ROOM_DECISIONS_MAX);
    struct room_decision *kept = &room->decisions[room->count++];
    kept->cause = decided->cause;
    kept->number = decided->number;
    require(decision_read(buf_text(&meta), room->kept, &kept->decision));
    pthread_cond_broadcast(&room->told);
    pthread_mutex_unlock(&room->lock);
    buf_release(&meta);
}

static inline void room_held_up(enum status status, void *context) {
    struct engine_room *room = context;
    pthread_mutex_lock(&room->lock);
    room->held_up = status;
    pthread_cond_broadcast(&room->told);
    pthread_mutex_unlock(&room->lock);
}

static inline void room_before_change(void *context) {
    struct engine_room *room = context;
    pthread_mutex_lock(&room->lock);
    room->halts++;
    pthread_cond_broadcast(&room->told);
    pthread_mutex_unlock(&room->lock);
}

static inline void room_failed(enum status status, void *context) {
    struct engine_room *room = context;
    pthread_mutex_lock(&room->lock);
    room->failure = status;
    pthread_cond_broadcast(&room->told);
    pthread_mutex_unlock(&room->lock);
}

/* Journal and engine begin, on what stands in the folder. */
static inline enum status room_start(struct engine_room *room) {
    struct journal_options journal = { .directory = room->directory,
                                       .segment_size = room->segment_size,
                                       .reserve = 1,
                                       .clock = { .wall = room_now, .elapsed = room_elapsed } };
    enum status status = journal_open(&journal, &room->journal, &room->report);
    if (status != STATUS_OK) {
        return status;
    }
    struct engine_options engine = {
        .directory = room->directory,
        .journal = room->journal,
        .edition = room->edition,
        .decided = room_decided,
        .before_change = room_before_change,
        .held_up = room_held_up,
        .on_failure = room_failed,
        .context = room,
        .why = room->why,
    };
    return engine_start(&engine, &room->engine);
}

/* Until the engine has told that it cannot go on. */
static inline void room_await_failure(struct engine_room *room, enum status status) {
    pthread_mutex_lock(&room->lock);
    while (room->failure == STATUS_OK) {
        pthread_cond_wait(&room->told, &room->lock);
    }
    require(room->failure == status);
    room->failure = STATUS_OK;
    pthread_mutex_unlock(&room->lock);
}

static inline void room_stop(struct engine_room *room) {
    engine_stop(room->engine);
    journal_close(room->journal);
    room->engine = NULL;
    room->journal = NULL;
}

/* A message of tests/messages; in the room's arena. */
static inline struct text room_message(struct engine_room *room, const char *name) {
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    require(file_read(arena_printf(room->arena, SOURCE_DIR "/tests/messages/%s.xml", name), &bytes)
            == STATUS_OK);
    struct text copy = { arena_copy(room->arena, buf_text(&bytes)), bytes.length };
    buf_release(&bytes);
    return copy;
}

/* Reading and compiling the shipped texts is most of what a room costs, so what was read last is kept for the
 * next room of the process. Who changes something in it puts it back. */
struct room_texts {
    char *schemas, *parties;
    struct edition *edition;
    struct judge *judge;
};

static struct room_texts room_texts;

static inline void room_read_texts(struct engine_room *room, const char *schemas, const char *parties) {
    struct edition_options options = { .schemas = schemas, .parties = parties, .transports = kit_transports };
    struct verdict mistakes;
    judge_release(room_texts.judge);
    if (room_texts.edition) {
        edition_release(room_texts.edition);
    }
    free(room_texts.schemas);
    free(room_texts.parties);
    verdict_init(&mistakes, room->arena);
    require(edition_load(&options, &room_texts.edition, &mistakes) == STATUS_OK);
    room_texts.judge = judge_new(room_texts.edition, &mistakes);
    for (size_t i = 0; i < mistakes.count; i++) {
        const struct finding *finding = &mistakes.findings[i];
        fprintf(stderr, "%s:%u:%u: %s: %s\n", finding->file, finding->place.line, finding->place.column,
                finding->code, finding->en);
    }
    require(mistakes.errors == 0);
    room_texts.schemas = strdup(schemas);
    room_texts.parties = strdup(parties);
}

static inline void room_take_edition(struct engine_room *room, const char *schemas, const char *parties) {
    bool is_read = room_texts.schemas && strcmp(room_texts.schemas, schemas) == 0
                   && strcmp(room_texts.parties, parties) == 0;
    if (!is_read) {
        room_read_texts(room, schemas, parties);
    }
    room->edition = room_texts.edition;
    edition_take(room->edition);
    room->judge = room_texts.judge;
    judge_take(room->judge);
    room->checker = checker_new(room->judge);
}

static inline void room_leave_edition(struct engine_room *room) {
    checker_free(room->checker);
    judge_release(room->judge);
    edition_release(room->edition);
}

/* A fresh folder with the shipped schemas and these parties. Mistakes in either end the process. */
static inline struct engine_room *room_open(const char *schemas, const char *parties) {
    struct engine_room *room = calloc(1, sizeof(*room));
    require(room);
    strcpy(room->directory, "/tmp/clearway-room-XXXXXX");
    require(mkdtemp(room->directory));
    room->segment_size = 8u << 20;
    room->arena = arena_new();
    room->kept = arena_new();
    pthread_mutex_init(&room->lock, NULL);
    pthread_cond_init(&room->told, NULL);
    room_take_edition(room, schemas, parties);
    return room;
}

static inline void room_close(struct engine_room *room) {
    if (room->engine) {
        room_stop(room);
    }
    room_leave_edition(room);
    arena_free(room->kept);
    arena_free(room->arena);
    pthread_mutex_destroy(&room->lock);
    pthread_cond_destroy(&room->told);
    folder_remove(room->directory);
    free(room);
}

/* Judges and records a message as intake does, without asking whether it was here before. Returns its number.
 * file: as what it came by folder; NULL: it came another way. */
static inline uint64_t room_send_file(struct engine_room *room, const char *party, const char *file,
                                      struct text bytes, struct judgement *judgement) {
    struct metadata metadata = { .env = { .party = party,
                                          .channel = file ? "files" : "loopback",
                                          .received = clock_now(journal_clock(room->journal)),
                                          .format = "",
                                          .file = file ? file : "",
                                          .trace = "",
                                          .account = room->account,
                                          .digest = digest_of(bytes.at, bytes.length),
                                          .size = bytes.length } };
    struct buf meta, fields;
    buf_init(&meta, 4u << 20);
    buf_init(&fields, 16u << 20);
    check_message(room->checker, &metadata.env, parties_find(room->edition->parties, text_of(party)), bytes,
                  room->arena, judgement);
    metadata.family = judgement->format ? judgement->format->family : "";
    metadata.format = judgement->format ? judgement->format->name : "";
    metadata.id = judgement->id;
    metadata.outcome = verdict_passes(&judgement->verdict) ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
    metadata.edition = room->edition->digest;
    metadata.findings = judgement->verdict.findings;
    metadata.count = judgement->verdict.count;
    metadata_write(&metadata, &meta);
    if (metadata.outcome == OUTCOME_ACCEPTED) {
        document_pack(judgement->doc, &fields);
    }
    require(!buf_failed(&meta) && !buf_failed(&fields));
    struct record rec = {
        .kind = RECORD_MESSAGE, .meta = buf_text(&meta), .fields = buf_text(&fields), .data = bytes
    };
    require(journal_append(room->journal, &rec, false) == STATUS_OK);
    buf_release(&meta);
    buf_release(&fields);
    return rec.number;
}

static inline uint64_t room_send(struct engine_room *room, const char *party, struct text bytes,
                                 struct judgement *judgement) {
    return room_send_file(room, party, NULL, bytes, judgement);
}

static inline size_t room_count(struct engine_room *room) {
    pthread_mutex_lock(&room->lock);
    size_t count = room->count;
    pthread_mutex_unlock(&room->lock);
    return count;
}

static inline const struct room_decision *room_find(struct engine_room *room, uint64_t cause, size_t from) {
    for (size_t i = from; i < room->count; i++) {
        if (!cause || room->decisions[i].cause == cause) {
            return &room->decisions[i];
        }
    }
    return NULL;
}

/* The decision about this cause (0: any) among those from index `from` on; waits for it. NULL: it does not
   come. */
static inline const struct room_decision *room_wait(struct engine_room *room, uint64_t cause, size_t from) {
    struct timespec until;
    const struct room_decision *found;
    int timeout = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ROOM_PATIENCE_S;
    pthread_mutex_lock(&room->lock);
    while (!(found = room_find(room, cause, from)) && room->failure == STATUS_OK && timeout == 0) {
        timeout = pthread_cond_timedwait(&room->told, &room->lock, &until);
    }
    pthread_mutex_unlock(&room->lock);
    return found;
}

/* Waits until everything recorded is applied. */
static inline bool room_settle(struct engine_room *room) {
    for (int i = 0; i < ROOM_PATIENCE_S * 1000; i++) {
        uint64_t last = journal_durable(room->journal);
        if (engine_position(room->engine) >= last && journal_durable(room->journal) == last) {
            return true;
        }
        usleep(1000);
    }
    return false;
}

#endif
