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
#include "base/texts.h"
#include "edition/segments.h"
#include "engine/state.h"
#include "view/view.h"

#define SAMPLES_MAX        1000000   /* declarations of one period and direction */
#define SAMPLES_VALUES_MAX 200       /* values of one dimension in one period and direction */
#define SAMPLE_NEVER       INT64_MIN /* a milestone that was not told */

/* Asia/Shanghai days: the first, and the one behind the last. */
struct period {
    int32_t first_day, next_day;
    /* By what was known at that record; 0: by what is known. */
    uint64_t as_of;
};

/* What declarations are told apart by. What was told of them is looked at as it was known then: the second
 * SQL has ?8, the record, in it. A unary + keeps SQLite from looking for all milestones of a code, where
 * those of one consignment are meant. */
/* clang-format off */
#define OFFICE_SQL "d.office"
#define PORT_SQL   "ifnull((SELECT c.port FROM consignments c WHERE c.subject = d.subject), '')"
#define STEP_SQL   "iif(d.step = 'summary', 'two-step', 'one-step')"
/* Of a moment `a` of the goods: it counts for this declaration. */
#define MEANS_IT " (a.container = '' OR EXISTS (SELECT 1 FROM declaration_containers c"                        \
    " WHERE c.declaration = d.key AND c.container = a.container)"                                             \
    " OR NOT EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = d.key))"
#define ARRIVAL_NOW " (SELECT a.subject, a.container, a.code, a.first at, a.first_record record"              \
    " FROM milestones a WHERE a.subject = d.subject)"
#define ARRIVAL_THEN " (SELECT m.subject, m.container, m.code, m.first at, m.first_record record"             \
    " FROM milestones m WHERE m.subject = d.subject AND m.first_known <= ?8"                                  \
    " UNION ALL SELECT m.subject, m.container, m.code, m.at, m.record FROM tellings m"                        \
    " WHERE m.subject = d.subject AND m.known <= ?8"                                                          \
    " UNION ALL SELECT m.subject, m.container, m.code, m.at, m.record FROM taken_back m"                      \
    " WHERE m.subject = d.subject AND m.known <= ?8 AND m.until > ?8)"
#define TERMINAL_SQL(told) "ifnull((SELECT x.party FROM" told " a CROSS JOIN messages x ON x.number = a.record" \
    " WHERE +a.code = iif(d.direction = 'export', 'GATE_IN', 'DISCHARGED') AND" MEANS_IT                       \
    " ORDER BY a.at, x.party LIMIT 1), '')"
#define IS_ADVANCE(told) "d.received < (SELECT min(a.at) FROM" told " a WHERE +a.code IN ('ARRIVED', 'GATE_IN'))"
#define ADVANCE_SQL(told) "iif(" IS_ADVANCE(told) ", 'advance', 'ordinary')"
#define MODE_SQL(told) "replace(ifnull(nullif(trim(iif(" IS_ADVANCE(told) ", 'advance ', '') || d.modes), ''),"  \
    " 'ordinary'), ' ', '+')"
#define SELECTED_THEN "iif(EXISTS (SELECT 1 FROM timeline t WHERE t.subject = d.subject"                       \
    " AND t.part = 'declarations' AND t.key = d.key AND t.proves = 'selected' AND t.record <= ?8), 'yes', 'no')"

/*    name         text          zh            en: what its values are, the value, in SQL, of declaration d: now; then */
#define DIMENSION_LIST(X)                                                                                    \
    X(OFFICE,      "office",     "申报地海关", "customs office",  OFFICE_SQL, OFFICE_SQL)                      \
    X(PORT,        "port",       "口岸",       "port",            PORT_SQL, PORT_SQL)                          \
    X(TERMINAL,    "terminal",   "码头",       "who told the discharge, or that the goods were in the port",   \
      TERMINAL_SQL(ARRIVAL_NOW), TERMINAL_SQL(ARRIVAL_THEN))                                                   \
    X(STEP,        "step",       "申报步骤",   "one step or two", STEP_SQL, STEP_SQL)                          \
    X(INSPECTED,   "inspected",  "是否查验",   "selected for inspection or not",                               \
      "iif(d.selected_at IS NULL, 'no', 'yes')", SELECTED_THEN)                                                \
    X(ADVANCE,     "advance",    "提前或普通", "declared before the goods were in the port, or after",         \
      ADVANCE_SQL(ARRIVAL_NOW), ADVANCE_SQL(ARRIVAL_THEN))                                                     \
    X(MODE,        "mode",       "申报模式",   "mode of declaration: several joined by +, or ordinary",        \
      MODE_SQL(ARRIVAL_NOW), MODE_SQL(ARRIVAL_THEN))
