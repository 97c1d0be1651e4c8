/*
 * long_event.h - for tests: port events over any number of containers.
 */
#ifndef TESTS_LONG_EVENT_H
#define TESTS_LONG_EVENT_H

#include "message/identifiers.h"
#include "engine_room.h"

/* The n-th container number, with its check digit. */
static inline const char *container(struct engine_room *room, int serial) {
    for (char digit = '0'; digit <= '9'; digit++) {
        const char *number = arena_printf(room->arena, "QDHU%06d%c", serial, digit);
        if (identifier_iso6346(text_of(number))) {
            return number;
        }
    }
    panic("%d has no check digit", serial);
}

/* bill NULL: it names only containers, so many from that serial number on. */
static inline struct text port_event(struct engine_room *room, const char *id, const char *code,
                                     const char *bill, int first, int count) {
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_printf(
        &text,
        "<PortEvent xmlns=\"urn:clearway:port-event:1\" version=\"1.0\"><MessageID>%s</MessageID>"
        "<SentTime>2026-10-12T08:00:00+08:00</SentTime><EventID>%s</EventID><EventCode>%s</EventCode>"
        "<ClassifierCode>ACT</ClassifierCode><EventTime>2026-10-12T08:00:00+08:00</EventTime><Direction>IMPORT</Direction>"
        "<PortCode>CNQDG</PortCode><TerminalCode>QQCT</TerminalCode>",
        id, id, code);
    if (bill) {
        buf_printf(&text, "<BillOfLadingID>%s</BillOfLadingID>", bill);
    }
    for (int i = first; i < first + count; i++) {
        buf_printf(&text, "<Container><ID>%s</ID></Container>", container(room, i));
    }
    buf_add_string(&text, "</PortEvent>");
    struct text copy = { arena_copy(room->arena, buf_text(&text)), text.length };
    buf_release(&text);
    return copy;
}

#endif
