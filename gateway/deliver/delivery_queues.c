/*
 * delivery_queues.c - an array of queues, sorted by party and way, each of which points to its party in the
 * edition in force and to the port of its transport.
 */
#include "deliver/delivery_queues.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* Whom a port tells that a party can be reached again. */
struct listener {
    struct delivery_queues *queues;
    const struct port *port;
};

struct delivery_queues {
    struct delivery_queues_options options; /* edition: held */
    struct listener listeners[PORTS_MAX];   /* one for each port */
    size_t ports_count;
    struct delivery_queue **list; /* by name, the party's own transport before ways back */
    size_t count, capacity;
};

struct delivery_queues *delivery_queues_new(const struct delivery_queues_options *options) {
    require(options->loop && options->limits && options->edition && options->opened);
    struct delivery_queues *queues = memory_new(sizeof(*queues));
    queues->options = *options;
    edition_take(options->edition);
    return queues;
}

void delivery_queues_free(struct delivery_queues *queues) {
    if (queues) {
        for (size_t i = 0; i < queues->count; i++) {
            delivery_queue_free(queues->list[i]);
        }
        free(queues->list);
        edition_release(queues->options.edition);
        free(queues);
    }
}

/* --- by name ----------------------------------------------------------------------------------------- */

static int compare(const struct delivery_queue *queue, const char *party, const char *way) {
    int order = strcmp(queue->name, party);
    return order ? order : strcmp(queue->way, way);
}

static size_t place_of(const struct delivery_queues *queues, const char *party, const char *way) {
    size_t low = 0, high = queues->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(queues->list[middle], party, way) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* NULL: nothing was ever asked for it. */
static struct delivery_queue *find(const struct delivery_queues *queues, const char *party, const char *way) {
    size_t place = place_of(queues, party, way);
    bool found = place < queues->count && compare(queues->list[place], party, way) == 0;
    return found ? queues->list[place] : NULL;
}

size_t delivery_queues_count(const struct delivery_queues *queues) {
    return queues->count;
}

struct delivery_queue *delivery_queues_at(const struct delivery_queues *queues, size_t place) {
    require(place < queues->count);
    return queues->list[place];
}

/* --- by whom a queue is served ----------------------------------------------------------------------- */

static const struct port *find_port(const struct delivery_queues *queues, const struct party *party,
                                    const char *way) {
    for (size_t i = 0; party && i < queues->ports_count; i++) {
        const struct port *port = queues->listeners[i].port;
        if (strcmp(port->transport, *way ? way : party->transport) == 0) {
            return port;
        }
    }
    return NULL;
}

/* By the edition in force and the ports that there are. */
static void look_up_service(const struct delivery_queues *queues, struct delivery_queue *queue) {
    queue->party = parties_find(queues->options.edition->parties, text_of(queue->name));
    queue->port = find_port(queues, queue->party, queue->way);
}

enum delivery_reason delivery_queue_unservable(const struct delivery_queue *queue) {
    if (!queue->party) {
        return DELIVERY_REASON_PARTY_LEFT;
    }
    if (queue->party->blocked) {
        return DELIVERY_REASON_PARTY_BLOCKED;
    }
    if (!*queue->way && !*queue->party->transport) {
        return DELIVERY_REASON_NO_TRANSPORT;
    }
    return queue->port ? DELIVERY_REASON_NONE : DELIVERY_REASON_NOT_RUNNING;
}

struct delivery_queue *delivery_queues_take(struct delivery_queues *queues, const char *party,
                                            const char *way) {
    struct delivery_queue *queue = find(queues, party, way);
    if (queue) {
        return queue;
    }
    queue = delivery_queue_new(party, way, queues->options.limits);
    look_up_service(queues, queue);
    if (queues->count == queues->capacity) {
        queues->capacity = queues->capacity ? 2 * queues->capacity : 64;
        queues->list = memory_grow(queues->list, queues->capacity, sizeof(queue));
    }
    size_t place = place_of(queues, party, way);
    memmove(&queues->list[place + 1], &queues->list[place], (queues->count - place) * sizeof(queue));
    queues->list[place] = queue;
    queues->count++;
    return queue;
}

/* --- what marks a queue ------------------------------------------------------------------------------ */

void delivery_queues_note_rows(struct delivery_queues *queues, const char *party, const char *way) {
    struct delivery_queue *queue = delivery_queues_take(queues, party, way);
    delivery_queue_read_again(queue);
    queue->wake_ms = 0;
}

/* A transport can reach a party again, or the party takes more. */
static void opened(void *context, const struct party *party) {
    const struct listener *listener = context;
    struct delivery_queues *queues = listener->queues;
    for (size_t i = place_of(queues, party->code, "");
         i < queues->count && strcmp(queues->list[i]->name, party->code) == 0; i++) {
        struct delivery_queue *queue = queues->list[i];
        if (queue->port == listener->port) {
            delivery_queue_opened(queue, loop_now_ms(queues->options.loop));
            queue->wake_ms = 0;
            queues->options.opened(queues->options.context);
        }
    }
}

void delivery_queues_add_port(struct delivery_queues *queues, const struct port *port) {
    require(queues->ports_count < PORTS_MAX && port->send && port->cancel);
    struct listener *listener = &queues->listeners[queues->ports_count++];
    *listener = (struct listener){ queues, port };
    if (port->listen) {
        port->listen(port->context, opened, listener);
    }
}

static void change_queue(const struct delivery_queues *queues, struct delivery_queue *queue) {
    bool was_servable = delivery_queue_unservable(queue) == DELIVERY_REASON_NONE;
    look_up_service(queues, queue);
    bool is_servable = delivery_queue_unservable(queue) == DELIVERY_REASON_NONE;
    queue->returning = is_servable && (queue->returning || !was_servable);
    delivery_queue_opened(queue, loop_now_ms(queues->options.loop)); /* by another address, perhaps */
    queue->wake_ms = 0;
}

void delivery_queues_change(struct delivery_queues *queues, const struct edition *edition) {
    require(edition);
    const struct edition *before = queues->options.edition;
    queues->options.edition = edition_take(edition);
    for (size_t i = 0; i < queues->count; i++) {
        change_queue(queues, queues->list[i]);
    }
    edition_release(before);
}

const struct edition *delivery_queues_edition(const struct delivery_queues *queues) {
    return queues->options.edition;
}
