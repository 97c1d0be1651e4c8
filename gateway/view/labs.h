/*
 * labs.h - the registry of laboratories 采信机构名录 (`clearway labs`): whose reports customs accepts, for
 * which goods, by which methods, from when until when. It is public: everybody may ask.
 */
#ifndef VIEW_LABS_H
#define VIEW_LABS_H

#include "view/rows.h"

#define LABS_ROWS_MAX 5000

/* hs: a commodity code, for those that are accepted for it on the day; nothing for all that was registered.
 * A laboratory without a scope, as one that is withdrawn, has one row without hs and method. */
extern const struct rows labs_rows;

#endif
