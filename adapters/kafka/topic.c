/*
 * topic.c - from a partition's queue to intake, and from there to the receipts topic.
 */
#include "adapters/kafka/topic.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "adapters/kafka/counters.h"

#define TURN_MAX        64 /* messages of one topic in a turn; the rest in the next ones */
#define AGAIN_MS        5000
#define STOPPED_MS      30000
#define REST_FIRST_MS   20 /* after intake has turned a message away; doubled until ... */
#define REST_MAX_MS     1000
#define QUOTA_MS        60000
#define ANSWER_AGAIN_MS 1000
#define ORIGIN_MAX      (KAFKA_CLUSTER_MAX + KAFKA_TOPIC_MAX + 2 * TEXT_NUMBER_MAX)
#define FORMAT_MAX      64
#define TRACE_MAX       128

/* --- what keeps a topic from being read --------------------------------------------------------------- */

void topic_count_trouble(const struct topic *topic, int by) {
    if (topic->trouble != TROUBLE_NONE) {
        room_counter_add(
            &kafka_counters[trouble_stops(topic->trouble) ? KAFKA_COUNT_STOPPED : KAFKA_COUNT_WAITING], by);
    }
}

void topic_note_trouble(struct topic *topic, enum trouble trouble, const char *words) {
    bool is_new = topic->trouble != trouble;
    if (topic->leaving && trouble != TROUBLE_NONE) { /* it is nobody's any more */
        return;
    }
    topic_count_trouble(topic, -1);
    topic->trouble = trouble;
    topic_count_trouble(topic, 1);
    snprintf(topic->words, sizeof(topic->words), "%s", words);
    if (is_new && trouble != TROUBLE_NONE) {
        bool stops = trouble_stops(trouble);
        log_event(stops ? LOG_ERROR : LOG_WARN, stops ? EVENT_KAFKA_TOPIC_STOPPED : EVENT_KAFKA_TOPIC_WAITS,
                  LOG_STRING("topic", topic->name), LOG_STRING("party", topic->code),
                  LOG_STRING("why", trouble_sentence(trouble, LANGUAGE_EN)), LOG_STRING("words", words),
                  LOG_END);
    }
}

void topic_read_no_more(struct topic *topic) {
    struct submissions *submissions = topic->submissions;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(topic->count + 1);
    for (int32_t i = 0; i < topic->count; i++) {
        struct partition *partition = topic->partitions[i];
        if (partition->queue) {
            rd_kafka_topic_partition_list_add(list, topic->name, partition->id);
        }
        partition_close(partition);
    }
    if (list->cnt > 0) {
        rd_kafka_error_destroy(rd_kafka_incremental_unassign(submissions->consumer, list));
    }
    rd_kafka_topic_partition_list_destroy(list);
}

void topic_cease(struct topic *topic, enum trouble trouble, const char *words) {
    const struct submissions_options *options = &topic->submissions->options;
    bool stops = trouble_stops(trouble);
    int usual = stops ? STOPPED_MS : AGAIN_MS;
    topic_read_no_more(topic);
    if (topic->leaving) {
        return;
    }
    topic->state = stops ? TOPIC_STOPPED : TOPIC_ASKING;
    topic->ask_ms = submissions_now_ms(topic->submissions)
                    + (trouble == TROUBLE_NONE ? REST_FIRST_MS
                       : options->again_ms     ? options->again_ms
                                               : usual);
    if (trouble != TROUBLE_NONE) {
        topic_note_trouble(topic, trouble, words);
    }
}

/* --- from intake: answers ----------------------------------------------------------------------------- */

static void receipt_sent(void *context, enum status status, const char *words) {
    struct taken_record *taken = context;
    struct topic *topic = taken->partition->topic;
    struct submissions *submissions = topic->submissions;
    if (status == STATUS_OK) {
        partition_done(taken);
        if (topic->trouble == TROUBLE_NO_RECEIPTS) {
            topic_note_trouble(topic, TROUBLE_NONE, "");
        }
    } else {
        taken->state = TAKEN_ANSWERED;
        topic->tries = true;
        topic->rest_ms = submissions_now_ms(submissions) + ANSWER_AGAIN_MS;
        if (!submissions->draining && topic->trouble == TROUBLE_NONE) {
            topic_note_trouble(topic, TROUBLE_NO_RECEIPTS, words);
        }
    }
    submissions_serve_soon(submissions);
}

/* cluster/topic/partition/offset */
static const char *print_origin(const struct topic *topic, const rd_kafka_message_t *message,
                                char out[ORIGIN_MAX]) {
    char partition[TEXT_NUMBER_MAX], offset[TEXT_NUMBER_MAX];
    const char *const parts[] = { topic->submissions->positions.cluster, topic->name,
                                  text_of_uint((uint64_t)message->partition, partition),
                                  text_of_uint((uint64_t)message->offset, offset) };
    char *at = out;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        at = stpcpy(i > 0 ? stpcpy(at, "/") : at, parts[i]);
    }
    return out;
}

