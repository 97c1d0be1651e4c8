/*
 * scrub.c - a walk (walk.h) over a disk that lets it read slowly.
 *
 * The walk knows nothing of rates: it reads through a folder of its own, whose disk passes each call on to
 * the journal's and, before a read, waits until that many bytes are due. So whatever it reads counts,
 * headers and zeros too. When the scrub is stopped the read under way, or waiting, fails with ECANCELED,
 * and the walk comes back from wherever it is.
 */
#include "journal/scrub.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/condition.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"
#include "base/thread.h"
#include "journal/mark.h"
#include "journal/pace.h"
#include "journal/walk.h"

#define BLOCK     (256u << 10)
#define NS_PER_MS 1000000LL
#define AGAIN_MS  1000

struct scrub {
    struct scrub_options options;
    struct journal_mark (*mark)(struct journal *journal);
    struct journal *journal;
    const struct disk *inner; /* the journal's */
    struct disk disk;         /* ours, before it */
    struct folder folder;
    struct pace pace;
    bool sealed; /* the segment under way is */
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t stop;
    bool stopping;
};

/* False: stopped. */
static bool wait_for(struct scrub *scrub, int64_t ns) {
    int64_t until = condition_in(ns);
    pthread_mutex_lock(&scrub->lock);
    bool early = ns > 0;
    while (!scrub->stopping && early) {
        early = condition_wait(&scrub->stop, &scrub->lock, until);
    }
    bool stopping = scrub->stopping;
    pthread_mutex_unlock(&scrub->lock);
    return !stopping;
}

static bool is_stopping(struct scrub *scrub) {
    return !wait_for(scrub, 0);
}

/* ---- the slow disk ---- */

static int slow_open(void *context, int folder, const char *name, int flags) {
    struct scrub *scrub = context;
    int fd = scrub->inner->open(scrub->inner->context, folder, name, flags);
    if (fd >= 0) { /* no reading ahead of what is due */
        scrub->inner->advise(scrub->inner->context, fd, 0, 0, POSIX_FADV_RANDOM);
    }
    return fd;
}

static int slow_close(void *context, int fd) {
    struct scrub *scrub = context;
    return scrub->inner->close(scrub->inner->context, fd);
}

/* Whole pages: of one that is only partly named the kernel drops nothing. */
static void drop(struct scrub *scrub, int fd, size_t length, uint64_t offset) {
    if (scrub->sealed) {
        uint64_t from = offset / SEGMENT_PAGE * SEGMENT_PAGE;
        uint64_t to = (offset + length + SEGMENT_PAGE - 1) / SEGMENT_PAGE * SEGMENT_PAGE;
        scrub->inner->advise(scrub->inner->context, fd, from, to - from, POSIX_FADV_DONTNEED);
    }
}

static ssize_t slow_read(void *context, int fd, void *bytes, size_t length, uint64_t offset) {
    struct scrub *scrub = context;
    if (!wait_for(scrub, pace_wait(&scrub->pace, condition_in(0), length))) {
        errno = ECANCELED;
        return -1;
    }
    drop(scrub, fd, length, offset);
    ssize_t got = scrub->inner->read(scrub->inner->context, fd, bytes, length, offset);
    drop(scrub, fd, length, offset);
    if (got > 0) {
        counter_add(COUNTER_JOURNAL_SCRUBBED, got);
    }
    return got;
}

/* ---- a pass ---- */

static void report_damage(const struct walk_fault *fault) {
    char name[SEGMENT_NAME_MAX];
    log_event_bounded(LOG_ERROR, EVENT_JOURNAL_SCRUB_FOUND_DAMAGE,
                      LOG_STRING("segment", segment_name(fault->ordinal, "seg", name)),
                      LOG_INT("offset", fault->offset), LOG_INT("record", fault->number),
                      LOG_STRING("reason", damage_sentence(fault->damage, LANGUAGE_EN)), LOG_END);
}

static void report_unread(uint64_t ordinal, const struct segment_walk *walk, enum status status) {
    char name[SEGMENT_NAME_MAX];
    log_event_bounded(LOG_ERROR, EVENT_JOURNAL_SCRUB_CANNOT_READ,
                      LOG_STRING("segment", segment_name(ordinal, "seg", name)),
                      LOG_INT("offset", walk->offset), LOG_STRING("status", status_name(status)), LOG_END);
}

