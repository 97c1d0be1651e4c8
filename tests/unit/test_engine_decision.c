/* Decisions and delivery results: written, read back, the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "engine/delivery.h"

struct fixture {
    struct arena *arena;
    struct buf buf;
};

static int setup(void **state) {
    static struct fixture fixture;
    fixture.arena = arena_new();
    buf_init(&fixture.buf, 1 << 20);
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    buf_release(&fixture->buf);
    arena_free(fixture->arena);
    return 0;
}

static void fill(struct decision *decision, struct arena *arena) {
    decision_init(decision, arena, 42);
    memset(decision->edition.bytes, 0xAB, DIGEST_SIZE);
    decision->result = RESULT_REFUSED;
    decision->subject = "CNQDG/COSU6001234567";
    decision_answer(decision, "I02", "查验 \"预约\" <被拒>", "the booking is refused & told");
    decision_detail(decision, "slot_start", "2026-10-31T08:30:00+08:00");
    decision_detail(decision, "left out", "");
    verdict_say(&decision->findings, "I02", SEVERITY_ERROR, (struct place){ 7, 3, 2, 5 }, "/A/B", "箱 %s",
                "container %s", "X");
    decision_move(decision, "bookings", "FWD/B-1", "book", "", "booked", INT64_C(1790000000000000001), "site",
                  "QD-01", "empty", "", "mode", "MANUAL", NULL);
    decision_put(decision, "queued", INT64_C(-9007199254740993));
    decision_move(decision, "consignments", "K", "tell", "a", "b", -5, NULL);
    decision_send(decision, "CUS-QD", 42, "R01");
    decision_send(decision, "CUS-QD", 42, "R02");
    decision_send(decision, "FWD", 0, "R40");
    decision->destinations[1].kept = true;
    decision_send(decision, "FWD", 43, "refused");
    decision->destinations[2].way = "files";
    decision->destinations[2].file = "报关单 \"1\".xml";
}

static void reads_back_what_it_wrote(void **state) {
    struct fixture *f = *state;
    struct decision out, in;
    fill(&out, f->arena);
    assert_int_equal(out.destinations_count, 3); /* once per party and record */
    decision_write(&out, &f->buf);
    assert_true(decision_read(buf_text(&f->buf), f->arena, &in));

    assert_int_equal(in.cause, 42);
    assert_true(digest_equal(&in.edition, &out.edition));
    assert_int_equal(in.result, RESULT_REFUSED);
    assert_string_equal(in.subject, out.subject);
    assert_string_equal(in.answer_zh, out.answer_zh);
    assert_int_equal(in.details_count, 1);
    assert_true(text_is(in.details[0].value, "2026-10-31T08:30:00+08:00"));
    assert_int_equal(in.findings.count, 1);
    assert_int_equal(in.findings.errors, 1);
    assert_string_equal(in.findings.findings[0].zh, "箱 X");
    assert_int_equal(in.findings.findings[0].place.column, 5);
    assert_int_equal(in.moves_count, 2);
    assert_string_equal(in.moves[0].to, "booked");
    assert_true(in.moves[0].at == INT64_C(1790000000000000001));
    assert_true(text_is(move_text(&in.moves[0], "mode"), "MANUAL"));
    assert_true(text_is(move_text(&in.moves[0], "empty"), ""));
    assert_true(move_number(&in.moves[0], "queued") == INT64_C(-9007199254740993));
    assert_int_equal(move_number(&in.moves[0], "mode"), 0);
    assert_true(in.moves[1].at == -5);
    assert_int_equal(in.destinations_count, 3);
    assert_int_equal(in.destinations[0].record, 42);
    assert_string_equal(in.destinations[0].route, "R01");
    assert_false(in.destinations[0].kept);
    assert_true(in.destinations[1].kept);
    assert_string_equal(in.destinations[1].file, "");
    assert_string_equal(in.destinations[1].way, "");
    assert_string_equal(in.destinations[2].way, "files");
    assert_string_equal(in.destinations[2].file, "报关单 \"1\".xml");

    struct buf again;
    buf_init(&again, 1 << 20);
    decision_write(&in, &again);
    assert_true(text_equal(buf_text(&f->buf), buf_text(&again))); /* byte for byte */
    buf_release(&again);
}

