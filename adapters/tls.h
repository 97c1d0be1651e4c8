/*
 * tls.h - TLS servers. OpenSSL stands behind it and shows nowhere else.
 *
 * TLS 1.2 and 1.3 only; no renegotiation, tickets, session cache, compression or early data: each connection
 * proves anew who it is, so a certificate that was taken out of use cannot come back by resumption. With a
 * client CA a client certificate is required (or may be shown) and verified (chain, validity, purpose) before
 * the handshake succeeds.
 *
 * Thread    a context: any; a connection: one at a time. Needs SIGPIPE ignored.
 */
#ifndef ADAPTERS_TLS_H
#define ADAPTERS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/status.h"

struct tls_server;

struct tls_options {
    const char *certificate_file; /* PEM, the server's certificate first, then its chain */
    const char *key_file;         /* PEM */
    const char *client_ca_file;   /* PEM; NULL: no client certificate is asked for */
    bool clients_may;             /* one that is shown is verified, and none need be */
};

/* Looks at the files as an operator would, before a server is made from them: can each be read, does it hold
 * what it should, does the key belong to the certificate, is anything expired, not valid yet, or within 30
 * days of its end. */
enum tls_file { TLS_CERTIFICATE_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE };

struct tls_mistake {
    enum tls_file file;
    bool fatal;                              /* no server can be made; else only a warning */
    const char *zh, *en, *hint_zh, *hint_en; /* in the arena, or constant */
};

#define TLS_MISTAKES_MAX 8

/* How many there are, TLS_MISTAKES_MAX at most. A NULL client_ca_file is not looked at. */
size_t tls_check(const struct tls_options *options, int64_t now_s, struct arena *arena,
                 struct tls_mistake mistakes[TLS_MISTAKES_MAX]);

/* NULL: why names the file and the reason (OpenSSL's, in English). Files are read now and not again. */
struct tls_server *tls_server_new(const struct tls_options *options, struct explanation *why);
void tls_server_free(struct tls_server *tls); /* connections made from it go on */
/* Whether both admit clients by the same authorities. */
bool tls_server_has_same_clients(const struct tls_server *tls, const struct tls_server *other);
/* When the first certificate of this PEM file is over, in seconds since 1970; 0: it holds none. */
int64_t tls_expires_s(const char *file);

/* What a verified client certificate says of its holder. Names are UTF-8 without control characters; NULL
 * when the certificate has none (or, for the name, more than one). */
struct tls_identity {
    const char *name;                 /* subject's common name */
    const char *uri, *dns;            /* first of each among the subject's alternative names */
    const char *subject, *issuer;     /* whole names (RFC 2253), for a log; never compared */
    char fingerprint[DIGEST_HEX_MAX]; /* SHA-256 of the certificate (DER), lower-case hex */
    int64_t expires_s;                /* seconds since 1970 */
};

/* --- one connection over a non-blocking socket, which stays the caller's ----------------------------- */

struct tls;

struct tls *tls_new(struct tls_server *server, int fd);
void tls_free(struct tls *tls);

enum { TLS_RECORD_MAX = 16 * 1024 };

enum tls_result {
    TLS_OK,     /* done, or so many bytes */
    TLS_READ,   /* again when the socket can be read */
    TLS_WRITE,  /* again when the socket can be written */
    TLS_END,    /* the peer will send nothing more, and said so */
    TLS_BROKEN, /* tls_why() tells; an alert was sent where the protocol has one */
};

enum tls_result tls_handshake(struct tls *tls);
/* With max of a record or more nothing decrypted stays inside, so polling the socket tells all. */
enum tls_result tls_read(struct tls *tls, void *bytes, size_t max, size_t *done);
/* After TLS_READ or TLS_WRITE the same bytes, or the same with more behind them, must come again; they may
 * lie elsewhere. *done may be less than length. */
enum tls_result tls_write(struct tls *tls, const void *bytes, size_t length, size_t *done);
void tls_say_goodbye(struct tls *tls); /* close_notify, without waiting */

/* Whether this server, which another one followed, would admit the client certificate of a connection that
 * stands. */
bool tls_is_admitted(const struct tls *tls, const struct tls_server *server);
/* After the handshake; NULL without client certificate. One piece of memory: free() it. */
struct tls_identity *tls_identity_new(const struct tls *tls);
const char *tls_why(const struct tls *tls); /* why it broke: OpenSSL's reason */

#endif
