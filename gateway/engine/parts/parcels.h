/*
 * parcels.h - what others may ask of exported parcels 跨境电商清单 (inside the engine only). The key of one
 * is SHOP/ORDER.
 */
#ifndef ENGINE_PARCELS_H
#define ENGINE_PARCELS_H

#include "base/decimal.h"
#include "engine/part.h"

struct parcel {
    const char *key, *party, *shop, *waybill, *list_no, *office, *mode, *state;
    const char *value, *currency; /* of all goods of the list; currency "": it has several */
    const char *lacks;            /* "order waybill": papers that have not come; "" none */
    uint64_t record;
    stamp round_at; /* what customs said before is of a round that is over; 0: the first */
};

#define WAYBILL_PARCELS_MAX \
    32 /* orders that travel under one waybill; of more the others hear nothing of it */

/* A line of its list. */
struct parcel_goods {
    const char *hs, *unit;
    struct decimal exported;
};

/* The one that has this number of customs, of this shop; as it was before this decision. */
bool parcel_of_list(const struct cause *cause, const char *shop, const char *list_no, struct parcel *out);
/* Those whose lists stand; goods of several orders may travel under one waybill (CARRIER/NUMBER). */
size_t parcels_of_waybill(const struct cause *cause, const char *waybill,
                          struct parcel out[WAYBILL_PARCELS_MAX]);
bool parcel_is_released(const struct parcel *parcel); /* by customs, at some time */
/* It arrives at the supervised place ("arrive"), or leaves the country ("depart"). */
void parcel_move(struct cause *cause, const struct parcel *parcel, const char *event, stamp at);
/* A move that is heard: its list was declared. Of the parcel, key, waybill and state are told. */
bool parcel_is_declared(const struct move *move, struct parcel *out);
bool parcel_line(const struct cause *cause, const char *key, const char *line, struct parcel_goods *out);

/* What the statuses of customs (list ec_receipts) prove, of a list as of a return: rows of the life cycle. */
/* clang-format off */
#define EC_RECEIPT_EVENTS                                                                                   \
    { "100", "refused",  NULL, NULL }, { "120", "lodged", NULL, NULL }, { "300", "held",     NULL, NULL },  \
    { "500", "held",     NULL, NULL }, { "501", "held",   NULL, NULL }, { "502", "held",     NULL, NULL },  \
    { "503", "held",     NULL, NULL }, { "505", "held",   NULL, NULL }, { "599", "held",     NULL, NULL },  \
    { "600", "held",     NULL, NULL }, { "700", "held",   NULL, NULL }, { "399", "assessed", NULL, NULL },  \
    { "800", "released", NULL, NULL }, { "899", "closed", NULL, NULL }
/* clang-format on */

bool ec_has_ended(const char *state); /* of a list or a return: it was refused or deleted */
/* The state that a status of customs (list ec_receipts) leads to, of a list as of a return: a refusal ends
 * the round, unless the goods are released already; behind one nothing counts until the next round. */
const char *ec_state_after(const struct lifecycle *lifecycle, const char *state, const char *status);

#endif
