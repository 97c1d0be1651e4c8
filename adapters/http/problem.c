/*
 * problem.c - the status codes we send, with their names, and one JSON document.
 */
#include "adapters/http/problem.h"

#include <stdio.h>

#include "base/json.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 100, "Continue" },
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 421, "Misdirected Request" },
    { 422, "Unprocessable Content" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
    { 507, "Insufficient Storage" },
};

const char *http_reason(int status) {
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "";
}

const char *http_status_code(enum status status, char code[HTTP_STATUS_CODE_MAX]) {
    snprintf(code, HTTP_STATUS_CODE_MAX, "%s", status_name(status));
    for (char *at = code; *at; at++) {
        *at = *at == '_' ? '-' : *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
    }
    return code;
}

void http_problem_print(struct buf *buf, int status, const char *code, const char *detail) {
    char type[128];
    snprintf(type, sizeof(type), HTTP_PROBLEM_PAGES "%s", code);
    struct json_out out;
    json_start(&out, buf);
    json_open_object(&out, NULL);
    json_put_string(&out, "type", type);
    json_put_string(&out, "title", http_reason(status));
    json_put_int(&out, "status", status);
    json_put_string(&out, "code", code);
    json_put_string(&out, "detail", detail);
    json_close_object(&out);
}
