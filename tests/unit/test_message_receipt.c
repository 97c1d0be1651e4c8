/*
 * test_message_receipt.c - receipts against golden texts in tests/golden/receipt. A receipt is handed out
 * again in years to come, byte for byte: a golden text that no longer fits means the code is wrong, not the
 * text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "message/receipt.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct finding wrong_weight = {
    .code = "D01",
    .severity = SEVERITY_ERROR,
    .place = { .offset = 512, .length = 2, .line = 14, .column = 17 },
    .path = "/DecMessage/DecHead/GrossWet",
    .zh = "毛重 10 小于净重 12",
    .en = "gross weight 10 is less than net weight 12",
    .hint_zh = "请核对",
    .hint_en = "check both",
    .file = "",
};
static const struct finding odd_origin = {
    .code = "D08",
    .severity = SEVERITY_WARNING,
    .place = { .line = 40, .column = 9 },
    .path = "/DecMessage/DecLists/DecList[2]",
    .zh = "原产国 <\"CHN\" & co>",
    .en = "origin <\"CHN\" & co>",
    .hint_zh = "",
    .hint_en = "",
    .file = "",
};
static const struct finding strange_sign = {
    .code = "XSD-DATATYPE",
    .severity = SEVERITY_ERROR,
    .path = "",
    .zh = "值\001不符",
    .en = "value\001 does not fit",
    .hint_zh = "",
    .hint_en = "",
    .file = "",
};

static struct metadata metadata_of(enum outcome outcome, struct arena *arena) {
    static struct finding findings[3];
    findings[0] = wrong_weight;
    findings[1] = odd_origin;
    findings[2] = strange_sign;
    struct metadata metadata = {
        .env = { .party = "FWD-QD-01",
                 .channel = "files",
                 .received = INT64_C(1793404800000000000),
                 .format = "",
                 .file = "decl.xml",
                 .trace = "",
                 .digest = digest_of("message", 7),
                 .size = 9214 },
        .family = "declaration",
        .format = "cn-dec",
        .id = "20261031000000001",
        .outcome = outcome,
        .edition = digest_of("edition", 7),
        .findings = findings,
        .count = 0,
    };
    if (outcome == OUTCOME_REFUSED) {
        metadata.count = COUNT(findings);
        metadata.errors = 7;
        metadata.warnings = 1;
    }
    if (outcome == OUTCOME_CONFLICT) {
        metadata_conflict(&metadata, 17, INT64_C(1793318400000000000), arena);
    }
    return metadata;
}

static void write_json(const struct receipt_of *of, const struct metadata *metadata, struct buf *out) {
    receipt_json(of, metadata, out);
    buf_add_char(out, '\n');
}

static void write_own(const struct receipt_of *of, const struct metadata *metadata, struct buf *out) {
    receipt_xml(of, metadata, "", out);
}

static void write_dec(const struct receipt_of *of, const struct metadata *metadata, struct buf *out) {
    receipt_xml(of, metadata, "DecImportResponse", out);
}

/* clang-format off */
static const struct {
    enum outcome outcome;
    void (*write)(const struct receipt_of *of, const struct metadata *metadata, struct buf *out);
    const char *golden;
} cases[] = {
    { OUTCOME_ACCEPTED, write_json, "accepted.json" },
    { OUTCOME_REFUSED,  write_json, "refused.json" },
    { OUTCOME_CONFLICT, write_json, "conflict.json" },
    { OUTCOME_ACCEPTED, write_own,  "accepted.xml" },
    { OUTCOME_REFUSED,  write_own,  "refused.xml" },
    { OUTCOME_CONFLICT, write_own,  "conflict.xml" },
    { OUTCOME_ACCEPTED, write_dec,  "accepted-dec.xml" },
    { OUTCOME_REFUSED,  write_dec,  "refused-dec.xml" },
    { OUTCOME_CONFLICT, write_dec,  "conflict-dec.xml" },
};
/* clang-format on */

static void receipts_are_the_golden_texts(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct metadata metadata = metadata_of(cases[i].outcome, arena);
        struct receipt_of of = { .journal = "qd-gate-1",
                                 .number = 42,
                                 .stamp = INT64_C(1793404800123456789),
                                 .chain = digest_of("chain", 5) };
        struct buf written, golden;
        buf_init(&written, 1 << 20);
        buf_init(&golden, 1 << 20);
        cases[i].write(&of, &metadata, &written);
        assert_int_equal(
            file_read(file_join(arena, SOURCE_DIR "/tests/golden/receipt", cases[i].golden), &golden),
            STATUS_OK);
        assert_string_equal(written.at, golden.at);
        buf_release(&golden);
        buf_release(&written);
        arena_free(arena);
    }
}

