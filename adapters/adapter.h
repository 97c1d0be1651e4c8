/*
 * adapter.h - a way into the gateway and out of it, as the gateway sees it: one row of the list of adapters.
 */
#ifndef ADAPTERS_ADAPTER_H
#define ADAPTERS_ADAPTER_H

#include "edition/party.h"

struct adapter {
    const struct party_transport *transport; /* its name, and what the parties file may say of it */
};

#endif
