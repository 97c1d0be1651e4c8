/*
 * touched.c - records → the goods they told of → those with a number in common → the moments that give them
 * their month, as they are and as they were.
 */
#include "view/statistics/touched.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/status.h"

#define CODES_MAX 65536

/* clang-format off */
#define IN_PERIOD(moment) " >= ?3 AND " moment " < ?4"

#define MEANT                                                                                 \
    "WITH told AS (SELECT subject FROM messages WHERE number > ?1 AND subject <> ''"          \
    "  UNION SELECT subject FROM touched WHERE record > ?1),"                                 \
    " meant AS (SELECT subject FROM told UNION SELECT o.subject FROM told t"                  \
    "  CROSS JOIN declarations d ON d.subject = t.subject CROSS JOIN links a ON a.declaration = d.key" \
    "  CROSS JOIN links b ON b.kind = a.kind AND b.value = a.value"                           \
    "  CROSS JOIN declarations o ON o.key = b.declaration) "

static const char touches[] =
    MEANT
    "SELECT 1 FROM meant w CROSS JOIN milestones m ON m.subject = w.subject WHERE m.code = ?2"
    "  AND (m.first" IN_PERIOD("m.first") " OR m.last" IN_PERIOD("m.last") ")"
    " UNION ALL SELECT 1 FROM meant w CROSS JOIN tellings m ON m.subject = w.subject WHERE m.code = ?2"
    "  AND m.at" IN_PERIOD("m.at")
    " UNION ALL SELECT 1 FROM meant w CROSS JOIN taken_back m ON m.subject = w.subject WHERE m.code = ?2"
    "  AND m.at" IN_PERIOD("m.at") " LIMIT 1";
/* clang-format on */

static bool is_touched(struct state *state, const char *code, struct period period, uint64_t since) {
    struct store_query *query = store_query(state_store(state), touches);
    store_bind_int(query, 1, (int64_t)since);
    store_bind_string(query, 2, code);
    store_bind_int(query, 3, stamp_of_day(period.first_day));
    store_bind_int(query, 4, stamp_of_day(period.next_day));
    return state_exists(state, query);
}

bool touched_since(struct state *state, const struct segments *segments, const struct period *periods,
                   size_t count, uint64_t since) {
    uint64_t position = state_position(state);
    bool touched = position < since || position - since > TOUCHED_RECORDS_MAX;
    for (size_t i = 0; i < segments->chains_count && position != since; i++) {
        for (size_t k = 0; k < count && !touched; k++) {
            touched = is_touched(state, segments->chains[i].month, periods[k], since);
        }
    }
    return touched || state_status(state) != STATUS_OK;
}

/* The codes by which the chains count, as JSON. */
static void add_months(struct buf *out, const struct segments *segments) {
    struct json_out json;
    json_start(&json, out);
    json_open_array(&json, NULL);
    for (size_t i = 0; i < segments->chains_count; i++) {
        json_put_string(&json, NULL, segments->chains[i].month);
    }
    json_close_array(&json);
}

void touched_goods(struct state *state, const struct segments *segments, uint64_t since,
                   void (*found)(const struct touched_goods *goods, void *to), void *to) {
    struct store_query *query = store_query(
        state_store(state), MEANT "SELECT w.subject, ifnull(min(m.first), ?3), ifnull(max(m.last), ?4)"
                                  " FROM meant w LEFT JOIN milestones m ON m.subject = w.subject"
                                  " AND m.code IN (SELECT value FROM json_each(?2))"
                                  " GROUP BY w.subject ORDER BY w.subject");
    struct buf codes;
    buf_init(&codes, CODES_MAX);
    add_months(&codes, segments);
    store_bind_int(query, 1, (int64_t)since);
    store_bind_text(query, 2, buf_text(&codes));
    store_bind_int(query, 3, INT64_MAX);
    store_bind_int(query, 4, INT64_MIN);
    while (state_row(state, query)) {
        const struct touched_goods goods = { store_text(query, 0), store_int(query, 1), store_int(query, 2) };
        found(&goods, to);
    }
    store_reset(query);
    buf_release(&codes);
}
