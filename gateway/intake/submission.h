/*
 * submission.h - one message on its way through intake: its bytes, and what is known of it, in its arena.
 *
 * It goes through three threads and is in the hands of one at a time: the loop thread takes it in
 * (intake.c), a worker judges it and fills its entry, the sequencer asks whether it was here before
 * (admission.h), the loop thread answers it.
 */
#ifndef INTAKE_SUBMISSION_H
#define INTAKE_SUBMISSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/queue.h"
#include "base/status.h"
#include "message/metadata.h"
#include "journal/journal.h"
#include "intake/budget.h"
#include "intake/intake.h"

#define SUBMISSION_META_MAX (4u << 20)
#define SUBMISSION_META_MORE \
    (512 + METADATA_CONFLICT_MAX) /* what a conflict, and any receipt, says more than the meta of a verdict */

struct submission {
    struct queue_item item; /* first: the queue's pointer is ours */
    struct intake *intake;
    struct account *account;
    struct arena *arena;
    struct text bytes; /* as they came */
    struct digest digest;
    struct text message; /* what is recorded: those, or what a wrapper around it held */
    struct metadata metadata;
    struct entry entry;
    uint64_t judged_by; /* which judge of the intake's */
    enum status status;
    void (*answered)(const struct answer *answer, void *context);
    void *context;
    struct submission *next;
    size_t pooled; /* bytes that it keeps while it waits for the next message */
};

/* What stands in buf, in the submission's arena. */
struct text submission_keep(struct submission *submission, const struct buf *buf);
/* The meta of its record says what its metadata says now. */
void submission_write_meta(struct submission *submission);

#endif
