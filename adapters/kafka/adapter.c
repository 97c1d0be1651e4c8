/*
 * adapter.c - Kafka as a row of the list of adapters.
 *
 * In the parties file:
 *   deliver: { transport: kafka, to: clearway.customs.declarations.v1 }      the topic
 *   kafka: { from: clearway.fwd-qd-01.submissions.v1, receipts: clearway.fwd-qd-01.receipts.v1,
 *            principal: "User:fwd-qd-01" }                                    a party that submits so
 *   kafka: { events: clearway.tml-qqct.events.v1, principal: "User:tml-qqct" }   one that is told of events
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/endpoint.h"
#include "base/file.h"
#include "adapters/adapters.h"
#include "adapters/expiry.h"
#include "adapters/tls.h"
#include "adapters/kafka/counters.h"
#include "adapters/kafka/client.h"
#include "base/errands.h"
#include "adapters/kafka/event_topics.h"
#include "adapters/kafka/offsets.h"
#include "adapters/kafka/overheard.h"
#include "adapters/kafka/probing.h"
#include "adapters/kafka/submissions.h"

/* --- the parties file --------------------------------------------------------------------------------- */

static const struct party_key stanza_keys[] = {
    { .name = "from", .optional = true, .zh = "Kafka 报文主题", .en = "Kafka topic of submissions" },
    { .name = "receipts", .optional = true, .zh = "Kafka 回执主题", .en = "Kafka topic of receipts" },
    { .name = "principal", .optional = true, .zh = "Kafka 主体", .en = "Kafka principal" },
    { .name = "events", .optional = true, .zh = "Kafka 事件主题", .en = "Kafka topic of events" },
    { .name = NULL },
};

/* Those that name a topic: each is one party's, for one purpose. */
static const char *const topic_keys[] = { "from", "receipts", "events" };

#define TOPIC_KEYS (sizeof(topic_keys) / sizeof(*topic_keys))

