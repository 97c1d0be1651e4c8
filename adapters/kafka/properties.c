/*
 * properties.c - the file is cut into lines, each line at its first '='.
 */
#include "adapters/kafka/properties.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#define BOM "\xEF\xBB\xBF"

/* Names that are not the file's to set, librdkafka's aliases among them: the gateway says them itself, or
 * they would make it believe what is not so. */
/* clang-format off */
static const struct ours { const char *name, *hint_zh, *hint_en; } ours[] = {
#define ACKNOWLEDGED "网关要求全部同步副本确认", "a delivery is done only when all brokers in sync have acknowledged it"
#define ONCE         "网关的生产者总是幂等的", "the gateway's producer is always idempotent: a retry doubles nothing"
#define IN_ORDER     "同一票货物总在同一分区", "a consignment stays in one partition, the one a Java producer would choose"
#define NO_TOPICS    "主题不会因发送而建立", "topics are never created by sending: an unknown one is waited for"
#define TIMEOUT      "由 delivery.timeout_ms 决定", "it follows delivery.timeout_ms"
#define BROKERS      "地址写在 kafka.brokers", "the brokers are kafka.brokers of the gateway's configuration"
#define REPORTED     "每次投递都要有结果", "the gateway must hear of every delivery, done or failed"
#define GROUP        "写在 kafka.group", "it is kafka.group of the gateway's configuration"
#define COMMITTED    "位移只在回执送达后提交，从不越过未读的报文", "an offset is committed when the receipt is acknowledged, and nothing unread is passed over"
    { "acks",                       ACKNOWLEDGED },
    { "request.required.acks",      ACKNOWLEDGED },
    { "enable.idempotence",         ONCE },
    { "transactional.id",           ONCE },
    { "partitioner",                IN_ORDER },
    { "allow.auto.create.topics",   NO_TOPICS },
    { "message.timeout.ms",         TIMEOUT },
    { "delivery.timeout.ms",        TIMEOUT },
    { "bootstrap.servers",          BROKERS },
    { "metadata.broker.list",       BROKERS },
    { "test.mock.num.brokers",      BROKERS },
    { "delivery.report.only.error", REPORTED },
    { "group.id",                   GROUP },
    { "group.instance.id",          GROUP },
    { "enable.auto.commit",         COMMITTED },
    { "enable.auto.offset.store",   COMMITTED },
    { "auto.offset.reset",          COMMITTED },
    { "isolation.level",            COMMITTED },
};
/* clang-format on */

void kafka_properties_mistake(struct verdict *mistakes, const char *file, uint32_t line, uint32_t column,
                              const char *zh, const char *en, const char *hint_zh, const char *hint_en) {
    verdict_add(mistakes, &(struct finding){ .code = "LINT-KAFKA",
                                             .severity = SEVERITY_ERROR,
                                             .file = file,
                                             .secret = true,
                                             .place = { .line = line, .column = column },
                                             .zh = zh,
                                             .en = en,
                                             .hint_zh = hint_zh,
                                             .hint_en = hint_en });
}

/* --- one line ---------------------------------------------------------------------------------------- */

struct line_reader {
    struct kafka_properties *out;
    struct arena *arena;
    struct verdict *mistakes;
    uint32_t line;
};

static void mistake(const struct line_reader *reader, uint32_t column, const char *zh, const char *en) {
    kafka_properties_mistake(reader->mistakes, reader->out->file, reader->line, column, zh, en, "", "");
}

static uint32_t column_of(struct text line, struct text part) {
    return 1 + (uint32_t)text_characters((struct text){ line.at, (size_t)(part.at - line.at) });
}

static bool is_ours(const struct line_reader *reader, struct text name, uint32_t column) {
    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
        if (text_is(name, ours[i].name)) {
            const char *zh = arena_printf(reader->arena, "%s 由网关自己设定", ours[i].name);
            const char *en = arena_printf(reader->arena, "%s is not for this file to set", ours[i].name);
            kafka_properties_mistake(reader->mistakes, reader->out->file, reader->line, column, zh, en,
                                     ours[i].hint_zh, ours[i].hint_en);
            return true;
        }
    }
    return false;
}

static void read_property(const struct line_reader *reader, struct text line, struct text trimmed) {
    struct kafka_properties *out = reader->out;
    struct text value = trimmed, name = text_trim(text_until(&value, '='));
    uint32_t column = column_of(line, trimmed);
    if (!value.at) {
        mistake(reader, column, "应为 名称=值", "name=value is needed: there is no '='");
        return;
    }
    value = text_trim(value);
    if (!name.length) {
        mistake(reader, column, "等号前没有名称", "there is no name before '='");
    } else if (!is_ours(reader, name, column)) {
        if (!value.length) {
            mistake(reader, column, "等号后没有值", "there is no value after '='");
        } else if (out->count == KAFKA_PROPERTIES_MAX) {
            mistake(reader, column, "属性超过 256 个", "more than 256 properties");
        } else {
            out->list[out->count++] = (struct kafka_property){ .name = arena_copy(reader->arena, name),
                                                               .value = arena_copy(reader->arena, value),
                                                               .line = reader->line,
                                                               .column = column };
        }
    }
}

static void read_line(const struct line_reader *reader, struct text line) {
    struct text trimmed = text_trim(line);
    if (line.length > KAFKA_PROPERTIES_LINE_MAX) {
        mistake(reader, 1, "一行超过 4096 字节", "the line is longer than 4096 bytes");
    } else if (!text_is_utf8(line) || memchr(line.at, '\0', line.length)) {
        mistake(reader, 1, "不是 UTF-8 文本", "the line is not text in UTF-8");
    } else if (trimmed.length && trimmed.at[0] != '#') {
        read_property(reader, line, trimmed);
    }
}

/* --- the file ---------------------------------------------------------------------------------------- */

void kafka_properties_read(const char *path, struct kafka_properties *out, struct arena *arena,
                           struct verdict *mistakes) {
    struct line_reader reader = { .out = out, .arena = arena, .mistakes = mistakes };
    struct buf source;
    buf_init(&source, KAFKA_PROPERTIES_FILE_MAX);
    *out = (struct kafka_properties){ .file = arena_string(arena, path),
                                      .list = arena_alloc(arena, KAFKA_PROPERTIES_MAX * sizeof(*out->list)) };
    enum status status = file_read(path, &source);
    if (status == STATUS_TOO_LARGE) {
        mistake(&reader, 0, "文件超过 64 KiB", "the file is larger than 64 KiB");
    } else if (status == STATUS_NOT_FOUND) {
        mistake(&reader, 0, "没有 kafka.properties 所指的文件",
                "the file that kafka.properties names is not there");
    } else if (status != STATUS_OK) {
        mistake(&reader, 0, "kafka.properties 所指的文件无法读取",
                "the file that kafka.properties names cannot be read");
    } else {
        struct text rest = buf_text(&source);
        if (text_starts(rest, BOM)) {
            rest = (struct text){ rest.at + strlen(BOM), rest.length - strlen(BOM) };
        }
        while (rest.at) {
            reader.line++;
            read_line(&reader, text_until(&rest, '\n'));
        }
    }
    buf_release(&source);
}
