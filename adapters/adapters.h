/*
 * adapters.h - the list of all adapters, in the order in which they start. Who adds a transport adds a folder
 * beside this file, and a row here.
 */
#ifndef ADAPTERS_ADAPTERS_H
#define ADAPTERS_ADAPTERS_H

#include "adapters/adapter.h"

#define ADAPTER_LIST(X) X(loopback) X(files) X(zmq) X(kafka) X(webhook) X(http)

#define X(name)                                 \
    extern const struct adapter name##_adapter; \
    extern const struct party_transport name##_transport;
ADAPTER_LIST(X)
#undef X

#define X(name) +1
enum { ADAPTERS_COUNT = ADAPTER_LIST(X) };
#undef X

extern const struct adapter *const adapters[];                   /* NULL ends it */
extern const struct party_transport *const adapter_transports[]; /* for parties_load(); NULL ends it */

#endif
