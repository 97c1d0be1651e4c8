/*
 * releases.h - the declarations that were released in a month 放行, in columns, so that a report needs no
 * scan of state.db (scan.h): one file for each month and direction, DATA/releases/2026-10.import, with what a
 * scan gave and the record at which it stands. What records tell since is looked up by the goods they name
 * (touched.h), and of these alone state.db is read again; once that is much, the file is written anew.
 *
 * Nothing depends on them for truth: samples are the same with and without. A file that is damaged, of
 * another definition of schemas/segments, of other queries, of another state.db or ahead of it is none, and
 * is made again. Whoever wants room may delete them.
 *
 * Serves    what is known now, by the edition's own definition, of whole months; of parts of a month where
 *           its file is there already. What is asked otherwise is scanned: by what was known once, by another
 *           definition. What declarations say themselves (described.h) is read from their records.
 * Figures   of a month of which the standard report was asked for are kept beside its sheet (tally.h): what
 *           records tell moves only what they are made of.
 * Limits    RELEASES_MONTHS_MAX of one question, RELEASES_SHEETS_MAX at hand; what was not asked for longest
 *           goes.
 * Thread    one at a time. Written by the worker of long questions (view/worker.h), so that neither the
 *           engine nor the loop waits for it; others read.
 */
#ifndef VIEW_STATISTICS_RELEASES_H
#define VIEW_STATISTICS_RELEASES_H

#include "view/statistics/release_file.h"
#include "view/statistics/scan.h"
#include "view/statistics/tally.h"

#define RELEASES_MONTHS_MAX 13
#define RELEASES_SHEETS_MAX 24
#define RELEASES_LAG        50000

struct releases;

/* Beside the state.db of that folder. lag_max: a file is written anew when it stands so many records behind;
 * 0: none is, and those that are there are read. */
struct releases *releases_new(const char *directory, uint64_t lag_max);
void releases_free(struct releases *releases); /* NULL is fine */
/* As scan_samples(). False: it serves no such question, and nothing is gathered. */
bool releases_gather(struct releases *releases, const struct view_source *source,
                     const struct segments *segments, const struct chain *chain,
                     const struct scan_options *options, struct samples *out, enum status *status);
/* What a file of that direction is of, but for its days, for who writes one: this, and a bench. False: none
 * is kept. */
bool releases_key(struct releases *releases, const struct view_source *source, const struct chain *chain,
                  struct release_key *out);
/* The figures of a month, as they are now, until releases are used again; kept from the second time on that
 * they are asked for. NULL: they are not kept. */
struct tally *releases_tally(struct releases *releases, const struct view_source *source,
                             const struct segments *segments, const struct chain *chain,
                             struct period period);
/* Brings what is at hand up to where the state stands, and begins to keep figures that were asked for, while
 * nobody asks. */
void releases_follow(struct releases *releases, const struct view_source *source);
/* Sees that the file is there, and stands near, of one more month of those that the standard reports of that
 * day's month and of the one before are made of, while nobody asks; a month without one is scanned. None is
 * at hand for it. True: there may be others; false: all are there, or it was interrupted. */
bool releases_prepare(struct releases *releases, const struct view_source *source, int32_t day);
bool releases_have_any(const struct releases *releases); /* at hand */
/* For tests: how many months were scanned, since it was opened; how often figures were told as they are
 * kept. */
size_t releases_scanned(const struct releases *releases);
size_t releases_tallied(const struct releases *releases);

#endif
