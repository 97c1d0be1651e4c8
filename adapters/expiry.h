/*
 * expiry.h - when certificates are over, whoever's they are: one gauge,
 * clearway_certificate_expires_timestamp_seconds, in seconds since 1970, with the labels
 *
 *   use      machines    the server's own              client_ca   who signs clients
 *            people      the server's own for people   people_ca   who signs a proxy that signs people in
 *            party       what a party's client showed  signs       by which a party's messages are signed
 *            kafka       the gateway's, for brokers    kafka_ca    who signs the brokers'
 *                                                      webhook_ca  who signs a party's webhook
 *   party    whose it is; none of ours
 *
 * Limits    EXPIRY_ROWS_MAX rows. When there are more, those that are over first are kept.
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_EXPIRY_H
#define ADAPTERS_EXPIRY_H

#include <stdint.h>

#include "base/counters.h"
#include "edition/party.h"
#include "view/diagnosis.h"

#define EXPIRY_ROWS_MAX 256

/* party: its code, or ""; both are copied. expires_s 0: there is none any more. */
void expiry_tell(const char *use, const char *party, int64_t expires_s);
/* Only those of ours, and of these parties, are told from here on; and those that stand in their rows. */
void expiry_keep(const struct parties *parties);
/* Of the certificates under `signs` of the party's row, when the first is over; 0: it has none. */
int64_t expiry_of_signs_s(const struct party *party);
/* Each of them as a row of a diagnosis: "kafka_ca", "party FWD-QD-01". */
void expiry_diagnose(stamp now, struct diagnosis *out);
/* The rows, for counters_print(); a NULL metric ends them. Until the next call of any of these. */
struct room_counter *expiry_rows(void);

#endif
