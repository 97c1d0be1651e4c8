/*
 * preflight.h - what the gateway needs of the world before it can start, looked at without changing it:
 * addresses to listen at, certificates and keys, the folders of parties, the file of Kafka properties.
 *
 * `config lint` and `serve` both come through here, so that they never disagree. What keeps the gateway from
 * starting is an error; what it can live with for a while (a folder that is not there yet, a certificate near
 * its end) is a warning. Each stands where the value stands: in the configuration, its environment variable,
 * or the parties file.
 */
#ifndef DAEMON_PREFLIGHT_H
#define DAEMON_PREFLIGHT_H

#include "edition/edition.h"
#include "daemon/settings.h"

/* The gateway's own folders, and whether the journal in them has the name that is set, before anything is
 * made. */
void preflight_folders(const struct settings *settings, struct verdict *mistakes);

/* What each adapter needs. Findings have code LINT-CONFIG, LINT-PARTY or the adapter's own. */
void preflight(const struct settings *settings, const struct edition *edition, struct verdict *mistakes);

/* What `config lint` asks beyond that (adapters/probe.h): whether the addresses to listen at are free, unless
 * a gateway runs by this data folder and has them; hosts; with `connect` who is at the other end. `probe` has
 * connect and mistakes set. */
void preflight_probe(const struct settings *settings, const struct edition *edition, struct probe *probe);

#endif
