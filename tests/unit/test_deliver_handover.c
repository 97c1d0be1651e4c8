/*
 * test_deliver_handover.c - what the engine hands over: in order, as a whole, within limits; and that it
 * serves in the place of the journal.
 */
#include "journal_room.h"

#include "base/memory.h"
#include "deliver/handover.h"
#include "deliver/payloads.h"

#define LARGE (60u << 10) /* bytes of a message */

static struct arena *arena;

static int set_up(void **state) {
    arena = arena_new();
    return 0;
}

static int tear_down(void **state) {
    arena_free(arena);
    return 0;
}

static struct payload *payload_of(uint64_t record, struct text data) {
    const struct metadata metadata = { .env = { .party = "FWD", .trace = "00-trace" },
                                       .family = "declaration",
                                       .format = "cn-dec" };
    const struct record rec = { .number = record, .stamp = 7, .kind = RECORD_MESSAGE, .data = data };
    const struct digest digest = digest_of(data.at, data.length);
    return payload_new(&rec, &metadata, NULL, &digest);
}

/* Decision `number` sends the record before it to CUSTOMS. */
static void hand_over(struct handover *handover, uint64_t number, size_t destinations, struct text data) {
    struct decision decision;
    decision_init(&decision, arena, number - 1);
    decision_subject(&decision, "CNQDG/COSU1");
    for (size_t i = 0; i < destinations; i++) {
        decision_send(&decision, i ? "TERMINAL" : "CUSTOMS", number - 1, "R01");
    }
    struct payload *payload = payload_of(number - 1, data);
    handover_add(handover,
                 &(struct engine_decided){
                     .cause = number - 1, .number = number, .decision = &decision, .message = payload });
    payload_give_back(payload);
}

/* Frees them; gives their count, and sees that they come in order. */
static size_t take_all(struct handover *handover, bool *missed) {
    size_t count = 0;
    uint64_t last = 0;
    for (struct handed *handed = handover_take(handover, missed), *next; handed; handed = next) {
        next = handed->next;
        assert_true(handed->recipients->number > last);
        last = handed->recipients->number;
        recipient_list_free(handed->recipients);
        handed_free(handed);
        count++;
    }
    return count;
}

static void what_is_handed_over_comes_in_order_and_once(void **state) {
    struct handover handover;
    bool missed;
    handover_init(&handover);
    hand_over(&handover, 2, 2, TEXT("<a/>"));
    hand_over(&handover, 4, 0, TEXT("<b/>")); /* nobody is to have it */
    hand_over(&handover, 6, 1, TEXT("<c/>"));
    struct handed *first = handover_take(&handover, &missed);
    assert_false(missed);
    assert_int_equal(first->recipients->number, 2);
    assert_string_equal(first->recipients->decision.subject, "CNQDG/COSU1");
    assert_int_equal(first->recipients->decision.destinations_count, 2);
    assert_string_equal(first->recipients->decision.destinations[1].party, "TERMINAL");
    assert_true(text_is(first->payloads[0]->data, "<a/>"));
    assert_int_equal(first->next->recipients->number, 6);
    assert_null(first->next->next);
    assert_null(handover_take(&handover, &missed));
    for (struct handed *handed = first, *next; handed; handed = next) {
        next = handed->next;
        recipient_list_free(handed->recipients);
        handed_free(handed);
    }
    handover_release(&handover);
}

static void what_is_too_much_is_missed_and_said_so(void **state) {
    struct handover handover;
    bool missed;
    handover_init(&handover);
    for (uint64_t i = 0; i < HANDOVER_MAX + 1; i++) {
        hand_over(&handover, 2 * i + 2, 1, TEXT("<a/>"));
    }
    assert_int_equal(take_all(&handover, &missed), HANDOVER_MAX);
    assert_true(missed);
    assert_int_equal(take_all(&handover, &missed), 0);
    assert_false(missed);

    char *bytes = memory_new(LARGE);
    for (uint64_t i = 0; i < 200; i++) { /* 8 MiB are fewer */
        hand_over(&handover, 2 * i + 2, 1, (struct text){ bytes, LARGE });
    }
    size_t count = take_all(&handover, &missed);
    assert_in_range(count, 100, (8u << 20) / LARGE);
    assert_true(missed);
    hand_over(&handover, 2, 1, TEXT("<a/>")); /* nobody takes it */
    handover_release(&handover);
    free(bytes);
}

