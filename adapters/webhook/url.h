/*
 * url.h - the address of a webhook, as an operator may write it: https://HOST[:PORT][/PATH][?QUERY].
 *
 * Stricter than RFC 3986, so that everybody who reads it sees the same host in it: no user, no fragment,
 * ASCII only (of a name in other letters its xn-- form), an IPv4 address in four decimal numbers only.
 */
#ifndef ADAPTERS_WEBHOOK_URL_H
#define ADAPTERS_WEBHOOK_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* Texts point into what was read. */
struct webhook_url {
    bool plain;       /* http */
    struct text host; /* without brackets */
    bool is_literal;  /* an address, not a name */
    struct text port; /* its digits; empty: the usual one */
    struct text rest; /* path and query; may be empty */
};

bool webhook_url_read(const char *url, struct webhook_url *out);
/* The one form of it: scheme and host in small letters, no usual port, a path. As it is when it cannot be
 * read. */
const char *webhook_url_normal(const char *url, struct arena *arena);

#endif
