/*
 * worker.c - submitted jobs → a queue that is fair to their askers → one thread that answers them → a list of
 * finished ones, from which they are collected. Who goes away interrupts the query that runs for it.
 */
#include "view/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/thread.h"
#include "view/kept.h"
#include "view/statistics/releases.h"

/* Who asks, as long as one of their jobs is not collected, or has more. */
struct view_worker_asker {
    char party[PARTY_CODE_MAX + 1]; /* a copy: his jobs may be of several editions; "": the operator */
    struct queue_flow flow;
    size_t taken; /* jobs; 0: the place is free */
};

#define IDLE_NS     (1000 * INT64_C(1000000)) /* nobody asked for so long: kept answers are looked at */
#define REST_FOR    4                         /* times as long as the last look took it does not look again */
/* Where processors are scarce it gives way to who takes, records and decides: a submission does not wait for
 * a report. Not by more: people wait for it, too. */
#define WORKER_NICE 5

struct view_worker {
    struct view_worker_options options;
    struct view_source source;
    /* The thread's. */
    struct kept *kept;
    const struct edition
        *edition; /* held: of the last job, or newer; by which it keeps up while nobody asks */
    int64_t rests_until_ms;
    struct queue *queue;
    struct view_worker_asker askers[VIEW_JOBS_MAX]; /* who has jobs: each at least one */
    size_t taken;                                   /* jobs of all */
    pthread_t thread;
    bool is_running;

    _Atomic bool is_unwanted; /* what the thread is at: its queries end */
    pthread_mutex_t mutex;    /* for what follows */
    struct view_job *current;
    size_t waiting;  /* jobs that were submitted and not begun */
    bool is_keeping; /* the thread makes kept answers again: a job interrupts it */
    struct view_job *finished, **last;
    const struct edition *changed; /* held: what is in force now; NULL: as before */
    bool is_stopping;
};

/* --- on its thread -------------------------------------------------------------------------------------- */

/* False: nobody wants an answer any more. */
static bool begin(struct view_worker *worker, struct view_job *job) {
    pthread_mutex_lock(&worker->mutex);
    worker->waiting--;
    bool wanted = !job->is_cancelled && !worker->is_stopping;
    if (wanted) {
        atomic_store(&worker->is_unwanted, false);
        worker->current = job;
    }
    pthread_mutex_unlock(&worker->mutex);
    return wanted;
}

static void end(struct view_worker *worker, struct view_job *job) {
    pthread_mutex_lock(&worker->mutex);
    worker->current = NULL;
    *worker->last = job;
    worker->last = &job->next;
    pthread_mutex_unlock(&worker->mutex);
}

static bool begin_keeping(struct view_worker *worker) {
    pthread_mutex_lock(&worker->mutex);
    worker->is_keeping = !worker->waiting && !worker->is_stopping;
    if (worker->is_keeping) {
        atomic_store(&worker->is_unwanted, false);
    }
    bool begun = worker->is_keeping;
    pthread_mutex_unlock(&worker->mutex);
    return begun;
}

static void end_keeping(struct view_worker *worker) {
    pthread_mutex_lock(&worker->mutex);
    worker->is_keeping = false;
    pthread_mutex_unlock(&worker->mutex);
}

static void hold_edition(struct view_worker *worker, const struct edition *edition) {
    if (worker->edition != edition) {
        edition_release(worker->edition);
        worker->edition = edition_take(edition);
    }
}

static void take_changed(struct view_worker *worker) {
    pthread_mutex_lock(&worker->mutex);
    const struct edition *changed = worker->changed;
    worker->changed = NULL;
    pthread_mutex_unlock(&worker->mutex);
    if (changed) {
        hold_edition(worker, changed);
        edition_release(changed);
    }
}

