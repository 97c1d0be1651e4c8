/*
 * event_feed.c - one thread reads decisions behind a position and finds out whom each tells what:
 *
 *   advance → bunch (what is new, for all parties listened for) → the loop takes it → told() → the next bunch
 *   question → a stretch of the journal, for one party           → the loop takes it → answered()
 *
 * It turns from the one to the other, so that neither who asks for much nor much that comes holds up the
 * other.
 */
#include "deliver/event_feed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/thread.h"
#include "message/metadata.h"
#include "journal/reader.h"
#include "deliver/events.h"

#define BODY_MAX      ((size_t)64 << 20) /* a decision's moves bound what it tells: some MiB */
#define ANSWER_MAX    ((size_t)192 << 10)
#define READ_MAX      ((size_t)64 << 20)
#define BUNCH_BYTES   ((size_t)256 << 10)
#define BUNCH_RECORDS 512
#define TOLD_MAX      (EVENTS_SENDERS_MAX + DECISION_DESTINATIONS_MAX + DECISION_MOVES_MAX)

/* A party that is listened for. */
struct listener {
    const struct party *party;
    uint64_t last; /* its last event, or where listening began */
};

/* Something new for one party, on its way to the loop. */
struct news {
    struct news *next;
    char *party;
    struct event_stretch stretch;
    struct buf body;
};

struct question {
    struct question *next;
    char *party;
    enum status status;
    struct event_stretch stretch;
    struct buf body;
    void (*answered)(void *context, enum status status, const struct event_stretch *stretch);
    void *context;
};

struct question_list {
    struct question *first, **last;
};

struct event_feed {
    struct event_feed_options options;
    pthread_t thread;

    /* The thread's own. */
    struct reader *reader;
    uint64_t next; /* record that the reader gives next; 0: it stands nowhere */
    struct arena *arena;
    const char *parties[TOLD_MAX];
    uint64_t records[EVENTS_SENDERS_MAX];
    struct event_sender senders[EVENTS_SENDERS_MAX];

    pthread_mutex_t listening; /* for what follows; the thread holds it while it makes a bunch */
    const struct edition *edition;
    struct listener *listeners; /* by their party's code */
    size_t count;
    uint64_t position; /* everything up to here is told, or in the bunch */

    pthread_mutex_t mutex; /* for what follows; held for moments only */
    pthread_cond_t woken;
    bool advanced, stopping, posted;
    struct news *news; /* a bunch; the next is made when it is taken */
    uint64_t bunch_end, told;
    struct question_list asked, answered;
    size_t questions; /* asked, and not yet answered on the loop */
};

/* --- lists ------------------------------------------------------------------------------------------- */

static void list_init(struct question_list *list) {
    *list = (struct question_list){ NULL, &list->first };
}

static void list_add(struct question_list *list, struct question *question) {
    question->next = NULL;
    *list->last = question;
    list->last = &question->next;
}

static struct question *list_take(struct question_list *list) {
    struct question *question = list->first;
    if (question) {
        list->first = question->next;
        list->last = list->first ? list->last : &list->first;
    }
    return question;
}

static void question_free(struct question *question) {
    buf_release(&question->body);
    free(question->party);
    free(question);
}

static void news_free(struct news *news) {
    while (news) {
        struct news *next = news->next;
        buf_release(&news->body);
        free(news->party);
        free(news);
        news = next;
    }
}

/* --- a decision and whom it tells --------------------------------------------------------------------- */

/* A record that cannot be read was sent by nobody who is told. */
static struct event_sender read_sender(struct event_feed *feed, uint64_t number) {
    struct record rec;
    struct metadata metadata;
    bool found = reader_pick(feed->reader, number, &rec) == STATUS_OK && rec.kind == RECORD_MESSAGE
                 && metadata_read(rec.meta, feed->arena, &metadata);
    return found ? (struct event_sender){ number, arena_string(feed->arena, metadata.env.party),
                                          arena_string(feed->arena, metadata.family) }
                 : (struct event_sender){ number, "", "" };
}

