/*
 * bench_adapters_kafka.c - what Kafka costs beside bare loops over librdkafka.
 *
 *   out   messages of 300 B and 10 KB to 8 topics, each acknowledged, 512 in flight, beside a loop that gives
 *         a producer with the same settings the same bytes, key and headers: the goal is 0.8 of its speed
 *   in    declarations of 6 KB from a party's topic to their receipts on another, recorded in between, beside
 *         a loop that reads the same, judges each message and does nothing else: the goal is 0.5 of its speed
 *
 * The brokers (librdkafka's mock cluster), who submits and who reads receipts are a process of their own.
 * Rounds take turns; the median of each. Processor time is that of this process, librdkafka's threads with
 * it. What the gateway does behind its receipts is its own, too: a round in fills a segment and more than one
 * generation of ids seen, and its processor time ends when all of that is done. The rate, which the threads
 * of the gateway make together and the bare loop makes alone, is that of receipts, while messages wait.
 * bench_adapters_kafka out, or in: that alone.
 */
#include <librdkafka/rdkafka.h>

#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "check/check.h"
#include "check/judge.h"
#include "adapters/adapters.h"
#include "adapters/kafka/client.h"
#include "base/errands.h"
#include "adapters/kafka/handle.h"
#include "adapters/kafka/submissions.h"
#include "fan_out.h"
#include "bench_clock.h"

enum { ROUNDS = 15, PARTITIONS = 4, WAIT_MS = 20, NAME_MAX_BYTES = 64, DESCRIPTORS_MAX = 256 };
enum { FINISH_LOOK_MS = 100, FINISHED_US = 3000 }; /* of CPU: what an idle gateway takes in that time */

#define SUBMISSIONS "bench.submissions"
#define RECEIPTS    "bench.receipts"
#define READ_BARE   "bench.bare"
#define SERIAL      "20261012000000001" /* in the message below: its sender's id */

static void send_topic(int i, char name[NAME_MAX_BYTES]) {
    snprintf(name, NAME_MAX_BYTES, "bench.deliveries.%d", i);
}

static double elapsed_us(void) {
    return (double)stamp_monotonic_ns() / 1e3;
}

static double cpu_us(void) {
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) * 1e6;
}

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* In microseconds a message. */
struct round {
    double processor, elapsed;
};

static struct round begin_round(void) {
    return (struct round){ cpu_us(), elapsed_us() };
}

static struct round end_round(struct round begin, size_t count) {
    double messages = (double)count;
    return (struct round){ (cpu_us() - begin.processor) / messages,
                           (elapsed_us() - begin.elapsed) / messages };
}

static double median_of(double *figures) {
    qsort(figures, ROUNDS, sizeof(*figures), by_size);
    return figures[ROUNDS / 2];
}

