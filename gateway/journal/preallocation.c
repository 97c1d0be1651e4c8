/*
 * preallocation.c - one thread, one wish at a time: the sequencer says which segment comes next and takes
 * it when it gets there. Between two wishes, and while the disk has no space for one, the thread looks at
 * the free space.
 */
#include "journal/preallocation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/condition.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/thread.h"
#include "journal/segment.h"

#define LOOK_EVERY_MS 200

struct preallocation {
    struct preallocation_options options;
    pthread_t thread;
    _Atomic bool full;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work, news;
    bool stopping;
    uint64_t wanted;     /* ordinal to make; 0: none */
    int ready;           /* the one made; -1: none */
    enum status outcome; /* of the last try */
    uint64_t tries;
};

/* Below the reserve only what the gateway must still write may be written. */
static void look_at_space(struct preallocation *preallocation) {
    const struct disk *disk = preallocation->options.folder->disk;
    uint64_t free_bytes = disk->free_bytes(disk->context, preallocation->options.directory);
    counter_set(COUNTER_JOURNAL_FREE, free_bytes < INT64_MAX ? (int64_t)free_bytes : INT64_MAX);
    pthread_mutex_lock(&preallocation->lock);
    bool full = free_bytes < preallocation->options.reserve || preallocation->outcome == STATUS_FULL;
    pthread_mutex_unlock(&preallocation->lock);
    if (atomic_exchange(&preallocation->full, full) != full) {
        log_event(
            full ? LOG_WARN : LOG_INFO, full ? EVENT_JOURNAL_DISK_NEARLY_FULL : EVENT_JOURNAL_DISK_HAS_ROOM,
            LOG_INT("free_bytes", free_bytes), LOG_INT("reserve", preallocation->options.reserve), LOG_END);
    }
}

/* One that an earlier run prepared and did not come to use is as good: a full disk may have no space for
   another. */
static enum status make(struct preallocation *preallocation, uint64_t ordinal) {
    const struct folder *folder = preallocation->options.folder;
    uint64_t size = preallocation->options.segment_size;
    int fd;
    enum status status = segment_make_of_blank(folder, ordinal, ordinal, size, NULL, -1, 0, &fd);
    if (status == STATUS_NOT_FOUND) {
        status = segment_make(folder, ordinal, size, NULL, -1, 0, &fd);
    }
    pthread_mutex_lock(&preallocation->lock);
    if (status == STATUS_OK) {
        preallocation->ready = fd;
        preallocation->wanted = 0;
    }
    preallocation->outcome = status;
    preallocation->tries++;
    pthread_cond_broadcast(&preallocation->news);
    pthread_mutex_unlock(&preallocation->lock);
    return status;
}

static void wait_for_work(struct preallocation *preallocation) {
    condition_wait(&preallocation->work, &preallocation->lock, condition_in(LOOK_EVERY_MS * 1000000LL));
}

static void *run(void *context) {
    struct preallocation *preallocation = context;
    bool failed = false;
    pthread_mutex_lock(&preallocation->lock);
    while (!preallocation->stopping && !failed) {
        uint64_t ordinal = preallocation->wanted;
        pthread_mutex_unlock(&preallocation->lock);
        enum status status = ordinal ? make(preallocation, ordinal) : STATUS_OK;
        failed = status != STATUS_OK && status != STATUS_FULL;
        look_at_space(preallocation);
        pthread_mutex_lock(&preallocation->lock);
        bool more = preallocation->wanted && preallocation->outcome == STATUS_OK;
        if (!preallocation->stopping && !failed && !more) {
            wait_for_work(preallocation);
        }
    }
    pthread_mutex_unlock(&preallocation->lock);
    if (failed) {
        preallocation->options.failed(preallocation->options.context);
    }
    return NULL;
}

struct preallocation *preallocation_start(const struct preallocation_options *options, uint64_t ordinal) {
    require(options->folder->fd >= 0 && options->failed);
    struct preallocation *preallocation = memory_new(sizeof(*preallocation));
    preallocation->options = *options;
    preallocation->wanted = ordinal;
    preallocation->ready = -1;
    pthread_mutex_init(&preallocation->lock, NULL);
    condition_init(&preallocation->work);
    condition_init(&preallocation->news);
    look_at_space(preallocation); /* is_full tells the truth from the start */
    thread_start(&preallocation->thread, "segments", run, preallocation);
    return preallocation;
}

void preallocation_stop(struct preallocation *preallocation) {
    pthread_mutex_lock(&preallocation->lock);
    preallocation->stopping = true;
    pthread_cond_signal(&preallocation->work);
    pthread_mutex_unlock(&preallocation->lock);
    pthread_join(preallocation->thread, NULL);
    folder_close_file(preallocation->options.folder, &preallocation->ready);
    pthread_cond_destroy(&preallocation->work);
    pthread_cond_destroy(&preallocation->news);
    pthread_mutex_destroy(&preallocation->lock);
    free(preallocation);
}

enum status preallocation_take(struct preallocation *preallocation, int *fd) {
    pthread_mutex_lock(&preallocation->lock);
    uint64_t tries = preallocation->tries;
    bool refused = preallocation->outcome == STATUS_FULL;
    while (preallocation->ready < 0
           && (preallocation->outcome == STATUS_OK || (refused && preallocation->tries == tries))) {
        pthread_cond_wait(&preallocation->news, &preallocation->lock);
    }
    enum status status = preallocation->ready >= 0 ? STATUS_OK : preallocation->outcome;
    *fd = preallocation->ready;
    preallocation->ready = -1;
    pthread_mutex_unlock(&preallocation->lock);
    return status;
}

void preallocation_make(struct preallocation *preallocation, uint64_t ordinal) {
    pthread_mutex_lock(&preallocation->lock);
    preallocation->wanted = ordinal;
    pthread_cond_signal(&preallocation->work);
    pthread_mutex_unlock(&preallocation->lock);
}

bool preallocation_is_full(const struct preallocation *preallocation) {
    return atomic_load_explicit(&preallocation->full, memory_order_relaxed);
}
