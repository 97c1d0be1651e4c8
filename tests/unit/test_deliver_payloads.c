/*
 * Letters over a real journal: read and examined once, held by many, gone with the last of them.
 */
#include "journal_room.h"

#include "message/decided.h"
#include "message/metadata.h"
#include "deliver/payloads.h"

struct desk {
    struct journal_room room;
    struct journal *journal;
    struct reader *reader;
    struct payloads *payloads;
};

static void desk_init(struct desk *desk) {
    room_init(&desk->room);
    struct journal_options options = room_options(&desk->room);
    struct journal_report report;
    options.segment_size = 1 << 20;
    assert_int_equal(journal_open(&options, &desk->journal, &report), STATUS_OK);
    desk->reader = reader_new(desk->journal);
    desk->payloads = payloads_new(desk->reader);
}

static void desk_release(struct desk *desk) {
    payloads_free(desk->payloads);
    reader_free(desk->reader);
    journal_close(desk->journal);
    room_release(&desk->room);
}

static uint64_t append(struct desk *desk, struct record rec) {
    assert_int_equal(journal_append(desk->journal, &rec, true), STATUS_OK);
    return rec.number;
}

/* `says` is what the metadata says was received. */
static uint64_t append_message(struct desk *desk, struct text bytes, struct text says) {
    struct metadata metadata = { .env = { .party = "FWD",
                                          .channel = "http",
                                          .trace = "00-trace",
                                          .digest = digest_of(says.at, says.length) },
                                 .family = "declaration",
                                 .format = "cn-dec",
                                 .id = "1",
                                 .outcome = OUTCOME_ACCEPTED };
    struct buf meta;
    buf_init(&meta, 4096);
    metadata_write(&metadata, &meta);
    uint64_t number =
        append(desk, (struct record){ .kind = RECORD_MESSAGE, .meta = buf_text(&meta), .data = bytes });
    buf_release(&meta);
    return number;
}

static uint64_t append_decision(struct desk *desk, struct text answer) {
    struct buf meta;
    struct json_out out;
    buf_init(&meta, 4096);
    json_start(&out, &meta);
    json_open_object(&out, NULL);
    decided_write(&(struct decided){ .cause = 1, .result = RESULT_REFUSED }, &out);
    json_close_object(&out);
    uint64_t number =
        append(desk, (struct record){ .kind = RECORD_DECISION, .meta = buf_text(&meta), .data = answer });
    buf_release(&meta);
    return number;
}

static void test_a_letter_says_what_the_record_says(void **state) {
    struct desk desk;
    desk_init(&desk);
    struct text bytes = TEXT("<a>original</a>");
    uint64_t message = append_message(&desk, bytes, bytes),
             decision = append_decision(&desk, TEXT("<Decision/>"));
    const struct payload *payload;
    assert_int_equal(payloads_take(desk.payloads, message, &payload), STATUS_OK);
    struct digest digest = digest_of(bytes.at, bytes.length);
    assert_int_equal(payload->record, message);
    assert_true(text_equal(payload->data, bytes) && digest_equal(&payload->digest, &digest)
                && payload->recorded > 0);
    assert_string_equal(payload->sender, "FWD");
    assert_string_equal(payload->trace, "00-trace");
    assert_string_equal(payload->format, "cn-dec");
    payload_give_back(payload);
    assert_int_equal(payloads_take(desk.payloads, decision, &payload), STATUS_OK);
    assert_true(text_is(payload->data, "<Decision/>"));
    assert_string_equal(payload->sender, "");
    assert_string_equal(payload->trace, "");
    assert_null(payload->format);
    assert_int_equal(payload->about, message);
    assert_string_equal(payload->result, "refused");
    payload_give_back(payload);
    desk_release(&desk);
}

static void test_all_destinations_hold_the_same_letter(void **state) {
    struct desk desk;
    desk_init(&desk);
    uint64_t number = append_decision(&desk, TEXT("once"));
    const struct payload *first, *second, *again;
    assert_int_equal(payloads_take(desk.payloads, number, &first), STATUS_OK);
    assert_int_equal(payloads_take(desk.payloads, number, &second), STATUS_OK);
    assert_ptr_equal(first, second);
    payload_give_back(first);
    payload_give_back(second);
    assert_int_equal(payloads_take(desk.payloads, number, &again), STATUS_OK);
    assert_ptr_equal(first, again); /* it stayed */
    payload_give_back(again);
    desk_release(&desk);
}

static void put(struct desk *desk, uint64_t number, struct text data) {
    struct record rec = { .number = number, .kind = RECORD_DECISION, .data = data };
    struct decided decided = { .cause = 1 };
    struct digest digest = digest_of(data.at, data.length);
    struct payload *made = payload_new(&rec, NULL, &decided, &digest);
    payloads_put(desk->payloads, made);
    payload_give_back(made);
}

/* Later records take its place among those that stay; who holds it keeps it, and who asks gets its bytes
   again. */
