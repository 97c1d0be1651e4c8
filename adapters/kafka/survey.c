/*
 * survey.c - one question after another; the first that gets no good answer ends it.
 */
#include "adapters/kafka/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define ANSWER_MS 5000 /* for each question */

static void failed(struct survey *survey, rd_kafka_resp_err_t error, const char *words) {
    switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: survey->status = STATUS_NOT_FOUND; break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: survey->status = STATUS_DENIED; break;
    default: survey->status = STATUS_UNAVAILABLE; break;
    }
    snprintf(survey->words, sizeof(survey->words), "%s", words ? words : rd_kafka_err2str(error));
}

static void ask_cluster(rd_kafka_t *consumer, struct survey *survey) {
    char *cluster = rd_kafka_clusterid(consumer, ANSWER_MS);
    bool told = cluster && *cluster && strlen(cluster) < sizeof(survey->cluster) && !strpbrk(cluster, " \n");
    if (told) {
        strcpy(survey->cluster, cluster);
    } else {
        failed(survey, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, NULL);
    }
    rd_kafka_mem_free(consumer, cluster);
}

static bool has_broker(const struct rd_kafka_metadata *metadata, int32_t id) {
    for (int i = 0; i < metadata->broker_cnt; i++) {
        if (metadata->brokers[i].id == id) {
            return true;
        }
    }
    return false;
}

static void ask_partitions(rd_kafka_t *consumer, struct survey *survey) {
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, survey->topic, NULL);
    rd_kafka_resp_err_t error =
        topic ? rd_kafka_metadata(consumer, 0, topic, &metadata, ANSWER_MS) : rd_kafka_last_error();
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        error = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    }
    failed(survey, error, NULL);
    if (survey->status == STATUS_OK) {
        survey->count = metadata->topics[0].partition_cnt;
        survey->status = survey->count > SURVEY_PARTITIONS_MAX ? STATUS_TOO_LARGE : STATUS_OK;
        survey->has_controller = has_broker(metadata, rd_kafka_controllerid(consumer, ANSWER_MS));
    }
    if (metadata) {
        rd_kafka_metadata_destroy(metadata);
    }
    if (topic) {
        rd_kafka_topic_destroy(topic);
    }
}

static void ask_committed(rd_kafka_t *consumer, struct survey *survey) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(survey->count);
    for (int32_t i = 0; i < survey->count; i++) {
        rd_kafka_topic_partition_list_add(list, survey->topic, i);
    }
    failed(survey, rd_kafka_committed(consumer, list, ANSWER_MS), NULL);
    for (int i = 0; survey->status == STATUS_OK && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *partition = &list->elems[i];
        failed(survey, partition->err, NULL);
        survey->offsets[partition->partition].committed =
            partition->offset >= 0 ? partition->offset : OFFSET_NONE;
    }
    rd_kafka_topic_partition_list_destroy(list);
}

/* --- who may write, or read --------------------------------------------------------------------------- */

static bool gives(const rd_kafka_AclBinding_t *rule, enum survey_right right) {
    rd_kafka_AclOperation_t operation = rd_kafka_AclBinding_operation(rule);
    rd_kafka_AclOperation_t asked =
        right == SURVEY_WRITE ? RD_KAFKA_ACL_OPERATION_WRITE : RD_KAFKA_ACL_OPERATION_READ;
    return rd_kafka_AclBinding_permission_type(rule) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW
           && (operation == asked || operation == RD_KAFKA_ACL_OPERATION_ALL);
}

/* Whether this is everybody, or another one than who was met first where nobody is named. */
static bool is_other(const char *holder, const char *named, const char *first) {
    const char *expected = *named ? named : first;
    return strcmp(holder, "User:*") == 0 || (*expected && strcmp(holder, expected) != 0);
}