/* What is left out is what it was: of an empty subject, too, and where an order releases a record. */
static void what_is_left_out_reads_back(void **state) {
    static const char *const keys[] = { "", "S", "S/1" };
    struct fixture *f = *state;
    for (unsigned n = 0; n < 4; n++) {
        struct decision out, in;
        decision_init(&out, f->arena, 57);
        out.released = n & 1 ? 42 : 0;
        out.subject = n & 2 ? "S" : "";
        for (size_t i = 0; i < 9; i++) {
            decision_move(&out, "p", keys[i % 3], "e", "", "", n ? (stamp)(i / 3) : 0, NULL);
        }
        for (uint64_t record = 0; record < 60; record++) {
            decision_send(&out, "P", record, "R");
        }
        buf_clear(&f->buf);
        decision_write(&out, &f->buf);
        assert_true(decision_read(buf_text(&f->buf), f->arena, &in));
        assert_string_equal(in.subject, out.subject);
        assert_int_equal(in.released, out.released);
        assert_int_equal(in.moves_count, 9);
        for (size_t i = 0; i < 9; i++) {
            assert_string_equal(in.moves[i].key, out.moves[i].key);
            assert_true(in.moves[i].at == out.moves[i].at);
        }
        assert_int_equal(in.destinations_count, 60);
        for (size_t i = 0; i < 60; i++) {
            assert_int_equal(in.destinations[i].record, i);
        }
    }
}

static void every_result_has_its_text(void **state) {
    struct fixture *f = *state;
    for (enum result result = RESULT_DONE; result <= RESULT_HELD; result++) {
        struct decision out, in;
        decision_init(&out, f->arena, 1);
        out.result = result;
        buf_clear(&f->buf);
        decision_write(&out, &f->buf);
        assert_true(decision_read(buf_text(&f->buf), f->arena, &in));
        assert_int_equal(in.result, result);
    }
}

static void what_is_no_decision_is_said_so(void **state) {
    struct fixture *f = *state;
    static const char *const cases[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"cause\":1}",
        "{\"cause\":0,\"edition\":\"\",\"result\":\"done\"}",
        "{\"cause\":1,\"edition\":\"00\",\"result\":\"done\"}",
        "{\"record\":1,\"party\":\"P\",\"outcome\":\"delivered\"}",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct decision in;
        assert_false(decision_read(text_of(cases[i]), f->arena, &in));
    }
}

static void the_answer_is_xml_without_moves(void **state) {
    struct fixture *f = *state;
    struct decision decision;
    fill(&decision, f->arena);
    decision_write_answer(&decision, &f->buf);
    assert_non_null(
        strstr(f->buf.at, "<Decision xmlns=\"urn:clearway:decision:1\" cause=\"42\" result=\"refused\">"));
    assert_non_null(strstr(f->buf.at, "查验 &quot;预约&quot; &lt;被拒&gt;"));
    assert_non_null(strstr(f->buf.at, "<Detail name=\"slot_start\">2026-10-31T08:30:00+08:00</Detail>"));
    assert_non_null(strstr(f->buf.at, "<Finding code=\"I02\" severity=\"error\">"));
    assert_null(strstr(f->buf.at, "QD-01"));
    assert_null(strstr(f->buf.at, "CUS-QD"));
}