/* Of each the median, and of the ratios of rounds that stood side by side. */
static void tell(const char *what, const struct round *ours, const struct round *bare, double goal) {
    double processor[2][ROUNDS], ratios[ROUNDS], rates[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        processor[0][i] = ours[i].processor;
        processor[1][i] = bare[i].processor;
        ratios[i] = bare[i].processor / ours[i].processor;
        rates[i] = bare[i].elapsed / ours[i].elapsed;
    }
    printf("%-10s %7.2f us of processor time a message; the bare loop %7.2f us: %.2f of its speed; "
           "%.2f of its rate (goal %.2f)\n",
           what, median_of(processor[0]), median_of(processor[1]), median_of(ratios), median_of(rates), goal);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char why[256];
    require(rd_kafka_conf_set(conf, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK);
}

/* --- the other process ------------------------------------------------------------------------------ */

enum word { FEED, AWAIT };

/* FEED: so many messages behind the first go onto the topic. AWAIT: until so many receipts have come in all.
 * Each is answered with a byte. */
struct order {
    enum word word;
    char topic[NAME_MAX_BYTES];
    size_t first, count;
};

static void feed(rd_kafka_t *producer, const struct order *order, struct text message) {
    char *serial = memmem(message.at, message.length, SERIAL, strlen(SERIAL));
    require(serial);
    for (size_t i = 0; i < order->count; i++) {
        char digits[18], key[24];
        snprintf(digits, sizeof(digits), "2026%013zu", order->first + i);
        snprintf(key, sizeof(key), "K%zu", order->first + i);
        memcpy(serial, digits, 17);
        rd_kafka_resp_err_t error =
            rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(order->topic), RD_KAFKA_V_KEY(key, strlen(key)),
                              RD_KAFKA_V_VALUE((void *)message.at, message.length),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        require(error == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    require(rd_kafka_flush(producer, 60000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    memcpy(serial, SERIAL, 17);
}

static rd_kafka_t *reader_of(const char *brokers, const char *topic) {
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "group.id", topic);
    set(conf, "enable.auto.commit", "false");
    set(conf, "fetch.wait.max.ms",
        "100"); /* else as the library has it: it rests where little may be queued */
    rd_kafka_t *reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
    require(reader);
    rd_kafka_poll_set_consumer(reader);
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
        rd_kafka_topic_partition_list_add(all, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    require(rd_kafka_assign(reader, all) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(all);
    return reader;
}

/* As Kafka's brokers do, and the mock cluster does not: what is accepted has it from what listens. */
static void send_at_once(void) {
    static const int on = 1;
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
        int listens = 0;
        socklen_t length = sizeof(listens);
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens) {
            require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
        }
    }
}

static void be_the_others(int orders, int answers, struct text message) {
    char why[256], brokers[NAME_MAX_BYTES] = "", topic[NAME_MAX_BYTES];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "log_level", "0");
    rd_kafka_t *owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(owner, 1);
    static const char *const topics[] = { SUBMISSIONS, RECEIPTS, READ_BARE };
    for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++) {
        rd_kafka_mock_topic_create(cluster, topics[i], PARTITIONS, 1);
    }
    for (int i = 0; i < PARTIES; i++) {
        send_topic(i, topic);
        rd_kafka_mock_topic_create(cluster, topic, PARTITIONS, 1);
    }
    send_at_once();
    snprintf(brokers, sizeof(brokers), "%s", rd_kafka_mock_cluster_bootstraps(cluster));
    require(write(answers, brokers, sizeof(brokers)) == sizeof(brokers));
    conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "queue.buffering.max.messages", "1000000");
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    rd_kafka_t *receipts = reader_of(brokers, RECEIPTS);
    struct order order;
    for (size_t read_so_far = 0; read(orders, &order, sizeof(order)) == sizeof(order);) {
        if (order.word == FEED) {
            feed(producer, &order, message);
        }
        while (order.word == AWAIT && read_so_far < order.count) {
            rd_kafka_message_t *receipt = rd_kafka_consumer_poll(receipts, 1000);
            read_so_far += receipt && !receipt->err;
            if (receipt) {
                rd_kafka_message_destroy(receipt);
            }
        }
        require(write(answers, "", 1) == 1);
    }
    _exit(0);
}

static struct {
    int orders, answers; /* to and from it */
    char brokers[NAME_MAX_BYTES];
} others;

static void order(enum word word, const char *topic, size_t first, size_t count) {
    struct order order = { .word = word, .first = first, .count = count };
    snprintf(order.topic, sizeof(order.topic), "%s", topic);
    require(write(others.orders, &order, sizeof(order)) == sizeof(order));
}

static bool have_answered(int wait_ms) {
    char byte;
    struct pollfd answer = { .fd = others.answers, .events = POLLIN };
    return poll(&answer, 1, wait_ms) > 0 && read(others.answers, &byte, 1) == 1;
}

/* --- out: the gateway's client ------------------------------------------------------------------------ */

static struct {
    struct kafka *kafka;
    struct party parties[PARTIES];
    char names[PARTIES][NAME_MAX_BYTES];
} out;

static void open_client(void) {
    fan_out.loop = loop_new();
    struct kafka_options options = { .loop = fan_out.loop, .brokers = others.brokers, .source = "bench" };
    require(kafka_start(&options, &out.kafka) == STATUS_OK);
    fan_out.port = kafka_port(out.kafka);
    for (int i = 0; i < PARTIES; i++) {
        send_topic(i, out.names[i]);
        out.parties[i] = (struct party){ .code = "P", .transport = "kafka", .address = out.names[i] };
        fan_out_prepare((size_t)i, &out.parties[i]);
    }
}

/* --- out: the bare loop ------------------------------------------------------------------------------- */

static struct {
    rd_kafka_t *producer;
    size_t in_flight;
} bare;

static void take_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *context) {
    require(!message->err);
    bare.in_flight--;
}