/* What forbids is not weighed against what allows: that a rule gives it to somebody else is enough. */
static void judge_holders(struct survey *survey, const rd_kafka_event_t *event) {
    size_t count = 0;
    const char *first = "";
    const rd_kafka_AclBinding_t **rules = rd_kafka_DescribeAcls_result_acls(
        rd_kafka_event_DescribeAcls_result((rd_kafka_event_t *)event), &count);
    survey->holders = HOLDERS_UNTOLD;
    snprintf(survey->words, sizeof(survey->words), "no rule lets %s %s",
             *survey->principal ? survey->principal : "anybody",
             survey->right == SURVEY_WRITE ? "write" : "read");
    for (size_t i = 0; i < count; i++) {
        if (!gives(rules[i], survey->right)) {
            continue;
        }
        const char *holder = rd_kafka_AclBinding_principal(rules[i]);
        if (is_other(holder, survey->principal, first)) {
            survey->holders = HOLDERS_OTHERS;
            snprintf(survey->words, sizeof(survey->words), "%s", holder);
            return;
        }
        first = holder;
        survey->holders = HOLDERS_ONE;
    }
}

static void ask_holders(rd_kafka_t *consumer, struct survey *survey) {
    char why[256];
    if (!survey->has_controller) { /* librdkafka would wait for it in vain */
        survey->holders = HOLDERS_UNTOLD;
        snprintf(survey->words, sizeof(survey->words), "the cluster names no controller");
        return;
    }
    rd_kafka_AclBindingFilter_t *filter = rd_kafka_AclBindingFilter_new(
        RD_KAFKA_RESOURCE_TOPIC, survey->topic, RD_KAFKA_RESOURCE_PATTERN_MATCH, NULL, NULL,
        RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, why, sizeof(why));
    require(filter);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(consumer, RD_KAFKA_ADMIN_OP_DESCRIBEACLS);
    rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, why, sizeof(why));
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer);
    rd_kafka_DescribeAcls(consumer, filter, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * ANSWER_MS);
    rd_kafka_resp_err_t error = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        judge_holders(survey, event);
    } else if (error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TRANSPORT) {
        failed(survey, error, NULL);
    } else { /* no authorizer, or its rules are not for us to see */
        survey->holders = HOLDERS_UNTOLD;
        snprintf(survey->words, sizeof(survey->words), "%s", rd_kafka_event_error_string(event));
    }
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_AclBinding_destroy(filter);
}

/* --- all of it ---------------------------------------------------------------------------------------- */

void survey_ask_holders(rd_kafka_t *handle, struct survey *survey) {
    survey->status = STATUS_OK;
    ask_cluster(handle, survey);
    if (survey->status == STATUS_OK) {
        ask_partitions(handle, survey);
    }
    if (survey->status == STATUS_OK || survey->status == STATUS_TOO_LARGE) { /* nothing is kept of each */
        survey->status = STATUS_OK;
        ask_holders(handle, survey);
    }
}

void survey_ask(rd_kafka_t *consumer, struct survey *survey, bool (*closing)(void *context), void *context) {
    static void (*const questions[])(rd_kafka_t *, struct survey *) = { ask_cluster, ask_partitions,
                                                                        ask_holders };
    survey->status = STATUS_OK;
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions) && survey->status == STATUS_OK; i++) {
        questions[i](consumer, survey);
        survey->status = survey->status == STATUS_OK && closing(context) ? STATUS_CLOSED : survey->status;
    }
    if (survey->status != STATUS_OK || survey->holders == HOLDERS_OTHERS) {
        return;
    }
    survey->offsets = memory_array((size_t)survey->count + 1, sizeof(*survey->offsets));
    ask_committed(consumer, survey);
    for (int32_t i = 0; i < survey->count && survey->status == STATUS_OK; i++) {
        struct offsets *offsets = &survey->offsets[i];
        failed(survey,
               rd_kafka_query_watermark_offsets(consumer, survey->topic, i, &offsets->low, &offsets->high,
                                                ANSWER_MS),
               NULL);
        survey->status = survey->status == STATUS_OK && closing(context) ? STATUS_CLOSED : survey->status;
    }
}
