/*
 * endpoint.h - HOST:PORT as people write it in a configuration: "127.0.0.1:8443", "gate.example:8443",
 * "[::1]:8443".
 *
 * Only the form is looked at; nothing is resolved. A port is 0 to 65535 (RFC 793: 16 bits); 0 asks the system
 * for a free one, so it makes sense for listening only.
 */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define ENDPOINT_HOST_MAX 253 /* RFC 1035, 2.3.4, as text without the last dot */

struct endpoint {
    struct text host;
    uint16_t port;
}; /* host without brackets, pointing into what was read */

enum endpoint_fault { ENDPOINT_GOOD, ENDPOINT_NO_FORM, ENDPOINT_NO_PORT };

/* NO_FORM: not HOST:PORT, or an IPv6 address without brackets. NO_PORT: the port is no number up to 65535. */
enum endpoint_fault endpoint_read(struct text text, struct endpoint *out);
const char *endpoint_fault_zh(enum endpoint_fault fault); /* a sentence about what should stand there */
const char *endpoint_fault_en(enum endpoint_fault fault);
/* "localhost" (RFC 6761, 6.3), ::1 or 127.0.0.0/8: only this machine reaches what listens there. */
bool endpoint_is_loopback(struct text host);

#endif
