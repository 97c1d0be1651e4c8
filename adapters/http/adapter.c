/*
 * adapter.c - HTTP as a row of the list of adapters: the API, heard at three addresses and a unix socket.
 *
 *   machines   parties, over mutual TLS              people    persons with a browser
 *   monitors   health and metrics, on loopback       control   DIR/control.sock, for the machine's operator
 */
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "adapters/adapters.h"
#include "adapters/expiry.h"
#include "adapters/http/counters.h"
#include "adapters/api/api.h"
#include "adapters/http/server.h"
#include "adapters/tls.h"

/* Parties are known by the certificates of their rows; nothing is delivered by HTTP. */
const struct party_transport http_transport = { .name = "http" };

/* --- what it needs ------------------------------------------------------------------------------------ */

enum {
    MACHINES,
    CERTIFICATE,
    KEY,
    CLIENT_CA,
    PEOPLE,
    MONITORS,
    CONNECTIONS_MAX,
    STRANGERS,
    ADDRESS_STRANGERS,
    PARTY_CONNECTIONS
};

/* clang-format off */
static const struct setting_row setting_rows[] = {
    [MACHINES] = { "machines", "listen", SETTING_TYPE_TEXT, SETTING_RESTART, 0, "127.0.0.1:8443",
        "双向 TLS 监听地址；空：不监听",
        "address of the mTLS listener; empty: none" },
    [CERTIFICATE] = { "machines", "certificate", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "PEM：服务器证书及其证书链",
        "PEM: the server's certificate and its chain" },
    [KEY] = { "machines", "key", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "PEM：服务器私钥",
        "PEM: the server's private key" },
    [CLIENT_CA] = { "machines", "client_ca", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "PEM：可签发客户端证书的机构",
        "PEM: who may sign client certificates" },
    [PEOPLE] = { "people", "listen", SETTING_TYPE_TEXT, SETTING_RESTART, 0, "127.0.0.1:8080",
        "供人使用的监听地址；空：不监听",
        "address for people; empty: none" },
    [MONITORS] = { "monitors", "listen", SETTING_TYPE_TEXT, SETTING_RESTART, 0, "127.0.0.1:8081",
        "健康、就绪与指标的监听地址，限本机；空：不监听",
        "address of health, readiness and metrics, on loopback; empty: none" },
    [CONNECTIONS_MAX] = { "http", "connections_max", SETTING_TYPE_NUMBER, SETTING_RESTART, 1000000, "0",
        "同时打开的连接数；0：8192，或描述符限额所余",
        "connections open at once; 0: 8192, or what the limit of descriptors leaves" },
    [STRANGERS] = { "limits", "strangers", SETTING_TYPE_NUMBER, SETTING_RELOAD, 0, "1024",
        "陌生连接（尚未出示参与方证书）数；再多一个，等待最久的即被关闭",
        "connections of strangers (no party's certificate yet); one more: the one that waited longest is closed" },
    [ADDRESS_STRANGERS] = { "limits", "address_strangers", SETTING_TYPE_NUMBER, SETTING_RELOAD, 0, "256",
        "其中来自同一地址的连接数（IPv6：同一 /64）",
        "of them from one address (IPv6: one /64)" },
    [PARTY_CONNECTIONS] = { "limits", "party_connections", SETTING_TYPE_NUMBER, SETTING_RELOAD, 0, "512",
        "单个参与方的 HTTP 连接数，超过答 429",
        "HTTP connections of one party; more: 429" },
};
/* clang-format on */

/* Where nobody proves who it is, only this machine may ask. */
static void check_loopback(const struct adapter_settings *settings, size_t row, struct text host,
                           struct verdict *mistakes) {
    const struct setting_row *setting = &settings->rows[row];
    if (!endpoint_is_loopback(host)) {
        settings->say(
            settings, row, SEVERITY_ERROR,
            arena_printf(mistakes->arena, "%s.%s 不是本机回环地址", setting->section, setting->key),
            arena_printf(mistakes->arena, "%s.%s is no loopback address", setting->section, setting->key),
            "例如 127.0.0.1:8081；本机以外的请经代理",
            "for example 127.0.0.1:8081; a proxy may stand before it", mistakes);
    }
}

