/*
 * log.c - one line per event on stderr: JSON for machines; for a terminal
 *   08:00:00.000 level component event key=value ...
 */
#include "base/log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/stamp.h"

#define LINE_MAX_BYTES   (64 * 1024)
#define STRING_MAX_BYTES 2048                      /* cut there: a log tells, it does not carry */

static const char *const level_names[] = {
#define X(name, text, priority) text,
    LOG_LEVEL_LIST(X)
#undef X
};

static atomic_int least_level = LOG_INFO;

void log_set_level(enum log_level level) {
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

void log_write(enum log_level level, const char *component, const char *event,
               const struct log_field *fields) {
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed)) {
        return;
    }
    char at[STAMP_TEXT_MAX];
    struct event told = { stamp_print(stamp_now(), at), level_names[level], component, event, fields };
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    print(&line, &told);
    if (buf_failed(&line)) {                       /* half a line would spoil the reader's parse */
        static const struct log_field too_long[] = { { "fields", "too long", 0 }, LOG_END };
        told.fields = too_long;
        buf_clear(&line);
        print(&line, &told);
    }
    /* A log that cannot be written stops nobody. */
    ssize_t ignored = write(STDERR_FILENO, line.at, line.length);
    (void)ignored;
    buf_release(&line);
}
