/* test_base_log.c - JSON into a pipe, readable on a terminal; lines whole, none that was not asked for, and
 * nobody waits for who reads them. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/counters.h"
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
    log_event(LOG_WARN, EVENT_JOURNAL_OPENED, LOG_INT("records", -5),
              LOG_STRING("segment", "a \"b\"\n\x1B[2J"), LOG_STRING("nothing", (const char *)NULL), LOG_END);
}

static void a_line_is_one_json_object(void **state) {
    catch_in_pipe(one_line, caught, sizeof(caught));
    assert_ptr_equal(strchr(caught, '\n'), caught + strlen(caught) - 1);
    const struct json *line = json_parse(arena, text_of(caught), NULL, 0);
    assert_non_null(line);
    assert_int_equal(strlen(json_string_at(line, "ts")), strlen("2026-10-31T08:00:00.000+08:00"));
    assert_string_equal(json_string_at(line, "level"), "warn");
    assert_string_equal(json_string_at(line, "component"), "journal");
    assert_string_equal(json_string_at(line, "event"), "opened");
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
    assert_string_equal(
        caught + strlen("08:00:00.000"),
        " warn  journal opened records=-5 segment=\"a \\\"b\\\"\\n\\u001b[2J\" nothing=\"\"\r\n");
}

static void every_level(void) {
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        log_event((enum log_level)level, EVENT_JOURNAL_OPENED, LOG_END);
    }
}

static void levels_below_the_least_are_silent(void **state) {
    static const struct {
        enum log_level least;
        int lines;
    } cases[] = {
        { LOG_DEBUG, 4 },
        { LOG_INFO, 3 },
        { LOG_WARN, 2 },
        { LOG_ERROR, 1 },
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
    memset(huge, '\x01', sizeof(huge) - 1); /* six bytes each when escaped */
    log_event(LOG_INFO, EVENT_JOURNAL_TAIL_CUT, LOG_STRING("s", huge), LOG_END);
    log_event(LOG_INFO, EVENT_JOURNAL_DAMAGED, LOG_STRING("a", huge), LOG_STRING("b", huge),
              LOG_STRING("c", huge), LOG_STRING("d", huge), LOG_STRING("e", huge), LOG_STRING("f", huge),
              LOG_END);
}

static void long_fields_are_cut_and_too_many_dropped(void **state) {
    catch_in_pipe(too_long, caught, sizeof(caught));
    char *second = strchr(caught, '\n') + 1;
    const struct json *line = json_parse(arena, (struct text){ caught, (size_t)(second - caught) }, NULL, 0);
    assert_int_equal(strlen(json_string_at(line, "s")), 2048);
    line = json_parse(arena, text_of(second), NULL, 0);
    assert_string_equal(json_string_at(line, "event"), "damaged");
    assert_string_equal(json_string_at(line, "fields"), "too long");
}

enum { THREADS = 4, EACH = 200 };

static void *write_each(void *context) {
    for (int i = 0; i < EACH; i++) {
        log_event(LOG_INFO, EVENT_STORE_FAILED, LOG_INT("i", i), LOG_END);
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

/* --- nobody reads --------------------------------------------------------------------------------------- */

#define MANY 20000

/* stderr as it was is kept in here while lines go to `out`. */
static int saved;

static void redirect(int fd) {
    saved = dup(STDERR_FILENO);
    assert_true(dup2(fd, STDERR_FILENO) >= 0);
}

static void restore(void) {
    dup2(saved, STDERR_FILENO);
    close(saved);
}

/* What stands in it now. */
static size_t drain(int in, char *all, size_t max) {
    size_t length = 0;
    ssize_t got;
    fcntl(in, F_SETFL, O_NONBLOCK);
    while ((got = read(in, all + length, max - length)) > 0) {
        length += (size_t)got;
    }
    return length;
}

static char all[8 << 20];

/* Reads whole lines from what came; the sum of what the lines about lost lines tell goes to *lost. */
static size_t count_lines(size_t length, int64_t *lost) {
    struct text rest = { all, length };
    size_t lines = 0;
    *lost = 0;
    assert_true(length > 0 && all[length - 1] == '\n');
    for (; rest.length; lines++) {
        const struct json *line = json_parse(arena, text_until(&rest, '\n'), NULL, 0);
        assert_non_null(line);
        if (strcmp(json_string_at(line, "event"), "lines_lost") == 0) {
            *lost += json_int_at(line, "lines");
            lines--;
        }
    }
    return lines;
}

/* case 182: more is said than anybody reads; nothing waits, and in the end every line was read or told as
   lost. */
static void nobody_reads(int in, int out, size_t long_field) {
    static char field[3000];
    memset(field, 'x', long_field);
    field[long_field] = '\0';
    int64_t before = counter_get(COUNTER_LOG_LOST);
    int flags = fcntl(out, F_GETFL);
    redirect(out);
    alarm(60); /* a call that waits ends the test */
    for (int i = 0; i < MANY; i++) {
        log_event(LOG_INFO, EVENT_STORE_FAILED, LOG_STRING("a", field), LOG_STRING("b", field),
                  LOG_STRING("c", field), LOG_END);
    }
    alarm(0);
    assert_int_equal(fcntl(out, F_GETFL), flags); /* others share them */
    int64_t lost = counter_get(COUNTER_LOG_LOST) - before, told;
    assert_in_range(lost, 1, MANY - 1);
    size_t length = drain(in, all, sizeof(all));
    log_event(LOG_INFO, EVENT_STORE_FAILED, LOG_END);
    log_event(LOG_INFO, EVENT_STORE_FAILED, LOG_END);
    restore();
    length += drain(in, all + length, sizeof(all) - length);
    assert_int_equal((int64_t)count_lines(length, &told), MANY + 2 - lost);
    assert_int_equal(told, lost);
    assert_int_equal(counter_get(COUNTER_LOG_LOST) - before, lost);
}

static void a_pipe_that_nobody_reads_stops_nobody(void **state) {
    for (size_t long_field = 10; long_field < 3000;
         long_field += 2500) { /* lines of 130 bytes, and of 6 kB */
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        nobody_reads(pipes[0], pipes[1], long_field);
        close(pipes[0]);
        close(pipes[1]);
    }
}

static void a_socket_that_nobody_reads_stops_nobody(void **state) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    nobody_reads(ends[0], ends[1], 2500);
    close(ends[0]);
    close(ends[1]);
}

static void a_terminal_that_nobody_reads_stops_nobody(void **state) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_int_equal(grantpt(master) | unlockpt(master), 0);
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    int64_t before = counter_get(COUNTER_LOG_LOST);
    redirect(terminal);
    alarm(60);
    for (int i = 0; i < MANY; i++) {
        log_event(LOG_INFO, EVENT_STORE_FAILED, LOG_INT("i", i), LOG_END);
    }
    drain(master, all, sizeof(all));
    size_t length = 0;
    const char *told;
    do { /* what was read at one end is room at the other when the kernel comes to it */
        log_event(LOG_INFO, EVENT_STORE_FAILED, LOG_INT("i", MANY), LOG_END);
        length += drain(master, all + length, sizeof(all) - 1 - length);
        all[length] = '\0';
        told = strstr(all, "lines_lost lines=");
    } while (!told || !strstr(told, "\r\n"));
    alarm(0);
    restore();
    assert_in_range(atoi(strchr(told, '=') + 1), 1, counter_get(COUNTER_LOG_LOST) - before);
    close(terminal);
    close(master);
}