static void check_address(const struct adapter_settings *settings, size_t row, bool is_local,
                          struct verdict *mistakes) {
    const char *address = adapter_text(settings, row);
    struct endpoint endpoint;
    enum endpoint_fault fault = *address ? endpoint_read(text_of(address), &endpoint) : ENDPOINT_GOOD;
    if (fault != ENDPOINT_GOOD) {
        settings->say(
            settings, row, SEVERITY_ERROR,
            arena_printf(mistakes->arena, "%.100s 不是可监听的地址：%s", address, endpoint_fault_zh(fault)),
            arena_printf(mistakes->arena, "%.100s is no address to listen at: %s", address,
                         endpoint_fault_en(fault)),
            "例如 0.0.0.0:8443", "for example 0.0.0.0:8443", mistakes);
    } else if (*address && is_local) {
        check_loopback(settings, row, endpoint.host, mistakes);
    }
}

static struct tls_options tls_options_of(const struct adapter_settings *settings) {
    return (struct tls_options){
        .certificate_file = adapter_text(settings, CERTIFICATE),
        .key_file = adapter_text(settings, KEY),
        .client_ca_file = adapter_text(settings, CLIENT_CA),
    };
}

static void check_tls(const struct adapter_settings *settings, struct verdict *mistakes) {
    static const size_t rows[] = {
        [TLS_CERTIFICATE_FILE] = CERTIFICATE,
        [TLS_KEY_FILE] = KEY,
        [TLS_CLIENT_CA_FILE] = CLIENT_CA,
    };
    bool complete = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (!*adapter_text(settings, rows[i])) {
            settings->say(settings, rows[i], SEVERITY_ERROR, "machines.listen 需要证书、私钥与客户端 CA 文件",
                          "machines.listen needs machines.certificate, machines.key and machines.client_ca",
                          "请写上文件路径，或将 machines.listen 置空",
                          "name the file, or leave machines.listen empty", mistakes);
            complete = false;
        }
    }
    if (!complete) {
        return;
    }
    struct tls_options options = tls_options_of(settings);
    struct tls_mistake found[TLS_MISTAKES_MAX];
    size_t count = tls_check(&options, stamp_now() / STAMP_SECOND, mistakes->arena, found);
    for (size_t i = 0; i < count; i++) {
        settings->say(settings, rows[found[i].file], found[i].fatal ? SEVERITY_ERROR : SEVERITY_WARNING,
                      found[i].zh, found[i].en, found[i].hint_zh, found[i].hint_en, mistakes);
    }
}

static void check(const struct adapter_settings *settings, const struct edition *edition,
                  struct verdict *mistakes) {
    check_address(settings, MACHINES, false, mistakes);
    check_address(settings, PEOPLE, false, mistakes);
    check_address(settings, MONITORS, true, mistakes);
    if (*adapter_text(settings, MACHINES)) {
        check_tls(settings, mistakes);
    }
}

static void say_not_listened(const struct adapter_settings *settings, size_t row, const char *zh,
                             const char *en, struct verdict *mistakes) {
    settings->say(settings, row, SEVERITY_ERROR, arena_printf(mistakes->arena, "无法监听 %s", zh),
                  arena_printf(mistakes->arena, "cannot listen at %s", en),
                  "ss -ltnp 显示哪个进程占用端口，ip addr 显示本机地址",
                  "ss -ltnp shows which process has the port, ip addr which addresses this machine has",
                  mistakes);
}

static void probe_addresses(const struct adapter_settings *settings, const struct edition *edition,
                            struct probe *probe) {
    static const size_t rows[] = { MACHINES, PEOPLE, MONITORS };
    struct arena *arena = probe->mistakes->arena;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *address = adapter_text(settings, rows[i]);
        int error;
        if (*address && probe_port(probe, address, &error) == PROBE_TAKEN) {
            say_not_listened(
                settings, rows[i], arena_printf(arena, "%s：%s", address, error_sentence(error, LANGUAGE_ZH)),
                arena_printf(arena, "%s: %s", address, error_sentence(error, LANGUAGE_EN)), probe->mistakes);
        }
    }
}

/* --- its life ----------------------------------------------------------------------------------------- */

struct http {
    struct api *api;
    struct tls_server *tls; /* NULL: machines are not listened to */
    struct http_server *server;
    size_t connections_max;
    size_t listening; /* at internet addresses */
    struct adapter_port ports[4];
};

