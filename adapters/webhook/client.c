/*
 * client.c - one multi handle, which tells what to watch and when to look again; one easy handle for each
 * request.
 *
 * What decides is the head of the answer: once it is there, nothing that comes later (a body without an end,
 * a connection that breaks) makes another request of it.
 */
#include "adapters/webhook/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "adapters/deadline.h"

#define HEAD_MAX          (16 * 1024) /* of an answer, interim ones and trailers counted */
#define BODY_MAX          (16 * 1024)
#define EXCERPT_MAX       200 /* bytes of a body that are told */
#define IDLE_S            60  /* a connection that nothing went over for so long is not used again */
#define IDLE_MAX          64  /* connections that wait for another request */
#define BODY_BUFFER       16384
#define RETRY_AFTER_MAX_S INT64_C(3600) /* a receiver may not put us off for longer */
#define LOOK_MS           1000          /* how often it is looked how far a body has gone */

struct webhook_client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    size_t under_way;
};

/* A descriptor that libcurl wants to be told of. */
struct watched {
    struct webhook_client *client;
    struct loop_watch *watch;
    curl_socket_t fd;
};

struct webhook_post {
    struct webhook_client *client;
    CURL *easy;
    struct curl_slist *headers;
    int fd; /* that libcurl watched last for it; -1: none */
    struct loop_timer *look;
    struct deadline deadline; /* loop_now_ms() */
    int patience_ms;
    size_t length, sent; /* of the body; how much of it had gone at the last look */
    struct address_ranges allowed;
    bool plain, only_connects;
    const char *refused; /* why an address was not connected to */
    bool tried;          /* another one was */
    bool no_descriptor;
    size_t head, body; /* bytes that came */
    int code;          /* of a whole head that is no interim one */
    char excerpt[EXCERPT_MAX + 1];
    char error[CURL_ERROR_SIZE];
    void (*done)(void *context, const struct webhook_answer *answer);
    void *context;
};

/* --- addresses ------------------------------------------------------------------------------------------ */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct webhook_post *post = context;
    const char *refused = address_refusal(&address->addr, &post->allowed);
    if (!refused && post->plain && !address_is_loopback(&address->addr)) {
        refused = "plain";
    }
    if (refused) {
        post->refused = refused;
        return CURL_SOCKET_BAD;
    }
    post->tried = true;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    post->no_descriptor = fd < 0 && (errno == EMFILE || errno == ENFILE);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* A connection may be one that another request made. */
static int judge_connection(void *context, char *address, char *local, int port, int local_port) {
    struct webhook_post *post = context;
    const char *refused = address_text_refusal(address, &post->allowed);
    if (!refused && post->plain && !address_text_is_loopback(address)) {
        refused = "plain";
    }
    post->refused = refused;
    post->tried = false;
    return refused ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* --- answers -------------------------------------------------------------------------------------------- */

static size_t take_head(char *bytes, size_t size, size_t count, void *context) {
    struct webhook_post *post = context;
    size_t length = size * count;
    long code = 0;
    post->head += length;
    if (post->head > HEAD_MAX) {
        return 0;
    }
    bool ends = (length == 2 && bytes[0] == '\r' && bytes[1] == '\n') || (length == 1 && bytes[0] == '\n');
    if (ends && post->code == 0) {
        curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &code);
        post->code = code >= 200 ? (int)code : 0;
    }
    return length;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct webhook_post *post = context;
    size_t length = size * count;
    if (post->body < EXCERPT_MAX) {
        size_t room = EXCERPT_MAX - post->body;
        memcpy(post->excerpt + post->body, bytes, length < room ? length : room);
    }
    post->body += length;
    return post->body > BODY_MAX ? 0 : length;
}

