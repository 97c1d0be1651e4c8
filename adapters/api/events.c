/*
 * events.c - GET /v1/events: what happens, as it happens, as server-sent events (WHATWG HTML, 9.2).
 *
 *   decision ─► feed (deliver/event_feed.h) ─► told ─► the recent events of that party's audience
 *                  ▲                                        │ a round visits each of its streams,
 *                  │                                        ▼ which takes what is new to it
 *                  └─────── asked ◄── behind: what it lacks is not among the recent ones any more
 *
 * An event's id is its place: NUMBER-SERIAL of its decision. Who comes back with Last-Event-ID is told what
 * stands behind it, from the journal, over any restart, and nothing twice; who has none is told what comes
 * from now on. So that this holds from the first moment, a stream begins with the id of the place where it
 * begins, and repeats the place it has come to while nothing happens. Nothing is kept for a stream that does
 * not read: it falls behind, asks the journal once it reads again, and is cut by the server's deadline when
 * it does not. What a party is told is never more than it sees when it asks (deliver/events.h).
 *
 * However many read, and however much there is to tell, those who submit are served: rounds take a tenth of
 * the loop's time at most, and a stream that is visited seldom is told more at a time. So does what is read
 * again for those who are behind: one question at a time, whose answer goes to all near it, and a rest behind
 * it where others wait.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"
#include "engine/subject.h"
#include "deliver/event_feed.h"
#include "deliver/events.h"
#include "adapters/api/recent_events.h"
#include "adapters/api/shared.h"

#define EVENT_STREAMS_MAX 4096
#define BEAT_MS           15000 /* proxies cut what is silent for longer */
#define RECONNECT_MS      2000
#define SHARE_MAX         16                 /* of one answer of the journal: 192 KiB to send to each */
#define RECENT_BYTES      ((size_t)16 << 20) /* of all audiences together */
#define VISIT_BYTES       ((size_t)16 << 10) /* to one stream in a visit, and the event that fills it whole */
#define VISITS_NS         INT64_C(2000000)   /* of one turn of the loop */
#define REST              9                  /* times as long as visits and answers took are the others' */
#define REST_MAX_MS       100                /* what took long may have waited for a processor */

/* Those who are told of one party's events. It outlives its last stream until the next beat. */
struct audience {
    struct api_events *events;
    char *party; /* whose events; "": everybody's */
    struct recent_events *recent;
    struct event_stream *streams;
    bool wants_round;
    bool is_visited; /* a round is under way: */
    struct event_stream *next_visited;
    struct audience *next;
};

struct event_stream {
    struct api_events *events; /* NULL: the API has stopped, and with it the audience */
    struct audience *audience;
    struct http_request *req;
    struct digest session; /* of the person who asked */
    char *account;         /* "": none: the party itself */
    enum sight_role role;
    struct {
        char *subject, *port, *type, *family; /* "": any */
    } only;
    char *party;                              /* of who asks */
    enum sight_reach reach[VIEW_KINDS_COUNT]; /* how far he sees */
    struct buf unsent;                        /* printed and not fetched yet */
    size_t fetched;                           /* of it */
    struct event_place place;                 /* it has every event up to here */
    uint64_t beat;                            /* the last in which it was told anything */
    bool may_take;                            /* it was visited */
    bool is_asking, is_over, is_closed;
    struct event_stream *next, **link;
    struct event_stream *line_next, **line_link; /* among those who are to ask the journal */
};

struct api_events {
    struct api *api;
    struct event_feed *feed;
    struct audience *audiences;
    size_t audiences_count, count; /* of streams */
    struct event_stream *line, **line_last;
    bool is_asking, is_resting; /* the journal; behind its answer */
    int64_t asked_ns;
    struct loop_timer *beat, *round, *rest;
    struct audience *turn; /* whose round is next; NULL: the first's */
    bool is_round_due;
    int rest_ms; /* before the next visits */
    uint64_t beats;
};

/* --- what one is told ----------------------------------------------------------------------------------- */

