/*
 * journal.c - the queue of entries and the sequencer thread, which alone writes through the writer.
 *
 * A batch on its way: take() pops what waits, and where many send at once gathers a moment first, since a
 * batch costs the same for three records as for fifty, here and in all who are woken by it; place() decides
 * about one entry and adds its record to the writer's batch; commit() writes, syncs, moves the mark and calls
 * done() for all entries placed since the last commit, in their order. A record that does not fit into the
 * rest of the segment commits what was placed, and turns the page.
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
#include "base/thread.h"
#include "journal/disk.h"
#include "journal/mark.h"
#include "journal/preallocation.h"
#include "journal/recovery.h"
#include "journal/writer.h"

#define SEGMENT_SIZE_USUAL (64u << 20)
#define QUEUE_LENGTH_USUAL 4096
#define GATHER_MS_MAX      1000
#define GATHER_FROM        8 /* entries of a batch that tell of many senders at once */

struct journal {
    struct journal_options options;
    struct folder folder;
    int lock_fd;
    char name[JOURNAL_NAME_MAX];
    struct preallocation *preallocation;
    struct scrub *scrub; /* NULL: none */
    struct clock *clock;
    pthread_t sequencer;
    _Atomic uint64_t durable;
    _Atomic size_t waiting;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;  /* for the sequencer: entries, closing, failed */
    pthread_cond_t room;  /* for submitters of reserve entries */
    pthread_cond_t moved; /* for journal_wait() */
    pthread_cond_t left;  /* for journal_close(): a visitor is gone */
    struct entry *head, **tail;
    size_t queued, visitors;                          /* visitors: threads waiting inside */
    bool sleeping, gathering, closing, failed, ended; /* ended: the sequencer places nothing any more */
    struct journal_mark mark;

    struct writer writer; /* the sequencer's own, as is what follows */
    struct entry *batch[WRITER_BATCH_RECORDS];
    enum status outcome[WRITER_BATCH_RECORDS];
    size_t count, first; /* entries of the batch; those before `first` are done */
    void (*placed)(const struct record *rec, void *context); /* NULL: nobody follows */
    void *placed_context;
};

/* ---- the sequencer ---- */

static bool is_failed(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    bool failed = journal->failed;
    pthread_mutex_unlock(&journal->lock);
    return failed;
}

static void set_failed(void *context) {
    struct journal *journal = context;
    pthread_mutex_lock(&journal->lock);
    journal->failed = true;
    pthread_cond_broadcast(&journal->work);
    pthread_cond_broadcast(&journal->room);
    pthread_mutex_unlock(&journal->lock);
}

static void finish(struct journal *journal, struct entry *entry, enum status status) {
    atomic_fetch_sub_explicit(&journal->waiting, 1, memory_order_relaxed);
    entry->done(entry, status, entry->context); /* the entry may be gone now */
}

static struct entry *pop(struct journal *journal) {
    struct entry *entry = journal->head;
    journal->head = entry->next;
    if (!journal->head) {
        journal->tail = &journal->head;
    }
    journal->queued--;
    return entry;
}

static int64_t in_ms(int ms) {
    return condition_in(ms * 1000000LL);
}

/* What fills a batch, or what the queue can hold. */
static size_t enough(const struct journal *journal) {
    size_t length = journal->options.queue_length;
    return length < WRITER_BATCH_RECORDS ? length : WRITER_BATCH_RECORDS;
}

/* Who waits for room needs no call: the queue is full then, which is enough. */
static void gather(struct journal *journal) {
    int64_t until = in_ms(journal->options.gather_ms);
    bool early = true;
    journal->gathering = true;
    while (journal->queued < enough(journal) && !journal->closing && !journal->failed && early) {
        early = condition_wait(&journal->work, &journal->lock, until);
    }
    journal->gathering = false;
}

/* Waits until there are entries, or nothing more to do. False: none came for a while, and the records written
 * since the last mark deserve one. */
static bool wait_for_entries(struct journal *journal) {
    bool restless = journal->options.idle_ms > 0 && !writer_is_at_rest(&journal->writer);
    int64_t until = in_ms(journal->options.idle_ms);
    bool early = true;
    while (!journal->head && !journal->closing && !journal->failed && early) {
        journal->sleeping = true;
        if (restless) {
            early = condition_wait(&journal->work, &journal->lock, until);
        } else {
            pthread_cond_wait(&journal->work, &journal->lock);
        }
        journal->sleeping = false;
    }
    return early || journal->closing || journal->failed;
}

