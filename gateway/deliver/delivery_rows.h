/*
 * delivery_rows.h - the open deliveries as state.db tells them: who has some, and the next of each
 * destination in the order decided, read into its queue.
 *
 * Which rows count: those `waiting`; and, for a party that can be served again, at their place among them
 * those parked while it could not. Nothing here is believed: transfers.h asks the decision before anything
 * leaves.
 * Failure: rows that cannot be read are logged, and read again later; damage is told (on_damage).
 * Owns      its own handle of state.db, for reading.
 * Thread    the loop thread.
 */
#ifndef DELIVER_DELIVERY_ROWS_H
#define DELIVER_DELIVERY_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/status.h"
#include "deliver/delivery_queues.h"

struct delivery_rows;

struct delivery_rows_options {
    const char *directory; /* of state.db, which the engine has made */
    struct clock *clock;   /* by which the rows say when they are due; borrowed */
    struct delivery_queues *queues;
    void (*on_damage)(void *context); /* may be NULL */
    void *context;
};

enum delivery_rows_kind {
    DELIVERY_ROWS_WAITING,
    DELIVERY_ROWS_RETURNING, /* parked because their party could not be served */
};

/* As state_open(). */
enum status delivery_rows_open(const struct delivery_rows_options *options, struct delivery_rows **out);
void delivery_rows_close(struct delivery_rows *rows);
/* Notes at each destination that has rows of this kind that it does. One seek each, however many they are. */
void delivery_rows_look(struct delivery_rows *rows, enum delivery_rows_kind kind);
/* Reads what stands behind the queue's cursor, as much as it has places, when that is worth a query. */
void delivery_rows_refill(struct delivery_rows *rows, struct delivery_queue *queue, int64_t now_ms);
/* The row of one delivery: its queue, made where it is missing, and whether it is delivered. NOT_FOUND, or as
 * the store fails. */
enum status delivery_rows_find(struct delivery_rows *rows, uint64_t record, const char *party,
                               struct delivery_queue **queue, bool *delivered);
/* The row of this record does not say what its decision says. */
void delivery_rows_doubt(struct delivery_rows *rows, uint64_t record);

#endif
