/*
 * zmq.c - an endpoint per party, the streams of those that have one, and who may speak on them; the gateway's
 * key.
 */
#include "adapters/zmq/zmq.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "adapters/zmq/authentication.h"
#include "adapters/zmq/endpoint.h"
#include "adapters/zmq/socket.h"
#include "adapters/zmq/stream.h"

#define MARK_MS       2000 /* between two words about how far a stream has come */
#define LATER_PARTIES 1000 /* that may come by reloads */

struct zmq {
    struct zmq_options options;
    struct port port;
    void (*opened)(void *listener, const struct party *party); /* NULL: nobody listens */
    void *listener;
    void *context;
    struct authentication *authentication;
    struct zmq_endpoint **endpoints; /* by their parties' codes */
    size_t count;
    struct event_feed *feed;
    struct zmq_stream **streams;
    size_t streams_count;
    struct digest secret; /* of the gateway's key */
    struct loop_timer *mark;
};

/* --- the transport ------------------------------------------------------------------------------------- */

static int by_code(const void *a, const void *b) {
    return strcmp(zmq_endpoint_party(*(struct zmq_endpoint *const *)a)->code,
                  zmq_endpoint_party(*(struct zmq_endpoint *const *)b)->code);
}

static int to_code(const void *code, const void *endpoint) {
    return strcmp(code, zmq_endpoint_party(*(struct zmq_endpoint *const *)endpoint)->code);
}

static struct zmq_endpoint *endpoint_of(const struct zmq *zmq, const struct party *party) {
    struct zmq_endpoint **found = zmq->count == 0 ? NULL
                                                  : bsearch(party->code, zmq->endpoints, zmq->count,
                                                            sizeof(struct zmq_endpoint *), to_code);
    return found ? *found : NULL;
}

static void take_delivery(void *context, struct delivery *delivery) {
    struct zmq_endpoint *endpoint = endpoint_of(context, delivery->party);
    if (endpoint) {
        zmq_endpoint_send(endpoint, delivery);
    } else {
        delivery->done(delivery, STATUS_UNAVAILABLE, DELIVERY_REASON_NO_ADDRESS, "");
    }
}

static void cancel_delivery(void *context, struct delivery *delivery) {
    struct zmq_endpoint *endpoint = endpoint_of(context, delivery->party);
    if (endpoint) { /* else it was given back when its address was closed */
        zmq_endpoint_cancel(endpoint, delivery);
    }
}

static size_t room_for(void *context, const struct party *party) {
    const struct zmq_endpoint *endpoint = endpoint_of(context, party);
    return endpoint ? zmq_endpoint_room(endpoint) : SIZE_MAX;
}

static void listen_to(void *context, void (*opened)(void *listener, const struct party *party),
                      void *listener) {
    struct zmq *zmq = context;
    zmq->opened = opened;
    zmq->listener = listener;
}

static void tell_opened(void *owner, const struct party *party) {
    const struct zmq *zmq = owner;
    if (zmq->opened) {
        zmq->opened(zmq->listener, party);
    }
}

/* --- the gateway's key --------------------------------------------------------------------------- */

static enum status read_secret(const char *path, char secret[41]) {
    struct buf buf;
    uint8_t raw[32];
    buf_init(&buf, 256);
    enum status status = file_read(path, &buf);
    struct text text = text_trim(buf_text(&buf));
    if (status == STATUS_TOO_LARGE || (status == STATUS_OK && text.length != 40)) {
        status = STATUS_BAD_CONFIG;
    }
    if (status == STATUS_OK) {
        memcpy(secret, text.at, 40);
        secret[40] = '\0';
        status = zmq_z85_decode(raw, secret) ? STATUS_OK : STATUS_BAD_CONFIG;
    }
    explicit_bzero(raw, sizeof(raw));
    if (buf.at) {
        explicit_bzero(buf.at, buf.capacity);
    }
    buf_release(&buf);
    return status;
}

enum status zmq_check(const char *secret_key_file) {
    char secret[41];
    enum status status = read_secret(secret_key_file, secret);
    explicit_bzero(secret, sizeof(secret));
    return status;
}

