/*
 * test_engine_awaited.c - deliveries are decided, told of, asked for again and sent elsewhere by chance: a
 * state.db that is filled, whose rows wait for their outcome, becomes the one that is written row by row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/apply.h"
#include "engine/awaited.h"

static const char *const parties[] = { "CUS-QD", "TML-QQCT", "CAR-COSU", "FWD-QD-01", "OFC-QD", "" };

enum { PARTIES = sizeof(parties) / sizeof(*parties) };

static uint64_t draw(uint64_t *chance, uint64_t below) {
    *chance = *chance * 6364136223846793005u + 1442695040888963407u;
    return (*chance >> 33) % below;
}

struct side {
    char directory[64];
    struct state *state;
};

static void open_side(struct side *side, bool filled) {
    snprintf(side->directory, sizeof(side->directory), "/tmp/clearway-awaited-XXXXXX");
    assert_non_null(mkdtemp(side->directory));
    assert_int_equal(state_open(side->directory, STORE_WRITE, &side->state), STATUS_OK);
    if (filled) {
        assert_int_equal(state_fill(side->state), STATUS_OK);
    }
    assert_int_equal(state_awaited(side->state) != NULL, filled);
    assert_int_equal(state_begin(side->state), STATUS_OK);
}

static void close_side(struct side *side) {
    char command[128];
    state_close(side->state);
    snprintf(command, sizeof(command), "rm -rf '%s'", side->directory);
    assert_int_equal(system(command), 0);
}

static void commit(struct state *state, uint64_t position) {
    assert_int_equal(state_commit(state, position), STATUS_OK);
    assert_int_equal(state_begin(state), STATUS_OK);
}

/* A message, or an order about one, that goes to some. Returns the number of the decision. */
static uint64_t decide(struct state *state, struct arena *arena, uint64_t number, uint64_t *chance) {
    struct decision decision;
    bool of_order = draw(chance, 10) == 0;
    struct message_row row = {
        number, "FWD-QD-01", "declaration", "cn-dec", "1", "", OUTCOME_ACCEPTED, 7, 100
    };
    decision_init(&decision, arena, number);
    decision_subject(&decision, draw(chance, 2) ? "CNQDG/A" : "");
    for (uint64_t left = draw(chance, 5); left > 0; left--) {
        uint64_t kind = draw(chance, 8), record = of_order || kind == 0 ? 1 + draw(chance, number)
                                                  : kind == 1           ? 0
                                                                        : number;
        decision_send(&decision, parties[draw(chance, PARTIES - 1)], record, "R01");
        if (decision.destinations_count) {
            struct destination *last = &decision.destinations[decision.destinations_count - 1];
            last->kept = draw(chance, 6) == 0;
            last->way = draw(chance, 9) ? "" : "folder";
        }
    }
    apply_recorded(state, &decision, of_order ? RECORD_ORDER : RECORD_MESSAGE, number + 1,
                   (stamp)number * STAMP_SECOND, of_order ? NULL : &row);
    return number + 1;
}

static void tell(struct state *state, uint64_t number, uint64_t *chance) {
    static const enum delivery_outcome outcomes[] = { DELIVERY_DELIVERED, DELIVERY_DELIVERED,
                                                      DELIVERY_DELIVERED, DELIVERY_DEFERRED,
                                                      DELIVERY_PARKED,    DELIVERY_REDRIVEN,
                                                      DELIVERY_DROPPED };
    struct delivery_result results[8];
    struct content content = { .deliveries = { results, 1 + draw(chance, 8) } };
    struct record rec = { .kind = RECORD_DELIVERY, .number = number, .stamp = (stamp)number * STAMP_SECOND };
    for (size_t i = 0; i < content.deliveries.count; i++) {
        uint64_t back = draw(chance, draw(chance, 3) ? 40 : number);
        results[i] = (struct delivery_result){
            .record = number > back ? number - back : 1,
            .party = parties[draw(chance, PARTIES)],
            .outcome = outcomes[draw(chance, sizeof(outcomes) / sizeof(*outcomes))],
            .attempt = (uint32_t)draw(chance, 4),
            .reason = draw(chance, 2) ? DELIVERY_REASON_NONE : DELIVERY_REASON_RECEIVER_BUSY,
            .words = draw(chance, 2) ? "" : "busy",
            .next = (stamp)draw(chance, 1000),
        };
    }
    assert_int_equal(apply_record(state, &rec, &content), STATUS_OK);
}

/* outcomes: how many of ten steps tell of some. */
static void play(struct state *state, uint64_t seed, uint64_t steps, uint64_t outcomes,
                 uint64_t each_commit) {
    struct arena *arena = arena_new();
    uint64_t chance = seed, number = 1;
    for (uint64_t step = 0; step < steps; step++) {
        if (draw(&chance, 10) < outcomes) {
            tell(state, number++, &chance);
        } else {
            number = decide(state, arena, number, &chance) + 1;
        }
        if (each_commit && draw(&chance, each_commit) == 0) {
            commit(state, number);
        }
        arena_reset(arena);
    }
    assert_int_equal(state_commit(state, number), STATUS_OK);
    arena_free(arena);
}

static void assert_same(uint64_t seed, uint64_t steps, uint64_t outcomes, uint64_t each_commit) {
    struct side filled, plain;
    struct digest digests[2];
    open_side(&filled, true);
    open_side(&plain, false);
    play(filled.state, seed, steps, outcomes, each_commit);
    play(plain.state, seed, steps, outcomes, each_commit);
    assert_int_equal(state_digest(filled.state, &digests[0]), STATUS_OK);
    assert_int_equal(state_digest(plain.state, &digests[1]), STATUS_OK);
    assert_true(digest_equal(&digests[0], &digests[1]));
    assert_true(
        state_number(plain.state, store_query(state_store(plain.state), "SELECT count(*) FROM deliveries"), 0)
        > (int64_t)steps / 10);
    assert_int_equal(state_filled(filled.state), STATUS_OK);
    assert_null(state_awaited(filled.state));
    close_side(&filled);
    close_side(&plain);
}

static void whatever_comes_the_rows_are_the_same(void **state) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        assert_same(seed, 1500, 2 + seed % 6, seed % 3 ? 50 : 0);
    }
}

static void more_than_are_kept(void **state) {
    assert_same(99, 3 * AWAITED_MAX / 2, 1, 0);
}

static void what_is_taken_back_leaves_nothing(void **state) {
    struct side side;
    uint64_t chance = 5;
    struct arena *arena = arena_new();
    open_side(&side, true);
    struct awaited *awaited = state_awaited(side.state);
    awaited_add(awaited, side.state,
                &(struct awaited_row){ 3, 4, "CUS-QD", "R01", "", "declaration", "", "", false, 1 });
    assert_true(awaited_has(awaited, 3, "CUS-QD"));
    assert_false(awaited_has(awaited, 4, "CUS-QD") || awaited_has(awaited, 3, "CUS"));
    awaited_forget(awaited);
    assert_false(awaited_has(awaited, 3, "CUS-QD"));
    (void)decide(side.state, arena, 1, &chance);
    commit(side.state, 2);
    assert_int_equal(state_commit(side.state, 2), STATUS_OK);
    arena_free(arena);
    close_side(&side);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_the_rows_are_the_same),
        cmocka_unit_test(more_than_are_kept),
        cmocka_unit_test(what_is_taken_back_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
