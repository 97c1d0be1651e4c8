/*
 * sequencer.h - what the two halves of a journal share: the calls of the other rooms (journal.c), on any
 * thread, and the one thread that gives records their order (sequencer.c).
 */
#ifndef JOURNAL_SEQUENCER_H
#define JOURNAL_SEQUENCER_H

#include <pthread.h>

#include "journal/disk.h"
#include "journal/journal.h"
#include "journal/mark.h"
#include "journal/preallocation.h"
#include "journal/scrub.h"
#include "journal/writer.h"

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

/* The thread; its context is the journal, whose writer is open. It ends when the journal closes or fails. */
void *sequencer_run(void *journal);
/* Nothing is written any more, and nothing acknowledged. Any thread. */
void sequencer_fail(void *journal);
/* The mark stands where the writer stands. The sequencer's thread, or before that starts. */
void sequencer_move_mark(struct journal *journal);
/* So many entries waiting that it need not gather longer: what fills a batch, or what the queue can hold. */
size_t sequencer_enough(const struct journal *journal);

#endif
