/*
 * lengths.h - many lengths of time: group by group, and those of some ranks, exactly, without a sort.
 *
 * lengths_group() counts how many each group has, and then puts each length to its group (counting scatter).
 * lengths_select() counts how many begin with the same binary digits, and goes on with those alone among
 * which a rank is (radix selection): a few passes over all of them, whatever the number of ranks.
 *
 * lengths_sort() is for those that 64 bits do not hold: by the digits of what tells them apart (LSD radix
 * sort), in the coarsest unit that has all of them whole. Moments are told in seconds or milliseconds, so
 * that a few passes do, where comparing takes as many as the number of lengths has binary digits.
 */
#ifndef VIEW_STATISTICS_LENGTHS_H
#define VIEW_STATISTICS_LENGTHS_H

#include <stddef.h>
#include <stdint.h>

typedef __int128 duration; /* ns; the calendar is longer than 64 bits of them */

/* `groups` tells of each length its group, below count. starts, of count + 1: where each begins in `out`. */
void lengths_group(const int64_t *lengths, const uint8_t *groups, size_t n, size_t count, size_t *starts,
                   int64_t *out);
#define LENGTHS_RANKS_MAX 16 /* at once */
/* Of each of these ranks, from 0 on and in their order, its length. */
void lengths_select(const int64_t *lengths, size_t n, const size_t *ranks, size_t count, int64_t *out);
void lengths_sort(duration *lengths, size_t n);

#endif
