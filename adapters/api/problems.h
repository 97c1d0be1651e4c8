/*
 * problems.h - every code that a problem document 问题说明 (RFC 9457) of this API may carry, and what it
 * means.
 *
 * Codes come from four lists: of HTTP itself (http/reader.h), of outcomes (base/status.h), of what a question
 * says about its parameters and askers (view/view.h), and of the API, here. A code is stable, and means the
 * same wherever it comes; its sentence may say more where it is used. GET /problems/{code} explains it.
 */
#ifndef ADAPTERS_API_PROBLEMS_H
#define ADAPTERS_API_PROBLEMS_H

#include "base/status.h"
#include "adapters/http/exchange.h"
#include "adapters/http/problem.h"

/* clang-format off */
/*    problem          http code             zh, en */
#define API_PROBLEM_LIST(X)                                                                                  \
    X(UNKNOWN_PARTY,    403, "unknown-party", "没有参与方的证书为此名称",                                    \
                                              "no party has a certificate of that name")                     \
    X(PARTY_BLOCKED,    403, "party-blocked", "该参与方已被停用",                                            \
                                              "this party is blocked")                                       \
    X(NOT_XML,          415, "not-xml",       "请以 application/xml 提交报文",                               \
                                              "send the message as application/xml")                         \
    X(AGAIN,            400, "again",         "again 只取 1：让处理时被拒收的内容重新处理",                  \
                                              "again takes 1: decide anew what the engine refused")          \
    X(NO_EVENT,         400, "no-event",      "Last-Event-ID（或 after）应为本网关给出的事件编号",            \
                                              "Last-Event-ID, or after, is the id of an event that was told here") \
    X(EVENT_TYPE,       400, "event-type",    "type 应为 decision 或 milestone",                             \
                                              "type is decision or milestone")                               \
    X(NO_PROBLEM,       404, "not-found",     "没有此问题代码",                                              \
                                              "there is no problem of that code")                            \
    X(DELIVERY_ORDER,   404, "not-found",     "指令为 redrive 与 drop",                                      \
                                              "the orders are redrive and drop")                             \
    X(NO_REASON,        400, "no-reason",     "接收方已确认：再次投递须说明原因",                            \
                                              "the receiver has acknowledged it: say why it is to be sent again") \
    X(DELIVERED,        409, "delivered",     "接收方已确认，无可撤销",                                      \
                                              "the receiver has acknowledged it: nothing is left to drop")   \
    X(NO_ORDER,         400, "no-order",      "指令须指明记录，原因不超过 500 字节",                         \
                                              "an order names its records, and a reason of at most 500 bytes") \
    X(NOT_DOUBTED,      409, "not-doubted",   "系统时钟可信，无须采信",                                      \
                                              "the wall clock is believed: there is nothing to accept")
/* clang-format on */

enum api_problem {
#define X(problem, http, code, zh, en) API_PROBLEM_##problem,
    API_PROBLEM_LIST(X)
#undef X
        API_PROBLEMS_COUNT
};

/* Takes the request. */
void api_problem(struct http_request *req, enum api_problem problem);
/* The same, with a sentence that says more. */
void api_problem_with(struct http_request *req, enum api_problem problem, const char *zh, const char *en);

/* One meaning of a code: several questions may have a sentence of their own for it. */
struct api_meaning {
    char code[HTTP_STATUS_CODE_MAX];
    int http;
    const char *zh, *en;
    enum retry retry;     /* what the sender does about it */
    const char *question; /* whose sentence it is; "": everywhere */
};

struct api_meaning api_meaning_of(enum api_problem problem);
struct api_meaning api_meaning_of_status(enum status status);
struct api_meaning api_meaning_of_refusal(enum http_refusal refusal);
/* All of them, by their place in the lists; false: there are no more. */
bool api_meaning_at(size_t place, struct api_meaning *out);

#endif
