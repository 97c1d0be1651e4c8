/*
 * loop.c - libevent's loop. Work from other threads waits in a list of ours and wakes the loop through an
 * eventfd, so libevent needs no locks of its own.
 *
 * Timers are libevent's, unless the clock is the caller's: then they stand in a list of ours, which each turn
 * looks through. There is a handful of them.
 *
 * Each callback below touches its watch or timer before it calls out and never after: that is why both may
 * be freed inside.
 */
#include "base/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"

struct work {
    void (*run)(void *context);
    void *context;
};

/* Work in the order posted. Two lists take turns, so that posting allocates only while they still grow. */
struct works {
    struct work *items;
    size_t count, capacity;
};

struct loop_signal {
    struct loop_signal *next;
    struct event *event;
    void (*caught)(void *context);
    void *context;
};

struct loop {
    struct event_base *base;
    struct loop_signal *signals;
    struct event *wake, *patience; /* how long a turn waits */
    int wake_fd;
    int64_t (*now_ms)(void);   /* NULL: the machine's */
    struct loop_timer *timers; /* that run, by the caller's clock, the one started last first */
    uint64_t starts;           /* of them */
    uint64_t calls;            /* of anything */
    atomic_bool stopping;
    struct works running;  /* the loop thread's */
    pthread_mutex_t mutex; /* guards the two below */
    struct works posted;
    bool closed;
};

struct loop_watch {
    struct loop *loop;
    struct event *event;
    int fd, events;
    void (*ready)(int events, void *context);
    void *context;
};

struct loop_timer {
    struct loop *loop;
    struct event *event;
    struct loop_timer *next; /* of those that run by the caller's clock */
    int64_t due_ms;
    uint64_t start;
    void (*due)(void *context);
    void *context;
};

/* --- the loop and what is posted to it ---------------------------------------------------------------- */

static void wake_up(struct loop *loop) {
    uint64_t one = 1;
    while (write(loop->wake_fd, &one, sizeof(one)) < 0) {
        require(errno == EINTR || errno == EAGAIN);
        if (errno == EAGAIN) { /* the counter is at its end: the loop is awake already */
            return;
        }
    }
}

static void take_posted(struct loop *loop) {
    struct works done = loop->running;
    done.count = 0;
    pthread_mutex_lock(&loop->mutex);
    loop->running = loop->posted;
    loop->posted = done;
    pthread_mutex_unlock(&loop->mutex);
}

static void add_work(struct works *works, struct work work) {
    if (works->count == works->capacity) {
        works->capacity = works->capacity ? 2 * works->capacity : 64;
        works->items = memory_grow(works->items, works->capacity, sizeof(*works->items));
    }
    works->items[works->count++] = work;
}

/* One turn's work only: what it posts itself waits for the next turn, behind sockets and timers. */
static void run_posted(evutil_socket_t fd, short what, void *context) {
    struct loop *loop = context;
    uint64_t ignored;
    ssize_t got = read((int)fd, &ignored, sizeof(ignored));
    (void)got; /* nothing to read is fine: the list decides */
    take_posted(loop);
    loop->calls += loop->running.count;
    for (size_t i = 0; i < loop->running.count; i++) {
        loop->running.items[i].run(loop->running.items[i].context);
    }
}

/* libevent's own words would be printed to stderr, whoever reads it. */
static void say(int severity, const char *message) {
    enum log_level level = severity >= EVENT_LOG_ERR    ? LOG_ERROR
                           : severity == EVENT_LOG_WARN ? LOG_WARN
                                                        : LOG_DEBUG;
    log_event_bounded(level, EVENT_LOOP_LIBEVENT, LOG_STRING("message", message), LOG_END);
}

static void give_up(int error) {
    panic("libevent gave up: %d", error);
}

static void patience_ends(evutil_socket_t fd, short what, void *context) {}

struct loop *loop_new(void) {
    return loop_new_by(NULL);
}

struct loop *loop_new_by(int64_t (*now_ms)(void)) {
    event_set_log_callback(say);
    event_set_fatal_callback(give_up);
    struct loop *loop = memory_new(sizeof(*loop));
    loop->base = event_base_new();
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    require(loop->base && loop->wake_fd >= 0);
    pthread_mutex_init(&loop->mutex, NULL);
    loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, run_posted, loop);
    require(loop->wake && event_add(loop->wake, NULL) == 0);
    loop->patience = event_new(loop->base, -1, 0, patience_ends, NULL);
    require(loop->patience);
    loop->now_ms = now_ms;
    return loop;
}

