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

#define RELOAD_CHANGES_MAX 1000

/* What differs from what was in force. */
struct reload_change {
    const char *what; /* "text" of the edition, "party", "setting" */
    const char *name; /* "rules", "FWD-QD-01", "limits.day_mib" */
    const char *how;  /* "new", "gone", "changed"; of a party also "blocked", "unblocked" */
};

struct reload_changes {
    struct reload_change *list;
    size_t count, left_out;
};

/* Borrowed for the call. */
struct reload_outcome {
    enum status status;    /* OK; BAD_CONFIG: mistakes say why; FULL, CLOSED ...: nothing has changed */
    bool dry;              /* nothing was to change: what a reload now would come to */
    bool changed;          /* another edition is in force, by its record; dry: would be */
    uint64_t record;       /* ... this one */
    struct digest edition; /* that is in force now */
    size_t settings;       /* so many of clearway.yaml are in force that were others before */
    struct reload_changes changes;
    struct verdict mistakes; /* errors, and warnings of what is in force */
};

/* Once, on the loop thread, behind all that the reload changes. */
typedef void reload_told(const struct reload_outcome *outcome, void *asker);

#endif
