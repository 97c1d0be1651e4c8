/*
 * adapters.c - the list as arrays.
 */
#include "adapters/adapters.h"

#include <stddef.h>

/* clang-format off */
const struct adapter *const adapters[] = {
#define X(name) &name##_adapter,
    ADAPTER_LIST(X)
#undef X
    NULL,
};

const struct party_transport *const adapter_transports[] = {
#define X(name) &name##_transport,
    ADAPTER_LIST(X)
#undef X
    NULL,
};
/* clang-format on */
