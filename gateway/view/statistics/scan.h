/*
 * scan.h - samples from the rows of state.db: of a whole period and direction, or, of those, of some goods.
 */
#ifndef VIEW_STATISTICS_SCAN_H
#define VIEW_STATISTICS_SCAN_H

#include "view/statistics/samples.h"

struct scan_options {
    struct period period;
    enum samples_detail detail;
    const char *mode; /* described: and by this mode; NULL: none */
    bool names;       /* described: and which declarations they are, by their keys and records */
    bool lists;       /* described: as samples_options */
    /* Of these goods alone, as a JSON array of subjects; at NULL: of all. Described, as is known now. */
    struct text goods;
};

/* To be released, whatever is returned; not counted yet (samples_count()). TOO_LARGE: more than SAMPLES_MAX;
 * and what the store says. */
enum status scan_samples(struct state *state, const struct segments *segments, const struct chain *chain,
                         const struct scan_options *options, struct samples *out);
/* "yes" or "no": whether it is one of these, joined by +. */
const char *scan_has_mode(struct text modes, const char *mode);
/* The query of some goods, for who looks at how it is planned. by_last: of a month's milestone the last
 * telling counts. */
const char *scan_goods_query(bool by_last);
/* All that the queries say: where they say something else, so do the samples. */
struct digest scan_digest(void);

#endif
