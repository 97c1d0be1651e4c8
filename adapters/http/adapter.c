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
#include "adapters/api/people.h"
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
    PEOPLE_CERTIFICATE,
    PEOPLE_KEY,
    PEOPLE_CLIENT_CA,
    ACCOUNTS,
    ORIGINS,
    IDLE_MINUTES,
    SESSION_HOURS,
    USER_HEADER,
    CLIENT_HEADER,
    PROXY,
    PROXY_SECRET,
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
        "供人使用的监听地址；本机以外须有证书；空：不监听",
        "address for people; beyond this machine it needs a certificate; empty: none" },
    [PEOPLE_CERTIFICATE] = { "people", "certificate", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "PEM：供人使用的地址的证书及其证书链；空：明文，限本机",
        "PEM: certificate and chain of the address for people; empty: plain, on loopback only" },
    [PEOPLE_KEY] = { "people", "key", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "PEM：其私钥",
        "PEM: its private key" },
    [PEOPLE_CLIENT_CA] = { "people", "client_ca", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "PEM：可签发可信代理客户端证书的机构；空：不索取证书",
        "PEM: who may sign the trusted proxy's client certificate; empty: none is asked for" },
    [ACCOUNTS] = { "people", "accounts", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "账户名册，每行一个（clearway passwd 生成密码散列）；空：无人可登录",
        "the accounts, one row each (clearway passwd makes the hashes); empty: nobody signs in" },
    [ORIGINS] = { "people", "origins", SETTING_TYPE_TEXT, SETTING_RELOAD, 0, "",
        "可提交请求的页面来源（https://主机[:端口]），以空格分隔；空：不接受提交",
        "origins of the pages that may change something (https://HOST[:PORT]), blanks between them; empty: none" },
    [IDLE_MINUTES] = { "people", "idle_minutes", SETTING_TYPE_NUMBER, SETTING_RELOAD, 43200, "60",
        "会话闲置多少分钟即结束",
        "minutes after which a session that is not used is over" },
    [SESSION_HOURS] = { "people", "session_hours", SETTING_TYPE_NUMBER, SETTING_RELOAD, 8760, "12",
        "会话最长小时数",
        "hours after which a session is over in any case" },
    [USER_HEADER] = { "people", "user_header", SETTING_TYPE_TEXT, SETTING_RELOAD, 0, "",
        "可信代理以此报头字段给出账户；来自他处者答 400；空：无代理",
        "the header in which a trusted proxy names the account; from anybody else it is 400; empty: no proxy" },
    [CLIENT_HEADER] = { "people", "client_header", SETTING_TYPE_TEXT, SETTING_RELOAD, 0, "",
        "可信代理以此报头字段（Forwarded 或 X-Forwarded-For）给出客户端地址，据以限制登录尝试；来自他处者不采信；空：无代理",
        "the header (Forwarded, X-Forwarded-For) in which a trusted proxy names the client's address, by which tries to sign in"
        " are limited; from anybody else it is not believed; empty: no proxy" },
    [PROXY] = { "people", "proxy", SETTING_TYPE_TEXT, SETTING_RELOAD, 0, "",
        "代理客户端证书的名称（CN）",
        "the common name of the proxy's client certificate" },
    [PROXY_SECRET] = { "people", "proxy_secret", SETTING_TYPE_PATH, SETTING_RELOAD, 0, "",
        "文件：代理在 Clearway-Proxy-Secret 中出示的密文，至少 32 字节",
        "file: the secret that the proxy shows in Clearway-Proxy-Secret, at least 32 bytes" },
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

/* Which rows name the files of a listener's TLS. */
struct tls_rows {
    size_t of[TLS_CLIENT_CA_FILE + 1];
};

static const struct tls_rows machine_rows = { {
    [TLS_CERTIFICATE_FILE] = CERTIFICATE,
    [TLS_KEY_FILE] = KEY,
    [TLS_CLIENT_CA_FILE] = CLIENT_CA,
} };

