/*
 * bulk_order.h - one order about many deliveries, or many records that are set aside: they are counted first,
 * in groups; then, with `yes`, the order is given to the running gateway for each of them, which records it.
 *
 * Prints what is chosen and what came of it: as a text, or with --json
 *   {"count":n,"groups":[{"party","state","reason","family","n"}],"done":true,"recorded":n,
 *    "left":[{"id","code"}]}
 * party: the destination of deliveries, the sender of records. recorded: orders that were taken; left: those
 * that were not, and why.
 */
#ifndef DAEMON_BULK_ORDER_H
#define DAEMON_BULK_ORDER_H

#include "view/choice.h"
#include "daemon/invocation.h"

struct bulk_order {
    const char *verb;     /* of deliveries: redrive, drop; of records: release, drop */
    const char *reason;   /* "": none */
    struct choice choice; /* of one state */
    bool yes;
};

/* The exit code; 1 when some were left. */
int bulk_order(struct invocation *inv, const char *data, const struct bulk_order *order);

#endif