void loop_free(struct loop *loop) {
    require(!loop || !loop->timers);
    if (!loop) {
        return;
    }
    pthread_mutex_lock(&loop->mutex);
    loop->closed = true;
    pthread_mutex_unlock(&loop->mutex);
    free(loop->posted.items);
    free(loop->running.items);
    while (loop->signals) {
        struct loop_signal *signal = loop->signals;
        loop->signals = signal->next;
        event_free(signal->event);
        free(signal);
    }
    event_free(loop->wake);
    event_free(loop->patience);
    event_base_free(loop->base);
    close(loop->wake_fd);
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

int64_t loop_now_ms(const struct loop *loop) {
    return loop->now_ms ? loop->now_ms() : stamp_monotonic_ms();
}

/* The earliest that is due of those started before the turn, and of equal ones the one started first. */
static struct loop_timer *next_due(struct loop *loop, int64_t now_ms, uint64_t before) {
    struct loop_timer *found = NULL;
    for (struct loop_timer *timer = loop->timers; timer; timer = timer->next) {
        bool due = timer->due_ms <= now_ms && timer->start < before;
        if (due && (!found || timer->due_ms <= found->due_ms)) {
            found = timer;
        }
    }
    return found;
}

static void run_due(struct loop *loop) {
    if (!loop->timers) {
        return;
    }
    int64_t now_ms = loop_now_ms(loop);
    uint64_t before = loop->starts;
    for (struct loop_timer *timer; (timer = next_due(loop, now_ms, before));) {
        loop_timer_stop(timer);
        loop->calls++;
        timer->due(timer->context);
    }
}

static void run_once(struct loop *loop, bool waits) {
    uint64_t calls = loop->calls;
    run_due(loop);
    bool more = loop->calls != calls || (loop->timers && next_due(loop, loop_now_ms(loop), loop->starts));
    require(event_base_loop(loop->base, waits && !more ? EVLOOP_ONCE : EVLOOP_NONBLOCK) >= 0);
}

void loop_run(struct loop *loop) {
    while (!atomic_exchange(&loop->stopping, false)) {
        run_once(loop, true);
    }
}

bool loop_turn(struct loop *loop, int wait_ms) {
    uint64_t calls = loop->calls;
    struct timeval wait = { .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };
    require(wait_ms <= 0 || event_add(loop->patience, &wait) == 0);
    run_once(loop, wait_ms > 0);
    event_del(loop->patience);
    return loop->calls != calls;
}

void loop_stop(struct loop *loop) {
    atomic_store(&loop->stopping, true);
    wake_up(loop);
}

void loop_post(struct loop *loop, void (*run)(void *context), void *context) {
    require(run);
    pthread_mutex_lock(&loop->mutex);
    if (!loop->closed) {
        add_work(&loop->posted, (struct work){ run, context });
        if (loop->posted.count == 1) { /* under the mutex: the loop must not end in between */
            wake_up(loop);
        }
    }
    pthread_mutex_unlock(&loop->mutex);
}

/* --- descriptors ------------------------------------------------------------------------------------- */

static void watch_ready(evutil_socket_t fd, short what, void *context) {
    struct loop_watch *watch = context;
    watch->loop->calls++;
    watch->ready((what & EV_READ ? LOOP_READ : 0) | (what & EV_WRITE ? LOOP_WRITE : 0), watch->context);
}

static void watch_begin(struct loop_watch *watch, int events) {
    short what = EV_PERSIST;
    what |= events & LOOP_READ ? EV_READ : 0;
    what |= events & LOOP_WRITE ? EV_WRITE : 0;
    require(event_assign(watch->event, watch->loop->base, watch->fd, what, watch_ready, watch) == 0);
    require(events == 0 || event_add(watch->event, NULL) == 0);
    watch->events = events;
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, int events,
                                  void (*ready)(int events, void *context), void *context) {
    require(fd >= 0 && ready);
    struct loop_watch *watch = memory_new(sizeof(*watch));
    *watch = (struct loop_watch){ .loop = loop, .fd = fd, .ready = ready, .context = context };
    watch->event = memory_new(event_get_struct_event_size());
    watch_begin(watch, events);
    return watch;
}

void loop_watch_set(struct loop_watch *watch, int events) {
    require((events & ~(LOOP_READ | LOOP_WRITE)) == 0);
    if (events != watch->events) {
        event_del(watch->event);
        watch_begin(watch, events);
    }
}

void loop_watch_free(struct loop_watch *watch) {
    if (watch) {
        event_del(watch->event);
        free(watch->event);
        free(watch);
    }
}

/* --- timers and signals ------------------------------------------------------------------------------ */

static void timer_due(evutil_socket_t fd, short what, void *context) {
    struct loop_timer *timer = context;
    timer->loop->calls++;
    timer->due(timer->context);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*due)(void *context), void *context) {
    require(due);
    struct loop_timer *timer = memory_new(sizeof(*timer));
    *timer = (struct loop_timer){ .loop = loop, .due = due, .context = context };
    timer->event = event_new(loop->base, -1, 0, timer_due, timer);
    require(timer->event);
    return timer;
}

void loop_timer_start(struct loop_timer *timer, int delay_ms) {
    int ms = delay_ms > 0 ? delay_ms : 0;
    struct loop *loop = timer->loop;
    if (loop->now_ms) {
        loop_timer_stop(timer);
        timer->due_ms = loop->now_ms() + ms;
        timer->start = loop->starts++;
        timer->next = loop->timers;
        loop->timers = timer;
        return;
    }
    struct timeval delay = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
    require(event_add(timer->event, &delay) == 0);
}

void loop_timer_stop(struct loop_timer *timer) {
    struct loop_timer **at = &timer->loop->timers;
    while (*at && *at != timer) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = timer->next;
    }
    event_del(timer->event);
}

void loop_timer_free(struct loop_timer *timer) {
    if (timer) {
        loop_timer_stop(timer);
        event_free(timer->event);
        free(timer);
    }
}

static void signal_caught(evutil_socket_t number, short what, void *context) {
    struct loop_signal *signal = context;
    signal->caught(signal->context);
}

void loop_signal(struct loop *loop, int signal_number, void (*caught)(void *context), void *context) {
    require(caught);
    struct loop_signal *signal = memory_new(sizeof(*signal));
    *signal = (struct loop_signal){ .next = loop->signals, .caught = caught, .context = context };
    signal->event = event_new(loop->base, signal_number, EV_SIGNAL | EV_PERSIST, signal_caught, signal);
    require(signal->event && event_add(signal->event, NULL) == 0);
    loop->signals = signal;
}
