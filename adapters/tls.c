/*
 * tls.c - OpenSSL: looking at the files, making servers from them, handshakes and bytes of one connection,
 * and who the client's certificate says it is.
 */
#include "adapters/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

enum {
    CHAIN_DEPTH_MAX = 4,
    CHAIN_BYTES_MAX = 32 * 1024, /* of a client's certificate message */
    SECURITY_LEVEL = 2,          /* no SHA-1 signatures, RSA from 2048 bits */
    NAME_MAX_SHOWN = 300,        /* of a subject or issuer in the log */
    FILE_BYTES_MAX = 16 << 20,   /* of authorities */
};

struct tls_server {
    SSL_CTX *context;
    struct digest clients; /* of the file of authorities */
};

struct tls {
    SSL *ssl;
    unsigned long error;
    bool broken;
};

/* --- contexts ---------------------------------------------------------------------------------------- */

/* HTTP/1.1 is all we speak: a client that offers protocols without it is told so by an alert. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
                           const unsigned char *offered, unsigned offered_length, void *context) {
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *found;
    if (SSL_select_next_proto(&found, chosen_length, ours, sizeof(ours) - 1, offered, offered_length)
        != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

static void set_rules(SSL_CTX *context) {
    static const unsigned char name[] = "clearway";
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_security_level(context, SECURITY_LEVEL);
    require(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20"));
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET
                                     | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, name, sizeof(name) - 1);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                                  | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* Else one read could go on for ever over records without content, such as key updates. */
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
}

static bool require_clients(SSL_CTX *context, const char *ca_file, bool may) {
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca_file);
    if (!names || !SSL_CTX_load_verify_file(context, ca_file)) {
        return false;
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (may ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), NULL);
    SSL_CTX_set_verify_depth(context, CHAIN_DEPTH_MAX);
    SSL_CTX_set_max_cert_list(context, CHAIN_BYTES_MAX);
    return true;
}

static struct tls_server *failed(SSL_CTX *context, const char *file, struct explanation *why) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    explain(why, "TLS 文件 %s 无法使用 (%s)", "the TLS file %s cannot be used (%s)", file ? file : "-",
            reason ? reason : "-");
    ERR_clear_error();
    SSL_CTX_free(context);
    return NULL;
}

/* --- looking at the files ------------------------------------------------------------------------------- */

#define SOON_DAYS 30
#define DAY_S     86400

struct look {
    struct arena *arena;
    struct tls_mistake *mistakes;
    size_t count;
};

static void tell(struct look *look, enum tls_file file, bool fatal, const char *zh, const char *en,
                 const char *hint_zh, const char *hint_en) {
    if (look->count < TLS_MISTAKES_MAX) {
        look->mistakes[look->count++] = (struct tls_mistake){ file, fatal, zh, en, hint_zh, hint_en };
    }
}

static FILE *open_or_tell(struct look *look, enum tls_file file, const char *path) {
    int fd = file_open_plain(path);
    FILE *open = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (!open) {
        bool plain = errno != EINVAL;
        const char *zh = plain ? error_sentence(errno, LANGUAGE_ZH) : "不是普通文件";
        const char *en = plain ? error_sentence(errno, LANGUAGE_EN) : "it is no plain file";
        tell(look, file, true, arena_printf(look->arena, "文件 %s 无法打开：%s", path, zh),
             arena_printf(look->arena, "%s cannot be opened: %s", path, en), "请检查路径与权限",
             "check the path, and that the gateway's user may read it");
    }
    return open;
}

