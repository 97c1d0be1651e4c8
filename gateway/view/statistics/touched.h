/*
 * touched.h - whether records told anything, since one of them, that the figures of some periods are made of.
 *
 * state.db says of each record of which goods it told something: the row of its message, and `touched`
 * (engine/state.h). Of these goods the declarations may belong to a period, or have belonged to it before a
 * moment was taken back; or one of them has a number in common with another declaration, which counts only as
 * long as none that is newer has it.
 */
#ifndef VIEW_STATISTICS_TOUCHED_H
#define VIEW_STATISTICS_TOUCHED_H

#include "view/statistics/samples.h"

#define TOUCHED_RECORDS_MAX 20000 /* that are looked through; behind more of them all counts as changed */

/* Behind record `since`, up to where the state stands. True also where a look would take longer than making
 * figures anew, and where the state cannot be read: who makes them will be told why. */
bool touched_since(struct state *state, const struct segments *segments, const struct period *periods,
                   size_t count, uint64_t since);

/* Goods of which something was told, and between which moments the months of their declarations begin that
 * the chains count them by; first behind last: there are none. */
struct touched_goods {
    struct text subject;
    stamp first, last;
};
/* Those of which records behind that one told something, and those with a number in common: each once, in the
 * order of bytes. Failures stick in the state. */
void touched_goods(struct state *state, const struct segments *segments, uint64_t since,
                   void (*found)(const struct touched_goods *goods, void *to), void *to);

#endif