/* It rests the longer the longer it took: a large month is not made again all the time. */
static void keep_up(struct view_worker *worker) {
    int64_t began_ms = worker->options.now_ms();
    take_changed(worker);
    if (began_ms < worker->rests_until_ms || !begin_keeping(worker)) {
        return;
    }
    worker->source.edition = worker->edition;
    releases_follow(worker->source.releases, &worker->source);
    while (kept_refresh(worker->kept, &worker->source)) {
    }
    while (worker->options.today
           && releases_prepare(worker->source.releases, &worker->source,
                               worker->options.today(worker->options.context))) {
    }
    end_keeping(worker);
    int64_t ended_ms = worker->options.now_ms();
    worker->rests_until_ms = ended_ms + REST_FOR * (ended_ms - began_ms);
}

static bool has_to_keep(const struct view_worker *worker) {
    return worker->options.today || kept_has_plain(worker->kept)
           || releases_have_any(worker->source.releases);
}

static struct queue_item *next_item(struct view_worker *worker) {
    bool ended = false;
    struct queue_item *item = NULL;
    while (worker->options.now_ms && has_to_keep(worker) && !item && !ended) {
        item = queue_pop_within(worker->queue, IDLE_NS, &ended);
        if (!item && !ended) {
            keep_up(worker);
        }
    }
    return item || ended ? item : queue_pop(worker->queue);
}

static void *run(void *context) {
    struct view_worker *worker = context;
    (void)setpriority(PRIO_PROCESS, 0, WORKER_NICE); /* on Linux of the thread */
    for (struct queue_item *item; (item = next_item(worker));) {
        struct view_job *job = (struct view_job *)item;
        worker->source.edition = job->edition;
        job->question.source = &worker->source;
        job->status = STATUS_CLOSED;
        if (worker->options.now_ms) {
            hold_edition(worker, job->edition);
        }
        if (begin(worker, job)) {
            (void)state_take_failure(worker->source.state); /* of what it interrupted */
            job->status = kept_answer(worker->kept, &job->question, job->form, &job->body);
        }
        queue_done(worker->queue, item);
        end(worker, job);
        worker->options.finished(worker->options.context);
    }
    return NULL;
}

/* --- for its askers ------------------------------------------------------------------------------------- */

enum status view_worker_start(const struct view_worker_options *options, struct view_worker **out) {
    require(options->directory && options->finished && !options->edition == !options->today);
    const struct queue_options queue = {
        .capacity = VIEW_JOBS_MAX, .turn = 1, .long_cost = 1, .long_max = 1
    };
    struct state *state;
    *out = NULL;
    enum status status = state_open(options->directory, STORE_READ, &state);
    if (status != STATUS_OK) {
        return status;
    }
    struct view_worker *worker = *out = memory_new(sizeof(*worker));
    state_on_damage(state, options->on_damage, options->damage_context);
    worker->options = *options;
    worker->source = (struct view_source){
        .state = state,
        .reader = options->journal ? reader_new(options->journal) : NULL,
        .releases = releases_new(options->directory, RELEASES_LAG),
    };
    worker->kept = kept_new();
    worker->edition = options->edition ? edition_take(options->edition) : NULL;
    worker->queue = queue_new(&queue);
    worker->last = &worker->finished;
    store_stop_when(state_store(state), &worker->is_unwanted);
    pthread_mutex_init(&worker->mutex, NULL);
    thread_start(&worker->thread, "reports", run, worker);
    worker->is_running = true;
    return STATUS_OK;
}

/* His place, or a free one: there are as many as jobs. */
static struct view_worker_asker *asker_of(struct view_worker *worker, const char *party) {
    struct view_worker_asker *free_place = NULL;
    for (size_t i = 0; i < VIEW_JOBS_MAX; i++) {
        struct view_worker_asker *asker = &worker->askers[i];
        if (asker->taken && strcmp(asker->party, party) == 0) {
            return asker;
        }
        free_place = asker->taken ? free_place : asker;
    }
    require(free_place);
    *free_place = (struct view_worker_asker){ .taken = 0 };
    snprintf(free_place->party, sizeof(free_place->party), "%s", party);
    return free_place;
}

