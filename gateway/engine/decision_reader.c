/*
 * decision_reader.c - a reader that stops at decisions only, and keeps one in hand.
 */
#include "engine/decision_reader.h"

#include <stdlib.h>

#include "base/memory.h"

struct decision_reader {
    struct reader *reader;
    uint64_t last; /* the last record to look at */
    bool over;
    bool in_hand; /* decision, number and at are the next one */
    struct decision decision;
    uint64_t number;
    stamp at;
    struct arena *arena;
};

enum status decision_reader_new(struct reader *reader, uint64_t first, uint64_t last,
                                struct decision_reader **out) {
    struct decision_reader *decisions = memory_new(sizeof(*decisions));
    decisions->reader = reader;
    decisions->last = last;
    decisions->arena = arena_new();
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
        arena_free(decisions->arena);
        free(decisions);
    }
}

/* Takes the next decision into the hand, or finds the end. */
static enum status look_on(struct decision_reader *decisions) {
    while (!decisions->over && !decisions->in_hand) {
        struct record rec;
        enum status status = reader_next(decisions->reader, &rec);
        if (status == STATUS_NOT_FOUND || (status == STATUS_OK && rec.number > decisions->last)) {
            decisions->over = true;
            return STATUS_OK;
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (rec.kind == RECORD_DECISION) {
            arena_reset(decisions->arena);
            if (!decision_read(rec.meta, decisions->arena, &decisions->decision)) {
                return STATUS_DAMAGED;
            }
            decisions->number = rec.number;
            decisions->at = rec.stamp;
            decisions->in_hand = true;
        }
        decisions->over = !decisions->in_hand && rec.number == decisions->last;
    }
    return STATUS_OK;
}

bool decision_reader_take(struct decision_reader *decisions, uint64_t cause, const struct decision **decision,
                          uint64_t *number, stamp *at, enum status *status) {
    while ((*status = look_on(decisions)) == STATUS_OK && decisions->in_hand) {
        if (decisions->decision.cause > cause) {
            return false;
        }
        decisions->in_hand = false; /* of an earlier cause: applied before */
        if (decisions->decision.cause == cause) {
            *decision = &decisions->decision;
            *number = decisions->number;
            *at = decisions->at;
            return true;
        }
    }
    return false;
}
