/*
 * memory.h - allocation that succeeds or ends the process (exit 71), so no caller carries a path for it.
 * Nothing is acknowledged before it is durable, hence ending is always safe.
 *
 * CLEARWAY_FAIL_ALLOCATION=n in the environment makes the n-th allocation of the process fail, for tests.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

void *memory_new(size_t size);                           /* zeroed; free() it */
void *memory_array(size_t count, size_t size);           /* zeroed; overflow of count * size is fatal */
void *memory_grow(void *old, size_t count, size_t size); /* realloc of an array; takes old */
char *memory_string(const char *string);                 /* strdup; NULL stays NULL */

/* What the system could still give to processes, in bytes; 0: it does not tell. */
uint64_t memory_available(void);

_Noreturn void memory_exhausted(void); /* the end itself, for a library that says NULL */

#endif
