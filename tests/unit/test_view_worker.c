/*
 * Long questions on a thread of their own: every job comes back once, askers take turns and leave room for
 * each other, and who goes away ends the query that runs for it. The questions here are the test's: one that
 * waits until it is told, and one whose query never ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/arena.h"
#include "view/worker.h"
#include "large_month.h"
#include "folder_kit.h"

enum { PARTIES = 6, PATIENCE_S = 60 };

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int begun, allowed;       /* of the questions that wait */
    int finished;             /* jobs handed back */
    const char *asked_by[64]; /* in the order they were begun */
} here = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void change(int *what) {
    pthread_mutex_lock(&here.mutex);
    ++*what;
    pthread_cond_broadcast(&here.changed);
    pthread_mutex_unlock(&here.mutex);
}

static void await(const int *what, int value) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&here.mutex);
    while (*what < value) {
        assert_int_equal(pthread_cond_timedwait(&here.changed, &here.mutex, &until), 0);
    }
    pthread_mutex_unlock(&here.mutex);
}

static enum status wait_until_told(const struct view_question *question, struct buf *out) {
    pthread_mutex_lock(&here.mutex);
    int mine = here.begun;
    here.asked_by[here.begun++] = question->viewer ? question->viewer->code : "operator";
    pthread_cond_broadcast(&here.changed);
    while (here.allowed <= mine) {
        pthread_cond_wait(&here.changed, &here.mutex);
    }
    pthread_mutex_unlock(&here.mutex);
    buf_add_string(out, "answered");
    return STATUS_OK;
}

