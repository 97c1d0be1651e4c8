/* The file of librdkafka's properties: what is taken from it, and what is told of it, which is never a
   secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "adapters/kafka/client.h"
#include "adapters/kafka/handle.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define SECRET       "hunter2"

static struct {
    char directory[64], path[96];
    struct arena *arena;
    struct verdict mistakes;
    struct kafka_properties properties;
    struct buf told;
} world;

static int set_up(void **state) {
    snprintf(world.directory, sizeof(world.directory), "/tmp/clearway-properties-XXXXXX");
    assert_non_null(mkdtemp(world.directory));
    snprintf(world.path, sizeof(world.path), "%s/kafka.properties", world.directory);
    world.arena = arena_new();
    buf_init(&world.told, 1u << 20);
    return 0;
}

static int tear_down(void **state) {
    unlink(world.path);
    rmdir(world.directory);
    arena_free(world.arena);
    buf_release(&world.told);
    return 0;
}

/* Reads the path and asks librdkafka, as lint and the gateway do; what is told. */
static const char *judge(const char *path) {
    verdict_init(&world.mistakes, world.arena);
    kafka_properties_read(path, &world.properties, world.arena, &world.mistakes);
    kafka_check(&world.properties, &world.mistakes);
    assert_mistakes_complete(&world.mistakes, "LINT-KAFKA", path);
    buf_clear(&world.told);
    tell_mistakes(&world.mistakes, &world.told);
    buf_add_char(&world.told, '\0');
    for (size_t i = 0; i < world.mistakes.count; i++) {
        assert_true(world.mistakes.findings[i].secret);
        assert_null(strstr(world.mistakes.findings[i].zh, SECRET));
    }
    assert_null(strstr(world.told.at, SECRET));
    return world.told.at;
}

static const char *judge_text(struct text text) {
    FILE *file = fopen(world.path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.length, file), text.length);
    assert_int_equal(fclose(file), 0);
    return judge(world.path);
}

