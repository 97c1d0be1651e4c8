/*
 * bench_journal_open.c [GIGABYTES [DIRECTORY]] - how long a journal of that size (10) takes until it accepts
 * again after a kill: opening reads headers and seals, recovers the open segment and makes it durable.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "journal/journal.h"
#include "journal/verify.h"
#include "bench_clock.h"

#define RECORD_BYTES 10240
#define CLIENTS      256

static char directory[256];
static char payload[RECORD_BYTES];
static uint64_t goal;

static double now(void) {
    return clock_s(CLOCK_MONOTONIC);
}

static void must(bool good, const char *what) {
    if (!good) {
        perror(what);
        exit(1);
    }
}

static struct journal *open_journal(struct journal_report *report) {
    struct journal_options options = { .directory = directory };
    struct journal *journal;
    must(journal_open(&options, &journal, report) == STATUS_OK, "journal_open");
    return journal;
}

static void next_of(struct entry *entry, enum status status, void *context) {
    must(status == STATUS_OK, "append");
    if (entry->rec.number >= goal) {
        raise(SIGKILL);
    }
    must(journal_submit(context, entry) == STATUS_OK, "submit");
}

/* In a child, which kills itself in the middle of it. */
static void fill(void) {
    pid_t child = fork();
    if (child == 0) {
        struct journal_report report;
        struct journal *journal = open_journal(&report);
        struct entry *entries = memory_array(CLIENTS, sizeof(*entries));
        for (size_t i = 0; i < CLIENTS; i++) {
            entries[i] =
                (struct entry){ .rec = { .kind = RECORD_MESSAGE, .data = { payload, RECORD_BYTES - 88 } },
                                .done = next_of,
                                .context = journal };
            must(journal_submit(journal, &entries[i]) == STATUS_OK, "submit");
        }
        pause();
    }
    int status;
    must(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "filling");
}

int main(int argc, char **argv) {
    uint64_t gigabytes = argc > 1 ? strtoull(argv[1], NULL, 10) : 10;
    goal = gigabytes * 1000000000 / RECORD_BYTES;
    snprintf(directory, sizeof(directory), "%s/bench-journal-XXXXXX", argc > 2 ? argv[2] : ".");
    must(mkdtemp(directory), directory);
    double start = now();
    fill();
    printf("%llu GB in %llu records written in %.1f s\n", (unsigned long long)gigabytes,
           (unsigned long long)goal, now() - start);
    struct journal_report report;
    start = now();
    struct journal *journal = open_journal(&report);
    struct record rec = { .kind = RECORD_TICK };
    must(journal_append(journal, &rec, true) == STATUS_OK, "append");
    printf("opening after a kill, to the first durable record: %.2f s (%llu segments, %llu records)\n",
           now() - start, (unsigned long long)report.segments, (unsigned long long)report.records);
    journal_close(journal);
    struct journal_verdict verdict;
    start = now();
    must(journal_verify(directory, &verdict) == STATUS_OK, "verify");
    double seconds = now() - start;
    printf("verifying all of it: %.1f s, %.0f MB/s\n", seconds, (double)verdict.bytes / 1e6 / seconds);
    char command[300];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}
