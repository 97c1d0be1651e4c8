/*
 * answer.h - what a request came to, and what that means for the delivery: one table of outcomes, one of HTTP
 * statuses.
 */
#ifndef ADAPTERS_WEBHOOK_ANSWER_H
#define ADAPTERS_WEBHOOK_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/delivery.h"

#define ANSWER_WORDS_MAX 400

/* clang-format off */
/*    name             status       reason            counted as    what happened                              */
#define WEBHOOK_OUTCOME_LIST(X)                                                                                  \
    X(ANSWERED,        OK,          NONE,             ANSWERED,     "a head of an answer came: its status decides") \
    X(NO_HOST,         UNAVAILABLE, NO_HOST,          UNREACHABLE,  "no address is known for the name")             \
    X(ADDRESS_REFUSED, UNAVAILABLE, ADDRESS_REFUSED,  ADDRESS,      "nothing may be sent to that address")          \
    X(NO_CONNECTION,   UNAVAILABLE, UNREACHABLE,      UNREACHABLE,  "no connection, or it broke")                   \
    X(NOT_VERIFIED,    UNAVAILABLE, NOT_VERIFIED,     UNREACHABLE,  "TLS: the certificate is not what it should be") \
    X(NO_ANSWER,       TIMEOUT,     UNACKNOWLEDGED,   UNREACHABLE,  "connected, and no answer in time")             \
    X(BAD_ANSWER,      UNAVAILABLE, BAD_ANSWER,       UNREACHABLE,  "what came is no answer of HTTP, or too long a head") \
    X(NO_DESCRIPTOR,   FULL,        NO_ROOM,          UNREACHABLE,  "no socket could be opened here")
/* clang-format on */

enum webhook_outcome {
#define X(name, status, reason, counted, what) WEBHOOK_##name,
    WEBHOOK_OUTCOME_LIST(X)
#undef X
};

struct webhook_answer {
    enum webhook_outcome outcome;
    int code;                     /* ANSWERED: the HTTP status */
    int64_t retry_after_s;        /* 0: it did not say */
    char words[ANSWER_WORDS_MAX]; /* UTF-8 without control characters */
};

/* What becomes of the delivery. */
struct webhook_ruling {
    enum status status;
    enum delivery_reason reason;
    bool rests; /* nothing is to be sent there before its Retry-After */
    bool gone;  /* nothing is to be sent there any more */
};

struct webhook_ruling webhook_rule(const struct webhook_answer *answer);

#endif
