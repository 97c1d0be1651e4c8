/*
 * server.c - listeners, the sweep over all connections for their deadlines, and the end.
 */
#include "adapters/http/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "adapters/http/connection.h"
#include "adapters/http/counters.h"

/* What one server has. */
struct http_server {
    struct http_shared shared;
    struct http_listener *listeners;        /* in the order of http_server_listen() */
    struct http_listener *closed_listeners; /* their connections may go on */
    struct loop_timer *sweep;
    void (*drained)(void *context);
    void *drained_context;
};

enum { ACCEPT_BATCH = 16, BACKLOG = 1024 };

void http_options_init(struct http_options *options) {
    *options = (struct http_options){
#define X(type, name, value, meaning) .name = value,
        HTTP_OPTION_LIST(X)
#undef X
    };
}

/* --- binding ----------------------------------------------------------------------------------------- */

static enum status failed(enum status status, int fd, const char *address, const char *zh, const char *en,
                          struct explanation *why) {
    if (fd >= 0) {
        close(fd);
    }
    explain_about(why, address, zh, en);
    return status;
}

static enum status failed_by(int error, enum status status, int fd, const char *address,
                             struct explanation *why) {
    return failed(status, fd, address, error_sentence(error, LANGUAGE_ZH), error_sentence(error, LANGUAGE_EN),
                  why);
}

static bool is_served(const struct sockaddr_un *name) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool served = fd >= 0 && connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return served;
}

static enum status bind_unix(const char *address, int *fd, struct explanation *why) {
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    struct stat file;
    const char *path = address + strlen("unix:");
    if (strlen(path) == 0 || strlen(path) >= sizeof(name.sun_path)) {
        return failed(STATUS_BAD_CONFIG, -1, address, "路径为空或过长", "the path is empty or too long", why);
    }
    memcpy(name.sun_path, path, strlen(path) + 1);
    if (is_served(&name)) {
        return failed_by(EADDRINUSE, STATUS_UNAVAILABLE, -1, address, why);
    }
    if (lstat(path, &file) == 0 && S_ISSOCK(file.st_mode)) {
        unlink(path); /* left over: nobody answers there */
    }

    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* The mode of the socket becomes that of the file: there is no moment at which others could connect. */
    if (*fd < 0 || fchmod(*fd, 0600) || bind(*fd, (struct sockaddr *)&name, sizeof(name))
        || listen(*fd, BACKLOG)) {
        return failed_by(errno, file_lacks_room(errno) ? STATUS_FULL : STATUS_UNAVAILABLE, *fd, address, why);
    }
    return STATUS_OK;
}

/* NULL: *zh and *en say why. */
static struct addrinfo *resolve(const char *address, const char **zh, const char **en) {
    char host[ENDPOINT_HOST_MAX + 1], port[8];
    const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    struct endpoint endpoint;
    enum endpoint_fault fault = endpoint_read(text_of(address), &endpoint);
    if (fault != ENDPOINT_GOOD) {
        *zh = endpoint_fault_zh(fault);
        *en = endpoint_fault_en(fault);
        return NULL;
    }
    snprintf(host, sizeof(host), TEXT_FORMAT, TEXT_ARGS(endpoint.host));
    snprintf(port, sizeof(port), "%u", endpoint.port);
    int error = getaddrinfo(host, port, &hints, &found);
    if (error) {
        *zh = "无法解析主机名";
        *en = gai_strerror(error);
        return NULL;
    }
    return found;
}

static int port_of(int fd) {
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);
    if (getsockname(fd, (struct sockaddr *)&name, &length)) {
        return 0;
    }
    return ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
                                            : ((struct sockaddr_in *)&name)->sin_port);
}

static enum status bind_internet(const char *address, int *fd, int *port, struct explanation *why) {
    const char *zh = "", *en = "";
    struct addrinfo *found = resolve(address, &zh, &en);
    if (!found) {
        return failed(STATUS_BAD_CONFIG, -1, address, zh, en, why);
    }
    *fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool bound = *fd >= 0 && !setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int))
                 && !bind(*fd, found->ai_addr, found->ai_addrlen) && !listen(*fd, BACKLOG);
    int error = errno;
    freeaddrinfo(found);
    if (!bound) {
        return failed_by(error, STATUS_UNAVAILABLE, *fd, address, why);
    }
    *port = port_of(*fd);
    return STATUS_OK;
}

static bool is_unix(const char *address) {
    return strncmp(address, "unix:", 5) == 0;
}

