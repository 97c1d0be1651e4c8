/*
 * webhook.c - an endpoint for each party that has a webhook: its receiver of the edition in force, and what
 * is known of it meanwhile (requests under way, until when it rests, whether it is gone). Requests copy what
 * they need of a receiver, so that another edition may take its place at any time.
 */
#include "adapters/webhook/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "adapters/expiry.h"
#include "adapters/labels.h"
#include "adapters/webhook/answer.h"
#include "adapters/webhook/client.h"
#include "adapters/webhook/counters.h"
#include "adapters/webhook/receiver.h"

#define TIMEOUT_USUAL_MS 20000
#define CONNECT_MAX_MS   10000
#define VALUE_MAX        800 /* of a header, encoded */

struct endpoint {
    const char *code;                  /* owned */
    struct webhook_receiver *receiver; /* NULL: its files cannot be used */
    size_t in_flight;
    int64_t rest_until_ms; /* 0: it does not rest */
    bool gone;
};

/* Sorted by code. */
struct webhook_set {
    struct endpoint **list;
    size_t count;
    int timeout_ms; /* 0: as it is */
};

struct sent {
    struct webhooks *webhooks;
    struct delivery *delivery;
    struct webhook_post *post;
    struct sent *next, **link;
};

struct webhooks {
    struct webhooks_options options;
    struct port port;
    struct webhook_client *client;
    struct webhook_set *set;
    struct loop_timer *rested;
    struct sent *sent;
    void (*opened)(void *listener, const struct party *party);
    void *listener;
};

/* --- the set of an edition ------------------------------------------------------------------------------ */

static int by_code(const void *a, const void *b) {
    return strcmp((*(struct endpoint *const *)a)->code, (*(struct endpoint *const *)b)->code);
}

