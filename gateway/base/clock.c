/*
 * clock.c - an anchor, and how far the wall clock may be from it.
 *
 * The anchor is a moment believed together with the reading of the other clock then. Every reading that is
 * believed becomes the next anchor: what a time daemon corrects bit by bit, over months more than a minute,
 * is no departure.
 */
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"

struct clock {
    struct clock_sources sources;
    pthread_mutex_t lock; /* guards what follows */
    stamp believed;       /* the anchor: a moment, */
    int64_t elapsed;      /* ... and the other clock then */
    int64_t ahead;        /* so far the wall clock may be ahead of what the anchor makes of now */
    enum clock_doubt doubt;
};

static const struct {
    const char *text, *sentence;
} doubts[] = {
#define X(name, text, what) { text, what },
    CLOCK_DOUBT_LIST(X)
#undef X
};

const char *clock_doubt_text(enum clock_doubt doubt) {
    require((size_t)doubt < sizeof(doubts) / sizeof(*doubts));
    return doubts[doubt].text;
}

const char *clock_doubt_sentence(enum clock_doubt doubt) {
    require((size_t)doubt < sizeof(doubts) / sizeof(*doubts));
    return doubts[doubt].sentence;
}

static int64_t since_boot(void) {
    struct timespec now;
    require(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
    return now.tv_sec * STAMP_SECOND + now.tv_nsec;
}

/* The nearest that a stamp holds: a wall clock may stand at either end of all. */
static int64_t add(int64_t a, int64_t b) {
    int64_t sum;
    return !__builtin_add_overflow(a, b, &sum) ? sum : a < 0 ? INT64_MIN : INT64_MAX;
}

static int64_t subtract(int64_t a, int64_t b) {
    int64_t difference;
    return !__builtin_sub_overflow(a, b, &difference) ? difference : a < 0 ? INT64_MIN : INT64_MAX;
}

static void anchor(struct clock *clock, stamp wall, int64_t elapsed) {
    clock->believed = wall;
    clock->elapsed = elapsed;
    clock->ahead = CLOCK_TOLERANCE;
    clock->doubt = CLOCK_NONE;
}

/* Under the lock. */
static struct clock_reading look(struct clock *clock) {
    stamp wall = clock->sources.wall();
    int64_t elapsed = clock->sources.elapsed();
    stamp expected = add(clock->believed, subtract(elapsed, clock->elapsed));
    int64_t departure = subtract(wall, expected);
    if (departure >= -CLOCK_TOLERANCE && departure <= clock->ahead) {
        anchor(clock, wall, elapsed);
        return (struct clock_reading){ wall, wall, CLOCK_NONE };
    }
    if (clock->doubt == CLOCK_NONE) {
        clock->doubt = CLOCK_JUMPED;
    }
    return (struct clock_reading){ expected, wall, clock->doubt };
}

static void tell(const struct clock_reading *reading, enum log_level level, enum log_event event) {
    char now[STAMP_TEXT_MAX], wall[STAMP_TEXT_MAX];
    log_event(level, event, LOG_STRING("doubt", clock_doubt_text(reading->doubt)),
              LOG_STRING("wall", stamp_print(reading->wall, wall)),
              LOG_STRING("time", stamp_print(reading->now, now)), LOG_END);
    counter_set(COUNTER_CLOCK_DOUBTED, reading->doubt != CLOCK_NONE);
}

struct clock_reading clock_read(struct clock *clock) {
    pthread_mutex_lock(&clock->lock);
    enum clock_doubt before = clock->doubt;
    struct clock_reading reading = look(clock);
    pthread_mutex_unlock(&clock->lock);
    if (reading.doubt != before) {
        bool doubted = reading.doubt != CLOCK_NONE;
        tell(&reading, doubted ? LOG_ERROR : LOG_INFO, doubted ? EVENT_CLOCK_DOUBTED : EVENT_CLOCK_BELIEVED);
    }
    return reading;
}

stamp clock_now(struct clock *clock) {
    return clock_read(clock).now;
}

bool clock_accept(struct clock *clock) {
    pthread_mutex_lock(&clock->lock);
    struct clock_reading reading = look(clock);
    if (reading.doubt != CLOCK_NONE) {
        anchor(clock, reading.wall, clock->sources.elapsed());
    }
    pthread_mutex_unlock(&clock->lock);
    if (reading.doubt == CLOCK_NONE) {
        return false;
    }
    reading.now = reading.wall;
    reading.doubt = CLOCK_NONE;
    tell(&reading, LOG_WARN, EVENT_CLOCK_ACCEPTED);
    return true;
}

/* --- the start ------------------------------------------------------------------------------------------ */

static void warn_unless_synchronised(void) {
    struct timex timex = { .modes = 0 };
    if (adjtimex(&timex) == TIME_ERROR || timex.status & STA_UNSYNC) {
        log_event(LOG_WARN, EVENT_CLOCK_UNSYNCHRONISED, LOG_END);
    }
}

/* What the first reading is judged by is not yet a minute, but how long a stop may have lasted. */
static void begin(struct clock *clock, stamp last, int64_t gap) {
    stamp wall = clock->sources.wall();
    int64_t ahead = subtract(wall, last);
    anchor(clock, last ? last : wall, clock->sources.elapsed());
    if (last) {
        clock->ahead = gap ? gap : CLOCK_GAP_USUAL;
        clock->doubt = ahead < -CLOCK_TOLERANCE ? CLOCK_BEHIND
                       : ahead > clock->ahead   ? CLOCK_AHEAD
                                                : CLOCK_NONE;
    }
    struct clock_reading reading = { clock->believed, wall, clock->doubt };
    counter_set(COUNTER_CLOCK_DOUBTED, 0);
    if (reading.doubt != CLOCK_NONE) {
        tell(&reading, LOG_ERROR, EVENT_CLOCK_DOUBTED);
    }
}

struct clock *clock_new(const struct clock_sources *sources, stamp last, int64_t gap) {
    require(sources && gap >= 0);
    struct clock *clock = memory_new(sizeof(*clock));
    clock->sources = *sources;
    if (!sources->wall) {
        clock->sources.wall = stamp_now;
        warn_unless_synchronised();
    }
    if (!sources->elapsed) {
        clock->sources.elapsed = since_boot;
    }
    pthread_mutex_init(&clock->lock, NULL);
    begin(clock, last, gap);
    return clock;
}

void clock_free(struct clock *clock) {
    if (clock) {
        pthread_mutex_destroy(&clock->lock);
        free(clock);
    }
}
