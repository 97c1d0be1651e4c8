/*
 * Events over a real journal: who is told of what, that what is told as it comes and what is told again are
 * the same, and the limits of both.
 */
#include "journal_room.h"
#include "message_record.h"

#include "base/json.h"
#include "message/metadata.h"
#include "edition/segments.h"
#include "deliver/event_feed.h"
#include "deliver/events.h"
#include "decided_kit.h"
#include "transports_kit.h"
#include "waiting.h"

#define TOLD_MAX 4096

struct told {
    char party[16];
    uint64_t after, position;
    char *events;
};

static struct world {
    struct journal_room room;
    struct journal *journal;
    struct arena *arena;
    struct segments segments;
    struct edition edition;
    struct loop *loop;
    struct loop_timer *limit, *look;
    struct event_feed *feed;
    struct told told[TOLD_MAX];
    size_t told_count;
    struct { /* the last answer */
        bool came;
        enum status status;
        uint64_t after, position;
        bool more;
        size_t count;
        char *events;
    } answer;
    size_t answers;
    bool (*until)(void);
} world;

static const char rows[] = "parties:\n"
                           "  - { code: A, name: { zh: 甲, en: A }, roles: [declarant] }\n"
                           "  - { code: B, name: { zh: 乙, en: B }, roles: [declarant] }\n"
                           "  - { code: CUS, name: { zh: 丙, en: C }, roles: [customs] }\n"
                           "  - { code: OFC, name: { zh: 丁, en: O }, roles: [office] }\n"
                           "  - { code: X, name: { zh: 戊, en: X }, roles: [declarant], blocked: true }\n";

/* --- the loop ------------------------------------------------------------------------------------------ */

static void too_long(void *context) {
    fail_msg("what the test waits for did not happen");
}

static void look(void *context) {
    if (world.until && world.until()) {
        loop_stop(world.loop);
    }
    loop_timer_start(world.look, 1);
}

static void run_until(bool (*until)(void)) {
    world.until = until;
    loop_timer_start(world.limit, WAITING_MAX_MS);
    loop_run(world.loop);
    loop_timer_stop(world.limit);
}

static char *copy(struct text text) {
    char *out = calloc(text.length + 1, 1);
    return text.length ? memcpy(out, text.at, text.length) : out;
}

static void told(void *context, const char *party, const struct event_stretch *stretch) {
    struct told *last = &world.told[world.told_count++];
    assert_true(world.told_count < TOLD_MAX);
    snprintf(last->party, sizeof(last->party), "%s", party);
    last->after = stretch->after;
    last->position = stretch->position;
    last->events = copy(stretch->events);
    assert_true(stretch->count > 0 && stretch->after < stretch->position);
}

static void answered(void *context, enum status status, const struct event_stretch *stretch) {
    free(world.answer.events);
    world.answers++;
    world.answer.came = true;
    world.answer.status = status;
    world.answer.after = stretch->after;
    world.answer.position = stretch->position;
    world.answer.more = stretch->more;
    world.answer.count = stretch->count;
    world.answer.events = copy(stretch->events);
}

static void start(void) {
    struct event_feed_options options = {
        .loop = world.loop, .journal = world.journal, .edition = &world.edition, .told = told
    };
    world.feed = event_feed_start(&options);
}