static const struct tls_rows people_rows = { {
    [TLS_CERTIFICATE_FILE] = PEOPLE_CERTIFICATE,
    [TLS_KEY_FILE] = PEOPLE_KEY,
    [TLS_CLIENT_CA_FILE] = PEOPLE_CLIENT_CA,
} };

static struct tls_options tls_options_of(const struct adapter_settings *settings,
                                         const struct tls_rows *rows) {
    const char *clients = adapter_text(settings, rows->of[TLS_CLIENT_CA_FILE]);
    return (struct tls_options){
        .certificate_file = adapter_text(settings, rows->of[TLS_CERTIFICATE_FILE]),
        .key_file = adapter_text(settings, rows->of[TLS_KEY_FILE]),
        .client_ca_file = *clients ? clients : NULL,
        .clients_may = rows == &people_rows, /* browsers have none */
    };
}

/* The first so many of the files are there. */
static bool check_files(const struct adapter_settings *settings, const struct tls_rows *rows, size_t count,
                        const char *zh, const char *en, struct verdict *mistakes) {
    bool complete = true;
    for (size_t i = 0; i < count; i++) {
        if (!*adapter_text(settings, rows->of[i])) {
            settings->say(settings, rows->of[i], SEVERITY_ERROR, zh, en, "请写上文件路径，或将监听地址置空",
                          "name the file, or leave the address empty", mistakes);
            complete = false;
        }
    }
    return complete;
}

static void check_tls(const struct adapter_settings *settings, const struct tls_rows *rows,
                      struct verdict *mistakes) {
    struct tls_options options = tls_options_of(settings, rows);
    struct tls_mistake found[TLS_MISTAKES_MAX];
    size_t count = tls_check(&options, stamp_now() / STAMP_SECOND, mistakes->arena, found);
    for (size_t i = 0; i < count; i++) {
        settings->say(settings, rows->of[found[i].file], found[i].fatal ? SEVERITY_ERROR : SEVERITY_WARNING,
                      found[i].zh, found[i].en, found[i].hint_zh, found[i].hint_en, mistakes);
    }
}

static bool people_have_tls(const struct adapter_settings *settings) {
    return *adapter_text(settings, PEOPLE_CERTIFICATE) || *adapter_text(settings, PEOPLE_KEY);
}

static const size_t people_options_rows[] = {
    [PEOPLE_ACCOUNTS] = ACCOUNTS,           [PEOPLE_ORIGINS] = ORIGINS, [PEOPLE_USER_HEADER] = USER_HEADER,
    [PEOPLE_CLIENT_HEADER] = CLIENT_HEADER, [PEOPLE_PROXY] = PROXY,     [PEOPLE_PROXY_SECRET] = PROXY_SECRET,
};

static void say_of_people(void *context, enum people_option option, enum severity severity, const char *zh,
                          const char *en, struct verdict *mistakes) {
    const struct adapter_settings *settings = context;
    settings->say(settings, people_options_rows[option], severity, zh, en, "", "", mistakes);
}

static struct people *load_people(const struct adapter_settings *settings, const struct edition *edition,
                                  struct verdict *mistakes) {
    struct people_options options = { .idle_minutes = adapter_number(settings, IDLE_MINUTES),
                                      .session_hours = adapter_number(settings, SESSION_HOURS),
                                      .parties = edition->parties,
                                      .say = say_of_people,
                                      .context = (void *)settings };
    for (size_t i = 0; i < PEOPLE_OPTIONS_COUNT; i++) {
        options.values[i] = adapter_text(settings, people_options_rows[i]);
    }
    return people_load(&options, mistakes);
}

