/*
 * events.c - GET /v1/events: what happens, as it happens, as server-sent events (WHATWG HTML, 9.2).
 *
 *   decision ─► feed (deliver/event_feed.h) ─► told ─► each stream of that party ─► its next piece
 *                  ▲                                        │ it has not fetched what came before
 *                  └────────────── asked ◄── behind ◄───────┘
 *
 * An event's id is its place: NUMBER-SERIAL of its decision. Who comes back with Last-Event-ID is told what
 * stands behind it, from the journal, over any restart, and nothing twice; who has none is told what comes
 * from now on. So that this holds from the first moment, a stream begins with the id of the place where it
 * begins, and repeats the place it has come to while nothing happens. Nothing is kept for a stream that does
 * not read: it falls behind, asks the journal once it reads again, and is cut by the server's deadline when
 * it does not. What a party is told is never more than it sees when it asks (deliver/events.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/subject.h"
#include "deliver/event_feed.h"
#include "deliver/events.h"
#include "adapters/api/shared.h"

#define EVENT_STREAMS_MAX 4096
#define BEAT_MS           15000 /* proxies cut what is silent for longer */
#define RECONNECT_MS      2000

/* Where a stream stands: it has every event up to this one. */
struct event_place {
    uint64_t record;
    uint64_t serial; /* UINT64_MAX: all of that record */
};

struct event_stream {
    struct api_events *events; /* NULL: the API has stopped */
    struct http_request *req;
    char *party;           /* whose events; "": everybody's */
    struct digest session; /* of the person who asked */
    char *account;         /* "": none: the party itself */
    enum sight_role role;
    struct {
        char *subject, *port, *type, *family; /* "": any */
    } only;
    char *sender;       /* of the messages of which it is told what became of them; "": anybody's */
    bool sees_measures; /* all that its party's events tell of */
    struct buf unsent;  /* printed and not fetched yet */
    size_t fetched;     /* of it */
    struct event_place place;
    uint64_t newest; /* the last record of which the feed told this party */
    bool is_behind, is_asking, is_over, is_closed;
    struct event_stream *next, **link;
};

struct api_events {
    struct api *api;
    struct event_feed *feed;
    struct event_stream *streams;
    size_t count;
    struct loop_timer *beat;
};

/* --- what one event says -------------------------------------------------------------------------------- */

static bool is_before(struct event_place one, struct event_place other) {
    return one.record < other.record || (one.record == other.record && one.serial < other.serial);
}

/* NUMBER or NUMBER-SERIAL. */
static bool read_place(struct text id, struct event_place *place) {
    struct text serial = id;
    *place = (struct event_place){ 0, UINT64_MAX };
    struct text number = text_until(&serial, '-');
    return text_to_uint(number, &place->record)
           && (number.length == id.length || text_to_uint(serial, &place->serial));
}

/* Of a message what became of it: by whose messages are seen, not by whose goods; of a measure of the review
 * by whose figures are. */
static bool is_seen(const struct event_stream *stream, const struct json *event) {
    const char *sender = json_string_at(json_at(event, "data"), "party");
    const char *subject = json_string_at(event, "subject");
    return sender ? !*stream->sender || strcmp(sender, stream->sender) == 0
                  : stream->sees_measures || !subject || !subject_is_measure(subject);
}

static bool is_wanted(const struct event_stream *stream, const struct json *event) {
    const char *subject = json_string_at(event, "subject"), *type = json_string_at(event, "type");
    const char *family = json_string_at(json_at(event, "data"), "family");
    size_t port = strlen(stream->only.port), kind = strlen(stream->only.type);
    subject = subject ? subject : "";
    return is_seen(stream, event)
           && (!*stream->only.family || (family && strcmp(family, stream->only.family) == 0))
           && (!*stream->only.subject || strcmp(subject, stream->only.subject) == 0)
           && (!port || (strncmp(subject, stream->only.port, port) == 0 && subject[port] == '/'))
           && (!kind || strstr(type, stream->only.type));
}

/* An event that was not told yet: JSON of ours, in one line. */
static void add_event(struct event_stream *stream, struct text text, struct arena *arena) {
    char why[128];
    const struct json *event = json_parse(arena, text, why, sizeof(why));
    const char *id = event ? json_string_at(event, "id") : NULL;
    struct event_place place;
    require(id && read_place(text_of(id), &place));
    if (!is_before(stream->place, place)) {
        return;
    }
    stream->place = place;
    if (is_wanted(stream, event)) {
        buf_printf(&stream->unsent, "id: %s\nevent: %s\ndata: ", id, json_string_at(event, "type"));
        buf_add_text(&stream->unsent, text);
        buf_add_string(&stream->unsent, "\n\n");
    }
}

