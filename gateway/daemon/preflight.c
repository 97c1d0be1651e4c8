/*
 * preflight.c - one look a room: listeners, TLS files, ZeroMQ's key, Kafka's file, folders.
 */
#include "daemon/preflight.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "adapters/files/folder.h"
#include "adapters/kafka/kafka.h"
#include "adapters/tls.h"
#include "adapters/zmq/zmq.h"

static void look_at_address(const struct settings *settings, enum setting setting, struct verdict *mistakes) {
    const char *address = settings_text(settings, setting);
    struct endpoint endpoint;
    enum endpoint_fault fault = *address ? endpoint_read(text_of(address), &endpoint) : ENDPOINT_GOOD;
    if (fault != ENDPOINT_GOOD) {
        settings_say(
            settings, setting, SEVERITY_ERROR,
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
            settings_say(settings, settings_of[i], SEVERITY_ERROR,
                         "machines.listen 需要证书、私钥与客户端 CA 文件",
                         "machines.listen needs machines.certificate, machines.key and machines.client_ca",
                         "请写上文件路径，或将 machines.listen 置空",
                         "name the file, or leave machines.listen empty", mistakes);
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
        settings_say(
            settings, SETTING_ZMQ_SECRET_KEY, SEVERITY_ERROR,
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
                         arena_printf(mistakes->arena, "Kafka 地址 \"" TEXT_FORMAT "\" 不对：%s",
                                      TEXT_ARGS(broker), endpoint_fault_zh(fault)),
                         arena_printf(mistakes->arena,
                                      "\"" TEXT_FORMAT "\" is no address of a Kafka broker: %s",
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

static const char *folder_of(const struct party *party) {
    return stanza_text(party_stanza(party, "files"), "folder");
}

/* A folder on a share may come later, and is served from then on: a warning. */
static void look_at_folders(const struct settings *settings, const struct setup *setup,
                            struct verdict *mistakes) {
    for (size_t i = 0; i < setup->parties->count; i++) {
        const struct party *party = &setup->parties->list[i];
        struct stat info;
        int why = 0;
        if (!*folder_of(party)) {
            continue;
        }
        if (stat(folder_of(party), &info) != 0) {
            why = errno;
        } else if (!S_ISDIR(info.st_mode)) {
            why = ENOTDIR;
        } else if (access(folder_of(party), R_OK | W_OK | X_OK) != 0) {
            why = errno;
        }
        if (why != 0) {
            verdict_add(
                mistakes,
                &(struct finding){
                    .code = "LINT-PARTY",
                    .severity = SEVERITY_WARNING,
                    .file = settings_text(settings, SETTING_PARTIES),
                    .zh = arena_printf(mistakes->arena, "参与方 %s 的文件夹 %s 现在不可用：%s", party->code,
                                       folder_of(party), error_sentence(why, LANGUAGE_ZH)),
                    .en = arena_printf(mistakes->arena, "the folder %s of %s cannot be used now: %s",
                                       folder_of(party), party->code, error_sentence(why, LANGUAGE_EN)),
                    .hint_zh = "在其可用之前，既不收取也不投递",
                    .hint_en = "until it can, nothing is taken from it or delivered",
                });
        }
    }
}

/* --- one folder under two names ------------------------------------------------------------------------- */

/* Links, bind mounts and spellings give one folder many names: device and inode tell what it is. */
struct folder_id {
    dev_t device;
    ino_t inode;
    const struct party *party;
};

static int by_id(const void *a, const void *b) {
    const struct folder_id *left = a, *right = b;
    if (left->device != right->device) {
        return left->device < right->device ? -1 : 1;
    }
    return left->inode < right->inode ? -1 : left->inode > right->inode;
}

/* Another party's that is the same folder; NULL: none. */
static const struct folder_id *held_by_another(const struct folder_id *ids, size_t count,
                                               const struct folder_id *id) {
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = (low + high) / 2;
        if (by_id(&ids[middle], id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < count && by_id(&ids[low], id) == 0; low++) {
        if (ids[low].party != id->party) {
            return &ids[low];
        }
    }
    return NULL;
}

static void say_shared(const struct settings *settings, const struct party *party, const char *path,
                       const struct party *other, struct verdict *mistakes) {
    verdict_add(
        mistakes,
        &(struct finding){
            .code = "LINT-PARTY",
            .severity = SEVERITY_ERROR,
            .file = settings_text(settings, SETTING_PARTIES),
            .zh = arena_printf(mistakes->arena, "参与方 %s 的文件夹 %s 就是参与方 %s 的文件夹 %s，或位于其内",
                               party->code, path, other->code, folder_of(other)),
            .en = arena_printf(mistakes->arena, "the folder %s of %s is, or lies in, the folder %s of %s",
                               path, party->code, folder_of(other), other->code),
            .hint_zh = "名称不同，却是磁盘上的同一个文件夹（链接、挂载）：各参与方须有自己的文件夹",
            .hint_en = "two names of one folder on the disk (a link, a mount): each party needs its own",
        });
}

/* The party's folder and its boxes, each of which could be a mount of another's. */
static const char *const parts[] = { "",
#define X(name, text) "/" text,
                                     BOX_LIST(X)
#undef X
};
#define PARTS (sizeof(parts) / sizeof(*parts))

/* False: it, or one above it, is another's, which is told. */
static bool look_above(const struct settings *settings, const struct party *party, const char *folder,
                       const struct folder_id *ids, size_t count, struct verdict *mistakes) {
    char path[PATH_MAX];
    struct stat info;
    if (!realpath(folder, path)) {
        return true; /* not there yet */
    }
    for (char *slash; (slash = strrchr(path, '/')); *slash = '\0') {
        const struct folder_id *other = NULL;
        if (stat(*path ? path : "/", &info) == 0) {
            other = held_by_another(ids, count, &(struct folder_id){ info.st_dev, info.st_ino, party });
        }
        if (other) {
            say_shared(settings, party, folder, other->party, mistakes);
            return false;
        }
    }
    return true;
}

static const char *part_of(const struct party *party, size_t part, struct arena *arena) {
    return arena_printf(arena, "%s%s", folder_of(party), parts[part]);
}

static void look_at_identities(const struct settings *settings, const struct setup *setup,
                               struct verdict *mistakes) {
    const struct parties *parties = setup->parties;
    struct folder_id *ids = memory_array(PARTS * parties->count + 1, sizeof(*ids));
    struct arena *arena = arena_new();
    size_t count = 0;
    for (size_t i = 0; i < PARTS * parties->count; i++) {
        const struct party *party = &parties->list[i / PARTS];
        struct stat info;
        if (*folder_of(party) && stat(part_of(party, i % PARTS, arena), &info) == 0) {
            ids[count++] = (struct folder_id){ info.st_dev, info.st_ino, party };
        }
    }
    qsort(ids, count, sizeof(*ids), by_id);
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        bool apart = *folder_of(party) != '\0';
        for (size_t part = 0; apart && part < PARTS; part++) {
            apart = look_above(settings, party, part_of(party, part, arena), ids, count, mistakes);
        }
    }
    arena_free(arena);
    free(ids);
}

/* --- the gateway's own folders -------------------------------------------------------------------------- */

static void say_folder(const struct settings *settings, enum setting setting, const char *folder, int why,
                       struct verdict *mistakes) {
    struct arena *arena = mistakes->arena;
    settings_say(settings, setting, SEVERITY_ERROR,
                 arena_printf(arena, "文件夹 %.1000s 无法使用：%s", *folder ? folder : "（未填写）",
                              error_sentence(why, LANGUAGE_ZH)),
                 arena_printf(arena, "the folder %.1000s cannot be used: %s",
                              *folder ? folder : "(none is named)", error_sentence(why, LANGUAGE_EN)),
                 "请指定运行网关的用户可用的文件夹",
                 "name a folder that the user who runs the gateway may use", mistakes);
}

/* What keeps the folder from being used so, 0 if nothing does. */
static int fault_of_folder(const char *folder, int use) {
    struct stat info;
    if (stat(folder, &info) != 0) {
        return errno;
    }
    return !S_ISDIR(info.st_mode) ? ENOTDIR : access(folder, use) != 0 ? errno : 0;
}

/* The data folder is made at the start, in the nearest folder above it that is there. */
static int fault_of_data(const char *folder, struct arena *arena) {
    int why = fault_of_folder(folder, R_OK | W_OK | X_OK);
    for (const char *slash; why == ENOENT && *folder && strcmp(folder, ".") != 0;) {
        slash = strrchr(folder, '/');
        struct text above = { folder, slash ? (size_t)(slash - folder) : 0 };
        folder = !slash ? "." : slash == folder ? "/" : arena_copy(arena, above);
        why = fault_of_folder(folder, W_OK | X_OK);
    }
    return why;
}

void preflight_folders(const struct settings *settings, struct verdict *mistakes) {
    const char *data = settings_text(settings, SETTING_DATA);
    const char *schemas = settings_text(settings, SETTING_SCHEMAS);
    int why = fault_of_data(data, mistakes->arena);
    if (why != 0) {
        say_folder(settings, SETTING_DATA, data, why, mistakes);
    }
    why = fault_of_folder(schemas, R_OK | X_OK);
    if (why != 0) {
        say_folder(settings, SETTING_SCHEMAS, schemas, why, mistakes);
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
        look_at_identities(settings, setup, mistakes);
    }
}
