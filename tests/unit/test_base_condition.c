/*
 * test_base_condition.c - timed waits on conditions: not over before their moment, and over at it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/condition.h"
#include "base/thread.h"

#define MS 1000000LL

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;
static bool told;

static void a_moment_that_is_over_is_not_waited_for(void **state) {
    pthread_mutex_lock(&mutex);
    assert_false(condition_wait(&condition, &mutex, condition_in(0)));
    assert_false(condition_wait(&condition, &mutex, condition_in(-5000 * MS)));
    pthread_mutex_unlock(&mutex);
}

static void a_wait_lasts_until_its_moment(void **state) {
    static const int64_t waits_ms[] = { 1, 30, 1010 }; /* the last is over a second */
    for (size_t i = 0; i < sizeof(waits_ms) / sizeof(*waits_ms); i++) {
        int64_t until = condition_in(waits_ms[i] * MS);
        pthread_mutex_lock(&mutex);
        while (condition_wait(&condition, &mutex, until)) {
        }
        pthread_mutex_unlock(&mutex);
        assert_true(condition_in(0) >= until);
    }
}

static void *tell(void *context) {
    thread_lower_priority(); /* changes nothing but who is first */
    pthread_mutex_lock(&mutex);
    told = true;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void a_signal_ends_it_before(void **state) {
    int64_t until = condition_in(3600 * 1000 * MS);
    pthread_t thread;
    pthread_mutex_lock(&mutex);
    thread_start(&thread, "tell", tell, NULL);
    while (!told) {
        assert_true(condition_wait(&condition, &mutex, until));
    }
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_that_is_over_is_not_waited_for),
        cmocka_unit_test(a_wait_lasts_until_its_moment),
        cmocka_unit_test(a_signal_ends_it_before),
    };
    condition_init(&condition);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
