/*
 * event_topics.c - each topic turns in a circle:
 *
 *   behind ─ask the feed─► asking ─answer─► under way ─all acknowledged─► behind, where there is more
 *      ▲                                        │  └──────────────────► level: what comes is sent as it comes
 *      └───────── after a rest ◄─ one failed ───┘
 *
 * What comes while it is not level is not kept: it stands in the journal, and is asked for.
 */
#include "adapters/kafka/event_topics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "deliver/event_feed.h"
#include "deliver/events.h"
#include "adapters/kafka/counters.h"
#include "adapters/kafka/event_positions.h"
#include "adapters/kafka/topic_readers.h"

#define AGAIN_FIRST_MS  1000
#define AGAIN_MAX_MS    30000
#define LOOK_MS         300000 /* between two looks at who may read */
#define LOOK_AGAIN_MS   5000   /* where that could not be told, or somebody may */
#define REMEMBER_MS     500    /* between two writings of the positions */
#define MOVED_MIN       10000  /* records without an event for a topic that are worth a writing */
#define POSITIONS_BYTES (64u << 20)

struct event_topic {
    struct event_topics *events;
    char *name, *party, *principal; /* its own: editions go */
    bool may_tell;                  /* nobody else may read it, as far as the brokers tell */
    bool overheard;                 /* somebody else may */
    bool untold;                    /* it was logged that the cluster does not tell who may read */
    size_t place;                   /* in what is remembered */
    uint64_t position;              /* everything for the party up to here is on the topic */
    uint64_t end;                   /* of the stretch under way */
    size_t under_way, told;         /* messages; how many it was */
    bool asking, behind;            /* the feed was asked; more stands in the journal */
    bool failed;                    /* one of the stretch has */
    bool gone;                      /* the edition has it no more */
    int64_t rest_until_ms;
    int rest_ms;     /* the last one; 0: all is well */
    char words[256]; /* why it rests */
    struct event_topic *next;
};

struct event_topics {
    struct event_topics_options options;
    struct event_feed *feed;
    struct event_topic *topics;
    struct event_positions positions;
    char *path;
    struct loop_timer *again, *remember, *look;
    bool looking;        /* the cluster is asked who may read */
    struct arena *arena; /* for reading one event */
    bool draining, writing;
    bool changed; /* positions, since they were written */
};

static int64_t now_ms(const struct event_topics *events) {
    return loop_now_ms(events->options.loop);
}

static bool is_level(const struct event_topic *topic) {
    return !topic->asking && !topic->under_way && !topic->behind;
}

/* --- one topic ----------------------------------------------------------------------------------------- */

static void serve_soon(struct event_topics *events) {
    if (!events->draining) {
        loop_timer_start(events->again, 0);
    }
}

static void topic_free(struct event_topic *topic) {
    struct event_topic **at = &topic->events->topics;
    while (*at != topic) {
        at = &(*at)->next;
    }
    *at = topic->next;
    room_counter_add(&kafka_counters[KAFKA_COUNT_EVENTS_WAITING], topic->rest_ms ? -1 : 0);
    room_counter_add(&kafka_counters[KAFKA_COUNT_EVENTS_OVERHEARD], topic->overheard ? -1 : 0);
    free(topic->name);
    free(topic->party);
    free(topic->principal);
    free(topic);
}

/* A topic that is gone stays until nothing refers to it. */
static bool free_if_gone(struct event_topic *topic) {
    bool ends = topic->gone && !topic->asking && !topic->under_way;
    if (ends) {
        topic_free(topic);
    }
    return ends;
}

