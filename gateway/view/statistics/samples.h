/*
 * samples.h - what the clearance times of a period are computed from: of each declaration of the population
 * the moments of its milestones.
 *
 * Population: declarations of the chain's direction whose month milestone (RELEASED) falls in the
 * period, Asia/Shanghai days; not the complete declaration of a two-step one (its summary counts), nor those
 * of which an exclusion of schemas/segments was told (cancelled, in transit ...): they are counted beside.
 * One declared twice, or amended, has one number and counts once: as it was told of the newest. What the
 * declaration itself was told counts before what was told of the consignment; of that, what was told of a
 * container counts for the declarations that name it, and for those that name none.
 */
#ifndef VIEW_STATISTICS_SAMPLES_H
#define VIEW_STATISTICS_SAMPLES_H

#include "base/text.h"
#include "edition/segments.h"
#include "engine/state.h"

#define SAMPLES_MAX        500000    /* declarations of one period and direction */
#define SAMPLES_VALUES_MAX 200       /* values of one dimension in one period and direction */
#define SAMPLE_NEVER       INT64_MIN /* a milestone that was not told */

/* Asia/Shanghai days: the first, and the one behind the last. */
struct period {
    int32_t first_day, next_day;
    /* By what was known at that record, but for what declarations are told apart by; 0: by what is known. */
    uint64_t as_of;
};

/* What declarations are told apart by. In the SQL a unary + keeps SQLite from looking for all milestones of a
 * code, where those of one consignment are meant. */
/* clang-format off */
/*    name         text          zh            en: what its values are    the value, in SQL, of declaration d */
#define DIMENSION_LIST(X)                                                                                    \
    X(OFFICE,      "office",     "申报地海关", "customs office",          "d.office")                        \
    X(PORT,        "port",       "口岸",       "port",                                                       \
      "ifnull((SELECT c.port FROM consignments c WHERE c.subject = d.subject), '')")                         \
    X(TERMINAL,    "terminal",   "码头",       "who told the discharge, or that the goods were in the port",   \
      "ifnull((SELECT x.party FROM milestones a CROSS JOIN messages x ON x.number = a.first_record"          \
      " WHERE a.subject = d.subject AND +a.code = iif(d.direction = 'export', 'GATE_IN', 'DISCHARGED')"       \
      " AND (a.container = '' OR EXISTS (SELECT 1 FROM declaration_containers c"                             \
      "   WHERE c.declaration = d.key AND c.container = a.container)"                                        \
      "  OR NOT EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key))"                \
      " ORDER BY a.first, x.party LIMIT 1), '')")                                                            \
    X(STEP,        "step",       "申报步骤",   "one step or two",                                            \
      "iif(d.step = 'summary', 'two-step', 'one-step')")                                                     \
    X(INSPECTED,   "inspected",  "是否查验",   "selected for inspection or not",                             \
      "iif(d.selected_at IS NULL, 'no', 'yes')")                                                             \
    X(ADVANCE,     "advance",    "提前或普通", "declared before the goods were in the port, or after",       \
      "iif(d.received < (SELECT min(a.first) FROM milestones a WHERE a.subject = d.subject"                  \
      " AND +a.code IN ('ARRIVED', 'GATE_IN')), 'advance', 'ordinary')")                                      \
    X(MODE,        "mode",       "申报模式",   "mode of declaration: several joined by +, or ordinary",      \
      "replace(ifnull(nullif(trim(iif(d.received < (SELECT min(a.first) FROM milestones a"                   \
      " WHERE a.subject = d.subject AND +a.code IN ('ARRIVED', 'GATE_IN')), 'advance ', '') || d.modes), ''),"  \
      " 'ordinary'), ' ', '+')")
/* clang-format on */

enum dimension {
#define X(name, text, zh, en, sql) DIMENSION_##name,
    DIMENSION_LIST(X)
#undef X
        DIMENSIONS_COUNT /* also: none of them */
};

extern const char *const dimension_texts[DIMENSIONS_COUNT + 1]; /* NULL ends */
const char *dimension_name(enum dimension dimension, enum language language);
enum dimension dimension_of(struct text text); /* DIMENSIONS_COUNT: no such */

struct sample_description {
    const char *declaration;              /* its key: PARTY/ID */
    const char *values[DIMENSIONS_COUNT]; /* each value is one string: they may be compared by address */
    uint32_t marks;                       /* which of the edition's marks were told of it, a bit each */
};

struct samples {
    const struct segments *segments;
    const struct chain *chain;
    stamp *moments; /* of each sample as many as the edition has milestones, in its order */
    struct sample_description *descriptions; /* NULL unless they were asked for */
    struct arena *arena;                     /* of the descriptions; NULL: they are another's */
    size_t count;
    size_t complete, in_order; /* of them: with all milestones of the chain; and those one after the other */
    /* By the edition's marks: an exclusion, of how many declarations it is the first, which are none of the
     * samples; a doubt, of how many samples it was told. */
    size_t marked[MARKS_MAX];
    bool keeps_excluded;         /* SAMPLES_EXCLUDED: they are in none of the counts but `count` */
    size_t path[MILESTONES_MAX]; /* where the chain's milestones stand in the edition's order */
};

enum samples_detail {
    SAMPLES_ENDS,      /* the milestones of the overall time alone: a period that another is compared with */
    SAMPLES_MOMENTS,   /* all milestones */
    SAMPLES_DESCRIBED, /* and which declaration each is of, with its values */
    SAMPLES_EXCLUDED,  /* the same, and those that are excluded stand among the samples, too */
};

/* A period and direction; to be released. TOO_LARGE: more than SAMPLES_MAX, or a dimension of more than
 * SAMPLES_VALUES_MAX values; and what the store says. */
enum status samples_gather(struct state *state, const struct segments *segments, const struct chain *chain,
                           struct period period, enum samples_detail detail, struct samples *out);
/* Those of described samples that have this value, as samples of their own: to be released before them. Of
 * none gathered there are none. */
void samples_select(const struct samples *samples, enum dimension dimension, const char *value,
                    struct samples *out);
void samples_release(struct samples *samples);

/* Where this milestone stands in each sample; as good as never told when the edition has no such. */
size_t samples_place(const struct samples *samples, const char *code);
stamp samples_at(const struct samples *samples, size_t index, size_t place);
/* The latest milestone of the chain up to and including its n-th. */
stamp samples_at_most(const struct samples *samples, size_t index, size_t step);
/* The first mark by which it is excluded, of samples gathered with those; marks_count: it counts. */
size_t samples_excluded_by(const struct samples *samples, size_t index);
bool samples_is_complete(const struct samples *samples, size_t index);
bool samples_is_in_order(const struct samples *samples, size_t index);

#endif
