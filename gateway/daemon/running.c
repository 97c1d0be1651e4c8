/*
 * running.c - loops over the list of adapters, each of which asks what runs and does what its row has for
 * that.
 */
#include "daemon/running.h"

#include "deliver/dispatch.h"

static enum status start(struct running *running, size_t which, const struct adapter_rooms *rooms) {
    const struct adapter *adapter = adapters[which];
    *rooms->why = (struct explanation){ "", "" };
    enum status status = adapter->start(rooms, &running->of[which]);
    if (status == STATUS_OK && running->of[which] && adapter->port) {
        dispatch_add_port(rooms->dispatch, adapter->port(running->of[which]));
    }
    if (status != STATUS_OK && !rooms->why->en[0]) {
        explain_about(rooms->why, "", adapter->zh, adapter->en);
    }
    return status;
}

enum status running_start(struct running *running, struct adapter_rooms rooms,
                          const struct settings *settings) {
    require(rooms.why && rooms.mistakes && rooms.dispatch && running->draining == 0);
    enum status status = STATUS_OK;
    for (; running->started < ADAPTERS_COUNT; running->started++) {
        rooms.settings = settings_adapter(settings, adapters[running->started]);
        status = start(running, running->started, &rooms);
        if (status != STATUS_OK) {
            break;
        }
    }
    return status;
}

void *running_find(const struct running *running, const struct adapter *adapter) {
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        if (adapters[i] == adapter) {
            return running->of[i];
        }
    }
    return NULL;
}

size_t running_descriptors(const struct edition *edition) {
    size_t needed = 0;
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        needed += adapters[i]->descriptors ? adapters[i]->descriptors(edition) : 0;
    }
    return needed;
}

void running_advanced(const struct running *running) {
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        if (running->of[i] && adapters[i]->advanced) {
            adapters[i]->advanced(running->of[i]);
        }
    }
}

void running_write_ports(const struct running *running, struct buf *out) {
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        const struct adapter_port *port =
            running->of[i] && adapters[i]->ports ? adapters[i]->ports(running->of[i]) : NULL;
        for (; port && port->name; port++) {
            buf_printf(out, ",\"%s\":%d", port->name, port->port);
        }
    }
}

static void one_is_drained(void *context) {
    struct running *running = context;
    require(running->draining > 0);
    if (--running->draining == 0) {
        running->drained(running->context);
    }
}

void running_drain(struct running *running, void (*drained)(void *context), void *context) {
    require(!running->drained && drained);
    running->drained = drained;
    running->context = context;
    running->draining = 1; /* so that none of them ends it before all were told */
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        if (running->of[i] && adapters[i]->drain) {
            running->draining++;
            adapters[i]->drain(running->of[i], one_is_drained, running);
        }
    }
    one_is_drained(running);
}

void running_stop(struct running *running) {
    for (size_t i = ADAPTERS_COUNT; i-- > 0;) {
        if (running->of[i]) {
            adapters[i]->stop(running->of[i]);
        }
    }
}