static bool is_topic(const char *name) {
    size_t length = strlen(name);
    return length > 0 && length < KAFKA_TOPIC_MAX && strcmp(name, ".") != 0 && strcmp(name, "..") != 0
           && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

static void check_name(const struct party_row *row, const char *name) {
    size_t length = strlen(name), suffix = strlen(KAFKA_DLQ);
    if (!is_topic(name)) {
        party_mistake(
            row, name,
            arena_printf(row->arena, "Kafka 主题 %s 须为 1 至 249 个 ASCII 字母、数字、点、_ 或 -", name),
            arena_printf(row->arena,
                         "the Kafka topic %s must be 1 to 249 ASCII letters, digits, '.', '_' or '-'", name));
    } else if (length > suffix && strcmp(name + length - suffix, KAFKA_DLQ) == 0) {
        party_mistake(
            row, name, arena_printf(row->arena, "Kafka 主题 %s：以 .dlq 结尾者用于搁置的投递", name),
            arena_printf(row->arena, "the Kafka topic %s: what ends in .dlq is for parked deliveries", name));
    }
}

/* One topic for two purposes would have a party read its own, or another's, as submissions. */
static void check_shared(const struct party_row *row, const char *name, const char *other_key) {
    const struct party *holder = parties_holder(row->parties, "kafka", other_key, text_of(name));
    if (holder) {
        party_mistake(
            row, name,
            arena_printf(row->arena, "Kafka 主题 %s 已由参与方 %s 用于 %s", name, holder->code, other_key),
            arena_printf(row->arena, "the Kafka topic %s is %s of %s already", name, other_key,
                         holder->code));
    }
}

/* What is delivered to a party must be nobody's submissions, nor another's receipts. */
static void check_deliveries(const struct party_row *row, const char *name) {
    for (size_t i = 0; i < row->parties->count; i++) {
        const struct party *party = &row->parties->list[i];
        if (strcmp(party->transport, "kafka") == 0 && strcmp(party->address, name) == 0) {
            party_mistake(row, name,
                          arena_printf(row->arena, "Kafka 主题 %s 已用于向参与方 %s 投递", name, party->code),
                          arena_printf(row->arena, "the Kafka topic %s is what is delivered to %s by", name,
                                       party->code));
        }
    }
}

static void check_stanza(const struct party_row *row, const struct party_stanza *stanza) {
    bool from = *stanza_text(stanza, "from"), receipts = *stanza_text(stanza, "receipts");
    bool names = *stanza_text(stanza, "principal"), events = *stanza_text(stanza, "events");
    bool served = strcmp(row->party->transport, "kafka") == 0;
    if ((from || receipts || (names && !events && !served)) && !(from && receipts && names)) {
        party_mistake(row, "kafka", "经 Kafka 报送须同时写明 from、receipts 与 principal",
                      "who submits through Kafka needs from, receipts and principal together");
    }
    for (size_t i = 0; i < TOPIC_KEYS; i++) {
        const char *name = stanza_text(stanza, topic_keys[i]);
        if (*name) {
            check_name(row, name);
            check_deliveries(row, name);
        }
        for (size_t k = i + 1; *name && k < TOPIC_KEYS; k++) { /* each pair once */
            check_shared(row, name, topic_keys[k]);
        }
    }
    const char *principal = stanza_text(stanza, "principal");
    if (*principal && !strchr(principal, ':')) {
        party_mistake(row, principal, "Kafka 主体写作 User:名称",
                      "a Kafka principal is written as User:NAME");
    }
}

const struct party_transport kafka_transport = {
    .name = "kafka",
    .keys = stanza_keys,
    .delivers = true,
    .answers = true,
    .check = check_stanza,
    .to = { .name = "to", .zh = "Kafka 主题", .en = "Kafka topic" }
};

/* --- what it needs ------------------------------------------------------------------------------------ */

enum { BROKERS, PROPERTIES, GROUP };

/* clang-format off */
static const struct setting_row setting_rows[] = {
    [BROKERS] = { "kafka", "brokers", SETTING_TYPE_TEXT, SETTING_RESTART, 0, "",
        "主机:端口,主机:端口；空：不用 Kafka",
        "host:port,host:port; empty: no Kafka" },
    [GROUP] = { "kafka", "group", SETTING_TYPE_TEXT, SETTING_RESTART, 0, "",
        "读取参与方报文所用的消费组；空：clearway- 加日志名",
        "consumer group by which submissions are read; empty: clearway- and the journal's name" },
    [PROPERTIES] = { "kafka", "properties", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "librdkafka 属性（TLS、SASL）文件，每行 name=value，与 kcat -F 相同；空：无",
        "file of librdkafka's properties (TLS, SASL), name=value a line as kcat -F reads; empty: none" },
};
/* clang-format on */

static void check_brokers(const struct adapter_settings *settings, struct verdict *mistakes) {
    struct text rest = text_of(adapter_text(settings, BROKERS));
    while (rest.length) {
        struct text broker = text_trim(text_until(&rest, ','));
        struct endpoint endpoint;
        enum endpoint_fault fault = endpoint_read(broker, &endpoint);
        fault = fault == ENDPOINT_GOOD && endpoint.port == 0 ? ENDPOINT_NO_PORT : fault;
        if (fault != ENDPOINT_GOOD) {
            settings->say(settings, BROKERS, SEVERITY_ERROR,
                          arena_printf(mistakes->arena, "Kafka 地址 \"" TEXT_FORMAT "\" 不对：%s",
                                       TEXT_ARGS(broker), endpoint_fault_zh(fault)),
                          arena_printf(mistakes->arena,
                                       "\"" TEXT_FORMAT "\" is no address of a Kafka broker: %s",
                                       TEXT_ARGS(broker), endpoint_fault_en(fault)),
                          "例如 kafka1:9092,kafka2:9092", "for example kafka1:9092,kafka2:9092", mistakes);
        }
    }
}

static bool names_a_file(const char *property) {
    static const char *const endings[] = { ".location", ".keytab" };
    size_t length = strlen(property);
    bool names = false;
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        size_t ending = strlen(endings[i]);
        names |= length > ending && strcmp(property + length - ending, endings[i]) == 0;
    }
    return names;
}

