/*
 * segments.h - milestones and segments of clearance (schemas/segments).
 *
 *   milestone ARRIVED    "抵港" "arrived"
 *     from port-event when event_code = "ARRI" and classifier = "ACT" at event_time
 *   milestone ACCEPTED   "审结" "accepted"
 *     from customs-response when customs_channel = "J" at notice_time
 *   milestone GATE_OUT   "提离" "gate out"  last         # told several times: the last counts; else the
 *                                                      first
 *   segment import discharge    ARRIVED DISCHARGED  "卸货" "discharge" by terminal  # who can shorten it
 *   chain   import  ARRIVED DISCHARGED ACCEPTED RELEASED GATE_OUT
 *   month   import  RELEASED                      # a declaration belongs to the month of this milestone
 *   overall import  ARRIVED RELEASED  base 97.39 "2017"  # the published figure 整体通关时间, its base in
 *                                                        hours
 * An `at` that is a date counts from 00:00 Asia/Shanghai.
 */
#ifndef EDITION_SEGMENTS_H
#define EDITION_SEGMENTS_H

#include "base/decimal.h"
#include "base/stamp.h"
#include "expr/expr.h"

#define SEGMENTS_MAX   64
#define MILESTONES_MAX 64

struct edition;
struct milestone {
    const char *code, *zh, *en;
    bool last;
};
struct segment_row {
    const char *direction /* import, export */, *name, *from, *to, *zh, *en;
    const char *side; /* who can make it shorter: "terminal", "customs" ...; "" when it is not said */
};
struct chain {
    const char *direction;
    const char *milestones[MILESTONES_MAX];
    size_t count;
    const char *month;     /* "" when none was given */
    const char *from, *to; /* overall; "" when none was given */
    struct decimal base;
    const char *base_year; /* hours; base_year "" when none was given */
};

struct segments {
    struct milestone milestones[MILESTONES_MAX];
    size_t milestones_count;
    struct segment_row rows[SEGMENTS_MAX];
    size_t rows_count;
    struct chain chains[2]; /* a direction each */
    size_t chains_count;
    struct sources *sources; /* private: compiled `from` lines */
};

const struct milestone *segments_milestone(const struct segments *segments,
                                           const char *code); /* NULL: no such */
/* "port-event customs-response": the families whose messages tell that milestone, each once. */
const char *segments_tellers(const struct segments *segments, const char *code, struct arena *arena);
/* LINT-SEGMENT */
struct segments *segments_load(const struct edition *edition, struct verdict *mistakes);
/* Calls found() for each milestone this message tells, with its moment. */
void segments_judge(const struct segments *segments, struct text family, const struct expr_context *context,
                    void (*found)(const char *milestone, stamp at, void *to), void *to);

#endif