static enum webhook_outcome outcome_of(const struct webhook_post *post, CURLcode result) {
    if (post->code || (post->only_connects && result == CURLE_OK)) {
        return WEBHOOK_ANSWERED;
    }
    curl_off_t resolved = 0, connected = 0; /* after how long; 0: not yet */
    curl_easy_getinfo(post->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved);
    curl_easy_getinfo(post->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    switch (result) {
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_COULDNT_CONNECT:
        return post->refused && !post->tried ? WEBHOOK_ADDRESS_REFUSED
               : post->no_descriptor         ? WEBHOOK_NO_DESCRIPTOR
                                             : WEBHOOK_NO_CONNECTION;
    case CURLE_COULDNT_RESOLVE_HOST: return WEBHOOK_NO_HOST;
    case CURLE_OPERATION_TIMEDOUT:
        return connected > 0 ? WEBHOOK_NO_ANSWER : resolved > 0 ? WEBHOOK_NO_CONNECTION : WEBHOOK_NO_HOST;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return WEBHOOK_NOT_VERIFIED;
    case CURLE_WRITE_ERROR:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY: return WEBHOOK_BAD_ANSWER;
    default: return WEBHOOK_NO_CONNECTION;
    }
}

/* What others wrote, for a person's screen: what is no character to be seen becomes a blank. */
static void add_words(char words[ANSWER_WORDS_MAX], size_t *length, const char *text, size_t text_length) {
    const char *at = text, *end = text + text_length;
    while (at < end && *length + 4 < ANSWER_WORDS_MAX) {
        int32_t character = text_next(&at, end);
        bool shown = character >= 0x20 && character != 0x7f && text_look(character) != TEXT_UNSEEN;
        if (shown) {
            *length += text_put(character, words + *length);
        } else if (*length > 0 && words[*length - 1] != ' ') {
            words[(*length)++] = ' ';
        }
    }
    words[*length] = '\0';
}

static void put_words(const struct webhook_post *post, enum webhook_outcome outcome,
                      struct webhook_answer *answer) {
    size_t length = 0;
    char code[32];
    if (outcome == WEBHOOK_ANSWERED && post->only_connects) {
        answer->words[0] = '\0';
    } else if (outcome == WEBHOOK_ANSWERED) {
        size_t told = post->body < EXCERPT_MAX ? post->body : EXCERPT_MAX;
        int code_length = snprintf(code, sizeof(code), "HTTP %d%s", post->code, told ? ": " : "");
        add_words(answer->words, &length, code, (size_t)code_length);
        add_words(answer->words, &length, post->excerpt, told);
    } else if (outcome == WEBHOOK_ADDRESS_REFUSED) {
        add_words(answer->words, &length, post->refused, strlen(post->refused));
    } else {
        add_words(answer->words, &length, post->error, strlen(post->error));
    }
}

/* --- requests ------------------------------------------------------------------------------------------- */

static void post_free(struct webhook_post *post) {
    curl_multi_remove_handle(post->client->multi, post->easy);
    curl_easy_cleanup(post->easy);
    curl_slist_free_all(post->headers);
    loop_timer_free(post->look);
    post->client->under_way--;
    free(post);
}

static void end(struct webhook_post *post, CURLcode result) {
    struct webhook_answer answer = { .outcome = outcome_of(post, result), .code = post->code };
    curl_off_t seconds = 0;
    if (post->code) {
        curl_easy_getinfo(post->easy, CURLINFO_RETRY_AFTER, &seconds);
        answer.retry_after_s = seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S;
    }
    put_words(post, answer.outcome, &answer);
    void (*done)(void *context, const struct webhook_answer *told) = post->done;
    void *context = post->context;
    post_free(post);
    done(context, &answer);
}

static void take_ended(struct webhook_client *client) {
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left));) {
        if (message->msg == CURLMSG_DONE) {
            struct webhook_post *post = NULL;
            CURLcode result = message->data.result; /* removing the handle takes the message away */
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &post);
            end(post, result);
        }
    }
}

/* Of the body, as far as the other side has acknowledged it: what the kernel keeps for a poor line may be
 * megabytes, and has not gone anywhere. */
static size_t sent_of(const struct webhook_post *post) {
    curl_off_t given = 0;
    int kept = 0;
    curl_easy_getinfo(post->easy, CURLINFO_SIZE_UPLOAD_T, &given);
    if (post->fd < 0 || ioctl(post->fd, SIOCOUTQ, &kept) != 0) {
        kept = 0;
    }
    return given > kept ? (size_t)(given - kept) : 0;
}

/* What has gone earns time; what stands still, or crawls, is over. */
static void look(void *context) {
    struct webhook_post *post = context;
    int64_t now_ms = loop_now_ms(post->client->loop);
    size_t sent = sent_of(post);
    if (sent > post->sent) { /* else a connection broke, and it begins anew */
        deadline_earn(&post->deadline, now_ms, sent - post->sent, post->patience_ms, WEBHOOK_RATE);
    }
    post->sent = sent;
    if (now_ms >= post->deadline.at_ms) {
        if (post->sent >= post->length) {
            snprintf(post->error, sizeof(post->error), "no answer within %d ms", post->patience_ms);
        } else {
            snprintf(post->error, sizeof(post->error), "stands still at %zu of %zu bytes", post->sent,
                     post->length);
        }
        end(post, CURLE_OPERATION_TIMEDOUT);
        return;
    }
    int64_t left_ms = post->deadline.at_ms - now_ms;
    loop_timer_start(post->look, left_ms < LOOK_MS ? (int)left_ms : LOOK_MS);
}

#define SET(option, value) require(curl_easy_setopt(easy, option, value) == CURLE_OK)

static void set_rules(CURL *easy, const struct webhook_request *request) {
    SET(CURLOPT_PROTOCOLS_STR, request->plain ? "http" : "https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* else who gives up would wait for a name server that does not answer */
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms);
    SET(CURLOPT_MAXAGE_CONN, (long)IDLE_S);
    SET(CURLOPT_BUFFERSIZE, (long)BODY_BUFFER);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (request->authorities.length) {
        struct curl_blob blob = { .data = (void *)(uintptr_t)request->authorities.at,
                                  .len = request->authorities.length,
                                  .flags = CURL_BLOB_COPY };
        SET(CURLOPT_CAINFO_BLOB, &blob);
        SET(CURLOPT_CAINFO, NULL); /* by these and no others */
        SET(CURLOPT_CAPATH, NULL);
    }
}