static enum status never_end(const struct view_question *question, struct buf *out) {
    struct state *state = question->source->state;
    (void)out;
    change(&here.begun);
    struct store_query *query =
        store_query(state_store(state),
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
    (void)state_number(state, query, 0);
    return state_take_failure(state);
}

static enum status count_tables(const struct view_question *question, struct buf *out) {
    struct state *state = question->source->state;
    buf_printf(out, "%d",
               state_number(state, store_query(state_store(state), "SELECT count(*) FROM position"), 0) == 1);
    return state_take_failure(state);
}

static const struct view waits = { .name = "waits", .path = "waits", .text = wait_until_told },
                         endless = { .name = "endless", .path = "endless", .text = never_end },
                         counts = { .name = "counts", .path = "counts", .text = count_tables };

/* The first time it answers at once, and never again. */
static enum status count_or_never_end(const struct view_question *question, struct buf *out) {
    if (here.begun > 0) {
        return never_end(question, out);
    }
    change(&here.begun);
    buf_add_string(out, "first");
    return STATUS_OK;
}

/* Three parts, of which the second is empty. */
static enum status add_in_parts(const struct view_question *question, struct buf *out) {
    struct view_parts *parts = question->parts;
    if (parts->next != 1) {
        buf_printf(out, "part %zu", parts->next);
    }
    parts->more = ++parts->next < 3;
    return STATUS_OK;
}

static enum status count_times(const struct view_question *question, struct buf *out) {
    (void)question;
    buf_printf(out, "%d", here.begun + 1);
    change(&here.begun);
    return STATUS_OK;
}

static bool never_stands(const struct view_question *question, uint64_t since) {
    (void)question;
    (void)since;
    return false;
}

static const struct view times = { .name = "times",
                                   .path = "times",
                                   .text = count_times,
                                   .stands = never_stands },
                         in_parts = { .name = "in-parts", .path = "in-parts", .csv = add_in_parts },
                         endless_again = { .name = "endless-again",
                                           .path = "endless-again",
                                           .text = count_or_never_end,
                                           .stands = never_stands };

struct fixture {
    char directory[64];
    struct party parties_list[PARTIES];
    struct parties parties;
    struct edition edition;
    struct view_worker *worker;
    struct view_job jobs[2 * VIEW_JOBS_MAX];
};

static void finished(void *context) {
    (void)context;
    change(&here.finished);
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    struct state *made;
    here.begun = here.allowed = here.finished = 0;
    strcpy(f->directory, "/tmp/clearway-worker-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_int_equal(state_open(f->directory, STORE_WRITE, &made), STATUS_OK);
    state_close(made);
    static const char *const codes[PARTIES] = { "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX" };
    for (size_t i = 0; i < PARTIES; i++) {
        f->parties_list[i].code = codes[i];
    }
    f->parties = (struct parties){ .list = f->parties_list, .count = PARTIES };
    f->edition.holds = 1;
    f->edition.parties = &f->parties;
    struct view_worker_options options = {
        .directory = f->directory, .now_ms = stamp_monotonic_ms, .finished = finished, .context = f
    };
    assert_int_equal(view_worker_start(&options, &f->worker), STATUS_OK);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(f->jobs) / sizeof(*f->jobs); i++) {
        buf_release(&f->jobs[i].body);
        if (f->jobs[i].question.arena) {
            arena_free(f->jobs[i].question.arena);
        }
    }
    view_worker_free(f->worker);
    folder_remove(f->directory);
    free(f);
    return 0;
}

/* party PARTIES: the operator. */
static enum status submit(struct fixture *f, size_t index, const struct view *view, size_t party) {
    struct view_job *job = &f->jobs[index];
    *job = (struct view_job){ .form = view->csv ? VIEW_CSV : VIEW_TEXT, .edition = &f->edition };
    job->question.view = view;
    job->question.viewer = party < PARTIES ? &f->parties_list[party] : NULL;
    job->question.arena = arena_new();
    buf_init(&job->body, 1024);
    return view_worker_submit(f->worker, job);
}

static void stop(struct fixture *f) {
    view_worker_stop(f->worker);
    while (view_worker_collect(f->worker)) {
    }
}

static void a_job_comes_back_answered(void **state) {
    struct fixture *f = *state;
    assert_null(view_worker_collect(f->worker));
    assert_int_equal(submit(f, 0, &counts, 0), STATUS_OK);
    await(&here.finished, 1);
    assert_ptr_equal(view_worker_collect(f->worker), &f->jobs[0]);
    assert_int_equal(f->jobs[0].status, STATUS_OK);
    assert_string_equal(f->jobs[0].body.at, "1");
    assert_null(view_worker_collect(f->worker));
    stop(f);
}

/* One asks five times, then another and the operator once: they wait for one of its questions, not for
 * five. */
static void askers_take_turns(void **state) {
    static const char *const order[] = { "ONE", "ONE", "TWO", "operator", "ONE", "ONE", "ONE" };
    struct fixture *f = *state;
    assert_int_equal(submit(f, 0, &waits, 0), STATUS_OK);
    await(&here.begun, 1); /* the others wait behind it */
    for (size_t i = 1; i < 5; i++) {
        assert_int_equal(submit(f, i, &waits, 0), STATUS_OK);
    }
    assert_int_equal(submit(f, 5, &waits, 1), STATUS_OK);
    assert_int_equal(submit(f, 6, &waits, PARTIES), STATUS_OK);
    for (int i = 1; i <= 7; i++) {
        change(&here.allowed);
        await(&here.finished, i);
    }
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(here.asked_by[i], order[i]);
    }
    stop(f);
}

/* case 322: so many wait that there is no room: of the places one asker has at most as many as are still
 * free. */
