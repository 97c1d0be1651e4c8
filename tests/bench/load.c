/*
 * load.c - a load generator for the gateway: N keep-alive connections over mTLS, one request under way on
 * each.
 *
 *   load HOST:PORT CERT KEY CA CONNECTIONS REQUESTS TEMPLATE [FIRST]
 *
 * Makes its connections, prints the line `connected`, and goes on when a line comes in, or the end of them:
 * what handshakes cost is no part of what messages do. Posts TEMPLATE to /v1/messages, each time with another
 * id: every @ID@ in it is replaced by 18 digits counted up from FIRST. Prints one JSON line:
 * {"requests","ok","other","seconds","per_second","p50_us","p99_us","cpu_seconds"}.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define MARK         "@ID@"
#define ID_DIGITS    18
#define TEMPLATE_MAX (16 << 20)

struct connection {
    SSL *ssl;
    int fd;
    char *request;
    size_t length, sent, got;
    char answer[65536];
    int64_t since_us;
    bool idle;
};

static struct {
    SSL_CTX *tls;
    int epoll;
    char *body; /* ids stand as \1 and zeros: make_request() writes over them */
    size_t body_length;
    uint64_t next, sent, total, done, ok;
    uint32_t *latencies_us;
} load;

static int64_t now_us(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_template(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        die(path);
    }
    char *raw = calloc(1, TEMPLATE_MAX);
    size_t length = fread(raw, 1, TEMPLATE_MAX - 1, file);
    fclose(file);
    load.body = calloc(1, 5 * length + 4096);
    for (char *at = raw; at < raw + length;) {
        if (strncmp(at, MARK, strlen(MARK)) == 0) {
            load.body_length += (size_t)sprintf(load.body + load.body_length, "\1%0*d", ID_DIGITS - 1, 0);
            at += strlen(MARK);
        } else {
            load.body[load.body_length++] = *at++;
        }
    }
    free(raw);
}

static void make_request(struct connection *connection) {
    char id[ID_DIGITS + 1];
    char *at = connection->request;
    at += sprintf(
        at,
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\nContent-Length:"
        " %zu\r\n\r\n",
        load.body_length);
    memcpy(at, load.body, load.body_length);
    char *end = at + load.body_length;
    connection->length = (size_t)(end - connection->request);
    snprintf(id, sizeof(id), "%0*llu", ID_DIGITS, (unsigned long long)load.next++);
    while ((at = memchr(at, 1, (size_t)(end - at)))) {
        memcpy(at, id, ID_DIGITS);
    }
    connection->sent = connection->got = 0;
    connection->since_us = now_us();
}

static void want(struct connection *connection, uint32_t events) {
    struct epoll_event event = { .events = events, .data.ptr = connection };
    if (epoll_ctl(load.epoll, EPOLL_CTL_MOD, connection->fd, &event)) {
        die("epoll_ctl");
    }
}

static void next_request(struct connection *connection) {
    if (load.sent < load.total) {
        load.sent++;
        make_request(connection);
    } else {
        connection->idle = true;
        want(connection, 0);
    }
}

static bool answer_is_whole(const struct connection *connection) {
    const char *end = memmem(connection->answer, connection->got, "\r\n\r\n", 4);
    const char *length =
        end ? memmem(connection->answer, (size_t)(end - connection->answer), "Content-Length: ", 16) : NULL;
    return length
           && connection->got >= (size_t)(end + 4 - connection->answer) + strtoul(length + 16, NULL, 10);
}

/* False: wait for the socket. */
static bool write_some(struct connection *connection) {
    int wrote = SSL_write(connection->ssl, connection->request + connection->sent,
                          (int)(connection->length - connection->sent));
    if (wrote > 0) {
        connection->sent += (size_t)wrote;
        return true;
    }
    int why = SSL_get_error(connection->ssl, wrote);
    if (why != SSL_ERROR_WANT_WRITE && why != SSL_ERROR_WANT_READ) {
        die("write");
    }
    want(connection, EPOLLOUT | EPOLLIN);
    return false;
}

