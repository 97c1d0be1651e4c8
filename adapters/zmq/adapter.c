/*
 * adapter.c - ZeroMQ as a row of the list of adapters.
 *
 * In the parties file:
 *   zmq: { bind: tcp://0.0.0.0:5571, events: tcp://0.0.0.0:5671, keys: ["Z85 public key"] }
 * events is the address of its event stream; without it the party has none, and may ask for its events all
 * the same.
 */
#include <string.h>

#include "base/endpoint.h"
#include "adapters/adapters.h"
#include "adapters/zmq/counters.h"
#include "adapters/zmq/zmq.h"

#define Z85_KEY_LENGTH     40
#define DESCRIPTORS_PARTY  5 /* a listener, held twice, a socket, the two ends of its monitor ... */
#define DESCRIPTORS_STREAM 3 /* ... and of its stream a listener, held twice, and a socket */

/* ZeroMQ's own way to say "any free port". */
static bool ends_in_any_port(const char *bind) {
    size_t length = strlen(bind);
    return length > 2 && strcmp(bind + length - 2, ":*") == 0;
}

static void check_bind(const struct party_row *row, const char *bind) {
    struct endpoint endpoint;
    if (strncmp(bind, "tcp://", strlen("tcp://")) != 0) {
        party_mistake(row, bind, arena_printf(row->arena, "zmq 地址 %s 须以 tcp:// 开头", bind),
                      arena_printf(row->arena, "the zmq address %s must begin with tcp://", bind));
    } else if (!ends_in_any_port(bind)) {
        enum endpoint_fault fault = endpoint_read(text_of(bind + strlen("tcp://")), &endpoint);
        if (fault != ENDPOINT_GOOD) {
            party_mistake(
                row, bind, arena_printf(row->arena, "zmq 地址 %s 不对：%s", bind, endpoint_fault_zh(fault)),
                arena_printf(row->arena, "the zmq address %s is wrong: %s", bind, endpoint_fault_en(fault)));
        }
    }
}

static bool is_z85_key(const char *key) {
    static const char signs[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                ".-:+=^!/*?&<>()[]{}@%$#";
    return strlen(key) == Z85_KEY_LENGTH && strspn(key, signs) == Z85_KEY_LENGTH;
}

static void check_stanza(const struct party_row *row, const struct party_stanza *stanza) {
    struct party_list keys = stanza_list(stanza, "keys");
    const char *events = stanza_text(stanza, "events");
    check_bind(row, stanza_text(stanza, "bind"));
    if (*events) {
        check_bind(row, events);
    }
    for (size_t i = 0; i < keys.count; i++) {
        if (!is_z85_key(keys.items[i])) {
            party_mistake(row, keys.items[i], "公钥须为 40 个 Z85 字符",
                          "a public key is 40 characters of Z85");
        }
    }
}

static const struct party_key stanza_keys[] = {
    { .name = "bind", .zh = "zmq 地址", .en = "zmq address" },
    { .name = "events", .optional = true, .zh = "zmq 地址", .en = "zmq address" },
    { .name = "keys", .list = true, .zh = "公钥", .en = "key" },
    { .name = NULL },
};

const struct party_transport zmq_transport = {
    .name = "zmq", .keys = stanza_keys, .delivers = true, .answers = true, .check = check_stanza
};

/* --- what it needs ------------------------------------------------------------------------------------ */

enum { SECRET_KEY };

/* clang-format off */
static const struct setting_row setting_rows[] = {
    [SECRET_KEY] = { "zmq", "secret_key", SETTING_TYPE_PATH, SETTING_RESTART, 0, "",
        "网关 CURVE 私钥（Z85）文件；空：不用 ZeroMQ",
        "file with the gateway's CURVE secret key (Z85); empty: no ZeroMQ" },
};
/* clang-format on */

static void check_key_file(const struct adapter_settings *settings, const struct edition *edition,
                           struct verdict *mistakes) {
    const char *path = adapter_text(settings, SECRET_KEY);
    enum status status = *path ? zmq_check(path) : STATUS_OK;
    if (status == STATUS_BAD_CONFIG) {
        settings->say(
            settings, SECRET_KEY, SEVERITY_ERROR,
            arena_printf(mistakes->arena, "%s 中不是 CURVE 私钥（40 个 Z85 字符）", path),
            arena_printf(mistakes->arena, "%s holds no CURVE secret key (40 characters of Z85)", path),
            "clearway keygen 生成一对密钥", "clearway keygen makes a pair", mistakes);
    } else if (status != STATUS_OK) {
        settings->say(settings, SECRET_KEY, SEVERITY_ERROR,
                      arena_printf(mistakes->arena, "文件 %s 无法读取", path),
                      arena_printf(mistakes->arena, "%s cannot be read", path), "请检查路径与权限",
                      "check the path, and that the gateway's user may read it", mistakes);
    }
}

static void probe_address(const struct adapter_settings *settings, const struct party *party,
                          const char *address, struct probe *probe) {
    struct explanation why = { "", "" };
    if (!*address || ends_in_any_port(address) || probe_port(probe, address + strlen("tcp://"), &why)) {
        return;
    }
    struct arena *arena = probe->mistakes->arena;
    verdict_add(
        probe->mistakes,
        &(struct finding){
            .code = "LINT-PARTY",
            .severity = SEVERITY_ERROR,
            .file = settings->parties,
            .zh = arena_printf(arena, "参与方 %s 的地址 %s 无法绑定：%s", party->code, address, why.zh),
            .en =
                arena_printf(arena, "the address %s of %s cannot be bound: %s", address, party->code, why.en),
            .hint_zh = "ss -ltnp 显示哪个进程占用端口，ip addr 显示本机地址",
            .hint_en =
                "ss -ltnp shows which process has the port, ip addr which addresses this machine has" });
}

/* Parties connect to us; we connect to none of them. */
static void probe_addresses(const struct adapter_settings *settings, const struct edition *edition,
                            struct probe *probe) {
    if (!*adapter_text(settings, SECRET_KEY)) {
        adapter_say_idle(settings, SECRET_KEY, "zmq", edition, probe->mistakes);
        return;
    }
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        const struct party_stanza *stanza = party_stanza(party, "zmq");
        probe_address(settings, party, stanza_text(stanza, "bind"), probe);
        probe_address(settings, party, stanza_text(stanza, "events"), probe);
    }
}

