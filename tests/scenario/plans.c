/*
 * plans.c - case 511: a query finds its rows by an index that tells them apart. One that walks a table, or
 * all rows of a kind, is quick in every test, and holds the engine where a port has a year behind it. So the
 * test is linked with --wrap=store_close, and each store that the scenario wrote is asked, before it is
 * closed, how it goes about what it was asked. Lists for people (view/) may walk: a thread of their own does.
 */
#include "plans.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/store.h"

static _Atomic size_t faults;

/* What many rows have in common: alone it finds nothing. */
static const char *const common[] = { "kind", "code", "part", "state", "family",    "event",
                                      "role", "lane", "mode", "port",  "direction", "party" };

/* What may be walked, since it stays short. */
static const char *const short_ones[] = {
    "CONSTANT ROW",
    /* a row for each table */
    "sqlite_schema",
    "sums",
    /* for each set-up and each definition that there was, for each month that was closed */
    "setups",
    "definitions",
    "snapshots",
    /* what is open now, by indices of nothing else */
    "held USING INDEX held_now",
    "quarantine USING INDEX quarantine_now",
    "answers USING INDEX answers_waiting",
    "a USING INDEX answers_waiting",
    "certificates USING INDEX certificates_queue",
};

static bool is_common(const char *column, size_t length) {
    bool found = false;
    for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++) {
        found = found || (strlen(common[i]) == length && memcmp(common[i], column, length) == 0);
    }
    return found;
}

/* "SEARCH links USING PRIMARY KEY (kind=? AND value=?)" */
static bool tells_apart(const char *plan) {
    const char *at = strrchr(plan, '(');
    bool apart = !at;
    while (at && !apart) {
        const char *column = *at == '(' ? at + 1 : at + strlen(" AND ");
        size_t length = strcspn(column, "<=>)");
        apart = column[length] != '=' || !is_common(column, length); /* a range has an end, or a limit */
        at = strstr(column, " AND ");
    }
    return apart;
}

/* "SCAN held USING INDEX held_now"; of what json_each() and a query in brackets give, the query says how
 * much. */
static bool may_be_walked(const char *plan) {
    const char *what = plan + strlen("SCAN ");
    bool may = *what == '(' || strstr(what, " VIRTUAL TABLE ");
    for (size_t i = 0; i < sizeof(short_ones) / sizeof(*short_ones); i++) {
        size_t length = strlen(short_ones[i]);
        may = may
              || (strncmp(what, short_ones[i], length) == 0 && (what[length] == ' ' || what[length] == '\0'));
    }
    return may;
}

static void judge(const char *sql, const char *plan, void *context) {
    bool searches = strncmp(plan, "SEARCH ", 7) == 0, walks = strncmp(plan, "SCAN ", 5) == 0;
    if ((searches && !tells_apart(plan)) || (walks && !may_be_walked(plan))) {
        fprintf(stderr, "%s, in: %s\n", plan, sql);
        faults++;
    }
}

size_t plans_faults(void) {
    return faults;
}

void __real_store_close(struct store *store);
void __wrap_store_close(struct store *store);

void __wrap_store_close(struct store *store) {
    if (store && store_mode(store) == STORE_WRITE) {
        (void)store_each_plan(store, judge, NULL); /* one that is damaged is the scenario's matter */
    }
    __real_store_close(store);
}
