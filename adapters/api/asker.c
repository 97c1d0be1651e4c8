/*
 * asker.c - who asks: a party by its certificate; a person by the cookie of a session, or by the word of a
 * proxy that has proved itself. Which of it counts says the listener that the request came to, and nothing
 * else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "adapters/api/forwarded.h"
#include "adapters/api/shared.h"

static stamp now_of(const struct api *api) {
    return clock_now(journal_clock(api->options.journal));
}

/* --- fields of a head ----------------------------------------------------------------------------------- */

/* How many of that name there are; *value: the first one's. */
static size_t count_fields(const struct http_request *req, struct text name, struct text *value) {
    size_t count = 0;
    for (size_t i = 0; i < req->head->field_count; i++) {
        const struct http_field *field = &req->head->fields[i];
        if (field->name.length == name.length && strncasecmp(field->name.at, name.at, name.length) == 0) {
            *value = count++ ? *value : field->value;
        }
    }
    return count;
}

/* Two cookies of that name, or two fields of cookies, are none: who could set one beside ours is not
 * believed. */
bool api_session_cookie(const struct http_request *req, struct digest *digest) {
    struct text rest = { NULL, 0 }, token = { NULL, 0 };
    size_t found = 0;
    if (count_fields(req, TEXT("cookie"), &rest) != 1) {
        return false;
    }
    while (rest.length) {
        struct text value = text_trim(text_until(&rest, ';')), name = text_until(&value, '=');
        if (text_is(name, API_COOKIE)) {
            token = value;
            found++;
        }
    }
    if (found != 1 || token.length != SESSION_TOKEN_MAX - 1) {
        return false;
    }
    *digest = digest_of(token.at, token.length);
    return true;
}

/* --- the proxy ------------------------------------------------------------------------------------------ */

static bool is_proxy(const struct people *people, const struct http_request *req) {
    const struct tls_identity *identity = req->peer->identity;
    struct text secret = { NULL, 0 };
    bool by_certificate =
        identity && identity->name && people->proxy.length && text_is(people->proxy, identity->name);
    bool by_secret =
        count_fields(req, TEXT(PEOPLE_SECRET_HEADER), &secret) == 1 && people_know_secret(people, secret);
    return by_certificate || by_secret;
}

/* The name that a proxy gives, and whether one is given at all. It was proved when it was admitted. */
static bool is_named(const struct api *api, const struct http_request *req, struct text *name) {
    const struct people *people = api->people;
    return people->user_header.length && count_fields(req, people->user_header, name) > 0;
}

/* Of several fields the last one: a proxy adds its own behind what it was sent. From anybody who is not the
 * proxy the header is passed over, not refused: programs and other proxies on the way set it as they like. */
void api_client_address(const struct api *api, const struct http_request *req, char out[INET6_ADDRSTRLEN]) {
    struct text header = api->people->client_header, value = { NULL, 0 };
    for (size_t i = 0; header.length && i < req->head->field_count; i++) {
        const struct http_field *field = &req->head->fields[i];
        if (field->name.length == header.length
            && strncasecmp(field->name.at, header.at, header.length) == 0) {
            value = field->value;
        }
    }
    if (value.length && !is_proxy(api->people, req)) {
        log_event_bounded(LOG_INFO, EVENT_API_CLIENT_HEADER_IGNORED,
                          LOG_STRING("address", req->peer->address), LOG_END);
    } else if (value.length && forwarded_read(header, value, out)) {
        return;
    }
    snprintf(out, INET6_ADDRSTRLEN, "%s", req->peer->address);
}

/* --- before anything else ------------------------------------------------------------------------------- */

static bool changes_something(const struct http_request *req) {
    return req->head->method != METHOD_GET && req->head->method != METHOD_HEAD;
}

/* A browser says from which page a request comes, and no page can make it say something else. */
static bool comes_from_ours(const struct api *api, const struct http_request *req) {
    struct text origin = { NULL, 0 };
    return count_fields(req, TEXT("origin"), &origin) == 1 && people_have_origin(api->people, origin);
}

void api_admit_people(struct http_request *req, void *context) {
    struct api *api = context;
    struct text name = { NULL, 0 };
    bool named = is_named(api, req, &name);
    struct text value;
    if (named && (count_fields(req, api->people->user_header, &value) != 1 || !is_proxy(api->people, req))) {
        log_event_bounded(LOG_WARN, EVENT_API_USER_HEADER_REFUSED, LOG_STRING("address", req->peer->address),
                          LOG_END);
        api_problem(req, API_PROBLEM_USER_HEADER);
    } else if (changes_something(req) && !comes_from_ours(api, req)) {
        api_problem(req, API_PROBLEM_ORIGIN);
    } else {
        http_router_admit(req, api->routers[API_PEOPLE]);
    }
}

void api_handle_people(struct http_request *req, void *context) {
    struct api *api = context;
    http_router_handle(req, api->routers[API_PEOPLE]);
}

/* --- accounts ------------------------------------------------------------------------------------------- */

