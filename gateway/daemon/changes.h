/*
 * changes.h - what differs between what is in force and what a reload has read, by name: texts of the
 * edition, parties, settings. Pure. Thread: any.
 */
#ifndef DAEMON_CHANGES_H
#define DAEMON_CHANGES_H

#include "base/arena.h"
#include "edition/edition.h"
#include "adapters/reload.h"
#include "daemon/settings.h"

/* A configuration: what an operator gives. */
struct configuration {
    const struct settings *settings;
    const struct edition *edition;
};

/* Names are copied into the arena. */
void changes_find(const struct configuration *before, const struct configuration *after, struct arena *arena,
                  struct reload_changes *out);

#endif
