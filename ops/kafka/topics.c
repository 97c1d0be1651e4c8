/*
 * topics.c - makes topics on a Kafka broker, so that no Java tool is needed:
 * kafka-topics BROKERS TOPIC[:PARTITIONS]...
 *
 * Four partitions unless told otherwise, one replica. A topic that exists is left as it is. Waits up to 30 s
 * for the broker.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTITIONS_USUAL 4
#define WAIT_MS          30000

static int fail(const char *what, const char *why) {
    fprintf(stderr, "kafka-topics: %s: %s\n", what, why);
    return 1;
}

static rd_kafka_t *connect_to(const char *brokers) {
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof(why));
    rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why));
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    if (!client) {
        fail(brokers, why);
        exit(1);
    }
    return client;
}

/* "name" or "name:partitions". */
static rd_kafka_NewTopic_t *topic_of(char *argument) {
    char why[512];
    char *colon = strchr(argument, ':');
    int partitions = colon ? atoi(colon + 1) : PARTITIONS_USUAL;
    if (colon) {
        *colon = '\0';
    }
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(argument, partitions, 1, why, sizeof(why));
    if (!topic) {
        fail(argument, why);
        exit(2);
    }
    return topic;
}

static int report(rd_kafka_event_t *event) {
    const rd_kafka_CreateTopics_result_t *result = event ? rd_kafka_event_CreateTopics_result(event) : NULL;
    if (!result || rd_kafka_event_error(event)) {
        return fail("not made", event ? rd_kafka_event_error_string(event) : "no answer");
    }
    size_t count = 0;
    int failed = 0;
    const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(topics[i]);
        if (error && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            failed = fail(rd_kafka_topic_result_name(topics[i]), rd_kafka_err2str(error));
        }
    }
    return failed;
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: kafka-topics BROKERS TOPIC[:PARTITIONS]...\n");
        return 2;
    }
    size_t wanted = (size_t)count - 2;
    rd_kafka_t *client = connect_to(arguments[1]);
    rd_kafka_NewTopic_t **topics = calloc(wanted, sizeof(*topics));
    for (size_t i = 0; i < wanted; i++) {
        topics[i] = topic_of(arguments[i + 2]);
    }
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    char why[512];
    rd_kafka_AdminOptions_set_request_timeout(options, WAIT_MS, why, sizeof(why));
    /* Until every broker knows them. */
    rd_kafka_AdminOptions_set_operation_timeout(options, WAIT_MS, why, sizeof(why));
    rd_kafka_CreateTopics(client, topics, wanted, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * WAIT_MS);
    int failed = report(event);
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy_array(topics, wanted);
    free(topics);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return failed;
}
