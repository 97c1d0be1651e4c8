/*
 * set_aside.c - one filter over the tables of both parts, each joined with what is known of its message: a
 * held tick or set-up has none.
 */
#include "view/set_aside.h"

#include <string.h>

#include "base/status.h"
#include "view/backlog.h"
#include "view/page.h"

#define FILTER                                                                              \
    " AND ?1 = '' AND (?2 = '' OR why = ?2) AND (?3 = '' OR ifnull(family, '') = ?3)"       \
    " AND (?4 = '' OR ifnull(subject, '') = ?4) AND since >= ?5 AND (?6 = 0 OR since < ?6)" \
    " AND (?10 = '' OR ifnull(party, '') = ?10)"

#define OF_HELD                                                                                        \
    " FROM (SELECT record, kind, what, since, reason AS why FROM held WHERE state = 'held') LEFT JOIN" \
    " messages ON number = record WHERE true" FILTER
#define OF_QUARANTINED                                                                             \
    " FROM (SELECT record, 'message' AS kind, '' AS what, since, '" SET_ASIDE_UNROUTED             \
    "' AS why FROM quarantine WHERE state = 'quarantined') JOIN messages ON number = record WHERE" \
    " true" FILTER

#define ROWS \
    "SELECT record, kind, what, ifnull(party, ''), ifnull(family, ''), ifnull(own_id, ''), since, why"
#define GROUPS   "SELECT ifnull(party, ''), why, ifnull(family, ''), count(*)"
#define RECORDS  "SELECT record"
#define IN_ORDER " AND" PAGE_BEHIND("'', record", ">", 2) "ORDER BY record" PAGE_LIMIT
#define BY_GROUP " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
#define BEHIND   " AND record > ?9 ORDER BY record LIMIT ?8"

static const struct {
    const char *state, *rows, *groups, *behind;
} queries[] = {
    { SET_ASIDE_HELD, ROWS OF_HELD IN_ORDER, GROUPS OF_HELD BY_GROUP, RECORDS OF_HELD BEHIND },
    { SET_ASIDE_QUARANTINED, ROWS OF_QUARANTINED IN_ORDER, GROUPS OF_QUARANTINED BY_GROUP,
      RECORDS OF_QUARANTINED BEHIND },
};

bool set_aside_is_meant(const struct choice *choice) {
    return text_is(choice->state, SET_ASIDE_HELD) || text_is(choice->state, SET_ASIDE_QUARANTINED);
}

static size_t place_of(const char *of_state) {
    size_t place = 0;
    while (strcmp(queries[place].state, of_state) != 0) {
        place++;
        require(place < sizeof(queries) / sizeof(*queries));
    }
    return place;
}

struct store_query *set_aside_rows(const struct view_question *question, const char *of_state,
                                   const struct choice *choice) {
    struct store_query *query =
        choice_query(question->source->state, choice, queries[place_of(of_state)].rows);
    page_bind(question, BACKLOG_ROWS_MAX, query);
    return query;
}

struct store_query *set_aside_groups(struct state *state, const char *of_state, const struct choice *choice) {
    return choice_query(state, choice, queries[place_of(of_state)].groups);
}

struct store_query *set_aside_behind(struct state *state, const char *of_state, const struct choice *choice,
                                     uint64_t record, int64_t limit) {
    require(limit > 0);
    struct store_query *query = choice_query(state, choice, queries[place_of(of_state)].behind);
    store_bind_int(query, 8, limit);
    store_bind_int(query, 9, (int64_t)record);
    return query;
}
