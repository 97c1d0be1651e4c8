/*
 * address.h - to which internet addresses a webhook may be sent.
 *
 * The host of a party's address is a name that somebody else resolves, as he likes and anew each time. So
 * each address is judged when a connection is about to be made to it, and again when that stands. None of the
 * special-purpose addresses (IANA registries of RFC 6890) is connected to: private, loopback, link-local,
 * shared (CGNAT), mapped and translated ones; unless the party's row allows a range that it is in. Some are
 * never allowed: multicast, the unspecified, and where clouds keep what their machines know of themselves.
 */
#ifndef ADAPTERS_WEBHOOK_ADDRESS_H
#define ADAPTERS_WEBHOOK_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/text.h"

#define ADDRESS_RANGES_MAX 16

struct address_range {
    int family; /* AF_INET, AF_INET6 */
    uint8_t bytes[16];
    unsigned bits; /* of them that count */
};

struct address_ranges {
    struct address_range list[ADDRESS_RANGES_MAX];
    size_t count;
};

/* "10.20.0.0/16", "fd12:3456::/32", "192.0.2.7". False: not of that form, bits behind the prefix are set, or
 * it is wider than /8. */
bool address_range_read(struct text text, struct address_range *out);

bool address_ranges_are_same(const struct address_ranges *one, const struct address_ranges *other);

/* Why nothing may be sent there: the name of the range it is in ("private"). NULL: it may. */
const char *address_refusal(const struct sockaddr *address, const struct address_ranges *allowed);
/* The same of an address as text, "10.1.2.3" or "fe80::1%eth0". */
const char *address_text_refusal(const char *address, const struct address_ranges *allowed);
bool address_text_is_loopback(const char *address);
bool address_is_loopback(const struct sockaddr *address);

#endif
