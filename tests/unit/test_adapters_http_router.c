/*
 * Requests through a table of routes: which row they reach, with which parameters, or why none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "http_kit.h"
#include "adapters/http/router.h"

static void show(struct http_request *req, const char *row, const char *parameter) {
    struct text value = parameter ? http_path_parameter(req, parameter) : TEXT("");
    struct text q = http_query_parameter(req, "q");
    http_answer(
        req, 200, "text/plain", NULL,
        text_of(arena_printf(req->arena, "%s " TEXT_FORMAT " %s" TEXT_FORMAT " " TEXT_FORMAT, row,
                             TEXT_ARGS(value), q.at ? "q=" : "", TEXT_ARGS(q), TEXT_ARGS(req->body))));
}

static void list(struct http_request *req, void *context) {
    show(req, "list", NULL);
}
static void take(struct http_request *req, void *context) {
    show(req, context, NULL);
}
static void one(struct http_request *req, void *context) {
    show(req, "one", "number");
}
static void latest(struct http_request *req, void *context) {
    show(req, "latest", NULL);
}
static void part(struct http_request *req, void *context) {
    show(req, "part", "part");
}

static void only_xml(struct http_request *req, void *context) {
    if (strcmp(http_request_type(req), "text/xml") != 0) {
        http_problem(req, 415, "media-type", "只收 text/xml", "only text/xml is taken");
    }
}

/* clang-format off */
static const struct http_route routes[] = {
    { METHOD_GET,    "/v1/messages",                       .handle = list },
    { METHOD_POST,   "/v1/messages",                       .handle = take, .admit = only_xml, .body_max = 5 },
    { METHOD_GET,    "/v1/messages/latest",                .handle = latest },
    { METHOD_GET,    "/v1/messages/{number}",              .handle = one },
    { METHOD_DELETE, "/v1/messages/{number}",              .handle = one },
    { METHOD_GET,    "/v1/messages/{number}/parts/{part}", .handle = part },
    { METHOD_GET,    "/",                                  .handle = list },
    { METHOD_GET,    "/v1/alerts",                         .handle = list, .query = (const char *const[]){ "state", "limit", "q", NULL } },
    { METHOD_GET,    "/v1/clock",                          .handle = list, .query = (const char *const[]){ NULL } },
};
/* clang-format on */

static struct http_kit kit;
static struct http_router *router;
static struct http_client client;

static int start(void **state) {
    router = http_router_new(routes, sizeof(routes) / sizeof(*routes), "context");
    const struct http_listen listen = {
        .address = "127.0.0.1:0",
        .body_max = 100,
        .admit = http_router_admit,
        .handle = http_router_handle,
        .context = router,
    };
    kit_start(&kit, NULL, &listen, 1);
    return 0;
}

static int stop(void **state) {
    kit_stop(&kit);
    http_router_free(router);
    return 0;
}