static void add_stretch(struct event_stream *stream, const struct event_stretch *stretch) {
    struct arena *arena = arena_new();
    struct text events = stretch->events, event;
    while (events_next(&events, &event)) {
        add_event(stream, event, arena);
        arena_reset(arena);
    }
    arena_free(arena);
    struct event_place end = { stretch->position, UINT64_MAX };
    stream->place = is_before(stream->place, end) ? end : stream->place;
    require(!buf_failed(&stream->unsent));
}

/* No event, but its id is kept by the client: what it names when it comes back. */
static void add_place(struct event_stream *stream) {
    if (stream->place.serial == UINT64_MAX) {
        buf_printf(&stream->unsent, "id: %llu\n\n", (unsigned long long)stream->place.record);
    } else {
        buf_add_string(&stream->unsent, ":\n\n");
    }
}

/* --- a stream ------------------------------------------------------------------------------------------- */

static bool has_unsent(const struct event_stream *stream) {
    return stream->fetched < stream->unsent.length;
}

static void answered(void *context, enum status status, const struct event_stretch *stretch);

/* What stands behind its place. Where too many ask, it is asked again when one of them was answered. */
static void ask(struct event_stream *stream) {
    if (!stream->is_behind || stream->is_asking || stream->is_over || has_unsent(stream)) {
        return;
    }
    bool has_all = stream->place.serial == UINT64_MAX || !stream->place.record; /* nothing is record 0 */
    uint64_t after = has_all ? stream->place.record : stream->place.record - 1;
    stream->is_asking =
        event_feed_ask(stream->events->feed, stream->party, after, answered, stream) == STATUS_OK;
}

static enum http_piece next_piece(void *context, struct buf *out) {
    struct event_stream *stream = context;
    if (has_unsent(stream)) {
        size_t left = stream->unsent.length - stream->fetched;
        size_t length = left < HTTP_PIECE_MAX ? left : HTTP_PIECE_MAX;
        buf_add(out, stream->unsent.at + stream->fetched, length);
        stream->fetched += length;
        if (length == left) {
            buf_release(&stream->unsent);
            stream->fetched = 0;
        }
        return HTTP_PIECE_MORE;
    }
    if (stream->is_over) {
        return HTTP_PIECE_END;
    }
    ask(stream);
    return HTTP_PIECE_WAIT;
}

static void stream_free(struct event_stream *stream) {
    buf_release(&stream->unsent);
    free(stream->party);
    free(stream->account);
    free(stream->only.subject);
    free(stream->only.port);
    free(stream->only.type);
    free(stream->only.family);
    free(stream->sender);
    free(stream);
}

static void answered(void *context, enum status status, const struct event_stretch *stretch) {
    struct event_stream *stream = context;
    stream->is_asking = false;
    if (stream->is_closed) {
        stream_free(stream);
        return;
    }
    if (status != STATUS_OK) { /* it comes back, and is told then what is wrong */
        stream->is_over = true;
    } else {
        add_stretch(stream, stretch);
        stream->is_behind = stretch->more || stream->newest > stretch->position;
        ask(stream);
    }
    struct api_events *events = stream->events;
    http_stream_go_on(stream->req); /* may close it */
    for (struct event_stream *other = events ? events->streams : NULL; other; other = other->next) {
        ask(other);
    }
}

/* --- all of them ---------------------------------------------------------------------------------------- */

static bool has_stream(const struct api_events *events, const char *party) {
    const struct event_stream *stream = events->streams;
    while (stream && strcmp(stream->party, party) != 0) {
        stream = stream->next;
    }
    return stream != NULL;
}

/* Parties that have streams, and may have them, are listened for; returns where those begin that were not. */
static uint64_t listen_for_streams(struct api_events *events) {
    const struct edition *edition = events->api->edition;
    const struct parties *parties = edition->parties;
    const char **listening = memory_array(parties->count + 1, sizeof(*listening));
    size_t count = 0;
    if (has_stream(events, events_everybody.code)) {
        listening[count++] = events_everybody.code;
    }
    for (size_t i = 0; i < parties->count; i++) {
        if (!parties->list[i].blocked && has_stream(events, parties->list[i].code)) {
            listening[count++] = parties->list[i].code;
        }
    }
    uint64_t from = event_feed_listen(events->feed, edition, listening, count);
    free(listening);
    return from;
}

