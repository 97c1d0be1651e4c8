/*
 * log.h - one JSON line per event on stderr (one readable line when stderr is a terminal).
 *
 * Payloads and personal data are never logged; names of parties, record numbers, codes and counts are.
 * Thread    any; a line is written with one write().
 *
 *   log_event(LOG_INFO, "journal", "recovered", LOG_INT("records", n), LOG_STRING("segment", path), LOG_END);
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#define LOG_LEVEL_LIST(X) X(DEBUG, "debug", 7) X(INFO, "info", 6) X(WARN, "warn", 4) X(ERROR, "error", 3)
enum log_level {
#define X(name, text, priority) LOG_##name,
    LOG_LEVEL_LIST(X)
#undef X
};

struct log_field { const char *key; const char *string; int64_t number; };
#define LOG_INT(key, number)    ((struct log_field){ key, 0, (int64_t)(number) })
#define LOG_STRING(key, string) log_string(key, string)                      /* NULL is shown as empty */
#define LOG_END                 ((struct log_field){ 0, 0, 0 })

static inline struct log_field log_string(const char *key, const char *string) {
    return (struct log_field){ key, string ? string : "", 0 };
}

void log_set_level(enum log_level level);          /* default INFO */
void log_write(enum log_level level, const char *component, const char *event,
               const struct log_field *fields);
#define log_event(level, component, event, ...) \
    log_write(level, component, event, (const struct log_field[]){ __VA_ARGS__ })

#endif
