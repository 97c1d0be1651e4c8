/*
 * A topic of submissions on librdkafka's mock cluster, whose brokers answer as late as the test wants: what
 * is read meanwhile must not be held against what they told.
 */
#include <inttypes.h>
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

#include "base/errands.h"
#include "base/file.h"
#include "check/judge.h"
#include "adapters/adapters.h"
#include "adapters/kafka/client.h"
#include "adapters/kafka/submissions.h"
#include "folder_kit.h"

#define FROM       "clearway.test.submissions"
#define RECEIPTS   "clearway.test.receipts"
#define LATE_MS    200
#define LOOKS      5 /* so many surveys are waited for, with messages between any two answers of each */
#define PATIENCE_S 60

static struct {
    rd_kafka_t *owner, *writer;
    rd_kafka_mock_cluster_t *cluster;
    struct loop *loop;
    struct arena *arena;
    struct edition *edition;
    struct judge *judge;
    struct journal *journal;
    struct intake *intake;
    struct errands *errands;
    struct kafka *kafka;
    struct submissions *submissions;
    char directory[64];
    uint64_t sent;
} world;

/* --- the brokers -------------------------------------------------------------------------------------- */

static rd_kafka_t *producer_new(const char *brokers) {
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, reason, sizeof(reason));
    return rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
}

/* Of the two partitions of the topic each has a broker of its own; all else is the first one's. */
static const char *make_cluster(void) {
    world.owner = producer_new("");
    world.cluster = rd_kafka_mock_cluster_new(world.owner, 2);
    assert_non_null(world.cluster);
    assert_int_equal(rd_kafka_mock_topic_create(world.cluster, FROM, 2, 1), 0);
    assert_int_equal(rd_kafka_mock_topic_create(world.cluster, RECEIPTS, 1, 1), 0);
    rd_kafka_mock_partition_set_leader(world.cluster, FROM, 0, 1);
    rd_kafka_mock_partition_set_leader(world.cluster, FROM, 1, 2);
    rd_kafka_mock_partition_set_leader(world.cluster, RECEIPTS, 0, 1);
    rd_kafka_mock_coordinator_set(world.cluster, "group", "test", 1);
    return rd_kafka_mock_cluster_bootstraps(world.cluster);
}

/* --- the house ---------------------------------------------------------------------------------------- */

static void open_journal_and_intake(void) {
    struct journal_report report;
    struct journal_options journal = { .directory = world.directory, .name = "test" };
    assert_int_equal(journal_open(&journal, &world.journal, &report), STATUS_OK);
    struct intake_options intake = { .loop = world.loop,
                                     .journal = world.journal,
                                     .directory = world.directory,
                                     .judge = world.judge,
                                     .workers = 1,
                                     .now = stamp_now() };
    assert_int_equal(intake_start(&intake, &world.intake), STATUS_OK);
}

static void load_edition(void) {
    static const struct party_transport *const transports[] = { &kafka_transport, NULL };
    struct verdict mistakes;
    verdict_init(&mistakes, world.arena);
    const char *parties = file_join(world.arena, world.directory, "parties");
    assert_int_equal(
        file_replace(parties, TEXT("parties:\n  - { code: FWD, name: { zh: 甲, en: F }, roles: [declarant], "
                                   "declares: [\"*\"], kafka: { from: " FROM ", receipts: " RECEIPTS
                                   ", principal: \"User:f\" } }\n")),
        STATUS_OK);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas",
                                       .parties = parties,
                                       .transports = transports };
    assert_int_equal(edition_load(&options, &world.edition, &mistakes), STATUS_OK);
    world.judge = judge_new(world.edition, &mistakes);
    assert_int_equal(mistakes.errors, 0);
}

static int set_up(void **state) {
    memset(&world, 0, sizeof(world));
    strcpy(world.directory, "/tmp/clearway-submissions-XXXXXX");
    assert_non_null(mkdtemp(world.directory));
    world.arena = arena_new();
    world.loop = loop_new();
    const char *brokers = make_cluster();
    world.writer = producer_new(brokers);
    load_edition();
    open_journal_and_intake();
    struct kafka_options kafka = { .loop = world.loop, .brokers = brokers, .source = "test" };
    assert_int_equal(kafka_start(&kafka, &world.kafka), STATUS_OK);
    assert_int_equal(errands_open(world.loop, "kafka", &world.errands), STATUS_OK);
    struct submissions_options submissions = { .loop = world.loop,
                                               .edition = world.edition,
                                               .intake = world.intake,
                                               .kafka = world.kafka,
                                               .errands = world.errands,
                                               .brokers = brokers,
                                               .group = "test",
                                               .source = "test",
                                               .directory = world.directory,
                                               .survey_ms = 1 };
    assert_int_equal(submissions_start(&submissions, &world.submissions), STATUS_OK);
    return 0;
}

static int tear_down(void **state) {
    rd_kafka_destroy(world.writer);
    submissions_drain(world.submissions);
    intake_stop(world.intake);
    kafka_stop(world.kafka);
    errands_close(world.errands);
    submissions_stop(world.submissions);
    journal_close(world.journal);
    judge_release(world.judge);
    edition_release(world.edition);
    loop_free(world.loop);
    arena_free(world.arena);
    rd_kafka_mock_cluster_destroy(world.cluster);
    rd_kafka_destroy(world.owner);
    folder_remove(world.directory);
    return 0;
}

/* --- what happens ------------------------------------------------------------------------------------- */

/* What it says is refused, and recorded. */
static void submit(int32_t partition) {
    char value[32];
    int length = snprintf(value, sizeof(value), "message %" PRIu64, ++world.sent);
    assert_int_equal(rd_kafka_producev(world.writer, RD_KAFKA_V_TOPIC(FROM), RD_KAFKA_V_PARTITION(partition),
                                       RD_KAFKA_V_VALUE(value, (size_t)length),
                                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(rd_kafka_flush(world.writer, PATIENCE_S * 1000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void await_recorded(void) {
    int64_t until = stamp_monotonic_ms() + PATIENCE_S * 1000;
    while (journal_durable(world.journal) < world.sent) {
        if (stamp_monotonic_ms() > until) {
            fail_msg("%" PRIu64 " of %" PRIu64 " are recorded", journal_durable(world.journal), world.sent);
        }
        loop_turn(world.loop, 10);
        intake_note_engine(world.intake, journal_durable(world.journal));
    }
}

/* case 510: the brokers told where each partition ends, one after the other; the first one had been read
 * beyond that when the last had answered, and the topic was taken for another one and stopped for good. */
static void a_topic_that_grows_while_it_is_asked_about_is_read_on(void **state) {
    submit(0);
    await_recorded();
    rd_kafka_mock_broker_set_rtt(world.cluster, 2, LATE_MS);
    int64_t until = stamp_monotonic_ms() + LOOKS * LATE_MS;
    while (stamp_monotonic_ms() < until) {
        submit(0);
        await_recorded();
    }
    rd_kafka_mock_broker_set_rtt(world.cluster, 2, 0);
    submit(1);
    await_recorded();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_topic_that_grows_while_it_is_asked_about_is_read_on, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
