/*
 * client.c - one request after the other over one libcurl handle, and what curl says of a failure in words
 * for who sits at the command line.
 */
#include "daemon/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define ANSWER_MAX         (64u << 20)
#define SLOWEST_BYTES_A_MS 8

struct client {
    CURL *curl;
    struct client_options options;
    void (*waits)(void *context); /* NULL: nobody wants to know */
    void *context;
};

static bool is_type_of_gateway(const char *type) {
    static const char *const types[] = { "application/json", "application/problem+json", "text/plain",
                                         "text/csv",         "application/zstd",         "application/xml" };
    size_t i = 0;
    while (i < sizeof(types) / sizeof(*types) && !text_starts(text_of(type), types[i])) {
        i++;
    }
    return i < sizeof(types) / sizeof(*types);
}

struct client *client_new(const struct client_options *options) {
    struct client *client = memory_new(sizeof(*client));
    client->options = *options;
    client->curl = curl_easy_init();
    require(client->curl);
    return client;
}

void client_free(struct client *client) {
    if (!client) {
        return;
    }
    curl_easy_cleanup(client->curl);
    free(client);
}

/* Where the body goes. */
struct receiving {
    CURL *curl;
    const struct client *client;
    struct client_answer *answer;
    FILE *to; /* NULL: into the answer, as what says why there is none does */
    bool is_unwritten;
};

static bool is_good(const struct receiving *receiving) {
    long http = 0;
    curl_easy_getinfo(receiving->curl, CURLINFO_RESPONSE_CODE, &http);
    return http >= 200 && http < 300
           && (receiving->client->options.socket || is_type_of_gateway(receiving->answer->type));
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct receiving *receiving = context;
    struct buf *body = &receiving->answer->body;
    if (receiving->to && is_good(receiving)) {
        receiving->is_unwritten = fwrite(bytes, size, count, receiving->to) < count;
        return receiving->is_unwritten ? 0 : size * count;
    }
    buf_add(body, bytes, size * count);
    return buf_failed(body) ? 0 : size * count;
}

/* <TARGET>; rel="next". One of another server is none: we ask no other. */
static void take_link(struct text line, struct client_answer *answer) {
    struct text target = text_until(&line, '>');
    if (target.length > 1 && target.length < sizeof(answer->next) && text_starts(target, "</")
        && text_is(text_trim(line), "; rel=\"next\"")) {
        snprintf(answer->next, sizeof(answer->next), TEXT_FORMAT, (int)target.length - 1, target.at + 1);
    }
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    struct client_answer *answer = context;
    struct text line = { bytes, size * count };
    struct text name = text_until(&line, ':');
    line = text_trim(line);
    if (name.length == 8 && strncasecmp(name.at, "location", 8) == 0) {
        snprintf(answer->location, sizeof(answer->location), TEXT_FORMAT, TEXT_ARGS(line));
    }
    if (name.length == 4 && strncasecmp(name.at, "link", 4) == 0) {
        take_link(line, answer);
    }
    if (name.length == 12 && strncasecmp(name.at, "content-type", 12) == 0) {
        snprintf(answer->type, sizeof(answer->type), TEXT_FORMAT, TEXT_ARGS(line));
    }
    return size * count;
}

void client_while_waiting(struct client *client, void (*waits)(void *context), void *context) {
    client->waits = waits;
    client->context = context;
}

static int still_waiting(void *context, curl_off_t in_all, curl_off_t in, curl_off_t out_all,
                         curl_off_t out) {
    const struct client *client = context;
    client->waits(client->context);
    return 0;
}

static void set_peer(CURL *curl, const struct client_options *options) {
    if (options->socket) {
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, options->socket);
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    } else {
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
        if (options->ca) {
            curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca);
        }
        if (options->certificate) {
            curl_easy_setopt(curl, CURLOPT_SSLCERT, options->certificate);
        }
        if (options->key) {
            curl_easy_setopt(curl, CURLOPT_SSLKEY, options->key);
        }
    }
}

/* --- what failed, in words ------------------------------------------------------------------------------ */

enum about { ABOUT_SERVER, ABOUT_CERTIFICATE, ABOUT_CA };

/* The first row whose code is curl's and whose words stand in what curl or OpenSSL said. After a TLS 1.3
 * handshake the server's alert about our certificate comes with the first read: so RECV_ERROR is looked at as
 * SSL_CONNECT_ERROR is. */
#define NO_GATEWAY_ZH "对方答复的不是本网关（中间有代理，或地址有误）"
#define NO_GATEWAY_EN "what answers there is no gateway: is a proxy between, or is it the right address?"