static int set_up(void **state) {
    struct verdict mistakes;
    struct journal_report report;
    memset(&world, 0, sizeof(world));
    room_init(&world.room);
    struct journal_options options = room_options(&world.room);
    options.segment_size = 4 << 20;
    assert_int_equal(journal_open(&options, &world.journal, &report), STATUS_OK);
    world.arena = arena_new();
    verdict_init(&mistakes, world.arena);
    world.segments.milestones[0] = (struct milestone){ "RELEASED", "放行", "released", false, NULL, NULL };
    world.segments.milestones_count = 1;
    world.segments.chains[0].month = "RELEASED";
    world.segments.chains_count = 1;
    world.edition.holds = 1;
    world.edition.segments = &world.segments;
    world.edition.parties =
        parties_load(text_of(rows), "parties.yaml", kit_transports, world.arena, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    world.loop = loop_new();
    world.limit = loop_timer_new(world.loop, too_long, NULL);
    world.look = loop_timer_new(world.loop, look, NULL);
    loop_timer_start(world.look, 1);
    start();
    return 0;
}

static int tear_down(void **state) {
    event_feed_stop(world.feed);
    loop_timer_free(world.limit);
    loop_timer_free(world.look);
    loop_free(world.loop);
    journal_close(world.journal);
    room_release(&world.room);
    for (size_t i = 0; i < world.told_count; i++) {
        free(world.told[i].events);
    }
    free(world.answer.events);
    arena_free(world.arena);
    return 0;
}

/* --- records ------------------------------------------------------------------------------------- */

static uint64_t message(const char *party) {
    return append_message(world.journal, party, "7");
}

static struct decision *begin(uint64_t cause) {
    static struct decision decision;
    decision_init(&decision, world.arena, cause);
    decision.result = RESULT_DONE;
    decision_subject(&decision, "CNQDG/BL1");
    decision_answer(&decision, "FORWARDED", "已转送", "handed on");
    return &decision;
}

static void milestone(struct decision *decision, const char *declaration, uint64_t record) {
    decision_move(decision, "milestones", "CNQDG/BL1", "told", "", "", STAMP_SECOND, "code", "RELEASED",
                  "declaration", declaration, "containers", "CSNU1 CSNU2", NULL);
    decision_put(decision, "record", (int64_t)record);
}

static uint64_t end(struct decision *decision) {
    return decided_append(world.journal, decision, TEXT("<Decision/>"));
}

static bool answer_came(void) {
    return world.answer.came;
}

static const char *ask(const char *party, uint64_t after) {
    world.answer.came = false;
    assert_int_equal(event_feed_ask(world.feed, party, after, answered, NULL), STATUS_OK);
    run_until(answer_came);
    return world.answer.events;
}

static size_t kinds(const char *events, const char *kind) {
    size_t count = 0;
    for (const char *at = events; (at = strstr(at, kind)) != NULL; at++) {
        count++;
    }
    return count;
}

/* --- who is told --------------------------------------------------------------------------------- */

/* "D" the decision, "M" the milestone, "H" the message that it is handed: what each of A, B, CUS, OFC hears. */
static void test_who_is_told_of_what(void **state) {
    static const struct {
        const char *what, *sender, *declaration;
        const char *destination; /* of what proves it; "=B": of the decision itself */
        const char *proved_by;   /* "": by the cause itself */
        enum result result;
        const char *a, *b, *cus, *ofc;
    } cases[] = {
        { "its own message", "A", "A/7", "", "", RESULT_DONE, "DM", "", "", "M" },
        { "and customs is sent it", "A", "A/7", "CUS", "", RESULT_DONE, "DM", "", "MH", "M" },
        { "an answer of customs", "CUS", "A/7", "A", "", RESULT_DONE, "MH", "", "DM", "M" },
        { "an answer that nobody is sent", "CUS", "A/7", "", "", RESULT_DONE, "M", "", "DM", "M" },
        { "a moment of the whole consignment", "CUS", "", "B", "", RESULT_DONE, "", "MH", "DM", "M" },
        { "one with a name that begins alike", "CUS", "AB/7", "", "", RESULT_DONE, "", "", "DM", "M" },
        { "an event that was kept, told by B", "A", "", "A", "B", RESULT_DONE, "DMH", "M", "", "M" },
        { "refused: nothing but the answer", "A", "", "=A", "", RESULT_REFUSED, "D", "", "", "" },
        { "held", "A", "A/7", "", "", RESULT_HELD, "", "", "", "" },
        { "a decision that is sent to B", "A", "A/7", "=B", "", RESULT_DONE, "DM", "D", "", "M" },
        { "and to the office", "A", "A/7", "=OFC", "", RESULT_DONE, "DM", "", "", "DM" },
        { "of nobody's message, as by a clock", "", "A/7", "=B", "", RESULT_DONE, "M", "D", "", "M" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t older = message(*cases[i].proved_by ? cases[i].proved_by : "CUS"), from = older;
        uint64_t cause = message(cases[i].sender);
        struct decision *decision = begin(cause);
        decision->result = cases[i].result;
        uint64_t proof = *cases[i].proved_by ? older : cause;
        if (cases[i].result != RESULT_REFUSED) {
            milestone(decision, cases[i].declaration, proof);
        }
        if (*cases[i].destination) {
            bool itself = cases[i].destination[0] == '=';
            decision_send(decision, cases[i].destination + itself, itself ? 0 : proof, "R01");
        }
        end(decision);
        const char *const codes[] = { "A", "B", "CUS", "OFC" }, *const hears[] = { cases[i].a, cases[i].b,
                                                                                   cases[i].cus,
                                                                                   cases[i].ofc };
        for (size_t j = 0; j < 4; j++) {
            const char *events = ask(codes[j], from);
            char heard[8] = "";
            strcat(heard, kinds(events, "clearway.event.decision.v1") ? "D" : "");
            strcat(heard, kinds(events, "clearway.event.milestone.v1") ? "M" : "");
            strcat(heard, kinds(events, "clearway.event.message.v1") ? "H" : "");
            if (world.answer.status != STATUS_OK || strcmp(heard, hears[j]) != 0) {
                fail_msg("%s: %s hears '%s'", cases[i].what, codes[j], heard);
            }
        }
    }
}

/* Case 866: who is sent what was decided about another's message is told of it, and not whose it was. */
static void test_what_is_sent_is_told(void **state) {
    struct decision *decision = begin(message("A"));
    decision_send(decision, "B", 0, "alert");
    end(decision);
    assert_non_null(strstr(ask("B", 0), "\"data\":{\"record\":1,\"party\":\"\",\"family\":\"\",\"result\""));
    assert_non_null(strstr(ask("A", 0), "\"data\":{\"record\":1,\"party\":\"A\",\"family\":\"declaration\""));
    assert_non_null(strstr(ask("", 0), "\"data\":{\"record\":1,\"party\":\"A\",\"family\":\"declaration\""));
    assert_int_equal(kinds(ask("", 0), "decision.v1"), 1);
    assert_int_equal(kinds(ask("CUS", 0), "decision.v1"), 0);
}

/* Who is handed another's message, as the maritime administration is a declaration of dangerous goods that
 * proves nothing, hears of it once, and of which kind it is. */
static void test_who_is_handed_a_message_is_told(void **state) {
    uint64_t older = message("CUS"), cause = message("A");
    struct decision *decision = begin(cause);
    decision_send(decision, "B", cause, "R01");
    decision_send(decision, "B", older, "R02");
    end(decision);
    const char *told = ask("B", 0);
    assert_int_equal(kinds(told, "event."), 2);
    assert_non_null(strstr(told, "\"subject\":\"CNQDG/BL1\""));
    assert_non_null(strstr(told, "\"data\":{\"record\":2,\"family\":\"declaration\"}"));
    assert_non_null(strstr(told, "\"data\":{\"record\":1,\"family\":\"declaration\"}"));
    assert_int_equal(kinds(ask("CUS", 0), "event."), 0);
    assert_int_equal(kinds(ask("", 0), "message.v1"), 0);
}

/* Everybody's row hears which questions have another answer, once each: of figures without the goods. */
static void test_which_answers_are_others_is_told(void **state) {
    struct decision *decision = begin(message("A"));
    decision_move(decision, "alerts", "", "watch", "", "", 1, NULL);
    decision_move(decision, "timers", "next", "set", "", "", 1, NULL);
    end(decision);
    assert_int_equal(kinds(ask("", 0), "change.v1"), 0); /* nobody is shown what is only watched */
    decision = begin(message("A"));
    decision_move(decision, "alerts", "A01", "open", "", "open", 1, NULL);
    decision_move(decision, "alerts", "A02", "open", "", "open", 1, NULL);
    decision_move(decision, "complaints", "C1", "complain", "", "open", 1, NULL);
    milestone(decision, "A/7", 3);
    milestone(decision, "A/8", 3);
    decision_move(decision, "closings", "1", "close", "", "", 1, "month", "2026-10", NULL);
    end(decision);
    const char *told = ask("", 2);
    assert_int_equal(kinds(told, "change.v1"), 4);
    assert_int_equal(kinds(told, "change.v1\",\"subject\":\"CNQDG/BL1\",\"time\""), 1); /* of the alerts */
    assert_int_equal(kinds(told, "change.v1\",\"time\""), 3);
    assert_non_null(strstr(told, "\"data\":{\"question\":\"alerts\"}"));
    assert_non_null(strstr(told, "\"data\":{\"question\":\"complaints\"}"));
    assert_non_null(strstr(told, "\"data\":{\"question\":\"report\",\"month\":\"1970-01\"}"));
    assert_non_null(strstr(told, "\"data\":{\"question\":\"report\",\"month\":\"2026-10\"}"));
    for (const char *const *party = (const char *const[]){ "A", "B", "CUS", "OFC", NULL }; *party; party++) {
        assert_int_equal(kinds(ask(*party, 0), "change.v1"), 0);
    }
}

static void test_an_event_in_full(void **state) {
    uint64_t cause = message("A");
    struct decision *decision = begin(cause);
    decision_detail(decision, "message_id", "7");
    milestone(decision, "A/7", cause);
    end(decision);
    char recorded[STAMP_TEXT_MAX], expected[4096];
    struct reader *reader = reader_new(world.journal);
    struct record rec;
    assert_int_equal(reader_pick(reader, 2, &rec), STATUS_OK);
    stamp_print(rec.stamp, recorded);
    reader_free(reader);
    const char *journal = journal_name(world.journal);
    snprintf(
        expected, sizeof(expected),
        "[{\"specversion\":\"1.0\",\"id\":\"2-1\",\"source\":\"%s\",\"type\":\"clearway.event.decision.v1\","
        "\"subject\":\"CNQDG/BL1\",\"time\":\"%s\",\"datacontenttype\":\"application/json\",\"sequence\":\"2\","
        "\"data\":{\"record\":1,\"party\":\"A\",\"family\":\"declaration\",\"result\":\"done\",\"code\":\"FORWARDED\",\"zh\":\"已转送\",\"en\":\"handed on\","
        "\"hint_zh\":\"报文已按路由转送给各接收方。\",\"hint_en\":\"The message is on its way to the parties that the routes name.\","
        "\"details\":{\"message_id\":\"7\"}}},"
        "{\"specversion\":\"1.0\",\"id\":\"2-2\",\"source\":\"%s\",\"type\":\"clearway.event.milestone.v1\","
        "\"subject\":\"CNQDG/BL1\",\"time\":\"1970-01-01T08:00:01.000+08:00\",\"datacontenttype\":\"application/json\","
        "\"sequence\":\"2\",\"data\":{\"record\":1,\"family\":\"declaration\",\"code\":\"RELEASED\",\"zh\":\"放行\",\"en\":\"released\","
        "\"declaration\":\"7\",\"containers\":[\"CSNU1\",\"CSNU2\"],\"recorded\":\"%s\"}}]",
        journal, recorded, journal, recorded);
    assert_string_equal(ask("A", 0), expected);
    assert_int_equal(world.answer.position, 2);
    assert_int_equal(world.answer.count, 2);
    assert_false(world.answer.more);
}

/* --- as it comes, and again ---------------------------------------------------------------------- */

static bool all_told(void) {
    return event_feed_told(world.feed) == journal_durable(world.journal);
}

/* Each word of the feed to this party, from where it began: no stretch is left out, and what is asked for
 * again is the same. */
static void check_told(const char *party, uint64_t from, size_t expected) {
    size_t count = 0;
    uint64_t place = from;
    for (size_t i = 0; i < world.told_count; i++) {
        const struct told *one = &world.told[i];
        if (strcmp(one->party, party) == 0) {
            assert_int_equal(one->after, place);
            assert_memory_equal(ask(party, one->position - 1), one->events, strlen(one->events) - 1);
            place = one->position;
            count++;
        }
    }
    assert_int_equal(count, expected);
}

static void test_what_comes_is_told_to_who_is_listened_for(void **state) {
    static const char *const listening[] = { "OFC", "A", "" };
    message("A");
    uint64_t before = journal_durable(world.journal);
    uint64_t from = event_feed_listen(world.feed, &world.edition, listening, 3);
    assert_true(from <= before);
    for (int i = 0; i < 300; i++) {
        uint64_t cause = message(i % 3 ? "B" : "A");
        struct decision *decision = begin(cause);
        milestone(decision, i % 3 ? "B/7" : "A/7", cause);
        end(decision);
        if (i % 10 == 0) {
            event_feed_advance(world.feed);
        }
    }
    event_feed_advance(world.feed);
    run_until(all_told);
    for (size_t i = 0; i < world.told_count; i++) {
        assert_true(strcmp(world.told[i].party, "A") == 0 || strcmp(world.told[i].party, "OFC") == 0
                    || strcmp(world.told[i].party, "") == 0);
        /* of every message what became of it is told to nobody's row alone, with whose it is */
        assert_true(*world.told[i].party || strstr(world.told[i].events, "\"party\":\"A\"")
                    || strstr(world.told[i].events, "\"party\":\"B\""));
        assert_true(strcmp(world.told[i].party, "A") != 0 || strstr(world.told[i].events, "\"B") == NULL);
    }
    check_told("A", from, 100);
    check_told("OFC", from, 300);
    check_told("", from, 300);
}

static void test_after_a_restart_the_same_is_told_again(void **state) {
    char *before[20];
    for (int i = 0; i < 20; i++) {
        end(begin(message("A")));
    }
    for (uint64_t i = 0; i < 20; i++) {
        before[i] = strdup(ask("A", 2 * i));
    }
    event_feed_stop(world.feed);
    start();
    for (uint64_t i = 0; i < 20; i++) {
        assert_string_equal(ask("A", 2 * i), before[i]);
        free(before[i]);
    }
}

/* A listener that reads on from each `position` gets everything once, however it is cut. */
static void test_more_than_an_answer_holds_comes_in_several(void **state) {
    for (int i = 0; i < 20; i++) {
        uint64_t cause = message("A");
        struct decision *decision = begin(cause);
        for (int j = 0; j < 200; j++) {
            milestone(decision, "A/7", cause);
        }
        end(decision);
    }
    size_t count = 0, answers = 0;
    uint64_t place = 0;
    do {
        const char *events = ask("A", place);
        assert_int_equal(world.answer.after, place);
        assert_true(strlen(events) < (192 << 10) + 201 * 600);
        count += kinds(events, "\"specversion\"");
        place = world.answer.position;
        answers++;
    } while (world.answer.more);
    assert_int_equal(count, 20 * 201);
    assert_int_equal(place, journal_durable(world.journal));
    assert_true(answers > 5);
}

/* --- limits -------------------------------------------------------------------------------------- */

static void test_places_that_are_none(void **state) {
    end(begin(message("A")));
    assert_string_equal(ask("A", EVENT_FEED_NOW), "[]");
    assert_int_equal(world.answer.after, 2);
    assert_int_equal(world.answer.position, 2);
    assert_string_equal(ask("A", 2), "[]");
    assert_int_equal(world.answer.status, STATUS_OK);
    ask("A", 3); /* of another journal, or of more than is left of this one */
    assert_int_equal(world.answer.status, STATUS_NOT_FOUND);
    ask("X", 0); /* blocked */
    assert_int_equal(world.answer.status, STATUS_NOT_FOUND);
    ask("NOBODY", 0);
    assert_int_equal(world.answer.status, STATUS_NOT_FOUND);
}

static bool all_answered(void) {
    return world.answers == EVENT_FEED_QUESTIONS_MAX;
}

static void test_one_question_too_many(void **state) {
    for (int i = 0; i < EVENT_FEED_QUESTIONS_MAX; i++) {
        assert_int_equal(event_feed_ask(world.feed, "A", 0, answered, NULL), STATUS_OK);
    }
    assert_int_equal(event_feed_ask(world.feed, "A", 0, answered, NULL), STATUS_BUSY);
    run_until(all_answered);
    ask("A", 0);
    assert_int_equal(world.answer.status, STATUS_OK);
}

static void test_who_waits_when_it_stops_is_answered(void **state) {
    for (int i = 0; i < 8; i++) {
        assert_int_equal(event_feed_ask(world.feed, "A", 0, answered, NULL), STATUS_OK);
    }
    event_feed_stop(world.feed);
    assert_int_equal(world.answers, 8);
    world.feed = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(test_who_is_told_of_what),
        T(test_what_is_sent_is_told),
        T(test_who_is_handed_a_message_is_told),
        T(test_which_answers_are_others_is_told),
        T(test_an_event_in_full),
        T(test_what_comes_is_told_to_who_is_listened_for),
        T(test_after_a_restart_the_same_is_told_again),
        T(test_more_than_an_answer_holds_comes_in_several),
        T(test_places_that_are_none),
        T(test_one_question_too_many),
        T(test_who_waits_when_it_stops_is_answered),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
