/* Real messages that are not ours to ship, where they are at hand: the verdicts of expected.csv must come
 * out, by their schema alone and, for WCO declarations, by the gateway with the official schemas dropped in.
 * CLEARWAY_SAMPLES names the folder; without one nothing is tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/stamp.h"
#include "edition/edition.h"
#include "check/check.h"
#include "check/xsd.h"
#include "document_kit.h"
#include "samples_kit.h"

static const char *folder; /* NULL: not here */

static int set_up(void **state) {
    (void)state;
    xsd_start();
    folder = SAMPLES_FOLDER("CLEARWAY_SAMPLES", "");
    if (!folder) {
        print_message("the folder of samples is not here: real messages are not tried\n");
    }
    return 0;
}

static struct text read_text(struct arena *arena, const char *path) {
    struct buf buf;
    buf_init(&buf, 16u << 20);
    if (file_read(path, &buf) != STATUS_OK) {
        fail_msg("%s cannot be read", path);
    }
    struct text text = { arena_copy(arena, buf_text(&buf)), buf_text(&buf).length };
    buf_release(&buf);
    return text;
}

/* In the words of expected.csv. */
static const char *verdict_word(const struct verdict *verdict) {
    if (verdict_passes(verdict)) {
        return "valid";
    }
    for (size_t i = 0; i < verdict->count; i++) {
        if (strncmp(verdict->findings[i].code, "XML-", 4) == 0) {
            return "not-well-formed";
        }
    }
    return "invalid";
}

static void expect(const char *file, const char *how, const struct verdict *verdict, const char *expected,
                   size_t *failed) {
    const char *word = verdict_word(verdict);
    if (strcmp(word, expected) == 0) {
        return;
    }
    print_message("%s %s: %s, expected %s\n", file, how, word, expected);
    for (size_t i = 0; i < verdict->count && i < 3; i++) {
        print_message("  %s %s %s\n", verdict->findings[i].code, verdict->findings[i].path,
                      verdict->findings[i].en);
    }
    ++*failed;
}

/* Calls each(file, schema, verdict) for the lines of expected.csv behind its head. */
static void each_expected(struct arena *arena,
                          void (*each)(const char *file, const char *schema, const char *verdict, void *to),
                          void *to) {
    struct text rest = read_text(arena, file_join(arena, folder, "expected.csv"));
    text_until(&rest, '\n');
    while (rest.at) {
        struct text line = text_trim(text_until(&rest, '\n'));
        if (!line.length) {
            continue;
        }
        const char *file = arena_copy(arena, text_until(&line, ','));
        const char *schema = arena_copy(arena, text_until(&line, ','));
        each(file, schema, arena_copy(arena, line), to);
    }
}

static void by_schema(const char *file, const char *schema, const char *expected, void *to) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    struct text bytes = read_text(arena, file_join(arena, folder, file));
    struct xsd *xsd = xsd_load(file_join(arena, folder, schema), &verdict);
    assert_non_null(xsd);
    check_by_schema(xsd, bytes, arena, &verdict);
    xsd_free(xsd);
    expect(file, "by its schema", &verdict, expected, to);
    arena_free(arena);
}

static void each_sample_gets_its_verdict_by_its_schema(void **state) {
    (void)state;
    if (!folder) {
        skip();
    }
    struct arena *arena = arena_new();
    size_t failed = 0;
    each_expected(arena, by_schema, &failed);
    arena_free(arena);
    assert_int_equal(failed, 0);
}

struct gateway {
    struct checker *checker;
    size_t failed, judged;
};

static void by_gateway(const char *file, const char *schema, const char *expected, void *to) {
    (void)schema;
    struct gateway *gateway = to;
    if (strncmp(file, "wco/declarations/", strlen("wco/declarations/")) != 0) {
        return;
    }
    struct arena *arena = arena_new();
    struct envelope env = { .party = "", .format = "", .file = "", .trace = "" };
    assert_true(stamp_parse(TEXT("2026-10-31T08:00:00+08:00"), &env.received));
    struct judgement judgement;
    check_message(gateway->checker, &env, NULL, read_text(arena, file_join(arena, folder, file)), arena,
                  &judgement);
    expect(file, "by the gateway", &judgement.verdict, expected, &gateway->failed);
    if (verdict_passes(&judgement.verdict)) {
        assert_string_equal(judgement.format->name, "wco-dec");
        assert_true(document_text(judgement.doc, "message_id").length > 0);
    }
    gateway->judged++;
    arena_free(arena);
}

static void each_declaration_gets_its_verdict_by_the_gateway(void **state) {
    (void)state;
    if (!folder) {
        skip();
    }
    struct arena *arena = arena_new();
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    options.dropins[0].name = "wco";
    options.dropins[0].folder = file_join(arena, folder, "wco/xsd");
    struct edition *edition;
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    assert_int_equal(edition_load(&options, &edition, &mistakes), STATUS_OK);
    struct judge *judge = judge_new(edition, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    struct gateway gateway = { .checker = checker_new(judge) };
    each_expected(arena, by_gateway, &gateway);
    assert_int_equal(gateway.failed, 0);
    assert_true(gateway.judged > 0);
    checker_free(gateway.checker);
    judge_release(judge);
    edition_release(edition);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sample_gets_its_verdict_by_its_schema),
        cmocka_unit_test(each_declaration_gets_its_verdict_by_the_gateway),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
