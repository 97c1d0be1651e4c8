/*
 * forwarded.h - from which address a proxy says that a request came: the last hop of what the header tells,
 * which the proxy itself has added. What stands before it may be anybody's invention, and is not looked at.
 *
 *   Forwarded: for=203.0.113.9;proto=https, for="[2001:db8::7]:4711"      RFC 7239
 *   X-Forwarded-For: 203.0.113.9, 192.0.2.7                               and every other header
 */
#ifndef ADAPTERS_API_FORWARDED_H
#define ADAPTERS_API_FORWARDED_H

#include <netinet/in.h>
#include <stdbool.h>

#include "base/text.h"

/* header: its name. False: the last hop has no address there, or the value is no list of hops; out is ""
 * then. Else out is the address as http_peer has it, without a port. */
bool forwarded_read(struct text header, struct text value, char out[INET6_ADDRSTRLEN]);

#endif
