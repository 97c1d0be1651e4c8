/*
 * routing.h - who must have a message, by the routes (edition/routes.h): judged once, when the engine
 * decides.
 *
 * `at` matches what a party `serves` or `declares` by name, and its own code. The sender of a message is no
 * destination of it. Who is blocked is one: what is decided for it waits, parked, until it is served again.
 * What the engine refuses goes nowhere but to `sender decision` (where no route says so, decide.c sends it
 * there all the same). A message that no route takes has no destinations, and is quarantined
 * (parts/quarantine.h), unless a route says `to nobody`.
 *
 * Who wants to know why listens: it is told of each route of the family, of each of its lines, and of each
 * party that a line might have meant, whether it sends the message, and if not, why.
 */
#ifndef ENGINE_ROUTING_H
#define ENGINE_ROUTING_H

#include "expr/expr.h"
#include "edition/routes.h"
#include "engine/decision.h"

/* clang-format off */
/*    name         text                  zh                                   en */
#define ROUTING_LIST(X)                                                                                      \
    X(SENT,        "sent",               "送达",                              "it is sent there")            \
    X(SENT_BEFORE, "sent-before",        "前面的路由已送达",                  "a route before this one sends it there") \
    X(CONDITION,   "condition-false",    "条件不成立",                        "its condition is false")      \
    X(UNKNOWN,     "condition-unknown",  "条件无法判断：所需字段缺失或不合法", "its condition cannot be told: what it needs is absent, or ill") \
    X(NO_VALUE,    "no-value",           "at 之后的值缺失",                   "what stands behind `at` is absent") \
    X(NOT_SERVED,  "not-served",         "该参与方不服务此值",                "the party does not serve that") \
    X(NO_PARTY,    "no-party",           "没有此角色的参与方",                "there is no party of that role") \
    X(OWN,         "own-message",        "发送方不收自己的报文",              "it is the party's own message") \
    X(NO_SUBMITTER, "no-submitter",      "尚不知属于谁的报关单",              "whose it is, is not known")   \
    X(NO_SENDER,   "no-sender",          "未指明发送方",                      "who sent it is not known")    \
    X(REFUSED,     "refused",            "报文已被拒收",                      "the message is refused")      \
    X(NOBODY,      "nobody",             "有意不送任何一方",                  "it is meant to go no further")
/* clang-format on */

enum routing_why {
#define X(name, text, zh, en) ROUTING_##name,
    ROUTING_LIST(X)
#undef X
};

const char *routing_why_text(enum routing_why why);
const char *routing_why_sentence(enum routing_why why, enum language language);

struct routing_message {
    struct text family;
    const char *sender;
    const char *submitter; /* the party that sent what this answers, or "" */
    const struct expr_context *context;
    uint64_t record;
};

/* What was found of one route, line or party. */
struct routing_told {
    const struct route *route;
    const struct target
        *target;       /* NULL: of the route as a whole: SENT, it takes the message; or its condition */
    struct text value; /* what stands behind `at`; empty: nothing */
    const char *party; /* "": of the line as a whole */
    enum routing_why why;
    const struct expr_context *context; /* what it was judged by */
};

struct routing_listener {
    void (*told)(void *context, const struct routing_told *told);
    void *context;
};

/* Code of the first route that would take this message to its submitter; NULL: none would. */
const char *routing_to_submitter(const struct routes *routes, struct text family,
                                 const struct expr_context *context);
/* Adds destinations to the decision. True: a route that takes it says that it goes to nobody. listener: NULL,
 * nobody wants to know why. */
bool routing_judge(const struct routes *routes, const struct routing_message *message,
                   struct decision *decision, const struct routing_listener *listener);

#endif
