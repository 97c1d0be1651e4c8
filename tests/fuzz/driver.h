/*
 * driver.h - what a fuzz target gives to driver.c, which makes a test of it.
 *
 *   fuzz_http                    the target's number of runs, or CLEARWAY_FUZZ_RUNS
 *   fuzz_http --runs 1000000 --first 5000 FILE...      runs 5000 and on; files are further seeds
 *   fuzz_http --show 4711        prints the input of that run (a failure names its run)
 *
 * Run N has the same input on every machine, as long as seeds and words are the same.
 */
#ifndef TESTS_FUZZ_DRIVER_H
#define TESTS_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

/* The target: aborts when the promise it tests is broken. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

extern const long fuzz_runs;         /* how many make a test of some seconds */
struct text fuzz_seed(size_t index); /* {NULL, 0} behind the last */
struct text fuzz_word(size_t index); /* pieces worth inserting; {NULL, 0} behind the last */

/* A target may make its inputs itself, instead of seeds and mutations, from numbers that follow from the run
   ... */
__attribute__((weak)) void fuzz_make(struct buf *out, uint64_t *random);
size_t fuzz_below(uint64_t *random, size_t limit);
/* ... and look at the whole behind the last run. */
__attribute__((weak)) void fuzz_end(void);

#endif