static void send_answer(struct taken_record *taken) {
    const struct topic *topic = taken->partition->topic;
    char origin[ORIGIN_MAX], partition[TEXT_NUMBER_MAX], offset[TEXT_NUMBER_MAX], record[TEXT_NUMBER_MAX],
        time[STAMP_TEXT_MAX];
    bool is_receipt = taken->record != 0;
    const struct kafka_header headers[] = {
        { "ce_specversion", "1.0" },
        { "ce_id", print_origin(topic, taken->message, origin) },
        { "ce_source", topic->submissions->options.source },
        { "ce_type", is_receipt ? "clearway.receipt.v1" : "clearway.problem.v1" },
        { "ce_time", is_receipt ? stamp_print(taken->recorded, time) : "" },
        { "content-type", "application/json" },
        { "clearway-record", is_receipt ? text_of_uint(taken->record, record) : "" },
        { "clearway-verdict", is_receipt ? outcome_text(taken->outcome) : "" },
        { "clearway-repeated", taken->repeated ? "true" : "" },
        { "clearway-topic", topic->name },
        { "clearway-partition", text_of_uint((uint64_t)taken->partition->id, partition) },
        { "clearway-offset", text_of_uint((uint64_t)taken->message->offset, offset) },
    };
    struct kafka_letter letter = {
        .topic = topic->receipts,
        .key = { taken->message->key, taken->message->key_len },
        .value = { taken->answer, taken->answer_length },
        .headers = headers,
        .headers_count = sizeof(headers) / sizeof(*headers),
    };
    taken->state = TAKEN_ANSWERING;
    kafka_send(topic->submissions->options.kafka, &letter, receipt_sent, taken);
}

static void keep_answer(struct taken_record *taken, struct text answer) {
    taken->answer = memory_new(answer.length + 1);
    memcpy(taken->answer, answer.at, answer.length);
    taken->answer_length = answer.length;
    taken->state = TAKEN_ANSWERED;
    send_answer(taken);
}

/* What can never be taken is told, and nothing of it is recorded. */
static void answer_problem(struct taken_record *taken, enum status status) {
    char origin[ORIGIN_MAX];
    struct buf body;
    struct json_out out;
    buf_init(&body, 4096);
    json_start(&out, &body);
    json_open_object(&out, NULL);
    json_put_string(&out, "problem", status_name(status));
    json_put_string(&out, "origin", print_origin(taken->partition->topic, taken->message, origin));
    json_put_string(&out, "zh", status_sentence(status, LANGUAGE_ZH));
    json_put_string(&out, "en", status_sentence(status, LANGUAGE_EN));
    json_close_object(&out);
    taken->digest = digest_of(taken->message->payload, taken->message->len);
    taken->has_digest = true;
    keep_answer(taken, buf_text(&body));
    buf_release(&body);
}

/* Intake is busy, or the party over its budget: the topic rests. */
static void rest(struct topic *topic, enum status status) {
    topic->tries = true;
    topic->pause_ms = topic->pause_ms ? 2 * topic->pause_ms : REST_FIRST_MS;
    topic->pause_ms = topic->pause_ms < REST_MAX_MS ? topic->pause_ms : REST_MAX_MS;
    topic->rest_ms =
        submissions_now_ms(topic->submissions) + (status == STATUS_QUOTA ? QUOTA_MS : topic->pause_ms);
}

static void answered(const struct answer *answer, void *context) {
    struct taken_record *taken = context;
    struct topic *topic = taken->partition->topic;
    if (answer->status == STATUS_OK) {
        taken->record = answer->number;
        taken->recorded = answer->of->stamp;
        taken->outcome = answer->outcome;
        taken->repeated = answer->repeated;
        taken->digest = answer->digest; /* of what stands there, which the next beginning reads again */
        taken->has_digest = true;
        keep_answer(taken, answer->receipt);
    } else if (answer->status == STATUS_CONFLICT) {
        taken->state = TAKEN_WAITS; /* for ever: its offset is that of another message */
        topic->tries = true;
        topic_cease(topic, TROUBLE_TOPIC_ANEW, "");
    } else if (status_retry(answer->status) == RETRY_LATER) {
        taken->state = TAKEN_WAITS;
        rest(topic, answer->status);
    } else {
        answer_problem(taken, answer->status);
    }
    submissions_serve_soon(topic->submissions);
}

/* --- to intake ---------------------------------------------------------------------------------------- */

