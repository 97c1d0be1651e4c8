/*
 * simulated_month.c DIRECTORY CONSIGNMENTS ORDER: the state.db of a gateway that was told a simulated
 * month, of two ports, and the parties of it; ORDER: time, shuffled, twice. Says how many messages
 * there were.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/month_kit.h"

int main(int count, char **arguments) {
    require(count == 4);
    enum month_order order = strcmp(arguments[3], "shuffled") == 0 ? MONTH_SHUFFLED
                             : strcmp(arguments[3], "twice") == 0  ? MONTH_TWICE
                                                                   : MONTH_IN_TIME;
    struct simulate_options options = { .seed = 12,
                                        .ports = 2,
                                        .consignments = (unsigned)atoi(arguments[2]),
                                        .from = stamp_of_day(day_of(2026, 10, 1)),
                                        .until = stamp_of_day(day_of(2026, 11, 1)) };
    struct month *month = month_open(arguments[1], options.ports);
    month_feed(month, &options, order);
    printf("accepted %u refused %u repeated %u declined %u\n", month->accepted, month->refused,
           month->repeated, month->declined);
    bool as_meant = month->surprises == 0;
    month_close(month);
    return as_meant ? 0 : 1;
}