static bool read_some(struct connection *connection) {
    int got = SSL_read(connection->ssl, connection->answer + connection->got,
                       (int)(sizeof(connection->answer) - connection->got));
    if (got > 0) {
        connection->got += (size_t)got;
        return true;
    }
    if (SSL_get_error(connection->ssl, got) != SSL_ERROR_WANT_READ) {
        die("the gateway closed a connection");
    }
    want(connection, EPOLLIN);
    return false;
}

static void drive(struct connection *connection) {
    while (!connection->idle) {
        bool writing = connection->sent < connection->length;
        if (!(writing ? write_some(connection) : read_some(connection))) {
            return;
        }
        if (writing || !answer_is_whole(connection)) {
            continue;
        }
        load.latencies_us[load.done++] = (uint32_t)(now_us() - connection->since_us);
        load.ok += memcmp(connection->answer, "HTTP/1.1 202", 12) == 0;
        next_request(connection);
    }
}

static void connect_one(struct connection *connection, const struct sockaddr_in *to) {
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->fd, (const struct sockaddr *)to, sizeof(*to))) {
        die("connect");
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    connection->ssl = SSL_new(load.tls);
    SSL_set_fd(connection->ssl, connection->fd);
    if (SSL_connect(connection->ssl) != 1) {
        die("TLS handshake");
    }
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    connection->request = malloc(load.body_length + 1024);
    struct epoll_event event = { .events = 0, .data.ptr = connection };
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, connection->fd, &event)) {
        die("epoll_ctl");
    }
}

static int by_size(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static double seconds_of(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void print_result(double seconds) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    qsort(load.latencies_us, load.done, sizeof(*load.latencies_us), by_size);
    printf("{\"requests\":%llu,\"ok\":%llu,\"other\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,"
           "\"p50_us\":%u,\"p99_us\":%u,\"cpu_seconds\":%.3f}\n",
           (unsigned long long)load.done, (unsigned long long)load.ok,
           (unsigned long long)(load.done - load.ok), seconds, (double)load.done / seconds,
           load.latencies_us[load.done / 2], load.latencies_us[load.done * 99 / 100],
           seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
}

static void make_tls(char **files) {
    load.tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(load.tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file(load.tls, files[0]) != 1
        || SSL_CTX_use_PrivateKey_file(load.tls, files[1], SSL_FILETYPE_PEM) != 1
        || SSL_CTX_load_verify_locations(load.tls, files[2], NULL) != 1) {
        die("certificates");
    }
    SSL_CTX_set_verify(load.tls, SSL_VERIFY_PEER, NULL);
}

static void wait_for_word(void) {
    puts("connected");
    fflush(stdout);
    for (int byte; (byte = getchar()) != EOF && byte != '\n';) {
    }
}

int main(int count, char **arguments) {
    if (count < 8) {
        fprintf(stderr, "usage: load HOST:PORT CERT KEY CA CONNECTIONS REQUESTS TEMPLATE [FIRST]\n");
        return 2;
    }
    char host[64] = "";
    int port = 0;
    struct sockaddr_in to = { .sin_family = AF_INET };
    if (sscanf(arguments[1], "%63[^:]:%d", host, &port) != 2 || inet_pton(AF_INET, host, &to.sin_addr) != 1) {
        die("HOST:PORT");
    }
    to.sin_port = htons((uint16_t)port);
    make_tls(arguments + 2);
    size_t connections = strtoul(arguments[5], NULL, 10);
    load.total = strtoull(arguments[6], NULL, 10);
    load.next = count > 8 ? strtoull(arguments[8], NULL, 10) : 1;
    load.latencies_us = calloc(load.total + 1, sizeof(*load.latencies_us));
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    read_template(arguments[7]);

    struct connection *all = calloc(connections, sizeof(*all));
    for (size_t i = 0; i < connections; i++) {
        connect_one(&all[i], &to);
    }
    wait_for_word();
    int64_t start_us = now_us();
    for (size_t i = 0; i < connections; i++) {
        next_request(&all[i]);
        drive(&all[i]);
    }
    while (load.done < load.total) {
        struct epoll_event events[64];
        int ready = epoll_wait(load.epoll, events, 64, 10000);
        if (!ready) {
            die("no answer for 10 s");
        }
        for (int i = 0; i < ready; i++) {
            drive(events[i].data.ptr);
        }
    }
    print_result((double)(now_us() - start_us) / 1e6);
    return 0;
}