static size_t descriptors(const struct edition *edition) {
    size_t count = 0;
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party_stanza *stanza = party_stanza(&edition->parties->list[i], "zmq");
        count += (stanza ? DESCRIPTORS_PARTY : 0) + (*stanza_text(stanza, "events") ? DESCRIPTORS_STREAM : 0);
    }
    return count;
}

/* --- its life ----------------------------------------------------------------------------------------- */

static enum status start(const struct adapter_rooms *rooms, void **out) {
    struct zmq *zmq = NULL;
    struct zmq_options options = { .loop = rooms->loop,
                                   .edition = rooms->edition,
                                   .intake = rooms->intake,
                                   .journal = rooms->journal,
                                   .secret_key_file = adapter_text(&rooms->settings, SECRET_KEY),
                                   .why = rooms->why };
    enum status status = *options.secret_key_file ? zmq_start(&options, &zmq) : STATUS_OK;
    *out = zmq;
    return status;
}

static const struct port *port(void *running) {
    return zmq_port(running);
}

static void advanced(void *running) {
    zmq_advance(running);
}

static void diagnose(void *running, stamp now, struct diagnosis *out) {
    zmq_diagnose(running, out);
}

static void prepare(void *running, const struct adapter_settings *settings, const struct edition *edition,
                    struct verdict *mistakes, void **prepared) {
    *prepared = zmq_prepare(running, edition, settings->parties, mistakes);
}

static void reload(void *running, const struct edition *edition, void *prepared) {
    zmq_change(running, edition, prepared);
}

static void discard(void *running, void *prepared) {
    zmq_discard(prepared);
}

static void stop(void *running) {
    zmq_stop(running);
}

const struct adapter zmq_adapter = {
    .transport = &zmq_transport,
    .zh = "ZeroMQ 无法启动",
    .en = "ZeroMQ cannot start",
    .settings = setting_rows,
    .counters = zmq_counters,
    .settings_count = sizeof(setting_rows) / sizeof(*setting_rows),
    .check = check_key_file,
    .probe = probe_addresses,
    .descriptors = descriptors,
    .start = start,
    .port = port,
    .advanced = advanced,
    .diagnose = diagnose,
    .prepare = prepare,
    .reload = reload,
    .discard = discard,
    .stop = stop,
};
