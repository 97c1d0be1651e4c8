/*
 * plans.h - what the queries of a scenario read, whatever its tables hold.
 */
#ifndef TESTS_SCENARIO_PLANS_H
#define TESTS_SCENARIO_PLANS_H

#include <stddef.h>

/* So many queries of the stores that were closed so far read the more the longer a table is; each was
 * printed. */
size_t plans_faults(void);

#endif
