/*
 * topics.c - makes topics on a Kafka broker: topics BROKERS TOPIC... (one partition each; one that exists is fine).
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

static int report(rd_kafka_event_t *event) {
    size_t count = 0;
    int failed = 0;
    const rd_kafka_CreateTopics_result_t *result = event ? rd_kafka_event_CreateTopics_result(event) : NULL;
    if (!result || rd_kafka_event_error(event)) {
        fprintf(stderr, "topics: %s\n", event ? rd_kafka_event_error_string(event) : "no answer");
        return 1;
    }
    const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(topics[i]);
        if (!error || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        fprintf(stderr, "topics: %s: %s\n", rd_kafka_topic_result_name(topics[i]), rd_kafka_err2str(error));
        failed = 1;
    }
    return failed;
}

int main(int count, char **arguments) {
    char why[512];
    if (count < 3) {
        fprintf(stderr, "usage: topics BROKERS TOPIC...\n");
        return 2;
    }
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", arguments[1], why, sizeof why);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!client) {
        fprintf(stderr, "topics: %s\n", why);
        return 1;
    }
    rd_kafka_NewTopic_t **topics = calloc((size_t)count, sizeof *topics);
    size_t wanted = (size_t)count - 2;
    for (size_t i = 0; i < wanted; i++) topics[i] = rd_kafka_NewTopic_new(arguments[i + 2], 1, 1, why, sizeof why);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_CreateTopics(client, topics, wanted, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 30000);
    int failed = report(event);
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy_array(topics, wanted);
    free(topics);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return failed;
}
