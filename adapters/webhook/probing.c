/*
 * probing.c - `config lint` and the webhooks: each is connected to as for a delivery, and no further.
 */
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/memory.h"
#include "adapters/webhook/client.h"
#include "adapters/webhook/receiver.h"
#include "adapters/webhook/url.h"
#include "adapters/webhook/webhook.h"

struct probing {
    struct probe *probe;
    struct loop *loop;
    struct webhook_client *client;
    size_t under_way;
};

struct one {
    struct probing *probing;
    struct webhook_receiver *receiver;
    const char *what;
};

static void answered(void *context, const struct webhook_answer *answer) {
    struct one *one = context;
    struct probing *probing = one->probing;
    struct arena *arena = probing->probe->mistakes->arena;
    bool good = answer->outcome == WEBHOOK_ANSWERED;
    const char *reason = delivery_reason_code(webhook_rule(answer).reason);
    const char *blank = *answer->words ? ": " : "";
    if (good) {
        probe_tell(probing->probe, true, one->what,
                   one->receiver->plain ? "可以连接" : "可以连接，TLS 证书已验证",
                   one->receiver->plain ? "it can be connected to"
                                        : "it can be connected to, and its certificate is verified");
    } else {
        probe_tell(probing->probe, false, one->what,
                   arena_printf(arena, "%s%s%s", delivery_reason_sentence(reason, LANGUAGE_ZH), blank,
                                answer->words),
                   arena_printf(arena, "%s%s%s", delivery_reason_sentence(reason, LANGUAGE_EN), blank,
                                answer->words));
    }
    webhook_receiver_free(one->receiver);
    free(one);
    if (--probing->under_way == 0) {
        loop_stop(probing->loop);
    }
}

static void connect_to(struct probing *probing, struct webhook_receiver *receiver, const char *what) {
    struct one *one = memory_new(sizeof(*one));
    *one = (struct one){ .probing = probing, .receiver = receiver, .what = what };
    probing->under_way++;
    webhook_post_start(probing->client,
                       &(struct webhook_request){ .url = receiver->url,
                                                  .plain = receiver->plain,
                                                  .allowed = &receiver->allowed,
                                                  .authorities = buf_text(&receiver->authorities),
                                                  .only_connects = true,
                                                  .body = TEXT(""),
                                                  .connect_ms = PROBE_DEADLINE_MS,
                                                  .patience_ms = PROBE_DEADLINE_MS,
                                                  .done = answered,
                                                  .context = one });
}

static void probe_party(struct probing *probing, const struct party *party, const char *parties) {
    struct verdict told; /* check() has told them */
    struct probe *probe = probing->probe;
    struct webhook_url url;
    verdict_init(&told, probe->mistakes->arena);
    struct webhook_receiver *receiver = webhook_receiver_read(party, parties, SEVERITY_WARNING, &told);
    if (!receiver) {
        return;
    }
    const char *what = arena_printf(probe->mistakes->arena, "%s (%s)", receiver->url, party->code);
    probe_expiry(probe, stanza_text(party_stanza(party, "webhook"), "authorities"),
                 receiver->authorities_expire_s);
    if (probe->connect) {
        connect_to(probing, receiver, what); /* takes it; it resolves the name, too */
        return;
    }
    if (webhook_url_read(receiver->url, &url) && !url.is_literal) {
        probe_host(probe, url.host, what);
    }
    webhook_receiver_free(receiver);
}

void webhooks_probe(const struct edition *edition, const char *parties, struct probe *probe) {
    struct probing probing = { .probe = probe, .loop = loop_new() };
    probing.client = webhook_client_new(probing.loop);
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        if (party_stanza(party, "webhook") && !party->blocked) {
            probe_party(&probing, party, parties);
        }
    }
    if (probing.under_way) {
        loop_run(probing.loop);
    }
    webhook_client_free(probing.client);
    loop_free(probing.loop);
}
