/*
 * log.c - one line per event on stderr: JSON for machines; for a terminal
 *   08:00:00.000 level component event key=value ...
 */
#include "base/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/counters.h"
#include "base/json.h"
#include "base/stamp.h"
#include "base/standard_error.h"
#include "base/status.h"

#define LINE_MAX_BYTES   (64 * 1024)
#define STRING_MAX_BYTES 2048 /* cut there: a log tells, it does not carry */

static const char *const level_names[] = {
#define X(name, text, priority) text,
    LOG_LEVEL_LIST(X)
#undef X
};

static const struct log_meaning meanings[] = {
#define X(id, component, name, zh, en) { component, name, zh, en },
    LOG_EVENT_LIST(X)
#undef X
};

static atomic_int least_level = LOG_INFO;

void log_set_level(enum log_level level) {
    require(level <= LOG_ERROR);
    atomic_store_explicit(&least_level, (int)level, memory_order_relaxed);
}

static struct text cut(const char *string) {
    return (struct text){ string, strnlen(string, STRING_MAX_BYTES) };
}

struct event {
    const char *at, *level, *component, *name;
    const struct log_field *fields;
};

static void print_json(struct buf *line, const struct event *event) {
    struct json_out out;
    json_start(&out, line);
    json_open_object(&out, NULL);
    json_put_string(&out, "ts", event->at);
    json_put_string(&out, "level", event->level);
    json_put_string(&out, "component", event->component);
    json_put_string(&out, "event", event->name);
    for (const struct log_field *field = event->fields; field->key; field++) {
        if (field->string) {
            json_put_text(&out, field->key, cut(field->string));
        } else {
            json_put_int(&out, field->key, field->number);
        }
    }
    json_close_object(&out);
}

/* Quoted when reading would stumble: blanks, controls, what is not ASCII, nothing at all. */
static bool is_plain(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c <= ' ' || c == '"' || c >= 0x7F) {
            return false;
        }
    }
    return text.length > 0;
}

static void print_readable(struct buf *line, const struct event *event) {
    const char *clock = event->at + strlen("2026-10-31T");
    buf_printf(line, "%.12s %-5s %s %s", clock, event->level, event->component, event->name);
    for (const struct log_field *field = event->fields; field->key; field++) {
        buf_printf(line, " %s=", field->key);
        struct text value = field->string ? cut(field->string) : TEXT("");
        if (!field->string) {
            buf_printf(line, "%" PRId64, field->number);
        } else if (is_plain(value)) {
            buf_add_text(line, value);
        } else {
            struct json_out quoted;
            json_start(&quoted, line);
            json_put_text(&quoted, NULL, value);
        }
    }
}

static void print(struct buf *line, const struct event *event) {
    if (isatty(STDERR_FILENO)) {
        print_readable(line, event);
    } else {
        print_json(line, event);
    }
    buf_add_char(line, '\n');
}

static void build(struct buf *line, const struct event *event) {
    print(line, event);
    if (buf_failed(line)) { /* half a line would spoil the reader's parse */
        static const struct log_field too_long[] = { { "fields", "too long", 0 }, LOG_END };
        struct event shorter = *event;
        shorter.fields = too_long;
        buf_clear(line);
        print(line, &shorter);
    }
}

/* --- to where it is read ------------------------------------------------------------------------------- */

static struct {
    pthread_mutex_t mutex;
    uint64_t lost; /* lines, since it was told last */
    size_t length; /* of what is left of a line that was taken in part */
    char rest[LINE_MAX_BYTES];
    struct log_place *places; /* all that were ever asked */
} out = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* Under the mutex. False: a line stands half written, and what would follow now would run into it. */
static bool put_rest(void) {
    size_t put = out.length ? standard_error_write(out.rest, out.length) : 0;
    out.length -= put;
    memmove(out.rest, out.rest + put, out.length);
    return out.length == 0;
}

/* Under the mutex. All of a line, or some and the rest kept for later; false: nothing of it. */
static bool put_line(const struct buf *line) {
    if (!put_rest()) {
        return false;
    }
    size_t put = standard_error_write(line->at, line->length);
    if (put > 0) {
        out.length = line->length - put;
        memcpy(out.rest, line->at + put, out.length);
    }
    return put > 0;
}

