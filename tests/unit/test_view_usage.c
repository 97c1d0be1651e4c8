/* test_view_usage.c - what each party's messages fill of the journal since a moment, accepted and not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine_room.h"
#include "view/usage.h"

struct sum {
    char party[32];
    uint64_t accepted, refused;
};
struct sums {
    struct sum list[8];
    size_t count;
};

static void note(struct text party, uint64_t accepted_bytes, uint64_t refused_bytes, void *context) {
    struct sums *sums = context;
    struct sum *sum = &sums->list[sums->count++];
    *sum = (struct sum){ .accepted = accepted_bytes, .refused = refused_bytes };
    snprintf(sum->party, sizeof(sum->party), TEXT_FORMAT, TEXT_ARGS(party));
}

static uint64_t send(struct engine_room *room, const char *party, const char *name, bool passes) {
    struct judgement judgement;
    uint64_t number = room_send(room, party, room_message(room, name), &judgement);
    assert_int_equal(verdict_passes(&judgement.verdict), passes);
    return number;
}

static uint64_t size_of(struct engine_room *room, uint64_t number) {
    struct record rec;
    struct reader *reader = reader_new(room->journal);
    assert_int_equal(reader_get(reader, number, room->arena, &rec), STATUS_OK);
    reader_free(reader);
    return record_size(&rec);
}

static struct sums since(struct engine_room *room, stamp from) {
    struct sums sums = { .count = 0 };
    struct state *state;
    uint64_t position;
    assert_true(room_settle(room));
    assert_int_equal(state_open(room->directory, STORE_READ, &state), STATUS_OK);
    assert_int_equal(usage_since(state, from, note, &sums, &position), STATUS_OK);
    assert_true(position > 0 && position <= journal_durable(room->journal));
    state_close(state);
    return sums;
}

static void each_party_from_midnight_on(void **state) {
    stamp midnight = stamp_of_day(day_of(2026, 10, 13));
    atomic_store(&room_wall, midnight - STAMP_SECOND);
    struct engine_room *room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    assert_int_equal(room_start(room), STATUS_OK);
    assert_int_equal(since(room, midnight).count, 0);
    send(room, "HAIJIA", "cn-dec/import-general", true); /* yesterday's */
    atomic_store(&room_wall, midnight);
    uint64_t refused = send(room, "HAIJIA", "charge-list/terminal", false); /* not his to send */
    uint64_t list = send(room, "QQCT", "charge-list/terminal", true);
    struct sums today = since(room, midnight), all = since(room, 0);
    assert_int_equal(today.count, 2);
    assert_string_equal(today.list[0].party, "HAIJIA");
    assert_int_equal(today.list[0].accepted, 0);
    assert_int_equal(today.list[0].refused, size_of(room, refused));
    assert_string_equal(today.list[1].party, "QQCT");
    assert_int_equal(today.list[1].accepted, size_of(room, list));
    assert_int_equal(today.list[1].refused, 0);
    assert_int_equal(all.count, 2);
    assert_true(all.list[0].accepted > 0);
    room_close(room);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_party_from_midnight_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