static void nobody_at_the_other_end(void **state) {
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    close(pipes[0]);
    signal(SIGPIPE, SIG_IGN);
    int64_t before = counter_get(COUNTER_LOG_LOST);
    redirect(pipes[1]);
    one_line();
    restore();
    close(pipes[1]);
    assert_int_equal(counter_get(COUNTER_LOG_LOST) - before, 1);
    catch_in_pipe(one_line, caught, sizeof(caught)); /* tells that one was lost */
    assert_non_null(strstr(caught, "\"event\":\"lines_lost\",\"lines\":1}\n"));
}

/* --- what could be said without end --------------------------------------------------------------------- */

static void knock(void) {
    for (int i = 0; i < 1000; i++) {
        log_event_bounded(LOG_WARN, EVENT_HTTP_HANDSHAKE_FAILED, LOG_INT("i", i), LOG_END);
        log_event_bounded(LOG_DEBUG, EVENT_HTTP_REFUSED, LOG_END);
    }
    log_remind(false); /* its time is not over */
    log_remind(true);
    log_remind(true);
}

/* case 183: a thousand refused handshakes are twenty lines and one that says how many more there were. */
static void one_place_says_no_more_than_its_share(void **state) {
    catch_in_pipe(knock, caught, sizeof(caught));
    int lines = 0;
    const char *last = caught;
    for (const char *at = caught; (at = strchr(at, '\n')) && at[1]; lines++) {
        last = ++at;
    }
    assert_int_equal(lines, LOG_BOUNDED_LINES);
    const struct json *line = json_parse(arena, (struct text){ last, strlen(last) - 1 }, NULL, 0);
    assert_non_null(line);
    assert_string_equal(json_string_at(line, "component"), "log");
    assert_string_equal(json_string_at(line, "event"), "lines_left_out");
    assert_string_equal(json_string_at(line, "of"), "handshake_failed");
    assert_string_equal(json_string_at(line, "from"), "http");
    assert_int_equal(json_int_at(line, "lines"), 1000 - LOG_BOUNDED_LINES);
}

/* --- the list --------------------------------------------------------------------------------------------
 * */

static bool is_snake_case(const char *word) {
    return *word >= 'a' && *word <= 'z' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0'
           && !strstr(word, "__") && word[strlen(word) - 1] != '_';
}

static void names_have_one_form_and_stand_once(void **state) {
    for (int i = 0; i < EVENT_COUNT; i++) {
        const struct log_meaning *row = log_meaning((enum log_event)i);
        char whole[128];
        assert_true(is_snake_case(row->component) && is_snake_case(row->name));
        assert_true(*row->zh && *row->en);
        snprintf(whole, sizeof(whole), "%s.%s", row->component, row->name);
        assert_ptr_equal(log_meaning_find(whole, NULL), row);
        assert_null(log_meaning_find(whole, row));
    }
    const struct log_meaning *damaged = log_meaning_find("DAMAGED", NULL);
    assert_string_equal(damaged->component, "journal");
    assert_string_equal(log_meaning_find("damaged", damaged)->component, "seen");
    assert_null(log_meaning_find("pigeon", NULL));
    assert_null(log_meaning_find("journal", NULL));
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
        cmocka_unit_test(a_pipe_that_nobody_reads_stops_nobody),
        cmocka_unit_test(a_socket_that_nobody_reads_stops_nobody),
        cmocka_unit_test(a_terminal_that_nobody_reads_stops_nobody),
        cmocka_unit_test(nobody_at_the_other_end),
        cmocka_unit_test(one_place_says_no_more_than_its_share),
        cmocka_unit_test(names_have_one_form_and_stand_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
