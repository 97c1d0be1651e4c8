/*
 * random.h - bytes that nobody can guess, from the kernel.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

/* At most 256 bytes: so many come at once, or the process ends. */
void random_fill(void *bytes, size_t length);

#endif
