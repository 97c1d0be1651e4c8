/*
 * problem.h - problem documents (RFC 9457) and the names of HTTP's status codes.
 */
#ifndef ADAPTERS_HTTP_PROBLEM_H
#define ADAPTERS_HTTP_PROBLEM_H

#include "base/buf.h"
#include "base/status.h"

#define HTTP_PROBLEM_TYPE "application/problem+json"

const char *http_reason(int status); /* "Not Found"; "" for a code we never send */

/* The page that explains a code: the type of its problems, relative to where it was asked. */
#define HTTP_PROBLEM_PAGES   "/problems/"

#define HTTP_STATUS_CODE_MAX 32
/* The code of an outcome's problems, in `code`: its name as "not-found". */
const char *http_status_code(enum status status, char code[HTTP_STATUS_CODE_MAX]);

/* Appends {"type", "title", "status", "code", "detail"}. detail may be NULL. */
void http_problem_print(struct buf *buf, int status, const char *code, const char *detail);

#endif
