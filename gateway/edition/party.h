/*
 * party.h - the organisations that may take part 参与方: one row each in one YAML file.
 *
 *   parties:
 *     - code: FWD-QD-01
 *       name: { zh: 青岛某货代, en: Qingdao Forwarder One }
 *       roles: [declarant]                 # declarant customs terminal carrier yard agency office
 *       declares: [3702961234, 91370200...]  # codes it may declare for; "*" any
 *       reports: [CNQDG]                   # ports it reports events of; "*" any
 *       serves: [4227]                     # what `to ROLE at ...` of a route matches; "*" any
 *       ids: [FWD1]                        # its declaration ids (ClientSeqNo) begin so; nobody else's may
 *       certificates: [fwd-qd-01]          # subject common names (CN) of its client certificates
 *       zmq: { bind: tcp://0.0.0.0:5571, keys: ["Z85 public key"] }
 *       files: { folder: /srv/clearway/fwd-qd-01 }      # OutBox, SentBox, FailBox, InBox below it
 *       deliver: { transport: kafka, to: clearway.customs.declarations.v1 } # kafka | zmq | files | loopback
 *       blocked: false
 * Secrets never stand in it; public keys and names do.
 */
#ifndef EDITION_PARTY_H
#define EDITION_PARTY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"

#define PARTIES_MAX         10000
#define PARTY_LIST_MAX      1000
#define PARTY_ID_PREFIX_MIN 4 /* characters of an `ids` prefix: shorter ones would take too much */

/* clang-format off */
/*    name        text         zh            en                  */
#define ROLE_LIST(X)                                                \
    X(DECLARANT,  "declarant", "申报人",      "declarant")           \
    X(CUSTOMS,    "customs",   "海关",        "customs")             \
    X(TERMINAL,   "terminal",  "码头",        "terminal")            \
    X(CARRIER,    "carrier",   "承运人",      "carrier")             \
    X(YARD,       "yard",      "堆场",        "yard")                \
    X(AGENCY,     "agency",    "代理",        "agency")              \
    X(OFFICE,     "office",    "口岸办",      "port office")
/* clang-format on */

/* How a party may be served, and what its row must then say. Names are those of deliver/port.h. */
/* clang-format off */
/*    text         needs `to`  needs `files`  needs `zmq` */
#define TRANSPORT_LIST(X)                                   \
    X("kafka",     true,       false,         false)        \
    X("zmq",       false,      false,         true)         \
    X("files",     false,      true,          false)        \
    X("loopback",  false,      false,         false)
/* clang-format on */

struct party_list {
    const char *const *items;
    size_t count;
};

struct party {
    const char *code, *zh, *en;
    struct party_list roles, declares, reports, serves, ids, certificates;
    const char *zmq_bind;
    struct party_list zmq_keys;      /* "" when it has none */
    const char *folder;              /* "" when it has none */
    const char *transport, *address; /* how it is served; "": it gets nothing */
    bool blocked;
};

struct party_index; /* private: who has which code, certificate, key */

struct parties {
    const struct party *list;
    size_t count;
    const struct party_index *index;
};

/*
 * file: for messages only. Mistakes have code LINT-PARTY, with line and column. NULL when it cannot be read
 * at all. Besides shapes it checks that no code, certificate, key, address to bind, folder or Kafka topic
 * stands in two rows, and that no folder lies in another party's, nor begins one party's ids as another's do.
 * Folders that are one under two names are found by looking at the disk (daemon/preflight.h).
 */
struct parties *parties_load(struct text source, const char *file, struct arena *arena,
                             struct verdict *mistakes);
const struct party *parties_find(const struct parties *parties, struct text code);
const struct party *parties_of_certificate(const struct parties *parties, struct text common_name);
/* Whose registered prefix the id of a declaration begins with; NULL: nobody registered it. */
const struct party *parties_of_id(const struct parties *parties, struct text id);
bool party_list_has(struct party_list list, struct text item); /* "*" has everything */
bool party_has_role(const struct party *party, const char *role);
/* The first of these roles that it has; NULL: none. */
const char *party_first_role(const struct party *party, const char *const *roles, size_t count);

#endif
