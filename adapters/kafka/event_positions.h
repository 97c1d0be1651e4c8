/*
 * event_positions.h - how far each events topic has been told, as DATA/kafka.events remembers it:
 *
 *   clearway-kafka-events 1 JOURNAL
 *   TOPIC PARTY POSITION
 *
 * A topic that comes to another party, and a journal of another name, have a position of their own: nothing.
 * Pure. Limits: 100000 of them.
 */
#ifndef ADAPTERS_KAFKA_EVENT_POSITIONS_H
#define ADAPTERS_KAFKA_EVENT_POSITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

#define EVENT_POSITIONS_MAX 100000

struct event_position {
    char *topic, *party;
    uint64_t position; /* a record's number; 0: nothing was told */
};

/* Zeroed to begin with. */
struct event_positions {
    struct event_position *list;
    size_t count, capacity;
};

void event_positions_release(struct event_positions *positions);
/* False: it is no such text, or of another journal; then nothing is remembered. */
bool event_positions_read(struct event_positions *positions, const char *journal, struct text text);
void event_positions_print(const struct event_positions *positions, const char *journal, struct buf *out);
/* The index of that topic's, made when it is new. */
size_t event_positions_place(struct event_positions *positions, const char *topic, const char *party);

#endif
