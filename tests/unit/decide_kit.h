/*
 * decide_kit.h - for tests: what the engine makes of one message after the other, without journal or thread.
 *
 * A message is lines of fields (document_kit.h), as the check would have handed them on: it is decided by the
 * rules and routes of an edition, and the moves of the decision are applied, all in this thread. So there is
 * time for thousands of histories.
 */
#ifndef TESTS_DECIDE_KIT_H
#define TESTS_DECIDE_KIT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "edition/edition.h"
#include "edition/rule_set.h"
#include "engine/apply.h"
#include "engine/engine.h"
#include "engine/part.h"
#include "tests/unit/document_kit.h"
#include "tests/unit/transports_kit.h"
#include "folder_kit.h"

/* Of random histories; the address sanitizer makes each ten times as long, and looks at memory alone. */
#ifdef __SANITIZE_ADDRESS__
enum { HISTORIES = 1000 };
#else
enum { HISTORIES = 10000 };
#endif

struct deciding {
    char directory[64];
    struct arena *arena, *scratch; /* scratch: of the message that was decided last */
    struct edition *edition;
    struct edition bare; /* the same, without a rule */
    struct rule_set no_rules;
    struct state *state;
    uint64_t number; /* of the message that was decided last */
    stamp now;
    struct decision decision; /* the last */
};

static inline struct deciding *deciding_open(const char *parties) {
    struct deciding *deciding = calloc(1, sizeof(*deciding));
    struct verdict mistakes;
    require(deciding);
    strcpy(deciding->directory, "/tmp/clearway-deciding-XXXXXX");
    require(mkdtemp(deciding->directory));
    deciding->arena = arena_new();
    deciding->scratch = arena_new();
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas",
                                       .parties = parties,
                                       .pick_up_key = SOURCE_DIR "/tests/scenario/pick-up.pem",
                                       .transports = kit_transports };
    verdict_init(&mistakes, deciding->arena);
    require(edition_load(&options, &deciding->edition, &mistakes) == STATUS_OK && mistakes.errors == 0);
    deciding->bare = *deciding->edition;
    deciding->no_rules.lists = deciding->edition->rules->lists;
    deciding->bare.rules = &deciding->no_rules;
    require(state_open(deciding->directory, STORE_WRITE, &deciding->state) == STATUS_OK);
    require(state_begin(deciding->state) == STATUS_OK);
    deciding->now = stamp_of_day(day_of(2026, 10, 12));
    return deciding;
}

static inline void deciding_close(struct deciding *deciding) {
    state_rollback(deciding->state);
    state_close(deciding->state);
    edition_release(deciding->edition);
    arena_free(deciding->scratch);
    arena_free(deciding->arena);
    folder_remove(deciding->directory);
    free(deciding);
}

static inline bool deciding_decide(struct deciding *deciding, const struct edition *edition,
                                   struct record *rec) {
    rec->number = deciding->number;
    rec->stamp = deciding->now;
    require(engine_decide(edition, deciding->state, NULL, rec, deciding->scratch, &deciding->decision)
            == STATUS_OK);
    apply_moves(deciding->state, &deciding->decision);
    require(state_status(deciding->state) == STATUS_OK);
    return !decision_refused(&deciding->decision);
}

static inline void deciding_next(struct deciding *deciding) {
    arena_reset(deciding->scratch);
    deciding->now += STAMP_SECOND;
    deciding->number++;
}

/* The next message, a second later. family: also the name of its format. True: it was not refused. */
static inline bool deciding_send(struct deciding *deciding, const struct edition *edition, const char *party,
                                 const char *family, const char *lines) {
    struct buf meta, fields;
    deciding_next(deciding);
    const char *id = arena_printf(deciding->scratch, "M-%llu", (unsigned long long)deciding->number);
    struct metadata metadata = {
        .env = { .party = party,
                 .channel = "loopback",
                 .received = deciding->now,
                 .format = "",
                 .file = "",
                 .origin = "",
                 .trace = "",
                 .outer = "",
                 .digest = digest_of(id, strlen(id)) },
        .family = family,
        .format = family,
        .id = id,
    };
    buf_init(&meta, 1 << 16);
    buf_init(&fields, 1 << 16);
    metadata_write(&metadata, &meta);
    document_pack(document_of(lines, edition->fields, deciding->scratch), &fields);
    struct record rec = {
        .kind = RECORD_MESSAGE, .meta = buf_text(&meta), .fields = buf_text(&fields), .data = TEXT("<a/>")
    };
    bool done = deciding_decide(deciding, edition, &rec);
    buf_release(&meta);
    buf_release(&fields);
    return done;
}

/* The tick of that timer, whether it stands or not. True: something came of it. */
static inline bool deciding_tick(struct deciding *deciding, const char *part, const char *key,
                                 const char *event) {
    struct buf meta;
    deciding_next(deciding);
    buf_init(&meta, 1 << 16);
    timer_write(part, key, event, deciding->now, &meta);
    struct record rec = { .kind = RECORD_TICK, .meta = buf_text(&meta) };
    deciding_decide(deciding, deciding->edition, &rec);
    buf_release(&meta);
    return deciding->decision.result == RESULT_DONE;
}

/* Numbers that look random and are the same each time. */
static inline uint64_t deciding_random(uint64_t *seed, uint64_t below) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

#endif
