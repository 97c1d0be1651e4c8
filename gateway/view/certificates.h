/*
 * certificates.h - certificates of origin 原产地证书 (`clearway certificates`): what became of each
 * application, its place in the one queue of all districts, and how many copies are left to print.
 *
 * A party sees its own applications; customs, the office and an operator on the machine see all. The token of
 * the right to print is told to who applied alone, once the certificate is issued.
 */
#ifndef VIEW_CERTIFICATES_H
#define VIEW_CERTIFICATES_H

#include "view/rows.h"

#define CERTIFICATES_ROWS_MAX 1000

extern const char *const certificate_states[];

/* The queue first, in its order, then what is under review, then all else, the latest first.
 * application, state: only those.
 * position: from 1, of what is queued; else 0. replaces, successor: numbers of the certificate in whose place
 * it was asked for, and of the one that took its place; "". token: "" unless it is told. */
extern const struct rows certificates_rows;

#endif
