/* test_base_status.c - the list is complete and consistent, and panic() says where and why. */
#include <ctype.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/status.h"

static void each_status_says_everything(void **state) {
    for (int i = 0; i < STATUS_COUNT; i++) {
        enum status status = (enum status)i;
        assert_true(status_name(status)[0] >= 'A');
        assert_true(islower((unsigned char)status_sentence(status, LANGUAGE_EN)[0]));
        assert_true((unsigned char)status_sentence(status, LANGUAGE_ZH)[0] >= 0xE4); /* a Chinese character */
        assert_true(status_http(status) >= 200 && status_http(status) < 600);
        assert_true(status_exit(status) >= 0 && status_exit(status) < 126);
        /* "send it again" is only said with codes that mean it, and OK is the only success */
        assert_true(status_retry(status) != RETRY_LATER || status_http(status) >= 500
                    || status_http(status) == 429);
        assert_int_equal(status_exit(status) == 0, status == STATUS_OK);
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(status_name(status), status_name((enum status)other));
        }
    }
    assert_string_equal(status_name(STATUS_NOT_FOUND), "NOT_FOUND");
    assert_int_equal(status_http(STATUS_CONFLICT), 409);
    assert_int_equal(status_exit(STATUS_BAD_CONFIG), 78);
    assert_int_equal(status_retry(STATUS_REFUSED), RETRY_AFTER_REPAIR);
}

static void break_an_invariant(void) {
    int one = 1;
    require(one == 2);
}

static void ask_for_no_status(void) {
    status_name(STATUS_COUNT);
}

static void speak(void) {
    panic("what %s", "happened");
}

static void panic_says_where_and_why_and_aborts(void **state) {
    static const struct {
        void (*run)(void);
        const char *where, *said;
    } cases[] = {
        { break_an_invariant, "test_base_status.c:", ": violated: one == 2\n" },
        { ask_for_no_status, "base/status.c:", ": violated: status < STATUS_COUNT\n" },
        { speak, "test_base_status.c:", ": what happened\n" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            struct rlimit none = { 0, 0 };
            setrlimit(RLIMIT_CORE, &none);
            signal(SIGABRT, SIG_DFL);
            dup2(pipes[1], STDERR_FILENO);
            cases[i].run();
            _exit(0);
        }
        close(pipes[1]);
        char said[512] = "";
        assert_true(read(pipes[0], said, sizeof(said) - 1) > 0);
        close(pipes[0]);
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
        assert_int_equal(strncmp(said, "clearway: ", 10), 0);
        assert_non_null(strstr(said, cases[i].where));
        assert_non_null(strstr(said, cases[i].said));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_says_everything),
        cmocka_unit_test(panic_says_where_and_why_and_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