/* --- accepting --------------------------------------------------------------------------------------- */

static void turn_away(const struct http_shared *shared, int fd, const char *reason) {
    log_event_bounded(LOG_WARN, EVENT_HTTP_TURNED_AWAY, LOG_STRING("reason", reason),
                      LOG_INT("connections", shared->places.taken), LOG_END);
    close(fd);
}

static void pause_accepting(struct http_listener *listener) {
    listener->paused = true;
    loop_watch_set(listener->watch, 0);
}

/* The stranger that has waited longest, of this address or (NULL) of any, makes room; false: none of them
   waits. */
static bool yield(struct http_listener *listener, const struct address *address) {
    const struct http_place *place = listener->strangers.oldest;
    while (place && ((address && place->address != address) || !http_connection_yields(place->conn))) {
        place = place->newer;
    }
    if (!place) {
        return false;
    }
    room_counter_add(&http_counters[address ? HTTP_COUNT_THROTTLED_ADDRESS : HTTP_COUNT_THROTTLED_STRANGERS],
                     1);
    http_connection_close(place->conn);
    return true;
}

static bool make_room(struct http_listener *listener, const struct sockaddr *from) {
    const struct http_shared *shared = listener->shared;
    const struct http_options *options = &shared->options;
    const struct address *address = addresses_find(listener->strangers.addresses, from);
    if (addresses_count(address) >= options->address_max && !yield(listener, address)) {
        return false;
    }
    bool full = listener->strangers.count >= options->strangers_max
                || shared->places.taken >= options->connections_max;
    return !full || yield(listener, NULL);
}

