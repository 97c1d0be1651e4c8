/* recent_events.c - a ring of events, the oldest of which make room. */
#include "adapters/api/recent_events.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/status.h"
#include "deliver/events.h"

struct kept_event {
    struct recent_event event;
    size_t size;
    char bytes[]; /* of all its texts */
};

struct recent_events {
    struct kept_event *ring[RECENT_EVENTS_MAX];
    uint64_t first, end; /* they stand in the ring at their number, modulo its size */
    size_t bytes, limit;
    struct event_place floor;
    uint64_t position;
    struct arena *arena; /* of the event that is read */
};

bool event_place_is_before(struct event_place one, struct event_place other) {
    return one.record < other.record || (one.record == other.record && one.serial < other.serial);
}

bool event_place_read(struct text id, struct event_place *place) {
    struct text serial = id;
    *place = (struct event_place){ 0, UINT64_MAX };
    struct text number = text_until(&serial, '-');
    return text_to_uint(number, &place->record)
           && (number.length == id.length || text_to_uint(serial, &place->serial));
}

static const char *or_empty(const char *string) {
    return string ? string : "";
}

void recent_event_read(struct text json, struct arena *arena, struct recent_event *event) {
    char why[128];
    const struct json *told = json_parse(arena, json, why, sizeof(why));
    const char *id = told ? json_string_at(told, "id") : NULL;
    const struct json *data = told ? json_at(told, "data") : NULL;
    *event = (struct recent_event){ .place = { 0, 0 } };
    require(id && event_place_read(text_of(id), &event->place));
    event->subject = or_empty(json_string_at(told, "subject"));
    event->type = or_empty(json_string_at(told, "type"));
    event->family = or_empty(json_string_at(data, "family"));
    event->sender = json_string_at(data, "party");
    event->question = or_empty(json_string_at(data, "question"));
    event->lines = text_of(arena_printf(arena, "id: %s\nevent: %s\ndata: " TEXT_FORMAT "\n\n", id,
                                        event->type, TEXT_ARGS(json)));
}

struct recent_events *recent_events_new(uint64_t from) {
    struct recent_events *recent = memory_new(sizeof(*recent));
    recent->floor = (struct event_place){ from, UINT64_MAX };
    recent->position = from;
    recent->limit = SIZE_MAX;
    recent->arena = arena_new();
    return recent;
}

static struct kept_event **slot_of(struct recent_events *recent, uint64_t number) {
    return &recent->ring[number % RECENT_EVENTS_MAX];
}

static void drop_oldest(struct recent_events *recent) {
    struct kept_event *kept = *slot_of(recent, recent->first);
    recent->floor = kept->event.place;
    recent->bytes -= kept->size;
    recent->first++;
    free(kept);
}

static void drop_all(struct recent_events *recent) {
    while (recent->first < recent->end) {
        drop_oldest(recent);
    }
}

void recent_events_free(struct recent_events *recent) {
    if (recent) {
        drop_all(recent);
        arena_free(recent->arena);
        free(recent);
    }
}

void recent_events_limit(struct recent_events *recent, size_t bytes) {
    recent->limit = bytes;
    while (recent->bytes > recent->limit) {
        drop_oldest(recent);
    }
}

/* Copies a text, with a zero behind it, and moves on. */
static const char *put(char **at, struct text text) {
    char *copy = *at;
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    *at += text.length + 1;
    return copy;
}

static void keep(struct recent_events *recent, const struct recent_event *event) {
    const char *names[] = { event->subject, event->type, event->family, event->sender, event->question };
    size_t size = sizeof(struct kept_event) + event->lines.length + 1;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size += text_of(names[i]).length + 1;
    }
    if (recent->end - recent->first == RECENT_EVENTS_MAX) {
        drop_oldest(recent);
    }
    struct kept_event *kept = memory_new(size);
    char *at = kept->bytes;
    kept->size = size;
    kept->event.place = event->place;
    kept->event.subject = put(&at, text_of(event->subject));
    kept->event.type = put(&at, text_of(event->type));
    kept->event.family = put(&at, text_of(event->family));
    kept->event.sender = event->sender ? put(&at, text_of(event->sender)) : NULL;
    kept->event.question = put(&at, text_of(event->question));
    kept->event.lines = (struct text){ put(&at, event->lines), event->lines.length };
    *slot_of(recent, recent->end++) = kept;
    recent->bytes += size;
    recent_events_limit(recent, recent->limit);
}

void recent_events_add(struct recent_events *recent, const struct event_stretch *stretch) {
    if (stretch->after > recent->position) { /* something between was too large to be told */
        drop_all(recent);
        recent->floor = (struct event_place){ stretch->after, UINT64_MAX };
    }
    struct text events = stretch->events, json;
    while (events_next(&events, &json)) {
        struct recent_event event;
        arena_reset(recent->arena);
        recent_event_read(json, recent->arena, &event);
        if (event.place.record > recent->position) {
            keep(recent, &event);
        }
    }
    recent->position = stretch->position > recent->position ? stretch->position : recent->position;
}

struct event_place recent_events_floor(const struct recent_events *recent) {
    return recent->floor;
}

uint64_t recent_events_position(const struct recent_events *recent) {
    return recent->position;
}

const struct recent_event *recent_events_after(const struct recent_events *recent, struct event_place place) {
    require(!event_place_is_before(place, recent->floor));
    uint64_t low = recent->first, high = recent->end;
    while (low < high) { /* the first that is behind it stands in [low, high] */
        uint64_t middle = low + (high - low) / 2;
        const struct kept_event *kept = recent->ring[middle % RECENT_EVENTS_MAX];
        if (event_place_is_before(place, kept->event.place)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < recent->end ? &recent->ring[low % RECENT_EVENTS_MAX]->event : NULL;
}
