/*
 * parcels.h - parcels of cross-border e-commerce 跨境电商: how each stands with its papers and with customs,
 * and what of it came back (`clearway parcels`). A party sees those whose lists it sent, customs those of
 * its offices; the port office and the operator see all.
 */
#ifndef VIEW_PARCELS_H
#define VIEW_PARCELS_H

#include "view/rows.h"

#define PARCELS_ROWS_MAX 500

extern const char *const parcel_states[]; /* NULL ends */
const char *parcel_state_name(const char *state, enum language language);

/* order, waybill, list: numbers, or nothing for all; with any of them the goods are told too. state:
 * nothing for all.
 * The newest first. Times are "" until they are known. */
extern const struct rows parcels_rows;

#endif