/* The receipt of metadata that went through the journal is the receipt of the metadata. */
static void a_repeat_is_the_same_bytes(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct metadata metadata = metadata_of(cases[i].outcome, arena), read;
        struct receipt_of of = {
            .journal = "qd-gate-1", .number = 42, .stamp = 1, .chain = digest_of("chain", 5)
        };
        struct buf meta, first, again;
        buf_init(&meta, 1 << 20);
        buf_init(&first, 1 << 20);
        buf_init(&again, 1 << 20);
        metadata_write(&metadata, &meta);
        assert_true(metadata_read(buf_text(&meta), arena, &read));
        cases[i].write(&of, &metadata, &first);
        cases[i].write(&of, &read, &again);
        assert_string_equal(first.at, again.at);
        buf_release(&again);
        buf_release(&first);
        buf_release(&meta);
        arena_free(arena);
    }
}

static void a_digest_is_no_client_seq_no(void **state) {
    struct metadata metadata = metadata_of(OUTCOME_ACCEPTED, NULL);
    struct receipt_of of = { .journal = "qd-gate-1", .number = 1 };
    char hex[DIGEST_HEX_MAX];
    struct buf out;
    buf_init(&out, 1 << 20);
    metadata.id = digest_hex(&metadata.env.digest, hex);
    receipt_xml(&of, &metadata, "DecImportResponse", &out);
    assert_non_null(strstr(out.at, "<ClientSeqNo></ClientSeqNo>"));
    buf_release(&out);
}

/* ErrorMessage may have 4000 characters in the form of the single window. */
static void reasons_have_a_limit(void **state) {
    struct arena *arena = arena_new();
    struct metadata metadata = metadata_of(OUTCOME_REFUSED, NULL);
    struct receipt_of of = { .journal = "qd-gate-1", .number = 1 };
    struct finding *many = arena_alloc(arena, 200 * sizeof(*many));
    for (size_t i = 0; i < 200; i++) {
        many[i] = wrong_weight;
    }
    metadata.findings = many;
    metadata.count = 200;
    metadata.errors = 5000;
    struct buf out;
    buf_init(&out, 1 << 20);
    receipt_xml(&of, &metadata, "DecImportResponse", &out);
    assert_true(out.length < 4000);
    assert_non_null(strstr(out.at, "等共 5000 处错误"));
    buf_release(&out);
    arena_free(arena);
}

/* Case 01: accepted first, and refused by the engine later. */
static void a_later_refusal_is_the_golden_text(void **state) {
    static const struct finding without_summary = {
        .code = "T01",
        .severity = SEVERITY_ERROR,
        .path = "",
        .zh = "没有对应的概要申报",
        .en = "no summary",
        .file = "",
    };
    static const struct {
        struct refusal refusal;
        const char *golden;
    } refusals[] = {
        { { "T01", "没有对应的概要申报", &without_summary, 1, 1 }, "later-finding-dec.xml" },
        { { "SLOT-FULL", "该时段已约满", &odd_origin, 1, 0 }, "later-answer-dec.xml" },
    };
    struct metadata metadata = metadata_of(OUTCOME_ACCEPTED, NULL);
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct arena *arena = arena_new();
        struct buf written, golden;
        buf_init(&written, 1 << 20);
        buf_init(&golden, 1 << 20);
        assert_true(refusal_xml(42, &metadata, &refusals[i].refusal, "DecImportResponse", &written));
        assert_int_equal(
            file_read(file_join(arena, SOURCE_DIR "/tests/golden/receipt", refusals[i].golden), &golden),
            STATUS_OK);
        assert_string_equal(written.at, golden.at);
        buf_clear(&written);
        assert_false(refusal_xml(42, &metadata, &refusals[i].refusal, "", &written));
        assert_int_equal(written.length, 0);
        buf_release(&golden);
        buf_release(&written);
        arena_free(arena);
    }
}

static void only_known_forms_are_forms(void **state) {
    assert_true(receipt_has_form(""));
    assert_true(receipt_has_form("DecImportResponse"));
    assert_false(receipt_has_form("DecImportReply"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipts_are_the_golden_texts),      cmocka_unit_test(a_repeat_is_the_same_bytes),
        cmocka_unit_test(a_digest_is_no_client_seq_no),       cmocka_unit_test(reasons_have_a_limit),
        cmocka_unit_test(a_later_refusal_is_the_golden_text), cmocka_unit_test(only_known_forms_are_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
