/* Each judgement of a diagnosis at its limits; what a diagnosis says as a whole, and read back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/checks.h"

#define NOW         (INT64_C(1790000000) * STAMP_SECOND)
#define AGO(s)      (NOW - (s)*STAMP_SECOND)
#define MIB(n)      (UINT64_C(n) << 20)
#define OK          DIAGNOSIS_OK
#define WARNING     DIAGNOSIS_WARNING
#define FAILED      DIAGNOSIS_FAILED
#define UNKNOWN     DIAGNOSIS_UNKNOWN
#define CASES(list) (sizeof(list) / sizeof(*(list)))

static struct diagnosis diagnosis;

static int setup(void **state) {
    *state = arena_new();
    diagnosis_init(&diagnosis, *state);
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

/* The one row that was added says that, and says something in both languages; where it is not well, what to
 * do. */
static void expect(enum diagnosis_state state, const char *words) {
    assert_int_equal(diagnosis.count, 1);
    const struct diagnosis_row *row = &diagnosis.rows[0];
    assert_int_equal(row->state, state);
    assert_true(*row->zh && *row->en);
    assert_true((*row->do_zh != '\0') == (*row->do_en != '\0'));
    assert_true(state == OK || state == UNKNOWN || *row->do_en);
    if (!strstr(row->en, words)) {
        fail_msg("'%s' is not in '%s'", words, row->en);
    }
    diagnosis_init(&diagnosis, diagnosis.arena);
}

static void of_the_gateway(void **state) {
    static const struct {
        struct gateway_facts facts;
        enum diagnosis_state state;
        const char *words;
    } cases[] = {
        { { STATUS_OK, 0, NOW }, OK, "takes messages" },
        { { STATUS_FULL, 0, NOW }, FAILED, "the disk is nearly full" },
        { { STATUS_BUSY, 0, NOW }, FAILED, "at its limit" },
        { { STATUS_OK, 7, NOW }, WARNING, "7 records to go" },
    };
    for (size_t i = 0; i < CASES(cases); i++) {
        check_gateway(&cases[i].facts, &diagnosis);
        expect(cases[i].state, cases[i].words);
    }
}

static void of_the_disk(void **state) {
    static const struct {
        struct disk_facts facts;
        enum diagnosis_state state;
        const char *words;
    } cases[] = {
        /*            free       reserve   full   written   in_s */
        { { "data", MIB(1024), MIB(128), false, 0, 0 }, OK, "1024 MiB" },
        { { "data", MIB(128), MIB(128), false, 0, 0 }, FAILED, "nearly full" },
        { { "data", MIB(129), MIB(128), false, 0, 0 }, WARNING, "129 MiB" },
        { { "data", MIB(256), MIB(128), false, 0, 0 }, OK, "256 MiB" },
        { { "data", MIB(255), MIB(128), false, 0, 0 }, WARNING, "255 MiB" },
        { { "data", MIB(1024), MIB(128), true, 0, 0 }, FAILED, "nearly full" },
        { { "data", 0, 0, false, 0, 0 }, FAILED, "nearly full" },
        /* a rate says nothing before its time */
        { { "data", MIB(1024), 0, false, MIB(1000), CHECKS_RATE_AFTER_S - 1 }, OK, "1024 MiB are left" },
        { { "data", MIB(700), 0, false, MIB(100), 86400 }, OK, "in about 7 days" },
        { { "data", MIB(699), 0, false, MIB(100), 86400 }, WARNING, "in about 6 days" },
        { { "data", MIB(100), 0, false, MIB(100), 86400 }, WARNING, "in about 1 days" },
        { { "data", MIB(99), 0, false, MIB(100), 86400 }, FAILED, "in about 0 days" },
        { { "data", MIB(1024), 0, false, 1, 86400 }, OK, "in about 36500 days" },
    };
    for (size_t i = 0; i < CASES(cases); i++) {
        check_disk(&cases[i].facts, &diagnosis);
        expect(cases[i].state, cases[i].words);
    }
}

