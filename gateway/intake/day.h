/*
 * day.h - what the parties sent today, counted at a start: as far as state.db told it, and from there on
 * from the journal. Their limits of a day hold over a restart.
 */
#ifndef INTAKE_DAY_H
#define INTAKE_DAY_H

#include "journal/journal.h"
#include "journal/reader.h"
#include "intake/budget.h"
#include "intake/intake.h"

/* options: now, spent, spent_count, spent_until. A record that cannot be read costs the count of a day, not
 * the start: others will say that it is damaged. reader: moved. */
void day_count(struct budget *budget, const struct intake_options *options, struct reader *reader);

#endif