/* librdkafka would read it, whatever it is, and perhaps for ever. */
static bool are_plain(const struct kafka_properties *properties, struct verdict *mistakes) {
    bool plain = true;
    for (size_t i = 0; i < properties->count; i++) {
        const struct kafka_property *property = &properties->list[i];
        bool named = names_a_file(property->name);
        int fd = named ? file_open_plain(property->value) : -1;
        bool odd = named && fd < 0 && errno == EINVAL;
        if (odd) {
            verdict_lint(mistakes, "LINT-KAFKA", properties->file, 0, 0, "%s：%s 不是普通文件",
                         "%s: %s is no plain file", property->name, property->value);
        }
        if (fd >= 0) {
            close(fd);
        }
        plain &= !odd;
    }
    return plain;
}

static void check(const struct adapter_settings *settings, const struct edition *edition,
                  struct verdict *mistakes) {
    const char *path = adapter_text(settings, PROPERTIES);
    check_brokers(settings, mistakes);
    if (*path) {
        struct kafka_properties properties;
        kafka_properties_read(path, &properties, mistakes->arena, mistakes);
        if (are_plain(&properties, mistakes)) {
            kafka_check(&properties, mistakes);
        }
    }
}

/* Certificates that stand in files; librdkafka knows other ways, which are not looked into. */
static const struct certificate_file {
    const char *property, *use;
} certificate_files[] = { { "ssl.certificate.location", "kafka" }, { "ssl.ca.location", "kafka_ca" } };

#define CERTIFICATE_FILES (sizeof(certificate_files) / sizeof(*certificate_files))

/* NULL: the properties name none. */
static const char *file_of(const struct kafka_properties *properties, const struct certificate_file *which) {
    const char *file = NULL;
    for (size_t i = 0; i < properties->count; i++) {
        file = strcmp(properties->list[i].name, which->property) == 0 ? properties->list[i].value : file;
    }
    return file;
}

static void probe_brokers(const struct adapter_settings *settings, const struct edition *edition,
                          struct probe *probe) {
    const char *brokers = adapter_text(settings, BROKERS), *path = adapter_text(settings, PROPERTIES);
    struct kafka_properties properties = { .file = "" };
    struct verdict told; /* check() has told them */
    struct arena *arena = probe->mistakes->arena;
    struct text rest = text_of(brokers);
    bool found = false;
    if (!*brokers) {
        adapter_say_idle(settings, BROKERS, "kafka", edition, probe->mistakes);
    }
    while (rest.length) {
        struct text broker = text_trim(text_until(&rest, ','));
        struct endpoint endpoint;
        if (endpoint_read(broker, &endpoint) == ENDPOINT_GOOD) {
            found |= probe_host(probe, endpoint.host, arena_copy(arena, broker));
        }
    }
    verdict_init(&told, arena);
    if (*path) {
        kafka_properties_read(path, &properties, arena, &told);
    }
    for (size_t i = 0; i < CERTIFICATE_FILES; i++) {
        const char *file = file_of(&properties, &certificate_files[i]);
        if (file) {
            probe_expiry(probe, file, tls_expires_s(file));
        }
    }
    if (probe->connect && found && verdict_passes(&told)) {
        kafka_probe(brokers, &properties, edition, probe);
    }
}

#define WAY_FILE_MAX (1u << 20)

/* --- its life ----------------------------------------------------------------------------------------- */

/* How the brokers are reached, and what stands in the files that it names. */
struct way {
    struct arena *arena; /* its own */
    struct kafka_properties properties;
    int timeout_ms;
    struct digest digest; /* of all of it: another one is another way */
};

struct kafka_running {
    struct way *way;
    struct kafka *kafka;
    struct errands *errands; /* what waits for the cluster or the disk */
    struct submissions *submissions;
    struct event_topics *events;
    struct overheard *overheard;
};

static void stop(void *context);

static enum status start_submissions(const struct adapter_rooms *rooms, const struct kafka_options *kafka,
                                     struct kafka_running *running) {
    const char *group = adapter_text(&rooms->settings, GROUP);
    struct submissions_options options = {
        .loop = rooms->loop,
        .edition = rooms->edition,
        .intake = rooms->intake,
        .kafka = running->kafka,
        .errands = running->errands,
        .brokers = kafka->brokers,
        .group = *group ? group : arena_printf(rooms->arena, "clearway-%s", kafka->source),
        .source = kafka->source,
        .directory = rooms->directory,
        .properties = kafka->properties,
    };
    return submissions_start(&options, &running->submissions);
}