static void of_memory(void **state) {
    static const struct {
        uint64_t available;
        enum diagnosis_state state;
    } cases[] = {
        { 0, UNKNOWN },
        { CHECKS_MEMORY_FAILED - 1, FAILED },
        { CHECKS_MEMORY_FAILED, WARNING },
        { CHECKS_MEMORY_WARNING - 1, WARNING },
        { CHECKS_MEMORY_WARNING, OK },
    };
    for (size_t i = 0; i < CASES(cases); i++) {
        check_memory(cases[i].available, &diagnosis);
        expect(cases[i].state, "");
    }
}

static void of_journal_and_scrub(void **state) {
    static const struct {
        struct journal_facts facts;
        enum diagnosis_state state;
        const char *words;
    } journals[] = {
        { { 42, AGO(1), 0, NOW, 0 }, OK, "42 records are durable" },
        { { 42, AGO(1), AGO(CHECKS_SLOW_SYNC_S - 1), NOW, 3 }, WARNING, "3 of them" },
        { { 42, AGO(1), AGO(CHECKS_SLOW_SYNC_S), NOW, 3 }, OK, "durable" },
    };
    static const struct {
        struct scrub_facts facts;
        enum diagnosis_state state;
        const char *words;
    } scrubs[] = {
        { { 0, 0, 0 }, OK, "not read to its end" },
        { { 0, 0, NOW }, OK, "is whole" },
        { { 1, 0, NOW }, FAILED, "1 segments were damaged" },
        { { 0, 2, NOW }, FAILED, "2 could not be read" },
    };
    for (size_t i = 0; i < CASES(journals); i++) {
        check_journal(&journals[i].facts, &diagnosis);
        expect(journals[i].state, journals[i].words);
    }
    for (size_t i = 0; i < CASES(scrubs); i++) {
        check_scrub(&scrubs[i].facts, &diagnosis);
        expect(scrubs[i].state, scrubs[i].words);
    }
}

static void of_engine_and_state(void **state) {
    static const struct {
        int64_t behind;
        enum diagnosis_state state;
    } engines[] = {
        { 0, OK },
        { CHECKS_BEHIND_WARNING - 1, OK },
        { CHECKS_BEHIND_WARNING, WARNING },
        { CHECKS_BEHIND_FAILED - 1, WARNING },
        { CHECKS_BEHIND_FAILED, FAILED },
    };
    static const struct {
        struct state_facts facts;
        enum diagnosis_state state;
    } states[] = {
        { { 0, 0, 0 }, OK },
        { { 1, 0, NOW }, WARNING },
        { { 0, 1, NOW }, WARNING },
    };
    for (size_t i = 0; i < CASES(engines); i++) {
        check_engine(engines[i].behind, &diagnosis);
        expect(engines[i].state, "records behind");
    }
    for (size_t i = 0; i < CASES(states); i++) {
        check_state(&states[i].facts, &diagnosis);
        expect(states[i].state, "journal");
    }
}

static void of_clock_and_edition(void **state) {
    struct clock_reading believed = { NOW, NOW, CLOCK_NONE }, jumped = { NOW, AGO(86400), CLOCK_JUMPED };
    struct edition_facts good = { "0123456789abcdef", 7, false }, refused = { "0123456789abcdef", 7, true };
    check_clock(&believed, &diagnosis);
    expect(OK, "believed");
    check_clock(&jumped, &diagnosis);
    expect(FAILED, "deadlines wait");
    check_edition(&good, &diagnosis);
    expect(OK, "0123456789ab (record 7)");
    check_edition(&refused, &diagnosis);
    expect(FAILED, "was refused");
}

static void of_certificates(void **state) {
    static const struct {
        int64_t left_s;
        enum diagnosis_state state;
        const char *words;
    } cases[] = {
        { -86400, FAILED, "it is over" },
        { 0, FAILED, "it is over" },
        { 1, WARNING, "in 0 days" },
        { INT64_C(86400) * CHECKS_CERTIFICATE_DAYS - 1, WARNING, "in 29 days" },
        { INT64_C(86400) * CHECKS_CERTIFICATE_DAYS, OK, "in 30 days" },
    };
    for (size_t i = 0; i < CASES(cases); i++) {
        check_certificate("machines", NOW + cases[i].left_s * STAMP_SECOND, NOW, &diagnosis);
        expect(cases[i].state, cases[i].words);
    }
}

