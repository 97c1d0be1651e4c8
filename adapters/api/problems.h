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
    X(SIGNED_OUT,       401, "signed-out",    "尚未登录，或会话已结束",                                        \
                                              "nobody is signed in, or the session is over")                 \
    X(SIGN_IN,          401, "sign-in",       "账户或密码不正确",                                            \
                                              "the account or the password is wrong")                        \
    X(TRIES,            429, "tries",         "登录尝试过多，请稍后再试",                                    \
                                              "too many tries to sign in: try again later")                  \
    X(HASHING,          429, "signing-in",    "同时登录的人过多，请再试",                                    \
                                              "too many sign in at this moment: try again")                  \
    X(NOT_FORM,         415, "not-a-form",    "请以 application/x-www-form-urlencoded 登录",                 \
                                              "sign in with application/x-www-form-urlencoded")              \
    X(FORM,             400, "form",          "表单应有且仅有 account 与 password",                          \
                                              "the form has account and password, once each, and nothing else") \
    X(ORIGIN,           403, "origin",        "请求的 Origin 不在 people.origins 之中",                      \
                                              "the Origin of the request is none of people.origins")         \
    X(USER_HEADER,      400, "user-header",   "该报头字段只能由可信代理给出，且只能给出一次",                \
                                              "that header is for the trusted proxy to set, and once")       \
    X(NO_ACCOUNT,       403, "no-account",    "没有此账户，或其参与方不存在",                                \
                                              "there is no such account, or its party is gone")              \
    X(NOT_NOTED,        503, "not-noted",     "查阅未能留痕，暂不答复",                                      \
                                              "that it was looked at could not be recorded, so it is not shown") \
    X(ROLE,             403, "role",          "该账户的角色无权进行此操作",                                  \
                                              "this is not for the role of the account")                     \
    X(NOT_XML,          415, "not-xml",       "请以 application/xml 提交报文",                               \
                                              "send the message as application/xml")                         \
    X(AGAIN,            400, "again",         "again 只取 1：让处理时被拒收的内容重新处理",                  \
                                              "again takes 1: decide anew what the engine refused")          \
    X(NO_EVENT,         400, "no-event",      "Last-Event-ID（或 after）应为本网关给出的事件编号",            \
                                              "Last-Event-ID, or after, is the id of an event that was told here") \
    X(EVENT_TYPE,       400, "event-type",    "type 应为 decision、milestone、message 或 change",             \
                                              "type is decision, milestone, message or change")              \
    X(NO_PROBLEM,       404, "not-found",     "没有此代码",                                                  \
                                              "nothing has that code")                                       \
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
void api_problem_headers(struct http_request *req, enum api_problem problem,
                         const struct http_header *headers);
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
