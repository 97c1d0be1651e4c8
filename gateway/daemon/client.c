#include "daemon/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define ANSWER_MAX (64u << 20)

struct client { CURL *curl; struct client_options options; };

struct client *client_new(const struct client_options *options) {
    struct client *client = memory_new(sizeof *client);
    client->options = *options;
    client->curl = curl_easy_init();
    require(client->curl);
    return client;
}

void client_free(struct client *client) {
    if (!client) return;
    curl_easy_cleanup(client->curl);
    free(client);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct buf *body = context;
    buf_add(body, bytes, size * count);
    return buf_failed(body) ? 0 : size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    struct client_answer *answer = context;
    struct text line = { bytes, size * count };
    struct text name = text_until(&line, ':');
    line = text_trim(line);
    if (name.length == 8 && !strncasecmp(name.at, "location", 8))
        snprintf(answer->location, sizeof answer->location, TEXT_FORMAT, TEXT_ARGS(line));
    if (name.length == 12 && !strncasecmp(name.at, "content-type", 12))
        snprintf(answer->type, sizeof answer->type, TEXT_FORMAT, TEXT_ARGS(line));
    return size * count;
}

static void set_peer(CURL *curl, const struct client_options *options) {
    if (options->socket) {
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, options->socket);
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    } else {
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
        if (options->ca) curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca);
        if (options->certificate) curl_easy_setopt(curl, CURLOPT_SSLCERT, options->certificate);
        if (options->key) curl_easy_setopt(curl, CURLOPT_SSLKEY, options->key);
    }
}

static enum status status_of(CURLcode code) {
    switch (code) {
    case CURLE_OK: return STATUS_OK;
    case CURLE_OPERATION_TIMEDOUT: return STATUS_TIMEOUT;
    case CURLE_PEER_FAILED_VERIFICATION: case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM: case CURLE_RECV_ERROR:
        return STATUS_DENIED;
    case CURLE_WRITE_ERROR: return STATUS_TOO_LARGE;
    default: return STATUS_UNAVAILABLE;
    }
}

enum status client_ask(struct client *client, const char *path, const struct text *body, const char *const *headers,
                       struct client_answer *answer) {
    CURL *curl = client->curl;
    char url[4096], error[CURL_ERROR_SIZE] = "";
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (; headers && *headers; headers++) list = curl_slist_append(list, *headers);
    memset(answer, 0, sizeof *answer);
    buf_init(&answer->body, ANSWER_MAX);
    snprintf(url, sizeof url, "%s%s", client->options.socket ? "http://localhost" : client->options.server, path);

    curl_easy_reset(curl);
    set_peer(curl, &client->options);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)client->options.timeout_ms);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer->body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->at ? body->at : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length);
    }
    CURLcode code = curl_easy_perform(curl);
    long http = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
    answer->http = (int)http;
    snprintf(answer->why, sizeof answer->why, "%s", error[0] ? error : curl_easy_strerror(code));
    curl_slist_free_all(list);
    return status_of(code);
}

void client_release(struct client_answer *answer) {
    buf_release(&answer->body);
}

enum status client_status(const struct client_answer *answer) {
    if (answer->http >= 200 && answer->http < 300) return STATUS_OK;
    for (enum status status = STATUS_BAD_INPUT; status < STATUS_COUNT; status++)
        if (status_http(status) == answer->http) return status;
    return answer->http >= 500 ? STATUS_UNAVAILABLE : STATUS_BAD_INPUT;
}
