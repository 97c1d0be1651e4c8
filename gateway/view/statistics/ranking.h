/*
 * ranking.h - many lengths of time in their order, which come and go one by one: what stands at a rank is
 * found without looking at all of them.
 *
 * A length counts in one kind or in several of them (the treatments of figures.h, which mostly agree), and
 * stands once. Behind it stand words that put equal lengths in order, as many as the ranking is wide.
 *
 * What comes and goes is written down first and settled together: what goes and comes again changes nothing.
 * They are in chunks, each in its order and with how many of each kind it has and their sum: to add or to
 * remove one moves a part of a chunk, to find a rank passes over the chunks and a part of one. An empty
 * ranking takes what comes as a whole, sorted once.
 */
#ifndef VIEW_STATISTICS_RANKING_H
#define VIEW_STATISTICS_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/statistics/lengths.h"

#define RANKING_KINDS      4
#define RANKING_LENGTH_MAX (INT64_C(1) << 58) /* ns, nine years; also negative, both exclusive */

struct ranking;

/* width: the words of each, one and those that put equal lengths in order. note: bytes of ranking_slice's. */
struct ranking *ranking_new(size_t width, size_t note);
void ranking_free(struct ranking *ranking); /* NULL is fine */
/* The first word of a length: kinds has a bit for each in which it counts, at least one. */
int64_t ranking_word(int64_t length, unsigned kinds);
int64_t ranking_length(int64_t word);
void ranking_come(struct ranking *ranking, const int64_t *words);
void ranking_go(struct ranking *ranking, const int64_t *words); /* it has come */
/* True: it is another than it was. What is asked is told of what is settled. */
bool ranking_settle(struct ranking *ranking);

size_t ranking_count(const struct ranking *ranking, unsigned kind);
size_t ranking_bytes(const struct ranking *ranking);
/* What stands at a rank of a kind, and the sum of all before it. */
struct ranked {
    int64_t length;
    duration before;
};
/* Of each of these ranks, from 0 on and in their order. */
void ranking_find(const struct ranking *ranking, unsigned kind, const size_t *ranks, size_t count,
                  struct ranked *out);
/* Some that stand together, in their order. note: what who asks noted of these very ones, of as many bytes as
 * the ranking was made for; zeros at first, and when another came or one went; NULL: nothing is kept. */
struct ranking_slice {
    const int64_t *words;
    size_t count;
    void *note;
};
/* The n longest of all kinds, slice by slice, that of the longest first. */
void ranking_longest(struct ranking *ranking, size_t n,
                     void (*found)(const struct ranking_slice *slice, void *to), void *to);

#endif