void zmq_keypair(char public_key[41], char secret_key[41]) {
    require(zmq_curve_keypair(public_key, secret_key) == 0);
}

/* --- start and stop ------------------------------------------------------------------------------ */

/* Once it is to stay: what a reload has prepared, or only tried, is discarded when the edition is refused. */
static void say_bound(const struct party *party, const char *address) {
    log_event(LOG_INFO, EVENT_ZMQ_BOUND, LOG_STRING("party", party->code), LOG_STRING("address", address),
              LOG_END);
}

static void say_all_bound(const struct zmq *zmq) {
    for (size_t i = 0; i < zmq->count; i++) {
        say_bound(zmq_endpoint_party(zmq->endpoints[i]), zmq_endpoint_bound(zmq->endpoints[i]));
    }
    for (size_t i = 0; i < zmq->streams_count; i++) {
        say_bound(zmq_stream_party(zmq->streams[i]), zmq_stream_bound(zmq->streams[i]));
    }
}

/* listener: of the endpoint that it takes the place of; -1: of none. */
static enum status open_endpoint(struct zmq *zmq, const struct party *party, const char *secret, int listener,
                                 struct explanation *why, struct zmq_endpoint **out) {
    struct zmq_endpoint_options options = { .context = zmq->context,
                                            .loop = zmq->options.loop,
                                            .intake = zmq->options.intake,
                                            .feed = zmq->feed,
                                            .journal = journal_name(zmq->options.journal),
                                            .party = party,
                                            .secret = secret,
                                            .listener = listener,
                                            .opened = tell_opened,
                                            .owner = zmq,
                                            .why = why };
    return zmq_endpoint_open(&options, out);
}

static enum status open_endpoints(struct zmq *zmq, const char *secret) {
    const struct parties *parties = zmq->options.edition->parties;
    enum status status = STATUS_OK;
    zmq->endpoints = memory_array(parties->count + 1, sizeof(*zmq->endpoints));
    for (size_t i = 0; status == STATUS_OK && i < parties->count; i++) {
        if (party_stanza(&parties->list[i], "zmq")) {
            status = open_endpoint(zmq, &parties->list[i], secret, -1, zmq->options.why,
                                   &zmq->endpoints[zmq->count++]);
        }
    }
    qsort(zmq->endpoints, zmq->count, sizeof(struct zmq_endpoint *), by_code);
    return status;
}

/* --- streams ------------------------------------------------------------------------------------------- */

static struct zmq_stream *stream_of(const struct zmq *zmq, const char *party) {
    for (size_t i = 0; i < zmq->streams_count; i++) {
        if (strcmp(zmq_stream_party(zmq->streams[i])->code, party) == 0) {
            return zmq->streams[i];
        }
    }
    return NULL;
}

static void tell(void *context, const char *party, const struct event_stretch *stretch) {
    struct zmq_stream *stream = stream_of(context, party);
    if (stream) {
        zmq_stream_tell(stream, stretch);
    }
}

static void mark(void *context) {
    struct zmq *zmq = context;
    uint64_t told = event_feed_told(zmq->feed);
    for (size_t i = 0; i < zmq->streams_count; i++) {
        if (!zmq_stream_party(zmq->streams[i])->blocked) {
            zmq_stream_mark(zmq->streams[i], told);
        }
    }
    loop_timer_start(zmq->mark, MARK_MS);
}

/* Who is blocked is told nothing; a stream that was silent by the edition before, or is one of those from
 * `fresh` on, begins where the feed stands. */
static void listen_for_streams(struct zmq *zmq, const struct edition *before, size_t fresh) {
    const char **listening = memory_array(zmq->streams_count + 1, sizeof(*listening));
    size_t count = 0;
    for (size_t i = 0; i < zmq->streams_count; i++) {
        const struct party *party = zmq_stream_party(zmq->streams[i]);
        listening[count] = party->code;
        count += !party->blocked;
    }
    uint64_t from = event_feed_listen(zmq->feed, zmq->options.edition, listening, count);
    for (size_t i = 0; i < zmq->streams_count; i++) {
        const char *code = zmq_stream_party(zmq->streams[i])->code;
        const struct party *party = before ? parties_find(before->parties, text_of(code)) : NULL;
        if (i >= fresh || !party || party->blocked) {
            zmq_stream_begin(zmq->streams[i], from);
        }
    }
    free(listening);
}

