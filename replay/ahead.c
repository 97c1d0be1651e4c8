/*
 * ahead.c - a ring of batches. The thread fills the next one that is free, the taker empties the oldest that
 * is full, so the lock is taken once a batch. A failure is the last thing that a batch tells.
 */
#include "replay/ahead.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/thread.h"
#include "engine/decision_reader.h"

#define BATCHES           64 /* enough to read on while a transaction ends */
#define BATCH_RECORDS_MAX 256
/* And one record more. With so many an arena that is reset keeps its blocks: to give memory back and take it
 * again costs more than to read what goes there. */
#define BATCH_BYTES_MAX   (192u << 10)

struct batch {
    struct arena *arena;
    size_t count;
    enum status end; /* what stands behind the last; OK: another batch */
    struct replay_item items[BATCH_RECORDS_MAX];
};

struct replay_ahead {
    struct reader *reader;
    struct decision_reader *decided;
    bool whole;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t filled_one, emptied_one;
    struct batch *batches[BATCHES];
    size_t filled, emptied; /* so far; guarded by lock */
    bool stopping;
    size_t taken; /* of the oldest batch; the taker's */
};

/* --- the thread that reads ------------------------------------------------------------------------------ */

/* What a record says is read from where it stands; its texts are the reader's until the next one. */
static void keep_texts(const struct replay_ahead *ahead, struct arena *arena, struct record *rec) {
    bool needed = ahead->whole || rec->kind == RECORD_SETUP;
    struct text *texts[] = { &rec->meta, &rec->fields, &rec->data };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        texts[i]->at = needed ? arena_copy(arena, *texts[i]) : NULL;
    }
}

static enum status read_item(struct replay_ahead *ahead, struct arena *arena, struct replay_item *item) {
    struct record *rec = &item->rec;
    enum status status = reader_next(ahead->reader, rec);
    if (status == STATUS_OK) {
        status = apply_read(rec, arena, &item->content);
    }
    if (status != STATUS_OK) {
        return status;
    }
    keep_texts(ahead, arena, rec);
    item->decided = item->content.is_cause
                    && decision_reader_take(ahead->decided, rec->number, arena, &item->decision,
                                            &item->number, &item->at, &status);
    return status;
}

static void fill(struct replay_ahead *ahead, struct batch *batch) {
    arena_reset(batch->arena);
    batch->count = 0;
    batch->end = STATUS_OK;
    while (batch->count < BATCH_RECORDS_MAX && arena_used(batch->arena) < BATCH_BYTES_MAX) {
        batch->end = read_item(ahead, batch->arena, &batch->items[batch->count]);
        if (batch->end != STATUS_OK) {
            return;
        }
        batch->count++;
    }
}

/* NULL: nobody takes any more. */
static struct batch *next_free(struct replay_ahead *ahead) {
    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled - ahead->emptied == BATCHES && !ahead->stopping) {
        pthread_cond_wait(&ahead->emptied_one, &ahead->lock);
    }
    struct batch *batch = ahead->stopping ? NULL : ahead->batches[ahead->filled % BATCHES];
    pthread_mutex_unlock(&ahead->lock);
    return batch;
}

static void *run(void *context) {
    struct replay_ahead *ahead = context;
    struct batch *batch;
    enum status end = STATUS_OK;
    while (end == STATUS_OK && (batch = next_free(ahead))) {
        fill(ahead, batch);
        end = batch->end;
        pthread_mutex_lock(&ahead->lock);
        ahead->filled++;
        pthread_cond_signal(&ahead->filled_one);
        pthread_mutex_unlock(&ahead->lock);
    }
    return NULL;
}

/* --- who takes ------------------------------------------------------------------------------------------ */

enum status replay_ahead_start(const char *directory, bool whole, struct replay_ahead **out) {
    struct replay_ahead *ahead = memory_new(sizeof(*ahead));
    struct reader *decisions = NULL;
    ahead->whole = whole;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->filled_one, NULL);
    pthread_cond_init(&ahead->emptied_one, NULL);
    enum status status = reader_open(directory, &ahead->reader);
    if (status == STATUS_OK) {
        status = reader_open(directory, &decisions);
    }
    if (status == STATUS_OK) {
        status = decision_reader_new(decisions, 1, reader_last(ahead->reader), &ahead->decided);
    }
    if (status == STATUS_OK) {
        status = reader_seek(ahead->reader, 1);
    }
    *out = status == STATUS_OK ? ahead : NULL;
    if (status != STATUS_OK) {
        replay_ahead_stop(ahead);
        return status;
    }
    for (size_t i = 0; i < BATCHES; i++) {
        ahead->batches[i] = memory_new(sizeof(*ahead->batches[i]));
        ahead->batches[i]->arena = arena_new();
    }
    thread_start(&ahead->thread, "replay", run, ahead);
    ahead->started = true;
    return STATUS_OK;
}

void replay_ahead_stop(struct replay_ahead *ahead) {
    if (!ahead) {
        return;
    }
    pthread_mutex_lock(&ahead->lock);
    ahead->stopping = true;
    pthread_cond_signal(&ahead->emptied_one);
    pthread_mutex_unlock(&ahead->lock);
    if (ahead->started) {
        pthread_join(ahead->thread, NULL);
    }
    for (size_t i = 0; i < BATCHES && ahead->batches[i]; i++) {
        arena_free(ahead->batches[i]->arena);
        free(ahead->batches[i]);
    }
    decision_reader_free(ahead->decided);
    reader_free(ahead->reader);
    pthread_cond_destroy(&ahead->filled_one);
    pthread_cond_destroy(&ahead->emptied_one);
    pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}

static const struct batch *oldest(struct replay_ahead *ahead) {
    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled == ahead->emptied) {
        pthread_cond_wait(&ahead->filled_one, &ahead->lock);
    }
    const struct batch *batch = ahead->batches[ahead->emptied % BATCHES];
    pthread_mutex_unlock(&ahead->lock);
    return batch;
}

static void give_back_oldest(struct replay_ahead *ahead) {
    ahead->taken = 0;
    pthread_mutex_lock(&ahead->lock);
    ahead->emptied++;
    pthread_cond_signal(&ahead->emptied_one);
    pthread_mutex_unlock(&ahead->lock);
}

enum status replay_ahead_next(struct replay_ahead *ahead, const struct replay_item **out) {
    const struct batch *batch = oldest(ahead);
    while (ahead->taken == batch->count && batch->end == STATUS_OK) {
        give_back_oldest(ahead);
        batch = oldest(ahead);
    }
    if (ahead->taken == batch->count) {
        return batch->end; /* the last batch stays, so this is told again */
    }
    *out = &batch->items[ahead->taken++];
    return STATUS_OK;
}