static const struct curl_fault {
    CURLcode code;
    const char *words;
    enum status status;
    enum about about;
    const char *zh, *en;
} faults[] = {
    { CURLE_UNSUPPORTED_PROTOCOL, "HTTP/0.9", STATUS_UNAVAILABLE, ABOUT_SERVER, NO_GATEWAY_ZH,
      NO_GATEWAY_EN },
    { CURLE_WEIRD_SERVER_REPLY, "", STATUS_UNAVAILABLE, ABOUT_SERVER, NO_GATEWAY_ZH, NO_GATEWAY_EN },
    { CURLE_UNSUPPORTED_PROTOCOL, "", STATUS_BAD_CONFIG, ABOUT_SERVER, "网关地址应写作 https://主机:端口",
      "the gateway's address is written https://HOST:PORT" },
    { CURLE_URL_MALFORMAT, "", STATUS_BAD_CONFIG, ABOUT_SERVER, "网关地址应写作 https://主机:端口",
      "the gateway's address is written https://HOST:PORT" },
    { CURLE_COULDNT_RESOLVE_HOST, "", STATUS_UNAVAILABLE, ABOUT_SERVER, "无法解析主机名",
      "no address is known for this host name" },
    { CURLE_COULDNT_CONNECT, "", STATUS_UNAVAILABLE, ABOUT_SERVER,
      "连接不上：网关未运行、地址有误或被防火墙阻断",
      "no connection: the gateway is not running, the address is wrong, or a firewall is between" },
    { CURLE_OPERATION_TIMEDOUT, "", STATUS_TIMEOUT, ABOUT_SERVER, "未在时限内答复", "no answer in time" },
    { CURLE_PARTIAL_FILE, "", STATUS_UNAVAILABLE, ABOUT_SERVER, "答复在结束之前中断，所得不完整",
      "the answer was cut before its end: what came is not all of it" },
    { CURLE_WRITE_ERROR, "", STATUS_TOO_LARGE, ABOUT_SERVER, "答复过大",
      "the answer is larger than the limit" },
    { CURLE_SSL_CACERT_BADFILE, "", STATUS_BAD_CONFIG, ABOUT_CA, "--ca 的文件无法读取或不含 PEM 证书",
      "the file of --ca cannot be read or holds no PEM certificate" },
    { CURLE_SSL_CERTPROBLEM, "", STATUS_BAD_CONFIG, ABOUT_CERTIFICATE,
      "--cert 与 --key 的文件无法使用（不存在、非 PEM 或不匹配）",
      "the files of --cert and --key cannot be used: missing, no PEM, or not a pair" },
    { CURLE_PEER_FAILED_VERIFICATION, "subject name", STATUS_DENIED, ABOUT_SERVER,
      "网关证书不是为此主机名签发的", "the gateway's certificate was made for another host name" },
    { CURLE_PEER_FAILED_VERIFICATION, "expired", STATUS_DENIED, ABOUT_SERVER, "网关证书已过期",
      "the gateway's certificate has expired" },
    { CURLE_PEER_FAILED_VERIFICATION, "", STATUS_DENIED, ABOUT_CA, "网关证书不是由 --ca 中的机构签发的",
      "the gateway's certificate was not signed by who stands in --ca" },
    { CURLE_SSL_CONNECT_ERROR, "certificate required", STATUS_DENIED, ABOUT_CERTIFICATE,
      "网关要求客户端证书：--cert 与 --key", "the gateway asks for a client certificate: --cert and --key" },
    { CURLE_SSL_CONNECT_ERROR, "handshake failure", STATUS_DENIED, ABOUT_CERTIFICATE,
      "网关要求客户端证书：--cert 与 --key", "the gateway asks for a client certificate: --cert and --key" },
    { CURLE_SSL_CONNECT_ERROR, "certificate expired", STATUS_DENIED, ABOUT_CERTIFICATE, "客户端证书已过期",
      "the client certificate has expired" },
    { CURLE_SSL_CONNECT_ERROR, "unknown ca", STATUS_DENIED, ABOUT_CERTIFICATE,
      "网关不认可签发此客户端证书的机构", "the gateway does not know who signed this client certificate" },
    { CURLE_SSL_CONNECT_ERROR, "certificate", STATUS_DENIED, ABOUT_CERTIFICATE, "网关拒绝了客户端证书",
      "the gateway refused the client certificate" },
    { CURLE_SSL_CONNECT_ERROR, "wrong version", STATUS_DENIED, ABOUT_SERVER,
      "对方不使用 TLS：是否写错了端口？", "no TLS is spoken there: is it the right port?" },
    { CURLE_SSL_CONNECT_ERROR, "alert", STATUS_DENIED, ABOUT_SERVER, "TLS 握手被拒绝",
      "the TLS handshake was refused" },
};

static const struct curl_fault *fault_of(CURLcode code, const char *detail) {
    bool handshake = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        bool same = faults[i].code == code || (handshake && faults[i].code == CURLE_SSL_CONNECT_ERROR);
        if (same && strstr(detail, faults[i].words)) {
            return &faults[i];
        }
    }
    return NULL;
}

static const char *about(const struct client_options *options, enum about about) {
    const char *file = about == ABOUT_CERTIFICATE ? options->certificate
                       : about == ABOUT_CA        ? options->ca
                                                  : NULL;
    return file ? file : options->socket ? options->socket : options->server;
}

