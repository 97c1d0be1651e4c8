/*
 * tries.h - how often somebody may try to sign in: a bounded table of who tried, by address, by account, and
 * by both. An account that does not exist is counted as one that does.
 *
 * A few tries of one account from one address, more of one address over all accounts, more of one account
 * over all addresses; then none until the time is over that the first of them began. So one address can
 * neither guess nor shut out who comes from another one. Of an IPv6 address its /64 counts.
 * Limits    TRIES_MAX rows; one more takes the place of the one whose time is over first.
 * Thread    one at a time.
 */
#ifndef ADAPTERS_API_TRIES_H
#define ADAPTERS_API_TRIES_H

#include <stdint.h>

#include "base/text.h"

#define TRIES_MAX 8192

/* clang-format off */
/*    kind      how many   within seconds */
#define TRIES_LIST(X)                       \
    X(BOTH,     5,         15 * 60)         \
    X(ADDRESS,  30,        15 * 60)         \
    X(ACCOUNT,  100,       60 * 60)
/* clang-format on */

struct tries;

struct tries *tries_new(void);
void tries_free(struct tries *tries);
/* Counts one. 0: it may be made; else it is not counted, and so many seconds are left. */
int tries_count(struct tries *tries, const char *address, struct text account, int64_t now_ms);
/* The one that was counted was right, and no try: what it counted is taken back, and of the two together all.
 * */
void tries_forgive(struct tries *tries, const char *address, struct text account, int64_t now_ms);

#endif
