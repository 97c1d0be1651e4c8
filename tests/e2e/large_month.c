/*
 * large_month.c DIRECTORY YEAR MONTH DECLARATIONS - fills the state.db of a gateway that does not run with a
 * month of so many declarations, which no journal tells of: enough for a report to take its time.
 */
#include <stdlib.h>

#include "../unit/large_month.h"

int main(int count, char **arguments) {
    struct state *state;
    require(count == 5 && state_open(arguments[1], STORE_WRITE, &state) == STATUS_OK);
    large_month_fill(state, atoi(arguments[2]), atoi(arguments[3]), 0, (unsigned)atoi(arguments[4]));
    state_close(state);
    return 0;
}