static void limits_are_noticed(void **state) {
    struct fixture *f = *state;
    struct decision decision;
    decision_init(&decision, f->arena, 1);
    for (uint64_t i = 1; i <= DECISION_DESTINATIONS_MAX; i++) {
        decision_send(&decision, "P", i, "R");
    }
    assert_false(decision.overflow);
    decision_send(&decision, "P", 1, "R"); /* known already */
    assert_false(decision.overflow);
    decision_send(&decision, "P", DECISION_DESTINATIONS_MAX + 1, "R");
    assert_true(decision.overflow);

    decision_init(&decision, f->arena, 1);
    for (size_t i = 0; i < DECISION_MOVES_MAX; i++) {
        decision_move(&decision, "p", "k", "e", "", "", 0, NULL);
    }
    assert_false(decision.overflow);
    decision_move(&decision, "p", "k", "e", "", "", 0, NULL);
    assert_true(decision.overflow);

    decision_init(&decision, f->arena, 1);
    for (size_t i = 0; i < DECISION_WORDS_MAX / 4; i++) {
        decision_move(&decision, "p", "k", "e", "", "", 0, "containers", "A B C D", NULL);
        decision.moves_count = 0; /* of the words only */
    }
    assert_false(decision.overflow);
    decision_move(&decision, "p", "k", "e", "", "", 0, "containers", "A", NULL);
    assert_true(decision.overflow);
}

static void a_delivery_reads_back(void **state) {
    struct fixture *f = *state;
    for (enum delivery_outcome outcome = DELIVERY_DELIVERED; outcome <= DELIVERY_DROPPED; outcome++) {
        struct delivery_result out = { 42,
                                       "CUS-QD",
                                       outcome,
                                       3,
                                       DELIVERY_REASON_RECEIVER_BUSY,
                                       "没有\"应答\"",
                                       INT64_C(1790000000000000000),
                                       digest_of("set-up", 6) };
        struct delivery_results read;
        buf_clear(&f->buf);
        delivery_write(&out, &f->buf);
        assert_true(delivery_read(buf_text(&f->buf), f->arena, &read));
        assert_int_equal(read.count, 1);
        struct delivery_result in = read.list[0];
        assert_int_equal(in.record, 42);
        assert_string_equal(in.party, "CUS-QD");
        assert_int_equal(in.outcome, outcome);
        assert_int_equal(in.attempt, 3);
        assert_int_equal(in.reason, out.reason);
        assert_string_equal(in.words, out.words);
        assert_true(in.next == out.next);
        assert_true(digest_equal(&in.edition, &out.edition));
    }
}

/* One that went well is read without a tree, if nothing in it is unusual. */
static void a_plain_delivery_reads_back(void **state) {
    static const char *const parties[] = { "CUS-QD", "", "a\\b", "\"", "},{", "]}", "海关" };
    struct fixture *f = *state;
    struct digest edition = digest_of("set-up", 6);
    struct delivery_results read;
    struct json_out out;
    for (size_t i = 0; i < sizeof(parties) / sizeof(*parties); i++) {
        for (size_t count = 1; count <= 3; count++) {
            buf_clear(&f->buf);
            delivery_write_begin(&out, &f->buf, &edition);
            for (size_t n = 0; n < count; n++) {
                delivery_write_result(&out, &(struct delivery_result){ .record = INT64_MAX,
                                                                       .party = parties[i],
                                                                       .attempt = UINT32_MAX });
            }
            delivery_write_end(&out);
            assert_true(delivery_read(buf_text(&f->buf), f->arena, &read));
            assert_int_equal(read.count, count);
            for (size_t n = 0; n < count; n++) {
                assert_string_equal(read.list[n].party, parties[i]);
                assert_true(read.list[n].record == INT64_MAX && read.list[n].attempt == UINT32_MAX);
                assert_string_equal(read.list[n].words, "");
                assert_true(digest_equal(&read.list[n].edition, &edition));
            }
            for (size_t length = 0; length < f->buf.length; length++) {
                assert_false(delivery_read((struct text){ f->buf.at, length }, f->arena, &read));
            }
        }
    }
}

