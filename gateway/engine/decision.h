/*
 * decision.h - all that follows from one cause, as recorded: the only thing that ever changes state.db.
 *
 * The engine writes exactly one decision for each cause (a passed message, a tick, a set-up, an order),
 * naming it, even "nothing to do". It is a fact: a rebuild applies it, it does not decide again. As the meta
 * of a DECISION record, behind the head that message/decided.h reads alone:
 *
 * {"cause":42,"edition":"…","result":"done","subject":"CNQDG/COSU6001234567",
 *  "answer":{"code":"BOOKED","zh":…,"en":…,"details":{"position":"3"},"findings":[…]},
 *  "moves":[{"part":"bookings","key":"B-1","event":"book","from":"","to":"booked","at":…,
 *            "data":{"site":"QW-INSP-1","slot_start":1790000000000000000}}],
 *  "destinations":[{"party":"CUS-QD","route":"R01"}]}
 *
 * Left out are a key that is the subject, an `at` that is the first move's, and the record of a destination
 * that gets what is decided about (decision_about()): so it is with most.
 *
 * "released":42 behind the result stands in the decision about an order that releases a held record: moves,
 * destinations and answer are those of record 42, and are written to it (decision_about()).
 *
 * The data part of the record is the business answer 业务回执, what a party gets when a destination names the
 * decision itself (record 0 stands for it, since its number is not known while deciding): <Decision> as XML,
 * with answer (and a Hint at what its reader does next), details and findings (what is wrong, and a Hint at
 * what to do about it) and nothing of the moves, which may concern others than who asked.
 *
 * A decision that refuses a message always goes back to its sender, and nowhere else: nothing of it happens
 * and nobody else hears of it. It goes where the message came from, if that transport answers its senders
 * (`way`): one that came by folder is answered in the InBox, in the form that the folder's program reads
 * (decide.h), one that came by Kafka on the receipts topic; any other by the party's transport, and is kept
 * for a party that has none. A held cause has no destinations: nothing is decided yet
 * that its sender could be told.
 */
#ifndef ENGINE_DECISION_H
#define ENGINE_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/stamp.h"
#include "message/decided.h"
#include "message/metadata.h"
#include "message/verdict.h"
#include "journal/reader.h"

struct move_datum {
    const char *name;
    struct text value;
    bool is_number;
    int64_t number;
};

struct move {
    const char *part, *key, *event; /* what happened to what */
    const char *from, *to;          /* state before and after; "" when the part keeps none */
    stamp at;                       /* when it happened in the world (event time), or the cause's stamp */
    const struct move_datum *data;
    size_t data_count;
};

struct destination {
    const char *party;
    uint64_t record;   /* 0: this decision */
    const char *route; /* its code; "refused": none says so, a refusal goes back all the same */
    const char *way;   /* the transport by which the refused message came; "": the party's own */
    const char *file;  /* under which name it came by that: a file of the OutBox, an offset; or "" */
    bool kept;         /* the party has no transport: kept for it to fetch, nothing is sent */
};

#define DECISION_MOVES_MAX        4096
/* Words in the data of all moves: of a list, as of containers, each makes rows; and rows that are told as
 * such. */
#define DECISION_WORDS_MAX        40000
/* What waited, 100 answers and 100 events at most, and the lists of e-commerce that one message makes match,
 * 100 with three papers each, leave room for the routes. */
#define DECISION_DESTINATIONS_MAX 512

struct decision {
    struct arena *arena;
    uint64_t cause;
    uint64_t released; /* the held or quarantined record that the cause, an order, decided anew; 0: none */
    struct digest edition;
    enum result result;
    const char *subject; /* the consignment, key of order and of Kafka; "" when none */
    const char *answer_code, *answer_zh, *answer_en; /* "" when there is no business answer */
    struct move_datum *details;
    size_t details_count;    /* of the answer: slot, place in queue, id ... */
    struct verdict findings; /* of the engine's rules */
    struct move *moves;
    size_t moves_count, words;
    struct destination *destinations;
    size_t destinations_count;
    bool overflow; /* more moves, words or destinations than the limits: it is refused as a whole */
};

void decision_init(struct decision *decision, struct arena *arena, uint64_t cause);
bool decision_refused(const struct decision *decision); /* REFUSED or HELD: nothing but an answer follows */
/* The record whose fate this decides: the cause, or what it released. */
uint64_t decision_about(const struct decision *decision);
/* Whether the decision itself goes to anybody, and not only records. */
bool decision_is_sent(const struct decision *decision);
/* Strings are copied into the arena. data: pairs name, value, ..., NULL; empty values are left out. */
void decision_move(struct decision *decision, const char *part, const char *key, const char *event,
                   const char *from, const char *to, stamp at, ...) __attribute__((sentinel));
/* A number of the move made last. */
void decision_put(struct decision *decision, const char *name, int64_t number);
/* Rows of the move made last, as JSON for json_each(): so many, whatever is in them. */
void decision_put_rows(struct decision *decision, const char *name, const char *json, size_t rows);
void decision_subject(struct decision *decision, const char *subject);
void decision_answer(struct decision *decision, const char *code, const char *zh, const char *en);
/* Nothing of it happens: the answer says why, so it has a code. */
void decision_refuse(struct decision *decision, const char *code, const char *zh, const char *en);
void decision_detail(struct decision *decision, const char *name, const char *value);
/* once per (party, record) */
void decision_send(struct decision *decision, const char *party, uint64_t record, const char *route);
/* The destination that sends this record to this party; NULL: none does. number: of the decision's own
 * record, which a destination with record 0 means. */
const struct destination *decision_destination(const struct decision *decision, uint64_t number,
                                               const char *party, uint64_t record);
int64_t move_number(const struct move *move, const char *name);                 /* 0 when absent */
const struct move_datum *move_datum(const struct move *move, const char *name); /* NULL: it has none */
struct text move_text(const struct move *move, const char *name);               /* empty when absent */
/* What the reader of its answer does next; "" where there is nothing to say. */
struct decision_hint {
    const char *zh, *en;
};
struct decision_hint decision_hint(const struct decision *decision);
void decision_write(const struct decision *decision, struct buf *meta);
void decision_write_answer(const struct decision *decision, struct buf *xml);
/* Its members in JSON: code, zh, en, hint_zh and hint_en where there is a hint, details. */
void decision_tell_answer(const struct decision *decision, struct json_out *out);
/* The refusal of the message with this metadata in that form (message/receipt.h), or, where it has none, the
   answer. */
void decision_write_refusal(const struct decision *decision, const struct metadata *metadata,
                            const char *form, struct buf *xml);
/* The decision recorded under `number`, about this record (decision_about()) or caused by it. CONFLICT: what
 * stands there is not. DAMAGED, IO: it cannot be read. */
enum status decision_get(struct reader *reader, uint64_t number, uint64_t record, struct arena *arena,
                         struct decision *decision);
bool decision_read(struct text meta, struct arena *arena,
                   struct decision *decision); /* false: not a decision */

#endif
