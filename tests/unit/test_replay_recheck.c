/* Recheck: nothing differs by the same texts; a changed rule or route shows exactly what it would change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine_room.h"
#include "replay/recheck.h"
#include "edition/routes.h"
#include "edition/rule_set.h"

static uint64_t send(struct engine_room *room, const char *party, const char *name, bool expected) {
    struct judgement judgement;
    uint64_t number = room_send(room, party, room_message(room, name), &judgement);
    assert_int_equal(verdict_passes(&judgement.verdict), expected);
    return number;
}

static int setup(void **state) {
    atomic_store(&room_wall, stamp_of_day(day_of(2026, 10, 12)) + 9 * 3600 * STAMP_SECOND);
    struct engine_room *room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    assert_int_equal(room_start(room), STATUS_OK);
    send(room, "HAIJIA", "cn-dec/import-general", true);
    send(room, "HAIJIA", "broken/D01--gross-below-net", false);
    send(room, "QQCT", "port-event/import-2-arrival", true);
    assert_true(room_settle(room));
    room_stop(room);
    *state = room;
    return 0;
}

static int teardown(void **state) {
    room_close(*state);
    return 0;
}

static void collect(const struct recheck_difference *difference, void *context) {
    assert_true(difference->record > 0 && difference->recorded > 0);
    buf_printf(context, "%s, %s of %s: %s -> %s\n", difference->what, difference->family, difference->party,
               difference->then, difference->now);
}

/* What the texts of the room, with one of them replaced, would say otherwise. */
static const char *differences_since(struct engine_room *room, stamp since, uint64_t messages,
                                     const char *name, const char *old, const char *new) {
    struct verdict mistakes;
    struct recheck_totals totals;
    struct buf told, changed;
    struct edition_text *text = NULL;
    for (size_t i = 0; name && i < room->edition->count; i++) {
        text = strcmp(room->edition->texts[i].name, name) == 0 ? &room->edition->texts[i] : text;
    }
    struct text kept = text ? text->bytes : TEXT("");
    buf_init(&told, 1 << 20);
    buf_init(&changed, 1 << 20);
    if (text) {
        const char *at = memmem(kept.at, kept.length, old, strlen(old));
        assert_non_null(at);
        buf_add(&changed, kept.at, (size_t)(at - kept.at));
        buf_add_string(&changed, new);
        buf_add(&changed, at + strlen(old), kept.length - (size_t)(at - kept.at) - strlen(old));
        text->bytes = buf_text(&changed);
    }
    struct explanation why;
    verdict_init(&mistakes, room->arena);
    struct rule_set *rules = room->edition->rules;
    struct routes *routes = room->edition->routes;
    room->edition->rules = rule_set_load(room->edition, &mistakes);
    room->edition->routes = routes_load(room->edition, &mistakes);
    struct judge *judge = judge_new(room->edition, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    assert_int_equal(recheck(room->directory, judge, since, collect, &told, &totals, &why), STATUS_OK);
    assert_int_equal(totals.messages, messages);
    assert_int_equal(access(file_join(room->arena, room->directory, "recheck"), F_OK), -1);
    judge_release(judge);
    room->edition->rules = rules;
    room->edition->routes = routes;
    if (text) {
        text->bytes = kept;
    }
    const char *copy = arena_copy(room->arena, buf_text(&told));
    buf_release(&told);
    buf_release(&changed);
    return copy;
}

static const char *differences(struct engine_room *room, const char *name, const char *old, const char *new) {
    return differences_since(room, 0, 3, name, old, new);
}

static void the_same_texts_say_the_same(void **state) {
    assert_string_equal(differences(*state, NULL, NULL, NULL), "");
}

static void a_rule_that_is_gone_shows_what_it_refused(void **state) {
    assert_string_equal(differences(*state, "rules", "rule D01  error", "rule D01  observe"),
                        "verdict, declaration of HAIJIA: refused D01 -> accepted\n");
}

static void a_changed_route_shows_who_would_have_been_served(void **state) {
    assert_string_equal(
        differences(*state, "routes", "to terminal at entry_port", "to office"),
        "decision, declaration of HAIJIA: done FORWARDED CUSTOMS:R01 QQCT:R02 -> done FORWARDED CUSTOMS:R01 OFFICE:R02\n");
}

/* What was recorded before that day is not judged, and is there for what comes behind it. */
static void it_may_begin_with_a_day(void **state) {
    struct engine_room *room = *state;
    stamp day = stamp_of_day(day_of(2026, 10, 12));
    assert_string_equal(differences_since(room, day, 3, "rules", "rule D01  error", "rule D01  observe"),
                        "verdict, declaration of HAIJIA: refused D01 -> accepted\n");
    day = stamp_of_day(day_of(2026, 10, 13));
    assert_string_equal(differences_since(room, day, 0, "rules", "rule D01  error", "rule D01  observe"), "");
    assert_string_equal(differences_since(room, day, 0, "routes", "to terminal at entry_port", "to office"),
                        "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(the_same_texts_say_the_same),
        TEST(a_rule_that_is_gone_shows_what_it_refused),
        TEST(it_may_begin_with_a_day),
        TEST(a_changed_route_shows_who_would_have_been_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