static struct endpoint *find(const struct webhook_set *set, const char *code) {
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(set->list[middle]->code, code);
        if (order == 0) {
            return set->list[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

struct webhook_set *webhook_set_read(const struct edition *edition, const char *parties,
                                     enum severity severity, struct verdict *mistakes) {
    struct webhook_set *set = memory_new(sizeof(*set));
    set->list = memory_array(edition->parties->count + 1, sizeof(struct endpoint *));
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        if (party_stanza(party, "webhook")) {
            struct endpoint *endpoint = memory_new(sizeof(*endpoint));
            endpoint->code = memory_string(party->code);
            endpoint->receiver = webhook_receiver_read(party, parties, severity, mistakes);
            set->list[set->count++] = endpoint;
        }
    }
    qsort(set->list, set->count, sizeof(struct endpoint *), by_code);
    return set;
}

void webhook_set_limit(struct webhook_set *set, int timeout_ms) {
    require(timeout_ms >= 0);
    set->timeout_ms = timeout_ms;
}

void webhook_set_free(struct webhook_set *set) {
    if (set) {
        for (size_t i = 0; i < set->count; i++) {
            webhook_receiver_free(set->list[i]->receiver);
            free((char *)set->list[i]->code);
            free(set->list[i]);
        }
        free(set->list);
        free(set);
    }
}

void webhook_check(const struct edition *edition, const char *parties, struct verdict *mistakes) {
    webhook_set_free(webhook_set_read(edition, parties, SEVERITY_WARNING, mistakes));
}

/* --- what comes of a request ---------------------------------------------------------------------------- */

static void look_when_rested(struct webhooks *webhooks);

/* The port is asked again for whoever may be sent to again. */
static void open_rested(void *context) {
    struct webhooks *webhooks = context;
    int64_t now_ms = loop_now_ms(webhooks->options.loop);
    for (size_t i = 0; i < webhooks->set->count; i++) {
        struct endpoint *endpoint = webhooks->set->list[i];
        if (endpoint->rest_until_ms != 0 && endpoint->rest_until_ms <= now_ms) {
            endpoint->rest_until_ms = 0;
            const struct party *party =
                parties_find(webhooks->options.edition->parties, text_of(endpoint->code));
            if (party && webhooks->opened) {
                webhooks->opened(webhooks->listener, party);
            }
        }
    }
    look_when_rested(webhooks);
}

static void look_when_rested(struct webhooks *webhooks) {
    int64_t now_ms = loop_now_ms(webhooks->options.loop), first_ms = INT64_MAX;
    for (size_t i = 0; i < webhooks->set->count; i++) {
        int64_t until_ms = webhooks->set->list[i]->rest_until_ms;
        first_ms = until_ms != 0 && until_ms < first_ms ? until_ms : first_ms;
    }
    if (first_ms != INT64_MAX) { /* an hour at most (client.c) */
        loop_timer_start(webhooks->rested, first_ms > now_ms ? (int)(first_ms - now_ms) : 0);
    }
}

static void note_gone(struct endpoint *endpoint) {
    if (!endpoint->gone) {
        endpoint->gone = true;
        room_counter_add(&webhook_counters[WEBHOOK_COUNT_GONE], 1);
        log_event(LOG_WARN, EVENT_WEBHOOK_GONE, LOG_STRING("party", endpoint->code), LOG_END);
    }
}

static void note(struct webhooks *webhooks, struct endpoint *endpoint, const struct webhook_answer *answer,
                 const struct webhook_ruling *ruling) {
    static const enum webhook_counter counted[] = {
#define X(name, status, reason, counted, what) WEBHOOK_COUNT_##counted,
        WEBHOOK_OUTCOME_LIST(X)
#undef X
    };
    enum webhook_counter counter =
        ruling->status == STATUS_OK ? WEBHOOK_COUNT_ACCEPTED : counted[answer->outcome];
    room_counter_add(&webhook_counters[counter], 1);
    if (answer->outcome == WEBHOOK_ADDRESS_REFUSED) {
        log_event_bounded(LOG_WARN, EVENT_WEBHOOK_ADDRESS_REFUSED, LOG_STRING("party", endpoint->code),
                          LOG_STRING("range", answer->words), LOG_END);
    }
    if (ruling->gone) {
        note_gone(endpoint);
    }
    if (ruling->rests) {
        int64_t until_ms = loop_now_ms(webhooks->options.loop) + answer->retry_after_s * 1000;
        endpoint->rest_until_ms = until_ms > endpoint->rest_until_ms ? until_ms : endpoint->rest_until_ms;
        look_when_rested(webhooks);
    }
}

static void forget(struct sent *sent) {
    *sent->link = sent->next;
    if (sent->next) {
        sent->next->link = sent->link;
    }
    struct endpoint *endpoint = find(sent->webhooks->set, sent->delivery->party->code);
    if (endpoint && endpoint->in_flight > 0) {
        endpoint->in_flight--;
    }
    free(sent);
}

static void answered(void *context, const struct webhook_answer *answer) {
    struct sent *sent = context;
    struct webhooks *webhooks = sent->webhooks;
    struct delivery *delivery = sent->delivery;
    struct webhook_ruling ruling = webhook_rule(answer);
    struct endpoint *endpoint = find(webhooks->set, delivery->party->code);
    if (endpoint) {
        note(webhooks, endpoint, answer, &ruling);
    }
    forget(sent);
    delivery->done(delivery, ruling.status, ruling.reason, answer->words);
}

/* --- sending -------------------------------------------------------------------------------------------- */

/* Of a header: printable ASCII stands for itself; all else, '"' and '%' in UTF-8 as %HH (CloudEvents, HTTP
 * protocol binding, 3.1.3.2). Cut where it would be too long. */
static const char *encode(const char *value, char out[VALUE_MAX]) {
    size_t length = 0;
    for (const char *c = value; *c && length + 4 < VALUE_MAX; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte > 0x20 && byte < 0x7f && byte != '"' && byte != '%') {
            out[length++] = *c;
        } else {
            length += (size_t)snprintf(out + length, VALUE_MAX - length, "%%%02X", byte);
        }
    }
    out[length] = '\0';
    return out;
}

struct head {
    struct webhook_header list[CLIENT_HEADERS_MAX];
    char names[CLIENT_HEADERS_MAX][32], values[CLIENT_HEADERS_MAX][VALUE_MAX];
    size_t count;
};

static void put(struct head *head, const char *prefix, const char *name, const char *value) {
    require(head->count < CLIENT_HEADERS_MAX);
    size_t i = head->count++;
    snprintf(head->names[i], sizeof(head->names[i]), "%s%s", prefix, name);
    head->list[i] = (struct webhook_header){ head->names[i], encode(value, head->values[i]) };
}

/* As it is: blanks part the signatures. */
static void put_signatures(struct head *head, const struct webhook_receiver *receiver,
                           const struct delivery *delivery, int64_t now_s) {
    _Static_assert(SIGNATURES_SIZE <= VALUE_MAX, "all signatures are one value");
    char *value = head->values[head->count];
    webhook_sign(receiver->secrets, receiver->secrets_count, delivery->id, now_s, delivery->data, value);
    head->list[head->count++] = (struct webhook_header){ "webhook-signature", value };
}

static void put_head(const struct webhooks *webhooks, const struct webhook_receiver *receiver,
                     const struct delivery *delivery, struct head *head) {
    int64_t now_s = clock_now(journal_clock(webhooks->options.journal)) / STAMP_SECOND;
    char timestamp[24];
    struct labels labels;
    head->count = 0;
    snprintf(timestamp, sizeof(timestamp), "%lld", (long long)now_s);
    put(head, "", "webhook-id", delivery->id);
    put(head, "", "webhook-timestamp", timestamp);
    put_signatures(head, receiver, delivery, now_s);
    labels_of(&labels, delivery, journal_name(webhooks->options.journal));
    for (size_t i = 0; i < labels.count; i++) {
        const struct label *label = &labels.list[i];
        put(head, label->is_attribute ? "ce-" : "", label->name, label->value);
    }
}

static void post(struct webhooks *webhooks, struct endpoint *endpoint, struct delivery *delivery) {
    const struct webhook_receiver *receiver = endpoint->receiver;
    struct head head;
    struct sent *sent = memory_new(sizeof(*sent));
    *sent = (struct sent){
        .webhooks = webhooks, .delivery = delivery, .next = webhooks->sent, .link = &webhooks->sent
    };
    if (sent->next) {
        sent->next->link = &sent->next;
    }
    webhooks->sent = sent;
    delivery->of_port = sent;
    endpoint->in_flight++;
    put_head(webhooks, receiver, delivery, &head);
    int patience_ms = webhooks->options.timeout_ms;
    struct webhook_request request = {
        .url = receiver->url,
        .plain = receiver->plain,
        .allowed = &receiver->allowed,
        .authorities = buf_text(&receiver->authorities),
        .headers = head.list,
        .headers_count = head.count,
        .body = delivery->data,
        .connect_ms = patience_ms / 2 < CONNECT_MAX_MS ? patience_ms / 2 : CONNECT_MAX_MS,
        .patience_ms = patience_ms,
        .done = answered,
        .context = sent,
    };
    sent->post = webhook_post_start(webhooks->client, &request);
}

static void take_delivery(void *context, struct delivery *delivery) {
    struct webhooks *webhooks = context;
    struct endpoint *endpoint = find(webhooks->set, delivery->party->code);
    if (!endpoint || !endpoint->receiver) {
        delivery->done(delivery, STATUS_UNAVAILABLE, DELIVERY_REASON_NO_SECRET, "");
    } else if (endpoint->gone) {
        delivery->done(delivery, STATUS_DENIED, DELIVERY_REASON_ENDPOINT_GONE, "");
    } else {
        post(webhooks, endpoint, delivery);
    }
}

static void cancel_delivery(void *context, struct delivery *delivery) {
    struct sent *sent = delivery->of_port;
    require(sent && sent->webhooks == context && sent->delivery == delivery);
    webhook_post_cancel(sent->post);
    forget(sent);
}

static size_t room_for(void *context, const struct party *party) {
    const struct webhooks *webhooks = context;
    const struct endpoint *endpoint = find(webhooks->set, party->code);
    if (!endpoint) { /* it says so when asked */
        return SIZE_MAX;
    }
    bool rests = endpoint->rest_until_ms > loop_now_ms(webhooks->options.loop);
    return rests || endpoint->in_flight >= WEBHOOK_CONNECTIONS ? 0
                                                               : WEBHOOK_CONNECTIONS - endpoint->in_flight;
}

static void listen_to(void *context, void (*opened)(void *listener, const struct party *party),
                      void *listener) {
    struct webhooks *webhooks = context;
    webhooks->opened = opened;
    webhooks->listener = listener;
}

/* --- its life ------------------------------------------------------------------------------------------- */

static void tell_expiry(const struct webhook_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        const struct webhook_receiver *receiver = set->list[i]->receiver;
        expiry_tell("webhook_ca", set->list[i]->code, receiver ? receiver->authorities_expire_s : 0);
    }
}

