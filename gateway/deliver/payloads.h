/*
 * payloads.h - the payloads of the records that are sent, each once for all its destinations.
 *
 * A record mostly goes to several destinations, within a moment of each other. So a payload that nobody
 * holds any more stays for the next taker, until room is needed for others, of which there are at most
 * 32 MiB, or PAYLOADS_STAY later records have come; large ones do not stay. Those of young records come from
 * the engine, which had them in hand, and stay until somebody has had them, however many come behind them;
 * others are read from the journal and examined.
 * Memory    what is held, and at most 32 MiB that is not.
 * Thread    one at a time.
 */
#ifndef DELIVER_PAYLOADS_H
#define DELIVER_PAYLOADS_H

#include <stdint.h>

#include "base/status.h"
#include "journal/reader.h"
#include "engine/payload.h"

#define PAYLOADS_STAY 32768 /* records: with its decision and deliveries a message is some five of them */

struct payloads;

struct payloads *payloads_new(struct reader *reader); /* borrows it */
void payloads_free(struct payloads *payloads);        /* all have been given back */
/* One that the engine made: stays as if it had been read. Holds it as long as it does. */
void payloads_put(struct payloads *payloads, const struct payload *payload);
/* Held until payload_give_back(). DAMAGED: it is neither a message nor a decision, or not what was received;
   NOT_FOUND, IO. */
enum status payloads_take(struct payloads *payloads, uint64_t record, const struct payload **out);

#endif
