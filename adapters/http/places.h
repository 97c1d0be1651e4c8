/*
 * places.h - whose place a connection takes: a stranger's, of which each listener has its own and one address
 * may have only some; or one of its party's, among those that strangers cannot take.
 *
 * A connection is a stranger from accept() until it has proved whose it is, and stays one if it never does.
 * So a flood of strangers keeps out no party, one at a listener is not felt at the others, and of what
 * parties share one may have as many places as are still free. Thread: the loop thread.
 */
#ifndef ADAPTERS_HTTP_PLACES_H
#define ADAPTERS_HTTP_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/http/addresses.h"
#include "adapters/http/exchange.h"
#include "adapters/http/options.h"

struct http_connection;

/* Of all connections of one server. */
struct http_places {
    const struct http_options *options;
    size_t taken, strangers; /* strangers: of those taken, the ones that are not a party's */
};

/* Of one listener, the one that has waited longest first. */
struct http_strangers {
    struct addresses *addresses;
    struct http_place *oldest, *newest;
    size_t count;
};

/* Of one connection. */
struct http_place {
    struct http_connection *conn;
    struct http_places *places;
    struct http_strangers *strangers; /* NULL: it is none of them */
    struct address *address;          /* of a stranger */
    struct http_place *older, *newer; /* among them */
    struct http_account *account;     /* NULL: a stranger, or a unix socket */
};

enum http_placing {
    HTTP_PLACED,
    HTTP_PLACED_OVER_LIMIT,     /* one too many of its party: its first request is to be refused */
    HTTP_PLACED_FAR_OVER_LIMIT, /* not worth a request: to be closed */
};

/* Takes a place, nobody's to begin with. conn is what it is of. */
void http_place_take(struct http_place *place, struct http_places *places, struct http_connection *conn);
void http_place_give_back(struct http_place *place);

/* strangers have counted the address (addresses_take()); it is given back when the stranger leaves. */
void http_place_join_strangers(struct http_place *place, struct http_strangers *strangers,
                               struct address *address);
/* It has proved whose it is, and leaves the strangers: what it uses is its party's from here on. */
enum http_placing http_place_join_party(struct http_place *place, struct http_account *account);

#endif