struct webhooks *webhooks_start(const struct webhooks_options *options) {
    require(options->loop && options->journal && options->edition);
    struct webhooks *webhooks = memory_new(sizeof(*webhooks));
    webhooks->options = *options;
    webhooks->options.timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_USUAL_MS;
    edition_take(options->edition);
    webhooks->set = webhook_set_read(options->edition, options->parties, SEVERITY_WARNING, options->mistakes);
    webhooks->client = webhook_client_new(options->loop);
    webhooks->rested = loop_timer_new(options->loop, open_rested, webhooks);
    webhooks->port = (struct port){ .transport = "webhook",
                                    .gives_up = true,
                                    .keeps_time = true,
                                    .context = webhooks,
                                    .send = take_delivery,
                                    .cancel = cancel_delivery,
                                    .room = room_for,
                                    .listen = listen_to };
    room_counter_set(&webhook_counters[WEBHOOK_COUNT_GONE], 0);
    tell_expiry(webhooks->set);
    return webhooks;
}

/* Whoever is there still keeps what is under way and how long it rests; that it was gone is forgotten, for
 * who reloads has looked. */
static void carry_over(struct webhooks *webhooks, struct webhook_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        const struct endpoint *before = find(webhooks->set, set->list[i]->code);
        if (before) {
            set->list[i]->in_flight = before->in_flight;
            set->list[i]->rest_until_ms = before->rest_until_ms;
        }
    }
}

