/* test_base_loop.c - order of posted work, watches, timers and signals; freeing inside a callback. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/loop.h"

#define POSTERS 4
#define POSTS   2000

struct scene {
    struct loop *loop;
    int pair[2];
    struct loop_watch *watch, *other;
    struct loop_timer *timer;
    int calls, events, last[POSTERS];
};

static int set_up(void **state) {
    struct scene *scene = calloc(1, sizeof(*scene));
    scene->loop = loop_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, scene->pair), 0);
    *state = scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    loop_watch_free(scene->watch);
    loop_watch_free(scene->other);
    loop_timer_free(scene->timer);
    loop_free(scene->loop);
    close(scene->pair[0]);
    close(scene->pair[1]);
    free(scene);
    return 0;
}

static void stop(void *context) {
    struct scene *scene = context;
    loop_stop(scene->loop);
}

static void count_and_stop(void *context) {
    struct scene *scene = context;
    scene->calls++;
    loop_stop(scene->loop);
}

/* --- posted work ------------------------------------------------------------------------------------- */

struct post {
    struct scene *scene;
    int poster, number;
};
struct poster {
    struct scene *scene;
    int poster;
    struct post *posts;
    pthread_t thread;
};

static void arrive(void *context) {
    struct post *post = context;
    struct scene *scene = post->scene;
    assert_int_equal(post->number, scene->last[post->poster] + 1);
    scene->last[post->poster] = post->number;
    if (++scene->calls == POSTERS * POSTS) {
        loop_stop(scene->loop);
    }
}

static void *post_all(void *context) {
    struct poster *poster = context;
    for (int i = 0; i < POSTS; i++) {
        poster->posts[i] = (struct post){ poster->scene, poster->poster, i + 1 };
        loop_post(poster->scene->loop, arrive, &poster->posts[i]);
    }
    return NULL;
}

static void work_from_many_threads_arrives_in_each_ones_order(void **state) {
    struct scene *scene = *state;
    struct poster posters[POSTERS];
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){ scene, i, calloc(POSTS, sizeof(struct post)), 0 };
        assert_int_equal(pthread_create(&posters[i].thread, NULL, post_all, &posters[i]), 0);
    }
    loop_run(scene->loop);
    assert_int_equal(scene->calls, POSTERS * POSTS);
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, NULL);
        free(posters[i].posts);
    }
}

static void post_again(void *context) {
    struct scene *scene = context;
    loop_post(scene->loop, ++scene->calls == 3 ? stop : post_again, scene);
}

static void work_may_post_work(void **state) {
    struct scene *scene = *state;
    loop_post(scene->loop, post_again, scene);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 3);
}

static void stopping_before_running_ends_at_once_and_only_once(void **state) {
    struct scene *scene = *state;
    loop_post(scene->loop, count_and_stop, scene);
    loop_stop(scene->loop);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 0);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 1);
}

static void work_left_over_is_dropped(void **state) {
    struct scene *scene = *state;
    loop_post(scene->loop, count_and_stop, scene); /* tear_down frees the loop; a leak would show */
    assert_int_equal(scene->calls, 0);
}

/* --- watches ----------------------------------------------------------------------------------------- */

static void note_events(int events, void *context) {
    struct scene *scene = context;
    scene->events = events;
    count_and_stop(scene);
}

static void a_watch_tells_which_events_are_there(void **state) {
    struct scene *scene = *state;
    scene->watch = loop_watch_new(scene->loop, scene->pair[0], LOOP_WRITE, note_events, scene);
    loop_run(scene->loop);
    assert_int_equal(scene->events, LOOP_WRITE);
    assert_int_equal(write(scene->pair[1], "x", 1), 1);
    loop_watch_set(scene->watch, LOOP_READ);
    loop_run(scene->loop);
    assert_int_equal(scene->events, LOOP_READ);
    loop_watch_set(scene->watch, LOOP_READ | LOOP_WRITE);
    loop_run(scene->loop);
    assert_int_equal(scene->events, LOOP_READ | LOOP_WRITE);
}

static void unread_bytes_are_told_again(void **state) {
    struct scene *scene = *state;
    assert_int_equal(write(scene->pair[1], "x", 1), 1);
    scene->watch = loop_watch_new(scene->loop, scene->pair[0], LOOP_READ, note_events, scene);
    loop_run(scene->loop);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 2);
}

static void a_resting_watch_is_silent(void **state) {
    struct scene *scene = *state;
    assert_int_equal(write(scene->pair[1], "x", 1), 1);
    scene->watch = loop_watch_new(scene->loop, scene->pair[0], 0, note_events, scene);
    scene->timer = loop_timer_new(scene->loop, stop, scene);
    loop_timer_start(scene->timer, 5);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 0);
    loop_watch_set(scene->watch, LOOP_READ);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 1);
}

static void free_both(int events, void *context) {
    struct scene *scene = context;
    loop_watch_free(scene->watch);
    loop_watch_free(scene->other);
    scene->watch = scene->other = NULL;
    count_and_stop(scene);
}

/* Both are ready in one turn; whichever comes first frees itself and the other, which must not come then. */
static void a_watch_may_be_freed_inside_its_callback_with_another_one(void **state) {
    struct scene *scene = *state;
    scene->watch = loop_watch_new(scene->loop, scene->pair[0], LOOP_WRITE, free_both, scene);
    scene->other = loop_watch_new(scene->loop, scene->pair[1], LOOP_WRITE, free_both, scene);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 1);
}

/* --- timers and signals ------------------------------------------------------------------------------ */

