/*
 * revision.h - which declarations of a month are not what they were in a snapshot of it 修订.
 */
#ifndef VIEW_STATISTICS_REVISION_H
#define VIEW_STATISTICS_REVISION_H

#include "view/statistics/samples.h"

struct revision {
    size_t added, removed; /* declarations that count now and did not, or did and do not */
    size_t changed;        /* of which a moment is told otherwise, or anew */
};

/* Of described samples of one period and chain. */
struct revision revision_of(const struct samples *then, const struct samples *now);

#endif