static void admit_socket(struct http_listener *listener, int fd, const struct sockaddr *from) {
    const struct http_shared *shared = listener->shared;
    /* Never turned away: the control socket is ours alone, and most needed when all else is taken. */
    if (from->sa_family == AF_UNIX) {
        http_connection_open(listener, fd, NULL, NULL);
        return;
    }
    if (!make_room(listener, from)) {
        turn_away(shared, fd, "too many connections of strangers");
        return;
    }
    /* Answers are written whole; Nagle's delay would only hold them back. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    http_connection_open(listener, fd, from, addresses_take(listener->strangers.addresses, from));
}

/* In batches, so that many newcomers do not keep the loop from those who are there; and one by one while
 * handshakes wait for their turn: after a restart all parties come back at once, and would push each other
 * out before they are through. */
static void accept_ready(int events, void *context) {
    struct http_listener *listener = context;
    const struct http_shared *shared = listener->shared;
    bool busy = listener->serves.tls && http_turns_are_crowded(&shared->turns);
    for (int i = 0; i < (busy ? 1 : ACCEPT_BATCH); i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t length = sizeof(from);
        int fd = accept4(listener->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            admit_socket(listener, fd, (struct sockaddr *)&from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_event_bounded(LOG_ERROR, EVENT_HTTP_ACCEPT_FAILED, LOG_STRING("reason", strerror(errno)),
                              LOG_END);
            pause_accepting(listener); /* the socket stays readable: watching it would spin */
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return;
        }
    }
}

enum status http_server_listen(struct http_server *server, const struct http_listen *serves,
                               struct explanation *why) {
    int fd = -1, port = 0;
    require(serves->handle && !server->shared.draining);
    enum status status = is_unix(serves->address) ? bind_unix(serves->address, &fd, why)
                                                  : bind_internet(serves->address, &fd, &port, why);
    if (status != STATUS_OK) {
        return status;
    }
    struct http_listener *listener = memory_new(sizeof(*listener)), **last = &server->listeners;
    *listener =
        (struct http_listener){ .shared = &server->shared, .serves = *serves, .fd = fd, .port = port };
    listener->strangers.addresses = addresses_new();
    listener->watch = loop_watch_new(server->shared.loop, fd, LOOP_READ, accept_ready, listener);
    while (*last) {
        last = &(*last)->next;
    }
    *last = listener;
    log_event(LOG_INFO, EVENT_HTTP_LISTENING, LOG_STRING("name", serves->name ? serves->name : ""),
              LOG_STRING("address", serves->address), LOG_INT("port", port),
              LOG_STRING("tls", serves->tls ? "yes" : "no"), LOG_END);
    return STATUS_OK;
}

int http_server_port(const struct http_server *server, size_t index) {
    const struct http_listener *listener = server->listeners;
    while (listener && index--) {
        listener = listener->next;
    }
    require(listener);
    return listener->port;
}

void http_server_limit(struct http_server *server, const struct http_options *limits) {
    struct http_options *own = &server->shared.options;
    own->strangers_max = limits->strangers_max;
    own->address_max = limits->address_max;
    own->party_connections = limits->party_connections;
    own->party_bodies = limits->party_bodies;
    own->party_body_bytes = limits->party_body_bytes;
}

void http_server_change_tls(struct http_server *server, const struct tls_server *before,
                            struct tls_server *now) {
    for (struct http_listener *listener = server->listeners; listener; listener = listener->next) {
        listener->serves.tls = listener->serves.tls == before ? now : listener->serves.tls;
    }
}

/* A closed one keeps its `next` until the next sweep. */
void http_server_ask_again(struct http_server *server, bool certificates) {
    for (struct http_connection *conn = server->shared.connections; conn; conn = conn->next) {
        if (!http_connection_is_still_admitted(conn, certificates)) {
            http_connection_close(conn);
        }
    }
}

static void stop_listening(struct http_server *server) {
    while (server->listeners) {
        struct http_listener *listener = server->listeners;
        server->listeners = listener->next;
        loop_watch_free(listener->watch);
        close(listener->fd);
        if (is_unix(listener->serves.address)) {
            unlink(listener->serves.address + strlen("unix:"));
        }
        listener->next = server->closed_listeners;
        server->closed_listeners = listener;
    }
}

/* --- the sweep: deadlines, closed, listeners that paused --------------------------------------------- */

static void free_closed(struct http_server *server) {
    while (server->shared.closed) {
        struct http_connection *conn = server->shared.closed;
        server->shared.closed = conn->next_closed;
        http_connection_free(conn);
    }
}

/* Expiring one may close others. A closed one keeps its `next` and is freed at the next sweep at the soonest,
 * so walking on over it is safe. */
static void expire_overdue(struct http_server *server) {
    int64_t now = stamp_monotonic_ms();
    for (struct http_connection *conn = server->shared.connections; conn; conn = conn->next) {
        if (conn->deadline.at_ms <= now) {
            http_connection_expire(conn);
        }
    }
}

static void sweep(void *context) {
    struct http_server *server = context;
    free_closed(server);
    expire_overdue(server);
    http_turns_forget_waiting(&server->shared.turns);
    for (struct http_listener *listener = server->listeners; listener; listener = listener->next) {
        if (listener->paused) {
            listener->paused = false;
            loop_watch_set(listener->watch, LOOP_READ);
        }
    }
    loop_timer_start(server->sweep, server->shared.options.sweep_ms);
    if (server->drained && !server->shared.connections) {
        void (*drained)(void *) = server->drained;
        server->drained = NULL;
        drained(server->drained_context); /* may free the server: nothing behind this line */
    }
}

/* --- life -------------------------------------------------------------------------------------------- */

struct http_server *http_server_new(struct loop *loop, const struct http_options *options) {
    struct http_server *server = memory_new(sizeof(*server));
    http_options_init(&server->shared.options);
    if (options) {
        server->shared.options = *options;
    }
    server->shared.loop = loop;
    server->sweep = loop_timer_new(loop, sweep, server);
    http_turns_init(&server->shared.turns, loop);
    loop_timer_start(server->sweep, server->shared.options.sweep_ms);
    server->shared.bodies.options = &server->shared.options;
    server->shared.places.options = &server->shared.options;
    signal(SIGPIPE, SIG_IGN);
    return server;
}

void http_server_drain(struct http_server *server, void (*done)(void *context), void *context) {
    require(!server->shared.draining && done);
    server->shared.draining = true;
    server->drained = done;
    server->drained_context = context;
    stop_listening(server);
    for (struct http_connection *conn = server->shared.connections; conn; conn = conn->next) {
        http_connection_drain(conn);
    }
}

void http_server_free(struct http_server *server) {
    if (!server) {
        return;
    }
    server->shared.draining = true;
    stop_listening(server);
    while (server->shared.connections) {
        http_connection_close(server->shared.connections);
    }
    free_closed(server);
    while (server->closed_listeners) {
        struct http_listener *listener = server->closed_listeners;
        server->closed_listeners = listener->next;
        addresses_free(listener->strangers.addresses);
        free(listener);
    }
    loop_timer_free(server->sweep);
    http_turns_release(&server->shared.turns);
    free(server);
}