/* Under the mutex. */
static void tell_lost(void) {
    if (out.lost == 0) {
        return;
    }
    char at[STAMP_TEXT_MAX];
    const struct log_field fields[] = { LOG_INT("lines", out.lost), LOG_END };
    struct event told = { stamp_print(stamp_now(), at), level_names[LOG_WARN],
                          meanings[EVENT_LOG_LINES_LOST].component, meanings[EVENT_LOG_LINES_LOST].name,
                          fields };
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    build(&line, &told);
    if (put_line(&line)) {
        out.lost = 0;
    }
    buf_release(&line);
}

void log_write(enum log_level level, enum log_event event, const struct log_field *fields) {
    require(event < EVENT_COUNT);
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed)) {
        return;
    }
    char at[STAMP_TEXT_MAX];
    struct event told = { stamp_print(stamp_now(), at), level_names[level], meanings[event].component,
                          meanings[event].name, fields };
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    build(&line, &told);
    pthread_mutex_lock(&out.mutex);
    tell_lost();
    if (out.lost > 0 || !put_line(&line)) {
        out.lost++;
        counter_add(COUNTER_LOG_LOST, 1);
    }
    pthread_mutex_unlock(&out.mutex);
    buf_release(&line);
}

/* --- what could be said without end -------------------------------------------------------------------- */

/* Under the mutex. Begins a new stretch of time; how many were left out in the last one. */
static uint64_t begin_stretch(struct log_place *place, int64_t now_ms) {
    uint64_t left_out = place->left_out;
    place->since_ms = now_ms;
    place->lines = 0;
    place->left_out = 0;
    return left_out;
}

static void tell_left_out(enum log_event event, uint64_t count) {
    if (count > 0) {
        log_event(LOG_WARN, EVENT_LOG_LINES_LEFT_OUT, LOG_STRING("from", meanings[event].component),
                  LOG_STRING("of", meanings[event].name), LOG_INT("lines", count), LOG_END);
    }
}

bool log_admits(struct log_place *place, enum log_level level, enum log_event event) {
    require(level <= LOG_ERROR && event < EVENT_COUNT);
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed)) {
        return false;
    }
    int64_t now_ms = stamp_monotonic_ms();
    pthread_mutex_lock(&out.mutex);
    if (!place->known) {
        *place = (struct log_place){ .event = event, .known = true, .since_ms = now_ms, .next = out.places };
        out.places = place;
    }
    bool over = now_ms - place->since_ms >= LOG_BOUNDED_MS;
    uint64_t left_out = over ? begin_stretch(place, now_ms) : 0;
    bool admits = place->lines < LOG_BOUNDED_LINES;
    place->lines += admits;
    place->left_out += !admits;
    pthread_mutex_unlock(&out.mutex);
    tell_left_out(event, left_out);
    return admits;
}

/* The list only grows, at its head, and its places are for ever. */
void log_remind(bool at_end) {
    int64_t now_ms = stamp_monotonic_ms();
    pthread_mutex_lock(&out.mutex);
    tell_lost();
    struct log_place *place = out.places;
    pthread_mutex_unlock(&out.mutex);
    for (; place; place = place->next) {
        pthread_mutex_lock(&out.mutex);
        bool over = at_end || now_ms - place->since_ms >= LOG_BOUNDED_MS;
        uint64_t left_out = over && place->left_out ? begin_stretch(place, now_ms) : 0;
        pthread_mutex_unlock(&out.mutex);
        tell_left_out(place->event, left_out);
    }
}

/* --- what an event means ------------------------------------------------------------------------------- */

const struct log_meaning *log_meaning(enum log_event event) {
    require(event < EVENT_COUNT);
    return &meanings[event];
}

static bool is_called(const struct log_meaning *meaning, const char *name) {
    size_t length = strlen(meaning->component);
    return strcasecmp(meaning->name, name) == 0
           || (strncasecmp(meaning->component, name, length) == 0 && name[length] == '.'
               && strcasecmp(meaning->name, name + length + 1) == 0);
}

const struct log_meaning *log_meaning_find(const char *name, const struct log_meaning *after) {
    for (size_t i = after ? (size_t)(after - meanings) + 1 : 0; i < EVENT_COUNT; i++) {
        if (is_called(&meanings[i], name)) {
            return &meanings[i];
        }
    }
    return NULL;
}
