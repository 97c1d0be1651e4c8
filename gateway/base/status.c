/*
 * status.c - the list of outcomes as a table, and how the process ends when we are wrong.
 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

static const struct {
    const char *name;
    const char *zh, *en;
    int http;
    int exit;
    enum retry retry;
} statuses[STATUS_COUNT] = {
#define X(name, http, exit, retry, zh, en) { #name, zh, en, http, exit, RETRY_##retry },
    STATUS_LIST(X)
#undef X
};

const char *status_name(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].name;
}

const char *status_sentence(enum status status, enum language language) {
    require(status < STATUS_COUNT);
    return language_pick(language, statuses[status].zh, statuses[status].en);
}

int status_http(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].http;
}

int status_exit(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].exit;
}

enum retry status_retry(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].retry;
}

/* In one piece: what other threads say at this moment must not come between. Who does not listen is not waited for. */
_Noreturn void panic_at(const char *file, int line, const char *format, ...) {
    char said[1024];
    int length = snprintf(said, sizeof(said), "clearway: %.200s:%d: ", file, line);
    va_list args;
    va_start(args, format);
    length += vsnprintf(said + length, sizeof(said) - (size_t)length - 1, format, args);
    va_end(args);
    if (length > (int)sizeof(said) - 2) {
        length = (int)sizeof(said) - 2;
    }
    said[length] = '\n';
    (void)file_write_now(STDERR_FILENO, said, (size_t)length + 1);
    abort();
}
