/*
 * attempts.h - which cause is being decided, in a place that outlives the process (DIR/attempts): no crash
 * loop.
 *
 * A small mapped file, the mark: what is stored in it survives the death of the process, without a system
 * call per cause. (A power cut may take it; then the cause is tried anew, which is right.) A process that
 * finds the cause it is about to decide already there knows that an earlier one died on it. How it died makes
 * the difference:
 *   crashed  the deciding thread itself was hit by a fatal signal, or called abort(): a handler wrote so into
 *            the mark. ATTEMPTS_CRASHES_MAX of them hold the cause.
 *   died     nobody knows why: killed from outside, which what a cause makes the engine eat up leads to as
 *            well, but so does an operator. ATTEMPTS_DEATHS_MAX of them hold it.
 * A crash of another thread takes the cause out of the mark: it was not what killed us.
 * Thread    begin and end: the one that decides, always the same.
 */
#ifndef ENGINE_ATTEMPTS_H
#define ENGINE_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/parts/held.h"

#define ATTEMPTS_CRASHES_MAX 2
#define ATTEMPTS_DEATHS_MAX  5

struct attempts;

/* Handles the fatal signals until closed: the mark is written, then what handled them before has its turn.
 * One at a time in a process. */
enum status attempts_open(const char *directory, struct attempts **out);
void attempts_close(struct attempts *attempts);
/* False: it failed too often, hold it for this reason. */
bool attempts_begin(struct attempts *attempts, uint64_t cause, enum held_reason *reason);
void attempts_end(struct attempts *attempts);

#endif
