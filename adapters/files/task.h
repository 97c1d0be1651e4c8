/*
 * task.h - what the loop thread and the disk thread hand each other: a file under way, a delivery on its way
 * into an InBox, or which boxes are looked at from now on.
 *
 *   disk: read a file ─TAKEN─► loop: intake, answered ─ANSWERED─► disk: response into InBox, file to its box
 *                                 busy, not recorded    ──LEFT─────► disk: forget it, look again later
 *   loop: send()      ──PUT────► disk: into InBox       ──PUT──────► loop: done()
 *   loop: reload      ──CHANGE─► disk: which boxes it looks at
 *
 * A task is always in the hands of one of them; who has it may do with it what it likes, and hands it over or
 * frees it.
 */
#ifndef ADAPTERS_FILES_TASK_H
#define ADAPTERS_FILES_TASK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/status.h"
#include "deliver/port.h"
#include "adapters/files/folder.h"

enum { RESPONSE_MAX = 32 << 20 }; /* all that a record says, each of its bytes escaped */
enum { OUTER_MAX = sizeof("sha256:") + DIGEST_HEX_MAX };

enum task_kind { TASK_TAKEN, TASK_ANSWERED, TASK_LEFT, TASK_PUT, TASK_CHANGE };

struct files;
struct outbox;

struct task {
    struct task *next; /* in a queue */
    enum task_kind kind;
    struct files *files;   /* whose loop thread has it, or had it last */
    struct outbox *outbox; /* NULL: CHANGE */
    /* Of the file, also of the one refused; that of the response or delivery is `target`. */
    char name[FOLDER_NAME_MAX];
    char target[FOLDER_NAME_MAX];
    struct file_identity identity;
    struct buf bytes;             /* the message, later the response; or the delivery */
    char outer[OUTER_MAX];        /* of the archive that the message came in; "": in none */
    char second[FOLDER_NAME_MAX]; /* of a second response, `refusal`; "": there is none */
    struct buf refusal;
    size_t size; /* of the message */
    enum box to;
    uint64_t record;
    bool patient;              /* a refusal that comes again later while its file lies in OutBox */
    struct delivery *delivery; /* loop thread only; NULL once it was cancelled */
    _Atomic bool is_given_up;  /* ... which it was: the disk leaves it out, unless it has begun */
    struct task *sibling;      /* of deliveries out (loop thread), of the outbox's files (disk thread) */
    enum status status;
    struct outbox **boxes; /* CHANGE: those that are looked at from now on; the disk thread takes them */
    size_t boxes_count;
};

struct task *task_new(struct outbox *outbox, enum task_kind kind, size_t bytes_max);
void task_free(struct task *task);

/* From any thread to one. Its limits are those of what is under way: of files outbox.h's, of deliveries the
 * dispatch's. */
struct task_queue {
    pthread_mutex_t mutex; /* guards the rest but fd */
    struct task *first, **end;
    bool closed;
    int fd; /* readable: something was put, or it was closed */
};

bool task_queue_init(struct task_queue *queue); /* false: no descriptor; release it all the same */
void task_queue_release(struct task_queue *queue);
void task_queue_put(struct task_queue *queue, struct task *task); /* takes it */
/* All of them, first first, by `next`; NULL: there is none. Does not wait. */
struct task *task_queue_take(struct task_queue *queue);
void task_queue_close(struct task_queue *queue); /* nothing will be put any more */
bool task_queue_is_closed(struct task_queue *queue);

#endif
