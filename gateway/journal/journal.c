/*
 * journal.c - what the other rooms call: entries into the queue, waiting for the mark, opening and closing.
 * What becomes of an entry in the queue is the sequencer's (sequencer.c).
 */
#include "journal/journal.h"

#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/condition.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/thread.h"
#include "journal/recovery.h"
#include "journal/sequencer.h"

#define SEGMENT_SIZE_USUAL (64u << 20)
#define QUEUE_LENGTH_USUAL 4096
#define GATHER_MS_MAX      1000

/* ---- submitting and waiting ---- */

/* Under the lock: a thread that waited inside goes. */
static void depart(struct journal *journal) {
    if (--journal->visitors == 0 && journal->closing) {
        pthread_cond_broadcast(&journal->left);
    }
}

/* Here and not when its turn comes: the sequencer is one, who submits are many. */
static void make_digests(struct entry *entry) {
    const struct record *rec = &entry->rec;
    entry->digests = (struct record_digests){
        .meta = record_digest(rec->meta),
        .fields = record_digest(rec->fields),
        .data = entry->data_digest ? *entry->data_digest : record_digest(rec->data),
    };
}

static enum status submit(struct journal *journal, struct entry *entry, bool waits) {
    uint64_t size = record_size(&entry->rec);
    if (size > RECORD_SIZE_MAX || size > segment_room(journal->options.segment_size)) {
        return STATUS_TOO_LARGE;
    }
    make_digests(entry);
    entry->next = NULL;
    pthread_mutex_lock(&journal->lock);
    journal->visitors++;
    while (waits && entry->reserve && journal->queued >= journal->options.queue_length && !journal->closing
           && !journal->failed) {
        pthread_cond_wait(&journal->room, &journal->lock);
    }
    enum status status = STATUS_OK;
    if (journal->failed) {
        status = STATUS_IO;
    } else if (journal->closing) {
        status = STATUS_CLOSED;
    } else if (!entry->reserve && preallocation_is_full(journal->preallocation)) {
        status = STATUS_FULL;
    } else if (journal->queued >= journal->options.queue_length) {
        status = STATUS_BUSY;
    } else {
        *journal->tail = entry;
        journal->tail = &entry->next;
        journal->queued++;
        atomic_fetch_add_explicit(&journal->waiting, 1, memory_order_relaxed);
        if (journal->sleeping || (journal->gathering && journal->queued >= sequencer_enough(journal))) {
            pthread_cond_signal(&journal->work);
        }
    }
    depart(journal);
    pthread_mutex_unlock(&journal->lock);
    return status;
}

/* What sits behind it would wait for itself. */
static bool is_sequencer(const struct journal *journal) {
    return pthread_equal(pthread_self(), journal->sequencer) != 0;
}

static bool is_complete(const struct entry *entry) {
    const struct record *rec = &entry->rec;
    return rec->kind != RECORD_NONE && entry->done && (rec->meta.at || rec->meta.length == 0)
           && (rec->fields.at || rec->fields.length == 0) && (rec->data.at || rec->data.length == 0);
}

enum status journal_submit(struct journal *journal, struct entry *entry) {
    require(is_complete(entry) && !(entry->reserve && is_sequencer(journal)));
    return submit(journal, entry, true);
}

enum status journal_try_submit(struct journal *journal, struct entry *entry) {
    require(is_complete(entry));
    return submit(journal, entry, false);
}

struct appended {
    sem_t done;
    enum status status;
    void (*placed)(const struct record *rec, void *context);
    void *context;
};

static void note_appended(struct entry *entry, enum status status, void *context) {
    struct appended *appended = context;
    appended->status = status;
    sem_post(&appended->done);
}

static enum admit tell_placed(struct entry *entry, void *context) {
    const struct appended *appended = context;
    appended->placed(&entry->rec, appended->context);
    return ADMIT_APPEND;
}

enum status journal_append_told(struct journal *journal, struct record *rec, bool reserve,
                                void (*placed)(const struct record *rec, void *context), void *context) {
    require(!is_sequencer(journal));
    struct appended appended = { .placed = placed, .context = context };
    struct entry entry = { .rec = *rec,
                           .reserve = reserve,
                           .admit = placed ? tell_placed : NULL,
                           .done = note_appended,
                           .context = &appended };
    sem_init(&appended.done, 0, 0);
    enum status status = journal_submit(journal, &entry);
    if (status == STATUS_OK) {
        while (sem_wait(&appended.done) < 0) {
            /* a signal came */
        }
        status = appended.status;
        *rec = entry.rec;
    }
    sem_destroy(&appended.done);
    return status;
}

enum status journal_append(struct journal *journal, struct record *rec, bool reserve) {
    return journal_append_told(journal, rec, reserve, NULL, NULL);
}

/* ---- following ---- */

