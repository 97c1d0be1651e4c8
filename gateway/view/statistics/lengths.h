/*
 * lengths.h - many lengths of time in their order: by the digits of what tells them apart (LSD radix sort),
 * in the coarsest unit that has all of them whole. Moments are told in seconds or milliseconds, so that a few
 * passes do, where comparing takes as many as the number of lengths has binary digits.
 */
#ifndef VIEW_STATISTICS_LENGTHS_H
#define VIEW_STATISTICS_LENGTHS_H

#include <stddef.h>

typedef __int128 duration; /* ns; the calendar is longer than 64 bits of them */

void lengths_sort(duration *lengths, size_t n);

#endif
