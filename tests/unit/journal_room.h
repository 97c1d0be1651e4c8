/*
 * journal_room.h - what the tests of the journal share: a directory of their own, a journal of small segments
 * in it, and records whose content follows from their number, so that anybody can say what number N must
 * hold.
 */
#ifndef TESTS_JOURNAL_ROOM_H
#define TESTS_JOURNAL_ROOM_H

#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal/journal.h"
#include "journal/mark.h"
#include "journal/reader.h"
#include "folder_kit.h"

#define ROOM_SEGMENT (32u << 10)

struct journal_room {
    char directory[64];
};

__attribute__((unused)) static void room_init(struct journal_room *room) {
    strcpy(room->directory, "/tmp/clearway-journal-XXXXXX");
    assert_non_null(mkdtemp(room->directory));
}

__attribute__((unused)) static void room_release(struct journal_room *room) {
    folder_remove(room->directory);
}

__attribute__((unused)) static const char *room_path(const struct journal_room *room, uint64_t ordinal,
                                                     const char *suffix, char out[128]) {
    snprintf(out, 128, "%s/journal/%010llu.%s", room->directory, (unsigned long long)ordinal, suffix);
    return out;
}

/* As a crash while a record was written leaves it: no seal, and the beginning of a record behind the mark. */
__attribute__((unused)) static void room_tear(const struct journal_room *room,
                                              const struct journal_mark *mark) {
    char path[128];
    static const uint8_t zeros[4096];
    int fd = open(room_path(room, mark->ordinal, "seg", path), O_RDWR);
    assert_int_equal(pwrite(fd, zeros, sizeof(zeros), ROOM_SEGMENT - sizeof(zeros)), sizeof(zeros));
    assert_int_equal(pwrite(fd, "CWR1 torn", 9, (off_t)mark->end), 9);
    close(fd);
}

__attribute__((unused)) static struct journal_options room_options(const struct journal_room *room) {
    return (
        struct journal_options){ .directory = room->directory, .segment_size = ROOM_SEGMENT, .reserve = 1 };
}

__attribute__((unused)) static struct journal *room_open(const struct journal_room *room) {
    struct journal_options options = room_options(room);
    struct journal *journal;
    struct journal_report report;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    return journal;
}

/* The record `key` stands for: its texts, of lengths that go through all remainders of 8. */
struct record_content {
    char meta[64];
    char data[4096];
};

__attribute__((unused)) static void content_of(uint64_t key, struct record_content *content,
                                               struct record *rec) {
    int meta = snprintf(content->meta, sizeof(content->meta), "{\"key\":%llu}", (unsigned long long)key);
    size_t data = (size_t)(key * 37 % 1500);
    for (size_t i = 0; i < data; i++) {
        content->data[i] = (char)(key * 31 + i * 7);
    }
    *rec = (struct record){
        .kind = RECORD_MESSAGE,
        .meta = { content->meta, (size_t)meta },
        .fields = { content->data, data / 3 },
        .data = { content->data, data },
    };
}

__attribute__((unused)) static bool content_is(const struct record *rec, uint64_t key) {
    struct record_content content;
    struct record expected;
    content_of(key, &content, &expected);
    return rec->kind == expected.kind && text_equal(rec->meta, expected.meta)
           && text_equal(rec->fields, expected.fields) && text_equal(rec->data, expected.data);
}

/* The key a record was made from. */
__attribute__((unused)) static uint64_t content_key(const struct record *rec) {
    unsigned long long key = 0;
    char meta[64] = "";
    memcpy(meta, rec->meta.at, rec->meta.length < 63 ? rec->meta.length : 63);
    assert_int_equal(sscanf(meta, "{\"key\":%llu}", &key), 1);
    return key;
}

__attribute__((unused)) static enum status room_append(struct journal *journal, uint64_t key,
                                                       struct record *out) {
    struct record_content content;
    struct record rec;
    content_of(key, &content, &rec);
    enum status status = journal_append(journal, &rec, false);
    if (out) {
        *out = rec;
    }
    return status;
}

/* Appends records first..last, whose numbers must become their keys. */
__attribute__((unused)) static void room_fill(struct journal *journal, uint64_t first, uint64_t last) {
    for (uint64_t key = first; key <= last; key++) {
        struct record rec;
        assert_int_equal(room_append(journal, key, &rec), STATUS_OK);
        assert_int_equal(rec.number, key);
    }
}

/* Reads on to the mark; each record must hold what its number says. Returns how many there were. */
__attribute__((unused)) static uint64_t room_check(struct reader *reader) {
    uint64_t count = 0;
    struct record rec;
    enum status status;
    while ((status = reader_next(reader, &rec)) == STATUS_OK) {
        assert_true(content_is(&rec, rec.number));
        count++;
    }
    assert_int_equal(status, STATUS_NOT_FOUND);
    return count;
}

/* An entry whose admit() holds the sequencer until it is let go: what is submitted meanwhile waits. */
struct brake {
    struct entry entry;
    sem_t reached, released;
};

__attribute__((unused)) static enum admit brake_hold(struct entry *entry, void *context) {
    struct brake *brake = (struct brake *)entry;
    sem_post(&brake->reached);
    while (sem_wait(&brake->released) < 0) {
    }
    return ADMIT_APPEND;
}

__attribute__((unused)) static void brake_on(struct brake *brake, struct journal *journal,
                                             void (*done)(struct entry *entry, enum status status,
                                                          void *context)) {
    memset(brake, 0, sizeof(*brake));
    sem_init(&brake->reached, 0, 0);
    sem_init(&brake->released, 0, 0);
    brake->entry = (struct entry){ .rec = { .kind = RECORD_TICK }, .admit = brake_hold, .done = done };
    assert_int_equal(journal_submit(journal, &brake->entry), STATUS_OK);
    while (sem_wait(&brake->reached) < 0) {
    }
}

__attribute__((unused)) static void brake_off(struct brake *brake) {
    sem_post(&brake->released);
}

#endif
