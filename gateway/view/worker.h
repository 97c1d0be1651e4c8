/*
 * worker.h - answers long questions on a thread of its own, so that nobody who asks or sends something else
 * waits for them. What was answered before and still stands is given again (kept.h).
 * Plain answers are made again while nobody asks, so that they stand when they are asked for; and the months
 * that are asked for most are got ready (releases_prepare()). Who asks interrupts that.
 *
 * Owns      the thread, its own handle on state.db, and jobs from submit until they are collected.
 * Promises  every job that was taken is handed back once, also when it was cancelled or the worker stops
 *           (CLOSED). Askers take turns, whatever one of them has waiting. An answer in parts is handed back
 *           with each of them, and keeps its place; who is slow to send on a part holds up nobody, for the
 *           next is made when it is asked for.
 * Limits    one job at a time, VIEW_JOBS_MAX taken in all; of those one asker has at most as many as are
 * still free.
 * Thread    everything on the thread that started it; `finished`, `today` and `on_damage` are called on the
 *           worker's.
 */
#ifndef VIEW_WORKER_H
#define VIEW_WORKER_H

#include "base/buf.h"
#include "base/queue.h"
#include "view/view.h"

#define VIEW_JOBS_MAX 16

struct view_worker;
struct view_worker_asker;

struct view_job {
    struct queue_item item;        /* the worker's; first */
    struct view_question question; /* checked; its source is the worker's */
    const struct edition *edition; /* of its viewer and words; held from submit until it is collected */
    enum view_form form;
    struct view_parts parts;
    struct buf body;    /* what the answer, or its next part, is written into */
    enum status status; /* of the answer, once it is handed back */
    void *context;      /* the asker's */
    bool is_cancelled;
    struct view_worker_asker *asker; /* the worker's */
    struct view_job *next;
};

struct view_worker_options {
    const char *directory;   /* state.db is opened read-only */
    struct journal *journal; /* open longer than the worker; NULL: no question reads a record */
    int64_t (*now_ms)(void); /* by which it rests from making kept answers again; NULL: it makes none */
    /* By which, and for which day, months are got ready; both or none. */
    const struct edition *edition;
    int32_t (*today)(void *context);
    void (*finished)(void *context); /* a job can be collected */
    void *context;
    void (*on_damage)(void *context); /* state.db is not what the journal says; may be NULL */
    void *damage_context;
};

/* As state_open(). */
enum status view_worker_start(const struct view_worker_options *options, struct view_worker **out);
/* Another edition is in force. */
void view_worker_change(struct view_worker *worker, const struct edition *edition);
/* Takes the job. BUSY: no place is left; THROTTLED: none for this asker. */
enum status view_worker_submit(struct view_worker *worker, struct view_job *job);
/* Nobody waits for this one any more: it comes back soon, and CLOSED unless it was finished already. */
void view_worker_cancel(struct view_worker *worker, struct view_job *job);
/* One that is finished, which is the asker's again; NULL: none. */
struct view_job *view_worker_collect(struct view_worker *worker);
/* Of one that was collected: another part of its answer can be had. Then one of these is to be called. */
bool view_job_has_more(const struct view_job *job);
void view_worker_go_on(struct view_worker *worker,
                       struct view_job *job); /* it comes back with that part alone */
void view_worker_give_up(struct view_worker *worker, struct view_job *job); /* nobody waits for it */
/* Ends what is under way. What was taken and not collected yet can be collected now. */
void view_worker_stop(struct view_worker *worker);
/* Stopped, everything collected, and given up that has more; NULL is fine. */
void view_worker_free(struct view_worker *worker);

#endif
