/* test_base_queue.c - the bound, the end, waiting, and many threads at once. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/queue.h"

static int items[10];

static void the_bound_is_the_capacity(void **state) {
    for (size_t capacity = 1; capacity <= 5; capacity++) {
        struct queue *queue = queue_new(capacity);
        for (int lap = 0; lap < 3; lap++) {        /* around the ring */
            for (size_t i = 0; i < capacity; i++) {
                assert_int_equal(queue_push(queue, &items[i]), STATUS_OK);
            }
            assert_int_equal(queue_push(queue, &items[9]), STATUS_BUSY);
            assert_ptr_equal(queue_pop(queue), &items[0]);
            assert_int_equal(queue_push(queue, &items[9]), STATUS_OK);
            for (size_t i = 1; i < capacity; i++) {
                assert_ptr_equal(queue_pop(queue), &items[i]);
            }
            assert_ptr_equal(queue_pop(queue), &items[9]);
        }
        queue_free(queue);
    }
    queue_free(NULL);
}

static void closed_means_no_more_in_but_all_out(void **state) {
    struct queue *queue = queue_new(2);
    queue_push(queue, &items[0]);
    queue_close(queue);
    assert_int_equal(queue_push(queue, &items[1]), STATUS_CLOSED);
    assert_ptr_equal(queue_pop(queue), &items[0]);
    assert_null(queue_pop(queue));
    queue_free(queue);
}

/* --- threads ----------------------------------------------------------------------------------------- */

static void *pop_forever(void *queue) {
    return queue_pop(queue);
}

static void closing_wakes_who_waits(void **state) {
    struct queue *queue = queue_new(1);
    pthread_t popper;
    void *popped;
    assert_int_equal(pthread_create(&popper, NULL, pop_forever, queue), 0);
    queue_close(queue);
    pthread_join(popper, &popped);
    assert_null(popped);
    queue_free(queue);
}

enum { PUSHERS = 3, POPPERS = 3, EACH = 5000 };
static char numbers[PUSHERS * EACH];
static int seen[PUSHERS * EACH];

struct pusher { struct queue *queue; int first; };

static void *push_each(void *context) {
    struct pusher *pusher = context;
    for (int i = 0; i < EACH; i++) {
        while (queue_push(pusher->queue, &numbers[pusher->first + i]) == STATUS_BUSY) {
            sched_yield();
        }
    }
    return NULL;
}

static void *pop_to_the_end(void *queue) {
    char *item;
    while ((item = queue_pop(queue))) {
        __atomic_fetch_add(&seen[item - numbers], 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void each_item_comes_out_once(void **state) {
    struct queue *queue = queue_new(7);
    struct pusher pushers[PUSHERS];
    pthread_t pushing[PUSHERS], popping[POPPERS];
    for (int i = 0; i < POPPERS; i++) {
        assert_int_equal(pthread_create(&popping[i], NULL, pop_to_the_end, queue), 0);
    }
    for (int i = 0; i < PUSHERS; i++) {
        pushers[i] = (struct pusher){ queue, i * EACH };
        assert_int_equal(pthread_create(&pushing[i], NULL, push_each, &pushers[i]), 0);
    }
    for (int i = 0; i < PUSHERS; i++) {
        pthread_join(pushing[i], NULL);
    }
    queue_close(queue);
    for (int i = 0; i < POPPERS; i++) {
        pthread_join(popping[i], NULL);
    }
    for (int i = 0; i < PUSHERS * EACH; i++) {
        assert_int_equal(seen[i], 1);
    }
    queue_free(queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bound_is_the_capacity),
        cmocka_unit_test(closed_means_no_more_in_but_all_out),
        cmocka_unit_test(closing_wakes_who_waits),
        cmocka_unit_test(each_item_comes_out_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
