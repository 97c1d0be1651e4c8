/*
 * bench_check_rules.c - what the rules cost over a declaration: of the check's stage, CPU time of one thread,
 * for goods of few and of many lines. With an argument: each rule by itself, the dearest first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/status.h"
#include "check/check.h"
#include "check/rules.h"
#include "bench_clock.h"

#define SECONDS 0.4
#define ROUNDS  5

static double cpu_s(void) {
    return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

struct subject {
    const struct rule_set *rules;
    const struct document *doc;
    struct text bytes, family;
    struct arena *arena;
};

static void judge_once(const struct subject *subject, const struct rule_set *rules) {
    struct verdict verdict;
    arena_reset(subject->arena);
    verdict_init(&verdict, subject->arena);
    struct places places = places_of_message(subject->bytes, subject->arena);
    rules_judge(rules, RULE_CHECK, subject->family, subject->doc, day_of(2026, 10, 31), &places,
                subject->arena, &verdict);
    require(verdict_passes(&verdict));
}

/* Microseconds for one message; the least of some rounds. */
static double cost_us(const struct subject *subject, const struct rule_set *rules, double seconds) {
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double start = cpu_s(), spent = 0;
        unsigned done = 0;
        for (; spent < seconds / ROUNDS; spent = cpu_s() - start) {
            for (int k = 0; k < 64; k++, done++) {
                judge_once(subject, rules);
            }
        }
        least = spent / done * 1e6 < least ? spent / done * 1e6 : least;
    }
    return least;
}

struct price {
    const char *code;
    double us;
};

static int dearest_first(const void *a, const void *b) {
    double first = ((const struct price *)a)->us, second = ((const struct price *)b)->us;
    return (first < second) - (first > second);
}

static void each_rule(const struct subject *subject) {
    struct price prices[RULE_SET_MAX];
    const struct rule_choice *chosen = rule_set_choice(subject->rules, subject->family);
    for (size_t i = 0; i < chosen->counts[RULE_CHECK]; i++) {
        const struct rule *rule = chosen->list[RULE_CHECK][i];
        struct rule_choice choice = { subject->family, { &rule }, { 1 } };
        struct rule_set one = *subject->rules;
        one.choices = &choice;
        one.choices_count = 1;
        prices[i] = (struct price){ rule->code, cost_us(subject, &one, 0.02) };
    }
    qsort(prices, chosen->counts[RULE_CHECK], sizeof(*prices), dearest_first);
    for (size_t i = 0; i < chosen->counts[RULE_CHECK]; i++) {
        printf("%8.3f %s\n", prices[i].us, prices[i].code);
    }
}

static void bench(struct checker *checker, const struct edition *edition, const char *name, bool each) {
    static const char *const any[] = { "*" }, *const roles[] = { "declarant" };
    static const struct party party = { .code = "FWD", .roles = { roles, 1 }, .declares = { any, 1 } };
    struct arena *kept = arena_new();
    struct buf bytes;
    struct judgement judgement;
    buf_init(&bytes, 1u << 24);
    require(file_read(arena_printf(kept, SOURCE_DIR "/tests/messages/%s", name), &bytes) == STATUS_OK);
    struct envelope env = { .party = "FWD",
                            .format = "",
                            .file = "",
                            .trace = "",
                            .received = stamp_of_day(day_of(2026, 10, 31)),
                            .size = bytes.length };
    check_message(checker, &env, &party, buf_text(&bytes), kept, &judgement);
    require(verdict_passes(&judgement.verdict));
    struct subject subject = { .rules = edition->rules,
                               .doc = judgement.doc,
                               .bytes = buf_text(&bytes),
                               .family = text_of(judgement.format->family),
                               .arena = arena_new() };
    if (each) {
        each_rule(&subject);
    }
    printf("rules over %-32s %zu bytes: %7.2f us\n", name, bytes.length,
           cost_us(&subject, edition->rules, SECONDS));
    arena_free(subject.arena);
    buf_release(&bytes);
    arena_free(kept);
}

int main(int argc, char **argv) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    verdict_init(&mistakes, arena);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    require(edition_load(&options, &edition, &mistakes) == STATUS_OK);
    struct judge *judge = judge_new(edition, &mistakes);
    struct checker *checker = checker_new(judge);
    bench(checker, edition, "cn-dec/import-general.xml", false);
    bench(checker, edition, "cn-dec/import-50-lines.xml", argc > 1);
    checker_free(checker);
    judge_release(judge);
    edition_release(edition);
    arena_free(arena);
    return 0;
}
