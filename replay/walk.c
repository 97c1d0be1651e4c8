/*
 * walk.c - apply.h along what is read ahead.
 */
#include "replay/walk.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "engine/apply.h"
#include "replay/ahead.h"

#define BATCH_RECORDS 10000 /* one transaction */

struct replay_walk {
    struct state *state;
    struct replay_ahead *ahead;
    struct reader *told; /* NULL: nobody asked where it stands */
    struct arena *arena, *scratch;
    const char *directory;
    uint64_t position, decisions;
    const struct replay_item *next; /* NULL: not looked at */
    bool whole, over;
};

enum status replay_walk_folder(const char *folder, struct explanation *why) {
    enum status status = file_make_directory(folder);
    if (status != STATUS_OK) {
        int error = errno;
        explain_about(why, folder, error_sentence(error, LANGUAGE_ZH), error_sentence(error, LANGUAGE_EN));
    }
    return status;
}

static void tell_about(struct explanation *why, const char *subject, enum status status) {
    explain_about(why, subject, status_sentence(status, LANGUAGE_ZH), status_sentence(status, LANGUAGE_EN));
}

enum status replay_walk_open(const char *directory, const char *folder, bool whole, struct replay_walk **out,
                             struct explanation *why) {
    struct replay_walk *walk = memory_new(sizeof(*walk));
    walk->arena = arena_new();
    walk->scratch = arena_new();
    walk->directory = arena_string(walk->arena, directory);
    walk->whole = whole;
    enum status status = replay_ahead_start(directory, whole, &walk->ahead);
    if (status != STATUS_OK) {
        tell_about(why, file_join(walk->arena, directory, "journal"), status);
    } else {
        status = state_open(folder, STORE_WRITE, &walk->state);
        if (status != STATUS_OK) {
            tell_about(why, file_join(walk->arena, folder, "state.db"), status);
        }
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
        replay_ahead_stop(walk->ahead);
        state_close(walk->state);
        reader_free(walk->told);
        arena_free(walk->arena);
        arena_free(walk->scratch);
        free(walk);
    }
}

static enum status apply_item(struct replay_walk *walk, const struct replay_item *item,
                              replay_walk_hook *hook, void *context) {
    const struct record *rec = &item->rec;
    enum status status = apply_record(walk->state, rec, &item->content);
    if (status != STATUS_OK || !item->decided) {
        return status;
    }
    const struct decision *decision = &item->decision;
    if (hook) {
        arena_reset(walk->scratch);
        status = hook(walk->state, rec, rec->kind == RECORD_MESSAGE ? &item->content.metadata : NULL,
                      &decision, walk->scratch, context);
    }
    if (status == STATUS_OK) {
        apply_moves(walk->state, decision);
        bool is_message = rec->kind == RECORD_MESSAGE;
        struct message_row row =
            is_message ? message_row_of(rec, &item->content.metadata) : (struct message_row){ 0 };
        apply_recorded(walk->state, decision, rec->kind, item->number, item->at, is_message ? &row : NULL);
        status = state_status(walk->state);
        walk->decisions++;
    }
    return status;
}

/* It is over at the end of the journal, or at a cause without a decision: nobody applied anything from there
 * on. */
static enum status look_at_next(struct replay_walk *walk) {
    enum status status = STATUS_OK;
    if (!walk->next && !walk->over) {
        status = replay_ahead_next(walk->ahead, &walk->next);
        walk->over = status == STATUS_NOT_FOUND
                     || (status == STATUS_OK && walk->next->content.is_cause && !walk->next->decided);
    }
    return walk->over ? STATUS_OK : status;
}

/* One transaction. */
static enum status walk_batch(struct replay_walk *walk, uint64_t number, replay_walk_hook *hook,
                              void *context) {
    enum status status = state_begin(walk->state);
    for (size_t i = 0; status == STATUS_OK && i < BATCH_RECORDS && walk->position < number; i++) {
        status = look_at_next(walk);
        if (walk->over) {
            break;
        }
        if (status == STATUS_OK) {
            status = apply_item(walk, walk->next, hook, context);
        }
        if (status == STATUS_OK) {
            walk->position = walk->next->rec.number;
            walk->next = NULL;
        }
    }
    if (status == STATUS_OK) {
        return state_commit(walk->state, walk->position);
    }
    state_rollback(walk->state);
    return status;
}

enum status replay_walk_to(struct replay_walk *walk, uint64_t number, replay_walk_hook *hook, void *context) {
    require(!hook || walk->whole);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && walk->position < number) {
        status = look_at_next(walk);
        if (status != STATUS_OK || walk->over) {
            break; /* nothing is written: what was added up still holds */
        }
        status = walk_batch(walk, number, hook, context);
    }
    return status;
}

enum status replay_walk_fill(struct replay_walk *walk) {
    require(walk->position == 0);
    return state_fill(walk->state);
}

enum status replay_walk_end(struct replay_walk *walk, struct digest *digest) {
    return state_filled(walk->state, digest);
}

enum status replay_walk_is_over(struct replay_walk *walk, bool *over) {
    enum status status = look_at_next(walk);
    *over = walk->over;
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

/* Reading is ahead of applying, so the place is looked up. */
const char *replay_walk_where(struct replay_walk *walk, uint64_t *offset) {
    struct record rec;
    if (!walk->told && reader_open(walk->directory, &walk->told) != STATUS_OK) {
        return NULL;
    }
    (void)reader_pick(walk->told, walk->position + 1, &rec); /* what is wrong there is known */
    return reader_where(walk->told, offset);
}