static void one_asker_leaves_room_and_all_have_an_end(void **state) {
    struct fixture *f = *state;
    size_t taken = 0;
    while (submit(f, taken, &waits, 0) == STATUS_OK) {
        taken++;
    }
    assert_int_equal(taken, VIEW_JOBS_MAX / 2);
    enum status status = STATUS_THROTTLED;
    for (size_t party = 0; party < PARTIES && status == STATUS_THROTTLED; party++) {
        do {
            arena_free(f->jobs[taken].question.arena);
            status = submit(f, taken, &waits, party);
            taken += status == STATUS_OK;
            assert_true(party > 0 || status == STATUS_THROTTLED);
        } while (status == STATUS_OK);
    }
    assert_int_equal(status, STATUS_BUSY); /* 8, 4, 2, 1 and 1 of so many askers */
    assert_int_equal(taken, VIEW_JOBS_MAX);
    for (size_t i = 0; i < taken; i++) {
        change(&here.allowed);
    }
    await(&here.finished, (int)taken);
    size_t collected = 0;
    while (view_worker_collect(f->worker)) {
        collected++;
    }
    assert_int_equal(collected, taken);
    arena_free(f->jobs[taken].question.arena);
    assert_int_equal(submit(f, taken, &counts, 0), STATUS_OK); /* there is room again */
    await(&here.finished, (int)taken + 1);
    stop(f);
}

/* case 323: whoever asked goes away: its query ends, and the next question is answered. */
static void who_goes_away_ends_the_query(void **state) {
    struct fixture *f = *state;
    assert_int_equal(submit(f, 0, &endless, 0), STATUS_OK);
    await(&here.begun, 1);
    assert_int_equal(submit(f, 1, &waits, 1), STATUS_OK);
    assert_int_equal(submit(f, 2, &counts, PARTIES), STATUS_OK);
    view_worker_cancel(f->worker, &f->jobs[1]); /* waits still: it is never begun */
    view_worker_cancel(f->worker, &f->jobs[0]);
    await(&here.finished, 3);
    for (struct view_job *job; (job = view_worker_collect(f->worker));) {
        assert_int_equal(job->status, job == &f->jobs[2] ? STATUS_OK : STATUS_CLOSED);
    }
    assert_int_equal(here.begun, 1);
    assert_string_equal(f->jobs[2].body.at, "1");
    stop(f);
}

static void what_is_under_way_ends_at_a_stop(void **state) {
    struct fixture *f = *state;
    size_t collected = 0;
    assert_int_equal(submit(f, 0, &endless, 0), STATUS_OK);
    await(&here.begun, 1);
    assert_int_equal(submit(f, 1, &endless, 1), STATUS_OK);
    assert_int_equal(submit(f, 2, &counts, 0), STATUS_OK);
    view_worker_stop(f->worker);
    for (struct view_job *job; (job = view_worker_collect(f->worker)); collected++) {
        assert_int_equal(job->status, STATUS_CLOSED);
    }
    assert_int_equal(collected, 3);
}

static void collect_part(struct fixture *f, size_t index, int finished, const char *part, bool has_more) {
    await(&here.finished, finished);
    assert_ptr_equal(view_worker_collect(f->worker), &f->jobs[index]);
    assert_int_equal(f->jobs[index].status, STATUS_OK);
    assert_true(text_is(buf_text(&f->jobs[index].body), part));
    assert_int_equal(view_job_has_more(&f->jobs[index]), has_more);
}

/* Each part is handed back by itself; between two of them others are answered, however long that takes. */
static void an_answer_comes_in_parts(void **state) {
    struct fixture *f = *state;
    assert_int_equal(submit(f, 0, &in_parts, 0), STATUS_OK);
    collect_part(f, 0, 1, "part 0", true);
    assert_int_equal(submit(f, 1, &counts, 1), STATUS_OK);
    await(&here.finished, 2);
    assert_ptr_equal(view_worker_collect(f->worker), &f->jobs[1]);
    view_worker_go_on(f->worker, &f->jobs[0]);
    collect_part(f, 0, 3, "", true);
    view_worker_go_on(f->worker, &f->jobs[0]);
    collect_part(f, 0, 4, "part 2", false);
    stop(f);
}

/* case 714: who has an answer in parts was told apart by the texts of the edition of his last job; when that
 * was answered, and another edition came into force, they were gone, and he had the places of two. */
