/*
 * arena.h - memory of one message: everything born from it dies with it, nothing is freed on the way.
 *
 * Promises  an allocation succeeds or the process ends (fatal, exit 71): losing unacknowledged work is
 *           safe, the journal holds the rest. Partner-controlled sizes are bounded by the caller before
 *           it allocates (arena_used() tells how far it is).
 * Thread    one at a time.
 * With -DARENA_MALLOC each piece is its own malloc, so that the address sanitizer sees overruns.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/text.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);         /* NULL is fine */
void arena_reset(struct arena *arena);        /* drops all pieces, keeps some blocks for the next */
size_t arena_used(const struct arena *arena); /* bytes handed out since new or reset */

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
/* A bigger copy of an array, not zeroed behind its `count`.
 * Sizes that double leave no more behind than is in use. */
void *arena_bigger(struct arena *arena, const void *old, size_t count, size_t capacity, size_t size);
const char *arena_copy(struct arena *arena, struct text text);     /* NUL-terminated copy */
const char *arena_string(struct arena *arena, const char *string); /* copy; NULL stays NULL */
const char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