/* When a certificate's time is over or has not come, who meets it refuses the connection, not the file. */
static void look_at_time(struct look *look, enum tls_file file, const char *path, const X509 *certificate,
                         int64_t now_s) {
    const ASN1_TIME *ends = X509_get0_notAfter(certificate);
    char end[64] = "";
    BIO *text = BIO_new(BIO_s_mem());
    require(text);
    ASN1_TIME_print(text, ends);
    int length = BIO_read(text, end, sizeof(end) - 1);
    end[length > 0 ? length : 0] = '\0';
    BIO_free(text);
    time_t now = (time_t)now_s, soon = (time_t)(now_s + (int64_t)SOON_DAYS * DAY_S);
    const char *zh = NULL, *en = NULL;
    if (X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0) {
        zh = "尚未生效，有效期至";
        en = "is not valid yet; it ends on";
    } else if (X509_cmp_time(ends, &now) < 0) {
        zh = "已过期，有效期至";
        en = "expired on";
    } else if (X509_cmp_time(ends, &soon) < 0) {
        zh = "即将过期，有效期至";
        en = "expires on";
    }
    if (zh) {
        tell(look, file, false, arena_printf(look->arena, "%s 中的证书%s %s", path, zh, end),
             arena_printf(look->arena, "a certificate in %s %s %s", path, en, end),
             "请更换证书文件，再 clearway reload", "renew the file, then clearway reload");
    }
}

/* The first certificate, or NULL: told. Every one of the file is looked at. */
static X509 *look_at_certificates(struct look *look, enum tls_file file, const char *path, int64_t now_s) {
    FILE *open = open_or_tell(look, file, path);
    X509 *first = NULL;
    if (!open) {
        return NULL;
    }
    for (X509 *one; (one = PEM_read_X509(open, NULL, NULL, NULL));) {
        look_at_time(look, file, path, one, now_s);
        if (first) {
            X509_free(one);
        } else {
            first = one;
        }
    }
    fclose(open);
    ERR_clear_error();
    if (!first) {
        tell(look, file, true, arena_printf(look->arena, "%s 中没有 PEM 格式的证书", path),
             arena_printf(look->arena, "%s holds no certificate in PEM form", path),
             "PEM 以 -----BEGIN CERTIFICATE----- 开头", "PEM begins with -----BEGIN CERTIFICATE-----");
    }
    return first;
}

static int no_password(char *password, int size, int writing, void *context) {
    return -1; /* nobody sits at the terminal */
}

static void look_at_key(struct look *look, const struct tls_options *options, X509 *certificate) {
    const char *path = options->key_file;
    FILE *open = open_or_tell(look, TLS_KEY_FILE, path);
    if (!open) {
        return;
    }
    EVP_PKEY *key = PEM_read_PrivateKey(open, NULL, no_password, NULL);
    fclose(open);
    if (!key) {
        tell(look, TLS_KEY_FILE, true, arena_printf(look->arena, "%s 中没有未加密的 PEM 私钥", path),
             arena_printf(look->arena, "%s holds no private key in PEM form without a password", path), "",
             "openssl pkey -in KEY -out KEY-without-password");
    } else if (certificate && !X509_check_private_key(certificate, key)) {
        tell(look, TLS_KEY_FILE, true,
             arena_printf(look->arena, "私钥 %s 与证书 %s 不匹配", path, options->certificate_file),
             arena_printf(look->arena, "the key %s does not belong to the certificate %s", path,
                          options->certificate_file),
             "",
             "openssl x509 -pubkey -noout -in CERTIFICATE and openssl pkey -pubout -in KEY must print the"
             " same");
    }
    EVP_PKEY_free(key);
    ERR_clear_error();
}

size_t tls_check(const struct tls_options *options, int64_t now_s, struct arena *arena,
                 struct tls_mistake mistakes[TLS_MISTAKES_MAX]) {
    struct look look = { arena, mistakes, 0 };
    ERR_clear_error();
    X509 *certificate = look_at_certificates(&look, TLS_CERTIFICATE_FILE, options->certificate_file, now_s);
    look_at_key(&look, options, certificate);
    X509_free(certificate);
    if (options->client_ca_file) {
        X509_free(look_at_certificates(&look, TLS_CLIENT_CA_FILE, options->client_ca_file, now_s));
    }
    return look.count;
}

/* --- servers -------------------------------------------------------------------------------------------- */

/* All zero: there is none, or it went in between. */
static struct digest digest_of_file(const char *path) {
    struct digest digest = { { 0 } };
    struct buf bytes;
    buf_init(&bytes, FILE_BYTES_MAX);
    if (path && file_read(path, &bytes) == STATUS_OK) {
        digest = digest_of(bytes.at, bytes.length);
    }
    buf_release(&bytes);
    return digest;
}

