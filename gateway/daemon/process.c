/*
 * process.c - a gateway that lives until a signal comes, and, when its state.db was found damaged, a second
 * one after it.
 */
#include "daemon/process.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/service.h"
#include "base/stamp.h"
#include "base/status.h"
#include "daemon/gateway.h"

#define CLOSE_MAX_S 20
#define HEAP_KEPT   (32 << 20)
#define AGAIN_MS    (60 * 60 * 1000)

/* One run of the gateway: a second one follows when state.db was found damaged. */
struct run {
    struct gateway *gateway;
    bool asked_to_end;           /* by a signal */
    bool is_open, reload_is_due; /* it was asked for before the rooms stood */
};

static const int heard[] = { SIGTERM, SIGINT, SIGHUP };

/* Of this thread, and of those it starts; the ones of ours never hear them (thread.c). */
static void hold(bool wait) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(heard) / sizeof(*heard); i++) {
        sigaddset(&set, heard[i]);
    }
    require(pthread_sigmask(wait ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL) == 0);
}

void process_hold_signals(void) {
    hold(true);
}

static void asked_to_end(void *context) {
    struct run *run = context;
    run->asked_to_end = true;
    service_tell("STOPPING=1");
    gateway_drain(run->gateway);
}

static void asked_to_reload(void *context) {
    struct run *run = context;
    if (!run->is_open) { /* what has changed may have been read already */
        run->reload_is_due = true;
        return;
    }
    enum status status = gateway_reload(run->gateway, false, NULL, NULL);
    if (status != STATUS_OK) {
        log_event(LOG_WARN, EVENT_GATEWAY_RELOAD_IGNORED, LOG_STRING("status", status_name(status)), LOG_END);
    }
}

/* Nothing may be acknowledged any more, and what is not recorded was never promised: ending at once is the
   safe way. */
static void end_at_once(enum status status, void *context) {
    log_event(LOG_ERROR, EVENT_GATEWAY_CANNOT_WRITE, LOG_STRING("why", status_sentence(status, LANGUAGE_EN)),
              LOG_END);
    _exit(status_exit(STATUS_IO));
}

/* A disk that takes nothing more can hold up what waits for its records: ending without them loses nothing
   that was promised. */
static void close_overdue(int signal_number) {
    _exit(status_exit(STATUS_IO));
}

/* *again: it ended to begin anew. */
static enum status live(const struct settings *settings, struct verdict *mistakes, struct explanation *why,
                        bool *again) {
    struct run run = { 0 };
    struct gateway_options options = { .settings = settings, .loop = loop_new(), .on_failure = end_at_once };
    loop_signal(options.loop, SIGTERM, asked_to_end,
                &run); /* one that comes while we start is heard when the loop runs */
    loop_signal(options.loop, SIGINT, asked_to_end, &run);
    loop_signal(options.loop, SIGHUP, asked_to_reload, &run);
    hold(false);
    enum status status = gateway_open(&options, mistakes, why, &run.gateway);
    if (status == STATUS_OK) {
        run.is_open = true;
        if (run.reload_is_due) {
            asked_to_reload(&run);
        }
        loop_run(options.loop);
    }
    if (status == STATUS_CLOSED) { /* told to end before it could begin */
        status = STATUS_OK;
    }
    hold(true); /* the next run hears them */
    signal(SIGALRM, close_overdue);
    alarm(CLOSE_MAX_S);
    *again = gateway_close(run.gateway) && !run.asked_to_end;
    alarm(0);
    loop_free(options.loop);
    return status;
}

/* What reloads changed since the start stands in the file; where that cannot be used now, those of the start
 * go on. */
static const struct settings *settings_of_today(const struct settings *settings, struct arena *arena) {
    struct verdict mistakes;
    struct settings *now;
    size_t changed;
    verdict_init(&mistakes, arena);
    enum status status = settings_read_anew(settings, &now, &changed, arena, &mistakes);
    return status == STATUS_OK && settings_are_read(now) && verdict_passes(&mistakes) ? now : settings;
}

enum status process_run(const struct settings *settings, struct verdict *mistakes, struct explanation *why) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* what grows beyond a limit of the system gets EFBIG, which is FULL */
    /* Messages come and go by the thousand a second: giving their pages back only to fault them in again
       costs a tenth. */
    mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
    mallopt(M_MMAP_THRESHOLD, HEAP_KEPT);
    mallopt(M_ARENA_MAX, 16);
    bool again = true;
    enum status status = STATUS_OK;
    for (int64_t last_ms = INT64_MIN; again;) {
        int64_t began_ms = stamp_monotonic_ms();
        status = live(last_ms == INT64_MIN ? settings : settings_of_today(settings, mistakes->arena),
                      mistakes, why, &again);
        if (again && last_ms != INT64_MIN
            && began_ms - last_ms < AGAIN_MS) { /* then it is not the disk's one bad bit */
            explain_about(why, "state.db", "一小时内两次发现损坏", "found damaged twice within an hour");
            status = STATUS_DAMAGED;
            again = false;
        }
        last_ms = began_ms;
    }
    log_remind(true);
    log_event(LOG_INFO, EVENT_GATEWAY_ENDED, LOG_STRING("status", status_name(status)), LOG_END);
    return status;
}
