/*
 * Kafka as a transport: against librdkafka's mock cluster with errors pushed into it; what needs no pushed
 * errors also runs against a real broker, CLEARWAY_KAFKA_BROKERS, that has the topic of CLEARWAY_KAFKA_TOPIC
 * (tests/e2e/kafka).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edition/party.h"
#include "adapters/kafka/client.h"
#include "adapters/kafka/counters.h"

#define COUNT(table)   (sizeof(table) / sizeof((table)[0]))
#define DELIVERIES_MAX 2000
#define PARTITIONS     4
#define PRODUCE        0 /* Kafka's number of that request */

static struct {
    rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *cluster; /* NULL: a real broker */
    const char *brokers;
    char topic[64];
    struct loop *loop;
    struct loop_timer *look, *limit;
    struct kafka *kafka;
    struct party party, nowhere;
    struct delivery deliveries[DELIVERIES_MAX];
    char ids[DELIVERIES_MAX][48], subjects[DELIVERIES_MAX][16];
    enum status outcomes[DELIVERIES_MAX];
    size_t sent, done, wanted, round;
    char reason[256];
} world;

static void look(void *context) {
    if (world.done >= world.wanted) {
        loop_stop(world.loop);
    }
    loop_timer_start(world.look, 2);
}

static void too_long(void *context) {
    fail_msg("%zu of %zu outcomes after 60 s", world.done, world.wanted);
}

static void wait_done(size_t count) {
    world.wanted = count;
    loop_timer_start(world.limit, 60000);
    loop_run(world.loop);
    loop_timer_stop(world.limit);
}

static bool is_real(void) {
    return getenv("CLEARWAY_KAFKA_BROKERS") != NULL;
}

static void start_with(const struct kafka_properties *properties, int timeout_ms) {
    struct kafka_options options = { .loop = world.loop,
                                     .brokers = world.brokers,
                                     .source = "/gateway/test",
                                     .properties = properties,
                                     .timeout_ms = timeout_ms };
    assert_int_equal(kafka_start(&options, &world.kafka), STATUS_OK);
}

static void start(int timeout_ms) {
    start_with(NULL, timeout_ms);
}

