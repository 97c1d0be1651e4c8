/*
 * segments.h - milestones and segments of clearance (schemas/segments).
 *
 *   milestone ARRIVED    "抵港" "arrived"
 *     from port-event when event_code = "ARRI" and classifier = "ACT" at event_time
 *   milestone ACCEPTED   "审结" "accepted"
 *     from customs-response when channel = "J" at notice_time
 *   segment import discharge    ARRIVED DISCHARGED  "卸货" "discharge"
 *   chain   import  ARRIVED DISCHARGED ACCEPTED RELEASED GATE_OUT
 *   month   import  RELEASED                      # a consignment belongs to the month of this milestone
 */
#ifndef ENGINE_SEGMENTS_H
#define ENGINE_SEGMENTS_H

#include "base/stamp.h"
#include "message/expr.h"
#include "message/setup.h"

#define SEGMENTS_MAX 64
#define MILESTONES_MAX 64

struct milestone { const char *code, *zh, *en; };
struct segment_row { const char *direction /* import, export */, *name, *from, *to, *zh, *en; };
struct chain { const char *direction; const char *milestones[MILESTONES_MAX]; size_t count; const char *month; };

struct segments {
    struct milestone milestones[MILESTONES_MAX]; size_t milestones_count;
    struct segment_row rows[SEGMENTS_MAX]; size_t rows_count;
    struct chain chains[4]; size_t chains_count;
    void *sources;                        /* private: compiled `from` lines */
};

struct segments *segments_load(const struct setup *setup, struct arena *arena, struct verdict *mistakes);   /* LINT-SEGMENT */
/* Calls found() for each milestone this message tells, with its moment. */
void segments_judge(const struct segments *segments, struct text family, const struct expr_context *context,
                    void (*found)(const char *milestone, stamp at, void *to), void *to);

#endif