static enum status open_stream(const struct zmq *zmq, const struct party *party, const char *secret,
                               int listener, struct explanation *why, struct zmq_stream **out) {
    struct zmq_stream_options options = { .context = zmq->context,
                                          .party = party,
                                          .secret = secret,
                                          .listener = listener,
                                          .journal = journal_name(zmq->options.journal),
                                          .why = why };
    return zmq_stream_open(&options, out);
}

static enum status open_streams(struct zmq *zmq, const char *secret) {
    const struct parties *parties = zmq->options.edition->parties;
    enum status status = STATUS_OK;
    zmq->streams = memory_array(parties->count + 1, sizeof(*zmq->streams));
    for (size_t i = 0; status == STATUS_OK && i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (*stanza_text(party_stanza(party, "zmq"), "events")) {
            status =
                open_stream(zmq, party, secret, -1, zmq->options.why, &zmq->streams[zmq->streams_count++]);
        }
    }
    listen_for_streams(zmq, NULL, 0);
    return status;
}

enum status zmq_start(const struct zmq_options *options, struct zmq **out) {
    char secret[41];
    *out = NULL;
    enum status status = read_secret(options->secret_key_file, secret);
    if (status != STATUS_OK) {
        return status;
    }
    require(options->loop && options->intake && options->journal);
    struct zmq *zmq = memory_new(sizeof(*zmq));
    zmq->options = *options;
    edition_take(options->edition);
    zmq->port = (struct port){ .transport = "zmq",
                               .context = zmq,
                               .send = take_delivery,
                               .cancel = cancel_delivery,
                               .room = room_for,
                               .listen = listen_to };
    zmq->context = zmq_ctx_new();
    require(zmq->context);
    /* Of each party a ROUTER, its monitor's two ends, a PUB; of parties that come later, too; and all of it
     * twice while a reload puts others in their place. */
    int sockets = 2 * 4 * ((int)options->edition->parties->count + LATER_PARTIES) + 8;
    zmq_ctx_set(zmq->context, ZMQ_MAX_SOCKETS, sockets);
    status =
        authentication_open(zmq->context, options->loop, options->edition->parties, &zmq->authentication);
    struct event_feed_options feed = { .loop = options->loop,
                                       .journal = options->journal,
                                       .edition = options->edition,
                                       .told = tell,
                                       .context = zmq };
    zmq->feed = event_feed_start(&feed);
    zmq->mark = loop_timer_new(options->loop, mark, zmq);
    loop_timer_start(zmq->mark, MARK_MS);
    if (status == STATUS_OK) {
        status = open_endpoints(zmq, secret);
    }
    if (status == STATUS_OK) {
        status = open_streams(zmq, secret);
    }
    zmq->secret = digest_of(secret, strlen(secret));
    explicit_bzero(secret, sizeof(secret));
    if (status != STATUS_OK) {
        zmq_stop(zmq);
        return status;
    }
    say_all_bound(zmq);
    *out = zmq;
    return STATUS_OK;
}

/* --- another edition ------------------------------------------------------------------------------------ */

static bool keeps_keys(const struct party_stanza *before, const struct party_stanza *after) {
    struct party_list keys = stanza_list(before, "keys"), now = stanza_list(after, "keys");
    bool kept = true;
    for (size_t i = 0; kept && i < keys.count; i++) {
        kept = party_list_has(now, text_of(keys.items[i]));
    }
    return kept;
}

/* What takes the place of what does not stay as it is, and what is new: bound beside it. */
struct zmq_prepared {
    struct digest secret; /* of the gateway's key */
    bool has_other_key;   /* than it had: nothing stays */
    struct zmq_endpoint **endpoints;
    size_t count;
    struct zmq_stream **streams;
    size_t streams_count;
};