static void check(const struct adapter_settings *settings, const struct edition *edition,
                  struct verdict *mistakes) {
    check_address(settings, MACHINES, false, mistakes);
    check_address(settings, PEOPLE, !people_have_tls(settings), mistakes);
    check_address(settings, MONITORS, true, mistakes);
    if (*adapter_text(settings, MACHINES)
        && check_files(settings, &machine_rows, 3, "machines.listen 需要证书、私钥与客户端 CA 文件",
                       "machines.listen needs machines.certificate, machines.key and machines.client_ca",
                       mistakes)) {
        check_tls(settings, &machine_rows, mistakes);
    }
    if (*adapter_text(settings, PEOPLE) && people_have_tls(settings)
        && check_files(settings, &people_rows, 2, "people.listen 的 TLS 需要证书与私钥",
                       "TLS of people.listen needs people.certificate and people.key", mistakes)) {
        check_tls(settings, &people_rows, mistakes);
    }
    if (*adapter_text(settings, PEOPLE)) {
        people_free(load_people(settings, edition, mistakes));
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

static void probe_addresses(const struct adapter_settings *settings, struct probe *probe) {
    static const size_t rows[] = { MACHINES, PEOPLE, MONITORS };
    struct arena *arena = probe->mistakes->arena;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *address = adapter_text(settings, rows[i]);
        struct explanation why = { "", "" };
        if (*address && !probe_port(probe, address, &why)) {
            say_not_listened(settings, rows[i], arena_printf(arena, "%s：%s", address, why.zh),
                             arena_printf(arena, "%s: %s", address, why.en), probe->mistakes);
        }
    }
}

static void probe_signs(const struct edition *edition, struct probe *probe) {
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        probe_expiry(probe, arena_printf(probe->mistakes->arena, "signs (%s)", party->code),
                     expiry_of_signs_s(party));
    }
}

static void probe_all(const struct adapter_settings *settings, const struct edition *edition,
                      struct probe *probe) {
    probe_addresses(settings, probe);
    probe_signs(edition, probe);
}

/* --- its life ----------------------------------------------------------------------------------------- */

