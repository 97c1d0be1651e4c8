/*
 * answer.c - statuses of HTTP, by what they say: about this message (it is parked), about the address or who
 * stands behind it (the destination rests and is tried again, for three days), or that this one should come
 * later.
 */
#include "adapters/webhook/answer.h"

#include "base/status.h"

/* clang-format off */
static const struct {
    int first, last;
    struct webhook_ruling ruling;
} rulings[] = {
    /* 1xx never ends an answer */
    { 200, 299, { STATUS_OK,          DELIVERY_REASON_NONE,             false, false } },
    { 300, 399, { STATUS_UNAVAILABLE, DELIVERY_REASON_REDIRECTED,       false, false } },
    { 400, 400, { STATUS_REFUSED,     DELIVERY_REASON_RECEIVER_REFUSED, false, false } },
    { 401, 407, { STATUS_UNAVAILABLE, DELIVERY_REASON_NOT_ALLOWED,      false, false } }, /* address, method, secret */
    { 408, 408, { STATUS_TIMEOUT,     DELIVERY_REASON_UNACKNOWLEDGED,   false, false } },
    { 409, 409, { STATUS_REFUSED,     DELIVERY_REASON_RECEIVER_REFUSED, false, false } },
    { 410, 410, { STATUS_DENIED,      DELIVERY_REASON_ENDPOINT_GONE,    false, true  } }, /* Standard Webhooks: disable it */
    { 413, 414, { STATUS_TOO_LARGE,   DELIVERY_REASON_RECEIVER_LIMIT,   false, false } },
    { 421, 421, { STATUS_UNAVAILABLE, DELIVERY_REASON_UNREACHABLE,      false, false } }, /* a server that is not it */
    { 425, 425, { STATUS_BUSY,        DELIVERY_REASON_RECEIVER_BUSY,    true,  false } },
    { 426, 426, { STATUS_UNAVAILABLE, DELIVERY_REASON_BAD_ANSWER,       false, false } }, /* another HTTP */
    { 429, 429, { STATUS_BUSY,        DELIVERY_REASON_RECEIVER_BUSY,    true,  false } },
    { 431, 431, { STATUS_UNAVAILABLE, DELIVERY_REASON_BAD_ANSWER,       false, false } }, /* our heads are small */
    { 400, 499, { STATUS_REFUSED,     DELIVERY_REASON_RECEIVER_REFUSED, false, false } },
    { 502, 504, { STATUS_UNAVAILABLE, DELIVERY_REASON_UNREACHABLE,      true,  false } }, /* nobody behind a proxy, or at rest */
    { 500, 599, { STATUS_BUSY,        DELIVERY_REASON_RECEIVER_FAILED,  true,  false } }, /* perhaps on this message alone */
};

static const struct {
    enum status status;
    enum delivery_reason reason;
} outcomes[] = {
#define X(name, status, reason, counted, what) { STATUS_##status, DELIVERY_REASON_##reason },
    WEBHOOK_OUTCOME_LIST(X)
#undef X
};
/* clang-format on */

struct webhook_ruling webhook_rule(const struct webhook_answer *answer) {
    require((size_t)answer->outcome < sizeof(outcomes) / sizeof(*outcomes));
    if (answer->outcome != WEBHOOK_ANSWERED) {
        return (struct webhook_ruling){ .status = outcomes[answer->outcome].status,
                                        .reason = outcomes[answer->outcome].reason };
    }
    struct webhook_ruling ruling = { STATUS_UNAVAILABLE, DELIVERY_REASON_BAD_ANSWER, false, false };
    for (size_t i = sizeof(rulings) / sizeof(*rulings); i-- > 0;) { /* of several the first */
        if (rulings[i].first <= answer->code && answer->code <= rulings[i].last) {
            ruling = rulings[i].ruling;
        }
    }
    ruling.rests = ruling.rests && answer->retry_after_s > 0;
    if (ruling.rests) { /* that it is within reach is no news, which would make all come at once */
        ruling.status = STATUS_BUSY;
    }
    return ruling;
}
