/*
 * admission.c - who asks, by the channel, and whether there is an answer yet.
 */
#include "adapters/api/shared.h"

#include "base/log.h"
#include "base/memory.h"
#include "edition/party.h"
#include "adapters/expiry.h"

static const struct party *party_of_peer(const struct api *api, const struct http_peer *peer) {
    const struct tls_identity *identity = peer->identity;
    return identity && identity->name ? parties_of_certificate(api->edition->parties, text_of(identity->name))
                                      : NULL;
}

const struct party *api_party_of_peer(const struct api *api, const struct http_peer *peer) {
    const struct party *party = party_of_peer(api, peer);
    return party && !party->blocked ? party : NULL;
}

/* That of a party which has left stays for what of its requests is still under way. */
struct http_account **api_accounts_of(const struct api *api, const struct edition *edition) {
    const struct parties *parties = edition->parties, *before = api->edition->parties;
    struct http_account **accounts = memory_array(parties->count + 1, sizeof(struct http_account *));
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *known =
            api->accounts ? parties_find(before, text_of(parties->list[i].code)) : NULL;
        accounts[i] = known ? api->accounts[known - before->list]
                            : arena_alloc(api->options.accounts, sizeof(**accounts));
    }
    return accounts;
}

struct http_account *api_account_of_peer(const struct http_peer *peer, void *context) {
    const struct api *api = context;
    const struct party *party = api_party_of_peer(api, peer);
    if (!party) {
        return NULL;
    }
    expiry_tell("party", party->code, peer->identity->expires_s);
    return api->accounts[party - api->edition->parties->list];
}

/* Identity comes from the channel. NULL: answered already. */
const struct party *api_party_of(struct api *api, struct http_request *req) {
    const struct tls_identity *identity = req->peer->identity;
    const struct party *party = party_of_peer(api, req->peer);
    if (!party) {
        log_event_bounded(LOG_WARN, EVENT_HTTP_CERTIFICATE_OF_NO_PARTY,
                          LOG_STRING("address", req->peer->address),
                          LOG_STRING("subject", identity ? identity->subject : ""),
                          LOG_STRING("issuer", identity ? identity->issuer : ""), LOG_END);
        const char *name = identity && identity->name ? identity->name : "";
        api_problem_with(req, API_PROBLEM_UNKNOWN_PARTY,
                         arena_printf(req->arena, "没有参与方的证书名称为 \"%.100s\"", name),
                         arena_printf(req->arena, "no party has a certificate of the name \"%.100s\"", name));
        return NULL;
    }
    if (party->blocked) {
        api_problem(req, API_PROBLEM_PARTY_BLOCKED);
        return NULL;
    }
    return party;
}

/* After a start state.db may lack what the last life knew: nothing is better than "not there". True:
   answered. */
static bool answer_if_behind(struct api *api, struct http_request *req) {
    uint64_t behind = engine_behind(api->options.engine);
    if (behind) {
        unsigned long long left = behind;
        http_problem_status_with(req, STATUS_BEHIND,
                                 arena_printf(req->arena, "%s：尚余 %llu 条记录",
                                              status_sentence(STATUS_BEHIND, LANGUAGE_ZH), left),
                                 arena_printf(req->arena, "%s: %llu records to go",
                                              status_sentence(STATUS_BEHIND, LANGUAGE_EN), left),
                                 NULL);
    }
    return behind != 0;
}

/* Before a party is answered from state.db. */
void api_admit_view(struct http_request *req, void *context) {
    if (api_party_of(context, req)) {
        (void)answer_if_behind(context, req);
    }
}

/* Before anybody else is. */
void api_admit_caught_up(struct http_request *req, void *context) {
    (void)answer_if_behind(context, req);
}