/* False: it is no decision. */
static bool read_origin(struct event_feed *feed, const struct record *rec, struct decision *decision,
                        struct event_origin *origin) {
    if (rec->kind != RECORD_DECISION || !decision_read(rec->meta, feed->arena, decision)) {
        return false;
    }
    size_t count = events_records(decision, feed->records, EVENTS_SENDERS_MAX);
    for (size_t i = 0; i < count; i++) {
        feed->senders[i] = read_sender(feed, feed->records[i]);
    }
    *origin = (struct event_origin){ .number = rec->number,
                                     .recorded = rec->stamp,
                                     .decision = decision,
                                     .journal = journal_name(feed->options.journal),
                                     .senders = feed->senders,
                                     .senders_count = count };
    return true;
}

/* Record `number`. DAMAGED: it cannot be read, and hides nothing behind it. */
static enum status read_record(struct event_feed *feed, uint64_t number, struct record *rec) {
    enum status status = feed->next == number ? STATUS_OK : reader_seek(feed->reader, number);
    if (status == STATUS_OK) {
        status = reader_next(feed->reader, rec);
    }
    feed->next = status == STATUS_OK ? number + 1 : 0;
    return status;
}

/* --- what is asked for -------------------------------------------------------------------------------- */

static void read_stretch(struct event_feed *feed, struct question *question, const struct edition *edition,
                         const struct party *party, uint64_t mark, struct json_out *out) {
    struct event_stretch *stretch = &question->stretch;
    size_t read = 0;
    while (stretch->position < mark && question->body.length < ANSWER_MAX && read < READ_MAX) {
        struct record rec;
        struct decision decision;
        struct event_origin origin;
        arena_reset(feed->arena);
        enum status status = read_record(feed, stretch->position + 1, &rec);
        if (status != STATUS_OK && status != STATUS_DAMAGED) {
            question->status = status;
            return;
        }
        stretch->position++;
        if (status == STATUS_OK) {
            read += record_size(&rec);
            stretch->count +=
                read_origin(feed, &rec, &decision, &origin) ? events_write(&origin, edition, party, out) : 0;
        }
    }
    stretch->more = stretch->position < mark;
}

/* NULL: it is no party of this edition. */
static const struct party *party_called(const struct edition *edition, const char *code) {
    return *code ? parties_find(edition->parties, text_of(code)) : &events_everybody;
}

static void answer(struct event_feed *feed, struct question *question, const struct edition *edition) {
    struct event_stretch *stretch = &question->stretch;
    const struct party *party = party_called(edition, question->party);
    uint64_t mark = journal_durable(feed->options.journal);
    struct json_out out;
    stretch->after = stretch->after == EVENT_FEED_NOW ? mark : stretch->after;
    stretch->position = stretch->after;
    buf_init(&question->body, BODY_MAX);
    json_start(&out, &question->body);
    json_open_array(&out, NULL);
    if (!party || party->blocked || stretch->after > mark) {
        question->status = STATUS_NOT_FOUND;
    } else if (stretch->after < mark) {
        read_stretch(feed, question, edition, party, mark, &out);
    }
    json_close_array(&out);
    if (question->status == STATUS_OK && buf_failed(&question->body)) {
        question->status = STATUS_TOO_LARGE;
    }
    stretch->events = buf_text(&question->body);
}

/* --- what comes --------------------------------------------------------------------------------------- */

static int compare_listener(const void *code, const void *listener) {
    return strcmp(code, ((const struct listener *)listener)->party->code);
}

static struct listener *find_listener(struct event_feed *feed, const char *code) {
    return feed->count
               ? bsearch(code, feed->listeners, feed->count, sizeof(*feed->listeners), compare_listener)
               : NULL;
}

static size_t tell(struct event_feed *feed, const struct event_origin *origin, struct listener *listener,
                   struct news ***last) {
    struct news *news = memory_new(sizeof(*news));
    struct json_out out;
    buf_init(&news->body, BODY_MAX);
    json_start(&out, &news->body);
    json_open_array(&out, NULL);
    news->stretch.count = events_write(origin, feed->edition, listener->party, &out);
    json_close_array(&out);
    if (!news->stretch.count || buf_failed(&news->body)) { /* too large for us: the next will show a gap */
        listener->last = news->stretch.count ? origin->number : listener->last;
        news_free(news);
        return 0;
    }
    news->party = memory_string(listener->party->code);
    news->stretch.after = listener->last;
    news->stretch.position = listener->last = origin->number;
    news->stretch.events = buf_text(&news->body);
    **last = news;
    *last = &news->next;
    return news->body.length;
}

