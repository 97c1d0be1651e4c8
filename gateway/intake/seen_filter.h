/*
 * seen_filter.h - which keys surely do not stand in the table of seen ids (inside seen only).
 *
 * Nearly every id that comes was never there, and to look for it in the table costs more than all else that
 * the sequencer does with a message. This is a Bloom filter whose bits for one key stand in one line of the
 * processor's cache (Putze, Sanders, Singler 2007): "not there" is certain, "may be there" asks the table.
 * It only ever learns keys, so it is right about a table that it has learned whole: who has it sees to that.
 * It stands in memory alone, in as much as the keys need for which it is made: 12 to 24 bits for each, where
 * one key in a hundred or fewer is asked about in vain, and never more than SEEN_FILTER_BYTES_MAX. What more
 * keys than that cost is more questions in vain.
 * Thread    one puts keys in; others may ask meanwhile, and learn of a key when they learn otherwise that it
 *           was put in.
 */
#ifndef INTAKE_SEEN_FILTER_H
#define INTAKE_SEEN_FILTER_H

#include "intake/seen_table.h"

#define SEEN_FILTER_BYTES_MAX ((size_t)64 << 20)

struct seen_filter;

struct seen_filter *seen_filter_new(uint64_t keys); /* for so many */
void seen_filter_free(struct seen_filter *filter);
void seen_filter_put(struct seen_filter *filter, const struct seen_key *key);
/* False: it was never put in. */
bool seen_filter_may_have(const struct seen_filter *filter, const struct seen_key *key);
/* It has learned more keys than it has room for, and a larger one may be made. */
bool seen_filter_is_full(const struct seen_filter *filter);

#endif
