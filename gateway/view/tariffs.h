/*
 * tariffs.h - what operators publish that they charge 收费清单, of all of them at once: which lists are in
 * force on a day, and which of their lines have these words in them.
 *
 * Words stand anywhere in a line: its item by code and by both names, its own name, its unit and its basis;
 * of several each must. Two characters are a word, as one is; letters small or large are the same.
 */
#ifndef VIEW_TARIFFS_H
#define VIEW_TARIFFS_H

#include "view/rows.h"

#define CHARGE_LISTS_ROWS_MAX 1000
#define TARIFFS_ROWS_MAX      500
#define TARIFFS_WORDS_MAX     128 /* bytes */

extern const struct rows charge_lists_rows;
extern const struct rows tariffs_rows;

#endif
