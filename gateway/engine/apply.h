/*
 * apply.h - what each kind of record does to state.db, the same in live running, catching up and rebuilding.
 *
 * Order is that of the causes: what was decided about one, then the next record. The number of a decision is
 * known only once it is recorded, while the next cause must already see what it moved: hence the moves and
 * the rest of a decision are applied apart. The row of a message, which is written once, with what was
 * decided of it, is of that rest. Deciding reads nothing of it, but for orders, before which a batch ends.
 */
#ifndef ENGINE_APPLY_H
#define ENGINE_APPLY_H

#include "message/metadata.h"
#include "message/order.h"
#include "journal/record.h"
#include "engine/decision.h"
#include "engine/delivery.h"
#include "engine/state.h"

void apply_moves(struct state *state, const struct decision *decision);

struct message_row { /* of the table `messages`, but for its decision */
    uint64_t number;
    const char *party, *family, *format, *own_id;
    const char *account; /* of the person who handed it over; "": of none */
    enum outcome outcome;
    stamp recorded;
    uint64_t bytes;
};

struct message_row message_row_of(const struct record *rec, const struct metadata *metadata); /* borrows */
/* number, at: of the decision's record. message: what is the cause, NULL if it is no message. */
void apply_recorded(struct state *state, const struct decision *decision, enum record_kind cause,
                    uint64_t number, stamp at, const struct message_row *message);

/* What a record says that is no decision. */
struct content {
    bool is_cause;                      /* a decision follows from it */
    struct metadata metadata;           /* MESSAGE */
    struct delivery_results deliveries; /* DELIVERY */
    struct order order;                 /* ORDER */
};

/* Reads it into the arena. Pure: any thread. DAMAGED: its meta cannot be read. */
enum status apply_read(const struct record *rec, struct arena *arena, struct content *out);
/* Its rows: of a MESSAGE of which nothing is decided, SETUP, DELIVERY, ORDER; a tick has none. */
enum status apply_record(struct state *state, const struct record *rec, const struct content *content);

#endif
