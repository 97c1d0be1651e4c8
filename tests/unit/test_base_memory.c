/* test_base_memory.c - allocation that fails ends the process: by overflow, or made to at the n-th. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/memory.h"

static void memory_is_zeroed_and_grows(void **state) {
    char *bytes = memory_array(10, 3);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(bytes[i], 0);
        bytes[i] = (char)i;
    }
    bytes = memory_grow(bytes, 100, 3);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(bytes[i], i);
    }
    free(bytes);
    free(memory_new(0));
    char *copy = memory_string("abc");
    assert_string_equal(copy, "abc");
    free(copy);
    assert_null(memory_string(NULL));
}

/* --- what the child does ------------------------------------------------------------------------------ */

static void overflow(void) {
    volatile size_t half = SIZE_MAX / 2 + 2;
    free(memory_array(half, 2));
}

static void grow_overflow(void) {
    volatile size_t half = SIZE_MAX / 2 + 2;
    free(memory_grow(NULL, half, 2));
}

static void four_allocations(void) {
    free(memory_new(1));
    free(memory_string("x"));
    struct arena *arena = arena_new();
    arena_alloc(arena, 1);
    arena_free(arena);
}

static void one_buf(void) {
    struct buf buf;
    buf_init(&buf, 100);
    buf_add_string(&buf, "x");
    buf_release(&buf);
}

static const struct {
    const char *name;
    void (*run)(void);
    const char *fail;
    bool dies;
} cases[] = {
    { "overflow of an array", overflow, NULL, true },
    { "overflow of a growth", grow_overflow, NULL, true },
    { "nothing made to fail", four_allocations, NULL, false },
    { "the first fails", four_allocations, "1", true },
    { "the second fails", four_allocations, "2", true },
    { "the third fails, the arena", four_allocations, "3", true },
    { "the fourth fails, a piece of it", four_allocations, "4", true },
    { "the fifth is never asked for", four_allocations, "5", false },
    { "a buf's memory fails", one_buf, "1", true },
    { "nonsense fails nothing", four_allocations, "x", false },
    { "a negative number fails nothing", four_allocations, "-1", false },
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

/* The variable is read once in a process, so each case is a process: this program again, told which. */
static int run_case(size_t i, char *said, size_t said_max) {
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        char number[8];
        snprintf(number, sizeof(number), "%zu", i);
        dup2(pipes[1], STDERR_FILENO);
        close(pipes[0]);
        if (cases[i].fail) {
            setenv("CLEARWAY_FAIL_ALLOCATION", cases[i].fail, 1);
        }
        execl("/proc/self/exe", "test_base_memory", number, (char *)NULL);
        _exit(99);
    }
    close(pipes[1]);
    ssize_t got = read(pipes[0], said, said_max - 1);
    said[got > 0 ? got : 0] = '\0';
    close(pipes[0]);
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static void failing_allocations_end_the_process(void **state) {
    for (size_t i = 0; i < CASES; i++) {
        char said[256];
        int code = run_case(i, said, sizeof(said));
        if (code != (cases[i].dies ? 71 : 0)) {
            fail_msg("%s: exit %d", cases[i].name, code);
        }
        if (cases[i].dies) {
            assert_string_equal(said, "clearway: out of memory\n");
        }
    }
}

int main(int count, char **arguments) {
    if (count > 1) {
        cases[atoi(arguments[1])].run();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_grows),
        cmocka_unit_test(failing_allocations_end_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