static bool sees_all(const struct event_stream *stream, enum view_kind kind) {
    return stream->reach[kind] == SIGHT_ALL;
}

/* What a party is told is for it (deliver/events.h). Of what is told to everybody's row, of a message what
 * became of it is seen by whose messages are seen, not by whose goods; a question that has another answer by
 * who is answered of all; a measure of the review by whose figures are seen. */
static bool is_seen(const struct event_stream *stream, const struct recent_event *event) {
    if (*stream->audience->party) {
        return true;
    }
    if (*event->question) {
        return sees_all(stream, view_find(event->question)->kind); /* api_start_events() */
    }
    if (event->sender) {
        return sees_all(stream, VIEW_OF_MESSAGES)
               || (stream->reach[VIEW_OF_MESSAGES] == SIGHT_OWN && strcmp(event->sender, stream->party) == 0);
    }
    return sees_all(stream, subject_is_measure(event->subject) ? VIEW_OF_FIGURES : VIEW_OF_GOODS);
}

static bool is_wanted(const struct event_stream *stream, const struct recent_event *event) {
    size_t port = strlen(stream->only.port);
    return is_seen(stream, event)
           && (!*stream->only.family || strcmp(event->family, stream->only.family) == 0)
           && (!*stream->only.subject || strcmp(event->subject, stream->only.subject) == 0)
           && (!port
               || (strncmp(event->subject, stream->only.port, port) == 0 && event->subject[port] == '/'))
           && (!*stream->only.type || strstr(event->type, stream->only.type));
}

/* Nothing twice. */
static void add_event(struct event_stream *stream, const struct recent_event *event) {
    if (!event_place_is_before(stream->place, event->place)) {
        return;
    }
    stream->place = event->place;
    if (is_wanted(stream, event)) {
        buf_add_text(&stream->unsent, event->lines);
    }
}

static void reach(struct event_stream *stream, uint64_t record) {
    struct event_place end = { record, UINT64_MAX };
    stream->place = event_place_is_before(stream->place, end) ? end : stream->place;
}

static void add_stretch(struct event_stream *const *streams, size_t count,
                        const struct event_stretch *stretch) {
    struct arena *arena = arena_new();
    struct text events = stretch->events, json;
    while (events_next(&events, &json)) {
        struct recent_event event;
        recent_event_read(json, arena, &event);
        for (size_t i = 0; i < count; i++) {
            add_event(streams[i], &event);
        }
        arena_reset(arena);
    }
    arena_free(arena);
    for (size_t i = 0; i < count; i++) {
        reach(streams[i], stretch->position);
        require(!buf_failed(&streams[i]->unsent));
    }
}

static bool is_behind(const struct event_stream *stream) {
    return event_place_is_before(stream->place, recent_events_floor(stream->audience->recent));
}

static bool has_news(const struct event_stream *stream) {
    const struct recent_events *recent = stream->audience->recent;
    return is_behind(stream) || recent_events_after(recent, stream->place);
}

/* No event, but its id is kept by the client: what it names when it comes back. */
static void add_place(struct event_stream *stream) {
    if (stream->place.serial == UINT64_MAX) {
        buf_printf(&stream->unsent, "id: %llu\n\n", (unsigned long long)stream->place.record);
    } else {
        buf_add_string(&stream->unsent, ":\n\n");
    }
}

/* What a visit gives: so many recent events, or at a beat, where there are none for it, its place. */
static void take_recent(struct event_stream *stream) {
    const struct recent_events *recent = stream->audience->recent;
    const struct recent_event *event = NULL;
    while (stream->unsent.length < VISIT_BYTES && (event = recent_events_after(recent, stream->place))) {
        add_event(stream, event);
    }
    if (!event && stream->unsent.length < VISIT_BYTES) {
        reach(stream, event_feed_told(stream->events->feed)); /* nothing of the rest is for this party */
    }
    if (stream->unsent.length == 0 && stream->beat != stream->events->beats) {
        add_place(stream);
    }
    if (stream->unsent.length > 0) {
        stream->beat = stream->events->beats;
    }
}