static void open_bare(void) {
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", others.brokers);
    set(conf, "enable.idempotence", "true");
    set(conf, "partitioner", "murmur2_random");
    set(conf, "compression.codec", "zstd");
    set(conf, "compression.level", "1");
    set(conf, "linger.ms", "20");
    set(conf, "socket.nagle.disable", "true");
    rd_kafka_conf_set_dr_msg_cb(conf, take_report);
    bare.producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    require(bare.producer);
}

static void send_one_bare(size_t i) {
    static const char *const headers[][2] = {
        { "ce_specversion", "1.0" },
        { "ce_id", "123456/CUS-QD" },
        { "ce_source", "bench" },
        { "ce_type", "clearway.declaration.v1" },
        { "ce_subject", "CNQDG/COSU6001234567" },
        { "ce_time", "2026-10-11T03:40:00.000+08:00" },
        { "ce_partitionkey", "CNQDG/COSU6001234567" },
        { "content-type", "application/xml" },
        { "clearway-record", "123456" },
        { "clearway-format", "cn-dec" },
        { "clearway-digest", "sha256:0000000000000000000000000000000000000000000000000000000000000000" },
        { "clearway-sender", "FWD-QD-01" },
        { "clearway-route", "R01" },
    };
    enum { COUNT = sizeof(headers) / sizeof(*headers) };
    rd_kafka_headers_t *list = rd_kafka_headers_new(COUNT);
    for (size_t k = 0; k < COUNT; k++) {
        rd_kafka_header_add(list, headers[k][0], -1, headers[k][1], -1);
    }
    rd_kafka_resp_err_t error = rd_kafka_producev(
        bare.producer, RD_KAFKA_V_TOPIC(out.names[i % PARTIES]), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY("CNQDG/COSU6001234567", 20),
        RD_KAFKA_V_VALUE((void *)fan_out.body.at, fan_out.body.length), RD_KAFKA_V_HEADERS(list),
        RD_KAFKA_V_END);
    require(error == RD_KAFKA_RESP_ERR_NO_ERROR);
    bare.in_flight++;
}

static void send_bare(size_t count) {
    for (size_t i = 0; i < count || bare.in_flight > 0;) {
        while (i < count && bare.in_flight < PARTIES * WINDOW) {
            send_one_bare(i++);
        }
        rd_kafka_poll(bare.producer, WAIT_MS);
    }
}

static void compare_out(const char *what, size_t size, size_t count) {
    struct round ours[ROUNDS], bare_ones[ROUNDS];
    char *bytes = memory_new(size);
    unsigned random = 1;
    for (size_t i = 0; i < size; i++) { /* as compressible as XML: words out of few */
        random = i % 6 == 0 ? random * 1103515245u + 12345u : random;
        bytes[i] = (char)('a' + (random >> (16 + i % 6)) % 16);
    }
    fan_out.body = (struct text){ bytes, size };
    for (int i = -1; i < ROUNDS; i++) { /* the first warms up */
        struct round one = begin_round();
        fan_out_send(count);
        one = end_round(one, count);
        struct round other = begin_round();
        send_bare(count);
        other = end_round(other, count);
        if (i >= 0) {
            ours[i] = one;
            bare_ones[i] = other;
        }
    }
    tell(what, ours, bare_ones, 0.8);
    free(bytes);
}

