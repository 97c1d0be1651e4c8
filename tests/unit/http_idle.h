/*
 * http_idle.h - what an idle mTLS connection costs: a child process opens many, each asks once and then
 * waits; this process holds only the server's side, so its growth is theirs.
 */
#ifndef TESTS_HTTP_IDLE_H
#define TESTS_HTTP_IDLE_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "http_kit.h"

static inline size_t idle_resident_bytes(void) {
    unsigned long total, resident;
    FILE *stream = fopen("/proc/self/statm", "r");
    require(stream && fscanf(stream, "%lu %lu", &total, &resident) == 2);
    fclose(stream);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static inline void idle_answer(struct http_request *req, void *context) {
    http_answer(req, 200, "text/plain", NULL, TEXT("here"));
}

/* The child: the port comes through `from`; a byte goes to `to` when all connections stand. */
static inline void idle_clients(const char *dir, size_t count, int from, int to) {
    int port = 0;
    struct http_client client;
    SSL_CTX *context = client_context(dir, "client");
    require(read(from, &port, sizeof(port)) == sizeof(port));
    for (size_t i = 0; i < count; i++) {
        require(client_open(&client, port, context)
                && client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 200);
    }
    require(write(to, "x", 1) == 1);
    pause();
}

/* Bytes for each of count connections. */
static inline double idle_cost(size_t count) {
    char directory[64], byte;
    int ports[2], ready[2];
    struct rlimit files;
    require(getrlimit(RLIMIT_NOFILE, &files) == 0);
    if (files.rlim_cur < count + 200) {
        files.rlim_cur = count + 200;
        require(setrlimit(RLIMIT_NOFILE, &files) == 0);
    }
    kit_certify_all(kit_directory(directory));
    require(pipe(ports) == 0 && pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        idle_clients(directory, count, ports[0], ready[1]);
        _exit(0);
    }
    struct http_options options;
    http_options_init(&options);
    options.address_max = options.strangers_max = options.connections_max = count + 10;
    options.idle_ms = 3600 * 1000;
    struct tls_server *tls = kit_tls(directory, true);
    const struct http_listen listen = { .address = "127.0.0.1:0", .handle = idle_answer, .tls = tls };
    struct http_kit kit;
    kit_start(&kit, &options, &listen, 1);
    int port = http_server_port(kit.server, 0);

    size_t before = idle_resident_bytes();
    require(write(ports[1], &port, sizeof(port)) == sizeof(port) && read(ready[0], &byte, 1) == 1);
    size_t after = idle_resident_bytes();

    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    kit_stop(&kit);
    tls_server_free(tls);
    folder_remove(directory);
    for (int i = 0; i < 2; i++) {
        close(ports[i]);
        close(ready[i]);
    }
    return (double)(after - before) / (double)count;
}

#endif