static void what_was_handed_over_is_not_read(void **state) {
    struct journal_room room;
    struct journal *journal;
    struct journal_report report;
    room_init(&room);
    struct journal_options options = room_options(&room);
    options.segment_size = 1 << 20;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    struct reader *reader = reader_new(journal);
    struct payloads *payloads = payloads_new(reader);
    struct recipients *recipients = recipients_new(reader);
    struct recipient row = { .decision = 9, .record = 8, .party = "CUSTOMS", .route = "R01" };
    const struct payload *taken;
    assert_int_equal(payloads_take(payloads, 8, &taken), STATUS_NOT_FOUND); /* the journal is empty */
    assert_int_equal(recipients_confirm(recipients, &row), STATUS_CONFLICT);

    struct payload *payload = payload_of(8, TEXT("<a/>"));
    struct decision decision;
    decision_init(&decision, arena, 8);
    decision_send(&decision, "CUSTOMS", 8, "R01");
    payloads_put(payloads, payload);
    payloads_put(payloads, payload); /* it is there */
    recipients_remember(recipients, recipient_list_new(9, &decision));
    assert_int_equal(payloads_take(payloads, 8, &taken), STATUS_OK);
    assert_ptr_equal(taken, payload);
    assert_int_equal(recipients_confirm(recipients, &row), STATUS_OK);
    row.party = "ANOTHER"; /* a row that is wrong stays wrong */
    assert_int_equal(recipients_confirm(recipients, &row), STATUS_CONFLICT);
    row = (struct recipient){ .decision = 9, .record = 7, .party = "CUSTOMS", .route = "R01" };
    assert_int_equal(recipients_confirm(recipients, &row), STATUS_CONFLICT);

    payload_give_back(taken);
    payload_give_back(payload);
    recipients_free(recipients);
    payloads_free(payloads);
    reader_free(reader);
    journal_close(journal);
    room_release(&room);
}

/* case 540: a record in five is a decision, so the last thousand decisions stayed no longer than the last two
 * hundred, and under load each was read from the journal again. */
static void decisions_stay_though_others_are_recorded_between_them(void **state) {
    struct journal_room room;
    struct journal *journal;
    struct journal_report report;
    enum { COUNT = 3000, APART = 5 };
    room_init(&room);
    struct journal_options options = room_options(&room);
    options.segment_size = 1 << 20;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    struct reader *reader = reader_new(journal); /* of an empty journal: nothing can be read again */
    struct recipients *recipients = recipients_new(reader);
    for (uint64_t i = 1; i <= COUNT; i++) {
        struct decision decision;
        decision_init(&decision, arena, i * APART - 1);
        decision_send(&decision, "CUSTOMS", i * APART - 1, "R01");
        recipients_remember(recipients, recipient_list_new(i * APART, &decision));
    }
    for (uint64_t i = 1; i <= COUNT; i++) {
        struct recipient row = {
            .decision = i * APART, .record = i * APART - 1, .party = "CUSTOMS", .route = "R01"
        };
        assert_int_equal(recipients_confirm(recipients, &row), STATUS_OK);
    }
    recipients_free(recipients);
    reader_free(reader);
    journal_close(journal);
    room_release(&room);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_stay_though_others_are_recorded_between_them),
        cmocka_unit_test(what_is_handed_over_comes_in_order_and_once),
        cmocka_unit_test(what_is_too_much_is_missed_and_said_so),
        cmocka_unit_test(what_was_handed_over_is_not_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
