/*
 * receiver.h - where a party's webhook is, as its row and the files named there say: immutable, made anew by
 * each reload.
 *
 *   webhook: { url: https://hooks.example/customs, secrets: [/etc/clearway/webhooks/cus-qd],
 *              authorities: /etc/clearway/webhooks/cus-qd.pem, allow: [10.20.0.0/16] }
 *
 * secrets are files (signature.h): each of them signs. authorities (PEM) verify the receiver's certificate
 * instead of the system's. allow names ranges of addresses that are refused else (address.h); http is for a
 * loopback address that is allowed so.
 */
#ifndef ADAPTERS_WEBHOOK_RECEIVER_H
#define ADAPTERS_WEBHOOK_RECEIVER_H

#include "base/buf.h"
#include "edition/party.h"
#include "message/verdict.h"
#include "adapters/webhook/address.h"
#include "adapters/webhook/signature.h"

extern const struct party_key webhook_stanza_keys[];

struct webhook_receiver {
    const char *url;
    bool plain; /* http */
    struct webhook_secret secrets[SECRETS_MAX];
    size_t secrets_count;
    struct buf authorities;       /* empty: the system's */
    int64_t authorities_expire_s; /* 0: none of its own */
    struct address_ranges allowed;
};

/* All that can be told of the stanza without looking at the world. */
void webhook_check_stanza(const struct party_row *row, const struct party_stanza *stanza);

/* Reads the files. NULL: one of them cannot be used, and a finding LINT-PARTY of this severity about the
 * parties file says which; or the stanza did not pass the check, which has told why. A file that others can
 * read is a warning. */
struct webhook_receiver *webhook_receiver_read(const struct party *party, const char *parties_file,
                                               enum severity severity, struct verdict *mistakes);
void webhook_receiver_free(struct webhook_receiver *receiver); /* secrets are wiped; NULL is fine */

#endif