struct tls_server *tls_server_new(const struct tls_options *options, struct explanation *why) {
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    require(context);
    set_rules(context);
    if (!options->certificate_file
        || !SSL_CTX_use_certificate_chain_file(context, options->certificate_file)) {
        return failed(context, options->certificate_file, why);
    }
    if (!options->key_file
        || SSL_CTX_use_PrivateKey_file(context, options->key_file, SSL_FILETYPE_PEM) != 1) {
        return failed(context, options->key_file, why);
    }
    if (options->client_ca_file && !require_clients(context, options->client_ca_file, options->clients_may)) {
        return failed(context, options->client_ca_file, why);
    }

    struct tls_server *server = memory_new(sizeof(*server));
    server->context = context;
    server->clients = digest_of_file(options->client_ca_file);
    return server;
}

bool tls_server_has_same_clients(const struct tls_server *server, const struct tls_server *other) {
    return digest_equal(&server->clients, &other->clients);
}

static int64_t seconds_of(const ASN1_TIME *time) {
    struct tm parts;
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

int64_t tls_expires_s(const char *file) {
    int fd = file_open_plain(file);
    FILE *open = fd >= 0 ? fdopen(fd, "r") : NULL;
    int64_t first = 0;
    ERR_clear_error();
    for (X509 *one; open && (one = PEM_read_X509(open, NULL, NULL, NULL)); X509_free(one)) {
        int64_t ends = seconds_of(X509_get0_notAfter(one));
        first = first == 0 || ends < first ? ends : first;
    }
    ERR_clear_error();
    if (open) {
        fclose(open);
    }
    return first;
}

void tls_server_free(struct tls_server *server) {
    if (!server) {
        return;
    }
    SSL_CTX_free(server->context);
    free(server);
}

/* --- connections ------------------------------------------------------------------------------------- */

struct tls *tls_new(struct tls_server *server, int fd) {
    struct tls *tls = memory_new(sizeof(*tls));
    tls->ssl = SSL_new(server->context);
    require(tls->ssl && SSL_set_fd(tls->ssl, fd));
    SSL_set_accept_state(tls->ssl);
    return tls;
}

void tls_free(struct tls *tls) {
    if (!tls) {
        return;
    }
    SSL_free(tls->ssl);
    free(tls);
}

static enum tls_result result(struct tls *tls, int returned) {
    if (returned > 0) {
        return TLS_OK;
    }
    switch (SSL_get_error(tls->ssl, returned)) {
    case SSL_ERROR_WANT_READ: return TLS_READ;
    case SSL_ERROR_WANT_WRITE: return TLS_WRITE;
    case SSL_ERROR_ZERO_RETURN: return TLS_END;
    }
    tls->error = ERR_peek_last_error();
    tls->broken = true;
    ERR_clear_error();
    return TLS_BROKEN;
}

enum tls_result tls_handshake(struct tls *tls) {
    ERR_clear_error();
    return result(tls, SSL_do_handshake(tls->ssl));
}

enum tls_result tls_read(struct tls *tls, void *bytes, size_t max, size_t *done) {
    require(max >= TLS_RECORD_MAX);
    ERR_clear_error();
    *done = 0;
    return result(tls, SSL_read_ex(tls->ssl, bytes, max, done));
}

enum tls_result tls_write(struct tls *tls, const void *bytes, size_t length, size_t *done) {
    ERR_clear_error();
    *done = 0;
    return result(tls, SSL_write_ex(tls->ssl, bytes, length, done));
}

void tls_say_goodbye(struct tls *tls) {
    ERR_clear_error();
    if (!tls->broken && SSL_is_init_finished(tls->ssl)) {
        SSL_shutdown(tls->ssl);
    }
    ERR_clear_error();
}

const char *tls_why(const struct tls *tls) {
    long verdict = SSL_get_verify_result(tls->ssl);
    if (verdict != X509_V_OK) {
        return X509_verify_cert_error_string(verdict);
    }
    const char *reason = tls->error ? ERR_reason_error_string(tls->error) : NULL;
    return reason ? reason : "connection lost";
}

/* --- identity ---------------------------------------------------------------------------------------- */

/* Control characters and NUL could make one name look like another in a log or a comparison. */
static bool is_clean(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f) {
            return false;
        }
    }
    return text.length > 0 && text_is_utf8(text);
}

