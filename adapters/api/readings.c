/*
 * readings.c - notes of this hour, by the digest of what they say; one that is not durable yet has those who
 * wait for it.
 */
#include "adapters/api/readings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"

#define HOUR     (3600 * STAMP_SECOND)
#define NOTE_MAX (16u << 10)

struct waiter {
    readings_noted *noted;
    void *context;
    struct waiter *next;
};

struct note {
    struct readings *readings;
    struct digest key;
    bool is_durable;
    struct waiter *waiters;
    struct note *next;
};

struct readings {
    struct appender *appender;
    int64_t hour; /* since 1970, of the notes that are durable */
    struct note *notes;
    size_t count;
};

struct readings *readings_new(struct appender *appender) {
    struct readings *readings = memory_new(sizeof(*readings));
    readings->appender = appender;
    return readings;
}

/* Of those that are durable; the others are still the appender's. */
static void forget(struct readings *readings) {
    for (struct note **at = &readings->notes; *at;) {
        struct note *note = *at;
        if (note->is_durable) {
            *at = note->next;
            readings->count--;
            free(note);
        } else {
            at = &note->next;
        }
    }
}

void readings_free(struct readings *readings) {
    if (readings) {
        forget(readings);
        require(readings->count == 0);
        free(readings);
    }
}

#define SUBJECT_SIZE (READING_SUBJECT_MAX + 1 + DIGEST_HEX_MAX)

static struct text subject_of(const struct reading *reading, char out[SUBJECT_SIZE]) {
    struct text cut = text_cut(reading->subject, READING_SUBJECT_MAX);
    if (cut.length == reading->subject.length) {
        return cut;
    }
    struct digest digest = digest_of(reading->subject.at, reading->subject.length);
    memcpy(out, cut.at, cut.length);
    out[cut.length] = ' ';
    digest_hex(&digest, out + cut.length + 1);
    return text_of(out);
}

/* What is written down is what makes two the same. */
static void write_note(const struct reading *reading, stamp now, struct buf *meta) {
    char subject[SUBJECT_SIZE], hour[STAMP_TEXT_MAX];
    struct json_out out;
    json_start(&out, meta);
    json_open_object(&out, NULL);
    json_put_string(&out, "account", reading->account->name);
    json_put_string(&out, "party", reading->account->party);
    json_put_string(&out, "role", sight_role_text(reading->account->role));
    json_put_string(&out, "question", reading->question);
    json_put_text(&out, "subject", subject_of(reading, subject));
    json_put_string(&out, "hour", stamp_print(now - now % HOUR, hour));
    json_close_object(&out);
    require(!buf_failed(meta));
}

static void done(void *context, enum status status, uint64_t number) {
    struct note *note = context;
    struct readings *readings = note->readings;
    struct waiter *waiters = note->waiters;
    note->waiters = NULL;
    note->is_durable = true;
    (void)number;
    if (status != STATUS_OK) { /* the next one tries anew */
        struct note **at = &readings->notes;
        while (*at != note) {
            at = &(*at)->next;
        }
        *at = note->next;
        readings->count--;
        free(note);
    }
    while (waiters) {
        struct waiter *waiter = waiters;
        waiters = waiter->next;
        waiter->noted(waiter->context, status);
        free(waiter);
    }
}

static struct note *find(struct readings *readings, const struct digest *key) {
    struct note *note = readings->notes;
    while (note && !digest_equal(&note->key, key)) {
        note = note->next;
    }
    return note;
}

static void wait_for(struct note *note, readings_noted *noted, void *context) {
    struct waiter *waiter = memory_new(sizeof(*waiter));
    *waiter = (struct waiter){ noted, context, note->waiters };
    note->waiters = waiter;
}

static void add(struct readings *readings, const struct digest *key, struct text meta, readings_noted *noted,
                void *context) {
    struct record rec = { .kind = RECORD_READING, .meta = meta };
    struct note *note = memory_new(sizeof(*note));
    *note = (struct note){ .readings = readings, .key = *key, .next = readings->notes };
    readings->notes = note;
    readings->count++;
    wait_for(note, noted, context);
    enum status status = appender_append(readings->appender, &rec, false, done, note);
    if (status != STATUS_OK) {
        done(note, status, 0);
    }
}

bool readings_have(struct readings *readings, const struct reading *reading, stamp now) {
    struct buf meta;
    buf_init(&meta, NOTE_MAX);
    write_note(reading, now, &meta);
    struct digest key = digest_of(meta.at, meta.length);
    const struct note *note = find(readings, &key);
    buf_release(&meta);
    return note && note->is_durable;
}

void readings_note(struct readings *readings, const struct reading *reading, stamp now, readings_noted *noted,
                   void *context) {
    require(reading->account && noted);
    struct buf meta;
    if (now / HOUR != readings->hour || readings->count >= READINGS_MAX) {
        forget(readings);
        readings->hour = now / HOUR;
    }
    buf_init(&meta, NOTE_MAX);
    write_note(reading, now, &meta);
    struct digest key = digest_of(meta.at, meta.length);
    struct note *note = find(readings, &key);
    require(!note || !note->is_durable);
    if (note) {
        wait_for(note, noted, context);
    } else {
        add(readings, &key, buf_text(&meta), noted, context);
    }
    buf_release(&meta);
}