/* key: "bind", "events". The party has that address in both editions. */
static bool keeps_address(const struct party *before, const struct party *after, const char *key) {
    const struct party_stanza *old = before ? party_stanza(before, "zmq") : NULL;
    const struct party_stanza *now = after ? party_stanza(after, "zmq") : NULL;
    return old && now && *stanza_text(now, key) && strcmp(stanza_text(old, key), stanza_text(now, key)) == 0;
}

static bool keeps_endpoint(const struct zmq_prepared *prepared, const struct party *before,
                           const struct party *after) {
    return !prepared->has_other_key && keeps_address(before, after, "bind");
}

/* A PUB cannot part from one subscriber: it parts from all, and who may still hear it comes again. */
static bool keeps_stream(const struct zmq_prepared *prepared, const struct party *before,
                         const struct party *after) {
    return !prepared->has_other_key && keeps_address(before, after, "events")
           && keeps_keys(party_stanza(before, "zmq"), party_stanza(after, "zmq"))
           && (before->blocked || !after->blocked);
}

/* Of what listens for the party at the same address already; -1: nothing does. */
static int listener_at(const struct zmq *zmq, const struct party *before, const struct party *after,
                       const char *key) {
    if (!keeps_address(before, after, key)) {
        return -1;
    }
    return strcmp(key, "bind") == 0 ? zmq_endpoint_listener(endpoint_of(zmq, before))
                                    : zmq_stream_listener(stream_of(zmq, before->code));
}

static void open_new(struct zmq *zmq, const struct party *before, const struct party *after,
                     const char *secret, const char *file, struct zmq_prepared *prepared,
                     struct verdict *mistakes) {
    const struct party_stanza *stanza = party_stanza(after, "zmq");
    struct explanation why = { "", "" };
    enum status status = STATUS_OK;
    if (stanza && !keeps_endpoint(prepared, before, after)) {
        status = open_endpoint(zmq, after, secret, listener_at(zmq, before, after, "bind"), &why,
                               &prepared->endpoints[prepared->count++]);
    }
    if (status == STATUS_OK && *stanza_text(stanza, "events") && !keeps_stream(prepared, before, after)) {
        status = open_stream(zmq, after, secret, listener_at(zmq, before, after, "events"), &why,
                             &prepared->streams[prepared->streams_count++]);
    }
    if (status != STATUS_OK) { /* perhaps one that another party gives up by this very reload */
        verdict_add(mistakes,
                    &(struct finding){
                        .code = "LINT-RELOAD",
                        .severity = SEVERITY_ERROR,
                        .file = file,
                        .zh = arena_printf(mistakes->arena, "ZeroMQ 地址无法绑定：%s", why.zh),
                        .en = arena_printf(mistakes->arena, "a ZeroMQ address cannot be bound: %s", why.en),
                        .hint_zh = "若另一参与方正由本次重新加载让出该地址，请分两次进行",
                        .hint_en = "if another party gives it up by this reload, do it in two" });
    }
}

void zmq_discard(struct zmq_prepared *prepared) {
    if (prepared) {
        for (size_t i = 0; i < prepared->count; i++) {
            zmq_endpoint_close(prepared->endpoints[i], DELIVERY_REASON_STOPPING);
        }
        for (size_t i = 0; i < prepared->streams_count; i++) {
            zmq_stream_close(prepared->streams[i]);
        }
        free(prepared->endpoints);
        free(prepared->streams);
        free(prepared);
    }
}

/* Whoever comes by the old one is refused from then on. */
static void say_other_key(const struct zmq *zmq, const char *secret, struct verdict *mistakes) {
    char public_key[41] = "";
    zmq_curve_public(public_key, secret);
    verdict_add(
        mistakes,
        &(struct finding){
            .code = "LINT-RELOAD",
            .severity = SEVERITY_WARNING,
            .file = zmq->options.secret_key_file,
            .zh =
                arena_printf(mistakes->arena,
                             "网关的 CURVE 密钥已更换：所有 ZeroMQ 连接断开，对方须改用公钥 %s", public_key),
            .en = arena_printf(mistakes->arena,
                               "the gateway's CURVE key is another: everybody who speaks ZeroMQ is cut"
                               " off, and comes in again by its public key %s",
                               public_key) });
}

