/* test_message_facts.c - facts survive being written and read; what is not facts is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/facts.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct finding findings[] = {
    { .code = "D01", .severity = SEVERITY_ERROR, .place = { .offset = 512, .length = 2, .line = 14, .column = 17 },
      .path = "/DecMessage/DecHead/GrossWet", .zh = "毛重 10 小于净重 12", .en = "gross weight 10 is less than net weight 12",
      .hint_zh = "请核对", .hint_en = "check \"both\"", .file = "" },
    { .code = "D08", .severity = SEVERITY_WARNING, .path = "", .zh = "甲\n乙", .en = "a\tb", .hint_zh = "", .hint_en = "", .file = "" },
    { .code = "N01", .severity = SEVERITY_OBSERVE, .path = "", .zh = "", .en = "", .hint_zh = "", .hint_en = "", .file = "" },
};

static struct facts example(void) {
    return (struct facts){
        .env = { .party = "FWD-QD-01", .channel = CHANNEL_HTTP, .received = INT64_C(1790000000000000000), .format = "",
                 .file = "", .trace = "", .digest = digest_of("message", 7), .size = 9214 },
        .family = "declaration", .format = "cn-dec", .id = "20261031000000001", .outcome = OUTCOME_ACCEPTED,
        .setup = digest_of("setup", 5), .findings = findings, .count = COUNT(findings), .errors = 1, .warnings = 300,
    };
}

static void assert_same_finding(const struct finding *a, const struct finding *b) {
    assert_string_equal(a->code, b->code);
    assert_int_equal(a->severity, b->severity);
    assert_int_equal(a->place.offset, b->place.offset);
    assert_int_equal(a->place.length, b->place.length);
    assert_int_equal(a->place.line, b->place.line);
    assert_int_equal(a->place.column, b->place.column);
    assert_string_equal(a->path, b->path);
    assert_string_equal(a->zh, b->zh);
    assert_string_equal(a->en, b->en);
    assert_string_equal(a->hint_zh, b->hint_zh);
    assert_string_equal(a->hint_en, b->hint_en);
    assert_string_equal(a->file, b->file);
}

static void assert_round_trip(const struct facts *facts) {
    struct arena *arena = arena_new();
    struct buf meta, again;
    struct facts read;
    buf_init(&meta, 1 << 20);
    buf_init(&again, 1 << 20);
    facts_write(facts, &meta);
    assert_true(facts_read(buf_text(&meta), arena, &read));
    assert_string_equal(read.env.party, facts->env.party);
    assert_int_equal(read.env.channel, facts->env.channel);
    assert_int_equal(read.env.received, facts->env.received);
    assert_string_equal(read.env.format, facts->env.format);
    assert_string_equal(read.env.file, facts->env.file);
    assert_string_equal(read.env.trace, facts->env.trace);
    assert_true(digest_equal(&read.env.digest, &facts->env.digest));
    assert_int_equal(read.env.size, facts->env.size);
    assert_string_equal(read.family, facts->family);
    assert_string_equal(read.format, facts->format);
    assert_string_equal(read.id, facts->id);
    assert_int_equal(read.outcome, facts->outcome);
    assert_int_equal(read.conflicts, facts->conflicts);
    assert_true(digest_equal(&read.setup, &facts->setup));
    assert_int_equal(read.errors, facts->errors);
    assert_int_equal(read.warnings, facts->warnings);
    assert_int_equal(read.count, facts->count);
    for (size_t i = 0; i < read.count; i++) {
        assert_same_finding(&read.findings[i], &facts->findings[i]);
    }
    facts_write(&read, &again);
    assert_string_equal(again.at, meta.at);
    buf_release(&again);
    buf_release(&meta);
    arena_free(arena);
}

static void facts_survive(void **state) {
    struct facts facts = example();
    assert_round_trip(&facts);
    facts.count = 0;
    facts.env.channel = CHANNEL_FILES;
    facts.env.file = "报关单 \"1\".xml";
    facts.env.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    facts.env.format = "cn-dec";
    facts.family = facts.format = facts.id = "";
    facts.outcome = OUTCOME_REFUSED;
    assert_round_trip(&facts);
    facts.outcome = OUTCOME_CONFLICT;
    facts.conflicts = INT64_MAX;
    assert_round_trip(&facts);
}

static void facts_are_these_bytes(void **state) {
    static const char expected[] =
        "{\"party\":\"FWD-QD-01\",\"channel\":\"http\",\"received\":1790000000000000000,\"format\":\"cn-dec\","
        "\"family\":\"declaration\",\"id\":\"20261031000000001\","
        "\"digest\":\"ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d\",\"size\":9214,\"verdict\":\"accepted\","
        "\"setup\":\"8fb6d5f37e8055ce720bd0b1d56587f88c0071f285966ba17e72b2b12672aa73\",\"errors\":1,\"warnings\":300,\"findings\":["
        "{\"code\":\"D01\",\"severity\":\"error\",\"line\":14,\"column\":17,\"offset\":512,\"length\":2,"
        "\"path\":\"/DecMessage/DecHead/GrossWet\",\"zh\":\"毛重 10 小于净重 12\","
        "\"en\":\"gross weight 10 is less than net weight 12\",\"hint_zh\":\"请核对\",\"hint_en\":\"check \\\"both\\\"\"}]}";
    struct facts facts = example();
    struct buf meta;
    facts.count = 1;
    buf_init(&meta, 1 << 20);
    facts_write(&facts, &meta);
    assert_string_equal(meta.at, expected);
    buf_release(&meta);
}

static void what_is_no_facts_is_refused(void **state) {
#define DIGEST "ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d"
    static const struct { const char *meta; bool good; } cases[] = {
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"setup\":\"" DIGEST "\"}", true },
        { "{\"verdict\":\"excepted\",\"digest\":\"" DIGEST "\",\"setup\":\"" DIGEST "\"}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"ab\",\"setup\":\"" DIGEST "\"}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\"}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"setup\":\"" DIGEST "\",\"findings\":[{}]}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"setup\":\"" DIGEST "\",\"findings\":[{\"code\":\"D01\",\"severity\":\"bad\"}]}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"setup\":\"" DIGEST "\",\"findings\":[{\"code\":\"D01\",\"severity\":\"error\"}]}", true },
        { "{\"cause\":42}", false },
        { "[]", false },
        { "", false },
        { "{", false },
        { "{\"verdict\":1,\"digest\":2,\"setup\":3}", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct facts facts;
        if (facts_read(text_of(cases[i].meta), arena, &facts) != cases[i].good) {
            fail_msg("case %zu", i);
        }
        arena_free(arena);
    }
}

static void outcomes_have_words(void **state) {
    assert_string_equal(outcome_text(OUTCOME_CONFLICT), "conflict");
    assert_int_equal(outcome_http(OUTCOME_ACCEPTED), 202);
    assert_int_equal(outcome_http(OUTCOME_REFUSED), 422);
    assert_int_equal(outcome_http(OUTCOME_CONFLICT), 409);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_survive),
        cmocka_unit_test(facts_are_these_bytes),
        cmocka_unit_test(what_is_no_facts_is_refused),
        cmocka_unit_test(outcomes_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