static void rest(struct event_topic *topic, const char *words) {
    const struct event_topics *events = topic->events;
    int first = events->options.again_ms ? events->options.again_ms : AGAIN_FIRST_MS;
    if (topic->rest_ms == 0) {
        room_counter_add(&kafka_counters[KAFKA_COUNT_EVENTS_WAITING], 1);
        log_event(LOG_WARN, EVENT_KAFKA_EVENTS_WAIT, LOG_STRING("topic", topic->name),
                  LOG_STRING("party", topic->party), LOG_STRING("words", words), LOG_END);
    }
    topic->rest_ms = topic->rest_ms ? 2 * topic->rest_ms : first;
    topic->rest_ms = topic->rest_ms < AGAIN_MAX_MS ? topic->rest_ms : AGAIN_MAX_MS;
    topic->rest_until_ms = now_ms(events) + topic->rest_ms;
    topic->behind = true;
}

static void move_to(struct event_topic *topic, uint64_t position, uint64_t least) {
    struct event_position *remembered = &topic->events->positions.list[topic->place];
    topic->position = position;
    if (position > remembered->position && position - remembered->position >= least) {
        remembered->position = position;
        topic->events->changed = true;
    }
}

static void finish_stretch(struct event_topic *topic) {
    if (free_if_gone(topic)) {
        return;
    }
    if (topic->failed) {
        rest(topic, topic->words);
    } else {
        room_counter_add(&kafka_counters[KAFKA_COUNT_EVENTS], (int64_t)topic->told);
        room_counter_add(&kafka_counters[KAFKA_COUNT_EVENTS_WAITING], topic->rest_ms ? -1 : 0);
        topic->rest_ms = 0;
        move_to(topic, topic->end, topic->told ? 1 : MOVED_MIN);
    }
    serve_soon(topic->events);
}

static void release_one(struct event_topic *topic) {
    if (--topic->under_way == 0) {
        finish_stretch(topic);
    }
}

/* What the topic has no room for would keep all behind it waiting. */
static void event_sent(void *context, enum status status, const char *words) {
    struct event_topic *topic = context;
    if (status == STATUS_TOO_LARGE) {
        room_counter_add(&kafka_counters[KAFKA_COUNT_EVENTS_LEFT_OUT], 1);
        log_event(LOG_ERROR, EVENT_KAFKA_EVENT_LEFT_OUT, LOG_STRING("topic", topic->name),
                  LOG_STRING("party", topic->party), LOG_INT("after", (int64_t)topic->position),
                  LOG_STRING("words", words), LOG_END);
    } else if (status != STATUS_OK) {
        topic->failed = true;
        snprintf(topic->words, sizeof(topic->words), "%s", *words ? words : status_name(status));
    }
    release_one(topic);
}

static void send_event(struct event_topic *topic, struct text event) {
    static const char *const attributes[] = { "specversion", "id",   "source",  "type",
                                              "subject",     "time", "sequence" };
    static const char *const names[] = { "ce_specversion", "ce_id",   "ce_source",  "ce_type",
                                         "ce_subject",     "ce_time", "ce_sequence" };
    enum { COUNT = sizeof(names) / sizeof(*names) };
    struct kafka_header headers[COUNT + 1] = { { "content-type", "application/cloudevents+json" } };
    struct event_topics *events = topic->events;
    char why[128];
    arena_reset(events->arena);
    const struct json *json = json_parse(events->arena, event, why, sizeof(why));
    require(json); /* it is our own */
    for (size_t i = 0; i < COUNT; i++) {
        headers[i + 1] = (struct kafka_header){ names[i], json_string_at(json, attributes[i]) };
    }
    const char *subject = json_string_at(json, "subject");
    struct kafka_letter letter = { .topic = topic->name,
                                   .key = subject ? text_of(subject) : (struct text){ NULL, 0 },
                                   .value = event,
                                   .headers = headers,
                                   .headers_count = COUNT + 1 };
    topic->under_way++;
    topic->told++;
    kafka_send(events->options.kafka, &letter, event_sent, topic);
}

/* Reports may come before all is sent: one more holds the stretch open. */
static void send_stretch(struct event_topic *topic, const struct event_stretch *stretch) {
    struct text rest = stretch->events, event;
    topic->end = stretch->position;
    topic->failed = false;
    topic->told = 0;
    topic->under_way = 1;
    while (!topic->failed && events_next(&rest, &event)) {
        send_event(topic, event);
    }
    release_one(topic);
}

