/*
 * preflight.c - one look a room: listeners, TLS files, ZeroMQ's key, Kafka's file, folders.
 */
#include "daemon/preflight.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/stamp.h"
#include "adapters/kafka.h"
#include "adapters/tls.h"
#include "adapters/zmq.h"

static void look_at_address(const struct settings *settings, enum setting setting, struct verdict *mistakes) {
    const char *address = settings_text(settings, setting);
    struct endpoint endpoint;
    enum endpoint_fault fault = *address ? endpoint_read(text_of(address), &endpoint) : ENDPOINT_GOOD;
    if (fault != ENDPOINT_GOOD) {
        settings_say(settings, setting, SEVERITY_ERROR,
                     arena_printf(mistakes->arena, "%.100s 不是可监听的地址：%s", address, endpoint_fault_zh(fault)),
                     arena_printf(mistakes->arena, "%.100s is no address to listen at: %s", address,
                                  endpoint_fault_en(fault)),
                     "例如 0.0.0.0:8443", "for example 0.0.0.0:8443", mistakes);
    }
}

static void look_at_tls(const struct settings *settings, struct verdict *mistakes) {
    static const enum setting settings_of[] = {
        [TLS_CERTIFICATE_FILE] = SETTING_MACHINES_CERTIFICATE,
        [TLS_KEY_FILE] = SETTING_MACHINES_KEY,
        [TLS_CLIENT_CA_FILE] = SETTING_MACHINES_CLIENT_CA,
    };
    bool complete = true;
    for (size_t i = 0; i < sizeof(settings_of) / sizeof(*settings_of); i++) {
        if (!*settings_text(settings, settings_of[i])) {
            settings_say(settings, settings_of[i], SEVERITY_ERROR, "machines.listen 需要证书、私钥与客户端 CA 文件",
                         "machines.listen needs machines.certificate, machines.key and machines.client_ca",
                         "请写上文件路径，或将 machines.listen 置空", "name the file, or leave machines.listen empty",
                         mistakes);
            complete = false;
        }
    }
    if (!complete) {
        return;
    }
    struct tls_options options = {
        .certificate_file = settings_text(settings, SETTING_MACHINES_CERTIFICATE),
        .key_file = settings_text(settings, SETTING_MACHINES_KEY),
        .client_ca_file = settings_text(settings, SETTING_MACHINES_CLIENT_CA),
    };
    struct tls_mistake found[TLS_MISTAKES_MAX];
    size_t count = tls_check(&options, stamp_now() / STAMP_SECOND, mistakes->arena, found);
    for (size_t i = 0; i < count; i++) {
        settings_say(settings, settings_of[found[i].file], found[i].grave ? SEVERITY_ERROR : SEVERITY_WARNING,
                     found[i].zh, found[i].en, found[i].hint_zh, found[i].hint_en, mistakes);
    }
}

static void look_at_zmq(const struct settings *settings, struct verdict *mistakes) {
    const char *path = settings_text(settings, SETTING_ZMQ_SECRET_KEY);
    enum status status = *path ? zmq_check(path) : STATUS_OK;
    if (status == STATUS_BAD_CONFIG) {
        settings_say(settings, SETTING_ZMQ_SECRET_KEY, SEVERITY_ERROR,
                     arena_printf(mistakes->arena, "%s 中不是 CURVE 私钥（40 个 Z85 字符）", path),
                     arena_printf(mistakes->arena, "%s holds no CURVE secret key (40 characters of Z85)", path),
                     "clearway keygen 生成一对密钥", "clearway keygen makes a pair", mistakes);
    } else if (status != STATUS_OK) {
        settings_say(settings, SETTING_ZMQ_SECRET_KEY, SEVERITY_ERROR,
                     arena_printf(mistakes->arena, "文件 %s 无法读取", path),
                     arena_printf(mistakes->arena, "%s cannot be read", path), "请检查路径与权限",
                     "check the path, and that the gateway's user may read it", mistakes);
    }
}

static void look_at_brokers(const struct settings *settings, struct verdict *mistakes) {
    struct text rest = text_of(settings_text(settings, SETTING_KAFKA_BROKERS));
    while (rest.length) {
        struct text broker = text_trim(text_until(&rest, ','));
        struct endpoint endpoint;
        enum endpoint_fault fault = endpoint_read(broker, &endpoint);
        fault = fault == ENDPOINT_GOOD && endpoint.port == 0 ? ENDPOINT_NO_PORT : fault;
        if (fault != ENDPOINT_GOOD) {
            settings_say(settings, SETTING_KAFKA_BROKERS, SEVERITY_ERROR,
                         arena_printf(mistakes->arena, "Kafka 地址 \"" TEXT_FORMAT "\" 不对：%s", TEXT_ARGS(broker),
                                      endpoint_fault_zh(fault)),
                         arena_printf(mistakes->arena, "\"" TEXT_FORMAT "\" is no address of a Kafka broker: %s",
                                      TEXT_ARGS(broker), endpoint_fault_en(fault)),
                         "例如 kafka1:9092,kafka2:9092", "for example kafka1:9092,kafka2:9092", mistakes);
        }
    }
}

static void look_at_kafka(const struct settings *settings, struct kafka_properties *kafka,
                          struct verdict *mistakes) {
    const char *path = settings_text(settings, SETTING_KAFKA_PROPERTIES);
    look_at_brokers(settings, mistakes);
    if (*path) {
        kafka_properties_read(path, kafka, mistakes->arena, mistakes);
        kafka_check(kafka, mistakes);
    }
}

/* A folder on a share may come later, and is served from then on: a warning. */
static void look_at_folders(const struct settings *settings, const struct setup *setup, struct verdict *mistakes) {
    for (size_t i = 0; i < setup->parties->count; i++) {
        const struct party *party = &setup->parties->list[i];
        struct stat info;
        int why = 0;
        if (!*party->folder) {
            continue;
        }
        if (stat(party->folder, &info) != 0) {
            why = errno;
        } else if (!S_ISDIR(info.st_mode)) {
            why = ENOTDIR;
        } else if (access(party->folder, R_OK | W_OK | X_OK) != 0) {
            why = errno;
        }
        if (why != 0) {
            verdict_add(mistakes, &(struct finding){
                .code = "LINT-PARTY", .severity = SEVERITY_WARNING, .file = settings_text(settings, SETTING_PARTIES),
                .zh = arena_printf(mistakes->arena, "参与方 %s 的文件夹 %s 现在不可用：%s", party->code, party->folder,
                                   strerror(why)),
                .en = arena_printf(mistakes->arena, "the folder %s of %s cannot be used now: %s", party->folder,
                                   party->code, strerror(why)),
                .hint_zh = "在其可用之前，既不收取也不投递", .hint_en = "until it can, nothing is taken from it or delivered",
            });
        }
    }
}

void preflight(const struct settings *settings, const struct setup *setup, struct kafka_properties *kafka,
               struct verdict *mistakes) {
    look_at_address(settings, SETTING_MACHINES_LISTEN, mistakes);
    look_at_address(settings, SETTING_PEOPLE_LISTEN, mistakes);
    if (*settings_text(settings, SETTING_MACHINES_LISTEN)) {
        look_at_tls(settings, mistakes);
    }
    look_at_zmq(settings, mistakes);
    look_at_kafka(settings, kafka, mistakes);
    if (settings_flag(settings, SETTING_FILES_ENABLED)) {
        look_at_folders(settings, setup, mistakes);
    }
}