/* What a pass has found. Gauges fall only at its end: until then what the one before found stands. */
struct finds {
    int64_t damaged, unread;
};

static void show(const struct finds *finds, const struct finds *before) {
    bool more = finds->damaged > before->damaged;
    counter_set(COUNTER_JOURNAL_DAMAGED, more ? finds->damaged : before->damaged);
    more = finds->unread > before->unread;
    counter_set(COUNTER_JOURNAL_UNREAD, more ? finds->unread : before->unread);
}

/* False: stopped. */
static bool check_segment(struct scrub *scrub, struct segment_walk *walk, uint64_t ordinal, uint64_t end,
                          struct finds *finds) {
    scrub->sealed = end == WALK_SEALED;
    enum status status;
    while ((status = walk_segment(walk, ordinal, end)) == STATUS_FULL
           && wait_for(scrub, AGAIN_MS * NS_PER_MS)) {
        /* no descriptor was left to open it with */
    }
    if (is_stopping(scrub)) {
        return false;
    }
    if (status == STATUS_DAMAGED) {
        report_damage(&walk->fault);
        finds->damaged++;
    } else if (status != STATUS_OK) {
        report_unread(ordinal, walk, status);
        finds->unread++;
    }
    if (status != STATUS_OK) {
        walk_anew(walk);
    }
    counter_set(COUNTER_JOURNAL_SCRUB_POSITION, (int64_t)walk->after.next - 1);
    return true;
}

static void pass(struct scrub *scrub, struct finds *before) {
    struct journal_mark mark = scrub->mark(scrub->journal);
    struct finds finds = { 0 };
    struct segment_walk walk;
    bool going = true;
    walk_init(&walk, &scrub->folder, BLOCK);
    for (uint64_t ordinal = 1; going && ordinal <= mark.ordinal; ordinal++) {
        going = check_segment(scrub, &walk, ordinal, ordinal < mark.ordinal ? WALK_SEALED : mark.end, &finds);
        show(&finds, before);
    }
    walk_release(&walk);
    if (going) {
        *before = finds;
        show(&finds, before);
    }
    if (going && finds.unread == 0) {
        counter_set(COUNTER_JOURNAL_SCRUB_PASSED, stamp_now() / STAMP_SECOND);
    }
}

static void *run(void *context) {
    struct scrub *scrub = context;
    struct finds before = { 0 };
    int64_t pause_ms = scrub->options.pause_ms > 0 ? scrub->options.pause_ms : 1;
    thread_lower_priority();
    do {
        pass(scrub, &before);
    } while (wait_for(scrub, pause_ms * NS_PER_MS));
    return NULL;
}

/* ---- starting and stopping ---- */

struct scrub *scrub_start(const struct scrub_options *options, const struct folder *folder,
                          struct journal_mark (*mark)(struct journal *journal), struct journal *journal) {
    require(journal && options->bytes_s > 0);
    struct scrub *scrub = memory_new(sizeof(*scrub));
    scrub->options = *options;
    scrub->mark = mark;
    scrub->journal = journal;
    scrub->inner = folder->disk;
    scrub->disk =
        (struct disk){ .open = slow_open, .close = slow_close, .read = slow_read, .context = scrub };
    scrub->folder = (struct folder){ &scrub->disk, folder->fd };
    scrub->pace = (struct pace){ .bytes_s = options->bytes_s };
    pthread_mutex_init(&scrub->lock, NULL);
    condition_init(&scrub->stop);
    thread_start(&scrub->thread, "scrub", run, scrub);
    return scrub;
}

void scrub_stop(struct scrub *scrub) {
    if (!scrub) {
        return;
    }
    pthread_mutex_lock(&scrub->lock);
    scrub->stopping = true;
    pthread_cond_signal(&scrub->stop);
    pthread_mutex_unlock(&scrub->lock);
    pthread_join(scrub->thread, NULL);
    pthread_cond_destroy(&scrub->stop);
    pthread_mutex_destroy(&scrub->lock);
    free(scrub);
}
