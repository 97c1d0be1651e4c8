/*
 * papers.h - what others may ask of the papers of a parcel 跨境电商单证: order, payment, waybill (inside the
 * engine only).
 *
 * A key says of what kind a paper is and whose: order/SHOP/NUMBER, payment/SHOP/NUMBER of the order,
 * waybill/CARRIER/NUMBER. Who sends one may send it for that shop or carrier (acts-for), so nobody takes
 * another's number.
 *
 * Moves that others hear: "tell" and "change", a paper is there or says something else (paper_is_told()).
 */
#ifndef ENGINE_PAPERS_H
#define ENGINE_PAPERS_H

#include "engine/part.h"

struct paper {
    const char *key, *party, *value, *currency, *state;
    const char *type; /* of an order its kind; of a waybill the shop that it names, or "" */
    uint64_t record;
};

/* kind: "order", "payment", "waybill"; owner: shop or carrier. */
const char *paper_key(const struct cause *cause, const char *kind, const char *owner, const char *number);
/* As it is by this decision so far; a deleted one is not there. */
bool paper_get(const struct cause *cause, const char *key, struct paper *out);
bool paper_is_told(const struct move *move); /* a move that is heard */
/* A list that they match stands: none may be changed any more; it does not stand any more. */
void paper_use(struct cause *cause, const struct paper *paper, stamp at);
void paper_free(struct cause *cause, const char *key, stamp at);

/* --- what all messages of cross-border e-commerce have in common ---------------------------------------- */

/* What a row asks for (list ec_actions). */
enum ec_action { EC_NEW, EC_CHANGE, EC_DELETE };
enum ec_action ec_action(const struct cause *cause, uint32_t row);
/* Whether a row before has this text in both fields: a message may not say one thing twice. */
bool ec_is_said_before(const struct cause *cause, const char *owner, const char *number, uint32_t row);
/* Whose receipts a message holds: the one party, "" when there are several, or none is known. */
struct ec_owner {
    const char *party;
    bool several;
};
void ec_owner_add(struct ec_owner *owner, const char *party);
const char *ec_owner_of(const struct ec_owner *owner);

#endif
