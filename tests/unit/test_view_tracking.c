/* How much one answer shows, and what is asked for: questions that mean nothing, many consignments, long
   timelines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine_room.h"
#include "view/timeline.h"
#include "view/tracking.h"

struct fixture {
    struct engine_room *room;
    struct state *state;
};

static int setup(void **state) {
    static struct fixture f;
    f.room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    assert_int_equal(state_open(f.room->directory, STORE_WRITE, &f.state), STATUS_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    state_close(f->state);
    room_close(f->room);
    return 0;
}

static void consignment(struct fixture *f, const char *subject, const char *container) {
    struct store_query *query = store_query(
        state_store(f->state),
        "INSERT INTO consignments(subject, port, bill, direction, state, opened) VALUES(?1, 'CNQDG', substr(?1, 7), '', '', 1)");
    store_bind_string(query, 1, subject);
    assert_int_equal(store_run(query), STATUS_OK);
    query = store_query(state_store(f->state),
                        "INSERT INTO sightings(container, subject, record) VALUES(?, ?, 1)");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, subject);
    assert_int_equal(store_run(query), STATUS_OK);
}

static enum status look(struct fixture *f, const char *viewer, struct text query,
                        struct timeline_view *view) {
    const struct party *party = viewer ? parties_find(f->room->edition->parties, text_of(viewer)) : NULL;
    return timeline_look(f->state, f->room->edition, party, query, f->room->arena, view);
}

static void a_question_that_means_nothing_finds_nothing(void **state) {
    struct fixture *f = *state;
    static const char *const nothing[] = { "",      "  ",     "%", "_", "*",      "'",
                                           "CNQDG", "CNQDG/", "/", "@", "HAIJIA/" };
    static char longest[129], longer[130];
    struct timeline_view view;
    memset(longest, 'A', 128);
    memset(longer, 'A', 129);
    for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++) {
        assert_int_equal(look(f, NULL, text_of(nothing[i]), &view), STATUS_NOT_FOUND);
    }
    consignment(f, arena_printf(f->room->arena, "CNQDG/%s", longest), "C");
    consignment(f, arena_printf(f->room->arena, "CNQDG/%s", longer), "C");
    for (int i = 0; i < 2; i++) {
        timeline_add(f->state, arena_printf(f->room->arena, "CNQDG/%s", i ? longer : longest), 1,
                     "consignments", "K", "I:ARRI", "arrived", 1);
    }
    assert_int_equal(look(f, NULL, text_of(longest), &view), STATUS_OK);
    assert_int_equal(look(f, NULL, text_of(longer), &view), STATUS_NOT_FOUND);
}

static void many_consignments_of_one_container(void **state) {
    struct fixture *f = *state;
    struct timeline_view view;
    for (int i = 0; i < TIMELINE_CONSIGNMENTS_MAX + 10; i++) {
        const char *subject = arena_printf(f->room->arena, "CNQDG/B%d", i);
        consignment(f, subject, "QDHU4001236");
        timeline_add(f->state, subject, 1, "consignments", subject, "I:ARRI", "arrived", 1);
    }
    assert_int_equal(look(f, NULL, TEXT("qdhu4001236"), &view), STATUS_OK);
    assert_int_equal(view.count, TIMELINE_CONSIGNMENTS_MAX);
    assert_int_equal(look(f, "HAIJIA", TEXT("QDHU4001236"), &view), STATUS_NOT_FOUND);
    assert_int_equal(look(f, "OFFICE", TEXT("QDHU4001236"), &view), STATUS_OK);
}

static void a_long_timeline_says_that_there_is_more(void **state) {
    struct fixture *f = *state;
    struct timeline_view view;
    consignment(f, "CNQDG/LONG", "C");
    for (uint64_t i = 1; i <= TIMELINE_LINES_MAX; i++) {
        timeline_add(f->state, "CNQDG/LONG", i, "consignments", "CNQDG/LONG", "I:ARRI", "arrived", (stamp)i);
    }
    assert_int_equal(look(f, NULL, TEXT("LONG"), &view), STATUS_OK);
    assert_int_equal(view.consignments[0].lines_count, TIMELINE_LINES_MAX);
    assert_false(view.consignments[0].more);
    timeline_add(f->state, "CNQDG/LONG", 1 << 20, "consignments", "CNQDG/LONG", "I:GTOT", "gate-out",
                 1 << 20);
    assert_int_equal(look(f, NULL, TEXT("LONG"), &view), STATUS_OK);
    assert_int_equal(view.consignments[0].lines_count, TIMELINE_LINES_MAX);
    assert_true(view.consignments[0].more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_question_that_means_nothing_finds_nothing),
        TEST(many_consignments_of_one_container),
        TEST(a_long_timeline_says_that_there_is_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
