/*
 * session_requests.c - /v1/session: signing in, who one is, signing out.
 *
 *   POST  form ─► tries ─► one of the threads that hash ─► matches? ─► session durable ─► 200 with the cookie
 *                  429         both are busy: 429             401
 *
 * Whether there is an account of that name is nowhere to be seen: what is no account is hashed, counted and
 * answered as one with another password. Of what was typed only the name of an account that exists comes into
 * the log: people type passwords into the wrong field.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errands.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/password.h"
#include "base/stamp.h"
#include "base/status.h"
#include "adapters/api/shared.h"

#define COOKIE_MAX 256

/* A form that waits for its hash, and then for its session to be durable. */
struct signing_in {
    struct errand errand; /* first */
    struct api *api;
    struct http_request *req;
    size_t hasher; /* whose it is */
    char name[ACCOUNT_NAME_MAX + 1], address[INET6_ADDRSTRLEN];
    char *hash; /* NULL: there is no such account */
    char password[PASSWORD_MAX];
    size_t password_length;
    bool fits; /* what was sent can be a name and a password */
    bool matches;
    char token[SESSION_TOKEN_MAX];
    struct digest session;
};

static stamp now_of(const struct api *api) {
    return clock_now(journal_clock(api->options.journal));
}

static void signing_in_free(struct signing_in *signing) {
    if (signing->hash) {
        explicit_bzero(signing->hash, strlen(signing->hash));
    }
    free(signing->hash);
    explicit_bzero(signing, sizeof(*signing));
    free(signing);
}

/* --- the form (WHATWG URL, 5.1) ------------------------------------------------------------------------- */

