/*
 * event_positions.c - a list that is searched from its beginning: a row for each party with such a topic.
 */
#include "adapters/kafka/event_positions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define HEAD    "clearway-kafka-events"
#define VERSION "1"

void event_positions_release(struct event_positions *positions) {
    for (size_t i = 0; i < positions->count; i++) {
        free(positions->list[i].topic);
        free(positions->list[i].party);
    }
    free(positions->list);
    *positions = (struct event_positions){ .count = 0 };
}

static char *copy(struct text text) {
    char *out = memory_new(text.length + 1);
    memcpy(out, text.at, text.length);
    return out;
}

static size_t place(struct event_positions *positions, struct text topic, struct text party) {
    for (size_t i = 0; i < positions->count; i++) {
        const struct event_position *position = &positions->list[i];
        if (text_is(topic, position->topic) && text_is(party, position->party)) {
            return i;
        }
    }
    if (positions->count == positions->capacity) {
        positions->capacity = positions->capacity ? 2 * positions->capacity : 16;
        positions->list = memory_grow(positions->list, positions->capacity, sizeof(*positions->list));
    }
    positions->list[positions->count] = (struct event_position){ copy(topic), copy(party), 0 };
    return positions->count++;
}

size_t event_positions_place(struct event_positions *positions, const char *topic, const char *party) {
    return place(positions, text_of(topic), text_of(party));
}

static bool read_position(struct event_positions *positions, struct text line) {
    struct text topic = text_until(&line, ' '), party = text_until(&line, ' ');
    uint64_t position;
    if (!topic.length || !party.length || !line.at || !text_to_uint(line, &position)
        || positions->count == EVENT_POSITIONS_MAX) {
        return false;
    }
    size_t at = place(positions, topic, party); /* which may move the list */
    positions->list[at].position = position;
    return true;
}

bool event_positions_read(struct event_positions *positions, const char *journal, struct text text) {
    struct text head = text_until(&text, '\n'), name = text_until(&head, ' '),
                version = text_until(&head, ' ');
    bool good = text_is(name, HEAD) && text_is(version, VERSION) && text_is(head, journal);
    while (good && text.at && text.length > 0) {
        good = read_position(positions, text_until(&text, '\n'));
    }
    if (!good) {
        event_positions_release(positions);
    }
    return good;
}

void event_positions_print(const struct event_positions *positions, const char *journal, struct buf *out) {
    buf_printf(out, "%s %s %s\n", HEAD, VERSION, journal);
    for (size_t i = 0; i < positions->count; i++) {
        const struct event_position *position = &positions->list[i];
        buf_printf(out, "%s %s %" PRIu64 "\n", position->topic, position->party, position->position);
    }
}
