/*
 * sequencer.c - one thread takes entries from the queue and writes them through the writer, which nobody
 * else has.
 *
 * A batch on its way: take() pops what waits, and where many send at once gathers a moment first, since a
 * batch costs the same for three records as for fifty, here and in all who are woken by it; place() decides
 * about one entry and adds its record to the writer's batch; commit() writes, syncs, moves the mark and
 * calls done() for all entries placed since the last commit, in their order. A record that does not fit
 * into the rest of the segment commits what was placed, and turns the page. When nothing comes for a while
 * the segment is marked.
 */
#include "journal/sequencer.h"

#include <stdatomic.h>

#include "base/condition.h"
#include "base/counters.h"

#define GATHER_FROM 8 /* entries of a batch that tell of many senders at once */
#define NS_PER_MS   1000000LL

static bool is_failed(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    bool failed = journal->failed;
    pthread_mutex_unlock(&journal->lock);
    return failed;
}

void sequencer_fail(void *context) {
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

size_t sequencer_enough(const struct journal *journal) {
    size_t length = journal->options.queue_length;
    return length < WRITER_BATCH_RECORDS ? length : WRITER_BATCH_RECORDS;
}

/* Who waits for room needs no call: the queue is full then, which is enough. */
static void gather(struct journal *journal) {
    int64_t until = condition_in(journal->options.gather_ms * NS_PER_MS);
    bool early = true;
    journal->gathering = true;
    while (journal->queued < sequencer_enough(journal) && !journal->closing && !journal->failed && early) {
        early = condition_wait(&journal->work, &journal->lock, until);
    }
    journal->gathering = false;
}

/* Waits until there are entries, or nothing more to do. False: none came for a while, and the records written
 * since the last mark deserve one. */
static bool wait_for_entries(struct journal *journal) {
    bool restless = journal->options.idle_ms > 0 && !writer_is_at_rest(&journal->writer);
    int64_t until = condition_in(journal->options.idle_ms * NS_PER_MS);
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

void sequencer_move_mark(struct journal *journal) {
    const struct writer *writer = &journal->writer;
    require(writer->count == 0);
    pthread_mutex_lock(&journal->lock);
    require(writer->after.next > journal->mark.number && writer->header.ordinal >= journal->mark.ordinal);
    journal->mark = (struct journal_mark){ writer->after.next - 1, writer->header.ordinal, writer->end };
    atomic_store_explicit(&journal->durable, journal->mark.number, memory_order_release);
    counter_set(COUNTER_JOURNAL_DURABLE, (int64_t)journal->mark.number);
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
    sequencer_move_mark(journal);
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
        sequencer_move_mark(journal);
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

void *sequencer_run(void *context) {
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
        sequencer_fail(journal); /* first of all, so that nobody queues behind the entries that are told */
        give_up(journal, STATUS_IO);
    }
    set_ended(journal);
    if (failed && journal->options.on_failure) {
        journal->options.on_failure(STATUS_IO, journal->options.context);
    }
    return NULL;
}
