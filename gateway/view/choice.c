/*
 * choice.c - one filter over the table `deliveries`, for each of its states: open deliveries stand in small
 * indexes of their own (state_tables.c), which only a literal state finds.
 */
#include "view/choice.h"

#include <string.h>

#include "base/status.h"
#include "view/backlog.h"
#include "view/page.h"

#define FILTER                                                                               \
    " AND (?1 = '' OR party = ?1) AND (?2 = '' OR reason = ?2) AND (?3 = '' OR family = ?3)" \
    " AND (?4 = '' OR subject = ?4) AND updated >= ?5 AND (?6 = 0 OR updated < ?6)"          \
    " AND (?10 = '' OR EXISTS(SELECT 1 FROM messages m WHERE m.number = d.record AND m.party = ?10))"
#define OF(state)   " FROM deliveries d WHERE state = '" state "'" FILTER

#define COUNTED     "SELECT party, state, '', '', count(*), min(record)"
#define BY_PARTY    " GROUP BY party"
#define BY_REASON   " GROUP BY party, reason, family"
#define WITH_REASON "SELECT party, state, reason, family, count(*), min(record)"

/* What is parked for its own fault holds up what comes behind it of the same goods. */
#define ROW                                                                                        \
    "SELECT record, party, subject, family, route, state, attempts, reason, next, words, updated," \
    " ifnull((SELECT min(p.record) FROM deliveries p WHERE p.party = d.party AND p.way = d.way"    \
    "  AND p.subject = d.subject AND p.subject <> '' AND p.state = 'parked' AND p.returns = 0"     \
    "  AND d.state = 'waiting' AND (p.decision, p.record) < (d.decision, d.record)), 0)"
#define OF_PAGE   " AND" PAGE_BEHIND("party, record", ">", 2)
#define IN_ORDER  "ORDER BY party, record" PAGE_LIMIT
#define BEHIND    " AND (record, party) > (?7, ?8) ORDER BY record, party LIMIT ?9"

#define STATES(X) X("waiting") X("parked") X("delivered") X("dropped") X("kept")

static const struct {
    const char *state, *totals, *groups, *rows, *behind;
} queries[] = {
#define X(of_state)                                                         \
    { of_state, COUNTED OF(of_state) BY_PARTY " ORDER BY party",            \
      WITH_REASON OF(of_state) BY_REASON " ORDER BY party, reason, family", \
      ROW OF(of_state) OF_PAGE IN_ORDER, "SELECT record, party" OF(of_state) BEHIND },
    STATES(X)
#undef X
};

#define OPEN_TOTALS \
    COUNTED OF("waiting") BY_PARTY " UNION ALL " COUNTED OF("parked") BY_PARTY " ORDER BY party, state"
#define OPEN_GROUPS                                                                      \
    WITH_REASON OF("waiting") BY_REASON " UNION ALL " WITH_REASON OF("parked") BY_REASON \
        " ORDER BY party, state, reason, family"
#define OPEN_ROWS ROW OF("waiting") OF_PAGE "UNION ALL " ROW OF("parked") OF_PAGE IN_ORDER

static stamp moment_of(const struct view_question *question, const char *name) {
    struct text value = view_value(question, name);
    return value.length ? view_moment(value) : 0;
}

struct choice choice_of(const struct view_question *question) {
    return (struct choice){ .state = view_value(question, "state"),
                            .party = view_value(question, "to"),
                            .sender = view_value(question, "from"),
                            .reason = view_value(question, "because"),
                            .family = view_value(question, "family"),
                            .key = view_value(question, "key"),
                            .since = moment_of(question, "since"),
                            .until = moment_of(question, "until") };
}

bool choice_is_open(const struct choice *choice) {
    return !choice->state.length && !choice->party.length && !choice->sender.length && !choice->reason.length
           && !choice->family.length && !choice->key.length && !choice->since && !choice->until;
}

static size_t place_of(struct text state) {
    size_t place = 0;
    while (!text_is(state, queries[place].state)) {
        place++;
        require(place < sizeof(queries) / sizeof(*queries)); /* a choice of the list of states */
    }
    return place;
}

struct store_query *choice_query(struct state *state, const struct choice *choice, const char *sql) {
    struct store_query *query = store_query(state_store(state), sql);
    const struct text texts[] = { choice->party, choice->reason, choice->family, choice->key };
    for (int i = 0; i < 4; i++) {
        store_bind_text(query, i + 1, texts[i].at ? texts[i] : TEXT(""));
    }
    store_bind_int(query, 5, choice->since);
    store_bind_int(query, 6, choice->until);
    store_bind_text(query, 10, choice->sender.at ? choice->sender : TEXT(""));
    return query;
}

struct store_query *choice_groups(struct state *state, const struct choice *choice, bool by_reason) {
    const char *sql = by_reason ? OPEN_GROUPS : OPEN_TOTALS;
    if (choice->state.length) {
        size_t place = place_of(choice->state);
        sql = by_reason ? queries[place].groups : queries[place].totals;
    }
    return choice_query(state, choice, sql);
}

struct store_query *choice_rows(const struct view_question *question, const struct choice *choice) {
    struct state *state = question->source->state;
    const char *sql = choice->state.length ? queries[place_of(choice->state)].rows : OPEN_ROWS;
    struct store_query *query = choice_query(state, choice, sql);
    page_bind(question, BACKLOG_ROWS_MAX, query);
    return query;
}

struct store_query *choice_behind(struct state *state, const struct choice *choice,
                                  const struct choice_place *place, int64_t limit) {
    require(limit > 0);
    struct store_query *query = choice_query(state, choice, queries[place_of(choice->state)].behind);
    store_bind_int(query, 7, (int64_t)place->record);
    store_bind_string(query, 8, place->party);
    store_bind_int(query, 9, limit);
    return query;
}