static void test_a_held_letter_outlives_its_place(void **state) {
    struct desk desk;
    desk_init(&desk);
    uint64_t number = append_decision(&desk, TEXT("held"));
    const struct payload *held, *other;
    assert_int_equal(payloads_take(desk.payloads, number, &held), STATUS_OK);
    for (uint64_t later = number + 1; later <= number + PAYLOADS_STAY; later++) {
        put(&desk, later, TEXT("later"));
        assert_int_equal(payloads_take(desk.payloads, later, &other), STATUS_OK);
        assert_true(text_is(other->data, "later"));
        payload_give_back(other);
        if (later < number + PAYLOADS_STAY) { /* the last one takes its place */
            assert_int_equal(payloads_take(desk.payloads, number, &other), STATUS_OK);
            assert_ptr_equal(other, held);
            payload_give_back(other);
        }
    }
    assert_true(text_is(held->data, "held"));
    assert_int_equal(payloads_take(desk.payloads, number, &other), STATUS_OK);
    assert_ptr_not_equal(other, held);
    assert_true(text_is(other->data, "held"));
    payload_give_back(other);
    payload_give_back(held);
    desk_release(&desk);
}

/* However many may stay, they stay within 32 MiB; and what is too large stays not at all. */
static void test_what_stays_is_bounded_in_bytes(void **state) {
    struct desk desk;
    desk_init(&desk);
    static char bytes[100 << 10];
    const struct payload *held, *other;
    memset(bytes, 'x', sizeof(bytes));
    uint64_t number = append_decision(&desk, TEXT("held"));
    assert_int_equal(payloads_take(desk.payloads, number, &held), STATUS_OK);
    for (int i = 0; i < 600; i++) {
        uint64_t later = append_decision(&desk, (struct text){ bytes, 60 << 10 });
        assert_int_equal(payloads_take(desk.payloads, later, &other), STATUS_OK);
        payload_give_back(other);
    }
    assert_int_equal(payloads_take(desk.payloads, number, &other), STATUS_OK);
    assert_ptr_not_equal(other, held);
    payload_give_back(held);
    held = other;
    uint64_t large = append_decision(&desk, (struct text){ bytes, sizeof(bytes) });
    const struct payload *once, *again;
    assert_int_equal(payloads_take(desk.payloads, large, &once), STATUS_OK);
    assert_int_equal(payloads_take(desk.payloads, large, &again), STATUS_OK);
    assert_ptr_not_equal(once, again);
    payload_give_back(once);
    payload_give_back(again);
    payload_give_back(held);
    desk_release(&desk);
}

static bool is_here(struct desk *desk, uint64_t number) { /* the journal is empty: nothing can be read */
    const struct payload *payload;
    enum status status = payloads_take(desk->payloads, number, &payload);
    payload_give_back(payload);
    return status == STATUS_OK;
}

/* case 541: behind a backlog what came last pushed out what was to be sent next, so that each payload was
 * read from the journal again, and none of those at hand was ever used. */
static void test_what_nobody_has_had_is_not_pushed_out(void **state) {
    struct desk desk;
    desk_init(&desk);
    static char bytes[60 << 10];
    const struct text data = { bytes, sizeof(bytes) };
    enum { FIT = (32 << 20) / (60 << 10) };
    for (uint64_t number = 1; number <= 2 * FIT; number++) {
        put(&desk, number, data);
    }
    for (uint64_t number = 1; number <= FIT; number++) {
        assert_true(is_here(&desk, number));
        assert_true(is_here(&desk, number)); /* for the next destination */
    }
    assert_false(is_here(&desk, FIT + 1));
    put(&desk, 2 * FIT + 1, data); /* in the room of the oldest that was had */
    assert_true(is_here(&desk, 2 * FIT + 1));
    assert_false(is_here(&desk, 1));
    assert_true(is_here(&desk, 2));
    desk_release(&desk);
}

static void test_what_is_no_letter_is_told(void **state) {
    struct desk desk;
    desk_init(&desk);
    uint64_t tick = append(&desk, (struct record){ .kind = RECORD_TICK, .meta = TEXT("{}") });
    uint64_t altered = append_message(&desk, TEXT("these bytes"), TEXT("other bytes"));
    uint64_t mute =
        append(&desk, (struct record){ .kind = RECORD_MESSAGE, .meta = TEXT("{"), .data = TEXT("x") });
    const struct {
        uint64_t record;
        enum status status;
    } cases[] = {
        { tick, STATUS_DAMAGED }, { altered, STATUS_DAMAGED },    { mute, STATUS_DAMAGED },
        { 0, STATUS_NOT_FOUND },  { mute + 1, STATUS_NOT_FOUND },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct payload *payload;
        assert_int_equal(payloads_take(desk.payloads, cases[i].record, &payload), cases[i].status);
        assert_null(payload);
    }
    desk_release(&desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_letter_says_what_the_record_says),
        cmocka_unit_test(test_all_destinations_hold_the_same_letter),
        cmocka_unit_test(test_a_held_letter_outlives_its_place),
        cmocka_unit_test(test_what_stays_is_bounded_in_bytes),
        cmocka_unit_test(test_what_nobody_has_had_is_not_pushed_out),
        cmocka_unit_test(test_what_is_no_letter_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
