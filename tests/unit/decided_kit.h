/*
 * decided_kit.h - for tests that write rows of deliveries themselves: a journal whose decisions say what the
 * rows say.
 */
#ifndef TESTS_DECIDED_KIT_H
#define TESTS_DECIDED_KIT_H

#include "base/store.h"
#include "journal/journal.h"
#include "engine/decision.h"

/* Appends what stands in the decision; returns its number. */
static inline uint64_t decided_append(struct journal *journal, const struct decision *decision,
                                      struct text data) {
    struct buf meta;
    buf_init(&meta, 1 << 20);
    decision_write(decision, &meta);
    require(!buf_failed(&meta));
    struct record rec = { .kind = RECORD_DECISION, .meta = buf_text(&meta), .data = data };
    require(journal_append(journal, &rec, false) == STATUS_OK);
    buf_release(&meta);
    return rec.number;
}

/* The rows that name this decision; false: none does. */
static inline bool decided_by_rows(struct store *store, uint64_t number, struct decision *decision) {
    enum status status;
    struct store_query *query = store_query(
        store, "SELECT party, record, route, subject, file, state, way FROM deliveries WHERE decision = ?");
    store_bind_int(query, 1, (int64_t)number);
    while (store_step(query, &status)) {
        decision_subject(decision, arena_copy(decision->arena, store_text(query, 3)));
        decision_send(decision, arena_copy(decision->arena, store_text(query, 0)),
                      (uint64_t)store_int(query, 1), arena_copy(decision->arena, store_text(query, 2)));
        struct destination *last = &decision->destinations[decision->destinations_count - 1];
        last->file = arena_copy(decision->arena, store_text(query, 4));
        last->kept = text_is(store_text(query, 5), "kept");
        last->way = arena_copy(decision->arena, store_text(query, 6));
    }
    require(status == STATUS_OK);
    return decision->destinations_count > 0;
}

/* Records up to the last decision that a row names: that decision where one does, a tick elsewhere. */
static inline void decided_append_rows(struct journal *journal, struct store *store) {
    enum status status;
    struct store_query *query = store_query(store, "SELECT ifnull(max(decision), 0) FROM deliveries");
    require(store_step(query, &status));
    uint64_t last = (uint64_t)store_int(query, 0);
    store_reset(query);
    for (uint64_t number = journal_durable(journal) + 1; number <= last; number++) {
        struct arena *arena = arena_new();
        struct decision decision;
        decision_init(&decision, arena, number > 1 ? number - 1 : 1);
        if (decided_by_rows(store, number, &decision)) {
            require(decided_append(journal, &decision, TEXT("<Decision/>")) == number);
        } else {
            struct record rec = { .kind = RECORD_TICK, .meta = TEXT("{}") };
            require(journal_append(journal, &rec, false) == STATUS_OK && rec.number == number);
        }
        arena_free(arena);
    }
}

#endif
