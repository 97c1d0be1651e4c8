/*
 * message_record.h - a message of some party in a journal, for tests of what is told about messages.
 */
#ifndef TESTS_MESSAGE_RECORD_H
#define TESTS_MESSAGE_RECORD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/metadata.h"
#include "journal/journal.h"

/* Appends it, and returns its record. */
static inline uint64_t append_message(struct journal *journal, const char *party, const char *id) {
    struct metadata metadata = {
        .env = { .party = party, .channel = "zmq", .format = "", .file = "", .origin = "", .trace = "" },
        .family = "declaration",
        .format = "cn-dec",
        .id = id,
    };
    struct buf meta;
    buf_init(&meta, 4096);
    metadata_write(&metadata, &meta);
    struct record rec = { .kind = RECORD_MESSAGE, .meta = buf_text(&meta), .data = TEXT("<a/>") };
    assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
    buf_release(&meta);
    return rec.number;
}

#endif
