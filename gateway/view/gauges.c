/*
 * gauges.c - two metrics out of one query: Prometheus wants the rows of a metric together, so the second is
 * written beside the first.
 */
#include "view/gauges.h"

#define METRICS_MAX (4u << 20)

/* The oldest is the smallest number; how old it is, is when it was recorded. Of a decision, which is no
 * message, it is since when it waits. */
#define OPEN(of_state)                                                                               \
    "SELECT party, '" of_state "', n, ifnull((SELECT recorded FROM messages WHERE number = oldest)," \
    " (SELECT since FROM deliveries d WHERE d.record = oldest AND d.party = open.party)) FROM"       \
    " (SELECT party, count(*) AS n, min(record) AS oldest FROM deliveries WHERE state = '" of_state  \
    "' GROUP BY party) open"

/* As a value in the exposition format. */
static void add_label(struct buf *out, struct text value) {
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == '"' || value.at[i] == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, value.at[i] == '\n' ? ' ' : value.at[i]);
    }
}

static void put_row(const char *metric, struct store_query *query, int64_t value, struct buf *out) {
    buf_printf(out, "%s{party=\"", metric);
    add_label(out, store_text(query, 0));
    buf_printf(out, "\",state=\"" TEXT_FORMAT "\"} %lld\n", TEXT_ARGS(store_text(query, 1)),
               (long long)value);
}

enum status gauges_print(struct state *state, stamp now, struct buf *out) {
    static const char open[] = "clearway_deliveries_open", oldest[] = "clearway_deliveries_oldest_seconds";
    enum status status = STATUS_OK;
    struct buf ages;
    struct store_query *query =
        store_query(state_store(state), OPEN("waiting") " UNION ALL " OPEN("parked") " ORDER BY 1, 2");
    buf_init(&ages, METRICS_MAX);
    buf_printf(out, "# HELP %s Deliveries that wait or are parked, by destination\n# TYPE %s gauge\n", open,
               open);
    buf_printf(&ages, "# HELP %s How old the oldest of them is\n# TYPE %s gauge\n", oldest, oldest);
    while (store_step(query, &status)) {
        stamp since = store_int(query, 3);
        put_row(open, query, store_int(query, 2), out);
        put_row(oldest, query, now > since ? (now - since) / STAMP_SECOND : 0, &ages);
    }
    store_reset(query);
    buf_add_text(out, buf_text(&ages));
    buf_release(&ages);
    return status;
}