static void test_routes(void **state) {
    /* clang-format off */
    static const struct { const char *line, *more; int status; const char *expected; } cases[] = {
        { "GET /",                        "", 200, "list  " },
        { "GET /v1/messages",             "", 200, "list  " },
        { "GET /v1/messages/latest",      "", 200, "latest  " },
        { "GET /v1/messages/17",          "", 200, "one 17 " },
        { "DELETE /v1/messages/latest",   "", 200, "one latest " },
        { "GET /v1/messages/17/parts/a%2fb%20c", "", 200, "part a/b c " },
        { "GET /v1/messages/%E6%8A%A5%e5%85%b3", "", 200, "one 报关 " },
        { "GET /v1/messages/a+b",         "", 200, "one a+b " },
        { "GET /v1/messages/%2525",       "", 200, "one %25 " },        /* decoded once */
        { "GET /v1/messages?q=x",         "", 200, "list  q=x" },
        { "GET /v1/messages?q=",          "", 200, "list  q=" },
        { "GET /v1/messages?q",           "", 200, "list  q=" },
        { "GET /v1/messages?&a=b&&q=1%262&c=d&", "", 200, "list  q=1&2" },
        { "GET /v1/messages?%71=x",       "", 200, "list  q=x" },
        { "GET /v1/messages?q=a=b+c",     "", 200, "list  q=a=b+c" },
        { "POST /v1/messages",            "Content-Type: text/xml\r\nContent-Length: 5\r\n\r\n12345", 200, "context   12345" },

        { "GET /v1/messages/",            "", 404, "not-found" },
        { "GET /v1/messages//parts/x",    "", 404, "not-found" },
        { "GET /v1/messages/17/",         "", 404, "not-found" },
        { "GET /v1/messages/17/parts",    "", 404, "not-found" },
        { "GET /v1/messages/17/parts/",   "", 404, "not-found" },
        { "GET /v1/messages/17/parts/x/y", "", 404, "not-found" },
        { "GET //v1/messages",            "", 404, "not-found" },
        { "GET /v1%2Fmessages",           "", 404, "not-found" },
        { "GET /V1/messages",             "", 404, "not-found" },
        { "GET /v1/messagesx",            "", 404, "not-found" },
        { "GET /v1",                      "", 404, "not-found" },
        { "PUT /v1/messages",             "", 405, "method-not-allowed" },
        { "POST /v1/messages/17",         "", 405, "method-not-allowed" },

        { "GET /v1/messages/%ff",         "", 400, "parameter" },
        { "GET /v1/messages/%c0%af",      "", 400, "parameter" },
        { "GET /v1/messages?q=%00",       "", 400, "parameter" },
        { "GET /v1/messages?q=%0d%0a",    "", 400, "parameter" },
        { "GET /v1/messages?q=%fe",       "", 400, "parameter" },
        { "GET /v1/messages?q=1&q=1",     "", 400, "parameter" },
        { "GET /v1/messages?q=1&%71=1",   "", 400, "parameter" },
        { "GET /v1/messages?q&q",         "", 400, "parameter" },

        { "GET /v1/alerts?%71=x&limit=1", "", 200, "list  q=x" },
        { "GET /v1/alerts?&=&",           "", 200, "list  " },          /* nothing is given */
        { "GET /v1/clock?",               "", 200, "list  " },
        { "GET /v1/alerts?q=1&stat=open", "", 400, "no query parameter \\\"stat\\\": did you mean state? it has state, limit, q" },
        { "GET /v1/alerts?State=open",    "", 400, "did you mean state? " },
        { "GET /v1/alerts?weather=x",     "", 400, "no query parameter \\\"weather\\\": it has state, limit, q" },
        { "GET /v1/alerts?=x",            "", 400, "unknown-parameter" },
        { "GET /v1/alerts?%3Cb%3E\xe2\x80\xae", "", 400, "target" },      /* is not percent-encoded */
        { "GET /v1/alerts?state%20=open", "", 400, "did you mean state? " },
        { "GET /v1/clock?q=x",            "", 400, "no query parameter \\\"q\\\": it has none at all" },

        { "POST /v1/messages",            "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n12345", 415, "media-type" },
        { "POST /v1/messages",            "Content-Type: text/xml\r\nContent-Length: 6\r\n\r\n", 413, "body-too-large" },
        { "GET /v1/messages",             "Content-Length: 1\r\n\r\nx", 413, "body-too-large" },
    };
    /* clang-format on */
    struct buf body;
    buf_init(&body, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char request[1024];
        snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: a\r\n%s", cases[i].line,
                 *cases[i].more ? cases[i].more : "\r\n");
        assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
        client_says(&client, request);
        buf_clear(&body);
        int status = client_answer(&client, false, NULL, &body);
        if (status != cases[i].status || !strstr(body.at, cases[i].expected)) {
            fail_msg("%s: %d %s", cases[i].line, status, body.at);
        }
        client_close(&client);
    }
    buf_release(&body);
}

static void assert_allows(const char *request, const char *allow) {
    struct buf head;
    buf_init(&head, 10000);
    assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
    client_says(&client, request);
    assert_int_equal(client_answer(&client, false, &head, NULL), 405);
    if (!strstr(head.at, allow)) {
        fail_msg("%s", head.at);
    }
    client_close(&client);
    buf_release(&head);
}

static void test_allow(void **state) {
    assert_allows("PUT /v1/messages HTTP/1.1\r\nHost: a\r\n\r\n", "Allow: GET, HEAD, POST\r\n");
    assert_allows("POST /v1/messages/17 HTTP/1.1\r\nHost: a\r\n\r\n", "Allow: GET, HEAD, DELETE\r\n");
    assert_allows("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", "Allow: GET, HEAD\r\n");
}

static void test_head(void **state) {
    struct buf head;
    buf_init(&head, 10000);
    assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
    client_says(&client, "HEAD /v1/messages/17 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, true, &head, NULL), 200);
    assert_non_null(strstr(head.at, "Content-Length: 8\r\n"));
    assert_int_equal(client_asks(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    client_close(&client);
    buf_release(&head);
}

static void test_number_of_parameters(void **state) {
    for (int count = HTTP_QUERY_PARAMETERS_MAX; count <= HTTP_QUERY_PARAMETERS_MAX + 1; count++) {
        struct buf request;
        buf_init(&request, 10000);
        buf_add_string(&request, "GET /?");
        for (int i = 0; i < count; i++) {
            buf_printf(&request, "p%d=%d&", i, i);
        }
        buf_add_string(&request, " HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(client_open(&client, http_server_port(kit.server, 0), NULL));
        assert_int_equal(client_asks(&client, request.at), count > HTTP_QUERY_PARAMETERS_MAX ? 400 : 200);
        client_close(&client);
        buf_release(&request);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_allow),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_number_of_parameters),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
