/*
 * decision_reader.c - a reader that stops at decisions only, and keeps one in hand: of that it has read the
 * head, which says whose it is.
 */
#include "engine/decision_reader.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

struct decision_reader {
    struct reader *reader;
    uint64_t last; /* the last record to look at */
    bool over;
    bool in_hand; /* cause and rec are the next one's */
    uint64_t cause;
    struct record rec; /* borrowed from the reader */
};

enum status decision_reader_new(struct reader *reader, uint64_t first, uint64_t last,
                                struct decision_reader **out) {
    require(first > 0);
    struct decision_reader *decisions = memory_new(sizeof(*decisions));
    decisions->reader = reader;
    decisions->last = last;
    decisions->over = first > last;
    enum status status = decisions->over ? STATUS_OK : reader_seek(reader, first);
    if (status != STATUS_OK) {
        decision_reader_free(decisions);
        decisions = NULL;
    }
    *out = decisions;
    return status;
}

void decision_reader_free(struct decision_reader *decisions) {
    if (decisions) {
        reader_free(decisions->reader);
        free(decisions);
    }
}

/* Takes the next decision into the hand, or finds the end. */
static enum status look_on(struct decision_reader *decisions) {
    while (!decisions->over && !decisions->in_hand) {
        struct record *rec = &decisions->rec;
        enum status status = reader_next(decisions->reader, rec);
        if (status == STATUS_NOT_FOUND || (status == STATUS_OK && rec->number > decisions->last)) {
            decisions->over = true;
            return STATUS_OK;
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (rec->kind == RECORD_DECISION) {
            struct decided decided;
            if (!decided_read(rec->meta, &decided, NULL)) {
                return STATUS_DAMAGED;
            }
            decisions->cause = decided.cause;
            decisions->in_hand = true;
        }
        decisions->over = !decisions->in_hand && rec->number == decisions->last;
    }
    return STATUS_OK;
}

bool decision_reader_take(struct decision_reader *decisions, uint64_t cause, struct arena *arena,
                          struct decision *decision, uint64_t *number, stamp *at, enum status *status) {
    require(cause > 0);
    while ((*status = look_on(decisions)) == STATUS_OK && decisions->in_hand) {
        if (decisions->cause > cause) {
            return false;
        }
        decisions->in_hand = false; /* of an earlier cause: applied before */
        if (decisions->cause == cause) {
            *status = decision_read(decisions->rec.meta, arena, decision) ? STATUS_OK : STATUS_DAMAGED;
            *number = decisions->rec.number;
            *at = decisions->rec.stamp;
            return *status == STATUS_OK;
        }
    }
    return false;
}
