/*
 * submissions.c - one consumer for all topics, each partition with a queue of its own, so that a topic that
 * rests keeps back no other. It joins no group: the partitions are assigned, the group only keeps offsets.
 * Everything is done in serve(), which events and one timer ask for.
 */
#include "adapters/kafka/submissions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "adapters/kafka/counters.h"
#include "adapters/kafka/teardown.h"
#include "adapters/kafka/topic.h"

#define TURN_EVENTS_MAX 64
#define SURVEY_MS       60000
#define SAME_ERROR_MS   60000
#define RENEWAL_MS      5000 /* what is in hand is waited for */
#define RENEWAL_LOOK_MS 50
#define FETCH_BYTES     ((size_t)128 << 20) /* that librdkafka may hold for all topics together */
#define FETCH_KB_MIN    64u
#define FETCH_KB_MAX    4096u
#define POSITIONS_BYTES (64u << 20)

/* --- messages that stray ------------------------------------------------------------------------------ */

static struct topic *topic_named(struct submissions *submissions, const char *name) {
    for (size_t i = 0; i < submissions->count; i++) {
        if (strcmp(submissions->topics[i]->name, name) == 0) {
            return submissions->topics[i];
        }
    }
    return NULL;
}

/* Before any partition's own queue is read: what stands here came earlier. Where something does, the
 * queue does not stand alone yet. */
static void take_strays(struct submissions *submissions) {
    for (rd_kafka_message_t *message; (message = rd_kafka_consume_queue(submissions->strays, 0));) {
        struct topic *topic =
            message->rkt ? topic_named(submissions, rd_kafka_topic_name(message->rkt)) : NULL;
        struct partition *partition = topic && message->partition >= 0 && message->partition < topic->count
                                          ? topic->partitions[message->partition]
                                          : NULL;
        if (message->err && topic) {
            topic_take_error(topic, message);
        }
        if (!message->err && partition && partition->queue) {
            rd_kafka_queue_forward(partition->queue, NULL);
            partition_stray(partition, message);
        } else {
            rd_kafka_message_destroy(message);
        }
    }
}

/* --- events ------------------------------------------------------------------------------------------- */

/* What is read goes on by itself when they are back; that they are, a survey tells. */
static void note_down(struct submissions *submissions, int64_t now) {
    submissions->down = submissions->down ? submissions->down : stamp_now();
    for (size_t i = 0; i < submissions->count; i++) {
        submissions->topics[i]->ask_ms = now;
    }
    submissions_serve_soon(submissions);
}

static void take_consumer_error(struct submissions *submissions, rd_kafka_event_t *event) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    int64_t now = submissions_now_ms(submissions);
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !submissions->down) {
        note_down(submissions, now);
    }
    bool is_new = error != submissions->error && error != RD_KAFKA_RESP_ERR__TRANSPORT;
    if (is_new || now - submissions->error_ms > SAME_ERROR_MS) {
        const char *reason = rd_kafka_event_error_string(event);
        bool may_tell = handle_may_tell(submissions->options.properties, reason);
        log_event(LOG_WARN, EVENT_KAFKA_CONSUMER_ERROR, LOG_STRING("code", rd_kafka_err2name(error)),
                  LOG_STRING("reason", may_tell ? reason : ""), LOG_END);
        submissions->error = error;
        submissions->error_ms = now;
    }
}

/* False: there may be more. */
static bool take_events(struct submissions *submissions) {
    for (int taken = 0; taken < TURN_EVENTS_MAX; taken++) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(submissions->queue, 0);
        if (!event) {
            return true;
        }
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
            commits_take(submissions, event);
        } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
            take_consumer_error(submissions, event);
        }
        rd_kafka_event_destroy(event);
    }
    return false;
}

/* --- a turn ------------------------------------------------------------------------------------------- */

/* Of this name another may be on its way out: what it has in hand is done first. */
static bool is_first_of_name(struct topic *topic) {
    return topic_named(topic->submissions, topic->name) == topic;
}

