/*
 * restate.c - a walk over the whole journal, in steps between which it tells how far it is.
 */
#include "replay/restate.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "replay/walk.h"

#define STEP 20000 /* records between two tellings */

struct restated {
    struct arena *arena;
    const char *folder;
    struct replay_walk *walk;
    const struct edition *edition; /* by which is judged anew; NULL: nothing is */
    struct reader *reader;         /* then: for the records that orders name */
};

static void remove_folder(const struct restated *restated) {
    store_remove(file_join(restated->arena, restated->folder, "state.db"));
    (void)rmdir(restated->folder);
}

/* --- judged anew ---------------------------------------------------------------------------------------- */

static enum status judge_again(struct state *state, const struct record *rec, const struct metadata *metadata,
                               const struct decision **decision, struct arena *scratch, void *context) {
    struct restated *restated = context;
    const struct decision *then = *decision;
    struct decision now;
    (void)metadata;
    if (decision_refused(then)) {
        return STATUS_OK;
    }
    enum status status = engine_decide(restated->edition, state, restated->reader, rec, scratch, &now);
    if (status == STATUS_OK && now.result == then->result) {
        struct decision *judged = arena_alloc(scratch, sizeof(*judged));
        *judged = *then;
        judged->moves = now.moves;
        judged->moves_count = now.moves_count;
        *decision = judged;
    }
    return status;
}

/* --- the walk ------------------------------------------------------------------------------------------- */

/* Where the journal can be read no further than `last`, because it is damaged there, that is met last. */
static enum status walk_all(struct restated *restated, uint64_t last, uint64_t until,
                            void (*progress)(uint64_t done, uint64_t last, void *context), void *context) {
    replay_walk_hook *hook = restated->edition ? judge_again : NULL;
    enum status status = hook ? STATUS_OK : replay_walk_fill(restated->walk); /* deciding reads the state */
    for (uint64_t done = 0; status == STATUS_OK && done < last; done += STEP) {
        status = replay_walk_to(restated->walk, last - done > STEP ? done + STEP : last, hook, restated);
        if (progress) {
            progress(replay_walk_position(restated->walk), last, context);
        }
    }
    if (status == STATUS_OK && last < until) {
        status = replay_walk_to(restated->walk, until, hook, restated);
    }
    return status == STATUS_OK && !hook ? replay_walk_end(restated->walk, NULL) : status;
}

enum status restate(const char *directory, uint64_t until, const struct edition *edition,
                    void (*progress)(uint64_t done, uint64_t last, void *context), void *context,
                    struct restated **out, struct explanation *why) {
    struct restated *restated = memory_new(sizeof(*restated));
    struct reader *reader = NULL;
    restated->edition = edition;
    restated->arena = arena_new();
    restated->folder = file_join(restated->arena, directory, "restate");
    *out = NULL;
    *why = (struct explanation){ "", "" };
    remove_folder(restated); /* of one that was cut off */
    enum status status = reader_open(directory, &reader);
    uint64_t last = status == STATUS_OK ? reader_last(reader) : 0;
    last = last < until ? last : until;
    restated->reader = reader;
    if (status == STATUS_OK) {
        status = replay_walk_folder(restated->folder, why);
    }
    if (status == STATUS_OK) {
        status = replay_walk_open(directory, restated->folder, edition != NULL, &restated->walk, why);
    }
    if (status == STATUS_OK) {
        status = walk_all(restated, last, until, progress, context);
    }
    if (status != STATUS_OK) {
        restated_free(restated);
        return status;
    }
    *out = restated;
    return STATUS_OK;
}

struct state *restated_state(struct restated *restated) {
    return replay_walk_state(restated->walk);
}

void restated_free(struct restated *restated) {
    if (restated) {
        replay_walk_close(restated->walk);
        reader_free(restated->reader);
        remove_folder(restated);
        arena_free(restated->arena);
        free(restated);
    }
}
