/*
 * received.h - messages as they were recorded, the newest first (`clearway received`): by their own id,
 * sender, family, verdict and time. Findings and bytes are asked for by the record (messages.h).
 *
 * A party sees what it sent, the operator all.
 */
#ifndef VIEW_RECEIVED_H
#define VIEW_RECEIVED_H

#include "view/rows.h"

#define RECEIVED_ROWS_MAX 200

extern const char *const received_verdicts[];
const char *received_verdict_name(const char *verdict, enum language language);
extern const struct rows received_rows;

#endif
