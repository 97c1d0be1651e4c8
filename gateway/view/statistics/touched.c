/*
 * touched.c - records → the goods they told of → those with a number in common → the moments that give them
 * their month, as they are and as they were.
 */
#include "view/statistics/touched.h"

#include "base/status.h"

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

void touched_goods(struct state *state, uint64_t since, void (*found)(struct text subject, void *to),
                   void *to) {
    struct store_query *query = store_query(state_store(state), MEANT "SELECT subject FROM meant");
    store_bind_int(query, 1, (int64_t)since);
    while (state_row(state, query)) {
        found(store_text(query, 0), to);
    }
    store_reset(query);
}