/* clang-format on */

enum dimension {
#define X(name, text, zh, en, now, then) DIMENSION_##name,
    DIMENSION_LIST(X)
#undef X
        DIMENSIONS_COUNT, /* behind them those of the definition (segments.h), as many as it has */
    DIMENSION_FIELD =
        DIMENSIONS_COUNT + SEGMENT_DIMENSIONS_MAX, /* any field of the dictionary, its first row */
    DIMENSION_ONE_MODE, /* declared in one mode 申报模式, whatever others it has: yes, no */
    DIMENSION_NONE,
};

/* "terminal", "commodity"; of a field "field", of one mode "mode". Language: what it means. */
const char *dimension_text(const struct segments *segments, enum dimension dimension);
const char *dimension_name(const struct segments *segments, enum dimension dimension, enum language language);
/* "terminal", "commodity", "field:trade_mode"; *field is that. DIMENSION_NONE: no such. */
enum dimension dimension_of(const struct segments *segments, const struct fields *fields, struct text text,
                            const struct field **field);

/* The distinct values of one dimension, one string each. */
struct distinct {
    const char *list[SAMPLES_VALUES_MAX];
    size_t count;
};

/* What is known of samples beside their moments: in columns, each with an entry for each sample. */
struct sample_columns {
    stamp *at; /* of its month, by which samples stand in order; then by these three */
    const char **subjects, **declarations, **containers; /* a declaration's key: PARTY/ID */
    uint64_t *records;                                   /* of the declarations */
    uint32_t *marks;                 /* which of the edition's marks were told of it, a bit each */
    uint8_t *values[DIMENSION_NONE]; /* which of the distinct ones it has; NULL: nobody asked for them */
    struct distinct distinct[DIMENSION_NONE];
    /* Instead of those two, where the values are only read, row by row: however many, by their numbers among
     * these texts; NULL: it is as above. */
    struct texts *listed;
    uint32_t *numbers[DIMENSION_NONE];
    struct arena *arena; /* of the texts */
    bool is_nameless;    /* nobody asked which they are: there are neither these three nor the records */
};

enum chained {
    CHAINED_NOT,      /* a milestone of the chain is missing */
    CHAINED_COMPLETE, /* all of them are there */
    CHAINED_IN_ORDER, /* ... and one after the other */
};

struct samples {
    const struct segments *segments;
    const struct chain *chain;
    /* Of each milestone of the edition, in its order, a column with an entry for each sample; NULL: it was
     * told of none of them. */
    stamp *moments[MILESTONES_MAX];
    struct sample_columns *described; /* NULL unless it was asked for */
    /* Who told anything of their goods (samples_tellers()), by its number among these texts, of which the
     * first is ""; NULL: of none, or nobody asked. */
    uint32_t *tellers;
    struct texts *tellers_texts;
    unsigned *weights; /* how many units each counts for; NULL: one, it is the declaration */
    uint8_t *chained;  /* how much of the chain each has (samples_count()) */
    size_t count, room;
    /* In units: all; those with all milestones of the chain; and of them those one after the other. */
    size_t units, complete, in_order;
    size_t without_containers, of_unknown_size; /* declarations, and containers, that count for nothing */
    size_t unread;   /* declarations that could not be asked what they say: their messages are not at hand */
    bool *is_unread; /* which they are; NULL: none, or nobody asked */
    /* By the edition's marks: an exclusion, of how many declarations it is the first, which are none of the
     * samples; a doubt, of how many samples it was told. */
    size_t marked[MARKS_MAX];
    uint32_t crowded; /* dimensions of more than SAMPLES_VALUES_MAX values, a bit each: they have no column */
    bool keeps_excluded;         /* SAMPLES_EXCLUDED: they are in none of the counts but `count` */
    size_t path[MILESTONES_MAX]; /* where the chain's milestones stand in the edition's order */
};