enum taken { TAKEN_BATCH, TAKEN_IDLE, TAKEN_NOTHING };

/* Waits for entries and takes a batch of them. IDLE: there is time for a mark. NOTHING: no more will come. */
static enum taken take(struct journal *journal) {
    uint64_t bytes = 0;
    bool many = journal->count >= GATHER_FROM; /* in the batch before */
    journal->count = journal->first = 0;
    pthread_mutex_lock(&journal->lock);
    if (many && journal->options.gather_ms > 0) {
        gather(journal);
    }
    bool idle = !wait_for_entries(journal);
    while (journal->head && !journal->failed && journal->count < WRITER_BATCH_RECORDS) {
        bytes += record_size(&journal->head->rec);
        if (journal->count > 0 && bytes > WRITER_BATCH_BYTES) {
            break;
        }
        journal->batch[journal->count++] = pop(journal);
    }
    if (journal->visitors > 0) {
        pthread_cond_broadcast(&journal->room);
    }
    pthread_mutex_unlock(&journal->lock);
    return journal->count > 0 ? TAKEN_BATCH : idle ? TAKEN_IDLE : TAKEN_NOTHING;
}

static void move_mark(struct journal *journal) {
    const struct writer *writer = &journal->writer;
    require(writer->count == 0);
    pthread_mutex_lock(&journal->lock);
    require(writer->after.next > journal->mark.number && writer->header.ordinal >= journal->mark.ordinal);
    journal->mark = (struct journal_mark){ writer->after.next - 1, writer->header.ordinal, writer->end };
    atomic_store_explicit(&journal->durable, journal->mark.number, memory_order_release);
    if (journal->visitors > 0) {
        pthread_cond_broadcast(&journal->moved);
    }
    pthread_mutex_unlock(&journal->lock);
}

/* Makes durable and answers all entries placed before `limit`. An entry is answered only here, behind the
 * sync: before it a power cut could take back what we said. */
static enum status commit(struct journal *journal, size_t limit) {
    enum status status = writer_commit(&journal->writer);
    if (status != STATUS_OK || is_failed(journal)) {
        return STATUS_IO;
    }
    move_mark(journal);
    while (journal->first < limit) {
        size_t i = journal->first++;
        finish(journal, journal->batch[i], journal->outcome[i]);
    }
    return STATUS_OK;
}

static bool is_closing(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    bool closing = journal->closing;
    pthread_mutex_unlock(&journal->lock);
    return closing;
}

/* Goes on to the next segment. FULL: there is no space for one, and no time to wait for it. */
static enum status turn(struct journal *journal) {
    int fd;
    enum status status;
    while ((status = preallocation_take(journal->preallocation, &fd)) == STATUS_FULL) {
        if (is_closing(journal)) {
            return STATUS_FULL;
        }
    }
    if (status != STATUS_OK) {
        return STATUS_IO;
    }
    status = writer_turn(&journal->writer, fd, journal->options.segment_size);
    if (status == STATUS_OK) {
        move_mark(journal);
        preallocation_make(journal->preallocation, journal->writer.header.ordinal + 1);
    }
    return status;
}

static void address(struct journal *journal, struct record *rec) {
    const struct link *after = &journal->writer.after;
    stamp now = clock_now(journal->clock);
    rec->number = after->next;
    rec->stamp = now > after->stamp ? now : after->stamp;
    rec->durable = journal->mark.number; /* only this thread moves it */
}

static bool is_same(struct text a, struct text b) {
    return a.at == b.at && a.length == b.length;
}

/* Lets the entry's own admit() decide, and makes the digests of what it put in the place of parts. */
static enum admit ask(struct entry *entry) {
    if (!entry->admit) {
        return ADMIT_APPEND;
    }
    const struct record before = entry->rec;
    enum admit admit = entry->admit(entry, entry->context);
    const struct record *rec = &entry->rec;
    if (admit == ADMIT_APPEND) {
        entry->digests.meta =
            is_same(before.meta, rec->meta) ? entry->digests.meta : record_digest(rec->meta);
        entry->digests.fields =
            is_same(before.fields, rec->fields) ? entry->digests.fields : record_digest(rec->fields);
        entry->digests.data =
            is_same(before.data, rec->data) ? entry->digests.data : record_digest(rec->data);
    }
    return admit;
}

/* Decides about entry i and adds its record to the writer's batch. IO, CLOSED end everything behind it
   too. */
