/*
 * router.c - patterns are compared segment by segment, in the order of the rows; parameters are decoded
 * once, strictly.
 */
#include "adapters/http/router.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/status.h"
#include "message/mistakes.h"

struct http_router {
    const struct http_route *routes;
    size_t count;
    void *context;
};

struct parameter {
    struct text name, value;
};

struct http_match {
    const struct http_route *route;
    size_t path_count, query_count;
    struct parameter path[HTTP_PATH_PARAMETERS_MAX];
    struct parameter query[HTTP_QUERY_PARAMETERS_MAX];
};

struct http_router *http_router_new(const struct http_route *routes, size_t count, void *context) {
    require(routes && count > 0);
    struct http_router *router = memory_new(sizeof(*router));
    *router = (struct http_router){ routes, count, context };
    return router;
}

void http_router_free(struct http_router *router) {
    free(router);
}

/* --- decoding ---------------------------------------------------------------------------------------- */

static unsigned nibble(char c) {
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

/* The reader has made sure that each '%' is followed by two hexadecimal digits. */
static bool decode(struct arena *arena, struct text coded, struct text *out) {
    char *to = arena_alloc(arena, coded.length + 1);
    *out = (struct text){ to, 0 };
    for (size_t i = 0; i < coded.length; i++) {
        unsigned char byte = (unsigned char)coded.at[i];
        if (byte == '%') {
            byte = (unsigned char)(nibble(coded.at[i + 1]) << 4 | nibble(coded.at[i + 2]));
            i += 2;
        }
        if (byte < 0x20 || byte == 0x7f) {
            return false;
        }
        to[out->length++] = (char)byte;
    }
    return text_is_utf8(*out);
}

static struct text find(const struct parameter *parameters, size_t count, struct text name) {
    for (size_t i = 0; i < count; i++) {
        if (text_equal(parameters[i].name, name)) {
            return parameters[i].value;
        }
    }
    return (struct text){ NULL, 0 };
}

/* At NULL: there is none left. Nothing between two of them is none. */
static struct text next_pair(struct text *rest) {
    while (rest->length) {
        struct text pair = text_until(rest, '&');
        if (pair.length && !text_is(pair, "=")) {
            return pair;
        }
    }
    return (struct text){ NULL, 0 };
}

/* NONE: it was read. */
static enum http_refusal read_query(struct http_request *req, struct http_match *match) {
    struct text rest = req->head->query;
    while (rest.length) {
        struct text value = next_pair(&rest), name = text_until(&value, '=');
        if (!name.at) {
            break;
        }
        if (match->query_count == HTTP_QUERY_PARAMETERS_MAX) {
            return HTTP_REFUSE_PARAMETERS;
        }
        struct parameter *parameter = &match->query[match->query_count];
        if (!decode(req->arena, name, &parameter->name) || !decode(req->arena, value, &parameter->value)) {
            return HTTP_REFUSE_PARAMETER_TEXT;
        }
        if (find(match->query, match->query_count, parameter->name).at) {
            return HTTP_REFUSE_PARAMETER_TWICE;
        }
        match->query_count++;
    }
    return HTTP_REFUSE_NONE;
}

/* --- names of the query ------------------------------------------------------------------------------- */

#define NAME_SHOWN 80 /* bytes of one that is wrong */

static bool is_known(const struct http_route *route, struct text name) {
    for (const char *const *known = route->query; *known; known++) {
        if (text_is(name, *known)) {
            return true;
        }
    }
    return false;
}

/* The first that the row does not know; NULL: it knows all. */
static const struct parameter *find_unknown(const struct http_match *match) {
    for (size_t i = 0; match->route->query && i < match->query_count; i++) {
        if (!is_known(match->route, match->query[i].name)) {
            return &match->query[i];
        }
    }
    return NULL;
}

/* Which it is, which was meant, and which there are. */
static void answer_unknown(struct http_request *req, const struct http_match *match,
                           const struct parameter *unknown) {
    struct text name = text_cut(unknown->name, NAME_SHOWN);
    const char *all = "";
    struct nearest nearest;
    nearest_start(&nearest, name);
    for (const char *const *known = match->route->query; *known; known++) {
        nearest_try(&nearest, *known);
        all = arena_printf(req->arena, "%s%s%s", all, *all ? ", " : "", *known);
    }
    const char *meant = nearest_found(&nearest), *zh = "此资源没有查询参数", *en = "it has none at all";
    if (*all) {
        zh = arena_printf(req->arena, "%s%s%s此资源的查询参数为 %s", meant ? "是否为 " : "",
                          meant ? meant : "", meant ? "？" : "", all);
        en = arena_printf(req->arena, "%s%s%sit has %s", meant ? "did you mean " : "", meant ? meant : "",
                          meant ? "? " : "", all);
    }
    http_problem(req, http_refusal_status(HTTP_REFUSE_PARAMETER_NAME),
                 http_refusal_code(HTTP_REFUSE_PARAMETER_NAME),
                 arena_printf(req->arena, "没有查询参数 \"" TEXT_FORMAT "\"：%s", TEXT_ARGS(name), zh),
                 arena_printf(req->arena, "this resource has no query parameter \"" TEXT_FORMAT "\": %s",
                              TEXT_ARGS(name), en));
}

/* --- matching ---------------------------------------------------------------------------------------- */

/* Segment by segment; parameters are noted still encoded. An encoded slash does not end a segment. */
static bool fits(const char *pattern, struct text path, struct http_match *match) {
    struct text rest = text_of(pattern);
    match->path_count = 0;
    while (rest.length && path.length) {
        bool last = !memchr(rest.at, '/', rest.length);
        if (last != !memchr(path.at, '/', path.length)) {
            return false;
        }
        struct text expected = text_until(&rest, '/'), segment = text_until(&path, '/');
        if (expected.length > 2 && expected.at[0] == '{') {
            if (segment.length == 0) {
                return false;
            }
            require(match->path_count < HTTP_PATH_PARAMETERS_MAX && expected.at[expected.length - 1] == '}');
            match->path[match->path_count++] =
                (struct parameter){ { expected.at + 1, expected.length - 2 }, segment };
        } else if (!text_equal(expected, segment)) {
            return false;
        }
    }
    return rest.length == 0 && path.length == 0;
}

static bool serves(const struct http_route *route, enum http_method method) {
    return route->method == method || (route->method == METHOD_GET && method == METHOD_HEAD);
}

static const struct http_route *find_route(const struct http_router *router, enum http_method method,
                                           struct text path, struct http_match *match) {
    for (size_t i = 0; i < router->count; i++) {
        if (serves(&router->routes[i], method) && fits(router->routes[i].pattern, path, match)) {
            return &router->routes[i];
        }
    }
    return NULL;
}

/* The methods that rows have for this path, for Allow; "" when no row fits it. */
static const char *allowed_methods(const struct http_router *router, struct http_request *req) {
    struct http_match ignored;
    const char *list = "";
    for (int method = 0; method < METHOD_COUNT; method++) {
        if (find_route(router, method, req->head->path, &ignored)) {
            list = arena_printf(req->arena, "%s%s%s", list, *list ? ", " : "", http_method_name(method));
        }
    }
    return list;
}

static void answer_unrouted(const struct http_router *router, struct http_request *req) {
    const char *allowed = allowed_methods(router, req);
    const struct http_header headers[] = { { "Allow", allowed }, { NULL, NULL } };
    if (*allowed) {
        http_problem_refusal_with(req, HTTP_REFUSE_NO_METHOD, headers);
    } else {
        http_problem_refusal(req, HTTP_REFUSE_NO_RESOURCE);
    }
}

static enum http_refusal decode_path(struct http_request *req, struct http_match *match) {
    for (size_t i = 0; i < match->path_count; i++) {
        if (!decode(req->arena, match->path[i].value, &match->path[i].value)) {
            return HTTP_REFUSE_PATH_TEXT;
        }
    }
    return HTTP_REFUSE_NONE;
}

void http_router_admit(struct http_request *req, void *context) {
    const struct http_router *router = context;
    struct http_match *match = arena_alloc(req->arena, sizeof(*match));
    match->route = find_route(router, req->head->method, req->head->path, match);
    if (!match->route) {
        answer_unrouted(router, req);
        return;
    }
    enum http_refusal refusal = decode_path(req, match);
    if (!refusal) {
        refusal = read_query(req, match);
    }
    if (refusal) {
        http_problem_refusal(req, refusal);
        return;
    }
    const struct parameter *unknown = find_unknown(match);
    if (unknown) {
        answer_unknown(req, match, unknown);
        return;
    }
    req->match = match;
    http_request_limit(req, match->route->body_max);
    if (match->route->admit) {
        match->route->admit(req, router->context);
    }
}

void http_router_handle(struct http_request *req, void *context) {
    require(req->match && req->match->route);
    const struct http_router *router = context;
    req->match->route->handle(req, router->context);
}

const struct http_route *http_request_route(const struct http_request *req) {
    require(req->match);
    return req->match->route;
}

struct text http_path_parameter(const struct http_request *req, const char *name) {
    require(req->match);
    return find(req->match->path, req->match->path_count, text_of(name));
}

struct text http_query_parameter(const struct http_request *req, const char *name) {
    require(req->match);
    return find(req->match->query, req->match->query_count, text_of(name));
}

const char *http_query_without(const struct http_request *req, const char *name) {
    require(req->match);
    struct text rest = req->head->query, pair;
    char *kept = arena_alloc(req->arena, rest.length + 2), *to = kept;
    for (size_t i = 0; (pair = next_pair(&rest)).at; i++) {
        require(i < req->match->query_count); /* they were read in this order */
        if (!text_is(req->match->query[i].name, name)) {
            memcpy(to, pair.at, pair.length);
            to += pair.length;
            *to++ = '&';
        }
    }
    *to = '\0';
    return kept;
}
