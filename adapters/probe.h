/*
 * probe.h - what `config lint` asks of the world, beyond what a start looks at: are the addresses to listen
 * at free, do the hosts have addresses, is a certificate near its end; and with `connect` set, who is at the
 * other end, and does it answer as it should. Nothing is sent to anybody that could be taken for a message.
 *
 * A gateway that runs already by the same data folder is no mistake: what it listens at is its own. What
 * would keep a start from succeeding is an error among the mistakes; all else that was asked is told as an
 * answer, good or not, in words.
 * Limits    each question has the deadline; PROBE_ANSWERS_MAX answers, the rest are counted.
 * Thread    one.
 */
#ifndef ADAPTERS_PROBE_H
#define ADAPTERS_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "message/verdict.h"

#define PROBE_DEADLINE_MS 5000
#define PROBE_ANSWERS_MAX 4096

struct probe_answer {
    const char *what; /* an address, a topic ... */
    bool good;
    const char *zh, *en;
};

struct probe {
    bool connect;
    long running;             /* the process that runs by this data folder; 0: none does */
    struct verdict *mistakes; /* its arena has the answers' texts */
    struct probe_answer *answers;
    size_t count, left_out;
    struct probe_port *ports; /* that were asked of */
};

/* Texts are copied. */
void probe_tell(struct probe *probe, bool good, const char *what, const char *zh, const char *en);

/* Whether HOST:PORT can be listened at; port 0 always can, and so can where the process that runs listens,
 * which is told. False: *why says what keeps it from that; it may be what was asked of before. */
bool probe_port(struct probe *probe, const char *address, struct explanation *why);
/* A certificate of this file that is over, or within 30 days of its end, is told; expires_s as
 * tls_expires_s() says (adapters/tls.h), 0: nothing is. */
void probe_expiry(struct probe *probe, const char *what, int64_t expires_s);
/* Whether a host has an address; where it has none in time that is told as an answer about `what`. */
bool probe_host(struct probe *probe, struct text host, const char *what);

#endif