/* What no room may need later is told apart from the start: descriptors for connections, and for all else. */
static size_t connections_max(const struct adapter_rooms *rooms, size_t usual) {
    size_t set = (size_t)adapter_number(&rooms->settings, CONNECTIONS_MAX);
    size_t wanted = set ? set : usual;
    if (wanted > rooms->connections_max) {
        log_event(LOG_WARN, EVENT_GATEWAY_FEW_DESCRIPTORS, LOG_INT("limit", rooms->descriptors),
                  LOG_INT("connections", rooms->connections_max), LOG_INT("wanted", wanted), LOG_END);
    }
    return wanted < rooms->connections_max ? wanted : rooms->connections_max;
}

static size_t at_most(int64_t number, size_t most) {
    return number > 0 && (size_t)number < most ? (size_t)number : most;
}

/* Strangers never take more than half of the places, nor one address more than half of theirs. */
static void set_limits(const struct adapter_settings *settings, struct http_options *options) {
    options->strangers_max = at_most(adapter_number(settings, STRANGERS), options->connections_max / 2);
    options->address_max =
        at_most(adapter_number(settings, ADDRESS_STRANGERS), (options->strangers_max + 1) / 2);
    options->party_connections =
        at_most(adapter_number(settings, PARTY_CONNECTIONS), options->connections_max);
    options->party_bodies = at_most((int64_t)settings->party_messages, SIZE_MAX);
    options->party_body_bytes = at_most((int64_t)settings->party_bytes, SIZE_MAX);
}

static enum status start_api(const struct adapter_rooms *rooms, struct api **out) {
    struct api_options options = {
        .loop = rooms->loop,
        .journal = rooms->journal,
        .directory = rooms->directory,
        .edition = rooms->edition,
        .intake = rooms->intake,
        .dispatch = rooms->dispatch,
        .engine = rooms->engine,
        .adapters = rooms->running,
        .accounts = rooms->arena,
        .reload = rooms->reload,
        .on_damage = rooms->on_damage,
        .context = rooms->context,
    };
    return api_start(&options, out);
}

static enum status listen_at(struct http *http, const char *name, const char *address, struct tls_server *tls,
                             enum api_audience audience, struct explanation *why) {
    struct http_listen listen = { .name = name, .address = address, .tls = tls };
    api_listen(http->api, audience, &listen);
    return http_server_listen(http->server, &listen, why);
}

/* At the address of a setting; an empty one is not listened at. */
static enum status listen_for(const struct adapter_rooms *rooms, struct http *http, size_t row,
                              struct tls_server *tls, enum api_audience audience, struct adapter_port *port) {
    const char *address = adapter_text(&rooms->settings, row);
    struct explanation why = { "", "" };
    if (!*address) {
        return STATUS_OK;
    }
    enum status status = listen_at(http, port->name, address, tls, audience, &why);
    if (status == STATUS_OK) {
        port->port = http_server_port(http->server, http->listening++);
    } else {
        say_not_listened(&rooms->settings, row, why.zh, why.en, rooms->mistakes);
    }
    return status;
}

/* The server is made; only now its files are told of. */
static void tell_expiry(int64_t expires_s, int64_t clients_expire_s) {
    expiry_tell("machines", "", expires_s);
    expiry_tell("client_ca", "", clients_expire_s);
}

static enum status start_tls(const struct adapter_rooms *rooms, struct http *http) {
    struct tls_options options = tls_options_of(&rooms->settings);
    if (!*adapter_text(&rooms->settings, MACHINES)) {
        return STATUS_OK;
    }
    http->tls = tls_server_new(&options, rooms->why);
    if (!http->tls) {
        return STATUS_BAD_CONFIG;
    }
    tell_expiry(tls_expires_s(options.certificate_file), tls_expires_s(options.client_ca_file));
    return STATUS_OK;
}

static void stop(void *running) {
    struct http *http = running;
    api_stop(http->api); /* answers who waits for a decision that will not come in this life */
    http_server_free(http->server);
    tls_server_free(http->tls);
    free(http);
}

