/*
 * bench_adapters_files.c - what taking a file costs while 1,000 and while 1,000,000 of them wait in one
 * OutBox: read, answered into InBox, moved to SentBox. Both boxes are served in turn, a hundred files
 * each time, and told is the ratio: processor time, and what passes.
 *
 * With the number of files as argument (1000000).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "adapters/files/outbox.h"
#include "bench_clock.h"

#define FEW    1000
#define PIECE  100 /* files of a box in one turn */
#define ROUNDS 9   /* the first is not counted */
#define LENGTH 300

struct crowd {
    struct outbox *outbox;
    struct task_queue taken;
    struct outbox_reading reading;
    char folder[64];
    long waiting, named;
    double cpu_us, wall_us;
    long files;
};

static double micros(clockid_t clock) {
    return clock_s(clock) * 1e6;
}

static void drop(struct crowd *box, long count) {
    char name[128], content[LENGTH];
    memset(content, 'x', sizeof(content));
    struct timespec old[2] = { { .tv_sec = time(NULL) - 60 }, { .tv_sec = time(NULL) - 60 } };
    for (long i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%s/OutBox/m%09ld.xml", box->folder, box->named++);
        int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        require(fd >= 0 && write(fd, content, sizeof(content)) == sizeof(content) && futimens(fd, old) == 0);
        close(fd);
    }
    box->waiting += count;
}

static void open_box(struct crowd *box, const char *root, const char *name, long count) {
    char path[128];
    snprintf(box->folder, sizeof(box->folder), "%s/%s", root, name);
    snprintf(path, sizeof(path), "%s/OutBox", box->folder);
    require(mkdir(box->folder, 0700) == 0 && mkdir(path, 0700) == 0);
    require(task_queue_init(&box->taken));
    box->reading = (struct outbox_reading){ .inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                                            .scan_ms = 5000,
                                            .settle_ms = 500,
                                            .taken = &box->taken };
    box->outbox = outbox_new(name, box->folder, "");
    drop(box, count);
}

/* As the loop's thread would: an answer to each. */
static void serve(struct crowd *box, long count) {
    long served = 0;
    while (served < count) {
        outbox_scan(box->outbox, &box->reading, stamp_monotonic_ms());
        for (struct task *task = task_queue_take(&box->taken), *next; task; task = next, served++) {
            next = task->next;
            task->kind = TASK_ANSWERED;
            task->to = BOX_SENT;
            snprintf(task->target, sizeof(task->target), "Successed_%.200s", task->name);
            buf_clear(&task->bytes);
            buf_add_string(&task->bytes, "<response/>");
            outbox_answer(task);
        }
    }
    box->waiting -= served;
    box->files += served;
}

static void measure(struct crowd *box) {
    double cpu = micros(CLOCK_THREAD_CPUTIME_ID), wall = micros(CLOCK_MONOTONIC);
    serve(box, PIECE);
    box->cpu_us += micros(CLOCK_THREAD_CPUTIME_ID) - cpu;
    box->wall_us += micros(CLOCK_MONOTONIC) - wall;
}

static void close_box(struct crowd *box) {
    outbox_free(box->outbox);
    close(box->reading.inotify_fd);
    task_queue_release(&box->taken);
}

int main(int argc, char **argv) {
    long many = argc > 1 ? atol(argv[1]) : 1000 * 1000;
    char root[] = "/tmp/clearway-bench-XXXXXX", command[64];
    struct crowd boxes[2] = { 0 }, *few = &boxes[0], *most = &boxes[1];
    struct rusage before, after;
    require(many > FEW && mkdtemp(root));
    open_box(few, root, "few", FEW);
    open_box(most, root, "many", many);
    getrusage(RUSAGE_SELF, &before);
    for (int round = 0; round < ROUNDS; round++) {
        if (few->waiting < FEW) {
            drop(few, FEW - few->waiting);
        }
        for (int i = 0; i < 2; i++) {
            measure(&boxes[(round + i) % 2]);
        }
        for (int i = 0; round == 0 && i < 2; i++) {
            boxes[i].cpu_us = boxes[i].wall_us = 0;
            boxes[i].files = 0;
        }
    }
    getrusage(RUSAGE_SELF, &after);
    double cost[2], pace[2];
    for (int i = 0; i < 2; i++) {
        cost[i] = boxes[i].cpu_us / (double)boxes[i].files;
        pace[i] = 1e6 * (double)boxes[i].files / boxes[i].wall_us;
        printf("%8ld files wait: %.1f us of processor time each, %.0f a second\n", i ? many : (long)FEW,
               cost[i], pace[i]);
    }
    printf("ratio %ld/%d: processor time %.2f, rate %.2f; memory grew by %ld KiB\n", many, FEW,
           cost[1] / cost[0], pace[1] / pace[0], after.ru_maxrss - before.ru_maxrss);
    close_box(few);
    close_box(most);
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command) == 0 ? 0 : 1;
}
