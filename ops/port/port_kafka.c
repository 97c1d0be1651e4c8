/*
 * port_kafka.c - reads a topic and writes each message to its pipe, so that a script can play customs.
 *
 *   port_kafka BROKERS TOPIC GROUP
 *
 * Each comes as MESSAGE with its headers and key as a JSON object and its bytes. Where it stopped reading is
 * kept at the broker under GROUP. It ends with its standard input.
 */
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "pipe.h"

#define HEADERS_MAX 65536

static void fail(const char *what, const char *why) {
    fprintf(stderr, "port_kafka: %s: %s\n", what, why);
    exit(1);
}

static rd_kafka_t *make_consumer(const char *brokers, const char *group) {
    const char *const settings[][2] = {
        { "bootstrap.servers", brokers },        { "group.id", group },
        { "auto.offset.reset", "earliest" },     { "log_level", "0" },
        { "enable.auto.commit", "true" },        { "auto.commit.interval.ms", "500" },
        { "reconnect.backoff.max.ms", "500" },   { "fetch.wait.max.ms", "20" },
        { "allow.auto.create.topics", "false" },
    };
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof(why))) {
            fail(settings[i][0], why);
        }
    }
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
    if (!consumer) {
        fail("consumer", why);
    }
    rd_kafka_poll_set_consumer(consumer);
    return consumer;
}

/* All partitions of the topic, without the wait of joining a group. */
static void assign_all(rd_kafka_t *consumer, const char *topic) {
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer, topic, NULL);
    rd_kafka_resp_err_t error = rd_kafka_metadata(consumer, 0, handle, &metadata, 30000);
    if (error) {
        fail(topic, rd_kafka_err2str(error));
    }
    rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(16);
    for (int i = 0; i < metadata->topics[0].partition_cnt; i++) {
        rd_kafka_topic_partition_list_add(partitions, topic, metadata->topics[0].partitions[i].id)->offset =
            RD_KAFKA_OFFSET_STORED;
    }
    if (!partitions->cnt) {
        fail(topic, "no such topic");
    }
    error = rd_kafka_assign(consumer, partitions);
    if (error) {
        fail(topic, rd_kafka_err2str(error));
    }
    rd_kafka_topic_partition_list_destroy(partitions);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
}

static void put_headers(const rd_kafka_message_t *message, struct buf *out) {
    struct json_out json;
    rd_kafka_headers_t *headers;
    json_start(&json, out);
    json_open_object(&json, NULL);
    json_put_text(&json, "key", (struct text){ message->key, message->key_len });
    json_put_int(&json, "partition", message->partition);
    json_put_int(&json, "offset", message->offset);
    if (!rd_kafka_message_headers(message, &headers)) {
        const char *name;
        const void *value;
        size_t length;
        for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &length); i++) {
            json_put_text(&json, name, (struct text){ value, length });
        }
    }
    json_close_object(&json);
}

static void take_message(const rd_kafka_message_t *message) {
    if (message->err) {
        if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            fprintf(stderr, "port_kafka: %s\n", rd_kafka_message_errstr(message));
        }
        return;
    }
    struct buf headers;
    buf_init(&headers, HEADERS_MAX);
    put_headers(message, &headers);
    pipe_write("MESSAGE", buf_text(&headers), (struct text){ message->payload, message->len });
    buf_release(&headers);
}

/* A broker that has just started does not know yet where we stopped; librdkafka asks once, so we ask
   again. */
static bool is_passing(const rd_kafka_message_t *message) {
    return message->err == RD_KAFKA_RESP_ERR_NOT_COORDINATOR
           || message->err == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE
           || message->err == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
}

static bool input_ended(void) {
    struct pollfd input = { .fd = 0, .events = POLLIN };
    char byte;
    return poll(&input, 1, 0) > 0 && fread(&byte, 1, 1, stdin) == 0;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: port_kafka BROKERS TOPIC GROUP\n");
        return 2;
    }
    rd_kafka_t *consumer = make_consumer(arguments[1], arguments[3]);
    assign_all(consumer, arguments[2]);
    pipe_write("READY", TEXT(""), TEXT(""));
    while (!input_ended()) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
        if (!message) {
            continue;
        }
        if (is_passing(message)) {
            assign_all(consumer, arguments[2]);
        } else {
            take_message(message);
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return 0;
}
