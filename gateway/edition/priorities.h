/*
 * priorities.h - who comes first where goods wait for their inspection 查验次序 (schemas/priorities).
 *
 *   priority LIVELIHOOD "高级认证企业的重点民生商品" "key livelihood goods of an advanced AEO"
 *     from declaration when trader_code in aeo_traders and any item: ...
 *   priority TRANSPORT "特殊运输需求" "special transport needs"
 *     from inspection-booking when transport_need in transport_needs
 *   waited 3 working days
 *
 * What stands above comes before what stands below, and that before what has no priority. Who has waited so
 * many working days (workdays.h) comes first of all. The order itself: engine/inspection_queue.h.
 */
#ifndef EDITION_PRIORITIES_H
#define EDITION_PRIORITIES_H

#include <stddef.h>

#include "message/verdict.h"
#include "expr/expr.h"

#define PRIORITIES_MAX 32

struct edition;

struct priority {
    const char *code, *zh, *en;
};

struct priorities {
    struct priority list[PRIORITIES_MAX];
    size_t count;
    int waited_days;                  /* 0: nobody comes first for having waited */
    struct priority_sources *sources; /* private: compiled `from` lines */
};

/* Mistakes: LINT-PRIORITY. */
struct priorities *priorities_load(const struct edition *edition, struct verdict *mistakes);
/* Calls found() for each priority that this message gives its goods. */
void priorities_judge(const struct priorities *priorities, struct text family,
                      const struct expr_context *context, void (*found)(const char *code, void *to),
                      void *to);
/* The place of the highest of these codes, "A B": 0 is the first; PRIORITIES_MAX: they are none. */
int priorities_rank(const struct priorities *priorities, struct text codes);

#endif