/* Case 872: each outcome was a record of its own, with all that a record costs. */
static void one_record_tells_of_many_deliveries(void **state) {
    struct fixture *f = *state;
    struct digest edition = digest_of("set-up", 6);
    struct delivery_results read;
    struct json_out out;
    buf_clear(&f->buf);
    delivery_write_begin(&out, &f->buf, &edition);
    for (uint64_t record = 1; record <= DELIVERY_RESULTS_MAX; record++) {
        struct delivery_result result = { .record = record, .party = "QQCT", .attempt = 1 };
        delivery_write_result(&out, &result);
    }
    delivery_write_end(&out);
    assert_true(delivery_read(buf_text(&f->buf), f->arena, &read));
    assert_int_equal(read.count, DELIVERY_RESULTS_MAX);
    for (size_t i = 0; i < read.count; i++) {
        const struct delivery_result *in = &read.list[i];
        assert_int_equal(in->record, i + 1);
        assert_int_equal(in->outcome, DELIVERY_DELIVERED);
        assert_int_equal(in->reason, DELIVERY_REASON_NONE);
        assert_string_equal(in->words, "");
        assert_true(in->next == 0 && digest_equal(&in->edition, &edition));
    }
    f->buf.length -= 2; /* one more than a record may have */
    out.comma = true;
    delivery_write_result(&out, &(struct delivery_result){ .record = 99, .party = "QQCT", .attempt = 1 });
    delivery_write_end(&out);
    assert_false(delivery_read(buf_text(&f->buf), f->arena, &read));
    static const char *const broken[] = {
        "{\"edition\":\"\",\"deliveries\":[]}",
        "{\"deliveries\":[{\"record\":1,\"party\":\"P\",\"outcome\":\"eaten\"}]}",
        "{\"deliveries\":[{\"party\":\"P\",\"outcome\":\"delivered\"}]}",
        "{\"deliveries\":[{\"record\":1,\"outcome\":\"delivered\"}]}",
        "{\"deliveries\":[{\"record\":1,\"party\":\"P\",\"outcome\":\"parked\",\"reason\":\"a whim\"}]}",
        "{\"deliveries\":[{\"record\":1,\"party\":\"P\",\"outcome\":\"delivered\"},1]}",
        "{\"deliveries\":{\"record\":1,\"party\":\"P\",\"outcome\":\"delivered\"}}",
        "{\"record\":1,\"party\":\"P\",\"outcome\":\"delivered\"}",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        assert_false(delivery_read(text_of(broken[i]), f->arena, &read));
    }
}

/* Case 281: why a delivery waits or is parked was recorded, and shown to everybody, in English. */
static void reasons_are_codes_with_a_sentence_in_each_language(void **state) {
    for (enum delivery_reason reason = DELIVERY_REASON_PARTY_BLOCKED; reason <= DELIVERY_REASON_OPERATOR;
         reason++) {
        const char *code = delivery_reason_code(reason);
        const char *zh = delivery_reason_sentence(code, LANGUAGE_ZH),
                   *en = delivery_reason_sentence(code, LANGUAGE_EN);
        assert_true(*code && *zh && *en && (unsigned char)*zh >= 0x80 && (unsigned char)*en < 0x80);
        assert_true(delivery_reason_returns(reason) == (reason <= DELIVERY_REASON_NOT_RUNNING));
    }
    for (enum status status = STATUS_OK; status < STATUS_COUNT; status++) {
        assert_int_equal(delivery_reason_of(status) == DELIVERY_REASON_NONE, status == STATUS_OK);
    }
    assert_string_equal(delivery_reason_sentence("of a later release", LANGUAGE_ZH), "of a later release");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(reads_back_what_it_wrote),
        TEST(what_is_left_out_reads_back),
        TEST(every_result_has_its_text),
        TEST(what_is_no_decision_is_said_so),
        TEST(the_answer_is_xml_without_moves),
        TEST(limits_are_noticed),
        TEST(a_delivery_reads_back),
        TEST(a_plain_delivery_reads_back),
        TEST(one_record_tells_of_many_deliveries),
        TEST(reasons_are_codes_with_a_sentence_in_each_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
