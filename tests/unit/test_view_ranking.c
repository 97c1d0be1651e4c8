/*
 * Lengths that come and go stand at the ranks at which those that are left stand when they are sorted: few
 * and many, all alike and none, of some kinds and of all; what goes and comes again changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/statistics/ranking.h"

static uint64_t seed = 12;

static uint64_t draw(void) {
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

enum { WIDTH = 3, MANY = 20000, ALL = 1u << RANKING_KINDS };

struct lengths {
    int64_t words[MANY][WIDTH];
    size_t count;
};

static int by_words(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    size_t i = 0;
    while (i + 1 < WIDTH && x[i] == y[i]) {
        i++;
    }
    return (x[i] > y[i]) - (x[i] < y[i]);
}

/* Each rank of a few, and some of many. */
static void compare(const struct ranking *ranking, const struct lengths *lengths) {
    static int64_t sorted[MANY][WIDTH];
    memcpy(sorted, lengths->words, lengths->count * sizeof(*sorted));
    qsort(sorted, lengths->count, sizeof(*sorted), by_words);
    for (unsigned kind = 0; kind < RANKING_KINDS; kind++) {
        size_t n = 0, step = 1 + lengths->count / 50;
        duration before = 0;
        for (size_t i = 0; i < lengths->count; i++) {
            if (sorted[i][0] >> kind & 1) {
                struct ranked found[2];
                size_t ranks[] = { n - n % step, n };
                if (n % step == 0 || n < 3) {
                    assert_true(n < ranking_count(ranking, kind));
                    ranking_find(ranking, kind, ranks, 2, found);
                    assert_true(found[1].length == ranking_length(sorted[i][0]));
                    assert_true(found[1].before == before);
                    assert_true(found[0].length <= found[1].length);
                }
                before += ranking_length(sorted[i][0]);
                n++;
            }
        }
        assert_int_equal(ranking_count(ranking, kind), n);
    }
}

static void draw_words(int64_t words[WIDTH], uint64_t range) {
    int64_t length = (int64_t)(draw() % range) - (int64_t)(range / 3);
    words[0] = ranking_word(length, 1 + (unsigned)(draw() % (ALL - 1)));
    words[1] = (int64_t)(draw() % 3) - 1;
    words[2] = (int64_t)(draw() % 2);
}

static void come(struct ranking *ranking, struct lengths *lengths, uint64_t range) {
    int64_t *words = lengths->words[lengths->count++];
    draw_words(words, range);
    ranking_come(ranking, words);
}

static void go(struct ranking *ranking, struct lengths *lengths) {
    size_t which = draw() % lengths->count--;
    ranking_go(ranking, lengths->words[which]);
    memcpy(lengths->words[which], lengths->words[lengths->count], sizeof(lengths->words[which]));
}

/* Comes at once, or one by one; changes; goes, until nothing is left; comes once more. */
static void play(size_t n, uint64_t range, bool at_once) {
    static struct lengths lengths;
    struct ranking *ranking = ranking_new(WIDTH, 0);
    lengths.count = 0;
    assert_false(ranking_settle(ranking));
    for (size_t i = 0; i < n; i++) {
        come(ranking, &lengths, range);
        if (!at_once) {
            assert_true(ranking_settle(ranking));
        }
    }
    assert_int_equal(ranking_settle(ranking), at_once && n > 0);
    compare(ranking, &lengths);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < n / 10; i++) {
            go(ranking, &lengths);
            come(ranking, &lengths, range);
        }
        (void)ranking_settle(ranking);
        compare(ranking, &lengths);
    }
    for (size_t step = 1 + n / 7; lengths.count;) {
        for (size_t i = 0; i < step && lengths.count; i++) {
            go(ranking, &lengths);
        }
        assert_true(ranking_settle(ranking));
        compare(ranking, &lengths);
    }
    come(ranking, &lengths, range);
    assert_true(ranking_settle(ranking));
    compare(ranking, &lengths);
    ranking_free(ranking);
}

static void few_and_many(void **state) {
    static const size_t counts[] = { 0, 1, 2, 19, 20, 21, 700, 3000, MANY - 1 };
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        play(counts[i], UINT64_C(1) << 50, true);
        play(counts[i], UINT64_C(1) << 50, false);
    }
}

