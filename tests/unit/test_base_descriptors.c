/*
 * The limit of descriptors and what is put by: the journal's file opens when nobody else's does.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/descriptors.h"

#define SMALL 64

static struct rlimit before;

static int set_up(void **state) {
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit small = { .rlim_cur = SMALL, .rlim_max = before.rlim_max };
    return setrlimit(RLIMIT_NOFILE, &small);
}

static int tear_down(void **state) {
    descriptors_put_by(0);
    closefrom(3);
    return setrlimit(RLIMIT_NOFILE, &before);
}

static int open_one(void) {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static size_t take_all(void) {
    size_t count = 0;
    while (open_one() >= 0) {
        count++;
    }
    assert_int_equal(errno, EMFILE);
    return count;
}

static void the_limit_is_raised_to_the_hard_one(void **state) {
    assert_int_equal(descriptors_raise(), before.rlim_max);
    struct rlimit now;
    getrlimit(RLIMIT_NOFILE, &now);
    assert_int_equal(now.rlim_cur, before.rlim_max);
}

static void connections_leave_the_rooms_their_part(void **state) {
    static const struct {
        size_t limit, needed, connections;
    } cases[] = {
        { 1024, 256, 768 }, { 524288, 256, 524032 }, { 512, 256, 256 },
        { 256, 256, 128 },  { 1024, 0, 1024 },       { 0, 9, 0 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(descriptors_for_connections(cases[i].limit, cases[i].needed), cases[i].connections);
    }
}

static void what_is_put_by_opens_files_when_nothing_else_does(void **state) {
    descriptors_put_by(2);
    take_all();
    int first = descriptors_open(AT_FDCWD, "/dev/null", O_RDONLY, 0);
    int second = descriptors_open(AT_FDCWD, "/dev/null", O_RDONLY, 0);
    assert_true(first >= 0 && second >= 0);
    assert_int_equal(descriptors_open(AT_FDCWD, "/dev/null", O_RDONLY, 0), -1);
    assert_int_equal(errno, EMFILE);
    /* What is closed is put by before anybody else can take it. */
    assert_int_equal(descriptors_close(first), 0);
    assert_int_equal(open_one(), -1);
    first = descriptors_open(AT_FDCWD, "/dev/null", O_RDONLY, 0);
    assert_true(first >= 0);
    assert_int_equal(open_one(), -1);
}

static void other_errors_use_nothing_up(void **state) {
    descriptors_put_by(1);
    assert_int_equal(descriptors_open(AT_FDCWD, "/nowhere/at all", O_RDONLY, 0), -1);
    assert_int_equal(errno, ENOENT);
    take_all();
    assert_true(descriptors_open(AT_FDCWD, "/dev/null", O_RDONLY, 0) >= 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(the_limit_is_raised_to_the_hard_one),
        T(connections_leave_the_rooms_their_part),
        T(what_is_put_by_opens_files_when_nothing_else_does),
        T(other_errors_use_nothing_up),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
