/*
 * router.h - from method and path to a handler, by a table.
 *
 *   static const struct http_route routes[] = {
 *       { METHOD_POST, "/v1/messages",          .handle = take, .admit = may_send, .body_max = 16 << 20 },
 *       { METHOD_GET,  "/v1/messages/{number}", .handle = show },
 *   };
 *
 * A {name} fits one path segment that is not empty. Rows are tried in order. No row fits the path: 404. Rows
 * fit, but none with that method: 405 with Allow. A GET row also serves HEAD. Parameters of path and query
 * are percent-decoded once, strictly: what is not UTF-8, or decodes to a control character, and a query name
 * given twice, is a 400. '+' is a plus sign, as in RFC 3986 (clients write a blank as %20). A 400, too, is a
 * query name that the row does not know, where it says which it knows: who misspells a filter shall not take
 * the whole list for what he asked for.
 *
 * Both functions fit struct http_listen, with the router as context; rows get the router's own context.
 */
#ifndef ADAPTERS_HTTP_ROUTER_H
#define ADAPTERS_HTTP_ROUTER_H

#include <stddef.h>

#include "base/text.h"
#include "adapters/http/server.h"

enum { HTTP_PATH_PARAMETERS_MAX = 4, HTTP_QUERY_PARAMETERS_MAX = 32 };

struct http_route {
    enum http_method method;
    const char *pattern;
    void (*handle)(struct http_request *req, void *context);
    void (*admit)(struct http_request *req, void *context); /* may be NULL; may answer */
    size_t body_max;                                        /* 0: no body at all is taken (413) */
    const void *of;           /* what its handler wants to know of it; may be NULL */
    const char *const *query; /* names that its query may have, ended by NULL; NULL: any, and none is read */
};

struct http_router;

/* Borrows routes. */
struct http_router *http_router_new(const struct http_route *routes, size_t count, void *context);
void http_router_free(struct http_router *router);

void http_router_admit(struct http_request *req, void *router);
void http_router_handle(struct http_request *req, void *router);

/* Of a request that http_router_admit() found a row for: which one fitted. */
const struct http_route *http_request_route(const struct http_request *req);
/* Decoded; {NULL, 0} when absent. In the request's arena, followed by a NUL byte. */
struct text http_path_parameter(const struct http_request *req, const char *name);
struct text http_query_parameter(const struct http_request *req, const char *name);
/* The query as it was written, but for what is called so, however that is spelled (`%61fter` is `after`):
 * pairs, each followed by '&'; in the request's arena. */
const char *http_query_without(const struct http_request *req, const char *name);

#endif
