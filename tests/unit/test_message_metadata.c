/* test_message_metadata.c - metadata survives being written and read; what is none is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/metadata.h"
#include "message/identifiers.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct finding findings[] = {
    { .code = "D01",
      .severity = SEVERITY_ERROR,
      .place = { .offset = 512, .length = 2, .line = 14, .column = 17 },
      .path = "/DecMessage/DecHead/GrossWet",
      .zh = "毛重 10 小于净重 12",
      .en = "gross weight 10 is less than net weight 12",
      .hint_zh = "请核对",
      .hint_en = "check \"both\"",
      .file = "" },
    { .code = "D08",
      .severity = SEVERITY_WARNING,
      .path = "",
      .zh = "甲\n乙",
      .en = "a\tb",
      .hint_zh = "",
      .hint_en = "",
      .file = "" },
    { .code = "N01",
      .severity = SEVERITY_OBSERVE,
      .path = "",
      .zh = "",
      .en = "",
      .hint_zh = "",
      .hint_en = "",
      .file = "" },
};

static struct metadata example(void) {
    return (struct metadata){
        .env = { .party = "FWD-QD-01",
                 .channel = "http",
                 .received = INT64_C(1790000000000000000),
                 .format = "",
                 .file = "",
                 .trace = "",
                 .digest = digest_of("message", 7),
                 .size = 9214 },
        .family = "declaration",
        .format = "cn-dec",
        .id = "20261031000000001",
        .outcome = OUTCOME_ACCEPTED,
        .edition = digest_of("edition", 7),
        .findings = findings,
        .count = COUNT(findings),
        .errors = 1,
        .warnings = 300,
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

static void assert_round_trip(const struct metadata *metadata) {
    struct arena *arena = arena_new();
    struct buf meta, again;
    struct metadata read;
    buf_init(&meta, 1 << 20);
    buf_init(&again, 1 << 20);
    metadata_write(metadata, &meta);
    assert_true(metadata_read(buf_text(&meta), arena, &read));
    assert_string_equal(read.env.party, metadata->env.party);
    assert_string_equal(read.env.channel, metadata->env.channel);
    assert_int_equal(read.env.received, metadata->env.received);
    assert_string_equal(read.env.format, metadata->env.format);
    assert_string_equal(read.env.file, metadata->env.file);
    assert_string_equal(read.env.origin, metadata->env.origin ? metadata->env.origin : "");
    assert_string_equal(read.env.trace, metadata->env.trace);
    assert_string_equal(read.env.account, metadata->env.account ? metadata->env.account : "");
    assert_true(digest_equal(&read.env.digest, &metadata->env.digest));
    assert_int_equal(read.env.size, metadata->env.size);
    assert_string_equal(read.family, metadata->family);
    assert_string_equal(read.format, metadata->format);
    assert_string_equal(read.id, metadata->id);
    assert_int_equal(read.outcome, metadata->outcome);
    assert_int_equal(read.conflicts, metadata->conflicts);
    assert_true(digest_equal(&read.edition, &metadata->edition));
    assert_int_equal(read.errors, metadata->errors);
    assert_int_equal(read.warnings, metadata->warnings);
    assert_int_equal(read.count, metadata->count);
    for (size_t i = 0; i < read.count; i++) {
        assert_same_finding(&read.findings[i], &metadata->findings[i]);
    }
    metadata_write(&read, &again);
    assert_string_equal(again.at, meta.at);
    buf_release(&again);
    buf_release(&meta);
    arena_free(arena);
}

static void metadata_survive(void **state) {
    struct metadata metadata = example();
    assert_round_trip(&metadata);
    metadata.count = 0;
    metadata.env.channel = "files";
    metadata.env.file = "报关单 \"1\".xml";
    metadata.env.origin = "c/clearway.fwd.submissions.v1/3/17";
    metadata.env.account = "zhang.wei";
    metadata.env.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    metadata.env.format = "cn-dec";
    metadata.family = metadata.format = metadata.id = "";
    metadata.outcome = OUTCOME_REFUSED;
    assert_round_trip(&metadata);
    metadata.outcome = OUTCOME_CONFLICT;
    metadata.conflicts = INT64_MAX;
    assert_round_trip(&metadata);
    metadata.id = "a \"quoted\" \\ id,\x7f";
    assert_round_trip(&metadata);
    metadata.env.party = "\\";
    assert_round_trip(&metadata);
}

static void metadata_are_these_bytes(void **state) {
    static const char expected[] =
        "{\"party\":\"FWD-QD-01\",\"channel\":\"http\",\"received\":1790000000000000000,\"format\":\"cn-dec\","
        "\"family\":\"declaration\",\"id\":\"20261031000000001\","
        "\"digest\":\"ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d\",\"size\":9214,\"verdict\":\"accepted\","
        "\"edition\":\"6a3be761036549131b35f41209a76f395f0e49370ca37e2f27b32770c6c30d8e\",\"errors\":1,\"warnings\":300,\"findings\":["
        "{\"code\":\"D01\",\"severity\":\"error\",\"line\":14,\"column\":17,\"offset\":512,\"length\":2,"
        "\"path\":\"/DecMessage/DecHead/GrossWet\",\"zh\":\"毛重 10 小于净重 12\","
        "\"en\":\"gross weight 10 is less than net weight 12\",\"hint_zh\":\"请核对\",\"hint_en\":\"check \\\"both\\\"\"}]}";
    struct metadata metadata = example();
    struct buf meta;
    metadata.count = 1;
    buf_init(&meta, 1 << 20);
    metadata_write(&metadata, &meta);
    assert_string_equal(meta.at, expected);
    buf_release(&meta);
}

static void what_is_no_facts_is_refused(void **state) {
#define DIGEST "ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d"
    static const struct {
        const char *meta;
        bool good;
    } cases[] = {
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"edition\":\"" DIGEST "\"}", true },
        { "{\"verdict\":\"excepted\",\"digest\":\"" DIGEST "\",\"edition\":\"" DIGEST "\"}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"ab\",\"edition\":\"" DIGEST "\"}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\"}", false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"edition\":\"" DIGEST "\",\"findings\":[{}]}",
          false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"edition\":\"" DIGEST
          "\",\"findings\":[{\"code\":\"D01\",\"severity\":\"bad\"}]}",
          false },
        { "{\"verdict\":\"accepted\",\"digest\":\"" DIGEST "\",\"edition\":\"" DIGEST
          "\",\"findings\":[{\"code\":\"D01\",\"severity\":\"error\"}]}",
          true },
        { "{\"cause\":42}", false },
        { "[]", false },
        { "", false },
        { "{", false },
        { "{\"verdict\":1,\"digest\":2,\"edition\":3}", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct metadata metadata;
        if (metadata_read(text_of(cases[i].meta), arena, &metadata) != cases[i].good) {
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

/* Case 162. */
static void a_conflict_says_which_record_and_since_when(void **state) {
    struct arena *arena = arena_new();
    static const struct finding odd = {
        .code = "D08", .severity = SEVERITY_WARNING, .path = "", .zh = "", .en = "", .file = ""
    };
    struct metadata metadata = { .id = "20261031000000001", .findings = &odd, .count = 1, .warnings = 1 };
    metadata_conflict(&metadata, 17, INT64_C(1793404800000000000), arena);
    assert_int_equal(metadata.outcome, OUTCOME_CONFLICT);
    assert_int_equal(metadata.conflicts, 17);
    assert_int_equal(metadata.count, 2);
    assert_int_equal(metadata.errors, 1);
    assert_string_equal(
        metadata.findings[0].en,
        "the id 20261031000000001 is taken since 2026-10-31T08:00:00.000+08:00, by record 17, "
        "for other bytes");
    assert_string_equal(metadata.findings[1].code, "D08");
    metadata_conflict(&metadata, 17, 0, arena); /* in the same moment */
    assert_string_equal(metadata.findings[0].en,
                        "the id 20261031000000001 is taken just now, by record 17, for other bytes");
    assert_string_equal(metadata.findings[0].zh, "报文编号 20261031000000001 刚刚由记录 17 占用，其内容不同");
    arena_free(arena);
}

