/*
 * outbox.h - a party's OutBox: what is taken from it, what is under way from it, and what its party is told.
 *
 * It is looked through when something came (inotify), and every so often, in bites (listing.h): where all
 * places are taken a look stops, and goes on from there when some are free again, so that a million files
 * cost no more each than a thousand. A file that can be read is under way until its response lies in InBox
 * and it has left for SentBox or FailBox, or until the gateway says later; one that cannot is put away with
 * the reason.
 *
 * Thread    the disk thread, but for what is said to be the loop thread's.
 * Limits    16 files under way, or those that make 16 MiB; 64 names looked at, 8 of them put away, before
 *           the others' turn; what a listing holds.
 */
#ifndef ADAPTERS_FILES_OUTBOX_H
#define ADAPTERS_FILES_OUTBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "adapters/files/listing.h"
#include "adapters/files/task.h"

/* It stays until the end, for what is under way; one that an edition names as another did is the same. */
struct outbox {
    char *party;   /* its code; constant, as the next two are */
    char *folder;  /* in which its OutBox stands */
    char *form;    /* of a response about what has no format */
    bool is_named; /* by the edition in force; loop thread */
    int watch;     /* of inotify; -1: none */
    bool prepared;
    _Atomic int fault;          /* errno: why one of its boxes cannot be used, as last looked; 0: nothing */
    _Atomic int64_t stalled_ms; /* since when files lie there and none was done with; 0: none do */
    struct task *under_way;
    size_t count, bytes;
    struct listing *listing; /* of the look that has begun; NULL: none has */
    bool again;              /* something may lie there that it has gone by */
    bool more;               /* files wait for a place */
    size_t put_away;         /* since its last scan */
    int64_t scan_ms;         /* when its OutBox is looked at next */
    int64_t rest_ms;         /* nothing is taken before: the gateway was busy */
    int64_t list_ms;         /* no look begins before: the last one was long */
};

/* What all that are looked at share. */
struct outbox_reading {
    int inotify_fd;           /* negative: none, the scans must do */
    int scan_ms, settle_ms;   /* files.h */
    struct task_queue *taken; /* for files that were read */
};

struct outbox *outbox_new(const char *party, const char *folder, const char *form);
void outbox_free(struct outbox *outbox); /* and what is under way: the files still lie there */

/* Begins to look through what lies there or goes on with it, prepares the boxes if that is still to do, and
 * says when to look next. */
void outbox_scan(struct outbox *outbox, const struct outbox_reading *reading, int64_t now_ms);
/* A file was moved in under that name: nobody is writing it. */
void outbox_moved_in(struct outbox *outbox, const struct outbox_reading *reading, const char *name);
/* Something has come, or may have: all that lies there is looked at then, if not sooner. */
void outbox_look_again(struct outbox *outbox, int64_t at_ms);
/* Nobody looks at it any more, or (stays) somebody goes on. */
void outbox_change(struct outbox *outbox, const struct outbox_reading *reading, bool stays);

/* The end of a file under way, and of its task: its response is put, and it leaves its OutBox; or it was not
 * recorded, and is put away or looked at later. */
void outbox_answer(struct task *task);
void outbox_put_back(struct task *task);
/* Puts a delivery into InBox. BUSY: the first response must come before it. */
enum status outbox_deliver(const struct task *task);

/* Why its folder cannot be used, as an errno, or 0; and for how long files have lain there while none was
 * done with. Any thread. */
int outbox_fault(const struct outbox *outbox);
int64_t outbox_stalled_ms(const struct outbox *outbox, int64_t now_ms);

/* Any thread: the event, with party, file and status. */
void outbox_log(const struct outbox *outbox, enum log_event event, const char *name, enum status status);

#endif
