/*
 * mock_broker.c - librdkafka's own mock cluster as a process: a Kafka without Java, for the demo and the
 * tests.
 *
 *   mock_broker [-b BROKERS] TOPIC...
 *
 * One broker unless told otherwise; each topic has four partitions. Prints the addresses. Reads lines from
 * its standard input, does what they say and prints them again; it ends with its input:
 *
 *   down                              closes the ports of all brokers
 *   up                                opens them again
 *   leader TOPIC PARTITION BROKER     another broker leads that partition
 *   error REQUEST CODE                the next such request (by its number) is answered with this error
 *
 * It keeps the newest 5 MB or so of a partition.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_all(rd_kafka_mock_cluster_t *cluster, int brokers,
                    rd_kafka_resp_err_t set(rd_kafka_mock_cluster_t *cluster, int32_t broker)) {
    for (int i = 1; i <= brokers; i++) {
        set(cluster, i);
    }
}

static void obey(rd_kafka_mock_cluster_t *cluster, int brokers, const char *line) {
    char topic[256];
    int first, second;
    if (strcmp(line, "down") == 0) {
        set_all(cluster, brokers, rd_kafka_mock_broker_set_down);
    } else if (strcmp(line, "up") == 0) {
        set_all(cluster, brokers, rd_kafka_mock_broker_set_up);
    } else if (sscanf(line, "leader %255s %d %d", topic, &first, &second) == 3) {
        rd_kafka_mock_partition_set_leader(cluster, topic, first, second);
    } else if (sscanf(line, "error %d %d", &first, &second) == 2) {
        rd_kafka_mock_push_request_errors(cluster, (int16_t)first, 1, (rd_kafka_resp_err_t)second);
    } else {
        fprintf(stderr, "mock_broker: %s?\n", line);
        exit(2);
    }
}

int main(int count, char **arguments) {
    char why[512], line[512];
    int brokers = 1;
    for (int option; (option = getopt(count, arguments, "b:")) != -1;) {
        brokers = option == 'b' ? atoi(optarg) : brokers;
    }
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why));
    rd_kafka_t *owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    rd_kafka_mock_cluster_t *cluster = owner ? rd_kafka_mock_cluster_new(owner, brokers) : NULL;
    if (!cluster) {
        fprintf(stderr, "mock_broker: no cluster\n");
        return 1;
    }
    for (int i = optind; i < count; i++) {
        rd_kafka_resp_err_t error = rd_kafka_mock_topic_create(cluster, arguments[i], 4, 1);
        if (error) {
            fprintf(stderr, "mock_broker: %s: %s\n", arguments[i], rd_kafka_err2str(error));
        }
    }
    printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        obey(cluster, brokers, line);
        printf("%s\n", line);
        fflush(stdout);
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(owner);
    return 0;
}
