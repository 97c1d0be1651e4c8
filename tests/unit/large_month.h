/*
 * large_month.h - for tests and benches: a month of declarations in state.db, as rows that the state itself
 * wrote: two thirds imports with two containers each, the rest exports. No journal tells of them.
 */
#ifndef TESTS_LARGE_MONTH_H
#define TESTS_LARGE_MONTH_H

#include <stdio.h>

#include "engine/state.h"

#define LARGE_MONTH_HOUR (3600 * STAMP_SECOND)

static inline void large_month_put_milestone(struct state *state, const char *subject,
                                             const char *declaration, const char *container, const char *code,
                                             stamp at) {
    struct store_query *query =
        store_query(state_store(state), "INSERT INTO milestones VALUES(?1, ?2, ?3, ?4, ?5, 1, ?5, 1, 1, 1)");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, declaration);
    store_bind_string(query, 3, container);
    store_bind_string(query, 4, code);
    store_bind_int(query, 5, at);
    require(store_run(query) == STATUS_OK);
}

static inline void large_month_put_declaration(struct state *state, const char *key, const char *subject,
                                               bool import, unsigned number) {
    struct store_query *query = store_query(
        state_store(state),
        "INSERT INTO declarations(key, party, own_id, record, received, subject, direction, office, state, step)"
        " VALUES(?1, 'P', ?1, ?4, 1, ?2, ?3, '', 'released', '')");
    store_bind_string(query, 1, key);
    store_bind_string(query, 2, subject);
    store_bind_string(query, 3, import ? "import" : "export");
    store_bind_int(query, 4, number);
    require(store_run(query) == STATUS_OK);
}

static inline void large_month_put_link(struct state *state, const char *kind, const char *declaration) {
    struct store_query *query =
        store_query(state_store(state), "INSERT INTO links VALUES(?1, ?1 || ?2, ?2, 'P', 1)");
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, declaration);
    require(store_run(query) == STATUS_OK);
}

static inline void large_month_put_container(struct state *state, const char *declaration,
                                             const char *container) {
    struct store_query *query =
        store_query(state_store(state), "INSERT INTO declaration_containers VALUES(?1, ?2)");
    store_bind_string(query, 1, declaration);
    store_bind_string(query, 2, container);
    require(store_run(query) == STATUS_OK);
}

static inline void large_month_put_import(struct state *state, const char *key, const char *subject,
                                          unsigned number, stamp released) {
    for (int i = 0; i < 2; i++) {
        char container[32];
        snprintf(container, sizeof(container), "CSQU%06u%d", number, i);
        large_month_put_container(state, key, container);
        large_month_put_milestone(state, subject, "", container, "DISCHARGED",
                                  released - (20 + number % 50 + i) * LARGE_MONTH_HOUR);
        large_month_put_milestone(state, subject, "", container, "GATE_OUT",
                                  released + (2 + number % 30 + i) * LARGE_MONTH_HOUR);
    }
    large_month_put_milestone(state, subject, "", "", "ARRIVED",
                              released - (30 + number % 90) * LARGE_MONTH_HOUR);
    large_month_put_milestone(state, subject, key, "", "ACCEPTED",
                              released - (1 + number % 40) * LARGE_MONTH_HOUR);
    large_month_put_milestone(state, subject, key, "", "RELEASED", released);
}

static inline void large_month_put_export(struct state *state, const char *key, const char *subject,
                                          unsigned number, stamp released) {
    large_month_put_milestone(state, subject, "", "", "GATE_IN",
                              released - (10 + number % 30) * LARGE_MONTH_HOUR);
    large_month_put_milestone(state, subject, key, "", "ACCEPTED",
                              released - (1 + number % 10) * LARGE_MONTH_HOUR);
    large_month_put_milestone(state, subject, key, "", "RELEASED", released);
    large_month_put_milestone(state, subject, "", "", "LOADED",
                              released + (20 + number % 20) * LARGE_MONTH_HOUR);
    large_month_put_milestone(state, subject, "", "", "DEPARTED",
                              released + (50 + number % 10) * LARGE_MONTH_HOUR);
}

/* Keys and records are numbered from `from` on. */
static inline void large_month_fill(struct state *state, int year, int month, unsigned from, unsigned count) {
    stamp first = stamp_of_day(day_of(year, month, 1));
    uint64_t position = state_position(state);
    require(state_begin(state) == STATUS_OK);
    for (unsigned number = from; number < from + count; number++) {
        char key[32], subject[32];
        unsigned spread = number * 2654435761u; /* so that neighbours in time are none in the tables */
        snprintf(key, sizeof(key), "FWD-QD-01/%010u", spread);
        snprintf(subject, sizeof(subject), "CNQDG/BL%010u", spread);
        stamp released = first + (number - from) % (28 * 24) * LARGE_MONTH_HOUR;
        bool import = number % 3 != 0;
        large_month_put_declaration(state, key, subject, import, number);
        large_month_put_link(state, "seq", key);
        large_month_put_link(state, "entry", key);
        import ? large_month_put_import(state, key, subject, number, released)
               : large_month_put_export(state, key, subject, number, released);
    }
    require(state_commit(state, position) == STATUS_OK);
}

#endif
