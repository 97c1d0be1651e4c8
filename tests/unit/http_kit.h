/*
 * http_kit.h - for tests: certificates made on the spot, a server whose loop runs in a thread, a blocking
 * client.
 */
#ifndef TESTS_HTTP_KIT_H
#define TESTS_HTTP_KIT_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/loop.h"
#include "base/status.h"
#include "base/thread.h"
#include "adapters/http/server.h"
#include "folder_kit.h"

/* --- certificates ------------------------------------------------------------------------------------ */

enum { KIT_DAY = 24 * 3600 };

struct kit_issuer {
    X509 *certificate;
    EVP_PKEY *key;
};

struct kit_subject {
    const char *file;        /* writes DIR/FILE.pem and DIR/FILE.key */
    const char *name;        /* common name, UTF-8; NULL: none */
    const char *alternative; /* "DNS:a,URI:b"; NULL: none */
    const char *usage;       /* "clientAuth", "serverAuth"; NULL: any */
    long from_s, to_s;       /* validity, from now; 0: it is valid now */
    bool is_ca;
    bool short_key, old_signature; /* RSA of 1024 bits; SHA-1 */
};

static inline void kit_extend(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    require(extension && X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

/* The certificate, or the key. */
static inline void kit_write(const char *dir, const char *file, const char *ending, X509 *certificate,
                             EVP_PKEY *key) {
    char path[512];
    snprintf(path, sizeof(path), "%s/%s.%s", dir, file, ending);
    FILE *stream = fopen(path, "w");
    require(stream);
    require(key ? PEM_write_PrivateKey(stream, key, NULL, NULL, 0, NULL, NULL)
                : PEM_write_X509(stream, certificate));
    fclose(stream);
}

/* issuer NULL: signs itself. */
static inline struct kit_issuer kit_certify(const char *dir, const struct kit_subject *subject,
                                            const struct kit_issuer *issuer) {
    static long serial = 1;
    struct kit_issuer made = { X509_new(), subject->short_key ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256") };
    X509 *certificate = made.certificate;
    X509 *parent = issuer ? issuer->certificate : certificate;
    require(certificate && made.key);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), subject->from_s ? subject->from_s : -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), subject->to_s ? subject->to_s : KIT_DAY);
    X509_set_pubkey(certificate, made.key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Clearway tests", -1, -1, 0);
    if (subject->name) {
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)subject->name, -1, -1,
                                   0);
    }
    X509_set_issuer_name(certificate, X509_get_subject_name(parent));
    kit_extend(certificate, parent, NID_basic_constraints, subject->is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (subject->alternative) {
        kit_extend(certificate, parent, NID_subject_alt_name, subject->alternative);
    }
    if (subject->usage) {
        kit_extend(certificate, parent, NID_ext_key_usage, subject->usage);
    }
    require(X509_sign(certificate, issuer ? issuer->key : made.key,
                      subject->old_signature ? EVP_sha1() : EVP_sha256()));
    kit_write(dir, subject->file, "pem", certificate, NULL);
    kit_write(dir, subject->file, "key", NULL, made.key);
    return made;
}

static inline void kit_forget(struct kit_issuer issuer) {
    X509_free(issuer.certificate);
    EVP_PKEY_free(issuer.key);
}

