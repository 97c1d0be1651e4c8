/*
 * appender.c - an entry's way: submitted → with the sequencer → among those that came back → told on the
 * loop.
 */
#include "journal/appender.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct appending {
    struct entry entry; /* first: done() finds its appending */
    struct appender *appender;
    enum status status;
    void (*done)(void *context, enum status status, uint64_t number);
    void *context;
    struct appending *next; /* of those that came back */
    char meta[];
};

struct appender {
    struct journal *journal;
    struct loop *loop;
    pthread_mutex_t lock;
    pthread_cond_t came_back;
    struct appending *back, **last; /* under the lock, oldest first */
    size_t under_way;               /* under the lock: with the sequencer */
    size_t untold;                  /* loop thread */
    bool asked;                     /* under the lock: the loop will collect them */
};

struct appender *appender_new(struct journal *journal, struct loop *loop) {
    require(journal && loop);
    struct appender *appender = memory_new(sizeof(*appender));
    appender->journal = journal;
    appender->loop = loop;
    appender->last = &appender->back;
    pthread_mutex_init(&appender->lock, NULL);
    pthread_cond_init(&appender->came_back, NULL);
    return appender;
}

static void collect(void *context) {
    struct appender *appender = context;
    pthread_mutex_lock(&appender->lock);
    struct appending *first = appender->back;
    appender->back = NULL;
    appender->last = &appender->back;
    appender->asked = false;
    pthread_mutex_unlock(&appender->lock);
    for (struct appending *appending = first, *next; appending; appending = next) {
        next = appending->next;
        appender->untold--;
        appending->done(appending->context, appending->status, appending->entry.rec.number);
        free(appending);
    }
}

/* Sequencer thread. */
static void come_back(struct entry *entry, enum status status, void *context) {
    struct appending *appending = (struct appending *)entry;
    struct appender *appender = appending->appender;
    appending->status = status;
    pthread_mutex_lock(&appender->lock);
    *appender->last = appending;
    appender->last = &appending->next;
    if (!appender->asked) { /* under the lock: who frees the appender waits for it */
        appender->asked = true;
        loop_post(appender->loop, collect, appender);
    }
    appender->under_way--;
    pthread_cond_signal(&appender->came_back);
    pthread_mutex_unlock(&appender->lock);
}

enum status appender_append(struct appender *appender, const struct record *rec, bool reserve,
                            void (*done)(void *context, enum status status, uint64_t number), void *context) {
    require(rec->meta.length > 0 && rec->fields.length == 0 && rec->data.length == 0 && done);
    struct appending *appending = memory_new(sizeof(*appending) + rec->meta.length);
    memcpy(appending->meta, rec->meta.at, rec->meta.length);
    appending->entry = (struct entry){
        .rec = { .kind = rec->kind, .meta = { appending->meta, rec->meta.length } },
        .reserve = reserve,
        .done = come_back,
    };
    appending->appender = appender;
    appending->done = done;
    appending->context = context;
    pthread_mutex_lock(&appender->lock);
    appender->under_way++; /* before it may come back */
    pthread_mutex_unlock(&appender->lock);
    enum status status = journal_try_submit(appender->journal, &appending->entry);
    if (status == STATUS_OK) {
        appender->untold++;
        return STATUS_OK;
    }
    pthread_mutex_lock(&appender->lock);
    appender->under_way--;
    pthread_mutex_unlock(&appender->lock);
    free(appending);
    return status;
}

size_t appender_count(const struct appender *appender) {
    return appender->untold;
}

void appender_free(struct appender *appender) {
    if (!appender) {
        return;
    }
    pthread_mutex_lock(&appender->lock);
    while (appender->under_way > 0) {
        pthread_cond_wait(&appender->came_back, &appender->lock);
    }
    pthread_mutex_unlock(&appender->lock);
    collect(appender);
    require(appender->untold == 0);
    pthread_cond_destroy(&appender->came_back);
    pthread_mutex_destroy(&appender->lock);
    free(appender);
}
