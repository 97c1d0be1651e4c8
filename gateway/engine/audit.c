/*
 * audit.c - a pass goes over the tables one after another, each by store_check(); the thread of a running
 * gateway waits behind each table as long as its rows are worth at the rate that is set.
 */
#include "engine/audit.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"
#include "base/thread.h"
#include "engine/state.h"

#define PASS_PAUSE_MS 1000 /* between two passes, however few the rows */

struct audit {
    struct audit_options options;
    char *directory;
    _Atomic bool stopping;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
};

/* --- one pass ------------------------------------------------------------------------------------------- */

struct pass {
    struct store *store;
    size_t place; /* of the next table */
    uint64_t rows;
    enum status unread; /* why a table could not be read; OK: all could */
};

static enum status check_table(struct pass *pass, uint64_t *rows) {
    char table[STORE_NAME_MAX] = "";
    struct store_finding finding = { .rows = 0 };
    enum status status = store_table(pass->store, pass->place, table);
    if (status == STATUS_OK) {
        status = store_check(pass->store, table, &finding);
    }
    pass->place++;
    pass->rows += *rows = finding.rows;
    counter_add(COUNTER_STATE_ROWS_CHECKED, (int64_t)finding.rows);
    if (status == STATUS_DAMAGED) {
        state_found(table, &finding);
    } else if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_CLOSED) {
        pass->unread = status;
        log_event_bounded(LOG_WARN, EVENT_STATE_NOT_CHECKED, LOG_STRING("table", table),
                          LOG_STRING("status", status_name(status)), LOG_STRING("reason", finding.what),
                          LOG_END);
    }
    return status;
}

static void note_whole(void) {
    counter_set(COUNTER_STATE_CHECKED, stamp_now() / STAMP_SECOND);
}

enum status audit_pass(const char *directory, const _Atomic bool *stop) {
    struct state *state;
    int64_t began_ms = stamp_monotonic_ms();
    enum status status = state_open(directory, STORE_READ, &state);
    if (status != STATUS_OK) {
        return status;
    }
    struct pass pass = { .store = state_store(state) };
    uint64_t rows;
    store_stop_when(pass.store, stop);
    while (status == STATUS_OK) {
        status = atomic_load(stop) ? STATUS_CLOSED : check_table(&pass, &rows);
    }
    state_close(state);
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    note_whole();
    log_event(LOG_INFO, EVENT_STATE_CHECKED, LOG_INT("rows", pass.rows),
              LOG_INT("ms", stamp_monotonic_ms() - began_ms), LOG_END);
    return STATUS_OK;
}

/* --- again and again ------------------------------------------------------------------------------------ */

static void wait_ms(struct audit *audit, uint64_t ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&audit->lock);
    while (!atomic_load(&audit->stopping)
           && pthread_cond_timedwait(&audit->stopped, &audit->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&audit->lock);
}

/* DAMAGED, or CLOSED. A table that cannot be read is passed over. */
static enum status pass_after_pass(struct audit *audit, struct store *store) {
    struct pass pass = { .store = store };
    while (!atomic_load(&audit->stopping)) {
        uint64_t rows;
        enum status status = check_table(&pass, &rows);
        if (status == STATUS_DAMAGED) {
            return status;
        }
        wait_ms(audit, rows * 1000 / audit->options.rows_s);
        if (status == STATUS_NOT_FOUND) {
            if (pass.unread == STATUS_OK) {
                note_whole();
            }
            pass = (struct pass){ .store = store };
            wait_ms(audit, PASS_PAUSE_MS);
        }
    }
    return STATUS_CLOSED;
}

static void *run(void *context) {
    struct audit *audit = context;
    struct state *state = NULL;
    enum status status = STATUS_NOT_FOUND;
    thread_lower_priority();
    while (!atomic_load(&audit->stopping)
           && (status = state_open(audit->directory, STORE_READ, &state)) != STATUS_OK
           && status != STATUS_DAMAGED) {
        wait_ms(audit, PASS_PAUSE_MS);
    }
    if (status == STATUS_OK) {
        store_stop_when(state_store(state), &audit->stopping);
        status = pass_after_pass(audit, state_store(state));
        state_close(state);
    }
    if (status == STATUS_DAMAGED && audit->options.on_damage) {
        audit->options.on_damage(audit->options.context);
    }
    return NULL;
}

struct audit *audit_start(const struct audit_options *options) {
    require(options->rows_s == 0 || (options->directory && options->on_damage));
    if (options->rows_s == 0) {
        return NULL;
    }
    struct audit *audit = memory_new(sizeof(*audit));
    pthread_condattr_t attributes;
    audit->options = *options;
    audit->directory = memory_string(options->directory);
    pthread_mutex_init(&audit->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&audit->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    thread_start(&audit->thread, "audit", run, audit);
    return audit;
}

void audit_stop(struct audit *audit) {
    if (!audit) {
        return;
    }
    pthread_mutex_lock(&audit->lock);
    atomic_store(&audit->stopping, true);
    pthread_cond_signal(&audit->stopped);
    pthread_mutex_unlock(&audit->lock);
    pthread_join(audit->thread, NULL);
    pthread_mutex_destroy(&audit->lock);
    pthread_cond_destroy(&audit->stopped);
    free(audit->directory);
    free(audit);
}
