/*
 * papers.h - what others may ask of the papers of a parcel 跨境电商单证: order, payment, waybill (inside the
 * engine only).
 *
 * A key says of what kind a paper is and whose: order/SHOP/NUMBER, payment/SHOP/NUMBER of the order,
 * waybill/CARRIER/NUMBER; of imported goods import-order/PLATFORM/NUMBER, import-payment/INSTITUTION/NUMBER
 * of the payment, import-waybill/CARRIER/NUMBER. Who sends one may send it for that shop, platform,
 * institution or carrier (acts-for), so nobody takes another's number.
 *
 * Moves that others hear: "tell" and "change", a paper is there or says something else (paper_is_told());
 * "delete" and "free", it is not there any more, or matches no list any more (paper_is_freed()).
 */
#ifndef ENGINE_PAPERS_H
#define ENGINE_PAPERS_H

#include "base/decimal.h"
#include "engine/part.h"

struct paper {
    const char *key, *party, *value, *currency, *state;
    /* of an order its kind, of an imported one its shop; of a waybill the shop that it names, or "" */
    const char *type;
    /* of imported goods: the order that it is about, PLATFORM/ORDER or ORDER; who bought or paid, as a
     * digest; of an order the value of its goods, and the key of the payment that it names, or "" */
    const char *about, *person, *goods, *payment;
    uint64_t record;
};

/* As it is by this decision so far; a deleted one is not there. */
bool paper_get(const struct cause *cause, const char *key, struct paper *out);
bool paper_is_told(const struct move *move);  /* a move that is heard */
bool paper_is_freed(const struct move *move); /* a move that is heard */
bool paper_is_of(const char *key, const char *kind);
#define PAPERS_ABOUT_MAX 16 /* of one order; of more the others are not looked at */
/* The keys of those that are about an order, the first told first. Some may be deleted by this decision. */
size_t papers_about(const struct cause *cause, const char *kind, const char *about,
                    const char *keys[PAPERS_ABOUT_MAX]);
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

/* Customs of that office gets this record: a list, or a paper that matches one. */
void ec_tell_customs(const struct cause *cause, const char *office, uint64_t record);
/* A list that matches its papers is so many records for each customs of its office. False: this decision has
 * told so many already that it waits for one of its own; the first is never too many. */
bool ec_has_room(const struct cause *cause, const char *office, size_t records);
/* The list of this key matches, or does so no more, by what somebody else told: a decision of its own says so
 * to who declared it. part: "parcels", "imports". */
void ec_tell_soon(struct cause *cause, const char *part, const char *key);
/* Who bought or paid, as a digest of the identity number; "" where none is told. */
const char *ec_person(const struct cause *cause, uint32_t row);

/* Of a parcel: how many lines, what they are worth, in which currency ("": in several). */
struct ec_goods {
    uint32_t first, lines; /* its items stand together */
    struct decimal value;
    bool is_valued;
    struct decimal pieces; /* the sum of the quantities */
    bool is_counted;
    const char *currency;
};

/* By row, in one pass over the items; behind the last row those of none. */
struct ec_goods *ec_goods_of(const struct cause *cause, uint32_t rows);
const char *ec_value_text(const struct cause *cause, const struct ec_goods *goods); /* "": not known */

#endif
