/*
 * part.h - what a part of the engine is: one thing that has state (declarations, bookings, charges, ...), in
 * one file, with one row in the list below.
 *
 * A cause passes all parts, in the order of the list:
 * enrich  adds to the message's document what state.db knows about it (document_enrich), for the engine-stage
 *         rules and the routes. When a rule refuses the message, deciding ends there.
 * decide  looks at the cause and at state.db and adds moves, an answer and destinations to the decision.
 *         Pure but for reading state.db: no clock, no network, no other memory. So do tick, when a timer of
 *         the part is due, and order, when an operator orders something.
 * ticked  sees, of a tick of another part's timer, all that the parts before it have moved.
 * hear    is told each move that a part before it, or the part itself, has made, and may add moves.
 * routed  sees where the message goes, and may remember it by a move.
 * moves   what each of its moves does to its tables. Live code, catch-up after a crash and a rebuild all come
 *         through here, so state is a function of the decisions alone.
 * Life cycles are tables (lifecycle.h).
 *
 * The order of the list is the layering of parts. A part knows those before it: it includes their headers,
 * asks them, has them make moves, and hears the moves they made. It knows nothing of those behind it, and
 * reads no table of another part (tests/layers holds both against the sources). So what follows from a thing
 * goes up the list as moves that are heard, and comes down it as calls:
 *
 *   answers ── "customs accepted this declaration" ──► declarations            a call, down
 *   declarations ══ move "J" ══► consignments, two_step, passages, unheld      heard, up
 *
 * Moves are heard in the order in which they were made, each by its own part and those behind it, in the
 * order of the list, once the handler that made it has returned; those that hearing makes come behind those
 * that stand already. So the moves of a decision are its queue, and no handler is called within another.
 *
 * What a part says of a thing is true as of this decision: its questions look into the moves made so far
 * before they look into state.db. Those that a handler made are there at once, though not heard yet.
 */
#ifndef ENGINE_PART_H
#define ENGINE_PART_H

#include "message/document.h"
#include "message/metadata.h"
#include "message/order.h"
#include "edition/edition.h"
#include "engine/cause.h"
#include "engine/decision.h"
#include "engine/lifecycle.h"
#include "engine/state.h"

/*
 * timers        what the engine wants to be reminded of: moves "set", "clear" and "hold" of the other parts
 * held          causes on which deciding failed (parts/held.h)
 * milestones    the named moments of a consignment
 * declarations  报关单: life cycle by customs' answers
 * links         海关编号: which declarations a number belongs to that customs gave
 * consignments  票货: what ties the others together at a port; who holds a bill of lading
 * two_step      两步申报: the clock between a summary and its complete declaration
 * advance       提前申报: the clock between an advance declaration of an export and its goods in the port
 * two_stage     两段准入: goods leave the port in one stage, and are sold and used in the next
 * direct        船边直提、抵港直装: goods that pass through the port without a stay in its yards
 * passages      箱次: which consignments a container belonged to, by direction and time; events kept until
 *               then
 * unheld        what was told of consignments before anybody held them
 * answers       海关回执: whose declaration customs answers, and what waits until that is known
 * port_events   港口事件: what the port tells, of which consignments
 * bookings      查验预约: slots, one active booking per container, place in the queue, steps and result
 * vessel_calls  船舶航次: boarding asked for and decided 云登轮, before the berth
 * dangerous_goods 危险货物申报: declared, selected for an audit or not, and permitted
 * labs          采信机构: whose reports customs accepts, of which goods, by which methods, on which days
 * samples       样品: taken by customs, released by a report that is accepted 第三方采信
 * lots          大宗货批: what customs cleared of bulk goods, and the ledger of what was drawn
 * certificates  原产地证书: issued at once or by an officer of the one queue, and printed by their holders
 * charges       口岸收费: published lists and the notes held against them
 * pickups       电子化提箱: tokens by which a truck fetches a released container, once
 * supplements   补充单证: documents that customs asks for, and the clock until they are brought
 * waivers       免单申请: charges of an inspection that found nothing
 * complaints    收费投诉: what a payer objects to in a note, and the clock until the operator answers
 * measures      会商跟进措施: what a monthly review has somebody do, until it is done
 * ratings       服务评价: what a trader says of an operator, of a transaction between the two
 * export_notices 出口信息: what tax office, credit insurer and bank are told once an export has left
 * papers        跨境电商单证: orders, payments and waybills, kept until a list names them
 * parcels       跨境电商清单: a list matched with its papers 三单比对, and what customs says of it
 * batches       运抵、离境: parcels at the supervised place, and out of the country
 * returns       跨境电商退货: what comes back of what was exported, once
 * tallies       退货理货: what came back, counted at the supervised place
 * imports       跨境电商进口清单: imported goods, matched with their papers 三单对碰; the year of their buyer
 * alerts        预警: what has been as it is for too long, or should not be so
 * closings      定稿: months whose figures are kept as they were known then, and again when they change
 * quarantine    隔离: messages that the routes send to nobody
 */
