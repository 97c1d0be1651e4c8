/*
 * counters.h - what is counted here, for /metrics (base/counters.h).
 */
#ifndef ADAPTERS_HTTP_COUNTERS_H
#define ADAPTERS_HTTP_COUNTERS_H

#include "base/counters.h"

/* clang-format off */
/*    id, kind, metric, labels, help */
#define HTTP_COUNTER_LIST(X) \
    X(RECEIVED, counter, "clearway_messages_received_total",      "transport=\"http\"",     "Messages taken in, by transport") \
    X(THROTTLED_ADDRESS, counter, "clearway_throttled_total",              "limit=\"address\"",        "What was answered 429 or closed, by the limit that a sender is over") \
    X(THROTTLED_STRANGERS, counter, "clearway_throttled_total",              "limit=\"strangers\"",      "What was answered 429 or closed, by the limit that a sender is over") \
    X(THROTTLED_CONNECTIONS, counter, "clearway_throttled_total",              "limit=\"connections\"",    "What was answered 429 or closed, by the limit that a sender is over") \
    X(THROTTLED_BODIES, counter, "clearway_throttled_total",              "limit=\"bodies\"",         "What was answered 429 or closed, by the limit that a sender is over") \
    X(SIGN_INS_THROTTLED, counter, "clearway_throttled_total",             "limit=\"sign-ins\"",       "What was answered 429 or closed, by the limit that a sender is over") \
    X(SIGN_INS_REFUSED, counter, "clearway_sign_ins_refused_total",       "",                       "Wrong accounts and passwords") \
    X(CONNECTIONS, gauge,   "clearway_http_connections",             "",                       "Open HTTP connections") \
    X(REQUESTS, counter, "clearway_http_requests_total",          "",                       "HTTP requests answered") \
    X(REFUSED, counter, "clearway_http_refused_total",           "",                       "HTTP requests refused as malformed, connection closed") \
    X(VETOES, counter, "clearway_http_referee_vetoes_total",    "",                       "Heads that our reader took and the referee did not (alarm)") \
    X(CODED_GZIP, counter, "clearway_http_coded_total",             "coding=\"gzip\"",          "Bodies that came with a content coding, which is undone") \
    X(CODED_ZSTD, counter, "clearway_http_coded_total",             "coding=\"zstd\"",          "Bodies that came with a content coding, which is undone") \
    X(DIGESTS_GOOD, counter, "clearway_http_digests_total",           "result=\"agrees\"",        "Requests whose Content-Digest or Repr-Digest was verified") \
    X(DIGESTS_BAD, counter, "clearway_http_digests_total",           "result=\"differs\"",       "Requests whose Content-Digest or Repr-Digest was verified") \
    X(DEADLINES, counter, "clearway_http_deadlines_total",         "",                       "Connections closed at a deadline")
/* clang-format on */

enum http_counter {
#define X(id, kind, metric, labels, help) HTTP_COUNT_##id,
    HTTP_COUNTER_LIST(X)
#undef X
};

extern struct room_counter http_counters[];

#endif
