/*
 * fan_out.h - for benches: what dispatch does with a transport whose parties acknowledge at once. Messages to
 * PARTIES parties, at most WINDOW of each in flight; the next one goes when one is done, by its id, which no
 * transport makes.
 */
#ifndef TESTS_BENCH_FAN_OUT_H
#define TESTS_BENCH_FAN_OUT_H

#include <stdio.h>

#include "base/loop.h"
#include "base/status.h"
#include "deliver/port.h"

enum { PARTIES = 8, WINDOW = 64, FAN_OUT_WAIT_MS = 20 };

static struct {
    struct loop *loop;
    const struct port *port;
    struct delivery deliveries[PARTIES][WINDOW];
    char ids[PARTIES][WINDOW][32];
    size_t left[PARTIES], in_flight;
    struct text body;
} fan_out;

static inline void fan_out_next(size_t party, struct delivery *delivery) {
    fan_out.left[party]--;
    fan_out.in_flight++;
    delivery->record++;
    delivery->data = fan_out.body;
    fan_out.port->send(fan_out.port->context, delivery);
}

static inline void fan_out_done(struct delivery *delivery, enum status status, enum delivery_reason reason,
                                const char *words) {
    size_t party = (size_t)(delivery - &fan_out.deliveries[0][0]) / WINDOW;
    require(status == STATUS_OK);
    fan_out.in_flight--;
    if (fan_out.left[party] > 0) {
        fan_out_next(party, delivery);
    }
}

/* Those to one party. */
static inline void fan_out_prepare(size_t place, const struct party *party) {
    for (size_t j = 0; j < WINDOW; j++) {
        fan_out.deliveries[place][j] = (struct delivery){ .id = fan_out.ids[place][j],
                                                          .party = party,
                                                          .subject = "CNQDG/COSU6001234567",
                                                          .family = "declaration",
                                                          .format = "cn-dec",
                                                          .route = "R01",
                                                          .trace = "",
                                                          .sender = "FWD-QD-01",
                                                          .result = "",
                                                          .way = "",
                                                          .file = "",
                                                          .record = (place * WINDOW + j) * 1000000,
                                                          .recorded = stamp_now(),
                                                          .attempt = 1,
                                                          .done = fan_out_done };
        snprintf(fan_out.ids[place][j], sizeof(fan_out.ids[place][j]), "%zu%05zu/P%zu", place, j, place);
    }
}

/* So many messages, and until all are acknowledged. */
static inline void fan_out_send(size_t count) {
    for (size_t i = 0; i < PARTIES; i++) {
        fan_out.left[i] = count / PARTIES;
    }
    for (size_t i = 0; i < PARTIES; i++) {
        for (size_t j = 0; j < WINDOW; j++) {
            fan_out_next(i, &fan_out.deliveries[i][j]);
        }
    }
    while (fan_out.in_flight > 0) {
        loop_turn(fan_out.loop, FAN_OUT_WAIT_MS);
    }
}

#endif
