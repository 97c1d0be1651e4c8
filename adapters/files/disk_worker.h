/*
 * disk_worker.h - the one thread that touches the parties' folders: it looks at their OutBoxes and does what
 * the loop thread hands it. Thread: the caller's is the loop thread.
 */
#ifndef ADAPTERS_FILES_DISK_WORKER_H
#define ADAPTERS_FILES_DISK_WORKER_H

#include <stddef.h>

#include "base/status.h"
#include "adapters/files/outbox.h"
#include "adapters/files/task.h"

struct disk_worker;

struct disk_worker_options {
    struct outbox **boxes; /* that are looked at to begin with; taken, the boxes themselves are borrowed */
    size_t boxes_count;
    int scan_ms, settle_ms;     /* files.h */
    struct task_queue *to_loop; /* for files that were taken, and deliveries that were put; borrowed */
};

/* IO: no descriptor, no thread. */
enum status disk_worker_start(const struct disk_worker_options *options, struct disk_worker **out);
void disk_worker_put(struct disk_worker *disk, struct task *task); /* takes it */
/* What was put is done before it returns. NULL is fine. */
void disk_worker_stop(struct disk_worker *disk);

#endif