static bool serve_topic(struct topic *topic, int64_t now) {
    if (topic->leaving) {
        return true;
    }
    bool renews = topic->submissions->renewal != RENEWAL_NONE;
    if (!renews && !topic->surveyed && now >= topic->ask_ms && is_first_of_name(topic)) {
        topic_look_at(topic);
    }
    if (now < topic->rest_ms) {
        return true;
    }
    topic_try_again(topic);
    return renews || topic->state != TOPIC_READING || topic->rest_ms > now || topic_read(topic);
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void topic_free(struct topic *topic) {
    topic_count_trouble(topic, -1);
    for (int32_t i = 0; i < topic->count; i++) {
        partition_free(topic->partitions[i]);
    }
    free(topic->partitions);
    free(topic->name);
    free(topic->receipts);
    free(topic->principal);
    free(topic->code);
    free(topic);
}

/* Intake, the producer or a survey still refers to it. What has its answer and waits to send it, or to be
 * submitted, is read again should the topic come back: its offset is not committed. */
static bool is_referred_to(const struct topic *topic) {
    bool is = topic->surveyed;
    for (int32_t i = 0; i < topic->count && !is; i++) {
        for (const struct taken_record *taken = topic->partitions[i]->first; taken && !is;
             taken = taken->next) {
            is = taken->state == TAKEN_SUBMITTED || taken->state == TAKEN_ANSWERING;
        }
    }
    return is;
}

static void let_go(struct submissions *submissions) {
    size_t kept = 0;
    for (size_t i = 0; i < submissions->count; i++) {
        struct topic *topic = submissions->topics[i];
        if (topic->leaving && !is_referred_to(topic)) {
            topic_free(topic);
        } else {
            submissions->topics[kept++] = topic;
        }
    }
    submissions->count = kept;
}

static void go_on_renewing(struct submissions *submissions, int64_t now);

static void serve(struct submissions *submissions) {
    int64_t now = submissions_now_ms(submissions), next = now + SURVEY_MS;
    bool all = take_events(submissions);
    take_strays(submissions);
    let_go(submissions);
    if (submissions->renewal != RENEWAL_NONE) {
        go_on_renewing(submissions, now);
        next = submissions->renewal != RENEWAL_NONE ? now + RENEWAL_LOOK_MS : next;
    }
    for (size_t i = 0; i < submissions->count; i++) {
        struct topic *topic = submissions->topics[i];
        all &= serve_topic(topic, now);
        next = topic->surveyed || topic->leaving || !is_first_of_name(topic) ? next
                                                                             : earlier(next, topic->ask_ms);
        next = topic->rest_ms > now ? earlier(next, topic->rest_ms) : next;
    }
    if (!submissions->writing && !submissions->committing) {
        if (now >= submissions->commit_ms) {
            commits_begin(submissions);
        }
        next = submissions->commit_ms > now ? earlier(next, submissions->commit_ms) : next;
    }
    next = all ? next : now;
    loop_timer_start(submissions->again, next > now ? (int)(next - now) : 0);
}

static void woken(int events, void *context) {
    struct submissions *submissions = context;
    uint64_t count;
    while (read(submissions->wakeup, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
    if (!submissions->draining) {
        serve(submissions);
    }
}

static void woken_again(void *context) {
    serve(context);
}

/* --- start and stop ----------------------------------------------------------------------------------- */

static rd_kafka_t *make_consumer(const struct submissions_options *options, size_t topics) {
    size_t share = FETCH_BYTES / 1024 / topics; /* those that a reload adds come beside them */
    unsigned kilobytes = share < FETCH_KB_MIN   ? FETCH_KB_MIN
                         : share > FETCH_KB_MAX ? FETCH_KB_MAX
                                                : (unsigned)share;
    char buffered[16];
    snprintf(buffered, sizeof(buffered), "%u", kilobytes);
    const struct handle_setting settings[] = {
        { "client.id", "clearway" },
        { "group.id", options->group },
        { "enable.auto.commit", "false" },
        { "enable.auto.offset.store", "false" },
        { "auto.offset.reset", "error" },
        { "isolation.level", "read_committed" },
        { "allow.auto.create.topics", "false" },
        { "queued.min.messages", "1000" },
        { "queued.max.messages.kbytes", buffered },
        { "fetch.wait.max.ms", "100" },
        { "fetch.error.backoff.ms", "200" },
        { "reconnect.backoff.max.ms", "2000" },
    };
    struct handle_options handle = { .type = RD_KAFKA_CONSUMER,
                                     .brokers = options->brokers,
                                     .properties = options->properties,
                                     .settings = settings,
                                     .count = sizeof(settings) / sizeof(*settings),
                                     .events = RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR };
    return handle_new_logged(&handle);
}

static const char *topic_in(const struct party *party) {
    return party->blocked ? "" : stanza_text(party_stanza(party, "kafka"), "from");
}

static size_t count_topics(const struct edition *edition) {
    size_t count = 0;
    for (size_t i = 0; i < edition->parties->count; i++) {
        count += *topic_in(&edition->parties->list[i]) != '\0';
    }
    return count;
}

static void add_topic(struct submissions *submissions, const struct party *party) {
    const struct party_stanza *stanza = party_stanza(party, "kafka");
    struct topic *topic = memory_new(sizeof(*topic));
    *topic = (struct topic){ .submissions = submissions,
                             .party = party,
                             .code = memory_string(party->code),
                             .name = memory_string(stanza_text(stanza, "from")),
                             .receipts = memory_string(stanza_text(stanza, "receipts")),
                             .principal = memory_string(stanza_text(stanza, "principal")),
                             .ask_ms = INT64_MIN };
    submissions->topics =
        memory_grow(submissions->topics, submissions->count + 1, sizeof(*submissions->topics));
    submissions->topics[submissions->count++] = topic;
}

static bool is_served(const struct submissions *submissions, const struct party *party) {
    for (size_t i = 0; i < submissions->count; i++) {
        if (submissions->topics[i]->party == party) {
            return true;
        }
    }
    return false;
}

static void find_topics(struct submissions *submissions) {
    const struct parties *parties = submissions->options.edition->parties;
    for (size_t i = 0; i < parties->count; i++) {
        if (*topic_in(&parties->list[i]) && !is_served(submissions, &parties->list[i])) {
            add_topic(submissions, &parties->list[i]);
        }
    }
}

static void recall(struct submissions *submissions) {
    struct arena *arena = arena_new();
    struct buf text;
    submissions->path = memory_string(file_join(arena, submissions->options.directory, "kafka.positions"));
    buf_init(&text, POSITIONS_BYTES);
    enum status status = file_read(submissions->path, &text);
    if (status != STATUS_NOT_FOUND
        && (status != STATUS_OK || !positions_read(&submissions->positions, buf_text(&text)))) {
        log_event(LOG_WARN, EVENT_KAFKA_POSITIONS_UNREADABLE, LOG_STRING("status", status_name(status)),
                  LOG_END);
    }
    buf_release(&text);
    arena_free(arena);
}

static void take_consumer(struct submissions *submissions, rd_kafka_t *consumer) {
    static const uint64_t one = 1;
    submissions->consumer = consumer;
    submissions->queue = rd_kafka_queue_get_main(consumer);
    submissions->strays = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_queue_io_event_enable(submissions->queue, submissions->wakeup, &one, sizeof(one));
    rd_kafka_queue_io_event_enable(submissions->strays, submissions->wakeup, &one, sizeof(one));
}

static enum status open_all(struct submissions *submissions, size_t topics) {
    struct loop *loop = submissions->options.loop;
    if (submissions->wakeup <= 0) { /* else it stands from a try before */
        submissions->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    }
    if (submissions->wakeup < 0) {
        return STATUS_IO;
    }
    rd_kafka_t *consumer = make_consumer(&submissions->options, topics);
    if (!consumer) {
        return STATUS_BAD_CONFIG;
    }
    take_consumer(submissions, consumer);
    submissions->watch = loop_watch_new(loop, submissions->wakeup, LOOP_READ, woken, submissions);
    submissions->again = loop_timer_new(loop, woken_again, submissions);
    return STATUS_OK;
}

enum status submissions_start(const struct submissions_options *options, struct submissions **out) {
    require(options->loop && options->intake && options->kafka && options->errands);
    struct submissions *submissions = memory_new(sizeof(*submissions));
    *out = NULL;
    submissions->options = *options;
    edition_take(options->edition);
    recall(submissions);
    enum status status = submissions_prepare(submissions, options->edition);
    if (status != STATUS_OK) {
        submissions_stop(submissions);
        return status;
    }
    find_topics(submissions);
    submissions_serve_soon(submissions);
    *out = submissions;
    return STATUS_OK;
}

void submissions_drain(struct submissions *submissions) {
    if (!submissions || submissions->draining) {
        return;
    }
    submissions->draining = true;
    if (submissions->again) {
        loop_timer_stop(submissions->again);
    }
    for (size_t i = 0; i < submissions->count; i++) {
        topic_read_no_more(submissions->topics[i]);
    }
}

/* False: librdkafka still has it, and may still write to the wake-up. */
static bool close_consumer(struct submissions *submissions) {
    bool ended = teardown_wait(&submissions->teardown);
    if (submissions->consumer) {
        commits_end(submissions);
    }
    for (size_t i = 0; i < submissions->count; i++) {
        topic_free(submissions->topics[i]);
    }
    if (submissions->consumer) {
        rd_kafka_queue_t *const queues[] = { submissions->queue, submissions->strays };
        teardown_start(&submissions->teardown, submissions->consumer, queues,
                       sizeof(queues) / sizeof(*queues));
    }
    return teardown_wait(&submissions->teardown) && ended;
}

void submissions_stop(struct submissions *submissions) {
    if (!submissions) {
        return;
    }
    if (submissions->watch) {
        submissions_drain(submissions);
        loop_watch_free(submissions->watch);
        loop_timer_free(submissions->again);
    }
    if (close_consumer(submissions) && submissions->wakeup > 0) {
        close(submissions->wakeup);
    }
    positions_release(&submissions->positions);
    edition_release(submissions->options.edition);
    free(submissions->topics);
    free(submissions->path);
    free(submissions);
}

/* --- another edition ---------------------------------------------------------------------------------- */

static const struct party *party_now(const struct topic *topic, const struct edition *edition) {
    const struct party *party = parties_find(edition->parties, text_of(topic->code));
    const struct party_stanza *stanza = party ? party_stanza(party, "kafka") : NULL;
    bool same = stanza && !topic->leaving && strcmp(topic_in(party), topic->name) == 0
                && strcmp(stanza_text(stanza, "receipts"), topic->receipts) == 0
                && strcmp(stanza_text(stanza, "principal"), topic->principal) == 0;
    return same ? party : NULL;
}

enum status submissions_prepare(struct submissions *submissions, const struct edition *edition) {
    size_t count = count_topics(edition);
    return count > 0 && !submissions->consumer ? open_all(submissions, count) : STATUS_OK;
}

static void leave(struct topic *topic) {
    topic_note_trouble(topic, TROUBLE_NONE, "");
    topic->leaving = true;
    topic_read_no_more(topic);
}

void submissions_reload(struct submissions *submissions, const struct edition *edition) {
    const struct edition *before = submissions->options.edition;
    for (size_t i = 0; i < submissions->count; i++) {
        struct topic *topic = submissions->topics[i];
        topic->party = party_now(topic, edition);
        if (!topic->party && !topic->leaving) {
            leave(topic);
        }
    }
    submissions->options.edition = edition_take(edition);
    find_topics(submissions);
    submissions_serve_soon(submissions);
    edition_release(before);
}

/* --- another consumer --------------------------------------------------------------------------------- */

void submissions_renew(struct submissions *submissions, const struct kafka_properties *properties) {
    if (!submissions) {
        return;
    }
    submissions->options.properties = properties;
    if (submissions->consumer && submissions->renewal == RENEWAL_NONE && !submissions->draining) {
        for (size_t i = 0; i < submissions->count; i++) {
            topic_read_no_more(submissions->topics[i]);
        }
        submissions->renewal = RENEWAL_ENDS_READING;
        submissions->renewal_ms = submissions_now_ms(submissions) + RENEWAL_MS;
        submissions_serve_soon(submissions);
    }
}

static bool has_in_hand(const struct submissions *submissions) {
    bool has = false;
    for (size_t i = 0; i < submissions->count && !has; i++) {
        const struct topic *topic = submissions->topics[i];
        has = topic->surveyed;
        for (int32_t k = 0; k < topic->count && !has; k++) {
            has = topic->partitions[k]->first != NULL && !trouble_stops(topic->trouble);
        }
    }
    return has;
}

/* In the place of each topic comes one that has read nothing in this life: it begins where the file says that
 * the one before has come. */
static void begin_anew(struct submissions *submissions) {
    commits_remember(submissions);
    for (size_t i = 0; i < submissions->count; i++) {
        if (!submissions->topics[i]->leaving) {
            leave(submissions->topics[i]);
            submissions->topics[i]->party = NULL;
        }
    }
    find_topics(submissions);
    let_go(submissions);
}

static bool some_leave(const struct submissions *submissions) {
    bool some = false;
    for (size_t i = 0; i < submissions->count; i++) {
        some |= submissions->topics[i]->leaving;
    }
    return some;
}

static void exchange_consumer(struct submissions *submissions) {
    rd_kafka_queue_t *const queues[] = { submissions->queue, submissions->strays };
    rd_kafka_t *before = submissions->consumer;
    rd_kafka_t *consumer = make_consumer(&submissions->options, submissions->count + 1);
    submissions->renewal = RENEWAL_NONE;
    if (consumer) {
        teardown_start(&submissions->teardown, before, queues, sizeof(queues) / sizeof(*queues));
        take_consumer(submissions, consumer);
        room_counter_add(&kafka_counters[KAFKA_COUNT_RENEWED], 1);
        log_event(LOG_INFO, EVENT_KAFKA_RENEWED, LOG_END);
    }
}

static void go_on_renewing(struct submissions *submissions, int64_t now) {
    if (submissions->renewal == RENEWAL_ENDS_READING
        && ((!has_in_hand(submissions) && !commits_are_due(submissions)) || now >= submissions->renewal_ms)) {
        begin_anew(submissions);
        submissions->renewal = RENEWAL_LETS_GO;
    }
    if (submissions->renewal == RENEWAL_LETS_GO && !some_leave(submissions) && !submissions->committing
        && teardown_is_over(&submissions->teardown)) {
        exchange_consumer(submissions);
    }
}

/* --- what is told ------------------------------------------------------------------------------------- */

/* As far as the brokers have told: what lies on its partitions and is not done. */
static int64_t lag_of(const struct submissions *submissions, const struct topic *topic) {
    int64_t lag = 0;
    for (int32_t i = 0; i < topic->count; i++) {
        int64_t low, high;
        const struct partition *partition = topic->partitions[i];
        if (rd_kafka_get_watermark_offsets(submissions->consumer, topic->name, partition->id, &low, &high)
                == RD_KAFKA_RESP_ERR_NO_ERROR
            && partition->position >= 0 && high > partition->position) {
            lag += high - partition->position;
        }
    }
    return lag;
}

static void diagnose_topic(const struct submissions *submissions, const struct topic *topic,
                           struct diagnosis *out) {
    bool down = submissions->down && topic->trouble == TROUBLE_NONE;
    enum trouble trouble = down ? TROUBLE_UNREACHABLE : topic->trouble;
    bool good = trouble == TROUBLE_NONE, stops = trouble_stops(trouble);
    struct diagnosis_row *row = diagnosis_add(out, CHECK_INTAKE, topic->name,
                                              good    ? DIAGNOSIS_OK
                                              : stops ? DIAGNOSIS_FAILED
                                                      : DIAGNOSIS_WARNING);
    row->figure = lag_of(submissions, topic);
    row->unit = "messages";
    row->since = down ? submissions->down : 0;
    if (good) {
        diagnosis_say(out, row, "%s：尚有 %lld 件未读", "%s: %lld are not read yet", topic->code,
                      (long long)row->figure);
        return;
    }
    const char *mark_zh = *topic->words ? "：" : "", *mark_en = *topic->words ? ": " : "";
    row->zh = arena_printf(out->arena, "%s%s：%s%s%s", topic->code, stops ? "，已停读" : "",
                           trouble_sentence(trouble, LANGUAGE_ZH), mark_zh, topic->words);
    row->en = arena_printf(out->arena, "%s%s: %s%s%s", topic->code, stops ? ", stopped" : "",
                           trouble_sentence(trouble, LANGUAGE_EN), mark_en, topic->words);
    if (stops) {
        diagnosis_advise(row, "消除原因后，半分钟内自行再看",
                         "mend what is wrong: it is looked at again within half a minute");
    } else {
        diagnosis_advise(row, "检查集群与网络；恢复后自动继续",
                         "look at the cluster and the network; it goes on"
                         " by itself once that is mended");
    }
}

void submissions_diagnose(const struct submissions *submissions, struct diagnosis *out) {
    for (size_t i = 0; submissions && i < submissions->count; i++) {
        if (!submissions->topics[i]->leaving) {
            diagnose_topic(submissions, submissions->topics[i], out);
        }
    }
}

void submissions_health(const struct submissions *submissions, struct json_out *out) {
    json_open_array(out, "topics_not_read");
    for (size_t i = 0; submissions && i < submissions->count; i++) {
        const struct topic *topic = submissions->topics[i];
        if (topic->trouble != TROUBLE_NONE) {
            json_open_object(out, NULL);
            json_put_string(out, "topic", topic->name);
            json_put_string(out, "party", topic->code);
            json_put_string(out, "reason", trouble_code(topic->trouble));
            json_put_bool(out, "stopped", trouble_stops(topic->trouble));
            json_put_string(out, "zh", trouble_sentence(topic->trouble, LANGUAGE_ZH));
            json_put_string(out, "en", trouble_sentence(topic->trouble, LANGUAGE_EN));
            json_put_string(out, "words", topic->words);
            json_close_object(out);
        }
    }
    json_close_array(out);
}