static enum status place(struct journal *journal, size_t i) {
    struct entry *entry = journal->batch[i];
    journal->outcome[i] = STATUS_OK;
    entry->earlier = 0;
    if (!entry->reserve && preallocation_is_full(journal->preallocation)) {
        journal->outcome[i] = STATUS_FULL; /* before admit(): what was admitted must be written */
        return STATUS_OK;
    }
    address(journal, &entry->rec);
    enum admit admit = ask(entry);
    if (admit != ADMIT_APPEND) {
        bool away = admit == ADMIT_TURN_AWAY;
        require(away || (entry->earlier > 0 && entry->earlier < journal->writer.after.next));
        journal->outcome[i] = away ? entry->turned_away : STATUS_OK;
        entry->rec.number = 0;
        return STATUS_OK;
    }
    uint64_t size = record_size(&entry->rec);
    require(size <= RECORD_SIZE_MAX && size <= segment_room(journal->options.segment_size));
    if (!writer_fits(&journal->writer, size)) {
        enum status status = commit(journal, i);
        if (status == STATUS_OK) {
            status = turn(journal);
        }
        if (status != STATUS_OK) {
            return status == STATUS_FULL ? STATUS_CLOSED : status;
        }
        entry->rec.durable = journal->mark.number;
    }
    writer_add(&journal->writer, &entry->rec, &entry->digests);
    if (journal->placed) {
        journal->placed(&entry->rec, journal->placed_context);
    }
    return STATUS_OK;
}

static enum status write_batch(struct journal *journal) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < journal->count; i++) {
        status = place(journal, i);
    }
    return status == STATUS_OK ? commit(journal, journal->count) : status;
}

/* Answers all that is in flight or queued. */
static void give_up(struct journal *journal, enum status status) {
    while (journal->first < journal->count) {
        size_t i = journal->first++;
        finish(journal, journal->batch[i], status);
    }
    pthread_mutex_lock(&journal->lock);
    while (journal->head) {
        struct entry *entry = pop(journal);
        pthread_mutex_unlock(&journal->lock);
        finish(journal, entry, status);
        pthread_mutex_lock(&journal->lock);
    }
    pthread_mutex_unlock(&journal->lock);
}

static void set_ended(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    journal->ended = true;
    pthread_cond_broadcast(&journal->moved);
    pthread_mutex_unlock(&journal->lock);
}

static void *sequence(void *context) {
    struct journal *journal = context;
    enum status status = STATUS_OK;
    enum taken taken = TAKEN_BATCH;
    while (status == STATUS_OK && (taken = take(journal)) != TAKEN_NOTHING) {
        status = taken == TAKEN_BATCH ? write_batch(journal) : writer_rest(&journal->writer);
    }
    if (status != STATUS_IO && !is_failed(journal)) {
        give_up(journal, STATUS_CLOSED); /* what still waited for space, if anything did */
        status = writer_rest(&journal->writer);
    }
    bool failed = status != STATUS_OK || is_failed(journal);
    if (failed) {
        set_failed(journal); /* first of all, so that nobody queues behind the entries that are told */
        give_up(journal, STATUS_IO);
    }
    set_ended(journal);
    if (failed && journal->options.on_failure) {
        journal->options.on_failure(STATUS_IO, journal->options.context);
    }
    return NULL;
}

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
        if (journal->sleeping || (journal->gathering && journal->queued >= enough(journal))) {
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
};

static void note_appended(struct entry *entry, enum status status, void *context) {
    struct appended *appended = context;
    appended->status = status;
    sem_post(&appended->done);
}

enum status journal_append(struct journal *journal, struct record *rec, bool reserve) {
    require(!is_sequencer(journal));
    struct appended appended;
    sem_init(&appended.done, 0, 0);
    struct entry entry = { .rec = *rec, .reserve = reserve, .done = note_appended, .context = &appended };
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

uint64_t journal_wait(struct journal *journal, uint64_t number, int timeout_ms) {
    require(timeout_ms >= 0 && !is_sequencer(journal));
    int64_t until = in_ms(timeout_ms);
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
    move_mark(journal);
    struct preallocation_options preallocation = {
        .folder = &journal->folder,
        .directory = journal->options.directory,
        .segment_size = journal->options.segment_size,
        .reserve = journal->options.reserve,
        .failed = set_failed,
        .context = journal,
    };
    journal->preallocation = preallocation_start(&preallocation, journal->writer.header.ordinal + 1);
    thread_start(&journal->sequencer, "sequencer", sequence, journal);
    if (journal->options.scrub.bytes_s > 0) {
        journal->scrub = scrub_start(&journal->options.scrub, journal);
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
