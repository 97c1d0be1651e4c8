/*
 * waiting.c - requests that wait for the decision about their record: a list that is looked through whenever
 * the engine has come further, and a timer for each.
 */
#include "adapters/api/shared.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/status.h"

void api_waiter_free(struct waiter *waiter) {
    require(!waiter->link || *waiter->link == waiter); /* it stands where it says */
    if (waiter->link) {
        *waiter->link = waiter->next;
        if (waiter->next) {
            waiter->next->link = waiter->link;
        }
        atomic_fetch_sub(&waiter->api->waiting, 1);
    }
    if (waiter->timer) {
        loop_timer_free(waiter->timer);
    }
    free(waiter);
}

static void wait_is_over(void *context) {
    struct waiter *waiter = context;
    waiter->decided(waiter, false);
}

/* Up to where records are decided, and can be seen to be. */
static uint64_t decided_up_to(struct api *api) {
    uint64_t position = state_position(api->state);
    return state_take_failure(api->state) == STATUS_OK ? position : 0;
}

/* One question for all of them: there may be ten thousand. */
static void look_at_waiters(void *context) {
    struct api *api = context;
    uint64_t decided;
    pthread_mutex_lock(&api->mutex);
    api->looking = false;
    pthread_mutex_unlock(&api->mutex);
    decided = decided_up_to(api); /* after `looking`, so that what comes now is looked at again */
    for (struct waiter *waiter = api->waiters, *next; waiter; waiter = next) {
        next = waiter->next;
        if (waiter->record <= decided) {
            waiter->decided(waiter, true);
        }
    }
}

void api_advanced(struct api *api) {
    api_advance_events(api);
    if (!atomic_load(&api->waiting)) {
        return;
    }
    pthread_mutex_lock(&api->mutex);
    bool post = !api->looking;
    api->looking = true;
    pthread_mutex_unlock(&api->mutex);
    if (post) {
        loop_post(api->options.loop, look_at_waiters, api);
    }
}

void api_wait_for_decision(struct waiter *waiter, uint64_t record) {
    struct api *api = waiter->api;
    require(record > 0 && !waiter->link && waiter->decided);
    waiter->record = record;
    /* Counted first: a decision committed from now on posts a look, one committed before is seen below. */
    atomic_fetch_add(&api->waiting, 1);
    waiter->next = api->waiters;
    if (waiter->next) {
        waiter->next->link = &waiter->next;
    }
    waiter->link = &api->waiters;
    api->waiters = waiter;
    if (record <= decided_up_to(api)) {
        waiter->decided(waiter, true);
        return;
    }
    waiter->timer = loop_timer_new(api->options.loop, wait_is_over, waiter);
    loop_timer_start(waiter->timer, waiter->wait_ms);
}

void api_end_waiting(struct api *api) {
    while (api->waiters) {
        wait_is_over(api->waiters);
    }
}
