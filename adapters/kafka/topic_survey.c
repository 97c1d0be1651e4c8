/*
 * topic_survey.c - a survey says that a topic may be read, and from where; or that it may not. One that is
 * read is surveyed again from time to time: for partitions that were added, writers that were let in, a log
 * that is not the one it was.
 */
#include "adapters/kafka/topic.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "adapters/kafka/survey.h"

#define SURVEY_MS 60000
#define AGAIN_MS  5000

/* --- surveys ------------------------------------------------------------------------------------------ */

struct look {
    struct errand errand;
    struct topic *topic;
    char *name, *principal; /* its own: the edition may be another one meanwhile */
    struct survey survey;
};

static bool is_closing(void *context) {
    return errands_are_closing(context);
}

static void run_look(struct errand *errand) {
    struct look *look = (struct look *)errand;
    struct submissions *submissions = look->topic->submissions;
    survey_ask(submissions->consumer, &look->survey, is_closing, submissions->options.errands);
}

static enum trouble trouble_of(enum status status) {
    switch (status) {
    case STATUS_NOT_FOUND: return TROUBLE_NO_TOPIC;
    case STATUS_DENIED: return TROUBLE_NOT_ALLOWED;
    case STATUS_TOO_LARGE: return TROUBLE_TOO_MANY;
    default: return TROUBLE_UNREACHABLE;
    }
}

static int64_t told_by_group(const struct survey *survey) {
    int64_t told = 0;
    for (int32_t i = 0; i < survey->count; i++) {
        told = (int64_t)((uint64_t)told * 31 + (uint64_t)(survey->offsets[i].committed + 1));
    }
    return told;
}

static void add_partitions(struct topic *topic, int32_t count) {
    struct positions *positions = &topic->submissions->positions;
    topic->partitions = memory_grow(topic->partitions, (size_t)count + 1, sizeof(*topic->partitions));
    while (topic->count < count) {
        size_t place = positions_place(positions, topic->name, topic->count);
        topic->partitions[topic->count] = partition_new(topic, topic->count, place);
        topic->count++;
    }
}

static bool is_under_way(const struct topic *topic) {
    for (int32_t i = 0; i < topic->count; i++) {
        if (topic->partitions[i]->first) {
            return true;
        }
    }
    return false;
}

/* Where each partition that is not read would begin. A partition of which we know more than the group,
 * since we have read it in this life, goes by that, unless an operator was to say where to go on. */
static enum offsets_verdict choose_offsets(struct topic *topic, struct survey *survey, int64_t *from) {
    enum offsets_verdict verdict = OFFSETS_GOOD;
    for (int32_t i = 0; i < survey->count && verdict == OFFSETS_GOOD; i++) {
        const struct partition *partition = topic->partitions[i];
        const struct position *remembered = &topic->submissions->positions.list[partition->place];
        struct offsets offsets = survey->offsets[i];
        bool has_read = partition->position != OFFSET_NONE;
        offsets.known = has_read ? partition->position : remembered->next;
        if (partition->asked <= offsets.high && partition->next > offsets.high) {
            offsets.high = partition->next; /* it has grown since the brokers were asked, and was read on */
        }
        if (has_read && topic->state != TOPIC_STOPPED) {
            offsets.committed = offsets.known;
        }
        if (partition->queue) {
            verdict = partition->next > offsets.high ? OFFSETS_ANEW : OFFSETS_GOOD;
            continue;
        }
        verdict = offsets_begin(&offsets, &from[i]);
    }
    return verdict;
}

static void begin_partition(struct partition *partition, int64_t from) {
    const struct submissions *submissions = partition->topic->submissions;
    const struct position *remembered = &submissions->positions.list[partition->place];
    if (partition->position == OFFSET_NONE && from == remembered->next - 1) {
        partition_begin(partition, remembered->next, remembered->has_digest ? &remembered->digest : NULL);
    } else if (partition->position == OFFSET_NONE
               || (from != partition->position - 1 && from != partition->position)) {
        partition_begin(partition, from, NULL);
    }
    bool can_prove = partition->has_digest && from == partition->position - 1;
    partition->proof = can_prove ? from : OFFSET_NONE;
    partition->proof_digest = partition->digest;
}

/* librdkafka leads what it fetches of an assigned partition into the consumer's one queue, until it is told
 * not to: what came before stands there, and is read first (take_strays()). */
static void stand_alone(struct partition *partition) {
    static const uint64_t one = 1;
    const struct submissions *submissions = partition->topic->submissions;
    partition->queue =
        rd_kafka_queue_get_partition(submissions->consumer, partition->topic->name, partition->id);
    require(partition->queue);
    rd_kafka_queue_forward(partition->queue, NULL);
    rd_kafka_queue_io_event_enable(partition->queue, submissions->wakeup, &one, sizeof(one));
}

