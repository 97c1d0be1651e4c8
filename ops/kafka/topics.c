/*
 * topics.c - makes topics on a Kafka broker, so that no Java tool is needed, and none is made by accident:
 * kafka-topics BROKERS TOPIC[:PARTITIONS][@WRITER][%READER]...     make it, if it is not there
 *              BROKERS -TOPIC...                           delete it, with all that stands in it
 *              BROKERS ?GATEWAY...                         let this principal ask who may read and write
 *
 * Four partitions unless told otherwise, one replica; messages are deleted with time and never compacted,
 * since each is a message of its own (cleanup.policy), and stay two weeks. WRITER, a principal as
 * User:fwd-qd-01, is let write to the topic: where nobody else is, the gateway knows who speaks on it. READER
 * is let read it: where nobody else is, the gateway knows who hears it, if it may ask (?GATEWAY). A topic
 * that exists is left as it is. Waits up to 30 s for the broker.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTITIONS_USUAL 4
#define WAIT_MS          30000
#define RETENTION_MS     "1209600000"

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

/* "name", "name:partitions"; what follows '@' and '%' is cut off before. */
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
    rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "delete");
    rd_kafka_NewTopic_set_config(topic, "retention.ms", RETENTION_MS);
    return topic;
}

static int judge(const rd_kafka_topic_result_t **topics, size_t count) {
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(topics[i]);
        if (error && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            failed = fail(rd_kafka_topic_result_name(topics[i]), rd_kafka_err2str(error));
        }
    }
    return failed;
}

/* What came of it, of whichever kind it is. */
static int report(rd_kafka_queue_t *queue) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * WAIT_MS);
    int failed = 0;
    size_t count = 0;
    if (!event || rd_kafka_event_error(event)) {
        failed = fail("not done", event ? rd_kafka_event_error_string(event) : "no answer");
    } else if (rd_kafka_event_CreateTopics_result(event)) {
        const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
        const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &count);
        failed = judge(topics, count);
    } else if (rd_kafka_event_DeleteTopics_result(event)) {
        const rd_kafka_DeleteTopics_result_t *result = rd_kafka_event_DeleteTopics_result(event);
        const rd_kafka_topic_result_t **topics = rd_kafka_DeleteTopics_result_topics(result, &count);
        failed = judge(topics, count);
    } else if (rd_kafka_event_CreateAcls_result(event)) {
        const rd_kafka_acl_result_t **rules =
            rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count);
        for (size_t i = 0; i < count; i++) {
            const rd_kafka_error_t *error = rd_kafka_acl_result_error(rules[i]);
            failed = error ? fail("rule", rd_kafka_error_string(error)) : failed;
        }
    }
    if (event) {
        rd_kafka_event_destroy(event);
    }
    return failed;
}

static rd_kafka_AdminOptions_t *options_for(rd_kafka_t *client, rd_kafka_admin_op_t what) {
    char why[512];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, what);
    rd_kafka_AdminOptions_set_request_timeout(options, WAIT_MS, why, sizeof(why));
    if (what != RD_KAFKA_ADMIN_OP_CREATEACLS) { /* until every broker knows them */
        rd_kafka_AdminOptions_set_operation_timeout(options, WAIT_MS, why, sizeof(why));
    }
    return options;
}

static int make(rd_kafka_t *client, rd_kafka_queue_t *queue, char *argument) {
    rd_kafka_AdminOptions_t *options = options_for(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_NewTopic_t *topic = topic_of(argument);
    rd_kafka_CreateTopics(client, &topic, 1, options, queue);
    int failed = report(queue);
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_AdminOptions_destroy(options);
    return failed;
}

static int let(rd_kafka_t *client, rd_kafka_queue_t *queue, rd_kafka_ResourceType_t of, const char *name,
               const char *who, rd_kafka_AclOperation_t what) {
    char why[512];
    rd_kafka_AdminOptions_t *options = options_for(client, RD_KAFKA_ADMIN_OP_CREATEACLS);
    rd_kafka_AclBinding_t *rule =
        rd_kafka_AclBinding_new(of, name, RD_KAFKA_RESOURCE_PATTERN_LITERAL, who, "*", what,
                                RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, why, sizeof(why));
    if (!rule) {
        return fail(who, why);
    }
    rd_kafka_CreateAcls(client, &rule, 1, options, queue);
    int failed = report(queue);
    rd_kafka_AclBinding_destroy(rule);
    rd_kafka_AdminOptions_destroy(options);
    return failed;
}

static int delete(rd_kafka_t *client, rd_kafka_queue_t *queue, const char *name) {
    rd_kafka_AdminOptions_t *options = options_for(client, RD_KAFKA_ADMIN_OP_DELETETOPICS);
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
    rd_kafka_DeleteTopics(client, &topic, 1, options, queue);
    int failed = report(queue);
    rd_kafka_DeleteTopic_destroy(topic);
    rd_kafka_AdminOptions_destroy(options);
    return failed;
}

/* What stands behind that sign, which ends what is before it; NULL: it is not there. */
static char *cut(char *text, char sign) {
    char *at = strchr(text, sign);
    if (at) {
        *at++ = '\0';
    }
    return at;
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: kafka-topics BROKERS "
                        "TOPIC[:PARTITIONS][@WRITER][%%READER]... | -TOPIC... | ?GATEWAY...\n");
        return 2;
    }
    rd_kafka_t *client = connect_to(arguments[1]);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    int failed = 0;
    for (int i = 2; i < count; i++) {
        char *argument = arguments[i], *writer = cut(argument, '@');
        char *reader = cut(writer ? writer : argument, '%');
        if (argument[0] == '-') {
            failed |= delete (client, queue, argument + 1);
        } else if (argument[0] == '?') {
            failed |= let(client, queue, RD_KAFKA_RESOURCE_BROKER, "kafka-cluster", argument + 1,
                          RD_KAFKA_ACL_OPERATION_DESCRIBE);
        } else {
            failed |= make(client, queue, argument);
            failed |= writer ? let(client, queue, RD_KAFKA_RESOURCE_TOPIC, argument, writer,
                                   RD_KAFKA_ACL_OPERATION_WRITE)
                             : 0;
            failed |= reader ? let(client, queue, RD_KAFKA_RESOURCE_TOPIC, argument, reader,
                                   RD_KAFKA_ACL_OPERATION_READ)
                             : 0;
        }
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return failed;
}
