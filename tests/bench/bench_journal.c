/*
 * bench_journal.c [DIRECTORY] - appending through the journal against a raw loop of pwrite + fdatasync into a
 * pre-written file, with the same bytes in a batch, taking turns in one run.
 *
 * "in a segment": everything goes into one segment, as the raw loop does. "turning": segments of 64 MiB, so
 * that each byte is written twice, once as the zero it replaces; raw is the same as before.
 * Only the ratio says something; the disk decides the rest.
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "bench_clock.h"

#define RECORD_BYTES  10240
#define LARGE_SEGMENT (512ull << 20)
#define ROUND_BYTES   (64ull << 20) /* a round ends after so many ... */
#define ROUND_S       0.7           /* ... or so long */
#define ROUNDS        5

static char directory[256];
static char payload[RECORD_BYTES];
static struct digest payload_digest; /* made once, as a worker makes it before it submits */

static double now(void) {
    return clock_s(CLOCK_MONOTONIC);
}

static void must(bool good, const char *what) {
    if (!good) {
        perror(what);
        exit(1);
    }
}

/* ---- the raw loop ---- */

static int raw_new(void) {
    char path[300];
    snprintf(path, sizeof(path), "%s/raw", directory);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    must(fd >= 0, path);
    char *zeros = memory_new(1 << 20);
    for (uint64_t at = 0; at < LARGE_SEGMENT; at += 1 << 20) {
        must(pwrite(fd, zeros, 1 << 20, (off_t)at) == 1 << 20, "pwrite");
    }
    free(zeros);
    must(fsync(fd) == 0, "fsync");
    return fd;
}

/* Records a second. */
static double raw_round(int fd, size_t batch, uint64_t *offset) {
    size_t length = batch * RECORD_BYTES;
    char *bytes = memory_new(length);
    uint64_t written = 0;
    double start = now();
    while (written < ROUND_BYTES && now() - start < ROUND_S) {
        if (*offset + length > LARGE_SEGMENT) {
            *offset = 0;
        }
        memset(bytes, (int)(written / length), length); /* the batch is put together, as ours is */
        must(pwrite(fd, bytes, length, (off_t)*offset) == (ssize_t)length && fdatasync(fd) == 0,
             "raw append");
        *offset += length;
        written += length;
    }
    double rate = (double)(written / RECORD_BYTES) / (now() - start);
    free(bytes);
    return rate;
}

/* ---- through the journal ---- */

/* `batch` clients, each of which submits its next record when the one before is durable. */
struct clients {
    struct journal *journal;
    double start;
    uint64_t records;
    size_t running;
    sem_t over;
};

static void next_of(struct entry *entry, enum status status, void *context) {
    struct clients *clients = context;
    must(status == STATUS_OK, "append");
    clients->records++;
    if (clients->records * RECORD_BYTES < ROUND_BYTES && now() - clients->start < ROUND_S) {
        must(journal_submit(clients->journal, entry) == STATUS_OK, "submit");
    } else if (--clients->running == 0) {
        sem_post(&clients->over);
    }
}

static double journal_round(struct journal *journal, size_t batch) {
    struct clients clients = { .journal = journal, .start = now(), .running = batch };
    struct entry *entries = memory_array(batch, sizeof(*entries));
    sem_init(&clients.over, 0, 0);
    for (size_t i = 0; i < batch; i++) {
        entries[i] = (struct entry){
            .rec = { .kind = RECORD_MESSAGE, .data = { payload, RECORD_BYTES - 88 } },
            .data_digest = &payload_digest,
            .done = next_of,
            .context = &clients,
        };
        must(journal_submit(journal, &entries[i]) == STATUS_OK, "submit");
    }
    sem_wait(&clients.over);
    double rate = (double)clients.records / (now() - clients.start);
    sem_destroy(&clients.over);
    free(entries);
    return rate;
}

static void wait_for_segment(uint64_t ordinal) {
    char path[320];
    snprintf(path, sizeof(path), "%s/journal/%010llu.seg", directory, (unsigned long long)ordinal);
    while (access(path, F_OK) != 0) {
        usleep(10000);
    }
}

static void clean(void) {
    char command[600];
    snprintf(command, sizeof(command), "rm -rf '%s/journal' '%s/raw'", directory, directory);
    must(system(command) == 0, "rm");
}

/* ---- side by side ---- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values) {
    qsort(values, ROUNDS, sizeof(*values), by_value);
    return values[ROUNDS / 2];
}

static void compare(const char *title, uint64_t segment_size, size_t batch, int raw) {
    struct journal_options options = { .directory = directory, .segment_size = segment_size, .reserve = 1 };
    struct journal_report report;
    struct journal *journal;
    must(journal_open(&options, &journal, &report) == STATUS_OK, "journal_open");
    wait_for_segment(2);
    uint64_t offset = 0;
    double raw_rates[ROUNDS], rates[ROUNDS], ratios[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        raw_rates[i] = raw_round(raw, batch, &offset);
        rates[i] = journal_round(journal, batch);
        ratios[i] = rates[i] / raw_rates[i];
    }
    printf("%-13s batch %4zu   raw %8.0f/s   journal %8.0f/s   ratio %.2f\n", title, batch, median(raw_rates),
           median(rates), median(ratios));
    fflush(stdout);
    struct reader *reader = reader_new(journal);
    struct record rec;
    double start = now();
    uint64_t bytes = 0;
    enum status status;
    while ((status = reader_next(reader, &rec)) == STATUS_OK) {
        bytes += record_size(&rec);
    }
    must(status == STATUS_NOT_FOUND, "reading");
    double seconds = now() - start;
    if (batch == 256) {
        printf("%-13s reading %.0f MB in order: %.0f MB/s\n", title, (double)bytes / 1e6,
               (double)bytes / 1e6 / seconds);
    }
    reader_free(reader);
    journal_close(journal);
}

int main(int argc, char **argv) {
    snprintf(directory, sizeof(directory), "%s/bench-journal-XXXXXX", argc > 1 ? argv[1] : ".");
    must(mkdtemp(directory), directory);
    for (size_t i = 0; i < sizeof(payload); i++) {
        payload[i] = (char)(i * 131);
    }
    payload_digest = digest_of(payload, RECORD_BYTES - 88);
    printf("append of %d-byte records, durable, median of %d rounds\n", RECORD_BYTES, ROUNDS);
    static const size_t batches[] = { 1, 8, 64, 256 };
    for (int turning = 0; turning <= 1; turning++) {
        for (size_t i = 0; i < sizeof(batches) / sizeof(*batches); i++) {
            int raw = raw_new();
            compare(turning ? "turning" : "in a segment", turning ? 64u << 20 : LARGE_SEGMENT, batches[i],
                    raw);
            close(raw);
            clean();
        }
    }
    rmdir(directory);
    return 0;
}