struct http {
    struct api *api;
    struct tls_server *tls;        /* NULL: machines are not listened to */
    struct tls_server *people_tls; /* NULL: people are not, or plainly */
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
        .people = *adapter_text(&rooms->settings, PEOPLE)
                      ? load_people(&rooms->settings, rooms->edition, rooms->mistakes)
                      : NULL,
        .adapters = rooms->adapters,
        .running = rooms->running,
        .accounts = rooms->arena,
        .reload = rooms->reload,
        .reload_waits = rooms->reload_waits,
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

/* When the first certificate of each of the files is over. */
struct expiries {
    int64_t machines_s, clients_s, people_s, proxies_s;
};

static struct expiries expiries_of(const struct adapter_settings *settings) {
    return (struct expiries){
        .machines_s = tls_expires_s(adapter_text(settings, CERTIFICATE)),
        .clients_s = tls_expires_s(adapter_text(settings, CLIENT_CA)),
        .people_s = tls_expires_s(adapter_text(settings, PEOPLE_CERTIFICATE)),
        .proxies_s = tls_expires_s(adapter_text(settings, PEOPLE_CLIENT_CA)),
    };
}

/* The servers are made; only now their files are told of. */
static void tell_expiries(const struct http *http, const struct expiries *expiries) {
    if (http->tls) {
        expiry_tell("machines", "", expiries->machines_s);
        expiry_tell("client_ca", "", expiries->clients_s);
    }
    if (http->people_tls) {
        expiry_tell("people", "", expiries->people_s);
        expiry_tell("people_ca", "", expiries->proxies_s);
    }
}

static enum status start_tls(const struct adapter_rooms *rooms, struct http *http) {
    const struct adapter_settings *settings = &rooms->settings;
    struct tls_options machines = tls_options_of(settings, &machine_rows);
    struct tls_options people = tls_options_of(settings, &people_rows);
    bool people_want = *adapter_text(settings, PEOPLE) && people_have_tls(settings);
    bool machines_want = *adapter_text(settings, MACHINES);
    http->tls = machines_want ? tls_server_new(&machines, rooms->why) : NULL;
    http->people_tls = people_want ? tls_server_new(&people, rooms->why) : NULL;
    if ((machines_want && !http->tls) || (people_want && !http->people_tls)) {
        return STATUS_BAD_CONFIG;
    }
    struct expiries expiries = expiries_of(settings);
    tell_expiries(http, &expiries);
    return STATUS_OK;
}

static void stop(void *running) {
    struct http *http = running;
    api_stop(http->api); /* answers who waits for a decision that will not come in this life */
    http_server_free(http->server);
    tls_server_free(http->tls);
    tls_server_free(http->people_tls);
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
        status = listen_for(rooms, http, PEOPLE, http->people_tls, API_PEOPLE, &http->ports[1]);
    }
    if (status == STATUS_OK) {
        status = listen_for(rooms, http, MONITORS, NULL, API_MONITORS, &http->ports[2]);
    }
    if (status == STATUS_OK) {
        expiry_keep(rooms->edition->parties);
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

/* What the settings of then say: the server's own certificates and keys, who signs clients, who people are,
 * and limits. */
struct http_prepared {
    struct tls_server *tls, *people_tls; /* NULL: it is not listened to, or plainly */
    struct people *people;
    struct http_options limits;
    struct expiries expiries;
};

/* NULL, and told: it cannot be made. */
static struct tls_server *prepare_tls(const struct adapter_settings *settings, const struct tls_rows *rows,
                                      struct verdict *mistakes) {
    struct explanation why = { "", "" };
    struct tls_options options = tls_options_of(settings, rows);
    struct tls_server *tls = tls_server_new(&options, &why);
    if (!tls) {
        settings->say(settings, rows->of[TLS_CERTIFICATE_FILE], SEVERITY_ERROR, why.zh, why.en, "", "",
                      mistakes);
    }
    return tls;
}

/* Connections shake hands, or do not. */
static void prepare_people(const struct http *http, const struct adapter_settings *settings,
                           const struct edition *edition, struct verdict *mistakes,
                           struct http_prepared *prepared) {
    if (people_have_tls(settings) != (http->people_tls != NULL)) {
        settings->say(settings, PEOPLE_CERTIFICATE, SEVERITY_ERROR, "是否以 TLS 监听：须重启网关",
                      "TLS or none at people.listen: that needs a restart", "", "", mistakes);
    } else if (http->people_tls) {
        prepared->people_tls = prepare_tls(settings, &people_rows, mistakes);
    }
    prepared->people = load_people(settings, edition, mistakes);
}

static void prepare(void *running, const struct adapter_settings *settings, const struct edition *edition,
                    struct verdict *mistakes, void **out) {
    const struct http *http = running;
    struct http_prepared *prepared = memory_new(sizeof(*prepared));
    *out = prepared;
    http_options_init(&prepared->limits);
    prepared->limits.connections_max = http->connections_max;
    set_limits(settings, &prepared->limits);
    if (http->tls) {
        prepared->tls = prepare_tls(settings, &machine_rows, mistakes);
    }
    if (*adapter_text(settings, PEOPLE)) {
        prepare_people(http, settings, edition, mistakes, prepared);
    }
    prepared->expiries = expiries_of(settings);
}

static void discard(void *running, void *context) {
    struct http_prepared *prepared = context;
    tls_server_free(prepared->tls);
    tls_server_free(prepared->people_tls);
    people_free(prepared->people);
    free(prepared);
}

/* The one before comes in its place. True: others sign its clients. */
static bool exchange_tls(struct http *http, struct tls_server **own, struct tls_server **prepared) {
    struct tls_server *before = *own;
    if (!*prepared) {
        return false;
    }
    *own = *prepared;
    *prepared = before;
    http_server_change_tls(http->server, before, *own);
    return !tls_server_has_same_clients(before, *own);
}

static void reload(void *running, const struct edition *edition, void *context) {
    struct http *http = running;
    struct http_prepared *prepared = context;
    api_change(http->api, edition, prepared->people);
    prepared->people = NULL;
    expiry_keep(edition->parties);
    http_server_limit(http->server, &prepared->limits);
    bool other_clients = exchange_tls(http, &http->tls, &prepared->tls);
    other_clients |= exchange_tls(http, &http->people_tls, &prepared->people_tls);
    tell_expiries(http, &prepared->expiries);
    http_server_ask_again(http->server, other_clients);
    discard(running, prepared); /* and with it the servers before */
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
    .probe = probe_all,
    .start = start,
    .ports = ports,
    .advanced = advanced,
    .prepare = prepare,
    .reload = reload,
    .discard = discard,
    .drain = drain,
    .stop = stop,
};