/* --- rounds --------------------------------------------------------------------------------------------- */

/* In milliseconds, after what began then. */
static int rest_after(int64_t begin_ns) {
    int64_t ms = REST * (stamp_monotonic_ns() - begin_ns) / 1000000 + 1;
    return ms < REST_MAX_MS ? (int)ms : REST_MAX_MS;
}

static void want_round(struct audience *audience) {
    struct api_events *events = audience->events;
    audience->wants_round = true;
    if (!events->is_round_due) {
        events->is_round_due = true;
        loop_timer_start(events->round, events->rest_ms);
    }
}

/* False: the time of this turn is over. */
static bool visit_streams(struct audience *audience, int64_t until) {
    if (!audience->is_visited) {
        audience->is_visited = true;
        audience->wants_round = false;
        audience->next_visited = audience->streams;
    }
    while (audience->next_visited) {
        struct event_stream *stream = audience->next_visited;
        audience->next_visited = stream->next;
        if (!stream->is_over && (stream->beat != audience->events->beats || has_news(stream))) {
            stream->may_take = true;
            http_stream_go_on(stream->req); /* may close it */
        }
        if (stamp_monotonic_ns() >= until) {
            return false;
        }
    }
    audience->is_visited = false;
    return true;
}

/* What was wanted while a round was under way is another one. */
static bool is_any_round_due(const struct api_events *events) {
    const struct audience *audience = events->audiences;
    while (audience && !audience->is_visited && !audience->wants_round) {
        audience = audience->next;
    }
    return audience != NULL;
}

/* Audiences take turns; one that is cut short goes on first. */
static void visit(void *context) {
    struct api_events *events = context;
    int64_t begin = stamp_monotonic_ns(), until = begin + VISITS_NS;
    bool in_time = true;
    for (size_t left = events->audiences_count; in_time && left > 0; left--) {
        struct audience *audience = events->turn ? events->turn : events->audiences;
        if (audience->is_visited || audience->wants_round) {
            in_time = visit_streams(audience, until);
        }
        if (in_time) {
            events->turn = audience->next;
        }
    }
    events->rest_ms = rest_after(begin);
    events->is_round_due = is_any_round_due(events);
    if (events->is_round_due) {
        loop_timer_start(events->round, events->rest_ms);
    }
}

/* --- a stream ------------------------------------------------------------------------------------------- */

static bool has_unsent(const struct event_stream *stream) {
    return stream->fetched < stream->unsent.length;
}

static void leave_line(struct event_stream *stream) {
    struct api_events *events = stream->events;
    if (stream->line_link) {
        *stream->line_link = stream->line_next;
        *(stream->line_next ? &stream->line_next->line_link : &events->line_last) = stream->line_link;
        stream->line_link = NULL;
    }
}

static void answered(void *context, enum status status, const struct event_stretch *stretch);

/* The last record of which it has everything. */
static uint64_t whole_until(const struct event_stream *stream) {
    bool has_all = stream->place.serial == UINT64_MAX || !stream->place.record; /* nothing is record 0 */
    return has_all ? stream->place.record : stream->place.record - 1;
}

/* The first in line is told what stands behind its place. */
static void ask(struct api_events *events) {
    struct event_stream *stream = events->line;
    if (!stream || events->is_asking || events->is_resting) {
        return;
    }
    enum status status =
        event_feed_ask(events->feed, stream->audience->party, whole_until(stream), answered, stream);
    require(status == STATUS_OK); /* nobody else asks this feed */
    leave_line(stream);
    stream->is_asking = events->is_asking = true;
    events->asked_ns = stamp_monotonic_ns();
}

static void rested(void *context) {
    struct api_events *events = context;
    events->is_resting = false;
    ask(events);
}

static void rest(struct api_events *events) {
    events->is_resting = true;
    loop_timer_start(events->rest, rest_after(events->asked_ns));
}

static void line_up(struct event_stream *stream) {
    struct api_events *events = stream->events;
    if (!stream->line_link && !stream->is_asking) {
        stream->line_next = NULL;
        stream->line_link = events->line_last;
        *events->line_last = stream;
        events->line_last = &stream->line_next;
        ask(events);
    }
}