static enum api_problem find_account(const struct api *api, const struct account *account,
                                     struct api_asker *out) {
    const struct party *party = account ? parties_find(api->edition->parties, text_of(account->party)) : NULL;
    if (!party || !sight_role_suits(account->role, party)) {
        return API_PROBLEM_NO_ACCOUNT;
    }
    if (party->blocked) {
        return API_PROBLEM_PARTY_BLOCKED;
    }
    *out = (struct api_asker){ .party = party, .account = account, .role = account->role };
    return API_PROBLEMS_COUNT;
}

bool api_asker_of_account(const struct api *api, struct text name, struct api_asker *out) {
    return find_account(api, accounts_find(api->people->accounts, name), out) == API_PROBLEMS_COUNT;
}

/* A page that is left open goes on asking, and a stream that breaks is opened again: what no person does
 * keeps no session. The one place that says so. */
static bool is_unattended(const struct http_request *req) {
    struct text value;
    return count_fields(req, TEXT(PEOPLE_UNATTENDED_HEADER), &value) > 0
           || text_is(req->head->path, "/v1/events");
}

/* NULL: it is over. */
static const struct session *find_session(const struct api *api, const struct http_request *req,
                                          const struct digest *digest, const struct account **account) {
    const struct accounts *accounts = api->people->accounts;
    if (!is_unattended(req)) {
        return sessions_use(api->sessions, digest, now_of(api), accounts, account);
    }
    const struct session *session = sessions_find(api->sessions, digest, now_of(api), accounts);
    *account = session ? accounts_find(accounts, text_of(session->account)) : NULL;
    return session;
}

/* COUNT: *out is who it is. */
static enum api_problem find_person(const struct api *api, const struct http_request *req,
                                    struct api_asker *out) {
    const struct accounts *accounts = api->people->accounts;
    const struct session *session = NULL;
    const struct account *account = NULL;
    struct text name;
    struct digest digest;
    if (is_named(api, req, &name)) {
        account = accounts_find(accounts, name);
    } else if (!api_session_cookie(req, &digest)) {
        return API_PROBLEM_SIGNED_OUT;
    } else {
        session = find_session(api, req, &digest, &account);
        if (!session) {
            return API_PROBLEM_SIGNED_OUT;
        }
    }
    enum api_problem problem = find_account(api, account, out);
    out->session = session;
    return problem;
}

/* --- parties -------------------------------------------------------------------------------------------- */

static const struct party *party_of_peer(const struct api *api, const struct http_peer *peer) {
    const struct tls_identity *identity = peer->identity;
    return identity && identity->name ? parties_of_certificate(api->edition->parties, text_of(identity->name))
                                      : NULL;
}

const struct party *api_party_of_peer(const struct api *api, const struct http_peer *peer) {
    const struct party *party = party_of_peer(api, peer);
    return party && !party->blocked ? party : NULL;
}

/* NULL: answered already. */
static const struct party *party_of(struct api *api, struct http_request *req) {
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

/* --- what is noted before it is shown ------------------------------------------------------------------- */

struct showing {
    struct api *api;
    struct http_request *req;
    void (*again)(struct http_request *req, void *api);
};

/* Asked from the beginning: whoever it was may have been signed out meanwhile. */
static void noted(void *context, enum status status) {
    struct showing showing = *(struct showing *)context;
    free(context);
    if (status == STATUS_OK) {
        if (http_request_go_on(showing.req)) {
            showing.again(showing.req, showing.api);
        }
    } else {
        api_problem(showing.req, API_PROBLEM_NOT_NOTED);
    }
}

bool api_may_show(struct api *api, struct http_request *req, const struct api_asker *asker,
                  const struct sight *sight, const char *question, struct text subject,
                  void (*again)(struct http_request *req, void *api)) {
    if (!sight->is_by_role) {
        return true;
    }
    struct reading reading = { asker->account, question, subject };
    if (readings_have(api->readings, &reading, now_of(api))) {
        return true;
    }
    struct showing *showing = memory_new(sizeof(*showing));
    *showing = (struct showing){ api, req, again };
    http_request_hold(req, NULL, NULL);
    readings_note(api->readings, &reading, now_of(api), noted, showing);
    return false;
}

/* --- both ----------------------------------------------------------------------------------------------- */

bool api_asker_of(struct api *api, struct http_request *req, struct api_asker *out) {
    *out = (struct api_asker){ .role = SIGHT_PARTY };
    if (req->peer->audience == API_MACHINES) {
        out->party = party_of(api, req);
        return out->party != NULL;
    }
    require(req->peer->audience == API_PEOPLE);
    enum api_problem problem = find_person(api, req, out);
    if (problem != API_PROBLEMS_COUNT) {
        api_problem(req, problem);
        return false;
    }
    return true;
}

bool api_asker_is_still(const struct api *api, const struct http_request *req, struct api_asker *out) {
    *out = (struct api_asker){ .role = SIGHT_PARTY };
    if (req->peer->audience == API_MACHINES) {
        out->party = api_party_of_peer(api, req->peer);
        return out->party != NULL;
    }
    require(req->peer->audience == API_PEOPLE);
    return find_person(api, req, out) == API_PROBLEMS_COUNT;
}
