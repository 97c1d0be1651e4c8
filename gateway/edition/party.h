/*
 * party.h - the organisations that may take part 参与方: one row each in one YAML file.
 *
 *   parties:
 *     - code: FWD-QD-01
 *       name: { zh: 青岛某货代, en: Qingdao Forwarder One }
 *       roles: [declarant]                 # customs maritime terminal carrier yard agency laboratory tax
 *                                          # insurer bank office
 *       declares: [3702961234, 91370200...]  # codes it may declare for; "*" any
 *       reports: [CNQDG]                   # ports it reports events of; "*" any
 *       serves: [4227]                     # what `to ROLE at ...` of a route matches; "*" any
 *       ids: [FWD1]                        # its declaration ids (ClientSeqNo) begin so; nobody else's may
 *       certificates: [fwd-qd-01]          # subject common names (CN) of its client certificates
 *       signs: ["MIIB..."]                 # certificates (DER in Base64) that its signed messages verify by
 *       zmq: { bind: tcp://0.0.0.0:5571, keys: ["Z85 public key"] }      # stanzas: what a transport needs
 *       files: { folder: /srv/clearway/fwd-qd-01 }                       # to know of it
 *       deliver: { transport: kafka, to: clearway.customs.declarations.v1 }
 *       blocked: false
 * Secrets never stand in it; public keys and names do.
 *
 * Which transports there are, and what their stanzas say, this room does not know: it reads them by the
 * shapes that whoever loads the file hands in (struct party_transport), sees to it that what one party owns
 * stands in no other row, and asks the transport's own `check` about the rest.
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
    X(MARITIME,   "maritime",  "海事",        "maritime administration") \
    X(TERMINAL,   "terminal",  "码头",        "terminal")            \
    X(CARRIER,    "carrier",   "承运人",      "carrier")             \
    X(YARD,       "yard",      "堆场",        "yard")                \
    X(AGENCY,     "agency",    "代理",        "agency")              \
    X(LABORATORY, "laboratory", "检验机构",   "laboratory")          \
    X(TAX,        "tax",       "税务",        "tax office")          \
    X(INSURER,    "insurer",   "信保",        "credit insurer")      \
    X(BANK,       "bank",      "银行",        "bank")                \
    X(OFFICE,     "office",    "口岸办",      "port office")
/* clang-format on */

struct party_list {
    const char *const *items;
    size_t count;
};

/* --- what a transport lays down ----------------------------------------------------------------------- */

/* One key of a stanza. */
struct party_key {
    const char *name; /* NULL ends a list of them */
    bool list;        /* several texts; else one */
    bool optional;
    /* What it is called, when a value of it may stand in one party's row only; NULL: in any. */
    const char *zh, *en;
    /* The one form of what may be written in several; NULL: as it is written. In the arena. */
    const char *(*normal)(const char *value, struct arena *arena);
};

struct party_row;
struct party_stanza;

struct party_transport {
    const char *name;             /* "zmq": of its stanza, and in deliver.transport */
    const struct party_key *keys; /* of its stanza; NULL: it has none */
    bool delivers;                /* a party may be served by it: at deliver.to, or at what its stanza says */
    bool answers;                 /* what the engine refuses goes back by it to who sent it so */
    struct party_key to;          /* deliver.to; name NULL: it needs none, and takes any */
    /* What the shape cannot tell of one party's stanza; may be NULL. */
    void (*check)(const struct party_row *row, const struct party_stanza *stanza);
};

/* A row that is being checked. */
struct party_row {
    const struct parties *parties;
    const struct party *party;
    struct arena *arena;
    const struct party_loader *loader; /* private */
};

/* Adds a mistake at this word of the row. The sentences are borrowed for the call. */
void party_mistake(const struct party_row *row, const char *word, const char *zh, const char *en);

/* --- parties ------------------------------------------------------------------------------------------ */

struct party_stanza {
    const struct party_transport *transport;
    const struct party_list *values; /* by its keys; a text is a list of one */
};

#define PARTY_CODE_MAX 32 /* bytes */

struct party {
    const char *code, *zh, *en;
    struct party_list roles, declares, reports, serves, ids, certificates, signs;
    const struct party_stanza *stanzas;
    size_t stanzas_count;
    const char *transport, *address; /* how it is served; "": it gets nothing */
    bool blocked;
};

struct party_index; /* private: who has which code, certificate, and what else is one party's own */

struct parties {
    const struct party *list;
    size_t count;
    const struct party_index *index;
};

/*
 * transports: a list that NULL ends, which outlives the parties; NULL: there are none. file: for messages
 * only. Mistakes have code LINT-PARTY, with line and column. NULL when it cannot be read at all. Besides
 * shapes it checks that no code, certificate, nor what a transport says is one party's own, stands in two
 * rows, and that none begins one party's ids as another's do.
 */
struct parties *parties_load(struct text source, const char *file,
                             const struct party_transport *const *transports, struct arena *arena,
                             struct verdict *mistakes);
const struct party *parties_find(const struct parties *parties, struct text code);
const struct party *parties_of_certificate(const struct parties *parties, struct text common_name);
/* Whose registered prefix the id of a declaration begins with; NULL: nobody registered it. */
const struct party *parties_of_id(const struct parties *parties, struct text id);
/* Who has this value of a key that is one party's own. */
const struct party *parties_holder(const struct parties *parties, const char *transport, const char *key,
                                   struct text value);
/* What its row says of a transport; NULL: nothing. */
const struct party_stanza *party_stanza(const struct party *party, const char *transport);
/* The key is one of the transport's. "": it is not given. stanza NULL: nothing is. */
const char *stanza_text(const struct party_stanza *stanza, const char *key);
struct party_list stanza_list(const struct party_stanza *stanza, const char *key);
bool party_list_has(struct party_list list, struct text item);   /* "*" has everything */
bool party_list_equal(struct party_list a, struct party_list b); /* in the same order */
/* Whether this value of a message means the party: values may be in capitals (message/identifiers.h), a code
 * is as the operator wrote it. No two parties are called the same. */
bool party_is_called(const struct party *party, struct text value);
bool party_has_role(const struct party *party, const char *role);
/* What people call a role; itself where there is none of that name. */
const char *role_name(const char *role, enum language language);
/* The first of these roles that it has; NULL: none. */
const char *party_first_role(const struct party *party, const char *const *roles, size_t count);

#endif
