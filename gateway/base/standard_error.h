/*
 * standard_error.h - what is said on stderr, by the log and by a process that ends because it must: the one
 * way of writing that never waits. It stands on nothing else of ours, so whoever is wrong or out of memory
 * can still say so.
 */
#ifndef BASE_STANDARD_ERROR_H
#define BASE_STANDARD_ERROR_H

#include <stddef.h>

/* What stderr takes at this moment: never waits for who should read a pipe, a socket or a terminal, and
 * leaves the flags of its description, which others share, alone. Returns how many bytes it took; less than
 * all: it takes no more now, or cannot. */
size_t standard_error_write(const void *bytes, size_t length);

#endif