static bool is_of_gateway(const struct client_answer *answer) {
    return is_type_of_gateway(answer->type)
           && (answer->http < 300 || answer->http >= 400); /* a gateway sends nobody elsewhere */
}

enum status client_doubt(const struct client *client, struct client_answer *answer) {
    const char *subject = about(&client->options, ABOUT_SERVER), *type = answer->type[0] ? answer->type : "-";
    int http = answer->http;
    struct explanation *why = &answer->why;
    snprintf(why->zh, sizeof(why->zh), "%.200s：" NO_GATEWAY_ZH "（HTTP %d，%s）", subject, http, type);
    snprintf(why->en, sizeof(why->en), "%.200s: " NO_GATEWAY_EN " (HTTP %d, %s)", subject, http, type);
    return STATUS_UNAVAILABLE;
}

static enum status tell(const struct client_options *options, CURLcode code, const char *detail,
                        struct client_answer *answer) {
    const struct curl_fault *fault = fault_of(code, detail);
    const char *zh = fault ? fault->zh : "连接中断", *en = fault ? fault->en : "the connection was lost";
    const char *subject = about(options, fault ? fault->about : ABOUT_SERVER);
    snprintf(answer->why.zh, sizeof(answer->why.zh), "%.200s：%s（%.150s）", subject, zh, detail);
    snprintf(answer->why.en, sizeof(answer->why.en), "%.200s: %s (%.150s)", subject, en, detail);
    return fault ? fault->status : STATUS_UNAVAILABLE;
}

static enum status unwritten(struct client_answer *answer) {
    const char *why = strerror(errno);
    snprintf(answer->why.zh, sizeof(answer->why.zh), "所得无法写出：%.150s", why);
    snprintf(answer->why.en, sizeof(answer->why.en), "what came cannot be written: %.150s", why);
    return STATUS_IO;
}

/* What the gateway itself would wait for at most, while a body comes at the lowest rate that it bears. */
static long sending_ms(const struct text *body) {
    return body ? (long)(body->length / SLOWEST_BYTES_A_MS) : 0;
}

static struct curl_slist *list_headers(const struct client *client, const char *const *headers) {
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    list = curl_slist_append(
        list, language_pick(client->options.language, "Accept-Language: zh-CN", "Accept-Language: en"));
    for (; headers && *headers; headers++) {
        list = curl_slist_append(list, *headers);
    }
    return list;
}

/* What is fetched into a file has no time as a whole, but may not rest as long. */
static void set_time(CURL *curl, const struct client_options *options, const struct text *body,
                     bool fetches) {
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    if (fetches) {
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)(options->timeout_ms + 999) / 1000);
    } else {
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, options->timeout_ms + sending_ms(body));
    }
}

static enum status transfer(struct client *client, const char *path, const struct text *body,
                            const char *const *headers, FILE *to, struct client_answer *answer) {
    require(*path == '/');
    CURL *curl = client->curl;
    char url[4096], error[CURL_ERROR_SIZE] = "";
    struct curl_slist *list = list_headers(client, headers);
    struct receiving receiving = { .curl = curl, .client = client, .answer = answer, .to = to };
    memset(answer, 0, sizeof(*answer));
    buf_init(&answer->body, ANSWER_MAX);
    snprintf(url, sizeof(url), "%s%s", client->options.socket ? "http://localhost" : client->options.server,
             path);

    curl_easy_reset(curl);
    set_peer(curl, &client->options);
    set_time(curl, &client->options, body, to != NULL);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiving);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
    if (client->waits) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, still_waiting);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
    }
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->at ? body->at : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length);
    }
    CURLcode code = curl_easy_perform(curl);
    long http = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
    answer->http = (int)http;
    curl_slist_free_all(list);
    if (receiving.is_unwritten) {
        return unwritten(answer);
    }
    if (code != CURLE_OK) {
        return tell(&client->options, code, error[0] ? error : curl_easy_strerror(code), answer);
    }
    return client->options.socket || is_of_gateway(answer) ? STATUS_OK : client_doubt(client, answer);
}

enum status client_ask(struct client *client, const char *path, const struct text *body,
                       const char *const *headers, struct client_answer *answer) {
    return transfer(client, path, body, headers, NULL, answer);
}

enum status client_fetch(struct client *client, const char *path, const char *const *headers, FILE *to,
                         struct client_answer *answer) {
    require(to);
    return transfer(client, path, NULL, headers, to, answer);
}

void client_release(struct client_answer *answer) {
    buf_release(&answer->body);
}

enum status client_status(const struct client_answer *answer) {
    if (answer->http >= 200 && answer->http < 300) {
        return STATUS_OK;
    }
    for (enum status status = STATUS_BAD_INPUT; status < STATUS_COUNT; status++) {
        if (status_http(status) == answer->http) {
            return status;
        }
    }
    return answer->http >= 500 ? STATUS_UNAVAILABLE : STATUS_BAD_INPUT;
}
