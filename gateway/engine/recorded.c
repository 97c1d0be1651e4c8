/*
 * recorded.c - a reader that stops at decisions only, and keeps one in hand.
 */
#include "engine/recorded.h"

#include <stdlib.h>

#include "base/memory.h"

struct recorded {
    struct reader *reader;
    uint64_t last; /* the last record to look at */
    bool over;
    bool in_hand; /* decision, number and at are the next one */
    struct decision decision;
    uint64_t number;
    stamp at;
    struct arena *arena;
};

enum status recorded_new(struct reader *reader, uint64_t first, uint64_t last, struct recorded **out) {
    struct recorded *recorded = memory_new(sizeof(*recorded));
    recorded->reader = reader;
    recorded->last = last;
    recorded->arena = arena_new();
    recorded->over = first > last;
    enum status status = recorded->over ? STATUS_OK : reader_seek(reader, first);
    if (status != STATUS_OK) {
        recorded_free(recorded);
        recorded = NULL;
    }
    *out = recorded;
    return status;
}

void recorded_free(struct recorded *recorded) {
    if (recorded) {
        reader_free(recorded->reader);
        arena_free(recorded->arena);
        free(recorded);
    }
}

/* Takes the next decision into the hand, or finds the end. */
static enum status look_on(struct recorded *recorded) {
    while (!recorded->over && !recorded->in_hand) {
        struct record rec;
        enum status status = reader_next(recorded->reader, &rec);
        if (status == STATUS_NOT_FOUND || (status == STATUS_OK && rec.number > recorded->last)) {
            recorded->over = true;
            return STATUS_OK;
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (rec.kind == RECORD_DECISION) {
            arena_reset(recorded->arena);
            if (!decision_read(rec.meta, recorded->arena, &recorded->decision)) {
                return STATUS_DAMAGED;
            }
            recorded->number = rec.number;
            recorded->at = rec.stamp;
            recorded->in_hand = true;
        }
        recorded->over = !recorded->in_hand && rec.number == recorded->last;
    }
    return STATUS_OK;
}

bool recorded_take(struct recorded *recorded, uint64_t cause, const struct decision **decision,
                   uint64_t *number, stamp *at, enum status *status) {
    while ((*status = look_on(recorded)) == STATUS_OK && recorded->in_hand) {
        if (recorded->decision.cause > cause) {
            return false;
        }
        recorded->in_hand = false; /* of an earlier cause: applied before */
        if (recorded->decision.cause == cause) {
            *decision = &recorded->decision;
            *number = recorded->number;
            *at = recorded->at;
            return true;
        }
    }
    return false;
}
