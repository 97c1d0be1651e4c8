#include "journal/keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/condition.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "journal/segment.h"

#define LOOK_EVERY_MS 200

struct keeper {
    struct keeper_options options;
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
static void look_at_space(struct keeper *keeper) {
    const struct disk *disk = keeper->options.folder->disk;
    uint64_t free_bytes = disk->free_bytes(disk->context, keeper->options.directory);
    pthread_mutex_lock(&keeper->lock);
    bool full = free_bytes < keeper->options.reserve || keeper->outcome == STATUS_FULL;
    pthread_mutex_unlock(&keeper->lock);
    if (atomic_exchange(&keeper->full, full) != full) {
        log_event(full ? LOG_WARN : LOG_INFO,
                  full ? EVENT_JOURNAL_DISK_NEARLY_FULL : EVENT_JOURNAL_DISK_HAS_ROOM,
                  LOG_INT("free_bytes", free_bytes), LOG_INT("reserve", keeper->options.reserve), LOG_END);
    }
}

/* One that an earlier run prepared and did not come to use is as good: a full disk may have no space for
   another. */
static enum status make(struct keeper *keeper, uint64_t ordinal) {
    const struct folder *folder = keeper->options.folder;
    uint64_t size = keeper->options.segment_size;
    int fd;
    enum status status = segment_make_of_blank(folder, ordinal, ordinal, size, NULL, -1, 0, &fd);
    if (status == STATUS_NOT_FOUND) {
        status = segment_make(folder, ordinal, size, NULL, -1, 0, &fd);
    }
    pthread_mutex_lock(&keeper->lock);
    if (status == STATUS_OK) {
        keeper->ready = fd;
        keeper->wanted = 0;
    }
    keeper->outcome = status;
    keeper->tries++;
    pthread_cond_broadcast(&keeper->news);
    pthread_mutex_unlock(&keeper->lock);
    return status;
}

static void wait_for_work(struct keeper *keeper) {
    condition_wait(&keeper->work, &keeper->lock, condition_in(LOOK_EVERY_MS * 1000000LL));
}

static void *run(void *context) {
    struct keeper *keeper = context;
    bool failed = false;
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->stopping && !failed) {
        uint64_t ordinal = keeper->wanted;
        pthread_mutex_unlock(&keeper->lock);
        enum status status = ordinal ? make(keeper, ordinal) : STATUS_OK;
        failed = status != STATUS_OK && status != STATUS_FULL;
        look_at_space(keeper);
        pthread_mutex_lock(&keeper->lock);
        bool more = keeper->wanted && keeper->outcome == STATUS_OK;
        if (!keeper->stopping && !failed && !more) {
            wait_for_work(keeper);
        }
    }
    pthread_mutex_unlock(&keeper->lock);
    if (failed) {
        keeper->options.failed(keeper->options.context);
    }
    return NULL;
}

struct keeper *keeper_start(const struct keeper_options *options, uint64_t ordinal) {
    struct keeper *keeper = memory_new(sizeof(*keeper));
    keeper->options = *options;
    keeper->wanted = ordinal;
    keeper->ready = -1;
    pthread_mutex_init(&keeper->lock, NULL);
    condition_init(&keeper->work);
    condition_init(&keeper->news);
    look_at_space(keeper); /* is_full tells the truth from the start */
    thread_start(&keeper->thread, "segments", run, keeper);
    return keeper;
}

void keeper_stop(struct keeper *keeper) {
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->work);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    folder_close_file(keeper->options.folder, &keeper->ready);
    pthread_cond_destroy(&keeper->work);
    pthread_cond_destroy(&keeper->news);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

enum status keeper_take(struct keeper *keeper, int *fd) {
    pthread_mutex_lock(&keeper->lock);
    uint64_t tries = keeper->tries;
    bool refused = keeper->outcome == STATUS_FULL;
    while (keeper->ready < 0 && (keeper->outcome == STATUS_OK || (refused && keeper->tries == tries))) {
        pthread_cond_wait(&keeper->news, &keeper->lock);
    }
    enum status status = keeper->ready >= 0 ? STATUS_OK : keeper->outcome;
    *fd = keeper->ready;
    keeper->ready = -1;
    pthread_mutex_unlock(&keeper->lock);
    return status;
}

void keeper_make(struct keeper *keeper, uint64_t ordinal) {
    pthread_mutex_lock(&keeper->lock);
    keeper->wanted = ordinal;
    pthread_cond_signal(&keeper->work);
    pthread_mutex_unlock(&keeper->lock);
}

bool keeper_is_full(const struct keeper *keeper) {
    return atomic_load_explicit(&keeper->full, memory_order_relaxed);
}