/* It lengthens the meta by no more than its header promises, whatever the id is. */
static void a_conflict_has_a_limit(void **state) {
    struct arena *arena = arena_new();
    char id[IDENTIFIER_LENGTH_MAX + 1];
    struct buf before, after;
    memset(id, '"', IDENTIFIER_LENGTH_MAX); /* escaped in JSON */
    id[IDENTIFIER_LENGTH_MAX] = '\0';
    struct metadata metadata = {
        .env = { .party = "P", .format = "", .file = "", .trace = "" }, .family = "f", .format = "f", .id = id
    };
    buf_init(&before, 1 << 16);
    buf_init(&after, 1 << 16);
    metadata_write(&metadata, &before);
    metadata_conflict(&metadata, UINT64_MAX / 2, INT64_C(1793404800000000000), arena);
    metadata_write(&metadata, &after);
    assert_false(buf_failed(&after));
    assert_true(after.length - before.length <= METADATA_CONFLICT_MAX);
    buf_release(&after);
    buf_release(&before);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_survive),
        cmocka_unit_test(metadata_are_these_bytes),
        cmocka_unit_test(what_is_no_facts_is_refused),
        cmocka_unit_test(outcomes_have_words),
        cmocka_unit_test(a_conflict_says_which_record_and_since_when),
        cmocka_unit_test(a_conflict_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