/* --- in ------------------------------------------------------------------------------------------------ */

static struct {
    struct arena *arena;
    struct edition *edition;
    struct judge *judge;
    struct journal *journal;
    struct intake *intake;
    struct errands *errands;
    struct submissions *submissions;
    struct checker *checker; /* of the bare loop */
    struct arena *message;
    rd_kafka_t *reader;
    char directory[NAME_MAX_BYTES];
} in;

static void open_in(void) {
    static const struct party_transport *const transports[] = { &kafka_transport, NULL };
    struct verdict mistakes;
    struct journal_report report;
    strcpy(in.directory, "/tmp/clearway-bench-XXXXXX");
    require(mkdtemp(in.directory));
    in.arena = arena_new();
    in.message = arena_new();
    verdict_init(&mistakes, in.arena);
    const char *parties = file_join(in.arena, in.directory, "parties");
    require(
        file_replace(parties, TEXT("parties:\n  - { code: FWD, name: { zh: 甲, en: F }, roles: [declarant], "
                                   "declares: [\"*\"], kafka: { from: " SUBMISSIONS ", receipts: " RECEIPTS
                                   ", principal: \"User:f\" } }\n"))
        == STATUS_OK);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas",
                                       .parties = parties,
                                       .transports = transports };
    require(edition_load(&options, &in.edition, &mistakes) == STATUS_OK);
    in.judge = judge_new(in.edition, &mistakes);
    require(mistakes.errors == 0);
    struct journal_options journal = { .directory = in.directory, .name = "bench", .gather_ms = 2 };
    require(journal_open(&journal, &in.journal, &report) == STATUS_OK);
    struct intake_options intake = { .loop = fan_out.loop,
                                     .journal = in.journal,
                                     .directory = in.directory,
                                     .judge = in.judge,
                                     .workers = 1,
                                     .now = stamp_now() };
    require(intake_start(&intake, &in.intake) == STATUS_OK);
    require(errands_open(fan_out.loop, "kafka", &in.errands) == STATUS_OK);
    struct submissions_options submissions = { .loop = fan_out.loop,
                                               .edition = in.edition,
                                               .intake = in.intake,
                                               .kafka = out.kafka,
                                               .errands = in.errands,
                                               .brokers = others.brokers,
                                               .group = "bench",
                                               .source = "bench",
                                               .directory = in.directory };
    require(submissions_start(&submissions, &in.submissions) == STATUS_OK && in.submissions);
    in.checker = checker_new(in.judge);
    in.reader = reader_of(others.brokers, READ_BARE);
}

