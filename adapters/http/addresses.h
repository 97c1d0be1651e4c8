/*
 * addresses.h - how many connections of strangers each address has open, so that one cannot take all.
 * An IPv6 host owns a whole /64, so that is what counts as one address there. Thread: one at a time.
 */
#ifndef ADAPTERS_HTTP_ADDRESSES_H
#define ADAPTERS_HTTP_ADDRESSES_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

struct addresses;
struct address;

struct addresses *addresses_new(void);
void addresses_free(struct addresses *addresses); /* all must have been given back */

/* from: IPv4 or IPv6. NULL: it has none open. */
const struct address *addresses_find(const struct addresses *addresses, const struct sockaddr *from);
size_t addresses_count(const struct address *address); /* NULL: 0 */
/* Counts one more. */
struct address *addresses_take(struct addresses *addresses, const struct sockaddr *from);
/* NULL is fine. */
void addresses_give_back(struct addresses *addresses, struct address *address);

/* "192.0.2.7" also for an IPv4 peer on an IPv6 socket. Returns out. */
const char *address_print(const struct sockaddr *from, char out[INET6_ADDRSTRLEN]);

#endif