/* --- the feed ------------------------------------------------------------------------------------------ */

static void answered(void *context, enum status status, const struct event_stretch *stretch) {
    struct event_topic *topic = context;
    topic->asking = false;
    if (free_if_gone(topic) || status == STATUS_CLOSED || topic->events->draining) {
        return;
    }
    if (status == STATUS_OK) {
        topic->behind |= stretch->more;
        send_stretch(topic, stretch);
    } else if (status == STATUS_NOT_FOUND && topic->position > 0) { /* the journal ends before it */
        log_event(LOG_ERROR, EVENT_KAFKA_EVENTS_POSITION_UNKNOWN, LOG_STRING("topic", topic->name),
                  LOG_STRING("party", topic->party), LOG_INT("position", (int64_t)topic->position), LOG_END);
        topic->position = topic->events->positions.list[topic->place].position = 0;
        rest(topic, status_sentence(status, LANGUAGE_EN));
        serve_soon(topic->events);
    } else {
        rest(topic, status_sentence(status, LANGUAGE_EN));
        serve_soon(topic->events);
    }
}

static struct event_topic *topic_of(const struct event_topics *events, const char *party) {
    struct event_topic *topic = events->topics;
    while (topic && (topic->gone || strcmp(topic->party, party) != 0)) {
        topic = topic->next;
    }
    return topic;
}

/* Who is not level asks for it: behind the stretch under way, which may be before this one. */
static void told(void *context, const char *party, const struct event_stretch *stretch) {
    struct event_topics *events = context;
    struct event_topic *topic = topic_of(events, party);
    if (!topic || events->draining) {
        return;
    }
    if (!topic->may_tell || !is_level(topic) || topic->position < stretch->after) {
        topic->behind = true;
        serve_soon(events);
    } else if (stretch->position > topic->position) {
        send_stretch(topic, stretch);
    }
}

static void ask(struct event_topic *topic) {
    topic->behind = false;
    topic->asking = true;
    if (event_feed_ask(topic->events->feed, topic->party, topic->position, answered, topic) != STATUS_OK) {
        topic->asking = false; /* others have asked for as much as there may be: after them */
        topic->behind = true;
        topic->rest_until_ms = now_ms(topic->events) + REMEMBER_MS;
    }
}

static void serve(void *context) {
    struct event_topics *events = context;
    int64_t now = now_ms(events), next = INT64_MAX;
    for (struct event_topic *topic = events->topics; topic; topic = topic->next) {
        bool waits = topic->behind && topic->may_tell && !topic->asking && !topic->under_way && !topic->gone;
        if (waits && topic->rest_until_ms <= now) {
            ask(topic);
        }
        if (topic->behind && waits && topic->rest_until_ms < next) {
            next = topic->rest_until_ms;
        }
    }
    if (next != INT64_MAX && !events->draining) {
        loop_timer_start(events->again, next > now ? (int)(next - now) : 0);
    }
}

/* --- who may read -------------------------------------------------------------------------------------- */

static void note_overheard(struct event_topic *topic, bool overheard, const char *words) {
    if (overheard != topic->overheard) {
        room_counter_add(&kafka_counters[KAFKA_COUNT_EVENTS_OVERHEARD], overheard ? 1 : -1);
        topic->overheard = overheard;
        if (overheard) {
            log_event(LOG_ERROR, EVENT_KAFKA_EVENTS_OVERHEARD, LOG_STRING("topic", topic->name),
                      LOG_STRING("party", topic->party), LOG_STRING("reader", words), LOG_END);
        }
    }
    if (overheard) {
        snprintf(topic->words, sizeof(topic->words), "others may read: %.200s", words);
    }
}

/* What was known of it counts while the brokers cannot be asked; what is sent then waits anyway. True: it is
 * to be asked for again soon. */
