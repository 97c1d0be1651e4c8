/*
 * loop.h - the one event loop: descriptors, timers, signals, and work posted from other threads.
 * libevent stands behind it and shows nowhere else.
 *
 * Timers go by the loop's time: the machine's monotonic clock, or one that a test turns by hand. With the
 * latter a timer is due when that clock says so, however long it really took.
 *
 * Thread    everything on the loop thread, except loop_post() and loop_stop(), which any thread may call.
 * A watch or timer may be freed inside its own callback.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop;
struct loop_watch;
struct loop_timer;

struct loop *loop_new(void);
struct loop *loop_new_by(int64_t (*now_ms)(void)); /* with a clock of the caller's, which never goes back */
void loop_free(struct loop *loop);                 /* NULL is fine; none of its timers runs any more */
void loop_run(struct loop *loop);                  /* until loop_stop() */
/* One turn, without regard to loop_stop(): what is ready, posted or due; waits up to wait_ms of real time for
 * the first of it. False: there was nothing. */
bool loop_turn(struct loop *loop, int wait_ms);
void loop_stop(struct loop *loop);
int64_t loop_now_ms(const struct loop *loop); /* for deadlines of what goes by its timers */

/* events: LOOP_READ | LOOP_WRITE, level-triggered; 0 rests. The descriptor stays the caller's. */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, int events,
                                  void (*ready)(int events, void *context), void *context);
void loop_watch_set(struct loop_watch *watch, int events);
void loop_watch_free(struct loop_watch *watch);

struct loop_timer *loop_timer_new(struct loop *loop, void (*due)(void *context), void *context);
void loop_timer_start(struct loop_timer *timer, int delay_ms); /* once; starting again moves it */
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

void loop_signal(struct loop *loop, int signal_number, void (*caught)(void *context), void *context);

/* Runs work(context) on the loop thread, in the order posted. After loop_free() began it is dropped. */
void loop_post(struct loop *loop, void (*work)(void *context), void *context);

#endif
