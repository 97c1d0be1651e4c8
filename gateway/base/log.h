/*
 * log.h - one JSON line per event on stderr (one readable line when stderr is a terminal).
 *
 * Payloads and personal data are never logged; names of parties, record numbers, codes and counts are. A log
 * that nobody reads stops nobody: what stderr does not take at once is dropped, counted (COUNTER_LOG_LOST),
 * and told by a line of its own when it takes lines again. Lines stay whole.
 * Thread    any; no call waits for who reads.
 *
 *   log_event(LOG_INFO, EVENT_JOURNAL_OPENED, LOG_INT("records", n), LOG_STRING("segment", path), LOG_END);
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log_events.h"

#define LOG_LEVEL_LIST(X) X(DEBUG, "debug", 7) X(INFO, "info", 6) X(WARN, "warn", 4) X(ERROR, "error", 3)
enum log_level {
#define X(name, text, priority) LOG_##name,
    LOG_LEVEL_LIST(X)
#undef X
};

struct log_field {
    const char *key;
    const char *string;
    int64_t number;
};
#define LOG_INT(key, number)    ((struct log_field){ key, 0, (int64_t)(number) })
#define LOG_STRING(key, string) log_string(key, string) /* NULL is shown as empty */
#define LOG_END                 ((struct log_field){ 0, 0, 0 })

static inline struct log_field log_string(const char *key, const char *string) {
    return (struct log_field){ key, string ? string : "", 0 };
}

void log_set_level(enum log_level level); /* default INFO */
void log_write(enum log_level level, enum log_event event, const struct log_field *fields);
#define log_event(level, event, ...) log_write(level, event, (const struct log_field[]){ __VA_ARGS__ })

/* For what strangers, or a trouble that lasts, can cause without end: of each place in the code that says
 * this at most LOG_BOUNDED_LINES are written in LOG_BOUNDED_MS; the others are counted, and log_remind()
 * tells how many there were. */
#define LOG_BOUNDED_LINES            20
#define LOG_BOUNDED_MS               10000
struct log_place {
    enum log_event event;
    bool known; /* it has been asked for */
    int64_t since_ms;
    uint64_t left_out;
    uint32_t lines;
    struct log_place *next;
};
bool log_admits(struct log_place *place, enum log_level level, enum log_event event);
#define log_event_bounded(level, event, ...)      \
    do {                                          \
        static struct log_place place_;           \
        if (log_admits(&place_, level, event)) {  \
            log_event(level, event, __VA_ARGS__); \
        }                                         \
    } while (0)

/* Tells what was left out and lost, once its time is over. To be called every few seconds, and at the end. */
void log_remind(bool at_end);

#endif