/* Whether a request to the one is as good as one to the other. */
static bool is_same_place(const struct webhook_receiver *one, const struct webhook_receiver *other) {
    return one && other && strcmp(one->url, other->url) == 0
           && text_equal(buf_text(&one->authorities), buf_text(&other->authorities))
           && address_ranges_are_same(&one->allowed, &other->allowed);
}

static bool is_still_right(const struct webhooks *webhooks, const struct webhook_set *set,
                           const struct edition *edition, const char *code) {
    const struct party *party = parties_find(edition->parties, text_of(code));
    const struct endpoint *before = find(webhooks->set, code), *after = find(set, code);
    return party && !party->blocked && before && after && is_same_place(before->receiver, after->receiver);
}

/* What is under way to where nothing is to go any more. */
static void end_misdirected(struct webhooks *webhooks, const struct webhook_set *set,
                            const struct edition *edition) {
    for (struct sent *sent = webhooks->sent, *next; sent; sent = next) {
        next = sent->next;
        struct delivery *delivery = sent->delivery;
        if (!is_still_right(webhooks, set, edition, delivery->party->code)) {
            webhook_post_cancel(sent->post);
            forget(sent);
            delivery->done(delivery, STATUS_UNAVAILABLE, DELIVERY_REASON_UNREACHABLE, "");
        }
    }
}

void webhooks_change(struct webhooks *webhooks, const struct edition *edition, struct webhook_set *set) {
    require(webhooks->set && set);
    const struct edition *before = webhooks->options.edition;
    for (size_t i = 0; i < webhooks->set->count; i++) {
        expiry_tell("webhook_ca", webhooks->set->list[i]->code, 0);
    }
    end_misdirected(webhooks, set, edition);
    carry_over(webhooks, set);
    webhook_set_free(webhooks->set);
    webhooks->set = set;
    webhooks->options.timeout_ms = set->timeout_ms ? set->timeout_ms : webhooks->options.timeout_ms;
    webhooks->options.edition = edition_take(edition);
    room_counter_set(&webhook_counters[WEBHOOK_COUNT_GONE], 0);
    tell_expiry(set);
    look_when_rested(webhooks);
    edition_release(before);
}

static bool is_gone(const struct endpoint *webhook) {
    return webhook->gone;
}

static bool is_unusable(const struct endpoint *webhook) {
    return !webhook->receiver;
}

/* Whom it is so of, if of anybody. */
static void put_those(const struct webhooks *webhooks, const char *key, bool (*is)(const struct endpoint *),
                      struct json_out *out) {
    bool any = false;
    for (size_t i = 0; i < webhooks->set->count; i++) {
        if (!is(webhooks->set->list[i])) {
            continue;
        }
        if (!any) {
            json_open_array(out, key);
        }
        any = true;
        json_put_string(out, NULL, webhooks->set->list[i]->code);
    }
    if (any) {
        json_close_array(out);
    }
}

void webhooks_diagnose(const struct webhooks *webhooks, struct diagnosis *out) {
    for (size_t i = 0; i < webhooks->set->count; i++) {
        const struct endpoint *webhook = webhooks->set->list[i];
        if (is_gone(webhook) || is_unusable(webhook)) {
            struct diagnosis_row *row = diagnosis_add(out, CHECK_LINE, webhook->code, DIAGNOSIS_FAILED);
            row->zh = is_gone(webhook) ? "其 webhook 答以 410：已停用，不再投递"
                                       : "其 webhook 的证书或密钥文件不可用，不投递";
            row->en = is_gone(webhook) ? "its webhook answered 410, gone: nothing is sent there"
                                       : "files of its webhook cannot be used: nothing is sent there";
            diagnosis_advise(row, "与对方核对地址与文件，然后 clearway reload",
                             "ask them for the address, look at its files, then clearway reload");
        }
    }
}

void webhooks_health(const struct webhooks *webhooks, struct json_out *out) {
    put_those(webhooks, "gone", is_gone, out);
    put_those(webhooks, "unusable", is_unusable, out);
}

const struct port *webhooks_port(const struct webhooks *webhooks) {
    return &webhooks->port;
}

void webhooks_stop(struct webhooks *webhooks) {
    if (webhooks) {
        while (webhooks->sent) { /* dispatch has stopped, and has cancelled them */
            webhook_post_cancel(webhooks->sent->post);
            forget(webhooks->sent);
        }
        webhook_client_free(webhooks->client);
        loop_timer_free(webhooks->rested);
        webhook_set_free(webhooks->set);
        edition_release(webhooks->options.edition);
        free(webhooks);
    }
}