static void begin_reading(struct topic *topic, const struct survey *survey, const int64_t *from) {
    struct submissions *submissions = topic->submissions;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(topic->count + 1);
    for (int32_t i = 0; i < survey->count; i++) {
        struct partition *partition = topic->partitions[i];
        if (!partition->queue) {
            begin_partition(partition, from[i]);
            partition->committed = survey->offsets[i].committed;
            rd_kafka_topic_partition_list_add(list, topic->name, partition->id)->offset = from[i];
        }
    }
    rd_kafka_error_t *error = list->cnt > 0 ? rd_kafka_incremental_assign(submissions->consumer, list) : NULL;
    for (int i = 0; !error && i < list->cnt; i++) {
        stand_alone(topic->partitions[list->elems[i].partition]);
    }
    rd_kafka_topic_partition_list_destroy(list);
    topic->ask_ms = submissions_now_ms(submissions)
                    + (submissions->options.survey_ms ? submissions->options.survey_ms : SURVEY_MS);
    if (error) {
        topic_cease(topic, TROUBLE_UNREACHABLE, rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
        return;
    }
    if (topic->state != TOPIC_READING) {
        log_event(LOG_INFO, EVENT_KAFKA_TOPIC_READ, LOG_STRING("topic", topic->name),
                  LOG_STRING("party", topic->code), LOG_INT("partitions", topic->count), LOG_END);
    }
    topic->state = TOPIC_READING;
    if (topic->trouble != TROUBLE_NO_RECEIPTS) {
        topic_note_trouble(topic, TROUBLE_NONE, "");
    }
}

static void take_survey(struct topic *topic, struct survey *survey) {
    struct submissions *submissions = topic->submissions;
    if (survey->status != STATUS_OK) {
        if (topic->state == TOPIC_STOPPED
            || (topic->state == TOPIC_READING && survey->status == STATUS_UNAVAILABLE)) {
            topic->ask_ms = submissions_now_ms(submissions)
                            + AGAIN_MS; /* librdkafka comes back to its brokers by itself */
        } else {
            topic_cease(topic, trouble_of(survey->status), survey->words);
        }
        return;
    }
    submissions->down = 0;
    if (survey->holders == HOLDERS_OTHERS) {
        topic_cease(topic, TROUBLE_OTHER_WRITERS, survey->words);
        return;
    }
    if (survey->holders == HOLDERS_UNTOLD && !topic->untold) {
        topic->untold = true;
        log_event(LOG_WARN, EVENT_KAFKA_WRITERS_NOT_TOLD, LOG_STRING("topic", topic->name),
                  LOG_STRING("words", survey->words), LOG_END);
    }
    bool offsets_stop = topic->trouble == TROUBLE_OFFSETS_LOST || topic->trouble == TROUBLE_TOPIC_ANEW;
    int64_t told = told_by_group(survey);
    if (topic->state == TOPIC_STOPPED && offsets_stop && (told == topic->told || is_under_way(topic))) {
        topic_cease(topic, topic->trouble, topic->words);
        return;
    }
    positions_of(&submissions->positions, survey->cluster);
    add_partitions(topic, survey->count);
    int64_t *from = memory_array((size_t)survey->count + 1, sizeof(*from));
    enum offsets_verdict verdict = choose_offsets(topic, survey, from);
    topic->told = told;
    if (verdict == OFFSETS_GOOD) {
        begin_reading(topic, survey, from);
    } else {
        topic_cease(topic, verdict == OFFSETS_LOST ? TROUBLE_OFFSETS_LOST : TROUBLE_TOPIC_ANEW, "");
    }
    free(from);
}

static void look_done(struct errand *errand, bool ran) {
    struct look *look = (struct look *)errand;
    struct topic *topic = look->topic;
    topic->surveyed = false;
    if (ran && topic->leaving) {
        submissions_serve_soon(topic->submissions);
    } else if (ran && !topic->submissions->draining) {
        take_survey(topic, &look->survey);
        submissions_serve_soon(topic->submissions);
    }
    free(look->survey.offsets);
    free(look->name);
    free(look->principal);
    free(look);
}

void topic_look_at(struct topic *topic) {
    require(!topic->surveyed);
    struct look *look = memory_new(sizeof(*look));
    *look = (struct look){ .errand = { .run = run_look, .done = look_done },
                           .topic = topic,
                           .name = memory_string(topic->name),
                           .principal = memory_string(topic->principal) };
    look->survey =
        (struct survey){ .topic = look->name, .principal = look->principal, .right = SURVEY_WRITE };
    topic->surveyed = true;
    for (int32_t i = 0; i < topic->count; i++) {
        topic->partitions[i]->asked = topic->partitions[i]->next;
    }
    errands_hand(topic->submissions->options.errands, &look->errand);
}
