/*
 * recent_events.h - what one party was told lately, read once for all who follow its events.
 *
 * Whoever stands at or behind the floor finds here, in order, all that came after its own place; who stands
 * before it has to ask the journal. Events are dropped from the old end, and the floor follows.
 *
 * Limits    RECENT_EVENTS_MAX events, and the bytes that recent_events_limit() gives.
 * Thread    one.
 */
#ifndef API_RECENT_EVENTS_H
#define API_RECENT_EVENTS_H

#include "deliver/event_feed.h"

#define RECENT_EVENTS_MAX 8192

/* A place among the events: the record of a decision, and which of its events. */
struct event_place {
    uint64_t record;
    uint64_t serial; /* UINT64_MAX: all of that record */
};

/* An event as it is told: by what streams are narrowed, and its lines (WHATWG HTML, 9.2). */
struct recent_event {
    struct event_place place;
    const char *subject, *type, *family; /* "": it has none */
    const char *sender;                  /* of the message whose fate it tells; NULL: it tells of goods */
    const char *question;                /* that has another answer now; "": it says of none */
    struct text lines;
};

struct recent_events;

bool event_place_is_before(struct event_place one, struct event_place other);
/* NUMBER or NUMBER-SERIAL. */
bool event_place_read(struct text id, struct event_place *place);

/* An event of the feed: JSON of ours, in one line. Lives in the arena. */
void recent_event_read(struct text json, struct arena *arena, struct recent_event *event);

/* Nothing is known of what stands at `from` or before. */
struct recent_events *recent_events_new(uint64_t from);
void recent_events_free(struct recent_events *recent);
void recent_events_limit(struct recent_events *recent, size_t bytes);
/* As the feed tells it. What it left out before it is not here: then the floor is behind that. */
void recent_events_add(struct recent_events *recent, const struct event_stretch *stretch);

/* The place from which on nothing is missing. */
struct event_place recent_events_floor(const struct recent_events *recent);
/* Up to here nothing is to come any more. */
uint64_t recent_events_position(const struct recent_events *recent);
/* The first event behind a place that is not before the floor; NULL: none. Borrowed until the next call that
 * changes what is kept. */
const struct recent_event *recent_events_after(const struct recent_events *recent, struct event_place place);

#endif
