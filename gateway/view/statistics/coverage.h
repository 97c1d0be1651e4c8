/*
 * coverage.h - which milestones of the chain are missing, and whose telling it was 节点缺失: of each how many
 * declarations lack it, and, by what schemas/segments says of it (`told by ROLE`), which party should have
 * told it, and of how many.
 *
 * That is who has the role and told anything else of the same goods: the terminal that discharged them and
 * tells no gate-out, customs that accepted and tells no release. Where nobody of the role told anything of
 * them it is the one party of the role at their port, where there is just one; else nobody is named.
 *
 * Declarations are counted by who told anything of their goods, of which there are few combinations; whose
 * telling a milestone was is found once for each of them, and added up as declarations come and go: so it is
 * told without looking at them again.
 */
#ifndef VIEW_STATISTICS_COVERAGE_H
#define VIEW_STATISTICS_COVERAGE_H

#include "base/digest.h"
#include "edition/party.h"
#include "view/statistics/samples.h"

/* Whose telling a milestone was, of how many declarations, and how many of these lack it. */
struct coverage_owner {
    const char *role;  /* "" where schemas/segments does not say */
    const char *party; /* "" where nobody is named */
    size_t of, missing;
};

/* Of one milestone. */
struct coverage_owners {
    struct coverage_owner *list;
    size_t count, room;
};

struct coverage {
    size_t steps; /* of the chain */
    size_t missing[MILESTONES_MAX];
    /* Who told anything of their goods (samples_tellers()); of each of these texts, in their order: of how
     * many declarations, and how many of these lack each step. */
    struct texts *tellers;
    uint32_t *counts;
    size_t room;
    /* Of the first texts, as many as are settled, which of the owners each step is of. */
    uint32_t *owner_of;
    size_t settled;
    struct digest by; /* of the parties they were found among */
    struct coverage_owners owners[MILESTONES_MAX];
    struct arena *arena; /* of their names */
};

void coverage_init(struct coverage *coverage, const struct chain *chain);
void coverage_release(struct coverage *coverage);
size_t coverage_bytes(const struct coverage *coverage);
/* One more that counts; sign -1: one that was there is gone. */
void coverage_move(struct coverage *coverage, const struct samples *samples, size_t index, int sign);
/* Of all samples; initialised here. */
void coverage_count(struct coverage *coverage, const struct samples *samples);

/* Whose telling it was, by the definition, always the same, and by these parties (NULL: nobody is known),
 * which are others when their digest is. Before it is asked, behind what came and went. */
void coverage_settle(struct coverage *coverage, const struct segments *segments, const struct chain *chain,
                     const struct parties *parties, const struct digest *by);
/* Of a step of the chain: those who lack any, who lacks most first; together it is missing[step]. In the
 * arena; how many. */
size_t coverage_owners(const struct coverage *coverage, size_t step, struct arena *arena,
                       struct coverage_owner **out);

#endif