static void an_asker_is_known_when_the_edition_of_his_last_job_is_gone(void **state) {
    struct fixture *f = *state;
    char code[] = "ONE";
    int done = 0;
    while (done < VIEW_JOBS_MAX / 2 - 1) {
        assert_int_equal(submit(f, (size_t)done, &in_parts, 0), STATUS_OK);
        done++;
        collect_part(f, (size_t)done - 1, done, "part 0", true);
    }
    f->parties_list[1].code = code; /* the same party in another edition */
    assert_int_equal(submit(f, (size_t)done, &counts, 1), STATUS_OK);
    await(&here.finished, done + 1);
    assert_ptr_equal(view_worker_collect(f->worker), &f->jobs[done]);
    memcpy(code, "XXX", 3); /* it is gone */
    arena_free(f->jobs[done].question.arena);
    buf_release(&f->jobs[done].body);
    assert_int_equal(submit(f, (size_t)done, &in_parts, 0), STATUS_OK);
    collect_part(f, (size_t)done, done + 2, "part 0", true);
    assert_int_equal(submit(f, (size_t)done + 1, &in_parts, 0), STATUS_THROTTLED);
    for (int i = 0; i <= done; i++) {
        view_worker_give_up(f->worker, &f->jobs[i]);
    }
    stop(f);
}

/* Who reads slowly keeps a place, and no more than askers may have; whoever is gone gives it back. */
static void a_part_keeps_its_place_until_it_is_given_up(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < VIEW_JOBS_MAX / 2; i++) {
        assert_int_equal(submit(f, i, &in_parts, 0), STATUS_OK);
        collect_part(f, i, (int)i + 1, "part 0", true);
    }
    size_t last = VIEW_JOBS_MAX / 2;
    assert_int_equal(submit(f, last, &in_parts, 0), STATUS_THROTTLED);
    arena_free(f->jobs[last].question.arena);
    view_worker_give_up(f->worker, &f->jobs[0]);
    assert_int_equal(submit(f, last, &in_parts, 0), STATUS_OK);
    collect_part(f, last, (int)last + 1, "part 0", true);
    view_worker_go_on(f->worker, &f->jobs[last]);
    view_worker_cancel(f->worker, &f->jobs[last]); /* before its part, or behind it */
    await(&here.finished, (int)last + 2);
    assert_ptr_equal(view_worker_collect(f->worker), &f->jobs[last]);
    for (size_t i = 1; i <= last; i++) {
        if (view_job_has_more(&f->jobs[i])) {
            view_worker_give_up(f->worker, &f->jobs[i]);
        }
    }
    stop(f);
}

static void move_on(struct fixture *f, uint64_t position) {
    struct state *engine;
    assert_int_equal(state_open(f->directory, STORE_WRITE, &engine), STATUS_OK);
    assert_int_equal(state_begin(engine), STATUS_OK);
    assert_int_equal(state_commit(engine, position), STATUS_OK);
    state_close(engine);
}

static void what_was_asked_is_made_again_while_nobody_asks(void **state) {
    struct fixture *f = *state;
    assert_int_equal(submit(f, 0, &times, 0), STATUS_OK);
    await(&here.finished, 1);
    assert_ptr_equal(view_worker_collect(f->worker), &f->jobs[0]);
    assert_string_equal(f->jobs[0].body.at, "1");
    move_on(f, 7);
    await(&here.begun, 2);
    move_on(f, 8);
    await(&here.begun, 3);
    stop(f);
    assert_int_equal(here.finished, 1);
}

static void who_asks_interrupts_what_is_made_again(void **state) {
    struct fixture *f = *state;
    assert_int_equal(submit(f, 0, &endless_again, 0), STATUS_OK);
    await(&here.finished, 1);
    move_on(f, 7);
    await(&here.begun, 2);
    assert_int_equal(submit(f, 1, &counts, 1), STATUS_OK);
    await(&here.finished, 2);
    while (view_worker_collect(f->worker)) {
    }
    assert_string_equal(f->jobs[1].body.at, "1");
    await(&here.begun, 3); /* it is tried again, and ends at the stop */
    stop(f);
}