static enum http_piece fetch_unsent(struct event_stream *stream, struct buf *out) {
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

static enum http_piece next_piece(void *context, struct buf *out) {
    struct event_stream *stream = context;
    if (!has_unsent(stream) && stream->may_take && !stream->is_over && !is_behind(stream)) {
        stream->may_take = false;
        take_recent(stream);
    }
    if (has_unsent(stream)) {
        return fetch_unsent(stream, out);
    }
    if (stream->is_over) {
        return HTTP_PIECE_END;
    }
    if (is_behind(stream)) {
        line_up(stream);
    } else if (has_news(stream)) {
        want_round(stream->audience);
    }
    return HTTP_PIECE_WAIT;
}

static void stream_free(struct event_stream *stream) {
    buf_release(&stream->unsent);
    free(stream->account);
    free(stream->only.subject);
    free(stream->only.port);
    free(stream->only.type);
    free(stream->only.family);
    free(stream->party);
    free(stream);
}

/* Those in line for whom the answer to another of their audience is one as well; they leave the line. */
static size_t take_sharers(struct api_events *events, const struct audience *audience,
                           const struct event_stretch *stretch, struct event_stream *sharers[SHARE_MAX],
                           size_t count) {
    const struct event_place end = { stretch->position, UINT64_MAX };
    for (struct event_stream *stream = events->line, *next; stream && count < SHARE_MAX; stream = next) {
        next = stream->line_next;
        if (stream->audience == audience && !stream->is_over && whole_until(stream) >= stretch->after
            && event_place_is_before(stream->place, end)) {
            leave_line(stream);
            sharers[count++] = stream;
        }
    }
    return count;
}

/* Whether others wait still; who lines up again because of this is none of them. */
static bool share(struct api_events *events, struct event_stream *stream,
                  const struct event_stretch *stretch) {
    struct event_stream *sharers[SHARE_MAX] = { stream };
    size_t count = take_sharers(events, stream->audience, stretch, sharers, 1);
    bool others_wait = events->line != NULL;
    add_stretch(sharers, count, stretch);
    for (size_t i = 0; i < count; i++) {
        http_stream_go_on(sharers[i]->req); /* may close it */
    }
    return others_wait;
}

static void answered(void *context, enum status status, const struct event_stretch *stretch) {
    struct event_stream *stream = context;
    struct api_events *events = stream->events;
    bool others_wait = events && events->line;
    stream->is_asking = false;
    if (stream->is_closed) {
        stream_free(stream);
    } else if (status == STATUS_OK && !stream->is_over) {
        others_wait = share(events, stream, stretch);
    } else {
        stream->is_over = true;         /* it comes back, and is told then what is wrong */
        http_stream_go_on(stream->req); /* closes it */
    }
    if (events) {
        events->is_asking = false;
        if (others_wait) {
            rest(events);
        } else {
            ask(events);
        }
    }
}

/* --- all of them ---------------------------------------------------------------------------------------- */

/* Parties that have streams, and may have them, are listened for; returns where those begin that were not. */
static uint64_t listen_for_audiences(struct api_events *events) {
    const struct edition *edition = events->api->edition;
    const char **listening = memory_array(events->audiences_count + 1, sizeof(*listening));
    size_t count = 0;
    for (const struct audience *audience = events->audiences; audience; audience = audience->next) {
        const struct party *party =
            *audience->party ? parties_find(edition->parties, text_of(audience->party)) : &events_everybody;
        if (party && !party->blocked) {
            listening[count++] = audience->party;
        }
    }
    uint64_t from = event_feed_listen(events->feed, edition, listening, count);
    free(listening);
    return from;
}

static struct audience *find_audience(const struct api_events *events, const char *party) {
    struct audience *audience = events->audiences;
    while (audience && strcmp(audience->party, party) != 0) {
        audience = audience->next;
    }
    return audience;
}

static void share_room(struct api_events *events) {
    for (struct audience *audience = events->audiences; audience; audience = audience->next) {
        recent_events_limit(audience->recent, RECENT_BYTES / events->audiences_count);
    }
}

static struct audience *add_audience(struct api_events *events, const char *party) {
    struct audience *audience = memory_new(sizeof(*audience));
    audience->events = events;
    audience->party = memory_string(party);
    audience->next = events->audiences;
    events->audiences = audience;
    events->audiences_count++;
    audience->recent = recent_events_new(listen_for_audiences(events));
    share_room(events);
    return audience;
}

static void audience_free(struct audience *audience) {
    recent_events_free(audience->recent);
    free(audience->party);
    free(audience);
}

static void end_deserted(struct api_events *events) {
    size_t before = events->audiences_count;
    for (struct audience **link = &events->audiences, *audience; (audience = *link);) {
        if (audience->streams) {
            link = &audience->next;
        } else {
            *link = audience->next;
            events->audiences_count--;
            audience_free(audience);
        }
    }
    if (events->audiences_count < before) {
        events->turn = NULL;
        listen_for_audiences(events);
        share_room(events);
    }
}

static void tell(void *context, const char *party, const struct event_stretch *stretch) {
    struct audience *audience = find_audience(context, party);
    if (audience) {
        recent_events_add(audience->recent, stretch);
        want_round(audience);
    }
}

/* Whose events that person is told: everybody's, where of any kind of things he sees all; and by which sight.
 * NULL: none. */
static const struct party *told_to(const struct api_asker *asker, struct sight *sight) {
    const struct party *party = NULL;
    for (int kind = 0; kind < VIEW_KINDS_COUNT; kind++) {
        struct sight one = sight_of(asker->role, asker->party, (enum view_kind)kind);
        if (one.reach == SIGHT_ALL) {
            *sight = one;
            return &events_everybody;
        }
        if (one.reach == SIGHT_OWN && !party) {
            *sight = one;
            party = one.viewer;
        }
    }
    return party;
}

/* By what is in force now: a stream sees what a question would. */
static bool may_go_on(const struct api *api, const struct event_stream *stream) {
    static const struct digest none = { { 0 } };
    struct api_asker asker = { .role = SIGHT_PARTY };
    struct sight sight;
    if (!*stream->account) {
        asker.party = parties_find(api->edition->parties, text_of(stream->audience->party));
        return asker.party && !asker.party->blocked;
    }
    if (!api_asker_of_account(api, text_of(stream->account), &asker) || asker.role != stream->role) {
        return false;
    }
    stamp now = clock_now(journal_clock(api->options.journal));
    const struct party *party = told_to(&asker, &sight);
    bool signed_in = digest_equal(&stream->session, &none)
                     || sessions_find(api->sessions, &stream->session, now, api->people->accounts);
    return signed_in && party && strcmp(party->code, stream->audience->party) == 0;
}

static void end_those_gone(struct api_events *events) {
    for (struct audience *audience = events->audiences; audience; audience = audience->next) {
        for (struct event_stream *stream = audience->streams, *next; stream; stream = next) {
            next = stream->next;
            if (!stream->is_over && !may_go_on(events->api, stream)) {
                stream->is_over = true;
                buf_release(&stream->unsent); /* not even what was made already */
                stream->fetched = 0;
                http_stream_go_on(stream->req); /* may close it */
            }
        }
    }
}

static void beat(void *context) {
    struct api_events *events = context;
    end_those_gone(events); /* a session may be over by its time alone */
    end_deserted(events);
    events->beats++;
    for (struct audience *audience = events->audiences; audience; audience = audience->next) {
        want_round(audience);
    }
    loop_timer_start(events->beat, BEAT_MS);
}

static void close_stream(void *context) {
    struct event_stream *stream = context;
    struct api_events *events = stream->events;
    if (events) {
        struct audience *audience = stream->audience;
        leave_line(stream);
        *stream->link = stream->next;
        if (stream->next) {
            stream->next->link = stream->link;
        }
        if (audience->next_visited == stream) {
            audience->next_visited = stream->next;
        }
        events->count--;
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
    if (*given && (!event_place_read(id, place) || place->record > journal_durable(api->options.journal))) {
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

static struct event_stream *add_stream(struct audience *audience, struct http_request *req,
                                       const struct api_asker *asker) {
    struct api_events *events = audience->events;
    struct event_stream *stream = memory_new(sizeof(*stream));
    *stream = (struct event_stream){ .events = events,
                                     .audience = audience,
                                     .req = req,
                                     .account = memory_string(asker->account ? asker->account->name : ""),
                                     .role = asker->role,
                                     .beat = events->beats };
    if (asker->session) {
        stream->session = asker->session->digest;
    }
    stream->only.subject = copy_parameter(req, "subject");
    stream->only.port = copy_parameter(req, "port");
    stream->only.type = copy_parameter(req, "type");
    stream->only.family = copy_parameter(req, "family");
    stream->party = memory_string(asker->party->code);
    for (int kind = 0; kind < VIEW_KINDS_COUNT; kind++) {
        stream->reach[kind] = sight_role_reach(asker->role, (enum view_kind)kind);
    }
    buf_init(&stream->unsent, API_ANSWER_MAX);
    stream->next = audience->streams;
    if (stream->next) {
        stream->next->link = &stream->next;
    }
    stream->link = &audience->streams;
    audience->streams = stream;
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

/* Behind all that its audience was told. */
static struct event_place now_place(const struct audience *audience) {
    uint64_t told = event_feed_told(audience->events->feed);
    uint64_t position = recent_events_position(audience->recent);
    return (struct event_place){ told > position ? told : position, UINT64_MAX };
}

const char *const api_event_types[] = { "decision", "milestone", "message", "change", NULL };

static bool is_type(struct text type) {
    for (const char *const *each = api_event_types; *each; each++) {
        if (text_is(type, *each)) {
            return true;
        }
    }
    return false;
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
    const struct party *party = told_to(&asker, &sight);
    if (!party) {
        api_problem(req, API_PROBLEM_ROLE);
        return;
    }
    if (type.length && !is_type(type)) {
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
    struct audience *audience = find_audience(events, party->code);
    audience = audience ? audience : add_audience(events, party->code);
    struct event_stream *stream = add_stream(audience, req, &asker);
    stream->place = has_place ? place : now_place(audience);
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
    for (const char *const *question = events_questions; *question; question++) {
        require(view_find(*question));
    }
    struct api_events *events = memory_new(sizeof(*events));
    events->api = api;
    struct event_feed_options options = { .loop = api->options.loop,
                                          .journal = api->options.journal,
                                          .edition = api->edition,
                                          .told = tell,
                                          .context = events };
    events->feed = event_feed_start(&options);
    events->line_last = &events->line;
    events->beat = loop_timer_new(api->options.loop, beat, events);
    events->round = loop_timer_new(api->options.loop, visit, events);
    events->rest = loop_timer_new(api->options.loop, rested, events);
    loop_timer_start(events->beat, BEAT_MS);
    api->events = events;
}

void api_change_events(struct api *api) {
    require(api->events);
    struct api_events *events = api->events;
    listen_for_audiences(events);
    end_those_gone(events);
}

void api_advance_events(struct api *api) {
    require(api->events);
    event_feed_advance(api->events->feed);
}

void api_stop_events(struct api *api) {
    require(api->events);
    struct api_events *events = api->events;
    for (struct audience *audience = events->audiences; audience; audience = audience->next) {
        for (struct event_stream *stream = audience->streams; stream; stream = stream->next) {
            stream->events = NULL; /* its connection is closed after us, and with it the stream */
            stream->is_over = true;
        }
    }
    events->line = NULL; /* nobody asks any more */
    event_feed_stop(events->feed);
    for (struct audience *audience = events->audiences, *next; audience; audience = next) {
        next = audience->next;
        audience_free(audience);
    }
    loop_timer_free(events->beat);
    loop_timer_free(events->round);
    loop_timer_free(events->rest);
    free(events);
    api->events = NULL;
}
