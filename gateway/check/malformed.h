/*
 * malformed.h - a message that is not well-formed is refused by us, at the earliest place that is wrong
 * (xsd/wellformed.h), and no parser of others sees it.
 */
#ifndef CHECK_MALFORMED_H
#define CHECK_MALFORMED_H

#include "base/arena.h"
#include "message/verdict.h"
#include "edition/binding.h"
#include "check/gate.h"

/* True: it is not well-formed, and one finding (XML-*) was added; the walk, which may be NULL, was told what
 * stands before that place. */
bool malformed_judge(const struct gated *gated, struct binding_walk *walk, struct arena *arena,
                     struct verdict *verdict);

#endif