void view_worker_change(struct view_worker *worker, const struct edition *edition) {
    const struct edition *taken = edition_take(edition);
    pthread_mutex_lock(&worker->mutex);
    const struct edition *before = worker->changed;
    worker->changed = taken;
    pthread_mutex_unlock(&worker->mutex);
    edition_release(before);
}

/* There is room: the queue has as many places as there are jobs. */
static void push(struct view_worker *worker, struct view_job *job) {
    pthread_mutex_lock(&worker->mutex);
    worker->waiting++;
    if (worker->is_keeping) {
        atomic_store(&worker->is_unwanted, true);
    }
    pthread_mutex_unlock(&worker->mutex);
    require(queue_push(worker->queue, &job->asker->flow, &job->item, 1) == STATUS_OK);
}

enum status view_worker_submit(struct view_worker *worker, struct view_job *job) {
    require(worker->is_running && view_has(job->question.view, job->form) && !job->is_cancelled && !job->next
            && job->edition);
    if (worker->taken == VIEW_JOBS_MAX) {
        return STATUS_BUSY;
    }
    struct view_worker_asker *asker =
        asker_of(worker, job->question.viewer ? job->question.viewer->code : "");
    if (asker->taken >= VIEW_JOBS_MAX - worker->taken) {
        return STATUS_THROTTLED;
    }
    job->asker = asker;
    edition_take(job->edition);
    asker->taken++;
    worker->taken++;
    job->parts = (struct view_parts){ 0 };
    job->question.parts = &job->parts;
    push(worker, job);
    return STATUS_OK;
}

void view_worker_cancel(struct view_worker *worker, struct view_job *job) {
    require(job);
    pthread_mutex_lock(&worker->mutex);
    job->is_cancelled = true;
    if (worker->current == job) {
        atomic_store(&worker->is_unwanted, true);
    }
    pthread_mutex_unlock(&worker->mutex);
}

bool view_job_has_more(const struct view_job *job) {
    return job->status == STATUS_OK && job->parts.more;
}

static void give_place_back(struct view_worker *worker, struct view_job *job) {
    require(worker->taken > 0 && job->asker->taken > 0);
    job->asker->taken--;
    worker->taken--;
    edition_release(job->edition);
    view_parts_release(&job->parts);
}

struct view_job *view_worker_collect(struct view_worker *worker) {
    pthread_mutex_lock(&worker->mutex);
    struct view_job *job = worker->finished;
    if (job) {
        worker->finished = job->next;
        worker->last = worker->finished ? worker->last : &worker->finished;
        job->next = NULL;
    }
    pthread_mutex_unlock(&worker->mutex);
    if (job && !view_job_has_more(job)) {
        give_place_back(worker, job);
    }
    return job;
}

void view_worker_go_on(struct view_worker *worker, struct view_job *job) {
    require(worker->is_running && view_job_has_more(job) && !job->is_cancelled);
    buf_clear(&job->body);
    arena_reset(job->question.arena);
    push(worker, job);
}

void view_worker_give_up(struct view_worker *worker, struct view_job *job) {
    require(view_job_has_more(job));
    give_place_back(worker, job);
}

void view_worker_stop(struct view_worker *worker) {
    require(worker->is_running);
    pthread_mutex_lock(&worker->mutex);
    worker->is_stopping = true;
    atomic_store(&worker->is_unwanted, true);
    pthread_mutex_unlock(&worker->mutex);
    queue_close(worker->queue);
    pthread_join(worker->thread, NULL);
    worker->is_running = false;
}

void view_worker_free(struct view_worker *worker) {
    if (!worker) {
        return;
    }
    require(!worker->is_running && worker->taken == 0);
    queue_free(worker->queue);
    kept_free(worker->kept);
    edition_release(worker->edition);
    edition_release(worker->changed);
    reader_free(worker->source.reader);
    releases_free(worker->source.releases);
    state_close(worker->source.state);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}
