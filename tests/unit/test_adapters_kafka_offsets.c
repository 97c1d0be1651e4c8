/*
 * Where reading a partition begins, as a table; and what is remembered of it, written and read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "adapters/kafka/offsets.h"

#define NONE         OFFSET_NONE
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* clang-format off */
static const struct {
    const char *what;
    struct offsets offsets; /* low, high, committed, known */
    enum offsets_verdict verdict;
    int64_t from;
} rows[] = {
    { "seen for the first time",                   {   0,   0, NONE, NONE }, OFFSETS_GOOD, 0 },
    { "so, and its oldest messages are gone",      {  50, 100, NONE, NONE }, OFFSETS_GOOD, 50 },
    { "only the group knows",                      {   0, 100,   40, NONE }, OFFSETS_GOOD, 40 },
    { "so, and these messages are gone",           {  50, 100,   40, NONE }, OFFSETS_LOST, 40 },
    { "so, and the log ends before",               {   0,  30,   40, NONE }, OFFSETS_ANEW, 40 },
    { "both know: the message before is compared", {   0, 100,   40,   40 }, OFFSETS_GOOD, 39 },
    { "so, and that one is gone",                  {  40, 100,   40,   40 }, OFFSETS_GOOD, 40 },
    { "so, and more than that one",                {  41, 100,   40,   40 }, OFFSETS_LOST, 40 },
    { "all is read, and gone",                     {  40,  40,   40,   40 }, OFFSETS_GOOD, 40 },
    { "read from the first",                       {   0,   5,    0,    0 }, OFFSETS_GOOD, 0 },
    { "the group has forgotten",                   {   0, 100, NONE,   40 }, OFFSETS_GOOD, 39 },
    { "so, and messages are gone",                 {  60, 100, NONE,   40 }, OFFSETS_LOST, 40 },
    { "deleted and made anew, empty",              {   0,   0, NONE,   40 }, OFFSETS_ANEW, 0 },
    { "so, and shorter than what was read",        {   0,  39, NONE,   40 }, OFFSETS_ANEW, 0 },
    { "a crash before the group knew",             {   0, 100,   30,   40 }, OFFSETS_GOOD, 30 },
    { "so, and some of that is gone",              {  35, 100,   30,   40 }, OFFSETS_GOOD, 35 },
    { "so, and unread ones",                       {  45, 100,   30,   40 }, OFFSETS_LOST, 30 },
    { "an operator skips",                         {   0, 100,   70,   40 }, OFFSETS_GOOD, 70 },
    { "an operator goes on where the log begins",  {  60, 100,   60,   40 }, OFFSETS_GOOD, 60 },
    { "an operator points behind the end",         {   0, 100,  101,   40 }, OFFSETS_ANEW, 101 },
    { "the last there is",                         {   0, 100,  100,  100 }, OFFSETS_GOOD, 99 },
};
/* clang-format on */

static void where_reading_begins(void **state) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t from;
        enum offsets_verdict verdict = offsets_begin(&rows[i].offsets, &from);
        if (verdict != rows[i].verdict || (verdict == OFFSETS_GOOD && from != rows[i].from)) {
            fail_msg("%s: %d, from %lld", rows[i].what, verdict, (long long)from);
        }
    }
}

static void what_is_remembered_is_read_again(void **state) {
    enum { POSITIONS = 4000 };
    struct positions written = { .count = 0 }, read = { .count = 0 };
    struct buf text;
    buf_init(&text, 1 << 20);
    positions_of(&written, "Cluster-1_x");
    for (int32_t i = 0; i < POSITIONS; i++) {
        size_t place = positions_place(&written, i % 2 ? "a.b-c_1" : "z", i);
        written.list[place].next = i == 7 ? OFFSET_NONE : i * INT64_C(1000000000000);
        written.list[place].has_digest = i % 3 == 0;
        written.list[place].digest = digest_of("x", 1);
    }
    positions_print(&written, &text);
    assert_true(positions_read(&read, buf_text(&text)));
    assert_string_equal(read.cluster, "Cluster-1_x");
    assert_int_equal(read.count, POSITIONS - 1);
    size_t place = positions_place(&read, "z", 36);
    assert_int_equal(read.count, POSITIONS - 1);
    assert_int_equal(read.list[place].next, 36 * INT64_C(1000000000000));
    assert_true(digest_equal(&read.list[place].digest, &written.list[36].digest));
    positions_of(&read, "another");
    assert_int_equal(read.count, 0);
    positions_release(&written);
    positions_release(&read);
    buf_release(&text);
}

static void what_is_no_such_text_is_not_believed(void **state) {
    static const char *const texts[] = {
        "",
        "clearway-kafka-positions",
        "clearway-kafka-positions 1 ",
        "clearway-kafka-positions 2 c\n",
        "clearway-kafka-positions 1 c\nt 0 1\n",
        "clearway-kafka-positions 1 c\nt 0 1 zz\n",
        "clearway-kafka-positions 1 c\nt 0 -1 -\n",
        "clearway-kafka-positions 1 c\nt x 1 -\n",
        "clearway-kafka-positions 1 c\nt 0 9223372036854775808 -\n",
        "clearway-kafka-positions 1 c\n 0 1 -\n",
        "clearway-kafka-positions 1 c\n\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct positions positions = { .count = 0 };
        assert_false(positions_read(&positions, (struct text){ texts[i], strlen(texts[i]) }));
        assert_int_equal(positions.count, 0);
        assert_string_equal(positions.cluster, "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_reading_begins),
        cmocka_unit_test(what_is_remembered_is_read_again),
        cmocka_unit_test(what_is_no_such_text_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
