/*
 * counters.c - the list as an array of numbers, and its print.
 */
#include "base/counters.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/status.h"

#define PRINTED_MAX 1024

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

void room_counter_set(struct room_counter *counter, int64_t value) {
    require(counter->metric);
    atomic_store_explicit(&counter->value, value, memory_order_relaxed);
}

void room_counter_add(struct room_counter *counter, int64_t by) {
    require(counter->metric);
    atomic_fetch_add_explicit(&counter->value, by, memory_order_relaxed);
}

int64_t room_counter_get(const struct room_counter *counter) {
    require(counter->metric);
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

/* --- the print -------------------------------------------------------------------------------------------
 * */

struct printed {
    const char *kind, *metric, *labels, *help;
    int64_t value;
};

/* All there are, in the order of the lists. */
static size_t gather(struct room_counter *const rooms[], size_t count, struct printed all[PRINTED_MAX]) {
    size_t length = 0;
    for (int i = 0; i < COUNTER_COUNT; i++) {
        all[length++] = (struct printed){ rows[i].kind, rows[i].metric, rows[i].labels, rows[i].help,
                                          counter_get((enum counter)i) };
    }
    for (size_t room = 0; room < count; room++) {
        for (const struct room_counter *at = rooms[room]; at && at->metric; at++) {
            require(length < PRINTED_MAX);
            all[length++] =
                (struct printed){ at->kind, at->metric, at->labels, at->help, room_counter_get(at) };
        }
    }
    return length;
}

static void print_row(const struct printed *row, struct buf *buf) {
    buf_add_string(buf, row->metric);
    if (row->labels[0]) {
        buf_printf(buf, "{%s}", row->labels);
    }
    buf_printf(buf, " %" PRId64 "\n", row->value);
}

void counters_print(struct room_counter *const rooms[], size_t count, struct buf *buf) {
    struct printed all[PRINTED_MAX];
    bool done[PRINTED_MAX] = { false };
    size_t length = gather(rooms, count, all);
    for (size_t i = 0; i < length; i++) {
        if (done[i]) {
            continue;
        }
        buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", all[i].metric, all[i].help, all[i].metric,
                   all[i].kind);
        for (size_t k = i; k < length; k++) {
            if (strcmp(all[k].metric, all[i].metric) == 0) {
                print_row(&all[k], buf);
                done[k] = true;
            }
        }
    }
}
