/*
 * mock_broker.c - librdkafka's own mock cluster as a process: a Kafka without Java, for the demo and the
 * tests.
 *
 *   mock_broker TOPIC...
 *
 * Prints the address of its one broker. Reads words from its standard input: "down" closes the broker's port,
 * "up" opens it again; it ends with its input. It keeps the newest 5 MB or so of a partition.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
    char why[512], word[16];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why));
    rd_kafka_t *owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    rd_kafka_mock_cluster_t *cluster = owner ? rd_kafka_mock_cluster_new(owner, 1) : NULL;
    if (!cluster) {
        fprintf(stderr, "mock_broker: no cluster\n");
        return 1;
    }
    for (int i = 1; i < count; i++) {
        rd_kafka_resp_err_t error = rd_kafka_mock_topic_create(cluster, arguments[i], 4, 1);
        if (error) {
            fprintf(stderr, "mock_broker: %s: %s\n", arguments[i], rd_kafka_err2str(error));
        }
    }
    printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    while (scanf("%15s", word) == 1) {
        if (strcmp(word, "down") == 0) {
            rd_kafka_mock_broker_set_down(cluster, 1);
        }
        if (strcmp(word, "up") == 0) {
            rd_kafka_mock_broker_set_up(cluster, 1);
        }
        printf("%s\n", word);
        fflush(stdout);
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(owner);
    return 0;
}