static bool take_survey(struct event_topic *topic, const struct survey *survey) {
    bool told = survey->status == STATUS_OK;
    if (told) {
        note_overheard(topic, survey->holders == HOLDERS_OTHERS, survey->words);
        topic->may_tell = survey->holders != HOLDERS_OTHERS;
    } else if (survey->status != STATUS_UNAVAILABLE) { /* no such topic, or not for us */
        topic->may_tell = false;
    }
    if (told && survey->holders == HOLDERS_UNTOLD && !topic->untold) {
        topic->untold = true;
        log_event(LOG_WARN, EVENT_KAFKA_READERS_NOT_TOLD, LOG_STRING("topic", topic->name),
                  LOG_STRING("words", survey->words), LOG_END);
    }
    if (!topic->may_tell) {
        rest(topic, told ? topic->words : survey->words);
    } else if (topic->rest_ms) {
        topic->rest_until_ms = 0; /* what kept it back may be over */
    }
    return !topic->may_tell;
}

static void look_soon(struct event_topics *events, int ms) {
    if (!events->draining && events->topics) {
        loop_timer_start(events->look, ms);
    }
}

static void looked(void *context, const struct topic_readers *readers, bool ran) {
    struct event_topics *events = context;
    bool again = false;
    events->looking = false;
    if (!ran || events->draining) {
        return;
    }
    for (struct event_topic *topic = events->topics; topic; topic = topic->next) {
        const struct survey *found = NULL;
        for (size_t i = 0; i < readers->count; i++) {
            const struct survey *survey = &readers->surveys[i];
            bool same =
                strcmp(survey->topic, topic->name) == 0 && strcmp(survey->principal, topic->principal) == 0;
            found = same ? survey : found;
        }
        again |= !topic->gone && (!found || take_survey(topic, found)); /* one came meanwhile */
    }
    int usual_ms = events->options.look_ms ? events->options.look_ms : LOOK_MS;
    look_soon(events, again && usual_ms > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : usual_ms);
    serve_soon(events);
}

static void look_at_readers(void *context) {
    struct event_topics *events = context;
    size_t count = 0;
    if (events->looking || events->draining) {
        return;
    }
    for (const struct event_topic *topic = events->topics; topic; topic = topic->next) {
        count += !topic->gone;
    }
    struct arena *arena = arena_new();
    struct topic_readers readers = { .arena = arena,
                                     .surveys = arena_alloc(arena, (count + 1) * sizeof(*readers.surveys)),
                                     .brokers = events->options.brokers,
                                     .properties = events->options.properties,
                                     .errands = events->options.errands,
                                     .done = looked,
                                     .context = events };
    for (const struct event_topic *topic = events->topics; topic; topic = topic->next) {
        if (!topic->gone) {
            readers.surveys[readers.count++] =
                (struct survey){ .topic = arena_string(arena, topic->name),
                                 .principal = arena_string(arena, topic->principal),
                                 .right = SURVEY_READ };
        }
    }
    events->looking = topic_readers_ask(&readers);
    if (!events->looking) {
        look_soon(events, LOOK_AGAIN_MS);
    }
}

/* --- what is remembered -------------------------------------------------------------------------------- */

struct writing {
    struct errand errand;
    struct event_topics *events;
    struct buf text;
    enum status status;
};

static void run_writing(struct errand *errand) {
    struct writing *writing = (struct writing *)errand;
    writing->status = file_replace(writing->events->path, buf_text(&writing->text));
}

static void tell_unwritten(enum status status) {
    log_event_bounded(LOG_WARN, EVENT_KAFKA_EVENTS_NOT_REMEMBERED, LOG_STRING("status", status_name(status)),
                      LOG_END);
}

static void writing_done(struct errand *errand, bool ran) {
    struct writing *writing = (struct writing *)errand;
    writing->events->writing = false;
    if (ran && writing->status != STATUS_OK) {
        writing->events->changed = true;
        tell_unwritten(writing->status);
    }
    buf_release(&writing->text);
    free(writing);
}