static enum status start(const struct adapter_rooms *rooms, void **out) {
    struct http *http = memory_new(sizeof(*http));
    struct http_options options;
    http->ports[0].name = "machines";
    http->ports[1].name = "people";
    http->ports[2].name = "monitors";
    http_options_init(&options);
    http->connections_max = options.connections_max = connections_max(rooms, options.connections_max);
    set_limits(&rooms->settings, &options);
    enum status status = start_api(rooms, &http->api);
    http->server = http_server_new(rooms->loop, &options);
    if (status == STATUS_OK) {
        status = start_tls(rooms, http);
    }
    if (status == STATUS_OK) {
        status = listen_for(rooms, http, MACHINES, http->tls, API_MACHINES, &http->ports[0]);
    }
    if (status == STATUS_OK) {
        status = listen_for(rooms, http, PEOPLE, NULL, API_PEOPLE, &http->ports[1]);
    }
    if (status == STATUS_OK) {
        status = listen_for(rooms, http, MONITORS, NULL, API_MONITORS, &http->ports[2]);
    }
    if (status == STATUS_OK) {
        const char *control = arena_printf(rooms->arena, "unix:%s/control.sock", rooms->directory);
        status = listen_at(http, "control", control, NULL, API_CONTROL, rooms->why);
    }
    if (status != STATUS_OK) {
        stop(http);
        http = NULL;
    }
    *out = http;
    return status;
}

/* --- another edition, other settings -------------------------------------------------------------------- */

/* What the settings of then say: the server's own certificate and key, who signs clients, and limits. */
struct http_prepared {
    struct tls_server *tls; /* NULL: machines are not listened to */
    struct http_options limits;
    int64_t expires_s, clients_expire_s; /* the first of either file's certificates */
};

static void prepare(void *running, const struct adapter_settings *settings, const struct edition *edition,
                    struct verdict *mistakes, void **out) {
    const struct http *http = running;
    struct explanation why = { "", "" };
    struct tls_options tls = tls_options_of(settings);
    struct http_prepared *prepared = memory_new(sizeof(*prepared));
    *out = prepared;
    http_options_init(&prepared->limits);
    prepared->limits.connections_max = http->connections_max;
    set_limits(settings, &prepared->limits);
    if (!http->tls) {
        return;
    }
    prepared->tls = tls_server_new(&tls, &why);
    if (!prepared->tls) {
        settings->say(settings, CERTIFICATE, SEVERITY_ERROR, why.zh, why.en, "", "", mistakes);
    }
    prepared->expires_s = tls_expires_s(tls.certificate_file);
    prepared->clients_expire_s = tls_expires_s(tls.client_ca_file);
}

static void discard(void *running, void *context) {
    struct http_prepared *prepared = context;
    tls_server_free(prepared->tls);
    free(prepared);
}

static void reload(void *running, const struct edition *edition, void *context) {
    struct http *http = running;
    struct http_prepared *prepared = context;
    struct tls_server *before = http->tls;
    bool other_clients = prepared->tls && !tls_server_has_same_clients(before, prepared->tls);
    api_change(http->api, edition);
    expiry_keep(edition->parties);
    http_server_limit(http->server, &prepared->limits);
    if (prepared->tls) {
        http->tls = prepared->tls;
        http_server_change_tls(http->server, before, http->tls);
        tell_expiry(prepared->expires_s, prepared->clients_expire_s);
        prepared->tls = before;
    }
    http_server_ask_again(http->server, other_clients);
    discard(running, prepared); /* and with it the server before */
}

static const struct adapter_port *ports(void *running) {
    struct http *http = running;
    return http->ports;
}

static void advanced(void *running) {
    struct http *http = running;
    api_advanced(http->api);
}

static void drain(void *running, void (*done)(void *context), void *context) {
    struct http *http = running;
    http_server_drain(http->server, done, context);
}

const struct adapter http_adapter = {
    .transport = &http_transport,
    .zh = "HTTP 无法启动",
    .en = "HTTP cannot start",
    .settings = setting_rows,
    .counters = http_counters,
    .settings_count = sizeof(setting_rows) / sizeof(*setting_rows),
    .check = check,
    .probe = probe_addresses,
    .start = start,
    .ports = ports,
    .advanced = advanced,
    .prepare = prepare,
    .reload = reload,
    .discard = discard,
    .drain = drain,
    .stop = stop,
};
