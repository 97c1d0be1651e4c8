/*
 * walk.c - apply.h along decision_reader.h.
 */
#include "replay/walk.h"

#include <stdlib.h>

#include "base/memory.h"
#include "engine/apply.h"
#include "engine/decision_reader.h"

#define BATCH_RECORDS 10000 /* one transaction */

struct replay_walk {
    struct state *state;
    struct reader *reader;
    struct decision_reader *decided;
    struct arena *scratch;
    uint64_t position, decisions;
    bool over;
};

enum status replay_walk_open(const char *directory, const char *folder, struct replay_walk **out) {
    struct replay_walk *walk = memory_new(sizeof(*walk));
    struct reader *ahead = NULL;
    walk->scratch = arena_new();
    enum status status = reader_open(directory, &walk->reader);
    if (status == STATUS_OK) {
        status = reader_open(directory, &ahead);
    }
    if (status == STATUS_OK) {
        status = decision_reader_new(ahead, 1, reader_last(walk->reader), &walk->decided);
    }
    if (status == STATUS_OK) {
        status = reader_seek(walk->reader, 1);
    }
    if (status == STATUS_OK) {
        status = state_open(folder, STORE_WRITE, &walk->state);
    }
    if (status != STATUS_OK) {
        replay_walk_close(walk);
        walk = NULL;
    }
    *out = walk;
    return status;
}

void replay_walk_close(struct replay_walk *walk) {
    if (walk) {
        state_close(walk->state);
        decision_reader_free(walk->decided);
        reader_free(walk->reader);
        arena_free(walk->scratch);
        free(walk);
    }
}

/* *waits: a cause without a decision; nobody applied anything from there on. */
static enum status take_record(struct replay_walk *walk, const struct record *rec, replay_walk_hook *hook,
                               void *context, bool *waits) {
    struct metadata metadata;
    const struct decision *decision;
    uint64_t number;
    stamp at;
    bool is_cause;
    arena_reset(walk->scratch);
    enum status status = apply_read(rec, walk->scratch, &metadata, &is_cause);
    if (status == STATUS_OK && is_cause) {
        *waits = !decision_reader_take(walk->decided, rec->number, &decision, &number, &at, &status);
    }
    if (status == STATUS_OK && !*waits) {
        status = apply_record(walk->state, rec, &metadata, walk->scratch);
    }
    if (status != STATUS_OK || *waits || !is_cause) {
        return status;
    }
    if (hook) {
        status = hook(walk->state, rec, rec->kind == RECORD_MESSAGE ? &metadata : NULL, decision,
                      walk->scratch, context);
    }
    if (status == STATUS_OK) {
        apply_moves(walk->state, decision);
        apply_recorded(walk->state, decision, rec->kind, number, at);
        status = state_status(walk->state);
        walk->decisions++;
    }
    return status;
}

/* One transaction. */
static enum status walk_batch(struct replay_walk *walk, uint64_t number, replay_walk_hook *hook,
                              void *context) {
    enum status status = state_begin(walk->state);
    for (size_t i = 0; status == STATUS_OK && i < BATCH_RECORDS && walk->position < number && !walk->over;
         i++) {
        struct record rec;
        status = reader_next(walk->reader, &rec);
        if (status == STATUS_NOT_FOUND) {
            walk->over = true;
            status = STATUS_OK;
        } else if (status == STATUS_OK) {
            status = take_record(walk, &rec, hook, context, &walk->over);
            walk->position = walk->over ? walk->position : rec.number;
        }
    }
    if (status == STATUS_OK) {
        return state_commit(walk->state, walk->position);
    }
    state_rollback(walk->state);
    return status;
}

enum status replay_walk_to(struct replay_walk *walk, uint64_t number, replay_walk_hook *hook, void *context) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK && walk->position < number && !walk->over) {
        status = walk_batch(walk, number, hook, context);
    }
    return status;
}

struct state *replay_walk_state(struct replay_walk *walk) {
    return walk->state;
}

uint64_t replay_walk_position(const struct replay_walk *walk) {
    return walk->position;
}

uint64_t replay_walk_decisions(const struct replay_walk *walk) {
    return walk->decisions;
}

const char *replay_walk_where(const struct replay_walk *walk, uint64_t *offset) {
    return reader_where(walk->reader, offset);
}
