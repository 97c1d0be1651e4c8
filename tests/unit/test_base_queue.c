/* test_base_queue.c - the bound, turns of the flows, long work, the end, waiting, and many threads at
   once. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/queue.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct queue_item items[32];

static struct queue *make(size_t capacity) {
    return queue_new(
        &(struct queue_options){ .capacity = capacity, .turn = 100, .long_cost = 1000, .long_max = 1 });
}

static void the_bound_is_the_capacity(void **state) {
    for (size_t capacity = 1; capacity <= 5; capacity++) {
        struct queue *queue = make(capacity);
        struct queue_flow flow = { 0 };
        for (int lap = 0; lap < 3; lap++) {
            for (size_t i = 0; i < capacity; i++) {
                assert_int_equal(queue_push(queue, &flow, &items[i], 10), STATUS_OK);
            }
            assert_int_equal(queue_push(queue, &flow, &items[9], 10), STATUS_BUSY);
            assert_ptr_equal(queue_pop(queue), &items[0]);
            assert_int_equal(queue_push(queue, &flow, &items[9], 10), STATUS_OK);
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
    struct queue *queue = make(2);
    struct queue_flow flow = { 0 };
    queue_push(queue, &flow, &items[0], 10);
    queue_close(queue);
    assert_int_equal(queue_push(queue, &flow, &items[1], 10), STATUS_CLOSED);
    assert_ptr_equal(queue_pop(queue), &items[0]);
    assert_null(queue_pop(queue));
    queue_free(queue);
}

/* Each letter is an item of the flow of that letter; pushed in this order, taken in that one. */
static void flows_take_turns(void **state) {
    /* clang-format off */
    static const struct { const char *what, *pushed; size_t cost_of_a, cost_of_b; const char *taken; } cases[] = {
        { "one flow keeps its order",                   "aaaa",     40,  40, "aaaa" },
        { "a late one waits for one turn, not for all", "aaaaaab",  50,  50, "aabaaaa" },
        { "a turn is worth its cost",                   "aaaabbbb", 100, 25, "abbbbaaa" },
        { "dearer than a turn: saved for over turns",   "aabbb",    250, 50, "bbbaa" },
        { "just a turn",                                "aabb",     100, 100, "abab" },
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct queue *queue = make(COUNT(items));
        struct queue_flow flows[2] = { 0 };
        char taken[COUNT(items) + 1] = "";
        size_t count = strlen(cases[i].pushed);
        for (size_t k = 0; k < count; k++) {
            bool is_b = cases[i].pushed[k] == 'b';
            queue_push(queue, &flows[is_b], &items[k], is_b ? cases[i].cost_of_b : cases[i].cost_of_a);
        }
        for (size_t k = 0; k < count; k++) {
            struct queue_item *item = queue_pop(queue);
            taken[k] = item->flow == &flows[1] ? 'b' : 'a';
            queue_done(queue, item);
        }
        assert_string_equal(taken, cases[i].taken);
        queue_free(queue);
    }
}

/* Two may work; the long items of one flow never have both. */
static void long_work_of_one_flow_leaves_room(void **state) {
    struct queue *queue = make(8);
    struct queue_flow long_flow = { 0 }, other = { 0 };
    queue_push(queue, &long_flow, &items[0], 1001);
    queue_push(queue, &long_flow, &items[1], 1001);
    queue_push(queue, &long_flow, &items[2], 10);
    queue_push(queue, &other, &items[3], 1000);
    assert_ptr_equal(queue_pop(queue), &items[3]); /* 1000 is not long, and its turn came first */
    struct queue_item *first = queue_pop(queue);
    assert_ptr_equal(first, &items[0]);
    queue_push(queue, &other, &items[4], 1001);
    assert_ptr_equal(queue_pop(queue), &items[4]); /* not the second of the same flow */
    queue_done(queue, first);
    assert_ptr_equal(queue_pop(queue), &items[1]);
    assert_ptr_equal(queue_pop(queue), &items[2]);
    queue_free(queue);
}

/* --- threads ----------------------------------------------------------------------------------------- */

static void *pop_forever(void *queue) {
    return queue_pop(queue);
}

static void closing_wakes_who_waits(void **state) {
    struct queue *queue = make(1);
    pthread_t popper;
    void *popped;
    assert_int_equal(pthread_create(&popper, NULL, pop_forever, queue), 0);
    queue_close(queue);
    pthread_join(popper, &popped);
    assert_null(popped);
    queue_free(queue);
}

static void what_was_held_back_wakes_who_waits(void **state) {
    struct queue *queue = make(2);
    struct queue_flow flow = { 0 };
    pthread_t popper;
    void *popped;
    queue_push(queue, &flow, &items[0], 2000);
    queue_push(queue, &flow, &items[1], 2000);
    queue_close(queue); /* also then */
    struct queue_item *first = queue_pop(queue);
    assert_int_equal(pthread_create(&popper, NULL, pop_forever, queue), 0);
    queue_done(queue, first);
    pthread_join(popper, &popped);
    assert_ptr_equal(popped, &items[1]);
    queue_free(queue);
}

enum { PUSHERS = 3, POPPERS = 3, EACH = 5000 };
static struct queue_item numbers[PUSHERS * EACH];
static int seen[PUSHERS * EACH];

struct pusher {
    struct queue *queue;
    int first;
    struct queue_flow flow;
};

static void *push_each(void *context) {
    struct pusher *pusher = context;
    for (int i = 0; i < EACH; i++) {
        size_t cost = i % 50 ? 30 : 1500;
        while (queue_push(pusher->queue, &pusher->flow, &numbers[pusher->first + i], cost) == STATUS_BUSY) {
            sched_yield();
        }
    }
    return NULL;
}

static void *pop_to_the_end(void *queue) {
    struct queue_item *item;
    while ((item = queue_pop(queue))) {
        __atomic_fetch_add(&seen[item - numbers], 1, __ATOMIC_RELAXED);
        queue_done(queue, item);
    }
    return NULL;
}

static void each_item_comes_out_once(void **state) {
    struct queue *queue = make(7);
    struct pusher pushers[PUSHERS];
    pthread_t pushing[PUSHERS], popping[POPPERS];
    for (int i = 0; i < POPPERS; i++) {
        assert_int_equal(pthread_create(&popping[i], NULL, pop_to_the_end, queue), 0);
    }
    for (int i = 0; i < PUSHERS; i++) {
        pushers[i] = (struct pusher){ .queue = queue, .first = i * EACH };
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
        cmocka_unit_test(the_bound_is_the_capacity), cmocka_unit_test(closed_means_no_more_in_but_all_out),
        cmocka_unit_test(flows_take_turns),          cmocka_unit_test(long_work_of_one_flow_leaves_room),
        cmocka_unit_test(closing_wakes_who_waits),   cmocka_unit_test(what_was_held_back_wakes_who_waits),
        cmocka_unit_test(each_item_comes_out_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
