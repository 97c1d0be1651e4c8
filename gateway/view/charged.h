/*
 * charged.h - what was charged, line by line, beside what the published list says (`clearway charged`).
 *
 * A party sees the lines of notes that it sent or was sent. A note that is above its list or off it was
 * refused, unless an expert only observes that; who tried is told by the patrol (patrol.h).
 */
#ifndef VIEW_CHARGED_H
#define VIEW_CHARGED_H

#include "view/rows.h"

#define CHARGED_ROWS_MAX 500

extern const struct rows charged_rows;

#endif