static void test_good_files(void **state) {
    static const struct {
        const char *text, *read;
    } cases[] = {
        { "", "" },
        { "\n# a comment = x\n   # another\n\r\n \t \n", "" },
        { "client.id=port-7", "client.id|port-7|1:1\n" },
        { "\xEF\xBB\xBF"
          "client.id=port-7\n",
          "client.id|port-7|1:1\n" },
        { "\n  client.id \t=  port 7 # 7  \r\n", "client.id|port 7 # 7|2:3\n" },
        { "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=port\nsasl.password=a=b==\n",
          "security.protocol|SASL_SSL|1:1\nsasl.mechanism|PLAIN|2:1\n"
          "sasl.username|port|3:1\nsasl.password|a=b==|4:1\n" },
        { "linger.ms=20\ncompression.type=lz4\nmessage.max.bytes=1000000\n",
          "linger.ms|20|1:1\ncompression.type|lz4|2:1\nmessage.max.bytes|1000000|3:1\n" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf read;
        assert_string_equal(judge_text(text_of(cases[i].text)), "");
        buf_init(&read, 4096);
        for (size_t j = 0; j < world.properties.count; j++) {
            const struct kafka_property *property = &world.properties.list[j];
            buf_printf(&read, "%s|%s|%u:%u\n", property->name, property->value, property->line,
                       property->column);
        }
        buf_add_char(&read, '\0');
        assert_string_equal(read.at, cases[i].read);
        buf_release(&read);
    }
}

#define OURS(name, hint) \
    { name " = " SECRET "\n", "1:1 " name " is not for this file to set (" hint ")\n" }

static void test_refused_files(void **state) {
    static const struct {
        const char *text, *told;
    } cases[] = {
        { "client.id=x\n  sasl.password " SECRET "\n", "2:3 name=value is needed: there is no '='\n" },
        { "=" SECRET "\n", "1:1 there is no name before '='\n" },
        { "# 口岸\nclient.id =  \n", "2:1 there is no value after '='\n" },
        { SECRET "=x\n", "1:1 librdkafka has no property of this name\n" },
        { "Client.Id=x\n", "1:1 librdkafka has no property of this name\n" },
        { "security.protocol=" SECRET "\n",
          "1:1 librdkafka does not take this value for security.protocol\n" },
        { "linger.ms=" SECRET "\n", "1:1 librdkafka does not take this value for linger.ms\n" },
        { "debug=broker," SECRET "\n", "1:1 librdkafka does not take this value for debug\n" },
        { "dr_cb=" SECRET "\n", "1:1 librdkafka does not take this value for dr_cb\n" },
        { "sasl.password=" SECRET "\nsecurity.protocol=TLS\nfoo=bar\nacks=1\n", /* all at once */
          "4:1 acks is not for this file to set "
          "(a delivery is done only when all brokers in sync have acknowledged it)\n"
          "2:1 librdkafka does not take this value for security.protocol\n"
          "3:1 librdkafka has no property of this name\n" },
        OURS("acks", "a delivery is done only when all brokers in sync have acknowledged it"),
        OURS("request.required.acks",
             "a delivery is done only when all brokers in sync have acknowledged it"),
        OURS("enable.idempotence", "the gateway's producer is always idempotent: a retry doubles nothing"),
        OURS("transactional.id", "the gateway's producer is always idempotent: a retry doubles nothing"),
        OURS("partitioner", "a consignment stays in one partition, the one a Java producer would choose"),
        OURS("allow.auto.create.topics", "topics are never created by sending: an unknown one is waited for"),
        OURS("message.timeout.ms", "it follows delivery.timeout_ms"),
        OURS("delivery.timeout.ms", "it follows delivery.timeout_ms"),
        OURS("bootstrap.servers", "the brokers are kafka.brokers of the gateway's configuration"),
        OURS("metadata.broker.list", "the brokers are kafka.brokers of the gateway's configuration"),
        OURS("test.mock.num.brokers", "the brokers are kafka.brokers of the gateway's configuration"),
        OURS("delivery.report.only.error", "the gateway must hear of every delivery, done or failed"),
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(judge_text(text_of(cases[i].text)), cases[i].told);
    }
    assert_string_equal(judge_text(TEXT("client.id=a\0b\n")), "1:1 the line is not text in UTF-8\n");
    assert_string_equal(judge_text(TEXT("client.id=\xff\n")), "1:1 the line is not text in UTF-8\n");
}

/* What only making a producer shows stands at the line it is about; librdkafka's reason is told where it can
 * hold no secret. */
static void test_properties_that_librdkafka_cannot_run_with(void **state) {
    static const struct {
        const char *text, *place, *reason;
    } cases[] = {
        { "client.id=x\nsecurity.protocol=SSL\nssl.ca.location=/nowhere/ca.pem\n", "3:1 ",
          "ssl.ca.location failed" },
        { "security.protocol=SSL\nssl.certificate.location=/nowhere/c.pem\n", "2:1 ", "is the file there" },
        { "security.protocol=SASL_SSL\nsasl.mechanism=NONE\nsasl.password=" SECRET "\n", "",
          "SASL mechanism: NONE" },
        { "max.in.flight=6\n", "", "max.in.flight" },
        { "linger.ms=20000\n", "1:1 ", "linger.ms" },
        { "security.protocol=SSL\nssl.key.pem=" SECRET "\n", "2:1 ",
          "librdkafka cannot run with these settings: ssl.key.pem\n" },
        { "ssl.key.password=" SECRET "\nsasl.mechanism=" SECRET "\nsecurity.protocol=SASL_SSL\n", "",
          "librdkafka cannot run with these settings: \n" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *told = judge_text(text_of(cases[i].text));
        if (strncmp(told, cases[i].place, strlen(cases[i].place)) != 0 || !strstr(told, cases[i].reason)) {
            fail_msg("case %zu is told: %s", i, told);
        }
    }
}

/* Case 585: a librdkafka before 2.6.1 is refused by brokers of today, as if the password were wrong. */
static void test_scram_is_warned_of_where_it_is_spoken_wrongly(void **state) {
    static const char *const names[] = { "sasl.mechanism", "sasl.mechanisms" };
    for (size_t i = 0; i < COUNT(names); i++) {
        struct kafka_property list[] = { { "security.protocol", "SASL_SSL", 1, 1 },
                                         { "sasl.username", "port", 2, 1 },
                                         { "sasl.password", SECRET, 3, 1 },
                                         { names[i], "SCRAM-SHA-512", 4, 3 } };
        struct kafka_properties properties = { "kafka.properties", list, COUNT(list) };
        verdict_init(&world.mistakes, world.arena);
        kafka_check(&properties, &world.mistakes);
        assert_true(verdict_passes(&world.mistakes));
        assert_int_equal(world.mistakes.count, rd_kafka_version() < 0x020601ff);
        for (size_t k = 0; k < world.mistakes.count; k++) {
            const struct finding *warning = &world.mistakes.findings[k];
            assert_int_equal(warning->severity, SEVERITY_WARNING);
            assert_true(warning->secret && warning->place.line == 4 && warning->place.column == 3);
            assert_non_null(strstr(warning->en, "SCRAM"));
            assert_non_null(strstr(warning->hint_en, "2.6.1"));
            assert_null(strstr(warning->en, SECRET));
        }
    }
}

static void test_files_that_cannot_be_read(void **state) {
    assert_string_equal(judge(world.path), "0:0 the file that kafka.properties names is not there\n");
    assert_string_equal(judge(world.directory), "0:0 the file that kafka.properties names cannot be read\n");
    assert_int_equal(world.properties.count, 0);
}

static void test_limits(void **state) {
    static char text[KAFKA_PROPERTIES_FILE_MAX + 1];
    memset(text, '\n', sizeof(text));
    assert_string_equal(judge_text((struct text){ text, KAFKA_PROPERTIES_FILE_MAX }), "");
    assert_string_equal(judge_text((struct text){ text, sizeof(text) }),
                        "0:0 the file is larger than 64 KiB\n");

    memset(text, 'x', KAFKA_PROPERTIES_LINE_MAX + 1);
    memcpy(text, "client.id=", 10);
    assert_string_equal(judge_text((struct text){ text, KAFKA_PROPERTIES_LINE_MAX }), "");
    assert_int_equal(strlen(world.properties.list[0].value), KAFKA_PROPERTIES_LINE_MAX - 10);
    assert_string_equal(judge_text((struct text){ text, KAFKA_PROPERTIES_LINE_MAX + 1 }),
                        "1:1 the line is longer than 4096 bytes\n");

    struct buf many;
    buf_init(&many, sizeof(text));
    for (int i = 0; i < KAFKA_PROPERTIES_MAX; i++) {
        buf_add_string(&many, "client.id=x\n");
    }
    assert_string_equal(judge_text(buf_text(&many)), "");
    buf_add_string(&many, "client.id=x\n");
    assert_string_equal(judge_text(buf_text(&many)), "257:1 more than 256 properties\n");
    buf_release(&many);
}

/* A producer is not made either when nobody asked before, and what is logged holds no value. */
static void test_start_refuses_too(void **state) {
    struct loop *loop = loop_new();
    struct kafka *kafka;
    struct kafka_property list[] = { { "security.protocol", SECRET, 1, 1 } };
    struct kafka_properties properties = { "kafka.properties", list, 1 };
    struct kafka_options options = {
        .loop = loop, .brokers = "127.0.0.1:1", .source = "/", .properties = &properties
    };
    char log[4096] = "";
    FILE *kept = tmpfile();
    assert_non_null(kept);
    int before = dup(STDERR_FILENO);
    dup2(fileno(kept), STDERR_FILENO);
    enum status status = kafka_start(&options, &kafka);
    dup2(before, STDERR_FILENO);
    close(before);
    rewind(kept);
    log[fread(log, 1, sizeof(log) - 1, kept)] = '\0';
    fclose(kept);
    loop_free(loop);
    assert_int_equal(status, STATUS_BAD_CONFIG);
    assert_non_null(strstr(log, "does not take this value for security.protocol"));
    assert_null(strstr(log, SECRET));
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_good_files),
        T(test_refused_files),
        T(test_properties_that_librdkafka_cannot_run_with),
        T(test_scram_is_warned_of_where_it_is_spoken_wrongly),
        T(test_files_that_cannot_be_read),
        T(test_limits),
        T(test_start_refuses_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