struct following {
    struct journal *journal;
    void (*placed)(const struct record *rec, void *context);
    void *context;
    uint64_t first;
    struct appended appended;
};

/* Between two records, on the thread that places them: so the follower needs no lock, and misses and
 * doubles none. */
static enum admit take_over(struct entry *entry, void *context) {
    struct following *following = context;
    following->journal->placed = following->placed;
    following->journal->placed_context = following->context;
    following->first = entry->rec.number;
    entry->turned_away = STATUS_OK; /* it was never to be appended */
    return ADMIT_TURN_AWAY;
}

static void note_taken_over(struct entry *entry, enum status status, void *context) {
    struct following *following = context;
    note_appended(entry, status, &following->appended);
}

static void wait_until_ended(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    journal->visitors++;
    while (!journal->ended) {
        pthread_cond_wait(&journal->moved, &journal->lock);
    }
    depart(journal);
    pthread_mutex_unlock(&journal->lock);
}

enum status journal_follow(struct journal *journal, void (*placed)(const struct record *rec, void *context),
                           void *context, uint64_t *first) {
    struct following following = { .journal = journal, .placed = placed, .context = context };
    struct entry entry = {
        .reserve = true,
        .admit = take_over,
        .done = note_taken_over,
        .context = &following,
    };
    require(!is_sequencer(journal));
    sem_init(&following.appended.done, 0, 0);
    enum status status = submit(journal, &entry, true);
    if (status == STATUS_OK) {
        while (sem_wait(&following.appended.done) < 0) {
            /* a signal came */
        }
        status = following.appended.status;
    }
    if (status != STATUS_OK) {
        wait_until_ended(journal);
    }
    sem_destroy(&following.appended.done);
    *first = following.first;
    return status;
}

struct clock *journal_clock(const struct journal *journal) {
    return journal->clock;
}

uint64_t journal_durable(const struct journal *journal) {
    return atomic_load_explicit(&journal->durable, memory_order_acquire);
}

size_t journal_waiting(const struct journal *journal) {
    return atomic_load_explicit(&journal->waiting, memory_order_relaxed);
}

bool journal_is_full(const struct journal *journal) {
    return preallocation_is_full(journal->preallocation);
}

uint64_t journal_reserve(const struct journal *journal) {
    return journal->options.reserve;
}

uint64_t journal_wait(struct journal *journal, uint64_t number, int timeout_ms) {
    require(timeout_ms >= 0 && !is_sequencer(journal));
    int64_t until = condition_in(timeout_ms * 1000000LL);
    bool early = true;
    pthread_mutex_lock(&journal->lock);
    journal->visitors++;
    while (journal->mark.number <= number && !journal->closing && early) {
        early = condition_wait(&journal->moved, &journal->lock, until);
    }
    uint64_t mark = journal->mark.number;
    depart(journal);
    pthread_mutex_unlock(&journal->lock);
    return mark;
}

struct journal_mark journal_mark(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    struct journal_mark mark = journal->mark;
    pthread_mutex_unlock(&journal->lock);
    return mark;
}

const char *journal_name(const struct journal *journal) {
    return journal->name;
}

const struct folder *journal_folder(const struct journal *journal) {
    return &journal->folder;
}

/* ---- opening and closing ---- */

static enum status take_options(struct journal *journal, const struct journal_options *options) {
    journal->options = *options;
    struct journal_options *mine = &journal->options;
    mine->directory = memory_string(mine->directory);
    mine->name = mine->name && mine->name[0] != '\0' ? mine->name : NULL;
    if (mine->segment_size == 0) {
        mine->segment_size = SEGMENT_SIZE_USUAL;
    }
    if (mine->segment_size < SEGMENT_SIZE_MIN || mine->segment_size > SEGMENT_SIZE_MAX
        || (mine->name && !journal_name_is_possible(mine->name)) || mine->segment_size % SEGMENT_PAGE != 0
        || mine->gather_ms < 0 || mine->gather_ms > GATHER_MS_MAX) {
        return STATUS_BAD_CONFIG;
    }
    if (mine->reserve == 0) {
        mine->reserve = 2 * mine->segment_size;
    }
    if (mine->queue_length == 0) {
        mine->queue_length = QUEUE_LENGTH_USUAL;
    }
    journal->folder.disk = mine->disk ? mine->disk : &disk_real;
    return STATUS_OK;
}

/* Makes the folder if there is none, locks and opens it. */
static enum status enter(struct journal *journal) {
    const char *directory = journal->options.directory;
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/journal/lock", directory);
    if (length >= (int)sizeof(path)) {
        return STATUS_BAD_CONFIG;
    }
    path[length - (int)strlen("/lock")] = '\0';
    enum status status = file_make_directory(path);
    if (status == STATUS_OK) {
        strcat(path, "/lock");
        status = file_lock(path, &journal->lock_fd);
    }
    if (status == STATUS_OK) {
        status = file_sync_directory(directory);
    }
    return status == STATUS_OK ? folder_open(&journal->folder, journal->folder.disk, directory) : status;
}

