/*
 * rebuild.c - a new state.db is walked while a thread digests the old one, digested where the old one stands,
 * finished, compared, put in its place.
 */
#include "replay/rebuild.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread.h"
#include "replay/walk.h"

struct paths {
    const char *lock, *folder, *new_db, *old_db, *aside;
};

static void find_paths(const char *directory, struct arena *arena, struct paths *paths) {
    paths->lock = file_join(arena, directory, "journal/lock");
    paths->folder = file_join(arena, directory, "rebuild");
    paths->new_db = file_join(arena, paths->folder, "state.db");
    paths->old_db = file_join(arena, directory, "state.db");
    paths->aside = file_join(arena, directory, "state.db.different");
}

/* --- the old one ---------------------------------------------------------------------------------------- */

/* Nobody writes to it: the journal is locked. */
struct old {
    struct state *state; /* NULL: there is none */
    pthread_t thread;    /* it has `state` until it is joined; the rest is its answer */
    enum status status;
    struct digest digest;
};

/* In the time that reading and applying leave: what it says is needed at the end. */
static void *digest_old(void *context) {
    struct old *old = context;
    thread_lower_priority();
    old->status = state_digest(old->state, &old->digest);
    return NULL;
}

/* One that is damaged is what a new one is made for. */
static void tell_damaged(struct rebuild_result *out) {
    out->had_old = false;
    out->position = 0;
    explain(&out->why, "原来的 state.db 已损坏，无从比较",
            "the old state.db is damaged: there is nothing to compare with");
}

/* A damaged or missing one is nothing to compare with. */
static enum status open_old(const char *directory, struct old *old, struct rebuild_result *out) {
    enum status status = state_open(directory, STORE_READ, &old->state);
    if (status == STATUS_NOT_FOUND || status == STATUS_DAMAGED) {
        old->state = NULL;
        if (status == STATUS_DAMAGED) {
            tell_damaged(out);
        }
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        out->had_old = true;
        out->position = state_position(old->state);
        thread_start(&old->thread, "digest", digest_old, old);
    }
    return status;
}

/* Waits for its digest, unless there was none, or it was closed before. */
static enum status close_old(struct old *old, struct rebuild_result *out) {
    if (!old->state) {
        return STATUS_OK;
    }
    pthread_join(old->thread, NULL);
    state_close(old->state);
    old->state = NULL;
    out->old_digest = old->digest;
    return old->status;
}

/* --- the new one ---------------------------------------------------------------------------------------- */

/* Whether the journal has the record that the old one stands at, and more behind it. */
enum old_place {
    NOWHERE,
    ON_THE_WAY,
    AT_THE_END,
};

/* There the two are comparable. The digest at the end comes with the end, for less. */
static enum status walk_to_old(struct replay_walk *walk, struct rebuild_result *out, enum old_place *place) {
    bool over = false;
    *place = NOWHERE;
    enum status status = replay_walk_to(walk, out->position, NULL, NULL);
    if (status != STATUS_OK || !out->had_old) {
        return status;
    }
    if (replay_walk_position(walk) != out->position) {
        explain(&out->why, "原来的 state.db 停在记录 %" PRIu64 "，日志只到 %" PRIu64,
                "the old state.db stands at record %" PRIu64 ", the journal only reaches %" PRIu64,
                out->position, replay_walk_position(walk));
        return STATUS_OK;
    }
    status = replay_walk_is_over(walk, &over);
    *place = over ? AT_THE_END : ON_THE_WAY;
    return status == STATUS_OK && !over ? state_digest(replay_walk_state(walk), &out->new_digest) : status;
}

static enum status walk_all(struct replay_walk *walk, struct rebuild_result *out, enum old_place *place,
                            struct digest *whole) {
    enum status status = walk_to_old(walk, out, place);
    if (status == STATUS_OK) {
        status = replay_walk_to(walk, UINT64_MAX, NULL, NULL);
    }
    return status == STATUS_OK ? replay_walk_end(walk, whole) : status;
}

static void tell_of(const char *subject, enum status status, struct rebuild_result *out) {
    explain_about(&out->why, subject, status_sentence(status, LANGUAGE_ZH),
                  status_sentence(status, LANGUAGE_EN));
}

