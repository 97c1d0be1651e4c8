/*
 * recognize.h - in which format a message is: by the name that its sender gave, or by its root element,
 * namespace and marker, as the catalog (edition/catalog.h) describes them.
 */
#ifndef CHECK_RECOGNIZE_H
#define CHECK_RECOGNIZE_H

#include <stdint.h>

#include "message/verdict.h"
#include "edition/catalog.h"
#include "check/gate.h"

/* As of a day: a format has a first and a last one. NULL after a finding: FORMAT-UNKNOWN, -NAMESPACE,
 * -CLOSED. */
const struct format *recognize_by_root(const struct catalog *catalog, const struct gated *gated, int32_t day,
                                       struct verdict *verdict);
const struct format *recognize_by_name(const struct catalog *catalog, const char *name, int32_t day,
                                       struct verdict *verdict);

#endif
