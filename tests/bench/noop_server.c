/*
 * noop_server.c - the gateway's own HTTP server answering 202 to every body without any work: the bound that
 * the
 * durable 202 is compared with.   noop_server CERT KEY CA; prints its port, runs until its standard input
 *                                 ends.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/loop.h"
#include "adapters/http/server.h"
#include "adapters/tls.h"

static void answer(struct http_request *req, void *context) {
    http_answer(req, 202, "application/json", NULL, TEXT("{\"verdict\":\"accepted\"}"));
}

static void input_ended(int events, void *context) {
    char byte;
    if (read(STDIN_FILENO, &byte, 1) <= 0) {
        loop_stop(context);
    }
}

int main(int count, char **arguments) {
    struct explanation why = { "", "" };
    if (count < 4) {
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct tls_options options = { .certificate_file = arguments[1],
                                   .key_file = arguments[2],
                                   .client_ca_file = arguments[3] };
    struct tls_server *tls = tls_server_new(&options, &why);
    struct loop *loop = loop_new();
    struct http_server *server = http_server_new(loop, NULL);
    struct http_listen listen = {
        .address = "127.0.0.1:0", .tls = tls, .body_max = 10 << 20, .handle = answer
    };
    if (!tls || http_server_listen(server, &listen, &why) != STATUS_OK) {
        fprintf(stderr, "noop_server: %s\n", why.en);
        return 1;
    }
    printf("%d\n", http_server_port(server, 0));
    fflush(stdout);
    struct loop_watch *input = loop_watch_new(loop, STDIN_FILENO, LOOP_READ, input_ended, loop);
    loop_run(loop);
    loop_watch_free(input);
    http_server_free(server);
    tls_server_free(tls);
    loop_free(loop);
    return 0;
}
