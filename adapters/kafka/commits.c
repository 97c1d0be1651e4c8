/*
 * commits.c - first DATA/kafka.positions is written, then the group's offsets are committed: so what the
 * group has beyond the file was an operator's word.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "adapters/kafka/topic.h"

#define COMMIT_MS        250
#define COMMIT_FAILED_MS 1000
#define STOP_MS          1000
#define POSITIONS_BYTES  (64u << 20)

/* --- what was done is remembered, and committed ------------------------------------------------------- */

struct writing {
    struct errand errand;
    struct submissions *submissions;
    struct buf text;
    enum status status;
};

/* The offsets that all is done before, and that the group does not know. */
static rd_kafka_topic_partition_list_t *uncommitted(const struct submissions *submissions) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    for (size_t i = 0; i < submissions->count; i++) {
        const struct topic *topic = submissions->topics[i];
        for (int32_t k = 0; k < topic->count; k++) {
            const struct partition *partition = topic->partitions[k];
            if (partition->position != OFFSET_NONE && partition->position != partition->committed
                && !topic->leaving && !trouble_stops(topic->trouble)) {
                rd_kafka_topic_partition_list_add(list, topic->name, partition->id)->offset =
                    partition->position;
            }
        }
    }
    return list;
}

void commits_remember(struct submissions *submissions) {
    for (size_t i = 0; i < submissions->count; i++) {
        const struct topic *topic = submissions->topics[i];
        for (int32_t k = 0; k < topic->count; k++) {
            const struct partition *partition = topic->partitions[k];
            struct position *position = &submissions->positions.list[partition->place];
            if (!topic->leaving && partition->position != OFFSET_NONE
                && partition->position != position->next) {
                position->next = partition->position;
                position->digest = partition->digest;
                position->has_digest = partition->has_digest;
            }
        }
    }
}

static void note_committed(struct submissions *submissions, const rd_kafka_topic_partition_list_t *list) {
    for (int i = 0; list && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *one = &list->elems[i];
        for (size_t k = 0; one->err == RD_KAFKA_RESP_ERR_NO_ERROR && k < submissions->count; k++) {
            const struct topic *topic = submissions->topics[k];
            if (strcmp(topic->name, one->topic) == 0 && one->partition < topic->count) {
                topic->partitions[one->partition]->committed = one->offset;
            }
        }
    }
}

static void commit(struct submissions *submissions, rd_kafka_queue_t *queue) {
    rd_kafka_topic_partition_list_t *list = uncommitted(submissions);
    submissions->committing = list->cnt > 0
                              && rd_kafka_commit_queue(submissions->consumer, list, queue, NULL, NULL)
                                     == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_topic_partition_list_destroy(list);
}

static void run_writing(struct errand *errand) {
    struct writing *writing = (struct writing *)errand;
    writing->status = file_replace(writing->submissions->path, buf_text(&writing->text));
}

/* The file is ahead of the group, never behind: what the group has beyond it was an operator's word. */
static void writing_done(struct errand *errand, bool ran) {
    struct writing *writing = (struct writing *)errand;
    struct submissions *submissions = writing->submissions;
    submissions->writing = false;
    if (ran && writing->status != STATUS_OK) {
        log_event_bounded(LOG_WARN, EVENT_KAFKA_POSITIONS_NOT_WRITTEN,
                          LOG_STRING("status", status_name(writing->status)), LOG_END);
        submissions->commit_ms = submissions_now_ms(submissions) + COMMIT_FAILED_MS;
    } else if (ran && !submissions->draining) {
        commit(submissions, submissions->queue);
    }
    buf_release(&writing->text);
    free(writing);
}

bool commits_are_due(const struct submissions *submissions) {
    rd_kafka_topic_partition_list_t *list = uncommitted(submissions);
    bool due = list->cnt > 0 || submissions->writing || submissions->committing;
    rd_kafka_topic_partition_list_destroy(list);
    return due;
}

void commits_begin(struct submissions *submissions) {
    require(!submissions->writing);
    rd_kafka_topic_partition_list_t *list = uncommitted(submissions);
    if (list->cnt > 0) {
        struct writing *writing = memory_new(sizeof(*writing));
        *writing = (struct writing){ .errand = { .run = run_writing, .done = writing_done },
                                     .submissions = submissions };
        commits_remember(submissions);
        buf_init(&writing->text, POSITIONS_BYTES);
        positions_print(&submissions->positions, &writing->text);
        submissions->writing = true;
        submissions->commit_ms = submissions_now_ms(submissions) + COMMIT_MS;
        errands_hand(submissions->options.errands, &writing->errand);
    }
    rd_kafka_topic_partition_list_destroy(list);
}

void commits_take(struct submissions *submissions, rd_kafka_event_t *event) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    submissions->committing = false;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        log_event_bounded(LOG_WARN, EVENT_KAFKA_NOT_COMMITTED, LOG_STRING("code", rd_kafka_err2name(error)),
                          LOG_END);
        submissions->commit_ms = submissions_now_ms(submissions) + COMMIT_FAILED_MS;
        return;
    }
    note_committed(submissions, rd_kafka_event_topic_partition_list(event));
}

void commits_end(struct submissions *submissions) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(submissions->consumer);
    struct buf text;
    commits_remember(submissions);
    buf_init(&text, POSITIONS_BYTES);
    positions_print(&submissions->positions, &text);
    if (*submissions->positions.cluster && file_replace(submissions->path, buf_text(&text)) == STATUS_OK) {
        commit(submissions, queue);
        rd_kafka_event_t *event = submissions->committing ? rd_kafka_queue_poll(queue, STOP_MS) : NULL;
        if (event) {
            rd_kafka_event_destroy(event);
        }
    }
    buf_release(&text);
    rd_kafka_queue_destroy(queue);
}
