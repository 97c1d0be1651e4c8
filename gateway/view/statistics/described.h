/*
 * described.h - what declarations themselves say, read from their records: the groups they belong to by the
 * definition's own dimensions or by any field of the dictionary, and the containers they count for.
 *
 * A scan of the journal, one record a declaration, on the thread of who asks: for the long questions.
 */
#ifndef VIEW_STATISTICS_DESCRIBED_H
#define VIEW_STATISTICS_DESCRIBED_H

#include "view/statistics/samples.h"

#define UNITS_MAX 16000000 /* containers, or quarters of a TEU, of one period and direction */

/* Of described samples: the values from DIMENSIONS_COUNT on, as the options want them, and what each counts
 * for by their unit. TOO_LARGE: there are more than UNITS_MAX; and as reader_get(). Where there is no such
 * record, because a copy of state.db stands alone, nothing is said. */
enum status described_read(const struct view_source *source, const struct samples_options *options,
                           struct samples *samples);

#endif
