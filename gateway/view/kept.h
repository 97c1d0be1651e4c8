/*
 * kept.h - answers to long questions that are kept as they left, and given again as long as they stand.
 *
 * A question whose row says what its answer stands on (view.h, `stands`) is answered once; asked the same
 * again it gets the same bytes, without a scan, until records tell something that it is made of, or until it
 * is older than it may be (`age_max_ms`). Nothing of it is on disk: who starts anew makes them anew. Those
 * that stand on something, and were asked for in their plain form, with no more than one value (a month), are
 * made again as events arrive by who calls kept_refresh() in between.
 *
 * Limits    KEPT_MAX answers, none above KEPT_BYTES_MAX; the one that was not asked for longest goes.
 * Thread    one at a time.
 */
#ifndef VIEW_KEPT_H
#define VIEW_KEPT_H

#include "base/buf.h"
#include "view/view.h"

#define KEPT_MAX       64
#define KEPT_BYTES_MAX (256u << 10)
#define KEPT_FRESH     256 /* uses after which a plain answer is not made again by itself */

struct kept;

struct kept *kept_new(void);
void kept_free(struct kept *kept); /* NULL is fine */
/* As view_answer(). */
enum status kept_answer(struct kept *kept, const struct view_question *question, enum view_form form,
                        struct buf *body);
/* Makes one of the plain answers of the last KEPT_FRESH uses again if it does not stand any more, by that
 * source. True: one was made, and there may be others; false: all stand, or it was interrupted. */
bool kept_refresh(struct kept *kept, const struct view_source *source);
/* Whether there is any that kept_refresh() would look at. */
bool kept_has_plain(const struct kept *kept);
/* How many answers were given again; for tests. */
uint64_t kept_given(const struct kept *kept);

#endif
