/*
 * counters.c - the list as an array of numbers, and its print.
 */
#include "base/counters.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "base/status.h"

static _Atomic int64_t values[COUNTER_COUNT];

static const struct {
    const char *kind, *metric, *labels, *help;
} rows[COUNTER_COUNT] = {
#define X(id, kind, metric, labels, help) { #kind, metric, labels, help },
    COUNTER_LIST(X)
#undef X
};

void counter_add(enum counter counter, int64_t by) {
    require(counter < COUNTER_COUNT);
    atomic_fetch_add_explicit(&values[counter], by, memory_order_relaxed);
}

void counter_set(enum counter counter, int64_t value) {
    require(counter < COUNTER_COUNT);
    atomic_store_explicit(&values[counter], value, memory_order_relaxed);
}

int64_t counter_get(enum counter counter) {
    require(counter < COUNTER_COUNT);
    return atomic_load_explicit(&values[counter], memory_order_relaxed);
}

void counters_print(struct buf *buf) {
    const char *last = "";
    for (int i = 0; i < COUNTER_COUNT; i++) {
        if (strcmp(rows[i].metric, last) != 0) {
            last = rows[i].metric;
            buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", last, rows[i].help, last, rows[i].kind);
        }
        buf_add_string(buf, rows[i].metric);
        if (rows[i].labels[0]) {
            buf_printf(buf, "{%s}", rows[i].labels);
        }
        buf_printf(buf, " %" PRId64 "\n", counter_get((enum counter)i));
    }
}
