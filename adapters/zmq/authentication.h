/*
 * authentication.h - may this key speak on this socket? The ZAP handler (RFC 27) at inproc://zeromq.zap.01.
 *
 * A party's socket has the party's code as its ZAP domain; admitted is a CURVE key of that party's row,
 * unless the party is blocked. NULL, PLAIN, unknown keys and those of others are refused
 * (ZMQ_COUNT_DENIED), and so is everybody while no handler answers. The key stands in each message of the
 * peer as its User-Id. Thread: the loop thread.
 */
#ifndef ADAPTERS_ZMQ_AUTHENTICATION_H
#define ADAPTERS_ZMQ_AUTHENTICATION_H

#include "base/loop.h"
#include "base/status.h"
#include "edition/party.h"

struct authentication;

/* Before any socket of this context is bound: without it nobody gets in. Borrows parties. UNAVAILABLE: no
 * descriptors are left (logged). */
enum status authentication_open(void *context, struct loop *loop, const struct parties *parties,
                                struct authentication **out);
/* Of another edition, borrowed in the place of the ones before. */
void authentication_change(struct authentication *authentication, const struct parties *parties);
void authentication_close(struct authentication *authentication); /* NULL is fine */

#endif