static void print_positions(const struct event_topics *events, struct buf *out) {
    buf_init(out, POSITIONS_BYTES);
    event_positions_print(&events->positions, journal_name(events->options.journal), out);
}

/* A topic that nothing comes for is level all the same: it need not read the journal from where its last
 * event was. */
static void follow_quiet(struct event_topics *events, uint64_t least) {
    uint64_t up_to = event_feed_told(events->feed);
    for (struct event_topic *topic = events->topics; topic; topic = topic->next) {
        if (is_level(topic) && !topic->gone && topic->rest_ms == 0 && up_to > topic->position) {
            move_to(topic, up_to, least);
        }
    }
}

static void remember(void *context) {
    struct event_topics *events = context;
    follow_quiet(events, MOVED_MIN);
    if (events->changed && !events->writing) {
        struct writing *writing = memory_new(sizeof(*writing));
        *writing =
            (struct writing){ .errand = { .run = run_writing, .done = writing_done }, .events = events };
        print_positions(events, &writing->text);
        events->changed = false;
        events->writing = true;
        errands_hand(events->options.errands, &writing->errand);
    }
    if (events->topics) {
        loop_timer_start(events->remember, REMEMBER_MS);
    }
}

static void recall(struct event_topics *events) {
    struct arena *arena = arena_new();
    struct buf text;
    events->path = memory_string(file_join(arena, events->options.directory, "kafka.events"));
    buf_init(&text, POSITIONS_BYTES);
    enum status status = file_read(events->path, &text);
    if (status != STATUS_NOT_FOUND
        && (status != STATUS_OK
            || !event_positions_read(&events->positions, journal_name(events->options.journal),
                                     buf_text(&text)))) {
        log_event(LOG_WARN, EVENT_KAFKA_EVENTS_UNREADABLE, LOG_STRING("status", status_name(status)),
                  LOG_END);
    }
    buf_release(&text);
    arena_free(arena);
}

/* --- start, another edition, stop ---------------------------------------------------------------------- */

static const char *topic_in(const struct party *party) {
    return party->blocked ? "" : stanza_text(party_stanza(party, "kafka"), "events");
}

static const char *principal_in(const struct party *party) {
    return stanza_text(party_stanza(party, "kafka"), "principal");
}

static void add_topic(struct event_topics *events, const struct party *of) {
    const char *name = topic_in(of), *party = of->code;
    struct event_topic *topic = memory_new(sizeof(*topic));
    size_t place = event_positions_place(&events->positions, name, party);
    *topic = (struct event_topic){ .events = events,
                                   .name = memory_string(name),
                                   .party = memory_string(party),
                                   .principal = memory_string(principal_in(of)),
                                   .place = place,
                                   .position = events->positions.list[place].position,
                                   .behind = true,
                                   .next = events->topics };
    events->topics = topic;
}

static void drop_others(struct event_topics *events, const struct parties *parties) {
    for (struct event_topic *topic = events->topics, *next; topic; topic = next) {
        next = topic->next;
        const struct party *party = parties_find(parties, text_of(topic->party));
        if (!party || strcmp(topic_in(party), topic->name) != 0
            || strcmp(principal_in(party), topic->principal) != 0) {
            topic->gone = true;
            free_if_gone(topic);
        }
    }
}

static void take_edition(struct event_topics *events) {
    const struct parties *parties = events->options.edition->parties;
    const char **listening = memory_array(parties->count + 1, sizeof(*listening));
    size_t count = 0;
    drop_others(events, parties);
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        const char *name = topic_in(party);
        if (*name) {
            listening[count++] = party->code;
            if (!topic_of(events, party->code)) {
                add_topic(events, party);
            }
        }
    }
    event_feed_listen(events->feed, events->options.edition, listening, count);
    free(listening);
    if (count > 0) {
        loop_timer_start(events->remember, REMEMBER_MS);
        look_soon(events, 0);
    }
    serve_soon(events);
}