/* Before it looks which months are to be got ready, somebody asks. */
static int32_t once_somebody_asks(void *context) {
    (void)context;
    change(&here.begun);
    await(&here.allowed, 1);
    return day_of(2026, 10, 20);
}

/* case 946: what was interrupted was told as the fate of the next question. */
static void who_interrupts_is_answered(void **state) {
    struct fixture *f = *state;
    stop(f);
    view_worker_free(f->worker);
    struct view_worker_options options = { .directory = f->directory,
                                           .now_ms = stamp_monotonic_ms,
                                           .finished = finished,
                                           .edition = &f->edition,
                                           .today = once_somebody_asks };
    assert_int_equal(view_worker_start(&options, &f->worker), STATUS_OK);
    await(&here.begun, 1);
    assert_int_equal(submit(f, 0, &counts, 0), STATUS_OK);
    change(&here.allowed);
    await(&here.finished, 1);
    assert_ptr_equal(view_worker_collect(f->worker), &f->jobs[0]);
    assert_int_equal(f->jobs[0].status, STATUS_OK);
    assert_string_equal(f->jobs[0].body.at, "1");
    stop(f);
}

static int32_t of_october(void *context) {
    (void)context;
    return day_of(2026, 10, 20);
}

/* Its months are there, as files, before anybody asks. */
static void months_are_got_ready_while_nobody_asks(void **state) {
    struct fixture *f = *state;
    struct arena *arena = arena_new();
    struct edition_options from = { .schemas = SOURCE_DIR "/schemas" };
    struct verdict mistakes;
    struct edition *edition;
    struct state *writer;
    struct view_worker *worker;
    verdict_init(&mistakes, arena);
    assert_int_equal(edition_load(&from, &edition, &mistakes), STATUS_OK);
    assert_int_equal(state_open(f->directory, STORE_WRITE, &writer), STATUS_OK);
    large_month_fill(writer, 2026, 9, 1, 30);
    state_close(writer);
    struct view_worker_options options = { .directory = f->directory,
                                           .now_ms = stamp_monotonic_ms,
                                           .finished = finished,
                                           .edition = edition,
                                           .today = of_october };
    assert_int_equal(view_worker_start(&options, &worker), STATUS_OK);
    view_worker_change(worker, edition);
    view_worker_change(worker, edition);
    const char *path = arena_printf(arena, "%s/releases/2026-09.export", f->directory);
    for (int64_t until = stamp_monotonic_ms() + PATIENCE_S * 1000; access(path, R_OK) != 0;) {
        assert_true(stamp_monotonic_ms() < until);
        usleep(10000);
    }
    view_worker_stop(worker);
    view_worker_free(worker);
    assert_int_equal(edition->holds, 1);
    edition_release(edition);
    arena_free(arena);
    stop(f);
}

static void without_state_it_does_not_start(void **state) {
    struct fixture *f = *state;
    struct view_worker *worker;
    struct view_worker_options options = { .directory = "/tmp/no-such-folder", .finished = finished };
    assert_int_equal(view_worker_start(&options, &worker), STATUS_NOT_FOUND);
    assert_null(worker);
    stop(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_job_comes_back_answered),
        TEST(askers_take_turns),
        TEST(one_asker_leaves_room_and_all_have_an_end),
        TEST(who_goes_away_ends_the_query),
        TEST(what_is_under_way_ends_at_a_stop),
        TEST(an_answer_comes_in_parts),
        TEST(an_asker_is_known_when_the_edition_of_his_last_job_is_gone),
        TEST(a_part_keeps_its_place_until_it_is_given_up),
        TEST(what_was_asked_is_made_again_while_nobody_asks),
        TEST(who_asks_interrupts_what_is_made_again),
        TEST(who_interrupts_is_answered),
        TEST(months_are_got_ready_while_nobody_asks),
        TEST(without_state_it_does_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
