/*
 * reload.h - what came of a reload, for who asked for it.
 */
#ifndef ADAPTERS_RELOAD_H
#define ADAPTERS_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"
#include "message/verdict.h"

/* Borrowed for the call. */
struct reload_outcome {
    enum status status;      /* OK; BAD_CONFIG: mistakes say why; FULL, CLOSED ...: nothing has changed */
    bool changed;            /* another edition is in force, by its record */
    uint64_t record;         /* ... this one */
    struct digest edition;   /* that is in force now */
    size_t settings;         /* so many of clearway.yaml are in force that were others before */
    struct verdict mistakes; /* errors, and warnings of what is in force */
};

/* Once, on the loop thread, behind all that the reload changes. */
typedef void reload_told(const struct reload_outcome *outcome, void *asker);

#endif