struct event_topics *event_topics_start(const struct event_topics_options *options) {
    require(options->loop && options->journal && options->kafka && options->errands);
    struct event_topics *events = memory_new(sizeof(*events));
    events->options = *options;
    edition_take(options->edition);
    events->arena = arena_new();
    events->again = loop_timer_new(options->loop, serve, events);
    events->remember = loop_timer_new(options->loop, remember, events);
    events->look = loop_timer_new(options->loop, look_at_readers, events);
    struct event_feed_options feed = { .loop = options->loop,
                                       .journal = options->journal,
                                       .edition = options->edition,
                                       .told = told,
                                       .context = events };
    events->feed = event_feed_start(&feed);
    recall(events);
    take_edition(events);
    return events;
}

void event_topics_reload(struct event_topics *events, const struct edition *edition) {
    const struct edition *before = events->options.edition;
    events->options.edition = edition_take(edition);
    take_edition(events);
    edition_release(before);
}

void event_topics_renew(struct event_topics *events, const struct kafka_properties *properties) {
    events->options.properties = properties;
    look_soon(events, 0);
}

void event_topics_advance(struct event_topics *events) {
    event_feed_advance(events->feed);
}

void event_topics_diagnose(const struct event_topics *events, struct diagnosis *out) {
    for (const struct event_topic *topic = events ? events->topics : NULL; topic; topic = topic->next) {
        bool good = !topic->rest_ms && !topic->overheard;
        if (topic->gone) {
            continue;
        }
        struct diagnosis_row *row =
            diagnosis_add(out, CHECK_EVENTS, topic->name, good ? DIAGNOSIS_OK : DIAGNOSIS_FAILED);
        row->figure = (int64_t)topic->position;
        row->unit = "record";
        if (good) {
            diagnosis_say(out, row, "%s：告知到记录 %lld", "%s: told up to record %lld", topic->party,
                          (long long)topic->position);
        } else {
            diagnosis_say(out, row, topic->overheard ? "%s：其他主体也可读取，未告知 %s" : "%s：未能告知 %s",
                          topic->overheard ? "%s: others may read it, so nothing is told %s"
                                           : "%s: events cannot be told: %s",
                          topic->party, topic->words);
            diagnosis_advise(row, "检查该主题及其访问权限；恢复后自上次之处继续",
                             "look at the topic and at who may read it; it goes on where it was");
        }
    }
}

void event_topics_health(const struct event_topics *events, struct json_out *out) {
    json_open_array(out, "topics_not_told");
    for (const struct event_topic *topic = events->topics; topic; topic = topic->next) {
        if (topic->rest_ms && !topic->gone) {
            json_open_object(out, NULL);
            json_put_string(out, "topic", topic->name);
            json_put_string(out, "party", topic->party);
            json_put_string(out, "words", topic->words);
            json_close_object(out);
        }
    }
    json_close_array(out);
}

void event_topics_drain(struct event_topics *events) {
    require(events->again && events->look);
    events->draining = true;
    loop_timer_stop(events->again);
    loop_timer_stop(events->look);
}

void event_topics_stop(struct event_topics *events) {
    if (!events) {
        return;
    }
    event_topics_drain(events);
    follow_quiet(events, 1);
    event_feed_stop(events->feed); /* answers who asked */
    if (events->topics) {
        struct buf text;
        print_positions(events, &text);
        enum status status = file_replace(events->path, buf_text(&text));
        if (status != STATUS_OK) {
            tell_unwritten(status);
        }
        buf_release(&text);
    }
    while (events->topics) {
        topic_free(events->topics);
    }
    event_positions_release(&events->positions);
    loop_timer_free(events->again);
    loop_timer_free(events->remember);
    loop_timer_free(events->look);
    arena_free(events->arena);
    edition_release(events->options.edition);
    free(events->path);
    free(events);
}
