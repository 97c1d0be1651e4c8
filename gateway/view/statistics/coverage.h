/*
 * coverage.h - which milestones of the chain are missing, and whose telling it was 节点缺失: of each how many
 * declarations lack it, and, by what schemas/segments says of it (`told by ROLE`), which party should have
 * told it.
 *
 * That is who has the role and told anything else of the same goods: the terminal that discharged them and
 * tells no gate-out, customs that accepted and tells no release. Where nobody of the role told anything of
 * them it is the one party of the role at their port, where there is just one; else nobody is named.
 */
#ifndef VIEW_STATISTICS_COVERAGE_H
#define VIEW_STATISTICS_COVERAGE_H

#include "edition/party.h"
#include "view/statistics/samples.h"

/* Declarations that lack a milestone, by who told anything of their goods (samples_tellers()). */
struct coverage_row {
    char *tellers;
    size_t missing[MILESTONES_MAX]; /* by the chain's milestones */
};

struct coverage {
    size_t steps; /* of the chain */
    size_t missing[MILESTONES_MAX];
    struct coverage_row *rows; /* in the order of these texts */
    size_t count, room;
};

void coverage_init(struct coverage *coverage, const struct chain *chain);
void coverage_release(struct coverage *coverage);
/* One more that counts; sign -1: one that was there is gone. */
void coverage_move(struct coverage *coverage, const struct samples *samples, size_t index, int sign);
/* Of all samples; initialised here. */
void coverage_count(struct coverage *coverage, const struct samples *samples);

/* Whose telling a milestone was that so many declarations lack. */
struct coverage_owner {
    const char *role;  /* "" where schemas/segments does not say */
    const char *party; /* "" where nobody is named */
    size_t missing;
};

/* Of a step of the chain, who lacks most first; together they are missing[step]. In the arena; how many. */
size_t coverage_owners(const struct coverage *coverage, size_t step, const struct milestone *milestone,
                       const struct parties *parties, struct arena *arena, struct coverage_owner **out);

#endif
