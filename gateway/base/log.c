/*
 * log.c - one line per event on stderr: JSON for machines, `clock LEVEL component event key=value` for a terminal.
 */
#include "base/log.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/stamp.h"
#include "base/status.h"

#define LINE_MAX_BYTES   (64 * 1024)
#define STRING_MAX_BYTES 2048                      /* a longer string is cut: a log tells, it does not carry */

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

static void print_json(struct buf *line, const char *at, enum log_level level, const char *component,
                       const char *event, const struct log_field *fields) {
    struct json_out out;
    json_start(&out, line);
    json_open_object(&out, NULL);
    json_put_string(&out, "ts", at);
    json_put_string(&out, "level", level_names[level]);
    json_put_string(&out, "component", component);
    json_put_string(&out, "event", event);
    for (const struct log_field *field = fields; field->key; field++) {
        if (field->string) {
            json_put_text(&out, field->key, cut(field->string));
        } else {
            json_put_int(&out, field->key, field->number);
        }
    }
    json_close_object(&out);
}

/* Quoted when reading would stumble: blanks, controls, nothing at all. */
static bool is_plain(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c <= ' ' || c == '"' || c >= 0x7F) {
            return false;
        }
    }
    return text.length > 0;
}

static void print_readable(struct buf *line, const char *at, enum log_level level, const char *component,
                           const char *event, const struct log_field *fields) {
    buf_printf(line, "%.12s %-5s %s %s", at + strlen("2026-10-31T"), level_names[level], component, event);
    for (const struct log_field *field = fields; field->key; field++) {
        if (!field->string) {
            buf_printf(line, " %s=%" PRId64, field->key, field->number);
            continue;
        }
        struct text value = cut(field->string);
        buf_printf(line, " %s=", field->key);
        if (is_plain(value)) {
            buf_add_text(line, value);
        } else {
            struct json_out quoted;
            json_start(&quoted, line);
            json_put_text(&quoted, NULL, value);
        }
    }
}

void log_write(enum log_level level, const char *component, const char *event, const struct log_field *fields) {
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed)) {
        return;
    }
    char at[STAMP_TEXT_MAX];
    stamp_print(stamp_now(), at);
    void (*print)(struct buf *, const char *, enum log_level, const char *, const char *, const struct log_field *) =
        isatty(STDERR_FILENO) ? print_readable : print_json;
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    print(&line, at, level, component, event, fields);
    buf_add_char(&line, '\n');
    if (buf_failed(&line)) {                       /* a broken line would spoil the reader's parse */
        buf_clear(&line);
        print(&line, at, level, component, event, (const struct log_field[]){ LOG_STRING("fields", "too long"), LOG_END });
        buf_add_char(&line, '\n');
    }
    ssize_t ignored = write(STDERR_FILENO, line.at, line.length);   /* a log that cannot be written stops nobody */
    (void)ignored;
    buf_release(&line);
}