/* A header that only helps; what does not fit is left out. */
static void copy_header(const rd_kafka_message_t *message, const char *name, char *out, size_t size) {
    rd_kafka_headers_t *headers;
    const void *value;
    size_t length;
    out[0] = '\0';
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR
        && rd_kafka_header_get_last(headers, name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR && value
        && length < size && !memchr(value, '\0', length)) {
        memcpy(out, value, length);
        out[length] = '\0';
    }
}

static enum status submit(struct taken_record *taken) {
    const struct topic *topic = taken->partition->topic;
    const rd_kafka_message_t *message = taken->message;
    char origin[ORIGIN_MAX], format[FORMAT_MAX], trace[TRACE_MAX];
    copy_header(message, "clearway-format", format, sizeof(format));
    copy_header(message, "traceparent", trace, sizeof(trace));
    struct envelope env = {
        .party = topic->party->code,
        .channel = "kafka",
        .format = format,
        .file = "",
        .origin = print_origin(topic, message, origin),
        .trace = trace,
    };
    struct text bytes = { message->payload ? message->payload : "", message->len };
    taken->state = TAKEN_SUBMITTED;
    return intake_submit_lent(topic->submissions->options.intake, &env, topic->party, bytes, answered, taken);
}

/* False: nothing more of its topic now. */
static bool take(struct partition *partition, rd_kafka_message_t *message) {
    struct topic *topic = partition->topic;
    struct taken_record *taken = partition_take(partition, message);
    enum status status = submit(taken);
    room_counter_add(&kafka_counters[KAFKA_COUNT_RECEIVED], status == STATUS_OK);
    if (status == STATUS_OK) {
        topic->pause_ms = 0;
        return topic->state == TOPIC_READING;
    }
    if (status_retry(status) != RETRY_LATER) {
        answer_problem(taken, status);
        return true;
    }
    partition_forget_last(partition);
    rest(topic, status);
    return false;
}

void topic_take_error(struct topic *topic, const rd_kafka_message_t *message) {
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        topic_cease(topic, TROUBLE_NONE, "");
        break; /* the survey tells */
    default:
        log_event_bounded(LOG_WARN, EVENT_KAFKA_CONSUMER_ERROR, LOG_STRING("topic", topic->name),
                          LOG_STRING("code", rd_kafka_err2name(message->err)), LOG_END);
        break;
    }
}

/* False: it is another message than the one that was read there. */
static bool proves(struct partition *partition, const rd_kafka_message_t *message) {
    if (message->offset != partition->proof) {
        return true;
    }
    struct digest digest = digest_of(message->payload, message->len);
    partition->proof = OFFSET_NONE;
    return digest_equal(&digest, &partition->proof_digest);
}

/* False: there is nothing more now. */
static bool read_one(struct partition *partition) {
    struct topic *topic = partition->topic;
    rd_kafka_message_t *message = partition_read(partition);
    if (!message) {
        return false;
    }
    if (message->err) {
        topic_take_error(topic, message);
        rd_kafka_message_destroy(message);
    } else if (!proves(partition, message)) {
        rd_kafka_message_destroy(message);
        topic_cease(topic, TROUBLE_TOPIC_ANEW, "");
    } else if (message->offset < partition->next) { /* it is under way, or done */
        rd_kafka_message_destroy(message);
    } else if (!partition_admits(partition, message)) {
        partition->held = message;
        return false;
    } else {
        return take(partition, message);
    }
    return topic->state == TOPIC_READING;
}

bool topic_read(struct topic *topic) {
    int taken = 0;
    for (int32_t quiet = 0; quiet < topic->count && topic->state == TOPIC_READING;) {
        struct partition *partition = topic->partitions[topic->turn++ % topic->count];
        topic->turn %= topic->count;
        if (taken == TURN_MAX) {
            return false;
        }
        if (partition->queue && read_one(partition)) {
            taken++;
            quiet = 0;
        } else {
            quiet++;
        }
        if (topic->rest_ms > submissions_now_ms(topic->submissions)) {
            return true;
        }
    }
    return true;
}

void topic_try_again(struct topic *topic) {
    if (!topic->tries) {
        return;
    }
    topic->tries = false;
    for (int32_t i = 0; i < topic->count; i++) {
        for (struct taken_record *taken = topic->partitions[i]->first, *next; taken; taken = next) {
            next = taken->next;
            if (taken->state == TAKEN_ANSWERED) {
                send_answer(taken);
            } else if (taken->state == TAKEN_WAITS && topic->trouble == TROUBLE_TOPIC_ANEW) {
                topic->tries = true;
            } else if (taken->state == TAKEN_WAITS) {
                enum status status = submit(taken);
                if (status != STATUS_OK) {
                    taken->state = TAKEN_WAITS;
                    rest(topic, status);
                    return;
                }
            }
        }
    }
}