/* clang-format off */
#define PART_LIST(X) \
    X(timers) X(held) X(milestones) X(declarations) X(links) X(consignments) X(two_step) X(advance) \
    X(two_stage) X(direct) X(passages) X(unheld) X(answers) X(port_events) X(bookings) \
    X(vessel_calls) X(dangerous_goods) X(labs) X(samples) X(lots) X(certificates) X(charges) \
    X(pickups) X(supplements) X(waivers) X(complaints) X(measures) X(ratings) X(export_notices) X(papers) \
    X(parcels) X(batches) X(returns) X(tallies) X(imports) X(alerts) X(closings) X(quarantine)
/* clang-format on */

enum part_place {
#define X(name) PART_##name,
    PART_LIST(X)
#undef X
        PARTS_COUNT
};

struct cause {
    uint64_t number;
    stamp stamp;
    const struct metadata *metadata;               /* message; NULL otherwise */
    const char *family, *sender;                   /* message; "" otherwise */
    struct document *doc;                          /* message; parts add what they know (document_enrich) */
    struct text bytes;                             /* message; as it was sent */
    const char *tick_part, *tick_key, *tick_event; /* tick: the timer that is due; "" otherwise */
    const struct order *order;                     /* an operator's order; NULL otherwise */
    int32_t today;                                 /* Asia/Shanghai day of receipt */
    const struct edition *edition;
    struct state *state;       /* as it was before this cause */
    struct decision *decision; /* what follows so far */
    size_t heard;              /* of its moves */
    struct arena *arena;
    void *notes[PARTS_COUNT]; /* of each part, its own: what it found out about this cause */
    const char *submitter;    /* set by the parts: whose declaration this answers or concerns; "" */
    bool to_nobody;           /* a route says that it goes to nobody */
};

/* What a part has to do with one kind of message. A family that the catalog does not have is a mistake at
 * start. */
struct part_family {
    const char *family;                  /* NULL: the end */
    void (*enrich)(struct cause *cause); /* may be NULL */
    void (*decide)(struct cause *cause); /* may be NULL */
};

/* What a move does to the part's tables: statements whose parameters are named. :key :event :from :to :at are
 * the move's own, :proves is the state that its event proves by the lifecycle, :cause the record that was
 * decided; every other is a datum of the move, "" where it has none. With :each_NAME the statement runs for
 * each of the datum's words, which that is, and for none not at all; with :any_NAME for none once, with "".
 * :list_NAME is all of them, for json_each(). */
#define PART_STATEMENTS_MAX 4

struct part_move {
    const char *event; /* NULL: any that stands in no row before */
    const char *to;    /* only moves to this state; NULL: any */
    const char *sql[PART_STATEMENTS_MAX];
    const char *timeline; /* the parameter with the subject whose timeline has a line of it; NULL: none */
};

struct part {
    const char *name;
    const struct lifecycle *lifecycle; /* NULL: none */
    /* The state that all of this proves, in any order; NULL: the highest that any of it does. */
    const char *(*state_by)(const struct lifecycle_told *told, size_t count);
    const char *noun;     /* what a scenario calls one of its things; NULL: none is asked for */
    const char *state_of; /* the query for the state of one by its key */
    const char *tables;   /* CREATE TABLE ... STRICT statements; NULL: none */
    const struct part_family *families;
    /* A timer of its own is due; one of another part was; an operator orders; this move was made, by a part
     * before it or itself; where the message goes is known. Each may be NULL. */
    void (*tick)(struct cause *cause);
    void (*ticked)(struct cause *cause);
    void (*order)(struct cause *cause);
    void (*hear)(struct cause *cause, const struct move *move);
    void (*routed)(struct cause *cause);
    const struct part_move *moves; /* ends with a row without statements; NULL: it makes none */
};

#define X(name) extern const struct part part_##name;
PART_LIST(X)
#undef X
extern const struct part *const parts[PARTS_COUNT];
const struct part *part_find(const char *name);           /* NULL: there is none */
const struct lifecycle *part_lifecycle(const char *part); /* NULL: it has none */
/* Where a thing of that part stands by these events, in any order; "" nowhere. */
const char *part_state_by(const char *part, const struct lifecycle_told *told, size_t count);
/* Tells the parts what moves were made since, and what moves follow from these. */
void parts_hear(struct cause *cause);
/* Carries out one of its moves. cause: the record that was decided. False: the part has no such move. */
bool part_apply(const struct part *part, struct state *state, const struct move *move, uint64_t cause);

/* The texts of all moves of all parts, `max` at most. Returns how many. */
size_t parts_statements(const char **sql, size_t max);

/* The meta of a TICK record: {"part","key","event","due"}. */
void timer_write(const char *part, const char *key, const char *event, stamp due, struct buf *meta);
bool timer_read(struct text meta, struct arena *arena, const char **part, const char **key,
                const char **event);
/* Has the engine reminded of (part, key, event) at `due`; a timer that stands already is moved. */
void timer_set(struct decision *decision, const char *part, const char *key, const char *event, stamp due);
void timer_clear(struct decision *decision, const char *part, const char *key, const char *event);
bool timer_stands(struct state *state, const char *part, const char *key, const char *event);
/* It stands, but no tick comes of it until it is set anew. */
void timer_hold(struct decision *decision, const char *part, const char *key, const char *event);

#endif
