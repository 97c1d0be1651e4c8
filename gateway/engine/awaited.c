/*
 * awaited.c - rows in the order in which they were decided, and a table by record and party to find them.
 */
#include "engine/awaited.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define SLOTS (2 * AWAITED_MAX)

struct kept_row {
    struct awaited_row row;
    const char *state, *reason, *words;
    uint32_t attempts;
    bool returns;
    stamp next, updated;
};

struct awaited {
    struct arena *arena; /* their texts */
    size_t count;
    struct kept_row rows[AWAITED_MAX];
    uint16_t slots[SLOTS]; /* a row's place, from 1; 0: none */
};

struct awaited *awaited_new(void) {
    struct awaited *awaited = memory_new(sizeof(*awaited));
    awaited->arena = arena_new();
    return awaited;
}

void awaited_free(struct awaited *awaited) {
    if (awaited) {
        arena_free(awaited->arena);
        free(awaited);
    }
}

void awaited_forget(struct awaited *awaited) {
    if (awaited->count) {
        memset(awaited->slots, 0, sizeof(awaited->slots));
        arena_reset(awaited->arena);
        awaited->count = 0;
    }
}

/* Where it stands, or would. */
static size_t slot_of(const struct awaited *awaited, uint64_t record, const char *party) {
    size_t slot = (size_t)(record * UINT64_C(0x9e3779b97f4a7c15) >> 32 ^ text_hash(text_of(party))) % SLOTS;
    while (awaited->slots[slot]) {
        const struct awaited_row *row = &awaited->rows[awaited->slots[slot] - 1].row;
        if (row->record == record && strcmp(row->party, party) == 0) {
            break;
        }
        slot = (slot + 1) % SLOTS;
    }
    return slot;
}

bool awaited_has(const struct awaited *awaited, uint64_t record, const char *party) {
    return awaited->slots[slot_of(awaited, record, party)] != 0;
}

void awaited_add(struct awaited *awaited, struct state *state, const struct awaited_row *row) {
    if (awaited->count == AWAITED_MAX) {
        awaited_write(awaited, state);
    }
    size_t slot = slot_of(awaited, row->record, row->party);
    if (awaited->slots[slot]) {
        return;
    }
    struct kept_row *kept = &awaited->rows[awaited->count++];
    awaited->slots[slot] = (uint16_t)awaited->count;
    *kept = (struct kept_row){
        .row = *row, .state = row->kept ? "kept" : "waiting", .reason = "", .words = "", .updated = row->at
    };
    const char **texts[] = { &kept->row.party,  &kept->row.route, &kept->row.subject,
                             &kept->row.family, &kept->row.way,   &kept->row.file };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *texts[i] = arena_string(awaited->arena, *texts[i]);
    }
}

/* What makes a row wait, or wait again, depends on how it stood: the table's statement knows that. */
bool awaited_take(struct awaited *awaited, struct state *state, const struct delivery_result *result,
                  stamp at) {
    size_t place = awaited->slots[slot_of(awaited, result->record, result->party)];
    const char *now = delivery_outcome_state(result->outcome);
    if (place == 0) {
        return false;
    }
    if (result->outcome == DELIVERY_REDRIVEN || strcmp(now, "waiting") == 0) {
        awaited_write(awaited, state);
        return false;
    }
    struct kept_row *kept = &awaited->rows[place - 1];
    kept->state = now;
    kept->attempts = result->attempt;
    kept->reason = delivery_reason_code(result->reason);
    kept->words = arena_string(awaited->arena, result->words);
    kept->returns = delivery_reason_returns(result->reason);
    kept->next = result->next;
    kept->updated = at;
    return true;
}

static void write_row(struct state *state, const struct kept_row *kept) {
    struct store_query *query = store_query(
        state_store(state), "INSERT INTO deliveries(record, party, decision, route, subject, family, state,"
                            " attempts, reason, words, returns, next, updated, since, way, file)"
                            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    store_bind_int(query, 1, (int64_t)kept->row.record);
    store_lend_string(query, 2, kept->row.party);
    store_bind_int(query, 3, (int64_t)kept->row.decision);
    store_lend_string(query, 4, kept->row.route);
    store_lend_string(query, 5, kept->row.subject);
    store_lend_string(query, 6, kept->row.family);
    store_lend_string(query, 7, kept->state);
    store_bind_int(query, 8, kept->attempts);
    store_lend_string(query, 9, kept->reason);
    store_lend_string(query, 10, kept->words);
    store_bind_int(query, 11, kept->returns);
    store_bind_int(query, 12, kept->next);
    store_bind_int(query, 13, kept->updated);
    store_bind_int(query, 14, kept->row.at);
    store_lend_string(query, 15, kept->row.way);
    store_lend_string(query, 16, kept->row.file);
    state_run(state, query);
}

void awaited_write(struct awaited *awaited, struct state *state) {
    for (size_t i = 0; i < awaited->count; i++) {
        write_row(state, &awaited->rows[i]);
    }
    awaited_forget(awaited);
}
