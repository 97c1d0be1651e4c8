/*
 * people.h - by which rules people are let in: accounts, origins, the proxy that may name them, and how long
 * a session lasts. One immutable whole, read from the settings and the files that they name.
 *
 *   origins       "https://gate.example https://gate.example:8443": of which pages a request that changes
 *                 something may be; compared as a browser writes it
 *   user_header   the header in which a trusted proxy names the account; it proves itself by its client
 *                 certificate (the name of which is `proxy`) or by a secret in the header
 *                 CLEARWAY-PROXY-SECRET
 *   client_header the header in which it names the address of who asks (forwarded.h), for whose tries to
 *                 sign in are counted
 */
#ifndef ADAPTERS_API_PEOPLE_H
#define ADAPTERS_API_PEOPLE_H

#include "base/digest.h"
#include "message/verdict.h"
#include "adapters/api/accounts.h"
#include "adapters/api/sessions.h"

#define PEOPLE_SECRET_HEADER     "clearway-proxy-secret"
/* Nobody sits before the page that asks: that is no use of the session. */
#define PEOPLE_UNATTENDED_HEADER "clearway-unattended"
#define PEOPLE_SECRET_MIN        32 /* bytes */
#define PEOPLE_ORIGINS_MAX       16

enum people_option {
    PEOPLE_ACCOUNTS,
    PEOPLE_ORIGINS,
    PEOPLE_USER_HEADER,
    PEOPLE_CLIENT_HEADER,
    PEOPLE_PROXY_SECRET,
    PEOPLE_PROXY,
    PEOPLE_OPTIONS_COUNT
};

struct people_options {
    const char *values[PEOPLE_OPTIONS_COUNT]; /* "": not set; of accounts and secret the file */
    int64_t idle_minutes, session_hours;
    const struct parties *parties;
    /* Adds a finding about one of them; arena: of the sentences. */
    void (*say)(void *context, enum people_option option, enum severity severity, const char *zh,
                const char *en, struct verdict *mistakes);
    void *context;
};

struct people {
    struct arena *arena;
    struct accounts *accounts; /* NULL: none */
    struct text origins[PEOPLE_ORIGINS_MAX];
    size_t origins_count;
    struct text user_header, client_header, proxy; /* empty: not set */
    bool has_secret;
    struct digest secret; /* the digest of it */
    struct session_terms terms;
};

/* Always something: what was told as a mistake is left out of it. */
struct people *people_load(const struct people_options *options, struct verdict *mistakes);
void people_free(struct people *people); /* NULL is fine */
bool people_have_origin(const struct people *people, struct text origin);
/* By its secret; in a time that does not tell how much of it is right. */
bool people_know_secret(const struct people *people, struct text secret);

#endif