static void free_timer(void *context) {
    struct scene *scene = context;
    loop_timer_free(scene->timer);
    scene->timer = NULL;
    count_and_stop(scene);
}

static void a_timer_may_be_freed_inside_its_callback(void **state) {
    struct scene *scene = *state;
    scene->timer = loop_timer_new(scene->loop, free_timer, scene);
    loop_timer_start(scene->timer, 0);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 1);
}

static void start_again(void *context) {
    struct scene *scene = context;
    if (++scene->calls == 3) {
        loop_stop(scene->loop);
    } else {
        loop_timer_start(scene->timer, 1);
    }
}

static void a_timer_may_start_itself_again(void **state) {
    struct scene *scene = *state;
    scene->timer = loop_timer_new(scene->loop, start_again, scene);
    loop_timer_start(scene->timer, 1);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 3);
}

static void a_moved_or_stopped_timer_does_not_fire_at_its_old_time(void **state) {
    struct scene *scene = *state;
    scene->timer = loop_timer_new(scene->loop, count_and_stop, scene);
    loop_timer_start(scene->timer, 1);
    loop_timer_start(scene->timer, 3600 * 1000);
    struct loop_timer *end = loop_timer_new(scene->loop, stop, scene);
    loop_timer_start(end, 20);
    loop_run(scene->loop);
    loop_timer_start(scene->timer, 1);
    loop_timer_stop(scene->timer);
    loop_timer_start(end, 20);
    loop_run(scene->loop);
    assert_int_equal(scene->calls, 0);
    loop_timer_free(end);
}

static void a_signal_is_caught_on_the_loop(void **state) {
    struct scene *scene = *state;
    loop_signal(scene->loop, SIGUSR1, count_and_stop, scene);
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(raise(SIGUSR1), 0);
        loop_run(scene->loop);
        assert_int_equal(scene->calls, i);
    }
}

/* --- a loop that its owner turns, by a clock that its owner turns -------------------------------------- */
static int64_t turned_ms;

static int64_t turned_clock(void) {
    return turned_ms;
}

static void count(void *context) {
    struct scene *scene = context;
    scene->calls++;
}

static void count_and_start_again(void *context) {
    struct scene *scene = context;
    scene->calls++;
    loop_timer_start(scene->timer, 0);
}

static void a_timer_goes_by_the_clock_that_is_turned(void **state) {
    struct scene *scene = *state;
    struct loop *loop = loop_new_by(turned_clock);
    struct loop_timer *hour = loop_timer_new(loop, count, scene);
    turned_ms = 1000;
    assert_int_equal(loop_now_ms(loop), 1000);
    loop_timer_start(hour, 3600 * 1000);
    assert_false(loop_turn(loop, 0));
    turned_ms += 3600 * 1000 - 1;
    assert_false(loop_turn(loop, 1));
    turned_ms += 1;
    assert_true(loop_turn(loop, 0));
    assert_int_equal(scene->calls, 1);
    assert_false(loop_turn(loop, 0)); /* once */
    loop_timer_start(hour, 10);
    loop_timer_stop(hour);
    turned_ms += 10;
    assert_false(loop_turn(loop, 0));
    loop_timer_start(hour, 10);
    loop_timer_free(hour);
    turned_ms += 10;
    assert_false(loop_turn(loop, 0));
    loop_free(loop);
}

static void a_timer_that_starts_itself_again_runs_once_in_a_turn(void **state) {
    struct scene *scene = *state;
    struct loop *loop = loop_new_by(turned_clock);
    scene->timer = loop_timer_new(loop, count_and_start_again, scene);
    loop_timer_start(scene->timer, 0);
    assert_true(loop_turn(loop, 0));
    assert_true(loop_turn(loop, 1000)); /* it is due: nothing is waited for */
    assert_int_equal(scene->calls, 2);
    loop_timer_free(scene->timer);
    scene->timer = NULL;
    loop_free(loop);
}

static void a_turn_waits_for_what_is_posted_and_heeds_no_stop(void **state) {
    struct scene *scene = *state;
    loop_stop(scene->loop);
    loop_turn(scene->loop, 0);
    assert_false(loop_turn(scene->loop, 0));
    loop_post(scene->loop, count, scene);
    assert_true(loop_turn(scene->loop, 1000));
    assert_int_equal(scene->calls, 1);
    assert_false(loop_turn(scene->loop, 1));
}

int main(void) {
#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LOOP_TEST(work_from_many_threads_arrives_in_each_ones_order),
        LOOP_TEST(work_may_post_work),
        LOOP_TEST(stopping_before_running_ends_at_once_and_only_once),
        LOOP_TEST(work_left_over_is_dropped),
        LOOP_TEST(a_watch_tells_which_events_are_there),
        LOOP_TEST(unread_bytes_are_told_again),
        LOOP_TEST(a_resting_watch_is_silent),
        LOOP_TEST(a_watch_may_be_freed_inside_its_callback_with_another_one),
        LOOP_TEST(a_timer_may_be_freed_inside_its_callback),
        LOOP_TEST(a_timer_may_start_itself_again),
        LOOP_TEST(a_moved_or_stopped_timer_does_not_fire_at_its_old_time),
        LOOP_TEST(a_signal_is_caught_on_the_loop),
        LOOP_TEST(a_timer_goes_by_the_clock_that_is_turned),
        LOOP_TEST(a_timer_that_starts_itself_again_runs_once_in_a_turn),
        LOOP_TEST(a_turn_waits_for_what_is_posted_and_heeds_no_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