static void write_report(const struct recovery *recovery, enum status status, struct journal_report *report) {
    *report = (struct journal_report){
        .records = recovery->after.next - 1,
        .segments = recovery->segments,
        .torn_bytes = recovery->torn_bytes,
        .torn_records = recovery->torn_records,
        .last = recovery->after.stamp,
    };
    if (status == STATUS_DAMAGED) {
        char name[SEGMENT_NAME_MAX];
        snprintf(report->segment, sizeof(report->segment), "journal/%s",
                 segment_name(recovery->damaged_ordinal, "seg", name));
        report->offset = recovery->damaged_offset;
        report->damage = recovery->damage;
    }
}

/* A new journal gets its name here, which then stands in its first segment; an old one has it. */
static enum status settle_name(const struct journal *journal, struct segment_header *header) {
    const char *wanted = journal->options.name;
    if (header->name[0] != '\0') {
        return !wanted || strcmp(wanted, header->name) == 0 ? STATUS_OK : STATUS_BAD_CONFIG;
    }
    if (wanted) {
        strcpy(header->name, wanted);
    } else {
        journal_name_make(header->name);
    }
    return STATUS_OK;
}

static enum status recover(struct journal *journal, struct journal_report *report) {
    struct recovery recovery;
    enum status status = recovery_scan(&journal->folder, &recovery);
    write_report(&recovery, status, report);
    if (status == STATUS_OK) {
        status = settle_name(journal, &recovery.header);
        strcpy(report->name, recovery.header.name);
        strcpy(journal->name, recovery.header.name);
    }
    if (status == STATUS_OK) {
        status = writer_open(&journal->writer, &journal->folder, &recovery, journal->options.segment_size);
    }
    return status;
}

static void start(struct journal *journal) {
    pthread_mutex_init(&journal->lock, NULL);
    condition_init(&journal->work);
    condition_init(&journal->room);
    condition_init(&journal->moved);
    condition_init(&journal->left);
    journal->tail = &journal->head;
    journal->clock =
        clock_new(&journal->options.clock, journal->writer.after.stamp, journal->options.clock_gap);
    sequencer_move_mark(journal);
    struct preallocation_options preallocation = {
        .folder = &journal->folder,
        .directory = journal->options.directory,
        .segment_size = journal->options.segment_size,
        .reserve = journal->options.reserve,
        .failed = sequencer_fail,
        .context = journal,
    };
    journal->preallocation = preallocation_start(&preallocation, journal->writer.header.ordinal + 1);
    thread_start(&journal->sequencer, "sequencer", sequencer_run, journal);
    if (journal->options.scrub.bytes_s > 0) {
        journal->scrub = scrub_start(&journal->options.scrub, &journal->folder, journal_mark, journal);
    }
}

static void leave(struct journal *journal) {
    folder_close(&journal->folder);
    if (journal->lock_fd >= 0) {
        close(journal->lock_fd);
    }
    free((char *)journal->options.directory);
    free(journal);
}

enum status journal_open(const struct journal_options *options, struct journal **out,
                         struct journal_report *report) {
    require(options->directory && out && report);
    struct journal *journal = memory_new(sizeof(*journal));
    journal->lock_fd = journal->folder.fd = -1;
    *report = (struct journal_report){ 0 };
    *out = NULL;
    enum status status = take_options(journal, options);
    if (status == STATUS_OK) {
        status = enter(journal);
    }
    if (status == STATUS_OK) {
        status = recover(journal, report);
    }
    if (status != STATUS_OK) {
        leave(journal);
        return status;
    }
    start(journal);
    *out = journal;
    return STATUS_OK;
}

void journal_close(struct journal *journal) {
    if (!journal) {
        return;
    }
    require(!is_sequencer(journal));
    scrub_stop(journal->scrub);
    pthread_mutex_lock(&journal->lock);
    journal->closing = true;
    pthread_cond_broadcast(&journal->work);
    pthread_cond_broadcast(&journal->room);
    pthread_cond_broadcast(&journal->moved);
    while (journal->visitors > 0) {
        pthread_cond_wait(&journal->left, &journal->lock);
    }
    pthread_mutex_unlock(&journal->lock);
    pthread_join(journal->sequencer, NULL);
    preallocation_stop(journal->preallocation);
    writer_close(&journal->writer);
    clock_free(journal->clock);
    pthread_cond_destroy(&journal->work);
    pthread_cond_destroy(&journal->room);
    pthread_cond_destroy(&journal->moved);
    pthread_cond_destroy(&journal->left);
    pthread_mutex_destroy(&journal->lock);
    leave(journal);
}