struct zmq_prepared *zmq_prepare(struct zmq *zmq, const struct edition *edition, const char *parties_file,
                                 struct verdict *mistakes) {
    const struct parties *before = zmq->options.edition->parties, *after = edition->parties;
    char secret[41] = "";
    struct zmq_prepared *prepared = memory_new(sizeof(*prepared));
    prepared->endpoints = memory_array(after->count + 1, sizeof(*prepared->endpoints));
    prepared->streams = memory_array(after->count + 1, sizeof(*prepared->streams));
    enum status status = read_secret(zmq->options.secret_key_file, secret);
    prepared->secret = status == STATUS_OK ? digest_of(secret, strlen(secret)) : zmq->secret;
    prepared->has_other_key = status == STATUS_OK && !digest_equal(&prepared->secret, &zmq->secret);
    if (prepared->has_other_key) {
        say_other_key(zmq, secret, mistakes);
    }
    for (size_t i = 0; status == STATUS_OK && i < after->count; i++) {
        const struct party *party = &after->list[i], *was = parties_find(before, text_of(party->code));
        open_new(zmq, was, party, secret, parties_file, prepared, mistakes);
    }
    explicit_bzero(secret, sizeof(secret));
    return prepared;
}

/* What was prepared by an edition of the same texts goes on by the one that is in force. */
static const struct party *same_party(const struct parties *parties, const struct party *party) {
    const struct party *found = parties_find(parties, text_of(party->code));
    require(found);
    return found;
}

/* Those whose address the party keeps stay, and their peers with them; the others are closed. */
static void change_endpoints(struct zmq *zmq, const struct parties *parties, struct zmq_prepared *prepared) {
    size_t kept = 0;
    for (size_t i = 0; i < zmq->count; i++) {
        const struct party *was = zmq_endpoint_party(zmq->endpoints[i]);
        const struct party *party = parties_find(parties, text_of(was->code));
        if (keeps_endpoint(prepared, was, party)) {
            zmq_endpoint_change(zmq->endpoints[i], party);
            zmq->endpoints[kept++] = zmq->endpoints[i];
        } else {
            zmq_endpoint_close(zmq->endpoints[i], keeps_address(was, party, "bind")
                                                      ? DELIVERY_REASON_RECEIVER_GONE
                                                      : DELIVERY_REASON_NO_ADDRESS);
        }
    }
    zmq->endpoints = memory_grow(zmq->endpoints, kept + prepared->count + 1, sizeof(*zmq->endpoints));
    for (size_t i = 0; i < prepared->count; i++) {
        struct zmq_endpoint *endpoint = prepared->endpoints[i];
        zmq_endpoint_change(endpoint, same_party(parties, zmq_endpoint_party(endpoint)));
        zmq->endpoints[kept++] = endpoint;
        say_bound(zmq_endpoint_party(endpoint), zmq_endpoint_bound(endpoint));
    }
    zmq->count = kept;
    qsort(zmq->endpoints, zmq->count, sizeof(struct zmq_endpoint *), by_code);
    prepared->count = 0;
}

/* Returns the place of the first new one. */
static size_t change_streams(struct zmq *zmq, const struct parties *parties, struct zmq_prepared *prepared) {
    size_t kept = 0;
    for (size_t i = 0; i < zmq->streams_count; i++) {
        const struct party *was = zmq_stream_party(zmq->streams[i]);
        const struct party *party = parties_find(parties, text_of(was->code));
        if (keeps_stream(prepared, was, party)) {
            zmq_stream_change(zmq->streams[i], party);
            zmq->streams[kept++] = zmq->streams[i];
        } else {
            zmq_stream_close(zmq->streams[i]);
        }
    }
    size_t fresh = kept;
    zmq->streams = memory_grow(zmq->streams, kept + prepared->streams_count + 1, sizeof(*zmq->streams));
    for (size_t i = 0; i < prepared->streams_count; i++) {
        struct zmq_stream *stream = prepared->streams[i];
        zmq_stream_change(stream, same_party(parties, zmq_stream_party(stream)));
        zmq->streams[kept++] = stream;
        say_bound(zmq_stream_party(stream), zmq_stream_bound(stream));
    }
    zmq->streams_count = kept;
    prepared->streams_count = 0;
    return fresh;
}

