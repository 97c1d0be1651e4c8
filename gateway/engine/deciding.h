/*
 * deciding.h - which cause is being decided, in a place that outlives the process (DIR/deciding): no crash loop.
 *
 * A small mapped file: what is stored in it survives the death of the process, without a system call per
 * cause. (A power cut may take it; then the cause is tried anew, which is right.) When a process finds the
 * cause it is about to decide already there, an earlier one died on it. One killed from outside in that
 * moment looks the same, and counts: what a cause makes the engine eat up is killed from outside too.
 */
#ifndef ENGINE_DECIDING_H
#define ENGINE_DECIDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define DECIDING_ATTEMPTS_MAX 2           /* a cause on which deciding died so often is held */

struct deciding;

enum status deciding_open(const char *directory, struct deciding **out);
void        deciding_close(struct deciding *deciding);
bool        deciding_begin(struct deciding *deciding, uint64_t cause);   /* false: it failed too often, hold it */
void        deciding_end(struct deciding *deciding);

#endif