static void make_cluster(void) {
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
    world.owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
    world.cluster = rd_kafka_mock_cluster_new(world.owner, 3);
    assert_non_null(world.cluster);
    assert_int_equal(rd_kafka_mock_topic_create(world.cluster, world.topic, PARTITIONS, 1), 0);
    rd_kafka_mock_topic_set_error(world.cluster, "clearway.test.nowhere.v1",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    world.brokers = rd_kafka_mock_cluster_bootstraps(world.cluster);
}

static int set_up(void **state) {
    size_t round = world.round + 1;
    memset(&world, 0, sizeof(world));
    world.round = round;
    const char *topic = getenv("CLEARWAY_KAFKA_TOPIC");
    snprintf(world.topic, sizeof(world.topic), "%s", topic ? topic : "clearway.test.messages.v1");
    if (is_real()) {
        world.brokers = getenv("CLEARWAY_KAFKA_BROKERS");
    } else {
        make_cluster();
    }
    world.party = (struct party){ .code = "CUS", .transport = "kafka", .address = world.topic };
    world.nowhere =
        (struct party){ .code = "NONE", .transport = "kafka", .address = "clearway.test.nowhere.v1" };
    world.loop = loop_new();
    world.look = loop_timer_new(world.loop, look, NULL);
    world.limit = loop_timer_new(world.loop, too_long, NULL);
    loop_timer_start(world.look, 1);
    start(0);
    return 0;
}

static int tear_down(void **state) {
    kafka_stop(world.kafka);
    loop_timer_free(world.look);
    loop_timer_free(world.limit);
    loop_free(world.loop);
    if (world.cluster) {
        rd_kafka_mock_cluster_destroy(world.cluster);
        rd_kafka_destroy(world.owner);
    }
    return 0;
}

static void done(struct delivery *delivery, enum status status, enum delivery_reason reason,
                 const char *words) {
    world.outcomes[delivery - world.deliveries] = status;
    world.done++;
    snprintf(world.reason, sizeof(world.reason), "%s %s", delivery_reason_code(reason), words);
}

/* The i-th delivery; ids are of this test alone, also on a broker that keeps what others sent. */
static struct delivery *send_to(const struct party *party, size_t i, struct text data) {
    const struct port *port = kafka_port(world.kafka);
    snprintf(world.ids[i], sizeof(world.ids[i]), "%d-%zu-%zu/CUS", (int)getpid(), world.round, i);
    snprintf(world.subjects[i], sizeof(world.subjects[i]), "CNQDG/BL%zu", i % 7);
    world.deliveries[i] = (struct delivery){ .id = world.ids[i],
                                             .record = 42,
                                             .party = party,
                                             .subject = world.subjects[i],
                                             .family = "declaration",
                                             .format = "cn-dec",
                                             .route = "R01",
                                             .way = "",
                                             .file = "",
                                             .trace = "00-aa-bb-01",
                                             .sender = "FWD",
                                             .recorded = STAMP_SECOND,
                                             .digest = digest_of(data.at, data.length),
                                             .data = data,
                                             .attempt = 1,
                                             .done = done };
    world.outcomes[i] = STATUS_COUNT;
    port->send(port->context, &world.deliveries[i]);
    return &world.deliveries[i];
}

/* --- reading the topic ------------------------------------------------------------------------------- */

static rd_kafka_t *consumer_new(void) {
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", world.brokers, reason, sizeof(reason));
    rd_kafka_conf_set(conf, "group.id", "test", reason, sizeof(reason));
    rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
    rd_kafka_conf_set(conf, "fetch.wait.max.ms", "20", reason, sizeof(reason));
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
    assert_non_null(consumer);
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
        rd_kafka_topic_partition_list_add(all, world.topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    assert_int_equal(rd_kafka_assign(consumer, all), 0);
    rd_kafka_topic_partition_list_destroy(all);
    return consumer;
}

static const char *header(const rd_kafka_message_t *message, const char *name) {
    static char out[256];
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;
    out[0] = '\0';
    if (!rd_kafka_message_headers(message, &headers)
        && !rd_kafka_header_get_last(headers, name, &value, &size)) {
        snprintf(out, sizeof(out), "%.*s", (int)size, (const char *)value);
    }
    return out;
}

/* Which of our deliveries this is; -1: another test's. */
static int which(const rd_kafka_message_t *message) {
    for (size_t i = 0; i < DELIVERIES_MAX && *world.ids[i]; i++) {
        if (strcmp(header(message, "ce_id"), world.ids[i]) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Reads until each of the first `wanted` deliveries was seen, then what is left; count[i]: how often. */
static void read_all(size_t wanted, unsigned *count,
                     void (*check)(const rd_kafka_message_t *message, int which)) {
    rd_kafka_t *consumer = consumer_new();
    size_t seen = 0;
    for (int quiet = 0; seen < wanted ? quiet < 300 : quiet < 3;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
        quiet++;
        if (message && !message->err) {
            int i = which(message);
            quiet = 0;
            if (i >= 0) {
                seen += count[i]++ == 0;
                if (check) {
                    check(message, i);
                }
            }
        }
        if (message) {
            rd_kafka_message_destroy(message);
        }
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    assert_int_equal(seen, wanted);
}

/* --- tests that any broker serves -------------------------------------------------------------------- */

static void check_envelope(const rd_kafka_message_t *message, int i) {
    char digest[80] = "sha256:";
    digest_hex(&world.deliveries[i].digest, digest + 7);
    const char *const expected[][2] = {
        { "ce_specversion", "1.0" },
        { "ce_id", world.ids[i] },
        { "ce_source", "/gateway/test" },
        { "ce_type", "clearway.declaration.v1" },
        { "ce_subject", "CNQDG/BL0" },
        { "ce_partitionkey", "CNQDG/BL0" },
        { "ce_time", "1970-01-01T08:00:01.000+08:00" },
        { "content-type", "application/xml" },
        { "clearway-record", "42" },
        { "clearway-format", "cn-dec" },
        { "clearway-sender", "FWD" },
        { "clearway-route", "R01" },
        { "clearway-digest", digest },
        { "traceparent", "00-aa-bb-01" },
    };
    for (size_t j = 0; j < COUNT(expected); j++) {
        assert_string_equal(header(message, expected[j][0]), expected[j][1]);
    }
    assert_int_equal(message->key_len, 9);
    assert_memory_equal(message->key, "CNQDG/BL0", 9);
    assert_int_equal(message->len, world.deliveries[i].data.length);
    assert_memory_equal(message->payload, world.deliveries[i].data.at, message->len);
}

static void test_a_delivery_becomes_a_cloud_event(void **state) {
    unsigned count[1] = { 0 };
    send_to(&world.party, 0, TEXT("<DecMessage>\r\n\0 \xb1\xa8</DecMessage>"));
    wait_done(1);
    assert_int_equal(world.outcomes[0], STATUS_OK);
    read_all(1, count, check_envelope);
    assert_int_equal(count[0], 1);
}

static int partition_of[7], last_of[7];

static void check_order(const rd_kafka_message_t *message, int i) {
    int subject = i % 7;
    assert_true(partition_of[subject] < 0 || partition_of[subject] == message->partition);
    assert_true(last_of[subject] < i);
    partition_of[subject] = message->partition;
    last_of[subject] = i;
}

static void test_a_consignment_stays_in_order_in_one_partition(void **state) {
    static unsigned count[200];
    memset(count, 0, sizeof(count));
    for (int i = 0; i < 7; i++) {
        partition_of[i] = last_of[i] = -1;
    }
    for (size_t i = 0; i < 200; i++) {
        send_to(&world.party, i, TEXT("<a/>"));
    }
    wait_done(200);
    read_all(200, count, check_order);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(world.outcomes[i], STATUS_OK);
        assert_int_equal(count[i], 1);
    }
}

static void test_an_unknown_topic_is_waited_for(void **state) {
    send_to(&world.nowhere, 0, TEXT("<a/>"));
    wait_done(1);
    assert_int_equal(world.outcomes[0], STATUS_UNAVAILABLE);
    assert_non_null(strstr(world.reason, "nknown topic"));
    send_to(&world.party, 1, TEXT("<a/>")); /* and the others go on */
    wait_done(2);
    assert_int_equal(world.outcomes[1], STATUS_OK);
}

static void test_a_name_no_topic_can_have_is_refused(void **state) {
    if (!is_real()) {
        print_message("skipped: the mock cluster takes every name\n");
        return;
    }
    struct party wrong = { .code = "CUS", .transport = "kafka", .address = "no topic has this name!" };
    send_to(&wrong, 0, TEXT("<a/>"));
    wait_done(1);
    assert_int_equal(world.outcomes[0], STATUS_REFUSED);
}

static void test_a_cancelled_delivery_is_not_reported(void **state) {
    const struct port *port = kafka_port(world.kafka);
    struct delivery *delivery = send_to(&world.party, 0, TEXT("<a/>"));
    port->cancel(port->context, delivery);
    send_to(&world.party, 7, TEXT("<a/>")); /* same consignment, so its report comes later */
    wait_done(1);
    assert_int_equal(world.outcomes[7], STATUS_OK);
    assert_int_equal(world.outcomes[0], STATUS_COUNT);
}

/* Of this producer and of the one before, each by itself. */
static void test_many_are_cancelled(void **state) {
    enum { EACH = 200 };
    static struct kafka_properties none = { .file = "kafka.properties" };
    const struct port *port = kafka_port(world.kafka);
    for (size_t i = 0; i < 2 * EACH; i++) {
        if (i == EACH) {
            assert_true(kafka_may_renew(world.kafka));
            kafka_renew(world.kafka, &none, 0);
        }
        send_to(&world.party, i, TEXT("<a/>"));
    }
    for (size_t i = 0; i < 2 * EACH; i += 2) {
        port->cancel(port->context, &world.deliveries[i]);
    }
    wait_done(EACH);
    for (size_t i = 0; i < 2 * EACH; i++) {
        assert_int_equal(world.outcomes[i], i % 2 ? STATUS_OK : STATUS_COUNT);
    }
}

static void test_stopping_fails_what_is_under_way(void **state) {
    kafka_stop(world.kafka);
    world.brokers = "127.0.0.1:1"; /* nobody there */
    start(60000);
    send_to(&world.party, 0, TEXT("<a/>"));
    kafka_stop(world.kafka);
    world.kafka = NULL;
    assert_int_equal(world.done, 1);
    assert_int_equal(world.outcomes[0], STATUS_UNAVAILABLE);
}

struct letters {
    size_t told, good;
};

static void letter_sent(void *context, enum status status, const char *words) {
    struct letters *letters = context;
    letters->told++;
    letters->good += status == STATUS_OK;
}

/* case 574: what the brokers reported while a stop waited for it was given back twice. */
static void test_a_stop_waits_for_letters_that_the_brokers_have(void **state) {
    enum { LETTERS = 200 };
    struct letters letters = { 0 };
    struct kafka_letter letter = { .topic = world.topic, .key = TEXT("K"), .value = TEXT("{}") };
    for (size_t i = 0; i < LETTERS; i++) {
        kafka_send(world.kafka, &letter, letter_sent, &letters);
    }
    send_to(&world.party, 0, TEXT("<a/>"));
    int64_t begun_ms = stamp_monotonic_ms();
    kafka_stop(world.kafka);
    world.kafka = NULL;
    assert_int_equal(letters.told, LETTERS);
    assert_true(letters.good == LETTERS || stamp_monotonic_ms() - begun_ms >= 1000); /* no longer than that */
    assert_int_equal(world.done, 1);
}

static void test_no_broker_is_unavailable(void **state) {
    kafka_stop(world.kafka);
    world.brokers = "127.0.0.1:1";
    start(500);
    send_to(&world.party, 0, TEXT("<a/>"));
    wait_done(1);
    assert_int_equal(world.outcomes[0], STATUS_UNAVAILABLE);
}

static void test_a_wrong_setting(void **state) {
    struct kafka *kafka;
    struct kafka_options options = {
        .loop = world.loop, .brokers = world.brokers, .source = "/", .timeout_ms = -5
    };
    assert_int_equal(kafka_start(&options, &kafka), STATUS_BAD_CONFIG);
}

/* --- tests that push errors into the mock cluster ---------------------------------------------------- */

/* As dispatch does: until all are there. again: those that were sent more than once. */
static void send_again(size_t count, bool *again) {
    for (size_t missing = 1, tries = 0; missing > 0; tries++) {
        assert_true(tries < 20);
        missing = 0;
        world.done = 0;
        for (size_t i = 0; i < count; i++) {
            if (world.outcomes[i] != STATUS_OK) {
                assert_int_equal(world.outcomes[i], STATUS_UNAVAILABLE);
                send_to(&world.party, i, world.deliveries[i].data);
                again[i] = true;
                missing++;
            }
        }
        wait_done(missing);
    }
}

static void test_passing_errors_are_retried_and_nothing_is_doubled(void **state) {
    static const rd_kafka_resp_err_t errors[] = {
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,      RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
    };
    static unsigned count[300];
    memset(count, 0, sizeof(count));
    rd_kafka_mock_push_request_errors_array(world.cluster, PRODUCE, COUNT(errors), errors);
    for (size_t i = 0; i < 300; i++) {
        send_to(&world.party, i, TEXT("<a/>"));
        if (i % 100 == 50) {
            rd_kafka_mock_partition_set_leader(world.cluster, world.topic, (int)(i / 100),
                                               (int)(i / 100) + 1);
        }
    }
    wait_done(300);
    read_all(300, count, NULL);
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal(world.outcomes[i], STATUS_OK);
        assert_int_equal(count[i], 1);
    }
}

static void test_what_the_broker_refuses(void **state) {
    static const struct {
        rd_kafka_resp_err_t error;
        enum status status;
    } cases[] = {
        { RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, STATUS_TOO_LARGE },
        { RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, STATUS_DENIED },
        { RD_KAFKA_RESP_ERR_INVALID_RECORD, STATUS_REFUSED },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        rd_kafka_mock_push_request_errors(world.cluster, PRODUCE, 1, cases[i].error);
        send_to(&world.party, i, TEXT("<a/>"));
        wait_done(i + 1);
        assert_int_equal(world.outcomes[i], cases[i].status);
        kafka_stop(world.kafka); /* a producer remembers what a topic refused */
        start(0);
    }
}

static void test_a_broker_that_goes_and_comes_back(void **state) {
    kafka_stop(world.kafka);
    start(1000);
    for (int broker = 1; broker <= 3; broker++) {
        rd_kafka_mock_broker_set_down(world.cluster, broker);
    }
    send_to(&world.party, 0, TEXT("<a/>"));
    wait_done(1);
    assert_int_equal(world.outcomes[0], STATUS_UNAVAILABLE);
    for (int broker = 1; broker <= 3; broker++) {
        rd_kafka_mock_broker_set_up(world.cluster, broker);
    }
    for (int tries = 0; world.outcomes[0] != STATUS_OK; tries++) { /* as dispatch does */
        assert_true(tries < 20);
        world.done = 0;
        send_to(&world.party, 0, TEXT("<a/>"));
        wait_done(1);
    }
}

static void test_a_fatal_error_makes_a_new_producer(void **state) {
    int64_t fatal = room_counter_get(&kafka_counters[KAFKA_COUNT_FATAL]);
    static unsigned count[50];
    bool again[50] = { false };
    memset(count, 0, sizeof(count));
    send_to(&world.party, 0, TEXT("<a/>"));
    wait_done(1);
    rd_kafka_mock_push_request_errors(world.cluster, PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    for (size_t i = 1; i < 50; i++) {
        send_to(&world.party, i, TEXT("<a/>"));
    }
    wait_done(50);
    assert_int_equal(room_counter_get(&kafka_counters[KAFKA_COUNT_FATAL]), fatal + 1);
    send_again(50, again);
    read_all(50, count, NULL); /* each at least once, under the id it always had */
}

/* Pushes a fatal error and waits until it has come to the delivery that met it. */
static void fail_for_good(void) {
    size_t before = world.done;
    rd_kafka_mock_push_request_errors(world.cluster, PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    for (size_t i = 0; i < 2; i++) { /* the first batch gives the sequence that the second is out of */
        send_to(&world.party, i, TEXT("<a/>"));
    }
    wait_done(before + 2);
}

static enum status outcome_of(struct text data) {
    size_t before = world.done; /* an outcome may come while sending */
    send_to(&world.party, 0, data);
    wait_done(before + 1);
    return world.outcomes[0];
}

/* As dispatch does, until it is there. */
static void send_until_done(void) {
    for (int tries = 0; outcome_of(TEXT("<a/>")) != STATUS_OK; tries++) {
        assert_true(tries < 600);
        assert_int_equal(world.outcomes[0], STATUS_UNAVAILABLE);
        usleep(50000);
    }
}

static void test_a_new_producer_has_the_properties_of_the_last(void **state) {
    static char large[4000];
    memset(large, 'x', sizeof(large));
    struct text data = { large, sizeof(large) };
    struct kafka_property list[] = { { "message.max.bytes", "2000", 1, 1 } };
    struct kafka_properties properties = { "kafka.properties", list, COUNT(list) };
    assert_int_equal(outcome_of(data), STATUS_OK);
    kafka_stop(world.kafka);
    start_with(&properties, 0);
    assert_int_equal(outcome_of(data), STATUS_TOO_LARGE);
    send_until_done();
    int64_t fatal = room_counter_get(&kafka_counters[KAFKA_COUNT_FATAL]);
    fail_for_good();
    send_until_done();
    assert_int_equal(room_counter_get(&kafka_counters[KAFKA_COUNT_FATAL]), fatal + 1);
    assert_int_equal(outcome_of(data), STATUS_TOO_LARGE);
}

/* A certificate can have been taken away: the other transports go on, and so does this one when it is
   back. */
static void test_a_producer_that_cannot_be_made_anew_yet(void **state) {
    struct kafka_property list[] = { { "linger.ms", "5", 1, 1 } };
    struct kafka_properties properties = { "kafka.properties", list, COUNT(list) };
    kafka_stop(world.kafka);
    start_with(&properties, 0);
    send_until_done();
    list[0].value = "none";
    fail_for_good();
    while (outcome_of(TEXT("<a/>")) == STATUS_OK) {
    }
    assert_int_equal(world.outcomes[0], STATUS_UNAVAILABLE);
    assert_int_equal(outcome_of(TEXT("<a/>")), STATUS_UNAVAILABLE);
    assert_non_null(strstr(world.reason, "producer-failed"));
    list[0].value = "5";
    send_until_done();
    list[0].value = "none"; /* and it can be stopped without one */
    fail_for_good();
    while (outcome_of(TEXT("<a/>")) == STATUS_OK) {
    }
}

/* case 940: what brokers had refused was told as done when the batch behind it was acknowledged. One batch is
 * refused while the next one of its partition is under way (where it is not yet, all goes well without). */
static void test_done_is_what_a_broker_acknowledged(void **state) {
    enum { ROUND = 7 }; /* one of each subject */
    static unsigned count[3 * ROUND];
    bool again[3 * ROUND] = { false };
    memset(count, 0, sizeof(count));
    for (size_t i = 0; i < COUNT(count); i++) {
        if (i == ROUND) { /* all brokers are known now */
            wait_done(ROUND);
            for (int broker = 1; broker <= 3; broker++) {
                rd_kafka_mock_broker_set_rtt(world.cluster, broker, 400);
            }
            rd_kafka_mock_push_request_errors(world.cluster, PRODUCE, 1,
                                              RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
        } else if (i == 2 * ROUND) {
            usleep(100000); /* the batches of the round before leave */
        }
        send_to(&world.party, i, TEXT("<a/>"));
    }
    wait_done(COUNT(count));
    send_again(COUNT(count), again);
    read_all(COUNT(count), count, NULL);
}

static void test_two_thousand_with_leaders_that_move(void **state) {
    static unsigned count[DELIVERIES_MAX];
    static bool again[DELIVERIES_MAX];
    memset(count, 0, sizeof(count));
    memset(again, 0, sizeof(again));
    for (size_t i = 0; i < DELIVERIES_MAX; i++) {
        send_to(&world.party, i, TEXT("<DecMessage>0123456789</DecMessage>"));
        if (i % 250 == 100) {
            rd_kafka_mock_partition_set_leader(world.cluster, world.topic, (int)(i / 250) % PARTITIONS,
                                               (int)(i / 250) % 3 + 1);
            rd_kafka_mock_push_request_errors(world.cluster, PRODUCE, 1,
                                              RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
        }
    }
    wait_done(DELIVERIES_MAX);
    send_again(DELIVERIES_MAX, again);
    read_all(DELIVERIES_MAX, count, NULL);
    for (size_t i = 0; i < DELIVERIES_MAX; i++) {
        assert_true(count[i] == 1 || again[i]);
    }
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest anywhere[] = {
        T(test_a_delivery_becomes_a_cloud_event),
        T(test_a_consignment_stays_in_order_in_one_partition),
        T(test_an_unknown_topic_is_waited_for),
        T(test_a_name_no_topic_can_have_is_refused),
        T(test_a_cancelled_delivery_is_not_reported),
        T(test_many_are_cancelled),
        T(test_stopping_fails_what_is_under_way),
        T(test_a_stop_waits_for_letters_that_the_brokers_have),
        T(test_no_broker_is_unavailable),
        T(test_a_wrong_setting),
    };
    const struct CMUnitTest mocked[] = {
        T(test_passing_errors_are_retried_and_nothing_is_doubled),
        T(test_what_the_broker_refuses),
        T(test_a_broker_that_goes_and_comes_back),
        T(test_a_fatal_error_makes_a_new_producer),
        T(test_a_new_producer_has_the_properties_of_the_last),
        T(test_a_producer_that_cannot_be_made_anew_yet),
        T(test_done_is_what_a_broker_acknowledged),
        T(test_two_thousand_with_leaders_that_move),
    };
    int failed = cmocka_run_group_tests(anywhere, NULL, NULL);
    return is_real() ? failed : failed + cmocka_run_group_tests(mocked, NULL, NULL);
}
