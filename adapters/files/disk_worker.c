/*
 * disk_worker.c - waits for tasks, for what inotify tells, and for the next scan that is due.
 */
#include "adapters/files/disk_worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"

struct disk_worker {
    struct outbox_reading reading;
    struct outbox **boxes; /* of parties that are not blocked */
    size_t boxes_count;
    struct task_queue tasks;
    struct task_queue *to_loop;
    pthread_t thread;
};

/* --- events ------------------------------------------------------------------------------------------ */

static void note_event(struct disk_worker *disk, const struct inotify_event *event) {
    int64_t now_ms = stamp_monotonic_ms();
    for (size_t i = 0; i < disk->boxes_count; i++) {
        struct outbox *outbox = disk->boxes[i];
        if (event->mask & IN_Q_OVERFLOW) {
            outbox_look_again(outbox, now_ms);
        } else if (outbox->watch == event->wd && event->len && (event->mask & IN_MOVED_TO)) {
            outbox_moved_in(outbox, &disk->reading, event->name);
        } else if (outbox->watch == event->wd) {
            outbox_look_again(outbox, now_ms + disk->reading.settle_ms);
        }
    }
}

static void read_events(struct disk_worker *disk) {
    _Alignas(struct inotify_event) char buffer[16 * 1024];
    for (ssize_t got; (got = read(disk->reading.inotify_fd, buffer, sizeof(buffer))) > 0;) {
        for (char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            note_event(disk, event);
            at += sizeof(*event) + event->len;
        }
    }
}

/* --- tasks ------------------------------------------------------------------------------------------- */

static void change_boxes(struct disk_worker *disk, struct task *task) {
    for (size_t i = 0; i < disk->boxes_count; i++) {
        struct outbox *outbox = disk->boxes[i];
        bool stays = false;
        for (size_t k = 0; !stays && k < task->boxes_count; k++) {
            stays = task->boxes[k] == outbox;
        }
        outbox_change(outbox, &disk->reading, stays);
    }
    free(disk->boxes);
    disk->boxes = task->boxes;
    disk->boxes_count = task->boxes_count;
    for (size_t i = 0; i < disk->boxes_count; i++) {
        outbox_look_again(disk->boxes[i], stamp_monotonic_ms());
    }
    task_free(task);
}

static void run_task(struct disk_worker *disk, struct task *task) {
    switch (task->kind) {
    case TASK_PUT:
        task->status = atomic_load(&task->is_given_up) ? STATUS_CLOSED : outbox_deliver(task);
        task_queue_put(disk->to_loop, task);
        break;
    case TASK_ANSWERED: outbox_answer(task); break;
    case TASK_LEFT: outbox_put_back(task); break;
    case TASK_CHANGE: change_boxes(disk, task); break;
    case TASK_TAKEN: panic("a file taken does not come back as it went");
    }
}

static bool run_tasks(struct disk_worker *disk) {
    struct task *task = task_queue_take(&disk->tasks);
    bool any = task != NULL;
    while (task) {
        struct task *next = task->next;
        run_task(disk, task);
        task = next;
    }
    return any;
}

/* --- the thread -------------------------------------------------------------------------------------- */

static int64_t scan_what_is_due(struct disk_worker *disk) {
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < disk->boxes_count; i++) {
        struct outbox *outbox = disk->boxes[i];
        int64_t now_ms = stamp_monotonic_ms();
        if (outbox->scan_ms <= now_ms) {
            outbox_scan(outbox, &disk->reading, now_ms);
        }
        next_ms = outbox->scan_ms < next_ms ? outbox->scan_ms : next_ms;
    }
    return next_ms;
}

static void *disk_main(void *argument) {
    struct disk_worker *disk = argument;
    struct pollfd fds[] = { { .fd = disk->tasks.fd, .events = POLLIN },
                            { .fd = disk->reading.inotify_fd, .events = POLLIN } };
    while (!task_queue_is_closed(&disk->tasks)) {
        int64_t delay_ms = scan_what_is_due(disk) - stamp_monotonic_ms();
        delay_ms = delay_ms < 0 ? 0 : delay_ms > disk->reading.scan_ms ? disk->reading.scan_ms : delay_ms;
        if (poll(fds, 2, (int)delay_ms) > 0) {
            run_tasks(disk);
            read_events(disk);
        }
    }
    while (run_tasks(disk)) { /* what was answered is put into its box before we end */
    }
    return NULL;
}

static void release(struct disk_worker *disk) {
    if (disk->reading.inotify_fd >= 0) {
        close(disk->reading.inotify_fd);
    }
    task_queue_release(&disk->tasks);
    free(disk->boxes);
    free(disk);
}

enum status disk_worker_start(const struct disk_worker_options *options, struct disk_worker **out) {
    require(options->to_loop && options->scan_ms > 0);
    struct disk_worker *disk = memory_new(sizeof(*disk));
    disk->boxes = options->boxes;
    disk->boxes_count = options->boxes_count;
    disk->to_loop = options->to_loop;
    disk->reading = (struct outbox_reading){ .inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                                             .scan_ms = options->scan_ms,
                                             .settle_ms = options->settle_ms,
                                             .taken = options->to_loop };
    if (disk->reading.inotify_fd < 0) { /* their number has a limit that others may use up */
        log_event(LOG_WARN, EVENT_FILES_NO_INOTIFY, LOG_STRING("reason", strerror(errno)), LOG_END);
    }
    *out = NULL;
    if (!task_queue_init(&disk->tasks) || pthread_create(&disk->thread, NULL, disk_main, disk) != 0) {
        release(disk);
        return STATUS_IO;
    }
    pthread_setname_np(disk->thread, "folders");
    *out = disk;
    return STATUS_OK;
}

void disk_worker_put(struct disk_worker *disk, struct task *task) {
    require(task->kind != TASK_TAKEN); /* which is for the other way */
    task_queue_put(&disk->tasks, task);
}

void disk_worker_stop(struct disk_worker *disk) {
    if (!disk) {
        return;
    }
    task_queue_close(&disk->tasks);
    pthread_join(disk->thread, NULL);
    release(disk);
}
