/*
 * bench_adapters_http.c - what a connection and a request cost the server: memory of idle mTLS connections,
 * and CPU time of its loop for each POST of 10 KB over 32 connections kept open, plain and TLS, beside a loop
 * that only receives and sends the same bytes.
 *
 * The clients are a process of their own. Time is CPU time of the loop's thread, so other load on the machine
 * counts little.
 */
#include <poll.h>
#include <stdatomic.h>
#include <time.h>

#include "../unit/http_idle.h"

enum { CONNECTIONS = 32, ROUNDS = 1000, BODY = 10 * 1024, IDLE = 2000 };

static double thread_us(pthread_t thread) {
    clockid_t clock;
    struct timespec at;
    require(pthread_getcpuclockid(thread, &clock) == 0 && clock_gettime(clock, &at) == 0);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* The child: all connections send, then all receive, over and over. */
static void post(int from, int to, SSL_CTX *context) {
    static struct http_client clients[CONNECTIONS];
    struct buf request;
    int port;
    buf_init(&request, 2 * BODY);
    buf_printf(&request,
               "POST /v1/messages HTTP/1.1\r\nHost: gateway.example\r\n"
               "Content-Type: application/xml\r\nContent-Length: %d\r\n\r\n",
               BODY);
    for (int i = 0; i < BODY; i++) {
        buf_add_char(&request, 'x');
    }
    require(read(from, &port, sizeof(port)) == sizeof(port));
    for (int i = 0; i < CONNECTIONS; i++) {
        require(client_open(&clients[i], port, context));
    }
    for (int round = 0; round <= ROUNDS; round++) {
        for (int i = 0; i < CONNECTIONS; i++) {
            require(client_send(&clients[i], buf_text(&request), SIZE_MAX));
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            require(client_answer(&clients[i], false, NULL, NULL) == 200);
        }
        if (round == 0 || round == ROUNDS) { /* the first warms up; its end and the last's are told */
            require(write(to, "x", 1) == 1 && read(from, &port, 1) == 1);
        }
    }
    _exit(0);
}

static pid_t start_clients(int ports[2], int ready[2], SSL_CTX *context) {
    require(pipe(ports) == 0 && pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        post(ports[0], ready[1], context);
    }
    return child;
}

/* CPU microseconds of that thread for each request. */
static double measure(pthread_t thread, int port, const int ports[2], const int ready[2], pid_t child) {
    char byte;
    require(write(ports[1], &port, sizeof(port)) == sizeof(port) && read(ready[0], &byte, 1) == 1);
    double before = thread_us(thread);
    require(write(ports[1], "x", 1) == 1 && read(ready[0], &byte, 1) == 1);
    double spent = thread_us(thread) - before;
    require(write(ports[1], "x", 1) == 1);
    waitpid(child, NULL, 0);
    for (int i = 0; i < 2; i++) {
        close(ports[i]);
        close(ready[i]);
    }
    return spent / (CONNECTIONS * ROUNDS);
}

static double measure_server(const char *dir, bool secure) {
    int ports[2], ready[2];
    struct tls_server *tls = secure ? kit_tls(dir, true) : NULL;
    SSL_CTX *context = secure ? client_context(dir, "client") : NULL;
    const struct http_listen listen = {
        .address = "127.0.0.1:0",
        .body_max = 1 << 20,
        .handle = idle_answer,
        .tls = tls,
    };
    struct http_kit kit;
    pid_t child = start_clients(ports, ready, context);
    kit_start(&kit, NULL, &listen, 1);
    double us = measure(kit.thread, http_server_port(kit.server, 0), ports, ready, child);
    kit_stop(&kit);
    tls_server_free(tls);
    SSL_CTX_free(context);
    return us;
}

/* The lower bound: one loop that receives whole requests and sends a fixed answer. */
static void *receive_and_send(void *context) {
    static char bytes[64 * 1024];
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere";
    const size_t whole = BODY
                         + sizeof "POST /v1/messages HTTP/1.1\r\nHost: gateway.example\r\n"
                                  "Content-Type: application/xml\r\nContent-Length: 10240\r\n\r\n"
                         - 1;
    struct pollfd polls[CONNECTIONS + 1] = { { .fd = *(int *)context, .events = POLLIN } };
    size_t got[CONNECTIONS + 1] = { 0 };
    nfds_t count = 1;
    int open = 0;
    do {
        require(poll(polls, count, -1) > 0);
        if (polls[0].revents && count <= CONNECTIONS) {
            polls[count++] = (struct pollfd){ .fd = accept(polls[0].fd, NULL, NULL), .events = POLLIN };
            open++;
            continue;
        }
        for (nfds_t i = 1; i < count; i++) {
            if (!polls[i].revents) {
                continue;
            }
            ssize_t n = recv(polls[i].fd, bytes, sizeof(bytes), 0);
            got[i] += n > 0 ? (size_t)n : 0;
            if (n <= 0) {
                close(polls[i].fd);
                polls[i].fd = -1;
                open--;
            } else if (got[i] >= whole) {
                got[i] -= whole;
                require(send(polls[i].fd, answer, sizeof(answer) - 1, 0) > 0);
            }
        }
    } while (open > 0);
    return NULL;
}

static double measure_bound(void) {
    int ports[2], ready[2], fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(name);
    pthread_t thread;
    require(bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0 && listen(fd, 128) == 0
            && getsockname(fd, (struct sockaddr *)&name, &length) == 0);
    pid_t child = start_clients(ports, ready, NULL);
    require(pthread_create(&thread, NULL, receive_and_send, &fd) == 0);
    double us = measure(thread, ntohs(name.sin_port), ports, ready, child);
    pthread_join(thread, NULL);
    close(fd);
    return us;
}

int main(void) {
    char directory[64];
    kit_certify_all(kit_directory(directory));
    double bound = measure_bound();
    double plain = measure_server(directory, false), secure = measure_server(directory, true);
    folder_remove(directory);
    printf("%-56s %8.1f KiB\n", "idle mTLS connection (limit 30)", idle_cost(IDLE) / 1024);
    printf("%-56s %8.1f us\n", "POST of 10 KB, receive and send alone", bound);
    printf("%-56s %8.1f us  %.2f of that\n", "the same, HTTP server, plain", plain, plain / bound);
    printf("%-56s %8.1f us  %.2f of that\n", "the same, HTTP server, mTLS 1.3", secure, secure / bound);
    return 0;
}
