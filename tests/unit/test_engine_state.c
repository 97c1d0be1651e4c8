/* state.db opens, carries its position, refuses what it is not, and keeps a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "engine/lifecycle.h"
#include "engine/part.h"
#include "engine/state.h"
#include "folder_kit.h"

struct fixture {
    char directory[64], path[96];
};

static int setup(void **state) {
    static struct fixture fixture;
    strcpy(fixture.directory, "/tmp/clearway-state-XXXXXX");
    assert_non_null(mkdtemp(fixture.directory));
    snprintf(fixture.path, sizeof(fixture.path), "%s/state.db", fixture.directory);
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    folder_remove(fixture->directory);
    return 0;
}

static void opens_empty_and_keeps_its_position(void **state) {
    struct fixture *f = *state;
    struct state *one, *two;
    assert_int_equal(state_open(f->directory, STORE_READ, &one), STATUS_NOT_FOUND);
    assert_int_equal(state_open(f->directory, STORE_WRITE, &one), STATUS_OK);
    assert_int_equal(state_position(one), 0);
    assert_int_equal(state_begin(one), STATUS_OK);
    timeline_add(one, "CNQDG/B", 7, "declarations", "P/1", "declare", "submitted", 5);
    timeline_add(one, "CNQDG/B", 7, "declarations", "P/1", "declare", "submitted",
                 5); /* told twice, once there */
    assert_int_equal(state_commit(one, 7), STATUS_OK);

    assert_int_equal(state_open(f->directory, STORE_READ, &two), STATUS_OK);
    assert_int_equal(state_position(two), 7);
    assert_int_equal(state_number(two, store_query(state_store(two), "SELECT count(*) FROM timeline"), -1),
                     1);
    struct digest a, b;
    assert_int_equal(state_digest(one, &a), STATUS_OK);
    assert_int_equal(state_digest(two, &b), STATUS_OK);
    assert_true(digest_equal(&a, &b));

    assert_int_equal(state_begin(one), STATUS_OK);
    timeline_add(one, "CNQDG/C", 8, "declarations", "P/1", "declare", "submitted", 5);
    state_rollback(one);
    assert_int_equal(state_digest(one, &b), STATUS_OK);
    assert_true(digest_equal(&a, &b));
    state_close(one);
    state_close(two);
}

static void says_damaged_of_what_it_is_not(void **state) {
    struct fixture *f = *state;
    struct state *one;
    struct store *store;
    assert_int_equal(
        file_replace(f->path, TEXT("this is no database, and long enough to be looked at as one")),
        STATUS_OK);
    assert_int_equal(state_open(f->directory, STORE_WRITE, &one), STATUS_DAMAGED);
    assert_null(one);
    unlink(f->path);

    assert_int_equal(state_open(f->directory, STORE_WRITE, &one), STATUS_OK);
    state_close(one);
    assert_int_equal(store_open(f->path, STORE_WRITE, &store), STATUS_OK);
    assert_int_equal(store_exec(store, "UPDATE position SET version = version + 1"), STATUS_OK);
    store_close(store);
    assert_int_equal(state_open(f->directory, STORE_WRITE, &one), STATUS_DAMAGED); /* of another version */
}

static void timers_are_set_moved_and_cleared(void **state) {
    struct fixture *f = *state;
    struct state *one;
    struct arena *arena = arena_new();
    struct decision decision;
    assert_int_equal(state_open(f->directory, STORE_WRITE, &one), STATUS_OK);
    decision_init(&decision, arena, 1);
    timer_set(&decision, "declarations", "P/1", "due", 100);
    timer_set(&decision, "declarations", "P/1", "due", 200);
    timer_set(&decision, "declarations", "P/2", "due", 300);
    timer_clear(&decision, "declarations", "P/2", "due");
    for (size_t i = 0; i < decision.moves_count; i++) {
        assert_true(part_apply(&part_timers, one, &decision.moves[i], 1));
    }
    assert_int_equal(state_status(one), STATUS_OK);
    assert_int_equal(state_number(one, store_query(state_store(one), "SELECT sum(due) FROM timers"), -1),
                     200);

    struct buf meta;
    const char *part, *key, *event;
    buf_init(&meta, 1024);
    timer_write("declarations", "P/1", "due", 200, &meta);
    assert_true(timer_read(buf_text(&meta), arena, &part, &key, &event));
    assert_string_equal(part, "declarations");
    assert_string_equal(key, "P/1");
    assert_string_equal(event, "due");
    assert_false(timer_read(TEXT("{}"), arena, &part, &key, &event));
    buf_release(&meta);
    arena_free(arena);
    state_close(one);
}

/* What moves do is text in SQL: each statement fits the tables, and names what it takes. */
static void every_statement_of_a_move_fits_the_tables(void **state) {
    struct fixture *f = *state;
    struct state *one;
    assert_int_equal(state_open(f->directory, STORE_WRITE, &one), STATUS_OK);
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        for (const struct part_move *row = parts[i]->moves; row && row->sql[0]; row++) {
            for (size_t k = 0; k < PART_STATEMENTS_MAX && row->sql[k]; k++) {
                struct store_query *query = store_query(state_store(one), row->sql[k]);
                assert_true(store_parameters(query) > 0);
                for (int index = 1; index <= store_parameters(query); index++) {
                    assert_true(*store_parameter(query, index));
                }
            }
        }
    }
    state_close(one);
}

/* The same outcome in whatever order: every table, every pair of events. */
static void lives_never_go_back(void **state) {
    size_t seen = 0;
    for (size_t p = 0; p < PARTS_COUNT; p++) {
        const struct lifecycle *lifecycle = parts[p]->lifecycle;
        if (!lifecycle) {
            continue;
        }
        seen++;
        assert_string_equal(lifecycle->part, parts[p]->name);
        assert_ptr_equal(part_lifecycle(lifecycle->part), lifecycle);
        for (size_t i = 0; i < lifecycle->events_count; i++) {
            const char *a = lifecycle->events[i].name;
            assert_true(!*lifecycle->events[i].to || lifecycle_state(lifecycle, lifecycle->events[i].to));
            for (size_t j = 0; j < lifecycle->events_count; j++) {
                const char *b = lifecycle->events[j].name;
                const char *ab = lifecycle_next(lifecycle, lifecycle_next(lifecycle, "", a), b),
                           *ba = lifecycle_next(lifecycle, lifecycle_next(lifecycle, "", b), a);
                assert_int_equal(lifecycle_rank(lifecycle, ab), lifecycle_rank(lifecycle, ba));
                assert_true(lifecycle_rank(lifecycle, ab)
                            >= lifecycle_rank(lifecycle, lifecycle_next(lifecycle, "", a)));
            }
            for (size_t s = 0; s < lifecycle->states_count; s++) {
                const char *next = lifecycle_next(lifecycle, lifecycle->states[s].name, a);
                assert_true(lifecycle_rank(lifecycle, next) >= lifecycle->states[s].rank);
            }
        }
    }
    assert_true(seen >= 5);
    const struct lifecycle *declared = part_lifecycle("declarations");
    assert_string_equal(lifecycle_next(declared, "closed", "P"), "closed"); /* a late P does not undo R */
    assert_string_equal(lifecycle_next(declared, "released", "J"), "released");
    assert_string_equal(lifecycle_next(declared, "accepted", "no such event"), "accepted");
    assert_null(part_lifecycle("timers"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(opens_empty_and_keeps_its_position),
        TEST(says_damaged_of_what_it_is_not),
        TEST(timers_are_set_moved_and_cleared),
        TEST(every_statement_of_a_move_fits_the_tables),
        TEST(lives_never_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
