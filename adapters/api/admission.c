/*
 * admission.c - what the parties may use of the server, and whether there is an answer yet.
 */
#include "adapters/api/shared.h"

#include "base/memory.h"
#include "edition/party.h"
#include "adapters/expiry.h"

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

/* Before anybody who is known is answered from state.db. */
void api_admit_view(struct http_request *req, void *context) {
    struct api_asker asker;
    if (api_asker_of(context, req, &asker)) {
        (void)answer_if_behind(context, req);
    }
}

/* Before anybody else is. */
void api_admit_caught_up(struct http_request *req, void *context) {
    (void)answer_if_behind(context, req);
}