static void tell(void *context, const char *party, const struct event_stretch *stretch) {
    struct api_events *events = context;
    for (struct event_stream *stream = events->streams, *next; stream; stream = next) {
        next = stream->next;
        if (strcmp(stream->party, party) != 0) {
            continue;
        }
        stream->newest = stretch->position;
        if (stream->is_behind || has_unsent(stream) || stream->place.record < stretch->after) {
            stream->is_behind = true;
            ask(stream);
        } else {
            add_stretch(stream, stretch);
            http_stream_go_on(stream->req); /* may close it */
        }
    }
}

/* Whose events that person is told; NULL: none, or the party is gone or blocked. */
static const struct party *told_to(const struct api *api, const struct api_asker *asker,
                                   struct sight *sight) {
    *sight = sight_of(asker->role, asker->party, VIEW_OF_GOODS);
    return sight->reach == SIGHT_NONE ? NULL : sight->reach == SIGHT_ALL ? &events_everybody : sight->viewer;
}

/* By what is in force now: a stream sees what a question would. */
static bool may_go_on(const struct api *api, const struct event_stream *stream) {
    static const struct digest none = { { 0 } };
    struct api_asker asker = { .role = SIGHT_PARTY };
    struct sight sight;
    if (!*stream->account) {
        asker.party = parties_find(api->edition->parties, text_of(stream->party));
        return asker.party && !asker.party->blocked;
    }
    if (!api_asker_of_account(api, text_of(stream->account), &asker) || asker.role != stream->role) {
        return false;
    }
    stamp now = clock_now(journal_clock(api->options.journal));
    const struct party *party = told_to(api, &asker, &sight);
    bool signed_in = digest_equal(&stream->session, &none)
                     || sessions_find(api->sessions, &stream->session, now, api->people->accounts);
    return signed_in && party && strcmp(party->code, stream->party) == 0;
}

static void end_those_gone(struct api_events *events) {
    for (struct event_stream *stream = events->streams, *next; stream; stream = next) {
        next = stream->next;
        if (!stream->is_over && !may_go_on(events->api, stream)) {
            stream->is_over = true;
            buf_release(&stream->unsent); /* not even what was made already */
            stream->fetched = 0;
            http_stream_go_on(stream->req); /* may close it */
        }
    }
}

static void beat(void *context) {
    struct api_events *events = context;
    end_those_gone(events); /* a session may be over by its time alone */
    uint64_t told = event_feed_told(events->feed);
    for (struct event_stream *stream = events->streams, *next; stream; stream = next) {
        next = stream->next;
        if (has_unsent(stream)) {
            continue;
        }
        struct event_place place = { told, UINT64_MAX };
        if (!stream->is_behind && is_before(stream->place, place)) {
            stream->place = place; /* nothing of it is for this party */
        }
        add_place(stream);
        http_stream_go_on(stream->req); /* may close it */
    }
    loop_timer_start(events->beat, BEAT_MS);
}

static void close_stream(void *context) {
    struct event_stream *stream = context;
    struct api_events *events = stream->events;
    if (events) {
        *stream->link = stream->next;
        if (stream->next) {
            stream->next->link = stream->link;
        }
        events->count--;
        if (!has_stream(events, stream->party)) {
            listen_for_streams(events);
        }
    }
    stream->is_closed = true;
    if (!stream->is_asking) {
        stream_free(stream);
    }
}

/* --- who asks ------------------------------------------------------------------------------------------- */

/* From where: a client that comes back says it in a field, a person in the query. False: answered already. */
static bool read_start(struct api *api, struct http_request *req, struct event_place *place, bool *given) {
    struct text id = http_request_field(req, "last-event-id");
    id = id.length ? id : http_query_parameter(req, "after");
    *given = id.length > 0;
    if (*given && (!read_place(id, place) || place->record > journal_durable(api->options.journal))) {
        api_problem(req, API_PROBLEM_NO_EVENT);
        return false;
    }
    return true;
}

static char *copy_parameter(const struct http_request *req, const char *name) {
    struct text value = http_query_parameter(req, name);
    char *copy = memory_new(value.length + 1);
    memcpy(copy, value.length ? value.at : "", value.length);
    return copy;
}