/* NULL, or memory of OpenSSL's. */
static char *common_name(X509 *certificate) {
    X509_NAME *subject = X509_get_subject_name(certificate);
    int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, index) >= 0) {
        return NULL;
    }
    unsigned char *utf8;
    int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
    if (length < 0) {
        return NULL;
    }
    if (is_clean((struct text){ (char *)utf8, (size_t)length })) {
        return (char *)utf8;
    }
    OPENSSL_free(utf8);
    return NULL;
}

/* In bounded length, every byte printable: RFC 2253 escapes what is not. */
static void show_name(const X509_NAME *name, char out[NAME_MAX_SHOWN]) {
    BIO *text = BIO_new(BIO_s_mem());
    require(text);
    X509_NAME_print_ex(text, name, 0, XN_FLAG_RFC2253);
    int length = BIO_read(text, out, NAME_MAX_SHOWN - 1);
    out[length > 0 ? length : 0] = '\0';
    BIO_free(text);
}

/* The first of that type, borrowed from names. */
static struct text alternative_name(GENERAL_NAMES *names, int type) {
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != type) {
            continue;
        }
        struct text text = { (const char *)ASN1_STRING_get0_data(name->d.ia5),
                             (size_t)ASN1_STRING_length(name->d.ia5) };
        return is_clean(text) ? text : (struct text){ NULL, 0 };
    }
    return (struct text){ NULL, 0 };
}

static const char *put(char **end, struct text text) {
    if (!text.at) {
        return NULL;
    }
    char *at = memcpy(*end, text.at, text.length);
    at[text.length] = '\0';
    *end += text.length + 1;
    return at;
}

static void put_fingerprint(X509 *certificate, char out[DIGEST_HEX_MAX]) {
    struct digest digest;
    unsigned length = sizeof(digest.bytes);
    require(X509_digest(certificate, EVP_sha256(), digest.bytes, &length) && length == DIGEST_SIZE);
    digest_hex(&digest, out);
}

bool tls_is_admitted(const struct tls *tls, const struct tls_server *server) {
    X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    X509_STORE_CTX *trial = X509_STORE_CTX_new();
    require(trial);
    bool admitted = certificate
                    && X509_STORE_CTX_init(trial, SSL_CTX_get_cert_store(server->context), certificate,
                                           SSL_get_peer_cert_chain(tls->ssl));
    if (admitted) {
        X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(trial);
        X509_STORE_CTX_set_default(trial, "ssl_client");
        X509_VERIFY_PARAM_set_depth(rules, CHAIN_DEPTH_MAX);
        X509_VERIFY_PARAM_set_auth_level(rules, SECURITY_LEVEL);
        admitted = X509_verify_cert(trial) == 1;
    }
    X509_STORE_CTX_free(trial);
    ERR_clear_error();
    return admitted;
}

struct tls_identity *tls_identity_new(const struct tls *tls) {
    X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    if (!certificate) {
        return NULL;
    }
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    char *common = common_name(certificate);
    struct text name = { common, common ? strlen(common) : 0 };
    struct text uri = alternative_name(names, GEN_URI), dns = alternative_name(names, GEN_DNS);
    char subject[NAME_MAX_SHOWN], issuer[NAME_MAX_SHOWN];
    show_name(X509_get_subject_name(certificate), subject);
    show_name(X509_get_issuer_name(certificate), issuer);

    size_t shown = strlen(subject) + strlen(issuer) + 2;
    struct tls_identity *identity =
        memory_new(sizeof(*identity) + name.length + uri.length + dns.length + 3 + shown);
    char *end = (char *)(identity + 1);
    identity->subject = put(&end, text_of(subject));
    identity->issuer = put(&end, text_of(issuer));
    identity->name = put(&end, name);
    identity->uri = put(&end, uri);
    identity->dns = put(&end, dns);
    put_fingerprint(certificate, identity->fingerprint);
    identity->expires_s = seconds_of(X509_get0_notAfter(certificate));

    OPENSSL_free(common);
    GENERAL_NAMES_free(names);
    return identity;
}