/* The server's certificate, and one of each kind of client. */
static inline void kit_certify_all(const char *dir) {
    static char many_names[64 * 1024];
    for (size_t i = 0; strlen(many_names) < sizeof(many_names) - 40; i++) {
        snprintf(many_names + strlen(many_names), 40, "%sDNS:name-%zu.example", i ? "," : "", i);
    }
    /* clang-format off */
    const struct kit_subject subjects[] = {
        { .file = "server",  .name = "localhost", .usage = "serverAuth",
          .alternative = "DNS:localhost,IP:127.0.0.1" },
        { .file = "client",  .name = "货代 Forwarder A", .usage = "clientAuth",
          .alternative = "email:a@a.example,DNS:a.example,URI:urn:clearway:party:FWD-A,URI:urn:b" },
        { .file = "nobody" },
        { .file = "control", .name = "Forwarder\nA" },
        { .file = "expired", .name = "A", .from_s = -2 * KIT_DAY, .to_s = -KIT_DAY },
        { .file = "future",  .name = "A", .from_s = KIT_DAY, .to_s = 2 * KIT_DAY },
        { .file = "machine", .name = "A", .usage = "serverAuth" },
        { .file = "short",   .name = "A", .short_key = true },
        { .file = "old",     .name = "A", .old_signature = true },
        { .file = "huge",    .name = "A", .alternative = many_names },
    };
    /* clang-format on */
    const struct kit_subject ca = { .file = "ca", .name = "Test CA", .from_s = -9 * KIT_DAY, .is_ca = true };
    const struct kit_subject others[][2] = {
        /* a CA nobody knows, and one with the name of ours */
        { { .file = "other_ca", .name = "Other CA", .is_ca = true }, { .file = "stranger", .name = "A" } },
        { { .file = "false_ca", .name = "Test CA", .is_ca = true }, { .file = "impostor", .name = "A" } },
    };
    struct kit_issuer issuer = kit_certify(dir, &ca, NULL);
    for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
        kit_forget(kit_certify(dir, &subjects[i], &issuer));
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct kit_issuer other = kit_certify(dir, &others[i][0], NULL);
        kit_forget(kit_certify(dir, &others[i][1], &other));
        kit_forget(other);
    }
    kit_forget(issuer);
}

static inline const char *kit_path(const char *dir, const char *file, char out[512]) {
    snprintf(out, 512, "%s/%s", dir, file);
    return out;
}

static inline const char *kit_directory(char out[64]) {
    snprintf(out, 64, "/tmp/clearway-http-XXXXXX");
    require(mkdtemp(out));
    return out;
}

static inline struct tls_server *kit_tls(const char *dir, bool clients) {
    char certificate[512], key[512], ca[512];
    struct explanation why;
    const struct tls_options options = {
        .certificate_file = kit_path(dir, "server.pem", certificate),
        .key_file = kit_path(dir, "server.key", key),
        .client_ca_file = clients ? kit_path(dir, "ca.pem", ca) : NULL,
    };
    struct tls_server *tls = tls_server_new(&options, &why);
    if (!tls) {
        panic("%s", why.en);
    }
    return tls;
}

/* --- the server, its loop in a thread ---------------------------------------------------------------- */

struct http_kit {
    struct loop *loop;
    struct http_server *server;
    pthread_t thread;
};

static inline void *kit_run(void *context) {
    loop_run(context);
    return NULL;
}

/* Listens on any free port of the loopback; ports by http_server_port(). */
static inline void kit_start(struct http_kit *kit, const struct http_options *options,
                             const struct http_listen *listens, size_t count) {
    struct explanation why;
    kit->loop = loop_new();
    kit->server = http_server_new(kit->loop, options);
    for (size_t i = 0; i < count; i++) {
        if (http_server_listen(kit->server, &listens[i], &why) != STATUS_OK) {
            panic("%s", why.en);
        }
    }
    thread_start(&kit->thread, "server", kit_run, kit->loop);
}

static inline void kit_stop(struct http_kit *kit) {
    loop_stop(kit->loop);
    pthread_join(kit->thread, NULL);
    http_server_free(kit->server);
    loop_free(kit->loop);
}

/* --- a blocking client ------------------------------------------------------------------------------- */

struct http_client {
    int fd;
    SSL *ssl;
    struct buf in;
};

enum { CLIENT_TIMEOUT_S = 20 };

/* file: of the client certificate in dir; NULL: none. */
static inline SSL_CTX *client_context(const char *dir, const char *file) {
    char path[512], name[256];
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0); /* the server is the one to say no */
    SSL_CTX_set_min_proto_version(context, 0);
    require(SSL_CTX_load_verify_file(context, kit_path(dir, "ca.pem", path)));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (file) {
        snprintf(name, sizeof(name), "%s.pem", file);
        require(SSL_CTX_use_certificate_file(context, kit_path(dir, name, path), SSL_FILETYPE_PEM));
        snprintf(name, sizeof(name), "%s.key", file);
        require(SSL_CTX_use_PrivateKey_file(context, kit_path(dir, name, path), SSL_FILETYPE_PEM));
    }
    return context;
}

static inline void client_limits(struct http_client *client) {
    struct timeval timeout = { .tv_sec = CLIENT_TIMEOUT_S };
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    buf_init(&client->in, 1 << 28);
}