static struct event_topics *start_events(const struct adapter_rooms *rooms,
                                         const struct kafka_running *running) {
    struct event_topics_options options = { .loop = rooms->loop,
                                            .journal = rooms->journal,
                                            .edition = rooms->edition,
                                            .kafka = running->kafka,
                                            .brokers = adapter_text(&rooms->settings, BROKERS),
                                            .properties = &running->way->properties,
                                            .errands = running->errands,
                                            .directory = rooms->directory };
    return event_topics_start(&options);
}

static struct overheard *start_overheard(const struct adapter_rooms *rooms,
                                         const struct kafka_running *running) {
    struct overheard_options options = { .loop = rooms->loop,
                                         .edition = rooms->edition,
                                         .brokers = adapter_text(&rooms->settings, BROKERS),
                                         .properties = &running->way->properties,
                                         .errands = running->errands,
                                         .judged = kafka_judged,
                                         .context = running->kafka };
    return overheard_start(&options);
}

static enum status start_all(const struct adapter_rooms *rooms, const struct kafka_options *options,
                             struct kafka_running *running) {
    enum status status = kafka_start(options, &running->kafka);
    if (status == STATUS_OK) {
        status = errands_open(rooms->loop, "kafka", &running->errands);
    }
    if (status == STATUS_OK) {
        running->overheard = start_overheard(rooms, running);
        kafka_mind(running->kafka, running->overheard);
        status = start_submissions(rooms, options, running);
    }
    if (status == STATUS_OK) {
        running->events = start_events(rooms, running);
    }
    return status;
}

static void tell_expiry(const struct kafka_properties *properties) {
    for (size_t i = 0; i < CERTIFICATE_FILES; i++) {
        const char *file = file_of(properties, &certificate_files[i]);
        expiry_tell(certificate_files[i].use, "", file ? tls_expires_s(file) : 0);
    }
}

static struct digest digest_of_way(const struct way *way) {
    struct digester *digester = digester_new();
    digester_add(digester, &way->timeout_ms, sizeof(way->timeout_ms));
    for (size_t i = 0; i < way->properties.count; i++) {
        const struct kafka_property *property = &way->properties.list[i];
        struct buf file;
        buf_init(&file, WAY_FILE_MAX);
        digester_add(digester, property->name, strlen(property->name) + 1);
        digester_add(digester, property->value, strlen(property->value) + 1);
        if (names_a_file(property->name) && file_read(property->value, &file) == STATUS_OK) {
            digester_add(digester, file.at, file.length);
        }
        buf_release(&file);
    }
    struct digest digest = digester_finish(digester);
    digester_free(digester);
    return digest;
}

static void way_free(struct way *way) {
    if (way) {
        arena_free(way->arena);
    }
}

/* As the settings say now; mistakes are those of the file. */
static struct way *way_read(const struct adapter_settings *settings, struct verdict *mistakes) {
    struct arena *arena = arena_new();
    const char *path = adapter_text(settings, PROPERTIES);
    struct way *way = arena_alloc(arena, sizeof(*way));
    /* Sooner than dispatch gives up: a dead broker is then the destination's trouble, not that of each
     * delivery. */
    *way = (struct way){ .arena = arena,
                         .properties = { .file = "" },
                         .timeout_ms = settings->delivery_timeout_ms * 2 / 3 };
    if (*path) {
        kafka_properties_read(path, &way->properties, arena, mistakes);
    }
    way->digest = digest_of_way(way);
    return way;
}

static enum status start(const struct adapter_rooms *rooms, void **out) {
    const struct adapter_settings *settings = &rooms->settings;
    struct kafka_options options = { .loop = rooms->loop,
                                     .brokers = adapter_text(settings, BROKERS),
                                     .source = journal_name(rooms->journal) };
    *out = NULL;
    if (!*options.brokers) {
        return STATUS_OK;
    }
    struct way *way = way_read(settings, rooms->mistakes);
    if (!verdict_passes(rooms->mistakes)) { /* the file was another one when it was checked */
        way_free(way);
        return STATUS_BAD_CONFIG;
    }
    options.properties = &way->properties;
    options.timeout_ms = way->timeout_ms;
    struct kafka_running *running = arena_alloc(rooms->arena, sizeof(*running));
    *running = (struct kafka_running){ .way = way };
    tell_expiry(&way->properties);
    enum status status = start_all(rooms, &options, running);
    if (status != STATUS_OK) {
        stop(running);
        return status;
    }
    *out = running;
    return status;
}