static size_t tell_all(struct event_feed *feed, const struct event_origin *origin, struct news ***last) {
    size_t count = events_parties(origin, feed->parties, TOLD_MAX), bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct listener *listener = find_listener(feed, feed->parties[i]);
        if (listener && listener->last < origin->number && !party_has_role(listener->party, "office")) {
            bytes += tell(feed, origin, listener, last);
        }
    }
    for (size_t i = 0; i < feed->count; i++) {
        if (party_has_role(feed->listeners[i].party, "office")) {
            bytes += tell(feed, origin, &feed->listeners[i], last);
        }
    }
    return bytes;
}

/* A bunch of what is new; NULL: nothing is. Nobody listens: nothing is read. */
static struct news *follow(struct event_feed *feed) {
    uint64_t mark = journal_durable(feed->options.journal);
    struct news *news = NULL, **last = &news;
    size_t bytes = 0, records = 0;
    feed->position = feed->count ? feed->position : mark;
    while (feed->position < mark && bytes < BUNCH_BYTES && records++ < BUNCH_RECORDS) {
        struct record rec;
        struct decision decision;
        struct event_origin origin;
        arena_reset(feed->arena);
        enum status status = read_record(feed, feed->position + 1, &rec);
        if (status != STATUS_OK && status != STATUS_DAMAGED) {
            break; /* again when there is more */
        }
        if (status == STATUS_OK && read_origin(feed, &rec, &decision, &origin)) {
            bytes += tell_all(feed, &origin, &last);
        }
        feed->position++;
    }
    return news;
}

/* --- the thread --------------------------------------------------------------------------------------- */

static void hand_over(void *context);

/* Under the mutex. */
static void post(struct event_feed *feed) {
    if (!feed->posted) {
        feed->posted = true;
        loop_post(feed->options.loop, hand_over, feed);
    }
}

static void answer_next(struct event_feed *feed) {
    pthread_mutex_lock(&feed->mutex);
    struct question *question = list_take(&feed->asked);
    pthread_mutex_unlock(&feed->mutex);
    if (question) {
        pthread_mutex_lock(&feed->listening);
        const struct edition *edition = feed->edition;
        edition_take(edition);
        pthread_mutex_unlock(&feed->listening);
        answer(feed, question, edition);
        edition_release(edition);
        pthread_mutex_lock(&feed->mutex);
        list_add(&feed->answered, question);
        post(feed);
        pthread_mutex_unlock(&feed->mutex);
    }
}

static void tell_next(struct event_feed *feed) {
    pthread_mutex_lock(&feed->listening);
    struct news *news = follow(feed);
    uint64_t position = feed->position;
    pthread_mutex_unlock(&feed->listening);
    pthread_mutex_lock(&feed->mutex);
    feed->news = news;
    feed->bunch_end = position;
    feed->told = news ? feed->told : position;
    feed->advanced = feed->advanced || position < journal_durable(feed->options.journal);
    if (news) {
        post(feed);
    }
    pthread_mutex_unlock(&feed->mutex);
}

/* False: it ends. *tells: a bunch is to be made. */
static bool wait_for_work(struct event_feed *feed, bool *tells) {
    pthread_mutex_lock(&feed->mutex);
    while (!feed->stopping && !feed->asked.first && !(feed->advanced && !feed->news)) {
        pthread_cond_wait(&feed->woken, &feed->mutex);
    }
    *tells = feed->advanced && !feed->news;
    feed->advanced = feed->advanced && !*tells;
    bool goes_on = !feed->stopping;
    pthread_mutex_unlock(&feed->mutex);
    return goes_on;
}

static void *run(void *context) {
    struct event_feed *feed = context;
    for (bool tells; wait_for_work(feed, &tells);) {
        if (tells) {
            tell_next(feed);
        }
        answer_next(feed);
    }
    return NULL;
}

/* --- on the loop -------------------------------------------------------------------------------------- */

static void finish(struct event_feed *feed, struct question *question) {
    feed->questions--;
    question->answered(question->context, question->status, &question->stretch);
    question_free(question);
}