static int hex_of(char c) {
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* False: not of that form. */
static bool decode(struct text coded, struct arena *arena, struct text *out) {
    char *to = arena_alloc(arena, coded.length + 1);
    *out = (struct text){ to, 0 };
    for (size_t i = 0; i < coded.length; i++) {
        char c = coded.at[i] == '+' ? ' ' : coded.at[i];
        if (c == '%') {
            int high = i + 2 < coded.length ? hex_of(coded.at[i + 1]) : -1;
            int low = i + 2 < coded.length ? hex_of(coded.at[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        to[out->length++] = c;
    }
    return true;
}

/* Each of the two once, and nothing else. */
static bool read_form(struct http_request *req, struct text *account, struct text *password) {
    struct text rest = req->body;
    *account = *password = (struct text){ NULL, 0 };
    while (rest.length) {
        struct text value = text_until(&rest, '&'), name = text_until(&value, '=');
        struct text *field = text_is(name, "account") ? account : text_is(name, "password") ? password : NULL;
        if (!field || field->at || !decode(value, req->arena, field)) {
            return false;
        }
    }
    return account->at && password->at;
}

/* --- answers -------------------------------------------------------------------------------------------- */

static void put_asker(struct json_out *out, const struct api_asker *asker) {
    json_put_string(out, "account", asker->account->name);
    json_put_string(out, "party", asker->party->code);
    json_put_string(out, "party_zh", asker->party->zh);
    json_put_string(out, "party_en", asker->party->en);
    json_put_string(out, "role", sight_role_text(asker->account->role));
    json_put_string(out, "role_zh", sight_role_name(asker->account->role, LANGUAGE_ZH));
    json_put_string(out, "role_en", sight_role_name(asker->account->role, LANGUAGE_EN));
    json_put_bool(out, "sends", sight_role_sends(asker->account->role));
    json_open_array(out, "declares");
    for (size_t i = 0; i < asker->party->declares.count; i++) {
        json_put_string(out, NULL, asker->party->declares.items[i]);
    }
    json_close_array(out);
    json_open_object(out, "sees");
    for (enum view_kind kind = 0; kind < VIEW_KINDS_COUNT; kind++) {
        json_put_string(out, view_kind_text(kind),
                        sight_reach_text(sight_role_reach(asker->account->role, kind)));
    }
    json_close_object(out);
}

static const struct shape_member sight_members[] = {
#define X(kind, text, what) { text, SHAPE_TEXT, .zh = "none、own 或 all", .en = "none, own or all: " what },
    VIEW_KIND_LIST(X)
#undef X
        SHAPE_END,
};

static const struct shape_member session_members[] = {
    { "account", SHAPE_TEXT, .zh = "账户", .en = "the account" },
    { "party", SHAPE_NAMED, .zh = "参与方", .en = "its party" },
    { "role", SHAPE_NAMED, .zh = "角色", .en = "its role" },
    { "sends", SHAPE_FLAG, .zh = "可提交报文", .en = "whether it may hand messages over" },
    { "declares", SHAPE_TEXTS, .zh = "可为之申报的企业代码",
      .en = "the companies in whose name the party declares" },
    { "sees", SHAPE_OBJECT, .zh = "各类可见的范围", .en = "how much it sees of each kind",
      .of = SHAPE_OF(sight_members) },
    { "begun", SHAPE_TIME, .zh = "会话始于",
      .en = "when the session began; absent where a proxy names the user", .is_optional = true },
    { "ends", SHAPE_TIME, .zh = "最迟止于", .en = "when it ends at the latest", .is_optional = true },
    { "ends_unless_used", SHAPE_TIME, .zh = "不再使用时止于", .en = "when it ends if it is not used",
      .is_optional = true },
    SHAPE_END,
};

const struct shape session_shape = { "Session", session_members };

static void answer_session(const struct api *api, struct http_request *req, const struct api_asker *asker,
                           const struct session *session, const char *cookie) {
    const struct session_terms terms = api->people->terms;
    char text[STAMP_TEXT_MAX];
    struct buf body;
    struct json_out out;
    const struct http_header headers[] = { { "Cache-Control", "no-store" },
                                           { cookie ? "Set-Cookie" : NULL, cookie },
                                           { NULL, NULL } };
    api_start_body(&body, &out);
    json_open_object(&out, NULL);
    put_asker(&out, asker);
    if (session) {
        stamp end = session->begun + terms.whole, idle = session->used + terms.idle;
        json_put_string(&out, "begun", stamp_print(session->begun, text));
        json_put_string(&out, "ends", stamp_print(end, text));
        json_put_string(&out, "ends_unless_used", stamp_print(idle < end ? idle : end, text));
    }
    json_close_object(&out);
    require(!buf_failed(&body));
    http_answer(req, 200, "application/json", headers, buf_text(&body));
    buf_release(&body);
}

/* Later: 429 with how long to wait. */
static void turn_away(struct http_request *req, enum api_problem problem, int seconds) {
    char text[16];
    snprintf(text, sizeof(text), "%d", seconds);
    api_problem_headers(req, problem,
                        (const struct http_header[]){ { "Retry-After", text }, { NULL, NULL } });
}

/* --- signing in ----------------------------------------------------------------------------------------- */

static void hash(struct errand *errand) {
    struct signing_in *signing = (struct signing_in *)errand;
    struct text password = { signing->password, signing->password_length };
    signing->matches = password_matches(password, signing->hash) && signing->fits;
}

static void begun(void *context, enum status status) {
    struct signing_in *signing = context;
    struct api *api = signing->api;
    struct http_request *req = signing->req;
    const struct session *session =
        sessions_find(api->sessions, &signing->session, now_of(api), api->people->accounts);
    struct api_asker asker;
    char cookie[COOKIE_MAX];
    if (status != STATUS_OK) {
        if (session) {
            sessions_end(api->sessions, &signing->session, NULL, NULL);
        }
        http_problem_status(req, STATUS_BUSY);
    } else if (!session || !api_asker_of_account(api, text_of(session->account), &asker)) {
        api_problem(req, API_PROBLEM_SIGN_IN); /* other accounts came into force meanwhile */
    } else {
        snprintf(cookie, sizeof(cookie),
                 API_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%lld", signing->token,
                 (long long)(api->people->terms.whole / STAMP_SECOND));
        log_event(LOG_INFO, EVENT_API_SIGNED_IN, LOG_STRING("account", asker.account->name),
                  LOG_STRING("address", signing->address), LOG_END);
        answer_session(api, req, &asker, session, cookie);
        explicit_bzero(cookie, sizeof(cookie));
    }
    signing_in_free(signing);
}

static void refuse(struct signing_in *signing) {
    log_event_bounded(LOG_WARN, EVENT_API_SIGN_IN_REFUSED,
                      LOG_STRING("account", signing->hash ? signing->name : ""),
                      LOG_STRING("address", signing->address), LOG_END);
    room_counter_add(&http_counters[HTTP_COUNT_SIGN_INS_REFUSED], 1);
    api_problem(signing->req, API_PROBLEM_SIGN_IN);
    signing_in_free(signing);
}

/* The session of the cookie that the request came with, of whomever. */
static void end_session_before(struct api *api, const struct http_request *req) {
    struct digest digest;
    if (api_session_cookie(req, &digest)) {
        sessions_end(api->sessions, &digest, NULL, NULL);
        api_change_events(api);
    }
}

/* Asked anew: other accounts may be in force by now. */
static void hashed(struct errand *errand, bool ran) {
    struct signing_in *signing = (struct signing_in *)errand;
    struct api *api = signing->api;
    api->hashers[signing->hasher].is_busy = false;
    if (!ran) {
        http_problem_status(signing->req, STATUS_CLOSED);
        signing_in_free(signing);
        return;
    }
    const struct account *account = accounts_find(api->people->accounts, text_of(signing->name));
    if (!signing->matches || !account || strcmp(account->password, signing->hash) != 0) {
        refuse(signing);
        return;
    }
    tries_forgive(api->tries, signing->address, text_of(signing->name), stamp_monotonic_ms());
    end_session_before(api, signing->req);
    enum status status = sessions_begin(api->sessions, account, now_of(api), signing->token, begun, signing);
    if (status != STATUS_OK) {
        http_problem_status(signing->req, status);
        signing_in_free(signing);
        return;
    }
    signing->session = digest_of(signing->token, strlen(signing->token));
}

static struct signing_in *signing_in_new(struct api *api, struct http_request *req, const char *address,
                                         struct text name, struct text password) {
    struct signing_in *signing = memory_new(sizeof(*signing));
    signing->errand = (struct errand){ .run = hash, .done = hashed };
    signing->api = api;
    signing->req = req;
    signing->fits = account_name_is_sound(name) && password.length <= PASSWORD_MAX;
    memcpy(signing->name, name.at, name.length < ACCOUNT_NAME_MAX ? name.length : ACCOUNT_NAME_MAX);
    signing->password_length = password.length < PASSWORD_MAX ? password.length : PASSWORD_MAX;
    memcpy(signing->password, password.at, signing->password_length);
    snprintf(signing->address, sizeof(signing->address), "%s", address);
    const struct account *account = signing->fits ? accounts_find(api->people->accounts, name) : NULL;
    signing->hash = account && *account->password ? memory_string(account->password) : NULL;
    return signing;
}

void api_sign_in(struct http_request *req, void *context) {
    struct api *api = context;
    struct text name, password;
    if (strcmp(http_request_type(req), "application/x-www-form-urlencoded") != 0) {
        api_problem(req, API_PROBLEM_NOT_FORM);
        return;
    }
    if (!read_form(req, &name, &password)) {
        api_problem(req, API_PROBLEM_FORM);
        return;
    }
    size_t hasher = 0;
    while (hasher < API_HASHERS && api->hashers[hasher].is_busy) {
        hasher++;
    }
    if (hasher == API_HASHERS) {
        turn_away(req, API_PROBLEM_HASHING, 1);
        return;
    }
    char address[INET6_ADDRSTRLEN];
    api_client_address(api, req, address);
    int seconds = tries_count(api->tries, address, name, stamp_monotonic_ms());
    if (seconds) {
        room_counter_add(&http_counters[HTTP_COUNT_SIGN_INS_THROTTLED], 1);
        turn_away(req, API_PROBLEM_TRIES, seconds);
        return;
    }
    struct signing_in *signing = signing_in_new(api, req, address, name, password);
    explicit_bzero((char *)password.at, password.length);
    http_request_hold(req, NULL, NULL);
    signing->hasher = hasher;
    api->hashers[hasher].is_busy = true;
    errands_hand(api->hashers[hasher].errands, &signing->errand);
}

/* --- who one is, and signing out ------------------------------------------------------------------------ */

void api_show_session(struct http_request *req, void *context) {
    struct api *api = context;
    struct api_asker asker;
    if (api_asker_of(api, req, &asker)) {
        answer_session(api, req, &asker, asker.session, NULL);
    }
}

static void ended(void *context, enum status status) {
    struct http_request *req = context;
    static const struct http_header headers[] = {
        { "Set-Cookie", API_COOKIE "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0" },
        { "Cache-Control", "no-store" },
        { NULL, NULL },
    };
    if (status == STATUS_OK) {
        http_answer(req, 204, NULL, headers, TEXT(""));
    } else {
        http_problem_status(req, STATUS_BUSY); /* a restart could bring it back: it is to be tried again */
    }
}

void api_sign_out(struct http_request *req, void *context) {
    struct api *api = context;
    struct digest digest;
    if (!api_session_cookie(req, &digest)) {
        ended(req, STATUS_OK);
        return;
    }
    http_request_hold(req, NULL, NULL);
    sessions_end(api->sessions, &digest, ended, req);
    api_change_events(api);
}
