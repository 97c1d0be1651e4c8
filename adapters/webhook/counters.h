/*
 * counters.h - what is counted here, for /metrics (base/counters.h).
 */
#ifndef ADAPTERS_WEBHOOK_COUNTERS_H
#define ADAPTERS_WEBHOOK_COUNTERS_H

#include "base/counters.h"

/* clang-format off */
/*    id, kind, metric, labels, help */
#define WEBHOOK_COUNTER_LIST(X) \
    X(ACCEPTED,    counter, "clearway_webhook_requests_total", "result=\"accepted\"",        "Requests to webhooks, by what came of them") \
    X(ANSWERED,    counter, "clearway_webhook_requests_total", "result=\"other_status\"",    "Requests to webhooks, by what came of them") \
    X(UNREACHABLE, counter, "clearway_webhook_requests_total", "result=\"unreachable\"",     "Requests to webhooks, by what came of them") \
    X(ADDRESS,     counter, "clearway_webhook_requests_total", "result=\"address_refused\"", "Requests to webhooks, by what came of them") \
    X(GONE,        gauge,   "clearway_webhooks_gone",          "",                           "Webhooks that answered 410 Gone: nothing is sent there until a reload (alarm)")
/* clang-format on */

enum webhook_counter {
#define X(id, kind, metric, labels, help) WEBHOOK_COUNT_##id,
    WEBHOOK_COUNTER_LIST(X)
#undef X
};

extern struct room_counter webhook_counters[];

#endif