/* Room is missing where it writes, wherever it was reading. */
static void tell_failure(struct replay_walk *walk, const struct paths *paths, enum status status,
                         struct rebuild_result *out) {
    uint64_t offset = 0;
    if (status == STATUS_FULL) {
        tell_of(paths->new_db, status, out);
        return;
    }
    const char *where = replay_walk_where(walk, &offset);
    explain(&out->why, "%.150s 第 %" PRIu64 " 字节处，记录 %" PRIu64 "：%s",
            "%.150s at byte %" PRIu64 ", record %" PRIu64 ": %s", where ? where : "journal", offset,
            replay_walk_position(walk) + 1, status_name(status));
}

/* That its pages are damaged shows when all of them were read. */
static enum status compare(struct old *old, struct rebuild_result *out) {
    enum status status = close_old(old, out);
    if (status == STATUS_DAMAGED) {
        tell_damaged(out);
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        tell_of("state.db", status, out);
    }
    out->equal = status == STATUS_OK && digest_equal(&out->old_digest, &out->new_digest);
    return status;
}

static enum status make_new(const char *directory, const struct paths *paths, struct old *old,
                            struct rebuild_result *out) {
    struct replay_walk *walk;
    struct digest whole = { { 0 } };
    enum old_place place = NOWHERE;
    enum status status = replay_walk_open(directory, paths->folder, false, &walk, &out->why);
    if (status != STATUS_OK) {
        return status;
    }
    status = replay_walk_fill(walk);
    if (status == STATUS_OK) {
        status = walk_all(walk, out, &place, &whole);
    }
    out->records = replay_walk_position(walk);
    out->decisions = replay_walk_decisions(walk);
    if (status != STATUS_OK) {
        tell_failure(walk, paths, status, out);
    }
    replay_walk_close(walk);
    if (place == AT_THE_END) {
        out->new_digest = whole;
    }
    if (status == STATUS_OK && place != NOWHERE) {
        status = compare(old, out);
    }
    if (!out->had_old) {
        out->new_digest = whole;
    }
    return status == STATUS_OK ? file_sync(paths->new_db) : status;
}

/* The old one's log must not be taken for the new one's. One that differs is kept for who wants to know
   why. */
static enum status put_in_place(const char *directory, const struct paths *paths,
                                const struct rebuild_result *out) {
    struct state *old;
    if (state_open(directory, STORE_WRITE, &old) == STATUS_OK) {
        state_close(old); /* its log goes into it */
    }
    if (out->had_old && !out->equal) {
        (void)rename(paths->old_db, paths->aside);
    }
    store_remove_log(paths->old_db);
    if (rename(paths->new_db, paths->old_db) != 0) {
        return STATUS_IO;
    }
    (void)rmdir(paths->folder);
    return file_sync_directory(directory);
}

static void clear(const struct paths *paths) {
    store_remove(paths->new_db);
    (void)rmdir(paths->folder);
}

void rebuild_clear(const char *directory) {
    struct arena *arena = arena_new();
    struct paths paths;
    find_paths(directory, arena, &paths);
    clear(&paths);
    arena_free(arena);
}

enum status rebuild(const char *directory, struct rebuild_result *out) {
    struct arena *arena = arena_new();
    struct paths paths;
    struct old old = { .state = NULL };
    int lock = -1;
    memset(out, 0, sizeof(*out));
    find_paths(directory, arena, &paths);
    enum status status = file_lock(paths.lock, &lock);
    if (status == STATUS_OK) {
        status = open_old(directory, &old, out);
    }
    if (status == STATUS_OK) {
        store_remove(paths.new_db); /* of a rebuild that was cut off */
        status = replay_walk_folder(paths.folder, &out->why);
    }
    if (status == STATUS_OK) {
        status = make_new(directory, &paths, &old, out);
        if (status != STATUS_OK) {
            clear(&paths); /* half of one is of no use, and takes the room that is missing */
        }
    }
    (void)close_old(&old, out); /* where it did not come to a comparison */
    if (status == STATUS_OK) {
        status = put_in_place(directory, &paths, out);
    }
    if (lock >= 0) {
        close(lock);
    }
    arena_free(arena);
    return status;
}
