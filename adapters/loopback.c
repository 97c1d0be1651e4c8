/*
 * loopback.c - answers by the party's address, at once, unless somebody else answers.
 */
#include "adapters/loopback.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "adapters/adapters.h"

struct loopback {
    struct port port;
    const struct port *receiver; /* NULL: we answer */
};

static const struct {
    const char *address;
    enum status status;
} answers[] = {
    { "accept", STATUS_OK },
    { "refuse", STATUS_REFUSED },
    { "absent", STATUS_UNAVAILABLE },
};

static enum status answer_of(const char *address) {
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        if (strcmp(answers[i].address, address) == 0) {
            return answers[i].status;
        }
    }
    return STATUS_OK;
}

static void take(void *context, struct delivery *delivery) {
    struct loopback *loopback = context;
    if (loopback->receiver) {
        loopback->receiver->send(loopback->receiver->context, delivery);
        return;
    }
    enum status status = answer_of(delivery->party->address);
    delivery->done(delivery, status, DELIVERY_REASON_NONE,
                   status == STATUS_OK ? "" : "so says the loopback's address");
}

static void cancel(void *context, struct delivery *delivery) {
    struct loopback *loopback = context;
    if (loopback->receiver) {
        loopback->receiver->cancel(loopback->receiver->context, delivery);
        return;
    }
    panic("loopback holds no delivery: %s", delivery->id);
}

void loopback_receive_by(struct loopback *loopback, const struct port *receiver) {
    loopback->receiver = receiver;
}

const struct party_transport loopback_transport = { .name = "loopback", .delivers = true };

static enum status start(const struct adapter_rooms *rooms, void **out) {
    struct loopback *loopback = memory_new(sizeof(*loopback));
    loopback->port =
        (struct port){ .transport = "loopback", .context = loopback, .send = take, .cancel = cancel };
    *out = loopback;
    return STATUS_OK;
}

static const struct port *port(void *running) {
    return &((const struct loopback *)running)->port;
}

static void stop(void *running) {
    free(running);
}

const struct adapter loopback_adapter = {
    .transport = &loopback_transport, .start = start, .port = port, .stop = stop
};