static void of_destinations(void **state) {
    static const struct {
        struct destination_facts facts;
        enum diagnosis_state state;
        const char *words;
    } cases[] = {
        { { "CUS", "kafka", .reason = "", .words = "" }, OK, "nothing waits" },
        { { "CUS", "kafka", .waiting = 3, .oldest = AGO(CHECKS_UNTRIED_S), .reason = "", .words = "" },
          OK,
          "3 wait, under way" },
        { { "CUS", "kafka", .waiting = 3, .oldest = AGO(CHECKS_UNTRIED_S + 1), .reason = "", .words = "" },
          WARNING,
          "not delivered yet; 3 wait, the oldest for 10 min" },
        { { "CUS", "", .waiting = 1, .oldest = AGO(86400 * 3), .reason = "", .words = "" },
          WARNING,
          "no line to it; 1 wait, the oldest for 3 d" },
        { { "CUS", "kafka", .waiting = 1, .oldest = AGO(9), .attempts = 1, .tried = AGO(1),
            .reason = "unreachable", .words = "refused" },
          WARNING,
          "(refused); tried 1 times" },
        { { "CUS", "kafka", .waiting = CHECKS_COUNTED_MAX, .oldest = AGO(9), .attempts = CHECKS_TRIES_FAILED,
            .tried = AGO(1), .reason = "unreachable", .words = "" },
          FAILED,
          "10000+ wait" },
        { { "CUS", "kafka", .parked = 2, .oldest = AGO(9), .reason = "receiver-refused", .words = "no" },
          WARNING,
          "; 2 parked" },
        { { "CUS", "kafka", .is_blocked = true, .parked = 2, .oldest = AGO(9), .reason = "", .words = "" },
          WARNING,
          "the party is blocked; 2 parked" },
    };
    for (size_t i = 0; i < CASES(cases); i++) {
        struct destination_facts facts = cases[i].facts;
        facts.now = NOW;
        check_destination(&facts, &diagnosis);
        expect(cases[i].state, cases[i].words);
    }
}

static void of_folders(void **state) {
    static const struct {
        int fault;
        int64_t waits_s;
        enum diagnosis_state state;
        const char *words;
    } cases[] = {
        { 0, 0, OK, "read and written" },
        { 0, CHECKS_WAITED_S - 1, OK, "read and written" },
        { 0, CHECKS_WAITED_S, WARNING, "have waited for 60 min" },
        { EACCES, 0, FAILED, "/inbox cannot be used" },
    };
    for (size_t i = 0; i < CASES(cases); i++) {
        struct folder_facts facts = { "FWD", "/inbox", cases[i].fault, cases[i].waits_s, NOW };
        check_folder(&facts, &diagnosis);
        expect(cases[i].state, cases[i].words);
    }
}

static void of_what_waits_for_somebody(void **state) {
    check_held(0, 0, &diagnosis);
    expect(OK, "none");
    check_held(1, AGO(1), &diagnosis);
    expect(FAILED, "1 records");
    check_quarantine(0, 0, &diagnosis);
    expect(OK, "none");
    check_quarantine(1, AGO(1), &diagnosis);
    expect(WARNING, "1 messages");
    check_answers(0, 0, NOW, &diagnosis);
    expect(OK, "none");
    check_answers(2, AGO(CHECKS_WAITED_S - 1), NOW, &diagnosis);
    expect(OK, "of 2");
    check_answers(2, AGO(CHECKS_WAITED_S), NOW, &diagnosis);
    expect(WARNING, "of 2");
    check_alerts(9, 0, 0, NOW, &diagnosis);
    expect(OK, "9 are open, 0");
    check_alerts(9, 1, AGO(CHECKS_ALERT_S - 1), NOW, &diagnosis);
    expect(OK, "9 are open, 1");
    check_alerts(9, 1, AGO(CHECKS_ALERT_S), NOW, &diagnosis);
    expect(WARNING, "9 are open, 1");
}

/* --- as a whole ----------------------------------------------------------------------------------------- */

