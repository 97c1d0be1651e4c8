/*
 * sheet.h - the declarations released in a month 放行, of one direction, as they are now: the columns of its
 * file (release_file.h), less those of goods that were told of since, and these, as they were scanned again.
 * Samples of it stand in the order in which a scan gives them. Where figures are kept of it (tally.h), what
 * comes and goes moves them.
 *
 * Owns      the open file and the figures. Who has it finds out what was told, scans it and writes the file
 *           (releases.c).
 * Limits    those of samples.
 */
#ifndef VIEW_STATISTICS_SHEET_H
#define VIEW_STATISTICS_SHEET_H

#include "view/statistics/release_file.h"
#include "view/statistics/samples.h"
#include "view/statistics/scan.h"
#include "view/statistics/tally.h"

struct sheet {
    struct release_key key;
    struct release_file file; /* of no rows: nothing is written */
    uint64_t position;        /* the record at which all of it stands */
    bool *gone;               /* rows of the file of goods that were told of since */
    size_t gone_count;
    struct samples since; /* of these goods, described, in no order */
    struct tally *tally;  /* NULL: its figures are not kept */
    /* Its owner's. */
    uint64_t written; /* the record at which its file stands */
    uint64_t used;    /* the higher, the later */
    bool is_reported; /* its figures were asked for */
};

/* Of nothing yet. */
struct sheet *sheet_new(const struct release_key *key, const struct segments *segments,
                        const struct chain *chain);
void sheet_free(struct sheet *sheet);
/* From now on it is what stands in this file, which it takes. */
void sheet_take_file(struct sheet *sheet, const struct release_file *file);
/* The same definition, as another edition holds it. */
void sheet_adopt(struct sheet *sheet, const struct segments *segments, const struct chain *chain);
struct period sheet_period(const struct sheet *sheet); /* its month */

/* Reads what samples of that detail need of its file; texts: which declarations they are, too. False: it is
 * damaged. */
bool sheet_read(struct sheet *sheet, enum samples_detail detail, bool texts);
/* What of it is of the options' period, behind what is in `out`. texts: with those that figures have no use
 * for. All of that was read. TOO_LARGE: as samples_gather(). */
enum status sheet_tell(const struct sheet *sheet, const struct scan_options *options, bool texts,
                       struct samples *out);

/* Begins to keep its figures. False: its file is damaged. */
bool sheet_keep_figures(struct sheet *sheet);

/* What is of these goods, which stand in the order of bytes, is no part of it any more. Its texts were read,
 * and its moments where its figures are kept. */
void sheet_remove_goods(struct sheet *sheet, const char *const *goods, size_t count);
/* Described samples of its month are part of it. False: a dimension has too many values, and it is no use. */
bool sheet_add(struct sheet *sheet, struct samples *told);

#endif