static void set_callbacks(CURL *easy, struct webhook_post *post) {
    SET(CURLOPT_PRIVATE, post);
    SET(CURLOPT_ERRORBUFFER, post->error);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, post);
    SET(CURLOPT_PREREQFUNCTION, judge_connection);
    SET(CURLOPT_PREREQDATA, post);
    SET(CURLOPT_HEADERFUNCTION, take_head);
    SET(CURLOPT_HEADERDATA, post);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, post);
}

static void add_header(struct webhook_post *post, const char *name, const char *value) {
    char line[1024];
    snprintf(line, sizeof(line), "%s: %s", name, value);
    struct curl_slist *headers = curl_slist_append(post->headers, line);
    require(headers);
    post->headers = headers;
}

static void set_request(CURL *easy, struct webhook_post *post, const struct webhook_request *request) {
    for (size_t i = 0; i < request->headers_count; i++) {
        add_header(post, request->headers[i].name, request->headers[i].value);
    }
    struct curl_slist *headers = curl_slist_append(post->headers, "Expect:"); /* no pause before the body */
    require(headers);
    post->headers = headers;
    SET(CURLOPT_HTTPHEADER, post->headers);
    SET(CURLOPT_USERAGENT, "clearway/" CLEARWAY_VERSION);
    if (request->only_connects) {
        SET(CURLOPT_CONNECT_ONLY, 1L);
        return;
    }
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
    SET(CURLOPT_POSTFIELDS, request->body.at);
}

struct webhook_post *webhook_post_start(struct webhook_client *client,
                                        const struct webhook_request *request) {
    struct webhook_post *post = memory_new(sizeof(*post));
    post->client = client;
    post->allowed = *request->allowed;
    post->plain = request->plain;
    post->only_connects = request->only_connects;
    post->length = request->body.length;
    post->fd = -1;
    post->patience_ms = request->patience_ms;
    post->deadline = deadline_in(loop_now_ms(client->loop), request->patience_ms);
    post->look = loop_timer_new(client->loop, look, post);
    post->done = request->done;
    post->context = request->context;
    CURL *easy = curl_easy_init();
    require(easy);
    post->easy = easy;
    SET(CURLOPT_URL, request->url);
    set_rules(easy, request);
    set_callbacks(easy, post);
    set_request(easy, post, request);
    client->under_way++;
    require(curl_multi_add_handle(client->multi, easy) == CURLM_OK);
    loop_timer_start(post->look, request->patience_ms < LOOK_MS ? request->patience_ms : LOOK_MS);
    return post;
}

void webhook_post_cancel(struct webhook_post *post) {
    post_free(post);
}

/* --- the loop ------------------------------------------------------------------------------------------- */

static void act(struct webhook_client *client, curl_socket_t fd, int flags) {
    int running;
    curl_multi_socket_action(client->multi, fd, flags, &running);
    take_ended(client);
}

static void ready(int events, void *context) {
    const struct watched *watched = context;
    act(watched->client, watched->fd,
        (events & LOOP_READ ? CURL_CSELECT_IN : 0) | (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void due(void *context) {
    act(context, CURL_SOCKET_TIMEOUT, 0);
}

static void stop_watching(struct watched *watched) {
    if (watched) {
        loop_watch_free(watched->watch);
        free(watched);
    }
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned) {
    struct webhook_client *client = context;
    struct watched *watched = assigned;
    struct webhook_post *post = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &post);
    if (post) { /* not for what libcurl closes by itself */
        post->fd = what != CURL_POLL_REMOVE ? fd : post->fd == fd ? -1 : post->fd;
    }
    if (what == CURL_POLL_REMOVE) {
        stop_watching(watched);
        curl_multi_assign(client->multi, fd, NULL);
        return 0;
    }
    int events = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
    if (watched) {
        loop_watch_set(watched->watch, events);
        return 0;
    }
    watched = memory_new(sizeof(*watched));
    *watched = (struct watched){ .client = client, .fd = fd };
    watched->watch = loop_watch_new(client->loop, fd, events, ready, watched);
    curl_multi_assign(client->multi, fd, watched);
    return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *context) {
    struct webhook_client *client = context;
    if (timeout_ms < 0) {
        loop_timer_stop(client->timer);
    } else {
        loop_timer_start(client->timer, timeout_ms < 60000 ? (int)timeout_ms : 60000);
    }
    return 0;
}

struct webhook_client *webhook_client_new(struct loop *loop) {
    require(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    struct webhook_client *client = memory_new(sizeof(*client));
    client->loop = loop;
    client->timer = loop_timer_new(loop, due, client);
    client->multi = curl_multi_init();
    require(client->multi);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MAX);
    return client;
}

void webhook_client_free(struct webhook_client *client) {
    if (client) {
        require(client->under_way == 0);
        curl_multi_cleanup(client->multi); /* before the timer: it says what not to watch any more */
        loop_timer_free(client->timer);
        curl_global_cleanup();
        free(client);
    }
}