void zmq_change(struct zmq *zmq, const struct edition *edition, struct zmq_prepared *prepared) {
    const struct edition *before = zmq->options.edition;
    zmq->options.edition = edition_take(edition);
    authentication_change(zmq->authentication, edition->parties);
    change_endpoints(zmq, edition->parties, prepared);
    size_t fresh = change_streams(zmq, edition->parties, prepared);
    listen_for_streams(zmq, before, fresh);
    zmq->secret = prepared->secret;
    zmq_discard(prepared);
    edition_release(before);
}

static void diagnose_key(const struct zmq *zmq, struct diagnosis *out) {
    enum status status = zmq_check(zmq->options.secret_key_file);
    struct diagnosis_row *row = diagnosis_add(out, CHECK_CERTIFICATE, zmq->options.secret_key_file,
                                              status == STATUS_OK ? DIAGNOSIS_OK : DIAGNOSIS_WARNING);
    if (status == STATUS_OK) {
        row->zh = "CURVE 密钥可读；此类密钥没有期限";
        row->en = "the CURVE key can be read; such keys do not expire";
    } else {
        diagnosis_say(out, row, "CURVE 密钥文件已不可用（%s），重启将失败",
                      "the file of the CURVE key cannot be used any more (%s): a restart would fail",
                      status_name(status));
        diagnosis_advise(
            row, "放回该文件，或 clearway keygen 另做一对并告知对方公钥",
            "put the file back, or make another pair with clearway keygen and tell the public one");
    }
}

void zmq_diagnose(const struct zmq *zmq, struct diagnosis *out) {
    diagnose_key(zmq, out);
    for (size_t i = 0; i < zmq->count; i++) {
        const struct party *party = zmq_endpoint_party(zmq->endpoints[i]);
        size_t peers = zmq_endpoint_peers(zmq->endpoints[i]);
        struct diagnosis_row *row =
            diagnosis_add(out, CHECK_LINE, party->code, peers ? DIAGNOSIS_OK : DIAGNOSIS_WARNING);
        row->figure = (int64_t)peers;
        row->unit = "connections";
        if (peers) {
            diagnosis_say(out, row, "ZeroMQ：%zu 个连接", "ZeroMQ: %zu connected", peers);
        } else {
            diagnosis_say(out, row, "ZeroMQ：%s 无人连接，给它的投递须等待",
                          "ZeroMQ: nobody is connected at %s,"
                          " what is for it waits",
                          zmq_endpoint_bound(zmq->endpoints[i]));
            diagnosis_advise(row, "请对方启动其程序并检查地址与密钥",
                             "have them start their program, and look at"
                             " address and keys");
        }
    }
}

const struct port *zmq_port(const struct zmq *zmq) {
    return &zmq->port;
}

void zmq_stop(struct zmq *zmq) {
    if (!zmq) {
        return;
    }
    event_feed_stop(zmq->feed); /* answers who asked, so the endpoints must still stand */
    loop_timer_free(zmq->mark);
    for (size_t i = 0; i < zmq->count; i++) {
        zmq_endpoint_close(zmq->endpoints[i], DELIVERY_REASON_STOPPING);
    }
    for (size_t i = 0; i < zmq->streams_count; i++) {
        zmq_stream_close(zmq->streams[i]);
    }
    authentication_close(zmq->authentication);
    zmq_ctx_term(zmq->context);
    free(zmq->endpoints);
    free(zmq->streams);
    edition_release(zmq->options.edition);
    free(zmq);
}

const char *zmq_bound(const struct zmq *zmq, const char *party) {
    const struct zmq_endpoint *endpoint = endpoint_of(zmq, &(struct party){ .code = party });
    return endpoint ? zmq_endpoint_bound(endpoint) : NULL;
}

const char *zmq_stream_address(const struct zmq *zmq, const char *party) {
    const struct zmq_stream *stream = stream_of(zmq, party);
    return stream ? zmq_stream_bound(stream) : NULL;
}

void zmq_advance(struct zmq *zmq) {
    event_feed_advance(zmq->feed);
}
