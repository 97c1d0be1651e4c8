/*
 * segments.h - milestones and segments of clearance (schemas/segments).
 *
 *   milestone ARRIVED    "抵港" "arrived"
 *     from port-event when event_code = "ARRI" and classifier = "ACT" at event_time
 *     planned ARRI                              # port events that tell when it is planned or expected
 *     told by terminal carrier                  # whose telling it is, by the first that is known
 *   milestone ACCEPTED   "审结" "accepted"
 *     from customs-response when customs_channel = "J" at notice_time
 *   milestone GATE_OUT   "提离" "gate out"  last         # told several times: the last counts; else the
 *                                                      first
 *   segment import discharge    ARRIVED DISCHARGED  "卸货" "discharge" by terminal  # who can shorten it
 *   chain   import  ARRIVED DISCHARGED ACCEPTED RELEASED GATE_OUT
 *   month   import  RELEASED                      # a declaration belongs to the month of this milestone
 *   overall import  ARRIVED RELEASED  base 97.39 "2017" target 48.7 "2021"  # the published figure
 *                                                 整体通关时间, and in hours what it is held against
 *   unit declaration                              # what is counted; also container, teu
 *   teu 1 2* 22                                   # types of containers of that many TEU, or quarters
 *   dimension commodity "商品类别" "commodity"    # what a declaration itself says, for `report --by`
 *     group ore "矿砂" "ores" when any item: substr(item.hs_code, 1, 2) = "26"   # the first that is true
 *     value transport_mode                      # ... or that has a value, called as the field's code list
 *                                                 does
 *   closes 20                                     # the day of the month after it on which a month is closed
 *   exclude CANCELLED "已撤单" "cancelled"        # what was told so does not count, and is counted beside
 *     from customs-response when customs_channel in ("A", "D")
 *   doubt   FUTURE "晚于收到" "told too early"   # such a message tells no moments: they cannot be true
 *     from port-event when classifier = "ACT" and event_time - received > 24
 * An `at` that is a date counts from 00:00 Asia/Shanghai.
 */
#ifndef EDITION_SEGMENTS_H
#define EDITION_SEGMENTS_H

#include "base/decimal.h"
#include "base/stamp.h"
#include "expr/expr.h"

#define SEGMENTS_MAX           64
#define MILESTONES_MAX         64
#define MARKS_MAX              32 /* exclusions and doubts */
#define SIZES_MAX              64 /* types of containers */

#define SEGMENT_DIMENSIONS_MAX 8 /* of a definition */

struct edition;
struct milestone {
    const char *code, *zh, *en;
    bool last;
    const char *planned; /* "ARRI BERT": port events that plan or estimate it; NULL: none does */
    const char *told_by; /* "terminal carrier": roles whose telling it is; NULL: it is not said */
};
/* What is told of declarations beside moments 统计标记: kept as milestones are, and taken back like them. */
struct mark {
    const char *code, *zh, *en;
    bool excludes; /* declarations of which it was told; else it doubts the moments of the message itself */
};
struct segment_row {
    const char *direction /* import, export */, *name, *from, *to, *zh, *en;
    const char *side; /* who can make it shorter: "terminal", "customs" ...; "" when it is not said */
};
struct chain {
    const char *direction;
    const char *milestones[MILESTONES_MAX];
    size_t count;
    const char *month;                   /* "" when none was given */
    const char *from, *to;               /* overall; "" when none was given */
    struct decimal base, target;         /* hours */
    const char *base_year, *target_year; /* "" when none was given */
};

/* clang-format off */
/*    name          text           zh      en: of which a figure counts so many */
#define UNIT_LIST(X)                                                  \
    X(DECLARATION,  "declaration", "报关单（票）", "declarations")     \
    X(CONTAINER,    "container",   "集装箱（箱）", "containers")       \
    X(TEU,          "teu",         "标准箱（TEU）", "TEU")
/* clang-format on */

enum unit {
#define X(name, text, zh, en) UNIT_##name,
    UNIT_LIST(X)
#undef X
        UNITS_COUNT /* also: none of them */
};

extern const char *const unit_texts[UNITS_COUNT + 1]; /* NULL ends */
const char *unit_name(enum unit unit, enum language language);
enum unit unit_of(struct text text); /* UNITS_COUNT: no such */

#define TEU_QUARTERS 4 /* a container is so many quarters of a TEU: 45' is 2.25 */

struct segment_dimension {
    const char *name, *zh, *en;
};
struct container_size {
    const char *type; /* "22G1"; or the signs that types of it begin with, and `*` */
    unsigned quarters;
};

struct segments {
    struct milestone milestones[MILESTONES_MAX];
    size_t milestones_count;
    struct mark marks[MARKS_MAX]; /* no code is a milestone's, too */
    size_t marks_count;
    struct segment_row rows[SEGMENTS_MAX];
    size_t rows_count;
    struct chain chains[2]; /* a direction each */
    size_t chains_count;
    enum unit unit; /* that is counted when no other is asked for */
    struct container_size sizes[SIZES_MAX];
    size_t sizes_count;
    struct segment_dimension dimensions[SEGMENT_DIMENSIONS_MAX];
    size_t dimensions_count;
    int closes_day; /* of the month after it a month is closed, at 00:00 Asia/Shanghai; 0: none ever is */
    struct sources *sources; /* private: compiled `from` lines */
};

const struct milestone *segments_milestone(const struct segments *segments,
                                           const char *code); /* NULL: no such */
/* That which a port event of this code plans, where it is told as planned or estimated; NULL: none. */
const struct milestone *segments_planned_by(const struct segments *segments, struct text event);
/* Where the mark of this code stands; marks_count: there is none. */
size_t segments_mark(const struct segments *segments, struct text code);
/* What people call this milestone or mark; the code itself where it is neither (any more). */
/* Whether a declaration belongs to the month in which that milestone was. */
bool segments_is_month(const struct segments *segments, struct text code);
const char *segments_name(const struct segments *segments, const char *code, enum language language);
/* "port-event customs-response": the families whose messages tell that milestone, each once. */
const char *segments_tellers(const struct segments *segments, const char *code, struct arena *arena);
/* LINT-SEGMENT */
struct segments *segments_load(const struct edition *edition, struct verdict *mistakes);
/* Another text than the edition's own, as it once was 统计口径, read by what the edition knows today. In the
 * arena, which lives no longer than the edition. */
struct segments *segments_read(const struct edition *edition, struct text bytes, struct arena *arena,
                               struct verdict *mistakes);
/* Calls found() for each milestone this message tells, with its moment, and for each mark, with 0: it has
 * none. A message that is doubted tells no milestone. */
void segments_judge(const struct segments *segments, struct text family, const struct expr_context *context,
                    void (*found)(const char *code, stamp at, void *to), void *to);

/* Quarters of a TEU by the type that was told of a container, the longest that fits; 0: it is not known. */
unsigned segments_quarters(const struct segments *segments, struct text type);
/* Of which group a declaration is by a dimension of the definition; "": of none. In the context's arena. */
const char *segments_value(const struct segments *segments, size_t dimension,
                           const struct expr_context *context);
/* What people call that group; NULL: the definition does not say. */
const char *segments_value_name(const struct segments *segments, size_t dimension, const char *value,
                                enum language language);
/* The code list by which what is no group is called; "": none. */
const char *segments_value_list(const struct segments *segments, size_t dimension);

#endif