static void close_in(void) {
    char command[128];
    rd_kafka_destroy(in.reader);
    checker_free(in.checker);
    submissions_drain(in.submissions);
    intake_stop(in.intake);
    kafka_stop(out.kafka);
    errands_close(in.errands);
    submissions_stop(in.submissions);
    journal_close(in.journal);
    judge_release(in.judge);
    edition_release(in.edition);
    arena_free(in.message);
    arena_free(in.arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", in.directory);
    require(system(command) == 0);
}

static void count_answer(int events, void *answers) {
    *(int *)answers += have_answered(0);
}

/* In portions, as the brokers here keep so much of a topic and no more; the next waits already. */
static void take_by_gateway(size_t first, size_t portions, size_t portion) {
    int answers = 0, awaited = 1; /* one of each portion fed, one of each that has its receipts */
    struct loop_watch *watch =
        loop_watch_new(fan_out.loop, others.answers, LOOP_READ, count_answer, &answers);
    order(FEED, SUBMISSIONS, first, portion);
    for (size_t k = 0; k < portions; k++) {
        if (k + 1 < portions) {
            order(FEED, SUBMISSIONS, first + (k + 1) * portion, portion);
            awaited++;
        }
        order(AWAIT, "", 0, first + (k + 1) * portion);
        for (awaited++; answers < awaited;) {
            loop_turn(fan_out.loop, WAIT_MS);
            intake_note_engine(in.intake, journal_durable(in.journal)); /* there is none here */
        }
    }
    loop_watch_free(watch);
}

static void take_bare_portion(size_t count) {
    const struct party *party = parties_find(in.edition->parties, TEXT("FWD"));
    struct envelope env = { .party = "FWD", .format = "", .file = "", .trace = "", .received = stamp_now() };
    for (size_t taken = 0; taken < count;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(in.reader, 1000);
        if (message && !message->err) {
            struct judgement judgement;
            arena_reset(in.message);
            env.size = message->len;
            check_message(in.checker, &env, party, (struct text){ message->payload, message->len },
                          in.message, &judgement);
            require(verdict_passes(&judgement.verdict));
            taken++;
        }
        if (message) {
            rd_kafka_message_destroy(message);
        }
    }
    while (!have_answered(1000)) {
    }
}

static void take_bare(size_t first, size_t portions, size_t portion) {
    order(FEED, READ_BARE, first, portion);
    for (size_t k = 0; k < portions; k++) {
        if (k + 1 < portions) {
            order(FEED, READ_BARE, first + (k + 1) * portion, portion);
        }
        take_bare_portion(portion);
    }
}

/* Until nothing works on: the next segment is prepared, what was seen stands in its table. */
static void let_finish(void) {
    double before, now = cpu_us();
    do {
        before = now;
        for (int64_t until = stamp_monotonic_ms() + FINISH_LOOK_MS; stamp_monotonic_ms() < until;) {
            loop_turn(fan_out.loop, WAIT_MS);
        }
        now = cpu_us();
    } while (now - before > FINISHED_US);
}

static void compare_in(size_t portions, size_t portion) {
    struct round ours[ROUNDS], bare_ones[ROUNDS];
    size_t count = portions * portion;
    for (int i = -1; i < ROUNDS; i++) {
        size_t first = (size_t)(i + 1) * count;
        struct round begin = begin_round();
        take_by_gateway(first, portions, portion);
        struct round one = end_round(begin, count);
        let_finish();
        one.processor = end_round(begin, count).processor;
        begin = begin_round();
        take_bare(first, portions, portion);
        if (i >= 0) {
            ours[i] = one;
            bare_ones[i] = end_round(begin, count);
        }
    }
    tell("6 KB in", ours, bare_ones, 0.5);
}

int main(int count, char **arguments) {
    int orders[2], answers[2];
    const char *only = count > 1 ? arguments[1] : "";
    struct buf message;
    buf_init(&message, 1 << 20);
    require(file_read(SOURCE_DIR "/tests/messages/cn-dec/import-general.xml", &message) == STATUS_OK);
    require(pipe(orders) == 0 && pipe(answers) == 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        be_the_others(orders[0], answers[1], buf_text(&message));
    }
    others.orders = orders[1];
    others.answers = answers[0];
    require(read(others.answers, others.brokers, NAME_MAX_BYTES) == NAME_MAX_BYTES);
    open_client();
    open_bare();
    if (strcmp(only, "in") != 0) {
        compare_out("300 B out", 300, 32768);
        compare_out("10 KB out", 10 << 10, 4096);
    }
    if (strcmp(only, "out") != 0) {
        open_in();
        compare_in(6, 1000);
        close_in();
    } else {
        kafka_stop(out.kafka);
    }
    rd_kafka_destroy(bare.producer);
    loop_free(fan_out.loop);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    buf_release(&message);
    return 0;
}