enum samples_detail {
    SAMPLES_ENDS,      /* the milestones of the overall time alone: a period that another is compared with */
    SAMPLES_MOMENTS,   /* all milestones */
    SAMPLES_DESCRIBED, /* and which declaration each is of, with its values */
    SAMPLES_EXCLUDED,  /* the same, and those that are excluded stand among the samples, too */
};

struct samples_options {
    enum samples_detail detail;
    enum unit unit;            /* another than the declaration: described */
    bool reads_groups;         /* described: by the dimensions of the definition, too */
    const struct field *field; /* described: and by this field; NULL: none */
    const char *mode;          /* described: and by this mode; NULL: none */
    bool lists; /* described: all values of each dimension, by which nobody groups; by a scan */
};

/* A period and direction; to be released. TOO_LARGE: more than SAMPLES_MAX; as described_read(); and what the
 * store says. */
enum status samples_gather(const struct view_source *source, const struct segments *segments,
                           const struct chain *chain, struct period period,
                           const struct samples_options *options, struct samples *out);
void samples_release(struct samples *samples);
unsigned samples_weight(const struct samples *samples, size_t index); /* units that it counts for */

/* Where this milestone stands in each sample; as good as never told when the edition has no such. */
size_t samples_place(const struct samples *samples, const char *code);
stamp samples_at(const struct samples *samples, size_t index, size_t place);
/* The latest milestone of the chain up to and including its n-th. */
stamp samples_at_most(const struct samples *samples, size_t index, size_t step);
/* "PORT PARTY PARTY": the port of its goods, and who told a moment of these, in the order of the moments. "":
 * of an excluded one, or nobody asked (SAMPLES_ENDS). */
const char *samples_tellers(const struct samples *samples, size_t index);
/* More values than can be grouped by: it has none that could be asked for. */
bool samples_is_crowded(const struct samples *samples, enum dimension dimension);
/* Of described samples: its value of a dimension that was asked for. */
const char *samples_value(const struct samples *samples, enum dimension dimension, size_t index);
/* The first mark by which it is excluded, of samples gathered with those; marks_count: it counts. */
size_t samples_excluded_by(const struct samples *samples, size_t index);
bool samples_is_complete(const struct samples *samples, size_t index); /* of counted ones, as what follows */
bool samples_is_in_order(const struct samples *samples, size_t index);
/* How many units have each value of the dimension, by its distinct ones; how many of them are complete, and
 * in order. DIMENSION_NONE: all, in the first entry. */
void samples_count_by(const struct samples *samples, enum dimension by, size_t *units, size_t *complete,
                      size_t *in_order);

/* --- for who gathers them ------------------------------------------------------------------------------- */

void samples_init(struct samples *samples, const struct segments *segments, const struct chain *chain,
                  enum samples_detail detail);
void samples_reserve(struct samples *samples, size_t room); /* at least */
/* One more, of which nothing was told. */
size_t samples_add(struct samples *samples);
/* The last one takes its place. */
void samples_remove(struct samples *samples, size_t index);
/* The column of a milestone, an entry for each one there is room for; those behind the last are unset. */
stamp *samples_column(struct samples *samples, size_t place);
void samples_tell(struct samples *samples, size_t index, size_t place, stamp at);
void samples_tell_tellers(struct samples *samples, size_t index, struct text tellers);
/* Of described ones. False: the dimension is crowded. */
bool samples_code(struct samples *samples, enum dimension dimension, struct text value, uint8_t *out);
void samples_describe(struct samples *samples, size_t index, enum dimension dimension, struct text value);
/* Described ones of the same definition and period, behind them, of which nobody lists the values. False: a
 * dimension is crowded. */
bool samples_append(struct samples *samples, const struct samples *more);
/* Counts by the marks that were told of one. True: it is excluded. */
bool samples_mark(struct samples *samples, uint32_t marks);
void samples_count(struct samples *samples); /* once all are there: units, complete, in_order */

#endif
