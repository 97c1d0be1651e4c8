/*
 * waiting.h - how a test waits: for a state, never for a time. Where something is not to come and nothing
 * shows that it has not, it is given a moment, by nothing_comes_ms() and by nothing else.
 */
#ifndef TESTS_WAITING_H
#define TESTS_WAITING_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Until something that must happen counts as not happening: nothing waits that long when all is well. */
#define WAITING_MAX_MS 120000

/* What the kernel says of a thread of this process, as in /proc/self/task/N/<what>; "" when it has gone. */
static inline void waiting_read(const char *task, const char *what, char *out, size_t size) {
    char path[300];
    snprintf(path, sizeof(path), "/proc/self/task/%s/%s", task, what);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(out, 1, size - 1, file) : 0;
    out[length] = '\0';
    if (file) {
        fclose(file);
    }
}

/* Whether a thread of this name waits in the kernel: for a lock, a descriptor, a time. */
static inline bool is_asleep(const char *thread) {
    DIR *tasks = opendir("/proc/self/task");
    bool asleep = false;
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        char name[32], stat[512];
        waiting_read(task->d_name, "comm", name, sizeof(name));
        name[strcspn(name, "\n")] = '\0';
        if (strcmp(name, thread) == 0) {
            waiting_read(task->d_name, "stat", stat, sizeof(stat));
            const char *state = strrchr(stat, ')'); /* the name before it may hold anything */
            asleep = state && strncmp(state, ") S", 3) == 0;
        }
    }
    if (tasks) {
        closedir(tasks);
    }
    return asleep;
}

/* Threads that wait for each other: this one goes on when that one waits. Twice, for it may have waited for
 * something on its way. */
static inline void await_asleep(const char *thread) {
    for (int times = 0; times < 2; times += is_asleep(thread)) {
        usleep(200);
    }
}

static inline void nothing_comes_ms(unsigned ms) {
    usleep(ms * 1000);
}

#endif
