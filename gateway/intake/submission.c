/*
 * submission.c - what its record says of it.
 */
#include "intake/submission.h"

struct text submission_keep(struct submission *submission, const struct buf *buf) {
    return (struct text){ arena_copy(submission->arena, buf_text(buf)), buf->length };
}

void submission_write_meta(struct submission *submission) {
    struct buf meta;
    buf_init(&meta, SUBMISSION_META_MAX + SUBMISSION_META_MORE);
    metadata_write(&submission->metadata, &meta);
    require(!buf_failed(&meta));
    submission->entry.rec.meta = submission_keep(submission, &meta);
    buf_release(&meta);
}