static const struct json *told(struct buf *body) {
    char why[128];
    struct json_out out;
    buf_clear(body);
    json_start(&out, body);
    diagnosis_json(&diagnosis, &out);
    const struct json *json = json_parse(diagnosis.arena, buf_text(body), why, sizeof(why));
    assert_non_null(json);
    return json;
}

static void the_worst_comes_first_and_is_read_back(void **state) {
    struct diagnosis read;
    struct buf body, again;
    buf_init(&body, 4 << 20);
    buf_init(&again, 4 << 20);
    assert_int_equal(diagnosis_worst(&diagnosis), OK);
    check_memory(0, &diagnosis);
    check_quarantine(1, AGO(1), &diagnosis);
    check_held(1, AGO(1), &diagnosis);
    check_engine(0, &diagnosis);
    diagnosis_sort(&diagnosis);
    const struct json *json = told(&body);
    assert_string_equal(json_string_at(json, "state"), "failed");
    assert_int_equal(json_int_at(json, "warning"), 1);
    assert_int_equal(json_int_at(json, "unknown"), 1);
    const struct json *rows = json_at(json, "checks");
    static const char *const order[] = { "held", "quarantine", "memory", "engine" };
    for (size_t i = 0; i < CASES(order); i++) {
        assert_string_equal(json_string_at(json_item(rows, i), "check"), order[i]);
    }
    diagnosis_init(&read, diagnosis.arena);
    assert_true(diagnosis_read(json, &read));
    struct json_out out;
    json_start(&out, &again);
    diagnosis_json(&read, &out);
    assert_true(text_equal(buf_text(&body), buf_text(&again)));
    diagnosis_init(&read, diagnosis.arena);
    assert_false(diagnosis_read(NULL, &read));
    buf_clear(&body);
    diagnosis_print(&diagnosis, LANGUAGE_EN, &body);
    assert_true(text_starts(buf_text(&body), "failed   held: 1 records"));
    assert_non_null(strstr(body.at, "in all: 1 failed, 1 warnings, 1 unknown, 1 ok\n"));
    buf_release(&body);
    buf_release(&again);
}

static void more_than_has_room_is_counted(void **state) {
    struct diagnosis read;
    struct buf body;
    buf_init(&body, 16 << 20);
    for (int i = 0; i < DIAGNOSIS_ROWS_MAX; i++) {
        check_engine(0, &diagnosis);
    }
    check_held(1, AGO(1), &diagnosis);
    assert_int_equal(diagnosis.count, DIAGNOSIS_ROWS_MAX);
    assert_int_equal(diagnosis.left_out, 1);
    assert_int_equal(diagnosis_worst(&diagnosis), FAILED);
    const struct json *json = told(&body);
    assert_true(json_bool(json_at(json, "more")));
    diagnosis_init(&read, diagnosis.arena);
    assert_true(diagnosis_read(json, &read));
    assert_int_equal(read.left_out, 1);
    assert_int_equal(diagnosis_worst(&read), FAILED);
    buf_release(&body);
}

static void how_long_in_one_unit(void **state) {
    static const struct {
        int64_t seconds;
        const char *zh, *en;
    } cases[] = {
        { -1, "0 秒", "0 s" },           { 119, "119 秒", "119 s" }, { 120, "2 分钟", "2 min" },
        { 7199, "119 分钟", "119 min" }, { 7200, "2 小时", "2 h" },  { 172799, "47 小时", "47 h" },
        { 172800, "2 天", "2 d" },
    };
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_string_equal(diagnosis_span(diagnosis.arena, cases[i].seconds, LANGUAGE_ZH), cases[i].zh);
        assert_string_equal(diagnosis_span(diagnosis.arena, cases[i].seconds, LANGUAGE_EN), cases[i].en);
    }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(of_the_gateway),
        TEST(of_the_disk),
        TEST(of_memory),
        TEST(of_journal_and_scrub),
        TEST(of_engine_and_state),
        TEST(of_clock_and_edition),
        TEST(of_certificates),
        TEST(of_destinations),
        TEST(of_folders),
        TEST(of_what_waits_for_somebody),
        TEST(the_worst_comes_first_and_is_read_back),
        TEST(more_than_has_room_is_counted),
        TEST(how_long_in_one_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
