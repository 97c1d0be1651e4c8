/* test_base_log.c - JSON into a pipe, readable on a terminal; lines whole, and none that was not asked for. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/log.h"

static struct arena *arena;

/* stderr goes to `out` while write() runs; what came is read from `in`. */
static void catch_from(int in, int out, void (*write_lines)(void), char *caught, size_t max) {
    int saved = dup(STDERR_FILENO);
    dup2(out, STDERR_FILENO);
    write_lines();
    dup2(saved, STDERR_FILENO);
    close(saved);
    fcntl(in, F_SETFL, O_NONBLOCK);
    size_t length = 0;
    ssize_t got;
    while (length < max - 1 && (got = read(in, caught + length, max - 1 - length)) > 0) {
        length += (size_t)got;
    }
    caught[length] = '\0';
}

static void catch_in_pipe(void (*write_lines)(void), char *caught, size_t max) {
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    fcntl(pipes[1], F_SETPIPE_SZ, 1 << 20);
    catch_from(pipes[0], pipes[1], write_lines, caught, max);
    close(pipes[0]);
    close(pipes[1]);
}

static char caught[1 << 20];

static void one_line(void) {
    log_event(LOG_WARN, "journal", "recovered", LOG_INT("records", -5),
              LOG_STRING("segment", "a \"b\"\n\x1B[2J"),
              LOG_STRING("nothing", (const char *)NULL), LOG_END);
}

static void a_line_is_one_json_object(void **state) {
    catch_in_pipe(one_line, caught, sizeof(caught));
    assert_ptr_equal(strchr(caught, '\n'), caught + strlen(caught) - 1);
    const struct json *line = json_parse(arena, text_of(caught), NULL, 0);
    assert_non_null(line);
    assert_int_equal(strlen(json_string_at(line, "ts")), strlen("2026-10-31T08:00:00.000+08:00"));
    assert_string_equal(json_string_at(line, "level"), "warn");
    assert_string_equal(json_string_at(line, "component"), "journal");
    assert_string_equal(json_string_at(line, "event"), "recovered");
    assert_int_equal(json_int_at(line, "records"), -5);
    assert_string_equal(json_string_at(line, "segment"), "a \"b\"\n\x1B[2J");
    assert_string_equal(json_string_at(line, "nothing"), "");
}

static void a_terminal_gets_a_readable_line(void **state) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    catch_from(master, terminal, one_line, caught, sizeof(caught));
    close(terminal);
    close(master);
    assert_string_equal(caught + strlen("08:00:00.000"),
                        " warn  journal recovered records=-5 segment=\"a \\\"b\\\"\\n\\u001b[2J\" nothing=\"\"\r\n");
}

static void every_level(void) {
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        log_event((enum log_level)level, "c", "e", LOG_END);
    }
}

static void levels_below_the_least_are_silent(void **state) {
    static const struct { enum log_level least; int lines; } cases[] = {
        { LOG_DEBUG, 4 }, { LOG_INFO, 3 }, { LOG_WARN, 2 }, { LOG_ERROR, 1 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        log_set_level(cases[i].least);
        catch_in_pipe(every_level, caught, sizeof(caught));
        int lines = 0;
        for (const char *at = caught; (at = strchr(at, '\n')); at++) {
            lines++;
        }
        assert_int_equal(lines, cases[i].lines);
    }
    log_set_level(LOG_INFO);
}

static char huge[100000];

static void too_long(void) {
    memset(huge, '\x01', sizeof(huge) - 1);        /* six bytes each when escaped */
    log_event(LOG_INFO, "c", "cut", LOG_STRING("s", huge), LOG_END);
    log_event(LOG_INFO, "c", "dropped", LOG_STRING("a", huge), LOG_STRING("b", huge), LOG_STRING("c", huge),
              LOG_STRING("d", huge), LOG_STRING("e", huge), LOG_STRING("f", huge), LOG_END);
}

static void long_fields_are_cut_and_too_many_dropped(void **state) {
    catch_in_pipe(too_long, caught, sizeof(caught));
    char *second = strchr(caught, '\n') + 1;
    const struct json *line = json_parse(arena, (struct text){ caught, (size_t)(second - caught) }, NULL, 0);
    assert_int_equal(strlen(json_string_at(line, "s")), 2048);
    line = json_parse(arena, text_of(second), NULL, 0);
    assert_string_equal(json_string_at(line, "event"), "dropped");
    assert_string_equal(json_string_at(line, "fields"), "too long");
}

enum { THREADS = 4, EACH = 200 };

static void *write_each(void *context) {
    for (int i = 0; i < EACH; i++) {
        log_event(LOG_INFO, "threads", "line", LOG_INT("i", i), LOG_END);
    }
    return NULL;
}

static void from_threads(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_each, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void lines_of_many_threads_stay_whole(void **state) {
    catch_in_pipe(from_threads, caught, sizeof(caught));
    struct text rest = text_of(caught);
    int lines = 0;
    for (; rest.length; lines++) {
        const struct json *line = json_parse(arena, text_until(&rest, '\n'), NULL, 0);
        assert_non_null(line);
    }
    assert_int_equal(lines, THREADS * EACH);
}

static int setup(void **state) {
    arena = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_one_json_object),
        cmocka_unit_test(a_terminal_gets_a_readable_line),
        cmocka_unit_test(levels_below_the_least_are_silent),
        cmocka_unit_test(long_fields_are_cut_and_too_many_dropped),
        cmocka_unit_test(lines_of_many_threads_stay_whole),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