static const struct port *port(void *context) {
    const struct kafka_running *running = context;
    return kafka_port(running->kafka);
}

static void prepare(void *context, const struct adapter_settings *settings, const struct edition *edition,
                    struct verdict *mistakes, void **prepared) {
    const struct kafka_running *running = context;
    struct way *way = way_read(settings, mistakes);
    bool is_other = !digest_equal(&way->digest, &running->way->digest);
    *prepared = is_other ? way : NULL;
    if (!is_other) {
        way_free(way);
    } else if (!kafka_may_renew(running->kafka)) {
        verdict_lint(mistakes, "LINT-RELOAD", way->properties.file, 0, 0,
                     "Kafka 生产者刚更换过，前一个尚未结束：请稍候再重新加载",
                     "the Kafka producer before this one still ends: reload again in some seconds");
    }
    if (submissions_prepare(running->submissions, edition) != STATUS_OK) {
        verdict_lint(mistakes, "LINT-RELOAD", settings->parties, 0, 0,
                     "无法读取参与方 Kafka 主题（原因见日志）",
                     "topics of parties cannot be read by Kafka: the log says why");
    }
}

/* Other properties, or other certificates under the same names: producer and consumer are made anew. */
static void reload(void *context, const struct edition *edition, void *prepared) {
    struct kafka_running *running = context;
    struct way *way = prepared;
    submissions_reload(running->submissions, edition);
    event_topics_reload(running->events, edition);
    overheard_reload(running->overheard, edition);
    if (way) {
        kafka_renew(running->kafka, &way->properties, way->timeout_ms);
        submissions_renew(running->submissions, &way->properties);
        event_topics_renew(running->events, &way->properties);
        overheard_renew(running->overheard, &way->properties);
        way_free(running->way);
        running->way = way;
    }
    tell_expiry(&running->way->properties);
}

static void discard(void *running, void *prepared) {
    way_free(prepared);
}

static void advanced(void *context) {
    const struct kafka_running *running = context;
    event_topics_advance(running->events);
}

static void drain(void *context, void (*done)(void *context), void *with) {
    const struct kafka_running *running = context;
    submissions_drain(running->submissions);
    done(with);
}

static void health(void *context, struct json_out *out) {
    const struct kafka_running *running = context;
    submissions_health(running->submissions, out);
    event_topics_health(running->events, out);
    overheard_health(running->overheard, out);
}

static void diagnose(void *context, stamp now, struct diagnosis *out) {
    const struct kafka_running *running = context;
    kafka_diagnose(running->kafka, out);
    submissions_diagnose(running->submissions, out);
    event_topics_diagnose(running->events, out);
    overheard_diagnose(running->overheard, out);
}

/* What was answered is committed, and what was told remembered, when the brokers have acknowledged it: so
 * the producer ends first. */
static void stop(void *context) {
    struct kafka_running *running = context;
    if (!running) {
        return;
    }
    submissions_drain(running->submissions);
    if (running->events) {
        event_topics_drain(running->events);
    }
    overheard_drain(running->overheard);
    kafka_stop(running->kafka);
    errands_close(running->errands);
    submissions_stop(running->submissions);
    event_topics_stop(running->events);
    overheard_stop(running->overheard);
    way_free(running->way);
}

const struct adapter kafka_adapter = {
    .transport = &kafka_transport,
    .zh = "Kafka 无法启动",
    .en = "Kafka cannot start",
    .settings = setting_rows,
    .counters = kafka_counters,
    .settings_count = sizeof(setting_rows) / sizeof(*setting_rows),
    .check = check,
    .probe = probe_brokers,
    .start = start,
    .port = port,
    .advanced = advanced,
    .health = health,
    .diagnose = diagnose,
    .prepare = prepare,
    .reload = reload,
    .discard = discard,
    .drain = drain,
    .stop = stop,
};
