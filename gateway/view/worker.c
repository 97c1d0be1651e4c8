/*
 * worker.c - submitted jobs → a queue that is fair to their askers → one thread that answers them → a list of
 * finished ones, from which they are collected. Who goes away interrupts the query that runs for it.
 */
#include "view/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/thread.h"

struct view_worker {
    struct view_worker_options options;
    struct view_source source;
    struct queue *queue;
    struct queue_flow *flows; /* of each party, and behind them the operator's */
    size_t *taken_of;         /* jobs of each flow that are not collected */
    size_t taken;             /* of all */
    pthread_t thread;
    bool is_running;

    _Atomic bool is_unwanted; /* what the thread is at: its queries end */
    pthread_mutex_t mutex;    /* for what follows */
    struct view_job *current;
    struct view_job *finished, **last;
    bool is_stopping;
};

/* --- on its thread -------------------------------------------------------------------------------------- */

/* False: nobody wants an answer any more. */
static bool begin(struct view_worker *worker, struct view_job *job) {
    pthread_mutex_lock(&worker->mutex);
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

static void *run(void *context) {
    struct view_worker *worker = context;
    for (struct queue_item *item; (item = queue_pop(worker->queue));) {
        struct view_job *job = (struct view_job *)item;
        job->question.source = &worker->source;
        job->status = STATUS_CLOSED;
        if (begin(worker, job)) {
            job->status = view_answer(&job->question, job->form, &job->body);
        }
        queue_done(worker->queue, item);
        end(worker, job);
        worker->options.finished(worker->options.context);
    }
    return NULL;
}

/* --- for its askers ------------------------------------------------------------------------------------- */

enum status view_worker_start(const struct view_worker_options *options, struct view_worker **out) {
    const struct queue_options queue = {
        .capacity = VIEW_JOBS_MAX, .turn = 1, .long_cost = 1, .long_max = 1
    };
    struct state *state;
    *out = NULL;
    enum status status = state_open(options->directory, STORE_READ, &state);
    if (status != STATUS_OK) {
        return status;
    }
    size_t askers = options->edition->parties->count + 1;
    struct view_worker *worker = *out = memory_new(sizeof(*worker));
    state_on_damage(state, options->on_damage, options->damage_context);
    worker->options = *options;
    edition_take(options->edition);
    worker->source = (struct view_source){ .state = state, .edition = options->edition };
    worker->queue = queue_new(&queue);
    worker->flows = memory_array(askers, sizeof(*worker->flows));
    worker->taken_of = memory_array(askers, sizeof(*worker->taken_of));
    worker->last = &worker->finished;
    store_stop_when(state_store(state), &worker->is_unwanted);
    pthread_mutex_init(&worker->mutex, NULL);
    thread_start(&worker->thread, "reports", run, worker);
    worker->is_running = true;
    return STATUS_OK;
}

static size_t asker_of(const struct view_worker *worker, const struct view_job *job) {
    const struct parties *parties = worker->options.edition->parties;
    const struct party *viewer = job->question.viewer;
    size_t asker = viewer ? (size_t)(viewer - parties->list) : parties->count;
    require(asker <= parties->count);
    return asker;
}

enum status view_worker_submit(struct view_worker *worker, struct view_job *job) {
    require(worker->is_running && view_has(job->question.view, job->form) && !job->is_cancelled
            && !job->next);
    size_t asker = asker_of(worker, job);
    if (worker->taken == VIEW_JOBS_MAX) {
        return STATUS_BUSY;
    }
    if (worker->taken_of[asker] >= VIEW_JOBS_MAX - worker->taken) {
        return STATUS_THROTTLED;
    }
    require(queue_push(worker->queue, &worker->flows[asker], &job->item, 1) == STATUS_OK);
    worker->taken_of[asker]++;
    worker->taken++;
    return STATUS_OK;
}

void view_worker_cancel(struct view_worker *worker, struct view_job *job) {
    pthread_mutex_lock(&worker->mutex);
    job->is_cancelled = true;
    if (worker->current == job) {
        atomic_store(&worker->is_unwanted, true);
    }
    pthread_mutex_unlock(&worker->mutex);
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
    if (job) {
        require(worker->taken > 0 && worker->taken_of[asker_of(worker, job)] > 0);
        worker->taken_of[asker_of(worker, job)]--;
        worker->taken--;
    }
    return job;
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
    state_close(worker->source.state);
    pthread_mutex_destroy(&worker->mutex);
    free(worker->flows);
    free(worker->taken_of);
    edition_release(worker->options.edition);
    free(worker);
}