/* Whole chunks of one length. */
static void all_alike(void **state) {
    (void)state;
    play(6000, 1, true);
    play(6000, 1, false);
    play(6000, 3, true);
    play(6000, 3, false);
}

static void what_goes_and_comes_again_changes_nothing(void **state) {
    static struct lengths lengths;
    struct ranking *ranking = ranking_new(WIDTH, 0);
    (void)state;
    for (int i = 0; i < 5000; i++) {
        come(ranking, &lengths, 1000);
    }
    assert_true(ranking_settle(ranking));
    for (size_t i = 0; i < lengths.count; i += 7) {
        ranking_go(ranking, lengths.words[i]);
    }
    for (size_t i = 0; i < lengths.count; i += 7) {
        ranking_come(ranking, lengths.words[i]);
    }
    assert_false(ranking_settle(ranking));
    compare(ranking, &lengths);
    ranking_free(ranking);
}

struct longest {
    const int64_t (*sorted)[WIDTH];
    size_t left, noted;
};

/* Of each slice its sum is noted: it is of these. */
static void is_next(const struct ranking_slice *slice, void *to) {
    struct longest *longest = to;
    int64_t *note = slice->note, sum = 0;
    longest->left -= slice->count;
    assert_memory_equal(slice->words, longest->sorted[longest->left], slice->count * WIDTH * sizeof(int64_t));
    for (size_t i = 0; i < slice->count; i++) {
        sum += slice->words[i * WIDTH];
    }
    if (note) {
        assert_true(!*note || *note == sum);
        longest->noted += *note != 0;
        *note = sum;
    }
}

/* How many slices were noted before. */
static size_t look_at_longest(struct ranking *ranking, struct lengths *lengths, size_t n) {
    struct longest longest = { lengths->words, lengths->count, 0 };
    qsort(lengths->words, lengths->count, sizeof(*lengths->words), by_words);
    ranking_longest(ranking, n, is_next, &longest);
    assert_int_equal(longest.left, lengths->count - n);
    return longest.noted;
}

static void the_longest_come_first(void **state) {
    static struct lengths lengths;
    struct ranking *ranking = ranking_new(WIDTH, sizeof(int64_t));
    (void)state;
    lengths.count = 0;
    for (int i = 0; i < 9000; i++) {
        come(ranking, &lengths, 4000);
        if (i % 1000 == 0) {
            (void)ranking_settle(ranking);
        }
    }
    (void)ranking_settle(ranking);
    static const size_t counts[] = { 0, 1, 449, 450, 9000, 9000 };
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        (void)look_at_longest(ranking, &lengths, counts[i]);
    }
    size_t slices = look_at_longest(ranking, &lengths, 9000);
    assert_true(slices > 5);
    for (int i = 0; i < 400; i++) {
        i % 2 ? go(ranking, &lengths) : come(ranking, &lengths, 4000);
        assert_true(ranking_settle(ranking));
        size_t noted = look_at_longest(ranking, &lengths, lengths.count); /* all others as they were */
        assert_true(noted >= slices - 2 && noted <= slices + 2);
        slices = look_at_longest(ranking, &lengths, lengths.count);
        assert_true(slices > noted);
    }
    ranking_free(ranking);
}

/* A note that is not asked for is none. */
static void without_notes(void **state) {
    static struct lengths lengths;
    struct ranking *ranking = ranking_new(WIDTH, 0);
    (void)state;
    lengths.count = 0;
    for (int i = 0; i < 3000; i++) {
        come(ranking, &lengths, 4000);
    }
    assert_true(ranking_settle(ranking));
    assert_int_equal(look_at_longest(ranking, &lengths, 3000), 0);
    assert_int_equal(look_at_longest(ranking, &lengths, 3000), 0);
    ranking_free(ranking);
}

static void up_to_what_it_takes(void **state) {
    static const int64_t lengths[] = { RANKING_LENGTH_MAX - 1, -RANKING_LENGTH_MAX + 1, 0, -1, 1 };
    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        assert_true(ranking_length(ranking_word(lengths[i], 1)) == lengths[i]);
        assert_true(ranking_length(ranking_word(lengths[i], ALL - 1)) == lengths[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_and_many),
        cmocka_unit_test(all_alike),
        cmocka_unit_test(what_goes_and_comes_again_changes_nothing),
        cmocka_unit_test(the_longest_come_first),
        cmocka_unit_test(without_notes),
        cmocka_unit_test(up_to_what_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
