/*
 * fault_disk.h - a disk for the journal that fails when told to, and that knows what a power cut would leave.
 *
 * Calls go through to real files. Beside them the disk remembers, per file, the bytes that were last synced,
 * and per folder the names that were last synced. A cut writes into another directory what could be found
 * after the power came back: of everything not synced each sector of 512 bytes, each file size and the newest
 * of the name changes may or may not have arrived.
 *
 * Sync calls do not reach the real disk: the model keeps what they promise, and tests run at full speed.
 * Index files (.idx) are not counted and do not fail, unless asked for: they are derived.
 */
#ifndef TESTS_FAULT_DISK_H
#define TESTS_FAULT_DISK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/disk.h"

enum fault_call { CALL_OPEN, CALL_READ, CALL_WRITE, CALL_SYNC, CALL_SYNC_NAMES, CALL_RENAME, CALL_UNLINK };

#define CALLS_ALL      0x7fu
#define CALL_BIT(call) (1u << (call))
#define SHORT_WRITE    (-1) /* instead of an errno: half of it is written */

#define FAULT_FILES    256
#define FAULT_NAMES    256

struct fault_file {
    int fd;
    uint8_t *durable;
    size_t durable_size;
};
struct fault_name {
    char name[32];
    int file;
}; /* file -1: none of that name */
struct fault_change {
    struct fault_name changes[2];
    int count;
}; /* what one call did to names */

struct fault_disk {
    struct disk disk; /* hand this to journal_open() */
    pthread_mutex_t lock;

    unsigned kinds;       /* CALL_BITs that count */
    bool index_files;     /* only calls on index files count, instead of all others */
    int fail_at;          /* the call that fails, from 1; 0: none */
    int error;            /* its errno, or SHORT_WRITE */
    bool for_ever;        /* all that count after it too */
    int calls;            /* counted so far */
    bool tripped;         /* it failed ... */
    pthread_t tripped_by; /* ... on this thread ... */
    int writes_after;     /* ... which wrote so often afterwards */

    /* Before each counted call, under the lock. */
    void (*before)(struct fault_disk *disk, enum fault_call call, void *context);
    void *context;

    struct fault_file files[FAULT_FILES];
    int file_count, of_fd[1024]; /* file + 1 */
    bool index_fd[1024];
    struct fault_name names[FAULT_NAMES];   /* as synced */
    struct fault_name current[FAULT_NAMES]; /* as they are now */
    int name_count, current_count;
    struct fault_change changes[FAULT_NAMES]; /* between the two */
    int change_count;
};

enum cut { CUT_ALL_LOST, CUT_ALL_KEPT, CUT_RANDOM };

void fault_disk_init(struct fault_disk *disk);
void fault_disk_release(struct fault_disk *disk);
/* Writes what a cut leaves into target/journal/, which is emptied first. Only from `before`. */
void fault_disk_cut(struct fault_disk *disk, enum cut how, uint64_t *dice, const char *target);
uint64_t fault_dice(uint64_t *dice); /* a small generator: the next random number */

/* The real disk without the waiting: for opening again what was cut. */
struct disk disk_lazy(void);

#endif
