/*
 * large_month.c DIRECTORY YEAR MONTH DECLARATIONS [FIRST] - fills the state.db of a gateway that does not run
 * with a month of so many declarations, which no journal tells of: enough for a report to take its time. With
 * FIRST they are behind so many of another month, and each is of a customs office of its own.
 */
#include <stdlib.h>

#include "../unit/large_month.h"

static void give_offices(struct state *state, int first) {
    struct store_query *query =
        store_query(state_store(state), "UPDATE declarations SET office = record WHERE record >= ?");
    store_bind_int(query, 1, first);
    require(state_begin(state) == STATUS_OK && store_run(query) == STATUS_OK
            && state_commit(state, state_position(state)) == STATUS_OK);
}

int main(int count, char **arguments) {
    struct state *state;
    require((count == 5 || count == 6) && state_open(arguments[1], STORE_WRITE, &state) == STATUS_OK);
    int first = count == 6 ? atoi(arguments[5]) : 0;
    large_month_fill(state, atoi(arguments[2]), atoi(arguments[3]), (unsigned)first,
                     (unsigned)atoi(arguments[4]));
    if (count == 6) {
        give_offices(state, first);
    }
    state_close(state);
    return 0;
}
