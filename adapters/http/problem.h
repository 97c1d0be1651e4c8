/*
 * problem.h - problem documents (RFC 9457) and the names of HTTP's status codes.
 */
#ifndef ADAPTERS_HTTP_PROBLEM_H
#define ADAPTERS_HTTP_PROBLEM_H

#include "base/buf.h"

#define HTTP_PROBLEM_TYPE "application/problem+json"

const char *http_reason(int status); /* "Not Found"; "" for a code we never send */

/* Appends {"type", "title", "status", "code", "detail"}; type names the code as a URN. detail may be NULL. */
void http_problem_print(struct buf *buf, int status, const char *code, const char *detail);

#endif