/* Plain, from 127.0.0.HOST. */
static inline bool client_open_from(struct http_client *client, int port, unsigned host) {
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000000u | host) };
    *client = (struct http_client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    client_limits(client);
    setsockopt(client->fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    return bind(client->fd, (struct sockaddr *)&from, sizeof(from)) == 0
           && connect(client->fd, (struct sockaddr *)&name, sizeof(name)) == 0;
}

/* False: no connection, or no handshake. */
static inline bool client_open(struct http_client *client, int port, SSL_CTX *context) {
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    *client = (struct http_client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    client_limits(client);
    if (connect(client->fd, (struct sockaddr *)&name, sizeof(name))) {
        return false;
    }
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    if (!context) {
        return true;
    }
    client->ssl = SSL_new(context);
    SSL_set_fd(client->ssl, client->fd);
    return SSL_connect(client->ssl) == 1;
}

static inline void client_open_unix(struct http_client *client, const char *path) {
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
    *client = (struct http_client){ .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    client_limits(client);
    require(connect(client->fd, (struct sockaddr *)&name, sizeof(name)) == 0);
}

static inline void client_close(struct http_client *client) {
    ERR_clear_error();
    SSL_free(client->ssl);
    close(client->fd);
    buf_release(&client->in);
}

/* Closes so that the other side gets a reset. */
static inline void client_reset(struct http_client *client) {
    struct linger now = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    client_close(client);
}

/* False: the server does not take it any more. */
static inline bool client_send(struct http_client *client, struct text bytes, size_t step) {
    while (bytes.length) {
        size_t part = bytes.length < step ? bytes.length : step;
        ssize_t sent = client->ssl ? SSL_write(client->ssl, bytes.at, (int)part)
                                   : send(client->fd, bytes.at, part, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes = (struct text){ bytes.at + sent, bytes.length - (size_t)sent };
    }
    return true;
}

static inline bool client_says(struct http_client *client, const char *request) {
    return client_send(client, text_of(request), SIZE_MAX);
}

/* One read; 0 at the end of the stream, -1: reset, or nothing in time. */
static inline int client_receive(struct http_client *client) {
    char bytes[16 * 1024];
    int got = client->ssl ? SSL_read(client->ssl, bytes, sizeof(bytes))
                          : (int)recv(client->fd, bytes, sizeof(bytes), 0);
    if (client->ssl && got <= 0) {
        got = SSL_get_error(client->ssl, got) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
    }
    if (got > 0) {
        buf_add(&client->in, bytes, (size_t)got);
    }
    return got;
}

static inline size_t client_find(struct http_client *client, const char *what, size_t from) {
    const char *at = client->in.length > from
                         ? memmem(client->in.at + from, client->in.length - from, what, strlen(what))
                         : NULL;
    return at ? (size_t)(at - client->in.at) : SIZE_MAX;
}

/* Status of the next answer, its head in `head` and its body in `body` (NULL: not wanted); 0: the stream
 * ended before it, -1: it broke. bodiless: the answer to a HEAD. */
static inline int client_answer(struct http_client *client, bool bodiless, struct buf *head,
                                struct buf *body) {
    size_t end;
    while ((end = client_find(client, "\r\n\r\n", 0)) == SIZE_MAX) {
        int got = client_receive(client);
        if (got <= 0) {
            return client->in.length ? -1 : got;
        }
    }
    end += 4;
    int status = client->in.length > 12 ? atoi(client->in.at + 9) : -1;
    size_t length_at = client_find(client, "\r\nContent-Length: ", 0);
    size_t length = length_at < end && !bodiless ? strtoul(client->in.at + length_at + 18, NULL, 10) : 0;
    while (client->in.length < end + length) {
        if (client_receive(client) <= 0) {
            return -1;
        }
    }
    if (head) {
        buf_add(head, client->in.at, end);
    }
    if (body) {
        buf_add(body, client->in.at + end, length);
    }
    buf_remove_front(&client->in, end + length);
    return status;
}

/* Sends and takes the status of the answer. */
static inline int client_asks(struct http_client *client, const char *request) {
    client_says(client, request);
    return client_answer(client, false, NULL, NULL);
}

/* The server has closed, in order, and sent nothing more. */
static inline bool client_is_closed(struct http_client *client) {
    return client->in.length == 0 && client_receive(client) == 0;
}

#endif
