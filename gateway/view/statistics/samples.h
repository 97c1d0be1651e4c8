/*
 * samples.h - what the clearance times of a month are computed from: of each declaration of the population
 * the moments of its milestones.
 *
 * Population: declarations of the chain's direction whose month milestone (RELEASED) falls in the month,
 * Asia/Shanghai days; not those cancelled, nor the complete declaration of a two-step one (its summary
 * counts). One declared twice, or amended, has one number and counts once: as it was told of the newest. What
 * the declaration itself was told counts before what was told of the consignment; of that, what was told of a
 * container counts for the declarations that name it, and for those that name none.
 */
#ifndef VIEW_STATISTICS_SAMPLES_H
#define VIEW_STATISTICS_SAMPLES_H

#include "edition/segments.h"
#include "engine/state.h"

#define SAMPLES_MAX  500000    /* declarations of one month and direction */
#define SAMPLE_NEVER INT64_MIN /* a milestone that was not told */

struct samples {
    const struct segments *segments;
    const struct chain *chain;
    stamp *moments; /* of each sample as many as the set-up has milestones, in its order */
    size_t count;
    size_t complete, in_order; /* of them: with all milestones of the chain; and those one after the other */
    size_t path[MILESTONES_MAX]; /* where the chain's milestones stand in the set-up's order */
};

/* A month and direction; to be released. ends_only: the milestones of the overall time are all that is
 * wanted, as of a month that another is compared with. TOO_LARGE: more than SAMPLES_MAX; and what the store
 * says. */
enum status samples_gather(struct state *state, const struct segments *segments, const struct chain *chain,
                           int32_t first_day, int32_t next_day, bool ends_only, struct samples *out);
void samples_release(struct samples *samples);

/* Where this milestone stands in each sample; as good as never told when the set-up has no such. */
size_t samples_place(const struct samples *samples, const char *code);
stamp samples_at(const struct samples *samples, size_t index, size_t place);
/* The latest milestone of the chain up to and including its n-th. */
stamp samples_at_most(const struct samples *samples, size_t index, size_t step);
bool samples_is_complete(const struct samples *samples, size_t index);
bool samples_is_in_order(const struct samples *samples, size_t index);

#endif
