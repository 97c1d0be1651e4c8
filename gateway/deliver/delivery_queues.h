/*
 * delivery_queues.h - the queues of all destinations by name, and the transport that serves each of them as
 * the edition in force says.
 *
 * A queue comes to be when it is first asked for, and stays. A party has one for its own transport, and one
 * for each other by which messages came that were refused (`way`). A party that has left the edition, is
 * blocked, or whose transport does not run here, cannot be served.
 * Whatever changes what a queue may do (rows were found, a transport is open again, another edition) marks it
 * for the next turn: wake_ms 0.
 * Owns      the queues; holds the edition in force.
 * Thread    the loop thread.
 */
#ifndef DELIVER_DELIVERY_QUEUES_H
#define DELIVER_DELIVERY_QUEUES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "edition/edition.h"
#include "engine/delivery.h"
#include "deliver/delivery_queue.h"
#include "deliver/port.h"

#define PORTS_MAX 8

struct delivery_queues;

struct delivery_queues_options {
    struct loop *loop;
    const struct delivery_limits *limits; /* of each queue; borrowed */
    const struct edition *edition;
    void (*opened)(void *context); /* a port's word has marked a queue */
    void *context;
};

struct delivery_queues *delivery_queues_new(const struct delivery_queues_options *options);
void delivery_queues_free(struct delivery_queues *queues); /* no transport has anything of them */
/* Borrowed until the free. At most PORTS_MAX. */
void delivery_queues_add_port(struct delivery_queues *queues, const struct port *port);
/* way: "" for the party's own transport. It is made where there is none. */
struct delivery_queue *delivery_queues_take(struct delivery_queues *queues, const char *party,
                                            const char *way);
/* They stand by name; of a party its own transport's comes first. */
size_t delivery_queues_count(const struct delivery_queues *queues);
struct delivery_queue *delivery_queues_at(const struct delivery_queues *queues, size_t place);
/* There are rows for it, which are read from the first. */
void delivery_queues_note_rows(struct delivery_queues *queues, const char *party, const char *way);
/* Another edition says from here on who is served, and how. Whom the last one could not serve `returns`. */
void delivery_queues_change(struct delivery_queues *queues, const struct edition *edition);
const struct edition *delivery_queues_edition(const struct delivery_queues *queues);
/* Why nothing can be sent to it; NONE when it can. */
enum delivery_reason delivery_queue_unservable(const struct delivery_queue *queue);

#endif