static struct event_stream *add_stream(struct api_events *events, struct http_request *req,
                                       const struct api_asker *asker, const char *party) {
    struct event_stream *stream = memory_new(sizeof(*stream));
    *stream = (struct event_stream){ .events = events,
                                     .req = req,
                                     .party = memory_string(party),
                                     .account = memory_string(asker->account ? asker->account->name : ""),
                                     .role = asker->role };
    if (asker->session) {
        stream->session = asker->session->digest;
    }
    stream->only.subject = copy_parameter(req, "subject");
    stream->only.port = copy_parameter(req, "port");
    stream->only.type = copy_parameter(req, "type");
    stream->only.family = copy_parameter(req, "family");
    struct sight messages = sight_of(asker->role, asker->party, VIEW_OF_MESSAGES);
    struct sight figures = sight_of(asker->role, asker->party, VIEW_OF_FIGURES);
    stream->sees_measures = *party || figures.reach == SIGHT_ALL;
    stream->sender = memory_string(messages.viewer ? messages.viewer->code : "");
    buf_init(&stream->unsent, API_ANSWER_MAX);
    stream->next = events->streams;
    if (stream->next) {
        stream->next->link = &stream->next;
    }
    stream->link = &events->streams;
    events->streams = stream;
    events->count++;
    return stream;
}

/* As it is noted. */
static struct text wanted(const struct http_request *req) {
    static const char *const names[] = { "subject", "port", "family" };
    const char *text = "";
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct text value = http_query_parameter(req, names[i]);
        if (value.length) {
            text = arena_printf(req->arena, "%s%s%s=" TEXT_FORMAT, text, *text ? "&" : "", names[i],
                                TEXT_ARGS(value));
        }
    }
    return text_of(text);
}

void api_open_events(struct http_request *req, void *context) {
    struct api *api = context;
    struct api_events *events = api->events;
    struct text type = http_query_parameter(req, "type");
    struct event_place place;
    bool has_place;
    struct api_asker asker;
    struct sight sight;
    if (!api_asker_of(api, req, &asker) || !read_start(api, req, &place, &has_place)) {
        return;
    }
    const struct party *party = told_to(api, &asker, &sight);
    if (!party) {
        api_problem(req, API_PROBLEM_ROLE);
        return;
    }
    if (type.length && !text_is(type, "decision") && !text_is(type, "milestone")) {
        api_problem(req, API_PROBLEM_EVENT_TYPE);
        return;
    }
    if (events->count == EVENT_STREAMS_MAX) {
        http_problem_status(req, STATUS_BUSY);
        return;
    }
    if (!api_may_show(api, req, &asker, &sight, "events", wanted(req), api_open_events)) {
        return;
    }
    bool is_first = !has_stream(events, party->code);
    struct event_stream *stream = add_stream(events, req, &asker, party->code);
    uint64_t from = is_first ? listen_for_streams(events) : event_feed_told(events->feed);
    stream->place = has_place ? place : (struct event_place){ from, UINT64_MAX };
    stream->is_behind = has_place;
    buf_printf(&stream->unsent, "retry: %d\n", RECONNECT_MS);
    add_place(stream);
    static const struct http_header headers[] = { { "Cache-Control", "no-store" },
                                                  { "X-Accel-Buffering", "no" },
                                                  { NULL, NULL } };
    http_answer_stream(req, 200, "text/event-stream", headers,
                       &(struct http_stream){ .next = next_piece, .close = close_stream, .context = stream });
}

/* --- life ----------------------------------------------------------------------------------------------- */

void api_start_events(struct api *api) {
    require(!api->events);
    struct api_events *events = memory_new(sizeof(*events));
    events->api = api;
    struct event_feed_options options = { .loop = api->options.loop,
                                          .journal = api->options.journal,
                                          .edition = api->edition,
                                          .told = tell,
                                          .context = events };
    events->feed = event_feed_start(&options);
    events->beat = loop_timer_new(api->options.loop, beat, events);
    loop_timer_start(events->beat, BEAT_MS);
    api->events = events;
}

void api_change_events(struct api *api) {
    require(api->events);
    struct api_events *events = api->events;
    listen_for_streams(events);
    end_those_gone(events);
}

void api_advance_events(struct api *api) {
    require(api->events);
    event_feed_advance(api->events->feed);
}

void api_stop_events(struct api *api) {
    require(api->events);
    struct api_events *events = api->events;
    for (struct event_stream *stream = events->streams, *next; stream; stream = next) {
        next = stream->next;
        stream->events = NULL; /* its connection is closed after us, and with it the stream */
        stream->is_over = true;
    }
    event_feed_stop(events->feed);
    loop_timer_free(events->beat);
    free(events);
    api->events = NULL;
}
