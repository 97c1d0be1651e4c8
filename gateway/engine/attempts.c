/*
 * attempts.c - three numbers in a shared mapping, and a handler that tells a crash of ours from a death of
 * any kind.
 */
#include "engine/attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

/* attempts: begun and not ended, so each but the one under way was a death; crashes: those of them that are
   explained. */
struct mark {
    _Atomic uint64_t cause, attempts, crashes;
};
struct attempts {
    struct mark *mark;
};

/* --- the handler ---------------------------------------------------------------------------------------- */

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
#define FATAL_SIGNALS (sizeof(fatal_signals) / sizeof(*fatal_signals))

static struct sigaction before[FATAL_SIGNALS];
static struct mark *_Atomic watched;     /* the mark of this process */
static _Thread_local bool deciding_here; /* this thread is between begin and end */

/* Async-signal-safe: stores into the mapping only. A signal sent by another process explains nothing. */
static void note_crash(const siginfo_t *info) {
    struct mark *mark = atomic_load(&watched);
    bool ours = info->si_code > 0 || info->si_pid == getpid();
    if (!mark || !ours) {
        return;
    }
    if (deciding_here) {
        atomic_fetch_add(&mark->crashes, 1);
    } else {
        atomic_store(&mark->cause, 0);
    }
}

static void on_fatal_signal(int number, siginfo_t *info, void *context) {
    note_crash(info);
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        if (fatal_signals[i] == number) {
            (void)sigaction(number, &before[i], NULL);
        }
    }
    if (info->si_code <= 0) { /* sent, also by abort(); a fault comes again by itself */
        (void)raise(number);
    }
}

static void handle_fatal_signals(void) {
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        struct sigaction action = { .sa_sigaction = on_fatal_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
        sigemptyset(&action.sa_mask);
        (void)sigaction(fatal_signals[i], &action, &before[i]);
    }
}

static void leave_fatal_signals(void) {
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        (void)sigaction(fatal_signals[i], &before[i], NULL);
    }
}

/* --- the mark ------------------------------------------------------------------------------------------- */

static enum status map_file(const char *path, struct mark **out) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        return file_status(errno);
    }
    /* Its space first: without, a write through the mapping would find the disk full by a signal. */
    int error = posix_fallocate(fd, 0, sizeof(struct mark));
    void *mapped =
        error == 0 ? mmap(NULL, sizeof(struct mark), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    *out = mapped == MAP_FAILED ? NULL : mapped;
    return *out ? STATUS_OK : file_status(error);
}

enum status attempts_open(const char *directory, struct attempts **out) {
    struct arena *arena = arena_new();
    struct mark *mark;
    enum status status = map_file(file_join(arena, directory, "attempts"), &mark);
    arena_free(arena);
    *out = NULL;
    if (status == STATUS_OK) {
        *out = memory_new(sizeof(**out));
        (*out)->mark = mark;
        atomic_store(&watched, mark);
        handle_fatal_signals();
    }
    return status;
}

void attempts_close(struct attempts *attempts) {
    require(!attempts || atomic_load(&watched) == attempts->mark);
    if (attempts) {
        atomic_store(&watched, NULL);
        leave_fatal_signals();
        munmap(attempts->mark, sizeof(*attempts->mark));
        free(attempts);
    }
}

static bool failed_too_often(const struct mark *mark, enum held_reason *reason) {
    uint64_t crashes = atomic_load(&mark->crashes), deaths = atomic_load(&mark->attempts) - crashes;
    *reason = crashes >= ATTEMPTS_CRASHES_MAX ? HELD_CRASHED : HELD_DIED;
    return crashes >= ATTEMPTS_CRASHES_MAX || deaths >= ATTEMPTS_DEATHS_MAX;
}

bool attempts_begin(struct attempts *attempts, uint64_t cause, enum held_reason *reason) {
    require(cause > 0);
    struct mark *mark = attempts->mark;
    if (atomic_load(&mark->cause) != cause) {
        atomic_store(&mark->attempts, 0);
        atomic_store(&mark->crashes, 0);
    } else if (failed_too_often(mark, reason)) {
        return false;
    }
    atomic_fetch_add(&mark->attempts, 1); /* first: dying between the two must not lose an attempt */
    atomic_store(&mark->cause, cause);
    deciding_here = true;
    return true;
}

void attempts_end(struct attempts *attempts) {
    deciding_here = false;
    atomic_store(&attempts->mark->cause, 0);
}