static void hand_over(void *context) {
    struct event_feed *feed = context;
    struct question_list answered;
    list_init(&answered);
    pthread_mutex_lock(&feed->mutex);
    struct news *news = feed->news;
    feed->news = NULL;
    feed->told = news ? feed->bunch_end : feed->told;
    for (struct question *question; (question = list_take(&feed->answered));) {
        list_add(&answered, question);
    }
    feed->posted = false;
    pthread_cond_signal(&feed->woken);
    pthread_mutex_unlock(&feed->mutex);
    for (const struct news *at = news; at; at = at->next) {
        feed->options.told(feed->options.context, at->party, &at->stretch);
    }
    news_free(news);
    for (struct question *question; (question = list_take(&answered));) {
        finish(feed, question);
    }
}

struct event_feed *event_feed_start(const struct event_feed_options *options) {
    struct event_feed *feed = memory_new(sizeof(*feed));
    feed->options = *options;
    feed->edition = options->edition;
    edition_take(feed->edition);
    feed->reader = reader_new(options->journal);
    feed->arena = arena_new();
    feed->position = feed->told = journal_durable(options->journal);
    list_init(&feed->asked);
    list_init(&feed->answered);
    pthread_mutex_init(&feed->listening, NULL);
    pthread_mutex_init(&feed->mutex, NULL);
    pthread_cond_init(&feed->woken, NULL);
    thread_start(&feed->thread, "events", run, feed);
    return feed;
}

static int by_code(const void *left, const void *right) {
    return strcmp(((const struct listener *)left)->party->code,
                  ((const struct listener *)right)->party->code);
}

uint64_t event_feed_listen(struct event_feed *feed, const struct edition *edition, const char *const *parties,
                           size_t count) {
    struct listener *listeners = memory_array(count + 1, sizeof(*listeners));
    edition_take(edition);
    pthread_mutex_lock(&feed->listening);
    uint64_t from = feed->position;
    for (size_t i = 0; i < count; i++) {
        const struct listener *old = find_listener(feed, parties[i]);
        listeners[i] =
            (struct listener){ .party = party_called(edition, parties[i]), .last = old ? old->last : from };
        require(listeners[i].party);
    }
    qsort(listeners, count, sizeof(*listeners), by_code);
    edition_release(feed->edition);
    free(feed->listeners);
    feed->edition = edition;
    feed->listeners = listeners;
    feed->count = count;
    pthread_mutex_unlock(&feed->listening);
    return from;
}

void event_feed_advance(struct event_feed *feed) {
    pthread_mutex_lock(&feed->mutex);
    feed->advanced = true;
    pthread_cond_signal(&feed->woken);
    pthread_mutex_unlock(&feed->mutex);
}

uint64_t event_feed_told(struct event_feed *feed) {
    pthread_mutex_lock(&feed->mutex);
    uint64_t told = feed->told;
    pthread_mutex_unlock(&feed->mutex);
    return told;
}

enum status event_feed_ask(struct event_feed *feed, const char *party, uint64_t after,
                           void (*answered)(void *context, enum status status,
                                            const struct event_stretch *stretch),
                           void *context) {
    if (feed->questions == EVENT_FEED_QUESTIONS_MAX) {
        return STATUS_BUSY;
    }
    struct question *question = memory_new(sizeof(*question));
    *question = (struct question){ .party = memory_string(party), .answered = answered, .context = context };
    question->stretch.after = after;
    feed->questions++;
    pthread_mutex_lock(&feed->mutex);
    list_add(&feed->asked, question);
    pthread_cond_signal(&feed->woken);
    pthread_mutex_unlock(&feed->mutex);
    return STATUS_OK;
}

void event_feed_stop(struct event_feed *feed) {
    if (!feed) {
        return;
    }
    pthread_mutex_lock(&feed->mutex);
    feed->stopping = true;
    pthread_cond_signal(&feed->woken);
    pthread_mutex_unlock(&feed->mutex);
    pthread_join(feed->thread, NULL);
    for (struct question *question; (question = list_take(&feed->answered));) {
        finish(feed, question);
    }
    for (struct question *question; (question = list_take(&feed->asked));) {
        question->status = STATUS_CLOSED;
        finish(feed, question);
    }
    news_free(feed->news);
    reader_free(feed->reader);
    arena_free(feed->arena);
    edition_release(feed->edition);
    pthread_cond_destroy(&feed->woken);
    pthread_mutex_destroy(&feed->mutex);
    pthread_mutex_destroy(&feed->listening);
    free(feed->listeners);
    free(feed);
}
